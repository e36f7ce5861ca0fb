//! What waits of a sign-in under way: an encrypted row, found by the hash of a token, and what its page tells.

use std::time::Duration;

use auth::{Token, hash_token};
use domain::{ConnectionId, SessionId, SignInId, UserId, identity::IdentityProvider};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use storage::{connections, identity_providers, sign_ins, users};

use super::Seen;
use crate::{Directory, Error, Result};

/// How long a sign-in may take, at the provider and after it.
pub const LIFETIME: Duration = Duration::from_mins(10);

/// What a page of a sign-in under way tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The account here is made only if they agree: what of them is known.
    Consent {
        connection: String,
        told: Vec<(&'static str, String)>,
    },
    /// The systems are being asked.
    Waiting {
        connection: String,
        return_to: String,
    },
    /// The account is there.
    Ready {
        connection: String,
        return_to: String,
    },
    Refused {
        connection: ConnectionId,
        name: String,
        text: String,
        return_to: String,
    },
    /// On to the provider's own page: to sign in, or to sign out there too.
    Going {
        connection: String,
        url: String,
    },
    Unknown,
}

#[derive(Serialize, Deserialize)]
pub(super) enum Stage {
    AtProvider {
        nonce: String,
        verifier: Option<String>,
        browser: Vec<u8>,
        return_to: String,
    },
    Consent {
        seen: Seen,
        browser: Vec<u8>,
        return_to: String,
    },
    Waiting {
        user: UserId,
        return_to: String,
    },
    Refused {
        text: String,
        return_to: String,
    },
    Going {
        url: String,
    },
    /// As [`Stage::AtProvider`], of a test: it lets nobody in, and is its session's alone.
    Trying {
        nonce: String,
        verifier: Option<String>,
        browser: Vec<u8>,
        session: SessionId,
    },
}

impl Directory {
    /// What the page at a token tells; it changes nothing.
    pub async fn sign_in_standing(&self, token: &str, browser: Option<&str>) -> Result<Standing> {
        let Some((found, stage)) = self.find_stage(token).await? else { return Ok(Standing::Unknown) };
        let mut conn = self.db().read().await?;
        let Some(connection) = connections::get(&mut conn, found.1).await? else { return Ok(Standing::Unknown) };
        let name = connection.name;
        Ok(match stage {
            Stage::AtProvider { .. } | Stage::Trying { .. } => Standing::Unknown,
            // Who somebody is, is nothing for whoever has the address of the page alone.
            Stage::Consent { browser: begun, .. } if !is_same(browser, &begun) => Standing::Unknown,
            Stage::Consent { seen, .. } => {
                let settings = identity_providers::get(&mut conn, found.1).await?.map(|kept| kept.settings);
                Standing::Consent { connection: name, told: settings.map(|one| known(&one, &seen)).unwrap_or_default() }
            }
            Stage::Waiting { user, return_to } => match users::get_any(&mut conn, user).await? {
                Some(user) if user.staged => Standing::Waiting { connection: name, return_to },
                Some(_) => Standing::Ready { connection: name, return_to },
                None => {
                    let text = "Your account could not be made. Try again.".to_owned();
                    Standing::Refused { connection: found.1, name, text, return_to }
                }
            },
            Stage::Refused { text, return_to } => Standing::Refused { connection: found.1, name, text, return_to },
            Stage::Going { url } => Standing::Going { connection: name, url },
        })
    }

    /// Takes what was kept for a `state`: once, for the browser that began, at the same connection.
    pub(super) async fn take_state(
        &self,
        id: ConnectionId,
        state: &str,
        browser: Option<&str>,
    ) -> Result<(String, Option<String>, String)> {
        let ((row, connection), kept) = self.find_stage(state).await?.ok_or_else(gone)?;
        let Stage::AtProvider { nonce, verifier, browser: begun, return_to } = kept else { return Err(gone()) };
        if connection != id || !is_same(browser, &begun) {
            return Err(gone());
        }
        if self.take_row(row).await? { Ok((nonce, verifier, return_to)) } else { Err(gone()) }
    }

    /// Whether it was still there.
    pub(super) async fn take_row(&self, row: SignInId) -> Result<bool> {
        self.db()
            .write::<_, Error, _>(move |conn| Box::pin(async move { Ok(sign_ins::delete(conn, row).await?) }))
            .await
    }

    pub(super) async fn find_stage(&self, token: &str) -> Result<Option<((SignInId, ConnectionId), Stage)>> {
        let mut conn = self.db().read().await?;
        let found = sign_ins::find(&mut conn, self.db().vault(), &hash_token(token), self.now()).await?;
        Ok(found.and_then(|found| {
            let stage = serde_json::from_slice(&found.body).ok()?;
            Some(((found.id, found.connection_id), stage))
        }))
    }

    pub(super) async fn page(&self, connection: ConnectionId, stage: Stage) -> Result<SecretString> {
        let token = Token::make("", &**self.ids().dice());
        self.keep_stage(connection, token.hash.to_vec(), stage).await?;
        Ok(token.clear)
    }

    pub(super) async fn keep_stage(&self, connection: ConnectionId, hash: Vec<u8>, stage: Stage) -> Result<SignInId> {
        let (id, until) = (self.ids().make::<SignInId>(), self.now().plus(LIFETIME));
        let (vault, body) = (self.db().vault().clone(), written(&stage));
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (vault, body, hash) = (vault.clone(), body.clone(), hash.clone());
                Box::pin(
                    async move { Ok(sign_ins::insert(conn, &vault, (id, &hash), connection, &body, until).await?) },
                )
            })
            .await?;
        Ok(id)
    }
}

pub(super) fn written(stage: &Stage) -> Vec<u8> {
    serde_json::to_vec(stage).unwrap_or_default()
}

pub(super) fn gone() -> Error {
    let text = "This sign-in was finished before, has expired, or was begun in another browser. Start again.";
    Error::Conflict(text.to_owned())
}

/// Whether it is the browser that began.
pub(super) fn is_same(browser: Option<&str>, begun: &[u8]) -> bool {
    browser.is_some_and(|token| hash_token(token)[..] == *begun)
}

/// What of somebody is known, for whoever is asked to agree.
fn known(settings: &IdentityProvider, seen: &Seen) -> Vec<(&'static str, String)> {
    let Ok(input) = settings.newcomer(&seen.claims) else { return Vec::new() };
    let profile = input.profile;
    let name = profile.label();
    let department = profile.enterprise.as_ref().and_then(|one| one.department.clone());
    let phone = profile.phone_numbers.first().map(|one| one.value.clone());
    [
        ("User name", Some(input.user_name)),
        ("Name", name),
        ("Mail address", profile.primary_email().map(str::to_owned)),
        ("Phone number", phone),
        ("Title", profile.title.clone()),
        ("Department", department),
    ]
    .into_iter()
    .filter_map(|(label, value)| Some((label, value?)))
    .collect()
}
