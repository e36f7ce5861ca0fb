//! Between the use cases and My Account.

use auth::grants::OwnAccount;
use directory::people;
use domain::{
    delivery::{State, Wanted},
    own_profile::Field,
    user::User,
};
use secrecy::SecretString;

use super::{
    profiled::{custom_facts, may_edit},
    view::{Account, LinkedProvider, System},
};
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
    let profile = directory.my_profile(&who).await?;
    let mut facts = facts(&mine.user);
    facts.extend(custom_facts(&profile));
    Ok(Account {
        name: mine.user.label(),
        facts,
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
        second_factor: second_factor(mine.second_factors),
        may_edit: may_edit(&profile),
        may_change_address: profile.may_change_address,
        wanted_address: profile.wanted_address,
    })
}

fn second_factor(count: usize) -> String {
    match count {
        0 => "You have none. With one, a password that was guessed or stolen lets nobody in.".to_owned(),
        1 => "You have one. It is asked for after the first step of a sign-in.".to_owned(),
        count => format!("You have {count}. One of them is asked for after the first step of a sign-in."),
    }
}

fn facts(user: &User) -> Vec<(String, String)> {
    let profile = &user.profile;
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut add = |label: &str, value: Option<String>| {
        facts.extend(value.filter(|value| !value.is_empty()).map(|value| (label.to_owned(), value)));
    };
    add("User name", Some(user.user_name.clone()));
    for field in [Field::GivenName, Field::FamilyName, Field::DisplayName] {
        add(field.label(), field.value(profile).map(str::to_owned));
    }
    for email in &profile.emails {
        add("Email", Some(email.value.clone()));
    }
    for phone in &profile.phone_numbers {
        add(Field::PhoneNumber.label(), Some(phone.value.clone()));
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
