//! Element types of registers. In: operations. Out: what they take and give.

use super::super::{Buffer, Code, Elem};
use super::holds;

/// How a word is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// As a real or a truth value.
    Real,
    /// As an integer.
    Whole,
    /// A literal, which may be either.
    Either,
}

impl Word {
    /// The words of a buffer.
    pub fn of(buffer: &Buffer) -> Word {
        if buffer.elem == Elem::I32 { Word::Whole } else { Word::Real }
    }

    /// Whether a value of this type can be used as one of another.
    pub fn is(self, wanted: Word) -> bool {
        self == wanted || self == Word::Either || wanted == Word::Either
    }
}

/// Types of the operands, and of the result.
fn signature(code: Code) -> (&'static [Word], Word) {
    use Word::{Real, Whole};
    match code {
        Code::Neg
        | Code::Abs
        | Code::Sign
        | Code::Floor
        | Code::Exp
        | Code::Log
        | Code::Log1p
        | Code::Expm1
        | Code::Sqrt
        | Code::Sin
        | Code::Cos
        | Code::Tanh
        | Code::Sigmoid
        | Code::Softplus
        | Code::Erf
        | Code::Lgamma
        | Code::Digamma
        | Code::Not
        | Code::Truth => (&[Real], Real),
        Code::Add
        | Code::Sub
        | Code::Mul
        | Code::Div
        | Code::Pow
        | Code::Max
        | Code::Min
        | Code::Eq
        | Code::Ne
        | Code::Lt
        | Code::Le
        | Code::Gt
        | Code::Ge
        | Code::And
        | Code::Or => (&[Real, Real], Real),
        Code::Fma | Code::Fnma => (&[Real, Real, Real], Real),
        Code::Select => (&[Real, Word::Either, Word::Either], Word::Either),
        Code::Trunc => (&[Real], Whole),
        Code::Float | Code::ITruth => (&[Whole], Real),
        Code::INeg | Code::IAbs | Code::ISign => (&[Whole], Whole),
        Code::IAdd | Code::ISub | Code::IMul | Code::IDiv | Code::IMax | Code::IMin => {
            (&[Whole, Whole], Whole)
        }
        Code::IEq | Code::INe | Code::ILt | Code::ILe | Code::IGt | Code::IGe => {
            (&[Whole, Whole], Real)
        }
    }
}

/// The type of what an operation gives for these operands.
pub fn result(code: Code, args: &[Word]) -> Result<Word, String> {
    let (wanted, gives) = signature(code);
    holds(args.len() == wanted.len(), "an operation with another number of operands")?;
    let fit = args.iter().zip(wanted).all(|(arg, wanted)| arg.is(*wanted));
    holds(fit, "an operand of another type")?;
    match (code, args) {
        (Code::Select, [_, yes, no]) => {
            holds(yes.is(*no), "a choice between two types")?;
            Ok(if *yes == Word::Either { *no } else { *yes })
        }
        _ => Ok(gives),
    }
}
