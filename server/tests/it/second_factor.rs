//! Second factors: setting them up, showing them, needing them, losing them.

use std::time::Duration;

use auth::{Caller, second_factor::app::AppSecret};
use domain::second_factor::{Required, SecondFactors};
use serde_json::Value;

use crate::{
    soft_key::SoftKey,
    support::{Answer, PASSWORD, Setting, TestApp, fields, last_part, to},
};

const SITE: &str = "http://localhost:8080";

async fn start() -> TestApp {
    let app = TestApp::with(Setting { public_url: Some(SITE), ..Setting::default() }).await;
    app.administrator("root").await;
    app
}

pub(crate) async fn require(app: &TestApp, required: Required) {
    let who = Caller::system().authorise().unwrap();
    let settings = SecondFactors { required, ..SecondFactors::default() };
    app.usher.directory().change_setting(&who, settings, None).await.unwrap();
}

/// Of somebody's browser.
pub(crate) struct Browser<'a> {
    pub app: &'a TestApp,
    pub cookie: String,
}

impl<'a> Browser<'a> {
    async fn after_password(app: &'a TestApp, user_name: &str) -> Self {
        Self { app, cookie: app.sign_in(user_name).await }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.app.get(path).header("cookie", &self.cookie).send().await
    }

    async fn read(&self, function: &str) -> Answer {
        self.app.get(format!("/console/-/{function}")).header("cookie", &self.cookie).send().await
    }

    async fn post(&mut self, function: &str, pairs: &[(&str, &str)]) -> Answer {
        let answer = self.app.call(function, fields(pairs)).header("cookie", &self.cookie).send().await;
        if let Some(cookie) = answer.cookie("usher") {
            self.cookie = cookie;
        }
        answer
    }

    /// Sets up an app, as whoever is in or half way; answers its secret and the recovery codes.
    pub(crate) async fn set_up_app(&mut self) -> (AppSecret, Vec<String>) {
        assert_eq!(to(&self.post("second-factor/begin-app", &[]).await.json()), "/account/second-factors/app");
        let shown = self.read("second-factor/app").await.json();
        assert!(shown["image"].as_str().unwrap().contains("<svg"));
        let secret = secret_of(&shown);
        let code = secret.code_at(self.app.usher.directory().ids().now());
        let added = self.post("second-factor/add-app", &[("code", &code), ("name", "Phone")]).await.json();
        let codes = self.read(&format!("second-factor/codes?draft={}", last_part(to(&added)))).await.json();
        let codes = codes["codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        (secret, codes)
    }

    pub(crate) async fn show(&mut self, code: &str) -> Value {
        self.post("second-factor/show-code", &[("code", code)]).await.json()
    }

    pub(crate) async fn is_in(&self) -> bool {
        self.get("/account").await.status == 200
    }
}

/// From the key as it is typed into an app.
fn secret_of(shown: &Value) -> AppSecret {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in shown["key"].as_str().unwrap().bytes().filter(|letter| *letter != b' ') {
        held = (held << 5) | u32::try_from(LETTERS.iter().position(|known| *known == letter).unwrap()).unwrap();
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).unwrap());
        }
    }
    AppSecret::kept(bytes).unwrap()
}

fn code_now(app: &TestApp, secret: &AppSecret) -> String {
    secret.code_at(app.usher.directory().ids().now())
}

async fn actions(app: &TestApp) -> Vec<String> {
    let answer = app.get("/api/v1/audit").token(&app.tokens.admin_read).send().await.json();
    answer["items"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn whoever_has_an_app_shows_its_code_at_every_sign_in_and_no_code_twice() {
    let app = start().await;
    let mut here = Browser::after_password(&app, "root").await;
    let (secret, codes) = here.set_up_app().await;
    assert_eq!(codes.len(), 10);
    assert!(here.is_in().await, "they stay in");
    let again = here.get("/account/second-factors").await.text();
    assert!(again.contains("Phone") && again.contains("10 of 10 recovery codes are left."), "{again}");

    let mut there = Browser::after_password(&app, "root").await;
    let page = there.get("/console").await;
    assert_eq!((page.status, page.header("location")), (303, "/sign-in/second-factor?return_to=/console"));
    let page = there.get("/sign-in/second-factor?return_to=/console").await;
    assert!(page.status == 200 && page.text().contains("Show that it is you"), "{}", page.text());
    let used = code_now(&app, &secret);
    assert!(there.show(&used).await["invalid"]["code"].as_str().unwrap().contains("used already"));
    app.clock.advance(Duration::from_secs(30));
    let half = there.cookie.clone();
    assert_eq!(to(&there.show(&code_now(&app, &secret)).await), "/console");
    assert_ne!(there.cookie, half, "another token");
    assert!(there.is_in().await);
    let old = Browser { app: &app, cookie: half };
    assert_eq!(old.get("/sign-in/second-factor").await.status, 303, "the token before is nobody's");
    let actions = actions(&app).await;
    for action in ["user.add_second_factor", "session.ask", "session.start"] {
        assert!(actions.iter().any(|one| one == action), "{action}: {actions:?}");
    }
}

#[tokio::test]
async fn half_way_opens_nothing_but_the_second_step() {
    let app = start().await;
    Browser::after_password(&app, "root").await.set_up_app().await;
    let mut half = Browser::after_password(&app, "root").await;
    for page in ["/account", "/console/users", "/console/-/licences", "/account/password"] {
        assert_eq!(half.get(page).await.status, 303, "{page}");
    }
    for function in ["session/who-am-i", "account/show", "second-factor/mine", "users/list"] {
        assert_eq!(half.read(function).await.status, 401, "{function}");
    }
    for function in
        ["second-factor/begin-app", "second-factor/new-codes", "account/change-password", "account/end-other-sessions"]
    {
        assert_eq!(half.post(function, &[]).await.status, 401, "{function}: they have one, and set up no other");
    }
    assert_eq!(half.get("/api/v1/connections").await.status, 401);
    assert!(!half.is_in().await);
}

#[tokio::test]
async fn a_recovery_code_is_good_once() {
    let app = start().await;
    let (_, codes) = Browser::after_password(&app, "root").await.set_up_app().await;
    let mut first = Browser::after_password(&app, "root").await;
    assert_eq!(to(&first.show(&codes[3].to_uppercase()).await), "/console");
    assert!(first.get("/account/second-factors").await.text().contains("9 of 10 recovery codes are left."));
    let mut second = Browser::after_password(&app, "root").await;
    assert!(second.show(&codes[3]).await["invalid"]["code"].is_string());
    assert_eq!(to(&second.show(&codes[4]).await), "/console");
    let renewed = second.post("second-factor/new-codes", &[]).await.json();
    let page = second.get(to(&renewed)).await.text();
    assert!(page.contains("Keep your recovery codes"), "{page}");
    assert!(second.get(to(&renewed)).await.text().contains("They were shown once."));
    let mut third = Browser::after_password(&app, "root").await;
    assert!(third.show(&codes[5]).await["invalid"]["code"].is_string(), "those before are void");
}

#[tokio::test]
async fn five_wrong_codes_end_it_and_ten_make_it_wait() {
    let app = start().await;
    let (secret, _) = Browser::after_password(&app, "root").await.set_up_app().await;
    app.clock.advance(Duration::from_mins(1));
    let mut half = Browser::after_password(&app, "root").await;
    for code in ["", "000000", "abc", "0000-0000-0000-0000", "１２３４５６"] {
        let said = half.show(code).await;
        assert!(said["invalid"]["code"].is_string(), "{code}: {said}");
    }
    assert_eq!(to(&half.show("111111").await), "/sign-in");
    assert_eq!(half.post("second-factor/show-code", &[("code", &code_now(&app, &secret))]).await.status, 401);
    let mut waits = 0;
    for _ in 0..2 {
        let mut next = Browser::after_password(&app, "root").await;
        for _ in 0..5 {
            waits += u32::from(next.post("second-factor/show-code", &[("code", "222222")]).await.status == 429);
        }
    }
    assert!(waits >= 1, "ten at once, then one in three minutes");
    assert!(actions(&app).await.contains(&"session.refuse".to_owned()));
}

#[tokio::test]
async fn it_is_over_after_ten_minutes() {
    let app = start().await;
    let (secret, _) = Browser::after_password(&app, "root").await.set_up_app().await;
    let mut half = Browser::after_password(&app, "root").await;
    app.clock.advance(Duration::from_mins(10));
    assert_eq!(half.post("second-factor/show-code", &[("code", &code_now(&app, &secret))]).await.status, 401);
}

#[tokio::test]
async fn whoever_needs_one_sets_it_up_before_they_are_in() {
    let app = start().await;
    app.holder("ada", None).await;
    require(&app, Required::Administrators).await;
    assert!(Browser::after_password(&app, "ada").await.is_in().await, "she holds no console role");

    let mut root = Browser::after_password(&app, "root").await;
    assert!(!root.is_in().await);
    let page = root.get("/sign-in/second-factor?return_to=/console").await.text();
    assert!(page.contains("Set up a second factor") && page.contains("Use a passkey"), "{page}");
    assert_eq!(root.get("/account/second-factors/app").await.status, 200);
    let (_, codes) = root.set_up_app().await;
    assert!(root.is_in().await && codes.len() == 10);

    let id = root.read("second-factor/mine").await.json()["factors"][0]["id"].as_str().unwrap().to_owned();
    let refused = root.post("second-factor/remove", &[("id", &id)]).await.json();
    assert!(refused["invalid"][""].as_str().unwrap().contains("add another one"), "{refused}");
    require(&app, Required::Nobody).await;
    assert_eq!(to(&root.post("second-factor/remove", &[("id", &id)]).await.json()), "/account/second-factors");
    assert!(Browser::after_password(&app, "root").await.is_in().await, "asked for nothing any more");

    require(&app, Required::Everybody).await;
    assert!(!Browser::after_password(&app, "ada").await.is_in().await);
}

#[tokio::test]
async fn a_code_that_is_not_the_apps_sets_nothing_up() {
    let app = start().await;
    let mut root = Browser::after_password(&app, "root").await;
    let early = root.post("second-factor/add-app", &[("code", "123456")]).await.json();
    assert!(early["invalid"][""].as_str().unwrap().contains("Begin again"), "{early}");
    root.post("second-factor/begin-app", &[]).await;
    let secret = secret_of(&root.read("second-factor/app").await.json());
    for (code, name, field) in [("", "", "code"), ("000000", "", "code"), ("1", &*"x".repeat(61), "name")] {
        let said = root.post("second-factor/add-app", &[("code", code), ("name", name)]).await.json();
        assert!(said["invalid"][field].is_string(), "{said}");
    }
    app.clock.advance(Duration::from_mins(10));
    let late = root.post("second-factor/add-app", &[("code", &code_now(&app, &secret))]).await.json();
    assert!(late["invalid"][""].as_str().unwrap().contains("Begin again"), "{late}");
    assert!(root.read("second-factor/mine").await.json()["factors"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_browser_left_open_changes_nothing() {
    let app = start().await;
    let mut root = Browser::after_password(&app, "root").await;
    let (_, _) = root.set_up_app().await;
    app.clock.advance(Duration::from_mins(15));
    let page = root.get("/account/second-factors").await.text();
    assert!(page.contains("Sign in again") && !page.contains("Remove"), "{page}");
    let id = root.read("second-factor/mine").await.json()["factors"][0]["id"].as_str().unwrap().to_owned();
    for (function, pairs) in [
        ("second-factor/begin-app", vec![]),
        ("second-factor/new-codes", vec![]),
        ("second-factor/remove", vec![("id", id.as_str())]),
    ] {
        let said = root.post(function, &pairs).await.json();
        assert!(said["invalid"][""].as_str().unwrap().contains("Sign in again"), "{function}: {said}");
    }
}

#[tokio::test]
async fn a_changed_password_is_no_sign_in() {
    let app = start().await;
    let change = [("present", PASSWORD), ("password", "a few words in a row"), ("again", "a few words in a row")];
    let mut root = Browser::after_password(&app, "root").await;
    root.set_up_app().await;
    app.clock.advance(Duration::from_mins(15));
    assert_eq!(to(&root.post("account/change-password", &change).await.json()), "/account");
    assert!(root.is_in().await, "the factor was shown when they signed in");
    let said = root.post("second-factor/new-codes", &[]).await.json();
    assert!(said["invalid"][""].as_str().unwrap().contains("Sign in again"), "{said}");

    app.holder("ada", None).await;
    let mut ada = Browser::after_password(&app, "ada").await;
    require(&app, Required::Everybody).await;
    assert!(ada.is_in().await);
    ada.post("account/change-password", &change).await;
    assert!(!ada.is_in().await, "she sets one up now");
}

#[tokio::test]
async fn whoever_knows_a_password_keeps_nobody_out() {
    let app = start().await;
    let (_, codes) = Browser::after_password(&app, "root").await.set_up_app().await;
    for _ in 0..3 {
        let mut guesses = Browser::after_password(&app, "root").await;
        for _ in 0..5 {
            guesses.post("second-factor/show-code", &[("code", "222222")]).await;
        }
    }
    let mut root = Browser::after_password(&app, "root").await;
    assert_eq!(root.post("second-factor/show-code", &[("code", "222222")]).await.status, 429);
    assert_eq!(to(&root.show(&codes[0]).await), "/console");
}

#[tokio::test]
async fn a_passkey_is_made_and_shown_and_each_question_is_answered_once() {
    let app = start().await;
    let mut key = SoftKey::new(SITE, 7);
    let mut root = Browser::after_password(&app, "root").await;
    app.clock.advance(Duration::from_mins(15));
    let late = root.post("second-factor/ask-for-new-passkey", &[]).await;
    assert!(late.status == 403 && late.json()["forbidden"]["why"].as_str().unwrap().contains("Sign in again"));
    let mut root = Browser::after_password(&app, "root").await;
    let asked = root.post("second-factor/ask-for-new-passkey", &[]).await.json();
    let made = key.make(&asked);
    let added = root.post("second-factor/add-passkey", &[("answer", &made), ("name", "Laptop")]).await.json();
    assert!(to(&added).starts_with("/account/second-factors/codes/"), "{added}");
    let again = root.post("second-factor/add-passkey", &[("answer", &made)]).await.json();
    assert!(again["invalid"][""].as_str().unwrap().contains("Begin again"), "{again}");

    let mut half = Browser::after_password(&app, "root").await;
    let page = half.get("/sign-in/second-factor").await.text();
    assert!(page.contains("Use a passkey") && page.contains("recovery codes that you kept"), "{page}");
    let asked = half.post("second-factor/ask-for-passkey", &[]).await.json();
    let mut phished = key.clone();
    phished.site = "https://evil.example".to_owned();
    let elsewhere = phished.show(&asked);
    let refused = half.post("second-factor/show-passkey", &[("answer", &elsewhere)]).await.json();
    assert!(refused["invalid"][""].as_str().unwrap().contains("not accepted"), "{refused}");
    let late = half.post("second-factor/show-passkey", &[("answer", &key.show(&asked))]).await.json();
    assert!(late["invalid"][""].is_string(), "what was asked is used up: {late}");
    let asked = half.post("second-factor/ask-for-passkey", &[]).await.json();
    let answer = key.show(&asked);
    assert_eq!(to(&half.post("second-factor/show-passkey", &[("answer", &answer)]).await.json()), "/console");

    let mut other = Browser::after_password(&app, "root").await;
    other.post("second-factor/ask-for-passkey", &[]).await;
    let replayed = other.post("second-factor/show-passkey", &[("answer", &answer)]).await.json();
    assert!(replayed["invalid"][""].is_string(), "another question was asked: {replayed}");
    let asked = other.post("second-factor/ask-for-passkey", &[]).await.json();
    key.counter = 1;
    let copied = other.post("second-factor/show-passkey", &[("answer", &key.show(&asked))]).await.json();
    assert!(copied["invalid"][""].is_string(), "its counter did not rise: {copied}");
}

#[tokio::test]
async fn a_passkey_is_one_persons_alone() {
    let app = start().await;
    app.holder("ada", None).await;
    let mut key = SoftKey::new(SITE, 7);
    let mut root = Browser::after_password(&app, "root").await;
    let asked = root.post("second-factor/ask-for-new-passkey", &[]).await.json();
    root.post("second-factor/add-passkey", &[("answer", &key.make(&asked))]).await;
    let mut ada = Browser::after_password(&app, "ada").await;
    let asked = ada.post("second-factor/ask-for-new-passkey", &[]).await.json();
    let taken = ada.post("second-factor/add-passkey", &[("answer", &key.make(&asked))]).await.json();
    assert!(taken["invalid"][""].as_str().unwrap().contains("in use already"), "{taken}");
    let mut hers = SoftKey::new(SITE, 8);
    let asked = ada.post("second-factor/ask-for-new-passkey", &[]).await.json();
    to(&ada.post("second-factor/add-passkey", &[("answer", &hers.make(&asked))]).await.json());

    let mut half = Browser::after_password(&app, "ada").await;
    let asked = half.post("second-factor/ask-for-passkey", &[]).await.json();
    let foreign = half.post("second-factor/show-passkey", &[("answer", &key.show(&asked))]).await.json();
    assert!(foreign["invalid"][""].is_string(), "{foreign}");
    let asked = half.post("second-factor/ask-for-passkey", &[]).await.json();
    to(&half.post("second-factor/show-passkey", &[("answer", &hers.show(&asked))]).await.json());
}

#[tokio::test]
async fn there_are_no_passkeys_at_an_address_without_a_name() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    let mut root = Browser::after_password(&app, "root").await;
    assert!(!root.get("/account/second-factors").await.text().contains("passkey"));
    assert_eq!(root.post("second-factor/ask-for-new-passkey", &[]).await.status, 404);
    let sheet = root.get("/console/multi-factor-authentication").await.text();
    assert!(sheet.contains("USHER_PUBLIC_URL"), "{sheet}");
}

#[tokio::test]
async fn an_administrator_resets_whoever_lost_theirs() {
    let app = start().await;
    let ada = app.user("ada").await["id"].as_str().unwrap().to_owned();
    let who = Caller::system().authorise().unwrap();
    app.usher.directory().reset_password(&who, "ada", &PASSWORD.into()).await.unwrap();
    Browser::after_password(&app, "ada").await.set_up_app().await;
    assert!(!Browser::after_password(&app, "ada").await.is_in().await);
    let mut root = Browser::after_password(&app, "root").await;
    let page = root.get(&format!("/console/users/{ada}/sessions")).await.text();
    assert!(page.contains("Phone (authenticator app)"), "{page}");
    let done = root.post("users/reset-second-factors", &[("id", &ada)]).await.json();
    assert_eq!(to(&done), format!("/console/users/{ada}/sessions"));
    assert!(Browser::after_password(&app, "ada").await.is_in().await);
    assert!(actions(&app).await.contains(&"user.reset_second_factors".to_owned()));
}
