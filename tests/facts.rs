//! Facts about the library: each file in `tests/facts` states its own (`common/facts.rs` says how).
//! Held by the fused executor and by the f64 interpreter, unless a line `// on: cpu` says that a file
//! trains too long for that; by a graphics device in `gpu.rs`.

#[path = "common/facts.rs"]
mod facts;

use facts::{check, facts_hold, programs};
use rlc::base::FileId;
use rlc::syntax::{
    self,
    ast::{Item, ItemKind},
};
use std::path::PathBuf;

#[test]
fn facts_hold_on_the_processor() {
    facts_hold("cpu");
}

#[test]
fn facts_hold_on_the_reference() {
    facts_hold("reference");
}

/// The order of declarations does not matter: with every name used above its declaration, and in
/// another order, the facts are the same. Phases run in the order of the text and keep it.
#[test]
fn facts_hold_in_any_order_of_declarations() {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/facts");
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("parts")).unwrap();
    for part in std::fs::read_dir(source.join("parts")).unwrap() {
        let part = part.unwrap().path();
        std::fs::copy(&part, folder.path().join("parts").join(part.file_name().unwrap())).unwrap();
    }
    for (seed, file) in programs().into_iter().enumerate() {
        let text = std::fs::read_to_string(&file).unwrap();
        if text.contains("\n// on: cpu\n") {
            continue;
        }
        let copy = folder.path().join(file.file_name().unwrap());
        for order in [in_reverse, shuffled] {
            std::fs::write(&copy, reordered(&text, |items| order(items, seed as u64))).unwrap();
            check(&copy, "cpu");
        }
    }
}

fn in_reverse(items: &mut Vec<&str>, _: u64) {
    items.reverse();
}

/// Fisher and Yates, with the numbers of a linear congruential generator (Knuth's MMIX).
fn shuffled(items: &mut Vec<&str>, seed: u64) {
    let mut state = seed;
    for at in (1..items.len()).rev() {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        items.swap(at, (state >> 33) as usize % (at + 1));
    }
}

/// The same declarations in another order, then the phases and the facts.
fn reordered(text: &str, order: impl Fn(&mut Vec<&str>)) -> String {
    let (tree, diagnostics) = syntax::parse(FileId(0), text);
    assert!(!diagnostics.has_errors(), "{text}");
    let is_phase = |item: &&Item| matches!(item.kind, ItemKind::Phase(_));
    let written = |item: &Item| &text[item.span.start as usize..item.span.end as usize];
    let (phases, others): (Vec<&Item>, Vec<&Item>) = tree.items.iter().partition(is_phase);
    let mut others: Vec<&str> = others.into_iter().map(written).collect();
    order(&mut others);
    let facts = text.lines().filter(|line| line.starts_with("// fact: "));
    let lines = others.into_iter().chain(phases.into_iter().map(written)).chain(facts);
    lines.collect::<Vec<_>>().join("\n") + "\n"
}
