//! How each construct is written. In: the place where the grammar stopped. Out: the form of the
//! construct around it, as a hint.

use super::Halt;

/// A word that opens a construct, and an example of the whole.
const FORMS: [(&str, &str); 38] = [
    ("use", "use \"rbm.rl\" as rbm"),
    ("dim", "dim D = 784, Z = 20"),
    ("const", "const noise = Normal(0, 1)"),
    ("config", "config beta: f32 = 1.0"),
    ("data", "data d from csv(\"d.csv\") { x: f32[D] in 0..1, y: idx(10) }"),
    ("param", "param W: f32[D, H] = glorot()"),
    ("state", "state mean: f32[D] = zeros()"),
    ("net", "net f(x: f32[D]) -> f32[H] = x |> Linear(H) |> relu"),
    ("module", "module Block(n: int)(x: f32[D]) -> f32[D] = x |> Linear(n) |> relu |> Linear(D)"),
    ("fn", "fn scaled(x: f32[D], by: f32) -> f32[D] = x * by"),
    ("bijection", "bijection flip(x: f32[D]) -> f32[D] = -x"),
    ("optimizer", "optimizer sgd(lr: f32)(w: f32[...s], g: f32[...s]) { w <- w - lr * g }"),
    ("encoder", "encoder enc(x: f32[D]) -> f32[H] = x |> Linear(H)"),
    ("bottleneck", "bottleneck q(z | x: f32[D]) { z: f32[Z] ~ Normal(x |> Linear(Z), 1) }"),
    ("prior", "prior p(z) { z: f32[Z] ~ Normal(0, 1) }"),
    ("decoder", "decoder p(x | z: f32[Z]) { x: bit[D] ~ Bernoulli(logits = z |> Linear(D)) }"),
    (
        "distribution",
        "distribution Exp(rate: f32) on positive { draw = -log(uniform_noise()) / rate  logp = log(rate) - rate * x }",
    ),
    ("divergence", "divergence KL(q: Exp, p: Exp) = log(q.rate / p.rate) + p.rate / q.rate - 1"),
    ("model", "model p(x | z: f32[Z]) { x: f32[D] ~ Normal(z |> Linear(D), 1) }"),
    ("loss", "loss nelbo = rec + beta * rate"),
    (
        "train",
        "train fit on mnist.train batch 128 epochs 20 { minimize nelbo over p with adam(lr = 1e-3) }",
    ),
    ("eval", "eval test on mnist.test batch 500 { report nelbo }"),
    ("sample", "sample draws count 64 { z ~ p(z)  emit mean(p(x | z)) as image }"),
    ("let", "let h = f(x)"),
    ("return", "return h"),
    ("factor", "factor dot(a, v)"),
    ("minimize", "minimize nelbo over (enc, dec) with adam(lr = 1e-3)"),
    ("maximize", "maximize elbo over (enc, dec) with adam(lr = 1e-3)"),
    ("repeat", "repeat 5 { minimize d_loss over D with adam(lr = 1e-4) }"),
    ("track", "track rec, rate"),
    ("report", "report nelbo, nll / T as per_token"),
    ("emit", "emit mean(p(x | z)) as image"),
    ("prune", "prune q below 0.01"),
    ("chain", "chain(i in 0..n) { Block(heads) }"),
    ("scan", "scan(h = h0, x in xs) { return cell(h, x) }"),
    ("log", "log p(x | z)"),
    ("E", "E[z ~ q(z | x)](log p(x | z))"),
    ("if", "if a then b else c"),
];

/// The hint for the construct that the stop lies in: that of the last opening word before it.
pub(super) fn around(stop: &Halt<'_>) -> Option<String> {
    let before = stop.tokens.get(..stop.at.min(stop.tokens.len()))?;
    before.iter().enumerate().rev().find_map(|(i, token)| {
        let word = &stop.text[token.start..token.end];
        // Of the words that also serve as names, only these uses open something.
        let next = before.get(i + 1).map_or("", |t| &stop.text[t.start..t.end]);
        let opens = match word {
            "E" => next == "[",
            "chain" | "scan" => next == "(",
            "log" => next != "(",
            "prune" => next.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic()),
            _ => true,
        };
        let (word, form) = FORMS.iter().find(|(opener, _)| *opener == word && opens)?;
        Some(format!("`{word}` reads, for instance, `{form}`"))
    })
}

#[cfg(test)]
mod tests {
    use super::FORMS;
    use crate::syntax::outline::{ITEM_WORDS, ITEM_WORDS_IN_CONTEXT};

    #[test]
    fn every_item_has_a_form() {
        for word in ITEM_WORDS.iter().chain(&ITEM_WORDS_IN_CONTEXT) {
            assert!(FORMS.iter().any(|(opener, _)| opener == word), "{word}");
        }
    }
}
