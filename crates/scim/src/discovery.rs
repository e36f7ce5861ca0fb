//! The discovery documents (RFC 7643 sections 5 to 7, RFC 7644 section 4).
//!
//! `base_url` is that of the SCIM endpoint, such as `https://id.example.org/scim2`. Lists are put into a
//! [`crate::list::ListResponse`] by the caller.

use serde_json::{Value, json};

use crate::{
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
