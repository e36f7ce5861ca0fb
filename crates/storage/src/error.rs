//! What can go wrong with the database, with constraints by name.

use std::sync::Arc;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Two things may not share this.
    #[error("another row already has this: {0:?}")]
    Conflict(Constraint),
    #[error("the row {id} of {table} cannot be read: {what}")]
    BadRow { table: &'static str, id: String, what: String },
    /// A statement that had to change one row changed another number.
    #[error("{what} changed {rows} rows instead of one")]
    RowCount { what: &'static str, rows: u64 },
    #[error(transparent)]
    Database(sqlx::Error),
    #[error("the database cannot be prepared: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("the database has not been prepared by this version: start `usher serve` once")]
    SchemaVersion,
    #[error("the master key is not the one that this database was made with")]
    WrongKey,
    #[error("a stored secret cannot be decrypted: {0}")]
    Sealed(String),
    /// A list that would take more than [`crate::filters::MAX_STEPS`] to find.
    #[error("finding these took too long and was broken off")]
    TooMuchWork,
    #[error("the database has been closed")]
    Closed,
    /// The change panicked; nothing of it stands.
    #[error("a database task broke off")]
    Broken,
    /// The disk is full, another process holds the database, or the like; nothing of the change stands.
    #[error("the change could not be written: {0}")]
    NotCommitted(Arc<sqlx::Error>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    ConnectionName,
    ConnectorKind,
    GroupName,
    Passkey,
    ProviderSubject,
    ProvisionerConnector,
    RemoteAccount,
    SchemaUrn,
    UserName,
    Other,
}

impl Constraint {
    /// PostgreSQL names the index, SQLite its columns.
    fn of(text: &str) -> Self {
        let known = [
            (Self::ConnectionName, "connections_name", "connections.name_key"),
            (Self::ConnectorKind, "connectors_kind", "connectors.connection_id, connectors.kind"),
            (Self::GroupName, "groups_name", "groups.name_key"),
            (Self::Passkey, "second_factors_credential", "second_factors.credential"),
            (Self::ProviderSubject, "provider_links_subject", "provider_links.connection_id, provider_links.subject"),
            (Self::ProvisionerConnector, "provisioners_connector", "provisioners.connector_id"),
            (Self::RemoteAccount, "links_remote", "links.remote_id"),
            (Self::SchemaUrn, "schemas_urn", "schemas.urn_key"),
            (Self::UserName, "users_user_name", "users.user_name_key"),
        ];
        known
            .into_iter()
            .find(|(_, index, columns)| text.contains(index) || text.contains(columns))
            .map_or(Self::Other, |(constraint, ..)| constraint)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(inner) if inner.is_unique_violation() => {
                Self::Conflict(Constraint::of(&format!("{} {}", inner.constraint().unwrap_or(""), inner.message())))
            }
            sqlx::Error::PoolClosed => Self::Closed,
            _ => Self::Database(error),
        }
    }
}
