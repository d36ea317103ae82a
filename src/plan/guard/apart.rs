//! Memory that a kernel writes is apart from what it reads and from what else it writes. In: a kernel.
//! Out: the first two buffers that share words.

use super::super::{BufferId, Load, Loop, Place, View};
use super::{Guard, holds};

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

    /// Written buffers are apart from each other and from those that are read.
    pub fn apart(&self, written: &[BufferId], read: &[BufferId]) -> Result<(), String> {
        for (at, to) in written.iter().enumerate() {
            for other in written[..at].iter().chain(read) {
                let what = format!("buffers {other} and {to} share memory in one kernel");
                holds(!self.share(*to, *other)?, &what)?;
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
