//! Signing in by another system: to the provider and back, and what becomes of whoever comes.
//!
//! What is under way waits in a row of its own, found by the hash of a token: the `state` while the browser is at the
//! provider, then the token of a page that asks, waits or explains. Such a page changes nothing by being opened: where a
//! new account has to be waited for, the browser is given the token of a session that begins once the account is there.

use std::time::Duration;

use auth::{
    Token, hash_token,
    oidc::{Ask, Callback, Identity, Kept, Problem},
};
use domain::{
    ConnectionId, ProviderLinkId, SignInId, Timestamp, UserId,
    connection::{Connection, Life},
    group::{GroupInput, MemberChange},
    identity::{self, GroupSync, IdentityProvider, LinkAttribute, Misfit},
    onboarding::Rejection,
    user::{Origin, User, UserInput},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use storage::{
    Conn,
    audit::{Actor, ActorKind},
    connections, groups, identity_providers,
    provider_links::{self, ProviderLink},
    sessions::{self, Source},
    sign_ins, users,
};

use crate::{
    Directory, Error, Result,
    change::{About, Context},
    details::Details,
    groups::change_group,
    imports,
    recovery::anybody_known_as,
    registration::{Visitor, is_proven},
    sign_in::{By, SignedIn, may_enter},
    users::{Arrival, Revision, arriving, change_user},
};

/// How long a sign-in may take, at the provider and after it.
pub const LIFETIME: Duration = Duration::from_mins(10);
/// How long a browser is kept waiting before it is shown that it waits.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// How often a sign-in looks whether another one has made the account.
const LOOKS_EVERY: Duration = Duration::from_millis(150);
/// And how often at most: longer than any provisioner may be waited for.
const LOOKS: usize = 600;
/// How long a sign-out waits to learn where the provider signs people out.
const LEAVING: Duration = Duration::from_secs(2);
/// How long a sign-out token is remembered.
const LOGOUT_TOKEN_KEPT: Duration = Duration::from_hours(24);

/// Where to send a browser that wants to sign in.
#[derive(Debug)]
pub struct Started {
    /// The page that sends it on to the provider.
    pub page: SecretString,
    /// The browser keeps it: only the browser that began may come back.
    pub browser: SecretString,
}

/// What the provider sent the browser back with.
#[derive(Clone, Debug, Default)]
pub struct Brought {
    pub state: String,
    pub code: Option<SecretString>,
    pub iss: Option<String>,
    pub error: Option<String>,
    pub error_description: Option<String>,
}

/// What became of a sign-in.
#[derive(Debug)]
pub enum Arrived {
    In {
        signed_in: SignedIn,
        return_to: String,
    },
    /// The page at this token tells the rest; the session, if any, begins once the account is there.
    Page {
        token: SecretString,
        session: Option<SecretString>,
    },
}

/// What a page of a sign-in under way tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The account here is made only if they agree: what of them is known.
    Consent {
        connection: String,
        told: Vec<(&'static str, String)>,
    },
    /// The systems are being asked.
    Waiting {
        connection: String,
        return_to: String,
    },
    /// The account is there.
    Ready {
        connection: String,
        return_to: String,
    },
    Refused {
        connection: ConnectionId,
        name: String,
        text: String,
        return_to: String,
    },
    /// On to the provider's own page: to sign in, or to sign out there too.
    Going {
        connection: String,
        url: String,
    },
    Unknown,
}

#[derive(Serialize, Deserialize)]
enum Stage {
    AtProvider { nonce: String, verifier: Option<String>, browser: Vec<u8>, return_to: String },
    Consent { seen: Seen, browser: Vec<u8>, return_to: String },
    Waiting { user: UserId, return_to: String },
    Refused { text: String, return_to: String },
    Going { url: String },
}

/// Somebody as a provider says that they are.
#[derive(Clone, Serialize, Deserialize)]
struct Seen {
    subject: String,
    claims: Map<String, Value>,
    session: Option<String>,
    id_token: Option<String>,
}

impl From<Identity> for Seen {
    fn from(identity: Identity) -> Self {
        let Identity { subject, claims, id_token, session_id, .. } = identity;
        let id_token = id_token.map(|token| token.expose_secret().to_owned());
        Self { subject, claims, session: session_id, id_token }
    }
}

impl Seen {
    /// How they are known there.
    fn label(&self) -> String {
        let names = ["email", "preferred_username", "login", "name"];
        let label = names.iter().find_map(|name| self.claims.get(*name)?.as_str()).unwrap_or(&self.subject);
        label.chars().take(200).collect()
    }

    fn by(&self, connection: &Connection) -> By {
        By::Provider {
            source: Source {
                connection_id: connection.id,
                provider_session: self.session.clone(),
                id_token: self.id_token.clone().map(SecretString::from),
            },
            subject: self.subject.clone(),
            name: connection.name.clone(),
        }
    }
}

/// Somebody's first sign-in at a connection: the link that goes with them.
#[derive(Clone, Debug)]
pub(crate) struct Newcomer {
    connection: ConnectionId,
    subject: String,
    label: String,
}

impl Newcomer {
    pub(crate) async fn link(&self, conn: &mut Conn, context: &Context, user: UserId) -> Result<()> {
        let link = ProviderLink {
            id: context.ids.make(),
            connection_id: self.connection,
            subject: self.subject.clone(),
            user_id: user,
            label: self.label.clone(),
            created_at: context.now,
            seen_at: context.now,
        };
        Ok(provider_links::insert(conn, &link).await?)
    }
}

/// Who somebody turned out to be here.
enum Found {
    Known(User),
    /// Their account is being made, by a sign-in that was quicker.
    Coming(UserId),
    /// An account here that a rule says is theirs.
    Linked(User),
    Nobody,
    Refused(String),
}

/// A sign-in once the provider has said who it is.
struct Coming {
    connection: Connection,
    settings: IdentityProvider,
    seen: Seen,
    return_to: String,
    /// Of the token that the browser holds which began.
    browser: Vec<u8>,
    visitor: Visitor,
}

impl Directory {
    /// Begins a sign-in at a connection. As often as somebody may try to sign in.
    pub async fn begin_sign_in_at(&self, id: ConnectionId, return_to: &str, address: &str) -> Result<Started> {
        // Many begin at one connection at the same time: their addresses alone are counted.
        self.inner.sign_in_limits.try_address(address)?;
        let (connection, provider) = self.open_connection(id).await?;
        let begun = self.oidc()?.clone().begin(&provider, &self.callback(id)?, &Ask::default()).await;
        let begun = begun.map_err(|problem| told(&connection, &problem))?;
        let browser = Token::make("", &**self.ids().dice());
        let stage = Stage::AtProvider {
            nonce: begun.nonce.expose_secret().to_owned(),
            verifier: begun.verifier.as_ref().map(|verifier| verifier.expose_secret().to_owned()),
            browser: browser.hash.to_vec(),
            return_to: return_to.to_owned(),
        };
        self.keep_stage(id, hash_token(begun.state.expose_secret()).to_vec(), stage).await?;
        let page = self.page(id, Stage::Going { url: begun.url.to_string() }).await?;
        Ok(Started { page, browser: browser.clear })
    }

    /// Takes whoever comes back from a provider. [`Error::Conflict`] where this sign-in is none of this browser's, or was
    /// taken before; everything else that goes wrong is told by a page.
    pub async fn finish_sign_in_at(
        &self,
        id: ConnectionId,
        brought: Brought,
        browser: Option<&str>,
        visitor: Visitor,
    ) -> Result<Arrived> {
        self.inner.sign_in_limits.try_address(&visitor.address)?;
        let (nonce, verifier, return_to) = self.take_state(id, &brought.state, browser).await?;
        let (connection, provider) = self.open_connection(id).await?;
        let callback = match (brought.error, brought.code) {
            (None, Some(code)) => Callback { code, iss: brought.iss },
            (error, _) => {
                let error = error.unwrap_or_else(|| "no code came back".to_owned());
                let problem = Problem::of_callback(&error, brought.error_description.as_deref());
                return self.refused_by(&connection, &problem, return_to, &visitor).await;
            }
        };
        let kept = Kept { nonce: nonce.into(), verifier: verifier.map(SecretString::from), max_age: None };
        let settings = {
            let mut conn = self.db().read().await?;
            identity_providers::get(&mut conn, id).await?.ok_or(Error::NotFound("connection"))?.settings
        };
        match self.oidc()?.clone().finish(&provider, &self.callback(id)?, &callback, &kept).await {
            Ok(identity) => {
                let browser = browser.map(|token| hash_token(token).to_vec()).unwrap_or_default();
                let coming = Coming { connection, settings, seen: identity.into(), return_to, browser, visitor };
                self.come(coming, false).await
            }
            Err(problem) => self.refused_by(&connection, &problem, return_to, &visitor).await,
        }
    }

    /// Somebody agrees that an account is made of what their provider told.
    pub async fn consent_to_sign_in(&self, token: &str, browser: Option<&str>, visitor: Visitor) -> Result<Arrived> {
        let gone = || Error::Conflict("This sign-in has expired. Start again.".to_owned());
        let (found, stage) = self.find_stage(token).await?.ok_or_else(gone)?;
        let Stage::Consent { seen, browser: begun, return_to } = stage else { return Err(gone()) };
        if !is_same(browser, &begun) {
            return Err(Error::Conflict("This sign-in was begun in another browser. Start again.".to_owned()));
        }
        if !self.take_row(found.0).await? {
            return Err(gone());
        }
        let (connection, _) = self.open_connection(found.1).await?;
        let settings = {
            let mut conn = self.db().read().await?;
            identity_providers::get(&mut conn, found.1).await?.ok_or_else(gone)?.settings
        };
        self.come(Coming { connection, settings, seen, return_to, browser: begun, visitor }, true).await
    }

    /// What the page at a token tells; it changes nothing.
    pub async fn sign_in_standing(&self, token: &str, browser: Option<&str>) -> Result<Standing> {
        let Some((found, stage)) = self.find_stage(token).await? else { return Ok(Standing::Unknown) };
        let mut conn = self.db().read().await?;
        let Some(connection) = connections::get(&mut conn, found.1).await? else { return Ok(Standing::Unknown) };
        let name = connection.name;
        Ok(match stage {
            Stage::AtProvider { .. } => Standing::Unknown,
            // Who somebody is, is nothing for whoever has the address of the page alone.
            Stage::Consent { browser: begun, .. } if !is_same(browser, &begun) => Standing::Unknown,
            Stage::Consent { seen, .. } => {
                let settings = identity_providers::get(&mut conn, found.1).await?.map(|kept| kept.settings);
                Standing::Consent { connection: name, told: settings.map(|one| known(&one, &seen)).unwrap_or_default() }
            }
            Stage::Waiting { user, return_to } => match users::get_any(&mut conn, user).await? {
                Some(user) if user.staged => Standing::Waiting { connection: name, return_to },
                Some(_) => Standing::Ready { connection: name, return_to },
                None => {
                    let text = "Your account could not be made. Try again.".to_owned();
                    Standing::Refused { connection: found.1, name, text, return_to }
                }
            },
            Stage::Refused { text, return_to } => Standing::Refused { connection: found.1, name, text, return_to },
            Stage::Going { url } => Standing::Going { connection: name, url },
        })
    }

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

    /// A connection that is switched on, as the protocol wants it.
    async fn open_connection(&self, id: ConnectionId) -> Result<(Connection, auth::oidc::Provider)> {
        let mut conn = self.db().read().await?;
        let open = connections::get(&mut conn, id).await?.filter(|one| one.enabled && one.life == Life::Active);
        let connection = open.ok_or(Error::NotFound("connection"))?;
        let provider = self.provider(&mut conn, id).await?.ok_or(Error::NotFound("connection"))?;
        Ok((connection, provider))
    }

    async fn come(&self, coming: Coming, agreed: bool) -> Result<Arrived> {
        let found = {
            let mut conn = self.db().read().await?;
            find(&mut conn, &coming).await?
        };
        match found {
            Found::Refused(text) => self.explain(&coming, text).await,
            Found::Known(user) | Found::Linked(user) if !may_enter(&user) => {
                self.explain(&coming, "Your account here is locked or disabled. Ask an administrator.".to_owned()).await
            }
            Found::Known(user) => self.enter(coming, user, false).await,
            Found::Linked(user) => self.enter(coming, user, true).await,
            Found::Coming(user) => self.join(coming, user).await,
            Found::Nobody if !coming.settings.jit || coming.settings.skip_without_account => {
                let text = "There is no account for you here. Ask an administrator for one.".to_owned();
                self.explain(&coming, text).await
            }
            Found::Nobody if coming.settings.consent && !agreed => {
                if let Err(misfit) = coming.settings.newcomer(&coming.seen.claims) {
                    return self.misfits(&coming, &misfit).await;
                }
                let stage = Stage::Consent {
                    seen: coming.seen.clone(),
                    browser: coming.browser.clone(),
                    return_to: coming.return_to.clone(),
                };
                Ok(Arrived::Page { token: self.page(coming.connection.id, stage).await?, session: None })
            }
            Found::Nobody => self.create(coming).await,
        }
    }

    /// Somebody who has an account: it is brought in line with what the provider says, and waits for nobody.
    async fn enter(&self, coming: Coming, user: User, first: bool) -> Result<Arrived> {
        let token = Token::make("", &**self.ids().dice());
        match self.in_step(&coming, user, first, token).await? {
            Some(signed_in) => Ok(Arrived::In { signed_in, return_to: coming.return_to }),
            None => self.explain(&coming, "Your account here was changed meanwhile. Start again.".to_owned()).await,
        }
    }

    async fn in_step(&self, coming: &Coming, user: User, first: bool, token: Token) -> Result<Option<SignedIn>> {
        let Visitor { address, agent } = coming.visitor.clone();
        let actor = Actor { kind: ActorKind::User, id: Some(user.id.0), label: user.label(), address: address.clone() };
        let (context, id) = (self.context_as(actor), user.id);
        let (settings, seen, connection) = (coming.settings.clone(), coming.seen.clone(), coming.connection.clone());
        let user = self
            .commit::<_, Error, _>(move |conn| {
                let (context, settings) = (context.clone(), settings.clone());
                let (seen, connection) = (seen.clone(), connection.clone());
                Box::pin(async move {
                    let user = users::get(conn, id).await?.ok_or(Error::NotFound("user"))?;
                    if first {
                        link_by_rule(conn, &context, &connection, &seen, &user).await?;
                    }
                    follow(conn, &context, &settings, &connection, &seen, user).await
                })
            })
            .await?;
        self.begin_session_with(token, user, coming.seen.by(&coming.connection), address, &agent).await
    }

    /// Somebody new. Where systems have to be asked first, a page says so after a moment.
    async fn create(&self, coming: Coming) -> Result<Arrived> {
        let input = match coming.settings.newcomer(&coming.seen.claims) {
            Ok(input) => input,
            Err(misfit) => return self.misfits(&coming, &misfit).await,
        };
        let context = self.context_as(nobody(&coming.visitor.address));
        let user = arriving(&context, input, Origin::Jit);
        let newcomer = Newcomer {
            connection: coming.connection.id,
            subject: coming.seen.subject.clone(),
            label: coming.seen.label(),
        };
        let (id, arrival) = (user.id, Arrival::by_provider(user, newcomer));
        let directory = self.clone();
        let making = async move {
            let outcome = directory.admit(context, arrival).await?;
            Ok(outcome.user)
        };
        self.wait_and_enter(coming, id, making).await
    }

    /// Waits for an account that another sign-in is making.
    async fn join(&self, coming: Coming, user: UserId) -> Result<Arrived> {
        let directory = self.clone();
        self.wait_and_enter(coming, user, async move { directory.once_there(user).await }).await
    }

    async fn once_there(&self, user: UserId) -> Result<User> {
        for _ in 0..LOOKS {
            let found = {
                let mut conn = self.db().read().await?;
                users::get_any(&mut conn, user).await?
            };
            match found {
                Some(user) if user.staged => tokio::time::sleep(LOOKS_EVERY).await,
                Some(user) => return Ok(user),
                None => break,
            }
        }
        Err(Error::NotAccepted(Vec::new()))
    }

    /// Lets `making` go on whatever the browser does, and shows a page where it takes longer than a moment. The session
    /// begins with the account.
    async fn wait_and_enter(
        &self,
        coming: Coming,
        id: UserId,
        making: impl Future<Output = Result<User>> + Send + 'static,
    ) -> Result<Arrived> {
        let token = Token::make("", &**self.ids().dice());
        let (directory, clear) = (self.clone(), token.clear.clone());
        let (connection, return_to) = (coming.connection.id, coming.return_to.clone());
        let mut entering = tokio::spawn(async move { directory.make_and_enter(coming, making, token).await });
        if let Ok(done) = tokio::time::timeout(PATIENCE, &mut entering).await {
            done.unwrap_or(Err(Error::NoEngine))
        } else {
            let waited_to = return_to.clone();
            let stage = Stage::Waiting { user: id, return_to };
            let page = Token::make("", &**self.ids().dice());
            let row = self.keep_stage(connection, page.hash.to_vec(), stage).await?;
            let directory = self.clone();
            tokio::spawn(async move {
                let done = entering.await.unwrap_or(Err(Error::NoEngine));
                directory.settle_page(row, done, waited_to).await;
            });
            Ok(Arrived::Page { token: page.clear, session: Some(clear) })
        }
    }

    async fn make_and_enter(
        &self,
        coming: Coming,
        making: impl Future<Output = Result<User>> + Send,
        token: Token,
    ) -> Result<Arrived> {
        let made = match making.await {
            Err(Error::Taken(_)) => match self.quicker(&coming).await? {
                Some(user) => self.once_there(user).await,
                None => return self.explain(&coming, TAKEN.to_owned()).await,
            },
            made => made,
        };
        let user = match made {
            Ok(user) => user,
            Err(Error::NotAccepted(rejections)) => {
                let text = not_made(&rejections, "Nothing was kept: try again later.");
                return self.explain(&coming, text).await;
            }
            Err(Error::Invalid(errors)) => return self.misfits(&coming, &Misfit::Refused(errors)).await,
            Err(error) => return Err(error),
        };
        match self.in_step(&coming, user, false, token).await? {
            Some(signed_in) => Ok(Arrived::In { signed_in, return_to: coming.return_to }),
            None => self.explain(&coming, "Your account here was changed meanwhile. Start again.".to_owned()).await,
        }
    }

    /// A name was taken: by the same person's other sign-in, which is joined, or by somebody else.
    async fn quicker(&self, coming: &Coming) -> Result<Option<UserId>> {
        let mut conn = self.db().read().await?;
        let link = provider_links::by_subject(&mut conn, coming.connection.id, &coming.seen.subject).await?;
        Ok(link.map(|link| link.user_id))
    }

    /// The page that waited tells how it ended. A session that began is found by the browser, which holds its token.
    async fn settle_page(&self, row: SignInId, done: Result<Arrived>, return_to: String) {
        let text = match done {
            Ok(Arrived::In { .. }) => return,
            Ok(Arrived::Page { token, .. }) => match self.find_stage(token.expose_secret()).await {
                Ok(Some((_, Stage::Refused { text, .. }))) => text,
                _ => return,
            },
            Err(error) => {
                tracing::error!(error = %error, "A sign-in by another system could not be finished.");
                "Something went wrong here. Try again.".to_owned()
            }
        };
        let stage = Stage::Refused { text, return_to };
        let (vault, body) = (self.db().vault().clone(), written(&stage));
        let told = self
            .db()
            .write::<_, Error, _>(move |conn| {
                let (vault, body) = (vault.clone(), body.clone());
                Box::pin(async move { Ok(sign_ins::update(conn, &vault, row, &body).await?) })
            })
            .await;
        if let Err(error) = told {
            tracing::error!(error = %error, "What became of a sign-in could not be kept.");
        }
    }

    async fn misfits(&self, coming: &Coming, misfit: &Misfit) -> Result<Arrived> {
        let name = &coming.connection.name;
        tracing::warn!(connection = %name, "Somebody could not come in by what their provider says of them: {misfit}.");
        let text = format!("What {name} says of you makes no account here: {misfit}. Tell an administrator.");
        self.explain(coming, text).await
    }

    async fn explain(&self, coming: &Coming, text: String) -> Result<Arrived> {
        self.record_refusal(&coming.connection, &coming.visitor.address, &text).await;
        let stage = Stage::Refused { text, return_to: coming.return_to.clone() };
        Ok(Arrived::Page { token: self.page(coming.connection.id, stage).await?, session: None })
    }

    async fn refused_by(
        &self,
        connection: &Connection,
        problem: &Problem,
        return_to: String,
        visitor: &Visitor,
    ) -> Result<Arrived> {
        tracing::warn!(connection = %connection.name, client.address = %visitor.address, "A sign-in was refused: {problem}");
        self.record_refusal(connection, &visitor.address, &problem.to_string()).await;
        let stage = Stage::Refused { text: problem.for_visitors().to_owned(), return_to };
        Ok(Arrived::Page { token: self.page(connection.id, stage).await?, session: None })
    }

    /// So many an hour, as with passwords.
    async fn record_refusal(&self, connection: &Connection, address: &str, why: &str) {
        if !self.inner.sign_in_limits.records_failure(&connection.id.to_string()) {
            return;
        }
        let (context, connection, why) = (self.context_as(nobody(address)), connection.clone(), why.to_owned());
        let recorded = self.db().write::<_, Error, _>(move |conn| {
            let (context, connection, why) = (context.clone(), connection.clone(), why.clone());
            Box::pin(async move {
                let about = About { kind: "connection", id: Some(connection.id.0), label: &connection.name };
                context.record(conn, "session.refuse", about, Details::default().with("reason", why)).await
            })
        });
        if let Err(error) = recorded.await {
            tracing::error!(error = %error, "A refused sign-in could not be recorded.");
        }
    }

    /// Takes what was kept for a `state`: once, for the browser that began, at the same connection.
    async fn take_state(
        &self,
        id: ConnectionId,
        state: &str,
        browser: Option<&str>,
    ) -> Result<(String, Option<String>, String)> {
        let gone = || {
            Error::Conflict(
                "This sign-in was finished before, has expired, or was begun in another browser. Start again."
                    .to_owned(),
            )
        };
        let ((row, connection), kept) = self.find_stage(state).await?.ok_or_else(gone)?;
        let Stage::AtProvider { nonce, verifier, browser: begun, return_to } = kept else { return Err(gone()) };
        if connection != id || !is_same(browser, &begun) {
            return Err(gone());
        }
        if self.take_row(row).await? { Ok((nonce, verifier, return_to)) } else { Err(gone()) }
    }

    /// Whether it was still there.
    async fn take_row(&self, row: SignInId) -> Result<bool> {
        self.db()
            .write::<_, Error, _>(move |conn| Box::pin(async move { Ok(sign_ins::delete(conn, row).await?) }))
            .await
    }

    async fn find_stage(&self, token: &str) -> Result<Option<((SignInId, ConnectionId), Stage)>> {
        let mut conn = self.db().read().await?;
        let found = sign_ins::find(&mut conn, self.db().vault(), &hash_token(token), self.now()).await?;
        Ok(found.and_then(|found| {
            let stage = serde_json::from_slice(&found.body).ok()?;
            Some(((found.id, found.connection_id), stage))
        }))
    }

    async fn page(&self, connection: ConnectionId, stage: Stage) -> Result<SecretString> {
        let token = Token::make("", &**self.ids().dice());
        self.keep_stage(connection, token.hash.to_vec(), stage).await?;
        Ok(token.clear)
    }

    async fn keep_stage(&self, connection: ConnectionId, hash: Vec<u8>, stage: Stage) -> Result<SignInId> {
        let (id, until) = (self.ids().make::<SignInId>(), self.now().plus(LIFETIME));
        let (vault, body) = (self.db().vault().clone(), written(&stage));
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (vault, body, hash) = (vault.clone(), body.clone(), hash.clone());
                Box::pin(
                    async move { Ok(sign_ins::insert(conn, &vault, (id, &hash), connection, &body, until).await?) },
                )
            })
            .await?;
        Ok(id)
    }
}

const TAKEN: &str = "There is an account here already with this user name or mail address. Sign in with its password, or \
                     ask an administrator.";

fn written(stage: &Stage) -> Vec<u8> {
    serde_json::to_vec(stage).unwrap_or_default()
}

/// Whether it is the browser that began.
fn is_same(browser: Option<&str>, begun: &[u8]) -> bool {
    browser.is_some_and(|token| hash_token(token)[..] == *begun)
}

fn nobody(address: &str) -> Actor {
    Actor { kind: ActorKind::Nobody, id: None, label: String::new(), address: address.to_owned() }
}

fn told(connection: &Connection, problem: &Problem) -> Error {
    tracing::warn!(connection = %connection.name, "A sign-in could not begin: {problem}");
    Error::Conflict(format!("{}: {}", connection.name, problem.for_visitors()))
}

/// Why nobody came of it, for a stranger: which system, and nothing of what it said.
pub fn not_made(rejections: &[Rejection], what_now: &str) -> String {
    let why: Vec<String> = rejections
        .iter()
        .map(|one| {
            if one.said_no {
                format!("{} does not accept the account; an administrator has to see to it.", one.connection)
            } else {
                format!("{} does not answer at the moment.", one.connection)
            }
        })
        .collect();
    format!("Your account could not be made. {} {what_now}", why.join(" ")).replace("  ", " ")
}

/// What of somebody is known, for whoever is asked to agree.
fn known(settings: &IdentityProvider, seen: &Seen) -> Vec<(&'static str, String)> {
    let Ok(input) = settings.newcomer(&seen.claims) else { return Vec::new() };
    let profile = input.profile;
    let name = profile.label();
    let department = profile.enterprise.as_ref().and_then(|one| one.department.clone());
    let phone = profile.phone_numbers.first().map(|one| one.value.clone());
    [
        ("User name", Some(input.user_name)),
        ("Name", name),
        ("Mail address", profile.primary_email().map(str::to_owned)),
        ("Phone number", phone),
        ("Title", profile.title.clone()),
        ("Department", department),
    ]
    .into_iter()
    .filter_map(|(label, value)| Some((label, value?)))
    .collect()
}

async fn find(conn: &mut Conn, coming: &Coming) -> Result<Found> {
    let Coming { connection, settings, seen, .. } = coming;
    if let Some(link) = provider_links::by_subject(conn, connection.id, &seen.subject).await? {
        return Ok(match users::get_any(conn, link.user_id).await? {
            Some(user) if user.staged => Found::Coming(user.id),
            Some(user) => Found::Known(user),
            None => Found::Nobody,
        });
    }
    if let Some(user) = by_rules(conn, settings, seen).await? {
        return Ok(match user.role {
            Some(_) => Found::Refused(
                "The account here that would be yours holds a console role: such accounts are never taken for \
                 somebody's by themselves. Sign in with its password."
                    .to_owned(),
            ),
            None if may_link(conn, connection.id, &user).await? => Found::Linked(user),
            None => Found::Refused(TAKEN.to_owned()),
        });
    }
    let Ok(input) = settings.newcomer(&seen.claims) else { return Ok(Found::Nobody) };
    // Also an address that is not verified, and so not taken over: two people with one confuse everybody.
    let mail = settings.mail_of(&seen.claims).unwrap_or_default();
    let taken = anybody_known_as(conn, &input.user_name).await?.is_some()
        || (!mail.is_empty() && anybody_known_as(conn, &mail).await?.is_some());
    Ok(if taken && settings.jit { Found::Refused(TAKEN.to_owned()) } else { Found::Nobody })
}

/// Not onto somebody who never showed that their address is theirs: whoever registered with another's would be let into
/// their account. Nor onto somebody who is another subject there already: addresses are given to others, subjects never.
async fn may_link(conn: &mut Conn, connection: ConnectionId, user: &User) -> Result<bool> {
    let known = provider_links::of_user(conn, user.id).await?.iter().any(|link| link.connection_id == connection);
    Ok(!known && is_proven(conn, user).await?)
}

/// Whose account it is by what an administrator has allowed: an attribute first, then a verified address.
async fn by_rules(conn: &mut Conn, settings: &IdentityProvider, seen: &Seen) -> Result<Option<User>> {
    let claim = seen.claims.get(settings.link_claim.trim()).and_then(Value::as_str).map(str::trim);
    if let Some(value) = claim.filter(|value| !value.is_empty()) {
        let found = match settings.link_attribute {
            LinkAttribute::UserName => users::by_name(conn, value).await?,
            LinkAttribute::ExternalId => users::by_external_id(conn, value).await?,
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    if settings.link_verified_mail
        && let Some(mail) = identity::verified_mail(&seen.claims)
    {
        let mut having = users::by_mail(conn, mail, 2).await?;
        return Ok(if having.len() == 1 { having.pop() } else { None });
    }
    Ok(None)
}

async fn link_by_rule(
    conn: &mut Conn,
    context: &Context,
    connection: &Connection,
    seen: &Seen,
    user: &User,
) -> Result<()> {
    // Looked at once more in the transaction: a role may have been given meanwhile.
    if user.role.is_some() {
        return Err(Error::Protected("This account holds a console role.".to_owned()));
    }
    if !may_link(conn, connection.id, user).await? {
        return Err(Error::Conflict(TAKEN.to_owned()));
    }
    let newcomer = Newcomer { connection: connection.id, subject: seen.subject.clone(), label: seen.label() };
    newcomer.link(conn, context, user.id).await?;
    let about = About { kind: "user", id: Some(user.id.0), label: &user.user_name };
    context.record(conn, "user.link", about, json!({ "connection": connection.name, "known_as": seen.label() })).await
}

/// Brings somebody in line with what their provider says of them by now.
async fn follow(
    conn: &mut Conn,
    context: &Context,
    settings: &IdentityProvider,
    connection: &Connection,
    seen: &Seen,
    user: User,
) -> Result<User> {
    if let Some(link) = provider_links::by_subject(conn, connection.id, &seen.subject).await? {
        provider_links::seen(conn, link.id, &seen.label(), context.now).await?;
    }
    let mut input = UserInput::of(&user);
    if let Err(misfit) = settings.apply(&seen.claims, settings.attribute_sync, &mut input.profile) {
        tracing::warn!(connection = %connection.name, user.name = %user.user_name, "Attributes did not follow: {misfit}.");
        input = UserInput::of(&user);
    }
    // Whoever holds a console role is found by an address that only people here change; and nobody takes another's.
    if user.role.is_some() || is_anothers(conn, &input, user.id).await? {
        input.profile.emails = user.profile.emails.clone();
    }
    let id = user.id;
    let revision = Revision { input, password: None };
    let (user, _) = change_user(conn, context, true, user, revision, None).await?;
    follow_groups(conn, context, settings, seen, id).await?;
    Ok(user)
}

/// Whether the address that somebody would be found by is one of somebody else's here.
async fn is_anothers(conn: &mut Conn, input: &UserInput, user: UserId) -> Result<bool> {
    let Some(mail) = input.profile.primary_email() else { return Ok(false) };
    Ok(users::by_mail(conn, mail, 2).await?.iter().any(|having| having.id != user))
}

async fn follow_groups(
    conn: &mut Conn,
    context: &Context,
    settings: &IdentityProvider,
    seen: &Seen,
    user: UserId,
) -> Result<()> {
    // A claim that is missing says nothing: some providers leave it out for whoever is in many groups.
    let Some((named, all)) = settings.groups_of(&seen.claims) else { return Ok(()) };
    for name in &named {
        let member = match groups::by_name(conn, name).await? {
            Some(group) => !groups::members_among(conn, group.id, &[user]).await?.is_empty(),
            None => false,
        };
        if !member && let Some(note) = imports::join(conn, context, user, name, false).await? {
            tracing::warn!(user.id = %user, "{note}");
        }
    }
    if settings.group_sync == GroupSync::Merge {
        return Ok(());
    }
    for name in all.iter().filter(|name| !named.contains(name)) {
        let Some(group) = groups::by_name(conn, name).await? else { continue };
        if !groups::members_among(conn, group.id, &[user]).await?.is_empty() {
            let input = GroupInput::of(&group);
            change_group(conn, context, group, input, &[MemberChange::Remove(vec![user])]).await?;
        }
    }
    Ok(())
}

/// A connection that somebody signs in by.
#[derive(Clone, Debug)]
pub struct LinkedProvider {
    pub id: ProviderLinkId,
    pub connection: String,
    /// How they are known there.
    pub label: String,
    pub since: Timestamp,
    pub seen_at: Timestamp,
}

pub(crate) async fn linked(conn: &mut Conn, user: UserId) -> Result<Vec<LinkedProvider>> {
    let mut linked = Vec::new();
    for link in provider_links::of_user(conn, user).await? {
        let connection = connections::get(conn, link.connection_id).await?;
        linked.push(LinkedProvider {
            id: link.id,
            connection: connection.map_or_else(String::new, |connection| connection.name),
            label: link.label,
            since: link.created_at,
            seen_at: link.seen_at,
        });
    }
    Ok(linked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_is_told_which_system_and_not_what_it_said() {
        let said = |said_no| {
            let reason = "http://10.0.0.7/Users: connection refused".to_owned();
            not_made(&[Rejection { connection: "Acme Cloud".to_owned(), reason, said_no }], "Try again later.")
        };
        assert_eq!(
            said(false),
            "Your account could not be made. Acme Cloud does not answer at the moment. Try again later."
        );
        assert!(said(true).contains("does not accept the account") && !said(true).contains("10.0.0.7"));
    }
}
