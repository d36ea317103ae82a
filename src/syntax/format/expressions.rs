//! Expressions and types as commands.

use super::Writer;
use super::layout::Cmd;
use crate::syntax::ast::*;

/// Operators of one level are set as one chain.
fn level(op: BinOp) -> u8 {
    match op {
        BinOp::Pipe => 0,
        BinOp::Or => 1,
        BinOp::And => 2,
        BinOp::Eq | BinOp::Ne | BinOp::Le | BinOp::Ge | BinOp::Lt | BinOp::Gt => 3,
        BinOp::Range => 4,
        BinOp::Add | BinOp::Sub => 5,
        BinOp::Mul | BinOp::Div | BinOp::Rem | BinOp::MatMul => 6,
        BinOp::Pow => 7,
    }
}

impl Writer<'_> {
    /// `= value` after a head: on the same line, or on the next one, further in.
    pub(super) fn value(&mut self, sign: &str, id: ExprId) {
        self.space();
        self.token(sign);
        if self.hugs(id) {
            self.space();
            return self.expr(id);
        }
        self.group(|w| {
            w.nest(|w| {
                w.cmd(Cmd::Line);
                w.expr(id);
            });
        });
    }

    /// An expression after a keyword: what is broken off goes further in.
    pub(super) fn operand(&mut self, id: ExprId) {
        if self.hugs(id) {
            return self.expr(id);
        }
        self.nest(|w| w.expr(id));
    }

    /// Whether an expression has brackets of its own to break at, so that its head can stay.
    fn hugs(&self, id: ExprId) -> bool {
        match &self.file.expr(id).kind {
            ExprKind::Call { .. }
            | ExprKind::Expect { .. }
            | ExprKind::LogDensity { .. }
            | ExprKind::Chain { .. }
            | ExprKind::Scan { .. }
            | ExprKind::Tuple(_)
            | ExprKind::Paren(_) => true,
            ExprKind::Unary { arg, .. } => self.hugs(*arg),
            ExprKind::Lambda { body, .. } => self.hugs(*body),
            _ => false,
        }
    }

    /// Any expression.
    pub(super) fn expr(&mut self, id: ExprId) {
        let file = self.file;
        match &file.expr(id).kind {
            ExprKind::Number { text, .. } => self.token(text),
            ExprKind::Str(text) => self.token(&format!("\"{text}\"")),
            ExprKind::Bool(value) => self.token(if *value { "true" } else { "false" }),
            ExprKind::Name(name) => self.token(name),
            ExprKind::Unary { op: UnOp::Neg, arg } => {
                self.token("-");
                self.expr(*arg);
            }
            ExprKind::Unary { op: UnOp::Not, arg } => {
                self.token("not");
                self.space();
                self.expr(*arg);
            }
            ExprKind::Binary { op, .. } => self.binary(id, *op),
            ExprKind::If { cond, then, other } => self.if_expr(*cond, *then, *other),
            ExprKind::Call { callee, args, bar, rest } => {
                self.expr(*callee);
                self.call(args, *bar, rest);
            }
            ExprKind::Index { base, slices } => {
                self.expr(*base);
                self.bracketed(["[", "]"], slices, |w, slice| w.slice(slice));
            }
            ExprKind::Member { base, name } => {
                self.expr(*base);
                self.token(".");
                self.token(&name.name);
            }
            ExprKind::LogDensity { density } => {
                self.token("log");
                self.space();
                self.expr(*density);
            }
            ExprKind::Tuple(args) => self.tuple(args),
            ExprKind::Paren(inner) => {
                self.bracketed(["(", ")"], &[*inner], |w, inner| w.expr(*inner));
            }
            _ => self.binding(id),
        }
    }

    /// Expressions that bind a name.
    fn binding(&mut self, id: ExprId) {
        let file = self.file;
        match &file.expr(id).kind {
            ExprKind::Expect { var, ty, dist, options, body } => {
                self.expect(var, ty.as_ref(), *dist, options);
                self.bracketed(["(", ")"], &[*body], |w, body| w.expr(*body));
            }
            ExprKind::Chain { var, range, body } => {
                self.words(["chain"]);
                self.token("(");
                self.words([&var.name, "in"]);
                self.space();
                self.expr(*range);
                self.token(")");
                self.space();
                self.group(|w| {
                    w.token("{");
                    w.nest(|w| {
                        w.cmd(Cmd::Line);
                        w.expr(*body);
                    });
                    w.cmd(Cmd::Line);
                    w.token("}");
                });
            }
            ExprKind::Scan { carry, init, over, body } => {
                self.token("scan");
                self.token("(");
                self.words([&carry.name, "="]);
                self.space();
                self.expr(*init);
                for (var, over) in over {
                    self.token(",");
                    self.space();
                    self.words([&var.name, "in"]);
                    self.space();
                    self.expr(*over);
                }
                self.token(")");
                self.block(body);
            }
            ExprKind::Lambda { params, body } => {
                self.bracketed(["(", ")"], params, |w, name| w.token(&name.name));
                self.value("=>", *body);
            }
            other => unreachable!("{other:?} binds no name"),
        }
    }

    /// `E[z ~ q(z | x), samples = 5]`
    fn expect(&mut self, var: &Ident, ty: Option<&Type>, dist: ExprId, options: &[Arg]) {
        self.token("E");
        self.group(|w| {
            w.token("[");
            w.nest(|w| {
                w.cmd(Cmd::Soft);
                w.token(&var.name);
                w.typed(ty);
                w.space();
                w.token("~");
                w.space();
                w.expr(dist);
                for option in options {
                    w.token(",");
                    w.cmd(Cmd::Line);
                    w.arg(option);
                }
            });
            w.cmd(Cmd::Soft);
            w.token("]");
        });
    }

    /// Operators of one level in a row. A broken chain breaks before every operator.
    fn binary(&mut self, id: ExprId, op: BinOp) {
        let file = self.file;
        let (mut first, mut links) = (id, Vec::new());
        while let ExprKind::Binary { op: inner, lhs, rhs, .. } = &file.expr(first).kind {
            if level(*inner) != level(op) {
                break;
            }
            links.push((*inner, *rhs));
            first = *lhs;
        }
        if matches!(op, BinOp::Pow | BinOp::Range) {
            self.link(first);
            for (op, rhs) in links.into_iter().rev() {
                self.token(op.sign());
                self.link(rhs);
            }
            return;
        }
        self.group(|w| {
            w.link(first);
            for (op, rhs) in links.into_iter().rev() {
                w.cmd(Cmd::Line);
                w.words([op.sign()]);
                w.space();
                w.link(rhs);
            }
        });
    }

    /// An operand of a chain; a chain in a chain goes further in.
    fn link(&mut self, id: ExprId) {
        if matches!(self.file.expr(id).kind, ExprKind::Binary { .. }) {
            self.nest(|w| w.expr(id));
        } else {
            self.expr(id);
        }
    }

    fn if_expr(&mut self, cond: ExprId, then: ExprId, other: ExprId) {
        self.group(|w| {
            for (word, part) in [("if", cond), ("then", then), ("else", other)] {
                if word != "if" {
                    w.cmd(Cmd::Line);
                }
                w.token(word);
                w.space();
                w.operand(part);
            }
        });
    }

    /// `(a, k = b)`, `(x | z)`, `(q || p)`
    fn call(&mut self, args: &[Arg], bar: Option<Bar>, rest: &[Arg]) {
        if bar.is_none()
            && let [Arg { name: None, value }] = args
            && self.hugs(*value)
        {
            self.token("(");
            self.expr(*value);
            return self.token(")");
        }
        let Some(bar) = bar else {
            return self.bracketed(["(", ")"], args, |w, arg| w.arg(arg));
        };
        self.group(|w| {
            w.token("(");
            w.nest(|w| {
                w.cmd(Cmd::Soft);
                w.list(args, |w, arg| w.arg(arg));
                if !args.is_empty() {
                    w.cmd(Cmd::Line);
                }
                w.token(if bar == Bar::Given { "|" } else { "||" });
                if !rest.is_empty() {
                    w.space();
                }
                w.list(rest, |w, arg| w.arg(arg));
            });
            w.cmd(Cmd::Soft);
            w.token(")");
        });
    }

    fn arg(&mut self, arg: &Arg) {
        if let Some(name) = &arg.name {
            self.token(&name.name);
            self.value("=", arg.value);
        } else {
            self.expr(arg.value);
        }
    }

    fn tuple(&mut self, args: &[Arg]) {
        // One entry without a name needs its comma to be a tuple.
        if let [only @ Arg { name: None, .. }] = args {
            self.token("(");
            self.arg(only);
            self.token(",");
            return self.token(")");
        }
        self.bracketed(["(", ")"], args, |w, arg| w.arg(arg));
    }

    fn slice(&mut self, slice: &Slice) {
        match slice {
            Slice::All => self.token(":"),
            Slice::At(at) => self.expr(*at),
            Slice::Range(from, to) => {
                self.expr(*from);
                self.token(":");
                if let Some(to) = to {
                    self.expr(*to);
                }
            }
        }
    }

    /// `: type`, if there is one.
    pub(super) fn typed(&mut self, ty: Option<&Type>) {
        if let Some(ty) = ty {
            self.token(":");
            self.space();
            self.ty(ty);
        }
    }

    /// `f32[D] in 0..1`
    pub(super) fn ty(&mut self, ty: &Type) {
        match &ty.scalar {
            Scalar::Prim(name) => self.token(name),
            Scalar::Idx(bound) => {
                self.token("idx");
                self.token("(");
                self.expr(*bound);
                self.token(")");
            }
        }
        if let Some(dims) = &ty.shape {
            self.shape(dims);
        }
        if let Some((low, high)) = ty.support {
            self.space();
            self.token("in");
            self.space();
            self.expr(low);
            self.token("..");
            self.expr(high);
        }
    }

    /// `[T, ...s]`
    pub(super) fn shape(&mut self, dims: &[Dim]) {
        self.bracketed(["[", "]"], dims, |w, dim| match dim {
            Dim::Rest(name, _) => {
                w.token("...");
                if let Some(name) = name {
                    w.token(&name.name);
                }
            }
            Dim::Most(dim) => {
                w.token("<=");
                w.space();
                w.expr(*dim);
            }
            Dim::Expr(dim) => w.expr(*dim),
        });
    }
}
