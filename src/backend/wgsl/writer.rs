//! The text of one module. In: statements and accesses to buffers. Out: a module with the bindings
//! and library functions that it needs.

use super::layout::{Region, Span};
use super::{Binding, Limits, Module, RECORD, library};
use crate::plan::{Elem, View};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A module under construction.
pub struct Writer<'l> {
    limits: &'l Limits,
    bindings: BTreeSet<Binding>,
    /// Words of the record, if places move.
    pub record: Vec<u32>,
    /// Constants: name and value.
    constants: BTreeMap<String, usize>,
    /// Access functions of regions with several pages: region, first and last page, or of a write.
    paged: BTreeSet<(Region, usize, usize, bool)>,
    /// Items before the entry point.
    pub items: String,
    /// Whether the module uses 16-bit reals.
    pub half: bool,
    /// Whether the entry point is told its subgroup: `subgroup`, `subgroups` and `sublane`.
    pub subgroups: bool,
}

impl<'l> Writer<'l> {
    /// An empty module.
    pub fn new(limits: &'l Limits) -> Writer<'l> {
        Writer {
            limits,
            bindings: BTreeSet::new(),
            record: vec![],
            constants: BTreeMap::new(),
            paged: BTreeSet::new(),
            items: String::new(),
            half: false,
            subgroups: false,
        }
    }

    /// The pages of a span.
    fn pages(&self, span: &Span) -> (usize, usize) {
        // Tables are small.
        if span.region == Region::Tables {
            return (0, 0);
        }
        let last = (span.start + span.len.max(1) - 1) / self.limits.page;
        (span.start / self.limits.page, last)
    }

    /// The place of a span's first word in its first page.
    fn base(&mut self, span: &Span) -> String {
        let base = span.start - self.pages(span).0 * self.limits.page;
        if span.moves {
            let at = self.record.iter().position(|word| *word == base as u32);
            let at = at.unwrap_or_else(|| {
                self.record.push(base as u32);
                self.record.len() - 1
            });
            assert!(at < RECORD, "wgsl: a kernel has {at} places that move");
            return format!("moving.at[{}][{}]", at / 4, at % 4);
        }
        if span.name.is_empty() {
            return format!("{base}u");
        }
        let mut name = format!("at_{}", span.name);
        while self.constants.get(&name).is_some_and(|old| *old != base) {
            name.push('x');
        }
        self.constants.insert(name.clone(), base);
        name
    }

    fn place(&mut self, span: &Span, index: &str) -> String {
        match (self.base(span).as_str(), index) {
            ("0u", _) => index.to_string(),
            (base, "0u") => base.to_string(),
            (base, _) => format!("{base} + {index}"),
        }
    }

    fn bind(&mut self, region: Region, page: usize) -> String {
        self.bindings.insert(Binding { region, page });
        page_name(region, page)
    }

    /// A word of a span as an expression.
    pub fn word(&mut self, span: &Span, index: &str) -> String {
        match span.region {
            Region::Halves => format!("bitcast<u32>({})", self.read(span, index)),
            _ => self.read(span, index),
        }
    }

    /// What stands at a place: a real in halves, else a word.
    fn read(&mut self, span: &Span, index: &str) -> String {
        let place = self.place(span, index);
        let (first, last) = self.pages(span);
        if first == last {
            let page = self.bind(span.region, first);
            return match span.region {
                Region::Halves => format!("f32({page}[{place}])"),
                _ => format!("{page}[{place}]"),
            };
        }
        (first..=last).for_each(|page| {
            self.bind(span.region, page);
        });
        self.paged.insert((span.region, first, last, false));
        format!("{}_{first}_{last}({place})", span.region.name())
    }

    /// An element of a span, as the type that its elements have.
    pub fn element(&mut self, span: &Span, index: &str) -> String {
        let word = self.read(span, index);
        match span.elem {
            _ if span.region == Region::Halves => word,
            Elem::I32 => format!("bitcast<i32>({word})"),
            _ => format!("bitcast<f32>({word})"),
        }
    }

    /// A statement that stores a word.
    pub fn put(&mut self, span: &Span, index: &str, word: &str) -> String {
        let place = self.place(span, index);
        let (first, last) = self.pages(span);
        let value = match span.region {
            Region::Halves => format!("half_f({})", real(word)),
            _ => word.to_string(),
        };
        if first == last {
            return format!("{}[{place}] = {value};", self.bind(span.region, first));
        }
        (first..=last).for_each(|page| {
            self.bind(span.region, page);
        });
        self.paged.insert((span.region, first, last, true));
        format!("put_{}_{first}_{last}({place}, {value});", span.region.name())
    }

    /// The finished module: `body` is that of the entry point, with `lanes` invocations a group.
    /// `group` is the number of the group, `lane` that of the invocation.
    pub fn module(mut self, label: &str, lanes: usize, body: &str) -> (Module, Option<Vec<u32>>) {
        for word in ["normal_f"] {
            if library::mentions(body, word) || library::mentions(&self.items, word) {
                self.bind(Region::Tables, 0);
            }
        }
        let record = !self.record.is_empty();
        let halves = self.bindings.iter().any(|b| b.region == Region::Halves);
        let enable = if self.half || halves { "enable f16;\n\n" } else { "" };
        let mut text = format!("{enable}// {}\n\n", label.replace('\n', " "));
        for (at, binding) in self.bindings.iter().enumerate() {
            let access = if binding.region.is_written() { "read_write" } else { "read" };
            let name = page_name(binding.region, binding.page);
            let elem = if binding.region == Region::Halves { "f16" } else { "u32" };
            writeln!(
                text,
                "@group(0) @binding({at}) var<storage, {access}> {name}: array<{elem}>;"
            )
            .ok();
        }
        if record {
            let at = self.bindings.len();
            text += "struct Moving { at: array<vec4<u32>, 16> }\n";
            writeln!(text, "@group(0) @binding({at}) var<uniform> moving: Moving;").ok();
        }
        text.push('\n');
        for (name, value) in &self.constants {
            writeln!(text, "const {name} = {value}u;").ok();
        }
        if !self.constants.is_empty() {
            text.push('\n');
        }
        let entry = self.entry(lanes, body);
        let paged: String = self.paged.iter().map(|p| self.pager(*p)).collect();
        let own = format!("{paged}{}{entry}", self.items);
        if library::mentions(&own, "half_f") {
            text += HALF;
        }
        if library::mentions(&own, "normal_f") {
            text += "fn quantile(i: u32) -> i32 {\n    return bitcast<i32>(tables[i]);\n}\n\n";
        }
        let from = text.len();
        text += &library::needed(&own);
        let library = from..text.len();
        text += &own;
        let bindings = self.bindings.into_iter().collect();
        let module = Module { label: label.to_string(), text, library, bindings, record };
        (module, record.then_some(self.record))
    }

    fn entry(&self, lanes: usize, body: &str) -> String {
        let group = group(self.limits, 0, None);
        let more = match self.subgroups {
            true => {
                "    @builtin(subgroup_id) subgroup: u32,\n    \
                 @builtin(num_subgroups) subgroups: u32,\n    \
                 @builtin(subgroup_invocation_id) sublane: u32,\n"
            }
            false => "",
        };
        format!(
            "@compute @workgroup_size({lanes})\nfn main(\n    @builtin(workgroup_id) groups: vec3<u32>,\n    \
             @builtin(local_invocation_index) lane: u32,\n{more}) {{\n    {group}\n{body}}}\n"
        )
    }

    /// The function that reads or writes a region of several pages.
    fn pager(&self, (region, first, last, write): (Region, usize, usize, bool)) -> String {
        let (name, page) = (region.name(), self.limits.page);
        let (given, read) = match region {
            Region::Halves => ("f16", "f32"),
            _ => ("u32", "u32"),
        };
        let mut text = match write {
            true => format!("fn put_{name}_{first}_{last}(i: u32, word: {given}) {{\n"),
            false => format!("fn {name}_{first}_{last}(i: u32) -> {read} {{\n"),
        };
        writeln!(text, "    switch i / {page}u {{").ok();
        for at in first..=last {
            let case = if at == last { "default".into() } else { format!("case {}u", at - first) };
            let word = format!("{}[i % {page}u]", page_name(region, at));
            match write {
                true => writeln!(text, "        {case}: {{ {word} = word; }}").ok(),
                false if region == Region::Halves => {
                    writeln!(text, "        {case}: {{ return f32({word}); }}").ok()
                }
                false => writeln!(text, "        {case}: {{ return {word}; }}").ok(),
            };
        }
        text += "    }\n}\n\n";
        text
    }
}

/// A real in 16 bits: what is too large becomes the largest.
const HALF: &str = "fn half_f(x: f32) -> f16 {
    let size = bitcast<u32>(x) & 2147483647u;
    return f16(select(clamp(x, -65504.0f, 65504.0f), x, size >= 2139095040u));
}

";

/// A word as a real.
fn real(word: &str) -> String {
    let inner = word.strip_prefix("bitcast<u32>(").and_then(|rest| rest.strip_suffix(')'));
    // The last parenthesis must be that of the first.
    let closes = |text: &str| {
        let mut open = 0;
        text.chars().all(|c| {
            open += i32::from(c == '(') - i32::from(c == ')');
            open >= 0
        })
    };
    match inner.filter(|text| closes(text)) {
        Some(inner) => inner.to_string(),
        None => format!("bitcast<f32>({word})"),
    }
}

/// The statement that numbers the groups of a dispatch, which begins with this one.
/// Groups from `end` on do nothing.
pub fn group(limits: &Limits, first: usize, end: Option<usize>) -> String {
    let from = if first > 0 { format!("{first}u + ") } else { String::new() };
    let number = format!("let group = {from}groups.x + groups.y * {}u;", limits.groups);
    match end {
        None => number,
        Some(end) => {
            format!("{number}\n    if (group >= {end}u) {{\n        return;\n    }}")
        }
    }
}

fn page_name(region: Region, page: usize) -> String {
    match page {
        0 => region.name().to_string(),
        page => format!("{}{page}", region.name()),
    }
}

/// An affine function of indices as an expression of `u32`; overflow wraps, so that negative steps
/// are right in the end.
pub fn affine(offset: isize, strides: &[isize], index: &[String]) -> String {
    let mut text = String::new();
    let term = |text: &mut String, size: isize, name: &str| {
        let sign = match (text.is_empty(), size < 0) {
            (true, true) => "0u - ",
            (true, false) => "",
            (false, true) => " - ",
            (false, false) => " + ",
        };
        text.push_str(sign);
        match size.unsigned_abs() {
            1 => text.push_str(name),
            n => text.push_str(&format!("{name} * {n}u")),
        }
    };
    if offset != 0 {
        text = if offset < 0 { format!("0u - {}u", -offset) } else { format!("{offset}u") };
    }
    for (stride, name) in strides.iter().zip(index) {
        if *stride != 0 {
            term(&mut text, *stride, name);
        }
    }
    if text.is_empty() { "0u".into() } else { text }
}

/// The same of a view.
pub fn at(view: &View, index: &[String]) -> String {
    affine(view.offset, &view.strides, index)
}

/// Statements that take a number apart into indices of a shape, last dim fastest. Dims of one are 0.
pub fn digits(
    text: &mut String,
    indent: &str,
    number: &str,
    prefix: &str,
    shape: &[usize],
) -> Vec<String> {
    let mut names = vec!["0u".to_string(); shape.len()];
    let real: Vec<usize> = (0..shape.len()).filter(|d| shape[*d] != 1).collect();
    let mut rest = number.to_string();
    for (k, d) in real.iter().enumerate().rev() {
        let name = format!("{prefix}{d}");
        let n = shape[*d];
        if k == 0 {
            if rest == number && !number.contains(' ') {
                names[*d] = rest.clone();
                continue;
            }
            writeln!(text, "{indent}let {name} = {rest};").ok();
        } else {
            writeln!(text, "{indent}let {name} = {} % {n}u;", paren(&rest)).ok();
            rest = format!("{} / {n}u", paren(&rest));
            if k > 1 {
                let left = format!("{prefix}r{d}");
                writeln!(text, "{indent}let {left} = {rest};").ok();
                rest = left;
            }
        }
        names[*d] = name;
    }
    names
}

fn paren(text: &str) -> String {
    if text.contains(' ') { format!("({text})") } else { text.to_string() }
}
