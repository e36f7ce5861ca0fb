//! The way out for mail: the one server that `USHER_SMTP_URL` names. An administrator of the console has no say in it, so
//! its address is not guarded as those of targets are.

use std::{fmt, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp,
};
use secrecy::{ExposeSecret, SecretString};

/// For connecting to the server.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// For a whole mail: the library bounds no step after connecting.
const LIMIT: Duration = Duration::from_mins(1);

/// Sends through one server. Clones share their connections.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: lettre::Address,
    limit: Duration,
}

/// Its `Debug` shows no password.
impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from.to_string()).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
pub struct Envelope<'a> {
    pub to: &'a str,
    pub to_name: &'a str,
    /// The sender's name; the address is the same for all.
    pub from_name: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
    pub html: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailTrouble {
    /// It may work later.
    #[error("{0}")]
    Later(String),
    /// The server will not take this mail, however often it is asked.
    #[error("{0}")]
    Refused(String),
}

/// The address of the server, or the sender's, is none.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct MailSetupError(String);

impl Mailer {
    /// `smtp://` (with STARTTLS where `?tls=required` says so) or `smtps://`, with user and password where they are needed.
    pub fn new(url: &SecretString, from: &str) -> Result<Self, MailSetupError> {
        super::install_crypto();
        let from = from.parse().map_err(|_| MailSetupError(format!("{from:?} is no mail address")))?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
            .map_err(|error| MailSetupError(error.to_string()))?
            .timeout(Some(CONNECT_LIMIT))
            .build();
        Ok(Self { transport, from, limit: LIMIT })
    }

    /// With another limit of time for a mail.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    pub async fn send(&self, envelope: Envelope<'_>) -> Result<(), MailTrouble> {
        let message = self.message(&envelope)?;
        match tokio::time::timeout(self.limit, self.transport.send(message)).await {
            Ok(sent) => sent.map(drop).map_err(|error| trouble(&error)),
            Err(_) => Err(MailTrouble::Later("The mail server did not answer in time.".to_owned())),
        }
    }

    fn message(&self, envelope: &Envelope<'_>) -> Result<Message, MailTrouble> {
        let refused = |what: &dyn fmt::Display| MailTrouble::Refused(format!("The mail cannot be written: {what}."));
        let to = envelope.to.parse().map_err(|_| MailTrouble::Refused("The address is none.".to_owned()))?;
        Message::builder()
            .from(Mailbox::new(named(envelope.from_name), self.from.clone()))
            .to(Mailbox::new(named(envelope.to_name), to))
            .subject(envelope.subject)
            .multipart(MultiPart::alternative_plain_html(envelope.text.to_owned(), envelope.html.to_owned()))
            .map_err(|error| refused(&error))
    }
}

fn named(name: &str) -> Option<String> {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    (!name.trim().is_empty()).then_some(name)
}

fn trouble(error: &smtp::Error) -> MailTrouble {
    let said = error.to_string();
    if error.is_permanent() {
        MailTrouble::Refused(format!("The mail server refused it: {said}"))
    } else if error.is_transient() {
        MailTrouble::Later(format!("The mail server asks to try again: {said}"))
    } else {
        MailTrouble::Later(format!("The mail server cannot be reached: {said}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailer(url: &str, from: &str) -> Result<Mailer, MailSetupError> {
        Mailer::new(&SecretString::from(url), from)
    }

    fn envelope<'a>() -> Envelope<'a> {
        Envelope {
            to: "ada@example.org",
            to_name: "Ada\r\nBcc: eve@example.org",
            from_name: "Example, Org",
            subject: "Grüße",
            text: "Hello",
            html: "<p>Hello</p>",
        }
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_told() {
        assert!(mailer("http://mail.example.org", "usher@example.org").is_err());
        assert!(mailer("smtp://mail.example.org", "usher").is_err());
        let mailer = mailer("smtp://mail.example.org:2525", "usher@example.org").unwrap();
        let refused = mailer.message(&Envelope { to: "nobody", ..envelope() }).unwrap_err();
        assert_eq!(refused, MailTrouble::Refused("The address is none.".to_owned()));
    }

    #[tokio::test]
    async fn a_name_brings_no_header_of_its_own() {
        let mailer = mailer("smtp://mail.example.org", "usher@example.org").unwrap();
        let message = String::from_utf8(mailer.message(&envelope()).unwrap().formatted()).unwrap();
        assert!(!message.contains("\r\nBcc:"), "{message}");
        assert!(message.contains("usher@example.org") && message.contains("multipart/alternative"), "{message}");
    }

    #[tokio::test]
    async fn a_server_that_stops_answering_may_be_later() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", silent.local_addr().unwrap());
        let mailer = mailer(&url, "usher@example.org").unwrap().within(Duration::from_millis(200));
        let late = mailer.send(envelope()).await.unwrap_err();
        assert_eq!(late, MailTrouble::Later("The mail server did not answer in time.".to_owned()));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_may_be_later() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        drop(taken);
        let mailer = mailer(&format!("smtp://127.0.0.1:{port}"), "usher@example.org").unwrap();
        assert!(matches!(mailer.send(envelope()).await, Err(MailTrouble::Later(_))));
    }
}
