//! Warnings: a model that compiles and is probably not what was meant. In: the finished model.
//! Out: diagnostics of the RL02xx rows.

mod unmoved;
mod unused;

use crate::base::{Code, Diagnostic, Diagnostics, Span, budget, codes};
use crate::graph::op::is;
use crate::model::ir::leak::{self, Leak};
use crate::model::ir::*;
use std::collections::{BTreeSet, HashMap};

/// Every warning about a model.
pub fn lint(m: &Model, declared: &Declared, diags: &mut Diagnostics) {
    // Every statement is looked at with all that lies below it: of a model that is too large for
    // that, nothing but mistakes is told.
    let looks = m.every_statement().len().saturating_mul(m.exprs.len());
    if looks > budget::REWRITES.most {
        return;
    }
    let mut lint = Lint { m, declared, lets: m.lets(), diags };
    lint.lint_unused();
    lint.unmoved_weights();
    lint.log_softmax();
    lint.over_complete();
    lint.leaks();
    lint.conditions_on_themselves();
}

/// A model that is looked at.
struct Lint<'m> {
    m: &'m Model,
    declared: &'m Declared,
    /// Values of the names that phases give with `let`.
    lets: HashMap<VarId, ExprId>,
    diags: &'m mut Diagnostics,
}

impl Lint<'_> {
    fn warn(&mut self, code: Code, message: String, span: Span, label: &str, help: &str) {
        self.diags.push(Diagnostic::new(code, message).at(span, label).help(help));
    }

    /// Everything below some roots, names of phases and the formulas of the densities they mention
    /// included.
    fn below(&self, roots: &[ExprId]) -> Vec<ExprId> {
        self.m.below(roots, &self.lets, |_| true)
    }

    fn log_softmax(&mut self) {
        let mut found = Vec::new();
        for i in 0..self.m.exprs.len() as u32 {
            let id = ExprId(i);
            let softmax = |e: ExprId| -> Option<()> {
                let (is::EXP, [inner]) = self.m.applied_op(e)? else { return None };
                let (is::SUB, [_, wide]) = self.m.applied_op(*inner)? else { return None };
                let (is::BROADCAST, [total]) = self.m.applied_op(*wide)? else { return None };
                matches!(self.m.applied_op(*total)?, (is::LOGSUMEXP, _)).then_some(())
            };
            if let Some((is::LOG, [arg])) = self.m.applied_op(id)
                && softmax(*arg).is_some()
            {
                found.push(self.m.expr(id).span);
            }
        }
        for span in found {
            self.warn(
                codes::RL0204,
                "logarithm of a softmax".into(),
                span,
                "",
                "write `log_softmax(x)`: it is exact for small probabilities",
            );
        }
    }

    /// A bottleneck in function form that is as wide as the data and, where it is trained, gets no
    /// noise, keeps everything and has no penalty.
    fn over_complete(&mut self) {
        let goals = self.below(&self.m.goals());
        let mut found = Vec::new();
        for code in &self.m.codes {
            let part = &self.m.parts[code.part.0 as usize];
            // A use outside of goals trains nothing: what an eval encodes has no noise to add.
            let idle = !goals.is_empty() && !goals.contains(&code.value);
            if part.role != Role::Bottleneck || !part.densities.is_empty() || idle {
                continue;
            }
            let below = self.below(&[code.value]);
            let size = |e: ExprId| self.m.ty(e).shape.iter().product::<usize>();
            let data = below.iter().filter(|e| matches!(self.m.expr(**e).kind, ExprKind::Field(_)));
            let input = data.map(|e| size(*e)).max().unwrap_or(0);
            let width = size(code.value);
            let limited = below.iter().any(|e| self.loses(*e));
            if input > 0 && width >= input && !limited && !self.penalized(code.part, &goals) {
                found.push((part.name.clone(), part.span, width, input));
            }
        }
        for (name, span, width, input) in found {
            let text = format!(
                "bottleneck `{name}` passes {width} numbers of {input}, with neither noise nor sparsity: it can copy"
            );
            let help =
                "make it narrower, add noise or a penalty on its code, or call it an `encoder`";
            self.warn(codes::RL0205, text, span, "", help);
        }
    }

    /// Whether an expression adds noise, or keeps a part of what it is given.
    fn loses(&self, id: ExprId) -> bool {
        match &self.m.expr(id).kind {
            ExprKind::Noise { .. } | ExprKind::Stop(_) => true,
            ExprKind::Op { op, .. } => {
                matches!(op.name, is::ARGSORT | is::ARGMAX | is::GATHER | is::TAKE_ALONG)
            }
            _ => false,
        }
    }

    /// Whether a goal uses the code otherwise than through a decoder.
    fn penalized(&self, part: PartId, goals: &[ExprId]) -> bool {
        let is_code = |e: &ExprId| matches!(&self.m.expr(*e).kind, ExprKind::Call { part: p, .. } if *p == part);
        goals.iter().any(|e| match &self.m.expr(*e).kind {
            ExprKind::Op { args, .. } => {
                let users = args.iter().any(is_code);
                users && !self.inside_call(*e, goals)
            }
            // A penalty on what the batch's codes have in common.
            ExprKind::Batch { of, .. } | ExprKind::BatchMean(of) => is_code(of),
            ExprKind::Derivative { .. } => true,
            _ => false,
        })
    }

    /// Whether an expression is part of the inlined body of a net that got the code.
    fn inside_call(&self, id: ExprId, goals: &[ExprId]) -> bool {
        goals.iter().any(|e| match &self.m.expr(*e).kind {
            ExprKind::Call { part, result, .. }
                if self.m.parts[part.0 as usize].role == Role::Decoder =>
            {
                self.m.reachable(&[*result]).contains(&id)
            }
            _ => false,
        })
    }

    /// `log p(x | x)`: a density that is given what it scores.
    fn conditions_on_themselves(&mut self) {
        let roots: Vec<ExprId> =
            self.m.losses.iter().map(|l| l.value).chain(self.m.roots()).collect();
        let mut found: Vec<(Span, FieldId, String)> = Vec::new();
        for id in self.below(&roots) {
            let ExprKind::Symbolic(Symbolic::LogProb(scored)) = &self.m.expr(id).kind else {
                continue;
            };
            let Some(Leak::Same(field)) = leak::leaked(self.m, scored, &self.lets) else {
                continue;
            };
            let span = self.m.expr(id).span;
            let name = self.m.densities[scored.densities[0].0 as usize].name.clone();
            if found.iter().all(|(old, ..)| *old != span) {
                found.push((span, field, name));
            }
        }
        for (span, field, name) in found {
            let field = self.m.fields[field.0 as usize].clone();
            let text =
                format!("`{name}` scores `{0}` given a value computed from `{0}`", field.name);
            let diagnostic = Diagnostic::new(codes::RL0211, text)
                .at(span, "no likelihood: the answer stands in the condition")
                .also(field.span, "on both sides of the bar")
                .help("condition on other data, or draw a code and pay for it: `elbo(p, q)`; a reconstruction error says so: `squared_error(x, dec(enc(x)))`");
            self.diags.push(diagnostic);
        }
    }

    /// Data that reaches a decoder without passing a bottleneck.
    fn leaks(&mut self) {
        if self.m.parts.iter().all(|p| p.role != Role::Bottleneck) {
            return;
        }
        let mut found: Vec<(String, ExprId, Span)> = Vec::new();
        for goal in self.m.goals() {
            let below = self.below(&[goal]);
            let parts: BTreeSet<PartId> = below.iter().flat_map(|e| self.parts_of(*e)).collect();
            for id in below {
                for (decoder, inputs, scored) in self.decoder_inputs(id) {
                    for field in inputs.into_iter().filter_map(|input| self.leak(input)) {
                        if !self.condition(field, &scored, &parts)
                            && found.iter().all(|(d, f, _)| (d, f) != (&decoder, &field))
                        {
                            found.push((decoder.clone(), field, self.m.expr(id).span));
                        }
                    }
                }
            }
        }
        for (decoder, field, span) in found {
            let ExprKind::Field(f) = self.m.expr(field).kind else { continue };
            let f = self.m.fields[f.0 as usize].clone();
            let text = format!("decoder `{decoder}` sees `{}` round the bottleneck", f.name);
            let diagnostic = Diagnostic::new(codes::RL0206, text)
                .at(span, "this call")
                .also(f.span, "reaches it without passing a bottleneck")
                .help("feed the decoder from the bottleneck only, or call what it takes a `net`");
            self.diags.push(diagnostic);
        }
    }

    /// The parts that an expression calls or whose densities it mentions.
    fn parts_of(&self, id: ExprId) -> Vec<PartId> {
        let kind = &self.m.expr(id).kind;
        let called = match kind {
            ExprKind::Call { part, .. } => Some(*part),
            _ => None,
        };
        let densities = kind.densities().flat_map(|a| &a.densities);
        let parts = densities.map(|d| self.m.densities[d.0 as usize].part);
        called.into_iter().chain(parts).collect()
    }

    /// Whether every bottleneck of a goal is given a field beside others, and the decoder does not
    /// score it: then the whole model is conditional on it, and the code need not carry it.
    fn condition(&self, field: ExprId, scored: &[ExprId], parts: &BTreeSet<PartId>) -> bool {
        let fields = |e: ExprId| -> BTreeSet<FieldId> {
            let below = self.m.reachable(&[e]);
            let fields = below.into_iter().filter_map(|e| match self.m.expr(e).kind {
                ExprKind::Field(f) => Some(f),
                _ => None,
            });
            fields.collect()
        };
        let ExprKind::Field(f) = self.m.expr(field).kind else { return false };
        let narrow = |code: &crate::model::ir::Code| {
            self.m.parts[code.part.0 as usize].role == Role::Bottleneck
                && parts.contains(&code.part)
                && (!fields(code.value).contains(&f) || fields(code.value).len() < 2)
        };
        !scored.is_empty()
            && scored.iter().all(|e| !fields(*e).contains(&f))
            && !self.m.codes.iter().any(narrow)
    }

    /// Decoders that an expression applies: name, what they are given, and what they score.
    fn decoder_inputs(&self, id: ExprId) -> Vec<(String, Vec<ExprId>, Vec<ExprId>)> {
        let kind = &self.m.expr(id).kind;
        if let ExprKind::Call { part, args, .. } = kind {
            let part = &self.m.parts[part.0 as usize];
            return if part.role == Role::Decoder {
                vec![(part.name.clone(), args.clone(), vec![])]
            } else {
                vec![]
            };
        }
        let mut list = Vec::new();
        for a in kind.densities() {
            for d in &a.densities {
                let density = &self.m.densities[d.0 as usize];
                if self.m.parts[density.part.0 as usize].role == Role::Decoder {
                    let bound = |vars: &[VarId]| -> Vec<ExprId> {
                        a.bind.iter().filter(|(v, _)| vars.contains(v)).map(|(_, e)| *e).collect()
                    };
                    let (given, over) = (bound(&density.given), bound(&density.over));
                    list.push((density.name.clone(), given, over));
                }
            }
        }
        list
    }

    /// `y` of `x + stop(y - x)`: its value is that of `y` alone, `x` only gets the derivative.
    fn straight_through(&self, id: ExprId) -> Option<ExprId> {
        let (is::ADD, [soft, held]) = self.m.applied_op(id)? else { return None };
        let ExprKind::Stop(inner) = self.m.expr(*held).kind else { return None };
        let (is::SUB, [hard, same]) = self.m.applied_op(inner)? else { return None };
        (soft == same).then_some(*hard)
    }

    /// A data field below an expression that no bottleneck covers.
    fn leak(&self, from: ExprId) -> Option<ExprId> {
        let mut seen = BTreeSet::new();
        let mut todo = vec![from];
        while let Some(id) = todo.pop() {
            if !seen.insert(id) {
                continue;
            }
            match &self.m.expr(id).kind {
                ExprKind::Field(_) => return Some(id),
                ExprKind::Call { part, .. }
                    if self.m.parts[part.0 as usize].role == Role::Bottleneck => {}
                ExprKind::Call { result, .. } => todo.push(*result),
                kind => match self.straight_through(id) {
                    Some(hard) => todo.push(hard),
                    None => todo.extend(kind.children()),
                },
            }
        }
        None
    }
}
