//! Between the use cases and what is done to users who were selected in the list.

use auth::grants::{DeliveriesRead, UsersRead, UsersWrite};
use directory::selection::{self, Concerned, Ended};
use domain::{DraftId, UserId, connection::Gate, provisioner::Removal, user::User};
use serde::{Deserialize, Serialize};

use super::{
    filter::Filter,
    view::{Consequence, Refused, Selected},
};
use crate::{error::ConsoleError, outcome::Outcome, pages::connections, routes::Page, ssr};

/// Names told of those who are selected.
const NAMED: usize = 5;
/// Groups whose names are offered; any other can be typed.
const OFFERED: i64 = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    Enable,
    Disable,
    Lock,
    Unlock,
    Delete,
    Join,
}

impl Act {
    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "enable" => Self::Enable,
            "disable" => Self::Disable,
            "lock" => Self::Lock,
            "unlock" => Self::Unlock,
            "delete" => Self::Delete,
            "join" => Self::Join,
            _ => return None,
        })
    }

    fn title(self) -> &'static str {
        match self {
            Self::Enable => "Enable users",
            Self::Disable => "Disable users",
            Self::Lock => "Lock users",
            Self::Unlock => "Unlock users",
            Self::Delete => "Delete users",
            Self::Join => "Add users to a group",
        }
    }

    /// What happens here.
    fn text(self) -> &'static str {
        match self {
            Self::Enable => "They can sign in again.",
            Self::Disable => {
                "They are signed out everywhere and cannot sign in. They can be enabled again at any time."
            }
            Self::Lock => {
                "They are signed out and cannot sign in here. Nothing is sent: accounts elsewhere stay as they are."
            }
            Self::Unlock => "They can sign in again, unless they are disabled too.",
            Self::Delete => "They are gone here at once, with their sessions and passwords. This cannot be undone.",
            Self::Join => "Whoever is in the group already stays in it.",
        }
    }

    fn button(self, count: usize) -> String {
        let word = match self {
            Self::Enable => "Enable",
            Self::Disable => "Disable",
            Self::Lock => "Lock",
            Self::Unlock => "Unlock",
            Self::Delete => "Delete",
            Self::Join => "Add",
        };
        format!("{word} {}", users(count))
    }

    /// "were …"
    fn done(self) -> &'static str {
        match self {
            Self::Enable => "enabled",
            Self::Disable => "disabled",
            Self::Lock => "locked",
            Self::Unlock => "unlocked",
            Self::Delete => "deleted",
            Self::Join => "added to the group",
        }
    }

    /// What becomes of so many accounts at one system; nothing where nothing is sent.
    fn elsewhere(self, at: &Concerned) -> Option<String> {
        let accounts = connections::accounts(i64::try_from(at.accounts).unwrap_or(i64::MAX));
        let (verb, verbs) = if at.accounts == 1 { ("becomes", "is") } else { ("become", "are") };
        let later = match at.gate {
            Gate::Open => "",
            Gate::SwitchedOff => " once the connection is enabled again",
            Gate::Paused(_) => " once the system can be reached again",
        };
        Some(match (self, at.provisioner.rules.on_delete) {
            (Self::Disable, _) => format!("{accounts} {verb} inactive{later}."),
            (Self::Enable, _) => format!("{accounts} {verb} active again{later}."),
            (Self::Delete, Removal::Delete) => format!("{accounts} {verbs} deleted{later}."),
            (Self::Delete, Removal::Disable) => format!("{accounts} {verbs} disabled and stay{later}."),
            (Self::Delete, Removal::Leave) => format!("{accounts} stay as they are; Usher keeps them no longer."),
            (Self::Lock | Self::Unlock | Self::Join, _) => return None,
        })
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Draft {
    act: Act,
    ids: Vec<UserId>,
}

fn users(count: usize) -> String {
    if count == 1 { "1 user".to_owned() } else { format!("{count} users") }
}

/// "3 users: Ada, Bea and 1 more."
fn who(selected: &[User]) -> String {
    let names: Vec<String> = selected.iter().take(NAMED).map(User::label).collect();
    let more = selected.len() - names.len();
    let names = if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) };
    format!("{}: {names}.", users(selected.len()))
}

pub(super) async fn select(ids: Vec<UserId>, act: &str, filter: &Filter, after: &str) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let (_, reader) = ssr::authorise::<UsersRead>()?;
    let act = Act::read(act).ok_or(ConsoleError::Malformed)?;
    if let Err(error) = directory.selected(&reader, &ids).await {
        return ssr::outcome(Err(error), |()| Outcome::go(&Page::Users));
    }
    let draft = directory.save_draft(&who, None, &Draft { act, ids }).await?;
    Ok(Outcome::Done { to: filter.below(Page::ActOnSelected(draft), after), message: None })
}

pub(super) async fn selected(draft: DraftId) -> Result<Selected, ConsoleError> {
    let (directory, writer) = ssr::authorise::<UsersWrite>()?;
    let (_, reader) = ssr::authorise::<UsersRead>()?;
    let (_, deliveries) = ssr::authorise::<DeliveriesRead>()?;
    let Draft { act, ids } = directory.draft(&writer, draft).await?;
    let people = directory.selected(&reader, &ids).await?;
    let concerned = directory.concerned(&deliveries, &ids).await?;
    let is_sent = matches!(act, Act::Enable | Act::Disable | Act::Delete);
    let what = concerned
        .iter()
        .filter_map(|at| Some(Consequence { system: at.connection.name.clone(), what: act.elsewhere(at)? }));
    let groups = match act {
        Act::Join => Some(directory.group_names(&reader, OFFERED).await?),
        _ => None,
    };
    Ok(Selected {
        title: act.title().to_owned(),
        who: who(&people),
        text: act.text().to_owned(),
        what: is_sent.then(|| what.collect()),
        button: act.button(people.len()),
        danger: matches!(act, Act::Disable | Act::Lock | Act::Delete),
        groups,
    })
}

pub(super) async fn act(draft: DraftId, group: &str, filter: &Filter) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let (_, reader) = ssr::authorise::<UsersRead>()?;
    let Draft { act, ids } = directory.draft(&who, draft).await?;
    let to_each = match act {
        Act::Enable => Some(selection::Act::Enable),
        Act::Disable => Some(selection::Act::Disable),
        Act::Lock => Some(selection::Act::Lock),
        Act::Unlock => Some(selection::Act::Unlock),
        Act::Delete => Some(selection::Act::Delete),
        Act::Join => None,
    };
    let ended = match to_each {
        Some(to_each) => directory.act_on(&who, &ids, to_each).await,
        None => match directory.group_by_name(&reader, group.trim()).await? {
            Some(group) => directory.add_selected(&who, &ids, group.id).await,
            None if group.trim().is_empty() => return Ok(Outcome::invalid("group", "Enter the name of a group.")),
            None => return Ok(Outcome::invalid("group", "There is no group of this name.")),
        },
    };
    let ended = match ended {
        Ok(ended) => ended,
        Err(error) => {
            let outcome = ssr::outcome(Err(error), |()| Outcome::go(&Page::Users))?;
            return Ok(outcome.renamed("members", "group"));
        }
    };
    directory.discard_draft(&who, draft).await?;
    let message = told(act, &ended);
    if ended.refused.is_empty() {
        return Ok(Outcome::Done { to: filter.path(""), message: Some(message) });
    }
    let rows = ended.refused.into_iter().map(|one| (one.id, one.label, one.why)).collect();
    let refused = Refused { title: act.title().to_owned(), text: message, rows };
    let result = directory.save_draft(&who, None, &refused).await?;
    Ok(Outcome::Done { to: filter.below(Page::NotDone(result), ""), message: None })
}

pub(super) async fn refused(draft: DraftId) -> Result<Refused, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    Ok(directory.draft(&who, draft).await?)
}

/// "3 users were disabled. 1 was so already. 1 was not."
fn told(act: Act, ended: &Ended) -> String {
    let were = |count: usize| if count == 1 { "was" } else { "were" };
    let mut told = vec![match ended.done {
        0 => format!("Nobody was {}.", act.done()),
        done => format!("{} {} {}.", users(done), were(done), act.done()),
    }];
    if ended.unchanged > 0 {
        let so = if act == Act::Join { "in it" } else { "so" };
        told.push(format!("{} {} {so} already.", ended.unchanged, were(ended.unchanged)));
    }
    if !ended.refused.is_empty() {
        told.push(format!("{} {} not:", ended.refused.len(), were(ended.refused.len())));
    }
    told.join(" ")
}

#[cfg(test)]
mod tests {
    use directory::selection::Refusal;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn how_it_ended_is_told() {
        let refusal = Refusal { id: UserId(Uuid::nil()), label: "root".to_owned(), why: "no".to_owned() };
        let ended =
            |done, unchanged, refused: usize| Ended { done, unchanged, refused: vec![refusal.clone(); refused] };
        assert_eq!(told(Act::Disable, &ended(3, 1, 1)), "3 users were disabled. 1 was so already. 1 was not:");
        assert_eq!(told(Act::Join, &ended(1, 2, 0)), "1 user was added to the group. 2 were in it already.");
        assert_eq!(told(Act::Delete, &ended(0, 0, 2)), "Nobody was deleted. 2 were not:");
    }
}
