//! Distributions: a family of the prelude with parameters, shaped by the declared event, every
//! formula evaluated. Log-densities and entropies are summed over the event here.

use crate::base::{FileId, Span, codes, nearest};
use crate::graph::op::reduce;
use crate::graph::{Attrs, DType};
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::names::Global;
use crate::model::elaborate::scope::{NoiseContext, Scope};
use crate::model::elaborate::value::{Args, DistCall, Env, Value, bind};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{self, DistId, ExprId, Support, Type};
use crate::syntax::ast;
use std::cell::Cell;
use std::rc::Rc;

const RESERVED: &[&str] =
    &["draw", "logp", "mass", "entropy", "mean", "variance", "mode", "pathwise", "bounded"];

/// A distribution, and what stands for the variables that its parameters name.
pub type Side<'s> = (DistId, Option<&'s ir::Applied>);

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
        let Some((file, item)) = variants.iter().find(|(_, d)| takes(d)).copied() else {
            return self.unknown_parameter(family, &variants, &args, span);
        };
        for needed in ["draw", "logp"] {
            if item.rows.iter().all(|(name, _)| name.name != needed) {
                let text = format!("distribution `{family}` has no `{needed}`");
                let help = "it says how a value is drawn and scored: `draw = loc + normal_noise()`, `logp = -0.5 * (x - loc)^2 - 0.5 * log(2 * pi)`";
                return self.fail(codes::RL0118, text, item.name.span, help);
            }
        }
        let mut params: Vec<(String, Value<'a>)> = Vec::new();
        let mut given: Env<'a> = None;
        let mut args = args;
        let mut positional = std::mem::take(&mut args.positional).into_iter();
        for formal in &item.formals {
            let found = args.take(&formal.name.name).or_else(|| positional.next());
            let found = match (found, formal.default) {
                // A default may mention the parameters before.
                (None, Some(default)) => Some((self.eval(default, file, &given)?, span)),
                (found, _) => found,
            };
            let Some((value, place)) = found else {
                let names: Vec<&str> = item.formals.iter().map(|f| f.name.name.as_str()).collect();
                let text = format!("`{family}` needs a parameter `{}`", formal.name.name);
                return self.fail(
                    codes::RL0104,
                    text,
                    span,
                    &format!("{family}({})", names.join(", ")),
                );
            };
            self.parameter_range(family, &formal.name.name, &value, place)?;
            given = bind(&given, &formal.name.name, value.clone());
            params.push((formal.name.name.clone(), value));
        }
        if positional.next().is_some() {
            let text = format!("`{family}` takes {} parameters", item.formals.len());
            let names: Vec<&str> = item.formals.iter().map(|f| f.name.name.as_str()).collect();
            let help = format!("{family}({})", names.join(", "));
            return self.fail(codes::RL0104, text, span, &help);
        }
        Ok(Value::Dist(Rc::new(DistCall { family: family.into(), file, item, params, span })))
    }

    /// The declarations of a family: several of the prelude may share a name, a file has one.
    fn variants(&self, home: FileId, family: &str) -> Vec<(FileId, &'a ast::Distribution)> {
        let own = self.names.globals.get(&home).and_then(|names| names.get(family));
        let own = own.map(|global| (home, *global)).into_iter();
        let library = self.names.prelude.get(family).into_iter().flatten().copied();
        let all: Vec<_> =
            if self.names.sources.is_prelude(home) { library.collect() } else { own.collect() };
        let family = |(file, global): (FileId, Global<'a>)| match &global.item.kind {
            ast::ItemKind::Distribution(d) => Some((file, d)),
            _ => None,
        };
        all.into_iter().filter_map(family).collect()
    }

    /// A parameter known now must be one that the family allows.
    fn parameter_range(
        &mut self,
        family: &str,
        name: &str,
        value: &Value<'a>,
        span: Span,
    ) -> Res<()> {
        if crate::model::elaborate::expr::as_static(value).is_none() {
            return Ok(());
        }
        let x = self.number(value, span)?;
        let wanted = match name {
            "scale" if x <= 0.0 => "greater than 0",
            "probs" if !(0.0..=1.0).contains(&x) => "between 0 and 1",
            _ => return Ok(()),
        };
        let text = format!("parameter `{name}` of `{family}` is {x}, and must be {wanted}");
        let help = format!(
            "a value {wanted}; a net's output is brought there by `exp`, `softplus` or `sigmoid`"
        );
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
        let help = match nearest(name, &all) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its parameters are {}", all.join(", ")),
        };
        self.fail(codes::RL0104, text, place, &help)
    }

    /// Shapes a distribution by its event; `stream` names the noise of its draws.
    pub fn shape_dist(
        &mut self,
        call: &DistCall<'a>,
        declared: Option<Type>,
        stream: &str,
        span: Span,
    ) -> Res<DistId> {
        let mut params = Vec::new();
        for (name, value) in &call.params {
            params.push((name.clone(), self.tensor(value, call.span)?));
        }
        let extra = |formal: &ast::Formal| match &formal.ty {
            Some(ast::RType::Plain(ty)) => ty.shape.as_ref().map_or(0, Vec::len),
            _ => 0,
        };
        let widest = call.item.formals.iter().zip(&params).map(|(f, (_, id))| {
            let shape = &self.ty(*id).shape;
            shape[..shape.len().saturating_sub(extra(f))].to_vec()
        });
        let inferred = widest.max_by_key(Vec::len).unwrap_or_default();
        let event = declared.as_ref().map_or(inferred.clone(), |ty| ty.shape.clone());
        let mut classes = None;
        for (formal, (name, id)) in call.item.formals.iter().zip(&mut params) {
            let tail = extra(formal);
            let shape = self.ty(*id).shape.clone();
            if tail == 0 {
                *id = self.fill(*id, &event, call.span)?;
            } else {
                classes = shape.last().copied();
            }
            let got = self.ty(*id).clone();
            if got.dtype != DType::F32 {
                let text = format!(
                    "parameter `{name}` of `{}` is `{}`, and must be real",
                    call.family,
                    show(&got)
                );
                return self.fail(codes::RL0103, text, call.span, "convert it: `float(...)`");
            }
            let got = got.shape;
            if got.len() != event.len() + tail || got[..event.len()] != event[..] {
                return self.parameter_shape(call, name, &shape, &event, declared.is_some(), span);
            }
        }
        let support = match (call.item.support.name.as_str(), declared.as_ref(), classes) {
            ("real", ..) => Support::Real,
            ("bit", ..) => Support::Bit,
            ("unit", ..) => Support::Interval(0.0, 1.0),
            ("positive", ..) => Support::Positive,
            ("index", _, Some(n)) => Support::Index(n),
            ("index", Some(Type { support: index @ Support::Index(_), .. }), None) => *index,
            ("index", ..) => {
                let text = format!("how many values `{}` has is not known", call.family);
                return self.fail(
                    codes::RL0124,
                    text,
                    span,
                    "declare the value: `z: idx(n) ~ ...`",
                );
            }
            (word, ..) => {
                let text = format!("`{}` is a distribution on `{word}`", call.family);
                let help = "write `on real`, `on positive`, `on unit`, `on bit` or `on index`";
                return self.fail(codes::RL0124, text, call.item.support.span, help);
            }
        };
        let ty = self.event_type(call, declared, event, support, &params, span)?;
        self.formulas(call, params, (ty, support), stream, span)
    }

    fn parameter_shape<T>(
        &mut self,
        call: &DistCall<'a>,
        name: &str,
        shape: &[usize],
        event: &[usize],
        declared: bool,
        span: Span,
    ) -> Res<T> {
        let (given, wanted) = (
            crate::model::elaborate::expr::types::dims(shape),
            crate::model::elaborate::expr::types::dims(event),
        );
        let text = format!(
            "parameter `{name}` of `{}` has shape [{given}], the value [{wanted}]",
            call.family
        );
        let diagnostic =
            self.error(codes::RL0103, text, call.span, &format!("`{name}` is [{given}]"));
        let diagnostic = if declared {
            diagnostic.also(self.place(span), format!("the value is [{wanted}]"))
        } else {
            diagnostic
        };
        self.stop(
            diagnostic
                .help("give the last layer the width of the value, or a scalar for all elements"),
        )
    }

    fn event_type(
        &mut self,
        call: &DistCall<'a>,
        declared: Option<Type>,
        event: Vec<usize>,
        support: Support,
        params: &[(String, ExprId)],
        span: Span,
    ) -> Res<Type> {
        let dtype = if matches!(support, Support::Index(_)) { DType::I32 } else { DType::F32 };
        let varies = true;
        let Some(declared) = declared else {
            return Ok(Type { dtype, shape: event, support, varies });
        };
        let ok = match (support, declared.support) {
            (Support::Real, _) => declared.dtype == DType::F32,
            (Support::Positive, Support::Real | Support::Positive) => declared.dtype == DType::F32,
            (Support::Interval(..), Support::Bit) => true,
            (wanted, given) => {
                declared.dtype == dtype
                    && given.fits(wanted)
                    && (dtype != DType::I32 || given == wanted)
            }
        };
        if !ok {
            return self.wrong_support(call, &declared, support, params, span);
        }
        Ok(Type { varies, ..declared })
    }

    /// The distribution cannot score values of the declared type.
    fn wrong_support<T>(
        &mut self,
        call: &DistCall<'a>,
        declared: &Type,
        support: Support,
        params: &[(String, ExprId)],
        span: Span,
    ) -> Res<T> {
        let name =
            self.names.sources.text(span).split([':', ' ', '~']).next().unwrap_or("x").to_string();
        let domain = match support {
            Support::Bit => "{0, 1}".to_string(),
            Support::Interval(a, b) => format!("[{a}, {b}]"),
            Support::Index(n) => format!("0..{n}"),
            Support::Positive => "the positive reals".to_string(),
            _ => "the reals".to_string(),
        };
        let text = format!("{} cannot score values of `{name}`", call.family);
        let mut diagnostic = self.error(
            codes::RL0116,
            text,
            span,
            &format!("the support of {} is {domain}", call.family),
        );
        let field = self.m.fields.iter().find(|f| f.name == name).cloned();
        let values = match field.as_ref().map_or(declared.support, |f| f.ty.support) {
            Support::Bit => "bits".to_string(),
            Support::Interval(a, b) => format!("reals in [{a}, {b}]"),
            Support::Index(n) => format!("indices below {n}"),
            _ => "reals".to_string(),
        };
        if let Some(field) = &field {
            diagnostic = diagnostic.also(field.span, format!("`{name}` holds {values}"));
        } else {
            diagnostic = diagnostic.note(format!("`{name}` holds {values}"));
        }
        let shape = crate::model::elaborate::expr::types::dims(&declared.shape);
        let first = params.first().map_or("logits", |(n, _)| n.as_str());
        if support == Support::Bit {
            let data = field.map_or("d".to_string(), |f| f.data);
            diagnostic = diagnostic
                .help(format!("draw bits from the levels: `data {data} from source(binarize = \"stochastic\") {{ {name}: bit[{shape}] }}`"))
                .help(format!("score reals in [0, 1]: `{name}: f32[{shape}] in 0..1 ~ ContinuousBernoulli(logits = ...)`"))
                .help(format!("keep the common shortcut and accept that it is no likelihood: `loss rec = binary_cross_entropy({first}, {name})`"));
        } else {
            diagnostic = diagnostic.help(match support {
                Support::Interval(..) => {
                    format!("declare the range: `{name}: f32[{shape}] in 0..1`")
                }
                Support::Index(n) => format!("declare `{name}: idx({n})`"),
                _ => format!("declare `{name}: f32[{shape}]`"),
            });
        }
        self.stop(diagnostic)
    }

    fn formulas(
        &mut self,
        call: &DistCall<'a>,
        params: Vec<(String, ExprId)>,
        (ty, support): (Type, Support),
        stream: &str,
        span: Span,
    ) -> Res<DistId> {
        let file = call.file;
        let (value, x) = self.m.fresh_var("x", ty.clone(), span);
        let by_name = self.variants(file, &call.family).len() > 1;
        let mut env: Env<'a> = None;
        for (name, id) in &params {
            env = bind(&env, name, Value::Tensor(*id));
        }
        let mut derived = params.clone();
        let calls = self.calling(span)?;
        let noise = NoiseContext {
            shape: ty.shape.clone(),
            stream: format!("~{stream}"),
            drawn: Cell::new(0),
            per_example: true,
            weight: None,
        };
        let inside = |here: &mut Scope<'a>| {
            here.calls = calls;
            here.noise = Some(Rc::new(noise));
            here.fields_visible = false;
        };
        let read = |e: &mut Self| {
            for (name, row) in
                call.item.rows.iter().filter(|(n, _)| !RESERVED.contains(&n.name.as_str()))
            {
                let row = e.eval(*row, file, &env)?;
                let id = e.tensor(&row, span)?;
                env = bind(&env, &name.name, Value::Tensor(id));
                derived.push((name.name.clone(), id));
            }
            // The value that is scored; a draw and its moments know none.
            let scored = bind(&env, "x", Value::Tensor(x));
            let row = |e: &mut Self, name: &str| -> Res<Option<ExprId>> {
                let Some((_, id)) = call.item.rows.iter().find(|(n, _)| n.name == name) else {
                    return Ok(None);
                };
                let env = if ["logp", "mass"].contains(&name) { &scored } else { &env };
                let value = e.eval(*id, file, env)?;
                let place = e.names.files[&file].expr(*id).span;
                let id = e.tensor(&value, span)?;
                let dtype = if ["draw", "mode"].contains(&name) { ty.dtype } else { DType::F32 };
                let id = if dtype == DType::I32 { e.counted(id, place)? } else { id };
                e.row_type(&call.family, (name, place), id, dtype)?;
                e.fill(id, &ty.shape, span).map(Some)
            };
            let draw = row(e, "draw")?;
            if let Some(draw) = draw.filter(|_| !e.names.sources.is_prelude(file)) {
                e.drawn_in(&call.family, draw, support, span)?;
            }
            let logp = match row(e, "logp")? {
                Some(id) => Some(e.sum_all(id, span)?),
                None => None,
            };
            let mass = row(e, "mass")?;
            let entropy = match row(e, "entropy")? {
                Some(id) => Some(e.sum_all(id, span)?),
                None => None,
            };
            let (mean, variance) = (row(e, "mean")?, row(e, "variance")?);
            let mode = row(e, "mode")?;
            let (reparameterized, bounded) = (e.mark(call, "pathwise")?, e.mark(call, "bounded")?);
            Ok(ir::Dist {
                family: call.family.clone(),
                home: file,
                formula: e.row_text(call, "logp"),
                params: params.clone(),
                by_name,
                value,
                ty: ty.clone(),
                logp,
                mass,
                draw,
                reparameterized,
                bounded,
                support,
                values: match support {
                    Support::Bit => Some(2),
                    Support::Index(n) => Some(n),
                    _ => None,
                },
                entropy,
                mean,
                variance,
                mode,
            })
        };
        let result = self.at(inside, read);
        let dist = result?;
        let id = DistId(self.m.dists.len() as u32);
        self.m.dists.push(dist);
        self.m.dist_members.push(derived);
        Ok(id)
    }

    /// The left side draws what the right one says cannot be.
    fn excluded<T>(&mut self, q: &str, p: &str, span: Span) -> Res<T> {
        let text = format!("the divergence from `{q}` to `{p}` is infinite");
        let label = format!("`{q}` gives all reals, `{p}` excludes those beyond its bounds");
        let diagnostic = self.error(codes::RL0116, text, span, &label).help(format!(
            "let both sides be `{p}`, or let the right one be a density on all reals: `Normal(0, 1)`"
        ));
        self.stop(diagnostic)
    }

    /// A row of a distribution has numbers of its kind.
    fn row_type(
        &mut self,
        family: &str,
        (row, place): (&str, Span),
        id: ExprId,
        wanted: DType,
    ) -> Res<()> {
        let given = self.ty(id).clone();
        if given.dtype == wanted {
            return Ok(());
        }
        let kind = if wanted == DType::I32 { "a whole number" } else { "real" };
        let text = format!("`{row}` of `{family}` is `{}`, and must be {kind}", show(&given));
        let help = if wanted == DType::I32 { "write `int(...)`" } else { "write `float(...)`" };
        self.fail(codes::RL0106, text, place, help)
    }

    /// Draws of indices and bits are proven to be some: lookups rely on it.
    fn drawn_in(&mut self, family: &str, draw: ExprId, support: Support, span: Span) -> Res<()> {
        let proven = match support {
            // `1 - bit` and the like: between the two at least.
            Support::Bit => self.lies_in(draw, Support::Interval(0.0, 1.0)),
            Support::Index(_) => self.lies_in(draw, support),
            _ => true,
        };
        if proven {
            return Ok(());
        }
        let (what, help) = match support {
            Support::Index(n) => {
                (format!("one of 0 to {}", n - 1), format!("`clip(k, 0, {})`", n - 1))
            }
            _ => ("a bit".into(), "`float(uniform_noise() < p)`".into()),
        };
        let text = format!("a draw of `{family}` is not proven to be {what}");
        self.fail(codes::RL0106, text, span, &format!("let `draw` say so: {help}"))
    }

    /// `pathwise` and `bounded`: yes or no; no where nothing is said.
    fn mark(&mut self, call: &DistCall<'a>, mark: &str) -> Res<bool> {
        let row = call.item.rows.iter().find(|(name, _)| name.name == mark);
        let Some((_, e)) = row else { return Ok(false) };
        let expr = self.names.files[&call.file].expr(*e);
        if let ast::ExprKind::Bool(yes) = expr.kind {
            return Ok(yes);
        }
        let text = format!("`{mark}` of `{}` is true or false", call.family);
        self.fail(codes::RL0106, text, expr.span, &format!("write `{mark} = true`"))
    }

    /// A row as it is written in the prelude, on one line.
    fn row_text(&self, call: &DistCall<'a>, name: &str) -> String {
        let row = call.item.rows.iter().find(|(n, _)| n.name == name);
        row.map_or(String::new(), |(_, e)| self.one_line(call.file, *e))
    }

    fn one_line(&self, file: FileId, e: ast::ExprId) -> String {
        let text = self.names.sources.text(self.names.files[&file].expr(e).span);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The sum over all dims of an event.
    pub fn sum_all(&mut self, id: ExprId, span: Span) -> Res<ExprId> {
        let rank = self.ty(id).shape.len();
        if rank == 0 {
            return Ok(id);
        }
        self.op(&reduce::SUM, vec![id], Attrs::Axes((0..rank).collect()), Support::Real, span)
    }

    /// The file whose family a name stands for in another file.
    fn home(&self, file: FileId, name: &str) -> Option<FileId> {
        let declares =
            |id: &FileId| self.names.globals.get(id).is_some_and(|g| g.contains_key(name));
        let used = self.used_plainly(file).map(|(used, _)| used);
        let library = self.names.prelude.get(name).and_then(|list| list.first());
        let own = std::iter::once(file).chain(used).find(declares);
        own.or(library.map(|(id, _)| *id))
    }

    /// Says of closed forms which families are none: such a form would never be used.
    pub fn families_of_divergences(&mut self) {
        let list = self.names.prelude.get("KL").cloned().unwrap_or_default();
        for (file, global) in list {
            let ast::ItemKind::Divergence { q_family, p_family, .. } = &global.item.kind else {
                continue;
            };
            for family in [q_family, p_family] {
                let item = self.home(file, &family.name).and_then(|home| {
                    let own =
                        self.names.globals.get(&home).and_then(|names| names.get(&family.name));
                    own.or_else(|| Some(&self.names.prelude.get(&family.name)?.first()?.1))
                });
                if item.is_some_and(|g| matches!(g.item.kind, ast::ItemKind::Distribution(_))) {
                    continue;
                }
                let text = format!("no distribution is called `{}`", family.name);
                let help = "declare it: `distribution NAME(...) on real { ... }`, or write the name \
                            of one of the library";
                let error = self.error(codes::RL0101, text, family.span, "not a distribution");
                self.diags.push(error.help(help));
            }
        }
    }

    /// The closed-form divergence of two distributions over one value, if some file has one.
    pub fn closed_form(&mut self, q: Side, p: Side, span: Span) -> Res<Option<ExprId>> {
        match self.closed_elements(q, p, span)? {
            Some(each) => self.sum_all(each, span).map(Some),
            None => Ok(None),
        }
    }

    /// The same for every element of the value.
    pub fn closed_elements(
        &mut self,
        (q, q_at): Side,
        (p, p_at): Side,
        span: Span,
    ) -> Res<Option<ExprId>> {
        let (dq, dp) = (&self.m.dists[q.0 as usize], &self.m.dists[p.0 as usize]);
        if dq.ty.shape != dp.ty.shape {
            let (a, b) = (show(&dq.ty), show(&dp.ty));
            return self.fail(
                codes::RL0103,
                format!("the sides of `||` are over `{a}` and `{b}`"),
                span,
                "declare both over the same type",
            );
        }
        let (fq, fp) = (dq.family.clone(), dp.family.clone());
        let of = |file: FileId, name: &str, dist: &ir::Dist| {
            name == dist.family && self.home(file, name) == Some(self.names.files.origin(dist.home))
        };
        let found =
            self.names.prelude.get("KL").into_iter().flatten().find_map(|(file, global)| {
                match &global.item.kind {
                    ast::ItemKind::Divergence { q, q_family, p, p_family, value }
                        if of(*file, &q_family.name, dq) && of(*file, &p_family.name, dp) =>
                    {
                        Some((*file, q, p, *value))
                    }
                    _ => None,
                }
            });
        let Some((file, q_name, p_name, value)) = found else {
            return if dp.bounded && !dq.bounded && dq.ty.support == Support::Real {
                self.excluded(&fq, &fp, span)
            } else {
                Ok(None)
            };
        };
        let homes = [dq.home, dp.home];
        let Some(places) = self.places_of_form(file, homes, span)? else { return Ok(None) };
        let sides = [(q_name, (q, q_at)), (p_name, (p, p_at))];
        let env = sides
            .into_iter()
            .fold(None, |env, (name, side)| bind(&env, &name.name, self.members_of(side)));
        let calls = self.calling(span)?;
        // A field of the data may be called like a function of the formula.
        let inside = |here: &mut Scope<'a>| (here.calls, here.fields_visible) = (calls, false);
        let forms: Res<Vec<ExprId>> = self.at(inside, |e| {
            let form = |place| e.eval(value, place, &env).and_then(|v| e.tensor(&v, span));
            places.into_iter().map(form).collect()
        });
        let forms = forms?;
        if forms.iter().any(|form| *form != forms[0]) {
            return Ok(None);
        }
        let text = self.one_line(file, value);
        self.m.divergences.insert((fq, fp), text);
        Ok(Some(forms[0]))
    }

    /// Parameters and rows of a distribution, as a closed form reads them.
    fn members_of(&mut self, (id, at): Side) -> Value<'a> {
        let members = self.m.dist_members[id.0 as usize].clone();
        let (names, mut values): (Vec<String>, Vec<ExprId>) = members.into_iter().unzip();
        if let Some(at) = at {
            values = self.m.opened(&values, &at.bind, &at.calls);
        }
        Value::Record(names.into_iter().zip(values.into_iter().map(Value::Tensor)).collect())
    }

    /// Where a closed form that a file declares is read for families of these files: in the file, or in
    /// the instances of it that the families belong to, which must have the same dims and settings.
    /// (Weights may still differ, and then the form does.) `None` where it is of other numbers.
    fn places_of_form(
        &mut self,
        file: FileId,
        homes: [FileId; 2],
        span: Span,
    ) -> Res<Option<Vec<FileId>>> {
        let mut places: Vec<FileId> = Vec::new();
        for home in homes {
            let origin = self.names.files.origin(home);
            let beside = match (origin == file, places.first()) {
                (true, first) => first.copied().unwrap_or(home),
                (false, _) => origin,
            };
            let same = home == beside
                || self.settings_of(home, span)? == self.settings_of(beside, span)?;
            if !same {
                return Ok(None);
            }
            if origin == file && !places.contains(&home) {
                places.push(home);
            }
        }
        Ok(Some(if places.is_empty() { vec![file] } else { places }))
    }
}
