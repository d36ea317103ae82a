use super::*;
use crate::base::codes;
use crate::runtime::data::fixtures::{self, all_rows as walks, index as field, indices};
use crate::runtime::data::{Dataset, FieldSpec};

fn load(edges: &str, call: &str, fields: &[FieldSpec]) -> Result<Dataset, Diagnostic> {
    fixtures::load(&[("e.csv", edges)], call, fields, &[])
}

/// A graph in which every kind of step can be taken: a triangle, a star and a tail.
const EDGES: &str = "0 1 1\n1 2 2\n2 0 1\n2 3 0.5\n3 4 3\n3 5 1\n5 6 1\n";
const WEIGHTS: [(usize, usize, f64); 7] =
    [(0, 1, 1.0), (1, 2, 2.0), (2, 0, 1.0), (2, 3, 0.5), (3, 4, 3.0), (3, 5, 1.0), (5, 6, 1.0)];

/// Steps have the chances of the paper, written down by hand.
#[test]
fn steps_have_their_chances() {
    let mut weight = [[0.0f64; 7]; 7];
    for (a, b, w) in WEIGHTS {
        (weight[a][b], weight[b][a]) = (w, w);
    }
    for (p, q) in [(1.0, 1.0), (0.25, 4.0), (4.0, 0.25), (1000.0, 1.0), (1.0, 1000.0)] {
        let call = format!("walks:e.csv,p={p},q={q},length=20,per_node=1500,seed=3");
        let set = load(EDGES, &call, &[field("nodes", 7, &[20])]).unwrap();
        let walks = walks(&set);
        assert_eq!(walks.len(), 7 * 1500);
        let mut counts = [[[0.0f64; 7]; 7]; 7];
        for walk in &walks {
            for step in walk.windows(3) {
                counts[step[0] as usize][step[1] as usize][step[2] as usize] += 1.0;
            }
        }
        let (mut sum, mut free) = (0.0, 0.0);
        for before in 0..7 {
            for at in 0..7 {
                let bias = |next: usize| match next {
                    next if next == before => 1.0 / p,
                    next if weight[before][next] > 0.0 => 1.0,
                    _ => 1.0 / q,
                };
                let chances: Vec<f64> = (0..7).map(|next| weight[at][next] * bias(next)).collect();
                let (all, total): (f64, f64) =
                    (counts[before][at].iter().sum(), chances.iter().sum());
                if all == 0.0 {
                    continue;
                }
                for (count, chance) in counts[before][at].iter().zip(&chances) {
                    let mean = all * chance / total;
                    assert!(*chance > 0.0 || *count == 0.0);
                    if mean > 5.0 {
                        sum += (count - mean).powi(2) / mean;
                        free += 1.0;
                    }
                }
                free -= 1.0;
            }
        }
        // Chi-squared: four standard deviations above its mean.
        assert!(sum < free + 4.0 * f64::sqrt(2.0 * free) + 2.0, "p {p} q {q}: {sum} of {free}");
    }
}

#[test]
fn walks_are_cut_where_they_end() {
    // From 2 no edge leads on.
    let set = load(
        "0 1\n1 2\n0 2\n",
        "skipgrams:walks(e.csv,directed=true,length=5,per_node=200),window=1,sample=0",
        &[field("center", 3, &[]), field("context", 3, &[])],
    )
    .unwrap();
    let rows: Vec<u32> = (0..set.rows as u32).collect();
    let of = |name: &str| indices(&set, name, &rows, (1, 0));
    let (a, b) = (of("center"), of("context"));
    let joined = [(0, 1), (1, 2), (0, 2)];
    for pair in a.into_iter().zip(b) {
        assert!(joined.contains(&pair) || joined.contains(&(pair.1, pair.0)), "{pair:?}");
    }
    // Windows that reach far beyond all walks along a line, and walks of which hardly one has a step.
    let line: String = (0..30).map(|n| format!("{n} {}\n", n + 1)).collect();
    let star: String = (1..3000).map(|leaf| format!("0 {leaf}\n")).collect();
    let near: fn(i32, i32) -> bool = |a, b| (a - b).abs() <= 2;
    let joined: fn(i32, i32) -> bool = |a, b| (a == 0) != (b == 0);
    let cases = [
        (&line, 31, "skipgrams:walks(e.csv,length=3),window=1000,sample=0", near),
        (&star, 3000, "skipgrams:walks(e.csv,directed=true,length=3),sample=0", joined),
    ];
    for (edges, n, call, fits) in cases {
        let set = load(edges, call, &[field("center", n, &[]), field("context", n, &[])]).unwrap();
        let rows: Vec<u32> = (0..set.rows as u32).collect();
        let of = |name: &str| indices(&set, name, &rows, (1, 0));
        for (a, b) in of("center").into_iter().zip(of("context")) {
            assert!(fits(a, b), "{call}: {a} {b}");
        }
    }
    let alone = load("0 1\n1 2\n", "walks:e.csv,directed=true,length=5", &[field("x", 3, &[5])]);
    assert_eq!(alone.unwrap_err().code, codes::RL2064);
}

#[test]
fn names_splits_and_what_is_wrong() {
    let set = load(
        "rome,paris\nparis,oslo\n",
        "walks:e.csv,length=4,per_node=10,split=(0.5,0.2,0.3)",
        &[field("nodes", 3, &[4])],
    )
    .unwrap();
    assert_eq!(set.kept[0].words, ["oslo", "paris", "rome"]);
    let of = |split: &str| set.split(split).unwrap().len();
    assert_eq!((of("train"), of("valid"), of("test")), (15, 6, 9));
    for walk in walks(&set) {
        for step in walk.windows(2) {
            assert!((step[0] == 1) != (step[1] == 1), "{walk:?}");
        }
    }
    let fields = [field("nodes", 3, &[4])];
    for call in [
        "walks:",
        "walks:e.csv,p=0",
        "walks:e.csv,q=-1",
        "walks:e.csv,length=0",
        "walks:e.csv,standardize=true",
        "walks:e.csv,directed=1",
    ] {
        assert_eq!(load("0 1", call, &fields).unwrap_err().code, codes::RL2066, "{call}");
    }
    let missing = load("0 1", "walks:f.csv", &fields).unwrap_err();
    assert_eq!(missing.code, codes::RL2073);
    let long = load("0 1\n1 2", "walks:e.csv,length=3", &fields).unwrap_err();
    assert_eq!(long.code, codes::RL2064);
}
