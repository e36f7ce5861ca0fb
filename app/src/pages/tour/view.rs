//! What the tour shows.

use serde::{Deserialize, Serialize};

use crate::ui::note::Tone;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TourView {
    pub subtitle: String,
    /// Why it cannot go on, if so.
    pub problem: Option<String>,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub title: String,
    /// What to do, and what to look at.
    pub text: String,
    pub done: bool,
    /// How it stands.
    pub facts: Vec<Fact>,
    pub links: Vec<Link>,
    /// A line for a terminal.
    pub code: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub tone: Tone,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub text: String,
    pub to: String,
    /// To another address than the console's; in a tab of its own.
    pub away: bool,
}
