//! Fresh variables for what is sampled. In: factors, or a distribution that stands alone. Out: the same
//! with every variable bound, to a value of its type and support or to a fresh variable.

use crate::base::{Span, codes};
use crate::graph::DType;
use crate::model::elaborate::density::query::Resolved;
use crate::model::elaborate::expr::types::{brought, show};
use crate::model::elaborate::value::Value;
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{self, Applied, DensityId, ExprId, ExprKind, Factor, Support, Type, VarId};

/// A density side of `KL` or `E` with its variables bound to fresh ones.
pub struct Sampled {
    pub applied: Applied,
    /// Name, variable of the density, fresh variable.
    pub vars: Vec<(String, VarId, VarId)>,
}

impl<'a> Elab<'a> {
    /// What stands right of `~`, or a side of `||`.
    pub fn side(
        &mut self,
        value: &Value<'a>,
        ty: Option<Type>,
        var: &str,
        same: Option<&Sampled>,
        span: Span,
    ) -> Res<Sampled> {
        let of = match value {
            Value::Query(query) => self.drawn_query(query)?,
            Value::Density(of) => self.resolve(&of.query(span))?,
            Value::Dist(_) | Value::Ordered(_) => {
                let id = self.anonymous(value, ty, var, span)?;
                let mut of = self.alone(id);
                of.bind = self.outer_variables(id);
                return self.sampled(of, same, span);
            }
            other => {
                let text = format!("a density is needed, this is {}", other.kind());
                let help = "write `q(z | x)`, a `model`, or a distribution such as `Normal(0, 1)`";
                return self.fail(codes::RL0105, text, span, help);
            }
        };
        let sampled = self.sampled(of, same, span)?;
        self.declared_type(&sampled, var, ty, span)?;
        Ok(sampled)
    }

    /// A density of one draw, for a distribution that stands alone.
    pub fn anonymous(
        &mut self,
        value: &Value<'a>,
        ty: Option<Type>,
        var: &str,
        span: Span,
    ) -> Res<DensityId> {
        let name = format!("{}.{var}", self.here.site);
        let dist = self.shaped(value, ty, &name, span)?;
        let ty = self.m.dists[dist.0 as usize].drawn();
        let (v, _) = self.m.fresh_var(var, ty, span);
        let part = self.part_without_role(&name, span);
        let id = DensityId(self.m.densities.len() as u32);
        let factors = vec![Factor::Draw { var: v, dist, span }];
        let (over, given, calls) = (vec![v], vec![], vec![]);
        self.m.densities.push(ir::Density {
            name,
            part,
            over,
            given,
            factors,
            change: None,
            calls,
            span,
        });
        Ok(id)
    }

    /// The part of a density that no declaration makes.
    fn part_without_role(&mut self, name: &str, span: Span) -> ir::PartId {
        let part = ir::PartId(self.m.parts.len() as u32);
        self.m.parts.push(ir::Part {
            name: name.into(),
            role: ir::Role::None,
            densities: vec![],
            inputs: vec![],
            output: None,
            span,
        });
        part
    }

    /// A density that is given nothing.
    pub fn alone(&mut self, density: DensityId) -> Resolved {
        let densities = vec![density];
        let calls = self.calls_of(&densities);
        Resolved { densities, bind: vec![], calls }
    }

    /// The variables around a distribution that stands alone, each bound to itself: where they get a
    /// value, its parameters get it too.
    fn outer_variables(&self, density: DensityId) -> Vec<(VarId, ExprId)> {
        let factors = &self.m.densities[density.0 as usize].factors;
        let params = factors.iter().flat_map(|factor| match factor {
            Factor::Draw { dist, .. } => &self.m.dists[dist.0 as usize].params[..],
            _ => &[],
        });
        let params: Vec<ExprId> = params.map(|(_, id)| *id).collect();
        let mut bind: Vec<(VarId, ExprId)> = Vec::new();
        for id in self.m.reachable(&params) {
            if let ExprKind::Var(v) = self.m.expr(id).kind
                && bind.iter().all(|(known, _)| *known != v)
            {
                bind.push((v, id));
            }
        }
        bind
    }

    /// Binds every `over` variable to a fresh one (or to those of `same`, by name).
    pub fn sampled(
        &mut self,
        mut of: Resolved,
        same: Option<&Sampled>,
        span: Span,
    ) -> Res<Sampled> {
        if let Some(id) = of.densities.iter().copied().find(|id| self.is_energy(*id)) {
            let density = self.m.densities[id.0 as usize].clone();
            return self.unnormalized(&density, "drawn", span);
        }
        let vars = self.fresh_vars(&of.densities, same);
        for id in &of.densities {
            let density = self.m.densities[id.0 as usize].clone();
            for var in density.over.iter().chain(&density.given) {
                let name = self.var_name(*var);
                if let Some((_, _, fresh)) = vars.iter().find(|(n, _, _)| *n == name)
                    && of.bind.iter().all(|(v, _)| v != var)
                {
                    let drawn = &self.m.vars[fresh.0 as usize];
                    let (ty, place) = (drawn.ty.clone(), drawn.span);
                    let e = self.m.push(ExprKind::Var(*fresh), ty, place);
                    self.same_dims(*var, e, span)?;
                    of.bind.push((*var, e));
                }
            }
        }
        Ok(Sampled { applied: self.applied(of, span)?, vars })
    }

    /// What these factors are over: name, variable, and the variable of `same` or a fresh one.
    fn fresh_vars(
        &mut self,
        densities: &[DensityId],
        same: Option<&Sampled>,
    ) -> Vec<(String, VarId, VarId)> {
        let mut vars: Vec<(String, VarId, VarId)> = Vec::new();
        for id in densities {
            for var in self.m.densities[id.0 as usize].over.clone() {
                let v = self.m.vars[var.0 as usize].clone();
                let old = same.and_then(|s| s.vars.iter().find(|(n, _, _)| *n == v.name));
                let fresh = match old {
                    Some((_, _, fresh)) => *fresh,
                    None => {
                        let ty = self.m.drawn(*id, var).unwrap_or_else(|| v.ty.clone());
                        self.m.fresh_var(&v.name, ty, v.span).0
                    }
                };
                vars.push((v.name, var, fresh));
            }
        }
        vars
    }

    /// Numbers the place where a density is sampled: two places are two draws.
    pub fn place_draw(&mut self, sampled: &mut Sampled) {
        let Some(first) = sampled.applied.densities.first() else { return };
        let name = self.m.densities[first.0 as usize].name.clone();
        sampled.applied.number = self.next_draw(&name);
    }

    /// What a draw is declared as is what the density draws.
    pub fn declared_type(
        &mut self,
        sampled: &Sampled,
        var: &str,
        ty: Option<Type>,
        span: Span,
    ) -> Res<()> {
        let Some(wanted) = ty else { return Ok(()) };
        let named = sampled.vars.iter().find(|(name, _, _)| name == var);
        let only = if sampled.vars.len() == 1 { sampled.vars.first() } else { named };
        let Some((_, _, fresh)) = only else { return Ok(()) };
        let drawn = self.m.vars[fresh.0 as usize].clone();
        self.same_type(var, &wanted, (&drawn.ty, drawn.span), span)
    }

    /// A value that is declared twice is declared alike.
    pub fn same_type(
        &mut self,
        var: &str,
        wanted: &Type,
        (ty, place): (&Type, Span),
        span: Span,
    ) -> Res<()> {
        let alike = ty.shape == wanted.shape && ty.dtype == wanted.dtype && ty.ends == wanted.ends;
        if alike && ty.support.fits(wanted.support) {
            return Ok(());
        }
        let text = format!("`{var}` is `{}`, given `{}`", show(wanted), show(ty));
        let error = self.error(codes::RL0106, text, span, "").also(self.place(place), "drawn here");
        self.stop(error.help(format!("declare it as `{}`, or leave the type out", show(ty))))
    }

    /// A value bound to a variable has its dims and its type of element.
    fn same_dims(&mut self, var: VarId, value: ExprId, span: Span) -> Res<()> {
        let variable = self.m.vars[var.0 as usize].clone();
        let given = self.ty(value).clone();
        if given.shape != variable.ty.shape || given.dtype != variable.ty.dtype {
            let text = format!(
                "`{}` is `{}`, given `{}`",
                variable.name,
                show(&variable.ty),
                show(&given)
            );
            let diagnostic = self
                .error(codes::RL0103, text, span, &show(&given))
                .also(self.place(variable.span), "declared here")
                .help("declare both with the same dims");
            return self.stop(diagnostic);
        }
        Ok(())
    }

    /// A value bound to a variable must have its shape and lie in its support; a whole number that is
    /// known is one for a variable of those.
    pub fn binding(&mut self, var: VarId, value: ExprId, span: Span) -> Res<ExprId> {
        self.no_metric(value, span)?;
        let ty = self.m.vars[var.0 as usize].ty.clone();
        let value = if ty.dtype == DType::I32 { self.counted(value, span)? } else { value };
        self.same_dims(var, value, span)?;
        self.same_end(var, value, span)?;
        let strict = matches!(
            ty.support,
            Support::Bit
                | Support::Count
                | Support::Interval(..)
                | Support::Index(_)
                | Support::Positive
        );
        if strict && !self.lies_in(value, ty.support) {
            return self.outside_support(var, value, span);
        }
        Ok(value)
    }

    /// A sequence that ends is bound to a variable that says so, and to no other.
    fn same_end(&mut self, var: VarId, value: ExprId, span: Span) -> Res<()> {
        if !self.m.ends {
            return Ok(());
        }
        let variable = self.m.vars[var.0 as usize].clone();
        let help = match (variable.ty.ends, self.ends(value)) {
            (true, true) => return Ok(()),
            (true, false) => "`ended(x)` is the sequence up to its first 0",
            (false, _) if self.counts(value, span)?.iter().all(Option::is_none) => return Ok(()),
            (false, _) => "declare it `[<= T]`, or reduce the value first",
        };
        let text = format!(
            "`{}` is `{}`, and one of the two is a sequence that ends",
            variable.name,
            show(&variable.ty)
        );
        let error = self.error(codes::RL0131, text, span, "");
        let error = error.also(self.place(variable.span), "declared here");
        self.stop(error.help(help))
    }

    /// A value that may lie outside of the support of its variable.
    fn outside_support<T>(&mut self, var: VarId, value: ExprId, span: Span) -> Res<T> {
        let variable = &self.m.vars[var.0 as usize];
        let (wanted, given) = (show(&variable.ty), show(self.ty(value)));
        let text = format!("`{}` takes `{wanted}`, given `{given}`", variable.name);
        let origin = self.m.expr(value).span;
        let diagnostic = self
            .error(codes::RL0116, text, span, &given)
            .also(self.place(variable.span), format!("the density is over `{wanted}`"))
            .also(self.place(origin), format!("holds `{given}`"))
            .help(format!(
                "{}declare both as `{given}`, or both as `{wanted}`",
                brought(variable.ty.support)
            ));
        self.stop(diagnostic)
    }
}
