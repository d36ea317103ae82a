//! Conversations as text. In: a script. Out: the same script with what the server says now.

use crate::client::{Client, byte, edited};
use serde_json::{Value, json};
use std::fmt::Write;

pub fn replay(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut client = Client::start(folder.path());
    let (mut out, mut lines) = (String::new(), text.lines().peekable());
    while let Some(line) = lines.next() {
        if line.starts_with('#') {
            writeln!(out, "{line}").unwrap();
        } else if let Some((word, name)) =
            line.split_once(' ').filter(|(w, _)| ["file", "open"].contains(w))
        {
            let mut text = String::new();
            writeln!(out, "{line}").unwrap();
            while let Some(more) = lines.next_if(|line| line.starts_with('|')) {
                writeln!(out, "{more}").unwrap();
                text.push_str(more.strip_prefix("| ").unwrap_or(""));
                text.push('\n');
            }
            match word {
                "file" => std::fs::write(folder.path().join(name), &text).unwrap(),
                _ => client.open(name, &text),
            }
            writeln!(out).unwrap();
        } else if let Some(command) = line.strip_prefix("$ ") {
            let answer = run(&mut client, command);
            writeln!(out, "{line}\n{}\n", answer.trim_end()).unwrap();
        }
    }
    let home = format!("file://{}/", folder.path().display());
    let plain = format!("{}/", folder.path().display());
    assert_eq!(client.end(), 0);
    // A command without an answer has no line of its own.
    let out = out.replace(&home, "").replace(&plain, "").replace("\n\n\n", "\n\n");
    out.trim_end().to_string() + "\n"
}

fn run(client: &mut Client, command: &str) -> String {
    let (word, rest) = command.split_once(' ').unwrap();
    let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    // What is asked for is told of the text as it is now.
    client.wrong(name);
    let text = client.texts[name].0.clone();
    let (place, new) = rest.split_once(" => ").unwrap_or((rest, ""));
    let bytes = || bytes(&text, place);
    match word {
        "change" => {
            client.replace(name, bytes(), &new.replace("\\n", "\n"));
            String::new()
        }
        "wrong" => client.wrong(name).iter().map(diagnostic).collect(),
        "hover" => shown(client.about("hover", name, bytes().start), hover),
        "definition" => shown(client.about("definition", name, bytes().start), location),
        "references" => references(client, name, &text, bytes().start),
        "complete" => complete(client, name, &text, bytes().end),
        "signature" => shown(client.about("signatureHelp", name, bytes().end), signature),
        "rename" => match client.rename(name, bytes().start, new) {
            Ok(edit) => changed(client, &edit["changes"]),
            Err(why) => format!("refused: {why}\n"),
        },
        "prepare" => shown(client.about("prepareRename", name, bytes().start), |answer| {
            format!("{}\n", answer["placeholder"].as_str().unwrap_or("nothing"))
        }),
        "fix" => {
            let context = json!({ "diagnostics": [] });
            let answer = client.about_range("codeAction", name, 0..text.len(), context);
            shown(answer, |list| {
                list.as_array().unwrap().iter().map(|a| action(client, a)).collect()
            })
        }
        "hints" => {
            let answer = client.about_range("inlayHint", name, 0..text.len(), Value::Null);
            shown(answer, |list| hints(&text, list))
        }
        "format" => {
            let options = json!({ "tabSize": 2, "insertSpaces": true });
            let params = json!({ "textDocument": client.document(name), "options": options });
            let answer = client.ask("textDocument/formatting", params);
            shown(answer, |edits| quoted(&edited(&text, edits)))
        }
        "symbols" => {
            let params = json!({ "textDocument": client.document(name) });
            shown(client.ask("textDocument/documentSymbol", params), |list| symbols(list, 0))
        }
        "colors" => {
            let params = json!({ "textDocument": client.document(name) });
            shown(client.ask("textDocument/semanticTokens/full", params), |one| colors(&text, one))
        }
        _ => panic!("{command}"),
    }
}

/// `LINE:WORDS`, the words as often as there are signs `+` behind them further on.
fn bytes(text: &str, place: &str) -> std::ops::Range<usize> {
    let (line, words) = place.split_once(':').unwrap_or_else(|| panic!("{place}"));
    let line: usize = line.parse().unwrap_or_else(|_| panic!("{place}"));
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let at = text[start..end].find(words).unwrap_or_else(|| panic!("no {words} in line {line}"));
    start + at..start + at + words.len()
}

fn shown(answer: Result<Value, String>, show: impl Fn(&Value) -> String) -> String {
    match answer {
        Ok(Value::Null) => "nothing\n".into(),
        Ok(answer) => show(&answer),
        Err(why) => format!("refused: {why}\n"),
    }
}

fn at(place: &Value) -> String {
    format!("{}:{}", place["line"].as_u64().unwrap() + 1, place["character"].as_u64().unwrap() + 1)
}

fn range(range: &Value) -> String {
    format!("{}-{}", at(&range["start"]), at(&range["end"]))
}

fn diagnostic(one: &Value) -> String {
    let severity = ["", "error", "warning", "note"][one["severity"].as_u64().unwrap() as usize];
    let message = one["message"].as_str().unwrap().replace('\n', "\n  ");
    let code = one["code"].as_str().unwrap();
    let mut text = format!("{} {severity} {code}: {message}\n", range(&one["range"]));
    for other in one["relatedInformation"].as_array().into_iter().flatten() {
        let place = location(&other["location"]);
        let _ = writeln!(text, "  {}: {}", place.trim_end(), other["message"].as_str().unwrap());
    }
    text
}

fn hover(answer: &Value) -> String {
    format!("{}\n", answer["contents"]["value"].as_str().unwrap())
}

fn location(answer: &Value) -> String {
    let uri = answer["uri"].as_str().unwrap();
    let version = format!("-{}", env!("CARGO_PKG_VERSION"));
    format!("{} {}\n", uri.replace(&version, ""), range(&answer["range"]))
}

fn references(client: &mut Client, name: &str, text: &str, at: usize) -> String {
    let place = crate::client::place(text, at);
    let context = json!({ "includeDeclaration": true });
    let document = client.document(name);
    let params = json!({ "textDocument": document, "position": place, "context": context });
    let answer = client.ask("textDocument/references", params);
    shown(answer, |list| list.as_array().unwrap().iter().map(location).collect())
}

/// What begins like the word that is being typed; of many, the first ones.
fn complete(client: &mut Client, name: &str, text: &str, at: usize) -> String {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let start = text[..at].trim_end_matches(word).len();
    let typed = &text[start..at];
    shown(client.about("completion", name, at), |list| {
        let mut all: Vec<&Value> = list.as_array().unwrap().iter().collect();
        all.retain(|item| item["label"].as_str().unwrap().starts_with(typed));
        all.sort_by_key(|item| item["sortText"].as_str().or(item["label"].as_str()).unwrap());
        let more = all.len().saturating_sub(MOST);
        let one = |item: &&Value| {
            let detail = item["detail"].as_str().map_or(String::new(), |text| format!("  {text}"));
            format!("{}{detail}\n", item["label"].as_str().unwrap())
        };
        let shown: String = all.iter().take(MOST).map(one).collect();
        if more > 0 { format!("{shown}and more\n") } else { shown }
    })
}

const MOST: usize = 8;

fn signature(answer: &Value) -> String {
    let of = |one: &Value| {
        let label = one["label"].as_str().unwrap();
        let active =
            one["activeParameter"].as_u64().map(|n| &one["parameters"][n as usize]["label"]);
        let part = active.map(|part| {
            let [start, end] = [0, 1].map(|at| part[at].as_u64().unwrap() as usize);
            label[start..end].to_string()
        });
        format!("{label}: {}\n", part.unwrap_or_default())
    };
    answer["signatures"].as_array().unwrap().iter().map(of).collect()
}

/// The lines that changes make, file by file.
fn changed(client: &Client, changes: &Value) -> String {
    let mut out = String::new();
    for (uri, edits) in changes.as_object().unwrap() {
        let path = uri.strip_prefix("file://").unwrap();
        let name = path.rsplit('/').next().unwrap();
        let text = client.texts.get(name).map(|(text, _)| text.clone());
        let text = text.unwrap_or_else(|| std::fs::read_to_string(path).unwrap());
        let new = edited(&text, edits);
        for (number, (old, new)) in text.lines().zip(new.lines()).enumerate() {
            if old != new {
                writeln!(out, "{name}:{}| {new}", number + 1).unwrap();
            }
        }
    }
    out
}

fn action(client: &Client, one: &Value) -> String {
    let title = one["title"].as_str().unwrap();
    format!("{title}\n{}", changed(client, &one["edit"]["changes"]))
}

/// The text with its hints in it.
fn hints(text: &str, list: &Value) -> String {
    let mut new = text.to_string();
    for hint in list.as_array().unwrap().iter().rev() {
        let label = hint["label"].as_str().unwrap();
        let blank = if hint["paddingLeft"] == true { " " } else { "" };
        new.insert_str(byte(text, &hint["position"]), &format!("{blank}/*{label}*/"));
    }
    let lines = new.lines().filter(|line| line.contains("/*"));
    lines.map(|line| format!("{line}\n")).collect()
}

fn quoted(text: &str) -> String {
    text.lines().map(|line| format!("  {line}").trim_end().to_string() + "\n").collect()
}

fn symbols(list: &Value, depth: usize) -> String {
    let one = |one: &Value| {
        let inner = one.get("children").map_or(String::new(), |list| symbols(list, depth + 1));
        let name = one["name"].as_str().unwrap();
        let detail = one["detail"].as_str().map_or(String::new(), |text| format!("  {text}"));
        format!("{}{name}{detail}\n{inner}", "  ".repeat(depth))
    };
    list.as_array().unwrap().iter().map(one).collect()
}

/// Words with the numbers of their classes in words.
fn colors(text: &str, answer: &Value) -> String {
    const NAMES: [&str; 12] = [
        "keyword",
        "type",
        "number",
        "text",
        "comment",
        "property",
        "variable",
        "parameter",
        "function",
        "class",
        "namespace",
        "phase",
    ];
    let numbers: Vec<u64> =
        answer["data"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
    let (mut line, mut start, mut out) = (0, 0, String::new());
    for token in numbers.chunks(5) {
        start = if token[0] > 0 { token[1] } else { start + token[1] };
        line += token[0];
        let from = byte(text, &json!({ "line": line, "character": start }));
        let to = byte(text, &json!({ "line": line, "character": start + token[2] }));
        let bits = [(1, "declared"), (2, "constant"), (4, "library")];
        let bits = bits.iter().filter(|(bit, _)| token[4] & bit > 0).map(|(_, name)| *name);
        let words: Vec<&str> = [NAMES[token[3] as usize]].into_iter().chain(bits).collect();
        writeln!(out, "{} {}", &text[from..to], words.join(" ")).unwrap();
    }
    out
}
