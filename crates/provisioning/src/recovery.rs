//! At start: what earlier boots left is taken up.

use domain::{Timestamp, attempt::BODIES_KEPT, connection::PauseKind, delivery::LONGEST_BACKOFF, figures};
use storage::{
    Conn, address_changes, api_tokens, attempts, awaited, deliveries, drafts, erasures, figures as figure_rows,
    flashes, imports, mails, password_links, passwords, runs, second_factors, sessions, sign_ins, users,
};

use crate::Core;

/// Attempts whose bodies are erased in one transaction.
const ERASED_AT_ONCE: i64 = 500;

pub(crate) async fn recover(core: &Core) -> directory::Result<()> {
    let (boot, now) = (core.boot, core.now());
    let (void, staged) = core
        .db()
        .write::<_, directory::Error, _>(move |conn| {
            Box::pin(async move {
                let void = deliveries::recover(conn, boot, now, now.plus(LONGEST_BACKOFF)).await?;
                for (connector, run) in runs::list(conn).await? {
                    if run.pause.as_ref().is_some_and(|pause| pause.kind != PauseKind::Manual) {
                        runs::put(conn, connector, &runs::Run { probe_at: Some(now), ..run }).await?;
                    }
                }
                // Whoever was staged has lost the caller that waited: all accepted is real, the rest is late.
                awaited::expire_all(conn, now).await?;
                Ok((void, users::staged(conn).await?))
            })
        })
        .await?;
    if void > 0 {
        tracing::info!(deliveries = void, "Attempts of an earlier start are taken up again.");
    }
    for user in staged {
        let directory = core.directory.clone();
        let settled = core.db().write::<_, directory::Error, _>(move |conn| {
            let directory = directory.clone();
            Box::pin(async move { directory.settle(conn, user).await.map(drop) })
        });
        if let Err(error) = settled.await {
            tracing::error!(user.id = %user, error = %error, "An onboarding could not be settled; it is tried again.");
        }
    }
    Ok(())
}

/// What has expired goes; whether more of it is left.
pub(crate) async fn tidy(core: &Core, now: Timestamp) -> directory::Result<bool> {
    core.directory.forget_quiet();
    let more = core.directory.trim_audit().await? | core.directory.tidy_registrations().await?;
    let erased = core
        .db()
        .write::<_, directory::Error, _>(move |conn| {
            Box::pin(async move {
                passwords::erase_expired(conn, now).await?;
                password_links::delete_expired(conn, now.minus(directory::password_links::REMEMBERED)).await?;
                address_changes::delete_expired(conn, now.minus(directory::own_profile::REMEMBERED)).await?;
                mails::delete_done(conn, now.minus(directory::mails::REMEMBERED)).await?;
                drafts::delete_expired(conn, now).await?;
                sign_ins::delete_expired(conn, now).await?;
                second_factors::delete_expired_steps(conn, now).await?;
                flashes::delete_expired(conn, now).await?;
                sessions::delete_expired(conn, now, now.minus(directory::sign_in::IDLE)).await?;
                api_tokens::delete_ended(conn, now.minus(directory::tokens::LISTED_AFTER_END)).await?;
                figure_rows::delete_before(conn, now.minus(figures::KEPT)).await?;
                let more = imports::delete_expired(conn, now).await? > 0;
                Ok(erase_bodies(conn, now).await? || more)
            })
        })
        .await?;
    Ok(more || erased)
}

/// Erases the bodies of attempts that are old enough, or about somebody who is gone for long enough: one batch of each.
async fn erase_bodies(conn: &mut Conn, now: Timestamp) -> storage::Result<bool> {
    let is_full = |erased: u64| i64::try_from(erased).is_ok_and(|erased| erased >= ERASED_AT_ONCE);
    let more = is_full(attempts::erase_bodies(conn, now.minus(BODIES_KEPT), ERASED_AT_ONCE).await?);
    let Some(user) = erasures::next_due(conn, now).await? else { return Ok(more) };
    if !is_full(attempts::erase_bodies_of(conn, user, ERASED_AT_ONCE).await?) {
        erasures::delete(conn, user).await?;
    }
    Ok(true)
}
