//! API tokens: shown once, hashed, scoped, expiring.

use std::time::Duration;

use auth::{
    Authorised, Token,
    grants::{TokensRead, TokensWrite},
};
use domain::{permission::Scope, validation::FieldErrors};
use secrecy::SecretString;
use serde_json::json;
use storage::api_tokens::{self, ApiToken};

use crate::{Directory, Error, Result, change::About};

pub const DEFAULT_LIFETIME: Duration = Duration::from_hours(365 * 24);
/// Ten years.
const LONGEST_LIFETIME: Duration = Duration::from_hours(3650 * 24);
const NAME: usize = 100;

#[derive(Clone, Debug)]
pub struct NewToken {
    pub name: String,
    pub scopes: Vec<Scope>,
    pub lifetime: Duration,
}

impl Directory {
    /// The token in the clear, once.
    pub async fn create_token(&self, who: &Authorised<TokensWrite>, new: NewToken) -> Result<(ApiToken, SecretString)> {
        let name = new.name.trim().to_owned();
        let mut errors = FieldErrors::default();
        if name.is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
            errors.add("name", format!("A token's name has 1 to {NAME} characters."));
        }
        if new.scopes.is_empty() {
            errors.add("scope", "Choose at least one scope: scim, scim:read, admin or admin:read.");
        }
        if new.lifetime.is_zero() || new.lifetime > LONGEST_LIFETIME {
            errors.add("expires", "A token lives for at most 3650 days.");
        }
        errors.into_result()?;
        let context = self.context(who);
        let secret = Token::make("usher_", &**self.ids().dice());
        let mut scopes = new.scopes;
        scopes.sort_unstable();
        scopes.dedup();
        let token = ApiToken {
            id: context.ids.make(),
            name,
            scopes,
            created_at: context.now,
            expires_at: context.now.plus(new.lifetime),
            last_used_at: None,
            revoked_at: None,
        };
        let (made, hash) = (token.clone(), secret.hash);
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (context, token) = (context.clone(), token.clone());
                Box::pin(async move {
                    api_tokens::insert(conn, &token, &hash).await?;
                    let about = About { kind: "token", id: Some(token.id.0), label: &token.name };
                    context.record(conn, "token.create", about, json!({ "scopes": token.scopes })).await
                })
            })
            .await?;
        Ok((made, secret.clear))
    }

    pub async fn tokens(&self, _who: &Authorised<TokensRead>) -> Result<Vec<ApiToken>> {
        let mut conn = self.db().read().await?;
        Ok(api_tokens::list(&mut conn).await?)
    }
}
