//! Semantic tokens. In: a text. Out: the class of each word by what the grammar takes it for, and of each name
//! by what it stands for. Operators and brackets are left to the editor's own grammar.

use super::analysis::Analysis;
use super::documents::Document;
use super::library::{self, Sort};
use crate::syntax::Class;
use crate::syntax::declared::{Kind, declared};
use lsp_types::{SemanticToken, SemanticTokenModifier, SemanticTokenType, SemanticTokensLegend};
use std::collections::BTreeMap;

macro_rules! hues {
    ($($hue:ident $ty:ident),*) => {
        /// What a word is, for an editor.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Hue { $($hue),* }
        /// Their names in the protocol, in the order of their numbers.
        const TYPES: &[SemanticTokenType] = &[$(SemanticTokenType::$ty),*];
    };
}

hues! {
    Keyword KEYWORD, Type TYPE, Number NUMBER, Text STRING, Comment COMMENT, Property PROPERTY,
    Variable VARIABLE, Parameter PARAMETER, Function FUNCTION, Class CLASS, Namespace NAMESPACE,
    Phase EVENT
}

/// The modifiers, in the order of their bits.
const MODIFIERS: &[SemanticTokenModifier] = &[
    SemanticTokenModifier::DECLARATION,
    SemanticTokenModifier::READONLY,
    SemanticTokenModifier::DEFAULT_LIBRARY,
];

/// What the numbers of tokens mean.
pub fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend { token_types: TYPES.to_vec(), token_modifiers: MODIFIERS.to_vec() }
}

/// A type with its modifiers.
#[derive(Clone, Copy)]
struct Color {
    hue: Hue,
    modifiers: u32,
}

const DECLARATION: u32 = 1;
const READONLY: u32 = 2;
const LIBRARY: u32 = 4;

/// The tokens of a text, each relative to the one before.
pub fn tokens(doc: &Document) -> Vec<SemanticToken> {
    let names = names(doc);
    let mut last = lsp_types::Position::default();
    let colored = doc.classes().iter().map(|(start, end, class)| {
        let (start, end, class) = (*start, *end, *class);
        let Color { hue, modifiers } = match (class, names.get(&start)) {
            (Class::Name | Class::Label, Some(color)) => *color,
            (Class::Name, None) => by_name(&doc.text[start..end]),
            (class, _) => plain(class),
        };
        let place = doc.lines.position(&doc.text, start);
        let delta_line = place.line - last.line;
        let before = if delta_line == 0 { last.character } else { 0 };
        let length: usize = doc.text[start..end].chars().map(char::len_utf16).sum();
        last = place;
        SemanticToken {
            delta_line,
            delta_start: place.character - before,
            length: length as u32,
            token_type: hue as u32,
            token_modifiers_bitset: modifiers,
        }
    });
    colored.collect()
}

fn plain(class: Class) -> Color {
    let hue = match class {
        Class::Keyword => Hue::Keyword,
        Class::Type => Hue::Type,
        Class::Number => Hue::Number,
        Class::Text => Hue::Text,
        Class::Comment => Hue::Comment,
        Class::Label => Hue::Property,
        Class::Name => Hue::Variable,
    };
    Color { hue, modifiers: 0 }
}

/// A name that nothing declares here.
fn by_name(word: &str) -> Color {
    let Some(entry) = library::named(word).first() else { return plain(Class::Name) };
    let hue = match entry.sort {
        Sort::Layer | Sort::Distribution => Hue::Class,
        Sort::Constant => Hue::Variable,
        _ => Hue::Function,
    };
    Color { hue, modifiers: LIBRARY }
}

/// Names by where they start: declarations of the text as it is, uses as an analysis knows them.
fn names(doc: &Document) -> BTreeMap<usize, Color> {
    let mut found = BTreeMap::new();
    if let Some(analysis) = doc.last() {
        uses(doc, analysis, &mut found);
    }
    for one in declared(&doc.tree().0) {
        let color = of_kind(one.kind);
        let modifiers = color.modifiers | DECLARATION;
        found.insert(one.name.span.start as usize, Color { modifiers, ..color });
    }
    found
}

fn uses(doc: &Document, analysis: &Analysis, found: &mut BTreeMap<usize, Color>) {
    let Some(index) = analysis.index() else { return };
    let mut kinds = BTreeMap::new();
    for (id, _) in analysis.files() {
        let all = analysis.tree(id).map(declared).unwrap_or_default();
        kinds.extend(all.into_iter().map(|one| (one.name.span, one.kind)));
    }
    let own = index.uses().filter(|(here, _)| here.file == analysis.entry());
    for (here, there) in own {
        let color = match kinds.get(&there) {
            Some(kind) => of_kind(*kind),
            None if analysis.is_library(there.file) => by_name(analysis.text(there)),
            None => continue,
        };
        if let Some((start, _)) = doc.now(analysis, here) {
            found.insert(start, color);
        }
    }
}

fn of_kind(kind: Kind) -> Color {
    let (hue, modifiers) = match kind {
        Kind::Import | Kind::Data => (Hue::Namespace, 0),
        Kind::Dim | Kind::Const | Kind::Config => (Hue::Variable, READONLY),
        Kind::Field => (Hue::Property, 0),
        Kind::Function | Kind::Density => (Hue::Function, 0),
        Kind::Module | Kind::Distribution => (Hue::Class, 0),
        Kind::Phase => (Hue::Phase, 0),
        Kind::Formal => (Hue::Parameter, 0),
        _ => (Hue::Variable, 0),
    };
    Color { hue, modifiers }
}
