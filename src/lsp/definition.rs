//! Where a name is declared and where it is used. In: a place in a text. Out: places, in this file and in others
//! that are open or used. Names of the library are declared on its pages, which are written to a folder
//! once they are asked for.

use super::analysis::Analysis;
use super::documents::Document;
use super::positions::range_of;
use super::world::World;
use crate::base::Span;
use crate::model::library_page;
use lsp_types::{DocumentHighlight, Location};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Where the name at a byte is declared.
pub fn definition(world: &World, doc: &Document, at: usize) -> Option<Location> {
    let known = doc.look(at, |analysis, at| {
        let span = analysis.declaration(at)?;
        location(world, doc, analysis, span)
    });
    known.or_else(|| of_library(world, doc, at))
}

/// A name of the library where no analysis reached.
fn of_library(world: &World, doc: &Document, at: usize) -> Option<Location> {
    let token = doc.token(at).filter(|token| super::places::is_name(doc, token.start))?;
    let place = super::library::named(doc.word(token)).first()?.place?;
    let text = &library_page(place.file).text;
    Some(Location { uri: world.pages.uri(place.file)?, range: range_of(text, place) })
}

/// A span of an analysis as a place of today.
pub fn location(
    world: &World,
    doc: &Document,
    analysis: &Analysis,
    span: Span,
) -> Option<Location> {
    if analysis.is_library(span.file) {
        let text = &analysis.sources().file(span.file).text;
        return Some(Location { uri: world.pages.uri(span.file)?, range: range_of(text, span) });
    }
    if span.file == analysis.entry() {
        let (start, end) = doc.now(analysis, span)?;
        return Some(Location { uri: doc.uri.clone(), range: doc.range(start, end) });
    }
    let text = &analysis.sources().file(span.file).text;
    let uri = world.uri_of(&analysis.path(span.file))?;
    Some(Location { uri, range: range_of(text, span) })
}

/// Every use of the name at a byte, in every file that is open or used by one.
pub fn references(world: &World, doc: &Document, at: usize, declaration: bool) -> Vec<Location> {
    let Some((path, name)) = declared(doc, at) else { return Vec::new() };
    let mut seen: BTreeSet<(PathBuf, u32)> = BTreeSet::new();
    let mut found = Vec::new();
    for other in world.documents.values() {
        let Some(analysis) = other.last() else { continue };
        let file = analysis.files().find(|(_, own)| *own == path).map(|(id, _)| id);
        let Some((file, index)) = file.zip(analysis.index()) else { continue };
        let span = Span { file, ..name };
        for place in index.places(span) {
            let is_new = seen.insert((analysis.path(place.file), place.start));
            if is_new && (declaration || place != span) {
                found.extend(location(world, other, analysis, place));
            }
        }
    }
    found
}

/// The file and the place of the declaration of the name at a byte, unless the library has it.
fn declared(doc: &Document, at: usize) -> Option<(PathBuf, Span)> {
    doc.look(at, |analysis, at| {
        let span = analysis.declaration(at).filter(|span| !analysis.is_library(span.file))?;
        Some((analysis.path(span.file), span))
    })
}

/// Every place of the name at a byte, in this file.
pub fn highlights(doc: &Document, at: usize) -> Vec<DocumentHighlight> {
    let found = doc.look(at, |analysis, at| {
        let span = analysis.declaration(at)?;
        let places = analysis.index()?.places(span).into_iter();
        let own = places.filter(|place| place.file == analysis.entry());
        let now = own.filter_map(|place| doc.now(analysis, place));
        Some(now.map(|(start, end)| doc.range(start, end)).collect::<Vec<_>>())
    });
    let found = found.unwrap_or_default().into_iter();
    found.map(|range| DocumentHighlight { range, kind: None }).collect()
}
