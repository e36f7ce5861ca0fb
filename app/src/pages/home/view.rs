//! What Home shows.

use domain::ConnectionId;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Home {
    /// An empty Usher: what to do first.
    Begin(Vec<Step>),
    Overview(Overview),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub title: String,
    pub text: String,
    pub done: bool,
    /// The path of the page where it is done.
    pub to: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// "1,284 people · 3 systems · everything is delivered but 4 accounts"
    pub summary: String,
    pub notes: Vec<Notice>,
    pub figures: Vec<Figure>,
    pub hours: Vec<Hour>,
    pub systems: Vec<System>,
    /// Systems that are not listed.
    pub more_systems: usize,
}

/// How a thing stands, in a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    Ok,
    Wait,
    Held,
    Neutral,
}

/// What needs somebody, or soon may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub mood: Mood,
    /// "Sales needs you."
    pub head: String,
    pub text: String,
    pub to: String,
    /// The words of the link.
    pub way: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    pub label: String,
    pub value: String,
    pub hint: String,
    /// Where there is one, the hint is a pill.
    pub mood: Option<Mood>,
}

/// One bar of the chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hour {
    /// `14:00`, in UTC.
    pub label: String,
    pub delivered: u32,
    pub retried: u32,
    pub held: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    pub connection: ConnectionId,
    pub name: String,
    pub kind: String,
    pub mood: Mood,
    pub state: String,
    pub accounts: String,
    pub hour: String,
    pub pace: String,
}
