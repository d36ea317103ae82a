//! Parts as functions of what they are given, for other programs: a net of its arguments, a density of
//! what stands after its bar. Where the types of arguments are not known, a part is a function of the
//! data fields that its code is computed from.

use crate::model::elaborate::Elab;
use crate::model::elaborate::scope::{Context, nobody};
use crate::model::elaborate::value::{Args, Query, QueryArg, Value};
use crate::model::ir::{self, DensityId, ExprId, ExprKind, Factor, PartId, VarId};
use crate::syntax::ast::{CallableKind, ItemKind};
use std::collections::BTreeSet;
use std::rc::Rc;

impl<'a> Elab<'a> {
    /// Fills [`ir::Model::exports`].
    pub fn find_exports(&mut self) {
        let own = self.made.parts.iter().filter(|((file, ..), _)| *file == self.names.entry);
        let mut parts: Vec<(String, PartId)> =
            own.map(|((_, name, _), part)| (name.clone(), *part)).collect();
        parts.sort_by_key(|(_, part)| *part);
        for (name, part) in parts {
            let ctx = Context { training: false, data: vec![], batch: self.m.encode_rows };
            let made = self.within(ctx, |e| e.exports_of(&name, part));
            let none = made.is_empty();
            self.m.exports.extend(made);
            let code = self.m.codes.iter().find(|code| code.part == part && code.rows.is_none());
            if let (true, Some(code)) = (none, code) {
                let outputs = vec![(name, code.value)];
                self.m.exports.push(ir::Export { part, inputs: vec![], outputs });
            }
        }
    }

    fn exports_of(&mut self, name: &str, part: PartId) -> Vec<ir::Export> {
        let global = self.names.globals[&self.names.entry].get(name).copied();
        match global.map(|global| &global.item.kind) {
            Some(ItemKind::Callable(item)) if item.kind == CallableKind::Net => {
                self.guess(|e| e.net_export(name, part), Option::is_some).into_iter().collect()
            }
            Some(ItemKind::Density(_)) => self.density_exports(name, part),
            _ => Vec::new(),
        }
    }

    /// A net of its arguments, with the types that it is called with.
    fn net_export(&mut self, name: &str, part: PartId) -> Option<ir::Export> {
        let ir::Part { inputs, span, .. } = self.m.parts[part.0 as usize].clone();
        if inputs.is_empty() {
            return None;
        }
        let (mut vars, mut args) = (Vec::new(), Args::default());
        for (formal, ty) in inputs {
            let (var, mention) = self.m.fresh_var(&formal, ty, span);
            vars.push(var);
            args.positional.push((Value::Tensor(mention), span));
        }
        let callee = self.name(name, self.names.entry, &None, span).ok()?;
        match self.owned(nobody(), |e| e.apply(&callee, args, span)) {
            Ok(Value::Tensor(value)) => {
                Some(ir::Export { part, inputs: vars, outputs: vec![(name.into(), value)] })
            }
            _ => None,
        }
    }

    fn density_exports(&mut self, name: &str, part: PartId) -> Vec<ir::Export> {
        let read = |e: &mut Self| e.densities(name, e.names.entry).ok();
        let Some(Value::Density(of)) = self.guess(read, Option::is_some) else { return vec![] };
        let mine = |e: &Self, id: &DensityId| e.m.densities[id.0 as usize].part == part;
        let ids: Vec<DensityId> = of.ids.iter().copied().filter(|id| mine(self, id)).collect();
        let mut made = Vec::new();
        for id in ids {
            let given = self.m.densities[id.0 as usize].given.clone();
            let mut outputs = Vec::new();
            if of.ids.len() == 1 || self.alone_over(id) {
                outputs.extend(self.density_mean(&of, &given).map(|mean| (name.to_string(), mean)));
            }
            outputs.extend(self.parameters(name, id, &given));
            if !outputs.is_empty() {
                made.push(ir::Export { part, inputs: given, outputs });
            }
        }
        made
    }

    /// Whether a density draws one variable.
    fn alone_over(&self, id: DensityId) -> bool {
        self.m.densities[id.0 as usize].over.len() == 1
    }

    /// The mean given values; of a discrete variable without one, the likeliest value.
    fn density_mean(
        &mut self,
        of: &Rc<crate::model::elaborate::value::Densities>,
        given: &[VarId],
    ) -> Option<ExprId> {
        let id = *of.ids.iter().find(|id| self.m.densities[id.0 as usize].given == given)?;
        let span = self.m.densities[id.0 as usize].span;
        let arg = |e: &mut Self, var: &VarId| QueryArg {
            name: Some(e.m.vars[var.0 as usize].name.clone()),
            keyword: true,
            value: Some(Value::Tensor(e.mention(*var))),
            span,
        };
        let given: Vec<QueryArg> = given.iter().map(|var| arg(self, var)).collect();
        let over = self.m.densities[id.0 as usize].over.clone();
        let bare = |e: &Self, var: &VarId| QueryArg {
            name: Some(e.m.vars[var.0 as usize].name.clone()),
            keyword: false,
            value: None,
            span,
        };
        let over = if of.ids.len() == 1 {
            of.query(span).over
        } else {
            over.iter().map(|var| bare(self, var)).collect()
        };
        let query = Value::Query(Rc::new(Query { over, given, ..of.query(span) }));
        ["mean", "mode"].into_iter().find_map(|what| {
            self.guess(|e| e.density_formula(&query, what, span).ok(), Option::is_some)
        })
    }

    /// Parameters of what a density draws, and what it computes, where that follows from what it is
    /// given.
    fn parameters(&mut self, name: &str, id: DensityId, given: &[VarId]) -> Vec<(String, ExprId)> {
        let mut list = Vec::new();
        for factor in &self.m.densities[id.0 as usize].factors {
            let var = |var: &VarId| self.m.vars[var.0 as usize].name.clone();
            match factor {
                Factor::Draw { var: drawn, dist, .. } => {
                    for (param, value) in &self.m.dists[dist.0 as usize].params {
                        list.push((format!("{name}.{}.{param}", var(drawn)), *value));
                    }
                }
                Factor::Define { var: defined, value, .. } => {
                    list.push((format!("{name}.{}", var(defined)), *value));
                }
                Factor::Energy { .. } | Factor::Base { .. } => {}
            }
        }
        list.retain(|(_, value)| self.follows(*value, given));
        list
    }

    /// Whether an expression mentions no other variables but those of loops in it and these.
    fn follows(&self, value: ExprId, given: &[VarId]) -> bool {
        let below = self.m.reachable(&[value]);
        let bound: BTreeSet<VarId> =
            below.iter().flat_map(|id| self.m.bound_by(*id)).chain(given.iter().copied()).collect();
        below.into_iter().all(|id| match self.m.expr(id).kind {
            ExprKind::Var(var) => bound.contains(&var),
            _ => true,
        })
    }
}
