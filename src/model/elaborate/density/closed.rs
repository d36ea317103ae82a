//! Closed forms of divergences: `divergence KL(q: Normal, p: Normal) = ...`. In: two distributions over
//! one value. Out: what a declared form gives for them, if there is one.

use crate::base::{FileId, Span, codes};
use crate::model::elaborate::density::sampled::Sampled;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::names::library;
use crate::model::elaborate::scope::Scope;
use crate::model::elaborate::value::{Env, Value, bind};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{self, AxisId, DensityId, DistId, ExprId, Factor, Support, VarId};
use crate::model::prelude;
use crate::syntax::ast;

/// A distribution, and what stands for the variables that its parameters name.
pub type Side<'s> = (DistId, Option<&'s ir::Applied>);

/// A declared closed form: the names of its sides and the formula.
struct Form<'a> {
    file: FileId,
    q: &'a ast::Ident,
    p: &'a ast::Ident,
    value: ast::ExprId,
}

impl<'a> Elab<'a> {
    /// The file whose family a name stands for in another file.
    fn home(&self, file: FileId, name: &str) -> Option<FileId> {
        let declares =
            |id: &FileId| self.names.globals.get(id).is_some_and(|g| g.contains_key(name));
        let used = self.used_plainly(file).map(|(used, _)| used);
        let own = std::iter::once(file).chain(used).find(declares);
        own.or_else(|| library(name).next().map(|(id, _)| id))
    }

    /// Says of closed forms which families are none: such a form would never be used.
    pub fn families_of_divergences(&mut self) {
        for (file, global) in self.names.divergences.clone() {
            let ast::ItemKind::Divergence { q_family, p_family, .. } = &global.item.kind else {
                continue;
            };
            for family in [q_family, p_family] {
                let item = self.home(file, &family.name).and_then(|home| {
                    let own = self.names.globals.get(&home);
                    let own = own.and_then(|names| names.get(&family.name)).copied();
                    own.or_else(|| library(&family.name).next().map(|(_, global)| global))
                });
                let declared = item.map(|global| global.span);
                if item.is_some_and(|g| matches!(g.item.kind, ast::ItemKind::Distribution(_))) {
                    self.names_at(family.span, declared);
                    continue;
                }
                let text = format!("no distribution is called `{}`", family.name);
                let help = "declare it: `distribution NAME(...) on real { ... }`, or write the name \
                            of one of the library";
                let error = self.error(codes::RL0101, text, family.span, "not a distribution");
                self.diags.push(error.help(help));
            }
        }
    }

    /// Per variable of `q`: the closed form of the divergence from `p`'s draw of the same name.
    pub fn closed(
        &mut self,
        q: &Sampled,
        p: &Sampled,
        span: Span,
    ) -> Res<Vec<(VarId, Option<ExprId>)>> {
        let shared = q.applied.densities.iter().any(|d| p.applied.densities.contains(d));
        let mut list = Vec::new();
        for (name, var, _) in &q.vars {
            let left = self.drawn(&q.applied.densities, *var);
            let right = p
                .vars
                .iter()
                .find(|(n, _, _)| n == name)
                .and_then(|(_, v, _)| self.drawn(&p.applied.densities, *v));
            let form = match (left, right) {
                // Two sides of one density have the same variables: each takes its own values.
                (Some(a), Some(b)) if shared => {
                    self.closed_form((a, Some(&q.applied)), (b, Some(&p.applied)), span)?
                }
                (Some(a), Some(b)) => self.closed_form((a, None), (b, None), span)?,
                _ => None,
            };
            list.push((*var, form));
        }
        Ok(list)
    }

    pub fn drawn(&self, densities: &[DensityId], wanted: VarId) -> Option<DistId> {
        densities.iter().flat_map(|d| &self.m.densities[d.0 as usize].factors).find_map(|f| match f
        {
            Factor::Draw { var, dist, .. } if *var == wanted => Some(*dist),
            _ => None,
        })
    }

    /// The closed-form divergence of two distributions over one value, if some file has one.
    pub fn closed_form(&mut self, q: Side, p: Side, span: Span) -> Res<Option<ExprId>> {
        match self.closed_elements(q, p, span)? {
            Some(each) => self.sum_all(each, span).map(Some),
            None => Ok(None),
        }
    }

    /// The same for every element of the value.
    pub fn closed_elements(&mut self, q: Side, p: Side, span: Span) -> Res<Option<ExprId>> {
        let (dq, dp) = (&self.m.dists[q.0.0 as usize], &self.m.dists[p.0.0 as usize]);
        if dq.ty.shape != dp.ty.shape {
            let (a, b) = (show(&dq.ty), show(&dp.ty));
            let text = format!("the sides of `||` are over `{a}` and `{b}`");
            return self.fail(codes::RL0103, text, span, "declare both over the same type");
        }
        let (fq, fp) = (dq.family.clone(), dp.family.clone());
        let Some(form) = self.form_of(dq, dp) else {
            let excludes = dp.bounded && !dq.bounded && dq.ty.support == Support::Real;
            return if excludes { self.excluded(&fq, &fp, span) } else { Ok(None) };
        };
        let homes = [dq.home, dp.home];
        let Some(places) = self.places_of_form(form.file, homes, span)? else { return Ok(None) };
        let values = self.values_of_form(&form, (q, p), places, span)?;
        if values.iter().any(|value| *value != values[0]) {
            return Ok(None);
        }
        let text = self.line_of(self.names.files[&form.file].expr(form.value).span);
        self.m.divergences.insert((fq, fp), text);
        Ok(Some(values[0]))
    }

    /// The form that is declared for the families of two distributions.
    fn form_of(&self, left: &ir::Dist, right: &ir::Dist) -> Option<Form<'a>> {
        let of = |file: FileId, name: &str, dist: &ir::Dist| {
            let declared = self.names.files.origin(dist.home);
            // Several items of the library declare a family of one name.
            let shared = |id: FileId| self.names.sources.is_prelude(id);
            let same = |id: FileId| id == declared || shared(id) && shared(declared);
            name == dist.family && self.home(file, name).is_some_and(same)
        };
        let own = self.names.divergences.iter().map(|(file, global)| (*file, global.item));
        let library = prelude::divergences(&left.family, &right.family);
        own.chain(library).find_map(|(file, item)| match &item.kind {
            ast::ItemKind::Divergence { q, q_family, p, p_family, value }
                if of(file, &q_family.name, left) && of(file, &p_family.name, right) =>
            {
                Some(Form { file, q, p, value: *value })
            }
            _ => None,
        })
    }

    /// What a form gives for two distributions where it is read in each of these files.
    fn values_of_form(
        &mut self,
        form: &Form<'a>,
        (q, p): (Side, Side),
        places: Vec<FileId>,
        span: Span,
    ) -> Res<Vec<ExprId>> {
        let dist = &self.m.dists[q.0.0 as usize];
        let (ty, atom) = (dist.ty.clone(), dist.atom);
        let (axes, _) = self.axes_of_values(&ty, atom);
        let mut env: Env<'a> = None;
        for (name, side) in [(form.q, q), (form.p, p)] {
            env = bind(&env, name, self.members_of(side, &axes, span)?);
        }
        let calls = self.calling(span)?;
        // A field of the data may be called like a function of the formula.
        let inside = |here: &mut Scope<'a>| (here.calls, here.fields_visible) = (calls, false);
        self.at(inside, |e| {
            let mut read = |place| {
                let value = e.eval(form.value, place, &env)?;
                let value = e.tensor(&value, span)?;
                e.stacked_along(&axes, value, span)
            };
            places.into_iter().map(&mut read).collect()
        })
    }

    /// The left side draws what the right one says cannot be.
    fn excluded<T>(&mut self, q: &str, p: &str, span: Span) -> Res<T> {
        let text = format!("the divergence from `{q}` to `{p}` is infinite");
        let label = format!("`{q}` gives all reals, `{p}` excludes those beyond its bounds");
        let diagnostic = self.error(codes::RL0116, text, span, &label).help(format!(
            "let both sides be `{p}`, or let the right one be a density on all reals: `Normal(0, 1)`"
        ));
        self.stop(diagnostic)
    }

    /// Parameters and rows of a distribution, as a closed form reads them.
    fn members_of(&mut self, (id, at): Side, axes: &[AxisId], span: Span) -> Res<Value<'a>> {
        let members = self.m.dist_members[id.0 as usize].clone();
        let (names, mut values): (Vec<String>, Vec<ExprId>) = members.into_iter().unzip();
        if let Some(at) = at {
            values = self.m.opened(&values, &at.bind, &at.calls);
        }
        for value in &mut values {
            *value = self.element_along(axes, *value, span)?;
        }
        Ok(Value::Record(names.into_iter().zip(values.into_iter().map(Value::Tensor)).collect()))
    }

    /// Where a closed form that a file declares is read for families of these files: in the file, or in
    /// the instances of it that the families belong to, which must have the same dims and settings.
    /// (Weights may still differ, and then the form does.) `None` where it is of other numbers.
    fn places_of_form(
        &mut self,
        file: FileId,
        homes: [FileId; 2],
        span: Span,
    ) -> Res<Option<Vec<FileId>>> {
        let mut places: Vec<FileId> = Vec::new();
        for home in homes {
            let origin = self.names.files.origin(home);
            let beside = match (origin == file, places.first()) {
                (true, first) => first.copied().unwrap_or(home),
                (false, _) => origin,
            };
            let same = home == beside
                || self.settings_of(home, span)? == self.settings_of(beside, span)?;
            if !same {
                return Ok(None);
            }
            if origin == file && !places.contains(&home) {
                places.push(home);
            }
        }
        Ok(Some(if places.is_empty() { vec![file] } else { places }))
    }
}
