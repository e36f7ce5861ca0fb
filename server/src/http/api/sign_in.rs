//! How connections sign people in: the provider, attributes, groups, and what becomes of whoever comes.

use std::collections::BTreeMap;

use auth::grants::{ConnectionsRead, ConnectionsWrite};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use directory::identity_providers::SetProvider;
use domain::{
    ConnectionId,
    identity::{self, Attribute, IdentityProvider},
    validation::FieldErrors,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Proof,
    answer::{expected, resource},
    connectors::{Secret, TestReport},
    input::{Document, Id},
    merge_patch::Patch,
    policy::same_words,
    problem::{Problem, Result},
};
use crate::state::AppState;

/// How a connection signs people in. Texts that are not set are empty.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "they are the contract's")]
pub(super) struct SignIn {
    /// The template's: GitHub speaks OAuth 2.0 alone.
    protocol: Protocol,
    /// As the provider writes it, letter by letter.
    issuer: String,
    /// The endpoints are those that the issuer publishes; else those below.
    discovery: bool,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: String,
    /// OAuth 2.0 alone: lists mail addresses, as GitHub's does.
    emails_endpoint: String,
    client_id: String,
    client_authentication: ClientAuthentication,
    /// Separated by spaces.
    scopes: String,
    pkce: bool,
    /// The claims that may fill each attribute, separated by commas: the first that is there.
    #[schema(value_type = BTreeMap<String, String>)]
    attributes: BTreeMap<Attribute, String>,
    groups_claim: String,
    groups: Vec<GroupMeaning>,
    group_sync: GroupSync,
    /// Whoever signs in for the first time gets an account.
    jit: bool,
    /// They are asked first.
    consent: bool,
    attribute_sync: AttributeSync,
    link_verified_mail: bool,
    /// An account whose `link_attribute` equals this claim is theirs. Empty: no such rule.
    link_claim: String,
    link_attribute: LinkAttribute,
    /// Nobody gets an account: only who has one comes in.
    skip_without_account: bool,
    /// Whether `client_secret` is set, and since when. Its value is never returned.
    secrets: BTreeMap<String, Secret>,
    /// To be registered at the provider as the redirect URI.
    callback_url: String,
    /// To be registered there too, where the provider offers it; null with OAuth 2.0, which does not know it.
    back_channel_logout_url: Option<String>,
}

/// What a group of the provider's is here. Others mean nothing.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GroupMeaning {
    /// The provider's name for it.
    #[schema(example = "eng")]
    claim: String,
    /// The name of a group here.
    #[schema(example = "Engineering")]
    group: String,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SignInProtocol)]
enum Protocol {
    #[serde(rename = "openid_connect")]
    OpenIdConnect,
    #[serde(rename = "oauth2")]
    OAuth2,
}

/// How the secret is shown to the token endpoint.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ClientAuthentication {
    ClientSecretBasic,
    ClientSecretPost,
}

impl ClientAuthentication {
    fn of(set: &IdentityProvider) -> Self {
        if set.client_secret_post { Self::ClientSecretPost } else { Self::ClientSecretBasic }
    }
}

/// At each sign-in: `merge` adds people to the groups that the provider names, `override` also takes them out of those
/// in `groups` that it does not name.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum GroupSync {
    Override,
    Merge,
}

/// At later sign-ins: follow the provider, change nothing, or fill what is empty here.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AttributeSync {
    OverrideAll,
    None,
    PreserveLocal,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum LinkAttribute {
    UserName,
    ExternalId,
}

same_words!(Protocol = identity::Protocol { OpenIdConnect, OAuth2 });
same_words!(GroupSync = identity::GroupSync { Override, Merge });
same_words!(AttributeSync = identity::AttributeSync { OverrideAll, None, PreserveLocal });
same_words!(LinkAttribute = identity::LinkAttribute { UserName, ExternalId });

impl SignIn {
    fn of(state: &AppState, id: ConnectionId, provider: SetProvider) -> Result<Self> {
        let SetProvider { settings: set, secret_at, .. } = provider;
        let secret = secret_at.map(|set_at| ("client_secret".to_owned(), Secret::since(set_at)));
        let back_channel = state.link(&format!("{}{id}", crate::http::sign_in::BACK_CHANNEL));
        Ok(Self {
            protocol: set.protocol.into(),
            client_authentication: ClientAuthentication::of(&set),
            issuer: set.issuer,
            discovery: set.discovery,
            authorization_endpoint: set.authorization_endpoint,
            token_endpoint: set.token_endpoint,
            userinfo_endpoint: set.userinfo_endpoint,
            jwks_uri: set.jwks_uri,
            end_session_endpoint: set.end_session_endpoint,
            emails_endpoint: set.emails_endpoint,
            client_id: set.client_id,
            scopes: set.scopes,
            pkce: set.pkce,
            attributes: set.attributes.into_iter().filter(|(_, claims)| !claims.is_empty()).collect(),
            groups_claim: set.groups_claim,
            groups: set.groups.into_iter().map(|(claim, group)| GroupMeaning { claim, group }).collect(),
            group_sync: set.group_sync.into(),
            jit: set.jit,
            consent: set.consent,
            attribute_sync: set.attribute_sync.into(),
            link_verified_mail: set.link_verified_mail,
            link_claim: set.link_claim,
            link_attribute: set.link_attribute.into(),
            skip_without_account: set.skip_without_account,
            secrets: secret.into_iter().collect(),
            callback_url: state.directory().callback(id)?.into(),
            back_channel_logout_url: (set.protocol == identity::Protocol::OpenIdConnect).then_some(back_channel),
        })
    }
}

/// A JSON Merge Patch: what is left out stays, null means what the template has. For a new connection what is left out
/// is the template's too.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangedSignIn {
    /// As the provider writes it, letter by letter.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    issuer: Patch<String>,
    /// The endpoints are those that the issuer publishes; else those below.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    discovery: Patch<bool>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    authorization_endpoint: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    token_endpoint: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    userinfo_endpoint: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    jwks_uri: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    end_session_endpoint: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    emails_endpoint: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    client_id: Patch<String>,
    /// At most 4096 characters; never returned. It can be replaced, not taken away, and has to be given again when the
    /// address changes that it is sent to.
    #[serde(default)]
    #[schema(value_type = Option<String>, write_only)]
    client_secret: Patch<SecretString>,
    #[serde(default)]
    #[schema(value_type = Option<ClientAuthentication>)]
    client_authentication: Patch<ClientAuthentication>,
    /// Separated by spaces.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    scopes: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pkce: Patch<bool>,
    /// Merged attribute by attribute: `user_name`, `mail`, `given_name`, `family_name`, `display_name`, `title`,
    /// `department`, `phone_number`, `preferred_language`. Null: filled by no claim.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, Option<String>>>)]
    attributes: Patch<BTreeMap<Attribute, Option<String>>>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    groups_claim: Patch<String>,
    /// At most 100, all at once.
    #[serde(default)]
    #[schema(value_type = Option<Vec<GroupMeaning>>)]
    groups: Patch<Vec<GroupMeaning>>,
    #[serde(default)]
    #[schema(value_type = Option<GroupSync>)]
    group_sync: Patch<GroupSync>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    jit: Patch<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    consent: Patch<bool>,
    #[serde(default)]
    #[schema(value_type = Option<AttributeSync>)]
    attribute_sync: Patch<AttributeSync>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    link_verified_mail: Patch<bool>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    link_claim: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<LinkAttribute>)]
    link_attribute: Patch<LinkAttribute>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    skip_without_account: Patch<bool>,
}

impl ChangedSignIn {
    pub(super) fn secret(&self) -> Result<Option<SecretString>> {
        match &self.client_secret {
            Patch::Keep => Ok(None),
            Patch::Clear => Err(Problem::field("client_secret", "A secret can be replaced, not taken away.")),
            Patch::Set(secret) => Ok(Some(secret.clone())),
        }
    }

    /// Of a connection that is new: there is none that could be taken away.
    pub(super) fn new_secret(&self) -> Option<SecretString> {
        if let Patch::Set(secret) = &self.client_secret { Some(secret.clone()) } else { None }
    }

    /// Changes `set`; `tile` is what its template has.
    pub(super) fn apply(self, tile: IdentityProvider, set: &mut IdentityProvider) {
        put(self.issuer, tile.issuer, &mut set.issuer);
        put(self.discovery, tile.discovery, &mut set.discovery);
        put(self.authorization_endpoint, tile.authorization_endpoint, &mut set.authorization_endpoint);
        put(self.token_endpoint, tile.token_endpoint, &mut set.token_endpoint);
        put(self.userinfo_endpoint, tile.userinfo_endpoint, &mut set.userinfo_endpoint);
        put(self.jwks_uri, tile.jwks_uri, &mut set.jwks_uri);
        put(self.end_session_endpoint, tile.end_session_endpoint, &mut set.end_session_endpoint);
        put(self.emails_endpoint, tile.emails_endpoint, &mut set.emails_endpoint);
        put(self.client_id, tile.client_id, &mut set.client_id);
        let mut by = ClientAuthentication::of(set);
        put(self.client_authentication, ClientAuthentication::ClientSecretBasic, &mut by);
        set.client_secret_post = matches!(by, ClientAuthentication::ClientSecretPost);
        put(self.scopes, tile.scopes, &mut set.scopes);
        put(self.pkce, tile.pkce, &mut set.pkce);
        match self.attributes {
            Patch::Keep => {}
            Patch::Clear => set.attributes = tile.attributes,
            Patch::Set(claims) => {
                set.attributes
                    .extend(claims.into_iter().map(|(attribute, claims)| (attribute, claims.unwrap_or_default())));
            }
        }
        put(self.groups_claim, tile.groups_claim, &mut set.groups_claim);
        if let Some(groups) = self.groups.or_default(Vec::new()) {
            set.groups = groups.into_iter().map(|one| (one.claim, one.group)).collect();
        }
        put_word(self.group_sync, tile.group_sync, &mut set.group_sync);
        put(self.jit, tile.jit, &mut set.jit);
        put(self.consent, tile.consent, &mut set.consent);
        put_word(self.attribute_sync, tile.attribute_sync, &mut set.attribute_sync);
        put(self.link_verified_mail, tile.link_verified_mail, &mut set.link_verified_mail);
        put(self.link_claim, tile.link_claim, &mut set.link_claim);
        put_word(self.link_attribute, tile.link_attribute, &mut set.link_attribute);
        put(self.skip_without_account, tile.skip_without_account, &mut set.skip_without_account);
    }
}

fn put<T>(patch: Patch<T>, tile: T, set: &mut T) {
    if let Some(value) = patch.or_default(tile) {
        *set = value;
    }
}

/// As [`put`], for a word that the domain has a type of its own for.
fn put_word<T: Into<U>, U: Into<T>>(patch: Patch<T>, tile: U, set: &mut U) {
    if let Some(value) = patch.or_default(tile.into()) {
        *set = value.into();
    }
}

/// The words of the contract in the errors of settings, which are within `around`.
pub(super) fn renamed(error: directory::Error, around: &str) -> Problem {
    let rename = |field: String| match field.as_str() {
        "name" | "description" | "template" | "" => field,
        claims if Attribute::ALL.iter().any(|one| one.as_str() == claims) => format!("{around}attributes.{claims}"),
        other => format!("{around}{other}"),
    };
    match error {
        directory::Error::Invalid(errors) => {
            let errors = errors.0.into_iter().map(|(field, message)| (rename(field), message)).collect();
            directory::Error::Invalid(FieldErrors(errors)).into()
        }
        other => other.into(),
    }
}

/// Read how a connection signs people in
#[utoipa::path(
    get, path = "/api/v1/connections/{id}/sign-in", tag = "connections", params(("id" = String, Path)),
    responses(
        (status = 200, body = SignIn),
        (status = 404, description = "There is no such connection, or it signs nobody in", body = Problem),
    ),
)]
pub(super) async fn show(
    proof: Proof<ConnectionsRead>,
    State(state): State<AppState>,
    Id(id): Id<ConnectionId>,
) -> Result<Response> {
    let found = state.directory().identity_provider(&proof.who, id).await?;
    Ok(resource(StatusCode::OK, found.version, &SignIn::of(&state, id, found)?))
}

/// Change how a connection signs people in
///
/// Its `ETag` is one of its own, not the connection's.
#[utoipa::path(
    patch, path = "/api/v1/connections/{id}/sign-in", tag = "connections",
    params(
        ("id" = String, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag that the change builds on; 412 if it is an older one"),
    ),
    request_body(content = ChangedSignIn, content_type = "application/merge-patch+json"),
    responses((status = 200, body = SignIn), (status = 404, body = Problem), (status = 412, body = Problem)),
)]
pub(super) async fn change(
    proof: Proof<ConnectionsWrite>,
    State(state): State<AppState>,
    Id(id): Id<ConnectionId>,
    headers: HeaderMap,
    Document(change): Document<ChangedSignIn>,
) -> Result<Response> {
    let insisted = expected(&headers)?;
    let secret = change.secret()?;
    let reader = proof.who.caller().authorise()?;
    let template = state.directory().connection(&reader, id).await?.template;
    let change = move |set: &mut IdentityProvider| change.clone().apply(IdentityProvider::of_template(&template), set);
    let changed = state.directory().change_identity_provider(&proof.who, id, change, secret, insisted).await;
    changed.map_err(|error| renamed(error, ""))?;
    let found = state.directory().identity_provider(&reader, id).await?;
    Ok(resource(StatusCode::OK, found.version, &SignIn::of(&state, id, found)?))
}

/// Test how a connection signs people in
///
/// What can be told without anybody signing in, of what is saved.
#[utoipa::path(
    post, path = "/api/v1/connections/{id}/sign-in/test", tag = "connections", params(("id" = String, Path)),
    responses((status = 200, body = TestReport), (status = 404, body = Problem)),
)]
pub(super) async fn test(
    proof: Proof<ConnectionsWrite>,
    State(state): State<AppState>,
    Id(id): Id<ConnectionId>,
) -> Result<Json<TestReport>> {
    Ok(Json(state.directory().test_identity_provider(&proof.who, id).await?.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changed(change: serde_json::Value) -> IdentityProvider {
        let tile = IdentityProvider::of_template("google");
        let mut set = IdentityProvider { client_id: "usher".to_owned(), pkce: false, jit: false, ..tile.clone() };
        serde_json::from_value::<ChangedSignIn>(change).unwrap().apply(tile, &mut set);
        set
    }

    #[test]
    fn what_is_left_out_stays_and_null_is_the_templates() {
        let set = changed(json!({"pkce": null, "issuer": "https://other.example", "group_sync": "override"}));
        assert_eq!((set.client_id.as_str(), set.issuer.as_str()), ("usher", "https://other.example"));
        assert!(set.pkce && !set.jit);
        assert_eq!(set.group_sync, identity::GroupSync::Override);
    }

    #[test]
    fn attributes_merge_one_by_one() {
        let set = changed(json!({"attributes": {"title": "job", "mail": null}}));
        let claims = |attribute| set.attributes.get(&attribute).map(String::as_str);
        assert_eq!(claims(Attribute::Title), Some("job"));
        assert_eq!(claims(Attribute::Mail), Some(""));
        assert_eq!(claims(Attribute::UserName), Some("email"), "the template's");
        assert_eq!(changed(json!({"attributes": null})).attributes, IdentityProvider::of_template("google").attributes);
    }

    #[test]
    fn a_secret_is_replaced_and_not_taken_away() {
        let secret = |change| serde_json::from_value::<ChangedSignIn>(change).unwrap().secret();
        assert!(secret(json!({})).unwrap().is_none());
        assert!(secret(json!({"client_secret": "s"})).unwrap().is_some());
        assert!(secret(json!({"client_secret": null})).is_err());
    }
}
