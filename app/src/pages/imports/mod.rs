//! Many people at once: a list is given, looked at, and brought in.

use domain::ImportId;

use crate::routes::Page;

pub mod api;
#[cfg(feature = "ssr")]
mod given;
pub mod list;
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
