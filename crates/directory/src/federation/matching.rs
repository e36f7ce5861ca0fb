//! Whose account it is that somebody signs in to: by the link of an earlier sign-in, or by a rule of an administrator's.

use domain::{
    ConnectionId, UserId,
    connection::Connection,
    identity::{self, IdentityProvider, LinkAttribute, Misfit},
    user::{User, UserInput},
};
use serde_json::{Value, json};
use storage::{Conn, provider_links, users};

use super::{Newcomer, Seen};
use crate::{
    Error, Result,
    change::{About, Context},
    recovery::anybody_known_as,
    registration::is_proven,
    sign_in::may_enter,
};

pub(super) const TAKEN: &str = "There is an account here already with this user name or mail address. Sign in with its password, or \
                     ask an administrator.";

/// What becomes of somebody who comes.
pub(super) enum Verdict {
    /// The account is theirs: since an earlier sign-in, or from now on, by a rule.
    Enter { user: User, first: bool },
    /// Their account is being made, by a sign-in that was quicker.
    Join(UserId),
    /// An account is made of this; they may have to be asked.
    Create { input: UserInput, ask: bool },
    /// What the provider says makes no account.
    Misfit(Misfit),
    /// Why not, for whoever signs in.
    Refuse(String),
}

/// Who somebody turned out to be here.
enum Found {
    Known(User),
    /// Their account is being made, by a sign-in that was quicker.
    Coming(UserId),
    /// An account here that a rule says is theirs.
    Linked(User),
    Nobody,
    Refused(String),
}

/// What becomes of somebody. Nothing is done yet.
pub(super) async fn judge(
    conn: &mut Conn,
    connection: &Connection,
    settings: &IdentityProvider,
    seen: &Seen,
) -> Result<Verdict> {
    let refuse = |text: &str| Verdict::Refuse(text.to_owned());
    Ok(match find(conn, connection, settings, seen).await? {
        Found::Refused(text) => Verdict::Refuse(text),
        Found::Known(user) | Found::Linked(user) if !may_enter(&user) => {
            refuse("Your account here is locked or disabled. Ask an administrator.")
        }
        Found::Known(user) => Verdict::Enter { user, first: false },
        Found::Linked(user) => Verdict::Enter { user, first: true },
        Found::Coming(user) => Verdict::Join(user),
        Found::Nobody if !settings.jit || settings.skip_without_account => {
            refuse("There is no account for you here. Ask an administrator for one.")
        }
        Found::Nobody => match settings.newcomer(&seen.claims) {
            Ok(input) => Verdict::Create { input, ask: settings.consent },
            Err(misfit) => Verdict::Misfit(misfit),
        },
    })
}

async fn find(conn: &mut Conn, connection: &Connection, settings: &IdentityProvider, seen: &Seen) -> Result<Found> {
    if let Some(link) = provider_links::by_subject(conn, connection.id, &seen.subject).await? {
        return Ok(match users::get_any(conn, link.user_id).await? {
            Some(user) if user.staged => Found::Coming(user.id),
            Some(user) => Found::Known(user),
            None => Found::Nobody,
        });
    }
    if let Some(user) = by_rules(conn, settings, seen).await? {
        return Ok(match user.role {
            Some(_) => Found::Refused(
                "The account here that would be yours holds a console role: such accounts are never taken for \
                 somebody's by themselves. Sign in with its password."
                    .to_owned(),
            ),
            None if may_link(conn, connection.id, &user).await? => Found::Linked(user),
            None => Found::Refused(TAKEN.to_owned()),
        });
    }
    let Ok(input) = settings.newcomer(&seen.claims) else { return Ok(Found::Nobody) };
    // Also an address that is not verified, and so not taken over: two people with one confuse everybody.
    let mail = settings.mail_of(&seen.claims).unwrap_or_default();
    let taken = anybody_known_as(conn, &input.user_name).await?.is_some()
        || (!mail.is_empty() && anybody_known_as(conn, &mail).await?.is_some());
    Ok(if taken && settings.jit { Found::Refused(TAKEN.to_owned()) } else { Found::Nobody })
}

/// Not onto somebody who never showed that their address is theirs: whoever registered with another's would be let into
/// their account. Nor onto somebody who is another subject there already: addresses are given to others, subjects never.
async fn may_link(conn: &mut Conn, connection: ConnectionId, user: &User) -> Result<bool> {
    let known = provider_links::of_user(conn, user.id).await?.iter().any(|link| link.connection_id == connection);
    Ok(!known && is_proven(conn, user).await?)
}

/// Whose account it is by what an administrator has allowed: an attribute first, then a verified address.
async fn by_rules(conn: &mut Conn, settings: &IdentityProvider, seen: &Seen) -> Result<Option<User>> {
    let claim = seen.claims.get(settings.link_claim.trim()).and_then(Value::as_str).map(str::trim);
    if let Some(value) = claim.filter(|value| !value.is_empty()) {
        let found = match settings.link_attribute {
            LinkAttribute::UserName => users::by_name(conn, value).await?,
            LinkAttribute::ExternalId => users::by_external_id(conn, value).await?,
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    if settings.link_verified_mail
        && let Some(mail) = identity::verified_mail(&seen.claims)
    {
        let mut having = users::by_mail(conn, mail, 2).await?;
        return Ok(if having.len() == 1 { having.pop() } else { None });
    }
    Ok(None)
}

pub(super) async fn link_by_rule(
    conn: &mut Conn,
    context: &Context,
    connection: &Connection,
    seen: &Seen,
    user: &User,
) -> Result<()> {
    // Looked at once more in the transaction: a role may have been given meanwhile.
    if user.role.is_some() {
        return Err(Error::Protected("This account holds a console role.".to_owned()));
    }
    if !may_link(conn, connection.id, user).await? {
        return Err(Error::Conflict(TAKEN.to_owned()));
    }
    let newcomer = Newcomer { connection: connection.id, subject: seen.subject.clone(), label: seen.label() };
    newcomer.link(conn, context, user.id).await?;
    let about = About { kind: "user", id: Some(user.id.0), label: &user.user_name };
    context.record(conn, "user.link", about, json!({ "connection": connection.name, "known_as": seen.label() })).await
}
