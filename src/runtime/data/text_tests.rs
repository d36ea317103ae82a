use super::*;
use crate::runtime::data::fixtures::{field as any, index as field, indices, load};

fn rows(set: &Dataset, field: &str, split: &str) -> Vec<Vec<i32>> {
    let rows = set.split(split).unwrap();
    rows.iter().map(|row| indices(set, field, &[row], (0, 0))).collect()
}

/// Windows of a text of different letters are told by counting.
fn counted(range: Range<usize>, width: usize, stride: usize, shift: usize) -> Vec<Vec<i32>> {
    let starts = range.clone().step_by(stride).filter(|s| s + width + shift <= range.end);
    starts.map(|s| (s + shift..s + shift + width).map(|at| at as i32).collect()).collect()
}

/// So many letters, each another one, in the order of their alphabet.
fn letters(n: usize) -> String {
    ('\u{100}'..).take(n).collect()
}

#[test]
fn splits_are_parts_of_the_text() {
    for (n, width, stride) in [(100, 5, 5), (100, 5, 1), (97, 7, 3), (200, 1, 1), (203, 10, 20)] {
        let text = letters(n);
        let call = format!("text:a.txt,stride={stride},split=(0.6,0.3,0.1)");
        let fields = [field("x", n, &[width]), field("y", n, &[width])];
        let round = |share: f64| (share * n as f64).round() as usize;
        let cuts = [0, round(0.6), round(0.9), n];
        for fields in [&fields[..1], &fields] {
            let set = load(&[("a.txt", &text)], &call, fields, &[]).unwrap();
            let shift = fields.len() - 1;
            for (at, split) in ["train", "valid", "test"].into_iter().enumerate() {
                let stride = if at == 0 { stride } else { width };
                let part = cuts[at]..cuts[at + 1];
                // A window without a token behind its last one has nothing for the second field.
                let all = counted(part.clone(), width, stride, shift).len();
                let of = |own: usize| -> Vec<Vec<i32>> {
                    counted(part.clone(), width, stride, own).into_iter().take(all).collect()
                };
                assert_eq!(rows(&set, "x", split), of(0), "{call} {width} {split}");
                if shift == 1 {
                    assert_eq!(rows(&set, "y", split), of(1), "{call} {width} {split}");
                }
            }
        }
    }
}

#[test]
fn what_follows_is_one_later() {
    let fields = [field("x", 30, &[2, 2]), field("y", 30, &[2, 2])];
    let set = load(&[("a.txt", &letters(30))], "text:a.txt,split=0.5", &fields, &[]).unwrap();
    assert_eq!(rows(&set, "x", "train"), [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]);
    assert_eq!(rows(&set, "y", "train"), [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]);
    assert_eq!(rows(&set, "y", "test")[0], [16, 17, 18, 19]);
}

#[test]
fn files_beside_it_are_the_other_splits() {
    let files = [("a.txt", "abcabc"), ("v.txt", "cab"), ("t.txt", "bb")];
    let x = [field("x", 3, &[2])];
    let set = load(&files, "text:a.txt,valid=v.txt,test=t.txt", &x, &[]).unwrap();
    assert_eq!(rows(&set, "x", "train"), [[0, 1], [2, 0], [1, 2]]);
    assert_eq!(
        (rows(&set, "x", "valid"), rows(&set, "x", "test")),
        (vec![vec![2, 0]], vec![vec![1, 1]])
    );
    let error = load(&files, "text:a.txt,test=t.txt,split=0.5", &x, &[]).unwrap_err();
    assert_eq!(error.code, codes::RL2066);
    let error = load(&files, "text:a.txt,test=t.txt", &[field("x", 3, &[7])], &[]).unwrap_err();
    assert_eq!(error.code, codes::RL2064);
    // No window shows the end of one file and the start of the next.
    let set = load(&files, "text:a.txt,stride=1,test=t.txt", &[field("x", 3, &[5])], &[]).unwrap();
    assert_eq!((rows(&set, "x", "train").len(), rows(&set, "x", "test").len()), (2, 0));
}

#[test]
fn options_choose_training_windows_only() {
    let (text, x) = (letters(100), [field("x", 100, &[5])]);
    let load = |call: &str| load(&[("a.txt", &text)], call, &x, &[]);
    let set = load("text:a.txt,split=0.8,valid=0.25,rows=3").unwrap();
    assert_eq!(rows(&set, "x", "train"), counted(0..15, 5, 5, 0));
    assert_eq!(rows(&set, "x", "valid"), counted(60..80, 5, 5, 0));
    assert_eq!(rows(&set, "x", "test"), counted(80..100, 5, 5, 0));
    let set = load("text:a.txt").unwrap();
    let sizes = ["train", "valid", "test"].map(|split| rows(&set, "x", split).len());
    assert_eq!((sizes, set.facts.by_default), ([16, 2, 2], true));
    assert_eq!(load("text:a.txt,split=0.8,rows=17").unwrap_err().code, codes::RL2074);
    assert_eq!(load("text:a.txt,valid=0.1,split=(0.8,0.1,0.1)").unwrap_err().code, codes::RL2074);
    let whole = "binarize=fixed scale=2 nan=allow missing=0 standardize=true folds=3 label=x class=1 \
                 per_class=2 labels=shuffled tokens=letter stride=-1 min_count=-1";
    for option in whole.split(' ') {
        let error = load(&format!("text:a.txt,{option}")).unwrap_err();
        assert_eq!(error.code, codes::RL2066, "{option}");
    }
}

#[test]
fn fields_that_no_text_fits() {
    let real = any("x", Support::Real, &[4]);
    let x = |n, shape: &[usize]| field("x", n, shape);
    for (fields, code) in [
        (vec![real], codes::RL2062),
        (vec![x(2, &[4])], codes::RL2005),
        (vec![x(3, &[4]), field("y", 3, &[5])], codes::RL2064),
        (vec![x(3, &[4]), field("y", 3, &[4]), field("z", 3, &[4])], codes::RL2063),
    ] {
        let error = load(&[("a.txt", "abcabcabc")], "text:a.txt", &fields, &[]).unwrap_err();
        assert_eq!(error.code, code, "{}", error.message);
        assert!(!error.help.is_empty());
    }
    let bytes = [field("x", 100, &[4])];
    let error = load(&[("a.txt", "é")], "text:a.txt,tokens=byte", &bytes, &[]).unwrap_err();
    assert_eq!(error.code, codes::RL2005);
}

#[test]
fn a_run_keeps_the_vocabulary() {
    let x = [field("x", 5, &[2])];
    let run = load(&[("a.txt", "dcbabcd")], "text:a.txt,unknown=?", &x, &[]).unwrap();
    assert_eq!(run.kept[0].words.concat(), "?abcd");
    let other = load(&[("a.txt", "bbee")], "text:a.txt,split=1,unknown=?", &x, &run.kept).unwrap();
    assert_eq!(rows(&other, "x", "train"), [[2, 2], [0, 0]]);
    let error = load(&[("a.txt", "bbee")], "text:a.txt", &x, &run.kept).unwrap_err();
    assert_eq!(error.code, codes::RL2076);
    // A token for what is unknown that the run has not is none.
    let error = load(&[("a.txt", "bbee")], "text:a.txt,unknown=!", &x, &run.kept).unwrap_err();
    assert_eq!(error.code, codes::RL2076);
    let error = load(&[("a.txt", "b b")], "text:a.txt,tokens=word", &x, &run.kept).unwrap_err();
    assert_eq!(error.code, codes::RL2066);
    assert_ne!(run.digest(), other.digest());
}
