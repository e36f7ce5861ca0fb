//! Login & Registration → Account Management → My Account.

use std::collections::BTreeMap;

use domain::{
    config::{ConfigSchema, Control, Properties},
    extension::Extension,
    own_profile::{Field, OwnProfile, is_simple},
};

use super::{
    describe::{field, kept, read, save as save_setting, schema, sheet},
    view::{Fact, Sheet},
};
use crate::{
    error::ConsoleError,
    outcome::Outcome,
    pages::{settings::installation::Installation, users::custom},
    routes::Page,
    ssr,
};

const TITLE: &str = "My Account";

fn described(schemas: &[Extension]) -> ConfigSchema {
    let mut fields: Vec<_> =
        Field::ALL.map(|one| field(one.as_str(), one.label(), Control::Checkbox, "")).into_iter().collect();
    let by_link = "By a link that is sent to the new address. The one before is told.";
    fields.push(field("mail", "Mail address", Control::Checkbox, by_link));
    for schema in schemas {
        for attribute in schema.attributes.iter().filter(|one| is_simple(&one.definition)) {
            let hint = format!("Of the schema {}.", schema.name);
            fields.push(field(&custom::key(attribute), attribute.definition.shown(), Control::Checkbox, &hint));
        }
    }
    let what = "Their changes go to other systems as everybody's do. What a connection overrides at each sign-in, and \
                attributes with several values or set once, are not changed there.";
    schema("What people change themselves", what, fields)
}

pub(super) async fn show() -> Result<Sheet, ConsoleError> {
    let settings = kept::<OwnProfile>().await?;
    let directory = ssr::directory()?;
    let schemas = directory.schemas_now().await?;
    let value = settings.value;
    let mut values: Vec<(String, String)> =
        Field::ALL.iter().map(|one| (one.as_str().to_owned(), value.allows(*one).to_string())).collect();
    values.push(("mail".to_owned(), value.mail.to_string()));
    let allowed = value.of_schemas(&schemas.extensions);
    let allowed = allowed.iter().flat_map(|schema| &schema.attributes);
    values.extend(allowed.map(|attribute| (custom::key(attribute), true.to_string())));
    let values: Vec<(&str, String)> = values.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
    let mut sheet = sheet(TITLE, "What people change of themselves.", described(&schemas.extensions), &values);
    sheet.above = Some(vec![("Login & Registration".to_owned(), Page::LoginAndRegistration.path())]);
    sheet.version = settings.version;
    if !directory.sends_mail() {
        sheet.notes.push(format!("{} Until then nobody changes their mail address.", directory::mails::NOT_SET_UP));
    }
    sheet.facts.push(Fact {
        label: "Where people find it".to_owned(),
        text: format!("{}{}", Installation::present()?.public_url, Page::Account.path()),
        hint: String::new(),
    });
    Ok(sheet)
}

pub(super) async fn save(version: i64, typed: &BTreeMap<String, String>) -> Result<Outcome, ConsoleError> {
    let schemas = ssr::directory()?.schemas_now().await?;
    let schema = described(&schemas.extensions);
    let mut typed = typed.clone();
    // An attribute that was deleted since the page was opened.
    typed.retain(|key, _| custom::id_of(key).is_none() || schema.field(key).is_some());
    let properties = match read(&schema, &typed) {
        Ok(properties) => properties,
        Err(outcome) => return Ok(outcome),
    };
    let value = chosen(&properties, &schemas.extensions);
    save_setting(value, version, &Page::OwnProfile, "What people change themselves was updated.").await
}

fn chosen(properties: &Properties, schemas: &[Extension]) -> OwnProfile {
    let attributes = schemas.iter().flat_map(|schema| &schema.attributes);
    let on = attributes.filter(|one| properties.is_on(&custom::key(one)));
    OwnProfile {
        given_name: properties.is_on(Field::GivenName.as_str()),
        family_name: properties.is_on(Field::FamilyName.as_str()),
        display_name: properties.is_on(Field::DisplayName.as_str()),
        phone_number: properties.is_on(Field::PhoneNumber.as_str()),
        mail: properties.is_on("mail"),
        attributes: on.map(|one| (one.id, one.definition.shown().to_owned())).collect(),
    }
}
