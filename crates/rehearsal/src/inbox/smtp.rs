//! The server's half of a conversation by SMTP (RFC 5321), line by line: what goes back, and what was received.

use std::fmt::Write as _;

/// Bytes of a line with its end. Texts have at most 1,000 (RFC 5321 section 4.5.3.1.6); some clients send more.
pub(super) const MAX_LINE: usize = 8 * 1024;
/// Bytes of a mail.
pub(super) const MAX_SIZE: usize = 1024 * 1024;
/// Bytes of a mail that is too large, after which nobody listens any more.
const MAX_SENT: usize = 8 * MAX_SIZE;
const MAX_RECIPIENTS: usize = 100;
/// Bytes of an address (RFC 5321 section 4.5.3.1.3).
const MAX_ADDRESS: usize = 256;
/// Commands in one conversation.
const MAX_COMMANDS: usize = 10_000;
/// Commands that were not understood.
const MAX_MISTAKES: usize = 10;

/// What was received, as it was handed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    /// Empty for a bounce.
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) content: Vec<u8>,
}

/// What the server does after a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Waits for the next line.
    Listen,
    Say(String),
    /// Asks whether this recipient is taken, and tells [`Conversation::recipient`].
    Ask(String),
    /// Keeps the mail, then says so.
    Keep(Envelope, String),
    /// Says so and hangs up.
    HangUp(String),
}

#[derive(Debug, Default)]
enum State {
    /// Nobody has said who they are.
    #[default]
    New,
    Ready,
    /// A mail's sender and recipients.
    Envelope(Envelope),
    Content(Content),
}

#[derive(Debug)]
struct Content {
    envelope: Envelope,
    /// Everything that was sent, also what is not kept.
    sent: usize,
    /// The line before ended as lines do: a dot on the next one ends the mail.
    at_start: bool,
}

#[derive(Debug)]
pub(super) struct Conversation {
    name: String,
    state: State,
    commands: usize,
    mistakes: usize,
}

impl Conversation {
    pub(super) fn new(name: &str) -> Self {
        // What stands in a greeting is a host name: a name with spaces would read as one and a text.
        let name = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
        Self { name, state: State::default(), commands: 0, mistakes: 0 }
    }

    pub(super) fn greeting(&self) -> String {
        format!("220 {} ESMTP, keeps what it gets", self.name)
    }

    /// A line with its end.
    pub(super) fn line(&mut self, line: &[u8]) -> Step {
        if let State::Content(_) = self.state {
            return self.content(line);
        }
        self.commands += 1;
        if self.commands > MAX_COMMANDS {
            return Step::HangUp("421 4.7.0 Too many commands".to_owned());
        }
        let Some(command) = read(line) else { return self.mistake("500 5.5.2 Lines are text") };
        let (verb, rest) = command.split_once(' ').unwrap_or((&command, ""));
        self.command(&verb.to_ascii_uppercase(), rest.trim())
    }

    fn command(&mut self, verb: &str, rest: &str) -> Step {
        match (verb, &self.state) {
            ("EHLO" | "HELO", _) if rest.is_empty() => self.mistake("501 5.5.4 Say who you are"),
            ("EHLO", _) => {
                self.state = State::Ready;
                Step::Say(format!(
                    "250-{}\r\n250-PIPELINING\r\n250-SIZE {MAX_SIZE}\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n\
                     250 SMTPUTF8",
                    self.name
                ))
            }
            ("HELO", _) => {
                self.state = State::Ready;
                Step::Say(format!("250 {}", self.name))
            }
            ("NOOP", _) => said("250 2.0.0 Here"),
            ("QUIT", _) => Step::HangUp("221 2.0.0 Good bye".to_owned()),
            // A browser that another site has sent here, with commands of that site to follow: nobody listens to those.
            (_, State::New) if !matches!(verb, "MAIL" | "RCPT" | "DATA" | "RSET" | "VRFY") => {
                Step::HangUp("554 5.7.0 This is SMTP".to_owned())
            }
            ("RSET", State::New) => said("250 2.0.0 Nothing to forget"),
            (_, State::New) => self.mistake("503 5.5.1 Say EHLO first"),
            ("RSET", _) => {
                self.state = State::Ready;
                said("250 2.0.0 Forgotten")
            }
            ("VRFY", _) => said("252 2.5.0 Send some mail and see"),
            ("MAIL", State::Ready) => self.sender(rest),
            ("RCPT", State::Envelope(envelope)) => {
                if envelope.to.len() == MAX_RECIPIENTS {
                    return said("452 4.5.3 Too many recipients");
                }
                match path(rest, "TO:") {
                    Some((address, _)) if !address.is_empty() => Step::Ask(address),
                    _ => self.mistake("501 5.1.3 That is no address"),
                }
            }
            ("DATA", State::Envelope(envelope)) if envelope.to.is_empty() => said("503 5.5.1 Nobody is to get it"),
            ("DATA", State::Envelope(_)) => {
                if let State::Envelope(envelope) = std::mem::take(&mut self.state) {
                    self.state = State::Content(Content { envelope, sent: 0, at_start: true });
                }
                said("354 Go on, and end with a dot")
            }
            ("MAIL" | "RCPT" | "DATA", _) => said("503 5.5.1 Not now"),
            _ => self.mistake("500 5.5.2 Unknown command"),
        }
    }

    fn sender(&mut self, rest: &str) -> Step {
        let Some((from, parameters)) = path(rest, "FROM:") else {
            return self.mistake("501 5.1.7 That is no address");
        };
        let size = parameters
            .split_ascii_whitespace()
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.eq_ignore_ascii_case("SIZE"))
            .map(|(_, size)| size.parse::<usize>());
        match size {
            Some(Err(_)) => self.mistake("501 5.5.4 That is no size"),
            Some(Ok(size)) if size > MAX_SIZE => said("552 5.3.4 Too large"),
            _ => {
                self.state = State::Envelope(Envelope { from, ..Envelope::default() });
                said("250 2.1.0 Go on")
            }
        }
    }

    /// The answer to [`Step::Ask`]: why not, if it is not taken.
    pub(super) fn recipient(&mut self, address: String, refusal: Option<u16>) -> String {
        match refusal {
            None => {
                if let State::Envelope(envelope) = &mut self.state {
                    envelope.to.push(address);
                }
                "250 2.1.5 Go on".to_owned()
            }
            Some(code) => format!("{code} {}.0.0 Told to refuse this", code / 100),
        }
    }

    fn content(&mut self, line: &[u8]) -> Step {
        let State::Content(content) = &mut self.state else { return Step::Listen };
        if content.at_start && line == b".\r\n" {
            let too_large = content.sent > MAX_SIZE;
            let envelope = std::mem::take(&mut content.envelope);
            self.state = State::Ready;
            return if too_large {
                said("552 5.3.4 Too large")
            } else {
                Step::Keep(envelope, "250 2.0.0 Kept".to_owned())
            };
        }
        // A dot that began a line was sent as two.
        let text = if content.at_start && line.starts_with(b".") { &line[1..] } else { line };
        content.at_start = line.ends_with(b"\r\n");
        content.sent += text.len();
        if content.sent > MAX_SENT {
            return Step::HangUp("552 5.3.4 Far too large".to_owned());
        }
        if content.sent <= MAX_SIZE {
            content.envelope.content.extend_from_slice(text);
        }
        Step::Listen
    }

    fn mistake(&mut self, text: &str) -> Step {
        self.mistakes += 1;
        if self.mistakes >= MAX_MISTAKES {
            let mut text = text.to_owned();
            let _ = write!(text, "\r\n421 4.7.0 That was once too often");
            return Step::HangUp(text);
        }
        said(text)
    }
}

fn said(text: &str) -> Step {
    Step::Say(text.to_owned())
}

/// A command without its end; none if it is not text.
fn read(line: &[u8]) -> Option<String> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line).ok()?;
    (!text.chars().any(char::is_control)).then(|| text.to_owned())
}

/// `FROM:<somebody@example.org> SIZE=1`: the address, and what follows it.
fn path<'a>(rest: &'a str, word: &str) -> Option<(String, &'a str)> {
    let head = rest.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word))?;
    let (address, parameters) = rest[head.len()..].trim_start().strip_prefix('<')?.split_once('>')?;
    let well = address.len() <= MAX_ADDRESS && !address.contains(['<', ' ']);
    (well && (parameters.is_empty() || parameters.starts_with(' '))).then(|| (address.to_owned(), parameters))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Says all lines; the codes that came back, and the mails.
    fn talk(lines: &[&[u8]]) -> (Vec<String>, Vec<Envelope>) {
        let mut conversation = Conversation::new("Inbox");
        let (mut codes, mut mails) = (Vec::new(), Vec::new());
        for line in lines {
            let text = match conversation.line(line) {
                Step::Listen => continue,
                Step::Say(text) | Step::HangUp(text) => text,
                Step::Ask(address) => conversation.recipient(address, None),
                Step::Keep(mail, text) => {
                    mails.push(mail);
                    text
                }
            };
            codes.push(text[..3].to_owned());
        }
        (codes, mails)
    }

    #[test]
    fn a_mail_comes_in() {
        let (codes, mails) = talk(&[
            b"EHLO there\r\n",
            b"mail from:<a@example.org> size=12 BODY=8BITMIME\r\n",
            b"RCPT TO:<b@example.org>\r\n",
            b"RCPT TO: <c@example.org>\r\n",
            b"DATA\r\n",
            b"Subject: x\r\n",
            b"..dot\r\n",
            b".\n",
            b".\r\n",
            b"\r\n",
            b".\r\n",
            b"QUIT\r\n",
        ]);
        assert_eq!(codes, ["250", "250", "250", "250", "354", "250", "221"]);
        assert_eq!(mails[0].to, ["b@example.org", "c@example.org"]);
        assert_eq!(String::from_utf8_lossy(&mails[0].content), "Subject: x\r\n.dot\r\n\n.\r\n\r\n");
    }

    #[test]
    fn what_comes_out_of_order_is_refused() {
        for (lines, code) in [
            (&[b"MAIL FROM:<a@b>\r\n".as_slice()] as &[&[u8]], "503"),
            (&[b"EHLO x\r\n", b"RCPT TO:<a@b>\r\n"], "503"),
            (&[b"EHLO x\r\n", b"DATA\r\n"], "503"),
            (&[b"EHLO x\r\n", b"MAIL FROM:<>\r\n", b"DATA\r\n"], "503"),
            (&[b"EHLO x\r\n", b"MAIL FROM:<>\r\n", b"MAIL FROM:<>\r\n"], "503"),
            (&[b"EHLO x\r\n", b"MAIL FROM:a@b\r\n"], "501"),
            (&[b"EHLO x\r\n", b"MAIL FROM:<a@b>SIZE=1\r\n"], "501"),
            (&[b"EHLO x\r\n", b"MAIL FROM:<a@b> SIZE=x\r\n"], "501"),
            (&[b"EHLO x\r\n", b"MAIL FROM:<a@b> SIZE=1048577\r\n"], "552"),
            (&[b"EHLO x\r\n", b"MAIL FROM:<>\r\n", b"RCPT TO:<>\r\n"], "501"),
            (&[b"EHLO x\r\n", b"STARTTLS\r\n"], "500"),
            (&[b"EHLO x\r\n", b"\xff\r\n"], "500"),
            (&[b"EHLO\r\n"], "501"),
            (&[b"POST / HTTP/1.1\r\n"], "554"),
        ] {
            let (codes, mails) = talk(lines);
            assert_eq!((codes.last().unwrap().as_str(), mails.len()), (code, 0), "{lines:?}");
        }
    }

    #[test]
    fn recipients_and_mistakes_are_bounded() {
        let mut lines: Vec<&[u8]> = vec![b"EHLO x\r\n", b"MAIL FROM:<>\r\n"];
        lines.extend([b"RCPT TO:<a@b>\r\n".as_slice(); MAX_RECIPIENTS + 1]);
        assert_eq!(talk(&lines).0.last().unwrap(), "452");

        let mut conversation = Conversation::new("Inbox");
        conversation.line(b"EHLO x\r\n");
        let ends =
            (0..MAX_MISTAKES).map(|_| conversation.line(b"WHAT\r\n")).filter(|step| matches!(step, Step::HangUp(_)));
        assert_eq!(ends.count(), 1);
    }

    #[test]
    fn a_mail_that_is_too_large_is_swallowed() {
        let mut conversation = Conversation::new("Inbox");
        for line in [b"EHLO x\r\n".as_slice(), b"MAIL FROM:<>\r\n"] {
            conversation.line(line);
        }
        conversation.recipient("a@b".to_owned(), None);
        conversation.line(b"DATA\r\n");
        let line = [b"x".repeat(998), b"\r\n".to_vec()].concat();
        for _ in 0..1100 {
            assert_eq!(conversation.line(&line), Step::Listen);
        }
        assert_eq!(conversation.line(b".\r\n"), said("552 5.3.4 Too large"));
        assert_eq!(conversation.line(b"MAIL FROM:<>\r\n"), said("250 2.1.0 Go on"));
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_answered(lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20)) {
            let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
            let (codes, mails) = talk(&lines);
            prop_assert!(mails.is_empty() && codes.iter().all(|code| code.parse::<u16>().is_ok()));
        }
    }
}
