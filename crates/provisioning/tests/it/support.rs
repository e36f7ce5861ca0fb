//! A house of its own for each test: a database, the use cases, the engine and Acme Cloud.

use std::time::Duration;

use auth::Caller;
use connectors::Registry;
use directory::{
    Directory,
    deliveries::{Query, Shown},
    provisioners::NewProvisioner,
    users::{NewUser, Outcome},
};
use domain::{
    ConnectorId, UserId,
    config::Typed,
    connection::{CUSTOM_CONNECTOR, ConnectionInput},
    provisioner::{Provisioner, Rules},
    user::Origin,
};
use egress::{Egress, Policy};
use provisioning::{Deps, Engine};
use rehearsal::AcmeCloud;
use storage::{Db, MasterKey, Vault};
use testkit::HandClock;

pub(crate) struct House {
    pub acme: AcmeCloud,
    pub clock: HandClock,
    pub directory: Directory,
    pub engine: Engine,
    pub folder: tempfile::TempDir,
}

/// One connector at Acme Cloud, switched on.
pub(crate) struct Target {
    pub connector: ConnectorId,
    pub provisioner: Provisioner,
}

impl House {
    pub(crate) async fn new() -> Self {
        let acme = AcmeCloud::builder().token("acme-token").start().await.expect("Acme Cloud starts");
        Self::with(acme, tempfile::tempdir().expect("a folder"), HandClock::new()).await
    }

    pub(crate) async fn with(acme: AcmeCloud, folder: tempfile::TempDir, clock: HandClock) -> Self {
        let ids = testkit::ids_with(&clock);
        let vault = Vault::new(&MasterKey::new([7; 32]), ids.clone());
        let (db, _closed) = Db::open(folder.path(), vault).await.expect("the database opens");
        let directory = Directory::new(db, ids);
        let allow = vec!["127.0.0.0/8".parse().expect("a network")];
        let egress = Egress::new(Policy { allow, total_timeout: Duration::from_secs(5), ..Policy::default() });
        let deps = Deps {
            directory: directory.clone(),
            egress: egress.expect("the client starts"),
            registry: Registry::standard(),
        };
        let engine = Engine::new(deps);
        engine.recover().await.expect("the engine recovers");
        Self { acme, clock, directory, engine, folder }
    }

    pub(crate) async fn provisioned_by(&self, rules: Rules) -> Target {
        let system = Caller::system();
        let connection = ConnectionInput { name: "Acme Cloud".to_owned(), description: String::new() };
        let connection = self
            .directory
            .create_connection(&system.authorise().unwrap(), connection, CUSTOM_CONNECTOR, true)
            .await
            .expect("a connection");
        let typed: Typed = [
            ("authentication_mode", "bearer".to_owned()),
            ("access_token", "acme-token".to_owned()),
            ("user_endpoint", self.acme.users_endpoint()),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
        let connector = self
            .directory
            .create_connector(&system.authorise().unwrap(), connection.id, "scim2", &typed, true)
            .await
            .expect("a connector");
        let new = NewProvisioner { connection_id: connection.id, connector_id: connector.id, rules };
        let provisioner =
            self.directory.create_provisioner(&system.authorise().unwrap(), new).await.expect("a provisioner");
        Target { connector: connector.id, provisioner }
    }

    pub(crate) async fn create(&self, user_name: &str, origin: Origin) -> directory::Result<Outcome> {
        let new = NewUser { input: testkit::person(user_name), password: None, origin };
        self.directory.create_user(&Caller::system().authorise().unwrap(), new).await
    }

    pub(crate) async fn deliveries(&self, user: UserId) -> Vec<Shown> {
        let query = Query { user: Some(user), limit: 50, ..Query::default() };
        self.directory.deliveries(&Caller::system().authorise().unwrap(), query).await.expect("deliveries")
    }
}
