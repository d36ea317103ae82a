//! `rlc` compiles declarative representation-learning models (`.rl` files) into trained programs.
//!
//! The modules stand in the order in which a model flows through them. A module may import from
//! itself and from modules above it, never from below; `tests/layers.rs` holds that direction.

/// Derivative nodes expanded into ordinary nodes, innermost first, any order.
pub mod autodiff;
/// Executors: the f64 reference interpreter and the tiled multi-threaded CPU executor.
pub mod backend;
/// Vocabulary: spans, diagnostics, the error-code table, counter-based noise.
pub mod base;
/// The command line: the only place that prints.
pub mod cli;
/// Vocabulary: the computation graph, its closed op table, verifier, text form and DOT.
pub mod graph;
/// Syntax tree to typed model: names, dims, shapes, supports, roles. All user errors come from here.
pub mod model;
/// Typed model to objectives without probability: estimators, closed forms, bounds, explanations.
pub mod objective;
/// The list of graph passes and their runner.
pub mod optimize;
/// Graph to fused kernels, buffers and a bill.
pub mod plan;
/// Data, training loop, checkpoints, metrics, samples.
pub mod runtime;
/// `.rl` text to a syntax tree, and back (the formatter).
pub mod syntax;
/// Objectives to graphs: the batch axis made explicit, one graph per phase.
pub mod translate;
