//! The tree as text, for `--emit ast` and for comparing trees. In: a tree. Out: one line per item or
//! statement, expressions in prefix form with every parenthesis of the tree. Leaves out places and
//! comments, so two texts with the same dump mean the same.

use super::ast::*;
use std::fmt::Write;

/// The dump of a file.
pub fn dump(file: &File) -> String {
    let mut dumper = Dumper { file, out: String::new(), level: 0 };
    for item in &file.items {
        dumper.item(item);
    }
    dumper.out
}

struct Dumper<'a> {
    file: &'a File,
    out: String,
    level: usize,
}

impl Dumper<'_> {
    fn line(&mut self, text: &str) {
        self.out.extend(std::iter::repeat_n(' ', self.level * 2));
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn item(&mut self, item: &Item) {
        let line = match &item.kind {
            ItemKind::Use { path, alias, .. } => {
                format!(
                    "use {path:?}{}",
                    alias.as_ref().map_or(String::new(), |a| format!(" as {}", a.name))
                )
            }
            ItemKind::Dim(list) => {
                let dims = list.iter().map(|(n, e)| format!("{} = {}", n.name, self.expr(*e)));
                format!("dim {}", join(dims))
            }
            ItemKind::Const { name, ty, value } => {
                format!("const {}{} = {}", name.name, self.typed(ty.as_ref()), self.expr(*value))
            }
            ItemKind::Config { name, ty, value } => {
                format!("config {}: {} = {}", name.name, self.ty(ty), self.expr(*value))
            }
            ItemKind::Loss { name, body: Body::Expr(value) } => {
                format!("loss {} = {}", name.name, self.expr(*value))
            }
            ItemKind::Loss { name, body: Body::Block(body) } => {
                self.line(&format!("loss {}", name.name));
                return self.block(body);
            }
            ItemKind::Data { name, source, fields } => {
                let from = source.map_or(String::new(), |e| format!(" from {}", self.expr(e)));
                format!("data {}{from} {{{}}}", name.name, self.fields(fields))
            }
            ItemKind::Param(slot) => self.slot("param", slot),
            ItemKind::State(slot) => self.slot("state", slot),
            ItemKind::Callable(callable) => return self.callable(callable),
            ItemKind::Density(density) => return self.density(density),
            ItemKind::Phase(phase) => return self.phase(phase),
            ItemKind::Distribution(d) => return self.distribution(d),
            ItemKind::Divergence { q, q_family, p, p_family, value } => {
                let heads = [q, q_family, p, p_family].map(|i| i.name.as_str());
                let [q, qf, p, pf] = heads;
                format!("divergence KL({q}: {qf}, {p}: {pf}) = {}", self.expr(*value))
            }
        };
        self.line(&line);
    }

    fn callable(&mut self, callable: &Callable) {
        let mut head = match callable.role {
            Some(role) => format!("{role:?} {}", callable.name.name),
            None => format!("{:?} {}", callable.kind, callable.name.name),
        };
        for list in callable.statics.iter().chain([&callable.formals]) {
            let _ = write!(head, "({})", self.formals(list));
        }
        if let Some(result) = &callable.result {
            let _ = write!(head, " -> {}", self.rtype(result));
        }
        match &callable.body {
            Body::Expr(value) => {
                let _ = write!(head, " = {}", self.expr(*value));
                self.line(&head);
            }
            Body::Block(body) => {
                self.line(&head);
                self.block(body);
            }
        }
    }

    fn density(&mut self, density: &Density) {
        let role = density.role.map_or("Model".to_string(), |role| format!("{role:?}"));
        let rvs = |list: &[Rv]| {
            join(list.iter().map(|rv| format!("{}{}", rv.name.name, self.typed(rv.ty.as_ref()))))
        };
        let (over, given) = (rvs(&density.over), rvs(&density.given));
        self.line(&format!("{role} {}({over} | {given})", density.name.name));
        self.block(&density.body);
    }

    fn phase(&mut self, phase: &Phase) {
        let mut head = format!("{:?} {}", phase.kind, phase.name.name);
        if !phase.on.is_empty() {
            let _ = write!(head, " on {}", join(phase.on.iter().map(|path| dotted(path))));
        }
        let clauses = [
            ("batch", phase.batch),
            ("epochs", phase.epochs),
            ("steps", phase.steps),
            ("count", phase.count),
        ];
        for (word, value) in clauses {
            if let Some(value) = value {
                let _ = write!(head, " {word} {}", self.expr(value));
            }
        }
        if let Some(until) = &phase.until {
            let (value, stalls) = (self.expr(until.value), self.expr(until.stalls));
            let _ = write!(head, " until {value} stalls {stalls} on {}", dotted(&until.on));
        }
        self.line(&head);
        self.block(&phase.body);
    }

    fn distribution(&mut self, d: &Distribution) {
        let head = format!(
            "distribution {}({}) on {}{}",
            d.name.name,
            self.formals(&d.formals),
            d.support.name,
            if d.event.is_empty() { String::new() } else { self.shape(&d.event) }
        );
        self.line(&head);
        self.level += 1;
        for (name, value) in &d.rows {
            let row = format!("{} = {}", name.name, self.expr(*value));
            self.line(&row);
        }
        self.level -= 1;
    }

    fn block(&mut self, body: &[Stmt]) {
        self.level += 1;
        for statement in body {
            self.statement(statement);
        }
        self.level -= 1;
    }

    fn statement(&mut self, statement: &Stmt) {
        if let StmtKind::Repeat { count, body } = &statement.kind {
            let head = format!("repeat {}", self.expr(*count));
            self.line(&head);
            return self.block(body);
        }
        let line = self.simple(&statement.kind);
        self.line(&line);
    }

    fn simple(&self, kind: &StmtKind) -> String {
        match kind {
            StmtKind::Let { names, tuple, ty, draws, value } => {
                let names = join(names.iter().map(|n| n.name.clone()));
                let names = if *tuple { format!("({names})") } else { names };
                let sign = if *draws { "~" } else { "=" };
                format!("let {names}{} {sign} {}", self.typed(ty.as_ref()), self.expr(*value))
            }
            StmtKind::Param(slot) => self.slot("param", slot),
            StmtKind::State(slot) => self.slot("state", slot),
            StmtKind::Assign { name, value } => format!("{} <- {}", name.name, self.expr(*value)),
            StmtKind::Return(value) => format!("return {}", self.expr(*value)),
            StmtKind::Factor(value) => format!("factor {}", self.expr(*value)),
            StmtKind::Draw { name, ty, dist } => {
                format!("{}{} ~ {}", name.name, self.typed(ty.as_ref()), self.expr(*dist))
            }
            StmtKind::Define { name, ty, value } => {
                format!("{}{} = {}", name.name, self.typed(ty.as_ref()), self.expr(*value))
            }
            StmtKind::Optimize { maximize, goal, over, with } => {
                let word = if *maximize { "maximize" } else { "minimize" };
                let over = join(over.iter().map(|path| dotted(path)));
                format!("{word} {} over ({over}) with {}", self.expr(*goal), self.expr(*with))
            }
            StmtKind::Repeat { count, body } => {
                let body: Vec<String> = body.iter().map(|s| self.simple(&s.kind)).collect();
                format!("repeat {} {{{}}}", self.expr(*count), body.join("; "))
            }
            StmtKind::Track(list) => format!("track {}", self.named(list)),
            StmtKind::Report(list) => format!("report {}", self.named(list)),
            StmtKind::Emit(list) => format!("emit {}", self.named(list)),
            StmtKind::Prune { part, below } => {
                format!("prune {} below {}", part.name, self.expr(*below))
            }
        }
    }

    fn named(&self, list: &[Named]) -> String {
        join(list.iter().map(|named| match &named.name {
            Some(name) => format!("{} as {}", self.expr(named.value), name.name),
            None => self.expr(named.value),
        }))
    }

    fn slot(&self, word: &str, slot: &Slot) -> String {
        format!("{word} {}: {} = {}", slot.name.name, self.ty(&slot.ty), self.expr(slot.init))
    }

    fn fields(&self, fields: &[Field]) -> String {
        join(fields.iter().map(|f| format!("{}: {}", f.name.name, self.ty(&f.ty))))
    }

    fn formals(&self, formals: &[Formal]) -> String {
        join(formals.iter().map(|formal| {
            let ty = formal.ty.as_ref().map_or(String::new(), |t| format!(": {}", self.rtype(t)));
            let default = formal.default.map_or(String::new(), |e| format!(" = {}", self.expr(e)));
            format!("{}{ty}{default}", formal.name.name)
        }))
    }

    fn rtype(&self, rtype: &RType) -> String {
        match rtype {
            RType::Plain(ty) => self.ty(ty),
            RType::Record(fields, _) => format!("({})", self.fields(fields)),
        }
    }

    fn typed(&self, ty: Option<&Type>) -> String {
        ty.map_or(String::new(), |ty| format!(": {}", self.ty(ty)))
    }

    fn ty(&self, ty: &Type) -> String {
        let mut out = match &ty.scalar {
            Scalar::Prim(name) => name.clone(),
            Scalar::Idx(bound) => format!("idx({})", self.expr(*bound)),
        };
        if let Some(dims) = &ty.shape {
            out += &self.shape(dims);
        }
        if let Some((low, high)) = ty.support {
            let _ = write!(out, " in {}..{}", self.expr(low), self.expr(high));
        }
        out
    }

    fn shape(&self, dims: &[Dim]) -> String {
        let dims = dims.iter().map(|dim| match dim {
            Dim::Rest(name, _) => {
                format!("...{}", name.as_ref().map_or("", |n| n.name.as_str()))
            }
            Dim::Most(dim) => format!("<= {}", self.expr(*dim)),
            Dim::Expr(dim) => self.expr(*dim),
        });
        format!("[{}]", join(dims))
    }

    fn args(&self, args: &[Arg]) -> String {
        let args = args.iter().map(|arg| match &arg.name {
            Some(name) => format!(" {}={}", name.name, self.expr(arg.value)),
            None => format!(" {}", self.expr(arg.value)),
        });
        args.collect()
    }

    /// Prefix form; recursion is bounded by the height of the tree.
    fn expr(&self, id: ExprId) -> String {
        match &self.file.expr(id).kind {
            ExprKind::Number { text, .. } => text.clone(),
            ExprKind::Str(text) => format!("{text:?}"),
            ExprKind::Bool(value) => value.to_string(),
            ExprKind::Name(name) => name.clone(),
            ExprKind::Unary { op: UnOp::Neg, arg } => format!("(neg {})", self.expr(*arg)),
            ExprKind::Unary { op: UnOp::Not, arg } => format!("(not {})", self.expr(*arg)),
            ExprKind::Binary { op, lhs, rhs, .. } => {
                format!("({} {} {})", op.sign(), self.expr(*lhs), self.expr(*rhs))
            }
            ExprKind::If { cond, then, other } => {
                let [cond, then, other] = [cond, then, other].map(|e| self.expr(*e));
                format!("(if {cond} {then} {other})")
            }
            ExprKind::Call { callee, args, bar, rest } => {
                let bar = match bar {
                    None => "",
                    Some(Bar::Given) => " |",
                    Some(Bar::Versus) => " ||",
                };
                let (args, rest) = (self.args(args), self.args(rest));
                format!("(call {}{args}{bar}{rest})", self.expr(*callee))
            }
            ExprKind::Index { base, slices } => {
                let slices: String =
                    slices.iter().map(|slice| format!(" {}", self.slice(slice))).collect();
                format!("(index {}{slices})", self.expr(*base))
            }
            ExprKind::Member { base, name } => format!("(. {} {})", self.expr(*base), name.name),
            ExprKind::LogDensity { density } => format!("(log {})", self.expr(*density)),
            ExprKind::Tuple(args) => format!("(tuple{})", self.args(args)),
            ExprKind::Paren(inner) => format!("(paren {})", self.expr(*inner)),
            _ => self.binding(id),
        }
    }

    fn binding(&self, id: ExprId) -> String {
        match &self.file.expr(id).kind {
            ExprKind::Expect { var, ty, dist, options, body } => format!(
                "(E {}{} ~ {}{} {})",
                var.name,
                self.typed(ty.as_ref()),
                self.expr(*dist),
                self.args(options),
                self.expr(*body)
            ),
            ExprKind::Chain { var, range, body } => {
                format!("(chain {} in {} {})", var.name, self.expr(*range), self.expr(*body))
            }
            ExprKind::Scan { carry, init, over, body } => {
                let body: Vec<String> = body.iter().map(|s| self.simple(&s.kind)).collect();
                let one = |(name, value): &(Ident, ExprId)| {
                    format!("{} in {}", name.name, self.expr(*value))
                };
                let (init, over) = (self.expr(*init), join(over.iter().map(one)));
                format!("(scan {} = {init}, {over} {{{}}})", carry.name, body.join("; "))
            }
            ExprKind::Lambda { params, body } => {
                let params = join(params.iter().map(|p| p.name.clone()));
                format!("(lambda ({params}) {})", self.expr(*body))
            }
            other => unreachable!("{other:?} binds no name"),
        }
    }

    fn slice(&self, slice: &Slice) -> String {
        match slice {
            Slice::All => ":".to_string(),
            Slice::At(at) => self.expr(*at),
            Slice::Range(from, to) => {
                format!("{}:{}", self.expr(*from), to.map_or(String::new(), |e| self.expr(e)))
            }
        }
    }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn dotted(path: &[Ident]) -> String {
    path.iter().map(|name| name.name.as_str()).collect::<Vec<_>>().join(".")
}
