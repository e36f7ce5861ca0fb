//! What a demo tells the tour of itself.

use std::sync::{Arc, OnceLock};

use domain::Timestamp;
use secrecy::SecretString;

/// The external system that the tour plays with, seen from outside Usher.
pub trait System: Send + Sync {
    /// Where its page for people is.
    fn page(&self) -> String;
    /// The address by which its connector is known.
    fn users_endpoint(&self) -> String;
    /// Somebody has looked at its page.
    fn was_opened(&self) -> bool;
    /// It is switched off at present.
    fn is_off(&self) -> bool;
    /// When it was switched off, oldest first.
    fn outages(&self) -> Vec<Outage>;
}

#[derive(Clone, Copy, Debug)]
pub struct Outage {
    pub from: Timestamp,
    /// None while it lasts.
    pub until: Option<Timestamp>,
}

pub struct Facts {
    pub system: Box<dyn System>,
    /// Of the demo alone, whose data is made up.
    pub token: SecretString,
    /// Where programs create users here.
    pub users_url: String,
    /// Where people register and sign in.
    pub register_url: String,
    pub sign_in_url: String,
    /// The page that shows every mail.
    pub inbox: String,
    /// The page of the OpenID provider.
    pub provider: String,
}

impl std::fmt::Debug for Facts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facts").field("users_url", &self.users_url).finish_non_exhaustive()
    }
}

/// Empty in every process but a demo.
#[derive(Clone, Debug, Default)]
pub struct Stage(Arc<OnceLock<Facts>>);

impl Stage {
    /// From now on there is a tour. A second offer is without effect.
    pub fn offer(&self, facts: Facts) {
        let _ = self.0.set(facts);
    }

    pub fn facts(&self) -> Option<&Facts> {
        self.0.get()
    }
}

/// Creates somebody over SCIM, from a terminal.
pub fn create_line(users_url: &str, token: &str, user_name: &str, given_name: &str, family_name: &str) -> String {
    format!(
        "curl -X POST {users_url} \\\n  \
         -H 'Authorization: Bearer {token}' \\\n  \
         -H 'Content-Type: application/scim+json' \\\n  \
         -d '{{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"{user_name}\",\
         \"name\":{{\"givenName\":\"{given_name}\",\"familyName\":\"{family_name}\"}},\
         \"emails\":[{{\"value\":\"{user_name}@example.org\",\"primary\":true}}]}}'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_whole_when_it_is_pasted() {
        let line = create_line("http://127.0.0.1:1/scim2/Users", "t", "joan", "Joan", "Clarke");
        let (head, body) = line.split_once(" -d '").unwrap();
        assert!(head.lines().all(|part| part.ends_with(" \\") || part.trim().is_empty()), "{head}");
        let user: serde_json::Value = serde_json::from_str(body.trim_end_matches('\'')).unwrap();
        assert_eq!((&user["userName"], &user["name"]["familyName"]), (&"joan".into(), &"Clarke".into()));
    }
}
