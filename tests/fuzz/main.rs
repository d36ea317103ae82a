//! Random inputs to everything that takes one: sources, data, artifacts, models. In: a seed. Whatever
//! comes in, the program ends by itself, within bounds, and says what is wrong in a message with a
//! code, a place and a hint; what it computes does not depend on how it is computed.
//!
//! `cargo test` tries a few of each kind, the same each time. The long part:
//!
//! ```text
//! RLC_FUZZ=SECONDS cargo test --release --test fuzz -- --nocapture
//! ```
//!
//! so many seconds of the processor for each kind, one after another; `RLC_FUZZ_SEED=N` says where to begin, and the
//! name of a test after `fuzz` leaves the others out. An input that fails is kept in the folder for
//! temporary files, lines that do not matter left out; its seed and path are printed. What is found
//! becomes a case beside the others of its kind, in `tests/errors`, `tests/facts` or a test.
#![cfg(unix)]

#[path = "../clock/mod.rs"]
mod clock;
mod corpus;
mod edits;
mod files;
mod harness;
mod maker;
mod models;
#[path = "../mutate/mod.rs"]
mod mutate;
mod plans;
#[path = "../random/mod.rs"]
mod random;
mod samples;
mod sources;
mod words;
