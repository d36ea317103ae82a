//! Families that are made of others: `Truncated(Normal(0, 1), low = 0)`. In: a call with distributions among
//! its arguments. Out: their rows as members of the parameter's name: `of.draw` and its moments, `of.logp` at
//! the value that is scored, `of.cdf(x)` and `of.icdf(u)`.

use crate::base::{Span, codes};
use crate::graph::op::view;
use crate::graph::{Attrs, DType};
use crate::model::elaborate::density::family::event::own_dims;
use crate::model::elaborate::density::family::rows::{
    Inside, Members, PartMembers, Rows, noise_of,
};
use crate::model::elaborate::scope::Scope;
use crate::model::elaborate::value::{DistCall, Func, FuncBody, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{AxisId, ExprId, Support, Type};
use crate::syntax::ast;
use std::rc::Rc;
use std::sync::LazyLock;

/// Rows that a family reads of the distributions it is made of, at no point.
const MEMBERS: [&str; 4] = ["draw", "mean", "variance", "mode"];

/// Rows that are functions, and what they call their argument.
static FUNCTIONS: LazyLock<[(&str, Vec<ast::Ident>); 2]> = LazyLock::new(|| {
    let ident = |name: &str| vec![ast::Ident { name: name.into(), span: Span::default() }];
    [("cdf", ident("x")), ("icdf", ident("u"))]
});

/// Whether a parameter is a distribution.
pub fn is_part(formal: &ast::Formal) -> bool {
    let Some(ast::RType::Plain(ty)) = &formal.ty else { return false };
    matches!(&ty.scalar, ast::Scalar::Prim(name) if name == "distribution")
}

/// Values by their names.
type Named<'a> = Vec<(String, Value<'a>)>;

/// A distribution of a call, or several of one kind of value.
pub type Part<'a> = (&'a ast::Formal, Vec<Rc<DistCall<'a>>>);

impl<'a> Elab<'a> {
    /// The distributions that a call is made of. A tuple are the values of a dim, one family each.
    pub fn parts_of(&mut self, call: &DistCall<'a>) -> Res<Vec<Part<'a>>> {
        let mut list = Vec::new();
        for formal in call.item.formals.iter().filter(|formal| is_part(formal)) {
            let value = call.params.iter().find(|(name, _)| *name == formal.name.name);
            let values = match value.map(|(_, value)| value) {
                Some(Value::Tuple(parts)) if !own_dims(formal).is_empty() => parts.clone(),
                Some(value) => vec![value.clone()],
                None => vec![],
            };
            let mut calls = Vec::new();
            for value in &values {
                let Value::Dist(sub) = value else {
                    return self.no_part(call, formal, value);
                };
                if sub.item.event.len() != call.item.event.len() || sub.item.support.name == "index"
                {
                    return self.part_of_another_kind(call, sub);
                }
                calls.push(sub.clone());
            }
            list.push((formal, calls));
        }
        Ok(list)
    }

    fn no_part<T>(
        &mut self,
        call: &DistCall<'a>,
        formal: &ast::Formal,
        value: &Value<'a>,
    ) -> Res<T> {
        let (name, given) = (&formal.name.name, value.kind());
        let text = format!("`{name}` of `{}` is a distribution, this is {given}", call.family);
        let help = "write for instance `Normal(0, 1)`";
        self.fail(codes::RL0105, text, call.span, help)
    }

    fn part_of_another_kind<T>(&mut self, call: &DistCall<'a>, sub: &DistCall<'a>) -> Res<T> {
        let kind = |item: &ast::Distribution| match item.event.len() {
            0 if item.support.name == "index" => "indices",
            0 => "numbers",
            _ => "vectors",
        };
        let (own, what) = (kind(call.item), kind(sub.item));
        let text = format!(
            "`{}` is made of families of {own} here, `{}` gives {what}",
            call.family, sub.family
        );
        let help = match what {
            "indices" => {
                "draw the index as a variable of its own, and the value by it: `k ~ Categorical(...)`"
            }
            _ => {
                "numbers have a mixture for each element, vectors one for each vector: give it families of one kind"
            }
        };
        self.fail(codes::RL0105, text, sub.span, help)
    }

    /// The support of what a family is made of: that of all, else the reals.
    pub fn support_of_parts(&mut self, parts: &[Part<'a>], span: Span) -> Res<Support> {
        let mut all = Vec::new();
        for sub in parts.iter().flat_map(|(_, calls)| calls) {
            let inner = self.parts_of(sub)?;
            all.push(self.support_of(sub, None, None, &inner, span)?);
        }
        let first = all.first().copied().unwrap_or(Support::Real);
        Ok(if all.iter().all(|other| *other == first) { first } else { Support::Real })
    }

    /// The members of every distribution that a call is made of, for a value of this type; those that read
    /// the value apart. Beside them the parameters of these distributions. Families of vectors are written for
    /// one of the values that `axes` run over.
    pub fn members_of_parts(
        &mut self,
        call: &DistCall<'a>,
        (axes, ty, x): (&[AxisId], &Type, ExprId),
        (stream, span): (&str, Span),
    ) -> Res<(Vec<PartMembers<'a>>, Members)> {
        let (mut list, mut params) = (Vec::new(), Vec::new());
        for (formal, calls) in self.parts_of(call)? {
            let tuple = matches!(
                call.params.iter().find(|(name, _)| *name == formal.name.name),
                Some((_, Value::Tuple(_)))
            );
            let name = &formal.name.name;
            let mut each = Vec::new();
            let mut several = 1;
            for (i, sub) in calls.iter().enumerate() {
                let dims = match own_dims(formal) {
                    [] => vec![],
                    _ if tuple => vec![],
                    own => self.dims_of_part(sub, own.len(), span)?,
                };
                let stream =
                    format!("{stream}.{name}{}", if tuple { i.to_string() } else { String::new() });
                several = dims.iter().product();
                let at = (axes, ty, x);
                let (members, own) = match sub.item.event.is_empty() {
                    true => self.members_of_part(sub, at, dims, (&stream, span))?,
                    false => self.members_of_vectors(sub, at, dims, (&stream, span))?,
                };
                params.extend(own.into_iter().map(|(own, id)| (format!("{name}.{own}"), id)));
                each.push(members);
            }
            if !own_dims(formal).is_empty() {
                let count = if tuple { calls.len() } else { several };
                self.as_many_parts(call, formal, count)?;
            }
            let members = match tuple {
                true => self.side_by_side(each, !call.item.event.is_empty(), span)?,
                false => each.remove(0),
            };
            let drawn = members.iter().filter(|(name, _)| name != "logp").cloned().collect();
            list.push((&formal.name, Value::Record(drawn), Value::Record(members)));
        }
        Ok((list, params))
    }

    /// There are as many distributions as a parameter with a dim of the same name has values.
    fn as_many_parts(&mut self, call: &DistCall<'a>, part: &ast::Formal, count: usize) -> Res<()> {
        for formal in call.item.formals.iter().filter(|formal| !is_part(formal)) {
            let named =
                |formal| own_dims(formal).last().and_then(|dim| self.name_of_dim(call, dim));
            let value = call.params.iter().find(|(name, _)| *name == formal.name.name);
            let Some((name, Value::Tensor(id))) = value else { continue };
            let last = self.ty(*id).shape.last().copied();
            if named(formal).is_none() || named(formal) != named(part) || last == Some(count) {
                continue;
            }
            let (last, of) = (last.unwrap_or(1), &part.name.name);
            let text = format!(
                "`{name}` of `{}` has {last} values for {count} distributions",
                call.family
            );
            let help = format!(
                "give `{name}` a last dim of {count}, or `{of}` as many distributions as it has values"
            );
            return self.fail(codes::RL0103, text, call.span, &help);
        }
        Ok(())
    }

    /// The last dims of a distribution by itself, before those of a value: those of the components of a mixture.
    fn dims_of_part(&mut self, sub: &DistCall<'a>, count: usize, span: Span) -> Res<Vec<usize>> {
        let mut event = self.event_alone(sub, span)?;
        event.truncate(event.len() - sub.item.event.len());
        if event.len() < count {
            let text = format!("`{}` is one distribution, several are needed", sub.family);
            let help = "give a parameter a value for each, `Normal(concat(0.0, 1.0), 1)`, or a tuple: \
                        `(Normal(0, 1), Laplace(0, 1))`";
            return self.fail(codes::RL0103, text, sub.span, help);
        }
        Ok(event[event.len() - count..].to_vec())
    }

    /// The rows of one distribution at a value that is repeated along these dims.
    fn members_of_part(
        &mut self,
        sub: &DistCall<'a>,
        (axes, ty, x): (&[AxisId], &Type, ExprId),
        dims: Vec<usize>,
        (stream, span): (&str, Span),
    ) -> Res<(Named<'a>, Members)> {
        let shape = [&ty.shape[..], &dims].concat();
        let x = self.along(x, &shape, 0, span)?;
        let one = Type { dtype: DType::F32, shape, ..ty.clone() };
        let params = self.shaped_params(sub, &one, span)?;
        let noise = Rc::new(noise_of(stream, &one));
        let given = params.clone();
        let (rows, mut members) = self.at(
            |here| here.noise = Some(noise),
            |e| {
                let value = Inside { axes, own: &[], ty: one, x };
                let rows = e.rows_inside(sub, (given.clone(), given), value, (stream, span))?;
                let members = e.members_that_are_there(&rows)?;
                Ok((rows, members))
            },
        )?;
        for (name, formals) in FUNCTIONS.iter() {
            let Some((_, e)) = sub.item.rows.iter().find(|(row, _)| row.name == *name) else {
                continue;
            };
            let func = Func {
                file: sub.file,
                body: FuncBody::Lambda(formals, *e),
                env: rows.members.clone(),
                instance: None,
                owner: None,
                fields: false,
                writes: vec![],
            };
            members.push((name.to_string(), Value::Func(Rc::new(func))));
        }
        Ok((members, params))
    }

    /// The same of a family of vectors: its formulas are written for one, so that several, along one new
    /// first dim, are gone through.
    fn members_of_vectors(
        &mut self,
        sub: &DistCall<'a>,
        (axes, ty, x): (&[AxisId], &Type, ExprId),
        dims: Vec<usize>,
        (stream, span): (&str, Span),
    ) -> Res<(Named<'a>, Members)> {
        let lead = axes.iter().map(|axis| self.m.axes[axis.0 as usize].size);
        let shape: Vec<usize> = lead.chain(dims.iter().chain(&ty.shape).copied()).collect();
        let whole = Type { shape, ..ty.clone() };
        let params = self.shaped_params(sub, &whole, span)?;
        let several = [&dims[..], &ty.shape].concat();
        let (own, _) = self.axes_of_values(&Type { shape: several, ..ty.clone() }, ty.shape.len());
        let all = [axes, &own].concat();
        let mut each = Vec::new();
        for (name, id) in &params {
            each.push((name.clone(), self.element_along(&all, *id, span)?));
        }
        let noise = Rc::new(noise_of(stream, ty));
        let inside = |here: &mut Scope<'a>| {
            here.noise = Some(noise);
            here.around.axes.extend(own.iter().copied());
        };
        let given = params.clone();
        let members = self.at(inside, |e| {
            let value = Inside { axes: &all, own: &own, ty: ty.clone(), x };
            let rows = e.rows_inside(sub, (given, each), value, (stream, span))?;
            e.members_that_are_there(&rows)
        })?;
        Ok((members, params))
    }

    /// The rows of a distribution that others read, where it has them.
    fn members_that_are_there(&mut self, rows: &Rows<'_, 'a>) -> Res<Named<'a>> {
        let mut members = Vec::new();
        for name in MEMBERS.into_iter().chain(["logp"]) {
            if let Some(id) = self.dist_row(rows, name)? {
                members.push((name.to_string(), Value::Tensor(id)));
            }
        }
        Ok(members)
    }

    /// A value with new dims, along which it is the same; its own stand at `first`.
    fn along(&mut self, x: ExprId, shape: &[usize], first: usize, span: Span) -> Res<ExprId> {
        let ty = self.ty(x).clone();
        if ty.shape == shape {
            return Ok(x);
        }
        let dims = (first..first + ty.shape.len()).collect();
        let attrs = Attrs::Broadcast { shape: shape.to_vec(), dims };
        self.op(&view::BROADCAST, vec![x], attrs, ty.support, span)
    }

    /// Members of several distributions as the values of a new dim, where all have them: of numbers the last, of
    /// vectors the first.
    fn side_by_side(&mut self, each: Vec<Named<'a>>, vectors: bool, span: Span) -> Res<Named<'a>> {
        let mut members = Vec::new();
        for name in MEMBERS.into_iter().chain(["logp"]) {
            let mut parts = Vec::new();
            for one in &each {
                if let Some((_, Value::Tensor(id))) = one.iter().find(|(own, _)| own == name) {
                    let own = self.ty(*id).shape.clone();
                    parts.push(match vectors {
                        true => self.along(*id, &[&[1], &own[..]].concat(), 1, span)?,
                        false => self.along(*id, &[&own[..], &[1]].concat(), 0, span)?,
                    });
                }
            }
            if parts.len() == each.len() {
                let last = self.ty(parts[0]).shape.len() - 1;
                let (axis, support) = (if vectors { 0 } else { last }, self.support_of_all(&parts));
                let id = self.op(&view::CONCAT, parts, Attrs::Axis(axis), support, span)?;
                members.push((name.to_string(), Value::Tensor(id)));
            }
        }
        Ok(members)
    }
}
