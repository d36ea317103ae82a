//! Graphs as text: a line for each edge. In: the text of a file. Out: an [`EdgeList`], then [`Graph`]: the
//! neighbours of every node in a row of one array.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::shown;
use crate::base::dice::Dice;
use crate::base::{Diagnostic, codes};
use std::collections::HashMap;

/// Edges between named nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EdgeList {
    /// Names in the order of their numbers: numbers by size, other names by alphabet.
    pub names: Vec<String>,
    /// From, to, weight.
    pub edges: Vec<(u32, u32, f32)>,
    /// Whether the file has weights.
    pub weighted: bool,
    /// The first line, where it is no edge and nobody said so.
    pub header: Option<String>,
}

/// What a line holds, as its separator cuts it.
fn cells(line: &str) -> Vec<&str> {
    let cut = [',', ';', '\t'].into_iter().find(|c| line.contains(*c));
    match cut {
        Some(cut) => line.split(cut).map(str::trim).collect(),
        None => line.split_whitespace().collect(),
    }
}

/// Reads `from to` or `from to weight`, cells behind commas, semicolons, tabs or blanks. Lines that are
/// empty or begin with `#` or `%` say nothing. Where the call does not say whether there is a header, a
/// first line of words above numbers is one, and so is one of the usual words.
pub fn read(text: &str, path: &str, header: Option<bool>) -> Result<EdgeList, Diagnostic> {
    let said = |(_, line): &(usize, &str)| !line.is_empty() && !line.starts_with(['#', '%']);
    let lines = || (1..).zip(text.lines().map(str::trim)).filter(said);
    let is_header = header.unwrap_or_else(|| has_header(lines().map(|(_, line)| line)));
    let first = lines().next().filter(|_| is_header && header.is_none());
    let header = usize::from(is_header);
    let mut list: Vec<(&str, &str, f32)> = Vec::new();
    let mut columns = None;
    for (number, line) in lines().skip(header) {
        let wrong = |text: String| {
            let text = format!("line {number} of `{path}`: {text}");
            Diagnostic::new(codes::RL2079, text)
        };
        let cells = cells(line);
        if *columns.get_or_insert(cells.len()) != cells.len() {
            let text = format!("{} cells, {} before", cells.len(), columns.unwrap_or_default());
            return Err(wrong(text).help("every line holds an edge: `from to` or `from to weight`"));
        }
        let (from, to, weight) = match cells.as_slice() {
            [from, to] => (*from, *to, "1"),
            [from, to, weight] => (*from, *to, *weight),
            _ => {
                let error = wrong(format!("{} cells are no edge", cells.len()));
                return Err(error.help("every line holds an edge: `from to` or `from to weight`"));
            }
        };
        let Some(weight) = weight.parse().ok().filter(|w: &f32| w.is_finite() && *w > 0.0) else {
            let text = format!("`{}` is no weight", shown(weight));
            return Err(wrong(text).help("weights are positive numbers; without them 1 is meant"));
        };
        list.push((from, to, weight));
    }
    if list.is_empty() {
        let text = format!("`{path}` has no edge");
        return Err(
            Diagnostic::new(codes::RL2079, text).help("write a line `from to` for each edge")
        );
    }
    let (names, numbers) = numbered(&list);
    let number = |name: &str| numbers.get(name).copied().unwrap_or_default();
    let edges = list.iter().map(|(from, to, weight)| (number(from), number(to), *weight)).collect();
    let header = first.map(|(_, line)| line.to_string());
    Ok(EdgeList { names, edges, weighted: columns == Some(3), header })
}

/// What the ends of an edge are called in a header.
const HEADERS: [(&str, &str); 4] =
    [("from", "to"), ("source", "target"), ("src", "dst"), ("u", "v")];

/// Whether the first line has words where the second has numbers, or the usual ones.
fn has_header<'t>(mut lines: impl Iterator<Item = &'t str>) -> bool {
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else { return false };
    let (first, second) = (cells(&first.to_lowercase()).join(" "), cells(second));
    let words: Vec<&str> = first.split(' ').collect();
    let usual = HEADERS.iter().any(|(from, to)| words.starts_with(&[*from, *to]));
    let number = |cell: &&str| cell.parse::<f64>().is_ok();
    let ends = |cells: &[&str]| cells.iter().take(2).all(number);
    let above = words.len() == second.len() && !words.iter().any(number) && ends(&second);
    usual || above
}

/// Names in their order, and the number of each.
fn numbered<'t>(list: &[(&'t str, &'t str, f32)]) -> (Vec<String>, HashMap<&'t str, u32>) {
    let mut names: Vec<&str> = list.iter().flat_map(|(from, to, _)| [*from, *to]).collect();
    in_order(&mut names);
    let numbers = (0..).zip(&names).map(|(at, name)| (*name, at)).collect();
    (names.into_iter().map(String::from).collect(), numbers)
}

/// Each name once: numbers by size, other names by alphabet.
pub fn in_order(names: &mut Vec<&str>) {
    names.sort_unstable();
    names.dedup();
    let numbers: Option<Vec<i64>> = names.iter().map(|name| name.parse().ok()).collect();
    if let Some(numbers) = numbers {
        let mut both: Vec<(i64, &str)> = numbers.into_iter().zip(names.iter().copied()).collect();
        both.sort_unstable();
        *names = both.into_iter().map(|(_, name)| name).collect();
    }
}

/// A graph: what every node is joined to, in order of its number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    starts: Vec<usize>,
    to: Vec<u32>,
    /// Sums of the weights of a node's edges up to each; none where all weights are 1.
    sums: Vec<f32>,
}

impl Graph {
    /// Edges go both ways unless the graph is directed. Of several edges between two nodes the weights add
    /// up; without weights they are one.
    pub fn new(list: &EdgeList, directed: bool) -> Graph {
        let mut edges = list.edges.clone();
        if !directed {
            let back = list.edges.iter().filter(|(a, b, _)| a != b).map(|(a, b, w)| (*b, *a, *w));
            edges.extend(back);
        }
        edges.sort_by_key(|(from, to, _)| (*from, *to));
        edges.dedup_by(|next, kept| {
            let same = (next.0, next.1) == (kept.0, kept.1);
            if same && list.weighted {
                kept.2 += next.2;
            }
            same
        });
        let mut graph = Graph { starts: vec![0], ..Graph::default() };
        let mut edges = edges.into_iter().peekable();
        for node in 0..list.names.len() as u32 {
            let mut sum = 0.0;
            while let Some((_, to, weight)) = edges.next_if(|(from, ..)| *from == node) {
                graph.to.push(to);
                sum += weight;
                if list.weighted {
                    graph.sums.push(sum);
                }
            }
            graph.starts.push(graph.to.len());
        }
        graph
    }

    /// A graph by the edges of each node and their weights, ends in order.
    pub fn of_rows(rows: Vec<Vec<(u32, f32)>>) -> Graph {
        let mut graph = Graph { starts: vec![0], ..Graph::default() };
        for row in rows {
            let mut sum = 0.0;
            for (to, weight) in row {
                sum += weight;
                graph.to.push(to);
                graph.sums.push(sum);
            }
            graph.starts.push(graph.to.len());
        }
        graph
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of edges, each way of one that goes both ways.
    pub fn edges(&self) -> usize {
        self.to.len()
    }

    /// What a node is joined to.
    pub fn near(&self, node: u32) -> &[u32] {
        self.to.get(self.range(node)).unwrap_or_default()
    }

    /// Sums of weights beside [`Graph::near`]; empty where all weights are 1.
    pub fn sums(&self, node: u32) -> &[f32] {
        self.sums.get(self.range(node)).unwrap_or_default()
    }

    fn range(&self, node: u32) -> std::ops::Range<usize> {
        let at = |n: usize| self.starts.get(n).copied().unwrap_or(self.to.len());
        at(node as usize)..at(node as usize + 1)
    }

    /// A neighbour by the weights of the edges that lead to them.
    pub fn drawn(&self, node: u32, dice: &mut Dice) -> Option<u32> {
        let (near, sums) = (self.near(node), self.sums(node));
        match sums.last() {
            None if near.is_empty() => None,
            None => near.get(dice.below(near.len() as u32) as usize).copied(),
            Some(total) => {
                let share = dice.uniform() as f32 * total;
                let place = sums.partition_point(|sum| *sum <= share).min(near.len() - 1);
                near.get(place).copied()
            }
        }
    }

    /// Whether an edge leads from one to the other.
    pub fn joins(&self, from: u32, to: u32) -> bool {
        self.near(from).binary_search(&to).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_of_every_form() {
        for text in [
            "1 2\n2 3\n",
            "1,2\n2,3",
            "# a\n1\t2\n\n2\t3\n",
            "a;b\n1;2\n2;3\n",
            "% x\nu v\r\n1 2\r\n2 3\r\n",
        ] {
            let list = read(text, "f", None).unwrap();
            assert_eq!(list.names, ["1", "2", "3"], "{text}");
            assert_eq!(list.edges, [(0, 1, 1.0), (1, 2, 1.0)], "{text}");
        }
        let list = read("from to weight\n10 9 0.5\n9 -1 2\n", "f", None).unwrap();
        assert_eq!((list.names, list.weighted), (vec!["-1".into(), "9".into(), "10".into()], true));
        assert_eq!(list.edges, [(2, 1, 0.5), (1, 0, 2.0)]);
        assert_eq!(
            read("new york\nyork paris", "f", None).unwrap().names,
            ["new", "paris", "york"]
        );
        let said = |text, header| read(text, "f", header).unwrap().names;
        assert_eq!(said("from to\na b\n", None), ["a", "b"]);
        assert_eq!(said("from to\na b\n", Some(false)), ["a", "b", "from", "to"]);
        assert_eq!(said("x y\na b\n", Some(true)), ["a", "b"]);
        assert_eq!(said("x 1\ny 2\n", None), ["1", "2", "x", "y"]);
        let header = read("u,v\n1,2\n", "f", None).unwrap().header;
        assert_eq!(header.as_deref(), Some("u,v"));
        for text in [
            "",
            "# a",
            "ann bob\nbob cy 2\n",
            "1",
            "1 2\n1 2 3",
            "1 2 3 4",
            "1 2 x",
            "1 2 -1",
            "1 2 nan",
            "1 2 0",
            "a b c\n",
        ] {
            assert_eq!(read(text, "f", None).unwrap_err().code, codes::RL2079, "{text}");
        }
    }

    #[test]
    fn neighbours_stand_in_order() {
        let list = read("0 2\n0 1\n2 0\n3 3\n", "f", None).unwrap();
        let both = Graph::new(&list, false);
        let near: Vec<&[u32]> = (0..4).map(|n| both.near(n)).collect();
        assert_eq!(near, [&[1u32, 2][..], &[0], &[0], &[3]]);
        let one = Graph::new(&list, true);
        assert_eq!((one.near(0), one.near(1), one.edges()), (&[1u32, 2][..], &[][..], 4));
        assert!(one.joins(0, 2) && !one.joins(1, 0) && both.joins(1, 0) && !both.joins(9, 0));
        let weighted = Graph::new(&read("0 1 2\n0 1 3\n0 2 1\n", "f", None).unwrap(), false);
        assert_eq!((weighted.sums(0), weighted.sums(1)), (&[5f32, 6.0][..], &[5f32][..]));
    }
}
