//! `minimize L over GROUP with OPTIMIZER`: which weights a group names, and one update rule per weight.

use crate::base::{Diagnostic, FileId, Span, codes, nearest};
use crate::graph::DType;
use crate::graph::op::map;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::{Args, Env, FuncBody, Owner, OwnerFrame, Rule, Value, find};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{self, ExprId, ExprKind, ParamId, PhaseStmt, Support, Type};
use crate::syntax::ast;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

impl<'a> Elab<'a> {
    /// The statement, with one update for each weight of its group.
    pub fn optimize(
        &mut self,
        phase: &'a ast::Phase,
        (maximize, goal): (bool, ast::ExprId),
        over: &'a [Vec<ast::Ident>],
        with: ast::ExprId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<PhaseStmt> {
        let file = self.names.entry;
        let goal_span = self.names.files[&file].expr(goal).span;
        // A mistake in one part keeps none of the others from being read.
        let id = self.goal(goal, maximize, env);
        let params = if id.is_ok() { self.update_set(over) } else { self.known_owners(over) };
        let with_span = self.names.files[&file].expr(with).span;
        let rule = self.rule(with, env);
        let (id, params, rule) = (id?, params?, rule?);
        let name = self.line_of(goal_span);
        let clip = match &rule.clip {
            Some(value) => Some(self.tensor(value, with_span)?),
            None => None,
        };
        let site = site_of(phase, &rule.name, span);
        let updates: Res<Vec<_>> =
            params.into_iter().map(|param| self.update(&rule, &site, param, with_span)).collect();
        let (updates, optimizer) = (updates?, self.line_of(with_span));
        Ok(PhaseStmt::Optimize { goal: id, name, optimizer, clip, updates, span })
    }

    /// A text of the file, without line breaks.
    pub fn line_of(&self, span: Span) -> String {
        self.names.sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What is minimized: one number per example.
    fn goal(&mut self, goal: ast::ExprId, maximize: bool, env: &Env<'a>) -> Res<ExprId> {
        let goal_span = self.names.files[&self.names.entry].expr(goal).span;
        let value = self.eval(goal, self.names.entry, env)?;
        let id = self.tensor(&value, goal_span)?;
        self.no_metric(id, goal_span)?;
        let ty = self.ty(id).clone();
        if !ty.shape.is_empty() || ty.dtype != DType::F32 {
            let text = format!("the goal is `{}`, and must be one number per example", show(&ty));
            return self.fail(
                codes::RL0113,
                text,
                goal_span,
                "reduce it with `sum(...)` or `mean(...)`",
            );
        }
        if !maximize {
            return Ok(id);
        }
        match self.map1(&map::NEG, Value::Tensor(id), goal_span)? {
            Value::Tensor(id) => Ok(id),
            _ => unreachable!("a tensor stays one"),
        }
    }

    /// The optimizer that `with` names.
    fn rule(&mut self, with: ast::ExprId, env: &Env<'a>) -> Res<Rc<Rule<'a>>> {
        let with_span = self.names.files[&self.names.entry].expr(with).span;
        match self.eval(with, self.names.entry, env)? {
            Value::Rule(rule) => Ok(rule),
            Value::Template(func) if matches!(&func.body, FuncBody::Item(i) if i.kind == ast::CallableKind::Optimizer) => {
                match self.apply(&Value::Template(func), Args::default(), with_span)? {
                    Value::Rule(rule) => Ok(rule),
                    _ => unreachable!("optimizers make rules"),
                }
            }
            other => {
                let text = format!("an optimizer is needed, this is {}", other.kind());
                self.fail(codes::RL0105, text, with_span, "write `with adam(lr = 1e-3)`")
            }
        }
    }

    /// Settings of an optimizer, as its arguments were bound.
    pub fn step_settings(
        &mut self,
        formals: &'a [ast::Formal],
        file: FileId,
        env: &Env<'a>,
        places: Vec<(Option<String>, Span)>,
        span: Span,
    ) -> Res<()> {
        let (named, plain): (Vec<_>, Vec<_>) =
            places.into_iter().partition(|(name, _)| name.is_some());
        let mut rest = plain.into_iter();
        for formal in formals {
            let name = &formal.name.name;
            let own = named.iter().find(|(n, _)| n.as_ref() == Some(name)).cloned();
            let place = own.or_else(|| rest.next()).map_or(span, |(_, place)| place);
            let Some(Value::Tensor(id)) = find(env, name).cloned() else { continue };
            self.step_setting(formal, id, (file, env), place)?;
        }
        Ok(())
    }

    /// A setting of an optimizer has the type that is written for it.
    fn step_setting(
        &mut self,
        formal: &'a ast::Formal,
        id: ExprId,
        (file, env): (FileId, &Env<'a>),
        place: Span,
    ) -> Res<()> {
        let name = &formal.name.name;
        let scalar = matches!(&formal.ty, Some(ast::RType::Plain(ty)) if ty.shape.is_none());
        if scalar && !self.ty(id).shape.is_empty() {
            let text = format!("`{name}` is `{}`, and must be one number", show(self.ty(id)));
            let help = "give a number or a schedule: `lr = cosine(1e-3, 0)`";
            return self.fail(codes::RL0103, text, place, help);
        }
        self.one_for_the_step(id, name, place)?;
        let Some(ast::RType::Plain(ty)) = &formal.ty else { return Ok(()) };
        let written = self.written(ty, file, env)?;
        if written.dtype == DType::F32 && self.ty(id).dtype != DType::F32 {
            let text = format!("`{name}` is `{}`, and must be a real", show(self.ty(id)));
            return self.fail(codes::RL0103, text, place, "convert it: `float(...)`");
        }
        match written.support {
            Support::Interval(low, _) => self.not_below(id, low, name, place),
            _ => Ok(()),
        }
    }

    /// A setting of an optimizer is one number for the whole step, known when it begins.
    fn one_for_the_step(&mut self, id: ExprId, name: &str, place: Span) -> Res<()> {
        if self.ty(id).varies {
            let text = format!("`{name}` differs between examples, and a step has one");
            return self.fail(
                codes::RL0103,
                text,
                place,
                "give a number or a schedule, or average it: `batch_mean(...)`",
            );
        }
        if self.has_metric(id) {
            let text = format!("`{name}` is computed from a whole split, and a step has a batch");
            return self.fail(codes::RL0120, text, place, "metrics stand in `eval` phases");
        }
        Ok(())
    }

    /// `clip = c`: a number.
    pub fn clip_of(&mut self, value: &Value<'a>, place: Span) -> Res<()> {
        let id = self.tensor(value, place)?;
        let ty = self.ty(id).clone();
        if !ty.shape.is_empty() || ty.dtype != DType::F32 {
            let text = format!("`clip` is `{}`, and must be one number", show(&ty));
            return self.fail(codes::RL0103, text, place, "write for instance `clip = 1.0`");
        }
        if let Some(c) = self.constant(id).filter(|c| !(*c > 0.0 && (*c as f32).is_finite())) {
            let text = format!("`clip` is {c}, and must be above 0 and finite");
            let help = "give the largest norm: `clip = 1.0`; without `clip` nothing is cut";
            return self.fail(codes::RL0107, text, place, help);
        }
        self.not_below(id, 0.0, "clip", place)?;
        self.one_for_the_step(id, "clip", place)
    }

    /// A setting that is computed may not get below its lowest value, as far as that is known.
    fn not_below(&mut self, id: ExprId, least: f64, name: &str, place: Span) -> Res<()> {
        let (low, high) = self.range(id);
        if low >= least || (low == f64::NEG_INFINITY && high > least) {
            return Ok(());
        }
        let reached = match low.is_finite() {
            true => format!("gets down to {}", low as f32),
            false => format!("is never above {}", high as f32),
        };
        let text = format!("`{name}` {reached}, and must be at least {least}");
        let help = format!("end at {least}, or keep it there: `max(..., {least})`");
        self.fail(codes::RL0107, text, place, &help)
    }

    /// Reports names after `over` that stand for nothing; which weights the goal uses is unknown.
    fn known_owners(&mut self, over: &'a [Vec<ast::Ident>]) -> Res<Vec<ParamId>> {
        for path in over {
            if self.item_called(&path[0].name, path[0].span)?.is_none() {
                let text: Vec<&str> = path.iter().map(|w| w.name.as_str()).collect();
                return self.no_weights(path, &text.join("."));
            }
        }
        Ok(Vec::new())
    }

    /// The weights that `over` names, in order of their path.
    fn update_set(&mut self, over: &'a [Vec<ast::Ident>]) -> Res<Vec<ParamId>> {
        let mut named = Vec::new();
        for path in over {
            let written: Vec<&str> = path.iter().map(|w| w.name.as_str()).collect();
            let written = written.join(".");
            let text = self.owner_named(path)?.unwrap_or_else(|| written.clone());
            named.push((path, written, text));
        }
        let owned = self.weights_by_name();
        let mut set: BTreeMap<String, ParamId> = BTreeMap::new();
        let mut groups: Vec<(&'a [ast::Ident], BTreeSet<ParamId>)> = Vec::new();
        for (path, written, text) in named {
            let names = vec![written.clone(), text];
            let mut mine = weights_of(&owned, &names);
            if mine.is_empty() {
                // A net without weights of its own stands for those that it uses.
                mine = weights_of(&owned, &self.reached(names));
            }
            if mine.is_empty() {
                return self.no_weights(path, &written);
            }
            self.without_range(path, &mine)?;
            set.extend(mine.iter().map(|id| (self.m.params[id.0 as usize].path.clone(), *id)));
            self.one_name_too_many(path, &mine, &groups);
            groups.push((path, mine));
        }
        Ok(set.into_values().collect())
    }

    /// Two names of one `over` may share weights; where one has no others, it is one name too many.
    fn one_name_too_many(
        &mut self,
        path: &'a [ast::Ident],
        mine: &BTreeSet<ParamId>,
        groups: &[(&'a [ast::Ident], BTreeSet<ParamId>)],
    ) {
        let span = |path: &[ast::Ident]| path[0].span.to(path[path.len() - 1].span);
        let within =
            |(_, group): &&(_, BTreeSet<ParamId>)| mine.is_subset(group) || group.is_subset(mine);
        let Some((other, group)) = groups.iter().find(within) else { return };
        let (less, more) = if mine.is_subset(group) { (path, *other) } else { (*other, path) };
        let called = |path: &[ast::Ident]| self.names.sources.text(span(path)).to_string();
        let text = format!("`{}` names no weights that `{}` does not", called(less), called(more));
        let diagnostic = Diagnostic::new(codes::RL0217, text)
            .at(span(less), "a weight moves once in a statement")
            .also(span(more), "its weights are named here")
            .help(format!("remove `{}`", called(less)));
        self.diags.push(diagnostic);
    }

    /// An optimizer gives weights any value.
    fn without_range(&mut self, path: &'a [ast::Ident], mine: &BTreeSet<ParamId>) -> Res<()> {
        let held = mine.iter().map(|id| &self.m.params[id.0 as usize]);
        let mut held = held.filter(|p| !matches!(p.ty.support, ir::Support::Real));
        let Some(held) = held.next().cloned() else { return Ok(()) };
        let span = path[0].span.to(path[path.len() - 1].span);
        let text =
            format!("`{}` is `{}`, and an optimizer keeps no range", held.path, show(&held.ty));
        let diagnostic = self
            .error(codes::RL0106, text, span, "")
            .also(self.place(held.span), "declared here")
            .help("declare it `f32`, and bring it there where it is used: `clip(w, 0, 1)`");
        self.stop(diagnostic)
    }

    /// The weights of every name: of an owner, and of what stands before a dot of a path, as what a net
    /// holds, instances among it, has the net's name before its own.
    fn weights_by_name(&self) -> HashMap<String, Vec<ParamId>> {
        let mut owned: HashMap<String, Vec<ParamId>> = HashMap::new();
        for (i, param) in self.m.params.iter().enumerate() {
            let dots = param.path.match_indices('.').map(|(at, _)| &param.path[..at]);
            let names = dots.chain([param.path.as_str()]);
            let names: BTreeSet<&str> = names.chain(param.owners.iter().map(|o| &**o)).collect();
            for name in names {
                owned.entry(name.into()).or_default().push(ParamId(i as u32));
            }
        }
        owned
    }

    /// Everything that some owners use, through any number of calls.
    pub fn reached(&self, names: Vec<String>) -> Vec<String> {
        let (mut seen, mut todo) = (BTreeSet::new(), names);
        while let Some(name) = todo.pop() {
            todo.extend(self.made.reach.get(&name).into_iter().flatten().cloned());
            seen.insert(name);
            todo.retain(|name| !seen.contains(name));
        }
        seen.into_iter().collect()
    }

    /// The path of the owner that `over` names: a net, a density, a weight, an imported file or one of
    /// its declarations. `None` where the words are the path.
    fn owner_named(&mut self, path: &'a [ast::Ident]) -> Res<Option<String>> {
        let Some((file, global)) = self.item_called(&path[0].name, path[0].span)? else {
            return Ok(None);
        };
        self.names.used.insert((file, path[0].name.clone()));
        self.names_at(path[0].span, Some(global.span));
        if matches!(global.item.kind, ast::ItemKind::Phase(_) | ast::ItemKind::Loss { .. }) {
            return Ok(None);
        }
        // A declared weight or constant makes its weights when it is first named.
        let mut value = self.global(file, &path[0].name, global, path[0].span)?;
        for word in &path[1..] {
            match value {
                Value::Namespace(file) => value = self.name(&word.name, file, &None, word.span)?,
                _ => return Ok(None),
            }
        }
        Ok(match &value {
            Value::Namespace(file) => self.names.prefixes.get(file).cloned(),
            Value::Density(of) => Some(of.path.clone()),
            Value::Func(func) => match (&func.body, &func.instance) {
                (FuncBody::Item(item), None) => Some(self.path_of(func.file, &item.name.name)),
                _ => None,
            },
            Value::Tensor(id) => match self.m.expr(*id).kind {
                ExprKind::Param(p) => Some(self.m.params[p.0 as usize].path.clone()),
                _ => None,
            },
            _ => None,
        })
    }

    fn no_weights<T>(&mut self, path: &'a [ast::Ident], text: &str) -> Res<T> {
        let span = path[0].span.to(path[path.len() - 1].span);
        let mut owners: Vec<String> =
            self.m.params.iter().filter_map(|p| p.owners.first().cloned()).collect();
        let declared = self.item_called(&path[0].name, path[0].span)?.is_some();
        if !declared {
            owners.extend(self.m.parts.iter().map(|part| part.name.clone()));
        }
        owners.sort();
        owners.dedup();
        let known: Vec<&str> = owners.iter().map(String::as_str).collect();
        let near = nearest(text, &known);
        let help = match near {
            Some(_) => String::new(),
            None if known.is_empty() => "the goal uses no weights: let it depend on a net".into(),
            None => format!("weights belong to {}", known.join(", ")),
        };
        let message = if declared {
            format!("`{text}` owns no weights that the goal uses")
        } else {
            format!("nothing is called `{text}`")
        };
        let code = if declared { codes::RL0119 } else { codes::RL0101 };
        match near {
            Some(near) => self.stop(self.error(code, message, span, "").meant(span, near)),
            None => self.fail(code, message, span, &help),
        }
    }

    /// One weight's update by an optimizer of the prelude.
    fn update(
        &mut self,
        rule: &Rc<Rule<'a>>,
        site: &str,
        param: ParamId,
        span: Span,
    ) -> Res<ir::Update> {
        let p = self.m.params[param.0 as usize].clone();
        let ty = Type { varies: false, ..p.ty };
        let (weight, w) = self.m.fresh_var("w", ty.clone(), span);
        let (gradient, g) = self.m.fresh_var("g", ty.clone(), span);
        let owner = Rc::new(RefCell::new(OwnerFrame {
            path: format!("{site}.{}", p.path),
            owners: vec![site.into()],
            ..OwnerFrame::default()
        }));
        let value = self.stepped(rule, &owner, (w, g), span)?;
        self.one_weight(rule, value, &ty, span)?;
        let writes = std::mem::take(&mut owner.borrow_mut().writes);
        let states =
            writes.into_iter().map(|(path, value)| (self.made.states[&path], value)).collect();
        Ok(ir::Update { param, weight, gradient, value, states })
    }

    /// What an optimizer makes of a weight and its gradient; its states belong to `owner`.
    fn stepped(
        &mut self,
        rule: &Rc<Rule<'a>>,
        owner: &Owner,
        (weight, gradient): (ExprId, ExprId),
        span: Span,
    ) -> Res<ExprId> {
        let FuncBody::Item(item) = &rule.func.body else { unreachable!("optimizers are items") };
        let args = Args {
            positional: vec![(Value::Tensor(weight), span), (Value::Tensor(gradient), span)],
            named: vec![],
        };
        let calls = self.calling(span)?;
        let (name, file) = (&item.name.name, rule.func.file);
        let value = self.at(
            |here| here.calls = calls,
            |e| {
                let outer = rule.func.env.clone();
                let env = e.bind_formals(name, &item.formals, args, file, outer, span)?;
                e.owned(owner.clone(), |e| e.body(&item.body, file, env, span))
            },
        )?;
        self.tensor(&value, span)
    }

    /// An optimizer gives one weight for all examples, of the type that it had.
    fn one_weight(&mut self, rule: &Rule<'a>, value: ExprId, ty: &Type, span: Span) -> Res<()> {
        if self.ty(value).shape != ty.shape {
            let (from, to) = (show(ty), show(self.ty(value)));
            let text = format!("optimizer `{}` turns `{from}` into `{to}`", rule.name);
            return self.fail(codes::RL0103, text, span, "it must return the new weight");
        }
        if self.ty(value).varies {
            let text = format!("optimizer `{}` gives each example a weight of its own", rule.name);
            let help =
                "use the weight, its gradient, states and settings only, or `batch_mean(...)`";
            return self.fail(codes::RL0103, text, span, help);
        }
        Ok(())
    }
}

/// What stands before the names of an optimizer's states: each statement of a phase has moments of its own.
fn site_of(phase: &ast::Phase, rule: &str, span: Span) -> String {
    match optimized_before(&phase.body, span) {
        0 => format!("{}.{rule}", phase.name.name),
        nth => format!("{}.{rule}_{nth}", phase.name.name),
    }
}

/// The weights that any of these owns.
fn weights_of(owned: &HashMap<String, Vec<ParamId>>, names: &[String]) -> BTreeSet<ParamId> {
    names.iter().filter_map(|name| owned.get(name)).flatten().copied().collect()
}

/// How many `minimize` and `maximize` of a phase, those in `repeat`s included, stand before a place.
fn optimized_before(body: &[ast::Stmt], place: Span) -> usize {
    let before = |stmt: &ast::Stmt| match &stmt.kind {
        ast::StmtKind::Optimize { .. } => usize::from(stmt.span.start < place.start),
        ast::StmtKind::Repeat { body, .. } => optimized_before(body, place),
        _ => 0,
    };
    body.iter().map(before).sum()
}
