//! Between the use cases and the list of mails.

use auth::grants::{DeliveriesAct, DeliveriesRead};
use directory::mails::NOT_SET_UP;
use domain::{
    MailId,
    mail::{Mail, State},
    permission::Permission,
};

use super::view::{self, MailList};
use crate::{error::ConsoleError, outcome::Outcome, routes::Page, ssr};

/// Mails on one page of the list.
const PAGE: usize = 50;

pub(super) async fn list(state: &str, after: &str) -> Result<MailList, ConsoleError> {
    let (directory, who) = ssr::authorise::<DeliveriesRead>()?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut mails = directory.mails(&who, state.parse().ok(), after.parse().ok(), limit).await?;
    let more = mails.len() > PAGE;
    mails.truncate(PAGE);
    Ok(MailList {
        next: mails.last().filter(|_| more).map(|mail| mail.id.to_string()),
        items: mails.into_iter().map(shown).collect(),
        note: (!directory.sends_mail()).then(|| NOT_SET_UP.to_owned()),
        may_act: ssr::caller().may(Permission::DeliveriesAct),
    })
}

fn shown(mail: Mail) -> view::Mail {
    let waits = mail.state == State::Due && mail.tries > 0;
    let text = match waits {
        true if mail.text.is_empty() => format!("Tried again at {}.", mail.due_at.to_minute()),
        true => format!("{} Tried again at {}.", mail.text, mail.due_at.to_minute()),
        false => mail.text,
    };
    view::Mail {
        id: mail.id.to_string(),
        recipient: mail.recipient,
        kind: mail.kind.label().to_owned(),
        retriable: waits || mail.state == State::Failed,
        state: mail.state.as_str().to_owned(),
        text,
        at: mail.created_at.into(),
    }
}

pub(super) async fn retry(id: MailId) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<DeliveriesAct>()?;
    let sent = directory.retry_mail(&who, id).await;
    ssr::outcome(sent, |()| Outcome::done(&Page::Mails, "The mail goes out now."))
}
