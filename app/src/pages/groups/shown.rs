//! Between the use cases and the pages of groups.

use auth::grants::{UsersRead, UsersWrite};
use directory::{
    groups::NewGroup,
    memberships::{Groups, Joined, Part},
    people::{People, PeopleQuery},
};
use domain::{
    GroupId, UserId,
    group::{self, GroupInput},
    limits,
    user::User,
};

use super::{
    listing::{Asked, PAGE},
    view::{Group, Listing, Which},
};
use crate::{
    error::ConsoleError,
    outcome::Outcome,
    pages::{
        connections::thousands,
        users::shown::{may_write, person, standing},
    },
    routes::Page,
    ssr,
    ui::{
        cells::{Cell, Line},
        note::Tone,
    },
};

/// What is chosen from in a dialog comes in shorter pages.
const IN_A_DIALOG: i64 = 20;

pub(super) async fn list(of: Which, asked: Asked) -> Result<Listing, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersRead>()?;
    let Asked { search, after } = asked;
    let limit = match of {
        Which::People(_) | Which::GroupsFor(_) => IN_A_DIALOG,
        Which::Groups | Which::Members(_) | Which::GroupsOf(_) => i64::from(limits::DEFAULT_PAGE),
    };
    let part = Part { search, after, limit };
    let (items, next) = match of {
        Which::Groups => {
            let Groups { items, next } = directory.groups(&who, &part).await?;
            (items.iter().map(group_with_times).collect(), next)
        }
        Which::GroupsOf(user) => {
            let Groups { items, next } = directory.groups_of(&who, user, &part).await?;
            (items.iter().map(|group| group_line(group, false)).collect(), next)
        }
        Which::GroupsFor(user) => {
            directory.user(&who, user).await?;
            let Groups { items, next } = directory.groups(&who, &part).await?;
            let ids: Vec<GroupId> = items.iter().map(|group| group.id).collect();
            let present = directory.groups_among(&who, user, &ids).await?;
            (items.iter().map(|group| group_line(group, present.contains(&group.id))).collect(), next)
        }
        Which::Members(group) => {
            let People { items, next } = directory.people_in(&who, group, &part).await?;
            (items.iter().map(member).collect(), next)
        }
        Which::People(group) => {
            directory.group(&who, group).await?;
            let query =
                PeopleQuery { search: Some(part.search), after: Some(part.after), limit, ..PeopleQuery::default() };
            let People { items, next } = directory.people(&who, query).await?;
            let ids: Vec<UserId> = items.iter().map(|user| user.id).collect();
            let present = directory.members_among(&who, group, &ids).await?;
            (items.iter().map(|user| candidate(user, present.contains(&user.id))).collect(), next)
        }
    };
    Ok(Listing { items, next, may_write: may_write() })
}

fn group_line(group: &group::Group, is_in: bool) -> Line {
    let external_id = group.external_id.as_ref().map(|id| format!("External id {id}"));
    Line {
        id: group.id.to_string(),
        title: group.display_name.clone(),
        text: if is_in { "In it already".to_owned() } else { external_id.unwrap_or_default() },
        to: Page::Group(group.id).path(),
        cells: vec![thousands(group.size).into()],
        is_in,
    }
}

fn group_with_times(group: &group::Group) -> Line {
    let mut line = group_line(group, false);
    line.cells.extend([Cell::at(group.created_at), Cell::at(group.updated_at)]);
    line
}

fn member(user: &User) -> Line {
    Line { cells: vec![user.user_name.clone().into(), state(user)], ..person(user) }
}

/// There is no room for a column of user names in a dialog.
fn candidate(user: &User, is_in: bool) -> Line {
    let state = if is_in { Cell::state(Tone::Neutral, "In the group") } else { state(user) };
    Line { text: user.user_name.clone(), cells: vec![state], is_in, ..person(user) }
}

fn state(user: &User) -> Cell {
    let (tone, text) = standing(user).in_words();
    Cell::state(tone, text)
}

pub(super) async fn group(id: GroupId) -> Result<Group, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersRead>()?;
    let group = directory.group(&who, id).await?;
    Ok(Group {
        id,
        name: group.display_name,
        members: counted(group.size, "member", "members"),
        is_empty: group.size == 0,
        external_id: group.external_id,
        created: group.created_at.into(),
        changed: group.updated_at.into(),
        may_write: may_write(),
    })
}

pub(super) async fn create(name: String) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let input = GroupInput { display_name: name, external_id: None };
    let made = directory.create_group(&who, NewGroup { input, members: Vec::new() }).await;
    let said = "The group was made. Now choose who is in it, or do so later.";
    Ok(ssr::outcome(made, |group| Outcome::done(&Page::AddMembers(group.id), said))?.renamed("displayName", "name"))
}

pub(super) async fn rename(id: GroupId, seen: String, name: String) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let renamed = directory.rename_group(&who, id, seen, name).await;
    let done = |_| Outcome::done(&Page::Group(id), "The group was updated.");
    Ok(ssr::outcome(renamed, done)?.renamed("displayName", "name"))
}

pub(super) async fn delete(id: GroupId) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let deleted = directory.delete_group(&who, id, None).await;
    ssr::outcome(deleted, |()| Outcome::done(&Page::Groups, "The group was deleted."))
}

pub(super) async fn add_members(id: GroupId, ids: Vec<UserId>) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let joined = directory.add_people(&who, id, ids).await;
    let done = |joined| Outcome::done(&Page::GroupMembers(id), people_joined(joined));
    Ok(ssr::outcome(joined, done)?.renamed("members", ""))
}

pub(super) async fn remove_members(id: GroupId, ids: Vec<UserId>, asked: &Asked) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let chosen = ids.len();
    let removed = directory.remove_people(&who, id, ids).await;
    ssr::outcome(removed, |removed| back(&Page::GroupMembers(id), asked, taken_out(removed, chosen)))
}

pub(super) async fn assign(id: UserId, ids: Vec<GroupId>) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let joined = directory.join_groups(&who, id, ids).await;
    let done = |joined| Outcome::done(&Page::UserGroups(id), groups_joined(joined));
    Ok(ssr::outcome(joined, done)?.renamed("members", ""))
}

pub(super) async fn leave(id: UserId, ids: Vec<GroupId>, asked: &Asked) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let chosen = ids.len();
    let left = directory.leave_groups(&who, id, ids).await;
    ssr::outcome(left, |left| back(&Page::UserGroups(id), asked, left_groups(left, chosen)))
}

/// To where in the list somebody was.
fn back(page: &Page, asked: &Asked, message: String) -> Outcome {
    Outcome::Done { to: asked.path(&page.path(), PAGE, &asked.after), message: Some(message) }
}

fn counted(count: i64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {many}", thousands(count)) }
}

fn number(count: usize, one: &str, many: &str) -> String {
    counted(i64::try_from(count).unwrap_or(i64::MAX), one, many)
}

fn people_joined(Joined { added, already, gone }: Joined) -> String {
    let mut said = match added {
        0 => "Nobody was added.".to_owned(),
        added => number(added, "person was added.", "people were added."),
    };
    if already > 0 {
        said = format!("{said} {}", number(already, "was in the group already.", "were in the group already."));
    }
    with_gone(said, gone)
}

fn groups_joined(Joined { added, already, gone }: Joined) -> String {
    let mut said = match added {
        0 => "No group was assigned.".to_owned(),
        added => number(added, "group was assigned.", "groups were assigned."),
    };
    if already > 0 {
        said = format!("{said} {}", number(already, "was assigned already.", "were assigned already."));
    }
    with_gone(said, gone)
}

fn with_gone(said: String, gone: usize) -> String {
    match gone {
        0 => said,
        gone => format!("{said} {}", number(gone, "was deleted meanwhile.", "were deleted meanwhile.")),
    }
}

fn taken_out(removed: usize, chosen: usize) -> String {
    match (removed, chosen.saturating_sub(removed)) {
        (0, _) => "Nobody was removed: they had left the group already.".to_owned(),
        (_, 0) => number(removed, "person was removed from the group.", "people were removed from the group."),
        (_, before) => format!(
            "{} {}",
            number(removed, "person was removed.", "people were removed."),
            number(before, "had left the group already.", "had left the group already.")
        ),
    }
}

fn left_groups(left: usize, chosen: usize) -> String {
    match (left, chosen.saturating_sub(left)) {
        (0, _) => "Nothing was changed: the user had left already.".to_owned(),
        (_, 0) => number(left, "group was left.", "groups were left."),
        (_, before) => format!(
            "{} {}",
            number(left, "group was left.", "groups were left."),
            number(before, "had been left already.", "had been left already.")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_a_selection_is_said_in_full() {
        for (joined, people, groups) in [
            ((1, 0, 0), "1 person was added.", "1 group was assigned."),
            (
                (3, 1, 2),
                "3 people were added. 1 was in the group already. 2 were deleted meanwhile.",
                "3 groups were assigned. 1 was assigned already. 2 were deleted meanwhile.",
            ),
            (
                (0, 2, 0),
                "Nobody was added. 2 were in the group already.",
                "No group was assigned. 2 were assigned already.",
            ),
        ] {
            let (added, already, gone) = joined;
            let joined = Joined { added, already, gone };
            assert_eq!((people_joined(joined).as_str(), groups_joined(joined).as_str()), (people, groups));
        }
        assert_eq!(taken_out(2, 2), "2 people were removed from the group.");
        assert_eq!(taken_out(1, 3), "1 person was removed. 2 had left the group already.");
        assert_eq!(left_groups(1, 1), "1 group was left.");
    }

    #[test]
    fn members_are_counted_in_words() {
        assert_eq!(counted(1, "member", "members"), "1 member");
        assert_eq!(counted(100_000, "member", "members"), "100,000 members");
    }
}
