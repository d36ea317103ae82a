//! Register programs. In: a loop without folds. Out: a module with one invocation per point.

use super::layout::Span;
use super::place::{affine, at, digits};
use super::writer::Writer;
use super::{Job, Limits};
use crate::plan::{Code, Elem, Load, Loop, Reg, Store, Word};
use std::fmt::Write;

/// Invocations of a group.
pub const LANES: usize = 256;

impl Job<'_, '_, '_> {
    /// A loop without folds.
    pub fn points(&mut self, body: &Loop) {
        let points: usize = body.shape.iter().product();
        let lanes = lanes(self.emit.limits, points);
        let mut w = Writer::new(self.emit.limits);
        let mut text = String::new();
        writeln!(text, "    let i = group * {lanes}u + lane;").ok();
        writeln!(text, "    if (i >= {points}u) {{\n        return;\n    }}").ok();
        let index = digits(&mut text, "    ", "i", "d", &body.shape);
        let names = self.registers(&mut w, &mut text, "    ", body, &index, None);
        self.stores(&mut w, &mut text, "    ", &body.stores, &names, &index);
        self.finish(w, lanes, &text, points.div_ceil(lanes));
    }

    /// Adds the finished module to the program.
    pub fn finish(&mut self, w: Writer, lanes: usize, body: &str, groups: usize) {
        let (module, record) = w.module(self.label, lanes, body);
        self.emit.dispatch(self.kernel, module, groups, record);
    }

    /// Loads and computes every register at one point; the text and type of each.
    pub fn registers(
        &self,
        w: &mut Writer,
        text: &mut String,
        indent: &str,
        body: &Loop,
        index: &[String],
        product: Option<&str>,
    ) -> Vec<Value> {
        let mut values: Vec<Value> = Vec::new();
        for (reg, load) in body.loads.iter().enumerate() {
            values.push(self.load(w, text, indent, (reg, load), index, product));
        }
        for instr in &body.code {
            let (expr, ty) = {
                let mut args: Vec<&Value> = instr.args.iter().map(|a| &values[*a]).collect();
                let hidden = hide(&args);
                hidden.iter().for_each(|value| args[0] = value);
                operation(instr.op, &args)
            };
            let name = format!("{}{}", format!("{:?}", instr.op).to_lowercase(), values.len());
            writeln!(text, "{indent}let {name} = {expr};").ok();
            values.push(Value { text: name, ty });
        }
        values
    }

    fn load(
        &self,
        w: &mut Writer,
        text: &mut String,
        indent: &str,
        (reg, load): (Reg, &Load),
        index: &[String],
        product: Option<&str>,
    ) -> Value {
        let (name, expr, ty) = match load {
            Load::Const(bits) => {
                return Value { text: format!("{bits}"), ty: Type::Literal(*bits) };
            }
            Load::Product => {
                let text = product.expect("an epilogue has a product").to_string();
                return Value { text, ty: Type::F32 };
            }
            Load::View(view) => {
                let span = self.places.of(view.buffer);
                let ty = if span.elem == Elem::I32 { Type::I32 } else { Type::F32 };
                let name = if span.name.is_empty() { "x" } else { &span.name };
                (format!("{name}_{reg}"), w.element(span, &at(view, index)), ty)
            }
            Load::Count { offset, strides } => {
                let place = affine(*offset, strides, index);
                (format!("count_{reg}"), format!("bitcast<i32>({place})"), Type::I32)
            }
            Load::Noise { kind, stream, seed, step, offset, strides } => {
                let place = affine(*offset, strides, index);
                let seed = w.word(self.places.of(*seed), "0u");
                let step = w.word(self.places.of(*step), "0u");
                let real = kind.row().shader;
                let expr = format!("{real}(noise_word({seed}, {stream}u, {step}, {place}))");
                (format!("noise_{reg}"), expr, Type::F32)
            }
        };
        // A name of its own, whatever the buffer is called.
        let name = format!("v_{name}");
        writeln!(text, "{indent}let {name} = {expr};").ok();
        Value { text: name, ty }
    }

    /// Writes the stores at one point.
    pub fn stores(
        &self,
        w: &mut Writer,
        text: &mut String,
        indent: &str,
        stores: &[Store],
        values: &[Value],
        index: &[String],
    ) {
        for store in stores {
            let span: &Span = self.places.of(store.to.buffer);
            let word = values[store.reg].word();
            let put = w.put(span, &at(&store.to, index), &word);
            writeln!(text, "{indent}{put}").ok();
        }
    }
}

/// Invocations of a group for so many points.
pub fn lanes(limits: &Limits, points: usize) -> usize {
    let most = LANES.min(limits.lanes as usize);
    points.next_power_of_two().clamp(32, most)
}

/// Types of registers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Type {
    /// A real or a truth value.
    F32,
    /// An integer.
    I32,
    /// A word that may be either.
    U32,
    /// The bits of a literal.
    Literal(u32),
}

/// A register: an expression without side effects, and its type.
#[derive(Clone, Debug)]
pub struct Value {
    pub text: String,
    pub ty: Type,
}

impl Value {
    /// As a real.
    pub fn real(&self) -> String {
        match self.ty {
            Type::F32 => self.text.clone(),
            Type::Literal(bits) => literal(bits),
            _ => format!("bitcast<f32>({})", self.text),
        }
    }

    /// As an integer.
    pub fn whole(&self) -> String {
        match self.ty {
            Type::I32 => self.text.clone(),
            Type::Literal(bits) => format!("bitcast<i32>({bits}u)"),
            _ => format!("bitcast<i32>({})", self.text),
        }
    }

    /// As a word.
    pub fn word(&self) -> String {
        match self.ty {
            Type::U32 => self.text.clone(),
            Type::Literal(bits) => format!("{bits}u"),
            _ => format!("bitcast<u32>({})", self.text),
        }
    }
}

/// Where all operands are literals: the first as a word that a compiler of shaders does not know, as
/// it would refuse results that are not finite.
fn hide(args: &[&Value]) -> Option<Value> {
    let Type::Literal(bits) = args.first()?.ty else { return None };
    let all = args.iter().all(|arg| matches!(arg.ty, Type::Literal(_)));
    all.then(|| Value { text: format!("({bits}u ^ zero_bits)"), ty: Type::U32 })
}

/// A real by its bits: digits where they say the same, else the bits.
fn literal(bits: u32) -> String {
    let x = f32::from_bits(bits);
    let plain = x.is_finite() && (x.abs() >= f32::MIN_POSITIVE || bits == 0);
    if !plain {
        return format!("word_f({bits}u)");
    }
    let digits = format!("{x:?}");
    if x < 0.0 { format!("({digits}f)") } else { format!("{digits}f") }
}

/// An operation on registers as an expression.
pub fn operation(code: Code, args: &[&Value]) -> (String, Type) {
    let f = |i: usize| args[i].real();
    let n = |i: usize| args[i].whole();
    let ty = if code.signature().1 == Word::Whole { Type::I32 } else { Type::F32 };
    let text = match code {
        // A condition, and what is chosen from.
        Code::Real(_) if code.signature().1 == Word::Either => return select(args),
        Code::Real(op) => filled(op.real, &args.iter().map(|a| a.real()).collect::<Vec<_>>()),
        Code::Whole(op) => filled(op.whole, &args.iter().map(|a| a.whole()).collect::<Vec<_>>()),
        Code::Trunc => format!("trunc_i({})", f(0)),
        Code::Float => format!("f32({})", n(0)),
        Code::Truth => format!("select(1.0f, 0.0f, {} == 0.0f)", f(0)),
        Code::ITruth => format!("select(0.0f, 1.0f, {} != 0i)", n(0)),
        Code::Fma => format!("fma({}, {}, {})", f(0), f(1), f(2)),
        Code::Fnma => format!("fma(-{}, {}, {})", f(0), f(1), f(2)),
    };
    (text, ty)
}

/// The text of a row with its operands in place of `{0}`, `{1}`.
fn filled(text: &str, args: &[String]) -> String {
    let mut parts = text.split('{');
    let mut out = parts.next().unwrap_or("").to_string();
    for part in parts {
        let (place, rest) = part.split_once('}').unwrap_or(("", part));
        out.push_str(place.parse().ok().and_then(|n: usize| args.get(n)).map_or("", |s| s));
        out.push_str(rest);
    }
    out
}

/// A choice between two registers of one type; of words where the type is not known.
fn select(args: &[&Value]) -> (String, Type) {
    let condition = format!("{} == 0.0f", args[0].real());
    let is = |ty: Type| args[1].ty == ty || args[2].ty == ty;
    let (yes, no, ty) = match () {
        () if is(Type::I32) => (args[1].whole(), args[2].whole(), Type::I32),
        () if is(Type::F32) => (args[1].real(), args[2].real(), Type::F32),
        () => (args[1].word(), args[2].word(), Type::U32),
    };
    (format!("select({yes}, {no}, {condition})"), ty)
}
