//! What a reader asks of a place in a file: where the name there is declared and who else uses it, what
//! the expression there is. Kept while a model is elaborated, if it is asked for. Plain data.

use crate::base::{FileId, Span};
use std::collections::{BTreeMap, BTreeSet};

/// A function called in many ways is described so often.
const MOST_WAYS: usize = 4;

/// Names and expressions by their places. What was not reached is not in it.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Uses of names, with the name that is declared.
    uses: BTreeMap<Span, Span>,
    /// What expressions are: of those that were read in several ways, each.
    values: BTreeMap<Span, Vec<String>>,
    /// Declared names that others go by: variables of densities are one where they have one name.
    matched: BTreeSet<Span>,
    /// Names that nothing declares: variables of densities where one is asked for, sources of data.
    undeclared: BTreeSet<Span>,
    /// Keywords of arguments, by the place of the argument.
    keywords: BTreeMap<Span, Span>,
}

impl Index {
    /// A name is used here that is declared there.
    pub(in crate::model) fn used(&mut self, here: Span, there: Span) {
        if here == there {
            return;
        }
        // One text, two declarations: a field of one name in two data sets.
        if let Some(other) = self.uses.insert(here, there).filter(|other| *other != there) {
            self.matched.extend([other, there]);
        }
    }

    /// A declared name that others go by.
    pub(in crate::model) fn matched(&mut self, declared: Span) {
        self.matched.insert(declared);
    }

    /// The name that stands here is that of a variable of a density, and if it has a value here, its.
    pub(in crate::model) fn variable(&mut self, here: Span) {
        self.matched.extend(self.uses.get(&here).copied());
        self.undeclared.insert(here);
    }

    /// The name that stands here is that of a source of data.
    pub(in crate::model) fn source(&mut self, here: Span) {
        self.undeclared.insert(here);
    }

    /// An argument is given by this word.
    pub(in crate::model) fn keyword(&mut self, argument: Span, word: Span) {
        self.keywords.insert(argument, word);
    }

    /// The word that an argument is given by.
    pub(in crate::model) fn keyword_of(&self, argument: Span) -> Option<Span> {
        self.keywords.get(&argument).copied()
    }

    /// Whether a declared name is matched with names that are declared elsewhere, so that another name
    /// would say something else.
    pub fn is_matched(&self, declared: Span) -> bool {
        self.matched.contains(&declared)
    }

    /// An expression is this here.
    pub(in crate::model) fn is(&mut self, here: Span, what: String) {
        let ways = self.values.entry(here).or_default();
        if ways.len() < MOST_WAYS && !ways.contains(&what) {
            ways.push(what);
        }
    }

    /// Whether it is known what a name means that stands here.
    pub(in crate::model) fn is_known(&self, here: Span) -> bool {
        self.uses.contains_key(&here) || self.undeclared.contains(&here)
    }

    /// Every use of a name, with its declaration, in the order of the text.
    pub fn uses(&self) -> impl Iterator<Item = (Span, Span)> + '_ {
        self.uses.iter().map(|(here, there)| (*here, *there))
    }

    /// Every expression with what it is, in the order of the text.
    pub fn values(&self) -> impl Iterator<Item = (Span, &[String])> {
        self.values.iter().map(|(here, ways)| (*here, ways.as_slice()))
    }

    /// The declaration of the name at a byte of a file: of a use, or of the declaration itself.
    pub fn declaration(&self, file: FileId, at: u32) -> Option<Span> {
        let here = |span: &Span| span.file == file && span.start <= at && at <= span.end;
        let used = self.uses.iter().find(|(span, _)| here(span)).map(|(_, there)| *there);
        used.or_else(|| self.uses.values().find(|there| here(there)).copied())
    }

    /// Where a declared name stands: its declaration and its uses, in the order of the text.
    pub fn places(&self, declared: Span) -> Vec<Span> {
        let uses = self.uses().filter(|(_, there)| *there == declared).map(|(here, _)| here);
        let mut places: Vec<Span> = uses.chain([declared]).collect();
        places.sort();
        places
    }

    /// Where a declared name and those that it is matched with stand: variables of densities are one by
    /// their name. None if it is matched with none. `same` says whether a place has the name.
    pub fn matched_places(&self, declared: Span, same: impl Fn(Span) -> bool) -> Option<Vec<Span>> {
        if !self.is_matched(declared) {
            return None;
        }
        let of = |there: &Span| *there == declared || (self.is_matched(*there) && same(*there));
        let uses = self.uses().filter(|(_, there)| of(there)).map(|(here, _)| here);
        let declared = self.matched.iter().copied().filter(of);
        let asked = self.undeclared.iter().copied();
        let all = uses.chain(declared).chain(asked).filter(|place| same(*place));
        let all: BTreeSet<Span> = all.collect();
        Some(all.into_iter().collect())
    }

    /// What the expression at a place is.
    pub fn ways(&self, here: Span) -> Option<&[String]> {
        self.values.get(&here).map(Vec::as_slice)
    }

    /// What the smallest expression at a byte of a file is.
    pub fn value(&self, file: FileId, at: u32) -> Option<(Span, &[String])> {
        let here = |span: &Span| span.file == file && span.start <= at && at <= span.end;
        self.values().filter(|(span, _)| here(span)).min_by_key(|(span, _)| span.end - span.start)
    }
}
