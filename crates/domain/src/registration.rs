//! Self-registration: what an administrator allows, and what somebody who registers has to give.

mod questions;

pub use questions::{AskedAttribute, Question, can_be_asked};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    extension::Extension,
    limits,
    user::UserInput,
    validation::{FieldErrors, edits, has_control, is_mail},
};

/// Minutes that a verification link may work: never longer than a clear password may be kept.
pub const LINK_MINUTES: std::ops::RangeInclusive<u32> = 5..=1_440;
/// Domains, and groups, that can be named, and attributes that can be asked.
pub const LISTED: usize = 50;
/// Characters in the shortest password that can be asked for.
pub const LEAST_PASSWORD: std::ops::RangeInclusive<usize> = 12..=64;

/// Characters of a name by which a mail addresses somebody who has not shown that they are meant.
const PLAIN_NAME: usize = 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Asked {
    No,
    Optional,
    Required,
}

impl Asked {
    pub const ALL: [Self; 3] = [Self::No, Self::Optional, Self::Required];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }

    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|asked| asked.as_str() == text)
    }
}

/// A stored payload: add, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct SelfRegistration {
    pub enabled: bool,
    /// A mail has to show that the address is theirs.
    pub verification: bool,
    pub link_minutes: u32,
    /// They may sign in before that; accounts elsewhere follow after it.
    pub activate_at_once: bool,
    pub sign_in: bool,
    /// The address is the user name; else they choose one.
    pub mail_is_user_name: bool,
    pub given_name: Asked,
    pub family_name: Asked,
    pub phone_number: Asked,
    /// Which attributes of an administrator's are asked.
    pub attributes: Vec<AskedAttribute>,
    /// Whose addresses may register; empty: everybody's.
    pub domains: Vec<String>,
    /// The groups that a new user gets, by name.
    pub groups: Vec<String>,
    /// Characters in a password, at least.
    pub least_password: usize,
    /// A browser does a sum first; whoever brings none is held to a much stricter limit.
    pub proof_of_work: bool,
}

impl Default for SelfRegistration {
    fn default() -> Self {
        Self {
            enabled: false,
            verification: true,
            link_minutes: 1_440,
            activate_at_once: false,
            sign_in: true,
            mail_is_user_name: true,
            given_name: Asked::Required,
            family_name: Asked::Required,
            phone_number: Asked::No,
            attributes: Vec::new(),
            domains: Vec::new(),
            groups: Vec::new(),
            least_password: *limits::PASSWORD.start(),
            proof_of_work: false,
        }
    }
}

impl SelfRegistration {
    pub fn check(mut self) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        if !LINK_MINUTES.contains(&self.link_minutes) {
            let (least, most) = (LINK_MINUTES.start(), LINK_MINUTES.end());
            errors.add("link_minutes", format!("From {least} to {most} minutes."));
        }
        if !LEAST_PASSWORD.contains(&self.least_password) {
            let (least, most) = (LEAST_PASSWORD.start(), LEAST_PASSWORD.end());
            errors.add("least_password", format!("From {least} to {most} characters."));
        }
        if self.activate_at_once && !self.verification {
            self.activate_at_once = false;
        }
        let lower: Vec<String> = self.domains.iter().map(|domain| domain.to_lowercase()).collect();
        self.domains = listed(&lower);
        self.groups = listed(&self.groups);
        if let Some(wrong) = self.domains.iter().find(|domain| !is_domain(domain)) {
            errors.add("domains", format!("“{wrong}” is no domain. Write one on each line, such as example.org."));
        }
        for (field, list) in [("domains", &self.domains), ("groups", &self.groups)] {
            if list.len() > LISTED {
                errors.add(field, format!("At most {LISTED}."));
            }
        }
        if self.attributes.len() > LISTED {
            errors.add("", format!("At most {LISTED} attributes can be asked."));
        }
        if let Some(wrong) = self.groups.iter().find(|group| group.chars().count() > limits::GROUP_NAME) {
            errors.add("groups", format!("“{wrong}” is too long for a group's name."));
        }
        errors.into_result().map(|()| self)
    }

    /// Whether an answer to somebody who registers tells that an account exists.
    pub fn tells_of_accounts(&self, schemas: &[Extension]) -> bool {
        let asks_unique = || self.questions(schemas).iter().any(|question| question.attribute.definition.unique);
        !self.verification || self.activate_at_once || !self.mail_is_user_name || asks_unique()
    }

    /// What somebody typed, as the user that they shall be; each error stands at its field.
    pub fn read(&self, typed: &Typed, schemas: &[Extension]) -> Result<UserInput, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mail = typed.mail.trim();
        if mail.is_empty() {
            errors.add("mail", "Enter your mail address.");
        } else if !is_mail(mail) || mail.chars().count() > limits::USER_NAME || has_control(mail) {
            errors.add("mail", "This is no mail address. It looks like ada@example.org.");
        } else if let Some(message) = self.not_allowed(mail) {
            errors.add("mail", message);
        }
        let user_name = if self.mail_is_user_name { mail } else { typed.user_name.trim() };
        // Where the address is the name, its own error says it all.
        if user_name.is_empty() && !self.mail_is_user_name {
            errors.add("user_name", "Choose a user name.");
        }
        let asked = [
            ("given_name", self.given_name, &typed.given_name, "Enter your first name."),
            ("family_name", self.family_name, &typed.family_name, "Enter your last name."),
            ("phone_number", self.phone_number, &typed.phone_number, "Enter your phone number."),
        ];
        let [given_name, family_name, phone_number] = asked.map(|(field, asked, text, missing)| {
            let text = if asked == Asked::No { "" } else { text.trim() };
            if text.is_empty() && asked == Asked::Required {
                errors.add(field, missing);
            } else if text.chars().count() > limits::ATTRIBUTE || has_control(text) || text.contains('\n') {
                errors.add(field, format!("At most {} characters, without line breaks.", limits::ATTRIBUTE));
            }
            text
        });
        let extensions = self.answers(schemas, typed, &mut errors);
        errors.into_result()?;
        let mut input = UserInput::basic(user_name, given_name, family_name, mail);
        input.profile.extensions = extensions;
        if !phone_number.is_empty() {
            input.profile.phone_numbers = vec![crate::user::Valued {
                value: phone_number.to_owned(),
                kind: Some("work".to_owned()),
                ..crate::user::Valued::default()
            }];
        }
        input.check().map_err(|errors| renamed(&errors))
    }

    /// Why an address may not register, with what was probably meant.
    fn not_allowed(&self, mail: &str) -> Option<String> {
        let (local, domain) = mail.rsplit_once('@')?;
        let domain = domain.to_lowercase();
        if self.domains.is_empty() || self.domains.contains(&domain) {
            return None;
        }
        let meant = self.domains.iter().find(|allowed| is_near(allowed, &domain));
        let hint = meant.map(|meant| format!(" Did you mean {local}@{meant}?")).unwrap_or_default();
        Some(format!("Only addresses at {} can register.{hint}", in_words(&self.domains)))
    }
}

/// Whether a name is a name and no message: short, and nothing that a mail program makes a link of.
pub fn is_plain_name(name: &str) -> bool {
    let linked =
        name.contains(['/', ':', '@']) || name.split_whitespace().any(|word| word.trim_end_matches('.').contains('.'));
    name.chars().count() <= PLAIN_NAME && !linked
}

/// As it was typed.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    pub user_name: String,
    pub mail: String,
    pub given_name: String,
    pub family_name: String,
    pub phone_number: String,
    /// By `custom.` and the attribute's id.
    pub attributes: BTreeMap<String, String>,
}

fn listed(list: &[String]) -> Vec<String> {
    let mut listed: Vec<String> = Vec::new();
    for one in list.iter().map(|one| one.trim()).filter(|one| !one.is_empty()) {
        if !listed.iter().any(|known| known == one) {
            listed.push(one.to_owned());
        }
    }
    listed
}

fn is_domain(text: &str) -> bool {
    let labels = || text.split('.');
    text.len() <= 253
        && labels().count() > 1
        && labels().all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        })
}

/// `a, b or c`
pub fn in_words(list: &[String]) -> String {
    match list {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., end] => format!("{} or {end}", before.join(", ")),
    }
}

/// The names under which the form knows the fields of a user.
fn renamed(errors: &FieldErrors) -> FieldErrors {
    let mut renamed = FieldErrors::default();
    for (field, message) in &errors.0 {
        let name = match field.as_str() {
            "userName" => "user_name",
            "emails" => "mail",
            _ => "",
        };
        renamed.add(name, message.clone());
    }
    renamed
}

/// Two edits apart at most: also two letters that changed places.
fn is_near(one: &str, other: &str) -> bool {
    one.chars().count().abs_diff(other.chars().count()) <= 2 && edits(one, other) <= 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AttributeId, extension::Kind};

    fn typed(mail: &str) -> Typed {
        Typed {
            mail: mail.to_owned(),
            given_name: "Ada".to_owned(),
            family_name: "Lovelace".to_owned(),
            ..Typed::default()
        }
    }

    fn only(domain: &str) -> SelfRegistration {
        SelfRegistration { domains: vec![domain.to_owned()], ..SelfRegistration::default() }
    }

    #[test]
    fn the_address_is_the_user_name_unless_one_is_chosen() {
        let input = SelfRegistration::default().read(&typed(" Ada@example.org "), &[]).unwrap();
        assert_eq!(
            (input.user_name.as_str(), input.profile.primary_email()),
            ("Ada@example.org", Some("Ada@example.org"))
        );
        let own = SelfRegistration { mail_is_user_name: false, ..SelfRegistration::default() };
        assert!(own.read(&typed("ada@example.org"), &[]).unwrap_err().get("user_name").is_some());
        let named = Typed { user_name: "ada".to_owned(), ..typed("ada@example.org") };
        assert_eq!(own.read(&named, &[]).unwrap().user_name, "ada");
    }

    #[test]
    fn a_mistyped_domain_is_told_with_what_was_meant() {
        let error = only("example.org").read(&typed("ada@exampel.org"), &[]).unwrap_err();
        let said = "Only addresses at example.org can register. Did you mean ada@example.org?";
        assert_eq!(error.get("mail"), Some(said));
        let error = only("example.org").read(&typed("ada@elsewhere.net"), &[]).unwrap_err();
        assert_eq!(error.get("mail"), Some("Only addresses at example.org can register."));
        assert!(only("example.org").read(&typed("ada@EXAMPLE.org"), &[]).is_ok());
        // The last @ decides: a name may hold one in quotes, and none may smuggle a domain in.
        assert!(only("example.org").read(&typed("ada@example.org@evil.net"), &[]).is_err());
    }

    #[test]
    fn what_is_required_is_told_and_what_is_not_asked_is_dropped() {
        let settings = SelfRegistration { phone_number: Asked::Required, family_name: Asked::No, ..Default::default() };
        let error = settings.read(&Typed { given_name: String::new(), ..typed("a@b.org") }, &[]).unwrap_err();
        assert_eq!(error.0.keys().collect::<Vec<_>>(), ["given_name", "phone_number"]);
        let input = settings.read(&Typed { phone_number: "+1".to_owned(), ..typed("a@b.org") }, &[]).unwrap();
        assert_eq!(input.profile.name.unwrap().family_name, None);
        assert_eq!(input.profile.phone_numbers[0].value, "+1");
        for wrong in ["", "ada", "a b@c.org", "a@b\u{7}.org"] {
            let error = settings.read(&typed(wrong), &[]).unwrap_err();
            assert!(error.get("mail").is_some() && error.get("user_name").is_none(), "{wrong}: {error:?}");
        }
    }

    #[test]
    fn a_name_that_is_a_message_is_none() {
        for name in ["Ada Lovelace", "J. R. R. Tolkien", "María-José O'Neill", "李 明"] {
            assert!(is_plain_name(name), "{name}");
        }
        for other in ["Win at https://evil.example", "call evil.example now", "a@b.org", &"x".repeat(61)] {
            assert!(!is_plain_name(other), "{other}");
        }
    }

    #[test]
    fn settings_are_bounded() {
        let wrong = |settings: SelfRegistration, field: &str| {
            assert!(settings.check().unwrap_err().get(field).is_some(), "{field}");
        };
        let standard = SelfRegistration::default;
        wrong(SelfRegistration { link_minutes: 4, ..standard() }, "link_minutes");
        wrong(SelfRegistration { link_minutes: 1_441, ..standard() }, "link_minutes");
        wrong(SelfRegistration { least_password: 11, ..standard() }, "least_password");
        for domain in ["org", "a b.org", "@example.org", "-a.org", ".org"] {
            wrong(only(domain), "domains");
        }
        wrong(SelfRegistration { groups: vec!["x".repeat(257)], ..standard() }, "groups");
        let many = SelfRegistration { groups: (0..51).map(|n| n.to_string()).collect(), ..standard() };
        wrong(many, "groups");
        let asked = AskedAttribute { id: AttributeId(uuid::Uuid::nil()), kind: Kind::String, required: false };
        wrong(SelfRegistration { attributes: vec![asked; LISTED + 1], ..standard() }, "");
        let tidy = SelfRegistration {
            domains: vec![" Example.ORG ".into(), "example.org".into(), String::new()],
            ..standard()
        };
        assert_eq!(tidy.check().unwrap().domains, ["example.org"]);
    }

    #[test]
    fn what_was_set_before_there_was_more_to_set_is_still_read() {
        let kept: SelfRegistration = serde_json::from_value(serde_json::json!({"enabled": true})).unwrap();
        assert_eq!(kept, SelfRegistration { enabled: true, ..SelfRegistration::default() });
    }

    #[test]
    fn it_is_said_when_an_answer_tells_of_accounts() {
        assert!(!SelfRegistration::default().tells_of_accounts(&[]));
        assert!(SelfRegistration { verification: false, ..Default::default() }.tells_of_accounts(&[]));
        assert!(SelfRegistration { mail_is_user_name: false, ..Default::default() }.tells_of_accounts(&[]));
    }
}
