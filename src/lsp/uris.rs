//! Names of documents. In: a URI of the protocol. Out: the path that it means, and back. A document that is no
//! file has its URI for a path, beside which nothing is found.

use lsp_types::Uri;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The path of a document.
pub fn path(uri: &Uri) -> PathBuf {
    let text = uri.as_str();
    let Some(rest) = text.strip_prefix("file://") else { return PathBuf::from(text) };
    // A host stands before the first slash; files of this machine have none, or `localhost`.
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let decoded = decode(rest);
    let is_drive = |path: &str| {
        let bytes = path.as_bytes();
        bytes.len() > 2 && bytes[1].is_ascii_alphabetic() && bytes[2] == b':'
    };
    match is_drive(&decoded) {
        true => PathBuf::from(&decoded[1..]),
        false => PathBuf::from(decoded),
    }
}

/// The document of a path.
pub fn uri(path: &Path) -> Option<Uri> {
    let shown = path.to_str()?;
    if !path.is_absolute() {
        return Uri::from_str(shown).ok();
    }
    let shown = shown.replace('\\', "/");
    let slash = if shown.starts_with('/') { "" } else { "/" };
    Uri::from_str(&format!("file://{slash}{}", encode(&shown))).ok()
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let code = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~:".contains(&byte);
    let one = |byte: u8| match plain(byte) {
        true => (byte as char).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_uris_are_inverse() {
        for text in ["/a/b c.rl", "/a/\u{e4}\u{20ac}%20#?.rl", "/a+b/(x).rl"] {
            let uri = uri(Path::new(text)).unwrap();
            assert!(uri.as_str().is_ascii() && !uri.as_str().contains(' '), "{}", uri.as_str());
            assert_eq!(path(&uri), PathBuf::from(text));
        }
    }

    #[test]
    fn other_documents_have_a_path() {
        let of = |text: &str| path(&Uri::from_str(text).unwrap()).display().to_string();
        assert_eq!(of("file:///c%3A/models/vae.rl"), "c:/models/vae.rl");
        assert_eq!(of("file://localhost/a.rl"), "/a.rl");
        assert_eq!(of("untitled:Untitled-1"), "untitled:Untitled-1");
    }
}
