//! `scim2` against Acme Cloud.

use std::time::Duration;

use connectors::{Failure, scim2::Scim2};
use domain::attempt::Operation;
use rehearsal::AcmeCloud;
use serde_json::{Value, json};

use crate::{
    bench::{Bench, OUR_ID, account},
    conformance::{Shown, World},
};

const TOKEN: &str = "acme-token";

pub(crate) struct Acme {
    cloud: AcmeCloud,
    bench: Bench,
}

pub(crate) async fn start() -> Acme {
    with(&[]).await
}

async fn with(properties: &[(&str, &str)]) -> Acme {
    let cloud = AcmeCloud::builder().token(TOKEN).start().await.unwrap();
    let bearer = [("authentication_mode", "bearer")];
    let properties: Vec<_> = bearer.iter().chain(properties).copied().collect();
    let secrets = [("access_token", TOKEN), ("default_password", "Welcome-2026")];
    let bench = Bench::scim2(&cloud.users_endpoint(), &properties, &secrets);
    Acme { cloud, bench }
}

impl World for Acme {
    type Connector = Scim2;

    fn bench(&self) -> &Bench {
        &self.bench
    }

    fn account(&self, user_name: &str) -> Option<Shown> {
        let account = self.cloud.account(user_name)?;
        let display_name = account.document["displayName"].as_str().map(str::to_owned);
        Some(Shown { id: account.id, external_id: account.external_id, active: account.active, display_name })
    }

    fn seed(&self, user_name: &str, external_id: Option<&str>) -> String {
        let mut user = json!({"userName": user_name, "nickName": "theirs", "name": {"middleName": "Theirs"}});
        if let Some(external_id) = external_id {
            user["externalId"] = external_id.into();
        }
        self.cloud.seed(&user).id
    }

    fn keeps_what_is_theirs(&self, remote_id: &str) -> bool {
        let document = self.cloud.accounts().into_iter().find(|account| account.id == remote_id).unwrap().document;
        document["nickName"] == "theirs" && document["name"]["middleName"] == "Theirs"
    }
}

mod as_it_is {
    crate::conformance::suite!(super::start);
}

mod ignoring_filters {
    use super::Acme;

    async fn start() -> Acme {
        let acme = super::start().await;
        acme.cloud.ignore_filters(true);
        acme
    }

    crate::conformance::suite!(start);
}

mod without_patch {
    use super::Acme;

    async fn start() -> Acme {
        let acme = super::start().await;
        acme.cloud.no_patch(true);
        acme
    }

    crate::conformance::suite!(start);
}

mod answering_patch_with_204 {
    use super::Acme;

    async fn start() -> Acme {
        let acme = super::start().await;
        acme.cloud.answer_patch_with_204(true);
        acme
    }

    crate::conformance::suite!(start);
}

impl Acme {
    fn methods(&self) -> Vec<String> {
        self.cloud.requests().iter().map(|logged| logged.method.to_string()).collect()
    }

    async fn linked(&self) -> (String, Value) {
        let want = account("ada");
        let id = self.bench.create(&want).await.unwrap().remote_id;
        self.cloud.forget_requests();
        (id, self.bench.render(&want))
    }
}

#[tokio::test]
async fn all_attributes_arrive() {
    let acme = start().await;
    acme.bench.create(&account("ada")).await.unwrap();
    let document = acme.cloud.account("ada").unwrap().document;
    assert_eq!(document["name"], json!({"givenName": "Ada", "familyName": "Example"}));
    assert_eq!(document["emails"][0]["value"], "ada@example.org");
    assert_eq!(document["title"], "Engineer");
    let enterprise = &document["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"];
    assert_eq!(enterprise["department"], "Research");
}

#[tokio::test]
async fn the_way_of_updating_that_worked_is_tried_first_the_next_time() {
    let acme = start().await;
    acme.cloud.put_only(true);
    let (id, sent) = acme.linked().await;
    let mut want = account("ada");
    want.profile.title = Some("Countess".to_owned());
    acme.bench.update(&want, &id, Some(&sent)).await.unwrap();
    assert_eq!(acme.methods(), ["PATCH", "GET", "PUT"]);
    acme.cloud.forget_requests();
    want.profile.title = None;
    acme.bench.update(&want, &id, Some(&sent)).await.unwrap();
    assert_eq!(acme.methods(), ["GET", "PUT"]);
    assert_eq!(acme.bench.learned()["update"], "put");
    assert_eq!(acme.cloud.account("ada").unwrap().document.get("title"), None);
}

#[tokio::test]
async fn a_refusal_is_told_in_the_targets_words() {
    let acme = start().await;
    acme.cloud.refuse("ada", 400, "no licence left for profile “Standard”");
    let failure = acme.bench.create(&account("ada")).await.unwrap_err();
    assert_eq!(
        failure,
        Failure::Refused { text: "refused: 400 no licence left for profile “Standard”".to_owned(), status: 400 }
    );
    acme.cloud.accept("ada");
    let (id, sent) = acme.linked().await;
    acme.cloud.refuse("ada", 422, "title is too grand");
    let mut want = account("ada");
    want.profile.title = Some("Queen".to_owned());
    let failure = acme.bench.update(&want, &id, Some(&sent)).await.unwrap_err();
    assert_eq!(failure.to_string(), "refused: 422 title is too grand");
}

#[tokio::test]
async fn a_name_that_another_account_has_refuses_the_renaming() {
    let acme = start().await;
    let (id, sent) = acme.linked().await;
    acme.cloud.seed(&json!({"userName": "grace"}));
    let mut want = account("ada");
    want.user_name = "grace".to_owned();
    let failure = acme.bench.update(&want, &id, Some(&sent)).await.unwrap_err();
    assert!(matches!(failure, Failure::Refused { status: 409, .. }), "{failure:?}");
}

#[tokio::test]
async fn an_account_that_look_ups_do_not_show_is_a_conflict_all_the_same() {
    let acme = start().await;
    acme.seed("ada", None);
    acme.cloud.hide_from_filter("ada");
    assert_eq!(acme.bench.find(OUR_ID, Some("ada")).await, Ok(None));
    assert!(matches!(acme.bench.create(&account("ada")).await, Err(Failure::Conflict { .. })));
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_open_whether_it_was_done() {
    let acme = start().await;
    acme.cloud.lose_answers(1);
    let failure = acme.bench.create(&account("ada")).await.unwrap_err();
    assert!(matches!(failure, Failure::Faulty { status: None, .. }), "{failure:?}");
    assert!(acme.bench.find(OUR_ID, Some("ada")).await.unwrap().is_some());
}

#[tokio::test]
async fn trouble_is_told_apart() {
    let acme = start().await;
    acme.cloud.throttle_next(1, Duration::from_secs(7));
    let throttled = acme.bench.find(OUR_ID, None).await.unwrap_err();
    assert!(matches!(
        throttled,
        Failure::Throttled { status: 429, retry_after: Some(after), .. } if after == Duration::from_secs(7)
    ));
    acme.cloud.fail_next(1, 502);
    assert!(matches!(acme.bench.find(OUR_ID, None).await, Err(Failure::Faulty { status: Some(502), .. })));
    acme.cloud.fail_next(1, 403);
    assert!(matches!(acme.bench.find(OUR_ID, None).await, Err(Failure::Forbidden { .. })));
    acme.cloud.stop().await;
    let down = acme.bench.find(OUR_ID, None).await.unwrap_err();
    assert!(matches!(down, Failure::Down { .. }), "{down:?}");
    assert!(down.to_string().contains("nothing accepts connections there"), "{down}");
}

#[tokio::test]
async fn a_user_agent_is_sent() {
    let acme = start().await;
    acme.cloud.require_user_agent(true);
    assert_eq!(acme.bench.find(OUR_ID, None).await, Ok(None));
}

#[tokio::test]
async fn without_password_provisioning_a_new_account_gets_the_default_and_no_other() {
    let acme = start().await;
    let mut want = account("ada");
    want.password = Some("Hopper-Compiler-1952".into());
    let id = acme.bench.create(&want).await.unwrap().remote_id;
    let password = || acme.cloud.account("ada").unwrap().password;
    assert_eq!(password().as_deref(), Some("Welcome-2026"));
    let sent = acme.bench.render(&want);
    assert_eq!(acme.bench.update(&want, &id, Some(&sent)).await.unwrap().operation, Operation::Nothing);
    assert_eq!(password().as_deref(), Some("Welcome-2026"));
}

#[tokio::test]
async fn with_password_provisioning_the_users_own_is_passed_on_also_when_it_changes() {
    let acme = with(&[("enable_password_provisioning", "true")]).await;
    let mut want = account("ada");
    want.password = Some("Hopper-Compiler-1952".into());
    let id = acme.bench.create(&want).await.unwrap().remote_id;
    let password = || acme.cloud.account("ada").unwrap().password;
    assert_eq!(password().as_deref(), Some("Hopper-Compiler-1952"));
    let sent = acme.bench.render(&want);
    want.password = Some("Lovelace-Notes-1843".into());
    assert_eq!(acme.bench.update(&want, &id, Some(&sent)).await.unwrap().operation, Operation::Update);
    assert_eq!(password().as_deref(), Some("Lovelace-Notes-1843"));
    want.password = None;
    assert_eq!(acme.bench.update(&want, &id, Some(&sent)).await.unwrap().operation, Operation::Nothing);
}

#[tokio::test]
async fn an_adopted_account_keeps_its_password() {
    let acme = with(&[("enable_password_provisioning", "true")]).await;
    let id = acme.cloud.seed(&json!({"userName": "ada", "password": "Their-Own-2019"})).id;
    let mut want = account("ada");
    want.password = Some("Hopper-Compiler-1952".into());
    acme.bench.update(&want, &id, None).await.unwrap();
    assert_eq!(acme.cloud.account("ada").unwrap().password.as_deref(), Some("Their-Own-2019"));
}

#[tokio::test]
async fn the_record_shows_the_calls_and_no_secret() {
    let acme = with(&[("enable_password_provisioning", "true")]).await;
    let mut want = account("ada");
    want.password = Some("Hopper-Compiler-1952".into());
    let id = acme.bench.create(&want).await.unwrap().remote_id;
    acme.cloud.refuse("ada", 400, "Hopper-Compiler-1952 was used before (token acme-token)");
    let sent = acme.bench.render(&want);
    let failure = acme.bench.update(&want, &id, Some(&sent)).await.unwrap_err();
    assert_eq!(failure.to_string(), "refused: 400 [redacted] was used before (token [redacted])");
    let record = acme.bench.record();
    assert!(!record.contains("Hopper") && !record.contains(TOKEN), "{record}");
    assert!(record.contains(r#""password":"[redacted]""#) && record.contains(r#""value":"[redacted]""#), "{record}");
    let exchanges = acme.bench.exchanges();
    assert!(exchanges[0].request.starts_with(&format!("POST {}\n", acme.cloud.users_endpoint())));
    assert!(exchanges[0].response.starts_with("201 Created\n"), "{}", exchanges[0].response);
    assert_eq!(exchanges[0].status, Some(201));
    assert!(exchanges[1].request.starts_with(&format!("PATCH {}/{id}\n", acme.cloud.users_endpoint())));
}

#[tokio::test]
async fn a_good_connection_passes_its_test_and_changes_nothing() {
    let acme = start().await;
    let report = acme.bench.test().await;
    assert!(report.is_ok(), "{report:#?}");
    let names: Vec<&str> = report.checks.iter().map(|check| check.name.as_str()).collect();
    assert_eq!(names, ["Address", "Sign in", "Look up users", "Service description"]);
    assert!(acme.methods().iter().all(|method| method == "GET"));
}

#[tokio::test]
async fn a_test_names_what_is_wrong() {
    let acme = start().await;
    let failing = async |bench: &Bench| {
        let report = bench.test().await;
        let failed: Vec<_> = report.checks.into_iter().filter(|check| !check.ok).collect();
        assert_eq!(failed.len(), 1, "{failed:?}");
        (failed[0].name.clone(), failed[0].text.clone())
    };
    let at = |users: &str, token| Bench::scim2(users, &[("authentication_mode", "bearer")], &[("access_token", token)]);
    let (name, text) = failing(&at(&acme.cloud.users_endpoint(), "wrong")).await;
    assert_eq!(name, "Sign in");
    assert!(text.ends_with("Check the credentials."), "{text}");
    let (name, text) = failing(&at(&format!("{}/scim/v2/Users/nobody", acme.cloud.url()), TOKEN)).await;
    assert_eq!(name, "Look up users");
    assert!(text.contains("Check the User Endpoint"), "{text}");
    let private = Bench::scim2("http://10.0.0.7/Users", &[], &[]);
    let (name, text) = failing(&private).await;
    assert_eq!(name, "Address");
    assert!(text.contains("USHER_TARGET_ALLOW"), "{text}");
    acme.cloud.stop().await;
    let (name, text) = failing(&acme.bench).await;
    assert_eq!(name, "Address");
    assert!(text.ends_with("that the other system is running."), "{text}");
}
