//! Leaves, cuts, derivatives and loops.

use super::{Derivative, Meaning, Rule, Sample, count, loops, reals, rows};
use crate::graph::attrs::Real;
use crate::graph::attrs::Scan;
use crate::graph::{Attrs, DType, Graph, InputRole, Ty};
use std::sync::Arc;

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

const D_MARK: Rule = |_, _, d, _| vec![Some(d)];

fn nothing() -> Vec<Sample> {
    vec![]
}

fn one_real() -> Vec<Sample> {
    vec![reals(&[&[3]], -1.0, 1.0, Attrs::None)]
}

fn named() -> Vec<Sample> {
    let attrs = Attrs::Input { name: "x".into(), role: InputRole::Other, ty: Ty::f32([2]) };
    vec![Sample { args: vec![], attrs }]
}

fn literals() -> Vec<Sample> {
    let sample = |x, dtype| Sample { args: vec![], attrs: Attrs::Const(Real(x), dtype) };
    vec![sample(0.5, DType::F32), sample(-7.0, DType::I32), sample(1.0, DType::Bool)]
}

/// `c0 <- tanh(c0 * k0 + x0)`, with `c0 * x0` stacked.
fn loops_both_ways() -> Vec<Sample> {
    let mut body = Graph::new();
    let mut take = |name: &str| body.input(name, InputRole::Other, Ty::f32([2]));
    let (c, x, k) = (take("c0"), take("x0"), take("k0"));
    let grown = body.mul(c, k);
    let sum = body.add(grown, x);
    let next = body.tanh(sum);
    let seen = body.mul(c, x);
    body.output("next", next);
    body.output("seen", seen);
    let sample = |reverse| {
        let scan = Scan { body: body.clone(), carries: 1, sequences: 1, length: 3, reverse };
        reals(&[&[2], &[3, 2], &[2]], -1.0, 1.0, Attrs::Scan(Arc::new(scan)))
    };
    vec![sample(false), sample(true)]
}

rows! { Control;
    CONST = "const", "A scalar literal.",
        literal, Derivative::Zero, Meaning::Interpreter, literals, price: 0;
    INPUT = "input", "A value given from outside.",
        input, Derivative::Zero, Meaning::Interpreter, named, price: 0;
    STOP = "stop", "The value itself; no derivative flows through.",
        same, Derivative::Zero, Meaning::Map1(|x| x), one_real, range: |x, _| x[0];
    MARK = "mark", "The value itself: a point that vjp differentiates at.",
        same, Derivative::Rule(D_MARK), Meaning::Map1(|x| x), nothing, range: |x, _| x[0];
    VJP = "vjp", "Vector-Jacobian product, not yet expanded.",
        vjp, Derivative::Zero, Meaning::Interpreter, nothing;
    SCAN = "scan", "A loop with carries.",
        scan, Derivative::Parts(loops::adjoint), Meaning::Interpreter, loops_both_ways, chooses: true;
    GET = "get", "One result of a loop.",
        get, Derivative::Part, Meaning::Interpreter, nothing;
}
