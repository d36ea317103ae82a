//! Type rules of elementwise ops. In: types of the operands. Out: the result's, or why they are refused.

use crate::graph::op::{count, need};
use crate::graph::{Attrs, DType, Ty};

pub(super) fn unary(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    need(args[0], DType::F32)?;
    Ok(args[0].clone())
}

/// Reals or integers.
pub(super) fn number(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    if args[0].dtype == DType::Bool {
        Err(format!("operand {}", args[0]))
    } else {
        Ok(args[0].clone())
    }
}

pub(super) fn same(args: &[&Ty]) -> Result<(), String> {
    count(args, 2)?;
    if args[0] == args[1] { Ok(()) } else { Err(format!("operands {} and {}", args[0], args[1])) }
}

pub(super) fn arith(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    same(args)?;
    if args[0].dtype == DType::Bool {
        Err(format!("operands {}", args[0]))
    } else {
        Ok(args[0].clone())
    }
}

pub(super) fn real(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    same(args)?;
    need(args[0], DType::F32)?;
    Ok(args[0].clone())
}

pub(super) fn compare(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    same(args)?;
    Ok(Ty::new(DType::Bool, args[0].shape.clone()))
}

pub(super) fn logic(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    same(args)?;
    need(args[0], DType::Bool)?;
    Ok(args[0].clone())
}

pub(super) fn negate(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    need(args[0], DType::Bool)?;
    Ok(args[0].clone())
}

pub(super) fn choose(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 3)?;
    need(args[0], DType::Bool)?;
    if args[1] == args[2] && args[0].shape == args[1].shape {
        Ok(args[1].clone())
    } else {
        Err(format!("operands {}, {}, {}", args[0], args[1], args[2]))
    }
}

pub(super) fn converted_type(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    match attrs {
        Attrs::DType(dtype) => Ok(Ty::new(*dtype, args[0].shape.clone())),
        _ => Err("no element type".into()),
    }
}
