//! Kept from signing in, here alone: a lock is sent nowhere, as accounts elsewhere have nothing to do with it.

use auth::{Authorised, grants::UsersWrite};
use domain::{UserId, user::User};
use storage::{Conn, sessions, users};

use crate::{
    Directory, Error, Result,
    change::{About, Context},
    details::between,
    users::keep_one_administrator,
};

impl Directory {
    /// Locks a user out, which ends their sessions; or lets them in again.
    pub async fn lock_user(&self, who: &Authorised<UsersWrite>, id: UserId, locked: bool) -> Result<User> {
        let (context, may_touch_roles) = (self.context(who), who.may_touch_roles());
        self.db()
            .write::<_, Error, _>(move |conn| {
                let context = context.clone();
                Box::pin(async move { lock(conn, &context, may_touch_roles, id, locked).await })
            })
            .await
    }
}

async fn lock(conn: &mut Conn, context: &Context, may_touch_roles: bool, id: UserId, locked: bool) -> Result<User> {
    let user = users::get(conn, id).await?.ok_or(Error::NotFound("user"))?;
    if user.locked == locked {
        return Ok(user);
    }
    if user.role.is_some() && !may_touch_roles {
        return Err(Error::Protected("A user who holds a console role cannot be locked with this token.".to_owned()));
    }
    if locked {
        keep_one_administrator(conn, &user).await?;
        sessions::delete_of(conn, id, None).await?;
    }
    let before = user;
    let user = User { locked, version: before.version + 1, updated_at: context.now, ..before.clone() };
    users::update(conn, &user).await?;
    let about = About { kind: "user", id: Some(id.0), label: &user.user_name };
    let action = if locked { "user.lock" } else { "user.unlock" };
    context.record(conn, action, about, between(&before, &user)).await?;
    Ok(user)
}
