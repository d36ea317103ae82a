//! `rlc check`: whether a file is a model, and whether its gradients are right.

use crate::base::{Code, Diagnostic, Diagnostics, codes};
use crate::cli::args::CheckArgs;
use crate::cli::needs::Needs;
use crate::cli::output::{Ended, Output};
use crate::cli::settings;
use crate::driver;
use crate::driver::numeric::{self, Outcome};
use crate::objective::Derived;

/// Checks a file.
pub fn run(args: &CheckArgs, out: &mut Output) -> Result<(), Ended> {
    let mut choice = settings::read(&args.model, out)?;
    let mut trees = driver::load(&args.file, &mut out.log)?;
    choice.asked.check(&trees, &mut out.log)?;
    let model = driver::model(&mut trees, &choice.asked, &mut out.log)?;
    let derived = driver::objective(model.clone(), &mut out.log)?;
    let needs = match args.fast {
        true => None,
        false => Some(bill(&derived, out)?),
    };
    out.show();
    out.note(&format!("{}: no errors", args.file.display()));
    let Some(needs) = needs else { return Ok(()) };
    out.note(&needs.to_string());
    let place = |name: &str| model.phases.iter().find(|p| p.name == name).map(|p| p.span);
    let gradients = numeric::gradients(derived.pure, &derived.facts);
    let divergences = numeric::closed_forms(&model);
    let inverses = numeric::inverses(&model);
    let conditionals = numeric::conditionals(&model);
    let mut found = Diagnostics::default();
    let each = |name, list: Vec<(String, Outcome)>| list.into_iter().map(move |x| (name, x));
    let all = each(&GRADIENT, gradients).chain(each(&DIVERGENCE, divergences));
    let all = all.chain(each(&INVERSE, inverses)).chain(each(&CONDITIONAL, conditionals));
    for (kind, (of, outcome)) in all {
        let (what, whose) = (kind.what, kind.whose);
        match outcome {
            Outcome::Agrees => {
                out.note(&format!("{whose} `{of}`: {what} agrees with {}", kind.with));
            }
            Outcome::Skipped(why) => {
                out.note(&format!("{whose} `{of}`: {what} was not compared: {why}"));
            }
            Outcome::Differs(measured, derived) => {
                let text = format!("{whose} `{of}`: {what} does not agree with {}", kind.with);
                let note = format!("derived {derived:.6e}, measured {measured:.6e}");
                found.push(Diagnostic::new(kind.code, text).note(note));
            }
            Outcome::Refused(why) => found.push(why.at_phase(place(&of))),
        }
    }
    out.take(found)
}

/// What a run will take. Nothing is allocated before it is known to fit into this machine.
fn bill(derived: &Derived, out: &mut Output) -> Result<Needs, Ended> {
    let mut program = driver::program(&derived.pure, &derived.facts, &mut out.log)?;
    let plans = driver::plans(&mut program, &derived.pure, &mut out.log)?;
    let needs = Needs::of(&plans, &program.slots);
    out.check(needs.affordable(driver::largest(&derived.pure, &plans)))?;
    Ok(needs)
}

/// What is compared with what.
struct Comparison {
    whose: &'static str,
    what: &'static str,
    with: &'static str,
    code: Code,
}

const GRADIENT: Comparison =
    Comparison { whose: "phase", what: "the gradient", with: "differences", code: codes::RL0208 };
const DIVERGENCE: Comparison = Comparison {
    whose: "phase",
    what: "the closed form",
    with: "averages over draws",
    code: codes::RL0209,
};
const INVERSE: Comparison = Comparison {
    whose: "bijection",
    what: "the inverse",
    with: "the function and its Jacobian",
    code: codes::RL0216,
};
const CONDITIONAL: Comparison = Comparison {
    whose: "density",
    what: "the conditional",
    with: "the potential",
    code: codes::RL0218,
};
