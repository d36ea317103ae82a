//! Values of top-level names. In: a name of a file. Out: its value, found once for all contexts that agree
//! in what it asks, or the circle that it stands in.

use crate::base::{FileId, Span, codes};
use crate::graph::DType;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::names::Global;
use crate::model::elaborate::scope::{Asked, nobody};
use crate::model::elaborate::value::{Func, FuncBody, Owner, OwnerFrame, Value};
use crate::model::elaborate::{Elab, Res, Stop};
use crate::model::ir::{self, ExprId};
use crate::syntax::ast::{self, CallableKind, ItemKind};
use std::cell::RefCell;
use std::rc::Rc;

impl<'a> Elab<'a> {
    /// The value of a top-level name.
    pub fn global(
        &mut self,
        file: FileId,
        name: &str,
        global: Global<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        if may_use_weights(global.item) && !self.names.sources.is_prelude(file) {
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
        self.one_for_all_rows(name, global, asked)?;
        // Draws are numbered in each context anew.
        let is_loss = matches!(global.item.kind, ItemKind::Loss { .. });
        let key = if is_loss { Asked { all: true, ..asked } } else { asked };
        self.keep((file, name), &value, key, asked, before);
        Ok(value)
    }

    /// A dim or a setting does not depend on the number of rows.
    fn one_for_all_rows(&mut self, name: &str, global: Global<'a>, asked: Asked) -> Res<()> {
        let sized = matches!(global.item.kind, ItemKind::Dim(_) | ItemKind::Config { .. });
        if !(sized && asked.rows) {
            return Ok(());
        }
        let text = format!("`{name}` is one number, and `B` may differ between phases");
        self.fail(codes::RL0109, text, global.span, "write `B` where it is used")
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
            return Err(Stop);
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
    pub(super) fn top<T>(
        &mut self,
        name: &str,
        fields: bool,
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
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
        let owner = OwnerFrame { path, owners, ..Default::default() };
        let owner = Rc::new(RefCell::new(owner));
        self.top(name, false, |s| s.owned(owner, run))
    }

    fn global_value(&mut self, file: FileId, name: &str, global: Global<'a>) -> Res<Value<'a>> {
        let constant = matches!(global.item.kind, ItemKind::Const { .. });
        self.at(|here| here.whole = constant, |e| e.value_of(file, name, global))
    }

    fn value_of(&mut self, file: FileId, name: &str, global: Global<'a>) -> Res<Value<'a>> {
        let span = global.span;
        match &global.item.kind {
            ItemKind::Dim(list) => self.dim(file, name, list, span),
            ItemKind::Config { ty, value, .. } => self.config(file, name, (ty, *value), span),
            ItemKind::Const { value, ty, .. } => self.const_value(file, name, *value, ty.as_ref()),
            ItemKind::Data { name, .. } => self.data_set(file, name),
            ItemKind::Param(slot) => {
                self.in_file(file, name, |s| s.param(slot, file, &None)).map(Value::Tensor)
            }
            ItemKind::State(slot) => self
                .in_file(file, name, |s| s.state(slot, file, &None))
                .map(|(id, _)| Value::Tensor(id)),
            ItemKind::Callable(item) => Ok(callable(file, item)),
            ItemKind::Distribution(_) => Ok(Value::Family(file, name.into())),
            ItemKind::Loss { body, .. } => self.loss(file, name, body, span),
            ItemKind::Use { path, path_span, .. } => self.used_file(file, path, *path_span),
            ItemKind::Phase(_) => {
                let help = "phases run by themselves, in the order of the file";
                self.fail(codes::RL0105, format!("`{name}` is a phase"), span, help)
            }
            ItemKind::Divergence { .. } => {
                let text = format!("`{name}` is a divergence");
                self.fail(codes::RL0105, text, span, "write `KL(q || p)`")
            }
            ItemKind::Density(_) => unreachable!("handled before"),
        }
    }

    fn const_value(
        &mut self,
        file: FileId,
        name: &str,
        value: ast::ExprId,
        ty: Option<&'a ast::Type>,
    ) -> Res<Value<'a>> {
        self.top(name, false, |s| {
            let owner = s.const_owner(file, name);
            s.owned(owner, |s| {
                let result = s.eval(value, file, &None)?;
                let Some(ty) = ty else { return Ok(result) };
                let span = s.names.files[&file].expr(value).span;
                let what = format!("`{name}`");
                s.accept(result, ty, file, None, (&what, span)).map(|(value, _)| value)
            })
        })
    }

    fn const_owner(&self, file: FileId, name: &str) -> Owner {
        Rc::new(RefCell::new(OwnerFrame {
            path: self.path_of(file, name),
            owners: self.owners_of(file, name),
            is_const: true,
            ..Default::default()
        }))
    }

    /// A data set of the file that runs.
    fn data_set(&mut self, file: FileId, name: &ast::Ident) -> Res<Value<'a>> {
        if file == self.names.entry {
            return Ok(Value::Data(name.name.clone(), None));
        }
        let text = format!("`{}` is data of an imported file, which is not read", name.name);
        let help = "declare it in the file that runs, and give it as an argument: `fn f(table: f32[n, D]) = ...`";
        self.fail(codes::RL0126, text, name.span, help)
    }

    /// The names of a file that is used by an alias.
    fn used_file(&mut self, file: FileId, path: &str, span: Span) -> Res<Value<'a>> {
        let known = self.names.imports.get(&(self.names.files.origin(file), path.to_string()));
        match known.copied() {
            Some(id) => self.counterpart(file, id, span).map(Value::Namespace),
            None => {
                let help = "imported files stand beside the model";
                self.fail(codes::RL0126, format!("`{path}` was not read"), span, help)
            }
        }
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
        self.one_per_example(id, name, place)?;
        let name = self.path_of(file, name);
        // Those of the file itself are listed as they are outside of training.
        if file != self.names.entry && self.m.losses.iter().all(|l| l.name != name) {
            self.m.losses.push(ir::Loss { name, value: id, rows: None, span });
        }
        Ok(Value::Tensor(id))
    }

    /// A loss is one real for each example.
    fn one_per_example(&mut self, id: ExprId, name: &str, place: Span) -> Res<()> {
        let ty = self.ty(id).clone();
        if ty.shape.is_empty() && ty.dtype == DType::F32 {
            return Ok(());
        }
        let text = format!("loss `{name}` is `{}`, and must be one number per example", show(&ty));
        let help = match ty.shape.is_empty() {
            true => "make it a real: `float(...)`",
            false => "reduce it with `sum(...)` or `mean(...)`",
        };
        self.fail(codes::RL0113, text, place, help)
    }
}

/// Whether weights may stand behind a name: who names it uses them.
fn may_use_weights(item: &ast::Item) -> bool {
    matches!(
        &item.kind,
        ItemKind::Callable(_) | ItemKind::Density(_) | ItemKind::Param(_) | ItemKind::Const { .. }
    )
}

/// A function of a file; one that waits for its static arguments is a template.
fn callable<'a>(file: FileId, item: &'a ast::Callable) -> Value<'a> {
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
    if template { Value::Template(func) } else { Value::Func(func) }
}
