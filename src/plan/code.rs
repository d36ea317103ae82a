//! Operations on registers. In: rows of the op table, and how their words are read. Out: values that a
//! plan holds, writes by name and reads back.

use crate::graph::op::How;
use crate::graph::op::map::{CAST, SELECT};
use crate::graph::{Attrs, DType, Kind, Op, Ty, op};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::{self, Debug, Display, Formatter};

/// An operation on registers.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// An elementwise op of reals or truth values.
    Real(Op),
    /// The same of integers.
    Whole(Op),
    /// A real or a truth value as an integer, cut off.
    Trunc,
    /// An integer as a real.
    Float,
    /// Whether a real is not 0.
    Truth,
    /// Whether an integer is not 0.
    ITruth,
    /// `a * b + c`, rounded once.
    Fma,
    /// `c - a * b`, rounded once.
    Fnma,
}

/// Those that are no op of a graph.
const OWN: [(Code, &str); 6] = [
    (Code::Trunc, "Trunc"),
    (Code::Float, "Float"),
    (Code::Truth, "Truth"),
    (Code::ITruth, "ITruth"),
    (Code::Fma, "Fma"),
    (Code::Fnma, "Fnma"),
];

/// How a word is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// As a real or a truth value.
    Real,
    /// As an integer.
    Whole,
    /// A literal, or what is chosen among words: either.
    Either,
}

impl Code {
    /// The operation of an elementwise op; `None` where a conversion changes nothing.
    pub fn of(op: Op, from: DType, to: DType) -> Option<Code> {
        match (from, to) {
            _ if op != &CAST && from == DType::I32 => Some(Code::Whole(op)),
            _ if op != &CAST => Some(Code::Real(op)),
            (DType::I32, DType::F32) => Some(Code::Float),
            (DType::I32, DType::Bool) => Some(Code::ITruth),
            (DType::F32, DType::Bool) => Some(Code::Truth),
            (DType::F32 | DType::Bool, DType::I32) => Some(Code::Trunc),
            _ => None,
        }
    }

    /// The operation that joins two terms of a reduction.
    pub fn join(how: How, integer: bool) -> Code {
        if integer { Code::Whole(how.join()) } else { Code::Real(how.join()) }
    }

    /// Types of the operands, and of the result.
    pub fn signature(self) -> (Vec<Word>, Word) {
        use Word::{Either, Real, Whole};
        match self {
            // A condition, and what is chosen from.
            Code::Real(op) if op == &SELECT => (vec![Real, Either, Either], Either),
            Code::Real(op) => (vec![Real; op.operands], Real),
            Code::Whole(op) => {
                let word = Ty::i32([]);
                let args = vec![&word; op.operands];
                let truth = op.infer_type(&args, &Attrs::None).is_ok_and(|t| t.dtype != DType::I32);
                (vec![Whole; args.len()], if truth { Real } else { Whole })
            }
            Code::Trunc => (vec![Real], Whole),
            Code::Float | Code::ITruth => (vec![Whole], Real),
            Code::Truth => (vec![Real], Real),
            Code::Fma | Code::Fnma => (vec![Real; 3], Real),
        }
    }

    /// The operation of a name, if there is one.
    fn named(name: &str) -> Option<Code> {
        let own = OWN.iter().find(|(_, own)| *own == name).map(|(code, _)| *code);
        let row = |name: &str| {
            let op = op::find(&name.to_ascii_lowercase())?;
            (op.kind == Kind::Map && op != &CAST).then_some(op)
        };
        let whole = || name.strip_prefix('I').and_then(row).filter(|op| !op.whole.is_empty());
        let found = own.or_else(|| row(name).map(Code::Real));
        found.or_else(|| whole().map(Code::Whole)).filter(|code| code.to_string() == name)
    }
}

impl Display for Code {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let capital = |op: Op| op.name[..1].to_uppercase() + &op.name[1..];
        match self {
            Code::Real(op) => f.write_str(&capital(op)),
            Code::Whole(op) => write!(f, "I{}", capital(op)),
            own => f.write_str(OWN.iter().find(|(code, _)| code == own).map_or("", |row| row.1)),
        }
    }
}

impl Debug for Code {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Code, D::Error> {
        let name = String::deserialize(from)?;
        Code::named(&name).ok_or_else(|| D::Error::custom(format!("no operation `{name}`")))
    }
}
