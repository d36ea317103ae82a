//! Commands and flags, declared once. In: the command line. Out: plain structs.

use crate::backend::export::onnx;
use crate::driver::stages::STAGES;
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
    /// Train, evaluate and sample a model
    Run(RunArgs),
    /// Check a model: names, shapes, supports, roles, losses
    Check(CheckArgs),
    /// Write files in the canonical form
    Fmt(FmtArgs),
    /// Explain an error code, or the objective that a file means
    Explain(ExplainArgs),
    /// Compile a model to an artifact, or print a stage of its compilation
    Compile(CompileArgs),
    /// Write the representation of a split as npz
    Encode(EncodeArgs),
    /// Write a trained part for other programs: ONNX, PyTorch, C
    Export(ExportArgs),
    /// Time the train step of a model; the last line of stdout is JSON
    Bench(BenchArgs),
    /// List data sources, or describe a data set
    Data(DataArgs),
    /// List graphics devices and test them
    Devices(DevicesArgs),
    /// Find the fastest tiles for the products of a model on a graphics device
    Tune(TuneArgs),
    /// Write a page of a run, or of several side by side, to look at in a browser
    Report(ReportArgs),
    /// List the ops of the graph
    Ops,
    /// Write a small working model
    New(NewArgs),
    /// Answer an editor on stdin and stdout, by the language server protocol
    Lsp(LspArgs),
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

/// A number of seconds.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(n) if (0.0..=1e9).contains(&n) => Ok(n),
        _ => Err("give a number of seconds from 0 to 1e9".into()),
    }
}

/// `rlc report`
#[derive(Args, Debug)]
pub struct ReportArgs {
    /// Folders of runs
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// Where to write the page; else `report.html` in the run, of several runs here
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `rlc check`
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// The model
    pub file: PathBuf,
    #[command(flatten)]
    pub model: ModelArgs,
    /// Leave out the numeric tests
    #[arg(long)]
    pub fast: bool,
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
    #[arg(long, value_name = "STAGE", help = emit_help(), long_help = emit_long_help())]
    pub emit: Option<String>,
    /// Print memory, operations and kernels of every phase, and of every kernel
    #[arg(long)]
    pub report: bool,
    /// The artifact to write; else FILE.rlx
    #[arg(long, short, value_name = "FILE", conflicts_with = "emit")]
    pub output: Option<PathBuf>,
}

fn emit_help() -> String {
    let names: Vec<&str> = STAGES.iter().map(|s| s.name).filter(|n| !n.ends_with(':')).collect();
    format!("Print a stage instead: {}, or pass:NAME", names.join(", "))
}

fn emit_long_help() -> String {
    let rows = STAGES.iter().map(|stage| {
        let name = if stage.name.ends_with(':') { "pass:NAME" } else { stage.name };
        format!("\n- {name}: {}", stage.says)
    });
    format!("Print a stage instead:\n{}", rows.collect::<String>())
}

/// Where and how a model runs.
#[derive(Args, Clone, Debug, Default)]
pub struct ExecArgs {
    /// Seed of weights, noise and the order of rows
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=i64::from(i32::MAX)))]
    pub seed: Option<u32>,
    /// Number of threads; results do not depend on it
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Device to run on: cpu, gpu, gpu:N, auto or reference
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<String>,
    /// Keep operands of products and large intermediate values in 16 bits on a graphics device; sums,
    /// weights and states stay in 32
    #[arg(long)]
    pub half: bool,
    /// Make products with cooperative matrices (tensor cores) on a graphics device; sums then differ
    /// in their last bits. Most devices have them for 16-bit operands only: add `--half`
    #[arg(long)]
    pub cooperative: bool,
    /// Tiles of products that `rlc tune` found, for a graphics device
    #[arg(long, value_name = "FILE")]
    pub tiles: Option<PathBuf>,
}

/// `rlc devices`
#[derive(Args, Debug)]
pub struct DevicesArgs {
    /// List them only
    #[arg(long)]
    pub no_test: bool,
}

/// `rlc tune`
#[derive(Args, Debug)]
pub struct TuneArgs {
    /// The model, a `.rl` or `.rlx` file
    pub file: PathBuf,
    #[command(flatten)]
    pub model: ModelArgs,
    /// The graphics device: gpu or gpu:N
    #[arg(long, value_name = "DEVICE", default_value = "gpu")]
    pub device: String,
    /// The file to write; one that exists is added to
    #[arg(long, short, value_name = "FILE", default_value = "tiles.json")]
    pub output: PathBuf,
}

/// `rlc run`
#[derive(Args, Debug)]
pub struct RunArgs {
    /// The model, a `.rl` or `.rlx` file
    pub file: PathBuf,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub exec: ExecArgs,
    /// Folder for results; else the next of runs/NAME-1, runs/NAME-2, ...
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Go on with the run in DIR, joined by `=`, or with the newest one of this model
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub resume: Option<String>,
    /// Start from the weights of a run folder or a safetensors file; optimizers start anew
    #[arg(long, value_name = "PATH", conflicts_with = "resume")]
    pub weights: Option<PathBuf>,
    /// Save a train phase this often, in seconds; it is saved at its end in any case
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value_t = 20.0)]
    pub save_every: f64,
    /// Print where the time went, kernel by kernel, and write it to profile.json
    #[arg(long)]
    pub profile: bool,
    /// Run this phase only, in a new run: `--weights RUN --phase NAME`; may be given several times
    #[arg(long = "phase", value_name = "NAME", conflicts_with = "resume")]
    pub phases: Vec<String>,
}

/// `rlc encode`
#[derive(Args, Debug)]
pub struct EncodeArgs {
    /// The model, a `.rl` or `.rlx` file
    pub file: PathBuf,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub exec: ExecArgs,
    /// Run folder or safetensors file with the weights; else the newest run of this model
    #[arg(long, value_name = "PATH")]
    pub weights: Option<PathBuf>,
    /// The split to encode
    #[arg(long, default_value = "test")]
    pub split: String,
    /// Encode with this part only
    #[arg(long, value_name = "NAME")]
    pub net: Option<String>,
    /// The file to write; else NAME-SPLIT.npz
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `rlc export`
///
/// Inputs have the names of what the part is given, outputs that of the part for its value (of a
/// distribution the mean, else the likeliest value) and PART.VARIABLE.PARAMETER for parameters. Noise
/// is an input.
#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("target").required(true).multiple(true))]
pub struct ExportArgs {
    /// The folder of a run, or a `.rl` file
    pub from: PathBuf,
    #[command(flatten)]
    pub model: ModelArgs,
    /// Run folder or safetensors file with the weights; else the newest run of this model
    #[arg(long, value_name = "PATH")]
    pub weights: Option<PathBuf>,
    /// The part: a net, a density, or a sample phase; else the last one with a code
    #[arg(long, value_name = "NAME")]
    pub part: Option<String>,
    /// Write an ONNX model
    #[arg(long, value_name = "FILE", group = "target")]
    pub onnx: Option<PathBuf>,
    /// The operator set of the ONNX model
    #[arg(long, value_name = "N", default_value_t = onnx::OPSETS.2, value_parser = opset())]
    pub opset: u32,
    /// Write a PyTorch module, and its weights beside it as safetensors
    #[arg(long, value_name = "FILE.py", group = "target")]
    pub torch: Option<PathBuf>,
    /// Write a header and a source of one C99 function for one example
    #[arg(long, value_name = "DIR", group = "target")]
    pub c: Option<PathBuf>,
}

fn opset() -> clap::builder::RangedI64ValueParser<u32> {
    let (low, high, _) = onnx::OPSETS;
    clap::value_parser!(u32).range(i64::from(low)..=i64::from(high))
}

/// `rlc bench`
#[derive(Args, Debug)]
pub struct BenchArgs {
    /// The model, a `.rl` or `.rlx` file
    pub file: PathBuf,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub exec: ExecArgs,
    /// How long to measure
    #[arg(long, value_parser = seconds, default_value_t = 1.0)]
    pub seconds: f64,
}

/// `rlc data`
#[derive(Args, Debug)]
pub struct DataArgs {
    /// A source such as `uci_digits` or `npz:FILE`, or a `.rl` file; none lists the sources
    pub source: Option<String>,
    #[command(flatten)]
    pub model: ModelArgs,
}

/// `rlc lsp`
#[derive(Args, Debug)]
pub struct LspArgs {
    /// Talk on stdin and stdout, as ever; editors give this flag
    #[arg(long, hide = true)]
    pub stdio: bool,
}

/// `rlc new`
#[derive(Args, Debug)]
pub struct NewArgs {
    /// The model's name; writes NAME.rl
    pub name: String,
}
