//! What the list of mails shows.

use serde::{Deserialize, Serialize};

use crate::ui::time::Moment;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailList {
    pub items: Vec<Mail>,
    pub next: Option<String>,
    /// What to know of them all.
    pub note: Option<String>,
    pub may_act: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    pub id: String,
    pub recipient: String,
    pub kind: String,
    pub state: String,
    /// Why it waits, failed or was dropped.
    pub text: String,
    pub at: Moment,
    pub retriable: bool,
}
