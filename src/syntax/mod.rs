//! `.rl` text to a syntax tree and back. In: text. Out: [`ast::File`] and diagnostics.
//! Knows no types and no ops.
//!
//! - [`decode`]: bytes of a file to text.
//! - [`parse`]: text to a tree with every comment ([`parse_from`]: of its end); several errors per run. In a
//!   tree without errors no expression is more than 1,000 nodes high and no file has more than 200,000
//!   nodes, so walks may recurse.
//! - [`twice`]: names that stand twice in one list of a tree; [`declared_twice`] and [`given_twice`] say it.
//! - [`quotients`]: comments that read like the right side of a quotient.
//! - [`format`]: a tree and its text to the canonical form of the text.
//! - [`tokens`], [`items`], [`classes`]: what an editor sees of a text, whatever is wrong with it.
//! - [`declared`]: the names of a tree; [`heads`]: declarations and their comments, for readers.
//! - [`dump`]: a tree to plain text without places and comments.

pub mod ast;
mod build;
mod classes;
pub mod declared;
mod dump;
mod faults;
mod format;
mod grammar;
pub mod heads;
mod idle;
mod lex;
mod outline;
mod parse;
mod quotients;
mod slips;
mod twice;

pub use classes::{Class, classes};
pub use dump::dump;
pub use format::format;
pub use idle::idle;
pub use lex::{MAX_NAME, Token, TokenKind, tokens};
pub use outline::{ITEM_WORDS, ITEM_WORDS_IN_CONTEXT, items};
pub use parse::{MAX_BYTES, MAX_ERRORS, decode, parse, parse_from};
pub use quotients::quotients;
pub use slips::is_keyword;
pub use twice::{declared_twice, given_twice, twice};
