//! The configuration of a run. In: a YAML text and the values of flags. Out: settings with their
//! origin, and the YAML text that repeats the run. The only user of serde_yaml.
//!
//! YAML is read as plain mappings: anchors, aliases, tags and merge keys are refused by a scan
//! before the parser sees them, since a few lines of them can unfold to gigabytes.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use crate::base::text::is_plain;
use crate::base::{Code, Diagnostic, Diagnostics, FileId, Span, budget, codes, nearest};
use crate::model::ir::Static;
use serde_yaml::Value;
use std::collections::BTreeMap;

/// A configuration is at most this long.
pub const MOST_BYTES: usize = budget::CONFIG_BYTES.most;
/// Brackets nest at most this deep.
const MOST_DEPTH: usize = 16;
const KEYS: &[&str] = &["set", "data", "seed", "threads", "device", "out", "phases"];

/// A setting and where it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Static,
    /// Its place in a configuration file; `None` for the command line.
    pub span: Option<Span>,
    /// How the command line writes it.
    pub text: Option<String>,
}

/// What a configuration file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Values of `dim` and `config` items.
    pub set: Vec<Setting>,
    /// Sources of data sets, as the command line writes them.
    pub data: Vec<(String, String, Option<Span>)>,
    /// The seed.
    pub seed: Option<u32>,
    /// Threads.
    pub threads: Option<usize>,
    /// The device.
    pub device: Option<String>,
    /// The run folder.
    pub out: Option<String>,
    /// The phases to run.
    pub phases: Option<Vec<String>>,
}

/// Reads a configuration. An empty one is the default.
pub fn read(file: FileId, text: &str) -> Result<Config, Diagnostic> {
    if text.len() > MOST_BYTES {
        let text = format!("a configuration of {} bytes, the limit is {MOST_BYTES}", text.len());
        return Err(Diagnostic::new(codes::RL1003, text));
    }
    scan(file, text)?;
    let root: Value = serde_yaml::from_str(text).map_err(|why| syntax(file, text, &why))?;
    let walk = Walk { file, text };
    let mut config = Config::default();
    let map = match &root {
        Value::Null => return Ok(config),
        Value::Mapping(map) => map,
        _ => return Err(walk.wrong(codes::RL1008, &[], "this is not a list of `key: value`")),
    };
    for (key, value) in map {
        walk.entry(&mut config, walk.word(key, &[])?, value)?;
    }
    Ok(config)
}

/// Where the parser stopped, in our words.
fn syntax(file: FileId, text: &str, why: &serde_yaml::Error) -> Diagnostic {
    let message = why.to_string();
    let at = why.location().map_or(0, |place| place.index().min(text.len()));
    let end = text[text.floor_char_boundary(at)..].find('\n').map_or(text.len(), |n| at + n);
    let span = Span::new(file, at, end);
    if message.contains("duplicate entry") {
        let key = message.split('"').nth(1).unwrap_or_default();
        let error = Diagnostic::new(codes::RL1002, format!("`{}` stands twice", visible(key)));
        return match (Walk { file, text }).twice(key) {
            Some((first, second)) => error.at(second, "again here").also(first, "first here"),
            None => error,
        };
    }
    if message.contains("more than one document") {
        return Diagnostic::new(codes::RL1008, "more than one document").help("remove the `---`");
    }
    if message.contains("invalid type: integer") {
        let text = "an integer is too large";
        return Diagnostic::new(codes::RL1006, text).at(span, "");
    }
    let code = codes::RL1004;
    Diagnostic::new(code, format!("this does not read as YAML: {message}")).at(span, "")
}

/// At most 40 characters of a key, for messages.
fn visible(key: &str) -> String {
    key.chars().take(40).flat_map(char::escape_debug).collect()
}

/// Refuses what may not stand in a configuration. The scan knows comment lines and nothing else of
/// YAML: what only looks like an anchor, inside a text, is refused too, so that no way of quoting can
/// hide one.
fn scan(file: FileId, text: &str) -> Result<(), Diagnostic> {
    let mut depth = 0usize;
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim_start().starts_with('#') {
            scan_line(file, line, from, &mut depth)?;
        }
        from += line.len();
    }
    Ok(())
}

fn scan_line(file: FileId, line: &str, from: usize, depth: &mut usize) -> Result<(), Diagnostic> {
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        let place = Span::new(file, from + at, from + at + c.len_utf8());
        let refuse = |code, what: &str| Err(Diagnostic::new(code, what).at(place, ""));
        let starts = before.is_whitespace() || "[{,:-?".contains(before);
        let next = line[at + c.len_utf8()..].chars().next().unwrap_or(' ');
        match c {
            '&' | '*' if starts && !next.is_whitespace() => {
                let error = refuse(codes::RL1003, "anchors and aliases are not allowed");
                return error.map_err(|e| e.help("write the value out"));
            }
            '!' if starts && !next.is_whitespace() => {
                return refuse(codes::RL1003, "tags are not allowed");
            }
            '<' if starts && next == '<' => {
                return refuse(codes::RL1003, "merge keys are not allowed");
            }
            '[' | '{' => {
                *depth += 1;
                if *depth > MOST_DEPTH {
                    let what = format!("brackets nest deeper than {MOST_DEPTH}");
                    return refuse(codes::RL1004, &what);
                }
            }
            ']' | '}' => *depth = depth.saturating_sub(1),
            _ => {}
        }
        before = c;
    }
    Ok(())
}

/// Turns values into a [`Config`] and finds places for messages.
struct Walk<'t> {
    file: FileId,
    text: &'t str,
}

impl Walk<'_> {
    /// A message at the key that this path of keys leads to.
    fn wrong(&self, code: Code, path: &[&str], text: impl Into<String>) -> Diagnostic {
        let error = Diagnostic::new(code, text);
        match self.place(path) {
            Some(span) => error.at(span, ""),
            None => error,
        }
    }

    /// The place of a key: each key of the path stands after the one before it.
    fn place(&self, path: &[&str]) -> Option<Span> {
        let mut from = 0;
        let mut found = None;
        for key in path {
            let at = from + self.find(&self.text[from..], key)?;
            found = Some(Span::new(self.file, at, at + key.len()));
            from = at + key.len();
        }
        found
    }

    fn find(&self, text: &str, key: &str) -> Option<usize> {
        text.match_indices(key).map(|(at, _)| at).find(|at| {
            let before = text[..*at].chars().next_back();
            let after = text[at + key.len()..].trim_start_matches(['"', '\'', ' ']);
            let open = |c: char| c.is_whitespace() || matches!(c, '{' | ',' | '"' | '\'');
            before.is_none_or(open) && after.starts_with(':')
        })
    }

    /// The first two places of a key.
    fn twice(&self, key: &str) -> Option<(Span, Span)> {
        let first = self.find(self.text, key)?;
        let rest = first + key.len();
        let second = rest + self.find(&self.text[rest..], key)?;
        let span = |at: usize| Span::new(self.file, at, at + key.len());
        Some((span(first), span(second)))
    }

    fn word<'v>(&self, key: &'v Value, path: &[&str]) -> Result<&'v str, Diagnostic> {
        key.as_str().ok_or_else(|| self.wrong(codes::RL1001, path, "a key is not a word"))
    }

    fn entry(&self, config: &mut Config, key: &str, value: &Value) -> Result<(), Diagnostic> {
        let path = &[key];
        match key {
            "set" => {
                for (name, value) in self.map(value, path)? {
                    let name = self.word(name, path)?;
                    let path = &[key, name];
                    let value = self.value(value, path)?;
                    let (name, span) = (name.into(), self.place(path));
                    config.set.push(Setting { name, value, span, text: None });
                }
            }
            "data" => {
                for (name, value) in self.map(value, path)? {
                    let name = self.word(name, path)?;
                    let path = &[key, name];
                    let source = self.text(value, path)?;
                    config.data.push((name.into(), source, self.place(path)));
                }
            }
            "seed" => config.seed = Some(self.count(value, path, 0, MOST_SEED)? as u32),
            "threads" => config.threads = Some(self.count(value, path, 1, 1024)? as usize),
            "device" => config.device = Some(self.text(value, path)?),
            "out" => config.out = Some(self.text(value, path)?),
            "phases" => {
                let list = value.as_sequence().ok_or_else(|| {
                    self.wrong(codes::RL1007, path, "`phases` is a list of names: `[fit, test]`")
                })?;
                let names: Result<_, _> = list.iter().map(|name| self.text(name, path)).collect();
                config.phases = Some(names?);
            }
            other => return Err(self.unknown(other)),
        }
        Ok(())
    }

    fn unknown(&self, key: &str) -> Diagnostic {
        let text = format!("there is no key `{}`", key.escape_debug());
        let error = self.wrong(codes::RL1001, &[key], text);
        match nearest(key, KEYS) {
            Some(word) => error.help(format!("did you mean `{word}`?")),
            None => error.help(format!(
                "settings of the model stand below `set:`; the keys are {}",
                KEYS.join(", ")
            )),
        }
    }

    fn map<'v>(
        &self,
        value: &'v Value,
        path: &[&str],
    ) -> Result<&'v serde_yaml::Mapping, Diagnostic> {
        value.as_mapping().ok_or_else(|| {
            let text = format!("`{}` holds lines of `name: value`", path.join("."));
            self.wrong(codes::RL1007, path, text)
        })
    }

    fn text(&self, value: &Value, path: &[&str]) -> Result<String, Diagnostic> {
        value.as_str().map(String::from).ok_or_else(|| {
            self.wrong(codes::RL1007, path, format!("`{}` is a text", path.join(".")))
        })
    }

    fn count(&self, value: &Value, path: &[&str], low: u64, high: u64) -> Result<u64, Diagnostic> {
        value.as_u64().filter(|n| (low..=high).contains(n)).ok_or_else(|| {
            let text = format!("`{}` is an integer from {low} to {high}", path.join("."));
            self.wrong(codes::RL1006, path, text)
        })
    }

    fn value(&self, value: &Value, path: &[&str]) -> Result<Static, Diagnostic> {
        let name = path.join(".");
        match value {
            Value::Bool(b) => Ok(Static::Bool(*b)),
            Value::String(text) => Ok(Static::Str(text.clone())),
            Value::Number(n) => match (n.as_i64(), n.as_f64()) {
                (Some(n), _) => Ok(Static::Int(n)),
                (_, Some(x)) if x.is_finite() => Ok(Static::Float(x)),
                _ => Err(self.wrong(codes::RL1005, path, format!("`{name}` is not finite"))),
            },
            Value::Sequence(list) => {
                let values: Result<_, _> = list.iter().map(|v| self.value(v, path)).collect();
                Ok(Static::Tuple(values?))
            }
            _ => {
                let text = format!("`{name}` is neither a number nor a text");
                Err(self.wrong(codes::RL1007, path, text))
            }
        }
    }
}

/// The largest seed: it is an `i32` in the graph.
pub const MOST_SEED: u64 = i32::MAX as u64;

/// A value as `--set` writes it.
pub fn literal(text: &str) -> Static {
    let text = text.trim();
    if let Ok(n) = text.parse::<i64>() {
        return Static::Int(n);
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
        && let Ok(x) = text.parse::<f64>()
    {
        return Static::Float(x);
    }
    match text {
        "true" => Static::Bool(true),
        "false" => Static::Bool(false),
        _ => Static::Str(plain(text).into()),
    }
}

fn plain(text: &str) -> &str {
    text.trim().trim_matches('"')
}

/// A setting of the command line.
pub fn given(name: &str, text: &str) -> Setting {
    Setting { name: name.into(), value: literal(text), span: None, text: Some(text.into()) }
}

/// A text in quotes, as YAML has it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if is_plain(c) => out.push(c),
            c if c as u32 <= 0xffff => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out + "\""
}

/// What the file declares for a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// A `dim`: an integer of at least 1.
    Dim,
    /// An integer.
    Int,
    /// A real.
    Real,
    /// True or false.
    Bool,
    /// A text.
    Text,
}

/// A `dim` or `config` item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// What it takes.
    pub kind: SettingKind,
    /// Where.
    pub span: Span,
}

/// Checks settings against the items of the file and gives integers and reals the type that is
/// declared.
pub fn check(settings: &mut [Setting], declared: &[Declared]) -> Diagnostics {
    let mut found = Diagnostics::default();
    for setting in settings {
        let Some(item) = declared.iter().find(|item| item.name == setting.name) else {
            found.push(undeclared(setting, declared));
            continue;
        };
        // A text needs no quotes, so it may look like a number.
        let own = setting.text.as_ref().filter(|_| item.kind == SettingKind::Text);
        if let Some(text) = own {
            setting.value = Static::Str(plain(text).into());
            continue;
        }
        match typed(&setting.value, item.kind) {
            Ok(value) => setting.value = value,
            Err((code, what)) => {
                let text = format!("`{}` {what}, found {}", setting.name, show(&setting.value));
                let mut error = Diagnostic::new(code, text).also(item.span, "declared here");
                error = match item.kind {
                    SettingKind::Dim => {
                        error.help("a dim is a whole number from 1 on, for instance `20`")
                    }
                    SettingKind::Text => {
                        error.help("write it in quotes, as it is meant: `\"010\"`")
                    }
                    _ => error,
                };
                found.push(match setting.span {
                    Some(span) => error.at(span, ""),
                    None => error,
                });
            }
        }
    }
    found
}

fn undeclared(setting: &Setting, declared: &[Declared]) -> Diagnostic {
    let name = &setting.name;
    let names: Vec<&str> = declared.iter().map(|item| item.name.as_str()).collect();
    let text = format!("the model has no `dim` or `config` called `{}`", name.escape_debug());
    let error = Diagnostic::new(codes::RL1001, text);
    let error = match nearest(name, &names) {
        Some(word) => error.help(format!("did you mean `{word}`?")),
        None if names.is_empty() => error.note("it has no settings"),
        None => error.help(format!("it has {}", names.join(", "))),
    };
    match setting.span {
        Some(span) => error.at(span, ""),
        None => error,
    }
}

fn typed(value: &Static, kind: SettingKind) -> Result<Static, (Code, &'static str)> {
    let whole = |x: f64| x.fract() == 0.0 && x.abs() <= 9.0e15;
    match (kind, value) {
        (_, Static::Float(x)) if !x.is_finite() => Err((codes::RL1005, "is not finite")),
        (SettingKind::Real, Static::Int(n)) => Ok(Static::Float(*n as f64)),
        (SettingKind::Real, Static::Float(x)) => Ok(Static::Float(*x)),
        (SettingKind::Bool, Static::Bool(b)) => Ok(Static::Bool(*b)),
        (SettingKind::Text, Static::Str(text)) => Ok(Static::Str(text.clone())),
        (SettingKind::Dim | SettingKind::Int, Static::Float(x)) if whole(*x) => {
            typed(&Static::Int(*x as i64), kind)
        }
        (SettingKind::Dim | SettingKind::Int, Static::Float(_)) => {
            Err((codes::RL1006, "is an integer"))
        }
        (SettingKind::Dim, Static::Int(n)) if *n < 1 => Err((codes::RL1005, "is at least 1")),
        (SettingKind::Dim | SettingKind::Int, Static::Int(n)) => Ok(Static::Int(*n)),
        (SettingKind::Dim | SettingKind::Int, _) => Err((codes::RL1007, "is an integer")),
        (SettingKind::Real, _) => Err((codes::RL1007, "is a number")),
        (SettingKind::Bool, _) => Err((codes::RL1007, "is true or false")),
        // YAML has read it: how it was written (`0x10`, `yes`) is not known any more.
        (SettingKind::Text, _) => Err((codes::RL1007, "is a text")),
    }
}

/// A value as YAML and `--set` write it.
pub fn show(value: &Static) -> String {
    match value {
        Static::Int(n) => n.to_string(),
        Static::Float(x) => format!("{x:?}"),
        Static::Bool(b) => b.to_string(),
        Static::Str(text) => quoted(text),
        Static::Tuple(list) => {
            format!("[{}]", list.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        Static::Call(source) => super::data::args::describe(source),
    }
}

/// The YAML text that repeats a run: every setting with its final value.
pub fn resolved(
    settings: &[(String, Static)],
    data: &BTreeMap<String, String>,
    seed: u32,
    threads: usize,
) -> String {
    let mut text = String::from("# rlc run FILE.rl --config THIS repeats the run\n");
    text.push_str(&format!("seed: {seed}\nthreads: {threads}\n"));
    // A setting that is no number can be none but that of the file: none is taken from outside.
    let is_given =
        |(_, value): &&(String, Static)| !matches!(value, Static::Float(x) if !x.is_finite());
    let mut given = settings.iter().filter(is_given).peekable();
    if given.peek().is_some() {
        text.push_str("set:\n");
        for (name, value) in given {
            text.push_str(&format!("  {name}: {}\n", show(value)));
        }
    }
    if !data.is_empty() {
        text.push_str("data:\n");
        for (name, source) in data {
            text.push_str(&format!("  {name}: {}\n", quoted(source)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_configuration() {
        let text = "# a run\nset:\n  beta: 4\n  lr: 1e-3 # small\n  w: [1, 2]\n\
                    data: {digits: \"idx:a,b=1\"}\nseed: 3\nthreads: 2\nphases: [fit, test]\n";
        let config = read(FileId(0), text).unwrap();
        assert_eq!(config.set[0].value, Static::Int(4));
        assert_eq!(config.set[1].value, Static::Float(1e-3));
        assert_eq!(config.set[2].value, Static::Tuple(vec![Static::Int(1), Static::Int(2)]));
        assert_eq!(config.data[0].1, "idx:a,b=1");
        assert_eq!((config.seed, config.threads), (Some(3), Some(2)));
        assert_eq!(config.phases, Some(vec!["fit".to_string(), "test".to_string()]));
        let span = config.set[1].span.unwrap();
        assert_eq!(&text[span.start as usize..span.end as usize], "lr");
        assert_eq!(read(FileId(0), "").unwrap(), Config::default());
        assert_eq!(read(FileId(0), "# nothing\n").unwrap(), Config::default());
    }

    #[test]
    fn refused() {
        let nine = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n";
        let long = format!("set: {{a: &x {}}}\n", "x".repeat(30_000));
        for (text, expected) in [
            ("lrr: 1", codes::RL1001),
            ("set: {a: 1, a: 2}", codes::RL1002),
            ("seed: 1\nseed: 2", codes::RL1002),
            (nine, codes::RL1003),
            (&long, codes::RL1003),
            (&"#".repeat(70_000), codes::RL1003),
            (&"[".repeat(60_000), codes::RL1004),
            ("set: {a: !!python/object/apply:os.system [id]}", codes::RL1003),
            ("set: {a: *x}", codes::RL1003),
            ("set:\n  <<: *x\n", codes::RL1003),
            ("set: {<<: 1}", codes::RL1003),
            ("a: b: c", codes::RL1004),
            ("set: {a: .nan}", codes::RL1005),
            ("set: {a: -.inf}", codes::RL1005),
            ("seed: -1", codes::RL1006),
            ("seed: 1.5", codes::RL1006),
            ("seed: 18446744073709551616", codes::RL1006),
            ("threads: 0", codes::RL1006),
            ("seed: '1'", codes::RL1006),
            ("device: 1", codes::RL1007),
            ("set: 1", codes::RL1007),
            ("set: {a: null}", codes::RL1007),
            ("set: {a: {b: 1}}", codes::RL1007),
            ("seed: 1\n---\nseed: 2\n", codes::RL1008),
            ("- a\n- b\n", codes::RL1008),
            ("just text", codes::RL1008),
        ] {
            let short: String = text.chars().take(60).collect();
            let error = read(FileId(0), text).unwrap_err();
            assert_eq!(error.code, expected, "{short}: {}", error.message);
        }
    }

    #[test]
    fn signs_in_texts_and_no_way_to_hide_an_anchor() {
        let text = "# *x\nout: \"a & b ! c\" # x & y\ndevice: 'it''s & fine'\ndata: {a: b*c&d}\n";
        let config = read(FileId(0), text).unwrap();
        assert_eq!(config.out.unwrap(), "a & b ! c");
        for text in [
            "{a: 'it''s # ', b: &x [1]}",
            "{a: b - 'x, b: &y [1,2], c: d - 'x}",
            "{a: b\n 'x, b: &y [1], c: d 'x}",
            "a: \"x\\\\\"\nb: &x 1\n",
        ] {
            assert_eq!(read(FileId(0), text).unwrap_err().code, codes::RL1003, "{text}");
        }
        assert_eq!(config.device.unwrap(), "it's & fine");
        assert_eq!(config.data[0].1, "b*c&d");
    }

    #[test]
    fn hints_name_the_key_that_was_meant() {
        let error = read(FileId(0), "treads: 1").unwrap_err();
        assert_eq!(error.help, ["did you mean `threads`?"]);
        assert_eq!(error.primary.unwrap().span, Span::new(FileId(0), 0, 6));
    }

    #[test]
    fn settings_against_declarations() {
        let item = |name: &str, kind| Declared { name: name.into(), kind, span: Span::default() };
        let declared = [
            item("D", SettingKind::Dim),
            item("n", SettingKind::Int),
            item("lr", SettingKind::Real),
            item("s", SettingKind::Text),
        ];
        let check_one = |name: &str, text: &str| {
            let mut all = [given(name, text)];
            let found = check(&mut all, &declared);
            match found.list.first() {
                Some(error) => Err(error.code),
                None => Ok(all[0].value.clone()),
            }
        };
        assert_eq!(check_one("lr", "1"), Ok(Static::Float(1.0)));
        assert_eq!(check_one("n", "1e3"), Ok(Static::Int(1000)));
        assert_eq!(check_one("D", "784"), Ok(Static::Int(784)));
        for text in ["007", "+3", "-0", "1.0", "true", "a b", ""] {
            assert_eq!(check_one("s", text), Ok(Static::Str(text.into())));
        }
        assert_eq!(check_one("s", "\"7\""), Ok(Static::Str("7".into())));
        // YAML does not keep how a number was written.
        let mut number = read(FileId(0), "set: {s: 0x10}").unwrap().set;
        assert_eq!(check(&mut number, &declared).list[0].code, codes::RL1007);
        for (name, text, code) in [
            ("lrr", "1", codes::RL1001),
            ("D", "0", codes::RL1005),
            ("D", "-3", codes::RL1005),
            ("n", "1.5", codes::RL1006),
            ("n", "18446744073709551616", codes::RL1006),
            ("lr", "1e999", codes::RL1005),
            ("lr", "abc", codes::RL1007),
            ("n", "true", codes::RL1007),
        ] {
            assert_eq!(check_one(name, text), Err(code), "{name}={text}");
        }
    }

    #[test]
    fn the_resolved_text_reads_back() {
        let settings = [
            ("beta".to_string(), Static::Float(1.0)),
            ("lr".to_string(), Static::Float(1.5e-7)),
            ("D".to_string(), Static::Int(64)),
            ("s".to_string(), Static::Str("it's \\ \"é\" \u{1b}\u{202e}\u{e0001}\n".into())),
            ("n".to_string(), Static::Str("007".into())),
        ];
        let source = "csv:it's \"b\"\u{7f}ö.csv,header=true".to_string();
        let data = BTreeMap::from([("d".to_string(), source)]);
        let endless = ("most".to_string(), Static::Float(f64::INFINITY));
        let all = [&settings[..], &[endless]].concat();
        let config = read(FileId(0), &resolved(&all, &data, 9, 2)).unwrap();
        let back: Vec<_> = config.set.into_iter().map(|s| (s.name, s.value)).collect();
        assert_eq!(back, settings);
        assert_eq!(config.data[0].1, data["d"]);
        assert_eq!(config.seed, Some(9));
    }
}
