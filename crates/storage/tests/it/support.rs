//! A database in a folder of its own, and builders of rows.

use std::time::Duration;

use domain::{
    BootId, ConnectionId, ConnectorId, Ids, SubjectId, Timestamp, UserId,
    attempt::{Attempt, Operation},
    config::{Properties, Property},
    connection::{CUSTOM_CONNECTOR, Connection, Connector, Life},
    delivery::{Delivery, Priority, State, Trigger, Wanted},
    link::{Link, Provenance},
    onboarding::{Awaited, Verdict},
    provisioner::{OnFailure, Provisioner, Rules},
    user::{Origin, User},
    validation::name_key,
};
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
use storage::{Conn, Db, Error, MasterKey, Vault, api_tokens::ApiToken, db::Closed, sessions::Session};
use tempfile::TempDir;
use testkit::HandClock;
use uuid::Uuid;

pub(crate) struct Store {
    /// A connection of its own, each statement a transaction: what a test of a table needs.
    pub(crate) conn: Conn,
    pub(crate) db: Db,
    pub(crate) closed: Closed,
    pub(crate) vault: Vault,
    pub(crate) ids: Ids,
    pub(crate) clock: HandClock,
    pub(crate) folder: TempDir,
}

pub(crate) fn vault(key: u8) -> Vault {
    Vault::new(&MasterKey::new([key; 32]), testkit::ids())
}

/// As the crate's own connections, but quick rather than durable.
pub(crate) fn options(folder: &std::path::Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(folder.join("usher.db"))
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .pragma("synchronous", "off")
        .disable_statement_logging()
}

impl Store {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = HandClock::new();
        let (db, closed) = Db::open(folder.path(), vault(1)).await.unwrap();
        let conn = options(folder.path()).connect().await.unwrap();
        Self { conn, db, closed, vault: vault(1), ids: testkit::ids_with(&clock), clock, folder }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.ids.now()
    }

    pub(crate) fn in_an_hour(&self) -> Timestamp {
        self.now().plus(Duration::from_hours(1))
    }

    /// Another id than any before, and later.
    pub(crate) fn id<I: From<Uuid>>(&self) -> I {
        self.clock.advance(Duration::from_millis(1));
        self.ids.make()
    }

    /// Does to the database what no function of the crate does; answers how many rows it changed.
    pub(crate) async fn spoil(&mut self, sql: &'static str) -> u64 {
        sqlx::query(sql).execute(&mut self.conn).await.unwrap().rows_affected()
    }

    pub(crate) async fn count(&mut self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&mut self.conn).await.unwrap()
    }

    pub(crate) fn user(&self, user_name: &str) -> User {
        let input = testkit::person(user_name);
        User {
            id: self.id(),
            user_name: input.user_name,
            external_id: Some(format!("hr-{user_name}")),
            active: true,
            locked: false,
            origin: Origin::Api,
            excluded: false,
            staged: false,
            role: None,
            profile: input.profile,
            version: 1,
            created_at: self.now(),
            updated_at: self.now(),
        }
    }

    pub(crate) async fn add_user(&mut self, user_name: &str) -> User {
        let user = self.user(user_name);
        storage::users::insert(&mut self.conn, &user).await.unwrap();
        user
    }

    pub(crate) async fn add_staged(&mut self, user_name: &str) -> User {
        let user = User { staged: true, ..self.user(user_name) };
        storage::users::insert(&mut self.conn, &user).await.unwrap();
        user
    }

    pub(crate) fn connection(&self, name: &str) -> Connection {
        Connection {
            id: self.id(),
            name: name.to_owned(),
            description: "Where it all happens".to_owned(),
            template: CUSTOM_CONNECTOR.to_owned(),
            enabled: true,
            life: Life::Active,
            version: 1,
            created_at: self.now(),
            updated_at: self.now(),
        }
    }

    pub(crate) async fn add_connection(&mut self, name: &str) -> Connection {
        let connection = self.connection(name);
        storage::connections::insert(&mut self.conn, &connection).await.unwrap();
        connection
    }

    pub(crate) fn connector(&self, connection: ConnectionId) -> Connector {
        let properties = [("user_endpoint", "https://acme.example/Users"), ("authentication_mode", "none")];
        Connector {
            id: self.id(),
            connection_id: connection,
            kind: "scim2".to_owned(),
            enabled: true,
            life: Life::Active,
            properties: Properties(
                properties.map(|(key, value)| (key.to_owned(), Property::Text(value.to_owned()))).into(),
            ),
            secrets: std::collections::BTreeMap::new(),
            generation: 1,
            version: 1,
            created_at: self.now(),
            updated_at: self.now(),
        }
    }

    /// A connector in a connection of its own.
    pub(crate) async fn add_connector(&mut self, name: &str) -> Connector {
        let connection = self.add_connection(name).await;
        let connector = self.connector(connection.id);
        storage::connectors::insert(&mut self.conn, &connector).await.unwrap();
        connector
    }

    pub(crate) fn provisioner(&self, connector: &Connector) -> Provisioner {
        Provisioner {
            id: self.id(),
            connection_id: connector.connection_id,
            connector_id: connector.id,
            rules: Rules::default(),
            life: Life::Active,
            version: 1,
            created_at: self.now(),
            updated_at: self.now(),
        }
    }

    /// Due now, of a subject that need not exist.
    pub(crate) fn delivery(&self, subject: impl Into<SubjectId>, connector: ConnectorId) -> Delivery {
        Delivery {
            id: self.id(),
            subject: subject.into(),
            subject_label: "ada".to_owned(),
            connector_id: connector,
            wanted: Wanted::Present,
            leave: false,
            version: 1,
            delivered_version: 0,
            state: State::Due,
            due_at: self.now(),
            priority: Priority::Joiner,
            trigger: Trigger::Create,
            fence: 0,
            tries: 0,
            name_key: None,
            intent: None,
            waits_for: None,
            open_since: self.now(),
            created_at: self.now(),
            updated_at: self.now(),
        }
    }

    pub(crate) async fn add_delivery(
        &mut self,
        connector: ConnectorId,
        change: impl FnOnce(&mut Delivery),
    ) -> Delivery {
        let mut delivery = self.delivery(self.id::<UserId>(), connector);
        change(&mut delivery);
        storage::deliveries::insert(&mut self.conn, &delivery).await.unwrap();
        delivery
    }

    pub(crate) async fn add_deliveries<const N: usize>(
        &mut self,
        connector: ConnectorId,
        states: [State; N],
    ) -> [Delivery; N] {
        let mut added = Vec::new();
        for state in states {
            added.push(self.add_delivery(connector, |delivery| delivery.state = state).await);
        }
        added.try_into().unwrap()
    }

    pub(crate) fn attempt(&self, delivery: &Delivery) -> Attempt {
        Attempt {
            id: self.id(),
            delivery_id: delivery.id,
            fence: 1,
            generation: 1,
            at: self.now(),
            trigger: Trigger::Create,
            operation: Operation::Create,
            outcome: "delivered".to_owned(),
            text: String::new(),
            status: Some(201),
            duration_ms: 12,
            request: Some("POST /Users".to_owned()),
            response: Some("201 Created".to_owned()),
        }
    }

    pub(crate) fn link(&self, subject: impl Into<SubjectId>, connector: ConnectorId, name: &str) -> Link {
        Link {
            id: self.id(),
            subject: subject.into(),
            connector_id: connector,
            remote_id: format!("remote-{name}"),
            name_key: name_key(name),
            provenance: Provenance::Created,
            generation: 1,
            sent: Some(serde_json::json!({"userName": name})),
            created_at: self.now(),
            updated_at: self.now(),
        }
    }

    pub(crate) fn awaited(&self, user: UserId, connector: ConnectorId) -> Awaited {
        Awaited {
            user_id: user,
            provisioner_id: self.id(),
            connector_id: connector,
            connection_name: "Acme".to_owned(),
            on_failure: OnFailure::Keep,
            deadline: self.in_an_hour(),
            verdict: Verdict::Pending,
        }
    }

    pub(crate) fn session(&self, user: UserId) -> Session {
        Session {
            id: self.id(),
            user_id: user,
            created_at: self.now(),
            seen_at: self.now(),
            expires_at: self.in_an_hour(),
            address: "192.0.2.7".to_owned(),
            agent: "Firefox".to_owned(),
            half: false,
        }
    }

    pub(crate) fn token(&self, name: &str) -> ApiToken {
        ApiToken {
            id: self.id(),
            name: name.to_owned(),
            scopes: vec![domain::permission::Scope::Scim, domain::permission::Scope::AdminRead],
            created_at: self.now(),
            expires_at: self.in_an_hour(),
            last_used_at: None,
            revoked_at: None,
        }
    }
}

pub(crate) fn boot(number: u128) -> BootId {
    BootId(Uuid::from_u128(number))
}

pub(crate) fn labels(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|delivery| delivery.subject_label.as_str()).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "its calls read better")]
#[track_caller]
pub(crate) fn assert_bad_row<T: std::fmt::Debug>(result: storage::Result<T>, table: &str, id: impl ToString) {
    match result {
        Err(Error::BadRow { table: of, id: row, .. }) => assert_eq!((of, row), (table, id.to_string())),
        other => panic!("not a bad row of {table}: {other:?}"),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "its calls read better")]
#[track_caller]
pub(crate) fn assert_no_row<T: std::fmt::Debug>(result: storage::Result<T>) {
    assert!(matches!(result, Err(Error::RowCount { rows: 0, .. })), "{result:?}");
}
