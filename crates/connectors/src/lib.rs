//! One module per kind of external system, and the registry of them.
//!
//! A connector is level-triggered: given what is wanted and what is known, it makes the target so. Replay, retry and
//! reconciliation are then the same code. It keeps nothing between calls but what makes calls cheaper (a token).
//!
//! To add a kind: 1. a module with a type that implements [`Connector`]; 2. a line in [`Registry::standard`]; 3. a
//! `World` and a `suite!` line in `tests/connectors`, which prove that it does what every connector does. Its form, its
//! checks and its place in the wizard follow from its schema.

mod call;
mod failure;
pub mod scim2;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use domain::{attempt::Operation, config::ConfigSchema, user::Account};
use serde_json::Value;

pub use call::{Call, Exchange, Target};
pub use domain::config::{Check, Report};
pub use failure::Failure;

/// A remote account as the target showed it.
#[derive(Clone, Debug, PartialEq)]
pub struct Remote {
    pub id: String,
    pub external_id: Option<String>,
    pub user_name: Option<String>,
    pub active: Option<bool>,
    /// The whole document, for merging.
    pub document: Value,
}

/// What a look-up matches on, in this order.
#[derive(Clone, Debug)]
pub struct Keys<'a> {
    pub external_id: &'a str,
    pub user_name: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// It carries our immutable id: we made it, or it was handed to us.
    ExternalId,
    UserName,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub remote: Remote,
    pub by: MatchedBy,
}

/// The linked account that an update or removal is about.
#[derive(Clone, Copy, Debug)]
pub struct Have<'a> {
    pub remote_id: &'a str,
    /// What was sent last; none for an account just adopted.
    pub sent: Option<&'a Value>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    pub remote_id: String,
    pub operation: Operation,
    /// Parts of the rendering, by their names in it, that the target does not know and was not sent.
    pub left_out: Vec<String>,
}

impl Applied {
    /// What the target was sent of a rendering: what was left out goes out once the target has come to know it.
    #[must_use]
    pub fn sent(&self, mut rendering: Value) -> Value {
        if let Some(fields) = rendering.as_object_mut() {
            fields.retain(|name, _| !self.left_out.contains(name));
        }
        rendering
    }
}

#[async_trait]
pub trait Connector: Send + Sync {
    /// Describes the configuration; the form, its checks and its documentation follow from it.
    fn schema(&self) -> ConfigSchema;

    /// What would be sent for this account, without passwords. An equal rendering is not sent again.
    fn render(&self, account: &Account, target: &Target) -> Value;

    /// Tries each permission that provisioning needs, changing nothing.
    async fn test(&self, call: &Call<'_>) -> Report;

    /// Looks for an account and checks that what came back really matches: some targets ignore filters.
    async fn find(&self, keys: &Keys<'_>, call: &Call<'_>) -> Result<Option<Found>, Failure>;

    /// Creates the account, or makes the one at hand equal to `want` without touching what we do not send.
    async fn apply(&self, want: &Account, have: Option<Have<'_>>, call: &Call<'_>) -> Result<Applied, Failure>;

    /// Deletes the account. [`Failure::Missing`] when it is not there.
    async fn remove(&self, have: Have<'_>, call: &Call<'_>) -> Result<(), Failure>;
}

/// The kinds that this build knows.
#[derive(Clone)]
pub struct Registry {
    kinds: BTreeMap<String, Arc<dyn Connector>>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.kinds.keys()).finish()
    }
}

impl Registry {
    pub fn new(kinds: impl IntoIterator<Item = Arc<dyn Connector>>) -> Self {
        Self { kinds: kinds.into_iter().map(|connector| (connector.schema().kind, connector)).collect() }
    }

    pub fn standard() -> Self {
        Self::new([Arc::new(scim2::Scim2::default()) as Arc<dyn Connector>])
    }

    pub fn get(&self, kind: &str) -> Option<&Arc<dyn Connector>> {
        self.kinds.get(kind)
    }

    pub fn schemas(&self) -> impl Iterator<Item = ConfigSchema> + '_ {
        self.kinds.values().map(|connector| connector.schema())
    }
}
