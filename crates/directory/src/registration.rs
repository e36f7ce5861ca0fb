//! Self-registration: somebody signs themselves up, shows that the address is theirs, and comes in.
//!
//! With verification nobody exists before the link was followed, unless it is said otherwise; the answer to whoever
//! registers is the same whether or not there is an account with that address.

use auth::{Authorised, Token, grants::SettingsRead, hash_token};
use domain::{
    RegistrationId, Timestamp, UserId,
    extension::still_taken,
    mail::Kind,
    planning::{self, Change},
    registration::{SelfRegistration, Typed, is_plain_name},
    user::{Origin, Profile, User, UserInput},
    validation::{FieldErrors, name_key, nearest},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use storage::{
    Conn,
    audit::{Actor, ActorKind},
    deliveries, group_terms, groups, passwords,
    registrations::{self, Registration},
    terms::Search,
    users,
};

use crate::{
    Directory, Error, Result, attributes,
    change::{About, Context, connectors_of},
    imports, onboarding,
    recovery::anybody_known_as,
    settings::{self, Setting},
    sign_in::{By, SignedIn},
    topology::Topology,
    users::{Arrival, SEALED_FOR, arriving, remove_user},
};

/// How long after its end a registration is remembered, so that whoever opens its link is told what became of it.
pub const REMEMBERED: std::time::Duration = std::time::Duration::from_hours(30 * 24);
const NAME_TAKEN: &str = "This user name is taken. Choose another one.";
const IN_USE: &str = "This link is being used already. Wait a moment, then sign in.";
/// Groups whose names are compared with one that there is not: the first, and for each of so many words.
const NAMES_COMPARED: i64 = 1_000;
const FOUND_COMPARED: usize = 200;
const WORDS_COMPARED: usize = 3;
/// Names that may have been meant.
const NAMES_TOLD: usize = 3;
/// Unverified users who are deleted in one go.
const DELETED_AT_ONCE: i64 = 50;

impl Setting for SelfRegistration {
    const NAME: &'static str = "self-registration";
    const LABEL: &'static str = "Self Registration";

    fn check(self) -> Result<Self, FieldErrors> {
        Self::check(self)
    }
}

/// Somebody at the door, and what they come with.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub address: String,
    pub agent: String,
}

/// What came of a registration.
#[derive(Debug)]
pub enum Registered {
    /// A mail is on its way, whatever it says. The token is for the browser, which shows by it that it registered.
    MailSent { browser: SecretString, until: Timestamp },
    /// They are in, and signed in if that is wanted.
    In { signed_in: Option<SignedIn> },
}

/// What a verification link opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    Open {
        mail: String,
        expires_at: Timestamp,
        /// Another browser registered: the password shows that it was the same person.
        needs_password: bool,
    },
    /// The address was confirmed.
    Used,
    Late,
    Unknown,
}

/// What is kept of a registration until it is verified.
#[derive(Clone, Serialize, Deserialize)]
struct Pending {
    user_name: String,
    mail: String,
    profile: Profile,
    hash: String,
    /// Only where a system is to be given it.
    password: Option<String>,
}

impl Pending {
    fn input(&self) -> UserInput {
        let (user_name, profile) = (self.user_name.clone(), self.profile.clone());
        UserInput { user_name, external_id: None, active: true, profile }
    }
}

impl Directory {
    /// What whoever registers is asked; none while nobody may.
    pub async fn self_registration(&self) -> Result<Option<SelfRegistration>> {
        let settings = self.setting_now::<SelfRegistration>().await?.value;
        Ok(Some(settings).filter(|settings| settings.enabled))
    }

    /// The first of these groups that there is none of, with the names that were probably meant.
    pub async fn unknown_group(
        &self,
        _who: &Authorised<SettingsRead>,
        names: &[String],
    ) -> Result<Option<(String, Vec<String>)>> {
        let mut conn = self.db().read().await?;
        let keys: Vec<String> = names.iter().map(|name| name_key(name)).collect();
        let known = groups::known(&mut conn, &keys).await?;
        let Some(unknown) = names.iter().find(|name| !known.contains(&name_key(name))) else { return Ok(None) };
        let near = called_nearly(&mut conn, unknown).await?;
        Ok(Some((unknown.clone(), near)))
    }

    /// What a browser has to solve before it registers, as JSON, where a proof of work is asked for.
    pub fn challenge(&self) -> String {
        self.inner.proof_of_work.challenge(&**self.ids().dice(), self.now())
    }

    /// Takes a registration. As often as a mail address and a network address may register. `proof` is what the browser
    /// made of a challenge; empty where it made nothing of it.
    pub async fn register(
        &self,
        typed: Typed,
        password: SecretString,
        proof: String,
        visitor: Visitor,
    ) -> Result<Registered> {
        let settings = self.self_registration().await?.ok_or(Error::NotFound("registration"))?;
        let schemas = self.schemas_now().await?;
        let named = |error| match error {
            Error::Invalid(errors) => Error::Invalid(settings.named(&schemas.extensions, errors)),
            Error::Taken(errors) => Error::Taken(settings.named(&schemas.extensions, errors)),
            other => other,
        };
        let read = settings.read(&typed, &schemas.extensions);
        if password.expose_secret().chars().count() < settings.least_password {
            let mut errors = read.err().unwrap_or_default();
            errors.add("password", format!("A password has at least {} characters.", settings.least_password));
            return Err(errors.into());
        }
        let input = read?;
        if settings.verification {
            self.needs_mail()?;
        }
        self.inner.registration_limits.try_address(&visitor.address)?;
        if settings.proof_of_work {
            self.needs_proof(proof, &visitor.address).await?;
        }
        self.inner.registration_limits.try_mail(&name_key(&typed.mail))?;
        // Also for whoever has an account: it takes as long.
        let hash = self.hash(&password).await?;
        if !settings.verification {
            let context = self.context_as(nobody(&visitor.address));
            self.is_free(&input.user_name, typed.mail.trim()).await?;
            let user = arriving(&context, input, Origin::Registration);
            let admitted = self.admit(context, Arrival::unverified(user, hash.clone(), password)).await;
            let outcome = admitted.map_err(named)?;
            return self.come_in(&settings, outcome.user, hash, visitor).await;
        }
        let pending = Pending {
            user_name: input.user_name.clone(),
            mail: typed.mail.trim().to_owned(),
            profile: input.profile.clone(),
            hash: hash.clone(),
            password: Some(password.expose_secret().to_owned()),
        };
        let awaited = self.await_verification(&settings, input, pending, &visitor.address).await;
        let (browser, until, user) = awaited.map_err(named)?;
        match user {
            Some(user) => self.come_in(&settings, user, hash, visitor).await,
            None => Ok(Registered::MailSent { browser, until }),
        }
    }

    /// A solution that is none is told to whoever sent it, for a browser with a fresh challenge does better; whoever sends
    /// none at all goes on, a few times an hour.
    async fn needs_proof(&self, proof: String, address: &str) -> Result<()> {
        if proof.is_empty() {
            return Ok(self.inner.registration_limits.try_unproven(address)?);
        }
        let (inner, now) = (std::sync::Arc::clone(&self.inner), self.now());
        let checked = tokio::task::spawn_blocking(move || inner.proof_of_work.check(&proof, now)).await;
        checked.map_err(|_| Error::Hashing)?.map_err(|unproven| Error::invalid("", unproven.to_string()))
    }

    /// Whether nobody is called so, by name or by address.
    async fn is_free(&self, user_name: &str, mail: &str) -> Result<()> {
        let mut conn = self.db().read().await?;
        if anybody_known_as(&mut conn, mail).await?.is_some() {
            return Err(Error::Taken(FieldErrors::of(
                "mail",
                "There is an account with this address. Sign in with it.",
            )));
        }
        if user_name != mail && anybody_known_as(&mut conn, user_name).await?.is_some() {
            return Err(Error::Taken(FieldErrors::of("user_name", NAME_TAKEN)));
        }
        Ok(())
    }

    /// Keeps it until the link is followed; whoever is active at once exists from now on.
    async fn await_verification(
        &self,
        settings: &SelfRegistration,
        input: UserInput,
        pending: Pending,
        address: &str,
    ) -> Result<(SecretString, Timestamp, Option<User>)> {
        let browser = Token::make("", &**self.ids().dice());
        let context = self.context_as(nobody(address));
        let until = context.now.plus(std::time::Duration::from_mins(u64::from(settings.link_minutes)));
        let (settings, hash) = (settings.clone(), browser.hash);
        let pending = std::sync::Arc::new(pending);
        let user = self
            .commit::<_, Error, _>(move |conn| {
                let (context, settings, input) = (context.clone(), settings.clone(), input.clone());
                let (pending, hash) = (std::sync::Arc::clone(&pending), hash.to_vec());
                Box::pin(async move { keep(conn, &context, &settings, input, &pending, hash, until).await })
            })
            .await?;
        Ok((browser.clear, until, user))
    }

    async fn come_in(
        &self,
        settings: &SelfRegistration,
        user: User,
        hash: String,
        visitor: Visitor,
    ) -> Result<Registered> {
        let signed_in = if settings.sign_in {
            self.begin_session(user, By::Password(hash), visitor.address, &visitor.agent).await?
        } else {
            None
        };
        Ok(Registered::In { signed_in })
    }

    /// What a verification link opens, for the browser that holds this token of its own.
    pub async fn verification(&self, token: &str, browser: Option<&str>) -> Result<Verification> {
        let mut conn = self.db().read().await?;
        let Some(found) = registrations::by_token(&mut conn, &hash_token(token)).await? else {
            return Ok(Verification::Unknown);
        };
        if found.verified {
            return Ok(Verification::Used);
        }
        let body = registrations::body(&mut conn, self.db().vault(), found.id).await?;
        let Some(pending) = body.filter(|_| found.expires_at > self.now()).and_then(|body| read(&body)) else {
            return Ok(Verification::Late);
        };
        let needs_password = !is_browser(&found, browser);
        Ok(Verification::Open { mail: pending.mail, expires_at: found.expires_at, needs_password })
    }

    /// Follows a verification link. Refused by a Blocking system, the registration stays and so does its link.
    pub async fn verify(
        &self,
        token: &str,
        browser: Option<&str>,
        password: &SecretString,
        visitor: Visitor,
    ) -> Result<Option<SignedIn>> {
        self.inner.sign_in_limits.try_once(token, &visitor.address)?;
        let (found, pending) = self.open_registration(token).await?;
        if !is_browser(&found, browser) {
            let hash = Some(pending.hash.clone());
            if !self.inner.hasher.verify(password, hash).await.map_err(|_| Error::Hashing)? {
                return Err(Error::invalid("password", "This is not the password that was chosen at registration."));
            }
        }
        let settings = self.setting_now::<SelfRegistration>().await?.value;
        let context = self.context_as(nobody(&visitor.address));
        let user = if let Some(user) = found.user_id {
            self.confirm(context, found.id, user, pending.clone()).await?
        } else {
            self.is_free(&pending.user_name, &pending.mail).await?;
            let mut input = pending.input();
            // A definition may have changed since they gave this, and here they cannot correct it.
            input.profile.extensions = still_taken(&self.schemas_now().await?.extensions, &input.profile.extensions);
            let user = arriving(&context, input.check()?, Origin::Registration);
            let password = pending.password.clone().map(SecretString::from);
            let arrival = Arrival::by_registration(user, pending.hash.clone(), password, found.id);
            self.admit(context, arrival).await?.user
        };
        match self.come_in(&settings, user, pending.hash, visitor).await? {
            Registered::In { signed_in } => Ok(signed_in),
            Registered::MailSent { .. } => Ok(None),
        }
    }

    async fn open_registration(&self, token: &str) -> Result<(Registration, Pending)> {
        let gone = || Error::Conflict("This link does not work any more. Register again.".to_owned());
        let mut conn = self.db().read().await?;
        let found = registrations::by_token(&mut conn, &hash_token(token)).await?.ok_or_else(gone)?;
        if found.verified {
            return Err(Error::Conflict("This link was used already: the address is confirmed. Sign in.".to_owned()));
        }
        let body = registrations::body(&mut conn, self.db().vault(), found.id).await?;
        let pending = body.filter(|_| found.expires_at > self.now()).and_then(|body| read(&body)).ok_or_else(gone)?;
        Ok((found, pending))
    }

    async fn confirm(&self, context: Context, id: RegistrationId, user: UserId, pending: Pending) -> Result<User> {
        self.commit::<_, Error, _>(move |conn| {
            let (context, pending) = (context.clone(), pending.clone());
            Box::pin(async move {
                let user = match users::get_any(conn, user).await? {
                    Some(user) if user.staged => return Err(Error::Conflict(IN_USE.to_owned())),
                    found => found.ok_or(Error::NotFound("user"))?,
                };
                confirmed(conn, &context, id, user, Some(&pending)).await
            })
        })
        .await
    }

    /// Erases what expired, and whoever was active at once and never showed that the address is theirs.
    pub async fn tidy_registrations(&self) -> Result<bool> {
        let context = self.context_as(Actor::usher());
        self.commit::<_, Error, _>(move |conn| {
            let context = context.clone();
            Box::pin(async move {
                let late = registrations::unverified(conn, context.now, DELETED_AT_ONCE).await?;
                for user in &late {
                    if users::get(conn, *user).await?.is_some_and(|user| user.excluded && user.role.is_none()) {
                        remove_user(conn, &context, true, *user, None).await?;
                    }
                    registrations::reopen(conn, *user).await?;
                }
                registrations::delete_expired(conn, context.now, context.now.minus(REMEMBERED)).await?;
                Ok(i64::try_from(late.len()).is_ok_and(|late| late == DELETED_AT_ONCE))
            })
        })
        .await
    }
}

/// The address of somebody who was active at once is theirs: now their accounts follow, with the password that they
/// chose if it is still the one they have.
async fn confirmed(
    conn: &mut Conn,
    context: &Context,
    id: RegistrationId,
    user: User,
    pending: Option<&Pending>,
) -> Result<User> {
    registrations::verified(conn, id).await?;
    let user = User { excluded: false, version: user.version + 1, updated_at: context.now, ..user };
    users::update(conn, &user).await?;
    let topology = Topology::load(conn).await?;
    let existing = deliveries::of_subject(conn, user.id.into()).await?;
    let plans = planning::plan(&user, Change::Created, &topology.provisioners, &existing);
    if let Some(Pending { hash, password: Some(password), .. }) = pending
        && topology.passes_passwords(&connectors_of(&plans))
        && passwords::get(conn, user.id).await?.as_ref() == Some(hash)
    {
        let (password, until) = (SecretString::from(password.as_str()), context.now.plus(SEALED_FOR));
        passwords::seal(conn, &context.vault, user.id, &password, until).await?;
    }
    context.want(conn, user.id.into(), &user.user_name, &plans).await?;
    let about = About { kind: "user", id: Some(user.id.0), label: &user.user_name };
    context.record(conn, "user.verify", about, json!({ "systems": plans.len() })).await?;
    Ok(user)
}

/// Somebody followed another mail to their address: that shows as much as the one that they never found.
pub(crate) async fn shown(conn: &mut Conn, context: &Context, user: &User) -> Result<()> {
    if let Some(open) = registrations::of_user(conn, user.id).await?.filter(|one| !one.verified) {
        confirmed(conn, context, open.id, user.clone(), None).await?;
    }
    Ok(())
}

/// Whether somebody who registered has shown that their address is theirs; of everybody else an administrator or a
/// provider says so.
pub(crate) async fn is_proven(conn: &mut Conn, user: &User) -> Result<bool> {
    if user.origin != Origin::Registration {
        return Ok(true);
    }
    Ok(registrations::of_user(conn, user.id).await?.is_some_and(|registration| registration.verified))
}

/// Of a bounded number of groups: the first by name, which are all in most places, and those with a word that begins like
/// one of this name.
async fn called_nearly(conn: &mut Conn, name: &str) -> Result<Vec<String>> {
    let mut candidates = groups::list(conn, "", NAMES_COMPARED).await?;
    for word in name.split_whitespace().take(WORDS_COMPARED) {
        let begins: String = word.chars().take(2).collect();
        if let Some(search) = Search::read(&begins) {
            let found = group_terms::find(conn, &search, None, FOUND_COMPARED).await?;
            let ids: Vec<_> = found.entries.iter().map(|entry| entry.group_id).collect();
            candidates.extend(groups::by_ids(conn, &ids).await?);
        }
    }
    Ok(nearest(name, candidates.into_iter().map(|group| group.display_name).collect(), NAMES_TOLD))
}

fn nobody(address: &str) -> Actor {
    Actor { kind: ActorKind::Nobody, id: None, label: String::new(), address: address.to_owned() }
}

fn is_browser(registration: &Registration, browser: Option<&str>) -> bool {
    browser.is_some_and(|token| hash_token(token)[..] == registration.browser_hash[..])
}

fn read(body: &[u8]) -> Option<Pending> {
    serde_json::from_slice(body).ok()
}

/// Puts the mail in line that belongs to it; answers whoever is active at once.
async fn keep(
    conn: &mut Conn,
    context: &Context,
    settings: &SelfRegistration,
    input: UserInput,
    pending: &Pending,
    browser_hash: Vec<u8>,
    until: Timestamp,
) -> Result<Option<User>> {
    // Whoever gets the mail may never have heard of us: what a stranger typed is no message to them.
    let name = input.profile.label().filter(|name| is_plain_name(name)).unwrap_or_else(|| pending.mail.clone());
    // Before the address is looked up: the answer is the same whether or not it is known.
    attributes::are_free(conn, &input.profile.extensions).await?;
    if let Some(known) = anybody_known_as(conn, &pending.mail).await? {
        context.post(conn, Kind::Registered, &pending.mail, &known.label(), Some(known.id.0)).await?;
        return Ok(None);
    }
    if !settings.mail_is_user_name && anybody_known_as(conn, &input.user_name).await?.is_some() {
        return Err(Error::Taken(FieldErrors::of("user_name", NAME_TAKEN)));
    }
    let topology = Topology::load(conn).await?;
    let user = arriving(context, input, Origin::Registration);
    let plans = planning::plan(&user, Change::Created, &topology.provisioners, &[]);
    let password = pending.password.clone().filter(|_| topology.passes_passwords(&connectors_of(&plans)));
    let body = serde_json::to_vec(&Pending { password, ..pending.clone() }).unwrap_or_default();
    let registration = Registration {
        id: context.ids.make(),
        browser_hash,
        user_id: None,
        verified: false,
        created_at: context.now,
        expires_at: until,
    };
    registrations::insert(conn, &context.vault, &registration, &name_key(&pending.mail), &body).await?;
    context.post(conn, Kind::Verification, &pending.mail, &name, Some(registration.id.0)).await?;
    let about = About { kind: "registration", id: Some(registration.id.0), label: &pending.mail };
    context.record(conn, "registration.begin", about, json!({})).await?;
    if !settings.activate_at_once {
        return Ok(None);
    }
    let mut user = User { excluded: true, ..user };
    let settled = attributes::settle(conn, &Map::new(), &user.profile.extensions).await?;
    if let Some(settled) = &settled {
        user.profile.extensions = settled.values.clone();
    }
    registrations::begin(conn, registration.id, user.id).await?;
    users::insert(conn, &user).await?;
    attributes::keep(conn, user.id, settled.as_ref()).await?;
    passwords::set(conn, user.id, &pending.hash, context.now).await?;
    onboarding::record_creation(conn, context, &user, true).await?;
    Ok(Some(user))
}

/// Somebody comes of a registration: it is used now, unless they are refused.
pub(crate) async fn begin(conn: &mut Conn, id: RegistrationId, user: UserId) -> Result<()> {
    match registrations::begin(conn, id, user).await {
        Err(storage::Error::RowCount { .. }) => Err(Error::Conflict(IN_USE.to_owned())),
        begun => Ok(begun?),
    }
}

/// Somebody is real who registered: they join the groups that are set for it.
pub(crate) async fn came(conn: &mut Conn, context: &Context, user: &User) -> Result<()> {
    let registration = registrations::of_user(conn, user.id).await?;
    if let Some(registration) = registration.filter(|_| !user.excluded) {
        registrations::verified(conn, registration.id).await?;
    }
    let settings = settings::read::<SelfRegistration>(conn).await?.value;
    for group in &settings.groups {
        if let Some(note) = imports::join(conn, context, user.id, group, false).await? {
            tracing::warn!(user.name = %user.user_name, "{note}");
        }
    }
    Ok(())
}
