//! One request and its answer, both held whole.

use std::{fmt, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{self, InvalidHeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::Url;

use crate::trouble::{Call, Trouble};

/// What is sent. Its `Debug` shows neither headers nor body: they hold secrets.
#[derive(Clone)]
pub struct Request {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<Bytes>,
    /// From the call until the last byte of the answer; [`crate::Policy::total_timeout`] if none.
    pub timeout: Option<Duration>,
}

impl Request {
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: None, timeout: None }
    }

    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Fails if the secret holds what a header cannot carry, such as a line break.
    pub fn secret_header(mut self, name: HeaderName, value: &SecretString) -> Result<Self, InvalidHeaderValue> {
        let mut value = HeaderValue::from_str(value.expose_secret())?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(self)
    }

    /// `Authorization: Bearer …` (RFC 6750). Fails as [`Self::secret_header`] does.
    pub fn bearer(self, token: &SecretString) -> Result<Self, InvalidHeaderValue> {
        let value = SecretString::from(format!("Bearer {}", token.expose_secret()));
        self.secret_header(header::AUTHORIZATION, &value)
    }

    #[must_use]
    pub fn body(mut self, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self.header(header::CONTENT_TYPE, content_type)
    }

    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

/// What came back, whatever its status. Its `Debug` does not show the body: it may hold secrets.
#[derive(Clone)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Response {
    pub fn json<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.body)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} bytes", self.status, self.body.len())
    }
}

/// Reads piece by piece, so that an endless answer costs no more memory than the limit.
pub(crate) async fn read(mut answer: reqwest::Response, limit: usize, call: &Call) -> Result<Response, Trouble> {
    let too_large = || Trouble::TooLarge { host: call.host.clone(), limit };
    if answer.content_length().is_some_and(|announced| announced > limit as u64) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while let Some(piece) = answer.chunk().await.map_err(|error| call.trouble(&error))? {
        if body.len() + piece.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&piece);
    }
    let headers = std::mem::take(answer.headers_mut());
    Ok(Response { status: answer.status(), headers, body: body.freeze() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_show_when_a_request_is_printed() {
        let request = Request::new(Method::POST, Url::parse("https://acme.example/Users").unwrap())
            .bearer(&SecretString::from("s3cret"))
            .unwrap()
            .body(HeaderValue::from_static("application/json"), r#"{"password":"s3cret"}"#);
        assert_eq!(format!("{request:?}"), "POST https://acme.example/Users");
        assert!(!format!("{:?}", request.headers).contains("s3cret"));
    }

    #[test]
    fn a_secret_that_breaks_the_header_is_an_error() {
        let request = Request::new(Method::GET, Url::parse("https://acme.example/").unwrap());
        assert!(request.bearer(&SecretString::from("one\r\nHost: other")).is_err());
    }
}
