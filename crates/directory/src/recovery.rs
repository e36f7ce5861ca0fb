//! Whoever forgot their password asks for a link by mail.

use domain::{UserId, mail::Kind, user::User, validation::name_key};
use serde_json::json;
use storage::{
    Conn,
    audit::{Actor, ActorKind},
    users,
};

use crate::{Directory, Error, Result, change::About, sign_in::may_enter};

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
        let known = {
            let mut conn = self.db().read().await?;
            known_as(&mut conn, &asked).await?
        };
        // Whoever asks by another name each time floods nobody's mailbox.
        let Some(known) = known.filter(|user| self.inner.registration_limits.try_reset(user.id).is_ok()) else {
            return Ok(());
        };
        let context = self.context_as(Actor { kind: ActorKind::Nobody, id: None, label: String::new(), address });
        let id = known.id;
        self.commit::<_, Error, _>(move |conn| {
            let context = context.clone();
            Box::pin(async move {
                let Some(user) = users::get(conn, id).await?.filter(may_enter) else { return Ok(()) };
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

/// Somebody who has this as user name or as mail address: nobody else may be called so, or they could not be told apart
/// where people sign in by either.
pub(crate) async fn anybody_known_as(conn: &mut Conn, text: &str) -> Result<Option<User>> {
    if let Some(user) = users::by_name(conn, text).await? {
        return Ok(Some(user));
    }
    Ok(users::by_mail(conn, text, 1).await?.pop())
}

/// The same, but for this user.
pub(crate) async fn anybody_else_known_as(conn: &mut Conn, text: &str, id: UserId) -> Result<Option<User>> {
    if let Some(user) = users::by_name(conn, text).await?.filter(|user| user.id != id) {
        return Ok(Some(user));
    }
    Ok(users::by_mail(conn, text, 2).await?.into_iter().find(|user| user.id != id))
}
