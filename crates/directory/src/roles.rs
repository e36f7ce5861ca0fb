//! Console roles: who holds which, given and taken.

use auth::{
    Authorised,
    grants::{RolesWrite, UsersRead},
};
use domain::{UserId, permission::Role, user::User};
use storage::{Conn, sessions, users};

use crate::{
    Directory, Error, Result,
    change::{About, Context},
    details::between,
    users::keep_one_administrator,
};

/// Holders of one role that are listed, the first by their user names.
pub const MOST_LISTED: i64 = 100;

/// Those who hold one role.
#[derive(Clone, Debug)]
pub struct Holders {
    pub role: Role,
    pub users: Vec<User>,
    /// There are more than [`MOST_LISTED`].
    pub more: bool,
}

impl Directory {
    /// Every role with those who hold it, the disabled and locked among them.
    pub async fn role_holders(&self, _who: &Authorised<UsersRead>) -> Result<Vec<Holders>> {
        let mut conn = self.db().read().await?;
        let mut all = Vec::new();
        for role in Role::ALL {
            let mut users = users::with_role(&mut conn, role, MOST_LISTED + 1).await?;
            let most = usize::try_from(MOST_LISTED).unwrap_or(usize::MAX);
            let more = users.len() > most;
            users.truncate(most);
            all.push(Holders { role, users, more });
        }
        Ok(all)
    }

    /// Gives a user a role in place of the one they hold, or takes it. Their sessions end, since what they may do in
    /// them has changed.
    pub async fn set_role(&self, who: &Authorised<RolesWrite>, id: UserId, role: Option<Role>) -> Result<User> {
        let context = self.context(who);
        self.db()
            .write::<_, Error, _>(move |conn| {
                let context = context.clone();
                Box::pin(async move { change_role(conn, &context, id, role).await })
            })
            .await
    }
}

async fn change_role(conn: &mut Conn, context: &Context, id: UserId, role: Option<Role>) -> Result<User> {
    let user = users::get(conn, id).await?.ok_or(Error::NotFound("user"))?;
    if user.role == role {
        return Ok(user);
    }
    keep_one_administrator(conn, &user).await?;
    let before = user;
    let user = User { role, version: before.version + 1, updated_at: context.now, ..before.clone() };
    users::update(conn, &user).await?;
    sessions::delete_of(conn, id, None).await?;
    let about = About { kind: "user", id: Some(id.0), label: &user.user_name };
    context.record(conn, "user.change_role", about, between(&before, &user)).await?;
    Ok(user)
}
