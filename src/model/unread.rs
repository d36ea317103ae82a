//! Functions, nets and modules that nothing calls: they are read as well, so that a mistake is told
//! before somebody uses them. In: a model without mistakes. Out: the mistakes of the others. What only
//! a call knows (scalars, functions, dims that the types leave open) stands for nothing here, and what
//! needs it is not looked at. Nothing that is made on the way reaches the model.

use super::elab::{Context, Elab, Res};
use super::value::{Env, Func, FuncBody, OwnerFrame, Value, bind, find};
use crate::base::{Diagnostic, Severity};
use crate::syntax::ast::{self, CallableKind, ItemKind};
use std::cell::RefCell;
use std::rc::Rc;

/// Rows of a batch where no phase says how many.
pub(super) const ROWS: usize = 128;

impl<'a> Elab<'a> {
    /// Reads what was not read, in a model of its own.
    pub(super) fn unread(&mut self) {
        let own = &self.files[&self.entry].items;
        let callables = own.iter().filter_map(|item| match &item.kind {
            ItemKind::Callable(c) if c.kind != CallableKind::Optimizer => Some(c),
            _ => None,
        });
        let is_read = |c: &ast::Callable| self.used.contains(&(self.entry, c.name.name.clone()));
        let unread: Vec<&'a ast::Callable> = callables.filter(|c| !is_read(c)).collect();
        if unread.is_empty() {
            return;
        }
        // What only one kind of phase has is no mistake.
        let [training, other] = [true, false].map(|training| self.mistakes(&unread, training));
        for error in training.into_iter().filter(|error| other.contains(error)) {
            self.diags.push(error);
        }
    }

    fn mistakes(&self, unread: &[&'a ast::Callable], training: bool) -> Vec<Diagnostic> {
        let batch = self.m.phases.first().map_or(ROWS, |phase| phase.batch);
        let ctx = Context { training, data: vec![], batch };
        let mut trial =
            Elab::new(self.entry, self.files, self.imports, self.sources, self.settings);
        if trial.prepare().is_err() {
            return vec![];
        }
        for item in unread {
            let _ = trial.within(ctx.clone(), |e| e.read_alone(item));
            // What is too large is told where it is used.
            if trial.m.budget.over().is_some() {
                return vec![];
            }
        }
        trial.diags.list.into_iter().filter(|d| d.severity == Severity::Error).collect()
    }

    fn read_alone(&mut self, item: &'a ast::Callable) -> Res<()> {
        let file = self.entry;
        let statics = item.statics.iter().flatten();
        let env = statics.fold(None, |env, formal| bind(&env, &formal.name.name, Value::Failed));
        let env = item.formals.iter().try_fold(env, |env, formal| self.any(formal, env))?;
        let func = Func {
            file,
            body: FuncBody::Item(item),
            env: env.clone(),
            instance: None,
            owner: None,
            fields: false,
            writes: vec![],
        };
        let site = item.name.name.as_str();
        // Weights of a function or a module are owned by whoever calls it.
        let caller =
            OwnerFrame { path: site.into(), owners: vec![site.into()], ..OwnerFrame::default() };
        let owner = self.owned(Rc::new(RefCell::new(caller)), |e| e.frame(&func, item));
        self.declaring(site, false, |e| {
            e.owned(owner, |e| {
                let value = e.body(&item.body, file, env.clone(), item.name.span)?;
                e.check_result(item, value, file, &env, item.name.span).map(|_| ())
            })
        })
    }

    /// An argument, whatever its value is: a variable of its type, if that is known.
    fn any(&mut self, formal: &'a ast::Formal, env: Env<'a>) -> Res<Env<'a>> {
        let file = self.entry;
        let name = &formal.name;
        let Some(ast::RType::Plain(ty)) = &formal.ty else {
            return Ok(bind(&env, &name.name, Value::Failed));
        };
        let (env, open) = self.open_dims(ty, env);
        // A scalar may be known while compiling.
        if open || ty.shape.as_ref().is_none_or(Vec::is_empty) {
            return Ok(bind(&env, &name.name, Value::Failed));
        }
        let ty = self.closed_type(ty, file, &env, true)?;
        let (_, value) = self.m.fresh_var(&name.name, ty, name.span);
        Ok(bind(&env, &name.name, Value::Tensor(value)))
    }

    /// Dims of a type that a call would give a value, and whether there are any.
    fn open_dims(&self, ty: &'a ast::Type, mut env: Env<'a>) -> (Env<'a>, bool) {
        let mut open = false;
        let tree = &self.files[&self.entry];
        let bare = |e: ast::ExprId| match &tree.expr(e).kind {
            ast::ExprKind::Name(name) => Some(name),
            _ => None,
        };
        let dims = ty.shape.iter().flatten().map(|dim| match dim {
            ast::Dim::Expr(e) => bare(*e),
            ast::Dim::Rest(name, _) => name.as_ref().map(|name| &name.name),
        });
        let classes = match &ty.scalar {
            ast::Scalar::Idx(n) => bare(*n),
            ast::Scalar::Prim(_) => None,
        };
        for name in dims.chain([classes]).flatten() {
            if !self.declared(name, self.entry, &env) {
                env = bind(&env, name, Value::Failed);
            }
            open |= matches!(find(&env, name), Some(Value::Failed));
        }
        (env, open || ty.shape.iter().flatten().any(|dim| matches!(dim, ast::Dim::Rest(..))))
    }
}
