//! Calls to one target: signed in, recorded, and with no secret in the record.

use domain::attempt::BODY_CAP;
use egress::{Request, Response, Trouble};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::{
    answer::Answer,
    scrub::Scrubber,
    settings::{Authentication, Settings},
    tokens::Tokens,
};
use crate::{Call, Exchange, Failure};

const ACCEPT: HeaderValue = HeaderValue::from_static("application/scim+json, application/json");
const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json");

/// A target, ready to be called for one attempt.
pub(super) struct Wire<'a> {
    pub(super) call: &'a Call<'a>,
    pub(super) settings: Settings,
    tokens: &'a Tokens,
    /// The user's own password, if this attempt carries one.
    password: Option<SecretString>,
}

impl<'a> Wire<'a> {
    pub(super) fn open(
        call: &'a Call<'a>,
        tokens: &'a Tokens,
        password: Option<&SecretString>,
    ) -> Result<Self, Failure> {
        let settings = Settings::read(call.target, call.egress)?;
        Ok(Self { call, settings, tokens, password: password.cloned() })
    }

    /// The answer, whatever its status. Once more with a fresh access token if the one at hand was not accepted:
    /// whoever answers 401 has not acted.
    pub(super) async fn send(&self, method: Method, url: Url, body: Option<&Value>) -> Result<Answer, Failure> {
        let body = body.map(Value::to_string);
        match &self.settings.authentication {
            Authentication::None => self.exchange(method, url, body, None).await,
            Authentication::Header(name, value) => self.exchange(method, url, body, Some((name.clone(), value))).await,
            Authentication::Token(credentials) => {
                let token = self.tokens.get(self.call, credentials).await?;
                let answer = self.exchange_with_token(method.clone(), url.clone(), body.clone(), &token).await?;
                if answer.status != StatusCode::UNAUTHORIZED {
                    return Ok(answer);
                }
                self.tokens.forget(self.call, credentials, &token).await;
                let fresh = self.tokens.get(self.call, credentials).await?;
                self.exchange_with_token(method, url, body, &fresh).await
            }
        }
    }

    /// Gets the access token, where the target wants one, without calling the target.
    pub(super) async fn sign_in(&self) -> Result<(), Failure> {
        match &self.settings.authentication {
            Authentication::Token(credentials) => self.tokens.get(self.call, credentials).await.map(drop),
            Authentication::None | Authentication::Header(..) => Ok(()),
        }
    }

    async fn exchange_with_token(
        &self,
        method: Method,
        url: Url,
        body: Option<String>,
        token: &SecretString,
    ) -> Result<Answer, Failure> {
        let value = SecretString::from(format!("Bearer {}", token.expose_secret()));
        self.exchange(method, url, body, Some((header::AUTHORIZATION, &value))).await
    }

    async fn exchange(
        &self,
        method: Method,
        url: Url,
        body: Option<String>,
        credential: Option<(HeaderName, &SecretString)>,
    ) -> Result<Answer, Failure> {
        let scrub = self.scrubber(credential.as_ref().map(|(_, value)| *value));
        let mut shown = format!("{method} {}", scrub.text(url.as_str()));
        let mut request = Request::new(method, url).header(header::ACCEPT, ACCEPT);
        if let Some((name, value)) = credential {
            request = request.secret_header(name, value).map_err(|_| {
                Failure::misconfigured(
                    "A credential holds characters that an HTTP header cannot carry. Enter it again.",
                )
            })?;
        }
        if let Some(body) = body {
            shown = format!("{shown}\nContent-Type: application/scim+json\n\n{}", scrub.body(body.as_bytes()));
            request = request.body(SCIM_JSON, body);
        }
        let started = self.call.clock.now();
        let outcome = self.call.egress.send(request).await;
        let now = self.call.clock.now();
        let (response, status) = match &outcome {
            Ok(response) => (transcript(response, &scrub), Some(response.status.as_u16())),
            Err(trouble) => (trouble.to_string(), None),
        };
        self.call.record(Exchange {
            request: capped(shown),
            response: capped(response),
            status,
            duration: now.since(started),
        });
        match outcome {
            Ok(response) => Ok(Answer::new(response, &scrub, now)),
            Err(trouble) => Err(unanswered(&trouble)),
        }
    }

    fn scrubber(&self, credential: Option<&SecretString>) -> Scrubber {
        let mut scrub = Scrubber::new(self.call.target.secrets.0.values().chain(&self.password));
        if let Some(credential) = credential {
            // `Basic …` and `Bearer …`: the credential may come back without the scheme.
            let credential = credential.expose_secret();
            scrub.add(credential.split_once(' ').map_or(credential, |(_, credential)| credential));
        }
        scrub
    }
}

/// What it means that there is no answer.
pub(super) fn unanswered(trouble: &Trouble) -> Failure {
    let text = trouble.to_string();
    match trouble {
        Trouble::Blocked(_) => Failure::misconfigured(text),
        trouble if trouble.unreachable() => Failure::Down { text },
        _ => Failure::Faulty { text, status: None, retry_after: None },
    }
}

/// Status line, the headers that help to understand it, body.
fn transcript(response: &Response, scrub: &Scrubber) -> String {
    let shown = |name: &HeaderName| Some(format!("{name}: {}", scrub.text(response.headers.get(name)?.to_str().ok()?)));
    let headers = [header::CONTENT_TYPE, header::LOCATION, header::RETRY_AFTER];
    let mut lines = vec![response.status.to_string()];
    lines.extend(headers.iter().filter_map(shown));
    if !response.body.is_empty() {
        lines.extend([String::new(), scrub.body(&response.body)]);
    }
    lines.join("\n")
}

/// At most [`BODY_CAP`] bytes; says so where something was cut off.
pub(super) fn capped(mut text: String) -> String {
    const CUT: &str = "\n[cut off here]";
    if text.len() > BODY_CAP {
        text.truncate(text.floor_char_boundary(BODY_CAP - CUT.len()));
        text.push_str(CUT);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let kept = capped("ä".repeat(BODY_CAP));
        assert!(kept.len() <= BODY_CAP && kept.ends_with("ä\n[cut off here]"));
        assert_eq!(capped("short".to_owned()), "short");
    }
}
