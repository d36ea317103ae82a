//! Elementwise ops: all operands have one shape, which is the result's.

use super::{count, need, rows};
use crate::graph::{Attrs, DType, Ty};

fn unary(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    need(args[0], DType::F32)?;
    Ok(args[0].clone())
}

/// Reals or integers.
fn number(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    if args[0].dtype == DType::Bool {
        Err(format!("operand {}", args[0]))
    } else {
        Ok(args[0].clone())
    }
}

fn same(args: &[&Ty]) -> Result<(), String> {
    count(args, 2)?;
    if args[0] == args[1] { Ok(()) } else { Err(format!("operands {} and {}", args[0], args[1])) }
}

fn arith(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    same(args)?;
    if args[0].dtype == DType::Bool {
        Err(format!("operands {}", args[0]))
    } else {
        Ok(args[0].clone())
    }
}

fn real(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    same(args)?;
    need(args[0], DType::F32)?;
    Ok(args[0].clone())
}

fn compare(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    same(args)?;
    Ok(Ty::new(DType::Bool, args[0].shape.clone()))
}

fn logic(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    same(args)?;
    need(args[0], DType::Bool)?;
    Ok(args[0].clone())
}

fn negate(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    need(args[0], DType::Bool)?;
    Ok(args[0].clone())
}

fn choose(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 3)?;
    need(args[0], DType::Bool)?;
    if args[1] == args[2] && args[0].shape == args[1].shape {
        Ok(args[1].clone())
    } else {
        Err(format!("operands {}, {}, {}", args[0], args[1], args[2]))
    }
}

fn cast(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    match attrs {
        Attrs::DType(dtype) => Ok(Ty::new(*dtype, args[0].shape.clone())),
        _ => Err("no element type".into()),
    }
}

rows! { Map;
    NEG = "neg", "The negative.", number;
    ABS = "abs", "The absolute value.", number;
    SIGN = "sign", "-1, 0 or 1.", number;
    FLOOR = "floor", "The largest integer not above.", unary;
    EXP = "exp", "The exponential.", unary;
    LOG = "log", "The natural logarithm.", unary;
    LOG1P = "log1p", "log(1 + x), exact near 0.", unary;
    EXPM1 = "expm1", "exp(x) - 1, exact near 0.", unary;
    SQRT = "sqrt", "The square root.", unary;
    SIN = "sin", "The sine.", unary;
    COS = "cos", "The cosine.", unary;
    TANH = "tanh", "The hyperbolic tangent.", unary;
    SIGMOID = "sigmoid", "1 / (1 + exp(-x)).", unary;
    SOFTPLUS = "softplus", "log(1 + exp(x)), without overflow.", unary;
    ERF = "erf", "The error function.", unary;
    LGAMMA = "lgamma", "The logarithm of the gamma function of a positive number.", unary;
    DIGAMMA = "digamma", "The derivative of lgamma.", unary;
    NOT = "not", "Logical negation.", negate;
    ADD = "add", "The sum.", arith;
    SUB = "sub", "The difference.", arith;
    MUL = "mul", "The product.", arith;
    DIV = "div", "The quotient; of integers rounded towards minus infinity.", arith;
    POW = "pow", "x to the power y.", real;
    MAX = "max", "The larger.", arith;
    MIN = "min", "The smaller.", arith;
    EQ = "eq", "Whether equal.", compare;
    NE = "ne", "Whether different.", compare;
    LT = "lt", "Whether less.", compare;
    LE = "le", "Whether less or equal.", compare;
    GT = "gt", "Whether greater.", compare;
    GE = "ge", "Whether greater or equal.", compare;
    AND = "and", "Whether both.", logic;
    OR = "or", "Whether either.", logic;
    SELECT = "select", "The second where the first holds, else the third.", choose;
    CAST = "cast", "To another element type: truth to 0 and 1, reals to integers by truncation, numbers to truth by `!= 0`.", cast;
}
