//! How a user's accounts stand, and why, in sentences.

use std::{collections::HashMap, time::Duration};

use auth::grants::{ConnectionsRead, DeliveriesRead, UsersRead};
use directory::{
    Directory,
    people::{self, Destination},
};
use domain::{
    ConnectorId, DeliveryId, Timestamp, UserId,
    attempt::{Attempt, Operation},
    connection::Gate,
    delivery::{Intent, ReasonKind, State, Wanted},
    limits,
    link::Provenance,
    permission::Permission,
    provisioner::{OnFailure, Removal},
    user::{Origin, User},
};

use super::view::{self, Account, Answer, Consequence, Consequences, Explanation, Provisioning, Stand};
use crate::{
    error::ConsoleError,
    pages::{activity::words, provisioners::in_seconds},
    ssr,
    ui::time::Moment,
};

/// What was done, with what follows more slowly than was waited for.
pub(crate) fn followed(did: &str, pending: &[String]) -> String {
    match pending {
        [] => did.to_owned(),
        pending => format!("{did} {} has not followed yet; Usher goes on trying.", pending.join(", ")),
    }
}

pub(super) fn begun(systems: usize) -> String {
    match systems {
        0 => "Every account is as it should be already.".to_owned(),
        1 => "Provisioning begins at 1 system.".to_owned(),
        systems => format!("Provisioning begins at {systems} systems."),
    }
}

/// The connections' names of these connectors.
pub(super) async fn names_of(directory: &Directory, ids: &[ConnectorId]) -> Result<Vec<String>, ConsoleError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (_, who) = ssr::authorise::<ConnectionsRead>()?;
    let most = i64::try_from(limits::CONNECTIONS).unwrap_or(i64::MAX);
    let connections = directory.connections(&who, None, None, most).await?;
    let connectors = directory.connectors(&who).await?;
    let here: Vec<_> = connectors.iter().filter(|one| ids.contains(&one.id)).map(|one| one.connection_id).collect();
    let named = connections.into_iter().filter(|one| here.contains(&one.id));
    Ok(named.map(|connection| connection.name).collect())
}

/// What a new user gets at one system.
pub(crate) fn destination(place: Destination) -> view::Destination {
    let rules = &place.provisioner.rules;
    let blocking = rules.blocking && place.gate != Gate::SwitchedOff;
    let what = match &place.gate {
        Gate::SwitchedOff => "once it is enabled again".to_owned(),
        _ if blocking && rules.on_blocking_failure == OnFailure::Refuse => {
            format!("asked first, up to {}; if it says no, the user is not created", limit(rules.time_limit_ms))
        }
        _ if blocking => format!("asked first, up to {}", limit(rules.time_limit_ms)),
        Gate::Paused(_) => "once it can be reached again".to_owned(),
        Gate::Open => "within moments".to_owned(),
    };
    view::Destination { system: place.connection.name, what, blocking }
}

fn limit(ms: i64) -> String {
    format!("{} s", in_seconds(ms))
}

// ---- disabling and deleting ------------------------------------------------------------------------------------------

pub(super) async fn consequences(id: UserId) -> Result<Consequences, ConsoleError> {
    let (directory, who) = ssr::authorise::<DeliveriesRead>()?;
    let accounts = directory.systems_of(&who, id).await?;
    let each = |say: fn(&people::Account) -> String| {
        let there = accounts.iter().filter(|account| may_have_account(account));
        there.map(|account| Consequence { system: account.connection.name.clone(), what: say(account) }).collect()
    };
    Ok(Consequences { disabling: each(disabling), deleting: each(deleting) })
}

fn may_have_account(account: &people::Account) -> bool {
    account.link.is_some() || account.delivery.as_ref().is_some_and(|delivery| delivery.wanted != Wanted::Absent)
}

fn disabling(account: &people::Account) -> String {
    format!("The account{} becomes inactive{}.", provenance(account), later(account))
}

fn deleting(account: &people::Account) -> String {
    let policy = account.provisioner.as_ref().map_or(Removal::Delete, |provisioner| provisioner.rules.on_delete);
    let (whose, later) = (provenance(account), later(account));
    match policy {
        Removal::Delete => format!("The account{whose} is deleted{later}."),
        Removal::Disable => format!("The account{whose} is disabled and stays{later}."),
        Removal::Leave => format!("The account{whose} stays as it is; Usher keeps it no longer."),
    }
}

fn provenance(account: &people::Account) -> &'static str {
    match account.link.as_ref().map(|link| link.provenance) {
        Some(Provenance::Created) => ", which Usher made,",
        Some(Provenance::Adopted) => ", which was there before Usher,",
        None => "",
    }
}

fn later(account: &people::Account) -> &'static str {
    match account.gate {
        Gate::Open => "",
        Gate::SwitchedOff => " once the connection is enabled again",
        Gate::Paused(_) => " once the system can be reached again",
    }
}

// ---- the tab Provisioning --------------------------------------------------------------------------------------------

pub(super) async fn provisioning(id: UserId) -> Result<Provisioning, ConsoleError> {
    let (directory, who) = ssr::authorise::<DeliveriesRead>()?;
    let (_, reader) = ssr::authorise::<UsersRead>()?;
    let user = directory.user(&reader, id).await?;
    let kinds = kinds(&directory)?;
    let may_act = ssr::caller().may(Permission::DeliveriesAct);
    let accounts: Vec<Account> =
        directory.systems_of(&who, id).await?.iter().map(|account| row(&user, account, &kinds, may_act)).collect();
    let moving = accounts.iter().any(|account| is_moving(account.stand));
    Ok(Provisioning { accounts, excluded: user.excluded, moving, may_act })
}

fn kinds(directory: &Directory) -> Result<HashMap<String, String>, ConsoleError> {
    let (_, who) = ssr::authorise::<ConnectionsRead>()?;
    Ok(directory.connector_schemas(&who)?.into_iter().map(|schema| (schema.kind, schema.name)).collect())
}

fn is_moving(stand: Stand) -> bool {
    matches!(stand, Stand::Due | Stand::Running | Stand::Waiting)
}

fn row(user: &User, account: &people::Account, kinds: &HashMap<String, String>, may_act: bool) -> Account {
    let stand = stand(account);
    let (last, at) = last(user, account);
    let kind = &account.connector.kind;
    Account {
        delivery: account.delivery.as_ref().map(|delivery| delivery.id),
        connection: account.connection.id,
        system: account.connection.name.clone(),
        kind: kinds.get(kind).unwrap_or(kind).clone(),
        stand,
        remote_id: account.link.as_ref().map(|link| link.remote_id.clone()),
        adopted: account.link.as_ref().is_some_and(|link| link.provenance == Provenance::Adopted),
        last,
        at,
        next: next(account),
        may_retry: may_act && may_retry(account),
    }
}

fn stand(account: &people::Account) -> Stand {
    let Some(delivery) = &account.delivery else { return Stand::NotBegun };
    match account.state() {
        Some(State::Done) if delivery.wanted == Wanted::Absent || delivery.leave => Stand::Gone,
        Some(State::Done) | None => Stand::InStep,
        Some(State::Due) => Stand::Due,
        Some(State::Running { .. }) => Stand::Running,
        Some(State::Waiting { .. }) => Stand::Waiting,
        Some(State::Held { .. }) => Stand::Held,
    }
}

fn may_retry(account: &people::Account) -> bool {
    account.gate == Gate::Open && matches!(stand(account), Stand::Waiting | Stand::Held)
}

/// What was done last, and when; or why nothing was.
fn last(user: &User, account: &people::Account) -> (String, Option<Moment>) {
    if account.delivery.is_none() {
        return (not_begun(user, account), None);
    }
    let reason = account.state().and_then(|state| state.reason().cloned());
    match &account.last {
        Some(attempt) => (done(attempt), Some(attempt.at.into())),
        None => (reason.map_or_else(|| "nothing was sent yet".to_owned(), |reason| reason.text), None),
    }
}

fn not_begun(user: &User, account: &people::Account) -> String {
    let belongs = account.provisioner.as_ref().is_some_and(|one| one.takes(user.origin, user.excluded));
    let text = if belongs { "never begun here" } else { "does not belong here" };
    text.to_owned()
}

/// `created, 201 in 84 ms`
fn done(attempt: &Attempt) -> String {
    let what = if attempt.outcome == "delivered" { verb(attempt.operation) } else { attempt.text.as_str() };
    let what = if what.is_empty() { verb(attempt.operation) } else { what };
    let what = what.trim_end_matches('.');
    match attempt.status {
        Some(status) => format!("{what}, {status} in {}", duration(attempt)),
        None => format!("{what} ({})", duration(attempt)),
    }
}

fn verb(operation: Operation) -> &'static str {
    match operation {
        Operation::LookUp => "looked up",
        Operation::Create => "created",
        Operation::Adopt => "taken over",
        Operation::Update => "updated",
        Operation::Disable => "disabled",
        Operation::Remove => "removed",
        Operation::LetGo => "let go",
        Operation::Nothing => "nothing to change",
    }
}

fn duration(attempt: &Attempt) -> String {
    words::took(Duration::from_millis(u64::try_from(attempt.duration_ms).unwrap_or_default()))
}

/// What comes next.
fn next(account: &people::Account) -> Option<(String, Option<Moment>)> {
    let tries = account.delivery.as_ref().map_or(0, |delivery| delivery.tries);
    match account.state()? {
        State::Waiting { until, reason } if reason.kind == ReasonKind::Retry => {
            Some((format!("{} try", ordinal(tries + 1)), Some(until.into())))
        }
        // Where the line above says it already, it is not said twice.
        State::Waiting { reason, .. } | State::Held { reason } => {
            let said = account.last.as_ref().is_none_or(|attempt| attempt.text == reason.text);
            (!said).then_some((reason.text, None))
        }
        State::Due | State::Running { .. } | State::Done => None,
    }
}

fn ordinal(number: i64) -> String {
    let ending = match (number % 10, number % 100) {
        (1, tens) if tens != 11 => "st",
        (2, tens) if tens != 12 => "nd",
        (3, tens) if tens != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

// ---- Explain ---------------------------------------------------------------------------------------------------------

pub(super) async fn explanation(id: UserId, delivery: DeliveryId) -> Result<Explanation, ConsoleError> {
    let (directory, who) = ssr::authorise::<DeliveriesRead>()?;
    let (_, reader) = ssr::authorise::<UsersRead>()?;
    let user = directory.user(&reader, id).await?;
    let kinds = kinds(&directory)?;
    let accounts = directory.systems_of(&who, id).await?;
    let account = accounts
        .into_iter()
        .find(|account| account.delivery.as_ref().is_some_and(|one| one.id == delivery))
        .ok_or_else(|| ConsoleError::NotFound { what: "This delivery".to_owned() })?;
    let may_act = ssr::caller().may(Permission::DeliveriesAct);
    let stand = stand(&account);
    let last = account.last.as_ref();
    Ok(Explanation {
        title: title(&user, &account, stand),
        answers: vec![belongs(&user, &account, &kinds), which(&user, &account), sent(&account), now(&account, stand)],
        request: last.and_then(|attempt| attempt.request.clone()),
        response: last.and_then(|attempt| attempt.response.clone()),
        may_retry: may_act && may_retry(&account),
        moving: is_moving(stand),
    })
}

fn title(user: &User, account: &people::Account, stand: Stand) -> String {
    let first = user.profile.name.as_ref().and_then(|name| name.given_name.clone()).unwrap_or_else(|| user.label());
    let system = &account.connection.name;
    match (stand, &account.link) {
        (Stand::Gone, _) | (_, None) => format!("Why is {first} not in {system}?"),
        (Stand::InStep, Some(_)) => format!("Why is {first} in {system}?"),
        (_, Some(_)) => format!("Why is {first} not up to date in {system}?"),
    }
}

fn answer(question: &str, text: impl Into<String>, code: Option<String>) -> Answer {
    Answer { question: question.to_owned(), text: text.into(), at: None, code }
}

impl Answer {
    fn at(self, at: Timestamp) -> Self {
        Self { at: Some(at.into()), ..self }
    }
}

fn belongs(user: &User, account: &people::Account, kinds: &HashMap<String, String>) -> Answer {
    let kind = kinds.get(&account.connector.kind).unwrap_or(&account.connector.kind);
    let name = format!("“{} · {kind}”", account.connection.name);
    let text = match &account.provisioner {
        None => format!("No: the provisioner {name} was removed."),
        Some(provisioner) if provisioner.life != domain::connection::Life::Active => {
            format!("No: the provisioner {name} is being removed.")
        }
        Some(_) if user.excluded => "No: whoever was made at set-up is set apart from provisioning.".to_owned(),
        Some(provisioner) if !provisioner.takes(user.origin, user.excluded) => {
            format!("No: the provisioner {name} does not take people who came by another provider's sign-in.")
        }
        Some(provisioner) if user.origin == Origin::Jit && provisioner.rules.jit_outbound => {
            format!(
                "Yes: the provisioner {name} takes everybody, with JIT Outbound also those who sign in from elsewhere."
            )
        }
        Some(_) => format!("Yes: the provisioner {name} takes everybody who comes in."),
    };
    answer("Belongs there?", text, None)
}

fn which(user: &User, account: &people::Account) -> Answer {
    let question = "Which account?";
    let Some(link) = &account.link else {
        let created = account.delivery.as_ref().and_then(|delivery| delivery.intent.as_ref());
        let text = match created {
            Some(Intent::CreateSent { .. }) => "One may be there: it was sent, and the answer has not come yet.",
            _ => "None is linked. Usher looks for this external id, then for the user name.",
        };
        return answer(question, text, Some(format!("externalId = {}\nuserName = {}", user.id, user.user_name)));
    };
    let text = match link.provenance {
        Provenance::Created => "Usher made it",
        Provenance::Adopted => "It was there already; Usher found it by its user name and took it over",
    };
    answer(question, text, Some(link.remote_id.clone())).at(link.created_at)
}

fn sent(account: &people::Account) -> Answer {
    let question = "What was sent?";
    let Some(attempt) = &account.last else { return answer(question, "Nothing yet.", None) };
    let line = attempt.request.as_deref().and_then(last_request);
    let code = line.map(|line| match attempt.status {
        Some(status) => format!("{line} → {status}"),
        None => line.to_owned(),
    });
    answer(question, done(attempt), code).at(attempt.at)
}

/// The line of method and address of the last exchange that was kept.
fn last_request(kept: &str) -> Option<&str> {
    let methods = ["GET ", "POST ", "PUT ", "PATCH ", "DELETE "];
    kept.lines().rfind(|line| methods.iter().any(|method| line.starts_with(method)))
}

fn now(account: &people::Account, stand: Stand) -> Answer {
    let question = "What now?";
    let reason = account.state().and_then(|state| state.reason().map(|reason| reason.text.clone()));
    let text = match (stand, account.state()) {
        (Stand::InStep, _) => "Nothing: the account is as it should be.".to_owned(),
        (Stand::Gone, _) => "Nothing: the account is gone or no longer ours.".to_owned(),
        (Stand::Due, _) => "It is next in line: Usher sends it within moments.".to_owned(),
        (Stand::Running, _) => "It is being sent right now.".to_owned(),
        (Stand::Waiting, Some(State::Waiting { until, .. })) if until != Timestamp::NEVER => {
            return answer(question, "Usher tries again by itself", None).at(until);
        }
        (Stand::Waiting, _) => format!("It waits. {}", reason.unwrap_or_default()),
        (Stand::Held, state) => {
            let advice = state.map(|state| words::advice(&state, &account.connection.name)).unwrap_or_default();
            format!("Somebody has to act: {} {advice}", ending_in_stop(&reason.unwrap_or_default()))
        }
        (Stand::NotBegun, _) => "It begins with the next change of the profile.".to_owned(),
    };
    answer(question, text, None)
}

fn ending_in_stop(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_as_people_say_them() {
        for (number, words) in
            [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st")]
        {
            assert_eq!(ordinal(number), words);
        }
    }

    #[test]
    fn the_last_exchange_tells_what_was_sent() {
        let kept = "GET https://a.example/Users?filter=x\n\nPOST https://a.example/Users\n{\"userName\": \"ada\"}";
        assert_eq!(last_request(kept), Some("POST https://a.example/Users"));
        assert_eq!(last_request("no request"), None);
    }
}
