//! The use cases without a server: for commands that work beside a running one, or while none runs.

use std::path::PathBuf;

use directory::Directory;
use storage::{Db, Vault};

use super::Failure;
use crate::{
    config::{self, Layer},
    data_folder::{self, DataFolder},
    process, system,
};

pub(super) struct Beside {
    pub directory: Directory,
    closed: storage::db::Closed,
}

impl Beside {
    /// Takes no lock and never migrates: there must have been a `usher serve` before.
    pub(super) async fn open(flags: Layer, file: Option<PathBuf>) -> Result<Self, Failure> {
        // Only the folder and its key matter here; a public URL is asked of the server alone.
        let flags = Layer { listen: Some("127.0.0.1:0".to_owned()), ..flags };
        let config = config::load(flags, file)?;
        let folder = DataFolder::new(&config.data_dir);
        if !folder.has_database() {
            return Err(data_folder::Problem::Empty(folder.path().to_owned()).into());
        }
        let ids = system::ids();
        let vault = Vault::new(&folder.key(&config.master_key)?, ids.clone());
        let (db, closed) =
            Db::open_beside(folder.path(), vault).await.map_err(|error| process::database(&folder, error))?;
        Ok(Self { directory: Directory::new(db, ids), closed })
    }

    /// Waits until everything is on disk.
    pub(super) async fn close(self) -> Result<(), Failure> {
        let db = self.directory.db().clone();
        drop(self.directory);
        db.close().await;
        Ok(self.closed.await?)
    }
}
