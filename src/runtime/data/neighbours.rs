//! Words and their neighbours as rows. In: a sequence, the width of windows, how likely words stay. Out: rows that
//! are drawn when they are asked for. What columns are called and how they are declared is the business of
//! [`skipgrams`](super::skipgrams).

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::alias::Alias;
use super::batches::Batch;
use super::huffman::Tree;
use super::sampler::Make;
use super::text::Sequence;
use crate::base::dice::Dice;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Draws of a place, and of another word than the neighbour, after which whatever was found is taken.
const TRIES: usize = 1000;

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word and one neighbour.
    Pairs,
    /// A word and all its neighbours.
    Bags,
}

/// A column of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The word.
    Center,
    /// Its neighbour, or all of them.
    Context,
    /// The share of each neighbour in their mean.
    Weight,
    /// Words that are drawn by their number.
    Negatives,
    /// The inner nodes on the way to what is asked for, in a binary tree of all words,
    Path,
    /// the turn at each of them,
    Turns,
    /// and 1 for each of them, 0 behind.
    Within,
}

/// What values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Words.
    Words,
    /// Inner nodes of a tree.
    Nodes,
    /// Reals.
    Shares,
    /// Zeros and ones.
    Bits,
}

impl Part {
    /// By their names.
    pub const ALL: [(&'static str, Part); 7] = [
        ("center", Part::Center),
        ("context", Part::Context),
        ("weight", Part::Weight),
        ("negatives", Part::Negatives),
        ("path", Part::Path),
        ("turns", Part::Turns),
        ("within", Part::Within),
    ];

    /// What its values are.
    pub fn holds(self) -> Holds {
        match self {
            Part::Center | Part::Context | Part::Negatives => Holds::Words,
            Part::Path => Holds::Nodes,
            Part::Weight => Holds::Shares,
            Part::Turns | Part::Within => Holds::Bits,
        }
    }
}

/// A sequence whose words have neighbours.
#[derive(Debug)]
pub struct Neighbours {
    /// What its rows are.
    pub kind: Kind,
    /// The sequence.
    pub of: Sequence,
    /// How far windows reach.
    pub window: usize,
    /// How likely a word stays, by its number.
    stays: Vec<f32>,
    /// Words that are no neighbours, of each kind.
    others: Vec<Others>,
    /// How often each word occurs in the training split, that of the run where there is one.
    pub counts: Vec<usize>,
    tree: OnceLock<Tree>,
    /// How far a neighbour stands, less one: as far as sentences go.
    distances: Alias,
}

/// Words of a kind.
#[derive(Debug)]
struct Others {
    /// The number of the first.
    first: u32,
    /// How likely each is drawn.
    table: Alias,
}

/// How often each word occurs in the training split.
fn counts(of: &Sequence) -> Vec<usize> {
    let mut counts = vec![0usize; of.tokens.bound()];
    let train = of.parts.iter().find(|(name, _)| name == "train").map(|(_, part)| part.clone());
    for at in train.unwrap_or(0..of.tokens.len()) {
        let count = of.tokens.get(at).and_then(|word| counts.get_mut(word as usize));
        count.into_iter().for_each(|n| *n += 1);
    }
    counts
}

/// How likely each word stays.
fn stays(counts: &[usize], sample: f64) -> Vec<f32> {
    let total = counts.iter().sum::<usize>() as f64;
    let stays = |n: &usize| {
        let share = *n as f64 / (sample * total);
        let chance =
            if sample == 0.0 || *n == 0 { 1.0 } else { share.sqrt().recip() + 1.0 / share };
        chance.min(1.0) as f32
    };
    counts.iter().map(stays).collect()
}

/// How likely each word is drawn as one that is no neighbour, among those of its kind.
fn others(counts: &[usize], power: f64, kinds: &[u32]) -> Vec<Others> {
    let weight = |n: &usize| if *n == 0 { 0.0 } else { (*n as f64).powf(power) };
    let starts = kinds.iter().map(|start| *start as usize);
    let ends = starts.clone().skip(1).chain([counts.len()]);
    let of = |(start, end): (usize, usize)| {
        let own = counts.get(start..end).unwrap_or_default();
        let table = Alias::new(&own.iter().map(weight).collect::<Vec<_>>());
        Others { first: start as u32, table }
    };
    starts.zip(ends).map(of).collect()
}

/// Rows of a split.
#[derive(Clone, Debug)]
pub struct Split {
    /// The first.
    pub row: usize,
    /// How many.
    pub rows: usize,
    /// Where in the sequence.
    pub part: Range<usize>,
}

impl Neighbours {
    /// Words of a sequence: a word that is the share `f` of all stays with chance
    /// `sqrt(sample / f) + sample / f`, and negatives are drawn by the number of a word to a power, where it is
    /// asked for among those of the kind of what is asked for.
    pub fn new(
        kind: Kind,
        of: Sequence,
        window: usize,
        (sample, power, typed): (f64, f64, bool),
    ) -> Neighbours {
        let counts = counts(&of);
        let kinds = if typed { of.kinds.as_slice() } else { &[0] };
        let (stays, others) = (stays(&counts, sample), others(&counts, power, kinds));
        let longest = of.sentences.longest(of.tokens.len());
        let weights: Vec<f64> =
            (1..=window).take_while(|d| *d < longest).map(|d| (window + 1 - d) as f64).collect();
        let distances = Alias::new(&weights);
        let tree = OnceLock::new();
        Neighbours { kind, of, window, stays, others, counts, tree, distances }
    }

    /// Rows that one pass over a part gives, on the mean over its windows.
    pub fn expected(&self, part: &Range<usize>) -> usize {
        let (mut sum, mut at) = (0.0, part.start);
        let mut dice = Dice::new(0, "pass", 0);
        while at < part.end {
            let sentence = self.of.sentences.around(at, part);
            let left = sentence.clone().filter(|at| self.stays(*at, &mut dice)).count() as f64;
            sum += match self.kind {
                Kind::Bags => left,
                Kind::Pairs => (1..=self.window)
                    .map(|d| 2.0 * (left - d as f64).max(0.0) * self.within(d))
                    .sum(),
            };
            at = sentence.end.max(at + 1);
        }
        sum.round() as usize
    }

    /// How likely a window reaches a distance.
    fn within(&self, distance: usize) -> f64 {
        (self.window + 1 - distance) as f64 / self.window as f64
    }

    fn chance(&self, at: usize) -> f32 {
        let word = self.of.tokens.get(at).unwrap_or_default();
        self.stays.get(word as usize).copied().unwrap_or(1.0)
    }

    fn stays(&self, at: usize, dice: &mut Dice) -> bool {
        let chance = self.chance(at);
        chance >= 1.0 || (dice.bits() >> 8) as f32 / ((1 << 24) as f32) < chance
    }

    /// A place that stays.
    fn place(&self, part: &Range<usize>, dice: &mut Dice) -> usize {
        let draw = |dice: &mut Dice| part.start + dice.below(part.len().max(1) as u32) as usize;
        let mut at = draw(dice);
        for _ in 0..TRIES {
            if self.stays(at, dice) {
                break;
            }
            at = draw(dice);
        }
        at
    }

    /// The neighbour at a distance among the words that stay.
    fn neighbour(
        &self,
        (at, back, distance): (usize, bool, usize),
        sentence: &Range<usize>,
        dice: &mut Dice,
    ) -> Option<usize> {
        let (mut at, mut left) = (at, distance);
        while left > 0 {
            at = if back { at.checked_sub(1)? } else { at + 1 };
            if !sentence.contains(&at) {
                return None;
            }
            left -= usize::from(self.stays(at, dice));
        }
        Some(at)
    }

    /// A place and one of its neighbours: a distance is as likely as windows reach it.
    fn pair(&self, part: &Range<usize>, dice: &mut Dice) -> (usize, usize) {
        for _ in 0..TRIES {
            let at = self.place(part, dice);
            let distance = 1 + self.distances.draw(dice) as usize;
            let back = dice.bits() >> 31 == 0;
            let sentence = self.of.sentences.around(at, part);
            if let Some(other) = self.neighbour((at, back, distance), &sentence, dice) {
                return (at, other);
            }
        }
        self.next_to_each_other(part, dice)
    }

    /// The first words behind a place that stand beside each other: where hardly a sentence has two.
    fn next_to_each_other(&self, part: &Range<usize>, dice: &mut Dice) -> (usize, usize) {
        let start = part.start + dice.below(part.len().max(1) as u32) as usize;
        let joined = |at: &usize| self.of.sentences.around(*at, part).contains(&(at + 1));
        let at = (start..part.end).chain(part.start..start).find(joined).unwrap_or(start);
        (at, at + 1)
    }

    /// A place; adds all its neighbours.
    fn bag(&self, part: &Range<usize>, dice: &mut Dice, found: &mut Vec<usize>) -> usize {
        let at = self.place(part, dice);
        let sentence = self.of.sentences.around(at, part);
        let reach = 1 + dice.below(self.window as u32) as usize;
        for back in [true, false] {
            let mut last = at;
            for _ in 0..reach {
                let Some(next) = self.neighbour((last, back, 1), &sentence, dice) else { break };
                found.push(next);
                last = next;
            }
        }
        at
    }

    /// The way to each word in a binary tree.
    pub fn tree(&self) -> &Tree {
        self.tree.get_or_init(|| Tree::new(&self.counts))
    }

    /// A word that is no neighbour, of the kind of the one that is asked for.
    fn other(&self, asked: i32, dice: &mut Dice) -> i32 {
        let of_kind = |kind: &&Others| kind.first as i32 <= asked;
        let kind = self.others.iter().take_while(of_kind).last();
        kind.map_or(asked, |kind| (kind.first + kind.table.draw(dice)) as i32)
    }

    fn word(&self, at: usize) -> i32 {
        self.of.tokens.get(at).unwrap_or_default()
    }
}

/// The rows of a data set.
#[derive(Debug)]
pub struct Drawn {
    of: Arc<Neighbours>,
    splits: Arc<[Split]>,
    stream: String,
    /// What was drawn last: all columns are asked for the same rows.
    last: Mutex<Places>,
}

/// The places of some rows.
#[derive(Debug, Default)]
struct Places {
    rows: Vec<u32>,
    run: (u64, u32),
    /// The word of each row,
    at: Vec<usize>,
    /// its neighbours, those of all rows one behind the other,
    around: Vec<usize>,
    /// and where those of each row end.
    ends: Vec<usize>,
}

impl Drawn {
    /// Rows of some splits; streams of other names give other rows.
    pub fn new(of: Arc<Neighbours>, splits: Arc<[Split]>, stream: String) -> Drawn {
        Drawn { of, splits, stream, last: Mutex::default() }
    }

    fn split(&self, row: usize) -> Option<&Split> {
        let after = self.splits.partition_point(|split| split.row <= row);
        self.splits.get(after.checked_sub(1)?)
    }

    /// The places of some rows, drawn anew if they are not those of the last ones.
    fn places(&self, rows: &[u32], seed: u64, epoch: u32) -> MutexGuard<'_, Places> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.run == (seed, epoch) && last.rows == rows {
            return last;
        }
        let dice = Dice::new(seed, &self.stream, epoch);
        *last = Places { rows: rows.to_vec(), run: (seed, epoch), ..Places::default() };
        for row in rows {
            let Some(split) = self.split(*row as usize) else { continue };
            let mut dice = dice.of(*row);
            let at = match self.of.kind {
                Kind::Pairs => {
                    let (at, other) = self.of.pair(&split.part, &mut dice);
                    last.around.push(other);
                    at
                }
                Kind::Bags => self.of.bag(&split.part, &mut dice, &mut last.around),
            };
            last.at.push(at);
            let end = last.around.len();
            last.ends.push(end);
        }
        last
    }
}

/// A column of the rows.
#[derive(Debug)]
pub struct Made {
    /// The rows.
    pub drawn: Arc<Drawn>,
    /// Which column.
    pub part: Part,
}

impl Made {
    /// Words that are none of those that a row is asked for.
    fn negatives(&self, asked: i32, width: usize, mut dice: Dice, to: &mut Vec<i32>) {
        for _ in 0..width {
            let mut draw = || self.drawn.of.other(asked, &mut dice);
            let found = (0..TRIES).map(|_| draw()).find(|word| *word != asked);
            to.push(found.unwrap_or(asked));
        }
    }

    /// Adds the values of one row: of the word at a place with these neighbours.
    fn row(&self, (at, around): (usize, &[usize]), width: usize, dice: Dice, to: &mut Columns) {
        let of = self.drawn.of.as_ref();
        // What a model is asked for: of a pair the neighbour, of a bag the word in it.
        let asked = match (of.kind, around.first()) {
            (Kind::Pairs, Some(other)) => of.word(*other),
            _ => of.word(at),
        };
        match self.part {
            Part::Center => to.whole.push(of.word(at)),
            Part::Context => {
                let words = around.iter().map(|at| of.word(*at));
                to.whole.extend(words.chain(std::iter::repeat(of.word(at))).take(width));
            }
            Part::Weight => {
                let share = 1.0 / around.len().min(width).max(1) as f32;
                let there = around.iter().map(|_| share);
                to.real.extend(there.chain(std::iter::repeat(0.0)).take(width));
            }
            Part::Negatives => self.negatives(asked, width, dice, &mut to.whole),
            Part::Path => {
                let nodes = of.tree().nodes(asked as usize).iter().map(|node| *node as i32);
                to.whole.extend(nodes.chain(std::iter::repeat(0)).take(width));
            }
            Part::Turns => {
                let turns = of.tree().turns(asked as usize).iter().map(|turn| f32::from(*turn));
                to.real.extend(turns.chain(std::iter::repeat(0.0)).take(width));
            }
            Part::Within => {
                let there = of.tree().turns(asked as usize).iter().map(|_| 1.0);
                to.real.extend(there.chain(std::iter::repeat(0.0)).take(width));
            }
        }
    }
}

/// Values of a column of either type.
#[derive(Default)]
struct Columns {
    whole: Vec<i32>,
    real: Vec<f32>,
}

impl Make for Made {
    fn rows(&self, rows: &[u32], width: usize, seed: u64, epoch: u32) -> Batch {
        let places = self.drawn.places(rows, seed, epoch);
        let dice = Dice::new(seed, &format!("{} others", self.drawn.stream), epoch);
        let (mut to, mut start) = (Columns::default(), 0);
        for ((row, at), end) in rows.iter().zip(&places.at).zip(&places.ends) {
            let around = places.around.get(start..*end).unwrap_or_default();
            self.row((*at, around), width, dice.of(*row), &mut to);
            start = *end;
        }
        match self.part.holds() {
            Holds::Words | Holds::Nodes => Batch::I32(to.whole),
            Holds::Shares | Holds::Bits => Batch::F32(to.real),
        }
    }

    fn digest(&self) -> u32 {
        let of = &self.drawn.of;
        let rows = self.drawn.splits.iter().map(|split| split.rows as u32);
        let marks = [self.part as u32, of.window as u32, of.kind as u32];
        let sum = rows.chain(marks).fold(0u32, |sum, x| sum.rotate_left(5) ^ x);
        let chances = of.stays.iter().map(|x| x.to_bits());
        chances.fold(sum ^ of.of.tokens.digest(), |sum, x| sum.rotate_left(5) ^ x)
    }
}
