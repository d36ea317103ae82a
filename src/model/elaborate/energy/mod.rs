//! Products of factors. In: a density whose statements are `factor e`, potentials of what its head names:
//! `p` is proportional to the exponential of their sum. Out: conditionals of blocks, potentials with blocks
//! summed out, and sweeps of Gibbs sampling; all follow from the degree of the potential in a block.
//!
//! A potential that is affine in blocks of bits is `phi(0) + dot(eta, h)`, where `eta` is its slope there: so
//! the bits are independent given the rest, each with log-odds `eta`, and their sum is a product,
//! `sum_h exp(phi) = exp(phi(0)) prod_j (1 + exp(eta_j))` (Smolensky 1986; Hinton 2002). Bits that a
//! potential is not affine in are looked at one by one: their log-odds are a difference of two potentials.

mod anneal;
mod degree;
mod sum;
pub mod sweep;

use crate::base::{Span, codes};
use crate::graph::op::{index, map};
use crate::graph::{Attrs, DType, Ty};
use crate::model::elaborate::value::{Args, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{
    Density, DensityId, Derivative, ExprId, ExprKind, Factor, Support, Type, VarId,
};

/// Values for variables of a density.
pub type Values = Vec<(VarId, ExprId)>;

impl<'a> Elab<'a> {
    /// Whether a density is a product of factors.
    pub fn is_energy(&self, id: DensityId) -> bool {
        let factors = &self.m.densities[id.0 as usize].factors;
        factors.iter().any(|f| matches!(f, Factor::Energy { .. }))
    }

    /// The logarithm of what a product of factors is proportional to, in its own variables.
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

    /// The slope of the potential in a block, which it is affine in, with these values for the others.
    fn slope_in(&mut self, id: DensityId, block: VarId, with: &Values, span: Span) -> Res<ExprId> {
        let potential = self.potential(id)?;
        let ty = Type { support: Support::Real, ..self.m.vars[block.0 as usize].ty.clone() };
        let name = self.m.vars[block.0 as usize].name.clone();
        let (var, v) = self.m.fresh_var(&name, ty.clone(), span);
        let others = with.iter().copied().filter(|(own, _)| *own != block);
        let values: Values = others.chain([(block, v)]).collect();
        let body = self.m.substitute(potential, &values);
        let at = self.zeros_like(&ty, span)?;
        let varies = self.ty(body).varies;
        let kind = ExprKind::Derivative { kind: Derivative::Grad, var, body, at };
        self.push(kind, Type { varies, ..ty }, span)
    }

    /// The number of a turn of a loop.
    fn counter(&mut self, name: &str, turns: usize, span: Span) -> (VarId, ExprId) {
        let support = Support::Index(turns);
        let ty = Type { dtype: DType::I32, shape: vec![], support, varies: false };
        self.m.fresh_var(name, ty, span)
    }

    /// The unit matrix.
    fn units(&mut self, n: usize, span: Span) -> Res<ExprId> {
        let attrs = Attrs::Iota { ty: Ty::f32([n, n]), axis: 0 };
        self.op(&index::EYE, vec![], attrs, Support::Bit, span)
    }

    /// A carry of a loop after its last turn.
    fn after(&mut self, scan: ExprKind, ty: &Type, span: Span) -> Res<ExprId> {
        let ExprKind::Scan { length, .. } = scan else { unreachable!("a carry of a loop") };
        let shape = [&[length], &ty.shape[..]].concat();
        let all = self.push(scan, Type { shape, varies: true, ..ty.clone() }, span)?;
        let last = self.cut(all, 0, length - 1, length, span)?;
        self.reshape(last, ty.shape.clone(), span)
    }

    fn zeros_like(&mut self, ty: &Type, span: Span) -> Res<ExprId> {
        let zero = self.literal(0.0, DType::F32, span);
        self.fill(zero, &ty.shape, span)
    }

    /// The density of some names of a product of factors given all others, where it is one of the
    /// families: bits that the potential is affine in.
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
        let potential = self.potential(id)?;
        if !self.all_bits(&over) || self.degree(potential, &over) > 1 {
            return self.not_affine(&joint, &over, span);
        }
        let mut factors = Vec::new();
        for var in &over {
            let logits = self.slope_in(id, *var, &Vec::new(), span)?;
            let name = self.m.vars[var.0 as usize].name.clone();
            let ty = self.m.vars[var.0 as usize].ty.clone();
            let stream = format!("{}.{name}", joint.name);
            let call = self.bernoulli(logits, span)?;
            let Value::Dist(call) = call else { unreachable!("a family gives a distribution") };
            let dist = self.shape_dist(&call, Some(ty), &stream, span)?;
            factors.push(Factor::Draw { var: *var, dist, span });
        }
        let id = DensityId(self.m.densities.len() as u32);
        self.m.densities.push(Density { over, given, factors, ..joint });
        Ok(Some(id))
    }

    /// Independent bits with these log-odds.
    fn bernoulli(&mut self, logits: ExprId, span: Span) -> Res<Value<'a>> {
        let family = "Bernoulli";
        let Some((home, _)) = self.names.prelude.get(family).and_then(|list| list.first()).copied()
        else {
            unreachable!("the library has `{family}`")
        };
        let mut args = Args::default();
        args.named.push(("logits".into(), Value::Tensor(logits), span));
        self.distribution(home, family, args, span)
    }

    fn all_bits(&self, vars: &[VarId]) -> bool {
        vars.iter().all(|v| self.m.vars[v.0 as usize].ty.support == Support::Bit)
    }

    /// No conditional of a family follows.
    fn not_affine<T>(&mut self, joint: &Density, over: &[VarId], span: Span) -> Res<T> {
        let names: Vec<&str> = over.iter().map(|v| self.var_name(*v)).collect();
        let names = names.join(", ");
        let text =
            format!("no distribution of `{names}` given the rest follows from `{}`", joint.name);
        let label = match self.all_bits(over) {
            true => format!("not affine in `{names}`: bits of it meet in a product or a function"),
            false => format!("`{names}` is not made of bits"),
        };
        let place = joint.factors.iter().find_map(|f| match f {
            Factor::Energy { value, span } if self.degree(*value, over) > 1 => Some(*span),
            _ => None,
        });
        let place = self.place(place.unwrap_or(joint.span));
        let error = self.error(codes::RL0129, text, span, "").also(place, label);
        self.stop(error.help("draw the bits one after the other: `gibbs(p, steps = 100)`"))
    }

    /// A product of factors is scored up to a constant, and drawn by a chain.
    pub fn unnormalized<T>(&mut self, density: &Density, what: &str, span: Span) -> Res<T> {
        let text = format!(
            "`{}` is a product of factors, known up to a constant: it cannot be {what}",
            density.name
        );
        let help = "`free_energy(p, v = v)` is -log p(v) without the constant, `log_z(p)` the constant of a small \
                    one; `gibbs(p, v = v, steps = 10)` draws, and conditionals are densities: `p(h | v)`";
        let error = self.error(codes::RL0129, text, span, "");
        let place = self.place(density.span);
        self.stop(error.also(place, "declared here").help(help))
    }
}
