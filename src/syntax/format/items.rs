//! Items as commands.

use super::Writer;
use super::layout::Cmd;
use crate::syntax::ast::*;

impl Writer<'_> {
    /// Any item.
    pub(super) fn item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Use { path, alias, .. } => {
                self.words(["use", &format!("\"{path}\"")]);
                if let Some(alias) = alias {
                    self.space();
                    self.words(["as", &alias.name]);
                }
            }
            ItemKind::Dim(list) => self.dims(list),
            ItemKind::Const { name, ty, value } => {
                self.head_value("const", name, ty.as_ref(), *value);
            }
            ItemKind::Config { name, ty, value } => {
                self.head_value("config", name, Some(ty), *value);
            }
            ItemKind::Loss { name, body } => {
                self.words(["loss", &name.name]);
                match body {
                    Body::Expr(value) => self.value("=", *value),
                    Body::Block(body) => self.block(body),
                }
            }
            ItemKind::Data { name, source, fields } => self.data(name, *source, fields),
            ItemKind::Param(slot) => self.slot("param", slot),
            ItemKind::State(slot) => self.slot("state", slot),
            ItemKind::Callable(callable) => self.callable(callable),
            ItemKind::Density(density) => self.density(density),
            ItemKind::Phase(phase) => self.phase(phase),
            ItemKind::Distribution(distribution) => self.distribution(distribution),
            ItemKind::Divergence { q, q_family, p, p_family, value } => {
                self.words(["divergence", "KL"]);
                self.token("(");
                self.words_of_type(q, q_family);
                self.token(",");
                self.space();
                self.words_of_type(p, p_family);
                self.token(")");
                self.value("=", *value);
            }
        }
    }

    fn words_of_type(&mut self, name: &Ident, family: &Ident) {
        self.token(&name.name);
        self.token(":");
        self.space();
        self.token(&family.name);
    }

    fn head_value(&mut self, word: &str, name: &Ident, ty: Option<&Type>, value: ExprId) {
        self.words([word, &name.name]);
        self.typed(ty);
        self.value("=", value);
    }

    fn dims(&mut self, list: &[(Ident, ExprId)]) {
        self.token("dim");
        self.space();
        self.group(|w| {
            w.nest(|w| {
                w.list(list, |w, (name, value)| {
                    w.token(&name.name);
                    w.value("=", *value);
                });
            });
        });
    }

    fn data(&mut self, name: &Ident, source: Option<ExprId>, fields: &[Field]) {
        self.words(["data", &name.name]);
        if let Some(source) = source {
            self.space();
            self.words(["from"]);
            self.space();
            self.operand(source);
        }
        self.space();
        self.braced(fields, |w, field| w.field(field));
    }

    /// `{ a, b }`, or one entry on each line.
    fn braced<T>(&mut self, entries: &[T], write: impl FnMut(&mut Self, &T)) {
        self.group(|w| {
            w.token("{");
            w.nest(|w| {
                w.cmd(Cmd::Line);
                w.list(entries, write);
            });
            w.cmd(Cmd::Line);
            w.token("}");
        });
    }

    fn field(&mut self, field: &Field) {
        self.token(&field.name.name);
        self.typed(Some(&field.ty));
    }

    fn callable(&mut self, callable: &Callable) {
        let word = match (callable.role, callable.kind) {
            (Some(role), _) => role_word(role),
            (None, CallableKind::Net) => "net",
            (None, CallableKind::Module) => "module",
            (None, CallableKind::Fn) => "fn",
            (None, CallableKind::Bijection) => "bijection",
            (None, CallableKind::Optimizer) => "optimizer",
        };
        self.words([word, &callable.name.name]);
        for list in callable.statics.iter().chain([&callable.formals]) {
            self.bracketed(["(", ")"], list, |w, formal| w.formal(formal));
        }
        if let Some(result) = &callable.result {
            self.space();
            self.token("->");
            self.space();
            self.rtype(result);
        }
        match &callable.body {
            Body::Expr(value) => self.value("=", *value),
            Body::Block(body) => self.block(body),
        }
    }

    fn formal(&mut self, formal: &Formal) {
        self.token(&formal.name.name);
        if let Some(ty) = &formal.ty {
            self.token(":");
            self.space();
            self.rtype(ty);
        }
        if let Some(default) = formal.default {
            self.value("=", default);
        }
    }

    fn rtype(&mut self, rtype: &RType) {
        match rtype {
            RType::Plain(ty) => self.ty(ty),
            RType::Record(fields, _) => {
                self.bracketed(["(", ")"], fields, |w, field| w.field(field));
            }
        }
    }

    fn density(&mut self, density: &Density) {
        let word = density.role.map_or("model", role_word);
        self.words([word, &density.name.name]);
        self.group(|w| {
            w.token("(");
            w.nest(|w| {
                w.cmd(Cmd::Soft);
                w.list(&density.over, |w, rv| w.rv(rv));
                if !density.given.is_empty() {
                    w.cmd(Cmd::Line);
                    w.token("|");
                    w.space();
                    w.list(&density.given, |w, rv| w.rv(rv));
                }
            });
            w.cmd(Cmd::Soft);
            w.token(")");
        });
        self.block(&density.body);
    }

    fn rv(&mut self, rv: &Rv) {
        self.token(&rv.name.name);
        self.typed(rv.ty.as_ref());
    }

    fn phase(&mut self, phase: &Phase) {
        let word = match phase.kind {
            PhaseKind::Train => "train",
            PhaseKind::Eval => "eval",
            PhaseKind::Sample => "sample",
        };
        self.group(|w| {
            w.words([word, &phase.name.name]);
            w.nest(|w| w.clauses(phase));
        });
        self.block(&phase.body);
    }

    /// The clauses in the order in which they were written.
    fn clauses(&mut self, phase: &Phase) {
        let values = [
            ("batch", phase.batch),
            ("epochs", phase.epochs),
            ("steps", phase.steps),
            ("count", phase.count),
        ];
        let on = phase.on.iter().flatten().next().map(|name| name.span.start);
        let mut clauses: Vec<(u32, &str, Option<ExprId>)> =
            values
                .into_iter()
                .filter_map(|(word, id)| id.map(|e| (self.file.expr(e).span.start, word, id)))
                .chain(on.map(|start| (start, "on", None)))
                .chain(phase.until.iter().map(|until| {
                    (self.file.expr(until.value).span.start, "until", Some(until.value))
                }))
                .collect();
        clauses.sort_by_key(|(start, ..)| *start);
        for (_, word, value) in clauses {
            self.cmd(Cmd::Line);
            self.token(word);
            self.space();
            match value {
                Some(value) => self.operand(value),
                None => self.paths(&phase.on),
            }
            if let (Some(until), "until") = (&phase.until, word) {
                self.space();
                self.token("stalls");
                self.space();
                self.operand(until.stalls);
                self.space();
                self.token("on");
                self.space();
                self.path(&until.on);
            }
        }
    }

    /// One row on each line; the commas between rows are dropped.
    fn distribution(&mut self, distribution: &Distribution) {
        self.words(["distribution", &distribution.name.name]);
        self.bracketed(["(", ")"], &distribution.formals, |w, formal| w.formal(formal));
        self.space();
        self.words(["on", &distribution.support.name]);
        if !distribution.event.is_empty() {
            self.shape(&distribution.event);
        }
        self.space();
        self.token("{");
        self.nest(|w| {
            for (name, value) in &distribution.rows {
                w.cmd(Cmd::Hard);
                w.token(&name.name);
                w.value("=", *value);
            }
        });
        self.cmd(Cmd::Hard);
        self.token("}");
    }
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Encoder => "encoder",
        Role::Bottleneck => "bottleneck",
        Role::Prior => "prior",
        Role::Decoder => "decoder",
    }
}
