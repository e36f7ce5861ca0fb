//! Groups: created, changed, deleted; their members added and removed, at a cost that does not grow with the group.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use auth::{
    Authorised,
    grants::{UsersRead, UsersWrite},
};
use domain::{
    GroupId, UserId,
    group::{Group, GroupInput, Member, MemberChange, Membership},
    limits,
};
use serde_json::json;
use storage::{Conn, groups};

use crate::{
    Directory, Error, Result,
    change::{About, Context},
    details::{Details, between, came, went},
    users::{Refused, ReviseError},
};

/// Ids of members that one audit event lists; of more it gives the number.
pub const AUDITED_MEMBERS: usize = 1_000;

#[derive(Clone, Debug)]
pub struct NewGroup {
    pub input: GroupInput,
    pub members: Vec<UserId>,
}

/// Turns the group as it is into what it shall be; runs inside the transaction and must be quick.
pub type ReviseGroup = Arc<dyn Fn(&Group) -> std::result::Result<GroupInput, Refused> + Send + Sync>;

impl Directory {
    pub async fn group(&self, _who: &Authorised<UsersRead>, id: GroupId) -> Result<Group> {
        let mut conn = self.db().read().await?;
        groups::get(&mut conn, id).await?.ok_or(Error::NotFound("group"))
    }

    pub async fn group_by_name(&self, _who: &Authorised<UsersRead>, display_name: &str) -> Result<Option<Group>> {
        let mut conn = self.db().read().await?;
        Ok(groups::by_name(&mut conn, display_name).await?)
    }

    /// The first names, to be offered where one is typed.
    pub async fn group_names(&self, _who: &Authorised<UsersRead>, limit: i64) -> Result<Vec<String>> {
        let mut conn = self.db().read().await?;
        Ok(groups::list(&mut conn, "", limit).await?.into_iter().map(|group| group.display_name).collect())
    }

    /// Members in the order of ids, after one of them.
    pub async fn members(
        &self,
        _who: &Authorised<UsersRead>,
        group: GroupId,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Vec<Member>> {
        let mut conn = self.db().read().await?;
        Ok(groups::members(&mut conn, group, after, limit).await?)
    }

    /// Those of these users who are in the group.
    pub async fn members_among(
        &self,
        _who: &Authorised<UsersRead>,
        group: GroupId,
        users: &[UserId],
    ) -> Result<HashSet<UserId>> {
        let mut conn = self.db().read().await?;
        Ok(groups::members_among(&mut conn, group, users).await?)
    }

    /// The groups of each of these users that is in any.
    pub async fn memberships(
        &self,
        _who: &Authorised<UsersRead>,
        users: &[UserId],
    ) -> Result<HashMap<UserId, Vec<Membership>>> {
        let mut conn = self.db().read().await?;
        Ok(groups::of_users(&mut conn, users).await?)
    }

    pub async fn create_group(&self, who: &Authorised<UsersWrite>, new: NewGroup) -> Result<Group> {
        let NewGroup { input, members } = new;
        let (context, input, members) = (self.context(who), input.check()?, Arc::new(members));
        self.commit(move |conn| {
            let (context, input, members) = (context.clone(), input.clone(), Arc::clone(&members));
            Box::pin(async move { insert_group(conn, &context, input, &members).await })
        })
        .await
    }

    /// Changes a group by `revise`, and its members step by step. `expected` is the version that the caller saw, where
    /// it says so.
    pub async fn revise_group(
        &self,
        who: &Authorised<UsersWrite>,
        id: GroupId,
        expected: Option<i64>,
        revise: ReviseGroup,
        members: Vec<MemberChange>,
    ) -> Result<Group, ReviseError> {
        let (context, members) = (self.context(who), Arc::new(members));
        self.commit(move |conn| {
            let (context, revise, members) = (context.clone(), Arc::clone(&revise), Arc::clone(&members));
            Box::pin(async move {
                let group = seen(conn, id, expected).await?;
                let input = revise(&group).map_err(ReviseError::Refused)?.check()?;
                Ok(change_group(conn, &context, group, input, &members).await?)
            })
        })
        .await
    }

    /// Gives another name to a group that is still called `seen`. The version would not do: it rises with every
    /// member, and somebody who renames a busy group would be told of changes that are none of theirs.
    pub async fn rename_group(
        &self,
        who: &Authorised<UsersWrite>,
        id: GroupId,
        seen: String,
        display_name: String,
    ) -> Result<Group> {
        let context = self.context(who);
        self.commit(move |conn| {
            let (context, seen, display_name) = (context.clone(), seen.clone(), display_name.clone());
            Box::pin(async move {
                let group = groups::get(conn, id).await?.ok_or(Error::NotFound("group"))?;
                if group.display_name != seen {
                    return Err(Error::Stale);
                }
                let input = GroupInput { display_name, ..GroupInput::of(&group) }.check()?;
                change_group(conn, &context, group, input, &[]).await
            })
        })
        .await
    }

    /// Whoever is in it stays a user.
    pub async fn delete_group(&self, who: &Authorised<UsersWrite>, id: GroupId, expected: Option<i64>) -> Result<()> {
        let context = self.context(who);
        self.commit(move |conn| {
            let context = context.clone();
            Box::pin(async move {
                let group = seen(conn, id, expected).await?;
                groups::delete(conn, id).await?;
                context.record(conn, "group.delete", about(&group), went(&group).with("members", group.size)).await
            })
        })
        .await
    }
}

/// The group, if it still is what the caller saw.
pub(crate) async fn seen(conn: &mut Conn, id: GroupId, expected: Option<i64>) -> Result<Group> {
    let group = groups::get(conn, id).await?.ok_or(Error::NotFound("group"))?;
    match expected {
        Some(expected) if expected != group.version => Err(Error::Stale),
        _ => Ok(group),
    }
}

/// A new group with those who are in it from the beginning. `input` was checked.
pub(crate) async fn insert_group(
    conn: &mut Conn,
    context: &Context,
    input: GroupInput,
    members: &[UserId],
) -> Result<Group> {
    let group = Group {
        id: context.ids.make(),
        display_name: input.display_name,
        external_id: input.external_id,
        size: 0,
        version: 1,
        created_at: context.now,
        updated_at: context.now,
    };
    groups::insert(conn, &group).await?;
    let delta = change_members(conn, &group, &[MemberChange::Add(members.to_vec())]).await?;
    context.record(conn, "group.create", about(&group), delta.added_to(came(&group))).await?;
    groups::get(conn, group.id).await?.ok_or(Error::NotFound("group"))
}

/// Whether nobody more may come in.
pub(crate) fn is_full(group: &Group) -> bool {
    group.size >= as_count(limits::GROUP_MEMBERS)
}

pub(crate) async fn change_group(
    conn: &mut Conn,
    context: &Context,
    group: Group,
    input: GroupInput,
    members: &[MemberChange],
) -> Result<Group> {
    let delta = change_members(conn, &group, members).await?;
    let before = GroupInput::of(&group);
    if before == input && delta.is_empty() {
        return Ok(group);
    }
    let details = delta.added_to(between(&before, &input));
    let group = Group {
        display_name: input.display_name,
        external_id: input.external_id,
        version: group.version + 1,
        updated_at: context.now,
        ..group
    };
    groups::update(conn, &group).await?;
    context.record(conn, "group.update", about(&group), details).await?;
    groups::get(conn, group.id).await?.ok_or(Error::NotFound("group"))
}

/// Who came and who went, taken together.
#[derive(Debug, Default)]
struct Delta {
    added: BTreeSet<UserId>,
    removed: BTreeSet<UserId>,
}

impl Delta {
    fn add(&mut self, users: Vec<UserId>) {
        for user in users {
            if !self.removed.remove(&user) {
                self.added.insert(user);
            }
        }
    }

    fn remove(&mut self, users: Vec<UserId>) {
        for user in users {
            if !self.added.remove(&user) {
                self.removed.insert(user);
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// For the audit trail.
    fn added_to(&self, details: Details) -> Details {
        let told = [("membersAdded", &self.added), ("membersRemoved", &self.removed)].into_iter();
        told.filter(|(_, users)| !users.is_empty()).fold(details, |details, (name, users)| {
            let ids: Vec<&UserId> = users.iter().take(AUDITED_MEMBERS).collect();
            details.with(name, json!({ "count": users.len(), "ids": ids }))
        })
    }
}

async fn change_members(conn: &mut Conn, group: &Group, changes: &[MemberChange]) -> Result<Delta> {
    let mut delta = Delta::default();
    for change in changes {
        match change {
            MemberChange::Add(users) => add(conn, group.id, users, &mut delta).await?,
            MemberChange::Remove(users) => delta.remove(groups::remove(conn, group.id, users).await?),
            MemberChange::Replace(users) => {
                let wanted: HashSet<&UserId> = users.iter().collect();
                let present = groups::member_ids(conn, group.id).await?;
                let leavers: Vec<UserId> = present.into_iter().filter(|id| !wanted.contains(id)).collect();
                delta.remove(groups::remove(conn, group.id, &leavers).await?);
                add(conn, group.id, users, &mut delta).await?;
            }
        }
    }
    check_size(group.size, &delta)?;
    Ok(delta)
}

/// A group that is too large already may shrink.
fn check_size(before: i64, delta: &Delta) -> Result<()> {
    let (came, went) = (as_count(delta.added.len()), as_count(delta.removed.len()));
    if came == 0 || before + came - went <= as_count(limits::GROUP_MEMBERS) {
        return Ok(());
    }
    Err(Error::invalid("members", format!("A group has at most {} members.", limits::GROUP_MEMBERS)))
}

async fn add(conn: &mut Conn, group: GroupId, users: &[UserId], delta: &mut Delta) -> Result<()> {
    if let Some(stranger) = groups::stranger_among(conn, users).await? {
        return Err(Error::invalid("members", format!("There is no user with the id {stranger}.")));
    }
    delta.add(groups::add(conn, group, users).await?);
    Ok(())
}

fn as_count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn about(group: &Group) -> About<'_> {
    About { kind: "group", id: Some(group.id.0), label: &group.display_name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: u128) -> UserId {
        UserId(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn who_comes_and_goes_again_is_no_change() {
        let mut delta = Delta::default();
        delta.add(vec![user(1), user(2)]);
        delta.remove(vec![user(1), user(3)]);
        delta.add(vec![user(3)]);
        assert_eq!((delta.added, delta.removed), (BTreeSet::from([user(2)]), BTreeSet::new()));
    }

    #[test]
    fn a_group_has_so_many_members_and_no_more() {
        let full = as_count(limits::GROUP_MEMBERS);
        let (mut one_more, mut another) = (Delta::default(), Delta::default());
        one_more.add(vec![user(1)]);
        another.add(vec![user(1)]);
        another.remove(vec![user(2)]);
        assert!(check_size(full - 1, &one_more).is_ok());
        assert!(matches!(check_size(full, &one_more), Err(Error::Invalid(_))));
        assert!(check_size(full, &another).is_ok(), "one comes for one who goes");
        let mut fewer = Delta::default();
        fewer.remove(vec![user(1)]);
        assert!(check_size(full + 1, &fewer).is_ok());
    }

    #[test]
    fn a_long_delta_is_told_by_number_and_its_first_ids() {
        let mut delta = Delta::default();
        assert_eq!(delta.added_to(Details::default()), Details::default());
        delta.add((0..=AUDITED_MEMBERS as u128).map(user).collect());
        let details = delta.added_to(Details::default()).into_kept();
        assert_eq!(details["membersAdded"]["count"], AUDITED_MEMBERS + 1);
        assert_eq!(details["membersAdded"]["ids"].as_array().map(Vec::len), Some(AUDITED_MEMBERS));
        assert!(details.get("membersRemoved").is_none());
    }
}
