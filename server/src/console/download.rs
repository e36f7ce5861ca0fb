//! Files that are made while they are sent.

use std::{fmt::Display, io, time::Duration};

use app::ui::problem::sign_in_and_return;
use auth::{Caller, Denied};
use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use futures::{Stream, StreamExt as _};
use tokio::time::Instant;

use super::plain;

/// For how long a file is sent: whoever loses the right to it meanwhile reads on for no longer.
const LIMIT: Duration = Duration::from_mins(10);

/// Why there is no file.
#[derive(Debug)]
pub(super) enum Refused {
    /// There.
    SignIn(String),
    Because(StatusCode, String),
}

impl Refused {
    pub(super) fn because(status: StatusCode, why: impl Into<String>) -> Self {
        Self::Because(status, why.into())
    }
}

impl From<Denied> for Refused {
    fn from(_: Denied) -> Self {
        Self::because(StatusCode::FORBIDDEN, "Your role does not include this. Ask an administrator.")
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::SignIn(to) => Redirect::to(&to).into_response(),
            Self::Because(status, why) => plain::page(status, &why),
        }
    }
}

/// Whoever asks for it.
pub(super) fn caller(request: &Request<Body>) -> Result<&Caller, Refused> {
    let caller = request.extensions().get::<Caller>().filter(|caller| caller.is_somebody());
    caller.ok_or_else(|| {
        let page = request.uri().path_and_query().map_or("/", |page| page.as_str());
        Refused::SignIn(sign_in_and_return(page))
    })
}

pub(super) fn file<Error: Display + 'static>(
    media_type: &'static str,
    name: &str,
    pieces: impl Stream<Item = Result<Bytes, Error>> + Send + 'static,
) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(within(LIMIT, name.to_owned(), pieces))).into_response()
}

/// What cannot be sent to its end is broken off, so that it does not pass for whole.
fn within<Error: Display>(
    limit: Duration,
    name: String,
    pieces: impl Stream<Item = Result<Bytes, Error>>,
) -> impl Stream<Item = io::Result<Bytes>> {
    let deadline = Instant::now() + limit;
    pieces.map(move |piece| {
        let piece = piece.map_err(|error| error.to_string());
        let piece = piece.and_then(|piece| if Instant::now() < deadline { Ok(piece) } else { Err(too_long(limit)) });
        piece.map_err(|why| {
            tracing::error!(file = %name, error = %why, "A download was broken off.");
            io::Error::other(why)
        })
    })
}

fn too_long(limit: Duration) -> String {
    format!("it took longer than {} minutes", limit.as_secs() / 60)
}

#[cfg(test)]
mod tests {
    use futures::{TryStreamExt as _, stream};

    use super::*;

    async fn sent(limit: Duration, pieces: Vec<Result<&'static str, &'static str>>) -> io::Result<Vec<Bytes>> {
        let pieces = pieces.into_iter().map(|piece| piece.map(Bytes::from));
        within(limit, "x.csv".to_owned(), stream::iter(pieces)).try_collect().await
    }

    #[tokio::test]
    async fn a_file_that_ends_early_does_not_pass_for_whole() {
        assert_eq!(sent(LIMIT, vec![Ok("a"), Ok("b")]).await.unwrap(), ["a", "b"]);
        assert_eq!(sent(LIMIT, vec![Ok("a"), Err("no disk")]).await.unwrap_err().to_string(), "no disk");
        assert!(sent(Duration::ZERO, vec![Ok("a")]).await.is_err());
    }
}
