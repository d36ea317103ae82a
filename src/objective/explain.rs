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
#[derive(Clone, Debug, Default)]
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

/// What one statement of a train phase minimizes, and what it moves.
#[derive(Clone, Debug)]
pub struct GoalPage {
    /// Its phase.
    pub phase: String,
    /// The goal as it is written, and what is said of it; nothing of one that is a loss by name.
    pub goal: LossPage,
    /// What is trained: nets, densities and weights, in the order of their weights.
    pub moved: Vec<String>,
    /// By what, as it is written.
    pub optimizer: String,
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
    /// Sequences whose positions are drawn one after the other.
    pub sequences: Vec<String>,
    /// The losses.
    pub losses: Vec<LossPage>,
    /// The statements that train.
    pub goals: Vec<GoalPage>,
}

impl LossPage {
    fn new(m: &Model, name: &str, value: ExprId, decisions: Vec<Decision>) -> LossPage {
        let mut unique: Vec<Decision> = Vec::new();
        for d in decisions {
            if !unique.contains(&d) {
                unique.push(d);
            }
        }
        LossPage {
            name: name.to_string(),
            rows: None,
            formula: page(m, value),
            meaning: super::meaning_of(m, value),
            decisions: unique,
        }
    }

    /// Meaning and decisions, a line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        lines.extend(self.rows.map(|n| format!("for batches of B = {n} rows")));
        let super::Meaning { unit, bound } = &self.meaning;
        if !unit.is_empty() {
            lines.push(format!("in {unit}, {}", if bound.is_empty() { "exact" } else { bound }));
        }
        for d in &self.decisions {
            let indent = if d.what.is_empty() { "  ".into() } else { format!("{}: ", d.what) };
            lines.push(format!("{indent}{}", d.how));
        }
        lines
    }
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
        page.sequences = m.sequences.iter().flat_map(sequence_text).collect();
        page
    }

    pub(super) fn loss(&mut self, m: &Model, loss: &Loss, decisions: Vec<Decision>) {
        let page = LossPage::new(m, &loss.name, loss.value, decisions);
        self.losses.push(LossPage { rows: loss.rows, ..page });
    }

    pub(super) fn goal(&mut self, m: &Model, phase: &str, trained: Trained) {
        let Trained { goal, name, optimizer, params, decisions } = trained;
        let mut moved: Vec<String> = Vec::new();
        for param in params {
            let path = &m.params[param.0 as usize].path;
            let owner = path.split('.').next().unwrap_or(path).to_string();
            if !moved.contains(&owner) {
                moved.push(owner);
            }
        }
        let mut goal = LossPage::new(m, &name, goal, decisions);
        // By its formula: what is maximized is the negative, and a phase may give the name to another.
        let is_loss = |loss: &LossPage| loss.name == name && loss.formula == goal.formula;
        if self.losses.iter().any(is_loss) {
            goal = LossPage { formula: name, ..Default::default() };
        }
        self.goals.push(GoalPage { phase: phase.to_string(), goal, moved, optimizer });
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
        section("sequences", &self.sequences);
        for loss in &self.losses {
            let lines = [vec![format!("= {}", loss.formula)], loss.lines()].concat();
            section(&format!("loss {}", loss.name), &lines);
        }
        for goals in self.goals.chunk_by(|a, b| a.phase == b.phase) {
            let lines: Vec<String> = goals.iter().flat_map(GoalPage::lines).collect();
            section(&format!("train {}", goals[0].phase), &lines);
        }
        out
    }
}

impl GoalPage {
    /// What is minimized, how it is derived and what moves, a line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("minimizes {}", self.goal.formula)];
        lines.extend(self.goal.lines().iter().map(|line| format!("  {line}")));
        let by = match self.optimizer.is_empty() {
            true => String::new(),
            false => format!(" by {}", self.optimizer),
        };
        lines.push(format!("  moves {}{by}", self.moved.join(", ")));
        lines
    }
}

/// What a statement trains, and what was decided on the way.
pub(super) struct Trained {
    pub goal: ExprId,
    pub name: String,
    pub optimizer: String,
    pub params: Vec<ParamId>,
    pub decisions: Vec<Decision>,
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

/// What is proven of a sequence, and how it is drawn.
fn sequence_text(of: &InOrder) -> Vec<String> {
    let proven = format!(
        "{}: each of {} positions is proven to depend on those before it alone",
        of.name, of.positions
    );
    let Some(kept) = &of.kept else {
        return vec![proven, "  drawn one after the other, each by the whole net".into()];
    };
    let mut each: Vec<(String, usize)> = Vec::new();
    for ty in kept.iter().map(crate::model::show_type) {
        match each.iter_mut().find(|(known, _)| *known == ty) {
            Some((_, count)) => *count += 1,
            None => each.push((ty, 1)),
        }
    }
    let times =
        |(ty, n): &(String, usize)| if *n == 1 { ty.clone() } else { format!("{n} x {ty}") };
    let each: Vec<String> = each.iter().map(times).collect();
    let from = match each.is_empty() {
        true => String::new(),
        false => format!(", from what is kept: {}", each.join(", ")),
    };
    vec![proven, format!("  drawn one after the other, each by its own row of the net{from}")]
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
