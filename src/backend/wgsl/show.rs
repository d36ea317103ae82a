//! Shaders for people. In: a program. Out: text: every module with its dispatches, and the functions
//! that modules share once, behind them.

use super::{Module, Program};
use std::collections::BTreeSet;
use std::fmt::Write;

/// All modules of a program. A module that is compiled has the shared functions in front of its own.
pub fn show(name: &str, program: &Program) -> String {
    let (steps, modules) = (program.steps.len(), program.modules.len());
    let mut text = format!("// {name}: {steps} dispatches, {modules} modules\n");
    for (number, module) in program.modules.iter().enumerate() {
        writeln!(text, "\n// {name} {number}: {}", groups(program, number)).ok();
        text.push_str(own(module).trim_end());
        text.push('\n');
    }
    let shared: BTreeSet<&str> = program.modules.iter().flat_map(items).collect();
    if !shared.is_empty() {
        writeln!(text, "\n// {name}: functions that modules share\n").ok();
        shared.iter().for_each(|item| text.push_str(&format!("{item}\n\n")));
    }
    text
}

/// Groups of a module's dispatches.
fn groups(program: &Program, module: usize) -> String {
    let mut steps = program.steps.iter().filter(|step| step.module == module);
    let [x, y, _] = steps.next().map_or([0; 3], |step| step.groups);
    let groups = if y > 1 { format!("{x} x {y} groups") } else { format!("{x} groups") };
    match steps.count() {
        0 => groups,
        more => format!("{groups}, {} times", more + 1),
    }
}

/// A module without what it shares.
fn own(module: &Module) -> String {
    format!("{}{}", &module.text[..module.library.start], &module.text[module.library.end..])
}

/// The shared functions of a module, each with its comment.
fn items(module: &Module) -> impl Iterator<Item = &str> {
    module.text[module.library.clone()].split("\n\n").filter(|item| !item.is_empty())
}
