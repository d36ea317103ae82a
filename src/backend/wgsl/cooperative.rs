//! Products by the matrix units of a device. In: a product that they take. Out: the body of its
//! entry point. Four subgroups of a workgroup hold the four quarters of a tile, each as two by two
//! square matrices that its invocations share; operands pass through shared memory as they do in
//! every product, results leave through it. Where subgroups are smaller than the largest of the
//! device, a workgroup has more than four: the others only carry operands and results.
//!
//! A unit adds terms in an order of its own, so results differ in the last bits from those of other
//! tiles. That is why a product is made so on demand only.

use super::Limits;
use super::product::Product;
use super::tile::Tile;
use super::writer::Writer;
use std::fmt::Write;

/// The matrix units of a device, for operands of one type and sums in 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cooperative {
    /// Rows, columns and terms of a matrix: 8 or 16.
    pub size: usize,
    /// Most invocations of a subgroup.
    pub lanes: usize,
}

/// Subgroups of a workgroup.
const GROUPS: usize = 4;
/// Terms in shared memory at a time: those of one matrix or two.
const DEPTH: usize = 16;

impl Cooperative {
    /// Whether a device has room for the tile.
    pub fn fits(&self, limits: &Limits) -> bool {
        let shared = 2 * self.edge() * DEPTH + GROUPS * self.size * self.size;
        GROUPS * self.lanes <= limits.lanes as usize && shared <= limits.shared
    }

    /// The tile of a product. Invocations take four neighbours at a time.
    pub fn tile(&self) -> Tile {
        let edge = self.edge();
        let down = edge * edge / 4 / (GROUPS * self.lanes);
        Tile { rows: edge, cols: edge, depth: DEPTH, down, across: 4 }
    }

    /// Rows and columns of a tile.
    fn edge(&self) -> usize {
        4 * self.size
    }
}

/// The matrix units that make a product: those in use, if it fills a matrix.
pub fn units([_, m, n, k]: [usize; 4], limits: &Limits) -> Option<Cooperative> {
    limits.cooperative.filter(|units| m.min(n).min(k) >= units.size)
}

impl Product<'_> {
    /// The entry point: the sums of one tile.
    pub fn matrices(&self, w: &mut Writer, with: Cooperative, parts: usize) -> String {
        let (t, s) = (with.tile(), with.size);
        (w.subgroups, w.cooperative) = (true, true);
        self.inside(w, &t);
        writeln!(w.items, "var<workgroup> stage: array<f32, {}>;\n", GROUPS * s * s).ok();
        self.give(w, with, parts);
        let mut text = String::new();
        let (o, first, end) = self.begin(&mut text, &t, parts);
        // The quarter of this subgroup.
        writeln!(text, "    let row = subgroup / 2u * {}u;", 2 * s).ok();
        writeln!(text, "    let col = subgroup % 2u * {}u;", 2 * s).ok();
        let sum = format!("coop_mat{s}x{s}<f32, C>");
        fragments(|r, c| writeln!(text, "    var sum{r}_{c} = {sum}();").ok());
        writeln!(text, "    for (var k0 = {first}; k0 < {end}; k0 += {DEPTH}u) {{").ok();
        self.fill(&mut text, &t, (&o, &end), w.half);
        text += "        workgroupBarrier();\n";
        let stop = format!("select(0u, {DEPTH}u, subgroup < {GROUPS}u)");
        writeln!(text, "        for (var k = 0u; k < {stop}; k += {s}u) {{").ok();
        let real = if w.half { "f16" } else { "f32" };
        for at in [0, 1] {
            // A is stored by columns, B by rows: neighbours share a term.
            let [a, b] = [("a", "A", "", "row"), ("b", "B", "T", "col")].map(
                |(name, role, order, first)| {
                    let place = format!("&tile_{name}[k * {}u + {first} + {}u]", t.rows, at * s);
                    format!(
                        "{name}{at} = coopLoad{order}<coop_mat{s}x{s}<{real}, {role}>>({place}, {}u)",
                        t.rows
                    )
                },
            );
            writeln!(text, "            let {a};\n            let {b};").ok();
        }
        fragments(|r, c| {
            let sum = format!("sum{r}_{c}");
            writeln!(text, "            {sum} = coopMultiplyAdd(a{r}, b{c}, {sum});").ok()
        });
        text += "        }\n        workgroupBarrier();\n    }\n";
        let part = if parts > 1 { "part, " } else { "" };
        fragments(|r, c| {
            let mine = format!("&stage[subgroup * {}u]", s * s);
            writeln!(text, "    if (subgroup < {GROUPS}u) {{").ok();
            writeln!(text, "        coopStoreT(sum{r}_{c}, {mine}, {s}u);\n    }}").ok();
            text += "    workgroupBarrier();\n";
            let corner = format!("row0 + {}u, col0 + {}u", r * s, c * s);
            writeln!(text, "    give({part}{o}, {corner}, lane);").ok();
            text += "    workgroupBarrier();\n";
            Some(())
        });
        text
    }

    /// The function that hands on what the subgroups have put on the stage, one matrix of each.
    fn give(&self, w: &mut Writer, with: Cooperative, parts: usize) {
        let (s, lanes) = (with.size, GROUPS * with.lanes);
        let (part, given) = if parts > 1 { ("part: u32, ", "part, ") } else { ("", "") };
        let text = &mut w.items;
        writeln!(text, "fn give({part}o: u32, row0: u32, col0: u32, lane: u32) {{").ok();
        let all = GROUPS * s * s;
        writeln!(text, "    for (var e = lane * 4u; e < {all}u; e += {}u) {{", lanes * 4).ok();
        writeln!(text, "        let quarter = e / {}u;", s * s).ok();
        let row = format!("row0 + quarter / 2u * {}u + e / {s}u % {s}u", 2 * s);
        let col = format!("col0 + quarter % 2u * {}u + e % {s}u", 2 * s);
        let value = "vec4<f32>(stage[e], stage[e + 1u], stage[e + 2u], stage[e + 3u])";
        writeln!(text, "        finish4({given}o, {row}, {col}, {value});\n    }}\n}}\n").ok();
    }
}

/// Calls `f` for each matrix of a quarter.
fn fragments(mut f: impl FnMut(usize, usize) -> Option<()>) {
    for (r, c) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        f(r, c);
    }
}
