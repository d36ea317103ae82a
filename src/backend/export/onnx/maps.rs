//! Elementwise ops, and ops that take axes away, in ONNX.

use super::super::Refused;
use super::{File, I32, Scope, code, int, ints};
use crate::graph::op::is;
use crate::graph::{Attrs, DType, NodeId};

impl Scope<'_> {
    pub(super) fn map(
        &mut self,
        f: &mut File,
        id: NodeId,
        args: &[&str],
    ) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        let whole = self.open.graph.ty(node.args[0]).dtype == DType::I32;
        let own = match node.op.name {
            is::NEG => "Neg",
            is::ABS => "Abs",
            is::SIGN => "Sign",
            is::FLOOR => "Floor",
            is::EXP => "Exp",
            is::LOG => "Log",
            is::SQRT => "Sqrt",
            is::SIN => "Sin",
            is::COS => "Cos",
            is::TANH => "Tanh",
            is::SIGMOID => "Sigmoid",
            is::SOFTPLUS => "Softplus",
            is::ERF => "Erf",
            is::NOT => "Not",
            is::ADD => "Add",
            is::SUB => "Sub",
            is::MUL => "Mul",
            is::DIV if !whole => "Div",
            is::POW => "Pow",
            is::MAX => "Max",
            is::MIN => "Min",
            is::EQ => "Equal",
            is::LT => "Less",
            is::LE => "LessOrEqual",
            is::GT => "Greater",
            is::GE => "GreaterOrEqual",
            is::AND => "And",
            is::OR => "Or",
            is::SELECT => "Where",
            is::CAST => {
                let to = vec![int("to", code(node.ty.dtype))];
                return Ok(self.op(f, "Cast", args, to));
            }
            is::NE => {
                let equal = self.op(f, "Equal", args, vec![]);
                return Ok(self.op(f, "Not", &[&equal], vec![]));
            }
            is::LOG1P => return Ok(self.log1p(f, args[0])),
            is::EXPM1 => return Ok(self.expm1(f, args[0])),
            is::DIV => return Ok(self.floor_div(f, args)),
            is::REM => return Ok(self.rem(f, args)),
            name => return Err(Refused::op(name, "ONNX")),
        };
        Ok(self.op(f, own, args, vec![]))
    }

    /// log(u) + (x - (u - 1)) / u with u = 1 + x: exact near 0; of large x the second term is 0.
    fn log1p(&mut self, f: &mut File, x: &str) -> String {
        let (one, tiny, large) = (f.real(1.0), f.real(1e-30), f.real(1e6));
        let u = self.op(f, "Add", &[x, &one], vec![]);
        let log = self.op(f, "Log", &[&u], vec![]);
        let small = self.op(f, "Min", &[x, &large], vec![]);
        let v = self.op(f, "Add", &[&small, &one], vec![]);
        let back = self.op(f, "Sub", &[&v, &one], vec![]);
        let lost = self.op(f, "Sub", &[&small, &back], vec![]);
        let below = self.op(f, "Max", &[&v, &tiny], vec![]);
        let rest = self.op(f, "Div", &[&lost, &below], vec![]);
        self.op(f, "Add", &[&log, &rest], vec![])
    }

    /// 2 t / (1 - t) with t = tanh(x / 2) near 0, exp(x) - 1 elsewhere.
    fn expm1(&mut self, f: &mut File, x: &str) -> String {
        let (half, one, two) = (f.real(0.5), f.real(1.0), f.real(2.0));
        let h = self.op(f, "Mul", &[x, &half], vec![]);
        let t = self.op(f, "Tanh", &[&h], vec![]);
        let above = self.op(f, "Mul", &[&t, &two], vec![]);
        let below = self.op(f, "Sub", &[&one, &t], vec![]);
        let near = self.op(f, "Div", &[&above, &below], vec![]);
        let e = self.op(f, "Exp", &[x], vec![]);
        let far = self.op(f, "Sub", &[&e, &one], vec![]);
        let size = self.op(f, "Abs", &[x], vec![]);
        let is_near = self.op(f, "Less", &[&size, &half], vec![]);
        self.op(f, "Where", &[&is_near, &near, &far], vec![])
    }

    fn floor_div(&mut self, f: &mut File, args: &[&str]) -> String {
        let (zero, one) = (f.whole(0), f.whole(1));
        let q = self.op(f, "Div", args, vec![]);
        let product = self.op(f, "Mul", &[&q, args[1]], vec![]);
        let r = self.op(f, "Sub", &[args[0], &product], vec![]);
        // A rest of another sign than the divisor: the quotient was rounded up.
        let signs = self.op(f, "Sign", &[&r], vec![]);
        let divisor = self.op(f, "Sign", &[args[1]], vec![]);
        let differ = self.op(f, "Mul", &[&signs, &divisor], vec![]);
        let up = self.op(f, "Less", &[&differ, &zero], vec![]);
        let less = self.op(f, "Sub", &[&q, &one], vec![]);
        self.op(f, "Where", &[&up, &less, &q], vec![])
    }

    fn rem(&mut self, f: &mut File, args: &[&str]) -> String {
        let zero = f.real(0.0);
        let r = self.op(f, "Mod", args, vec![int("fmod", 1)]);
        let signs = self.op(f, "Sign", &[&r], vec![]);
        let divisor = self.op(f, "Sign", &[args[1]], vec![]);
        let differ = self.op(f, "Mul", &[&signs, &divisor], vec![]);
        let other = self.op(f, "Less", &[&differ, &zero], vec![]);
        let more = self.op(f, "Add", &[&r, args[1]], vec![]);
        self.op(f, "Where", &[&other, &more, &r], vec![])
    }

    fn fold(&mut self, f: &mut File, op: &str, x: &str, axes: &[i64], keep: i64) -> String {
        let keep = int("keepdims", keep);
        // Axes became an operand: of sums in set 13, of the others in 18.
        if op == "ReduceSum" || f.opset >= 18 {
            let axes = f.list(axes);
            return self.op(f, op, &[x, &axes], vec![keep]);
        }
        self.op(f, op, &[x], vec![ints("axes", axes), keep])
    }

    pub(super) fn reduce(&mut self, f: &mut File, id: NodeId, x: &str) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        if let Attrs::Axis(axis) = node.attrs {
            let attrs = vec![int("axis", axis as i64), int("keepdims", 0)];
            let at = self.op(f, "ArgMax", &[x], attrs);
            return Ok(self.op(f, "Cast", &[&at], vec![int("to", I32)]));
        }
        let axes: Vec<i64> = node.attrs.axes().iter().map(|a| *a as i64).collect();
        let op = match node.op.name {
            is::SUM => "ReduceSum",
            is::MAX_OF => "ReduceMax",
            is::MIN_OF => "ReduceMin",
            is::PROD => "ReduceProd",
            is::LOGSUMEXP => return Ok(self.log_sum_exp(f, x, &axes)),
            name => return Err(Refused::op(name, "ONNX")),
        };
        Ok(self.fold(f, op, x, &axes, 0))
    }

    fn log_sum_exp(&mut self, f: &mut File, x: &str, axes: &[i64]) -> String {
        let (low, high) = (f.real(f64::from(f32::MIN)), f.real(f64::from(f32::MAX)));
        let top = self.fold(f, "ReduceMax", x, axes, 1);
        let top = self.op(f, "Clip", &[&top, &low, &high], vec![]);
        let less = self.op(f, "Sub", &[x, &top], vec![]);
        let e = self.op(f, "Exp", &[&less], vec![]);
        let sum = self.fold(f, "ReduceSum", &e, axes, 1);
        let log = self.op(f, "Log", &[&sum], vec![]);
        let total = self.op(f, "Add", &[&log, &top], vec![]);
        let axes = f.list(axes);
        self.op(f, "Squeeze", &[&total, &axes], vec![])
    }
}
