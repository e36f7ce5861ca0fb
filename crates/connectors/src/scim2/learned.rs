//! What earlier calls found out about a target, kept by the engine between calls.

use serde::{Deserialize, Serialize};

use super::extensions::Known;
use crate::Call;

/// A stored payload: add, never rename. What cannot be read counts as nothing learnt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Learned {
    /// Whether users can be looked up by `externalId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) external_id_filter: Option<bool>,
    /// The way of updating that worked last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) update: Option<Rung>,
    /// How the token endpoint wants the client's secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) token_authentication: Option<ClientAuthentication>,
    /// Which extension schemas the target takes, beyond the enterprise one.
    #[serde(skip_serializing_if = "Known::is_empty")]
    pub(super) extensions: Known,
}

/// The ways of updating, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Rung {
    Patch,
    PatchWithoutPath,
    Put,
}

impl Rung {
    pub(super) const LADDER: [Self; 3] = [Self::Patch, Self::PatchWithoutPath, Self::Put];
}

/// RFC 6749 section 2.3.1, by the names of RFC 7591 section 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ClientAuthentication {
    ClientSecretBasic,
    ClientSecretPost,
}

impl Learned {
    pub(super) fn of(call: &Call<'_>) -> Self {
        serde_json::from_value(call.learned()).unwrap_or_default()
    }

    /// Changes what is remembered; calls that run at the same time change other fields at most.
    pub(super) fn update(call: &Call<'_>, change: impl FnOnce(&mut Self)) {
        let before = Self::of(call);
        let mut after = before.clone();
        change(&mut after);
        if after != before {
            call.learn(serde_json::json!(after));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim2::extensions::{Found, Takes};

    #[test]
    fn it_is_stored_by_these_names() {
        let learned = Learned {
            external_id_filter: Some(false),
            update: Some(Rung::PatchWithoutPath),
            token_authentication: Some(ClientAuthentication::ClientSecretPost),
            extensions: Known::from([("urn:x:A".to_owned(), Found { takes: Takes::No, at: 7 })]),
        };
        let stored = json!({
            "external_id_filter": false,
            "update": "patch_without_path",
            "token_authentication": "client_secret_post",
            "extensions": {"urn:x:A": {"takes": "no", "at": 7}},
        });
        assert_eq!(json!(learned), stored);
        assert_eq!(serde_json::from_value::<Learned>(stored).unwrap(), learned);
    }

    #[test]
    fn nothing_learnt_is_an_empty_object() {
        assert_eq!(json!(Learned::default()), json!({}));
    }
}
