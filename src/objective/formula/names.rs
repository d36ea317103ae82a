//! What variables, axes and fields are called in a formula. In: variables as they are bound and
//! released. Out: names, of which no two that are visible at one place are the same.

use crate::model::ir::*;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

/// Names for variables of derivatives whose own is taken.
const FREE: &[&str] = &["u", "v", "w", "p", "q", "r"];

pub(super) struct Names<'m> {
    m: &'m Model,
    /// Paths of weights and states, which have no other name; found when first asked for.
    slots: OnceCell<HashSet<&'m str>>,
    /// Bound variables, innermost last.
    bound: Vec<(VarId, String)>,
    /// Draws, each with a name of its own.
    draws: HashMap<VarId, String>,
    /// Axes that have a letter.
    letters: Vec<(AxisId, String)>,
    /// Variables and letters in the order in which they were written.
    used: Vec<String>,
}

impl<'m> Names<'m> {
    pub fn new(m: &'m Model) -> Names<'m> {
        Names {
            m,
            slots: OnceCell::new(),
            bound: vec![],
            draws: HashMap::new(),
            letters: vec![],
            used: vec![],
        }
    }

    fn visible(&self, name: &str) -> bool {
        let m = self.m;
        let slots = self.slots.get_or_init(|| {
            let params = m.params.iter().map(|p| p.path.as_str());
            params.chain(m.states.iter().map(|s| s.path.as_str())).collect()
        });
        slots.contains(name)
            || self.bound.iter().any(|(_, known)| known == name)
            || self.draws.values().any(|known| known == name)
            || self.letters.iter().any(|(_, known)| known == name)
    }

    /// The name itself where it is free, else one of `others`, else with as many strokes as needed.
    fn free(&self, name: &str, others: &[&str], beside_fields: bool) -> String {
        let is_field = |name: &str| self.m.fields.iter().any(|field| field.name == name);
        let fits = |name: &str| !self.visible(name) && (beside_fields || !is_field(name));
        let mut all = std::iter::once(name).chain(others.iter().copied());
        if let Some(found) = all.find(|name| fits(name)) {
            return found.into();
        }
        let mut stroked = format!("{name}'");
        while !fits(&stroked) {
            stroked.push('\'');
        }
        stroked
    }

    fn own(&self, var: VarId) -> &'m str {
        let m = self.m;
        &m.vars[var.0 as usize].name
    }

    /// Makes a variable visible; it hides a field of its name. One of a derivative has no name of its
    /// own, and gets one that no field has.
    pub fn bind(&mut self, var: VarId, derivative: bool) -> String {
        let others = if derivative { FREE } else { &[] };
        let name = self.free(self.own(var), others, !derivative);
        self.bound.push((var, name.clone()));
        name
    }

    /// Releases the innermost.
    pub fn unbind(&mut self, count: usize) {
        self.bound.truncate(self.bound.len() - count);
    }

    /// The name of a draw, which stays.
    pub fn drawn(&mut self, var: VarId) -> String {
        if let Some(name) = self.draws.get(&var) {
            return name.clone();
        }
        let name = self.free(self.own(var), &[], false);
        self.draws.insert(var, name.clone());
        name
    }

    pub fn var(&mut self, var: VarId) -> String {
        let bound = self.bound.iter().rev().find(|(known, _)| *known == var).map(|(_, n)| n);
        let name = bound.or_else(|| self.draws.get(&var)).cloned();
        let name = name.unwrap_or_else(|| self.own(var).into());
        self.used.push(name.clone());
        name
    }

    /// A field; with the data set where its own name is that of something else.
    pub fn field(&self, id: FieldId) -> String {
        let field = &self.m.fields[id.0 as usize];
        let first = self.m.fields.iter().find(|other| other.name == field.name);
        let plain =
            first.is_none_or(|first| first.data == field.data) && !self.visible(&field.name);
        if plain { field.name.clone() } else { format!("{}.{}", field.data, field.name) }
    }

    /// The index along an axis.
    pub fn letter(&mut self, axis: AxisId) -> String {
        let known = self.letters.iter().find(|(known, _)| *known == axis).map(|(_, l)| l.clone());
        let letter = known.unwrap_or_else(|| {
            let letter = self.free("i", &["j", "k", "l", "m", "n"], false);
            self.letters.push((axis, letter.clone()));
            letter
        });
        self.used.push(letter.clone());
        letter
    }

    pub fn mark(&self) -> usize {
        self.used.len()
    }

    pub fn used_since(&self, mark: usize, name: &str) -> bool {
        self.used[mark..].iter().any(|used| used == name)
    }
}
