//! Nodes that are computed with by signs, so that derivatives read like mathematics: `d * (1.0 - y * y)`.
//! In: a graph and some of its nodes. Out: new nodes, made in the order in which Rust evaluates operands.

use crate::graph::{Graph, NodeId};
use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A graph that is built by several terms at once.
pub struct Builder<'g>(RefCell<&'g mut Graph>);

/// A node of the graph that a builder holds.
#[derive(Clone, Copy)]
pub struct Term<'b, 'g> {
    builder: &'b Builder<'g>,
    /// The node.
    pub id: NodeId,
}

impl<'g> Builder<'g> {
    /// Builds in this graph.
    pub fn new(graph: &'g mut Graph) -> Builder<'g> {
        Builder(RefCell::new(graph))
    }

    /// A node of the graph.
    pub fn of(&self, id: NodeId) -> Term<'_, 'g> {
        Term { builder: self, id }
    }
}

impl Term<'_, '_> {
    /// A new node, made of this one.
    pub fn map(self, make: impl FnOnce(&mut Graph, NodeId) -> NodeId) -> Self {
        let id = make(&mut self.builder.0.borrow_mut(), self.id);
        Term { id, ..self }
    }

    /// A number in the shape of this term.
    pub fn like(self, value: f64) -> Self {
        self.map(|g, x| g.like(value, x))
    }
}

impl Neg for Term<'_, '_> {
    type Output = Self;

    fn neg(self) -> Self {
        self.map(Graph::neg)
    }
}

/// A sign between two terms, a term and a number, a number and a term.
macro_rules! sign {
    ($($Sign:ident $sign:ident)*) => {
        $(impl $Sign for Term<'_, '_> {
            type Output = Self;

            fn $sign(self, other: Self) -> Self {
                self.map(|g, x| g.$sign(x, other.id))
            }
        }

        impl $Sign<f64> for Term<'_, '_> {
            type Output = Self;

            fn $sign(self, other: f64) -> Self {
                $Sign::$sign(self, self.like(other))
            }
        }

        impl<'b, 'g> $Sign<Term<'b, 'g>> for f64 {
            type Output = Term<'b, 'g>;

            fn $sign(self, other: Term<'b, 'g>) -> Term<'b, 'g> {
                $Sign::$sign(other.like(self), other)
            }
        })*
    };
}
sign! { Add add  Sub sub  Mul mul  Div div }

/// The derivative of a function of one number: from operand, result and adjoint of the result to the
/// adjoint of the operand.
macro_rules! slope {
    (|$x:pat_param, $y:pat_param, $d:pat_param| $formula:expr) => {
        $crate::graph::op::Derivative::Unary(|g, x, y, d| {
            let builder = $crate::graph::op::map::terms::Builder::new(g);
            let ($x, $y, $d) = (builder.of(x), builder.of(y), builder.of(d));
            $formula.id
        })
    };
}
pub(super) use slope;

/// The derivative of a function of two numbers: from both operands and the adjoint of the result to the
/// adjoints of the operands.
macro_rules! slopes {
    (|$a:pat_param, $b:pat_param, $d:pat_param| [$first:expr, $second:expr]) => {
        $crate::graph::op::Derivative::Rule(|g, y, d, _| {
            let args = g.node(y).args.clone();
            let builder = $crate::graph::op::map::terms::Builder::new(g);
            let ($a, $b, $d) = (builder.of(args[0]), builder.of(args[1]), builder.of(d));
            vec![Some($first.id), Some($second.id)]
        })
    };
}
pub(super) use slopes;
