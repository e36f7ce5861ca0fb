//! What the pages of people show.

use std::collections::BTreeMap;

use domain::{ConnectionId, DeliveryId, SessionId, UserId, permission::Role};
use serde::{Deserialize, Serialize};

use crate::ui::{cells::Line, note::Tone, time::Moment};

/// One page of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserList {
    pub items: Vec<Line>,
    /// Places in [`super::columns::COLUMNS`]; each row has as many cells.
    pub columns: Vec<usize>,
    /// Where to go on; there may be more although nothing was found here.
    pub next: Option<String>,
    /// Where the list is in another order than was asked for.
    pub note: String,
    /// What to say where nobody is listed: a title and a sentence.
    pub nothing: (String, String),
    /// Names of groups to narrow by; there may be more.
    pub groups: Vec<String>,
    pub may_write: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Active,
    Disabled,
    /// Kept from signing in here.
    Locked,
}

impl Standing {
    pub(crate) fn in_words(self) -> (Tone, &'static str) {
        match self {
            Self::Active => (Tone::Ok, "Active"),
            Self::Disabled => (Tone::Neutral, "Disabled"),
            Self::Locked => (Tone::Held, "Locked"),
        }
    }
}

/// What is about to be done to users who were selected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selected {
    pub title: String,
    /// How many, and the first by name.
    pub who: String,
    /// What happens here.
    pub text: String,
    /// What happens elsewhere; `None` where nothing is sent.
    pub what: Option<Vec<Consequence>>,
    pub button: String,
    pub danger: bool,
    /// Names of groups, where one is to be chosen; there may be more.
    pub groups: Option<Vec<String>>,
}

/// To whom it was not done, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub title: String,
    /// How many it was done to.
    pub text: String,
    pub rows: Vec<(UserId, String, String)>,
}

/// The head of a user's page, and what its tabs share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is true or not whatever the others are")]
pub struct User {
    pub id: UserId,
    pub label: String,
    pub user_name: String,
    pub mail: Option<String>,
    pub state: Standing,
    /// Whether or not they are disabled too.
    pub locked: bool,
    pub origin: String,
    pub created: Moment,
    /// What the form was filled from; a save over a newer one is refused.
    pub version: i64,
    /// The console role they hold.
    pub role: Option<Role>,
    pub last_administrator: bool,
    /// Whoever looks may give them another role.
    pub may_give_roles: bool,
    /// Whoever looks at the page is it.
    pub is_me: bool,
    pub may_write: bool,
    /// The attributes, by the names of [`super::attributes`].
    pub values: BTreeMap<String, String>,
    pub certificates: usize,
    /// Attributes that an administrator defined, schema by schema.
    pub custom: Vec<CustomSection>,
    /// Until when a one-time link is open that was made for them.
    pub link_until: Option<Moment>,
}

/// The attributes of one schema as fields of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomSection {
    pub title: String,
    pub fields: Vec<CustomField>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomField {
    /// Its name among the form's attributes.
    pub key: String,
    pub label: String,
    pub hint: String,
    /// Values with their labels, where there are some to choose from.
    pub choices: Vec<(String, String)>,
    /// One value a line.
    pub lines: bool,
    /// It was set, and stays.
    pub fixed: bool,
}

/// What the wizard gathered; never the password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub user_name: String,
    pub email: String,
    pub given_name: String,
    pub family_name: String,
    pub by: Option<By>,
    pub destinations: Vec<Destination>,
}

/// How a new user comes to a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Link,
    /// The same link, by mail.
    Mail,
    Password,
}

/// Where a new user gets an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    pub system: String,
    pub what: String,
    /// It is asked before the user is created.
    pub blocking: bool,
}

/// What is handed over to a new user, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    pub user_name: String,
    pub secret: Handed,
    /// Systems that have not followed yet although they are Blocking.
    pub pending: Vec<String>,
    /// Where to sign in.
    pub sign_in: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handed {
    Link { url: String, until: Moment },
    Password(String),
}

/// One system, and what becomes of the account there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consequence {
    pub system: String,
    pub what: String,
}

/// What disabling or deleting would do elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consequences {
    pub disabling: Vec<Consequence>,
    pub deleting: Vec<Consequence>,
}

/// How somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub sessions: Vec<Session>,
    /// Their second factors in words; empty where they have none.
    pub second_factors: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    pub browser: String,
    pub address: String,
    pub signed_in: Moment,
    pub seen: Moment,
    /// The one by which whoever looks is signed in.
    pub present: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provisioning {
    pub accounts: Vec<Account>,
    /// Set apart from provisioning.
    pub excluded: bool,
    /// Something is on its way: worth another look soon.
    pub moving: bool,
    pub may_act: bool,
}

/// One system as it stands for one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// None where provisioning has not begun with this user.
    pub delivery: Option<DeliveryId>,
    pub connection: ConnectionId,
    pub system: String,
    /// What the console calls the connector's kind.
    pub kind: String,
    pub stand: Stand,
    pub remote_id: Option<String>,
    pub adopted: bool,
    /// What was done last, or why nothing was.
    pub last: String,
    pub at: Option<Moment>,
    /// What comes next, and when if that is known.
    pub next: Option<(String, Option<Moment>)>,
    pub may_retry: bool,
}

/// How an account stands, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    InStep,
    Due,
    Running,
    Waiting,
    Held,
    /// There was one; it is removed or let go.
    Gone,
    NotBegun,
}

/// Why somebody has, or has not, an account at one system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    pub title: String,
    pub answers: Vec<Answer>,
    /// What was sent and answered last, where that is kept and may be seen.
    pub request: Option<String>,
    pub response: Option<String>,
    pub may_retry: bool,
    pub moving: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub question: String,
    /// A sentence; without its full stop where a time follows.
    pub text: String,
    pub at: Option<Moment>,
    /// Words of machines, below.
    pub code: Option<String>,
}
