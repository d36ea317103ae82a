//! Calls: arguments bound to formals, bodies evaluated in place, layer templates instantiated.

use crate::base::{FileId, Span, budget, codes, nearest};
use crate::model::elaborate::scope::Scope;
use crate::model::elaborate::value::{
    Args, Chain, Env, Func, FuncBody, Owner, OwnerFrame, Rule, Value, bind,
};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, ExprKind, Static, Type};
use crate::syntax::ast::{self, Bar, CallableKind};
use std::cell::RefCell;
use std::rc::Rc;

impl<'a> Elab<'a> {
    /// Evaluates an argument list.
    pub fn args(&mut self, args: &'a [ast::Arg], file: FileId, env: &Env<'a>) -> Res<Args<'a>> {
        let mut list = Args::default();
        // All are read before the first mistake ends it.
        let values: Vec<_> = args.iter().map(|arg| self.eval(arg.value, file, env)).collect();
        for (arg, value) in args.iter().zip(values) {
            let value = value?;
            let span = self.names.files[&file].expr(arg.value).span;
            match &arg.name {
                Some(name) => list.named.push((name.name.clone(), value, span)),
                None => list.positional.push((value, span)),
            }
        }
        Ok(list)
    }

    #[allow(clippy::too_many_arguments)]
    pub fn call_expr(
        &mut self,
        callee: ast::ExprId,
        args: &'a [ast::Arg],
        bar: Option<Bar>,
        rest: &'a [ast::Arg],
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let callee_expr = self.names.files[&file].expr(callee);
        if let ast::ExprKind::Name(name) = &callee_expr.kind
            && name == "KL"
        {
            return self.divergence(args, bar, rest, file, env, span);
        }
        if bar.is_none()
            && let Some(value) = self.instance_of(callee, args, file, env)?
        {
            return Ok(value);
        }
        let value = self.eval(callee, file, env)?;
        match (&value, bar) {
            (Value::Density(densities), _) => {
                self.query(densities.clone(), args, bar, rest, file, env, span)
            }
            (_, None) => {
                let args = self.args(args, file, env)?;
                self.at(|here| here.outside = env.clone(), |e| e.apply(&value, args, span))
            }
            (other, Some(_)) => {
                let text = format!("`|` conditions a density, this is {}", other.kind());
                self.fail(codes::RL0105, text, callee_expr.span, "separate arguments with commas")
            }
        }
    }

    /// Applies a value to arguments.
    pub fn apply(&mut self, callee: &Value<'a>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
        match callee {
            Value::Prim(prim) => prim.call(self, args, span),
            Value::Metric(row) => (self.names.builtins.metric)(self, row, args, span),
            Value::Func(func) => self.apply_func(&func.clone(), args, span),
            Value::Template(func) => self.instantiate(&func.clone(), args, span),
            Value::Chain(chain) => self.apply_chain(&chain.clone(), args, span),
            Value::Family(home, name) => self.distribution(*home, &name.clone(), args, span),
            other => {
                let help = match other {
                    Value::Tensor(_) => "a product is written with `*` or `@`",
                    _ => "only functions, nets, layers and distributions are called",
                };
                self.fail(codes::RL0105, format!("{} cannot be called", other.kind()), span, help)
            }
        }
    }

    fn apply_chain(&mut self, chain: &Chain<'a>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
        let mut args = args;
        for i in chain.range.0..chain.range.1 {
            let env = bind(&chain.env, &chain.var, Value::Static(Static::Int(i)));
            let owner = chain.owner.clone();
            let layer = self.seeing(chain.fields, |e| {
                e.owned(owner, |e| e.eval(chain.body, chain.file, &env))
            })?;
            let value = self.apply(&layer, args, span)?;
            args = Args::one(value, span);
        }
        match args.positional.into_iter().next() {
            Some((value, _)) => self.with_writes(value, &chain.writes, span),
            None => self.fail(
                codes::RL0104,
                "a chain takes one argument".into(),
                span,
                "write `x |> chain(...) { ... }`",
            ),
        }
    }

    /// `Linear(400)`: new weights under the current owner; `adam(lr = 1e-3)`: a rule.
    fn instantiate(
        &mut self,
        func: &Rc<Func<'a>>,
        mut args: Args<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let FuncBody::Item(item) = &func.body else { unreachable!("templates are items") };
        let item: &'a ast::Callable = item;
        let statics = item.statics.as_deref().unwrap_or(&[]);
        let clip = if item.kind == CallableKind::Optimizer { args.take("clip") } else { None };
        let places = args.places();
        let env =
            self.bind_formals(&item.name.name, statics, args, func.file, func.env.clone(), span)?;
        if item.kind == CallableKind::Optimizer {
            self.step_settings(statics, func.file, &env, places, span)?;
            if let Some((value, place)) = &clip {
                self.clip_of(value, *place)?;
            }
        }
        let bound = |instance| Func {
            file: func.file,
            body: FuncBody::Item(item),
            env,
            instance,
            owner: None,
            fields: false,
            writes: func.writes.clone(),
        };
        if item.kind == CallableKind::Optimizer {
            return Ok(Value::Rule(Rc::new(Rule {
                func: Rc::new(bound(None)),
                name: item.name.name.clone(),
                clip: clip.map(|(value, _)| value),
            })));
        }
        let instance = {
            let (path, owners) = {
                let owner = self.here.owner.borrow();
                (owner.path.clone(), owner.owners.clone())
            };
            let n = self.numbered(&path, &item.name.name, span);
            (join(&path, &format!("{}_{n}", item.name.name)), owners)
        };
        Ok(Value::Func(Rc::new(bound(Some(instance)))))
    }

    fn apply_func(&mut self, func: &Rc<Func<'a>>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
        let calls = self.calling(span)?;
        let apply = |e: &mut Self| match &func.body {
            FuncBody::Lambda(params, body) => e.apply_lambda(func, params, *body, args, span),
            FuncBody::Item(item) => e.apply_item(func, item, args, span),
        };
        let result = self.at(|here| here.calls = calls, apply)?;
        self.with_writes(result, &func.writes, span)
    }

    fn apply_lambda(
        &mut self,
        func: &Func<'a>,
        params: &'a [ast::Ident],
        body: ast::ExprId,
        args: Args<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        if args.positional.len() != params.len() || !args.named.is_empty() {
            let text = format!(
                "a function of {} arguments is given {}",
                params.len(),
                args.positional.len() + args.named.len()
            );
            let names: Vec<&str> = params.iter().map(|p| p.name.as_str()).collect();
            let help = format!("it takes ({})", names.join(", "));
            return self.fail(codes::RL0104, text, span, &help);
        }
        let env = params
            .iter()
            .zip(args.positional)
            .fold(func.env.clone(), |env, (p, (value, _))| bind(&env, &p.name, value));
        let owner = func.owner.clone().unwrap_or_else(|| self.here.owner.clone());
        self.seeing(func.fields, |e| e.owned(owner, |e| e.eval(body, func.file, &env)))
    }

    fn apply_item(
        &mut self,
        func: &Rc<Func<'a>>,
        item: &'a ast::Callable,
        args: Args<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let inputs: Vec<Value<'a>> = args
            .positional
            .iter()
            .map(|(v, _)| v.clone())
            .chain(args.named.iter().map(|(_, v, _)| v.clone()))
            .collect();
        let env = self.bind_formals(
            &item.name.name,
            &item.formals,
            args,
            func.file,
            func.env.clone(),
            span,
        )?;
        let owner = self.frame(func, item);
        if !self.names.sources.is_prelude(func.file) && func.instance.is_none() {
            self.note_use(self.path_of(func.file, &item.name.name));
        }
        let inside = |here: &mut Scope<'a>| {
            here.fields_visible = false;
            if item.kind != CallableKind::Fn {
                here.noise = None;
            }
        };
        let read = |e: &mut Self| {
            let value = e.body(&item.body, func.file, env.clone(), span)?;
            e.check_result(item, value, func.file, &env, span)
        };
        let (value, asked) = self.at(inside, |e| {
            let (value, asked) = e.asking(|e| e.owned(owner.clone(), read));
            (value.and_then(|value| e.written_states(item, &owner, value, span)), asked)
        });
        let value = value?;
        match (item.kind, &func.instance, &value) {
            (CallableKind::Net | CallableKind::Bijection, None, Value::Tensor(result)) => {
                let call = self.wrap_call(func.file, item, inputs, *result, span)?;
                if asked.rows {
                    self.made.rows_of.insert(call, self.here.ctx.batch);
                }
                if asked.training {
                    let training = self.here.ctx.training;
                    self.made
                        .trains
                        .entry(call)
                        .and_modify(|all| *all &= training)
                        .or_insert(training);
                }
                Ok(Value::Tensor(call))
            }
            (CallableKind::Fn, _, Value::Tensor(result)) => {
                if self.names.sources.is_prelude(func.file) {
                    self.note_call(&item.name.name, &inputs, *result);
                }
                Ok(value)
            }
            _ => Ok(value),
        }
    }

    /// Keeps how a function of the library was called, unless its value is but one of the operands or
    /// one operation on them, which says itself what it is.
    fn note_call(&mut self, name: &str, inputs: &[Value<'a>], result: ExprId) {
        let tensor = |value: &Value<'a>| match value {
            Value::Tensor(id) => Some(*id),
            _ => None,
        };
        let Some(args) = inputs.iter().map(tensor).collect::<Option<Vec<ExprId>>>() else { return };
        let says_itself = match &self.m.expr(result).kind {
            ExprKind::Op { args: operands, .. } => operands.iter().all(|id| args.contains(id)),
            _ => true,
        };
        if !says_itself {
            self.m.calls.entry(result).or_insert((name.into(), args));
        }
    }

    /// Who owns the weights that a body makes.
    pub fn frame(&self, func: &Func<'a>, item: &ast::Callable) -> Owner {
        let (path, owners) = match (&func.instance, item.kind) {
            (Some((path, owners)), _) => (path.clone(), owners.clone()),
            (None, CallableKind::Net | CallableKind::Bijection) => {
                let name = &item.name.name;
                (self.path_of(func.file, name), self.owners_of(func.file, name))
            }
            (None, _) => return self.here.owner.clone(),
        };
        Rc::new(RefCell::new(OwnerFrame { path, owners, ..OwnerFrame::default() }))
    }

    /// Marks the result of a named net, for roles and `explain`.
    fn wrap_call(
        &mut self,
        file: FileId,
        item: &'a ast::Callable,
        inputs: Vec<Value<'a>>,
        result: ExprId,
        span: Span,
    ) -> Res<ExprId> {
        let Some(part) = self
            .made
            .parts
            .get(&(
                file,
                item.name.name.clone(),
                crate::model::elaborate::items::ir_role(item.role),
            ))
            .copied()
        else {
            return Ok(result);
        };
        let args: Vec<ExprId> = inputs
            .iter()
            .filter_map(|v| match v {
                Value::Tensor(id) => Some(*id),
                _ => None,
            })
            .collect();
        let ty = self.ty(result).clone();
        let types: Vec<(String, Type)> = item
            .formals
            .iter()
            .zip(&args)
            .map(|(f, a)| (f.name.name.clone(), self.ty(*a).clone()))
            .collect();
        let entry = &mut self.m.parts[part.0 as usize];
        if entry.output.is_none() {
            entry.inputs = types;
            entry.output = Some(ty.clone());
        }
        let told = args.len() == inputs.len();
        let call = self.push(ExprKind::Call { part, args, result }, ty, span)?;
        if !told {
            self.m.untold.insert(call);
        }
        Ok(call)
    }

    /// Binds arguments to formals, in order and by keyword; defaults fill the rest.
    pub fn bind_formals(
        &mut self,
        name: &str,
        formals: &'a [ast::Formal],
        mut args: Args<'a>,
        file: FileId,
        mut env: Env<'a>,
        span: Span,
    ) -> Res<Env<'a>> {
        let mut positional = std::mem::take(&mut args.positional).into_iter();
        for formal in formals {
            let given = args.take(&formal.name.name).or_else(|| positional.next());
            let (value, place) = match (given, formal.default) {
                (Some((value, place)), _) => (value, place),
                (None, Some(default)) => {
                    (self.seeing(false, |e| e.eval(default, file, &env))?, span)
                }
                (None, None) => {
                    let text = format!("`{name}` needs an argument `{}`", formal.name.name);
                    let mut diagnostic = self.error(codes::RL0104, text, span, "");
                    if !self.names.sources.is_prelude(file) {
                        diagnostic = diagnostic.also(formal.name.span, "declared here");
                    }
                    let diagnostic = diagnostic.help(format!("{name}({})", signature(formals)));
                    return self.stop(diagnostic);
                }
            };
            let value = match &formal.ty {
                None => value,
                Some(ast::RType::Plain(ty)) => {
                    let what = format!("argument `{}` of `{name}`", formal.name.name);
                    let (value, next) = self.accept(value, ty, file, env, (&what, place))?;
                    env = next;
                    value
                }
                Some(ast::RType::Record(fields, _)) => {
                    let (value, next) = self.accept_record(value, fields, file, env, place)?;
                    env = next;
                    value
                }
            };
            env = bind(&env, &formal.name.name, value);
        }
        if let Some((_, place)) = positional.next() {
            let many = if formals.len() == 1 { "" } else { "s" };
            let text = format!("`{name}` takes {} argument{many}", formals.len());
            return self.fail(
                codes::RL0104,
                text,
                place,
                &format!("{name}({})", signature(formals)),
            );
        }
        if let Some((extra, _, place)) = args.named.first() {
            let known: Vec<&str> = formals.iter().map(|f| f.name.name.as_str()).collect();
            let text = format!("`{name}` has no argument `{extra}`");
            let help = match nearest(extra, &known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("{name}({})", signature(formals)),
            };
            return self.fail(codes::RL0104, text, *place, &help);
        }
        Ok(env)
    }

    fn accept_record(
        &mut self,
        value: Value<'a>,
        fields: &'a [ast::Field],
        file: FileId,
        mut env: Env<'a>,
        span: Span,
    ) -> Res<(Value<'a>, Env<'a>)> {
        let parts: Vec<(Option<String>, Value<'a>)> = match value {
            Value::Record(parts) => parts.into_iter().map(|(n, v)| (Some(n), v)).collect(),
            Value::Tuple(parts) => parts.into_iter().map(|v| (None, v)).collect(),
            other => {
                let names: Vec<&str> = fields.iter().map(|f| f.name.name.as_str()).collect();
                let text =
                    format!("a record ({}) is needed, this is {}", names.join(", "), other.kind());
                return self.fail(codes::RL0106, text, span, "write `(name = value, ...)`");
            }
        };
        let declared = |name: &str| fields.iter().any(|f| f.name.name == *name);
        let odd = parts.iter().find(|(n, _)| n.as_deref().is_some_and(|n| !declared(n)));
        if let Some((Some(odd), _)) = odd
            && parts.len() > fields.len()
        {
            let names: Vec<&str> = fields.iter().map(|f| f.name.name.as_str()).collect();
            let text = format!("the record has a member `{odd}` that the type does not have");
            let help = format!("drop it, or declare it; the type has {}", names.join(", "));
            return self.fail(codes::RL0106, text, span, &help);
        }
        if parts.len() > fields.len() {
            let (given, wanted) = (parts.len(), fields.len());
            let text = format!("{given} values are given for a record of {wanted}");
            return self.fail(codes::RL0106, text, span, "give one value for each member");
        }
        let mut record = Vec::new();
        for (i, field) in fields.iter().enumerate() {
            let part = parts.iter().find(|(n, _)| n.as_deref() == Some(&field.name.name));
            let part = part.or_else(|| parts.get(i).filter(|(n, _)| n.is_none()));
            let Some((_, part)) = part else {
                let text = format!("the record has no member `{}`", field.name.name);
                return self.fail(
                    codes::RL0106,
                    text,
                    span,
                    "name every member of the declared type",
                );
            };
            let what = format!("member `{}`", field.name.name);
            let (value, next) = self.accept(part.clone(), &field.ty, file, env, (&what, span))?;
            env = next;
            record.push((field.name.name.clone(), value));
        }
        Ok((Value::Record(record), env))
    }

    pub fn check_result(
        &mut self,
        item: &'a ast::Callable,
        value: Value<'a>,
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let end = match &item.body {
            ast::Body::Expr(e) => self.names.files[&file].expr(*e).span,
            ast::Body::Block(stmts) => stmts.last().map_or(item.name.span, |s| s.span),
        };
        let place = if self.names.sources.is_prelude(file) { span } else { end };
        match &item.result {
            None => Ok(value),
            Some(ast::RType::Record(fields, _)) => {
                self.accept_record(value, fields, file, env.clone(), place).map(|(v, _)| v)
            }
            Some(ast::RType::Plain(ty)) => {
                let what = format!("the result of `{}`", item.name.name);
                self.accept(value, ty, file, env.clone(), (&what, place)).map(|(v, _)| v)
            }
        }
    }

    /// The value of a body; `<-` to states takes effect in train phases.
    pub fn body(
        &mut self,
        body: &'a ast::Body,
        file: FileId,
        env: Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        match body {
            ast::Body::Expr(e) => self.eval(*e, file, &env),
            ast::Body::Block(stmts) => self.block(stmts, file, env, span),
        }
    }

    /// The value that a block returns.
    pub fn block(
        &mut self,
        stmts: &'a [ast::Stmt],
        file: FileId,
        mut env: Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let mut whole = Ok(());
        self.allow(budget::STATEMENTS, stmts.len(), span)?;
        for stmt in stmts {
            if let ast::StmtKind::Return(e) = &stmt.kind {
                let value = self.eval(*e, file, &env);
                return whole.and(value);
            }
            let done = self.statement(stmt, file, &env);
            if done.is_err() && self.names.sources.is_prelude(file) {
                // One place of the user's file, one message.
                return done.and(Err(crate::model::elaborate::Stop));
            }
            let failed = |env: &Env<'a>| {
                names_of(stmt).iter().fold(env.clone(), |env, n| bind(&env, &n.name, Value::Failed))
            };
            env = done.unwrap_or_else(|stop| {
                whole = Err(stop);
                failed(&env)
            });
        }
        whole?;
        self.fail(
            codes::RL0106,
            "the function ends without `return`".into(),
            stmts.last().map_or(span, |s| s.span),
            "end it with `return value`",
        )
    }

    /// A statement of a function, other than `return`: the names after it.
    fn statement(&mut self, stmt: &'a ast::Stmt, file: FileId, env: &Env<'a>) -> Res<Env<'a>> {
        match &stmt.kind {
            ast::StmtKind::Let { names, tuple, ty, draws, value } => {
                if *draws {
                    return self.draw_values(names, ty.as_ref(), *value, (file, env), stmt.span);
                }
                let place = self.names.files[&file].expr(*value).span;
                let bound = self.eval(*value, file, env)?;
                let bound = self.typed(bound, ty.as_ref(), (file, env), (&names[0], place))?;
                self.bind_names(names, *tuple, bound, env.clone(), place)
            }
            ast::StmtKind::Draw { name, ty, dist } => {
                let names = std::slice::from_ref(name);
                self.draw_values(names, ty.as_ref(), *dist, (file, env), stmt.span)
            }
            ast::StmtKind::Param(slot) => {
                let id = self.param(slot, file, env)?;
                Ok(bind(env, &slot.name.name, Value::Tensor(id)))
            }
            ast::StmtKind::State(slot) => {
                let (id, _) = self.state(slot, file, env)?;
                Ok(bind(env, &slot.name.name, Value::Tensor(id)))
            }
            ast::StmtKind::Assign { name, value } => {
                self.assign_local(name, *value, file, env.clone())
            }
            _ => self.fail(
                codes::RL0120,
                "this statement has no meaning in a function".into(),
                stmt.span,
                "functions hold `let`, `~`, `param`, `state`, `<-` and `return`",
            ),
        }
    }
}

/// The names that a statement binds.
pub fn names_of(stmt: &ast::Stmt) -> &[ast::Ident] {
    match &stmt.kind {
        ast::StmtKind::Let { names, .. } => names,
        ast::StmtKind::Param(slot) | ast::StmtKind::State(slot) => std::slice::from_ref(&slot.name),
        ast::StmtKind::Define { name, .. } | ast::StmtKind::Draw { name, .. } => {
            std::slice::from_ref(name)
        }
        _ => &[],
    }
}

/// A path one step longer.
pub fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }
}

fn signature(formals: &[ast::Formal]) -> String {
    formals.iter().map(|f| f.name.name.clone()).collect::<Vec<_>>().join(", ")
}
