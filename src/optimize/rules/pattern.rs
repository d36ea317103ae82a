//! Rules that are written as mathematics: `log(exp(x)) -> x; x ^ 2 -> x * x`. In: such a text, and a node of
//! reals on offer. Out: the right side of the first alternative whose left side the node is. Letters are
//! any values, the same letter the same value; numbers are literals; words are elementwise ops. Sums and
//! products match in both orders, the written one first.

use crate::graph::op::{self, map};
use crate::graph::{Attrs, DType, Graph, NodeId, Op};
use crate::optimize::sweep::Site;

/// A rule of one text.
macro_rules! rewrite {
    ($name:literal, $text:literal, $example:literal) => {
        Rule {
            name: $name,
            doc: $text,
            apply: {
                fn apply(g: &mut Graph, site: &Site) -> Option<NodeId> {
                    static RULE: LazyLock<Rewrite> = LazyLock::new(|| Rewrite::new($text));
                    RULE.apply(g, site)
                }
                apply
            },
            example: $example,
        }
    };
}
pub(super) use rewrite;

/// Letters of a pattern.
const LETTERS: usize = 26;

/// What the letters stand for.
type Found = [Option<NodeId>; LETTERS];

/// One side of a rule.
#[derive(Debug, PartialEq)]
enum Pattern {
    /// Any value.
    Letter(usize),
    /// A literal of every shape.
    Number(f64),
    /// An elementwise op.
    Apply(Op, Vec<Pattern>),
}

/// Alternatives, each a left and a right side.
pub struct Rewrite(Vec<(Pattern, Pattern)>);

impl Rewrite {
    /// The rule of a text.
    ///
    /// # Panics
    /// If it cannot be read: it is part of the program.
    pub fn new(text: &str) -> Rewrite {
        let sides = |alternative: &str| {
            let (left, right) = alternative.split_once("->").expect("two sides");
            (read(left), read(right))
        };
        Rewrite(text.split(';').map(sides).collect())
    }

    /// What stands for the node, if it is a left side.
    pub fn apply(&self, g: &mut Graph, site: &Site) -> Option<NodeId> {
        if site.node.ty.dtype != DType::F32 {
            return None;
        }
        let node = &site.node;
        self.0.iter().find_map(|(left, right)| {
            let Pattern::Apply(op, args) = left else { return None };
            let fits = *op == node.op && node.attrs == Attrs::None && args.len() == node.args.len();
            let found =
                fits.then(|| operands(g, op, args, &node.args, [None; LETTERS])).flatten()?;
            Some(right.build(g, site, &found))
        })
    }
}

/// What the letters of operands stand for.
fn operands(g: &Graph, op: &Op, args: &[Pattern], ids: &[NodeId], found: Found) -> Option<Found> {
    let in_order = |ids: &mut dyn Iterator<Item = &NodeId>| {
        args.iter().zip(ids).try_fold(found, |found, (arg, id)| arg.matches(g, *id, found))
    };
    let commutes = *op == &map::ADD || *op == &map::MUL;
    let turned = || if commutes { in_order(&mut ids.iter().rev()) } else { None };
    in_order(&mut ids.iter()).or_else(turned)
}

impl Pattern {
    fn matches(&self, g: &Graph, id: NodeId, mut found: Found) -> Option<Found> {
        match self {
            Pattern::Letter(letter) => {
                let known = *found[*letter].get_or_insert(id);
                (known == id).then_some(found)
            }
            Pattern::Number(value) => super::is_real(g, id, *value).then_some(found),
            Pattern::Apply(op, args) => {
                let node = super::is(g, id, op)?;
                operands(g, op, args, &node.args, found)
            }
        }
    }

    fn build(&self, g: &mut Graph, site: &Site, found: &Found) -> NodeId {
        match self {
            Pattern::Letter(letter) => found[*letter].expect("letters of the left side"),
            Pattern::Number(value) => g.full(*value, &site.node.ty),
            Pattern::Apply(op, args) => {
                let args = args.iter().map(|arg| arg.build(g, site, found)).collect();
                g.push(op, args, Attrs::None)
            }
        }
    }
}

/// Reads one side.
fn read(text: &str) -> Pattern {
    let mut reader = Reader { rest: text.trim() };
    let pattern = reader.sum();
    assert!(reader.rest.is_empty(), "pattern `{text}`: `{}` is left", reader.rest);
    pattern
}

/// Precedence as everywhere: sums, products, signs, powers.
struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn take(&mut self, sign: char) -> bool {
        let rest = self.rest.strip_prefix(sign).map(str::trim_start);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn joined(&mut self, signs: &[(char, Op)], part: fn(&mut Self) -> Pattern) -> Pattern {
        let mut left = part(self);
        while let Some((_, op)) = signs.iter().find(|(sign, _)| self.take(*sign)) {
            left = Pattern::Apply(op, vec![left, part(self)]);
        }
        left
    }

    fn sum(&mut self) -> Pattern {
        self.joined(&[('+', &map::ADD), ('-', &map::SUB)], Self::product)
    }

    fn product(&mut self) -> Pattern {
        self.joined(&[('*', &map::MUL), ('/', &map::DIV)], Self::signed)
    }

    fn signed(&mut self) -> Pattern {
        if !self.take('-') {
            return self.power();
        }
        match self.signed() {
            Pattern::Number(value) => Pattern::Number(-value),
            pattern => Pattern::Apply(&map::NEG, vec![pattern]),
        }
    }

    fn power(&mut self) -> Pattern {
        let base = self.atom();
        if !self.take('^') {
            return base;
        }
        Pattern::Apply(&map::POW, vec![base, self.signed()])
    }

    fn atom(&mut self) -> Pattern {
        if self.take('(') {
            let inner = self.sum();
            assert!(self.take(')'), "`)` before `{}`", self.rest);
            return inner;
        }
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.');
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest.trim_start();
        if let Ok(value) = word.parse() {
            return Pattern::Number(value);
        }
        if let [letter @ b'a'..=b'z'] = word.as_bytes() {
            return Pattern::Letter(usize::from(letter - b'a'));
        }
        let op = op::find(word).unwrap_or_else(|| panic!("pattern: no op `{word}`"));
        assert!(self.take('('), "`{word}` is applied");
        let inner = self.sum();
        assert!(self.take(')'), "`)` before `{}`", self.rest);
        Pattern::Apply(op, vec![inner])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precedence() {
        let x = || Pattern::Letter(23);
        let square = Pattern::Apply(&map::POW, vec![x(), Pattern::Number(2.0)]);
        assert_eq!(read("-x ^ 2"), Pattern::Apply(&map::NEG, vec![square]));
        assert_eq!(read("x - x - x"), read("(x - x) - x"));
        assert_ne!(read("x - x - x"), read("x - (x - x)"));
        assert_eq!(read("x * -1 + x"), read("(x * (-1)) + x"));
        assert_eq!(read("log1p(x)"), Pattern::Apply(&map::LOG1P, vec![x()]));
    }
}
