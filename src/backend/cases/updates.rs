//! Updates of tables of which a step reads few rows. In: a seed. Out: a case, made whole, and which of its
//! tables rest where they have no gradient.

use super::{Case, Dice, Inputs, case, feed};
use crate::graph::{DType, Graph, InputRole, NodeId, Ty};

/// One step of a table `w` and its state `w.m`.
pub struct Step {
    /// The step as it is written.
    pub case: Case,
    /// Whether a row of `w`, and one of `w.m`, is the old one where no gradient is.
    pub rests: [bool; 2],
}

/// What is known while a step is made.
struct Maker {
    g: Graph,
    inputs: Inputs,
    dice: Dice,
    /// The type of the table.
    ty: Ty,
}

/// A random step.
pub fn step(seed: u64) -> Step {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let widths: [&[usize]; 5] = [&[], &[1], &[3], &[5], &[2, 3]];
    let shape = [&[24 + dice.below(60)], widths[dice.below(5)]].concat();
    let (g, inputs) = (Graph::new(), Inputs::new());
    let mut maker = Maker { g, inputs, dice, ty: Ty::f32(shape) };
    let w = maker.fed("w", InputRole::Param, maker.ty.clone(), -1.0);
    let m = maker.fed("w.m", InputRole::State, maker.ty.clone(), 0.0);
    let (sum, terms) = maker.gradient();
    let few = 4 * terms <= maker.ty.shape[0];
    let rule = maker.dice.below(9);
    let (new, kept, rests) = maker.update(rule, [w, m, sum]);
    maker.g.output("param:w", new);
    maker.g.output("state:w.m", kept);
    let Maker { g, inputs, .. } = maker;
    Step {
        case: case(format!("step {seed} by rule {rule}"), g, inputs, 1e-5),
        rests: rests.map(|rests| rests && few),
    }
}

impl Maker {
    fn fed(&mut self, name: &str, role: InputRole, ty: Ty, low: f64) -> NodeId {
        let value = self.dice.value(&ty, low, 1.0);
        feed(&mut self.inputs, &mut self.g, name, role, value)
    }

    /// Sums into rows, some more than once and some outside of the table, and the number of their terms.
    fn gradient(&mut self) -> (NodeId, usize) {
        let (mut all, mut terms) = (None, 0);
        for at in 0..1 + self.dice.below(3) {
            let line = 1 + self.dice.below(4);
            let places = if self.dice.below(3) == 0 { vec![2, line] } else { vec![line] };
            terms += places.iter().product::<usize>();
            let rows = self.ty.shape[0];
            let low = if self.dice.below(2) == 0 { -2.0 } else { rows as f64 - 6.0 };
            let value = self.dice.value(&Ty::i32(places.clone()), low, low + 7.0);
            let row =
                feed(&mut self.inputs, &mut self.g, &format!("row{at}"), InputRole::Data, value);
            let row = self.g.cast(row, DType::I32);
            let ty = Ty::f32([&places[..], &self.ty.shape[1..]].concat());
            let term = self.fed(&format!("term{at}"), InputRole::Data, ty, -1.0);
            let sum = self.g.scatter_add(row, term, rows);
            all = Some(all.map_or(sum, |all| self.g.add(all, sum)));
        }
        (all.expect("one at least"), terms)
    }

    /// The new table, its new state, and whether they rest.
    fn update(&mut self, rule: usize, [w, m, sum]: [NodeId; 3]) -> (NodeId, NodeId, [bool; 2]) {
        let shape = self.ty.shape.clone();
        let g = &mut self.g;
        match rule {
            0 => {
                let step = g.scale(sum, 0.1);
                (g.sub(w, step), m, [true, true])
            }
            1 => {
                let rate = self.fed("rate", InputRole::Other, Ty::f32([]), 0.0);
                let rate = self.g.broadcast(rate, &shape, &[]);
                let step = self.g.mul(sum, rate);
                (self.g.sub(w, step), m, [true, true])
            }
            // A rate for each column, or for each row.
            2 | 3 => {
                let dims: Vec<usize> = if rule == 2 { (1..shape.len()).collect() } else { vec![0] };
                let own: Vec<usize> = dims.iter().map(|d| shape[*d]).collect();
                let rate = self.fed("rate", InputRole::Other, Ty::f32(own), 0.0);
                let rate = self.g.broadcast(rate, &shape, &dims);
                let step = self.g.mul(sum, rate);
                // A rate for each row of single numbers is one for each element.
                (self.g.sub(w, step), m, [rule == 2 || shape.len() == 1, true])
            }
            4 => {
                let square = g.square(sum);
                let grown = g.add(m, square);
                let root = g.sqrt(grown);
                let root = g.add_const(root, 1e-8);
                let step = g.scale(sum, 0.1);
                let step = g.div(step, root);
                (g.sub(w, step), grown, [true, true])
            }
            5 => {
                let zero = g.like(0.0, sum);
                let moved = g.ne(sum, zero);
                let (old, new) = (g.scale(m, 0.9), g.scale(sum, 0.1));
                let mixed = g.add(old, new);
                let kept = g.select(moved, mixed, m);
                let step = g.scale(kept, 0.5);
                let next = g.sub(w, step);
                (g.select(moved, next, w), kept, [true, true])
            }
            6 => {
                let old = g.scale(m, 0.9);
                let kept = g.add(old, sum);
                (g.sub(w, kept), kept, [false, false])
            }
            7 => {
                let decay = g.scale(w, 0.1);
                let all = g.add(sum, decay);
                (g.sub(w, all), m, [false, true])
            }
            _ => {
                let grown = g.add(m, sum);
                let next = g.sub(w, sum);
                let low = g.like(-0.2, next);
                (g.max(next, low), grown, [false, true])
            }
        }
    }
}
