//! Compiles models for tests.
#![allow(dead_code)]

use ndarray::{ArrayD, IxDyn};
use rlc::driver::{self, Log, Trees};
use rlc::graph::op::control::INPUT;
use rlc::graph::op::random::RANDOM;
use rlc::graph::{Attrs, Graph, InputRole, NodeId, NoiseKind, Ty};
use rlc::model::{Given, Settings};
use rlc::objective::Derived;
use rlc::translate;
use rlc::translate::program::Program;
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

pub type Value = ArrayD<f64>;

pub fn model_path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models").join(format!("{name}.rl"))
}

/// Every file in `models/`, without its ending.
pub fn model_names() -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models");
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let mut names: Vec<String> = entries
        .filter(|p| p.extension().is_some_and(|e| e == "rl"))
        .map(|p| p.file_stem().unwrap().to_str().unwrap().to_string())
        .collect();
    names.sort();
    names
}

/// The models and the facts.
pub fn models_and_facts() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folders = ["models", "tests/facts"].map(|folder| std::fs::read_dir(root.join(folder)));
    let entries = folders.into_iter().flat_map(|folder| folder.unwrap());
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "rl"));
    files.sort();
    assert!(files.len() > 80);
    files
}

/// What `f` makes of each item, in order, made on every core: for tests that are one long loop.
pub fn on_every_core<T: Sync, R: Send>(items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut made = Vec::new();
        while let Some((at, item)) = next_of(&next, items) {
            made.push((at, f(item)));
        }
        made
    };
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let mut made: Vec<(usize, R)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let done = threads.into_iter().map(|thread| thread.join());
        done.flat_map(|done| done.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    made.sort_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, made)| made).collect()
}

fn next_of<'a, T>(next: &AtomicUsize, items: &'a [T]) -> Option<(usize, &'a T)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    Some((at, items.get(at)?))
}

/// Parses, elaborates and derives a text.
pub fn derive(name: &str, text: &str, settings: &[(&str, &str)]) -> Derived {
    let mut given = Settings::default();
    for (key, value) in settings {
        given.set(key, Given::Text((*value).into()), "--set");
    }
    derive_with(name, text, &given)
}

fn derive_with(name: &str, text: &str, given: &Settings) -> Derived {
    derive_files(name, text, &[], given)
}

/// The same of a text that uses others, `use "NAME" as m`.
fn derive_files(name: &str, text: &str, used: &[(&str, &str)], given: &Settings) -> Derived {
    let mut log = Log::default();
    let made = Trees::of(name, text, used, &mut log).and_then(|mut trees| {
        let model = driver::elaborated(&mut trees, given, &mut log)?;
        driver::objective(model, &mut log)
    });
    made.unwrap_or_else(|_| panic!("{name}: {:#?}\n{text}", log.found.list))
}

pub fn program(name: &str, text: &str, settings: &[(&str, &str)]) -> Program {
    let derived = derive(name, text, settings);
    translate::translate(&derived.pure, &derived.facts)
}

/// A program whose phases have batches of other sizes.
pub fn program_with(name: &str, text: &str, settings: &Settings) -> Program {
    let derived = derive_with(name, text, settings);
    translate::translate(&derived.pure, &derived.facts)
}

/// A program that uses other files.
pub fn program_of(name: &str, text: &str, used: &[(&str, &str)]) -> Program {
    let derived = derive_files(name, text, used, &Settings::default());
    translate::translate(&derived.pure, &derived.facts)
}

pub fn file_program(name: &str, settings: &[(&str, &str)]) -> Program {
    let text = std::fs::read_to_string(model_path(name)).unwrap();
    let mut given = Settings::default();
    for (key, value) in settings {
        given.set(key, Given::Text((*value).into()), "--set");
    }
    let mut files = Vec::new();
    used_by(&text, &mut files);
    let used: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let derived = derive_files(&format!("models/{name}.rl"), &text, &used, &given);
    translate::translate(&derived.pure, &derived.facts)
}

/// The models that a model uses, and those that these use.
fn used_by(text: &str, files: &mut Vec<(String, String)>) {
    for line in text.lines() {
        let Some((file, _)) = line.strip_prefix("use \"").and_then(|l| l.split_once('"')) else {
            continue;
        };
        if files.iter().all(|(known, _)| known != file) {
            let text = std::fs::read_to_string(model_path(file.trim_end_matches(".rl"))).unwrap();
            files.push((file.into(), text.clone()));
            used_by(&text, files);
        }
    }
}

/// The graph with its noise read from inputs called `noise/STREAM`.
pub fn noise_as_inputs(graph: &Graph) -> Graph {
    let mut out = Graph::new();
    let mut map: Vec<NodeId> = Vec::new();
    for id in graph.ids() {
        let node = graph.node(id);
        let args = node.args.iter().map(|a| map[a.0 as usize]).collect();
        let copy = match &node.attrs {
            Attrs::Noise { stream, shape, .. } if node.op == &RANDOM => {
                out.input(format!("noise/{stream}"), InputRole::Other, Ty::f32(shape.clone()))
            }
            attrs => out.push(node.op, args, attrs.clone()),
        };
        map.push(copy);
    }
    for (name, id) in &graph.outputs {
        out.output(name.clone(), map[id.0 as usize]);
    }
    out
}

/// All inputs of a graph by name.
pub fn inputs(graph: &Graph) -> Vec<(String, InputRole, Ty)> {
    let nodes = graph.ids().map(|id| graph.node(id)).filter(|n| n.op == &INPUT);
    let list = nodes.filter_map(|n| match &n.attrs {
        Attrs::Input { name, role, ty } => Some((name.clone(), *role, ty.clone())),
        _ => None,
    });
    list.collect()
}

/// The kind of noise of each stream.
pub fn noise_kinds(graph: &Graph) -> BTreeMap<String, NoiseKind> {
    let nodes = graph.ids().map(|id| &graph.node(id).attrs);
    let list = nodes.filter_map(|a| match a {
        Attrs::Noise { kind, stream, .. } => Some((format!("noise/{stream}"), *kind)),
        _ => None,
    });
    list.collect()
}

pub fn zeros(ty: &Ty) -> Value {
    Value::zeros(IxDyn(&ty.shape))
}
