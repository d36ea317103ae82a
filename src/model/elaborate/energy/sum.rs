//! Blocks summed out: free energies, and the constant of small products of factors.

use super::Values;
use crate::base::{Span, codes};
use crate::graph::op::{index, map};
use crate::graph::{Attrs, DType, Ty};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{
    Axis, AxisId, AxisReduce, DensityId, ExprId, ExprKind, Support, Type, VarId,
};

/// Values of bits that are gone through one by one.
const MOST_BITS: usize = 16;

impl<'a> Elab<'a> {
    /// `-log sum_h exp(phi(v, h))` with these values for some variables; `h` are the others.
    pub fn free_energy(&mut self, id: DensityId, values: &Values, span: Span) -> Res<ExprId> {
        let over = self.m.densities[id.0 as usize].over.clone();
        let known = |v: &VarId| values.iter().any(|(own, _)| own == v);
        let hidden: Vec<VarId> = over.into_iter().filter(|v| !known(v)).collect();
        let potential = self.potential(id)?;
        if !self.all_bits(&hidden) {
            return self.not_summed(id, &hidden, span);
        }
        let sum = if self.degree(potential, &hidden) <= 1 {
            self.affine_sum(id, &hidden, (values, None), span)?
        } else if self.bits(&hidden) <= MOST_BITS {
            self.sum_of_all(&hidden, span, |e, bits| {
                let with: Values = values.iter().copied().chain(bits.iter().copied()).collect();
                Ok(e.m.substitute(potential, &with))
            })?
        } else {
            return self.not_summed(id, &hidden, span);
        };
        self.one(&map::NEG, sum, span)
    }

    /// The logarithm of the sum over blocks of bits that the potential is affine in together, where it
    /// counts `beta` times.
    pub(super) fn affine_sum(
        &mut self,
        id: DensityId,
        hidden: &[VarId],
        (values, beta): (&Values, Option<ExprId>),
        span: Span,
    ) -> Res<ExprId> {
        let potential = self.potential(id)?;
        let mut with = values.clone();
        for var in hidden {
            let ty = self.m.vars[var.0 as usize].ty.clone();
            with.push((*var, self.zeros_like(&ty, span)?));
        }
        let sum = self.m.substitute(potential, &with);
        let mut sum = self.tempered(sum, beta, span)?;
        for var in hidden {
            let slope = self.slope_in(id, *var, &with, span)?;
            let slope = self.tempered(slope, beta, span)?;
            let soft = self.one(&map::SOFTPLUS, slope, span)?;
            let all = self.sum_all(soft, span)?;
            sum = self.two(&map::ADD, sum, all, span)?;
        }
        Ok(sum)
    }

    /// The block with the most bits among those that the potential is affine in.
    pub(super) fn widest_affine(&mut self, id: DensityId) -> Res<Option<VarId>> {
        let potential = self.potential(id)?;
        let mut blocks = self.m.densities[id.0 as usize].over.clone();
        blocks.sort_by_key(|v| std::cmp::Reverse(self.bits(&[*v])));
        Ok(blocks.into_iter().find(|v| self.degree(potential, &[*v]) <= 1))
    }

    /// How many bits some variables have.
    pub(super) fn bits(&self, vars: &[VarId]) -> usize {
        let len = |v: &VarId| self.m.vars[v.0 as usize].ty.shape.iter().product::<usize>();
        vars.iter().map(len).sum()
    }

    /// The logarithm of the sum of exponentials over all values of some bits.
    fn sum_of_all(
        &mut self,
        vars: &[VarId],
        span: Span,
        of: impl FnOnce(&mut Self, &Values) -> Res<ExprId>,
    ) -> Res<ExprId> {
        let size = 1usize << self.bits(vars);
        let names: Vec<String> = vars.iter().map(|v| self.var_name(*v).to_string()).collect();
        let axis = AxisId(self.m.axes.len() as u32);
        self.m.axes.push(Axis { name: format!("values of {}", names.join(", ")), size });
        let values = self.all_values(vars, axis, size, span)?;
        let body = of(self, &values)?;
        let ty = self.ty(body).clone();
        let mean = ExprKind::Reduce { axis, how: AxisReduce::LogMeanExp, body };
        let mean = self.push(mean, ty, span)?;
        let log = self.literal((size as f64).ln(), DType::F32, span);
        self.two(&map::ADD, mean, log, span)
    }

    /// The bits of the number of a turn of an axis: by halves, which are exact.
    fn all_values(&mut self, vars: &[VarId], axis: AxisId, size: usize, span: Span) -> Res<Values> {
        let ty =
            Type { dtype: DType::F32, shape: vec![size], support: Support::Real, varies: false };
        let attrs = Attrs::Iota { ty: Ty::new(DType::F32, [size]), axis: 0 };
        let all = ExprKind::Op { op: &index::IOTA, attrs, args: vec![] };
        let all = self.push(all, ty.clone(), span)?;
        let scalar = Type { shape: vec![], ..ty };
        let mut rest = self.push(ExprKind::Element { axis, of: all }, scalar, span)?;
        let mut values = Vec::new();
        for var in vars {
            let ty = self.m.vars[var.0 as usize].ty.clone();
            let mut bits = Vec::new();
            for _ in 0..ty.shape.iter().product::<usize>() {
                let half = self.times(rest, 0.5, span)?;
                let whole = self.one(&map::FLOOR, half, span)?;
                let twice = self.times(whole, 2.0, span)?;
                let bit = self.two(&map::SUB, rest, twice, span)?;
                bits.push(self.reshape(bit, vec![1], span)?);
                rest = whole;
            }
            let bits = match bits.as_slice() {
                [one] => *one,
                _ => self.op(
                    &crate::graph::op::view::CONCAT,
                    bits,
                    Attrs::Axis(0),
                    Support::Real,
                    span,
                )?,
            };
            values.push((*var, self.reshape(bits, ty.shape, span)?));
        }
        Ok(values)
    }

    /// The logarithm of the constant: the sum over everything.
    pub fn log_constant(&mut self, id: DensityId, values: &Values, span: Span) -> Res<ExprId> {
        let over = self.m.densities[id.0 as usize].over.clone();
        // The widest block that can be summed by a formula is; the others are gone through.
        let summed = self.widest_affine(id)?;
        let rest: Vec<VarId> = over.iter().copied().filter(|v| Some(*v) != summed).collect();
        if !self.all_bits(&over) || self.bits(&rest) > MOST_BITS {
            let text = format!(
                "the constant of `{}` is a sum over {} bits",
                self.m.densities[id.0 as usize].name,
                self.bits(&rest)
            );
            let help = format!(
                "at most {MOST_BITS} bits are gone through; compare free energies, which need no constant"
            );
            return self.fail(codes::RL0129, text, span, &help);
        }
        if rest.is_empty() {
            let free = self.free_energy(id, values, span)?;
            return self.one(&map::NEG, free, span);
        }
        self.sum_of_all(&rest, span, |e, bits| {
            let with: Values = values.iter().copied().chain(bits.iter().copied()).collect();
            let free = e.free_energy(id, &with, span)?;
            e.one(&map::NEG, free, span)
        })
    }

    pub(super) fn not_summed<T>(&mut self, id: DensityId, hidden: &[VarId], span: Span) -> Res<T> {
        let names: Vec<&str> = hidden.iter().map(|v| self.var_name(*v)).collect();
        let text = format!(
            "`{}` is not summed over `{}`",
            self.m.densities[id.0 as usize].name,
            names.join(", ")
        );
        let place = self.place(self.m.densities[id.0 as usize].span);
        let help = format!(
            "a sum follows where the potential is affine in bits that are summed, or where these are {MOST_BITS} at most; give values for the others: `free_energy(p, v = v, h = h)`"
        );
        let error = self.error(codes::RL0129, text, span, "");
        self.stop(error.also(place, "declared here").help(help))
    }
}
