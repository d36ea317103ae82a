//! Running a compiled program: data, the loop, checkpoints, metrics, samples.
//!
//! Comes in: a [`crate::translate::program::Program`], a configuration, files. Goes out: trained
//! weights, reports, samples, all in a run folder. Decides nothing about the order of passes.

pub mod artifact;
pub mod bottleneck;
pub mod checkpoint;
pub mod config;
#[cfg(test)]
mod damage;
pub mod data;
pub mod encode;
pub mod eval;
pub mod files;
pub mod finite;
pub mod folder;
pub mod job;
pub mod profile;
pub mod run;
pub mod sample;
pub mod session;
pub mod sheet;
pub mod stop;
pub mod talk;
pub mod train;
pub mod trust;
pub mod weights;
