//! Items: names collected, then each evaluated when it is first used, so that order in a file does
//! not matter. Circles are found here. In: trees. Out: the values of their names, the data sets and parts.

mod data;
mod globals;
mod setting;

use crate::base::{Diagnostic, FileId, budget, codes};
use crate::model::elaborate::names::{Global, library};
use crate::model::elaborate::scope::Context;
use crate::model::elaborate::value::Value;
use crate::model::elaborate::{Elab, Res};
use crate::model::ir;
use crate::syntax;
use crate::syntax::ast::{self, CallableKind, ItemKind};
use std::collections::BTreeSet;

impl<'a> Elab<'a> {
    /// Registers every name of every file; two of one name are an error.
    ///
    /// # Errors
    /// More names than a model may have: nothing is looked at then.
    pub fn collect(&mut self) -> Res<()> {
        let files = self.names.files;
        for (id, file) in files.iter() {
            for item in &file.items {
                let fields = match &item.kind {
                    ItemKind::Data { fields, .. } => fields.len(),
                    _ => 0,
                };
                let names = item.names();
                if let Some(first) = names.first() {
                    self.spend(budget::DECLARATIONS, names.len() + fields, first.span)?;
                }
                for name in names {
                    self.register(*id, name, Global { item, span: name.span });
                }
            }
        }
        Ok(())
    }

    /// Reports what the trees show: names that stand twice in one list, of which nobody knows which one
    /// is meant, and what nothing reads.
    pub fn faults_of_trees(&mut self) -> bool {
        let trees = || self.names.files.iter().map(|(_, file)| file);
        let faults = |file| [syntax::twice(file), syntax::idle(file)].concat();
        let found: Vec<Diagnostic> = trees().flat_map(faults).collect();
        let any = !found.is_empty();
        let warnings: Vec<Diagnostic> = trees().flat_map(syntax::quotients).collect();
        warnings.into_iter().for_each(|warning| self.diags.push(warning));
        found.into_iter().for_each(|error| self.diags.push(error));
        any
    }

    fn register(&mut self, file: FileId, name: &ast::Ident, global: Global<'a>) {
        let names = self.names.globals.entry(file).or_default();
        if let Some(old) = names.get(&name.name) {
            let densities = |g: &Global| matches!(g.item.kind, ItemKind::Density(_));
            if densities(old) && densities(&global) {
                return;
            }
            let diagnostic = syntax::declared_twice(&name.name, name.span, old.span);
            self.diags.push(diagnostic);
            return;
        }
        let known = [("B", "`B` is the size of a batch"), ("KL", "`KL` is the divergence")];
        if let Some((_, what)) = known.iter().find(|(known, _)| *known == name.name) {
            let diagnostic = Diagnostic::new(codes::RL0102, *what)
                .at(name.span, "reserved")
                .help("choose another name");
            self.diags.push(diagnostic);
        }
        names.insert(name.name.clone(), global);
    }

    /// Parts of every net and density.
    pub fn declare_parts(&mut self) {
        let files = self.names.files;
        files.iter().for_each(|(id, _)| self.declare_parts_of(*id));
    }

    /// Parts of a file or an instance.
    pub fn declare_parts_of(&mut self, id: FileId) {
        let files = self.names.files;
        for item in &files[&id].items {
            let (name, role, is_part) = match &item.kind {
                ItemKind::Callable(c) => {
                    (&c.name, c.role, matches!(c.kind, CallableKind::Net | CallableKind::Bijection))
                }
                ItemKind::Density(d) => (&d.name, d.role, true),
                _ => continue,
            };
            let role = ir_role(role);
            if !is_part || self.made.parts.contains_key(&(id, name.name.clone(), role)) {
                continue;
            }
            let part = ir::PartId(self.m.parts.len() as u32);
            self.m.parts.push(ir::Part {
                name: self.path_of(id, &name.name),
                role,
                densities: vec![],
                inputs: vec![],
                output: None,
                span: name.span,
            });
            self.made.parts.insert((id, name.name.clone(), role), part);
        }
    }

    /// `prior p(z) = Normal(0, 1)`: a density in the form of a function.
    fn density_as_function(&mut self, item: &'a ast::Callable) -> Res<()> {
        let (Some(_), ast::Body::Expr(body)) = (item.role, &item.body) else { return Ok(()) };
        let file = self.names.entry;
        let expr = self.names.files[&file].expr(*body);
        let ast::ExprKind::Call { callee, .. } = &expr.kind else { return Ok(()) };
        let ast::ExprKind::Name(name) = &self.names.files[&file].expr(*callee).kind else {
            return Ok(());
        };
        if !library(name).any(|(_, g)| matches!(g.item.kind, ItemKind::Distribution(_))) {
            return Ok(());
        }
        let head = self.names.sources.text(item.name.span.to(expr.span));
        let head = head.split('=').next().unwrap_or("p(z)").trim();
        let variable = item.formals.first().map_or("z", |f| f.name.name.as_str());
        let word = format!("{:?}", ir_role(item.role)).to_lowercase();
        let help = format!(
            "write `{word} {head} {{ {variable} ~ {} }}`",
            self.names.sources.text(expr.span)
        );
        let text = format!(
            "`{}` gives a distribution, so it is a density, not a function",
            item.name.name
        );
        self.fail(codes::RL0105, text, expr.span, &help)
    }

    /// Evaluates everything that was declared, used or not, so that every mistake is found. What depends
    /// on the number of rows waits until the phases have been read, and is then looked at with the
    /// rows of a phase that uses it.
    pub fn all_items(&mut self) {
        let files = self.names.files;
        let mut waiting = Vec::new();
        for item in &files[&self.names.entry].items {
            match &item.kind {
                ItemKind::Phase(phase) => {
                    let _ = self.phase(phase);
                }
                ItemKind::Callable(c) => {
                    let _ = self.density_as_function(c);
                }
                ItemKind::Use { .. } | ItemKind::Data { .. } => {}
                _ => waiting.extend(item.names().into_iter().filter(|name| !self.outside(name))),
            }
        }
        for name in waiting {
            self.with_rows(name);
        }
        let entry = self.names.entry;
        self.m.losses.sort_by_key(|l| (l.span.file != entry, l.span.file, l.span.start));
    }

    /// Evaluates a name outside of phases; false if it waits for the number of rows.
    fn outside(&mut self, name: &ast::Ident) -> bool {
        let before = self.m.densities.len();
        let look = |e: &mut Self| {
            e.at(|here| here.may_wait = true, |e| e.declared_value(name, 0, None));
            !std::mem::take(&mut e.told.waits)
        };
        let known = self.guess(look, |known| *known);
        if !known {
            self.forget_unfinished(before);
        }
        known
    }

    /// Factors of densities of which others wait. What was read as a whole has its name, and stays.
    fn forget_unfinished(&mut self, before: usize) {
        let read = self.names.memo.values().flatten().filter_map(|known| match &known.value {
            Value::Density(of) => Some(of.ids.clone()),
            _ => None,
        });
        let read: BTreeSet<ir::DensityId> = read.flatten().collect();
        for part in &mut self.m.parts {
            part.densities.retain(|d| (d.0 as usize) < before || read.contains(d));
        }
    }

    /// Evaluates a name with the rows and the data of a phase that uses it, of the first if none does.
    fn with_rows(&mut self, name: &ast::Ident) {
        let known = self.names.memo.get(&(self.names.entry, name.name.clone()));
        let used = known.into_iter().flatten().map(|known| &known.ctx).find(|ctx| ctx.batch > 0);
        let data = used.map(|ctx| ctx.data.clone()).filter(|data| !data.is_empty());
        let used = used.map(|ctx| ctx.batch);
        let rows = used.unwrap_or_else(|| self.usual_rows());
        self.declared_value(name, rows, data);
    }

    /// Rows of a batch of what no phase uses: those of the first phase, if there is one.
    pub fn usual_rows(&self) -> usize {
        const NO_PHASE: usize = 128;
        self.m.phases.first().map_or(NO_PHASE, |phase| phase.batch)
    }

    fn declared_value(&mut self, name: &ast::Ident, rows: usize, data: Option<Vec<String>>) {
        let entry = self.names.entry;
        let Some(global) = self.names.globals[&entry].get(&name.name).copied() else { return };
        let data = data.unwrap_or_else(|| match self.m.data.as_slice() {
            [only] => vec![only.name.clone()],
            _ => vec![],
        });
        let ctx = Context { training: false, data, batch: rows };
        let value = self.within(ctx, |e| e.global(entry, &name.name, global, name.span));
        let listed = self.m.losses.iter().any(|l| l.span == global.span);
        if let (ItemKind::Loss { .. }, Ok(Value::Tensor(value)), false) =
            (&global.item.kind, value, listed)
        {
            let name = self.path_of(entry, &name.name);
            let rows = (rows > 0).then_some(rows);
            self.m.losses.push(ir::Loss { name, value, rows, span: global.span });
        }
    }
}

/// The dims and configs of the entry file, which settings may give.
pub fn setting_names(file: &ast::File) -> Vec<&str> {
    let mut names = Vec::new();
    for item in &file.items {
        match &item.kind {
            ItemKind::Dim(list) => names.extend(list.iter().map(|(n, _)| n.name.as_str())),
            ItemKind::Config { name, .. } => names.push(name.name.as_str()),
            _ => {}
        }
    }
    names
}

/// The divergences of files, with the files that declare them.
pub fn divergences<'a>(
    files: impl Iterator<Item = (&'a FileId, &'a ast::File)>,
) -> Vec<(FileId, Global<'a>)> {
    let mut list = Vec::new();
    for (id, file) in files {
        for item in &file.items {
            if let ItemKind::Divergence { q, .. } = &item.kind {
                list.push((*id, Global { item, span: q.span }));
            }
        }
    }
    list
}

/// A role of the syntax tree.
pub fn ir_role(role: Option<ast::Role>) -> ir::Role {
    match role {
        Some(ast::Role::Encoder) => ir::Role::Encoder,
        Some(ast::Role::Bottleneck) => ir::Role::Bottleneck,
        Some(ast::Role::Prior) => ir::Role::Prior,
        Some(ast::Role::Decoder) => ir::Role::Decoder,
        None => ir::Role::None,
    }
}
