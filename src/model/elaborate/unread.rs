//! Functions, nets and modules that nothing calls: they are read as well, so that a mistake is told
//! before somebody uses them. In: a model without mistakes. Out: the mistakes of the others. What only
//! a call knows (scalars, functions, dims that the types leave open) stands for nothing here, and what
//! needs it is not looked at. Nothing that is made on the way reaches the model.

use crate::base::{Code, Diagnostic, Span, codes};
use crate::model::elaborate::scope::Context;
use crate::model::elaborate::value::{Env, Func, FuncBody, OwnerFrame, Value, bind, find};
use crate::model::elaborate::{Elab, Res};
use crate::syntax::ast::{self, CallableKind, ItemKind};
use std::cell::RefCell;
use std::rc::Rc;

/// Mistakes that no call can mend, whatever it gives.
const CERTAIN: [Code; 3] = [codes::RL0101, codes::RL0103, codes::RL0104];
/// Those that a name has: the kind of the phase and the number of rows do not matter.
const NAMES: [Code; 1] = [codes::RL0101];

impl<'a> Elab<'a> {
    /// Reads what was not read, in a model of its own.
    pub fn unread(&mut self) {
        let own = &self.names.files[&self.names.entry].items;
        let callables = own.iter().filter_map(|item| match &item.kind {
            ItemKind::Callable(c) if c.kind != CallableKind::Optimizer => Some((item.span, c)),
            _ => None,
        });
        let is_read =
            |c: &ast::Callable| self.names.used.contains(&(self.names.entry, c.name.name.clone()));
        let unread: Vec<(Span, &'a ast::Callable)> =
            callables.filter(|(_, c)| !is_read(c)).collect();
        if unread.is_empty() {
            return;
        }
        let [training, other] = [true, false].map(|training| self.mistakes(&unread, training));
        // A shape of only one kind of phase may be right in the other.
        let certain = |error: &&Diagnostic| {
            NAMES.contains(&error.code) || (training.contains(error) && other.contains(error))
        };
        let mut found: Vec<&Diagnostic> = training.iter().chain(&other).filter(certain).collect();
        found.sort_by_key(|error| error.primary.as_ref().map(|label| label.span.start));
        found.into_iter().for_each(|error| self.diags.push(error.clone()));
    }

    fn mistakes(&self, unread: &[(Span, &'a ast::Callable)], training: bool) -> Vec<Diagnostic> {
        let ctx = Context { training, data: vec![], batch: self.usual_rows() };
        let mut trial = Elab::new(self.names.input);
        let mut mistakes = Vec::new();
        if trial.prepare().is_err() {
            return mistakes;
        }
        for (span, item) in unread {
            let before = trial.diags.list.len();
            let (_, asked) = trial.asking(|e| e.within(ctx.clone(), |e| e.read_alone(item)));
            // What is too large is told where it is used.
            if trial.m.budget.over().is_some() {
                break;
            }
            // The rows of a phase that uses it are not known; what it uses is read by itself.
            let certain = if asked.rows { &NAMES[..] } else { &CERTAIN[..] };
            let inside = |d: &Diagnostic| {
                let place = d.primary.as_ref().map(|label| label.span);
                place.is_some_and(|at| {
                    at.file == span.file && span.start <= at.start && at.end <= span.end
                })
            };
            let found = trial.diags.list.iter().skip(before);
            mistakes.extend(found.filter(|d| certain.contains(&d.code) && inside(d)).cloned());
        }
        mistakes
    }

    fn read_alone(&mut self, item: &'a ast::Callable) -> Res<()> {
        let file = self.names.entry;
        let statics = item.statics.iter().flatten();
        let env = statics.fold(None, |env, formal| bind(&env, &formal.name, Value::Failed));
        let env = item.formals.iter().fold(env, |env, formal| self.any(formal, env));
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
    fn any(&mut self, formal: &'a ast::Formal, env: Env<'a>) -> Env<'a> {
        let file = self.names.entry;
        let name = &formal.name;
        let Some(ast::RType::Plain(ty)) = &formal.ty else {
            return bind(&env, name, Value::Failed);
        };
        let (env, open) = self.open_dims(ty, env);
        if let Some(default) = formal.default
            && let Ok(value) = self.eval(default, file, &env)
            && !open
        {
            let what = format!("argument `{}`", name.name);
            let place = self.names.files[&file].expr(default).span;
            let _ = self.accept(value, ty, file, env.clone(), (&what, place));
        }
        // A scalar may be known while compiling.
        let known = !open && ty.shape.as_ref().is_some_and(|shape| !shape.is_empty());
        match known.then(|| self.closed_type(ty, file, &env, true)) {
            Some(Ok(ty)) => {
                let (_, value) = self.m.fresh_var(&name.name, ty, name.span);
                bind(&env, name, Value::Tensor(value))
            }
            _ => bind(&env, name, Value::Failed),
        }
    }

    /// Dims of a type that a call would give a value, and whether there are any.
    fn open_dims(&self, ty: &'a ast::Type, mut env: Env<'a>) -> (Env<'a>, bool) {
        let mut open = false;
        let tree = &self.names.files[&self.names.entry];
        let bare = |e: ast::ExprId| match tree.expr(e) {
            ast::Expr { kind: ast::ExprKind::Name(name), span } => Some((name.as_str(), *span)),
            _ => None,
        };
        let dims = ty.shape.iter().flatten().map(|dim| match dim {
            ast::Dim::Expr(e) | ast::Dim::Most(e) => bare(*e),
            ast::Dim::Rest(name, _) => name.as_ref().map(|name| (name.name.as_str(), name.span)),
        });
        let classes = match &ty.scalar {
            ast::Scalar::Idx(n) => bare(*n),
            ast::Scalar::Prim(_) => None,
        };
        for (name, span) in dims.chain([classes]).flatten() {
            if !self.declared(name, self.names.entry, &env) {
                env = bind(&env, (name, span), Value::Failed);
            }
            open |= matches!(find(&env, name), Some(Value::Failed));
        }
        (env, open || ty.shape.iter().flatten().any(|dim| matches!(dim, ast::Dim::Rest(..))))
    }
}
