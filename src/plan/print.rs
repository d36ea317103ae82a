//! Plans for people. In: a plan. Out: text, one kernel after the other.

use super::{Bill, BufferId, Load, Loop, Place, Plan, View, Work};
use std::fmt::{self, Display, Formatter};

impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.bill)?;
        self.kernels(f, "")?;
        for output in &self.outputs {
            writeln!(f, "output {} = {}", output.name, self.name(output.buffer))?;
        }
        Ok(())
    }
}

impl Display for Bill {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mega = |bytes: usize| bytes as f64 / 1e6;
        write!(f, "memory {:.2} MB", mega(self.peak_bytes))?;
        writeln!(f, " (slots {:.2}, arena {:.2})", mega(self.slot_bytes), mega(self.arena_bytes))?;
        write!(f, "products {:.2} MFLOP, ", self.flops as f64 / 1e6)?;
        write!(f, "elementwise {:.2} M, ", self.elementwise as f64 / 1e6)?;
        writeln!(f, "moved {:.2} MB, kernels {}", self.bytes_moved as f64 / 1e6, self.kernels)
    }
}

impl Plan {
    fn kernels(&self, f: &mut Formatter<'_>, indent: &str) -> fmt::Result {
        for (i, kernel) in self.kernels.iter().enumerate() {
            write!(f, "{indent}{i:3} ")?;
            match &kernel.work {
                Work::Loop(body) => {
                    writeln!(f, "loop {:?}  # {}", body.shape, kernel.label)?;
                    self.program(f, body, indent)?;
                }
                Work::Gemm(g) => {
                    let (a, b) = (self.name(g.a.buffer), self.name(g.b.buffer));
                    let to = g.to.as_ref().map_or("-".into(), |m| self.name(m.buffer));
                    write!(f, "product {:?} {}x{}x{} {to} = {a} {b}", g.outer, g.m, g.n, g.k)?;
                    writeln!(f, "  # {}", kernel.label)?;
                    if let Some(body) = &g.epilogue {
                        self.program(f, body, indent)?;
                    }
                }
                Work::Scan(scan) => {
                    writeln!(f, "scan {}  # {}", scan.length, kernel.label)?;
                    scan.body.kernels(f, &format!("{indent}      "))?;
                }
                work => {
                    let names = |ids: Vec<BufferId>| {
                        ids.into_iter().map(|b| self.name(b)).collect::<Vec<_>>().join(" ")
                    };
                    let (to, from) = (names(work.writes()), names(work.reads()));
                    writeln!(f, "{to} = {from}  # {}", kernel.label)?;
                }
            }
        }
        Ok(())
    }

    fn name(&self, buffer: BufferId) -> String {
        match &self.buffers[buffer].place {
            Place::Arena(offset) => format!("@{offset}"),
            Place::Slot(path) => path.clone(),
            Place::Input(name) => format!("<{name}>"),
            Place::Result(i) => format!("result{i}"),
        }
    }

    fn view(&self, view: &View) -> String {
        format!("{}[{} + {:?}]", self.name(view.buffer), view.offset, view.strides)
    }

    fn program(&self, f: &mut Formatter<'_>, body: &Loop, indent: &str) -> fmt::Result {
        for (i, load) in body.loads.iter().enumerate() {
            write!(f, "{indent}      r{i} = ")?;
            match load {
                Load::View(view) => writeln!(f, "{}", self.view(view))?,
                Load::Const(bits) => writeln!(f, "{:?}", f32::from_bits(*bits))?,
                Load::Count { offset, strides } => writeln!(f, "count {offset} + {strides:?}")?,
                Load::Noise { kind, .. } => writeln!(f, "{}", kind.row().name)?,
                Load::Product => writeln!(f, "product")?,
            }
        }
        for (i, instr) in body.code.iter().enumerate() {
            let reg = body.loads.len() + i;
            writeln!(f, "{indent}      r{reg} = {:?} {:?}", instr.op, instr.args)?;
        }
        for store in &body.stores {
            writeln!(f, "{indent}      {} = r{}", self.view(&store.to), store.reg)?;
        }
        for fold in &body.folds {
            let to = self.view(&fold.to);
            writeln!(f, "{indent}      {to} = {:?} r{} in {}", fold.how, fold.reg, body.splits)?;
        }
        Ok(())
    }
}
