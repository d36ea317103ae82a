//! `Autoregressive(logits = net)`. In: functions of a whole sequence. Out: a distribution of sequences, which is
//! made where the type of the sequence is known.

use crate::base::{Span, codes};
use crate::model::elaborate::causal::Ordered;
use crate::model::elaborate::value::{Args, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::prim::usage;
use std::rc::Rc;

pub fn autoregressive<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let order = match args.take("order") {
        Some((value, place)) => Some((e.tensor(&value, place)?, place)),
        None => None,
    };
    let plain = std::mem::take(&mut args.positional).into_iter().map(|(v, at)| (None, v, at));
    let mut of: Vec<_> = plain.collect();
    of.extend(std::mem::take(&mut args.named).into_iter().map(|(n, v, at)| (Some(n), v, at)));
    if of.is_empty() {
        let text = "`Autoregressive` needs a net that gives the logits of every position".into();
        return e.fail(codes::RL0104, text, span, usage("Autoregressive"));
    }
    Ok(Value::Ordered(Rc::new(Ordered { of, order, span })))
}
