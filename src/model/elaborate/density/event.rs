//! The event of a distribution: the shape and the support of one value. In: a call of a family and the
//! type that is declared for the value, if one is. Out: a distribution whose parameters have that shape.

use crate::base::{Span, codes};
use crate::graph::DType;
use crate::model::elaborate::expr::types::{dims, show};
use crate::model::elaborate::value::DistCall;
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{DistId, ExprId, Support, Type};
use crate::syntax::ast;

/// How many dims a parameter has besides those of the event.
fn own_dims(formal: &ast::Formal) -> usize {
    match &formal.ty {
        Some(ast::RType::Plain(ty)) => ty.shape.as_ref().map_or(0, Vec::len),
        _ => 0,
    }
}

/// The values that a distribution gives, in words.
fn domain(support: Support) -> String {
    match support {
        Support::Bit => "{0, 1}".to_string(),
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
        let mut params = Vec::new();
        for (name, value) in &call.params {
            params.push((name.clone(), self.tensor(value, call.span)?));
        }
        let event = match &declared {
            Some(ty) => ty.shape.clone(),
            None => self.widest_event(call, &params),
        };
        let classes = self.fill_params(call, &mut params, &event, declared.is_some(), span)?;
        let support = self.support_of(call, declared.as_ref(), classes, span)?;
        let ty = self.event_type(call, declared, event, support, &params, span)?;
        self.formulas(call, params, (ty, support), stream, span)
    }

    /// The event that the parameters have: that of the one with the most dims.
    fn widest_event(&self, call: &DistCall<'a>, params: &[(String, ExprId)]) -> Vec<usize> {
        let events = call.item.formals.iter().zip(params).map(|(f, (_, id))| {
            let shape = &self.ty(*id).shape;
            shape[..shape.len().saturating_sub(own_dims(f))].to_vec()
        });
        events.max_by_key(Vec::len).unwrap_or_default()
    }

    /// Gives every parameter the dims of the event. The result is the length of a dim that a parameter
    /// has of its own: the number of classes.
    fn fill_params(
        &mut self,
        call: &DistCall<'a>,
        params: &mut [(String, ExprId)],
        event: &[usize],
        declared: bool,
        span: Span,
    ) -> Res<Option<usize>> {
        let mut classes = None;
        for (formal, (name, id)) in call.item.formals.iter().zip(params) {
            let tail = own_dims(formal);
            let shape = self.ty(*id).shape.clone();
            if tail == 0 {
                *id = self.fill(*id, event, call.span)?;
            } else {
                classes = shape.last().copied();
            }
            self.real_parameter(call, name, *id)?;
            let got = &self.ty(*id).shape;
            if got.len() != event.len() + tail || got[..event.len()] != event[..] {
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
    fn support_of(
        &mut self,
        call: &DistCall<'a>,
        declared: Option<&Type>,
        classes: Option<usize>,
        span: Span,
    ) -> Res<Support> {
        Ok(match (call.item.support.name.as_str(), declared, classes) {
            ("real", ..) => Support::Real,
            ("bit", ..) => Support::Bit,
            ("unit", ..) => Support::Interval(0.0, 1.0),
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
                let help = "write `on real`, `on positive`, `on unit`, `on bit` or `on index`";
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
        if support != Support::Bit {
            return self.stop(diagnostic.help(fitting_declaration(support, &name, &shape)));
        }
        let data = field.map_or("d", |f| &f.data);
        let first = params.first().map_or("logits", |(n, _)| n.as_str());
        let ways = ways_from_bits(data, &name, &shape, first);
        self.stop(ways.into_iter().fold(diagnostic, |diagnostic, way| diagnostic.help(way)))
    }
}
