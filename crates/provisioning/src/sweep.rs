//! Changes of a setting that concern many accounts, planned in batches that a restart resumes.

use directory::Directory;
use domain::{
    Timestamp,
    delivery::{Delivery, Priority, State, Trigger, Wanted},
    planning::gone,
    provisioner::Removal,
    sweep::{BATCH, Sweep, Task},
};
use storage::{Conn, deliveries, links, sweeps};

use crate::{Core, record};

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
                    let finished = batch(conn, &directory, sweep, policy, now).await?;
                    if finished {
                        directory.finish_removal(conn, connector_id).await?;
                    }
                    Ok(!finished)
                })
            })
            .await?;
    }
    // Values that cannot be removed hold up nothing but themselves.
    let values = remove_values(core).await.unwrap_or_else(|error| {
        tracing::error!(error = %error, "Values of a deleted attribute could not be removed; it is tried again.");
        false
    });
    Ok(more | values)
}

/// One batch of the values of attributes that were deleted; whether there may be more.
async fn remove_values(core: &Core) -> directory::Result<bool> {
    if !core.directory.has_values_to_remove().await? {
        return Ok(false);
    }
    let directory = core.directory.clone();
    core.db()
        .write(move |conn| {
            let directory = directory.clone();
            Box::pin(async move { directory.remove_values(conn).await })
        })
        .await
}

async fn batch(
    conn: &mut Conn,
    directory: &Directory,
    mut sweep: Sweep,
    policy: Removal,
    now: Timestamp,
) -> directory::Result<bool> {
    let Task::ReleaseAccounts { connector_id, .. } = sweep.task.clone();
    let next = deliveries::batch(conn, connector_id, sweep.cursor, BATCH).await?;
    let wanted = match policy {
        // Once disabled, the account is not ours any more.
        Removal::Disable => (Wanted::Disabled, true),
        other => gone(other),
    };
    for delivery in &next {
        release(conn, directory, delivery.clone(), wanted, now).await?;
    }
    sweep.cursor = next.last().map(|delivery| delivery.id.0).or(sweep.cursor);
    sweep.planned += i64::try_from(next.len()).unwrap_or(0);
    sweep.finished = i64::try_from(next.len()).unwrap_or(0) < BATCH;
    sweeps::update(conn, &sweep).await?;
    Ok(sweep.finished)
}

/// What needs no call is let go here, whatever keeps the connector from being called.
async fn release(
    conn: &mut Conn,
    directory: &Directory,
    mut delivery: Delivery,
    (wanted, leave): (Wanted, bool),
    now: Timestamp,
) -> directory::Result<()> {
    if delivery.is_settled() && (delivery.leave || delivery.wanted == Wanted::Absent) {
        return Ok(());
    }
    delivery.plan(wanted, leave, Trigger::Sweep, Priority::Sweep, now);
    let link = links::get(conn, delivery.subject, delivery.connector_id).await?;
    let lets_go = leave && wanted == Wanted::Absent;
    let untouched = link.is_none() && delivery.intent.is_none();
    let in_flight = matches!(delivery.state, State::Running { .. });
    if in_flight || !(lets_go || untouched) {
        deliveries::update(conn, &delivery).await?;
        return Ok(());
    }
    if let Some(link) = link {
        links::delete(conn, link.id).await?;
    }
    delivery.state = State::Done;
    delivery.delivered_version = delivery.version;
    delivery.intent = None;
    delivery.name_key = None;
    deliveries::update(conn, &delivery).await?;
    deliveries::wake_waiting(conn, delivery.id, now).await?;
    record::clear_up(conn, directory, &delivery).await
}
