//! What somebody shows beside their password: a passkey, or a code of an authenticator app.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{
    permission::Role,
    validation::{FieldErrors, has_control},
};

/// Second factors of one user.
pub const MOST: usize = 10;
/// Characters in the name that somebody gives to one.
pub const NAME: usize = 60;
/// Recovery codes that are given at once; each is good for one sign-in.
pub const RECOVERY_CODES: usize = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Time-based one-time passwords (RFC 6238) of an app.
    App,
    /// A public-key credential (Web Authentication).
    Passkey,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::App, Self::Passkey];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Passkey => "passkey",
        }
    }

    /// As it is called where nobody gave it a name.
    pub fn label(self) -> &'static str {
        match self {
            Self::App => "Authenticator app",
            Self::Passkey => "Passkey",
        }
    }
}

impl FromStr for Kind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// A name as it was typed; empty, and the kind's own is taken.
pub fn name(typed: &str, kind: Kind) -> Result<String, FieldErrors> {
    let name = typed.trim();
    if name.chars().count() > NAME {
        return Err(FieldErrors::of("name", format!("At most {NAME} characters.")));
    }
    if has_control(name) || name.contains('\n') {
        return Err(FieldErrors::of("name", "No control characters."));
    }
    Ok(if name.is_empty() { kind.label() } else { name }.to_owned())
}

/// Who has to have a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Required {
    /// Whoever wants one has one.
    #[default]
    Nobody,
    /// Everybody with a console role.
    Administrators,
    Everybody,
}

impl Required {
    pub const ALL: [Self; 3] = [Self::Nobody, Self::Administrators, Self::Everybody];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Administrators => "administrators",
            Self::Everybody => "everybody",
        }
    }

    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|required| required.as_str() == text)
    }
}

/// Login & Registration → Multi-Factor Authentication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactors {
    pub required: Required,
    /// Asked after a sign-in by a connection too, and not after a password alone.
    pub after_connections: bool,
}

impl Default for SecondFactors {
    fn default() -> Self {
        Self { required: Required::Nobody, after_connections: true }
    }
}

impl SecondFactors {
    pub fn requires(&self, role: Option<Role>) -> bool {
        match self.required {
            Required::Nobody => false,
            Required::Administrators => role.is_some(),
            Required::Everybody => true,
        }
    }

    /// Whether somebody who has one or not, and came by a connection or a password, has a second step to take: they show
    /// one, or set up their first.
    pub fn asks_more(&self, role: Option<Role>, has_one: bool, by_connection: bool) -> bool {
        (has_one || self.requires(role)) && (self.after_connections || !by_connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_one_or_needs_one_is_asked() {
        let nobody = SecondFactors::default();
        assert!(nobody.asks_more(None, true, false));
        assert!(!nobody.asks_more(Some(Role::Administrator), false, false));
        let administrators = SecondFactors { required: Required::Administrators, ..nobody.clone() };
        assert!(administrators.asks_more(Some(Role::Auditor), false, false));
        assert!(!administrators.asks_more(None, false, false));
        assert!(SecondFactors { required: Required::Everybody, ..nobody }.asks_more(None, false, false));
    }

    #[test]
    fn a_connection_may_answer_for_its_own_sign_ins() {
        let asked = SecondFactors { required: Required::Everybody, after_connections: true };
        assert!(asked.asks_more(None, true, true));
        let not = SecondFactors { after_connections: false, ..asked };
        assert!(!not.asks_more(None, true, true));
        assert!(not.asks_more(None, true, false));
    }

    #[test]
    fn a_name_is_short_and_plain() {
        assert_eq!(name(" Work phone ", Kind::App).unwrap(), "Work phone");
        assert_eq!(name(" ", Kind::Passkey).unwrap(), "Passkey");
        assert!(name(&"x".repeat(NAME + 1), Kind::App).is_err());
        assert!(name("a\nb", Kind::App).is_err());
    }
}
