//! Numbers of layers: `Linear_0`, `Linear_1`. In: the place of the text where a net makes a layer, and the
//! calls that lead there. Out: its number. A place has one number in every phase, in evaluation and in a
//! short last batch, whatever branches are taken before it, and in copies of the net.

use crate::base::Span;
use crate::model::elaborate::Elab;
use std::collections::HashMap;

/// The calls from the owner's body down to a layer, and how often they led to one before: a `chain`
/// makes several in one place.
type Site = (Vec<Span>, usize);

/// Numbers that were given, by the path of the owner and the name of the template.
#[derive(Default)]
pub struct Numbers(HashMap<(String, String), HashMap<Site, usize>>);

impl Elab<'_> {
    /// The number of what is made here under this name, for the owner with this path.
    pub fn numbered(&mut self, path: &str, name: &str, span: Span) -> usize {
        let mut owner = self.here.owner.borrow_mut();
        let from = owner.depth.unwrap_or(0).min(self.here.calls.len());
        let mut calls = self.here.calls[from..].to_vec();
        calls.push(span);
        let times = owner.counts.entry((name.into(), calls.clone())).or_insert(0);
        let site = (calls, *times);
        *times += 1;
        drop(owner);
        let key = (self.original(path).to_string(), name.to_string());
        let known = self.made.numbers.0.entry(key).or_default();
        let next = known.len();
        *known.entry(site).or_insert(next)
    }
}
