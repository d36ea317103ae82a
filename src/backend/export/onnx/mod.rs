//! A part as an ONNX model. In: a graph for any number of rows, its weights. Out: the bytes of a file.
//!
//! The table is [`Scope::node`]: what each op becomes, with a file for each kind of op. Where ONNX repeats
//! operands by itself, a `broadcast` is left to it.

mod index;
mod loops;
mod maps;
mod products;
mod views;

use super::proto::Message;
use super::{About, Dim, Given, Open, Refused, Weights, Words, repeats};
use crate::backend::Data;
use crate::graph::op::{Kind, is};
use crate::graph::{Attrs, DType, NodeId};
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
}

fn wide(list: &[usize]) -> Vec<i64> {
    list.iter().map(|n| *n as i64).collect()
}
