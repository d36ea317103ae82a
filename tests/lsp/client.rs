//! An editor in a program: starts `rlc lsp`, speaks the protocol over its pipes, and keeps texts of its own.

use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A server that answers later than this does not answer.
const LONGEST: Duration = Duration::from_secs(60);

pub struct Client {
    child: Child,
    stdin: ChildStdin,
    messages: Receiver<Value>,
    /// The folder of the files.
    pub folder: PathBuf,
    /// Texts and versions by name.
    pub texts: BTreeMap<String, (String, i64)>,
    last_texts: VecDeque<String>,
    /// The last messages about each document, with their versions.
    diagnostics: BTreeMap<String, (Value, Value)>,
    last: i64,
}

impl Client {
    /// A server that has been greeted.
    pub fn start(folder: &Path) -> Client {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rlc"))
            .args(["lsp", "--stdio"])
            .env("XDG_CACHE_HOME", folder.join("cache"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let (send, messages) = channel();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            while let Some(message) = read(&mut stdout) {
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        let stdin = child.stdin.take().unwrap();
        let (texts, diagnostics) = (BTreeMap::new(), BTreeMap::new());
        let last_texts = VecDeque::new();
        let folder = folder.to_path_buf();
        let mut client =
            Client { child, stdin, messages, folder, texts, last_texts, diagnostics, last: 0 };
        let greeting = json!({ "processId": null, "rootUri": null, "capabilities": {} });
        let answer = client.ask("initialize", greeting).unwrap();
        assert_eq!(answer["serverInfo"]["name"], "rlc");
        client.tell("initialized", json!({}));
        client
    }

    /// Ends the conversation. How the server ended.
    pub fn end(mut self) -> i32 {
        assert_eq!(self.ask("shutdown", Value::Null), Ok(Value::Null));
        self.tell("exit", Value::Null);
        self.child.wait().unwrap().code().unwrap()
    }

    fn write(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.stdin, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.stdin.flush().unwrap();
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        self.write(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request. Its number.
    pub fn send(&mut self, method: &str, params: Value) -> i64 {
        self.last += 1;
        let id = self.last;
        self.write(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The answer to a request, or the message of an error.
    pub fn answer(&mut self, id: i64) -> Result<Value, String> {
        loop {
            let message = self.next(&format!("request {id}"));
            if message["id"] == id && message.get("method").is_none() {
                return match message.get("error") {
                    Some(error) => Err(error["message"].as_str().unwrap().to_string()),
                    None => Ok(message["result"].clone()),
                };
            }
        }
    }

    pub fn ask(&mut self, method: &str, params: Value) -> Result<Value, String> {
        let id = self.send(method, params);
        self.answer(id)
    }

    /// The next message; what is wrong with documents is kept.
    fn next(&mut self, what: &str) -> Value {
        let message = self.messages.recv_timeout(LONGEST);
        let message = message.unwrap_or_else(|why| {
            let ended = self.child.try_wait();
            self.keep();
            panic!("no answer to {what}: {why}; the server: {ended:?}")
        });
        if message["method"] == "textDocument/publishDiagnostics" {
            let params = &message["params"];
            let uri = params["uri"].as_str().unwrap().to_string();
            let list = params["diagnostics"].clone();
            self.diagnostics.insert(uri, (params["version"].clone(), list));
        }
        message
    }

    /// Keeps the last texts in the folder for temporary files: the server may be busy with any of them.
    fn keep(&self) {
        for (number, text) in self.last_texts.iter().enumerate() {
            let path = std::env::temp_dir().join(format!("lsp-{number}.rl"));
            std::fs::write(&path, text).unwrap();
        }
        eprintln!("the last texts are kept as lsp-N.rl in {}", std::env::temp_dir().display());
    }

    fn new_text(&mut self, text: &str) {
        if self.last_texts.len() == 40 {
            self.last_texts.pop_front();
        }
        self.last_texts.push_back(text.into());
    }

    pub fn uri(&self, name: &str) -> String {
        format!("file://{}", self.folder.join(name).display())
    }

    pub fn document(&self, name: &str) -> Value {
        json!({ "uri": self.uri(name) })
    }

    pub fn open(&mut self, name: &str, text: &str) {
        let uri = self.uri(name);
        self.texts.insert(name.into(), (text.into(), 1));
        self.new_text(text);
        let item = json!({ "uri": uri, "languageId": "rl", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": item }));
    }

    pub fn close(&mut self, name: &str) {
        self.texts.remove(name);
        let document = self.document(name);
        self.tell("textDocument/didClose", json!({ "textDocument": document }));
    }

    /// Replaces bytes of a text.
    pub fn replace(&mut self, name: &str, bytes: std::ops::Range<usize>, new: &str) {
        let (text, version) = &self.texts[name];
        let range = json!({ "start": place(text, bytes.start), "end": place(text, bytes.end) });
        let mut text = text.clone();
        text.replace_range(bytes, new);
        let version = version + 1;
        self.new_text(&text);
        self.texts.insert(name.into(), (text, version));
        let document = json!({ "uri": self.uri(name), "version": version });
        let changes = json!([{ "range": range, "text": new }]);
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.tell("textDocument/didChange", params);
    }

    /// What is wrong with a text as it is now.
    pub fn wrong(&mut self, name: &str) -> Vec<Value> {
        let (uri, version) = (self.uri(name), json!(self.texts[name].1));
        loop {
            if let Some((of, list)) = self.diagnostics.get(&uri).filter(|(of, _)| *of == version) {
                assert_eq!(*of, version);
                return list.as_array().unwrap().clone();
            }
            self.next(&format!("{name} {version}"));
        }
    }

    /// Asks about a byte of a text.
    pub fn about(&mut self, method: &str, name: &str, at: usize) -> Result<Value, String> {
        let place = place(&self.texts[name].0, at);
        let params = json!({ "textDocument": self.document(name), "position": place });
        self.ask(&format!("textDocument/{method}"), params)
    }

    /// Asks about bytes of a text.
    pub fn about_range(
        &mut self,
        method: &str,
        name: &str,
        bytes: std::ops::Range<usize>,
        context: Value,
    ) -> Result<Value, String> {
        let text = &self.texts[name].0;
        let range = json!({ "start": place(text, bytes.start), "end": place(text, bytes.end) });
        let document = self.document(name);
        let params = json!({ "textDocument": document, "range": range, "context": context });
        self.ask(&format!("textDocument/{method}"), params)
    }

    /// What a rename changes, or why it does not.
    pub fn rename(&mut self, name: &str, at: usize, new: &str) -> Result<Value, String> {
        let place = place(&self.texts[name].0, at);
        let document = self.document(name);
        let params = json!({ "textDocument": document, "position": place, "newName": new });
        self.ask("textDocument/rename", params)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn read(stdout: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stdout.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", n)) => length = n.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    let mut bytes = vec![0; length];
    stdout.read_exact(&mut bytes).ok()?;
    Some(serde_json::from_slice(&bytes).unwrap())
}

/// Where the lines of a text start: behind `\n`, `\r\n` or `\r`.
fn lines(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let is_end = |at: &usize| match bytes[*at] {
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        byte => byte == b'\n',
    };
    [0].into_iter().chain((0..bytes.len()).filter(is_end).map(|at| at + 1)).collect()
}

/// The place of a byte, in units of UTF-16.
pub fn place(text: &str, at: usize) -> Value {
    let lines = lines(text);
    let line = lines.iter().rposition(|start| *start <= at).unwrap();
    json!({ "line": line, "character": text[lines[line]..at].encode_utf16().count() })
}

/// The byte of a place.
pub fn byte(text: &str, place: &Value) -> usize {
    let line = place["line"].as_u64().unwrap() as usize;
    let mut at = lines(text)[line];
    let mut units = place["character"].as_u64().unwrap() as usize;
    for c in text[at..].chars().take_while(|c| !['\n', '\r'].contains(c)) {
        if units == 0 {
            break;
        }
        units -= c.len_utf16();
        at += c.len_utf8();
    }
    at
}

/// The text with changes of the protocol.
pub fn edited(text: &str, edits: &Value) -> String {
    let bytes = |edit: &Value| {
        let range = &edit["range"];
        (byte(text, &range["start"]), byte(text, &range["end"]))
    };
    let mut edits: Vec<&Value> = edits.as_array().unwrap().iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(bytes(edit)));
    let mut new = text.to_string();
    for edit in edits {
        let (start, end) = bytes(edit);
        new.replace_range(start..end, edit["newText"].as_str().unwrap());
    }
    new
}
