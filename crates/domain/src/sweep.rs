//! A sweep: a change of a setting that concerns many accounts, carried out in resumable batches.

use serde::{Deserialize, Serialize};

use crate::{ConnectorId, SweepId, Timestamp, provisioner::Removal};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// Let go of every account at a connector by this policy: its connector, connection or provisioner is removed.
    ReleaseAccounts { connector_id: ConnectorId, policy: Removal },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    pub id: SweepId,
    pub task: Task,
    /// The last delivery that was planned; the next batch begins after it.
    pub cursor: Option<uuid::Uuid>,
    pub total: i64,
    pub planned: i64,
    pub finished: bool,
    pub created_at: Timestamp,
}

/// Deliveries planned in one transaction.
pub const BATCH: i64 = 200;
