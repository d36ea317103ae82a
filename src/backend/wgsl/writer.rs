//! The text of one module. In: statements and accesses to buffers. Out: a module with the bindings
//! and library functions that it needs.

use super::layout::{Region, Span};
use super::{Binding, Limits, Module, RECORD, library};
use crate::plan::Elem;
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
    /// Regions of which four words are read and written together.
    pub wide: BTreeSet<Region>,
    /// Items before the entry point.
    pub items: String,
    /// Whether the module uses 16-bit reals.
    pub half: bool,
    /// Whether the entry point is told its subgroup: `subgroup`, `subgroups` and `sublane`.
    pub subgroups: bool,
    /// Whether the module uses matrix units.
    pub cooperative: bool,
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
            wide: BTreeSet::new(),
            items: String::new(),
            half: false,
            subgroups: false,
            cooperative: false,
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
            self.bind(span.region, first);
            let cell = self.cell(span.region, first, &place);
            return if span.region == Region::Halves { format!("f32({cell})") } else { cell };
        }
        (first..=last).for_each(|page| {
            self.bind(span.region, page);
        });
        self.paged.insert((span.region, first, last, false));
        format!("{}_{first}_{last}({place})", span.region.name())
    }

    /// A place of a page in the text.
    fn cell(&self, region: Region, page: usize, place: &str) -> String {
        let page = page_name(region, page);
        match self.wide.contains(&region) {
            true => format!("{page}[({place}) / 4u][({place}) % 4u]"),
            false => format!("{page}[{place}]"),
        }
    }

    /// Four elements in one line of a wide region, as reals.
    pub fn four(&mut self, span: &Span, index: &str) -> String {
        let (place, page) = (self.place(span, index), self.pages(span).0);
        let page = self.bind(span.region, page);
        let real = if span.region == Region::Halves { "vec4<f32>" } else { "bitcast<vec4<f32>>" };
        format!("{real}({page}[({place}) / 4u])")
    }

    /// Statements that store four words one behind the other: together in a wide region.
    pub fn put_four(&mut self, text: &mut String, span: &Span, index: &str, words: &[String; 4]) {
        if !self.wide.contains(&span.region) {
            for (n, word) in words.iter().enumerate() {
                let put = self.put(span, &format!("{index} + {n}u"), word);
                writeln!(text, "    {put}").ok();
            }
            return;
        }
        let (place, page) = (self.place(span, index), self.pages(span).0);
        let page = self.bind(span.region, page);
        let value = match span.region {
            Region::Halves => {
                format!("vec4<f16>({})", words.each_ref().map(|word| half(word)).join(", "))
            }
            _ => format!("vec4<u32>({})", words.join(", ")),
        };
        writeln!(text, "    {page}[({place}) / 4u] = {value};").ok();
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
        assert!(!self.wide.contains(&span.region), "wgsl: a word alone in a region of fours");
        let place = self.place(span, index);
        let (first, last) = self.pages(span);
        let value = match span.region {
            Region::Halves => half(word),
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
        let moving = self.record.len().next_multiple_of(RECORD);
        let halves = self.bindings.iter().any(|b| b.region == Region::Halves);
        let mut text = String::new();
        let wanted = [(self.half || halves, "f16"), (self.cooperative, "wgpu_cooperative_matrix")];
        for (_, extension) in wanted.iter().filter(|(wanted, _)| *wanted) {
            writeln!(text, "enable {extension};\n").ok();
        }
        writeln!(text, "// {}\n", label.replace('\n', " ")).ok();
        for (at, binding) in self.bindings.iter().enumerate() {
            let access = if binding.region.is_written() { "read_write" } else { "read" };
            let name = page_name(binding.region, binding.page);
            let elem = match (binding.region, self.wide.contains(&binding.region)) {
                (Region::Halves, false) => "f16",
                (Region::Halves, true) => "vec4<f16>",
                (_, false) => "u32",
                (_, true) => "vec4<u32>",
            };
            writeln!(
                text,
                "@group(0) @binding({at}) var<storage, {access}> {name}: array<{elem}>;"
            )
            .ok();
        }
        if moving > 0 {
            let at = self.bindings.len();
            writeln!(text, "struct Moving {{ at: array<vec4<u32>, {}> }}", moving / 4).ok();
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
        let module = Module { label: label.to_string(), text, library, bindings, moving };
        (module, (moving > 0).then_some(self.record))
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
            let word = self.cell(region, at, &format!("i % {page}u"));
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

/// A word, the bits of a real, in 16 bits.
fn half(word: &str) -> String {
    format!("half_f({})", real(word))
}

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
