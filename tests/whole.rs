//! Arithmetic of whole numbers: random formulas of numbers that are known when compiling and of numbers
//! that come at run time, computed here in 64 bits, by the fused executor and by the f64 interpreter.
//! All quotients are by powers of two, so that every value is exact in 32-bit reals.

#[path = "common/facts.rs"]
mod facts;

use facts::figures;
use std::fmt::Write;

/// splitmix64
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }
    fn number(&mut self) -> i64 {
        self.below(19) as i64 - 9
    }
}

/// A number as text: a literal, or one that only the run knows.
fn leaf(dice: &mut Dice, n: i64) -> String {
    if dice.below(2) == 0 { format!("({n})") } else { format!("w(x, {n})") }
}

fn floor_mod(a: f64, b: f64) -> f64 {
    a - b * (a / b).floor()
}

/// A formula of whole numbers and its value.
fn whole(dice: &mut Dice, depth: u64) -> (String, f64) {
    if depth == 0 {
        let n = dice.number();
        return (leaf(dice, n), n as f64);
    }
    let (a, x) = whole(dice, depth - 1);
    let (b, y) = whole(dice, depth - 1);
    let (divisor, d) = loop {
        let n = dice.number();
        if n != 0 {
            break (leaf(dice, n), n as f64);
        }
    };
    match dice.below(9) {
        0 => (format!("({a} + {b})"), x + y),
        1 => (format!("({a} - {b})"), x - y),
        2 => (format!("({a} * {b})"), x * y),
        3 => (format!("({a} % {divisor})"), floor_mod(x, d)),
        4 => (format!("(-{a})"), -x),
        5 => (format!("abs({a})"), x.abs()),
        6 => (format!("max({a}, {b})"), x.max(y)),
        7 => (format!("clip({a}, -4, {})", leaf(dice, 5)), x.clamp(-4.0, 5.0)),
        _ => {
            let n = dice.below(3);
            (format!("({a}^{n})"), x.powi(n as i32))
        }
    }
}

/// A formula of reals and its value.
fn real(dice: &mut Dice, depth: u64) -> (String, f64) {
    let (a, x) = whole(dice, depth);
    if x.abs() > 1e6 {
        // Not exact as a quotient of 32 bits.
        return (a, f64::INFINITY);
    }
    let by = [1.0, 2.0, 4.0, -2.0, -8.0][dice.below(5) as usize];
    let divisor = leaf(dice, by as i64);
    let quotient = (format!("({a} / {divisor})"), x / by);
    match dice.below(4) {
        0 => (format!("float({a})"), x),
        1 => {
            let (b, y) = quotient;
            let by = [1.5, 2.0, -0.75][dice.below(3) as usize];
            (format!("(({b} + 0 * x[0]) % ({by}))"), floor_mod(y, by))
        }
        2 => (format!("int({} + 0 * x[0]) / 2", quotient.0), quotient.1.trunc() / 2.0),
        _ => quotient,
    }
}

#[test]
fn whole_numbers_mean_one_thing_everywhere() {
    let mut dice = Dice(20);
    let mut file = String::from(
        "data d from uniform(3, 1, split = 1.0) { x: f32[1] }\n\
         fn w(x: f32[1], c: f32) = int(c + 0 * x[0])\n\
         eval t on d.train batch 2 {\n",
    );
    let mut wanted = Vec::new();
    while wanted.len() < 300 {
        let depth = dice.below(4);
        let (text, value) = real(&mut dice, depth);
        // Beyond this neither sums over rows nor products are exact.
        if value.abs() > 1e4 || text.len() > 300 {
            continue;
        }
        writeln!(file, "  report {text} + 0 * x[0] as f{}", wanted.len()).unwrap();
        wanted.push((text, value));
    }
    file.push_str("}\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whole.rl");
    std::fs::write(&path, file).unwrap();
    for device in ["cpu", "reference"] {
        let found = figures(&path, device);
        for (at, (text, wanted)) in wanted.iter().enumerate() {
            let name = format!("f{at}");
            let value = found[&name];
            assert!(
                (value - wanted).abs() < 1e-3,
                "{device}: {name} = {text}: {value}, not {wanted}"
            );
        }
    }
}
