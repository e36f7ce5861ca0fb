//! What a system remembers between two starts: a JSON file that is replaced as a whole.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::{sync::Mutex, task::JoinHandle};

use super::{Access, Cloud, Outage, Shared, store::KeptShelf, switches::Switch};

/// Changes that come within this time are written together.
const MOMENT: Duration = Duration::from_millis(300);

#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) address: SocketAddr,
    pub(super) page_address: SocketAddr,
    pub(super) token: Option<String>,
    switches: Vec<Switch>,
    users: KeptShelf,
    groups: KeptShelf,
}

/// None if there is no such file yet.
pub(super) fn read(file: &Path) -> io::Result<Option<Kept>> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("{} is damaged: {error}", file.display())))
}

impl Kept {
    fn of(shared: &Shared) -> Self {
        let cloud = shared.cloud();
        let token = match &shared.access {
            Access::Bearer(token) => Some(token.clone()),
            _ => None,
        };
        Self {
            address: shared.address,
            page_address: shared.page_address,
            token,
            switches: Switch::ALL.into_iter().filter(|switch| switch.is_on(&cloud)).collect(),
            users: cloud.service.users.kept(),
            groups: cloud.service.groups.kept(),
        }
    }

    pub(super) fn restore(self, cloud: &mut Cloud, unlicensed: &[String], now: Timestamp) {
        cloud.service.users.restore(self.users, Some("userName"));
        cloud.service.groups.restore(self.groups, None);
        for switch in &self.switches {
            switch.set(&mut cloud.faults, unlicensed, true);
        }
        if self.switches.contains(&Switch::SwitchedOff) {
            cloud.stopped = true;
            cloud.outages.push(Outage { from: now, until: None });
        }
    }
}

/// Writes the file when something has changed. Ends when dropped.
pub(super) struct Keeper {
    desk: Arc<Desk>,
    task: JoinHandle<()>,
}

struct Desk {
    shared: Arc<Shared>,
    file: PathBuf,
    /// What the file holds.
    written: Mutex<Vec<u8>>,
}

impl Keeper {
    pub(super) fn start(shared: &Arc<Shared>, file: PathBuf) -> Self {
        let desk = Arc::new(Desk { shared: Arc::clone(shared), file, written: Mutex::default() });
        let task = tokio::spawn(Arc::clone(&desk).run());
        Self { desk, task }
    }

    pub(super) async fn write(&self) {
        self.desk.write().await;
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Desk {
    async fn run(self: Arc<Self>) {
        let mut changes = self.shared.changes.subscribe();
        loop {
            self.write().await;
            if changes.changed().await.is_err() {
                return;
            }
            tokio::time::sleep(MOMENT).await;
            changes.mark_unchanged();
        }
    }

    async fn write(&self) {
        let mut written = self.written.lock().await;
        let Ok(bytes) = serde_json::to_vec(&Kept::of(&self.shared)) else { return };
        if *written == bytes {
            return;
        }
        let (file, content) = (self.file.clone(), bytes.clone());
        match tokio::task::spawn_blocking(move || replace(&file, &content)).await {
            Ok(Ok(())) => *written = bytes,
            Ok(Err(error)) => tracing::warn!(file = %self.file.display(), error = %error, "Accounts are not kept."),
            Err(_) => {}
        }
    }
}

/// The file holds a token: it is for its owner alone.
fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    let fresh = file.with_extension("new");
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    out.write_all(content)?;
    out.sync_all()?;
    fs::rename(&fresh, file)
}
