//! What the use cases need of the engine that delivers; `provisioning` implements it.

use std::time::Duration;

use async_trait::async_trait;
use domain::{
    ConnectorId, SubjectId, UserId,
    config::{ConfigSchema, Properties, Report, Secrets},
    onboarding::Rejection,
};

/// A configuration to try, saved or not.
#[derive(Clone, Debug)]
pub struct Trial {
    pub connector_id: Option<ConnectorId>,
    pub kind: String,
    pub properties: Properties,
    pub secrets: Secrets,
}

/// How an onboarding ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    Active { pending: Vec<ConnectorId> },
    Refused { rejections: Vec<Rejection> },
}

#[async_trait]
pub trait Engine: Send + Sync {
    /// The kinds of connectors there are.
    fn schemas(&self) -> Vec<ConfigSchema>;

    /// Whether an address may be called, as far as it can be told without calling.
    fn check_address(&self, url: &str) -> Result<(), String>;

    /// Something is due.
    fn wake(&self);

    /// Whether it has a server that takes mail.
    fn sends_mail(&self) -> bool;

    /// "Test connection": changes nothing anywhere.
    async fn test(&self, trial: Trial) -> Report;

    /// Waits until a staged user is real or refused; the engine keeps the time limit.
    async fn settled(&self, user: UserId) -> crate::Result<Settled>;

    /// Waits until these connectors have what they should, `limit` at most; returns those that have not.
    async fn delivered(&self, subject: SubjectId, at: Vec<ConnectorId>, limit: Duration) -> Vec<ConnectorId>;
}
