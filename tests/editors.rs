//! The folders for editors: the grammar for tree-sitter against that of the compiler, the grammar of colours,
//! the extension for VS Code. What needs `tree-sitter` (with a C compiler) or `node` says so and is skipped
//! where it is absent.

mod common;
#[path = "common/dice.rs"]
mod dice;

use dice::Dice;
use rlc::base::FileId;
use rlc::syntax::{self, Token};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Whether a program is there.
fn has(program: &str, flag: &str) -> bool {
    let found = Command::new(program).arg(flag).output().is_ok_and(|out| out.status.success());
    if !found {
        eprintln!("skipped: there is no `{program}`");
    }
    found
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The words in quotes of a rule of the compiler's grammar.
fn words_of(rule: &str) -> BTreeSet<String> {
    let grammar = read("grammar/rl.pest");
    let start = grammar.find(&format!("\n{rule} ")).unwrap_or_else(|| panic!("no {rule}"));
    let rest = &grammar[start..];
    let end = rest[1..].find("\n\n").map_or(rest.len(), |at| at + 1);
    let words = rest[..end].split('"').skip(1).step_by(2);
    words
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(String::from)
        .collect()
}

#[test]
fn grammars_for_editors_name_every_keyword() {
    let words = words_of("keyword");
    assert!(words.len() > 30 && words.contains("bijection"), "{words:?}");
    let types = words_of("primitive");
    let colors = read("editors/vscode/syntaxes/rl.tmLanguage.json");
    let tree = read("editors/tree-sitter-rl/grammar.js");
    for word in words.iter().chain(&types) {
        let has = |text: &str| {
            let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '_';
            text.split(is_end).any(|other| other == word)
        };
        assert!(has(&colors), "the grammar of colours has no `{word}`");
        assert!(has(&tree), "the grammar for tree-sitter has no `{word}`");
        assert!(syntax::is_keyword(word) || types.contains(word), "{word}");
    }
    let reserved = tree.split("const RESERVED = [").nth(1).unwrap().split(']').next().unwrap();
    let reserved: BTreeSet<String> =
        reserved.split('\'').skip(1).step_by(2).map(String::from).collect();
    assert_eq!(reserved, words);
}

#[test]
fn the_extension_is_whole() {
    let folder = root().join("editors/vscode");
    let package: Value = serde_json::from_str(&read("editors/vscode/package.json")).unwrap();
    let _: Value =
        serde_json::from_str(&read("editors/vscode/language-configuration.json")).unwrap();
    let colors: Value =
        serde_json::from_str(&read("editors/vscode/syntaxes/rl.tmLanguage.json")).unwrap();
    let contributes = &package["contributes"];
    assert_eq!(contributes["grammars"][0]["scopeName"], colors["scopeName"]);
    assert_eq!(contributes["languages"][0]["extensions"][0], ".rl");
    let files = [
        &package["main"],
        &contributes["languages"][0]["configuration"],
        &contributes["grammars"][0]["path"],
    ];
    for file in files {
        assert!(folder.join(file.as_str().unwrap()).is_file(), "{file}");
    }
    // Every part that a pattern includes is there.
    let text = colors.to_string();
    for part in text.split("\"include\":\"#").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(colors["repository"].get(name).is_some(), "{name}");
    }
    if has("node", "--version") {
        let script = folder.join(package["main"].as_str().unwrap());
        assert!(Command::new("node").arg("--check").arg(script).status().unwrap().success());
    }
}

/// A text with one of its tokens left out, doubled, swapped with the next or replaced by another one.
fn edited(text: &str, tokens: &[Token], dice: &mut Dice) -> String {
    let at = dice.below(tokens.len() - 1);
    let word = |token: Token| &text[token.start..token.end];
    let (own, next, other) = (tokens[at], tokens[at + 1], tokens[dice.below(tokens.len())]);
    let between = &text[own.end..next.start];
    let middle = match dice.below(4) {
        0 => format!("{between}{}", word(next)),
        1 => format!("{} {}{between}{}", word(own), word(own), word(next)),
        2 => format!("{}{between} {}", word(next), word(own)),
        _ => format!("{}{between}{}", word(other), word(next)),
    };
    format!("{}{middle}{}", &text[..own.start], &text[next.end..])
}

/// tree-sitter looks for those tokens alone that fit, so that it reads `x <-y` as `x < -y`.
const SPLIT: &str = "`<-` updates a state or a weight, as a statement";

/// Whether the compiler's grammar takes a text; none if it is refused for what no grammar says.
fn is_taken(text: &str) -> Option<bool> {
    let (_, found) = syntax::parse(FileId(0), text);
    let beyond = |message: &str| {
        let own = ["does not chain", "a range is expected", "is given twice", SPLIT];
        own.iter().any(|part| message.contains(part))
    };
    match found.list.iter().any(|d| beyond(&d.message)) {
        true => None,
        false => Some(!found.has_errors()),
    }
}

/// Files for which tree-sitter finds an error.
fn refused(folder: &Path, files: &[PathBuf]) -> BTreeSet<PathBuf> {
    let list = folder.join("list.txt");
    let names: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    std::fs::write(&list, names.join("\n")).unwrap();
    let out = Command::new("tree-sitter")
        .args(["parse", "--quiet", "--paths"])
        .arg(&list)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    let errors = text.lines().filter(|line| line.contains("(ERROR") || line.contains("(MISSING"));
    errors.map(|line| PathBuf::from(line.split('\t').next().unwrap().trim())).collect()
}

/// Both grammars take every good file, and agree on files that are made of the models by edits of tokens.
#[test]
fn the_grammar_for_tree_sitter_is_the_one_of_the_compiler() {
    if !has("tree-sitter", "--version") || !has("cc", "--version") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    for name in ["grammar.js", "tree-sitter.json", "package.json"] {
        std::fs::copy(root().join("editors/tree-sitter-rl").join(name), folder.join(name)).unwrap();
    }
    let made = Command::new("tree-sitter").arg("generate").current_dir(&folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

    let folders =
        ["tests/accept", "tests/syntax/accept", "tests/syntax/fragments", "tests/syntax/models"];
    let mut good = common::models_and_facts();
    for name in folders.iter().chain(&["src/model/prelude"]) {
        let entries = std::fs::read_dir(root().join(name)).unwrap().map(|e| e.unwrap().path());
        good.extend(entries.filter(|path| path.extension().is_some_and(|end| end == "rl")));
    }
    assert_eq!(refused(&folder, &good), BTreeSet::new());

    let tries = std::env::var("RLC_GRAMMARS").map_or(3_000, |n| n.parse().unwrap());
    let texts: Vec<String> =
        good.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let (mut dice, mut files, mut taken) = (Dice(4), Vec::new(), BTreeSet::new());
    for number in 0..tries {
        let text = &texts[dice.below(texts.len())];
        let tokens = syntax::tokens(text);
        let new = edited(text, &tokens, &mut dice);
        let Some(is_taken) = is_taken(&new) else { continue };
        let path = folder.join(format!("{number}.rl"));
        std::fs::write(&path, new).unwrap();
        if is_taken {
            taken.insert(path.clone());
        }
        files.push(path);
    }
    let refused = refused(&folder, &files);
    let differ: Vec<&PathBuf> =
        files.iter().filter(|path| taken.contains(*path) == refused.contains(*path)).collect();
    println!("{} texts, {} taken, {} refused", files.len(), taken.len(), refused.len());
    let shown = differ.iter().take(12).map(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        let (_, found) = syntax::parse(FileId(0), &text);
        let said = found.list.first().map(|d| (&d.message, d.primary.as_ref().unwrap().span.start));
        let line = said.map_or("", |(_, at)| {
            let start = text[..at as usize].rfind('\n').map_or(0, |at| at + 1);
            text[start..].lines().next().unwrap_or("")
        });
        format!("{}: {said:?}\n  {line}", path.display())
    });
    let shown: Vec<String> = shown.collect();
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), shown.join("\n"));
    assert!(taken.len() > tries / 50 && refused.len() > tries / 2);
}
