//! Mail: put in line with the change that it tells of, written when it goes out, listed with what became of it.

use std::{collections::BTreeMap, time::Duration};

use auth::{
    Authorised, Token,
    grants::{DeliveriesAct, DeliveriesRead, SettingsRead},
};
use domain::{
    MailId, RegistrationId, Timestamp, UserId,
    branding::Branding,
    mail::{Kind, Letter, Mail, State, Template},
    user::User,
    validation::{FieldErrors, name_key},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use storage::{
    Conn, address_changes, mails,
    password_links::{self, PasswordLink},
    registrations, users,
};
use url::Url;
use uuid::Uuid;

use crate::{
    Directory, Error, Result,
    change::{About, Context},
    own_profile::ADDRESS_LINK,
    password_links as links,
    settings::{Setting, read},
};

/// Why there is no mail.
pub const NOT_SET_UP: &str = "Mail is not set up here. Whoever runs Usher sets USHER_SMTP_URL.";
/// A mail that could not be sent is tried again for this long.
const TRIED_FOR: Duration = Duration::from_hours(24);
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// How long a mail is listed once it is done with.
pub const REMEMBERED: Duration = Duration::from_hours(30 * 24);
/// Administrators who are sent an alert.
const ALERTED: i64 = 20;

/// The templates that an administrator worded; the others are as they come.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Templates(pub BTreeMap<Kind, Template>);

impl Templates {
    pub fn of(&self, kind: Kind) -> Template {
        self.0.get(&kind).cloned().unwrap_or_else(|| kind.template())
    }
}

impl Setting for Templates {
    const NAME: &'static str = "mail-templates";
    const LABEL: &'static str = "Mail templates";

    fn check(self) -> Result<Self, FieldErrors> {
        let checked = self.0.into_iter().map(|(kind, template)| Ok((kind, template.check(kind)?)));
        checked.collect::<Result<_, _>>().map(Self)
    }
}

/// How a try to send ended.
#[derive(Clone, Debug)]
pub enum Sending {
    Sent,
    /// It may work later.
    Later(String),
    /// The server will not take it.
    Refused(String),
}

/// A mail that goes out now.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub recipient: String,
    pub name: String,
    /// Of the organization, as the sender's name.
    pub organization: String,
    pub letter: Letter,
}

impl Directory {
    /// Whether mail can be sent from here.
    pub fn sends_mail(&self) -> bool {
        self.engine().is_ok_and(|engine| engine.sends_mail())
    }

    pub(crate) fn needs_mail(&self) -> Result<()> {
        if self.sends_mail() { Ok(()) } else { Err(Error::Conflict(NOT_SET_UP.to_owned())) }
    }

    /// Newest first, before one of them.
    pub async fn mails(
        &self,
        _who: &Authorised<DeliveriesRead>,
        state: Option<State>,
        before: Option<MailId>,
        limit: i64,
    ) -> Result<Vec<Mail>> {
        let mut conn = self.db().read().await?;
        Ok(mails::page(&mut conn, state.as_ref(), before, limit).await?)
    }

    /// Sends a mail that waits or failed now.
    pub async fn retry_mail(&self, who: &Authorised<DeliveriesAct>, id: MailId) -> Result<()> {
        let context = self.context(who);
        self.commit::<_, Error, _>(move |conn| {
            let context = context.clone();
            Box::pin(async move {
                let mail = mails::get(conn, id).await?.ok_or(Error::NotFound("mail"))?;
                if !matches!(mail.state, State::Due | State::Failed) {
                    return Err(Error::Conflict("This mail has been dealt with: there is nothing to send.".to_owned()));
                }
                let about = About { kind: "mail", id: Some(id.0), label: &mail.recipient };
                context.record(conn, "mail.retry", about, json!({ "kind": mail.kind })).await?;
                let (text, now) = (String::new(), context.now);
                let again = Mail { state: State::Due, text, tries: 0, due_at: now, updated_at: now, ..mail };
                Ok(mails::update(conn, &again).await?)
            })
        })
        .await
    }

    /// What a mail looks like with these words, made up of examples.
    pub async fn preview_mail(
        &self,
        _who: &Authorised<SettingsRead>,
        kind: Kind,
        template: &Template,
    ) -> Result<Letter> {
        let branding = self.branding().await?.value;
        let mut values = common("Ada Lovelace", "ada", &branding);
        let (path, works) = match kind {
            Kind::Verification => ("/register/verify/example", Duration::from_hours(24)),
            Kind::Invitation | Kind::PasswordReset => ("/set-password/example", links::lifetime(kind)),
            Kind::AddressChange => ("/account/address/example", ADDRESS_LINK),
            Kind::AddressChanged => ("/account", Duration::ZERO),
            Kind::Registered => ("/sign-in", Duration::ZERO),
            Kind::Alert => ("/console", Duration::ZERO),
        };
        values.insert("link", self.link(path));
        values.insert("expires", self.now().plus(works).to_minute());
        values.insert("reason", "The connection Acme Cloud pauses: the system does not accept its credentials.".into());
        Ok(template.render(kind, &branding, &values))
    }

    /// What is due, and when to look again.
    pub async fn due_mails(&self, limit: i64) -> Result<(Vec<Mail>, Option<Timestamp>)> {
        let mut conn = self.db().read().await?;
        let due = mails::due(&mut conn, self.now(), limit).await?;
        Ok((due, mails::next_due(&mut conn).await?))
    }

    /// Writes a mail that is about to go out. The link in it is made here, and only its hash is kept. None where there is
    /// no reason to send it any more.
    pub async fn write_mail(&self, mail: &Mail) -> Result<Option<Outgoing>> {
        let token = Token::make("", &**self.ids().dice());
        let context = self.context_as(storage::audit::Actor::usher());
        let (writing, hash) = (mail.clone(), token.hash);
        let written = self
            .db()
            .write::<_, Error, _>(move |conn| {
                let (context, mail) = (context.clone(), writing.clone());
                Box::pin(async move {
                    let written = Written::of(conn, &context, &mail, &hash).await?;
                    if written.is_none() {
                        let text = "There was no reason to send it any more.".to_owned();
                        let dropped = Mail { state: State::Dropped, text, updated_at: context.now, ..mail };
                        mails::update(conn, &dropped).await?;
                    }
                    Ok(written)
                })
            })
            .await?;
        Ok(written.map(|written| written.outgoing(mail, &self.link(""), &token.clear)))
    }

    /// Writes down how a try to send ended.
    pub async fn mail_was_sent(&self, mail: &Mail, how: Sending) -> Result<()> {
        let after = after(mail, how, self.now());
        self.db()
            .write::<_, Error, _>(move |conn| {
                let after = after.clone();
                Box::pin(async move { Ok(mails::update(conn, &after).await?) })
            })
            .await
    }

    /// An address of ours in full, for what leaves the browser.
    pub fn link(&self, path: &str) -> String {
        let public = self.inner.public_url.get().map(Url::as_str).unwrap_or_default();
        format!("{}{path}", public.trim_end_matches('/'))
    }
}

/// A mail as a try to send it left it.
fn after(mail: &Mail, how: Sending, now: Timestamp) -> Mail {
    let tries = mail.tries.saturating_add(1);
    let (state, text, due_at) = match how {
        Sending::Sent => (State::Sent, String::new(), mail.due_at),
        Sending::Refused(text) => (State::Failed, text, mail.due_at),
        Sending::Later(text) if now.since(mail.created_at) >= TRIED_FOR => (State::Failed, text, mail.due_at),
        Sending::Later(text) => {
            let pause = FIRST_PAUSE * 2_u32.saturating_pow(tries.saturating_sub(1).min(10));
            (State::Due, text, now.plus(pause.min(LONGEST_PAUSE)))
        }
    };
    Mail { state, text, tries, due_at, updated_at: now, ..mail.clone() }
}

/// What the transaction found of whom a mail is for.
struct Written {
    branding: Branding,
    template: Template,
    user_name: String,
    /// Where the link leads, without a token.
    path: &'static str,
    /// Until when a token works; none where the link needs none.
    until: Option<Timestamp>,
}

impl Written {
    async fn of(conn: &mut Conn, context: &Context, mail: &Mail, hash: &[u8]) -> Result<Option<Self>> {
        let (path, user_name, until) = match mail.kind {
            Kind::Verification => {
                let Some(id) = mail.about.map(RegistrationId) else { return Ok(None) };
                let open =
                    registrations::get(conn, id).await?.filter(|one| !one.verified && one.expires_at > context.now);
                let Some(registration) = open else { return Ok(None) };
                registrations::set_token(conn, id, hash).await?;
                ("/register/verify", mail.recipient.clone(), Some(registration.expires_at))
            }
            Kind::Invitation | Kind::PasswordReset => {
                let Some(user) = entering(conn, mail.about).await?.filter(|user| is_theirs(user, &mail.recipient))
                else {
                    return Ok(None);
                };
                let (giver, until) = (links::giver(mail.kind), context.now.plus(links::lifetime(mail.kind)));
                let (user_id, created_at) = (user.id, context.now);
                let link = PasswordLink { user_id, giver, created_at, expires_at: until, used_at: None };
                password_links::put(conn, &link, hash).await?;
                ("/set-password", user.user_name, Some(until))
            }
            Kind::AddressChange => {
                let Some(user) = entering(conn, mail.about).await? else { return Ok(None) };
                let wanted = address_changes::of_user(conn, user.id).await?.filter(|change| {
                    let same = name_key(&change.address) == name_key(&mail.recipient);
                    same && change.used_at.is_none() && change.expires_at > context.now
                });
                if wanted.is_none() {
                    return Ok(None);
                }
                let until = context.now.plus(ADDRESS_LINK);
                address_changes::set_token(conn, user.id, hash, until).await?;
                ("/account/address", user.user_name, Some(until))
            }
            Kind::Registered | Kind::AddressChanged => {
                let Some(user) = entering(conn, mail.about).await? else { return Ok(None) };
                (if mail.kind == Kind::Registered { "/sign-in" } else { "/account" }, user.user_name, None)
            }
            Kind::Alert => ("/console", String::new(), None),
        };
        let branding = read::<Branding>(conn).await?.value;
        let template = read::<Templates>(conn).await?.value.of(mail.kind);
        Ok(Some(Self { branding, template, user_name, path, until }))
    }

    fn outgoing(self, mail: &Mail, public: &str, token: &SecretString) -> Outgoing {
        let token = self.until.map_or_else(String::new, |_| format!("/{}", token.expose_secret()));
        let mut values = common(&mail.name, &self.user_name, &self.branding);
        values.insert("link", format!("{public}{}{token}", self.path));
        values.insert("expires", self.until.map(Timestamp::to_minute).unwrap_or_default());
        values.insert("reason", mail.words.clone());
        Outgoing {
            recipient: mail.recipient.clone(),
            name: mail.name.clone(),
            letter: self.template.render(mail.kind, &self.branding, &values),
            organization: self.branding.organization,
        }
    }
}

/// An address that was somebody's when the mail was put in line may be a stranger's by now.
fn is_theirs(user: &User, recipient: &str) -> bool {
    user.profile.emails.iter().any(|mail| name_key(&mail.value) == name_key(recipient))
}

/// Somebody who may sign in.
async fn entering(conn: &mut Conn, id: Option<Uuid>) -> Result<Option<User>> {
    let Some(id) = id else { return Ok(None) };
    Ok(users::get(conn, UserId(id)).await?.filter(|user| user.active && !user.locked))
}

fn common(name: &str, user_name: &str, branding: &Branding) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("name", name.to_owned()),
        ("user_name", user_name.to_owned()),
        ("organization", branding.organization.clone()),
    ])
}

impl Context {
    /// Puts a mail in line.
    pub(crate) async fn post(
        &self,
        conn: &mut Conn,
        kind: Kind,
        recipient: &str,
        name: &str,
        about: Option<Uuid>,
    ) -> Result<()> {
        let mail = self.mail(kind, recipient, name, about, String::new());
        Ok(mails::insert(conn, &mail).await?)
    }

    fn mail(&self, kind: Kind, recipient: &str, name: &str, about: Option<Uuid>, words: String) -> Mail {
        Mail {
            id: self.ids.make(),
            kind,
            recipient: recipient.to_owned(),
            name: name.to_owned(),
            about,
            state: State::Due,
            text: String::new(),
            words,
            tries: 0,
            due_at: self.now,
            created_at: self.now,
            updated_at: self.now,
        }
    }
}

impl Directory {
    /// Tells every administrator who has a mail address; inside the transaction that found out.
    pub async fn alert(&self, conn: &mut Conn, reason: &str) -> Result<()> {
        if !self.sends_mail() {
            return Ok(());
        }
        let context = self.context_as(storage::audit::Actor::usher());
        for user in users::with_role(conn, domain::permission::Role::Administrator, ALERTED).await? {
            if let Some(address) = user.profile.primary_email().filter(|_| user.active && !user.locked) {
                let mail = context.mail(Kind::Alert, address, &user.label(), None, reason.to_owned());
                mails::insert(conn, &mail).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            id: MailId(Uuid::from_u128(1)),
            kind: Kind::Invitation,
            recipient: "ada@example.org".to_owned(),
            name: "Ada".to_owned(),
            about: None,
            state: State::Due,
            text: String::new(),
            words: String::new(),
            tries: 0,
            due_at: Timestamp::from_micros(0),
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn pauses_double_up_to_an_hour_and_end_after_a_day() {
        let (mut mail, mut now, mut pauses) = (mail(), Timestamp::from_micros(0), Vec::new());
        while mail.state == State::Due {
            mail = after(&mail, Sending::Later("down".to_owned()), now);
            pauses.push(mail.due_at.since(now).as_secs());
            now = mail.due_at.max(now);
        }
        assert_eq!(pauses[..3], [30, 60, 120]);
        assert_eq!(pauses.iter().max(), Some(&3600));
        assert_eq!((mail.state, mail.text.as_str()), (State::Failed, "down"));
        assert!(now.since(Timestamp::from_micros(0)) >= TRIED_FOR);
    }

    #[test]
    fn what_the_server_refuses_is_not_tried_again() {
        let mail = after(&mail(), Sending::Refused("no such mailbox".to_owned()), Timestamp::from_micros(5));
        assert_eq!((mail.state, mail.text.as_str(), mail.tries), (State::Failed, "no such mailbox", 1));
    }
}
