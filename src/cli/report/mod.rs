//! Reports to look at. In: run folders. Out: one page that loads nothing from elsewhere, of a run or of several side by
//! side. What a run says of itself beside its results stands in `about.json`; the page draws a document, and the
//! document follows from the files of a folder alone.

mod about;
mod curves;
mod document;
mod page;
mod samples;

pub use about::{ABOUT, About, status_of};
pub use document::{document, of_folder};
pub use page::html;
