use super::*;
use crate::base::codes;
use crate::runtime::data::fixtures::{self, field, index, indices};
use crate::runtime::data::kept::Kept;
use crate::runtime::data::{Dataset, Values};

/// A field of tokens.
fn tokens(name: &str, n: usize, width: usize) -> FieldSpec {
    let mut field = index(name, n, &[width]);
    field.ty.ends = true;
    field
}

fn load(
    files: &[(&str, &str)],
    call: &str,
    fields: &[FieldSpec],
    kept: &[Kept],
) -> Result<Dataset, Diagnostic> {
    fixtures::load(files, call, fields, kept)
}

fn rows(set: &Dataset, field: &str) -> Vec<Vec<i32>> {
    let width = set.column(field).unwrap().width();
    let all: Vec<u32> = (0..set.rows as u32).collect();
    indices(set, field, &all, (0, 0)).chunks(width).map(<[i32]>::to_vec).collect()
}

fn words(set: &Dataset, field: &str) -> Vec<String> {
    set.kept.iter().find(|kept| kept.field == field).unwrap().words.clone()
}

#[test]
fn words_of_a_line_and_the_end() {
    let text = "the cat sat\n\nthe dog\nthe cat the cat\n";
    let set = load(&[("a.txt", text)], "lines:a.txt,split=1", &[tokens("x", 5, 4)], &[]).unwrap();
    assert_eq!(words(&set, "x"), ["", "the", "cat", "dog", "sat"]);
    assert_eq!(rows(&set, "x"), [vec![1, 2, 4, 0], vec![1, 3, 0, 0], vec![1, 2, 1, 2]]);
    let told = format!("{:?}", set.facts);
    for part in ["4 different words, up to 4 in a row", "1 blank lines"] {
        assert!(told.contains(part), "{told}");
    }
    // Characters stand in the order of their alphabet.
    let set =
        load(&[("a.txt", "ba\nc")], "lines:a.txt,tokens=char,split=1", &[tokens("x", 9, 3)], &[]);
    let set = set.unwrap();
    assert_eq!(rows(&set, "x"), [vec![2, 1, 0], vec![3, 0, 0]]);
}

#[test]
fn several_fields_from_files_or_parts_of_lines() {
    let fields = [tokens("en", 9, 3), tokens("de", 9, 4)];
    let files = [("a.en", "one two\nthree\n"), ("a.de", "eins zwei\ndrei\n")];
    let two = load(&files, "lines:files=(a.en,a.de),split=1", &fields, &[]).unwrap();
    let tab = [("a.tsv", "one two\teins zwei\nthree\tdrei\n")];
    let one = load(&tab, "lines:a.tsv,sep=tab,split=1", &fields, &[]).unwrap();
    for set in [&two, &one] {
        assert_eq!(words(set, "de"), ["", "drei", "eins", "zwei"]);
        assert_eq!(rows(set, "en"), [[1, 3, 0], [2, 0, 0]].map(Vec::from));
        assert_eq!(rows(set, "de"), [[2, 3, 0, 0], [1, 0, 0, 0]].map(Vec::from));
    }
    let valid = [files[0], files[1], ("v.en", "two\n"), ("v.de", "zwei\n")];
    let set = load(&valid, "lines:files=(a.en,a.de),valid=(v.en,v.de)", &fields, &[]).unwrap();
    assert_eq!((set.split("train").unwrap().len(), set.split("valid").unwrap().len()), (2, 1));
    assert_eq!(rows(&set, "en").last().unwrap(), &[1, 0, 0]);
    // Classes and numbers beside texts.
    let tab = [("a.tsv", "good one\tyes\t0.5\nbad\tno\t2\n")];
    let fields = [tokens("x", 9, 3), index("y", 2, &[]), field("z", Support::Real, &[])];
    let set = load(&tab, "lines:a.tsv,sep=tab,split=1", &fields, &[]).unwrap();
    assert_eq!(rows(&set, "y"), [vec![1], vec![0]]);
    assert_eq!(set.column("z").unwrap().values, Values::F32(vec![0.5, 2.0]));
}

#[test]
fn objects_by_name() {
    let text = "{\"text\": \"a b\", \"n\": 2, \"label\": \"up\"}\n{\"label\": \"down\", \"text\": \"b\", \"n\": 3.5}\n";
    let fields = [index("label", 2, &[]), tokens("text", 4, 3), field("n", Support::Real, &[])];
    let set = load(&[("a.jsonl", text)], "jsonl:a.jsonl,split=1", &fields, &[]).unwrap();
    assert_eq!(words(&set, "text"), ["", "b", "a"]);
    assert_eq!(rows(&set, "text"), [vec![2, 1, 0], vec![1, 0, 0]]);
    assert_eq!(rows(&set, "label"), [vec![1], vec![0]]);
    assert_eq!(set.column("n").unwrap().values, Values::F32(vec![2.0, 3.5]));
    for (text, code) in [
        ("{\"text\": \"a\"", codes::RL2020),
        ("[1]", codes::RL2020),
        ("{\"text\": [1]}", codes::RL2020),
        ("{\"other\": \"a\"}", codes::RL2063),
    ] {
        let error = load(&[("a.jsonl", text)], "jsonl:a.jsonl", &[tokens("text", 4, 3)], &[]);
        let error = error.unwrap_err();
        assert_eq!(error.code, code, "{text}: {}", error.message);
    }
}

#[test]
fn what_is_too_long_or_not_known() {
    let long = [("a.txt", "a b c d\na b\na\n")];
    let call =
        |more: &str| load(&long, &format!("lines:a.txt,split=1{more}"), &[tokens("x", 5, 2)], &[]);
    let error = call("").unwrap_err();
    assert_eq!(error.code, codes::RL2064);
    assert!(error.message.contains("line 1: 4 words"), "{}", error.message);
    assert_eq!(rows(&call(",long=cut").unwrap(), "x"), [[1, 2], [1, 2], [1, 0]].map(Vec::from));
    let dropped = call(",long=drop").unwrap();
    assert_eq!(rows(&dropped, "x"), [[1, 2], [1, 0]].map(Vec::from));
    assert!(format!("{:?}", dropped.facts).contains("1 rows"));
    // Words beyond those of the field.
    let few = |more: &str, n| {
        load(&long, &format!("lines:a.txt,split=1{more}"), &[tokens("x", n, 4)], &[])
    };
    assert_eq!(few("", 3).unwrap_err().code, codes::RL2005);
    let set = few(",unknown=<unk>", 4).unwrap();
    assert_eq!(words(&set, "x"), ["", "<unk>", "a", "b"]);
    assert_eq!(rows(&set, "x")[0], [2, 3, 1, 1]);
    let set = few(",unknown=drop", 3).unwrap();
    assert_eq!(rows(&set, "x")[0], [1, 2, 0, 0]);
    let set = few(",min_count=2,unknown=<unk>", 9).unwrap();
    assert_eq!(words(&set, "x"), ["", "<unk>", "a", "b"]);
}

/// Other data of a run has the numbers of its words.
#[test]
fn the_vocabulary_of_a_run() {
    let first = load(&[("a.txt", "b b a\n")], "lines:a.txt,split=1", &[tokens("x", 5, 3)], &[]);
    let kept = first.unwrap().kept;
    let again = |text: &str, more: &str| {
        load(&[("a.txt", text)], &format!("lines:a.txt,split=1{more}"), &[tokens("x", 5, 3)], &kept)
    };
    assert_eq!(rows(&again("a a b", "").unwrap(), "x"), [[2, 2, 1]].map(Vec::from));
    let error = again("a c", "").unwrap_err();
    assert_eq!(error.code, codes::RL2076);
    assert!(error.message.contains("line 1: `c`"), "{}", error.message);
    assert_eq!(rows(&again("a c b", ",unknown=drop").unwrap(), "x"), [[2, 1, 0]].map(Vec::from));
    assert_eq!(again("ab", ",tokens=char").unwrap_err().code, codes::RL2066);
}

#[test]
fn wrong_calls_and_fields() {
    let files = [("a.txt", "a b\n"), ("b.txt", "a\nb\n")];
    let x = [tokens("x", 5, 3)];
    for (call, code) in [
        ("lines:", codes::RL2066),
        ("lines:a.txt,tokens=byte", codes::RL2066),
        ("lines:a.txt,long=short", codes::RL2066),
        ("lines:a.txt,valid=(a.txt,b.txt)", codes::RL2066),
        ("lines:files=(a.txt,b.txt)", codes::RL2004),
        ("lines:c.txt", codes::RL2073),
        ("jsonl:a.txt,sep=tab", codes::RL2066),
    ] {
        let error = load(&files, call, &x, &[]).unwrap_err();
        assert_eq!(error.code, code, "{call}: {}", error.message);
    }
    let two = [tokens("x", 5, 3), tokens("y", 5, 3)];
    assert_eq!(load(&files, "lines:a.txt", &two, &[]).unwrap_err().code, codes::RL2020);
    let plain = [index("x", 5, &[3])];
    assert_eq!(load(&files, "lines:a.txt", &plain, &[]).unwrap_err().code, codes::RL2064);
    assert_eq!(load(&files, "text:a.txt,tokens=word", &x, &[]).unwrap_err().code, codes::RL2064);
    // Arrays and tables say where they end as well.
    let table = |text: &str| load(&[("t.csv", text)], "csv:t.csv,header=false,split=1", &x, &[]);
    assert_eq!(rows(&table("1,0,0\n2,1,3\n0,0,0\n").unwrap(), "x").len(), 3);
    let error = table("1,0,0\n2,0,3\n").unwrap_err();
    assert_eq!(error.code, codes::RL2064);
    assert!(error.message.contains("behind its first 0"), "{}", error.message);
}
