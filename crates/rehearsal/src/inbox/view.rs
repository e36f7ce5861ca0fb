//! How the page looks: plain HTML, written out.

use std::fmt::{self, Display as _};

use super::{
    Mail, Shared,
    mail::{Piece, pieces},
};
use crate::page::{AS_IT_WAS, Escaped, FOOT, Head, clock_time, letter};

/// Bytes of a mail's beginning in the list.
const GLIMPSE: usize = 140;

/// Everything that was received, the newest first.
pub(super) struct List {
    version: u64,
    name: String,
    address: String,
    rows: Vec<Row>,
}

struct Row {
    number: u64,
    at: String,
    to: String,
    subject: String,
    glimpse: String,
}

impl List {
    pub(super) fn of(shared: &Shared, version: u64) -> Self {
        Self {
            version,
            name: shared.name.clone(),
            address: format!("smtp://{}", shared.address),
            rows: shared.held().mails.iter().rev().map(Row::of).collect(),
        }
    }

    fn head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<header><span class=\"mark\" aria-hidden=\"true\">{letter}</span><div><h1>{name}</h1>\
             <p>Whatever mail is sent at <code>{address}</code> ends here, to whomever it goes. Nothing leaves this \
             machine, and all of it is forgotten when it stops.</p></div></header>",
            letter = Escaped(&letter(&self.name)),
            name = Escaped(&self.name),
            address = Escaped(&self.address),
        )
    }

    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.is_empty() {
            return f.write_str(
                "<p class=\"empty\"><strong>No mails yet</strong> They appear here as soon as one is sent.</p>",
            );
        }
        f.write_str(
            "<div class=\"scroll\" id=\"mail-table\" tabindex=\"0\" role=\"region\" aria-label=\"List of mails\">\
             <table><thead><tr><th scope=\"col\">Subject<th scope=\"col\">To<th scope=\"col\">Received</tr></thead>\
             <tbody>",
        )?;
        self.rows.iter().try_for_each(|row| row.fmt(f))?;
        f.write_str(
            "</tbody></table></div><form method=\"post\" action=\"/empty\" class=\"below\">\
             <button id=\"empty\">Empty the inbox</button></form>",
        )
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Head { title: &self.name, system: &self.name, version: Some(self.version) }.fmt(f)?;
        self.head(f)?;
        write!(
            f,
            "{AS_IT_WAS}<main class=\"single\"><section aria-labelledby=\"mails\"><h2 id=\"mails\">Mails \
             <span class=\"count\">{}</span></h2>",
            counted(self.rows.len()),
        )?;
        self.table(f)?;
        write!(f, "</section></main>{FOOT}")
    }
}

impl Row {
    fn of(mail: &Mail) -> Self {
        let text = mail.text.split_whitespace().take(40).collect::<Vec<_>>().join(" ");
        Self {
            number: mail.number,
            at: clock_time(mail.at),
            to: mail.to.join(", "),
            subject: subject(mail).to_owned(),
            glimpse: text[..text.floor_char_boundary(GLIMPSE)].to_owned(),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<tr><th scope=\"row\"><a id=\"mail-{number}\" href=\"/mails/{number}\">{subject}</a>\
             <span class=\"hint\">{glimpse}</span></th><td>{to}</td><td>{at}</td></tr>",
            number = self.number,
            subject = Escaped(&self.subject),
            glimpse = Escaped(&self.glimpse),
            to = Escaped(&self.to),
            at = self.at,
        )
    }
}

/// One mail.
pub(super) struct One<'a> {
    pub(super) name: &'a str,
    pub(super) mail: &'a Mail,
}

impl One<'_> {
    fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<div class=\"text\">")?;
        for piece in pieces(&self.mail.text) {
            match piece {
                Piece::Text(text) => Escaped(text).fmt(f)?,
                Piece::Link(link) => {
                    write!(f, "<a href=\"{link}\" rel=\"noreferrer\">{link}</a>", link = Escaped(link))?;
                }
            }
        }
        f.write_str("</div>")
    }

    fn headers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<details><summary>Headers</summary><pre>")?;
        for (name, value) in &self.mail.headers {
            writeln!(f, "{}: {}", Escaped(name), Escaped(value))?;
        }
        f.write_str("</pre></details>")
    }
}

impl fmt::Display for One<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, mail } = self;
        let title = format!("{} – {name}", subject(mail));
        Head { title: &title, system: name, version: None }.fmt(f)?;
        write!(
            f,
            "<header><span class=\"mark\" aria-hidden=\"true\">{letter}</span><div><h1>{subject}</h1>\
             <p>To {to}, from {from}, at {at}. <a href=\"/\">All mails</a></p></div></header>\
             <main class=\"single\"><article class=\"card\">",
            letter = Escaped(&letter(name)),
            subject = Escaped(subject(mail)),
            to = Escaped(&mail.to.join(", ")),
            from = Escaped(if mail.from.is_empty() { "nobody" } else { &mail.from }),
            at = clock_time(mail.at),
        )?;
        self.text(f)?;
        self.headers(f)?;
        write!(f, "</article></main>{FOOT}")
    }
}

fn subject(mail: &Mail) -> &str {
    if mail.subject.is_empty() { "(no subject)" } else { &mail.subject }
}

fn counted(mails: usize) -> String {
    if mails == 1 { "1 mail".to_owned() } else { format!("{mails} mails") }
}
