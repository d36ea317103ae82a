//! What is asked of products of factors. In: a density by its name and values for its variables. Out: free
//! energies, constants, and densities that are drawn by a chain.

use super::{chain, computed};
use crate::base::{Span, codes};
use crate::graph::DType;
use crate::model::elaborate::energy::Values;
use crate::model::elaborate::energy::sweep::Site;
use crate::model::elaborate::expr::types::{dims, show};
use crate::model::elaborate::value::{Args, Densities, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Around, Called, DensityId, ExprId, Factor, Support, VarId};
use crate::model::prim::usage;
use std::rc::Rc;

/// The product of factors that stands first.
fn product<'a>(
    e: &mut Elab<'a>,
    name: &str,
    args: &mut Args<'a>,
    span: Span,
) -> Res<(Rc<Densities>, DensityId)> {
    if args.positional.is_empty() {
        return e.fail(codes::RL0104, format!("`{name}` needs a density"), span, usage(name));
    }
    let (value, place) = args.positional.remove(0);
    match &value {
        Value::Density(of) if of.ids.len() == 1 && e.is_energy(of.ids[0]) => {
            Ok((of.clone(), of.ids[0]))
        }
        Value::Density(of) => {
            let text = format!("`{}` is no product of factors", of.name);
            let help = "a directed density is scored by `log p(x)` and drawn by `z ~ p(z)`";
            e.fail(codes::RL0129, text, place, help)
        }
        other => {
            let text = format!("`{name}` takes a density, this is {}", other.kind());
            e.fail(codes::RL0105, text, place, usage(name))
        }
    }
}

/// Values for variables of a density, by their names.
fn values<'a>(e: &mut Elab<'a>, id: DensityId, args: &mut Args<'a>) -> Res<Values> {
    let density = &e.m.densities[id.0 as usize];
    let vars: Vec<VarId> = density.over.iter().chain(&density.given).copied().collect();
    let mut list = Vec::new();
    for var in vars {
        let name = e.var_name(var).to_string();
        if let Some((value, place)) = args.take(&name) {
            let value = e.tensor(&value, place)?;
            list.push((var, e.binding(var, value, place)?));
        }
    }
    Ok(list)
}

/// All that a density is given has a value.
fn conditioned<'a>(e: &mut Elab<'a>, id: DensityId, values: &Values, span: Span) -> Res<()> {
    let given = e.m.densities[id.0 as usize].given.clone();
    let Some(open) = given.iter().find(|v| values.iter().all(|(own, _)| own != *v)) else {
        return Ok(());
    };
    let name = e.var_name(*open).to_string();
    let text = format!("`{}` is given no `{name}`", e.m.densities[id.0 as usize].name);
    e.fail(codes::RL0117, text, span, &format!("add `{name} = value`"))
}

pub fn free_energy<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let (_, id) = product(e, "free_energy", args, span)?;
    let values = values(e, id, args)?;
    conditioned(e, id, &values, span)?;
    let found = e.free_energy(id, &values, span)?;
    let shown = values.iter().map(|(_, value)| *value).collect();
    Ok(called(e, "free_energy", id, shown, found))
}

pub fn log_z<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let (_, id) = product(e, "log_z", args, span)?;
    let values = values(e, id, args)?;
    conditioned(e, id, &values, span)?;
    let found = e.log_constant(id, &values, span)?;
    Ok(called(e, "log_z", id, vec![], found))
}

/// A whole number by name.
fn whole<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, name: &str, otherwise: usize) -> Res<usize> {
    match args.take(name) {
        Some((value, place)) => e.size(&value, &format!("`{name}`"), 1, place),
        None => Ok(otherwise),
    }
}

/// Blocks of a product of factors are moved by Gibbs sampling, reals of any other density by Hamiltonian
/// Monte Carlo.
pub fn ais<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let by_sweeps = match args.positional.first() {
        Some((Value::Density(of), _)) => of.ids.iter().all(|id| e.is_energy(*id)),
        Some((Value::Query(_), _)) => false,
        _ => true,
    };
    if !by_sweeps {
        return chain::annealed(e, args, span);
    }
    let (_, id) = product(e, "ais", args, span)?;
    let chains = whole(e, args, "chains", 100)?;
    let temps = whole(e, args, "temps", 1000)?;
    let starts = starts(e, id, args)?;
    let given = values(e, id, args)?;
    conditioned(e, id, &given, span)?;
    let found = e.annealed(id, (&given, &starts), (chains, temps), span)?;
    Ok(called(e, "ais", id, vec![], found))
}

/// Keeps what a value is called, for those who read formulas.
fn called<'a>(
    e: &mut Elab<'a>,
    name: &str,
    id: DensityId,
    args: Vec<ExprId>,
    found: ExprId,
) -> Value<'a> {
    let of = Some(e.m.densities[id.0 as usize].name.clone());
    e.m.calls.entry(found).or_insert(Called { name: name.into(), of, args });
    Value::Tensor(found)
}

/// Where annealing starts: log-odds of bits, logits of categories, means of reals.
fn starts<'a>(e: &mut Elab<'a>, id: DensityId, args: &mut Args<'a>) -> Res<Values> {
    let mut list = Vec::new();
    for var in e.m.densities[id.0 as usize].over.clone() {
        let name = e.var_name(var).to_string();
        let Some((value, place)) = args.take(&name) else { continue };
        let value = e.tensor(&value, place)?;
        let (ty, shape) = (e.ty(value).clone(), e.start_shape(var));
        if ty.dtype != DType::F32 || ty.shape != shape {
            let text = format!(
                "`ais` starts from `f32[{}]` for `{name}`, given `{}`",
                dims(&shape),
                show(&ty)
            );
            let help = "log-odds of bits, logits of categories, means of reals: `ais(p, v = log(m) - log1p(-m))`";
            return e.fail(codes::RL0103, text, place, help);
        }
        list.push((var, value));
    }
    Ok(list)
}

pub fn pseudo_loglik<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let (_, id) = product(e, "pseudo_loglik", args, span)?;
    let values = values(e, id, args)?;
    conditioned(e, id, &values, span)?;
    let over = e.m.densities[id.0 as usize].over.clone();
    let held: Vec<VarId> = values.iter().map(|(v, _)| *v).filter(|v| over.contains(v)).collect();
    let [var] = held.as_slice() else {
        let text = "`pseudo_loglik` takes a value for one block".into();
        return e.fail(codes::RL0104, text, span, usage("pseudo_loglik"));
    };
    if e.m.vars[var.0 as usize].ty.support != Support::Bit {
        let text =
            format!("`pseudo_loglik` is of bits, which `{}` is not made of", e.var_name(*var));
        let help = "`ais(p)` estimates the constant: log p is `-free_energy(p, ...) - ais(p)`";
        return e.fail(codes::RL0129, text, span, help);
    }
    e.pseudo_likelihood(id, &values, *var, span).map(Value::Tensor)
}

pub fn gibbs<'a>(e: &mut Elab<'a>, args: &mut Args<'a>, span: Span) -> Res<Value<'a>> {
    let (_, id) = product(e, "gibbs", args, span)?;
    let steps = whole(e, args, "steps", 1)?;
    let start = values(e, id, args)?;
    conditioned(e, id, &start, span)?;
    let joint = e.m.densities[id.0 as usize].clone();
    let name = format!("{}.gibbs", joint.name);
    let site = Site { stream: format!("~{name}"), around: Around::default(), per_example: true };
    let found = e.chain_of(id, &start, (steps, &site), span)?;
    // Where values are given, theirs are what is drawn; else everything is.
    let asked: Vec<VarId> =
        joint.over.iter().copied().filter(|v| start.iter().any(|(own, _)| own == v)).collect();
    let asked = if asked.is_empty() { joint.over.clone() } else { asked };
    let mut factors = Vec::new();
    for (var, value) in found.into_iter().filter(|(v, _)| asked.contains(v)) {
        let own = e.m.vars[var.0 as usize].clone();
        let (var, _) = e.m.fresh_var(&own.name, own.ty, span);
        factors.push(Factor::Define { var, value, span });
    }
    Ok(computed(e, joint, name, factors))
}
