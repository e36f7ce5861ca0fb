//! Sets the scene: an administrator, a token, a connection to Acme Cloud, and people who then appear there.

use std::time::Duration;

use auth::{Caller, grants::ConnectionsRead};
use directory::{
    Directory, Error, Result,
    connectors::{ConnectorChange, Moved},
    provisioners::NewProvisioner,
    tokens::NewToken,
    users::NewUser,
};
use domain::{
    config::Typed,
    connection::{CUSTOM_CONNECTOR, Connection, ConnectionInput},
    permission::Scope,
    provisioner::Rules,
    user::Origin,
};
use rehearsal::AcmeCloud;
use secrecy::{ExposeSecret as _, SecretString};

use super::people;

pub(super) const ADMINISTRATOR: &str = "admin";
const CONNECTION: &str = "Acme Cloud";
const KIND: &str = "scim2";
/// A demo that runs longer than this can be started again.
const TOKEN_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// What somebody needs to know to begin.
#[derive(Debug)]
pub(super) struct Scene {
    pub password: SecretString,
    pub token: SecretString,
}

impl Scene {
    pub(super) async fn set(directory: &Directory, acme: &AcmeCloud, access_token: &SecretString) -> Result<Self> {
        let password = administrator(directory).await?;
        let new =
            NewToken { name: "Demo".to_owned(), scopes: vec![Scope::Scim, Scope::Admin], lifetime: TOKEN_LIFETIME };
        let (_, token) = directory.create_token(&Caller::system().authorise()?, new).await?;
        let configuration = configuration(acme, access_token);
        match connection(directory).await? {
            None => {
                connect(directory, &configuration).await?;
                fill(directory).await?;
            }
            Some(connection) => reconnect(directory, &connection, configuration).await?,
        }
        Ok(Self { password, token })
    }
}

/// The password is another one at each start.
async fn administrator(directory: &Directory) -> Result<SecretString> {
    let password = super::secret(&**directory.ids().dice());
    let who = Caller::system().authorise()?;
    match directory.reset_password(&who, ADMINISTRATOR, &password).await {
        Err(Error::NotFound(_)) => directory.create_administrator(&who, ADMINISTRATOR, &password).await.map(drop)?,
        other => other?,
    }
    Ok(password)
}

fn configuration(acme: &AcmeCloud, access_token: &SecretString) -> Typed {
    [
        ("authentication_mode", "bearer"),
        ("access_token", access_token.expose_secret()),
        ("user_endpoint", &acme.users_endpoint()),
        ("group_endpoint", &acme.groups_endpoint()),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into()
}

async fn connection(directory: &Directory) -> Result<Option<Connection>> {
    let found = directory.connections(&Caller::system().authorise()?, Some(CONNECTION), None, 1).await?;
    Ok(found.into_iter().find(|connection| connection.name == CONNECTION))
}

async fn connect(directory: &Directory, configuration: &Typed) -> Result<()> {
    let caller = Caller::system();
    let writer = caller.authorise()?;
    let input = ConnectionInput {
        name: CONNECTION.to_owned(),
        description: "The external system of this demo, on another port of this machine.".to_owned(),
    };
    let connection = directory.create_connection(&writer, input, CUSTOM_CONNECTOR, true).await?;
    let connector = directory.create_connector(&writer, connection.id, KIND, configuration, true).await?;
    let new = NewProvisioner { connection_id: connection.id, connector_id: connector.id, rules: Rules::default() };
    directory.create_provisioner(&caller.authorise()?, new).await?;
    Ok(())
}

async fn fill(directory: &Directory) -> Result<()> {
    let who = Caller::system().authorise()?;
    for input in people::everybody() {
        directory.create_user(&who, NewUser { input, password: None, origin: Origin::Api }).await?;
    }
    Ok(())
}

/// A demo in a folder of its own finds Acme Cloud at another address, and empty: its accounts come back as they are
/// changed.
async fn reconnect(directory: &Directory, connection: &Connection, configuration: Typed) -> Result<()> {
    let caller = Caller::system();
    let connectors = directory.connectors_of(&caller.authorise::<ConnectionsRead>()?, connection.id).await?;
    for status in connectors.into_iter().filter(|status| status.connector.kind == KIND) {
        let change = ConnectorChange {
            properties: Some(configuration.clone()),
            moved: Some(Moved::Same),
            ..ConnectorChange::default()
        };
        directory.change_connector(&caller.authorise()?, status.connector.id, change).await?;
    }
    Ok(())
}
