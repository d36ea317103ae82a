//! Element types of registers. In: operations. Out: what they take and give.

pub use super::super::Word;
use super::super::{Buffer, Code, Elem};
use super::holds;

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

/// The type of what an operation gives for these operands.
pub fn result(code: Code, args: &[Word]) -> Result<Word, String> {
    let (wanted, gives) = code.signature();
    holds(args.len() == wanted.len(), "an operation with another number of operands")?;
    let fit = args.iter().zip(&wanted).all(|(arg, wanted)| arg.is(*wanted));
    holds(fit, "an operand of another type")?;
    match (gives, args) {
        (Word::Either, [_, yes, no]) => {
            holds(yes.is(*no), "a choice between two types")?;
            Ok(if *yes == Word::Either { *no } else { *yes })
        }
        _ => Ok(gives),
    }
}
