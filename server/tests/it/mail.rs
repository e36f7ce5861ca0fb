//! Mail, in a real mailbox: forgotten passwords, invitations, templates, and what becomes of what cannot be sent.

use std::time::Duration;

use rehearsal::Inbox;

use crate::support::{Console, PASSWORD, Setting, TestApp, fields, to};

pub(crate) struct Post {
    pub console: Console,
    pub inbox: Inbox,
}

impl Post {
    pub(crate) async fn start() -> Self {
        let inbox = Inbox::builder().start().await.unwrap();
        let app = TestApp::with(Setting { smtp_url: Some(inbox.smtp_url()), ..Setting::default() }).await;
        app.administrator("root").await;
        let cookie = app.sign_in("root").await;
        Self { console: Console { app, cookie }, inbox }
    }

    /// The mail to somebody that came after so many others, once it is there.
    pub(crate) async fn mail_to(&self, address: &str, nth: usize) -> rehearsal::Mail {
        for _ in 0..200 {
            let mut all = self.inbox.messages();
            all.retain(|mail| mail.to.iter().any(|to| to == address));
            all.sort_by_key(|mail| mail.number);
            if all.len() > nth {
                return all.swap_remove(nth);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("no mail to {address}: {:?}", self.inbox.messages());
    }
}

/// The path that the link in a mail leads to.
pub(crate) fn path(mail: &rehearsal::Mail, below: &str) -> String {
    let links = mail.links();
    let link = links.iter().find(|link| link.contains(below)).unwrap_or_else(|| panic!("no link: {}", mail.text));
    url::Url::parse(link).unwrap().path().to_owned()
}

#[tokio::test]
async fn whoever_forgot_their_password_sets_another_by_mail() {
    let post = Post::start().await;
    let app = &post.console.app;
    app.user("ada").await;
    let page = app.get("/forgot-password").send().await.text();
    assert!(page.contains("Forgot your password?") && page.contains("Send the link"), "{page}");
    for asked in ["ADA", "nobody", "nobody@example.org"] {
        let answer = app.call("session/forgot-password", fields(&[("user_name", asked)])).send().await;
        assert_eq!(to(&answer.json()), "/forgot-password/sent", "the same for everybody: {asked}");
    }
    let mail = post.mail_to("ada@example.org", 0).await;
    assert_eq!(mail.subject, "Set a new password for Usher");
    let link = path(&mail, "/set-password/");
    let token = link.rsplit('/').next().unwrap();
    let set = fields(&[("token", token), ("password", PASSWORD), ("again", PASSWORD)]);
    assert_eq!(to(&app.call("session/set-password", set).send().await.json()), link);
    app.sign_in("ada").await;
    // Also by the address, which is theirs alone.
    assert_eq!(app.try_sign_in("Ada@example.org", PASSWORD).send().await.status, 200);
    assert!(post.inbox.messages().iter().all(|mail| mail.to == ["ada@example.org"]), "nobody else was written to");
}

#[tokio::test]
async fn an_address_that_two_have_is_nobodys_name() {
    let post = Post::start().await;
    let app = &post.console.app;
    app.user("ada").await;
    let twin = serde_json::json!({
        "schemas": [crate::support::USER_SCHEMA],
        "userName": "twin",
        "emails": [{"value": "ada@example.org", "primary": true}],
    });
    assert_eq!(app.post("/scim2/Users").token(&app.tokens.scim).scim(&twin).await.status, 201);
    let asked = fields(&[("user_name", "ada@example.org")]);
    assert_eq!(to(&app.call("session/forgot-password", asked).send().await.json()), "/forgot-password/sent");
    let asked = fields(&[("user_name", "twin")]);
    app.call("session/forgot-password", asked).send().await;
    let mail = post.mail_to("ada@example.org", 0).await;
    assert!(mail.text.contains("Hello twin"), "{}", mail.text);
    assert_eq!(post.inbox.messages().len(), 1);
}

#[tokio::test]
async fn without_mail_the_pages_say_so() {
    let console = Console::start().await;
    let page = console.app.get("/forgot-password").send().await.text();
    assert!(page.contains("No mail is sent from here") && !page.contains("Send the link"), "{page}");
    assert!(!console.app.get("/sign-in").send().await.text().contains("Forgot password?"));
    let asked = console.app.call("session/forgot-password", fields(&[("user_name", "root")])).send().await;
    assert!(asked.text().contains("USHER_SMTP_URL"), "{}", asked.text());
    assert!(console.get("/console/settings/mail").await.text().contains("USHER_SMTP_URL"));
    assert!(console.get("/console/activity/mails").await.text().contains("USHER_SMTP_URL"));
}

#[tokio::test]
async fn somebody_is_invited_by_mail() {
    let post = Post::start().await;
    let user = post.console.app.user("grace").await;
    let id = user["id"].as_str().unwrap();
    let sent = post.console.post("users/reset-password", &[("id", id), ("by", "mail")]).await;
    assert_eq!(to(&sent), format!("/console/users/{id}"));
    let mail = post.mail_to("grace@example.org", 0).await;
    assert!(mail.subject.contains("Your account") && mail.text.contains("grace"), "{}", mail.text);
    let opened = post.console.app.get(path(&mail, "/set-password/")).send().await.text();
    assert!(opened.contains("Set password"), "{opened}");
    let list = post.console.get("/console/activity/mails").await.text();
    assert!(list.contains("grace@example.org") && list.contains("Invitation"), "{list}");
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_is_tried_again_and_told_of() {
    let post = Post::start().await;
    let (app, user) = (&post.console.app, post.console.app.user("grace").await);
    let id = user["id"].as_str().unwrap();
    post.inbox.refuse_next(1, 451);
    post.console.post("users/reset-password", &[("id", id), ("by", "mail")]).await;
    let waiting = listed(&post, "Tried again at").await;
    assert!(waiting.contains("Send now"), "{waiting}");
    app.clock.advance(Duration::from_secs(31));
    // Whatever is committed wakes who sends.
    app.user("somebody").await;
    post.mail_to("grace@example.org", 0).await;
    listed(&post, "Sent").await;

    post.inbox.refuse_next(1, 550);
    post.console.post("users/reset-password", &[("id", id), ("by", "mail")]).await;
    let failed = listed(&post, "The mail server refused it").await;
    let retry = failed.split("name=\"id\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let again = post.console.post("mails/retry", &[("id", retry)]).await;
    assert_eq!(to(&again), "/console/activity/mails");
    post.mail_to("grace@example.org", 1).await;
    let twice = post.console.post("mails/retry", &[("id", retry)]).await;
    assert!(twice.to_string().contains("nothing to send") || twice["done"].is_object(), "{twice}");
}

/// The list of mails, once it says this.
async fn listed(post: &Post, text: &str) -> String {
    let mut page = String::new();
    for _ in 0..200 {
        page = post.console.get("/console/activity/mails").await.text();
        if page.contains(text) {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{text:?} is not in {page}");
}

#[tokio::test]
async fn words_are_chosen_and_bad_ones_are_told_beside_their_field() {
    let post = Post::start().await;
    let at = "/console/settings/mail/invitation";
    let page = post.console.get(at).await.text();
    assert!(page.contains("Preview") && page.contains("Hello Ada Lovelace"), "{page}");
    let save = async |subject: &str, text: &str, version: &str| {
        let pairs = [("at", at), ("version", version), ("properties[subject]", subject), ("properties[text]", text)];
        post.console.post("sheets/save", &pairs).await
    };
    let refused = save("Hi {{nick}}", "no link", "0").await;
    assert!(
        refused["invalid"]["properties[subject]"].is_string() || refused.to_string().contains("{{nick}}"),
        "{refused}"
    );
    assert!(refused.to_string().contains("without it nobody can follow"), "{refused}");
    assert_eq!(to(&save("Welcome {{name}}", "Come in: {{link}}", "0").await), at);
    let stale = save("Later", "{{link}}", "0").await;
    assert!(stale.to_string().contains("Somebody else has changed this"), "{stale}");
    let user = post.console.app.user("grace").await;
    let id = user["id"].as_str().unwrap();
    post.console.post("users/reset-password", &[("id", id), ("by", "mail")]).await;
    let mail = post.mail_to("grace@example.org", 0).await;
    assert_eq!(mail.subject, "Welcome grace");
    assert!(mail.text.starts_with("Come in: http"), "{}", mail.text);
}

#[tokio::test]
async fn a_strangers_wish_voids_no_invitation_and_tells_nothing() {
    let post = Post::start().await;
    let (app, user) = (&post.console.app, post.console.app.user("grace").await);
    let id = user["id"].as_str().unwrap();
    post.console.post("users/reset-password", &[("id", id), ("by", "mail")]).await;
    let invited = path(&post.mail_to("grace@example.org", 0).await, "/set-password/");
    for n in 0..8 {
        let asked = fields(&[("user_name", "grace")]);
        app.call("session/forgot-password", asked).from([192, 0, 2, n]).send().await;
    }
    let asked = path(&post.mail_to("grace@example.org", 1).await, "/set-password/");
    assert_ne!(invited, asked);
    assert!(app.get(&invited).send().await.text().contains("Set password"), "the invitation stays good");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(post.inbox.messages().len() <= 6, "five an hour: {}", post.inbox.messages().len());
}

#[tokio::test]
async fn a_link_goes_to_no_address_that_is_not_theirs_any_more() {
    let post = Post::start().await;
    let (app, user) = (&post.console.app, post.console.app.user("grace").await);
    let id = user["id"].as_str().unwrap();
    post.inbox.refuse_next(1, 451);
    post.console.post("users/reset-password", &[("id", id), ("by", "mail")]).await;
    listed(&post, "Tried again at").await;
    let moved = serde_json::json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "emails", "value": [{"value": "right@example.org", "primary": true}]}],
    });
    let path = format!("/scim2/Users/{id}");
    assert_eq!(app.patch(path).token(&app.tokens.scim).scim(&moved).await.status, 200);
    app.clock.advance(Duration::from_secs(31));
    app.user("somebody").await;
    listed(&post, "Dropped").await;
    assert!(post.inbox.messages().is_empty());
}
