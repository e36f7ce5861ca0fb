//! Imports where targets are asked first: refused, kept, broken off and gone on with.

use std::sync::Arc;

use auth::{Caller, Who};
use directory::imports::{Import, Line, RowState, Stage};
use domain::{
    ImportId, TokenId,
    permission::Scope,
    provisioner::{OnFailure, Rules},
};
use tokio::task::JoinHandle;

use crate::{
    gates::Point,
    support::{House, blocking, kill, may, until},
};

const LIST: &str = "username,groups\nada,Guides\ngrace,Guides\n";

impl House {
    async fn starts_import(&self, text: &str) -> ImportId {
        let bytes = Arc::from(text.as_bytes());
        let id = self.directory.read_import(&may(), "people.csv", bytes).await.expect("a list");
        self.directory.start_import(&may(), id, true).await.expect("it starts");
        id
    }

    /// The import as the server runs it, beside the test that steps the engine.
    fn advances(&self) -> JoinHandle<directory::Result<bool>> {
        let directory = self.directory.clone();
        tokio::spawn(async move { directory.advance_imports().await })
    }

    async fn import(&self, id: ImportId) -> Import {
        self.directory.import(&may(), id).await.expect("an import")
    }

    async fn import_lines(&self, id: ImportId) -> Vec<Line> {
        self.directory.import_lines(&may(), id, None, 0, 100).await.expect("lines")
    }

    async fn states(&self, id: ImportId) -> Vec<RowState> {
        self.import_lines(id).await.into_iter().map(|line| line.state).collect()
    }

    async fn size_of(&self, group: &str) -> i64 {
        let group = storage::groups::by_name(&mut *self.db().await, group).await.expect("groups");
        group.map_or(0, |group| group.size)
    }

    async fn staged_now(&self) -> usize {
        storage::users::staged(&mut *self.db().await).await.expect("users").len()
    }
}

#[tokio::test]
async fn everybody_is_asked_about_first_and_then_is_there() {
    let (house, _) = House::with(blocking()).await;
    let id = house.starts_import(LIST).await;
    assert!(!house.step(house.advances()).await.unwrap());
    assert_eq!(house.people().await, ["ada", "grace"]);
    let mut there = house.names();
    there.sort();
    assert_eq!(there, ["ada", "grace"]);
    assert_eq!(house.size_of("Guides").await, 2);
    assert_eq!(house.import(id).await.stage, Stage::Done);
}

#[tokio::test]
async fn whom_a_target_refuses_is_told_with_its_reason() {
    let (house, _) = House::with(blocking()).await;
    house.acme.refuse("ada", 400, "no licence left");
    let id = house.starts_import("username,groups\nada,Guides\n").await;
    house.step(house.advances()).await.unwrap();
    let line = house.import_lines(id).await.remove(0);
    assert_eq!((line.state, line.user_id), (RowState::Failed, None));
    let reason = line.reason.unwrap_or_default();
    assert!(reason.starts_with("Acme Cloud: ") && reason.contains("no licence left"), "{reason}");
    assert!(house.people().await.is_empty());
    assert_eq!(house.size_of("Guides").await, 0);
    let import = house.import(id).await;
    assert_eq!((import.stage, import.counts.created, import.counts.failed), (Stage::Done, 0, 1));
}

#[tokio::test]
async fn what_a_target_decides_is_told_in_the_name_of_who_started_it() {
    let (house, _) = House::with(blocking()).await;
    house.acme.refuse("ada", 400, "no licence left");
    let token = Who::Token { id: TokenId(uuid::Uuid::nil()), name: "hr".to_owned(), scopes: vec![Scope::Admin] };
    let who = Caller { who: token, address: "192.0.2.1".to_owned() }.authorise().unwrap();
    let id = house.directory.read_import(&may(), "people.csv", Arc::from(LIST.as_bytes())).await.unwrap();
    house.directory.start_import(&who, id, true).await.unwrap();
    assert!(!house.step(house.advances()).await.unwrap());
    let events = storage::audit::page(&mut *house.db().await, None, 100).await.unwrap();
    let told = |action: &str| {
        let event = events.iter().find(|event| event.action == action).expect(action);
        (event.actor_label.as_str(), event.address.as_str())
    };
    for action in ["user.refuse", "user.create", "group.create", "import.finish"] {
        assert_eq!(told(action), ("hr", "192.0.2.1"), "{action}");
    }
}

#[tokio::test]
async fn nobody_is_a_member_before_they_are_real() {
    let (house, _) = House::with(blocking()).await;
    let id = house.starts_import("username,groups\nada,Guides\n").await;
    let (advancing, run) = (house.advances(), house.run_to_staged().await);
    assert_eq!(house.states(id).await, [RowState::Asked]);
    assert_eq!(house.size_of("Guides").await, 0);
    house.gates.open(Point::BeforeApply);
    run.await.unwrap();
    house.step(advancing).await.unwrap();
    assert_eq!(house.size_of("Guides").await, 1);
}

impl House {
    /// Until somebody is staged and their create stands before the target.
    async fn run_to_staged(&self) -> JoinHandle<()> {
        until(async || self.staged_now().await > 0).await;
        self.run_to(Point::BeforeApply).await
    }
}

#[tokio::test]
async fn killed_while_targets_are_asked_it_goes_on_and_makes_nobody_twice() {
    for (rule, point, ada) in [
        (OnFailure::Keep, Point::BeforeApply, RowState::Created),
        (OnFailure::Keep, Point::AfterApply, RowState::Created),
        (OnFailure::Refuse, Point::BeforeApply, RowState::Failed),
        (OnFailure::Refuse, Point::AfterApply, RowState::Failed),
    ] {
        let (house, _) = House::with(Rules { on_blocking_failure: rule, ..blocking() }).await;
        let id = house.starts_import("username,groups\nada,Guides\n").await;
        let advancing = house.advances();
        until(async || house.staged_now().await > 0).await;
        let run = house.run_to(point).await;
        advancing.abort();
        let _ = advancing.await;
        kill(run).await;
        let house = house.restart().await;
        assert_eq!(house.states(id).await, [ada], "{rule:?} {point:?}: settled at start, by the rule");
        house.step(house.advances()).await.unwrap();
        house.later(std::time::Duration::from_mins(1)).await;
        let expected: &[&str] = if ada == RowState::Created { &["ada"] } else { &[] };
        assert_eq!(house.people().await, expected, "{rule:?} {point:?}");
        assert_eq!(house.names(), expected, "{rule:?} {point:?}");
        assert_eq!(house.size_of("Guides").await, i64::try_from(expected.len()).unwrap());
        assert_eq!(house.import(id).await.stage, Stage::Done, "{rule:?} {point:?}");
    }
}

#[tokio::test]
async fn killed_between_two_people_the_rest_come_after_the_restart() {
    let (house, _) = House::with(Rules::default()).await;
    let names: Vec<String> = (0..200).map(|number| format!("user{number:03}")).collect();
    let id = house.starts_import(&format!("username\n{}\n", names.join("\n"))).await;
    let advancing = house.advances();
    until(async || house.import(id).await.counts.created >= 20).await;
    advancing.abort();
    let _ = advancing.await;
    let house = house.restart().await;
    let before = house.import(id).await.counts.created;
    assert!((20..200).contains(&before), "{before}");
    house.step(house.advances()).await.unwrap();
    assert_eq!(house.people().await, names);
    let import = house.import(id).await;
    assert_eq!((import.stage, import.counts.created, import.counts.failed), (Stage::Done, 200, 0));
    let mut there = house.names();
    there.sort();
    assert_eq!(there, names);
}

#[tokio::test]
async fn what_expired_is_erased_by_and_by() {
    let (house, _) = House::with(Rules::default()).await;
    for _ in 0..5 {
        let bytes = Arc::from(LIST.as_bytes());
        house.directory.read_import(&may(), "", bytes).await.unwrap();
    }
    house.idle().await;
    assert_eq!(house.directory.imports(&may(), None, 10).await.unwrap().len(), 5);
    house.later(directory::imports::PREVIEWED_FOR).await;
    let before_it_expired = domain::Timestamp::from_micros(0);
    let left = storage::imports::page(&mut *house.db().await, None, before_it_expired, 10).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}
