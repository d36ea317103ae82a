//! Folds. In: a loop with folds. Out: a module in which a team of invocations walks the folded points
//! of one result and joins what its members have by a tree; and one that joins parts.

use super::layout::Span;
use super::place::{affine, digits};
use super::point::{Type, Value};
use super::writer::Writer;
use super::{Job, Limits};
use crate::plan::{Fold, How, Loop};
use std::fmt::Write;

/// How results are given to invocations.
struct Teams {
    /// Results.
    results: usize,
    /// Folded points of one result.
    width: usize,
    /// Folded points of a part.
    part: usize,
    /// Invocations that share one result.
    members: usize,
    /// Teams of a group.
    teams: usize,
    /// Step between the invocations of one team.
    step: usize,
}

/// Folded points that are worth an invocation of their own.
const WORTH: usize = 4;
/// Neighbouring columns that neighbouring invocations take.
const COLUMNS: usize = 32;

impl Teams {
    fn of(body: &Loop, most: usize) -> Teams {
        let last = usize::from(body.columns);
        let width: usize = body.shape[body.outer..body.shape.len() - last].iter().product();
        let outer: usize = body.shape[..body.outer].iter().product();
        let columns = if body.columns { body.shape.last().copied().unwrap_or(1) } else { 1 };
        let part = width.div_ceil(body.splits).max(1);
        let wanted = (part / WORTH).max(1).next_power_of_two();
        let beside = if body.columns { columns.next_power_of_two().min(COLUMNS) } else { 1 };
        let members = wanted.min(most / beside);
        // A group has at least 32 invocations, as devices run no fewer.
        let teams = if body.columns { beside } else { (32 / members).max(1) };
        let step = if body.columns { teams } else { 1 };
        Teams { results: outer * columns, width, part, members, teams, step }
    }
}

impl Job<'_, '_, '_> {
    /// A loop with folds.
    pub fn folds(&mut self, body: &Loop) {
        let t = Teams::of(body, self.emit.limits.lanes as usize);
        let jobs = t.results * body.splits;
        let mut w = Writer::new(self.emit.limits);
        let mut text = String::new();
        let (team, member) = match t.step {
            1 => (format!("lane / {}u", t.members), format!("lane % {}u", t.members)),
            step => (format!("lane % {step}u"), format!("lane / {step}u")),
        };
        writeln!(text, "    let job = group * {}u + {team};", t.teams).ok();
        writeln!(text, "    let member = {member};").ok();
        writeln!(text, "    let live = job < {jobs}u;").ok();
        for (n, fold) in body.folds.iter().enumerate() {
            writeln!(text, "    var fold{n} = {};", start(fold)).ok();
        }
        let mut index = self.kept(&mut text, body, &t);
        text += "    if (live) {\n";
        self.walk(&mut w, &mut text, body, &t, &mut index);
        text += "    }\n";
        if t.members > 1 {
            writeln!(
                w.items,
                "var<workgroup> shared_words: array<u32, {}>;\n",
                t.members * t.teams
            )
            .ok();
            for (n, fold) in body.folds.iter().enumerate() {
                match by_subgroups(fold, &t, self.emit.limits) {
                    Some(add) => {
                        w.subgroups = true;
                        subgroups(&mut text, n, fold, add);
                    }
                    None => tree(&mut text, n, fold, &t),
                }
            }
        }
        text += "    if (live & (member == 0u)) {\n";
        for (n, fold) in body.folds.iter().enumerate() {
            let word = format!("bitcast<u32>(fold{n})");
            let put = match fold.parts {
                Some(parts) => w.put(self.places.of(parts), "job", &word),
                None => {
                    let place = affine(fold.to.offset, &fold.to.strides, &index);
                    w.put(self.places.of(fold.to.buffer), &place, &word)
                }
            };
            writeln!(text, "        {put}").ok();
        }
        text += "    }\n";
        self.finish(w, t.members * t.teams, &text, jobs.div_ceil(t.teams));
        if body.splits > 1 {
            self.join_parts(body, &t);
        }
    }

    /// Indices of the kept dims; those of folded dims are filled in later.
    fn kept(&self, text: &mut String, body: &Loop, t: &Teams) -> Vec<String> {
        let rank = body.shape.len();
        let mut kept: Vec<usize> = (0..body.outer).collect();
        if body.columns {
            kept.push(rank - 1);
        }
        let shape: Vec<usize> = kept.iter().map(|d| body.shape[*d]).collect();
        let mut number = "job";
        if body.splits > 1 {
            writeln!(text, "    let result = job % {}u;", t.results.max(1)).ok();
            number = "result";
        }
        let names = digits(text, "    ", number, "k", &shape);
        let mut index = vec!["0u".to_string(); rank];
        kept.iter().zip(names).for_each(|(d, name)| index[*d] = name);
        index
    }

    /// The loop of one member over its folded points.
    fn walk(
        &self,
        w: &mut Writer,
        text: &mut String,
        body: &Loop,
        t: &Teams,
        index: &mut [String],
    ) {
        let (from, to) = match body.splits {
            1 => ("member".to_string(), format!("{}u", t.width)),
            _ => {
                let part = format!("job / {}u * {}u", t.results.max(1), t.part);
                writeln!(text, "        let first = {part};").ok();
                let end = format!("min(first + {}u, {}u)", t.part, t.width);
                writeln!(text, "        let end = {end};").ok();
                ("first + member".into(), "end".into())
            }
        };
        let step = t.members;
        writeln!(text, "        for (var f = {from}; f < {to}; f += {step}u) {{").ok();
        let indent = "            ";
        let last = body.shape.len() - usize::from(body.columns);
        let names = digits(text, indent, "f", "f", &body.shape[body.outer..last]);
        index[body.outer..last].clone_from_slice(&names);
        let values = self.registers(w, text, indent, body, index, None);
        self.stores(w, text, indent, &body.stores, &values, index);
        for (n, fold) in body.folds.iter().enumerate() {
            let value = typed(fold, &values[fold.reg]);
            writeln!(text, "{indent}fold{n} = {};", join(fold, &format!("fold{n}"), &value)).ok();
        }
        text.push_str("        }\n");
    }

    /// Parts to results.
    fn join_parts(&mut self, body: &Loop, t: &Teams) {
        let lanes = super::point::lanes(self.emit.limits, t.results);
        let mut w = Writer::new(self.emit.limits);
        let mut text = String::new();
        writeln!(text, "    let job = group * {lanes}u + lane;").ok();
        writeln!(text, "    if (job >= {}u) {{\n        return;\n    }}", t.results).ok();
        let whole = Loop { splits: 1, ..body.clone() };
        let index = self.kept(&mut text, &whole, t);
        for (n, fold) in body.folds.iter().enumerate() {
            let parts: &Span = self.places.of(fold.parts.expect("parts of a split fold"));
            let word = w.word(parts, &format!("part * {}u + job", t.results));
            let value = if fold.integer { "i32" } else { "f32" };
            let joined = join(fold, &format!("fold{n}"), &format!("bitcast<{value}>({word})"));
            writeln!(text, "    var fold{n} = {};", start(fold)).ok();
            writeln!(text, "    for (var part = 0u; part < {}u; part++) {{", body.splits).ok();
            writeln!(text, "        fold{n} = {joined};\n    }}").ok();
            let place = affine(fold.to.offset, &fold.to.strides, &index);
            let word = format!("bitcast<u32>(fold{n})");
            let put = w.put(self.places.of(fold.to.buffer), &place, &word);
            writeln!(text, "    {put}").ok();
        }
        self.finish(w, lanes, &text, t.results.div_ceil(lanes));
    }
}

/// Joins what the members of each team have: halves to halves.
fn tree(text: &mut String, n: usize, fold: &Fold, t: &Teams) {
    let half = t.members / 2;
    let other = match t.step {
        1 => "lane + h".to_string(),
        step => format!("lane + h * {step}u"),
    };
    let value = if fold.integer { "i32" } else { "f32" };
    let other = format!("bitcast<{value}>(shared_words[{other}])");
    let joined = join(fold, &format!("fold{n}"), &other);
    writeln!(
        text,
        "    shared_words[lane] = bitcast<u32>(fold{n});\n    workgroupBarrier();\n    \
         for (var h = {half}u; h > 0u; h /= 2u) {{\n        if (member < h) {{\n            \
         fold{n} = {joined};\n            shared_words[lane] = bitcast<u32>(fold{n});\n        }}\n        \
         workgroupBarrier();\n    }}"
    )
    .ok();
}

/// The built-in function that joins what a subgroup has, if it does so as we do: where one team is
/// the whole group, whatever invocations its subgroups consist of. Those for the largest and the
/// least do not hand on what is not a number.
fn by_subgroups(fold: &Fold, t: &Teams, limits: &Limits) -> Option<&'static str> {
    match fold.how {
        _ if !limits.subgroups || t.teams > 1 || t.members < 64 => None,
        How::Sum => Some("subgroupAdd"),
        How::Prod => Some("subgroupMul"),
        How::Max | How::Min => None,
    }
}

/// Joins subgroups by a built-in function, and their results one after the other.
fn subgroups(text: &mut String, n: usize, fold: &Fold, add: &str) {
    let value = if fold.integer { "i32" } else { "f32" };
    let joined = join(fold, &format!("fold{n}"), &format!("bitcast<{value}>(shared_words[s])"));
    let start = start(fold);
    writeln!(
        text,
        "    let whole{n} = {add}(fold{n});\n    if (sublane == 0u) {{\n        \
         shared_words[subgroup] = bitcast<u32>(whole{n});\n    }}\n    workgroupBarrier();\n    \
         if (member == 0u) {{\n        fold{n} = {start};\n        \
         for (var s = 0u; s < subgroups; s++) {{\n            fold{n} = {joined};\n        }}\n    \
         }}\n    workgroupBarrier();"
    )
    .ok();
}

fn typed(fold: &Fold, value: &Value) -> String {
    if fold.integer { value.whole() } else { value.real() }
}

/// What a fold begins with.
fn start(fold: &Fold) -> String {
    let bits = match (fold.how, fold.integer) {
        (How::Sum, false) => return "0.0f".into(),
        (How::Prod, false) => return "1.0f".into(),
        (How::Max, false) => f32::NEG_INFINITY.to_bits(),
        (How::Min, false) => f32::INFINITY.to_bits(),
        (How::Sum, true) => return "0i".into(),
        (How::Prod, true) => return "1i".into(),
        (How::Max, true) => i32::MIN as u32,
        (How::Min, true) => i32::MAX as u32,
    };
    let value = Value { text: String::new(), ty: Type::Literal(bits) };
    typed(fold, &value)
}

fn join(fold: &Fold, a: &str, b: &str) -> String {
    match (fold.how, fold.integer) {
        (How::Sum, _) => format!("{a} + {b}"),
        (How::Prod, _) => format!("{a} * {b}"),
        (How::Max, false) => format!("max_f({a}, {b})"),
        (How::Min, false) => format!("min_f({a}, {b})"),
        (How::Max, true) => format!("max({a}, {b})"),
        (How::Min, true) => format!("min({a}, {b})"),
    }
}
