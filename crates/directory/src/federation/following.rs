//! Somebody is brought in line with what their provider says of them by now.

use domain::{
    UserId,
    connection::Connection,
    group::{GroupInput, MemberChange},
    identity::{GroupSync, IdentityProvider},
    user::{User, UserInput},
};
use storage::{Conn, groups, provider_links, users};

use super::Seen;
use crate::{
    Result,
    change::Context,
    groups::change_group,
    imports,
    users::{Revision, change_user},
};

/// Brings somebody in line with what their provider says of them by now.
pub(super) async fn follow(
    conn: &mut Conn,
    context: &Context,
    settings: &IdentityProvider,
    connection: &Connection,
    seen: &Seen,
    user: User,
) -> Result<User> {
    if let Some(link) = provider_links::by_subject(conn, connection.id, &seen.subject).await? {
        provider_links::seen(conn, link.id, &seen.label(), context.now).await?;
    }
    let mut input = UserInput::of(&user);
    if let Err(misfit) = settings.apply(&seen.claims, settings.attribute_sync, &mut input.profile) {
        tracing::warn!(connection = %connection.name, user.name = %user.user_name, "Attributes did not follow: {misfit}.");
        input = UserInput::of(&user);
    }
    // Whoever holds a console role is found by an address that only people here change; and nobody takes another's.
    if user.role.is_some() || is_anothers(conn, &input, user.id).await? {
        input.profile.emails = user.profile.emails.clone();
    }
    let id = user.id;
    let revision = Revision { input, password: None };
    let (user, _) = change_user(conn, context, true, user, revision, None).await?;
    follow_groups(conn, context, settings, seen, id).await?;
    Ok(user)
}

/// Whether the address that somebody would be found by is one of somebody else's here.
async fn is_anothers(conn: &mut Conn, input: &UserInput, user: UserId) -> Result<bool> {
    let Some(mail) = input.profile.primary_email() else { return Ok(false) };
    Ok(users::by_mail(conn, mail, 2).await?.iter().any(|having| having.id != user))
}

async fn follow_groups(
    conn: &mut Conn,
    context: &Context,
    settings: &IdentityProvider,
    seen: &Seen,
    user: UserId,
) -> Result<()> {
    // A claim that is missing says nothing: some providers leave it out for whoever is in many groups.
    let Some((named, all)) = settings.groups_of(&seen.claims) else { return Ok(()) };
    for name in &named {
        let member = match groups::by_name(conn, name).await? {
            Some(group) => !groups::members_among(conn, group.id, &[user]).await?.is_empty(),
            None => false,
        };
        if !member && let Some(note) = imports::join(conn, context, user, name, false).await? {
            tracing::warn!(user.id = %user, "{note}");
        }
    }
    if settings.group_sync == GroupSync::Merge {
        return Ok(());
    }
    for name in all.iter().filter(|name| !named.contains(name)) {
        let Some(group) = groups::by_name(conn, name).await? else { continue };
        if !groups::members_among(conn, group.id, &[user]).await?.is_empty() {
            let input = GroupInput::of(&group);
            change_group(conn, context, group, input, &[MemberChange::Remove(vec![user])]).await?;
        }
    }
    Ok(())
}
