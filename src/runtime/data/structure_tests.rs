use super::*;
use crate::base::codes;
use crate::runtime::data::fixtures::{self, all_rows as walks, index};
use crate::runtime::data::{Dataset, edges};

fn load(text: &str, call: &str, (n, width): (usize, usize)) -> Result<Dataset, Diagnostic> {
    fixtures::load(&[("e.csv", text)], call, &[index("nodes", n, &[width])], &[])
}

/// A triangle with a tail, and a star with a tail: nodes of several kinds, some of them alike.
const EDGES: &str = "0 1\n1 2\n2 0\n2 3\n3 4\n4 5\n4 6\n";
const NODES: usize = 7;

/// Distances of all nodes, by adding edges until nothing changes.
fn distances(text: &str) -> [[usize; NODES]; NODES] {
    let mut far = [[99; NODES]; NODES];
    (0..NODES).for_each(|n| far[n][n] = 0);
    for line in text.lines() {
        let ends: Vec<usize> = line.split(' ').map(|end| end.parse().unwrap()).collect();
        (far[ends[0]][ends[1]], far[ends[1]][ends[0]]) = (1, 1);
    }
    for k in 0..NODES {
        for a in 0..NODES {
            for b in 0..NODES {
                far[a][b] = far[a][b].min(far[a][k] + far[k][b]);
            }
        }
    }
    far
}

/// The costs of a layer as the paper writes them, from distances alone.
fn cost(far: &[[usize; NODES]; NODES], (a, b): (usize, usize), layer: usize) -> Option<f64> {
    let degree = |node: usize| far[node].iter().filter(|d| **d == 1).count();
    let ring = |node: usize, k: usize| {
        let mut list: Vec<(usize, usize)> = Vec::new();
        let mut degrees: Vec<usize> =
            (0..NODES).filter(|other| far[node][*other] == k).map(degree).collect();
        degrees.sort_unstable();
        for degree in degrees {
            match list.last_mut() {
                Some((last, count)) if *last == degree => *count += 1,
                _ => list.push((degree, 1)),
            }
        }
        list
    };
    let mut sum = 0.0;
    for k in 0..=layer {
        let (x, y) = (ring(a, k), ring(b, k));
        if x.is_empty() || y.is_empty() {
            return None;
        }
        let mut table = vec![vec![f64::INFINITY; y.len() + 1]; x.len() + 1];
        table[0][0] = 0.0;
        for i in 0..x.len() {
            for j in 0..y.len() {
                let (high, low) = (x[i].0.max(y[j].0) as f64, x[i].0.min(y[j].0) as f64);
                let own = (high / low - 1.0) * x[i].1.max(y[j].1) as f64;
                let before = table[i][j].min(table[i + 1][j]).min(table[i][j + 1]);
                table[i + 1][j + 1] = own + before;
            }
        }
        sum += table[x.len()][y.len()];
    }
    Some(sum)
}

/// Where walks are after some steps, for each layer and node: one step of the chances of the paper.
fn stepped(costs: &[Vec<Vec<Option<f64>>>], stay: f64, from: &[[f64; NODES]]) -> Vec<[f64; NODES]> {
    let layers = costs.len();
    let weight = |k: usize, a: usize, b: usize| costs[k][a][b].map_or(0.0, |c| (-c).exp());
    let is_in = |k: usize, a: usize| k < layers && (0..NODES).any(|b| costs[k][a][b].is_some());
    let (mut at, mut done) = (from.to_vec(), vec![[0.0; NODES]; layers]);
    for _ in 0..2000 {
        let mut next = vec![[0.0; NODES]; layers];
        for k in 0..layers {
            let pairs: Vec<f64> = (0..NODES)
                .flat_map(|a| (a + 1..NODES).map(move |b| (a, b)))
                .filter(|(a, b)| costs[k][*a][*b].is_some())
                .map(|(a, b)| weight(k, a, b))
                .collect();
            let mean = pairs.iter().sum::<f64>() / pairs.len() as f64;
            for a in 0..NODES {
                let here = at[k][a];
                if here == 0.0 {
                    continue;
                }
                let all: f64 = (0..NODES).map(|b| weight(k, a, b)).sum();
                (0..NODES).for_each(|b| done[k][b] += here * stay * weight(k, a, b) / all);
                let alike = (0..NODES).filter(|b| weight(k, a, *b) > mean).count() as f64;
                let up = (alike + std::f64::consts::E).ln();
                let (up, down) =
                    (if is_in(k + 1, a) { up } else { 0.0 }, f64::from(u8::from(k > 0)));
                let leaves = here * (1.0 - stay);
                if up + down == 0.0 {
                    next[k][a] += leaves;
                    continue;
                }
                if up > 0.0 {
                    next[k + 1][a] += leaves * up / (up + down);
                }
                if down > 0.0 {
                    next[k - 1][a] += leaves * down / (up + down);
                }
            }
        }
        at = next;
    }
    done
}

/// Nodes after one step, two and three are as often met as the chances of the paper, multiplied out, say.
#[test]
fn walks_have_the_chances_of_the_paper() {
    let far = distances(EDGES);
    for (layers, stay) in [(64, 0.3), (2, 0.7), (1, 0.5)] {
        let most = (0..NODES).map(|a| far[a].iter().max().unwrap() + 1).max().unwrap();
        let of = |k: usize, a: usize, b: usize| {
            if a == b { None } else { cost(&far, (a, b), k) }
        };
        let costs: Vec<Vec<Vec<Option<f64>>>> = (0..most.min(layers))
            .map(|k| (0..NODES).map(|a| (0..NODES).map(|b| of(k, a, b)).collect()).collect())
            .collect();
        let per_node = 4000;
        let call = format!(
            "structure:e.csv,length=4,per_node={per_node},stay={stay},layers={layers},seed=3"
        );
        let set = load(EDGES, &call, (NODES, 4)).unwrap();
        let all = walks(&set);
        let (mut sum, mut free) = (0.0, 0.0);
        for first in 0..NODES {
            let mut state = vec![[0.0; NODES]; costs.len()];
            state[0][first] = 1.0;
            for place in 1..4 {
                state = stepped(&costs, stay, &state);
                let mut counts = [0.0; NODES];
                let own = all.iter().filter(|walk| walk[0] as usize == first);
                own.for_each(|walk| counts[walk[place] as usize] += 1.0);
                for (node, count) in counts.iter().enumerate() {
                    let mean: f64 =
                        state.iter().map(|layer| layer[node]).sum::<f64>() * f64::from(per_node);
                    if mean > 5.0 {
                        sum += (count - mean).powi(2) / mean;
                        free += 1.0;
                    } else {
                        assert!(*count < mean + 15.0, "{first} to {node}: {count} of {mean}");
                    }
                }
                free -= 1.0;
            }
        }
        // Chi-squared, of places of one walk that depend on each other.
        assert!(sum < free + 5.0 * f64::sqrt(2.0 * free), "{layers} {stay}: {sum} of {free}");
    }
}

/// Two graphs that are not joined, one the mirror of the other: nodes and their images cost nothing, and of walks
/// that look at many rings half of the steps go to the other one.
#[test]
fn mirrored_nodes_are_alike() {
    let mirror: String = EDGES
        .lines()
        .map(|line| {
            let ends: Vec<usize> = line.split(' ').map(|end| end.parse().unwrap()).collect();
            format!("{line}\n{} {}\n", 13 - ends[0], 13 - ends[1])
        })
        .collect();
    let list = edges::read(&mirror, "f", None).unwrap();
    let graph = Graph::new(&list, false);
    let costs = Costs::new(&graph, rings::everyone(14), 64);
    for layer in 0..costs.layers {
        let alike = costs.layer(layer).filter(|(a, b, cost)| a + b == 13 && *cost == 0.0).count();
        let there = costs.layer(layer).filter(|(a, b, _)| a + b == 13).count();
        assert_eq!(alike, there, "layer {layer}");
    }
    let set = load(&mirror, "structure:e.csv,length=40,per_node=100", (14, 40)).unwrap();
    let steps = walks(&set).iter().flat_map(|walk| walk.clone()).collect::<Vec<_>>();
    let across = steps.windows(2).filter(|pair| pair[0] + pair[1] == 13).count();
    assert!(across * 5 > steps.len(), "{across} of {} steps go to the mirror", steps.len());
}

#[test]
fn few_and_wrong_arguments() {
    let told = |call: &str| format!("{:?}", load(EDGES, call, (NODES, 4)).unwrap().facts);
    assert!(told("structure:e.csv").contains("7 nodes, 7 edges, 5 layers"));
    assert!(told("structure:e.csv").contains("compared with all others"));
    assert!(told("structure:e.csv,beside=2").contains("2 nodes of the closest degrees"));
    assert!(told("structure:e.csv,layers=2").contains("2 layers"));
    for call in [
        "structure:",
        "structure:e.csv,stay=0",
        "structure:e.csv,stay=2",
        "structure:e.csv,layers=0",
        "structure:e.csv,beside=0",
        "structure:e.csv,length=0",
        "structure:e.csv,standardize=true",
    ] {
        assert_eq!(load(EDGES, call, (NODES, 4)).unwrap_err().code, codes::RL2066, "{call}");
    }
    // One node is like no other: its walk has no second step.
    let alone = load("0 0", "structure:e.csv", (1, 2)).unwrap_err();
    assert_eq!(alone.code, codes::RL2064);
    // By pairs, for skip-grams.
    let fields = [index("center", NODES, &[]), index("context", NODES, &[])];
    let call = "skipgrams:structure(e.csv,length=5,per_node=2),window=2,sample=0";
    assert!(fixtures::load(&[("e.csv", EDGES)], call, &fields, &[]).unwrap().rows > 100);
}
