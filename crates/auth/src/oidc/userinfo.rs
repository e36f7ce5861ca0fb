//! What a provider tells whoever holds the access token, and how it goes together with the ID token.

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    Oidc,
    claims::{Claims, claim, missing, subject},
    discovery::Place,
    problem::{Fault, Part, Problem},
    provider::Provider,
};

/// About the ID token and the sign-in, not about the person: user info cannot say otherwise.
const OF_THE_TOKEN: [&str; 14] =
    ["iss", "sub", "aud", "azp", "exp", "nbf", "iat", "jti", "nonce", "sid", "auth_time", "acr", "amr", "at_hash"];
/// What is said about another claim, and means nothing without that very one.
const VERIFIED: [(&str, &str); 2] = [("email", "email_verified"), ("phone_number", "phone_number_verified")];
/// The claim of an OAuth2 provider that names somebody for ever, unless its connection says another.
const SUBJECT: &str = "id";

type Members = Map<String, Value>;

/// As GitHub's `/user/emails` lists them.
#[derive(Deserialize)]
struct Listed {
    email: String,
    #[serde(default)]
    primary: bool,
    #[serde(default)]
    verified: bool,
}

impl Oidc {
    /// The ID token's claims, and the user info's where there is an endpoint for them.
    pub(super) async fn with_userinfo(
        &self,
        place: &Place,
        id_token: Members,
        sub: &str,
        access: &SecretString,
    ) -> Result<Members, Problem> {
        let Some(url) = &place.userinfo else { return Ok(without_nulls(id_token)) };
        let said: Members = self.inner.calls.get(Part::UserInfo, url, Some(access)).await?;
        let about = Claims(&said).text("sub").and_then(|sub| sub.ok_or_else(|| missing("sub")));
        if about.map_err(Problem::UserInfo)? != sub {
            return Err(Problem::OtherSubject);
        }
        Ok(merged(id_token, said))
    }

    /// Who somebody is where there is no ID token: subject and claims.
    pub(super) async fn of_oauth2(
        &self,
        provider: &Provider,
        place: &Place,
        access: &SecretString,
    ) -> Result<(String, Members), Problem> {
        let Some(url) = &place.userinfo else {
            return Err(Problem::Settings("the user info endpoint is missing, and there is no ID token".to_owned()));
        };
        let mut claims: Members = self.inner.calls.get(Part::UserInfo, url, Some(access)).await?;
        let sub =
            subject_of(&claims, provider.subject_claim.as_deref().unwrap_or(SUBJECT)).map_err(Problem::UserInfo)?;
        if let Some(url) = &place.emails {
            let emails: Vec<Listed> = self.inner.calls.get(Part::Emails, url, Some(access)).await?;
            set_email(&mut claims, emails);
        }
        Ok((sub, without_nulls(claims)))
    }
}

/// User info leads, being what the provider says now; a verification stays with the address that it is about.
fn merged(id_token: Members, said: Members) -> Members {
    let (mut claims, mut said) = (without_nulls(id_token), without_nulls(said));
    for (address, verified) in VERIFIED {
        if said.get(address).is_some_and(|said| claims.get(address) != Some(said)) {
            claims.remove(verified);
        } else if !said.contains_key(address) && claims.contains_key(address) {
            said.remove(verified);
        }
    }
    claims.extend(said.into_iter().filter(|(name, _)| !OF_THE_TOKEN.contains(&name.as_str())));
    claims
}

/// A number or a text; never a fraction, which may be written in two ways.
fn subject_of(claims: &Members, name: &str) -> Result<String, Fault> {
    match claims.get(name) {
        None | Some(Value::Null) => Err(missing(name)),
        Some(Value::String(text)) => subject(name, text),
        Some(Value::Number(number)) if number.is_i64() || number.is_u64() => subject(name, &number.to_string()),
        Some(_) => Err(claim(name, "is neither a text nor a whole number")),
    }
}

/// The list knows which address is verified; the one of the profile is whatever its owner shows to others.
fn set_email(claims: &mut Members, emails: Vec<Listed>) {
    claims.remove("email");
    claims.remove("email_verified");
    let primary = emails.into_iter().max_by_key(|email| (email.primary, email.verified));
    if let Some(email) = primary {
        claims.insert("email_verified".to_owned(), Value::Bool(email.verified));
        claims.insert("email".to_owned(), Value::String(email.email));
    }
}

/// OpenID Connect Core 1.0 section 5.3.2: what is not there is left out, and not null.
fn without_nulls(mut claims: Members) -> Members {
    claims.retain(|_, value| !value.is_null());
    claims
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn members(json: Value) -> Members {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn one_addresss_verification_is_never_anothers() {
        let token = members(json!({"sub": "1", "email": "a@x.example", "email_verified": true}));
        let said = members(json!({"sub": "1", "email": "b@x.example"}));
        assert_eq!(Value::Object(merged(token.clone(), said)), json!({"sub": "1", "email": "b@x.example"}));
        let said = members(json!({"sub": "1", "email": "a@x.example", "name": "Ada", "nick": null}));
        let whole = json!({"sub": "1", "email": "a@x.example", "email_verified": true, "name": "Ada"});
        assert_eq!(Value::Object(merged(token, said)), whole);
        let token = members(json!({"sub": "1", "email": "a@x.example"}));
        let said = members(json!({"sub": "1", "email_verified": true}));
        assert_eq!(Value::Object(merged(token, said)), json!({"sub": "1", "email": "a@x.example"}));
    }

    #[test]
    fn user_info_says_nothing_of_the_token() {
        let token = members(json!({"sub": "1", "iss": "https://id.example", "sid": "s"}));
        let said = members(json!({"sub": "1", "iss": "https://other.example", "sid": "t", "exp": 0}));
        assert_eq!(merged(token.clone(), said)["iss"], token["iss"]);
    }

    #[test]
    fn a_subject_is_a_text_or_a_whole_number() {
        let of = |value: Value| subject_of(&members(json!({ "id": value })), "id");
        assert_eq!(of(json!(583_231)).unwrap(), "583231");
        assert_eq!(of(json!("abc")).unwrap(), "abc");
        for wrong in [json!(1.5), json!(true), json!(["1"]), json!(null), json!(" "), json!("x".repeat(256))] {
            assert!(of(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_primary_address_is_taken_with_its_own_verification() {
        let mut claims = members(json!({"email": "shown@x.example", "email_verified": true}));
        let list = json!([
            {"email": "old@x.example", "primary": false, "verified": true},
            {"email": "new@x.example", "primary": true, "verified": false},
        ]);
        set_email(&mut claims, serde_json::from_value(list).unwrap());
        assert_eq!(Value::Object(claims), json!({"email": "new@x.example", "email_verified": false}));
    }
}
