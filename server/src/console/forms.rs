//! Forms that a browser posts by itself, without JavaScript.
//!
//! Server functions answer a JSON `Outcome` to everybody. Here it becomes what a browser understands: a 303 to the
//! next page with a one-shot message, or a 303 back to the form with what was typed and what was wrong.

use std::collections::BTreeMap;

use app::{
    error::ConsoleError,
    flash::{Flash, KeptForm, Refusal},
    outcome::{Outcome, is_local},
    routes::Page,
    ssr,
    ui::{
        form::{FORM, PAGE, SECRET},
        problem::sign_in_and_return,
    },
    wire,
};
use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::validation::FieldErrors;

use super::{Console, flash::SessionKey, upload};
use crate::http::refusal;

/// Bytes of a posted form.
pub const BODY_LIMIT: usize = 64 * 1024;
/// Bytes of a server function's answer that is turned into a redirect.
const ANSWER_LIMIT: usize = 256 * 1024;

/// Stands above a form that comes back after its person has signed in again.
const SIGNED_OUT: &str = "You were signed out before this was saved. Look it over, then save it again.";

/// Runs the server function of this request.
pub(super) async fn answer(console: &Console, request: Request<Body>) -> Response {
    let refusal = refusal::Refusal::to(&request);
    let (mut parts, body) = request.into_parts();
    let body = if upload::is_upload(&parts) {
        let Some(body) = upload::read(&mut parts, body).await else {
            return refusal.answer(StatusCode::BAD_REQUEST, "This form could not be read to its end.");
        };
        body
    } else {
        let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
            return refusal.answer(StatusCode::PAYLOAD_TOO_LARGE, "A form has at most 64 kB.");
        };
        body
    };
    if !is_browser_form(&parts) {
        return call(console, parts, body).await;
    }
    let posted = Posted::read(&parts, &body);
    // Leptos would turn a browser's post into a redirect of its own.
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    parts.headers.remove(header::REFERER);
    let session = parts.extensions.get::<SessionKey>().cloned();
    let answer = call(console, parts, body).await;
    redirect(console, session.as_ref(), posted, answer).await
}

async fn call(console: &Console, parts: Parts, body: Bytes) -> Response {
    let is_page = parts.headers.get(header::ACCEPT).is_some_and(|accepted| accepted == wire::ACCEPT);
    let answer = call_function(console, parts, body).await;
    if is_page { for_page(answer).await } else { answer }
}

/// What a function that changes something answers, and every error, is JSON at first: here it becomes what a page reads.
async fn for_page(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    if parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == wire::ACCEPT) {
        return Response::from_parts(parts, body);
    }
    let body = to_bytes(body, ANSWER_LIMIT).await.unwrap_or_default();
    let body = match read(parts.status, &body) {
        Ok(outcome) => wire::write(&outcome),
        Err(error) => wire::write(&error),
    };
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(wire::ACCEPT));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

/// Calls it, and gives an error the status that belongs to it.
async fn call_function(console: &Console, parts: Parts, body: Bytes) -> Response {
    let provide = console.provide.clone();
    let mut answer = ssr::call(Request::from_parts(parts, Body::from(body)), move || provide()).await;
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if answer.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, ANSWER_LIMIT).await.unwrap_or_default();
    if let Ok(error) = serde_json::from_slice::<ConsoleError>(&body) {
        parts.status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let ConsoleError::TooMany { seconds } = error {
            parts.headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
    Response::from_parts(parts, Body::from(body))
}

fn is_browser_form(parts: &Parts) -> bool {
    let says = |name, wanted: &str| {
        parts.headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(wanted))
    };
    parts.method == Method::POST
        && says(header::ACCEPT, "text/html")
        && says(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

/// What the answer needs to know of the form.
struct Posted {
    form: String,
    /// Where the form stands.
    page: String,
    /// Never a secret.
    typed: BTreeMap<String, String>,
}

impl Posted {
    fn read(parts: &Parts, body: &[u8]) -> Self {
        let mut fields: BTreeMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
        let form = fields.remove(FORM).unwrap_or_default();
        let page = fields
            .remove(PAGE)
            .filter(|page| is_local(page))
            .or_else(|| referring_path(&parts.headers))
            .unwrap_or_else(|| Page::Home.path());
        let secrets: Vec<String> =
            fields.keys().filter_map(|name| name.strip_prefix(SECRET)).map(str::to_owned).collect();
        fields.retain(|name, _| !name.starts_with(SECRET) && !secrets.contains(name));
        Self { form, page, typed: fields }
    }

    fn kept(self, refusal: Refusal) -> Flash {
        Flash { message: None, form: Some(KeptForm { id: self.form, typed: self.typed, refusal }) }
    }
}

fn referring_path(headers: &HeaderMap) -> Option<String> {
    let referer = url::Url::parse(headers.get(header::REFERER)?.to_str().ok()?).ok()?;
    let path = &referer[url::Position::BeforePath..url::Position::AfterQuery];
    is_local(path).then(|| path.to_owned())
}

async fn redirect(console: &Console, session: Option<&SessionKey>, posted: Posted, answer: Response) -> Response {
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, ANSWER_LIMIT).await.unwrap_or_default();
    let page = posted.page.clone();
    let (to, flash) = match read(parts.status, &body) {
        Ok(Outcome::Done { to, message }) if is_local(&to) => (to, Flash { message, form: None }),
        Ok(Outcome::Done { .. }) => (Page::Home.path(), Flash::default()),
        Ok(Outcome::Invalid(errors)) => (page, posted.kept(Refusal::Invalid(errors))),
        Err(ConsoleError::SignedOut) => {
            let kept = posted.kept(Refusal::Invalid(FieldErrors::of("", SIGNED_OUT)));
            return see_other(&sign_in_and_return(&page), console.flashes.keep_for_return(&page, kept));
        }
        Err(error) => (page, posted.kept(Refusal::Failed(error))),
    };
    // A sign-in sets its session's cookie, and the session before has ended: nothing can wait there.
    let session = session.filter(|_| !parts.headers.contains_key(header::SET_COOKIE));
    let cookie = console.flashes.keep(session, &to, flash).await;
    see_other(&to, parts.headers.get_all(header::SET_COOKIE).iter().cloned().chain(cookie))
}

fn see_other(to: &str, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/console")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

fn read(status: StatusCode, body: &[u8]) -> Result<Outcome, ConsoleError> {
    if status.is_success() {
        serde_json::from_slice(body).map_err(|_| ConsoleError::Unexpected)
    } else {
        Err(serde_json::from_slice(body).unwrap_or(ConsoleError::Unexpected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(body: &str) -> Posted {
        let request = Request::post("/console/-/connections/create")
            .header(header::REFERER, "http://localhost:8080/console/connections?search=a#top")
            .body(())
            .unwrap();
        Posted::read(&request.into_parts().0, body.as_bytes())
    }

    #[test]
    fn what_was_typed_is_kept_and_secrets_are_not() {
        let body = "_form=new&_page=%2Fconsole%2Fnew&name=Acme&_secret.properties%5Bt%5D=&properties%5Bt%5D=s3cret";
        let posted = posted(body);
        assert_eq!(posted.form, "new");
        assert_eq!(posted.page, "/console/new");
        assert_eq!(posted.typed, BTreeMap::from([("name".to_owned(), "Acme".to_owned())]));
    }

    #[test]
    fn the_way_back_never_leads_elsewhere() {
        for foreign in
            ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "%2Fa%0D%0AX%3A1", "x"]
        {
            assert_eq!(posted(&format!("_page={foreign}")).page, "/console/connections?search=a", "{foreign}");
        }
    }

    #[test]
    fn what_is_no_answer_of_ours_is_an_error() {
        assert_eq!(read(StatusCode::OK, b"<html>"), Err(ConsoleError::Unexpected));
        assert_eq!(read(StatusCode::FORBIDDEN, b"no"), Err(ConsoleError::Unexpected));
        let signed_out = serde_json::to_vec(&ConsoleError::SignedOut).unwrap();
        assert_eq!(read(StatusCode::UNAUTHORIZED, &signed_out), Err(ConsoleError::SignedOut));
    }
}
