//! Expressions: the flat list of operands and operators to a tree, by the Pratt table.

use super::{Builder, part, parts, take};
use crate::base::{Diagnostic, Severity, Span, codes};
use crate::syntax::ast::*;
use crate::syntax::grammar::{PRATT, Rule};
use pest::iterators::Pair;
use std::cell::RefCell;

/// Every binary operator with its rule.
const BINARY: [(Rule, BinOp); 17] = [
    (Rule::op_pipe, BinOp::Pipe),
    (Rule::op_or, BinOp::Or),
    (Rule::op_and, BinOp::And),
    (Rule::op_eq, BinOp::Eq),
    (Rule::op_ne, BinOp::Ne),
    (Rule::op_le, BinOp::Le),
    (Rule::op_ge, BinOp::Ge),
    (Rule::op_lt, BinOp::Lt),
    (Rule::op_gt, BinOp::Gt),
    (Rule::op_range, BinOp::Range),
    (Rule::op_add, BinOp::Add),
    (Rule::op_sub, BinOp::Sub),
    (Rule::op_mul, BinOp::Mul),
    (Rule::op_div, BinOp::Div),
    (Rule::op_rem, BinOp::Rem),
    (Rule::op_matmul, BinOp::MatMul),
    (Rule::op_pow, BinOp::Pow),
];

impl Builder<'_> {
    /// Any expression.
    pub(super) fn expr(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let span = self.span(&pair);
        let mut inner = pair.into_inner().peekable();
        if inner.peek().is_some_and(|p| p.as_rule() == Rule::if_expr) {
            return self.if_expr(take(&mut inner), span);
        }
        // The Pratt parser holds one closure per kind of operator; they take turns on the builder.
        let this = RefCell::new(self);
        PRATT
            .map_primary(|pair| this.borrow_mut().primary(pair))
            .map_prefix(|op, arg| this.borrow_mut().unary(op, arg))
            .map_postfix(|base, op| this.borrow_mut().postfix(base, op))
            .map_infix(|lhs, op, rhs| this.borrow_mut().binary(lhs, op, rhs))
            .parse(inner)
    }

    fn if_expr(&mut self, pair: Pair<'_, Rule>, span: Span) -> ExprId {
        let mut inner = parts(pair);
        let cond = self.expr(take(&mut inner));
        let then = self.expr(take(&mut inner));
        let other = self.expr(take(&mut inner));
        self.add(ExprKind::If { cond, then, other }, span)
    }

    fn unary(&mut self, op: Pair<'_, Rule>, arg: ExprId) -> ExprId {
        let span = self.span(&op).to(self.file.expr(arg).span);
        let op = if op.as_rule() == Rule::negate { UnOp::Neg } else { UnOp::Not };
        self.add(ExprKind::Unary { op, arg }, span)
    }

    fn binary(&mut self, lhs: ExprId, op: Pair<'_, Rule>, rhs: ExprId) -> ExprId {
        let op_span = self.span(&op);
        let span = self.file.expr(lhs).span.to(self.file.expr(rhs).span);
        let found = BINARY.iter().find(|(rule, _)| *rule == op.as_rule());
        let Some((_, kind)) = found else { unreachable!("{:?} is no operator", op.as_rule()) };
        let clashes = [lhs, rhs].into_iter().any(|side| self.may_not_chain(*kind, side));
        if clashes {
            let help = if *kind == BinOp::Range {
                "a range has one `..`: `lo..hi`"
            } else {
                "join two comparisons with `and`: `a < b and b < c`"
            };
            let message = format!("`{}` does not chain", op.as_str());
            self.complain(codes::RL0014, op_span, &message, help);
        }
        self.add(ExprKind::Binary { op: *kind, op_span, lhs, rhs }, span)
    }

    /// Whether both operators are comparisons, or both are ranges.
    fn may_not_chain(&self, op: BinOp, side: ExprId) -> bool {
        use BinOp::*;
        let comparison = |op| matches!(op, Eq | Ne | Le | Ge | Lt | Gt);
        match self.file.expr(side).kind {
            ExprKind::Binary { op: inner, .. } => {
                (comparison(op) && comparison(inner)) || (op == Range && inner == Range)
            }
            _ => false,
        }
    }

    fn postfix(&mut self, base: ExprId, op: Pair<'_, Rule>) -> ExprId {
        let span = self.file.expr(base).span.to(self.span(&op));
        let kind = match op.as_rule() {
            Rule::call => self.call(base, op),
            Rule::index => {
                ExprKind::Index { base, slices: parts(op).map(|p| self.slice(p)).collect() }
            }
            _ => ExprKind::Member { base, name: self.ident(part(op)) },
        };
        self.add(kind, span)
    }

    fn call(&mut self, callee: ExprId, pair: Pair<'_, Rule>) -> ExprKind {
        let (mut args, mut bar, mut rest) = (Vec::new(), None, Vec::new());
        for pair in parts(pair) {
            match pair.as_rule() {
                Rule::bar if pair.as_str() == "||" => bar = Some(Bar::Versus),
                Rule::bar => bar = Some(Bar::Given),
                _ => {
                    let list = parts(pair).map(|p| self.argument(p)).collect();
                    if bar.is_some() { rest = list } else { args = list }
                }
            }
        }
        ExprKind::Call { callee, args, bar, rest }
    }

    /// `name = value` or a value.
    fn argument(&mut self, pair: Pair<'_, Rule>) -> Arg {
        let mut inner = parts(pair).filter(|p| p.as_rule() != Rule::equals).peekable();
        let name = inner.next_if(|p| p.as_rule() == Rule::label).map(|p| self.ident(p));
        Arg { name, value: self.expr(take(&mut inner)) }
    }

    fn slice(&mut self, pair: Pair<'_, Rule>) -> Slice {
        let (mut ends, mut colon) = (Vec::new(), false);
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::colon => colon = true,
                _ => ends.push(self.expr(pair)),
            }
        }
        match (ends.first(), colon) {
            (None, _) => Slice::All,
            (Some(at), false) => Slice::At(*at),
            (Some(from), true) => Slice::Range(*from, ends.get(1).copied()),
        }
    }

    fn primary(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let span = self.span(&pair);
        let text = pair.as_str();
        let kind = match pair.as_rule() {
            Rule::number => self.number(text, span),
            Rule::string => ExprKind::Str(text.trim_matches('"').to_string()),
            Rule::boolean => ExprKind::Bool(text == "true"),
            Rule::ident => ExprKind::Name(text.to_string()),
            Rule::expect => self.expect(pair),
            Rule::log_density => self.log_density(pair),
            Rule::chain => {
                let mut inner = parts(pair);
                let var = self.ident(take(&mut inner));
                let range = self.expr(take(&mut inner));
                ExprKind::Chain { var, range, body: self.expr(take(&mut inner)) }
            }
            Rule::scan => self.scan(pair),
            Rule::lambda => {
                let (names, body): (Vec<_>, Vec<_>) =
                    parts(pair).partition(|p| p.as_rule() == Rule::ident);
                let params = names.into_iter().map(|p| self.ident(p)).collect();
                ExprKind::Lambda { params, body: self.expr(take(&mut body.into_iter())) }
            }
            Rule::tuple => self.tuple(pair),
            other => unreachable!("{other:?} is no operand"),
        };
        self.add(kind, span)
    }

    fn number(&mut self, text: &str, span: Span) -> ExprKind {
        let value: f64 = text.parse().unwrap_or(f64::INFINITY);
        let written_int = text.bytes().all(|b| b.is_ascii_digit());
        let int = if written_int { text.parse::<i64>().ok() } else { None };
        let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
        if written_int && int.is_none() {
            let help = "an integer is at most 9223372036854775807; write a real number with a point or an exponent";
            self.complain(codes::RL0011, span, "integer too large", help);
        } else if !value.is_finite() {
            let help = "the largest real number is about 1.8e308";
            self.complain(codes::RL0010, span, "literal overflows a 64-bit real", help);
        } else if value == 0.0 && mantissa.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
            let mut warning = Diagnostic::new(codes::RL0010, "literal is too small and becomes 0")
                .at(span, "")
                .help("the smallest positive real number is about 4.9e-324");
            warning.severity = Severity::Warning;
            self.diagnostics.push(warning);
        }
        ExprKind::Number { text: text.to_string(), value, int }
    }

    fn expect(&mut self, pair: Pair<'_, Rule>) -> ExprKind {
        let mut inner = parts(pair).filter(|p| p.as_rule() != Rule::draws).peekable();
        let var = self.ident(take(&mut inner));
        let ty = inner.next_if(|p| p.as_rule() == Rule::r#type).map(|p| self.ty(p));
        let dist = self.expr(take(&mut inner));
        let mut options = Vec::new();
        while let Some(option) = inner.next_if(|p| p.as_rule() == Rule::option) {
            options.push(self.argument(option));
        }
        ExprKind::Expect { var, ty, dist, options, body: self.expr(take(&mut inner)) }
    }

    fn log_density(&mut self, pair: Pair<'_, Rule>) -> ExprKind {
        let mut inner = parts(pair);
        let path = self.path(take(&mut inner));
        let call = take(&mut inner);
        let call_span = Self::path_span(&path).to(self.span(&call));
        let mut names = path.into_iter();
        let Some(first) = names.next() else { unreachable!("a path has a name") };
        let mut span = first.span;
        let mut callee = self.add(ExprKind::Name(first.name), span);
        for name in names {
            span = span.to(name.span);
            callee = self.add(ExprKind::Member { base: callee, name }, span);
        }
        let kind = self.call(callee, call);
        ExprKind::LogDensity { density: self.add(kind, call_span) }
    }

    fn scan(&mut self, pair: Pair<'_, Rule>) -> ExprKind {
        let mut inner = parts(pair).filter(|p| p.as_rule() != Rule::equals);
        let carry = self.ident(take(&mut inner));
        let init = self.expr(take(&mut inner));
        let mut over = Vec::new();
        loop {
            let next = take(&mut inner);
            if next.as_rule() == Rule::block {
                return ExprKind::Scan { carry, init, over, body: self.block(next) };
            }
            let var = self.ident(next);
            over.push((var, self.expr(take(&mut inner))));
        }
    }

    /// A tuple, or a parenthesis if there is one unnamed entry without a comma.
    fn tuple(&mut self, pair: Pair<'_, Rule>) -> ExprKind {
        let comma = pair.clone().into_inner().any(|p| p.as_rule() == Rule::comma);
        let args: Vec<Arg> = parts(pair).map(|p| self.argument(p)).collect();
        match args.as_slice() {
            [Arg { name: None, value }] if !comma => ExprKind::Paren(*value),
            _ => ExprKind::Tuple(args),
        }
    }
}
