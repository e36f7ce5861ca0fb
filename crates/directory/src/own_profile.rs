//! Somebody changes what an administrator lets them of their own profile, and their mail address by a link that shows it
//! to be theirs.
//!
//! A change is one of the user like any other: what is allowed is judged in its transaction, deliveries follow, and the
//! event names the person themselves. What a provider overrides at each sign-in is left to it.

use std::{sync::Arc, time::Duration};

use auth::{Authorised, Denied, grants::OwnAccount, hash_token};
use domain::{
    ConnectorId, Timestamp, UserId,
    extension::Extension,
    identity::Attribute,
    mail::Kind,
    own_profile::{Kept, OwnProfile, Typed, new_address, put_address},
    registration::{SelfRegistration, is_plain_name},
    user::{Origin, User, UserInput},
    validation::{FieldErrors, name_key},
};
use secrecy::SecretString;
use serde_json::json;
use storage::{
    Conn,
    address_changes::{self, AddressChange},
    connections, identity_providers, passwords, provider_links, schemas, sessions, users,
};

use crate::{
    Directory, Error, Result,
    change::{About, as_seen},
    my_account::own,
    people,
    recovery::anybody_else_known_as,
    registration,
    second_factors::must_be_fresh,
    settings::{self, Setting},
    users::{Revision, change_user},
};

/// How long the link to a new address works.
pub const ADDRESS_LINK: Duration = Duration::from_hours(1);
/// How long after its end a link is remembered, so that whoever opens it is told what became of it.
pub const REMEMBERED: Duration = Duration::from_hours(30 * 24);
/// How long a mail with such a link may take to go out.
const WAITS: Duration = Duration::from_hours(25);

const NOT_HERE: &str = "Your mail address is not changed here. Ask an administrator.";

impl Setting for OwnProfile {
    const NAME: &'static str = "own-profile";
    const LABEL: &'static str = "My Account";

    fn check(self) -> Result<Self, FieldErrors> {
        Ok(self)
    }
}

/// What somebody may change of themselves.
#[derive(Clone, Debug)]
pub struct MyProfile {
    pub user: User,
    pub settings: OwnProfile,
    /// What follows a connection instead.
    pub kept: Kept,
    /// The schemas, with those attributes alone that they may change.
    pub schemas: Vec<Extension>,
    pub may_change_address: bool,
    /// The address that waits for its link to be followed.
    pub wanted_address: Option<String>,
    /// They have a password, which shows that it is them.
    pub has_password: bool,
}

/// What the link to a new address opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressLink {
    Open {
        address: String,
        until: Timestamp,
    },
    /// It is their address.
    Used,
    Late,
    /// Somebody else wants that address.
    Anothers,
    Unknown,
}

impl AddressLink {
    /// Why it does not open anything, and what to do.
    pub fn closed(&self) -> Option<&'static str> {
        match self {
            Self::Open { .. } => None,
            Self::Used => Some("This link was used already: the address is yours."),
            Self::Late => Some("This link has expired. Ask for another one."),
            Self::Anothers => Some(
                "This link is for another account than the one you are signed in with. Sign out, sign in with the one \
                 whose address you changed, and follow the link again.",
            ),
            Self::Unknown => Some(
                "This link does not work: it may be incomplete, or a newer one has replaced it. Use the newest mail, or \
                 ask for another one.",
            ),
        }
    }
}

impl Directory {
    pub async fn my_profile(&self, who: &Authorised<OwnAccount>) -> Result<MyProfile> {
        let id = own(who)?;
        let mut conn = self.db().read().await?;
        let user = users::get(&mut conn, id).await?.ok_or(Error::NotFound("user"))?;
        let rules = Rules::of(&mut conn, &user).await?;
        let wanted = address_changes::of_user(&mut conn, id).await?;
        // Not until the link expires: that is set when its mail goes out, and would tell whether one did.
        let wanted =
            wanted.filter(|change| change.used_at.is_none() && change.created_at.plus(ADDRESS_LINK) > self.now());
        Ok(MyProfile {
            schemas: rules.settings.of_schemas(&rules.schemas),
            may_change_address: self.sends_mail() && rules.may_change_address(),
            wanted_address: wanted.map(|change| change.address),
            has_password: passwords::get(&mut conn, id).await?.is_some(),
            settings: rules.settings,
            kept: rules.kept,
            user,
        })
    }

    /// Changes one's own profile, as it was seen at this version; answers the systems that have not followed yet although
    /// they are waited for.
    pub async fn change_my_profile(
        &self,
        who: &Authorised<OwnAccount>,
        version: i64,
        typed: Typed,
    ) -> Result<Vec<String>> {
        let (id, context, typed) = (own(who)?, self.context(who), Arc::new(typed));
        self.inner.sign_in_limits.try_own_change(id)?;
        let followed = self
            .commit::<_, Error, _>(move |conn| {
                let (context, typed) = (context.clone(), Arc::clone(&typed));
                Box::pin(async move {
                    let user = users::get(conn, id).await?.ok_or(Error::NotFound("user"))?;
                    as_seen(Some(version), user.version)?;
                    let Rules { settings, kept, schemas } = Rules::of(conn, &user).await?;
                    let input = settings.change(&user, &schemas, &kept, &typed)?;
                    let revision = Revision { input, password: None };
                    Ok(change_user(conn, &context, true, user, revision, None).await?.1)
                })
            })
            .await?;
        self.still_following(id, &followed).await
    }

    /// Sends a link to an address that somebody wants to have. An address that is somebody else's gets the same answer,
    /// and another mail. Whoever has a password gives it, and whoever has none has signed in a moment ago: a session that
    /// was left open is not enough to take an account over.
    pub async fn ask_for_address(
        &self,
        who: &Authorised<OwnAccount>,
        typed: &str,
        present: SecretString,
    ) -> Result<String> {
        self.needs_mail()?;
        let id = own(who)?;
        let (user, stored) = {
            let mut conn = self.db().read().await?;
            let user = users::get(&mut conn, id).await?.ok_or(Error::NotFound("user"))?;
            (user, passwords::get(&mut conn, id).await?)
        };
        let address = new_address(typed, user.profile.primary_email())?;
        if stored.is_some() {
            self.inner.sign_in_limits.try_once(&name_key(&user.user_name), &who.caller().address)?;
            if !self.inner.hasher.verify(&present, stored).await.map_err(|_| Error::Hashing)? {
                return Err(Error::invalid("present", "This is not your present password."));
            }
        } else {
            let session = who.caller().session().ok_or(Error::Denied(Denied::SignedOut))?;
            let mut conn = self.db().read().await?;
            let session = sessions::get(&mut conn, session).await?.ok_or(Error::Denied(Denied::SignedOut))?;
            must_be_fresh(&session, self.now())?;
        }
        self.inner.registration_limits.try_change(id, &name_key(&address))?;
        let (context, wanted) = (self.context(who), address.clone());
        self.commit::<_, Error, _>(move |conn| {
            let (context, address) = (context.clone(), wanted.clone());
            Box::pin(async move {
                let user = users::get(conn, id).await?.ok_or(Error::NotFound("user"))?;
                if !Rules::of(conn, &user).await?.may_change_address() {
                    return Err(Error::Conflict(NOT_HERE.to_owned()));
                }
                let (created_at, expires_at) = (context.now, context.now.plus(WAITS));
                let change =
                    AddressChange { user_id: id, address: address.clone(), created_at, expires_at, used_at: None };
                address_changes::put(conn, &change).await?;
                if let Some(other) = anybody_else_known_as(conn, &address, id).await? {
                    context.post(conn, Kind::Registered, &address, &other.label(), Some(other.id.0)).await?;
                } else {
                    // Whoever gets the mail may never have heard of us: what somebody calls themselves is no message.
                    let name = Some(user.label()).filter(|name| is_plain_name(name));
                    let name = name.unwrap_or_else(|| address.clone());
                    context.post(conn, Kind::AddressChange, &address, &name, Some(id.0)).await?;
                }
                let about = About { kind: "user", id: Some(id.0), label: &user.user_name };
                context.record(conn, "user.ask_address", about, json!({ "address": address })).await
            })
        })
        .await?;
        Ok(address)
    }

    /// What the link with this token opens for whoever is signed in.
    pub async fn address_link(&self, who: &Authorised<OwnAccount>, token: &str) -> Result<AddressLink> {
        let mut conn = self.db().read().await?;
        find(&mut conn, own(who)?, &hash_token(token), self.now()).await
    }

    /// Makes the address theirs; answers as [`Directory::change_my_profile`]. Where people register with their address as
    /// their user name, whoever did is called so from now on.
    pub async fn confirm_address(&self, who: &Authorised<OwnAccount>, token: &str) -> Result<Vec<String>> {
        let (id, context, hash) = (own(who)?, self.context(who), hash_token(token));
        let followed = self
            .commit::<_, Error, _>(move |conn| {
                let context = context.clone();
                Box::pin(async move {
                    let address = match find(conn, id, &hash, context.now).await? {
                        AddressLink::Open { address, .. } => address,
                        closed => return Err(Error::Conflict(closed.closed().unwrap_or_default().to_owned())),
                    };
                    let user = users::get(conn, id).await?.ok_or(Error::NotFound("user"))?;
                    if !Rules::of(conn, &user).await?.may_change_address() {
                        return Err(Error::Conflict(NOT_HERE.to_owned()));
                    }
                    if anybody_else_known_as(conn, &address, id).await?.is_some() {
                        let why = "Somebody else has this address here by now. Ask an administrator.";
                        return Err(Error::Conflict(why.to_owned()));
                    }
                    address_changes::used(conn, id, context.now).await?;
                    let before = user.profile.primary_email().map(str::to_owned);
                    let mut input = UserInput::of(&user);
                    put_address(&mut input.profile, &address);
                    if is_called_by_address(conn, &user).await? {
                        input.user_name = address;
                    }
                    let revision = Revision { input, password: None };
                    let (user, followed) = change_user(conn, &context, true, user, revision, None).await?;
                    registration::shown(conn, &context, &user).await?;
                    if let Some(before) = before {
                        context.post(conn, Kind::AddressChanged, &before, &user.label(), Some(id.0)).await?;
                    }
                    Ok(followed)
                })
            })
            .await?;
        self.still_following(id, &followed).await
    }

    /// The names of the systems that have not followed yet although they are waited for.
    async fn still_following(&self, id: UserId, followed: &[ConnectorId]) -> Result<Vec<String>> {
        let pending = self.wait_for_blocking(id, followed).await?;
        if pending.is_empty() {
            return Ok(Vec::new());
        }
        let mut conn = self.db().read().await?;
        let systems = people::systems(&mut conn, id).await?;
        let pending = systems.into_iter().filter(|system| pending.contains(&system.connector.id));
        Ok(pending.map(|system| system.connection.name).collect())
    }
}

/// What holds for one person.
struct Rules {
    settings: OwnProfile,
    kept: Kept,
    schemas: Vec<Extension>,
}

impl Rules {
    async fn of(conn: &mut Conn, user: &User) -> Result<Self> {
        let settings = settings::read::<OwnProfile>(conn).await?.value;
        let schemas = if settings.attributes.is_empty() { Vec::new() } else { schemas::all(conn).await? };
        Ok(Self { settings, kept: kept(conn, user).await?, schemas })
    }

    fn may_change_address(&self) -> bool {
        self.settings.mail && !self.kept.contains_key(&Attribute::Mail)
    }
}

/// What the connections that somebody signs in by override. The address of whoever holds a console role is none of it.
async fn kept(conn: &mut Conn, user: &User) -> Result<Kept> {
    let mut kept = Kept::new();
    for link in provider_links::of_user(conn, user.id).await? {
        let Some(provider) = identity_providers::get(conn, link.connection_id).await? else { continue };
        let connection = connections::get(conn, link.connection_id).await?;
        let name = connection.map_or_else(String::new, |connection| connection.name);
        for attribute in provider.settings.overridden() {
            if attribute != Attribute::Mail || user.role.is_none() {
                kept.entry(attribute).or_insert_with(|| name.clone());
            }
        }
    }
    Ok(kept)
}

/// They registered with their address as their user name, and that is how people are called who register.
async fn is_called_by_address(conn: &mut Conn, user: &User) -> Result<bool> {
    let same = user.profile.primary_email().is_some_and(|mail| name_key(mail) == name_key(&user.user_name));
    if user.origin != Origin::Registration || !same {
        return Ok(false);
    }
    Ok(settings::read::<SelfRegistration>(conn).await?.value.mail_is_user_name)
}

async fn find(conn: &mut Conn, id: UserId, hash: &[u8], now: Timestamp) -> Result<AddressLink> {
    Ok(match address_changes::by_token(conn, hash).await? {
        None => AddressLink::Unknown,
        Some(change) if change.user_id != id => AddressLink::Anothers,
        Some(change) if change.used_at.is_some() => AddressLink::Used,
        Some(change) if change.expires_at <= now => AddressLink::Late,
        Some(AddressChange { address, expires_at, .. }) => AddressLink::Open { address, until: expires_at },
    })
}
