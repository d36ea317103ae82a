//! Shaders for people. In: a program. Out: text: the dispatches, then the modules.

use super::Program;
use std::fmt::Write;

/// All modules of a program, each behind the dispatches that use it.
pub fn show(name: &str, program: &Program) -> String {
    let mut text = format!("// {name}: {} dispatches, {} modules\n", program.steps.len(), program.modules.len());
    for (number, module) in program.modules.iter().enumerate() {
        let steps: Vec<_> = program.steps.iter().filter(|step| step.module == number).collect();
        let [x, y, _] = steps.first().map_or([0; 3], |step| step.groups);
        let groups = if y > 1 { format!("{x} x {y}") } else { x.to_string() };
        let times = if steps.len() > 1 { format!(", {} times", steps.len()) } else { String::new() };
        writeln!(text, "\n// {name} {number}: {groups} groups{times}").ok();
        text.push_str(module.text.trim_end());
        text.push('\n');
    }
    text
}
