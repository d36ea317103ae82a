//! Inputs of a graph, made up. In: a model, its graphs. Out: values of the declared types.

use super::{MOST_WORK, TOO_LARGE, affordable, work};
use crate::backend::reference;
use crate::base::dice::Dice;
use crate::graph::op::Value;
use crate::graph::{Attrs, DType, Graph, InputRole, Named, Ty};
use crate::model::ir::Support;
use crate::model::ir::pure::Pure;
use crate::optimize;
use crate::translate::program::{Program, SEED, STEP, TOTAL};
use ndarray::IxDyn;
use std::collections::BTreeMap;

/// Initial values of weights and states; they hold no derivatives.
pub(super) fn initial(program: &Program) -> Result<Vec<(String, Value)>, String> {
    let graph = optimize::after(&optimize::before(&program.init));
    affordable(&graph)?;
    if work(&graph) > MOST_WORK {
        return Err(TOO_LARGE.into());
    }
    Ok(reference::run(&graph, &scalars()))
}

fn scalars() -> BTreeMap<String, Value> {
    let scalar = |x: f64| Value::from_elem(IxDyn(&[]), x);
    let values = [(SEED, 1.0), (STEP, 0.0), (TOTAL, 100.0)];
    values.into_iter().map(|(name, x)| (name.to_string(), scalar(x))).collect()
}

/// Values for every input: weights near their initial values, data from its declared type.
pub(super) fn feed(
    model: &Pure,
    graph: &Graph,
    initial: &[(String, Value)],
    dice: &mut Dice,
) -> BTreeMap<String, Value> {
    let mut feed = scalars();
    for id in graph.ids() {
        let Attrs::Input { name, role, ty } = &graph.node(id).attrs else { continue };
        let start = |of: Named<'_>| {
            let output = of.to_string();
            initial.iter().find(|(n, _)| *n == output).map(|(_, value)| value.clone())
        };
        let value = match role {
            // Off the initial value, since zeros may sit on a kink.
            InputRole::Param => {
                start(Named::Param(name)).map(|v| v.mapv(|x| x + 0.05 * dice.normal()))
            }
            InputRole::State => start(Named::State(name)),
            role if role.is_data() => Some(made_up(model, name, ty, dice)),
            _ => None,
        };
        if let Some(value) = value {
            feed.insert(name.clone(), value);
        }
    }
    feed
}

/// Data of the declared type.
fn made_up(model: &Pure, input: &str, ty: &Ty, dice: &mut Dice) -> Value {
    let name = input.split('#').next().unwrap_or(input);
    let field = model.fields.iter().find(|f| format!("{}.{}", f.data, f.name) == name);
    let support = field.map_or(Support::Real, |field| field.ty.support);
    let mut draw = || match support {
        Support::Interval(low, high) => low + (high - low) * dice.uniform(),
        Support::Bit | Support::Bool => f64::from(u8::from(dice.uniform() < 0.5)),
        Support::Index(n) => f64::from(dice.below(n.clamp(1, 1 << 30) as u32)),
        Support::Positive => dice.normal().exp(),
        Support::Count => f64::from(dice.below(10)),
        Support::Integer => f64::from(dice.below(10)),
        Support::Real if ty.dtype == DType::I32 => f64::from(dice.below(10)),
        Support::Real => dice.normal(),
    };
    let values = (0..ty.len()).map(|_| draw()).collect();
    match Value::from_shape_vec(IxDyn(&ty.shape), values) {
        Ok(value) => value,
        Err(why) => panic!("made-up data for `{input}`: {why}"),
    }
}
