//! Signing out: an application sends somebody here (RP-initiated), or all applications are told (back-channel).

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Form,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};
use url::Url;

use super::{Session, Shared, World, tokens, tokens::Signer, view};
use crate::page;

/// How long an application has to answer that it knows.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of the line with its status.
const MAX_LINE: u64 = 1024;

/// OpenID Connect RP-Initiated Logout 1.0 section 2.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Leave {
    id_token_hint: Option<String>,
    client_id: Option<String>,
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

impl Leave {
    /// Names and values, for the form that says them again.
    pub(super) fn fields(&self) -> Vec<(&'static str, &str)> {
        [
            ("id_token_hint", &self.id_token_hint),
            ("client_id", &self.client_id),
            ("post_logout_redirect_uri", &self.post_logout_redirect_uri),
            ("state", &self.state),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
        .collect()
    }

    /// What is to end. A token that was not given out here, or whose session is over, names none.
    pub(super) fn session<'w>(&self, world: &'w World) -> Option<&'w Session> {
        let hint = self.id_token_hint.as_ref()?;
        let session = world.sessions.iter().find(|session| session.id_token.as_ref() == Some(hint))?;
        self.client_id.as_ref().is_none_or(|id| *id == session.client_id).then_some(session)
    }

    /// Where to go afterwards: only where the application said before.
    fn target(&self, world: &World) -> Result<Option<Url>, &'static str> {
        let Some(uri) = &self.post_logout_redirect_uri else { return Ok(None) };
        let id = self.client_id.as_ref().or_else(|| self.session(world).map(|session| &session.client_id));
        let client = id.and_then(|id| world.clients.get(id)).ok_or("No application of this id is known here.")?;
        if !client.post_logout_uris.contains(uri) {
            return Err("The application does not have this address for after signing out.");
        }
        Url::parse(uri).map(Some).map_err(|_| "The address for after signing out is none.")
    }
}

type SharedState = State<Arc<Shared>>;

pub(super) async fn ask(State(shared): SharedState, Query(leave): Query<Leave>) -> Response {
    let target = match leave.target(&shared.world()) {
        Ok(target) => target,
        Err(why) => return refused(&shared, why),
    };
    let page = view::SignOut::of(&shared, &leave).to_string();
    let policy = target.and_then(|target| page::policy_with_forms_to(&target.origin().ascii_serialization()));
    match policy {
        Some(policy) => ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response(),
        None => Html(page).into_response(),
    }
}

pub(super) async fn leave(State(shared): SharedState, Form(leave): Form<Leave>) -> Response {
    let target = match leave.target(&shared.world()) {
        Ok(target) => target,
        Err(why) => return refused(&shared, why),
    };
    shared.change(|world| {
        let Some(session) = leave.session(world).cloned() else { return };
        world.sessions.retain(|other| other.sid != session.sid);
        let text = format!("{} signed out of {}", world.called(&session.sub), session.client_id);
        world.happened(shared.clock.now(), text);
    });
    let Some(mut target) = target else {
        let page = view::Notice { name: &shared.name, title: "Signed out", text: "You can close this page." };
        return Html(page.to_string()).into_response();
    };
    if let Some(state) = &leave.state {
        target.query_pairs_mut().append_pair("state", state);
    }
    Redirect::to(target.as_str()).into_response()
}

fn refused(shared: &Shared, why: &str) -> Response {
    let page = view::Notice { name: &shared.name, title: "This sign-out cannot go on", text: why };
    (StatusCode::BAD_REQUEST, Html(page.to_string())).into_response()
}

/// An application that was told of a sign-out.
#[derive(Debug)]
pub struct Told {
    pub client_id: String,
    /// The status of its answer.
    pub answer: io::Result<u16>,
}

/// Ends all sessions of somebody, and tells each application that has an address for it.
pub(super) async fn everywhere(shared: &Shared, sub: &str) -> Vec<Told> {
    let (letters, name) = shared.change(|world| {
        let letters: Vec<_> = world.sessions.iter().filter(|session| session.sub == sub).collect();
        let letters: Vec<_> = letters.into_iter().filter_map(|session| letter(shared, world, session)).collect();
        world.sessions.retain(|session| session.sub != sub);
        let name = world.called(sub);
        world.happened(shared.clock.now(), format!("{name} was signed out everywhere"));
        (letters, name)
    });
    let mut told = Vec::new();
    for (client_id, url, token) in letters {
        let answer = post(&url, &token).await;
        let how = answer.as_ref().map_or_else(ToString::to_string, ToString::to_string);
        let text = format!("{client_id} was told that {name} is signed out, and answered: {how}");
        shared.change(|world| world.happened(shared.clock.now(), text));
        told.push(Told { client_id, answer });
    }
    told
}

/// Whom to tell, where, and what.
fn letter(shared: &Shared, world: &World, session: &Session) -> Option<(String, Url, String)> {
    let client = world.clients.get(&session.client_id)?;
    let url = Url::parse(client.back_channel.as_deref()?).ok()?;
    let signer = Signer { issuer: &shared.url(), key: world.keys.first()?, now: shared.clock.now() };
    let token = signer.logout_token(session, tokens::random(&*shared.dice)).ok()?;
    Some((session.client_id.clone(), url, token))
}

/// The one request that the provider makes by itself: only to this machine, and of the answer only the status.
async fn post(url: &Url, token: &str) -> io::Result<u16> {
    tokio::time::timeout(PATIENCE, send(url, token)).await?
}

async fn send(url: &Url, token: &str) -> io::Result<u16> {
    let unfit = || io::Error::new(io::ErrorKind::Unsupported, "only addresses of this machine, by http, are called");
    let host = url.host_str().filter(|_| url.scheme() == "http").ok_or_else(unfit)?;
    let here = host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    let port = url.port_or_known_default().filter(|_| here).ok_or_else(unfit)?;
    let mut stream = BufReader::new(TcpStream::connect((host.trim_matches(['[', ']']), port)).await?);
    // Letters, digits, dots, dashes and underscores: there is nothing in a token to encode.
    let body = format!("logout_token={token}");
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}",
        path = &url[url::Position::BeforePath..url::Position::AfterQuery],
        length = body.len(),
    );
    stream.write_all(request.as_bytes()).await?;
    let mut line = String::new();
    (&mut stream).take(MAX_LINE).read_line(&mut line).await?;
    let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok());
    status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "that is no HTTP"))
}
