//! Calls of sources outside of a model file. In: `csv:FILE,sep=;` of a command line or a record of
//! settings, the call that it replaces. Out: the call. Knows no type of an argument.

use super::options::{self, OPTIONS};
use super::source::SOURCES;
use crate::base::{Diagnostic, codes};
use crate::model::ir::{Source, Static};

/// A source as the command line writes it: `idx:DIR`, `npz:FILE,binarize=fixed`. A comma may be a
/// value: `csv:FILE,sep=;,decimal=,`. What stands in quotes is a text as it is, several numbers or
/// texts stand in parentheses: `csv:"a,b=1.csv",split=(0.8,0.1,0.1)`, and so do the arguments of a source in a
/// source: `skipgrams:text(a.txt,tokens=word),window=5`.
pub fn parse(text: &str) -> Result<Source, Diagnostic> {
    let (name, mut rest) = text.split_once([':', ',']).unwrap_or((text, ""));
    if !SOURCES.iter().any(|row| row.name == name) {
        let text = format!("`{text}` is not SOURCE:PATH");
        let error = Diagnostic::new(codes::RL2066, text);
        return Err(
            error.help("for example `--data digits=idx:folder` or `--data x=csv:table.csv`")
        );
    }
    let mut args = Vec::new();
    while !rest.is_empty() {
        let key = keyword(rest);
        let value = key.map_or(rest, |key| &rest[key.len() + 1..]);
        let (value, after) = match value.chars().next() {
            Some('"') => quoted(value)?,
            Some('(') if key.is_some() => several(value).unwrap_or_else(|| plain(value)),
            Some(',') if matches!(key, Some("sep" | "decimal")) && comma(value) => {
                (Static::Str(",".into()), &value[1..])
            }
            _ => match called(value) {
                Some((call, after)) => (Static::Call(parse(&call)?), after),
                None => plain(value),
            },
        };
        rest = match after.strip_prefix(',') {
            Some(next) => next,
            None if after.is_empty() => after,
            None => return Err(wrong(name, "a comma is missing behind the quote")),
        };
        match key {
            Some(key) => args.push((Some(key.trim().to_string()), value)),
            None if value == Static::Str(String::new()) => {}
            None => args.push((None, value)),
        }
    }
    Ok(Source { name: name.into(), args, ..Source::default() })
}

fn wrong(name: &str, text: &str) -> Diagnostic {
    let error = Diagnostic::new(codes::RL2066, format!("source `{name}`: {text}"));
    error.help("write a path that holds `=` or `,` so: `--data 'NAME=csv:\"PATH\"'`")
}

/// The word before `=` at the start of an argument. A path such as `lr=0.1/x.csv` has one, too: it
/// stands in quotes; `runs/lr=0.1` has none.
fn keyword(text: &str) -> Option<&str> {
    let (key, _) = text.split_once('=')?;
    let word = key.trim();
    let is_word = word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (is_word && !word.is_empty()).then_some(key)
}

/// Whether a comma that stands for a value is a comma, not the end of an empty value.
fn comma(value: &str) -> bool {
    value == "," || value.starts_with(",,")
}

/// A text in quotes, and what stands behind it; two quotes in it are one.
fn quoted(value: &str) -> Result<(Static, &str), Diagnostic> {
    let (mut text, mut rest) = (String::new(), &value[1..]);
    while let Some((part, after)) = rest.split_once('"') {
        text.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                text.push('"');
                rest = more;
            }
            None => return Ok((Static::Str(text), after)),
        }
    }
    let error = Diagnostic::new(codes::RL2066, format!("`{value}`: a quote is not closed"));
    Err(error.help("close the quote, or leave it out"))
}

/// Numbers or texts in parentheses, and what stands behind them.
fn several(value: &str) -> Option<(Static, &str)> {
    let (mut list, mut rest) = (Vec::new(), value.strip_prefix('(')?);
    loop {
        rest = rest.trim_start();
        let (part, after) = match rest.starts_with('"') {
            true => quoted(rest).ok()?,
            false => {
                let (part, after) = rest.split_at(rest.find([',', ')'])?);
                (literal(part.trim()), after)
            }
        };
        list.push(part);
        rest = after.trim_start();
        if let Some(after) = rest.strip_prefix(')') {
            let ends = after.is_empty() || after.starts_with(',');
            return ends.then_some((Static::Tuple(list), after));
        }
        rest = rest.strip_prefix(',')?;
    }
}

/// A source as the argument of another one, as a call by itself, and what stands behind it.
fn called(value: &str) -> Option<(String, &str)> {
    let (name, inside) = value.split_once('(')?;
    SOURCES.iter().find(|row| row.name == name)?;
    let (mut depth, mut quoted) = (1, false);
    let end = inside.char_indices().find(|(_, c)| {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    let (inside, after) = inside.split_at(end?.0);
    let after = &after[1..];
    let ends = after.is_empty() || after.starts_with(',');
    ends.then(|| (format!("{name}:{inside}"), after))
}

/// A value up to the next comma, and what stands behind it.
fn plain(value: &str) -> (Static, &str) {
    let end = value.find(',').unwrap_or(value.len());
    let (value, after) = value.split_at(end);
    (literal(value.trim()), after)
}

fn literal(text: &str) -> Static {
    match (text.parse::<i64>(), text.parse::<f64>(), text) {
        (Ok(n), _, _) => Static::Int(n),
        (_, Ok(x), _) if x.is_finite() => Static::Float(x),
        (_, _, "true" | "false") => Static::Bool(text == "true"),
        _ => Static::Str(text.to_string()),
    }
}

/// Options of the file that say how its data is used stay in force when the command line replaces
/// where the data is.
pub fn replace(file: Option<&Source>, new: &Source) -> Source {
    let mut source = new.clone();
    let stays = |name: &str, value: &Static| {
        OPTIONS.iter().any(|row| row.stays && row.name == name) && options::is_value(name, value)
    };
    let again = |(given, value): &(Option<String>, Static), name: &str| {
        given.as_deref() == Some(name) && options::is_value(name, value)
    };
    let own = file.iter().flat_map(|file| file.args.iter().enumerate());
    let kept = own.filter(|(_, (name, value))| {
        name.as_deref()
            .is_some_and(|name| stays(name, value) && !new.args.iter().any(|arg| again(arg, name)))
    });
    source.places.resize(source.args.len(), None);
    for (at, arg) in kept {
        source.args.push(arg.clone());
        source.places.push(file.and_then(|file| file.places.get(at).copied().flatten()));
    }
    source
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::data::args::describe;

    #[test]
    fn calls() {
        for (text, expected) in [
            ("csv:a.csv,sep=;,decimal=,", "csv(\"a.csv\", sep = \";\", decimal = \",\")"),
            ("csv:a.csv,sep=,,decimal=.", "csv(\"a.csv\", sep = \",\", decimal = \".\")"),
            ("csv:a.csv,sep=,skip=1", "csv(\"a.csv\", sep = \"\", skip = 1)"),
            ("csv:\"a=b,c.csv\",skip=1", "csv(\"a=b,c.csv\", skip = 1)"),
            ("csv:file=\"1\"", "csv(file = \"1\")"),
            ("csv:\"say \"\"a\"\"\"", "csv(\"say \\\"a\\\"\")"),
            ("csv:runs/lr=0.1/x.csv,rows=2", "csv(\"runs/lr=0.1/x.csv\", rows = 2)"),
            ("csv:(1).csv,split=(0.8, 0.1,0.1)", "csv(\"(1).csv\", split = (0.8, 0.1, 0.1))"),
            ("csv:a.csv,split=(0.8", "csv(\"a.csv\", split = \"(0.8\")"),
            (
                "metapath:edges=(A-P:a.csv, \"P-C: b,c.csv\"),along=A-P",
                "metapath(edges = (\"A-P:a.csv\", \"P-C: b,c.csv\"), along = \"A-P\")",
            ),
            ("npy:a.npy,,b.npy,", "npy(\"a.npy\", \"b.npy\")"),
            ("moons,n=5", "moons(n = 5)"),
            (
                "skipgrams:text(a.txt,tokens=word,unknown=\")\"),window=2",
                "skipgrams(text(\"a.txt\", tokens = \"word\", unknown = \")\"), window = 2)",
            ),
            ("csv:text(1).csv", "csv(\"text(1).csv\")"),
            ("csv:C:x.csv,header=true", "csv(\"C:x.csv\", header = true)"),
        ] {
            assert_eq!(describe(&parse(text).unwrap()), expected, "{text}");
        }
        for text in ["csv:\"a.csv", "csv:\"a\".csv", "table:a.csv"] {
            assert_eq!(parse(text).unwrap_err().code, codes::RL2066, "{text}");
        }
    }

    #[test]
    fn options_of_use_stay_when_the_source_is_replaced() {
        let file = parse("uci_digits:binarize=fixed,per_class=10,split=0.5,seed=3").unwrap();
        let new = parse("idx:mnist,seed=4").unwrap();
        let source = replace(Some(&file), &new);
        let get = |name: &str| source.args.iter().find(|(n, _)| n.as_deref() == Some(name));
        assert_eq!(source.name, "idx");
        assert_eq!(get("per_class").map(|(_, value)| value), Some(&Static::Int(10)));
        assert_eq!(get("seed").map(|(_, value)| value), Some(&Static::Int(4)));
        // A file of labels is no choice of rows.
        let file = Source {
            name: "idx".into(),
            args: vec![(Some("labels".into()), Static::Str("l".into()))],
            ..Source::default()
        };
        assert!(
            replace(Some(&file), &new).args.iter().all(|(n, _)| n.as_deref() != Some("labels"))
        );
        // How the shares of a split are taken belongs to the source that was replaced.
        assert!(get("split").is_none() && get("binarize").is_some());
    }
}
