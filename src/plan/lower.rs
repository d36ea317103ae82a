//! Graph to kernels. In: a graph and the choice of stored nodes. Out: a plan. Nodes are taken in
//! order; each stored one joins an earlier kernel of the same index space or starts a new one.

use super::cluster::{Affine, Cluster, Map, dot, identity, split, strides};
use super::views::{bits, count, fold_strides, term_map, through};
use super::{
    Buffer, BufferId, Code, Elem, Gemm, Kernel, Load, Place, Plan, Reg, Store, View, Work, fuse,
};
use crate::base::noise;
use crate::graph::attrs::Real;
use crate::graph::op::is;
use crate::graph::op::map;
use crate::graph::{Attrs, DType, Graph, InputRole, Kind, NodeId};

/// Where the results of a graph go.
#[derive(Clone, Copy, PartialEq)]
pub enum Ends {
    /// `param:` and `state:` into slots, others into the arena.
    Slots,
    /// All into places that the surrounding loop gives.
    Results,
}

/// Why lowering cannot go on.
pub enum Unfit {
    /// This node must be stored before.
    Store(NodeId),
    /// Not in this kernel.
    Reject,
    /// A kernel of its own has too few registers for it.
    Full,
}

/// Kernels back from the last one in which a node may be computed as well.
const REACH: usize = 48;
/// Loops of up to so many points are joined even if they have nothing in common.
const SMALL: usize = 1024;
/// Most terms of a reduction that is written out.
const UNROLL: usize = 9;
/// Registers of one loop.
const REGISTERS: usize = 160;
/// An operand that takes so many registers is worth storing when they run out. An op has at most
/// three operands, so one of them does.
const RELIEF: usize = REGISTERS / 4;

/// A kernel under construction.
#[allow(clippy::large_enum_variant, reason = "few, and most are the large one")]
pub enum Draft {
    /// A loop, or the epilogue of a product.
    Loop(Grown),
    /// Anything else.
    Done(Kernel),
}

/// A loop under construction and what it computes.
#[derive(Clone, Default)]
pub struct Grown {
    pub label: String,
    pub cluster: Cluster,
    /// Stored nodes whose value under this map is in a register.
    pub made: Vec<(NodeId, Map, Reg)>,
    /// The product whose epilogue this is, and the class of each dim.
    pub product: Option<(Gemm, Vec<usize>)>,
}

/// A plan under construction.
pub struct Lower<'g> {
    pub g: &'g Graph,
    pub stored: Vec<bool>,
    /// The buffer of each node.
    pub buffer: Vec<Option<BufferId>>,
    /// The kernel that completes it.
    pub home: Vec<Option<usize>>,
    pub buffers: Vec<Buffer>,
    pub drafts: Vec<Draft>,
}

/// Plans a simplified graph.
pub fn lower(g: &Graph, ends: Ends) -> Plan {
    let mut stored = fuse::choose(g);
    for (_, id) in &g.outputs {
        stored[id.0 as usize] = true;
    }
    loop {
        match attempt(g, &stored, ends) {
            Ok(plan) => return plan,
            Err(more) => more.iter().for_each(|id| stored[id.0 as usize] = true),
        }
    }
}

/// A plan, or the nodes that had to be stored on the way: they are stored from the start next time,
/// so that everything after them can be fused anew.
fn attempt(g: &Graph, stored: &[bool], ends: Ends) -> Result<Plan, Vec<NodeId>> {
    let none = || vec![None; g.len()];
    let mut lower = Lower {
        g,
        stored: stored.to_vec(),
        buffer: none(),
        home: none(),
        buffers: vec![],
        drafts: vec![],
    };
    let mut more = Vec::new();
    g.ids().for_each(|id| lower.settle(id, &mut more));
    if more.is_empty() { Ok(lower.finish(ends)) } else { Err(more) }
}

/// What is found behind views.
enum Behind {
    /// Memory of a node, and the place in it.
    Memory(NodeId, Affine),
    /// A computation.
    Value(NodeId, Map),
}

impl Lower<'_> {
    /// Lowers a node, and before it whatever it needs in memory.
    fn settle(&mut self, id: NodeId, more: &mut Vec<NodeId>) {
        let mut open = vec![id];
        while let Some(id) = open.last().copied() {
            match self.node(id) {
                Ok(()) => {
                    open.pop();
                }
                Err(Unfit::Store(needed)) => {
                    let name = self.g.node(needed).op.name;
                    assert!(!self.stored[needed.0 as usize], "planner: {name} is stored already");
                    self.stored[needed.0 as usize] = true;
                    more.push(needed);
                    open.push(needed);
                }
                Err(Unfit::Reject | Unfit::Full) => {
                    panic!("planner: {} fits nowhere", self.g.node(id).op.name)
                }
            }
        }
    }

    fn node(&mut self, id: NodeId) -> Result<(), Unfit> {
        let node = self.g.node(id);
        match (node.op.kind, node.op.name) {
            (_, is::INPUT) => self.input(id),
            (_, is::SCAN) => self.scan(id)?,
            (_, is::GET) => {}
            (_, is::PAD) => self.pad(id)?,
            (_, is::CONCAT) => self.concat(id)?,
            (_, is::ARGMAX) => self.index(id)?,
            (Kind::Reduce, _) => self.reduce(id)?,
            (_, is::CONTRACT) => self.contract(id)?,
            (Kind::Contract, _) => self.conv(id)?,
            _ if fuse::is_pointwise(self.g, id) => {
                if self.stored[id.0 as usize] {
                    self.pointwise(id)?;
                }
            }
            (Kind::Index, _) => self.index(id)?,
            (kind, name) => unreachable!("{kind:?} {name}"),
        }
        Ok(())
    }

    fn input(&mut self, id: NodeId) {
        let Attrs::Input { name, role, .. } = &self.g.node(id).attrs else { unreachable!() };
        let place = match role {
            InputRole::Param | InputRole::State => Place::Slot(name.clone()),
            _ => Place::Input(name.clone()),
        };
        let ty = self.g.ty(id);
        let buffer = self.add_buffer(ty.dtype.into(), &ty.shape, place);
        self.buffer[id.0 as usize] = Some(buffer);
    }

    pub fn add_buffer(&mut self, elem: Elem, shape: &[usize], place: Place) -> BufferId {
        self.buffers.push(Buffer { elem, shape: shape.to_vec(), place });
        self.buffers.len() - 1
    }

    /// A buffer for a node, to be completed by the kernel with this index.
    pub fn new_home(&mut self, id: NodeId, kernel: usize) -> BufferId {
        let ty = self.g.ty(id);
        let buffer = self.add_buffer(ty.dtype.into(), &ty.shape, Place::Arena(0));
        self.buffer[id.0 as usize] = Some(buffer);
        self.home[id.0 as usize] = Some(kernel);
        buffer
    }

    pub fn label(&self, id: NodeId) -> String {
        let node = self.g.node(id);
        format!("{} {}", node.op.name, node.ty)
    }

    pub fn done(&mut self, id: NodeId, work: Work) {
        let label = self.label(id);
        self.drafts.push(Draft::Done(Kernel { label, work }));
    }

    /// Follows views until memory or a computation.
    fn behind(&self, mut id: NodeId, mut map: Map, space: &[usize]) -> Result<Behind, Unfit> {
        loop {
            let node = self.g.node(id);
            if self.buffer[id.0 as usize].is_some() {
                let place = dot(&map, &strides(&node.ty.shape), space.len());
                return Ok(Behind::Memory(id, place));
            }
            if !fuse::is_view(self.g, id) {
                return Ok(Behind::Value(id, map));
            }
            let mut arg = node.args[0];
            if node.op.name == is::RESHAPE {
                let place = dot(&map, &strides(&node.ty.shape), space.len());
                let ready = |id: NodeId| self.buffer[id.0 as usize].is_some();
                while !ready(arg) && self.g.node(arg).op.name == is::RESHAPE {
                    arg = self.g.node(arg).args[0];
                }
                if ready(arg) {
                    return Ok(Behind::Memory(arg, place));
                }
                map = split(place, self.g.shape(arg), space).ok_or(Unfit::Store(arg))?;
            } else {
                map = through(self.g, id, map);
            }
            id = arg;
        }
    }

    /// Place of a node's elements in memory under its own index space.
    pub fn memory(&self, id: NodeId) -> Result<View, Unfit> {
        let shape = self.g.shape(id);
        match self.behind(id, identity(shape.len()), shape)? {
            Behind::Memory(id, place) => {
                let buffer = self.buffer[id.0 as usize].expect("memory");
                Ok(View { buffer, offset: place.start, strides: place.steps })
            }
            Behind::Value(id, _) => Err(Unfit::Store(id)),
        }
    }

    /// The buffer that holds a node's elements in row-major order and nothing else.
    pub fn contiguous(&self, id: NodeId) -> Result<BufferId, Unfit> {
        let view = self.memory(id)?;
        let shape = self.g.shape(id);
        let same = view
            .strides
            .iter()
            .zip(strides(shape))
            .zip(shape)
            .all(|((a, b), n)| *a == b || *n == 1);
        if view.offset == 0 && same && self.buffers[view.buffer].len() == self.g.ty(id).len() {
            Ok(view.buffer)
        } else {
            Err(Unfit::Store(id))
        }
    }

    /// The register that holds a node under a map.
    pub fn emit(&self, to: &mut Grown, at: usize, id: NodeId, map: Map) -> Result<Reg, Unfit> {
        if to.cluster.len() > REGISTERS {
            let fresh = at == self.drafts.len();
            return Err(if fresh { Unfit::Full } else { Unfit::Reject });
        }
        let space = to.cluster.space.clone();
        match self.behind(id, map, &space)? {
            Behind::Memory(id, place) => {
                if self.home[id.0 as usize] == Some(at) {
                    let shape = self.g.shape(id);
                    let here = to.made.iter().find(|(made, map, _)| {
                        *made == id && dot(map, &strides(shape), space.len()) == place
                    });
                    return here.map(|(_, _, reg)| *reg).ok_or(Unfit::Reject);
                }
                if self.home[id.0 as usize].is_some_and(|home| home > at) {
                    return Err(Unfit::Reject);
                }
                let buffer = self.buffer[id.0 as usize].expect("memory");
                let view = View { buffer, offset: place.start, strides: place.steps };
                Ok(to.cluster.load(Load::View(view)))
            }
            Behind::Value(id, map) => self.compute(to, at, id, map),
        }
    }

    /// The same, of a node that is computed here.
    fn compute(&self, to: &mut Grown, at: usize, id: NodeId, map: Map) -> Result<Reg, Unfit> {
        let node = self.g.node(id);
        let c = &mut to.cluster;
        match (&node.attrs, node.op.name) {
            (Attrs::Const(Real(value), dtype), _) => Ok(c.load(Load::Const(bits(*value, *dtype)))),
            (Attrs::Iota { ty, axis }, is::IOTA) => {
                let count = c.load(count(&map[*axis]));
                Ok(if ty.dtype == DType::F32 { c.instr(Code::Float, vec![count]) } else { count })
            }
            (_, is::EYE) => {
                let sides = vec![c.load(count(&map[0])), c.load(count(&map[1]))];
                Ok(c.instr(Code::Whole(&map::EQ), sides))
            }
            (Attrs::Noise { kind, stream, .. }, _) => {
                let place = dot(&map, &strides(&node.ty.shape), to.cluster.space.len());
                let scalar = |id| self.before(id, at);
                Ok(to.cluster.load(Load::Noise {
                    kind: *kind,
                    stream: noise::stream_key(stream),
                    seed: scalar(node.args[0])?,
                    step: scalar(node.args[1])?,
                    offset: place.start,
                    strides: place.steps,
                }))
            }
            _ => self.map_op(to, at, id, map),
        }
    }

    /// A contiguous operand that is complete before a kernel starts.
    fn before(&self, id: NodeId, at: usize) -> Result<BufferId, Unfit> {
        let buffer = self.contiguous(id)?;
        let late = self.g.ids().any(|n| {
            self.buffer[n.0 as usize] == Some(buffer)
                && self.home[n.0 as usize].is_some_and(|home| home >= at)
        });
        if late { Err(Unfit::Reject) } else { Ok(buffer) }
    }

    fn map_op(&self, to: &mut Grown, at: usize, id: NodeId, map: Map) -> Result<Reg, Unfit> {
        let node = self.g.node(id);
        if node.op.kind != Kind::Map {
            unreachable!("planner: {} is not computed in a loop", node.op.name);
        }
        let mut args = Vec::with_capacity(node.args.len());
        let mut before = vec![to.cluster.len()];
        for arg in &node.args {
            match self.emit(to, at, *arg, map.clone()) {
                Ok(reg) => args.push(reg),
                Err(Unfit::Full) => return Err(self.relief(to, id, &map, &before)),
                Err(stop) => return Err(stop),
            }
            before.push(to.cluster.len());
        }
        let from = self.g.ty(node.args[0]).dtype;
        let Some(code) = Code::of(node.op, from, node.ty.dtype) else { return Ok(args[0]) };
        Ok(to.cluster.instr(code, args))
    }

    /// What to do when registers ran out below a node: an operand that takes many is stored;
    /// without one, a node further up decides. `before` counts registers before each operand.
    fn relief(&self, to: &Grown, id: NodeId, map: &Map, before: &[usize]) -> Unfit {
        let ends = before.iter().skip(1).copied().chain([to.cluster.len()]);
        let taken = before.iter().zip(ends).map(|(from, to)| to - from);
        let args = self.g.node(id).args.iter();
        let Some((most, arg)) = taken.zip(args).max_by_key(|(n, _)| *n) else { return Unfit::Full };
        if most < RELIEF { Unfit::Full } else { self.store(*arg, map, &to.cluster.space) }
    }

    /// Asks for the computation behind a node to be stored.
    fn store(&self, id: NodeId, map: &Map, space: &[usize]) -> Unfit {
        match self.behind(id, map.clone(), space) {
            Ok(Behind::Value(id, _)) => Unfit::Store(id),
            Ok(Behind::Memory(..)) => Unfit::Full,
            Err(stop) => stop,
        }
    }

    /// A register of a node at its own points, the node itself being computed even if stored.
    fn value(&self, to: &mut Grown, at: usize, id: NodeId) -> Result<Reg, Unfit> {
        let rank = to.cluster.space.len();
        if fuse::is_view(self.g, id) {
            let map = identity(rank);
            let node = self.g.node(id);
            let arg = node.args[0];
            let space = to.cluster.space.clone();
            let map = if node.op.name == is::RESHAPE {
                let place = dot(&map, &strides(&node.ty.shape), rank);
                if let Some(buffer) = self.buffer[arg.0 as usize] {
                    if self.home[arg.0 as usize].is_some_and(|home| home >= at) {
                        return Err(Unfit::Reject);
                    }
                    let view = View { buffer, offset: place.start, strides: place.steps };
                    return Ok(to.cluster.load(Load::View(view)));
                }
                split(place, self.g.shape(arg), &space).ok_or(Unfit::Store(arg))?
            } else {
                through(self.g, id, map)
            };
            return self.emit(to, at, arg, map);
        }
        self.compute(to, at, id, identity(rank))
    }

    /// Finds a kernel for something over a space: `put` tries, and is undone if it is rejected.
    fn place(
        &mut self,
        space: &[usize],
        label: String,
        put: impl Fn(&Self, &mut Grown, usize) -> Result<(), Unfit>,
    ) -> Result<usize, Unfit> {
        let points: usize = space.iter().product();
        let first = self.drafts.len().saturating_sub(REACH);
        for at in (first..self.drafts.len()).rev() {
            let Draft::Loop(grown) = &self.drafts[at] else { continue };
            if grown.cluster.space != space {
                continue;
            }
            let mut trial = grown.clone();
            let before = trial.cluster.len();
            match put(self, &mut trial, at) {
                Err(Unfit::Reject) => continue,
                Err(stop) => return Err(stop),
                Ok(()) => {}
            }
            if points > SMALL && !trial.cluster.shares(before) {
                continue;
            }
            if !trial.label.contains(&label) && trial.label.len() < 60 {
                trial.label = format!("{}; {label}", trial.label);
            }
            self.drafts[at] = Draft::Loop(trial);
            return Ok(at);
        }
        let at = self.drafts.len();
        let mut grown = Grown { label, cluster: Cluster::new(space), ..Grown::default() };
        put(self, &mut grown, at)?;
        self.drafts.push(Draft::Loop(grown));
        Ok(at)
    }

    fn pointwise(&mut self, id: NodeId) -> Result<(), Unfit> {
        let shape = self.g.shape(id).to_vec();
        let buffer = self.new_home(id, usize::MAX);
        self.buffer[id.0 as usize] = None;
        let to = View { buffer, offset: 0, strides: strides(&shape) };
        let label = self.label(id);
        let at = self.place(&shape, label, |this, grown, at| {
            let reg = this.value(grown, at, id)?;
            grown.made.push((id, identity(shape.len()), reg));
            grown.cluster.stores.push(Store { reg, to: to.clone() });
            fits(grown)
        })?;
        self.buffer[id.0 as usize] = Some(buffer);
        self.home[id.0 as usize] = Some(at);
        Ok(())
    }

    fn reduce(&mut self, id: NodeId) -> Result<(), Unfit> {
        let node = self.g.node(id);
        let axes = node.attrs.axes();
        let arg = node.args[0];
        let space = self.g.shape(arg).to_vec();
        let folded: Vec<bool> = (0..space.len()).map(|d| axes.contains(&d)).collect();
        let Some(how) = node.op.fold else { unreachable!("reduction {}", node.op.name) };
        let buffer = self.new_home(id, usize::MAX);
        self.buffer[id.0 as usize] = None;
        let to = View { buffer, offset: 0, strides: fold_strides(&space, &folded) };
        let integer = node.ty.dtype == DType::I32;
        let results = node.ty.len();
        let terms = self.g.ty(arg).len() / results.max(1);
        let inside = (0..space.len()).rev().find(|d| space[*d] != 1).is_some_and(|d| folded[d]);
        if inside && (2..=UNROLL).contains(&terms) && results > SMALL {
            return self.unrolled(id, arg, &folded, Code::join(how, integer));
        }
        let label = self.label(id);
        let at = self.place(&space, label, |this, grown, at| {
            if grown.product.is_some()
                || (!grown.cluster.folds.is_empty() && grown.cluster.folded != folded)
            {
                return Err(Unfit::Reject);
            }
            let reg = this.emit(grown, at, arg, identity(space.len()))?;
            grown.cluster.fold(reg, how, integer, to.clone(), folded.clone());
            Ok(())
        })?;
        self.buffer[id.0 as usize] = Some(buffer);
        self.home[id.0 as usize] = Some(at);
        Ok(())
    }

    /// A reduction of few terms, written out as operations on registers.
    fn unrolled(
        &mut self,
        id: NodeId,
        arg: NodeId,
        folded: &[bool],
        op: Code,
    ) -> Result<(), Unfit> {
        let extents = self.g.shape(arg).to_vec();
        let shape = self.g.shape(id).to_vec();
        let terms: usize =
            extents.iter().zip(folded).filter(|(_, f)| **f).map(|(n, _)| n).product();
        let buffer = self.new_home(id, usize::MAX);
        self.buffer[id.0 as usize] = None;
        let to = View { buffer, offset: 0, strides: strides(&shape) };
        let at = self.place(&shape, self.label(id), |this, grown, at| {
            let mut sum = None;
            for term in 0..terms {
                let map = term_map(&extents, folded, term, shape.len());
                let reg = this.emit(grown, at, arg, map.clone()).map_err(|stop| match stop {
                    Unfit::Full => this.store(arg, &map, &shape),
                    stop => stop,
                })?;
                sum = Some(sum.map_or(reg, |sum| grown.cluster.instr(op, vec![sum, reg])));
            }
            let reg = sum.expect("at least one term");
            grown.made.push((id, identity(shape.len()), reg));
            grown.cluster.stores.push(Store { reg, to: to.clone() });
            fits(grown)
        })?;
        self.buffer[id.0 as usize] = Some(buffer);
        self.home[id.0 as usize] = Some(at);
        Ok(())
    }
}

/// Whether an epilogue still fits its product.
fn fits(grown: &Grown) -> Result<(), Unfit> {
    let Some((gemm, classes)) = &grown.product else { return Ok(()) };
    let done = grown.cluster.finish(Some(classes));
    let last = done.shape.last().copied().unwrap_or(1);
    if last == gemm.n { Ok(()) } else { Err(Unfit::Reject) }
}
