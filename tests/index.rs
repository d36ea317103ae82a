//! What is kept for readers of a file. In: the models and the facts. Out: the place where a name is
//! declared has that name, and a name that is changed at all its places leaves the model as it was.

mod common;

use rlc::base::{FileId, Span};
use rlc::driver::{self, Asked, Log, Trees};
use rlc::model::ir::{Data, ExprKind, Field, Model};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The typed model of a text, with its index. Data that it needs stands beside the path.
fn model(path: &str, text: &str) -> Result<Model, String> {
    let mut log = Log::default();
    let asked = Asked { index: true, ..Asked::default() };
    let made = Trees::of(path, text, &[], &mut log)
        .and_then(|mut trees| driver::model(&mut trees, &asked, &mut log));
    made.map_err(|_| {
        let first = log.found.list.iter().find(|d| d.code.name().starts_with("RL0"));
        first.map_or(String::new(), |d| d.message.clone())
    })
}

fn word(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

/// The text with a name at these places replaced.
fn renamed(text: &str, places: &[Span], name: &str) -> String {
    let mut out = text.to_string();
    for place in places.iter().rev() {
        out.replace_range(place.start as usize..place.end as usize, name);
    }
    out
}

/// Another name that stands nowhere in a text, as long as the first: short texts name figures.
fn another(text: &str, name: &str) -> Option<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let words: BTreeSet<&str> = text.split(|c| !is_word(c)).collect();
    let first = |c: char| format!("{c}{}", &name[1..]);
    let mut all = ('a'..='z').chain('A'..='Z').map(first);
    all.find(|new| *new != "B" && !text.contains(new.as_str()) && !words.contains(new.as_str()))
        .or_else(|| ('a'..='z').map(first).find(|new| !words.contains(new.as_str())))
}

/// Everything that a model computes, in an order that no name decides: kinds with their types.
fn computed(m: &Model) -> Vec<String> {
    let word = |text: String| text.split([' ', '(']).next().unwrap_or("").to_string();
    let kind = |kind: &ExprKind| match kind {
        ExprKind::Op { op, attrs, .. } => format!("{} {attrs:?}", op.name),
        ExprKind::Symbolic(stated) => word(format!("{stated:?}")),
        other => word(format!("{other:?}")),
    };
    let mut all: Vec<String> =
        m.exprs.iter().map(|e| format!("{} {:?}", kind(&e.kind), e.ty)).collect();
    all.sort();
    all
}

/// How many names of a file were changed, and what became wrong.
fn rename(file: &PathBuf) -> (usize, Vec<String>) {
    let (mut tried, mut wrong) = (0, Vec::new());
    let text = std::fs::read_to_string(file).unwrap();
    if text.contains("use \"") {
        return (tried, wrong);
    }
    let path = file.to_str().unwrap();
    let own = model(path, &text).unwrap_or_else(|why| panic!("{path}: {why}"));
    let own_work = computed(&own);
    // Data that is read when compiling is found by the names of its columns.
    let held = |data: &str| own.tables.iter().any(|table| table.data == data);
    // So is data whose words it has.
    let vocabulary = |data: &Data| {
        let args = data.source.iter().flat_map(|source| &source.args);
        let mut of = args.filter(|(name, _)| name.as_deref() == Some("vocabulary"));
        of.next().map(|(_, value)| format!("{value:?}"))
    };
    let asked: Vec<String> =
        own.data.iter().filter(|data| held(&data.name)).filter_map(vocabulary).collect();
    let names = |data: &str| asked.iter().any(|of| of.contains(&format!("\"{data}.")));
    let read = |field: &&Field| held(&field.data) || names(&field.data);
    let columns: BTreeSet<u32> = own.fields.iter().filter(read).map(|f| f.span.start).collect();
    let index = own.index.unwrap();
    let entry = |span: &Span| span.file == FileId(0);
    let declared: BTreeSet<Span> = index.uses().map(|(_, there)| there).filter(entry).collect();
    for declared in declared {
        let name = word(&text, declared);
        let places = index.places(declared);
        for place in &places {
            assert_eq!(word(&text, *place), name, "{}", file.display());
        }
        if index.is_matched(declared) || columns.contains(&declared.start) {
            continue;
        }
        let Some(new) = another(&text, name) else { continue };
        tried += 1;
        let line = text[..declared.start as usize].matches('\n').count() + 1;
        let place = format!("{}:{line}: {name}", file.file_name().unwrap().display());
        match model(path, &renamed(&text, &places, &new)) {
            Err(why) => wrong.push(format!("{place}: {why}")),
            Ok(other) if computed(&other) != own_work => {
                wrong.push(format!("{place}: another model"));
            }
            Ok(_) => {}
        }
    }
    (tried, wrong)
}

#[test]
fn a_name_can_be_changed_at_all_its_places() {
    let found = common::on_every_core(&common::models_and_facts(), rename);
    let tried: usize = found.iter().map(|(tried, _)| tried).sum();
    let wrong: Vec<String> = found.into_iter().flat_map(|(_, wrong)| wrong).collect();
    println!("{tried} names");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_place_has_a_declaration_and_a_value() {
    let text = "data d from uniform(8, 4) { x: f32[4] }
net f(x: f32[n]) -> f32[3] = x |> Linear(3) |> tanh
loss l = sum(f(x)) + sum(f(x[0:4]))
train t on d.train batch 2 steps 1 { minimize l over f with sgd(lr = 0.1) }
";
    let index = model("read.rl", text).unwrap().index.unwrap();
    let at = |word: &str| text.find(word).unwrap() as u32;
    let declared = index.declaration(FileId(0), at("f(x))")).unwrap();
    assert_eq!(declared.start, at("f(x: "));
    let places: Vec<u32> = index.places(declared).iter().map(|place| place.start).collect();
    assert_eq!(places, [at("f(x: "), at("f(x))"), at("f(x[0"), at("f with")]);
    // The declaration itself, a field, a formal, a place of no name.
    assert_eq!(index.declaration(FileId(0), at("f(x: ")), Some(declared));
    assert_eq!(index.declaration(FileId(0), at("x)) +")).unwrap().start, at("x: f32[4]"));
    assert_eq!(index.declaration(FileId(0), at("x |>")).unwrap().start, at("x: f32[n]"));
    assert_eq!(index.declaration(FileId(0), at("-> f32")), None);
    let (span, ways) = index.value(FileId(0), at("x[0:4]")).unwrap();
    assert_eq!((word(text, span), ways), ("x", &["f32[4]".to_string()][..]));
    assert!(!index.is_matched(declared));
}
