//! What a system remembers between two starts: a JSON file that is replaced as a whole.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    sync::{Mutex, watch},
    task::JoinHandle,
};

/// Changes that come within this time are written together.
const MOMENT: Duration = Duration::from_millis(300);

/// None if there is no such file yet.
pub(crate) fn read<T: DeserializeOwned>(file: &Path) -> io::Result<Option<T>> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("{} is damaged: {error}", file.display())))
}

/// Writes the file when something has changed. Ends when dropped.
pub(crate) struct Keeper {
    desk: Arc<Desk>,
    task: JoinHandle<()>,
}

struct Desk {
    content: Box<dyn Fn() -> Option<Vec<u8>> + Send + Sync>,
    file: PathBuf,
    /// What the file holds.
    written: Mutex<Vec<u8>>,
}

impl Keeper {
    /// Writes what `kept` gives, whenever the number has changed.
    pub(crate) fn start<T: Serialize>(
        file: PathBuf,
        changes: watch::Receiver<u64>,
        kept: impl Fn() -> T + Send + Sync + 'static,
    ) -> Self {
        let content = Box::new(move || serde_json::to_vec(&kept()).ok());
        let desk = Arc::new(Desk { content, file, written: Mutex::default() });
        let task = tokio::spawn(Arc::clone(&desk).run(changes));
        Self { desk, task }
    }

    pub(crate) async fn write(&self) {
        self.desk.write().await;
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Desk {
    async fn run(self: Arc<Self>, mut changes: watch::Receiver<u64>) {
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
        let Some(bytes) = (self.content)() else { return };
        if *written == bytes {
            return;
        }
        let (file, content) = (self.file.clone(), bytes.clone());
        match tokio::task::spawn_blocking(move || replace(&file, &content)).await {
            Ok(Ok(())) => *written = bytes,
            Ok(Err(error)) => tracing::warn!(file = %self.file.display(), error = %error, "It is not kept."),
            Err(_) => {}
        }
    }
}

/// The file holds secrets: it is for its owner alone.
fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    let fresh = file.with_extension("new");
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    out.write_all(content)?;
    out.sync_all()?;
    fs::rename(&fresh, file)
}
