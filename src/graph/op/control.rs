//! Leaves, cuts, derivatives and loops.

use super::{count, rows};
use crate::graph::attrs::Scan;
use crate::graph::{Attrs, DType, Ty};

fn literal(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 0)?;
    match attrs {
        Attrs::Const(_, dtype) => Ok(Ty::new(*dtype, [])),
        _ => Err("no literal".into()),
    }
}

fn input(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 0)?;
    match attrs {
        Attrs::Input { ty, .. } => Ok(ty.clone()),
        _ => Err("no name".into()),
    }
}

fn same(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    Ok(args[0].clone())
}

fn vjp(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 3)?;
    if args[0] != args[2] || args[0].dtype != DType::F32 {
        return Err(format!("{} with seed {}", args[0], args[2]));
    }
    Ok(args[1].clone())
}

/// Names and types of a loop's body inputs and the types of its results.
fn scan(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    let Attrs::Scan(scan) = attrs else { return Err("no body".into()) };
    if args.len() < scan.carries + scan.sequences || scan.body.outputs.len() < scan.carries {
        return Err(format!("{} operands", args.len()));
    }
    for (i, ty) in args[..scan.carries].iter().enumerate() {
        let next = scan.body.ty(scan.body.outputs[i].1);
        if next != *ty {
            return Err(format!("carry {i} starts as {ty} and goes on as {next}"));
        }
    }
    for ty in &args[scan.carries..scan.carries + scan.sequences] {
        if ty.shape.first() != Some(&scan.length) {
            return Err(format!("sequence {ty} over {} iterations", scan.length));
        }
    }
    Ok(Ty::i32([]))
}

/// Types of a loop's results: final carries, then stacked values.
pub fn scan_results(scan: &Scan) -> Vec<Ty> {
    let result = |(i, (_, id)): (usize, &(String, crate::graph::NodeId))| {
        let ty = scan.body.ty(*id);
        if i < scan.carries {
            ty.clone()
        } else {
            Ty::new(ty.dtype, [&[scan.length], &ty.shape[..]].concat())
        }
    };
    scan.body.outputs.iter().enumerate().map(result).collect()
}

/// The type is stated, since a scan has several results; see [`scan_results`].
fn get(_: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    match attrs {
        Attrs::Result { ty, .. } => Ok(ty.clone()),
        _ => Err("no index".into()),
    }
}

rows! { Control;
    CONST = "const", "A scalar literal.", literal;
    INPUT = "input", "A value given from outside.", input;
    STOP = "stop", "The value itself; no derivative flows through.", same;
    MARK = "mark", "The value itself: a point that vjp differentiates at.", same;
    VJP = "vjp", "Vector-Jacobian product, not yet expanded.", vjp;
    SCAN = "scan", "A loop with carries.", scan;
    GET = "get", "One result of a loop.", get;
}
