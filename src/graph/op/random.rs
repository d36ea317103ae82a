//! Noise: a pure function of seed, step and the element's place.

use super::{Derivative, Meaning, Sample, Value, count, need, rows};
use crate::base::noise;
use crate::graph::attrs::NOISE;
use crate::graph::{Attrs, DType, Ty};
use ndarray::IxDyn;

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

fn drawn(args: &[&Value], attrs: &Attrs, ty: &Ty) -> Value {
    let Attrs::Noise { kind, stream, .. } = attrs else { unreachable!() };
    let word = |x: &Value| x[IxDyn(&[])] as i32 as u32;
    let (seed, step, key) = (word(args[0]), word(args[1]), noise::stream_key(stream));
    let real = |e: usize| {
        let mut real = [0.0];
        (kind.row().reals)(&[noise::word(seed, key, step, e as u32)], &mut real);
        f64::from(real[0])
    };
    let flat = (0..ty.len()).map(real).collect();
    Value::from_shape_vec(IxDyn(&ty.shape), flat).expect("as many elements")
}

fn samples() -> Vec<Sample> {
    let sample = |kind| Sample {
        args: vec![(Ty::i32([]), 0.0, 9.0), (Ty::i32([]), 0.0, 9.0)],
        attrs: Attrs::Noise { kind, stream: "s".into(), shape: vec![3, 7] },
    };
    NOISE.iter().map(|row| sample(row.kind)).collect()
}

rows! { Random;
    RANDOM = "random", "Uniform or normal noise of a stream.",
        random, Derivative::Zero, Meaning::Whole(drawn), samples, price: 12;
}
