//! One folder per noun: its views, its server functions (`api.rs`) and what they carry (`view.rs`).

pub mod account;
pub mod activity;
pub mod attributes;
pub mod audit;
pub mod connections;
pub mod groups;
pub mod home;
pub mod imports;
#[cfg(feature = "kit")]
pub mod kit;
pub mod login_and_registration;
pub mod mails;
pub mod not_found;
pub mod provisioners;
pub mod registration;
pub mod roles;
pub mod search;
#[cfg(feature = "ssr")]
pub mod second_factor;
pub mod session;
pub mod settings;
pub mod sheets;
pub mod shortcuts;
pub mod tour;
pub mod users;

/// What became of a thing that was deleted.
#[cfg(feature = "ssr")]
fn removed(what: &str, how: directory::removal::Removed) -> String {
    match how {
        directory::removal::Removed::Gone => format!("{what} was deleted."),
        directory::removal::Removed::Going => {
            format!("{what} is being removed: it is gone once the last account is let go.")
        }
    }
}
