//! Values held against written types. In: the arguments of a call and what a head declares, or a result and
//! its type. Out: the names of the body, with dims that the call gives, or why a value does not fit.

use super::types::{Written, brought, show};
use crate::base::{Code, Diagnostic, FileId, Span, codes, nearest};
use crate::graph::DType;
use crate::model::elaborate::value::{Args, Env, Value, bind};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, Static, Support};
use crate::syntax::ast;

/// Members of a record, or parts of a tuple without names.
type Members<'a> = Vec<(Option<String>, Value<'a>)>;

impl<'a> Elab<'a> {
    /// Binds arguments to formals, in order and by keyword; defaults fill the rest.
    pub fn bind_formals(
        &mut self,
        name: &str,
        formals: &'a [ast::Formal],
        mut args: Args<'a>,
        file: FileId,
        mut env: Env<'a>,
        span: Span,
    ) -> Res<Env<'a>> {
        self.none_twice(name, formals, &args)?;
        let mut positional = std::mem::take(&mut args.positional).into_iter();
        for formal in formals {
            let given = args.take(&formal.name.name).or_else(|| positional.next());
            let (value, place) = match (given, formal.default) {
                (Some((value, place)), _) => {
                    self.formal_at(place, &formal.name);
                    (value, place)
                }
                (None, Some(default)) => {
                    (self.seeing(false, |e| e.eval(default, file, &env))?, span)
                }
                (None, None) => return self.missing(name, formals, formal, file, span),
            };
            let (value, next) = self.accept_argument(name, value, formal, (file, env), place)?;
            env = bind(&next, &formal.name, value);
        }
        self.none_left(name, formals, positional.next().map(|(_, place)| place), &args)?;
        Ok(env)
    }

    /// Refuses an argument by its name where one in order stands for the same formal.
    pub fn none_twice(&mut self, name: &str, formals: &[ast::Formal], args: &Args<'a>) -> Res<()> {
        let in_order = formals.iter().take(args.positional.len());
        for formal in in_order.map(|formal| &formal.name.name) {
            if let Some((_, _, place)) = args.named.iter().find(|(named, _, _)| named == formal) {
                let text = format!("`{formal}` of `{name}` is given in order and by its name");
                let help = format!("{name}({})", signature(formals));
                return self.fail(codes::RL0104, text, *place, &help);
            }
        }
        Ok(())
    }

    fn missing<T>(
        &mut self,
        name: &str,
        formals: &[ast::Formal],
        formal: &ast::Formal,
        file: FileId,
        span: Span,
    ) -> Res<T> {
        let text = format!("`{name}` needs an argument `{}`", formal.name.name);
        let mut diagnostic = self.error(codes::RL0104, text, span, "");
        if !self.names.sources.is_prelude(file) {
            diagnostic = diagnostic.also(formal.name.span, "declared here");
        }
        self.stop(diagnostic.help(format!("{name}({})", signature(formals))))
    }

    /// An argument held against the type of its formal, and the names with dims that it gives.
    fn accept_argument(
        &mut self,
        name: &str,
        value: Value<'a>,
        formal: &'a ast::Formal,
        (file, env): (FileId, Env<'a>),
        place: Span,
    ) -> Res<(Value<'a>, Env<'a>)> {
        match &formal.ty {
            None => Ok((value, env)),
            Some(ast::RType::Plain(ty)) => {
                let what = format!("argument `{}` of `{name}`", formal.name.name);
                self.accept(value, ty, file, env, (&what, place))
            }
            Some(ast::RType::Record(fields, _)) => {
                self.accept_record(value, fields, file, env, place)
            }
        }
    }

    /// Refuses arguments that no formal took: the first of those in order, or a keyword.
    fn none_left(
        &mut self,
        name: &str,
        formals: &[ast::Formal],
        positional: Option<Span>,
        args: &Args<'a>,
    ) -> Res<()> {
        let usage = || format!("{name}({})", signature(formals));
        if let Some(place) = positional {
            let many = if formals.len() == 1 { "" } else { "s" };
            let text = format!("`{name}` takes {} argument{many}", formals.len());
            return self.fail(codes::RL0104, text, place, &usage());
        }
        let Some((extra, _, place)) = args.named.first() else { return Ok(()) };
        let known: Vec<&str> = formals.iter().map(|f| f.name.name.as_str()).collect();
        let text = format!("`{name}` has no argument `{extra}`");
        match nearest(extra, &known) {
            Some(near) => self.other_keyword(text, *place, extra, near),
            None => self.fail(codes::RL0104, text, *place, &usage()),
        }
    }

    fn accept_record(
        &mut self,
        value: Value<'a>,
        fields: &'a [ast::Field],
        file: FileId,
        mut env: Env<'a>,
        span: Span,
    ) -> Res<(Value<'a>, Env<'a>)> {
        let parts = self.parts_for(value, fields, span)?;
        let mut record = Vec::new();
        for (i, field) in fields.iter().enumerate() {
            let part = parts.iter().find(|(n, _)| n.as_deref() == Some(&field.name.name));
            let part = part.or_else(|| parts.get(i).filter(|(n, _)| n.is_none()));
            let Some((_, part)) = part else {
                let text = format!("the record has no member `{}`", field.name.name);
                let help = "name every member of the declared type";
                return self.fail(codes::RL0106, text, span, help);
            };
            let what = format!("member `{}`", field.name.name);
            let (value, next) = self.accept(part.clone(), &field.ty, file, env, (&what, span))?;
            env = next;
            record.push((field.name.name.clone(), value));
        }
        Ok((Value::Record(record), env))
    }

    /// The members of a value that a record type is declared for, at most as many as it has.
    fn parts_for(
        &mut self,
        value: Value<'a>,
        fields: &[ast::Field],
        span: Span,
    ) -> Res<Members<'a>> {
        let names: Vec<&str> = fields.iter().map(|f| f.name.name.as_str()).collect();
        let parts: Members<'a> = match value {
            Value::Record(parts) => parts.into_iter().map(|(n, v)| (Some(n), v)).collect(),
            Value::Tuple(parts) => parts.into_iter().map(|v| (None, v)).collect(),
            other => {
                let text =
                    format!("a record ({}) is needed, this is {}", names.join(", "), other.kind());
                return self.fail(codes::RL0106, text, span, "write `(name = value, ...)`");
            }
        };
        if parts.len() <= fields.len() {
            return Ok(parts);
        }
        let given = parts.iter().filter_map(|(n, _)| n.as_deref());
        if let Some(odd) = given.into_iter().find(|n| !names.contains(n)) {
            let text = format!("the record has a member `{odd}` that the type does not have");
            let help = format!("drop it, or declare it; the type has {}", names.join(", "));
            return self.fail(codes::RL0106, text, span, &help);
        }
        let text = format!("{} values are given for a record of {}", parts.len(), fields.len());
        self.fail(codes::RL0106, text, span, "give one value for each member")
    }

    /// The value of a body, held against the declared type of the result.
    pub fn check_result(
        &mut self,
        item: &'a ast::Callable,
        value: Value<'a>,
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let end = match &item.body {
            ast::Body::Expr(e) => self.names.files[&file].expr(*e).span,
            ast::Body::Block(stmts) => stmts.last().map_or(item.name.span, |s| s.span),
        };
        let place = if self.names.sources.is_prelude(file) { span } else { end };
        match &item.result {
            None => Ok(value),
            Some(ast::RType::Record(fields, _)) => {
                self.accept_record(value, fields, file, env.clone(), place).map(|(v, _)| v)
            }
            Some(ast::RType::Plain(ty)) => {
                let what = format!("the result of `{}`", item.name.name);
                self.accept(value, ty, file, env.clone(), (&what, place)).map(|(v, _)| v)
            }
        }
    }

    /// Checks a value against a written type and binds generic dims. Returns the value (with a
    /// scalar turned into a tensor where the type has dims) and the environment with the dims.
    pub fn accept(
        &mut self,
        value: Value<'a>,
        ty: &'a ast::Type,
        file: FileId,
        env: Env<'a>,
        (what, span): (&str, Span),
    ) -> Res<(Value<'a>, Env<'a>)> {
        let written = self.written(ty, file, &env)?;
        if written.shape.is_empty() && self.accepts_static(&value, &written) {
            self.in_range(&value, written.support, (what, span))?;
            return Ok((value, env));
        }
        // Ranges of the library limit what is known now; a schedule or a net may give any number.
        let free = written.shape.is_empty() && matches!(written.support, Support::Interval(..));
        if free && self.names.sources.is_prelude(file) && matches!(value, Value::Tensor(_)) {
            return Ok((value, env));
        }
        if written.is_int && matches!(value, Value::Tensor(id) if self.ty(id).dtype != DType::I32) {
            let text = format!("{what} is an integer known when compiling");
            let help = "use a `dim`, a `config` of type int, or a literal";
            return self.fail(codes::RL0109, text, span, help);
        }
        let id = self.tensor(&value, span)?;
        let env = self.match_shape(id, &written, file, env, (what, span, ty.span))?;
        self.check_support(id, &written, (what, span, ty.span))?;
        // An index from a generic `idx(n)` binds n.
        let env = self.bind_index(id, ty, env, (what, span, ty.span))?;
        Ok((Value::Tensor(id), env))
    }

    fn accepts_static(&self, value: &Value<'a>, written: &Written<'_>) -> bool {
        match value {
            Value::Static(Static::Int(_)) | Value::Dim(..) => !written.is_bool,
            Value::Static(Static::Float(_)) => written.dtype == DType::F32,
            Value::Static(Static::Bool(_)) => written.is_bool,
            _ => false,
        }
    }

    /// The name in a generic `idx(n)` stands for how many indices the value may have.
    fn bind_index(
        &mut self,
        id: ExprId,
        ty: &'a ast::Type,
        env: Env<'a>,
        (what, span, at): (&str, Span, Span),
    ) -> Res<Env<'a>> {
        let ast::Scalar::Idx(n) = &ty.scalar else { return Ok(env) };
        let file = ty.span.file;
        let expr = self.names.files[&file].expr(*n);
        let ast::ExprKind::Name(name) = &expr.kind else { return Ok(env) };
        if self.declared(name, file, &env) {
            return Ok(env);
        }
        let size = match self.ty(id).support {
            Support::Index(size) => Some(size),
            _ => Some(self.range(id))
                .filter(|(low, high)| *low >= 0.0 && high.is_finite())
                .map(|(_, high)| high as usize + 1),
        };
        let Some(size) = size else {
            let text = self.names.sources.text(at).to_string();
            return self.mismatch_support(id, (&text, Support::Integer), (what, span, at));
        };
        Ok(bind(&env, (name.as_str(), expr.span), Value::Static(Static::Int(size as i64))))
    }

    /// A value that is not of a declared type; `at` is where that stands.
    fn unlike(
        &self,
        code: Code,
        id: ExprId,
        wanted: &str,
        (what, span, at): (&str, Span, Span),
    ) -> Diagnostic {
        let given = show(self.ty(id));
        let text = format!("{what} is `{wanted}`, given `{given}`");
        let diagnostic = self.error(code, text, span, &given);
        match self.names.sources.is_prelude(at.file) {
            true => diagnostic,
            false => diagnostic.also(at, "declared here"),
        }
    }

    fn mismatch<T>(
        &mut self,
        id: ExprId,
        wanted: &str,
        (what, span, at): (&str, Span, Span),
    ) -> Res<T> {
        let mut diagnostic = self.unlike(codes::RL0103, id, wanted, (what, span, at));
        let origin = self.m.expr(id).span;
        if !self.names.sources.is_prelude(origin.file) && origin != self.place(span) && origin != at
        {
            diagnostic = diagnostic.also(origin, "the value comes from here");
        }
        let diagnostic = self.shape_hint(diagnostic, id);
        self.stop(diagnostic)
    }

    fn shape_hint(
        &self,
        diagnostic: crate::base::Diagnostic,
        id: ExprId,
    ) -> crate::base::Diagnostic {
        if self.ty(id).shape.is_empty() {
            diagnostic.help("repeat a scalar over dims with `expand(value, over = D)`")
        } else {
            diagnostic
                .help("make the dims agree: change a `dim`, the width of a layer, or `reshape`")
        }
    }

    fn match_shape(
        &mut self,
        id: ExprId,
        written: &Written<'a>,
        file: FileId,
        mut env: Env<'a>,
        place: (&str, Span, Span),
    ) -> Res<Env<'a>> {
        let shape = self.ty(id).shape.clone();
        let text = self.names.sources.text(place.2).to_string();
        let rest = written.shape.iter().position(|d| matches!(d, ast::Dim::Rest(..)));
        let fixed = written.shape.len() - rest.is_some() as usize;
        if shape.len() < fixed || (rest.is_none() && shape.len() != fixed) {
            return self.mismatch(id, &text, place);
        }
        if written.ends && !self.ends(id) {
            let error = self.unlike(codes::RL0103, id, &text, place);
            return self.stop(error.help("`ended(x)` is the sequence up to its first 0"));
        }
        let extra = shape.len() - fixed;
        let mut at = 0;
        for dim in written.shape {
            match dim {
                ast::Dim::Rest(name, _) => {
                    let dims = shape[at..at + extra].iter();
                    let tuple = dims.map(|n| Value::Static(Static::Int(*n as i64))).collect();
                    if let Some(name) = name {
                        env = bind(&env, name, Value::Tuple(tuple));
                    }
                    at += extra;
                }
                ast::Dim::Expr(e) | ast::Dim::Most(e) => {
                    match self.dim_matched(*e, shape[at], file, env)? {
                        Some(next) => env = next,
                        None => return self.mismatch(id, &text, place),
                    }
                    at += 1;
                }
            }
        }
        Ok(env)
    }

    /// The names after a dim that a value has: a name that nothing declares stands for it from here on.
    /// `None` where another size is written.
    fn dim_matched(
        &mut self,
        dim: ast::ExprId,
        given: usize,
        file: FileId,
        env: Env<'a>,
    ) -> Res<Option<Env<'a>>> {
        if let Some(n) = self.generic(dim, file, &env)? {
            return Ok((n == given).then_some(env));
        }
        let ast::Expr { kind: ast::ExprKind::Name(name), span } = self.names.files[&file].expr(dim)
        else {
            unreachable!("generic dims are names")
        };
        Ok(Some(bind(&env, (name.as_str(), *span), Value::Static(Static::Int(given as i64)))))
    }

    fn check_support(
        &mut self,
        id: ExprId,
        written: &Written<'_>,
        place: (&str, Span, Span),
    ) -> Res<()> {
        let ty = self.ty(id).clone();
        let text = self.names.sources.text(place.2).to_string();
        if ty.dtype != written.dtype {
            return self.mismatch_support(id, (&text, written.support), place);
        }
        let wanted = written.support;
        let strict = matches!(
            wanted,
            Support::Bit | Support::Count | Support::Interval(..) | Support::Index(_)
        );
        if strict && !self.lies_in(id, wanted) {
            return self.mismatch_support(id, (&text, wanted), place);
        }
        Ok(())
    }

    fn mismatch_support<T>(
        &mut self,
        id: ExprId,
        (wanted, support): (&str, Support),
        (what, span, at): (&str, Span, Span),
    ) -> Res<T> {
        let given = show(self.ty(id));
        let diagnostic = self.unlike(codes::RL0106, id, wanted, (what, span, at));
        let help = convert(self.ty(id).dtype, &given, (wanted, support));
        self.stop(diagnostic.help(help))
    }
}

/// How a value becomes one of a wanted type.
fn convert(dtype: DType, given: &str, (wanted, support): (&str, Support)) -> String {
    match dtype {
        DType::Bool => "turn truth values into numbers with `float(...)`".to_string(),
        DType::I32 if wanted.starts_with("idx") => {
            "bring it into range: `clip(i, 0, n - 1)` or `i % n`; data are declared `idx(n)`".into()
        }
        DType::I32 => "turn indices into vectors with `one_hot(...)` or an `Embedding`".into(),
        DType::F32 => {
            format!("{}declare both with the same type, for instance `{given}`", brought(support))
        }
    }
}

fn signature(formals: &[ast::Formal]) -> String {
    formals.iter().map(|f| f.name.name.clone()).collect::<Vec<_>>().join(", ")
}
