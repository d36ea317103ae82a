//! A part as an ONNX model. In: a graph for any number of rows, its weights. Out: the bytes of a file.
//!
//! The table is [`Scope::node`]: what each op becomes. Loops become `Scan`, whose bodies read names of
//! the graph around them. Where ONNX repeats operands by itself, a `broadcast` is left to it.

use super::proto::Message;
use super::{About, Dim, Given, Open, Refused, Weights, Words, letters, repeats};
use crate::backend::Data;
use crate::graph::attrs::Window;
use crate::graph::op::{Kind, is};
use crate::graph::{Attrs, DType, NodeId, Ty};
use std::collections::{BTreeMap, HashMap};

/// The oldest and the newest operator set that is written, and the usual one.
pub const OPSETS: (u32, u32, u32) = (17, 23, 17);
/// The most bytes of a file: the format holds messages of less than 2 GB.
pub const MOST_BYTES: usize = (1 << 31) - 1;

const F32: i64 = 1;
const I32: i64 = 6;
const I64: i64 = 7;
const BOOL: i64 = 9;

fn code(dtype: DType) -> i64 {
    match dtype {
        DType::F32 => F32,
        DType::I32 => I32,
        DType::Bool => BOOL,
    }
}

/// The bytes of a model.
///
/// # Errors
/// An op without words in ONNX, or a file over [`MOST_BYTES`].
pub fn write(
    open: Open<'_>,
    weights: &Weights,
    about: &About,
    opset: u32,
) -> Result<Vec<u8>, Refused> {
    let given = open.inputs()?;
    let outputs = open.outputs();
    let mut file =
        File { opset, names: Words::default(), constants: vec![], known: HashMap::new() };
    let mut scope = Scope::new(open, None);
    let mut infos = Vec::new();
    for one in &given {
        let name = file.names.free(one.name.clone());
        infos.push(info(&name, one.ty.dtype, &one.dims, &one.note(about)));
        scope.values.insert(one.id, name);
    }
    let results: Vec<String> =
        outputs.iter().map(|(name, _)| file.names.free(name.clone())).collect();
    scope.rows = rows_of(&given, &scope.values);
    let size: usize = weights.values().map(|w| 4 * w.count()).sum();
    if size >= MOST_BYTES {
        return Err(too_large(size));
    }
    let mut initial = Vec::new();
    for (path, id) in open.slots() {
        let Some(value) = weights.get(&path) else {
            return Err(Refused::new(format!("there is no value of `{path}`")));
        };
        let name = file.names.free(path.clone());
        let dims: Vec<i64> = value.shape.iter().map(|n| *n as i64).collect();
        initial.push(match &value.data {
            Data::I32(list) => tensor(&name, I32, &dims, list.iter().flat_map(|x| x.to_le_bytes())),
            _ => {
                let bytes = value.to_f32().into_iter().flat_map(f32::to_le_bytes);
                tensor(&name, F32, &dims, bytes)
            }
        });
        scope.values.insert(id, name);
    }
    scope.all(&mut file)?;
    let mut out = Vec::new();
    for ((_, id), name) in outputs.iter().zip(&results) {
        let value = scope.full(&mut file, *id);
        scope.nodes.push(node("Identity", &[&value], &[name], vec![]));
        out.push(info(name, open.graph.ty(*id).dtype, &open.dims(*id), ""));
    }
    let graph = Message::default()
        .all(1, &scope.nodes)
        .text(2, &about.part)
        .all(5, initial.iter().chain(&file.constants))
        .all(11, &infos)
        .all(12, &out);
    let entry = |key: &str, value: &str| Message::default().text(1, key).text(2, value);
    let mut props = vec![entry("model", &about.model), entry("part", &about.part)];
    props.extend(about.inputs.iter().map(|(name, note)| entry(&format!("input {name}"), note)));
    let bytes = Message::default()
        .int(1, ir_version(opset))
        .text(2, "rlc")
        .text(3, &about.writer)
        .message(7, &graph)
        .message(8, &Message::default().text(1, "").int(2, i64::from(opset)))
        .all(14, &props)
        .0;
    if bytes.len() >= MOST_BYTES { Err(too_large(bytes.len())) } else { Ok(bytes) }
}

fn too_large(bytes: usize) -> Refused {
    Refused::new(format!("its weights take {bytes} bytes, an ONNX file holds less than 2 GB"))
}

fn ir_version(opset: u32) -> i64 {
    match opset {
        ..=18 => 8,
        19..=20 => 9,
        21..=22 => 10,
        _ => 11,
    }
}

/// An input whose first dims say how many rows there are: its name and the axis.
fn rows_of(given: &[Given], names: &HashMap<NodeId, String>) -> Option<Rows> {
    given.iter().find_map(|one| {
        let axis = one.dims.iter().position(|d| *d == Dim { per_row: 1, fixed: 0 })?;
        Some(Rows::At(names[&one.id].clone(), axis as i64))
    })
}

#[derive(Clone, Debug)]
enum Rows {
    /// An axis of an input.
    At(String, i64),
    /// A value that holds it, `i64[1]`.
    Known(String),
}

fn tensor(name: &str, ty: i64, dims: &[i64], bytes: impl Iterator<Item = u8>) -> Message {
    let bytes: Vec<u8> = bytes.collect();
    Message::default().ints(1, dims).int(2, ty).text(8, name).bytes(9, &bytes)
}

fn info(name: &str, dtype: DType, dims: &[Dim], note: &str) -> Message {
    let dim = |d: &Dim| match (d.per_row, d.fixed) {
        (0, n) => Message::default().int(1, n as i64),
        (1, 0) => Message::default().text(2, "batch"),
        (n, 0) => Message::default().text(2, &format!("{n}*batch")),
        (n, m) => Message::default().text(2, &format!("{n}*batch+{m}")),
    };
    let dims: Vec<Message> = dims.iter().map(dim).collect();
    let shape = Message::default().all(1, &dims);
    let ty = Message::default().int(1, code(dtype)).message(2, &shape);
    let info = Message::default().text(1, name).message(2, &Message::default().message(1, &ty));
    if note.is_empty() { info } else { info.text(3, note) }
}

fn node(op: &str, args: &[&str], results: &[&str], attrs: Vec<Message>) -> Message {
    let node = args.iter().fold(Message::default(), |m, name| m.text(1, name));
    let node = results.iter().fold(node, |m, name| m.text(2, name));
    node.text(4, op).all(5, &attrs)
}

fn int(name: &str, n: i64) -> Message {
    Message::default().text(1, name).int(3, n).int(20, 2)
}

fn ints(name: &str, list: &[i64]) -> Message {
    Message::default().text(1, name).ints(8, list).int(20, 7)
}

fn word(name: &str, text: &str) -> Message {
    Message::default().text(1, name).text(4, text).int(20, 3)
}

/// What all graphs of a file share.
struct File {
    opset: u32,
    names: Words,
    constants: Vec<Message>,
    known: HashMap<(i64, Vec<i64>, Vec<u8>), String>,
}

impl File {
    fn fresh(&mut self) -> String {
        let n = self.known.len() + self.names.taken.len();
        self.names.free(format!("v{n}"))
    }

    fn constant(&mut self, ty: i64, dims: &[i64], bytes: Vec<u8>) -> String {
        let key = (ty, dims.to_vec(), bytes);
        if let Some(name) = self.known.get(&key) {
            return name.clone();
        }
        let name = self.names.free(format!("k{}", self.known.len()));
        self.constants.push(tensor(&name, ty, dims, key.2.iter().copied()));
        self.known.insert(key, name.clone());
        name
    }

    fn real(&mut self, x: f64) -> String {
        self.constant(F32, &[], (x as f32).to_le_bytes().to_vec())
    }

    fn whole(&mut self, n: i32) -> String {
        self.constant(I32, &[], n.to_le_bytes().to_vec())
    }

    fn list(&mut self, list: &[i64]) -> String {
        let bytes = list.iter().flat_map(|n| n.to_le_bytes()).collect();
        self.constant(I64, &[list.len() as i64], bytes)
    }

    fn literal(&mut self, x: f64, dtype: DType) -> String {
        match dtype {
            DType::F32 => self.real(x),
            DType::I32 => self.whole(x as i32),
            DType::Bool => self.constant(BOOL, &[], vec![u8::from(x != 0.0)]),
        }
    }
}

/// A graph of a file, or the body of a loop.
struct Scope<'g> {
    open: Open<'g>,
    rows: Option<Rows>,
    nodes: Vec<Message>,
    values: HashMap<NodeId, String>,
    /// Values that are repeated where they are read: with dims of 1 for those that are new.
    narrow: HashMap<NodeId, String>,
    shapes: HashMap<Vec<Dim>, String>,
    /// Results of loops.
    results: BTreeMap<NodeId, Vec<String>>,
}

impl<'g> Scope<'g> {
    fn new(open: Open<'g>, rows: Option<Rows>) -> Scope<'g> {
        Scope {
            open,
            rows,
            nodes: vec![],
            values: HashMap::new(),
            narrow: HashMap::new(),
            shapes: HashMap::new(),
            results: BTreeMap::new(),
        }
    }

    fn op(&mut self, f: &mut File, op: &str, args: &[&str], attrs: Vec<Message>) -> String {
        let name = f.fresh();
        self.nodes.push(node(op, args, &[&name], attrs));
        name
    }

    fn all(&mut self, f: &mut File) -> Result<(), Refused> {
        for id in self.open.live() {
            if !self.values.contains_key(&id) {
                self.node(f, id)?;
            }
        }
        Ok(())
    }

    /// The number of rows, `i64[1]`.
    fn row_count(&mut self, f: &mut File) -> Result<String, Refused> {
        match self.rows.clone() {
            None => Err(Refused::new("no input says how many rows there are")),
            Some(Rows::Known(name)) => Ok(name),
            Some(Rows::At(input, axis)) => {
                let shape = self.op(f, "Shape", &[&input], vec![]);
                let at = f.list(&[axis]);
                let name = self.op(f, "Gather", &[&shape, &at], vec![int("axis", 0)]);
                self.rows = Some(Rows::Known(name.clone()));
                Ok(name)
            }
        }
    }

    /// A size, `i64[1]`.
    fn size(&mut self, f: &mut File, dim: Dim) -> Result<String, Refused> {
        if let Some(n) = dim.known() {
            return Ok(f.list(&[n as i64]));
        }
        let mut name = self.row_count(f)?;
        if dim.per_row > 1 {
            let times = f.list(&[dim.per_row as i64]);
            name = self.op(f, "Mul", &[&name, &times], vec![]);
        }
        if dim.fixed > 0 {
            let more = f.list(&[dim.fixed as i64]);
            name = self.op(f, "Add", &[&name, &more], vec![]);
        }
        Ok(name)
    }

    /// A shape, `i64[rank]`.
    fn shape(&mut self, f: &mut File, dims: &[Dim]) -> Result<String, Refused> {
        let known: Option<Vec<i64>> = dims.iter().map(|d| d.known().map(|n| n as i64)).collect();
        if let Some(list) = known {
            return Ok(f.list(&list));
        }
        if let Some(name) = self.shapes.get(dims) {
            return Ok(name.clone());
        }
        let parts: Result<Vec<String>, Refused> = dims.iter().map(|d| self.size(f, *d)).collect();
        let parts = parts?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let name = self.op(f, "Concat", &parts, vec![int("axis", 0)]);
        self.shapes.insert(dims.to_vec(), name.clone());
        Ok(name)
    }

    fn reshaped(&mut self, f: &mut File, x: &str, dims: &[Dim]) -> Result<String, Refused> {
        let open = dims.iter().filter(|d| d.known().is_none()).count();
        let shape = if open == 1 && dims.iter().all(|d| d.known() != Some(0)) {
            let list: Vec<i64> = dims.iter().map(|d| d.known().map_or(-1, |n| n as i64)).collect();
            f.list(&list)
        } else {
            self.shape(f, dims)?
        };
        Ok(self.op(f, "Reshape", &[x, &shape], vec![]))
    }

    /// A value with all its dims.
    fn full(&mut self, f: &mut File, id: NodeId) -> String {
        if let Some(name) = self.values.get(&id) {
            return name.clone();
        }
        let narrow = self.narrow[&id].clone();
        let dims = self.open.dims(id);
        // Whoever made the narrow one has seen that the shape can be said.
        let shape = self.shape(f, &dims).unwrap_or_default();
        let name = self.op(f, "Expand", &[&narrow, &shape], vec![]);
        self.values.insert(id, name.clone());
        name
    }

    /// Operands of an elementwise op; at least one has all dims.
    fn operands(&mut self, f: &mut File, args: &[NodeId]) -> Vec<String> {
        let first = args.iter().position(|a| !repeats(self.open.graph, *a)).unwrap_or(0);
        let one = |(at, id): (usize, &NodeId)| match self.narrow.get(id) {
            Some(name) if at != first => name.clone(),
            _ => self.full(f, *id),
        };
        args.iter().enumerate().map(one).collect()
    }

    fn node(&mut self, f: &mut File, id: NodeId) -> Result<(), Refused> {
        let node = self.open.graph.node(id);
        if node.op.name == is::BROADCAST {
            return self.repeated(f, id);
        }
        if let Attrs::Scan(_) = node.attrs {
            return self.scan(f, id);
        }
        let args = match node.op.kind {
            Kind::Map => self.operands(f, &node.args),
            _ if matches!(node.attrs, Attrs::Result { .. }) => vec![],
            _ => node.args.iter().map(|a| self.full(f, *a)).collect(),
        };
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let name = match node.op.kind {
            Kind::Map => self.map(f, id, &args)?,
            Kind::Reduce => self.reduce(f, id, args[0])?,
            Kind::View => self.view(f, id, &args)?,
            Kind::Contract => self.product(f, id, &args)?,
            Kind::Index => self.index(f, id, &args)?,
            Kind::Random => return Err(Refused::op(node.op.name, "ONNX")),
            Kind::Control => self.control(f, id, &args)?,
        };
        self.values.insert(id, name);
        Ok(())
    }

    fn repeated(&mut self, f: &mut File, id: NodeId) -> Result<(), Refused> {
        let node = self.open.graph.node(id);
        let (places, dims) = (node.attrs.places(), self.open.dims(id));
        let one = Dim { per_row: 0, fixed: 1 };
        let thin: Vec<Dim> =
            (0..dims.len()).map(|at| if places.contains(&at) { dims[at] } else { one }).collect();
        let x = self.full(f, node.args[0]);
        let narrow = if places.is_empty() { x } else { self.reshaped(f, &x, &thin)? };
        self.shape(f, &dims)?;
        self.narrow.insert(id, narrow);
        Ok(())
    }

    fn control(&mut self, f: &mut File, id: NodeId, args: &[&str]) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        match &node.attrs {
            Attrs::Const(x, dtype) => Ok(f.literal(x.0, *dtype)),
            Attrs::Result { index, .. } => Ok(self.results[&node.args[0]][*index].clone()),
            _ => match node.op.name {
                is::STOP | is::MARK => Ok(args[0].to_string()),
                name => Err(Refused::op(name, "ONNX")),
            },
        }
    }

    // ---- elementwise ----

    fn map(&mut self, f: &mut File, id: NodeId, args: &[&str]) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        let whole = self.open.graph.ty(node.args[0]).dtype == DType::I32;
        let own = match node.op.name {
            is::NEG => "Neg",
            is::ABS => "Abs",
            is::SIGN => "Sign",
            is::FLOOR => "Floor",
            is::EXP => "Exp",
            is::LOG => "Log",
            is::SQRT => "Sqrt",
            is::SIN => "Sin",
            is::COS => "Cos",
            is::TANH => "Tanh",
            is::SIGMOID => "Sigmoid",
            is::SOFTPLUS => "Softplus",
            is::ERF => "Erf",
            is::NOT => "Not",
            is::ADD => "Add",
            is::SUB => "Sub",
            is::MUL => "Mul",
            is::DIV if !whole => "Div",
            is::POW => "Pow",
            is::MAX => "Max",
            is::MIN => "Min",
            is::EQ => "Equal",
            is::LT => "Less",
            is::LE => "LessOrEqual",
            is::GT => "Greater",
            is::GE => "GreaterOrEqual",
            is::AND => "And",
            is::OR => "Or",
            is::SELECT => "Where",
            is::CAST => {
                let to = vec![int("to", code(node.ty.dtype))];
                return Ok(self.op(f, "Cast", args, to));
            }
            is::NE => {
                let equal = self.op(f, "Equal", args, vec![]);
                return Ok(self.op(f, "Not", &[&equal], vec![]));
            }
            is::LOG1P => return Ok(self.log1p(f, args[0])),
            is::EXPM1 => return Ok(self.expm1(f, args[0])),
            is::DIV => return Ok(self.floor_div(f, args)),
            is::REM => return Ok(self.rem(f, args)),
            name => return Err(Refused::op(name, "ONNX")),
        };
        Ok(self.op(f, own, args, vec![]))
    }

    /// log(u) + (x - (u - 1)) / u with u = 1 + x: exact near 0; of large x the second term is 0.
    fn log1p(&mut self, f: &mut File, x: &str) -> String {
        let (one, tiny, large) = (f.real(1.0), f.real(1e-30), f.real(1e6));
        let u = self.op(f, "Add", &[x, &one], vec![]);
        let log = self.op(f, "Log", &[&u], vec![]);
        let small = self.op(f, "Min", &[x, &large], vec![]);
        let v = self.op(f, "Add", &[&small, &one], vec![]);
        let back = self.op(f, "Sub", &[&v, &one], vec![]);
        let lost = self.op(f, "Sub", &[&small, &back], vec![]);
        let below = self.op(f, "Max", &[&v, &tiny], vec![]);
        let rest = self.op(f, "Div", &[&lost, &below], vec![]);
        self.op(f, "Add", &[&log, &rest], vec![])
    }

    /// 2 t / (1 - t) with t = tanh(x / 2) near 0, exp(x) - 1 elsewhere.
    fn expm1(&mut self, f: &mut File, x: &str) -> String {
        let (half, one, two) = (f.real(0.5), f.real(1.0), f.real(2.0));
        let h = self.op(f, "Mul", &[x, &half], vec![]);
        let t = self.op(f, "Tanh", &[&h], vec![]);
        let above = self.op(f, "Mul", &[&t, &two], vec![]);
        let below = self.op(f, "Sub", &[&one, &t], vec![]);
        let near = self.op(f, "Div", &[&above, &below], vec![]);
        let e = self.op(f, "Exp", &[x], vec![]);
        let far = self.op(f, "Sub", &[&e, &one], vec![]);
        let size = self.op(f, "Abs", &[x], vec![]);
        let is_near = self.op(f, "Less", &[&size, &half], vec![]);
        self.op(f, "Where", &[&is_near, &near, &far], vec![])
    }

    fn floor_div(&mut self, f: &mut File, args: &[&str]) -> String {
        let (zero, one) = (f.whole(0), f.whole(1));
        let q = self.op(f, "Div", args, vec![]);
        let product = self.op(f, "Mul", &[&q, args[1]], vec![]);
        let r = self.op(f, "Sub", &[args[0], &product], vec![]);
        // A rest of another sign than the divisor: the quotient was rounded up.
        let signs = self.op(f, "Sign", &[&r], vec![]);
        let divisor = self.op(f, "Sign", &[args[1]], vec![]);
        let differ = self.op(f, "Mul", &[&signs, &divisor], vec![]);
        let up = self.op(f, "Less", &[&differ, &zero], vec![]);
        let less = self.op(f, "Sub", &[&q, &one], vec![]);
        self.op(f, "Where", &[&up, &less, &q], vec![])
    }

    fn rem(&mut self, f: &mut File, args: &[&str]) -> String {
        let zero = f.real(0.0);
        let r = self.op(f, "Mod", args, vec![int("fmod", 1)]);
        let signs = self.op(f, "Sign", &[&r], vec![]);
        let divisor = self.op(f, "Sign", &[args[1]], vec![]);
        let differ = self.op(f, "Mul", &[&signs, &divisor], vec![]);
        let other = self.op(f, "Less", &[&differ, &zero], vec![]);
        let more = self.op(f, "Add", &[&r, args[1]], vec![]);
        self.op(f, "Where", &[&other, &more, &r], vec![])
    }

    // ---- reductions ----

    fn fold(&mut self, f: &mut File, op: &str, x: &str, axes: &[i64], keep: i64) -> String {
        let keep = int("keepdims", keep);
        // Axes became an operand: of sums in set 13, of the others in 18.
        if op == "ReduceSum" || f.opset >= 18 {
            let axes = f.list(axes);
            return self.op(f, op, &[x, &axes], vec![keep]);
        }
        self.op(f, op, &[x], vec![ints("axes", axes), keep])
    }

    fn reduce(&mut self, f: &mut File, id: NodeId, x: &str) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        if let Attrs::Axis(axis) = node.attrs {
            let attrs = vec![int("axis", axis as i64), int("keepdims", 0)];
            let at = self.op(f, "ArgMax", &[x], attrs);
            return Ok(self.op(f, "Cast", &[&at], vec![int("to", I32)]));
        }
        let axes: Vec<i64> = node.attrs.axes().iter().map(|a| *a as i64).collect();
        let op = match node.op.name {
            is::SUM => "ReduceSum",
            is::MAX_OF => "ReduceMax",
            is::MIN_OF => "ReduceMin",
            is::PROD => "ReduceProd",
            is::LOGSUMEXP => return Ok(self.log_sum_exp(f, x, &axes)),
            name => return Err(Refused::op(name, "ONNX")),
        };
        Ok(self.fold(f, op, x, &axes, 0))
    }

    fn log_sum_exp(&mut self, f: &mut File, x: &str, axes: &[i64]) -> String {
        let (low, high) = (f.real(f64::from(f32::MIN)), f.real(f64::from(f32::MAX)));
        let top = self.fold(f, "ReduceMax", x, axes, 1);
        let top = self.op(f, "Clip", &[&top, &low, &high], vec![]);
        let less = self.op(f, "Sub", &[x, &top], vec![]);
        let e = self.op(f, "Exp", &[&less], vec![]);
        let sum = self.fold(f, "ReduceSum", &e, axes, 1);
        let log = self.op(f, "Log", &[&sum], vec![]);
        let total = self.op(f, "Add", &[&log, &top], vec![]);
        let axes = f.list(axes);
        self.op(f, "Squeeze", &[&total, &axes], vec![])
    }

    // ---- views ----

    fn view(&mut self, f: &mut File, id: NodeId, args: &[&str]) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        match node.op.name {
            is::RESHAPE => {
                let dims = self.open.dims(id);
                self.reshaped(f, args[0], &dims)
            }
            is::PERMUTE => {
                let perm: Vec<i64> = node.attrs.perm().iter().map(|p| *p as i64).collect();
                Ok(self.op(f, "Transpose", args, vec![ints("perm", &perm)]))
            }
            is::CONCAT => {
                let axis = vec![int("axis", node.attrs.axis() as i64)];
                Ok(self.op(f, "Concat", args, axis))
            }
            is::FLIP => {
                let axes: Vec<i64> = node.attrs.axes().iter().map(|a| *a as i64).collect();
                let n = axes.len();
                let (start, stop) = (f.list(&vec![-1; n]), f.list(&vec![i64::MIN; n]));
                let (axes, step) = (f.list(&axes), f.list(&vec![-1; n]));
                Ok(self.op(f, "Slice", &[args[0], &start, &stop, &axes, &step], vec![]))
            }
            is::SLICE => self.slice(f, id, args[0]),
            is::PAD => self.pad(f, id, args[0]),
            name => Err(Refused::op(name, "ONNX")),
        }
    }

    fn slice(&mut self, f: &mut File, id: NodeId, x: &str) -> Result<String, Refused> {
        let cuts = self.open.cuts(id)?;
        let size = self.open.dims(self.open.graph.node(id).args[0]);
        let zero = Dim { per_row: 0, fixed: 0 };
        let whole = |at: &usize| cuts[*at] == (zero, size[*at], 1);
        let axes: Vec<usize> = (0..cuts.len()).filter(|at| !whole(at)).collect();
        let starts: Vec<Dim> = axes.iter().map(|a| cuts[*a].0).collect();
        let stops: Vec<Dim> = axes.iter().map(|a| cuts[*a].1).collect();
        let (starts, stops) = (self.shape(f, &starts)?, self.shape(f, &stops)?);
        let steps: Vec<i64> = axes.iter().map(|a| cuts[*a].2 as i64).collect();
        let list: Vec<i64> = axes.iter().map(|a| *a as i64).collect();
        let (list, steps) = (f.list(&list), f.list(&steps));
        Ok(self.op(f, "Slice", &[x, &starts, &stops, &list, &steps], vec![]))
    }

    fn pad(&mut self, f: &mut File, id: NodeId, x: &str) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        let pads = self.open.pads(id)?;
        let mut dims = self.open.dims(node.args[0]);
        let mut x = x.to_string();
        for (axis, (_, _, gap)) in pads.iter().enumerate().filter(|(_, (_, _, gap))| *gap > 0) {
            x = self.spaced(f, &x, &mut dims, axis, *gap)?;
        }
        let lows = pads.iter().map(|(low, _, _)| *low as i64);
        let all: Vec<i64> = lows.chain(pads.iter().map(|(_, high, _)| *high as i64)).collect();
        Ok(self.padded(f, &x, &all, node.ty.dtype))
    }

    fn padded(&mut self, f: &mut File, x: &str, pads: &[i64], dtype: DType) -> String {
        let (pads, zero) = (f.list(pads), f.literal(0.0, dtype));
        self.op(f, "Pad", &[x, &pads, &zero], vec![])
    }

    /// Zeros between the elements of an axis.
    fn spaced(
        &mut self,
        f: &mut File,
        x: &str,
        dims: &mut [Dim],
        axis: usize,
        gap: usize,
    ) -> Result<String, Refused> {
        let Some(n) = dims[axis].known() else {
            return Err(Refused::new("zeros between rows"));
        };
        let one = Dim { per_row: 0, fixed: 1 };
        let apart = [&dims[..=axis], &[one], &dims[axis + 1..]].concat();
        let line = self.reshaped(f, x, &apart)?;
        let mut pads = vec![0; 2 * apart.len()];
        pads[apart.len() + axis + 1] = gap as i64;
        let wide = self.padded(f, &line, &pads, DType::F32);
        dims[axis] = Dim { per_row: 0, fixed: n * (gap + 1) };
        let line = self.reshaped(f, &wide, dims)?;
        // None behind the last.
        dims[axis] = Dim { per_row: 0, fixed: n * (gap + 1) - gap };
        let (start, stop) = (f.list(&[0]), f.list(&[(n * (gap + 1) - gap) as i64]));
        let axis = f.list(&[axis as i64]);
        Ok(self.op(f, "Slice", &[&line, &start, &stop, &axis], vec![]))
    }

    // ---- products ----

    fn product(&mut self, f: &mut File, id: NodeId, args: &[&str]) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        match node.op.name {
            is::CONTRACT => self.contract(f, id, args),
            is::CONV => {
                let w = node.attrs.window();
                Ok(self.op(f, "Conv", args, window(w)))
            }
            is::CONV_TRANSPOSE => Ok(self.transposed(f, args, node.attrs.window())),
            is::UNFOLD => {
                let w = node.attrs.window();
                let channels = self.open.graph.shape(node.args[0])[1];
                let (filters, each) = taps(f, w, channels);
                let wide = self.op(f, "Conv", &[args[0], &filters], window(&each));
                let dims = self.open.dims(id);
                self.reshaped(f, &wide, &dims)
            }
            is::FOLD => {
                let w = node.attrs.window();
                let from = self.open.dims(node.args[0]);
                let Some((channels, count)) = from[1].known().zip(from[2].known()) else {
                    return Err(Refused::op(node.op.name, "ONNX"));
                };
                let (filters, each) = taps(f, w, channels);
                let joined = Dim { per_row: 0, fixed: channels * count };
                let dims = [&[from[0], joined], &from[3..]].concat();
                let line = self.reshaped(f, args[0], &dims)?;
                Ok(self.transposed(f, &[&line, &filters], &each))
            }
            name => Err(Refused::op(name, "ONNX")),
        }
    }

    fn transposed(&mut self, f: &mut File, args: &[&str], w: &Window) -> String {
        let outputs = crate::graph::op::contract::outputs(w).unwrap_or_default();
        let more: Vec<i64> = (0..w.size.len())
            .map(|i| {
                let span = w.dilation[i] * (w.size[i] - 1) + 1;
                let reached = (outputs[i] - 1) * w.stride[i] + span;
                (w.input[i] + w.pad_low[i] + w.pad_high[i] - reached) as i64
            })
            .collect();
        let mut attrs = window(w);
        attrs.push(ints("output_padding", &more));
        self.op(f, "ConvTranspose", args, attrs)
    }

    fn contract(&mut self, f: &mut File, id: NodeId, args: &[&str]) -> Result<String, Refused> {
        let spec = self.open.graph.node(id).attrs.labels();
        let (lhs, rhs, out) = (&spec.lhs, &spec.rhs, &spec.out);
        if let ([head @ .., last], [a, b]) = (&lhs[..], &rhs[..])
            && !head.is_empty()
        {
            if a == last && *out == [head, &[*b]].concat() {
                return Ok(self.op(f, "MatMul", args, vec![]));
            }
            if b == last && *out == [head, &[*a]].concat() {
                let turned = self.op(f, "Transpose", &[args[1]], vec![ints("perm", &[1, 0])]);
                return Ok(self.op(f, "MatMul", &[args[0], &turned], vec![]));
            }
        }
        let Some(text) = letters(spec) else {
            return Err(Refused::new("a product over more dims than there are letters"));
        };
        Ok(self.op(f, "Einsum", args, vec![word("equation", &text)]))
    }

    // ---- indices ----

    fn index(&mut self, f: &mut File, id: NodeId, args: &[&str]) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        let operand = |at: usize| self.open.dims(node.args[at]);
        match node.op.name {
            is::GATHER => {
                let rows = operand(0)[0];
                let at = self.nearest(f, args[1], rows)?;
                Ok(self.op(f, "Gather", &[args[0], &at], vec![int("axis", 0)]))
            }
            is::TAKE_ALONG => {
                let axis = node.attrs.axis();
                let size = operand(0)[axis];
                let at = self.nearest(f, args[1], size)?;
                let axis = vec![int("axis", axis as i64)];
                Ok(self.op(f, "GatherElements", &[args[0], &at], axis))
            }
            is::IOTA => self.iota(f, id),
            is::EYE => {
                let (n, m) = (node.ty.shape[0], node.ty.shape[1]);
                let one = |at: usize| if at / m == at % m { 1.0f32 } else { 0.0 };
                let bytes = (0..n * m).flat_map(|at| one(at).to_le_bytes()).collect();
                if operand_free(&self.open.dims(id)) {
                    return Ok(f.constant(F32, &[n as i64, m as i64], bytes));
                }
                Err(Refused::op(node.op.name, "ONNX"))
            }
            is::CUMSUM => {
                let (axis, reverse) = node.attrs.directed();
                let axis = f.constant(I64, &[], (axis as i64).to_le_bytes().to_vec());
                let attrs = vec![int("reverse", i64::from(reverse))];
                Ok(self.op(f, "CumSum", &[args[0], &axis], attrs))
            }
            is::ARGSORT => {
                let (axis, reverse) = node.attrs.directed();
                let n = self.size(f, self.open.dims(id)[axis])?;
                let attrs = vec![int("axis", axis as i64), int("largest", i64::from(reverse))];
                let (values, at) = (f.fresh(), f.fresh());
                self.nodes.push(self::node("TopK", &[args[0], &n], &[&values, &at], attrs));
                Ok(self.op(f, "Cast", &[&at], vec![int("to", I32)]))
            }
            is::FIRSTS => {
                let (row, column) = (f.list(&[0]), f.list(&[1]));
                let row = self.op(f, "Unsqueeze", &[args[0], &row], vec![]);
                let column = self.op(f, "Unsqueeze", &[args[0], &column], vec![]);
                let same = self.op(f, "Equal", &[&column, &row], vec![]);
                let same = self.op(f, "Cast", &[&same], vec![int("to", F32)]);
                let attrs = vec![int("axis", 1), int("keepdims", 0)];
                let at = self.op(f, "ArgMax", &[&same], attrs);
                Ok(self.op(f, "Cast", &[&at], vec![int("to", I32)]))
            }
            is::SCATTER_ADD | is::PUT_ROWS => self.scatter(f, id, args),
            is::PUT_ALONG => self.put_along(f, id, args),
            name => Err(Refused::op(name, "ONNX")),
        }
    }

    /// Indices outside become the nearest ones.
    fn nearest(&mut self, f: &mut File, at: &str, size: Dim) -> Result<String, Refused> {
        let zero = f.whole(0);
        let last = match size.known() {
            Some(n) => f.whole(n as i32 - 1),
            None => {
                let count = self.size(f, size)?;
                let one = f.list(&[1]);
                let last = self.op(f, "Sub", &[&count, &one], vec![]);
                let last = self.op(f, "Squeeze", &[&last], vec![]);
                self.op(f, "Cast", &[&last], vec![int("to", I32)])
            }
        };
        Ok(self.op(f, "Clip", &[at, &zero, &last], vec![]))
    }

    /// Indices outside become one behind the last.
    fn behind(&mut self, f: &mut File, at: &str, size: usize) -> String {
        let (zero, end) = (f.whole(0), f.whole(size as i32));
        let low = self.op(f, "Less", &[at, &zero], vec![]);
        let at = self.op(f, "Where", &[&low, &end, at], vec![]);
        self.op(f, "Min", &[&at, &end], vec![])
    }

    fn scatter(&mut self, f: &mut File, id: NodeId, args: &[&str]) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        let dims = self.open.dims(id);
        let Some(rows) = dims[0].known() else {
            return Err(Refused::new("rows are put at places that follow the number of rows"));
        };
        let adds = node.op.name == is::SCATTER_ADD;
        let (table, at, new) = if adds {
            let more = Dim { per_row: 0, fixed: rows + 1 };
            let shape = self.shape(f, &[&[more], &dims[1..]].concat())?;
            let zero = f.real(0.0);
            (self.op(f, "Expand", &[&zero, &shape], vec![]), args[0], args[1])
        } else {
            let mut pads = vec![0; 2 * dims.len()];
            pads[dims.len()] = 1;
            (self.padded(f, args[0], &pads, node.ty.dtype), args[1], args[2])
        };
        let at = self.behind(f, at, rows);
        let at = self.op(f, "Cast", &[&at], vec![int("to", I64)]);
        let last = f.list(&[-1]);
        let at = self.op(f, "Unsqueeze", &[&at, &last], vec![]);
        let how = if adds { vec![word("reduction", "add")] } else { vec![] };
        let wide = self.op(f, "ScatterND", &[&table, &at, new], how);
        Ok(self.first(f, &wide, 0, rows))
    }

    fn first(&mut self, f: &mut File, x: &str, axis: usize, n: usize) -> String {
        let (start, stop, axis) = (f.list(&[0]), f.list(&[n as i64]), f.list(&[axis as i64]));
        self.op(f, "Slice", &[x, &start, &stop, &axis], vec![])
    }

    fn put_along(&mut self, f: &mut File, id: NodeId, args: &[&str]) -> Result<String, Refused> {
        let (axis, size) = self.open.graph.node(id).attrs.along();
        let mut dims = self.open.dims(id);
        if dims[axis].known() != Some(size) {
            return Err(Refused::new("elements are put at places that follow the number of rows"));
        }
        dims[axis].fixed = size + 1;
        let (shape, zero) = (self.shape(f, &dims)?, f.real(0.0));
        let table = self.op(f, "Expand", &[&zero, &shape], vec![]);
        let at = self.behind(f, args[0], size);
        let attrs = vec![int("axis", axis as i64), word("reduction", "add")];
        let wide = self.op(f, "ScatterElements", &[&table, &at, args[1]], attrs);
        Ok(self.first(f, &wide, axis, size))
    }

    fn iota(&mut self, f: &mut File, id: NodeId) -> Result<String, Refused> {
        let node = self.open.graph.node(id);
        let (axis, dims) = (node.attrs.counted(), self.open.dims(id));
        let scalar = |s: &mut Self, f: &mut File, x: &str| s.op(f, "Squeeze", &[x], vec![]);
        let line = match dims[axis].known() {
            Some(n) => {
                let one = |at: usize| match node.ty.dtype {
                    DType::F32 => (at as f32).to_le_bytes(),
                    _ => (at as i32).to_le_bytes(),
                };
                f.constant(code(node.ty.dtype), &[n as i64], (0..n).flat_map(one).collect())
            }
            None => {
                let count = self.size(f, dims[axis])?;
                let count = scalar(self, f, &count);
                let count = self.op(f, "Cast", &[&count], vec![int("to", I32)]);
                let (zero, one) = (f.whole(0), f.whole(1));
                let line = self.op(f, "Range", &[&zero, &count, &one], vec![]);
                self.op(f, "Cast", &[&line], vec![int("to", code(node.ty.dtype))])
            }
        };
        if dims.len() == 1 {
            return Ok(line);
        }
        let one = Dim { per_row: 0, fixed: 1 };
        let thin: Vec<Dim> =
            (0..dims.len()).map(|at| if at == axis { dims[at] } else { one }).collect();
        let line = self.reshaped(f, &line, &thin)?;
        let shape = self.shape(f, &dims)?;
        Ok(self.op(f, "Expand", &[&line, &shape], vec![]))
    }

    // ---- loops ----

    fn scan(&mut self, f: &mut File, id: NodeId) -> Result<(), Refused> {
        let node = self.open.graph.node(id);
        let (scan, body) = self.open.scan(id);
        let body = body?;
        // Made here, so that bodies and what follows read one.
        if self.rows.is_some() {
            self.row_count(f)?;
        }
        let args: Vec<String> = node.args.iter().map(|a| self.full(f, *a)).collect();
        let (carried, rest) = args.split_at(scan.carries);
        let (sequences, constants) = rest.split_at(scan.sequences);
        let turns: Vec<u8> = (0..scan.length as i32).flat_map(|t| t.to_le_bytes()).collect();
        let turns = f.constant(I32, &[scan.length as i64], turns);
        let mut inner = Scope::new(body, self.rows.clone());
        let mut inputs = Vec::new();
        let mut names: HashMap<String, String> =
            constants.iter().enumerate().map(|(i, k)| (format!("k{i}"), k.clone())).collect();
        let types = |at: usize| self.open.graph.ty(node.args[at]);
        let dims = |at: usize| self.open.dims(node.args[at]);
        for i in 0..scan.carries {
            inputs.push(inner.formal(f, &mut names, format!("c{i}"), types(i), &dims(i)));
        }
        for i in 0..scan.sequences {
            let at = scan.carries + i;
            let ty = types(at);
            inputs.push(inner.formal(f, &mut names, format!("x{i}"), ty, &dims(at)[1..]));
        }
        inputs.push(inner.formal(f, &mut names, "t".into(), &Ty::i32([]), &[]));
        for id in body.live() {
            if let Attrs::Input { name, .. } = &body.graph.node(id).attrs {
                let Some(outer) = names.get(name) else {
                    return Err(Refused::new(format!("a loop reads `{name}`")));
                };
                inner.values.insert(id, outer.clone());
            }
        }
        inner.all(f)?;
        let mut outputs = Vec::new();
        for (_, id) in &body.graph.outputs {
            let value = inner.full(f, *id);
            let name = inner.op(f, "Identity", &[&value], vec![]);
            outputs.push(info(&name, body.graph.ty(*id).dtype, &body.dims(*id), ""));
        }
        let graph = Message::default()
            .all(1, &inner.nodes)
            .text(2, "body")
            .all(11, &inputs)
            .all(12, &outputs);
        let body_attr = Message::default().text(1, "body").message(6, &graph).int(20, 5);
        let back = i64::from(scan.reverse);
        let stacked = outputs.len() - scan.carries;
        let mut attrs = vec![body_attr, int("num_scan_inputs", scan.sequences as i64 + 1)];
        attrs.push(ints("scan_input_directions", &vec![back; scan.sequences + 1]));
        if stacked > 0 {
            attrs.push(ints("scan_output_directions", &vec![back; stacked]));
        }
        let results: Vec<String> = outputs.iter().map(|_| f.fresh()).collect();
        let operands: Vec<&str> =
            carried.iter().chain(sequences).chain([&turns]).map(String::as_str).collect();
        let named: Vec<&str> = results.iter().map(String::as_str).collect();
        self.nodes.push(self::node("Scan", &operands, &named, attrs));
        self.results.insert(id, results);
        Ok(())
    }

    /// An input of a body.
    fn formal(
        &mut self,
        f: &mut File,
        names: &mut HashMap<String, String>,
        own: String,
        ty: &Ty,
        dims: &[Dim],
    ) -> Message {
        let name = f.fresh();
        let info = info(&name, ty.dtype, dims, "");
        names.insert(own, name);
        info
    }
}

fn operand_free(dims: &[Dim]) -> bool {
    dims.iter().all(|d| d.known().is_some())
}

fn wide(list: &[usize]) -> Vec<i64> {
    list.iter().map(|n| *n as i64).collect()
}

fn window(w: &Window) -> Vec<Message> {
    let pads: Vec<i64> = w.pad_low.iter().chain(&w.pad_high).map(|n| *n as i64).collect();
    vec![
        ints("kernel_shape", &wide(&w.size)),
        ints("strides", &wide(&w.stride)),
        ints("dilations", &wide(&w.dilation)),
        ints("pads", &pads),
        int("group", w.groups as i64),
    ]
}

/// Filters that pick each tap of a window, for every channel by itself.
fn taps(f: &mut File, w: &Window, channels: usize) -> (String, Window) {
    let count: usize = w.size.iter().product();
    let one = |at: usize| if at / count % count == at % count { 1.0f32 } else { 0.0 };
    let bytes = (0..channels * count * count).flat_map(|at| one(at).to_le_bytes()).collect();
    let dims = [&[(channels * count) as i64, 1], &wide(&w.size)[..]].concat();
    let filters = f.constant(F32, &dims, bytes);
    (filters, Window { groups: channels, ..w.clone() })
}
