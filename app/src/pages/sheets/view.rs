//! What a sheet shows.

use domain::config::Report;
use serde::{Deserialize, Serialize};

use crate::pages::connections::view::Configuration;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    pub title: String,
    pub subtitle: String,
    /// The pages above it; none where it is the tab of a page that has its head.
    pub above: Option<Vec<(String, String)>>,
    /// What to know before anything else.
    pub notes: Vec<String>,
    /// What is to be copied elsewhere.
    pub facts: Vec<Fact>,
    pub cards: Vec<Card>,
    pub configuration: Configuration,
    /// What the form was filled from; a save over a newer one is refused.
    pub version: i64,
    /// What the button says.
    pub save: String,
    pub may_write: bool,
    /// What the buttons say that try it out, and the address of what each tries.
    pub tests: Vec<(String, String)>,
    /// What trying it out found.
    pub report: Option<Report>,
    /// A subject and a text.
    pub preview: Option<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub label: String,
    pub text: String,
    pub hint: String,
}

/// Leads to another page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub title: String,
    pub text: String,
    pub to: String,
}
