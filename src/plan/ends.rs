//! Copies, and what becomes of results. In: nodes that are put together from parts, and outputs.
//! Out: loops that copy, and the finished plan.

use super::cluster::{Cluster, identity, strides};
use super::lower::{Draft, Ends, Grown, Lower, Unfit};
use super::{BufferId, Load, Output, Place, Plan, Store, View, bill, memory};
use crate::graph::{Named, NodeId};

impl Lower<'_> {
    /// A loop of its own that copies a value to a view of a buffer.
    pub fn copy(
        &mut self,
        id: Option<NodeId>,
        space: &[usize],
        to: View,
        label: String,
    ) -> Result<(), Unfit> {
        let at = self.drafts.len();
        let mut grown = Grown { label, cluster: Cluster::new(space), ..Grown::default() };
        let reg = match id {
            Some(id) => self.emit(&mut grown, at, id, identity(space.len()))?,
            None => grown.cluster.load(Load::Const(0)),
        };
        grown.cluster.stores.push(Store { reg, to });
        self.drafts.push(Draft::Loop(grown));
        Ok(())
    }

    pub fn pad(&mut self, id: NodeId) -> Result<(), Unfit> {
        let node = self.g.node(id);
        let pads = node.attrs.pads();
        let (arg, shape) = (node.args[0], node.ty.shape.clone());
        let label = self.label(id);
        let last = self.drafts.len() + 1;
        let buffer = self.new_home(id, last);
        let rows = strides(&shape);
        let whole = View { buffer, offset: 0, strides: rows.clone() };
        self.copy(None, &shape, whole, format!("zeros for {label}"))?;
        let offset = pads.iter().zip(&rows).map(|((low, _, _), s)| *low as isize * s).sum();
        let steps =
            pads.iter().zip(&rows).map(|((_, _, gap), s)| (*gap as isize + 1) * s).collect();
        let space = self.g.shape(arg).to_vec();
        self.copy(Some(arg), &space, View { buffer, offset, strides: steps }, label)
    }

    pub fn concat(&mut self, id: NodeId) -> Result<(), Unfit> {
        let node = self.g.node(id);
        let axis = node.attrs.axis();
        let rows = strides(&node.ty.shape);
        let last = self.drafts.len() + node.args.len() - 1;
        let buffer = self.new_home(id, last);
        let mut offset = 0;
        for arg in &node.args {
            let space = self.g.shape(*arg).to_vec();
            let to = View { buffer, offset, strides: rows.clone() };
            self.copy(Some(*arg), &space, to, self.label(id))?;
            offset += rows[axis] * space[axis] as isize;
        }
        Ok(())
    }

    pub fn finish(mut self, ends: Ends) -> Plan {
        let outputs = self.outputs(ends);
        let slots: Vec<(String, BufferId)> = outputs.slots;
        let mut plan = Plan {
            kernels: super::memory::close(
                std::mem::take(&mut self.drafts),
                &outputs.kept,
                &mut self.buffers,
            ),
            buffers: self.buffers,
            outputs: outputs.named,
            ..Plan::default()
        };
        memory::update_slots(&mut plan, &slots);
        memory::arena(&mut plan);
        plan.bill = bill::bill(&plan);
        debug_assert_eq!(super::verify(&plan), Ok(()));
        plan
    }

    /// Gives every result its place; a result that is an input, or is needed twice, is copied.
    fn outputs(&mut self, ends: Ends) -> Ended {
        let mut ended = Ended::default();
        let mut taken = vec![];
        for (i, (name, id)) in self.g.outputs.clone().into_iter().enumerate() {
            let slot = Named::slot(&name);
            let slot = slot.filter(|_| ends == Ends::Slots);
            let mut buffer = self.buffer[id.0 as usize].expect("a result is stored");
            if slot.is_some_and(|path| self.buffers[buffer].place == Place::Slot(path.into())) {
                continue;
            }
            let owned = matches!(self.buffers[buffer].place, Place::Arena(_));
            let moves = slot.is_some() || ends == Ends::Results;
            if !owned || (moves && taken.contains(&buffer)) {
                buffer = self.duplicate(id, buffer);
            }
            if moves {
                taken.push(buffer);
            }
            if ends == Ends::Results {
                self.buffers[buffer].place = Place::Result(i);
            }
            match slot {
                Some(path) => ended.slots.push((path.to_string(), buffer)),
                None => ended.named.push(Output { name, buffer }),
            }
            ended.kept.push(buffer);
        }
        ended
    }

    fn duplicate(&mut self, id: NodeId, from: BufferId) -> BufferId {
        let shape = self.g.shape(id).to_vec();
        let buffer = self.add_buffer(self.buffers[from].elem, &shape, Place::Arena(0));
        let rows = strides(&shape);
        let mut grown = Grown {
            label: format!("copy {}", self.g.ty(id)),
            cluster: Cluster::new(&shape),
            ..Grown::default()
        };
        let view = |buffer| View { buffer, offset: 0, strides: rows.clone() };
        let reg = grown.cluster.load(Load::View(view(from)));
        grown.cluster.stores.push(Store { reg, to: view(buffer) });
        self.drafts.push(Draft::Loop(grown));
        buffer
    }
}

/// Where results went.
#[derive(Default)]
struct Ended {
    named: Vec<Output>,
    slots: Vec<(String, BufferId)>,
    kept: Vec<BufferId>,
}
