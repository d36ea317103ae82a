//! Imported files: what their names are called here, and instances of them with other dims. An
//! instance is the file once more, with an id, dims and weights of its own. It keeps the places of
//! its text.

use crate::base::{FileId, Span, budget, codes, nearest};
use crate::model::elaborate::expr::call::join;
use crate::model::elaborate::items::setting_names;
use crate::model::elaborate::names::Global;
use crate::model::elaborate::value::{Env, Value, find};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::Static;
use crate::model::prelude;
use crate::model::settings::{self, Given};
use crate::syntax::ast::{self, ItemKind};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Index;
use std::sync::Arc;

/// Ids of instances start here; a compilation has fewer files.
const FIRST: u32 = 1 << 24;

/// Steps that an instance takes, and each name of its file, which it holds a copy of.
const INSTANCE: usize = 20;
const NAME: usize = 4;

/// Syntax trees by file, instances and items of the prelude included.
pub struct Trees<'a> {
    files: &'a BTreeMap<FileId, Arc<ast::File>>,
    /// The file behind each instance.
    origins: RefCell<Vec<FileId>>,
}

impl<'a> Trees<'a> {
    pub fn new(files: &'a BTreeMap<FileId, Arc<ast::File>>) -> Trees<'a> {
        Trees { files, origins: RefCell::default() }
    }

    /// The file that was read.
    pub fn origin(&self, id: FileId) -> FileId {
        match id.0.checked_sub(FIRST) {
            None => id,
            Some(at) => self.origins.borrow()[at as usize],
        }
    }

    /// Files that were read, without the prelude.
    pub fn iter(&self) -> impl Iterator<Item = (&'a FileId, &'a ast::File)> + use<'a> {
        self.files.iter().map(|(id, tree)| (id, &**tree))
    }

    fn add(&self, origin: FileId) -> FileId {
        let mut origins = self.origins.borrow_mut();
        origins.push(origin);
        FileId(FIRST + origins.len() as u32 - 1)
    }
}

impl Index<&FileId> for Trees<'_> {
    type Output = ast::File;
    fn index(&self, id: &FileId) -> &ast::File {
        let origin = self.origin(*id);
        prelude::tree(origin).unwrap_or_else(|| &self.files[&origin])
    }
}

impl<'a> Elab<'a> {
    /// Names every imported file by the aliases that lead to it. Files without alias add their names
    /// to those of the file that uses them.
    pub fn name_files(&mut self) {
        let mut todo = vec![self.names.entry];
        self.names.prefixes.insert(self.names.entry, String::new());
        while let Some(file) = todo.pop() {
            let files = self.names.files;
            for item in &files[&file].items {
                let ItemKind::Use { path, alias, .. } = &item.kind else { continue };
                let Some(used) = self.names.imports.get(&(file, path.clone())).copied() else {
                    continue;
                };
                if !self.names.prefixes.contains_key(&used) {
                    let own = alias.as_ref().map_or("", |a| a.name.as_str());
                    let prefix = if own.is_empty() {
                        self.names.prefixes[&file].clone()
                    } else {
                        join(&self.names.prefixes[&file], own)
                    };
                    self.names.prefixes.insert(used, prefix);
                    todo.push(used);
                }
            }
        }
    }

    /// Notes that the current owner of weights uses something.
    pub fn note_use(&mut self, path: String) {
        let owner = self.here.owner.borrow();
        for name in &owner.owners {
            let known = self.made.reach.get(name).is_some_and(|used| used.contains(&path));
            if known || !self.m.budget.take(budget::PATHS, path.len()) {
                continue;
            }
            self.made.reach.entry(name.clone()).or_default().insert(path.clone());
        }
    }

    /// The path of a declaration: the owner of its weights.
    pub fn path_of(&self, file: FileId, name: &str) -> String {
        join(self.names.prefixes.get(&file).map_or("", String::as_str), name)
    }

    /// Names that own what a declaration makes: its file or instance, and itself.
    pub fn owners_of(&self, file: FileId, name: &str) -> Vec<String> {
        let prefix = self.names.prefixes.get(&file).cloned().unwrap_or_default();
        let own = join(&prefix, name);
        if prefix.is_empty() { vec![own] } else { vec![prefix, own] }
    }

    /// What a name is declared as, in the file that runs or in one that it uses without alias.
    pub fn item_called(&mut self, name: &str, span: Span) -> Res<Option<(FileId, Global<'a>)>> {
        let file = match self.names.globals[&self.names.entry].contains_key(name) {
            true => Some(self.names.entry),
            false => self.imported(name, self.names.entry, span)?,
        };
        Ok(file.map(|file| (file, self.names.globals[&file][name])))
    }

    /// The files that a file uses without alias, with the places that say so.
    pub fn used_plainly(&self, file: FileId) -> impl Iterator<Item = (FileId, Span)> {
        self.names.files[&file].items.iter().filter_map(move |item| match &item.kind {
            ItemKind::Use { path, path_span, alias: None } => {
                let used = self.names.imports.get(&(self.names.files.origin(file), path.clone()));
                used.map(|used| (*used, *path_span))
            }
            _ => None,
        })
    }

    /// The declaration of a name in a file, or in one that it uses without alias.
    pub fn seen(&self, name: &str, file: FileId) -> Option<Global<'a>> {
        let mut files = std::iter::once(file).chain(self.used_plainly(file).map(|(used, _)| used));
        files.find_map(|f| self.names.globals.get(&f).and_then(|g| g.get(name)).copied())
    }

    /// The file without alias that declares a name.
    pub fn imported(&mut self, name: &str, file: FileId, span: Span) -> Res<Option<FileId>> {
        let has = |f: &FileId| self.names.globals.get(f).is_some_and(|g| g.contains_key(name));
        let found: Vec<(FileId, Span)> = self.used_plainly(file).filter(|(f, _)| has(f)).collect();
        if let [(a, first), (b, second), ..] = found[..]
            && a != b
        {
            let text = format!("two imported files declare `{name}`");
            let diagnostic = self
                .error(codes::RL0102, text, span, "")
                .also(first, "one")
                .also(second, "another")
                .help("give one of them a name: `use \"file.rl\" as f`, and write `f.name`");
            return self.stop(diagnostic);
        }
        match found.first() {
            Some((used, _)) => self.counterpart(file, *used, span).map(Some),
            None => Ok(None),
        }
    }

    /// `m.p(V = 784)`: the declaration with other dims of its file; `None` if this is a usual call.
    pub fn instance_of(
        &mut self,
        callee: ast::ExprId,
        args: &'a [ast::Arg],
        file: FileId,
        env: &Env<'a>,
    ) -> Res<Option<Value<'a>>> {
        let files = self.names.files;
        let (base, name) = match &files[&file].expr(callee).kind {
            ast::ExprKind::Member { base, name } => (base, name),
            ast::ExprKind::Name(alias) => {
                return self.file_instance(alias, callee, args, file, env);
            }
            _ => return Ok(None),
        };
        let ast::ExprKind::Name(alias) = &files[&file].expr(*base).kind else { return Ok(None) };
        let plain = args.is_empty() || args.iter().any(|a| a.name.is_none());
        if plain || find(env, alias).is_some() {
            return Ok(None);
        }
        let Ok(Value::Namespace(of)) = self.eval(*base, file, env) else { return Ok(None) };
        let Some(own) = self.arguments_of(of, &name.name) else { return Ok(None) };
        if args.iter().flat_map(|a| &a.name).any(|n| own.contains(&n.name.as_str())) {
            return Ok(None);
        }
        let dims = self.other_dims(alias, of, args, file, env)?;
        let instance = self.instance(of, &name.name, dims, name.span)?;
        self.name(&name.name, instance, &None, name.span).map(Some)
    }

    /// Names that a call of a declaration gives values: they are no settings. `None` for what takes none.
    fn arguments_of(&self, of: FileId, name: &str) -> Option<Vec<&'a str>> {
        let files = self.names.files;
        let global = self.names.globals.get(&of).and_then(|names| names.get(name)).copied()?;
        match &global.item.kind {
            ItemKind::Callable(c) => {
                let statics = c.statics.iter().flatten();
                Some(c.formals.iter().chain(statics).map(|f| f.name.name.as_str()).collect())
            }
            ItemKind::Density(_) => {
                let all = files[&of].items.iter().filter_map(|item| match &item.kind {
                    ItemKind::Density(d) if d.name.name == name => Some(d),
                    _ => None,
                });
                let vars = all.flat_map(|d| d.over.iter().chain(&d.given));
                Some(vars.map(|var| var.name.name.as_str()).collect())
            }
            _ => None,
        }
    }

    /// `m(V = 784)`: the whole file with other dims, whose members share their weights.
    fn file_instance(
        &mut self,
        alias: &str,
        callee: ast::ExprId,
        args: &'a [ast::Arg],
        file: FileId,
        env: &Env<'a>,
    ) -> Res<Option<Value<'a>>> {
        let uses = |global: &Global<'_>| matches!(global.item.kind, ItemKind::Use { .. });
        let is_file = self.names.globals.get(&file).and_then(|g| g.get(alias)).is_some_and(uses);
        if !is_file || find(env, alias).is_some() || args.iter().any(|a| a.name.is_none()) {
            return Ok(None);
        }
        let Value::Namespace(of) = self.eval(callee, file, env)? else { return Ok(None) };
        let dims = self.other_dims(alias, of, args, file, env)?;
        let span = self.names.files[&file].expr(callee).span;
        self.instance(of, alias, dims, span).map(|id| Some(Value::Namespace(id)))
    }

    /// The settings that an instance changes.
    fn other_dims(
        &mut self,
        alias: &str,
        of: FileId,
        args: &'a [ast::Arg],
        file: FileId,
        env: &Env<'a>,
    ) -> Res<BTreeMap<String, Static>> {
        let files = self.names.files;
        let mut dims = BTreeMap::new();
        for arg in args {
            let Some(name) = &arg.name else { unreachable!("checked by the caller") };
            self.is_setting(alias, of, name)?;
            let span = files[&file].expr(arg.value).span;
            let value = self.eval(arg.value, file, env)?;
            let Some(value) = crate::model::elaborate::expr::as_static(&value) else {
                let text = format!("`{}` must be known when compiling", name.name);
                let help = "give a number, a `dim` or a `config`";
                return self.fail(codes::RL0109, text, span, help);
            };
            let value = self.legal_setting(of, &name.name, value, span)?;
            dims.insert(name.name.clone(), value);
        }
        Ok(dims)
    }

    /// Refuses a name that a file does not have as a dim or a setting.
    fn is_setting(&mut self, alias: &str, of: FileId, name: &ast::Ident) -> Res<()> {
        let files = self.names.files;
        let known = setting_names(&files[&of]);
        if known.contains(&name.name.as_str()) {
            return Ok(());
        }
        let text = format!("`{alias}` has no dim `{}`", name.name);
        let help = match nearest(&name.name, &known) {
            Some(near) => {
                let error = self.error(codes::RL0104, text, name.span, "");
                return self.stop(error.meant(name.span, near));
            }
            None if known.is_empty() => "the file declares no `dim` and no `config`".into(),
            None => format!("it has {}", known.join(", ")),
        };
        self.fail(codes::RL0104, text, name.span, &help)
    }

    /// A value as the type of its `dim` or `config`, or an error at its place.
    fn legal_setting(&mut self, of: FileId, name: &str, value: Static, span: Span) -> Res<Static> {
        let kind = match &self.names.globals[&of][name].item.kind {
            ItemKind::Config { ty, .. } => match &ty.scalar {
                ast::Scalar::Prim(word) => word.clone(),
                _ => return Ok(value),
            },
            _ => "dim".to_string(),
        };
        let shown = settings::show(&value);
        if let Ok(value) = settings::typed(name, &kind, &Given::Value(value), "") {
            return Ok(value);
        }
        let text = format!("`{name}` is {}, given {shown}", settings::described(&kind));
        let help = format!("for instance `{name} = {}`", settings::example(&kind));
        self.fail(codes::RL0107, text, span, &help)
    }

    /// The instance that belongs to this place: a constant is one, a net has its own.
    fn instance(
        &mut self,
        of: FileId,
        name: &str,
        dims: BTreeMap<String, Static>,
        span: Span,
    ) -> Res<FileId> {
        let names =
            self.names.globals.get(&self.names.files.origin(of)).map_or(0, |names| names.len());
        self.spend(budget::STEPS, INSTANCE + NAME * names, span)?;
        let (base, is_const) = self.place_of_files();
        let first = self.numbered(&base, "", span) == 0;
        // Modules of that name have the same numbers.
        let n = self.numbered(&base, name, span);
        let path = if is_const && first { base } else { join(&base, &format!("{name}_{n}")) };
        self.spend(budget::PATHS, path.len(), span)?;
        Ok(self.instance_at(of, path, dims))
    }

    /// The path that instances and copies stand under, and whether a constant is made of the first.
    pub fn place_of_files(&self) -> (String, bool) {
        let owner = self.here.owner.borrow();
        let base =
            if owner.path.is_empty() { self.here.site.to_string() } else { owner.path.clone() };
        (base, owner.is_const)
    }

    /// The instance of a file whose weights have this path.
    pub fn instance_at(
        &mut self,
        of: FileId,
        path: String,
        dims: BTreeMap<String, Static>,
    ) -> FileId {
        let origin = self.names.files.origin(of);
        let key = (path.clone(), format!("{origin:?} {dims:?}"));
        if let Some(old) = self.names.instances.get(&key) {
            return *old;
        }
        let id = self.names.files.add(origin);
        self.names.instances.insert(key, id);
        // An instance that a copied file makes is of the copy, and so is what its file uses.
        if let Some(base) = self.names.copies.get(&of).cloned() {
            self.names.copies.insert(id, base);
        }
        self.names.prefixes.insert(id, path);
        self.names.overrides.insert(id, dims);
        let names = self.names.globals.get(&origin).cloned().unwrap_or_default();
        self.names.globals.insert(id, names);
        self.declare_parts_of(id);
        id
    }
}
