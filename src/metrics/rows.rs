//! The table of metrics: figures of a whole split. One row says how a metric is called, what its
//! arguments are, what it means and how it is computed; the checker, the reference page and the runtime
//! read it.

use super::{
    Input, auc, bleu, chains, cluster, dimension, disentangle, frechet, groups, information, knn,
    linear, probe, ranks, rmse,
};

/// What an argument is. All are per example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    /// Reals of any shape: a code.
    Reals,
    /// One real.
    Real,
    /// One class: `idx(n)`.
    Class,
    /// Whether or not: `bool`, `bit` or `idx(2)`.
    Flag,
    /// Several of these, at least one.
    Flags,
    /// At least this many classes: `idx(n)[F]`, or a tuple of `idx` values.
    Factors(usize),
    /// Reals or classes of any shape.
    Any,
    /// Indices in order, `idx(n)[t]`.
    Tokens,
    /// Reals in the shape of the first argument.
    Alike,
    /// Reals of two dims.
    Matrix,
    /// Four reals or more: the states of a chain, one after the other.
    Chain,
}

impl ArgKind {
    /// In words.
    pub fn show(self) -> &'static str {
        match self {
            ArgKind::Reals => "reals of any shape",
            ArgKind::Real => "one real",
            ArgKind::Class => "a class, `idx(n)`",
            ArgKind::Flag => "a truth value: `bool`, `bit` or `idx(2)`",
            ArgKind::Flags => "truth values, one for each group: `bit[k]`",
            ArgKind::Factors(0 | 1) => {
                "one factor or more: `idx(n)[F]`, or a tuple of `idx` values"
            }
            ArgKind::Factors(_) => "two factors or more: `idx(n)[F]`, or a tuple of `idx` values",
            ArgKind::Any => "reals or classes of any shape",
            ArgKind::Tokens => "a sequence of indices, `idx(n)[t]`",
            ArgKind::Alike => "reals in the shape of the first",
            ArgKind::Matrix => "a matrix, `f32[m, n]`",
            ArgKind::Chain => "the states of a chain, four or more: `f32[n]`",
        }
    }
}

/// A number that a call can set by name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// Its value where the call says nothing.
    pub default: f64,
    /// The smallest and the largest legal value.
    pub range: (f64, f64),
    /// Whether it is a whole number.
    pub whole: bool,
}

/// How a metric is computed.
#[derive(Clone, Copy, Debug)]
pub enum Figure {
    /// From all rows of a split.
    OfSplit(fn(&Input) -> f64),
    /// It is the mean of a figure of each row, so that no row has to be kept: from the entries of a row,
    /// its columns and the values of the settings.
    OfRow(fn(&[f64], usize, &[f64]) -> f64),
}

/// A row of the table.
#[derive(Debug)]
pub struct Metric {
    /// The name in files.
    pub name: &'static str,
    /// Names and kinds of the arguments.
    pub args: &'static [(&'static str, ArgKind)],
    /// Numbers that can be set.
    pub settings: &'static [Setting],
    /// Whether it is fitted to the training split first.
    pub learns: bool,
    /// How it is computed.
    pub figure: Figure,
    /// Its unit in a report.
    pub unit: &'static str,
    /// The values it can have.
    pub range: (f64, f64),
    /// What it is, with the source.
    pub doc: &'static str,
}

/// Rows are equal by name.
impl PartialEq for Metric {
    fn eq(&self, other: &Metric) -> bool {
        self.name == other.name
    }
}

impl Metric {
    /// Whether no row has to be kept.
    pub fn by_row(&self) -> bool {
        matches!(self.figure, Figure::OfRow(_))
    }

    /// How it is called: `mig(code, factors, bins = 20)`.
    pub fn usage(&self) -> String {
        let args = self.args.iter().map(|(name, _)| name.to_string());
        let settings = self.settings.iter().map(|s| format!("{} = {}", s.name, s.default));
        format!("{}({})", self.name, args.chain(settings).collect::<Vec<_>>().join(", "))
    }
}

const fn bins(default: f64) -> Setting {
    Setting { name: "bins", default, range: (2.0, 1000.0), whole: true }
}

const CODE: (&str, ArgKind) = ("code", ArgKind::Reals);
const CHAIN: &[(&str, ArgKind)] = &[("states", ArgKind::Chain)];
const GROUPS: (&str, ArgKind) = ("groups", ArgKind::Flags);
const LABEL: (&str, ArgKind) = ("y", ArgKind::Class);
/// No upper end.
const ANY: f64 = f64::INFINITY;

/// All metrics.
pub static METRICS: &[Metric] = &[
    Metric {
        name: "linear_probe",
        args: &[CODE, LABEL],
        settings: &[],
        learns: true,
        figure: Figure::OfSplit(probe::linear_probe),
        unit: "accuracy",
        range: (0.0, 1.0),
        doc: "Accuracy of a logistic regression from the code to the label, fitted to the training \
              split with standardized codes (Alain and Bengio 2017). Entries that hardly vary stay \
              small.",
    },
    Metric {
        name: "knn_probe",
        args: &[CODE, LABEL],
        settings: &[],
        learns: true,
        figure: Figure::OfSplit(knn::knn_probe),
        unit: "accuracy",
        range: (0.0, 1.0),
        doc: "Accuracy of a vote among the 5 nearest standardized codes of the training split.",
    },
    Metric {
        name: "macro_f1",
        args: &[CODE, GROUPS],
        settings: &[],
        learns: true,
        figure: Figure::OfSplit(groups::macro_f1),
        unit: "share",
        range: (0.0, 1.0),
        doc: "The mean over groups of the F1 of a logistic regression for each, from standardized codes, fitted \
              to the training split. Of a row that is in k groups the k with the largest scores are \
              told (Perozzi, Al-Rfou and Skiena 2014). Groups that nobody is in and nobody is told to be \
              in do not count; `one_hot(y, n)` are the groups of a class.",
    },
    Metric {
        name: "micro_f1",
        args: &[CODE, GROUPS],
        settings: &[],
        learns: true,
        figure: Figure::OfSplit(groups::micro_f1),
        unit: "share",
        range: (0.0, 1.0),
        doc: "The F1 of all groups of `macro_f1` together.",
    },
    Metric {
        name: "linear_r2",
        args: &[CODE, ("target", ArgKind::Any)],
        settings: &[Setting { name: "l2", default: 1e-4, range: (0.0, 1e6), whole: false }],
        learns: true,
        figure: Figure::OfSplit(linear::linear_r2),
        unit: "R^2",
        range: (-ANY, 1.0),
        doc: "Share of the target's variance that a ridge regression from the standardized code \
              explains; fitted to the training split, averaged over the target's entries. `l2` is \
              the penalty beside the mean squared error. Below 0 if worse than the mean.",
    },
    Metric {
        name: "rmse",
        args: &[("x", ArgKind::Reals), ("target", ArgKind::Alike)],
        settings: &[],
        learns: false,
        figure: Figure::OfSplit(rmse),
        unit: "",
        range: (0.0, ANY),
        doc: "Root of the mean squared error over all rows and entries of the split.",
    },
    Metric {
        name: "frechet",
        args: &[("x", ArgKind::Reals), ("target", ArgKind::Alike)],
        settings: &[],
        learns: false,
        figure: Figure::OfSplit(frechet::frechet),
        unit: "",
        range: (0.0, ANY),
        doc: "Squared Frechet distance between the Gaussians that have the means and covariances of \
              the two (Dowson and Landau 1982). Of a classifier's features of drawn and of real \
              images it is their Frechet inception distance (Heusel et al. 2017).",
    },
    Metric {
        name: "auc",
        args: &[("score", ArgKind::Real), ("label", ArgKind::Flag)],
        settings: &[],
        learns: false,
        figure: Figure::OfSplit(auc::auc),
        unit: "area",
        range: (0.0, 1.0),
        doc: "Area under the ROC curve: the chance that a row with the label has the larger score; \
              equal scores count one half (Hanley and McNeil 1982).",
    },
    Metric {
        name: "spearman",
        args: &[("score", ArgKind::Real), ("target", ArgKind::Real)],
        settings: &[],
        learns: false,
        figure: Figure::OfSplit(ranks::spearman),
        unit: "correlation",
        range: (-1.0, 1.0),
        doc: "Correlation of the ranks of two numbers; equal numbers share the mean of their ranks \
              (Spearman 1904). Of similarities of word pairs it tells how well vectors have the \
              meaning of words.",
    },
    Metric {
        name: "bleu",
        args: &[("found", ArgKind::Tokens), ("wanted", ArgKind::Tokens)],
        settings: &[
            Setting { name: "n", default: 4.0, range: (1.0, 9.0), whole: true },
            Setting { name: "end", default: -1.0, range: (-1.0, 2_147_483_647.0), whole: true },
        ],
        learns: false,
        figure: Figure::OfSplit(bleu::bleu),
        unit: "BLEU",
        range: (0.0, 100.0),
        doc: "How much of a translation the wanted one has too (Papineni et al. 2002): 100 times the \
              geometric mean of the shares of its runs of 1 to `n` tokens, over all rows together, times \
              `exp(1 - wanted / found)` of the lengths where what was found is shorter. A sequence ends \
              in front of its first token `end`.",
    },
    Metric {
        name: "two_nn",
        args: &[CODE],
        settings: &[Setting { name: "share", default: 0.9, range: (0.1, 1.0), whole: false }],
        learns: false,
        figure: Figure::OfSplit(dimension::two_nn),
        unit: "dims",
        range: (0.0, ANY),
        doc: "Intrinsic dimension (Facco et al. 2017): how fast the second neighbour falls behind \
              the first; a line through the smallest `share` of the ratios. Equal rows count once.",
    },
    Metric {
        name: "rank",
        args: &[("matrix", ArgKind::Matrix)],
        settings: &[Setting { name: "share", default: 0.01, range: (1e-6, 1.0), whole: false }],
        learns: false,
        figure: Figure::OfRow(|row, columns, settings| {
            dimension::rank(row, columns, settings.first().copied().unwrap_or(f64::NAN))
        }),
        unit: "dims",
        range: (0.0, ANY),
        doc: "How many singular values of a row's matrix are above `share` of its largest, on the \
              mean: `rank(jacobian(f, at = z))` says in how many directions `f` goes.",
    },
    Metric {
        name: "rhat",
        args: CHAIN,
        settings: &[],
        learns: false,
        figure: Figure::OfSplit(chains::rhat),
        unit: "ratio",
        range: (0.0, ANY),
        doc: "Whether the rows of a split, each a chain of states of one number, have mixed: the \
              split R-hat of ranks and of distances from the median, the larger one (Vehtari et al. \
              2021). 1 where they have; 1.01 is a usual limit.",
    },
    Metric {
        name: "ess",
        args: CHAIN,
        settings: &[],
        learns: false,
        figure: Figure::OfSplit(chains::ess),
        unit: "draws",
        range: (0.0, ANY),
        doc: "How many independent draws tell as much of the bulk of a distribution as the states of \
              the chains that the rows of a split are (Vehtari et al. 2021).",
    },
    Metric {
        name: "ess_tail",
        args: CHAIN,
        settings: &[],
        learns: false,
        figure: Figure::OfSplit(chains::ess_tail),
        unit: "draws",
        range: (0.0, ANY),
        doc: "The same of its 5 % and 95 % quantiles, the smaller one.",
    },
    Metric {
        name: "mcse",
        args: CHAIN,
        settings: &[],
        learns: false,
        figure: Figure::OfSplit(chains::mcse),
        unit: "",
        range: (0.0, ANY),
        doc: "The standard error of the mean of all states of the chains that the rows of a split are \
              (Vehtari et al. 2021).",
    },
    Metric {
        name: "kmeans_accuracy",
        args: &[CODE, LABEL],
        settings: &[],
        learns: false,
        figure: Figure::OfSplit(cluster::kmeans_accuracy),
        unit: "accuracy",
        range: (0.0, 1.0),
        doc: "Accuracy of as many k-means clusters as there are classes, each named after a class \
              by the best one-to-one matching. k-means++ (Arthur and Vassilvitskii 2007) from a \
              fixed seed, the best of 10 starts, on the codes of this split as they are.",
    },
    Metric {
        name: "nmi",
        args: &[CODE, LABEL],
        settings: &[],
        learns: false,
        figure: Figure::OfSplit(cluster::nmi),
        unit: "share",
        range: (0.0, 1.0),
        doc: "Mutual information between the clusters of `kmeans_accuracy` and the label, divided \
              by the mean of their entropies.",
    },
    Metric {
        name: "mutual_information",
        args: &[("a", ArgKind::Any), ("b", ArgKind::Any)],
        settings: &[bins(30.0)],
        learns: false,
        figure: Figure::OfSplit(information::mutual_information),
        unit: "nats",
        range: (0.0, ANY),
        doc: "Mutual information by counting. Every real entry falls into one of `bins` equal \
              intervals between its least and its largest value, classes stay as they are, and the \
              entries of a vector together are one symbol.",
    },
    Metric {
        name: "mig",
        args: &[CODE, ("factors", ArgKind::Factors(1))],
        settings: &[bins(20.0)],
        learns: false,
        figure: Figure::OfSplit(information::mig),
        unit: "share",
        range: (0.0, 1.0),
        doc: "Mutual information gap (Chen et al. 2018): by how much the code entry that knows most \
              of a factor exceeds the second, as a share of the factor's entropy; mean over \
              factors. Codes are counted in `bins` equal intervals.",
    },
    Metric {
        name: "dci",
        args: &[CODE, ("factors", ArgKind::Factors(2))],
        settings: &[Setting { name: "l1", default: 0.02, range: (0.0, 1e6), whole: false }],
        learns: false,
        figure: Figure::OfSplit(disentangle::dci),
        unit: "share",
        range: (0.0, 1.0),
        doc: "Disentanglement (Eastwood and Williams 2018): 1 if every code entry serves one factor \
              only. Importances are the absolute weights of a lasso per factor with penalty `l1`, \
              codes and factors (as numbers) standardized, fitted to this split.",
    },
];

/// The row with this name.
pub fn find(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}
