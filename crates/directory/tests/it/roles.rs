//! Console roles given and taken, and users locked out.

use std::collections::BTreeMap;

use auth::{
    Caller, Denied, Who,
    grants::{RolesWrite, UsersWrite},
};
use directory::{Error, sign_in::Credentials, users::NewUser};
use domain::{
    UserId,
    permission::{Permission, Role, Scope},
    user::{Origin, User},
};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::support::{House, PASSWORD, may, revise, token_of};

impl House {
    async fn give(&self, id: UserId, role: impl Into<Option<Role>>) -> Result<User, Error> {
        self.directory.set_role(&may(), id, role.into()).await
    }

    async fn lock(&self, id: UserId, locked: bool) -> Result<User, Error> {
        self.directory.lock_user(&may(), id, locked).await
    }

    /// A session's token, where signing in is allowed.
    async fn enter(&self, user_name: &str) -> Option<String> {
        let credentials = Credentials {
            user_name: user_name.to_owned(),
            password: PASSWORD.into(),
            address: "192.0.2.1".to_owned(),
            agent: "Firefox".to_owned(),
        };
        Some(self.directory.sign_in(credentials).await.ok()?.token.expose_secret().to_owned())
    }

    /// Who a session stands for.
    async fn caller(&self, token: &str) -> Caller {
        self.directory.caller_of_session(token, "192.0.2.1").await.unwrap()
    }

    async fn holders(&self) -> BTreeMap<&'static str, Vec<String>> {
        let all = self.directory.role_holders(&may()).await.unwrap();
        let names = |users: Vec<User>| users.into_iter().map(|user| user.user_name).collect();
        all.into_iter().map(|holders| (holders.role.as_str(), names(holders.users))).collect()
    }
}

fn is_protected<T>(answer: &Result<T, Error>) -> bool {
    matches!(answer, Err(Error::Protected(why)) if why.contains("last administrator"))
}

#[tokio::test]
async fn a_role_says_what_somebody_may_do_from_their_next_sign_in_on() {
    let house = House::new().await;
    let ada = house.create("ada").await;
    let without = house.caller(&house.enter("ada").await.unwrap()).await;
    assert!(!without.may(Permission::UsersRead) && without.may(Permission::OwnSessions));
    for (role, acts, writes) in
        [(Role::Auditor, false, false), (Role::Operator, true, false), (Role::Administrator, true, true)]
    {
        let before = house.enter("ada").await.unwrap();
        let user = house.give(ada.id, role).await.unwrap();
        assert_eq!(user.role, Some(role));
        assert_eq!(house.caller(&before).await.who, Who::Nobody, "sessions end at a change of role");
        let caller = house.caller(&house.enter("ada").await.unwrap()).await;
        assert!(caller.may(Permission::UsersRead), "{role:?}");
        assert_eq!(caller.may(Permission::DeliveriesAct), acts, "{role:?}");
        assert_eq!(caller.may(Permission::AttemptsBodies), acts, "{role:?}");
        for permission in [Permission::UsersWrite, Permission::RolesWrite, Permission::TokensWrite] {
            assert_eq!(caller.may(permission), writes, "{role:?} {permission:?}");
        }
    }
}

#[tokio::test]
async fn who_holds_which_role_is_listed_and_audited() {
    let house = House::new().await;
    house.administrator("root").await;
    let (ada, bea) = (house.create("ada").await.id, house.create("bea").await.id);
    house.give(bea, Role::Auditor).await.unwrap();
    house.give(ada, Role::Auditor).await.unwrap();
    assert_eq!(house.holders().await["auditor"], ["ada", "bea"]);
    house.lock(bea, true).await.unwrap();
    house.give(ada, Role::Operator).await.unwrap();
    let holders = house.holders().await;
    assert_eq!(
        (&holders["administrator"][..], &holders["operator"][..]),
        (&["root".to_owned()][..], &["ada".to_owned()][..])
    );
    assert_eq!(holders["auditor"], ["bea"], "the locked too");
    house.give(ada, None).await.unwrap();
    assert!(house.holders().await["operator"].is_empty());
    let events = house.audit().await;
    assert_eq!((events[0].action.as_str(), events[0].subject_label.as_str()), ("user.change_role", "ada"));
    assert_eq!(events[0].details, json!({"role": {"before": "operator"}}));
}

#[tokio::test]
async fn a_role_that_is_held_already_changes_nothing() {
    let house = House::new().await;
    let root = house.administrator("root").await;
    let session = house.enter("root").await.unwrap();
    let events = house.audit().await.len();
    let same = house.give(root.id, Role::Administrator).await.unwrap();
    assert_eq!((same.version, house.audit().await.len()), (root.version, events));
    assert_ne!(house.caller(&session).await.who, Who::Nobody);
    assert!(matches!(house.give(UserId(uuid::Uuid::nil()), Role::Auditor).await, Err(Error::NotFound("user"))));
}

#[tokio::test]
async fn the_last_administrator_is_neither_demoted_nor_locked() {
    let house = House::new().await;
    let root = house.administrator("root").await.id;
    for role in [None, Some(Role::Operator), Some(Role::Auditor)] {
        assert!(is_protected(&house.give(root, role).await), "{role:?}");
    }
    assert!(is_protected(&house.lock(root, true).await));
    // Others who cannot sign in do not count.
    let (second, third) = (house.administrator("second").await.id, house.administrator("third").await.id);
    house.lock(second, true).await.unwrap();
    house.directory.revise_user(&may(), third, None, revise(|input| input.active = false, None)).await.unwrap();
    assert!(is_protected(&house.give(root, None).await) && is_protected(&house.lock(root, true).await));
    let invited = NewUser { input: testkit::person("invited"), password: None, origin: Origin::Console };
    let invited = house.directory.create_user(&may(), invited).await.unwrap().user.id;
    house.give(invited, Role::Administrator).await.unwrap();
    assert!(is_protected(&house.give(root, None).await), "who has no password yet cannot sign in");
    let left = house.directory.delete_user(&may(), root, None).await;
    assert!(matches!(left, Err(Error::Protected(_))), "{left:?}");
    house.give(invited, None).await.unwrap();
    house.lock(second, false).await.unwrap();
    house.give(root, None).await.unwrap();
    assert!(is_protected(&house.give(second, Role::Auditor).await));
}

#[tokio::test]
async fn two_administrators_who_demote_each_other_leave_one() {
    let house = House::new().await;
    let (one, other) = (house.administrator("one").await.id, house.administrator("other").await.id);
    let (first, second) = tokio::join!(house.give(one, None), house.give(other, None));
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    assert_eq!(house.holders().await["administrator"].len(), 1);
}

#[tokio::test]
async fn roles_are_out_of_reach_for_operators_and_scim_tokens() {
    let house = House::new().await;
    house.administrator("root").await;
    let ada = house.create("ada").await.id;
    for role in [Role::Operator, Role::Auditor] {
        house.give(ada, role).await.unwrap();
        let caller = house.caller(&house.enter("ada").await.unwrap()).await;
        assert_eq!(caller.authorise::<RolesWrite>().unwrap_err(), Denied::Forbidden(Permission::RolesWrite));
        assert_eq!(caller.authorise::<UsersWrite>().unwrap_err(), Denied::Forbidden(Permission::UsersWrite));
    }
    let token = token_of::<UsersWrite>(&[Scope::Scim]);
    assert_eq!(token.caller().authorise::<RolesWrite>().unwrap_err(), Denied::Forbidden(Permission::RolesWrite));
    let locked = house.directory.lock_user(&token, ada, true).await;
    assert!(matches!(locked, Err(Error::Protected(_))), "nor is a holder locked with one");
    let bea = house.create("bea").await.id;
    assert!(house.directory.lock_user(&token, bea, true).await.unwrap().locked);
}

#[tokio::test]
async fn whoever_is_locked_is_out_until_unlocked_and_nothing_is_sent() {
    let house = House::new().await;
    let connector = house.connector(&[("mode", "none"), ("endpoint", "https://acme.example/Users")]).await;
    house.provision(&connector).await;
    let ada = house.create("ada").await;
    let sent = house.deliveries_of(ada.id).await;
    assert_eq!(sent.len(), 1);
    let session = house.enter("ada").await.unwrap();
    house.engine.was_woken();
    let locked = house.lock(ada.id, true).await.unwrap();
    assert!(locked.locked && locked.active);
    assert_eq!(house.caller(&session).await.who, Who::Nobody);
    assert_eq!(house.enter("ada").await, None);
    assert_eq!(house.lock(ada.id, true).await.unwrap().version, locked.version, "once is enough");
    assert!(!house.lock(ada.id, false).await.unwrap().locked);
    assert!(house.enter("ada").await.is_some());
    assert_eq!(house.deliveries_of(ada.id).await, sent, "a lock stays here");
    assert!(!house.engine.was_woken());
    let events = house.audit().await;
    let told: Vec<_> = events.iter().filter(|event| event.action.ends_with("lock")).collect();
    assert_eq!(told.iter().map(|event| event.action.as_str()).collect::<Vec<_>>(), ["user.unlock", "user.lock"]);
    assert_eq!(told[0].details, json!({"locked": {"before": true}}));
    assert_eq!(told[1].details, json!({"locked": {"after": true}}));
}
