//! What is told of somebody, and the key that signs it.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{Dice, Timestamp};
use openidconnect::{
    AccessToken, AdditionalClaims, Audience, EndUserEmail, EndUserFamilyName, EndUserGivenName, EndUserName,
    EndUserUsername, IdToken, IdTokenClaims, IssuerUrl, JsonWebKeyId, JsonWebKeySet, Nonce, PrivateSigningKey as _,
    StandardClaims, SubjectIdentifier, UserInfoClaims,
    core::{
        CoreEdDsaPrivateSigningKey, CoreGenderClaim, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Persona, Session};

/// How long an ID token is good for.
const LIFETIME: Duration = Duration::from_mins(5);
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// A private key of Ed25519 in PKCS #8 (RFC 8410 section 7), up to the key itself.
const PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

pub(super) const ALGORITHM: CoreJwsSigningAlgorithm = CoreJwsSigningAlgorithm::EdDsa;

/// What the standard has no claims for, or this library no fields.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Extra {
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
}

impl AdditionalClaims for Extra {}

type Token = IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Claims = IdTokenClaims<Extra, CoreGenderClaim>;
type Standard = StandardClaims<CoreGenderClaim>;

/// A signing key, by its id.
pub(super) struct Key(CoreEdDsaPrivateSigningKey);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// # Panics
    /// Never: 32 bytes are always a key of Ed25519.
    pub(super) fn roll(dice: &dyn Dice) -> Self {
        let mut der = PKCS8.to_vec();
        let mut secret = [0; 32];
        dice.fill(&mut secret);
        der.extend_from_slice(&secret);
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64_STANDARD.encode(der));
        let id = JsonWebKeyId::new(random(dice));
        Self(CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(id)).expect("any 32 bytes are a key of Ed25519"))
    }
}

/// The public halves.
pub(super) fn key_set(keys: &[Key]) -> CoreJsonWebKeySet {
    JsonWebKeySet::new(keys.iter().map(|key| key.0.as_verification_key()).collect())
}

/// 128 bits, in hexadecimal digits.
pub(super) fn random(dice: &dyn Dice) -> String {
    let mut bytes = [0; 16];
    dice.fill(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// What a token needs beside the session it is about.
pub(super) struct Signer<'a> {
    pub(super) issuer: &'a str,
    pub(super) key: &'a Key,
    pub(super) now: Timestamp,
}

/// It could not be signed.
#[derive(Debug)]
pub(super) struct Unsigned;

impl Signer<'_> {
    /// Its claims about the persona only where they are to be in it.
    pub(super) fn id_token(
        &self,
        session: &Session,
        persona: Option<&Persona>,
        access_token: &str,
    ) -> Result<String, Unsigned> {
        let (standard, mut extra) = match persona {
            Some(persona) => claims(persona, &session.scopes),
            None => (Standard::new(SubjectIdentifier::new(session.sub.clone())), Extra::default()),
        };
        extra.sid = Some(session.sid.clone());
        let claims = self
            .claims(&session.client_id, standard, extra)?
            .set_nonce(session.nonce.clone().map(Nonce::new))
            .set_auth_time(Some(moment(session.started).into()));
        self.sign(claims, Some(&AccessToken::new(access_token.to_owned())))
    }

    /// OpenID Connect Back-Channel Logout 1.0 section 2.4.
    pub(super) fn logout_token(&self, session: &Session, id: String) -> Result<String, Unsigned> {
        let extra = Extra {
            sid: Some(session.sid.clone()),
            events: Some(json!({LOGOUT: {}})),
            jti: Some(id),
            ..Extra::default()
        };
        let standard = Standard::new(SubjectIdentifier::new(session.sub.clone()));
        self.sign(self.claims(&session.client_id, standard, extra)?, None)
    }

    fn claims(&self, client_id: &str, standard: Standard, extra: Extra) -> Result<Claims, Unsigned> {
        Ok(Claims::new(
            IssuerUrl::new(self.issuer.to_owned()).map_err(|_| Unsigned)?,
            vec![Audience::new(client_id.to_owned())],
            moment(self.now.plus(LIFETIME)).into(),
            moment(self.now).into(),
            standard,
            extra,
        ))
    }

    fn sign(&self, claims: Claims, access_token: Option<&AccessToken>) -> Result<String, Unsigned> {
        let token = Token::new(claims, &self.key.0, ALGORITHM, access_token, None).map_err(|_| Unsigned)?;
        Ok(token.to_string())
    }
}

/// The answer of the endpoint for them.
pub(super) fn user_info(
    persona: &Persona,
    scopes: &[String],
) -> UserInfoClaims<impl AdditionalClaims, CoreGenderClaim> {
    let (standard, extra) = claims(persona, scopes);
    UserInfoClaims::new(standard, extra)
}

/// What these scopes tell of somebody.
fn claims(persona: &Persona, scopes: &[String]) -> (Standard, Extra) {
    let has = |scope: &str| scopes.iter().any(|has| has == scope);
    let told = |text: &String, scope: &str| (has(scope) && !text.is_empty()).then(|| text.clone());
    let email = told(&persona.email, "email");
    let standard = Standard::new(SubjectIdentifier::new(persona.sub.clone()))
        .set_preferred_username(told(&persona.user_name, "profile").map(EndUserUsername::new))
        .set_name(told(&persona.display_name, "profile").map(|name| EndUserName::new(name).into()))
        .set_given_name(told(&persona.given_name, "profile").map(|name| EndUserGivenName::new(name).into()))
        .set_family_name(told(&persona.family_name, "profile").map(|name| EndUserFamilyName::new(name).into()))
        .set_email_verified(email.is_some().then_some(persona.email_verified))
        .set_email(email.map(EndUserEmail::new));
    let extra = Extra {
        groups: has("groups").then(|| persona.groups.clone()),
        department: told(&persona.department, "profile"),
        title: told(&persona.title, "profile"),
        ..Extra::default()
    };
    (standard, extra)
}

fn moment(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + at.since(Timestamp::from_micros(0))
}
