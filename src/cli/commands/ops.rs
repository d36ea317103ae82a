//! `rlc ops`: the op table.

use crate::cli::output::{Ended, Output};
use crate::graph::op;
use serde_json::json;

/// Prints every row.
pub fn run(out: &mut Output) -> Result<(), Ended> {
    let mut text = String::new();
    for op in op::table() {
        let kind = format!("{:?}", op.kind).to_lowercase();
        if out.json {
            let row = json!({ "name": op.name, "kind": kind, "doc": op.doc });
            text.push_str(&format!("{row}\n"));
        } else {
            text.push_str(&format!("{:14} {kind:9} {}\n", op.name, op.doc));
        }
    }
    out.data(&text);
    Ok(())
}
