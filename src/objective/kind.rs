//! The kind of a density: what may be asked of it.

use crate::model::ir::{DensityId, Factor, Model};

/// What a density's declaration allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DensityKind {
    /// `log p` is exact.
    Normalized,
    /// Latent variables: only bounds of `log p`.
    Bound,
    /// Potentials: `log p` up to a constant.
    Unnormalized,
    /// A computed variable: samples only.
    Implicit,
}

impl DensityKind {
    /// One phrase.
    pub fn phrase(self) -> &'static str {
        match self {
            DensityKind::Normalized => "normalized: its log-density is exact",
            DensityKind::Bound => "a latent variable model: log p(x) is bounded, not known",
            DensityKind::Unnormalized => "unnormalized: known up to a constant",
            DensityKind::Implicit => "implicit: it can be sampled, not scored",
        }
    }
}

/// The kind of the joint of some factors.
pub fn density_kind(m: &Model, factors: &[DensityId]) -> DensityKind {
    let mut kind = DensityKind::Normalized;
    for id in factors {
        let density = &m.densities[id.0 as usize];
        for factor in &density.factors {
            match factor {
                Factor::Energy { .. } => return DensityKind::Unnormalized,
                Factor::Define { var, .. }
                    if density.over.contains(var) && density.changed().is_none() =>
                {
                    kind = DensityKind::Implicit
                }
                Factor::Draw { var, .. }
                    if !density.over.contains(var)
                        && density.changed().is_none()
                        && kind == DensityKind::Normalized =>
                {
                    kind = DensityKind::Bound;
                }
                _ => {}
            }
        }
    }
    kind
}
