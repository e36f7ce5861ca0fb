//! What the pages of imports show, in words.

use domain::ImportId;
use serde::{Deserialize, Serialize};

use crate::ui::{cells::Cell, note::Tone, time::Moment};

/// All imports, or one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    pub title: String,
    pub subtitle: String,
    /// Nothing where all are listed.
    pub import: Option<Import>,
    /// Imports, or the lines of one.
    pub rows: Vec<Vec<Cell>>,
    /// Where the first page is, unless this is it.
    pub first: Option<String>,
    pub next: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    pub id: ImportId,
    pub stage: Stage,
    pub tone: Tone,
    pub state: String,
    /// What is counted, and where accounts follow.
    pub facts: Vec<(String, String)>,
    /// Lines that are done, of how many.
    pub progress: Option<(i64, i64)>,
    /// What ticking "create groups" does, where a line names one that does not exist.
    pub groupless: Option<String>,
    /// The parts of the list: words, path, and whether it is shown.
    pub parts: Vec<(String, String, bool)>,
    /// Until when it is kept; `None` while it runs.
    pub until: Option<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Preview,
    /// A preview in which no line can come in.
    Hopeless,
    Running,
    /// Done, or stopped.
    Ended,
}
