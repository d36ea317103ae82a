//! The documents: reference pages are made from the tables of the program, and the programs in
//! hand-written pages parse and are in canonical form.
//!
//! `RLC_UPDATE=1 cargo test --test docs` writes the reference pages anew.

use clap::CommandFactory;
use rlc::base::{FileId, Severity, codes};
use rlc::cli::args::Cli;
use rlc::driver::{self, Asked, Log, Trees};
use rlc::graph::op::{self, Kind};
use rlc::metrics;
use rlc::model::{self, prim};
use rlc::runtime::data::{options, source};
use rlc::syntax;
use rlc::syntax::heads;
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a page with the committed one, or writes it.
fn page(name: &str, title: &str, body: &str) {
    let note = "This page is made from the program's own tables; `tests/docs.rs` keeps it current.";
    let text = format!("# {title}\n\n{note}\n{body}");
    let path = root().join("docs/reference").join(name);
    if std::env::var_os("RLC_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let same = committed == text;
    assert!(same, "docs/reference/{name} is stale: RLC_UPDATE=1 cargo test --test docs");
}

/// Text in one line, safe in a cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[test]
fn the_page_of_errors_is_current() {
    let ranges = [
        ("RL00", "Text and syntax"),
        ("RL01", "Names, types and shapes"),
        ("RL02", "Warnings about a model"),
        ("RL10", "Configuration"),
        ("RL20", "Data"),
        ("RL30", "Checkpoints"),
        ("RL40", "Files"),
        ("RL50", "Run time"),
        ("RL60", "Parts for other programs"),
    ];
    let mut body = String::from("\n`rlc explain RL0009` prints an entry.\n");
    for (prefix, title) in ranges {
        let rows = codes::CODES.iter().filter(|code| code.name().starts_with(prefix));
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            continue;
        }
        let _ = write!(body, "\n## {title}\n");
        for code in rows {
            let row = code.0;
            let kind = if row.severity == Severity::Error { "" } else { " (warning)" };
            let _ =
                write!(body, "\n### {}: {}{kind}\n\n{}\n", row.name, row.title, row.explanation);
        }
    }
    page("errors.md", "Errors and warnings", &body);
}

#[test]
fn every_code_is_explained() {
    let mut names: Vec<&str> = codes::CODES.iter().map(|code| code.name()).collect();
    for code in codes::CODES {
        let row = code.0;
        let known = names.iter().filter(|name| **name == row.name).count();
        assert_eq!(known, 1, "{} is in the table twice", row.name);
        assert!(row.explanation.len() > 20, "{} is not explained", row.name);
        assert!(!row.title.ends_with('.') && !row.title.is_empty(), "{}", row.name);
    }
    names.sort();
    assert!(names.iter().all(|name| name.len() == 6 && name.starts_with("RL")));
}

#[test]
fn the_page_of_ops_is_current() {
    let kinds = [
        (Kind::Map, "Map", "Element by element; all operands have one shape."),
        (Kind::Reduce, "Reduce", "Over axes, which vanish."),
        (Kind::View, "View", "The same numbers in another place or order."),
        (Kind::Contract, "Contract", "Sums of products: contractions and convolutions."),
        (Kind::Index, "Index", "By computed or counted indices."),
        (Kind::Random, "Random", "Noise from (seed, stream, step, element)."),
        (Kind::Control, "Control", "Inputs, constants, loops and derivatives."),
    ];
    let intro = "\nThe graph that every model is compiled to consists of these ops; `rlc ops` \
                 prints the same list. Layers, activations and distributions are written in terms \
                 of them.\n";
    let mut body = String::from(intro);
    for (kind, title, doc) in kinds {
        let _ = write!(body, "\n## {title}\n\n{doc}\n\n| op | meaning | |\n|---|---|---|\n");
        for op in op::table().filter(|op| op.kind == kind) {
            let tiny = if op::flushes(op) { "tiny results: 0" } else { "" };
            let _ = writeln!(body, "| `{}` | {} | {tiny} |", op.name, cell(op.doc));
        }
    }
    page("ops.md", "Ops of the graph", &body);
}

const FIELDS: &str = "
## From values to fields

The declared type of a field and the values themselves decide what is read, not the format or the
element type that holds them: bytes, integers of any width and order, reals of 16 to 64 bits and
cells of text give the same field if the numbers are the same. Booleans are 0 and 1. Lines and rows
count from 1 in messages.

| declared | what the values become |
|---|---|
| `f32` | themselves, rounded to f32; divided by `scale` if it is given. Whole numbers that f32 does not hold are named in a warning, but for those that are written as f32 are |
| `f32 in a..b` | themselves, if all of them lie from a to b. Else they are scaled so that the least value of all rows becomes a and the greatest b; the run says so. `scale = 255`, or a source that knows its levels, puts 0 and the level in the place of these two |
| `bit` | themselves, if all are 0 or 1; else grey levels, scaled like `f32 in 0..1`, which `binarize` makes bits |
| `idx(n)` | whole numbers from 0 to n - 1 (`svmlight` takes other labels too); or words, which get the indices 0, 1, 2, ... in the order of their bytes. Cells are words as they are written (`01` is not `1`) if one cell of the columns of the field, in any table of the source, is no number |
| `int` | whole numbers of 32 bits, exact |

A row of the source may group the values of a field in other dims, `[8, 8]` for `f32[64]`, but not in
another order: `f32[3, 28, 28]` does not read rows of `[28, 28, 3]`.

A number that its field cannot hold is refused with its place. `standardize = true` takes the place
of scaling: what is declared with a range must then lie in it.

Where no share is named and the source has no splits of its own, the default is 80 % train, 10 %
valid and 10 % test, drawn by the seed, or 90 % train and 10 % test where `valid` cuts its own; the
run says the sizes.

What the data decided (words, ranges, means and deviations, what stands for missing values) is kept
with the weights of a run. `rlc encode` and `rlc run --weights` read other data by it: the same word
has the same index, the same value the same number. Classes that were words are read as words, classes
that were numbers as numbers. A field that is not called like its columns is made of the same ones,
wherever they stand in the other table; where none of their names is there, of the first ones. A word that the run does not know is an error, and so is a value outside
of a declared range. `--resume` goes on with the rows that the run began with, and with no others.

Five folds are five runs that differ in one option:

```text
for k in 0 1 2 3 4; do rlc run model.rl --data d=csv:table.csv,folds=5,fold=$k; done
```
";

#[test]
fn the_page_of_sources_is_current() {
    let mut body = String::from(
        "\nA source stands after `from` in a `data` declaration, `data d from csv(\"iris.csv\") \
         { ... }`, or on the command line, `--data d=csv:iris.csv`. There a text that holds `=` or `,` stands \
         in quotes and several numbers in parentheses: \
         `--data 'd=csv:\"a,b.csv\",split=(0.8,0.1,0.1)'`. `rlc data` prints this list, \
         `rlc data csv:iris.csv` what a source holds, and `rlc data FILE.rl` what becomes of the data \
         sets of a model: columns, ranges, scaling, missing values, words, sizes of splits.\n\n| call | what it gives | columns |\n|---|---|---|\n",
    );
    for row in source::SOURCES {
        let (usage, what) = (cell(row.usage), cell(row.what));
        let _ = writeln!(body, "| `{usage}` | {what} | {} |", cell(row.columns));
    }
    body.push_str(
        "\n## Options of every source\n\nThey are written in the call: `uci_digits(valid = 0.1)`. \
         Those marked \"stays\" hold also when `--data` puts another source in the place of the \
         file's. Rows with a missing value are left out first, if at all; then the splits are cut; \
         the last five of the table choose training rows, each among those that the ones before it \
         left.\n\n| option | meaning | |\n|---|---|---|\n",
    );
    for row in options::OPTIONS {
        let stays = if row.stays { "stays" } else { "" };
        let _ = writeln!(body, "| `{}` | {} | {stays} |", row.name, cell(row.what));
    }
    body.push_str(FIELDS);
    page("sources.md", "Data sources", &body);
}

fn flags(command: &clap::Command, body: &mut String) {
    let args: Vec<&clap::Arg> =
        command.get_arguments().filter(|a| !a.is_hide_set() && a.get_id() != "help").collect();
    if args.is_empty() {
        return;
    }
    body.push_str("\n| argument | meaning |\n|---|---|\n");
    for arg in args {
        let value = arg.get_value_names().and_then(|names| names.first());
        let mut name = match arg.get_long() {
            Some(long) => format!("--{long}"),
            None => value.map_or(arg.get_id().to_string(), |v| v.to_string()),
        };
        if let Some(short) = arg.get_short() {
            name = format!("-{short}, {name}");
        }
        if arg.get_action().takes_values() && arg.get_long().is_some() {
            let value = value.map_or("VALUE", |v| v.as_str());
            // A value that may be left out is joined by `=`.
            let joined = arg.is_require_equals_set();
            let _ = if joined { write!(name, "[={value}]") } else { write!(name, " {value}") };
        }
        let help = arg.get_help().map_or(String::new(), |help| help.to_string());
        let _ = writeln!(body, "| `{}` | {} |", cell(&name), cell(&help));
    }
}

#[test]
fn the_page_of_commands_is_current() {
    let cli = Cli::command();
    let mut body = String::from(
        "\nResults go to stdout, everything else to stderr. Colors are left out if `NO_COLOR` is \
         set or the output is not a terminal.\n\n## Every command\n",
    );
    flags(&cli, &mut body);
    for command in cli.get_subcommands().filter(|command| !command.is_hide_set()) {
        let about = command.get_about().map_or(String::new(), |about| about.to_string());
        let _ = write!(body, "\n## rlc {}\n\n{about}.\n", command.get_name());
        flags(command, &mut body);
    }
    body.push_str(
        "\n## Exit codes\n\n| code | meaning |\n|---|---|\n\
         | 0 | all went well |\n\
         | 1 | the numbers went bad: the loss is not finite; the last good checkpoint is kept |\n\
         | 2 | the command line does not parse |\n\
         | 3 | the model file or the configuration is wrong |\n\
         | 4 | data or a checkpoint is wrong |\n\
         | 5 | the file system refused, or a run folder is in use |\n\
         | 6 | the device failed |\n\
         | 70 | a mistake of rlc itself |\n\
         | 130 | interrupted, after a checkpoint |\n",
    );
    page("cli.md", "Commands", &body);
}

#[test]
fn the_page_of_the_library_is_current() {
    let mut body = String::from(
        "\nWhat a file can use without `use`. The primitives are part of the compiler; the rest \
         is written in the language, and a file may declare its own in the same way. \
         `f32[...]` is a number or a value of any shape; `f32[n]` binds the size `n`, `...s` any \
         dims.\n\n\
         ## Primitives\n\n| call | meaning |\n|---|---|\n",
    );
    for row in prim::all() {
        let _ = writeln!(body, "| `{}` | {} |", cell(row.usage), cell(row.doc));
    }
    body.push_str(
        "\n## Metrics\n\nFigures that are computed from a whole split, in an `eval` phase: \
         `report auc(score, y == 1)`. A metric that learns is fitted to the training split of the \
         same data first. A figure is `NaN` where a value is not finite, or where it has no \
         meaning: one class only.\n\n| call | arguments | unit | learns | meaning |\n\
         |---|---|---|---|---|\n",
    );
    for row in metrics::METRICS {
        let args = row.args.iter().map(|(name, kind)| format!("`{name}`: {}", kind.show()));
        let args = args.collect::<Vec<_>>().join("; ");
        let (learns, call) = (if row.learns { "yes" } else { "" }, cell(&row.usage()));
        let _ = writeln!(
            body,
            "| `{call}` | {} | {} | {learns} | {} |",
            cell(&args),
            row.unit,
            cell(row.doc)
        );
    }
    for (name, text) in model::PRELUDE {
        let (file, _) = syntax::parse(FileId(0), text);
        let title = name.trim_end_matches(".rl");
        let title = format!("{}{}", title[..1].to_uppercase(), &title[1..]);
        let _ = write!(body, "\n## {title}\n\n");
        for item in &file.items {
            let shown = heads::head(item, &file, text);
            let about = cell(&heads::comment_above(text, item.span));
            let note = if about.is_empty() || body.ends_with(&about) {
                String::new()
            } else {
                format!(": {about}")
            };
            let _ = writeln!(body, "- `{shown}`{note}");
        }
    }
    page("library.md", "The library", &body);
}

/// Everything that the front end says about a program.
fn complaints(program: &str) -> Vec<String> {
    let mut log = Log::default();
    // What is wrong stands in the log.
    let _ = Trees::of("page.rl", program, &[], &mut log).and_then(|mut trees| {
        let model = driver::model(&mut trees, &Asked::default(), &mut log)?;
        driver::objective(model, &mut log)
    });
    log.found
        .list
        .iter()
        .map(|d| format!("{}: {} {:?}", d.code.name(), d.message, d.help))
        .collect()
}

/// The tutorial's and the readme's programs are whole models, and nothing is wrong with them.
#[test]
fn programs_of_the_tutorial_are_models() {
    // The reference opens with a whole file; its other programs are parts.
    for (page, count) in [("README.md", 99), ("docs/tutorial.md", 99), ("docs/language.md", 1)] {
        let text = std::fs::read_to_string(root().join(page)).unwrap();
        for (line, program) in programs(&text).into_iter().take(count) {
            assert_eq!(complaints(&program), Vec::<String>::new(), "{page}:{line}");
        }
    }
}

/// The `rl` blocks of a page with the line each starts at.
fn programs(text: &str) -> Vec<(usize, String)> {
    let (mut found, mut inside): (Vec<(usize, String)>, bool) = (Vec::new(), false);
    for (number, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```rl";
            if inside {
                found.push((number + 2, String::new()));
            }
        } else if let Some((_, program)) = found.last_mut().filter(|_| inside) {
            program.push_str(line);
            program.push('\n');
        }
    }
    found
}

fn pages() -> Vec<PathBuf> {
    let docs = std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut list: Vec<PathBuf> = docs.chain([root().join("README.md")]).collect();
    list.retain(|path| path.extension().is_some_and(|e| e == "md") && path.exists());
    list.sort();
    list
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

#[test]
fn programs_in_pages_parse() {
    let mut count = 0;
    for path in pages() {
        let text = std::fs::read_to_string(&path).unwrap();
        for (line, program) in programs(&text) {
            let (_, diagnostics) = syntax::parse(FileId(0), &program);
            let first = diagnostics.list.first().map(|d| (&d.message, &d.help, &d.primary));
            assert!(first.is_none(), "{}:{line}: {first:?}", shown(&path));
            count += 1;
        }
    }
    assert!(count >= 15, "only {count} programs");
}

#[test]
fn the_readme_shows_a_model_as_it_is() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let model = std::fs::read_to_string(root().join("models/vae.rl")).unwrap();
    assert!(programs(&readme)[0].1 == model, "README.md shows another models/vae.rl");
}

/// Links between pages lead to files.
#[test]
fn links_lead_somewhere() {
    for path in pages() {
        let text = std::fs::read_to_string(&path).unwrap();
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().unwrap();
            let file = target.split('#').next().unwrap();
            // Programs hold the same signs, but a path has a point and no blank.
            if target.contains("://") || !file.contains('.') || file.contains(' ') {
                continue;
            }
            let there = path.parent().unwrap().join(file);
            assert!(there.exists(), "{} links to {target}", shown(&path));
        }
    }
}
