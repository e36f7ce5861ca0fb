//! Imports: what a list says before anything is made, what becomes of it, and what it cannot do.

use std::{sync::Arc, time::Duration};

use directory::{
    Error,
    groups::NewGroup,
    imports::{Counts, Import, KEPT_FOR, Line, PREVIEWED_FOR, RowState, Stage},
    people::PeopleQuery,
};
use domain::{ImportId, group::GroupInput, limits, permission::Scope, user::Origin};
use serde_json::json;

use crate::support::{House, may, token_of};

const LIST: &str = "username,givenname,familyname,email,groups\n\
                    ada,Ada,Lovelace,ada@example.org,Guides\n\
                    grace,Grace,Hopper,grace@example.org,\n\
                    joan,Joan,Clarke,no address,\n\
                    hedy,Hedy,Lamarr,,Guides|Inventors\n";

impl House {
    async fn begun(&self, text: &str) -> ImportId {
        self.try_read(text).await.unwrap()
    }

    async fn try_read(&self, text: &str) -> directory::Result<ImportId> {
        self.directory.read_import(&may(), "people.csv", Arc::from(text.as_bytes())).await
    }

    async fn started(&self, text: &str, create_groups: bool) -> ImportId {
        let id = self.begun(text).await;
        self.directory.start_import(&may(), id, create_groups).await.unwrap();
        id
    }

    async fn import(&self, id: ImportId) -> Import {
        self.directory.import(&may(), id).await.unwrap()
    }

    async fn lines(&self, id: ImportId) -> Vec<Line> {
        self.directory.import_lines(&may(), id, None, 0, 20_000).await.unwrap()
    }

    async fn told(&self, id: ImportId) -> Vec<(RowState, Option<String>)> {
        self.lines(id).await.into_iter().map(|line| (line.state, line.reason)).collect()
    }

    async fn everybody(&self) -> Vec<String> {
        let all = PeopleQuery { limit: i64::MAX, ..PeopleQuery::default() };
        let page = self.directory.people(&may(), all).await.unwrap();
        page.items.into_iter().map(|user| user.user_name).collect()
    }

    async fn named_group(&self, name: &str) {
        let input = GroupInput { display_name: name.to_owned(), external_id: None };
        self.directory.create_group(&may(), NewGroup { input, members: Vec::new() }).await.unwrap();
    }

    async fn members_of(&self, name: &str) -> Vec<String> {
        let mut conn = self.directory.db().read().await.unwrap();
        let Some(group) = storage::groups::by_name(&mut conn, name).await.unwrap() else { return Vec::new() };
        let members = storage::groups::members(&mut conn, group.id, None, 100).await.unwrap();
        assert_eq!(group.size, i64::try_from(members.len()).unwrap());
        members.into_iter().map(|member| member.label).collect()
    }

    async fn actions(&self) -> Vec<(String, String)> {
        let mut events = self.audit().await;
        events.reverse();
        events.into_iter().map(|event| (event.action, event.actor_label)).collect()
    }
}

#[tokio::test]
async fn a_preview_says_what_would_be_and_changes_nothing() {
    let house = House::new().await;
    house.create("GRACE").await;
    house.named_group("guides").await;
    let before = house.actions().await;
    let id = house.begun(LIST).await;
    let import = house.import(id).await;
    assert_eq!(import.counts, Counts { good: 1, groupless: 1, bad: 2, ..Counts::default() });
    assert_eq!((import.stage, import.source.as_str(), import.planned()), (Stage::Preview, "people.csv", 1));
    assert_eq!(
        house.told(id).await,
        [
            (RowState::Good, None),
            (RowState::Bad, Some("This user name is taken: whoever has it stays as they are.".to_owned())),
            (RowState::Bad, Some("“no address” is no mail address.".to_owned())),
            (RowState::Groupless, Some("There is no group “Inventors”.".to_owned())),
        ]
    );
    assert!(!house.directory.advance_imports().await.unwrap());
    assert_eq!(house.everybody().await, ["GRACE"]);
    assert_eq!(house.actions().await, before);
}

#[tokio::test]
async fn good_lines_come_in_and_are_told_apart_from_the_others() {
    let house = House::new().await;
    house.named_group("Guides").await;
    let id = house.started(LIST, false).await;
    assert!(!house.directory.advance_imports().await.unwrap());
    assert_eq!(house.everybody().await, ["ada", "grace"]);
    assert_eq!(house.members_of("guides").await, ["Ada Lovelace"]);
    let import = house.import(id).await;
    assert_eq!((import.stage, import.counts.created, import.counts.failed), (Stage::Done, 2, 0));
    assert_eq!(import.expires_at, import.finished_at.unwrap().plus(KEPT_FOR));
    let lines = house.lines(id).await;
    let user = house.directory.user(&may(), lines[0].user_id.unwrap()).await.unwrap();
    assert_eq!((user.user_name.as_str(), user.origin), ("ada", Origin::Import));
    assert_eq!(user.profile.primary_email(), Some("ada@example.org"));
    let mut conn = house.directory.db().read().await.unwrap();
    assert!(storage::passwords::get(&mut conn, user.id).await.unwrap().is_none(), "an import gives no password");
    assert_eq!(lines[3].state, RowState::Groupless);
}

#[tokio::test]
async fn groups_that_do_not_exist_are_created_once_where_that_is_wanted() {
    let house = House::new().await;
    let id = house.started(&format!("{LIST}radia,Radia,Perlman,,INVENTORS\n"), true).await;
    house.directory.advance_imports().await.unwrap();
    let import = house.import(id).await;
    assert_eq!((import.counts.created, import.planned()), (4, 4));
    let mut inventors = house.members_of("Inventors").await;
    inventors.sort();
    assert_eq!(inventors, ["Hedy Lamarr", "Radia Perlman"]);
    assert_eq!(house.members_of("Guides").await.len(), 2);
    let made = house.actions().await.into_iter().filter(|(action, _)| action == "group.create").count();
    assert_eq!(made, 2);
}

#[tokio::test]
async fn every_change_is_told_in_the_name_of_who_started_it() {
    let house = House::new().await;
    let who = token_of(&[Scope::Admin]);
    let id = house.begun("username,groups\nada,Guides\n").await;
    house.directory.start_import(&who, id, true).await.unwrap();
    house.directory.advance_imports().await.unwrap();
    let expected = ["import.start", "user.create", "group.create", "import.finish"];
    let expected = expected.map(|action| (action.to_owned(), "hr".to_owned()));
    assert_eq!(house.actions().await, expected);
    let events = house.audit().await;
    assert_eq!(events[0].details, json!({"created": 1, "failed": 0}));
    let ada = house.lines(id).await[0].user_id;
    let made = json!({"displayName": {"after": "Guides"}, "membersAdded": {"count": 1, "ids": [ada]}});
    assert_eq!(events[1].details, made, "as a group that is created by hand");
    assert_eq!(events[3].details, json!({"lines": 1, "createGroups": true}));
    assert_eq!(events[0].subject_label, "people.csv");
}

#[tokio::test]
async fn a_line_that_cannot_be_opened_fails_and_the_others_come() {
    let house = House::new().await;
    let id = house.started("username\nada\ngrace\njoan\n", false).await;
    house.spoil("UPDATE import_rows SET sealed = X'00' WHERE import_id = $1 AND number = 2", id.0).await;
    assert!(!house.directory.advance_imports().await.unwrap());
    assert_eq!(house.everybody().await, ["ada", "joan"]);
    let import = house.import(id).await;
    assert_eq!((import.stage, import.counts.created, import.counts.failed), (Stage::Done, 2, 1));
}

#[tokio::test]
async fn what_changed_since_the_preview_is_found_when_a_line_comes() {
    let house = House::new().await;
    house.named_group("Guides").await;
    let id = house.begun("username,groups\nada,\ngrace,Guides\njoan,\n").await;
    let ada = house.create("Ada").await;
    let mut conn = house.directory.db().read().await.unwrap();
    let guides = storage::groups::by_name(&mut conn, "Guides").await.unwrap().unwrap();
    drop(conn);
    house.directory.delete_group(&may(), guides.id, None).await.unwrap();
    house.directory.start_import(&may(), id, false).await.unwrap();
    house.directory.advance_imports().await.unwrap();
    assert_eq!(
        house.told(id).await,
        [
            (RowState::Failed, Some("This user name is taken.".to_owned())),
            (RowState::Failed, Some("There is no group “Guides”.".to_owned())),
            (RowState::Created, None),
        ]
    );
    assert_eq!(house.directory.user(&may(), ada.id).await.unwrap(), ada, "whoever was there stays as they were");
    let import = house.import(id).await;
    assert_eq!((import.stage, import.counts.created, import.counts.failed), (Stage::Done, 1, 2));
}

#[tokio::test]
async fn an_import_is_started_once_and_makes_nobody_twice() {
    let house = House::new().await;
    let id = house.started("username\nada\n", false).await;
    house.directory.start_import(&may(), id, true).await.unwrap();
    house.directory.advance_imports().await.unwrap();
    house.directory.start_import(&may(), id, false).await.unwrap();
    house.directory.advance_imports().await.unwrap();
    let created = house.actions().await.into_iter().filter(|(action, _)| action == "user.create").count();
    assert_eq!((created, house.import(id).await.counts.created), (1, 1));
}

#[tokio::test]
async fn a_list_of_nobody_who_can_come_is_not_started() {
    let house = House::new().await;
    let id = house.begun("username,groups\n,\nada,Nowhere\n").await;
    let refused = house.directory.start_import(&may(), id, false).await;
    assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors.get("").is_some()), "{refused:?}");
    assert_eq!(house.import(id).await.stage, Stage::Preview);
    house.directory.start_import(&may(), id, true).await.unwrap();
}

#[tokio::test]
async fn a_preview_that_is_cancelled_leaves_nothing() {
    let house = House::new().await;
    let id = house.begun(LIST).await;
    assert_eq!(house.directory.cancel_import(&may(), id).await.unwrap(), None);
    assert!(matches!(house.directory.import(&may(), id).await, Err(Error::NotFound(_))));
    assert!(house.lines(id).await.is_empty());
    assert_eq!(house.directory.cancel_import(&may(), id).await.unwrap(), None, "twice is once");
    assert!(house.actions().await.is_empty());
}

#[tokio::test]
async fn a_stopped_import_begins_with_nobody_else() {
    let house = House::new().await;
    let id = house.started("username\nada\ngrace\n", false).await;
    assert_eq!(house.directory.cancel_import(&may(), id).await.unwrap(), Some(id));
    house.directory.advance_imports().await.unwrap();
    let import = house.import(id).await;
    assert_eq!((import.stage, import.settled()), (Stage::Cancelled, 0));
    assert!(house.everybody().await.is_empty());
    assert!(matches!(house.directory.start_import(&may(), id, false).await, Err(Error::Conflict(_))));
    assert_eq!(house.directory.cancel_import(&may(), id).await.unwrap(), Some(id));
    assert_eq!(house.actions().await.len(), 2);
}

#[tokio::test]
async fn previews_and_results_are_kept_for_their_time() {
    let house = House::new().await;
    let (looked_at, done) = (house.begun(LIST).await, house.started("username\nada\n", false).await);
    house.directory.advance_imports().await.unwrap();
    house.clock.advance(PREVIEWED_FOR);
    assert!(matches!(house.directory.import(&may(), looked_at).await, Err(Error::NotFound(_))));
    assert!(matches!(house.directory.start_import(&may(), looked_at, true).await, Err(Error::NotFound(_))));
    let listed = house.directory.imports(&may(), None, 10).await.unwrap();
    assert_eq!(listed.iter().map(|import| import.id).collect::<Vec<_>>(), [done]);
    house.clock.advance(KEPT_FOR);
    assert!(matches!(house.directory.import(&may(), done).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn an_import_that_runs_does_not_expire() {
    let house = House::new().await;
    let id = house.started("username\nada\n", false).await;
    house.clock.advance(Duration::from_hours(24 * 365));
    house.directory.advance_imports().await.unwrap();
    assert_eq!(house.import(id).await.counts.created, 1);
}

#[tokio::test]
async fn only_so_many_are_open_at_once() {
    let house = House::new().await;
    let first = house.begun(LIST).await;
    for _ in 1..limits::IMPORTS_OPEN {
        house.begun("username\nada\n").await;
    }
    assert!(matches!(house.try_read(LIST).await, Err(Error::Conflict(_))));
    house.directory.cancel_import(&may(), first).await.unwrap();
    house.begun(LIST).await;
}

#[tokio::test]
async fn what_cannot_be_read_leaves_nothing() {
    let house = House::new().await;
    let refused = house.try_read("name,phone\nada,1\n").await;
    let Err(Error::Invalid(errors)) = refused else { panic!("{refused:?}") };
    assert!(errors.get("").is_some_and(|why| why.contains("has to name the columns")), "{errors:?}");
    assert!(house.directory.imports(&may(), None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn many_people_come_in_side_by_side_and_each_once() {
    let house = House::new().await;
    let names: Vec<String> = (0..150).map(|number| format!("user{number:03}")).collect();
    let id = house.started(&format!("username,groups\n{},Guides\n", names.join(",Guides\n")), true).await;
    assert!(!house.directory.advance_imports().await.unwrap());
    assert_eq!(house.everybody().await, names);
    assert_eq!(house.import(id).await.counts.created, 150);
    let mut conn = house.directory.db().read().await.unwrap();
    assert_eq!(storage::groups::by_name(&mut conn, "Guides").await.unwrap().unwrap().size, 150);
}
