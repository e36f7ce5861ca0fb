//! What each use case leaves on the audit trail; and how long it stays.

use std::time::Duration;

use auth::{Caller, grants::OwnSessions};
use directory::{
    audit::{Matching, RETENTION},
    connections::ConnectionChange,
    connectors::{ConnectorChange, Moved},
    groups::NewGroup,
    provisioners::NewProvisioner,
    sign_in::Credentials,
    tokens::NewToken,
};
use domain::{
    connection::Connector,
    group::{GroupInput, MemberChange},
    permission::Scope,
    provisioner::{Removal, Rules},
};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::support::{House, PASSWORD, may, revise, typed};

/// The last event's action and details.
async fn last(house: &House) -> (String, Value) {
    let event = house.audit().await.swap_remove(0);
    (event.action, event.details)
}

async fn assert_last(house: &House, action: &str, details: Value) {
    assert_eq!(last(house).await, (action.to_owned(), details));
}

#[tokio::test]
async fn users_are_told_whole_when_they_come_and_go_and_by_what_changed_between() {
    let house = House::new().await;
    let ada = house.create("ada").await;
    let (action, created) = last(&house).await;
    assert_eq!(
        (action.as_str(), &created["origin"], &created["password"]),
        ("user.create", &json!("api"), &json!("changed"))
    );
    assert_eq!((&created["userName"], &created["active"]), (&json!({"after": "ada"}), &json!({"after": true})));

    let edit = revise(
        |input| {
            input.profile.title = Some("Guide".to_owned());
            input.profile.enterprise.get_or_insert_default().department = Some("Tours".to_owned());
        },
        None,
    );
    house.directory.revise_user(&may(), ada.id, None, edit).await.unwrap();
    let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    let (_, changed) = last(&house).await;
    assert_eq!((&changed["title"]["after"], &changed[department]["after"]), (&json!("Guide"), &json!("Tours")));
    assert!(changed.get("userName").is_none(), "{changed}");

    house.directory.reset_password(&may(), "ada", &PASSWORD.into()).await.unwrap();
    assert_last(&house, "user.reset_password", json!({"password": "changed"})).await;
    house.directory.delete_user(&may(), ada.id, None).await.unwrap();
    let (action, deleted) = last(&house).await;
    assert_eq!((action.as_str(), &deleted["title"]), ("user.delete", &json!({"before": "Guide"})));

    house.administrator("root").await;
    let (action, created) = last(&house).await;
    assert_eq!((action.as_str(), &created["role"]), ("administrator.create", &json!({"after": "administrator"})));
}

#[tokio::test]
async fn groups_are_told_by_who_came_and_went() {
    let house = House::new().await;
    let (ada, bea) = (house.create("ada").await.id, house.create("bea").await.id);
    let input = GroupInput { display_name: "Guides".to_owned(), external_id: None };
    let group = house.directory.create_group(&may(), NewGroup { input, members: vec![ada] }).await.unwrap();
    let members = |ids: Value| json!({"count": 1, "ids": ids});
    let came = json!({"displayName": {"after": "Guides"}, "membersAdded": members(json!([ada]))});
    assert_last(&house, "group.create", came).await;
    let rename = std::sync::Arc::new(|group: &domain::group::Group| {
        Ok(GroupInput { display_name: "Tour Guides".to_owned(), ..GroupInput::of(group) })
    });
    let delta = vec![MemberChange::Replace(vec![bea])];
    house.directory.revise_group(&may(), group.id, None, rename, delta).await.unwrap();
    let changed = json!({
        "displayName": {"before": "Guides", "after": "Tour Guides"},
        "membersAdded": members(json!([bea])),
        "membersRemoved": members(json!([ada])),
    });
    assert_last(&house, "group.update", changed).await;
    house.directory.delete_group(&may(), group.id, None).await.unwrap();
    assert_last(&house, "group.delete", json!({"displayName": {"before": "Tour Guides"}, "members": 1})).await;
}

async fn provisioner(house: &House, connector: &Connector) -> domain::provisioner::Provisioner {
    let new =
        NewProvisioner { connection_id: connector.connection_id, connector_id: connector.id, rules: Rules::default() };
    house.directory.create_provisioner(&may(), new).await.unwrap()
}

#[tokio::test]
async fn settings_are_told_by_what_changed_and_secrets_by_their_names() {
    let house = House::new().await;
    let directory = &house.directory;
    let bearer = [("mode", "bearer"), ("endpoint", "https://acme.example/Users"), ("token", "hush-hush")];
    let connector = house.connector(&bearer).await;
    let (action, created) = last(&house).await;
    assert_eq!((action.as_str(), &created["secrets_set"]), ("connector.create", &json!(["token"])));
    assert_eq!(created["endpoint"], json!({"after": "https://acme.example/Users"}));

    let change = |pairs: &[(&str, &str)], moved| ConnectorChange {
        properties: Some(typed(pairs)),
        moved,
        ..ConnectorChange::default()
    };
    let moved = [("mode", "bearer"), ("endpoint", "https://acme.test/Users"), ("token", "quiet-now")];
    directory.change_connector(&may(), connector.id, change(&moved, Some(Moved::Another))).await.unwrap();
    let told = json!({
        "accounts_let_go": 0,
        "endpoint": {"before": "https://acme.example/Users", "after": "https://acme.test/Users"},
        "generation": {"before": 1, "after": 2},
        "secrets_set": ["token"],
    });
    assert_last(&house, "connector.update", told).await;

    let made = provisioner(&house, &connector).await;
    let (_, created) = last(&house).await;
    assert_eq!((&created["blocking"], &created["on_delete"]), (&json!({"after": false}), &json!({"after": "delete"})));
    let rules = Rules { on_delete: Removal::Disable, ..made.rules };
    directory.change_provisioner(&may(), made.id, rules, None).await.unwrap();
    assert_last(&house, "provisioner.update", json!({"on_delete": {"before": "delete", "after": "disable"}})).await;

    let off = ConnectorChange { enabled: Some(false), ..ConnectorChange::default() };
    directory.change_connector(&may(), connector.id, off).await.unwrap();
    assert_last(&house, "connector.disable", json!({"enabled": {"before": true, "after": false}})).await;
    let edit = ConnectionChange { description: Some("Payroll".to_owned()), enabled: Some(false), ..Default::default() };
    directory.change_connection(&may(), connector.connection_id, edit).await.unwrap();
    let events = house.audit().await;
    assert_eq!(events[1].details, json!({"description": {"after": "Payroll"}}));
    assert_eq!(
        (events[0].action.as_str(), &events[0].details["enabled"]["after"]),
        ("connection.disable", &json!(false))
    );
    directory.delete_connection(&may(), connector.connection_id, Some(Removal::Leave)).await.unwrap();
    let (action, gone) = last(&house).await;
    assert_eq!(
        (action.as_str(), &gone["accounts"], &gone["name"]),
        ("connection.delete", &json!("leave"), &json!({"before": "Acme"}))
    );

    let written = format!("{:?}", house.audit().await);
    assert!(!written.contains("hush-hush") && !written.contains("quiet-now"));
}

#[tokio::test]
async fn tokens_and_sessions_are_told_without_what_opens_them() {
    let house = House::new().await;
    let new = NewToken { name: "hr".to_owned(), scopes: vec![Scope::Scim], lifetime: Duration::from_hours(1) };
    let (token, clear) = house.directory.create_token(&may(), new).await.unwrap();
    let (_, created) = last(&house).await;
    assert_eq!((&created["name"], &created["scopes"]), (&json!({"after": "hr"}), &json!({"after": ["scim"]})));
    house.directory.revoke_token(&may(), token.id).await.unwrap();
    assert_eq!(last(&house).await.1["name"], json!({"before": "hr"}));

    let ada = house.create("ada").await;
    let credentials = |password: &str| Credentials {
        user_name: "ada".to_owned(),
        password: password.into(),
        address: "192.0.2.7".to_owned(),
        agent: String::new(),
    };
    assert!(house.directory.sign_in(credentials("not hers, but near")).await.is_err());
    assert_last(&house, "session.refuse", json!({"reason": "password"})).await;
    let signed_in = house.directory.sign_in(credentials(PASSWORD)).await.unwrap();
    let caller = house.directory.caller_of_session(signed_in.token.expose_secret(), "192.0.2.7").await.unwrap();
    house.directory.sign_out(&caller.authorise::<OwnSessions>().unwrap()).await.unwrap();
    let events = house.audit().await;
    assert_eq!((events[0].action.as_str(), events[0].actor_id), ("session.end", Some(ada.id.0)));
    assert_eq!(events[1].action, "session.start");
    let link = house.directory.create_password_link(&may(), ada.id).await.unwrap();
    assert_eq!(last(&house).await.0, "user.password_link");

    let written = format!("{:?}", house.audit().await);
    for secret in [
        clear.expose_secret(),
        signed_in.token.expose_secret(),
        link.token.expose_secret(),
        "not hers, but near",
        PASSWORD,
    ] {
        assert!(!written.contains(secret));
    }
}

#[tokio::test]
async fn events_are_kept_for_a_set_time_and_trimmed_a_day_at_a_time() {
    const DAY: Duration = Duration::from_hours(24);
    let house = House::new().await;
    house.directory.keep_audit_for(30 * DAY);
    for name in ["ada", "bea", "cleo"] {
        house.create(name).await;
        house.clock.advance(DAY);
    }
    house.clock.advance(27 * DAY + DAY / 2);
    assert!(!house.directory.trim_audit().await.unwrap());
    assert_eq!(house.audit().await.len(), 3, "the oldest is not yet a day over its time");
    house.clock.advance(Duration::from_hours(13));
    house.directory.trim_audit().await.unwrap();
    let left: Vec<String> = house.audit().await.into_iter().map(|event| event.action).collect();
    assert_eq!(left, ["audit.trim", "user.create"]);
    let who = Caller::system().authorise().unwrap();
    let whole = house.directory.verify_audit(&who, None).await.unwrap().unwrap();
    assert_eq!((whole.events, whole.trimmed), (2, 2));
    let found = house.directory.find_events(&who, &Matching::default(), None, 10).await.unwrap();
    assert_eq!((found.entries[0].actor_label.as_str(), &found.entries[0].details["events"]), ("Usher", &json!(2)));
    house.directory.log_audit_head().await.unwrap();
}

#[tokio::test]
async fn without_a_setting_events_are_kept_for_more_than_a_year() {
    let house = House::new().await;
    house.create("ada").await;
    house.clock.advance(RETENTION);
    house.directory.trim_audit().await.unwrap();
    assert_eq!(house.audit().await.len(), 1);
    house.clock.advance(Duration::from_hours(25));
    house.directory.trim_audit().await.unwrap();
    assert_eq!(house.audit().await[0].action, "audit.trim");
}

#[tokio::test]
async fn nothing_is_trimmed_from_a_broken_trail() {
    let house = House::new().await;
    house.create("ada").await;
    house.create("bea").await;
    // Whoever has another key cannot chain.
    let other = storage::Vault::new(&storage::MasterKey::new([9; 32]), house.directory.ids().clone());
    house
        .directory
        .db()
        .write::<_, storage::Error, _>(move |conn| {
            let other = other.clone();
            Box::pin(async move {
                let event = storage::audit::get(conn, 1).await?.unwrap();
                let forged = storage::audit::Event {
                    at: event.at,
                    actor: storage::audit::Actor::usher(),
                    action: "user.create",
                    subject_kind: "user",
                    subject_id: None,
                    subject_label: "eve".to_owned(),
                    details: json!({}),
                };
                storage::audit::append(conn, &other, &forged).await
            })
        })
        .await
        .unwrap();
    let who = Caller::system().authorise().unwrap();
    assert!(house.directory.verify_audit(&who, None).await.unwrap().is_err());
    house.clock.advance(RETENTION * 2);
    assert!(!house.directory.trim_audit().await.unwrap());
    assert_eq!(house.audit().await.len(), 3);
}
