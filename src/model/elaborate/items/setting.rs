//! Dims and settings. In: a `dim` or a `config`, what an instance of its file changes, and what the run
//! sets. Out: the value that holds.

use crate::base::{FileId, Span, codes};
use crate::model::elaborate::expr::as_static;
use crate::model::elaborate::value::Value;
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{self, Static};
use crate::model::settings;
use crate::syntax::ast;

impl<'a> Elab<'a> {
    /// The dim of this name in a list of them.
    pub(super) fn dim(
        &mut self,
        file: FileId,
        name: &str,
        list: &[(ast::Ident, ast::ExprId)],
        span: Span,
    ) -> Res<Value<'a>> {
        let Some((_, e)) = list.iter().find(|(n, _)| n.name == name) else {
            unreachable!("collected")
        };
        let value = self.top(name, false, |s| s.setting(file, name, "dim", *e, span))?;
        Ok(match value {
            Static::Int(n) => Value::Dim(name.into(), n),
            other => Value::Static(other),
        })
    }

    pub(super) fn config(
        &mut self,
        file: FileId,
        name: &str,
        (ty, value): (&'a ast::Type, ast::ExprId),
        span: Span,
    ) -> Res<Value<'a>> {
        let Some(kind) = config_kind(ty) else {
            let text = "a `config` is f32, int, bool or str".into();
            return self.fail(codes::RL0124, text, ty.span, "write `config beta: f32 = 1.0`");
        };
        let used = self.top(name, false, |s| s.setting(file, name, kind, value, span))?;
        let used = Value::Static(used);
        if ty.support.is_some() {
            let range = self.top(name, false, |s| s.written(ty, file, &None))?.support;
            self.in_range(&used, range, (&format!("`{name}`"), span))?;
        }
        Ok(used)
    }

    /// A `dim` or `config`, its value replaced if the run says so.
    fn setting(
        &mut self,
        file: FileId,
        name: &str,
        ty: &str,
        value: ast::ExprId,
        span: Span,
    ) -> Res<Static> {
        let default = self.declared_setting(file, name, ty, value)?;
        let used = self.setting_instead(file, name, ty)?.unwrap_or_else(|| default.clone());
        if file == self.names.entry {
            self.m.settings.push(ir::Setting {
                name: name.into(),
                ty: ty.into(),
                value: used.clone(),
                default,
                span,
            });
        }
        Ok(used)
    }

    /// The value that stands in the file.
    fn declared_setting(
        &mut self,
        file: FileId,
        name: &str,
        ty: &str,
        value: ast::ExprId,
    ) -> Res<Static> {
        let place = self.names.files[&file].expr(value).span;
        let evaluated = self.eval(value, file, &None)?;
        let Some(value) = as_static(&evaluated) else {
            let kind = evaluated.kind();
            let text = format!("`{name}` must be known when compiling, this is {kind}");
            return self.fail(codes::RL0109, text, place, "give a number");
        };
        let value = match value {
            Static::Int(n) if ty == "f32" => Static::Float(n as f64),
            other => other,
        };
        self.legal(name, ty, &value, place)?;
        Ok(value)
    }

    /// A setting has a value of its type, and a dim is at least 1.
    fn legal(&mut self, name: &str, ty: &str, value: &Static, place: Span) -> Res<()> {
        match value {
            Static::Int(n) if ty == "dim" && *n < 1 => {
                let text = format!("dim `{name}` is {n}, and must be at least 1");
                self.fail(codes::RL0107, text, place, "give a whole number of at least 1")
            }
            value if is_of(value, ty) => Ok(()),
            other => {
                let shown = settings::show(other);
                let text = format!("`{name}` is declared `{ty}`, its value is {shown}");
                self.fail(codes::RL0107, text, place, value_wanted(ty))
            }
        }
    }

    /// The value that an instance or the run gives instead of the declared one.
    fn setting_instead(&mut self, file: FileId, name: &str, ty: &str) -> Res<Option<Static>> {
        if file == self.names.entry
            && let Some((given, origin)) = self.names.settings.values.get(name)
        {
            return match settings::typed(name, ty, given, origin) {
                Ok(value) => Ok(Some(value)),
                Err(diagnostic) => self.stop(diagnostic),
            };
        }
        Ok(self.names.overrides.get(&file).and_then(|dims| dims.get(name)).cloned())
    }
}

/// The word for the type of a `config`, if it is one that a `config` may have.
fn config_kind(ty: &ast::Type) -> Option<&str> {
    match &ty.scalar {
        ast::Scalar::Prim(word) if ty.shape.is_none() => {
            Some(word.as_str()).filter(|word| matches!(*word, "f32" | "int" | "bool" | "str"))
        }
        _ => None,
    }
}

fn is_of(value: &Static, ty: &str) -> bool {
    matches!(
        (ty, value),
        ("dim" | "int", Static::Int(_))
            | ("bool", Static::Bool(_))
            | ("f32", Static::Float(_))
            | ("str", Static::Str(_))
    )
}

/// The hint where a setting has no value of its type.
fn value_wanted(ty: &str) -> &'static str {
    match ty {
        "dim" | "int" => "give a whole number; a quotient must be exact",
        "bool" => "give `true` or `false`",
        "str" => "give a text in double quotes",
        _ => "give a number",
    }
}
