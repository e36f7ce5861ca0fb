//! One act on many users.

use std::time::Duration;

use auth::{Authorised, Caller, Who, grants::UsersWrite};
use directory::{
    Error,
    groups::NewGroup,
    people::{Access, By, Narrowing, Order, PeopleQuery, Standing},
    selection::{Act, Ended},
};
use domain::{
    GroupId, SessionId, UserId,
    delivery::Wanted,
    group::GroupInput,
    limits,
    permission::{Role, Scope},
    user::User,
};
use uuid::Uuid;

use crate::support::{House, may, token_of};

/// An administrator at the console.
fn at_the_console(user: &User) -> Authorised<UsersWrite> {
    let session = SessionId(Uuid::nil());
    let who = Who::User { id: user.id, label: user.label(), role: Some(Role::Administrator), session };
    Caller { who, address: "192.0.2.1".to_owned() }.authorise().unwrap()
}

impl House {
    async fn three(&self) -> Vec<UserId> {
        let mut ids = Vec::new();
        for name in ["ada", "bea", "cleo"] {
            // Ids rise from one millisecond to the next.
            self.clock.advance(Duration::from_millis(1));
            ids.push(self.create(name).await.id);
        }
        ids
    }

    async fn act(&self, ids: &[UserId], act: Act) -> Ended {
        self.directory.act_on(&may(), ids, act).await.unwrap()
    }

    async fn group(&self, name: &str) -> GroupId {
        let input = GroupInput { display_name: name.to_owned(), external_id: None };
        self.directory.create_group(&may(), NewGroup { input, members: Vec::new() }).await.unwrap().id
    }

    /// The user names of those who are so.
    async fn names(&self, narrowing: Narrowing, order: Order) -> Vec<String> {
        let query = PeopleQuery { narrowing, order, limit: 50, ..PeopleQuery::default() };
        let people = self.directory.people(&may(), query).await.unwrap();
        people.items.into_iter().map(|user| user.user_name).collect()
    }

    async fn who_is(&self, access: Access) -> Vec<String> {
        self.names(Narrowing { access: Some(access), ..Narrowing::default() }, Order::default()).await
    }
}

fn told(ended: &Ended) -> (usize, usize, Vec<(&str, &str)>) {
    let refused = ended.refused.iter().map(|one| (one.label.as_str(), one.why.as_str())).collect();
    (ended.done, ended.unchanged, refused)
}

#[tokio::test]
async fn each_is_done_to_all_and_what_was_so_already_is_told() {
    let house = House::new().await;
    let ids = house.three().await;
    assert_eq!(told(&house.act(&ids[..2], Act::Disable).await), (2, 0, vec![]));
    assert_eq!(house.who_is(Access::Disabled).await, ["ada", "bea"]);
    assert_eq!(told(&house.act(&ids, Act::Enable).await), (2, 1, vec![]));
    assert_eq!(told(&house.act(&ids, Act::Lock).await), (3, 0, vec![]));
    assert_eq!(house.who_is(Access::Locked).await, ["ada", "bea", "cleo"]);
    assert_eq!(told(&house.act(&ids[1..], Act::Unlock).await), (2, 0, vec![]));
    let twice = [ids[0], ids[0]];
    assert_eq!(told(&house.act(&twice, Act::Delete).await), (1, 0, vec![]));
    assert_eq!(told(&house.act(&ids, Act::Delete).await), (2, 0, vec![("", "They are no longer there.")]));
    let actions: Vec<String> = house.audit().await.into_iter().take(3).map(|event| event.action).collect();
    assert_eq!(actions, ["user.delete"; 3], "each is on the audit trail by itself");
}

#[tokio::test]
async fn a_group_takes_all_of_them_and_counts_who_was_in_it() {
    let house = House::new().await;
    let ids = house.three().await;
    let group = house.group("Guides").await;
    let gone = house.create("gone").await.id;
    house.act(&[gone], Act::Delete).await;
    let join = async |ids: &[UserId]| house.directory.add_selected(&may(), ids, group).await.unwrap();
    assert_eq!(told(&join(&ids[..1]).await), (1, 0, vec![]));
    let all: Vec<UserId> = ids.iter().copied().chain([gone, ids[0]]).collect();
    assert_eq!(told(&join(&all).await), (2, 1, vec![("", "They are no longer there.")]), "the others come in");
    let narrowing = Narrowing { group: Some(group), ..Narrowing::default() };
    let newest = Order { by: By::Created, descending: true };
    assert_eq!(house.names(narrowing, newest).await, ["cleo", "bea", "ada"]);
    let nowhere = house.directory.add_selected(&may(), &ids, GroupId(Uuid::nil())).await;
    assert!(matches!(nowhere, Err(Error::NotFound("group"))));
}

#[tokio::test]
async fn the_last_administrator_and_whoever_does_it_are_left_out_and_told_why() {
    let house = House::new().await;
    let (root, second) = (house.administrator("root").await, house.administrator("second").await);
    let ada = house.create("ada").await;
    let ids = [root.id, second.id, ada.id];
    for act in [Act::Disable, Act::Lock, Act::Delete] {
        let ended = house.directory.act_on(&at_the_console(&root), &[root.id], act).await.unwrap();
        let (done, _, refused) = told(&ended);
        assert_eq!((done, refused[0].0), (0, "root"), "{act:?}");
        assert!(refused[0].1.starts_with("This is you"), "{refused:?}");
    }
    // By nobody in particular: of the two administrators one stays.
    let ended = house.act(&ids, Act::Disable).await;
    let (done, _, refused) = told(&ended);
    assert_eq!((done, refused[0].0), (2, "second"));
    assert!(refused[0].1.starts_with("This is the last administrator."), "{refused:?}");
    let token = token_of(&[Scope::Scim]);
    let ended = house.directory.act_on(&token, &ids, Act::Lock).await.unwrap();
    assert_eq!((ended.done, ended.refused.len()), (1, 2), "who holds a role is out of reach: {ended:?}");
}

#[tokio::test]
async fn where_accounts_follow_is_told_and_wanted_without_waiting() {
    let house = House::new().await;
    let connector = house.connector(&[("mode", "none"), ("endpoint", "https://acme.example/Users")]).await;
    let late = house.create("late").await.id;
    house.provision(&connector).await;
    let ids = house.three().await;
    let all: Vec<UserId> = ids.iter().copied().chain([late]).collect();
    let concerned = house.directory.concerned(&may(), &all).await.unwrap();
    assert_eq!(concerned.len(), 1);
    assert_eq!((concerned[0].connection.name.as_str(), concerned[0].accounts), ("Acme", 3));
    house.act(&ids[..2], Act::Disable).await;
    house.act(&ids[2..], Act::Delete).await;
    for (id, wanted) in [(ids[0], Wanted::Disabled), (ids[1], Wanted::Disabled), (ids[2], Wanted::Absent)] {
        assert_eq!(house.deliveries_of(id).await[0].wanted, wanted);
    }
    let on_its_way = Narrowing { accounts: Some(Standing::OnItsWay), ..Narrowing::default() };
    assert_eq!(house.names(on_its_way, Order::default()).await, ["ada", "bea"]);
    let none = Narrowing { accounts: Some(Standing::None), ..Narrowing::default() };
    assert_eq!(house.names(none, Order::default()).await, ["late"]);
}

#[tokio::test]
async fn nobody_and_too_many_are_refused() {
    let house = House::new().await;
    let many = vec![UserId(Uuid::nil()); limits::SELECTED + 1];
    for ids in [&[][..], &many] {
        assert!(matches!(house.directory.act_on(&may(), ids, Act::Lock).await, Err(Error::Invalid(_))));
        let nowhere = GroupId(Uuid::nil());
        assert!(matches!(house.directory.add_selected(&may(), ids, nowhere).await, Err(Error::Invalid(_))));
        assert!(matches!(house.directory.selected(&may(), ids).await, Err(Error::Invalid(_))));
        assert!(matches!(house.directory.concerned(&may(), ids).await, Err(Error::Invalid(_))));
    }
}
