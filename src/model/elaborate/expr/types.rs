//! Written types: dims to integers, element types with the values that they can take, and types as a user
//! would write them. `formals` holds values against them.

use crate::base::{FileId, Span, codes};
use crate::graph::DType;
use crate::model::elaborate::value::{Env, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Static, Support, Type};
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
    let shape = match (ty.shape.is_empty(), ty.ends) {
        (true, _) => String::new(),
        (false, true) => format!("[<= {}]", dims(&ty.shape)),
        (false, false) => format!("[{}]", dims(&ty.shape)),
    };
    match (ty.dtype, ty.support) {
        (DType::Bool, _) => format!("bool{shape}"),
        (DType::I32, Support::Index(n)) => format!("idx({n}){shape}"),
        (DType::I32, _) => format!("int{shape}"),
        (_, Support::Bit) => format!("bit{shape}"),
        (_, Support::Count) => format!("count{shape}"),
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
    /// `[<= T]`
    pub ends: bool,
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
        let ends = shape.iter().any(|dim| matches!(dim, ast::Dim::Most(_)));
        if ends && !matches!((&ty.scalar, shape), (ast::Scalar::Idx(_), [_])) {
            let text = "`<=` stands before the only dim of indices".into();
            let help = "a sequence that may end before is `idx(V)[<= T]`: its first 0 is its end";
            return self.fail(codes::RL0124, text, ty.span, help);
        }
        Ok(Written { dtype, support, shape, is_int: is("int"), is_bool: is("bool"), ends })
    }

    /// Element type and support of a name.
    fn scalar_type(&mut self, name: &str, span: Span) -> Res<(DType, Support)> {
        match name {
            "f32" => Ok((DType::F32, Support::Real)),
            "bit" => Ok((DType::F32, Support::Bit)),
            "count" => Ok((DType::F32, Support::Count)),
            "bool" => Ok((DType::Bool, Support::Bool)),
            "int" | "i32" => Ok((DType::I32, Support::Integer)),
            "str" => {
                let help = "a text that a model reads is a sequence of indices: `idx(V)[T]`";
                let text = "`str` is the type of a `config` only".into();
                self.fail(codes::RL0124, text, span, help)
            }
            other => {
                let text = format!("element type `{other}` is not supported yet");
                self.fail(codes::RL0124, text, span, "use f32, bit, count, int, bool or idx(n)")
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
            ast::Scalar::Prim(name) => matches!(name.as_str(), "bit" | "bool" | "count"),
        };
        if listed {
            let text = "this type takes no range".into();
            let help = "`idx(n)` has the values 0 to n - 1, `bit` 0 and 1, `count` all whole \
                        numbers from 0 on; reals between two are `f32 in 0..1`";
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
    pub(super) fn generic(
        &mut self,
        dim: ast::ExprId,
        file: FileId,
        env: &Env<'a>,
    ) -> Res<Option<usize>> {
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
            return Ok(Type {
                dtype: DType::Bool,
                shape,
                support: Support::Bool,
                varies,
                ends: false,
            });
        }
        let Written { dtype, support, ends, .. } = written;
        Ok(Type { dtype, shape, support, varies, ends })
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
                ast::Dim::Expr(e) | ast::Dim::Most(e) => {
                    let span = self.names.files[&file].expr(*e).span;
                    let value = self.eval(*e, file, env)?;
                    shape.push(self.size(&value, "a dim", 1, span)?);
                }
            }
        }
        Ok(shape)
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
            Support::Count => (0.0, f64::INFINITY),
            Support::Index(n) => (0.0, n as f64 - 1.0),
            _ => return Ok(()),
        };
        let x = self.number(value, span)?;
        let broken = matches!(support, Support::Bit | Support::Count) && x.fract() != 0.0;
        if (low..=high).contains(&x) && !broken {
            return Ok(());
        }
        let (wanted, help) = if support == Support::Count {
            ("a whole number from 0 on".into(), "give a whole number: `3`".into())
        } else if x > high && high >= ANY {
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
}
