//! Signing in: what an application asks for, the page on which somebody says who they are, and the way back.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{MAX_SESSIONS, Session, Shared, World, tokens, view};
use crate::page;

/// Bytes of a state or a nonce.
const MAX_VALUE: usize = 2048;
/// Characters of a challenge by S256 (RFC 7636 section 4.2).
const CHALLENGE: usize = 43;

/// The parameters of a request (OpenID Connect Core 1.0 section 3.1.2.1).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Ask {
    pub(super) client_id: Option<String>,
    pub(super) redirect_uri: Option<String>,
    response_type: Option<String>,
    response_mode: Option<String>,
    scope: Option<String>,
    state: Option<String>,
    nonce: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    prompt: Option<String>,
    request: Option<String>,
    request_uri: Option<String>,
}

impl Ask {
    /// Names and values, for the form that says them again.
    pub(super) fn fields(&self) -> Vec<(&'static str, &str)> {
        [
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("response_type", &self.response_type),
            ("response_mode", &self.response_mode),
            ("scope", &self.scope),
            ("state", &self.state),
            ("nonce", &self.nonce),
            ("code_challenge", &self.code_challenge),
            ("code_challenge_method", &self.code_challenge_method),
            ("prompt", &self.prompt),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
        .collect()
    }

    fn scopes(&self) -> Vec<String> {
        self.scope.as_deref().unwrap_or_default().split_ascii_whitespace().map(str::to_owned).collect()
    }

    /// Where it may be answered; if not, why.
    fn target(&self, world: &World) -> Result<Url, &'static str> {
        let client = self.client_id.as_ref().and_then(|id| world.clients.get(id));
        let client = client.ok_or("No application of this id is known here.")?;
        let uri = self.redirect_uri.as_ref().filter(|uri| client.redirect_uris.contains(*uri));
        uri.and_then(|uri| Url::parse(uri).ok()).ok_or("The application does not have this redirect URI.")
    }

    /// What is wrong with it, in words of RFC 6749 section 4.1.2.1 and OpenID Connect Core 1.0 section 3.1.2.6.
    fn problem(&self) -> Option<&'static str> {
        let long = |value: &Option<String>| value.as_ref().is_some_and(|value| value.len() > MAX_VALUE);
        let challenge = match (&self.code_challenge, self.code_challenge_method.as_deref()) {
            (None, None) => true,
            (Some(challenge), Some("S256")) => challenge.len() == CHALLENGE,
            _ => false,
        };
        let query = self.response_mode.as_deref().is_none_or(|mode| mode == "query");
        if self.request.is_some() {
            Some("request_not_supported")
        } else if self.request_uri.is_some() {
            Some("request_uri_not_supported")
        } else if self.response_type.as_deref() != Some("code") {
            Some("unsupported_response_type")
        } else if !self.scopes().iter().any(|scope| scope == "openid") {
            Some("invalid_scope")
        } else if !challenge || !query || long(&self.state) || long(&self.nonce) || long(&self.scope) {
            Some("invalid_request")
        } else if self.prompt.as_deref() == Some("none") {
            Some("login_required")
        } else {
            None
        }
    }
}

type SharedState = State<Arc<Shared>>;

pub(super) async fn authorize(State(shared): SharedState, Query(ask): Query<Ask>) -> Response {
    let target = match ask.target(&shared.world()) {
        Ok(target) => target,
        Err(why) => return refused(&shared, why),
    };
    if let Some(error) = ask.problem() {
        return back(&shared, &ask, target, "error", error);
    }
    let page = view::SignIn::of(&shared, &ask).to_string();
    match page::policy_with_forms_to(&target.origin().ascii_serialization()) {
        Some(policy) => ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response(),
        None => Html(page).into_response(),
    }
}

#[derive(Deserialize)]
pub(super) struct Pressed {
    /// Nobody, where it was "Cancel".
    persona: Option<String>,
    #[serde(flatten)]
    ask: Ask,
}

/// Somebody said who they are.
pub(super) async fn sign_in(State(shared): SharedState, Form(Pressed { persona, ask }): Form<Pressed>) -> Response {
    let target = match ask.target(&shared.world()) {
        Ok(target) => target,
        Err(why) => return refused(&shared, why),
    };
    if let Some(error) = ask.problem() {
        return back(&shared, &ask, target, "error", error);
    }
    let Some(persona) = persona else { return back(&shared, &ask, target, "error", "access_denied") };
    let known = shared.world().personas.iter().any(|known| known.sub == persona);
    if !known {
        return refused(&shared, "There is nobody of this id.");
    }
    let code = begin(&shared, &ask, persona);
    back(&shared, &ask, target, "code", &code)
}

/// A session, of which the application learns with this code.
fn begin(shared: &Shared, ask: &Ask, sub: String) -> String {
    let code = tokens::random(&*shared.dice);
    let session = Session {
        sid: tokens::random(&*shared.dice),
        sub,
        client_id: ask.client_id.clone().unwrap_or_default(),
        redirect_uri: ask.redirect_uri.clone().unwrap_or_default(),
        scopes: ask.scopes(),
        nonce: ask.nonce.clone(),
        challenge: ask.code_challenge.clone(),
        started: shared.clock.now(),
        code: code.clone(),
        access_token: None,
        id_token: None,
    };
    shared.change(|world| {
        if world.sessions.len() == MAX_SESSIONS {
            world.sessions.pop_front();
        }
        world
            .happened(shared.clock.now(), format!("{} signed in to {}", world.called(&session.sub), session.client_id));
        world.sessions.push_back(session);
    });
    code
}

/// To the application, which learns this, its own state, and who answers (RFC 9207).
fn back(shared: &Shared, ask: &Ask, mut target: Url, name: &str, value: &str) -> Response {
    target.query_pairs_mut().append_pair(name, value);
    if let Some(state) = &ask.state {
        target.query_pairs_mut().append_pair("state", state);
    }
    target.query_pairs_mut().append_pair("iss", &shared.url());
    Redirect::to(target.as_str()).into_response()
}

/// A page: there is nowhere to send anybody.
fn refused(shared: &Shared, why: &str) -> Response {
    let page = view::Notice { name: &shared.name, title: "This sign-in cannot go on", text: why };
    (StatusCode::BAD_REQUEST, Html(page.to_string())).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(query: &str) -> Ask {
        let uri = format!("/?{query}").parse().unwrap();
        Query::<Ask>::try_from_uri(&uri).unwrap().0
    }

    #[test]
    fn every_request_that_cannot_be_met_has_its_error() {
        let challenge = "x".repeat(CHALLENGE);
        for (query, error) in [
            ("response_type=code&scope=openid", None),
            (&format!("response_type=code&scope=openid&code_challenge={challenge}&code_challenge_method=S256"), None),
            (&format!("response_type=code&scope=openid&code_challenge={challenge}"), Some("invalid_request")),
            ("response_type=code&scope=openid&code_challenge=x&code_challenge_method=S256", Some("invalid_request")),
            ("response_type=code&scope=openid&code_challenge_method=S256", Some("invalid_request")),
            ("response_type=code&scope=openid&response_mode=fragment", Some("invalid_request")),
            ("response_type=code&scope=profile", Some("invalid_scope")),
            ("response_type=token&scope=openid", Some("unsupported_response_type")),
            ("scope=openid", Some("unsupported_response_type")),
            ("response_type=code&scope=openid&prompt=none", Some("login_required")),
            ("response_type=code&scope=openid&request=x", Some("request_not_supported")),
            ("response_type=code&scope=openid&request_uri=x", Some("request_uri_not_supported")),
        ] {
            assert_eq!(ask(query).problem(), error, "{query}");
        }
    }
}
