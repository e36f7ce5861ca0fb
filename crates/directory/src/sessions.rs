//! Where people are signed in at the console, and ending that. An ended session is nobody's from its next request on.

use auth::{
    Authorised,
    grants::{OwnSessions, UsersRead, UsersWrite},
};
use domain::{SessionId, UserId, user::User};
use serde_json::json;
pub use storage::sessions::Session;
use storage::{Conn, sessions, users};

use crate::{
    Directory, Error, Result,
    change::{About, Context},
    sign_in::IDLE,
    users::within_reach,
};

/// Sessions of one user that are listed, those seen last first. "End all" ends the others too.
pub const MOST_LISTED: i64 = 100;

/// Which sessions of a user end.
#[derive(Clone, Copy, Debug)]
enum Ending {
    One(SessionId),
    AllBut(Option<SessionId>),
}

impl Directory {
    pub async fn sessions_of(&self, _who: &Authorised<UsersRead>, user: UserId) -> Result<Vec<Session>> {
        let mut conn = self.db().read().await?;
        users::get(&mut conn, user).await?.ok_or(Error::NotFound("user"))?;
        self.listed(&mut conn, user).await
    }

    /// Ends one session of a user. [`Error::NotFound`] where it has ended, or is not theirs.
    pub async fn end_session(&self, who: &Authorised<UsersWrite>, user: UserId, session: SessionId) -> Result<()> {
        self.end(self.context(who), who.may_touch_roles(), user, Ending::One(session)).await.map(drop)
    }

    /// Ends every session of a user; answers how many.
    pub async fn end_sessions(&self, who: &Authorised<UsersWrite>, user: UserId) -> Result<u64> {
        self.end(self.context(who), who.may_touch_roles(), user, Ending::AllBut(None)).await
    }

    /// Those of the caller, the present one among them.
    pub async fn my_sessions(&self, who: &Authorised<OwnSessions>) -> Result<Vec<Session>> {
        let (user, _) = own(who)?;
        let mut conn = self.db().read().await?;
        self.listed(&mut conn, user).await
    }

    /// As [`Directory::end_session`], for the caller's own.
    pub async fn end_my_session(&self, who: &Authorised<OwnSessions>, session: SessionId) -> Result<()> {
        let (user, _) = own(who)?;
        self.end(self.context(who), true, user, Ending::One(session)).await.map(drop)
    }

    /// Ends every session of the caller but the present one; answers how many.
    pub async fn end_my_other_sessions(&self, who: &Authorised<OwnSessions>) -> Result<u64> {
        let (user, present) = own(who)?;
        self.end(self.context(who), true, user, Ending::AllBut(Some(present))).await
    }

    async fn listed(&self, conn: &mut Conn, user: UserId) -> Result<Vec<Session>> {
        let now = self.now();
        Ok(sessions::of_user(conn, user, now, now.minus(IDLE), MOST_LISTED).await?)
    }

    async fn end(&self, context: Context, may_touch_roles: bool, user: UserId, ending: Ending) -> Result<u64> {
        self.db()
            .write::<_, Error, _>(move |conn| {
                let context = context.clone();
                Box::pin(async move {
                    let why = "The sessions of a user who holds a console role cannot be ended with this token.";
                    let user = within_reach(conn, user, may_touch_roles, why).await?;
                    end_of(conn, &context, &user, ending).await
                })
            })
            .await
    }
}

async fn end_of(conn: &mut Conn, context: &Context, user: &User, ending: Ending) -> Result<u64> {
    let ended = match ending {
        Ending::One(session) => {
            if !sessions::delete_one_of(conn, user.id, session).await? {
                return Err(Error::NotFound("session"));
            }
            1
        }
        Ending::AllBut(stays) => sessions::delete_of(conn, user.id, stays).await?,
    };
    if ended > 0 {
        let about = About { kind: "user", id: Some(user.id.0), label: &user.user_name };
        context.record(conn, "session.end", about, json!({ "ended": ended })).await?;
    }
    Ok(ended)
}

/// Whoever is signed in, and by which session.
fn own(who: &Authorised<OwnSessions>) -> Result<(UserId, SessionId)> {
    let caller = who.caller();
    caller.user_id().zip(caller.session()).ok_or(Error::NotFound("session"))
}
