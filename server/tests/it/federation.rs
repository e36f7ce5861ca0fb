//! Signing in by another system, through a provider that speaks OpenID Connect.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::{
    ConnectionId,
    connection::ConnectionInput,
    identity::{Attribute, AttributeSync, GroupSync, IdentityProvider, LinkAttribute, STANDARD_BASED},
    registration::SelfRegistration,
    second_factor::{Required, SecondFactors},
};
use egress::{Egress, Policy, Request, Response};
use http::{HeaderName, HeaderValue, Method};
use rehearsal::{AcmeCloud, Provider, provider::Persona};
use serde_json::{Value, json};
use testkit::HandClock;
use url::Url;

use crate::{
    second_factor::{Browser, require},
    support::{Answer, PASSWORD, Setting, TestApp, fields, to},
};

const SECRET: &str = "s3cret";

/// Usher with a provider, and with Acme Cloud where there is a provisioner.
struct Federation {
    app: TestApp,
    provider: Provider,
    acme: AcmeCloud,
    id: ConnectionId,
    egress: Egress,
}

/// A browser on its way back from the provider.
struct Return {
    path: String,
    cookie: String,
}

impl Federation {
    async fn start(change: impl FnOnce(&mut IdentityProvider)) -> Self {
        Self::with(Provider::builder().clock(Arc::new(HandClock::new())), change).await
    }

    async fn with(provider: rehearsal::provider::Builder, change: impl FnOnce(&mut IdentityProvider)) -> Self {
        let provider = provider.start().await.unwrap();
        let acme = AcmeCloud::builder().token("acme-token").start().await.unwrap();
        let ports = vec![provider.address(), acme.address()];
        let app = TestApp::with(Setting { allow_ports: ports.clone(), ..Setting::default() }).await;
        let mut settings = IdentityProvider {
            issuer: provider.issuer(),
            client_id: "usher".to_owned(),
            scopes: "openid profile email groups".to_owned(),
            ..IdentityProvider::of_template(STANDARD_BASED)
        };
        change(&mut settings);
        let who = auth::Caller::system().authorise().unwrap();
        let input = ConnectionInput { name: "Globex".to_owned(), description: String::new() };
        let directory = app.usher.directory();
        let made =
            directory.create_identity_provider(&who, input, STANDARD_BASED, settings, Some(SECRET.into()), true).await;
        let id = made.unwrap().id;
        let callback = directory.callback(id).unwrap();
        provider.register_client("usher", SECRET, [callback.as_str()], [directory.link("/sign-in").as_str()]);
        let egress = Egress::new(Policy { allow_ports: ports, ..Policy::default() }).unwrap();
        Self { app, provider, acme, id, egress }
    }

    async fn change(&self, change: impl Fn(&mut IdentityProvider) + Send + Sync + Clone + 'static) {
        let who = auth::Caller::system().authorise().unwrap();
        self.app.usher.directory().change_identity_provider(&who, self.id, change, None, None).await.unwrap();
    }

    /// Everybody's accounts go to Acme Cloud, by these rules.
    async fn provision(&self, rules: Value) {
        let made = async |path: String, body: Value| {
            let answer = self.app.post(path).token(&self.app.tokens.admin).json(&body).await;
            assert_eq!(answer.status, 201, "{}", answer.text());
            answer.json()["id"].as_str().unwrap().to_owned()
        };
        let connection = made("/api/v1/connections".to_owned(), json!({"name": "Acme Cloud"})).await;
        let properties = json!({
            "authentication_mode": "bearer", "access_token": "acme-token", "user_endpoint": self.acme.users_endpoint(),
        });
        let body = json!({"kind": "scim2", "enabled": true, "properties": properties});
        let connector = made(format!("/api/v1/connections/{connection}/connectors"), body).await;
        let mut provisioner = json!({"connection_id": connection, "connector_id": connector});
        provisioner.as_object_mut().unwrap().extend(rules.as_object().unwrap().clone());
        made("/api/v1/provisioners".to_owned(), provisioner).await;
    }

    async fn begin(&self, return_to: &str) -> Answer {
        self.app
            .post(format!("/sign-in/with/{}", self.id))
            .header("sec-fetch-site", "same-origin")
            .body("application/x-www-form-urlencoded", fields(&[("return_to", return_to)]))
            .send()
            .await
    }

    /// To the provider, as somebody, and back; not yet arrived.
    async fn come_back(&self, user_name: &str, return_to: &str) -> Return {
        let begun = self.begin(return_to).await;
        assert_eq!(begun.status, 303, "{}", begun.text());
        self.travel(&begun, begun.header("location"), user_name).await
    }

    /// From the page that leads on, which an answer led to.
    async fn travel(&self, begun: &Answer, page: &str, user_name: &str) -> Return {
        let cookie = begun.cookie("usher-sign-in").expect("the browser is known again");
        let page = self.app.get(page).send().await.text();
        let link = page
            .split("href=\"")
            .skip(1)
            .find(|rest| rest.split('"').next().unwrap().contains("/authorize?"))
            .expect("a way on");
        let link = link.split('"').next().unwrap().replace("&amp;", "&");
        assert!(page.contains("http-equiv=\"refresh\""), "{page}");
        let asked: BTreeMap<String, String> = Url::parse(&link).unwrap().query_pairs().into_owned().collect();
        let sub = self.provider.persona(user_name).unwrap().sub;
        let mut form: Vec<(&str, &str)> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        form.push(("persona", &sub));
        let answer = self.press("/sign-in", &form).await;
        let back = Url::parse(answer.headers["location"].to_str().unwrap()).unwrap();
        Return { path: back[url::Position::BeforePath..].to_owned(), cookie }
    }

    async fn press(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let url = Url::parse(&format!("{}{path}", self.provider.issuer())).unwrap();
        let origin = HeaderValue::from_str(&self.provider.issuer()).unwrap();
        let request = Request::new(Method::POST, url)
            .header(HeaderName::from_static("origin"), origin)
            .body(HeaderValue::from_static("application/x-www-form-urlencoded"), fields(form));
        self.egress.send(request).await.unwrap()
    }

    async fn arrive(&self, back: &Return) -> Answer {
        self.app.get(&back.path).header("cookie", &back.cookie).send().await
    }

    async fn sign_in(&self, user_name: &str) -> Answer {
        let back = self.come_back(user_name, "").await;
        self.arrive(&back).await
    }

    /// Signs in and is in; the session's cookie.
    async fn enter(&self, user_name: &str) -> String {
        let answer = self.sign_in(user_name).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/account"), "{}", self.told(&answer).await);
        answer.cookie("usher").expect("a session")
    }

    /// What the page tells that an answer leads to.
    async fn told(&self, answer: &Answer) -> String {
        self.app.get(answer.header("location")).send().await.text()
    }

    /// Presses "Sign in as a test" in a session.
    async fn press_test(&self, session: &str) -> Answer {
        let at = format!("/console/connections/{}/settings/as-a-test", self.id);
        self.app.call("sheets/test", fields(&[("at", &at)])).header("cookie", session).send().await
    }

    /// To the provider as somebody and back, as a test; the browser holds the session too.
    async fn come_back_from_test(&self, session: &str, user_name: &str) -> Return {
        let begun = self.press_test(session).await;
        let Return { path, cookie } = self.travel(&begun, to(&begun.json()), user_name).await;
        Return { path, cookie: format!("{cookie}; {session}") }
    }

    /// What the report tells that somebody comes back to.
    async fn report(&self, session: &str, back: &Return) -> String {
        let answer = self.arrive(back).await;
        let tested = format!("/console/connections/{}/settings/tested/", self.id);
        assert!(answer.header("location").starts_with(&tested), "{} {}", answer.status, answer.text());
        assert!(answer.cookie("usher").is_none(), "nobody is signed in by it");
        self.app.get(answer.header("location")).header("cookie", session).send().await.text()
    }

    async fn events(&self, action: &str) -> usize {
        let path = format!("/api/v1/audit?limit=200&action={action}");
        let found = self.app.get(path).token(&self.app.tokens.admin).send().await.json();
        found["items"].as_array().unwrap().len()
    }

    async fn refused(&self, user_name: &str) -> String {
        let answer = self.sign_in(user_name).await;
        assert!(answer.header("location").starts_with("/sign-in/under-way/"), "{}", answer.header("location"));
        let mut page = String::new();
        for _ in 0..200 {
            page = self.told(&answer).await;
            self.app.clock.advance(Duration::from_secs(1));
            if !page.contains("One moment") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(page.contains("You are not signed in"), "{page}");
        if let Some(session) = answer.cookie("usher") {
            assert_eq!(self.app.get("/account").header("cookie", &session).send().await.status, 303, "it never began");
        }
        page
    }

    async fn user(&self, user_name: &str) -> Option<Value> {
        let path = format!("/scim2/Users?filter=userName%20eq%20%22{user_name}%22");
        let found = self.app.get(path).token(&self.app.tokens.scim_read).send().await.json();
        found["Resources"].as_array().and_then(|found| found.first().cloned())
    }

    async fn settled(&self, what: impl Fn() -> bool) {
        for _ in 0..200 {
            if what() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("it never came so far");
    }
}

fn persona(user_name: &str, change: impl FnOnce(&mut Persona)) -> Persona {
    let mut persona = Persona {
        sub: format!("sub-{user_name}"),
        user_name: user_name.to_owned(),
        given_name: "Zoe".to_owned(),
        family_name: "Zhang".to_owned(),
        display_name: "Zoe Zhang".to_owned(),
        email: format!("{user_name}@globex.example"),
        email_verified: true,
        ..Persona::default()
    };
    change(&mut persona);
    persona
}

#[tokio::test]
async fn a_first_sign_in_makes_an_account_and_a_later_one_follows_the_claims() {
    let globex = Federation::start(|set| set.attribute_sync = AttributeSync::OverrideAll).await;
    assert!(globex.app.get("/sign-in").send().await.text().contains("Continue with Globex"));
    let cookie = globex.enter("freya").await;
    let user = globex.user("freya").await.expect("an account");
    assert_eq!(user["emails"][0]["value"], "freya@globex.example");
    let mine = globex.app.get("/account").header("cookie", &cookie).send().await.text();
    assert!(mine.contains("Linked accounts") && mine.contains("Globex"), "{mine}");

    let mut freya = globex.provider.persona("freya").unwrap();
    freya.display_name = "Freya Later".to_owned();
    globex.provider.put(freya);
    globex.enter("freya").await;
    assert_eq!(globex.user("freya").await.unwrap()["displayName"], "Freya Later");
    assert_eq!(globex.user("freya").await.unwrap()["id"], user["id"], "it is the same account");

    let path = format!("/scim2/Users/{}", user["id"].as_str().unwrap());
    assert_eq!(globex.app.delete(&path).token(&globex.app.tokens.scim).send().await.status, 204);
    assert_eq!(globex.app.get("/account").header("cookie", &cookie).send().await.status, 303, "signed out");
    globex.enter("freya").await;
    assert_ne!(globex.user("freya").await.unwrap()["id"], user["id"], "whoever returns is somebody new");
}

#[tokio::test]
async fn claims_told_at_userinfo_alone_are_enough() {
    let provider = Provider::builder().claims_in_id_token(false).clock(Arc::new(HandClock::new()));
    let globex = Federation::with(provider, |_| {}).await;
    globex.enter("keiko").await;
    assert_eq!(globex.user("keiko").await.unwrap()["emails"][0]["value"], "keiko@globex.example");
}

#[tokio::test]
async fn jit_outbound_says_whether_the_account_goes_further() {
    let globex = Federation::start(|_| {}).await;
    globex.provision(json!({"jit_outbound": false})).await;
    globex.enter("freya").await;
    let id = globex.user("freya").await.unwrap()["id"].as_str().unwrap().to_owned();
    let edit = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "title", "value": "Guide"}],
    });
    let path = format!("/scim2/Users/{id}");
    assert_eq!(globex.app.patch(path).token(&globex.app.tokens.scim).scim(&edit).await.status, 200);
    assert!(globex.acme.account("freya").is_none(), "also not after an edit");

    let globex = Federation::start(|_| {}).await;
    globex.provision(json!({"jit_outbound": true, "blocking": true})).await;
    globex.enter("freya").await;
    assert!(globex.acme.account("freya").is_some(), "it is there when the sign-in ends");
}

#[tokio::test]
async fn a_sign_in_waits_for_a_blocking_system_and_says_so() {
    let globex = Federation::start(|_| {}).await;
    globex.provision(json!({"jit_outbound": true, "blocking": true, "time_limit_ms": 20_000})).await;
    globex.acme.slow(Duration::from_millis(2_500));
    let answer = globex.sign_in("freya").await;
    let page = answer.header("location").to_owned();
    let session = answer.cookie("usher").expect("a session that begins with the account");
    let waiting = globex.app.get(&page).header("cookie", &session).send().await;
    assert!(
        waiting.text().contains("One moment") && waiting.text().contains("http-equiv=\"refresh\""),
        "{}",
        waiting.text()
    );
    assert_eq!(globex.app.get("/account").header("cookie", &session).send().await.status, 303, "not yet");
    for _ in 0..200 {
        let page = globex.app.get(&page).header("cookie", &session).send().await;
        if page.status == 303 {
            assert_eq!(page.header("location"), "/account");
            assert_eq!(globex.app.get("/account").header("cookie", &session).send().await.status, 200);
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it waits for ever");
}

#[tokio::test]
async fn a_blocking_system_that_is_down_refuses_and_the_next_try_works() {
    let globex = Federation::start(|_| {}).await;
    globex.provision(json!({"jit_outbound": true, "blocking": true, "time_limit_ms": 3_000})).await;
    globex.acme.switch_off(true);
    let page = globex.refused("freya").await;
    assert!(page.contains("Acme Cloud does not answer at the moment"), "{page}");
    assert!(globex.user("freya").await.is_none(), "nobody here");
    globex.acme.switch_off(false);
    for _ in 0..100 {
        globex.app.clock.advance(Duration::from_secs(31));
        let answer = globex.sign_in("freya").await;
        if answer.header("location") == "/account" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(globex.user("freya").await.is_some() && globex.acme.account("freya").is_some());
}

#[tokio::test]
async fn first_sign_ins_at_the_same_time_make_one_account() {
    let globex = Federation::start(|_| {}).await;
    globex.provision(json!({"jit_outbound": true, "blocking": true})).await;
    globex.acme.slow(Duration::from_millis(400));
    let (one, other) = (globex.come_back("omar", "").await, globex.come_back("omar", "").await);
    let (one, other) = tokio::join!(globex.arrive(&one), globex.arrive(&other));
    for answer in [&one, &other] {
        assert_eq!(answer.header("location"), "/account", "{}", globex.told(answer).await);
    }
    assert!(globex.user("omar").await.is_some());
    assert_eq!(globex.acme.accounts().iter().filter(|account| account.user_name == "omar").count(), 1);
}

#[tokio::test]
async fn a_state_is_good_once_for_its_browser_and_its_connection() {
    let globex = Federation::start(|_| {}).await;
    let back = globex.come_back("freya", "").await;
    let other = globex.come_back("freya", "").await;
    let wrong = async |path: String, cookie: String| {
        let answer = globex.app.get(path).header("cookie", &cookie).header("accept", "text/html").send().await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(answer.text().contains("Start again") && answer.cookie("usher").is_none());
    };
    wrong(back.path.clone(), other.cookie.clone()).await;
    wrong(back.path.clone(), String::new()).await;
    wrong(back.path.replace("state=", "state=x"), back.cookie.clone()).await;
    let elsewhere = back.path.replace(&globex.id.to_string(), "0199aaaa-0000-7000-8000-000000000000");
    wrong(elsewhere, back.cookie.clone()).await;
    assert!(globex.user("freya").await.is_none());
    assert_eq!(globex.arrive(&back).await.header("location"), "/account");
    wrong(back.path.clone(), back.cookie.clone()).await;

    let late = globex.come_back("freya", "").await;
    globex.app.clock.advance(Duration::from_mins(11));
    wrong(late.path, late.cookie).await;
}

#[tokio::test]
async fn another_issuers_answer_and_a_refusal_are_explained() {
    let globex = Federation::start(|_| {}).await;
    let back = globex.come_back("freya", "").await;
    let lied = Return { path: back.path.replace("iss=http", "iss=https"), cookie: back.cookie.clone() };
    let page = globex.told(&globex.arrive(&lied).await).await;
    assert!(page.contains("You are not signed in") && page.contains("Try again"), "{page}");

    let back = globex.come_back("freya", "").await;
    let state = back.path.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let path = format!("/sign-in/callback/{}?error=access_denied&state={state}", globex.id);
    let page = globex.told(&globex.arrive(&Return { path, cookie: back.cookie }).await).await;
    assert!(page.contains("The sign-in was cancelled there"), "{page}");
    // Whatever a stranger writes into the address is shown nowhere.
    let back = globex.come_back("freya", "").await;
    let state = back.path.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let path = format!("/sign-in/callback/{}?error=x&error_description=Call+0800&state={state}", globex.id);
    let page = globex.told(&globex.arrive(&Return { path, cookie: back.cookie }).await).await;
    assert!(!page.contains("0800"), "{page}");
}

#[tokio::test]
async fn a_provider_that_is_down_or_changed_its_keys_is_met() {
    let globex = Federation::start(|_| {}).await;
    globex.enter("freya").await;
    globex.provider.rotate_keys();
    globex.enter("freya").await;
    let back = globex.come_back("freya", "").await;
    globex.provider.stop().await;
    let page = globex.told(&globex.arrive(&back).await).await;
    assert!(page.contains("does not answer at the moment"), "{page}");
    globex.app.clock.advance(Duration::from_hours(2));
    let begun = globex.begin("").await;
    assert_eq!(begun.status, 400, "{}", begun.text());
    assert!(begun.text().contains("does not answer"), "{}", begun.text());
}

#[tokio::test]
async fn claims_that_make_nobody_are_told_and_make_nobody() {
    let globex = Federation::start(|set| {
        set.attributes.insert(Attribute::UserName, "groups".to_owned());
    })
    .await;
    assert!(globex.refused("freya").await.contains("“groups” is no text"));
    globex.change(|set| drop(set.attributes.insert(Attribute::UserName, "nickname".to_owned()))).await;
    assert!(globex.refused("freya").await.contains("nickname"));
    globex.provider.put(persona("zoe", |zoe| zoe.email = "nonsense".to_owned()));
    globex.change(|set| drop(set.attributes.insert(Attribute::UserName, "preferred_username".to_owned()))).await;
    assert!(globex.refused("zoe").await.contains("no mail address"));
    assert!(globex.user("zoe").await.is_none());
}

#[tokio::test]
async fn somebody_elses_mail_is_never_taken_over_unless_verified_and_allowed() {
    let globex = Federation::start(|_| {}).await;
    let zoe = globex.app.user("local").await;
    let taken = |verified: bool| {
        persona("zoe", |zoe| {
            zoe.email = "Local@example.org".to_owned();
            zoe.email_verified = verified;
        })
    };
    globex.provider.put(taken(true));
    assert!(globex.refused("zoe").await.contains("There is an account here already"));
    globex.change(|set| set.link_verified_mail = true).await;
    globex.provider.put(taken(false));
    assert!(globex.refused("zoe").await.contains("There is an account here already"));
    assert!(globex.user("zoe").await.is_none());
    globex.provider.put(taken(true));
    globex.enter("zoe").await;
    assert!(globex.user("zoe").await.is_none(), "nobody new came of it");
    assert_eq!(globex.user("local").await.unwrap()["id"], zoe["id"]);
}

#[tokio::test]
async fn whoever_registered_with_anothers_address_gets_nobody_linked() {
    let globex = Federation::start(|set| set.link_verified_mail = true).await;
    let who = auth::Caller::system().authorise().unwrap();
    let settings = SelfRegistration { enabled: true, verification: false, ..SelfRegistration::default() };
    globex.app.usher.directory().change_setting(&who, settings, None).await.unwrap();
    let form = [("mail", "zoe@globex.example"), ("given_name", "Eve"), ("family_name", "Eve"), ("password", PASSWORD)];
    let done = globex.app.call("registration/register", fields(&form)).send().await;
    assert_eq!(to(&done.json()), "/account");
    globex.provider.put(persona("zoe", |_| {}));
    assert!(globex.refused("zoe").await.contains("There is an account here already"));
}

#[tokio::test]
async fn an_address_that_was_given_to_somebody_else_leads_to_nobodys_account() {
    let globex = Federation::start(|set| set.link_verified_mail = true).await;
    globex.app.user("local").await;
    let of = |sub: &str, name: &str| {
        let sub = sub.to_owned();
        persona(name, |zoe| {
            zoe.sub = sub;
            zoe.email = "local@example.org".to_owned();
        })
    };
    globex.provider.put(of("first", "zoe"));
    globex.enter("zoe").await;
    globex.provider.put(of("second", "newhire"));
    assert!(globex.refused("newhire").await.contains("There is an account here already"));
}

#[tokio::test]
async fn a_name_that_is_somebodys_address_is_taken() {
    let globex = Federation::start(|_| {}).await;
    globex.app.user("local").await;
    globex.provider.put(persona("local@example.org", |eve| eve.email = "eve@globex.example".to_owned()));
    assert!(globex.refused("local@example.org").await.contains("There is an account here already"));
}

#[tokio::test]
async fn an_account_is_linked_by_an_attribute_but_never_one_with_a_console_role() {
    let globex = Federation::start(|set| {
        set.link_claim = "preferred_username".to_owned();
        set.link_attribute = LinkAttribute::UserName;
        set.skip_without_account = true;
    })
    .await;
    globex.app.user("freya").await;
    globex.enter("freya").await;
    assert!(globex.refused("omar").await.contains("There is no account for you here"));
    globex.app.administrator("root").await;
    globex.provider.put(persona("root", |_| {}));
    assert!(globex.refused("root").await.contains("holds a console role"));
}

#[tokio::test]
async fn groups_are_merged_or_overridden() {
    let globex = Federation::start(|set| {
        set.groups = ["Engineering", "Sales"].map(|name| (name.to_owned(), format!("Our {name}"))).into();
    })
    .await;
    let mut ids = Vec::new();
    for name in ["Our Engineering", "Our Sales", "Other"] {
        let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name});
        let made = globex.app.post("/scim2/Groups").token(&globex.app.tokens.scim).scim(&group).await.json();
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let sizes = async || {
        let mut sizes = Vec::new();
        for id in &ids {
            let path = format!("/scim2/Groups/{id}");
            let group = globex.app.get(path).token(&globex.app.tokens.scim_read).send().await.json();
            sizes.push(group["members"].as_array().map_or(0, Vec::len));
        }
        sizes
    };
    globex.provider.put(persona("zoe", |zoe| zoe.groups = vec!["Engineering".to_owned(), "Unknown".to_owned()]));
    globex.enter("zoe").await;
    assert_eq!(sizes().await, [1, 0, 0]);
    globex.provider.put(persona("zoe", |zoe| zoe.groups = vec!["Sales".to_owned()]));
    globex.enter("zoe").await;
    assert_eq!(sizes().await, [1, 1, 0], "merged");
    globex.change(|set| set.group_sync = GroupSync::Override).await;
    globex.enter("zoe").await;
    assert_eq!(sizes().await, [0, 1, 0], "overridden");
    globex.change(|set| set.groups_claim = "teams".to_owned()).await;
    globex.enter("zoe").await;
    assert_eq!(sizes().await, [0, 1, 0], "a claim that is missing says nothing");
}

#[tokio::test]
async fn somebody_agrees_before_an_account_is_made_in_the_browser_that_began() {
    let globex = Federation::start(|set| set.consent = true).await;
    let back = globex.come_back("freya", "").await;
    let page = globex.arrive(&back).await.header("location").to_owned();
    let seen = async |cookie: &str| globex.app.get(&page).header("cookie", cookie).send().await.text();
    let text = seen(&back.cookie).await;
    assert!(text.contains("Create your account?") && text.contains("freya@globex.example"), "{text}");
    let stranger = seen("").await;
    assert!(stranger.contains("This sign-in is over") && !stranger.contains("freya"), "{stranger}");
    assert!(globex.user("freya").await.is_none(), "to be asked makes nobody");
    let token = page.rsplit('/').next().unwrap();
    let agree = async |cookie: &str| {
        globex.app.call("session/consent", fields(&[("token", token)])).header("cookie", cookie).send().await
    };
    for other in ["", "usher-sign-in=stolen"] {
        let refused = agree(other).await;
        assert!(refused.text().contains("begun in another browser") && refused.cookie("usher").is_none());
    }
    let done = agree(&back.cookie).await;
    assert_eq!(to(&done.json()), "/account");
    assert!(done.cookie("usher").is_some() && globex.user("freya").await.is_some());
    assert!(agree(&back.cookie).await.text().contains("has expired"));
    globex.enter("freya").await;
}

#[tokio::test]
async fn nobody_is_asked_about_an_account_that_cannot_be_made() {
    let globex = Federation::start(|set| {
        set.consent = true;
        set.attributes.insert(Attribute::UserName, "groups".to_owned());
    })
    .await;
    assert!(globex.refused("freya").await.contains("“groups” is no text"));
}

#[tokio::test]
async fn jit_off_a_locked_account_and_a_connection_switched_off_let_nobody_in() {
    let globex = Federation::start(|set| set.jit = false).await;
    assert!(globex.refused("freya").await.contains("There is no account for you here"));
    globex.change(|set| set.jit = true).await;
    globex.enter("freya").await;
    let id = globex.user("freya").await.unwrap()["id"].as_str().unwrap().to_owned();
    let off = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": false}],
    });
    globex.app.patch(format!("/scim2/Users/{id}")).token(&globex.app.tokens.scim).scim(&off).await;
    assert!(globex.refused("freya").await.contains("locked or disabled"));
    let path = format!("/api/v1/connections/{}", globex.id);
    let body = json!({"enabled": false});
    assert_eq!(globex.app.patch(path).token(&globex.app.tokens.admin).json(&body).await.status, 200);
    assert!(!globex.app.get("/sign-in").send().await.text().contains("Continue with"));
    assert_eq!(globex.begin("").await.status, 404);
}

#[tokio::test]
async fn the_way_back_never_leads_elsewhere_and_a_session_is_always_new() {
    let globex = Federation::start(|_| {}).await;
    for (return_to, expected) in [
        ("/account/password", "/account/password"),
        ("https://evil.example", "/account"),
        ("//evil.example", "/account"),
        ("/\\evil.example", "/account"),
    ] {
        let mut back = globex.come_back("freya", return_to).await;
        back.cookie.push_str("; usher=fixed-by-somebody-else");
        let answer = globex.arrive(&back).await;
        assert_eq!(answer.header("location"), expected, "{return_to}");
        assert!(!answer.cookie("usher").unwrap().contains("fixed-by-somebody-else"));
    }
    let before = globex.enter("freya").await;
    let mut back = globex.come_back("freya", "").await;
    back.cookie = format!("{}; {before}", back.cookie);
    assert_eq!(globex.arrive(&back).await.status, 303);
    assert_eq!(globex.app.get("/account").header("cookie", &before).send().await.status, 303, "it has ended");
    for site in ["cross-site", "same-site"] {
        let path = format!("/sign-in/with/{}", globex.id);
        assert_eq!(globex.app.post(path).header("sec-fetch-site", site).send().await.status, 403, "{site}");
    }
}

#[tokio::test]
async fn signing_out_goes_on_to_the_provider_and_its_own_sign_out_ends_sessions_here() {
    let globex = Federation::start(|_| {}).await;
    let cookie = globex.enter("freya").await;
    let out = globex.app.call("session/sign-out", "").header("cookie", &cookie).send().await;
    let page = to(&out.json()).to_owned();
    assert!(page.starts_with("/sign-in/under-way/"), "{page}");
    let text = globex.app.get(&page).send().await.text();
    assert!(text.contains("/sign-out?") && text.contains("id_token_hint="), "{text}");
    assert_eq!(globex.app.get("/account").header("cookie", &cookie).send().await.status, 303);

    let cookie = globex.enter("freya").await;
    let path = format!("/sign-in/back-channel/{}", globex.id);
    for token in ["", "nonsense", "a.b.c"] {
        let body = fields(&[("logout_token", token)]);
        let refused = globex.app.post(&path).body("application/x-www-form-urlencoded", body).send().await;
        assert_eq!(refused.status, 400, "{token}");
        assert_eq!(refused.json()["error"], "invalid_request");
    }
    assert_eq!(globex.app.get("/account").header("cookie", &cookie).send().await.status, 200);
}

#[tokio::test]
async fn what_is_set_is_checked_and_a_secret_goes_nowhere_new() {
    let globex = Federation::start(|_| {}).await;
    globex.app.administrator("root").await;
    let cookie = globex.app.sign_in("root").await;
    let at = format!("/console/connections/{}/settings", globex.id);
    let page = globex.app.get(&at).header("cookie", &cookie).send().await.text();
    assert!(page.contains("Callback URL") && page.contains("/sign-in/callback/") && !page.contains(SECRET), "{page}");
    let save = async |issuer: &str, secret: &str| {
        let issuer = issuer.to_owned();
        let pairs = [
            ("at", at.as_str()),
            ("version", "1"),
            ("properties[issuer]", issuer.as_str()),
            ("properties[client_id]", "usher"),
            ("properties[client_secret]", secret),
            ("properties[pkce]", "true"),
        ];
        globex.app.call("sheets/save", fields(&pairs)).header("cookie", &cookie).send().await.json().to_string()
    };
    assert!(save("ftp://x", "").await.contains("https://"));
    assert!(save("http://169.254.169.254/", "").await.contains("properties[issuer]"));
    assert!(save("https://elsewhere.example", "").await.contains("enter it again"));
    let tested = globex.app.call("sheets/test", fields(&[("at", &at)])).header("cookie", &cookie).send().await;
    let tested = to(&tested.json()).to_owned();
    let report = globex.app.get(&tested).header("cookie", &cookie).send().await.text();
    assert!(
        report.contains("The document is this issuer") && report.contains("The provider knows this client"),
        "{report}"
    );
    let path = format!("/api/v1/connections/{}/sign-in/test", globex.id);
    let report = globex.app.post(path).token(&globex.app.tokens.admin).send().await.json();
    let last = report["checks"].as_array().unwrap().last().unwrap();
    assert_eq!((&report["ok"], &last["name"]), (&json!(true), &json!("Client id and secret")), "{report}");
    assert!(save(&globex.provider.issuer(), "").await.contains("done"));
    assert_eq!(globex.app.try_sign_in("root", PASSWORD).send().await.status, 200);
}

#[tokio::test]
async fn a_link_is_let_go_unless_it_is_the_only_way_in() {
    let globex = Federation::start(|_| {}).await;
    let cookie = globex.enter("freya").await;
    let page = globex.app.get("/account").header("cookie", &cookie).send().await.text();
    let id = page.split("id=\"unlink-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let unlink = || globex.app.call("account/unlink", fields(&[("id", &id)])).header("cookie", &cookie);
    assert!(unlink().send().await.text().contains("your only way in"));
    globex.settled(|| globex.provider.sessions("freya") > 0).await;
}

#[tokio::test]
async fn a_sign_in_as_a_test_shows_what_came_and_changes_nobody() {
    let globex = Federation::start(|set| {
        set.groups = vec![("Engineering".to_owned(), "Our Engineering".to_owned())];
        set.attribute_sync = AttributeSync::OverrideAll;
    })
    .await;
    globex.app.administrator("root").await;
    let root = globex.app.sign_in("root").await;
    globex.provider.put(persona("zoe", |zoe| zoe.groups = vec!["Engineering".to_owned()]));
    let before = globex.events("").await;
    let back = globex.come_back_from_test(&root, "zoe").await;
    let report = globex.report(&root, &back).await;
    for told in [
        "Claim email",
        "“zoe@globex.example”",
        "“zoe” from the claim “preferred_username”.",
        "There is no such group here: Our Engineering.",
        "An account “zoe” would be made.",
    ] {
        assert!(report.contains(told), "{told}: {report}");
    }
    assert!(globex.user("zoe").await.is_none(), "nobody came of it");
    assert_eq!((globex.events("").await, globex.events("connection.test").await), (before + 1, 1));
    assert_eq!(globex.arrive(&back).await.status, 400, "it is good once");

    globex.enter("zoe").await;
    globex.provider.put(persona("zoe", |zoe| zoe.display_name = "Zoe Later".to_owned()));
    let (known, before) = (globex.user("zoe").await, globex.events("").await);
    let back = globex.come_back_from_test(&root, "zoe").await;
    let report = globex.report(&root, &back).await;
    assert!(report.contains("“Zoe Later”") && report.contains("They are “zoe” here, and would come in."), "{report}");
    assert_eq!(globex.user("zoe").await, known, "nothing follows");
    assert_eq!(globex.events("").await, before + 1);

    globex.change(|set| set.link_claim = "preferred_username".to_owned()).await;
    globex.app.user("local").await;
    globex.provider.put(persona("local", |_| {}));
    let back = globex.come_back_from_test(&root, "local").await;
    assert!(globex.report(&root, &back).await.contains("The account “local” here would be linked to them"));
    globex.provider.put(persona("root", |_| {}));
    let back = globex.come_back_from_test(&root, "root").await;
    assert!(globex.report(&root, &back).await.contains("holds a console role"));
    assert_eq!(globex.app.get("/account").header("cookie", &root).send().await.status, 200, "the session goes on");
}

#[tokio::test]
async fn a_test_is_finished_in_the_session_that_began_it_alone() {
    let globex = Federation::start(|_| {}).await;
    for name in ["root", "second"] {
        globex.app.administrator(name).await;
    }
    globex.app.auditor("auditor").await;
    let root = globex.app.sign_in("root").await;
    let back = globex.come_back_from_test(&root, "freya").await;
    let (browser, _) = back.cookie.split_once("; ").unwrap();
    let mut others = vec![browser.to_owned(), root.clone(), format!("usher-sign-in=stolen; {root}")];
    for name in ["root", "second", "auditor"] {
        others.push(format!("{browser}; {}", globex.app.sign_in(name).await));
    }
    for cookie in others {
        let answer = globex.arrive(&Return { path: back.path.clone(), cookie: cookie.clone() }).await;
        assert_eq!(answer.status, 400, "{cookie}: {}", answer.text());
        assert!(answer.text().contains("another browser") && answer.cookie("usher").is_none());
    }
    let elsewhere = back.path.replace(&globex.id.to_string(), "0199aaaa-0000-7000-8000-000000000000");
    assert_eq!(globex.arrive(&Return { path: elsewhere, cookie: back.cookie.clone() }).await.status, 400);
    assert_eq!(globex.events("connection.test").await, 0);

    let answer = globex.arrive(&back).await;
    let shown =
        async |cookie: &str| globex.app.get(answer.header("location")).header("cookie", cookie).send().await.text();
    let second = globex.app.sign_in("second").await;
    assert!(!shown(&second).await.contains("freya@globex.example"), "it is nobody else's");
    assert!(shown(&root).await.contains("freya@globex.example"));
    assert!(globex.user("freya").await.is_none());
    // A sign-in that is none of a test stays one, whoever is signed in.
    let mut real = globex.come_back("freya", "").await;
    real.cookie = format!("{}; {root}", real.cookie);
    assert_eq!(globex.arrive(&real).await.header("location"), "/account");
}

#[tokio::test]
async fn a_test_says_in_plain_words_what_the_provider_answers() {
    let globex = Federation::start(|_| {}).await;
    globex.app.administrator("root").await;
    let root = globex.app.sign_in("root").await;
    let off = json!({"enabled": false});
    let path = format!("/api/v1/connections/{}", globex.id);
    globex.app.patch(path).token(&globex.app.tokens.admin).json(&off).await;
    let back = globex.come_back_from_test(&root, "freya").await;
    let report = globex.report(&root, &back).await;
    assert!(report.contains("An account “freya” would be made.") && report.contains("It is switched off"), "{report}");

    let mut back = globex.come_back_from_test(&root, "freya").await;
    let state = back.path.split("state=").nth(1).unwrap().split('&').next().unwrap();
    back.path = format!("/sign-in/callback/{}?error=access_denied&error_description=No&state={state}", globex.id);
    let report = globex.report(&root, &back).await;
    assert!(report.contains("The provider refused: access_denied: “No”. Whoever signs in is told:"), "{report}");
    assert!(report.contains("The sign-in was cancelled there."), "{report}");

    let at = format!("/console/connections/{}/settings", globex.id);
    let (by, form) = (format!("{at}/as-a-test"), [("_form", "test"), ("_page", at.as_str())]);
    let plain = globex.app.submit("sheets/test", fields(&[&form[..], &[("at", &by)]].concat()));
    let plain = plain.header("cookie", &root).send().await;
    assert_eq!(plain.status, 303, "without JavaScript: {}", plain.text());
    assert!(plain.header("location").starts_with("/sign-in/under-way/") && plain.cookie("usher-sign-in").is_some());

    globex.provider.stop().await;
    globex.app.clock.advance(Duration::from_hours(2));
    let told = globex.press_test(&root).await;
    let report = globex.app.get(to(&told.json())).header("cookie", &root).send().await.text();
    assert!(report.contains("could not be asked") && report.contains("does not answer at the moment"), "{report}");
    assert_eq!((globex.events("connection.test").await, globex.events("session.refuse").await), (3, 0));
}

#[tokio::test]
async fn a_second_factor_is_asked_for_after_a_provider_too_unless_it_answers_itself() {
    let globex = Federation::start(|_| {}).await;
    let app = &globex.app;
    let browser = async || Browser { app, cookie: globex.sign_in("freya").await.cookie("usher").expect("a session") };
    let (_, codes) = browser().await.set_up_app().await;
    let mut half = browser().await;
    assert_eq!(half.get("/account").await.header("location"), "/sign-in/second-factor?return_to=/account");
    assert_eq!(to(&half.show(&codes[0]).await), "/account");
    assert!(half.is_in().await);
    let who = auth::Caller::system().authorise().unwrap();
    let settings = SecondFactors { after_connections: false, ..SecondFactors::default() };
    app.usher.directory().change_setting(&who, settings, None).await.unwrap();
    assert!(browser().await.is_in().await);
}

#[tokio::test]
async fn whoever_is_to_sign_in_again_does_so_at_the_provider_too() {
    let globex = Federation::start(|_| {}).await;
    let asks = async |return_to: &str| {
        let begun = globex.begin(return_to).await;
        let page = globex.app.get(begun.header("location")).send().await.text();
        assert!(page.contains("/authorize?"), "{page}");
        page.contains("prompt=login")
    };
    assert!(asks("/account/second-factors").await && asks("/account/address").await);
    assert!(!asks("/account").await && !asks("/console").await && !asks("").await);
}

#[tokio::test]
async fn whoever_waits_for_their_account_sets_up_the_second_factor_that_they_need() {
    let globex = Federation::start(|_| {}).await;
    globex.provision(json!({"jit_outbound": true, "blocking": true, "time_limit_ms": 20_000})).await;
    require(&globex.app, Required::Everybody).await;
    globex.acme.slow(Duration::from_millis(2_500));
    let answer = globex.sign_in("freya").await;
    let page = answer.header("location").to_owned();
    let mut browser =
        Browser { app: &globex.app, cookie: answer.cookie("usher").expect("a session that begins later") };
    assert!(browser.get(&page).await.text().contains("One moment"));
    for _ in 0..200 {
        let waiting = browser.get(&page).await;
        if waiting.status == 303 {
            let step = waiting.header("location").to_owned();
            assert!(step.starts_with("/sign-in/second-factor"), "{step}");
            assert!(browser.get(&step).await.text().contains("Set up a second factor"));
            assert!(!browser.is_in().await);
            browser.set_up_app().await;
            assert!(browser.is_in().await);
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it waits for ever");
}
