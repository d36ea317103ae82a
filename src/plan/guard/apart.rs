//! Memory that a kernel writes is apart from what it reads and from what else it writes. In: a kernel.
//! Out: the first two buffers that share words.

use super::super::{BufferId, Load, Loop, Place, View};
use super::{Guard, holds};
use std::collections::BTreeMap;

impl Guard<'_> {
    /// Whether two buffers share words.
    fn share(&self, a: BufferId, b: BufferId) -> Result<bool, String> {
        let (lens, places) = ((self.len(a)?, self.len(b)?), (self.place(a)?, self.place(b)?));
        Ok(match places {
            (Place::Arena(x), Place::Arena(y)) => {
                lens.0 > 0 && lens.1 > 0 && x < &(y + lens.1) && y < &(x + lens.0)
            }
            (x, y) => x == y,
        })
    }

    /// Written buffers are apart from each other and from those that are read. A loop over time may have
    /// one for each weight of a model, so what is written is kept in order.
    pub fn apart(&self, written: &[BufferId], read: &[BufferId]) -> Result<(), String> {
        let mut spans: BTreeMap<usize, (usize, BufferId)> = BTreeMap::new();
        let mut others: BTreeMap<&Place, BufferId> = BTreeMap::new();
        for (at, buffer) in written.iter().chain(read).enumerate() {
            let (len, place) = (self.len(*buffer)?, self.place(*buffer)?);
            let other = match place {
                Place::Arena(_) if len == 0 => continue,
                Place::Arena(start) => {
                    let before = spans.range(..start + len).next_back();
                    before.filter(|(_, (end, _))| end > start).map(|(_, (_, other))| *other)
                }
                place => others.get(place).copied(),
            };
            if let Some(other) = other {
                return Err(format!("buffers {other} and {buffer} share memory in one kernel"));
            }
            match place {
                _ if at >= written.len() => {}
                Place::Arena(start) => drop(spans.insert(*start, (start + len, *buffer))),
                place => drop(others.insert(place, *buffer)),
            }
        }
        Ok(())
    }

    /// The same for a loop. It may write a point over what it has read of the same point.
    pub fn apart_in_loop(&self, body: &Loop) -> Result<(), String> {
        let folds = body.folds.iter().flat_map(|fold| [Some(fold.to.buffer), fold.parts]);
        let folds: Vec<BufferId> = folds.flatten().collect();
        let stores: Vec<BufferId> = body.stores.iter().map(|store| store.to.buffer).collect();
        self.apart(&[&folds[..], &stores[..]].concat(), &[])?;
        self.apart(&folds, &body.reads())?;
        for load in &body.loads {
            let scalars =
                if let Load::Noise { seed, step, .. } = load { vec![*seed, *step] } else { vec![] };
            for store in &body.stores {
                for scalar in &scalars {
                    holds(!self.share(store.to.buffer, *scalar)?, "noise from what is written")?;
                }
                let Load::View(view) = load else { continue };
                let what = "a loop writes over what other points read";
                holds(
                    !self.share(store.to.buffer, view.buffer)? || self.same(&store.to, view)?,
                    what,
                )?;
            }
        }
        Ok(())
    }

    /// Whether two views have the same place at every point.
    fn same(&self, a: &View, b: &View) -> Result<bool, String> {
        let begin = self.place(a.buffer)? == self.place(b.buffer)?;
        Ok(begin && a.offset == b.offset && a.strides == b.strides)
    }
}
