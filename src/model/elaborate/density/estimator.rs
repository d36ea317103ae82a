//! What is asked of an expectation: `samples = 5, estimator = "score", baseline = b`. In: the options, what
//! is drawn and what is averaged. Out: an estimator that can be made of it, or what stands against it.

use crate::base::{FileId, Span, codes};
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::{Args, Env, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{
    self, Applied, Estimator, ExprId, ExprKind, Factor, Support, Symbolic, VarId,
};
use crate::syntax::ast;

/// The options of an expectation.
pub struct Asked {
    pub samples: usize,
    /// `None` where the estimator that fits is taken.
    pub estimator: Option<Estimator>,
    /// The baseline of a score or the temperature of relaxed draws, and its place.
    pub aid: Option<(ExprId, Span)>,
}

/// The word for the baseline of the other draws.
const OTHERS: &str = "leave_one_out";

impl<'a> Elab<'a> {
    /// `samples = k`, `estimator = "score"`, `baseline = b`, `temperature = t`
    pub fn expect_options(
        &mut self,
        options: &'a [ast::Arg],
        (file, env): (FileId, &Env<'a>),
        span: Span,
    ) -> Res<Asked> {
        let mut asked = Asked { samples: 1, estimator: None, aid: None };
        let mut options = self.args(options, file, env)?;
        if let Some((value, place)) = options.take("samples") {
            asked.samples = self.size(&value, "`samples`", 1, place)?;
        }
        if let Some((value, place)) = options.take("estimator") {
            let word = self.text(&value, &Estimator::ASKED.map(|(word, _)| word), place)?;
            let found = Estimator::ASKED.iter().find(|(own, _)| *own == word);
            asked.estimator = found.map(|(_, how)| *how);
        }
        self.baseline(&mut options, &mut asked)?;
        self.temperature(&mut options, &mut asked, span)?;
        if let Some((name, _, place)) = options.named.first() {
            let text = format!("`E` has no option `{name}`");
            let help = "options are `samples = k`, `estimator = \"score\"`, `baseline = b`, \
                        `temperature = t`";
            return self.fail(codes::RL0104, text, *place, help);
        }
        Ok(asked)
    }

    /// What is taken from the values whose scores are weighed: a value that sees no draw of the
    /// expectation, or the mean of the other draws.
    fn baseline(&mut self, options: &mut Args<'a>, asked: &mut Asked) -> Res<()> {
        let Some((value, place)) = options.take("baseline") else { return Ok(()) };
        if asked.estimator != Some(Estimator::Score) {
            let text = "a baseline is for the score function".into();
            let help = "write `estimator = \"score\"` beside it";
            return self.fail(codes::RL0120, text, place, help);
        }
        if let Value::Static(ir::Static::Str(_)) = value {
            self.text(&value, &[OTHERS], place)?;
            asked.estimator = Some(Estimator::LeaveOneOut);
            if asked.samples < 2 {
                let text = "one draw has no others to be held against".into();
                return self.fail(codes::RL0120, text, place, "write `samples = 2` or more");
            }
            return Ok(());
        }
        let id = self.tensor(&value, place)?;
        asked.aid = Some((self.averaged(id, place)?, place));
        Ok(())
    }

    /// How far relaxed draws are from the discrete ones: the same for every row, and more than 0.
    fn temperature(&mut self, options: &mut Args<'a>, asked: &mut Asked, span: Span) -> Res<()> {
        let given = options.take("temperature");
        let relaxed = asked.estimator == Some(Estimator::Relaxed);
        let (text, place) = match given {
            None if !relaxed => return Ok(()),
            None => ("relaxed draws need a temperature".into(), span),
            Some((_, place)) if !relaxed => ("only relaxed draws have a temperature".into(), place),
            Some((value, place)) => {
                let known = crate::model::elaborate::expr::as_static(&value).is_some();
                let x = if known { self.number(&value, place)? } else { 1.0 };
                let id = self.tensor(&value, place)?;
                let id = self.averaged(id, place)?;
                let ty = self.ty(id).clone();
                let text = match (&ty.shape[..], ty.varies) {
                    ([], false) if x > 0.0 => {
                        asked.aid = Some((id, place));
                        return Ok(());
                    }
                    ([], false) => format!("the temperature is {x}, and must be greater than 0"),
                    ([], true) => "the temperature depends on the example".into(),
                    _ => format!("the temperature is `{}`, and must be one number", show(&ty)),
                };
                (text, place)
            }
        };
        let help = "write `estimator = \"relaxed\", temperature = 0.5`";
        self.fail(codes::RL0120, text, place, help)
    }

    /// Whether an average can be made as it is asked for.
    pub fn can_average(
        &mut self,
        asked: &Asked,
        of: &Applied,
        (vars, body): (&[VarId], ExprId),
        span: Span,
    ) -> Res<()> {
        let Some(how) = asked.estimator else { return Ok(()) };
        self.can_estimate(how, of, span)?;
        match (how, asked.aid) {
            (Estimator::Enumerate, _) => self.row_by_row(body, vars, span),
            (Estimator::Relaxed, _) => self.scores_none((vars, body), span),
            (_, Some((baseline, place))) => self.as_wide(baseline, body, place),
            _ => Ok(()),
        }
    }

    /// Whether an estimator that is asked for can be made of what is drawn.
    fn can_estimate(&mut self, how: Estimator, of: &Applied, span: Span) -> Res<()> {
        let densities: Vec<&ir::Density> =
            of.densities.iter().map(|d| &self.m.densities[d.0 as usize]).collect();
        let drawn = densities.iter().flat_map(|d| &d.factors).filter_map(|factor| match factor {
            Factor::Draw { dist, var, .. } => Some((var, &self.m.dists[dist.0 as usize])),
            _ => None,
        });
        let (vars, dists): (Vec<&VarId>, Vec<&ir::Dist>) = drawn.unzip();
        let alone = densities.iter().flat_map(|d| &d.over).eq(vars);
        let Some((text, help)) = refusal(how, &dists, alone) else { return Ok(()) };
        self.fail(codes::RL0120, text, span, &help)
    }

    /// Values are summed out of one row alone.
    fn row_by_row(&mut self, body: ExprId, vars: &[VarId], span: Span) -> Res<()> {
        if !self.m.mixes_rows(body, vars, false) {
            return Ok(());
        }
        let text = "the rows of the batch depend on each other's draws here".into();
        let help = "values can be summed out of one row alone: leave `estimator` out";
        self.fail(codes::RL0120, text, span, help)
    }

    /// A relaxed draw lies between the values that a discrete density scores.
    fn scores_none(&mut self, (vars, body): (&[VarId], ExprId), span: Span) -> Res<()> {
        let scored = self.m.reachable(&[body]).into_iter().find_map(|id| {
            let ExprKind::Symbolic(Symbolic::LogProb(of)) = &self.m.expr(id).kind else {
                return None;
            };
            self.scores_discrete(of, vars).map(|family| (family, self.m.expr(id).span))
        });
        let Some((family, place)) = scored else { return Ok(()) };
        let text = format!("{family} has no density at a relaxed draw");
        let place = if place == Span::default() { span } else { place };
        let help = "write `KL(q(z | x) || p(z))` beside the expectation, or draw with \
                    `estimator = \"straight_through\"`";
        self.fail(codes::RL0120, text, place, help)
    }

    /// The family of a discrete density that scores one of these variables.
    fn scores_discrete(&self, of: &Applied, vars: &[VarId]) -> Option<String> {
        let factors = of.densities.iter().flat_map(|d| &self.m.densities[d.0 as usize].factors);
        factors.into_iter().find_map(|factor| {
            let Factor::Draw { var, dist, .. } = factor else { return None };
            let dist = &self.m.dists[dist.0 as usize];
            let value = of.bind.iter().find(|(own, _)| own == var)?.1;
            let is_discrete =
                matches!(dist.support, Support::Bit | Support::Index(_) | Support::Count);
            (is_discrete && self.m.mentions(value, vars)).then(|| dist.family.clone())
        })
    }

    /// A baseline is one number, or has the shape of what is averaged.
    fn as_wide(&mut self, baseline: ExprId, body: ExprId, place: Span) -> Res<()> {
        let (own, wanted) = (self.ty(baseline).clone(), self.ty(body).clone());
        if own.shape.is_empty() || own.shape == wanted.shape {
            return Ok(());
        }
        let text =
            format!("the baseline is `{}`, and what is averaged `{}`", show(&own), show(&wanted));
        self.fail(codes::RL0103, text, place, "a baseline is one number, or of the same shape")
    }
}

/// Why an estimator cannot be made of what is drawn, and what to write.
fn refusal(how: Estimator, dists: &[&ir::Dist], alone: bool) -> Option<(String, String)> {
    let families: Vec<&str> = dists.iter().map(|dist| dist.family.as_str()).collect();
    let families = families.join(", ");
    let mut rough = dists.iter().filter(|dist| !dist.reparameterized).peekable();
    let smooth = rough.peek().is_none();
    let without = |has: fn(&ir::Dist) -> bool| {
        dists.iter().find(|dist| !dist.reparameterized && !has(dist)).map(|dist| &dist.family)
    };
    match how {
        Estimator::Enumerate if !(alone && matches!(dists[..], [one] if one.is_summable())) => {
            let help = format!(
                "leave `estimator` out: one number of up to {} values is summed out",
                ir::SUMMED
            );
            Some((format!("the values of {families} cannot be summed out"), help))
        }
        Estimator::Pathwise if !smooth => Some((
            format!("a draw of {families} is no differentiable function of its parameters"),
            "leave `estimator` out, or write `estimator = \"score\"`".into(),
        )),
        Estimator::StraightThrough | Estimator::Relaxed if smooth => {
            let what = if families.is_empty() { "what is drawn here" } else { &families };
            Some((
                format!("a draw of {what} passes a gradient as it is"),
                "leave `estimator` out".into(),
            ))
        }
        Estimator::StraightThrough => without(ir::Dist::has_slope_of_mean).map(|family| {
            (
                format!("a draw of {family} has no mean whose slope it could have"),
                "`OneHotCategorical` draws vectors, `Bernoulli` numbers".into(),
            )
        }),
        Estimator::Relaxed => without(|dist| dist.relaxed.is_some()).map(|family| {
            (
                format!("{family} has no relaxed draws"),
                "`OneHotCategorical` and `Bernoulli` have: a family's row `relaxed` says how"
                    .into(),
            )
        }),
        _ => None,
    }
}
