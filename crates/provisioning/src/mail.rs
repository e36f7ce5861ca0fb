//! Sends the mails that are due, a few at once. A mail that broke off is sent again: better twice than never.

use std::{sync::Arc, time::Duration};

use directory::mails::Sending;
use domain::mail::Mail;
use egress::mail::{Envelope, MailTrouble, Mailer};
use futures::future::join_all;
use tokio::sync::watch;

use crate::Core;

/// Mails on their way at once.
const AT_ONCE: i64 = 8;
/// However little there is to do, the loop looks again after this long.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
const SHORTEST_SLEEP: Duration = Duration::from_millis(50);

/// Runs until told to stop; what is on its way by then is finished.
pub(crate) async fn run(core: Arc<Core>, mut stopped: watch::Receiver<bool>) {
    if core.mailer.is_none() {
        return;
    }
    loop {
        let sleep = send_due(&core).await;
        if *stopped.borrow() {
            return;
        }
        tokio::select! {
            _ = stopped.changed() => return,
            () = core.wake_mail.notified() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

/// Sends what is due; how long until there may be more.
pub(crate) async fn send_due(core: &Core) -> Duration {
    let Some(mailer) = &core.mailer else { return LONGEST_SLEEP };
    match core.directory.due_mails(AT_ONCE).await {
        Ok((due, _)) if !due.is_empty() => {
            let done = join_all(due.into_iter().map(|mail| send(core, mailer, mail))).await;
            // What could not be written down is due as before: not again at once.
            if done.contains(&false) { LONGEST_SLEEP } else { SHORTEST_SLEEP }
        }
        Ok((_, next)) => next.map_or(LONGEST_SLEEP, |next| next.since(core.now())).clamp(SHORTEST_SLEEP, LONGEST_SLEEP),
        Err(error) => {
            tracing::error!(error = %error, "The mails that are due could not be read; they are tried again.");
            LONGEST_SLEEP
        }
    }
}

/// Whether what became of it was written down.
async fn send(core: &Core, mailer: &Mailer, mail: Mail) -> bool {
    let outgoing = match core.directory.write_mail(&mail).await {
        Ok(Some(outgoing)) => outgoing,
        Ok(None) => return true,
        Err(error) => {
            tracing::error!(mail.id = %mail.id, error = %error, "A mail could not be written; it is tried again.");
            return false;
        }
    };
    let letter = &outgoing.letter;
    let envelope = Envelope {
        to: &outgoing.recipient,
        to_name: &outgoing.name,
        from_name: &outgoing.organization,
        subject: &letter.subject,
        text: &letter.text,
        html: &letter.html,
    };
    let how = match mailer.send(envelope).await {
        Ok(()) => Sending::Sent,
        Err(MailTrouble::Later(why)) => Sending::Later(why),
        Err(MailTrouble::Refused(why)) => Sending::Refused(why),
    };
    tracing::info!(mail.id = %mail.id, mail.kind = mail.kind.as_str(), outcome = ?how, "A mail was handed over.");
    let recorded = core.directory.mail_was_sent(&mail, how).await;
    if let Err(error) = &recorded {
        tracing::error!(mail.id = %mail.id, error = %error, "What became of a mail could not be recorded.");
    }
    recorded.is_ok()
}
