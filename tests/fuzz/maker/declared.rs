//! Declarations: data, weights, nets, densities, losses, phases. Out: the text of a file.

use super::{Maker, Name, Shape};
use crate::words::OPTIMIZERS;
use std::fmt::Write;

/// Who owns weights, and a term of a goal that uses them.
type Owner = (String, String);

impl Maker<'_> {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
    }

    /// The whole file.
    pub fn declared(&mut self) {
        let dims: Vec<String> = self.dims.iter().map(|(name, n)| format!("{name} = {n}")).collect();
        self.line(&format!("dim {}", dims.join(", ")));
        let x = self.data();
        let mut owners = Vec::new();
        if self.one_in(3) {
            self.weight(&mut owners);
        }
        for _ in 0..self.below(3) {
            self.function();
        }
        for _ in 0..1 + self.below(3) {
            self.net(&x, &mut owners);
        }
        if owners.is_empty() {
            self.weight(&mut owners);
        }
        if self.one_in(4) {
            self.image(&mut owners);
        }
        let mut losses = Vec::new();
        if self.one_in(2) {
            self.densities(&x, &mut owners, &mut losses);
        }
        for _ in 0..1 + self.below(3) {
            let name = self.name("l");
            let body = self.expr(&[], 4);
            self.line(&format!("loss {name} = {body}"));
            self.names.push(Name { text: name.clone(), shape: vec![], classes: None });
            losses.push(name);
        }
        self.phases(&owners, &losses);
    }

    /// Returns the shape of the field `x`.
    fn data(&mut self) -> Shape {
        let (d, k) = (self.dims[0].1, 2 + self.below(3));
        let (source, x, classes, support) = match self.below(9) {
            0..=2 => (format!("blobs(n = 40, k = {k}, width = D)"), vec![d], Some(k), ""),
            3 => (
                format!("lowrank(n = 40, width = {}, rank = 1)", d.max(2)),
                vec![d.max(2)],
                None,
                "",
            ),
            4 => ("iris()".into(), vec![4], Some(3), ""),
            5 => ("one_hot(n = 8)".into(), vec![8], Some(8), ""),
            6 => ("uci_digits(rows = 40)".into(), vec![64], Some(10), " in 0..1"),
            7 => (
                "uci_digits(rows = 40, binarize = \"stochastic\")".into(),
                vec![64],
                Some(10),
                "bit",
            ),
            _ => ("moons(n = 40)".into(), vec![2], Some(2), ""),
        };
        if x == [4] || x == [8] || x == [64] || x == [2] {
            self.dims[0].1 = x[0];
            let at = self.out.find('\n').unwrap_or(0);
            let dims: Vec<String> =
                self.dims.iter().map(|(name, n)| format!("{name} = {n}")).collect();
            self.out.replace_range(..at, &format!("dim {}", dims.join(", ")));
        }
        let element = if support == "bit" { "bit[" } else { "f32[" };
        let range = if support == "bit" { "" } else { support };
        let mut fields = vec![format!("x: {element}{}]{range}", x[0])];
        self.names.push(Name { text: "x".into(), shape: x.clone(), classes: None });
        if let Some(k) = classes.filter(|_| !self.one_in(4)) {
            fields.push(format!("y: idx({k})"));
            self.names.push(Name { text: "y".into(), shape: vec![], classes: Some(k) });
        }
        self.line(&format!("data d from {source} {{ {} }}", fields.join(", ")));
        x
    }

    fn weight(&mut self, owners: &mut Vec<Owner>) {
        let (name, shape) = (self.name("w"), self.shape());
        let ty = self.ty(&shape);
        let init = self.pick(&[
            "normal(0, 0.5)",
            "zeros()",
            "glorot()",
            "uniform(-1, 1)",
            "constant(0.3)",
            "he()",
        ]);
        self.line(&format!("param {name}: {ty} = {init}"));
        self.names.push(Name { text: name.clone(), shape, classes: None });
        owners.push((name.clone(), format!("sum({name}^2)")));
    }

    fn function(&mut self) {
        let (name, from, to) = (self.name("g"), self.shape(), self.shape());
        let (types, kept) = ([self.ty(&from), self.ty(&to)], std::mem::take(&mut self.names));
        self.names.push(Name { text: "v".into(), shape: from.clone(), classes: None });
        let body = self.expr(&to, 3);
        self.names = kept;
        self.line(&format!("fn {name}(v: {}) -> {} = {body}", types[0], types[1]));
        self.calls.push((name, from, to));
    }

    fn net(&mut self, x: &[usize], owners: &mut Vec<Owner>) {
        let name = self.name("f");
        let from = if self.one_in(2) { x.to_vec() } else { vec![self.small()] };
        let to = if self.one_in(3) { self.shape() } else { vec![self.small()] };
        let types = [self.ty(&from), self.ty(&to)];
        let kept = std::mem::take(&mut self.names);
        self.names.push(Name { text: "v".into(), shape: from.clone(), classes: None });
        self.layers = true;
        let width = self.small();
        let first = self.pick(&["tanh", "relu", "sigmoid", "gelu", "softplus"]);
        let text = if self.one_in(2) {
            let body = self.expr(&to, 3);
            format!("net {name}(v: {}) -> {} = {body}", types[0], types[1])
        } else {
            let mut lets = String::new();
            let _ = writeln!(lets, "  let h = v |> Linear({width}) |> {first}");
            self.names.push(Name { text: "h".into(), shape: vec![width], classes: None });
            if self.one_in(3) {
                let _ = writeln!(lets, "  let cell = Linear({width})");
                self.calls.push(("cell".into(), vec![width], vec![width]));
            }
            let body = self.expr(&to, 3);
            self.calls.retain(|(call, _, _)| call != "cell");
            format!("net {name}(v: {}) -> {} {{\n{lets}  return {body}\n}}", types[0], types[1])
        };
        self.layers = false;
        self.names = kept;
        self.line(&text);
        if text.contains("Linear(") || text.contains("Embedding(") || text.contains("Norm(") {
            self.used(&name, &from, owners);
        }
        self.calls.push((name, from, to));
    }

    /// A term of a goal that uses a net.
    fn used(&mut self, name: &str, from: &[usize], owners: &mut Vec<Owner>) {
        let (word, inner) = (self.pick(&["mean", "sum", "max"]), self.expr(from, 1));
        owners.push((name.into(), format!("{word}({name}({inner})^2)")));
    }

    /// A net over images: windows, pools, norms over channels.
    fn image(&mut self, owners: &mut Vec<Owner>) {
        let (name, n, side) = (self.name("c"), self.small(), 4);
        let mut layers = vec!["reshape(1, 4, 4)".to_string()];
        let (mut channels, mut at) = (1, side);
        for _ in 0..1 + self.below(3) {
            match self.below(7) {
                0 | 1 => {
                    channels = 1 + self.below(3);
                    let size = 1 + self.below(3);
                    layers.push(format!("Conv2d({channels}, {size}, pad = \"same\")"));
                }
                2 if at % 2 == 0 => {
                    layers.push(self.pick(&["max_pool(2)", "avg_pool(2)"]).into());
                    at /= 2;
                }
                3 if at < 5 => {
                    channels = 2;
                    layers.push("ConvTranspose2d(2, 3, stride = 2, pad = \"same\")".into());
                    at *= 2;
                }
                4 => layers.push("BatchNorm()".into()),
                5 => layers.push(format!("GroupNorm({channels})")),
                _ => layers.push(
                    self.pick(&[
                        "relu",
                        "tanh",
                        "gelu",
                        "circular_pad(1) |> avg_pool(3, stride = 1)",
                    ])
                    .into(),
                ),
            }
        }
        let body = layers.join(" |> ");
        self.line(&format!(
            "net {name}(v: f32[16]) -> f32[{n}] = v |> {body} |> flatten |> Linear({n})"
        ));
        self.used(&name, &[16], owners);
        self.calls.push((name, vec![16], vec![n]));
    }

    /// A function of a vector that can be undone, and gives all reals: of others the loss may be infinite.
    fn undone(&mut self, of: &str, n: usize) -> String {
        let mut text = of.to_string();
        for _ in 0..1 + self.below(3) {
            let mut forms = vec![
                format!("($ * exp(0.3 - iota({n}) / {n}) + iota({n}))"),
                "(1.5 - 2 * $)".into(),
                "leaky_relu($, 0.3)".into(),
                "flip($)".into(),
                "($ |> LULinear())".into(),
                "($ |> ScaleShift())".into(),
                "($ |> MaskedAffine(3))".into(),
                "map((t) => 2 * t - 0.1, $)".into(),
                format!("($ @ (2 * eye({n}) + expand(0.1, over = ({n}, {n}))))"),
            ];
            if n.is_multiple_of(2) {
                forms.push("($ |> Coupling(3))".into());
                forms.push("($ |> SplineCoupling(3, bins = 3))".into());
            }
            text = self.pick(&forms).replace('$', &text);
        }
        text
    }

    /// A product of factors over the bits of the data and others.
    fn factors(&mut self, n: usize, owners: &mut Vec<Owner>, losses: &mut Vec<String>) {
        let m = self.small();
        let more = self.pick(&[
            "",
            "  factor 0.2 * sum(v)^2\n",
            "  factor sum(tanh(v @ w)) - 0.1 * sum(h)\n",
            "  factor 0.3 * v[0] * sum(h)\n",
        ]);
        // A block that has a distribution beside the factors.
        let k = self.small();
        let base = self.pick(&[
            "Poisson(0.5)",
            "Binomial(3, logits = 0.1)",
            "Binomial(2, probs = 0.4)",
            "Multinomial(4, logits = 0)",
            "Normal(0.2, 0.7)",
        ]);
        let (also, joined) = match self.one_in(3) {
            true => {
                let ty = if base.starts_with("Normal") { "f32" } else { "count" };
                let joined =
                    format!("  k ~ {base}\n  factor 0.1 * sum(k) * mean(h) - 0.2 * sum(k)\n");
                (format!(", k: {ty}[{k}]"), joined)
            }
            false => (String::new(), String::new()),
        };
        self.line(&format!(
            "model rbm(v: bit[{n}], h: bit[{m}]{also}) {{\n  param w: f32[{n}, {m}] = normal(0, 0.3)\n  \
             param c: f32[{n}] = zeros()\n{joined}  factor dot(v @ w, h) + dot(c, v)\n{more}}}"
        ));
        let name = self.name("cd");
        let steps = 1 + self.below(3);
        self.line(&format!(
            "loss {name} = free_energy(rbm, v = x) \
             - E[n ~ gibbs(rbm, v = x, steps = {steps})](free_energy(rbm, v = n))"
        ));
        losses.push(name);
        let known =
            if also.is_empty() { String::new() } else { format!(", k = expand(1, over = {k})") };
        owners.push(("rbm".into(), format!("0.1 * mean(mean(rbm(h | v = x{known})))")));
    }

    /// An encoder, a prior and a likelihood.
    fn densities(&mut self, x: &[usize], owners: &mut Vec<Owner>, losses: &mut Vec<String>) {
        let z = self.dims[2].1;
        let latent = self.pick(&["Normal", "Laplace", "Normal", "Categorical", "Bernoulli"]);
        let kept = std::mem::take(&mut self.names);
        let bits = self.out.contains("x: bit[");
        let element = if bits { "bit" } else { "f32" };
        self.names.push(Name { text: "h".into(), shape: vec![3], classes: None });
        self.layers = true;
        let (a, b) = (self.expr(&[z], 2), self.expr(&[z], 2));
        self.layers = false;
        let own = if self.one_in(2) { format!("tanh(h |> Linear({z})) + ") } else { String::new() };
        let (ty, code, prior) = match latent {
            "Categorical" => (
                format!("idx({z})"),
                format!("Categorical(logits = {own}{a})"),
                format!("Categorical(logits = expand(0.0, over = {z}))"),
            ),
            "Bernoulli" => (
                format!("bit[{z}]"),
                format!("Bernoulli(logits = {own}{a})"),
                "Bernoulli(probs = 0.3)".into(),
            ),
            name => (
                format!("f32[{z}]"),
                format!("{name}({own}{a}, exp(0.3 * tanh({b})))"),
                format!("{name}(0, 1)"),
            ),
        };
        let real = !["Categorical", "Bernoulli"].contains(&latent);
        let drawn = if real && self.one_in(4) {
            format!("  e: {ty} ~ Normal(0, 1)\n  z: {ty} = {own}{a} + exp(0.3 * tanh({b})) * e\n")
        } else {
            format!("  z: {ty} ~ {code}\n")
        };
        self.line(&format!(
            "bottleneck q(z | x: {element}[{}]) {{\n  let h = x |> Linear(3) |> tanh\n{drawn}}}",
            x[0]
        ));
        if real && self.one_in(3) {
            let moved = self.undone("e", z);
            self.line(&format!("prior p(z) {{\n  e: {ty} ~ {prior}\n  z: {ty} = {moved}\n}}"));
        } else if real && self.one_in(4) {
            self.line(&format!(
                "prior p(z) {{ z: {ty} ~ Mixture(concat(0.2, 0.0), MultivariateNormal(expand(iota({z}), over = 2), \
                 scale_tril = expand(eye({z}), over = 2))) }}"
            ));
        } else if latent != "Categorical" && self.one_in(4) {
            let before = self.before();
            let like = if real { "Normal($, 1)" } else { "Bernoulli(logits = $)" };
            self.line(&format!(
                "prior p(z) {{ z: {ty} ~ Autoregressive((v) => {}) }}",
                like.replace('$', before)
            ));
        } else {
            self.line(&format!("prior p(z) {{ z: {ty} ~ {prior} }}"));
        }
        if bits && self.one_in(2) {
            self.factors(x[0], owners, losses);
        }
        self.names = vec![Name { text: "u".into(), shape: vec![z], classes: None }];
        self.layers = true;
        let body = self.expr(x, 2);
        self.layers = false;
        let hidden = if latent == "Categorical" { format!("one_hot(z, {z})") } else { "z".into() };
        let like = if bits {
            "Bernoulli(logits = $)"
        } else {
            self.pick(&["Normal($, 1)", "Laplace($, 0.5)", "Normal($, 0.3 + softplus($))"])
        };
        let mean = format!("({body} + (u |> Linear({})))", x[0]);
        let given = match self.one_in(4) {
            true => {
                let before = self.before();
                format!(
                    "Autoregressive((v) => {})",
                    like.replace('$', &format!("{mean} + {before}"))
                )
            }
            false => like.replace('$', &mean),
        };
        self.line(&format!(
            "decoder p(x | z: {ty}) {{\n  let u = {hidden}\n  x: {element}[{}] ~ {given}\n}}",
            x[0]
        ));
        self.names = kept;
        let name = self.name("bound");
        owners.extend([("q".into(), name.clone()), ("p".into(), name.clone())]);
        let inner = self.expr(&[], 2);
        let held = "baseline = \"leave_one_out\"](log p(x | z)) + KL(q(z | x) || p(z))";
        let goal = match self.below(10) {
            0 => "-elbo(p, q)".into(),
            1 => "-iwae(p, q, k = 3)".into(),
            2 => "-E[z ~ q(z | x)](log p(x | z)) + KL(q(z | x) || p(z))".into(),
            3 => "-E[z ~ q(z | x), samples = 2](log p(x | z)) + 0.5 * KL(q(z | x) || p(z))".into(),
            4 => format!("-elbo(p, q) + E[z ~ q(z | x)]({inner})"),
            5 => "-E[z ~ q(z | x)](log p(x | z) + log p(z) - log q(z | x))".into(),
            6 => format!("-E[z ~ q(z | x), samples = 2, estimator = \"score\", {held}"),
            7 if latent == "Bernoulli" => {
                let how = self.pick(&["straight_through\"", "relaxed\", temperature = 0.6"]);
                format!(
                    "-E[z ~ q(z | x), estimator = \"{how}](log p(x | z)) + KL(q(z | x) || p(z))"
                )
            }
            8 => format!("-elbo(p, q) + 0.1 * E[z ~ metropolis(p(z | x), steps = 2)]({inner})"),
            _ => "-elbo(p, q) - 0.1 * entropy(q(z | x))".into(),
        };
        self.line(&format!("loss {name} = {goal}"));
        self.names.push(Name { text: name.clone(), shape: vec![], classes: None });
        losses.push(name);
    }

    fn phases(&mut self, owners: &[Owner], losses: &[String]) {
        let batch = self.pick(&["8", "5", "16", "1", "3"]);
        let with = self.pick(OPTIMIZERS);
        let mut chosen: Vec<Owner> =
            owners.iter().filter(|_| self.dice.below(4) > 0).cloned().collect();
        if chosen.is_empty() {
            chosen = owners[..1].to_vec();
        }
        let mut terms: Vec<&str> = chosen.iter().map(|(_, term)| term.as_str()).collect();
        terms.dedup();
        let goal = format!("{} + {}", self.pick(losses), terms.join(" + 0.5 * "));
        let length = self.pick(&["epochs 1", "steps 3", "steps 2"]);
        let over = chosen.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        self.line(&format!("train fit on d.train batch {batch} {length} {{"));
        let repeated = self.one_in(6);
        if repeated {
            self.line("  repeat 2 {");
        }
        self.line(&format!("  minimize {goal} over ({over}) with {with}"));
        if repeated {
            self.line("  }");
        }
        if self.one_in(2) {
            let again = self.expr(&[], 3);
            self.line(&format!("  track {again} as again"));
        }
        self.line("}");
        let reports: Vec<String> =
            losses.iter().enumerate().map(|(i, l)| format!("{l} as r{i}")).collect();
        let more = self.expr(&[], 3);
        self.line(&format!(
            "eval test on d.test batch 4 {{ report {}, {more} as more }}",
            reports.join(", ")
        ));
        if self.one_in(3) {
            let shape = self.shape();
            let shown = self.expr(&shape, 3);
            self.line(&format!("sample shown on d.test count 3 {{ emit {shown} as shown }}"));
        }
    }

    /// What a position of a sequence `v` may see.
    fn before(&mut self) -> &'static str {
        self.pick(&[
            "0.5 * shift(v, 1)",
            "0.1 * cumsum(shift(v, 1))",
            "scan(s = 0.0, t in shift(v, 1)) { return tanh(s + t) }",
            "map((a) => sin(a), shift(v, 1))",
        ])
    }
}
