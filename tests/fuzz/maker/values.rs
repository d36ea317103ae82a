//! Expressions of one shape each, from others.

use super::{Maker, Name};

impl Maker<'_> {
    /// A function of one value, written in place.
    fn lambda(&mut self, from: &[usize], to: &[usize], depth: usize) -> String {
        self.fresh += 1;
        let text = format!("a{}", self.fresh);
        self.names.push(Name { text: text.clone(), shape: from.into(), classes: None });
        let kept = std::mem::replace(&mut self.layers, false);
        let body = self.expr(to, depth);
        self.layers = kept;
        self.names.pop();
        format!("({text}) => {body}")
    }

    pub(super) fn small(&mut self) -> usize {
        self.dims[self.dice.below(4)].1
    }

    pub(super) fn scalar(&mut self, d: usize) -> String {
        let n = self.small();
        match self.below(15) {
            13 => self.average(n, d),
            0..=2 => {
                let word = self.pick(&[
                    "sum",
                    "mean",
                    "max",
                    "min",
                    "logsumexp",
                    "norm",
                    "sum",
                    "variance_of",
                ]);
                let shape = if self.one_in(3) { vec![self.small(), n] } else { vec![n] };
                let v = self.expr(&shape, d);
                if word == "variance_of" {
                    format!("mean(({v})^2)")
                } else {
                    format!("{word}({v})")
                }
            }
            3 => {
                let (a, b) = (self.expr(&[n], d), self.expr(&[n], d));
                let word = self.pick(&["dot", "squared_error"]);
                if word == "dot" {
                    format!("dot({a}, {b})")
                } else {
                    format!("sum(squared_error({a}, {b}))")
                }
            }
            4 => {
                let (v, i) = (self.expr(&[n], d), self.below(n));
                format!("({v})[{i}]")
            }
            5 | 6 => match self.class() {
                Some((y, n)) if n < 20 => {
                    let v = self.expr(&[n], d);
                    let word = self.pick(&["cross_entropy", "pick", "accuracy"]);
                    format!("{word}({v}, {y})")
                }
                _ => self.leaf(&[]),
            },
            7 => {
                let (f, v) = (self.lambda(&[n], &[], d), self.expr(&[n], d));
                format!("sum(grad({f}, at = {v})^2)")
            }
            8 => {
                let (f, v) = (self.lambda(&[n], &[n], d.min(2)), self.expr(&[n], d));
                format!("sum(jacobian({f}, at = {v})^2)")
            }
            9 => {
                let (a, b, c) = (self.expr(&[], d), self.expr(&[], d), self.expr(&[], d));
                format!("(if {c} > 0.3 then {a} else {b})")
            }
            10 => {
                let v = self.expr(&[], d);
                format!("batch_mean({v})")
            }
            11 => {
                let (start, steps) = (self.expr(&[], d), 1 + self.below(3));
                let name = format!("h{}", self.fresh);
                self.names.push(Name { text: name.clone(), shape: vec![], classes: None });
                let body = self.expr(&[], d);
                self.names.pop();
                format!(
                    "last(scan({name} = {start}, t{} in 0..{steps}) {{ return {body} }})",
                    self.fresh
                )
            }
            12 => {
                let v = self.expr(&[n], d);
                format!("float(argmax({v}))")
            }
            _ => self.leaf(&[]),
        }
    }

    /// An average over draws, by any estimator.
    fn average(&mut self, n: usize, d: usize) -> String {
        let (logits, aid) = (self.expr(&[n], d), self.expr(&[], d));
        let (ty, family) = self.pick(&[
            ("bit", "Bernoulli(logits = $)"),
            ("bit", "OneHotCategorical(logits = $)"),
            ("f32", "Normal($, 0.5)"),
        ]);
        let how = self.pick(&[
            "",
            ", samples = 3",
            ", estimator = \"score\"",
            ", samples = 2, estimator = \"score\", baseline = $",
            ", samples = 3, estimator = \"score\", baseline = \"leave_one_out\"",
            ", estimator = \"straight_through\"",
            ", samples = 2, estimator = \"relaxed\", temperature = 0.7",
            ", estimator = \"relaxed\", temperature = 1.5 - progress()",
        ]);
        // A path needs no other estimator.
        let paths = ["straight_through", "relaxed"].iter().any(|word| how.contains(word));
        let how = if ty == "f32" && paths { "" } else { how };
        self.fresh += 1;
        let name = format!("v{}", self.fresh);
        self.names.push(Name { text: name.clone(), shape: vec![n], classes: None });
        let kept = std::mem::replace(&mut self.layers, false);
        let body = self.expr(&[], d);
        self.layers = kept;
        self.names.pop();
        let (family, how) = (family.replace('$', &logits), how.replace('$', &aid));
        format!("E[{name}: {ty}[{n}] ~ {family}{how}]({body})")
    }

    pub(super) fn vector(&mut self, n: usize, d: usize) -> String {
        let m = self.small();
        match self.below(18) {
            0 if self.layers => {
                let from = self.small();
                let v = self.expr(&[from], d);
                let size = self.size(n);
                format!("({v} |> Linear({size}))")
            }
            1 if self.layers => {
                let v = self.expr(&[n], d);
                let layer = self.pick(&[
                    "LayerNorm()",
                    "BatchNorm()",
                    "chain(i in 0..2) { tanh }",
                    "Linear_in",
                ]);
                if layer == "Linear_in" {
                    format!("({v} |> chain(i in 0..2) {{ Linear({n}) }})")
                } else {
                    format!("({v} |> {layer})")
                }
            }
            2 if self.layers => match self.class() {
                Some((y, k)) => format!("({y} |> Embedding({k}, {n}))"),
                None => self.leaf(&[n]),
            },
            0..=2 => {
                let v = self.expr(&[n], d);
                let word = self.pick(&[
                    "softmax($)",
                    "log_softmax($)",
                    "cumsum($)",
                    "flip($)",
                    "shift($, 1)",
                    "float(argsort($))",
                ]);
                word.replace('$', &v)
            }
            3 if n > 1 => {
                let (k, v) = (1 + self.below(n), self.expr(&[n], d));
                format!("top_k({v}, k = {k})")
            }
            4 => match self.class() {
                Some((y, k)) if k == n => format!("one_hot({y}, {n})"),
                Some((y, k)) => {
                    let table = self.leaf(&[k, n]);
                    format!("({table})[{y}]")
                }
                None => self.leaf(&[n]),
            },
            5 => {
                let v = self.expr(&[n + 1], d);
                if self.one_in(2) { format!("({v})[1:]") } else { format!("({v})[0:{n}]") }
            }
            6 if n > 1 => {
                let (a, b) = (self.expr(&[1], d), self.expr(&[n - 1], d));
                format!("concat({a}, {b})")
            }
            7 => {
                let (a, i) = (self.expr(&[m, n], d), self.below(m));
                format!("({a})[{i}]")
            }
            8 => {
                let word = self.pick(&["sum", "mean", "max", "logsumexp", "min"]);
                if self.one_in(2) {
                    let a = self.expr(&[m, n], d);
                    format!("{word}({a}, over = 0)")
                } else {
                    let a = self.expr(&[n, m], d);
                    format!("{word}({a}, over = 1)")
                }
            }
            9 => {
                let (a, b) = (self.expr(&[m], d), self.expr(&[m, n], d));
                format!("({a} @ {b})")
            }
            10 => {
                let (a, b) = (self.expr(&[n, m], d), self.expr(&[m], d));
                if self.one_in(2) {
                    format!("({a} @ {b})")
                } else {
                    format!("einsum(\"i j, j -> i\", {a}, {b})")
                }
            }
            11 => {
                let (f, v) = (self.lambda(&[n], &[], d), self.expr(&[n], d));
                format!("grad({f}, at = {v})")
            }
            12 => {
                let (f, v, w) =
                    (self.lambda(&[m], &[n], d), self.expr(&[m], d), self.expr(&[m], d));
                format!("jvp({f}, at = {v}, with = {w})")
            }
            13 => {
                let (f, v) = (self.lambda(&[m], &[], d), self.expr(&[n, m], d));
                format!("map({f}, {v})")
            }
            14 => {
                let scan = self.scan(m, n, d);
                format!("last({scan})")
            }
            15 => {
                let v = self.expr(&[n], d);
                format!("batch_mean({v})")
            }
            16 if n > 1 && n.is_multiple_of(2) => {
                let a = self.expr(&[2, n / 2], d);
                let word = self.pick(&["flatten($)", "reshape($, -1)"]);
                word.replace('$', &a)
            }
            _ => self.leaf(&[n]),
        }
    }

    fn scan(&mut self, steps: usize, n: usize, d: usize) -> String {
        let (start, along) = (self.expr(&[n], d), self.expr(&[steps, n], d));
        self.fresh += 1;
        let (h, x) = (format!("h{}", self.fresh), format!("e{}", self.fresh));
        for name in [&h, &x] {
            self.names.push(Name { text: name.clone(), shape: vec![n], classes: None });
        }
        let kept = std::mem::replace(&mut self.layers, false);
        let body = self.expr(&[n], d);
        self.layers = kept;
        self.names.truncate(self.names.len() - 2);
        format!("scan({h} = {start}, {x} in {along}) {{ return tanh({body}) }}")
    }

    pub(super) fn matrix(&mut self, m: usize, n: usize, d: usize) -> String {
        match self.below(10) {
            0 if self.layers => {
                let from = self.small();
                let (v, of_n) = (self.expr(&[m, from], d), self.expr(&[m, n], d));
                let layer = self.pick(&[
                    "@ |> LSTM(#)",
                    "@ |> GRU(#, reverse = true)",
                    "@ |> RNN(#)",
                    "@ |> CausalConv1d(#, 2)",
                    "@ |> GLU(#)",
                    "$ |> MultiHeadAttention(1, causal = true)",
                    "$ |> TransformerBlock(1, wide = 1)",
                    "$ |> RMSNorm()",
                ]);
                let layer = layer.replace('@', &v).replace('$', &of_n);
                format!("({})", layer.replace('#', &n.to_string()))
            }
            0 | 9 => {
                let (f, v) = (self.lambda(&[n], &[n], d), self.expr(&[m, n], d));
                format!("map({f}, {v})")
            }
            1 => self.scan(m, n, d),
            2 => {
                let (a, b) = (self.expr(&[m], d), self.expr(&[n], d));
                format!("einsum(\"i, j -> i j\", {a}, {b})")
            }
            3 => {
                let a = self.expr(&[n, m], d);
                if self.one_in(2) { format!("({a}).T") } else { format!("permute({a}, 1, 0)") }
            }
            4 => {
                let k = self.small();
                let (a, b) = (self.expr(&[m, k], d), self.expr(&[k, n], d));
                format!("({a} @ {b})")
            }
            5 => {
                let (f, v) = (self.lambda(&[n], &[m], d.min(2)), self.expr(&[n], d));
                format!("jacobian({f}, at = {v})")
            }
            6 => {
                let (a, over) = (self.expr(&[m, n], d), self.below(2));
                let word = self.pick(&["softmax", "cumsum", "flip", "log_softmax"]);
                format!("{word}({a}, over = {over})")
            }
            7 => {
                let a = self.expr(&[m * n], d);
                format!("reshape({a}, {m}, {n})")
            }
            _ => {
                let (a, b) = (self.expr(&[m], d), self.expr(&[m, n], d));
                format!("spread({a}, {b}, over = 1)")
            }
        }
    }
}
