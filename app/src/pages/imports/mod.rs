//! Many people at once: a list is given, looked at, and brought in.
//!
//! One page shows all imports or one of them, by words that come from the server: the browser's half knows little of it.

use domain::ImportId;

use crate::routes::Page;

pub mod api;
#[cfg(feature = "ssr")]
mod given;
pub mod new;
pub mod show;
#[cfg(feature = "ssr")]
mod shown;
#[cfg(feature = "ssr")]
pub mod upload;
pub mod view;

/// What follows an import's address where its result is downloaded.
pub const RESULT: &str = "/result.csv";

/// Where the result of an import is downloaded.
pub fn result_of(id: ImportId) -> String {
    format!("{}{RESULT}", Page::Import(id).path())
}
