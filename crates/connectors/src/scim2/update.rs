//! Changing an account without touching what we do not send (RFC 7644 sections 3.5.1 and 3.5.2).
//!
//! What a target says of itself in `ServiceProviderConfig` is not relied on. The ways are tried from the best down, and
//! the one that worked is tried first the next time.

use domain::{attempt::Operation, user::Account};
use http::{Method, StatusCode};
use scim::client;
use secrecy::ExposeSecret;
use serde_json::Value;
use url::Url;

use super::{
    answer::Answer,
    extensions::{self, Takes},
    learned::{Learned, Rung},
    render::render,
    users,
    wire::Wire,
};
use crate::{Applied, Failure, Have};

pub(super) async fn update(wire: &Wire<'_>, want: &Account, have: Have<'_>) -> Result<Applied, Failure> {
    let url = users::user(&wire.settings.users, have.remote_id)?;
    let want = wanted(wire, want, have);
    let asked = extensions::ask(wire, &want, have.sent).await?;
    let mut left_out = extensions::which(&asked, Takes::No);
    let change = Change { wire, url, want, sent: have.sent.cloned() }.without(&left_out);
    let mut operation = change.operation();
    if operation != Operation::Nothing {
        let mut done = change.descend().await;
        for urns in extensions::in_turn(&extensions::which(&asked, Takes::Perhaps)) {
            let rest = change.without(&urns);
            // Where nothing else would be sent, nothing tells whether the schema or the value was refused.
            if !matches!(done, Err(Failure::Refused { status: 400, .. })) || rest.operation() == Operation::Nothing {
                continue;
            }
            done = rest.descend().await;
            if done.is_ok() {
                operation = rest.operation();
                extensions::refused(wire, &urns);
                left_out.extend(urns);
            }
        }
        done?;
    }
    Ok(Applied { remote_id: have.remote_id.to_owned(), operation, left_out })
}

/// An account that was just adopted keeps the password that it has there.
fn wanted(wire: &Wire<'_>, want: &Account, have: Have<'_>) -> Value {
    let mut document = render(want);
    let passes_on = wire.settings.passwords && have.sent.is_some();
    if let Some(password) = want.password.as_ref().filter(|_| passes_on) {
        document["password"] = password.expose_secret().into();
    }
    document
}

struct Change<'a> {
    wire: &'a Wire<'a>,
    /// Of the account.
    url: Url,
    want: Value,
    sent: Option<Value>,
}

/// What an answer means for the way that was tried.
enum Verdict {
    Done,
    /// The target does not do it this way; another may serve.
    NotThisWay(Failure),
    /// The target does not know this method.
    NotThisMethod(Failure),
    /// No other way would help.
    Failed(Failure),
}

impl Change<'_> {
    /// As if there were no such extensions, neither wanted nor sent before.
    fn without(&self, extensions: &[String]) -> Self {
        Self {
            wire: self.wire,
            url: self.url.clone(),
            want: extensions::without(&self.want, extensions),
            sent: self.sent.as_ref().map(|sent| extensions::without(sent, extensions)),
        }
    }

    fn sent(&self) -> Option<&Value> {
        self.sent.as_ref()
    }

    fn operation(&self) -> Operation {
        let is_off = |document: &Value| document["active"] == Value::Bool(false);
        if client::diff(self.sent(), &self.want).is_empty() {
            Operation::Nothing
        } else if is_off(&self.want) && !self.sent().is_some_and(is_off) {
            Operation::Disable
        } else {
            Operation::Update
        }
    }

    async fn descend(&self) -> Result<(), Failure> {
        let learned = Learned::of(self.wire.call).update;
        let others = Rung::LADDER.into_iter().filter(|rung| Some(*rung) != learned);
        let mut patches = true;
        let mut refusal = None;
        for rung in learned.into_iter().chain(others) {
            if !patches && rung != Rung::Put {
                continue;
            }
            match self.verdict(rung, learned, &self.attempt(rung).await?) {
                Verdict::Done => {
                    Learned::update(self.wire.call, |learned| learned.update = Some(rung));
                    return Ok(());
                }
                Verdict::NotThisWay(failure) => refusal = Some(failure),
                Verdict::NotThisMethod(failure) => {
                    patches = patches && rung == Rung::Put;
                    // What a method that is known there said tells more than that another is not.
                    refusal = refusal.or(Some(failure));
                }
                Verdict::Failed(failure) => return Err(failure),
            }
        }
        Err(refusal.unwrap_or_else(|| Failure::misconfigured("takes no changes in any of the ways that SCIM knows")))
    }

    async fn attempt(&self, rung: Rung) -> Result<Answer, Failure> {
        let (method, body) = match rung {
            Rung::Patch => (Method::PATCH, client::patch_body(client::diff(self.sent(), &self.want))),
            Rung::PatchWithoutPath => {
                (Method::PATCH, client::patch_body(client::diff_pathless(self.sent(), &self.want)))
            }
            Rung::Put => {
                let present = self.wire.send(Method::GET, self.url.clone(), None).await?;
                if !present.is_success() {
                    return Ok(present);
                }
                (Method::PUT, client::merge_for_put(&present.into_document()?, &self.want, self.sent()))
            }
        };
        self.wire.send(method, self.url.clone(), Some(&body)).await
    }

    fn verdict(&self, rung: Rung, learned: Option<Rung>, answer: &Answer) -> Verdict {
        let failure = answer.failure();
        let not_this_method = || {
            let text = format!("takes no changes at this address: {}", answer.words());
            Verdict::NotThisMethod(Failure::Misconfigured { text, status: Some(answer.status.as_u16()) })
        };
        match answer.status {
            _ if answer.is_success() && self.left_active(answer) => Verdict::NotThisWay(Failure::Refused {
                text: format!("answered {} but left the account active", answer.status.as_u16()),
                status: answer.status.as_u16(),
            }),
            _ if answer.is_success() => Verdict::Done,
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                not_this_method()
            }
            // Some servers answer so to a method without a handler. PUT begins with a GET, which tells.
            StatusCode::NOT_FOUND if rung != Rung::Put && learned != Some(rung) => not_this_method(),
            StatusCode::BAD_REQUEST if is_about_the_way(answer) => Verdict::NotThisWay(failure),
            _ => Verdict::Failed(failure),
        }
    }

    /// A target that skips an operation it does not understand must not pass for one that disabled somebody.
    fn left_active(&self, answer: &Answer) -> bool {
        let shown = answer.json.clone().and_then(|document| client::Remote::read(document).ok());
        self.want["active"] == Value::Bool(false) && shown.and_then(|remote| remote.active) == Some(true)
    }
}

/// Whether a refusal may be about how it was said rather than about what was said.
fn is_about_the_way(answer: &Answer) -> bool {
    let Some(kind) = answer.scim_type.as_deref() else { return true };
    ["invalidPath", "invalidSyntax", "noTarget"].iter().any(|way| way.eq_ignore_ascii_case(kind))
}
