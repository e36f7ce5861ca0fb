//! Why nobody was signed in.

use std::fmt;

use egress::Trouble;

/// Characters of the provider's own words that are kept.
const SHOWN: usize = 200;

/// The text is for the log and for administrators; [`Problem::for_visitors`] is for the sign-in page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The connection lacks something, or has something that cannot be.
    #[error("The connection's settings do not suffice: {0}.")]
    Settings(String),
    #[error("The {part} could not be asked: {trouble}.")]
    Unreachable { part: Part, trouble: Trouble },
    #[error("The {part} answered with status {status}{}.", quoted(.said))]
    Status { part: Part, status: u16, said: String },
    #[error("The {part} answered with something that cannot be read: {why}.")]
    Unreadable { part: Part, why: String },
    /// Also where a document names whatever host it was asked under.
    #[error("The discovery document is one of the issuer “{found}”, and this connection's issuer is “{expected}”.")]
    Discovered { expected: String, found: String },
    #[error("{}", match .found {
        Some(found) => format!("The answer came from the issuer “{found}”, and “{}” was asked.", .expected),
        None => format!("The answer does not say that it came from “{}”, as that provider's answers do.", .expected),
    })]
    Answered { expected: String, found: Option<String> },
    /// An error of RFC 6749 or OpenID Connect, by its code.
    #[error("The provider refused: {code}{}.", quoted(.said))]
    Refused { code: String, said: String },
    #[error("The provider does not take the code: it was used before, or came too late{}.", quoted(.0))]
    Code(String),
    #[error("The provider issued no ID token. The scope “openid” may be missing.")]
    NoIdToken,
    #[error("The {kind} is not accepted: {fault}.")]
    Token { kind: Kind, fault: Fault },
    #[error("The user info is not accepted: {0}.")]
    UserInfo(Fault),
    #[error("The user info is about another subject than the ID token.")]
    OtherSubject,
}

/// What is wrong with a token or with what it claims.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("it is no signed token: {0}")]
    Form(String),
    #[error("it is of the type “{0}”")]
    Type(String),
    /// `none`, or one whose key is no secret of the provider's.
    #[error("it is signed by “{0}”, and only RSA, ECDSA and EdDSA signatures show who signed")]
    Algorithm(String),
    #[error("{}", match .0 {
        Some(kid) => format!("the provider publishes no key “{kid}” for its signature"),
        None => "the provider publishes no key for its signature".to_owned(),
    })]
    UnknownKey(Option<String>),
    #[error("its signature is wrong")]
    Signature,
    #[error("its issuer is “{found}”, not “{expected}”")]
    Issuer { expected: String, found: String },
    #[error("it is not meant for this client (aud: {0})")]
    Audience(String),
    #[error("{}", match .0 {
        Some(azp) => format!("it was issued to another client (azp: “{azp}”)"),
        None => "it has several audiences and does not say which client it was issued to (azp)".to_owned(),
    })]
    AuthorizedParty(Option<String>),
    #[error("it has expired")]
    Expired,
    #[error("it is not valid yet ({0} lies ahead); the clock of this machine or of the provider may be wrong")]
    NotYet(&'static str),
    #[error("it belongs to another sign-in (nonce)")]
    Nonce,
    #[error("it belongs to another access token (at_hash)")]
    AccessToken,
    #[error("the person signed in there too long ago (auth_time)")]
    TooLongAgo,
    #[error("the claim “{claim}” {why}")]
    Claim { claim: String, why: &'static str },
}

/// What of a provider was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Discovery,
    Keys,
    Token,
    UserInfo,
    Emails,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    IdToken,
    LogoutToken,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discovery => "provider's discovery document",
            Self::Keys => "provider's key set",
            Self::Token => "provider's token endpoint",
            Self::UserInfo => "provider's user info endpoint",
            Self::Emails => "provider's list of mail addresses",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IdToken => "ID token",
            Self::LogoutToken => "sign-out token",
        })
    }
}

impl Problem {
    /// Of a callback that brought `error` instead of a code.
    pub fn of_callback(error: &str, description: Option<&str>) -> Self {
        Self::refused(error, description)
    }

    pub(super) fn refused(code: &str, description: Option<&str>) -> Self {
        let said = description.map(shown).unwrap_or_default();
        match code {
            // GitHub has a name of its own for it.
            "invalid_grant" | "bad_verification_code" => Self::Code(said),
            _ => Self::Refused { code: shown(code), said },
        }
    }

    /// Whether the person turned back there; nothing is wrong then.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "access_denied")
    }

    /// Whether the provider may answer well in a while, with nothing changed.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable { trouble, .. } => !matches!(trouble, Trouble::Blocked(_)),
            Self::Status { status, .. } => *status >= 500 || *status == 429,
            Self::Refused { code, .. } => matches!(code.as_str(), "server_error" | "temporarily_unavailable"),
            _ => false,
        }
    }

    /// For whoever signs in: what to do, and nothing of how this house is set up.
    pub fn for_visitors(&self) -> &'static str {
        match self {
            _ if self.is_cancelled() => "The sign-in was cancelled there. Start again, or sign in another way.",
            _ if self.is_temporary() => "The provider does not answer at the moment. Try again in a minute.",
            Self::Code(_) | Self::Token { fault: Fault::Nonce | Fault::Expired | Fault::TooLongAgo, .. } => {
                "This sign-in was used already or took too long. Start again."
            }
            _ => "The provider's answer could not be accepted. Tell an administrator, who finds the reason in the log.",
        }
    }
}

/// Another party's words, so that they fit into a line of ours.
pub(super) fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect()
}

fn quoted(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!(": “{words}”") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_providers_words_stay_short_and_on_one_line() {
        let problem = Problem::of_callback("server_error", Some(&format!("one\r\ntwo{}", "x".repeat(5_000))));
        let text = problem.to_string();
        assert!(text.starts_with("The provider refused: server_error: “one  two"), "{text}");
        assert!(text.len() < 300 && problem.is_temporary());
    }

    #[test]
    fn whoever_turned_back_is_told_so() {
        let problem = Problem::of_callback("access_denied", None);
        assert_eq!(problem.to_string(), "The provider refused: access_denied.");
        assert!(problem.is_cancelled() && problem.for_visitors().contains("cancelled"));
    }
}
