//! Programs made by types: declarations that fit each other, expressions of the shape that is asked
//! for. In: random numbers, and whether mistakes are wanted. Out: a text. Most of those without
//! mistakes are accepted; nothing here says what they compute.

use super::corpus::CORPUS;
use super::mutate::Random;
use super::words::{ROUGH, SMOOTH};

mod declared;
mod values;

type Shape = Vec<usize>;

/// A name that expressions may use.
#[derive(Clone)]
struct Name {
    text: String,
    shape: Shape,
    /// Number of classes, if it is an index.
    classes: Option<usize>,
}

struct Maker<'r> {
    dice: &'r mut Random,
    wrong: bool,
    names: Vec<Name>,
    /// Functions of one value: name, shape of the argument, shape of the result.
    calls: Vec<(String, Shape, Shape)>,
    dims: Vec<(&'static str, usize)>,
    /// Whether layers may be made here.
    layers: bool,
    fresh: usize,
    out: String,
}

/// A program.
pub fn program(dice: &mut Random, wrong: bool) -> String {
    let dims = [
        ("D", 2 + dice.below(5)),
        ("H", 1 + dice.below(5)),
        ("Z", 1 + dice.below(3)),
        ("T", 2 + dice.below(3)),
    ];
    let mut maker = Maker {
        dice,
        wrong,
        names: Vec::new(),
        calls: Vec::new(),
        dims: dims.to_vec(),
        layers: false,
        fresh: 0,
        out: String::new(),
    };
    maker.declared();
    maker.out
}

impl Maker<'_> {
    fn below(&mut self, n: usize) -> usize {
        self.dice.below(n)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.dice.below(n) == 0
    }

    fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.dice.below(list.len())].clone()
    }

    fn slip(&mut self) -> bool {
        self.wrong && self.dice.below(60) == 0
    }

    fn name(&mut self, stem: &str) -> String {
        self.fresh += 1;
        if self.slip() {
            return self.pick(&CORPUS.words);
        }
        // Names that the program itself might use, now and then.
        let odd =
            ["seed", "step", "total", "loss", "W", "Linear_0", "noise", "c0", "param", "code"];
        if self.one_in(40) {
            let odd = self.pick(&odd);
            if !self.out.contains(odd) && odd != "param" && odd != "loss" {
                return odd.into();
            }
        }
        format!("{stem}{}", self.fresh)
    }

    /// A size in words.
    fn size(&mut self, n: usize) -> String {
        let named: Vec<&str> = self.dims.iter().filter(|(_, m)| *m == n).map(|(d, _)| *d).collect();
        if self.slip() {
            return self
                .pick(&["0", "-1", "B", "1000000", "2147483648", "D * D", "T - 5", "1.5"])
                .into();
        }
        if named.is_empty() || self.one_in(2) { n.to_string() } else { self.pick(&named).into() }
    }

    fn ty(&mut self, shape: &[usize]) -> String {
        if shape.is_empty() {
            return "f32".into();
        }
        let sizes: Vec<String> = shape.iter().map(|n| self.size(*n)).collect();
        format!("f32[{}]", sizes.join(", "))
    }

    fn shape(&mut self) -> Shape {
        let n = self.dims[self.dice.below(4)].1;
        let m = self.dims[self.dice.below(4)].1;
        match self.below(5) {
            0 => vec![],
            1..=3 => vec![n],
            _ => vec![m, n],
        }
    }

    fn number(&mut self) -> String {
        if self.slip() {
            return self.pick(&CORPUS.words);
        }
        let small = ["0.5", "1", "2", "0.1", "-0.7", "1.5", "0", "3", "0.25"];
        self.pick(&small).into()
    }

    /// A value of a shape that needs nothing else.
    fn leaf(&mut self, shape: &[usize]) -> String {
        let fits: Vec<String> = self
            .names
            .iter()
            .filter(|name| name.classes.is_none() && name.shape == shape)
            .map(|name| name.text.clone())
            .collect();
        if !fits.is_empty() && !self.one_in(5) {
            return self.pick(&fits);
        }
        match shape {
            [] => match self.below(8) {
                0 => self.class().map_or("0.3".into(), |(y, _)| format!("float({y})")),
                1 => "progress()".into(),
                2 => self.pick(&["normal_noise(0.5)", "once(normal_noise(0.5))"]).into(),
                _ => self.number(),
            },
            [n] => match self.below(4) {
                0 => format!("(iota({n}) / {n})"),
                1 => format!("normal_noise(iota({n}))"),
                _ => {
                    let inner = self.leaf(&[]);
                    format!("expand({inner}, over = {n})")
                }
            },
            [m, rest @ ..] => {
                let inner = self.leaf(rest);
                format!("expand({inner}, over = {m})")
            }
        }
    }

    /// A class and their number.
    fn class(&mut self) -> Option<(String, usize)> {
        let fits: Vec<(String, usize)> = self
            .names
            .iter()
            .filter_map(|name| Some((name.text.clone(), name.classes?)))
            .filter(|(name, _)| !name.is_empty())
            .collect();
        if fits.is_empty() { None } else { Some(self.pick(&fits)) }
    }

    /// A value of a shape.
    fn expr(&mut self, shape: &[usize], depth: usize) -> String {
        if self.slip() {
            return self.mistake(shape, depth);
        }
        if depth == 0 || self.one_in(8) {
            return self.leaf(shape);
        }
        let d = depth - 1;
        match self.below(10) {
            0 | 1 => {
                let rough = self.wrong && self.one_in(4);
                let form = if rough { self.pick(ROUGH) } else { self.pick(SMOOTH) };
                let inner = self.expr(shape, d);
                format!("({})", form.replace('$', &format!("({inner})")))
            }
            2 => {
                let (a, b) = (self.expr(shape, d), self.expr(shape, d));
                let sign = self.pick(&["+", "-", "*", "+", "-", "*", "max", "min"]);
                if sign.len() > 1 {
                    format!("{sign}({a}, {b})")
                } else {
                    format!("({a} {sign} {b})")
                }
            }
            3 if !shape.is_empty() => {
                let (a, b) = (self.expr(&[], d), self.expr(shape, d));
                format!("({a} * {b})")
            }
            4 => self.called(shape, d),
            _ => match shape {
                [] => self.scalar(d),
                [n] => self.vector(*n, d),
                [m, n] => self.matrix(*m, *n, d),
                _ => self.leaf(shape),
            },
        }
    }

    fn mistake(&mut self, shape: &[usize], depth: usize) -> String {
        match self.below(5) {
            0 => self.pick(&CORPUS.words),
            1 => self.pick(&CORPUS.groups),
            2 => {
                let other = self.shape();
                self.expr(&other, depth.saturating_sub(1))
            }
            3 => {
                let (name, inner) = (self.pick(&CORPUS.words), self.leaf(shape));
                format!("{name}({inner})")
            }
            _ => {
                let (name, a, b) = (self.pick(&CORPUS.words), self.leaf(shape), self.leaf(&[]));
                let key =
                    self.pick(&["over", "at", "samples", "k", "with", "stride", "pad", "rate"]);
                format!("{name}({a}, {key} = {b})")
            }
        }
    }

    fn called(&mut self, shape: &[usize], depth: usize) -> String {
        let fits: Vec<(String, Shape)> = self
            .calls
            .iter()
            .filter(|(_, _, to)| to == shape)
            .map(|(name, from, _)| (name.clone(), from.clone()))
            .collect();
        if fits.is_empty() {
            return self.leaf(shape);
        }
        let (name, from) = self.pick(&fits);
        let inner = self.expr(&from, depth);
        if self.one_in(3) { format!("({inner} |> {name})") } else { format!("{name}({inner})") }
    }
}
