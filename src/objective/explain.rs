//! What the stage decided, in words and formulas: the page that `rlc explain FILE` prints.

use super::kind::density_kind;
use crate::base::budget;
use crate::graph::Attrs;
use crate::model::ir::*;
use std::cell::{Cell, RefCell};

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
    /// The losses.
    pub losses: Vec<LossPage>,
}

impl Explanation {
    pub(super) fn start(m: &Model) -> Explanation {
        let mut page = Explanation::default();
        for part in &m.parts {
            if part.role != Role::None {
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
                .collect();
            let heads: Vec<String> = all.iter().map(|d| density_head(m, *d)).collect();
            page.densities.push(format!(
                "{} is {}",
                heads.join(" "),
                density_kind(m, &all).phrase()
            ));
        }
        page
    }

    pub(super) fn loss(&mut self, m: &Model, name: &str, value: ExprId, decisions: Vec<Decision>) {
        let mut unique: Vec<Decision> = Vec::new();
        for d in decisions {
            if !unique.contains(&d) {
                unique.push(d);
            }
        }
        self.losses.push(LossPage {
            name: name.into(),
            formula: Formula::new(m, true).text(value, 0, 0),
            meaning: super::meaning_of(m, value),
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
        for loss in &self.losses {
            let mut lines = vec![format!("= {}", loss.formula)];
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
    let mut heads: Vec<String> = part.densities.iter().map(|d| density_head(m, *d)).collect();
    heads.dedup();
    heads.join(", ")
}

fn density_head(m: &Model, id: DensityId) -> String {
    let density = &m.densities[id.0 as usize];
    let names = |list: &[VarId]| {
        list.iter().map(|v| m.vars[v.0 as usize].name.clone()).collect::<Vec<_>>().join(", ")
    };
    if density.given.is_empty() {
        format!("{}({})", density.name, names(&density.over))
    } else {
        format!("{}({} | {})", density.name, names(&density.over), names(&density.given))
    }
}

/// `q(z | x)`
pub(super) fn head(m: &Model, applied: &Applied) -> String {
    applied.densities.iter().map(|d| density_head(m, *d)).collect::<Vec<_>>().join(" ")
}

/// An expression as mathematics. Bodies of nets are not opened: `dec(z)` stays `dec(z)`. A value that
/// is used twice is written twice, so the parts are counted: `...` stands for those that are too many.
pub fn formula(m: &Model, id: ExprId) -> String {
    Formula::new(m, false).text(id, 0, 0)
}

/// A formula that is being written.
struct Formula<'m> {
    m: &'m Model,
    /// Whether functions of the library stay closed as well.
    calls: bool,
    /// Parts that may still be written.
    left: Cell<usize>,
    /// Axes that have a letter, in the order of the letters.
    axes: RefCell<Vec<AxisId>>,
}

/// How strongly an operator binds.
fn strength(op: &str) -> Option<(&'static str, u8)> {
    Some(match op {
        "add" => ("+", 2),
        "sub" => ("-", 2),
        "mul" => ("*", 3),
        "div" => ("/", 3),
        "eq" => ("==", 1),
        "ne" => ("!=", 1),
        "lt" => ("<", 1),
        "le" => ("<=", 1),
        "gt" => (">", 1),
        "ge" => (">=", 1),
        _ => return None,
    })
}

impl<'m> Formula<'m> {
    fn new(m: &'m Model, calls: bool) -> Formula<'m> {
        Formula { m, calls, left: Cell::new(budget::FORMULA.most), axes: RefCell::default() }
    }

    fn text(&self, id: ExprId, outer: u8, depth: usize) -> String {
        let (m, left) = (self.m, self.left.get());
        if depth > 24 || left == 0 {
            return "...".into();
        }
        self.left.set(left - 1);
        let go = |id: ExprId, outer: u8| self.text(id, outer, depth + 1);
        let list = |ids: &[ExprId]| self.list(ids, depth);
        if let Some((name, args)) = m.calls.get(&id).filter(|_| self.calls) {
            return format!("{name}({})", list(args));
        }
        match &m.expr(id).kind {
            ExprKind::Op { op, attrs, args } => self.op_text(op.name, attrs, args, outer, depth),
            ExprKind::Param(p) => m.params[p.0 as usize].path.clone(),
            ExprKind::State(s) => m.states[s.0 as usize].path.clone(),
            ExprKind::Field(f) => m.fields[f.0 as usize].name.clone(),
            ExprKind::Table(t) => {
                let table = &m.tables[t.0 as usize];
                format!("{}.{}", table.data, table.field)
            }
            ExprKind::Var(v) => m.vars[v.0 as usize].name.clone(),
            ExprKind::Builtin(Builtin::Step) => "step".into(),
            ExprKind::Builtin(Builtin::Steps) => "steps".into(),
            ExprKind::Builtin(Builtin::Progress) => "progress".into(),
            ExprKind::Builtin(Builtin::Rows) => "B".into(),
            ExprKind::Call { part, args, .. } => {
                format!("{}({})", m.parts[part.0 as usize].name, list(args))
            }
            ExprKind::Write { result, .. } => go(*result, outer),
            ExprKind::Noise { stream, .. } => format!("noise[{stream}]"),
            ExprKind::Stop(e) => format!("stop({})", go(*e, 0)),
            ExprKind::LogProb(applied) => format!("log {}", self.applied(applied, depth)),
            ExprKind::Expect { density, samples, body, estimator, .. } => {
                if estimator.as_deref() == Some("sample") {
                    return format!("({} ~ {})", go(*body, 0), self.applied(density, depth));
                }
                let draws = if *samples > 1 { format!(", {samples} draws") } else { String::new() };
                let vars: Vec<String> = density
                    .densities
                    .iter()
                    .flat_map(|d| m.densities[d.0 as usize].over.clone())
                    .map(|v| m.vars[v.0 as usize].name.clone())
                    .collect();
                let from = self.applied(density, depth);
                format!("E[{} ~ {from}{draws}][ {} ]", vars.join(", "), go(*body, 0))
            }
            ExprKind::Kl { q, p, .. } => {
                format!("KL({} || {})", self.applied(q, depth), self.applied(p, depth))
            }
            ExprKind::Elbo { p, q, importance: None, .. } => {
                format!("elbo({}, {})", head(m, p), head(m, q))
            }
            ExprKind::Elbo { p, q, importance: Some(k), .. } => {
                format!("iwae({}, {}, k = {k})", head(m, p), head(m, q))
            }
            ExprKind::Derivative { kind, body, at, .. } => {
                let word = format!("{kind:?}").to_lowercase();
                format!("{word}[{}]({})", go(*body, 0), go(*at, 0))
            }
            ExprKind::Reduce { axis, how, body } => {
                let word = format!("{how:?}").to_lowercase();
                let name = match m.axes[axis.0 as usize].name.as_str() {
                    "map" => self.letter(*axis),
                    name => name.into(),
                };
                format!("{word} over {name} of [ {} ]", go(*body, 0))
            }
            ExprKind::Element { of, axis } => format!("{}[{}]", go(*of, 9), self.letter(*axis)),
            ExprKind::Batch { of, .. } => format!("batch({})", go(*of, 0)),
            ExprKind::BatchMean(e) => format!("batch_mean({})", go(*e, 0)),
            ExprKind::Scan { init, xs, .. } => format!("scan({}; {})", list(init), list(xs)),
            ExprKind::Metric { name, args, .. } => format!("{name}({})", list(args)),
        }
    }

    /// The index along an axis.
    fn letter(&self, axis: AxisId) -> String {
        let mut axes = self.axes.borrow_mut();
        let n = axes.iter().position(|known| *known == axis).unwrap_or(axes.len());
        if n == axes.len() {
            axes.push(axis);
        }
        match char::from_u32('i' as u32 + n as u32).filter(|c| *c <= 'n') {
            Some(letter) => letter.into(),
            None => format!("i{n}"),
        }
    }

    /// `q(z | x)`, with values where they are no variables or fields of these names.
    fn applied(&self, applied: &Applied, depth: usize) -> String {
        let m = self.m;
        let var = |v: &VarId| {
            let name = &m.vars[v.0 as usize].name;
            let value = applied.bind.iter().find(|(known, _)| known == v).map(|(_, e)| *e);
            let plain = value.is_none_or(|value| match m.expr(value).kind {
                ExprKind::Var(given) => m.vars[given.0 as usize].name == *name,
                ExprKind::Field(field) => m.fields[field.0 as usize].name == *name,
                _ => false,
            });
            match value {
                Some(value) if !plain => format!("{name} = {}", self.text(value, 0, depth + 1)),
                _ => name.clone(),
            }
        };
        let list = |vars: &[VarId]| vars.iter().map(var).collect::<Vec<_>>().join(", ");
        let factor = |id: &DensityId| {
            let density = &m.densities[id.0 as usize];
            match density.given.as_slice() {
                [] => format!("{}({})", density.name, list(&density.over)),
                given => format!("{}({} | {})", density.name, list(&density.over), list(given)),
            }
        };
        applied.densities.iter().map(factor).collect::<Vec<_>>().join(" ")
    }

    /// Operands; of a long list the first.
    fn list(&self, ids: &[ExprId], depth: usize) -> String {
        let mut parts: Vec<String> = Vec::new();
        for id in ids {
            parts.push(self.text(*id, 0, depth + 1));
            if self.left.get() == 0 {
                break;
            }
        }
        parts.join(", ")
    }

    fn op_text(&self, op: &str, attrs: &Attrs, args: &[ExprId], outer: u8, depth: usize) -> String {
        let go = |id: ExprId, outer: u8| self.text(id, outer, depth + 1);
        if let Some((sign, level)) = strength(op) {
            if op == "mul" && args[0] == args[1] {
                let inner = format!("{}^2", go(args[0], 9));
                return if outer >= 9 { format!("({inner})") } else { inner };
            }
            let right = if matches!(op, "sub" | "div") { level + 1 } else { level };
            let inner = format!("{} {sign} {}", go(args[0], level), go(args[1], right));
            return if level < outer { format!("({inner})") } else { inner };
        }
        match (op, attrs) {
            ("const", Attrs::Const(x, _)) if x.0 < 0.0 && outer >= 9 => format!("({})", x.0),
            ("const", Attrs::Const(x, _)) => format!("{}", x.0),
            ("neg", _) => {
                let inner = format!("-{}", go(args[0], 4));
                if outer >= 9 { format!("({inner})") } else { inner }
            }
            ("pow", _) => {
                let inner = format!("{}^{}", go(args[0], 9), go(args[1], 8));
                if outer >= 9 { format!("({inner})") } else { inner }
            }
            ("broadcast" | "cast" | "reshape", _) => go(args[0], outer),
            ("permute", _) => format!("{}.T", go(args[0], 9)),
            ("contract", _) => {
                let inner = format!("{} @ {}", go(args[0], 3), go(args[1], 4));
                if outer > 3 { format!("({inner})") } else { inner }
            }
            ("iota" | "eye", _) => op.into(),
            (_, Attrs::Axes(axes)) if axes.len() < self.m.ty(args[0]).shape.len() => {
                let axes: Vec<String> = axes.iter().map(usize::to_string).collect();
                let over = match axes.as_slice() {
                    [one] => one.clone(),
                    several => format!("({})", several.join(", ")),
                };
                format!("{op}({}, over = {over})", self.list(args, depth))
            }
            _ => format!("{op}({})", self.list(args, depth)),
        }
    }
}
