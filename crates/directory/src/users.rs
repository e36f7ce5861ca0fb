//! People: created, changed, deleted; read one by one and in pages.

use std::{collections::HashSet, sync::Arc, time::Duration};

use auth::{
    Authorised,
    grants::{UsersRead, UsersWrite},
};
use domain::{
    ConnectorId, RegistrationId, Timestamp, UserId,
    delivery::{Delivery, Priority, Wanted},
    limits,
    onboarding::{Awaited, Verdict},
    permission::Role,
    planning::{self, Plan},
    user::{Origin, User, UserInput},
    validation::FieldErrors,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Map;
use storage::{
    Conn, awaited, deliveries, groups, password_links, passwords, registrations, runs, sessions,
    tombstones::{self, Tombstone},
    users,
};

use crate::{
    Directory, Error, Result, attributes,
    change::{About, Context, as_seen, connectors_of},
    details::{between, went},
    engine::Settled,
    federation::Newcomer,
    imports::{self, Ticket},
    onboarding, registration,
    topology::Topology,
};

/// How long a clear password waits for a target at most.
pub(crate) const SEALED_FOR: Duration = Duration::from_hours(24);

/// Somebody who comes in.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub input: UserInput,
    pub password: Option<SecretString>,
    pub origin: Origin,
}

/// A change to a user, computed from what is there inside the transaction.
#[derive(Clone, Debug)]
pub struct Revision {
    pub input: UserInput,
    pub password: Option<SecretString>,
}

/// Turns the user as it is into what it shall be; runs inside the transaction and must be quick.
pub type Revise = Arc<dyn Fn(&User) -> std::result::Result<Revision, Refused> + Send + Sync>;

/// Why a revision was not made; carried back to the caller as it is.
pub type Refused = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum ReviseError {
    #[error(transparent)]
    Refused(Refused),
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<storage::Error> for ReviseError {
    fn from(error: storage::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// A user as a change left it, and the connectors that have not followed yet although they are Blocking.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub user: User,
    pub pending: Vec<ConnectorId>,
}

impl Directory {
    pub async fn user(&self, _who: &Authorised<UsersRead>, id: UserId) -> Result<User> {
        let mut conn = self.db().read().await?;
        users::get(&mut conn, id).await?.ok_or(Error::NotFound("user"))
    }

    /// Creates a user. Where a Blocking provisioner is in scope the answer waits for its target.
    pub async fn create_user(&self, who: &Authorised<UsersWrite>, new: NewUser) -> Result<Outcome> {
        let input = new.input.check()?;
        let hash = self.hash_given(new.password.as_ref()).await?;
        let context = self.context(who);
        let user = arriving(&context, input, new.origin);
        self.admit(context, Arrival { user, hash, password: new.password, by: By::Nothing }).await
    }

    /// Lets somebody in whose data was checked, and waits until they are real or refused.
    pub(crate) async fn admit(&self, context: Context, arrival: Arrival) -> Result<Outcome> {
        let id = arrival.user.id;
        let (arrival, may_wait) = (Arc::new(arrival), self.engine().is_ok());
        let settled = self
            .commit(move |conn| {
                let (context, arrival) = (context.clone(), Arc::clone(&arrival));
                Box::pin(async move { arrival.come_in(conn, &context, may_wait).await })
            })
            .await?;
        let settled = match settled {
            Some(settled) => settled,
            None => self.engine()?.settled(id).await?,
        };
        match settled {
            Settled::Active { pending } => {
                let mut conn = self.db().read().await?;
                let user = users::get(&mut conn, id).await?.ok_or(Error::NotFound("user"))?;
                Ok(Outcome { user, pending })
            }
            Settled::Refused { rejections } => Err(Error::NotAccepted(rejections)),
        }
    }

    /// Changes a user by `revise`. `expected` is the version that the caller saw, where it says so.
    pub async fn revise_user(
        &self,
        who: &Authorised<UsersWrite>,
        id: UserId,
        expected: Option<i64>,
        revise: Revise,
    ) -> Result<Outcome, ReviseError> {
        let (user, followed) = self.revise_and_go_on(who, id, expected, revise).await?;
        let pending = self.wait_for_blocking(user.id, &followed).await?;
        Ok(Outcome { user, pending })
    }

    /// As [`Directory::revise_user`], but waits for no target; answers which follow.
    pub(crate) async fn revise_and_go_on(
        &self,
        who: &Authorised<UsersWrite>,
        id: UserId,
        expected: Option<i64>,
        revise: Revise,
    ) -> Result<(User, Vec<ConnectorId>), ReviseError> {
        // Hashing may not happen inside the transaction: see whether there is a password to hash first.
        let password = {
            let mut conn = self.db().read().await?;
            let user = users::get(&mut conn, id).await?.ok_or(Error::NotFound("user"))?;
            revise(&user).map_err(ReviseError::Refused)?.password
        };
        let hash = self.hash_given(password.as_ref()).await?;
        let (context, may_touch_roles) = (self.context(who), who.may_touch_roles());
        self.commit::<_, ReviseError, _>(move |conn| {
            let (context, revise, hash) = (context.clone(), Arc::clone(&revise), hash.clone());
            Box::pin(async move {
                let user = users::get(conn, id).await?.ok_or(Error::NotFound("user"))?;
                as_seen(expected, user.version)?;
                let revision = revise(&user).map_err(ReviseError::Refused)?;
                Ok(change_user(conn, &context, may_touch_roles, user, revision, hash).await?)
            })
        })
        .await
    }

    /// Deletes a user here at once; each target follows by its provisioner's policy.
    pub async fn delete_user(
        &self,
        who: &Authorised<UsersWrite>,
        id: UserId,
        expected: Option<i64>,
    ) -> Result<Vec<ConnectorId>> {
        let followed = self.delete_and_go_on(who, id, expected).await?;
        self.wait_for_blocking(id, &followed).await
    }

    /// As [`Directory::delete_user`], but waits for no target; answers which follow.
    pub(crate) async fn delete_and_go_on(
        &self,
        who: &Authorised<UsersWrite>,
        id: UserId,
        expected: Option<i64>,
    ) -> Result<Vec<ConnectorId>> {
        let (context, may_touch_roles) = (self.context(who), who.may_touch_roles());
        self.commit(move |conn| {
            let context = context.clone();
            Box::pin(async move { remove_user(conn, &context, may_touch_roles, id, expected).await })
        })
        .await
    }

    /// Checks a new password's length and hashes it, off the async threads.
    pub(crate) async fn hash(&self, password: &SecretString) -> Result<String> {
        check_password(password)?;
        self.inner.hasher.hash(password).await.map_err(|_| Error::Hashing)
    }

    async fn hash_given(&self, password: Option<&SecretString>) -> Result<Option<String>> {
        match password {
            Some(password) => self.hash(password).await.map(Some),
            None => Ok(None),
        }
    }

    /// Updates and deletes are never refused for a target's sake; the answer waits for Blocking ones, up to a limit.
    pub(crate) async fn wait_for_blocking(&self, user: UserId, followed: &[ConnectorId]) -> Result<Vec<ConnectorId>> {
        if followed.is_empty() {
            return Ok(Vec::new());
        }
        let (waited_for, limit) = {
            let mut conn = self.db().read().await?;
            let topology = Topology::load(&mut conn).await?;
            let blocking = topology.provisioners.iter().filter(|provisioner| {
                provisioner.rules.blocking
                    && followed.contains(&provisioner.connector_id)
                    && topology.is_on(provisioner)
            });
            blocking.fold((Vec::new(), 0), |(mut ids, limit), provisioner| {
                ids.push(provisioner.connector_id);
                (ids, limit.max(provisioner.rules.time_limit_ms))
            })
        };
        if waited_for.is_empty() {
            return Ok(Vec::new());
        }
        let limit = Duration::from_millis(u64::try_from(limit).unwrap_or_default());
        Ok(self.engine()?.delivered(user.into(), waited_for, limit).await)
    }
}

/// The one rule for new passwords, wherever they come from.
pub fn check_password(password: &SecretString) -> Result<()> {
    if limits::PASSWORD.contains(&password.expose_secret().chars().count()) {
        return Ok(());
    }
    let (least, most) = (limits::PASSWORD.start(), limits::PASSWORD.end());
    Err(Error::invalid("password", format!("A password has {least} to {most} characters.")))
}

/// A new user, as checked data describes them.
pub(crate) fn arriving(context: &Context, input: UserInput, origin: Origin) -> User {
    User {
        id: context.ids.make(),
        user_name: input.user_name,
        external_id: input.external_id,
        active: input.active,
        locked: false,
        origin,
        excluded: false,
        staged: false,
        role: None,
        profile: input.profile,
        version: 1,
        created_at: context.now,
        updated_at: context.now,
    }
}

/// Somebody on the way in.
pub(crate) struct Arrival {
    user: User,
    hash: Option<String>,
    password: Option<SecretString>,
    by: By,
}

/// What somebody comes by, which has to know of them in the same transaction.
pub(crate) enum By {
    Nothing,
    /// The line of an import.
    Import(Ticket),
    Registration(RegistrationId),
    /// A first sign-in at a connection.
    Provider(Box<Newcomer>),
}

impl By {
    async fn begin(&self, conn: &mut Conn, user: UserId) -> Result<()> {
        match self {
            Self::Nothing | Self::Provider(_) => Ok(()),
            Self::Import(ticket) => imports::begin(conn, ticket, user).await,
            Self::Registration(id) => registration::begin(conn, *id, user).await,
        }
    }
}

impl Arrival {
    /// Without a password: a list holds none.
    pub(crate) fn by_import(user: User, ticket: Ticket) -> Self {
        Self { user, hash: None, password: None, by: By::Import(ticket) }
    }

    pub(crate) fn by_registration(
        user: User,
        hash: String,
        password: Option<SecretString>,
        id: RegistrationId,
    ) -> Self {
        Self { user, hash: Some(hash), password, by: By::Registration(id) }
    }

    pub(crate) fn by_provider(user: User, newcomer: Newcomer) -> Self {
        Self { user, hash: None, password: None, by: By::Provider(Box::new(newcomer)) }
    }

    /// Somebody who registered and shows nothing first.
    pub(crate) fn unverified(user: User, hash: String, password: SecretString) -> Self {
        Self { user, hash: Some(hash), password: Some(password), by: By::Nothing }
    }

    /// Creates the user, or stages it where Blocking provisioners have to be asked first. Without an engine nobody can
    /// be waited for.
    async fn come_in(&self, conn: &mut Conn, context: &Context, may_wait: bool) -> Result<Option<Settled>> {
        let topology = Topology::load(conn).await?;
        let plans = planning::plan(&self.user, planning::Change::Created, &topology.provisioners, &[]);
        let blocking: Vec<&domain::provisioner::Provisioner> = topology
            .provisioners
            .iter()
            .filter(|provisioner| provisioner.rules.blocking && topology.is_on(provisioner))
            .filter(|provisioner| plans.iter().any(|plan| plan.connector_id == provisioner.connector_id))
            .collect();
        let staged = !blocking.is_empty();
        if staged && !may_wait {
            return Err(Error::NoEngine);
        }
        self.by.begin(conn, self.user.id).await?;
        let mut user = User { staged, ..self.user.clone() };
        let settled = attributes::settle(conn, &Map::new(), &user.profile.extensions).await?;
        if let Some(settled) = &settled {
            user.profile.extensions = settled.values.clone();
        }
        users::insert(conn, &user).await?;
        if let By::Provider(newcomer) = &self.by {
            newcomer.link(conn, context, user.id).await?;
        }
        attributes::keep(conn, user.id, settled.as_ref()).await?;
        if let Some(hash) = &self.hash {
            passwords::set(conn, self.user.id, hash, context.now).await?;
        }
        if let Some(password) = &self.password
            && topology.passes_passwords(&connectors_of(&plans))
        {
            let until = context.now.plus(SEALED_FOR);
            passwords::seal(conn, &context.vault, self.user.id, password, until).await?;
        }
        if !staged {
            context.want(conn, self.user.id.into(), &self.user.user_name, &plans).await?;
            onboarding::record_creation(conn, context, &user, self.hash.is_some()).await?;
            return Ok(Some(Settled::Active { pending: Vec::new() }));
        }
        let asked: HashSet<ConnectorId> = blocking.iter().map(|provisioner| provisioner.connector_id).collect();
        let first: Vec<Plan> = plans
            .into_iter()
            .filter(|plan| asked.contains(&plan.connector_id))
            .map(|plan| Plan { priority: Priority::Caller, ..plan })
            .collect();
        context.want(conn, self.user.id.into(), &self.user.user_name, &first).await?;
        for provisioner in blocking {
            let awaited = self.awaited(conn, &topology, provisioner, context.now).await?;
            awaited::insert(conn, &awaited).await?;
        }
        onboarding::settle(conn, context, self.user.id).await
    }

    /// A paused target is unreachable at once, except that one paused as down is probed first.
    async fn awaited(
        &self,
        conn: &mut Conn,
        topology: &Topology,
        provisioner: &domain::provisioner::Provisioner,
        now: Timestamp,
    ) -> Result<Awaited> {
        let pause = runs::get(conn, provisioner.connector_id).await?.pause;
        let verdict = match pause {
            Some(pause) if pause.kind != domain::connection::PauseKind::Down => {
                Verdict::Unreachable { text: pause.why().to_owned() }
            }
            _ => Verdict::Pending,
        };
        let limit = Duration::from_millis(u64::try_from(provisioner.rules.time_limit_ms).unwrap_or_default());
        Ok(Awaited {
            user_id: self.user.id,
            provisioner_id: provisioner.id,
            connector_id: provisioner.connector_id,
            connection_name: topology
                .connection(provisioner.connection_id)
                .map_or_else(String::new, |connection| connection.name.clone()),
            on_failure: provisioner.rules.on_blocking_failure,
            deadline: now.plus(limit),
            verdict,
        })
    }
}

/// What every change of a user comes down to, inside its transaction.
pub(crate) async fn change_user(
    conn: &mut Conn,
    context: &Context,
    may_touch_roles: bool,
    user: User,
    revision: Revision,
    hash: Option<String>,
) -> Result<(User, Vec<ConnectorId>)> {
    let mut input = revision.input.check()?;
    let settled = attributes::settle(conn, &user.profile.extensions, &input.profile.extensions).await?;
    if let Some(settled) = &settled {
        input.profile.extensions = settled.values.clone();
    }
    let before = UserInput::of(&user);
    if before == input && hash.is_none() {
        return Ok((user, Vec::new()));
    }
    let mut details = between(&before, &input);
    protect(conn, &user, &input, hash.is_some(), may_touch_roles).await?;
    let topology = Topology::load(conn).await?;
    let user = User {
        user_name: input.user_name,
        external_id: input.external_id,
        active: input.active,
        profile: input.profile,
        version: user.version + 1,
        updated_at: context.now,
        ..user
    };
    users::update(conn, &user).await?;
    attributes::keep(conn, user.id, settled.as_ref()).await?;
    let new_password = hash.is_some();
    if let Some(hash) = hash {
        passwords::set(conn, user.id, &hash, context.now).await?;
        password_links::void(conn, user.id, context.now).await?;
        details = details.with_password();
    }
    if !user.active || new_password {
        sessions::delete_of(conn, user.id, None).await?;
    }
    let existing = deliveries::of_subject(conn, user.id.into()).await?;
    let plans = planning::plan(&user, planning::Change::Edited, &topology.provisioners, &existing);
    if let Some(password) = &revision.password
        && topology.passes_passwords(&connectors_of(&plans))
    {
        let until = context.now.plus(SEALED_FOR);
        passwords::seal(conn, &context.vault, user.id, password, until).await?;
    }
    context.want(conn, user.id.into(), &user.user_name, &plans).await?;
    let about = About { kind: "user", id: Some(user.id.0), label: &user.user_name };
    context.record(conn, "user.update", about, details).await?;
    Ok((user, connectors_of(&plans)))
}

pub(crate) async fn remove_user(
    conn: &mut Conn,
    context: &Context,
    may_touch_roles: bool,
    id: UserId,
    expected: Option<i64>,
) -> Result<Vec<ConnectorId>> {
    let user = users::get(conn, id).await?.ok_or(Error::NotFound("user"))?;
    as_seen(expected, user.version)?;
    if user.role.is_some() {
        if !may_touch_roles {
            return Err(Error::Protected(
                "A user who holds a console role cannot be deleted with this token.".to_owned(),
            ));
        }
        keep_one_administrator(conn, &user).await?;
    }
    let topology = Topology::load(conn).await?;
    let existing = deliveries::of_subject(conn, id.into()).await?;
    let plans = planning::plan(&user, planning::Change::Deleted, &topology.provisioners, &existing);
    groups::touch_those_of(conn, id, context.now).await?;
    registrations::delete_of(conn, id).await?;
    users::delete(conn, id).await?;
    let let_go = |delivery: &Delivery| delivery.is_settled() && (delivery.leave || delivery.wanted == Wanted::Absent);
    if !existing.iter().all(let_go) {
        tombstones::insert(conn, &Tombstone::of(&user, false, context.now)).await?;
    }
    context.want(conn, id.into(), &user.user_name, &plans).await?;
    let about = About { kind: "user", id: Some(id.0), label: &user.user_name };
    context.record(conn, "user.delete", about, went(&user)).await?;
    Ok(connectors_of(&plans))
}

/// A user whom this caller may touch; whoever holds a console role is out of reach for `scim` tokens, which is told by
/// `why`.
pub(crate) async fn within_reach(conn: &mut Conn, id: UserId, may_touch_roles: bool, why: &str) -> Result<User> {
    let user = users::get(conn, id).await?.ok_or(Error::NotFound("user"))?;
    if user.role.is_some() && !may_touch_roles { Err(Error::Protected(why.to_owned())) } else { Ok(user) }
}

/// Console roles are out of reach for `scim` tokens, and the last administrator for everybody.
async fn protect(
    conn: &mut Conn,
    user: &User,
    input: &UserInput,
    new_password: bool,
    may_touch_roles: bool,
) -> Result<()> {
    if user.role.is_none() {
        return Ok(());
    }
    let touches = user.active != input.active
        || user.user_name != input.user_name
        || user.profile.emails != input.profile.emails
        || new_password;
    if touches && !may_touch_roles {
        return Err(Error::Protected(
            "A user who holds a console role cannot be disabled, renamed, or given a password or mail with this token."
                .to_owned(),
        ));
    }
    if user.active && !input.active {
        keep_one_administrator(conn, user).await?;
    }
    Ok(())
}

/// Whether nobody else could sign in as an administrator: whoever has no password yet does not count.
pub(crate) async fn is_last_administrator(conn: &mut Conn, user: &User) -> Result<bool> {
    let counts = user.role == Some(Role::Administrator) && user.active && !user.locked;
    Ok(counts && !users::another_may_sign_in(conn, Role::Administrator, user.id).await?)
}

/// For whatever would leave Usher without anybody who may do everything.
pub(crate) async fn keep_one_administrator(conn: &mut Conn, user: &User) -> Result<()> {
    if is_last_administrator(conn, user).await? {
        return Err(Error::Protected("This is the last administrator. Give somebody else the role first.".to_owned()));
    }
    Ok(())
}

impl From<FieldErrors> for ReviseError {
    fn from(errors: FieldErrors) -> Self {
        Self::Failed(errors.into())
    }
}
