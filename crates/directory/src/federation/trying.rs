//! A sign-in as a test: an administrator goes to the provider and back, and is told what would come of it.
//!
//! What waits for it is a stage of its own, which this room alone takes: whatever becomes of its `state`, nobody is let
//! in by it. It is taken for the session that began it, which has to be allowed still, and leaves one event behind.

use auth::{
    Authorised, Token,
    grants::ConnectionsWrite,
    hash_token,
    oidc::{Ask, Identity, Kept, Problem, Provider},
};
use domain::{
    ConnectionId, DraftId,
    config::{Check, Report},
    connection::Connection,
    identity::{Attribute, IdentityProvider, denies_mail},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use storage::{Conn, connections, drafts, groups, identity_providers};

use super::{
    Brought, Seen, Stage, Started,
    matching::{Verdict, judge},
    stages::{gone, is_same},
};
use crate::{
    Directory, Error, Result,
    change::{About, staying},
    details::Details,
    drafts::{KEPT_FOR, owner},
};

/// Claims that a report shows.
const CLAIMS: usize = 60;
/// Characters that it shows of one.
const SHOWN: usize = 300;

/// What became of the wish to sign in as a test.
#[derive(Debug)]
pub enum Trying {
    /// On to the provider.
    Going(Started),
    /// It could not begin; this draft is the report.
    Told(DraftId),
}

/// What is tried, as it is saved; also one that is switched off.
struct Tried {
    connection: Connection,
    settings: IdentityProvider,
    provider: Provider,
}

impl Directory {
    /// Begins a sign-in that lets nobody in.
    pub async fn begin_test_at(&self, who: &Authorised<ConnectionsWrite>, id: ConnectionId) -> Result<Trying> {
        let session = who.caller().session().ok_or(Error::NotFound("session"))?;
        self.inner.sign_in_limits.try_address(&who.caller().address)?;
        let tried = self.tried(id).await?;
        let begun = match self.oidc()?.clone().begin(&tried.provider, &self.callback(id)?, &Ask::default()).await {
            Ok(begun) => begun,
            Err(problem) => {
                return self.report(who, &tried.connection, vec![refused(&problem)]).await.map(Trying::Told);
            }
        };
        let browser = Token::make("", &**self.ids().dice());
        let stage = Stage::Trying {
            nonce: begun.nonce.expose_secret().to_owned(),
            verifier: begun.verifier.as_ref().map(|verifier| verifier.expose_secret().to_owned()),
            browser: browser.hash.to_vec(),
            session,
        };
        self.keep_stage(id, hash_token(begun.state.expose_secret()).to_vec(), stage).await?;
        let page = self.page(id, Stage::Going { url: begun.url.to_string() }).await?;
        Ok(Trying::Going(Started { page, browser: browser.clear }))
    }

    /// Takes whoever comes back from a test, and answers the report; none where it is no test that they come back from.
    /// [`Error::Conflict`] where it is another's, or was taken before.
    pub async fn finish_test_at(
        &self,
        who: &Authorised<ConnectionsWrite>,
        id: ConnectionId,
        brought: &Brought,
        browser: Option<&str>,
    ) -> Result<Option<DraftId>> {
        let Some(((row, connection), stage)) = self.find_stage(&brought.state).await? else { return Ok(None) };
        let Stage::Trying { nonce, verifier, browser: begun, session } = stage else { return Ok(None) };
        self.inner.sign_in_limits.try_address(&who.caller().address)?;
        if connection != id || !is_same(browser, &begun) || who.caller().session() != Some(session) {
            return Err(gone());
        }
        if !self.take_row(row).await? {
            return Err(gone());
        }
        let tried = self.tried(id).await?;
        let kept = Kept { nonce: nonce.into(), verifier: verifier.map(SecretString::from), max_age: None };
        let lines = match self.identity(&tried, brought.clone(), &kept).await? {
            Ok(identity) => {
                let mut conn = self.db().read().await?;
                told(&mut conn, &tried, &identity.into()).await?
            }
            Err(problem) => vec![refused(&problem)],
        };
        self.report(who, &tried.connection, lines).await.map(Some)
    }

    async fn tried(&self, id: ConnectionId) -> Result<Tried> {
        let none = || Error::NotFound("connection");
        let mut conn = self.db().read().await?;
        let connection = connections::get(&mut conn, id).await?.ok_or_else(none)?;
        staying("connection", connection.life)?;
        let settings = identity_providers::get(&mut conn, id).await?.ok_or_else(none)?.settings;
        let provider = self.provider(&mut conn, id).await?.ok_or_else(none)?;
        Ok(Tried { connection, settings, provider })
    }

    async fn identity(&self, tried: &Tried, brought: Brought, kept: &Kept) -> Result<Result<Identity, Problem>> {
        let (oidc, callback) = (self.oidc()?.clone(), self.callback(tried.connection.id)?);
        Ok(match brought.callback() {
            Ok(came) => oidc.finish(&tried.provider, &callback, &came, kept).await,
            Err(problem) => Err(problem),
        })
    }

    /// Keeps what is told for whoever asked, and writes down that it was tried: how it ended, and nothing of anybody.
    async fn report(
        &self,
        who: &Authorised<ConnectionsWrite>,
        connection: &Connection,
        mut lines: Vec<Check>,
    ) -> Result<DraftId> {
        if !connection.enabled {
            lines.push(failed("Connection", "It is switched off: nobody comes in by it until it is switched on."));
        }
        let report = Report { checks: lines };
        let outcome = if report.is_ok() { "passed" } else { "failed" };
        let body = serde_json::to_vec(&report).map_err(|_| Error::NotFound("draft"))?;
        let (context, connection, owner) = (self.context(who), connection.clone(), owner(who)?);
        let id: DraftId = context.ids.make();
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (context, connection, body) = (context.clone(), connection.clone(), body.clone());
                Box::pin(async move {
                    drafts::put(conn, &context.vault, id, owner, &body, context.now.plus(KEPT_FOR)).await?;
                    let about = About { kind: "connection", id: Some(connection.id.0), label: &connection.name };
                    context.record(conn, "connection.test", about, Details::default().with("outcome", outcome)).await
                })
            })
            .await?;
        Ok(id)
    }
}

fn passed(name: &str, text: impl Into<String>) -> Check {
    Check { name: name.to_owned(), ok: true, text: text.into() }
}

fn failed(name: &str, text: impl Into<String>) -> Check {
    Check { name: name.to_owned(), ok: false, text: text.into() }
}

/// The reason, and what whoever signs in is told of it.
fn refused(problem: &Problem) -> Check {
    failed("Sign-in", format!("{problem} Whoever signs in is told: {}", problem.for_visitors()))
}

/// What came, what it makes, and what would become of it; as a real sign-in would judge, and nothing is done.
async fn told(conn: &mut Conn, tried: &Tried, seen: &Seen) -> Result<Vec<Check>> {
    let Tried { connection, settings, .. } = tried;
    let mut lines = vec![passed("Sign-in", format!("{} says that it is {}.", connection.name, quoted(&seen.subject)))];
    lines.extend(claims(&seen.claims));
    lines.extend(attributes(settings, &seen.claims));
    lines.extend(group_line(conn, settings, &seen.claims).await?);
    lines.push(account(judge(conn, connection, settings, seen).await?));
    Ok(lines)
}

fn claims(claims: &Map<String, Value>) -> Vec<Check> {
    let mut lines: Vec<Check> = claims
        .iter()
        .take(CLAIMS)
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| cut(&value.to_string()), quoted);
            passed(&format!("Claim {}", cut(name)), value)
        })
        .collect();
    if claims.len() > CLAIMS {
        lines.push(passed("Further claims", format!("{} more came and are not shown.", claims.len() - CLAIMS)));
    }
    lines
}

fn attributes(settings: &IdentityProvider, claims: &Map<String, Value>) -> Vec<Check> {
    let line = |attribute: Attribute| {
        let names = settings.attributes.get(&attribute).map(|names| names.trim()).filter(|names| !names.is_empty())?;
        let label = attribute.label();
        Some(match settings.said_by(attribute, claims) {
            Err(misfit) => failed(label, format!("Filled by nothing: {misfit}.")),
            Ok(None) if attribute == Attribute::UserName => {
                failed(label, format!("None of the claims “{names}” came, and nobody new comes without one."))
            }
            Ok(None) => passed(label, format!("Filled by nothing: none of the claims “{names}” came.")),
            Ok(Some((claim, value))) if attribute == Attribute::Mail && denies_mail(&value, claims) => {
                let why = "The provider says that it is not verified, so it is not taken over.";
                passed(label, format!("{} from the claim “{claim}”. {why}", quoted(&value)))
            }
            Ok(Some((claim, value))) => passed(label, format!("{} from the claim “{claim}”.", quoted(&value))),
        })
    };
    Attribute::ALL.into_iter().filter_map(line).collect()
}

/// None where groups mean nothing here.
async fn group_line(
    conn: &mut Conn,
    settings: &IdentityProvider,
    claims: &Map<String, Value>,
) -> Result<Option<Check>> {
    if settings.groups.is_empty() {
        return Ok(None);
    }
    let Some((named, _)) = settings.groups_of(claims) else {
        let claim = &settings.groups_claim;
        let text = format!("The claim “{claim}” did not come, or is no list of names: their groups here stay.");
        return Ok(Some(passed("Groups", text)));
    };
    let (mut there, mut missing) = (Vec::new(), Vec::new());
    for name in named {
        if groups::by_name(conn, &name).await?.is_some() { there.push(name) } else { missing.push(name) }
    }
    let found = if there.is_empty() { "None.".to_owned() } else { format!("{}.", there.join(", ")) };
    Ok(Some(if missing.is_empty() {
        passed("Groups", found)
    } else {
        failed("Groups", format!("{found} There is no such group here: {}.", missing.join(", ")))
    }))
}

fn account(verdict: Verdict) -> Check {
    let name = "Account";
    match verdict {
        Verdict::Enter { user, first: false } => {
            passed(name, format!("They are {} here, and would come in.", quoted(&user.user_name)))
        }
        Verdict::Enter { user, first: true } => {
            let user = quoted(&user.user_name);
            passed(name, format!("The account {user} here would be linked to them by a rule, and they would come in."))
        }
        Verdict::Join(_) => passed(name, "Their account is being made by a sign-in that is under way."),
        Verdict::Create { input, ask } => {
            let once = if ask { ", once they agree" } else { "" };
            passed(name, format!("An account {} would be made{once}.", quoted(&input.user_name)))
        }
        Verdict::Misfit(misfit) => failed(name, format!("No account comes of this: {misfit}.")),
        Verdict::Refuse(text) => failed(name, format!("They would not come in. They are told: {text}")),
    }
}

fn quoted(text: &str) -> String {
    format!("“{}”", cut(text))
}

/// Another party's words, so that they fit into a line of ours.
fn cut(text: &str) -> String {
    let mut shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn claims_are_shown_as_they_came_and_bounded() {
        let lines = claims(&of(&json!({"email": "ada@example.org", "groups": ["eng"], "long": "x\n".repeat(900)})));
        let text = |name: &str| &lines.iter().find(|line| line.name == format!("Claim {name}")).unwrap().text;
        assert_eq!(text("email"), "“ada@example.org”");
        assert_eq!(text("groups"), "[\"eng\"]");
        assert!(
            text("long").ends_with("…”") && text("long").chars().count() <= SHOWN + 3 && !text("long").contains('\n')
        );
        let many: Map<String, Value> = (0..CLAIMS + 7).map(|n| (format!("c{n}"), json!(n))).collect();
        assert_eq!(claims(&many).last().unwrap().text, "7 more came and are not shown.");
    }

    #[test]
    fn each_attribute_says_what_fills_it() {
        let said = of(&json!({
            "email": "ada@example.org", "email_verified": false, "given_name": 7, "name": "Ada",
        }));
        let lines = attributes(&IdentityProvider::default(), &said);
        let line = |name: &str| lines.iter().find(|line| line.name == name).unwrap();
        assert_eq!(line("User name").text, "“ada@example.org” from the claim “email”.");
        assert!(line("Mail address").text.contains("not verified"));
        assert!(!line("First name").ok && line("First name").text.contains("“given_name” is no text"));
        assert!(line("Last name").ok && line("Last name").text.contains("none of the claims “family_name” came"));
        assert!(lines.iter().all(|line| line.name != "Title"), "no claim is meant to fill it");
        assert!(!attributes(&IdentityProvider::default(), &of(&json!({})))[0].ok);
    }
}
