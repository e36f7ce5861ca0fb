//! Which sheet is at an address.

use std::collections::BTreeMap;

use auth::grants::{ConnectionsRead, ConnectionsWrite, SettingsWrite};
use domain::{ConnectionId, DraftId, identity::Tile, mail::Kind};

use super::{
    branding, mail, multi_factor, own_profile,
    providers::{self, Tab},
    registration,
    view::Sheet,
};
use crate::{error::ConsoleError, outcome::Outcome, ssr};

enum Place {
    SelfRegistration,
    MultiFactor,
    OwnProfile,
    Branding,
    Mail,
    MailTemplate(Kind),
    NewProvider(Tile),
    Provider(ConnectionId, Tab),
    /// A provider, tried by signing in there; no page.
    SignInAsTest(ConnectionId),
    /// What trying a provider out found.
    Tested(ConnectionId, DraftId),
}

impl Place {
    fn of(at: &str) -> Result<Self, ConsoleError> {
        let parts: Vec<&str> = at.trim_matches('/').split('/').collect();
        Ok(match parts[..] {
            ["console", "self-registration"] => Self::SelfRegistration,
            ["console", "multi-factor-authentication"] => Self::MultiFactor,
            ["console", "my-account"] => Self::OwnProfile,
            ["console", "settings", "branding"] => Self::Branding,
            ["console", "settings", "mail"] => Self::Mail,
            ["console", "settings", "mail", kind] => Self::MailTemplate(kind.parse().map_err(|()| gone())?),
            ["console", "connections", "templates", template] => {
                Self::NewProvider(providers::tile(template).ok_or_else(gone)?)
            }
            ["console", "connections", id, "settings", providers::AS_A_TEST] => {
                Self::SignInAsTest(id.parse().map_err(|_| gone())?)
            }
            ["console", "connections", id, "settings", "tested", draft] => {
                Self::Tested(id.parse().map_err(|_| gone())?, draft.parse().map_err(|_| gone())?)
            }
            ["console", "connections", id, tab] => {
                Self::Provider(id.parse().map_err(|_| gone())?, Tab::of(tab).ok_or_else(gone)?)
            }
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
        Place::MultiFactor => multi_factor::show().await,
        Place::OwnProfile => own_profile::show().await,
        Place::Branding => branding::show().await,
        Place::Mail => mail::show().await,
        Place::MailTemplate(kind) => mail::show_template(kind).await,
        Place::NewProvider(tile) => {
            ssr::authorise::<ConnectionsRead>()?;
            Ok(providers::show_new(tile))
        }
        Place::Provider(id, tab) => providers::show(id, tab).await,
        Place::SignInAsTest(_) => Err(gone()),
        Place::Tested(id, draft) => providers::show_tested(id, draft).await,
    }
}

pub(super) async fn save(at: &str, version: i64, typed: &BTreeMap<String, String>) -> Result<Outcome, ConsoleError> {
    // Before anything that was typed is looked at.
    ssr::authorise::<SettingsWrite>()?;
    match Place::of(at)? {
        Place::SelfRegistration => registration::save(version, typed).await,
        Place::MultiFactor => multi_factor::save(version, typed).await,
        Place::OwnProfile => own_profile::save(version, typed).await,
        Place::Branding => branding::save(version, typed).await,
        Place::Mail | Place::SignInAsTest(_) => Err(gone()),
        Place::MailTemplate(kind) => mail::save_template(kind, version, typed).await,
        Place::NewProvider(tile) => providers::create(tile, typed).await,
        Place::Provider(id, tab) => providers::save(id, tab, version, typed).await,
        Place::Tested(id, _) => providers::save(id, Tab::Settings, version, typed).await,
    }
}

pub(super) async fn test(at: &str) -> Result<Outcome, ConsoleError> {
    ssr::authorise::<ConnectionsWrite>()?;
    match Place::of(at)? {
        Place::Provider(id, _) | Place::Tested(id, _) => providers::test(id).await,
        Place::SignInAsTest(id) => providers::sign_in_as_test(id).await,
        _ => Err(gone()),
    }
}
