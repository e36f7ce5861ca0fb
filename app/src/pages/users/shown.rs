//! Between the use cases and the pages of people.

use std::{collections::BTreeMap, sync::Arc};

use auth::grants::{UsersRead, UsersWrite};
use directory::{
    Error,
    second_factors::SecondFactor,
    users::{ReviseError, Revision},
};
use domain::{
    UserId,
    permission::Permission,
    user::{self, UserInput},
};

use super::{
    attributes, custom, origin, story,
    view::{Entry, Session, Standing, User},
};
use crate::{error::ConsoleError, outcome::Outcome, pages::settings::agent, routes::Page, ssr, ui::cells::Line};

pub(crate) fn standing(user: &user::User) -> Standing {
    if !user.active {
        Standing::Disabled
    } else if user.locked {
        Standing::Locked
    } else {
        Standing::Active
    }
}

/// A line that leads to somebody; its cells are up to the table.
pub(crate) fn person(user: &user::User) -> Line {
    Line {
        id: user.id.to_string(),
        title: user.label(),
        text: user.profile.primary_email().unwrap_or_default().to_owned(),
        to: Page::User(user.id).path(),
        ..Line::default()
    }
}

pub(crate) fn may_write() -> bool {
    ssr::caller().may(Permission::UsersWrite)
}

pub(super) async fn user(id: UserId) -> Result<User, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersRead>()?;
    let user = directory.user(&who, id).await?;
    let schemas = directory.schemas_now().await?;
    let mut values = attributes::read(&user);
    values.extend(custom::read(&schemas.extensions, &user));
    Ok(User {
        id,
        label: user.label(),
        user_name: user.user_name.clone(),
        mail: user.profile.primary_email().map(str::to_owned),
        state: standing(&user),
        locked: user.locked,
        origin: origin(user.origin).to_owned(),
        created: user.created_at.into(),
        version: user.version,
        role: user.role,
        last_administrator: directory.is_last_administrator(&who, &user).await?,
        may_give_roles: ssr::caller().may(Permission::RolesWrite),
        is_me: ssr::caller().user_id() == Some(id),
        may_write: may_write(),
        values,
        custom: custom::sections(&schemas.extensions, &user),
        certificates: user.profile.x509_certificates.len(),
        link_until: directory.open_link_until(&who, id).await?.map(Into::into),
    })
}

/// A revision of ours refuses nothing by itself.
pub(super) fn failed(error: ReviseError) -> Error {
    match error {
        ReviseError::Failed(error) => error,
        ReviseError::Refused(why) => Error::Conflict(why.to_string()),
    }
}

pub(super) async fn update(id: UserId, version: i64, typed: BTreeMap<String, String>) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let schemas = directory.schemas_now().await?;
    let present = Arc::clone(&schemas);
    let revise = Arc::new(move |user: &user::User| {
        let mut input = attributes::write(user, &typed);
        input.profile.extensions = custom::write(&present.extensions, user, &typed);
        Ok(Revision { input, password: None })
    });
    let changed = directory.revise_user(&who, id, Some(version), revise).await.map_err(failed);
    let pending = match &changed {
        Ok(outcome) => story::names_of(&directory, &outcome.pending).await?,
        Err(_) => Vec::new(),
    };
    let done = |_| Outcome::done(&Page::User(id), story::followed("The profile was updated.", &pending));
    Ok(custom::named(&schemas.extensions, ssr::outcome_within(attributes::MAP, changed, done)?)
        .renamed("attributes[emails]", "attributes[emails.0.value]")
        .renamed("attributes[phoneNumbers]", "attributes[phoneNumbers.0.value]")
        .renamed("attributes[name]", "attributes[name.givenName]"))
}

pub(super) async fn switch(id: UserId, active: bool) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let revise = Arc::new(move |user: &user::User| {
        Ok(Revision { input: UserInput { active, ..UserInput::of(user) }, password: None })
    });
    let changed = directory.revise_user(&who, id, None, revise).await.map_err(failed);
    let pending = match &changed {
        Ok(outcome) => story::names_of(&directory, &outcome.pending).await?,
        Err(_) => Vec::new(),
    };
    let did = if active { "The user is enabled." } else { "The user is disabled." };
    // Whoever disables themselves is signed out by it.
    if changed.is_ok() && !active && ssr::caller().user_id() == Some(id) {
        return Ok(Outcome::go(&Page::SignIn));
    }
    ssr::outcome(changed, |_| Outcome::done(&Page::User(id), story::followed(did, &pending)))
}

pub(super) async fn lock(id: UserId, locked: bool) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let changed = directory.lock_user(&who, id, locked).await;
    // Whoever locks themselves out is signed out by it.
    if changed.is_ok() && locked && ssr::caller().user_id() == Some(id) {
        return Ok(Outcome::go(&Page::SignIn));
    }
    let did = if locked { "The user is locked." } else { "The user is unlocked." };
    ssr::outcome(changed, |_| Outcome::done(&Page::User(id), did))
}

pub(super) async fn delete(id: UserId) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let is_me = ssr::caller().user_id() == Some(id);
    let deleted = directory.delete_user(&who, id, None).await;
    let pending = match &deleted {
        Ok(pending) => story::names_of(&directory, pending).await?,
        Err(_) => Vec::new(),
    };
    if deleted.is_ok() && is_me {
        return Ok(Outcome::go(&Page::SignIn));
    }
    ssr::outcome(deleted, |_| Outcome::done(&Page::Users, story::followed("The user was deleted.", &pending)))
}

pub(super) async fn sessions(id: UserId) -> Result<Entry, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersRead>()?;
    let present = ssr::caller().session();
    let sessions = directory.sessions_of(&who, id).await?.into_iter().map(|session| Session {
        id: session.id,
        browser: agent::in_words(&session.agent),
        address: session.address,
        signed_in: session.created_at.into(),
        seen: session.seen_at.into(),
        present: present == Some(session.id),
    });
    let sessions = sessions.collect();
    let factors = directory.second_factors_of(&who, id).await?;
    let named = |factor: &SecondFactor| {
        let (name, kind) = (&factor.name, factor.kind.label());
        if name == kind { kind.to_owned() } else { format!("{name} ({})", kind.to_lowercase()) }
    };
    let second_factors = factors.iter().map(named).collect::<Vec<_>>().join(", ");
    Ok(Entry { sessions, second_factors })
}
