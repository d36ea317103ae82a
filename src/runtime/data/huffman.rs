//! Binary codes of words (Huffman 1952), by which hierarchical softmax goes from the root of a tree to a word (Morin and
//! Bengio 2005; Mikolov et al. 2013). In: how often each word occurs. Out: the inner nodes on the way to each, and the
//! turn that is taken at each of them.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

/// The ways to all words. Of n words there are n - 1 inner nodes, of which the root has the last number.
#[derive(Debug, Default)]
pub struct Tree {
    ends: Vec<usize>,
    nodes: Vec<u32>,
    turns: Vec<bool>,
}

impl Tree {
    /// The tree in which the mean way to an occurrence of a word is shortest.
    pub fn new(counts: &[usize]) -> Tree {
        let words = counts.len();
        let mut heap: BinaryHeap<Reverse<(u64, usize)>> =
            counts.iter().zip(0..).map(|(count, word)| Reverse((*count as u64, word))).collect();
        // Above each node: the inner node, and the turn there.
        let mut above: Vec<Option<(u32, bool)>> = vec![None; 2 * words];
        for inner in 0..words.saturating_sub(1) {
            let (Some(Reverse(rare)), Some(Reverse(other))) = (heap.pop(), heap.pop()) else {
                break;
            };
            for (turn, (_, node)) in [(true, rare), (false, other)] {
                let slot = above.get_mut(node);
                slot.into_iter().for_each(|above| *above = Some((inner as u32, turn)));
            }
            heap.push(Reverse((rare.0 + other.0, words + inner)));
        }
        let mut tree = Tree::default();
        for word in 0..words {
            let (mut way, mut node) = (Vec::new(), word);
            while let Some((inner, turn)) = above.get(node).copied().flatten() {
                way.push((inner, turn));
                node = words + inner as usize;
            }
            tree.nodes.extend(way.iter().rev().map(|(inner, _)| *inner));
            tree.turns.extend(way.iter().rev().map(|(_, turn)| *turn));
            tree.ends.push(tree.nodes.len());
        }
        tree
    }

    fn range(&self, word: usize) -> Range<usize> {
        let end = |at: Option<usize>| at.and_then(|at| self.ends.get(at)).copied();
        let start = end(word.checked_sub(1)).unwrap_or_default();
        start..end(Some(word)).unwrap_or(start)
    }

    /// The inner nodes on the way to a word, from the root.
    pub fn nodes(&self, word: usize) -> &[u32] {
        self.nodes.get(self.range(word)).unwrap_or_default()
    }

    /// Which turn is taken at each of them.
    pub fn turns(&self, word: usize) -> &[bool] {
        self.turns.get(self.range(word)).unwrap_or_default()
    }

    /// The length of the longest way.
    pub fn depth(&self) -> usize {
        (0..self.ends.len()).map(|word| self.range(word).len()).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::dice::Dice;

    /// The least sum of counts times lengths: that of all sums of pairs that are joined, the smallest first.
    fn least(counts: &[usize]) -> usize {
        let (mut list, mut sum) = (counts.to_vec(), 0);
        while list.len() > 1 {
            list.sort_unstable_by(|a, b| b.cmp(a));
            let both = list.pop().unwrap() + list.pop().unwrap();
            sum += both;
            list.push(both);
        }
        sum
    }

    #[test]
    fn ways_are_short_and_tell_words_apart() {
        for seed in 0..200 {
            let mut dice = Dice::new(seed, "huffman", 0);
            let words = 1 + dice.below(40) as usize;
            let counts: Vec<usize> = (0..words).map(|_| dice.below(1000).pow(2) as usize).collect();
            let tree = Tree::new(&counts);
            let sum: usize = counts.iter().enumerate().map(|(w, n)| n * tree.nodes(w).len()).sum();
            assert_eq!(sum, least(&counts), "{counts:?}");
            // Chances of turns that add up to 1 at each node give chances of words that do.
            let up: Vec<f64> = (0..words).map(|_| dice.uniform()).collect();
            let chance = |word: usize| -> f64 {
                let ways = tree.nodes(word).iter().zip(tree.turns(word));
                ways.map(|(n, t)| if *t { up[*n as usize] } else { 1.0 - up[*n as usize] })
                    .product()
            };
            let all: f64 = (0..words).map(chance).sum();
            assert!((all - 1.0).abs() < 1e-12, "{all}");
            for word in 0..words {
                assert_eq!(tree.nodes(word).len(), tree.turns(word).len());
                let root = tree.nodes(word).first().copied();
                assert_eq!(root, (words > 1).then(|| words as u32 - 2));
            }
        }
        assert_eq!((Tree::new(&[]).depth(), Tree::new(&[5]).depth()), (0, 0));
        assert_eq!(Tree::new(&[1, 1, 2, 4]).depth(), 3);
    }
}
