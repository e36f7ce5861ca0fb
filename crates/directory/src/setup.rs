//! The first administrator, and the way back in for one who lost their password.

use auth::{
    Authorised,
    grants::{UsersRead, UsersWrite},
};
use domain::{
    permission::Role,
    user::{Origin, User, UserInput},
};
use secrecy::SecretString;
use storage::{password_links, passwords, sessions, users};

use crate::{
    Directory, Error, Result,
    change::About,
    details::{between, came},
};

impl Directory {
    pub async fn has_administrator(&self, _who: &Authorised<UsersRead>) -> Result<bool> {
        let mut conn = self.db().read().await?;
        Ok(users::count_with_role(&mut conn, Role::Administrator).await? > 0)
    }

    /// Made by the command line or at the first start; left out of provisioning until included.
    pub async fn create_administrator(
        &self,
        who: &Authorised<UsersWrite>,
        user_name: &str,
        password: &SecretString,
    ) -> Result<User> {
        let input = UserInput { user_name: user_name.to_owned(), active: true, ..UserInput::default() }.check()?;
        let hash = self.hash(password).await?;
        let context = self.context(who);
        let user = User {
            id: context.ids.make(),
            user_name: input.user_name,
            external_id: None,
            active: true,
            locked: false,
            origin: Origin::Setup,
            excluded: true,
            staged: false,
            role: Some(Role::Administrator),
            profile: input.profile,
            version: 1,
            created_at: context.now,
            updated_at: context.now,
        };
        let made = user.clone();
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (context, user, hash) = (context.clone(), user.clone(), hash.clone());
                Box::pin(async move {
                    users::insert(conn, &user).await?;
                    passwords::set(conn, user.id, &hash, context.now).await?;
                    let about = About { kind: "user", id: Some(user.id.0), label: &user.user_name };
                    context.record(conn, "administrator.create", about, came(&user).with_password()).await
                })
            })
            .await?;
        Ok(made)
    }

    /// Sets a new password, unlocks, and ends every session of the user.
    pub async fn reset_password(
        &self,
        who: &Authorised<UsersWrite>,
        user_name: &str,
        password: &SecretString,
    ) -> Result<()> {
        let hash = self.hash(password).await?;
        let (context, user_name) = (self.context(who), user_name.to_owned());
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (context, user_name, hash) = (context.clone(), user_name.clone(), hash.clone());
                Box::pin(async move {
                    let user = users::by_name(conn, &user_name).await?.ok_or(Error::NotFound("user"))?;
                    passwords::set(conn, user.id, &hash, context.now).await?;
                    password_links::void(conn, user.id, context.now).await?;
                    let before = user.clone();
                    let unlocked = User { locked: false, version: user.version + 1, updated_at: context.now, ..user };
                    users::update(conn, &unlocked).await?;
                    sessions::delete_of(conn, unlocked.id, None).await?;
                    let about = About { kind: "user", id: Some(unlocked.id.0), label: &unlocked.user_name };
                    let details = between(&before, &unlocked).with_password();
                    context.record(conn, "user.reset_password", about, details).await
                })
            })
            .await
    }
}
