//! By computed or counted indices.

use super::{count, need, rows};
use crate::graph::{Attrs, DType, Ty};

fn gather(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 2)?;
    need(args[1], DType::I32)?;
    if args[0].rank() == 0 {
        return Err(format!("table {}", args[0]));
    }
    Ok(Ty::new(args[0].dtype, [&args[1].shape[..], &args[0].shape[1..]].concat()))
}

fn scatter_add(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 2)?;
    need(args[0], DType::I32)?;
    need(args[1], DType::F32)?;
    let Attrs::Rows(rows) = attrs else { return Err("no number of rows".into()) };
    let n = args[0].rank();
    if args[1].rank() < n || args[1].shape[..n] != args[0].shape[..] {
        return Err(format!("{} at {}", args[1], args[0]));
    }
    Ok(Ty::f32([&[*rows], &args[1].shape[n..]].concat()))
}

fn others_equal(a: &Ty, b: &Ty, axis: usize) -> bool {
    a.rank() == b.rank()
        && axis < a.rank()
        && (0..a.rank()).all(|i| i == axis || a.shape[i] == b.shape[i])
}

fn take_along(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 2)?;
    need(args[1], DType::I32)?;
    let Attrs::Axis(axis) = attrs else { return Err("no axis".into()) };
    if !others_equal(args[0], args[1], *axis) {
        return Err(format!("{} at {}", args[0], args[1]));
    }
    Ok(Ty::new(args[0].dtype, args[1].shape.clone()))
}

fn put_along(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 2)?;
    need(args[0], DType::I32)?;
    need(args[1], DType::F32)?;
    let Attrs::Along { axis, size } = attrs else { return Err("no axis".into()) };
    if args[0].shape != args[1].shape || *axis >= args[0].rank() {
        return Err(format!("{} at {}", args[1], args[0]));
    }
    let mut shape = args[0].shape.clone();
    shape[*axis] = *size;
    Ok(Ty::f32(shape))
}

fn iota(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 0)?;
    match attrs {
        Attrs::Iota { ty, axis } if *axis < ty.rank() && ty.dtype != DType::Bool => Ok(ty.clone()),
        _ => Err("no type".into()),
    }
}

fn eye(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 0)?;
    match attrs {
        Attrs::Iota { ty, .. } if ty.rank() == 2 && ty.dtype == DType::F32 => Ok(ty.clone()),
        _ => Err("no matrix type".into()),
    }
}

fn cumsum(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    need(args[0], DType::F32)?;
    match attrs {
        Attrs::Directed { axis, .. } if *axis < args[0].rank() => Ok(args[0].clone()),
        _ => Err("no axis".into()),
    }
}

fn argsort(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    Ok(Ty::i32(cumsum(args, attrs)?.shape))
}

rows! { Index;
    GATHER = "gather", "Rows of a table.", gather;
    SCATTER_ADD = "scatter_add", "Rows added into zeros; the adjoint of gather.", scatter_add;
    TAKE_ALONG = "take_along", "Elements picked along one axis.", take_along;
    PUT_ALONG = "put_along", "Elements added into zeros along one axis; the adjoint of take_along.", put_along;
    IOTA = "iota", "0, 1, 2, ... along an axis.", iota;
    EYE = "eye", "Ones on the diagonal, zeros elsewhere.", eye;
    CUMSUM = "cumsum", "Running sums along an axis.", cumsum;
    ARGSORT = "argsort", "The stable order of the elements along an axis.", argsort;
}
