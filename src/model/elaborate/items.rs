//! Items: names collected, then each evaluated when it is first used, so that order in a file does
//! not matter. Circles are found here.

use crate::base::{Diagnostic, FileId, Span, budget, codes};
use crate::graph::DType;
use crate::model::elaborate::names::Global;
use crate::model::elaborate::scope::{Asked, Context, nobody};
use crate::model::elaborate::value::{Func, FuncBody, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{self, Static, Support};
use crate::model::settings;
use crate::syntax;
use crate::syntax::ast::{self, CallableKind, ItemKind};
use std::collections::BTreeSet;
use std::rc::Rc;

impl<'a> Elab<'a> {
    /// Registers every name of every file; two of one name are an error.
    ///
    /// # Errors
    /// More names than a model may have: nothing is looked at then.
    pub fn collect(&mut self) -> Res<()> {
        let files = self.names.files;
        for (id, file) in files.iter() {
            let prelude = self.names.sources.is_prelude(*id);
            for item in &file.items {
                let fields = match &item.kind {
                    ItemKind::Data { fields, .. } => fields.len(),
                    _ => 0,
                };
                let names = declared(item);
                let place = names.first().map(|name| name.span).filter(|_| !prelude);
                if let Some(at) = place {
                    self.spend(budget::DECLARATIONS, names.len() + fields, at)?;
                }
                for name in names {
                    let global = Global { item, span: name.span };
                    if prelude {
                        self.names
                            .prelude
                            .entry(name.name.clone())
                            .or_default()
                            .push((*id, global));
                    } else {
                        self.register(*id, name, global);
                    }
                }
            }
        }
        Ok(())
    }

    /// Reports what the trees show: names that stand twice in one list, of which nobody knows which one
    /// is meant, and what nothing reads.
    pub fn faults_of_trees(&mut self) -> bool {
        let own = self.names.files.iter().filter(|(id, _)| !self.names.sources.is_prelude(**id));
        let found: Vec<Diagnostic> =
            own.flat_map(|(_, file)| [syntax::twice(file), syntax::idle(file)].concat()).collect();
        let any = !found.is_empty();
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

    /// The value of a top-level name.
    pub fn global(
        &mut self,
        file: FileId,
        name: &str,
        global: Global<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        if matches!(
            &global.item.kind,
            ItemKind::Callable(_)
                | ItemKind::Density(_)
                | ItemKind::Param(_)
                | ItemKind::Const { .. }
        ) && !self.names.sources.is_prelude(file)
        {
            self.note_use(self.path_of(file, name));
        }
        if let ItemKind::Density(_) = &global.item.kind {
            return self.guarded(file, name, span, |e| e.densities(name, file));
        }
        if let Some(value) = self.recall(file, name) {
            return Ok(value);
        }
        let before = self.told.wrote.len();
        let (value, asked) =
            self.asking(|e| e.guarded(file, name, span, |e| e.global_value(file, name, global)));
        let value = value?;
        // Draws are numbered in each context anew.
        let is_loss = matches!(global.item.kind, ItemKind::Loss { .. });
        let key = if is_loss { Asked { all: true, ..asked } } else { asked };
        let sized = matches!(global.item.kind, ItemKind::Dim(_) | ItemKind::Config { .. });
        if sized && asked.rows {
            let text = format!("`{name}` is one number, and `B` may differ between phases");
            return self.fail(codes::RL0109, text, global.span, "write `B` where it is used");
        }
        self.keep((file, name), &value, key, asked, before);
        Ok(value)
    }

    fn guarded(
        &mut self,
        file: FileId,
        name: &str,
        span: Span,
        run: impl FnOnce(&mut Self) -> Res<Value<'a>>,
    ) -> Res<Value<'a>> {
        if let Some(at) = self.names.busy.iter().position(|(f, n, _)| *f == file && n == name) {
            let round: Vec<String> =
                self.names.busy[at..].iter().map(|(_, n, _)| n.clone()).collect();
            let text = format!("`{name}` depends on itself: {} -> {name}", round.join(" -> "));
            return self.fail(
                codes::RL0108,
                text,
                span,
                "break the circle; a value may only use others",
            );
        }
        if self.names.failed.contains(file, name) {
            return Err(crate::model::elaborate::Stop);
        }
        self.names.busy.push((file, name.into(), span));
        let result = run(self);
        self.names.busy.pop();
        if result.is_err() && !self.told.waits {
            self.names.failed.insert(file, name);
        }
        result
    }

    /// Runs at top level: no owner, no calls, no noise context.
    fn top<T>(&mut self, name: &str, fields: bool, run: impl FnOnce(&mut Self) -> T) -> T {
        self.seeing(fields, |e| e.declaring(name, false, |e| e.owned(nobody(), run)))
    }

    /// At top level of a file, whose weights have its name before theirs.
    fn in_file<T>(
        &mut self,
        file: FileId,
        name: &str,
        run: impl FnOnce(&mut Self) -> Res<T>,
    ) -> Res<T> {
        let path = self.names.prefixes.get(&file).cloned().unwrap_or_default();
        let owners = if path.is_empty() { vec![] } else { self.owners_of(file, name) };
        let owner =
            crate::model::elaborate::value::OwnerFrame { path, owners, ..Default::default() };
        let owner = Rc::new(std::cell::RefCell::new(owner));
        self.top(name, false, |s| s.owned(owner, run))
    }

    fn global_value(&mut self, file: FileId, name: &str, global: Global<'a>) -> Res<Value<'a>> {
        let constant = matches!(global.item.kind, ItemKind::Const { .. });
        self.at(|here| here.whole = constant, |e| e.value_of(file, name, global))
    }

    fn value_of(&mut self, file: FileId, name: &str, global: Global<'a>) -> Res<Value<'a>> {
        match &global.item.kind {
            ItemKind::Dim(list) => {
                let Some((_, e)) = list.iter().find(|(n, _)| n.name == name) else {
                    unreachable!("collected")
                };
                self.top(name, false, |s| s.setting(file, name, "dim", *e, global.span)).map(|v| {
                    match v {
                        Static::Int(n) => Value::Dim(name.into(), n),
                        other => Value::Static(other),
                    }
                })
            }
            ItemKind::Config { ty, value, .. } => {
                let kind = match &ty.scalar {
                    ast::Scalar::Prim(p)
                        if matches!(p.as_str(), "f32" | "int" | "bool" | "str")
                            && ty.shape.is_none() =>
                    {
                        p.clone()
                    }
                    _ => {
                        return self.fail(
                            codes::RL0124,
                            "a `config` is f32, int, bool or str".into(),
                            ty.span,
                            "write `config beta: f32 = 1.0`",
                        );
                    }
                };
                let used =
                    self.top(name, false, |s| s.setting(file, name, &kind, *value, global.span))?;
                let used = Value::Static(used);
                if ty.support.is_some() {
                    let range = self.top(name, false, |s| s.written(ty, file, &None))?.support;
                    self.in_range(&used, range, (&format!("`{name}`"), global.span))?;
                }
                Ok(used)
            }
            ItemKind::Const { value, ty, .. } => self.top(name, false, |s| {
                let owner = s.const_owner(file, name);
                s.owned(owner, |s| {
                    let mut result = s.eval(*value, file, &None)?;
                    if let Some(ty) = ty {
                        let span = s.names.files[&file].expr(*value).span;
                        result = s.accept(result, ty, file, None, (&format!("`{name}`"), span))?.0;
                    }
                    Ok(result)
                })
            }),
            ItemKind::Data { name, .. } if file == self.names.entry => {
                Ok(Value::Data(name.name.clone()))
            }
            ItemKind::Data { name, .. } => {
                let text =
                    format!("`{}` is data of an imported file, which is not read", name.name);
                let help = "declare it in the file that runs, and give it as an argument: `fn f(table: f32[n, D]) = ...`";
                self.fail(codes::RL0126, text, name.span, help)
            }
            ItemKind::Param(slot) => {
                self.in_file(file, name, |s| s.param(slot, file, &None)).map(Value::Tensor)
            }
            ItemKind::State(slot) => self
                .in_file(file, name, |s| s.state(slot, file, &None))
                .map(|(id, _)| Value::Tensor(id)),
            ItemKind::Callable(item) => {
                let func = Rc::new(Func {
                    file,
                    body: FuncBody::Item(item),
                    env: None,
                    instance: None,
                    owner: None,
                    fields: false,
                    writes: vec![],
                });
                let template = item.statics.is_some()
                    || matches!(item.kind, CallableKind::Optimizer | CallableKind::Module);
                Ok(if template { Value::Template(func) } else { Value::Func(func) })
            }
            ItemKind::Distribution(_) => Ok(Value::Family(file, name.into())),
            ItemKind::Loss { body, .. } => self.loss(file, name, body, global.span),
            ItemKind::Use { path, path_span, .. } => {
                match self.names.imports.get(&(self.names.files.origin(file), path.clone())) {
                    Some(id) => {
                        let id = *id;
                        self.counterpart(file, id, *path_span).map(Value::Namespace)
                    }
                    None => self.fail(
                        codes::RL0126,
                        format!("`{path}` was not read"),
                        *path_span,
                        "imported files stand beside the model",
                    ),
                }
            }
            ItemKind::Phase(_) => {
                let help = "phases run by themselves, in the order of the file";
                self.fail(codes::RL0105, format!("`{name}` is a phase"), global.span, help)
            }
            ItemKind::Divergence { .. } => self.fail(
                codes::RL0105,
                format!("`{name}` is a divergence"),
                global.span,
                "write `KL(q || p)`",
            ),
            ItemKind::Density(_) => unreachable!("handled before"),
        }
    }

    fn const_owner(&self, file: FileId, name: &str) -> crate::model::elaborate::value::Owner {
        Rc::new(std::cell::RefCell::new(crate::model::elaborate::value::OwnerFrame {
            path: self.path_of(file, name),
            owners: self.owners_of(file, name),
            is_const: true,
            ..Default::default()
        }))
    }

    /// A `dim` or `config`, its value replaced if the run says so.
    fn setting(
        &mut self,
        file: FileId,
        name: &str,
        ty: &str,
        value: ast::ExprId,
        span: Span,
    ) -> Res<Static> {
        let place = self.names.files[&file].expr(value).span;
        let evaluated = self.eval(value, file, &None)?;
        let Some(mut default) = crate::model::elaborate::expr::as_static(&evaluated) else {
            let text =
                format!("`{name}` must be known when compiling, this is {}", evaluated.kind());
            return self.fail(codes::RL0109, text, place, "give a number");
        };
        if ty == "f32"
            && let Static::Int(n) = default
        {
            default = Static::Float(n as f64);
        }
        let fits = match (ty, &default) {
            ("dim", Static::Int(n)) => {
                if *n < 1 {
                    return self.fail(
                        codes::RL0107,
                        format!("dim `{name}` is {n}, and must be at least 1"),
                        place,
                        "give a whole number of at least 1",
                    );
                }
                true
            }
            ("int", Static::Int(_)) | ("bool", Static::Bool(_)) | ("f32", Static::Float(_)) => true,
            ("str", Static::Str(_)) => true,
            _ => false,
        };
        if !fits {
            let help = match ty {
                "dim" | "int" => "give a whole number; a quotient must be exact",
                "bool" => "give `true` or `false`",
                "str" => "give a text in double quotes",
                _ => "give a number",
            };
            let text =
                format!("`{name}` is declared `{ty}`, its value is {}", settings::show(&default));
            return self.fail(codes::RL0107, text, place, help);
        }
        let mut used = default.clone();
        let other = self.names.overrides.get(&file).and_then(|dims| dims.get(name)).cloned();
        if let Some(value) = other {
            used = value;
        }
        if file == self.names.entry
            && let Some((given, origin)) = self.names.settings.values.get(name)
        {
            match settings::typed(name, ty, given, origin) {
                Ok(value) => used = value,
                Err(diagnostic) => return self.stop(diagnostic),
            }
        }
        if file == self.names.entry {
            self.m.settings.push(ir::Setting {
                name: name.into(),
                ty: ty.into(),
                value: used.clone(),
                default,
                span,
            });
        }
        Ok(used)
    }

    fn loss(
        &mut self,
        file: FileId,
        name: &str,
        body: &'a ast::Body,
        span: Span,
    ) -> Res<Value<'a>> {
        let place = match body {
            ast::Body::Expr(value) => self.names.files[&file].expr(*value).span,
            ast::Body::Block(stmts) => stmts.last().map_or(span, |s| s.span),
        };
        let id = self.top(&self.path_of(file, name), true, |s| {
            let value = s.body(body, file, None, span)?;
            s.tensor(&value, place)
        })?;
        let ty = self.ty(id).clone();
        if !ty.shape.is_empty() || ty.dtype != crate::graph::DType::F32 {
            let text = format!(
                "loss `{name}` is `{}`, and must be one number per example",
                crate::model::elaborate::expr::types::show(&ty)
            );
            let help = match ty.shape.is_empty() {
                true => "make it a real: `float(...)`",
                false => "reduce it with `sum(...)` or `mean(...)`",
            };
            return self.fail(codes::RL0113, text, place, help);
        }
        let name = self.path_of(file, name);
        // Those of the file itself are listed as they are outside of training.
        if file != self.names.entry && self.m.losses.iter().all(|l| l.name != name) {
            self.m.losses.push(ir::Loss { name, value: id, rows: None, span });
        }
        Ok(Value::Tensor(id))
    }

    // ---- declarations that come first ----

    /// Data sets and their fields.
    pub fn declare_data(&mut self) {
        let files = self.names.files;
        for item in &files[&self.names.entry].items {
            if let ItemKind::Data { name, source, fields } = &item.kind {
                let _ = self.one_data(name, *source, fields);
            }
        }
    }

    fn one_data(
        &mut self,
        name: &ast::Ident,
        source: Option<ast::ExprId>,
        fields: &'a [ast::Field],
    ) -> Res<()> {
        let file = self.names.entry;
        let source = match source {
            Some(e) => Some(self.source(e, file)?),
            None => None,
        };
        let mut ids = Vec::new();
        for field in fields {
            let ty = self.closed_type(&field.ty, file, &None, true)?;
            self.sized(&ty.shape, field.ty.span)?;
            if ty.dtype == DType::I32 && matches!(ty.support, Support::Interval(..)) {
                let text =
                    format!("a field of whole numbers, `{}`, takes no range", field.name.name);
                let help = "whole numbers from 0 to n - 1 are `idx(n)`";
                return self.fail(codes::RL0124, text, field.ty.span, help);
            }
            self.no_declaration(&field.name)?;
            ids.push(ir::FieldId(self.m.fields.len() as u32));
            let span = field.name.span.to(field.ty.span);
            self.m.fields.push(ir::Field {
                data: name.name.clone(),
                name: field.name.name.clone(),
                ty,
                span,
            });
        }
        self.m.data.push(ir::Data {
            name: name.name.clone(),
            source,
            fields: ids,
            span: name.span,
        });
        Ok(())
    }

    /// A field has no name of a declaration: that would stand for it everywhere.
    fn no_declaration(&mut self, field: &ast::Ident) -> Res<()> {
        let Some((_, other)) = self.item_called(&field.name, field.span)? else { return Ok(()) };
        if matches!(other.item.kind, ItemKind::Phase(_) | ItemKind::Data { .. }) {
            return Ok(());
        }
        let text = format!("`{}` is a field and a declaration", field.name);
        let error = self.error(codes::RL0102, text, field.span, "the field");
        let error = error.also(self.place(other.span), "this one would stand for both");
        self.stop(error.help("give one of them another name"))
    }

    /// A call by name with static arguments.
    fn source(&mut self, id: ast::ExprId, file: FileId) -> Res<ir::Source> {
        let expr = self.names.files[&file].expr(id);
        let (called, args): (&ast::Expr, &'a [ast::Arg]) = match &expr.kind {
            ast::ExprKind::Call { callee, args, bar: None, .. } => {
                (self.names.files[&file].expr(*callee), args)
            }
            _ => (expr, &[]),
        };
        let ast::ExprKind::Name(name) = &called.kind else { return self.bad_source(expr.span) };
        let (mut list, mut places) = (Vec::new(), Vec::new());
        for arg in args {
            let value = self.source_arg(arg.value, file)?;
            list.push((arg.name.as_ref().map(|n| n.name.clone()), value));
            let at = self.names.files[&file].expr(arg.value).span;
            places.push(Some(arg.name.as_ref().map_or(at, |name| name.span.to(at))));
        }
        Ok(ir::Source { name: name.clone(), args: list, place: Some(called.span), places })
    }

    fn bad_source<T>(&mut self, span: Span) -> Res<T> {
        self.fail(
            codes::RL0126,
            "a data source is a call by name".into(),
            span,
            "write for instance `from uci_digits()`",
        )
    }

    fn source_arg(&mut self, id: ast::ExprId, file: FileId) -> Res<Static> {
        let expr = self.names.files[&file].expr(id);
        if let ast::ExprKind::Call { .. } = &expr.kind {
            return self.source(id, file).map(Static::Call);
        }
        let value = self.eval(id, file, &None)?;
        match (crate::model::elaborate::expr::as_static(&value), value) {
            (Some(s), _) => Ok(s),
            (None, Value::Tuple(parts))
                if parts.iter().all(|p| crate::model::elaborate::expr::as_static(p).is_some()) =>
            {
                Ok(Static::Tuple(
                    parts.iter().filter_map(crate::model::elaborate::expr::as_static).collect(),
                ))
            }
            (None, other) => {
                let text = format!("an argument of a data source is {}", other.kind());
                self.fail(
                    codes::RL0109,
                    text,
                    expr.span,
                    "numbers, texts and truth values are possible",
                )
            }
        }
    }

    /// Parts of every net and density.
    pub fn declare_parts(&mut self) {
        let files = self.names.files;
        for (id, _) in files.iter() {
            if !self.names.sources.is_prelude(*id) {
                self.declare_parts_of(*id);
            }
        }
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
        let family = |list: &Vec<(FileId, Global<'a>)>| {
            list.iter().any(|(_, g)| matches!(g.item.kind, ItemKind::Distribution(_)))
        };
        if !self.names.prelude.get(name).is_some_and(family) {
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
                _ => waiting.extend(declared(item).into_iter().filter(|name| !self.outside(name))),
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

/// The names that an item declares.
fn declared(item: &ast::Item) -> Vec<&ast::Ident> {
    match &item.kind {
        ItemKind::Use { alias, .. } => alias.iter().collect(),
        ItemKind::Dim(list) => list.iter().map(|(n, _)| n).collect(),
        ItemKind::Const { name, .. }
        | ItemKind::Config { name, .. }
        | ItemKind::Data { name, .. }
        | ItemKind::Loss { name, .. } => vec![name],
        ItemKind::Param(slot) | ItemKind::State(slot) => vec![&slot.name],
        ItemKind::Callable(c) => vec![&c.name],
        ItemKind::Density(d) => vec![&d.name],
        ItemKind::Phase(p) => vec![&p.name],
        ItemKind::Distribution(d) => vec![&d.name],
        ItemKind::Divergence { .. } => vec![],
    }
}

/// The settings of the entry file, for messages.
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

/// Whether an item is a divergence of the prelude.
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
