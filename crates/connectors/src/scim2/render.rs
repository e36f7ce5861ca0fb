//! What is sent for an account (RFC 7643 section 4.1), without passwords.

use domain::user::Account;
use scim::urn;
use serde_json::{Map, Value, json};

/// The same account always renders to the same document, and it holds no nulls.
///
/// `manager` stays out: its `value` is the manager's id *here*, and a target would take it for one of its own.
pub(super) fn render(account: &Account) -> Value {
    let mut profile = account.profile.clone();
    let extensions = std::mem::take(&mut profile.extensions);
    profile.active_removed = false;
    if let Some(enterprise) = &mut profile.enterprise {
        enterprise.manager = None;
    }
    let mut document = match serde_json::to_value(&profile) {
        Ok(Value::Object(attributes)) => attributes,
        // A profile is a struct of strings, lists and maps with string keys: it always becomes an object.
        _ => Map::new(),
    };
    for (schema, attributes) in extensions {
        // Only whole schemas come in by this way: a bare name could pass for an attribute of the core, or a password.
        if schema.starts_with("urn:") {
            document.entry(schema).or_insert(attributes);
        }
    }
    let mut document: Map<String, Value> =
        document.into_iter().filter_map(|(name, value)| Some((name, without_blanks(value)?))).collect();
    let extended = document.keys().filter(|name| name.starts_with("urn:")).map(String::as_str);
    let schemas: Vec<&str> = std::iter::once(urn::USER).chain(extended).collect();
    document.insert("schemas".to_owned(), json!(schemas));
    document.insert("externalId".to_owned(), json!(account.external_id));
    document.insert("userName".to_owned(), json!(account.user_name));
    document.insert("active".to_owned(), json!(account.active));
    Value::Object(document)
}

/// Null, an empty list and an empty object all mean "no value" (RFC 7643 section 2.5).
fn without_blanks(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(values) => {
            let values: Vec<Value> = values.into_iter().filter_map(without_blanks).collect();
            (!values.is_empty()).then_some(Value::Array(values))
        }
        Value::Object(fields) => {
            let fields: Map<String, Value> =
                fields.into_iter().filter_map(|(name, value)| Some((name, without_blanks(value)?))).collect();
            (!fields.is_empty()).then_some(Value::Object(fields))
        }
        value => Some(value),
    }
}

#[cfg(test)]
mod tests {
    use domain::user::{Enterprise, Manager, Name, Profile};

    use super::*;

    fn ada() -> Account {
        let input = testkit::person("ada");
        Account {
            external_id: "0195".to_owned(),
            user_name: input.user_name,
            active: true,
            profile: input.profile,
            password: Some("correct horse battery".into()),
        }
    }

    #[test]
    fn how_a_client_removed_active_is_nobodys_business() {
        let mut account = ada();
        account.profile.active_removed = true;
        assert_eq!(render(&account), render(&ada()));
    }

    #[test]
    fn a_person_is_rendered_as_scim_without_the_password() {
        assert_eq!(
            render(&ada()),
            json!({
                "schemas": [
                    "urn:ietf:params:scim:schemas:core:2.0:User",
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
                ],
                "externalId": "0195",
                "userName": "ada",
                "active": true,
                "displayName": "Ada Example",
                "name": {"givenName": "Ada", "familyName": "Example"},
                "title": "Engineer",
                "emails": [{"value": "ada@example.org", "type": "work", "primary": true}],
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Research"},
            })
        );
    }

    #[test]
    fn blanks_are_left_out() {
        let profile = Profile {
            name: Some(Name::default()),
            enterprise: Some(Enterprise {
                manager: Some(Manager { value: Some("0196".to_owned()), ..Manager::default() }),
                ..Enterprise::default()
            }),
            ..Profile::default()
        };
        assert_eq!(
            render(&Account { profile, ..ada() }),
            json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "externalId": "0195",
                "userName": "ada",
                "active": true,
            })
        );
    }

    #[test]
    fn extensions_stand_at_the_top_and_cannot_pass_for_core_attributes() {
        let mut account = ada();
        let extensions = json!({
            "urn:acme:badge": {"colour": "green", "expires": null},
            "urn:acme:nothing": {"a": null},
            "password": "sneaky",
            "userName": "root",
        });
        account.profile = Profile { extensions: extensions.as_object().unwrap().clone(), ..Profile::default() };
        let document = render(&account);
        assert_eq!(document["urn:acme:badge"], json!({"colour": "green"}));
        assert_eq!(document["schemas"], json!([urn::USER, "urn:acme:badge"]));
        assert_eq!(document["userName"], "ada");
        assert_eq!(document.get("password"), None);
        assert_eq!(document.get("extensions"), None);
    }
}
