//! Densities as functions of reals, for chains. In: a density by its name, or with conditions, `p(z | x)`.
//! Out: the logarithm of what it is proportional to, as a function of one vector that has the elements of
//! all its variables one after the other; those that are no reals of the whole line stand there by reals
//! that move freely (`moves`).

use super::density::query::Resolved;
use super::moves::is_discrete;
use super::value::{Query, QueryArg, Value};
use super::{Elab, Res};
use crate::base::{Span, codes};
use crate::graph::op::{map, view};
use crate::graph::{Attrs, DType};
use crate::model::ir::{DensityId, ExprId, ExprKind, Support, Symbolic, Type, VarId};

/// A variable of a density and its place in the vector.
pub struct Piece {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// What it can be: of a variable that is declared a real, what its family allows.
    support: Support,
    /// Where it is declared.
    pub span: Span,
    /// Where its elements begin.
    at: usize,
}

impl Piece {
    fn elements(&self) -> usize {
        self.ty.shape.iter().product()
    }
}

/// A density as a function of a vector.
pub struct Target {
    /// A density that it is made of: its name and place are those of the whole.
    pub of: DensityId,
    /// The variables, in order.
    pub pieces: Vec<Piece>,
    /// Stands for the vector,
    pub var: VarId,
    /// in this scalar.
    pub log: ExprId,
}

impl Target {
    /// Elements of the vector.
    pub fn width(&self) -> usize {
        self.pieces.iter().map(Piece::elements).sum()
    }
}

impl<'a> Elab<'a> {
    /// The function of a density. `asker` is who needs it, for messages.
    pub fn target(&mut self, value: &Value<'a>, asker: &str, span: Span) -> Res<Target> {
        let query = match value {
            Value::Density(of) => of.query(span),
            Value::Query(query) => (**query).clone(),
            other => {
                let text = format!("`{asker}` takes a density, this is {}", other.kind());
                let help = "name a `model`, or what is drawn and what is given: `p(z | x)`";
                return self.fail(codes::RL0105, text, span, help);
            }
        };
        let mut wanted: Vec<String> = Vec::new();
        for name in self.wanted_names(&query) {
            // Two products of factors may be over one variable.
            if !wanted.contains(&name) {
                wanted.push(name);
            }
        }
        let factors = self.factors_of(&query, &wanted)?;
        let pieces = self.pieces(&factors, &wanted, (asker, span))?;
        let width = pieces.iter().map(Piece::elements).sum();
        let ty = Type {
            dtype: DType::F32,
            shape: vec![width],
            support: Support::Real,
            varies: true,
            ends: false,
        };
        let (var, flat) = self.m.fresh_var("x", ty, span);
        let mut slopes = Vec::new();
        let mut values: Vec<(String, ExprId, Span)> = Vec::new();
        for piece in &pieces {
            let own = self.cut(flat, 0, piece.at, piece.at + piece.elements(), span)?;
            slopes.extend(self.slope_of_move(own, piece.support, span)?);
            let own = self.moved(own, piece.support, span)?;
            values.push((
                piece.name.clone(),
                self.reshape(own, piece.ty.shape.clone(), span)?,
                span,
            ));
        }
        for arg in &query.given {
            if let (Some(name), Some(value)) = (&arg.name, &arg.value) {
                values.push((name.clone(), self.tensor(value, arg.span)?, arg.span));
            }
        }
        let mut log = self.log_of_factors(&query, &factors, &values, span)?;
        for slope in slopes {
            log = self.two(&map::ADD, log, slope, span)?;
        }
        Ok(Target { of: factors[0], pieces, var, log })
    }

    /// The factors of a target: those that say something of what is drawn and are over nothing that has
    /// no value, since such a factor adds up to 1. A product of factors sums such a block out.
    fn factors_of(&mut self, query: &Query<'a>, wanted: &[String]) -> Res<Vec<DensityId>> {
        let given: Vec<&QueryArg<'a>> = query.given.iter().collect();
        let has = |name: &str| {
            wanted.iter().any(|w| w == name)
                || given.iter().any(|a| a.name.as_deref() == Some(name))
        };
        let mut factors = Vec::new();
        for id in &query.of.ids {
            let density = &self.m.densities[id.0 as usize];
            let named = |v: &VarId| wanted.iter().any(|w| w == self.var_name(*v));
            let says = density.over.iter().chain(&density.given).any(named);
            let whole = density.over.iter().all(|v| has(self.var_name(*v)));
            if says && (whole || self.is_energy(*id)) {
                factors.push(*id);
            }
        }
        let over = |e: &Self, name: &String| {
            let mut all = factors.iter().flat_map(|d| &e.m.densities[d.0 as usize].over);
            all.any(|v| e.var_name(*v) == name)
        };
        if let Some(missing) = wanted.iter().find(|name| !over(self, name)) {
            return self.no_factor(query, missing);
        }
        let known = |e: &Self, name: &str| {
            let all = factors.iter().map(|d| &e.m.densities[d.0 as usize]);
            all.flat_map(|d| d.over.iter().chain(&d.given)).any(|v| e.var_name(*v) == name)
        };
        match query.given.iter().find(|a| a.name.as_ref().is_none_or(|n| !known(self, n))) {
            Some(arg) => self.surplus(query, arg),
            None => Ok(factors),
        }
    }

    /// The variables of a target, each a block of reals.
    fn pieces(
        &mut self,
        factors: &[DensityId],
        wanted: &[String],
        (asker, span): (&str, Span),
    ) -> Res<Vec<Piece>> {
        let (mut pieces, mut at) = (Vec::new(), 0);
        for name in wanted {
            let found = factors.iter().find_map(|d| {
                let over = &self.m.densities[d.0 as usize].over;
                over.iter().find(|v| self.var_name(**v) == name).map(|v| (*d, *v))
            });
            let Some((density, var)) = found else { unreachable!("some factor is over it") };
            let own = self.m.vars[var.0 as usize].clone();
            let ty = self.m.drawn(density, var).unwrap_or(own.ty);
            let family = self.drawn(&[density], var).map(|dist| &self.m.dists[dist.0 as usize]);
            let tied = family.is_some_and(|of| of.tied || of.atom > 0 && is_discrete(of.support));
            // What the family allows of a variable that is declared a real.
            let support = family.map(|of| of.support).filter(|all| all.fits(ty.support));
            let support = support.unwrap_or(ty.support);
            if tied {
                let text = format!(
                    "`{asker}` moves elements one by one, and those of `{name}` hold each other"
                );
                let error = self.error(codes::RL0122, text, span, "");
                let error = error.also(self.place(own.span), "declared here");
                let help = "draw reals, and compute it from these: `softmax(u)` for a simplex, `u / norm(u)` for a \
                            sphere; or a category, `idx(n)`, for a vector with a single 1";
                return self.stop(error.help(help));
            }
            // Others follow slopes, which a value in steps has none of.
            if is_discrete(ty.support) && asker != "metropolis" {
                let text = format!("`{asker}` moves reals, and `{name}` is none");
                let error = self.error(codes::RL0122, text, span, "");
                let error = error.also(self.place(own.span), "declared here");
                let help = "`metropolis` moves bits, categories and counts too, and `gibbs` those of a \
                            product of factors; or sum them out: leave their name out of `p(x)`";
                return self.stop(error.help(help));
            }
            let piece = Piece { name: name.clone(), ty, support, span: own.span, at };
            at += piece.elements();
            pieces.push(piece);
        }
        Ok(pieces)
    }

    /// The logarithm of all factors at these values.
    fn log_of_factors(
        &mut self,
        query: &Query<'a>,
        factors: &[DensityId],
        values: &[(String, ExprId, Span)],
        span: Span,
    ) -> Res<ExprId> {
        let (mut directed, mut bind, mut logs) = (Vec::new(), Vec::new(), Vec::new());
        for id in factors.iter().copied() {
            let density = self.m.densities[id.0 as usize].clone();
            let energy = self.is_energy(id);
            if !energy {
                self.scorable(&density, span)?;
            }
            let mut own = Vec::new();
            for var in density.over.iter().chain(&density.given) {
                let name = self.var_name(*var).to_string();
                match values.iter().find(|(n, ..)| *n == name) {
                    Some((_, value, place)) => {
                        own.push((*var, self.binding(*var, *value, *place)?))
                    }
                    None if energy && density.over.contains(var) => {}
                    None => return self.without_value(query, &density.name, &name, span),
                }
            }
            if energy {
                let free = self.free_energy(id, &own, span)?;
                logs.push(self.one(&map::NEG, free, span)?);
            } else {
                directed.push(id);
                bind.extend(own);
            }
        }
        if !directed.is_empty() {
            let densities = self.by_dependence(directed, span)?;
            let of = Resolved { densities, bind, calls: query.calls.clone() };
            let applied = self.applied(of, span)?;
            let ty = Type {
                dtype: DType::F32,
                shape: vec![],
                support: Support::Real,
                varies: true,
                ends: false,
            };
            let log = ExprKind::Symbolic(Symbolic::LogProb(applied));
            logs.push(self.push(log, ty, span)?);
        }
        let mut sum = logs[0];
        for log in &logs[1..] {
            sum = self.two(&map::ADD, sum, *log, span)?;
        }
        Ok(sum)
    }

    /// A factor is given something that is neither drawn nor has a value.
    fn without_value<T>(
        &mut self,
        query: &Query<'a>,
        density: &str,
        name: &str,
        span: Span,
    ) -> Res<T> {
        let text = format!("`{density}` is given no `{name}`");
        let declared = format!("declared: {}", self.heads(&query.of));
        let error = self.error(codes::RL0117, text, span, "").note(declared);
        let help = format!(
            "draw it too, in front of the bar, or give it behind the bar: `{}(... | {name} = value)`",
            query.of.name
        );
        self.stop(error.help(help))
    }

    /// The vector with these values of its variables; what has none is as `otherwise` has it.
    pub fn vector_of(
        &mut self,
        target: &Target,
        values: &[(String, ExprId, Span)],
        otherwise: ExprId,
        span: Span,
    ) -> Res<ExprId> {
        let mut parts = Vec::new();
        for piece in &target.pieces {
            let n = piece.elements();
            parts.push(match values.iter().find(|(name, ..)| *name == piece.name) {
                Some((_, value, place)) => {
                    let flat = self.reshape(*value, vec![n], *place)?;
                    self.unmoved(flat, piece.support, *place)?
                }
                None => self.cut(otherwise, 0, piece.at, piece.at + n, span)?,
            });
        }
        match parts.as_slice() {
            [one] => Ok(*one),
            _ => self.op(&view::CONCAT, parts, Attrs::Axis(0), Support::Real, span),
        }
    }

    /// The values of a variable in vectors that stand below each other: `[n, ...]`.
    pub fn values_in(&mut self, piece: &Piece, rows: ExprId, span: Span) -> Res<ExprId> {
        let n = self.ty(rows).shape[0];
        let own = self.cut(rows, 1, piece.at, piece.at + piece.elements(), span)?;
        let own = self.moved(own, piece.support, span)?;
        self.reshape(own, [&[n], &piece.ty.shape[..]].concat(), span)
    }
}
