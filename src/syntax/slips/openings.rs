//! Slips in the first word of a declaration or statement, and keywords in the place of names.

use super::Halt;
use crate::base::{Diagnostic, codes, nearest};
use crate::syntax::grammar::Rule;
use crate::syntax::outline::{ITEM_WORDS, ITEM_WORDS_IN_CONTEXT};

/// Words of other languages that open a declaration, and what to write.
const FOREIGN: [(&str, &str); 22] = [
    ("def", "write `fn name(x: f32[D]) -> f32 = ...`, or `net` if it has weights"),
    ("func", "write `fn name(x: f32[D]) -> f32 = ...`, or `net` if it has weights"),
    ("function", "write `fn name(x: f32[D]) -> f32 = ...`, or `net` if it has weights"),
    ("lambda", "write `fn name(x: f32[D]) -> f32 = ...`"),
    ("import", "write `use \"file.rl\" as name`; layers and distributions need no import"),
    ("include", "write `use \"file.rl\" as name`"),
    ("from", "write `use \"file.rl\" as name`; layers and distributions need no import"),
    ("class", "write `module` for a layer template, `net` for a network, `model` for a density"),
    ("struct", "a record is written as a type: `-> (mu: f32[Z], logvar: f32[Z])`"),
    ("layer", "write `module Name(n: int)(x: f32[D]) -> f32[n] = ...`"),
    ("network", "write `net name(x: f32[D]) -> f32[H] = ...`"),
    ("let", "at top level write `const name = ...`; `let` belongs in a body in braces"),
    ("var", "write `const name = ...`, or `state` for what training changes"),
    ("val", "write `const name = ...`"),
    ("int", "write `config name: int = ...`, or `dim` for a size"),
    ("float", "write `config name: f32 = ...`"),
    ("hyper", "write `config name: f32 = ...`"),
    ("test", "write `eval name on data.test { report ... }`"),
    ("dataset", "write `data name { x: f32[D] }`"),
    ("objective", "write `loss name = ...`"),
    ("for", "loops are `repeat n { ... }` in a train phase, `chain` and `scan` in expressions"),
    ("while", "loops are `repeat n { ... }` in a train phase, `chain` and `scan` in expressions"),
];

/// Words that open a statement; at top level they are lost.
const STATEMENT_WORDS: [&str; 8] =
    ["return", "factor", "minimize", "maximize", "repeat", "track", "report", "emit"];

/// Every keyword, as the grammar has them.
const KEYWORDS: [&str; 34] = [
    "use",
    "dim",
    "const",
    "config",
    "data",
    "param",
    "state",
    "net",
    "module",
    "fn",
    "bijection",
    "model",
    "loss",
    "train",
    "eval",
    "sample",
    "let",
    "return",
    "factor",
    "minimize",
    "maximize",
    "repeat",
    "track",
    "report",
    "emit",
    "if",
    "then",
    "else",
    "true",
    "false",
    "and",
    "or",
    "not",
    "E[",
];

/// Whether a word cannot be a name.
pub fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

pub(super) fn explain(stop: &Halt<'_>) -> Option<Diagnostic> {
    if stop.wants(Rule::one_item) {
        return Some(opening(stop));
    }
    keyword_as_name(stop).or_else(|| statement(stop))
}

/// An item that does not open like one.
fn opening(stop: &Halt<'_>) -> Diagnostic {
    let word = stop.word(0);
    if let Some((_, help)) = FOREIGN.iter().find(|(foreign, _)| *foreign == word) {
        return stop.slip(format!("`{word}` opens no declaration"), *help);
    }
    if STATEMENT_WORDS.contains(&word) {
        let help = match word {
            "minimize" | "maximize" | "repeat" | "track" => {
                "put it in the braces of a phase: `train fit on d.train { ... }`"
            }
            "report" => "put it in the braces of a phase: `eval test on d.test { ... }`",
            "emit" => "put it in the braces of a phase: `sample draws count 64 { ... }`",
            _ => "put it in the braces of a `net`, `fn` or `model`",
        };
        return stop.slip(format!("`{word}` stands outside of any body"), help);
    }
    if stop.is_word(0) && ["=", "~", "<-"].contains(&stop.word(1)) {
        return loose(stop);
    }
    let words: Vec<&str> = ITEM_WORDS.iter().chain(&ITEM_WORDS_IN_CONTEXT[..4]).copied().collect();
    let message = format!("`{}` opens no declaration", stop.shown(0));
    match nearest(word, &words).filter(|_| stop.is_word(0) && stop.is_word(1)) {
        Some(meant) => stop.error(codes::RL0014, message).meant(stop.span(0, 0), meant),
        None => stop.slip(
            message,
            "a declaration starts with one of `dim config data encoder bottleneck prior decoder net module fn model loss train eval sample`",
        ),
    }
}

/// `a = 3` at top level.
fn loose(stop: &Halt<'_>) -> Diagnostic {
    let (name, sign) = (stop.shown(0), stop.word(1));
    let message = format!("`{name} {sign} ...` stands outside of any body");
    let help = match sign {
        "=" => format!(
            "say what it is: `const {name} = ...`, `dim {name} = ...` or `loss {name} = ...`"
        ),
        "~" => format!("put it in a density: `prior p({name}) {{ {name} ~ ... }}`"),
        _ => "put it in the braces of a `train` phase".to_string(),
    };
    stop.slip(message, help)
}

/// A keyword where only a name fits.
fn keyword_as_name(stop: &Halt<'_>) -> Option<Diagnostic> {
    let word = stop.word(0);
    let only_a_name = stop.wants(Rule::ident) && stop.rules.len() == 1;
    if !is_keyword(word) || !only_a_name {
        return None;
    }
    let message = format!("`{word}` is a keyword and cannot be a name");
    Some(stop.error(codes::RL0015, message).help(format!("choose another name, such as `{word}_`")))
}

/// A statement that does not open like one.
fn statement(stop: &Halt<'_>) -> Option<Diagnostic> {
    let (word, before) = (stop.word(0), stop.word(-1));
    if stop.wants(Rule::assign) && ["for", "while"].contains(&before) {
        let help = "write `repeat n { ... }` in a train phase; in expressions `chain(i in 0..n) { ... }`, `scan` or `map`";
        let message = format!("there is no `{before}`");
        return Some(stop.slip(message, help).at(stop.span(-1, -1), ""));
    }
    if !stop.wants_statement() {
        return None;
    }
    if word == "if" && !stop.after_value() {
        let help = "choose between values: `let y = if a then b else c`";
        return Some(stop.slip("`if` is an expression, not a statement", help));
    }
    if word == "," && stop.after_value() {
        let help = "delete it: statements need no sign between them";
        return Some(stop.slip("a comma between statements", help).instead(""));
    }
    if ITEM_WORDS.contains(&word) && !["param", "state"].contains(&word) {
        let help = "declare it at top level, or close the braces before it with `}`";
        return Some(stop.slip(format!("`{word}` cannot stand in a body"), help));
    }
    None
}
