//! What an answer means, in terms of what comes next.

use std::{fmt, time::Duration};

use domain::Timestamp;
use egress::Response;
use http::{HeaderMap, StatusCode, header};
use scim::client;
use serde_json::Value;
use time::{PrimitiveDateTime, format_description::FormatItem, macros::format_description};

use super::scrub::Scrubber;
use crate::Failure;

/// An answer, whatever its status, with what it said in words that may be shown.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// None when it is empty, or is not JSON.
    pub(super) json: Option<Value>,
    is_page: bool,
    is_empty: bool,
    said: String,
    /// Why the target refuses, in SCIM's own words (RFC 7644 table 9).
    pub(super) scim_type: Option<String>,
    retry_after: Option<Duration>,
}

/// Its `Debug` does not show the body: it may hold secrets.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.said)
    }
}

impl Answer {
    pub(super) fn new(response: Response, scrub: &Scrubber, now: Timestamp) -> Self {
        let document = client::document(&response.body);
        // Scrubbed before it is shortened: half a secret would not be recognised.
        let client::Failure { detail, scim_type } = client::Failure::read(scrub.body(&response.body).as_bytes());
        let reason = || response.status.canonical_reason().unwrap_or_default().to_owned();
        Self {
            status: response.status,
            is_page: document.is_err() && is_page(&response),
            is_empty: document == Ok(None),
            json: document.ok().flatten(),
            said: if detail.is_empty() { reason() } else { detail },
            scim_type,
            retry_after: retry_after(&response.headers, now),
            headers: response.headers,
        }
    }

    /// `400 no licence left`.
    pub(super) fn words(&self) -> String {
        format!("{} {}", self.status.as_u16(), self.said).trim_end().to_owned()
    }

    pub(super) fn is_success(&self) -> bool {
        self.status.is_success() && !self.is_page
    }

    /// Passes a success on; anything else becomes the failure that every kind of call shares.
    pub(super) fn into_success(self) -> Result<Self, Failure> {
        if self.is_success() { Ok(self) } else { Err(self.failure()) }
    }

    /// The document of a successful answer that must have one.
    pub(super) fn into_document(self) -> Result<Value, Failure> {
        let answer = self.into_success()?;
        let status = Some(answer.status.as_u16());
        match answer.json {
            Some(document) => Ok(document),
            None if answer.is_empty => Err(Failure::Misconfigured {
                text: format!(
                    "answered {} with nothing, where SCIM answers with JSON: check the address",
                    answer.status.as_u16()
                ),
                status,
            }),
            None => Err(Failure::Faulty {
                text: "answered with something that is not JSON".to_owned(),
                status,
                retry_after: None,
            }),
        }
    }

    /// What this answer means where no kind of call says otherwise. Meant for what is not a success.
    pub(super) fn failure(&self) -> Failure {
        let words = self.words();
        let status = self.status.as_u16();
        let retry_after = self.retry_after;
        match status {
            200..=299 => Failure::Misconfigured {
                text: "answered with a web page instead of SCIM: check the address".to_owned(),
                status: Some(status),
            },
            300..=399 => Failure::Misconfigured { text: self.redirect(), status: Some(status) },
            401 => Failure::Unauthorised { text: format!("did not accept the credentials: {words}") },
            403 => Failure::Forbidden { text: format!("not permitted: {words}") },
            404 | 410 => Failure::Missing { text: format!("has no such account: {words}") },
            406 | 407 | 415 => Failure::Misconfigured {
                text: format!("does not take SCIM at this address: {words}"),
                status: Some(status),
            },
            408 | 412 | 425 => Failure::Faulty { text: format!("failed: {words}"), status: Some(status), retry_after },
            429 => Failure::Throttled { text: format!("asks to slow down: {words}"), status, retry_after },
            503 if retry_after.is_some() => {
                Failure::Throttled { text: format!("asks to wait: {words}"), status, retry_after }
            }
            400..=499 => Failure::Refused { text: format!("refused: {words}"), status },
            _ => Failure::Faulty { text: format!("failed: {words}"), status: Some(status), retry_after },
        }
    }

    /// Names the address without its query, which may hold what is nobody's business.
    fn redirect(&self) -> String {
        let status = self.status.as_u16();
        let location = self.headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
        match location.and_then(|location| location.split(['?', '#']).next()).filter(|location| !location.is_empty()) {
            Some(location) => {
                format!("answered with a redirect ({status}) to {location}: enter the address that answers itself")
            }
            None => format!("answered with a redirect ({status}): enter the address that answers itself"),
        }
    }
}

fn is_page(response: &Response) -> bool {
    let declared = response.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    declared.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"))
        || response.body.trim_ascii_start().starts_with(b"<")
}

/// Seconds, or a date (RFC 9110 section 10.2.3). The caller bounds it.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    const HTTP_DATE: &[FormatItem<'_>] =
        format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = PrimitiveDateTime::parse(value, HTTP_DATE).ok()?.assume_utc().unix_timestamp();
    Some(Timestamp::from_micros(at.checked_mul(1_000_000)?).since(now))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use testkit::HandClock;

    use super::*;

    fn answer(status: u16, headers: &[(HeaderName, &str)], body: &str) -> Answer {
        let headers =
            headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect();
        let response =
            Response { status: StatusCode::from_u16(status).unwrap(), headers, body: body.to_owned().into() };
        Answer::new(response, &Scrubber::new(&["tok".into()]), HandClock::START)
    }

    fn failure(status: u16, body: &str) -> Failure {
        answer(status, &[], body).into_success().unwrap_err()
    }

    #[test]
    fn every_status_says_what_comes_next() {
        let kinds = [
            (400, "refused"),
            (401, "unauthorised"),
            (403, "forbidden"),
            (404, "missing"),
            (405, "refused"),
            (408, "faulty"),
            (409, "refused"),
            (410, "missing"),
            (412, "faulty"),
            (413, "refused"),
            (415, "misconfigured"),
            (422, "refused"),
            (429, "throttled"),
            (500, "faulty"),
            (501, "faulty"),
            (502, "faulty"),
            (503, "faulty"),
            (504, "faulty"),
            (302, "misconfigured"),
            (308, "misconfigured"),
        ];
        for (status, kind) in kinds {
            let failure = failure(status, "");
            assert_eq!(failure.kind(), kind, "{status}");
            assert_eq!(failure.status(), Some(if status == 410 { 404 } else { status }));
        }
    }

    #[test]
    fn the_text_is_what_the_target_said() {
        let said = failure(400, r#"{"detail": "no licence left for profile “Standard”", "status": "400"}"#);
        assert_eq!(said.to_string(), "refused: 400 no licence left for profile “Standard”");
        assert_eq!(failure(422, "").to_string(), "refused: 422 Unprocessable Entity");
        assert_eq!(failure(500, "<html><b>").to_string(), "failed: 500 Internal Server Error");
        assert_eq!(failure(400, "bad\n\ttok").to_string(), "refused: 400 bad [redacted]");
        let long = failure(400, &"ä".repeat(400)).to_string();
        assert_eq!(long.chars().count(), "refused: 400 ".len() + client::MAX_DETAIL);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn a_redirect_is_named_without_its_query() {
        let headers = [(header::LOCATION, "https://sso.example/login?state=abc")];
        let failure = answer(302, &headers, "").into_success().unwrap_err();
        assert_eq!(
            failure.to_string(),
            "answered with a redirect (302) to https://sso.example/login: enter the address that answers itself"
        );
    }

    #[test]
    fn a_web_page_is_not_a_success() {
        assert_eq!(answer(200, &[], "\n<!doctype html>").into_success().unwrap_err().kind(), "misconfigured");
        let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
        assert_eq!(answer(200, &html, "Hello").into_success().unwrap_err().kind(), "misconfigured");
        assert!(answer(204, &html, "").into_success().is_ok());
        assert!(answer(200, &html, r#"{"id": "1"}"#).into_success().is_ok());
    }

    #[test]
    fn a_document_that_must_be_there_is_missed() {
        assert_eq!(answer(200, &[], "").into_document().unwrap_err().kind(), "misconfigured");
        assert_eq!(answer(200, &[], "{\"id\": ").into_document().unwrap_err().kind(), "faulty");
        assert_eq!(answer(200, &[], "{\"id\": 7}").into_document().unwrap()["id"], 7);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let after = |status, value| match answer(status, &[(header::RETRY_AFTER, value)], "").failure() {
            Failure::Throttled { retry_after, .. } => retry_after,
            other => panic!("{other:?}"),
        };
        assert_eq!(after(429, "120"), Some(Duration::from_mins(2)));
        assert_eq!(after(503, "Thu, 12 Mar 2026 09:01:30 GMT"), Some(Duration::from_secs(90)));
        assert_eq!(after(503, "Thu, 12 Mar 2026 08:00:00 GMT"), Some(Duration::ZERO), "a date that has passed");
        assert_eq!(after(429, "soon"), None);
    }
}
