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
    /// By a function of its own.
    Own(for<'a> fn(&mut Elab<'a>, Args<'a>, Span) -> Res<Value<'a>>),
    /// It applies an elementwise op.
    Map(Op),
}

impl Prim {
    /// Applies it.
    pub fn call<'a>(&self, e: &mut Elab<'a>, args: Args<'a>, span: Span) -> Res<Value<'a>> {
        match &self.run {
            Run::Own(run) => run(e, args, span),
            Run::Map(op) => {
                let [x] = exactly(e, self.name, args, span)?;
                e.map1(op, x, span)
            }
        }
    }
}

impl std::fmt::Debug for Prim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Exactly N positional arguments and no others.
pub fn exactly<'a, const N: usize>(
    e: &mut Elab<'a>,
    name: &str,
    args: Args<'a>,
    span: Span,
) -> Res<[Value<'a>; N]> {
    let usage = (e.names.builtins.find)(name).map_or("", |p| p.usage);
    if let Some((extra, _, place)) = args.named.first() {
        let text = format!("`{name}` has no argument `{extra}`");
        return e.fail(codes::RL0104, text, *place, usage);
    }
    let given = args.positional.len();
    let values: Vec<Value<'a>> = args.positional.into_iter().map(|(v, _)| v).collect();
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
