//! Reals in files: finite ones as numbers, the others, which JSON does not have, as words. In: a real. Out:
//! what serde writes, and back the same real. For `#[serde(with = "crate::base::real")]`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// What stands in a file.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Word(String),
}

/// Writes a real.
pub fn serialize<S: Serializer>(x: &f64, to: S) -> Result<S::Ok, S::Error> {
    let written = if x.is_finite() { Written::Number(*x) } else { Written::Word(x.to_string()) };
    written.serialize(to)
}

/// Reads a real.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    match Written::deserialize(from)? {
        Written::Number(x) => Ok(x),
        Written::Word(word) => match word.as_str() {
            "inf" => Ok(f64::INFINITY),
            "-inf" => Ok(f64::NEG_INFINITY),
            "NaN" => Ok(f64::NAN),
            _ => Err(D::Error::custom(format!("`{}` is no real", word.escape_debug()))),
        },
    }
}

#[cfg(test)]
mod tests {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Held(#[serde(with = "super")] f64);

    #[test]
    fn every_real_comes_back() {
        for x in [0.0, -0.0, 1.5, f64::MIN_POSITIVE, f64::MAX, f64::INFINITY, -f64::INFINITY] {
            let text = serde_json::to_string(&Held(x)).unwrap();
            let back: Held = serde_json::from_str(&text).unwrap();
            assert_eq!(back.0.to_bits(), x.to_bits(), "{text}");
        }
        let text = serde_json::to_string(&Held(f64::NAN)).unwrap();
        assert!(serde_json::from_str::<Held>(&text).unwrap().0.is_nan());
        for wrong in ["null", "\"infinite\"", "[1.0]"] {
            assert!(serde_json::from_str::<Held>(wrong).is_err(), "{wrong}");
        }
    }
}
