//! What the stage decided, in words and formulas: the page that `rlc explain FILE` prints.

use super::formula::{alone, page};
use super::kind::density_kind;
use crate::model::ir::*;

pub use super::formula::formula;

/// Longer formulas of inverses are not printed.
const LONGEST: usize = 800;

/// One decision and its reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// `E over q(z | x)`
    pub what: String,
    /// What is computed, and why.
    pub how: String,
}

/// One loss with its formula and decisions.
#[derive(Clone, Debug)]
pub struct LossPage {
    /// Its name.
    pub name: String,
    /// Its formula.
    pub formula: String,
    /// The rows of a batch that the formula is written for, if it depends on their number.
    pub rows: Option<usize>,
    /// Unit and bound.
    pub meaning: super::Meaning,
    /// In the order of the source.
    pub decisions: Vec<Decision>,
}

/// Everything.
#[derive(Clone, Debug, Default)]
pub struct Explanation {
    /// Densities with their kinds.
    pub densities: Vec<String>,
    /// x -> encoder -> bottleneck -> decoder.
    pub roles: Vec<String>,
    /// Functions with their inverses and log-determinants.
    pub inverses: Vec<String>,
    /// Blocks of products of factors given the rest.
    pub conditionals: Vec<String>,
    /// The losses.
    pub losses: Vec<LossPage>,
}

impl Explanation {
    pub(super) fn start(m: &Model) -> Explanation {
        let mut page = Explanation::default();
        for part in &m.parts {
            // One that nothing uses has no types yet.
            let used = !part.densities.is_empty() || part.output.is_some();
            if part.role != Role::None && used {
                page.roles.push(format!("{:<10} {}", role_word(part.role), part_text(m, part)));
            }
        }
        let mut seen: Vec<&str> = Vec::new();
        for density in &m.densities {
            if seen.contains(&density.name.as_str()) || density.name.contains('.') {
                continue;
            }
            seen.push(&density.name);
            let all: Vec<DensityId> = (0..m.densities.len() as u32)
                .map(DensityId)
                .filter(|d| m.densities[d.0 as usize].name == density.name)
                .filter(|d| m.parts.iter().any(|part| part.densities.contains(d)))
                .collect();
            let mut heads: Vec<String> = Vec::new();
            for head in all.iter().map(|d| m.head(*d)) {
                // One that depends on the number of rows is read once for each.
                if !heads.contains(&head) {
                    heads.push(head);
                }
            }
            page.densities.push(format!(
                "{} is {}",
                heads.join(" "),
                density_kind(m, &all).phrase()
            ));
        }
        page.inverses = m.inverses.iter().flat_map(|of| inverse_text(m, of)).collect();
        page.conditionals = m.conditionals.iter().map(|of| conditional_text(m, of)).collect();
        page
    }

    pub(super) fn loss(&mut self, m: &Model, loss: &Loss, decisions: Vec<Decision>) {
        let mut unique: Vec<Decision> = Vec::new();
        for d in decisions {
            if !unique.contains(&d) {
                unique.push(d);
            }
        }
        self.losses.push(LossPage {
            name: loss.name.clone(),
            rows: loss.rows,
            formula: page(m, loss.value),
            meaning: super::meaning_of(m, loss.value),
            decisions: unique,
        });
    }

    /// The page as text.
    pub fn render(&self) -> String {
        let mut out = String::new();
        let mut section = |title: &str, lines: &[String]| {
            if !lines.is_empty() {
                out.push_str(title);
                out.push('\n');
                for line in lines {
                    out.push_str(&format!("  {line}\n"));
                }
                out.push('\n');
            }
        };
        section("parts", &self.roles);
        section("densities", &self.densities);
        section("bijections", &self.inverses);
        section("conditionals", &self.conditionals);
        for loss in &self.losses {
            let mut lines = vec![format!("= {}", loss.formula)];
            lines.extend(loss.rows.map(|n| format!("for batches of B = {n} rows")));
            if !loss.meaning.unit.is_empty() {
                let bound = if loss.meaning.bound.is_empty() {
                    "exact".into()
                } else {
                    loss.meaning.bound.clone()
                };
                lines.push(format!("in {}, {bound}", loss.meaning.unit));
            }
            for d in &loss.decisions {
                let indent = if d.what.is_empty() { "  ".into() } else { format!("{}: ", d.what) };
                lines.push(format!("{indent}{}", d.how));
            }
            section(&format!("loss {}", loss.name), &lines);
        }
        out
    }
}

/// A formula, or what stands for a long one.
fn cut(m: &Model, id: ExprId) -> String {
    let text = page(m, id);
    if text.chars().count() <= LONGEST { text } else { "derived; too long to stand here".into() }
}

/// `rbm(h | v) = Bernoulli(logits = ...)`
fn conditional_text(m: &Model, of: &Conditional) -> String {
    let param = |(name, id): &(String, ExprId)| format!("{name} = {}", cut(m, *id));
    let params: Vec<String> = of.params.iter().map(param).collect();
    format!("{} = {}({})", of.name, of.family, params.join(", "))
}

/// `f(u)`, the argument for a value, and the log-determinant.
fn inverse_text(m: &Model, of: &Inverted) -> [String; 3] {
    let cut = |id: ExprId| cut(m, id);
    let name = |var: VarId| m.vars[var.0 as usize].name.clone();
    [
        format!("{} = {}", name(of.result), of.name),
        format!("  {} = {}", name(of.var), cut(of.inverse)),
        format!("  log |det| = {}", cut(of.log_det)),
    ]
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Encoder => "encoder",
        Role::Bottleneck => "bottleneck",
        Role::Prior => "prior",
        Role::Decoder => "decoder",
        Role::None => "net",
    }
}

fn part_text(m: &Model, part: &Part) -> String {
    if part.densities.is_empty() {
        let inputs: Vec<String> = part
            .inputs
            .iter()
            .map(|(n, t)| format!("{n}: {}", crate::model::show_type(t)))
            .collect();
        let output = part.output.as_ref().map_or("?".into(), crate::model::show_type);
        return format!("{}({}) -> {output}", part.name, inputs.join(", "));
    }
    let mut heads: Vec<String> = part.densities.iter().map(|d| m.head(*d)).collect();
    heads.dedup();
    heads.join(", ")
}

/// `q(z | x)`; of a distribution that stands alone, `Normal(s, 1)`.
pub(super) fn head(m: &Model, applied: &Applied) -> String {
    let text = |d: &DensityId| alone(m, *d).unwrap_or_else(|| m.head(*d));
    applied.densities.iter().map(text).collect::<Vec<_>>().join(" ")
}
