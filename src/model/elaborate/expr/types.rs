//! Written types: dims to integers, names of generic dims bound from the call, supports compared.

use crate::base::{FileId, Span, codes};
use crate::graph::DType;
use crate::model::elaborate::value::{Env, Value, bind};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, Static, Support, Type};
use crate::syntax::ast;

/// A range up to this has no upper end.
const ANY: f64 = 1e30;

/// Dims separated by commas.
pub fn dims(shape: &[usize]) -> String {
    shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
}

/// A number as a user would write it.
pub fn shown(x: f64) -> String {
    if x.abs() < 1e16 { x.to_string() } else { format!("{x:e}") }
}

/// How reals are brought into an interval, for a hint that goes on.
pub fn brought(support: Support) -> String {
    match support {
        Support::Interval(a, b) => {
            format!("bring it there: `clip(x, {}, {})`; or ", shown(a), shown(b))
        }
        _ => String::new(),
    }
}

/// A type as a user would write it.
pub fn show(ty: &Type) -> String {
    let shape = if ty.shape.is_empty() { String::new() } else { format!("[{}]", dims(&ty.shape)) };
    match (ty.dtype, ty.support) {
        (DType::Bool, _) => format!("bool{shape}"),
        (DType::I32, Support::Index(n)) => format!("idx({n}){shape}"),
        (DType::I32, _) => format!("int{shape}"),
        (_, Support::Bit) => format!("bit{shape}"),
        (_, Support::Interval(a, b)) => format!("f32{shape} in {a}..{b}"),
        _ => format!("f32{shape}"),
    }
}

/// A written type with its dims still as patterns.
pub struct Written<'a> {
    pub dtype: DType,
    pub support: Support,
    pub shape: &'a [ast::Dim],
    /// `int` and `bool`: values known while compiling.
    pub is_int: bool,
    pub is_bool: bool,
}

impl<'a> Elab<'a> {
    /// Element type and support of a written type.
    pub fn written(&mut self, ty: &'a ast::Type, file: FileId, env: &Env<'a>) -> Res<Written<'a>> {
        let shape: &[ast::Dim] = ty.shape.as_deref().unwrap_or(&[]);
        let (dtype, mut support) = match &ty.scalar {
            ast::Scalar::Idx(n) => match self.generic(*n, file, env)?.unwrap_or_default() {
                0 => (DType::I32, Support::Integer),
                n => (DType::I32, Support::Index(n)),
            },
            ast::Scalar::Prim(name) => self.scalar_type(name, ty.span)?,
        };
        if let Some(ends) = &ty.support {
            support = self.written_range(ty, *ends, file, env)?;
        }
        let is = |name: &str| matches!(&ty.scalar, ast::Scalar::Prim(own) if own == name);
        Ok(Written { dtype, support, shape, is_int: is("int"), is_bool: is("bool") })
    }

    /// Element type and support of a name.
    fn scalar_type(&mut self, name: &str, span: Span) -> Res<(DType, Support)> {
        match name {
            "f32" => Ok((DType::F32, Support::Real)),
            "bit" => Ok((DType::F32, Support::Bit)),
            "bool" => Ok((DType::Bool, Support::Bool)),
            "int" | "i32" => Ok((DType::I32, Support::Integer)),
            "str" => {
                let help = "a text that a model reads is a sequence of indices: `idx(V)[T]`";
                let text = "`str` is the type of a `config` only".into();
                self.fail(codes::RL0124, text, span, help)
            }
            other => {
                let text = format!("element type `{other}` is not supported yet");
                self.fail(codes::RL0124, text, span, "use f32, bit, int, bool or idx(n)")
            }
        }
    }

    /// `in low..high`
    fn written_range(
        &mut self,
        ty: &'a ast::Type,
        (low, high): (ast::ExprId, ast::ExprId),
        file: FileId,
        env: &Env<'a>,
    ) -> Res<Support> {
        let (a, b) = (self.eval(low, file, env)?, self.eval(high, file, env)?);
        let (a, b) = (self.number(&a, ty.span)?, self.number(&b, ty.span)?);
        if a > b {
            let text = format!("the range {a}..{b} is empty");
            return self.fail(codes::RL0107, text, ty.span, "write `in 0..1`");
        }
        let listed = match &ty.scalar {
            ast::Scalar::Idx(_) => true,
            ast::Scalar::Prim(name) => matches!(name.as_str(), "bit" | "bool"),
        };
        if listed {
            let text = "this type takes no range".into();
            let help = "`idx(n)` has the values 0 to n - 1, `bit` 0 and 1; reals between two \
                        are `f32 in 0..1`";
            return self.fail(codes::RL0124, text, ty.span, help);
        }
        Ok(Support::Interval(a, b))
    }

    /// A number known now.
    pub fn number(&mut self, value: &Value<'a>, span: Span) -> Res<f64> {
        match value {
            Value::Static(Static::Float(x)) => Ok(*x),
            Value::Static(Static::Int(n)) | Value::Dim(_, n) => Ok(*n as f64),
            other => {
                let text =
                    format!("this must be a number known when compiling, not {}", other.kind());
                self.fail(codes::RL0109, text, span, "use a literal or a `config`")
            }
        }
    }

    /// A dim expression; `None` if it is a bare name that nothing declares.
    fn generic(&mut self, dim: ast::ExprId, file: FileId, env: &Env<'a>) -> Res<Option<usize>> {
        let expr = self.names.files[&file].expr(dim);
        if let ast::ExprKind::Name(name) = &expr.kind
            && !self.declared(name, file, env)
        {
            return Ok(None);
        }
        let value = self.eval(dim, file, env)?;
        self.size(&value, "a dim", 1, expr.span).map(Some)
    }

    pub fn declared(&self, name: &str, file: FileId, env: &Env<'a>) -> bool {
        // Data sets, nets and losses are no dims: a generic dim may have their name.
        let dim = |global: &crate::model::elaborate::names::Global<'a>| {
            use ast::ItemKind::{Config, Const, Dim};
            matches!(global.item.kind, Dim(_) | Config { .. } | Const { .. })
        };
        crate::model::elaborate::value::find(env, name).is_some()
            || self.seen(name, file).as_ref().is_some_and(dim)
            || name == "B"
    }

    /// A type all of whose dims are known.
    pub fn closed_type(
        &mut self,
        ty: &'a ast::Type,
        file: FileId,
        env: &Env<'a>,
        varies: bool,
    ) -> Res<Type> {
        let written = self.written(ty, file, env)?;
        // An argument may be held to one value, as `k` of `top_k` is for a vector of one.
        if matches!(written.support, Support::Interval(a, b) if a == b) {
            let text = "a range of one value".to_string();
            return self.fail(codes::RL0107, text, ty.span, "write `in 0..1`");
        }
        if let (ast::Scalar::Idx(n), Support::Integer) = (&ty.scalar, written.support) {
            // No dim, and nothing here gives it a value.
            let span = self.names.files[&file].expr(*n).span;
            let value = self.eval(*n, file, env)?;
            self.size(&value, "a dim", 1, span)?;
        }
        let shape = self.closed_dims(written.shape, file, env)?;
        if written.is_bool && shape.is_empty() {
            return Ok(Type { dtype: DType::Bool, shape, support: Support::Bool, varies });
        }
        Ok(Type { dtype: written.dtype, shape, support: written.support, varies })
    }

    fn closed_dims(
        &mut self,
        dims: &'a [ast::Dim],
        file: FileId,
        env: &Env<'a>,
    ) -> Res<Vec<usize>> {
        let mut shape = Vec::new();
        for dim in dims {
            match dim {
                ast::Dim::Rest(Some(name), span) => {
                    let parts = match self.name(&name.name, file, env, *span)? {
                        Value::Tuple(parts) => parts,
                        other => vec![other],
                    };
                    for part in parts {
                        shape.push(self.size(&part, "a dim", 1, *span)?);
                    }
                }
                ast::Dim::Rest(None, span) => {
                    let text = "`...` has no meaning here".into();
                    return self.fail(codes::RL0124, text, *span, "name the dims: `f32[T, D]`");
                }
                ast::Dim::Expr(e) => {
                    let span = self.names.files[&file].expr(*e).span;
                    let value = self.eval(*e, file, env)?;
                    shape.push(self.size(&value, "a dim", 1, span)?);
                }
            }
        }
        Ok(shape)
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
        let env = self.bind_index(id, ty, env);
        Ok((Value::Tensor(id), env))
    }

    /// What a `let` names, checked against the type that it may state.
    pub fn typed(
        &mut self,
        value: Value<'a>,
        ty: Option<&'a ast::Type>,
        (file, env): (FileId, &Env<'a>),
        (name, span): (&ast::Ident, Span),
    ) -> Res<Value<'a>> {
        let Some(ty) = ty else { return Ok(value) };
        let what = format!("`{}`", name.name);
        self.accept(value, ty, file, env.clone(), (&what, span)).map(|(value, _)| value)
    }

    /// A number known now must lie in the range that its type states.
    pub fn in_range(
        &mut self,
        value: &Value<'a>,
        support: Support,
        (what, span): (&str, Span),
    ) -> Res<()> {
        let (low, high) = match support {
            Support::Interval(low, high) => (low, high),
            Support::Bit => (0.0, 1.0),
            Support::Index(n) => (0.0, n as f64 - 1.0),
            _ => return Ok(()),
        };
        let x = self.number(value, span)?;
        let whole = support == Support::Bit && x.fract() != 0.0;
        if (low..=high).contains(&x) && !whole {
            return Ok(());
        }
        let (wanted, help) = if x > high && high >= ANY {
            let (low, high) = (shown(low), shown(high));
            (format!("from {low} to {high}"), format!("give a number from {low} to {high}"))
        } else if high >= ANY {
            (format!("at least {low}"), format!("give a number of at least {low}"))
        } else {
            (format!("in {low}..{high}"), format!("give a number from {low} to {high}"))
        };
        let text = format!("{what} is {}, and must be {wanted}", shown(x));
        self.fail(codes::RL0107, text, span, &help)
    }

    fn accepts_static(&self, value: &Value<'a>, written: &Written<'_>) -> bool {
        match value {
            Value::Static(Static::Int(_)) | Value::Dim(..) => !written.is_bool,
            Value::Static(Static::Float(_)) => written.dtype == DType::F32,
            Value::Static(Static::Bool(_)) => written.is_bool,
            _ => false,
        }
    }

    fn bind_index(&self, id: ExprId, ty: &'a ast::Type, env: Env<'a>) -> Env<'a> {
        let (ast::Scalar::Idx(n), Support::Index(size)) = (&ty.scalar, self.ty(id).support) else {
            return env;
        };
        let file = ty.span.file;
        match &self.names.files[&file].expr(*n).kind {
            ast::ExprKind::Name(name) if !self.declared(name, file, &env) => {
                bind(&env, name, Value::Static(Static::Int(size as i64)))
            }
            _ => env,
        }
    }

    fn mismatch<T>(
        &mut self,
        id: ExprId,
        wanted: &str,
        (what, span, at): (&str, Span, Span),
    ) -> Res<T> {
        let given = show(self.ty(id));
        let mut diagnostic = self.error(
            codes::RL0103,
            format!("{what} is `{wanted}`, given `{given}`"),
            span,
            &given,
        );
        if !self.names.sources.is_prelude(at.file) {
            diagnostic = diagnostic.also(at, "declared here");
        }
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
        let extra = shape.len() - fixed;
        let mut at = 0;
        for dim in written.shape {
            match dim {
                ast::Dim::Rest(name, _) => {
                    let dims = shape[at..at + extra].iter();
                    let tuple = dims.map(|n| Value::Static(Static::Int(*n as i64))).collect();
                    if let Some(name) = name {
                        env = bind(&env, &name.name, Value::Tuple(tuple));
                    }
                    at += extra;
                }
                ast::Dim::Expr(e) => {
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
        let ast::ExprKind::Name(name) = &self.names.files[&file].expr(dim).kind else {
            unreachable!("generic dims are names")
        };
        Ok(Some(bind(&env, name, Value::Static(Static::Int(given as i64)))))
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
        let strict = matches!(wanted, Support::Bit | Support::Interval(..) | Support::Index(_));
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
        let mut diagnostic = self.error(
            codes::RL0106,
            format!("{what} is `{wanted}`, given `{given}`"),
            span,
            &given,
        );
        if !self.names.sources.is_prelude(at.file) {
            diagnostic = diagnostic.also(at, "declared here");
        }
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
