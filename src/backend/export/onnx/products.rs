//! Products, convolutions and windows in ONNX.

use super::super::{Dim, Refused, letters};
use super::{F32, File, Message, Scope, int, ints, wide, word};
use crate::graph::NodeId;
use crate::graph::attrs::Window;
use crate::graph::op::is;

impl Scope<'_> {
    pub(super) fn product(
        &mut self,
        f: &mut File,
        id: NodeId,
        args: &[&str],
    ) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        match node.op.name {
            is::CONTRACT => self.contract(f, id, args),
            is::CONV => {
                let w = node.attrs.window();
                Ok(self.op(f, "Conv", args, window(w)))
            }
            is::CONV_TRANSPOSE => Ok(self.transposed(f, args, node.attrs.window())),
            is::UNFOLD => {
                let w = node.attrs.window();
                let channels = self.open.graph.shape(node.args[0])[1];
                let (filters, each) = taps(f, w, channels);
                let wide = self.op(f, "Conv", &[args[0], &filters], window(&each));
                let dims = self.open.dims(id);
                self.reshaped(f, &wide, &dims)
            }
            is::FOLD => {
                let w = node.attrs.window();
                let from = self.open.dims(node.args[0]);
                let Some((channels, count)) = from[1].known().zip(from[2].known()) else {
                    return Err(Refused::op(node.op.name, "ONNX"));
                };
                let (filters, each) = taps(f, w, channels);
                let joined = Dim { per_row: 0, fixed: channels * count };
                let dims = [&[from[0], joined], &from[3..]].concat();
                let line = self.reshaped(f, args[0], &dims)?;
                Ok(self.transposed(f, &[&line, &filters], &each))
            }
            name => Err(Refused::op(name, "ONNX")),
        }
    }

    fn transposed(&mut self, f: &mut File, args: &[&str], w: &Window) -> String {
        let outputs = crate::graph::op::contract::outputs(w).unwrap_or_default();
        let more: Vec<i64> = (0..w.size.len())
            .map(|i| {
                let span = w.dilation[i] * (w.size[i] - 1) + 1;
                let reached = (outputs[i] - 1) * w.stride[i] + span;
                (w.input[i] + w.pad_low[i] + w.pad_high[i] - reached) as i64
            })
            .collect();
        let mut attrs = window(w);
        attrs.push(ints("output_padding", &more));
        self.op(f, "ConvTranspose", args, attrs)
    }

    fn contract(&mut self, f: &mut File, id: NodeId, args: &[&str]) -> Result<String, Refused> {
        let spec = self.open.graph.node(id).attrs.labels();
        let (lhs, rhs, out) = (&spec.lhs, &spec.rhs, &spec.out);
        if let ([head @ .., last], [a, b]) = (&lhs[..], &rhs[..])
            && !head.is_empty()
        {
            if a == last && *out == [head, &[*b]].concat() {
                return Ok(self.op(f, "MatMul", args, vec![]));
            }
            if b == last && *out == [head, &[*a]].concat() {
                let turned = self.op(f, "Transpose", &[args[1]], vec![ints("perm", &[1, 0])]);
                return Ok(self.op(f, "MatMul", &[args[0], &turned], vec![]));
            }
        }
        let Some(text) = letters(spec) else {
            return Err(Refused::new("a product over more dims than there are letters"));
        };
        Ok(self.op(f, "Einsum", args, vec![word("equation", &text)]))
    }
}

fn window(w: &Window) -> Vec<Message> {
    let pads: Vec<i64> = w.pad_low.iter().chain(&w.pad_high).map(|n| *n as i64).collect();
    vec![
        ints("kernel_shape", &wide(&w.size)),
        ints("strides", &wide(&w.stride)),
        ints("dilations", &wide(&w.dilation)),
        ints("pads", &pads),
        int("group", w.groups as i64),
    ]
}

/// Filters that pick each tap of a window, for every channel by itself.
fn taps(f: &mut File, w: &Window, channels: usize) -> (String, Window) {
    let count: usize = w.size.iter().product();
    let one = |at: usize| if at / count % count == at % count { 1.0f32 } else { 0.0 };
    let bytes = (0..channels * count * count).flat_map(|at| one(at).to_le_bytes()).collect();
    let dims = [&[(channels * count) as i64, 1], &wide(&w.size)[..]].concat();
    let filters = f.constant(F32, &dims, bytes);
    (filters, Window { groups: channels, ..w.clone() })
}
