//! Opening the database, reading from it and changing it.

use std::{path::Path, time::Duration};

use sqlx::{
    ConnectOptions, SqlitePool,
    migrate::Migrator,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{Conn, Error, Result, Vault, writer::Change, writer::Writer};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

const READERS: u32 = 8;

pub type Reader = PoolConnection<sqlx::Sqlite>;

/// The database: a pool of readers and one writer. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    readers: SqlitePool,
    writer: Writer,
    vault: Vault,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").finish_non_exhaustive()
    }
}

/// Ends once every clone of the [`Db`] is gone and the last change is on disk.
pub type Closed = tokio::task::JoinHandle<()>;

impl Db {
    /// Opens `usher.db` in the data folder, creating and migrating it. Only the process that serves calls this.
    pub async fn open(folder: &Path, vault: Vault) -> Result<(Self, Closed)> {
        let mut conn = options(folder).create_if_missing(true).connect().await?;
        MIGRATIONS.run(&mut conn).await?;
        check_key(&mut conn, &vault).await?;
        Self::start(folder, conn, vault).await
    }

    /// Opens a database beside a running server: never migrates, refuses another schema version.
    pub async fn open_beside(folder: &Path, vault: Vault) -> Result<(Self, Closed)> {
        let mut conn = options(folder).connect().await.map_err(|_| Error::SchemaVersion)?;
        let newest = MIGRATIONS.iter().map(|migration| migration.version).max();
        let present: Option<i64> = sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations WHERE success")
            .fetch_one(&mut conn)
            .await
            .map_err(|_| Error::SchemaVersion)?;
        if present != newest {
            return Err(Error::SchemaVersion);
        }
        check_key(&mut conn, &vault).await?;
        Self::start(folder, conn, vault).await
    }

    async fn start(folder: &Path, conn: Conn, vault: Vault) -> Result<(Self, Closed)> {
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(0)
            .idle_timeout(Duration::from_mins(5))
            .connect_with(options(folder).read_only(true))
            .await?;
        let (writer, closed) = Writer::start(conn);
        Ok((Self { readers, writer, vault }, closed))
    }

    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    pub async fn read(&self) -> Result<Reader> {
        Ok(self.readers.acquire().await?)
    }

    /// Carries out one change as one transaction and answers once it is on disk.
    ///
    /// The closure awaits nothing but the database, and may be run again.
    pub async fn write<T, E, F>(&self, change: F) -> Result<T, E>
    where
        F: for<'c> Fn(&'c mut Conn) -> Change<'c, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.writer.write(change).await
    }

    /// Closes the readers; the writer ends with the last clone.
    pub async fn close(self) {
        self.readers.close().await;
    }
}

fn options(folder: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(folder.join("usher.db"))
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .pragma("temp_store", "memory")
        .disable_statement_logging()
}

/// The database holds a check value: a wrong key stops here.
async fn check_key(conn: &mut Conn, vault: &Vault) -> Result<()> {
    let stored: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT value FROM keys WHERE name = 'check'").fetch_optional(&mut *conn).await?;
    match stored {
        Some(value) if value == vault.check_value() => Ok(()),
        Some(_) => Err(Error::WrongKey),
        None => {
            sqlx::query("INSERT INTO keys (name, value) VALUES ('check', $1)")
                .bind(&vault.check_value()[..])
                .execute(conn)
                .await?;
            Ok(())
        }
    }
}
