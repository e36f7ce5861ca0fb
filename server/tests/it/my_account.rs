//! My Account: where whoever has no console role is at home.

use std::time::Duration;

use domain::{branding::Branding, own_profile::OwnProfile};
use serde_json::json;

use crate::{
    mail::{Post, path},
    provisioning::Pair,
    support::{Answer, Console, PASSWORD, TestApp, fields, to, user},
};

const NEW: &str = "a few words in a row";

/// Where a sign-in leads.
async fn lands(app: &TestApp, user_name: &str, return_to: &str) -> String {
    let form = fields(&[("user_name", user_name), ("password", PASSWORD), ("return_to", return_to)]);
    to(&app.call("session/sign-in", form).send().await.json()).to_owned()
}

#[tokio::test]
async fn whoever_has_no_role_lands_on_their_own_account() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    app.holder("ada", None).await;
    assert_eq!(lands(&app, "root", "").await, "/console");
    for return_to in ["", "/console", "//evil.example", "https://evil.example"] {
        assert_eq!(lands(&app, "ada", return_to).await, "/account", "{return_to}");
    }
    assert_eq!(lands(&app, "ada", "/console/settings/sessions").await, "/console/settings/sessions");

    let cookie = app.sign_in("ada").await;
    let home = app.get("/console").header("cookie", &cookie).send().await;
    assert_eq!((home.status, home.header("location")), (303, "/account"));
    let page = app.get("/account").header("cookie", &cookie).send().await;
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(text.contains("My Account") && text.contains("This session"), "{text}");
    assert!(!text.contains("To the console"), "it is not for them");
    let nobody = app.get("/account").send().await;
    assert_eq!((nobody.status, nobody.header("location")), (303, "/sign-in?return_to=/account"));
}

#[tokio::test]
async fn an_administrator_has_one_too_and_a_way_back() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    let cookie = app.sign_in("root").await;
    let page = app.get("/account").header("cookie", &cookie).send().await.text();
    assert!(page.contains("To the console") && page.contains("None yet."), "{page}");
}

#[tokio::test]
async fn a_password_is_changed_without_javascript_and_the_browser_stays_signed_in() {
    let app = TestApp::start().await;
    app.holder("ada", None).await;
    let (cookie, elsewhere) = (app.sign_in("ada").await, app.sign_in("ada").await);
    let change = |present: &str, again: &str| {
        let form = [
            ("_form", "change-password"),
            ("_page", "/account/password"),
            ("_secret.present", ""),
            ("_secret.password", ""),
            ("_secret.again", ""),
            ("present", present),
            ("password", NEW),
            ("again", again),
        ];
        app.submit("account/change-password", fields(&form)).header("cookie", &cookie)
    };
    for (present, again, said) in [
        ("", NEW, "Enter your present password."),
        (PASSWORD, "other", "The two are not the same."),
        ("no", NEW, "This is not your present password."),
    ] {
        let refused = change(present, again).send().await;
        assert_eq!((refused.status, refused.header("location")), (303, "/account/password"));
        let page = app.get("/account/password").header("cookie", &cookie).send().await.text();
        assert!(page.contains(said) && !page.contains(NEW), "{said}: {page}");
    }
    let done = change(PASSWORD, NEW).send().await;
    assert_eq!((done.status, done.header("location")), (303, "/account"));
    let (fresh, said) = (done.cookie("usher").expect("a session"), done.cookie("flash"));
    assert_ne!(fresh, cookie);
    for old in [&cookie, &elsewhere] {
        assert_eq!(app.get("/account").header("cookie", old).send().await.status, 303, "it has ended");
    }
    let cookies = [Some(fresh), said].into_iter().flatten().collect::<Vec<_>>().join("; ");
    let page = app.get("/account").header("cookie", &cookies).send().await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Your password was changed."), "{}", page.text());
    assert!(app.try_sign_in("ada", PASSWORD).send().await.text().contains("not right"));
}

#[tokio::test]
async fn its_pages_are_html_alone_in_the_organizations_looks() {
    let app = TestApp::start().await;
    app.holder("ada", None).await;
    let who = auth::Caller::system().authorise().unwrap();
    let branding = Branding { organization: "Analytical Engines".to_owned(), ..Branding::default() };
    app.usher.directory().change_setting(&who, branding, None).await.unwrap();
    let cookie = app.sign_in("ada").await;
    for path in ["/account", "/account/profile", "/account/address", "/account/address/nothing", "/account/password"] {
        let page = app.get(path).header("cookie", &cookie).send().await;
        assert_eq!(page.status, 200, "{path}");
        let text = page.text();
        assert!(text.contains("Analytical Engines") && text.contains("/branding/style.css"), "{path}: {text}");
        assert!(!text.contains("import("), "it loads no program: {path}");
    }
}

/// Somebody who has an account at Acme Cloud, and is signed in.
struct Ada {
    pair: Pair,
    id: String,
    cookie: String,
}

impl Ada {
    async fn start() -> Self {
        let pair = Pair::blocking(json!({})).await;
        let mut document = user("ada");
        document["name"] = json!({"givenName": "Ada", "familyName": "Lovelace"});
        document["password"] = json!(PASSWORD);
        let app = &pair.app;
        let made = app.post("/scim2/Users").token(&app.tokens.scim).scim(&document).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let cookie = app.sign_in("ada").await;
        Self { pair, id, cookie }
    }

    async fn get(&self, path: &str) -> String {
        self.pair.app.get(path).header("cookie", &self.cookie).send().await.text()
    }

    /// Posts the form of the profile without JavaScript; the answer, and the page that it leads to.
    async fn save(&self, version: i64, attributes: &[(&str, &str)]) -> (Answer, String) {
        let version = version.to_string();
        let mut pairs = vec![("_form", "profile"), ("_page", "/account/profile"), ("version", version.as_str())];
        let named: Vec<(String, &str)> =
            attributes.iter().map(|(key, value)| (format!("attributes[{key}]"), *value)).collect();
        pairs.extend(named.iter().map(|(name, value)| (name.as_str(), *value)));
        let app = &self.pair.app;
        let answer = app.submit("account/change-profile", fields(&pairs)).header("cookie", &self.cookie).send().await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let page = self.get(answer.header("location")).await;
        (answer, page)
    }

    async fn read(&self) -> serde_json::Value {
        let app = &self.pair.app;
        app.get(format!("/scim2/Users/{}", self.id)).token(&app.tokens.scim).send().await.json()
    }

    async fn allow(&self, change: impl FnOnce(&mut OwnProfile)) {
        let mut settings = OwnProfile::default();
        change(&mut settings);
        let who = auth::Caller::system().authorise().unwrap();
        self.pair.app.usher.directory().change_setting(&who, settings, None).await.unwrap();
    }
}

#[tokio::test]
async fn somebody_changes_their_profile_and_the_systems_follow() {
    let ada = Ada::start().await;
    assert!(ada.get("/account").await.contains("/account/profile"), "the way there");
    let form = ada.get("/account/profile").await;
    assert!(form.contains("value=\"Lovelace\"") && form.contains("name=\"version\" value=\"1\""), "{form}");
    let (answer, page) = ada.save(1, &[("given_name", "Augusta"), ("phone_number", "+44 20 1")]).await;
    assert_eq!(answer.header("location"), "/account");
    assert!(page.contains("Your profile was changed.") && page.contains("+44 20 1"), "{page}");
    let there = ada.pair.acme.account("ada").unwrap().document;
    assert_eq!(there["name"], json!({"givenName": "Augusta", "familyName": "Lovelace"}));
    assert_eq!(there["phoneNumbers"][0]["value"], "+44 20 1");
}

#[tokio::test]
async fn what_may_not_be_changed_is_refused_and_nothing_is() {
    let ada = Ada::start().await;
    let before = ada.read().await;
    ada.allow(|settings| settings.family_name = false).await;
    let form = ada.get("/account/profile").await;
    assert!(form.contains("attributes[given_name]") && !form.contains("attributes[family_name]"), "{form}");
    for attribute in ["family_name", "userName", "custom.x", "custom.0199aaaa-0000-7000-8000-000000000000", "emails"] {
        let (answer, page) = ada.save(1, &[("given_name", "Augusta"), (attribute, "King")]).await;
        assert_eq!(answer.header("location"), "/account/profile", "{attribute}");
        assert!(page.contains("Load the page again") && page.contains("value=\"Augusta\""), "{attribute}: {page}");
    }
    assert_eq!(ada.read().await, before);
    ada.allow(|settings| {
        (settings.given_name, settings.family_name) = (false, false);
        (settings.display_name, settings.phone_number) = (false, false);
    })
    .await;
    assert!(ada.get("/account/profile").await.contains("Nothing of it is changed here"));
    assert!(!ada.get("/account").await.contains("/account/profile"));
}

#[tokio::test]
async fn a_change_that_an_administrator_made_meanwhile_is_not_overwritten() {
    let ada = Ada::start().await;
    let app = &ada.pair.app;
    let change = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "name.familyName", "value": "King"}],
    });
    let path = format!("/scim2/Users/{}", ada.id);
    assert_eq!(app.patch(path).token(&app.tokens.scim).scim(&change).await.status, 200);
    let (_, page) = ada.save(1, &[("given_name", "Augusta"), ("family_name", "Lovelace")]).await;
    assert!(page.contains("Somebody else has changed this") && page.contains("value=\"Augusta\""), "{page}");
    assert!(page.contains("name=\"version\" value=\"1\""), "to send it once more does not undo it either: {page}");
    assert_eq!(ada.read().await["name"]["familyName"], "King");
    let fresh = ada.get("/account/profile").await;
    assert!(fresh.contains("name=\"version\" value=\"2\"") && fresh.contains("value=\"King\""), "{fresh}");
    ada.save(2, &[("given_name", "Augusta"), ("family_name", "King")]).await;
    assert_eq!(ada.read().await["name"], json!({"givenName": "Augusta", "familyName": "King"}));
}

#[tokio::test]
async fn what_is_wrong_is_told_at_its_field_and_what_was_typed_stays() {
    let ada = Ada::start().await;
    let before = ada.read().await;
    let long = "x".repeat(2_000);
    let (_, page) = ada.save(1, &[("given_name", "Augusta"), ("display_name", &long)]).await;
    assert!(page.contains("id=\"profile-attributes-display-name-error\""), "{page}");
    assert!(page.contains("At most 1024 characters") && page.contains("value=\"Augusta\"") && page.contains(&long));
    assert_eq!(ada.read().await, before);
}

#[tokio::test]
async fn an_administrator_says_what_people_change() {
    let console = Console::start().await;
    let page = console.get("/console/my-account").await.text();
    assert!(page.contains("What people change themselves") && page.contains("USHER_SMTP_URL"), "{page}");
    let schema = json!({
        "urn": "urn:example:Staff", "name": "Staff",
        "attributes": [{"name": "badge", "label": "Badge number"}, {"name": "tags", "multi_valued": true}],
    });
    let app = &console.app;
    let made = app.post("/api/v1/schemas").token(&app.tokens.admin).json(&schema).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let page = console.get("/console/my-account").await.text();
    assert!(page.contains("Badge number") && !page.contains("tags"), "one value alone: {page}");
    let badge = page.split("name=\"properties[custom.").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    let field = format!("properties[custom.{badge}]");
    let pairs = [("at", "/console/my-account"), ("version", "0"), ("properties[given_name]", "true"), (&field, "true")];
    assert_eq!(to(&console.post("sheets/save", &pairs).await), "/console/my-account");
    let stale = console.post("sheets/save", &pairs).await;
    assert!(stale.to_string().contains("Somebody else has changed this"), "{stale}");

    let form = console.get("/account/profile").await.text();
    assert!(form.contains("attributes[given_name]") && form.contains("Badge number"), "{form}");
    assert!(!form.contains("attributes[phone_number]"), "{form}");
    assert!(console.get("/account/address").await.text().contains("It is not changed here"), "no mail goes out");
    let key = format!("attributes[custom.{badge}]");
    let saved = console.post("account/change-profile", &[("version", "1"), (&key, "B-1")]).await;
    assert_eq!(to(&saved), "/account");
    assert!(console.get("/account").await.text().contains("B-1"));
    let trail = console.get("/console/logs?subject=setting").await.text();
    assert!(trail.contains("Setting changed") && trail.contains("My Account"), "{trail}");
}

/// Asks for another address as whoever this cookie is of.
async fn ask(post: &Post, cookie: &str, mail: &str, present: &str) -> Answer {
    let form = [
        ("_form", "address"),
        ("_page", "/account/address"),
        ("_secret.present", ""),
        ("mail", mail),
        ("present", present),
    ];
    post.console.app.submit("account/ask-address", fields(&form)).header("cookie", cookie).send().await
}

async fn confirm(post: &Post, cookie: &str, link: &str) -> Answer {
    let token = link.rsplit('/').next().unwrap();
    let form = [("_form", "confirm-address"), ("_page", link), ("_secret.token", ""), ("token", token)];
    post.console.app.submit("account/confirm-address", fields(&form)).header("cookie", cookie).send().await
}

#[tokio::test]
async fn another_mail_address_is_shown_to_be_theirs_by_a_link() {
    const NEW: &str = "countess@example.org";
    let post = Post::start().await;
    let app = &post.console.app;
    let mut document = user("ada");
    document["password"] = json!(PASSWORD);
    assert_eq!(app.post("/scim2/Users").token(&app.tokens.scim).scim(&document).await.status, 201);
    app.holder("grace", None).await;
    let (ada, grace) = (app.sign_in("ada").await, app.sign_in("grace").await);
    let get = async |cookie: &str, path: &str| app.get(path).header("cookie", cookie).send().await.text();
    assert!(get(&ada, "/account").await.contains("/account/address"));

    let refused = ask(&post, &ada, NEW, "not it").await;
    assert_eq!(refused.header("location"), "/account/address");
    let page = get(&ada, "/account/address").await;
    assert!(page.contains("not your present password") && page.contains(NEW), "{page}");
    let asked = ask(&post, &ada, NEW, PASSWORD).await;
    assert_eq!(asked.header("location"), "/account");
    let page = get(&ada, "/account").await;
    assert!(page.contains("is on its way") && page.contains("becomes your address once"), "{page}");

    let mail = post.mail_to(NEW, 0).await;
    assert!(mail.subject.starts_with("Confirm your new address"), "{mail:?}");
    let link = path(&mail, "/account/address/");
    let nobody = app.get(&link).send().await;
    assert_eq!((nobody.status, nobody.header("location").starts_with("/sign-in?return_to=")), (303, true));
    assert!(get(&grace, &link).await.contains("This link is for another account"));
    assert_eq!(confirm(&post, &grace, &link).await.header("location"), link);
    assert!(get(&ada, &link).await.contains(NEW), "opening it changes nothing");
    assert!(get(&ada, "/account").await.contains("becomes your address once"));

    let done = confirm(&post, &ada, &link).await;
    assert_eq!(done.header("location"), "/account");
    let page = get(&ada, "/account").await;
    assert!(page.contains("Your mail address was changed.") && page.contains(NEW), "{page}");
    assert!(!page.contains("ada@example.org") && !page.contains("becomes your address once"), "{page}");
    let told = post.mail_to("ada@example.org", 0).await;
    assert!(told.subject.contains("was changed") && !told.text.contains(NEW), "{told:?}");

    assert_eq!(confirm(&post, &ada, &link).await.header("location"), link);
    assert!(get(&ada, &link).await.contains("the address is yours"));
    ask(&post, &ada, "ada@elsewhere.example", PASSWORD).await;
    let late = path(&post.mail_to("ada@elsewhere.example", 0).await, "/account/address/");
    app.clock.advance(Duration::from_mins(61));
    assert!(get(&ada, &late).await.contains("This link has expired"));
    assert_eq!(confirm(&post, &ada, &late).await.header("location"), late);
    assert!(get(&ada, "/account").await.contains(NEW));
}
