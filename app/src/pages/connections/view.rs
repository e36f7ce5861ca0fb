//! What the pages of connections show.

use std::collections::BTreeMap;

use domain::{
    ConnectionId, ConnectorId,
    config::{ConfigSchema, Report},
};
use serde::{Deserialize, Serialize};

use crate::ui::time::Moment;

/// One page of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionList {
    pub items: Vec<ConnectionCard>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
    pub may_write: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionCard {
    pub id: ConnectionId,
    pub name: String,
    pub description: String,
    pub state: Standing,
}

/// How a connection stands, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It has no connector yet.
    Unused,
    Disabled,
    /// Enabled, with an enabled connector.
    Enabled,
    /// Paused: a connector waits for its system.
    Waiting,
    /// Paused: somebody has to mend something.
    Held,
    Removing,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Connection {
    pub id: ConnectionId,
    pub name: String,
    pub description: String,
    pub enabled: bool,
    pub created_at: Moment,
    /// What the form was filled from; a save over a newer one is refused.
    pub version: i64,
    pub state: Standing,
    /// It signs people in.
    pub signs_in: bool,
    /// Accounts linked at its connectors.
    pub accounts: i64,
    /// One of its connectors is switched on.
    pub has_enabled_connector: bool,
    pub may_write: bool,
}

/// A connector with all its form needs; never a secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Connector {
    pub id: ConnectorId,
    pub enabled: bool,
    pub removing: bool,
    pub pause: Option<Pause>,
    pub accounts: i64,
    /// Deliveries that are not done.
    pub open: i64,
    pub version: i64,
    pub configuration: Configuration,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// It ends by itself, when the system answers.
    pub passes: bool,
    pub text: String,
    pub since: Moment,
}

/// A form drawn from a schema, and what it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    pub schema: ConfigSchema,
    pub values: BTreeMap<String, String>,
    /// Which secrets are set, and since when if that is known.
    pub secrets: BTreeMap<String, Option<Moment>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutboundProvisioning {
    pub connection: String,
    pub connection_enabled: bool,
    pub connectors: Vec<Connector>,
    pub may_write: bool,
}

/// A kind that the wizard offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    pub kind: String,
    pub name: String,
    pub description: String,
    /// The connection has one already.
    pub taken: bool,
}

/// What the wizard gathered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub configuration: Configuration,
    /// Of "Test connection", if it was used.
    pub report: Option<Report>,
}

/// A connector that is about to be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// The connector's name.
    pub name: String,
    pub accounts: i64,
    pub enabled: bool,
}
