//! Autoregressive densities: `x: idx(V)[T] ~ Autoregressive(logits = net)`. In: a function from a whole sequence to the
//! distribution of each of its positions. Out: a distribution whose log-density is the sum of theirs, and whose draws
//! come one position after the other, if the distribution of each depends on those before it alone (Bengio and
//! Bengio 2000), which is proven element by element (`reach.rs`).

mod blame;
mod cells;
mod reach;
mod rules;
mod steps;

use super::value::{Args, DistCall, Value};
use super::{Elab, Res, Stop};
use crate::base::{Span, codes};
use crate::graph::op::{index, map, view};
use crate::graph::{Attrs, DType, Ty};
use crate::model::ir::{Dist, DistId, ExprId, ExprKind, InOrder, Support, Type, VarId};
use cells::Cells;
use reach::Reach;
use std::collections::HashMap;
use std::rc::Rc;
use steps::{Halt, Kept, Sequence, Steps};

/// A call of `Autoregressive`.
pub struct Ordered<'a> {
    /// From the sequence to a distribution, or to its parameters, by name.
    pub of: Vec<(Option<String>, Value<'a>, Span)>,
    /// The positions in the order in which they are drawn; in that of the file where it is not given.
    pub order: Option<(ExprId, Span)>,
    pub span: Span,
}

impl<'a> Elab<'a> {
    /// The distribution of a sequence of this type.
    pub fn autoregressive(
        &mut self,
        of: &Ordered<'a>,
        declared: Option<Type>,
        stream: &str,
        span: Span,
    ) -> Res<DistId> {
        let Some(ty) = declared.filter(|ty| !ty.shape.is_empty()) else {
            let text = "how long a sequence of `Autoregressive` is is not known".into();
            let help = "declare the value: `x: idx(V)[T] ~ Autoregressive(logits = net)`";
            return self.fail(codes::RL0124, text, span, help);
        };
        let (var, x) = self.m.fresh_var("x", ty.clone(), span);
        let call = self.of_positions(of, &ty, x)?;
        let id = self.shape_dist(&call, Some(ty.clone()), stream, span)?;
        let each = self.m.dists[id.0 as usize].clone();
        let lead = ty.shape[..ty.shape.len() - each.atom].to_vec();
        let places = self.places(of, lead.iter().product())?;
        let cells = self.is_causal(of, &each, (var, &lead, &places), span)?;
        let draw = match each.draw {
            Some(draw) => Some(self.drawn_in_order(of, (&each, draw), (var, &lead), cells, span)?),
            None => None,
        };
        let kept = draw.as_ref().and_then(|(_, kept)| kept.clone());
        self.m.sequences.push(InOrder { name: stream.into(), positions: places.len(), kept });
        let draw = draw.map(|(draw, _)| draw);
        let value = self.mention(each.value);
        let with = [(var, value)];
        let logp = each.logp.map(|logp| self.m.substitute(logp, &with));
        let mut params = each.params.clone();
        params.iter_mut().for_each(|(_, id)| *id = self.m.substitute(*id, &with));
        let dist = Dist {
            family: "Autoregressive".into(),
            formula: format!("sum of {}", each.formula),
            params,
            by_name: false,
            logp,
            draw,
            mass: None,
            values: None,
            entropy: None,
            mean: None,
            variance: None,
            mode: None,
            relaxed: None,
            tilt: None,
            ..each
        };
        let id = DistId(self.m.dists.len() as u32);
        self.m.dists.push(dist);
        self.m.dist_members.push(vec![]);
        Ok(id)
    }

    /// The distribution of all positions given the sequence.
    fn of_positions(&mut self, of: &Ordered<'a>, ty: &Type, x: ExprId) -> Res<Rc<DistCall<'a>>> {
        if let [(None, f, place)] = &of.of[..] {
            let value = self.apply(f, Args::one(Value::Tensor(x), *place), *place)?;
            return self.dist_call(&value, *place);
        }
        let family = match ty.support {
            Support::Bit => "Bernoulli",
            Support::Index(_) => "Categorical",
            _ => {
                let text = "which distribution the positions have is not known".into();
                let help = "give a function from the sequence to it: `Autoregressive((x) => Normal(net(x), 1))`";
                return self.fail(codes::RL0124, text, of.span, help);
            }
        };
        let mut args = Args::default();
        for (name, f, place) in &of.of {
            let value = self.apply(f, Args::one(Value::Tensor(x), *place), *place)?;
            match name {
                Some(name) => args.named.push((name.clone(), value, *place)),
                None => args.positional.push((value, *place)),
            }
        }
        let (home, _) = self.of_library(family);
        let value = self.distribution(home, family, args, of.span)?;
        self.dist_call(&value, of.span)
    }

    /// The place in the order of each position.
    fn places(&mut self, of: &Ordered<'a>, n: usize) -> Res<Vec<usize>> {
        let Some((order, span)) = of.order else { return Ok((0..n).collect()) };
        let known = self.table_of(order).filter(|_| self.is_permutation(order));
        let Some(known) = known.filter(|known| known.len() == n) else {
            let text = format!("`order` is a permutation of the {n} positions, known when compiling");
            let help = "leave it out for the order of the file, or give whole numbers: `int(iota(n))`, `argsort(...)`";
            return self.fail(codes::RL0107, text, span, help);
        };
        let mut places = vec![0; n];
        known.iter().enumerate().for_each(|(place, position)| places[*position as usize] = place);
        Ok(places)
    }

    /// The parameters of a position depend on those before it alone.
    fn is_causal(
        &mut self,
        of: &Ordered<'a>,
        each: &Dist,
        (var, lead, places): (VarId, &[usize], &[usize]),
        span: Span,
    ) -> Res<HashMap<ExprId, Cells>> {
        let mut roots: Vec<ExprId> = each.params.iter().map(|(_, id)| *id).collect();
        roots.extend(each.draw);
        let mut reach = Reach::new(&self.m, var, places);
        let Some(found) = reach.of(&roots) else { return self.too_much(span) };
        let mut seen: Option<blame::Seen> = None;
        for ((name, id), cells) in each.params.iter().zip(&found) {
            let latest = cells.latest();
            let own = latest.len() / places.len().max(1);
            let aligned = cells.axes.is_empty() && cells.shape.starts_with(lead);
            for (i, last) in latest.iter().enumerate() {
                let position = if aligned { i / own.max(1) } else { 0 };
                let here = places[position];
                if *last > here as f64 {
                    let sees = *last as usize - 1;
                    let itself = seen.as_ref().is_none_or(|seen| seen.itself) && sees == here;
                    let first = seen.take().map(|seen| (seen.param, seen.root, seen.position, seen.sees));
                    let (param, root, position, sees) =
                        first.unwrap_or((name.clone(), *id, position, sees));
                    seen = Some(blame::Seen { param, root, position, sees, itself });
                }
            }
        }
        let Some(seen) = seen else { return Ok(reach.into_known()) };
        let path = blame::culprit(&self.m, &reach, &seen, var, places.len());
        let own = path.into_iter().find(|span| !self.names.sources.is_prelude(span.file));
        self.looks_ahead(of, seen, (places, own))
    }

    fn too_much<T>(&mut self, span: Span) -> Res<T> {
        let text = "what each position depends on is too much to follow".into();
        let help = "make the net or the sequence smaller";
        self.fail(codes::RL0110, text, span, help)
    }

    /// Draws: a loop over positions, each from those before.
    fn drawn_in_order(
        &mut self,
        of: &Ordered<'a>,
        (each, draw): (&Dist, ExprId),
        (var, lead): (VarId, &[usize]),
        cells: HashMap<ExprId, Cells>,
        span: Span,
    ) -> Res<(ExprId, Option<Vec<Type>>)> {
        let n: usize = lead.iter().product();
        let ty = Type { support: each.support, ..each.ty.clone() };
        let (turn, t) = self.counter("t", n, span);
        let (carry, before) = self.m.fresh_var("x", ty.clone(), span);
        let sequence = Sequence { var, before, length: n, turn: t };
        let (mut kept, mut told) = (vec![], None);
        let next = match self.row_of_draw(of, draw, (lead, sequence), cells, span) {
            Ok((row, carries)) => {
                kept = carries;
                let ty = |kept: &Kept| self.m.vars[kept.var.0 as usize].ty.clone();
                told = Some(kept.iter().map(ty).collect());
                self.with_position((before, t), row, lead, span)?
            }
            Err(Halt::Stop) => return Err(Stop),
            Err(Halt::Whole) => {
                let at = self.drawn_position(of, t, span)?;
                let draw = self.m.substitute(draw, &[(var, before)]);
                self.with_position((before, at), draw, lead, span)?
            }
        };
        let zero = self.literal(0.0, ty.dtype, span);
        let start = self.fill(zero, &ty.shape, span)?;
        let mut body = vec![next];
        body.extend(kept.iter().map(|kept| kept.next));
        // What a layer writes in training, draws do not.
        let body = self.m.rewrite(&body, &mut |m, id, kind| match kind {
            ExprKind::Write { result, .. } => result,
            ExprKind::Var(own) if own == var => before,
            kind => m.rebuilt(id, kind),
        });
        let mut init = vec![start];
        init.extend(kept.iter().map(|kept| kept.init));
        let mut vars = vec![carry];
        vars.extend(kept.iter().map(|kept| kept.var));
        vars.push(turn);
        let kind = ExprKind::Scan { init, xs: vec![], vars, body, length: n, index: 0 };
        self.after(kind, &ty, span).map(|draw| (draw, told))
    }

    /// The draw of one position, and what is kept for the next.
    fn row_of_draw(
        &mut self,
        of: &Ordered<'a>,
        draw: ExprId,
        (lead, sequence): (&[usize], Sequence),
        cells: HashMap<ExprId, Cells>,
        span: Span,
    ) -> Result<(ExprId, Vec<Kept>), Halt> {
        if of.order.is_some() || lead.len() != 1 {
            return Err(Halt::Whole);
        }
        let mut steps = Steps::new(self, cells, sequence, span);
        let row = steps.row(draw, 0, 0)?;
        Ok((row, steps.kept))
    }

    /// The position that is drawn in a turn.
    fn drawn_position(&mut self, of: &Ordered<'a>, t: ExprId, span: Span) -> Res<ExprId> {
        let Some((order, _)) = of.order else { return Ok(t) };
        let support = self.ty(order).support;
        self.op(&index::GATHER, vec![order, t], Attrs::None, support, span)
    }

    /// A sequence with another value at one position: a whole sequence, or the one value.
    fn with_position(
        &mut self,
        (before, at): (ExprId, ExprId),
        value: ExprId,
        lead: &[usize],
        span: Span,
    ) -> Res<ExprId> {
        let (n, ty) = (lead.iter().product(), self.ty(before).clone());
        let count = Attrs::Iota { ty: Ty::new(DType::I32, vec![n]), axis: 0 };
        let places = self.op(&index::IOTA, vec![], count, Support::Index(n), span)?;
        let at = self.fill(at, &[n], span)?;
        let here = self.op(&map::EQ, vec![places, at], Attrs::None, Support::Bool, span)?;
        let here = self.reshape(here, lead.to_vec(), span)?;
        let dims = (0..lead.len()).collect();
        let attrs = Attrs::Broadcast { shape: ty.shape.clone(), dims };
        let here = self.op(&view::BROADCAST, vec![here], attrs, Support::Bool, span)?;
        let dims = (ty.shape.len() - self.ty(value).shape.len()..ty.shape.len()).collect();
        let attrs = Attrs::Broadcast { shape: ty.shape.clone(), dims };
        let value = match self.ty(value).shape == ty.shape {
            true => value,
            false => self.op(&view::BROADCAST, vec![value], attrs, ty.support, span)?,
        };
        self.op(&map::SELECT, vec![here, value, before], Attrs::None, ty.support, span)
    }

    /// A position that sees itself or what comes behind it.
    fn looks_ahead<T>(
        &mut self,
        of: &Ordered<'a>,
        seen: blame::Seen,
        (places, culprit): (&[usize], Option<Span>),
    ) -> Res<T> {
        let blame::Seen { param, position, sees, itself, .. } = seen;
        let sees = places.iter().position(|place| *place == sees).unwrap_or(sees);
        let text = format!("`{param}` of position {position} depends on position {sees}, which is not before it");
        let error = self.error(codes::RL0130, text, of.span, "");
        let error = match culprit {
            Some(place) => error.also(place, "positions meet here"),
            None => error,
        };
        let help = match itself {
            true => "every position sees itself, and nothing behind it: give the net what is before, `net(shift(x, 1))`",
            false => "let each position see what is before it: `where(causal_mask(T), scores, -1e9)`, windows with zeros before the first position, weights with a mask",
        };
        self.stop(error.help(help))
    }
}
