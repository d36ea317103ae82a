//! Running a compiled program: data, the loop, checkpoints, metrics, samples.
//!
//! Comes in: a [`crate::translate::program::Program`], a configuration, files. Goes out: trained
//! weights, reports, samples, all in a run folder. Decides nothing about the order of passes.

pub mod data;
pub mod files;
