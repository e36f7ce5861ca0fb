//! Calls every endpoint as nobody and as a reader, and fails on one that is not on its list.

use std::collections::BTreeSet;

use axum::http::Method;
use domain::permission::Role;

use crate::support::TestApp;

const ID: &str = "0199aaaa-0000-7000-8000-000000000000";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Nothing,
    /// A valid token, whatever its scope.
    Token,
    /// A token that reads users: `scim:read`, or `admin:read`.
    ReadsUsers,
    /// `admin:read`
    Reads,
    /// A token that writes users: `scim`, or `admin`.
    WritesUsers,
    /// A console role that sees to deliveries: operator, or administrator.
    Acts,
    /// `admin`
    Writes,
    /// A sign-in that waits for its second step: nobody who is signed in.
    HalfWay,
}
use Needs::{Acts, HalfWay, Nothing, Reads, ReadsUsers, Token, Writes, WritesUsers};

const PROGRAMS: &[(&str, &str, Needs)] = &[
    ("GET", "/healthz", Nothing),
    ("GET", "/readyz", Nothing),
    ("GET", "/metrics", Reads),
    ("GET", "/scim2/Users", ReadsUsers),
    ("POST", "/scim2/Users", WritesUsers),
    ("POST", "/scim2/Users/.search", ReadsUsers),
    ("GET", "/scim2/Users/{id}", ReadsUsers),
    ("PUT", "/scim2/Users/{id}", WritesUsers),
    ("PATCH", "/scim2/Users/{id}", WritesUsers),
    ("DELETE", "/scim2/Users/{id}", WritesUsers),
    ("GET", "/scim2/Groups", ReadsUsers),
    ("POST", "/scim2/Groups", WritesUsers),
    ("POST", "/scim2/Groups/.search", ReadsUsers),
    ("GET", "/scim2/Groups/{id}", ReadsUsers),
    ("PUT", "/scim2/Groups/{id}", WritesUsers),
    ("PATCH", "/scim2/Groups/{id}", WritesUsers),
    ("DELETE", "/scim2/Groups/{id}", WritesUsers),
    ("POST", "/scim2/.search", ReadsUsers),
    ("POST", "/scim2/Bulk", WritesUsers),
    ("GET", "/scim2/ServiceProviderConfig", Token),
    ("GET", "/scim2/ResourceTypes", Token),
    ("GET", "/scim2/ResourceTypes/{id}", Token),
    ("GET", "/scim2/Schemas", Token),
    ("GET", "/scim2/Schemas/{id}", Token),
    ("GET", "/api/v1/audit", Reads),
    ("GET", "/api/v1/audit/{id}", Reads),
    ("GET", "/api/v1/connections", Reads),
    ("POST", "/api/v1/connections", Writes),
    ("GET", "/api/v1/connections/{id}", Reads),
    ("PATCH", "/api/v1/connections/{id}", Writes),
    ("DELETE", "/api/v1/connections/{id}", Writes),
    ("GET", "/api/v1/connections/{id}/connectors", Reads),
    ("POST", "/api/v1/connections/{id}/connectors", Writes),
    ("GET", "/api/v1/connections/{id}/sign-in", Reads),
    ("PATCH", "/api/v1/connections/{id}/sign-in", Writes),
    ("POST", "/api/v1/connections/{id}/sign-in/test", Writes),
    ("GET", "/api/v1/connector-kinds", Reads),
    ("GET", "/api/v1/connectors", Reads),
    ("GET", "/api/v1/connectors/{id}", Reads),
    ("PATCH", "/api/v1/connectors/{id}", Writes),
    ("DELETE", "/api/v1/connectors/{id}", Writes),
    ("POST", "/api/v1/connectors/{id}/test", Writes),
    ("GET", "/api/v1/deliveries", Reads),
    ("GET", "/api/v1/deliveries/{id}", Reads),
    ("GET", "/api/v1/deliveries/{id}/attempts", Reads),
    ("POST", "/api/v1/deliveries/{id}/retry", Writes),
    ("GET", "/api/v1/openapi.json", Token),
    ("GET", "/api/v1/provisioners", Reads),
    ("POST", "/api/v1/provisioners", Writes),
    ("GET", "/api/v1/provisioners/{id}", Reads),
    ("PATCH", "/api/v1/provisioners/{id}", Writes),
    ("DELETE", "/api/v1/provisioners/{id}", Writes),
    ("GET", "/api/v1/schemas", Reads),
    ("POST", "/api/v1/schemas", Writes),
    ("GET", "/api/v1/schemas/{id}", Reads),
    ("PATCH", "/api/v1/schemas/{id}", Writes),
    ("DELETE", "/api/v1/schemas/{id}", Writes),
    ("GET", "/api/v1/users/{id}/deliveries", Reads),
];

/// Server functions of the console. `Token` stands for any signed-in person here.
const FUNCTIONS: &[(&str, &str, Needs)] = &[
    ("GET", "session/who-am-i", Token),
    ("POST", "session/sign-in", Nothing),
    ("POST", "session/sign-out", Nothing),
    ("GET", "session/password-link", Nothing),
    ("POST", "session/set-password", Nothing),
    ("GET", "session/under-way", Nothing),
    ("POST", "session/consent", Nothing),
    ("POST", "sheets/test", Writes),
    ("POST", "account/unlink", Token),
    ("GET", "session/door", Nothing),
    ("POST", "session/forgot-password", Nothing),
    ("GET", "registration/form", Nothing),
    ("POST", "registration/register", Nothing),
    ("GET", "registration/verification", Nothing),
    ("POST", "registration/verify", Nothing),
    ("GET", "sheets/show", Reads),
    ("POST", "sheets/save", Writes),
    ("GET", "mails/list", Reads),
    ("POST", "mails/retry", Acts),
    ("GET", "account/show", Token),
    ("GET", "account/profile", Token),
    ("POST", "account/change-profile", Token),
    ("POST", "account/ask-address", Token),
    ("GET", "account/address", Token),
    ("POST", "account/confirm-address", Token),
    ("POST", "account/change-password", Token),
    ("POST", "account/end-session", Token),
    ("POST", "account/end-other-sessions", Token),
    ("GET", "second-factor/step", HalfWay),
    ("POST", "second-factor/show-code", HalfWay),
    ("POST", "second-factor/ask-for-passkey", HalfWay),
    ("POST", "second-factor/show-passkey", HalfWay),
    ("GET", "second-factor/mine", Token),
    ("POST", "second-factor/begin-app", Token),
    ("GET", "second-factor/app", Token),
    ("POST", "second-factor/add-app", Token),
    ("POST", "second-factor/ask-for-new-passkey", Token),
    ("POST", "second-factor/add-passkey", Token),
    ("GET", "second-factor/codes", Token),
    ("POST", "second-factor/new-codes", Token),
    ("POST", "second-factor/remove", Token),
    ("GET", "connections/list", Reads),
    ("GET", "connections/show", Reads),
    ("POST", "connections/create", Writes),
    ("POST", "connections/update", Writes),
    ("POST", "connections/switch", Writes),
    ("POST", "connections/delete", Writes),
    ("GET", "connectors/list", Reads),
    ("GET", "connectors/kinds", Reads),
    ("POST", "connectors/choose", Writes),
    ("GET", "connectors/draft", Writes),
    ("POST", "connectors/configure", Writes),
    ("POST", "connectors/try", Writes),
    ("POST", "connectors/create", Writes),
    ("POST", "connectors/cancel", Writes),
    ("POST", "connectors/update", Writes),
    ("POST", "connectors/switch", Writes),
    ("POST", "connectors/test", Writes),
    ("GET", "connectors/report", Writes),
    ("GET", "connectors/deletion", Reads),
    ("POST", "connectors/delete", Writes),
    ("GET", "provisioners/list", Reads),
    ("GET", "provisioners/candidates", Reads),
    ("GET", "provisioners/show", Reads),
    ("POST", "provisioners/create", Writes),
    ("POST", "provisioners/update", Writes),
    ("POST", "provisioners/delete", Writes),
    ("GET", "home/show", Reads),
    ("GET", "activity/list", Reads),
    ("GET", "activity/news", Reads),
    ("GET", "activity/held", Token),
    ("GET", "activity/show", Reads),
    ("POST", "activity/retry", Acts),
    ("POST", "activity/retry-selected", Acts),
    ("POST", "activity/retry-held", Acts),
    ("GET", "audit/list", Reads),
    ("GET", "audit/show", Reads),
    ("GET", "users/list", Reads),
    ("POST", "users/choose-columns", Reads),
    ("POST", "users/select", Writes),
    ("GET", "users/selected", Writes),
    ("POST", "users/act", Writes),
    ("GET", "users/not-done", Writes),
    ("GET", "users/show", Reads),
    ("POST", "users/begin", Writes),
    ("GET", "users/draft", Writes),
    ("POST", "users/choose-password", Writes),
    ("POST", "users/create", Writes),
    ("POST", "users/cancel", Writes),
    ("GET", "users/hand-over", Writes),
    ("POST", "users/update", Writes),
    ("POST", "users/disable", Writes),
    ("POST", "users/enable", Writes),
    ("POST", "users/lock", Writes),
    ("POST", "users/unlock", Writes),
    ("POST", "users/set-role", Writes),
    ("POST", "users/delete", Writes),
    ("POST", "users/reset-password", Writes),
    ("GET", "users/consequences", Reads),
    ("GET", "users/sessions", Reads),
    ("POST", "users/reset-second-factors", Writes),
    ("POST", "users/end-session", Writes),
    ("POST", "users/end-sessions", Writes),
    ("GET", "users/provisioning", Reads),
    ("GET", "users/explain", Reads),
    ("GET", "groups/list", Reads),
    ("GET", "groups/show", Reads),
    ("POST", "groups/create", Writes),
    ("POST", "groups/rename", Writes),
    ("POST", "groups/delete", Writes),
    ("POST", "groups/add-members", Writes),
    ("POST", "groups/remove-members", Writes),
    ("POST", "groups/assign", Writes),
    ("POST", "groups/leave", Writes),
    ("GET", "attributes/list", Reads),
    ("GET", "attributes/show", Reads),
    ("POST", "attributes/create", Writes),
    ("POST", "attributes/describe", Writes),
    ("POST", "attributes/delete", Writes),
    ("POST", "attributes/add", Writes),
    ("POST", "attributes/alter", Writes),
    ("POST", "attributes/remove", Writes),
    ("POST", "imports/read", Writes),
    ("GET", "imports/show", Writes),
    ("POST", "imports/start", Writes),
    ("POST", "imports/cancel", Writes),
    ("POST", "users/retry", Acts),
    ("POST", "users/provision", Acts),
    ("GET", "roles/list", Reads),
    ("GET", "roles/candidates", Reads),
    ("POST", "roles/give", Writes),
    ("POST", "roles/take", Writes),
    ("GET", "search/find", Reads),
    ("GET", "tour/show", Reads),
    ("GET", "tokens/list", Reads),
    ("GET", "tokens/show", Reads),
    ("POST", "tokens/create", Writes),
    ("GET", "tokens/created", Writes),
    ("POST", "tokens/revoke", Writes),
    ("GET", "my-sessions/list", Token),
    ("POST", "my-sessions/end", Token),
    ("POST", "my-sessions/end-others", Token),
    ("GET", "appearance/show", Token),
    ("POST", "appearance/choose", Token),
    ("GET", "about/show", Reads),
];

/// Files of the console.
const FILES: &[(&str, Needs)] = &[
    ("/console/licences.txt", Token),
    ("/console/logs/export", Reads),
    ("/console/users/imports/{id}/result.csv", Writes),
];

/// Every argument that a server function takes; each picks its own.
fn arguments() -> String {
    let ids =
        ["id", "attribute", "connection", "connector", "draft", "session", "delivery", "connection_id", "connector_id"];
    let ids: Vec<String> = ids.iter().map(|name| format!("{name}={ID}")).collect();
    format!(
        "{}&at=/console/settings/branding&version=1&enabled=true&name=Sweep&kind=scim2&role=auditor&reason=refused",
        ids.join("&")
    )
}

fn names<'a>(rows: impl IntoIterator<Item = (&'a str, String)>) -> BTreeSet<(String, String)> {
    rows.into_iter().map(|(method, path)| (method.to_owned(), path)).collect()
}

#[tokio::test]
async fn every_endpoint_for_programs_asks_for_what_its_row_says() {
    let listed = names(PROGRAMS.iter().map(|(method, path, _)| (*method, (*path).to_owned())));
    let served = names(server::router::endpoints().iter().map(|one| (one.method, one.path.clone())));
    assert_eq!(listed, served, "the list and the router differ");

    let app = TestApp::start().await;
    for (method, path, needs) in PROGRAMS {
        let called = path.replace("{id}", ID);
        let ask = || app.ask(Method::from_bytes(method.as_bytes()).unwrap(), &called);
        let nobody = ask().send().await.status;
        assert_eq!(nobody, if *needs == Nothing { 200 } else { 401 }, "{method} {path} as nobody");
        for (token, allowed) in [
            (&app.tokens.admin_read, matches!(needs, Nothing | Token | Reads | ReadsUsers)),
            (&app.tokens.scim_read, matches!(needs, Nothing | Token | ReadsUsers)),
            (&app.tokens.scim, matches!(needs, Nothing | Token | ReadsUsers | WritesUsers)),
            (&app.tokens.admin, true),
        ] {
            let status = ask().token(token).send().await.status;
            if allowed {
                assert!(!matches!(status, 401 | 403 | 405 | 500..), "{method} {path}: {status}");
            } else {
                assert_eq!(status, 403, "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn every_server_function_asks_for_what_its_row_says() {
    const PREFIX: &str = "/console/-/";
    let listed = names(FUNCTIONS.iter().map(|(method, path, _)| (*method, format!("{PREFIX}{path}"))));
    let registered: BTreeSet<(String, String)> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, method)| (method.to_string(), path.to_owned()))
        // The page that shows every primitive is in development builds alone.
        .filter(|(_, path)| !path.starts_with("/console/-/kit/"))
        .collect();
    assert_eq!(listed, registered, "the list and the registry differ");

    let app = TestApp::start().await;
    app.auditor("auditor").await;
    app.holder("operator", Some(Role::Operator)).await;
    app.holder("nobody", None).await;
    let auditor = app.sign_in("auditor").await;
    let operator = app.sign_in("operator").await;
    let without = app.sign_in("nobody").await;
    for (method, path, needs) in FUNCTIONS.iter().filter(|(_, _, needs)| *needs != Nothing) {
        let ask = || {
            let ask = if *method == "GET" {
                app.get(format!("{PREFIX}{path}?{}", arguments()))
            } else {
                app.post(format!("{PREFIX}{path}")).body("application/x-www-form-urlencoded", arguments())
            };
            ask.header("accept", "application/json").header("sec-fetch-site", "same-origin")
        };
        let nobody = ask().send().await;
        assert_eq!(nobody.status, 401, "{path} as nobody: {}", nobody.text());
        for (who, cookie, allowed) in [
            ("auditor", &auditor, matches!(needs, Token | Reads)),
            ("operator", &operator, matches!(needs, Token | Reads | Acts)),
            ("user without a role", &without, *needs == Token),
        ] {
            let answer = ask().header("cookie", cookie).send().await;
            let (status, text) = (answer.status, answer.text());
            if allowed {
                assert!(matches!(status, 200 | 404), "{path} as {who}: {status} {text}");
            } else {
                assert_eq!(status, 403, "{path} as {who}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn every_file_asks_for_what_its_row_says() {
    let listed: BTreeSet<String> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(listed, server::console::file_paths().into_iter().collect(), "the list and the router differ");

    let app = TestApp::start().await;
    app.administrator("root").await;
    app.auditor("auditor").await;
    app.holder("nobody", None).await;
    let root = app.sign_in("root").await;
    let auditor = app.sign_in("auditor").await;
    let without = app.sign_in("nobody").await;
    for (path, needs) in FILES {
        let called = format!("{}?format=csv", path.replace("{id}", ID));
        let nobody = app.get(&called).send().await;
        assert_eq!(nobody.status, 303, "{path} as nobody");
        assert!(nobody.header("location").starts_with("/sign-in?"), "{path}: {}", nobody.header("location"));
        for (who, cookie, allowed) in [
            ("administrator", &root, true),
            ("auditor", &auditor, matches!(needs, Token | Reads)),
            ("user without a role", &without, *needs == Token),
        ] {
            let answer = app.get(&called).header("cookie", cookie).send().await;
            if allowed {
                assert!(matches!(answer.status, 200 | 404), "{path} as {who}: {}", answer.status);
            } else {
                assert_eq!(answer.status, 403, "{path} as {who}");
            }
        }
    }
}

#[tokio::test]
async fn every_page_but_the_door_is_for_those_who_are_signed_in() {
    const OPEN: &[&str] = &[
        "/sign-in",
        "/sign-in/under-way/{token}",
        "/forgot-password",
        "/forgot-password/sent",
        "/register",
        "/register/sent",
        "/register/verify/{token}",
        "/set-password/{token}",
    ];
    // What somebody without a console role sees too: their own, and pages that show nothing of anybody.
    const PERSONAL: &[&str] = &[
        "/account",
        "/account/address",
        "/account/address/{token}",
        "/account/password",
        "/account/profile",
        "/account/second-factors",
        "/account/second-factors/app",
        "/account/second-factors/codes/{draft}",
        "/account/second-factors/passkey",
        "/account/second-factors/{id}/remove",
        "/console/connections/templates",
        "/console/connections/templates/custom-connector",
        "/console/login-and-registration",
        "/console/settings/appearance",
        "/console/settings/sessions",
        "/console/shortcuts",
    ];
    let app = TestApp::start().await;
    app.auditor("auditor").await;
    app.holder("nobody", None).await;
    let (cookie, without) = (app.sign_in("auditor").await, app.sign_in("nobody").await);
    let patterns = app::ssr::start();
    assert!(patterns.len() > 10, "{patterns:?}");
    let mut seen = BTreeSet::new();
    for pattern in patterns {
        let path: String = pattern
            .split('/')
            .map(|part| if part.starts_with([':', '*', '{']) { ID } else { part })
            .collect::<Vec<_>>()
            .join("/");
        let nobody = app.get(&path).send().await;
        if OPEN.contains(&pattern.as_str()) {
            assert_eq!(nobody.status, 200, "{pattern}");
            continue;
        }
        assert_eq!(nobody.status, 303, "{pattern} as nobody");
        assert!(nobody.header("location").starts_with("/sign-in?"), "{pattern}: {}", nobody.header("location"));
        let reader = app.get(&path).header("cookie", &cookie).send().await;
        if pattern == "/sign-in/second-factor" {
            assert_eq!((reader.status, reader.header("location")), (303, "/console"), "they are in");
            continue;
        }
        assert!(matches!(reader.status, 200 | 403 | 404), "{pattern}: {}", reader.status);
        let empty = app.get(&path).header("cookie", &without).send().await;
        if pattern == "/console" {
            assert_eq!((empty.status, empty.header("location")), (303, "/account"), "their own is elsewhere");
            continue;
        }
        assert!(matches!(empty.status, 200 | 403 | 404), "{pattern}: {}", empty.status);
        if empty.status == 200 {
            seen.insert(pattern);
        }
    }
    assert_eq!(seen.iter().map(|pattern| pattern.as_str()).collect::<Vec<_>>(), PERSONAL);
}
