//! How large a model may be, and what was spent of it. In: work, as it is counted. Out: the first
//! limit that was passed, with the place that took most of it. Every stage that makes something out of
//! a file counts here before it makes it; the rows are the table of limits in `docs/language.md`.
//! Looks at no clock and no memory: the same text is refused on every machine.

use super::{Code, Diagnostic, Span, codes};
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// A row of the table.
#[derive(Debug)]
pub struct Limit {
    /// Its number in [`LIMITS`].
    pub row: usize,
    /// What is counted.
    pub what: &'static str,
    /// The largest count.
    pub most: usize,
    /// The message; `{}` stands for the limit.
    pub said: &'static str,
    /// What to do instead.
    pub help: &'static str,
}

impl Limit {
    /// The message that it is passed, without a place.
    pub fn passed(&self, code: Code) -> Diagnostic {
        let text = self.said.replace("{}", &self.most.to_string());
        Diagnostic::new(code, text).help(self.help)
    }
}

macro_rules! limits {
    ($($name:ident $most:literal $what:literal $said:literal $help:literal)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Row { $($name),* }
        $(#[doc = $what] pub const $name: &Limit =
            &Limit { row: Row::$name as usize, what: $what, most: $most, said: $said, help: $help };)*
        /// All rows, from the text to the run.
        pub const LIMITS: &[&Limit] = &[$($name),*];
    };
}

limits! {
    FILE_BYTES 1_048_576 "bytes of a file (1 MiB)"
        "a source of more than {} bytes (1 MiB)"
        "move parts to files of their own and bring them in with `use`"
    FILES_BYTES 16_777_216 "bytes of a file and of all that it uses (16 MiB)"
        "sources of more than {} bytes together (16 MiB)"
        "bring in fewer files with `use`; numbers belong into files of data"
    FILE_PARTS 200_000 "parts of a file: names, numbers, operators, statements"
        "more than {} parts in one file"
        "move parts to files of their own and bring them in with `use`"
    NESTING 128 "brackets, signs, `if`s and lambdas inside each other"
        "nesting deeper than {}"
        "name the inner parts with `let` or `const`"
    OPERATORS 1_000 "operators in a row in one expression"
        "an expression of more than {} steps"
        "name parts of it with `let` or `const`, or use `sum`, `chain` or `scan`"
    DECLARATIONS 4_000 "names that the files of a model declare"
        "the files of the model declare more than {} names"
        "write what is alike once: a `module` with arguments, or a `config`"
    STATEMENTS 4_000 "statements of one body"
        "a body of more than {} statements"
        "write what is alike once: `chain`, `scan`, `repeat`, or a function"
    PHASES 256 "phases of a model"
        "a model of more than {} phases"
        "put them into files of their own, or give one phase a `config`"
    FIGURES 1_000 "figures that a phase tracks, reports or emits"
        "a phase of more than {} figures"
        "put them into phases of their own, or into one value: `emit ... as npz`"
    FILES_DEEP 16 "files that use files, levels"
        "files use each other more than {} levels deep"
        "use fewer levels: one file may use many"
    CONFIG_BYTES 65_536 "bytes of a configuration (64 KiB)"
        "more than {} bytes (64 KiB)"
        "a configuration holds settings only; data belongs into files of data"
    MESSAGES 20 "messages of a kind that are shown"
        "more than {} messages"
        "mend the first ones"
    CALLS_DEEP 200 "calls inside calls"
        "calls nested more than {} deep: a function calls itself"
        "loops are written with `scan`, `chain` or `map`"
    NESTED 4_000 "names, calls and operators that stand for each other, levels"
        "names, calls and operators inside each other more than {} levels deep"
        "write the chain of names as one `chain`, `scan` or function"
    COPIES 8 "copies of nets inside of copies"
        "copies of nets inside of each other more than {} deep: a net uses a copy of itself"
        "give the copy to the net as a value, or call both where they meet: `f(x) - stop(target(x))`"
    LAYERS 10_000 "layers of one `chain`"
        "a chain of more than {} layers"
        "give it fewer layers, or repeat one layer with `scan`"
    STEPS 2_000_000 "names, calls and operators that are evaluated while a model is read"
        "reading the model takes more than {} steps"
        "name what is computed more than once with `let`, or repeat with `scan`, which is read once"
    TUPLE 50_000 "parts of a tuple or a record, those inside of it included"
        "a tuple of more than {} parts"
        "make it a tensor, or read it from a file of data"
    OPERATIONS 200_000 "operations of a model"
        "the model has more than {} operations"
        "repeat with `scan`, which is compiled once, instead of `chain`"
    PATHS 8_388_608 "bytes of the names of all weights, states and draws (8 MiB)"
        "the names of weights, states and draws take more than {} bytes"
        "put fewer layers inside of each other, or give them shorter names"
    ROWS 16_777_216 "rows of a batch"
        "a batch of more than {} rows"
        "use a smaller batch; `batch 4096` is a large one"
    TRIPS 16_777_216 "turns of a `scan`"
        "a `scan` of more than {} turns"
        "give it fewer turns, or carry on in the next step with a `state`"
    TURNS 65_536 "minibatches of one step: turns of `repeat`, nested ones multiplied"
        "a step of more than {} minibatches"
        "repeat fewer times, or train longer: `epochs`, `steps`"
    NUMBER 2_147_483_647 "a size, a count or a number of rows"
        "a size of more than {}"
        "write a smaller number"
    ELEMENTS 2_147_483_648 "elements of a tensor, rows of the batch and samples included"
        "a tensor of more than {} elements"
        "reduce a dim, the batch or the number of samples"
    DIMS 24 "dims of a tensor"
        "a tensor of more than {} dims"
        "put dims together with `reshape`"
    FOLLOWED 24_000_000 "elements that are followed to prove that no position of a sequence looks ahead"
        "proving that no position looks ahead takes more than {} elements"
        "make the sequence shorter or its net smaller; heads and features that are alike cost nothing"
    REWRITES 5_000_000 "operations that are looked at while objectives are derived"
        "deriving the objectives takes more than {} steps"
        "use fewer losses, draws or phases on so large a model"
    TRANSLATED 400_000 "operations of all phases together, before derivatives"
        "the phases have more than {} operations together"
        "`repeat` is written out: use fewer turns, or `scan`; keep figures in fewer phases"
    DERIVED 200_000 "operations of a phase with its derivatives"
        "a phase of more than {} operations, derivatives included"
        "take derivatives of lower order, or repeat with `scan` instead of `chain`"
    WORK 72_057_594_037_927_936 "arithmetic operations of one step of a phase (2^56)"
        "a step of more than {} operations"
        "reduce a dim, the batch, the number of samples or the turns of a `scan`"
    WINDOWS 67_108_864 "lines of an image times taps of the window that a convolution moves over it"
        "a convolution of more than {} lines and taps"
        "use a smaller window, or several after each other"
    DISPATCHES 50_000 "dispatches of a phase on a graphics device"
        "a phase of more than {} dispatches on a graphics device"
        "use a smaller batch or a shorter `scan`, or run on the processor: `--device cpu`"
    TEXT 33_554_432 "bytes of a stage that is printed (32 MiB)"
        "a stage of more than {} bytes of text"
        "print another stage, or a smaller model"
    FORMULA 400 "parts of a formula that is printed; `...` stands for the rest"
        "a formula of more than {} parts"
        "name parts of it"
    COMPARED 67_108_864 "bytes that `rlc check` compares gradients with (64 MiB); above, it says so"
        "the model is too large to be compared in f64: more than {} bytes"
        "give a small size for the check: `--set NAME=8`"
}

/// What was spent. The first limit that is passed is kept, and nothing can be spent after it.
#[derive(Clone, Debug)]
pub struct Budget {
    spent: [usize; LIMITS.len()],
    places: HashMap<(usize, Span), usize, RandomState>,
    over: Option<Over>,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { spent: [0; LIMITS.len()], places: HashMap::default(), over: None }
    }
}

/// A limit that was passed.
#[derive(Clone, Debug)]
pub struct Over {
    limit: &'static Limit,
    /// The place that spent most, and how much.
    place: Option<(Span, usize)>,
}

impl Budget {
    /// Spends without a place. Whether the limit holds.
    pub fn take(&mut self, limit: &'static Limit, n: usize) -> bool {
        self.add(limit, n, None)
    }

    /// Spends at a place. Whether the limit holds.
    pub fn spend(&mut self, limit: &'static Limit, n: usize, span: Span) -> bool {
        if self.over.is_none() && n > 0 {
            let here = self.places.entry((limit.row, span)).or_insert(0);
            *here = here.saturating_add(n);
        }
        self.add(limit, n, Some(span))
    }

    fn add(&mut self, limit: &'static Limit, n: usize, span: Option<Span>) -> bool {
        if self.over.is_some() {
            return false;
        }
        let sum = &mut self.spent[limit.row];
        *sum = sum.saturating_add(n);
        if *sum > limit.most {
            // Where none stands out, it is where the limit was passed.
            let dear = self.dearest(limit).filter(|(_, n)| *n >= limit.most / 10);
            self.over = Some(Over { limit, place: dear.or(span.map(|span| (span, 0))) });
        }
        self.over.is_none()
    }

    /// Whether a single thing of this size is within the limit.
    pub fn allow(&mut self, limit: &'static Limit, n: usize, span: Span) -> bool {
        if n > limit.most && self.over.is_none() {
            self.over = Some(Over { limit, place: Some((span, 0)) });
        }
        self.over.is_none()
    }

    /// Begins to count anew what is limited for each of several things.
    pub fn renew(&mut self, limit: &'static Limit) {
        self.spent[limit.row] = 0;
        self.places.retain(|(row, _), _| *row != limit.row);
    }

    /// What was passed.
    pub fn over(&self) -> Option<&Over> {
        self.over.as_ref()
    }

    /// The place that spent most of a limit; of several, the first in the files.
    fn dearest(&self, limit: &'static Limit) -> Option<(Span, usize)> {
        let own = self.places.iter().filter(|((row, _), _)| *row == limit.row);
        let all = own.map(|((_, span), n)| (*span, *n));
        all.max_by_key(|(span, n)| (*n, std::cmp::Reverse(*span)))
    }
}

impl Over {
    /// A limit that was passed by something that has this place.
    pub fn at(limit: &'static Limit, place: Option<Span>) -> Over {
        Over { limit, place: place.map(|span| (span, 0)) }
    }

    /// The limit.
    pub fn limit(&self) -> &'static Limit {
        self.limit
    }

    /// Its place, unless there is one.
    pub fn or_at(mut self, span: Span) -> Over {
        self.place.get_or_insert((span, 0));
        self
    }

    /// The message: the limit, where most was spent, what to do instead.
    pub fn diagnostic(&self, place: impl Fn(Span) -> Span) -> Diagnostic {
        let error = self.limit.passed(codes::RL0110);
        match self.place {
            None => error,
            Some((span, 0)) => error.at(place(span), ""),
            Some((span, n)) => error.at(place(span), format!("{n} of them are spent here")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::FileId;

    #[test]
    fn the_dearest_place_is_named() {
        let at = |start| Span::new(FileId(0), start, start + 1);
        let mut budget = Budget::default();
        assert!(budget.spend(LAYERS, 6_000, at(9)));
        assert!(budget.spend(LAYERS, 3_000, at(1)));
        assert!(budget.spend(OPERATORS, 999, at(5)));
        assert!(!budget.spend(LAYERS, 1_001, at(1)));
        // What is passed stays passed, and is what is told.
        assert!(!budget.spend(OPERATORS, 1_000_000, at(5)));
        let error = budget.over().unwrap().diagnostic(|span| span);
        assert_eq!(error.message, "a chain of more than 10000 layers");
        let label = error.primary.unwrap();
        assert_eq!((label.span, label.text.as_str()), (at(9), "6000 of them are spent here"));
    }

    #[test]
    fn limits_are_counted_apart() {
        let mut budget = Budget::default();
        assert!(budget.take(FORMULA, FORMULA.most) && budget.take(LAYERS, LAYERS.most));
        assert!(budget.over().is_none());
        budget.renew(FORMULA);
        assert!(budget.take(FORMULA, FORMULA.most));
        assert!(!budget.take(FORMULA, usize::MAX));
        assert!(LIMITS.iter().enumerate().all(|(row, limit)| limit.row == row));
    }
}
