//! A directory of its own for each test.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use auth::{Authorised, Caller, Who, grants::Grant};
use directory::{
    Directory,
    engine::{Settled, Trial},
    provisioners::NewProvisioner,
    users::{NewUser, Revise, Revision},
};
use domain::{
    ConnectorId, SubjectId, TokenId, UserId,
    config::{Choice, Condition, ConfigSchema, Control, Field, Report, Typed},
    connection::{CUSTOM_CONNECTOR, Connection, ConnectionInput, Connector},
    delivery::Delivery,
    permission::Scope,
    provisioner::Rules,
    user::{Origin, User, UserInput},
};
use storage::{Db, MasterKey, Vault};
use testkit::HandClock;

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct House {
    pub clock: HandClock,
    pub directory: Directory,
    pub engine: Arc<Noted>,
    _folder: tempfile::TempDir,
}

/// Stands in for the engine.
#[derive(Default)]
pub(crate) struct Noted {
    pub trials: Mutex<Vec<Trial>>,
    woken: AtomicBool,
}

impl Noted {
    /// Whether it was woken since this was last asked.
    pub(crate) fn was_woken(&self) -> bool {
        self.woken.swap(false, Ordering::SeqCst)
    }
}

#[async_trait]
impl directory::Engine for Noted {
    fn schemas(&self) -> Vec<ConfigSchema> {
        vec![schema()]
    }

    fn check_address(&self, url: &str) -> Result<(), String> {
        if url.contains("private") { Err("This address is private.".to_owned()) } else { Ok(()) }
    }

    fn wake(&self) {
        self.woken.store(true, Ordering::SeqCst);
    }

    fn sends_mail(&self) -> bool {
        true
    }

    async fn test(&self, trial: Trial) -> Report {
        self.trials.lock().unwrap().push(trial);
        Report { checks: vec![] }
    }

    async fn settled(&self, _: UserId) -> directory::Result<Settled> {
        Err(directory::Error::NoEngine)
    }

    async fn delivered(&self, _: SubjectId, at: Vec<ConnectorId>, _: Duration) -> Vec<ConnectorId> {
        at
    }
}

/// Two modes, each with its secret; the one with a second address sends its secret there.
fn schema() -> ConfigSchema {
    let field = |key: &str, control, required, only_when| Field {
        key: key.to_owned(),
        label: key.to_owned(),
        hint: None,
        control,
        required,
        default: None,
        only_when,
    };
    let choice = |value: &str| Choice { value: value.to_owned(), label: value.to_owned() };
    let only = |mode: &str| Some(Condition { key: "mode".to_owned(), values: vec![mode.to_owned()] });
    let choices = vec![choice("none"), choice("bearer"), choice("client")];
    ConfigSchema {
        kind: "scim2".to_owned(),
        name: "SCIM 2.0".to_owned(),
        description: String::new(),
        fields: vec![
            field("mode", Control::Choice { choices }, true, None),
            field("endpoint", Control::Url, true, None),
            field("token", Control::Secret, true, only("bearer")),
            field("token_endpoint", Control::Url, true, only("client")),
            field("client_secret", Control::Secret, true, only("client")),
        ],
    }
}

pub(crate) fn may<P: Grant>() -> Authorised<P> {
    Caller::system().authorise().unwrap()
}

pub(crate) fn token_of<P: Grant>(scopes: &[Scope]) -> Authorised<P> {
    let who = Who::Token { id: TokenId(uuid::Uuid::nil()), name: "hr".to_owned(), scopes: scopes.to_vec() };
    Caller { who, address: "192.0.2.1".to_owned() }.authorise().unwrap()
}

pub(crate) fn typed(pairs: &[(&str, &str)]) -> Typed {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn revise(edit: impl Fn(&mut UserInput) + Send + Sync + 'static, password: Option<&'static str>) -> Revise {
    Arc::new(move |user: &User| {
        let mut input = UserInput::of(user);
        edit(&mut input);
        Ok(Revision { input, password: password.map(Into::into) })
    })
}

impl House {
    pub(crate) async fn new() -> Self {
        let (clock, folder) = (HandClock::new(), tempfile::tempdir().unwrap());
        let ids = testkit::ids_with(&clock);
        let vault = Vault::new(&MasterKey::new([7; 32]), ids.clone());
        let (db, _closed) = Db::open(folder.path(), vault).await.unwrap();
        let directory = Directory::new(db, ids);
        let engine = Arc::new(Noted::default());
        let attached: Arc<dyn directory::Engine> = engine.clone();
        directory.attach(Arc::downgrade(&attached));
        Self { clock, directory, engine, _folder: folder }
    }

    pub(crate) async fn create(&self, user_name: &str) -> User {
        let new = NewUser { input: testkit::person(user_name), password: Some(PASSWORD.into()), origin: Origin::Api };
        self.directory.create_user(&may(), new).await.unwrap().user
    }

    pub(crate) async fn administrator(&self, user_name: &str) -> User {
        self.directory.create_administrator(&may(), user_name, &PASSWORD.into()).await.unwrap()
    }

    pub(crate) async fn connection(&self) -> Connection {
        let input = ConnectionInput { name: "Acme".to_owned(), description: String::new() };
        self.directory.create_connection(&may(), input, CUSTOM_CONNECTOR, true).await.unwrap()
    }

    pub(crate) async fn connector(&self, pairs: &[(&str, &str)]) -> Connector {
        let connection = self.connection().await.id;
        self.directory.create_connector(&may(), connection, "scim2", &typed(pairs), true).await.unwrap()
    }

    /// From now on everybody who comes in has an account there.
    pub(crate) async fn provision(&self, connector: &Connector) {
        let new = NewProvisioner {
            connection_id: connector.connection_id,
            connector_id: connector.id,
            rules: Rules::default(),
        };
        self.directory.create_provisioner(&may(), new).await.unwrap();
    }

    pub(crate) async fn deliveries_of(&self, user: UserId) -> Vec<Delivery> {
        let mut conn = self.directory.db().read().await.unwrap();
        storage::deliveries::of_subject(&mut conn, user.into()).await.unwrap()
    }

    /// Damages the rows of one id behind everybody's back.
    pub(crate) async fn spoil(&self, sql: &'static str, id: uuid::Uuid) {
        let spoiling = self.directory.db().write::<_, storage::Error, _>(move |conn| {
            Box::pin(async move {
                let spoilt = sqlx::query(sql).bind(id).execute(conn).await.map_err(storage::Error::Database)?;
                assert_ne!(spoilt.rows_affected(), 0, "{sql}");
                Ok(())
            })
        });
        spoiling.await.unwrap();
    }

    pub(crate) async fn audit(&self) -> Vec<storage::audit::Entry> {
        let mut conn = self.directory.db().read().await.unwrap();
        storage::audit::page(&mut conn, None, 1000).await.unwrap()
    }
}
