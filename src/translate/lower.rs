//! Expressions to graph nodes. A lowered value carries *map axes*, leading dims beside its own: the
//! batch first, then sample, row and map axes in the order of their numbers. A value carries only
//! the axes it depends on; an op of several operands takes the union. Weights carry none, so a
//! product of a batch with a weight is one product. This is the whole of vectorization.

use crate::base::{Budget, Span, budget};
use crate::graph::attrs::{ContractSpec, Window};
use crate::graph::op::{Kind, contract, control, is};
use crate::graph::{Attrs, DType, Graph, InputRole, NodeId, Ty, range};
use crate::model::ir::pure::Pure;
use crate::model::ir::{
    AxisId, AxisReduce, Builtin, Derivative, ExprId, ExprKind, ParamId, StateId, Support, VarId,
};
use crate::translate::program::{Feed, SEED, STEP, TOTAL};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Dims of a value, axes included, and of both operands of a product: there each has a letter.
const LABELS: usize = 48;

/// A map axis of a lowered value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ax {
    /// The examples of a minibatch.
    Batch,
    /// Samples, rows of a Jacobian, elements of a `map`.
    Map(u32),
}

/// A node and the axes of its leading dims.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lowered {
    pub node: NodeId,
    pub axes: Vec<Ax>,
}

/// A graph under construction: the phase's, or a loop body inside it.
pub(super) struct Frame {
    pub graph: Graph,
    memo: HashMap<ExprId, Lowered>,
    env: HashMap<VarId, Lowered>,
    /// Ids put into `memo` since a derivative was entered.
    trail: Vec<ExprId>,
    /// Noise of loops inside this one: rows of the current turn.
    pub rows: HashMap<ExprId, NodeId>,
    /// Variables that only this frame knows; empty for the outermost.
    own: Vec<VarId>,
    /// Values brought in from the frame around.
    pub captured: Vec<Lowered>,
}

/// The lowering of one graph.
pub(super) struct Lower<'m> {
    pub m: &'m Pure,
    pub frames: Vec<Frame>,
    pub batch: usize,
    /// Sizes of axes made here, by number; numbers below `m.axes.len()` are the model's.
    sizes: BTreeMap<u32, usize>,
    /// Current values of slots.
    pub params: HashMap<ParamId, NodeId>,
    pub states: HashMap<StateId, NodeId>,
    /// What layers of the current statement wrote, with the number of the call.
    pub writes: Vec<(u32, StateId, NodeId)>,
    /// Which minibatch of the step is read.
    pub repetition: usize,
    /// How many turns a step has here.
    pub turns: usize,
    /// Data inputs used: name, data set, field, repetition.
    pub feeds: BTreeMap<String, Feed>,
    /// Step number for noise: the input, or a constant for initial values.
    pub fixed_step: bool,
    /// What may be made. Where nothing is left, expressions become zeros, and the graph is refused.
    pub budget: Budget,
    /// The statement that is charged.
    pub place: Span,
}

impl Frame {
    pub fn new(own: Vec<VarId>) -> Frame {
        Frame {
            graph: Graph::new(),
            memo: HashMap::new(),
            env: HashMap::new(),
            trail: Vec::new(),
            rows: HashMap::new(),
            own,
            captured: Vec::new(),
        }
    }
}

impl<'m> Lower<'m> {
    pub fn new(m: &'m Pure, batch: usize) -> Lower<'m> {
        Lower {
            m,
            frames: vec![Frame::new(Vec::new())],
            batch,
            sizes: BTreeMap::new(),
            params: HashMap::new(),
            states: HashMap::new(),
            writes: Vec::new(),
            repetition: 0,
            turns: 1,
            feeds: BTreeMap::new(),
            fixed_step: false,
            budget: Budget::default(),
            place: Span::default(),
        }
    }

    // ---- the budget ----

    /// A stand-in for an expression that is too much.
    fn nothing(&mut self, id: ExprId) -> Lowered {
        let ty = self.m.ty(id);
        let ty = Ty::new(ty.dtype, ty.shape.clone());
        Lowered { node: self.g().full(0.0, &ty), axes: vec![] }
    }

    /// Whether a value of so many elements per example may be repeated along axes.
    fn fits(&mut self, axes: &[Ax], own: usize) -> bool {
        let lead = axes.iter().fold(1usize, |n, ax| n.saturating_mul(self.size(*ax)));
        self.budget.allow(budget::ELEMENTS, lead.saturating_mul(own), self.place)
    }

    /// Whether all that a derivative makes fits: its point for each of its rows.
    fn derivative_fits(&mut self, kind: Derivative, body: ExprId, at: ExprId) -> bool {
        let point = self.lower(at);
        let len = |s: &Self, e: ExprId| s.m.ty(e).shape.iter().product::<usize>();
        let (own, out) = (len(self, at), len(self, body));
        let rows = match kind {
            Derivative::Jacobian => out,
            Derivative::Hessian => own,
            _ => 1,
        };
        self.fits(&point.axes, rows.saturating_mul(own.max(rows)))
    }

    pub fn frame(&mut self) -> &mut Frame {
        let Some(frame) = self.frames.last_mut() else { unreachable!("there is always a frame") };
        frame
    }

    pub fn g(&mut self) -> &mut Graph {
        &mut self.frame().graph
    }

    pub fn graph(&self) -> &Graph {
        &self.frames[self.frames.len() - 1].graph
    }

    /// Forgets lowered values: slots have changed.
    pub fn forget(&mut self) {
        self.frame().memo.clear();
    }

    /// Sets the value of an expression in the current frame.
    pub fn remember(&mut self, id: ExprId, value: Lowered) {
        self.frame().memo.insert(id, value);
    }

    /// Binds a variable in the current frame.
    pub fn bind(&mut self, var: VarId, value: Lowered) {
        self.frame().env.insert(var, value);
    }

    // ---- axes ----

    pub fn size(&self, ax: Ax) -> usize {
        match ax {
            Ax::Batch => self.batch,
            Ax::Map(n) => {
                let own = self.sizes.get(&n).copied();
                own.unwrap_or_else(|| self.m.axes[n as usize].size)
            }
        }
    }

    /// A new axis, younger than all others.
    pub fn new_axis(&mut self, size: usize) -> Ax {
        let n = self.m.axes.len() as u32 + self.sizes.len() as u32;
        self.sizes.insert(n, size);
        Ax::Map(n)
    }

    pub fn union<'v>(values: impl IntoIterator<Item = &'v Lowered>) -> Vec<Ax> {
        let set: BTreeSet<Ax> = values.into_iter().flat_map(|v| v.axes.iter().copied()).collect();
        set.into_iter().collect()
    }

    fn lead(&self, axes: &[Ax]) -> Vec<usize> {
        axes.iter().map(|a| self.size(*a)).collect()
    }

    /// The dims of one example.
    pub fn own_shape(&self, value: &Lowered) -> Vec<usize> {
        self.graph().shape(value.node)[value.axes.len()..].to_vec()
    }

    /// Repeats a value along axes it does not have; `axes` holds all of its own.
    pub fn align(&mut self, value: &Lowered, axes: &[Ax]) -> NodeId {
        if value.axes == axes {
            return value.node;
        }
        let own = self.own_shape(value);
        let shape = [&self.lead(axes)[..], &own[..]].concat();
        let place = |a: &Ax| axes.iter().position(|b| b == a);
        let mut dims: Vec<usize> = value.axes.iter().filter_map(place).collect();
        dims.extend(axes.len()..axes.len() + own.len());
        self.g().broadcast(value.node, &shape, &dims)
    }

    /// Moves the dims of a node whose leading axes are in any order into the standard order.
    fn sorted(&mut self, node: NodeId, axes: Vec<Ax>) -> Lowered {
        let mut order: Vec<usize> = (0..axes.len()).collect();
        order.sort_by_key(|i| axes[*i]);
        let rank = self.graph().shape(node).len();
        let perm: Vec<usize> = order.iter().copied().chain(axes.len()..rank).collect();
        let node = self.g().permute(node, &perm);
        Lowered { node, axes: order.into_iter().map(|i| axes[i]).collect() }
    }

    // ---- inputs ----

    pub fn seed(&mut self) -> NodeId {
        self.outer_input(SEED, InputRole::Seed, Ty::i32([]))
    }

    pub fn step(&mut self) -> NodeId {
        if self.fixed_step {
            return self.g().constant(0.0, DType::I32);
        }
        self.outer_input(STEP, InputRole::Step, Ty::i32([]))
    }

    fn finished_steps(&mut self) -> NodeId {
        let step = self.step();
        self.g().cast(step, DType::F32)
    }

    fn outer_input(&mut self, name: &str, role: InputRole, ty: Ty) -> NodeId {
        let node = self.frames[0].graph.input(name, role, ty);
        self.carry_in(Lowered { node, axes: vec![] }, 0).node
    }

    /// Brings a value of frame `from` into the current frame as a constant of each loop between.
    pub(super) fn carry_in(&mut self, value: Lowered, from: usize) -> Lowered {
        let mut value = value;
        for at in from + 1..self.frames.len() {
            let ty = self.frames[at - 1].graph.ty(value.node).clone();
            let known = self.frames[at].captured.iter().position(|c| *c == value);
            let index = known.unwrap_or_else(|| {
                self.frames[at].captured.push(value.clone());
                self.frames[at].captured.len() - 1
            });
            let role = range::role(&self.frames[at - 1].graph, value.node);
            let node = self.frames[at].graph.input(format!("k{index}"), role, ty);
            value = Lowered { node, axes: value.axes };
        }
        value
    }

    // ---- expressions ----

    /// Lowers an expression in the current frame.
    pub fn lower(&mut self, root: ExprId) -> Lowered {
        let order = self.order(root);
        let inside = if order.is_empty() { None } else { self.inside(root) };
        for id in order {
            if self.frame().memo.contains_key(&id) {
                continue;
            }
            let outside = inside.as_ref().is_some_and(|inside| !inside.contains(&id));
            let value = if outside { self.lower_outside(id) } else { self.one(id) };
            let frame = self.frame();
            frame.memo.insert(id, value);
            frame.trail.push(id);
        }
        self.frame().memo[&root].clone()
    }

    /// What has to be lowered for a root, oldest first. Bodies of derivatives and loops are not
    /// entered: their variables are bound later.
    fn order(&self, root: ExprId) -> Vec<ExprId> {
        let mut seen: BTreeSet<ExprId> = BTreeSet::new();
        let mut todo = vec![root];
        let memo = &self.frames[self.frames.len() - 1].memo;
        while let Some(id) = todo.pop() {
            if memo.contains_key(&id) || !seen.insert(id) {
                continue;
            }
            match &self.m.expr(id).kind {
                ExprKind::Derivative { kind, at, .. } => {
                    todo.push(*at);
                    todo.extend(kind.with());
                }
                ExprKind::Scan { .. } => {}
                ExprKind::Call { result, .. } => todo.push(*result),
                kind => todo.extend(kind.children()),
            }
        }
        seen.into_iter().collect()
    }

    /// In a loop body: the expressions below a root that depend on the loop. Operands are older than
    /// their users, so one walk from old to young finds them all.
    fn inside(&self, root: ExprId) -> Option<HashSet<ExprId>> {
        let Frame { own, env, .. } = &self.frames[self.frames.len() - 1];
        if own.is_empty() {
            return None;
        }
        let mut inside = HashSet::new();
        for id in self.m.reachable(&[root]) {
            let kind = &self.m.expr(id).kind;
            let depends = match kind {
                ExprKind::Var(v) => own.contains(v) || env.contains_key(v),
                ExprKind::Noise { around, .. } => around.loops.iter().any(|v| own.contains(v)),
                _ => kind.children().iter().any(|child| inside.contains(child)),
            };
            if depends {
                inside.insert(id);
            }
        }
        Some(inside)
    }

    fn lower_outside(&mut self, id: ExprId) -> Lowered {
        let Some(inner) = self.frames.pop() else { unreachable!("a loop has a frame") };
        let value = self.lower(id);
        self.frames.push(inner);
        let from = self.frames.len() - 2;
        self.carry_in(value, from)
    }

    fn get(&mut self, id: ExprId) -> Lowered {
        self.lower(id)
    }

    /// One expression, within the budget.
    fn one(&mut self, id: ExprId) -> Lowered {
        if !self.budget.spend(budget::TRANSLATED, 1, self.place) {
            return self.nothing(id);
        }
        let before = self.graph().len();
        let value = self.made(id);
        // Bodies of derivatives and loops are charged as they are made.
        let nested =
            matches!(self.m.expr(id).kind, ExprKind::Derivative { .. } | ExprKind::Scan { .. });
        let made = self.graph().len() - before;
        if !nested && !self.budget.spend(budget::TRANSLATED, made.saturating_sub(1), self.place) {
            return self.nothing(id);
        }
        value
    }

    fn made(&mut self, id: ExprId) -> Lowered {
        let m = self.m;
        match &m.expr(id).kind {
            ExprKind::Op { op, attrs, args } => {
                let args: Vec<Lowered> = args.iter().map(|a| self.get(*a)).collect();
                let axes = Self::union(&args);
                let labels = args.iter().map(|a| self.graph().shape(a.node).len()).sum::<usize>();
                let most = LABELS.saturating_sub(axes.len());
                let own = if *op == &contract::CONTRACT { labels } else { m.ty(id).shape.len() };
                let room = own <= most;
                if !room {
                    self.budget.allow(budget::DIMS, usize::MAX, self.place);
                }
                if !room || !self.fits(&axes, m.ty(id).shape.iter().product()) {
                    return self.nothing(id);
                }
                self.op(op, attrs, &args)
            }
            ExprKind::Param(p) => {
                let node = self.params[p];
                self.carry_in(Lowered { node, axes: vec![] }, 0)
            }
            ExprKind::State(s) => {
                let node = self.states[s];
                self.carry_in(Lowered { node, axes: vec![] }, 0)
            }
            ExprKind::Field(f) => self.field(*f),
            ExprKind::Table(t) => self.table(*t),
            ExprKind::Var(v) => self.variable(*v),
            ExprKind::Builtin(Builtin::Step) => {
                let node = self.finished_steps();
                Lowered { node, axes: vec![] }
            }
            ExprKind::Builtin(Builtin::Updates) => {
                let mut node = self.finished_steps();
                if self.turns > 1 {
                    let (turns, turn) = (self.turns as f64, self.repetition as f64);
                    let turns = self.g().constant(turns, DType::F32);
                    let turn = self.g().constant(turn, DType::F32);
                    let finished = self.g().mul(node, turns);
                    node = self.g().add(finished, turn);
                }
                Lowered { node, axes: vec![] }
            }
            ExprKind::Builtin(Builtin::Rows) => {
                let rows = self.batch as f64;
                let node = self.g().constant(rows, DType::F32);
                Lowered { node, axes: vec![] }
            }
            ExprKind::Builtin(Builtin::Steps) => {
                let node = self.outer_input(TOTAL, InputRole::Other, Ty::f32([]));
                Lowered { node, axes: vec![] }
            }
            ExprKind::Builtin(Builtin::Progress) => {
                let total = self.outer_input(TOTAL, InputRole::Other, Ty::f32([]));
                let step = self.finished_steps();
                let node = self.g().div(step, total);
                Lowered { node, axes: vec![] }
            }
            ExprKind::Call { result, .. } => self.get(*result),
            ExprKind::Write { state, value, result, call } => {
                let node = self.next_state(*value);
                self.writes.push((*call, *state, node));
                self.get(*result)
            }
            ExprKind::Noise { .. } => {
                let (ty, _) = self.noise_type(id);
                if !self.fits(&[], ty.len()) {
                    return self.nothing(id);
                }
                self.noise(id)
            }
            ExprKind::Stop(e) => {
                let v = self.get(*e);
                let node = self.g().stop(v.node);
                Lowered { node, axes: v.axes }
            }
            ExprKind::Derivative { kind, var, body, at } => {
                if !self.derivative_fits(*kind, *body, *at) {
                    return self.nothing(id);
                }
                self.derivative(*kind, *var, *body, *at)
            }
            ExprKind::Reduce { axis, how, body } => self.reduce(*axis, *how, *body),
            ExprKind::Element { axis, of } => self.element(*axis, *of),
            ExprKind::Batch { of, rows } => self.whole_batch(*of, *rows),
            ExprKind::BatchMean(e) => {
                let v = self.get(*e);
                self.batch_mean(v)
            }
            ExprKind::Scan { .. } => self.scan(id),
            ExprKind::Symbolic(never) => match *never {},
        }
    }

    /// The value that a layer writes: one for all samples of an expectation. The layer stands outside
    /// of loops, also where what it gives is used inside of one.
    fn next_state(&mut self, value: ExprId) -> NodeId {
        let loops = self.frames.split_off(1);
        let v = self.get(value);
        let axes: Vec<usize> = (0..v.axes.len()).collect();
        let node = if axes.is_empty() { v.node } else { self.g().mean(v.node, &axes) };
        self.frames.extend(loops);
        node
    }

    fn field(&mut self, id: crate::model::ir::FieldId) -> Lowered {
        let field = &self.m.fields[id.0 as usize];
        let feed = Feed::batch(&field.data, &field.name, self.repetition);
        let name = feed.input.clone();
        let shape = [&[self.batch], &field.ty.shape[..]].concat();
        self.feeds.insert(name.clone(), feed);
        let ty = Ty::new(field.ty.dtype, shape);
        let role = self.data_role(&field.data, field.ty.support);
        let node = self.frames[0].graph.input(name, role, ty);
        self.carry_in(Lowered { node, axes: vec![Ax::Batch] }, 0)
    }

    /// What is known of the values of a field: whether some may be missing, or none is negative.
    fn data_role(&self, data: &str, support: Support) -> InputRole {
        let source = self.m.data.iter().find(|d| d.name == data).and_then(|d| d.source.as_ref());
        let allows = |(name, _): &(Option<String>, _)| name.as_deref() == Some("nan");
        match source {
            Some(source) if source.args.iter().any(allows) => InputRole::Gaps,
            _ => match support {
                Support::Interval(low, _) if low < 0.0 => InputRole::Data,
                Support::Interval(_, high) if high <= 1.0 => InputRole::Unit,
                Support::Bit => InputRole::Unit,
                Support::Real | Support::Integer => InputRole::Data,
                _ => InputRole::Positive,
            },
        }
    }

    fn table(&mut self, id: crate::model::ir::TableId) -> Lowered {
        let table = &self.m.tables[id.0 as usize];
        let ty = Ty::new(table.ty.dtype, table.ty.shape.clone());
        let split = table.split.as_deref();
        let feed = Feed::whole(&table.data, split, &table.field, table.ty.shape[0]);
        let name = feed.input.clone();
        self.feeds.insert(name.clone(), feed);
        let role = self.data_role(&table.data, table.ty.support);
        let node = self.outer_input(&name, role, ty);
        Lowered { node, axes: vec![] }
    }

    fn variable(&mut self, var: VarId) -> Lowered {
        for at in (0..self.frames.len()).rev() {
            if let Some(value) = self.frames[at].env.get(&var).cloned() {
                return self.carry_in(value, at);
            }
        }
        panic!("variable `{}` has no value", self.m.vars[var.0 as usize].name)
    }

    // ---- ops, by kind ----

    pub fn op(&mut self, op: crate::graph::Op, attrs: &Attrs, args: &[Lowered]) -> Lowered {
        let axes = Self::union(args);
        let lead = self.lead(&axes);
        let k = axes.len();
        if op == &contract::CONTRACT {
            return self.contraction(attrs, args, axes);
        }
        if op.kind == Kind::Index && op.name == is::GATHER {
            return self.gather(args, axes);
        }
        if let Attrs::Rows(n) = attrs {
            return self.scatter(args, *n, axes);
        }
        if let Attrs::Window(window) = attrs {
            return self.windowed(op, window, args, axes);
        }
        let nodes: Vec<NodeId> = args.iter().map(|a| self.align(a, &axes)).collect();
        let attrs = shifted(attrs, k, &lead);
        let known = matches!(op.kind, Kind::Map | Kind::Reduce | Kind::View | Kind::Index)
            || op == &control::CONST;
        assert!(known, "no batching rule for `{}`", op.name);
        let node = self.g().push(op, nodes, attrs);
        Lowered { node, axes }
    }

    /// Labels of the axes join the labels of the operands that have them.
    fn contraction(&mut self, attrs: &Attrs, args: &[Lowered], axes: Vec<Ax>) -> Lowered {
        let spec = attrs.labels();
        let used = |l: &u8| spec.lhs.contains(l) || spec.rhs.contains(l);
        let mut free = (b'A'..=b'Z').chain(b'a'..=b'z').filter(|l| !used(l));
        let letters: Vec<(Ax, u8)> = axes
            .iter()
            .map(|a| match free.next() {
                Some(l) => (*a, l),
                None => panic!("a contraction over more than 52 dims"),
            })
            .collect();
        let of = |own: &[Ax], rest: &[u8]| -> Vec<u8> {
            let lead =
                own.iter().filter_map(|a| letters.iter().find(|(b, _)| a == b).map(|(_, l)| *l));
            lead.chain(rest.iter().copied()).collect()
        };
        let spec = ContractSpec {
            lhs: of(&args[0].axes, &spec.lhs),
            rhs: of(&args[1].axes, &spec.rhs),
            out: of(&axes, &spec.out),
        };
        let node = self.g().contraction(args[0].node, args[1].node, spec);
        Lowered { node, axes }
    }

    /// Convolutions and windows have a dim for examples: axes of the first operand go there. Axes of
    /// the filters become groups of channels, one per place on these axes.
    fn windowed(
        &mut self,
        op: crate::graph::Op,
        window: &Window,
        args: &[Lowered],
        axes: Vec<Ax>,
    ) -> Lowered {
        let shared: Vec<Ax> = args.get(1).map_or(vec![], |w| w.axes.clone());
        let own: Vec<Ax> = axes.iter().copied().filter(|a| !shared.contains(a)).collect();
        let (examples, groups) = (self.lead(&own), self.lead(&shared));
        let (n, k) = (examples.iter().product::<usize>(), groups.iter().product::<usize>());
        // [own.., shared.., 1, C, S..] to [own * 1, shared * C, S..]
        let x = self.align(&args[0], &axes);
        let x = self.reordered(x, &axes, &own, &shared);
        let inner = self.graph().shape(x)[axes.len()..].to_vec();
        let x = self.g().reshape(x, &[&[n * inner[0], k * inner[1]], &inner[2..]].concat());
        let mut nodes = vec![x];
        if let Some(filters) = args.get(1) {
            let shape = self.own_shape(filters);
            let w = self.g().reshape(filters.node, &[&[k * shape[0]], &shape[1..]].concat());
            nodes.push(w);
        }
        let window = Window { groups: k * window.groups, ..window.clone() };
        let y = self.g().push(op, nodes, Attrs::Window(window));
        let made = self.graph().shape(y).to_vec();
        let split = [&examples[..], &groups[..], &[made[0] / n, made[1] / k], &made[2..]].concat();
        let y = self.g().reshape(y, &split);
        self.sorted(y, [own, shared].concat())
    }

    /// Leading axes in the order `first`, `then`.
    fn reordered(&mut self, node: NodeId, axes: &[Ax], first: &[Ax], then: &[Ax]) -> NodeId {
        let place = |a: &Ax| axes.iter().position(|b| a == b);
        let rank = self.graph().shape(node).len();
        let order: Vec<usize> = first.iter().chain(then).filter_map(place).collect();
        let perm: Vec<usize> = order.into_iter().chain(axes.len()..rank).collect();
        self.g().permute(node, &perm)
    }

    /// A table with axes of its own is flattened, its rows numbered through: axes that only the index has
    /// share them.
    fn gather(&mut self, args: &[Lowered], axes: Vec<Ax>) -> Lowered {
        let (table, rows) = (&args[0], &args[1]);
        if table.axes.is_empty() {
            let node = self.g().gather(table.node, rows.node);
            return Lowered { node, axes: rows.axes.clone() };
        }
        let own = self.own_shape(table);
        let index = self.own_shape(rows);
        let lead = self.lead(&table.axes);
        let count: usize = lead.iter().product();
        let flat = [&[count * own[0]], &own[1..]].concat();
        let flat = self.g().reshape(table.node, &flat);
        let start = self.g().iota(Ty::i32([count]), 0);
        let stride = self.g().like(own[0] as f64, start);
        let start = self.g().mul(start, stride);
        let start = Lowered { node: self.g().reshape(start, &lead), axes: table.axes.clone() };
        let start = self.align(&start, &axes);
        let rows = self.align(rows, &axes);
        let dims: Vec<usize> = (0..axes.len()).collect();
        let shape = [&self.lead(&axes)[..], &index].concat();
        let start = self.g().broadcast(start, &shape, &dims);
        let rows = self.g().add(rows, start);
        let node = self.g().gather(flat, rows);
        Lowered { node, axes }
    }

    /// Sums into rows, those of every place on the axes into rows of their own.
    fn scatter(&mut self, args: &[Lowered], n: usize, axes: Vec<Ax>) -> Lowered {
        let (rows, x) = (self.align(&args[0], &axes), self.align(&args[1], &axes));
        if axes.is_empty() {
            let node = self.g().scatter_add(rows, x, n);
            return Lowered { node, axes };
        }
        let lead = self.lead(&axes);
        let count: usize = lead.iter().product();
        let start = self.g().iota(Ty::i32([count]), 0);
        let stride = self.g().like(n as f64, start);
        let start = self.g().mul(start, stride);
        let start = self.g().reshape(start, &lead);
        let shape = self.graph().shape(rows).to_vec();
        let dims: Vec<usize> = (0..axes.len()).collect();
        let start = self.g().broadcast(start, &shape, &dims);
        let rows = self.g().add(rows, start);
        let sums = self.g().scatter_add(rows, x, count * n);
        let rest = self.graph().shape(sums)[1..].to_vec();
        let node = self.g().reshape(sums, &[&lead[..], &[n], &rest].concat());
        Lowered { node, axes }
    }

    // ---- map axes ----

    fn reduce(&mut self, axis: AxisId, how: AxisReduce, body: ExprId) -> Lowered {
        let v = self.get(body);
        let ax = Ax::Map(axis.0);
        let n = self.size(ax);
        let Some(at) = v.axes.iter().position(|a| *a == ax) else {
            return self.reduce_constant(v, how, n);
        };
        let axes: Vec<Ax> = v.axes.iter().copied().filter(|a| *a != ax).collect();
        let node = match how {
            AxisReduce::Mean => self.g().mean(v.node, &[at]),
            AxisReduce::Sum => self.g().sum(v.node, &[at]),
            AxisReduce::LogMeanExp => {
                let total = self.g().logsumexp(v.node, &[at]);
                self.g().add_const(total, -(n as f64).ln())
            }
            AxisReduce::Stack => {
                let rank = self.graph().shape(v.node).len();
                let mut perm: Vec<usize> = (0..rank).filter(|i| *i != at).collect();
                perm.insert(axes.len(), at);
                self.g().permute(v.node, &perm)
            }
        };
        Lowered { node, axes }
    }

    /// The body does not vary over the axis.
    fn reduce_constant(&mut self, v: Lowered, how: AxisReduce, n: usize) -> Lowered {
        let node = match how {
            AxisReduce::Mean | AxisReduce::LogMeanExp => v.node,
            AxisReduce::Sum => self.g().scale(v.node, n as f64),
            AxisReduce::Stack => {
                let (k, own) = (v.axes.len(), self.own_shape(&v));
                let lead = self.lead(&v.axes);
                let shape = [&lead[..], &[n], &own[..]].concat();
                let dims: Vec<usize> = (0..k).chain(k + 1..shape.len()).collect();
                self.g().broadcast(v.node, &shape, &dims)
            }
        };
        Lowered { node, axes: v.axes }
    }

    /// The first own dim becomes an axis.
    fn element(&mut self, axis: AxisId, of: ExprId) -> Lowered {
        let v = self.get(of);
        let mut axes = v.axes;
        axes.push(Ax::Map(axis.0));
        self.sorted(v.node, axes)
    }

    /// The batch becomes the first own dim.
    fn whole_batch(&mut self, e: ExprId, rows: usize) -> Lowered {
        assert_eq!(rows, self.batch, "a phase is elaborated for its own number of rows");
        let v = self.get(e);
        let axes = Self::union([&v, &Lowered { node: v.node, axes: vec![Ax::Batch] }]);
        let node = self.align(&v, &axes);
        let rank = self.graph().shape(node).len();
        let mut perm: Vec<usize> = (1..rank).collect();
        perm.insert(axes.len() - 1, 0);
        let node = self.g().permute(node, &perm);
        Lowered { node, axes: axes[1..].to_vec() }
    }

    pub fn batch_mean(&mut self, v: Lowered) -> Lowered {
        if v.axes.first() != Some(&Ax::Batch) {
            return v;
        }
        let node = self.g().mean(v.node, &[0]);
        Lowered { node, axes: v.axes[1..].to_vec() }
    }

    /// Lowers a body with a variable bound; what depended on it is forgotten afterwards.
    pub fn with_var(&mut self, var: VarId, value: Lowered, body: ExprId) -> Lowered {
        let mark = self.frame().trail.len();
        let old = self.frame().env.insert(var, value);
        let result = self.lower(body);
        let frame = self.frame();
        for id in frame.trail.split_off(mark) {
            frame.memo.remove(&id);
        }
        match old {
            Some(old) => frame.env.insert(var, old),
            None => frame.env.remove(&var),
        };
        result
    }
}

/// Parameters of an op when its operands get `k` leading dims of sizes `lead`.
fn shifted(attrs: &Attrs, k: usize, lead: &[usize]) -> Attrs {
    let up = |list: &[usize]| list.iter().map(|a| a + k).collect::<Vec<_>>();
    match attrs {
        Attrs::Axes(axes) => Attrs::Axes(up(axes)),
        Attrs::Axis(axis) => Attrs::Axis(axis + k),
        Attrs::Directed { axis, reverse } => Attrs::Directed { axis: axis + k, reverse: *reverse },
        Attrs::Along { axis, size } => Attrs::Along { axis: axis + k, size: *size },
        Attrs::Perm(perm) => Attrs::Perm((0..k).chain(up(perm)).collect()),
        Attrs::Shape(shape) => Attrs::Shape([lead, shape].concat()),
        Attrs::Broadcast { shape, dims } => Attrs::Broadcast {
            shape: [lead, shape].concat(),
            dims: (0..k).chain(up(dims)).collect(),
        },
        Attrs::Slice(cuts) => {
            let whole = lead.iter().map(|n| (0, *n, 1));
            Attrs::Slice(whole.chain(cuts.iter().copied()).collect())
        }
        Attrs::Pad(pads) => {
            Attrs::Pad(lead.iter().map(|_| (0, 0, 0)).chain(pads.iter().copied()).collect())
        }
        other => other.clone(),
    }
}
