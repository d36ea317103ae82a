//! The text form of a graph: one node per line, printed and read back. In: a graph or text. Out:
//! the other.
//!
//! ```text
//! %0 = input ["data.x" data] : f32[128,784]
//! %1 = input ["q.W" param] : f32[784,200]
//! %2 = contract %0 %1 [ab,bc->ac] : f32[128,200]
//! %3 = scan %2 [scan carries 1 sequences 0 length 4 forward] : i32[] {
//!   %0 = input ["c0" other] : f32[128,200]
//!   output "next" = %0
//! }
//! output "h" = %2
//! ```

use super::attrs::{ContractSpec, NOISE, Real, Scan, Window};
use super::{Attrs, DType, Graph, InputRole, NodeId, Ty, op};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

const ROLES: [(InputRole, &str); 10] = [
    (InputRole::Param, "param"),
    (InputRole::State, "state"),
    (InputRole::Data, "data"),
    (InputRole::Gaps, "gaps"),
    (InputRole::Positive, "positive"),
    (InputRole::Growing, "growing"),
    (InputRole::Unit, "unit"),
    (InputRole::Seed, "seed"),
    (InputRole::Step, "step"),
    (InputRole::Other, "other"),
];

/// The whole graph.
pub fn print(graph: &Graph) -> String {
    let mut out = String::new();
    print_at(graph, "", &mut out);
    out
}

/// One node, without its line end or a loop's body: `%2 = exp %1 : f32[3]`.
pub fn print_node(graph: &Graph, id: NodeId) -> String {
    let node = graph.node(id);
    let args: String = node.args.iter().map(|a| format!(" %{}", a.0)).collect();
    format!("%{} = {}{args}{} : {}", id.0, node.op.name, parameters(&node.attrs), node.ty)
}

fn print_at(graph: &Graph, indent: &str, out: &mut String) {
    for id in graph.ids() {
        let _ = write!(out, "{indent}{}", print_node(graph, id));
        if let Attrs::Scan(scan) = &graph.node(id).attrs {
            out.push_str(" {\n");
            print_at(&scan.body, &format!("{indent}  "), out);
            let _ = write!(out, "{indent}}}");
        }
        out.push('\n');
    }
    for (name, id) in &graph.outputs {
        let _ = writeln!(out, "{indent}output {} = %{}", quote(name), id.0);
    }
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

fn list(numbers: &[usize]) -> String {
    numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(",")
}

fn triples(triples: &[(usize, usize, usize)]) -> String {
    triples.iter().map(|(a, b, c)| format!(" {a}:{b}:{c}")).collect()
}

fn direction(reverse: bool) -> &'static str {
    if reverse { "reverse" } else { "forward" }
}

/// Parameters in brackets, after a space; what the type states is left out.
pub fn parameters(attrs: &Attrs) -> String {
    let inside = match attrs {
        Attrs::None => return String::new(),
        Attrs::Const(Real(x), _) => format!("{x:?}"),
        Attrs::Input { name, role, .. } => {
            let role = ROLES.iter().find(|(r, _)| r == role).map_or("other", |(_, name)| name);
            format!("{} {role}", quote(name))
        }
        Attrs::Axes(axes) => format!("axes {}", list(axes)),
        Attrs::Axis(axis) => format!("axis {axis}"),
        Attrs::Directed { axis, reverse } => format!("axis {axis} {}", direction(*reverse)),
        Attrs::Perm(perm) => format!("perm {}", list(perm)),
        Attrs::Shape(shape) => format!("shape {}", list(shape)),
        Attrs::Broadcast { dims, .. } => format!("at {}", list(dims)),
        Attrs::Slice(cuts) => format!("cut{}", triples(cuts)),
        Attrs::Pad(pads) => format!("pad{}", triples(pads)),
        Attrs::DType(_) => "to".to_string(),
        Attrs::Iota { axis, .. } => format!("along {axis}"),
        Attrs::Contract(spec) => spec.to_string(),
        Attrs::Window(w) => window(w),
        Attrs::Rows(rows) => format!("rows {rows}"),
        Attrs::Noise { kind, stream, .. } => format!("{} {}", kind.row().name, quote(stream)),
        Attrs::Mark(number) => format!("mark {number}"),
        Attrs::Scan(s) => format!(
            "scan carries {} sequences {} length {} {}",
            s.carries,
            s.sequences,
            s.length,
            direction(s.reverse)
        ),
        Attrs::Result { index, .. } => format!("result {index}"),
        Attrs::Along { axis, size } => format!("axis {axis} size {size}"),
    };
    format!(" [{inside}]")
}

fn window(w: &Window) -> String {
    format!(
        "window size {} stride {} dilation {} low {} high {} groups {} input {}",
        list(&w.size),
        list(&w.stride),
        list(&w.dilation),
        list(&w.pad_low),
        list(&w.pad_high),
        w.groups,
        list(&w.input)
    )
}

/// Reads what [`print`] writes. The error names the line.
pub fn parse(text: &str) -> Result<Graph, String> {
    let mut lines = text.lines().enumerate();
    let graph = parse_lines(&mut lines, false)?;
    Ok(graph)
}

type Lines<'a> = std::iter::Enumerate<std::str::Lines<'a>>;

/// Reads up to the end, or up to the closing brace of a loop's body.
fn parse_lines(lines: &mut Lines, body: bool) -> Result<Graph, String> {
    let mut graph = Graph::new();
    let mut ids = HashMap::new();
    while let Some((number, line)) = lines.next() {
        let at = |why: String| format!("line {}: {why}", number + 1);
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if line == "}" && body {
            return Ok(graph);
        }
        if let Some(rest) = line.strip_prefix("output ") {
            let words = words(rest).map_err(at)?;
            let [Word::Name(name), Word::Plain(eq), Word::Plain(id)] = &words[..] else {
                return Err(at("an output is `output \"name\" = %1`".into()));
            };
            let id = operand(id, &ids).filter(|_| *eq == "=");
            graph.output(name.clone(), id.ok_or_else(|| at("which node?".into()))?);
            continue;
        }
        let (head, open) = match line.strip_suffix(" {") {
            Some(head) => (head, true),
            None => (line, false),
        };
        let inner = if open { Some(parse_lines(lines, true)?) } else { None };
        parse_node(&mut graph, &mut ids, head, inner).map_err(at)?;
    }
    if body { Err("a loop's body does not end".into()) } else { Ok(graph) }
}

fn operand(word: &str, ids: &HashMap<u32, NodeId>) -> Option<NodeId> {
    ids.get(&word.strip_prefix('%')?.parse().ok()?).copied()
}

fn parse_node(
    graph: &mut Graph,
    ids: &mut HashMap<u32, NodeId>,
    line: &str,
    body: Option<Graph>,
) -> Result<(), String> {
    let (name, rest) = line.split_once(" = ").ok_or("a node is `%1 = op ... : type`")?;
    let number: Option<u32> = name.strip_prefix('%').and_then(|n| n.parse().ok());
    let number = number.ok_or_else(|| format!("`{name}` names no node"))?;
    let (rest, ty) = rest.rsplit_once(" : ").ok_or("a node states its type")?;
    let ty = parse_ty(ty)?;
    let (plain, inside) = match rest.split_once(" [") {
        Some((plain, inside)) => (plain, inside.strip_suffix(']').ok_or("`]` is missing")?),
        None => (rest, ""),
    };
    let mut plain = plain.split_whitespace();
    let op = plain.next().and_then(op::find).ok_or_else(|| format!("no op in `{rest}`"))?;
    let args: Option<Vec<NodeId>> = plain.map(|word| operand(word, ids)).collect();
    let args = args.ok_or_else(|| format!("an operand of `{rest}` is not defined above"))?;
    let attrs = parse_attrs(inside, &ty, body)?;
    let id = graph.try_push(op, args, attrs)?;
    if graph.ty(id) != &ty {
        return Err(format!("{ty} is stated where {} is inferred", graph.ty(id)));
    }
    ids.insert(number, id);
    Ok(())
}

/// Reads `f32[3,4]`.
pub fn parse_ty(text: &str) -> Result<Ty, String> {
    let wrong = || format!("`{text}` is no type");
    let (dtype, dims) =
        text.trim().strip_suffix(']').and_then(|t| t.split_once('[')).ok_or_else(wrong)?;
    let dtype = match dtype {
        "f32" => DType::F32,
        "i32" => DType::I32,
        "bool" => DType::Bool,
        _ => return Err(wrong()),
    };
    Ok(Ty::new(dtype, numbers(dims)?))
}

fn numbers(text: &str) -> Result<Vec<usize>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split(',').map(number).collect()
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

/// A word of a parameter list.
#[derive(Debug)]
enum Word<'a> {
    Plain(&'a str),
    Name(String),
}

fn words(text: &str) -> Result<Vec<Word<'_>>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (name, after) = unquote(quoted)?;
            words.push(Word::Name(name));
            rest = after;
        } else {
            let end = rest.find(' ').unwrap_or(rest.len());
            words.push(Word::Plain(&rest[..end]));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    Ok(words)
}

/// The name up to the closing quote, and what follows it.
fn unquote(text: &str) -> Result<(String, &str), String> {
    let mut name = String::new();
    let mut chars = text.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return Ok((name, &text[i + 1..])),
            '\\' => name.push(match chars.next() {
                Some((_, 'n')) => '\n',
                Some((_, c)) => c,
                None => break,
            }),
            c => name.push(c),
        }
    }
    Err("a name does not end".into())
}

fn parse_attrs(text: &str, ty: &Ty, body: Option<Graph>) -> Result<Attrs, String> {
    if let Some(spec) = ContractSpec::parse(text).filter(|_| !text.contains('"')) {
        return Ok(Attrs::Contract(spec));
    }
    let words = words(text)?;
    use Word::{Name, Plain};
    Ok(match &words[..] {
        [] => Attrs::None,
        [Name(name), Plain(role)] => {
            let role = ROLES.iter().find(|(_, name)| name == role).map(|(role, _)| *role);
            let role = role.ok_or("which role?")?;
            Attrs::Input { name: name.clone(), role, ty: ty.clone() }
        }
        [Plain(kind), Name(stream)] => {
            let row = NOISE.iter().find(|row| row.name == *kind).ok_or("which noise?")?;
            Attrs::Noise { kind: row.kind, stream: stream.clone(), shape: ty.shape.clone() }
        }
        _ => {
            let plain: Option<Vec<&str>> =
                words.iter().map(|w| if let Plain(p) = w { Some(*p) } else { None }).collect();
            plain_attrs(&plain.ok_or_else(|| format!("`{text}`"))?, ty, body)?
        }
    })
}

fn plain_attrs(words: &[&str], ty: &Ty, body: Option<Graph>) -> Result<Attrs, String> {
    Ok(match words {
        ["axes"] => Attrs::Axes(Vec::new()),
        ["axes", axes] => Attrs::Axes(numbers(axes)?),
        ["axis", axis] => Attrs::Axis(number(axis)?),
        ["axis", axis, "size", size] => Attrs::Along { axis: number(axis)?, size: number(size)? },
        ["axis", axis, way] => Attrs::Directed { axis: number(axis)?, reverse: *way == "reverse" },
        ["perm"] => Attrs::Perm(Vec::new()),
        ["perm", perm] => Attrs::Perm(numbers(perm)?),
        ["shape"] => Attrs::Shape(Vec::new()),
        ["shape", shape] => Attrs::Shape(numbers(shape)?),
        ["at"] => Attrs::Broadcast { shape: ty.shape.clone(), dims: Vec::new() },
        ["at", dims] => Attrs::Broadcast { shape: ty.shape.clone(), dims: numbers(dims)? },
        ["cut", cuts @ ..] => Attrs::Slice(parse_triples(cuts)?),
        ["pad", pads @ ..] => Attrs::Pad(parse_triples(pads)?),
        ["to"] => Attrs::DType(ty.dtype),
        ["along", axis] => Attrs::Iota { ty: ty.clone(), axis: number(axis)? },
        ["rows", rows] => Attrs::Rows(number(rows)?),
        ["mark", n] => Attrs::Mark(number(n)? as u32),
        ["result", index] => Attrs::Result { index: number(index)?, ty: ty.clone() },
        ["window", rest @ ..] => Attrs::Window(parse_window(rest)?),
        ["scan", "carries", c, "sequences", s, "length", n, way] => Attrs::Scan(Arc::new(Scan {
            body: body.ok_or("a loop without a body")?,
            carries: number(c)?,
            sequences: number(s)?,
            length: number(n)?,
            reverse: *way == "reverse",
        })),
        [literal] => match literal.parse() {
            Ok(x) => Attrs::Const(Real(x), ty.dtype),
            Err(_) => return Err(format!("`{literal}` is no parameter")),
        },
        _ => return Err(format!("`{}` is no parameter", words.join(" "))),
    })
}

fn parse_triples(words: &[&str]) -> Result<Vec<(usize, usize, usize)>, String> {
    let triple = |word: &&str| {
        let parts: Vec<usize> = word.split(':').map(number).collect::<Result<_, _>>()?;
        match parts[..] {
            [a, b, c] => Ok((a, b, c)),
            _ => Err(format!("`{word}`")),
        }
    };
    words.iter().map(triple).collect()
}

fn parse_window(words: &[&str]) -> Result<Window, String> {
    let of = |name: &str| {
        let found = words.chunks(2).find(|pair| pair[0] == name && pair.len() == 2);
        numbers(found.ok_or_else(|| format!("a window without {name}"))?[1])
    };
    Ok(Window {
        size: of("size")?,
        stride: of("stride")?,
        dilation: of("dilation")?,
        pad_low: of("low")?,
        pad_high: of("high")?,
        groups: of("groups")?.first().copied().ok_or("a window without groups")?,
        input: of("input")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::verify::verify;

    #[test]
    fn every_sample_of_every_op_prints_and_reads_back() {
        for op in op::table() {
            for sample in (op.samples)() {
                let mut g = Graph::new();
                let input = |(i, (ty, ..)): (usize, &(Ty, f64, f64))| {
                    g.input(format!("a{i} \"q\""), InputRole::Param, ty.clone())
                };
                let args: Vec<NodeId> = sample.args.iter().enumerate().map(input).collect();
                let y = g.push(op, args, sample.attrs);
                g.output("y", y);
                verify(&g).unwrap();
                let text = print(&g);
                let back = parse(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
                assert_eq!(print(&back), text);
                assert!(g.ids().all(|id| g.node(id) == back.node(id)), "{text}");
            }
        }
    }

    #[test]
    fn literals_keep_their_bits() {
        let mut g = Graph::new();
        for x in [
            0.1,
            -0.0,
            1e300,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MIN_POSITIVE,
            f64::NAN,
            -f64::NAN,
        ] {
            g.constant(x, DType::F32);
        }
        let back = parse(&print(&g)).unwrap();
        assert!(g.ids().all(|id| g.node(id) == back.node(id)));
    }

    #[test]
    fn damaged_text_names_its_line() {
        for (text, why) in [
            ("%0 = foo : f32[]", "line 1"),
            ("%0 = const [1.0] : f32[]\n%1 = exp %7 : f32[]", "line 2"),
            ("%0 = const [1.0] : f32[]\n%1 = exp %0 : f32[3]", "line 2"),
            ("%0 = const [1.0] : f32", "line 1"),
            ("output \"y\" = %0", "line 1"),
            ("%0 = scan [scan carries 0 sequences 0 length 1 forward] : i32[] {", "end"),
        ] {
            assert!(parse(text).unwrap_err().contains(why), "{text}");
        }
    }
}
