//! `rlc lsp`: the language server, on stdin and stdout.

use crate::cli::exit;
use crate::cli::folders;
use crate::cli::output::{Ended, Output};
use crate::lsp;
use lsp_server::Connection;
use std::io::IsTerminal;

/// Talks to an editor until it ends the conversation.
pub fn run(out: &mut Output) -> Result<(), Ended> {
    if std::io::stdin().is_terminal() {
        out.note(
            "editors start this command and talk with it; docs/editors.md says how to set them up",
        );
    }
    let (connection, threads) = Connection::stdio();
    // Pages of another version may differ.
    let version = env!("CARGO_PKG_VERSION");
    let pages = folders::cache().map(|cache| cache.join(format!("library-{version}")));
    let ended = lsp::serve(connection, pages);
    match ended {
        Ok(true) => drop(threads.join()),
        Ok(false) => return Err(Ended::Code(exit::NUMERIC)),
        Err(why) => {
            out.note(&format!("error: the editor does not keep to the protocol: {why}"));
            return Err(Ended::Code(exit::USAGE));
        }
    }
    Ok(())
}
