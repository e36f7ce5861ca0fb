//! What everybody may see and do of their own account, whatever their role.

use auth::{Authorised, Denied, grants::OwnAccount};
use domain::{
    ProviderLinkId, UserId,
    user::{User, UserInput},
    validation::name_key,
};
use secrecy::SecretString;
use serde_json::json;
use storage::{passwords, provider_links, second_factors, sessions, users};

use crate::{
    Directory, Error, Result,
    change::About,
    federation::{self, LinkedProvider},
    people::{self, Account},
    sign_in::{By, SignedIn},
    users::{Revision, change_user},
};

/// Somebody as they see themselves.
#[derive(Clone, Debug)]
pub struct MyAccount {
    pub user: User,
    /// Every system that has, shall have or might have an account for them; what was sent there is not for them.
    pub systems: Vec<Account>,
    /// Where else they sign in.
    pub providers: Vec<LinkedProvider>,
    /// They can sign in without any of those.
    pub has_password: bool,
    /// How many they have.
    pub second_factors: usize,
}

impl Directory {
    pub async fn my_account(&self, who: &Authorised<OwnAccount>) -> Result<MyAccount> {
        let id = own(who)?;
        let mut conn = self.db().read().await?;
        let user = users::get(&mut conn, id).await?.ok_or(Error::NotFound("user"))?;
        let mut systems = people::systems(&mut conn, id).await?;
        for system in &mut systems {
            system.last = None;
        }
        let providers = federation::linked(&mut conn, id).await?;
        let has_password = passwords::get(&mut conn, id).await?.is_some();
        let second_factors = second_factors::of_user(&mut conn, id).await?.len();
        Ok(MyAccount { user, systems, providers, has_password, second_factors })
    }

    /// Lets go of a connection that somebody signs in by; their sessions from there end. Refused where they would have no
    /// way in any more. Answers whether the caller's own session was one of those.
    pub async fn unlink_provider(&self, who: &Authorised<OwnAccount>, link: ProviderLinkId) -> Result<bool> {
        let (id, session, context) = (own(who)?, who.caller().session(), self.context(who));
        self.db()
            .write::<_, Error, _>(move |conn| {
                let context = context.clone();
                Box::pin(async move {
                    let links = provider_links::of_user(conn, id).await?;
                    let mine = links.iter().find(|one| one.id == link).ok_or(Error::NotFound("link"))?;
                    if passwords::get(conn, id).await?.is_none() && links.len() == 1 {
                        return Err(Error::Conflict("It is your only way in: set a password first.".to_owned()));
                    }
                    provider_links::delete_one_of(conn, id, link).await?;
                    let source = match session {
                        Some(session) => sessions::source(conn, &context.vault, session).await?,
                        None => None,
                    };
                    sessions::delete_from(conn, id, mine.connection_id, None).await?;
                    let user = users::get(conn, id).await?.ok_or(Error::NotFound("user"))?;
                    let about = About { kind: "user", id: Some(id.0), label: &user.user_name };
                    context.record(conn, "user.unlink", about, json!({ "known_as": mine.label })).await?;
                    Ok(source.is_some_and(|source| source.connection_id == mine.connection_id))
                })
            })
            .await
    }

    /// Sets another password for whoever knows the present one. Every session ends, and a new one begins for the
    /// browser that asked. As often as somebody may try to sign in.
    pub async fn change_my_password(
        &self,
        who: &Authorised<OwnAccount>,
        present: SecretString,
        new: SecretString,
        agent: &str,
    ) -> Result<SignedIn> {
        let (id, address) = (own(who)?, who.caller().address.clone());
        let (user, stored, since) = {
            let mut conn = self.db().read().await?;
            let user = users::get(&mut conn, id).await?.ok_or(Error::NotFound("user"))?;
            let session = match who.caller().session() {
                Some(session) => sessions::get(&mut conn, session).await?,
                None => None,
            };
            let since = session.ok_or(Error::Denied(Denied::SignedOut))?.created_at;
            (user, passwords::get(&mut conn, id).await?, since)
        };
        self.inner.sign_in_limits.try_once(&name_key(&user.user_name), &address)?;
        if !self.inner.hasher.verify(&present, stored.clone()).await.map_err(|_| Error::Hashing)? {
            tracing::info!(client.address = %address, "A password was not changed: the present one was not right.");
            return Err(Error::invalid("present", "This is not your present password."));
        }
        let hash = self.hash(&new).await?;
        let context = self.context(who);
        let changed = hash.clone();
        let user = self
            .commit::<_, Error, _>(move |conn| {
                let (context, hash, new, stored) = (context.clone(), changed.clone(), new.clone(), stored.clone());
                Box::pin(async move {
                    let user = users::get(conn, id).await?.ok_or(Error::NotFound("user"))?;
                    if passwords::get(conn, id).await? != stored {
                        return Err(Error::Stale);
                    }
                    let revision = Revision { input: UserInput::of(&user), password: Some(new) };
                    Ok(change_user(conn, &context, true, user, revision, Some(hash)).await?.0)
                })
            })
            .await?;
        let by = By::NewPassword { hash, since };
        self.begin_session(user, by, address, agent).await?.ok_or(Error::Denied(Denied::SignedOut))
    }
}

pub(crate) fn own(who: &Authorised<OwnAccount>) -> Result<UserId> {
    who.caller().user_id().ok_or(Error::NotFound("user"))
}
