//! Any system that speaks SCIM 2.0 (RFC 7643 and 7644).
//!
//! Targets differ from the standard and from what they say of themselves. So nothing is believed: what a filter
//! returned is checked, ways of updating are tried from the best down, and what worked is remembered.

mod answer;
mod checks;
mod create;
mod extensions;
mod find;
#[cfg(test)]
mod fixture;
mod learned;
mod render;
mod schema;
mod scrub;
mod settings;
mod tokens;
mod update;
mod users;
mod wire;

use async_trait::async_trait;
use domain::{config::ConfigSchema, user::Account};
use http::Method;
use serde_json::Value;

use crate::{Applied, Call, Connector, Failure, Found, Have, Keys, Report, Target};

/// Keeps access tokens between calls, and nothing else.
#[derive(Debug, Default)]
pub struct Scim2 {
    tokens: tokens::Tokens,
}

#[async_trait]
impl Connector for Scim2 {
    fn schema(&self) -> ConfigSchema {
        schema::schema()
    }

    fn render(&self, account: &Account, _target: &Target) -> Value {
        render::render(account)
    }

    async fn test(&self, call: &Call<'_>) -> Report {
        checks::test(call, &self.tokens).await
    }

    async fn find(&self, keys: &Keys<'_>, call: &Call<'_>) -> Result<Option<Found>, Failure> {
        find::find(&wire::Wire::open(call, &self.tokens, None)?, keys).await
    }

    async fn apply(&self, want: &Account, have: Option<Have<'_>>, call: &Call<'_>) -> Result<Applied, Failure> {
        let wire = wire::Wire::open(call, &self.tokens, want.password.as_ref())?;
        match have {
            Some(have) => update::update(&wire, want, have).await,
            None => create::create(&wire, want).await,
        }
    }

    async fn remove(&self, have: Have<'_>, call: &Call<'_>) -> Result<(), Failure> {
        let wire = wire::Wire::open(call, &self.tokens, None)?;
        let url = users::user(&wire.settings.users, have.remote_id)?;
        wire.send(Method::DELETE, url, None).await?.into_success().map(drop)
    }
}
