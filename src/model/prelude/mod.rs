//! The prelude: layers, activations, initializers, distributions, divergences, optimizers, written in the
//! language. Texts only; who reads them is `elaborate`.

/// Its files, by name.
pub const PRELUDE: &[(&str, &str)] = &[
    ("functions.rl", include_str!("functions.rl")),
    ("layers.rl", include_str!("layers.rl")),
    ("flows.rl", include_str!("flows.rl")),
    ("chains.rl", include_str!("chains.rl")),
    ("distributions.rl", include_str!("distributions.rl")),
    ("gamma.rl", include_str!("gamma.rl")),
    ("counts.rl", include_str!("counts.rl")),
    ("vectors.rl", include_str!("vectors.rl")),
    ("optimizers.rl", include_str!("optimizers.rl")),
];
