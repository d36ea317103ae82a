//! Sources by name, in one table. In: a call such as `idx("folder", binarize = "fixed")`, from the
//! model file or the command line. Out: a [`Table`] and the [`Options`] that every source takes.

use super::args::Args;
pub use super::call::{parse, replace};
use super::fields::Wanted;
use super::open::Root;
use super::options::{self, Options};
use super::sampler::Sampler;
use super::sprites::{SHAPES, Sprites};
use super::text::{self, Sequence};
use super::{
    Table, builtin, lines, memory, metapath, readers, shown, skipgrams, structure, walks, wav,
};
use crate::base::{Code, Diagnostic, codes, nearest};
use crate::model::ir::{Source, Static};
use std::sync::Arc;

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
    /// Reads the arguments, all of them, and opens no file.
    read: for<'a> fn(&Args<'a>, &Options) -> Result<Load<'a>, Diagnostic>,
}

/// What opens files and gives something.
pub type Give<'a, T> = Box<dyn FnOnce(&Reach) -> Result<T, Diagnostic> + 'a>;

/// What a source does once its arguments are right, by what it gives.
pub enum Load<'a> {
    /// Rows that stand beside each other.
    Rows(Give<'a, Table>),
    /// A sequence: a sampler of windows, or what another source makes rows of.
    Sequence(Give<'a, Sequence>),
    /// What makes its rows by itself.
    Sampled(Give<'a, Arc<dyn Sampler>>),
}

impl<'a> Load<'a> {
    /// What gives rows.
    pub fn rows(with: impl FnOnce(&Reach) -> Result<Table, Diagnostic> + 'a) -> Load<'a> {
        Load::Rows(Box::new(with))
    }
}

/// What a source has given.
#[derive(Clone, Debug)]
pub enum Loaded {
    /// Rows that stand beside each other.
    Rows(Table),
    /// What makes its rows by itself.
    Sampled(Arc<dyn Sampler>),
}

/// A source that needs no file.
fn made<'a>(make: impl FnOnce() -> Table + 'a) -> Result<Load<'a>, Diagnostic> {
    Ok(Load::rows(move |_| Ok(make())))
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
        read: |_, _| made(builtin::uci_digits),
    },
    SourceRow {
        name: "idx",
        usage: "idx(\"folder\") or idx(\"images\", \"labels\")",
        what: "files of the MNIST format, packed with gzip or not; a folder holds train-* and t10k-*. \
               `labels` with one of the words of the option `labels` is the option",
        columns: "images; labels",
        args: &["images", "labels"],
        read: readers::idx,
    },
    SourceRow {
        name: "npy",
        usage: "npy(\"x.npy\", \"y.npy\")",
        what: "one NumPy array per field, in the order of the fields; rows are the first dim",
        columns: "one per file",
        args: &["a", "b", "c", "d", "e", "f"],
        read: readers::npy,
    },
    SourceRow {
        name: "npz",
        usage: "npz(\"file.npz\")",
        what: "a NumPy archive with a member per field, or FIELD_train and FIELD_test",
        columns: "one per member, by name",
        args: &["file"],
        read: readers::npz,
    },
    SourceRow {
        name: "csv",
        usage: "csv(\"file.csv\", header = true, sep = \",\", decimal = \".\", skip = 0, \
                valid = \"valid.csv\", test = \"test.csv\")",
        what: "a table as text, packed with gzip or not: columns by name; where that is no name of the \
               language, `_` stands for other characters, before a first digit and behind a keyword \
               (`sepal length (cm)` is read by `sepal_length_cm`, `state` by `state_`). A field of \
               several values takes as many as it needs, in order, and so do all where no column has \
               the name of a field. Header, `sep` and `decimal` are found in the text where the call does not say \
               them; `sep` may be \"tab\" or \"space\" (any number of \
               them); `skip` leaves lines out at the top. Tables beside it are the other splits. \
               Cells that are empty, NA, N/A, nan, null or ? are missing; true and false are 1 and \
               0; a column that has another word in any of the tables is one of words, as the text \
               has them. Lines count from 1",
        columns: "those of the file",
        args: &["file", "header", "sep", "decimal", "skip", "valid", "test"],
        read: readers::csv,
    },
    SourceRow {
        name: "svmlight",
        usage: "svmlight(\"train.txt\", width = 2000, first = 1, valid = \"valid.txt\", \
                test = \"test.txt\")",
        what: "sparse rows as text, packed with gzip or not, as SVMlight and LIBSVM read them: a line is \
               `label index:value index:value ... # comment`, and what it does not name is 0. Pairs \
               stand in any order. A row has as many values as its field, or `width`, or the largest \
               index of all files says. Indices count from `first`: 1, or 0 where a line has the \
               index 0. The label is the field of one number. For an `idx(n)`, labels from 0 to n - 1 \
               are indices, those from 1 to n and other n different whole numbers (-1 and 1) get the \
               indices 0, 1, 2, ... in their order. `nan`, `NA` and `?` are missing. Lines of several \
               labels and pairs `qid:3` are refused. Files beside it are the other splits",
        columns: "point [width]; label",
        args: &["file", "width", "first", "valid", "test"],
        read: readers::svmlight,
    },
    SourceRow {
        name: "text",
        usage: "text(\"file.txt\", tokens = \"char\", stride = 64, unknown = \"<unk>\", \
                min_count = 1, valid = \"valid.txt\", test = \"test.txt\")",
        what: "windows of a text, packed with gzip or not: characters, `\"word\"`s between blanks or \
               `\"byte\"`s. A window is as long as the field; the next one starts behind it, or \
               `stride` tokens later in the training split. A second field reads the token that \
               follows each of the window. Splits are parts of the text, one behind the other, or \
               the files beside it. Characters have numbers in the order of their alphabet, words by \
               how often they occur. Where more are there than `idx(n)` has, or some \
               occur less than `min_count` times, `unknown = \"<unk>\"` makes those 0 and \
               `\"drop\"` leaves them out. The vocabulary is kept with the run, and \
               `spell(s, DATA.FIELD)` writes with it",
        columns: "tokens idx(n) [any]; next idx(n) [any]",
        args: &["file", "tokens", "stride", "unknown", "min_count", "valid", "test"],
        read: text::source,
    },
    SourceRow {
        name: "lines",
        usage: "lines(\"file.txt\", sep = \"tab\", tokens = \"word\", unknown = \"<unk>\", min_count = 1, \
                long = \"cut\", valid = \"valid.txt\", test = \"test.txt\")",
        what: "a row for each line of a text, packed with gzip or not. A field `idx(n)[<= t]` reads words, or \
               with `tokens = \"char\"` characters: number 0 is the end, the others have numbers by how \
               often they occur, characters in the order of their alphabet, in each field by itself. \
               Several fields read several files, `lines((\"a.en\", \"a.de\"))`, line by line, or the \
               parts of a line between `sep`. A line that is longer than the field is refused, `long = \
               \"cut\"` takes its beginning, `\"drop\"` leaves the row out. `unknown = \"<unk>\"` makes 1 of \
               words beyond n or of less than `min_count` occurrences, `\"drop\"` leaves them out. Fields \
               of one value read classes or numbers. Blank lines are left out. The vocabularies are kept \
               with the run, and `spell(s, DATA.FIELD)` writes with them",
        columns: "one per field, in order",
        args: &["files", "sep", "tokens", "unknown", "min_count", "long", "valid", "test"],
        read: lines::lines,
    },
    SourceRow {
        name: "jsonl",
        usage: "jsonl(\"file.jsonl\", tokens = \"word\", unknown = \"<unk>\", min_count = 1, long = \"cut\", \
                valid = \"valid.jsonl\", test = \"test.jsonl\")",
        what: "a row for each line, which is an object: fields read its members by name, texts as `lines` \
               does, numbers and classes as they are. A member that is not there or null is missing",
        columns: "the members of objects, by name",
        args: &["files", "tokens", "unknown", "min_count", "long", "valid", "test"],
        read: lines::jsonl,
    },
    SourceRow {
        name: "wav",
        usage: "wav(\"folder\", names = \"digit_speaker_take\", stride = 1024, pad = false, \
                test_files = \"*_[0-4].wav\", valid_files = \"\")",
        what: "recordings of a folder, a row for each window. `sound: idx(256)[1024]` reads windows of 1,024 \
               samples in 256 levels by mu-law, `sound: f32[1024]` amplitudes between -1 and 1. `names` says \
               what the parts of a file's name are; fields of these names read them. Windows of the \
               training split start `stride` samples behind each other, others follow each other; \
               what is left at the end of a recording is left out, or with `pad = true` filled up with \
               silence. `test_files` and `valid_files` are patterns of file names; windows of one \
               recording stay in one split",
        columns: "`sound` [any]; the parts of names",
        args: &["folder", "names", "stride", "pad", "test_files", "valid_files"],
        read: wav::source,
    },
    SourceRow {
        name: "skipgrams",
        usage: "skipgrams(text(\"file.txt\", tokens = \"word\", min_count = 5), window = 5, sample = 1e-3, \
                power = 0.75, typed = false)",
        what: "words with a neighbour each, drawn anew in every epoch as skip-grams take them (Mikolov et al. \
               2013): windows have a random width up to `window` on each side, a word that is the share \
               f of all stays with chance sqrt(sample / f) + sample / f (`sample = 0` keeps all), and \
               negatives are drawn by the number of a word to the power of `power`, none of which is \
               the neighbour; with `typed = true` among the nodes of its kind (metapath2vec++, Dong, \
               Chawla and Swami 2017). For hierarchical softmax, `path` are the inner nodes from the root of \
               a Huffman tree of all words to the neighbour, as many as `within` has ones, and `turns` says \
               which way is taken at each. The sequence is a `text`, `walks`, `metapath` or `structure`, and its fields keep its \
               vocabulary. An epoch has as many rows as a pass over the sequence gives on the mean. All \
               of it is for training, unless `split` or `valid` cut parts off",
        columns: "`center` idx(n); `context` idx(n); `negatives` idx(n) [any]; `path` idx(n) [deep]; \
                  `turns` bit [deep]; `within` bit [deep]",
        args: &["of", "window", "sample", "power", "typed"],
        read: skipgrams::pairs,
    },
    SourceRow {
        name: "cbow",
        usage: "cbow(text(\"file.txt\", tokens = \"word\", min_count = 5), window = 5, sample = 1e-3, \
                power = 0.75, typed = false)",
        what: "words with all their neighbours, drawn like `skipgrams`. Where a window has fewer than it \
               may have, `weight` is 0; it is 1 / number for the others, so that a sum of weighted \
               rows is their mean. No negative is the word in the middle, and `path` leads to it",
        columns: "`center` idx(n); `context` idx(n) [2 window]; `weight` [2 window]; \
                  `negatives` idx(n) [any]; `path` idx(n) [deep]; `turns` bit [deep]; \
                  `within` bit [deep]",
        args: &["of", "window", "sample", "power", "typed"],
        read: skipgrams::bags,
    },
    SourceRow {
        name: "walks",
        usage: "walks(\"edges.csv\", header = true, directed = false, p = 1, q = 1, length = 80, \
                per_node = 10)",
        what: "random walks on a graph, `per_node` of `length` nodes from every node: a line of the file, \
               packed with gzip or not, is an edge, `from to` or `from to weight`; a header is found where the call does not say it. A step takes an edge \
               by its weight, times 1 / p where it goes back, times 1 / q where it goes to a node that \
               is no neighbour of the one before (node2vec, Grover and Leskovec 2016; 1 and 1 are \
               DeepWalk). A row is the beginning of a walk; `skipgrams(walks(...))` pairs nodes. \
               Nodes have numbers in the order of their names, of numbers by size. All walks are for \
               training, unless `split` or `valid` cut parts off",
        columns: "nodes idx(n) [any]; next idx(n) [any]",
        args: &["edges", "header", "directed", "p", "q", "length", "per_node"],
        read: walks::source,
    },
    SourceRow {
        name: "metapath",
        usage: "metapath(along = \"A-P-C-P-A\", edges = (\"A-P: wrote.csv\", \"P-C: where.csv\"), \
                header = true, length = 81, per_node = 10)",
        what: "random walks on a graph of several kinds of nodes (Dong, Chawla and Swami 2017): a step goes \
               to a node of the next kind in `along`, which is gone through again and again if it ends \
               where it begins. Each file joins two kinds, in the order of its columns. A node is called \
               as in the file if it is of the first kind, else with its kind before, `P:12`. Else like \
               `walks`",
        columns: "nodes idx(n) [any]; next idx(n) [any]",
        args: &["along", "edges", "header", "length", "per_node"],
        read: metapath::source,
    },
    SourceRow {
        name: "structure",
        usage: "structure(\"edges.csv\", header = true, length = 80, per_node = 10, stay = 0.3, layers = 64, \
                beside = 22)",
        what: "random walks among nodes whose places in a graph are alike, wherever they stand (struc2vec, \
               Ribeiro, Saverese and Figueiredo 2017). Two nodes are alike by the degrees of their \
               neighbours, of the neighbours of these, and so on, up to `layers` rings; a walk stays at a \
               ring with chance `stay` and goes to a node that is like its own up to there, or else \
               looks at one ring more or less. Degrees of a ring are matched with how often they occur. \
               All pairs of up to 2,000 nodes are compared; of more, each node with those of the closest degrees, \
               twice the binary logarithm of the number of nodes, unless `beside` says how many. Edges go \
               both ways, and their weights are not looked at. Else like `walks`",
        columns: "nodes idx(n) [any]; next idx(n) [any]",
        args: &["edges", "header", "length", "per_node", "stay", "layers", "beside"],
        read: structure::source,
    },
    SourceRow {
        name: "iris",
        usage: "iris()",
        what: "150 irises of three species: length and width of sepals and petals in centimetres; \
               carried in the program. R. A. Fisher, 1936. Test: every fifth row, ten of each \
               species; species 0 is setosa",
        columns: "point [4]; label idx(3)",
        args: &[],
        read: |_, _| made(builtin::iris),
    },
    SourceRow {
        name: "one_hot",
        usage: "one_hot(n = 8)",
        what: "the n rows of the identity matrix and their index; every split is the whole set",
        columns: "point [n]; label idx(n)",
        args: &["n"],
        read: |args, _| {
            let n = args.count("n", 8, 10_000)?;
            made(move || builtin::one_hot(n))
        },
    },
    SourceRow {
        name: "indices",
        usage: "indices(n = 10000)",
        what: "the whole numbers below n, one a row: rows of a table that a constant holds",
        columns: "index idx(n)",
        args: &["n"],
        read: |args, _| {
            let n = rows(args)?;
            made(move || builtin::indices(n))
        },
    },
    SourceRow {
        name: "moons",
        usage: "moons(n = 10000, noise = 0.05)",
        what: "points of two interleaved half circles in the plane, and which one",
        columns: "point [2]; label idx(2)",
        args: &["n", "noise"],
        read: |args, options| {
            let noise = args.between("noise", 0.05, NOISE)?;
            let (n, seed) = (rows(args)?, options.seed);
            made(move || builtin::moons(n, noise, seed))
        },
    },
    SourceRow {
        name: "spirals",
        usage: "spirals(n = 10000, noise = 0.02, turns = 1.5)",
        what: "points of two interleaved spirals in the plane, and which one",
        columns: "point [2]; label idx(2)",
        args: &["n", "noise", "turns"],
        read: |args, options| {
            let noise = args.between("noise", 0.02, (0.0, 100.0))?;
            let turns = args.between("turns", 1.5, (0.1, 100.0))?;
            let (n, seed) = (rows(args)?, options.seed);
            made(move || builtin::spirals(n, noise, turns, seed))
        },
    },
    SourceRow {
        name: "blobs",
        usage: "blobs(n = 10000, k = 3, width = 2, spread = 1)",
        what: "points of k Gaussian clusters of standard deviation `spread`, and which one; the \
               seed places the centres between -10 and 10, five deviations apart where there is room",
        columns: "point [width]; label idx(k)",
        args: &["n", "k", "width", "spread"],
        read: |args, options| {
            let (k, width) = (args.count("k", 3, 1000)?, args.count("width", 2, MOST_WIDTH)?);
            let spread = args.between("spread", 1.0, (0.0, 100.0))?;
            let (n, seed) = (rows_of(args, width)?, options.seed);
            made(move || builtin::blobs(n, k, width, spread, seed))
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
        read: lowrank,
    },
    SourceRow {
        name: "ratings",
        usage: "ratings(n = 10000, users = 1000, items = 500, rank = 4, noise = 0.5)",
        what: "ratings of items by users: 3, a level of each user and of each item, the product of two \
               vectors of `rank` numbers, and Gaussian noise",
        columns: "`user` idx(users); `item` idx(items); `rating`",
        args: &["n", "users", "items", "rank", "noise"],
        read: |args, options| {
            let users = args.count("users", 1000, MOST_WIDTH)?;
            let items = args.count("items", 500, MOST_WIDTH)?;
            let rank = args.count("rank", 4, 100)?;
            let noise = args.between("noise", 0.5, NOISE)?;
            let (n, seed) = (rows_of(args, 3)?, options.seed);
            made(move || builtin::ratings(n, (users, items), rank, noise, seed))
        },
    },
    SourceRow {
        name: "sentences",
        usage: "sentences(n = 10000, words = 30, longest = 8)",
        what: "sentences of 2 to `longest` words of a made-up language, and their translations: every word \
               has one in the other language, words change places two by two, and the last one comes \
               first. Words count from 1, 0 is the end",
        columns: "`source`, `target` idx(words + 1) [<= longest + 1]",
        args: &["n", "words", "longest"],
        read: |args, options| {
            let words = args.count("words", 30, MOST_WIDTH)?;
            let longest = args.integer("longest", 8, (2, MOST_WIDTH as i64))? as usize;
            let (n, seed) = (rows_of(args, 2 * (longest + 1))?, options.seed);
            made(move || builtin::sentences(n, words, longest, seed))
        },
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
        read: sprites,
    },
    SourceRow {
        name: "gaussians8",
        usage: "gaussians8(n = 10000)",
        what: "points of eight Gaussians of standard deviation 0.2 on a circle of radius 2, and which \
               one; the entropy is 1.698",
        columns: "point [2]; label idx(8)",
        args: &["n"],
        read: |args, options| {
            let (n, seed) = (rows(args)?, options.seed);
            made(move || builtin::gaussians8(n, seed))
        },
    },
    SourceRow {
        name: "checkerboard",
        usage: "checkerboard(n = 10000)",
        what: "points spread evenly over the dark squares of a board of four by four between -2 and \
               2, and which one; the entropy is log 8",
        columns: "point [2]; label idx(8)",
        args: &["n"],
        read: |args, options| {
            let (n, seed) = (rows(args)?, options.seed);
            made(move || builtin::checkerboard(n, seed))
        },
    },
    SourceRow {
        name: "circle",
        usage: "circle(n = 10000, noise = 0)",
        what: "points on the unit circle, with Gaussian noise",
        columns: "point [2]; label idx(1)",
        args: &["n", "noise"],
        read: |args, options| {
            let noise = args.between("noise", 0.0, NOISE)?;
            let (n, seed) = (rows(args)?, options.seed);
            made(move || builtin::circle(n, noise, seed))
        },
    },
    SourceRow {
        name: "uniform",
        usage: "uniform(n = 10000, width = 2, low = 0, high = 1)",
        what: "rows of independent uniform reals",
        columns: "point [width]",
        args: &["n", "width", "low", "high"],
        read: |args, options| {
            let low = args.between("low", 0.0, (-LARGEST, LARGEST))?;
            let high = args.between("high", 1.0, (-LARGEST, LARGEST))?;
            if low > high {
                let error = args.wrong("`low` is greater than `high`");
                return Err(error.help("exchange them"));
            }
            let width = args.count("width", 2, MOST_WIDTH)?;
            let (n, seed) = (rows_of(args, width)?, options.seed);
            made(move || builtin::uniform(n, width, low, high, seed))
        },
    },
];

/// Deviations of noise,
const NOISE: (f64, f64) = (0.0, 1e6);
/// and the largest number of made-up data, which f32 holds.
const LARGEST: f64 = 1e30;
/// Made-up data has at most this many rows,
const MOST_ROWS: usize = 10_000_000;
/// rows of at most this many values,
const MOST_WIDTH: usize = 10_000;
/// and images of at most this many pixels together.
const MOST_PIXELS: usize = 1 << 28;

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

fn lowrank<'a>(args: &Args<'a>, options: &Options) -> Result<Load<'a>, Diagnostic> {
    let width = args.integer("width", 8, (2, MOST_WIDTH as i64))? as usize;
    let rank = args.count("rank", 2, width - 1)?;
    let noise = args.between("noise", 0.1, NOISE)?;
    let (n, seed) = (rows_of(args, width)?, options.seed);
    made(move || builtin::lowrank(n, width, rank, noise, seed))
}

fn sprites<'a>(args: &Args<'a>, _: &Options) -> Result<Load<'a>, Diagnostic> {
    let sprites = Sprites {
        size: args.integer("size", 16, (8, 256))? as usize,
        shapes: args.count("shapes", SHAPES, SHAPES)?,
        scales: args.count("scales", 3, 64)?,
        rotations: args.count("rotations", 4, 360)?,
        positions: args.count("positions", 8, 256)?,
        grey: args.flag("grey")?.unwrap_or(false),
    };
    match sprites.pixels() {
        Some(pixels) if pixels <= MOST_PIXELS => made(move || sprites.table()),
        _ => Err(args
            .wrong(format!("all images have more than {MOST_PIXELS} pixels"))
            .help("make `size`, `positions` or `rotations` smaller")),
    }
}

/// The row of a call, its arguments read.
fn read(source: &Source) -> Result<(Load<'_>, Options), Diagnostic> {
    let Some(row) = SOURCES.iter().find(|row| row.name == source.name) else {
        return Err(unknown(source));
    };
    let names = options::names();
    let read = || {
        let (args, rest) = Args::bind(source, row.usage, row.args, &names, options::is_value)?;
        let options = options::read(&rest)?;
        let load = (row.read)(&args, &options)?;
        Ok((load, options))
    };
    read().map_err(|error| at_call(source, error))
}

/// Whether a field of this name may be found by it: its source has such a column, reads columns by their
/// names alone, or is unknown.
pub fn finds_by_name(source: &str, field: &str) -> bool {
    let Some(row) = SOURCES.iter().find(|row| row.name == source) else { return true };
    let mut words = row.columns.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let by_name = ["`", "by name", "those of the file"];
    by_name.iter().any(|sign| row.columns.contains(sign)) || words.any(|word| word == field)
}

fn unknown(source: &Source) -> Diagnostic {
    let names: Vec<&str> = SOURCES.iter().map(|row| row.name).collect();
    let text = format!("no data source is called `{}`", source.name);
    let error = Diagnostic::new(codes::RL2066, text);
    at_call(
        source,
        match (nearest(&source.name, &names), source.place) {
            (Some(near), Some(place)) => error.meant(place, near),
            (Some(near), None) => error.help(format!("did you mean `{near}`?")),
            (None, _) => error.help(format!("write one of {}", names.join(", "))),
        },
    )
}

/// A mistake in a call, at the place of the call unless it has a place of its own.
fn at_call(source: &Source, error: Diagnostic) -> Diagnostic {
    match source.place {
        Some(place) if error.primary.is_none() => error.at(place, ""),
        _ => error,
    }
}

/// Whether a call has the name of a source and arguments that it takes. Opens no file.
pub fn check(source: &Source) -> Result<(), Diagnostic> {
    read(source).map(drop)
}

/// Mistakes in a call: what it names is not there, or is not as it says.
const OF_CALLS: &[Code] =
    &[codes::RL2066, codes::RL2069, codes::RL2070, codes::RL2072, codes::RL2073, codes::RL2074];

/// An error of reading data, with the place of the call or the name of the data set where it is a
/// mistake in the call.
pub fn located(source: &Source, data: &str, error: Diagnostic) -> Diagnostic {
    if !OF_CALLS.contains(&error.code) || error.primary.is_some() {
        return error;
    }
    match source.place {
        Some(place) => error.at(place, ""),
        None => error.note(format!("in data set `{}`", shown(data))),
    }
}

/// Loads what a call names.
pub fn load(source: &Source, root: &Root, wanted: Wanted) -> Result<(Loaded, Options), Diagnostic> {
    let (load, options) = read(source)?;
    let reach = Reach { root, wanted };
    let loaded = match load {
        Load::Rows(load) => Loaded::Rows(load(&reach)?),
        Load::Sequence(load) => Loaded::Sampled(Arc::new(load(&reach)?)),
        Load::Sampled(load) => Loaded::Sampled(load(&reach)?),
    };
    Ok((loaded, options))
}

/// The sequence that an argument calls. Options stand in the outer call.
pub fn sequence<'a>(
    args: &Args<'a>,
    name: &str,
    options: &Options,
) -> Result<Give<'a, Sequence>, Diagnostic> {
    let example = format!("write `{}(text(\"file.txt\", tokens = \"word\"))`", args.source());
    let Some(Static::Call(inner)) = args.get(name) else {
        let text =
            format!("`{name}` is a sequence, a call of `text`, `walks`, `metapath` or `structure`");
        return Err(args.wrong_at(name, text).help(example));
    };
    let Some(row) = SOURCES.iter().find(|row| row.name == inner.name) else {
        return Err(unknown(inner));
    };
    let names: Vec<&'static str> = options::OPTIONS.iter().map(|option| option.name).collect();
    let (own, rest) = Args::bind(inner, row.usage, row.args, &names, options::is_value)?;
    if let Some((option, _)) = rest.values.first() {
        let text = format!("`{option}` stands in the call of `{}`", args.source());
        return Err(rest.wrong_at(option, text).help("write it behind the sequence"));
    }
    match (row.read)(&own, options)? {
        Load::Sequence(give) => Ok(give),
        _ => {
            let text = format!("`{}` gives rows and no sequence", row.name);
            Err(args.wrong_at(name, text).help(example))
        }
    }
}

/// A message about a field, with the place it came from.
pub fn about(code: Code, origin: &str, text: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::new(code, format!("{origin}: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            "svmlight:",
            "svmlight:a.txt,width=0",
            "svmlight:a.txt,first=2",
            "svmlight:a.txt,test=b.txt,split=0.5",
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
