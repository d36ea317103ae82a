//! Loops in ONNX: `Scan`, whose bodies read names of the graph around them.

use super::super::{Dim, Refused};
use super::{File, I32, Message, Scope, info, int, ints};
use crate::graph::{Attrs, NodeId, Ty};
use std::collections::HashMap;

impl Scope<'_> {
    pub(super) fn scan(&mut self, f: &mut File, id: NodeId) -> Result<(), Refused> {
        let node = self.open.graph.node(id);
        let (scan, body) = self.open.scan(id);
        let body = body?;
        // Made here, so that bodies and what follows read one.
        if self.rows.is_some() {
            self.row_count(f)?;
        }
        let args: Vec<String> = node.args.iter().map(|a| self.full(f, *a)).collect();
        let (carried, rest) = args.split_at(scan.carries);
        let (sequences, constants) = rest.split_at(scan.sequences);
        let turns: Vec<u8> = (0..scan.length as i32).flat_map(|t| t.to_le_bytes()).collect();
        let turns = f.constant(I32, &[scan.length as i64], turns);
        let mut inner = Scope::new(body, self.rows.clone());
        let mut inputs = Vec::new();
        let mut names: HashMap<String, String> =
            constants.iter().enumerate().map(|(i, k)| (format!("k{i}"), k.clone())).collect();
        let types = |at: usize| self.open.graph.ty(node.args[at]);
        let dims = |at: usize| self.open.dims(node.args[at]);
        for i in 0..scan.carries {
            inputs.push(inner.formal(f, &mut names, format!("c{i}"), types(i), &dims(i)));
        }
        for i in 0..scan.sequences {
            let at = scan.carries + i;
            let ty = types(at);
            inputs.push(inner.formal(f, &mut names, format!("x{i}"), ty, &dims(at)[1..]));
        }
        inputs.push(inner.formal(f, &mut names, "t".into(), &Ty::i32([]), &[]));
        for id in body.live() {
            if let Attrs::Input { name, .. } = &body.graph.node(id).attrs {
                let Some(outer) = names.get(name) else {
                    return Err(Refused::new(format!("a loop reads `{name}`")));
                };
                inner.values.insert(id, outer.clone());
            }
        }
        inner.all(f)?;
        let mut outputs = Vec::new();
        for (_, id) in &body.graph.outputs {
            let value = inner.full(f, *id);
            let name = inner.op(f, "Identity", &[&value], vec![]);
            outputs.push(info(&name, body.graph.ty(*id).dtype, &body.dims(*id), ""));
        }
        let graph = Message::default()
            .all(1, &inner.nodes)
            .text(2, "body")
            .all(11, &inputs)
            .all(12, &outputs);
        let body_attr = Message::default().text(1, "body").message(6, &graph).int(20, 5);
        let back = i64::from(scan.reverse);
        let stacked = outputs.len() - scan.carries;
        let mut attrs = vec![body_attr, int("num_scan_inputs", scan.sequences as i64 + 1)];
        attrs.push(ints("scan_input_directions", &vec![back; scan.sequences + 1]));
        if stacked > 0 {
            attrs.push(ints("scan_output_directions", &vec![back; stacked]));
        }
        let results: Vec<String> = outputs.iter().map(|_| f.fresh()).collect();
        let operands: Vec<&str> =
            carried.iter().chain(sequences).chain([&turns]).map(String::as_str).collect();
        let named: Vec<&str> = results.iter().map(String::as_str).collect();
        self.nodes.push(super::node("Scan", &operands, &named, attrs));
        self.results.insert(id, results);
        Ok(())
    }

    /// An input of a body.
    fn formal(
        &mut self,
        f: &mut File,
        names: &mut HashMap<String, String>,
        own: String,
        ty: &Ty,
        dims: &[Dim],
    ) -> Message {
        let name = f.fresh();
        let info = info(&name, ty.dtype, dims, "");
        names.insert(own, name);
        info
    }
}
