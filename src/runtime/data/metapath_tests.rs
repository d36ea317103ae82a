use super::*;
use crate::base::codes;
use crate::runtime::data::Dataset;
use crate::runtime::data::fixtures::{self, all_rows as walks, index};

const WROTE: &str = "author,paper\n10,1\n10,2\n9,2\n9,3\n11,3\n";
const WHERE: &str = "1 x 1\n2 x 3\n3 y 1\n2 y 1\n";

fn load(call: &str, (n, width): (usize, usize)) -> Result<Dataset, Diagnostic> {
    let files = [("wrote.csv", WROTE), ("where.txt", WHERE)];
    fixtures::load(&files, call, &[index("nodes", n, &[width])], &[])
}

const EDGES: &str = "edges=(\"A-P:wrote.csv\",\"P-C: where.txt\")";

/// Authors have the numbers 0 to 2 (9, 10, 11), papers 3 to 5, places 6 and 7. Steps have the chances that the
/// files say: 1 over the number of papers or authors, the weights of places.
#[test]
fn steps_go_to_the_next_kind() {
    let call = format!("metapath:along=A-P-C-P-A,{EDGES},length=9,per_node=4000,seed=5");
    let set = load(&call, (8, 9)).unwrap();
    let all = walks(&set);
    assert_eq!(all.len(), 3 * 4000);
    let chances: [[f64; 8]; 8] = {
        let mut weight = [[0.0; 8]; 8];
        for (a, p) in [(1, 3), (1, 4), (0, 4), (0, 5), (2, 5)] {
            (weight[a][p], weight[p][a]) = (1.0, 1.0);
        }
        for (p, c, w) in [(3, 6, 1.0), (4, 6, 3.0), (5, 7, 1.0), (4, 7, 1.0)] {
            (weight[p][c], weight[c][p]) = (w, w);
        }
        weight
    };
    let kind = |node: i32| match node {
        0..=2 => 'A',
        3..=5 => 'P',
        _ => 'C',
    };
    let mut counts = [[[0.0; 8]; 8]; 2];
    for walk in &all {
        let kinds: String = walk.iter().map(|node| kind(*node)).collect();
        assert_eq!(kinds, "APCPAPCPA");
        for (at, step) in walk.windows(2).enumerate() {
            // To authors or to places.
            counts[at / 2 % 2][step[0] as usize][step[1] as usize] += 1.0;
        }
    }
    let (mut sum, mut free) = (0.0, 0);
    for (way, counts) in counts.iter().enumerate() {
        for (from, counts) in counts.iter().enumerate() {
            // A paper goes to a place in the first half of the path, to an author in the second.
            let paper = (3..6).contains(&from);
            let goes = |to: usize| !paper || (to > 5) == (way == 0);
            let weight = |to: usize| if goes(to) { chances[from][to] } else { 0.0 };
            let total: f64 = (0..8).map(weight).sum();
            let all: f64 = counts.iter().sum();
            for (to, count) in counts.iter().enumerate() {
                let mean = all * weight(to) / total;
                if mean > 0.0 {
                    sum += (count - mean).powi(2) / mean;
                    free += 1;
                } else {
                    assert_eq!(*count, 0.0, "{from} to {to}");
                }
            }
        }
    }
    assert!(sum < 3.0 * free as f64, "{sum} of {free}");
}

#[test]
fn names_of_other_kinds_carry_their_kind() {
    let set = load(&format!("metapath:along=A-P-C,{EDGES},length=50,per_node=2"), (8, 3)).unwrap();
    // A path that does not end where it begins is gone through once.
    assert!(walks(&set).iter().all(|walk| walk.len() == 3));
    let kept = format!("{:?}", set.kept);
    for name in ["\"9\", \"10\", \"11\"", "\"P:1\", \"P:2\", \"P:3\"", "\"C:x\", \"C:y\""] {
        assert!(kept.contains(name), "{name} in {kept}");
    }
}

#[test]
fn what_is_no_path_is_told() {
    for (call, words) in [
        (format!("metapath:{EDGES}"), "a path"),
        (format!("metapath:along=A,{EDGES}"), "a path"),
        (format!("metapath:along=A-B,{EDGES}"), "no file of `edges` joins `A` and `B`"),
        ("metapath:along=A-P-A".into(), "which kinds it joins"),
        ("metapath:along=A-P-A,edges=wrote.csv".into(), "which kinds it joins"),
        ("metapath:along=A-P-A,edges=\"A:wrote.csv\"".into(), "which kinds it joins"),
        ("metapath:along=A-P-A,edges=(1, 2)".into(), "a text or several"),
    ] {
        let error = load(&call, (8, 3)).unwrap_err();
        assert_eq!(error.code, codes::RL2066, "{call}");
        assert!(error.message.contains(words), "{call}: {}", error.message);
    }
    let both = load("metapath:along=A-P-A,edges=\"A-P: wrote.csv\",length=5", (6, 5)).unwrap();
    assert_eq!(both.rows, 3 * 10);
}
