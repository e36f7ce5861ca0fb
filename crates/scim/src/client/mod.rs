//! The client's side: reading what servers really answer, and wording changes for them.
//!
//! Reading is liberal, since servers leave out `meta` or `schemas`, send numbers as strings and errors as HTML pages.
//! Writing is strict: lower-case operations, real booleans, one operation for each attribute.

mod answer;
mod change;
mod failure;

pub use answer::{AnswerError, Remote, RemoteList, document};
pub use change::{diff, diff_pathless, merge_for_put, patch_body};
pub use failure::{Failure, MAX_DETAIL};
