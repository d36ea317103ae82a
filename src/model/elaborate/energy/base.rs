//! Blocks that have a distribution of their own beside the factors: `v ~ Multinomial(n, logits = a)`. In: the
//! statement, and the slope of the potential in the block. Out: what the block is given the rest, and the factor
//! by which the sum over it grows.
//!
//! Of a natural exponential family, `p(v) exp(dot(s, v))` is a member of the family again, times the moment
//! generating function at `s`. So counts of words whose factors are affine in them are multinomial given the
//! rest (replicated softmax: Salakhutdinov and Hinton 2009), counts without a total are of Poisson, and sums over
//! all of them are known, however many there are.

use super::Values;
use super::sweep::Site;
use crate::base::{FileId, Span, codes};
use crate::graph::op::map;
use crate::model::elaborate::density::Body;
use crate::model::elaborate::value::{DistCall, Env};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{DensityId, DistId, ExprId, Factor, VarId};
use crate::syntax::ast;

/// What a statement `v ~ dist` beside factors must be.
const HELP: &str = "a variable of the head may have a distribution that factors tilt, `v ~ Poisson(rate)`, `v ~ Multinomial(n, logits = a)`; \
                    write others as factors, or declare them in another density";

impl<'a> Elab<'a> {
    /// `v ~ dist` in a product of factors.
    pub(in crate::model::elaborate) fn base_stmt(
        &mut self,
        body: &mut Body<'a>,
        (name, ty, e): (&'a ast::Ident, Option<&'a ast::Type>, ast::ExprId),
        env: &Env<'a>,
        span: Span,
    ) -> Res<()> {
        let (item, file) = (body.item, body.file);
        let at = item.over.iter().position(|rv| rv.name.name == name.name);
        let Some(var) = at.and_then(|at| body.over[at]) else {
            return self.no_base(item, name, "draws nothing itself", span);
        };
        let declared = self.draw_type(item, name, ty, file, env)?;
        let place = self.names.files[&file].expr(e).span;
        let value = self.eval(e, file, env)?;
        let call = self.dist_call(&value, place)?;
        let stream = format!("{}.{}", self.here.density, name.name);
        let dist = self.shape_dist(&call, declared, &stream, span)?;
        if self.m.dists[dist.0 as usize].tilt.is_none() {
            let of = format!("has no use for `{}`", call.family);
            return self.no_base(item, name, &of, place);
        }
        self.base_is_its_own(body, (dist, &call), file, place)?;
        body.factors.push(Factor::Base { var, dist, span });
        Ok(())
    }

    /// What joins a variable with others is a factor, not a parameter.
    fn base_is_its_own(
        &mut self,
        body: &Body<'a>,
        (dist, call): (DistId, &DistCall<'a>),
        file: FileId,
        place: Span,
    ) -> Res<()> {
        let params = self.m.dists[dist.0 as usize].params.clone();
        for var in body.over.iter().flatten() {
            let Some((param, _)) = params.iter().find(|(_, e)| self.depends_on(*e, *var)) else {
                continue;
            };
            let text = format!(
                "`{param}` of `{}` depends on `{}`, which `{}` is over too",
                call.family,
                self.var_name(*var),
                self.path_of(file, &body.item.name.name)
            );
            let help =
                "what joins variables of a product of factors is a factor: `factor dot(v @ W, h)`";
            return self.fail(codes::RL0129, text, place, help);
        }
        Ok(())
    }

    fn no_base<T>(
        &mut self,
        item: &ast::Density,
        name: &ast::Ident,
        what: &str,
        span: Span,
    ) -> Res<T> {
        let text = format!("`{}` is a product of factors, and {what}", item.name.name);
        let hint = match item.over.iter().any(|rv| rv.name.name == name.name) {
            true => HELP.to_string(),
            false => format!(
                "write its log-probability as a factor, or declare `{}` in another density",
                name.name
            ),
        };
        self.fail(codes::RL0129, text, span, &hint)
    }

    /// The distribution that a variable has beside factors.
    pub fn base_of(&self, var: VarId) -> Option<DistId> {
        self.m.densities.iter().flat_map(|density| &density.factors).find_map(|f| match f {
            Factor::Base { var: own, dist, .. } if *own == var => Some(*dist),
            _ => None,
        })
    }

    /// The sum of the log-densities of those that have one among these variables, in these values for all.
    pub(super) fn log_bases(
        &mut self,
        id: DensityId,
        vars: &[VarId],
        with: &Values,
        span: Span,
    ) -> Res<Option<ExprId>> {
        let mut sum = None;
        for factor in self.m.densities[id.0 as usize].factors.clone() {
            let Factor::Base { var, dist, .. } = factor else { continue };
            if !vars.contains(&var) {
                continue;
            }
            let of = &self.m.dists[dist.0 as usize];
            let Some(log) = of.logp else { unreachable!("every family has a log-density") };
            let value = of.value;
            let own = self.mention(var);
            let log = self.m.substitute(log, &[(value, own)]);
            let log = self.m.substitute(log, with);
            sum = Some(match sum {
                Some(sum) => self.two(&map::ADD, sum, log, span)?,
                None => log,
            });
        }
        Ok(sum)
    }

    /// A draw of a family at a place of a chain.
    pub(super) fn draw_of_family(
        &mut self,
        var: VarId,
        call: &DistCall<'a>,
        site: &Site,
        span: Span,
    ) -> Res<ExprId> {
        let ty = self.m.vars[var.0 as usize].ty.clone();
        let stream = site.stream.trim_start_matches('~');
        let dist = self.shape_dist(call, Some(ty), stream, span)?;
        let Some(draw) = self.m.dists[dist.0 as usize].draw else {
            unreachable!("every family draws")
        };
        Ok(self.at_site(draw, site))
    }

    /// The noise of a draw as that of a place.
    fn at_site(&mut self, draw: ExprId, site: &Site) -> ExprId {
        let placed = site.stream.starts_with('~');
        self.m.with_noise(draw, &mut |stream, around, per_example| {
            if !stream.starts_with('~') {
                return;
            }
            let own = std::mem::replace(around, site.around.clone());
            around.loops.extend(own.loops);
            around.axes.extend(own.axes);
            *per_example = site.per_example;
            if !placed {
                stream.remove(0);
            }
        })
    }
}
