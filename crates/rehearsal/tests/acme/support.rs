//! A client of Acme Cloud: the one that Usher itself uses.

use egress::{Egress, Policy, Request, Response, Trouble};
use http::{HeaderName, HeaderValue, Method};
use rehearsal::AcmeCloud;
use serde_json::{Value, json};
use url::Url;

pub(crate) struct Client {
    egress: Egress,
    pub(crate) acme: AcmeCloud,
    headers: Vec<(HeaderName, HeaderValue)>,
}

pub(crate) async fn open() -> Client {
    client(AcmeCloud::builder().start().await.unwrap())
}

pub(crate) fn client(acme: AcmeCloud) -> Client {
    let allow_ports = vec![acme.address(), acme.page_address()];
    let egress = Egress::new(Policy { allow_ports, ..Policy::default() }).unwrap();
    Client { egress, acme, headers: Vec::new() }
}

impl Client {
    pub(crate) fn with(&self, name: &'static str, value: &str) -> Self {
        let header = (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        let headers = self.headers.iter().cloned().chain([header]).collect();
        Self { egress: self.egress.clone(), acme: self.acme.clone(), headers }
    }

    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, String)>,
    ) -> Result<Response, Trouble> {
        self.send_to(&self.acme.url(), method, path, body).await
    }

    /// To the page for people.
    pub(crate) async fn page(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, String)>,
    ) -> Result<Response, Trouble> {
        self.send_to(&self.acme.page_url(), method, path, body).await
    }

    async fn send_to(
        &self,
        base: &str,
        method: Method,
        path: &str,
        body: Option<(&str, String)>,
    ) -> Result<Response, Trouble> {
        let mut request = Request::new(method, Url::parse(&format!("{base}{path}")).unwrap());
        for (name, value) in &self.headers {
            request = request.header(name.clone(), value.clone());
        }
        if let Some((kind, body)) = body {
            request = request.body(HeaderValue::from_str(kind).unwrap(), body);
        }
        self.egress.send(request).await
    }

    pub(crate) async fn try_scim(&self, method: Method, path: &str, body: &Value) -> Result<Response, Trouble> {
        let body = (!body.is_null()).then(|| ("application/scim+json", body.to_string()));
        self.try_send(method, &format!("/scim/v2{path}"), body).await
    }

    /// Status and body of a SCIM request.
    pub(crate) async fn scim(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let answer = self.try_scim(method, path, &body).await.unwrap();
        (answer.status.as_u16(), answer.json().unwrap_or_default())
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.scim(Method::GET, path, Value::Null).await
    }

    /// Creates an account; returns its id.
    pub(crate) async fn create(&self, user_name: &str) -> String {
        let (status, body) = self.scim(Method::POST, "/Users", user(user_name)).await;
        assert_eq!(status, 201, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }

    /// User names that a filter finds.
    pub(crate) async fn find(&self, filter: &str) -> Vec<String> {
        let query: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let (status, body) = self.get(&format!("/Users?filter={query}")).await;
        assert_eq!(status, 200, "{body}");
        let resources = body["Resources"].as_array().unwrap();
        resources.iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect()
    }
}

pub(crate) fn user(user_name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name,
        "externalId": format!("ext-{user_name}"),
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"value": format!("{user_name}@example.org"), "type": "work", "primary": true}],
        "active": true,
    })
}

pub(crate) fn patch(operation: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]})
}
