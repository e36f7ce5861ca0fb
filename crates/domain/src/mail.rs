//! Mail: what Usher writes to people, in words that an administrator may choose.

use std::{collections::BTreeMap, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{MailId, Timestamp, branding::Branding, validation::FieldErrors};

/// Characters in a template's subject.
pub const SUBJECT: usize = 150;
/// Characters in a template's text.
pub const TEXT: usize = 4_000;

/// What a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Somebody registered: the address is theirs once they follow the link.
    Verification,
    /// Somebody registered with the address of an account that exists.
    Registered,
    /// Somebody was added, and sets their own password.
    Invitation,
    PasswordReset,
    /// Somebody wants another mail address: it is theirs once they follow the link.
    AddressChange,
    /// To the address that was somebody's before.
    AddressChanged,
    /// Something needs an administrator.
    Alert,
}

impl Kind {
    pub const ALL: [Self; 7] = [
        Self::Verification,
        Self::Registered,
        Self::Invitation,
        Self::PasswordReset,
        Self::AddressChange,
        Self::AddressChanged,
        Self::Alert,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::Registered => "registered",
            Self::Invitation => "invitation",
            Self::PasswordReset => "password-reset",
            Self::AddressChange => "address-change",
            Self::AddressChanged => "address-changed",
            Self::Alert => "alert",
        }
    }

    /// As the console calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Verification => "Account verification",
            Self::Registered => "Registered already",
            Self::Invitation => "Invitation",
            Self::PasswordReset => "Password reset",
            Self::AddressChange => "Address change",
            Self::AddressChanged => "Address changed",
            Self::Alert => "Alert",
        }
    }

    /// When it is sent.
    pub fn occasion(self) -> &'static str {
        match self {
            Self::Verification => "To whoever registers, with the link that confirms their address.",
            Self::Registered => {
                "To somebody who has an account when their address is registered again, or wanted for another account."
            }
            Self::Invitation => "To whoever was added and is to set a password.",
            Self::PasswordReset => "To whoever forgot their password and asked for a link.",
            Self::AddressChange => "To the new mail address that somebody chose, with the link that confirms it.",
            Self::AddressChanged => "To the address before, once somebody has confirmed another one.",
            Self::Alert => {
                "To every administrator with a mail address, when a connector pauses until somebody mends it."
            }
        }
    }

    /// What the text may stand in for, as `{{name}}`; the link is needed where there is one.
    pub fn placeholders(self) -> &'static [&'static str] {
        match self {
            Self::Verification | Self::Invitation | Self::PasswordReset => {
                &["name", "user_name", "organization", "link", "expires"]
            }
            // It may reach a stranger: who has chosen a user name has not chosen what a stranger reads.
            Self::AddressChange => &["name", "organization", "link", "expires"],
            Self::Registered | Self::AddressChanged => &["name", "user_name", "organization", "link"],
            Self::Alert => &["name", "organization", "link", "reason"],
        }
    }

    /// What the button says that stands for the link.
    pub fn button(self) -> &'static str {
        match self {
            Self::Verification | Self::AddressChange => "Confirm your address",
            Self::Registered => "Sign in",
            Self::Invitation | Self::PasswordReset => "Set your password",
            Self::AddressChanged => "Look at your account",
            Self::Alert => "Look at it",
        }
    }

    /// The words until an administrator chooses others.
    pub fn template(self) -> Template {
        let (subject, text) = match self {
            Self::Verification => (
                "Confirm your address for {{organization}}",
                "Hello {{name}},\n\nsomebody, probably you, registered with this address at {{organization}}. Confirm \
                 that it is yours:\n\n{{link}}\n\nThe link works once, until {{expires}}. If it was not you, there is \
                 nothing to do.",
            ),
            Self::Registered => (
                "You have an account at {{organization}}",
                "Hello {{name}},\n\nsomebody, probably you, registered with this address at {{organization}}, or wanted \
                 it for another account. You have an account there already; your user name is {{user_name}}. Sign in, \
                 or choose \"Forgot password\" there:\n\n{{link}}\n\nIf it was not you, there is nothing to do.",
            ),
            Self::Invitation => (
                "Your account at {{organization}}",
                "Hello {{name}},\n\nan account was made for you at {{organization}}. Your user name is {{user_name}}. \
                 Set your password:\n\n{{link}}\n\nThe link works once, until {{expires}}.",
            ),
            Self::PasswordReset => (
                "Set a new password for {{organization}}",
                "Hello {{name}},\n\nsomebody, probably you, asked for a new password at {{organization}}. Set it \
                 here:\n\n{{link}}\n\nThe link works once, until {{expires}}. If it was not you, there is nothing to do: \
                 your password stays as it is.",
            ),
            Self::AddressChange => (
                "Confirm your new address for {{organization}}",
                "Hello {{name}},\n\nsomebody, probably you, wants this to be the mail address of their account at \
                 {{organization}}. Confirm that it is yours:\n\n{{link}}\n\nThe link works once, until {{expires}}. If \
                 it was not you, there is nothing to do.",
            ),
            Self::AddressChanged => (
                "Your mail address at {{organization}} was changed",
                "Hello {{name}},\n\nthe account {{user_name}} at {{organization}} has another mail address now, and this \
                 one gets no more mail. It was you? Then there is nothing to do. If it was not, tell an administrator at \
                 once, and look at your account:\n\n{{link}}",
            ),
            Self::Alert => ("{{organization}}: something needs you", "Hello {{name}},\n\n{{reason}}\n\n{{link}}"),
        };
        Template { subject: subject.to_owned(), text: text.to_owned() }
    }
}

impl FromStr for Kind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// How a mail stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It goes out at `due_at`; the text says why not before.
    Due,
    Sent,
    /// The text says why; only a person sends it again.
    Failed,
    /// There was no reason to send it any more.
    Dropped,
}

impl State {
    pub const ALL: [Self; 4] = [Self::Due, Self::Sent, Self::Failed, Self::Dropped];

    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }
}

impl FromStr for State {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub id: MailId,
    pub kind: Kind,
    /// The address.
    pub recipient: String,
    /// How they are addressed.
    pub name: String,
    /// The user or registration that the link is for.
    pub about: Option<Uuid>,
    pub state: State,
    /// Why it waits, failed or was dropped.
    pub text: String,
    /// What an alert says.
    pub words: String,
    pub tries: u32,
    pub due_at: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// The words of a kind of mail, with placeholders such as `{{name}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    pub subject: String,
    pub text: String,
}

/// A mail that is ready to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Template {
    pub fn check(self, kind: Kind) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let checked =
            Self { subject: self.subject.trim().to_owned(), text: self.text.replace("\r\n", "\n").trim().to_owned() };
        for (field, text, limit) in [("subject", &checked.subject, SUBJECT), ("text", &checked.text, TEXT)] {
            if text.is_empty() {
                errors.add(field, "Write something.");
            } else if text.chars().count() > limit {
                errors.add(field, format!("At most {limit} characters."));
            } else if text.chars().any(|c| c.is_control() && !(c == '\n' && field == "text")) {
                errors.add(field, "No control characters.");
            } else if let Some(unknown) = unknown(text, kind) {
                let known: Vec<String> = kind.placeholders().iter().map(|name| braced(name)).collect();
                errors.add(field, format!("There is no {unknown} in this mail, only {}.", known.join(", ")));
            }
        }
        if !checked.text.contains(&braced("link")) {
            errors.add("text", "The text needs {{link}}: without it nobody can follow the mail.");
        }
        errors.into_result().map(|()| checked)
    }

    pub fn render(&self, kind: Kind, branding: &Branding, values: &BTreeMap<&str, String>) -> Letter {
        let text = filled(&self.text, values, str::to_owned);
        Letter {
            subject: filled(&self.subject, values, str::to_owned).replace('\n', " "),
            html: html(&self.text, kind, branding, values),
            text,
        }
    }
}

fn braced(name: &str) -> String {
    format!("{{{{{name}}}}}")
}

/// A placeholder that this kind of mail does not have.
fn unknown(text: &str, kind: Kind) -> Option<String> {
    let names = text.split("{{").skip(1).map(|rest| rest.split_once("}}").map(|(name, _)| name));
    names
        .into_iter()
        .map(|name| name.unwrap_or("{{ without }}"))
        .find(|name| !kind.placeholders().contains(name))
        .map(|name| if name.starts_with('{') { name.to_owned() } else { braced(name) })
}

/// In one pass, so that what is filled in is not looked at again.
fn filled(text: &str, values: &BTreeMap<&str, String>, escape: fn(&str) -> String) -> String {
    let mut pieces = text.split("{{");
    let mut out = escape(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or((piece, ""));
        out.push_str(&escape(values.get(name).map_or("", String::as_str)));
        out.push_str(&escape(rest));
    }
    out
}

/// Plain enough for every mail program: paragraphs, and a button where the link stands by itself.
fn html(text: &str, kind: Kind, branding: &Branding, values: &BTreeMap<&str, String>) -> String {
    let paragraphs: Vec<String> = text
        .split("\n\n")
        .map(|paragraph| {
            if paragraph.trim() == braced("link") {
                let link = escaped(values.get("link").map_or("", String::as_str));
                format!(
                    "<p style=\"margin:24px 0\"><a href=\"{link}\" style=\"background:{};color:{};padding:11px 18px;\
                     border-radius:6px;text-decoration:none;font-weight:600\">{}</a></p>\
                     <p style=\"color:#6b675f;font-size:13px\">{link}</p>",
                    branding.colour,
                    branding.ink(),
                    escaped(kind.button()),
                )
            } else {
                format!("<p>{}</p>", filled(paragraph, values, escaped).replace('\n', "<br>"))
            }
        })
        .collect();
    format!(
        "<!DOCTYPE html><html lang=\"en\"><body style=\"font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;\
         color:#1c1b18;max-width:560px;margin:24px auto;padding:0 16px\"><p style=\"font-weight:700\">{}</p>{}</body>\
         </html>",
        escaped(&branding.organization),
        paragraphs.join("")
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("name", "Ada <b>".to_owned()),
            ("organization", "Example {{name}}".to_owned()),
            ("link", "https://id.example.org/x?a=1&b=2".to_owned()),
            ("expires", "tomorrow".to_owned()),
            ("user_name", "ada".to_owned()),
            ("reason", "It is red.".to_owned()),
        ])
    }

    #[test]
    fn every_template_passes_its_own_check_and_has_its_link() {
        for kind in Kind::ALL {
            let template = kind.template().check(kind).unwrap();
            let letter = template.render(kind, &Branding::default(), &values());
            assert!(letter.text.contains("https://id.example.org/x?a=1&b=2"), "{kind:?}");
            assert!(letter.html.contains("href=\"https://id.example.org/x?a=1&amp;b=2\""), "{kind:?}");
            assert!(!letter.text.contains("{{link") && !letter.html.contains("{{link"), "{kind:?}");
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
    }

    #[test]
    fn what_is_filled_in_is_neither_markup_nor_a_placeholder() {
        let template = Template { subject: "{{organization}}".to_owned(), text: "{{name}} {{link}}".to_owned() };
        let letter = template.render(Kind::Alert, &Branding::default(), &values());
        assert_eq!(letter.subject, "Example {{name}}");
        assert!(letter.html.contains("Ada &lt;b&gt;") && !letter.html.contains("<b>"));
    }

    #[test]
    fn a_template_without_its_link_or_with_an_unknown_word_is_refused() {
        let check = |subject: &str, text: &str| {
            Template { subject: subject.to_owned(), text: text.to_owned() }.check(Kind::Registered).unwrap_err()
        };
        assert!(check("Hello", "no way in").get("text").unwrap().contains("{{link}}"));
        assert!(check("{{expires}}", "{{link}}").get("subject").unwrap().contains("{{user_name}}"));
        assert!(check("{{name", "{{link}}").get("subject").is_some());
        assert!(check("a\nb", "{{link}}").get("subject").is_some());
        assert!(check("", "{{link}}").get("subject").is_some());
        assert!(check(&"x".repeat(SUBJECT + 1), "{{link}}").get("subject").is_some());
    }
}
