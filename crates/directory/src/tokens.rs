//! API tokens: shown once, hashed, scoped, expiring.

use std::time::Duration;

use auth::{
    Authorised, Token,
    grants::{TokensRead, TokensWrite},
};
use domain::{TokenId, permission::Scope, validation::FieldErrors};
use secrecy::SecretString;
use storage::api_tokens;
pub use storage::api_tokens::ApiToken;

use crate::{
    Directory, Error, Result,
    change::About,
    details::{came, went},
};

pub const DEFAULT_LIFETIME: Duration = Duration::from_hours(365 * 24);
/// Ten years.
pub const LONGEST_LIFETIME: Duration = Duration::from_hours(3650 * 24);
/// Characters in a token's name.
pub const NAME: usize = 100;
/// Tokens altogether, those included that ended and are still listed.
pub const MOST: i64 = 500;
/// How long a token stays listed after it expired or was revoked; then it is forgotten.
pub const LISTED_AFTER_END: Duration = Duration::from_hours(90 * 24);

#[derive(Clone, Debug)]
pub struct NewToken {
    pub name: String,
    pub scopes: Vec<Scope>,
    pub lifetime: Duration,
}

impl NewToken {
    /// Trimmed, each scope once; or what is wrong with it, by field.
    fn check(mut self) -> Result<Self, FieldErrors> {
        self.name = self.name.trim().to_owned();
        self.scopes.sort_unstable();
        self.scopes.dedup();
        let mut errors = FieldErrors::default();
        if self.name.is_empty() || self.name.chars().count() > NAME || self.name.chars().any(char::is_control) {
            errors.add("name", format!("A token's name has 1 to {NAME} characters."));
        }
        if self.scopes.is_empty() {
            errors.add("scope", "Choose at least one scope: scim, scim:read, admin or admin:read.");
        }
        if self.lifetime.is_zero() || self.lifetime > LONGEST_LIFETIME {
            errors.add("expires", "A token lives for at most 3650 days.");
        }
        errors.into_result()?;
        Ok(self)
    }
}

impl Directory {
    /// The token in the clear, once.
    pub async fn create_token(&self, who: &Authorised<TokensWrite>, new: NewToken) -> Result<(ApiToken, SecretString)> {
        let NewToken { name, scopes, lifetime } = new.check()?;
        let context = self.context(who);
        let secret = Token::make("usher_", &**self.ids().dice());
        let token = ApiToken {
            id: context.ids.make(),
            name,
            scopes,
            created_at: context.now,
            expires_at: context.now.plus(lifetime),
            last_used_at: None,
            revoked_at: None,
        };
        let (made, hash) = (token.clone(), secret.hash);
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (context, token) = (context.clone(), token.clone());
                Box::pin(async move {
                    if api_tokens::count(conn).await? >= MOST {
                        return Err(Error::Conflict(format!(
                            "There are {MOST} tokens already. Revoke those that nobody uses: they go {} days after.",
                            LISTED_AFTER_END.as_secs() / (24 * 60 * 60)
                        )));
                    }
                    api_tokens::insert(conn, &token, &hash).await?;
                    let about = About { kind: "token", id: Some(token.id.0), label: &token.name };
                    context.record(conn, "token.create", about, came(&token)).await
                })
            })
            .await?;
        Ok((made, secret.clear))
    }

    /// The newest first; those that ended are among them for [`LISTED_AFTER_END`].
    pub async fn tokens(&self, _who: &Authorised<TokensRead>) -> Result<Vec<ApiToken>> {
        let mut conn = self.db().read().await?;
        Ok(api_tokens::list(&mut conn, self.now().minus(LISTED_AFTER_END), MOST).await?)
    }

    pub async fn token(&self, _who: &Authorised<TokensRead>, id: TokenId) -> Result<ApiToken> {
        let mut conn = self.db().read().await?;
        api_tokens::get(&mut conn, id).await?.ok_or(Error::NotFound("token"))
    }

    /// Ends a token: its next request is refused. One that was revoked before stays as it is.
    pub async fn revoke_token(&self, who: &Authorised<TokensWrite>, id: TokenId) -> Result<ApiToken> {
        let context = self.context(who);
        self.db()
            .write::<_, Error, _>(move |conn| {
                let context = context.clone();
                Box::pin(async move {
                    let token = api_tokens::get(conn, id).await?.ok_or(Error::NotFound("token"))?;
                    if token.revoked_at.is_some() {
                        return Ok(token);
                    }
                    api_tokens::revoke(conn, id, context.now).await?;
                    let about = About { kind: "token", id: Some(id.0), label: &token.name };
                    context.record(conn, "token.revoke", about, went(&token)).await?;
                    Ok(ApiToken { revoked_at: Some(context.now), ..token })
                })
            })
            .await
    }
}
