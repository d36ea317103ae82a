//! What a run says of itself: its model, settings, objective and costs. In: a compiled model. Out: the object of
//! `about.json`, which is written when a run begins and once more when it ends.

use crate::base::text::visible;
use crate::base::{Diagnostic, SourceMap};
use crate::driver::{Compiled, Told};
use crate::model::ir::{Setting, Static};
use crate::objective::Meaning;
use crate::objective::explain::{GoalPage, LossPage};
use crate::runtime::config;
use crate::runtime::run::End;
use serde_json::{Map, Value, json};

/// Its file in a run folder.
pub const ABOUT: &str = "about.json";

/// The object, part by part.
#[derive(Clone, Debug, Default)]
pub struct About(pub Map<String, Value>);

impl About {
    /// What is known before the run.
    pub fn new(compiled: &Compiled, sources: &SourceMap) -> About {
        let mut about = About::default();
        about.set("rlc", json!(env!("CARGO_PKG_VERSION")));
        about.set("model", json!(compiled.job.name));
        let names = compiled.job.phases.iter().map(|phase| phase.name.as_str());
        let names: Vec<&str> = std::iter::once("init").chain(names).collect();
        let bill: Vec<Value> = names
            .iter()
            .zip(&compiled.plans)
            .map(|(phase, plan)| {
                let mut bill = json!(plan.bill);
                bill["phase"] = json!(phase);
                bill
            })
            .collect();
        about.set("bill", json!(bill));
        if let (Some((trees, _)), Some(told)) = (&compiled.from, &compiled.told) {
            let text = &sources.file(trees.entry).text;
            about.set("source", json!(text));
            about.set("about", json!(first_comment(text, &compiled.job.name)));
            let setting = |setting: &Setting| {
                // A setting of another file has its text there.
                let text = &sources.file(setting.span.file).text;
                self::setting(setting, text)
            };
            about.set("settings", told.settings.iter().map(setting).collect());
            about.set("objective", objective(told));
            let meaning = |((phase, name), Meaning { unit, bound }): (
                &(String, String),
                &Meaning,
            )| {
                json!({ "phase": phase, "name": name, "unit": unit, "bound": bound })
            };
            about.set("meanings", told.facts.meanings.iter().map(meaning).collect());
        }
        about
    }

    /// One part.
    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.into(), value);
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        format!("{:#}\n", json!(self.0))
    }
}

/// How a run ended.
pub fn status_of(ended: &Result<End, Diagnostic>, resume: &str) -> Value {
    match ended {
        Ok(End::Done) => json!({ "end": "finished" }),
        Ok(End::Interrupted) => json!({ "end": "interrupted", "resume": resume }),
        Err(why) => json!({
            "end": "failed",
            "message": {
                "code": why.code.name(), "text": why.message, "notes": why.notes, "help": why.help,
            },
        }),
    }
}

/// The comment at the top of a file, without the file's name that it may begin with.
fn first_comment(text: &str, name: &str) -> String {
    let lines = text.lines().map_while(|line| line.trim().strip_prefix("//"));
    let comment = lines.map(str::trim).collect::<Vec<_>>().join(" ");
    match comment.strip_prefix(&format!("{name}.rl - ")) {
        Some(rest) => rest.into(),
        None => comment,
    }
}

/// A setting, and the comment behind its declaration.
fn setting(of: &Setting, text: &str) -> Value {
    let line = text.get(of.span.start as usize..).and_then(|rest| rest.lines().next());
    let about = line.and_then(|line| line.split_once("//")).map_or("", |(_, about)| about.trim());
    let kind = if of.ty == "dim" { "dim" } else { "config" };
    json!({
        "name": of.name, "kind": kind, "type": of.ty, "used": plain(&of.value),
        "default": plain(&of.default), "about": about,
    })
}

fn plain(value: &Static) -> Value {
    match value {
        Static::Int(n) => json!(n),
        Static::Float(x) => json!(x),
        Static::Bool(b) => json!(b),
        Static::Str(text) => json!(text),
        other => json!(visible(&config::show(other), &[])),
    }
}

/// What `rlc explain` prints.
fn objective(told: &Told) -> Value {
    let of = &told.explanation;
    let loss = |loss: &LossPage| {
        let decisions = loss.decisions.iter().map(|d| json!({ "what": d.what, "how": d.how }));
        json!({
            "name": loss.name, "text": loss.formula, "rows": loss.rows, "unit": loss.meaning.unit,
            "bound": bound(&loss.meaning), "decisions": decisions.collect::<Vec<_>>(),
        })
    };
    let goal = |goal: &GoalPage| {
        let mut page = loss(&goal.goal);
        page["phase"] = json!(goal.phase);
        page["moves"] = json!(goal.moved);
        page["by"] = json!(goal.optimizer);
        let is_loss = |loss: &&LossPage| loss.name == goal.goal.formula;
        if of.losses.iter().any(|loss| is_loss(&loss)) {
            page["loss"] = json!(goal.goal.formula);
        }
        page
    };
    json!({
        "parts": of.roles, "densities": of.densities, "bijections": of.inverses,
        "conditionals": of.conditionals, "sequences": of.sequences,
        "losses": of.losses.iter().map(loss).collect::<Vec<_>>(),
        "goals": of.goals.iter().map(goal).collect::<Vec<_>>(),
    })
}

fn bound(meaning: &Meaning) -> &str {
    match (meaning.unit.is_empty(), meaning.bound.is_empty()) {
        (false, true) => "exact",
        _ => &meaning.bound,
    }
}
