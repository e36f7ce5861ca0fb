//! Who comes in has an account; who is deleted has none; edits follow.

use domain::{
    delivery::ReasonKind,
    provisioner::{Removal, Rules},
    user::Origin,
};
use serde_json::json;

use crate::{
    gates::Point,
    support::{House, typed},
};

#[tokio::test]
async fn a_user_appears_follows_an_edit_and_is_gone_when_deleted() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    let account = house.acme.account("ada").expect("an account");
    assert_eq!(account.external_id.as_deref(), Some(ada.to_string().as_str()));
    assert!(house.is_done(ada).await);

    house.title(ada, "Countess").await;
    house.idle().await;
    assert_eq!(house.acme.account("ada").unwrap().document["title"], "Countess");

    house.delete(ada).await;
    house.idle().await;
    assert!(house.acme.account("ada").is_none());
    assert!(house.is_done(ada).await);
    assert_eq!(house.changes(), ["POST", "PATCH", "DELETE"]);
}

#[tokio::test]
async fn many_edits_become_one_change() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    house.acme.forget_requests();
    for title in ["Analyst", "Engineer", "Countess"] {
        house.title(ada, title).await;
    }
    house.idle().await;
    assert_eq!(house.changes(), ["PATCH"]);
    assert_eq!(house.acme.account("ada").unwrap().document["title"], "Countess");
}

#[tokio::test]
async fn what_is_sent_there_already_is_not_sent_again() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    house.acme.forget_requests();
    // Our client's own id is not provisioned; a title that comes and goes is nothing new.
    house.edit(ada, |input| input.external_id = Some("hr-1".to_owned())).await;
    house.title(ada, "Countess").await;
    house.title(ada, "Engineer").await;
    house.idle().await;
    assert!(house.acme.requests().is_empty());
    assert!(house.is_done(ada).await);
}

#[tokio::test]
async fn an_edit_while_the_create_is_under_way_follows_it() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    let run = house.run_to(Point::AfterApply).await;
    house.title(ada, "Countess").await;
    house.gates.open(Point::AfterApply);
    run.await.unwrap();
    assert_eq!(house.acme.account("ada").unwrap().document["title"], "Countess");
    assert_eq!(house.changes(), ["POST", "PATCH"]);
}

#[tokio::test]
async fn an_edit_between_look_up_and_create_is_part_of_the_create() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    let run = house.run_to(Point::BeforeFind).await;
    house.title(ada, "Countess").await;
    house.gates.open(Point::BeforeFind);
    run.await.unwrap();
    assert_eq!(house.acme.account("ada").unwrap().document["title"], "Countess");
    assert_eq!(house.changes(), ["POST"]);
}

#[tokio::test]
async fn disabled_here_is_inactive_there_and_comes_back() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    house.edit(ada, |input| input.active = false).await;
    house.idle().await;
    assert!(!house.acme.account("ada").unwrap().active);
    house.edit(ada, |input| input.active = true).await;
    house.idle().await;
    assert!(house.acme.account("ada").unwrap().active);
}

#[tokio::test]
async fn a_rename_keeps_the_account() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    let before = house.acme.account("ada").unwrap().id;
    house.rename(ada, "countess").await;
    house.idle().await;
    assert_eq!(house.names(), ["countess"]);
    assert_eq!(house.acme.account("countess").unwrap().id, before);
}

#[tokio::test]
async fn whoever_is_deleted_before_the_create_went_out_is_never_called_about() {
    let (house, target) = House::with(Rules::default()).await;
    house.switch(&target, false).await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    assert_eq!(house.state(ada).await.1, Some(ReasonKind::SwitchedOff));
    house.delete(ada).await;
    house.switch(&target, true).await;
    house.idle().await;
    assert!(house.acme.requests().is_empty());
    assert!(house.is_done(ada).await);
}

#[tokio::test]
async fn whoever_is_deleted_while_the_create_is_in_flight_has_no_account_in_the_end() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    let run = house.run_to(Point::AfterApply).await;
    house.delete(ada).await;
    house.gates.open(Point::AfterApply);
    run.await.unwrap();
    assert!(house.acme.accounts().is_empty());
    assert!(house.is_done(ada).await);
    assert_eq!(house.changes(), ["POST", "DELETE"]);
}

#[tokio::test]
async fn a_policy_of_disabling_also_holds_for_whoever_is_deleted_while_the_answer_to_the_create_is_lost() {
    let rules = Rules { on_delete: Removal::Disable, ..Rules::default() };
    let (house, _) = House::with(rules).await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.acme.lose_answers(1);
    house.idle().await;
    house.delete(ada).await;
    house.idle().await;
    let account = house.acme.account("ada").expect("not removed");
    assert!(!account.active);
    assert_eq!(account.document["title"], "Engineer", "only disabled");
    assert!(house.is_done(ada).await);
}

#[tokio::test]
async fn an_account_that_was_removed_there_is_made_again_by_an_edit() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    house.acme.remove(&house.acme.account("ada").unwrap().id);
    house.title(ada, "Countess").await;
    house.idle().await;
    let account = house.acme.account("ada").expect("made again");
    assert_eq!(account.external_id.as_deref(), Some(ada.to_string().as_str()));
    assert_eq!(account.document["title"], "Countess");
    assert_eq!(house.delivery(ada).await.remote_id, Some(account.id));
}

#[tokio::test]
async fn an_account_that_was_removed_there_needs_no_removal() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    house.acme.remove(&house.acme.account("ada").unwrap().id);
    house.delete(ada).await;
    house.idle().await;
    assert!(house.is_done(ada).await);
}

#[tokio::test]
async fn an_endpoint_that_moved_is_a_matter_of_configuration_and_not_a_thousand_accounts_gone() {
    let (house, target) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    let elsewhere = house.acme.users_endpoint().replace("/Users", "/People");
    let change = directory::connectors::ConnectorChange {
        properties: Some(typed(&[("authentication_mode", "bearer"), ("user_endpoint", &elsewhere)])),
        moved: Some(directory::connectors::Moved::Same),
        ..directory::connectors::ConnectorChange::default()
    };
    house.directory.change_connector(&crate::support::may(), target.connector, change).await.unwrap();
    house.delete(ada).await;
    house.idle().await;
    assert_eq!(house.state(ada).await.1, Some(ReasonKind::Configuration));
    assert_eq!(house.delivery(ada).await.remote_id.as_deref(), Some(house.acme.account("ada").unwrap().id.as_str()));
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_taken_back_all_the_same() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    house.acme.lose_answers(1);
    house
        .edit(ada, |input| {
            input.profile.title = Some("Countess".to_owned());
            input.profile.nick_name = Some("Enchantress".to_owned());
        })
        .await;
    house.idle().await;
    assert_eq!(house.acme.account("ada").unwrap().document["title"], "Countess");
    // As it was when Usher last had an answer.
    house
        .edit(ada, |input| {
            input.profile.title = Some("Engineer".to_owned());
            input.profile.nick_name = None;
        })
        .await;
    house.idle().await;
    let document = house.acme.account("ada").unwrap().document;
    assert_eq!((&document["title"], &document["nickName"]), (&json!("Engineer"), &json!(null)));
    assert!(house.is_done(ada).await);
}

#[tokio::test]
async fn an_attempt_that_is_late_changes_no_state_but_what_it_learnt_is_kept() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    let late = house.run_to(Point::BeforeApply).await;
    // Another start voids the lease and takes the delivery over.
    let other = house.beside().await;
    let second = other.run_to(Point::BeforeApply).await;
    house.gates.open(Point::BeforeApply);
    late.await.unwrap();
    let shown = house.delivery(ada).await;
    assert_eq!(shown.state.as_str(), "running");
    assert_eq!(shown.remote_id, Some(house.acme.account("ada").unwrap().id));
    assert_eq!(house.attempts(shown.delivery.id).await.len(), 1, "it is on record");
    other.gates.open(Point::BeforeApply);
    second.await.unwrap();
    assert_eq!(house.names(), ["ada"]);
    assert!(house.is_done(ada).await);
}
