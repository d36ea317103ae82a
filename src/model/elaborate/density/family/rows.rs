//! Rows of a distribution: every formula of its family, evaluated. In: shaped parameters. Out: the
//! distribution; its log-density and its entropy are summed over the event.

use crate::base::{Span, codes};
use crate::graph::op::reduce;
use crate::graph::{Attrs, DType};
use crate::model::elaborate::density::family::made_of::is_part;
use crate::model::elaborate::expr::types::{dims, show};
use crate::model::elaborate::scope::{NoiseContext, Scope};
use crate::model::elaborate::value::{DistCall, Env, Value, bind};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{
    self, Around, Axis, AxisId, AxisReduce, DistId, ExprId, ExprKind, Support, Type, VarId,
};
use crate::syntax::ast;
use std::cell::Cell;
use std::rc::Rc;

/// Rows of a family of vectors that are one number for each.
const ONE_NUMBER: [&str; 4] = ["logp", "mass", "entropy", "log_mgf"];

/// Parameters of a distribution and rows of its own, by name.
pub type Members = Vec<(String, ExprId)>;

/// A call whose rows are read, and what they are read with.
pub struct Rows<'r, 'a> {
    pub(super) call: &'r DistCall<'a>,
    /// Of one value, where a family gives vectors: what `axes` runs over are values.
    ty: Type,
    pub(super) axes: Vec<AxisId>,
    /// The whole value, if it is a sequence that ends.
    ends: Option<ExprId>,
    /// What a draw and its moments see: parameters and rows of its own.
    pub members: Env<'a>,
    /// The same and the value that is scored.
    scored: Env<'a>,
    pub(super) span: Span,
}

/// A value of a distribution that another one is made of.
pub struct Inside<'r> {
    /// What runs over values, from the outermost family on,
    pub axes: &'r [AxisId],
    /// and what does in this one, of vectors.
    pub own: &'r [AxisId],
    /// Of one value.
    pub ty: Type,
    /// The value.
    pub x: ExprId,
}

/// What is read of a distribution that a family is made of: its name, members that are drawn, and these
/// with those at the value that is scored.
pub type PartMembers<'a> = (&'a ast::Ident, Value<'a>, Value<'a>);

/// The names that a score sees.
fn scored<'a>(members: &Env<'a>, parts: &[PartMembers<'a>], x: ExprId) -> Env<'a> {
    let env =
        parts.iter().fold(members.clone(), |env, (name, _, all)| bind(&env, *name, all.clone()));
    bind(&env, "x", Value::Tensor(x))
}

/// How many values one element has, if finitely many.
fn count(support: Support) -> Option<usize> {
    match support {
        Support::Bit => Some(2),
        Support::Index(n) => Some(n),
        _ => None,
    }
}

/// The noise of the draws of a value, each example its own.
pub fn noise_of(stream: &str, ty: &Type) -> NoiseContext {
    NoiseContext {
        shape: ty.shape.clone(),
        stream: format!("~{stream}"),
        drawn: Cell::new(0),
        per_example: true,
        weight: None,
    }
}

impl<'a> Elab<'a> {
    /// The distribution of a call with shaped parameters.
    pub fn formulas(
        &mut self,
        call: &DistCall<'a>,
        params: Vec<(String, ExprId)>,
        (ty, support): (Type, Support),
        stream: &str,
        span: Span,
    ) -> Res<DistId> {
        let (value, x) = self.m.fresh_var("x", ty.clone(), span);
        let calls = self.calling(span)?;
        let atom = call.item.event.len();
        let (axes, one) = self.axes_of_values(&ty, atom);
        let noise = noise_of(stream, &one);
        let around = Around { axes: axes.clone(), ..Around::default() };
        let inside = |here: &mut Scope<'a>| {
            here.calls = calls;
            here.noise = Some(Rc::new(noise));
            here.fields_visible = false;
            here.around = around;
        };
        let (dist, derived) = self.at(inside, |e| {
            let each = |e: &mut Self, id| e.element_along(&axes, id, span);
            let mut own = Vec::new();
            for (name, id) in &params {
                own.push((name.clone(), each(e, *id)?));
            }
            let (ends, x) = (ty.ends.then_some(x), each(e, x)?);
            let (parts, more) = e.members_of_parts(call, (&axes, &one, x), (stream, span))?;
            let (derived, members) = e.dist_members(call, (&params, own), (&axes, &parts), span)?;
            let scored = scored(&members, &parts, x);
            let rows = Rows { call, ty: one, axes, ends, members, scored, span };
            let params = [params, more].concat();
            e.dist_of(rows, params, (value, ty, support)).map(|dist| (dist, derived))
        })?;
        let id = DistId(self.m.dists.len() as u32);
        self.m.dists.push(dist);
        self.m.dist_members.push(derived);
        Ok(id)
    }

    /// The rows of a distribution that another one is made of, before they are read: of its parameters, and of
    /// those of one value.
    pub fn rows_inside<'r>(
        &mut self,
        call: &'r DistCall<'a>,
        (params, own): (Members, Members),
        value: Inside<'_>,
        (stream, span): (&str, Span),
    ) -> Res<Rows<'r, 'a>> {
        let Inside { axes, own: several, ty, x } = value;
        let (parts, _) = self.members_of_parts(call, (axes, &ty, x), (stream, span))?;
        let (_, members) = self.dist_members(call, (&params, own), (several, &parts), span)?;
        let scored = scored(&members, &parts, x);
        Ok(Rows { call, ty, axes: several.to_vec(), ends: None, members, scored, span })
    }

    /// An axis for every dim that counts values of a family of vectors, and the type of one value. The
    /// formulas of all other families are elementwise.
    pub fn axes_of_values(&mut self, ty: &Type, atom: usize) -> (Vec<AxisId>, Type) {
        let lead = if atom == 0 { 0 } else { ty.shape.len() - atom };
        let new = |n: &usize| {
            self.m.axes.push(Axis { name: "values".into(), size: *n });
            AxisId(self.m.axes.len() as u32 - 1)
        };
        let axes = ty.shape[..lead].iter().map(new).collect();
        (axes, Type { shape: ty.shape[lead..].to_vec(), ..ty.clone() })
    }

    /// One element of the first dims of a value.
    pub fn element_along(&mut self, axes: &[AxisId], id: ExprId, span: Span) -> Res<ExprId> {
        axes.iter().try_fold(id, |of, axis| {
            let ty = self.ty(of).clone();
            let ty = Type { shape: ty.shape[1..].to_vec(), ..ty };
            self.push(ExprKind::Element { axis: *axis, of }, ty, span)
        })
    }

    /// The elements that axes run over, as the first dims of one value.
    pub fn stacked_along(&mut self, axes: &[AxisId], id: ExprId, span: Span) -> Res<ExprId> {
        axes.iter().rev().try_fold(id, |body, axis| {
            let (ty, n) = (self.ty(body).clone(), self.m.axes[axis.0 as usize].size);
            let ty = Type { shape: [&[n], &ty.shape[..]].concat(), ..ty };
            let kind = ExprKind::Reduce { axis: *axis, how: AxisReduce::Stack, body };
            self.push(kind, ty, span)
        })
    }

    /// Parameters and the rows that a family has of its own: each sees those before. Of a family of
    /// vectors, `own` are the parameters of one value.
    fn dist_members(
        &mut self,
        call: &DistCall<'a>,
        (params, own): (&[(String, ExprId)], Members),
        (axes, parts): (&[AxisId], &[PartMembers<'a>]),
        span: Span,
    ) -> Res<(Members, Env<'a>)> {
        let mut env: Env<'a> = None;
        for (name, drawn, _) in parts {
            env = bind(&env, *name, drawn.clone());
        }
        for (name, id) in &own {
            let formal = call.item.formals.iter().find(|formal| formal.name.name == *name);
            env = match formal {
                Some(formal) => bind(&env, &formal.name, Value::Tensor(*id)),
                None => bind(&env, name.as_str(), Value::Tensor(*id)),
            };
        }
        let mut members = params.to_vec();
        let parts = |(name, _): &&(ast::Ident, _)| !ast::ROWS.contains(&name.name.as_str());
        for (name, row) in call.item.rows.iter().filter(parts) {
            let row = self.eval(*row, call.file, &env)?;
            let id = self.tensor(&row, span)?;
            env = bind(&env, name, Value::Tensor(id));
            members.push((name.name.clone(), self.stacked_along(axes, id, span)?));
        }
        Ok((members, env))
    }

    /// The rows are read in the order of these fields.
    fn dist_of(
        &mut self,
        rows: Rows<'_, 'a>,
        params: Vec<(String, ExprId)>,
        (value, ty, support): (VarId, Type, Support),
    ) -> Res<ir::Dist> {
        let call = rows.call;
        Ok(ir::Dist {
            draw: self.draw_row(&rows, support)?,
            logp: self.summed_row(&rows, "logp")?,
            mass: self.dist_row(&rows, "mass")?,
            entropy: self.summed_row(&rows, "entropy")?,
            mean: self.dist_row(&rows, "mean")?,
            variance: self.dist_row(&rows, "variance")?,
            mode: self.dist_row(&rows, "mode")?,
            relaxed: self.relaxed_row(&rows)?,
            tilt: self.tilt_of(&rows, &ty)?,
            reparameterized: self.mark(call, "pathwise")?,
            bounded: self.mark(call, "bounded")?,
            family: call.family.clone(),
            home: call.file,
            formula: self.row_text(call, "logp"),
            params,
            by_name: self.variants(call.file, &call.family).len() > 1,
            value,
            ty,
            atom: call.item.event.len(),
            tied: self.holds_together(call)?,
            support,
            values: count(support),
        })
    }

    /// Whether the elements of a value hold each other, as those of one of the families that it is made of do.
    fn holds_together(&mut self, call: &DistCall<'a>) -> Res<bool> {
        for (_, calls) in self.parts_of(call)? {
            for sub in calls {
                if self.holds_together(&sub)? {
                    return Ok(true);
                }
            }
        }
        Ok(["simplex", "sphere"].contains(&call.item.support.name.as_str()))
    }

    /// A row for every element of the event. `None` where the family has none of this name.
    pub fn dist_row(&mut self, rows: &Rows<'_, 'a>, name: &str) -> Res<Option<ExprId>> {
        let scores = ["logp", "mass"].contains(&name);
        self.row_in(rows, name, if scores { &rows.scored } else { &rows.members })
    }

    /// A differentiable draw in place of a discrete one. It sees the temperature too.
    fn relaxed_row(&mut self, rows: &Rows<'_, 'a>) -> Res<Option<(VarId, ExprId)>> {
        let row = rows.call.item.rows.iter().find(|(name, _)| name.name == "relaxed");
        let Some((name, _)) = row else { return Ok(None) };
        let ty = Type {
            dtype: DType::F32,
            shape: vec![],
            support: Support::Positive,
            varies: false,
            ends: false,
        };
        let (var, id) = self.m.fresh_var("temperature", ty, name.span);
        let env = bind(&rows.members, "temperature", Value::Tensor(id));
        Ok(self.row_in(rows, "relaxed", &env)?.map(|draw| (var, draw)))
    }

    /// A row that sees these names.
    pub(super) fn row_in(
        &mut self,
        rows: &Rows<'_, 'a>,
        name: &str,
        env: &Env<'a>,
    ) -> Res<Option<ExprId>> {
        let Rows { call, ty, span, .. } = rows;
        let Some((_, id)) = call.item.rows.iter().find(|(n, _)| n.name == name) else {
            return Ok(None);
        };
        // What a family is made of may have no such row itself.
        let optional = !["draw", "logp"].contains(&name) && call.item.formals.iter().any(is_part);
        let value = match optional {
            true => match self.guess(|e| e.eval(*id, call.file, env), Result::is_ok) {
                Ok(value) => value,
                Err(_) => return Ok(None),
            },
            false => self.eval(*id, call.file, env)?,
        };
        let place = self.names.files[&call.file].expr(*id).span;
        let id = self.tensor(&value, *span)?;
        let dtype = if ["draw", "mode"].contains(&name) { ty.dtype } else { DType::F32 };
        let id = if dtype == DType::I32 { self.counted(id, place)? } else { id };
        self.row_type(&call.family, (name, place), id, dtype)?;
        // The log-density of a vector is one number.
        let joint = !call.item.event.is_empty() && ONE_NUMBER.contains(&name);
        let shape = if joint { &[][..] } else { &ty.shape };
        if !call.item.event.is_empty() && ![&[][..], shape].contains(&&self.ty(id).shape[..]) {
            let (given, wanted) = (show(self.ty(id)), dims(shape));
            let wanted = if joint { "one number".into() } else { format!("[{wanted}]") };
            let text = format!("`{name}` of `{}` is `{given}`, and must be {wanted}", call.family);
            let help = "the log-density and the entropy of a vector are one number, `sum(...)`; a draw \
                        and its moments are vectors";
            return self.fail(codes::RL0103, text, place, help);
        }
        let id = self.fill(id, shape, *span)?;
        self.stacked_along(&rows.axes, id, *span).map(Some)
    }

    /// A row summed over the event.
    fn summed_row(&mut self, rows: &Rows<'_, 'a>, name: &str) -> Res<Option<ExprId>> {
        match self.dist_row(rows, name)? {
            Some(mut id) => {
                if let Some(x) = rows.ends {
                    let counts = self.up_to_end(x, rows.span)?;
                    id = self.filled_outside(id, (counts, 0), 0.0, rows.span)?;
                }
                self.sum_all(id, rows.span).map(Some)
            }
            None => Ok(None),
        }
    }

    /// How a value is drawn. The families of the library are known to draw what they say.
    fn draw_row(&mut self, rows: &Rows<'_, 'a>, support: Support) -> Res<Option<ExprId>> {
        let draw = self.dist_row(rows, "draw")?;
        if let Some(draw) = draw.filter(|_| !self.names.sources.is_prelude(rows.call.file)) {
            self.drawn_in(&rows.call.family, draw, support, rows.span)?;
        }
        Ok(draw)
    }

    /// A row of a distribution has numbers of its kind.
    fn row_type(
        &mut self,
        family: &str,
        (row, place): (&str, Span),
        id: ExprId,
        wanted: DType,
    ) -> Res<()> {
        let given = self.ty(id).clone();
        if given.dtype == wanted {
            return Ok(());
        }
        let kind = if wanted == DType::I32 { "a whole number" } else { "real" };
        let text = format!("`{row}` of `{family}` is `{}`, and must be {kind}", show(&given));
        let help = if wanted == DType::I32 { "write `int(...)`" } else { "write `float(...)`" };
        self.fail(codes::RL0106, text, place, help)
    }

    /// Draws of indices and bits are proven to be some: lookups rely on it.
    fn drawn_in(&mut self, family: &str, draw: ExprId, support: Support, span: Span) -> Res<()> {
        let proven = match support {
            // `1 - bit` and the like: between the two at least.
            Support::Bit => self.lies_in(draw, Support::Interval(0.0, 1.0)),
            Support::Index(_) => self.lies_in(draw, support),
            _ => true,
        };
        if proven {
            return Ok(());
        }
        let (what, help) = match support {
            Support::Index(n) => {
                (format!("one of 0 to {}", n - 1), format!("`clip(k, 0, {})`", n - 1))
            }
            _ => ("a bit".into(), "`float(uniform_noise() < p)`".into()),
        };
        let text = format!("a draw of `{family}` is not proven to be {what}");
        self.fail(codes::RL0106, text, span, &format!("let `draw` say so: {help}"))
    }

    /// `pathwise` and `bounded`: yes or no; no where nothing is said.
    fn mark(&mut self, call: &DistCall<'a>, mark: &str) -> Res<bool> {
        let row = call.item.rows.iter().find(|(name, _)| name.name == mark);
        let Some((_, e)) = row else { return Ok(false) };
        let expr = self.names.files[&call.file].expr(*e);
        if let ast::ExprKind::Bool(yes) = expr.kind {
            return Ok(yes);
        }
        let text = format!("`{mark}` of `{}` is true or false", call.family);
        self.fail(codes::RL0106, text, expr.span, &format!("write `{mark} = true`"))
    }

    /// A row as it is written in the prelude, on one line.
    fn row_text(&self, call: &DistCall<'a>, name: &str) -> String {
        let row = call.item.rows.iter().find(|(n, _)| n.name == name);
        row.map_or(String::new(), |(_, e)| self.line_of(self.names.files[&call.file].expr(*e).span))
    }

    /// The sum over all dims of an event.
    pub fn sum_all(&mut self, id: ExprId, span: Span) -> Res<ExprId> {
        let rank = self.ty(id).shape.len();
        if rank == 0 {
            return Ok(id);
        }
        self.op(&reduce::SUM, vec![id], Attrs::Axes((0..rank).collect()), Support::Real, span)
    }
}
