//! One act on many users that were selected in a list. What is done to each is a transaction of its own, so that what
//! cannot be done to one is done to the others, and is told.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use auth::{
    Authorised,
    grants::{DeliveriesRead, UsersRead, UsersWrite},
};
use domain::{
    ConnectorId, GroupId, UserId,
    connection::{Connection, Gate},
    limits,
    provisioner::Provisioner,
    user::{User, UserInput},
};
use storage::{people_lists, users};

use crate::{
    Directory, Error, Result,
    people::Around,
    users::{ReviseError, Revision},
};

const GONE: &str = "They are no longer there.";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Enable,
    Disable,
    Lock,
    Unlock,
    Delete,
}

impl Act {
    /// Whoever does it to themselves would not see how it ended.
    fn signs_out(self) -> bool {
        matches!(self, Self::Disable | Self::Lock | Self::Delete)
    }

    /// Whether there is nothing to do with a user.
    fn is_done(self, user: &User) -> bool {
        match self {
            Self::Enable => user.active,
            Self::Disable => !user.active,
            Self::Lock => user.locked,
            Self::Unlock => !user.locked,
            Self::Delete => false,
        }
    }
}

/// How an act on many ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    pub done: usize,
    /// It was so already.
    pub unchanged: usize,
    /// To whom it was not done, and why.
    pub refused: Vec<Refusal>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub id: UserId,
    /// Empty where they are no longer there.
    pub label: String,
    pub why: String,
}

/// A system where some of the selected have an account.
#[derive(Clone, Debug)]
pub struct Concerned {
    pub connection: Connection,
    pub provisioner: Provisioner,
    pub gate: Gate,
    pub accounts: usize,
}

impl Directory {
    /// Those of the selected who are there, in the order of the selection; at most [`limits::SELECTED`].
    pub async fn selected(&self, _who: &Authorised<UsersRead>, ids: &[UserId]) -> Result<Vec<User>> {
        check(ids)?;
        let mut conn = self.db().read().await?;
        Ok(users::by_ids(&mut conn, ids).await?)
    }

    /// Where the selected have accounts that follow what is done here, by the connections' names.
    pub async fn concerned(&self, _who: &Authorised<DeliveriesRead>, ids: &[UserId]) -> Result<Vec<Concerned>> {
        check(ids)?;
        let mut conn = self.db().read().await?;
        let mut counted: HashMap<ConnectorId, usize> = HashMap::new();
        for connector in people_lists::accounts_at(&mut conn, ids).await? {
            *counted.entry(connector).or_default() += 1;
        }
        let mut around = Around::read(&mut conn).await?;
        let mut concerned: Vec<Concerned> = counted
            .into_iter()
            .filter_map(|(connector, accounts)| {
                let (connection, _, gate) = around.place(connector)?;
                let provisioner = around.provisioners.remove(&connector)?;
                Some(Concerned { connection, provisioner, gate, accounts })
            })
            .collect();
        concerned.sort_by_key(|one| (one.connection.name.to_lowercase(), one.provisioner.id));
        Ok(concerned)
    }

    /// Does it to each of them, without waiting for other systems: those follow.
    pub async fn act_on(&self, who: &Authorised<UsersWrite>, ids: &[UserId], act: Act) -> Result<Ended> {
        check(ids)?;
        let ids = distinct(ids);
        let known: HashMap<UserId, User> = {
            let mut conn = self.db().read().await?;
            users::by_ids(&mut conn, &ids).await?.into_iter().map(|user| (user.id, user)).collect()
        };
        let mut ended = Ended::default();
        let refuse = |id: UserId, why: String, ended: &mut Ended| {
            let label = known.get(&id).map(User::label).unwrap_or_default();
            ended.refused.push(Refusal { id, label, why });
        };
        let mut left = Vec::new();
        for id in ids {
            match known.get(&id) {
                None => refuse(id, GONE.to_owned(), &mut ended),
                Some(_) if act.signs_out() && who.caller().user_id() == Some(id) => {
                    refuse(id, "This is you: do it on your own page, which signs you out.".to_owned(), &mut ended);
                }
                Some(user) if act.is_done(user) => ended.unchanged += 1,
                Some(_) => left.push(id),
            }
        }
        for id in left {
            match self.act_on_one(who, id, act).await {
                Ok(()) => ended.done += 1,
                Err(error @ (Error::Protected(_) | Error::Conflict(_) | Error::Invalid(_))) => {
                    refuse(id, error.to_string(), &mut ended);
                }
                Err(Error::NotFound(_)) => refuse(id, GONE.to_owned(), &mut ended),
                Err(error) => return Err(error),
            }
        }
        Ok(ended)
    }

    async fn act_on_one(&self, who: &Authorised<UsersWrite>, id: UserId, act: Act) -> Result<()> {
        match act {
            Act::Enable | Act::Disable => {
                let active = act == Act::Enable;
                let revise = Arc::new(move |user: &User| {
                    Ok(Revision { input: UserInput { active, ..UserInput::of(user) }, password: None })
                });
                match self.revise_and_go_on(who, id, None, revise).await {
                    Ok(_) => Ok(()),
                    Err(ReviseError::Failed(error)) => Err(error),
                    Err(ReviseError::Refused(why)) => Err(Error::Conflict(why.to_string())),
                }
            }
            Act::Lock | Act::Unlock => self.lock_user(who, id, act == Act::Lock).await.map(drop),
            Act::Delete => self.delete_and_go_on(who, id, None).await.map(drop),
        }
    }

    /// Adds all of them who are there to a group, in one transaction.
    pub async fn add_selected(&self, who: &Authorised<UsersWrite>, ids: &[UserId], group: GroupId) -> Result<Ended> {
        check(ids)?;
        let (joined, gone) = self.put_into(who, group, ids.to_vec()).await?;
        let refused = gone.into_iter().map(|id| Refusal { id, label: String::new(), why: GONE.to_owned() });
        Ok(Ended { done: joined.added, unchanged: joined.already, refused: refused.collect() })
    }
}

fn check(ids: &[UserId]) -> Result<()> {
    match ids.len() {
        0 => Err(Error::invalid("", "Select at least one user first.")),
        1..=limits::SELECTED => Ok(()),
        _ => Err(Error::invalid("", format!("Select at most {} users at once.", limits::SELECTED))),
    }
}

fn distinct(ids: &[UserId]) -> Vec<UserId> {
    let mut seen = HashSet::new();
    ids.iter().copied().filter(|id| seen.insert(*id)).collect()
}
