//! Who holds a name at a target, and whether waiting for them comes to an end.

use std::collections::HashSet;

use domain::{
    DeliveryId,
    delivery::{Delivery, Reason, State},
};
use storage::{Conn, deliveries};

/// What waiting for another delivery leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// It is settled: nothing is in the way any more.
    Over,
    /// It waits for us in turn: two names were swapped.
    Circle,
    /// It goes on, until somebody acts where one on the way is held.
    On { held: Option<Reason> },
}

/// Follows those that wait for each other, beginning with `holder`, for whom `waiting` waits.
pub(crate) async fn wait(conn: &mut Conn, waiting: DeliveryId, holder: DeliveryId) -> storage::Result<Wait> {
    let mut seen = HashSet::new();
    let mut held = None;
    let mut next = Some(holder);
    while let Some(id) = next.filter(|id| seen.insert(*id)) {
        if id == waiting {
            return Ok(Wait::Circle);
        }
        let one = deliveries::get(conn, id).await?.filter(|one| !one.is_settled());
        let Some(one) = one else { return Ok(if id == holder { Wait::Over } else { Wait::On { held } }) };
        if let State::Held { reason } = one.state {
            held = Some(reason);
        }
        next = one.waits_for;
    }
    Ok(Wait::On { held })
}

/// Everybody who waits for `first`, directly or behind another.
pub(crate) async fn behind(conn: &mut Conn, first: DeliveryId) -> storage::Result<Vec<Delivery>> {
    let mut found: Vec<Delivery> = Vec::new();
    let mut seen = HashSet::from([first]);
    let mut open = vec![first];
    while let Some(id) = open.pop() {
        for delivery in deliveries::waiting_for(conn, id).await? {
            if seen.insert(delivery.id) {
                open.push(delivery.id);
                found.push(delivery);
            }
        }
    }
    Ok(found)
}
