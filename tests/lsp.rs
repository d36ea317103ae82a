//! The language server from outside: a client speaks to the program over its pipes.
//!
//! Conversations are `tests/lsp/*.txt`: texts, requests, and below each request what comes back.
//! `UPDATE_TRANSCRIPTS=1 cargo test --test lsp` writes them anew; read the difference. Places are written
//! `LINE:WORDS`: where these words begin in the line, or for what is being typed, where they end.
//!
//! - `file NAME` with lines `| ...` below it: a file in the folder; `open NAME`: the same, opened.
//! - `$ change NAME LINE:WORDS => NEW`: replaces words.
//! - `$ hover`, `definition`, `references`, `complete`, `signature`, `rename`, `fix`, `hints`, `format`,
//!   `symbols`, `colors`, `wrong`: asks.

#[path = "lsp/client.rs"]
mod client;
mod common;
#[path = "common/dice.rs"]
mod dice;
#[path = "lsp/script.rs"]
mod script;

use client::{Client, edited};
use dice::Dice;
use rlc::base::FileId;
use rlc::driver::{self, Asked, Counted, Log, Texts, Trees, stages};
use rlc::syntax;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn conversations() {
    let (mut count, mut wrong) = (0, Vec::new());
    for entry in std::fs::read_dir(root().join("tests/lsp")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "txt") {
            continue;
        }
        count += 1;
        let text = std::fs::read_to_string(&path).unwrap();
        let now = script::replay(&text);
        if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            std::fs::write(&path, &now).unwrap();
        } else if now != text {
            wrong.push(format!("{}:\n{now}", path.display()));
        }
    }
    assert!(count >= 5, "{count} conversations");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A byte of a text at which a character starts, or its end.
fn any_place(dice: &mut Dice, text: &str) -> usize {
    text.floor_char_boundary(dice.below(text.len() + 1))
}

/// A number that the environment may give.
fn number(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// What people and accidents put into a text.
const PIECES: &[&str] = &[
    "",
    "x",
    " ",
    "\n",
    "(",
    ")",
    "{",
    "}",
    "[",
    "|> ",
    "Linear(",
    ".",
    "~ ",
    "= ",
    "1e",
    "\"",
    "//",
    "\u{e4}",
    "\u{1f600}",
    "let ",
    "loss ",
    "E[z ~ q",
    "over ",
    "use \"vae.rl\" as v\n",
    "\u{202e}",
    "net f(x: f32[n]) = x\n",
];

const ASKED: &[&str] =
    &["hover", "definition", "documentHighlight", "completion", "signatureHelp", "prepareRename"];

/// Whatever is in a text, every request is answered, and the server keeps the text that the editor has.
#[test]
fn every_request_on_any_text_is_answered() {
    let (seed, tries) = (number("RLC_LSP_SEED", 0), number("RLC_LSP", 120));
    let folder = tempfile::tempdir().unwrap();
    for name in common::model_names() {
        let text = std::fs::read_to_string(common::model_path(&name)).unwrap();
        std::fs::write(folder.path().join(format!("{name}.rl")), text).unwrap();
    }
    let mut client = Client::start(folder.path());
    let mut dice = Dice(seed as u64);
    let names = common::model_names();
    let (mut formatted, mut answers) = (0, 0);
    for _ in 0..tries.div_ceil(12) {
        let name = format!("{}.rl", names[dice.below(names.len())]);
        let text = std::fs::read_to_string(folder.path().join(&name)).unwrap();
        client.open(&name, &text);
        for _ in 0..12 {
            edit(&mut client, &name, &mut dice);
            let text = client.texts[&name].0.clone();
            for _ in 0..3 {
                let method = ASKED[dice.below(ASKED.len())];
                let at = any_place(&mut dice, &text);
                answers += usize::from(client.about(method, &name, at).is_ok());
            }
            formatted += usize::from(is_in_step(&mut client, &name, &text));
        }
        let wrong = client.wrong(&name);
        assert!(wrong.len() <= 60, "{} messages", wrong.len());
        client.close(&name);
    }
    println!("{tries} edits, {answers} answers, {formatted} formatted");
    assert!(answers > tries && formatted > 0, "{answers} answers, {formatted} formatted");
    assert_eq!(client.end(), 0);
}

/// Puts something into a text, or takes something out. Half of the edits are taken back, so that texts stay
/// near to models.
fn edit(client: &mut Client, name: &str, dice: &mut Dice) {
    let text = client.texts[name].0.clone();
    let (bytes, new, stays) = slip(&text, dice);
    client.replace(name, bytes.clone(), new);
    if !stays {
        client.replace(name, bytes.start..bytes.start + new.len(), &text[bytes]);
    }
}

/// What is replaced by what, and whether that stays.
fn slip(text: &str, dice: &mut Dice) -> (std::ops::Range<usize>, &'static str, bool) {
    let start = any_place(dice, text);
    let end = match dice.below(3) {
        0 => start,
        1 => text.ceil_char_boundary((start + dice.below(4)).min(text.len())),
        _ => text[start..].find(['\n', ' ', ')']).map_or(text.len(), |at| start + at),
    };
    (start..end, PIECES[dice.below(PIECES.len())], dice.below(2) == 0)
}

/// Every text can be read, and in a time that somebody who types can wait.
#[test]
fn every_text_is_read() {
    let (seed, tries) = (number("RLC_LSP_SEED", 0), number("RLC_LSP", 120));
    let names = common::model_names();
    let mut dice = Dice(seed as u64 ^ 0x5eed);
    let (mut whole, mut longest) = (0, (Duration::ZERO, String::new()));
    let mut counted = Counted::default();
    for _ in 0..tries.div_ceil(12) {
        let path = common::model_path(&names[dice.below(names.len())]);
        let mut text = std::fs::read_to_string(&path).unwrap();
        for _ in 0..12 {
            let (bytes, new, stays) = slip(&text, &mut dice);
            let old = text.clone();
            text.replace_range(bytes, new);
            let start = Instant::now();
            let texts = Texts::from([(path.clone(), text.as_str().into())]);
            if std::env::var_os("RLC_LSP_KEEP").is_some() {
                std::fs::write(std::env::temp_dir().join("lsp-text.rl"), &text).unwrap();
            }
            let reading = driver::read(&path, &texts, &mut counted);
            whole += usize::from(!reading.log.found.has_errors());
            longest = longest.max((start.elapsed(), text.clone()));
            if !stays {
                text = old;
            }
        }
    }
    println!("{tries} texts, {whole} without mistakes, the longest took {:?}", longest.0);
    assert!(whole > 0 && longest.0 < Duration::from_secs(60), "{:?}\n{}", longest.0, longest.1);
}

/// Asks for everything that concerns the whole text; whether it was formatted, as it should be.
fn is_in_step(client: &mut Client, name: &str, text: &str) -> bool {
    let document = json!({ "textDocument": client.document(name) });
    for method in ["documentSymbol", "semanticTokens/full"] {
        client.ask(&format!("textDocument/{method}"), document.clone()).unwrap();
    }
    let context = json!({ "diagnostics": [] });
    client.about_range("inlayHint", name, 0..text.len(), Value::Null).unwrap();
    client.about_range("codeAction", name, 0..text.len(), context).unwrap();
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    let params = json!({ "textDocument": client.document(name), "options": options });
    let (tree, found) = syntax::parse(FileId(0), text);
    match client.ask("textDocument/formatting", params) {
        Ok(edits) => {
            assert!(!found.has_errors(), "{text}");
            assert_eq!(edited(text, &edits), syntax::format(&tree, text));
            true
        }
        Err(why) => {
            assert!(found.has_errors(), "{why}\n{text}");
            false
        }
    }
}

/// The graphs of a file.
fn graphs(path: &Path, text: &str) -> String {
    let mut log = Log::default();
    let printed = Trees::of(path.to_str().unwrap(), text, &[], &mut log).and_then(|mut trees| {
        let stage = stages::choose("graph").unwrap();
        stages::print(stage, &mut trees, &Asked::default(), false, &mut log)
    });
    printed.unwrap_or_else(|_| panic!("{}: {:?}\n{text}", path.display(), log.found.list)).text
}

/// A graph without what names decide: names, and with them the order and the numbers of nodes and marks.
fn nameless(graphs: &str) -> Vec<String> {
    let word = |word: &str| match word.starts_with('%') {
        true => "%".to_string(),
        false => word.to_string(),
    };
    let line = |line: &str| {
        let words = line.split([' ', '"', '.', ':', '/', '#', '(', ')', '[', ']', ',']);
        let line = words.filter(|w| !w.is_empty()).map(word).collect::<Vec<_>>().join(" ");
        match line.split_once(" mark % mark ") {
            Some((before, after)) => {
                let ty = after.split_once(' ').map_or("", |(_, ty)| ty);
                format!("{before} mark % {ty}")
            }
            None => line,
        }
    };
    let mut lines: Vec<String> = graphs.lines().map(line).collect();
    lines.sort();
    lines
}

/// The first lines that differ, names left out.
fn difference(before: &str, now: &str) -> String {
    let (before, now) = (nameless(before), nameless(now));
    let lines = before.iter().zip(&now).filter(|(old, new)| old != new).take(3);
    lines.map(|(old, new)| format!("\n- {old}\n+ {new}")).collect()
}

/// After a rename a program means the same: some names of some models. With `RLC_LSP_RENAMES=all` all names of
/// all models, with the name of a model all of its names.
#[test]
fn a_renamed_program_means_the_same() {
    let asked = std::env::var("RLC_LSP_RENAMES").unwrap_or_default();
    let (all, names) = (!asked.is_empty(), common::model_names());
    let is_asked = |name: &&String| !all || asked == "all" || **name == asked;
    let some = names.iter().filter(is_asked).step_by(if all { 1 } else { 4 });
    let some: Vec<&String> = some.collect();
    let found = common::on_every_core(&some, |name| rename_names(name, all));
    let sum = |of: fn(&(usize, usize)) -> usize| found.iter().map(of).sum::<usize>();
    let (renamed, refused) = (sum(|one| one.0), sum(|one| one.1));
    println!("{renamed} names renamed, {refused} refused");
    assert!(renamed >= some.len() && renamed > 2 * refused, "{renamed} renamed, {refused} refused");
}

/// How many names of a model were renamed, and how many cannot be.
fn rename_names(model: &str, all: bool) -> (usize, usize) {
    let path = common::model_path(model);
    let text = std::fs::read_to_string(&path).unwrap();
    if text.contains("use \"") {
        return (0, 0);
    }
    let mut client = Client::start(path.parent().unwrap());
    let file = format!("{model}.rl");
    client.open(&file, &text);
    let (tree, _) = syntax::parse(FileId(0), &text);
    let declared = syntax::declared::declared(&tree);
    let places: BTreeSet<usize> = declared.iter().map(|one| one.name.span.start as usize).collect();
    let step = if all { 1 } else { places.len().div_ceil(2) };
    let (mut renamed, mut refused) = (0, 0);
    let mut before: Option<String> = None;
    for at in places.into_iter().skip(model.len() % step).step_by(step) {
        let word: String =
            text[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let new = format!("{word}_q");
        match client.rename(&file, at, &new) {
            Ok(edit) => {
                let edits = &edit["changes"][client.uri(&file)];
                let changed = edited(&text, edits);
                let before = before.get_or_insert_with(|| graphs(&path, &text));
                let now = graphs(&path, &changed).replace(&new, &word);
                let line = text[..at].matches('\n').count() + 1;
                let same = *before == now || nameless(before) == nameless(&now);
                assert!(same, "{file}:{line}: {word}{}", difference(before, &now));
                renamed += 1;
            }
            Err(why) => {
                if all {
                    println!("{file}: {word}: {why}");
                }
                refused += 1;
            }
        }
    }
    (renamed, refused)
}

/// How long answers take, on the file that `RLC_LSP_FILE` names: printed, not judged.
#[test]
fn times() {
    let Ok(path) = std::env::var("RLC_LSP_FILE") else {
        return eprintln!("skipped: RLC_LSP_FILE names no file");
    };
    let path = PathBuf::from(path);
    let text = std::fs::read_to_string(&path).unwrap();
    let folder = path.parent().unwrap();
    let name = path.file_name().unwrap().to_str().unwrap().to_string();
    let mut client = Client::start(folder);
    let start = Instant::now();
    client.open(&name, &text);
    let wrong = client.wrong(&name).len();
    println!(
        "{} lines, {wrong} messages, {:?} until they came",
        text.lines().count(),
        start.elapsed()
    );
    let mut dice = Dice(1);
    let mut messages = Vec::new();
    for method in
        ASKED.iter().chain(&["inlayHint", "semanticTokens/full", "formatting", "references"])
    {
        let mut times: Vec<Duration> = Vec::new();
        for _ in 0..40 {
            // Somebody types: a letter at the end of a word, and takes it back.
            let text = client.texts[&name].0.clone();
            let at = any_place(&mut dice, &text);
            client.replace(&name, at..at, " ");
            let start = Instant::now();
            ask(&mut client, method, &name, at);
            times.push(start.elapsed());
            let start = Instant::now();
            client.replace(&name, at..at + 1, "");
            client.wrong(&name);
            messages.push(start.elapsed());
        }
        times.sort();
        println!("{method:<20} median {:>9.2?}, most {:>9.2?}", times[20], times[39]);
    }
    messages.sort();
    let middle = messages[messages.len() / 2];
    println!(
        "messages after a change: median {middle:.2?}, most {:.2?}",
        messages[messages.len() - 1]
    );
}

fn ask(client: &mut Client, method: &str, name: &str, at: usize) {
    let document = client.document(name);
    let length = client.texts[name].0.len();
    let answer = match method {
        "inlayHint" => client.about_range(method, name, 0..length, Value::Null),
        "semanticTokens/full" => {
            client.ask("textDocument/semanticTokens/full", json!({ "textDocument": document }))
        }
        "formatting" => {
            let options = json!({ "tabSize": 2, "insertSpaces": true });
            let params = json!({ "textDocument": document, "options": options });
            client.ask("textDocument/formatting", params)
        }
        "references" => {
            let place = client::place(&client.texts[name].0, at);
            let context = json!({ "includeDeclaration": true });
            let params = json!({ "textDocument": document, "position": place, "context": context });
            client.ask("textDocument/references", params)
        }
        _ => client.about(method, name, at),
    };
    // That a name cannot be renamed is an answer too.
    drop(answer);
}
