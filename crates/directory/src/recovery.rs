//! Whoever forgot their password asks for a link by mail.

use domain::{mail::Kind, user::User, validation::name_key};
use serde_json::json;
use storage::{
    Conn,
    audit::{Actor, ActorKind},
    users,
};

use crate::{Directory, Error, Result, change::About};

impl Directory {
    /// Sends a link to whoever has this user name or mail address, if anybody has and may sign in. The answer comes before
    /// anybody is looked for, so that neither it nor its time tells whether there is such an account. As often as
    /// somebody may try to sign in.
    pub fn forgot_password(&self, asked: &str, address: &str) -> Result<()> {
        self.needs_mail()?;
        self.inner.sign_in_limits.try_once(&name_key(asked), address)?;
        let (directory, asked, address) = (self.clone(), asked.to_owned(), address.to_owned());
        tokio::spawn(async move {
            if let Err(error) = directory.mail_reset(asked, address).await {
                tracing::error!(error = %error, "A mail for somebody who forgot their password could not be put in line.");
            }
        });
        Ok(())
    }

    async fn mail_reset(&self, asked: String, address: String) -> Result<()> {
        let recipient = {
            let mut conn = self.db().read().await?;
            known_as(&mut conn, &asked).await?.and_then(|user| user.profile.primary_email().map(name_key))
        };
        // Whoever asks by another name each time floods nobody's mailbox.
        if recipient.is_some_and(|recipient| self.inner.registration_limits.try_mail(&recipient).is_err()) {
            return Ok(());
        }
        let context = self.context_as(Actor { kind: ActorKind::Nobody, id: None, label: String::new(), address });
        self.commit::<_, Error, _>(move |conn| {
            let (context, asked) = (context.clone(), asked.clone());
            Box::pin(async move {
                let Some(user) = known_as(conn, &asked).await?.filter(|user| user.active && !user.locked) else {
                    return Ok(());
                };
                let Some(recipient) = user.profile.primary_email() else { return Ok(()) };
                context.post(conn, Kind::PasswordReset, recipient, &user.label(), Some(user.id.0)).await?;
                let about = About { kind: "user", id: Some(user.id.0), label: &user.user_name };
                context.record(conn, "user.forgot_password", about, json!({})).await
            })
        })
        .await
    }
}

/// Whoever has this user name, or else alone has this mail address.
pub(crate) async fn known_as(conn: &mut Conn, text: &str) -> Result<Option<User>> {
    if let Some(user) = users::by_name(conn, text).await? {
        return Ok(Some(user));
    }
    let mut having = users::by_mail(conn, text, 2).await?;
    Ok(if having.len() == 1 { having.pop() } else { None })
}
