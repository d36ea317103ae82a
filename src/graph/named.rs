//! Names of a graph's results. In: what a result is. Out: its name, and back. Graphs, plans and artifacts
//! hold the names; nobody else spells them.

use std::fmt::{self, Display, Formatter};

/// What a result of a graph is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named<'a> {
    /// The new value of a weight.
    Param(&'a str),
    /// The new value of a state.
    State(&'a str),
    /// A figure of a train step.
    Track(&'a str),
    /// A figure that is a mean over rows.
    Report(&'a str),
    /// An argument of a metric, by its number.
    Metric(&'a str, usize),
    /// A value of a sample phase.
    Emit(&'a str),
    /// What passes a part.
    Code(&'a str),
    /// The rate of a bottleneck.
    Rate(&'a str),
}

impl Display for Named<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Named::Param(path) => write!(f, "param:{path}"),
            Named::State(path) => write!(f, "state:{path}"),
            Named::Track(name) => write!(f, "track:{name}"),
            Named::Report(name) => write!(f, "report:{name}"),
            Named::Metric(name, at) => write!(f, "metric:{name}:{at}"),
            Named::Emit(name) => write!(f, "emit:{name}"),
            Named::Code(part) => write!(f, "code:{part}"),
            Named::Rate(part) => write!(f, "rate:{part}"),
        }
    }
}

impl<'a> Named<'a> {
    /// What a name stands for; `None` for results of no such kind, as those of loops.
    pub fn parse(name: &'a str) -> Option<Named<'a>> {
        let (kind, rest) = name.split_once(':')?;
        Some(match kind {
            "param" => Named::Param(rest),
            "state" => Named::State(rest),
            "track" => Named::Track(rest),
            "report" => Named::Report(rest),
            "metric" => {
                let (name, at) = rest.rsplit_once(':')?;
                Named::Metric(name, at.parse().ok()?)
            }
            "emit" => Named::Emit(rest),
            "code" => Named::Code(rest),
            "rate" => Named::Rate(rest),
            _ => return None,
        })
    }

    /// The path of the slot that a result with this name is written to.
    pub fn slot(name: &'a str) -> Option<&'a str> {
        match Named::parse(name)? {
            Named::Param(path) | Named::State(path) => Some(path),
            _ => None,
        }
    }

    /// The part whose code has this name.
    pub fn code(name: &'a str) -> Option<&'a str> {
        match Named::parse(name)? {
            Named::Code(part) => Some(part),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        let all = [
            Named::Param("q.Linear_0.W"),
            Named::State("t.adam.w:m"),
            Named::Track("loss"),
            Named::Report("a:b"),
            Named::Metric("probe:x", 12),
            Named::Emit("x"),
            Named::Code("q"),
            Named::Rate("q"),
        ];
        for named in all {
            assert_eq!(Named::parse(&named.to_string()), Some(named));
        }
        for other in ["c0", "loss", "metric:probe", "metric:probe:x", "figure:x"] {
            assert_eq!(Named::parse(other), None);
        }
    }
}
