//! One block of a product of factors: bits, categories, reals, or what has a distribution of its own. In: the
//! potential, and values for the other blocks. Out: what the block is given these, where the form of the
//! potential tells it; draws; sums and integrals over blocks; and the simple density that annealing starts from.
//!
//! Affine in bits: independent, with the slopes as log-odds. Affine in one-hot vectors of categories: independent,
//! with the slopes as logits. Concave squares of reals: independent normals, of precision minus the second slope
//! and mean slope over precision (Welling, Rosen-Zvi and Hinton 2005). Affine in what has a distribution: that one,
//! tilted by the slope.

use super::Values;
use super::sweep::Site;
use crate::base::Span;
use crate::graph::op::{index, map, reduce};
use crate::graph::{Attrs, DType, NoiseKind};
use crate::model::elaborate::value::DistCall;
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Derivative, DistId, ExprId, ExprKind, Support, Type, VarId};
use std::f64::consts::{LN_2, PI};

/// What the elements of a block are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    /// 0 or 1.
    Bits,
    /// One of so many.
    Words(usize),
    /// Any real.
    Reals,
    /// Whatever this distribution gives.
    Base(DistId),
}

/// A block given all others: its elements are independent, but for those that a family holds together.
pub(super) enum Given<'a> {
    /// Log-odds of 1.
    Bits(ExprId),
    /// Logits along the last dim.
    Words(ExprId),
    /// Means and standard deviations.
    Reals(ExprId, ExprId),
    /// A vector whose elements meet: its mean, and a root of its covariance, a lower triangle.
    Vector(ExprId, ExprId),
    /// A variable with its distribution.
    Family(VarId, DistCall<'a>),
}

/// A potential as a polynomial in what stands for a block.
#[derive(Clone, Copy)]
struct Stand {
    block: Block,
    var: VarId,
}

impl<'a> Elab<'a> {
    /// What a block is made of; none if no potential makes a density of it that is known here.
    pub(super) fn block_of(&self, var: VarId) -> Option<Block> {
        if let Some(dist) = self.base_of(var) {
            return Some(Block::Base(dist));
        }
        match self.m.vars[var.0 as usize].ty.support {
            Support::Bit => Some(Block::Bits),
            Support::Index(n) => Some(Block::Words(n)),
            Support::Real => Some(Block::Reals),
            _ => None,
        }
    }

    /// Makes categories vectors. None if a block is unknown, or asked for in another way.
    fn stands(
        &mut self,
        mut phi: ExprId,
        vars: &[VarId],
        span: Span,
    ) -> Res<Option<(ExprId, Vec<Stand>)>> {
        let mut stands = Vec::new();
        for var in vars {
            let Some(block) = self.block_of(*var) else { return Ok(None) };
            let mut own = *var;
            if let Block::Words(_) = block {
                let Some((new, stand)) = self.in_one_hot(phi, *var, span)? else { return Ok(None) };
                (phi, own) = (new, stand);
            }
            stands.push(Stand { block, var: own });
        }
        if self.is_vector(phi, &stands) {
            return Ok(Some((phi, stands)));
        }
        // No two elements meet in a product, and each block has the form that it needs.
        let all: Vec<VarId> = stands.iter().map(|s| s.var).collect();
        let apart = self.form(phi, &all).is_apart();
        let fits = |s: &Stand| {
            let form = self.form(phi, &[s.var]);
            if s.block == Block::Reals { form.is_concave() } else { form.is_affine() }
        };
        Ok((apart && stands.iter().all(fits)).then_some((phi, stands)))
    }

    /// Whether the only block is a vector of reals that meet in products, and is normal.
    fn is_vector(&self, phi: ExprId, stands: &[Stand]) -> bool {
        let [Stand { block: Block::Reals, var }] = stands else { return false };
        self.m.vars[var.0 as usize].ty.shape.len() == 1 && self.form(phi, &[*var]).is_bowl()
    }

    /// Whether blocks are independent of each other given the rest, and known distributions.
    pub(super) fn is_simple(&mut self, phi: ExprId, vars: &[VarId], span: Span) -> Res<bool> {
        Ok(self.stands(phi, vars, span)?.is_some())
    }

    /// A block given values for the others.
    pub(super) fn given(
        &mut self,
        phi: ExprId,
        var: VarId,
        with: &Values,
        span: Span,
    ) -> Res<Option<Given<'a>>> {
        let Some((phi, stands)) = self.stands(phi, &[var], span)? else { return Ok(None) };
        let with: Values = with.iter().copied().filter(|(own, _)| *own != var).collect();
        let slope = self.slope_in(phi, stands[0].var, &with, span)?;
        Ok(Some(match stands[0].block {
            Block::Bits => Given::Bits(slope),
            Block::Words(_) => Given::Words(slope),
            Block::Base(dist) => Given::Family(var, self.tilted(dist, (slope, &with), span)),
            Block::Reals if self.is_vector(phi, &stands) => {
                let (covariance, root) = self.normal_of(phi, stands[0].var, &with, span)?;
                Given::Vector(self.matrix_vector(covariance, slope, span)?, root)
            }
            Block::Reals => {
                let precision = self.precision(phi, stands[0].var, &with, span)?;
                let mean = self.two(&map::DIV, slope, precision, span)?;
                let root = self.one(&map::SQRT, precision, span)?;
                let one = self.literal(1.0, DType::F32, span);
                Given::Reals(mean, self.two(&map::DIV, one, root, span)?)
            }
        }))
    }

    /// The logarithm of the sum or integral of the exponential of a potential over some blocks; none where no
    /// formula follows.
    pub(super) fn log_mass(
        &mut self,
        phi: ExprId,
        vars: &[VarId],
        values: &Values,
        span: Span,
    ) -> Res<Option<ExprId>> {
        let Some((phi, stands)) = self.stands(phi, vars, span)? else { return Ok(None) };
        let mut with: Values = values.iter().copied().filter(|(v, _)| !vars.contains(v)).collect();
        for stand in &stands {
            let ty = self.m.vars[stand.var.0 as usize].ty.clone();
            with.push((stand.var, self.zeros_like(&ty, span)?));
        }
        let mut sum = self.m.substitute(phi, &with);
        for stand in &stands {
            let slope = self.slope_in(phi, stand.var, &with, span)?;
            let each = match stand.block {
                Block::Bits => self.one(&map::SOFTPLUS, slope, span)?,
                Block::Words(_) => self.log_sum_exp(slope, span)?,
                Block::Base(dist) => self.log_mgf(dist, slope, &with),
                Block::Reals if self.is_vector(phi, &stands) => {
                    let (covariance, root) = self.normal_of(phi, stand.var, &with, span)?;
                    self.log_vector_mass(slope, (covariance, root), span)?
                }
                Block::Reals => {
                    let precision = self.precision(phi, stand.var, &with, span)?;
                    self.log_normal_mass(slope, precision, span)?
                }
            };
            let all = self.sum_all(each, span)?;
            sum = self.two(&map::ADD, sum, all, span)?;
        }
        Ok(Some(sum))
    }

    /// `log of the integral of exp(b x - a x^2 / 2)`.
    fn log_normal_mass(&mut self, b: ExprId, a: ExprId, span: Span) -> Res<ExprId> {
        let square = self.two(&map::MUL, b, b, span)?;
        let quotient = self.two(&map::DIV, square, a, span)?;
        let log = self.one(&map::LOG, a, span)?;
        let both = self.two(&map::SUB, quotient, log, span)?;
        let half = self.times(both, 0.5, span)?;
        let unit = self.literal(0.5 * (2.0 * PI).ln(), DType::F32, span);
        self.two(&map::ADD, half, unit, span)
    }

    /// Along the last dim.
    fn log_sum_exp(&mut self, logits: ExprId, span: Span) -> Res<ExprId> {
        let last = self.ty(logits).shape.len() - 1;
        self.op(&reduce::LOGSUMEXP, vec![logits], Attrs::Axes(vec![last]), Support::Real, span)
    }

    /// The slope of a potential in a block at 0, with these values for the others.
    fn slope_in(&mut self, phi: ExprId, block: VarId, with: &Values, span: Span) -> Res<ExprId> {
        let phi = match self.form(phi, &[block]).is_affine() {
            true => self.linear_part(phi, block, span)?,
            false => phi,
        };
        let (own, body, ty) = self.in_fresh(phi, block, with, span);
        let at = self.zeros_like(&ty, span)?;
        self.grad(own, body, at, span)
    }

    /// Minus the second slopes of a potential in the elements of a block, which meet in no product: these are
    /// the slopes of the sum of the first ones.
    fn precision(&mut self, phi: ExprId, block: VarId, with: &Values, span: Span) -> Res<ExprId> {
        let (inner, body, ty) = self.in_fresh(phi, block, with, span);
        let (outer, at) = self.fresh_like(block, span);
        let slope = self.grad(inner, body, at, span)?;
        let sum = self.sum_all(slope, span)?;
        let zeros = self.zeros_like(&ty, span)?;
        let second = self.grad(outer, sum, zeros, span)?;
        self.one(&map::NEG, second, span)
    }

    fn grad(&mut self, var: VarId, body: ExprId, at: ExprId, span: Span) -> Res<ExprId> {
        let varies = self.ty(body).varies || self.ty(at).varies;
        let ty = Type { support: Support::Real, varies, ..self.ty(at).clone() };
        self.push(ExprKind::Derivative { kind: Derivative::Grad, var, body, at }, ty, span)
    }

    /// A potential in a new variable for a block and these values for the others, with the variable's type.
    pub(super) fn in_fresh(
        &mut self,
        phi: ExprId,
        block: VarId,
        with: &Values,
        span: Span,
    ) -> (VarId, ExprId, Type) {
        let (own, e) = self.fresh_like(block, span);
        let ty = self.ty(e).clone();
        let others = with.iter().copied().filter(|(var, _)| *var != block);
        let values: Values = others.chain([(block, e)]).collect();
        (own, self.m.substitute(phi, &values), ty)
    }

    fn fresh_like(&mut self, var: VarId, span: Span) -> (VarId, ExprId) {
        let old = self.m.vars[var.0 as usize].clone();
        self.m.fresh_var(&old.name, Type { support: Support::Real, ..old.ty }, span)
    }

    // ---- draws ----

    /// Draws a block of which this is known.
    pub(super) fn draw(&mut self, given: &Given<'a>, site: &Site, span: Span) -> Res<ExprId> {
        match given {
            Given::Family(var, call) => self.draw_of_family(*var, call, site, span),
            Given::Bits(odds) => {
                let chance = self.one(&map::SIGMOID, *odds, span)?;
                let noise = self.noise(NoiseKind::Uniform, *odds, site, span)?;
                let below =
                    self.op(&map::LT, vec![noise, chance], Attrs::None, Support::Bool, span)?;
                self.op(&map::CAST, vec![below], Attrs::DType(DType::F32), Support::Bit, span)
            }
            // Gumbel's trick.
            Given::Words(logits) => {
                let noise = self.noise(NoiseKind::Uniform, *logits, site, span)?;
                let log = self.one(&map::LOG, noise, span)?;
                let log = self.one(&map::NEG, log, span)?;
                let log = self.one(&map::LOG, log, span)?;
                let scores = self.two(&map::SUB, *logits, log, span)?;
                let last = self.ty(scores).shape.len() - 1;
                let n = self.ty(scores).shape[last];
                let attrs = Attrs::Axis(last);
                self.op(&reduce::ARGMAX, vec![scores], attrs, Support::Index(n), span)
            }
            Given::Reals(mean, scale) => {
                let noise = self.noise(NoiseKind::Normal, *mean, site, span)?;
                let wide = self.two(&map::MUL, noise, *scale, span)?;
                self.two(&map::ADD, *mean, wide, span)
            }
            Given::Vector(mean, root) => {
                let noise = self.noise(NoiseKind::Normal, *mean, site, span)?;
                let wide = self.matrix_vector(*root, noise, span)?;
                self.two(&map::ADD, *mean, wide, span)
            }
        }
    }

    fn noise(&mut self, kind: NoiseKind, like: ExprId, site: &Site, span: Span) -> Res<ExprId> {
        let shape = self.ty(like).shape.clone();
        let support = match kind {
            NoiseKind::Uniform => Support::Interval(0.0, 1.0),
            NoiseKind::Normal => Support::Real,
        };
        let varies = site.per_example;
        let ty = Type { dtype: DType::F32, shape: shape.clone(), support, varies, ends: false };
        let noise = ExprKind::Noise {
            kind,
            stream: site.stream.clone(),
            shape,
            around: site.around.clone(),
            per_example: site.per_example,
        };
        self.push(noise, ty, span)
    }

    // ---- where chains start ----

    /// The density that a chain starts from: fair bits, even categories, standard normals, distributions without
    /// factors; or log-odds, logits, means and slopes that are given. `with` has values for what these mention.
    pub(super) fn simple(
        &mut self,
        var: VarId,
        (start, with): (Option<ExprId>, &Values),
        span: Span,
    ) -> Res<Given<'a>> {
        let shape = self.start_shape(var);
        let zeros = |e: &mut Self| {
            let zero = e.literal(0.0, DType::F32, span);
            e.fill(zero, &shape, span)
        };
        let start = match start {
            Some(start) => start,
            None => zeros(self)?,
        };
        Ok(match self.block_of(var) {
            Some(Block::Bits) => Given::Bits(start),
            Some(Block::Words(_)) => Given::Words(start),
            Some(Block::Base(dist)) => Given::Family(var, self.tilted(dist, (start, with), span)),
            _ => {
                let one = self.literal(1.0, DType::F32, span);
                Given::Reals(start, self.fill(one, &shape, span)?)
            }
        })
    }

    /// The shape of the log-odds, logits or means of a block.
    pub fn start_shape(&self, var: VarId) -> Vec<usize> {
        let own = &self.m.vars[var.0 as usize].ty.shape;
        match self.block_of(var) {
            Some(Block::Words(n)) => [&own[..], &[n]].concat(),
            _ => own.clone(),
        }
    }

    /// Its potential, in the variable.
    pub(super) fn simple_potential(
        &mut self,
        var: VarId,
        start: Option<ExprId>,
        span: Span,
    ) -> Res<Option<ExprId>> {
        let ty = self.m.vars[var.0 as usize].ty.clone();
        let x = self.push(ExprKind::Var(var), ty, span)?;
        let each = match (self.block_of(var), start) {
            (Some(Block::Reals), start) => {
                let off = match start {
                    Some(mean) => self.two(&map::SUB, x, mean, span)?,
                    None => x,
                };
                let square = self.two(&map::MUL, off, off, span)?;
                self.times(square, -0.5, span)?
            }
            (_, None) => return Ok(None),
            (Some(Block::Words(_)), Some(logits)) => {
                let shape = self.ty(x).shape.clone();
                let column = self.reshape(x, [&shape[..], &[1]].concat(), span)?;
                let attrs = Attrs::Axis(shape.len());
                let args = vec![logits, column];
                self.op(&index::TAKE_ALONG, args, attrs, Support::Real, span)?
            }
            (_, Some(odds)) => self.two(&map::MUL, odds, x, span)?,
        };
        self.sum_all(each, span).map(Some)
    }

    /// The logarithm of its constant.
    pub(super) fn simple_log_z(
        &mut self,
        var: VarId,
        (start, with): (Option<ExprId>, &Values),
        span: Span,
    ) -> Res<ExprId> {
        let n = self.elements(var) as f64;
        match (self.block_of(var), start) {
            (Some(Block::Base(dist)), Some(start)) => Ok(self.log_mgf(dist, start, with)),
            (Some(Block::Base(_)), None) => Ok(self.literal(0.0, DType::F32, span)),
            (Some(Block::Bits), Some(odds)) => {
                let soft = self.one(&map::SOFTPLUS, odds, span)?;
                self.sum_all(soft, span)
            }
            (Some(Block::Words(_)), Some(logits)) => {
                let log = self.log_sum_exp(logits, span)?;
                self.sum_all(log, span)
            }
            (Some(Block::Bits), None) => Ok(self.literal(n * LN_2, DType::F32, span)),
            (Some(Block::Words(k)), None) => {
                Ok(self.literal(n * (k as f64).ln(), DType::F32, span))
            }
            _ => Ok(self.literal(n * 0.5 * (2.0 * PI).ln(), DType::F32, span)),
        }
    }

    /// How many elements a block has.
    pub(super) fn elements(&self, var: VarId) -> usize {
        self.m.vars[var.0 as usize].ty.shape.iter().product()
    }
}
