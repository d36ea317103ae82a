//! Curves of what a run tracked. In: the lines of `metrics.jsonl`. Out: for each figure its values by step; of more lines
//! than a screen shows the mean of each group, with the least and the largest value, so that no spike is lost.

use serde_json::{Map, Value, json};

/// A curve has at most so many points.
const MOST_POINTS: usize = 600;

/// A figure while it is collected.
struct Curve {
    phase: String,
    name: String,
    steps: Vec<u64>,
    values: Vec<Option<f64>>,
}

/// All curves in the order in which they begin. `meaning` is the unit and the bound of a figure.
pub fn curves(
    lines: &[Map<String, Value>],
    meaning: impl Fn(&str, &str) -> (String, String),
) -> Value {
    let mut found: Vec<Curve> = Vec::new();
    for line in lines {
        let phase = line.get("phase").and_then(Value::as_str).unwrap_or_default();
        let Some(step) = line.get("step").and_then(Value::as_u64) else { continue };
        let figures =
            line.iter().filter(|(name, _)| !["phase", "step", "epoch"].contains(&name.as_str()));
        for (name, value) in figures {
            let own = |curve: &&mut Curve| curve.phase == phase && curve.name == *name;
            let curve = match found.iter_mut().find(own) {
                Some(curve) => curve,
                None => {
                    let (phase, name) = (phase.into(), name.clone());
                    found.push(Curve { phase, name, steps: vec![], values: vec![] });
                    found.last_mut().expect("it was pushed")
                }
            };
            curve.steps.push(step);
            curve.values.push(value.as_f64().filter(|x| x.is_finite()));
        }
    }
    // The goal comes first.
    found.sort_by_key(|curve| curve.name != "loss");
    found.iter().map(|curve| drawn(curve, meaning(&curve.phase, &curve.name))).collect()
}

fn drawn(curve: &Curve, (unit, bound): (String, String)) -> Value {
    let until = curve.name == "until";
    let mut drawn = json!({
        "phase": curve.phase, "name": curve.name, "goal": curve.name == "loss",
        "kind": if until { "eval" } else { "train" }, "unit": unit, "bound": bound,
    });
    let n = curve.steps.len();
    if n <= MOST_POINTS {
        drawn["steps"] = json!(curve.steps);
        drawn["mean"] = json!(curve.values);
        return drawn;
    }
    let edge = |i: usize| (i * n + MOST_POINTS / 2) / MOST_POINTS;
    let groups = (0..MOST_POINTS).map(|i| edge(i)..edge(i + 1));
    let (mut steps, mut mean, mut low, mut high) = (vec![], vec![], vec![], vec![]);
    for group in groups {
        steps.push(curve.steps[group.end - 1]);
        let some: Vec<f64> = curve.values[group].iter().copied().flatten().collect();
        let of = |value: f64| (!some.is_empty()).then_some(value);
        mean.push(of(some.iter().sum::<f64>() / some.len() as f64));
        low.push(of(some.iter().copied().fold(f64::INFINITY, f64::min)));
        high.push(of(some.iter().copied().fold(f64::NEG_INFINITY, f64::max)));
    }
    drawn["lines"] = json!(n);
    for (name, list) in [("mean", mean), ("low", low), ("high", high)] {
        drawn[name] = json!(list);
    }
    drawn["steps"] = json!(steps);
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(n: u64, value: impl Fn(u64) -> Value) -> Vec<Map<String, Value>> {
        let line =
            |step: u64| json!({ "phase": "fit", "step": step, "epoch": 1, "loss": value(step) });
        (1..=n).filter_map(|step| line(step).as_object().cloned()).collect()
    }

    #[test]
    fn few_lines_are_points_and_many_are_groups() {
        let none = |_: &str, _: &str| (String::new(), String::new());
        let few = curves(&lines(3, |n| json!(n as f64)), none);
        assert_eq!(few[0]["steps"], json!([1, 2, 3]));
        assert_eq!(few[0]["mean"], json!([1.0, 2.0, 3.0]));
        assert!(few[0]["low"].is_null());
        // A spike, and values that are no numbers.
        let value = |n: u64| match n {
            7777 => json!(1e6),
            1..=100 => Value::Null,
            n => json!(n as f64),
        };
        let many = curves(&lines(20_000, value), none);
        let of = |name: &str| many[0][name].as_array().unwrap().clone();
        assert_eq!(of("steps").len(), MOST_POINTS);
        assert_eq!(of("steps")[MOST_POINTS - 1], json!(20_000));
        assert!(of("mean")[0].is_null() && of("low")[1].is_null());
        assert!(of("high").contains(&json!(1e6)));
        assert_eq!(many[0]["lines"], json!(20_000));
    }
}
