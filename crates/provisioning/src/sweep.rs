//! Changes of a setting that concern many accounts, planned in batches that a restart resumes.

use domain::{
    delivery::{Delivery, Priority, State, Trigger, Wanted},
    planning::gone,
    provisioner::Removal,
    sweep::{BATCH, Sweep, Task},
};
use storage::{Conn, deliveries, sweeps};

use crate::Core;

/// Plans one batch of every open sweep; whether there may be more.
pub(crate) async fn advance(core: &Core) -> directory::Result<bool> {
    let open = core.open_sweeps().await?;
    let mut more = false;
    for sweep in open {
        let (directory, now) = (core.directory.clone(), core.now());
        more |= core
            .db()
            .write::<_, directory::Error, _>(move |conn| {
                let (directory, sweep) = (directory.clone(), sweep.clone());
                Box::pin(async move {
                    let Task::ReleaseAccounts { connector_id, policy } = sweep.task.clone();
                    let finished = batch(conn, sweep, policy, now).await?;
                    if finished {
                        directory.finish_removal(conn, connector_id).await?;
                    }
                    Ok(!finished)
                })
            })
            .await?;
    }
    Ok(more)
}

async fn batch(conn: &mut Conn, mut sweep: Sweep, policy: Removal, now: domain::Timestamp) -> storage::Result<bool> {
    let Task::ReleaseAccounts { connector_id, .. } = sweep.task.clone();
    let next = deliveries::batch(conn, connector_id, sweep.cursor, BATCH).await?;
    let wanted = match policy {
        // Once disabled, the account is not ours any more.
        Removal::Disable => (Wanted::Disabled, true),
        other => gone(other),
    };
    for delivery in &next {
        release(conn, delivery.clone(), wanted, now).await?;
    }
    sweep.cursor = next.last().map(|delivery| delivery.id.0).or(sweep.cursor);
    sweep.planned += i64::try_from(next.len()).unwrap_or(0);
    sweep.finished = i64::try_from(next.len()).unwrap_or(0) < BATCH;
    sweeps::update(conn, &sweep).await?;
    Ok(sweep.finished)
}

async fn release(
    conn: &mut Conn,
    mut delivery: Delivery,
    (wanted, leave): (Wanted, bool),
    now: domain::Timestamp,
) -> storage::Result<()> {
    if delivery.wanted == Wanted::Absent && delivery.state == State::Done {
        return Ok(());
    }
    delivery.plan(wanted, leave, Trigger::Sweep, Priority::Sweep, now);
    deliveries::update(conn, &delivery).await
}
