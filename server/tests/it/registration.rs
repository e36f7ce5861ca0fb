//! Self-registration, without JavaScript as a browser posts it, with a real mailbox.

use std::{collections::BTreeMap, time::Duration};

use altcha::{Challenge, Payload, SolveChallengeOptions, solve_challenge};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    extension::Kind,
    registration::{AskedAttribute, SelfRegistration},
    second_factor::Required,
};
use serde_json::{Value, json};

use crate::{
    mail::{Post, path},
    second_factor::{Browser, require},
    support::{Answer, Console, PASSWORD, TestApp, fields, to},
};

const MAIL: &str = "ada@example.org";

/// Switches it on, otherwise as it comes but for what `change` changes.
async fn allow(app: &TestApp, change: impl FnOnce(&mut SelfRegistration)) {
    let mut settings = SelfRegistration { enabled: true, ..SelfRegistration::default() };
    change(&mut settings);
    let who = auth::Caller::system().authorise().unwrap();
    app.usher.directory().change_setting(&who, settings, None).await.unwrap();
}

fn form(mail: &str, password: &str) -> String {
    fields(&[
        ("_form", "register"),
        ("_page", "/register"),
        ("_secret.password", ""),
        ("given_name", "Ada"),
        ("family_name", "Lovelace"),
        ("mail", mail),
        ("password", password),
    ])
}

async fn register(app: &TestApp, mail: &str) -> Answer {
    app.submit("registration/register", form(mail, PASSWORD)).send().await
}

/// Follows a link as the browser with these cookies.
async fn verify(app: &TestApp, link: &str, cookies: &str, password: &str) -> Answer {
    let token = link.rsplit('/').next().unwrap();
    let pairs = [("_form", "verify"), ("_page", link), ("_secret.token", ""), ("token", token), ("password", password)];
    app.submit("registration/verify", fields(&pairs)).header("cookie", cookies).send().await
}

/// What the page says after a form came back.
async fn said(app: &TestApp, answer: &Answer) -> String {
    let flash = answer.cookie("flash").expect("a message");
    app.get(answer.header("location")).header("cookie", &flash).send().await.text()
}

#[tokio::test]
async fn somebody_registers_follows_the_link_and_is_in() {
    let post = Post::start().await;
    let app = &post.console.app;
    allow(app, |_| {}).await;
    assert!(app.get("/sign-in").send().await.text().contains("/register"));
    let page = app.get("/register").send().await.text();
    assert!(page.contains("Create your account") && !page.contains("import("), "it loads no program: {page}");
    let sent = register(app, MAIL).await;
    assert_eq!((sent.status, sent.header("location")), (303, "/register/sent"));
    assert!(app.get("/register/sent").send().await.text().contains("Check your mail"));
    let browser = sent.cookie("usher-registration").expect("the browser is known again");
    let mail = post.mail_to(MAIL, 0).await;
    assert!(mail.subject.starts_with("Confirm your address") && mail.text.contains("Hello Ada Lovelace"), "{mail:?}");
    let link = path(&mail, "/register/verify/");

    let opened = app.get(&link).header("cookie", &browser).send().await.text();
    assert!(opened.contains(MAIL) && !opened.contains("type=\"password\""), "{opened}");
    assert!(!exists(&post.console, MAIL).await, "opening it changes nothing");
    let done = verify(app, &link, &browser, "").await;
    assert_eq!((done.status, done.header("location")), (303, "/account"), "{}", done.text());
    let session = done.cookie("usher").expect("signed in");
    assert!(app.get("/account").header("cookie", &session).send().await.text().contains("Ada Lovelace"));
    assert!(exists(&post.console, MAIL).await);

    let twice = verify(app, &link, &browser, "").await;
    assert_eq!(twice.header("location"), link);
    assert!(said(app, &twice).await.contains("used already"));
    assert!(app.get(&link).send().await.text().contains("Your address is confirmed"));
}

async fn exists(console: &Console, user_name: &str) -> bool {
    let filter = format!("userName%20eq%20%22{user_name}%22");
    let app = &console.app;
    let found = app.get(format!("/scim2/Users?filter={filter}")).token(&app.tokens.scim_read).send().await.json();
    found["totalResults"] == 1
}

#[tokio::test]
async fn the_answer_does_not_tell_whether_an_account_exists() {
    let post = Post::start().await;
    let app = &post.console.app;
    allow(app, |_| {}).await;
    app.user("grace").await;
    let (fresh, known) = (register(app, MAIL).await, register(app, "Grace@example.org").await);
    let seen = |answer: &Answer| (answer.status, answer.header("location").to_owned(), answer.text());
    assert_eq!(seen(&fresh), seen(&known));
    let shape = |answer: &Answer| answer.cookie("usher-registration").map(|cookie| cookie.len());
    assert_eq!(shape(&fresh), shape(&known));
    let mail = post.mail_to("Grace@example.org", 0).await;
    assert_eq!(mail.subject, "You have an account at Usher");
    assert!(!mail.text.contains("/register/verify/") && mail.text.contains("your user name is grace"), "{}", mail.text);
}

#[tokio::test]
async fn another_browser_has_to_know_the_password() {
    let post = Post::start().await;
    let app = &post.console.app;
    allow(app, |_| {}).await;
    register(app, MAIL).await;
    let link = path(&post.mail_to(MAIL, 0).await, "/register/verify/");
    let opened = app.get(&link).send().await.text();
    assert!(opened.contains("type=\"password\"") && opened.contains("another browser"), "{opened}");
    for (cookie, password) in [("", ""), ("", "wrong password of theirs"), ("usher-registration=stolen", "")] {
        let refused = verify(app, &link, cookie, password).await;
        assert_eq!(refused.header("location"), link);
        assert!(said(app, &refused).await.contains("not the password that was chosen"), "{cookie} {password}");
    }
    assert!(!exists(&post.console, MAIL).await);
    assert_eq!(verify(app, &link, "", PASSWORD).await.header("location"), "/account");
}

#[tokio::test]
async fn a_late_an_unknown_and_another_users_link_are_refused() {
    let post = Post::start().await;
    let app = &post.console.app;
    allow(app, |settings| settings.link_minutes = 5).await;
    let browser = register(app, MAIL).await.cookie("usher-registration").unwrap();
    let other = register(app, "grace@example.org").await.cookie("usher-registration").unwrap();
    let link = path(&post.mail_to(MAIL, 0).await, "/register/verify/");
    // The link of one with the browser of another asks for the password of the one.
    let foreign = verify(app, &link, &other, "").await;
    assert!(said(app, &foreign).await.contains("not the password that was chosen"));
    assert!(app.get("/register/verify/nonsense").send().await.text().contains("This link does not work"));
    let nonsense = verify(app, "/register/verify/nonsense", &browser, PASSWORD).await;
    assert!(said(app, &nonsense).await.contains("This link does not work"));
    app.clock.advance(Duration::from_mins(6));
    assert!(app.get(&link).send().await.text().contains("This link has expired"));
    assert!(said(app, &verify(app, &link, &browser, "").await).await.contains("This link has expired"));
    assert!(!exists(&post.console, MAIL).await);
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays() {
    let post = Post::start().await;
    let app = &post.console.app;
    allow(app, |settings| settings.domains = vec!["example.org".to_owned()]).await;
    for (mail, password, expected) in [
        ("", PASSWORD, "Enter your mail address."),
        ("ada", PASSWORD, "This is no mail address."),
        ("ada@exampel.org", PASSWORD, "Did you mean ada@example.org?"),
        (MAIL, "short", "A password has at least 12 characters."),
        (MAIL, &"x".repeat(300), "A password has 12 to 256 characters."),
        (&format!("{}@example.org", "a".repeat(300)), PASSWORD, "This is no mail address."),
    ] {
        let answer = app.submit("registration/register", form(mail, password)).send().await;
        assert_eq!(answer.header("location"), "/register", "{expected}");
        let page = said(app, &answer).await;
        assert!(page.contains(expected), "{expected}: {page}");
        assert!(page.contains("value=\"Lovelace\"") && !page.contains(password), "{expected}");
    }
    let huge = app.submit("registration/register", "mail=a".repeat(20_000)).send().await;
    assert_eq!(huge.status, 413);
    assert!(post.inbox.messages().is_empty());
}

#[tokio::test]
async fn a_post_from_another_site_is_refused() {
    let post = Post::start().await;
    let app = &post.console.app;
    allow(app, |_| {}).await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        for function in ["registration/register", "registration/verify", "session/sign-in", "session/forgot-password"] {
            let answer = app
                .post(format!("/console/-/{function}"))
                .header(name, value)
                .body("application/x-www-form-urlencoded", form(MAIL, PASSWORD))
                .send()
                .await;
            assert_eq!(answer.status, 403, "{function} with {name}");
        }
        for path in ["/sign-in", "/register"] {
            let answer = app.post(path).header(name, value).body("text/plain", "").send().await;
            assert!(matches!(answer.status, 403 | 405), "{path}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn whoever_registers_sets_up_the_second_factor_that_everybody_needs() {
    let post = Post::start().await;
    let app = &post.console.app;
    allow(app, |settings| settings.verification = false).await;
    require(app, Required::Everybody).await;
    let done = register(app, MAIL).await;
    let cookie = done.cookie("usher").expect("a session that is half way");
    let account = app.get(done.header("location")).header("cookie", &cookie).send().await;
    assert_eq!((account.status, account.header("location")), (303, "/sign-in/second-factor?return_to=/account"));
}

#[tokio::test]
async fn a_flood_is_held_back() {
    let post = Post::start().await;
    let app = &post.console.app;
    allow(app, |_| {}).await;
    let mut held = None;
    for n in 0..6 {
        let answer = app.call("registration/register", form(MAIL, PASSWORD)).from([192, 0, 2, n]).send().await;
        held = Some(answer.status).filter(|status| *status == 429).or(held);
    }
    assert_eq!(held, Some(429), "one mailbox gets five mails an hour at most");
}

/// The challenge that stands on the page for registering.
async fn challenge(app: &TestApp) -> Challenge {
    let page = app.get("/register").send().await.text();
    let (_, rest) = page.split_once("data-challenge=\"").expect("a challenge");
    let challenge = rest.split('"').next().unwrap().replace("&quot;", "\"");
    serde_json::from_str(&challenge).unwrap()
}

/// What a browser makes of it.
fn solved(challenge: Challenge) -> String {
    let solution = solve_challenge(SolveChallengeOptions::new(&challenge)).unwrap().expect("a solution");
    STANDARD.encode(serde_json::to_vec(&Payload { challenge, solution }).unwrap())
}

async fn register_with(app: &TestApp, mail: &str, proof: &str) -> Answer {
    let proof = fields(&[("_secret.proof", ""), ("proof", proof)]);
    app.submit("registration/register", format!("{}&{proof}", form(mail, PASSWORD))).send().await
}

#[tokio::test]
async fn a_proof_of_work_is_good_once_and_tells_of_nobody() {
    let post = Post::start().await;
    let app = &post.console.app;
    app.user("grace").await;
    allow(app, |_| {}).await;
    assert!(!app.get("/register").send().await.text().contains("proof-of-work"), "only where it is asked for");
    allow(app, |settings| settings.proof_of_work = true).await;
    let page = app.get("/register").send().await.text();
    assert!(page.contains("data-without-script") && page.contains("role=\"status\""), "{page}");
    let (_, script) = page.split_once("type=\"module\" src=\"").expect("a script");
    let script = app.get(script.split('"').next().unwrap()).send().await;
    assert!(script.kind().starts_with("text/javascript") && script.header("cache-control").contains("immutable"));
    assert!(script.text().contains("deriveBits"));

    let good = solved(challenge(app).await);
    let (fresh, known) = (
        register_with(app, MAIL, &good).await,
        register_with(app, "Grace@example.org", &solved(challenge(app).await)).await,
    );
    assert_eq!((fresh.status, fresh.header("location")), (303, "/register/sent"), "{}", fresh.text());
    assert_eq!(
        (fresh.status, fresh.header("location"), fresh.text()),
        (known.status, known.header("location"), known.text())
    );

    let late = solved(challenge(app).await);
    app.clock.advance(Duration::from_mins(61));
    let foreign = {
        let mut foreign = challenge(app).await;
        foreign.parameters.cost = 1;
        solved(foreign)
    };
    for (proof, expected) in [
        (late.as_str(), "has expired. Try again."),
        (foreign.as_str(), "did not succeed. Try again."),
        ("nonsense", "did not succeed. Try again."),
    ] {
        for mail in ["joan@example.org", "grace@example.org"] {
            let refused = register_with(app, mail, proof).await;
            assert_eq!(refused.header("location"), "/register", "{expected}");
            let page = said(app, &refused).await;
            assert!(page.contains(expected) && page.contains("value=\"Lovelace\""), "{expected}: {page}");
            assert!(page.contains("data-challenge=") && !page.contains(proof), "a fresh challenge, an empty field");
        }
    }
    let good = solved(challenge(app).await);
    assert_eq!(register_with(app, "joan@example.org", &good).await.header("location"), "/register/sent");
    let used = register_with(app, "joan@example.org", &good).await;
    assert!(said(app, &used).await.contains("was used already. Try again."));
}

#[tokio::test]
async fn whoever_cannot_do_the_work_is_held_to_a_stricter_limit() {
    let post = Post::start().await;
    let app = &post.console.app;
    allow(app, |settings| settings.proof_of_work = true).await;
    let without = async |n: u8, address: u8| {
        let form = form(&format!("user{n}@example.org"), PASSWORD);
        app.call("registration/register", form).from([192, 0, 2, address]).send().await
    };
    for n in 0..3 {
        assert_eq!(to(&without(n, 1).await.json()), "/register/sent", "{n}");
    }
    let held = without(3, 1).await;
    assert_eq!(held.status, 429);
    assert!(!held.header("retry-after").is_empty());
    assert_eq!(to(&without(4, 2).await.json()), "/register/sent", "another address is another's");
    let proof = fields(&[("proof", &solved(challenge(app).await))]);
    let with = format!("{}&{proof}", form(MAIL, PASSWORD));
    let answer = app.call("registration/register", with).from([192, 0, 2, 1]).send().await;
    assert_eq!(to(&answer.json()), "/register/sent", "whoever does it goes on");
}

#[tokio::test]
async fn nobody_registers_where_it_is_off() {
    let post = Post::start().await;
    let app = &post.console.app;
    assert!(app.get("/register").send().await.text().contains("Nobody can register here"));
    assert!(!app.get("/sign-in").send().await.text().contains("/register"));
    assert_eq!(app.call("registration/register", form(MAIL, PASSWORD)).send().await.status, 404);
}

#[tokio::test]
async fn without_verification_somebody_is_in_at_once_and_names_are_told_to_be_taken() {
    let post = Post::start().await;
    let app = &post.console.app;
    allow(app, |settings| {
        settings.verification = false;
        settings.sign_in = false;
    })
    .await;
    let done = register(app, MAIL).await;
    assert_eq!(done.header("location"), "/sign-in");
    assert!(said(app, &done).await.contains("Your account is ready"));
    app.sign_in(MAIL).await;
    let taken = register(app, MAIL).await;
    assert!(said(app, &taken).await.contains("There is an account with this address"));
}

#[tokio::test]
async fn whoever_is_active_at_once_signs_in_and_is_deleted_unless_verified() {
    let post = Post::start().await;
    let app = &post.console.app;
    allow(app, |settings| {
        settings.activate_at_once = true;
        settings.link_minutes = 10;
    })
    .await;
    let done = register(app, MAIL).await;
    assert_eq!(done.header("location"), "/account");
    app.sign_in(MAIL).await;
    register(app, "grace@example.org").await;
    let link = path(&post.mail_to("grace@example.org", 0).await, "/register/verify/");
    assert_eq!(verify(app, &link, "", PASSWORD).await.header("location"), "/account");
    app.clock.advance(Duration::from_mins(11));
    app.usher.directory().tidy_registrations().await.unwrap();
    assert!(!exists(&post.console, MAIL).await, "nobody showed that the address is theirs");
    assert!(exists(&post.console, "grace@example.org").await);
}

#[tokio::test]
async fn new_people_join_the_groups_that_are_set() {
    let post = Post::start().await;
    let app = &post.console.app;
    let group = serde_json::json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Everybody",
    });
    let group = app.post("/scim2/Groups").token(&app.tokens.scim).scim(&group).await.json();
    allow(app, |settings| settings.groups = vec!["Everybody".to_owned(), "Gone".to_owned()]).await;
    let browser = register(app, MAIL).await.cookie("usher-registration").unwrap();
    let link = path(&post.mail_to(MAIL, 0).await, "/register/verify/");
    verify(app, &link, &browser, "").await;
    let id = group["id"].as_str().unwrap();
    let group = app.get(format!("/scim2/Groups/{id}")).token(&app.tokens.scim_read).send().await.json();
    assert_eq!(group["members"].as_array().map(Vec::len), Some(1), "{group}");
}

const STAFF: &str = "urn:example:Staff";

/// Defines a schema, and answers the ids of its attributes by name.
async fn define(app: &TestApp) -> BTreeMap<String, String> {
    let schema = json!({"urn": STAFF, "name": "Staff", "attributes": [
        {"name": "badge", "label": "Badge number", "description": "It is on the back.", "unique": true},
        {"name": "floor", "type": "integer"},
        {"name": "team", "canonical_values": ["Red", "Blue"]},
        {"name": "remote", "type": "boolean"},
        {"name": "since", "type": "dateTime"},
        {"name": "tags", "multi_valued": true},
    ]});
    let made = app.post("/api/v1/schemas").token(&app.tokens.admin).json(&schema).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let schemas = app.usher.directory().schemas_now().await.unwrap();
    schemas.extensions[0].attributes.iter().map(|one| (one.definition.name.clone(), one.id.to_string())).collect()
}

/// Asks for attributes, by the sheet as an administrator does.
async fn ask(post: &Post, ids: &BTreeMap<String, String>, asked: &[(&str, &str)], more: &[(&str, &str)]) -> Value {
    let keys: Vec<(String, &str)> =
        asked.iter().map(|(name, how)| (format!("properties[attribute-{}]", ids[*name]), *how)).collect();
    let mut pairs: Vec<(&str, &str)> = keys.iter().map(|(key, how)| (key.as_str(), *how)).collect();
    pairs.extend([
        ("at", "/console/self-registration"),
        ("properties[enabled]", "true"),
        ("properties[verification]", "true"),
        ("properties[link_minutes]", "60"),
        ("properties[sign_in]", "true"),
        ("properties[least_password]", "12"),
        ("properties[given_name]", "required"),
        ("properties[family_name]", "required"),
    ]);
    post.console.post("sheets/save", &[&pairs[..], more].concat()).await
}

/// As a browser posts the form with these answers.
async fn answered(app: &TestApp, mail: &str, ids: &BTreeMap<String, String>, answers: &[(&str, &str)]) -> Answer {
    let pairs: Vec<(String, &str)> =
        answers.iter().map(|(name, text)| (format!("attributes[custom.{}]", ids[*name]), *text)).collect();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, text)| (key.as_str(), *text)).collect();
    app.submit("registration/register", format!("{}&{}", form(mail, PASSWORD), fields(&pairs))).send().await
}

/// Follows the newest link to this address, and reads who comes of it.
async fn arrive(post: &Post, mail: &str, sent: usize) -> Value {
    let app = &post.console.app;
    let link = path(&post.mail_to(mail, sent).await, "/register/verify/");
    let done = verify(app, &link, "", PASSWORD).await;
    assert_eq!(done.header("location"), "/account", "{}", done.text());
    let found = app.get(format!("/scim2/Users?filter=userName%20eq%20%22{mail}%22"));
    found.token(&app.tokens.scim_read).send().await.json()["Resources"][0].clone()
}

#[tokio::test]
async fn attributes_of_an_administrators_are_asked_checked_and_kept() {
    let post = Post::start().await;
    let app = &post.console.app;
    let ids = define(app).await;
    let sheet = post.console.get("/console/self-registration").await.text();
    assert!(sheet.contains("Badge number") && sheet.contains("An attribute of Staff."), "{sheet}");
    assert!(!sheet.contains(&ids["tags"]), "several values cannot be asked");
    let asked = [
        ("badge", "required"),
        ("floor", "optional"),
        ("team", "optional"),
        ("remote", "required"),
        ("since", "optional"),
    ];
    assert_eq!(to(&ask(&post, &ids, &asked, &[("version", "0")]).await), "/console/self-registration");
    let sheet = post.console.get("/console/self-registration").await.text();
    assert!(sheet.contains("no unique attribute asked"), "a taken badge number is told: {sheet}");
    let page = app.get("/register").send().await.text();
    for expected in ["Badge number", "It is on the back.", "<option value=\"Blue\"", "A whole number.", ">Yes<"] {
        assert!(page.contains(expected), "{expected}: {page}");
    }

    let wrong = [("floor", "third"), ("team", "Green"), ("since", "yesterday"), ("remote", "true")];
    let refused = answered(app, MAIL, &ids, &wrong).await;
    assert_eq!(refused.header("location"), "/register");
    let page = said(app, &refused).await;
    for expected in [
        "Badge number is required.",
        "Enter a whole number.",
        "Choose one of: Red, Blue.",
        "Enter a date and time such as",
        "value=\"third\"",
        "value=\"yesterday\"",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let floor = format!("register-attributes-custom-{}-error", ids["floor"]);
    assert!(page.contains(&floor), "it stands at its field: {page}");

    let good =
        [("badge", " B-1 "), ("floor", "3"), ("team", "Blue"), ("remote", "false"), ("since", "2026-03-12T14:05:00Z")];
    assert_eq!(answered(app, MAIL, &ids, &good).await.header("location"), "/register/sent");
    let ada = arrive(&post, MAIL, 0).await;
    let expected =
        json!({"badge": "B-1", "floor": 3, "team": "Blue", "remote": false, "since": "2026-03-12T14:05:00Z"});
    assert_eq!(ada[STAFF], expected, "{ada}");

    // The same badge is told to be taken, and the answer is the same whether or not the address is known.
    for mail in ["grace@example.org", MAIL] {
        let taken = answered(app, mail, &ids, &[("badge", "b-1"), ("remote", "true")]).await;
        assert!(said(app, &taken).await.contains("Somebody else has this already: Badge number."), "{mail}");
    }
}

#[tokio::test]
async fn an_attribute_that_is_gone_or_another_by_now_is_left_out() {
    let post = Post::start().await;
    let app = &post.console.app;
    let ids = define(app).await;
    let asked = [("badge", "required"), ("floor", "required"), ("team", "required")];
    assert_eq!(to(&ask(&post, &ids, &asked, &[("version", "0")]).await), "/console/self-registration");
    let good = [("badge", "B-1"), ("floor", "3"), ("team", "Blue")];
    assert_eq!(answered(app, MAIL, &ids, &good).await.header("location"), "/register/sent");
    let schemas = app.get("/api/v1/schemas").token(&app.tokens.admin).send().await.json();
    let schema = &schemas["items"][0];
    let change = async |attributes: Value| {
        let path = format!("/api/v1/schemas/{}", schema["id"].as_str().unwrap());
        let changed = app.patch(path).token(&app.tokens.admin).json(&json!({"attributes": attributes})).await;
        assert_eq!(changed.status, 200, "{}", changed.text());
    };
    let mut attributes = schema["attributes"].clone();
    attributes[1]["type"] = json!("boolean");
    attributes[2]["canonical_values"] = json!(["Red", "Green"]);
    attributes.as_array_mut().unwrap().remove(0);
    change(attributes).await;
    let ada = arrive(&post, MAIL, 0).await;
    assert_eq!(ada.get(STAFF), None, "what they gave is not taken any more, and keeps nobody out: {ada}");

    let page = app.get("/register").send().await.text();
    assert!(!page.contains("Badge number") && !page.contains(&ids["floor"]) && page.contains(&ids["team"]), "{page}");
    let answer = answered(app, "grace@example.org", &ids, &[("badge", "B-2"), ("floor", "3"), ("team", "Green")]).await;
    assert_eq!(answer.header("location"), "/register/sent");
    assert_eq!(arrive(&post, "grace@example.org", 0).await[STAFF], json!({"team": "Green"}));
    // A form that was opened before says more than is there to be said.
    let again = ask(&post, &ids, &asked, &[("version", "1")]).await;
    assert_eq!(to(&again), "/console/self-registration", "{again}");
}

#[tokio::test]
async fn whoever_is_active_at_once_has_their_attributes_too() {
    let post = Post::start().await;
    let app = &post.console.app;
    let ids = define(app).await;
    let more = [("version", "0"), ("properties[activate_at_once]", "true")];
    assert_eq!(to(&ask(&post, &ids, &[("badge", "required")], &more).await), "/console/self-registration");
    assert_eq!(answered(app, MAIL, &ids, &[("badge", "B-1")]).await.header("location"), "/account");
    let taken = answered(app, "grace@example.org", &ids, &[("badge", "B-1")]).await;
    assert!(said(app, &taken).await.contains("Somebody else has this already: Badge number."));
    assert_eq!(arrive(&post, MAIL, 0).await[STAFF], json!({"badge": "B-1"}));
    allow(app, |settings| {
        settings.verification = false;
        settings.attributes =
            vec![AskedAttribute { id: ids["badge"].parse().unwrap(), kind: Kind::String, required: true }];
    })
    .await;
    let taken = answered(app, "grace@example.org", &ids, &[("badge", "B-1")]).await;
    let page = said(app, &taken).await;
    assert!(page.contains("Somebody else has this already: Badge number.") && page.contains("-error\""), "{page}");
}

#[tokio::test]
async fn the_settings_are_set_in_the_console() {
    let post = Post::start().await;
    let at = "/console/self-registration";
    let page = post.console.get(at).await.text();
    assert!(page.contains("Account verification link expiry time") && page.contains("/register"), "{page}");
    let base = [
        ("at", at),
        ("properties[enabled]", "true"),
        ("properties[user_name]", "mail"),
        ("properties[given_name]", "optional"),
        ("properties[family_name]", "no"),
        ("properties[phone_number]", "no"),
    ];
    let save = async |version: &str, more: &[(&str, &str)]| {
        post.console.post("sheets/save", &[&base[..], &[("version", version)], more].concat()).await
    };
    let wrong = save(
        "0",
        &[
            ("properties[verification]", "true"),
            ("properties[link_minutes]", "2000"),
            ("properties[least_password]", "8"),
            ("properties[domains]", "nonsense"),
        ],
    )
    .await;
    for field in ["link_minutes", "least_password", "domains"] {
        assert!(wrong.to_string().contains(field), "{field}: {wrong}");
    }
    let good = [
        ("properties[verification]", "true"),
        ("properties[link_minutes]", "60"),
        ("properties[least_password]", "16"),
        ("properties[domains]", "example.org\nexample.net"),
    ];
    let unknown = save("0", &[&good[..], &[("properties[groups]", "Nowhere")]].concat()).await;
    assert!(unknown.to_string().contains("There is no group “Nowhere”. Make it first"), "{unknown}");
    assert_eq!(to(&save("0", &good).await), at);
    assert!(save("0", &good).await.to_string().contains("Somebody else has changed this"));
    let page = post.console.app.get("/register").send().await.text();
    assert!(page.contains("At example.org or example.net.") && page.contains("At least 16 characters"), "{page}");
    assert!(!page.contains("Last name") && page.contains("First name"), "{page}");
}

#[tokio::test]
async fn groups_of_new_users_are_chosen_and_a_mistyped_one_is_answered_with_what_was_meant() {
    let post = Post::start().await;
    let app = &post.console.app;
    for name in ["Engineering", "Engineering Berlin", "Sales"] {
        let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name});
        assert_eq!(app.post("/scim2/Groups").token(&app.tokens.scim).scim(&group).await.status, 201);
    }
    let save = async |version: &str, groups: &str, chosen: &str| {
        let more = [("version", version), ("properties[groups]", groups), ("properties[group]", chosen)];
        ask(&post, &BTreeMap::new(), &[], &more).await
    };
    let sheet = async || post.console.get("/console/self-registration").await.text();
    assert!(sheet().await.contains("<option value=\"Sales\""));
    let mistyped = save("0", "Enginering", "Sales").await.to_string();
    assert!(mistyped.contains("There is no group “Enginering”. Did you mean “Engineering”?"), "{mistyped}");
    assert!(mistyped.contains("properties[groups]"), "{mistyped}");
    let gone = save("0", "", "Sale").await.to_string();
    assert!(gone.contains("properties[group]") && gone.contains("Did you mean “Sales”?"), "{gone}");
    assert_eq!(to(&save("0", "engineering", "Sales").await), "/console/self-registration");
    let page = sheet().await;
    assert!(page.contains("engineering\nSales"), "{page}");
    assert!(
        !page.contains("<option value=\"Sales\"") && page.contains("<option value=\"Engineering Berlin\""),
        "{page}"
    );
}

#[tokio::test]
async fn the_pages_wear_the_organizations_looks() {
    let post = Post::start().await;
    let app = &post.console.app;
    let at = "/console/settings/branding";
    let pairs = |colour: &'static str, logo: &'static str| {
        [
            ("at", at),
            ("version", "0"),
            ("properties[organization]", "Example Org"),
            ("properties[colour]", colour),
            ("properties[logo]", logo),
        ]
    };
    let refused = post.console.post("sheets/save", &pairs("red", "<html>")).await;
    assert!(refused.to_string().contains("#rrggbb") && refused.to_string().contains("SVG"), "{refused}");
    let logo = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    assert_eq!(to(&post.console.post("sheets/save", &pairs("#ffd000", logo)).await), at);
    let page = app.get("/sign-in").send().await.text();
    assert!(page.contains("Example Org") && page.contains("/branding/logo.svg?v=1"), "{page}");
    let style = app.get("/branding/style.css?v=1").send().await;
    assert!(style.text().contains("--brand:#ffd000") && style.text().contains("--on-brand:#000000"));
    let image = app.get("/branding/logo.svg?v=1").send().await;
    assert_eq!(image.kind(), "image/svg+xml");
    assert!(image.header("content-security-policy").contains("sandbox"), "nothing in it runs");
}

#[tokio::test]
async fn whoever_is_active_at_once_and_asks_for_a_password_has_shown_their_address() {
    let post = Post::start().await;
    let app = &post.console.app;
    allow(app, |settings| {
        settings.activate_at_once = true;
        settings.link_minutes = 10;
    })
    .await;
    let stranger = register(app, MAIL).await.cookie("usher").expect("they are in");
    Browser { app, cookie: stranger }.set_up_app().await;
    post.mail_to(MAIL, 0).await;
    app.call("session/forgot-password", fields(&[("user_name", MAIL)])).send().await;
    let link = path(&post.mail_to(MAIL, 1).await, "/set-password/");
    let token = link.rsplit('/').next().unwrap();
    let set = fields(&[("token", token), ("password", PASSWORD), ("again", PASSWORD)]);
    assert_eq!(to(&app.call("session/set-password", set).send().await.json()), link);
    let theirs = Browser { app, cookie: app.sign_in(MAIL).await };
    assert!(theirs.is_in().await, "what a stranger set up keeps them out of nothing");
    app.clock.advance(Duration::from_mins(11));
    app.usher.directory().tidy_registrations().await.unwrap();
    assert!(exists(&post.console, MAIL).await, "the address was shown to be theirs");
}

#[tokio::test]
async fn nobody_is_called_like_somebody_elses_address() {
    let post = Post::start().await;
    let app = &post.console.app;
    app.user("grace").await;
    allow(app, |settings| settings.mail_is_user_name = false).await;
    let mut form = form(MAIL, PASSWORD);
    form.push_str("&user_name=grace%40example.org");
    let answer = app.submit("registration/register", form).send().await;
    assert!(said(app, &answer).await.contains("This user name is taken"));
    allow(app, |settings| settings.verification = false).await;
    let answer = register(app, "grace@example.org").await;
    assert!(said(app, &answer).await.contains("There is an account with this address"));
}
