//! Data sets. In: their declarations in the entry file. Out: their fields and sources in the model.

use crate::base::{FileId, Span, codes};
use crate::graph::DType;
use crate::model::elaborate::expr::as_static;
use crate::model::elaborate::value::Value;
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{self, Static, Support};
use crate::syntax::ast::{self, ItemKind};

impl<'a> Elab<'a> {
    /// Data sets and their fields.
    pub fn declare_data(&mut self) {
        let files = self.names.files;
        for item in &files[&self.names.entry].items {
            if let ItemKind::Data { name, source, fields } = &item.kind {
                let _ = self.one_data(name, *source, fields);
            }
        }
    }

    fn one_data(
        &mut self,
        name: &ast::Ident,
        source: Option<ast::ExprId>,
        fields: &'a [ast::Field],
    ) -> Res<()> {
        let source = match source {
            Some(e) => Some(self.source(e, self.names.entry)?),
            None => None,
        };
        let mut ids = Vec::new();
        for field in fields {
            ids.push(self.data_field(name, field)?);
        }
        self.m.data.push(ir::Data {
            name: name.name.clone(),
            source,
            fields: ids,
            span: name.span,
        });
        Ok(())
    }

    fn data_field(&mut self, data: &ast::Ident, field: &'a ast::Field) -> Res<ir::FieldId> {
        let ty = self.closed_type(&field.ty, self.names.entry, &None, true)?;
        self.sized(&ty.shape, field.ty.span)?;
        self.m.ends |= ty.ends;
        if ty.dtype == DType::I32 && matches!(ty.support, Support::Interval(..)) {
            let text = format!("a field of whole numbers, `{}`, takes no range", field.name.name);
            let help = "whole numbers from 0 to n - 1 are `idx(n)`";
            return self.fail(codes::RL0124, text, field.ty.span, help);
        }
        self.no_declaration(&field.name)?;
        let id = ir::FieldId(self.m.fields.len() as u32);
        let span = field.name.span.to(field.ty.span);
        self.m.fields.push(ir::Field {
            data: data.name.clone(),
            name: field.name.name.clone(),
            ty,
            span,
        });
        Ok(id)
    }

    /// A field has no name of a declaration: that would stand for it everywhere.
    fn no_declaration(&mut self, field: &ast::Ident) -> Res<()> {
        let Some((_, other)) = self.item_called(&field.name, field.span)? else { return Ok(()) };
        if matches!(other.item.kind, ItemKind::Phase(_) | ItemKind::Data { .. }) {
            return Ok(());
        }
        let text = format!("`{}` is a field and a declaration", field.name);
        let error = self.error(codes::RL0102, text, field.span, "the field");
        let error = error.also(self.place(other.span), "this one would stand for both");
        self.stop(error.help("give one of them another name"))
    }

    /// A call by name with static arguments.
    fn source(&mut self, id: ast::ExprId, file: FileId) -> Res<ir::Source> {
        let expr = self.names.files[&file].expr(id);
        let (called, args): (&ast::Expr, &'a [ast::Arg]) = match &expr.kind {
            ast::ExprKind::Call { callee, args, bar: None, .. } => {
                (self.names.files[&file].expr(*callee), args)
            }
            _ => (expr, &[]),
        };
        let ast::ExprKind::Name(name) = &called.kind else { return self.bad_source(expr.span) };
        // A data set may be called like its source.
        self.m.index.iter_mut().for_each(|index| index.source(called.span));
        let (mut list, mut places) = (Vec::new(), Vec::new());
        for arg in args {
            let value = self.source_arg(arg.value, file)?;
            list.push((arg.name.as_ref().map(|n| n.name.clone()), value));
            let at = self.names.files[&file].expr(arg.value).span;
            if arg.name.as_ref().is_some_and(|name| name.name == "vocabulary") {
                self.vocabulary_at(at);
            }
            places.push(Some(arg.name.as_ref().map_or(at, |name| name.span.to(at))));
        }
        Ok(ir::Source { name: name.clone(), args: list, place: Some(called.span), places })
    }

    /// A text in quotes names a field, `"near.center"`.
    fn vocabulary_at(&mut self, quoted: Span) {
        let files = self.names.files;
        let text = self.names.sources.text(quoted).trim_matches('"');
        let Some((data, field)) = text.split_once('.') else { return };
        let place = |from: usize, name: &str| {
            let start = quoted.start as usize + from;
            Span::new(quoted.file, start, start + name.len())
        };
        let (data_at, field_at) = (place(1, data), place(data.len() + 2, field));
        let named = files[&self.names.entry].items.iter().find_map(|item| match &item.kind {
            ItemKind::Data { name, fields, .. } if name.name == data => Some((name, fields)),
            _ => None,
        });
        let Some((name, fields)) = named else { return };
        let own = fields.iter().find(|own| own.name.name == field).map(|own| own.name.span);
        self.names_at(data_at, Some(name.span));
        self.names_at(field_at, own);
    }

    fn bad_source<T>(&mut self, span: Span) -> Res<T> {
        self.fail(
            codes::RL0126,
            "a data source is a call by name".into(),
            span,
            "write for instance `from uci_digits()`",
        )
    }

    fn source_arg(&mut self, id: ast::ExprId, file: FileId) -> Res<Static> {
        let expr = self.names.files[&file].expr(id);
        if let ast::ExprKind::Call { .. } = &expr.kind {
            return self.source(id, file).map(Static::Call);
        }
        let value = self.eval(id, file, &None)?;
        match (as_static(&value), value) {
            (Some(s), _) => Ok(s),
            (None, Value::Tuple(parts)) if parts.iter().all(|p| as_static(p).is_some()) => {
                Ok(Static::Tuple(parts.iter().filter_map(as_static).collect()))
            }
            (None, other) => {
                let text = format!("an argument of a data source is {}", other.kind());
                let help = "numbers, texts and truth values are possible";
                self.fail(codes::RL0109, text, expr.span, help)
            }
        }
    }
}
