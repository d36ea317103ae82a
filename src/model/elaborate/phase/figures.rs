//! What phases put out. In: `track`, `report` and `emit` with their lists. Out: figures, one number per
//! example each, and files with their formats, under their names.

use super::FORMATS;
use crate::base::text::is_plain;
use crate::base::{Span, budget, codes};
use crate::graph::DType;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::{Env, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{self, ExprId, ExprKind, PhaseStmt, Report, Symbolic};
use crate::syntax::ast;

impl<'a> Elab<'a> {
    /// Figures of one statement. A mistake in one keeps none of the others from being read.
    pub(super) fn reports(
        &mut self,
        list: &'a [ast::Named],
        env: &Env<'a>,
        metrics: bool,
        span: Span,
    ) -> Res<Vec<Report>> {
        self.figures(list.len(), span)?;
        let all: Vec<_> = list.iter().map(|named| self.report(named, env, metrics)).collect();
        all.into_iter().collect()
    }

    /// Files of one statement. A mistake in one keeps none of the others from being read.
    pub(super) fn emits(
        &mut self,
        phase: &'a ast::Phase,
        list: &'a [ast::Named],
        env: &Env<'a>,
        span: Span,
    ) -> Res<Vec<PhaseStmt>> {
        self.figures(list.len(), span)?;
        let all: Vec<_> = list.iter().map(|named| self.emit(phase, named, env)).collect();
        all.into_iter().collect()
    }

    /// Counts figures of the current phase.
    fn figures(&mut self, n: usize, span: Span) -> Res<()> {
        self.spend(budget::FIGURES, n, span)
    }

    fn report(&mut self, named: &'a ast::Named, env: &Env<'a>, metrics: bool) -> Res<Report> {
        let span = self.names.files[&self.names.entry].expr(named.value).span;
        let value = self.figure(named.value, env, metrics)?;
        let name = self.figure_name(named, span);
        Ok(Report { name, value, span })
    }

    /// A number per example.
    pub(super) fn figure(
        &mut self,
        value: ast::ExprId,
        env: &Env<'a>,
        metrics: bool,
    ) -> Res<ExprId> {
        let span = self.names.files[&self.names.entry].expr(value).span;
        let value = self.eval(value, self.names.entry, env)?;
        let id = self.tensor(&value, span)?;
        let ty = self.ty(id).clone();
        if !ty.shape.is_empty() || ty.dtype == DType::I32 {
            let text = format!("a figure is one number per example, this is `{}`", show(&ty));
            let help = "reduce it: `mean(...)`, `sum(...)`, `float(...)`";
            return self.fail(codes::RL0113, text, span, help);
        }
        if !metrics && self.has_metric(id) {
            let text = "this figure is computed from a whole split".into();
            return self.fail(codes::RL0120, text, span, "move it to an `eval` phase");
        }
        Ok(id)
    }

    /// Whether an expression is computed from a figure of a whole split.
    pub(super) fn has_metric(&self, id: ExprId) -> bool {
        let below = self.m.reachable(&[id]);
        below
            .iter()
            .any(|e| matches!(self.m.expr(*e).kind, ExprKind::Symbolic(Symbolic::Metric { .. })))
    }

    fn figure_name(&self, named: &ast::Named, span: Span) -> String {
        if let Some(name) = &named.name {
            return name.name.clone();
        }
        let text = self.line_of(span);
        let short = text.chars().count() <= 32 && text.chars().all(is_plain);
        if short { text } else { "value".into() }
    }

    fn emit(
        &mut self,
        phase: &'a ast::Phase,
        named: &'a ast::Named,
        env: &Env<'a>,
    ) -> Res<PhaseStmt> {
        let span = self.names.files[&self.names.entry].expr(named.value).span;
        let value = self.eval(named.value, self.names.entry, env)?;
        let (value, words) = match &value {
            Value::Words(id, words) => (*id, Some(words.as_ref().clone())),
            other => (self.tensor(other, span)?, None),
        };
        self.no_metric(value, span)?;
        let value = self.zeros_outside(value, span)?;
        let asked = named.name.as_ref().filter(|word| FORMATS.contains(&word.name.as_str()));
        let name =
            if asked.is_some() { &phase.name } else { named.name.as_ref().unwrap_or(&phase.name) };
        let format = match (&words, asked) {
            (None, None) => self.natural_format(value),
            (None, Some(word)) if word.name == "sound" => self.sound(value, word.span)?,
            (None, Some(word)) => word.name.clone(),
            (Some(_), Some(word)) if word.name != "text" => {
                let text = format!("a text cannot be written as `{}`", word.name);
                return self.fail(codes::RL0105, text, word.span, "write `as text`");
            }
            (Some(_), _) => "text".into(),
        };
        let (name, words) = (name.name.clone(), words.unwrap_or_default());
        Ok(PhaseStmt::Emit { format, name, value, words, span })
    }

    /// Samples of sound are amplitudes or levels, one after the other.
    fn sound(&mut self, id: ExprId, span: Span) -> Res<String> {
        let ty = self.ty(id).clone();
        let levels = matches!(ty.support, ir::Support::Index(2..));
        if ty.shape.len() == 1 && (levels || ty.dtype == DType::F32) {
            return Ok("sound".into());
        }
        let text = format!("`{}` is no sound", show(&ty));
        let help = "a sound is a list of amplitudes between -1 and 1, `f32[n]`, or of levels, `idx(256)[n]`";
        self.fail(codes::RL0103, text, span, help)
    }

    /// Images for square grey levels, a table for short rows, else an archive.
    fn natural_format(&self, id: ExprId) -> String {
        let ty = self.ty(id);
        let n: usize = ty.shape.iter().product();
        let side = (n as f64).sqrt().round() as usize;
        let grey = matches!(ty.support, ir::Support::Bit | ir::Support::Interval(..));
        let shape = ty.shape.as_slice();
        match shape {
            [_] if grey && side > 3 && side * side == n => "image",
            [_, _] | [_, _, _] if grey => "image",
            [2] => "points",
            [] | [_] if n <= 32 => "table",
            _ => "npz",
        }
        .into()
    }
}
