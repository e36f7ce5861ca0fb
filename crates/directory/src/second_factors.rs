//! Second factors: what people show beside their password, how they set it up, and what becomes of whoever lost it.
//!
//! A sign-in that needs one begins a session that is `half`: [`auth::Who::Half`] may do what is here and nothing else.
//! Showing one makes a whole session of it, under another token. Factors are changed by whoever signed in a moment ago,
//! so that a browser left open gives nobody a lasting way in.

use std::time::Duration;

use auth::{
    Authorised, Token,
    grants::{Grant, OwnAccount, OwnFactors, SecondStep, UsersRead, UsersWrite},
    second_factor::{
        app::AppSecret,
        passkey::{KeptPasskey, Passkeys, Question},
        recovery,
    },
};
use domain::{
    DraftId, SecondFactorId, SessionId, Timestamp, UserId,
    second_factor::{Kind, MOST, RECOVERY_CODES, SecondFactors, name},
    user::User,
    validation::FieldErrors,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
pub use storage::second_factors::SecondFactor;
use storage::{
    Conn, drafts,
    second_factors::{self, Purpose},
    sessions::{self, Session},
    users,
};

use crate::{
    Directory, Error, Result,
    change::{About, Context},
    drafts::KEPT_FOR,
    settings::{self, Setting},
    sign_in::{By, LONGEST, SignedIn, may_enter},
    users::within_reach,
};

/// Factors are changed within this long after signing in.
pub const FRESH: Duration = Duration::from_mins(15);
/// What is being set up or asked is good for this long.
const STEP: Duration = Duration::from_mins(10);
/// Wrong answers that end a session which is half way.
const WRONG: i64 = 5;

const WRONG_CODE: &str = "This code is not right, or it was used already. Wait for the next one.";
const WRONG_PASSKEY: &str = "This passkey was not accepted. Try again, or use a code.";
const SIGN_IN_AGAIN: &str =
    "You signed in a while ago. Sign in again, then change this: so nobody does who finds your browser open.";

impl Setting for SecondFactors {
    const NAME: &'static str = "second_factors";
    const LABEL: &'static str = "Multi-Factor Authentication";

    fn check(self) -> Result<Self, FieldErrors> {
        Ok(self)
    }
}

/// What a sign-in that is half way waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Whose sign-in it is, as shown.
    pub name: String,
    /// They have none, and set one up.
    pub set_up: bool,
    pub app: bool,
    pub passkey: bool,
}

/// What came of an answer.
#[derive(Debug)]
pub enum Shown {
    In(SignedIn),
    /// One wrong answer too many: they begin again.
    Over,
}

/// What somebody has, as they see it themselves.
#[derive(Clone, Debug)]
pub struct Mine {
    pub factors: Vec<SecondFactor>,
    pub codes_left: i64,
    /// They have to have one.
    pub required: bool,
    /// They signed in a moment ago, and may change them.
    pub fresh: bool,
}

/// An app that is being set up.
#[derive(Clone, Debug)]
pub struct SettingUp {
    /// `otpauth://…`, for the device that this is read on.
    pub uri: SecretString,
    /// The same as an SVG image to scan.
    pub image: String,
    /// To be typed.
    pub key: SecretString,
}

/// A factor was added.
#[derive(Debug)]
pub struct Added {
    /// They were half way, and are in.
    pub signed_in: Option<SignedIn>,
    /// It was their first: their recovery codes, to be read once.
    pub codes: Option<DraftId>,
}

#[derive(Clone, Debug)]
enum Answer {
    Code(String),
    Passkey(String),
}

/// Whose factors are changed, from which session.
struct Holder {
    user: User,
    session: SessionId,
    half: bool,
    present: Vec<SecondFactor>,
}

/// Whether a sign-in asks for more after its first step.
pub(crate) async fn asks_more(conn: &mut Conn, user: &User, by: &By) -> Result<bool> {
    let settings = settings::read::<SecondFactors>(conn).await?.value;
    let has_one = second_factors::has_any(conn, user.id).await?;
    if has_one && matches!(by, By::NewPassword { .. }) {
        return Ok(false);
    }
    Ok(settings.asks_more(user.role, has_one, matches!(by, By::Provider { .. })))
}

impl Directory {
    pub async fn second_step(&self, who: &Authorised<SecondStep>) -> Result<Step> {
        let (id, _) = held(who)?;
        let mut conn = self.db().read().await?;
        let user = users::get(&mut conn, id).await?.ok_or(Error::NotFound("user"))?;
        let factors = second_factors::of_user(&mut conn, id).await?;
        drop(conn);
        let has = |kind| factors.iter().any(|factor| factor.kind == kind);
        let passkey = has(Kind::Passkey) && self.passkeys().await?.is_some();
        Ok(Step { name: user.label(), set_up: factors.is_empty(), app: has(Kind::App), passkey })
    }

    /// A code of an app, or a recovery code.
    pub async fn show_code(&self, who: &Authorised<SecondStep>, typed: &str) -> Result<Shown> {
        self.show(who, Answer::Code(typed.to_owned())).await
    }

    /// What the browser answered to [`Directory::ask_for_passkey`].
    pub async fn show_passkey(&self, who: &Authorised<SecondStep>, answer: &str) -> Result<Shown> {
        self.show(who, Answer::Passkey(answer.to_owned())).await
    }

    /// The options that the browser is given to ask for a passkey.
    pub async fn ask_for_passkey(&self, who: &Authorised<SecondStep>) -> Result<Value> {
        let (id, session) = held(who)?;
        let passkeys = self.passkeys().await?.ok_or(Error::NotFound("passkey"))?;
        let present = {
            let mut conn = self.db().read().await?;
            kept_passkeys(&mut conn, &self.context(who), id).await?
        };
        let present: Vec<KeptPasskey> = present.into_iter().map(|(_, key)| key).collect();
        if present.is_empty() {
            return Err(Error::NotFound("passkey"));
        }
        let question = passkeys.ask(&present).map_err(|wrong| not_asked(&wrong))?;
        self.keep(who, session, Purpose::AskForPasskey, question).await
    }

    async fn show(&self, who: &Authorised<SecondStep>, answer: Answer) -> Result<Shown> {
        let (id, session) = held(who)?;
        if let Answer::Code(typed) = &answer
            && recovery::hash(typed).is_none()
        {
            // The others cannot be guessed: nobody who knows a password keeps its owner out of them.
            self.inner.sign_in_limits.try_second_step(id)?;
        }
        let (context, passkeys) = (self.context(who), self.passkeys().await?);
        let token = Token::make("", &**self.ids().dice());
        let (key, is_passkey) = (token.hash, matches!(answer, Answer::Passkey(_)));
        let done = self
            .db()
            .write::<_, Error, _>(move |conn| {
                let (context, passkeys, answer) = (context.clone(), passkeys.clone(), answer.clone());
                Box::pin(async move {
                    let user = half_way(conn, id, session, context.now).await?;
                    match right(conn, &context, session, id, (passkeys.as_ref(), &answer)).await? {
                        Some(by) => Ok(Came::In(entered(conn, &context, session, &user, (&key, by)).await?)),
                        None => wrong(conn, &context, session, &user).await,
                    }
                })
            })
            .await?;
        match done {
            Came::In((role, expires_at)) => Ok(Shown::In(SignedIn { token: token.clear, expires_at, role })),
            Came::Over => Ok(Shown::Over),
            Came::Wrong if is_passkey => Err(Error::invalid("", WRONG_PASSKEY)),
            Came::Wrong => Err(Error::invalid("code", WRONG_CODE)),
        }
    }

    pub async fn my_second_factors(&self, who: &Authorised<OwnAccount>) -> Result<Mine> {
        let (id, session) = held(who)?;
        let mut conn = self.db().read().await?;
        let user = users::get(&mut conn, id).await?.ok_or(Error::NotFound("user"))?;
        let settings = settings::read::<SecondFactors>(&mut conn).await?.value;
        let session = sessions::get(&mut conn, session).await?;
        Ok(Mine {
            factors: second_factors::of_user(&mut conn, id).await?,
            codes_left: second_factors::codes_left(&mut conn, id).await?,
            required: settings.requires(user.role),
            fresh: session.is_some_and(|session| is_fresh(&session, self.now())),
        })
    }

    /// Whether passkeys can be had here: they belong to a domain, and an IP address is none.
    pub async fn offers_passkeys(&self) -> Result<bool> {
        Ok(self.passkeys().await?.is_some())
    }

    async fn passkeys(&self) -> Result<Option<Passkeys>> {
        let organization = self.branding().await?.value.organization;
        Ok(self.inner.public_url.get().and_then(|site| Passkeys::at(site, &organization)))
    }

    /// Makes the secret that an app is to share.
    pub async fn begin_app(&self, who: &Authorised<OwnFactors>) -> Result<()> {
        let (id, session) = held(who)?;
        let context = self.context(who);
        let secret = AppSecret::make(&**self.ids().dice());
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (context, secret) = (context.clone(), secret.clone());
                Box::pin(async move {
                    holder(conn, id, session, context.now).await?;
                    let (step, until) = ((Purpose::SetUpApp, secret.bytes()), context.now.plus(STEP));
                    Ok(second_factors::keep_step(conn, &context.vault, session, step, until).await?)
                })
            })
            .await
    }

    /// What [`Directory::begin_app`] made; none after ten minutes.
    pub async fn app_being_set_up(&self, who: &Authorised<OwnFactors>) -> Result<Option<SettingUp>> {
        let (id, session) = held(who)?;
        let issuer = self.branding().await?.value.organization;
        let mut conn = self.db().read().await?;
        let user = users::get(&mut conn, id).await?.ok_or(Error::NotFound("user"))?;
        let kept = second_factors::step(&mut conn, self.db().vault(), session, Purpose::SetUpApp, self.now()).await?;
        let secret = kept.and_then(|bytes| AppSecret::kept(bytes.to_vec()));
        Ok(secret.and_then(|secret| {
            let uri = secret.uri(&issuer, &user.user_name);
            Some(SettingUp { image: AppSecret::image(&uri)?, key: secret.key(), uri })
        }))
    }

    /// Its first code shows that the app knows the secret.
    pub async fn finish_app(&self, who: &Authorised<OwnFactors>, code: &str, typed: &str) -> Result<Added> {
        let (id, _) = held(who)?;
        self.inner.sign_in_limits.try_second_step(id)?;
        let (name, code) = (name(typed, Kind::App)?, code.to_owned());
        self.add(who, Purpose::SetUpApp, move |state, now| {
            let secret = AppSecret::kept(state.to_vec()).ok_or(Error::NotFound("app"))?;
            let step = secret.step_of(&code, now, 0);
            let step = step.ok_or_else(|| Error::invalid("code", "This is not the code that the app shows now."))?;
            Ok(New { kind: Kind::App, name: name.clone(), secret: state.to_vec(), credential: None, step })
        })
        .await
    }

    /// The options that the browser is given to make a passkey.
    pub async fn ask_for_new_passkey(&self, who: &Authorised<OwnFactors>) -> Result<Value> {
        let (id, session) = held(who)?;
        let passkeys = self.passkeys().await?.ok_or(Error::NotFound("passkey"))?;
        let (user, present) = {
            let mut conn = self.db().read().await?;
            let holder = holder(&mut conn, id, session, self.now()).await?;
            (holder.user, kept_passkeys(&mut conn, &self.context(who), id).await?)
        };
        let present: Vec<KeptPasskey> = present.into_iter().map(|(_, key)| key).collect();
        let question = passkeys.ask_for_new(id, &user.user_name, &user.label(), &present);
        self.keep(who, session, Purpose::SetUpPasskey, question.map_err(|wrong| not_asked(&wrong))?).await
    }

    pub async fn finish_passkey(&self, who: &Authorised<OwnFactors>, answer: &str, typed: &str) -> Result<Added> {
        let passkeys = self.passkeys().await?.ok_or(Error::NotFound("passkey"))?;
        let (name, answer) = (name(typed, Kind::Passkey)?, answer.to_owned());
        self.add(who, Purpose::SetUpPasskey, move |state, _| {
            let state = str::from_utf8(state).unwrap_or_default();
            let KeptPasskey { credential, key } = passkeys.take_new(state, &answer).map_err(|wrong| {
                tracing::info!(why = %wrong, "A new passkey was not accepted.");
                Error::invalid("", "This passkey was not accepted. Try again.")
            })?;
            let credential = Some(credential);
            Ok(New { kind: Kind::Passkey, name: name.clone(), secret: key.into_bytes(), credential, step: 0 })
        })
        .await
    }

    async fn keep(
        &self,
        who: &Authorised<impl Grant>,
        session: SessionId,
        purpose: Purpose,
        question: Question,
    ) -> Result<Value> {
        let (context, Question { options, state }) = (self.context(who), question);
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (context, state) = (context.clone(), state.clone());
                Box::pin(async move {
                    let (step, until) = ((purpose, state.as_bytes()), context.now.plus(STEP));
                    Ok(second_factors::keep_step(conn, &context.vault, session, step, until).await?)
                })
            })
            .await?;
        Ok(options)
    }

    /// Adds what `made` makes of what was kept for `purpose`, which is used up by it.
    async fn add(
        &self,
        who: &Authorised<OwnFactors>,
        purpose: Purpose,
        made: impl Fn(&[u8], Timestamp) -> Result<New> + Send + Sync + 'static,
    ) -> Result<Added> {
        let (id, session) = held(who)?;
        let (context, token) = (self.context(who), Token::make("", &**self.ids().dice()));
        let (key, made) = (token.hash, std::sync::Arc::new(made));
        let (entered, codes) = self
            .db()
            .write::<_, Error, _>(move |conn| {
                let (context, made) = (context.clone(), std::sync::Arc::clone(&made));
                Box::pin(async move {
                    let holder = holder(conn, id, session, context.now).await?;
                    let state = second_factors::step(conn, &context.vault, session, purpose, context.now).await?;
                    let state = state.ok_or_else(|| Error::Conflict(OVER.to_owned()))?;
                    let new = made(&state, context.now)?;
                    second_factors::delete_step(conn, session, purpose).await?;
                    added(conn, &context, &holder, new, &key).await
                })
            })
            .await?;
        let signed_in = entered.map(|(role, expires_at)| SignedIn { token: token.clear, expires_at, role });
        Ok(Added { signed_in, codes })
    }

    /// Removes one of one's own. Refused for the last one where one is needed.
    pub async fn remove_second_factor(&self, who: &Authorised<OwnAccount>, factor: SecondFactorId) -> Result<()> {
        let (id, session) = held(who)?;
        let context = self.context(who);
        self.db()
            .write::<_, Error, _>(move |conn| {
                let context = context.clone();
                Box::pin(async move {
                    let holder = holder(conn, id, session, context.now).await?;
                    let found = holder.present.iter().find(|one| one.id == factor);
                    let found = found.ok_or(Error::NotFound("second factor"))?;
                    if holder.present.len() == 1 {
                        let settings = settings::read::<SecondFactors>(conn).await?.value;
                        if settings.requires(holder.user.role) {
                            let why = "You need a second factor here: add another one before you remove this.";
                            return Err(Error::Conflict(why.to_owned()));
                        }
                        second_factors::delete_of(conn, id).await?;
                    } else {
                        second_factors::delete_one_of(conn, id, factor).await?;
                    }
                    context.record(conn, "user.remove_second_factor", about(&holder.user), told(found)).await
                })
            })
            .await
    }

    /// Makes new recovery codes; those before are good for nothing any more.
    pub async fn renew_recovery_codes(&self, who: &Authorised<OwnAccount>) -> Result<DraftId> {
        let (id, session) = held(who)?;
        self.inner.sign_in_limits.try_own_change(id)?;
        let context = self.context(who);
        self.db()
            .write::<_, Error, _>(move |conn| {
                let context = context.clone();
                Box::pin(async move {
                    let Holder { user, present, .. } = holder(conn, id, session, context.now).await?;
                    if present.is_empty() {
                        return Err(Error::Conflict("Set up a second factor first.".to_owned()));
                    }
                    context.record(conn, "user.recovery_codes", about(&user), json!({})).await?;
                    codes(conn, &context, id).await
                })
            })
            .await
    }

    pub async fn second_factors_of(&self, _who: &Authorised<UsersRead>, user: UserId) -> Result<Vec<SecondFactor>> {
        let mut conn = self.db().read().await?;
        Ok(second_factors::of_user(&mut conn, user).await?)
    }

    /// Takes all second factors and recovery codes from somebody who has lost them; answers how many factors.
    pub async fn reset_second_factors(&self, who: &Authorised<UsersWrite>, user: UserId) -> Result<u64> {
        let (context, may_touch_roles) = (self.context(who), who.may_touch_roles());
        self.db()
            .write::<_, Error, _>(move |conn| {
                let context = context.clone();
                Box::pin(async move {
                    let why = "The second factors of a user who holds a console role cannot be reset with this token.";
                    let user = within_reach(conn, user, may_touch_roles, why).await?;
                    let count = second_factors::delete_of(conn, user.id).await?;
                    if count > 0 {
                        let details = json!({ "count": count });
                        context.record(conn, "user.reset_second_factors", about(&user), details).await?;
                    }
                    Ok(count)
                })
            })
            .await
    }

    /// The same by name, for the command line.
    pub async fn reset_second_factors_of(&self, who: &Authorised<UsersWrite>, user_name: &str) -> Result<u64> {
        let user = {
            let mut conn = self.db().read().await?;
            users::by_name(&mut conn, user_name).await?.ok_or(Error::NotFound("user"))?
        };
        self.reset_second_factors(who, user.id).await
    }
}

const OVER: &str = "This took more than ten minutes. Begin again.";

/// A factor as it was just set up.
struct New {
    kind: Kind,
    name: String,
    secret: Vec<u8>,
    credential: Option<Vec<u8>>,
    step: i64,
}

/// What a transaction made of an answer.
enum Came {
    In(Entered),
    Wrong,
    /// The session has ended.
    Over,
}

type Entered = (Option<domain::permission::Role>, Timestamp);

fn held(who: &Authorised<impl Grant>) -> Result<(UserId, SessionId)> {
    who.caller().holder().ok_or(Error::NotFound("session"))
}

fn about(user: &User) -> About<'_> {
    About { kind: "user", id: Some(user.id.0), label: &user.user_name }
}

fn told(factor: &SecondFactor) -> Value {
    json!({ "second_factor": factor.kind.as_str(), "name": factor.name })
}

fn not_asked(wrong: &auth::second_factor::passkey::Wrong) -> Error {
    tracing::error!(why = %wrong, "Nobody could be asked for a passkey.");
    Error::NotFound("passkey")
}

async fn kept_passkeys(conn: &mut Conn, context: &Context, user: UserId) -> Result<Vec<(SecondFactor, KeptPasskey)>> {
    let kept = second_factors::secrets_of(conn, &context.vault, user, Kind::Passkey).await?;
    let read = |(factor, key): (SecondFactor, zeroize::Zeroizing<Vec<u8>>)| {
        let credential = factor.credential.clone()?;
        Some((factor, KeptPasskey { credential, key: String::from_utf8(key.to_vec()).ok()? }))
    };
    Ok(kept.into_iter().filter_map(read).collect())
}

/// Whoever waits for their second factor; nobody where the session has ended or went on.
async fn half_way(conn: &mut Conn, user: UserId, session: SessionId, now: Timestamp) -> Result<User> {
    let waits = sessions::get(conn, session).await?.is_some_and(|session| session.half && session.expires_at > now);
    let user = users::get(conn, user).await?.filter(|user| waits && may_enter(user));
    user.ok_or(Error::Denied(auth::Denied::SignedOut))
}

/// How it was shown, if the answer is right; what was asked and what was shown are used up.
async fn right(
    conn: &mut Conn,
    context: &Context,
    session: SessionId,
    user: UserId,
    (passkeys, answer): (Option<&Passkeys>, &Answer),
) -> Result<Option<&'static str>> {
    match answer {
        Answer::Code(typed) => {
            if let Some(hash) = recovery::hash(typed) {
                return Ok(second_factors::use_code(conn, user, &hash).await?.then_some("recovery"));
            }
            for (factor, secret) in second_factors::secrets_of(conn, &context.vault, user, Kind::App).await? {
                let secret = AppSecret::kept(secret.to_vec());
                let step = secret.and_then(|secret| secret.step_of(typed, context.now, factor.last_step));
                if let Some(step) = step
                    && second_factors::used(conn, &context.vault, factor.id, (step, None), context.now).await?
                {
                    return Ok(Some(Kind::App.as_str()));
                }
            }
            Ok(None)
        }
        Answer::Passkey(answer) => {
            let state =
                second_factors::step(conn, &context.vault, session, Purpose::AskForPasskey, context.now).await?;
            let (Some(state), Some(passkeys)) = (state, passkeys) else { return Ok(None) };
            second_factors::delete_step(conn, session, Purpose::AskForPasskey).await?;
            let present = kept_passkeys(conn, context, user).await?;
            let keys: Vec<KeptPasskey> = present.iter().map(|(_, key)| key.clone()).collect();
            let state = str::from_utf8(&state).unwrap_or_default();
            let shown = match passkeys.answered(state, answer, &keys) {
                Ok(shown) => shown,
                Err(wrong) => {
                    tracing::info!(why = %wrong, "A passkey was not accepted.");
                    return Ok(None);
                }
            };
            let Some((factor, _)) = present.iter().find(|(_, key)| key.credential == shown.credential) else {
                return Ok(None);
            };
            let key = (factor.last_step, Some(shown.key.as_bytes()));
            second_factors::used(conn, &context.vault, factor.id, key, context.now).await?;
            Ok(Some(Kind::Passkey.as_str()))
        }
    }
}

/// Makes a whole session of one that was half way.
async fn entered(
    conn: &mut Conn,
    context: &Context,
    session: SessionId,
    user: &User,
    (key, by): (&[u8], &str),
) -> Result<Entered> {
    let expires_at = context.now.plus(LONGEST);
    if !sessions::complete(conn, session, key, context.now, expires_at).await? {
        return Err(Error::Denied(auth::Denied::SignedOut));
    }
    context.record(conn, "session.start", about(user), json!({ "second_factor": by })).await?;
    Ok((user.role, expires_at))
}

/// Counts a wrong answer: one too many ends the session.
async fn wrong(conn: &mut Conn, context: &Context, session: SessionId, user: &User) -> Result<Came> {
    if sessions::tried(conn, session).await?.is_some_and(|tries| tries < WRONG) {
        return Ok(Came::Wrong);
    }
    sessions::delete_one_of(conn, user.id, session).await?;
    context.record(conn, "session.refuse", about(user), json!({ "reason": "second_factor" })).await?;
    Ok(Came::Over)
}

fn is_fresh(session: &Session, now: Timestamp) -> bool {
    session.created_at.plus(FRESH) > now
}

/// For whatever gives a lasting way in: refused in a session that did not begin a moment ago.
pub(crate) fn must_be_fresh(session: &Session, now: Timestamp) -> Result<()> {
    if is_fresh(session, now) { Ok(()) } else { Err(Error::Conflict(SIGN_IN_AGAIN.to_owned())) }
}

/// Whoever may change factors now: signed in a moment ago, or half way and without any yet.
async fn holder(conn: &mut Conn, user: UserId, session: SessionId, now: Timestamp) -> Result<Holder> {
    let signed_out = Error::Denied(auth::Denied::SignedOut);
    let user = users::get(conn, user).await?.filter(may_enter);
    let found = sessions::get(conn, session).await?.filter(|session| session.expires_at > now);
    let Some((user, session)) = user.zip(found) else { return Err(signed_out) };
    let present = second_factors::of_user(conn, user.id).await?;
    if session.half && !present.is_empty() {
        return Err(signed_out);
    }
    must_be_fresh(&session, now)?;
    Ok(Holder { user, session: session.id, half: session.half, present })
}

async fn added(
    conn: &mut Conn,
    context: &Context,
    holder: &Holder,
    new: New,
    key: &[u8],
) -> Result<(Option<Entered>, Option<DraftId>)> {
    if holder.present.len() >= MOST {
        return Err(Error::Conflict(format!("You have {MOST} of them. Remove one first.")));
    }
    let factor = SecondFactor {
        id: context.ids.make(),
        user_id: holder.user.id,
        kind: new.kind,
        name: new.name,
        credential: new.credential,
        last_step: new.step,
        created_at: context.now,
        used_at: None,
    };
    second_factors::insert(conn, &context.vault, &factor, &new.secret).await?;
    context.record(conn, "user.add_second_factor", about(&holder.user), told(&factor)).await?;
    let first = holder.present.is_empty();
    let codes = if first { Some(codes(conn, context, holder.user.id).await?) } else { None };
    let entered = if holder.half {
        Some(entered(conn, context, holder.session, &holder.user, (key, factor.kind.as_str())).await?)
    } else {
        None
    };
    Ok((entered, codes))
}

/// New recovery codes, to be read once by whoever they are for.
async fn codes(conn: &mut Conn, context: &Context, user: UserId) -> Result<DraftId> {
    let made: Vec<SecretString> = (0..RECOVERY_CODES).map(|_| recovery::make(&**context.ids.dice())).collect();
    let hashes: Vec<[u8; 32]> = made.iter().filter_map(|code| recovery::hash(code.expose_secret())).collect();
    second_factors::set_codes(conn, user, &hashes).await?;
    let clear: Vec<&str> = made.iter().map(ExposeSecret::expose_secret).collect();
    let body = serde_json::to_vec(&clear).map_err(|_| Error::NotFound("draft"))?;
    let draft = context.ids.make();
    drafts::put(conn, &context.vault, draft, user, &body, context.now.plus(KEPT_FOR)).await?;
    Ok(draft)
}
