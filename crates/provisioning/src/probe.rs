//! Asking a paused target whether it is back.

use std::time::Duration;

use connectors::{Call, Failure, Target};
use domain::{
    ConnectorId,
    connection::{Pause, PauseKind},
};
use storage::{connectors as connector_rows, runs};

use crate::{
    Core,
    verdict::{self, Effect, down},
};

const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

pub(crate) async fn run(core: &Core, id: ConnectorId) {
    if let Err(error) = try_run(core, id).await {
        tracing::error!(connector.id = %id, error = %error, "A probe could not be recorded; it is repeated.");
        // Where the database takes nothing, the target is not to be called again and again.
        tokio::time::sleep(PAUSE_AFTER_ERROR).await;
    }
}

async fn try_run(core: &Core, id: ConnectorId) -> directory::Result<()> {
    let (row, secrets, run) = {
        let mut conn = core.db().read().await?;
        let Some(row) = connector_rows::get(&mut conn, id).await? else { return Ok(()) };
        let secrets = connector_rows::secrets(&mut conn, core.db().vault(), id).await?;
        (row, secrets, runs::get(&mut conn, id).await?)
    };
    let Some(connector) = core.registry.get(&row.kind) else { return Ok(()) };
    let target = Target { connector_id: id, version: row.version, properties: row.properties.clone(), secrets };
    let call = Call::new(&target, &core.egress, &**core.ids().clock(), run.learned);
    let answer = core.look_for_nobody(connector, &call).await;
    let (_, learned) = call.finish();
    let name = core.connection_name(&row).await;
    if let Some(pause) = pause_after(&answer, &name, core) {
        tracing::info!(connector.id = %id, reason = %pause.text, "A target is still not to be used.");
        core.keep_closed(id, row.version, pause, learned).await
    } else {
        tracing::info!(connector.id = %id, "A target answers again.");
        core.open(id, row.version, learned).await
    }
}

/// Any answer that is no failure of the target as a whole opens the gate.
fn pause_after(answer: &Result<(), Failure>, name: &str, core: &Core) -> Option<Pause> {
    let failure = answer.as_ref().err()?;
    let now = core.now();
    match verdict::of(failure, name, 0, now, 0).effect {
        Effect::Pause(pause) => Some(pause),
        Effect::Fault { text } => Some(Pause::new(PauseKind::Down, &down(name, &text), now)),
        Effect::None | Effect::Refusal { .. } | Effect::SlowDown { .. } => match failure {
            Failure::Forbidden { text } => {
                let why = format!("{name} does not let these credentials look up users: {text}");
                Some(Pause::new(PauseKind::Credentials, &why, now))
            }
            _ => None,
        },
    }
}
