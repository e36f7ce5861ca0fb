//! The conformance suite against a real SCIM server, whose accounts it deletes:
//!
//! `USHER_PEER_USERS=http://127.0.0.1:8000/v2/Users USHER_PEER_TOKEN=t cargo test -p connectors peer -- --ignored --test-threads 1`

use connectors::scim2::Scim2;
use egress::{Egress, Policy, Request};
use http::{HeaderValue, Method};
use serde_json::{Value, json};
use tokio::{runtime::Handle, task::block_in_place};
use url::Url;

use crate::{
    bench::Bench,
    conformance::{Shown, World},
};

const NOT_EVERYWHERE: &str = "set USHER_PEER_USERS to a SCIM server's users, and USHER_PEER_TOKEN to its bearer token";

crate::conformance::suite!(
    #[ignore = "needs a SCIM server"]
    start
);

struct Peer {
    users: Url,
    token: String,
    egress: Egress,
    bench: Bench,
}

async fn start() -> Peer {
    let users = std::env::var("USHER_PEER_USERS").expect(NOT_EVERYWHERE);
    let token = std::env::var("USHER_PEER_TOKEN").expect(NOT_EVERYWHERE);
    let bench = Bench::scim2(&users, &[("authentication_mode", "bearer")], &[("access_token", &token)]);
    let allow = vec!["127.0.0.0/8".parse().unwrap()];
    let egress = Egress::new(Policy { allow, ..Policy::default() }).unwrap();
    let peer = Peer { users: users.parse().unwrap(), token, egress, bench };
    for account in peer.accounts() {
        peer.call(Method::DELETE, account["id"].as_str(), None);
    }
    peer
}

impl Peer {
    fn call(&self, method: Method, id: Option<&str>, body: Option<Value>) -> Option<Value> {
        let mut url = self.users.clone();
        url.path_segments_mut().unwrap().extend(id);
        let mut request = Request::new(method, url).bearer(&self.token.as_str().into()).unwrap();
        if let Some(body) = body {
            request = request.body(HeaderValue::from_static("application/scim+json"), body.to_string());
        }
        let answer = block_in_place(|| Handle::current().block_on(self.egress.send(request))).unwrap();
        answer.json().ok()
    }

    fn accounts(&self) -> Vec<Value> {
        let list = self.call(Method::GET, None, None).unwrap();
        list["Resources"].as_array().cloned().unwrap_or_default()
    }
}

impl World for Peer {
    type Connector = Scim2;

    fn bench(&self) -> &Bench {
        &self.bench
    }

    fn account(&self, user_name: &str) -> Option<Shown> {
        let account = self.accounts().into_iter().find(|account| account["userName"] == user_name)?;
        let text = |name: &str| account[name].as_str().map(str::to_owned);
        Some(Shown {
            id: text("id")?,
            external_id: text("externalId"),
            active: account["active"] != Value::Bool(false),
            display_name: text("displayName"),
        })
    }

    fn seed(&self, user_name: &str, external_id: Option<&str>) -> String {
        let mut user = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": user_name, "nickName": "theirs", "name": {"middleName": "Theirs"},
        });
        if let Some(external_id) = external_id {
            user["externalId"] = external_id.into();
        }
        self.call(Method::POST, None, Some(user)).unwrap()["id"].as_str().unwrap().to_owned()
    }

    fn keeps_what_is_theirs(&self, remote_id: &str) -> bool {
        let account = self.call(Method::GET, Some(remote_id), None).unwrap();
        account["nickName"] == "theirs" && account["name"]["middleName"] == "Theirs"
    }
}
