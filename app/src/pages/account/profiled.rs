//! Between the use cases and the pages where somebody changes their profile and their mail address.

use std::collections::BTreeMap;

use auth::grants::OwnAccount;
use directory::own_profile::{self, MyProfile};
use domain::{
    extension::Extension,
    identity::Attribute,
    own_profile::{Field, Typed},
};
use secrecy::SecretString;

use super::view::{AddressLink, Profile};
use crate::{
    error::ConsoleError,
    outcome::Outcome,
    pages::users::{attributes::MAP, custom, followed},
    routes::Page,
    ssr,
};

pub(super) async fn profile() -> Result<Profile, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnAccount>()?;
    let mine = directory.my_profile(&who).await?;
    let value = |field: Field| field.value(&mine.user.profile).unwrap_or_default().to_owned();
    let mut values: BTreeMap<String, String> =
        editable(&mine).map(|field| (field.as_str().to_owned(), value(field))).collect();
    values.extend(custom::read(&mine.schemas, &mine.user));
    let kept = Field::ALL.into_iter().filter_map(|field| {
        let connection = mine.kept.get(&field.attribute())?;
        Some((field.label().to_owned(), value(field), connection.clone()))
    });
    Ok(Profile {
        version: mine.user.version,
        fields: editable(&mine).map(|field| (field.as_str().to_owned(), field.label().to_owned())).collect(),
        custom: custom::sections(&mine.schemas, &mine.user),
        kept: kept.filter(|(_, value, _)| !value.is_empty()).collect(),
        address: mine.user.profile.primary_email().map(str::to_owned),
        may_change_address: mine.may_change_address,
        address_kept: mine.kept.get(&Attribute::Mail).cloned(),
        has_password: mine.has_password,
        values,
    })
}

fn editable(mine: &MyProfile) -> impl Iterator<Item = Field> {
    Field::ALL.into_iter().filter(|field| mine.settings.allows(*field) && !mine.kept.contains_key(&field.attribute()))
}

/// Whether anything is theirs to change.
pub(super) fn may_edit(mine: &MyProfile) -> bool {
    editable(mine).next().is_some() || !mine.schemas.is_empty()
}

/// Values of the attributes that people may change, in words.
pub(super) fn custom_facts(mine: &MyProfile) -> Vec<(String, String)> {
    let values = custom::read(&mine.schemas, &mine.user);
    let fields = custom::sections(&mine.schemas, &mine.user).into_iter().flat_map(|section| section.fields);
    let facts = fields.filter_map(|field| {
        let value = values.get(&field.key)?;
        let word = field.choices.iter().find(|(choice, _)| choice == value).map_or(value, |(_, word)| word);
        Some((field.label, word.clone()))
    });
    facts.collect()
}

pub(super) async fn change(version: i64, typed: &BTreeMap<String, String>) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnAccount>()?;
    let Some(typed) = read(typed) else {
        return Ok(Outcome::invalid("", "This form could not be read. Load the page again."));
    };
    let schemas = directory.schemas_now().await?;
    let changed = directory.change_my_profile(&who, version, typed).await;
    let outcome = ssr::outcome_within(MAP, changed, |pending| {
        Outcome::done(&Page::Account, followed("Your profile was changed.", &pending))
    })?;
    Ok(named(&schemas.extensions, outcome))
}

/// None where a name is none of the form's.
fn read(typed: &BTreeMap<String, String>) -> Option<Typed> {
    let mut read = Typed::default();
    for (name, text) in typed {
        match Field::of(name) {
            Some(field) => {
                read.fields.insert(field, text.clone());
            }
            None => {
                read.attributes.insert(custom::id_of(name)?, text.clone());
            }
        }
    }
    Some(read)
}

/// Errors at the fields that they are about.
fn named(schemas: &[Extension], outcome: Outcome) -> Outcome {
    let at = |name: &str| crate::outcome::entry(MAP, name);
    custom::named(schemas, outcome)
        .renamed(&at("name"), &at(Field::GivenName.as_str()))
        .renamed(&at("displayName"), &at(Field::DisplayName.as_str()))
        .renamed(&at("phoneNumbers"), &at(Field::PhoneNumber.as_str()))
}

pub(super) async fn ask_address(mail: &str, present: String) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnAccount>()?;
    let asked = directory.ask_for_address(&who, mail, SecretString::from(present)).await;
    ssr::outcome(asked, |address| {
        let done = format!("A mail with a link is on its way to {address}. The address is yours once you follow it.");
        Outcome::done(&Page::Account, done)
    })
}

pub(super) async fn address_link(token: &str) -> Result<AddressLink, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnAccount>()?;
    let link = directory.address_link(&who, token).await?;
    let closed = link.closed().unwrap_or_default().to_owned();
    Ok(match link {
        own_profile::AddressLink::Open { address, until } => AddressLink::Open { address, until: until.into() },
        own_profile::AddressLink::Used => AddressLink::Used,
        own_profile::AddressLink::Anothers => AddressLink::Closed(closed, false),
        own_profile::AddressLink::Late | own_profile::AddressLink::Unknown => AddressLink::Closed(closed, true),
    })
}

pub(super) async fn confirm_address(token: &str) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnAccount>()?;
    let confirmed = directory.confirm_address(&who, token).await;
    ssr::outcome(confirmed, |pending| {
        Outcome::done(&Page::Account, followed("Your mail address was changed.", &pending))
    })
}
