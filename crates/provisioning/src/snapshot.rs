//! Everything that one attempt needs, read at once.

use std::sync::Arc;

use connectors::{Connector, Target};
use domain::{
    DeliveryId, connection,
    delivery::{Delivery, Trigger, Wanted},
    link::{Link, Provenance},
    user::{Account, Origin},
};
use serde_json::Value;
use storage::{connectors as connector_rows, deliveries, links, passwords, runs, tombstones, users};

use crate::Core;

pub(crate) struct Snapshot {
    pub delivery: Delivery,
    pub subject: Subject,
    pub link: Option<Link>,
    pub row: connection::Connector,
    pub connector: Arc<dyn Connector>,
    pub target: Target,
    pub learned: Value,
}

/// Whose account it is: somebody here, or somebody gone.
pub(crate) struct Subject {
    pub account: Account,
    pub origin: Origin,
    pub staged: bool,
    /// Deleted here; only what is left there matters.
    pub gone: bool,
}

impl Snapshot {
    /// None when there is nothing to attempt any more.
    pub(crate) async fn load(core: &Core, id: DeliveryId) -> directory::Result<Option<Self>> {
        let mut conn = core.db().read().await?;
        let Some(delivery) = deliveries::get(&mut conn, id).await? else { return Ok(None) };
        let Some(row) = connector_rows::get(&mut conn, delivery.connector_id).await? else { return Ok(None) };
        let Some(connector) = core.registry.get(&row.kind) else {
            tracing::error!(connector.kind = %row.kind, "This version of Usher has no connector of this kind.");
            return Ok(None);
        };
        let Some(user_id) = delivery.subject.user() else { return Ok(None) };
        let link = links::get(&mut conn, delivery.subject, row.id).await?;
        let link = link.filter(|link| link.generation == row.generation);
        // An adopted account gets no password.
        let adopted = link.as_ref().is_some_and(|link| link.provenance == Provenance::Adopted);
        let passes_passwords = row.properties.is_on("enable_password_provisioning") && !adopted;
        let active = delivery.wanted == Wanted::Present;
        let subject = if let Some(user) = users::get_any(&mut conn, user_id).await? {
            let password = if passes_passwords {
                passwords::unseal(&mut conn, core.db().vault(), user_id, core.now()).await?
            } else {
                None
            };
            Subject {
                account: Account { active, ..Account::of(&user, password) },
                origin: user.origin,
                staged: user.staged,
                gone: false,
            }
        } else if let Some(tombstone) = tombstones::get(&mut conn, user_id).await? {
            let account = Account {
                external_id: user_id.to_string(),
                user_name: tombstone.user_name,
                active: false,
                profile: tombstone.profile,
                password: None,
            };
            Subject { account, origin: tombstone.origin, staged: false, gone: true }
        } else {
            Subject { account: nobody(&delivery), origin: Origin::Api, staged: false, gone: true }
        };
        let target = Target {
            connector_id: row.id,
            version: row.version,
            properties: row.properties.clone(),
            secrets: connector_rows::secrets(&mut conn, core.db().vault(), row.id).await?,
        };
        let learned = runs::get(&mut conn, row.id).await?.learned;
        Ok(Some(Self { delivery, subject, link, connector: Arc::clone(connector), row, target, learned }))
    }

    /// Whether the account there is known to be as wanted, so that nothing has to be called.
    pub(crate) fn is_in_step(&self, rendering: &Value) -> bool {
        self.delivery.trigger != Trigger::Retry
            && self.subject.account.password.is_none()
            && self.link.as_ref().is_some_and(|link| link.sent.as_ref() == Some(rendering))
    }
}

/// What is left of a user whose tombstone is settled: enough to look for the account.
fn nobody(delivery: &Delivery) -> Account {
    Account {
        external_id: delivery.subject.uuid().to_string(),
        user_name: delivery.subject_label.clone(),
        active: false,
        profile: domain::user::Profile::default(),
        password: None,
    }
}
