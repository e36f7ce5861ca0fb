//! Opening the database, reading from it and changing it.

use std::{path::Path, time::Duration};

use sqlx::{
    ConnectOptions, Connection, SqlitePool,
    migrate::Migrator,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    Conn, Error, Result, Vault, audit,
    writer::{Change, Writer},
};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

const FILE: &str = "usher.db";
const READERS: u32 = 8;
/// How long a page waits for a free reader.
const READER_WAIT: Duration = Duration::from_secs(10);
/// How long a connection waits while another process writes.
const BUSY_WAIT: Duration = Duration::from_secs(10);
/// Statements that a connection keeps prepared: more than this crate has.
const STATEMENTS: usize = 256;

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Without what has not been folded in from the log beside it.
    pub bytes: u64,
    pub schema_version: i64,
}

/// Ends once every clone of the [`Db`] is gone and the last change is on disk.
pub type Closed = tokio::task::JoinHandle<()>;

impl Db {
    /// Opens `usher.db` in the data folder, creating and migrating it. Only the process that serves calls this.
    pub async fn open(folder: &Path, vault: Vault) -> Result<(Self, Closed)> {
        let mut conn = options(folder).create_if_missing(true).connect().await?;
        if has_table(&mut conn, "keys").await? {
            // Before anything is changed: a wrong key migrates nothing.
            check_key(&mut conn, &vault).await?;
        }
        MIGRATIONS.run(&mut conn).await?;
        check_key(&mut conn, &vault).await?;
        Self::start(folder, conn, vault).await
    }

    /// Opens a database beside a running server: never migrates, refuses another schema version.
    pub async fn open_beside(folder: &Path, vault: Vault) -> Result<(Self, Closed)> {
        if !folder.join(FILE).exists() {
            return Err(Error::SchemaVersion);
        }
        let mut conn = options(folder).connect().await?;
        if present_version(&mut conn).await? != MIGRATIONS.iter().map(|migration| migration.version).max() {
            return Err(Error::SchemaVersion);
        }
        check_key(&mut conn, &vault).await?;
        Self::start(folder, conn, vault).await
    }

    async fn start(folder: &Path, conn: Conn, vault: Vault) -> Result<(Self, Closed)> {
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(0)
            .acquire_timeout(READER_WAIT)
            .idle_timeout(Duration::from_mins(5))
            // A connection to a file does not go stale: neither replaced after a while nor asked before each use.
            .max_lifetime(None)
            .test_before_acquire(false)
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
    /// The closure awaits nothing but the database, and may be run again. A caller that hangs up after the change was
    /// handed in does not undo it. [`Error::Broken`]: the closure panicked; [`Error::NotCommitted`]: the disk would not
    /// take it, or another process held the database for too long; [`Error::Closed`]: the process is ending.
    pub async fn write<T, E, F>(&self, change: F) -> Result<T, E>
    where
        F: for<'c> Fn(&'c mut Conn) -> Change<'c, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.writer.write(change).await
    }

    /// Gives the writer room for many more rows than a server's changes have.
    pub async fn expect_many_rows(&self) -> Result<()> {
        // 128 MiB, and 256 MiB that are changed before they are folded in.
        const ROOM: &str = "PRAGMA cache_size = -131072; PRAGMA wal_autocheckpoint = 65536";
        self.write(|conn| Box::pin(async move { Ok(sqlx::raw_sql(ROOM).execute(conn).await.map(drop)?) })).await
    }

    /// How large the database is and which migration it is at.
    pub async fn extent(&self) -> Result<Extent> {
        let mut conn = self.read().await?;
        let bytes: i64 = sqlx::query_scalar("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            .fetch_one(&mut *conn)
            .await?;
        let schema_version = present_version(&mut conn).await?.unwrap_or_default();
        Ok(Extent { bytes: bytes.unsigned_abs(), schema_version })
    }

    /// Closes the readers; the writer ends with the last clone.
    pub async fn close(self) {
        self.readers.close().await;
    }
}

fn options(folder: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(folder.join(FILE))
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_WAIT)
        .statement_cache_capacity(STATEMENTS)
        // Temporary data stay in files: kept in memory, what undoes a change is walked from its beginning for each
        // statement (`memjrnlTruncate`), so that a change of many rows takes the square of their number.
        // 8 MiB for each connection: with 4, a search among 100,000 users took more than 5 ms.
        .pragma("cache_size", "-8192")
        // A burst of changes leaves no large file behind.
        .pragma("journal_size_limit", "67108864")
        .disable_statement_logging()
}

async fn has_table(conn: &mut Conn, name: &str) -> Result<bool> {
    let found: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1")
        .bind(name)
        .fetch_one(conn)
        .await?;
    Ok(found > 0)
}

async fn present_version(conn: &mut Conn) -> Result<Option<i64>> {
    if !has_table(conn, "_sqlx_migrations").await? {
        return Ok(None);
    }
    Ok(sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations WHERE success").fetch_one(conn).await?)
}

/// The database holds a check value: a wrong key stops here.
async fn check_key(conn: &mut Conn, vault: &Vault) -> Result<()> {
    let stored: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT value FROM keys WHERE name = 'check'").fetch_optional(&mut *conn).await?;
    match stored {
        Some(value) if value == vault.check_value() => Ok(()),
        Some(_) => Err(Error::WrongKey),
        None => {
            let mut first = conn.begin().await?;
            sqlx::query("INSERT INTO keys (name, value) VALUES ('check', $1)")
                .bind(&vault.check_value()[..])
                .execute(&mut *first)
                .await?;
            audit::begin(&mut first, vault).await?;
            Ok(first.commit().await?)
        }
    }
}
