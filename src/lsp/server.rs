//! The loop. In: messages of the editor, results of the worker. Out: messages. A request is answered from the text
//! and the last analysis at once; a text is read anew after each change, as soon as the worker is free, so
//! that changes never queue up. A request about a text that was never read waits for the first result.

use super::diagnostics::diagnostics;
use super::documents::Document;
use super::positions::Lines;
use super::rename::Places;
use super::requests::{self, Needs, ROWS, failed, refused};
use super::uris;
use super::worker::{Done, Job};
use super::world::{World, changes};
use crossbeam_channel::{Receiver, Sender, select};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{self, Notification as _, PublishDiagnostics};
use lsp_types::request::{self, Request as _};
use lsp_types::*;
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The end of a conversation: the editor hung up.
pub type Ended = lsp_server::ProtocolError;

/// What the editor can be asked to do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Client {
    /// To ask for hints again.
    pub hints: bool,
    /// To ask for colours again.
    pub colors: bool,
}

/// A rename that waits for the worker.
struct Waiting {
    id: RequestId,
    uri: String,
    revision: u64,
    at: usize,
    name: String,
}

/// The state of a conversation.
pub struct Server {
    pub connection: Connection,
    pub world: World,
    pub client: Client,
    pub jobs: Sender<Job>,
    pub done: Receiver<Done>,
    /// Documents to be read, the one that was changed last at the end.
    dirty: Vec<String>,
    busy: bool,
    /// The document that is being read.
    reading: Option<String>,
    /// Requests that wait for a first analysis, with their documents.
    held: Vec<(String, Request)>,
    renames: Vec<Waiting>,
    /// Requests to the editor so far.
    asked: i32,
}

impl Server {
    /// Nothing is open yet.
    pub fn new(
        connection: Connection,
        world: World,
        client: Client,
        (jobs, done): (Sender<Job>, Receiver<Done>),
    ) -> Server {
        let (dirty, held, renames) = (Vec::new(), Vec::new(), Vec::new());
        let (busy, reading, asked) = (false, None, 0);
        Server { connection, world, client, jobs, done, dirty, busy, reading, held, renames, asked }
    }

    /// Talks until the editor ends it. Whether it ended as it should.
    pub fn run(&mut self) -> Result<bool, Ended> {
        let (messages, done) = (self.connection.receiver.clone(), self.done.clone());
        loop {
            select! {
                recv(messages) -> message => match message {
                    Ok(Message::Request(request)) => {
                        if self.connection.handle_shutdown(&request)? {
                            return Ok(true);
                        }
                        self.request(request);
                    }
                    Ok(Message::Notification(one)) if one.method == notification::Exit::METHOD => {
                        return Ok(false);
                    }
                    Ok(Message::Notification(one)) => self.notification(one),
                    Ok(Message::Response(_)) => {}
                    Err(_) => return Ok(false),
                },
                recv(done) -> result => match result {
                    Ok(result) => self.result(result),
                    Err(_) => return Ok(false),
                },
            }
            self.feed();
        }
    }

    fn send(&self, message: impl Into<Message>) {
        // An editor that hung up is noticed by the loop.
        self.connection.sender.send(message.into()).ok();
    }

    fn answer(&self, id: RequestId, answer: Result<Value, lsp_server::ResponseError>) {
        self.send(Response { id, response_result: answer });
    }

    // ---- requests ----

    fn request(&mut self, request: Request) {
        if request.method == request::Rename::METHOD {
            return self.rename(request);
        }
        let Some(row) = ROWS.iter().find(|row| row.method == request.method) else {
            let text = format!("there is no `{}`", request.method);
            return self.answer(request.id, Err(failed(ErrorCode::MethodNotFound, text)));
        };
        let uri = request.params["textDocument"]["uri"].as_str().unwrap_or("").to_string();
        let Some(doc) = self.world.documents.get(&uri) else {
            let text = format!("`{uri}` is not open");
            return self.answer(request.id, Err(failed(ErrorCode::InvalidParams, text)));
        };
        let waits = self.dirty.contains(&uri) || self.reading.as_ref() == Some(&uri);
        if row.needs == Needs::Analysis && doc.last().is_none() && waits {
            self.held.push((uri, request));
            return;
        }
        let Request { id, params, .. } = request;
        // A mistake of ours is no reason to leave the editor alone.
        let run = || (row.answer)(&self.world, doc, params);
        let answer = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(our_mistake()));
        self.answer(id, answer);
    }

    fn rename(&mut self, request: Request) {
        let Request { id, params, .. } = request;
        let params: RenameParams = match requests::read(params) {
            Ok(params) => params,
            Err(error) => return self.answer(id, Err(error)),
        };
        let uri = params.text_document_position.text_document.uri.as_str().to_string();
        let Some(doc) = self.world.documents.get(&uri) else {
            let text = format!("`{uri}` is not open");
            return self.answer(id, Err(failed(ErrorCode::InvalidParams, text)));
        };
        let at = doc.offset(params.text_document_position.position);
        let revision = doc.revision;
        self.renames.push(Waiting { id, uri, revision, at, name: params.new_name });
    }

    fn cancel(&mut self, id: &RequestId) {
        let held = self.held.iter().position(|(_, request)| request.id == *id);
        let waits = self.renames.iter().position(|waiting| waiting.id == *id);
        if held.map(|at| self.held.remove(at)).is_some()
            || waits.map(|at| self.renames.remove(at)).is_some()
        {
            let error = failed(ErrorCode::RequestCanceled, "cancelled".into());
            self.answer(id.clone(), Err(error));
        }
    }

    // ---- notifications ----

    fn notification(&mut self, one: Notification) {
        let Notification { method, params } = one;
        match method.as_str() {
            notification::DidOpenTextDocument::METHOD => {
                if let Ok(params) = requests::read::<DidOpenTextDocumentParams>(params) {
                    self.open(params.text_document);
                }
            }
            notification::DidChangeTextDocument::METHOD => {
                if let Ok(params) = requests::read::<DidChangeTextDocumentParams>(params) {
                    self.change(params);
                }
            }
            notification::DidCloseTextDocument::METHOD => {
                if let Ok(params) = requests::read::<DidCloseTextDocumentParams>(params) {
                    self.close(params.text_document.uri);
                }
            }
            notification::DidSaveTextDocument::METHOD
            | notification::DidChangeWatchedFiles::METHOD => {
                self.jobs.send(Job::Forget).ok();
                self.dirty = self.world.documents.keys().cloned().collect();
            }
            notification::Cancel::METHOD => {
                let id = match &params["id"] {
                    Value::Number(number) => number.as_i64().map(|n| RequestId::from(n as i32)),
                    Value::String(text) => Some(RequestId::from(text.clone())),
                    _ => None,
                };
                id.into_iter().for_each(|id| self.cancel(&id));
            }
            _ => {}
        }
    }

    fn open(&mut self, item: TextDocumentItem) {
        let path = uris::path(&item.uri);
        let key = item.uri.as_str().to_string();
        let doc = Document::new(item.uri, path, item.version, &item.text);
        self.world.documents.insert(key.clone(), doc);
        self.changed(&key);
    }

    fn change(&mut self, params: DidChangeTextDocumentParams) {
        let key = params.text_document.uri.as_str().to_string();
        let Some(doc) = self.world.documents.get_mut(&key) else { return };
        for event in &params.content_changes {
            doc.change(params.text_document.version, event);
        }
        self.changed(&key);
    }

    fn close(&mut self, uri: Uri) {
        let key = uri.as_str().to_string();
        let Some(doc) = self.world.documents.remove(&key) else { return };
        self.dirty.retain(|other| *other != key);
        let own = self.take_held(&key);
        own.into_iter().for_each(|request| self.answer(request.id, Ok(Value::Null)));
        self.publish(uri, Vec::new(), None);
        self.users_are_dirty(&doc.path);
    }

    /// A text is new: it is to be read, and so are those that use it.
    fn changed(&mut self, key: &str) {
        let path = self.world.documents[key].path.clone();
        self.users_are_dirty(&path);
        self.dirty.retain(|other| other != key);
        if self.world.pages.has(&path) {
            return;
        }
        self.dirty.push(key.to_string());
    }

    fn users_are_dirty(&mut self, path: &std::path::Path) {
        let uses =
            |doc: &Document| doc.last().is_some_and(|a| a.files().any(|(_, own)| own == path));
        let users = self.world.documents.iter().filter(|(_, doc)| uses(doc));
        let users: Vec<String> = users.map(|(key, _)| key.clone()).collect();
        let known = |key: &String| self.dirty.contains(key);
        let new: Vec<String> = users.into_iter().filter(|key| !known(key)).collect();
        self.dirty.extend(new);
    }

    // ---- the worker ----

    /// Gives the worker something to do.
    fn feed(&mut self) {
        while !self.busy {
            let texts = self.world.texts();
            if let Some(waiting) = (!self.renames.is_empty()).then(|| self.renames.remove(0)) {
                let Waiting { id, uri, revision, at, name } = waiting;
                let doc = self.world.documents.get(&uri).filter(|doc| doc.revision == revision);
                let Some(doc) = doc else {
                    let text = "the text was changed meanwhile".to_string();
                    self.answer(id, Err(failed(ErrorCode::ContentModified, text)));
                    continue;
                };
                let path = doc.path.clone();
                self.busy = self.jobs.send(Job::Rename { id, path, at, name, texts }).is_ok();
            } else if let Some(uri) = self.dirty.pop() {
                let Some(doc) = self.world.documents.get(&uri) else { continue };
                let (path, revision) = (doc.path.clone(), doc.revision);
                self.reading = Some(uri.clone());
                self.busy = self.jobs.send(Job::Read { uri, path, revision, texts }).is_ok();
            }
            return;
        }
    }

    fn result(&mut self, result: Done) {
        (self.busy, self.reading) = (false, None);
        match result {
            Done::Read { uri, analysis } => {
                let Some(doc) = self.world.documents.get_mut(&uri) else { return };
                doc.analysed(analysis);
                let doc = &self.world.documents[&uri];
                if let Some(analysis) = doc.last().filter(|_| doc.is_current()) {
                    let list = diagnostics(&self.world, analysis);
                    self.publish(doc.uri.clone(), list, Some(doc.version));
                }
                let own = self.take_held(&uri);
                own.into_iter().for_each(|request| self.request(request));
                self.refresh();
            }
            Done::Renamed { id, places } => {
                let edit = places.map(|places| self.edit(places)).map_err(refused);
                self.answer(id, edit.map(|edit| json!(edit)));
            }
            Done::Failed { uri, id } => {
                id.into_iter().for_each(|id| self.answer(id, Err(our_mistake())));
                let own = uri.map(|uri| self.take_held(&uri)).unwrap_or_default();
                own.into_iter().for_each(|request| self.answer(request.id, Err(our_mistake())));
            }
        }
    }

    /// The requests that wait for a document.
    fn take_held(&mut self, uri: &str) -> Vec<Request> {
        let held = std::mem::take(&mut self.held);
        let (own, others): (Vec<_>, Vec<_>) = held.into_iter().partition(|(of, _)| of == uri);
        self.held = others;
        own.into_iter().map(|(_, request)| request).collect()
    }

    /// Lets the editor ask again for what an analysis has changed.
    fn refresh(&mut self) {
        let Client { hints, colors } = self.client;
        let hints = hints.then_some(request::InlayHintRefreshRequest::METHOD);
        let colors = colors.then_some(request::SemanticTokensRefresh::METHOD);
        for method in hints.into_iter().chain(colors) {
            self.asked += 1;
            self.send(Request::new(RequestId::from(self.asked), method.into(), Value::Null));
        }
    }

    fn publish(&self, uri: Uri, diagnostics: Vec<Diagnostic>, version: Option<i32>) {
        let params = PublishDiagnosticsParams { uri, diagnostics, version };
        self.send(Notification::new(PublishDiagnostics::METHOD.into(), params));
    }

    /// The places of a name as changes for the editor.
    fn edit(&self, (places, name): (Places, String)) -> WorkspaceEdit {
        let files = places.into_iter().filter_map(|(path, (text, places))| {
            let (uri, lines) = (self.world.uri_of(&path)?, Lines::new(&text));
            let edits = places.into_iter().map(|(start, end)| TextEdit {
                range: lines.range(&text, start, end),
                new_text: name.clone(),
            });
            Some((uri, edits.collect()))
        });
        changes(files)
    }
}

/// The answer to a request that ended in a mistake of ours.
fn our_mistake() -> lsp_server::ResponseError {
    failed(ErrorCode::InternalError, "a mistake of rlc itself; its output says where".into())
}
