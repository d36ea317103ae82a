//! The table of error codes: one row per mistake. The explanations are what `rlc explain RL0116`
//! prints and what `docs/reference/errors.md` is generated from.
//!
//! Ranges: RL00xx text and syntax, RL01xx names, types and shapes, RL02xx warnings about the model,
//! RL10xx configuration, RL20xx data, RL30xx checkpoints, RL40xx files, RL50xx run time, RL60xx parts for other
//! programs.

use super::diag::Severity;

/// A row of the table.
#[derive(Debug)]
pub struct CodeRow {
    /// `RL0116`.
    pub name: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// One lower-case phrase.
    pub title: &'static str,
    /// Why it is a mistake and what to write instead; Markdown, with an example.
    pub explanation: &'static str,
    /// What to type, for messages that know nothing more special; empty if each of them does.
    pub hint: &'static str,
}

/// A stable error code; compares by name.
#[derive(Clone, Copy)]
pub struct Code(pub &'static CodeRow);

impl Code {
    /// `RL0116`.
    pub fn name(self) -> &'static str {
        self.0.name
    }
    /// The severity of its row.
    pub fn severity(self) -> Severity {
        self.0.severity
    }
    /// The row with this name.
    pub fn find(name: &str) -> Option<Code> {
        CODES.iter().find(|c| c.name() == name).copied()
    }
}
impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        self.0.name == other.0.name
    }
}
impl Eq for Code {}
impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}

macro_rules! codes {
    ($($name:ident $severity:ident $title:literal $explanation:literal $(, $hint:literal)?)*) => {
        $(#[doc = $title] pub const $name: Code = Code(&CodeRow {
            name: stringify!($name),
            severity: Severity::$severity,
            title: $title,
            explanation: $explanation,
            hint: concat!($($hint)?),
        });)*
        /// All rows, in order of their number.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    RL0001 Error "no model in file"
        "The file is empty or holds only comments. `rlc new NAME` writes a small working file."
    RL0002 Error "not UTF-8"
        "The file holds bytes that are not UTF-8 text. It may be in another encoding, or no text at
all. Convert it: `iconv -f latin1 -t utf-8 old.rl > new.rl`. The message names the first such byte,
counted from 0."
    RL0003 Error "unexpected character"
        "A character that the language does not use, outside of comments and strings. Most come
from another language or from a word processor:

    loss a = b; loss c = d      // no `;`: a line break or a blank is enough
    const half = 1 − 0.5        // the long minus of a word processor: type `-`
    let t = x && y              // write `x and y`

Comments start with `//`, and strings stand in double quotes on one line."
    RL0004 Error "bidirectional control character"
        "The text holds an invisible character that changes the direction of writing, so that an
editor shows something else than what is compiled. It is refused everywhere, comments and strings
included. Delete it; the message names its place."
    RL0005 Error "nesting too deep"
        "Brackets, unary signs, powers, `if`s and lambdas may be 128 levels deep in total. A file
that people write stays far below that. Give the inner parts names:

    const inner = f(g(h(1)))
    const outer = a(b(c(inner)))"
    RL0006 Error "too many parts"
        "A file has at most 200,000 parts (names, numbers, operators, statements), and one expression
at most 1,000 operators in a row. Generated files run into this. Write the repetition as one:
`sum(xs)` for a long sum, `chain(i in 0..n) { ... }` for layers, `scan` for steps."
    RL0007 Error "source too large"
        "A source file is at most 1 MiB (1,048,576 bytes). Numbers in bulk are data: keep them in an
npy or csv file and name that as the source, `data d from npy(\"x.npy\") { x: f32[D] }`."
    RL0008 Error "unterminated string or comment"
        "A string opens and closes on one line, with the same double quote; it has no escapes. There
are no block comments:

    use \"rbm.rl\" as rbm     // not  use \"rbm.rl as rbm
    // each line of a comment starts with two slashes"
    RL0009 Error "unbalanced bracket"
        "A bracket is opened and not closed, closed and not opened, or closed by one of another
kind. The message shows where it was opened. The next declaration at the start of a line is read
as usual, so one missing brace gives one message:

    prior p(z) {
      z: f32[Z] ~ Normal(0, 1)
    }                           // <- this one is easily lost
    loss rate = KL(q(z | x) || p(z))"
    RL0010 Error "real number out of range"
        "Numbers are read as 64-bit reals: at most about 1.8e308. `1e999` would be infinite. A number
closer to 0 than about 4.9e-324, such as `1e-400`, becomes 0, with a warning."
    RL0011 Error "integer too large"
        "A number without point and exponent is an integer, at most 9223372036854775807. For a real
number write a point or an exponent: `1e20`."
    RL0012 Error "name too long"
        "A name has at most 255 bytes."
    RL0013 Error "name with characters other than ASCII"
        "Names consist of the letters a to z and A to Z, digits and `_`. Letters of other scripts
can look exactly like these and yet be others, so that two names that read the same would differ.
Write `alpha` for the Greek letter. Comments may hold any script."
    RL0014 Error "this does not read as .rl"
        "The text does not follow the grammar. The message says what stands there and what would
fit. The most frequent slips:

    config beta = 1.0              // a type is missing:   config beta: f32 = 1.0
    prior p(z) { z Normal(0, 1) }  // `~` is missing:      z ~ Normal(0, 1)
    let y == f(x)                  // `==` compares:       let y = f(x)
    const c = x ** 2               // powers:              x^2
    loss l = a | b                 // `|` conditions:      a or b
    minimize l with adam()         // whose weights move:  minimize l over p with adam(lr = 1e-3)

One glyph has one meaning: `:` gives a type, `=` a value, `~` a distribution, `|` conditions, `||`
separates the sides of a divergence, `|>` passes a value on, `<-` updates."
    RL0015 Error "keyword used as a name"
        "Keywords cannot be names of anything: `use dim const config data param state net module fn
bijection model loss train eval sample let return factor minimize maximize repeat track report emit
if then else true false and or not`. Take another word:

    net train(x: f32) -> f32 = x        // refused
    net trained(x: f32) -> f32 = x      // fine

Words such as `encoder`, `prior`, `batch`, `steps`, `over`, `on`, `as` have a meaning only in their
place and can be names elsewhere. After a dot and before the `=` of an argument any word may stand."
    RL0016 Error "files use each other in a circle"
        "A file brings in a file that, directly or through others, brings in the first one. Move what
both need into a third file. Files may use each other at most 16 levels deep.",
        "move what both need into a third file"
    RL0017 Error "a used file is outside the folder"
        "`use` names a file beside or below the file that uses it, so that a file from elsewhere
cannot read yours. Copy it there: `use \"layers.rl\"`."
    RL0101 Error "undefined name"
        "A name is used that no item, `let`, formal or data field declares. Data fields are visible in
losses and phases only; a net takes them as arguments."
    RL0102 Error "name declared twice"
        "Every name of a file stands for one thing. Only densities share names: `prior p(z)` and
`decoder p(x | z)` are the factors of one joint."
    RL0103 Error "shapes or types do not fit"
        "Types are per example: `f32[784]`, not `f32[128, 784]`. Only scalars are repeated by
themselves; anything else is written out: `expand(b, over = T)`."
    RL0104 Error "wrong arguments"
        "A call gives too many or too few arguments, or a keyword that the function does not have."
    RL0105 Error "the wrong kind of thing"
        "For instance a function where a number is needed, or a number where a density is needed."
    RL0106 Error "not the declared type"
        "The value is not of the type that the declaration states: another element type, another range
of values, or other members of a record."
    RL0107 Error "not a usable size"
        "Dims are whole numbers of at least 1. A quotient must be exact: `M / n` with M = 256 and n = 3
is none."
    RL0108 Error "depends on itself"
        "A value is defined by way of itself, or a function calls itself. Loops are `scan`, `chain` and
`map`."
    RL0109 Error "must be known when compiling"
        "Dims, widths, counts and ranges are numbers that the file states: a literal, a `dim`, a
`config`, or arithmetic on them."
    RL0110 Error "too large"
        "Work is counted before it is done: layers of a `chain`, calls, operations of a model and of a
phase with its derivatives, elements of a tensor with its batch, turns of `repeat`, dispatches. The
message says which limit was passed and where most was spent; the page on the language lists all.
`scan` repeats a layer and is compiled once:

    x |> chain(i in 0..1000000) { cell }                       // refused
    last(scan(h = x, t in 0..1000000) { return h |> cell })    // fine"
    RL0111 Error "weights without an owner"
        "A layer such as `Linear(10)` makes weights, and every weight belongs to a `net`, a role, or a
density, so that `minimize ... over NAME` can name it. Put the layer into one of these."
    RL0112 Error "one net, two shapes"
        "A net has one set of weights, shared by all its calls. Calls with other shapes, or from which its
weights would start elsewhere, need another net, or a `module`, which makes new weights wherever it is
used."
    RL0113 Error "not one number per example"
        "A loss, a goal or a figure is a scalar for each example; the mean over the batch is taken for
you. Reduce with `sum` or `mean`."
    RL0114 Error "no such density"
        "The heads that are declared decide what can be asked: with `prior p(z)` and `decoder p(x | z)`
there are `p(z)`, `p(x | z)` and the joint `p(x, z)`."
    RL0115 Error "this density cannot be evaluated exactly"
        "It would need a sum or an integral over a latent variable. A bound can be had: `elbo(p, q)` or
`iwae(p, q, k = 64)`."
    RL0116 Error "a distribution cannot score these values"
        "The declared support of the value is not the support of the distribution: Bernoulli scores bits,
ContinuousBernoulli reals between 0 and 1, Categorical indices, Normal reals. A cross-entropy on grey
levels trains, but is no likelihood, so it must be written as what it is:
`loss rec = binary_cross_entropy(logits, x)`."
    RL0117 Error "a variable has no value"
        "Observed names are the fields of the data; every other variable of a density is drawn:
`E[z ~ q(z | x)](log p(x | z))`."
    RL0118 Error "no formula for this"
        "An implicit model (a variable computed by a net) can be sampled but not scored; some
distributions have no mean."
    RL0119 Error "nothing to update"
        "`over` names something without weights, or whose weights the goal does not use."
    RL0120 Error "no meaning here"
        "`minimize`, `track`, `repeat`, `prune` and `<-` stand in train phases, `report` in eval phases, `emit`
and `z ~ p(z)` in sample phases."
    RL0122 Error "no derivative"
        "Derivatives are taken of real functions with respect to real values; `grad` and `hessian` need
a scalar function."
    RL0123 Error "wrong dims in einsum"
        "`einsum(\"a b, b c -> a c\", x, y)`: one name per dim, each in at least two of the three lists."
    RL0124 Error "not a usable type"
        "Element types are f32, bit, int, bool and idx(n); dims stand in brackets; a range follows `in`."
    RL0126 Error "an incomplete phase or data set"
        "A train phase names its data, its batch and its length: `train fit on d.train batch 64 epochs
20 { ... }`."
    RL0127 Error "no such member"
        "Records, data sets and imported files have members; `.T` transposes a tensor."
    RL0128 Error "no inverse"
        "A `bijection` is followed from its result back to its argument. Each operation must have one operand
that is not known yet: `b * exp(s) + t` gives `b` where `s` and `t` depend on other parts, and `u *
sigmoid(u)` gives nothing, as both sides wait for `u`. Scales must be proven not to be 0, and as many
numbers must come out as go in. Where the inverse is known and cannot be derived, give it:
`custom_inverse(f, at = x, inverse = g, log_det = h)`."
    RL0129 Error "a product of factors"
        "A density of `factor` statements is known up to a constant. It is not scored or drawn as it is:
`free_energy(p, v = v)` is -log p(v) without the constant, with the variables that are not named summed out;
`log_z(p)` is the constant of a small one; `gibbs(p, v = v, steps = 10)` draws by a chain; and what is
left given all the rest, `p(h | v)`, is a density where the potential is affine in bits, affine in one-hot
vectors of categories, or a sum of concave squares of reals."
    RL0130 Error "a position that looks ahead"
        "`x ~ Autoregressive(logits = net)` scores every position given those before it. The compiler follows, element
by element, on which positions the logits of each depend. A net that sees its own position or one behind it
would score what it has been told."
    RL0131 Error "a sequence that ends"
        "A value of type `idx(V)[<= T]` ends at its first 0. Sums, means, products and the like leave out what is
behind the end; what would take it along, or bring two sequences with ends of their own together place by place, is
refused."
    RL0201 Warning "a draw that nothing uses"
        "A variable is drawn, and what is averaged, the head and later statements mention it nowhere."
    RL0202 Warning "a loss that no phase minimizes"
        "It is declared and neither minimized, tracked, reported nor part of another loss."
    RL0203 Warning "weights that no phase updates"
        "They keep their initial values. Add their owner to `over (...)`."
    RL0204 Warning "softmax, then log"
        "`log(softmax(x))` loses precision for small probabilities; `log_softmax(x)` does not."
    RL0205 Warning "an over-complete bottleneck"
        "It is at least as wide as what it encodes and has neither noise nor sparsity, so it can copy its
input."
    RL0206 Warning "a path round the bottleneck"
        "The decoder sees data that did not pass the bottleneck, so the code need not carry it."
    RL0207 Warning "a prior that no loss uses"
        "A prior acts through `KL(q || p)` or `elbo(p, q)`. One that no density infers is the noise of a
generator: it is drawn, `E[z ~ noise](critic(G(z)))`, and nothing scores it."
    RL0208 Warning "a gradient that differences do not confirm"
        "`rlc check` compares the derived gradient of each goal with differences of the loss, in double
precision on made-up data. They differ where the loss jumps (`floor`, `sign`, comparisons), where it
overflows, or through a fault of the compiler; a loss without jumps is worth a report.",
        "look for jumps in the loss (`floor`, `sign`, comparisons) and for values that overflow"
    RL0209 Warning "a closed form that averages do not confirm"
        "`rlc check` computes the loss with divergences in closed form and with divergences averaged over
draws, on made-up data. They differ by more than chance allows: a `divergence` that the file declares is
wrong, or, where it declares none, the library's table of closed forms, which please report.",
        "look at the file's own `divergence`; if it has none, please report the file"
    RL0210 Warning "weights that a goal cannot move"
        "A phase updates them, and the goal does not use them, or every way from them to it passes `stop`
or an op that changes in jumps only (`argmax`, `floor`, `sign`, comparisons): the derivative is 0
whatever the data."
    RL0211 Warning "a density is given what it scores"
        "What stands right of the bar is computed from the very values that are scored, so the number
is no likelihood of the data: the density can read the answer off its condition. It counts as well
when the value passes a function, a name or the code of an encoder without noise.

    loss nll = -log p(x | x)                 // 0 nats, and nothing learned
    loss rec = -log p(x | z = enc(x))        // a reconstruction error, no likelihood

Condition on other data, or draw the code and pay for what it carries: `-elbo(p, q)`. As a
reconstruction error the figure is fine, and is reported without a claim. `shift(x, 1)` for a causal
net is not warned of."
    RL0214 Warning "a cross-entropy of values outside of 0..1"
        "A binary cross-entropy compares probabilities with targets between 0 and 1. For other targets it
has no lower bound: it can be made as small as one likes by ever larger scores. Declare the range that
the data has, `x: f32[64] in 0..1`, so that it is checked when they are read; or score reals by a
density on reals: `x: f32[64] ~ Normal(f(z), 1)`."
    RL0216 Warning "an inverse that the function does not confirm"
        "`rlc check` applies each bijection to made-up numbers, undoes it, and compares the log-determinant
with that of the Jacobian by elimination, in double precision. They differ: an inverse or a `log_det`
that the file gives with `custom_inverse` is wrong, the function is too flat there to be undone in
numbers, or, where the file gives none, the compiler is at fault, which please report.",
        "look at `inverse` and `log_det` of the file's own `custom_inverse`; if there is none, please report the file"
    RL0218 Warning "a conditional that the potential does not confirm"
        "`rlc check` draws values for the blocks of each product of factors and compares the log-potential
with the log-density of a block given the rest plus the logarithm of the sum over its values, in double
precision: by Bayes' rule they are equal. They differ, so the compiler derived a wrong conditional.",
        "please report the file"
    RL0215 Warning "a comment that reads like a quotient"
        "`//` begins a comment; in Python it is the whole quotient. `dim H = D // 2` is `dim H = D` here. A
quotient of dims is written `D / 2` and must be exact; `int(n / 2)` cuts a quotient off.",
        "write `/`, or begin the comment with a word"
    RL0217 Warning "weights that one statement names twice"
        "All weights of a name after `over` belong to another name there, too. A weight has one state of
an optimizer in each `minimize`, and moves once. Two statements over the same weights are fine: each has
its own optimizer.

    minimize a over (net, net) with adam()      // `net` once is the same
    minimize a over both with adam()            // fine: both(x) = f(x) + g(x)
    minimize b over f with adam()"
    RL1001 Error "unknown name in the configuration"
        "A key of the YAML file or a name given to `--set` or `--data` is not one that exists. The
keys are `set`, `data`, `seed`, `threads`, `device`, `out` and `phases`; below `set` stand the names
of `dim` and `config` items of the model, below `data` its data sets.",
        "`rlc explain RL1001` lists the keys"
    RL1002 Error "a key stands twice"
        "A YAML mapping has each key once; with two it would be unclear which value holds.",
        "keep one of the two"
    RL1003 Error "this part of YAML is not allowed"
        "A configuration is plain keys, numbers and texts, at most 64 KiB. Anchors, aliases, tags and
merge keys are refused: a few lines with them can unfold to gigabytes. Write the value out.",
        "write plain keys, numbers and texts, value by value, at most 64 KiB"
    RL1004 Error "the configuration does not read as YAML"
        "Indent with spaces, put `key: value` on a line, quote texts that hold `: ` or `#`.",
        "indent with spaces, put one `key: value` on a line, quote texts that hold `: ` or `#`"
    RL1005 Error "a setting is not a usable number"
        "Settings are finite numbers; `.nan`, `.inf` and numbers beyond the range of a 64-bit float
are refused, and so are dims below 1.",
        "give a finite number of the declared range, for instance `0.5`"
    RL1006 Error "a setting must be an integer"
        "The item is declared `int`, or is a dim, and the value has a fraction or does not fit.",
        "give a whole number, for instance `20`"
    RL1007 Error "a setting has the wrong type"
        "A number is written without quotes, a text with them, and truth values are `true` and
`false`. The message says what the file declares.",
        "write numbers without quotes, texts with them, truth values as `true` or `false`"
    RL1008 Error "a configuration is one YAML mapping"
        "The file holds one document, and the document is a list of `key: value` lines.",
        "write one document of `key: value` lines"
    RL2001 Error "not an idx file"
        "An idx file opens with two zero bytes, an element type and the number of dims. What was
given opens otherwise. For MNIST, name the folder that holds `train-images-idx3-ubyte.gz` and the
three files beside it: `--data mnist=idx:folder`.",
        "name a folder with the four MNIST files, or one idx file: `--data mnist=idx:folder`"
    RL2002 Error "this kind of idx file is not supported"
        "The element type must be one of 08 (bytes), 09, 0b, 0c (integers), 0d, 0e (reals), and the
number of dims 1 to 4.",
        "save bytes, integers or reals with 1 to 4 dims, or convert the data to npy"
    RL2003 Error "the file's length is not what its header says"
        "A header states a shape, and the shape a number of bytes; the file has more or fewer. Most
often a download was cut off. Fetch the file again.",
        "fetch the file again; a download that was cut off gives this"
    RL2004 Error "fields have different numbers of rows"
        "All fields of a data set describe the same examples, so `labels` must have as many rows as
`images`. Two files that do not belong together were probably named.",
        "name files that belong together: every field has one row per example"
    RL2005 Error "a label is out of range"
        "A field declared `idx(10)` holds integers from 0 to 9. Labels that start at 1 need to be
shifted (those of an svmlight file are), and a data set with 12 classes needs `idx(12)`.",
        "shift labels so that they start at 0, or declare more classes: `y: idx(12)`"
    RL2006 Error "compressed data is damaged"
        "The gzip data is cut off, its checksum does not match, or bytes follow its end. Nothing of
it is used. Fetch the file again; `gzip -t FILE` checks it.",
        "fetch the file again; `gzip -t FILE` checks it"
    RL2007 Error "compressed data is larger than it may be"
        "The header of the inflated file states how long it is; inflating stops one byte after that.
A file that goes on is damaged, or made to fill the memory.",
        "fetch the file again, from where you trust it"
    RL2010 Error "not an npy file"
        "The file does not open with the npy magic, or its header is not the dictionary that
`np.save` writes. Save the array again: `np.save(\"x.npy\", a)`.",
        "save the array again: `np.save(\"x.npy\", a)`"
    RL2011 Error "this element type is not supported"
        "Arrays of booleans, integers of 1 to 8 bytes and reals of 2, 4 or 8 bytes are read, in
either byte order. Object arrays are never read, since loading them can run code. Convert first:
`np.save(\"x.npy\", a.astype(\"<f4\"))`.",
        "convert first: `np.save(\"x.npy\", a.astype(\"<f4\"))`"
    RL2012 Error "this array shape is not usable"
        "A dim is negative, or the dims multiply to more bytes than can be held.",
        "save the array again with a shape that memory can hold"
    RL2013 Error "not an npz file"
        "An npz file is a zip archive of npy members, as `np.savez(\"d.npz\", x=x, y=y)` writes it. Its
directory was not found or is damaged.",
        "save the arrays again: `np.savez(\"d.npz\", x=x, y=y)`"
    RL2014 Error "an archive member's name is refused"
        "Member names are plain words such as `x.npy`: no folders, no `..`, no drive letters, and
none twice.",
        "give the members plain names: `np.savez(\"d.npz\", x=x, y=y)`"
    RL2015 Error "an archive member cannot be read"
        "Members are stored or deflated, not encrypted, and under 4 GiB each. `np.savez` and
`np.savez_compressed` write such files.",
        "save the arrays again: `np.savez(\"d.npz\", x=x, y=y)`"
    RL2016 Error "an archive contradicts itself"
        "The sizes, checksums or places that the archive states are not those of its members. The
file is damaged or forged; none of it is used.",
        "fetch or save the file again; nothing of it was used"
    RL2017 Error "not a recording"
        "A recording is a file of RIFF WAVE: samples of 8 to 32 bits or reals of 32 bits, not compressed. The
file is damaged, or of another kind.",
        "convert it: `ffmpeg -i in.mp3 -ac 1 -ar 16000 out.wav`"
    RL2020 Error "rows of a table have different lengths"
        "Every row of a csv file has as many cells as the first one, and there is at least one row.
The message names the line, counted from 1, the header included. Lines at the top that are no rows
are left out by `skip = 1`; another separator than the one found is named by `sep = \";\"`.",
        "give every row as many cells as the first row has"
    RL2021 Error "a quote is not closed"
        "A cell opens with a quote that is never closed, so the rest of the file would be one cell. A
quote that belongs to a cell is written twice, and the cell in quotes: `\"5\"\" pipe\"`.",
        "close the quote with `\"`; a quote at the start of a cell is written twice, the cell in quotes"
    RL2022 Error "a cell is not a number"
        "A field of numbers reads a column in which a cell is a word. The message names line and
column, both counted from 1. Numbers have no thousands separators; a decimal comma needs
`decimal = \",\"` where it is not found in the file. A column of words is a field of type `idx(n)`.",
        "correct the cell; a column of words is a field of type `idx(n)`"
    RL2023 Error "a value is missing"
        "An empty cell, `NA`, `N/A`, `nan`, `null` or `?` in a table and not-a-number in an array say
that there is no value. `missing = \"drop\"` leaves such rows out, `missing = \"mean\"` puts the mean of
the training rows there, `missing = 0` a number; `nan = \"allow\"` keeps reals as they are.",
        "write `missing = \"drop\"`, `missing = \"mean\"` or `missing = 0`"
    RL2024 Error "a table is too wide"
        "A table has at most 100,000 columns and a cell of a column that a field reads at most 1,024
bytes; a column that no field reads may hold any text.",
        "keep wide data in an npy or npz file; shorten long texts, or read another column"
    RL2025 Error "a number is beyond the range of f32"
        "Fields of reals hold numbers up to 3.4e38. Choose another unit, or drop the row.",
        "choose another unit, or drop the row"
    RL2026 Error "the table's header is not as announced"
        "`header = true` says that the first row holds names, `header = false` that it holds
a row. Without either, a first row of words only is taken as the header, and one that has the name of
a field; where a word stands above numbers otherwise, the call has to say it.",
        "`header = true` if the first row holds names, `header = false` if it holds numbers"
    RL2027 Error "a text file is not UTF-8"
        "Tables are read as UTF-8. Convert the file: `iconv -f latin1 -t utf-8 in.csv > out.csv`, with
`-f utf-16` for a file that opens with the bytes ff fe.",
        "convert it: `iconv -f latin1 -t utf-8 in.csv > out.csv`"
    RL2028 Error "a line is not `label index:value ...`"
        "A line of an svmlight file holds one number, the label, and then pairs of an index and a number:
`3 1:0.5 17:2 # a comment`. Pairs may stand in any order, each index once; a line without pairs is a
row of zeros. Several labels (`1,3 5:1`) and the pairs `qid:3` of rankings are not read.",
        "write one label, then pairs: `3 1:0.5 17:2`"
    RL2029 Error "an index is beyond its row"
        "Indices of an svmlight file count from 1, or from 0 where the call says `first = 0` or a line has
the index 0. The last one is the number of values that the field or `width` declares; without both,
the largest index of all files, at most 1,000,000.",
        "declare as many values as the largest index says; `first = 0` if indices count from 0"
    RL2060 Error "a split is smaller than one batch"
        "Training uses full batches only, so a split must hold at least `batch` rows. Choose a
smaller batch. A split without any row serves no phase: name another one, or cut the rows in another
way.",
        "choose a smaller batch"
    RL2061 Error "data has values that are not finite"
        "Infinity spreads through everything it meets, so it is refused; `nan = \"allow\"` in the call
of the source keeps it.",
        "clean the data, or write `nan = \"allow\"`"
    RL2062 Error "grey levels cannot be read as bits"
        "A field declared `bit` holds 0 and 1, and the source has levels between. Say how they become
bits: `from uci_digits(binarize = \"stochastic\")` draws them afresh in every epoch with the level
as the chance, `\"fixed\"` draws them once, `\"threshold\"` cuts at the middle. Or declare
`x: f32[64] in 0..1` and use a likelihood for grey levels.",
        "write `binarize = \"stochastic\"`, or declare the field `in 0..1`"
    RL2063 Error "the source has nothing for a field"
        "Fields find their column by name in npz files and tables with a header; otherwise labels go
to `idx` fields and the rest to the others, in order. In a table where one field has the name of a
column, every field of one value has to. Give the field the name of its column.",
        "give the field the name of its column"
    RL2064 Error "a field and its source differ in size"
        "The dims of a field say how many values a row has; `f32[64]`, `f32[8, 8]` and
`f32[1, 8, 8]` all fit an 8x8 image. Another number of values needs other dims:
`--set D=784` for MNIST. Dims in another order, `f32[3, 8, 8]` of rows `[8, 8, 3]`, would put values in
other places: declare them as they are, and `permute` them.",
        "change the dims of the field, for instance `--set D=784`"
    RL2065 Error "a value is outside its declared range"
        "The field's type states which values it can take, and the data holds another. Give the
range that the data has, or say which level is white: `scale = 255`.",
        "declare the range that the data has, or say which level is white: `scale = 255`"
    RL2066 Error "a data source is called wrongly"
        "`rlc data` lists the sources and their arguments. In a file: `data d from
idx(\"folder\") { ... }`; on the command line: `--data d=idx:folder,binarize=fixed`.",
        "`rlc data` lists the sources and their arguments"
    RL2067 Error "a data set has no source"
        "The file declares the fields only. Name the data on the command line:
`--data corpus=npz:corpus.npz`, or in the file: `data corpus from npz(\"corpus.npz\") { ... }`.",
        "for example `--data NAME=npz:file.npz`"
    RL2068 Error "a data set has no such split"
        "Splits are `train`, `valid` and `test`. uci_digits and the MNIST files have `train` and
`test`; `split = (0.8, 0.1, 0.1)` makes all three from the whole.",
        "`rlc data SOURCE` lists the splits; `split = (0.8, 0.1, 0.1)` makes three"
    RL2069 Error "split shares are wrong"
        "`split = 0.9` gives the share of the training rows, `split = (0.8, 0.1, 0.1)` the shares of
train, valid and test, which add up to 1.",
        "write `split = 0.9` or `split = (0.8, 0.1, 0.1)`"
    RL2070 Error "not a regular file"
        "Data is read from regular files of at most 16 GiB: not from folders, pipes or devices.",
        "name a regular file of at most 16 GiB"
    RL2071 Error "a file changed while it was read"
        "Another program writes to it. Wait until it is done.",
        "wait until the program that writes it is done"
    RL2072 Error "a path leaves the model's folder"
        "A path in a `.rl` file names something beside or below that file, so that a file from
elsewhere cannot read yours. On the command line any path may be given: `--data d=csv:/data/d.csv`.",
        "put the data beside the model, or name it on the command line: `--data NAME=...`"
    RL2073 Error "a data file cannot be read"
        "The system's own message says why: it does not exist, or may not be read. Relative paths
in a `.rl` file start at that file's folder, those of the command line where you are.",
        "check the path; in a `.rl` file it starts at that file's folder"
    RL2074 Error "training rows cannot be chosen as asked"
        "The options `class`, `valid`, `per_class`, `rows` and `labels` of a source choose training rows,
in this order. They need enough rows, and those that ask for the class of a row need one field of
type `idx(n)`, or `label = \"FIELD\"` where there are several.",
        "ask for fewer rows, or name the field that holds the class: `label = \"y\"`"
    RL2075 Warning "whole numbers that f32 does not hold"
        "An f32 holds every whole number up to 16,777,216 and only some above. Those that are written
as f32 are (`12345679000`) mean one f32 each and are not named. Numbers that are names
(of users, of words) belong into a field of type `int` or `idx(n)`, which is exact; for others the
rounding does not matter, or `standardize = true` brings them near 0 first.",
        "declare names of things `int` or `idx(n)`"
    RL2076 Error "a word that the run does not know"
        "The words of a column became indices when the weights were trained, and are kept with them.
Other data is read by the same words, so a word that was not there has no index. Where the classes were
numbers, other data has numbers too.",
        "leave such rows out, or train on data that has the word"
    RL2077 Warning "a word has two indices in one run"
        "Each data set is read by itself, so the words of a field become indices by the words of that
set alone. Fields of one name in two data sets have other words here, and what learns from one is wrong
about the other. Read both as one set, `csv(\"a.csv\", test = \"b.csv\")`, or give the fields
different names.",
        "read both as one set: `csv(\"a.csv\", test = \"b.csv\")`; or give the fields different names"
    RL2078 Warning "what a run knows of its data is not used"
        "Weights come with how the run has read its data: words, ranges, means and deviations, by the
names of data set and field. A model that calls them otherwise reads its data by itself, and the same
word or value may be another number to the weights.",
        "call the data set and the field as the model of the run does"
    RL2079 Error "a line is no edge"
        "A file of edges has a line for each of them, all alike: `from to`, or `from to weight` with a
positive weight. Cells stand behind commas, semicolons, tabs or blanks.",
        "write the line as `from to`, or begin it with `#` to leave it out"
    RL3001 Error "a checkpoint is not whole"
        "A file of the checkpoint is missing or shorter than its manifest says. An interrupted copy
does that. The checkpoint before it is in the same folder and is used when this one is removed.",
        "remove this checkpoint: the one before it is used then"
    RL3002 Error "a checkpoint is damaged"
        "The content of a file is not what the manifest's checksum says. Nothing of it is used.",
        "remove this checkpoint: the one before it is used then"
    RL3003 Error "a weights file does not read"
        "The header of the safetensors file is not one: its length, its JSON or the places of the
tensors are impossible.",
        "name a safetensors file, or a run folder: `--weights runs/vae-1`"
    RL3005 Error "weights do not fit the model"
        "The file holds tensors that this model lacks, lacks some that it has, or has them in other
shapes. Most often the model or one of its settings has changed since. Compile with the settings in
the run's `config.yaml`: `--config RUN/config.yaml`.",
        "compile with the settings of that run: `--config RUN/config.yaml`"
    RL3007 Error "this format of weights is not read"
        "Only safetensors files are read: pickled formats can run code when they are loaded. Convert
with `safetensors.numpy.save_file` in Python.",
        "convert it in Python: `safetensors.numpy.save_file(arrays, \"w.safetensors\")`"
    RL3008 Error "a checkpoint refers to other places"
        "A checkpoint names its own files only, by plain names.",
        "remove this checkpoint; it was not written by rlc"
    RL3009 Error "a file of a newer version"
        "It was written by a newer rlc. Update, or compile and train again with this one.",
        "update rlc, or train again with this one"
    RL3010 Error "a run of another model cannot be resumed"
        "The checkpoint was made from another source text, other settings or other rows of data, so
continuing would not give what one uninterrupted run gives. Train anew, or use `--weights RUN` to start from its weights.",
        "train anew without `--resume`, or start from its weights: `--weights RUN`"
    RL3011 Error "nothing to resume"
        "The folder holds no complete checkpoint: a run writes one while it trains. Train first, or start
the run without `--resume`.",
        "train first, and leave `--resume` out to begin: a run without a train phase keeps no weights"
    RL3012 Warning "weights without the states beside them"
        "Running means and variances, counters and other states of layers are no weights, so
`weights.safetensors` of a run does not hold them, and they start anew. The run folder holds them:
`--weights RUN`. They may also stand in the file, under their names.",
        "name the run folder instead of the file: `--weights RUN`"
    RL3013 Error "a weight is beyond the range of f32"
        "Weights are f32, which holds numbers up to 3.4e38. The file has a larger one in a tensor of
F64, so it is damaged, or belongs to another model.",
        "name weights that f32 holds"
    RL3014 Warning "weights that are not numbers"
        "A tensor holds infinity or not-a-number, and so will what is computed from it: training has
diverged, or the file is damaged.",
        "take weights of an earlier step, or train again with a smaller `lr`"
    RL3020 Error "not an artifact"
        "`rlc compile FILE.rl` writes FILE.rlx. What was given does not open as such a file does.",
        "compile a model: `rlc compile FILE.rl`"
    RL3021 Error "an artifact is damaged"
        "Its length or checksum is not what its header says, or it contradicts itself. Compile again.",
        "compile again: `rlc compile FILE.rl`"
    RL4001 Error "a file cannot be read"
        "The system's own message says why. Paths on the command line start where you are.",
        "check the path; it starts where you are"
    RL4002 Error "a file cannot be written"
        "The system's own message says why. Nothing that existed before is changed.",
        "choose another place, or make room and check the rights of the folder"
    RL4003 Error "the run folder is in use"
        "Another process writes to it. Wait for it, or choose another folder with `--out`.",
        "wait for it, or choose another folder: `--out NAME`"
    RL4004 Error "the run folder is not usable"
        "`--out` names a folder that does not exist yet, is empty, or is to be resumed.",
        "name a new folder, or go on in this one with `--resume`"
    RL4005 Error "the run folder was moved or removed"
        "While a run goes on, its folder stays where it is. What was saved before is where the folder is
now; nothing is written to the old place, where another run might be.",
        "go on where the folder is now: `--resume=FOLDER`, or start anew"
    RL5001 Error "there is no such device"
        "`cpu` is the processor. `gpu` is the first graphics device, `gpu:1` the second, in the order of
`rlc devices`. `auto` takes a graphics device that is real hardware, else the processor. `reference`
runs the graph of a `.rl` file node by node in double precision: slow, and the measure of the others.",
        "write `--device cpu`; `rlc devices` lists graphics devices"
    RL5002 Error "the model needs more memory than there is"
        "Before anything runs, `rlc check` and `rlc run` compare the bill of the plans with the memory of
the machine, or of this process where it has a limit of its own. Choose a smaller batch or smaller
dims; `rlc compile FILE.rl` prints the bill of each phase.",
        "choose a smaller batch or smaller dims; `rlc compile FILE.rl` prints the bill"
    RL5003 Error "the loss is not finite"
        "A value of the step was infinite or not a number; the message names the step and the first op
that gave one. Common causes: a learning rate that is too large, `log` or division at 0, `exp` of a
large number. The checkpoint before that step is kept.",
        "try a smaller learning rate, or clip the gradient: `adam(lr = ..., clip = 1)`"
    RL5004 Error "the graphics device has no memory left"
        "Weights, data and intermediate values are kept on the device. Choose a smaller batch or smaller
dims, or run on the processor. The last checkpoint is kept.",
        "choose a smaller batch, or go on with `--resume --device cpu`"
    RL5005 Error "the graphics device was lost"
        "It was taken away, or its driver gave up. What was computed since the last checkpoint is lost;
the checkpoint is kept, and any device can go on from it.",
        "go on with `rlc run FILE --resume`, or on the processor with `--resume --device cpu`"
    RL6001 Error "no such part to write"
        "`rlc export` writes encoders, decoders, bottlenecks, priors, other nets that are called, and the
steps of `sample` phases. A part is a function of what it is given; where its arguments are no tensors, or
it is never called, it has no form of its own. `--part` names it."
    RL6002 Error "this format cannot say it"
        "A format has words for some ops only: C has none for loops, ONNX none for `lgamma`. A part whose rows depend
on each other (`batch(x)`, a mean over the batch) has no form for one example, and one that reads the number
of a step or the seed belongs to a run.

    rlc export RUN --onnx q.onnx     // refused: lgamma
    rlc export RUN --torch q.py      // PyTorch has it",
        "try another format, `--torch FILE.py` or `--c DIR`, or another `--part`"
    RL6003 Error "too large for this format"
        "An ONNX file holds less than 2 GB. A C source holds its weights as text: up to 16 MiB of them.",
        "write PyTorch instead: `--torch FILE.py` keeps weights in a safetensors file"
}
