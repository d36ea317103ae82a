//! Folders of the user. Out: where things are kept that can be made again.

use std::path::PathBuf;

/// The cache folder of the program, which may not exist yet.
pub fn cache() -> Option<PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let windows = || std::env::var_os("LOCALAPPDATA").map(PathBuf::from);
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    Some(cache.or_else(windows)?.join("rlc"))
}
