//! Signed tokens (RFC 7515, RFC 7519): taken apart, and their signature checked against the provider's keys.
//!
//! The library has the cryptography and the forms of keys. It would check the claims of ID tokens too, but not those of
//! sign-out tokens; both go through one check here, and a claim that nobody needs cannot spoil a token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    JsonWebKey, JsonWebKeyAlgorithm,
    core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm as Algorithm},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    Oidc,
    discovery::Place,
    problem::{Fault, Kind, Part, Problem, shown},
};

/// Characters of a token; those with many groups are long.
const LONGEST: usize = 256 * 1024;
/// Keys that are tried for a token that does not name one.
const TRIED: usize = 16;

/// Signatures by keys that only the provider has. Never HMAC: its key would be the client's secret, or, mistaken, the
/// public key that everybody has.
pub(super) const ALGORITHMS: [(&str, Algorithm); 9] = [
    ("RS256", Algorithm::RsaSsaPkcs1V15Sha256),
    ("RS384", Algorithm::RsaSsaPkcs1V15Sha384),
    ("RS512", Algorithm::RsaSsaPkcs1V15Sha512),
    ("PS256", Algorithm::RsaSsaPssSha256),
    ("PS384", Algorithm::RsaSsaPssSha384),
    ("PS512", Algorithm::RsaSsaPssSha512),
    ("ES256", Algorithm::EcdsaP256Sha256),
    ("ES384", Algorithm::EcdsaP384Sha384),
    ("EdDSA", Algorithm::EdDsa),
];

/// A token whose signature is good.
pub(super) struct Signed {
    pub(super) claims: Map<String, Value>,
    key: CoreJsonWebKey,
    algorithm: Algorithm,
}

struct Token<'a> {
    kid: Option<String>,
    algorithm: Algorithm,
    /// What is signed: header and claims as they were sent.
    message: &'a str,
    claims: Map<String, Value>,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    cty: Option<Value>,
    kid: Option<String>,
    crit: Option<Value>,
}

impl Oidc {
    /// The claims of a token that this provider signed. A key that is not known makes us look once whether there are
    /// new keys; so does a wrong signature, because some providers change a key without its name.
    pub(super) async fn signed(&self, place: &Place, kind: Kind, jwt: &str) -> Result<Signed, Problem> {
        let refused = |fault| Problem::Token { kind, fault };
        let token = Token::parse(kind, jwt).map_err(refused)?;
        let Some(url) = &place.jwks else {
            return Err(Problem::Settings("the address of the provider's keys is missing".to_owned()));
        };
        let fetch = || self.inner.calls.get::<CoreJsonWebKeySet>(Part::Keys, url, None);
        let keys = self.inner.keys.get(url, fetch()).await?;
        let mut found = token.key(&keys);
        if found.is_err()
            && let Some(newer) = self.inner.keys.newer(url, &keys, fetch()).await?
        {
            found = token.key(&newer);
        }
        let key = found.map_err(refused)?;
        Ok(Signed { claims: token.claims, key, algorithm: token.algorithm })
    }
}

impl Signed {
    /// Whether the token was issued together with this access token (OpenID Connect Core 1.0 section 3.1.3.6).
    pub(super) fn hash_matches(&self, hash: &str, access_token: &str) -> bool {
        let whole = self.key.hash_bytes(access_token.as_bytes(), &self.algorithm);
        whole.is_ok_and(|whole| URL_SAFE_NO_PAD.encode(&whole[..whole.len() / 2]) == hash.trim_end_matches('='))
    }
}

impl<'a> Token<'a> {
    fn parse(kind: Kind, jwt: &'a str) -> Result<Self, Fault> {
        let form = |why: &str| Fault::Form(why.to_owned());
        if jwt.len() > LONGEST {
            return Err(form("it is too long"));
        }
        let parts: Vec<&str> = jwt.split('.').collect();
        let &[header, claims, signature] = parts.as_slice() else {
            return Err(form("it has not three parts"));
        };
        let message = &jwt[..header.len() + 1 + claims.len()];
        let header: Header = json("its header", header)?;
        let algorithm = header.check(kind)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| form("its signature is not base64url"))?;
        Ok(Self { kid: header.kid, algorithm, message, claims: json("its claims", claims)?, signature })
    }

    /// The key that signed it.
    fn key(&self, keys: &CoreJsonWebKeySet) -> Result<CoreJsonWebKey, Fault> {
        let named = |key: &&CoreJsonWebKey| {
            self.kid.as_ref().is_none_or(|kid| key.key_id().is_some_and(|id| id.as_str() == kid))
        };
        let mut fitting = keys.keys().iter().filter(named).filter(|key| self.fits(key)).take(TRIED).peekable();
        if fitting.peek().is_none() {
            return Err(Fault::UnknownKey(self.kid.as_deref().map(shown)));
        }
        let signed = |key: &&CoreJsonWebKey| {
            key.verify_signature(&self.algorithm, self.message.as_bytes(), &self.signature).is_ok()
        };
        fitting.find(signed).cloned().ok_or(Fault::Signature)
    }

    /// The library checks a key's kind and use again, but says of both no more than that they do not fit.
    fn fits(&self, key: &CoreJsonWebKey) -> bool {
        use openidconnect::{JsonWebKeyUse, JwsSigningAlgorithm};
        let meant = match key.signing_alg() {
            JsonWebKeyAlgorithm::Unspecified => true,
            JsonWebKeyAlgorithm::Algorithm(algorithm) => *algorithm == self.algorithm,
            JsonWebKeyAlgorithm::Unsupported => false,
        };
        meant
            && self.algorithm.key_type().as_ref() == Some(key.key_type())
            && key.key_use().is_none_or(JsonWebKeyUse::allows_signature)
    }
}

impl Header {
    fn check(&self, kind: Kind) -> Result<Algorithm, Fault> {
        if self.crit.is_some() || self.cty.is_some() {
            return Err(Fault::Form("its header asks for more than is understood here (crit or cty)".to_owned()));
        }
        self.check_type(kind)?;
        let known = ALGORITHMS.into_iter().find(|(name, _)| *name == self.alg);
        known.map(|(_, algorithm)| algorithm).ok_or_else(|| Fault::Algorithm(shown(&self.alg)))
    }

    /// Tokens of one kind are not taken for another (RFC 8725 section 3.11); many say no more than that they are JWTs.
    fn check_type(&self, kind: Kind) -> Result<(), Fault> {
        let Some(typ) = &self.typ else { return Ok(()) };
        let lower = typ.to_lowercase();
        match (lower.strip_prefix("application/").unwrap_or(&lower), kind) {
            ("jwt", _) | ("logout+jwt", Kind::LogoutToken) => Ok(()),
            _ => Err(Fault::Type(shown(typ))),
        }
    }
}

fn json<T: DeserializeOwned>(what: &str, part: &str) -> Result<T, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Fault::Form(format!("{what}: not base64url")))?;
    serde_json::from_slice(&bytes).map_err(|error| Fault::Form(shown(&format!("{what}: {error}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signed by OpenSSL; the library has no private keys of this kind.
    fn check_curve(curve: &str, other: &str, x: &str, y: &str, token: &str) {
        let keys = |curve: &str| {
            let key = serde_json::json!({"kty": "EC", "crv": curve, "x": x, "y": y});
            serde_json::from_value::<CoreJsonWebKeySet>(serde_json::json!({ "keys": [key] })).unwrap()
        };
        let token = Token::parse(Kind::IdToken, token).unwrap();
        assert!(token.key(&keys(curve)).is_ok());
        assert_eq!(token.key(&keys(other)).unwrap_err(), Fault::Signature);
        let altered = Token { message: "somebody else", ..token };
        assert_eq!(altered.key(&keys(curve)).unwrap_err(), Fault::Signature);
    }

    #[test]
    fn a_signature_by_es256_is_checked() {
        let token = concat!(
            "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ",
            ".UTPZPdvCLDfMaL8nKA7-zfXF3BJ8xsc25laWZdrFqWa",
            "lkdXHOSFr2g6R4BUxNOInlCwNh_u34wTdHoyck0Hirw",
        );
        let (x, y) = ("8uPk30UNhQ-zy3anrgfUoc7YeWnCfDxUNqYl7VnLiMA", "DGBrxcOGvYIL0260q2TRD_rkcLLM6gYZtYYgyvI01D0");
        check_curve("P-256", "P-384", x, y, token);
    }

    #[test]
    fn a_signature_by_es384_is_checked() {
        let token = concat!(
            "eyJhbGciOiJFUzM4NCJ9.eyJzdWIiOiJhZGEifQ",
            ".P6mr4JqAimtnz8342KhdyXJ_inOpie0NOTbeZ3-xGzEZoJpn3Kk7uLCDYUcenCyb",
            "6echFdF9MRzpan8-7eA0j7zpFaaKkMbtEL4wGW4TQ_bdqrTx12qkK7EqyZG0icn3",
        );
        let (x, y) = (
            "oHm7YyDJ7Ab324sjWOuUUtXwRbAT8qThKqMbk4w_FbcS7k3NEgQrDZb3dXR5Tb0g",
            "ky-vGWR1hEHBxm92z1FaaHI3Beqfi_wdfrAGwpCgmH9z47om0TMmdmoD6jPRHazw",
        );
        check_curve("P-384", "P-256", x, y, token);
    }

    #[test]
    fn fuzz_tokens_are_parsed_or_refused() {
        testkit::fuzz(&("[{\"a-z:,}]{0,60}", "[{\"a-z:,}]{0,60}", "[A-Za-z0-9_.=]{0,40}"), |(header, claims, rest)| {
            let (header, claims) = (URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
            let _ = Token::parse(Kind::IdToken, &format!("{header}.{claims}.{rest}"));
            let _ = Token::parse(Kind::LogoutToken, &rest);
            Ok(())
        });
    }
}
