//! Which positions of a sequence the elements of expressions depend on. In: expressions, the variable that holds the
//! sequence, the place of each of its positions in the order. Out: for every element what is known of it; loops are
//! gone through turn by turn. What has no rule depends on all positions.

use super::cells::{Cells, Plane};
use super::{price, rules};
use crate::base::budget;
use crate::graph::{Attrs, Ty};
use crate::model::ir::{AxisId, AxisReduce, ExprId, ExprKind, Model, Symbolic, VarId};
use ndarray::{Axis, IxDyn};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// What is kept of an op in a turn of a loop weighs as much as so many elements.
const OF_AN_OP: usize = 64;

/// An op, its parameters, what it is given, and the dims of what it gives.
type Applied = (&'static str, Attrs, Vec<*const Cells>, Vec<usize>);

/// Where the elements of a value come from.
pub struct Reach<'m> {
    m: &'m Model,
    /// The sequence, with one more than the place of each position.
    sequence: (VarId, Plane),
    /// Variables of loops and derivatives that an expression mentions and nothing below it binds.
    open: HashMap<ExprId, BTreeSet<VarId>>,
    /// Values of the variables of loops that are gone through.
    turns: HashMap<VarId, Cells>,
    known: HashMap<ExprId, Rc<Cells>>,
    /// Every carry of a loop, by the first of its expressions.
    loops: HashMap<Vec<ExprId>, Vec<Cells>>,
    /// Those that say the same are one.
    all: HashMap<u64, Vec<Rc<Cells>>>,
    /// What ops give, by what they are given: the layers of a deep net are alike.
    applied: HashMap<Applied, Rc<Cells>>,
    looked: usize,
}

impl<'m> Reach<'m> {
    /// Of a sequence whose positions have these places in the order, from 0 on.
    pub fn new(m: &'m Model, var: VarId, order: &[usize]) -> Reach<'m> {
        let shape = m.vars[var.0 as usize].ty.shape.clone();
        let each = shape.iter().product::<usize>() / order.len().max(1);
        let places = order.iter().flat_map(|place| vec![*place as f64 + 1.0; each]).collect();
        let plane = Plane::from_shape_vec(IxDyn(&shape), places).expect("a place for each");
        Reach {
            m,
            sequence: (var, plane),
            open: HashMap::new(),
            turns: HashMap::new(),
            known: HashMap::new(),
            loops: HashMap::new(),
            all: HashMap::new(),
            applied: HashMap::new(),
            looked: 0,
        }
    }

    /// What is known of some expressions; none where there is too much to look at.
    pub fn of(&mut self, roots: &[ExprId]) -> Option<Vec<Cells>> {
        let below = self.m.reachable(roots);
        self.find_open(&below);
        self.go(&below)?;
        Some(roots.iter().map(|root| Cells::clone(&self.known[root])).collect())
    }

    /// What is known of an expression that was looked at.
    pub fn get(&self, id: ExprId) -> Option<&Cells> {
        self.known.get(&id).map(Rc::as_ref)
    }

    /// How many elements were looked at, in all turns of all loops: more than the limit where there are too many.
    pub fn looked(&self) -> usize {
        self.looked
    }

    /// All that was looked at.
    pub fn into_known(self) -> HashMap<ExprId, Rc<Cells>> {
        self.known
    }

    /// The variables of loops that are open in expressions, oldest first.
    fn find_open(&mut self, below: &[ExprId]) {
        let bound = |id: &ExprId| match &self.m.expr(*id).kind {
            ExprKind::Derivative { var, .. } => vec![*var],
            _ => self.m.bound_by(*id),
        };
        let all: HashSet<VarId> = below.iter().flat_map(bound).collect();
        for id in below {
            let kind = &self.m.expr(*id).kind;
            let mut open: BTreeSet<VarId> = match kind {
                ExprKind::Var(v) if all.contains(v) => [*v].into(),
                _ => BTreeSet::new(),
            };
            for child in kind.children() {
                open.extend(self.open.get(&child).into_iter().flatten());
            }
            for var in bound(id) {
                open.remove(&var);
            }
            if !open.is_empty() {
                self.open.insert(*id, open);
            }
        }
    }

    /// Looks at those expressions whose variables are bound, oldest first.
    fn go(&mut self, list: &[ExprId]) -> Option<()> {
        for id in list {
            if self.looked > budget::FOLLOWED.most {
                return None;
            }
            let open = self.open.get(id).into_iter().flatten();
            let bound = open.into_iter().all(|var| self.turns.contains_key(var));
            if bound && !self.known.contains_key(id) {
                let cells = match self.op(*id) {
                    Some(cells) => cells,
                    None => {
                        let cells = self.look(*id)?;
                        self.looked = self.looked.saturating_add(OF_AN_OP);
                        self.one_of_all(cells)
                    }
                };
                self.known.insert(*id, cells);
            }
        }
        (self.looked <= budget::FOLLOWED.most).then_some(())
    }

    fn at(&self, id: ExprId) -> Cells {
        self.known.get(&id).map_or_else(|| self.whatever(id), |cells| Cells::clone(cells))
    }

    /// Those that say the same as these.
    fn one_of_all(&mut self, cells: Cells) -> Rc<Cells> {
        let list = self.all.entry(cells.digest()).or_default();
        if let Some(known) = list.iter().find(|known| known.same(&cells)) {
            return known.clone();
        }
        let cells = Rc::new(cells);
        list.push(cells.clone());
        cells
    }

    /// What an op gives, computed once for all that is given the same.
    fn op(&mut self, id: ExprId) -> Option<Rc<Cells>> {
        let m = self.m;
        let ExprKind::Op { op, attrs, args } = &m.expr(id).kind else { return None };
        if matches!(attrs, Attrs::Const(..)) {
            return None;
        }
        let mut given = Vec::new();
        for arg in args {
            given.push(match self.known.get(arg) {
                Some(cells) => cells.clone(),
                None => {
                    let cells = self.whatever(*arg);
                    self.one_of_all(cells)
                }
            });
        }
        let ty = m.ty(id);
        let pointers = given.iter().map(Rc::as_ptr).collect();
        let key = (op.name, attrs.clone(), pointers, ty.shape.clone());
        if let Some(found) = self.applied.get(&key) {
            return Some(found.clone());
        }
        let size = |axis: AxisId| m.axes[axis.0 as usize].size;
        let args: Vec<&Cells> = given.iter().map(Rc::as_ref).collect();
        let ty = Ty::new(ty.dtype, ty.shape.clone());
        let price = price::price(op, attrs, &args, &ty).unwrap_or(usize::MAX);
        self.looked = self.looked.saturating_add(price.saturating_add(OF_AN_OP));
        let found = match self.looked <= budget::FOLLOWED.most {
            true => rules::apply(op, attrs, &args, &ty, &size),
            // It is refused after this.
            false => Cells::any(&ty.shape),
        };
        let found = self.one_of_all(found);
        self.applied.insert(key, found.clone());
        Some(found)
    }

    /// An expression without a rule: everything below it.
    fn whatever(&self, id: ExprId) -> Cells {
        let below = self.m.reachable(&[id]);
        let of = |id: &ExprId| match &self.m.expr(*id).kind {
            ExprKind::Var(var) if *var == self.sequence.0 => {
                self.sequence.1.iter().fold(0.0, |a: f64, b| a.max(*b))
            }
            ExprKind::Var(var) => self.turns.get(var).map_or(0.0, Cells::last),
            _ => 0.0,
        };
        let last = below.iter().map(of).fold(0.0, f64::max);
        Cells::all(&self.m.ty(id).shape, last)
    }

    fn look(&mut self, id: ExprId) -> Option<Cells> {
        let m = self.m;
        let ty = m.ty(id);
        Some(match &m.expr(id).kind {
            ExprKind::Op { attrs: Attrs::Const(real, _), .. } => {
                Cells::numbers(Plane::from_elem(IxDyn(&[]), real.0))
            }
            ExprKind::Var(var) if *var == self.sequence.0 => Cells::upto(self.sequence.1.clone()),
            ExprKind::Var(var) => match self.turns.get(var) {
                Some(cells) => cells.clone(),
                None => Cells::any(&ty.shape),
            },
            ExprKind::Param(_)
            | ExprKind::State(_)
            | ExprKind::Field(_)
            | ExprKind::Table(_)
            | ExprKind::Builtin(_)
            | ExprKind::Noise { .. } => Cells::any(&ty.shape),
            ExprKind::Call { result, .. } | ExprKind::Write { result, .. } => self.at(*result),
            ExprKind::Stop(of) | ExprKind::Symbolic(Symbolic::Once(of)) => self.at(*of),
            ExprKind::Symbolic(Symbolic::Invertible { value, .. }) => self.at(*value),
            ExprKind::BatchMean(of) => self.at(*of),
            ExprKind::Element { axis, of } => self.element(*axis, *of),
            ExprKind::Reduce { axis, how, body } => self.reduced(*axis, *how, *body),
            ExprKind::Scan { .. } => return self.turned(id),
            _ => self.whatever(id),
        })
    }

    /// The first dim becomes an axis.
    fn element(&self, axis: AxisId, of: ExprId) -> Cells {
        let cells = self.at(of);
        let lead = cells.axes.len();
        let mut axes = cells.axes.clone();
        let place = axes.iter().position(|other| other.0 > axis.0).unwrap_or(lead);
        let mut shape = cells.shape.clone();
        let n = shape.remove(lead);
        shape.insert(place, n);
        axes.insert(place, axis);
        let moved = Cells::moved(&[&cells], &shape, |planes| {
            let mut order: Vec<usize> = (0..planes[0].ndim()).collect();
            let dim = order.remove(lead);
            order.insert(place, dim);
            planes[0].view().permuted_axes(order).as_standard_layout().to_owned()
        });
        moved.with_axes(axes)
    }

    /// An axis is joined, or becomes the first dim.
    fn reduced(&self, axis: AxisId, how: AxisReduce, body: ExprId) -> Cells {
        let mut cells = self.at(body);
        let size = self.m.axes[axis.0 as usize].size;
        if !cells.axes.contains(&axis) {
            let mut axes: Vec<(AxisId, usize)> = cells
                .axes
                .iter()
                .chain([&axis])
                .map(|a| (*a, self.m.axes[a.0 as usize].size))
                .collect();
            axes.sort_by_key(|(axis, _)| axis.0);
            cells = cells.along(&axes);
        }
        let place = cells.axes.iter().position(|a| *a == axis).expect("it is there");
        let mut axes = cells.axes.clone();
        axes.remove(place);
        let mut shape = cells.shape.clone();
        shape.remove(place);
        if how == AxisReduce::Stack {
            shape.insert(axes.len(), size);
            let moved = Cells::moved(&[&cells], &shape, |planes| {
                let mut order: Vec<usize> = (0..planes[0].ndim()).collect();
                let dim = order.remove(place);
                order.insert(axes.len(), dim);
                planes[0].view().permuted_axes(order).as_standard_layout().to_owned()
            });
            return moved.with_axes(axes);
        }
        let latest = cells.latest().fold_axis(Axis(place), 0.0, |a: &f64, b| a.max(*b));
        Cells::upto(latest).with_axes(axes)
    }

    /// A loop, turn by turn: all its carries.
    fn turned(&mut self, id: ExprId) -> Option<Cells> {
        let m = self.m;
        let ExprKind::Scan { init, xs, vars, body, length, index } = &m.expr(id).kind else {
            unreachable!("a loop")
        };
        let key = [&init[..], xs, body].concat();
        if let Some(found) = self.loops.get(&key) {
            return Some(found[*index].clone());
        }
        let below = m.reachable(body);
        let own: HashSet<VarId> = vars.iter().copied().collect();
        let inside = |id: &&ExprId| {
            self.open.get(*id).is_some_and(|open| open.iter().any(|var| own.contains(var)))
        };
        let inside: Vec<ExprId> = below.iter().filter(inside).copied().collect();
        let mut carried: Vec<Cells> = init.iter().map(|e| self.at(*e)).collect();
        let sequences: Vec<Cells> = xs.iter().map(|e| self.at(*e)).collect();
        let mut stacks: Vec<Vec<Cells>> = vec![Vec::new(); init.len()];
        let outer = std::mem::take(&mut self.loops);
        for turn in 0..*length {
            let slices = sequences.iter().map(|cells| cells.at(turn));
            let number = Cells::numbers(Plane::from_elem(IxDyn(&[]), turn as f64));
            let values = carried.iter().cloned().chain(slices).chain([number]);
            self.turns.extend(vars.iter().copied().zip(values));
            inside.iter().for_each(|id| drop(self.known.remove(id)));
            self.loops.clear();
            self.go(&inside)?;
            carried = body.iter().map(|e| self.at(*e)).collect();
            stacks.iter_mut().zip(&carried).for_each(|(stack, cells)| stack.push(cells.clone()));
        }
        self.loops = outer;
        vars.iter().for_each(|var| drop(self.turns.remove(var)));
        let all: Vec<Cells> = stacks.iter().map(|stack| self.stacked(stack)).collect();
        self.loops.insert(key, all.clone());
        Some(all[*index].clone())
    }

    /// Values of all turns, which may vary over different axes.
    fn stacked(&self, list: &[Cells]) -> Cells {
        let mut axes: Vec<AxisId> = list.iter().flat_map(|cells| cells.axes.clone()).collect();
        axes.sort_by_key(|axis| axis.0);
        axes.dedup();
        let sizes: Vec<(AxisId, usize)> =
            axes.iter().map(|axis| (*axis, self.m.axes[axis.0 as usize].size)).collect();
        let all: Vec<Cells> = list.iter().map(|cells| cells.along(&sizes)).collect();
        Cells::stacked(&all)
    }
}
