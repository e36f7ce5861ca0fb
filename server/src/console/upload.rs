//! The one form that brings a file along: it is taken out of its multipart body, and the fields go on as every form's do.

use std::sync::Arc;

use app::pages::imports::upload::{File, PATH, Upload};
use auth::Caller;
use axum::{
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, FromRequest, Multipart, multipart::Field},
    http::{HeaderValue, Method, Request, header, request::Parts},
};
use domain::{limits, permission::Permission};
use futures::StreamExt as _;
use url::form_urlencoded::Serializer;

use super::forms::BODY_LIMIT;

/// Bytes that are read, and not kept, of what is too large or not allowed: a browser shows an answer only once it has
/// sent its body.
const DRAINED: usize = 64 * 1024 * 1024;
/// Fields of a form.
const FIELDS: usize = 50;

const URL_ENCODED: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

pub(super) fn is_upload(parts: &Parts) -> bool {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    parts.method == Method::POST && parts.uri.path() == PATH && kind.starts_with("multipart/form-data")
}

/// Turns the request into one with url-encoded fields; its file goes among the extensions. Of whoever may not upload
/// nothing is kept, and the server function says so. `None` where the body is not what its header says.
pub(super) async fn read(parts: &mut Parts, body: Body) -> Option<Bytes> {
    let allowed = parts.extensions.get::<Caller>().is_some_and(|caller| caller.may(Permission::UsersWrite));
    let mut request = Request::from_parts(parts.clone(), body);
    parts.headers.insert(header::CONTENT_TYPE, URL_ENCODED);
    parts.headers.remove(header::CONTENT_LENGTH);
    if !allowed {
        drain(request.into_body()).await;
        return Some(Bytes::new());
    }
    DefaultBodyLimit::max(DRAINED).apply(&mut request);
    let mut multipart = Multipart::from_request(request, &()).await.ok()?;
    let mut upload = Upload::default();
    let (mut fields, mut left) = (Vec::new(), BODY_LIMIT);
    for _ in 0..FIELDS {
        let Some(field) = multipart.next_field().await.ok()? else { break };
        let name = field.name().unwrap_or_default().to_owned();
        if let Some(file) = field.file_name().map(str::to_owned) {
            let bytes = bytes(field, limits::IMPORT_FILE).await?;
            // A browser sends an empty one where none was chosen.
            if !file.is_empty() {
                upload.file = Some(File { name: file, bytes: bytes.map(Arc::from) });
            }
            continue;
        }
        match bytes(field, left).await? {
            Some(value) => {
                left -= value.len();
                fields.push((name, String::from_utf8_lossy(&value).into_owned()));
            }
            None => upload.fields_too_large = true,
        }
    }
    parts.extensions.insert(upload);
    Some(Serializer::new(String::new()).extend_pairs(fields).finish().into())
}

/// The whole of a part, or none where it is larger; it is read to its end all the same.
async fn bytes(mut field: Field<'_>, limit: usize) -> Option<Option<Vec<u8>>> {
    let mut bytes = Some(Vec::new());
    while let Some(chunk) = field.chunk().await.ok()? {
        bytes = bytes.filter(|bytes| bytes.len() + chunk.len() <= limit);
        if let Some(bytes) = &mut bytes {
            bytes.extend_from_slice(&chunk);
        }
    }
    Some(bytes)
}

async fn drain(body: Body) {
    let (mut stream, mut seen) = (body.into_data_stream(), 0);
    while let Some(Ok(chunk)) = stream.next().await {
        seen += chunk.len();
        if seen > DRAINED {
            return;
        }
    }
}
