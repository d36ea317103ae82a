//! `rlc` compiles declarative representation-learning models (`.rl` files) into trained programs.
//!
//! The modules stand in the order in which a model flows through them. A module may import from
//! itself and from modules above it, never from below; `tests/layers.rs` holds that direction.

/// Derivative nodes expanded into ordinary nodes, innermost first, any order.
#[deny(unsafe_code)]
pub mod autodiff;
/// Executors: the f64 reference interpreter and the tiled multi-threaded CPU executor.
pub mod backend;
/// Vocabulary: spans, diagnostics, the error-code table, counter-based noise.
#[deny(unsafe_code)]
pub mod base;
/// The command line: the only place that prints.
#[deny(unsafe_code)]
pub mod cli;
/// The compiler on one page: its stages in order, their prints, and tests derived from a model.
#[deny(unsafe_code)]
pub mod driver;
/// Vocabulary: the computation graph, its closed op table, verifier, text form and DOT.
#[deny(unsafe_code)]
pub mod graph;
/// The language server: what editors ask about a file while it is written.
#[deny(unsafe_code)]
pub mod lsp;
/// Vocabulary: figures of a whole split, one row each.
#[deny(unsafe_code)]
pub mod metrics;
/// Syntax tree to typed model: names, dims, shapes, supports, roles. All user errors come from here.
#[deny(unsafe_code)]
pub mod model;
/// Typed model to objectives without probability: estimators, closed forms, bounds, explanations.
#[deny(unsafe_code)]
pub mod objective;
/// The list of graph passes and their runner.
#[deny(unsafe_code)]
pub mod optimize;
/// Graph to fused kernels, buffers and a bill.
#[deny(unsafe_code)]
pub mod plan;
/// Data, training loop, checkpoints, metrics, samples.
#[deny(unsafe_code)]
pub mod runtime;
/// `.rl` text to a syntax tree, and back (the formatter).
#[deny(unsafe_code)]
pub mod syntax;
/// Objectives to graphs: the batch axis made explicit, one graph per phase.
#[deny(unsafe_code)]
pub mod translate;
