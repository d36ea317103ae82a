//! The thread on which texts are read, so that the loop answers meanwhile. In: one job at a time. Out: what was
//! found. A mistake of ours ends the job and not the server.

use super::analysis::Analysis;
use super::rename::{self, Places};
use crate::driver::{Counted, Texts};
use crossbeam_channel::{Receiver, Sender, unbounded};
use lsp_server::RequestId;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

/// Room for walks over the deepest tree.
const STACK: usize = 64 << 20;

/// What is to be done.
pub enum Job {
    /// A text is read.
    Read { uri: String, path: PathBuf, revision: u64, texts: Texts },
    /// The places of a name are looked for.
    Rename { id: RequestId, path: PathBuf, at: usize, name: String, texts: Texts },
    /// Data may have changed.
    Forget,
}

/// What was found.
pub enum Done {
    /// A text was read.
    Read { uri: String, analysis: Arc<Analysis> },
    /// The places of a name, or why it stays.
    Renamed { id: RequestId, places: Result<(Places, String), String> },
    /// A text could not be read, through a mistake of ours.
    Failed { uri: Option<String>, id: Option<RequestId> },
}

/// Starts the thread. It ends when nobody can send jobs any more.
pub fn start() -> std::io::Result<(Sender<Job>, Receiver<Done>)> {
    let (jobs, todo) = unbounded::<Job>();
    let (done, found) = unbounded();
    let work = move || {
        // Asked for first when somebody types; it takes a moment.
        super::library::named("");
        let mut counted = Counted::default();
        for job in todo {
            let result = run(job, &mut counted);
            if result.is_some_and(|result| done.send(result).is_err()) {
                return;
            }
        }
    };
    std::thread::Builder::new().name("reader".into()).stack_size(STACK).spawn(work)?;
    Ok((jobs, found))
}

fn run(job: Job, counted: &mut Counted) -> Option<Done> {
    let (uri, id) = match &job {
        Job::Read { uri, .. } => (Some(uri.clone()), None),
        Job::Rename { id, .. } => (None, Some(id.clone())),
        Job::Forget => (None, None),
    };
    let result = catch_unwind(AssertUnwindSafe(|| match job {
        Job::Read { uri, path, revision, texts } => {
            let analysis = Arc::new(Analysis::of(&path, revision, &texts, counted));
            Some(Done::Read { uri, analysis })
        }
        Job::Rename { id, path, at, name, texts } => {
            let asked = rename::Asked { path: &path, at, name: &name, texts: &texts };
            let places = rename::rename(&asked, counted);
            Some(Done::Renamed { id, places: places.map(|places| (places, name)) })
        }
        Job::Forget => {
            counted.clear();
            None
        }
    }));
    result.unwrap_or(Some(Done::Failed { uri, id }))
}
