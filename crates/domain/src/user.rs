//! The directory's own people: SCIM core and enterprise schema (RFC 7643 sections 4.1 and 4.3).

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Timestamp, UserId, limits,
    permission::Role,
    validation::{FieldErrors, has_control},
};

/// How a user came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The first administrators, made by the command line or at first start.
    Setup,
    Api,
    Console,
    Registration,
    Jit,
    Import,
}

impl Origin {
    pub const ALL: [Self; 6] = [Self::Setup, Self::Api, Self::Console, Self::Registration, Self::Jit, Self::Import];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Api => "api",
            Self::Console => "console",
            Self::Registration => "registration",
            Self::Jit => "jit",
            Self::Import => "import",
        }
    }
}

impl FromStr for Origin {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == text).ok_or(())
    }
}

/// A user in full. `id` never changes and is never used again.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, and any of them go together")]
pub struct User {
    pub id: UserId,
    pub user_name: String,
    /// What the client that provisions us calls this user.
    pub external_id: Option<String>,
    pub active: bool,
    /// Kept from signing in here; stays local.
    pub locked: bool,
    pub origin: Origin,
    /// Set apart from provisioning until an administrator includes them (setup users).
    pub excluded: bool,
    pub staged: bool,
    pub role: Option<Role>,
    pub profile: Profile,
    /// Rises with every change; the entity tag.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl User {
    /// The name to show: display name, else given and family name, else user name.
    pub fn label(&self) -> String {
        self.profile.label().unwrap_or_else(|| self.user_name.clone())
    }
}

/// Everything of a user that SCIM lets a client write, as it comes in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserInput {
    pub user_name: String,
    pub external_id: Option<String>,
    pub active: bool,
    pub profile: Profile,
}

impl UserInput {
    pub fn of(user: &User) -> Self {
        Self {
            user_name: user.user_name.clone(),
            external_id: user.external_id.clone(),
            active: user.active,
            profile: user.profile.clone(),
        }
    }

    /// Somebody of whom no more is said than names and a mail address; what is empty is not there.
    pub fn basic(user_name: &str, given_name: &str, family_name: &str, email: &str) -> Self {
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let name = Name { given_name: filled(given_name), family_name: filled(family_name), ..Name::default() };
        let email = filled(email).map(|value| Valued {
            value,
            kind: Some("work".to_owned()),
            primary: true,
            ..Valued::default()
        });
        Self {
            user_name: user_name.to_owned(),
            external_id: None,
            active: true,
            profile: Profile {
                name: (name != Name::default()).then_some(name),
                emails: email.into_iter().collect(),
                ..Profile::default()
            },
        }
    }

    /// The one validation that every way in goes through. Trims the user name.
    pub fn check(mut self) -> Result<Self, FieldErrors> {
        let trimmed = self.user_name.trim().to_owned();
        self.user_name = trimmed;
        let mut errors = FieldErrors::default();
        if self.user_name.is_empty() {
            errors.add("userName", "A user name is required.");
        } else if self.user_name.chars().count() > limits::USER_NAME {
            errors.add("userName", format!("A user name has at most {} characters.", limits::USER_NAME));
        } else if self.user_name.chars().any(char::is_control) {
            errors.add("userName", "A user name has no control characters.");
        }
        if self.external_id.as_ref().is_some_and(|id| id.chars().count() > limits::ATTRIBUTE || has_control(id)) {
            errors.add("externalId", format!("An external id has at most {} printable characters.", limits::ATTRIBUTE));
        }
        self.profile.check(&mut errors);
        // Who is disabled is told to be, however it came about.
        self.profile.active_removed &= self.active;
        errors.into_result().map(|()| self)
    }
}

/// The attributes beyond the ones that Usher itself reads. Serialises to the JSON that SCIM uses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Profile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nick_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Valued>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phone_numbers: Vec<Valued>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ims: Vec<Valued>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<Valued>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<Valued>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Valued>,
    #[serde(rename = "x509Certificates", skip_serializing_if = "Vec::is_empty")]
    pub x509_certificates: Vec<Valued>,
    #[serde(
        rename = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        skip_serializing_if = "Option::is_none"
    )]
    pub enterprise: Option<Enterprise>,
    /// Extension schemas that an administrator added, by URN.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extensions: Map<String, Value>,
    /// A SCIM client removed `active`: the user is active, and SCIM does not tell it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub active_removed: bool,
}

/// RFC 7643 section 4.1.1, `name`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Name {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honorific_prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honorific_suffix: Option<String>,
}

/// One value of a multi-valued attribute (RFC 7643 section 2.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Valued {
    pub value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub primary: bool,
}

/// RFC 7643 section 4.1.2, `addresses`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Address {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub primary: bool,
}

/// RFC 7643 section 4.3.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Enterprise {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employee_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_center: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub division: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<Manager>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Manager {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

impl Profile {
    pub fn label(&self) -> Option<String> {
        let joined = || {
            let name = self.name.as_ref()?;
            let parts: Vec<&str> =
                [&name.given_name, &name.family_name].into_iter().filter_map(|part| part.as_deref()).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        };
        self.display_name.clone().or_else(joined).filter(|label| !label.trim().is_empty())
    }

    pub fn primary_email(&self) -> Option<&str> {
        let primary = self.emails.iter().find(|email| email.primary).or_else(|| self.emails.first());
        primary.map(|email| email.value.as_str())
    }

    /// Every leaf has a bounded length and every list a bounded number of values.
    fn check(&self, errors: &mut FieldErrors) {
        let Ok(Value::Object(document)) = serde_json::to_value(self) else {
            errors.add("", "The attributes cannot be read.");
            return;
        };
        // Those of extension schemas are checked by their definitions.
        for (attribute, value) in document.iter().filter(|(attribute, _)| *attribute != "extensions") {
            check_leaf(attribute, value, errors);
            let values = value.as_array().into_iter().flatten();
            if values.filter(|value| value["primary"] == true).count() > 1 {
                errors.add(attribute, "Only one value can be primary.");
            }
        }
        for (attribute, values) in [("emails", &self.emails), ("phoneNumbers", &self.phone_numbers)] {
            if values.iter().any(|value| value.value.trim().is_empty()) {
                errors.add(attribute, "Each value needs a \"value\".");
            }
        }
    }
}

fn longest(attribute: &str) -> usize {
    if attribute == "x509Certificates" { limits::CERTIFICATE } else { limits::ATTRIBUTE }
}

fn check_leaf(attribute: &str, value: &Value, errors: &mut FieldErrors) {
    match value {
        Value::String(text) if text.chars().count() > longest(attribute) => {
            errors.add(attribute, format!("Each value has at most {} characters.", longest(attribute)));
        }
        Value::String(text) if has_control(text) => errors.add(attribute, "Control characters are not accepted."),
        Value::Array(values) => {
            if values.len() > limits::VALUES {
                errors.add(attribute, format!("At most {} values are accepted.", limits::VALUES));
            }
            for value in values {
                check_leaf(attribute, value, errors);
            }
        }
        Value::Object(fields) => fields.values().for_each(|value| check_leaf(attribute, value, errors)),
        _ => {}
    }
}

/// What a connector is asked to make true for one user; what it sends is drawn from this alone.
#[derive(Clone, Debug)]
pub struct Account {
    /// Our immutable id, sent as the target's `externalId`.
    pub external_id: String,
    pub user_name: String,
    pub active: bool,
    pub profile: Profile,
    /// A clear password to pass on, kept sealed until every delivery that needs it is done.
    pub password: Option<secrecy::SecretString>,
}

impl Account {
    pub fn of(user: &User, password: Option<secrecy::SecretString>) -> Self {
        Self {
            external_id: user.id.to_string(),
            user_name: user.user_name.clone(),
            active: user.active,
            profile: user.profile.clone(),
            password,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(user_name: &str) -> UserInput {
        UserInput { user_name: user_name.to_owned(), active: true, ..UserInput::default() }
    }

    #[test]
    fn a_user_name_is_trimmed_required_and_bounded() {
        assert_eq!(named("  ada ").check().unwrap().user_name, "ada");
        assert!(named("  ").check().unwrap_err().get("userName").is_some());
        assert!(named(&"a".repeat(257)).check().unwrap_err().get("userName").is_some());
        assert!(named("a\u{0}da").check().unwrap_err().get("userName").is_some());
    }

    #[test]
    fn two_primary_addresses_are_refused() {
        let mut input = named("ada");
        let mail = |value: &str| Valued { value: value.to_owned(), primary: true, ..Valued::default() };
        input.profile.emails = vec![mail("a@example.org"), mail("b@example.org")];
        assert_eq!(input.check().unwrap_err().get("emails"), Some("Only one value can be primary."));
        let mut input = named("ada");
        input.profile.addresses = vec![Address { primary: true, ..Address::default() }; 2];
        assert_eq!(input.check().unwrap_err().get("addresses"), Some("Only one value can be primary."));
    }

    #[test]
    fn every_value_is_bounded() {
        let with = |profile: Profile| UserInput { profile, ..named("ada") }.check();
        let title = |length| Profile { title: Some("a".repeat(length)), ..Profile::default() };
        assert!(with(title(limits::ATTRIBUTE)).is_ok());
        assert!(with(title(limits::ATTRIBUTE + 1)).unwrap_err().get("title").is_some());
        let certificate = |length| {
            let value = Valued { value: "a".repeat(length), ..Valued::default() };
            Profile { x509_certificates: vec![value], ..Profile::default() }
        };
        assert!(with(certificate(limits::CERTIFICATE)).is_ok());
        assert!(with(certificate(limits::CERTIFICATE + 1)).unwrap_err().get("x509Certificates").is_some());
    }

    #[test]
    fn a_profile_keeps_to_scim_names() {
        let json = serde_json::json!({
            "name": {"givenName": "Ada", "familyName": "Lovelace"},
            "emails": [{"value": "ada@example.org", "type": "work", "primary": true}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Analysis"},
        });
        let profile: Profile = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(profile.label().as_deref(), Some("Ada Lovelace"));
        assert_eq!(profile.primary_email(), Some("ada@example.org"));
        assert_eq!(serde_json::to_value(&profile).unwrap(), json);
    }
}
