//! What the pages of activity show.

use domain::{AttemptId, ConnectionId, ConnectorId, DeliveryId, UserId};
use serde::{Deserialize, Serialize};

use crate::{outcome::address, routes::Page, ui::time::Moment};

/// What the list is narrowed to, as it stands in the address; empty for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// A connector's id.
    pub system: String,
    /// What the user's name begins with.
    pub who: String,
    /// A user's id.
    pub user: String,
    pub state: String,
}

impl Filter {
    /// With the names that the address uses.
    pub fn pairs(&self) -> [(&'static str, &str); 4] {
        [("system", &self.system), ("who", &self.who), ("user", &self.user), ("state", &self.state)]
    }

    pub fn is_empty(&self) -> bool {
        self.pairs().iter().all(|(_, value)| value.trim().is_empty())
    }

    /// The path of the list narrowed so, after a cursor.
    pub fn path(&self, after: &str) -> String {
        address(&Page::Activity.path(), &self.pairs(), ("after", after))
    }
}

/// One page of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityList {
    pub items: Vec<Item>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
    /// Where the first of the list stands: what changed later is news. None on further pages.
    pub newest: Option<String>,
    pub systems: Vec<System>,
    /// Whose deliveries alone these are.
    pub user: Option<String>,
    /// Where the list is narrowed to what is held.
    pub held: Vec<HeldGroup>,
    pub may_act: bool,
}

/// A choice of the filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    pub id: ConnectorId,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub id: DeliveryId,
    pub who: String,
    pub system: String,
    pub kind: String,
    pub stand: Stand,
    pub wanted: String,
    pub changed: Moment,
    /// Another try makes sense.
    pub retriable: bool,
    /// Another try is worth a button of its own.
    pub waits: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    Due,
    Running,
    Waiting,
    Held,
    Done,
}

/// A state with its reason in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stand {
    pub word: Word,
    /// Empty where there is none.
    pub reason: String,
    /// When it is tried again, where that is known.
    pub until: Option<Moment>,
}

/// What is held at one system for one kind of reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldGroup {
    pub connector: ConnectorId,
    pub system: String,
    /// The kind of reason, as the server calls it.
    pub kind: String,
    /// "3 accounts are held: …"
    pub text: String,
    pub count: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub id: DeliveryId,
    pub who: String,
    /// The user, unless deleted.
    pub user: Option<UserId>,
    pub subject: String,
    pub gone: bool,
    pub connector: ConnectorId,
    /// None where the connector was deleted.
    pub connection: Option<ConnectionId>,
    pub system: String,
    pub kind: String,
    pub stand: Stand,
    /// What to do; empty where there is nothing to do.
    pub advice: String,
    /// For what it is held, if it is.
    pub held: Option<HeldFor>,
    pub wanted: String,
    pub progress: String,
    pub account: Option<Account>,
    pub trigger: String,
    pub created: Moment,
    pub changed: Moment,
    /// Where it stands in the order of changes: what changed later is news.
    pub newest: String,
    pub may_act: bool,
    /// Why another try makes no sense; empty where it does.
    pub not_retriable: String,
    pub sees_bodies: bool,
    pub attempts: Vec<Attempt>,
    /// Where older attempts begin, if there are any.
    pub next: Option<AttemptId>,
}

/// A reason as the server knows it, and how many more are held for the very same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldFor {
    pub kind: String,
    pub text: String,
    pub others: i64,
}

/// The account there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub remote_id: String,
    /// "made by Usher", "there before, taken over by Usher"
    pub provenance: String,
    pub since: Moment,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub id: AttemptId,
    pub at: Moment,
    pub trigger: String,
    pub operation: String,
    pub outcome: String,
    pub went: Went,
    pub text: String,
    pub status: Option<i64>,
    pub took: String,
    pub request: Option<String>,
    pub response: Option<String>,
}

/// How an attempt went, in a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Went {
    Well,
    /// It is tried again by itself.
    Again,
    /// Somebody has to see to it.
    Badly,
    /// It did not count.
    Nowhere,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_part_of_the_address() {
        let mut filter = Filter::default();
        assert!(filter.is_empty());
        assert_eq!(filter.path(""), "/console/activity");
        filter.who = "ada l".to_owned();
        filter.state = "held".to_owned();
        assert_eq!(filter.path("1~2"), "/console/activity?who=ada%20l&state=held&after=1%7E2");
    }
}
