//! Calls of metrics. In: a row of the table of metrics and the arguments. Out: a figure that the
//! host computes from a whole split; everything that the row says about arguments is checked here.

use crate::base::{Span, codes};
use crate::graph::attrs::Real;
use crate::graph::op::map as ops;
use crate::graph::{Attrs, DType};
use crate::metrics::{ArgKind, Metric, Setting};
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::{Args, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, ExprKind, Static, Support, Symbolic, Type};

/// No metric takes more values per example.
const MOST_ARGS: usize = 16;

/// Applies a metric.
pub fn apply<'a>(
    e: &mut Elab<'a>,
    row: &'static Metric,
    mut args: Args<'a>,
    span: Span,
) -> Res<Value<'a>> {
    let usage = row.usage();
    let mut settings: Vec<Real> = Vec::new();
    for setting in row.settings {
        settings.push(Real(match args.take(setting.name) {
            Some((value, place)) => number(e, row, setting, &value, place)?,
            None => setting.default,
        }));
    }
    if let Some((extra, _, place)) = args.named.first() {
        let text = format!("`{}` has no argument `{extra}`", row.name);
        return e.fail(codes::RL0104, text, *place, &usage);
    }
    let (given, wanted) = (args.positional.len(), row.args.len());
    if given != wanted {
        let text = format!("`{}` takes {wanted} arguments, given {given}", row.name);
        return e.fail(codes::RL0104, text, span, &usage);
    }
    let ids = arguments(e, row, args, span)?;
    let (low, high) = row.range;
    let bounded = high.is_finite() && low.is_finite();
    let support = if bounded { Support::Interval(low, high) } else { Support::Real };
    let ty = Type { dtype: DType::F32, shape: vec![], support, varies: false, ends: false };
    e.push(
        ExprKind::Symbolic(Symbolic::Metric { name: row.name.into(), args: ids, settings }),
        ty,
        span,
    )
    .map(Value::Tensor)
}

/// The values of all arguments, each of the kind that the row says.
fn arguments<'a>(e: &mut Elab<'a>, row: &Metric, args: Args<'a>, span: Span) -> Res<Vec<ExprId>> {
    let mut ids = Vec::new();
    for ((value, place), (name, kind)) in args.positional.into_iter().zip(row.args) {
        let Some(found) = argument(e, value, *kind, place)? else {
            let text = format!("`{name}` of `{}` must be {}", row.name, kind.show());
            return e.fail(codes::RL0103, text, place, help(*kind));
        };
        if let (ArgKind::Alike, Some(first)) = (*kind, ids.first().copied())
            && found.iter().any(|id| e.ty(*id).shape != e.ty(first).shape)
        {
            let shown = [first, found[0]].map(|id| show(e.ty(id)));
            let text = format!("`{}` of `{}` and `{}`", row.name, shown[0], shown[1]);
            return e.fail(codes::RL0103, text, place, "give both the same shape");
        }
        ids.extend(found);
    }
    if ids.len() > MOST_ARGS {
        let text = format!("`{}` with {} factors", row.name, ids.len() - 1);
        let help = "put them into one field: `idx(n)[F]`";
        return e.fail(codes::RL0103, text, span, help);
    }
    Ok(ids)
}

fn help(kind: ArgKind) -> &'static str {
    match kind {
        ArgKind::Reals | ArgKind::Alike => {
            "`one_hot(i, n)` makes reals of an index, `float(b)` of a truth value"
        }
        ArgKind::Real => "reduce it: `sum(...)`, `mean(...)`",
        ArgKind::Class => "declare it `y: idx(10)`",
        ArgKind::Flag => "compare: `y == 1`",
        ArgKind::Flags => "`one_hot(y, n)` are the groups of a class, `x > 0` compares each",
        ArgKind::Factors(_) => "declare `factors: idx(8)[5]`, or write `(shape, scale)`",
        ArgKind::Tokens => "declare it `x: idx(n)[t]`",
        ArgKind::Matrix => "`reshape(x, m, n)` makes one, `jacobian(f, at = z)` is one",
        ArgKind::Chain => "keep the states of one number: `E[x ~ hmc(p, keep = 100)](x[:, 0])`",
        ArgKind::Any => "`float(b)` makes a number of a truth value",
    }
}

/// The values of an argument; none if it is of another kind.
fn argument<'a>(
    e: &mut Elab<'a>,
    value: Value<'a>,
    kind: ArgKind,
    place: Span,
) -> Res<Option<Vec<ExprId>>> {
    if let ArgKind::Factors(least) = kind {
        return factors(e, value, least, place);
    }
    let id = e.tensor(&value, place)?;
    let Type { dtype, shape, support, .. } = e.ty(id).clone();
    let class = matches!(support, Support::Index(_));
    let fits = match kind {
        ArgKind::Reals | ArgKind::Alike => dtype == DType::F32,
        ArgKind::Real => dtype == DType::F32 && shape.is_empty(),
        ArgKind::Class => class && shape.is_empty(),
        ArgKind::Tokens => class && shape.len() == 1,
        ArgKind::Matrix => dtype == DType::F32 && shape.len() == 2,
        ArgKind::Chain => dtype == DType::F32 && shape.len() == 1 && shape[0] >= 4,
        ArgKind::Flags => matches!(support, Support::Bool | Support::Bit) && shape.len() == 1,
        ArgKind::Flag => {
            matches!(support, Support::Bool | Support::Bit | Support::Index(2)) && shape.is_empty()
        }
        _ => dtype != DType::Bool,
    };
    if !fits {
        return Ok(None);
    }
    if dtype != DType::Bool {
        return Ok(Some(vec![id]));
    }
    e.op(&ops::CAST, vec![id], Attrs::DType(DType::F32), Support::Bit, place)
        .map(|id| Some(vec![id]))
}

fn factors<'a>(
    e: &mut Elab<'a>,
    value: Value<'a>,
    least: usize,
    place: Span,
) -> Res<Option<Vec<ExprId>>> {
    let parts = match value {
        Value::Tuple(parts) => parts,
        Value::Record(parts) => parts.into_iter().map(|(_, value)| value).collect(),
        one => vec![one],
    };
    let (mut ids, mut number) = (Vec::new(), 0);
    for part in &parts {
        let id = e.tensor(part, place)?;
        let ty = e.ty(id);
        if !matches!(ty.support, Support::Index(_)) {
            return Ok(None);
        }
        number += ty.shape.iter().product::<usize>();
        ids.push(id);
    }
    Ok((number >= least).then_some(ids))
}

fn number<'a>(
    e: &mut Elab<'a>,
    row: &Metric,
    setting: &Setting,
    value: &Value<'a>,
    place: Span,
) -> Res<f64> {
    let found = match value {
        Value::Static(Static::Int(n)) | Value::Dim(_, n) => Some(*n as f64),
        Value::Static(Static::Float(x)) => Some(*x),
        _ => None,
    };
    let (low, high) = setting.range;
    let what = if setting.whole { "a whole number" } else { "a number" };
    match found {
        Some(x) if (low..=high).contains(&x) && (!setting.whole || x.fract() == 0.0) => Ok(x),
        _ => {
            let shown = found.map_or(value.kind().to_string(), |x| x.to_string());
            let text = format!("`{}` of `{}` is {shown}", setting.name, row.name);
            let help = format!("write {what} from {low} to {high}, known when compiling");
            e.fail(codes::RL0107, text, place, &help)
        }
    }
}
