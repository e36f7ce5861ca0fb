//! What Acme Cloud answers to a well-behaved request: SCIM 2.0 with its rules.

use axum::http::{Method, StatusCode};
use domain::Timestamp;
use scim::{
    ScimError,
    list::{ListResponse, Query},
    patch,
    projection::Projection,
    schema::{self, Schema},
    urn,
};
use serde_json::{Value, json};

use super::{
    access::Tokens,
    exchange::Reply,
    faults::{Faults, Patch},
    store::{Shelf, Written},
};

/// Where SCIM lives.
pub(super) const BASE: &str = "/scim/v2";
/// Resources on a page where the client does not say.
const DEFAULT_COUNT: u64 = 100;
/// Resources on a page at most.
const MAX_COUNT: u64 = 200;

pub(super) struct Service {
    pub(super) users: Shelf,
    pub(super) groups: Shelf,
    pub(super) tokens: Tokens,
    base: String,
    /// What it is called.
    name: String,
}

/// A request that was let in.
pub(super) struct Asked<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) query: &'a [(String, String)],
    pub(super) body: Option<&'a Value>,
    /// How clients authenticate here, for the configuration document.
    pub(super) scheme: &'static str,
    pub(super) now: Timestamp,
}

impl Asked<'_> {
    fn wish(&self) -> Result<Query, ScimError> {
        Query::from_parameters(self.query.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }

    fn document(&self) -> Result<&Value, ScimError> {
        self.body.ok_or_else(|| ScimError::invalid_syntax("The body is not JSON."))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    User,
    Group,
}

impl Service {
    /// `url` is where it is reached, for the links it gives out.
    pub(super) fn new(url: &str, name: &str) -> Self {
        let base = format!("{url}{BASE}");
        Self {
            users: Shelf::new(schema::user(), 'u', &base),
            groups: Shelf::new(schema::group(), 'g', &base),
            tokens: Tokens::default(),
            base,
            name: name.to_owned(),
        }
    }

    pub(super) fn answer(&mut self, faults: &Faults, asked: &Asked<'_>) -> Result<Reply, ScimError> {
        let path = asked.path.strip_prefix(BASE).unwrap_or_default();
        let rooms: Vec<&str> = path.split('/').filter(|room| !room.is_empty()).collect();
        match rooms[..] {
            ["Users"] => self.collection(Kind::User, faults, asked),
            ["Users", id] => self.resource(Kind::User, id, faults, asked),
            ["Groups"] => self.collection(Kind::Group, faults, asked),
            ["Groups", id] => self.resource(Kind::Group, id, faults, asked),
            ["ServiceProviderConfig"] => discovery(asked, self.configuration(faults, asked.scheme)),
            ["ResourceTypes"] => discovery(asked, ListResponse::whole(self.resource_types()).into_value()),
            ["Schemas"] => discovery(asked, ListResponse::whole(self.schemas()).into_value()),
            ["ResourceTypes" | "Schemas", id] => {
                let all = if rooms[0] == "Schemas" { self.schemas() } else { self.resource_types() };
                let one = all.into_iter().find(|document| document["id"] == id);
                discovery(asked, one.ok_or_else(|| ScimError::not_found(id))?)
            }
            _ => Err(ScimError::not_found("This endpoint")),
        }
    }

    fn shelf(&self, kind: Kind) -> &Shelf {
        match kind {
            Kind::User => &self.users,
            Kind::Group => &self.groups,
        }
    }

    fn shelf_mut(&mut self, kind: Kind) -> &mut Shelf {
        match kind {
            Kind::User => &mut self.users,
            Kind::Group => &mut self.groups,
        }
    }

    fn collection(&mut self, kind: Kind, faults: &Faults, asked: &Asked<'_>) -> Result<Reply, ScimError> {
        match *asked.method {
            Method::GET => self.list(kind, faults, asked),
            Method::POST => {
                let written = read(self.shelf(kind), asked.document()?)?;
                let id = self.create(kind, faults, written, asked.now)?;
                Ok(self.shown(kind, &id, StatusCode::CREATED, &Projection::default()))
            }
            _ => Err(not_allowed()),
        }
    }

    fn resource(&mut self, kind: Kind, id: &str, faults: &Faults, asked: &Asked<'_>) -> Result<Reply, ScimError> {
        if !self.shelf(kind).has(id) {
            return Err(ScimError::not_found(id));
        }
        match *asked.method {
            Method::GET => Ok(self.shown(kind, id, StatusCode::OK, &asked.wish()?.projection)),
            Method::PUT => {
                let written = read(self.shelf(kind), asked.document()?)?;
                self.write(kind, id, faults, written, asked.now)?;
                Ok(self.shown(kind, id, StatusCode::OK, &Projection::default()))
            }
            Method::PATCH => match faults.patch {
                Patch::PutOnly => Err(not_allowed()),
                Patch::Broken => Err(ScimError::new(501, "PATCH is not implemented.")),
                answer => {
                    let written = patched(self.shelf(kind), id, asked.document()?)?;
                    self.write(kind, id, faults, written, asked.now)?;
                    match answer {
                        Patch::Silent => Ok(Reply::new(StatusCode::NO_CONTENT, None)),
                        _ => Ok(self.shown(kind, id, StatusCode::OK, &Projection::default())),
                    }
                }
            },
            Method::DELETE => {
                match kind {
                    Kind::User => self.remove_user(id),
                    Kind::Group => self.groups.remove(id),
                };
                Ok(Reply::new(StatusCode::NO_CONTENT, None))
            }
            _ => Err(not_allowed()),
        }
    }

    fn shown(&self, kind: Kind, id: &str, status: StatusCode, wish: &Projection) -> Reply {
        let resources = self.shelf(kind);
        let document = resources.document(id);
        let location = document.as_ref().and_then(|body| body["meta"]["location"].as_str()).map(str::to_owned);
        let body = document.map(|document| wish.apply(document, &resources.schema()));
        Reply::new(status, body).at(location)
    }

    fn create(&mut self, kind: Kind, faults: &Faults, written: Written, now: Timestamp) -> Result<String, ScimError> {
        let unique = self.check(kind, None, faults, &written)?;
        Ok(self.shelf_mut(kind).add(written, unique.as_deref(), faults.stale_lookups, now))
    }

    fn write(
        &mut self,
        kind: Kind,
        id: &str,
        faults: &Faults,
        written: Written,
        now: Timestamp,
    ) -> Result<(), ScimError> {
        let unique = self.check(kind, Some(id), faults, &written)?;
        self.shelf_mut(kind).replace(id, written, unique.as_deref(), now);
        Ok(())
    }

    /// The rules beyond the schema; returns the name that must stay unique.
    fn check(
        &self,
        kind: Kind,
        id: Option<&str>,
        faults: &Faults,
        written: &Written,
    ) -> Result<Option<String>, ScimError> {
        let required = |attribute: &str| {
            let text = written.text(attribute).filter(|text| !text.trim().is_empty());
            text.ok_or_else(|| ScimError::invalid_value(format!("{attribute} is required.")))
        };
        match kind {
            Kind::User => {
                let user_name = required("userName")?;
                if let Some((status, detail)) = faults.refusal(user_name) {
                    return Err(ScimError::new(status.as_u16(), detail));
                }
                if self.users.name_taken(user_name, id) {
                    return Err(ScimError::uniqueness(format!("The user name \"{user_name}\" is taken.")));
                }
                Ok(Some(user_name.to_owned()))
            }
            Kind::Group => {
                required("displayName")?;
                match written.members().find(|member| !self.users.has(member)) {
                    Some(member) => Err(ScimError::invalid_value(format!("There is no account \"{member}\"."))),
                    None => Ok(None),
                }
            }
        }
    }

    fn list(&mut self, kind: Kind, faults: &Faults, asked: &Asked<'_>) -> Result<Reply, ScimError> {
        let wish = asked.wish()?;
        let filter = wish.filter.filter(|_| !faults.ignore_filters);
        let resources = self.shelf_mut(kind);
        let schema = resources.schema();
        let found = resources.list(|document| {
            let hidden = document["userName"].as_str().is_some_and(|name| faults.hides(name));
            !hidden && filter.as_ref().is_none_or(|filter| filter.matches(document, &schema))
        });
        let total_results = found.len() as u64;
        let skipped = usize::try_from(wish.page.offset()).unwrap_or(usize::MAX);
        let count = usize::try_from(wish.page.limit(DEFAULT_COUNT, MAX_COUNT)).unwrap_or(usize::MAX);
        let page = found.into_iter().skip(skipped).take(count);
        let list = ListResponse {
            total_results,
            start_index: wish.page.start_index,
            resources: page.map(|document| wish.projection.apply(document, &schema)).collect(),
        };
        Ok(Reply::new(StatusCode::OK, Some(list.into_value())))
    }

    /// For tests that begin with accounts; see [`super::AcmeCloud::seed`].
    pub(super) fn seed(&mut self, user: &Value, now: Timestamp) -> String {
        let created = schema::normalise(user, &self.users.schema())
            .and_then(|attributes| self.create(Kind::User, &Faults::default(), Written::of(attributes), now));
        created.unwrap_or_else(|error| panic!("this account cannot be made: {error}"))
    }

    pub(super) fn remove_user(&mut self, id: &str) -> bool {
        self.groups.forget_member(id);
        self.users.remove(id)
    }

    /// Users may have the attributes of one more schema from now on; see [`super::AcmeCloud::extend`].
    pub(super) fn extend(&mut self, schema: Schema) {
        self.users.extend(schema);
    }

    fn configuration(&self, faults: &Faults, scheme: &str) -> Value {
        json!({
            "schemas": [urn::SERVICE_PROVIDER_CONFIG],
            "patch": {"supported": faults.patch != Patch::PutOnly},
            "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {"supported": true, "maxResults": MAX_COUNT},
            "changePassword": {"supported": true},
            "sort": {"supported": false},
            "etag": {"supported": false},
            "authenticationSchemes": [{"type": scheme, "name": scheme, "description": format!("How clients of {} prove who they are.", self.name)}],
            "meta": {"resourceType": "ServiceProviderConfig", "location": format!("{}/ServiceProviderConfig", self.base)},
        })
    }

    fn resource_types(&self) -> Vec<Value> {
        [self.users.schema(), self.groups.schema()]
            .iter()
            .map(|resource| {
                let extensions: Vec<Value> = resource
                    .extensions
                    .iter()
                    .map(|extension| json!({"schema": extension.id, "required": false}))
                    .collect();
                json!({
                    "schemas": [urn::RESOURCE_TYPE],
                    "id": resource.name,
                    "name": resource.name,
                    "endpoint": resource.endpoint,
                    "schema": resource.core.id,
                    "schemaExtensions": extensions,
                    "meta": {"resourceType": "ResourceType", "location": format!("{}/ResourceTypes/{}", self.base, resource.name)},
                })
            })
            .collect()
    }

    fn schemas(&self) -> Vec<Value> {
        [self.users.schema(), self.groups.schema()]
            .iter()
            .flat_map(|resource| std::iter::once(&resource.core).chain(&resource.extensions))
            .map(|schema| {
                let mut document = json!(schema);
                document["schemas"] = json!([urn::SCHEMA]);
                document["meta"] =
                    json!({"resourceType": "Schema", "location": format!("{}/Schemas/{}", self.base, schema.id)});
                document
            })
            .collect()
    }
}

/// A document that a client sent whole.
fn read(shelf: &Shelf, document: &Value) -> Result<Written, ScimError> {
    let schema = shelf.schema();
    let core = &schema.core.id;
    let named = document["schemas"].as_array().is_some_and(|schemas| schemas.iter().any(|urn| urn == core.as_str()));
    if !named {
        return Err(ScimError::invalid_syntax(format!("\"schemas\" does not name {core}.")));
    }
    schema::normalise(document, &schema).map(Written::of)
}

/// The resource as a PATCH leaves it.
fn patched(shelf: &Shelf, id: &str, body: &Value) -> Result<Written, ScimError> {
    let mut document = shelf.document(id).unwrap_or_default();
    let schema = shelf.schema();
    patch::apply(&mut document, &patch::parse(body)?, &schema)?;
    schema::normalise(&document, &schema).map(Written::of)
}

fn discovery(asked: &Asked<'_>, document: Value) -> Result<Reply, ScimError> {
    if asked.method == Method::GET { Ok(Reply::new(StatusCode::OK, Some(document))) } else { Err(not_allowed()) }
}

fn not_allowed() -> ScimError {
    ScimError::new(405, "This endpoint does not know this method.")
}
