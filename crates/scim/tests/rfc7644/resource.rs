//! Sections 3.3, 3.5.1, 3.12 and 3.14, and the resources of RFC 7643 section 8.

use scim::{ScimError, ScimType, group, user};
use serde_json::json;

#[test]
fn the_user_of_section_3_3_is_created() {
    let payload = user::read(&json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "bjensen",
        "externalId": "bjensen",
        "name": {"formatted": "Ms. Barbara J Jensen III", "familyName": "Jensen", "givenName": "Barbara"},
    }))
    .expect("the user of the RFC is read");
    assert_eq!(payload.input.user_name, "bjensen");
    assert_eq!(payload.input.profile.name.expect("a name").family_name.as_deref(), Some("Jensen"));
}

#[test]
fn the_user_of_section_3_5_1_replaces_another() {
    let payload = user::read(&json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "2819c223-7f76-453a-919d-413861904646",
        "userName": "bjensen",
        "externalId": "bjensen",
        "name": {
            "formatted": "Ms. Barbara J Jensen III", "familyName": "Jensen",
            "givenName": "Barbara", "middleName": "Jane",
        },
        "roles": [],
        "emails": [{"value": "bjensen@example.com"}, {"value": "babs@jensen.org"}],
    }))
    .expect("the user of the RFC is read");
    assert_eq!(payload.input.profile.emails.len(), 2);
    assert!(payload.input.profile.roles.is_empty() && payload.input.active);
}

#[test]
fn the_group_of_rfc_7643_is_read() {
    let payload = group::read(&json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "id": "e9e30dba-f08f-4109-8486-d5c6a331660a",
        "displayName": "Tour Guides",
        "members": [
            {
                "value": "2819c223-7f76-453a-919d-413861904646",
                "$ref": "https://example.com/v2/Users/2819c223-7f76-453a-919d-413861904646",
                "display": "Babs Jensen",
            },
            {
                "value": "902c246b-6245-4190-8e05-00816be7344a",
                "$ref": "https://example.com/v2/Users/902c246b-6245-4190-8e05-00816be7344a",
                "display": "Mandy Pepperidge",
            },
        ],
        "meta": {"resourceType": "Group", "version": "W/\"3694e05e9dff592\""},
    }))
    .expect("the group of the RFC is read");
    assert_eq!(payload.input.display_name, "Tour Guides");
    let ids: Vec<String> = payload.members.iter().map(ToString::to_string).collect();
    assert_eq!(ids, ["2819c223-7f76-453a-919d-413861904646", "902c246b-6245-4190-8e05-00816be7344a"]);
}

#[test]
fn the_errors_of_section_3_12_are_written() {
    assert_eq!(
        ScimError::not_found("Resource 2819c223-7f76-453a-919d-413861904646").to_value(),
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "detail": "Resource 2819c223-7f76-453a-919d-413861904646 was not found.",
            "status": "404",
        })
    );
    let error = ScimError::mutability("Attribute 'id' is readOnly");
    assert_eq!((error.status, error.scim_type), (400, Some(ScimType::Mutability)));
}

#[test]
fn the_entity_tags_of_section_3_14_are_weak() {
    assert_eq!(user::etag(7), "W/\"7\"");
    assert_eq!(user::version_of("W/\"7\""), Some(7));
    assert_eq!(user::version_of("W/\"e180ee84f0671b1\""), None, "another service's");
}
