//! What the pages of imports show, in words.

use domain::{ImportId, UserId};
use serde::{Deserialize, Serialize};

use crate::{
    pages::users::view::Destination,
    ui::{note::Tone, time::Moment},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Preview,
    Running,
    /// Done, or stopped.
    Ended,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    pub id: ImportId,
    /// What the list is called.
    pub title: String,
    /// What is so, and what comes next.
    pub subtitle: String,
    pub stage: Stage,
    pub tone: Tone,
    pub state: String,
    /// What, and how many.
    pub facts: Vec<(String, String)>,
    /// Lines that are done, of how many.
    pub progress: Option<(i64, i64)>,
    /// How many people come in without further ado.
    pub good: i64,
    /// What ticking "create groups" does, where a line names one that does not exist.
    pub groupless: Option<String>,
    pub destinations: Vec<Destination>,
    /// The word of each part of the list, how it is asked for, and whether it is shown.
    pub parts: Vec<(String, String, bool)>,
    pub lines: Vec<Line>,
    /// Where the first page of this part is, unless this is it.
    pub first: Option<String>,
    pub next: Option<String>,
    /// Until when it is kept; `None` while it runs.
    pub until: Option<Moment>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub line: i64,
    pub user_name: String,
    pub user: Option<UserId>,
    pub name: String,
    pub email: String,
    pub groups: String,
    pub tone: Tone,
    pub state: String,
    pub reason: Option<String>,
}

/// One page of the list of imports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportList {
    pub items: Vec<ImportRow>,
    pub next: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    pub id: ImportId,
    pub title: String,
    pub by: String,
    pub at: Moment,
    pub tone: Tone,
    pub state: String,
    /// How many, of how many.
    pub created: String,
    pub failed: i64,
}
