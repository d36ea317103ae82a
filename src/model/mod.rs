//! The typed model. In: syntax trees and settings. Out: [`ir::Model`] and every diagnostic that a
//! user can get about a model. Knows no devices and no files.

pub mod ir;
