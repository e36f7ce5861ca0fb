//! What became of each line of an import, as a file.

use app::pages::imports::RESULT;
use auth::{Authorised, Caller, Denied, grants::UsersWrite};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{Request, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use directory::{
    Directory, Error,
    imports::{Import, result::written},
};
use domain::ImportId;
use futures::stream;

use super::{plain, sign_in_first};

/// Lines read at once; no more of a result is in memory.
const PAGE: i64 = 500;

pub(super) fn router(directory: Directory) -> Router {
    Router::new().route(&format!("/console/users/imports/{{id}}{RESULT}"), get(download)).with_state(directory)
}

async fn download(State(directory): State<Directory>, Path(id): Path<String>, request: Request<Body>) -> Response {
    if let Some(to) = sign_in_first(&request) {
        return Redirect::to(&to).into_response();
    }
    let caller = request.extensions().get::<Caller>().cloned().unwrap_or_else(|| Caller::nobody(""));
    match find(&directory, &caller, &id).await {
        Ok((who, import)) => file(directory, who, import),
        Err(Error::Denied(Denied::Forbidden(_))) => {
            plain::page(StatusCode::FORBIDDEN, "Your role does not include this. Ask an administrator.")
        }
        Err(Error::NotFound(_)) => plain::page(
            StatusCode::NOT_FOUND,
            "There is no such import. Its result is kept for 7 days after it ended, then it is erased.",
        ),
        Err(error) => {
            tracing::error!(error = %error, "The result of an import could not be read.");
            plain::page(StatusCode::INTERNAL_SERVER_ERROR, "The result could not be read. Try again.")
        }
    }
}

async fn find(directory: &Directory, caller: &Caller, id: &str) -> Result<(Authorised<UsersWrite>, Import), Error> {
    let who = caller.authorise()?;
    let id: ImportId = id.parse().map_err(|_| Error::NotFound("import"))?;
    let import = directory.import(&who, id).await?;
    Ok((who, import))
}

fn file(directory: Directory, who: Authorised<UsersWrite>, import: Import) -> Response {
    let name = format!("attachment; filename=\"import-{}.csv\"", import.id);
    let pages = stream::try_unfold(Some(0), move |after| {
        let (directory, who, import) = (directory.clone(), who.clone(), import.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let lines = directory.import_lines(&who, import.id, None, after, PAGE).await?;
            let bytes = written(&import, &lines, after == 0);
            Ok::<_, Error>(Some((Bytes::from(bytes), lines.last().map(|last| last.number))))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(pages)).into_response()
}
