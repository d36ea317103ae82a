//! Slips inside a declaration, by what was found and what would have fitted.

use super::Halt;
use super::openings::is_keyword;
use crate::base::Diagnostic;
use crate::syntax::grammar::Rule;
use crate::syntax::lex::TokenKind;

/// The slips, in the order in which they are tried.
const SLIPS: [fn(&Halt<'_>) -> Option<Diagnostic>; 12] = [
    missing_value,
    missing_part,
    wrong_equals,
    missing_draw,
    missing_type,
    numbers,
    bars_and_arrows,
    lambdas_and_powers,
    literals,
    phases,
    choices,
    side_by_side,
];

pub(super) fn explain(stop: &Halt<'_>) -> Option<Diagnostic> {
    SLIPS.iter().find_map(|slip| slip(stop))
}

/// Types of other languages, and what to write.
const FOREIGN_TYPES: [(&str, &str); 11] = [
    ("float", "f32"),
    ("Float", "f32"),
    ("float32", "f32"),
    ("double", "f32"),
    ("f64", "f32"),
    ("real", "f32"),
    ("tensor", "f32[D]"),
    ("Tensor", "f32[D]"),
    ("integer", "int"),
    ("boolean", "bool"),
    ("vector", "f32[D]"),
];

/// Nothing, or a closing sign, where a value must be.
fn missing_value(stop: &Halt<'_>) -> Option<Diagnostic> {
    let (word, before) = (stop.word(0), stop.word(-1));
    let nothing = stop.at_end()
        || matches!(word, ")" | "]" | "}" | "," | "then" | "else" | "as" | "with" | "over");
    if !(stop.wants_value() && nothing) {
        return None;
    }
    let message = format!("a value is missing after `{before}`");
    let help = match before {
        "=" | "~" | "<-" => "write the value on the right".to_string(),
        "return" => "write what is returned: `return h`".to_string(),
        "track" | "report" | "emit" => format!("write what to {before}: `{before} nelbo`"),
        "minimize" | "maximize" => {
            format!("write `{before} nelbo over (enc, dec) with adam(lr = 1e-3)`")
        }
        _ => format!("write a value, or delete the `{before}`"),
    };
    Some(stop.slip(message, help).at(stop.span(-1, -1), ""))
}

/// A part without which the construct makes no sense.
fn missing_part(stop: &Halt<'_>) -> Option<Diagnostic> {
    let (word, before) = (stop.word(0), stop.shown(-1));
    if before == "as" && stop.wants(Rule::ident) {
        return Some(
            stop.slip("a name is missing after `as`", "write `as image`").at(stop.span(-1, -1), ""),
        );
    }
    if word == "," && (before == "," || before == "(") {
        return Some(stop.slip("an argument is missing before this comma", "delete the comma"));
    }
    if stop.rules == [Rule::string] {
        let help = format!("write `use \"{}.rl\"`", stop.shown(0));
        return Some(stop.slip("the path of a file is a string", help));
    }
    if stop.rules == [Rule::lparen] && before == "]" {
        let help = "write what is averaged in parentheses: `E[z ~ q(z | x)](log p(x | z))`";
        return Some(stop.slip("an expectation needs a body", help).at(stop.span(-1, -1), ""));
    }
    if stop.rules == [Rule::ident] && stop.word(0) == "}" && before == "{" {
        let help = "declare its fields: `data mnist { x: f32[D], y: idx(10) }`";
        return Some(stop.slip("a data set needs fields", help).at(stop.span(-1, 0), ""));
    }
    if stop.rules == [Rule::ident] && word == ")" && before == "(" {
        let help = "name what it is a density of: `model p(x) { x ~ ... }`";
        return Some(stop.slip("a density needs a variable", help).at(stop.span(-1, 0), ""));
    }
    let slot = ["param", "state", "config"].contains(&stop.item_word());
    if slot && stop.at_end() && stop.wants(Rule::equals) {
        let help =
            "write how it starts: `param W: f32[D, H] = glorot()`, `state m: f32[D] = zeros()`";
        return Some(stop.slip("the initial value is missing", help).at(stop.span(-1, -1), ""));
    }
    if word == "->" && stop.rules == [Rule::lbrace] {
        let help =
            "a density gives its variable a type: `decoder p(x | z: f32[Z]) { x: bit[D] ~ ... }`";
        return Some(stop.slip("a density has no result", help));
    }
    None
}

/// `==` for `=`, `=` for `:` or `~`, `:=`, `+=`.
fn wrong_equals(stop: &Halt<'_>) -> Option<Diagnostic> {
    let (word, next, before) = (stop.word(0), stop.word(1), stop.shown(-1));
    let takes_value = stop.wants(Rule::equals) || stop.wants(Rule::binder);
    if word == "==" && takes_value {
        return Some(
            stop.slip("`==` compares two values", "write `=` to give a value").instead("="),
        );
    }
    if word == "=" && before == ":" {
        let name = stop.shown(-2);
        let help = format!("write `{name} = ...`, or put a type between: `{name}: f32 = ...`");
        return Some(stop.slip("`:=` is not an operator", help).at(stop.span(-1, 0), ""));
    }
    if word == ":" && next == "=" && stop.after_value() {
        let slip = stop.slip("`:=` is not an operator", "write `=`").at(stop.span(0, 1), "");
        return Some(slip.instead("="));
    }
    if "+-*/".contains(word) && !word.is_empty() && next == "=" && stop.wants(Rule::assign) {
        let help = format!("write the update in full: `{before} <- {before} {word} ...`");
        return Some(stop.slip(format!("there is no `{word}=`"), help).at(stop.span(0, 1), ""));
    }
    if word == "=" && stop.wants(Rule::draws) {
        let help = format!("write `E[{before} ~ ...](...)`: `~` draws from a density");
        return Some(stop.slip("an expectation draws its variable", help));
    }
    if word == "=" && stop.wants(Rule::colon) && !takes_value {
        let help = match stop.word(-2) {
            "config" | "param" | "state" => {
                format!("write `{}  {before}: f32 = ...`", stop.word(-2)).replace("  ", " ")
            }
            _ => format!("write `{before}: f32[D]`: a colon gives a type, `=` a value"),
        };
        return Some(stop.slip(format!("`{before}` needs a type"), help));
    }
    if ["batch", "epochs", "steps", "count"].contains(&before.as_str()) && word == "=" {
        return Some(stop.slip(format!("`{before}` takes no `=`"), format!("write `{before} 20`")));
    }
    None
}

/// `z Normal(0, 1)`, `loss a b`.
fn missing_draw(stop: &Halt<'_>) -> Option<Diagnostic> {
    let starts_value = stop.token(0).is_some_and(|t| t.kind != TokenKind::Sign);
    if !starts_value || stop.word(0) == "for" {
        return None;
    }
    let (word, before) = (stop.shown(0), stop.shown(-1));
    if stop.wants(Rule::binder) {
        // The name lies before a type, if there is one.
        let density = word.starts_with(|c: char| c.is_ascii_uppercase());
        let sign = if density { "~" } else { "=" };
        let message = format!("`{sign}` is missing before `{word}`");
        let help = if density {
            format!("write `~ {word}`: `~` draws from a distribution")
        } else {
            format!("write `= {word}` for a value, `~ {word}` for a draw")
        };
        return Some(stop.slip(message, help));
    }
    if stop.wants(Rule::draws) {
        let help = format!("write `E[{before} ~ {word}...](...)`");
        return Some(stop.slip(format!("`~` is missing before `{word}`"), help));
    }
    if stop.wants(Rule::equals) && !stop.after_value() {
        let message = format!("`=` is missing before `{word}`");
        return Some(stop.slip(message, format!("write `= {word}`")));
    }
    None
}

/// No type, an unknown type, or dims in parentheses.
fn missing_type(stop: &Halt<'_>) -> Option<Diagnostic> {
    let (word, before) = (stop.shown(0), stop.shown(-1));
    if stop.wants(Rule::r#type) || stop.wants(Rule::result) {
        let types = "types are `f32[D]`, `bit[D]`, `idx(V)`, `int`, `bool`";
        if !stop.is_word(0) {
            return Some(
                stop.slip(format!("a type is missing after `{before}`"), types)
                    .at(stop.span(-1, -1), ""),
            );
        }
        let message = format!("`{word}` is not a type");
        return Some(match FOREIGN_TYPES.iter().find(|(foreign, _)| *foreign == word) {
            // How many dims a tensor has is for the user to say.
            Some((_, ours)) if ours.contains('[') => stop.slip(message, format!("write `{ours}`")),
            Some((_, ours)) => stop.slip(message, format!("write `{ours}`")).instead(*ours),
            None => stop.slip(message, types),
        });
    }
    if stop.wants(Rule::colon) && stop.rules.len() == 1 && stop.token(0).is_some() {
        let message = format!("`:` is missing before `{word}`");
        return Some(stop.slip(message, format!("write `{before}: {word}`")));
    }
    if word == "(" && stop.wants(Rule::lbracket) && !stop.after_value() {
        let help = format!("write `{before}[...]`");
        return Some(stop.slip("dims stand in square brackets", help));
    }
    if word == ":" && stop.wants(Rule::equals) && stop.rules.len() == 1 {
        let help = format!("write `{before} = ...`");
        return Some(stop.slip(format!("`{before}` takes no type here"), help));
    }
    None
}

/// `.5` and `5.`
fn numbers(stop: &Halt<'_>) -> Option<Diagnostic> {
    let number = |offset| stop.token(offset).is_some_and(|t| t.kind == TokenKind::Number);
    if stop.word(0) == "." && number(1) && stop.wants_value() {
        let help = format!("write `0.{}`", stop.shown(1));
        let slip = stop.slip("a number starts with a digit", help).at(stop.span(0, 1), "");
        return Some(slip.instead(format!("0.{}", stop.word(1))));
    }
    if stop.word(-1) == "." && number(-2) {
        let help = format!("write `{}.0`", stop.shown(-2));
        let slip = stop.slip("a number ends with a digit", help).at(stop.span(-2, -1), "");
        return Some(slip.instead(format!("{}.0", stop.word(-2))));
    }
    if stop.word(-1) == "." && number(0) {
        let help = "an entry is `x[0]`; the parts of a tuple get names by `let (a, b) = x`";
        return Some(stop.slip("a member has a name, not a number", help));
    }
    None
}

/// `|`, `||`, `->`, `=>`, `<-`, `<>` where an operator would fit.
fn bars_and_arrows(stop: &Halt<'_>) -> Option<Diagnostic> {
    let word = stop.word(0);
    if stop.wants(Rule::given) && word == "||" {
        let help = "write `|` to condition: `p(x | z)`";
        return Some(stop.slip("`||` separates the sides of a divergence", help).instead("|"));
    }
    if stop.word(-1) == "<" && word == ">" {
        let slip = stop.slip("`<>` is not an operator", "write `!=`").at(stop.span(-1, 0), "");
        return Some(slip.instead("!="));
    }
    if !stop.after_value() {
        return None;
    }
    let (message, help) = match word {
        "|" => (
            "`|` conditions a density, inside its parentheses",
            "write `or` for a disjunction, `|>` to pass a value on",
        ),
        "||" => ("`||` separates the two sides of a divergence", "write `or` for a disjunction"),
        "<-" => (
            "`<-` updates a state or a weight, as a statement",
            "for \"less than minus\" put a blank between: `x < -y`",
        ),
        "->" | "=>" if stop.word(-1) == ")" => {
            ("this arrow does not fit here", "a lambda is `(x) => x + 1`")
        }
        "->" => (
            "`->` gives the type of a result",
            "pass a value on with `|>`; a lambda is `(x) => x + 1`",
        ),
        "=>" => ("a lambda names its arguments in parentheses", "write `(x) => x + 1`"),
        "=" if ["report", "track"].contains(&stop.word(-2)) => {
            ("the name of a figure stands behind it", "write `report e as name`")
        }
        "=" => ("`=` gives a value to a new name", "write `==` to compare"),
        _ => return None,
    };
    Some(stop.slip(message, help))
}

/// `lambda x: x`, `x ** 2`.
fn lambdas_and_powers(stop: &Halt<'_>) -> Option<Diagnostic> {
    if stop.word(-1) == "lambda" && stop.is_word(0) {
        let help = format!("write `({}) => ...`", stop.shown(0));
        return Some(stop.slip("a lambda has no keyword", help).at(stop.span(-1, 0), ""));
    }
    if stop.word(-1) == "*" && stop.word(0) == "*" {
        let slip = stop.slip("`**` is not an operator", "write `^` for a power");
        return Some(slip.at(stop.span(-1, 0), "").instead("^"));
    }
    if stop.word(-1) == "/" && stop.word(0) == "/" {
        return Some(stop.slip("`//` starts a comment", "write `floor(a / b)`"));
    }
    None
}

/// Lists, sets, and keywords where a value must be.
fn literals(stop: &Halt<'_>) -> Option<Diagnostic> {
    if !stop.wants_value() {
        return None;
    }
    let word = stop.word(0);
    let (message, help) = match word {
        "[" => (
            "there are no list literals".to_string(),
            "write `(a, b)` for a tuple, `concat(a, b)` for a vector",
        ),
        "{" if ["batch", "epochs", "steps", "count", "repeat", "from"].contains(&stop.word(-1)) => {
            (format!("a value is missing after `{}`", stop.word(-1)), "write it before the brace")
        }
        "{" => (
            "braces hold statements, not values".to_string(),
            "write `(a = 1, b = 2)` for a record",
        ),
        "and" | "or" => {
            (format!("a value is missing before `{word}`"), "write what is joined on both sides")
        }
        "if" => (
            "an `if` inside an expression needs parentheses".to_string(),
            "write `a + (if b then c else d)`",
        ),
        _ if is_keyword(word) => (
            format!("`{word}` is a keyword, not a value"),
            "write a value before it, or choose another name",
        ),
        _ => return None,
    };
    Some(stop.slip(message, help))
}

/// Headers of phases and updates.
fn phases(stop: &Halt<'_>) -> Option<Diagnostic> {
    let word = stop.shown(0);
    if stop.wants(Rule::k_over) && (word == "with" || word == "}") {
        let help = "say whose weights move: `minimize L over (enc, dec) with adam(lr = 1e-3)`";
        return Some(stop.slip("`over` is missing in this update", help));
    }
    if stop.wants(Rule::k_with) {
        let help = "say how they move: `minimize L over (enc, dec) with adam(lr = 1e-3)`";
        return Some(stop.slip("`with` is missing in this update", help));
    }
    if stop.wants(Rule::k_stalls) {
        let help = "say how long to wait: `until nll stalls 5 on d.valid`";
        return Some(stop.slip("`stalls` is missing after `until`", help));
    }
    if stop.wants(Rule::k_epochs) {
        let help = "a header reads `train fit on d.train batch 128 epochs 20 { ... }`";
        let message = match word.as_str() {
            "," => "a header has no commas".to_string(),
            "(" => "a header has no parentheses".to_string(),
            _ if stop.at_end() => "a phase needs a body in braces".to_string(),
            _ if stop.is_word(0) && stop.word(-2) != "on" => {
                format!("`on` is missing before `{word}`")
            }
            _ => return None,
        };
        return Some(stop.slip(message, help));
    }
    None
}

/// `if` without `then` or `else`, `chain` and `scan` without their heads.
fn choices(stop: &Halt<'_>) -> Option<Diagnostic> {
    if stop.wants(Rule::k_then) {
        return Some(stop.slip("`then` is missing in this `if`", "write `if a then b else c`"));
    }
    if stop.wants(Rule::k_else) {
        return Some(stop.slip("`else` is missing in this `if`", "write `if a then b else c`"));
    }
    let bare_in = stop.wants(Rule::k_in) && stop.rules.len() == 1;
    if bare_in {
        let help = "write `chain(i in 0..n) { ... }` or `scan(h = h0, x in xs) { ... }`";
        return Some(stop.slip("`in` is missing after the loop's variable", help));
    }
    None
}

/// Two values, or a value and a word that cannot follow it.
fn side_by_side(stop: &Halt<'_>) -> Option<Diagnostic> {
    let (word, before) = (stop.shown(0), stop.shown(-1));
    if stop.wants_statement() && !stop.word(0).is_empty() && !stop.after_value() {
        let help = "name it with `let y = ...`, give it back with `return ...`, or delete it";
        return Some(stop.slip(format!("`{word}` opens no statement"), help));
    }
    // A name opened a statement, and what follows makes it an expression.
    if stop.wants(Rule::assign) && !stop.after_value() {
        let help = format!(
            "name it with `let y = {before}...`, or give it back with `return {before}...`"
        );
        return Some(stop.slip("a value alone is not a statement", help).at(stop.span(-1, -1), ""));
    }
    let starts_value = stop.token(0).is_some_and(|t| t.kind != TokenKind::Sign);
    if !(stop.after_value() && starts_value) {
        return None;
    }
    if is_keyword(&word) {
        let help = "statements belong in braces: `{ let h = ...  return h }`";
        return Some(stop.slip(format!("`{word}` cannot follow a value"), help));
    }
    let help = if stop.wants(Rule::comma) {
        format!("put a comma or an operator between `{before}` and `{word}`")
    } else if stop.is_word(-1) {
        format!("put an operator between `{before}` and `{word}`; a call is `{before}({word})`")
    } else {
        format!("put an operator between `{before}` and `{word}`")
    };
    Some(stop.slip(format!("`{word}` follows a value without an operator"), help))
}
