//! Samples as a page shows them. In: the folder `samples` of a run. Out: pictures and sounds as data, texts and tables as
//! they are, the names of all others.

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};
use std::path::Path;

/// Larger files are named only.
const MOST_BYTES: usize = 2_000_000;
/// A table shows so many rows.
const MOST_ROWS: usize = 50;

/// Bytes as the address of a picture or a sound.
pub fn data_url(kind: &str, bytes: &[u8]) -> String {
    format!("data:{kind};base64,{}", BASE64_STANDARD.encode(bytes))
}

/// All files, those of earlier phases first.
pub fn samples(folder: &Path, phases: &[String]) -> Value {
    let entries = std::fs::read_dir(folder.join("samples")).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let place = |name: &String| {
        let phase = phase_of(name, phases);
        phases.iter().position(|own| own == phase).unwrap_or(phases.len())
    };
    names.sort_by_key(|name| (place(name), name.clone()));
    names.iter().filter_map(|name| sample(folder, name, phases)).collect()
}

/// The phase of a file: the longest of the names that its own begins with.
fn phase_of<'p>(name: &'p str, phases: &'p [String]) -> &'p str {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let own = |phase: &&String| {
        stem == phase.as_str()
            || stem.strip_prefix(phase.as_str()).is_some_and(|rest| rest.starts_with('-'))
    };
    phases.iter().filter(own).max_by_key(|phase| phase.len()).map_or(stem, String::as_str)
}

fn sample(folder: &Path, name: &str, phases: &[String]) -> Option<Value> {
    let path = folder.join("samples").join(name);
    let length = std::fs::metadata(&path).ok()?.len() as usize;
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let phase = phase_of(name, phases);
    let own = stem.strip_prefix(phase).and_then(|rest| rest.strip_prefix('-')).unwrap_or(phase);
    let mut sample = json!({
        "phase": phase, "name": own, "file": format!("samples/{name}"), "bytes": length, "kind": "file",
    });
    if length > MOST_BYTES {
        return Some(sample);
    }
    let bytes = std::fs::read(&path).ok()?;
    match ending {
        "png" => {
            // Width and height stand behind the signature and the name of the first chunk.
            let size = |at: usize| {
                let four = bytes.get(at..at + 4).and_then(|b| <[u8; 4]>::try_from(b).ok());
                four.map_or(0, u32::from_be_bytes)
            };
            sample["kind"] = json!("image");
            sample["width"] = json!(size(16));
            sample["height"] = json!(size(20));
            sample["data"] = json!(data_url("image/png", &bytes));
        }
        "wav" => {
            sample["kind"] = json!("sound");
            sample["data"] = json!(data_url("audio/wav", &bytes));
        }
        "txt" => {
            sample["kind"] = json!("text");
            sample["text"] = json!(String::from_utf8_lossy(&bytes));
        }
        "csv" => {
            let text = String::from_utf8_lossy(&bytes);
            let cell = |cell: &str| cell.parse::<f64>().map_or_else(|_| json!(cell), |x| json!(x));
            let rows =
                text.lines().take(MOST_ROWS).map(|row| row.split(',').map(cell).collect::<Value>());
            sample["kind"] = json!("table");
            sample["rows"] = rows.collect();
            sample["total"] = json!(text.lines().count());
        }
        _ => {}
    }
    Some(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_every_kind() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("samples");
        std::fs::create_dir(&inside).unwrap();
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 0, 5, 0, 0, 1, 0]);
        for (name, bytes) in [
            ("late.txt", &b"a <b>\n"[..]),
            ("draws-grid.png", &png),
            ("draws.csv", b"1,2.5\nx,4\n"),
            ("draws-big.npz", &vec![0; MOST_BYTES + 1]),
        ] {
            std::fs::write(inside.join(name), bytes).unwrap();
        }
        let found = samples(folder.path(), &["draws".into(), "late".into()]);
        let of = |at: usize, name: &str| found[at][name].clone();
        let kinds: Vec<Value> = (0..4).map(|at| of(at, "kind")).collect();
        assert_eq!(kinds, ["file", "image", "table", "text"].map(|kind| json!(kind)));
        assert_eq!((of(1, "width"), of(1, "height")), (json!(5), json!(256)));
        assert_eq!((of(1, "phase"), of(1, "name")), (json!("draws"), json!("grid")));
        assert_eq!(of(2, "rows"), json!([[1.0, 2.5], ["x", 4.0]]));
        assert_eq!((of(3, "text"), of(3, "name")), (json!("a <b>\n"), json!("late")));
        assert!(of(1, "data").as_str().unwrap().starts_with("data:image/png;base64,iVBORw0K"));
    }
}
