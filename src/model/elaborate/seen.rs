//! What is kept for readers of a file: declarations of names and what expressions are. In: values as they
//! are found. Out: entries of the index, if somebody asked for it.

use super::Elab;
use super::expr::types::show;
use super::value::{FuncBody, Value};
use crate::base::Span;
use crate::model::ir::{self, Static};
use crate::syntax::ast;
use std::collections::{BTreeMap, BTreeSet, HashMap};

impl<'a> Elab<'a> {
    /// A name that is used here is declared there. What a density needs is looked up by its name too,
    /// without being written.
    pub fn names_at(&mut self, here: Span, there: Option<Span>) {
        let sources = self.names.sources;
        let (Some(index), Some(there)) = (&mut self.m.index, there) else { return };
        match sources.text(here) == sources.text(there) {
            true => index.used(here, there),
            false => index.matched(there),
        }
    }

    /// A variable of a density is declared here: other densities have it by its name.
    pub fn variable_at(&mut self, name: &ast::Ident) {
        if let Some(index) = &mut self.m.index {
            index.matched(name.span);
        }
    }

    /// A name is an argument of a density, and the name of the variable that it is given for.
    pub fn variable_named_at(&mut self, here: Span) {
        if let Some(index) = &mut self.m.index {
            index.variable(here);
        }
    }

    /// An argument is given by its name.
    pub fn keyword_at(&mut self, argument: Span, word: &ast::Ident) {
        if let Some(index) = &mut self.m.index {
            index.keyword(argument, word.span);
        }
    }

    /// An argument is what is given for this formal.
    pub fn formal_at(&mut self, argument: Span, formal: &ast::Ident) {
        let word = self.m.index.as_ref().and_then(|index| index.keyword_of(argument));
        if let Some(word) = word {
            self.names_at(word, Some(formal.span));
        }
    }

    /// A field of the data is read here.
    pub fn field_at(&mut self, here: Span, field: usize) {
        let declared = self.name_of_field(field);
        self.names_at(here, Some(declared));
    }

    /// A field is found by its name.
    pub fn field_by_name(&mut self, field: usize) {
        let declared = self.name_of_field(field);
        if let Some(index) = &mut self.m.index {
            index.matched(declared);
        }
    }

    /// The declaration of a field begins with its name.
    fn name_of_field(&self, field: usize) -> Span {
        let ir::Field { name, span, .. } = &self.m.fields[field];
        Span { end: span.start + name.len() as u32, ..*span }
    }

    /// Names in text that nothing reaches, as a branch that is not taken, by what is known of the others:
    /// the only one of this name in the declaration, or that of the file.
    pub fn unreached(&mut self) {
        let Some(index) = &self.m.index else { return };
        let file = self.names.entry;
        let tree = &self.names.files[&file];
        let declared: BTreeSet<Span> = index.uses().map(|(_, there)| there).collect();
        let names = tree.exprs.iter().filter_map(|expr| match &expr.kind {
            ast::ExprKind::Name(name) if !index.is_known(expr.span) => Some((expr.span, name)),
            _ => None,
        });
        let names: BTreeMap<Span, &String> = names.collect();
        let mut found = Vec::new();
        for item in &tree.items {
            let within = item.span..Span { start: item.span.end, ..item.span };
            let formals = match &item.kind {
                ast::ItemKind::Callable(c) => c
                    .formals
                    .iter()
                    .chain(c.statics.iter().flatten())
                    .map(|f| f.name.span)
                    .collect(),
                _ => vec![],
            };
            let local: BTreeSet<Span> =
                declared.range(within.clone()).copied().chain(formals).collect();
            let mut by_name: HashMap<&str, Vec<Span>> = HashMap::new();
            for span in &local {
                by_name.entry(self.names.sources.text(*span)).or_default().push(*span);
            }
            for (here, name) in names.range(within).filter(|(here, _)| !local.contains(here)) {
                let there = match by_name.get(name.as_str()).map(Vec::as_slice) {
                    Some([only]) => Some(*only),
                    Some(_) => None,
                    None => self.value_of_file(name),
                };
                found.extend(there.map(|there| (*here, there)));
            }
        }
        found.into_iter().for_each(|(here, there)| self.names_at(here, Some(there)));
    }

    /// Where the entry file declares a name. A phase is no value.
    fn value_of_file(&self, name: &str) -> Option<Span> {
        let found = self.names.globals[&self.names.entry].get(name)?;
        (!matches!(found.item.kind, ast::ItemKind::Phase(_))).then_some(found.span)
    }

    /// An expression has a value.
    pub fn value_at(&mut self, here: Span, value: &Value<'a>) {
        if self.m.index.is_none() || self.names.sources.is_prelude(here.file) {
            return;
        }
        let what = self.described(value);
        if let Some(index) = &mut self.m.index {
            index.is(here, what);
        }
    }

    /// A value in a line: its type, or the head of its declaration.
    fn described(&self, value: &Value<'a>) -> String {
        let all = |parts: Vec<String>| format!("({})", parts.join(", "));
        match value {
            Value::Static(Static::Int(n)) => format!("int = {n}"),
            Value::Static(Static::Float(x)) => format!("f32 = {x}"),
            Value::Static(Static::Bool(b)) => format!("bool = {b}"),
            Value::Dim(_, n) => format!("dim = {n}"),
            Value::Tensor(id) | Value::Words(id, _) => show(self.ty(*id)),
            Value::Tuple(parts) => all(parts.iter().map(|part| self.described(part)).collect()),
            Value::Record(parts) => {
                let part = |(name, part)| format!("{name}: {}", self.described(part));
                all(parts.iter().map(|(name, value)| part((name, value))).collect())
            }
            Value::Func(func) | Value::Template(func) => match func.body {
                FuncBody::Item(item) => self.head_of(item),
                FuncBody::Lambda(..) | FuncBody::Formula(..) => value.kind().into(),
            },
            _ => value.kind().into(),
        }
    }

    /// `net f(x: f32[4]) -> f32[3]`, as it is written.
    fn head_of(&self, item: &ast::Callable) -> String {
        let kind = match item.role {
            Some(role) => format!("{role:?}").to_lowercase(),
            None => format!("{:?}", item.kind).to_lowercase(),
        };
        let text = |span: Span| self.names.sources.text(span).to_string();
        let list = |formals: &[ast::Formal]| {
            let formal = |formal: &ast::Formal| match &formal.ty {
                Some(ast::RType::Plain(ty)) => {
                    format!("{}: {}", formal.name.name, text(ty.span))
                }
                _ => formal.name.name.clone(),
            };
            format!("({})", formals.iter().map(formal).collect::<Vec<_>>().join(", "))
        };
        let statics = item.statics.as_deref().map(list).unwrap_or_default();
        format!("{kind} {}{statics}{}", item.name.name, list(&item.formals))
    }
}
