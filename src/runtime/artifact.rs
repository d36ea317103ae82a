//! The artifact `FILE.rlx`. In: a job and its plans. Out: bytes; and back. A file from anywhere
//! may be read: length, checksum and the job's own consistency are checked before it is used.
//!
//! Layout: `RLX` and a zero byte, version (u32), length of the body (u64), SHA-256 of the body,
//! body: a JSON object with `job` and `plans`. Numbers are little-endian.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::job::Job;
use super::trust;
use crate::base::{Diagnostic, codes};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 4] = b"RLX\0";
/// Version of the format; a reader refuses newer ones.
const VERSION: u32 = 1;
const HEAD: usize = 4 + 4 + 8 + 32;
/// A longer file is not read.
pub const MOST_BYTES: u64 = 1 << 28;

#[derive(Serialize)]
struct BodyRef<'a, P> {
    job: &'a Job,
    plans: &'a [P],
}

#[derive(Deserialize)]
struct Body<P> {
    job: Job,
    plans: Vec<P>,
}

/// Whether a file opens like an artifact.
pub fn is_artifact(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The bytes of an artifact.
pub fn write<P: Serialize>(job: &Job, plans: &[P]) -> Result<Vec<u8>, String> {
    let body = serde_json::to_vec(&BodyRef { job, plans }).map_err(|why| why.to_string())?;
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend((body.len() as u64).to_le_bytes());
    bytes.extend(Sha256::digest(&body));
    bytes.extend(body);
    Ok(bytes)
}

/// Job and plans of an artifact. `path` is for messages.
pub fn read<P: DeserializeOwned>(bytes: &[u8], path: &str) -> Result<(Job, Vec<P>), Diagnostic> {
    let not = || Diagnostic::new(codes::RL3020, format!("`{path}` is not an artifact"));
    let damaged = |why: &str| Diagnostic::new(codes::RL3021, format!("`{path}` is damaged: {why}"));
    if !is_artifact(bytes) {
        return Err(not().help("compile a model: `rlc compile FILE.rl`"));
    }
    let (head, body) = bytes.split_at_checked(HEAD).ok_or_else(|| damaged("it is cut off"))?;
    let version = head.get(4..8).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
    if version != VERSION {
        let text = format!("`{path}` has version {version}, this rlc reads version {VERSION}");
        return Err(Diagnostic::new(codes::RL3009, text).help("compile the model again"));
    }
    let length = head.get(8..16).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
    if length != body.len() as u64 {
        let text = format!("its body has {} bytes, the header says {length}", body.len());
        return Err(damaged(&text));
    }
    if head.get(16..) != Some(Sha256::digest(body).as_slice()) {
        return Err(damaged("its checksum does not match"));
    }
    let Body { job, plans } =
        serde_json::from_slice::<Body<P>>(body).map_err(|why| damaged(&why.to_string()))?;
    trust::job(&job, plans.len()).map_err(|why| damaged(&why))?;
    Ok((job, plans))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::damage::{cuts, flips};
    use crate::translate::program::SEED;

    fn job() -> Job {
        Job {
            name: "m".into(),
            source: "abc".into(),
            settings: Vec::new(),
            data: Vec::new(),
            slots: Vec::new(),
            init_inputs: vec![SEED.into()],
            phases: Vec::new(),
            encoders: Vec::new(),
            rests: Vec::new(),
        }
    }

    #[test]
    fn round_trip() {
        let bytes = write(&job(), &[1.5f32]).unwrap();
        let (back, plans) = read::<f32>(&bytes, "m.rlx").unwrap();
        assert_eq!((back.name.as_str(), plans), ("m", vec![1.5]));
        assert_eq!(bytes, write(&job(), &[1.5f32]).unwrap());
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_seen() {
        let bytes = write(&job(), &[1.5f32]).unwrap();
        for cut in cuts(&bytes) {
            assert!(read::<f32>(cut, "m").is_err(), "{}", cut.len());
        }
        for (at, changed) in flips(&bytes) {
            assert!(read::<f32>(&changed, "m").is_err(), "{at}");
        }
    }

    #[test]
    fn a_job_that_contradicts_itself_is_refused() {
        let bytes = write(&job(), &[1.0f32, 2.0]).unwrap();
        assert_eq!(read::<f32>(&bytes, "m").unwrap_err().code, codes::RL3021);
    }
}
