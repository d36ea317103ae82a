//! The event of a distribution: the shape and the support of one value. In: a call of a family and the
//! type that is declared for the value, if one is. Out: a distribution whose parameters have that shape.

use crate::base::{Span, codes};
use crate::graph::DType;
use crate::model::elaborate::density::family::made_of::{Part, is_part};
use crate::model::elaborate::expr::types::{dims, show};
use crate::model::elaborate::value::DistCall;
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{DistId, ExprId, Support, Type};
use crate::syntax::ast;

/// The dims that a parameter has besides those that count values.
pub fn own_dims(formal: &ast::Formal) -> &[ast::Dim] {
    match &formal.ty {
        Some(ast::RType::Plain(ty)) => ty.shape.as_deref().unwrap_or_default(),
        _ => &[],
    }
}

/// Sizes of dims that a family names: `n` of `on simplex[n]`.
type Sizes = Vec<(String, usize)>;

/// The values that a distribution gives, in words.
fn domain(support: Support) -> String {
    match support {
        Support::Bit => "{0, 1}".to_string(),
        Support::Count => "0, 1, 2, ...".to_string(),
        Support::Interval(a, b) => format!("[{a}, {b}]"),
        Support::Index(n) => format!("0..{n}"),
        Support::Positive => "the positive reals".to_string(),
        _ => "the reals".to_string(),
    }
}

/// The values that a name holds, in words.
fn held(support: Support) -> String {
    match support {
        Support::Bit => "bits".to_string(),
        Support::Count => "counts".to_string(),
        Support::Interval(a, b) => format!("reals in [{a}, {b}]"),
        Support::Index(n) => format!("indices below {n}"),
        _ => "reals".to_string(),
    }
}

/// The ways to give reals to a distribution of bits. `first` is its first parameter.
fn ways_from_bits(data: &str, name: &str, shape: &str, first: &str) -> [String; 3] {
    [
        format!(
            "draw bits from the levels: `data {data} from source(binarize = \"stochastic\") {{ {name}: bit[{shape}] }}`"
        ),
        format!(
            "score reals in [0, 1]: `{name}: f32[{shape}] in 0..1 ~ ContinuousBernoulli(logits = ...)`"
        ),
        format!(
            "keep the common shortcut and accept that it is no likelihood: `loss rec = binary_cross_entropy({first}, {name})`"
        ),
    ]
}

/// The declaration of a value with the support of its distribution.
fn fitting_declaration(support: Support, name: &str, shape: &str) -> String {
    match support {
        Support::Interval(..) => format!("declare the range: `{name}: f32[{shape}] in 0..1`"),
        Support::Index(n) => format!("declare `{name}: idx({n})`"),
        Support::Bit => format!("declare `{name}: bit[{shape}]`"),
        Support::Count if shape.is_empty() => format!("declare `{name}: count`"),
        Support::Count => format!("declare `{name}: count[{shape}]`"),
        _ => format!("declare `{name}: f32[{shape}]`"),
    }
}

impl<'a> Elab<'a> {
    /// Shapes a distribution by its event; `stream` names the noise of its draws.
    pub fn shape_dist(
        &mut self,
        call: &DistCall<'a>,
        declared: Option<Type>,
        stream: &str,
        span: Span,
    ) -> Res<DistId> {
        let mut params = self.tensor_params(call)?;
        let parts = self.parts_of(call)?;
        let (event, sizes) = self.event_of(call, &params, declared.as_ref(), span)?;
        let lead = event.len() - call.item.event.len();
        let classes = self.fill_params(
            call,
            &mut params,
            (&event[..lead], &sizes),
            (&event, declared.is_some()),
            span,
        )?;
        let support = self.support_of(call, declared.as_ref(), classes, &parts, span)?;
        let ends = declared.as_ref().is_some_and(|ty| ty.ends);
        let ty = self.event_type(call, declared, event, support, &params, span)?;
        let ty = Type { ends, ..ty };
        self.formulas(call, params, (ty, support), stream, span)
    }

    /// The parameters that are numbers.
    fn tensor_params(&mut self, call: &DistCall<'a>) -> Res<Vec<(String, ExprId)>> {
        let mut params = Vec::new();
        for formal in call.item.formals.iter().filter(|formal| !is_part(formal)) {
            let Some((name, value)) = call.params.iter().find(|(n, _)| *n == formal.name.name)
            else {
                continue;
            };
            let id = self.tensor(value, call.span)?;
            if !self.here.plain && self.counts(id, call.span)?.iter().any(Option::is_some) {
                return self.loose_end(&format!("`{}`", call.family), call.span);
            }
            params.push((name.clone(), id));
        }
        Ok(params)
    }

    /// The shape that a distribution has by itself.
    pub fn event_alone(&mut self, call: &DistCall<'a>, span: Span) -> Res<Vec<usize>> {
        let params = self.tensor_params(call)?;
        Ok(self.event_of(call, &params, None, span)?.0)
    }

    /// The parameters of a distribution of a value of this type.
    pub fn shaped_params(
        &mut self,
        call: &DistCall<'a>,
        ty: &Type,
        span: Span,
    ) -> Res<Vec<(String, ExprId)>> {
        let mut params = self.tensor_params(call)?;
        let (event, sizes) = self.event_of(call, &params, Some(ty), span)?;
        let lead = event.len() - call.item.event.len();
        self.fill_params(call, &mut params, (&event[..lead], &sizes), (&event, true), span)?;
        Ok(params)
    }

    /// The shape of a value, as it is declared or as the parameters have it: that of the one with the most
    /// dims, and behind it the dims of one value. The sizes that the family's names of dims have.
    fn event_of(
        &mut self,
        call: &DistCall<'a>,
        params: &[(String, ExprId)],
        declared: Option<&Type>,
        span: Span,
    ) -> Res<(Vec<usize>, Sizes)> {
        let own = &call.item.event;
        let mut sizes = Sizes::new();
        if let Some(ty) = declared {
            if ty.shape.len() < own.len() {
                return self.no_vector(call, ty, span);
            }
            self.sizes_of(call, own, &ty.shape[ty.shape.len() - own.len()..], &mut sizes);
        }
        let mut lead: Vec<usize> = Vec::new();
        let own_formals = call.item.formals.iter().filter(|formal| !is_part(formal));
        for (formal, (_, id)) in own_formals.zip(params) {
            let (shape, dims) = (self.ty(*id).shape.clone(), own_dims(formal));
            let split = shape.len().saturating_sub(dims.len());
            if shape.len() >= dims.len() {
                self.sizes_of(call, dims, &shape[split..], &mut sizes);
            }
            if split > lead.len() {
                lead = shape[..split].to_vec();
            }
        }
        // What is declared says more than parts.
        let parts = if declared.is_some() { vec![] } else { self.parts_of(call)? };
        for (formal, calls) in parts {
            let many = own_dims(formal);
            for sub in &calls {
                let mut event = self.event_alone(sub, span)?;
                let one = event.split_off(event.len() - own.len());
                self.sizes_of(call, own, &one, &mut sizes);
                let cut = if calls.len() > 1 { 0 } else { many.len() };
                let split = event.len().saturating_sub(cut);
                if split > lead.len() {
                    lead = event[..split].to_vec();
                }
            }
        }
        match declared {
            Some(ty) => Ok((ty.shape.clone(), sizes)),
            None => {
                lead.extend(self.named_sizes(call, own, &sizes, span)?);
                Ok((lead, sizes))
            }
        }
    }

    /// What named dims are, where the first to say it says so.
    fn sizes_of(&self, call: &DistCall<'a>, dims: &[ast::Dim], of: &[usize], sizes: &mut Sizes) {
        for (dim, size) in dims.iter().zip(of) {
            if let Some(name) = self.name_of_dim(call, dim)
                && sizes.iter().all(|(known, _)| *known != name)
            {
                sizes.push((name, *size));
            }
        }
    }

    pub(super) fn name_of_dim(&self, call: &DistCall<'a>, dim: &ast::Dim) -> Option<String> {
        let ast::Dim::Expr(e) = dim else { return None };
        match &self.names.files[&call.file].expr(*e).kind {
            ast::ExprKind::Name(name) => Some(name.clone()),
            _ => None,
        }
    }

    /// The sizes of dims that are known by their names.
    fn named_sizes(
        &mut self,
        call: &DistCall<'a>,
        dims: &[ast::Dim],
        sizes: &Sizes,
        span: Span,
    ) -> Res<Vec<usize>> {
        let mut list = Vec::new();
        for dim in dims {
            let name = self.name_of_dim(call, dim).unwrap_or_default();
            let Some((_, size)) = sizes.iter().find(|(known, _)| *known == name) else {
                let text = format!("how long a value of `{}` is is not known", call.family);
                let help = "declare the value: `z: f32[4] ~ ...`, or give a parameter its dims";
                return self.fail(codes::RL0124, text, span, help);
            };
            list.push(*size);
        }
        Ok(list)
    }

    /// A value of a family of vectors that has no dims.
    fn no_vector<T>(&mut self, call: &DistCall<'a>, ty: &Type, span: Span) -> Res<T> {
        let text = format!("`{}` gives vectors, the value is `{}`", call.family, show(ty));
        self.fail(codes::RL0103, text, span, "declare it with its length: `z: f32[4] ~ ...`")
    }

    /// Gives every parameter the dims that count values, and those of its own. The result is the length
    /// of a dim that a parameter has of its own: the number of classes.
    fn fill_params(
        &mut self,
        call: &DistCall<'a>,
        params: &mut [(String, ExprId)],
        (lead, sizes): (&[usize], &Sizes),
        (event, declared): (&[usize], bool),
        span: Span,
    ) -> Res<Option<usize>> {
        let mut classes = None;
        let own_formals = call.item.formals.iter().filter(|formal| !is_part(formal));
        for (formal, (name, id)) in own_formals.zip(params) {
            let own = own_dims(formal);
            let shape = self.ty(*id).shape.clone();
            let vectors = !call.item.event.is_empty();
            if own.is_empty() {
                *id = self.fill(*id, lead, call.span)?;
            } else if vectors {
                let wanted = [lead, &self.named_sizes(call, own, sizes, span)?].concat();
                if shape.is_empty() {
                    *id = self.fill(*id, &wanted, call.span)?;
                }
                if self.ty(*id).shape != wanted {
                    return self.parameter_shape(call, name, &shape, event, declared, span);
                }
            }
            if !own.is_empty() {
                classes = self.ty(*id).shape.last().copied();
            }
            self.real_parameter(call, name, *id)?;
            let got = &self.ty(*id).shape;
            if got.len() != lead.len() + own.len() || got[..lead.len()] != lead[..] {
                return self.parameter_shape(call, name, &shape, event, declared, span);
            }
        }
        Ok(classes)
    }

    fn real_parameter(&mut self, call: &DistCall<'a>, name: &str, id: ExprId) -> Res<()> {
        let got = self.ty(id);
        if got.dtype == DType::F32 {
            return Ok(());
        }
        let (family, got) = (&call.family, show(got));
        let text = format!("parameter `{name}` of `{family}` is `{got}`, and must be real");
        self.fail(codes::RL0103, text, call.span, "convert it: `float(...)`")
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
        let (given, wanted) = (dims(shape), dims(event));
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

    /// The support that a family declares; `classes` is how many values its parameters tell apart.
    pub fn support_of(
        &mut self,
        call: &DistCall<'a>,
        declared: Option<&Type>,
        classes: Option<usize>,
        parts: &[Part<'a>],
        span: Span,
    ) -> Res<Support> {
        let word = &call.item.support.name;
        if parts.iter().any(|(formal, _)| formal.name.name == *word) {
            return self.support_of_parts(parts, span);
        }
        Ok(match (call.item.support.name.as_str(), declared, classes) {
            ("real" | "sphere", ..) => Support::Real,
            ("bit", ..) => Support::Bit,
            ("count", ..) => Support::Count,
            ("unit" | "simplex", ..) => Support::Interval(0.0, 1.0),
            ("positive", ..) => Support::Positive,
            ("index", _, Some(n)) => Support::Index(n),
            ("index", Some(Type { support: index @ Support::Index(_), .. }), None) => *index,
            ("index", ..) => {
                let text = format!("how many values `{}` has is not known", call.family);
                let help = "declare the value: `z: idx(n) ~ ...`";
                return self.fail(codes::RL0124, text, span, help);
            }
            (word, ..) => {
                let text = format!("`{}` is a distribution on `{word}`", call.family);
                let help = "write `on real`, `on positive`, `on unit`, `on bit`, `on count` or `on \
                            index`; of vectors `on real[n]`, `on simplex[n]`, `on sphere[n]`";
                return self.fail(codes::RL0124, text, call.item.support.span, help);
            }
        })
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
            return Ok(Type { dtype, shape: event, support, varies, ends: false });
        };
        let ok = match (support, declared.support) {
            (Support::Real, _) => declared.dtype == DType::F32,
            (Support::Positive, Support::Real | Support::Positive) => declared.dtype == DType::F32,
            (Support::Interval(..), Support::Bit) => true,
            (Support::Count, given) => given.fits(Support::Count),
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
        let text = format!("{} cannot score values of `{name}`", call.family);
        let label = format!("the support of {} is {}", call.family, domain(support));
        let diagnostic = self.error(codes::RL0116, text, span, &label);
        let field = self.m.fields.iter().find(|f| f.name == name);
        let values = held(field.map_or(declared.support, |f| f.ty.support));
        let holds = format!("`{name}` holds {values}");
        let diagnostic = match field {
            Some(field) => diagnostic.also(field.span, holds),
            None => diagnostic.note(holds),
        };
        let shape = dims(&declared.shape);
        if support != Support::Bit || !call.item.event.is_empty() {
            return self.stop(diagnostic.help(fitting_declaration(support, &name, &shape)));
        }
        let data = field.map_or("d", |f| &f.data);
        let first = params.first().map_or("logits", |(n, _)| n.as_str());
        let ways = ways_from_bits(data, &name, &shape, first);
        self.stop(ways.into_iter().fold(diagnostic, |diagnostic, way| diagnostic.help(way)))
    }
}
