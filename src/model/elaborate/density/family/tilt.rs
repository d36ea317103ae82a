//! Exponential tilting: the rows `tilted` and `log_mgf` of a family. In: the rows of a distribution. Out: of which
//! distribution its density times `exp(dot(s, x))` is a multiple, and by which factor, for any `s`.

use crate::base::{Span, codes};
use crate::graph::DType;
use crate::model::elaborate::density::family::rows::Rows;
use crate::model::elaborate::value::{DistCall, Env, Value, bind};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{DistId, ExprId, Support, Tilt, Type, VarId};
use crate::syntax::ast;

impl<'a> Elab<'a> {
    /// What a factor makes of a distribution, where its family says so. `ty` is the type of its value.
    pub(super) fn tilt_of(&mut self, rows: &Rows<'_, 'a>, ty: &Type) -> Res<Option<Tilt>> {
        let row = |wanted| rows.call.item.rows.iter().find(|(name, _)| name.name == wanted);
        let (tilted, log_mgf) = (row("tilted"), row("log_mgf"));
        let (name, other) = match (tilted, log_mgf) {
            (None, None) => return Ok(None),
            (Some((name, _)), None) => (name, "log_mgf"),
            (_, Some((name, _))) => (name, "tilted"),
        };
        let Some((_, tilted)) = tilted.filter(|_| log_mgf.is_some()) else {
            let text =
                format!("distribution `{}` has `{}` and no `{other}`", rows.call.family, name.name);
            let help = "both say what a factor `exp(s * x)` makes of it: `tilted = Poisson(rate * exp(s))`, `log_mgf = rate * expm1(s)`";
            return self.fail(codes::RL0118, text, name.span, help);
        };
        let ty = Type { dtype: DType::F32, support: Support::Real, ..ty.clone() };
        let (slope, s) = self.m.fresh_var("s", ty, rows.span);
        let s = self.element_along(&rows.axes, s, rows.span)?;
        let env = bind(&rows.members, "s", Value::Tensor(s));
        let Some(each) = self.row_in(rows, "log_mgf", &env)? else { unreachable!("there is one") };
        let log_mgf = self.sum_all(each, rows.span)?;
        let params = self.tilted_params(rows, *tilted, &env)?;
        Ok(Some(Tilt { slope, log_mgf, params }))
    }

    /// The parameters that the row `tilted` gives to the family.
    fn tilted_params(
        &mut self,
        rows: &Rows<'_, 'a>,
        row: ast::ExprId,
        env: &Env<'a>,
    ) -> Res<Vec<(String, ExprId)>> {
        let Rows { call, axes, span, .. } = rows;
        let place = self.names.files[&call.file].expr(row).span;
        let value = self.eval(row, call.file, env)?;
        let Value::Dist(of) = &value else { return self.tilted_otherwise(call, place) };
        if of.family != call.family || of.file != call.file {
            return self.tilted_otherwise(call, place);
        }
        let mut params = Vec::new();
        for (name, value) in &of.params {
            let id = self.tensor(value, place)?;
            params.push((name.clone(), self.stacked_along(axes, id, *span)?));
        }
        Ok(params)
    }

    fn tilted_otherwise<T>(&mut self, call: &DistCall<'a>, place: Span) -> Res<T> {
        let text = format!("`tilted` of `{}` is not one of `{}`", call.family, call.family);
        let help = format!(
            "a multiple of its density by `exp(s * x)` has its family: `{}(...)`",
            call.family
        );
        self.fail(codes::RL0118, text, place, &help)
    }

    /// A distribution tilted by this, with values for what its parameters mention.
    pub fn tilted(
        &mut self,
        dist: DistId,
        (by, with): (ExprId, &[(VarId, ExprId)]),
        span: Span,
    ) -> DistCall<'a> {
        let of = self.m.dists[dist.0 as usize].clone();
        let Some(tilt) = of.tilt else { unreachable!("a base has a tilt") };
        let variants = self.variants(of.home, &of.family);
        let takes = |item: &ast::Distribution| {
            item.formals.len() == tilt.params.len()
                && item.formals.iter().all(|f| tilt.params.iter().any(|(n, _)| f.name.name == *n))
        };
        let Some((file, item)) = variants.into_iter().find(|(_, item)| takes(item)) else {
            unreachable!("a variant of the family was called")
        };
        let mut params = Vec::new();
        for (name, id) in tilt.params {
            let id = self.m.substitute(id, &[(tilt.slope, by)]);
            params.push((name, Value::Tensor(self.m.substitute(id, with))));
        }
        DistCall { family: of.family, file, item, params, span }
    }

    /// `log E[exp(dot(s, x))]` of a distribution, with values for what its parameters mention.
    pub fn log_mgf(&mut self, dist: DistId, s: ExprId, with: &[(VarId, ExprId)]) -> ExprId {
        let Some(tilt) = self.m.dists[dist.0 as usize].tilt.clone() else {
            unreachable!("a base has a tilt")
        };
        let log = self.m.substitute(tilt.log_mgf, &[(tilt.slope, s)]);
        self.m.substitute(log, with)
    }
}
