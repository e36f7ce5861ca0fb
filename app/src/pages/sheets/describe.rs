//! How the files around describe their fields, and read what was typed into them.

use std::collections::BTreeMap;

use auth::grants::SettingsWrite;
use directory::settings::{Kept, Setting};
use domain::{
    config::{Choice, ConfigSchema, Control, Field, Properties},
    permission::Permission,
};

use super::view::Sheet;
use crate::{
    error::ConsoleError,
    outcome::Outcome,
    pages::connections::{configuration::PROPERTIES, view::Configuration},
    ssr,
};

pub(super) fn field(key: &str, label: &str, control: Control, hint: &str) -> Field {
    Field {
        key: key.to_owned(),
        label: label.to_owned(),
        hint: (!hint.is_empty()).then(|| hint.to_owned()),
        control,
        required: false,
        default: None,
        only_when: None,
    }
}

pub(super) fn choice(choices: &[(&str, &str)]) -> Control {
    let choices =
        choices.iter().map(|(value, label)| Choice { value: (*value).to_owned(), label: (*label).to_owned() });
    Control::Choice { choices: choices.collect() }
}

pub(super) fn schema(name: &str, description: &str, fields: Vec<Field>) -> ConfigSchema {
    ConfigSchema { kind: String::new(), name: name.to_owned(), description: description.to_owned(), fields }
}

/// A sheet with a form and nothing else yet.
pub(super) fn sheet(title: &str, subtitle: &str, schema: ConfigSchema, values: &[(&str, String)]) -> Sheet {
    let values = values.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    Sheet {
        title: title.to_owned(),
        subtitle: subtitle.to_owned(),
        above: None,
        notes: Vec::new(),
        facts: Vec::new(),
        cards: Vec::new(),
        configuration: Configuration { schema, values, secrets: BTreeMap::new() },
        version: 0,
        save: "Update".to_owned(),
        may_write: ssr::caller().may(Permission::SettingsWrite),
        tests: Vec::new(),
        report: None,
        preview: None,
    }
}

/// What was typed, as far as the description can judge it.
pub(super) fn read(schema: &ConfigSchema, typed: &BTreeMap<String, String>) -> Result<Properties, Outcome> {
    match schema.check(typed, &[]) {
        Ok(checked) => Ok(checked.properties),
        Err(errors) => Err(Outcome::invalid_within(PROPERTIES, &errors)),
    }
}

/// The lines that are not empty.
pub(super) fn lines(properties: &Properties, key: &str) -> Vec<String> {
    let text = properties.text(key).unwrap_or_default();
    text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// Saves a setting as the form had it.
pub(super) async fn save<T: Setting>(
    value: T,
    version: i64,
    to: &crate::routes::Page,
    message: &str,
) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<SettingsWrite>()?;
    let saved = directory.change_setting(&who, value, Some(version)).await;
    ssr::outcome_within(PROPERTIES, saved, |()| Outcome::done(to, message))
}

pub(super) async fn kept<T: Setting>() -> Result<Kept<T>, ConsoleError> {
    let (directory, who) = ssr::authorise::<auth::grants::SettingsRead>()?;
    Ok(directory.setting(&who).await?)
}
