//! Users: reading a document into the domain, and writing one (RFC 7643 sections 4.1 and 4.3).

use domain::{
    group::Membership,
    user::{Account, Profile, User, UserInput},
};
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use crate::{
    ScimError,
    path::shown,
    schema::{self, ResourceSchema, field, is_unassigned},
    urn,
};

/// What a POST or PUT, or a PATCH once applied, asks for.
#[derive(Clone, Debug)]
pub struct UserPayload {
    /// Not yet checked: [`UserInput::check`] is next.
    pub input: UserInput,
    pub password: Option<SecretString>,
}

/// Reads a user document. `active` is true unless it says otherwise; readOnly and unknown attributes are ignored.
///
/// # Errors
/// `invalidSyntax` for what is no object or names no schemas; `invalidValue` for schemas that this resource type does
/// not have, for a value of the wrong type, by name, and without a `userName`.
pub fn read(document: &Value) -> Result<UserPayload, ScimError> {
    read_with(document, schema::user())
}

/// As [`read_with`], for a document that a PATCH was applied to: there, a missing `active` was removed. Whoever has none
/// is active; it is kept that it is not told.
///
/// # Errors
/// As [`read`].
pub fn read_patched(document: &Value, schema: &ResourceSchema) -> Result<UserPayload, ScimError> {
    let mut payload = read_with(document, schema)?;
    payload.input.profile.active_removed = document.get("active").is_none_or(Value::is_null);
    Ok(payload)
}

/// As [`read`], with extension schemas beyond the enterprise one; they arrive in [`Profile::extensions`].
pub fn read_with(document: &Value, schema: &ResourceSchema) -> Result<UserPayload, ScimError> {
    check_schemas(document, schema)?;
    let mut fields = schema::normalise(document, schema)?;
    fields.remove("schemas");
    let user_name = text(&mut fields, "userName")
        .ok_or_else(|| ScimError::invalid_value("The attribute \"userName\" is required."))?;
    let external_id = text(&mut fields, "externalId");
    let password = text(&mut fields, "password").map(SecretString::from);
    let active = fields.remove("active").and_then(|active| active.as_bool()).unwrap_or(true);
    let extensions = take_extensions(&mut fields, schema);
    let mut profile: Profile = serde_json::from_value(Value::Object(fields))
        .map_err(|error| ScimError::invalid_value(format!("The user's attributes cannot be read: {error}.")))?;
    profile.extensions = extensions;
    Ok(UserPayload { input: UserInput { user_name, external_id, active, profile }, password })
}

/// The whole resource, as it is returned: never with a password. `base_url` is that of the SCIM endpoint, such as
/// `https://id.example.org/scim2`.
pub fn write(user: &User, groups: &[Membership], base_url: &str) -> Value {
    write_with(user, groups, base_url, schema::user())
}

/// As [`write`], with extension schemas beyond the enterprise one. Values that none of them defines are left out: their
/// attribute was deleted, and they are about to be.
pub fn write_with(user: &User, groups: &[Membership], base_url: &str, schema: &ResourceSchema) -> Value {
    let base_url = base_url.trim_end_matches('/');
    let extensions = defined(&user.profile.extensions, schema);
    let mut document = render(&user.user_name, user.external_id.as_deref(), user.active, &user.profile, extensions);
    if user.profile.active_removed {
        document.remove("active");
    }
    tell_primary(&mut document);
    if !groups.is_empty() {
        let groups = groups.iter().map(|group| {
            json!({
                "value": group.id.to_string(),
                "$ref": format!("{base_url}/Groups/{}", group.id),
                "display": group.display_name,
                "type": "direct",
            })
        });
        document.insert("groups".to_owned(), groups.collect());
    }
    document.insert("id".to_owned(), user.id.to_string().into());
    document.insert(
        "meta".to_owned(),
        json!({
            "resourceType": "User",
            "created": user.created_at,
            "lastModified": user.updated_at,
            "location": format!("{base_url}/Users/{}", user.id),
            "version": etag(user.version),
        }),
    );
    Value::Object(document)
}

/// Values say that they are not the primary one, so that whoever wrote it reads it back.
fn tell_primary(document: &mut Map<String, Value>) {
    let lists = schema::user().core.attributes.iter().filter(|attribute| attribute.sub("primary").is_some());
    for list in lists {
        let values = document.get_mut(&list.name).and_then(Value::as_array_mut).into_iter().flatten();
        for fields in values.filter_map(Value::as_object_mut) {
            fields.entry("primary").or_insert(Value::Bool(false));
        }
    }
}

/// The document that a target is sent; without the password, which the connector adds where it is due.
pub fn account(account: &Account) -> Value {
    let extensions = account.profile.extensions.clone();
    Value::Object(render(&account.user_name, Some(&account.external_id), account.active, &account.profile, extensions))
}

fn defined(extensions: &Map<String, Value>, schema: &ResourceSchema) -> Map<String, Value> {
    let values = extensions.iter().filter_map(|(urn, values)| {
        let extension = schema.extension(urn)?;
        let values = values.as_object()?.iter().filter(|(name, _)| extension.attribute(name).is_some());
        let values: Map<String, Value> = values.map(|(name, value)| (name.clone(), value.clone())).collect();
        (!values.is_empty()).then(|| (extension.id.clone(), Value::Object(values)))
    });
    values.collect()
}

/// `W/"3"`: weak, since attributes may be left out of a representation (RFC 7644 section 3.14).
pub fn etag(version: i64) -> String {
    format!("W/\"{version}\"")
}

/// The version in an entity tag that [`etag`] wrote; `None` for any other.
pub fn version_of(etag: &str) -> Option<i64> {
    let tag = etag.trim();
    tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

fn render(
    user_name: &str,
    external_id: Option<&str>,
    active: bool,
    profile: &Profile,
    extensions: Map<String, Value>,
) -> Map<String, Value> {
    let mut document = match serde_json::to_value(profile) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    document.remove("extensions");
    document.remove("activeRemoved");
    document.extend(extensions);
    document.retain(|_, value| !is_unassigned(value));
    let mut schemas = vec![Value::from(urn::USER)];
    schemas.extend(document.keys().filter(|key| key.contains(':')).map(|urn| Value::from(urn.as_str())));
    document.insert("schemas".to_owned(), schemas.into());
    document.insert("userName".to_owned(), user_name.into());
    document.insert("active".to_owned(), active.into());
    if let Some(external_id) = external_id {
        document.insert("externalId".to_owned(), external_id.into());
    }
    document
}

/// What Entra ID lists beside the schema of a group, with nothing below it.
const NAMED_FOR_NOTHING: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/";

/// RFC 7643 section 3: `schemas` names the core schema and the extensions in use, and nothing else.
pub(crate) fn check_schemas(document: &Value, schema: &ResourceSchema) -> Result<(), ScimError> {
    let Value::Object(fields) = document else {
        return Err(ScimError::invalid_syntax("The body is not a JSON object."));
    };
    let core = &schema.core.id;
    let Some(Value::Array(listed)) = field(fields, "schemas").filter(|schemas| !is_unassigned(schemas)) else {
        return Err(ScimError::invalid_syntax(format!("The attribute \"schemas\" must be a list with \"{core}\".")));
    };
    let mut has_core = false;
    for urn in listed {
        let Value::String(urn) = urn else {
            return Err(ScimError::invalid_syntax("The attribute \"schemas\" must be a list of strings."));
        };
        if !schema.knows(urn) && !urn.starts_with(NAMED_FOR_NOTHING) {
            return Err(ScimError::invalid_value(format!("The schema \"{}\" is not known here.", shown(urn))));
        }
        has_core |= core.eq_ignore_ascii_case(urn);
    }
    if has_core {
        return Ok(());
    }
    Err(ScimError::invalid_value(format!("The attribute \"schemas\" lacks \"{core}\".")))
}

fn text(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    match fields.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// Extensions other than the enterprise one, which [`Profile`] has a field for.
fn take_extensions(fields: &mut Map<String, Value>, schema: &ResourceSchema) -> Map<String, Value> {
    let custom = schema.extensions.iter().filter(|extension| extension.id != urn::ENTERPRISE_USER);
    custom.filter_map(|extension| fields.remove(&extension.id).map(|value| (extension.id.clone(), value))).collect()
}

#[cfg(test)]
mod tests {
    use domain::{
        Timestamp,
        user::{Address, Enterprise, Manager, Name, Origin, Valued},
    };
    use proptest::{option, prelude::*};
    use secrecy::ExposeSecret;

    use super::*;
    use crate::ScimType;

    fn refused(document: &Value) -> (Option<ScimType>, String) {
        let error = read(document).unwrap_err();
        (error.scim_type, error.detail)
    }

    #[test]
    fn a_minimal_user_is_active() {
        let payload = read(&json!({"schemas": [urn::USER], "userName": "ada"})).unwrap();
        assert_eq!(payload.input.user_name, "ada");
        assert!(payload.input.active && payload.password.is_none());
        assert_eq!(payload.input.profile, Profile::default());
    }

    #[test]
    fn names_are_read_in_any_case_and_passwords_kept_apart() {
        let payload = read(&json!({
            "Schemas": ["urn:ietf:params:scim:schemas:core:2.0:user"],
            "username": "ada",
            "ACTIVE": "False",
            "Password": "correct horse",
            "name": {"givenname": "Ada"},
            "id": "ignored",
            "groups": [{"value": "ignored"}],
            "shoeSize": 41,
        }))
        .unwrap();
        assert!(!payload.input.active);
        assert_eq!(payload.password.unwrap().expose_secret(), "correct horse");
        assert_eq!(payload.input.profile.name.unwrap().given_name.as_deref(), Some("Ada"));
    }

    #[test]
    fn schemas_are_checked_by_name() {
        let (kind, detail) = refused(&json!({"userName": "ada"}));
        assert_eq!(kind, Some(ScimType::InvalidSyntax));
        assert!(detail.contains(urn::USER), "{detail}");
        let (kind, detail) = refused(&json!({"schemas": ["urn:example:Robot", urn::USER], "userName": "ada"}));
        assert_eq!(kind, Some(ScimType::InvalidValue));
        assert!(detail.contains("urn:example:Robot"), "{detail}");
        let (kind, detail) = refused(&json!({"schemas": [urn::ENTERPRISE_USER], "userName": "ada"}));
        assert_eq!(kind, Some(ScimType::InvalidValue));
        assert!(detail.contains(urn::USER), "{detail}");
        assert_eq!(refused(&json!({"schemas": urn::USER})).0, Some(ScimType::InvalidSyntax));
        assert_eq!(refused(&json!("ada")).0, Some(ScimType::InvalidSyntax));
    }

    #[test]
    fn a_user_needs_a_name_and_right_types() {
        let (kind, detail) = refused(&json!({"schemas": [urn::USER], "userName": null}));
        assert_eq!((kind, detail.as_str()), (Some(ScimType::InvalidValue), "The attribute \"userName\" is required."));
        let (_, detail) = refused(&json!({"schemas": [urn::USER], "userName": "a", "emails": [{"value": 1}]}));
        assert!(detail.contains("\"emails.value\""), "{detail}");
    }

    #[test]
    fn a_user_is_written_in_full_without_a_password() {
        let user = User {
            id: "01957f7e-0000-7000-8000-000000000001".parse().unwrap(),
            user_name: "ada".to_owned(),
            external_id: Some("hr-1".to_owned()),
            active: true,
            locked: false,
            origin: Origin::Api,
            excluded: false,
            staged: false,
            role: None,
            profile: Profile {
                emails: vec![Valued { value: "ada@example.org".to_owned(), ..Valued::default() }],
                enterprise: Some(Enterprise { department: Some("Analysis".to_owned()), ..Enterprise::default() }),
                ..Profile::default()
            },
            version: 3,
            created_at: Timestamp::from_micros(1_773_324_305_000_000),
            updated_at: Timestamp::from_micros(1_773_324_305_000_000),
        };
        let group = Membership {
            id: "01957f7e-0000-7000-8000-00000000000a".parse().unwrap(),
            display_name: "Tour Guides".to_owned(),
        };
        assert_eq!(
            write(&user, &[group], "https://id.example.org/scim2/"),
            json!({
                "groups": [{
                    "value": "01957f7e-0000-7000-8000-00000000000a",
                    "$ref": "https://id.example.org/scim2/Groups/01957f7e-0000-7000-8000-00000000000a",
                    "display": "Tour Guides",
                    "type": "direct",
                }],
                "schemas": [urn::USER, urn::ENTERPRISE_USER],
                "id": "01957f7e-0000-7000-8000-000000000001",
                "externalId": "hr-1",
                "userName": "ada",
                "active": true,
                "emails": [{"value": "ada@example.org", "primary": false}],
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Analysis"},
                "meta": {
                    "resourceType": "User",
                    "created": "2026-03-12T14:05:05Z",
                    "lastModified": "2026-03-12T14:05:05Z",
                    "location": "https://id.example.org/scim2/Users/01957f7e-0000-7000-8000-000000000001",
                    "version": "W/\"3\"",
                },
            })
        );
    }

    #[test]
    fn a_removed_active_is_not_told_again() {
        let document = json!({"schemas": [urn::USER], "userName": "ada"});
        let removed = read_patched(&document, schema::user()).unwrap().input;
        assert!(removed.active && removed.profile.active_removed);
        assert!(!read(&document).unwrap().input.profile.active_removed, "a new user is told to be active");
        let told = json!({"schemas": [urn::USER], "userName": "ada", "active": false});
        let told = read_patched(&told, schema::user()).unwrap().input;
        assert!(!told.active && !told.profile.active_removed);
    }

    #[test]
    fn an_entity_tag_is_read_back() {
        assert_eq!(version_of(&etag(7)), Some(7));
        assert_eq!(version_of("\"7\""), Some(7));
        assert_eq!(version_of("W/\"x\""), None);
        assert_eq!(version_of("7"), None);
    }

    #[test]
    fn a_custom_extension_is_read_with_its_schema() {
        let badge = serde_json::from_value(json!({
            "id": "urn:example:2.0:Badge",
            "name": "Badge",
            "attributes": [{"name": "level", "type": "integer", "multiValued": false}],
        }))
        .unwrap();
        let schema = schema::user().clone().extended([badge]);
        let document = json!({
            "schemas": [urn::USER, "urn:example:2.0:Badge"], "userName": "ada", "urn:example:2.0:Badge": {"level": 3},
        });
        let profile = read_with(&document, &schema).unwrap().input.profile;
        assert_eq!(Value::Object(profile.extensions), json!({"urn:example:2.0:Badge": {"level": 3}}));
        assert_eq!(refused(&document).0, Some(ScimType::InvalidValue));
    }

    #[test]
    fn values_whose_attribute_is_gone_are_not_written() {
        let badge = serde_json::from_value(json!({
            "id": "urn:example:Badge",
            "name": "Badge",
            "attributes": [{"name": "level", "type": "integer", "multiValued": false}],
        }))
        .unwrap();
        let schema = schema::user().clone().extended([badge]);
        let extensions = json!({
            "urn:example:Badge": {"level": 3, "colour": "red"}, "urn:example:Gone": {"a": 1},
        });
        let user = User {
            id: "01957f7e-0000-7000-8000-000000000001".parse().unwrap(),
            user_name: "ada".to_owned(),
            external_id: None,
            active: true,
            locked: false,
            origin: Origin::Api,
            excluded: false,
            staged: false,
            role: None,
            profile: Profile { extensions: extensions.as_object().unwrap().clone(), ..Profile::default() },
            version: 1,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        };
        let document = write_with(&user, &[], "", &schema);
        assert_eq!(document["schemas"], json!([urn::USER, "urn:example:Badge"]));
        assert_eq!(document["urn:example:Badge"], json!({"level": 3}));
        assert_eq!(document.get("urn:example:Gone"), None);
        assert_eq!(write(&user, &[], "")["schemas"], json!([urn::USER]));
    }

    fn maybe() -> impl Strategy<Value = Option<String>> {
        option::of(".{1,8}")
    }

    fn valued() -> impl Strategy<Value = Vec<Valued>> {
        let one = (".{0,8}", maybe(), maybe(), any::<bool>()).prop_map(|(value, display, kind, primary)| Valued {
            value,
            display,
            kind,
            primary,
        });
        proptest::collection::vec(one, 0..3)
    }

    fn name() -> impl Strategy<Value = Option<Name>> {
        let name =
            (".{1,8}", maybe(), maybe(), maybe()).prop_map(|(formatted, family_name, given_name, middle_name)| Name {
                formatted: Some(formatted),
                family_name,
                given_name,
                middle_name,
                ..Name::default()
            });
        option::of(name)
    }

    fn addresses() -> impl Strategy<Value = Vec<Address>> {
        let one = (".{1,8}", maybe(), any::<bool>()).prop_map(|(locality, kind, primary)| Address {
            locality: Some(locality),
            kind,
            primary,
            ..Address::default()
        });
        proptest::collection::vec(one, 0..3)
    }

    fn enterprise() -> impl Strategy<Value = Option<Enterprise>> {
        let manager = option::of((".{1,8}", maybe(), maybe()).prop_map(|(value, reference, display_name)| Manager {
            value: Some(value),
            reference,
            display_name,
        }));
        let enterprise = (".{1,8}", maybe(), manager).prop_map(|(department, employee_number, manager)| Enterprise {
            department: Some(department),
            employee_number,
            manager,
            ..Enterprise::default()
        });
        option::of(enterprise)
    }

    fn profile() -> impl Strategy<Value = Profile> {
        let texts = (name(), maybe(), maybe(), maybe(), maybe());
        let lists = (valued(), valued(), valued(), valued(), addresses());
        (texts, lists, enterprise()).prop_map(|(texts, lists, enterprise)| {
            let (name, display_name, title, locale, profile_url) = texts;
            let (emails, photos, roles, x509_certificates, addresses) = lists;
            Profile {
                name,
                display_name,
                title,
                locale,
                profile_url,
                emails,
                photos,
                roles,
                x509_certificates,
                addresses,
                enterprise,
                ..Profile::default()
            }
        })
    }

    proptest! {
        #[test]
        fn a_user_is_read_as_it_was_written(
            user_name in ".{0,8}", external_id in maybe(), active: bool, profile in profile(), version: i64,
        ) {
            let user = User {
                id: "01957f7e-0000-7000-8000-000000000001".parse().unwrap(),
                user_name, external_id, active, profile, version,
                locked: false, origin: Origin::Api, excluded: false, staged: false, role: None,
                created_at: Timestamp::from_micros(0), updated_at: Timestamp::from_micros(0),
            };
            let payload = read(&write(&user, &[], "https://id.example.org/scim2")).unwrap();
            prop_assert!(payload.password.is_none());
            prop_assert_eq!(payload.input, UserInput::of(&user));
        }
    }
}
