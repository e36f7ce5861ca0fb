//! The `OpenAPI` document of the management API.

use axum::Json;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self, ContentBuilder, Ref, RefOr, ResponseBuilder,
        path::Operation,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::{
    audit, connections, connector_kinds, connectors, deliveries, problem::Problem, provisioners, schemas, sign_in,
};
use crate::http::proof::Holder;

const TOKEN: &str = "token";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Usher management API",
        description = "Connections to external systems, how they sign people in, the connectors inside them, the \
                       provisioners that say who has \
                       an account there, the deliveries that make it so, the schemas of what users have beyond the \
                       standard attributes, and the audit trail. Users and groups are written over SCIM 2.0 at \
                       /scim2.\n\n\
                       Every call needs an API token as bearer: `admin` for everything, `admin:read` to read. Bodies are \
                       JSON of at most 1 MiB; unknown fields are refused. Errors are problems (RFC 9457). Times are RFC \
                       3339 in UTC. PATCH is JSON Merge Patch (RFC 7396). Lists come in pages: `next` is the `cursor` of \
                       the next one. A resource's `ETag` can be sent as `If-Match` with a PATCH.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        audit::list, audit::show,
        connections::list, connections::create, connections::show, connections::change, connections::delete,
        connector_kinds::list,
        connectors::list, connectors::list_of_connection, connectors::create, connectors::show, connectors::change,
        connectors::delete, connectors::test,
        deliveries::list, deliveries::list_of_user, deliveries::show, deliveries::attempts, deliveries::retry,
        provisioners::list, provisioners::create, provisioners::show, provisioners::change, provisioners::delete,
        schemas::list, schemas::create, schemas::show, schemas::change, schemas::delete,
        sign_in::show, sign_in::change, sign_in::test,
        show,
    ),
    components(schemas(Problem, super::deliveries::StateFilter)),
    modifiers(&Everywhere),
)]
struct Document;

/// What holds for every endpoint.
struct Everywhere;

impl Modify for Everywhere {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API token.")).build();
        let components = document.components.get_or_insert_default();
        components.security_schemes.insert(TOKEN.to_owned(), SecurityScheme::Http(token).into());
        document.security = Some(vec![SecurityRequirement::new(TOKEN, Vec::<String>::new())]);
        for item in document.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete];
            operations.into_iter().flatten().for_each(finish);
        }
    }
}

/// Every refusal is a problem, and has its media type.
fn finish(operation: &mut Operation) {
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let refusal = ResponseBuilder::new().description("A refusal").content("application/problem+json", problem).build();
    let responses = &mut operation.responses.responses;
    for (status, response) in responses.iter_mut() {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
            && let Some(content) = response.content.shift_remove("application/json")
        {
            response.content.insert("application/problem+json".to_owned(), content);
        }
    }
    responses.insert("default".to_owned(), RefOr::T(refusal));
}

pub fn document() -> openapi::OpenApi {
    Document::openapi()
}

/// Read this document
#[utoipa::path(
    get, path = "/api/v1/openapi.json", tag = "document",
    responses((status = 200, description = "OpenAPI", content_type = "application/json")),
)]
pub(super) async fn show(_: Holder<Problem>) -> Json<openapi::OpenApi> {
    Json(document())
}
