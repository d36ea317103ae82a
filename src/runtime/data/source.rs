//! Sources by name, in one table. In: a call such as `idx("folder", binarize = "fixed")`, from the
//! model file or the command line. Out: a [`Table`] and the [`Options`] that every source takes.

use super::args::Args;
use super::fields::Wanted;
use super::open::Root;
use super::options::{self, OPTIONS, Options};
use super::sprites::{SHAPES, Sprites};
use super::{Table, builtin, memory, readers};
use crate::base::{Code, Diagnostic, codes, nearest};
use crate::model::ir::{Source, Static};

/// A row of the table of sources.
pub struct SourceRow {
    /// The name in a call.
    pub name: &'static str,
    /// How it is called.
    pub usage: &'static str,
    /// What it gives.
    pub what: &'static str,
    /// Its columns; fields must have the names that stand in backticks.
    pub columns: &'static str,
    /// Names of its own arguments, in order.
    args: &'static [&'static str],
    load: fn(&Args, &Options, &Reach) -> Result<Table, Diagnostic>,
}

/// What a source may use beside its call.
#[derive(Clone, Copy)]
pub struct Reach<'a> {
    /// Where its paths start.
    pub root: &'a Root,
    /// What it is loaded for.
    pub wanted: Wanted<'a>,
}

/// All sources.
pub const SOURCES: &[SourceRow] = &[
    SourceRow {
        name: "uci_digits",
        usage: "uci_digits()",
        what: "1,797 handwritten digits, 8x8 grey levels 0 to 16 and labels; carried in the \
               program. E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, CC BY 4.0. \
               Test: every fifth row, 360; train: the other 1,437",
        columns: "image [8, 8]; label idx(10)",
        args: &[],
        load: |_, _, _| Ok(builtin::uci_digits()),
    },
    SourceRow {
        name: "idx",
        usage: "idx(\"folder\") or idx(\"images\", \"labels\")",
        what: "files of the MNIST format, packed with gzip or not; a folder holds train-* and t10k-*. \
               `labels` with one of the words of the option `labels` is the option",
        columns: "images; labels",
        args: &["images", "labels"],
        load: readers::load_idx,
    },
    SourceRow {
        name: "npy",
        usage: "npy(\"x.npy\", \"y.npy\")",
        what: "one NumPy array per field, in the order of the fields; rows are the first dim",
        columns: "one per file",
        args: &["a", "b", "c", "d", "e", "f"],
        load: readers::load_npy,
    },
    SourceRow {
        name: "npz",
        usage: "npz(\"file.npz\")",
        what: "a NumPy archive with a member per field, or FIELD_train and FIELD_test",
        columns: "one per member, by name",
        args: &["file"],
        load: readers::load_npz,
    },
    SourceRow {
        name: "csv",
        usage: "csv(\"file.csv\", header = true, sep = \",\", decimal = \".\", skip = 0, \
                valid = \"valid.csv\", test = \"test.csv\")",
        what: "a table as text, packed with gzip or not: columns by name; a field of several values \
               takes as many as it needs, in order, and so do all where no column has the name of a \
               field. Header, `sep` and `decimal` are found in the text where the call does not say \
               them; `sep` may be \"tab\" or \"space\" (any number of \
               them); `skip` leaves lines out at the top. Tables beside it are the other splits. \
               Cells that are empty, NA, N/A, nan, null or ? are missing; true and false are 1 and \
               0; a column that has another word in any of the tables is one of words, as the text \
               has them. Lines count from 1",
        columns: "those of the file",
        args: &["file", "header", "sep", "decimal", "skip", "valid", "test"],
        load: readers::load_csv,
    },
    SourceRow {
        name: "iris",
        usage: "iris()",
        what: "150 irises of three species: length and width of sepals and petals in centimetres; \
               carried in the program. R. A. Fisher, 1936. Test: every fifth row, ten of each \
               species; species 0 is setosa",
        columns: "point [4]; label idx(3)",
        args: &[],
        load: |_, _, _| Ok(builtin::iris()),
    },
    SourceRow {
        name: "one_hot",
        usage: "one_hot(n = 8)",
        what: "the n rows of the identity matrix and their index; every split is the whole set",
        columns: "point [n]; label idx(n)",
        args: &["n"],
        load: |args, _, _| Ok(builtin::one_hot(args.count("n", 8, 10_000)?)),
    },
    SourceRow {
        name: "moons",
        usage: "moons(n = 10000, noise = 0.05)",
        what: "points of two interleaved half circles in the plane, and which one",
        columns: "point [2]; label idx(2)",
        args: &["n", "noise"],
        load: |args, options, _| {
            let noise = args.number("noise", 0.05)?;
            Ok(builtin::moons(rows(args)?, noise, options.seed))
        },
    },
    SourceRow {
        name: "spirals",
        usage: "spirals(n = 10000, noise = 0.02, turns = 1.5)",
        what: "points of two interleaved spirals in the plane, and which one",
        columns: "point [2]; label idx(2)",
        args: &["n", "noise", "turns"],
        load: |args, options, _| {
            let noise = args.between("noise", 0.02, (0.0, 100.0))?;
            let turns = args.between("turns", 1.5, (0.1, 100.0))?;
            Ok(builtin::spirals(rows(args)?, noise, turns, options.seed))
        },
    },
    SourceRow {
        name: "blobs",
        usage: "blobs(n = 10000, k = 3, width = 2, spread = 1)",
        what: "points of k Gaussian clusters of standard deviation `spread`, and which one; the \
               seed places the centres between -10 and 10, five deviations apart where there is room",
        columns: "point [width]; label idx(k)",
        args: &["n", "k", "width", "spread"],
        load: |args, options, _| {
            let (k, width) = (args.count("k", 3, 1000)?, args.count("width", 2, MOST_WIDTH)?);
            let spread = args.between("spread", 1.0, (0.0, 100.0))?;
            Ok(builtin::blobs(rows_of(args, width)?, k, width, spread, options.seed))
        },
    },
    SourceRow {
        name: "lowrank",
        usage: "lowrank(n = 10000, width = 8, rank = 2, noise = 0.1)",
        what: "x = W z + noise e with standard normal z and e. Column j of W, from 0, is rank - j \
               times the unit vector of cos(pi (2 i + 1) (j + 1) / (2 width)); so the covariance \
               has the eigenvalues (rank - j)^2 + noise^2, and noise^2 for the rest",
        columns: "x [width]; z [rank]",
        args: &["n", "width", "rank", "noise"],
        load: load_lowrank,
    },
    SourceRow {
        name: "sprites",
        usage: "sprites(size = 16, shapes = 3, scales = 3, rotations = 4, positions = 8, \
                grey = false)",
        what: "images of a square, an ellipse or a heart in every combination of shape, size, \
               angle within a quarter turn, and place; black and white, or with grey edges. For \
               measures of disentanglement",
        columns: "`x` [size, size]; `shape` idx(shapes); `scale` idx(scales); `rotation` \
                  idx(rotations); `px`, `py` idx(positions)",
        args: &["size", "shapes", "scales", "rotations", "positions", "grey"],
        load: load_sprites,
    },
    SourceRow {
        name: "gaussians8",
        usage: "gaussians8(n = 10000)",
        what: "points of eight Gaussians on a circle of radius 2, and which one",
        columns: "point [2]; label idx(8)",
        args: &["n"],
        load: |args, options, _| Ok(builtin::gaussians8(rows(args)?, options.seed)),
    },
    SourceRow {
        name: "circle",
        usage: "circle(n = 10000, noise = 0)",
        what: "points on the unit circle, with Gaussian noise",
        columns: "point [2]; label idx(1)",
        args: &["n", "noise"],
        load: |args, options, _| {
            let noise = args.number("noise", 0.0)?;
            Ok(builtin::circle(rows(args)?, noise, options.seed))
        },
    },
    SourceRow {
        name: "uniform",
        usage: "uniform(n = 10000, width = 2, low = 0, high = 1)",
        what: "rows of independent uniform reals",
        columns: "point [width]",
        args: &["n", "width", "low", "high"],
        load: |args, options, _| {
            let (low, high) = (args.number("low", 0.0)?, args.number("high", 1.0)?);
            let width = args.count("width", 2, MOST_WIDTH)?;
            Ok(builtin::uniform(rows_of(args, width)?, width, low, high, options.seed))
        },
    },
];

/// Made-up data has at most this many rows,
const MOST_ROWS: usize = 10_000_000;
/// rows of at most this many values,
const MOST_WIDTH: usize = 10_000;
/// and images of at most this many pixels together.
const MOST_PIXELS: usize = 1 << 30;

fn rows(args: &Args) -> Result<usize, Diagnostic> {
    args.count("n", 10_000, MOST_ROWS)
}

/// Rows of so many values, if there is memory for all of them.
fn rows_of(args: &Args, width: usize) -> Result<usize, Diagnostic> {
    let rows = rows(args)?;
    // While it is made, and as it is kept.
    memory::room(rows.saturating_mul(width).saturating_mul(8), args.source()).map_err(|error| {
        let text = format!("{rows} rows of {width} values do not fit: {}", error.message);
        Diagnostic::new(error.code, text).help("make `n` or `width` smaller")
    })?;
    Ok(rows)
}

fn load_lowrank(args: &Args, options: &Options, _: &Reach) -> Result<Table, Diagnostic> {
    let width = args.integer("width", 8, (2, MOST_WIDTH as i64))? as usize;
    let rank = args.count("rank", 2, width - 1)?;
    let noise = args.between("noise", 0.1, (0.0, 1e6))?;
    Ok(builtin::lowrank(rows_of(args, width)?, width, rank, noise, options.seed))
}

fn load_sprites(args: &Args, _: &Options, _: &Reach) -> Result<Table, Diagnostic> {
    let sprites = Sprites {
        size: args.integer("size", 16, (8, 256))? as usize,
        shapes: args.count("shapes", SHAPES, SHAPES)?,
        scales: args.count("scales", 3, 64)?,
        rotations: args.count("rotations", 4, 360)?,
        positions: args.count("positions", 8, 256)?,
        grey: args.flag("grey")?.unwrap_or(false),
    };
    match sprites.pixels() {
        Some(pixels) if pixels <= MOST_PIXELS => Ok(sprites.table()),
        _ => Err(args
            .wrong(format!("all images have more than {MOST_PIXELS} pixels"))
            .help("make `size`, `positions` or `rotations` smaller")),
    }
}

/// Loads what a call names.
pub fn load(source: &Source, root: &Root, wanted: Wanted) -> Result<(Table, Options), Diagnostic> {
    let Some(row) = SOURCES.iter().find(|row| row.name == source.name) else {
        let names: Vec<&str> = SOURCES.iter().map(|row| row.name).collect();
        let text = format!("no data source is called `{}`", source.name);
        let error = Diagnostic::new(codes::RL2066, text);
        return Err(match nearest(&source.name, &names) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("write one of {}", names.join(", "))),
        });
    };
    let names = options::names();
    let (args, rest) = Args::bind(source, row.usage, row.args, &names, options::is_value)?;
    let options = options::read(&rest)?;
    let table = (row.load)(&args, &options, &Reach { root, wanted })?;
    Ok((table, options))
}

/// A source as the command line writes it: `idx:DIR`, `npz:FILE,binarize=fixed`. A comma may be a
/// value: `csv:FILE,sep=;,decimal=,`.
pub fn parse(text: &str) -> Result<Source, Diagnostic> {
    let (name, rest) = text.split_once([':', ',']).unwrap_or((text, ""));
    let mut args = Vec::new();
    let mut parts = rest.split(',').peekable();
    while let Some(part) = parts.next() {
        args.push(match part.split_once('=') {
            Some((key @ ("sep" | "decimal"), ""))
                if parts.next_if(|next| next.is_empty()).is_some() =>
            {
                (Some(key.to_string()), Static::Str(",".into()))
            }
            Some((key, value)) => (Some(key.trim().to_string()), literal(value.trim())),
            None if part.is_empty() => continue,
            None => (None, literal(part)),
        });
    }
    if !SOURCES.iter().any(|row| row.name == name) {
        let text = format!("`{text}` is not SOURCE:PATH");
        let error = Diagnostic::new(codes::RL2066, text);
        return Err(
            error.help("for example `--data digits=idx:folder` or `--data x=csv:table.csv`")
        );
    }
    Ok(Source { name: name.into(), args })
}

fn literal(text: &str) -> Static {
    match (text.parse::<i64>(), text.parse::<f64>(), text) {
        (Ok(n), _, _) => Static::Int(n),
        (_, Ok(x), _) if x.is_finite() => Static::Float(x),
        (_, _, "true" | "false") => Static::Bool(text == "true"),
        _ => Static::Str(text.to_string()),
    }
}

/// Options of the file that say how its data is used stay in force when the command line replaces
/// where the data is.
pub fn replace(file: Option<&Source>, new: &Source) -> Source {
    let mut source = new.clone();
    let stays = |name: &str, value: &Static| {
        OPTIONS.iter().any(|row| row.stays && row.name == name) && options::is_value(name, value)
    };
    let again = |(given, value): &(Option<String>, Static), name: &str| {
        given.as_deref() == Some(name) && options::is_value(name, value)
    };
    let kept = file.iter().flat_map(|file| file.args.iter()).filter(|(name, value)| {
        name.as_deref()
            .is_some_and(|name| stays(name, value) && !new.args.iter().any(|arg| again(arg, name)))
    });
    source.args.extend(kept.cloned());
    source
}

/// A message about a field, with the place it came from.
pub fn about(code: Code, origin: &str, text: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::new(code, format!("{origin}: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_use_stay_when_the_source_is_replaced() {
        let file = parse("uci_digits:binarize=fixed,per_class=10,split=0.5,seed=3").unwrap();
        let new = parse("idx:mnist,seed=4").unwrap();
        let source = replace(Some(&file), &new);
        let get = |name: &str| source.args.iter().find(|(n, _)| n.as_deref() == Some(name));
        assert_eq!(source.name, "idx");
        assert_eq!(get("per_class").map(|(_, value)| value), Some(&Static::Int(10)));
        assert_eq!(get("seed").map(|(_, value)| value), Some(&Static::Int(4)));
        // A file of labels is no choice of rows.
        let file = Source {
            name: "idx".into(),
            args: vec![(Some("labels".into()), Static::Str("l".into()))],
        };
        assert!(
            replace(Some(&file), &new).args.iter().all(|(n, _)| n.as_deref() != Some("labels"))
        );
        // How the shares of a split are taken belongs to the source that was replaced.
        assert!(get("split").is_none() && get("binarize").is_some());
    }

    #[test]
    fn data_that_no_memory_holds_is_not_made() {
        let root = Root { folder: ".".into(), may_leave: false };
        for text in ["uniform:n=10000000,width=10000", "blobs:n=10000000,width=10000"] {
            let source = parse(text).unwrap();
            let error = load(&source, &root, Wanted::default()).map(|_| ()).unwrap_err();
            assert_eq!(error.code, codes::RL2073, "{text}");
        }
    }

    #[test]
    fn wrong_calls() {
        let root = Root { folder: ".".into(), may_leave: false };
        for text in [
            "uci_digits:row=3",
            "uci_digits:rows=-1",
            "uci_digits:rows=1.5",
            "uci_digits:valid=1",
            "uci_digits:class=a",
            "uci_digits:labels=false",
            "uci_digits:nan=keep",
            "uci_digits:seed=-1",
            "uci_digits:scale=0",
            "uci_digits:missing=keep",
            "uci_digits:folds=1",
            "uci_digits:folds=5,fold=5",
            "uci_digits:fold=2",
            "uci_digits:folds=5,split=0.5",
            "uci_digits:standardize=1",
            "csv:a.csv,sep=ab",
            "csv:a.csv,sep=a",
            "csv:a.csv,decimal=;",
            "csv:a.csv,header=1",
            "moons:n=0",
        ] {
            let error = load(&parse(text).unwrap(), &root, Wanted::default()).unwrap_err();
            assert_eq!(error.code, codes::RL2066, "{text}");
        }
        let error =
            load(&parse("uci_digits:row=3").unwrap(), &root, Wanted::default()).unwrap_err();
        assert_eq!(error.help, ["did you mean `rows`?"]);
    }
}
