//! Groups as the console shows them: the list with its search, who is in one, what somebody is in; and people put into
//! groups and taken out, by a selection that may be older than what is there.

use std::collections::{BTreeSet, HashSet};

use auth::{
    Authorised,
    grants::{UsersRead, UsersWrite},
};
use domain::{
    GroupId, UserId,
    group::{Group, GroupInput, MemberChange},
    limits,
    validation::name_key,
};
use storage::{
    Conn, group_terms, groups,
    memberships::{self, Entry},
    terms::{EXAMINED, Search},
    user_terms, users,
};

use crate::{
    Directory, Error, Result,
    groups::{change_group, seen},
    people::{People, SEARCH, cursor, decoded, encoded, entry},
};

/// A page of groups: without a search in the order of names, else in that of the words that were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    pub items: Vec<Group>,
    /// Where to go on. There may be one although the page is short: a search looks at so many entries at once.
    pub next: Option<String>,
}

/// Where a list begins, and how long a page is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Words that begin a word of what is listed; all of them must.
    pub search: String,
    /// From the page before; whatever is none begins at the start.
    pub after: String,
    pub limit: i64,
}

impl Part {
    fn limit(&self) -> i64 {
        self.limit.clamp(1, i64::from(limits::PAGE))
    }

    fn search(&self) -> Option<Search> {
        Search::read(&self.search.chars().take(SEARCH).collect::<String>())
    }
}

/// What became of those who were to be put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    pub added: usize,
    /// In it before.
    pub already: usize,
    /// Deleted since they were chosen.
    pub gone: usize,
}

impl Directory {
    pub async fn groups(&self, _who: &Authorised<UsersRead>, part: &Part) -> Result<Groups> {
        let mut conn = self.db().read().await?;
        let conn = &mut conn;
        let Some(search) = part.search() else {
            let items = groups::list(conn, &name_of(&part.after), part.limit() + 1).await?;
            return Ok(by_name(items, part.limit()));
        };
        let found = group_terms::find(conn, &search, group_entry(&part.after), as_size(part.limit())).await?;
        let ids: Vec<GroupId> = found.entries.iter().map(|entry| entry.group_id).collect();
        let next = found.next.map(|entry| encoded(&[&entry.term, &entry.name_key, &entry.group_id.to_string()]));
        Ok(Groups { items: groups::by_ids(conn, &ids).await?, next })
    }

    /// Who is in a group, by user name; a search in a large group lists by the words that were found.
    pub async fn people_in(&self, _who: &Authorised<UsersRead>, group: GroupId, part: &Part) -> Result<People> {
        let mut conn = self.db().read().await?;
        let group = groups::get(&mut conn, group).await?.ok_or(Error::NotFound("group"))?;
        match part.search() {
            // Asking each of a few members finds whoever is there; where members are many, words are fewer.
            Some(search) if group.size > as_count(EXAMINED) => by_word(&mut conn, &group, &search, part).await,
            search => by_user_name(&mut conn, &group, search.as_ref(), part).await,
        }
    }

    /// What somebody is in, by name.
    pub async fn groups_of(&self, _who: &Authorised<UsersRead>, user: UserId, part: &Part) -> Result<Groups> {
        let mut conn = self.db().read().await?;
        users::get(&mut conn, user).await?.ok_or(Error::NotFound("user"))?;
        let (search, after) = (part.search(), name_of(&part.after));
        let ids = memberships::groups(&mut conn, user, search.as_ref(), &after, part.limit() + 1).await?;
        Ok(by_name(groups::by_ids(&mut conn, &ids).await?, part.limit()))
    }

    /// Those of these groups that somebody is in.
    pub async fn groups_among(
        &self,
        _who: &Authorised<UsersRead>,
        user: UserId,
        groups: &[GroupId],
    ) -> Result<HashSet<GroupId>> {
        let mut conn = self.db().read().await?;
        Ok(memberships::groups_among(&mut conn, user, groups).await?.into_iter().collect())
    }

    /// Puts people into a group. Whoever is in it already stays, and whoever was deleted meanwhile is passed over.
    pub async fn add_people(
        &self,
        who: &Authorised<UsersWrite>,
        group: GroupId,
        people: Vec<UserId>,
    ) -> Result<Joined> {
        self.put_into(who, group, people).await.map(|(joined, _)| joined)
    }

    /// As [`Directory::add_people`]; answers also who was deleted meanwhile.
    pub(crate) async fn put_into(
        &self,
        who: &Authorised<UsersWrite>,
        group: GroupId,
        people: Vec<UserId>,
    ) -> Result<(Joined, Vec<UserId>)> {
        let people = chosen(people, "people")?;
        let context = self.context(who);
        self.commit(move |conn| {
            let (context, people) = (context.clone(), people.clone());
            Box::pin(async move {
                let group = seen(conn, group, None).await?;
                let found = groups::known_among(conn, &people).await?;
                let (known, gone): (Vec<UserId>, Vec<UserId>) = people.iter().partition(|id| found.contains(id));
                let already = groups::members_among(conn, group.id, &known).await?.len();
                let joined = Joined { added: known.len() - already, already, gone: gone.len() };
                let input = GroupInput::of(&group);
                change_group(conn, &context, group, input, &[MemberChange::Add(known)]).await?;
                Ok::<_, Error>((joined, gone))
            })
        })
        .await
    }

    /// Takes people out of a group; answers how many of them were in it.
    pub async fn remove_people(
        &self,
        who: &Authorised<UsersWrite>,
        group: GroupId,
        people: Vec<UserId>,
    ) -> Result<usize> {
        let people = chosen(people, "people")?;
        let context = self.context(who);
        self.commit(move |conn| {
            let (context, people) = (context.clone(), people.clone());
            Box::pin(async move {
                let group = seen(conn, group, None).await?;
                let (before, input) = (group.size, GroupInput::of(&group));
                let after = change_group(conn, &context, group, input, &[MemberChange::Remove(people)]).await?;
                Ok::<_, Error>(usize::try_from(before - after.size).unwrap_or_default())
            })
        })
        .await
    }

    /// Puts somebody into groups. Those that they are in already stay, and those that were deleted meanwhile are passed
    /// over.
    pub async fn join_groups(
        &self,
        who: &Authorised<UsersWrite>,
        user: UserId,
        groups: Vec<GroupId>,
    ) -> Result<Joined> {
        let (chosen, changed, found) = self.change_each(who, user, groups, MemberChange::Add(vec![user])).await?;
        Ok(Joined { added: changed, already: found - changed, gone: chosen - found })
    }

    /// Takes somebody out of groups; answers of how many.
    pub async fn leave_groups(
        &self,
        who: &Authorised<UsersWrite>,
        user: UserId,
        groups: Vec<GroupId>,
    ) -> Result<usize> {
        let (_, changed, _) = self.change_each(who, user, groups, MemberChange::Remove(vec![user])).await?;
        Ok(changed)
    }

    /// The same change of each group that is still there. Answers how many were chosen, were changed and were there.
    async fn change_each(
        &self,
        who: &Authorised<UsersWrite>,
        user: UserId,
        groups: Vec<GroupId>,
        change: MemberChange,
    ) -> Result<(usize, usize, usize)> {
        let (groups, change) = (chosen(groups, "groups")?, [change]);
        let context = self.context(who);
        self.commit(move |conn| {
            let (context, groups, change) = (context.clone(), groups.clone(), change.clone());
            Box::pin(async move {
                users::get(conn, user).await?.ok_or(Error::NotFound("user"))?;
                let (mut changed, found) = (0, groups::by_ids(conn, &groups).await?);
                let there = found.len();
                for group in found {
                    let (version, input) = (group.version, GroupInput::of(&group));
                    let after = change_group(conn, &context, group, input, &change).await?;
                    changed += usize::from(after.version > version);
                }
                Ok::<_, Error>((groups.len(), changed, there))
            })
        })
        .await
    }
}

async fn by_user_name(conn: &mut Conn, group: &Group, search: Option<&Search>, part: &Part) -> Result<People> {
    let after = member(&part.after);
    let mut entries = memberships::members(conn, group.id, search, after.as_ref(), part.limit() + 1).await?;
    let more = entries.len() > as_size(part.limit());
    entries.truncate(as_size(part.limit()));
    let next = entries.last().filter(|_| more);
    let next = next.map(|entry| encoded(&[&entry.user_name_key, &entry.user_id.to_string()]));
    let ids: Vec<UserId> = entries.iter().map(|entry| entry.user_id).collect();
    Ok(People { items: users::by_ids(conn, &ids).await?, next })
}

async fn by_word(conn: &mut Conn, group: &Group, search: &Search, part: &Part) -> Result<People> {
    let found = user_terms::find_members(conn, search, group.id, entry(&part.after), as_size(part.limit())).await?;
    let ids: Vec<UserId> = found.entries.iter().map(|entry| entry.user_id).collect();
    Ok(People { items: users::by_ids(conn, &ids).await?, next: found.next.as_ref().map(cursor) })
}

/// One more than a page was read.
fn by_name(mut items: Vec<Group>, limit: i64) -> Groups {
    let more = items.len() > as_size(limit);
    items.truncate(as_size(limit));
    let next = items.last().filter(|_| more).map(|group| encoded(&[&name_key(&group.display_name)]));
    Groups { items, next }
}

fn name_of(cursor: &str) -> String {
    decoded(cursor, 1).and_then(|mut parts| parts.pop()).unwrap_or_default()
}

fn group_entry(cursor: &str) -> Option<group_terms::Entry> {
    let [term, name_key, group_id] = decoded(cursor, 3)?.try_into().ok()?;
    Some(group_terms::Entry { term, name_key, group_id: group_id.parse().ok()? })
}

fn member(cursor: &str) -> Option<Entry> {
    let [user_name_key, user_id] = decoded(cursor, 2)?.try_into().ok()?;
    Some(Entry { user_name_key, user_id: user_id.parse().ok()? })
}

/// A selection that can be acted upon, each thing once.
fn chosen<Id: Ord>(ids: Vec<Id>, what: &str) -> Result<Vec<Id>> {
    let ids: BTreeSet<Id> = ids.into_iter().collect();
    match ids.len() {
        0 => Err(Error::invalid("", format!("Choose {what} first: tick them in the list."))),
        1..=limits::SELECTED => Ok(ids.into_iter().collect()),
        _ => Err(Error::invalid("", format!("Choose at most {} {what} at once.", limits::SELECTED))),
    }
}

fn as_size(limit: i64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

fn as_count(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
