//! Bad programs and what the user sees. Each file below `tests/errors` holds a program and, in
//! comments at its end, every message that it must give:
//!
//! ```text
//! // error: RL0009 LINE:COL a part of the message
//! // help: a part of a hint of the message above
//! // also: LINE:COL a part of the label at another place
//! // warning: RL0010 LINE:COL a part of the message
//! ```
//!
//! Files in `syntax` go through the parser; the others, with those that they use, through the whole
//! front end.
//! A message that is not listed, or a listed one that does not come, fails the test.

use rlc::base::{Diagnostic, FileId, Severity, SourceMap, codes};
use rlc::driver::{self, Asked, Counted, Log, Texts, Trees};
use rlc::syntax;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/errors")
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() && !path.ends_with("parts") {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "rl") {
            found.push(path);
        }
    }
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    found
}

/// One message as a file expects it.
#[derive(Debug)]
struct Expected {
    severity: Severity,
    code: String,
    place: String,
    message: String,
    help: Vec<String>,
    also: Vec<String>,
}

fn expectations(name: &str, text: &str) -> Vec<Expected> {
    let mut list: Vec<Expected> = Vec::new();
    for line in text.lines() {
        let part = |key: &str| line.strip_prefix(&format!("// {key}: ")).map(str::to_string);
        for (key, severity) in [("error", Severity::Error), ("warning", Severity::Warning)] {
            if let Some(rest) = part(key) {
                let mut words = rest.splitn(3, ' ').map(str::to_string);
                let mut next = || words.next().unwrap_or_else(|| panic!("{name}: {line}"));
                let (code, place, message) = (next(), next(), next());
                let (help, also) = (Vec::new(), Vec::new());
                list.push(Expected { severity, code, place, message, help, also });
            }
        }
        let Some(last) = list.last_mut() else { continue };
        last.help.extend(part("help"));
        last.also.extend(part("also"));
    }
    assert!(!list.is_empty(), "{name} expects nothing");
    list
}

fn place(map: &SourceMap, label: &rlc::base::Label) -> String {
    let (line, col) = map.line_col(label.span.file, label.span.start);
    format!("{line}:{col}")
}

fn describe(map: &SourceMap, list: &[Diagnostic]) -> String {
    let mut out = String::new();
    for d in list {
        let at = d.primary.as_ref().map_or("-".to_string(), |label| place(map, label));
        let label = d.primary.as_ref().map_or("", |label| &label.text);
        let _ = writeln!(out, "// {:?}: {} {at} {}", d.severity, d.code.name(), d.message);
        if !label.is_empty() {
            let _ = writeln!(out, "// at the place: {label}");
        }
        for help in &d.help {
            let _ = writeln!(out, "// help: {help}");
        }
        for also in &d.secondary {
            let _ = writeln!(out, "// also: {} {}", place(map, also), also.text);
        }
    }
    out
}

fn fits(map: &SourceMap, found: &Diagnostic, wanted: &Expected) -> bool {
    let at = found.primary.as_ref().map_or("-".to_string(), |label| place(map, label));
    let label = found.primary.as_ref().map_or("", |label| &label.text);
    found.severity == wanted.severity
        && found.code.name() == wanted.code
        && at == wanted.place
        && (found.message.contains(&wanted.message) || label.contains(&wanted.message))
        && wanted.help.iter().all(|part| found.help.iter().any(|help| help.contains(part)))
        && wanted.also.iter().all(|part| {
            found.secondary.iter().any(|also| {
                let (at, text) = part.split_once(' ').unwrap_or((part, ""));
                place(map, also) == at && also.text.contains(text)
            })
        })
}

/// What every message must be like: words of the user, a code that the table has, a hint.
fn well_formed(name: &str, d: &Diagnostic) {
    assert!(!d.message.ends_with('.'), "{name}: {}", d.message);
    assert!(!d.help.is_empty(), "{name}: no hint with `{}`", d.message);
    assert!(codes::CODES.contains(&d.code), "{name}: {}", d.code.name());
    let all = format!("{} {:?} {:?}", d.message, d.help, d.notes).replace("top_k", "");
    for word in ["op_", "k_", "Rule", "one_item", "unwrap", "panicked", "::", "pair"] {
        assert!(!all.contains(word), "{name}: {all}");
    }
}

fn check(path: &Path, diagnose: impl Fn(&str, &str, &mut Log)) -> Option<String> {
    let name = path.strip_prefix(root()).unwrap().display().to_string();
    let text = std::fs::read_to_string(path).unwrap();
    let wanted = expectations(&name, &text);
    let mut log = Log::default();
    let diagnosed = AssertUnwindSafe(|| diagnose(&name, &text, &mut log));
    if catch_unwind(diagnosed).is_err() {
        return Some(format!("{name} makes the compiler panic"));
    }
    let (map, found) = (log.sources, log.found.list);
    found.iter().for_each(|d| well_formed(&name, d));
    let same = found.len() == wanted.len()
        && found.iter().zip(&wanted).all(|(found, wanted)| fits(&map, found, wanted));
    if same { None } else { Some(format!("{name} gives\n{}", describe(&map, &found))) }
}

#[test]
fn bad_syntax_is_explained() {
    let paths = files("syntax");
    assert!(paths.len() >= 40, "only {} files", paths.len());
    let parse = |name: &str, text: &str, log: &mut Log| {
        let _ = Trees::of(name, text, &[], log);
    };
    let wrong: Vec<String> = paths.iter().filter_map(|path| check(path, parse)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Everything that is said about a file before a graph is built.
fn compile(name: &str, _: &str, log: &mut Log) {
    // What is wrong stands in the log.
    let _ = driver::load(&root().join(name), log).and_then(|mut trees| {
        let model = driver::model(&mut trees, &Asked::default(), log)?;
        driver::objective(model, log)
    });
}

#[test]
fn bad_models_are_explained() {
    let paths = files("model");
    assert!(paths.len() >= 40, "only {} files", paths.len());
    let wrong: Vec<String> = paths.iter().filter_map(|path| check(path, compile)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A change that is offered mends what it is offered for: the same is not said again, and nothing worse.
#[test]
fn changes_mend_what_they_are_offered_for() {
    let (mut count, mut wrong) = (0, Vec::new());
    for path in ["syntax", "model"].iter().flat_map(|folder| files(folder)) {
        let text = std::fs::read_to_string(&path).unwrap();
        let read = |text: &str| {
            let texts = Texts::from([(path.clone(), text.into())]);
            driver::read(&path, &texts, &mut Counted::default()).log
        };
        let log = read(&text);
        for one in &log.found.list {
            let Some(edit) = one.edit.as_ref().filter(|edit| edit.span.file == FileId(0)) else {
                continue;
            };
            count += 1;
            let mut new = text.clone();
            new.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
            let same = |other: &&Diagnostic| other.code == one.code && other.message == one.message;
            let times = |log: &Log| log.found.list.iter().filter(same).count();
            let after = read(&new);
            if times(&after) >= times(&log) {
                let line = text[..edit.span.start as usize].matches('\n').count();
                let line = new.lines().nth(line).unwrap_or("");
                wrong.push(format!("{}: {}\n{line}", path.display(), one.message));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 30, "only {count} changes");
}

/// A compiler is trusted for what it refuses as much as for what it accepts.
#[test]
fn bad_programs_are_as_many_as_good_ones() {
    let count = |folders: &[&str]| {
        let mut found = Vec::new();
        folders.iter().for_each(|f| collect(&root().join("../..").join(f), &mut found));
        found.len()
    };
    let bad = count(&["tests/errors", "tests/syntax/reject"]);
    let good = ["models", "tests/accept", "tests/facts", "tests/emit"];
    let parsed = ["tests/syntax/accept", "tests/syntax/models", "tests/syntax/fragments"];
    let good = count(&[&good[..], &parsed[..]].concat());
    assert!(bad >= good && good >= 40, "{bad} bad programs, {good} good ones");
}

#[test]
fn good_models_give_no_message() {
    let mut paths = Vec::new();
    collect(&root().join("../../models"), &mut paths);
    collect(&root().join("../accept"), &mut paths);
    assert!(paths.len() >= 5);
    for path in paths {
        let (name, mut log) = (path.display().to_string(), Log::default());
        compile(&name, &std::fs::read_to_string(&path).unwrap(), &mut log);
        let found = &log.found.list;
        assert!(found.is_empty(), "{name}\n{}", describe(&log.sources, found));
    }
}

fn only(diagnostics: &[Diagnostic]) -> &Diagnostic {
    assert_eq!(diagnostics.len(), 1, "{diagnostics:#?}");
    well_formed("a text", &diagnostics[0]);
    &diagnostics[0]
}

fn syntax_error(text: &str) -> Diagnostic {
    let (_, diagnostics) = syntax::parse(FileId(0), text);
    only(&diagnostics.list).clone()
}

fn start(diagnostic: &Diagnostic) -> u32 {
    diagnostic.primary.as_ref().unwrap().span.start
}

#[test]
fn an_empty_file_has_no_model() {
    for text in ["", "\n\n", "// only a comment\n", "\u{feff}"] {
        assert_eq!(syntax_error(text).code, codes::RL0001);
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let error = syntax::decode(b"\xff\xfe").unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (codes::RL0002, "not UTF-8 at byte 0"));
    let error = syntax::decode(b"loss a = b // \xe9t\xe9").unwrap_err();
    assert_eq!(error.message, "not UTF-8 at byte 14");
    assert!(!error.help.is_empty());
}

#[test]
fn a_byte_order_mark_is_skipped_at_the_start_only() {
    let text = syntax::decode(b"\xef\xbb\xbfloss a = b").unwrap();
    assert!(syntax::parse(FileId(0), &text).1.list.is_empty());
    assert!(syntax::parse(FileId(0), "\u{feff}loss a = b").1.list.is_empty());
    assert_eq!(syntax_error("loss a = b \u{feff}").code, codes::RL0003);
}

#[test]
fn a_nul_is_refused() {
    let error = syntax_error("loss a\0b = c");
    assert_eq!((error.code, start(&error)), (codes::RL0003, 6));
    assert!(error.message.contains("U+0000"));
}

/// Texts that would take a recursive parser deep; each must be refused at the 129th level, fast.
#[test]
fn deep_nesting_is_refused() {
    let n = 50_000;
    let cases = [
        "(".repeat(n),
        format!("{}1{}", "(".repeat(n), ")".repeat(n)),
        "f(".repeat(n),
        "[".repeat(n),
        "{".repeat(n),
        "-".repeat(n) + "1",
        "not ".repeat(n) + "a",
        "2^".repeat(n) + "2",
        "if a then b else ".repeat(n) + "c",
        "(x) => ".repeat(n) + "x",
        "(a + (b * ".repeat(n),
    ];
    for inner in cases {
        let begin = std::time::Instant::now();
        let error = syntax_error(&format!("loss a = {inner}"));
        let shown = &inner[..12.min(inner.len())];
        assert_eq!(error.code, codes::RL0005, "{shown}: {}", error.message);
        assert!(start(&error) < 3_000, "{shown}: at byte {}", start(&error));
        assert!(begin.elapsed().as_secs_f64() < 2.0, "{shown} took {:?}", begin.elapsed());
    }
}

#[test]
fn nesting_up_to_the_limit_is_accepted() {
    let depth = 120;
    let text = format!("loss a = {}1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(syntax::parse(FileId(0), &text).1.list.is_empty());
}

/// No form may take time that grows faster than the square of its depth.
#[test]
fn nesting_takes_time_in_proportion() {
    let forms = [
        ("(", ")"),
        ("f(", ")"),
        ("x[", "]"),
        ("(a, ", ")"),
        ("(k = ", ")"),
        ("((x) => ", ")"),
        ("E[z ~ q](", ")"),
        ("log p(", ")"),
        ("chain(i in 0..2) { ", " }"),
        ("(if a then ", " else b)"),
        ("-(", ")"),
        ("2^(", ")"),
        ("scan(h = 0, x in xs) { return ", " }"),
    ];
    for (open, close) in forms {
        let time = |depth: usize| {
            let text = format!("loss a = {}1{}", open.repeat(depth), close.repeat(depth));
            let begin = std::time::Instant::now();
            let (_, diagnostics) = syntax::parse(FileId(0), &text);
            assert!(diagnostics.list.is_empty(), "{open} {depth}: {:?}", diagnostics.list);
            begin.elapsed().as_secs_f64()
        };
        let (short, long) = (time(12), time(48));
        // A factor of 16 is allowed, and 20 ms for the noise of a busy machine.
        assert!(long < 16.0 * short + 0.02, "{open}: {short} s at 12, {long} s at 48");
    }
}

/// A grammar whose alternatives share a prefix would try every combination here.
#[test]
fn an_unfinished_nest_answers_at_once() {
    let begin = std::time::Instant::now();
    for text in ["(a + ", "f(a, (b, ", "E[z ~ q(", "(a, b) => (", "x[a:(", "(a = ("] {
        let (_, diagnostics) = syntax::parse(FileId(0), &format!("loss a = {}", text.repeat(20)));
        assert!(diagnostics.has_errors());
        let closed = format!("loss a = {}1 2{}", "(".repeat(40), ")".repeat(40));
        assert_eq!(syntax_error(&closed).code, codes::RL0014);
    }
    assert!(begin.elapsed().as_secs_f64() < 2.0, "took {:?}", begin.elapsed());
}

#[test]
fn long_sums_are_refused_with_what_to_use_instead() {
    let sum = vec!["b"; 100_000].join(" + ");
    let error = syntax_error(&format!("loss a = {sum}"));
    assert_eq!(error.code, codes::RL0006);
    assert!(error.help[0].contains("sum"), "{:?}", error.help);
    let fine = vec!["b"; 900].join(" + ");
    assert!(syntax::parse(FileId(0), &format!("loss a = {fine}")).1.list.is_empty());
}

#[test]
fn a_large_file_is_refused() {
    let text = "// x\n".repeat(2 << 20);
    assert_eq!(syntax_error(&text).code, codes::RL0007);
    assert_eq!(syntax::decode(text.as_bytes()).unwrap_err().code, codes::RL0007);
}

#[test]
fn a_long_name_is_refused() {
    let error = syntax_error(&format!("const {} = 1", "a".repeat(10_000)));
    assert_eq!((error.code, start(&error)), (codes::RL0012, 6));
    assert!(error.message.len() < 200);
    assert!(syntax::parse(FileId(0), &format!("const {} = 1", "a".repeat(255))).1.list.is_empty());
}

#[test]
fn messages_are_few_and_short() {
    let (_, diagnostics) = syntax::parse(FileId(0), &"loss a b\n".repeat(500));
    assert_eq!(diagnostics.list.len(), syntax::MAX_ERRORS);
    let last = diagnostics.list.last().unwrap();
    assert!(last.notes[0].contains("480 further"), "{:?}", last.notes);
    let long = syntax_error(&format!("loss a {}", "b".repeat(250)));
    assert!(long.message.len() < 200, "{}", long.message);
}

/// Every prefix of a good file, and the file without any one of its bytes: no panic, and every
/// message is well formed.
#[test]
fn broken_files_give_messages_not_panics() {
    let text = std::fs::read_to_string(root().join("../../models/vae.rl")).unwrap();
    for at in 0..text.len() {
        let without = format!("{}{}", &text[..at], &text[at + 1..]);
        for broken in [&text[..at], without.as_str()] {
            let (_, diagnostics) = syntax::parse(FileId(0), broken);
            diagnostics.list.iter().for_each(|d| well_formed(&format!("byte {at}"), d));
        }
    }
}

/// Every pair of neighboring tokens of a good file swapped, and every token doubled.
#[test]
fn swapped_tokens_give_messages_not_panics() {
    let text = std::fs::read_to_string(root().join("../../models/vae.rl")).unwrap();
    let words: Vec<&str> = text.split_inclusive([' ', '\n', '(', ')', ',']).collect();
    for at in 1..words.len() {
        let mut swapped = words.clone();
        swapped.swap(at - 1, at);
        let mut doubled = words.clone();
        doubled.insert(at, words[at]);
        for broken in [swapped.concat(), doubled.concat()] {
            let (_, diagnostics) = syntax::parse(FileId(0), &broken);
            diagnostics.list.iter().for_each(|d| well_formed(&format!("word {at}"), d));
        }
    }
}
