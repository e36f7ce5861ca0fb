//! Provisioners: which connectors everybody has an account at.

use auth::{
    Authorised,
    grants::{ProvisionersRead, ProvisionersWrite},
};
use domain::{
    ConnectionId, ConnectorId, ProvisionerId,
    connection::Life,
    provisioner::{Provisioner, Removal, Rules},
    validation::FieldErrors,
};
use storage::{Conn, connections, connectors, provisioners};

use crate::{
    Directory, Error, Result,
    change::{About, Context, as_seen, staying},
    details::{Details, between, came, went},
    removal::{self, Removed},
};

#[derive(Clone, Debug)]
pub struct NewProvisioner {
    pub connection_id: ConnectionId,
    pub connector_id: ConnectorId,
    pub rules: Rules,
}

impl Directory {
    pub async fn provisioner(&self, _who: &Authorised<ProvisionersRead>, id: ProvisionerId) -> Result<Provisioner> {
        let mut conn = self.db().read().await?;
        provisioners::get(&mut conn, id).await?.ok_or(Error::NotFound("provisioner"))
    }

    pub async fn provisioners(&self, _who: &Authorised<ProvisionersRead>) -> Result<Vec<Provisioner>> {
        let mut conn = self.db().read().await?;
        Ok(provisioners::all(&mut conn).await?)
    }

    /// Accounts linked at a provisioner's connector.
    pub async fn accounts_of(&self, _who: &Authorised<ProvisionersRead>, connector: ConnectorId) -> Result<i64> {
        let mut conn = self.db().read().await?;
        Ok(storage::links::count_at(&mut conn, connector).await?)
    }

    pub async fn create_provisioner(
        &self,
        who: &Authorised<ProvisionersWrite>,
        new: NewProvisioner,
    ) -> Result<Provisioner> {
        let context = self.context(who);
        let provisioner = Provisioner {
            id: context.ids.make(),
            connection_id: new.connection_id,
            connector_id: new.connector_id,
            rules: new.rules.check()?,
            life: Life::Active,
            version: 1,
            created_at: context.now,
            updated_at: context.now,
        };
        let made = provisioner.clone();
        self.commit::<_, Error, _>(move |conn| {
            let (context, provisioner) = (context.clone(), provisioner.clone());
            Box::pin(async move { insert(conn, &context, provisioner).await })
        })
        .await?;
        Ok(made)
    }

    /// `expected` is the version that the caller saw.
    pub async fn change_provisioner(
        &self,
        who: &Authorised<ProvisionersWrite>,
        id: ProvisionerId,
        rules: Rules,
        expected: Option<i64>,
    ) -> Result<Provisioner> {
        let (context, rules) = (self.context(who), rules.check()?);
        let provisioner = self
            .commit(move |conn| {
                let (context, rules) = (context.clone(), rules.clone());
                Box::pin(async move { apply(conn, &context, id, rules, expected).await })
            })
            .await?;
        Ok(provisioner)
    }

    pub async fn delete_provisioner(
        &self,
        who: &Authorised<ProvisionersWrite>,
        id: ProvisionerId,
        accounts: Option<Removal>,
    ) -> Result<Removed> {
        let context = self.context(who);
        let removed = self
            .commit(move |conn| {
                let context = context.clone();
                Box::pin(async move { remove(conn, &context, id, accounts).await })
            })
            .await?;
        Ok(removed)
    }
}

async fn record(
    conn: &mut Conn,
    context: &Context,
    action: &'static str,
    provisioner: &Provisioner,
    details: Details,
) -> Result<()> {
    let connection = connections::get(conn, provisioner.connection_id).await?;
    let label = connection.map_or_else(String::new, |connection| connection.name);
    let about = About { kind: "provisioner", id: Some(provisioner.id.0), label: &label };
    context.record(conn, action, about, details).await
}

async fn insert(conn: &mut Conn, context: &Context, provisioner: Provisioner) -> Result<()> {
    let mut errors = FieldErrors::default();
    let connection = connections::get(conn, provisioner.connection_id).await?;
    let connector = connectors::get(conn, provisioner.connector_id).await?;
    match &connection {
        Some(connection) if connection.life == Life::Active => {}
        _ => errors.add("connection_id", "There is no such connection."),
    }
    match &connector {
        Some(connector) if connector.life == Life::Active && connector.connection_id == provisioner.connection_id => {
            if !connector.enabled {
                errors.add("connector_id", "This connector is switched off. Enable it on the connection's page first.");
            }
        }
        _ => errors.add("connector_id", "The connection has no such connector."),
    }
    errors.into_result()?;
    let former = provisioners::of_connector(conn, provisioner.connector_id).await?;
    if former.is_some_and(|former| former.life == Life::Removing) {
        return Err(Error::Conflict(
            "The former provisioner of this connector is still letting its accounts go. Wait until that is done."
                .to_owned(),
        ));
    }
    provisioners::insert(conn, &provisioner).await?;
    record(conn, context, "provisioner.create", &provisioner, came(&provisioner.rules)).await
}

async fn apply(
    conn: &mut Conn,
    context: &Context,
    id: ProvisionerId,
    rules: Rules,
    expected: Option<i64>,
) -> Result<Provisioner> {
    let before = provisioners::get(conn, id).await?.ok_or(Error::NotFound("provisioner"))?;
    as_seen(expected, before.version)?;
    staying("provisioner", before.life)?;
    if before.rules == rules {
        return Ok(before);
    }
    let details = between(&before.rules, &rules);
    let after = Provisioner { rules, version: before.version + 1, updated_at: context.now, ..before };
    provisioners::update(conn, &after).await?;
    record(conn, context, "provisioner.update", &after, details).await?;
    Ok(after)
}

async fn remove(conn: &mut Conn, context: &Context, id: ProvisionerId, accounts: Option<Removal>) -> Result<Removed> {
    let provisioner = provisioners::get(conn, id).await?.ok_or(Error::NotFound("provisioner"))?;
    match (provisioner.life, accounts) {
        (Life::Active, _) => {
            let count = removal::accounts_at(conn, provisioner.connector_id).await?;
            let details = removal::decided(went(&provisioner.rules), accounts, count)?;
            record(conn, context, "provisioner.delete", &provisioner, details).await?;
            removal::begin_provisioner(conn, context, provisioner, accounts.unwrap_or_default()).await?;
        }
        (Life::Removing, None) => {}
        (Life::Removing, Some(policy)) => {
            record(conn, context, "provisioner.delete", &provisioner, removal::decided_again(policy)).await?;
            removal::decide_again(conn, context, provisioner.connector_id, policy).await?;
        }
    }
    Ok(Removed::leaving(provisioners::get(conn, id).await?.as_ref()))
}
