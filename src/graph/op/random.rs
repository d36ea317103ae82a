//! Noise: a pure function of seed, step and the element's place.

use super::{count, need, rows};
use crate::graph::{Attrs, DType, Ty};

fn random(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 2)?;
    for arg in args {
        need(arg, DType::I32)?;
        if arg.rank() != 0 {
            return Err(format!("operand {arg}"));
        }
    }
    match attrs {
        Attrs::Noise { shape, .. } => Ok(Ty::f32(shape.clone())),
        _ => Err("no stream".into()),
    }
}

rows! { Random;
    RANDOM = "random", "Uniform or normal noise of a stream.", random;
}
