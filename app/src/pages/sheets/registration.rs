//! Login & Registration → User Onboarding → Self Registration.

use std::collections::BTreeMap;

use auth::grants::SettingsRead;
use domain::{
    config::{ConfigSchema, Control},
    registration::{Asked, LINK_MINUTES, SelfRegistration},
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
                     on, activation after verification, and the mail address as user name, and it tells nobody.";

fn described() -> ConfigSchema {
    let asked = || choice(&[("no", "Not asked"), ("optional", "Asked"), ("required", "Required")]);
    let names = || choice(&[("mail", "The mail address"), ("own", "One that they choose")]);
    let fields = vec![
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
        field(
            "domains",
            "Allowed mail domains",
            Control::Lines,
            "One on each line, such as example.org. Empty: every domain.",
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
    ];
    schema(TITLE, "Who may sign themselves up, and what they are asked.", fields)
}

pub(super) async fn show() -> Result<Sheet, ConsoleError> {
    let settings = kept::<SelfRegistration>().await?;
    let value = settings.value;
    let mut sheet = sheet(
        TITLE,
        "People sign themselves up, and have their accounts elsewhere.",
        described(),
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
    sheet.above = Some(vec![("Login & Registration".to_owned(), Page::LoginAndRegistration.path())]);
    sheet.version = settings.version;
    if !ssr::directory()?.sends_mail() {
        sheet.notes.push(format!("{} Until then nobody can be verified.", directory::mails::NOT_SET_UP));
    }
    if value.enabled && value.tells_of_accounts() {
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
    let properties = match read(&described(), typed) {
        Ok(properties) => properties,
        Err(outcome) => return Ok(outcome),
    };
    let number = |key: &str| properties.text(key).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    let asked = |key: &str| properties.text(key).and_then(Asked::of).unwrap_or(Asked::Optional);
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
        domains: lines(&properties, "domains"),
        groups: lines(&properties, "groups"),
        least_password: usize::try_from(number("least_password")).unwrap_or_default(),
        proof_of_work: properties.is_on("proof_of_work"),
    };
    let (directory, who) = ssr::authorise::<SettingsRead>()?;
    if value.enabled && value.verification && !directory.sends_mail() {
        return Ok(Outcome::invalid(&format!("{PROPERTIES}[verification]"), directory::mails::NOT_SET_UP));
    }
    if let Some(unknown) = directory.unknown_groups(&who, &value.groups).await?.first() {
        let text = format!("There is no group “{unknown}”. Make it first, or write its name as it is.");
        return Ok(Outcome::invalid(&format!("{PROPERTIES}[groups]"), text));
    }
    save_setting(value, version, &Page::SelfRegistration, "Self registration was updated.").await
}
