//! Expressions as mathematics. In: an expression of the typed model. Out: a text that says what is
//! computed: no entry, axis, cast or repeated dim is left out, so that two expressions with different
//! values have different texts. Bodies of nets are not opened: `dec(z)` stays `dec(z)`.

mod names;
mod ops;
mod views;

use crate::base::budget;
use crate::metrics;
use crate::model::ir::*;
use names::Names;
use std::cell::{Cell, RefCell};

/// How deep a formula is written out.
const DEEP: usize = 24;

/// Parts of the parameters of a distribution where it is but mentioned.
const SHORT: usize = 16;

/// An expression as a formula. A value that is used twice is written twice, so the parts are counted:
/// `...` stands for those that are too many.
pub fn formula(m: &Model, id: ExprId) -> String {
    Formula::new(m, false).text(id, 0, 0)
}

/// The same for people: functions of the library stay closed as well.
pub(super) fn page(m: &Model, id: ExprId) -> String {
    Formula::new(m, true).text(id, 0, 0)
}

/// A distribution that has no name, as it was written: `Normal(s, 1)`. Long parameters are cut short:
/// the formula that it stands in has them.
pub(super) fn alone(m: &Model, density: DensityId) -> Option<String> {
    unnamed(m, density)?;
    let formula = Formula::new(m, true);
    formula.left.set(SHORT);
    formula.alone(density, 0)
}

/// The distribution of a density that the file does not declare.
fn unnamed(m: &Model, id: DensityId) -> Option<DistId> {
    let density = &m.densities[id.0 as usize];
    match density.factors.as_slice() {
        [Factor::Draw { dist, .. }] if m.parts[density.part.0 as usize].densities.is_empty() => {
            Some(*dist)
        }
        _ => None,
    }
}

/// A formula that is being written.
struct Formula<'m> {
    m: &'m Model,
    /// Whether functions of the library stay closed as well.
    calls: bool,
    /// Parts that may still be written.
    left: Cell<usize>,
    /// What variables and axes are called.
    names: RefCell<Names<'m>>,
}

impl<'m> Formula<'m> {
    fn new(m: &'m Model, calls: bool) -> Formula<'m> {
        let left = Cell::new(budget::FORMULA.most);
        Formula { m, calls, left, names: RefCell::new(Names::new(m)) }
    }

    /// `outer`: how strongly what stands around binds; from 9 on, only names, numbers and calls stand
    /// without parentheses.
    fn text(&self, id: ExprId, outer: u8, depth: usize) -> String {
        let (m, left) = (self.m, self.left.get());
        if depth > DEEP || left == 0 {
            return "...".into();
        }
        self.left.set(left - 1);
        let go = |id: ExprId| self.text(id, 0, depth + 1);
        let list = |ids: &[ExprId]| self.list(ids, depth);
        if let Some(Called { name, of, args }) = m.calls.get(&id).filter(|_| self.calls) {
            let args = (!args.is_empty()).then(|| list(args));
            let inside: Vec<String> = of.iter().cloned().chain(args).collect();
            return format!("{name}({})", inside.join(", "));
        }
        match &m.expr(id).kind {
            ExprKind::Op { op, attrs, args } => self.op_text(id, (op, attrs, args), outer, depth),
            ExprKind::Param(p) => m.params[p.0 as usize].path.clone(),
            ExprKind::State(s) => m.states[s.0 as usize].path.clone(),
            ExprKind::Field(f) => self.names.borrow().field(*f),
            ExprKind::Table(t) => format!("{}[:]", m.tables[t.0 as usize].name()),
            ExprKind::Var(v) => self.names.borrow_mut().var(*v),
            ExprKind::Builtin(Builtin::Step) => "step".into(),
            ExprKind::Builtin(Builtin::Updates) => "updates".into(),
            ExprKind::Builtin(Builtin::Steps) => "steps".into(),
            ExprKind::Builtin(Builtin::Progress) => "progress".into(),
            ExprKind::Builtin(Builtin::Rows) => "B".into(),
            ExprKind::Call { part, args, result } => {
                if m.untold.contains(&id) {
                    return self.text(*result, outer, depth + 1);
                }
                format!("{}({})", m.parts[part.0 as usize].name, list(args))
            }
            ExprKind::Write { result, .. }
            | ExprKind::Symbolic(Symbolic::Invertible { value: result, .. }) => {
                self.text(*result, outer, depth + 1)
            }
            ExprKind::Symbolic(Symbolic::Once(of)) => format!("once({})", go(*of)),
            ExprKind::Noise { stream, .. } => format!("noise[{stream}]"),
            ExprKind::Stop(e) => format!("stop({})", go(*e)),
            ExprKind::Symbolic(Symbolic::LogProb(applied)) => {
                format!("log {}", self.applied(applied, false, depth))
            }
            ExprKind::Symbolic(Symbolic::Expect { .. }) => self.expectation(id, depth),
            ExprKind::Symbolic(Symbolic::Kl { q, p, .. }) => {
                let (q, p) = (self.applied(q, true, depth), self.applied(p, true, depth));
                format!("KL({q} || {p})")
            }
            ExprKind::Symbolic(Symbolic::Elbo { p, q, importance, .. }) => {
                let (p, q) = (self.applied(p, true, depth), self.applied(q, true, depth));
                match importance {
                    None => format!("elbo({p}, {q})"),
                    Some(k) => format!("iwae({p}, {q}, k = {k})"),
                }
            }
            ExprKind::Derivative { kind, var, body, at } => {
                let (at, with) = (go(*at), kind.with().map(|with| go(*with)));
                let with = with.map_or(String::new(), |with| format!(", with = {with}"));
                let name = self.names.borrow_mut().bind(*var, true);
                let body = go(*body);
                self.names.borrow_mut().unbind(1);
                format!("{}[{body}]({name} = {at}{with})", kind.name())
            }
            ExprKind::Reduce { axis, how, body } => self.reduction(*axis, *how, *body, depth),
            ExprKind::Element { of, axis } => {
                let of = self.text(*of, 9, depth + 1);
                format!("{of}[{}]", self.names.borrow_mut().letter(*axis))
            }
            ExprKind::Batch { of, .. } => format!("batch({})", go(*of)),
            ExprKind::BatchMean(e) => format!("batch_mean({})", go(*e)),
            ExprKind::Scan { .. } => self.scan(id, depth),
            ExprKind::Symbolic(Symbolic::Metric { name, args, settings }) => {
                let known = metrics::find(name).map_or(&[][..], |metric| metric.settings);
                let given = known.iter().zip(settings).filter(|(row, x)| row.default != x.0);
                let given = given.map(|(row, x)| format!(", {} = {}", row.name, x.0));
                format!("{name}({}{})", list(args), given.collect::<String>())
            }
        }
    }

    /// `E[z ~ q(z | x)][ ... ]`; of a draw in a function `(z ~ q(z | x))`.
    fn expectation(&self, id: ExprId, depth: usize) -> String {
        let m = self.m;
        let ExprKind::Symbolic(Symbolic::Expect { density, vars, samples, body, estimator, aid }) =
            &m.expr(id).kind
        else {
            unreachable!("called for expectations")
        };
        let ty = self.type_of(density);
        let mut from = self.applied(density, true, depth);
        if *estimator == Some(Estimator::Sample) {
            let names: Vec<String> =
                vars.iter().map(|var| self.names.borrow_mut().drawn(*var)).collect();
            let body = self.text(*body, 0, depth + 1);
            let several =
                if names.len() > 1 { format!(" of {}", names.join(", ")) } else { String::new() };
            return format!("({body}{several}{ty} ~ {from})");
        }
        if *samples > 1 {
            from += &format!(", {samples} draws");
        }
        if let Some(how) = estimator {
            from += &format!(", {}", how.word());
        }
        if let Some(aid) = aid {
            let word = if *estimator == Some(Estimator::Relaxed) { "at" } else { "less" };
            from += &format!(" {word} {}", self.text(*aid, 0, depth + 1));
        }
        let names: Vec<String> =
            vars.iter().map(|var| self.names.borrow_mut().bind(*var, false)).collect();
        let body = self.text(*body, 0, depth + 1);
        self.names.borrow_mut().unbind(vars.len());
        format!("E[{}{ty} ~ {from}][ {body} ]", names.join(", "))
    }

    /// `sum over i of [ ... ]`, with the range where the index does not show it.
    fn reduction(&self, axis: AxisId, how: AxisReduce, body: ExprId, depth: usize) -> String {
        let word = format!("{how:?}").to_lowercase();
        let axis_of = &self.m.axes[axis.0 as usize];
        if axis_of.name != "map" {
            let body = self.text(body, 0, depth + 1);
            return format!("{word} over {} of [ {body} ]", axis_of.name);
        }
        let name = self.names.borrow_mut().letter(axis);
        let mark = self.names.borrow().mark();
        let body = self.text(body, 0, depth + 1);
        let range = match self.names.borrow().used_since(mark, &name) {
            true => String::new(),
            false => format!(" in 0..{}", axis_of.size),
        };
        format!("{word} over {name}{range} of [ {body} ]")
    }

    /// `scan(h = s, r in x)[ h * r ]`; with the index where the body or the length asks for it.
    fn scan(&self, id: ExprId, depth: usize) -> String {
        let ExprKind::Scan { init, xs, vars, body, length, index } = &self.m.expr(id).kind else {
            unreachable!("called for loops")
        };
        let first: Vec<String> = init.iter().map(|e| self.text(*e, 0, depth + 1)).collect();
        let over: Vec<String> = xs.iter().map(|e| self.text(*e, 0, depth + 1)).collect();
        let mark = self.names.borrow().mark();
        let names: Vec<String> =
            vars.iter().map(|var| self.names.borrow_mut().bind(*var, false)).collect();
        let next = self.list(body, depth);
        let counted = names.last().is_some_and(|t| self.names.borrow().used_since(mark, t));
        self.names.borrow_mut().unbind(vars.len());
        let mut head: Vec<String> =
            names.iter().zip(&first).map(|(name, e)| format!("{name} = {e}")).collect();
        head.extend(
            names[init.len()..].iter().zip(&over).map(|(name, e)| format!("{name} in {e}")),
        );
        if let Some(t) = names.last().filter(|_| counted || xs.is_empty()) {
            head.push(format!("{t} in 0..{length}"));
        }
        let which = if init.len() > 1 { format!(".{}", names[*index]) } else { String::new() };
        format!("scan({})[ {next} ]{which}", head.join(", "))
    }

    /// `q(z | x)`, with values where they are no variables or fields of these names. What is drawn is
    /// told by the density itself.
    fn applied(&self, applied: &Applied, drawn: bool, depth: usize) -> String {
        let m = self.m;
        let own = |name: &str| {
            let mut all = applied.densities.iter().flat_map(|d| &m.densities[d.0 as usize].over);
            all.any(|other| m.vars[other.0 as usize].name == *name)
        };
        // A variable that the density draws stands for itself; any other is told.
        let told = |v: &VarId| {
            let name = &m.vars[v.0 as usize].name;
            let value = applied.bind.iter().find(|(known, _)| known == v).map(|(_, e)| *e);
            let open = |e: ExprId| drawn && matches!(m.expr(e).kind, ExprKind::Var(_)) && own(name);
            match value.filter(|e| !open(*e)).map(|e| self.text(e, 0, depth + 1)) {
                Some(text) if text != *name => format!("{name} = {text}"),
                _ => name.clone(),
            }
        };
        let list = |vars: &[VarId]| vars.iter().map(told).collect::<Vec<_>>().join(", ");
        let factor = |id: &DensityId| {
            if let Some(text) = self.alone(*id, depth) {
                return text;
            }
            let density = &m.densities[id.0 as usize];
            match density.given.as_slice() {
                [] => format!("{}({})", density.name, list(&density.over)),
                given => format!("{}({} | {})", density.name, list(&density.over), list(given)),
            }
        };
        applied.densities.iter().map(factor).collect::<Vec<_>>().join(" ")
    }

    /// `Normal(s, 1)`: a distribution that is no density of the file.
    fn alone(&self, id: DensityId, depth: usize) -> Option<String> {
        let dist = &self.m.dists[unnamed(self.m, id)?.0 as usize];
        let each = |(name, id): &(String, ExprId)| {
            let value = self.text(self.filled(*id).unwrap_or(*id), 0, depth + 1);
            if dist.by_name { format!("{name} = {value}") } else { value }
        };
        let params = dist.params.iter().map(each).collect::<Vec<_>>().join(", ");
        Some(format!("{}({params})", dist.family))
    }

    /// `: f32[3]` where the parameters of a distribution that stands alone do not say what it draws.
    fn type_of(&self, drawn: &Applied) -> String {
        let [id] = drawn.densities.as_slice() else { return String::new() };
        let Some(dist) = unnamed(self.m, *id) else { return String::new() };
        let dist = &self.m.dists[dist.0 as usize];
        let shown = |id: ExprId| !self.m.ty(id).shape.is_empty() && self.filled(id).is_none();
        let plain = dist.ty.shape.is_empty() && !matches!(dist.ty.support, Support::Index(_));
        if plain || dist.params.iter().any(|(_, id)| shown(*id)) {
            return String::new();
        }
        format!(": {}", crate::model::show_type(&dist.ty))
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
}

/// `3, 4`
fn dims(list: &[usize]) -> String {
    list.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
}

/// `3`, of several `(3, 4)`.
fn several(list: &[usize]) -> String {
    match list {
        [one] => one.to_string(),
        list => format!("({})", dims(list)),
    }
}
