//! My Account: where whoever has no console role is at home.

use crate::support::{PASSWORD, TestApp, fields, to};

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
