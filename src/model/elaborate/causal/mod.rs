//! Autoregressive densities: `x: idx(V)[T] ~ Autoregressive(logits = net)`. In: a function from a whole sequence to the
//! distribution of each of its positions. Out: a distribution whose log-density is the sum of theirs, and whose draws
//! come one position after the other, if the distribution of each depends on those before it alone (Bengio and
//! Bengio 2000), which is proven element by element (`proof.rs`).

mod cells;
mod draw;
mod price;
mod proof;
mod reach;
mod rows;
mod rules;
mod steps;

use super::value::{Args, DistCall, Value};
use super::{Elab, Res};
use crate::base::{Span, codes};
use crate::model::ir::{Dist, DistId, ExprId, InOrder, Support, Type};
use std::rc::Rc;

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
        if let (true, Some((_, place))) = (ty.ends, of.order) {
            return self.loose_end("an order", place);
        }
        let (var, x) = self.m.fresh_var("x", ty.clone(), span);
        let call = self.of_positions(of, &ty, x)?;
        // The formulas of families are of one position; their sum leaves out what does not count.
        let id = self.plainly(|e| e.shape_dist(&call, Some(ty.clone()), stream, span))?;
        let each = self.m.dists[id.0 as usize].clone();
        let lead = ty.shape[..ty.shape.len() - each.atom].to_vec();
        let places = self.places(of, lead.iter().product())?;
        let cells = self.is_causal(of, &each, (var, &lead, &places), span)?;
        let draw = match each.draw {
            Some(draw) => {
                Some(self.drawn_in_order(of, (&each, draw), (var, &lead), cells, span)?)
            }
            None => None,
        };
        let kept = draw.as_ref().and_then(|(_, kept)| kept.clone());
        self.m.sequences.push(InOrder { name: stream.into(), positions: places.len(), kept });
        let draw = match draw {
            Some((draw, _)) if ty.ends => Some(self.ended(draw, each.support, span)?),
            draw => draw.map(|(draw, _)| draw),
        };
        let value = self.mention(each.value);
        let with = [(var, value)];
        let logp = each.logp.map(|logp| self.m.substitute(logp, &with));
        let mut params = each.params.clone();
        params.iter_mut().for_each(|(_, id)| *id = self.m.substitute(*id, &with));
        let dist = Dist {
            family: "Autoregressive".into(),
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
            let text =
                format!("`order` is a permutation of the {n} positions, known when compiling");
            let help = "leave it out for the order of the file, or give whole numbers: `int(iota(n))`, `argsort(...)`";
            return self.fail(codes::RL0107, text, span, help);
        };
        let mut places = vec![0; n];
        known.iter().enumerate().for_each(|(place, position)| places[*position as usize] = place);
        Ok(places)
    }
}
