//! Commands and flags, declared once. In: the command line. Out: plain structs.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Compiles declarative representation-learning models and runs them.
#[derive(Debug, Parser)]
#[command(name = "rlc", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    /// How to talk.
    #[command(flatten)]
    pub talk: Talk,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// How to talk.
#[derive(Args, Debug)]
pub struct Talk {
    /// Print diagnostics, progress and results as JSON, one object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// Print results and errors only
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a model: names, shapes, supports, roles, losses
    Check(CheckArgs),
    /// Write files in the canonical form
    Fmt(FmtArgs),
    /// Explain an error code, or the objective that a file means
    Explain(ExplainArgs),
    /// Compile a model to an artifact, or print a stage of its compilation
    Compile(CompileArgs),
    /// List data sources, or describe a data set
    Data(DataArgs),
    /// List the ops of the graph
    Ops,
    /// Write a small working model
    New(NewArgs),
    /// Print completions for a shell
    #[command(hide = true)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(hide = true)]
    Man,
}

/// What a model is compiled with.
#[derive(Args, Clone, Debug, Default)]
pub struct ModelArgs {
    /// Set a `dim` or `config` of the file
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    /// Read settings, data and seed from a YAML file
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Take a data set from elsewhere, for instance `digits=idx:folder`
    #[arg(long, value_name = "NAME=SOURCE", value_parser = pair)]
    pub data: Vec<(String, String)>,
}

/// `NAME=VALUE` with both sides present.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().into(), value.trim().into()))
        }
        _ => Err("write NAME=VALUE".into()),
    }
}

/// `rlc check`
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// The model
    pub file: PathBuf,
    #[command(flatten)]
    pub model: ModelArgs,
}

/// `rlc fmt`
#[derive(Args, Debug)]
pub struct FmtArgs {
    /// Files to format; `-` reads stdin and writes stdout
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Change nothing; fail if a file is not in canonical form
    #[arg(long)]
    pub check: bool,
}

/// `rlc explain`
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// An error code such as RL0116, or a model
    pub what: String,
    #[command(flatten)]
    pub model: ModelArgs,
}

/// `rlc compile`
#[derive(Args, Debug)]
pub struct CompileArgs {
    /// The model
    pub file: PathBuf,
    #[command(flatten)]
    pub model: ModelArgs,
    /// Print a stage instead: ast, model, objective, graph, grad, opt, pass:NAME, plan, dot
    #[arg(long, value_name = "STAGE")]
    pub emit: Option<String>,
}

/// `rlc data`
#[derive(Args, Debug)]
pub struct DataArgs {
    /// A source such as `uci_digits` or `npz:FILE`; none lists the sources
    pub source: Option<String>,
}

/// `rlc new`
#[derive(Args, Debug)]
pub struct NewArgs {
    /// The model's name; writes NAME.rl
    pub name: String,
}
