//! A part as a PyTorch module. In: a graph for any number of rows. Out: the text of a Python file.
//!
//! Weights are parameters of the module under their paths, so that its state is that of the file of
//! weights. Operands are repeated by PyTorch where it can. Loops are loops of Python.

use super::{About, Dim, Open, Refused, Words, letters, repeats};
use crate::graph::attrs::Window;
use crate::graph::op::{Kind, is};
use crate::graph::{Attrs, DType, InputRole, NodeId};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

const RESERVED: &[&str] = &[
    "and",
    "as",
    "assert",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
    "None",
    "True",
    "False",
    "self",
    "rows",
    "torch",
    "nn",
    "functional",
    "t",
    "load",
    "print",
    "range",
    "reversed",
];

/// The text of a module. `file` is the file of its weights, which stands beside it.
///
/// # Errors
/// An op without words in PyTorch.
pub fn write(open: Open<'_>, about: &About, file: &str) -> Result<String, Refused> {
    let mut words = Words::without(RESERVED);
    let class = class_name(&about.part, &mut words);
    let given = open.inputs()?;
    let mut scope = Scope {
        open,
        words,
        names: HashMap::new(),
        narrow: HashMap::new(),
        results: BTreeMap::new(),
        text: String::new(),
        indent: 8,
    };
    let mut formals = Vec::new();
    for one in &given {
        let name = scope.words.word(&one.name);
        formals.push((name.clone(), one));
        scope.names.insert(one.id, name);
    }
    for (path, id) in open.slots() {
        scope.names.insert(id, format!("self.{}", own(&path)));
    }
    let rows = formals.iter().find_map(|(name, one)| {
        let axis = one.dims.iter().position(|d| *d == Dim { per_row: 1, fixed: 0 })?;
        Some(format!("        rows = {name}.shape[{axis}]\n"))
    });
    let follows = |id: &NodeId| open.dims(*id).iter().any(|d| d.known().is_none());
    if rows.is_none() && open.live().iter().any(follows) {
        return Err(Refused::new("no input says how many rows there are"));
    }
    scope.text.push_str(&rows.unwrap_or_default());
    scope.all()?;
    let outputs = open.outputs();
    let mut gives = String::new();
    for (name, id) in &outputs {
        let value = scope.full(*id);
        let _ = writeln!(gives, "            {name:?}: {value},  # {}", shape(&open.dims(*id)));
    }
    let mut slots = String::new();
    for (path, id) in open.slots() {
        let ty = open.graph.ty(id);
        let trains =
            matches!(open.graph.node(id).attrs, Attrs::Input { role: InputRole::Param, .. })
                && ty.dtype == DType::F32;
        let dtype = dtype(ty.dtype);
        let zeros = format!("torch.zeros({:?}, dtype={dtype})", ty.shape);
        let rest = if trains { "" } else { ", trains=False" };
        let _ = writeln!(slots, "        put(self, {:?}, {zeros}{rest})", own(&path));
    }
    let renamed: String = open
        .slots()
        .iter()
        .filter(|(path, _)| own(path) != *path)
        .map(|(path, _)| format!("{path:?}: {:?}, ", own(path)))
        .collect();
    let names: Vec<&str> = formals.iter().map(|(name, _)| name.as_str()).collect();
    let mut notes = String::new();
    for (name, one) in &formals {
        let note = one.note(about);
        let _ =
            writeln!(notes, "        {name}: {} {}, {note}", dtype(one.ty.dtype), shape(&one.dims));
    }
    let mut examples = String::new();
    for (_, one) in &formals {
        let dims: Vec<String> = one.dims.iter().map(|d| size(*d).replace("rows", "3")).collect();
        let _ =
            write!(examples, "torch.zeros([{}], dtype={}), ", dims.join(", "), dtype(one.ty.dtype));
    }
    let body = scope.text;
    let args: String = names.iter().map(|name| format!(", {name}")).collect();
    let part = &about.part;
    let (model, writer) = (&about.model, &about.writer);
    Ok(format!(
        r#""""The part `{part}` of the model `{model}`, written by rlc {writer}.

Its weights stand in `{file}`, under the paths that they have in the model.
"""

import torch
from torch import nn
from torch.nn import functional


# Names of weights that are other ones in the module.
RENAMED = {{{renamed}}}


def put(module, path, value, trains=True):
    """Makes a parameter with a path such as `q.Linear_0.W`, and the modules on the way to it."""
    *groups, name = path.split(".")
    for group in groups:
        if not hasattr(module, group):
            module.add_module(group, nn.Module())
        module = getattr(module, group)
    module.register_parameter(name, nn.Parameter(value, requires_grad=trains))


class {class}(nn.Module):
    def __init__(self):
        super().__init__()
{slots}
    def forward(self{args}):
        """Values by their names, of:

{notes}        """
{body}        return {{
{gives}        }}


def load(path):
    """The module with the weights of a safetensors file."""
    from safetensors.torch import load_file

    module = {class}()
    found = {{RENAMED.get(name, name): value for name, value in load_file(path).items()}}
    own = module.state_dict()
    module.load_state_dict({{name: value for name, value in found.items() if name in own}})
    return module.eval()


if __name__ == "__main__":
    import os

    module = load(os.path.join(os.path.dirname(os.path.abspath(__file__)), {file:?}))
    for name, value in module.named_parameters():
        print(name, list(value.shape))
    with torch.no_grad():
        for name, value in module({examples}).items():
            print(name, list(value.shape))
"#,
        examples = examples.trim_end_matches(", "),
    ))
}

/// The path of a weight in the module: pieces that a module has other uses for end in `_`.
fn own(path: &str) -> String {
    const TAKEN: &[&str] = &[
        "training",
        "forward",
        "train",
        "eval",
        "type",
        "half",
        "float",
        "double",
        "cpu",
        "cuda",
        "to",
        "apply",
        "children",
        "modules",
        "parameters",
        "buffers",
        "compile",
        "bfloat16",
        "state_dict",
        "zero_grad",
        "extra_repr",
        "share_memory",
        "put",
        "dump_patches",
        "T_destination",
    ];
    let piece = |piece: &str| {
        let fine = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
        let mut word: String = piece.chars().map(fine).collect();
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            word.insert(0, '_');
        }
        if TAKEN.contains(&piece) || RESERVED.contains(&piece) {
            word.push('_');
        }
        word
    };
    path.split('.').map(piece).collect::<Vec<_>>().join(".")
}

fn class_name(part: &str, words: &mut Words) -> String {
    let mut name = String::new();
    for piece in part.split('_').filter(|piece| !piece.is_empty()) {
        let mut chars = piece.chars();
        name.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        name.push_str(chars.as_str());
    }
    words.word(&name)
}

fn dtype(dtype: DType) -> &'static str {
    match dtype {
        DType::F32 => "torch.float32",
        DType::I32 => "torch.int32",
        DType::Bool => "torch.bool",
    }
}

fn size(dim: Dim) -> String {
    match (dim.per_row, dim.fixed) {
        (0, n) => n.to_string(),
        (1, 0) => "rows".into(),
        (n, 0) => format!("{n} * rows"),
        (n, m) => format!("{n} * rows + {m}"),
    }
}

fn shape(dims: &[Dim]) -> String {
    let list: Vec<String> = dims.iter().map(|d| size(*d)).collect();
    format!("[{}]", list.join(", "))
}

fn real(x: f64) -> String {
    match x {
        x if x.is_nan() => "float(\"nan\")".into(),
        x if x.is_infinite() => format!("float(\"{}inf\")", if x < 0.0 { "-" } else { "" }),
        x => format!("{x:?}"),
    }
}

/// The forward pass, or the body of a loop in it.
struct Scope<'g> {
    open: Open<'g>,
    words: Words,
    names: HashMap<NodeId, String>,
    narrow: HashMap<NodeId, String>,
    results: BTreeMap<NodeId, Vec<String>>,
    text: String,
    indent: usize,
}

impl Scope<'_> {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "{}{text}", " ".repeat(self.indent));
    }

    /// A new name for a value.
    fn named(&mut self, like: &str, text: &str, dims: &[Dim]) -> String {
        let name = self.words.word(like);
        self.line(&format!("{name} = {text}  # {}", shape(dims)));
        name
    }

    fn all(&mut self) -> Result<(), Refused> {
        for id in self.open.live() {
            if !self.names.contains_key(&id) {
                self.node(id)?;
            }
        }
        Ok(())
    }

    fn full(&mut self, id: NodeId) -> String {
        if let Some(name) = self.names.get(&id) {
            return name.clone();
        }
        let dims = self.open.dims(id);
        let text = format!("{}.expand({})", self.narrow[&id], shape(&dims));
        let name = self.named("wide", &text, &dims);
        self.names.insert(id, name.clone());
        name
    }

    fn operands(&mut self, args: &[NodeId]) -> Vec<String> {
        let first = args.iter().position(|a| !repeats(self.open.graph, *a)).unwrap_or(0);
        let one = |(at, id): (usize, &NodeId)| match self.narrow.get(id) {
            Some(name) if at != first => name.clone(),
            _ => self.full(*id),
        };
        args.iter().enumerate().map(one).collect()
    }

    fn node(&mut self, id: NodeId) -> Result<(), Refused> {
        let node = self.open.graph.node(id);
        let dims = self.open.dims(id);
        if let Attrs::Const(x, kind) = &node.attrs {
            let text = format!("torch.tensor({}, dtype={})", literal(x.0, *kind), dtype(*kind));
            let name = self.named("number", &text, &[]);
            self.names.insert(id, name);
            return Ok(());
        }
        if node.op.name == is::BROADCAST {
            let places = node.attrs.places();
            let one = Dim { per_row: 0, fixed: 1 };
            let thin: Vec<Dim> = (0..dims.len())
                .map(|at| if places.contains(&at) { dims[at] } else { one })
                .collect();
            let x = self.full(node.args[0]);
            let narrow =
                if places.is_empty() { x } else { format!("{x}.reshape({})", shape(&thin)) };
            self.narrow.insert(id, narrow);
            return Ok(());
        }
        if let Attrs::Scan(_) = node.attrs {
            return self.scan(id);
        }
        if let Attrs::Result { index, .. } = &node.attrs {
            let name = self.results[&node.args[0]][*index].clone();
            self.names.insert(id, name);
            return Ok(());
        }
        let args = match node.op.kind {
            Kind::Map => self.operands(&node.args),
            _ => node.args.iter().map(|a| self.full(*a)).collect(),
        };
        let text = self.text_of(id, &args)?;
        let name = self.named(like(node.op.name), &text, &dims);
        self.names.insert(id, name);
        Ok(())
    }

    fn text_of(&self, id: NodeId, args: &[String]) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        let dims = self.open.dims(id);
        let x = args.first().map_or("", String::as_str);
        let y = args.get(1).map_or("", String::as_str);
        let whole = node.args.first().is_some_and(|a| self.open.graph.ty(*a).dtype == DType::I32);
        let sign = |sign: &str| format!("{x} {sign} {y}");
        let axes = || node.attrs.axes().to_vec();
        Ok(match node.op.name {
            is::NEG => format!("-{x}"),
            is::ABS
            | is::SIGN
            | is::FLOOR
            | is::EXP
            | is::LOG
            | is::LOG1P
            | is::EXPM1
            | is::SQRT
            | is::SIN
            | is::COS
            | is::TANH
            | is::SIGMOID
            | is::ERF
            | is::LGAMMA
            | is::DIGAMMA => format!("torch.{}({x})", node.op.name),
            is::SOFTPLUS => format!("functional.softplus({x}, threshold=80.0)"),
            is::NOT => format!("~{x}"),
            is::ADD => sign("+"),
            is::SUB => sign("-"),
            is::MUL => sign("*"),
            is::DIV if whole => sign("//"),
            is::DIV => sign("/"),
            is::REM => sign("%"),
            is::POW => sign("**"),
            is::MAX => format!("torch.maximum({x}, {y})"),
            is::MIN => format!("torch.minimum({x}, {y})"),
            is::EQ => sign("=="),
            is::NE => sign("!="),
            is::LT => sign("<"),
            is::LE => sign("<="),
            is::GT => sign(">"),
            is::GE => sign(">="),
            is::AND => sign("&"),
            is::OR => sign("|"),
            is::SELECT => format!("torch.where({x}, {y}, {})", args[2]),
            is::CAST => format!("{x}.to({})", dtype(node.ty.dtype)),
            is::SUM if whole => format!("{x}.sum({:?}, dtype=torch.int32)", axes()),
            is::SUM => format!("{x}.sum({:?})", axes()),
            is::MAX_OF => format!("{x}.amax({:?})", axes()),
            is::MIN_OF => format!("{x}.amin({:?})", axes()),
            is::LOGSUMEXP => format!("torch.logsumexp({x}, {:?})", axes()),
            is::PROD => {
                axes().iter().rev().fold(x.to_string(), |x, axis| format!("{x}.prod({axis})"))
            }
            is::ARGMAX => format!("{x}.argmax({}).to(torch.int32)", node.attrs.axis()),
            is::RESHAPE => format!("{x}.reshape({})", shape(&dims)),
            is::PERMUTE => format!("{x}.permute({:?})", node.attrs.perm()),
            is::CONCAT => format!("torch.cat([{}], {})", args.join(", "), node.attrs.axis()),
            is::FLIP => format!("{x}.flip({:?})", axes()),
            is::SLICE => {
                let cut = |(start, stop, step): &(Dim, Dim, usize)| match step {
                    1 => format!("{}:{}", size(*start), size(*stop)),
                    step => format!("{}:{}:{step}", size(*start), size(*stop)),
                };
                let cuts: Vec<String> = self.open.cuts(id)?.iter().map(cut).collect();
                format!("{x}[{}]", cuts.join(", "))
            }
            is::PAD => self.pad(id, x)?,
            is::CONTRACT => self.contract(id, x, y)?,
            is::CONV | is::CONV_TRANSPOSE | is::UNFOLD | is::FOLD => self.window(id, x, y)?,
            is::GATHER => format!("{x}[{}]", self.nearest(id, y, 0)),
            is::TAKE_ALONG => {
                let axis = node.attrs.axis();
                format!("{x}.gather({axis}, {})", self.nearest(id, y, axis))
            }
            is::IOTA => {
                let axis = node.attrs.counted();
                let thin: Vec<String> = (0..dims.len())
                    .map(|at| if at == axis { size(dims[at]) } else { "1".into() })
                    .collect();
                let line =
                    format!("torch.arange({}, dtype={})", size(dims[axis]), dtype(node.ty.dtype));
                format!("{line}.reshape([{}]).expand({})", thin.join(", "), shape(&dims))
            }
            is::EYE => format!("torch.eye({}, {})", size(dims[0]), size(dims[1])),
            is::CUMSUM => match node.attrs.directed() {
                (axis, false) => format!("{x}.cumsum({axis})"),
                (axis, true) => format!("{x}.flip([{axis}]).cumsum({axis}).flip([{axis}])"),
            },
            is::ARGSORT => {
                let (axis, reverse) = node.attrs.directed();
                let reverse = if reverse { "True" } else { "False" };
                format!(
                    "torch.argsort({x}, dim={axis}, descending={reverse}, stable=True).to(torch.int32)"
                )
            }
            is::STOP => format!("{x}.detach()"),
            is::MARK => x.to_string(),
            name => return Err(Refused::op(name, "PyTorch")),
        })
    }

    fn nearest(&self, id: NodeId, at: &str, axis: usize) -> String {
        let rows = self.open.dims(self.open.graph.node(id).args[0])[axis];
        let last = match rows.known() {
            Some(n) => n.saturating_sub(1).to_string(),
            None => format!("{} - 1", size(rows)),
        };
        format!("{at}.long().clamp(0, {last})")
    }

    fn pad(&self, id: NodeId, x: &str) -> Result<String, Refused> {
        let pads = self.open.pads(id)?;
        if pads.iter().all(|(_, _, gap)| *gap == 0) {
            let flat: Vec<usize> = pads.iter().rev().flat_map(|(l, h, _)| [*l, *h]).collect();
            return Ok(format!("functional.pad({x}, {flat:?})"));
        }
        Err(Refused::op("pad between elements", "PyTorch"))
    }

    fn contract(&self, id: NodeId, x: &str, y: &str) -> Result<String, Refused> {
        let spec = self.open.graph.node(id).attrs.labels();
        let (lhs, rhs, out) = (&spec.lhs, &spec.rhs, &spec.out);
        if let ([head @ .., last], [a, b]) = (&lhs[..], &rhs[..])
            && !head.is_empty()
        {
            if a == last && *out == [head, &[*b]].concat() {
                return Ok(format!("{x} @ {y}"));
            }
            if b == last && *out == [head, &[*a]].concat() {
                return Ok(format!("{x} @ {y}.T"));
            }
        }
        let Some(text) = letters(spec) else {
            return Err(Refused::new("a product over more dims than there are letters"));
        };
        Ok(format!("torch.einsum({text:?}, {x}, {y})"))
    }

    fn window(&self, id: NodeId, x: &str, y: &str) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        let (w, n) = (node.attrs.window(), node.attrs.window().size.len());
        if n > 3 {
            return Err(Refused::op(node.op.name, "PyTorch"));
        }
        let wide = |x: &str| {
            let flat: Vec<usize> =
                (0..n).rev().flat_map(|i| [w.pad_low[i], w.pad_high[i]]).collect();
            if flat.iter().all(|p| *p == 0) {
                x.into()
            } else {
                format!("functional.pad({x}, {flat:?})")
            }
        };
        let rest = format!("stride={:?}, dilation={:?}", w.stride, w.dilation);
        let taps: usize = w.size.iter().product();
        let (dims, from) = (shape(&self.open.dims(id)), self.open.dims(node.args[0]));
        let filters = |channels: &str| {
            let size: Vec<String> = w.size.iter().map(usize::to_string).collect();
            format!(
                "torch.eye({taps}).reshape([{taps}, 1, {}]).repeat([{channels}{}])",
                size.join(", "),
                ", 1".repeat(n + 1)
            )
        };
        Ok(match node.op.name {
            is::CONV => {
                format!("functional.conv{n}d({}, {y}, groups={}, {rest})", wide(x), w.groups)
            }
            is::UNFOLD => {
                let channels = size(from[1]);
                let made = format!(
                    "functional.conv{n}d({}, {}, groups={channels}, {rest})",
                    wide(x),
                    filters(&channels)
                );
                format!("{made}.reshape({dims})")
            }
            is::CONV_TRANSPOSE => {
                let made =
                    format!("functional.conv_transpose{n}d({x}, {y}, groups={}, {rest}", w.groups);
                format!("{made}, output_padding={:?}){}", beyond(w), cropped(w))
            }
            _ => {
                let channels = size(from[1]);
                let line = Dim { per_row: 0, fixed: from[1].fixed * taps };
                let line = shape(&[&[from[0], line], &from[3..]].concat());
                let made = format!(
                    "functional.conv_transpose{n}d({x}.reshape({line}), {}, groups={channels}, {rest}",
                    filters(&channels)
                );
                format!("{made}, output_padding={:?}){}", beyond(w), cropped(w))
            }
        })
    }

    fn scan(&mut self, id: NodeId) -> Result<(), Refused> {
        let node = self.open.graph.node(id);
        let (scan, body) = self.open.scan(id);
        let body = body?;
        let args: Vec<String> = node.args.iter().map(|a| self.full(*a)).collect();
        let (carried, rest) = args.split_at(scan.carries);
        let (sequences, constants) = rest.split_at(scan.sequences);
        let states: Vec<String> = carried.iter().map(|_| self.words.word("state")).collect();
        let lists: Vec<String> =
            body.graph.outputs[scan.carries..].iter().map(|_| self.words.word("list")).collect();
        for (state, first) in states.iter().zip(carried) {
            self.line(&format!("{state} = {first}"));
        }
        for list in &lists {
            self.line(&format!("{list} = []"));
        }
        let turns = format!("range({})", scan.length);
        let turns = if scan.reverse { format!("reversed({turns})") } else { turns };
        let turn = self.words.word("turn");
        self.line(&format!("for {turn} in {turns}:"));
        let mut inner = Scope {
            open: body,
            words: std::mem::take(&mut self.words),
            names: HashMap::new(),
            narrow: HashMap::new(),
            results: BTreeMap::new(),
            text: String::new(),
            indent: self.indent + 4,
        };
        for id in body.live() {
            let Attrs::Input { name, .. } = &body.graph.node(id).attrs else { continue };
            let at = || name[1..].parse::<usize>().ok();
            let text = match (name.as_bytes().first(), at()) {
                (Some(b'c'), Some(i)) => states.get(i).cloned(),
                (Some(b'x'), Some(i)) => sequences.get(i).map(|x| format!("{x}[{turn}]")),
                (Some(b'k'), Some(i)) => constants.get(i).cloned(),
                _ => Some(format!("torch.tensor({turn}, dtype=torch.int32)")),
            };
            let Some(text) = text else {
                return Err(Refused::new(format!("a loop reads `{name}`")));
            };
            inner.names.insert(id, text);
        }
        inner.all()?;
        let next: Vec<String> = body.graph.outputs.iter().map(|(_, id)| inner.full(*id)).collect();
        for (list, value) in lists.iter().zip(&next[scan.carries..]) {
            inner.line(&format!("{list}.append({value})"));
        }
        if !states.is_empty() {
            let next = next[..scan.carries].join(", ");
            inner.line(&format!("{} = {next}", states.join(", ")));
        }
        self.words = inner.words;
        self.text.push_str(&inner.text);
        let mut results = states;
        for list in lists {
            let back = if scan.reverse { "[::-1]" } else { "" };
            let name = self.words.word("stacked");
            self.line(&format!("{name} = torch.stack({list}{back})"));
            results.push(name);
        }
        self.results.insert(id, results);
        Ok(())
    }
}

fn literal(x: f64, kind: DType) -> String {
    match kind {
        DType::F32 => real(x),
        DType::I32 => (x as i64).to_string(),
        DType::Bool => if x != 0.0 { "True" } else { "False" }.into(),
    }
}

/// What a value is called after the op that makes it.
fn like(op: &str) -> &str {
    match op {
        is::CONTRACT => "product",
        is::SELECT => "chosen",
        is::NOT | is::AND | is::OR => "holds",
        name => name,
    }
}

/// What a transposed convolution leaves out behind the last window, zeros around included.
fn beyond(w: &Window) -> Vec<usize> {
    let outputs = crate::graph::op::contract::outputs(w).unwrap_or_default();
    let room = |i: usize| w.input[i] + w.pad_low[i] + w.pad_high[i];
    let reached = |i: usize| (outputs[i] - 1) * w.stride[i] + w.dilation[i] * (w.size[i] - 1) + 1;
    (0..w.size.len()).map(|i| room(i) - reached(i)).collect()
}

fn cropped(w: &Window) -> String {
    let n = w.size.len();
    if w.pad_low.iter().chain(&w.pad_high).all(|p| *p == 0) {
        return String::new();
    }
    let cuts: Vec<String> =
        (0..n).map(|i| format!("{}:{}", w.pad_low[i], w.pad_low[i] + w.input[i])).collect();
    format!("[:, :, {}]", cuts.join(", "))
}
