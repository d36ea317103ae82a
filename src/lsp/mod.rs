//! The language server. In: messages of an editor. Out: messages: what is wrong with a text, what a name is and
//! where it is declared, what can be written, types, colours, changes. Everything that it says was found
//! by the stages of the compiler (`driver::read`); it trains nothing and writes no file of the user.
//!
//! - `server`: the loop. `worker`: the thread that reads texts. `requests`: the table of what is answered.
//! - `documents`: the open texts. `analysis`: what was found in one. `changes`: places carried from one
//!   text to the next. `positions`, `uris`: places and names of the protocol.
//! - The others: one kind of request each.

mod actions;
mod analysis;
mod calls;
mod changes;
mod colors;
mod completion;
mod definition;
mod diagnostics;
mod documents;
mod format;
mod hints;
mod hover;
mod library;
mod places;
mod positions;
mod rename;
mod requests;
mod server;
mod signature;
mod symbols;
mod uris;
mod worker;
mod world;

use lsp_server::Connection;
use lsp_types::{InitializeParams, InitializeResult, ServerInfo};
use server::{Client, Server};
use std::collections::BTreeMap;
use std::path::PathBuf;
use world::{Pages, World};

/// Talks to an editor until it ends the conversation. Pages of the library that it asks for are written to
/// a folder. Whether it ended as it should.
///
/// # Errors
/// What the editor did that the protocol does not allow, or why there can be no thread.
pub fn serve(connection: Connection, pages: Option<PathBuf>) -> Result<bool, String> {
    let (id, params) = connection.initialize_start().map_err(|error| error.to_string())?;
    let params: InitializeParams =
        serde_json::from_value(params).map_err(|error| error.to_string())?;
    let info = ServerInfo { name: "rlc".into(), version: Some(env!("CARGO_PKG_VERSION").into()) };
    let result =
        InitializeResult { capabilities: requests::capabilities(), server_info: Some(info) };
    let result = serde_json::to_value(result).map_err(|error| error.to_string())?;
    connection.initialize_finish(id, result).map_err(|error| error.to_string())?;
    let workspace = params.capabilities.workspace.unwrap_or_default();
    let client = Client {
        hints: workspace.inlay_hint.and_then(|own| own.refresh_support).unwrap_or(false),
        colors: workspace.semantic_tokens.and_then(|own| own.refresh_support).unwrap_or(false),
    };
    let world = World { documents: BTreeMap::new(), pages: Pages { folder: pages } };
    let worker = worker::start().map_err(|error| error.to_string())?;
    Server::new(connection, world, client, worker).run().map_err(|error| error.to_string())
}
