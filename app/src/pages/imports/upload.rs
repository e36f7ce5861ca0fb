//! The file of a form, which comes beside its fields.

use std::sync::Arc;

use leptos::server_fn::ServerFn;

use super::api::ReadList;

/// The one form that takes a file is posted here.
pub const PATH: &str = ReadList::PATH;

/// What a multipart form held beside its fields; the server puts it among the request's extensions.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    pub file: Option<File>,
    /// The fields were larger than a form may be, and are not there.
    pub fields_too_large: bool,
}

#[derive(Clone, Debug)]
pub struct File {
    /// As the browser calls it; anybody may call it anything.
    pub name: String,
    /// `None` where it is larger than a list may be.
    pub bytes: Option<Arc<[u8]>>,
}
