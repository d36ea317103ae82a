//! Arrays as files hold them. In: nothing. Out: [`Raw`], with element types that hold every number of
//! every file format exactly. Knows no files.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

/// How integers mean grey levels: `low` is black, `high` is white.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grey {
    /// The smallest level, usually 0.
    pub low: f64,
    /// The largest level: 16 for the UCI digits.
    pub high: f64,
}

/// The elements of an array. The narrowest type that holds them is chosen, and nothing may depend on
/// which one it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Elements {
    /// Bytes and booleans, kept as they are: a quarter of the memory.
    U8(Vec<u8>),
    /// Integers of 32 bits.
    I32(Vec<i32>),
    /// Integers, where one needs more.
    I64(Vec<i64>),
    /// Reals.
    F32(Vec<f32>),
    /// Reals, where one needs more.
    F64(Vec<f64>),
    /// Words of a table.
    Words(Words),
}

/// A column of words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    /// The number of each element's word in the list, or [`NO_WORD`].
    pub codes: Vec<u32>,
    /// Every word once, in the order of first use.
    pub list: Vec<String>,
    /// The number that each word of the list is, where it is one.
    pub numbers: Vec<Option<f64>>,
}

/// The code of a missing word.
pub const NO_WORD: u32 = u32::MAX;

impl Words {
    /// The word of an element, unless it is missing.
    pub fn get(&self, at: usize) -> Option<&str> {
        self.list.get(*self.codes.get(at)? as usize).map(String::as_str)
    }

    /// The number that the word of an element is, where it is one.
    pub fn number(&self, at: usize) -> Option<f64> {
        *self.numbers.get(*self.codes.get(at)? as usize)?
    }
}

impl Elements {
    /// Integers, as narrow as they go.
    pub fn integers(values: Vec<i64>) -> Elements {
        let narrow: Option<Vec<i32>> = values.iter().map(|x| i32::try_from(*x).ok()).collect();
        narrow.map_or(Elements::I64(values), Elements::I32)
    }

    /// Reals, as narrow as they go.
    pub fn reals(values: Vec<f64>) -> Elements {
        let exact = |x: &f64| x.is_nan() || f64::from(*x as f32) == *x;
        if values.iter().all(exact) {
            return Elements::F32(values.into_iter().map(|x| x as f32).collect());
        }
        Elements::F64(values)
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            Elements::U8(v) => v.len(),
            Elements::I32(v) => v.len(),
            Elements::I64(v) => v.len(),
            Elements::F32(v) => v.len(),
            Elements::F64(v) => v.len(),
            Elements::Words(words) => words.codes.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Element `at` as a real: exact but for integers beyond 2^53. A missing value is not a number, a
    /// word its number in the list.
    pub fn get(&self, at: usize) -> Option<f64> {
        match self {
            Elements::U8(v) => v.get(at).map(|x| f64::from(*x)),
            Elements::I32(v) => v.get(at).map(|x| f64::from(*x)),
            Elements::I64(v) => v.get(at).map(|x| *x as f64),
            Elements::F32(v) => v.get(at).map(|x| f64::from(*x)),
            Elements::F64(v) => v.get(at).copied(),
            Elements::Words(words) => words.codes.get(at).map(|code| word_number(*code)),
        }
    }

    /// All elements as reals, in order.
    pub fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// Calls a function with every element, in order.
    pub fn each(&self, mut with: impl FnMut(f64)) {
        match self {
            Elements::U8(v) => v.iter().for_each(|x| with(f64::from(*x))),
            Elements::I32(v) => v.iter().for_each(|x| with(f64::from(*x))),
            Elements::I64(v) => v.iter().for_each(|x| with(*x as f64)),
            Elements::F32(v) => v.iter().for_each(|x| with(f64::from(*x))),
            Elements::F64(v) => v.iter().for_each(|x| with(*x)),
            Elements::Words(words) => words.codes.iter().for_each(|c| with(word_number(*c))),
        }
    }

    /// The first element that is wanted.
    pub fn position(&self, mut wanted: impl FnMut(f64) -> bool) -> Option<usize> {
        match self {
            Elements::U8(v) => v.iter().position(|x| wanted(f64::from(*x))),
            Elements::I32(v) => v.iter().position(|x| wanted(f64::from(*x))),
            Elements::I64(v) => v.iter().position(|x| wanted(*x as f64)),
            Elements::F32(v) => v.iter().position(|x| wanted(f64::from(*x))),
            Elements::F64(v) => v.iter().position(|x| wanted(*x)),
            Elements::Words(words) => words.codes.iter().position(|c| wanted(word_number(*c))),
        }
    }

    /// How element `at` is written, with all of its digits.
    pub fn show(&self, at: usize) -> String {
        let text = match self {
            Elements::I64(v) => v.get(at).map(i64::to_string),
            Elements::F32(v) => v.get(at).map(|x| match x.abs() {
                1e-5..1e16 | 0.0 => x.to_string(),
                _ => format!("{x:e}"),
            }),
            Elements::F64(v) => v.get(at).map(|x| match x.abs() {
                1e-5..1e16 | 0.0 => x.to_string(),
                _ => format!("{x:e}"),
            }),
            Elements::Words(words) => words.get(at).map(str::to_string),
            other => other.get(at).map(|x| x.to_string()),
        };
        text.unwrap_or_default()
    }

    /// Whether element `at` is a whole number that f32 does not hold: neither itself, nor as the
    /// shortest digits that mean its neighbour, by which tables of f32 are written. No two of those
    /// digits mean the same number.
    pub fn is_rounded(&self, at: usize) -> bool {
        match self {
            Elements::I64(v) => v.get(at).is_some_and(|x| {
                let near = *x as f32;
                i128::from(*x) != near as i128 && near.to_string() != x.to_string()
            }),
            other => other.get(at).is_some_and(|x| {
                let near = x as f32;
                let whole = x.is_finite() && x.fract() == 0.0;
                whole && f64::from(near) != x && near.to_string().parse() != Ok(x)
            }),
        }
    }

    /// Whether no element can be missing or infinite.
    pub fn is_integer(&self) -> bool {
        matches!(self, Elements::U8(_) | Elements::I32(_) | Elements::I64(_))
    }

    /// The smallest and the largest of the finite elements.
    pub fn extent(&self) -> Option<(f64, f64)> {
        let mut range = (f64::INFINITY, f64::NEG_INFINITY);
        self.each(|x| {
            if x.is_finite() {
                range = (range.0.min(x), range.1.max(x));
            }
        });
        (range.0 <= range.1).then_some(range)
    }

    /// Number of missing elements.
    pub fn missing(&self) -> usize {
        let mut count = 0;
        if !self.is_integer() {
            self.each(|x| count += usize::from(x.is_nan()));
        }
        count
    }

    /// The elements of some rows.
    pub fn pick(&self, rows: &[u32], width: usize) -> Elements {
        match self {
            Elements::U8(v) => Elements::U8(picked(v, rows, width)),
            Elements::I32(v) => Elements::I32(picked(v, rows, width)),
            Elements::I64(v) => Elements::I64(picked(v, rows, width)),
            Elements::F32(v) => Elements::F32(picked(v, rows, width)),
            Elements::F64(v) => Elements::F64(picked(v, rows, width)),
            Elements::Words(words) => Elements::Words(Words {
                codes: picked(&words.codes, rows, width),
                list: words.list.clone(),
                numbers: words.numbers.clone(),
            }),
        }
    }

    /// Appends the elements of `other`; the result has a type that holds both.
    pub fn append(self, other: Elements) -> Elements {
        match (self, other) {
            (Elements::U8(a), Elements::U8(b)) => Elements::U8(joined(a, b)),
            (Elements::I32(a), Elements::I32(b)) => Elements::I32(joined(a, b)),
            (Elements::F32(a), Elements::F32(b)) => Elements::F32(joined(a, b)),
            (a @ Elements::Words(_), b) | (a, b @ Elements::Words(_)) => {
                Elements::Words(both_words(&a, &b))
            }
            (a, b) if a.is_integer() && b.is_integer() => {
                Elements::integers(a.whole().chain(b.whole()).collect())
            }
            (a, b) => Elements::reals(a.iter().chain(b.iter()).collect()),
        }
    }

    /// Integers as such; empty for other types.
    fn whole(&self) -> Box<dyn Iterator<Item = i64> + '_> {
        match self {
            Elements::U8(v) => Box::new(v.iter().map(|x| i64::from(*x))),
            Elements::I32(v) => Box::new(v.iter().map(|x| i64::from(*x))),
            Elements::I64(v) => Box::new(v.iter().copied()),
            _ => Box::new(std::iter::empty()),
        }
    }
}

fn word_number(code: u32) -> f64 {
    if code == NO_WORD { f64::NAN } else { f64::from(code) }
}

fn joined<T>(mut above: Vec<T>, below: Vec<T>) -> Vec<T> {
    above.extend(below);
    above
}

fn picked<T: Copy>(values: &[T], rows: &[u32], width: usize) -> Vec<T> {
    let mut picked = Vec::with_capacity(rows.len() * width);
    for row in rows {
        let first = *row as usize * width;
        picked.extend_from_slice(values.get(first..first + width).unwrap_or_default());
    }
    picked
}

/// Two columns of words below each other. A reader of texts makes both of one kind; numbers that have
/// no text become the words that they are written as.
fn both_words(above: &Elements, below: &Elements) -> Words {
    let mut words = WordList::default();
    for part in [above, below] {
        for at in 0..part.len() {
            let number = || match part {
                Elements::Words(words) => words.number(at),
                numbers => numbers.get(at),
            };
            match part.get(at) {
                Some(x) if !x.is_nan() => words.push(&part.show(at), number),
                _ => words.push_missing(),
            }
        }
    }
    words.words
}

/// Collects words, each of which is kept once.
#[derive(Default)]
pub struct WordList {
    /// What was collected.
    pub words: Words,
    places: std::collections::BTreeMap<String, u32>,
}

impl WordList {
    /// Adds an element. `number` is what it is as a number.
    pub fn push(&mut self, word: &str, number: impl Fn() -> Option<f64>) {
        let code = self.places.get(word).copied().unwrap_or_else(|| {
            let code = self.words.list.len() as u32;
            self.words.list.push(word.to_string());
            self.words.numbers.push(number());
            self.places.insert(word.to_string(), code);
            code
        });
        self.words.codes.push(code);
    }

    /// Adds a missing element.
    pub fn push_missing(&mut self) {
        self.words.codes.push(NO_WORD);
    }
}

/// An array in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Raw {
    /// Its dims; the product is the number of elements.
    pub shape: Vec<usize>,
    /// The elements.
    pub elements: Elements,
}

impl Raw {
    /// Number of rows: the first dim, 1 for a scalar.
    pub fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    /// Number of elements of one row.
    pub fn width(&self) -> usize {
        self.shape.iter().skip(1).product()
    }

    /// Some of the rows.
    pub fn pick(&self, rows: &[u32]) -> Raw {
        let mut shape = self.shape.clone();
        shape.iter_mut().take(1).for_each(|n| *n = rows.len());
        Raw { shape, elements: self.elements.pick(rows, self.width()) }
    }
}

/// The product of dims, unless it overflows.
pub fn count(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |product, dim| product.checked_mul(*dim))
}

/// An empty vector with room for `n` elements, or `None` if there is no such memory.
pub fn reserve<T>(n: usize) -> Option<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(n).ok()?;
    Some(values)
}

/// `N` bytes at `at` of a file's bytes.
pub fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_f32_are_not_rounded() {
        let rounded = |elements: Elements| elements.is_rounded(0);
        for (whole, expected) in [
            (16_777_216, false),
            (16_777_217, true),
            (12_345_679_000, false),
            (12_345_679_001, true),
        ] {
            assert_eq!(rounded(Elements::I64(vec![whole])), expected, "{whole}");
            assert_eq!(rounded(Elements::F64(vec![whole as f64])), expected, "{whole}");
        }
        let largest = f32::MAX.to_string().parse::<f64>().unwrap();
        assert!(f64::from(f32::MAX) != largest && !rounded(Elements::F64(vec![largest])));
    }

    #[test]
    fn what_is_joined_keeps_every_number() {
        let big = Elements::I64(vec![i64::MAX, -1]);
        assert_eq!(Elements::U8(vec![7]).append(big.clone()), Elements::I64(vec![7, i64::MAX, -1]));
        assert_eq!(
            Elements::I32(vec![16_777_217]).append(Elements::F32(vec![0.5])),
            Elements::F64(vec![16_777_217.0, 0.5])
        );
        let words = Elements::Words(Words {
            codes: vec![1, NO_WORD],
            list: vec!["a".into(), "b".into()],
            numbers: vec![None; 2],
        });
        let Elements::Words(joined) = big.append(words) else { panic!("words stay words") };
        assert_eq!(joined.list, ["9223372036854775807", "-1", "b"]);
        assert_eq!(joined.codes, [0, 1, 2, NO_WORD]);
    }
}
