//! What applications ask of the provider themselves: metadata, keys, tokens, and what is told of somebody.

use std::{sync::Arc, time::Duration};

use axum::{
    Form, Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use openidconnect::{
    AdditionalProviderMetadata, AuthUrl, IssuerUrl, JsonWebKeySetUrl, PkceCodeChallenge, PkceCodeVerifier,
    ProviderMetadata, ResponseTypes, Scope, TokenUrl, UserInfoUrl,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
        CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Shared, World,
    tokens::{self, ALGORITHM, Signer},
};

/// How long a code is good for.
const CODE_LIFETIME: Duration = Duration::from_mins(1);
/// How long an access token is good for.
const TOKEN_LIFETIME: Duration = Duration::from_hours(1);
/// Characters of a verifier (RFC 7636 section 4.1).
const VERIFIER: std::ops::RangeInclusive<usize> = 43..=128;

type SharedState = State<Arc<Shared>>;

/// What other standards add to the metadata.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct More {
    end_session_endpoint: String,
    code_challenge_methods_supported: Vec<String>,
    authorization_response_iss_parameter_supported: bool,
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
}

impl AdditionalProviderMetadata for More {}

type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

pub(super) async fn metadata(State(shared): SharedState) -> Response {
    match describe(&shared.url()) {
        Ok(metadata) => Json(metadata).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn describe(issuer: &str) -> Result<Metadata, url::ParseError> {
    let at = |path: &str| format!("{issuer}{path}");
    let more = More {
        end_session_endpoint: at("/sign-out"),
        code_challenge_methods_supported: vec!["S256".to_owned()],
        authorization_response_iss_parameter_supported: true,
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
    };
    let scopes = ["openid", "profile", "email", "groups"].map(|scope| Scope::new(scope.to_owned()));
    let claims = [
        "sub",
        "sid",
        "preferred_username",
        "name",
        "given_name",
        "family_name",
        "email",
        "email_verified",
        "title",
        "department",
        "groups",
    ];
    let metadata = Metadata::new(
        IssuerUrl::new(issuer.to_owned())?,
        AuthUrl::new(at("/authorize"))?,
        JsonWebKeySetUrl::new(at("/jwks"))?,
        vec![ResponseTypes::new(vec![CoreResponseType::Code])],
        vec![CoreSubjectIdentifierType::Public],
        vec![ALGORITHM],
        more,
    );
    Ok(metadata
        .set_token_endpoint(Some(TokenUrl::new(at("/token"))?))
        .set_userinfo_endpoint(Some(UserInfoUrl::new(at("/userinfo"))?))
        .set_scopes_supported(Some(scopes.to_vec()))
        .set_response_modes_supported(Some(vec![CoreResponseMode::Query]))
        .set_grant_types_supported(Some(vec![CoreGrantType::AuthorizationCode]))
        .set_token_endpoint_auth_methods_supported(Some(vec![
            CoreClientAuthMethod::ClientSecretBasic,
            CoreClientAuthMethod::ClientSecretPost,
        ]))
        .set_claims_supported(Some(claims.map(|claim| CoreClaimName::new(claim.to_owned())).to_vec()))
        .set_request_uri_parameter_supported(Some(false)))
}

pub(super) async fn jwks(State(shared): SharedState) -> Response {
    Json(tokens::key_set(&shared.world().keys)).into_response()
}

/// The form of RFC 6749 sections 4.1.3 and 2.3.1.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Exchange {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

pub(super) async fn token(State(shared): SharedState, headers: HeaderMap, Form(form): Form<Exchange>) -> Response {
    match shared.change(|world| exchange(&shared, world, &headers, &form)) {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => {
            let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
            let mut response = (status, Json(json!({"error": error}))).into_response();
            if status == StatusCode::UNAUTHORIZED {
                let challenge = header::HeaderValue::from_static("Basic realm=\"token\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            response
        }
    }
}

/// Tokens, or the error of RFC 6749 section 5.2.
fn exchange(shared: &Shared, world: &mut World, headers: &HeaderMap, form: &Exchange) -> Result<Value, &'static str> {
    let client_id = client(world, headers, form)?;
    if form.grant_type != "authorization_code" {
        return Err("unsupported_grant_type");
    }
    let place = world.sessions.iter().position(|session| session.code == form.code).ok_or("invalid_grant")?;
    let now = shared.clock.now();
    let session = &world.sessions[place];
    // Whoever shows a code a second time may have stolen it, or the first one had: what it was good for ends.
    let used = session.access_token.is_some();
    let good = session.client_id == client_id
        && session.redirect_uri == form.redirect_uri
        && now.since(session.started) <= CODE_LIFETIME
        && verifies(session.challenge.as_deref(), form.code_verifier.as_deref());
    if used || !good {
        world.sessions.remove(place);
        return Err("invalid_grant");
    }
    let persona = world.personas.iter().find(|persona| persona.sub == session.sub).ok_or("invalid_grant")?;
    let access_token = tokens::random(&*shared.dice);
    let signer = Signer { issuer: &shared.url(), key: world.keys.first().ok_or("server_error")?, now };
    let told = shared.claims_in_id_token.then_some(persona);
    let id_token = signer.id_token(session, told, &access_token).map_err(|_| "server_error")?;
    let scope = session.scopes.join(" ");
    let session = &mut world.sessions[place];
    session.access_token = Some(access_token.clone());
    session.id_token = Some(id_token.clone());
    Ok(json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFETIME.as_secs(),
        "scope": scope,
        "id_token": id_token,
    }))
}

/// Who asks: by Basic, or in the form, but not both.
fn client(world: &World, headers: &HeaderMap, form: &Exchange) -> Result<String, &'static str> {
    let (id, secret) = match (headers.get(header::AUTHORIZATION), &form.client_secret) {
        (Some(_), Some(_)) => return Err("invalid_request"),
        (Some(basic), None) => basic.to_str().ok().and_then(by_basic).ok_or("invalid_client")?,
        (None, Some(secret)) => (form.client_id.clone().ok_or("invalid_client")?, secret.clone()),
        (None, None) => return Err("invalid_client"),
    };
    let known = world.clients.get(&id).is_some_and(|client| client.secret == secret);
    known.then_some(id).ok_or("invalid_client")
}

/// RFC 6749 section 2.3.1: both are encoded as in a form before they are joined.
fn by_basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    let text = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (decoded(id), decoded(secret)))
}

fn decoded(text: &str) -> String {
    url::form_urlencoded::parse(text.as_bytes()).next().map_or_else(String::new, |(name, _)| name.into_owned())
}

fn verifies(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) if VERIFIER.contains(&verifier.len()) => {
            let verifier = PkceCodeVerifier::new(verifier.to_owned());
            PkceCodeChallenge::from_code_verifier_sha256(&verifier).as_str() == challenge
        }
        _ => false,
    }
}

pub(super) async fn user_info(State(shared): SharedState, headers: HeaderMap) -> Response {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.split_once(' '));
    let token = shown.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token);
    let now = shared.clock.now();
    let world = shared.world();
    let session = token.and_then(|token| {
        let mut sessions = world.sessions.iter();
        sessions.find(|session| session.access_token.as_deref() == Some(token))
    });
    let persona = session
        .filter(|session| now.since(session.started) <= TOKEN_LIFETIME)
        .and_then(|session| Some((session, world.personas.iter().find(|persona| persona.sub == session.sub)?)));
    let Some((session, persona)) = persona else {
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")];
        return (StatusCode::UNAUTHORIZED, challenge).into_response();
    };
    Json(tokens::user_info(persona, &session.scopes)).into_response()
}
