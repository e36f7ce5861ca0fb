//! Sets the scene: an administrator, a token, and a connection to each system.

use std::time::Duration;

use auth::Caller;
use directory::{
    Directory, Error, Result,
    connectors::{ConnectorChange, Moved},
    provisioners::NewProvisioner,
    tokens::NewToken,
};
use domain::{
    config::Typed,
    connection::{CUSTOM_CONNECTOR, Connection, ConnectionInput, Connector},
    permission::Scope,
    provisioner::Rules,
};
use rehearsal::AcmeCloud;
use secrecy::SecretString;

use super::systems::Systems;

pub(super) const ADMINISTRATOR: &str = "admin";
const KIND: &str = "scim2";
/// Where it finds people.
const USERS: &str = "user_endpoint";
/// A demo that runs longer than this can be started again.
const TOKEN_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// The password is another one at each start.
pub(super) async fn administrator(directory: &Directory) -> Result<SecretString> {
    let password = super::secret(&**directory.ids().dice());
    let who = Caller::system().authorise()?;
    match directory.reset_password(&who, ADMINISTRATOR, &password).await {
        Err(Error::NotFound(_)) => directory.create_administrator(&who, ADMINISTRATOR, &password).await.map(drop)?,
        other => other?,
    }
    Ok(password)
}

pub(super) async fn token(directory: &Directory) -> Result<SecretString> {
    let new = NewToken { name: "Demo".to_owned(), scopes: vec![Scope::Scim, Scope::Admin], lifetime: TOKEN_LIFETIME };
    Ok(directory.create_token(&Caller::system().authorise()?, new).await?.1)
}

/// A connection to each system, switched on and provisioned to. One that is there already, from a start that was cut
/// short, stays as it is.
pub(super) async fn connect(directory: &Directory, systems: &Systems) -> Result<()> {
    for (system, description) in systems.all() {
        if connection(directory, system.name()).await?.is_none() {
            // Whoever signs in for the first time goes on to the one that the tour plays with.
            let rules = Rules { jit_outbound: system.name() == systems.acme.name(), ..Rules::default() };
            connect_to(directory, system, description, rules).await?;
        }
    }
    Ok(())
}

async fn connection(directory: &Directory, name: &str) -> Result<Option<Connection>> {
    let found = directory.connections(&Caller::system().authorise()?, Some(name), None, 1).await?;
    Ok(found.into_iter().find(|connection| connection.name == name))
}

async fn connect_to(directory: &Directory, system: &AcmeCloud, description: &str, rules: Rules) -> Result<()> {
    let caller = Caller::system();
    let writer = caller.authorise()?;
    let input = ConnectionInput { name: system.name().to_owned(), description: description.to_owned() };
    let connection = directory.create_connection(&writer, input, CUSTOM_CONNECTOR, true).await?;
    let connector = directory.create_connector(&writer, connection.id, KIND, &configuration(system), true).await?;
    let new = NewProvisioner { connection_id: connection.id, connector_id: connector.id, rules };
    directory.create_provisioner(&caller.authorise()?, new).await?;
    Ok(())
}

fn configuration(system: &AcmeCloud) -> Typed {
    [
        ("authentication_mode", "bearer"),
        ("access_token", system.token().unwrap_or_default()),
        (USERS, &system.users_endpoint()),
        ("group_endpoint", &system.groups_endpoint()),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into()
}

/// In a folder of an earlier demo the systems are where they were, unless somebody else took a port meanwhile.
pub(super) async fn reconnect(directory: &Directory, systems: &Systems) -> Result<()> {
    let who = Caller::system().authorise()?;
    let connectors = directory.connectors(&who).await?;
    for (system, _) in systems.all() {
        let Some(former) = system.former_users_endpoint().filter(|former| *former != system.users_endpoint()) else {
            continue;
        };
        for connector in connectors.iter().filter(|connector| finds_people_at(connector, &former)) {
            let change = ConnectorChange {
                properties: Some(configuration(system)),
                moved: Some(Moved::Same),
                ..ConnectorChange::default()
            };
            directory.change_connector(&Caller::system().authorise()?, connector.id, change).await?;
        }
    }
    Ok(())
}

fn finds_people_at(connector: &Connector, endpoint: &str) -> bool {
    connector.kind == KIND && connector.properties.text(USERS) == Some(endpoint)
}
