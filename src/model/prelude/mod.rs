//! The prelude: layers, activations, initializers, distributions, divergences, optimizers, written in the
//! language. Texts only; who reads them is `elaborate`.

use crate::base::{FileId, Source};
use crate::syntax::{self, ast};
use std::sync::{Arc, LazyLock};

/// Its files, by name.
pub const PRELUDE: &[(&str, &str)] = &[
    ("functions.rl", include_str!("functions.rl")),
    ("layers.rl", include_str!("layers.rl")),
    ("sequences.rl", include_str!("sequences.rl")),
    ("graphs.rl", include_str!("graphs.rl")),
    ("flows.rl", include_str!("flows.rl")),
    ("chains.rl", include_str!("chains.rl")),
    ("distributions.rl", include_str!("distributions.rl")),
    ("gamma.rl", include_str!("gamma.rl")),
    ("counts.rl", include_str!("counts.rl")),
    ("vectors.rl", include_str!("vectors.rl")),
    ("optimizers.rl", include_str!("optimizers.rl")),
];

/// Its texts and their trees: read once, as they are half of what a short file costs.
///
/// # Panics
/// If the prelude does not parse: it is part of the program.
pub static PARSED: LazyLock<(Vec<Source>, Vec<Arc<ast::File>>)> = LazyLock::new(|| {
    let read = |(at, (name, text)): (usize, &(&str, &str))| {
        let (tree, found) = syntax::parse(FileId::of_prelude(at), text);
        assert!(!found.has_errors(), "prelude {name}: {:?}", found.list);
        let name = format!("<prelude>/{name}");
        (Source { name, text: (*text).into() }, Arc::new(tree))
    };
    PRELUDE.iter().enumerate().map(read).unzip()
});
