//! Settings → Branding.

use std::collections::BTreeMap;

use domain::{
    branding::Branding,
    config::{ConfigSchema, Control},
};

use super::{
    describe::{field, kept, read, save as save_setting, schema, sheet},
    view::Sheet,
};
use crate::{error::ConsoleError, outcome::Outcome, routes::Page};

fn described() -> ConfigSchema {
    let mut organization = field("organization", "Name", Control::Text, "Of the organization; it also signs mails.");
    organization.required = true;
    let mut colour = field("colour", "Colour", Control::Text, "Of buttons, as #rrggbb.");
    colour.required = true;
    let logo =
        field("logo", "Logo", Control::Lines, "An SVG image as text, 16 kB at most; it is shown 28 pixels high.");
    schema(
        "Branding",
        "How the pages to sign in and to register look, and My Account.",
        vec![organization, colour, logo],
    )
}

pub(super) async fn show() -> Result<Sheet, ConsoleError> {
    let branding = kept::<Branding>().await?;
    let Branding { organization, colour, logo } = branding.value;
    let values = [("organization", organization), ("colour", colour), ("logo", logo)];
    let sheet = sheet("Branding", "", described(), &values);
    Ok(Sheet { version: branding.version, ..sheet })
}

pub(super) async fn save(version: i64, typed: &BTreeMap<String, String>) -> Result<Outcome, ConsoleError> {
    let properties = match read(&described(), typed) {
        Ok(properties) => properties,
        Err(outcome) => return Ok(outcome),
    };
    let text = |key: &str| properties.text(key).unwrap_or_default().to_owned();
    let value = Branding { organization: text("organization"), colour: text("colour"), logo: text("logo") };
    save_setting(value, version, &Page::Branding, "The branding was updated.").await
}
