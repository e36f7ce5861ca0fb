//! The discovery documents (RFC 7643 sections 5 to 7, RFC 7644 section 4).
//!
//! `base_url` is that of the SCIM endpoint, such as `https://id.example.org/scim2`. Lists are put into a
//! [`crate::list::ListResponse`] by the caller.

use serde_json::{Value, json};

use crate::{
    projection::Projection,
    schema::{ResourceSchema, Schema},
    urn,
};

/// What a service provider can do. The default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, named as in the document")]
pub struct Capabilities {
    pub documentation_uri: Option<String>,
    pub patch: bool,
    pub bulk: Option<Bulk>,
    /// Results that a filter gives at most; `None` without filters.
    pub filter: Option<u64>,
    pub pagination: Option<Pagination>,
    pub change_password: bool,
    pub sort: bool,
    pub etag: bool,
    /// The preferred one first.
    pub authentication: Vec<AuthenticationScheme>,
    /// Told on request: see [`asks_for_limits`].
    pub limits: Option<Limits>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bulk {
    pub max_operations: u64,
    /// Bytes.
    pub max_payload_size: u64,
}

/// How lists are turned page by page (RFC 9865 section 4): by index always, by cursor besides. Cursors do not expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pagination {
    pub default_page_size: u64,
    pub max_page_size: u64,
}

/// Bounds that RFC 7643 has no attribute for, as an extension. It is returned to who names it in `attributes`, since
/// clients exist that take a configuration with anything beyond the RFC for broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Characters.
    pub filter_length: u64,
    /// Parentheses and brackets within one another.
    pub filter_depth: u64,
    pub patch_operations: u64,
    pub group_members: u64,
    /// Members with which a PATCH still answers the whole group.
    pub group_members_answered: u64,
}

/// Whether a client wants to see [`Limits`].
pub fn asks_for_limits(projection: &Projection) -> bool {
    let Projection::Only(paths) = projection else { return false };
    paths.iter().any(|path| match &path.schema {
        Some(urn) => {
            urn.eq_ignore_ascii_case(urn::LIMITS)
                || format!("{urn}:{}", path.attribute).eq_ignore_ascii_case(urn::LIMITS)
        }
        None => false,
    })
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticationScheme {
    /// `oauthbearertoken`, `httpbasic` and so on.
    pub kind: String,
    pub name: String,
    pub description: String,
    pub spec_uri: Option<String>,
}

impl AuthenticationScheme {
    pub fn bearer() -> Self {
        Self {
            kind: "oauthbearertoken".to_owned(),
            name: "Bearer token".to_owned(),
            description: "An API token in the Authorization header.".to_owned(),
            spec_uri: Some("https://www.rfc-editor.org/rfc/rfc6750".to_owned()),
        }
    }
}

/// `/ServiceProviderConfig`.
pub fn service_provider_config(capabilities: &Capabilities, base_url: &str) -> Value {
    let bulk = capabilities.bulk.unwrap_or(Bulk { max_operations: 0, max_payload_size: 0 });
    let mut document = json!({
        "schemas": [urn::SERVICE_PROVIDER_CONFIG],
        "patch": {"supported": capabilities.patch},
        "bulk": {
            "supported": capabilities.bulk.is_some(),
            "maxOperations": bulk.max_operations,
            "maxPayloadSize": bulk.max_payload_size,
        },
        "filter": {"supported": capabilities.filter.is_some(), "maxResults": capabilities.filter.unwrap_or(0)},
        "changePassword": {"supported": capabilities.change_password},
        "sort": {"supported": capabilities.sort},
        "etag": {"supported": capabilities.etag},
        "authenticationSchemes": capabilities.authentication.iter().enumerate().map(scheme).collect::<Vec<_>>(),
        "meta": meta("ServiceProviderConfig", base_url, "/ServiceProviderConfig"),
    });
    if let Some(pagination) = capabilities.pagination {
        document["pagination"] = json!({
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": pagination.default_page_size,
            "maxPageSize": pagination.max_page_size,
        });
    }
    if let Some(uri) = &capabilities.documentation_uri {
        document["documentationUri"] = uri.as_str().into();
    }
    if let Some(limits) = capabilities.limits {
        document["schemas"] = json!([urn::SERVICE_PROVIDER_CONFIG, urn::LIMITS]);
        document[urn::LIMITS] = json!({
            "filterLength": limits.filter_length,
            "filterDepth": limits.filter_depth,
            "patchOperations": limits.patch_operations,
            "groupMembers": limits.group_members,
            "groupMembersAnswered": limits.group_members_answered,
        });
    }
    document
}

fn scheme((index, scheme): (usize, &AuthenticationScheme)) -> Value {
    let mut document = json!({
        "type": scheme.kind,
        "name": scheme.name,
        "description": scheme.description,
        "primary": index == 0,
    });
    if let Some(uri) = &scheme.spec_uri {
        document["specUri"] = uri.as_str().into();
    }
    document
}

/// An entry of `/ResourceTypes`.
pub fn resource_type(schema: &ResourceSchema, base_url: &str) -> Value {
    let extensions = schema.extensions.iter().map(|extension| json!({"schema": extension.id, "required": false}));
    json!({
        "schemas": [urn::RESOURCE_TYPE],
        "id": schema.name,
        "name": schema.name,
        "endpoint": schema.endpoint,
        "description": schema.core.description,
        "schema": schema.core.id,
        "schemaExtensions": extensions.collect::<Vec<_>>(),
        "meta": meta("ResourceType", base_url, &format!("/ResourceTypes/{}", schema.name)),
    })
}

/// An entry of `/Schemas`.
pub fn schema(schema: &Schema, base_url: &str) -> Value {
    json!({
        "schemas": [urn::SCHEMA],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": schema.attributes,
        "meta": meta("Schema", base_url, &format!("/Schemas/{}", schema.id)),
    })
}

/// All entries of `/ResourceTypes`.
pub fn resource_types(types: &[&ResourceSchema], base_url: &str) -> Vec<Value> {
    types.iter().map(|schema| resource_type(schema, base_url)).collect()
}

/// All entries of `/Schemas`.
pub fn schemas(types: &[&ResourceSchema], base_url: &str) -> Vec<Value> {
    let all = types.iter().flat_map(|types| std::iter::once(&types.core).chain(&types.extensions));
    all.map(|one| schema(one, base_url)).collect()
}

fn meta(resource_type: &str, base_url: &str, path: &str) -> Value {
    json!({"resourceType": resource_type, "location": format!("{}{path}", base_url.trim_end_matches('/'))})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{group, user};

    const BASE: &str = "https://id.example.org/scim2";

    #[test]
    fn the_configuration_says_what_is_supported() {
        let capabilities = Capabilities {
            patch: true,
            filter: Some(200),
            etag: true,
            authentication: vec![AuthenticationScheme::bearer()],
            ..Capabilities::default()
        };
        let document = service_provider_config(&capabilities, BASE);
        assert_eq!(document["patch"], json!({"supported": true}));
        assert_eq!(document["bulk"], json!({"supported": false, "maxOperations": 0, "maxPayloadSize": 0}));
        assert_eq!(document["filter"], json!({"supported": true, "maxResults": 200}));
        assert_eq!(document["authenticationSchemes"][0]["type"], "oauthbearertoken");
        assert_eq!(document["authenticationSchemes"][0]["primary"], true);
        assert_eq!(document["meta"]["location"], "https://id.example.org/scim2/ServiceProviderConfig");
        assert_eq!((document.get("documentationUri"), document.get("pagination")), (None, None));
        let pagination = Some(Pagination { default_page_size: 100, max_page_size: 200 });
        let document = service_provider_config(&Capabilities { pagination, ..capabilities }, BASE);
        assert_eq!(
            document["pagination"],
            json!({
                "cursor": true, "index": true, "defaultPaginationMethod": "index",
                "defaultPageSize": 100, "maxPageSize": 200,
            })
        );
    }

    #[test]
    fn limits_are_told_to_who_asks_for_them() {
        let asks = |attributes: &str| asks_for_limits(&Projection::parse(Some(attributes), None).unwrap());
        assert!(asks(urn::LIMITS) && asks(&format!("patch,{}:filterDepth", urn::LIMITS.to_uppercase())));
        assert!(!asks("filter") && !asks(urn::SERVICE_PROVIDER_CONFIG));
        assert!(!asks_for_limits(&Projection::Default));
        assert!(!asks_for_limits(&Projection::parse(None, Some(urn::LIMITS)).unwrap()));
        let limits = Limits {
            filter_length: 2_000,
            filter_depth: 16,
            patch_operations: 1_000,
            group_members: 200_000,
            group_members_answered: 1_000,
        };
        let capabilities = Capabilities { limits: Some(limits), ..Capabilities::default() };
        let document = service_provider_config(&capabilities, BASE);
        assert_eq!(document["schemas"], json!([urn::SERVICE_PROVIDER_CONFIG, urn::LIMITS]));
        assert_eq!(
            document[urn::LIMITS],
            json!({
                "filterLength": 2_000, "filterDepth": 16, "patchOperations": 1_000,
                "groupMembers": 200_000, "groupMembersAnswered": 1_000,
            })
        );
    }

    #[test]
    fn a_resource_type_names_its_schemas() {
        let document = resource_type(user(), "https://id.example.org/scim2/");
        assert_eq!(document["schema"], urn::USER);
        assert_eq!(document["schemaExtensions"], json!([{"schema": urn::ENTERPRISE_USER, "required": false}]));
        assert_eq!(document["meta"]["location"], "https://id.example.org/scim2/ResourceTypes/User");
    }

    #[test]
    fn schemas_carry_every_characteristic() {
        let documents = schemas(&[user(), group()], BASE);
        let ids: Vec<&Value> = documents.iter().map(|document| &document["id"]).collect();
        assert_eq!(ids, [urn::USER, urn::ENTERPRISE_USER, urn::GROUP]);
        let attributes = documents[0]["attributes"].as_array().unwrap();
        let named = |name: &str| attributes.iter().find(|attribute| attribute["name"] == name).unwrap();
        assert_eq!(
            named("userName"),
            &json!({
                "name": "userName", "type": "string", "multiValued": false, "required": true, "caseExact": false,
                "description": "Unique name of the user, typically used to sign in.",
                "mutability": "readWrite", "returned": "default", "uniqueness": "server",
            })
        );
        assert_eq!(named("password")["mutability"], "writeOnly");
        assert_eq!(named("password")["returned"], "never");
        assert_eq!(named("groups")["mutability"], "readOnly");
        assert_eq!(named("emails")["subAttributes"][2]["canonicalValues"], json!(["work", "home", "other"]));
        assert!(attributes.iter().all(|attribute| attribute["name"] != "id" && attribute["name"] != "meta"));
    }
}
