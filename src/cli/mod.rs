//! The command line. In: arguments, files named by them. Out: data on stdout, talk on stderr, an
//! exit code. The only place that prints; everything it shows was computed elsewhere.

pub mod args;
mod commands;
mod exit;
mod folders;
mod graphics;
mod machine;
mod needs;
mod output;
mod progress;
pub mod render;
mod report;
mod settings;

use crate::base::text::{visible, visible_json};
use args::{Cli, Command};
use clap::Parser;
use output::Output;
use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

/// Room for walks over the deepest syntax tree that the parser lets through.
const STACK: usize = 64 << 20;

/// Runs the program and says how it ended.
pub fn main() -> ExitCode {
    let begun = Instant::now();
    quiet_layers();
    std::panic::set_hook(Box::new(|info| eprint!("{}", exit::panic_report(info))));
    let worker =
        std::thread::Builder::new().stack_size(STACK).spawn(move || match Cli::try_parse() {
            Ok(cli) => run(cli, begun),
            // Help and version are answers, not mistakes.
            Err(error) if !error.use_stderr() => {
                error.print().ok();
                exit::OK
            }
            Err(error) => misused(error),
        });
    let code = match worker {
        Ok(worker) => worker.join().unwrap_or(exit::BUG),
        Err(_) => exit::BUG,
    };
    ExitCode::from(code)
}

/// Says what is wrong with the command line.
fn misused(error: clap::Error) -> u8 {
    // It repeats arguments: those that a terminal would obey are written out first.
    let args = std::env::args_os().map(|arg| visible(&arg.to_string_lossy(), &[]));
    let args: Vec<String> = args.collect();
    let error = Cli::try_parse_from(&args).err().unwrap_or(error);
    let mut text = visible(&error.render().to_string(), &['\n']);
    text.push_str(&resumed_apart(&args, error.kind()));
    if args.iter().any(|arg| arg == "--json") {
        text = visible_json(&render::usage(&text)) + "\n";
    }
    write!(std::io::stderr().lock(), "{text}").ok();
    exit::USAGE
}

/// The folder of `--resume` is joined to it, since a model may stand behind it.
fn resumed_apart(args: &[String], kind: clap::error::ErrorKind) -> String {
    let at = args.iter().position(|arg| arg == "--resume");
    match at.and_then(|at| args.get(at + 1)) {
        Some(folder) if kind == clap::error::ErrorKind::UnknownArgument => {
            format!("\n  tip: a folder is joined to its flag: `--resume={folder}`\n")
        }
        _ => String::new(),
    }
}

/// A layer of Mesa's Vulkan loader asks the window system for its favourite device, and prints an
/// error of its own where there is none. It is left out there.
#[allow(unsafe_code, reason = "the environment is changed before there are threads")]
fn quiet_layers() {
    if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // Safety: no other thread exists yet.
        unsafe { std::env::set_var("NODEVICE_SELECT", "1") };
    }
}

fn run(cli: Cli, begun: Instant) -> u8 {
    let mut out = Output::new(cli.talk.json, cli.talk.quiet);
    let result = match cli.command {
        Command::Run(args) => commands::run::run(&args, &mut out),
        Command::Encode(args) => commands::encode::run(&args, &mut out),
        Command::Export(args) => commands::export::run(&args, &mut out),
        Command::Bench(args) => commands::bench::run(&args, begun, &mut out),
        Command::Check(args) => commands::check::run(&args, &mut out),
        Command::Fmt(args) => commands::fmt::run(&args, &mut out),
        Command::Explain(args) => commands::explain::run(&args, &mut out),
        Command::Compile(args) => commands::compile::run(&args, &mut out),
        Command::Data(args) => commands::data::run(&args, &mut out),
        Command::Devices(args) => commands::devices::run(&args, &mut out),
        Command::Tune(args) => commands::tune::run(&args, &mut out),
        Command::Report(args) => commands::report::run(&args, &mut out),
        Command::Ops => commands::ops::run(&mut out),
        Command::New(args) => commands::new::run(&args, &mut out),
        Command::Lsp(_) => commands::lsp::run(&mut out),
        Command::Completions { shell } => commands::shell::completions(shell, &mut out),
        Command::Man => commands::shell::man(&mut out),
    };
    out.finish(result)
}
