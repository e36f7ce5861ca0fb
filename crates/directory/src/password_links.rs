//! Links by which somebody sets their own password, once: how people who were added in the console come in.

use std::time::Duration;

use auth::{
    Authorised, Token,
    grants::{UsersRead, UsersWrite},
    hash_token,
};
use domain::{
    Timestamp, UserId,
    mail::Kind,
    user::{User, UserInput},
};
use secrecy::SecretString;
use serde_json::json;
use storage::{
    Conn,
    audit::{Actor, ActorKind},
    password_links::{self, Giver, PasswordLink},
    passwords, second_factors, users,
};

use crate::{
    Directory, Error, Result,
    change::About,
    registration,
    users::{Revision, change_user, within_reach},
};

const OUT_OF_REACH: &str = "A user who holds a console role cannot be given a password with this token.";

/// How long a link works.
pub const LIFETIME: Duration = Duration::from_hours(72);
/// How long one works that somebody asked for who forgot their password.
pub const RESET_LIFETIME: Duration = Duration::from_hours(1);
/// How long after its end a link is remembered, so that whoever opens it is told what became of it.
pub const REMEMBERED: Duration = Duration::from_hours(30 * 24);

/// The link's token in the clear, once.
#[derive(Debug)]
pub struct NewLink {
    pub token: SecretString,
    pub expires_at: Timestamp,
}

/// What a link opens.
#[derive(Clone, Debug, PartialEq)]
pub enum Link {
    Open {
        user: Box<User>,
        expires_at: Timestamp,
        /// It went by mail to whoever asked for it: following it shows that the address is theirs.
        shows_address: bool,
    },
    /// The password was set, by the link or otherwise.
    Used,
    Late,
    /// It never was, another one has replaced it, or the user may not sign in.
    Unknown,
}

impl Link {
    /// Why it does not open anything, and what to do.
    pub fn closed(&self) -> Option<&'static str> {
        match self {
            Self::Open { .. } => None,
            Self::Used => Some(
                "This link was used already: a password has been set. Sign in with it, or ask an administrator for a \
                 new link.",
            ),
            Self::Late => Some("This link has expired. Ask an administrator for a new one."),
            Self::Unknown => Some(
                "This link does not work: it may be incomplete, or a newer one has replaced it. Use the newest link \
                 that you were given, or ask an administrator for another one.",
            ),
        }
    }
}

/// How long the link in a mail works.
pub(crate) fn lifetime(kind: Kind) -> Duration {
    if kind == Kind::PasswordReset { RESET_LIFETIME } else { LIFETIME }
}

/// Who gives the link in a mail.
pub(crate) fn giver(kind: Kind) -> Giver {
    if kind == Kind::PasswordReset { Giver::Themselves } else { Giver::Administrator }
}

impl Directory {
    /// Mails a link to a user, as an invitation to whoever has no password yet; it is made when the mail goes out, and the one before works no more then. Answers the
    /// address.
    pub async fn mail_password_link(&self, who: &Authorised<UsersWrite>, id: UserId) -> Result<String> {
        self.needs_mail()?;
        let (context, may_touch_roles) = (self.context(who), who.may_touch_roles());
        self.commit::<_, Error, _>(move |conn| {
            let context = context.clone();
            Box::pin(async move {
                let user = within_reach(conn, id, may_touch_roles, OUT_OF_REACH).await?;
                let address = user.profile.primary_email().map(str::to_owned);
                let address = address.ok_or_else(|| Error::Conflict("This user has no mail address.".to_owned()))?;
                let kind =
                    if passwords::get(conn, id).await?.is_some() { Kind::PasswordReset } else { Kind::Invitation };
                context.post(conn, kind, &address, &user.label(), Some(id.0)).await?;
                let about = About { kind: "user", id: Some(id.0), label: &user.user_name };
                context.record(conn, "user.password_mail", about, json!({ "address": address })).await?;
                Ok(address)
            })
        })
        .await
    }

    /// Makes a link for a user; the one before works no more.
    pub async fn create_password_link(&self, who: &Authorised<UsersWrite>, id: UserId) -> Result<NewLink> {
        let (context, may_touch_roles) = (self.context(who), who.may_touch_roles());
        let token = Token::make("", &**self.ids().dice());
        let expires_at = context.now.plus(LIFETIME);
        let hash = token.hash;
        self.db()
            .write::<_, Error, _>(move |conn| {
                let context = context.clone();
                Box::pin(async move {
                    let user = within_reach(conn, id, may_touch_roles, OUT_OF_REACH).await?;
                    let link = PasswordLink {
                        user_id: id,
                        giver: Giver::Administrator,
                        created_at: context.now,
                        expires_at,
                        used_at: None,
                    };
                    password_links::put(conn, &link, &hash).await?;
                    let about = About { kind: "user", id: Some(id.0), label: &user.user_name };
                    context.record(conn, "user.password_link", about, json!({ "expires": expires_at })).await
                })
            })
            .await?;
        Ok(NewLink { token: token.clear, expires_at })
    }

    /// Until when the link of a user is open, if there is one.
    pub async fn open_link_until(&self, _who: &Authorised<UsersRead>, user: UserId) -> Result<Option<Timestamp>> {
        let mut conn = self.db().read().await?;
        let link = password_links::of_user(&mut conn, user, Giver::Administrator).await?;
        Ok(link.filter(|link| link.used_at.is_none() && link.expires_at > self.now()).map(|link| link.expires_at))
    }

    /// What the link with this token opens.
    pub async fn password_link(&self, token: &str) -> Result<Link> {
        let mut conn = self.db().read().await?;
        find(&mut conn, &hash_token(token), self.now()).await
    }

    /// Sets the password of whoever holds the link, ends their sessions, and closes the link; answers the user name.
    /// As often as somebody may try to sign in.
    pub async fn set_password_by_link(&self, token: &str, password: SecretString, address: &str) -> Result<String> {
        let hash = hash_token(token);
        let user = match self.password_link(token).await? {
            Link::Open { user, .. } => user,
            closed => {
                self.inner.sign_in_limits.try_once("", address)?;
                return Err(refused(&closed));
            }
        };
        self.inner.sign_in_limits.try_once(&domain::validation::name_key(&user.user_name), address)?;
        let hashed = self.hash(&password).await?;
        let actor =
            Actor { kind: ActorKind::User, id: Some(user.id.0), label: user.label(), address: address.to_owned() };
        let context = self.context_as(actor);
        self.commit::<_, Error, _>(move |conn| {
            let (context, hashed, password) = (context.clone(), hashed.clone(), password.clone());
            Box::pin(async move {
                let (user, shows_address) = match find(conn, &hash, context.now).await? {
                    Link::Open { user, shows_address, .. } => (*user, shows_address),
                    closed => return Err(refused(&closed)),
                };
                let revision = Revision { input: UserInput::of(&user), password: Some(password) };
                let (user, _) = change_user(conn, &context, true, user, revision, Some(hashed)).await?;
                if shows_address {
                    if !registration::is_proven(conn, &user).await? {
                        // Whoever registered with this address may have been somebody else, and have set one up.
                        second_factors::delete_of(conn, user.id).await?;
                    }
                    registration::shown(conn, &context, &user).await?;
                }
                Ok(user.user_name)
            })
        })
        .await
    }
}

async fn find(conn: &mut Conn, hash: &[u8], now: Timestamp) -> Result<Link> {
    let Some(link) = password_links::by_token(conn, hash).await? else { return Ok(Link::Unknown) };
    let user = users::get(conn, link.user_id).await?.filter(|user| user.active && !user.locked);
    Ok(match user {
        None => Link::Unknown,
        Some(_) if link.used_at.is_some() => Link::Used,
        Some(_) if link.expires_at <= now => Link::Late,
        Some(user) => Link::Open {
            user: Box::new(user),
            expires_at: link.expires_at,
            shows_address: link.giver == Giver::Themselves,
        },
    })
}

fn refused(link: &Link) -> Error {
    Error::Conflict(link.closed().unwrap_or_default().to_owned())
}
