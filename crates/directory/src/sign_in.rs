//! Signing in and out, and who a session or token stands for.

use std::time::Duration;

use auth::{Authorised, Caller, Token, Who, grants::OwnSessions, hash_token};
use domain::{Timestamp, UserId, permission::Role, user::User, validation::name_key};
use secrecy::SecretString;
use storage::{
    Conn, api_tokens,
    audit::{Actor, ActorKind},
    passwords, provider_links,
    sessions::{self, Session, Source},
    users,
};

use crate::{Directory, Error, Result, change::About, details::Details, recovery::known_as, second_factors};

/// A session ends after this long without use.
pub const IDLE: Duration = Duration::from_hours(12);
/// And after this long in any case.
pub const LONGEST: Duration = Duration::from_hours(7 * 24);
/// A session that waits for a second factor ends after this long.
pub const HALF_WAY: Duration = Duration::from_mins(10);
/// Use is written down at most this often.
const NOTED_EVERY: Duration = Duration::from_mins(1);
/// Characters kept of a browser's description of itself.
const AGENT: usize = 256;

#[derive(Debug)]
pub struct SignedIn {
    /// Goes into the cookie; shown nowhere else.
    pub token: SecretString,
    pub expires_at: Timestamp,
    /// What they may do in the console; none, and it is not for them.
    pub role: Option<Role>,
}

#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user name, or a mail address that one user alone has.
    pub user_name: String,
    pub password: SecretString,
    pub address: String,
    pub agent: String,
}

impl Directory {
    /// Says only that it failed, and takes as long, whether or not the account exists.
    pub async fn sign_in(&self, credentials: Credentials) -> Result<SignedIn> {
        let Credentials { user_name, password, address, agent } = credentials;
        self.inner.sign_in_limits.try_once(&name_key(&user_name), &address)?;
        let (user, stored) = {
            let mut conn = self.db().read().await?;
            let user = known_as(&mut conn, &user_name).await?;
            let stored = match &user {
                Some(user) => passwords::get(&mut conn, user.id).await?,
                None => None,
            };
            (user, stored)
        };
        let right = self.inner.hasher.verify(&password, stored.clone()).await.map_err(|_| Error::Hashing)?;
        if let Some((user, hash)) = user.clone().zip(stored).filter(|(user, _)| right && may_enter(user))
            && let Some(signed_in) = self.begin_session(user, By::Password(hash), address.clone(), &agent).await?
        {
            return Ok(signed_in);
        }
        tracing::info!(client.address = %address, "A sign-in failed.");
        if let Err(error) = self.record_failure(&user_name, user, address).await {
            tracing::error!(error = %error, "A failed sign-in could not be recorded.");
        }
        Err(Error::SignInFailed)
    }

    pub(crate) async fn begin_session(
        &self,
        user: User,
        by: By,
        address: String,
        agent: &str,
    ) -> Result<Option<SignedIn>> {
        let token = Token::make("", &**self.ids().dice());
        self.begin_session_with(token, user, by, address, agent).await
    }

    /// None where the user was disabled, locked, deleted or given another password since theirs was looked at: checking
    /// it takes a while, and whatever ended their sessions meanwhile did not see this one.
    pub(crate) async fn begin_session_with(
        &self,
        token: Token,
        user: User,
        by: By,
        address: String,
        agent: &str,
    ) -> Result<Option<SignedIn>> {
        let actor = Actor { kind: ActorKind::User, id: Some(user.id.0), label: user.label(), address: address.clone() };
        let context = self.context_as(actor);
        let session = Session {
            id: context.ids.make(),
            user_id: user.id,
            created_at: if let By::NewPassword { since, .. } = &by { *since } else { context.now },
            seen_at: context.now,
            expires_at: context.now.plus(LONGEST),
            address,
            agent: agent.chars().take(AGENT).collect(),
            half: false,
        };
        let expires_at = session.expires_at;
        let key = token.hash;
        let begun = self
            .db()
            .write::<_, Error, _>(move |conn| {
                let (context, session, by) = (context.clone(), session.clone(), by.clone());
                Box::pin(async move {
                    let user = users::get(conn, session.user_id).await?.filter(may_enter);
                    let Some(user) = user else { return Ok(None) };
                    if !by.still_holds(conn, user.id).await? {
                        return Ok(None);
                    }
                    let half = second_factors::asks_more(conn, &user, &by).await?;
                    let until = if half { context.now.plus(HALF_WAY) } else { session.expires_at };
                    let session = Session { half, expires_at: until, ..session };
                    sessions::insert(conn, &session, &key).await?;
                    let mut details = Details::default();
                    if let By::Provider { source, name, .. } = &by {
                        sessions::set_source(conn, &context.vault, session.id, source).await?;
                        details = details.with("connection", name.as_str());
                    }
                    let about = About { kind: "user", id: Some(user.id.0), label: &user.user_name };
                    let action = if half { "session.ask" } else { "session.start" };
                    context.record(conn, action, about, details).await?;
                    Ok(Some(user.role))
                })
            })
            .await?;
        Ok(begun.map(|role| SignedIn { token: token.clear, expires_at, role }))
    }

    /// Written down whether or not the account exists, so that both take as long; a name that is nobody's is not, as
    /// it may be a password typed into the wrong field.
    async fn record_failure(&self, user_name: &str, user: Option<User>, address: String) -> Result<()> {
        if !self.inner.sign_in_limits.records_failure(&name_key(user_name)) {
            return Ok(());
        }
        let why = match &user {
            None => "unknown",
            Some(user) if !may_enter(user) => "disabled",
            Some(_) => "password",
        };
        let context = self.context_as(Actor { kind: ActorKind::Nobody, id: None, label: String::new(), address });
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (context, user) = (context.clone(), user.clone());
                Box::pin(async move {
                    let (id, label) = user.map_or((None, String::new()), |user| (Some(user.id.0), user.user_name));
                    let details = Details::default().with("reason", why);
                    context.record(conn, "session.refuse", About { kind: "user", id, label: &label }, details).await
                })
            })
            .await
    }

    /// Ends the session of whoever asks; nothing where there is none.
    pub async fn sign_out(&self, who: &Authorised<OwnSessions>) -> Result<()> {
        let (context, caller) = (self.context(who), who.caller());
        let Some((user, session)) = caller.user_id().zip(caller.session()) else { return Ok(()) };
        self.db()
            .write::<_, Error, _>(move |conn| {
                let context = context.clone();
                Box::pin(async move {
                    if !sessions::delete_one_of(conn, user, session).await? {
                        return Ok(());
                    }
                    let Some(user) = users::get(conn, user).await? else { return Ok(()) };
                    let about = About { kind: "user", id: Some(user.id.0), label: &user.user_name };
                    context.record(conn, "session.end", about, Details::default().with("ended", 1)).await
                })
            })
            .await
    }

    /// Who a session cookie stands for; nobody when it has ended.
    pub async fn caller_of_session(&self, token: &str, address: &str) -> Result<Caller> {
        let now = self.now();
        let mut conn = self.db().read().await?;
        let Some(session) = sessions::by_token(&mut conn, &hash_token(token)).await? else {
            return Ok(Caller::nobody(address));
        };
        if session.expires_at <= now || session.seen_at.plus(IDLE) <= now {
            return Ok(Caller::nobody(address));
        }
        let Some(user) = users::get(&mut conn, session.user_id).await?.filter(may_enter) else {
            return Ok(Caller::nobody(address));
        };
        drop(conn);
        if now.since(session.seen_at) > NOTED_EVERY {
            let id = session.id;
            self.db()
                .write::<_, Error, _>(move |conn| Box::pin(async move { Ok(sessions::touch(conn, id, now).await?) }))
                .await?;
        }
        let (id, label) = (user.id, user.label());
        let who = if session.half {
            Who::Half { id, label, session: session.id }
        } else {
            Who::User { id, label, role: user.role, session: session.id }
        };
        Ok(Caller { who, address: address.to_owned() })
    }

    /// Who a bearer token stands for; nobody when it is unknown, expired or revoked.
    pub async fn caller_of_token(&self, token: &str, address: &str) -> Result<Caller> {
        let now = self.now();
        let found = {
            let mut conn = self.db().read().await?;
            api_tokens::by_hash(&mut conn, &hash_token(token)).await?
        };
        let valid = found.filter(|token| token.revoked_at.is_none() && token.expires_at > now);
        let Some(token) = valid else { return Ok(Caller::nobody(address)) };
        if token.last_used_at.is_none_or(|used| now.since(used) > NOTED_EVERY) {
            let id = token.id;
            self.db()
                .write::<_, Error, _>(move |conn| Box::pin(async move { Ok(api_tokens::touch(conn, id, now).await?) }))
                .await?;
        }
        let who = Who::Token { id: token.id, name: token.name, scopes: token.scopes };
        Ok(Caller { who, address: address.to_owned() })
    }
}

/// What somebody showed to be signed in.
#[derive(Clone, Debug)]
pub(crate) enum By {
    /// Their password, whose hash this was when it was checked.
    Password(String),
    /// The same, which they have just set while they were signed in since then: of a second factor that they have, and
    /// when they showed it, nothing changes.
    NewPassword { hash: String, since: Timestamp },
    /// That they are somebody at a connection of this name.
    Provider { source: Source, subject: String, name: String },
}

impl By {
    /// Whether it is still what it was when it was looked at.
    async fn still_holds(&self, conn: &mut Conn, user: UserId) -> Result<bool> {
        Ok(match self {
            Self::Password(hash) | Self::NewPassword { hash, .. } => {
                passwords::get(conn, user).await?.is_some_and(|present| present == *hash)
            }
            Self::Provider { source, subject, .. } => {
                let link = provider_links::by_subject(conn, source.connection_id, subject).await?;
                link.is_some_and(|link| link.user_id == user)
            }
        })
    }
}

pub(crate) fn may_enter(user: &User) -> bool {
    user.active && !user.locked
}
