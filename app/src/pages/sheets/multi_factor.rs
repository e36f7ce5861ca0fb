//! Login & Registration → Multi-Factor Authentication.

use std::collections::BTreeMap;

use domain::{
    config::{ConfigSchema, Control},
    second_factor::{Required, SecondFactors},
};

use super::{
    describe::{choice, field, kept, read, save as save_setting, schema, sheet},
    view::Sheet,
};
use crate::{error::ConsoleError, outcome::Outcome, routes::Page, ssr};

const TITLE: &str = "Multi-Factor Authentication";
const NO_PASSKEYS: &str = "People reach this server by an IP address, and passkeys belong to a domain: only authenticator \
                           apps are offered. Set USHER_PUBLIC_URL to a name.";

fn described() -> ConfigSchema {
    let who = choice(&[
        ("nobody", "Nobody: whoever wants one"),
        ("administrators", "Everybody with a console role"),
        ("everybody", "Everybody"),
    ]);
    let fields = vec![
        field(
            "required",
            "Who needs a second factor",
            who,
            "Whoever has none yet sets one up at their next sign-in: a passkey, or an authenticator app.",
        ),
        field(
            "after_connections",
            "Ask after a sign-in by a connection too",
            Control::Checkbox,
            "Without it, a provider answers for those who come from there: it has to ask for a second factor itself.",
        ),
    ];
    schema(TITLE, "Whoever has a second factor is asked for it at every sign-in.", fields)
}

pub(super) async fn show() -> Result<Sheet, ConsoleError> {
    let settings = kept::<SecondFactors>().await?;
    let mut sheet = sheet(
        TITLE,
        "More than a password: a passkey, or a code of an app.",
        described(),
        &[
            ("required", settings.value.required.as_str().to_owned()),
            ("after_connections", settings.value.after_connections.to_string()),
        ],
    );
    sheet.above = Some(vec![("Login & Registration".to_owned(), Page::LoginAndRegistration.path())]);
    sheet.version = settings.version;
    if !ssr::directory()?.offers_passkeys().await? {
        sheet.notes.push(NO_PASSKEYS.to_owned());
    }
    Ok(sheet)
}

pub(super) async fn save(version: i64, typed: &BTreeMap<String, String>) -> Result<Outcome, ConsoleError> {
    let properties = match read(&described(), typed) {
        Ok(properties) => properties,
        Err(outcome) => return Ok(outcome),
    };
    let value = SecondFactors {
        required: properties.text("required").and_then(Required::of).unwrap_or_default(),
        after_connections: properties.is_on("after_connections"),
    };
    save_setting(value, version, &Page::MultiFactor, "Multi-factor authentication was updated.").await
}
