//! Signing out here and at the provider: whoever leaves here goes on to it, and what it says of a sign-out ends sessions.

use std::time::Duration;

use domain::ConnectionId;
use secrecy::SecretString;
use storage::{audit::Actor, provider_links, sessions, sign_ins, users};

use super::Stage;
use crate::{Directory, Error, Result, change::About, details::Details};

/// How long a sign-out waits to learn where the provider signs people out.
const LEAVING: Duration = Duration::from_secs(2);
/// How long a sign-out token is remembered.
const LOGOUT_TOKEN_KEPT: Duration = Duration::from_hours(24);

impl Directory {
    /// Where a browser goes to sign out at the provider too; none where its session came from no such place.
    pub async fn leave_provider(&self, session: domain::SessionId) -> Result<Option<SecretString>> {
        let source = {
            let mut conn = self.db().read().await?;
            sessions::source(&mut conn, self.db().vault(), session).await?
        };
        let Some(source) = source else { return Ok(None) };
        let provider = {
            let mut conn = self.db().read().await?;
            self.provider(&mut conn, source.connection_id).await?
        };
        let (Some(provider), Ok(back)) = (provider, self.link("/sign-in").parse()) else { return Ok(None) };
        let oidc = self.oidc()?.clone();
        let asked = oidc.end_session_url(&provider, source.id_token.as_ref(), &back, None);
        let url = match tokio::time::timeout(LEAVING, asked).await {
            Ok(Ok(Some(url))) => url.to_string(),
            Ok(Ok(None)) | Err(_) => return Ok(None),
            Ok(Err(problem)) => {
                tracing::warn!(error = %problem, "A provider could not be told that somebody signed out.");
                return Ok(None);
            }
        };
        self.page(source.connection_id, Stage::Going { url }).await.map(Some)
    }

    /// A provider says that somebody signed out there (OpenID Connect Back-Channel Logout 1.0); answers how many sessions
    /// ended here.
    pub async fn back_channel_logout(&self, id: ConnectionId, token: &str, address: &str) -> Result<u64> {
        let (connection, provider) = self.open_connection(id).await?;
        let out = match self.oidc()?.clone().read_logout_token(&provider, token).await {
            Ok(out) => out,
            Err(problem) => {
                // All of a provider's come from one address: those that are good are not counted.
                self.inner.sign_in_limits.try_address(address)?;
                tracing::info!(connection = %connection.name, error = %problem, "A sign-out token was refused.");
                return Err(Error::invalid("logout_token", problem.to_string()));
            }
        };
        let context = self.context_as(Actor::usher());
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (context, out, connection) = (context.clone(), out.clone(), connection.clone());
                Box::pin(async move {
                    let until = context.now.plus(LOGOUT_TOKEN_KEPT);
                    if !sign_ins::take_logout_token(conn, id, &out.jti, until).await? {
                        return Err(Error::invalid("logout_token", "This sign-out token was taken before."));
                    }
                    let mut concerned = Vec::new();
                    if let Some(subject) = &out.subject {
                        concerned.extend(provider_links::by_subject(conn, id, subject).await?.map(|link| link.user_id));
                    } else if let Some(session) = &out.session_id {
                        concerned = sessions::users_from(conn, id, session).await?;
                    }
                    let mut all = 0;
                    for user in concerned {
                        let ended = sessions::delete_from(conn, user, id, out.session_id.as_deref()).await?;
                        all += ended;
                        if let Some(user) = users::get(conn, user).await?.filter(|_| ended > 0) {
                            let about = About { kind: "user", id: Some(user.id.0), label: &user.user_name };
                            let details =
                                Details::default().with("connection", connection.name.as_str()).with("ended", ended);
                            context.record(conn, "session.end", about, details).await?;
                        }
                    }
                    Ok(all)
                })
            })
            .await
    }
}
