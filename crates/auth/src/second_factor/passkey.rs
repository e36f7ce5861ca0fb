//! Passkeys (Web Authentication Level 3): what is asked of a browser, and whether its answer is right.

use domain::UserId;
use serde_json::Value;
use url::Url;
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential},
};

/// What a browser is asked, and what has to be kept until it answers.
#[derive(Clone, Debug)]
pub struct Question {
    /// The `publicKey` options, as JSON.
    pub options: Value,
    /// Kept on the server and used once.
    pub state: String,
}

/// A passkey as it is kept: the public half, and how often it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPasskey {
    pub credential: Vec<u8>,
    /// JSON.
    pub key: String,
}

/// The answer is wrong, or was given to another question; what exactly is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Wrong(String);

fn wrong(why: impl std::fmt::Display) -> Wrong {
    Wrong(why.to_string())
}

/// Asks the browsers of one site.
#[derive(Clone, Debug)]
pub struct Passkeys(Webauthn);

impl Passkeys {
    /// Passkeys belong to a domain: there are none at an IP address.
    pub fn at(site: &Url, organization: &str) -> Option<Self> {
        let domain = site.domain()?;
        let builder = WebauthnBuilder::new(domain, site).ok()?;
        builder.rp_name(organization).build().ok().map(Self)
    }

    /// Asks for a new one, and for none of those that they have.
    pub fn ask_for_new(
        &self,
        user: UserId,
        name: &str,
        label: &str,
        present: &[KeptPasskey],
    ) -> Result<Question, Wrong> {
        let known = present.iter().map(|one| one.credential.clone()).collect();
        let (asked, state) = self.0.start_passkey_registration(user.0, name, label, Some(known)).map_err(wrong)?;
        question(&asked, &state)
    }

    pub fn take_new(&self, state: &str, answer: &str) -> Result<KeptPasskey, Wrong> {
        let state: PasskeyRegistration = serde_json::from_str(state).map_err(wrong)?;
        let answer: RegisterPublicKeyCredential = serde_json::from_str(answer).map_err(wrong)?;
        let made = self.0.finish_passkey_registration(&answer, &state).map_err(wrong)?;
        kept(&made)
    }

    /// Asks for one of those that they have.
    pub fn ask(&self, present: &[KeptPasskey]) -> Result<Question, Wrong> {
        let present: Vec<Passkey> = present.iter().map(read).collect::<Result<_, _>>()?;
        let (asked, state) = self.0.start_passkey_authentication(&present).map_err(wrong)?;
        question(&asked, &state)
    }

    /// The one that answered, as it is to be kept from now on.
    pub fn answered(&self, state: &str, answer: &str, present: &[KeptPasskey]) -> Result<KeptPasskey, Wrong> {
        let state: PasskeyAuthentication = serde_json::from_str(state).map_err(wrong)?;
        let answer: PublicKeyCredential = serde_json::from_str(answer).map_err(wrong)?;
        let shown = self.0.finish_passkey_authentication(&answer, &state).map_err(wrong)?;
        let credential: &[u8] = shown.cred_id().as_ref();
        let known = present.iter().find(|one| one.credential == credential);
        let mut key = read(known.ok_or_else(|| wrong("it is not theirs any more"))?)?;
        // A counter that does not rise tells of a copy (section 6.1.1); most passkeys do not count.
        if shown.counter() > 0 && key.update_credential(&shown) != Some(true) {
            return Err(wrong("its counter did not rise: there may be a copy of it"));
        }
        kept(&key)
    }
}

fn question(asked: &impl serde::Serialize, state: &impl serde::Serialize) -> Result<Question, Wrong> {
    let asked = serde_json::to_value(asked).map_err(wrong)?;
    let options = asked.get("publicKey").cloned().ok_or_else(|| wrong("nothing was asked"))?;
    Ok(Question { options, state: serde_json::to_string(state).map_err(wrong)? })
}

fn read(one: &KeptPasskey) -> Result<Passkey, Wrong> {
    serde_json::from_str(&one.key).map_err(wrong)
}

fn kept(key: &Passkey) -> Result<KeptPasskey, Wrong> {
    let credential: &[u8] = key.cred_id().as_ref();
    Ok(KeptPasskey { credential: credential.to_vec(), key: serde_json::to_string(key).map_err(wrong)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_belong_to_a_domain() {
        let at = |site: &str| Passkeys::at(&Url::parse(site).unwrap(), "Acme").is_some();
        assert!(at("https://id.example.org") && at("http://localhost:8080"));
        assert!(!at("https://192.0.2.1") && !at("http://[::1]:8080"));
    }

    #[test]
    fn what_is_asked_names_the_site_and_the_person() {
        let passkeys = Passkeys::at(&Url::parse("https://id.example.org").unwrap(), "Acme").unwrap();
        let Question { options, .. } =
            passkeys.ask_for_new(UserId(uuid::Uuid::from_u128(7)), "ada", "Ada Lovelace", &[]).unwrap();
        assert_eq!(options.pointer("/rp/id"), Some(&"id.example.org".into()));
        assert_eq!(options.pointer("/rp/name"), Some(&"Acme".into()));
        assert_eq!(options.pointer("/user/name"), Some(&"ada".into()));
        assert_eq!(options.pointer("/authenticatorSelection/userVerification"), Some(&"required".into()));
    }

    #[test]
    fn nonsense_is_wrong_and_no_panic() {
        let passkeys = Passkeys::at(&Url::parse("https://id.example.org").unwrap(), "Acme").unwrap();
        let asked = passkeys.ask_for_new(UserId(uuid::Uuid::from_u128(7)), "ada", "Ada", &[]).unwrap();
        for answer in ["", "{}", "null", "[1]", &asked.state] {
            assert!(passkeys.take_new(&asked.state, answer).is_err());
            assert!(passkeys.answered(&asked.state, answer, &[]).is_err());
        }
    }
}
