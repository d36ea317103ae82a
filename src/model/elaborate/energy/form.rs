//! The form of an expression in some variables: affine, a sum of squares of single elements of them, or of the
//! second degree. By the structure alone: what is affine for another reason counts as not.

use crate::graph::op::is;
use crate::graph::{Attrs, Kind};
use crate::model::elaborate::Elab;
use crate::model::elaborate::known::sign::Sign;
use crate::model::ir::{AxisReduce, ExprId, ExprKind, VarId};
use std::collections::HashMap;

/// What an expression is, as a function of some variables. Each form holds those above it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// It does not depend on them.
    Constant,
    /// Every element is affine in the element of one variable that stands in its place.
    Each {
        /// The variable.
        of: VarId,
        /// The sign of all slopes.
        slope: Sign,
    },
    /// Affine.
    Affine,
    /// Of the second degree without products of two elements.
    Squares {
        /// The variable whose elements stand in their own places, if they do.
        of: Option<VarId>,
        /// The sign of what stands before the squares.
        curve: Sign,
        /// Whether every element of the variable has a square that is not 0, of this sign.
        every: bool,
    },
    /// Of the second degree.
    Quadratic {
        /// The sign of its second slope in any direction; `Positive` and `Negative` hold 0.
        curve: Sign,
        /// Whether every element of the variable has a square of this sign that is not 0 beside all else.
        every: bool,
    },
    /// None of these.
    Beyond,
}

impl Form {
    pub(super) fn is_affine(self) -> bool {
        matches!(self, Form::Constant | Form::Each { .. } | Form::Affine)
    }

    /// Whether it falls to both sides in every element, so that its exponential has an integral.
    pub(super) fn is_concave(self) -> bool {
        matches!(self, Form::Squares { curve: Sign::Negative, every: true, .. })
    }

    /// Whether it falls to all sides, where elements of one variable may meet in products.
    pub(super) fn is_bowl(self) -> bool {
        matches!(self, Form::Quadratic { curve: Sign::Negative, every: true })
    }

    /// No two elements meet in a product.
    pub(super) fn is_apart(self) -> bool {
        !matches!(self, Form::Quadratic { .. } | Form::Beyond)
    }

    /// Linear in this, with coefficients of a sign, element by element or not.
    fn scaled(self, sign: Sign, in_place: bool) -> Form {
        match self {
            Form::Each { of, slope } if in_place => Form::Each { of, slope: slope.times(sign) },
            Form::Each { .. } => Form::Affine,
            Form::Squares { of, curve, every } => Form::Squares {
                of: of.filter(|_| in_place),
                curve: curve.turned(sign),
                every: every && sign.is_strict(),
            },
            Form::Quadratic { curve, every } => {
                Form::Quadratic { curve: curve.turned(sign), every: every && sign.is_strict() }
            }
            other => other,
        }
    }

    /// Some of its elements, in other places.
    fn cut(self) -> Form {
        match self.scaled(Sign::Positive, false) {
            Form::Squares { of, curve, .. } => Form::Squares { of, curve, every: false },
            Form::Quadratic { curve, .. } => Form::Quadratic { curve, every: false },
            other => other,
        }
    }

    /// The sign of second slopes, and whether every element has a square of its own, of what is of the second
    /// degree.
    fn bent(self) -> Option<(Sign, bool)> {
        match self {
            Form::Squares { curve, every, .. } | Form::Quadratic { curve, every } => {
                Some((curve, every))
            }
            _ => None,
        }
    }

    fn plus(self, other: Form) -> Form {
        use Form::*;
        match (self, other) {
            (Beyond, _) | (_, Beyond) => Beyond,
            (Constant, form) | (form, Constant) => form,
            (Quadratic { curve, every }, other) | (other, Quadratic { curve, every }) => {
                match other.bent() {
                    None => Quadratic { curve, every },
                    Some((too, all)) if too == curve => Quadratic { curve, every: every || all },
                    Some(_) => Quadratic { curve: Sign::Any, every: false },
                }
            }
            (Each { of, slope }, Each { of: too, slope: other }) if of == too => {
                Each { of, slope: slope.plus(other) }
            }
            (Squares { of, curve, every }, Squares { of: too, curve: other, every: all }) => {
                let curve = if curve == other { curve } else { Sign::Any };
                Squares { of: of.filter(|_| of == too), curve, every: every || all }
            }
            (Squares { of, curve, every }, Each { of: too, .. })
            | (Each { of: too, .. }, Squares { of, curve, every }) => {
                Squares { of: of.filter(|v| *v == too), curve, every }
            }
            (Squares { curve, every, .. }, Affine) | (Affine, Squares { curve, every, .. }) => {
                Squares { of: None, curve, every }
            }
            _ => Affine,
        }
    }

    /// One or the other, at every element.
    fn or(self, other: Form) -> Form {
        match (self, other, self.plus(other)) {
            (Form::Each { slope: a, .. }, Form::Each { slope: b, .. }, Form::Each { of, .. }) => {
                Form::Each { of, slope: if a == b { a } else { Sign::Any } }
            }
            (
                Form::Squares { every: a, .. },
                Form::Squares { every: b, .. },
                Form::Squares { of, curve, .. },
            ) => Form::Squares { of, curve, every: a && b },
            (a, b, Form::Quadratic { curve, .. }) => {
                let every = |form: Form| form.bent().is_some_and(|(_, every)| every);
                Form::Quadratic { curve, every: every(a) && every(b) }
            }
            (_, _, Form::Squares { of, curve, .. }) => Form::Squares { of, curve, every: false },
            (_, _, Form::Each { .. }) => Form::Affine,
            (_, _, form) => form,
        }
    }

    /// The product of two that stand in the same places.
    fn product(self, other: Form, same: bool) -> Form {
        match (self, other) {
            (Form::Each { of, slope }, Form::Each { of: too, slope: by }) if of == too => {
                let sign = slope.times(by);
                // A square is not below 0; whether it is above it, the slope says.
                let above = same || sign == Sign::Above;
                let curve = if above { Sign::Positive } else { sign };
                Form::Squares { of: Some(of), curve, every: sign.is_strict() }
            }
            (a, b) if a.is_affine() && b.is_affine() && same => {
                Form::Quadratic { curve: Sign::Positive, every: false }
            }
            (a, b) => a.crossed(b),
        }
    }

    /// Products of two in any places.
    fn crossed(self, other: Form) -> Form {
        match self.is_affine() && other.is_affine() {
            true => Form::Quadratic { curve: Sign::Any, every: false },
            false => Form::Beyond,
        }
    }
}

impl Elab<'_> {
    /// The form of an expression in these variables together.
    pub(super) fn form(&self, root: ExprId, vars: &[VarId]) -> Form {
        let mut known: HashMap<ExprId, Form> = HashMap::new();
        // Operands are older than their users.
        for id in self.m.reachable(&[root]) {
            let form = self.form_at(id, vars, &known);
            known.insert(id, form);
        }
        known[&root]
    }

    fn form_at(&self, id: ExprId, vars: &[VarId], known: &HashMap<ExprId, Form>) -> Form {
        let of = |id: &ExprId| known[id];
        let kind = &self.m.expr(id).kind;
        match kind {
            ExprKind::Var(v) if vars.contains(v) => Form::Each { of: *v, slope: Sign::Positive },
            _ if kind.children().iter().all(|c| of(c) == Form::Constant) => Form::Constant,
            ExprKind::Call { result, .. } => of(result),
            ExprKind::Element { of: e, .. } => of(e).cut(),
            ExprKind::Reduce { how, body, .. } if *how != AxisReduce::LogMeanExp => {
                of(body).scaled(Sign::Positive, false)
            }
            ExprKind::Op { op, args, attrs } if op.kind == Kind::View => {
                let all = args.iter().map(of).fold(Form::Constant, Form::plus);
                match op.name {
                    is::RESHAPE => all,
                    is::PERMUTE | is::FLIP | is::BROADCAST | is::CONCAT => {
                        all.scaled(Sign::Positive, false)
                    }
                    _ => all.cut(),
                }
            }
            ExprKind::Op { op, args, attrs } => self.form_of_op(op.name, args, attrs, &of),
            _ => Form::Beyond,
        }
    }

    fn form_of_op(
        &self,
        name: &str,
        args: &[ExprId],
        attrs: &Attrs,
        of: &dyn Fn(&ExprId) -> Form,
    ) -> Form {
        let constant = |id: &ExprId| of(id) == Form::Constant;
        match (name, args) {
            (is::ADD, [a, b]) => of(a).plus(of(b)),
            (is::SUB, [a, b]) => of(a).plus(of(b).scaled(Sign::Negative, true)),
            (is::NEG, [a]) => of(a).scaled(Sign::Negative, true),
            (is::SUM | is::CUMSUM, [a]) => of(a).scaled(Sign::Positive, false),
            (is::MUL, [a, b]) if constant(a) => of(b).scaled(self.sign_of(*a), true),
            (is::MUL, [a, b]) if constant(b) => of(a).scaled(self.sign_of(*b), true),
            (is::MUL, [a, b]) => of(a).product(of(b), a == b),
            (is::DIV, [a, b]) if constant(b) => of(a).scaled(self.sign_of(*b), true),
            (is::CONTRACT | is::CONV | is::CONV_TRANSPOSE, [a, b]) if constant(a) => {
                of(b).scaled(self.sign_of(*a), false).cut()
            }
            (is::CONTRACT | is::CONV | is::CONV_TRANSPOSE, [a, b]) if constant(b) => {
                of(a).scaled(self.sign_of(*b), false).cut()
            }
            (is::CONTRACT, [a, b]) => match attrs {
                Attrs::Contract(spec) if spec.lhs == spec.rhs && spec.out.is_empty() => {
                    of(a).product(of(b), a == b).scaled(Sign::Positive, false)
                }
                _ => of(a).crossed(of(b)),
            },
            (is::CONV | is::CONV_TRANSPOSE, [a, b]) => of(a).crossed(of(b)),
            (is::SELECT, [c, a, b]) if constant(c) => of(a).or(of(b)),
            (is::GATHER | is::TAKE_ALONG, [table, index]) if constant(index) => of(table).cut(),
            (is::POW, [a, b]) if constant(b) && self.constant(*b) == Some(2.0) => {
                of(a).product(of(a), true)
            }
            _ => Form::Beyond,
        }
    }
}
