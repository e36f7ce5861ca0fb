//! At start: what earlier boots left is taken up.

use domain::{Timestamp, connection::PauseKind, delivery::LONGEST_BACKOFF};
use storage::{api_tokens, awaited, deliveries, drafts, flashes, password_links, passwords, runs, sessions, users};

use crate::Core;

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

/// What has expired goes.
pub(crate) async fn tidy(core: &Core, now: Timestamp) -> directory::Result<()> {
    core.directory.forget_quiet();
    core.db()
        .write::<_, directory::Error, _>(move |conn| {
            Box::pin(async move {
                passwords::erase_expired(conn, now).await?;
                password_links::delete_expired(conn, now.minus(directory::password_links::REMEMBERED)).await?;
                drafts::delete_expired(conn, now).await?;
                flashes::delete_expired(conn, now).await?;
                sessions::delete_expired(conn, now, now.minus(directory::sign_in::IDLE)).await?;
                api_tokens::delete_ended(conn, now.minus(directory::tokens::LISTED_AFTER_END)).await?;
                Ok(())
            })
        })
        .await
}
