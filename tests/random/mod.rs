//! Random programs that parse. In: a seed. Out: a text over the whole grammar, with odd blanks and
//! comments. They need not mean anything.

use std::fmt::Write;

struct Gen {
    state: u64,
    out: String,
}

/// The program with this seed.
pub fn program(seed: u64) -> String {
    let mut gen_ = Gen { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, out: String::new() };
    for _ in 0..1 + gen_.below(6) {
        gen_.item();
        gen_.gap("\n");
    }
    gen_.out
}

const NAMES: [&str; 14] = [
    "a",
    "b",
    "x",
    "z",
    "E",
    "log",
    "batch",
    "over",
    "steps",
    "encoder",
    "letter",
    "chain_",
    "on",
    "a_rather_long_name_of_something",
];

impl Gen {
    fn next(&mut self) -> u64 {
        // xorshift64*
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A token, with something that means nothing before it.
    fn put(&mut self, text: &str) {
        match self.below(40) {
            0 => self.gap("\n"),
            1 => self.gap("\n\n\n"),
            2 => self.out.push_str(" // why\n"),
            3 => self.out.push_str("\n   //on its own\n"),
            4 => self.out.push_str("\n\n// far off\n\n"),
            _ => {}
        }
        // A word at the very start of a line may open an item, so there is always a blank.
        self.out.push(' ');
        self.out.push_str(text);
    }

    /// A token that must touch the one before it.
    fn tight(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn gap(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn name(&mut self) {
        let name = NAMES[self.below(NAMES.len() as u64) as usize];
        self.put(name);
    }

    /// A name that opens no special form when a bracket follows.
    fn plain(&mut self) {
        let name = ["f", "relu", "Linear", "p", "q"][self.below(5) as usize];
        self.put(name);
    }

    fn list(&mut self, least: u64, most: u64, mut entry: impl FnMut(&mut Gen)) {
        let n = least + self.below(most - least + 1);
        for i in 0..n {
            if i > 0 {
                self.put(",");
            }
            entry(self);
        }
    }

    fn item(&mut self) {
        match self.below(14) {
            0 => {
                self.put("use \"file.rl\"");
                if self.chance(50) {
                    self.put("as");
                    self.name();
                }
            }
            1 => {
                self.put("dim");
                self.list(1, 4, |g| {
                    g.name();
                    g.put("=");
                    g.expr(2);
                });
            }
            2 => {
                self.put("const");
                self.name();
                if self.chance(30) {
                    self.put(":");
                    self.ty();
                }
                self.put("=");
                self.expr(4);
            }
            3 => {
                self.put("config");
                self.slot();
            }
            4 => self.data(),
            5 => {
                let word = ["param", "state"][self.below(2) as usize];
                self.put(word);
                self.slot();
            }
            6 | 7 => {
                self.put("loss");
                self.name();
                self.put("=");
                self.expr(5);
            }
            8 => self.density(),
            9 | 10 => self.callable(),
            11 => self.distribution(),
            12 => {
                self.put("divergence KL(q: A,");
                self.put("p: B)");
                self.put("=");
                self.expr(3);
            }
            _ => self.phase(),
        }
    }

    fn slot(&mut self) {
        self.name();
        self.put(":");
        self.ty();
        self.put("=");
        self.expr(3);
    }

    fn data(&mut self) {
        self.put("data d");
        if self.chance(50) {
            self.put("from");
            self.expr(2);
        }
        self.put("{");
        self.list(1, 4, Gen::field);
        self.trailing_comma();
        self.put("}");
    }

    fn trailing_comma(&mut self) {
        if self.chance(20) {
            self.put(",");
        }
    }

    fn field(&mut self) {
        self.name();
        self.put(":");
        self.ty();
    }

    fn density(&mut self) {
        let word = ["model", "encoder", "bottleneck", "prior", "decoder"][self.below(5) as usize];
        self.put(word);
        self.plain();
        self.put("(");
        self.list(1, 3, Gen::rv);
        if self.chance(40) {
            self.put("|");
            self.list(1, 3, Gen::rv);
        }
        self.put(")");
        self.block(2);
    }

    fn rv(&mut self) {
        self.name();
        if self.chance(40) {
            self.put(":");
            self.ty();
        }
    }

    fn callable(&mut self) {
        let word = ["net", "module", "fn", "bijection", "encoder", "bottleneck", "optimizer"]
            [self.below(7) as usize];
        self.put(word);
        self.plain();
        for _ in 0..1 + self.below(2) {
            self.put("(");
            self.list(0, 3, |g| {
                g.name();
                g.put(":");
                g.rtype();
                if g.chance(20) {
                    g.put("=");
                    g.expr(2);
                }
            });
            self.put(")");
        }
        self.put("->");
        self.rtype();
        if self.chance(50) {
            self.put("=");
            self.expr(5);
        } else {
            self.block(3);
        }
    }

    fn rtype(&mut self) {
        if self.chance(15) {
            self.put("(");
            self.list(1, 3, Gen::field);
            self.put(")");
        } else {
            self.ty();
        }
    }

    fn distribution(&mut self) {
        self.put("distribution N(a: f32, b: f32) on real {");
        for row in ["draw", "logp"] {
            self.put(row);
            self.put("=");
            self.expr(3);
            self.trailing_comma();
        }
        self.put("}");
    }

    fn phase(&mut self) {
        let word = ["train", "eval", "sample"][self.below(3) as usize];
        self.put(word);
        self.name();
        if self.chance(60) {
            self.put("on d");
            self.put(".train");
        }
        for clause in ["epochs", "batch", "count"] {
            if self.chance(40) {
                self.put(clause);
                self.expr(1);
            }
        }
        self.block(3);
    }

    fn block(&mut self, depth: u64) {
        self.put("{");
        for _ in 0..self.below(4) {
            self.statement(depth);
        }
        self.put("}");
    }

    fn statement(&mut self, depth: u64) {
        match self.below(if depth > 0 { 10 } else { 8 }) {
            0 => {
                self.put("let");
                if self.chance(40) {
                    self.put("(");
                    self.list(1, 3, Gen::name);
                    self.put(")");
                } else {
                    self.name();
                }
                let sign = ["=", "~"][self.below(2) as usize];
                self.put(sign);
                self.expr(3);
            }
            1 => {
                self.put("param");
                self.slot();
            }
            2 => {
                self.put("return");
                self.expr(4);
            }
            3 => {
                self.put("minimize");
                self.expr(2);
                self.put("over");
                let group = ["p", "(p)", "(p, q.a)"][self.below(3) as usize];
                self.put(group);
                self.put("with");
                self.expr(2);
            }
            4 => {
                let word = ["track", "report", "emit"][self.below(3) as usize];
                self.put(word);
                self.list(1, 4, |g| {
                    g.expr(2);
                    if g.chance(40) {
                        g.put("as");
                        g.name();
                    }
                });
            }
            5 => {
                self.put("factor");
                self.expr(3);
            }
            6 | 7 => {
                self.name();
                if self.chance(30) {
                    self.put(":");
                    self.ty();
                    let sign = ["~", "="][self.below(2) as usize];
                    self.put(sign);
                } else {
                    let sign = ["~", "=", "<-"][self.below(3) as usize];
                    self.put(sign);
                }
                self.expr(4);
            }
            _ => {
                self.put("repeat");
                self.expr(1);
                self.block(depth - 1);
            }
        }
    }

    fn ty(&mut self) {
        if self.chance(20) {
            self.put("idx(");
            self.expr(1);
            self.put(")");
        } else {
            let word = ["f32", "bit", "int", "bool"][self.below(4) as usize];
            self.put(word);
        }
        if self.chance(60) {
            self.put("[");
            self.list(0, 3, |g| match g.below(6) {
                0 => g.put("..."),
                1 => g.put("...s"),
                _ => g.expr(1),
            });
            self.put("]");
        }
        if self.chance(15) {
            self.put("in");
            let range = ["0..1", "-1..1", "(a + 1)..b * 2"][self.below(3) as usize];
            self.put(range);
        }
    }

    fn expr(&mut self, depth: u64) {
        if depth > 1 && self.chance(6) {
            for word in ["if", "then", "else"] {
                self.put(word);
                self.expr(depth - 1);
            }
            return;
        }
        let joins = if depth > 0 { self.below(4) } else { 0 };
        // Comparisons and ranges do not chain, so a row of operators has at most one of them.
        let mut once = true;
        self.operand(depth.saturating_sub(1));
        for _ in 0..joins {
            let n = if once && self.chance(15) { 12 } else { 0 };
            let sign = match n + self.below(if n > 0 { 7 } else { 11 }) {
                0 | 1 => "|>",
                2 | 3 => "+",
                4 => "-",
                5 => "*",
                6 => "/",
                7 => "%",
                8 => "@",
                9 => "and",
                10 => "or",
                12 => "==",
                13 => "!=",
                14 => "<=",
                15 => ">=",
                16 => "<",
                17 => ">",
                _ => "..",
            };
            once &= n == 0;
            self.put(sign);
            if sign == "<" {
                self.out.push(' ');
            }
            self.operand(depth.saturating_sub(1));
        }
    }

    fn operand(&mut self, depth: u64) {
        match self.below(12) {
            0 => self.put("-"),
            1 => self.put("not"),
            _ => {}
        }
        self.primary(depth);
        if self.chance(12) {
            self.put("^");
            if self.chance(30) {
                self.put("-");
            }
            self.primary(0);
        }
    }

    fn primary(&mut self, depth: u64) {
        if depth == 0 {
            return self.atom();
        }
        match self.below(14) {
            0..=2 => self.call(depth),
            3 => {
                self.put("(");
                self.expr(depth);
                self.put(")");
            }
            4 => {
                self.put("(");
                self.list(2, 3, |g| g.arg(depth - 1));
                self.trailing_comma();
                self.put(")");
            }
            5 => {
                self.plain();
                self.put("[");
                self.list(1, 3, |g| match g.below(4) {
                    0 => g.put(":"),
                    1 => {
                        g.expr(depth - 1);
                        g.put(":");
                    }
                    2 => {
                        g.expr(depth - 1);
                        g.put(":");
                        g.expr(depth - 1);
                    }
                    _ => g.expr(depth - 1),
                });
                self.put("]");
            }
            6 => {
                self.plain();
                self.put(".mu");
            }
            7 => self.expectation(depth),
            8 => {
                self.put("log p");
                self.arguments(depth);
            }
            9 => {
                self.put("chain(i in 0..");
                self.expr(0);
                self.put(")");
                self.put("{");
                self.expr(depth - 1);
                self.put("}");
            }
            10 => {
                self.put("scan(h =");
                self.expr(depth - 1);
                self.put(", t in");
                self.expr(depth - 1);
                self.put(")");
                self.block(0);
            }
            11 => {
                self.put("((a, b) =>");
                self.expr(depth - 1);
                self.put(")");
            }
            12 => {
                self.put("(");
                self.expr(depth - 1);
                self.put(",)");
            }
            _ => self.atom(),
        }
    }

    fn expectation(&mut self, depth: u64) {
        self.put("E");
        self.tight("[z");
        self.put("~");
        self.expr(depth - 1);
        if self.chance(40) {
            self.put(", samples =");
            self.expr(0);
        }
        self.put("]");
        self.put("(");
        self.expr(depth);
        self.put(")");
    }

    fn call(&mut self, depth: u64) {
        self.plain();
        self.arguments(depth);
    }

    fn arguments(&mut self, depth: u64) {
        self.put("(");
        self.list(0, 3, |g| g.arg(depth - 1));
        if self.chance(20) {
            let bar = ["|", "||"][self.below(2) as usize];
            self.put(bar);
            self.list(1, 2, |g| g.arg(depth - 1));
        }
        self.put(")");
    }

    fn arg(&mut self, depth: u64) {
        if self.chance(25) {
            let name = ["lr", "over", "let"][self.below(3) as usize];
            self.put(name);
            self.put("=");
        }
        self.expr(depth);
    }

    fn atom(&mut self) {
        match self.below(8) {
            0 => {
                let n = self.below(1000);
                let mut text = String::new();
                let _ = write!(text, "{n}");
                self.put(&text);
            }
            1 => self.put("1.5e-3"),
            2 => self.put("\"t h e, s h e\""),
            3 => self.put("true"),
            _ => {
                let name = ["a", "b", "x", "E", "batch", "letter", "a_much_longer_name"]
                    [self.below(7) as usize];
                self.put(name);
            }
        }
    }
}
