//! A mail, taken apart.

use domain::Timestamp;
use mail_parser::MessageParser;

use super::smtp::Envelope;

/// Bytes of text that are kept beside the mail itself.
const MAX_TEXT: usize = 100 * 1024;
/// Of a subject.
const MAX_SUBJECT: usize = 1000;

/// One mail that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Counts mails from 1.
    pub number: u64,
    pub at: Timestamp,
    /// Who handed it over says whom it is from; empty for a bounce.
    pub from: String,
    /// Everybody to whom it was to go.
    pub to: Vec<String>,
    /// Decoded; empty if there is none.
    pub subject: String,
    /// Decoded: the plain part, or what the HTML part says.
    pub text: String,
    /// Names and values, as they were sent but in one line each.
    pub headers: Vec<(String, String)>,
    /// Every byte of it.
    pub raw: Vec<u8>,
}

impl Mail {
    pub(super) fn of(envelope: Envelope, number: u64, at: Timestamp) -> Self {
        let Envelope { from, to, content } = envelope;
        let parsed = MessageParser::default().parse(&content);
        let (subject, text, headers) = parsed.as_ref().map_or_else(
            || (String::new(), String::from_utf8_lossy(&content).into_owned(), Vec::new()),
            |mail| {
                let subject = mail.subject().unwrap_or_default().to_owned();
                let text = mail.body_text(0).unwrap_or_default().into_owned();
                let headers = mail.headers_raw().map(|(name, value)| (name.to_owned(), one_line(value)));
                (subject, text, headers.collect())
            },
        );
        Self {
            number,
            at,
            from,
            to,
            subject: shortened(one_line(&subject), MAX_SUBJECT),
            text: shortened(text.replace("\r\n", "\n"), MAX_TEXT),
            headers,
            raw: content,
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The links of its text, in their order.
    pub fn links(&self) -> Vec<&str> {
        let pieces = pieces(&self.text).into_iter();
        pieces.filter_map(|piece| if let Piece::Link(link) = piece { Some(link) } else { None }).collect()
    }
}

/// Folded lines become one.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shortened(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        text.truncate(text.floor_char_boundary(bytes));
        text.push('…');
    }
    text
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    /// Of http or https.
    Link(&'t str),
}

/// A text, with its links apart.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut rest, mut from) = (text, 0);
    while let Some(start) = next_link(rest, from) {
        let end = start + link_length(&rest[start..]);
        if end - start <= "https://".len() {
            from = end.max(start + 1);
            continue;
        }
        if start > 0 {
            pieces.push(Piece::Text(&rest[..start]));
        }
        pieces.push(Piece::Link(&rest[start..end]));
        (rest, from) = (&rest[end..], 0);
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

fn next_link(text: &str, from: usize) -> Option<usize> {
    let text = text.get(from..)?;
    let starts = ["http://", "https://"].iter().filter_map(|scheme| text.find(scheme));
    starts.min().map(|start| start + from)
}

/// Up to white space or what never stands in an address, without the punctuation of the sentence around it.
fn link_length(text: &str) -> usize {
    let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`' | '{' | '}' | '|');
    let link = &text[..text.find(ends).unwrap_or(text.len())];
    link.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '*']).len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mail(content: &str) -> Mail {
        let envelope = Envelope { from: "a@b".to_owned(), to: vec!["c@d".to_owned()], content: content.into() };
        Mail::of(envelope, 1, Timestamp::from_micros(0))
    }

    #[test]
    fn words_and_texts_are_decoded() {
        let mail = mail(
            "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?B?IGhlcmU=?=\r\nX-Folded: one\r\n two\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
             Press =E2=86=92 http://127.0.0.1:8080/verify?token=3Dab=\r\ncd.\r\n",
        );
        assert_eq!(mail.subject, "Grüße here");
        assert_eq!(mail.header("x-folded"), Some("one two"));
        assert_eq!(mail.text, "Press → http://127.0.0.1:8080/verify?token=abcd.\n");
        assert_eq!(mail.links(), ["http://127.0.0.1:8080/verify?token=abcd"]);
    }

    #[test]
    fn of_two_forms_the_plain_one_is_shown() {
        let mail = mail(
            "Subject: Two\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\
             Content-Type: text/html\r\n\r\n<p>Rich</p>\r\n--x\r\nContent-Type: text/plain\r\n\
             Content-Transfer-Encoding: base64\r\n\r\nUGxhaW4=\r\n--x--\r\n",
        );
        assert_eq!(mail.text.trim(), "Plain");
    }

    #[test]
    fn links_end_where_they_do() {
        assert_eq!(
            pieces("See <https://a.example/x>, (http://b.example). No javascript:alert(1), no http:// alone"),
            [
                Piece::Text("See <"),
                Piece::Link("https://a.example/x"),
                Piece::Text(">, ("),
                Piece::Link("http://b.example"),
                Piece::Text("). No javascript:alert(1), no http:// alone"),
            ]
        );
    }

    proptest! {
        #[test]
        fn pieces_make_the_text_again(text in "(http://|https://|[a-z.<> \u{e4}]){0,20}") {
            let whole: String = pieces(&text)
                .into_iter()
                .map(|piece| match piece { Piece::Text(text) | Piece::Link(text) => text })
                .collect();
            prop_assert_eq!(whole, text);
        }

        #[test]
        fn anything_is_a_mail(content in prop::collection::vec(any::<u8>(), 0..400)) {
            let mail = Mail::of(Envelope { content: content.clone(), ..Envelope::default() }, 1, Timestamp::from_micros(0));
            prop_assert_eq!(mail.raw, content);
        }
    }
}
