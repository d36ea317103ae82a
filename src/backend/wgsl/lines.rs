//! Running sums and largest elements along an axis. In: lines of reals. Out: modules with one
//! invocation per line; long lines are cut into chunks, a function of the shape alone, whose sums or
//! largest elements are found first.

use super::Job;
use super::layout::Span;
use super::writer::Writer;
use crate::plan::BufferId;
use std::fmt::Write;

/// Longest line that one invocation walks.
const LONG: usize = 256;

/// Elements of a chunk: as many as a line has chunks, roughly.
fn chunk(extent: usize) -> usize {
    let root = (extent as f64).sqrt() as usize;
    root.next_power_of_two()
}

/// The place of the first element of a line.
pub fn base(line: &str, extent: usize, inner: usize) -> String {
    match inner {
        1 => format!("{line} * {extent}u"),
        _ => format!("{line} / {inner}u * {}u + {line} % {inner}u", extent * inner),
    }
}

/// The place of an element of a line whose first is `first`.
pub fn along(position: &str, inner: usize) -> String {
    match (position, inner) {
        ("0u", _) => "first".into(),
        (_, 1) => format!("first + {position}"),
        _ => format!("first + {position} * {inner}u"),
    }
}

/// Statements that find the line, its first element, and the first and last elements of a chunk.
fn of_chunk([extent, inner]: [usize; 2]) -> String {
    let size = chunk(extent);
    let chunks = extent.div_ceil(size);
    let mut text = format!("    let line = i / {chunks}u;\n");
    writeln!(text, "    let first = {};", base("line", extent, inner)).ok();
    writeln!(text, "    let begin = i % {chunks}u * {size}u;").ok();
    writeln!(text, "    let end = min(begin + {size}u, {extent}u);").ok();
    text
}

impl Job<'_, '_, '_> {
    /// Running sums of each line.
    pub fn cumsum(
        &mut self,
        [from, to]: [BufferId; 2],
        [outer, extent, inner]: [usize; 3],
        reverse: bool,
    ) {
        let (lines, places) = (outer * inner, self.places);
        let last = extent.max(1) - 1;
        let position = if reverse { format!("({last}u - j)") } else { "j".into() };
        let place = along(&position, inner);
        // Adds elements to the sum, and stores it after each or not.
        let walk = |w: &mut Writer, [first, end]: [&str; 2], store: bool| {
            let value = w.element(places.of(from), &place);
            let mut text = format!("    for (var j = {first}; j < {end}; j++) {{\n");
            writeln!(text, "        sum += {value};").ok();
            if store {
                writeln!(text, "        {}", w.put(places.of(to), &place, "bitcast<u32>(sum)"))
                    .ok();
            }
            text + "    }\n"
        };
        let mut w = self.writer();
        if extent <= LONG {
            let head = format!("    let first = {};\n", base("i", extent, inner));
            let loops = walk(&mut w, ["0u", &format!("{extent}u")], true);
            return self.each(w, lines, &format!("{head}    var sum = 0.0f;\n{loops}"));
        }
        let sums = self.chunks(lines, extent);
        let head = of_chunk([extent, inner]);
        let loops = walk(&mut w, ["begin", "end"], false);
        let put = w.put(&sums, "i", "bitcast<u32>(sum)");
        self.each(w, sums.len, &format!("{head}    var sum = 0.0f;\n{loops}    {put}\n"));

        self.before_chunks(&sums, lines);

        let mut w = self.writer();
        let sum = format!("    var sum = bitcast<f32>({});\n", w.word(&sums, "i"));
        let loops = walk(&mut w, ["begin", "end"], true);
        self.each(w, sums.len, &format!("{head}{sum}{loops}"));
    }

    /// A word of scratch for each chunk of each line.
    fn chunks(&mut self, lines: usize, extent: usize) -> Span {
        let span = Span::scratch(self.scratch(), lines * extent.div_ceil(chunk(extent)));
        self.emit.out.scratch = self.emit.out.scratch.max(span.len);
        span
    }

    /// Sums of chunks to sums of all that come before them.
    fn before_chunks(&mut self, sums: &Span, lines: usize) {
        let chunks = sums.len / lines.max(1);
        let mut w = self.writer();
        let mut body = String::from("    var sum = 0.0f;\n");
        writeln!(body, "    for (var c = 0u; c < {chunks}u; c++) {{").ok();
        let place = format!("i * {chunks}u + c");
        writeln!(body, "        let own = bitcast<f32>({});", w.word(sums, &place)).ok();
        writeln!(body, "        {}", w.put(sums, &place, "bitcast<u32>(sum)")).ok();
        body += "        sum += own;\n    }\n";
        self.each(w, lines, &body);
    }

    /// The first of the largest elements of each line.
    pub fn argmax(&mut self, [from, to]: [BufferId; 2], [outer, extent, inner]: [usize; 3]) {
        let (lines, places) = (outer * inner, self.places);
        let mut w = self.writer();
        let at = |w: &mut Writer, j: &str| w.element(places.of(from), &along(j, inner));
        let better = "\n        if (value > best) {\n            best = value;\n            found = j;\n        }\n    }";
        if extent <= LONG {
            let mut body = format!("    let first = {};\n", base("i", extent, inner));
            writeln!(body, "    var best = {};\n    var found = 0u;", at(&mut w, "0u")).ok();
            writeln!(body, "    for (var j = 1u; j < {extent}u; j++) {{").ok();
            writeln!(body, "        let value = {};{better}", at(&mut w, "j")).ok();
            writeln!(body, "    {}", w.put(places.of(to), "i", "found")).ok();
            return self.each(w, lines, &body);
        }
        let marks = self.chunks(lines, extent);
        let chunks = marks.len / lines.max(1);
        // What is not a number wins only as the first of all: a later chunk begins with the least.
        let least = format!("word_f({}u)", f32::NEG_INFINITY.to_bits());
        let mut body = of_chunk([extent, inner]);
        let own = at(&mut w, "0u");
        writeln!(body, "    var best = select({least}, {own}, begin == 0u);").ok();
        writeln!(body, "    var found = begin;\n    for (var j = begin; j < end; j++) {{").ok();
        writeln!(body, "        let value = {};{better}", at(&mut w, "j")).ok();
        writeln!(body, "    {}", w.put(&marks, "i", "found")).ok();
        self.each(w, marks.len, &body);

        let mut w = self.writer();
        let mut body = format!("    let first = {};\n", base("i", extent, inner));
        writeln!(body, "    var found = {};", w.word(&marks, &format!("i * {chunks}u"))).ok();
        writeln!(body, "    var best = {};", at(&mut w, "found")).ok();
        writeln!(body, "    for (var c = 1u; c < {chunks}u; c++) {{").ok();
        writeln!(body, "        let j = {};", w.word(&marks, &format!("i * {chunks}u + c"))).ok();
        writeln!(body, "        let value = {};{better}", at(&mut w, "j")).ok();
        writeln!(body, "    {}", w.put(places.of(to), "i", "found")).ok();
        self.each(w, lines, &body);
    }
}
