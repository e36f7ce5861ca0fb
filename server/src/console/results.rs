//! What became of each line of an import, as a file.

use auth::{Authorised, grants::UsersWrite};
use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{Request, StatusCode},
    response::Response,
};
use directory::{
    Directory, Error,
    imports::{Import, result::written},
};
use domain::ImportId;
use futures::stream;

use super::{
    Console,
    download::{self, Refused},
};

/// Lines read at once; no more of a result is in memory.
const PAGE: i64 = 500;

pub(super) async fn download(
    State(console): State<Console>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Result<Response, Refused> {
    let who = download::caller(&request)?.authorise()?;
    let import = find(&console.directory, &who, &id).await.map_err(|error| refused(&error))?;
    let name = format!("import-{}.csv", import.id);
    let directory = console.directory;
    let pages = stream::try_unfold(Some(0), move |after| {
        let (directory, who, import) = (directory.clone(), who.clone(), import.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let lines = directory.import_lines(&who, import.id, None, after, PAGE).await?;
            let bytes = written(&import, &lines, after == 0);
            Ok::<_, Error>(Some((Bytes::from(bytes), lines.last().map(|last| last.number))))
        }
    });
    Ok(download::file("text/csv; charset=utf-8", &name, pages))
}

async fn find(directory: &Directory, who: &Authorised<UsersWrite>, id: &str) -> Result<Import, Error> {
    let id: ImportId = id.parse().map_err(|_| Error::NotFound("import"))?;
    directory.import(who, id).await
}

fn refused(error: &Error) -> Refused {
    if let Error::NotFound(_) = error {
        let why = "There is no such import. Its result is kept for 7 days after it ended, then it is erased.";
        return Refused::because(StatusCode::NOT_FOUND, why);
    }
    tracing::error!(error = %error, "The result of an import could not be read.");
    Refused::because(StatusCode::INTERNAL_SERVER_ERROR, "The result could not be read. Try again.")
}
