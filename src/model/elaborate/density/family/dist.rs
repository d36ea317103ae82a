//! Calls of distributions: `Normal(0, 1)`. In: the name of a family and arguments. Out: the variant of
//! the family that has these parameters, each with a value.

use crate::base::{FileId, Span, codes, nearest};
use crate::model::elaborate::names::{Global, library};
use crate::model::elaborate::value::{Args, DistCall, Env, Value, bind};
use crate::model::elaborate::{Elab, Res};
use crate::syntax::ast;
use std::rc::Rc;

/// Parameters of the library's families that are more than 0.
const POSITIVE: [&str; 6] = ["rate", "concentration", "df", "alpha", "beta", "temperature"];

/// A call of a family with the names of its parameters.
fn usage(family: &str, item: &ast::Distribution) -> String {
    let names: Vec<&str> = item.formals.iter().map(|f| f.name.name.as_str()).collect();
    format!("{family}({})", names.join(", "))
}

/// Whether a family that is made of others gives values of as many dims as the distributions among these
/// arguments: `Mixture` is one of numbers and one of vectors.
fn holds_parts(item: &ast::Distribution, args: &Args<'_>) -> bool {
    let given = args.positional.iter().map(|(value, _)| value);
    let given = given.chain(args.named.iter().map(|(_, value, _)| value));
    let dims = |value: &Value<'_>| match value {
        Value::Dist(call) => Some(call.item.event.len()),
        Value::Tuple(parts) => match parts.first() {
            Some(Value::Dist(call)) => Some(call.item.event.len()),
            _ => None,
        },
        _ => None,
    };
    given.filter_map(dims).all(|n| n == item.event.len())
}

impl<'a> Elab<'a> {
    /// `Normal(0, 1)`: chooses the variant whose parameters are named.
    pub fn distribution(
        &mut self,
        home: FileId,
        family: &str,
        args: Args<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let variants = self.variants(home, family);
        let takes = |d: &ast::Distribution| {
            args.named.iter().all(|(n, _, _)| d.formals.iter().any(|f| f.name.name == *n))
        };
        let fitting: Vec<_> = variants.iter().filter(|(_, d)| takes(d)).copied().collect();
        let of_parts = fitting.iter().find(|(_, d)| holds_parts(d, &args)).or(fitting.first());
        let Some((file, item)) = of_parts.copied() else {
            return self.unknown_parameter(family, &variants, &args, span);
        };
        self.draws_and_scores(family, item)?;
        let params = self.dist_parameters(family, (file, item), args, span)?;
        Ok(Value::Dist(Rc::new(DistCall { family: family.into(), file, item, params, span })))
    }

    /// A family says how a value is drawn and how it is scored.
    fn draws_and_scores(&mut self, family: &str, item: &ast::Distribution) -> Res<()> {
        for needed in ["draw", "logp"] {
            if item.rows.iter().all(|(name, _)| name.name != needed) {
                let text = format!("distribution `{family}` has no `{needed}`");
                let help = "it says how a value is drawn and scored: `draw = loc + normal_noise()`, `logp = -0.5 * (x - loc)^2 - 0.5 * log(2 * pi)`";
                return self.fail(codes::RL0118, text, item.name.span, help);
            }
        }
        Ok(())
    }

    /// A value for every parameter of a family: by its name, by its place, or the default.
    fn dist_parameters(
        &mut self,
        family: &str,
        (file, item): (FileId, &'a ast::Distribution),
        mut args: Args<'a>,
        span: Span,
    ) -> Res<Vec<(String, Value<'a>)>> {
        let (mut params, mut given): (_, Env<'a>) = (Vec::new(), None);
        self.none_twice(family, &item.formals, &args)?;
        let mut positional = std::mem::take(&mut args.positional).into_iter();
        for formal in &item.formals {
            let found = args.take(&formal.name.name).or_else(|| positional.next());
            let found = match (found, formal.default) {
                // A default may mention the parameters before.
                (None, Some(default)) => Some((self.eval(default, file, &given)?, span)),
                (found, _) => found,
            };
            let Some((value, place)) = found else {
                let text = format!("`{family}` needs a parameter `{}`", formal.name.name);
                return self.fail(codes::RL0104, text, span, &usage(family, item));
            };
            self.formal_at(place, &formal.name);
            // A closed form has it by its name: `q.loc`.
            self.variable_at(&formal.name);
            self.parameter_range((family, file), &formal.name.name, &value, place)?;
            given = bind(&given, &formal.name, value.clone());
            params.push((formal.name.name.clone(), value));
        }
        if positional.next().is_some() {
            let text = format!("`{family}` takes {} parameters", item.formals.len());
            return self.fail(codes::RL0104, text, span, &usage(family, item));
        }
        Ok(params)
    }

    /// The declarations of a family: several of the prelude may share a name, a file has one.
    pub fn variants(&self, home: FileId, family: &str) -> Vec<(FileId, &'a ast::Distribution)> {
        let own = self.names.globals.get(&home).and_then(|names| names.get(family));
        let own = own.map(|global| (home, *global)).into_iter();
        let all: Vec<_> = match self.names.sources.is_prelude(home) {
            true => library(family).collect(),
            false => own.collect(),
        };
        let family = |(file, global): (FileId, Global<'a>)| match &global.item.kind {
            ast::ItemKind::Distribution(d) => Some((file, d)),
            _ => None,
        };
        all.into_iter().filter_map(family).collect()
    }

    /// A parameter known now must be one that the family allows.
    fn parameter_range(
        &mut self,
        (family, file): (&str, FileId),
        name: &str,
        value: &Value<'a>,
        span: Span,
    ) -> Res<()> {
        if crate::model::elaborate::expr::as_static(value).is_none() {
            return Ok(());
        }
        let x = self.number(value, span)?;
        let library = self.names.sources.is_prelude(file);
        let wanted = match name {
            "scale" if x <= 0.0 => "greater than 0",
            name if library && POSITIVE.contains(&name) && x <= 0.0 => "greater than 0",
            "total" if library && (x < 0.0 || x.fract() != 0.0) => "a whole number from 0 on",
            "levels" if library && (x < 2.0 || x.fract() != 0.0) => "a whole number from 2 on",
            "probs" if !(0.0..=1.0).contains(&x) => "between 0 and 1",
            _ => return Ok(()),
        };
        let text = format!("parameter `{name}` of `{family}` is {x}, and must be {wanted}");
        let help = match wanted.strip_prefix("a whole number") {
            Some(_) => "give a whole number: `10`".to_string(),
            None => format!(
                "a value {wanted}; a net's output is brought there by `exp`, `softplus` or `sigmoid`"
            ),
        };
        self.fail(codes::RL0107, text, span, &help)
    }

    fn unknown_parameter<T>(
        &mut self,
        family: &str,
        variants: &[(FileId, &'a ast::Distribution)],
        args: &Args<'a>,
        span: Span,
    ) -> Res<T> {
        let all: Vec<&str> = variants
            .iter()
            .flat_map(|(_, d)| d.formals.iter().map(|f| f.name.name.as_str()))
            .collect();
        let wrong = args.named.iter().find(|(n, _, _)| !all.contains(&n.as_str()));
        let (name, place) =
            wrong.or(args.named.first()).map_or(("", span), |(n, _, s)| (n.as_str(), *s));
        let text = format!("`{family}` has no parameter `{name}`");
        if let Some(near) = nearest(name, &all) {
            return self.other_keyword(text, place, name, near);
        }
        self.fail(codes::RL0104, text, place, &format!("its parameters are {}", all.join(", ")))
    }
}
