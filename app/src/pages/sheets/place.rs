//! Which sheet is at an address.

use std::collections::BTreeMap;

use auth::grants::SettingsWrite;
use domain::mail::Kind;

use super::{branding, mail, registration, view::Sheet};
use crate::{error::ConsoleError, outcome::Outcome, ssr};

enum Place {
    SelfRegistration,
    Branding,
    Mail,
    MailTemplate(Kind),
}

impl Place {
    fn of(at: &str) -> Result<Self, ConsoleError> {
        let parts: Vec<&str> = at.trim_matches('/').split('/').collect();
        Ok(match parts[..] {
            ["console", "self-registration"] => Self::SelfRegistration,
            ["console", "settings", "branding"] => Self::Branding,
            ["console", "settings", "mail"] => Self::Mail,
            ["console", "settings", "mail", kind] => Self::MailTemplate(kind.parse().map_err(|()| gone())?),
            _ => return Err(gone()),
        })
    }
}

fn gone() -> ConsoleError {
    ConsoleError::NotFound { what: "This page".to_owned() }
}

pub(super) async fn show(at: &str) -> Result<Sheet, ConsoleError> {
    match Place::of(at)? {
        Place::SelfRegistration => registration::show().await,
        Place::Branding => branding::show().await,
        Place::Mail => mail::show().await,
        Place::MailTemplate(kind) => mail::show_template(kind).await,
    }
}

pub(super) async fn save(at: &str, version: i64, typed: &BTreeMap<String, String>) -> Result<Outcome, ConsoleError> {
    // Before anything that was typed is looked at.
    ssr::authorise::<SettingsWrite>()?;
    match Place::of(at)? {
        Place::SelfRegistration => registration::save(version, typed).await,
        Place::Branding => branding::save(version, typed).await,
        Place::Mail => Err(gone()),
        Place::MailTemplate(kind) => mail::save_template(kind, version, typed).await,
    }
}
