//! The data folder: database, lock and key file. It may exist already and hold other files.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use domain::Dice;
use storage::MasterKey;
use zeroize::Zeroizing;

use crate::config::KeySource;

const DATABASE: &str = "usher.db";
const KEY_FILE: &str = "master.key";
const LOCK_FILE: &str = "usher.lock";

/// What a master key looks like, for errors.
pub const KEY_FORMAT: &str = "32 bytes as 64 hexadecimal digits or as base64, such as `openssl rand -hex 32` prints";

#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("The data folder {folder} cannot be used: {why}.")]
    Folder { folder: PathBuf, why: io::Error },
    #[error("Another Usher is running on the data folder {0}. Stop it first, or name another folder with --data-dir.")]
    Locked(PathBuf),
    #[error("There is no Usher in the data folder {0} yet: start `usher serve` once.")]
    Empty(PathBuf),
    #[error("The master key file {path} cannot be read: {why}.")]
    KeyFile { path: PathBuf, why: io::Error },
    #[error("The master key file {path} does not hold a key. Expected {KEY_FORMAT}.")]
    NotAKey { path: PathBuf },
    #[error(
        "The data folder {0} holds a database, but not its master key. Put master.key back, or give the key in \
         USHER_MASTER_KEY or USHER_MASTER_KEY_FILE."
    )]
    KeyLost(PathBuf),
}

/// The folder while this process holds it alone. The lock ends with it.
#[derive(Debug)]
pub struct Held {
    _lock: File,
}

#[derive(Clone, Debug)]
pub struct DataFolder {
    path: PathBuf,
}

impl DataFolder {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder if need be, readable for nobody else, and locks it.
    pub fn hold(&self) -> Result<Held, Problem> {
        let failed = |why| Problem::Folder { folder: self.path.clone(), why };
        DirBuilder::new().recursive(true).mode(0o700).create(&self.path).map_err(failed)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(self.path.join(LOCK_FILE))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Held { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Problem::Locked(self.path.clone())),
            Err(TryLockError::Error(why)) => Err(failed(why)),
        }
    }

    /// The master key, made if this is the first start.
    pub fn key_or_new(&self, source: &KeySource, dice: &dyn Dice) -> Result<MasterKey, Problem> {
        if let KeySource::DataFolder = source
            && !self.path.join(KEY_FILE).exists()
        {
            if self.has_database() {
                return Err(Problem::KeyLost(self.path.clone()));
            }
            return self.make_key(dice);
        }
        self.read(source)
    }

    /// The master key of a folder that has been served before.
    pub fn key(&self, source: &KeySource) -> Result<MasterKey, Problem> {
        if !self.has_database() && matches!(source, KeySource::DataFolder) {
            return Err(Problem::Empty(self.path.clone()));
        }
        self.read(source)
    }

    fn read(&self, source: &KeySource) -> Result<MasterKey, Problem> {
        match source {
            KeySource::Environment(key) => Ok(key.clone()),
            KeySource::File(path) => read_key(path),
            KeySource::DataFolder => read_key(&self.path.join(KEY_FILE)),
        }
    }

    pub fn has_database(&self) -> bool {
        self.path.join(DATABASE).exists()
    }

    fn make_key(&self, dice: &dyn Dice) -> Result<MasterKey, Problem> {
        let path = self.path.join(KEY_FILE);
        let mut bytes = Zeroizing::new([0; 32]);
        dice.fill(&mut *bytes);
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            writeln!(file, "{}", STANDARD.encode(*bytes))?;
            file.sync_all()
        };
        write().map_err(|why| Problem::KeyFile { path: path.clone(), why })?;
        Ok(MasterKey::new(*bytes))
    }
}

fn read_key(path: &Path) -> Result<MasterKey, Problem> {
    let text = fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|why| Problem::KeyFile { path: path.to_owned(), why })?;
    parse_key(&text).ok_or_else(|| Problem::NotAKey { path: path.to_owned() })
}

/// 64 hexadecimal digits, or base64 in either alphabet, padded or not.
pub fn parse_key(text: &str) -> Option<MasterKey> {
    let text = text.trim();
    let bytes = if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let pairs = text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        pairs.collect::<Option<Vec<u8>>>()?
    } else {
        let bare = text.trim_end_matches('=');
        STANDARD_NO_PAD.decode(bare).or_else(|_| URL_SAFE_NO_PAD.decode(bare)).ok()?
    };
    let bytes = Zeroizing::new(bytes);
    Some(MasterKey::new(bytes.as_slice().try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use testkit::SeededDice;

    use super::*;

    fn folder() -> (tempfile::TempDir, DataFolder) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(temporary.path().join("deep/usher-data"));
        (temporary, folder)
    }

    #[test]
    fn it_is_made_for_us_alone_and_held_once() {
        let (_temporary, folder) = folder();
        let held = folder.hold().unwrap();
        assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(matches!(folder.hold().unwrap_err(), Problem::Locked(_)));
        drop(held);
        folder.hold().unwrap();
    }

    #[test]
    fn a_key_is_made_at_the_first_start_and_found_at_the_next() {
        let (_temporary, folder) = folder();
        let _held = folder.hold().unwrap();
        folder.key_or_new(&KeySource::DataFolder, &SeededDice::new(1)).unwrap();
        let file = folder.path().join(KEY_FILE);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let written = fs::read_to_string(&file).unwrap();
        folder.key_or_new(&KeySource::DataFolder, &SeededDice::new(2)).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), written);
    }

    #[test]
    fn a_database_whose_key_is_gone_gets_no_new_one() {
        let (_temporary, folder) = folder();
        let _held = folder.hold().unwrap();
        fs::write(folder.path().join(DATABASE), "").unwrap();
        let problem = folder.key_or_new(&KeySource::DataFolder, &SeededDice::new(1)).unwrap_err();
        assert!(matches!(problem, Problem::KeyLost(_)));
        assert!(!folder.path().join(KEY_FILE).exists());
    }

    #[test]
    fn before_any_start_there_is_nothing_to_work_beside() {
        let (_temporary, folder) = folder();
        let problem = folder.key(&KeySource::DataFolder).unwrap_err();
        assert!(problem.to_string().contains("start `usher serve` once"), "{problem}");
    }

    #[test]
    fn a_key_may_be_written_in_hex_or_base64() {
        let bytes = [0xfb; 32];
        let hex = "fb".repeat(32);
        let standard = STANDARD.encode(bytes);
        for text in [&hex, &hex.to_uppercase(), &standard, &standard.replace('+', "-").replace('/', "_")] {
            assert!(parse_key(text).is_some(), "{text}");
            assert!(parse_key(&format!("{text}\n")).is_some(), "{text}");
        }
        for text in ["", "hunter2", &"f".repeat(63), &"zz".repeat(32), &STANDARD.encode([1; 31])] {
            assert!(parse_key(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_key_file_without_a_key_is_an_error_that_names_it() {
        let (temporary, folder) = folder();
        let path = temporary.path().join("key");
        fs::write(&path, "not a key").unwrap();
        let problem = folder.key(&KeySource::File(path.clone())).unwrap_err();
        assert!(problem.to_string().contains(&path.display().to_string()));
        let source = KeySource::Environment(MasterKey::new([1; 32]));
        assert!(folder.key(&source).is_ok());
    }
}
