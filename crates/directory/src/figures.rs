//! What Home shows: figures, how each system stands, what needs somebody, and what to do first.
//!
//! Everything here costs the same with a million deliveries: it reads what was counted as results were written, or
//! counts up to a bound.

use std::{collections::HashMap, time::Duration};

use auth::{Authorised, grants::DeliveriesRead};
use domain::{
    ConnectionId, ConnectorId, Timestamp,
    connection::Gate,
    figures::{Counts, HOUR, Measure, SLOT, percentile, slot},
    permission::Role,
};
use storage::{
    Conn, connections, connectors,
    deliveries::{self, HeldGroup, Standing},
    figures, provisioners, users,
};

use crate::{
    Directory, Result,
    deliveries::{COUNTED, MOST_GROUPS, System},
    topology,
};

/// What waits is counted up to this number.
pub const COUNTED_WAITING: i64 = 10_000;
/// Systems that are listed with their figures.
pub const MOST_SYSTEMS: usize = 50;
/// Bars of the chart, an hour each.
const HOURS: u32 = 24;
const DAY: Duration = Duration::from_hours(24);

#[derive(Clone, Debug)]
pub struct Overview {
    pub people: i64,
    /// Every system, each with what a page needs to name it.
    pub systems: Vec<System>,
    /// Gates of connectors that call nobody.
    pub gates: HashMap<ConnectorId, Gate>,
    pub held: Vec<HeldGroup>,
    /// How many are to be delivered, up to [`COUNTED_WAITING`].
    pub waiting: i64,
    /// How long the oldest of them has been waiting.
    pub oldest: Option<Duration>,
    /// Since midnight in UTC.
    pub today: Counts,
    /// The last 24 hours; the last of them is not over.
    pub hours: Vec<(Timestamp, Counts)>,
    /// From the commit of a user to the account, in the last 24 hours.
    pub arrival_median: Option<Duration>,
    pub arrival_p99: Option<Duration>,
    /// From the deletion of a user to the account's removal, in the last 24 hours.
    pub departure_p95: Option<Duration>,
    /// The first [`MOST_SYSTEMS`].
    pub statuses: Vec<Status>,
}

/// How one system stands.
#[derive(Clone, Debug)]
pub struct Status {
    pub id: ConnectorId,
    /// Somebody is provisioned to it.
    pub provisioned: bool,
    /// Numbers up to [`COUNTED`].
    pub standing: Standing,
    pub accounts: i64,
    /// In the last hour, to five minutes.
    pub hour: Counts,
    /// Delivered at present, a minute.
    pub per_minute: i64,
}

/// What an empty Usher needs, one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a step of its own, in any order")]
pub struct FirstSteps {
    /// A connection, if there is one: the way to its connectors.
    pub connection: Option<ConnectionId>,
    pub connected: bool,
    pub switched_on: bool,
    pub provisioned: bool,
    /// Somebody is here who does not hold a console role.
    pub has_people: bool,
}

impl FirstSteps {
    fn are_done(self) -> bool {
        self.connected && self.switched_on && self.provisioned && self.has_people
    }
}

impl Directory {
    /// What to do first; none once that is done, or once anything was ever to be delivered.
    pub async fn first_steps(&self, _who: &Authorised<DeliveriesRead>) -> Result<Option<FirstSteps>> {
        let mut conn = self.db().read().await?;
        if deliveries::any(&mut conn).await? {
            return Ok(None);
        }
        let connectors = connectors::all(&mut conn).await?;
        let first = connections::page(&mut conn, None, None, 1).await?;
        let connection = connectors.first().map(|one| one.connection_id).or(first.first().map(|one| one.id));
        let mut with_role = 0;
        for role in Role::ALL {
            with_role += users::count_with_role(&mut conn, role).await?;
        }
        let gates = topology::gates(&mut conn).await?;
        let steps = FirstSteps {
            connection,
            connected: !connectors.is_empty(),
            switched_on: gates.values().any(|gate| *gate != Gate::SwitchedOff),
            provisioned: !provisioners::all(&mut conn).await?.is_empty(),
            has_people: figures::people(&mut conn).await? > with_role,
        };
        Ok((!steps.are_done()).then_some(steps))
    }

    pub async fn overview(&self, _who: &Authorised<DeliveriesRead>) -> Result<Overview> {
        let now = self.now();
        let mut conn = self.db().read().await?;
        let conn = &mut conn;
        let systems = self.systems_in(conn).await?;
        let (waiting, oldest) = deliveries::open(conn, COUNTED_WAITING).await?;
        let begin = slot(now, HOUR).minus(HOUR * (HOURS - 1));
        let midnight = slot(now, DAY);
        let slots = figures::by_slot(conn, begin.min(midnight)).await?;
        let arrivals = figures::histogram(conn, Measure::Arrival, begin).await?;
        let departures = figures::histogram(conn, Measure::Departure, begin).await?;
        Ok(Overview {
            people: figures::people(conn).await?,
            gates: topology::gates(conn).await?,
            held: deliveries::held_groups(conn, None, MOST_GROUPS, COUNTED).await?,
            waiting,
            oldest: oldest.map(|since| now.since(since)),
            today: sum(slots.iter().filter(|(at, _)| *at >= midnight)),
            hours: by_hour(&slots, begin),
            arrival_median: percentile(&arrivals, 50),
            arrival_p99: percentile(&arrivals, 99),
            departure_p95: percentile(&departures, 95),
            statuses: statuses(conn, &systems, now).await?,
            systems,
        })
    }
}

fn sum<'a>(slots: impl Iterator<Item = &'a (Timestamp, Counts)>) -> Counts {
    slots.fold(Counts::default(), |sum, (_, counts)| Counts {
        delivered: sum.delivered + counts.delivered,
        retried: sum.retried + counts.retried,
        held: sum.held + counts.held,
    })
}

fn by_hour(slots: &[(Timestamp, Counts)], begin: Timestamp) -> Vec<(Timestamp, Counts)> {
    let hour = |number| {
        let from = begin.plus(HOUR * number);
        (from, sum(slots.iter().filter(|(at, _)| slot(*at, HOUR) == from)))
    };
    (0..HOURS).map(hour).collect()
}

async fn statuses(conn: &mut Conn, systems: &[System], now: Timestamp) -> Result<Vec<Status>> {
    let present = slot(now, SLOT);
    let hour = figures::by_connector(conn, present.minus(HOUR).plus(SLOT)).await?;
    // The slot that is not over and the one before: five to ten minutes.
    let begin = present.minus(SLOT);
    let pace = figures::by_connector(conn, begin).await?;
    let seconds = i64::try_from(now.since(begin).as_secs()).unwrap_or(i64::MAX).max(1);
    let accounts = figures::accounts(conn).await?;
    let provisioners = provisioners::all(conn).await?;
    let mut statuses = Vec::new();
    for system in systems.iter().take(MOST_SYSTEMS) {
        let delivered = pace.get(&system.id).map_or(0, |counts| counts.delivered);
        statuses.push(Status {
            id: system.id,
            provisioned: provisioners.iter().any(|provisioner| provisioner.connector_id == system.id),
            standing: deliveries::standing(conn, system.id, COUNTED).await?,
            accounts: accounts.get(&system.id).copied().unwrap_or(0),
            hour: hour.get(&system.id).copied().unwrap_or_default(),
            per_minute: (delivered * 60 + seconds - 1) / seconds,
        });
    }
    Ok(statuses)
}
