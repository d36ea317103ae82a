//! The front end on whole files: what must parse, what must be refused.

use rlc::base::FileId;
use rlc::syntax;
use std::path::PathBuf;

fn files(folder: &str) -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/syntax").join(folder);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", root.display());
    let read =
        |path: PathBuf| (path.display().to_string(), std::fs::read_to_string(&path).unwrap());
    paths.into_iter().map(read).collect()
}

#[test]
fn good_files_parse() {
    for folder in ["accept", "fragments", "models"] {
        for (name, text) in files(folder) {
            let (file, diagnostics) = syntax::parse(FileId(0), &text);
            assert!(diagnostics.list.is_empty(), "{name}: {:#?}", diagnostics.list);
            assert!(!file.items.is_empty(), "{name}");
        }
    }
}

#[test]
fn bad_files_are_refused() {
    for (name, text) in files("reject") {
        let (_, diagnostics) = syntax::parse(FileId(0), &text);
        assert_eq!(diagnostics.list.len(), 1, "{name}: {:#?}", diagnostics.list);
    }
}
