//! What functions are that the program carries. In: a row and arguments. Out: a value. The rows stand in
//! `prim`, which comes later: the table is handed in.

use super::value::{Args, Value};
use super::{Elab, Res};
use crate::base::{Span, codes};
use crate::graph::Op;
use crate::metrics::Metric;

/// The functions that there are.
pub struct Builtins {
    /// The one with a name.
    pub find: fn(&str) -> Option<&'static Prim>,
    /// Their names.
    pub names: fn() -> Vec<&'static str>,
    /// How a metric is applied.
    pub metric: ApplyMetric,
}

/// Applies a metric to arguments.
pub type ApplyMetric = for<'a> fn(&mut Elab<'a>, &'static Metric, Args<'a>, Span) -> Res<Value<'a>>;

/// A row of the table.
pub struct Prim {
    /// The name in files.
    pub name: &'static str,
    /// How it is called.
    pub usage: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// What a call does.
    pub run: Run,
}

/// What a call does.
pub enum Run {
    /// By a function of its own, which takes out the arguments that it reads.
    Own(for<'a> fn(&mut Elab<'a>, &mut Args<'a>, Span) -> Res<Value<'a>>),
    /// It applies an elementwise op.
    Map(Op),
}

impl Prim {
    /// Applies it. An argument that it does not read is a mistake.
    pub fn call<'a>(&self, e: &mut Elab<'a>, mut args: Args<'a>, span: Span) -> Res<Value<'a>> {
        let value = match &self.run {
            Run::Own(run) => run(e, &mut args, span)?,
            Run::Map(op) => {
                let [x] = exactly(e, self.name, &mut args, span)?;
                e.map1(op, x, span)?
            }
        };
        self.all_read(e, &args)?;
        Ok(value)
    }

    fn all_read<'a>(&self, e: &mut Elab<'a>, args: &Args<'a>) -> Res<()> {
        let (text, place) = match (args.named.first(), args.positional.first()) {
            (Some((extra, _, place)), _) => {
                (format!("`{}` has no argument `{extra}`", self.name), *place)
            }
            (None, Some((_, place))) => {
                (format!("`{}` does not take this argument", self.name), *place)
            }
            (None, None) => return Ok(()),
        };
        e.fail(codes::RL0104, text, place, self.usage)
    }
}

impl std::fmt::Debug for Prim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Takes exactly N positional arguments; there are no others. Those by name stay.
pub fn exactly<'a, const N: usize>(
    e: &mut Elab<'a>,
    name: &str,
    args: &mut Args<'a>,
    span: Span,
) -> Res<[Value<'a>; N]> {
    let usage = (e.names.builtins.find)(name).map_or("", |p| p.usage);
    let given = args.positional.len();
    let values: Vec<Value<'a>> = args.positional.drain(..).map(|(v, _)| v).collect();
    match values.try_into() {
        Ok(values) => Ok(values),
        Err(_) => {
            let text = format!(
                "`{name}` takes {N} argument{}, given {given}",
                if N == 1 { "" } else { "s" }
            );
            e.fail(codes::RL0104, text, span, usage)
        }
    }
}
