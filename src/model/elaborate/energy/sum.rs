//! Blocks summed out: free energies, and the constant of small products of factors.

use super::Values;
use super::block::Block;
use crate::base::{Span, codes};
use crate::graph::op::{index, map, view};
use crate::graph::{Attrs, DType, Ty};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{
    Axis, AxisId, AxisReduce, DensityId, ExprId, ExprKind, Support, Type, VarId,
};

/// Values that are gone through one by one: those of 16 bits.
const MOST: usize = 1 << 16;

impl<'a> Elab<'a> {
    /// `-log sum_h exp(phi(v, h))` with these values for some variables; `h` are the others.
    pub fn free_energy(&mut self, id: DensityId, values: &Values, span: Span) -> Res<ExprId> {
        let over = self.m.densities[id.0 as usize].over.clone();
        let known = |v: &VarId| values.iter().any(|(own, _)| own == v);
        let hidden: Vec<VarId> = over.into_iter().filter(|v| !known(v)).collect();
        let phi = self.potential(id)?;
        let Some(mut sum) = self.log_total(phi, &hidden, values, span)? else {
            return self.not_summed(id, &hidden, span);
        };
        let known: Vec<VarId> = values.iter().map(|(var, _)| *var).collect();
        if let Some(bases) = self.log_bases(id, &known, values, span)? {
            sum = self.two(&map::ADD, sum, bases, span)?;
        }
        self.one(&map::NEG, sum, span)
    }

    /// The logarithm of the constant: the sum over everything that has no value.
    pub fn log_constant(&mut self, id: DensityId, values: &Values, span: Span) -> Res<ExprId> {
        let over = self.m.densities[id.0 as usize].over.clone();
        let phi = self.potential(id)?;
        if let Some(sum) = self.log_total(phi, &over, values, span)? {
            return Ok(sum);
        }
        let name = self.m.densities[id.0 as usize].name.clone();
        let text = format!("the constant of `{name}` does not follow");
        let help = format!(
            "beside a block that is summed by a formula, at most {MOST} values (16 bits) are gone through; `ais(p)` estimates it"
        );
        self.fail(codes::RL0129, text, span, &help)
    }

    /// The logarithm of a sum over blocks: by a formula, or one of them by a formula and the others one by
    /// one. None where these are too many.
    fn log_total(
        &mut self,
        phi: ExprId,
        hidden: &[VarId],
        values: &Values,
        span: Span,
    ) -> Res<Option<ExprId>> {
        if let Some(sum) = self.log_mass(phi, hidden, values, span)? {
            return Ok(Some(sum));
        }
        let summed = self.widest_simple(phi, hidden, span)?;
        let rest: Vec<VarId> = hidden.iter().copied().filter(|v| Some(*v) != summed).collect();
        if self.states(&rest).is_none_or(|n| n > MOST) {
            return Ok(None);
        }
        let summed: Vec<VarId> = summed.into_iter().collect();
        self.sum_of_all(&rest, span, |e, own| {
            let with: Values = values.iter().copied().chain(own.iter().copied()).collect();
            match e.log_mass(phi, &summed, &with, span)? {
                Some(sum) => Ok(sum),
                None => unreachable!("a simple block"),
            }
        })
        .map(Some)
    }

    /// The block with the most elements among those that a formula sums.
    pub(super) fn widest_simple(
        &mut self,
        phi: ExprId,
        blocks: &[VarId],
        span: Span,
    ) -> Res<Option<VarId>> {
        let mut blocks = blocks.to_vec();
        // First those that cannot be gone through.
        let listed = |v: &VarId| matches!(self.block_of(*v), Some(Block::Bits | Block::Words(_)));
        blocks.sort_by_key(|v| (listed(v), std::cmp::Reverse(self.elements(*v))));
        for var in blocks {
            if self.is_simple(phi, &[var], span)? {
                return Ok(Some(var));
            }
        }
        Ok(None)
    }

    /// How many values some blocks have together; none where they are not counted.
    fn states(&self, vars: &[VarId]) -> Option<usize> {
        vars.iter().try_fold(1usize, |all, var| {
            let each: usize = match self.block_of(*var)? {
                Block::Bits => 2,
                Block::Words(n) => n,
                Block::Reals | Block::Base(_) => return None,
            };
            all.checked_mul(each.checked_pow(self.elements(*var) as u32)?)
        })
    }

    /// The logarithm of the sum of exponentials over all values of some blocks.
    fn sum_of_all(
        &mut self,
        vars: &[VarId],
        span: Span,
        of: impl FnOnce(&mut Self, &Values) -> Res<ExprId>,
    ) -> Res<ExprId> {
        let Some(size) = self.states(vars) else { unreachable!("counted before") };
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

    /// The digits of the number of a turn of an axis, one for each element: quotients of whole numbers below
    /// 2^16, rounded down between two of them, are exact.
    fn all_values(&mut self, vars: &[VarId], axis: AxisId, size: usize, span: Span) -> Res<Values> {
        let ty = Type {
            dtype: DType::F32,
            shape: vec![size],
            support: Support::Real,
            varies: false,
            ends: false,
        };
        let attrs = Attrs::Iota { ty: Ty::new(DType::F32, [size]), axis: 0 };
        let all = ExprKind::Op { op: &index::IOTA, attrs, args: vec![] };
        let all = self.push(all, ty.clone(), span)?;
        let scalar = Type { shape: vec![], ..ty };
        let mut rest = self.push(ExprKind::Element { axis, of: all }, scalar, span)?;
        let mut values = Vec::new();
        for var in vars {
            let base = match self.block_of(*var) {
                Some(Block::Words(n)) => n,
                _ => 2,
            };
            let mut digits = Vec::new();
            for _ in 0..self.elements(*var) {
                let (digit, whole) = self.digit(rest, base, span)?;
                digits.push(self.reshape(digit, vec![1], span)?);
                rest = whole;
            }
            values.push((*var, self.of_digits(*var, digits, span)?));
        }
        Ok(values)
    }

    /// What is left of a division of a whole number, and the quotient.
    fn digit(&mut self, number: ExprId, base: usize, span: Span) -> Res<(ExprId, ExprId)> {
        let half = self.literal(0.5, DType::F32, span);
        let inside = match base {
            2 => number,
            _ => self.two(&map::ADD, number, half, span)?,
        };
        let quotient = self.times(inside, 1.0 / base as f64, span)?;
        let whole = self.one(&map::FLOOR, quotient, span)?;
        let product = self.times(whole, base as f64, span)?;
        Ok((self.two(&map::SUB, number, product, span)?, whole))
    }

    fn of_digits(&mut self, var: VarId, digits: Vec<ExprId>, span: Span) -> Res<ExprId> {
        let ty = self.m.vars[var.0 as usize].ty.clone();
        let digits = match digits.as_slice() {
            [one] => *one,
            _ => self.op(&view::CONCAT, digits, Attrs::Axis(0), Support::Real, span)?,
        };
        let digits = self.reshape(digits, ty.shape, span)?;
        match ty.dtype {
            DType::I32 => {
                self.op(&map::CAST, vec![digits], Attrs::DType(DType::I32), ty.support, span)
            }
            _ => Ok(digits),
        }
    }

    pub(super) fn not_summed<T>(&mut self, id: DensityId, hidden: &[VarId], span: Span) -> Res<T> {
        let names: Vec<&str> = hidden.iter().map(|v| self.var_name(*v)).collect();
        let text = format!(
            "`{}` is not summed over `{}`",
            self.m.densities[id.0 as usize].name,
            names.join(", ")
        );
        let joint = self.m.densities[id.0 as usize].clone();
        let (place, why) = (self.factor_beyond(&joint, hidden), self.why_not(hidden));
        let help = format!(
            "a sum follows where the potential is affine in bits and in `one_hot(k, n)`, a sum of concave squares of reals, or over {MOST} values at most; give values for the others: `free_energy(p, v = v, h = h)`"
        );
        let error = self.error(codes::RL0129, text, span, "");
        self.stop(error.also(place, why).help(help))
    }
}
