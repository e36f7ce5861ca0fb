//! Calls to a provider: through the guard, with a limit of time, and read as JSON.

use std::{pin::Pin, time::Duration};

use egress::{Egress, Request};
use http::{HeaderValue, Method, header};
use oauth2::AsyncHttpClient;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::problem::{Part, Problem, shown};

/// Somebody waits in front of a browser.
const LIMIT: Duration = Duration::from_secs(10);
const JSON: HeaderValue = HeaderValue::from_static("application/json");

#[derive(Debug)]
pub(super) struct Calls {
    egress: Egress,
    limit: Duration,
}

impl Calls {
    pub(super) fn new(egress: Egress) -> Self {
        Self { egress, limit: LIMIT }
    }

    pub(super) fn with_limit(egress: Egress, limit: Duration) -> Self {
        Self { egress, limit }
    }

    /// Gets a document, as whoever holds the access token where there is one.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        part: Part,
        url: &Url,
        access_token: Option<&SecretString>,
    ) -> Result<T, Problem> {
        let mut request = Request::new(Method::GET, url.clone()).header(header::ACCEPT, JSON);
        if let Some(token) = access_token {
            let unusable =
                |_| Problem::Unreadable { part: Part::Token, why: "the access token is no token".to_owned() };
            request = request.bearer(token).map_err(unusable)?;
        }
        let answer = self
            .egress
            .send(request.timeout(self.limit))
            .await
            .map_err(|trouble| Problem::Unreachable { part, trouble })?;
        if !answer.status.is_success() {
            return Err(Problem::Status { part, status: answer.status.as_u16(), said: error_in(&answer.body) });
        }
        answer.json().map_err(|error| Problem::Unreadable { part, why: shown(&error.to_string()) })
    }

    /// Sends what the library wrote for the token endpoint. Errors that it can read pass; a failing server is told
    /// apart.
    async fn post(&self, request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse, Problem> {
        let part = Part::Token;
        let (head, body) = request.into_parts();
        let url =
            Url::parse(&head.uri.to_string()).map_err(|error| Problem::Settings(format!("token endpoint: {error}")))?;
        let mut sent = Request::new(head.method, url).timeout(self.limit);
        sent.headers = head.headers;
        sent.body = Some(body.into());
        let answer = self.egress.send(sent).await.map_err(|trouble| Problem::Unreachable { part, trouble })?;
        let said = error_in(&answer.body);
        if !answer.status.is_success() && said.is_empty() || answer.status.is_server_error() {
            return Err(Problem::Status { part, status: answer.status.as_u16(), said });
        }
        let mut response = oauth2::HttpResponse::new(answer.body.to_vec());
        *response.status_mut() = answer.status;
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Calls {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<oauth2::HttpResponse, Problem>> + Send + 'c>>;

    fn call(&'c self, request: oauth2::HttpRequest) -> Self::Future {
        Box::pin(self.post(request))
    }
}

/// `error` of RFC 6749 section 5.2, where the body has one.
fn error_in(body: &[u8]) -> String {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    json.as_ref().and_then(|json| json.get("error")?.as_str()).map(shown).unwrap_or_default()
}
