//! Between the use cases and My Account.

use auth::grants::OwnAccount;
use directory::people;
use domain::{
    delivery::{State, Wanted},
    user::User,
};
use secrecy::SecretString;

use super::view::{Account, LinkedProvider, System};
use crate::{
    error::ConsoleError,
    outcome::Outcome,
    pages::session::{door, new_password},
    routes::Page,
    ssr,
    ui::note::Tone,
};

pub(super) async fn account() -> Result<Account, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnAccount>()?;
    let mine = directory.my_account(&who).await?;
    Ok(Account {
        name: mine.user.label(),
        facts: facts(&mine.user),
        has_role: mine.user.role.is_some(),
        systems: mine.systems.iter().filter_map(system).collect(),
        providers: mine
            .providers
            .into_iter()
            .map(|one| LinkedProvider {
                id: one.id.to_string(),
                name: one.connection,
                label: one.label,
                seen: one.seen_at.into(),
            })
            .collect(),
        has_password: mine.has_password,
    })
}

fn facts(user: &User) -> Vec<(String, String)> {
    let profile = &user.profile;
    let given = profile.name.as_ref().and_then(|name| name.given_name.clone());
    let family = profile.name.as_ref().and_then(|name| name.family_name.clone());
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut add = |label: &str, value: Option<String>| {
        facts.extend(value.filter(|value| !value.is_empty()).map(|value| (label.to_owned(), value)));
    };
    add("User name", Some(user.user_name.clone()));
    add("First name", given);
    add("Last name", family);
    for email in &profile.emails {
        add("Email", Some(email.value.clone()));
    }
    facts
}

/// In words for whoever is no administrator; nothing of a system that has no account for them and shall have none.
fn system(account: &people::Account) -> Option<System> {
    let delivery = account.delivery.as_ref()?;
    let linked = account.link.is_some();
    let (state, tone) = match (delivery.wanted, account.state()?) {
        (Wanted::Absent, _) if !linked => return None,
        (Wanted::Absent, _) => ("Your account there is being removed", Tone::Wait),
        (Wanted::Disabled, State::Done) => ("Your account there is disabled", Tone::Neutral),
        (_, State::Done) => ("You have an account there", Tone::Ok),
        (_, State::Held { .. }) if linked => ("Your account there needs an administrator", Tone::Held),
        (_, State::Held { .. }) => ("No account yet: an administrator has to look at it", Tone::Held),
        (_, _) if linked => ("You have an account there; a change is on its way", Tone::Ok),
        _ => ("Your account there is on its way", Tone::Wait),
    };
    Some(System { name: account.connection.name.clone(), state: state.to_owned(), tone })
}

pub(super) async fn change_password(present: String, password: String, again: &str) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnAccount>()?;
    let mut wrong = new_password::check(&password, again);
    if present.is_empty() {
        wrong.add("present", "Enter your present password.");
    }
    if !wrong.is_empty() {
        return Ok(Outcome::Invalid(wrong));
    }
    let (present, password) = (SecretString::from(present), SecretString::from(password));
    let changed = directory.change_my_password(&who, present, password, &door::agent()).await;
    ssr::outcome(changed, |signed_in| {
        door::hand_over(&signed_in);
        Outcome::done(&Page::Account, "Your password was changed. Everywhere else you are signed out.")
    })
}
