//! Completions and the manual page, made from the declared flags.

use crate::cli::args::Cli;
use crate::cli::output::{Ended, Output};
use clap::CommandFactory;

/// Prints completions.
pub fn completions(shell: clap_complete::Shell, out: &mut Output) -> Result<(), Ended> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "rlc", &mut text);
    out.bytes(&text);
    Ok(())
}

/// Prints the manual page: the program's own, then one section per command.
pub fn man(out: &mut Output) -> Result<(), Ended> {
    let mut page = Vec::new();
    let command = Cli::command();
    // Writing to memory does not fail.
    clap_mangen::Man::new(command.clone()).render(&mut page).ok();
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let title = format!("rlc {}", sub.get_name());
        page.extend(format!(".SH \"{}\"\n", title.to_uppercase()).bytes());
        let man = clap_mangen::Man::new(sub.clone().bin_name(title));
        man.render_synopsis_section(&mut page).ok();
        man.render_description_section(&mut page).ok();
        man.render_options_section(&mut page).ok();
    }
    out.bytes(&page);
    Ok(())
}
