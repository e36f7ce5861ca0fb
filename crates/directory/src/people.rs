//! People as the console shows them: the list with its search, and one person with their accounts.

use std::collections::HashMap;

use auth::{
    Authorised,
    grants::{AttemptsBodies, DeliveriesAct, DeliveriesRead, ProvisionersRead, UsersRead},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    ConnectionId, ConnectorId, UserId,
    attempt::Attempt,
    connection::{Connection, Connector, Gate},
    delivery::{Delivery, State, Wanted},
    limits,
    link::Link,
    planning,
    provisioner::Provisioner,
    user::{Origin, User},
};
use serde_json::json;
use storage::{
    Conn, attempts, connections, connectors, deliveries, links,
    people_lists::{self, Place},
    provisioners,
    user_terms::{self, Entry, Search},
    users,
};

pub use storage::{
    people_lists::{Access, By, Narrowing, Order, Standing},
    users::Accounts,
};

use crate::{Directory, Error, Result, change::About, topology, users::is_last_administrator};

/// Characters of a search that count.
pub const SEARCH: usize = 200;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleQuery {
    /// Words that begin a word of the name, the user name or an address; all of them must.
    pub search: Option<String>,
    pub narrowing: Narrowing,
    /// Regarded where nothing is searched for, and as far as [`Narrowing::order`] says.
    pub order: Order,
    /// From [`People::next`]; whatever is none begins at the start.
    pub after: Option<String>,
    pub limit: i64,
}

/// A page of people: without a search in the order that was asked for, else in that of the words that were found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct People {
    pub items: Vec<User>,
    /// Where to go on. There may be one although the page is short or empty: so many people are looked at for it
    /// ([`storage::terms::EXAMINED`]), however few of them fit.
    pub next: Option<String>,
}

/// One system as it stands for one user.
#[derive(Clone, Debug)]
pub struct Account {
    pub connection: Connection,
    pub connector: Connector,
    /// None once it was removed.
    pub provisioner: Option<Provisioner>,
    pub gate: Gate,
    /// None where provisioning has not begun with this user.
    pub delivery: Option<Delivery>,
    pub link: Option<Link>,
    pub last: Option<Attempt>,
}

impl Account {
    /// The state as it is shown: what is due behind a closed gate waits.
    pub fn state(&self) -> Option<State> {
        self.delivery.as_ref().map(|delivery| delivery.shown(&self.gate))
    }
}

/// A system where whoever is added in the console gets an account.
#[derive(Clone, Debug)]
pub struct Destination {
    pub connection: Connection,
    pub connector: Connector,
    pub provisioner: Provisioner,
    pub gate: Gate,
}

impl Directory {
    pub async fn people(&self, _who: &Authorised<UsersRead>, query: PeopleQuery) -> Result<People> {
        let limit = query.limit.clamp(1, i64::from(limits::PAGE));
        let text: String = query.search.unwrap_or_default().chars().take(SEARCH).collect();
        let mut conn = self.db().read().await?;
        match Search::read(&text) {
            Some(search) => found(&mut conn, &search, &query.narrowing, query.after.as_deref(), limit).await,
            None => listed(&mut conn, &query.narrowing, query.order, query.after.as_deref(), limit).await,
        }
    }

    /// How the accounts of these users stand; whoever has none is left out.
    pub async fn accounts_of_people(
        &self,
        _who: &Authorised<DeliveriesRead>,
        ids: &[UserId],
    ) -> Result<HashMap<UserId, Accounts>> {
        let mut conn = self.db().read().await?;
        Ok(users::accounts(&mut conn, ids).await?)
    }

    /// Every system that a user has, shall have or might have an account at, by the connections' names.
    pub async fn systems_of(&self, who: &Authorised<DeliveriesRead>, user: UserId) -> Result<Vec<Account>> {
        let mut conn = self.db().read().await?;
        users::get(&mut conn, user).await?.ok_or(Error::NotFound("user"))?;
        let mut accounts = systems(&mut conn, user).await?;
        if who.caller().authorise::<AttemptsBodies>().is_err() {
            for attempt in accounts.iter_mut().filter_map(|account| account.last.as_mut()) {
                attempt.request = None;
                attempt.response = None;
            }
        }
        Ok(accounts)
    }

    /// The systems that somebody added in the console gets an account at.
    pub async fn destinations(&self, _who: &Authorised<ProvisionersRead>) -> Result<Vec<Destination>> {
        let mut conn = self.db().read().await?;
        let mut around = Around::read(&mut conn).await?;
        let provisioners = std::mem::take(&mut around.provisioners);
        let mut destinations: Vec<Destination> = provisioners
            .into_values()
            .filter(|provisioner| provisioner.takes(Origin::Console, false))
            .filter_map(|provisioner| {
                let (connection, connector, gate) = around.place(provisioner.connector_id)?;
                Some(Destination { connection, connector, provisioner, gate })
            })
            .collect();
        destinations.sort_by_key(|one| one.connection.name.to_lowercase());
        Ok(destinations)
    }

    /// The user names of these users; whoever is gone is left out.
    pub async fn user_names(&self, _who: &Authorised<UsersRead>, ids: &[UserId]) -> Result<HashMap<UserId, String>> {
        let mut conn = self.db().read().await?;
        let users = users::by_ids(&mut conn, ids).await?;
        Ok(users.into_iter().map(|user| (user.id, user.user_name)).collect())
    }

    pub async fn user_by_name(&self, _who: &Authorised<UsersRead>, user_name: &str) -> Result<Option<User>> {
        let mut conn = self.db().read().await?;
        Ok(users::by_name(&mut conn, user_name).await?)
    }

    /// Begins with a user wherever they belong, and sends anew what is not in step; answers at how many systems.
    pub async fn provision_user(&self, who: &Authorised<DeliveriesAct>, id: UserId) -> Result<usize> {
        let context = self.context(who);
        self.commit::<_, Error, _>(move |conn| {
            let context = context.clone();
            Box::pin(async move {
                let user = users::get(conn, id).await?.ok_or(Error::NotFound("user"))?;
                let existing = deliveries::of_subject(conn, id.into()).await?;
                let provisioners = provisioners::all(conn).await?;
                let mut plans = planning::plan(&user, planning::Change::Edited, &provisioners, &existing);
                // What is as it should be is left alone.
                plans.retain(|plan| {
                    let begun = existing.iter().find(|delivery| delivery.connector_id == plan.connector_id);
                    begun.is_none_or(|delivery| !(delivery.is_settled() && delivery.wanted == plan.wanted))
                });
                if plans.is_empty() {
                    return Ok(0);
                }
                context.want(conn, id.into(), &user.user_name, &plans).await?;
                let about = About { kind: "user", id: Some(id.0), label: &user.user_name };
                context.record(conn, "user.provision", about, json!({ "systems": plans.len() })).await?;
                Ok(plans.len())
            })
        })
        .await
    }

    /// Whether this is the one administrator there is, who can neither be disabled nor deleted.
    pub async fn is_last_administrator(&self, _who: &Authorised<UsersRead>, user: &User) -> Result<bool> {
        let mut conn = self.db().read().await?;
        is_last_administrator(&mut conn, user).await
    }
}

async fn listed(
    conn: &mut Conn,
    narrowing: &Narrowing,
    order: Order,
    after: Option<&str>,
    limit: i64,
) -> Result<People> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let page = people_lists::page(conn, narrowing, order, after.and_then(place), limit).await?;
    let next = page.next.map(|place| encoded(&["", &place.name, &place.at.to_string(), &place.id.to_string()]));
    Ok(People { items: page.users, next })
}

async fn found(
    conn: &mut Conn,
    search: &Search,
    narrowing: &Narrowing,
    after: Option<&str>,
    limit: i64,
) -> Result<People> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let found = user_terms::find(conn, search, narrowing, after.and_then(entry), limit).await?;
    let ids: Vec<UserId> = found.entries.iter().map(|entry| entry.user_id).collect();
    let next = found.next.as_ref().map(cursor);
    Ok(People { items: users::by_ids(conn, &ids).await?, next })
}

fn place(cursor: &str) -> Option<Place> {
    let [_, name, at, id] = decoded(cursor, 4)?.try_into().ok()?;
    Some(Place { name, at: at.parse().ok()?, id: id.parse().ok()? })
}

pub(crate) fn cursor(entry: &Entry) -> String {
    encoded(&[&entry.term, &entry.user_name_key, &entry.user_id.to_string()])
}

pub(crate) fn entry(cursor: &str) -> Option<Entry> {
    let [term, user_name_key, user_id] = decoded(cursor, 3)?.try_into().ok()?;
    Some(Entry { term, user_name_key, user_id: user_id.parse().ok()? })
}

/// Opaque, and safe in an address.
pub(crate) fn encoded(parts: &[&str]) -> String {
    URL_SAFE_NO_PAD.encode(parts.join("\0"))
}

/// What [`encoded`] made of so many parts; nothing in any else.
pub(crate) fn decoded(cursor: &str, parts: usize) -> Option<Vec<String>> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let found: Vec<String> = text.split('\0').map(str::to_owned).collect();
    (found.len() == parts).then_some(found)
}

/// Connections, connectors and provisioners: few, and read whole.
pub(crate) struct Around {
    connections: HashMap<ConnectionId, Connection>,
    connectors: HashMap<ConnectorId, Connector>,
    pub provisioners: HashMap<ConnectorId, Provisioner>,
    gates: HashMap<ConnectorId, Gate>,
}

impl Around {
    pub(crate) async fn read(conn: &mut Conn) -> Result<Self> {
        let connections = connections::page(conn, None, None, i64::MAX).await?;
        let connectors = connectors::all(conn).await?;
        let provisioners = provisioners::all(conn).await?;
        Ok(Self {
            connections: connections.into_iter().map(|one| (one.id, one)).collect(),
            connectors: connectors.into_iter().map(|one| (one.id, one)).collect(),
            provisioners: provisioners.into_iter().map(|one| (one.connector_id, one)).collect(),
            gates: topology::gates(conn).await?,
        })
    }

    pub(crate) fn place(&self, id: ConnectorId) -> Option<(Connection, Connector, Gate)> {
        let connector = self.connectors.get(&id)?.clone();
        let connection = self.connections.get(&connector.connection_id)?.clone();
        Some((connection, connector, self.gates.get(&id).cloned().unwrap_or(Gate::SwitchedOff)))
    }
}

pub(crate) async fn systems(conn: &mut Conn, user: UserId) -> Result<Vec<Account>> {
    let mut around = Around::read(conn).await?;
    let subject = user.into();
    let deliveries = deliveries::of_subject(conn, subject).await?;
    let mut last: HashMap<_, Attempt> =
        attempts::last_of(conn, subject).await?.into_iter().map(|attempt| (attempt.delivery_id, attempt)).collect();
    let mut links: HashMap<ConnectorId, Link> =
        links::of_subject(conn, subject).await?.into_iter().map(|link| (link.connector_id, link)).collect();
    let mut deliveries: HashMap<ConnectorId, Delivery> =
        deliveries.into_iter().map(|delivery| (delivery.connector_id, delivery)).collect();
    // What is over at a connector that nobody provisions to any more is of no interest.
    deliveries.retain(|connector, delivery| {
        around.provisioners.contains_key(connector)
            || !(delivery.state == State::Done && delivery.wanted == Wanted::Absent)
    });
    let mut ids: Vec<ConnectorId> = around.provisioners.keys().chain(deliveries.keys()).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut accounts: Vec<Account> = ids
        .into_iter()
        .filter_map(|id| {
            let (connection, connector, gate) = around.place(id)?;
            let delivery = deliveries.remove(&id);
            Some(Account {
                connection,
                connector,
                provisioner: around.provisioners.remove(&id),
                gate,
                link: links.remove(&id),
                last: delivery.as_ref().and_then(|delivery| last.remove(&delivery.id)),
                delivery,
            })
        })
        .collect();
    accounts.sort_by_key(|account| (account.connection.name.to_lowercase(), account.connector.id));
    Ok(accounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_anything_else_is_none() {
        let cursor = encoded(&["ada", "ada@example.org", "0199aaaa-0000-7000-8000-000000000000"]);
        assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert_eq!(entry(&cursor).unwrap().user_name_key, "ada@example.org");
        let in_list = encoded(&["", "ada", "-7", "0199aaaa-0000-7000-8000-000000000000"]);
        assert_eq!(place(&in_list).map(|place| (place.name, place.at)), Some(("ada".to_owned(), -7)));
        for other in
            ["", "é", "AAAA", &encoded(&["a", "b"]), &encoded(&["a", "b", "c"]), &encoded(&["", "a", "b", "c"])]
        {
            assert_eq!((entry(other), place(other)), (None, None), "{other}");
        }
        assert_eq!((entry(&in_list), place(&cursor)), (None, None), "each list has its own");
    }
}
