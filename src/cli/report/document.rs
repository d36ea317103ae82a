//! The document that a page draws. In: the files of run folders: `about.json`, `report.json`, `metrics.jsonl`,
//! `samples`, `profile.json`; all but one of the first three may be missing. Out: one JSON object.

use super::about::ABOUT;
use super::{curves, samples};
use crate::base::{Diagnostic, codes};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Kernels that a page shows.
const MOST_KERNELS: usize = 200;
/// What figures of a bottleneck are called behind its name.
const OF_BOTTLENECKS: [&str; 6] =
    ["width", "active", "used", "perplexity", "rate", "active_fraction"];

/// Of runs, one or several side by side.
pub fn document(runs: Vec<Value>) -> Value {
    json!({ "format": 1, "rlc": env!("CARGO_PKG_VERSION"), "runs": runs })
}

/// A run by what its folder holds.
pub fn of_folder(folder: &Path) -> Result<Value, Diagnostic> {
    let object = |name: &str| -> Map<String, Value> {
        let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    };
    let (about, report) = (object(ABOUT), object("report.json"));
    let metrics = std::fs::read_to_string(folder.join("metrics.jsonl")).unwrap_or_default();
    let lines: Vec<Map<String, Value>> =
        metrics.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    if about.is_empty() && report.is_empty() && lines.is_empty() {
        let text = format!("`{}` holds no run", folder.display());
        let help = "name a folder that `rlc run` has left: `rlc report runs/vae-1`";
        return Err(Diagnostic::new(codes::RL3011, text).help(help));
    }
    let run = report.get("run").cloned().unwrap_or_default();
    let phases = report.get("phases").or(about.get("phases")).cloned().unwrap_or_default();
    let mut page = json!({ "name": name_of(folder), "phases": phases });
    for part in ["model", "about", "source", "settings", "objective", "bill", "machine", "status"] {
        if let Some(value) = about.get(part) {
            page[part] = value.clone();
        }
    }
    if page["status"].is_null() && !report.is_empty() {
        page["status"] = json!({ "end": "finished" });
    }
    for (part, other) in [("model", "model"), ("seed", "seed")] {
        if page[part].is_null() {
            page[part] = about.get(part).or(run.get(other)).cloned().unwrap_or_default();
        }
    }
    let seconds = |phase: &Value| phase["seconds"].as_f64();
    page["seconds"] =
        json!(phases.as_array().into_iter().flatten().filter_map(seconds).sum::<f64>());
    page["data"] = data_of(about.get("data").or(run.get("data")));
    page["warnings"] = report.get("not_finite").cloned().unwrap_or(json!([]));
    page["figures"] = figures(report.get("figures"), &lines);
    page["curves"] = curves::curves(&lines, |phase, name| meaning(&about, phase, name));
    let names: Vec<String> = phases
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|phase| Some(phase["phase"].as_str()?.to_string()))
        .collect();
    page["samples"] = samples::samples(folder, &names);
    if let Some(kernels) = kernels(&folder.join("profile.json")) {
        page["kernels"] = kernels;
    }
    if let Some(object) = page.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
    Ok(page)
}

/// A name is the folder's; of `.` that of the folder where the program was started.
fn name_of(folder: &Path) -> String {
    let whole = folder.canonicalize();
    let name = whole.as_deref().unwrap_or(folder).file_name();
    name.map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Unit and bound of what a phase tracks.
fn meaning(about: &Map<String, Value>, phase: &str, name: &str) -> (String, String) {
    let mut all = about.get("meanings").and_then(Value::as_array).into_iter().flatten();
    let of = all.rfind(|of| of["phase"] == phase && of["name"] == name);
    let text = |part: &str| of.and_then(|of| of[part].as_str()).unwrap_or_default().to_string();
    (text("unit"), text("bound"))
}

/// Data sets with their sources: pairs of texts in a record.
fn data_of(data: Option<&Value>) -> Value {
    let pair = |pair: &Value| json!({ "name": pair[0], "source": pair[1] });
    data.and_then(Value::as_array).into_iter().flatten().map(pair).collect()
}

/// The figures of a report; of a run that has none yet, those of its lines.
fn figures(of: Option<&Value>, lines: &[Map<String, Value>]) -> Value {
    let all: Vec<Value> = match of.and_then(Value::as_array) {
        Some(list) => list.clone(),
        None => {
            let is_one = |line: &&Map<String, Value>| line.contains_key("unit");
            lines.iter().filter(is_one).map(|line| json!(line)).collect()
        }
    };
    let told = |mut figure: Value| {
        let name = figure["name"].as_str().unwrap_or_default();
        let part = name.split_once('.').filter(|(_, what)| OF_BOTTLENECKS.contains(what));
        if let Some((part, _)) = part {
            figure["bottleneck"] = json!(part);
        }
        if figure["value"].as_f64().is_none() {
            figure["value"] = Value::Null;
        }
        figure
    };
    all.into_iter().map(told).collect()
}

/// The time of each kernel, where it was taken.
fn kernels(path: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(path).ok()?;
    let mut profile: Value = serde_json::from_str(&text).ok()?;
    let mut rows = profile["kernels"].as_array_mut().map(std::mem::take)?;
    let left = rows.len().saturating_sub(MOST_KERNELS);
    rows.truncate(MOST_KERNELS);
    Some(json!({ "seconds": profile["seconds"], "rows": rows, "left_out": left }))
}
