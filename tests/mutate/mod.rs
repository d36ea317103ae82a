//! Random structural edits of JSON, and artifacts made of it. In: a value and a seed. Out: another
//! value, with something in it that no compiler would write: numbers at the edges, lists of other
//! lengths, variants exchanged, names that are paths, keys that are missing.
#![allow(dead_code)]

use rlc::plan::{self, Plan, Work};
use serde_json::{Number, Value, json};
use sha2::{Digest, Sha256};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A stream of random numbers.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }
    pub fn next(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 8
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

const NUMBERS: &[i64] = &[
    -1,
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    15,
    16,
    17,
    31,
    32,
    63,
    64,
    65,
    255,
    256,
    1023,
    1024,
    4096,
    65_535,
    65_536,
    1 << 20,
    1 << 24,
    i32::MAX as i64,
    1 << 31,
    1 << 32,
    1 << 40,
    1 << 44,
    1 << 62,
    i64::MAX,
    -2,
    -16,
    -64,
    -(1 << 31),
    i64::MIN,
];

const WORDS: &[&str] = &[
    "",
    ".",
    "..",
    "../evil",
    "a/b",
    "a\\b",
    "\u{1b}[2J",
    "x\ny",
    "\u{202e}x",
    "\u{0}",
    "seed",
    "step",
    "total",
    "seed()",
    "step()",
    "total()",
    "t",
    "c0",
    "c1",
    "x0",
    "k0",
    "k99",
    "c-1",
    "train",
    "test",
    "fit",
    "loss",
    "image",
    "text",
    "npz",
    "points",
    "table",
    "nul:",
    "~",
    "$HOME",
    "%s%n",
    "é",
    "track:loss",
    "code:q",
    "param:x",
    "digits.x",
    "digits.y",
    "18446744073709551616",
];

/// Names of variants that may stand for each other.
const VARIANTS: &[&[&str]] = &[
    &["Loop", "Gemm", "Conv", "Index", "Scan"],
    &["View", "Const", "Count", "Noise", "Product"],
    &["Gather", "ScatterAdd", "TakeAlong", "PutAlong", "CumSum", "ArgSort", "ArgMax"],
    &["Arena", "Slot", "Input", "Result"],
    &["F32", "I32", "Bool"],
    &["Sum", "Max", "Min", "Prod"],
    &["Forward", "Input", "Filter", "Unfold", "Fold"],
    &["Train", "Eval", "Sample"],
    &["Mean", "Metric", "Bottleneck"],
    &["Real", "Interval", "Positive", "Bit", "Index", "Integer", "Bool"],
    &["Int", "Float", "Bool", "Str", "Tuple", "Call"],
    &[
        "Neg", "Abs", "Exp", "Log", "Sin", "Erf", "Lgamma", "Not", "Add", "Sub", "Mul", "Div",
        "Pow", "Max", "Lt", "Select", "Trunc", "Float", "Truth", "Fma", "Fnma", "INeg", "IAdd",
        "IMul", "IDiv", "IEq", "ITruth",
    ],
];

/// Places in a value, as pointers.
fn places(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Array(list) => {
            for (i, item) in list.iter().enumerate() {
                places(item, format!("{at}/{i}"), found);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                places(item, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        _ => {}
    }
    found.push(at);
}

/// Makes so many edits. `outside` is a path that nothing may be written to.
pub fn edit(value: &mut Value, random: &mut Random, edits: usize, outside: &str) {
    for _ in 0..edits {
        let mut all = Vec::new();
        places(value, String::new(), &mut all);
        // Kernels are most of a file; a third of the edits is for the rest.
        if random.below(3) == 0 {
            all.retain(|at| !at.contains("/kernels/"));
        }
        let at = random.pick(&all).clone();
        let other = value.pointer(random.pick(&all).as_str()).cloned().unwrap_or(Value::Null);
        let Some(place) = value.pointer_mut(&at) else { continue };
        change(place, other, random, outside);
    }
}

fn change(place: &mut Value, other: Value, random: &mut Random, outside: &str) {
    let alike = std::mem::discriminant(place) == std::mem::discriminant(&other);
    if random.below(40) == 0 {
        *place = Value::Null;
        return;
    }
    if random.below(4) == 0 && alike {
        *place = other;
        return;
    }
    match place {
        Value::Number(n) => *place = number(n, random),
        Value::String(text) => *place = word(text, random, outside),
        Value::Bool(b) => *place = Value::Bool(!*b),
        Value::Array(list) => reshape(list, other, random),
        Value::Object(map) => {
            let keys: Vec<String> = map.keys().cloned().collect();
            if keys.is_empty() {
                return;
            }
            let key = random.pick(&keys).clone();
            let exchange = sibling(&key, random);
            match (map.remove(&key), exchange) {
                (Some(inner), Some(name)) => drop(map.insert(name.into(), inner)),
                (Some(_), None) if random.below(3) == 0 => {}
                (Some(inner), None) => {
                    // The value of one key under another.
                    let to = random.pick(&keys).clone();
                    map.insert(key, inner.clone());
                    map.insert(to, inner);
                }
                (None, _) => {}
            }
        }
        Value::Null => {
            *place = if random.below(2) == 0 { json!(*random.pick(NUMBERS)) } else { other }
        }
    }
}

fn number(n: &Number, random: &mut Random) -> Value {
    let edge = *random.pick(NUMBERS);
    let near = |by: i64| n.as_i64().map_or(json!(edge), |n| json!(n.wrapping_add(by)));
    match random.below(8) {
        0 => near(1),
        1 => near(-1),
        2 => n.as_i64().map_or(json!(edge), |n| json!(n.wrapping_mul(2))),
        3 => n.as_i64().map_or(json!(edge), |n| json!(n / 2)),
        4 if random.below(8) == 0 => json!(u64::MAX),
        5 if random.below(8) == 0 => json!(0.5),
        6 if random.below(8) == 0 => json!(-1e300),
        _ => json!(edge),
    }
}

/// Another variant of the same kind.
fn sibling(name: &str, random: &mut Random) -> Option<&'static str> {
    let mut kinds = VARIANTS.iter().filter(|kind| kind.contains(&name));
    let kind: &'static [&'static str] = kinds.next()?;
    let kind = if random.below(2) == 0 { kinds.next().copied().unwrap_or(kind) } else { kind };
    Some(*random.pick(kind))
}

fn word(text: &str, random: &mut Random, outside: &str) -> Value {
    if let Some(name) = sibling(text, random)
        && random.below(4) > 0
    {
        return json!(name);
    }
    match random.below(6) {
        0 => json!(outside),
        1 => json!(format!("{text}/../../../evil")),
        2 => json!(format!("{text}{}", random.pick(WORDS))),
        3 => json!("a".repeat(300)),
        _ => json!(*random.pick(WORDS)),
    }
}

fn reshape(list: &mut Vec<Value>, other: Value, random: &mut Random) {
    let n = list.len();
    match random.below(7) {
        0 => list.clear(),
        1 => list.truncate(n / 2),
        2 => drop(list.pop()),
        3 if n > 0 => {
            let again = list[random.below(n)].clone();
            list.insert(random.below(n + 1), again);
        }
        4 if n > 1 => list.swap(random.below(n), random.below(n)),
        5 => list.reverse(),
        _ => list.push(other),
    }
}

/// An artifact as JSON.
pub fn body(bytes: &[u8]) -> Value {
    serde_json::from_slice(&bytes[48..]).unwrap()
}

/// JSON as an artifact whose head is right.
pub fn sealed(body: &Value) -> Vec<u8> {
    let text = serde_json::to_vec(body).unwrap();
    let mut bytes = b"RLX\0".to_vec();
    bytes.extend(1u32.to_le_bytes());
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend(Sha256::digest(&text));
    bytes.extend(text);
    bytes
}

fn settle(plan: &mut Plan) {
    for kernel in &mut plan.kernels {
        if let Work::Scan(scan) = &mut kernel.work {
            settle(&mut scan.body);
        }
    }
    if let Ok(bill) = catch_unwind(AssertUnwindSafe(|| plan::bill(plan))) {
        plan.bill = bill;
    }
}

/// JSON of an artifact whose bills are right, so that nothing hides behind them.
pub fn settled(body: &mut Value) {
    let plans = body.get_mut("plans").and_then(Value::as_array_mut);
    for plan in plans.into_iter().flatten() {
        if let Ok(mut read) = serde_json::from_value::<Plan>(plan.clone()) {
            settle(&mut read);
            *plan = json!(read);
        }
    }
}
