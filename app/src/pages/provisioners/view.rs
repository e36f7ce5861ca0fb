//! What the pages of provisioners show.

use domain::{
    ConnectionId, ConnectorId, ProvisionerId,
    provisioner::{OnFailure, Removal, Rules},
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionerList {
    pub items: Vec<Row>,
    pub may_write: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub id: ProvisionerId,
    pub connection: String,
    /// What the console calls its kind.
    pub connector: String,
    /// Connection and connector are both on.
    pub enabled: bool,
    pub removing: bool,
    pub behaviour: Behaviour,
    pub accounts: i64,
}

/// How a provisioner behaves; the form's fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behaviour {
    pub blocking: bool,
    pub time_limit_ms: i64,
    pub on_blocking_failure: OnFailure,
    pub jit_outbound: bool,
    pub on_delete: Removal,
    pub on_leave: Removal,
}

impl From<Rules> for Behaviour {
    fn from(rules: Rules) -> Self {
        let Rules { blocking, on_blocking_failure, time_limit_ms, jit_outbound, on_delete, on_leave } = rules;
        Self { blocking, time_limit_ms, on_blocking_failure, jit_outbound, on_delete, on_leave }
    }
}

/// A connection that a provisioner can be made for, with its enabled connectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub id: ConnectionId,
    pub name: String,
    pub connectors: Vec<CandidateConnector>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateConnector {
    pub id: ConnectorId,
    pub name: String,
    /// There is a provisioner for it already.
    pub taken: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provisioner {
    pub id: ProvisionerId,
    pub connection: String,
    pub connector: String,
    pub behaviour: Behaviour,
    pub version: i64,
    pub accounts: i64,
    pub may_write: bool,
}
