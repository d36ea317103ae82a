//! Products of factors. In: a density whose statements are `factor e`, potentials of what its head names:
//! `p` is proportional to the exponential of their sum. Out: conditionals of blocks, potentials with blocks
//! summed out, and sweeps of Gibbs sampling; all follow from the form of the potential in a block.
//!
//! A potential that is affine in blocks of bits is `phi(0) + dot(eta, h)`, where `eta` is its slope there: so
//! the bits are independent given the rest, each with log-odds `eta`, and their sum is a product,
//! `sum_h exp(phi) = exp(phi(0)) prod_j (1 + exp(eta_j))` (Smolensky 1986; Hinton 2002). `block.rs` has the same
//! for categories and reals, `base.rs` for what has a distribution beside the factors. Where elements meet, each is looked at alone: its logits are differences of potentials.

mod anneal;
mod base;
mod block;
mod form;
mod linear;
mod sum;
pub mod sweep;
mod told;
mod vector;
mod words;

use crate::base::{Span, codes};
use crate::graph::op::{index, map};
use crate::graph::{Attrs, DType, Ty};
use crate::model::elaborate::value::{Args, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Density, DensityId, ExprId, Factor, Support, Type, VarId};
use block::{Block, Given};
use form::Form;
use std::rc::Rc;

/// What makes reals of a block independent normals.
const CONCAVE: &str = "give every real a square of its own with a factor that is proven to be negative: `-0.5 * sum(v^2)`, `-sum((v - a)^2 / exp(s))`; `hmc(p)` draws reals of any form";

/// What tilts a distribution.
const AFFINE: &str =
    "let factors be affine in what has a distribution of its own: `dot(v, a)`, `dot(v @ W, h)`";

/// Values for variables of a density.
pub type Values = Vec<(VarId, ExprId)>;

impl<'a> Elab<'a> {
    /// Whether a density is a product of factors.
    pub fn is_energy(&self, id: DensityId) -> bool {
        let factors = &self.m.densities[id.0 as usize].factors;
        factors.iter().any(|f| matches!(f, Factor::Energy { .. }))
    }

    /// The sum of the factors of a product of factors, in its own variables: without the distributions that some
    /// of these have beside them.
    pub fn potential(&mut self, id: DensityId) -> Res<ExprId> {
        let density = &self.m.densities[id.0 as usize];
        let span = density.span;
        let terms: Vec<ExprId> = density
            .factors
            .iter()
            .filter_map(|f| match f {
                Factor::Energy { value, .. } => Some(*value),
                _ => None,
            })
            .collect();
        let mut sum = terms[0];
        for term in &terms[1..] {
            sum = self.two(&map::ADD, sum, *term, span)?;
        }
        Ok(sum)
    }

    /// The unit matrix.
    fn units(&mut self, n: usize, span: Span) -> Res<ExprId> {
        let attrs = Attrs::Iota { ty: Ty::f32([n, n]), axis: 0 };
        self.op(&index::EYE, vec![], attrs, Support::Bit, span)
    }

    fn zeros_like(&mut self, ty: &Type, span: Span) -> Res<ExprId> {
        let zero = self.literal(0.0, DType::F32, span);
        self.fill(zero, &ty.shape, span)
    }

    /// The density of some names of a product of factors given all others, where these are
    /// independent and of families that are known.
    pub fn given_the_rest(
        &mut self,
        id: DensityId,
        wanted: &[String],
        given: &[String],
        span: Span,
    ) -> Res<Option<DensityId>> {
        let joint = self.m.densities[id.0 as usize].clone();
        let named =
            |list: &[String], v: &VarId| list.iter().any(|n| *n == self.m.vars[v.0 as usize].name);
        let (over, rest): (Vec<VarId>, Vec<VarId>) =
            joint.over.iter().partition(|v| named(wanted, v));
        if over.is_empty() || rest.is_empty() || !rest.iter().all(|v| named(given, v)) {
            return Ok(None);
        }
        let given: Vec<VarId> = joint.given.iter().copied().chain(rest).collect();
        let known = self.m.densities.iter().position(|d| d.over == over && d.given == given);
        if let Some(known) = known {
            return Ok(Some(DensityId(known as u32)));
        }
        let phi = self.potential(id)?;
        if !self.is_simple(phi, &over, span)? {
            return self.not_simple(&joint, &over, span);
        }
        let mut factors = Vec::new();
        for var in &over {
            let Some(known) = self.given(phi, *var, &Vec::new(), span)? else {
                unreachable!("simple together, so alone")
            };
            let name = self.m.vars[var.0 as usize].name.clone();
            let ty = self.m.vars[var.0 as usize].ty.clone();
            let stream = format!("{}.{name}", joint.name);
            let Value::Dist(call) = self.family_of(&known, span)? else {
                unreachable!("a family gives a distribution")
            };
            let dist = self.shape_dist(&call, Some(ty), &stream, span)?;
            factors.push(Factor::Draw { var: *var, dist, span });
        }
        let id = DensityId(self.m.densities.len() as u32);
        self.m.densities.push(Density { over, given, factors, ..joint });
        Ok(Some(id))
    }

    /// The distribution of the library that a block has.
    fn family_of(&mut self, given: &Given<'a>, span: Span) -> Res<Value<'a>> {
        let (family, settings) = match given {
            Given::Family(_, call) => return Ok(Value::Dist(Rc::new(call.clone()))),
            Given::Bits(odds) => ("Bernoulli", vec![("logits", *odds)]),
            Given::Words(logits) => ("Categorical", vec![("logits", *logits)]),
            Given::Reals(mean, scale) => ("Normal", vec![("loc", *mean), ("scale", *scale)]),
            Given::Vector(mean, root) => {
                ("MultivariateNormal", vec![("loc", *mean), ("scale_tril", *root)])
            }
        };
        let (home, _) = self.of_library(family);
        let mut args = Args::default();
        args.named.extend(settings.into_iter().map(|(n, e)| (n.into(), Value::Tensor(e), span)));
        self.distribution(home, family, args, span)
    }

    /// No conditional of a family follows.
    fn not_simple<T>(&mut self, joint: &Density, over: &[VarId], span: Span) -> Res<T> {
        let names: Vec<&str> = over.iter().map(|v| self.var_name(*v)).collect();
        let names = names.join(", ");
        let text =
            format!("no distribution of `{names}` given the rest follows from `{}`", joint.name);
        let label = self.why_not(over);
        let place = self.factor_beyond(joint, over);
        let error = self.error(codes::RL0129, text, span, "").also(place, label);
        let listed = |v: &VarId| matches!(self.block_of(*v), Some(Block::Bits | Block::Words(_)));
        let based = |v: &VarId| matches!(self.block_of(*v), Some(Block::Base(_)));
        let help = match over.iter().all(listed) {
            true => "draw one after the other: `gibbs(p, steps = 100)`",
            false if over.iter().any(based) => AFFINE,
            false => CONCAVE,
        };
        self.stop(error.help(help))
    }

    /// Why blocks have no distribution that is known here.
    fn why_not(&self, vars: &[VarId]) -> String {
        let names: Vec<&str> = vars.iter().map(|v| self.var_name(*v)).collect();
        let names = names.join(", ");
        match vars.first().and_then(|v| self.block_of(*v)) {
            Some(Block::Bits) => {
                format!("not affine in `{names}`: bits of it meet in a product or a function")
            }
            Some(Block::Words(_)) => {
                format!(
                    "not affine in one-hot vectors of `{names}`: they meet in a product or a function"
                )
            }
            Some(Block::Reals) => {
                format!(
                    "not of the second degree, with a concave square of every element of `{names}`"
                )
            }
            Some(Block::Base(_)) => {
                format!("not affine in `{names}`, which has a distribution of its own")
            }
            None => format!("`{names}` is not made of bits, categories or reals"),
        }
    }

    /// The factor that has another form than the blocks need, or else the density.
    fn factor_beyond(&self, joint: &Density, over: &[VarId]) -> Span {
        let beyond = joint.factors.iter().find_map(|f| match f {
            Factor::Energy { value, span } => match self.form(*value, over) {
                Form::Beyond => Some(*span),
                form if !form.is_affine() && !form.is_concave() && !form.is_bowl() => Some(*span),
                _ => None,
            },
            _ => None,
        });
        self.place(beyond.unwrap_or(joint.span))
    }

    /// A product of factors is scored up to a constant, and drawn by a chain.
    pub fn unnormalized<T>(&mut self, density: &Density, what: &str, span: Span) -> Res<T> {
        let text = format!(
            "`{}` is a product of factors, known up to a constant: it cannot be {what}",
            density.name
        );
        let help = "`free_energy(p, v = v)` is -log p(v) without the constant, `log_z(p)` the constant of a small \
                    one; `gibbs(p, v = v, steps = 10)` draws, of reals also `hmc(p)`, and conditionals are densities: `p(h | v)`";
        let error = self.error(codes::RL0129, text, span, "");
        let place = self.place(density.span);
        self.stop(error.also(place, "declared here").help(help))
    }
}
