//! What a token has to claim: OpenID Connect Core 1.0 section 3.1.3.7 and Back-Channel Logout 1.0 section 2.6.

use std::time::Duration;

use domain::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::{
    problem::{Fault, shown},
    provider::LoggedOut,
};

/// Two clocks never agree.
const LEEWAY: i64 = 60;
/// OpenID Connect Core 1.0 section 2.
const LONGEST_SUBJECT: usize = 255;
/// How long a sign-out token counts that does not say; older providers leave that out.
const LIFE_OF_LOGOUT: i64 = 120;
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Whom a token should be from and for, and when.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) now: Timestamp,
}

pub(super) struct Claims<'a>(pub(super) &'a Map<String, Value>);

impl Expected<'_> {
    /// Answers with the subject.
    pub(super) fn id_token(
        &self,
        claims: &Claims<'_>,
        nonce: &SecretString,
        max_age: Option<Duration>,
    ) -> Result<String, Fault> {
        self.issued_there(claims)?;
        let audiences = self.for_us(claims)?;
        self.authorized_party(claims, audiences)?;
        self.not_over(claims.required_seconds("exp")?)?;
        self.begun("nbf", claims.seconds("nbf")?)?;
        self.begun("iat", Some(claims.required_seconds("iat")?))?;
        let found = claims.text("nonce")?.ok_or(Fault::Nonce)?;
        if !bool::from(found.as_bytes().ct_eq(nonce.expose_secret().as_bytes())) {
            return Err(Fault::Nonce);
        }
        if let Some(max_age) = max_age {
            let since = self.seconds_since(claims.required_seconds("auth_time")?);
            if since > i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX).saturating_add(LEEWAY) {
                return Err(Fault::TooLongAgo);
            }
        }
        claims.subject()
    }

    pub(super) fn logout_token(&self, claims: &Claims<'_>) -> Result<LoggedOut, Fault> {
        self.issued_there(claims)?;
        self.for_us(claims)?;
        let issued = claims.required_seconds("iat")?;
        self.begun("iat", Some(issued))?;
        self.begun("nbf", claims.seconds("nbf")?)?;
        self.not_over(claims.seconds("exp")?.unwrap_or(issued.saturating_add(LIFE_OF_LOGOUT)))?;
        let events = claims.0.get("events").ok_or_else(|| missing("events"))?;
        if !events.get(LOGOUT).is_some_and(Value::is_object) {
            return Err(claim("events", "does not say that somebody signed out"));
        }
        // Whoever could pass an ID token off as this one could sign everybody out.
        if claims.0.contains_key("nonce") {
            return Err(claim("nonce", "is one of ID tokens alone"));
        }
        let subject = claims.text("sub")?.map(|_| claims.subject()).transpose()?;
        let session_id = claims.session_id()?;
        if subject.is_none() && session_id.is_none() {
            return Err(claim("sub", "is missing, and “sid” too"));
        }
        let jti = claims.text("jti")?.filter(|jti| !jti.is_empty()).ok_or_else(|| missing("jti"))?;
        Ok(LoggedOut { subject, session_id, jti: jti.to_owned() })
    }

    fn issued_there(&self, claims: &Claims<'_>) -> Result<(), Fault> {
        let found = claims.text("iss")?.ok_or_else(|| missing("iss"))?;
        if found == self.issuer {
            return Ok(());
        }
        Err(Fault::Issuer { expected: self.issuer.to_owned(), found: shown(found) })
    }

    /// Answers with the number of audiences, of which we are one.
    fn for_us(&self, claims: &Claims<'_>) -> Result<usize, Fault> {
        let audience = claims.0.get("aud").ok_or_else(|| missing("aud"))?;
        let all: Option<Vec<&str>> = match audience {
            Value::String(one) => Some(vec![one]),
            Value::Array(all) => all.iter().map(Value::as_str).collect(),
            _ => None,
        };
        let all = all.ok_or_else(|| claim("aud", "is neither a text nor a list of texts"))?;
        if all.contains(&self.client_id) { Ok(all.len()) } else { Err(Fault::Audience(shown(&audience.to_string()))) }
    }

    /// Where others may use the token too, it has to say that it was issued to us; and never to somebody else.
    fn authorized_party(&self, claims: &Claims<'_>, audiences: usize) -> Result<(), Fault> {
        match claims.text("azp")? {
            Some(azp) if azp == self.client_id => Ok(()),
            None if audiences == 1 => Ok(()),
            azp => Err(Fault::AuthorizedParty(azp.map(shown))),
        }
    }

    fn not_over(&self, end: i64) -> Result<(), Fault> {
        if self.seconds_since(end) >= LEEWAY { Err(Fault::Expired) } else { Ok(()) }
    }

    fn begun(&self, name: &'static str, begin: Option<i64>) -> Result<(), Fault> {
        match begin {
            Some(begin) if self.seconds_since(begin) < -LEEWAY => Err(Fault::NotYet(name)),
            _ => Ok(()),
        }
    }

    fn seconds_since(&self, then: i64) -> i64 {
        self.now.as_micros().div_euclid(1_000_000).saturating_sub(then)
    }
}

impl<'a> Claims<'a> {
    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, Fault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(claim(name, "is no text")),
        }
    }

    pub(super) fn subject(&self) -> Result<String, Fault> {
        subject("sub", self.text("sub")?.ok_or_else(|| missing("sub"))?)
    }

    pub(super) fn session_id(&self) -> Result<Option<String>, Fault> {
        match self.text("sid")?.filter(|sid| !sid.is_empty()) {
            Some(sid) if sid.chars().count() > LONGEST_SUBJECT => Err(claim("sid", "is too long")),
            sid => Ok(sid.map(str::to_owned)),
        }
    }

    /// Whole seconds since 1970; some providers write fractions.
    fn seconds(&self, name: &str) -> Result<Option<i64>, Fault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => whole(value).map(Some).ok_or_else(|| claim(name, "is no time in seconds")),
        }
    }

    fn required_seconds(&self, name: &str) -> Result<i64, Fault> {
        self.seconds(name)?.ok_or_else(|| missing(name))
    }
}

/// What names somebody for ever: neither empty nor longer than the standard allows.
pub(super) fn subject(claim_name: &str, text: &str) -> Result<String, Fault> {
    if text.trim().is_empty() {
        Err(claim(claim_name, "is empty"))
    } else if text.chars().count() > LONGEST_SUBJECT {
        Err(claim(claim_name, "has more than 255 characters"))
    } else if text.chars().any(char::is_control) {
        Err(claim(claim_name, "has control characters"))
    } else {
        Ok(text.to_owned())
    }
}

pub(super) fn missing(name: &str) -> Fault {
    claim(name, "is missing")
}

pub(super) fn claim(name: &str, why: &'static str) -> Fault {
    Fault::Claim { claim: name.to_owned(), why }
}

fn whole(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "a fraction of a second is not missed; a cast saturates")]
    let floored = || value.as_f64().map(|seconds| seconds.floor() as i64);
    value.as_i64().or_else(floored)
}
