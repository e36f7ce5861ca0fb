//! Where a demo keeps its data: thrown away, or in a folder that a demo made.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// Marks a folder as a demo's own.
const MARKER: &str = "usher-demo";
const MADE: &str = "This folder belongs to `usher demo`.\n";
/// The marker's last line once everybody is there.
const FILLED: &str = "It was filled with people.\n";

#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("The folder {0} was not made by a demo. Name another one, or leave --data-dir out to throw the data away.")]
    NotOurs(PathBuf),
    #[error("The folder {folder} cannot be used: {why}.")]
    Unusable { folder: PathBuf, why: io::Error },
}

#[derive(Debug)]
pub(super) enum Folder {
    /// Deleted at the end.
    ThrownAway(TempDir),
    Kept(PathBuf),
}

impl Folder {
    pub(super) fn open(named: Option<PathBuf>) -> Result<Self, Problem> {
        let Some(folder) = named else {
            let made = tempfile::Builder::new().prefix("usher-demo-").tempdir();
            return made.map(Self::ThrownAway).map_err(|why| Problem::Unusable { folder: std::env::temp_dir(), why });
        };
        match is_ours(&folder) {
            Ok(true) => {}
            Ok(false) => return Err(Problem::NotOurs(folder)),
            Err(why) => return Err(Problem::Unusable { folder, why }),
        }
        let mark = || {
            fs::create_dir_all(&folder)?;
            let marker = folder.join(MARKER);
            if marker.exists() { Ok(()) } else { fs::write(marker, MADE) }
        };
        match mark() {
            Ok(()) => Ok(Self::Kept(folder)),
            Err(why) => Err(Problem::Unusable { folder, why }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::ThrownAway(folder) => folder.path(),
            Self::Kept(folder) => folder,
        }
    }

    /// Where something can be kept for the next start.
    pub(super) fn kept(&self) -> Option<&Path> {
        match self {
            Self::ThrownAway(_) => None,
            Self::Kept(folder) => Some(folder),
        }
    }

    /// Whether an earlier start filled it to the end. What was deleted since then does not come back.
    pub(super) fn is_filled(&self) -> bool {
        fs::read_to_string(self.path().join(MARKER)).is_ok_and(|marker| marker.ends_with(FILLED))
    }

    pub(super) fn mark_filled(&self) -> io::Result<()> {
        fs::write(self.path().join(MARKER), format!("{MADE}{FILLED}"))
    }
}

/// Not there yet, empty, or marked.
fn is_ours(folder: &Path) -> io::Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(folder.join(MARKER).exists() || entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_somebody_else_is_refused_and_left_as_it_is() {
        let theirs = tempfile::tempdir().unwrap();
        fs::write(theirs.path().join("usher.db"), "precious").unwrap();
        let problem = Folder::open(Some(theirs.path().to_owned())).unwrap_err();
        assert!(matches!(problem, Problem::NotOurs(_)));
        assert_eq!(fs::read_dir(theirs.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_a_demo_made_is_used_again() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("demo");
        Folder::open(Some(folder.clone())).unwrap();
        fs::write(folder.join("usher.db"), "").unwrap();
        assert_eq!(Folder::open(Some(folder.clone())).unwrap().path(), folder);
    }

    #[test]
    fn it_is_known_whether_everybody_is_there() {
        let parent = tempfile::tempdir().unwrap();
        let open = || Folder::open(Some(parent.path().join("demo"))).unwrap();
        assert!(!open().is_filled());
        assert!(!open().is_filled());
        open().mark_filled().unwrap();
        assert!(open().is_filled());
    }

    #[test]
    fn without_a_name_the_folder_goes_away_with_the_demo() {
        let folder = Folder::open(None).unwrap();
        let path = folder.path().to_owned();
        assert!(path.exists());
        drop(folder);
        assert!(!path.exists());
    }
}
