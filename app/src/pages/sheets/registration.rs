//! Login & Registration → User Onboarding → Self Registration.

use std::collections::BTreeMap;

use auth::grants::{SettingsRead, UsersRead};
use domain::{
    config::{ConfigSchema, Control},
    extension::{Attribute, Extension},
    registration::{Asked, AskedAttribute, LINK_MINUTES, SelfRegistration, can_be_asked, in_words},
    validation::name_key,
};

use super::{
    describe::{choice, field, kept, lines, read, save as save_setting, schema, sheet},
    view::{Fact, Sheet},
};
use crate::{
    error::ConsoleError,
    outcome::Outcome,
    pages::{connections::configuration::PROPERTIES, settings::installation::Installation},
    routes::Page,
    ssr,
};

const TITLE: &str = "Self Registration";
const TELLS: &str = "With these settings an answer can tell a stranger whether an account exists: keep account verification \
                     on, activation after verification, the mail address as user name, and no unique attribute asked, \
                     and it tells nobody.";

/// What the keys of attributes begin with.
const ATTRIBUTE: &str = "attribute-";
/// Attributes that are offered to be asked: the form has a line for each.
const OFFERED: usize = 200;

fn key(attribute: &Attribute) -> String {
    format!("{ATTRIBUTE}{}", attribute.id)
}

/// The attributes that can be asked, each with its schema.
fn offered(schemas: &[Extension]) -> impl Iterator<Item = (&Extension, &Attribute)> {
    let all = schemas.iter().flat_map(|schema| schema.attributes.iter().map(move |attribute| (schema, attribute)));
    all.filter(|(_, attribute)| can_be_asked(&attribute.definition)).take(OFFERED)
}

/// Groups that are offered to be chosen; any other is named.
const GROUPS: i64 = 100;

/// The names of the first groups, but for those that are chosen already.
async fn groups(chosen: &[String]) -> Result<Vec<String>, ConsoleError> {
    let Ok((directory, who)) = ssr::authorise::<UsersRead>() else { return Ok(Vec::new()) };
    let mut names = directory.group_names(&who, GROUPS).await?;
    names.retain(|name| !chosen.iter().any(|one| name_key(one) == name_key(name)));
    Ok(names)
}

fn described(schemas: &[Extension], groups: &[String]) -> ConfigSchema {
    let groups: Vec<(&str, &str)> =
        std::iter::once(("", "–")).chain(groups.iter().map(|name| (name.as_str(), name.as_str()))).collect();
    let asked = || choice(&[("no", "Not asked"), ("optional", "Asked"), ("required", "Required")]);
    let names = || choice(&[("mail", "The mail address"), ("own", "One that they choose")]);
    let attributes = offered(schemas).map(|(schema, attribute)| {
        field(&key(attribute), attribute.definition.shown(), asked(), &format!("An attribute of {}.", schema.name))
    });
    let mut fields = vec![
        field("enabled", "Self registration", Control::Checkbox, "The sign-in page has a link, and /register answers."),
        field(
            "verification",
            "Account verification",
            Control::Checkbox,
            "A mail with a link shows that the address is theirs. Accounts elsewhere are made once it was followed.",
        ),
        field(
            "link_minutes",
            "Account verification link expiry time",
            Control::Text,
            "Minutes, from 5 to 1440. What was typed is erased then.",
        ),
        field(
            "activate_at_once",
            "Activate account immediately",
            Control::Checkbox,
            "They can sign in before they are verified. Whoever is not verified in time is deleted.",
        ),
        field("sign_in", "Enable auto login", Control::Checkbox, "Whoever is verified is signed in."),
        field("user_name", "User name", names(), ""),
        field("given_name", "First name", asked(), ""),
        field("family_name", "Last name", asked(), ""),
        field("phone_number", "Phone number", asked(), ""),
    ];
    fields.extend(attributes);
    fields.extend([
        field(
            "domains",
            "Allowed mail domains",
            Control::Lines,
            "One on each line, such as example.org. Empty: every domain.",
        ),
        field(
            "group",
            "Add a group of new users",
            choice(&groups),
            &format!("One of the first {GROUPS} by name; name any other below."),
        ),
        field("groups", "Groups of new users", Control::Lines, "The name of a group on each line."),
        field("least_password", "Shortest password", Control::Text, "Characters, from 12 to 64."),
        field(
            "proof_of_work",
            "Proof of work",
            Control::Checkbox,
            "Browsers do a sum of about a second first, beside the form, which makes a flood of registrations costly. \
             Without JavaScript 3 people an hour can register from one network address.",
        ),
    ]);
    schema(TITLE, "Who may sign themselves up, and what they are asked.", fields)
}

pub(super) async fn show() -> Result<Sheet, ConsoleError> {
    let settings = kept::<SelfRegistration>().await?;
    let value = settings.value;
    let schemas = ssr::directory()?.schemas_now().await?;
    let mut sheet = sheet(
        TITLE,
        "People sign themselves up, and have their accounts elsewhere.",
        described(&schemas.extensions, &groups(&value.groups).await?),
        &[
            ("enabled", value.enabled.to_string()),
            ("verification", value.verification.to_string()),
            ("link_minutes", value.link_minutes.to_string()),
            ("activate_at_once", value.activate_at_once.to_string()),
            ("sign_in", value.sign_in.to_string()),
            ("user_name", if value.mail_is_user_name { "mail" } else { "own" }.to_owned()),
            ("given_name", value.given_name.as_str().to_owned()),
            ("family_name", value.family_name.as_str().to_owned()),
            ("phone_number", value.phone_number.as_str().to_owned()),
            ("domains", value.domains.join("\n")),
            ("groups", value.groups.join("\n")),
            ("least_password", value.least_password.to_string()),
            ("proof_of_work", value.proof_of_work.to_string()),
        ],
    );
    let attributes = offered(&schemas.extensions);
    let attributes = attributes.map(|(_, one)| (key(one), value.asks(one).as_str().to_owned()));
    sheet.configuration.values.extend(attributes);
    sheet.above = Some(vec![("Login & Registration".to_owned(), Page::LoginAndRegistration.path())]);
    sheet.version = settings.version;
    if !ssr::directory()?.sends_mail() {
        sheet.notes.push(format!("{} Until then nobody can be verified.", directory::mails::NOT_SET_UP));
    }
    if value.enabled && value.tells_of_accounts(&schemas.extensions) {
        sheet.notes.push(TELLS.to_owned());
    }
    sheet.facts.push(Fact {
        label: "Where people register".to_owned(),
        text: format!("{}{}", Installation::present()?.public_url, Page::Register.path()),
        hint: String::new(),
    });
    Ok(sheet)
}

pub(super) async fn save(version: i64, typed: &BTreeMap<String, String>) -> Result<Outcome, ConsoleError> {
    let schemas = ssr::directory()?.schemas_now().await?;
    let schema = described(&schemas.extensions, &[]);
    let mut typed = typed.clone();
    // Judged with the others, by whether it is there.
    let chosen = typed.remove("group").filter(|name| !name.trim().is_empty());
    // An attribute that was deleted since the page was opened.
    typed.retain(|key, _| !key.starts_with(ATTRIBUTE) || schema.field(key).is_some());
    let properties = match read(&schema, &typed) {
        Ok(properties) => properties,
        Err(outcome) => return Ok(outcome),
    };
    let number = |key: &str| properties.text(key).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    let asked = |key: &str| properties.text(key).and_then(Asked::of).unwrap_or(Asked::Optional);
    let listed = lines(&properties, "groups");
    let value = SelfRegistration {
        enabled: properties.is_on("enabled"),
        verification: properties.is_on("verification"),
        link_minutes: if properties.is_on("verification") { number("link_minutes") } else { *LINK_MINUTES.end() },
        activate_at_once: properties.is_on("activate_at_once"),
        sign_in: properties.is_on("sign_in"),
        mail_is_user_name: properties.text("user_name") != Some("own"),
        given_name: asked("given_name"),
        family_name: asked("family_name"),
        phone_number: asked("phone_number"),
        attributes: offered(&schemas.extensions)
            .filter_map(|(_, one)| {
                let asked = properties.text(&key(one)).and_then(Asked::of).filter(|asked| *asked != Asked::No)?;
                Some(AskedAttribute { id: one.id, kind: one.definition.kind, required: asked == Asked::Required })
            })
            .collect(),
        domains: lines(&properties, "domains"),
        groups: listed.iter().cloned().chain(chosen).collect(),
        least_password: usize::try_from(number("least_password")).unwrap_or_default(),
        proof_of_work: properties.is_on("proof_of_work"),
    };
    let (directory, who) = ssr::authorise::<SettingsRead>()?;
    if value.enabled && value.verification && !directory.sends_mail() {
        return Ok(Outcome::invalid(&format!("{PROPERTIES}[verification]"), directory::mails::NOT_SET_UP));
    }
    if let Some((unknown, near)) = directory.unknown_group(&who, &value.groups).await? {
        let field = if listed.contains(&unknown) { "groups" } else { "group" };
        return Ok(Outcome::invalid(&format!("{PROPERTIES}[{field}]"), no_group(&unknown, &near)));
    }
    save_setting(value, version, &Page::SelfRegistration, "Self registration was updated.").await
}

fn no_group(unknown: &str, near: &[String]) -> String {
    if near.is_empty() {
        return format!("There is no group “{unknown}”. Make it first, or write its name as it is.");
    }
    let near: Vec<String> = near.iter().map(|name| format!("“{name}”")).collect();
    format!("There is no group “{unknown}”. Did you mean {}?", in_words(&near))
}
