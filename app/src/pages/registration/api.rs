//! Server functions of self-registration. Whoever asks needs nothing.

#![expect(clippy::too_many_arguments, reason = "one per field of the form")]

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::view::{Form, Verification};
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

/// None while nobody may register.
#[server(prefix = "/console/-", endpoint = "registration/form", protocol = Read)]
pub async fn read_form() -> Result<Option<Form>, ConsoleError> {
    super::door::form().await
}

#[server(prefix = "/console/-", endpoint = "registration/register")]
pub async fn register(
    #[server(default)] user_name: String,
    #[server(default)] mail: String,
    #[server(default)] given_name: String,
    #[server(default)] family_name: String,
    #[server(default)] phone_number: String,
    #[server(default)] attributes: BTreeMap<String, String>,
    #[server(default)] password: String,
    #[server(default)] proof: String,
    #[server(default)] return_to: String,
) -> Result<Outcome, ConsoleError> {
    let typed = domain::registration::Typed { user_name, mail, given_name, family_name, phone_number, attributes };
    super::door::register(typed, password, proof, &return_to).await
}

#[server(prefix = "/console/-", endpoint = "registration/verification", protocol = Read)]
pub async fn read_verification(#[server(default)] token: String) -> Result<Verification, ConsoleError> {
    super::door::verification(&token).await
}

#[server(prefix = "/console/-", endpoint = "registration/verify")]
pub async fn verify(
    #[server(default)] token: String,
    #[server(default)] password: String,
) -> Result<Outcome, ConsoleError> {
    super::door::verify(&token, password).await
}
