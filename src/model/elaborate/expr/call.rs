//! Calls. In: a value and its arguments. Out: what it gives, its body evaluated in place; of a layer
//! template, an instance with weights of its own.

pub use super::body::names_of;
use crate::base::{FileId, Span, codes};
use crate::model::elaborate::scope::{Asked, Scope};
use crate::model::elaborate::value::{
    Args, Chain, Env, Func, FuncBody, Owner, OwnerFrame, Rule, Value, bind,
};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Called, ExprId, ExprKind, Static, Type, VarId};
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
                Some(name) => {
                    self.keyword_at(span, name);
                    list.named.push((name.name.clone(), value, span));
                }
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
        if matches!(&callee_expr.kind, ast::ExprKind::Name(name) if name == "KL") {
            return self.divergence(args, bar, rest, file, env, span);
        }
        if bar.is_none()
            && let Some(value) = self.instance_of(callee, args, file, env)?
        {
            return Ok(value);
        }
        let value = self.eval(callee, file, env)?;
        if let Value::Density(densities) = &value {
            return self.query(densities.clone(), args, bar, rest, file, env, span);
        }
        if bar.is_some() {
            let text = format!("`|` conditions a density, this is {}", value.kind());
            let help = "separate arguments with commas";
            return self.fail(codes::RL0105, text, callee_expr.span, help);
        }
        let args = self.args(args, file, env)?;
        self.at(|here| here.outside = env.clone(), |e| e.apply(&value, args, span))
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
        match (args.positional.as_slice(), args.named.as_slice()) {
            ([(value, _)], []) => self.with_writes(value.clone(), &chain.writes, span),
            _ => self.fail(
                codes::RL0104,
                "a chain takes one argument".into(),
                span,
                "write `x |> chain(...) { ... }`",
            ),
        }
    }

    /// `Linear(400)`: new weights under the current owner; `adam(lr = 1e-3)`: a rule.
    fn instantiate(&mut self, func: &Rc<Func<'a>>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
        let FuncBody::Item(item) = &func.body else { unreachable!("templates are items") };
        let item: &'a ast::Callable = item;
        if item.kind == CallableKind::Optimizer {
            return self.rule_of(func, item, args, span);
        }
        let (name, statics) = (&item.name.name, item.statics.as_deref().unwrap_or(&[]));
        let env = self.bind_formals(name, statics, args, func.file, func.env.clone(), span)?;
        let (path, owners) = {
            let owner = self.here.owner.borrow();
            (owner.path.clone(), owner.owners.clone())
        };
        let n = self.numbered(&path, name, span);
        let instance = (join(&path, &format!("{name}_{n}")), owners);
        Ok(Value::Func(Rc::new(with_statics(func, item, env, Some(instance)))))
    }

    /// An optimizer with its settings, and the limit of gradients that each can be given.
    fn rule_of(
        &mut self,
        func: &Func<'a>,
        item: &'a ast::Callable,
        mut args: Args<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let (name, statics) = (&item.name.name, item.statics.as_deref().unwrap_or(&[]));
        let clip = args.take("clip");
        let places = args.places();
        let env = self.bind_formals(name, statics, args, func.file, func.env.clone(), span)?;
        self.step_settings(statics, func.file, &env, places, span)?;
        if let Some((value, place)) = &clip {
            self.clip_of(value, *place)?;
        }
        Ok(Value::Rule(Rc::new(Rule {
            func: Rc::new(with_statics(func, item, env, None)),
            name: name.clone(),
            clip: clip.map(|(value, _)| value),
        })))
    }

    fn apply_func(&mut self, func: &Rc<Func<'a>>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
        let calls = self.calling(span)?;
        let apply = |e: &mut Self| match &func.body {
            FuncBody::Lambda(params, body) => e.apply_lambda(func, params, *body, args, span),
            FuncBody::Item(item) => e.apply_item(func, item, args, span),
            FuncBody::Formula(var, formula) => e.apply_formula(*var, *formula, args, span),
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
            .fold(func.env.clone(), |env, (p, (value, _))| bind(&env, p, value));
        let owner = func.owner.clone().unwrap_or_else(|| self.here.owner.clone());
        self.seeing(func.fields, |e| e.owned(owner, |e| e.eval(body, func.file, &env)))
    }

    /// A formula at another value of its variable.
    fn apply_formula(
        &mut self,
        var: VarId,
        formula: ExprId,
        args: Args<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let [(value, place)] = args.positional.as_slice() else {
            unreachable!("the library gives a formula its argument")
        };
        let value = self.tensor(value, *place)?;
        let value = self.binding(var, value, span)?;
        Ok(Value::Tensor(self.m.substitute(formula, &[(var, value)])))
    }

    fn apply_item(
        &mut self,
        func: &Rc<Func<'a>>,
        item: &'a ast::Callable,
        args: Args<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let positional = args.positional.iter().map(|(v, _)| v.clone());
        let inputs: Vec<Value<'a>> =
            positional.chain(args.named.iter().map(|(_, v, _)| v.clone())).collect();
        let name = &item.name.name;
        let env =
            self.bind_formals(name, &item.formals, args, func.file, func.env.clone(), span)?;
        let owner = self.frame(func, item);
        if !self.names.sources.is_prelude(func.file) && func.instance.is_none() {
            self.note_use(self.path_of(func.file, name));
        }
        let (value, asked) = self.result_of(func, item, env, owner, span);
        let value = value?;
        if let (CallableKind::Bijection, Value::Tensor(result)) = (item.kind, &value) {
            self.is_bijection(func, item, &inputs, *result, span)?;
        }
        match (item.kind, &func.instance, &value) {
            (CallableKind::Net | CallableKind::Bijection, None, Value::Tensor(result)) => {
                let call = self.wrap_call(func.file, item, inputs, *result, span)?;
                self.keep_asked(call, asked);
                Ok(Value::Tensor(call))
            }
            (CallableKind::Fn, _, Value::Tensor(result)) => {
                if self.names.sources.is_prelude(func.file) {
                    self.note_call(name, &inputs, *result);
                }
                Ok(value)
            }
            _ => Ok(value),
        }
    }

    /// What the body gives, checked and with the states that it wrote, and what it asked of its context.
    fn result_of(
        &mut self,
        func: &Func<'a>,
        item: &'a ast::Callable,
        env: Env<'a>,
        owner: Owner,
        span: Span,
    ) -> (Res<Value<'a>>, Asked) {
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
        self.at(inside, |e| {
            let (value, asked) = e.asking(|e| e.owned(owner.clone(), read));
            (value.and_then(|value| e.written_states(item, &owner, value, span)), asked)
        })
    }

    /// Keeps what the body of a call of a net asked of its context.
    fn keep_asked(&mut self, call: ExprId, asked: Asked) {
        if asked.rows {
            self.made.rows_of.insert(call, self.here.ctx.batch);
        }
        if asked.training {
            let training = self.here.ctx.training;
            let all = self.made.trains.entry(call);
            all.and_modify(|all| *all &= training).or_insert(training);
        }
    }

    /// Keeps how a function of the library was called, unless its value is but one of the operands or
    /// one operation on them, which says itself what it is.
    fn note_call(&mut self, name: &str, inputs: &[Value<'a>], result: ExprId) {
        let Some(args) = inputs.iter().map(tensor_of).collect::<Option<Vec<ExprId>>>() else {
            return;
        };
        let says_itself = match &self.m.expr(result).kind {
            ExprKind::Op { args: operands, .. } => operands.iter().all(|id| args.contains(id)),
            _ => true,
        };
        if !says_itself {
            let called = Called { name: name.into(), of: None, args };
            self.m.calls.entry(result).or_insert(called);
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
        let role = crate::model::elaborate::items::ir_role(item.role);
        let key = (file, item.name.name.clone(), role);
        let Some(part) = self.made.parts.get(&key).copied() else { return Ok(result) };
        let args: Vec<ExprId> = inputs.iter().filter_map(tensor_of).collect();
        let ty = self.ty(result).clone();
        let given = item.formals.iter().zip(&args);
        let types: Vec<(String, Type)> =
            given.map(|(f, a)| (f.name.name.clone(), self.ty(*a).clone())).collect();
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
}

/// A path one step longer.
pub fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }
}

fn tensor_of(value: &Value<'_>) -> Option<ExprId> {
    match value {
        Value::Tensor(id) => Some(*id),
        _ => None,
    }
}

/// A template with its static arguments.
fn with_statics<'a>(
    func: &Func<'a>,
    item: &'a ast::Callable,
    env: Env<'a>,
    instance: Option<(String, Vec<String>)>,
) -> Func<'a> {
    Func {
        file: func.file,
        body: FuncBody::Item(item),
        env,
        instance,
        owner: None,
        fields: false,
        writes: func.writes.clone(),
    }
}
