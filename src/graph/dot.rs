//! A graph as DOT, for `dot -Tsvg`. In: a graph. Out: text.

use super::{Attrs, Graph, Kind, text};
use std::fmt::Write;

/// One box per node, colored by kind; results are ellipses. Loops show as one box.
pub fn dot(graph: &Graph) -> String {
    let mut out =
        String::from("digraph {\n  node [shape=box, style=filled, fontname=monospace];\n");
    for id in graph.ids() {
        let node = graph.node(id);
        let mut label = node.op.name.to_string();
        if !matches!(node.attrs, Attrs::Scan(_)) {
            label += &text::parameters(&node.attrs);
        }
        let label = escape(&format!("{label}\n{}", node.ty));
        let color = color(node.op.kind);
        let _ = writeln!(out, "  n{} [label=\"{label}\", fillcolor={color}];", id.0);
        for arg in &node.args {
            let _ = writeln!(out, "  n{} -> n{};", arg.0, id.0);
        }
    }
    for (i, (name, id)) in graph.outputs.iter().enumerate() {
        let _ = writeln!(out, "  o{i} [label=\"{}\", shape=ellipse];", escape(name));
        let _ = writeln!(out, "  n{} -> o{i};", id.0);
    }
    out.push_str("}\n");
    out
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn color(kind: Kind) -> &'static str {
    match kind {
        Kind::Map => "white",
        Kind::Reduce => "lightyellow",
        Kind::View => "gray90",
        Kind::Contract => "lightblue",
        Kind::Index => "lavender",
        Kind::Random => "mistyrose",
        Kind::Control => "palegreen",
    }
}
