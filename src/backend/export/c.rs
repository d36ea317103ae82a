//! A part as C99. In: a graph for one row, its weights. Out: a header and a source without dependencies
//! beside `math.h`. Every value of the graph is an array in a scratch that the caller gives; values that
//! are no longer read give their place to later ones.
//!
//! Each op is a loop nest over its result, written from the strides of its operands.

use super::{About, Open, Refused, Weights, Words};
use crate::backend::Data;
use crate::graph::op::{Kind, contract, is};
use crate::graph::{Attrs, DType, NodeId};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The most bytes of weights.
pub const MOST_WEIGHTS: usize = 16 << 20;

/// Whole numbers up to this are reals of 32 bits.
const EXACT: f64 = (1 << 24) as f64;

const RESERVED: &[&str] = &[
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else",
    "enum", "extern", "float", "for", "goto", "if", "inline", "int", "long", "register",
    "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch", "typedef",
    "union", "unsigned", "void", "volatile", "while", "main", "scratch", "s", "acc", "exp", "log",
    "sqrt", "sin", "cos", "tanh", "erf", "pow", "floor", "abs", "fabs", "gamma", "y0", "y1", "j0",
    "j1",
];

/// A header and a source: their names and texts.
///
/// # Errors
/// An op without words here, or weights over [`MOST_WEIGHTS`].
pub fn write(
    open: Open<'_>,
    weights: &Weights,
    about: &About,
) -> Result<[(String, String); 2], Refused> {
    let slots = open.slots();
    let bytes: usize = slots.iter().map(|(_, id)| 4 * open.graph.ty(*id).len()).sum();
    if bytes > MOST_WEIGHTS {
        let text = format!("its weights take {bytes} bytes, a C source holds {MOST_WEIGHTS}");
        return Err(Refused::new(text));
    }
    let mut words = Words::without(RESERVED);
    let name = words.word(&about.part);
    let mut text = Source { open, at: BTreeMap::new(), text: String::new() };
    let mut tables = String::new();
    for (path, id) in &slots {
        let word = words.word(&format!("w_{path}"));
        let value =
            weights.get(path).ok_or_else(|| Refused::new(format!("no value of `{path}`")))?;
        table(&mut tables, &word, path, value);
        text.at.insert(*id, word);
    }
    let mut formals = Vec::new();
    for one in open.inputs()? {
        let word = words.word(&one.name);
        let kind = if one.ty.dtype == DType::F32 { "float" } else { "int" };
        formals.push((
            format!("const {kind} *{word}"),
            one.name.clone(),
            one.ty.shape[..].to_vec(),
        ));
        text.at.insert(one.id, word);
    }
    for (output, id) in open.outputs() {
        let word = words.word(&format!("out_{output}"));
        formals.push((format!("float *{word}"), output, open.graph.shape(id).to_vec()));
    }
    let size = text.all()?;
    for (at, (_, id)) in open.outputs().iter().enumerate() {
        let first = formals.len() - open.outputs().len();
        let target = formals[first + at].0.trim_start_matches("float *").to_string();
        let from = text.at[id].clone();
        let len = open.graph.ty(*id).len();
        text.line(&format!("for (i = 0; i < {len}; i++) {target}[i] = (float){from}[i];"));
    }
    let list: Vec<&str> = formals.iter().map(|(formal, ..)| formal.as_str()).collect();
    let signature = format!("void {name}({}, float *scratch)", list.join(", "));
    let upper = name.to_uppercase();
    let mut notes = String::new();
    for (formal, own, shape) in &formals {
        let note = about.inputs.iter().find(|(known, _)| known == own).map_or("", |(_, note)| note);
        let sep = if note.is_empty() { "" } else { ": " };
        let _ = writeln!(
            notes,
            "   {formal}[{}]  {own} {shape:?}{sep}{}",
            shape.iter().product::<usize>(),
            note.replace("*/", "* /")
        );
    }
    let head = format!(
        "/* The part `{}` of the model `{}` for one example, written by rlc {}.\n{notes}   \
         scratch holds {upper}_SCRATCH values. */\n#ifndef {upper}_H\n#define {upper}_H\n\n\
         #define {upper}_SCRATCH {size}\n\n#ifdef __cplusplus\nextern \"C\" {{\n#endif\n{signature};\n\
         #ifdef __cplusplus\n}}\n#endif\n\n#endif\n",
        about.part, about.model, about.writer
    );
    let source = format!(
        "#include \"{name}.h\"\n#include <math.h>\n#include <stddef.h>\n\n{HELP}\n{tables}\n{signature} {{\n    float *s = scratch;\n    \
         long i;\n{}    (void)s;\n    (void)i;\n}}\n",
        text.text
    );
    Ok([(format!("{name}.h"), head), (format!("{name}.c"), source)])
}

/// Functions that C lacks, or has with other meanings.
const HELP: &str = "\
#if defined(__GNUC__)
#define MAY_BE_UNUSED __attribute__((unused))
#else
#define MAY_BE_UNUSED
#endif
static MAY_BE_UNUSED float larger(float a, float b) { return a > b || a != a ? a : b; }
static MAY_BE_UNUSED float smaller(float a, float b) { return a < b || a != a ? a : b; }
static MAY_BE_UNUSED float sign_of(float x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x; }
static MAY_BE_UNUSED float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }
static MAY_BE_UNUSED float softplus(float x) { return larger(x, 0.0f) + log1pf(expf(-fabsf(x))); }
static MAY_BE_UNUSED float rest_of(float a, float b) {
    float r = fmodf(a, b);
    return r != 0.0f && (r < 0.0f) != (b < 0.0f) ? r + b : r;
}
static MAY_BE_UNUSED float floor_div(float a, float b) { return (float)floor((double)a / (double)b); }
static MAY_BE_UNUSED long nearest(float at, long size) {
    return at < 0.0f ? 0 : at >= (float)size ? size - 1 : (long)at;
}
";

fn table(text: &mut String, word: &str, path: &str, value: &crate::backend::Tensor) {
    let list: Vec<String> = match &value.data {
        Data::I32(list) => list.iter().map(|x| format!("{x}")).collect(),
        _ => value.to_f32().iter().map(|x| real(f64::from(*x))).collect(),
    };
    let kind = if matches!(value.data, Data::I32(_)) { "int" } else { "float" };
    let _ = writeln!(
        text,
        "/* {path} {:?} */\nstatic const {kind} {word}[{}] = {{",
        value.shape,
        list.len().max(1)
    );
    for row in list.chunks(8) {
        let _ = writeln!(text, "    {},", row.join(", "));
    }
    if list.is_empty() {
        text.push_str("    0\n");
    }
    text.push_str("};\n");
}

fn real(x: f64) -> String {
    match x as f32 {
        x if x.is_nan() => "NAN".into(),
        x if x.is_infinite() => if x < 0.0 { "-INFINITY" } else { "INFINITY" }.into(),
        x => format!("{x:?}f"),
    }
}

/// Row-major strides.
fn strides(shape: &[usize]) -> Vec<usize> {
    (0..shape.len()).map(|at| shape[at + 1..].iter().product()).collect()
}

/// A sum of loop variables times strides.
fn place(vars: &[String], strides: &[usize]) -> String {
    let terms: Vec<String> = vars
        .iter()
        .zip(strides)
        .map(|(var, stride)| if *stride == 1 { var.clone() } else { format!("{var} * {stride}") })
        .collect();
    if terms.is_empty() { "0".into() } else { terms.join(" + ") }
}

/// A sum over channels and taps of products, of those taps that fit.
fn windowed(declared: &str, loops: &str, fits: &[String], from: &str, by: &str) -> String {
    let fits = fits.join(" && ");
    format!("long c;{declared} double acc = 0.0; {loops} if ({fits}) acc += (double){from} * {by};")
}

struct Source<'g> {
    open: Open<'g>,
    /// Where values stand.
    at: BTreeMap<NodeId, String>,
    text: String,
}

/// Places in the scratch, first fit.
#[derive(Default)]
struct Scratch {
    taken: BTreeMap<usize, usize>,
    most: usize,
}

impl Scratch {
    fn take(&mut self, len: usize) -> usize {
        // A value without elements has a place too, so that no two begin alike.
        let len = len.max(1);
        let mut start = 0;
        for (from, size) in &self.taken {
            if start + len <= *from {
                break;
            }
            start = from + size;
        }
        self.taken.insert(start, len);
        self.most = self.most.max(start + len);
        start
    }
}

impl Source<'_> {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "    {text}");
    }

    /// All nodes; the number of values that the scratch holds.
    fn all(&mut self) -> Result<usize, Refused> {
        let live = self.open.live();
        let mut last: BTreeMap<NodeId, NodeId> = BTreeMap::new();
        for id in &live {
            self.open.graph.node(*id).args.iter().for_each(|arg| {
                last.insert(*arg, *id);
            });
        }
        let end = NodeId(u32::MAX);
        self.open.outputs().iter().for_each(|(_, id)| {
            last.insert(*id, end);
        });
        let mut scratch = Scratch::default();
        let mut held: BTreeMap<NodeId, usize> = BTreeMap::new();
        for id in live {
            if self.at.contains_key(&id) {
                continue;
            }
            let len = self.open.graph.ty(id).len();
            let start = scratch.take(len);
            held.insert(id, start);
            self.at.insert(id, format!("(s + {start})"));
            self.node(id)?;
            let gone: Vec<NodeId> =
                held.keys().copied().filter(|k| last.get(k).is_none_or(|l| *l <= id)).collect();
            for node in gone {
                if let Some(start) = held.remove(&node) {
                    scratch.taken.remove(&start);
                }
            }
        }
        Ok(scratch.most.max(1))
    }

    /// A nest of loops with a statement in it; the statement may name variables `i0`, `i1`, ...
    fn nest(&mut self, shape: &[usize], body: &str) {
        let mut head = String::from("{");
        for at in 0..shape.len() {
            let _ = write!(head, " long i{at};");
        }
        for (at, n) in shape.iter().enumerate() {
            let _ = write!(head, " for (i{at} = 0; i{at} < {n}; i{at}++)");
        }
        self.line(&format!("{head} {{ {body} }} }}"));
    }

    fn node(&mut self, id: NodeId) -> Result<(), Refused> {
        let node = self.open.graph.node(id);
        let out = self.at[&id].clone();
        let shape = node.ty.shape.clone();
        let vars: Vec<String> = (0..shape.len()).map(|at| format!("i{at}")).collect();
        let to = format!("{out}[{}]", place(&vars, &strides(&shape)));
        let len = node.ty.len();
        let args: Vec<String> = node.args.iter().filter_map(|a| self.at.get(a).cloned()).collect();
        let from = |at: usize| self.open.graph.shape(node.args[at]).to_vec();
        match node.op.kind {
            Kind::Map => {
                let each: Vec<String> = args.iter().map(|a| format!("{a}[i]")).collect();
                let value = self.map(id, &each)?;
                self.line(&format!("for (i = 0; i < {len}; i++) {out}[i] = {value};"));
            }
            Kind::Control => match (&node.attrs, node.op.name) {
                // Whole numbers are kept as reals.
                (Attrs::Const(x, DType::I32), _) if x.0.abs() > EXACT => {
                    return Err(Refused::new(format!(
                        "C has no words for the whole number {}",
                        x.0
                    )));
                }
                (Attrs::Const(x, _), _) => self.line(&format!("{out}[0] = {};", real(x.0))),
                (_, is::STOP | is::MARK) => {
                    self.line(&format!("for (i = 0; i < {len}; i++) {out}[i] = {}[i];", args[0]));
                }
                (_, name) => return Err(Refused::op(name, "C")),
            },
            Kind::Reduce => self.reduce(id, &args[0], &out)?,
            Kind::View => self.view(id, &args, &out, &to)?,
            Kind::Contract => self.product(id, &args, &to)?,
            Kind::Index => match node.op.name {
                is::GATHER => {
                    let (table, picks) = (from(0), from(1));
                    let n = picks.len();
                    let at = format!("{}[{}]", args[1], place(&vars[..n], &strides(&picks)));
                    let rest = place(&vars[n..], &strides(&table)[1..]);
                    let row = strides(&table)[0];
                    let text = format!(
                        "{to} = {}[nearest({at}, {}) * {row} + {rest}];",
                        args[0], table[0]
                    );
                    self.nest(&shape, &text);
                }
                is::TAKE_ALONG => {
                    let axis = node.attrs.axis();
                    let table = from(0);
                    let at = format!("{}[{}]", args[1], place(&vars, &strides(&shape)));
                    let mut places = vars.clone();
                    places[axis] = format!("nearest({at}, {})", table[axis]);
                    let text = format!("{to} = {}[{}];", args[0], place(&places, &strides(&table)));
                    self.nest(&shape, &text);
                }
                is::IOTA => {
                    let text = format!("{to} = (float)i{};", node.attrs.counted());
                    self.nest(&shape, &text);
                }
                is::EYE => self.nest(&shape, &format!("{to} = i0 == i1 ? 1.0f : 0.0f;")),
                is::CUMSUM => {
                    let (axis, reverse) = node.attrs.directed();
                    let n = shape[axis];
                    let (at, before) = if reverse {
                        (format!("({n} - 1 - i{axis})"), "+")
                    } else {
                        (format!("i{axis}"), "-")
                    };
                    let mut places = vars.clone();
                    places[axis] = at.clone();
                    let here = place(&places, &strides(&shape));
                    let stride = strides(&shape)[axis];
                    let text = format!(
                        "{out}[{here}] = {}[{here}] + (i{axis} > 0 ? {out}[{here} {before} {stride}] : 0.0f);",
                        args[0]
                    );
                    self.nest(&shape, &text);
                }
                name => return Err(Refused::op(name, "C")),
            },
            Kind::Random => return Err(Refused::op(node.op.name, "C")),
        }
        Ok(())
    }

    fn map(&self, id: NodeId, x: &[String]) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        let whole = self.open.graph.ty(node.args[0]).dtype == DType::I32;
        let a = &x[0];
        let b = x.get(1).map_or("", String::as_str);
        let truth = |sign: &str| format!("{a} {sign} {b} ? 1.0f : 0.0f");
        Ok(match node.op.name {
            is::NEG => format!("-{a}"),
            is::ABS => format!("fabsf({a})"),
            is::SIGN => format!("sign_of({a})"),
            is::FLOOR
            | is::EXP
            | is::LOG
            | is::LOG1P
            | is::EXPM1
            | is::SQRT
            | is::SIN
            | is::COS
            | is::TANH
            | is::ERF
            | is::LGAMMA => format!("{}f({a})", node.op.name),
            is::SIGMOID => format!("sigmoid({a})"),
            is::SOFTPLUS => format!("softplus({a})"),
            is::NOT => format!("1.0f - {a}"),
            is::ADD => format!("{a} + {b}"),
            is::SUB => format!("{a} - {b}"),
            is::MUL | is::AND => format!("{a} * {b}"),
            is::DIV if whole => format!("floor_div({a}, {b})"),
            is::DIV => format!("{a} / {b}"),
            is::REM => format!("rest_of({a}, {b})"),
            is::POW => format!("powf({a}, {b})"),
            is::MAX | is::OR => format!("larger({a}, {b})"),
            is::MIN => format!("smaller({a}, {b})"),
            is::EQ => truth("=="),
            is::NE => truth("!="),
            is::LT => truth("<"),
            is::LE => truth("<="),
            is::GT => truth(">"),
            is::GE => truth(">="),
            is::SELECT => format!("{a} != 0.0f ? {b} : {}", x[2]),
            is::CAST => match node.ty.dtype {
                DType::F32 => format!("(float){a}"),
                DType::I32 => format!("truncf({a})"),
                DType::Bool => format!("{a} != 0.0f ? 1.0f : 0.0f"),
            },
            name => return Err(Refused::op(name, "C")),
        })
    }

    fn reduce(&mut self, id: NodeId, x: &str, out: &str) -> Result<(), Refused> {
        let node = self.open.graph.node(id);
        let from = self.open.graph.shape(node.args[0]).to_vec();
        let axes = match &node.attrs {
            Attrs::Axis(axis) => vec![*axis],
            attrs => attrs.axes().to_vec(),
        };
        let all: Vec<String> = (0..from.len()).map(|at| format!("i{at}")).collect();
        let kept: Vec<usize> = (0..from.len()).filter(|at| !axes.contains(at)).collect();
        let kept_vars: Vec<String> = kept.iter().map(|at| all[*at].clone()).collect();
        let to = format!("{out}[{}]", place(&kept_vars, &strides(&node.ty.shape)));
        let here = format!("{x}[{}]", place(&all, &strides(&from)));
        let declared: String = (0..from.len()).map(|at| format!(" long i{at};")).collect();
        let outer: String = kept
            .iter()
            .map(|at| format!(" for (i{at} = 0; i{at} < {}; i{at}++)", from[*at]))
            .collect();
        let inner: String = axes
            .iter()
            .map(|at| format!(" for (i{at} = 0; i{at} < {}; i{at}++)", from[*at]))
            .collect();
        let body = match node.op.name {
            is::SUM => format!("double acc = 0.0;{inner} acc += {here}; {to} = (float)acc;"),
            is::PROD => format!("float acc = 1.0f;{inner} acc *= {here}; {to} = acc;"),
            is::MAX_OF => {
                format!("float acc = -INFINITY;{inner} acc = larger({here}, acc); {to} = acc;")
            }
            is::MIN_OF => {
                format!("float acc = INFINITY;{inner} acc = smaller({here}, acc); {to} = acc;")
            }
            is::LOGSUMEXP => format!(
                "float top = -INFINITY; double acc = 0.0;{inner} top = larger({here}, top); \
                 if (isinf(top)) {{ {to} = top; }} else {{{inner} acc += exp((double){here} - top); {to} = (float)(top + log(acc)); }}"
            ),
            is::ARGMAX => {
                let axis = axes[0];
                format!(
                    "float best = 0.0f; long at = 0;{inner} if (i{axis} == 0 || {here} > best) {{ best = {here}; at = i{axis}; }} {to} = (float)at;"
                )
            }
            name => return Err(Refused::op(name, "C")),
        };
        self.line(&format!("{{{declared}{outer} {{ {body} }} }}"));
        Ok(())
    }

    fn view(&mut self, id: NodeId, args: &[String], out: &str, to: &str) -> Result<(), Refused> {
        let node = self.open.graph.node(id);
        let shape = node.ty.shape.clone();
        let x = &args[0];
        let from = self.open.graph.shape(node.args[0]).to_vec();
        let vars: Vec<String> = (0..shape.len()).map(|at| format!("i{at}")).collect();
        let len = node.ty.len();
        match node.op.name {
            is::RESHAPE => self.line(&format!("for (i = 0; i < {len}; i++) {out}[i] = {x}[i];")),
            is::PERMUTE => {
                let old = strides(&from);
                let moved: Vec<usize> = node.attrs.perm().iter().map(|p| old[*p]).collect();
                self.nest(&shape, &format!("{to} = {x}[{}];", place(&vars, &moved)));
            }
            is::BROADCAST => {
                let own: Vec<String> =
                    node.attrs.places().iter().map(|at| vars[*at].clone()).collect();
                self.nest(&shape, &format!("{to} = {x}[{}];", place(&own, &strides(&from))));
            }
            is::SLICE => {
                let cuts = node.attrs.cuts();
                let own: Vec<String> = vars
                    .iter()
                    .zip(cuts)
                    .map(|(v, (start, _, step))| format!("({start} + {v} * {step})"))
                    .collect();
                self.nest(&shape, &format!("{to} = {x}[{}];", place(&own, &strides(&from))));
            }
            is::FLIP => {
                let axes = node.attrs.axes();
                let own: Vec<String> = (0..shape.len())
                    .map(|at| match axes.contains(&at) {
                        true => format!("({} - i{at})", shape[at] - 1),
                        false => vars[at].clone(),
                    })
                    .collect();
                self.nest(&shape, &format!("{to} = {x}[{}];", place(&own, &strides(&from))));
            }
            is::PAD => {
                self.line(&format!("for (i = 0; i < {len}; i++) {out}[i] = 0.0f;"));
                let pads = node.attrs.pads();
                let new: Vec<String> = (0..from.len())
                    .map(|at| format!("({} + i{at} * {})", pads[at].0, pads[at].2 + 1))
                    .collect();
                let text = format!(
                    "{out}[{}] = {x}[{}];",
                    place(&new, &strides(&shape)),
                    place(&vars, &strides(&from))
                );
                self.nest(&from, &text);
            }
            is::CONCAT => {
                let axis = node.attrs.axis();
                let mut start = 0;
                for (arg, id) in args.iter().zip(&node.args) {
                    let from = self.open.graph.shape(*id).to_vec();
                    let mut new = vars.clone();
                    new[axis] = format!("({start} + i{axis})");
                    let text = format!(
                        "{out}[{}] = {arg}[{}];",
                        place(&new, &strides(&shape)),
                        place(&vars, &strides(&from))
                    );
                    self.nest(&from, &text);
                    start += from[axis];
                }
            }
            name => return Err(Refused::op(name, "C")),
        }
        Ok(())
    }

    fn product(&mut self, id: NodeId, args: &[String], to: &str) -> Result<(), Refused> {
        let node = self.open.graph.node(id);
        let (x, w) = (
            self.open.graph.shape(node.args[0]).to_vec(),
            node.args.get(1).map(|a| self.open.graph.shape(*a).to_vec()).unwrap_or_default(),
        );
        let shape = node.ty.shape.clone();
        if node.op.name == is::CONTRACT {
            let spec = node.attrs.labels();
            let name = |l: &u8| match spec.out.iter().position(|o| o == l) {
                Some(at) => format!("i{at}"),
                None => format!("k{l}"),
            };
            let summed: Vec<&u8> = spec.lhs.iter().filter(|l| !spec.out.contains(l)).collect();
            let size = |l: &u8| x[spec.lhs.iter().position(|o| o == l).unwrap_or(0)];
            let declared: String = summed.iter().map(|l| format!(" long k{l};")).collect();
            let inner: String = summed
                .iter()
                .map(|l| format!(" for (k{l} = 0; k{l} < {}; k{l}++)", size(l)))
                .collect();
            let left: Vec<String> = spec.lhs.iter().map(name).collect();
            let right: Vec<String> = spec.rhs.iter().map(name).collect();
            let text = format!(
                "{}double acc = 0.0;{inner} acc += (double){}[{}] * {}[{}]; {to} = (float)acc;",
                declared.trim_start(),
                args[0],
                place(&left, &strides(&x)),
                args[1],
                place(&right, &strides(&w))
            );
            self.nest(&shape, &text);
            return Ok(());
        }
        let win = node.attrs.window();
        let n = win.size.len();
        let taps: String =
            (0..n).map(|d| format!(" for (k{d} = 0; k{d} < {}; k{d}++)", win.size[d])).collect();
        let declared: String = (0..n).map(|d| format!(" long k{d};")).collect();
        let _ = contract::outputs(win).map_err(Refused::new)?;
        match node.op.name {
            is::CONV => {
                let (per, filters) = (w[1], shape[1] / win.groups);
                let place_of = |d: usize| {
                    format!(
                        "(i{} * {} + k{d} * {} - {})",
                        d + 2,
                        win.stride[d],
                        win.dilation[d],
                        win.pad_low[d]
                    )
                };
                let fits: Vec<String> = (0..n)
                    .map(|d| format!("{0} >= 0 && {0} < {1}", place_of(d), win.input[d]))
                    .collect();
                let channel = format!("(i1 / {filters} * {per} + c)");
                let source: Vec<String> =
                    [vec!["i0".into(), channel], (0..n).map(place_of).collect()].concat();
                let filter: Vec<String> =
                    [vec!["i1".into(), "c".into()], (0..n).map(|d| format!("k{d}")).collect()]
                        .concat();
                let loops = format!("for (c = 0; c < {per}; c++){taps}");
                let from = format!("{}[{}]", args[0], place(&source, &strides(&x)));
                let by = format!("{}[{}]", args[1], place(&filter, &strides(&w)));
                let text = windowed(&declared, &loops, &fits, &from, &by);
                self.nest(&shape, &format!("{text} {to} = (float)acc;"));
            }
            is::UNFOLD => {
                let tap: Vec<String> = (0..n)
                    .map(|d| {
                        let after: usize = win.size[d + 1..].iter().product();
                        format!("(i2 / {after} % {})", win.size[d])
                    })
                    .collect();
                let place_of = |d: usize| {
                    format!(
                        "(i{} * {} + {} * {} - {})",
                        d + 3,
                        win.stride[d],
                        tap[d],
                        win.dilation[d],
                        win.pad_low[d]
                    )
                };
                let fits: Vec<String> = (0..n)
                    .map(|d| format!("{0} >= 0 && {0} < {1}", place_of(d), win.input[d]))
                    .collect();
                let source: Vec<String> =
                    [vec!["i0".into(), "i1".into()], (0..n).map(place_of).collect()].concat();
                let text = format!(
                    "{to} = {} ? {}[{}] : 0.0f;",
                    fits.join(" && "),
                    args[0],
                    place(&source, &strides(&x))
                );
                self.nest(&shape, &text);
            }
            is::CONV_TRANSPOSE => {
                let filters = w[0] / win.groups;
                let per = w[1];
                let outputs = &x[2..];
                // The window that reads this place with this tap, if there is one.
                let above = |d: usize| {
                    format!("(i{} + {} - k{d} * {})", d + 2, win.pad_low[d], win.dilation[d])
                };
                let fits: Vec<String> = (0..n)
                    .map(|d| {
                        format!(
                            "{0} >= 0 && {0} % {1} == 0 && {0} / {1} < {2}",
                            above(d),
                            win.stride[d],
                            outputs[d]
                        )
                    })
                    .collect();
                let source: Vec<String> = [
                    vec!["i0".into(), format!("(i1 / {per} * {filters} + c)")],
                    (0..n).map(|d| format!("({} / {})", above(d), win.stride[d])).collect(),
                ]
                .concat();
                let filter: Vec<String> = [
                    vec![format!("(i1 / {per} * {filters} + c)"), format!("(i1 % {per})")],
                    (0..n).map(|d| format!("k{d}")).collect(),
                ]
                .concat();
                let loops = format!("for (c = 0; c < {filters}; c++){taps}");
                let from = format!("{}[{}]", args[0], place(&source, &strides(&x)));
                let by = format!("{}[{}]", args[1], place(&filter, &strides(&w)));
                let text = windowed(&declared, &loops, &fits, &from, &by);
                self.nest(&shape, &format!("{text} {to} = (float)acc;"));
            }
            name => return Err(Refused::op(name, "C")),
        }
        Ok(())
    }
}
