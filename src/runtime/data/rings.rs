//! How much alike the places of two nodes in a graph are (Ribeiro, Saverese and Figueiredo 2017). In: a graph. Out: for
//! each pair of nodes the costs of their rings, added up ring by ring; names of nodes do not count, only degrees.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::edges::Graph;
use super::threads;

/// The degrees of the nodes of a ring in ascending order, each with the number of nodes that have it.
type Ring = Vec<(u32, u32)>;

/// Costs of pairs of nodes.
#[derive(Debug, Default)]
pub struct Costs {
    /// For each node, the nodes of a larger number that it is compared with, in order.
    pub with: Vec<Vec<u32>>,
    /// For each node, beside these: as many sums as there are layers; infinite behind the last ring of either.
    sums: Vec<Vec<f32>>,
    /// How many layers some pair has.
    pub layers: usize,
}

impl Costs {
    /// Of nodes that are compared with those listed beside them, up to a number of rings.
    pub fn new(graph: &Graph, with: Vec<Vec<u32>>, most: usize) -> Costs {
        let rings = threads::each(graph.len(), |node| rings(graph, node as u32, most));
        let layers = rings.iter().map(Vec::len).max().unwrap_or_default();
        let of = |node: u32| rings.get(node as usize).map_or(&[][..], Vec::as_slice);
        let sums = threads::each(with.len(), |node| {
            let beside = with.get(node).map_or(&[][..], Vec::as_slice);
            let each = beside.iter().flat_map(|other| {
                let mut sum = 0.0;
                let pairs = of(node as u32).iter().zip(of(*other));
                let costs = pairs.map(move |(a, b)| {
                    sum += cost(a, b);
                    sum as f32
                });
                costs.chain(std::iter::repeat(f32::INFINITY)).take(layers)
            });
            each.collect()
        });
        Costs { with, sums, layers }
    }

    /// Nodes with those that they are compared with and what both cost, in a layer.
    pub fn layer(&self, layer: usize) -> impl Iterator<Item = (u32, u32, f32)> {
        let every = self.layers.max(1);
        (0u32..).zip(self.with.iter().zip(&self.sums)).flat_map(move |(node, (with, sums))| {
            let own = sums.iter().skip(layer).step_by(every);
            let pairs = with.iter().zip(own).filter(|(_, cost)| cost.is_finite());
            pairs.map(move |(other, cost)| (node, *other, *cost))
        })
    }
}

/// All nodes of a larger number.
pub fn everyone(nodes: usize) -> Vec<Vec<u32>> {
    (0..nodes as u32).map(|node| (node + 1..nodes as u32).collect()).collect()
}

/// The nodes whose degrees are closest to that of each, as many as are asked for; who is close to a node is
/// compared with it too.
pub fn closest(graph: &Graph, count: usize) -> Vec<Vec<u32>> {
    let degree = |node: u32| graph.near(node).len();
    let mut order: Vec<u32> = (0..graph.len() as u32).collect();
    order.sort_by_key(|node| (degree(*node), *node));
    let mut with: Vec<Vec<u32>> = vec![Vec::new(); order.len()];
    for (place, node) in order.iter().enumerate() {
        let (mut below, mut above) = (order.iter().take(place).rev(), order.iter().skip(place + 1));
        let (mut low, mut high) = (below.next(), above.next());
        for _ in 0..count {
            let away = |other: &&u32| degree(**other).abs_diff(degree(*node));
            let take_low = match (&low, &high) {
                (Some(low), Some(high)) => away(low) <= away(high),
                (low, _) => low.is_some(),
            };
            let (end, rest): (&mut Option<&u32>, &mut dyn Iterator<Item = &u32>) =
                if take_low { (&mut low, &mut below) } else { (&mut high, &mut above) };
            let Some(other) = *end else { break };
            *end = rest.next();
            let (first, second) = (*node.min(other), *node.max(other));
            with.get_mut(first as usize).into_iter().for_each(|list| list.push(second));
        }
    }
    for list in &mut with {
        list.sort_unstable();
        list.dedup();
    }
    with
}

/// The rings around a node: the nodes at distance 0, 1, 2, ... from it, as long as there are some.
fn rings(graph: &Graph, node: u32, most: usize) -> Vec<Ring> {
    let mut seen = vec![false; graph.len()];
    let mut first =
        |node: u32| seen.get_mut(node as usize).is_some_and(|seen| !std::mem::replace(seen, true));
    let (mut list, mut at) = (Vec::new(), vec![node]);
    first(node);
    while !at.is_empty() && list.len() < most {
        let mut degrees: Vec<u32> = at.iter().map(|node| graph.near(*node).len() as u32).collect();
        degrees.sort_unstable();
        let ring = degrees.chunk_by(|a, b| a == b);
        let ring = ring.filter_map(|equal| Some((*equal.first()?, equal.len() as u32)));
        list.push(ring.collect());
        at = at
            .iter()
            .flat_map(|node| graph.near(*node))
            .copied()
            .filter(|node| first(*node))
            .collect();
    }
    list
}

/// What it costs to match two rings in order, by dynamic time warping over their different degrees: a match of
/// two degrees costs their ratio less 1, as often as the more frequent one occurs.
fn cost(a: &Ring, b: &Ring) -> f64 {
    let mut above: Vec<f64> = std::iter::once(0.0).chain(b.iter().map(|_| f64::INFINITY)).collect();
    let mut row = Vec::with_capacity(above.len());
    for (x, n) in a {
        let mut left = f64::INFINITY;
        row.clear();
        row.push(left);
        for ((y, m), corner) in b.iter().zip(above.windows(2)) {
            let before = corner.iter().fold(left, |least, cost| least.min(*cost));
            let ratio = f64::from(*x.max(y)) / f64::from(*x.min(y)).max(1.0);
            left = before + (ratio - 1.0) * f64::from(*n.max(m));
            row.push(left);
        }
        std::mem::swap(&mut above, &mut row);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::data::edges;

    fn graph(text: &str) -> Graph {
        Graph::new(&edges::read(text, "f", None).unwrap(), false)
    }

    /// The least cost over all ways to match two rings, one after the other.
    fn all_ways(a: &[(u32, u32)], b: &[(u32, u32)]) -> f64 {
        let ([.., x], [.., y]) = (a, b) else { unreachable!("rings are not empty") };
        let (high, low) = (f64::from(x.0.max(y.0)), f64::from(x.0.min(y.0)));
        let own = (high / low - 1.0) * f64::from(x.1.max(y.1));
        let (short_a, short_b) = (&a[..a.len() - 1], &b[..b.len() - 1]);
        let rest = match (short_a.is_empty(), short_b.is_empty()) {
            (true, true) => 0.0,
            (true, false) => all_ways(a, short_b),
            (false, true) => all_ways(short_a, b),
            (false, false) => {
                all_ways(short_a, short_b).min(all_ways(a, short_b)).min(all_ways(short_a, b))
            }
        };
        own + rest
    }

    #[test]
    fn the_cheapest_match_of_two_rings() {
        let mut dice = crate::base::dice::Dice::new(1, "rings", 0);
        for _ in 0..300 {
            let mut ring = || -> Ring {
                let (mut degree, length) = (0, 1 + dice.below(5));
                let next = |_| {
                    degree += 1 + dice.below(4);
                    (degree, 1 + dice.below(5))
                };
                (0..length).map(next).collect()
            };
            let (a, b) = (ring(), ring());
            let (found, wanted) = (cost(&a, &b), all_ways(&a, &b));
            assert!((found - wanted).abs() < 1e-9, "{a:?} {b:?}: {found} {wanted}");
            assert_eq!(cost(&b, &a), found);
            assert_eq!(cost(&a, &a), 0.0);
        }
    }

    /// A path of four nodes, by hand: ends have degree 1, the others 2.
    #[test]
    fn costs_add_up_ring_by_ring() {
        let costs = Costs::new(&graph("0 1\n1 2\n2 3\n"), everyone(4), 9);
        assert_eq!(costs.layers, 4);
        let layer = |n: usize| costs.layer(n).collect::<Vec<_>>();
        let alike = [(0, 3, 0.0), (1, 2, 0.0)];
        let of = |n: usize, a, b| layer(n).into_iter().find(|(x, y, _)| (*x, *y) == (a, b));
        for pair in alike {
            assert_eq!(of(0, pair.0, pair.1), Some(pair));
            assert_eq!(of(2, pair.0, pair.1), Some(pair));
        }
        // Degrees 1 and 2; then the rings {2} and {1, 2}; then {2} and {1}.
        assert_eq!(of(0, 0, 1), Some((0, 1, 1.0)));
        assert_eq!(of(1, 0, 1), Some((0, 1, 2.0)));
        assert_eq!(of(2, 0, 1), Some((0, 1, 3.0)));
        // A node in the middle has no fourth ring, two ends have.
        assert_eq!(layer(3), [(0, 3, 0.0)]);
        assert_eq!(Costs::new(&graph("0 1\n1 2\n2 3\n"), everyone(4), 2).layers, 2);
    }

    #[test]
    fn nodes_of_the_closest_degrees() {
        // Degrees of 0 to 5: 5, 1, 1, 2, 2, 1.
        let graph = graph("0 1\n0 2\n0 3\n0 4\n0 5\n3 4\n");
        assert_eq!(closest(&graph, 5), everyone(6));
        assert_eq!(closest(&graph, 100), everyone(6));
        let one = closest(&graph, 1);
        // In order of degree 1 2 5 3 4 0: each takes the one before it, the first the one behind it.
        assert_eq!(one, [vec![4], vec![2], vec![5], vec![4], vec![], vec![]]);
    }
}
