//! The attributes of a user as fields of a form: which there are, and how they are called.
//!
//! A value of a list is named `emails.0.value`, the one that comes first `emails.primary`.

/// The map that the fields of the form are entries of.
pub(crate) const MAP: &str = "attributes";

/// One value: its name, its label, and what to enter.
pub(crate) type Single = (&'static str, &'static str, &'static str);

pub(crate) const BASIC: &[Single] = &[
    ("userName", "User name", "Unique, whatever its case. Other systems find the account by it."),
    ("displayName", "Display name", "Shown instead of first and last name."),
    ("name.givenName", "First name", ""),
    ("name.familyName", "Last name", ""),
];

pub(crate) const NAME: &[Single] = &[
    ("name.middleName", "Middle name", ""),
    ("nickName", "Nick name", ""),
    ("name.honorificPrefix", "Title before the name", "Such as Dr."),
    ("name.honorificSuffix", "Title after the name", "Such as III."),
    ("name.formatted", "Name in full", "As it is written on a letter."),
];

pub(crate) const WORK: &[Single] = &[
    ("title", "Job title", ""),
    ("userType", "Kind of user", "Such as Employee or Contractor."),
    ("enterprise.employeeNumber", "Employee number", ""),
    ("enterprise.department", "Department", ""),
    ("enterprise.division", "Division", ""),
    ("enterprise.costCenter", "Cost center", ""),
    ("enterprise.organization", "Organization", ""),
    ("enterprise.manager.displayName", "Manager's name", ""),
    ("enterprise.manager.value", "Manager's id", "The id of a user here."),
];

pub(crate) const PREFERENCES: &[Single] = &[
    ("preferredLanguage", "Preferred language", "Such as en or de-CH."),
    ("locale", "Locale", "How dates and numbers are written, such as en-GB."),
    ("timezone", "Time zone", "Such as Europe/Zurich."),
    ("profileUrl", "Profile page", "An address."),
    ("externalId", "External id", "What the system that brought them calls them. Change it with care."),
];

/// A list of values: its name, its label, and how one of its values is called.
pub(crate) type Many = (&'static str, &'static str, &'static str);

pub(crate) const CONTACT: &[Many] =
    &[("emails", "Email addresses", "Email address"), ("phoneNumbers", "Phone numbers", "Phone number")];

pub(crate) const MORE: &[Many] = &[
    ("ims", "Instant messaging", "Address"),
    ("photos", "Photos", "Address of the picture"),
    ("entitlements", "Entitlements", "Entitlement"),
    ("roles", "Roles elsewhere", "Role"),
];

pub(crate) const ADDRESSES: &str = "addresses";

pub(crate) const ADDRESS: &[Single] = &[
    ("streetAddress", "Street", ""),
    ("postalCode", "Postal code", ""),
    ("locality", "City", ""),
    ("region", "Region", ""),
    ("country", "Country", ""),
    ("type", "Kind", "Such as work or home."),
];

#[cfg(feature = "ssr")]
pub(super) use conversion::{read, write};

#[cfg(feature = "ssr")]
mod conversion {
    use std::collections::BTreeMap;

    use domain::{
        limits,
        user::{Profile, User, UserInput},
    };
    use serde_json::{Map, Value};

    use super::{ADDRESS, ADDRESSES, BASIC, CONTACT, MORE, NAME, PREFERENCES, Single, WORK};

    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    /// These two are the user's own.
    const OWN: [&str; 2] = ["userName", "externalId"];

    fn singles() -> impl Iterator<Item = &'static str> {
        let all: [&[Single]; 4] = [BASIC, NAME, WORK, PREFERENCES];
        all.into_iter().flatten().map(|(key, ..)| *key).filter(|key| !OWN.contains(key))
    }

    /// Each list, and the parts of a value of it.
    fn lists() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
        let simple = CONTACT.iter().chain(MORE).map(|(key, ..)| (*key, vec!["value", "type"]));
        simple.chain([(ADDRESSES, ADDRESS.iter().map(|(key, ..)| *key).collect())])
    }

    fn path(key: &str) -> Vec<&str> {
        key.split('.').map(|part| if part == "enterprise" { ENTERPRISE } else { part }).collect()
    }

    fn document(profile: &Profile) -> Map<String, Value> {
        match serde_json::to_value(profile) {
            Ok(Value::Object(document)) => document,
            _ => Map::new(),
        }
    }

    fn get<'a>(document: &'a Map<String, Value>, path: &[&str]) -> Option<&'a str> {
        match path {
            [] => None,
            [last] => document.get(*last)?.as_str(),
            [first, rest @ ..] => get(document.get(*first)?.as_object()?, rest),
        }
    }

    /// What the form is filled with.
    pub(in crate::pages::users) fn read(user: &User) -> BTreeMap<String, String> {
        let document = document(&user.profile);
        let mut values = BTreeMap::from([("userName".to_owned(), user.user_name.clone())]);
        values.extend(user.external_id.clone().map(|id| ("externalId".to_owned(), id)));
        for key in singles() {
            values.extend(get(&document, &path(key)).map(|value| (key.to_owned(), value.to_owned())));
        }
        for (list, parts) in lists() {
            for (index, item) in document.get(list).and_then(Value::as_array).into_iter().flatten().enumerate() {
                let Some(item) = item.as_object() else { continue };
                for part in &parts {
                    values.extend(get(item, &[part]).map(|value| (format!("{list}.{index}.{part}"), value.to_owned())));
                }
                if item.get("primary") == Some(&Value::Bool(true)) {
                    values.insert(format!("{list}.primary"), index.to_string());
                }
            }
        }
        values
    }

    /// The user as the form has it; what the form does not show stays.
    pub(in crate::pages::users) fn write(user: &User, typed: &BTreeMap<String, String>) -> UserInput {
        let mut document = document(&user.profile);
        for key in singles() {
            if let Some(value) = typed.get(key) {
                set(&mut document, &path(key), value);
            }
        }
        for (list, parts) in lists() {
            let opening = format!("{list}.");
            if typed.keys().any(|key| key.starts_with(&opening)) {
                write_list(&mut document, list, &parts, typed);
            }
        }
        let own =
            |key: &str, before: &str| typed.get(key).map_or_else(|| before.to_owned(), |typed| line(before, typed));
        let external_id = own("externalId", user.external_id.as_deref().unwrap_or_default());
        UserInput {
            user_name: own("userName", &user.user_name),
            external_id: Some(external_id).filter(|id| !id.is_empty()),
            active: user.active,
            profile: serde_json::from_value(Value::Object(document)).unwrap_or_else(|_| user.profile.clone()),
        }
    }

    /// A field of one line loses line breaks: what comes back without them was not changed.
    fn line(before: &str, typed: &str) -> String {
        let flat: String = before.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        if flat == typed { before.to_owned() } else { typed.trim().to_owned() }
    }

    fn set(document: &mut Map<String, Value>, path: &[&str], typed: &str) {
        match path {
            [] => {}
            [last] => {
                let value = line(document.get(*last).and_then(Value::as_str).unwrap_or_default(), typed);
                if value.is_empty() {
                    document.remove(*last);
                } else {
                    document.insert((*last).to_owned(), Value::String(value));
                }
            }
            [first, rest @ ..] => {
                let mut inner = match document.remove(*first) {
                    Some(Value::Object(inner)) => inner,
                    _ => Map::new(),
                };
                set(&mut inner, rest, typed);
                if !inner.is_empty() {
                    document.insert((*first).to_owned(), Value::Object(inner));
                }
            }
        }
    }

    fn write_list(document: &mut Map<String, Value>, list: &str, parts: &[&str], typed: &BTreeMap<String, String>) {
        let before = match document.remove(list) {
            Some(Value::Array(before)) => before,
            _ => Vec::new(),
        };
        let primary = typed.get(&format!("{list}.primary")).and_then(|index| index.parse::<usize>().ok());
        let mut after = Vec::new();
        // One more than may be, so that too many are told rather than dropped.
        for index in 0..=limits::VALUES {
            let mut item = match before.get(index) {
                Some(Value::Object(item)) => item.clone(),
                _ => Map::new(),
            };
            let mut shown = false;
            for part in parts {
                if let Some(value) = typed.get(&format!("{list}.{index}.{part}")) {
                    shown = true;
                    set(&mut item, &[part], value);
                }
            }
            // What gives a value its sense: its kind alone is nothing.
            let has_value = parts.iter().any(|part| *part != "type" && item.contains_key(*part));
            if !has_value || (!shown && before.get(index).is_none()) {
                continue;
            }
            if shown {
                item.remove("primary");
            }
            if primary == Some(index) {
                item.insert("primary".to_owned(), Value::Bool(true));
            }
            after.push(Value::Object(item));
        }
        if !after.is_empty() {
            document.insert(list.to_owned(), Value::Array(after));
        }
    }

    #[cfg(test)]
    mod tests {
        use domain::{Timestamp, UserId, user::Origin};

        use super::*;

        fn user(profile: Value) -> User {
            User {
                id: UserId(uuid::Uuid::nil()),
                user_name: "ada".to_owned(),
                external_id: Some("hr-1".to_owned()),
                active: true,
                locked: false,
                origin: Origin::Api,
                excluded: false,
                staged: false,
                role: None,
                profile: serde_json::from_value(profile).unwrap(),
                version: 1,
                created_at: Timestamp::from_micros(0),
                updated_at: Timestamp::from_micros(0),
            }
        }

        fn full() -> User {
            user(serde_json::json!({
                "name": {"givenName": "Ada", "familyName": "Lovelace", "middleName": "King"},
                "displayName": "Ada Lovelace",
                "emails": [
                    {"value": "ada@example.org", "type": "work", "primary": true, "display": "Ada"},
                    {"value": "ada@home.example"},
                ],
                "addresses": [{"streetAddress": "12 St James's Square\nLondon", "country": "GB"}],
                "x509Certificates": [{"value": "MII"}],
                ENTERPRISE: {"department": "Analysis", "manager": {"displayName": "Charles"}},
            }))
        }

        fn edited(user: &User, changes: &[(&str, &str)]) -> UserInput {
            let mut typed = read(user);
            typed.extend(changes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
            write(user, &typed)
        }

        #[test]
        fn an_unchanged_form_changes_nothing() {
            let ada = full();
            assert_eq!(write(&ada, &read(&ada)), UserInput::of(&ada));
            assert_eq!(write(&ada, &BTreeMap::new()), UserInput::of(&ada));
            let flat = edited(&ada, &[("addresses.0.streetAddress", "12 St James's SquareLondon")]);
            assert_eq!(flat, UserInput::of(&ada), "a browser's field of one line drops line breaks");
        }

        #[test]
        fn every_field_that_is_shown_can_be_set_and_emptied() {
            let nobody = user(serde_json::json!({}));
            for key in singles() {
                let set = edited(&nobody, &[(key, " x ")]);
                let full = User { profile: set.profile, ..nobody.clone() };
                assert_eq!(read(&full).get(key).map(String::as_str), Some("x"), "{key}");
                assert_eq!(edited(&full, &[(key, " ")]).profile, Profile::default(), "{key}");
            }
            for (list, parts) in lists() {
                for part in parts {
                    let key = format!("{list}.0.{part}");
                    let first = if list == ADDRESSES { "addresses.0.country" } else { &format!("{list}.0.value") };
                    let set = edited(&nobody, &[(first, "y"), (&key, "x")]);
                    let full = User { profile: set.profile, ..nobody.clone() };
                    assert_eq!(read(&full).get(&key).map(String::as_str), Some("x"), "{key}");
                }
            }
        }

        #[test]
        fn values_of_a_list_are_added_removed_and_made_the_first() {
            let ada = full();
            let input = edited(
                &ada,
                &[
                    ("emails.0.value", ""),
                    ("emails.1.type", "home"),
                    ("emails.2.value", "x@y.example"),
                    ("emails.primary", "2"),
                ],
            );
            let mails = serde_json::to_value(&input.profile.emails).unwrap();
            assert_eq!(
                mails,
                serde_json::json!([
                    {"value": "ada@home.example", "type": "home"},
                    {"value": "x@y.example", "primary": true},
                ])
            );
            assert_eq!(input.profile.x509_certificates, ada.profile.x509_certificates);
        }

        #[test]
        fn what_is_not_shown_of_a_value_stays() {
            let input = edited(&full(), &[("emails.0.value", "countess@example.org")]);
            assert_eq!(input.profile.emails[0].display.as_deref(), Some("Ada"));
        }
    }
}
