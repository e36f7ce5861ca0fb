//! Server functions of people.

use std::collections::BTreeMap;

use domain::{DeliveryId, DraftId, SessionId, UserId};
use leptos::prelude::*;

use super::{
    filter::Filter,
    view::{Consequences, Draft, Entry, Explanation, HandOver, Provisioning, Refused, Selected, User, UserList},
};
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

#[server(prefix = "/console/-", endpoint = "users/list", protocol = Read)]
pub async fn list(
    #[server(default)] filter: Filter,
    #[server(default)] after: String,
) -> Result<UserList, ConsoleError> {
    super::listing::list(&filter, &after).await
}

/// Which columns the list has from now on, in this browser.
#[server(prefix = "/console/-", endpoint = "users/choose-columns")]
pub async fn choose_columns(
    #[server(default)] columns: Vec<String>,
    #[server(default)] filter: Filter,
) -> Result<Outcome, ConsoleError> {
    super::listing::choose_columns(&columns, &filter)
}

/// Keeps who was selected, and asks what to know before it is done.
#[server(prefix = "/console/-", endpoint = "users/select")]
pub async fn select(
    #[server(default)] ids: Vec<UserId>,
    #[server(default)] act: String,
    #[server(default)] filter: Filter,
    #[server(default)] after: String,
) -> Result<Outcome, ConsoleError> {
    super::acting::select(ids, &act, &filter, &after).await
}

#[server(prefix = "/console/-", endpoint = "users/selected", protocol = Read)]
pub async fn read_selected(draft: DraftId) -> Result<Selected, ConsoleError> {
    super::acting::selected(draft).await
}

#[server(prefix = "/console/-", endpoint = "users/act")]
pub async fn act(
    draft: DraftId,
    /// The name of the group, where they are added to one.
    #[server(default)]
    group: String,
    #[server(default)] filter: Filter,
) -> Result<Outcome, ConsoleError> {
    super::acting::act(draft, &group, &filter).await
}

#[server(prefix = "/console/-", endpoint = "users/not-done", protocol = Read)]
pub async fn read_refused(draft: DraftId) -> Result<Refused, ConsoleError> {
    super::acting::refused(draft).await
}

#[server(prefix = "/console/-", endpoint = "users/show", protocol = Read)]
pub async fn show(id: UserId) -> Result<User, ConsoleError> {
    super::shown::user(id).await
}

/// Step 1 of the wizard: begins a draft, or goes on with one.
#[server(prefix = "/console/-", endpoint = "users/begin")]
pub async fn begin(
    #[server(default)] draft: Option<DraftId>,
    #[server(default)] user_name: String,
    #[server(default)] email: String,
    #[server(default)] given_name: String,
    #[server(default)] family_name: String,
) -> Result<Outcome, ConsoleError> {
    let typed = Draft { user_name, email, given_name, family_name, ..Draft::default() };
    super::draft::begin(draft, typed).await
}

#[server(prefix = "/console/-", endpoint = "users/draft", protocol = Read)]
pub async fn read_draft(#[server(default)] draft: Option<DraftId>) -> Result<Draft, ConsoleError> {
    super::draft::shown(draft).await
}

/// Step 2: a link, or a password.
#[server(prefix = "/console/-", endpoint = "users/choose-password")]
pub async fn choose_password(
    draft: DraftId,
    /// `link` or `password`.
    #[server(default)]
    by: String,
    #[server(default)] password: String,
) -> Result<Outcome, ConsoleError> {
    super::draft::choose_password(draft, &by, password).await
}

/// Step 3: creates the user, and says what to hand over.
#[server(prefix = "/console/-", endpoint = "users/create")]
pub async fn finish(draft: DraftId) -> Result<Outcome, ConsoleError> {
    super::draft::finish(draft).await
}

#[server(prefix = "/console/-", endpoint = "users/cancel")]
pub async fn cancel(draft: DraftId) -> Result<Outcome, ConsoleError> {
    use auth::grants::UsersWrite;

    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    directory.discard_draft(&who, draft).await?;
    Ok(Outcome::go(&Page::Users))
}

/// What to hand over, the first time; `None` for ever after.
#[server(prefix = "/console/-", endpoint = "users/hand-over", protocol = Read)]
pub async fn read_hand_over(draft: DraftId) -> Result<Option<HandOver>, ConsoleError> {
    super::draft::hand_over(draft).await
}

#[server(prefix = "/console/-", endpoint = "users/update")]
pub async fn update(
    id: UserId,
    version: i64,
    #[server(default)] attributes: BTreeMap<String, String>,
) -> Result<Outcome, ConsoleError> {
    super::shown::update(id, version, attributes).await
}

#[server(prefix = "/console/-", endpoint = "users/disable")]
pub async fn disable(id: UserId) -> Result<Outcome, ConsoleError> {
    super::shown::switch(id, false).await
}

#[server(prefix = "/console/-", endpoint = "users/enable")]
pub async fn enable(id: UserId) -> Result<Outcome, ConsoleError> {
    super::shown::switch(id, true).await
}

#[server(prefix = "/console/-", endpoint = "users/lock")]
pub async fn lock(id: UserId) -> Result<Outcome, ConsoleError> {
    super::shown::lock(id, true).await
}

#[server(prefix = "/console/-", endpoint = "users/unlock")]
pub async fn unlock(id: UserId) -> Result<Outcome, ConsoleError> {
    super::shown::lock(id, false).await
}

#[server(prefix = "/console/-", endpoint = "users/delete")]
pub async fn delete(id: UserId) -> Result<Outcome, ConsoleError> {
    super::shown::delete(id).await
}

/// Gives another password: by a link, or one that is typed.
#[server(prefix = "/console/-", endpoint = "users/reset-password")]
pub async fn reset_password(
    id: UserId,
    /// `link` or `password`.
    #[server(default)]
    by: String,
    #[server(default)] password: String,
) -> Result<Outcome, ConsoleError> {
    super::draft::reset_password(id, &by, password).await
}

#[server(prefix = "/console/-", endpoint = "users/consequences", protocol = Read)]
pub async fn read_consequences(id: UserId) -> Result<Consequences, ConsoleError> {
    super::story::consequences(id).await
}

#[server(prefix = "/console/-", endpoint = "users/sessions", protocol = Read)]
pub async fn sessions(id: UserId) -> Result<Entry, ConsoleError> {
    super::shown::sessions(id).await
}

/// For whoever has lost them.
#[server(prefix = "/console/-", endpoint = "users/reset-second-factors")]
pub async fn reset_second_factors(id: UserId) -> Result<Outcome, ConsoleError> {
    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let reset = directory.reset_second_factors(&who, id).await;
    let message = "They sign in without a second factor now, and can set up another one.";
    ssr::outcome(reset, |_| Outcome::done(&Page::UserSessions(id), message))
}

#[server(prefix = "/console/-", endpoint = "users/end-session")]
pub async fn end_session(id: UserId, session: SessionId) -> Result<Outcome, ConsoleError> {
    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let ended = directory.end_session(&who, id, session).await;
    ssr::outcome(ended, |()| Outcome::done(&Page::UserSessions(id), "The session was ended."))
}

#[server(prefix = "/console/-", endpoint = "users/end-sessions")]
pub async fn end_sessions(id: UserId) -> Result<Outcome, ConsoleError> {
    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let ended = directory.end_sessions(&who, id).await;
    ssr::outcome(ended, |_| Outcome::done(&Page::UserSessions(id), "All sessions were ended."))
}

#[server(prefix = "/console/-", endpoint = "users/provisioning", protocol = Read)]
pub async fn read_provisioning(id: UserId) -> Result<Provisioning, ConsoleError> {
    super::story::provisioning(id).await
}

#[server(prefix = "/console/-", endpoint = "users/explain", protocol = Read)]
pub async fn explain(id: UserId, delivery: DeliveryId) -> Result<Explanation, ConsoleError> {
    super::story::explanation(id, delivery).await
}

#[server(prefix = "/console/-", endpoint = "users/retry")]
pub async fn retry(id: UserId, delivery: DeliveryId) -> Result<Outcome, ConsoleError> {
    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let tried = directory.retry(&who, delivery).await;
    ssr::outcome(tried, |()| Outcome::done(&Page::UserProvisioning(id), "It is tried again now."))
}

/// Begins with this user wherever they belong, and sends what is missing.
#[server(prefix = "/console/-", endpoint = "users/provision")]
pub async fn provision(id: UserId) -> Result<Outcome, ConsoleError> {
    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let begun = directory.provision_user(&who, id).await;
    ssr::outcome(begun, |count| Outcome::done(&Page::UserProvisioning(id), super::story::begun(count)))
}
