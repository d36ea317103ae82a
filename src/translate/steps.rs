//! Phases: one graph each. A train step is one graph: forward pass, gradients, optimizer, tracked
//! figures. Statements run in order; `track` shows values at the weights the step started with, so
//! that it shares the forward pass. In a train step every value of a weight is a mark of its own: a
//! goal is differentiated at the values that it was computed from, by `let` or directly.

use super::Facts;
use super::lower::{Ax, Lower, Lowered};
use super::program::{Emit, Figure, FigureKind, Meaning, PhaseGraph};
use crate::base::{Budget, budget};
use crate::graph::{DType, InputRole, Named, NodeId, Ty};
use crate::model::ir::pure::{Pure, PureStmt, Reported};
use crate::model::ir::{
    self, ExprId, ExprKind, ParamId, PhaseKind, Role, StateId, Support, VarId, Words,
};
use std::collections::{BTreeSet, HashMap};

type Slots = (HashMap<ParamId, NodeId>, HashMap<StateId, NodeId>);

pub(super) struct Steps<'m> {
    low: Lower<'m>,
    facts: &'m Facts,
    /// Values of the slots when the step starts.
    start: Slots,
    /// Names that depend on the whole batch.
    mixing: BTreeSet<VarId>,
    /// Whether the number of rows itself is used.
    sized: bool,
    /// The order of the calls of layers in the next statement; of their numbers, if it is empty.
    calls: Vec<u32>,
    /// What is tracked in a `repeat`: a value for each turn.
    tracked: Vec<(String, Vec<NodeId>)>,
    out: PhaseGraph,
}

fn slot_type(ty: &ir::Type) -> Ty {
    Ty::new(ty.dtype, ty.shape.clone())
}

/// What an input costs as operations do: every phase holds every slot, used or not, from here to the
/// device.
const HELD: usize = 4;

/// Makes every slot an input.
pub(super) fn slots(low: &mut Lower<'_>) -> Slots {
    let m = low.m;
    let count = HELD * (m.params.len() + m.states.len());
    low.budget.spend(budget::TRANSLATED, count, low.place);
    let mut params = HashMap::new();
    for (i, p) in m.params.iter().enumerate() {
        let node = low.g().input(p.path.clone(), InputRole::Param, slot_type(&p.ty));
        params.insert(ParamId(i as u32), node);
    }
    let mut states = HashMap::new();
    for (i, s) in m.states.iter().enumerate() {
        let node = low.g().input(s.path.clone(), InputRole::State, slot_type(&s.ty));
        states.insert(StateId(i as u32), node);
    }
    low.params = params.clone();
    low.states = states.clone();
    (params, states)
}

/// One phase with its graph; derivatives are still nodes.
pub(super) fn phase<'m>(
    m: &'m Pure,
    facts: &'m Facts,
    phase: &'m ir::Phase<PureStmt>,
    budget: &mut Budget,
) -> PhaseGraph {
    let batch = phase.batch;
    let mut low = Lower::new(m, batch);
    low.budget = std::mem::take(budget);
    low.place = phase.span;
    let mut start = slots(&mut low);
    if phase.kind == PhaseKind::Train {
        for i in 0..m.params.len() {
            let id = ParamId(i as u32);
            let mark = low.g().mark(start.0[&id]);
            start.0.insert(id, mark);
        }
        low.params = start.0.clone();
    }
    let out = PhaseGraph::new(phase.head.clone());
    let mut steps = Steps::new(low, facts, start, phase.sized, out);
    steps.statements(&phase.body);
    if phase.kind == PhaseKind::Eval && !ir::is_watch(&phase.name) {
        steps.low.place = phase.span;
        steps.bottlenecks(phase);
    }
    *budget = std::mem::take(&mut steps.low.budget);
    steps.finish()
}

/// The graph of one code: `code:PART` for a batch of rows.
pub(super) fn encoder<'m>(
    m: &'m Pure,
    facts: &'m Facts,
    code: &ir::Code,
    (batch, budget): (usize, &mut Budget),
) -> PhaseGraph {
    let mut low = Lower::new(m, batch);
    low.budget = std::mem::take(budget);
    low.place = m.parts[code.part.0 as usize].span;
    let start = slots(&mut low);
    let name = m.parts[code.part.0 as usize].name.clone();
    let value = low.lower(code.value);
    let node = low.align(&value, &batched(&value));
    low.g().output(Named::Code(&name).to_string(), node);
    *budget = std::mem::take(&mut low.budget);
    let data = low.feeds.values().find(|f| f.all.is_none()).map(|f| f.data.clone());
    let on = data.map(|data| (data, "train".into()));
    let out = PhaseGraph::new(ir::Head::eval(name, on, batch));
    let mut steps = Steps::new(low, facts, start, code.rows.is_some(), out);
    steps.mixes(&[code.value]);
    steps.finish()
}

/// The axes of a value with the batch among them.
pub(super) fn batched(v: &Lowered) -> Vec<Ax> {
    if v.axes.first() == Some(&Ax::Batch) {
        v.axes.clone()
    } else {
        [&[Ax::Batch], &v.axes[..]].concat()
    }
}

impl<'m> Steps<'m> {
    fn new(low: Lower<'m>, facts: &'m Facts, start: Slots, sized: bool, out: PhaseGraph) -> Self {
        let mixing = BTreeSet::new();
        Steps { low, facts, start, mixing, sized, calls: vec![], tracked: vec![], out }
    }

    fn finish(mut self) -> PhaseGraph {
        let m = self.low.m;
        // Slots that the step changed.
        for (i, p) in m.params.iter().enumerate() {
            let id = ParamId(i as u32);
            if self.low.params[&id] != self.start.0[&id] {
                let node = self.low.params[&id];
                self.low.g().output(Named::Param(&p.path).to_string(), node);
            }
        }
        for (i, s) in m.states.iter().enumerate() {
            let id = StateId(i as u32);
            if self.low.states[&id] != self.start.1[&id] {
                let node = self.low.states[&id];
                self.low.g().output(Named::State(&s.path).to_string(), node);
            }
        }
        self.out.feeds = self.low.feeds.values().cloned().collect();
        self.out.graph = std::mem::take(self.low.g());
        self.out
    }

    fn statements(&mut self, body: &'m [PureStmt]) {
        for stmt in body {
            self.statement(stmt);
        }
    }

    /// The place that a statement is charged to.
    fn charge(&mut self, stmt: &PureStmt) {
        self.low.place = match stmt {
            PureStmt::Let { var, .. } => self.low.m.vars[var.0 as usize].span,
            PureStmt::Optimize { span, .. }
            | PureStmt::Emit { span, .. }
            | PureStmt::Track { span, .. }
            | PureStmt::Report { span, .. } => *span,
            _ => return,
        };
    }

    fn statement(&mut self, stmt: &'m PureStmt) {
        self.charge(stmt);
        self.low.budget.spend(budget::TRANSLATED, 1, self.low.place);
        if self.low.budget.over().is_some() {
            return;
        }
        if let PureStmt::Calls(order) = stmt {
            self.calls = order.clone();
            return;
        }
        self.perform(stmt);
        if !matches!(stmt, PureStmt::Let { more: true, .. }) {
            self.calls.clear();
        }
    }

    fn perform(&mut self, stmt: &'m PureStmt) {
        match stmt {
            PureStmt::Let { var, value, more } => {
                if self.mixes(&[*value]) {
                    self.mixing.insert(*var);
                }
                let value = self.low.lower(*value);
                self.low.bind(*var, value);
                if !more {
                    self.settle();
                }
            }
            PureStmt::Calls(_) => unreachable!("read above"),
            PureStmt::Optimize { goal, clip, updates, .. } => self.optimize(*goal, *clip, updates),
            PureStmt::AssignParam(p, e) => {
                let node = self.whole(*e);
                let node = self.weight(node);
                self.low.params.insert(*p, node);
                self.low.forget();
                self.settle();
            }
            PureStmt::AssignState(s, e) => {
                let node = self.whole(*e);
                self.settle();
                let node = self.low.g().stop(node);
                self.low.states.insert(*s, node);
                self.low.forget();
            }
            PureStmt::Repeat(n, body) => self.repeat(*n, body),
            PureStmt::Track { name, value, .. } => self.track(name, *value),
            PureStmt::Report { name, value, .. } => self.report(name, value),
            PureStmt::Emit { format, name, value, words, .. } => {
                self.emit(format, name, *value, words)
            }
        }
    }

    /// What layers wrote while the statement was computed becomes their states: of several calls what
    /// the last one wrote.
    fn settle(&mut self) {
        let mut writes = std::mem::take(&mut self.low.writes);
        if !writes.is_empty() {
            let place = |call: u32| self.calls.iter().position(|known| *known == call);
            writes.sort_by_cached_key(|(call, ..)| (place(*call), *call));
            for (_, state, node) in writes {
                let node = self.low.g().stop(node);
                self.low.states.insert(state, node);
            }
            self.low.forget();
        }
    }

    /// A new value of a weight. A slot holds a number: a later goal is differentiated at it, and not
    /// at what it was computed from.
    fn weight(&mut self, value: NodeId) -> NodeId {
        let value = self.low.g().stop(value);
        self.low.g().mark(value)
    }

    /// A value that does not vary.
    fn whole(&mut self, e: ExprId) -> NodeId {
        let v = self.low.lower(e);
        assert!(v.axes.is_empty(), "a slot does not vary between examples");
        v.node
    }

    fn repeat(&mut self, n: usize, body: &'m [PureStmt]) {
        let (outer, turns) = (self.low.repetition, self.low.turns);
        let first = outer * n;
        self.low.turns = turns * n;
        for i in 0..n {
            if self.low.budget.over().is_some() {
                break;
            }
            self.low.repetition = first + i;
            self.low.forget();
            self.statements(body);
        }
        self.out.batches_per_step = self.out.batches_per_step.max(first + n);
        (self.low.repetition, self.low.turns) = (outer, turns);
        self.low.forget();
        if turns == 1 {
            self.mean_of_turns();
        }
    }

    fn optimize(&mut self, goal: ExprId, clip: Option<ExprId>, updates: &'m [ir::Update]) {
        let old = self.low.params.clone();
        let loss = self.mean(goal);
        let one = self.low.g().like(1.0, loss);
        let slope = |u: &ir::Update| self.low.g().vjp(loss, old[&u.param], one);
        let mut gradients: Vec<NodeId> = updates.iter().map(slope).collect();
        if let Some(clip) = clip {
            gradients = self.clipped(gradients, clip);
        }
        self.apply(updates, &old, &gradients);
        self.settle();
        if self.out.tracks.iter().all(|(n, _)| n != "loss") {
            self.low.g().output(Named::Track("loss").to_string(), loss);
            let meaning = self.meaning("loss");
            self.out.tracks.insert(0, ("loss".into(), meaning));
        }
    }

    /// Every weight's new value is computed from the old ones.
    fn apply(
        &mut self,
        updates: &'m [ir::Update],
        old: &HashMap<ParamId, NodeId>,
        gradients: &[NodeId],
    ) {
        let mut params = Vec::new();
        let mut states = Vec::new();
        for (update, gradient) in updates.iter().zip(gradients) {
            self.low.bind(update.weight, Lowered { node: old[&update.param], axes: vec![] });
            self.low.bind(update.gradient, Lowered { node: *gradient, axes: vec![] });
            let value = self.whole(update.value);
            params.push((update.param, self.weight(value)));
            for (state, value) in &update.states {
                let value = self.whole(*value);
                states.push((*state, self.low.g().stop(value)));
            }
        }
        self.low.params.extend(params);
        self.low.states.extend(states);
        self.low.forget();
    }

    /// Scales all gradients so that their common norm is at most `clip`.
    fn clipped(&mut self, gradients: Vec<NodeId>, clip: ExprId) -> Vec<NodeId> {
        let clip = self.whole(clip);
        let g = self.low.g();
        let mut total = g.constant(0.0, DType::F32);
        for gradient in &gradients {
            let square = g.square(*gradient);
            let sum = g.sum_all(square);
            total = g.add(total, sum);
        }
        let norm = g.sqrt(total);
        let larger = g.max(norm, clip);
        let scale = g.div(clip, larger);
        let scaled = gradients.into_iter().map(|x| {
            let shape = g.shape(x).to_vec();
            let wide = g.broadcast(scale, &shape, &[]);
            g.mul(x, wide)
        });
        scaled.collect()
    }

    /// The mean over the batch of a per-example scalar.
    fn mean(&mut self, e: ExprId) -> NodeId {
        let v = self.low.lower(e);
        let v = self.low.batch_mean(v);
        assert!(v.axes.is_empty(), "a figure varies over examples only");
        if self.low.graph().ty(v.node).dtype == DType::F32 {
            v.node
        } else {
            self.low.g().cast(v.node, DType::F32)
        }
    }

    fn meaning(&self, name: &str) -> Meaning {
        let key = (self.out.name.clone(), name.to_string());
        self.facts.meanings.get(&key).cloned().unwrap_or_default()
    }

    fn track(&mut self, name: &str, value: ExprId) {
        let now = (self.low.params.clone(), self.low.states.clone());
        (self.low.params, self.low.states) = self.start.clone();
        self.low.forget();
        let node = self.mean(value);
        self.low.writes.clear(); // looking on changes nothing
        (self.low.params, self.low.states) = now;
        self.low.forget();
        if self.low.turns > 1 {
            match self.tracked.iter_mut().find(|(own, _)| *own == name) {
                Some((_, values)) => return values.push(node),
                None => self.tracked.push((name.into(), vec![node])),
            }
        } else {
            self.low.g().output(Named::Track(name).to_string(), node);
        }
        let meaning = self.meaning(name);
        self.out.tracks.push((name.into(), meaning));
    }

    /// The mean over the turns of a `repeat` of what was tracked in it.
    fn mean_of_turns(&mut self) {
        for (name, values) in std::mem::take(&mut self.tracked) {
            let count = values.len() as f64;
            let sum = values.into_iter().reduce(|a, b| self.low.g().add(a, b));
            let Some(sum) = sum else { continue };
            let count = self.low.g().like(count, sum);
            let mean = self.low.g().div(sum, count);
            self.low.g().output(Named::Track(&name).to_string(), mean);
        }
    }

    fn report(&mut self, name: &str, value: &Reported) {
        let meaning = self.meaning(name);
        let how = match value {
            Reported::Metric { name: metric, args, settings } => {
                for (i, arg) in args.iter().enumerate() {
                    let node = self.batched_node(*arg);
                    self.low.g().output(Named::Metric(name, i).to_string(), node);
                }
                FigureKind::Metric {
                    metric: metric.clone(),
                    args: args.len(),
                    settings: settings.iter().map(|x| x.0).collect(),
                }
            }
            Reported::Mean(value) => {
                let v = self.low.lower(*value);
                let mut node = v.node;
                if self.low.graph().ty(node).dtype != DType::F32 {
                    node = self.low.g().cast(node, DType::F32);
                }
                self.low.g().output(Named::Report(name).to_string(), node);
                FigureKind::Mean
            }
        };
        let mixes = self.mixes(value.roots());
        self.out.figures.push(Figure { name: name.into(), how, meaning, mixes });
    }

    /// Whether a value of one row depends on other rows of the batch.
    fn mixes(&mut self, roots: &[ExprId]) -> bool {
        let m = self.low.m;
        let mixes = m.reachable(roots).into_iter().any(|e| match &m.expr(e).kind {
            ExprKind::Batch { .. } | ExprKind::BatchMean(_) => true,
            ExprKind::Var(v) => self.mixing.contains(v),
            _ => false,
        });
        let mixes = mixes || self.sized;
        self.out.mixes |= mixes;
        mixes
    }

    fn batched_node(&mut self, e: ExprId) -> NodeId {
        let v = self.low.lower(e);
        let axes = batched(&v);
        self.low.align(&v, &axes)
    }

    fn emit(&mut self, format: &str, name: &str, value: ExprId, words: &Words) {
        self.mixes(&[value]);
        let node = self.batched_node(value);
        self.low.g().output(Named::Emit(name).to_string(), node);
        let range = match self.low.m.ty(value).support {
            Support::Bit => Some((0.0, 1.0)),
            Support::Interval(a, b) if a.is_finite() && b.is_finite() => Some((a, b)),
            Support::Index(n) if format == "sound" => Some((0.0, n as f64 - 1.0)),
            _ => None,
        };
        let (words, between, of) = match words.clone() {
            Words::Listed { entries, between } => (entries, between, None),
            Words::Field { data, field } => (Vec::new(), String::new(), Some((data, field))),
        };
        let (name, format) = (name.into(), format.into());
        self.out.emits.push(Emit { name, format, range, words, between, of });
    }

    /// What passes each bottleneck, in every eval phase on the data it is computed from.
    fn bottlenecks(&mut self, phase: &ir::Phase<PureStmt>) {
        let m = self.low.m;
        for code in &m.codes {
            let part = &m.parts[code.part.0 as usize];
            if code.rows.is_some_and(|rows| rows != self.low.batch) {
                continue;
            }
            let mut fields =
                m.reachable(&[code.value]).into_iter().filter_map(|e| match m.expr(e).kind {
                    ExprKind::Field(f) => Some(m.fields[f.0 as usize].data.clone()),
                    _ => None,
                });
            let here = |data: String| phase.on.iter().chain(&phase.beside).any(|(d, _)| *d == data);
            if part.role != Role::Bottleneck || !fields.all(here) {
                continue;
            }
            let node = self.batched_node(code.value);
            self.low.g().output(Named::Code(&part.name).to_string(), node);
            let rate = code.rate;
            if let Some(rate) = rate {
                let node = self.batched_node(rate);
                self.low.g().output(Named::Rate(&part.name).to_string(), node);
            }
            let ty = m.ty(code.value);
            let mixes = self.mixes(&[&[code.value][..], rate.as_slice()].concat());
            self.out.figures.push(Figure {
                name: part.name.clone(),
                how: FigureKind::Bottleneck {
                    part: part.name.clone(),
                    width: ty.shape.iter().product(),
                    has_rate: rate.is_some(),
                    codes: code.classes,
                },
                meaning: Meaning::default(),
                mixes,
            });
        }
    }
}
