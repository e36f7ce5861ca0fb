//! What every connector does, whatever the target. A new kind adds a [`World`] and one `suite!` line.

use connectors::{Connector, Failure, MatchedBy};
use domain::{attempt::Operation, user::Account};

use crate::bench::{Bench, OUR_ID, account};

/// A target, seen from its own side.
pub(crate) trait World {
    type Connector: Connector;

    fn bench(&self) -> &Bench<Self::Connector>;

    /// By user name.
    fn account(&self, user_name: &str) -> Option<Shown>;

    /// Somebody else makes an account there, with something on it that we do not send.
    fn seed(&self, user_name: &str, external_id: Option<&str>) -> String;

    /// Whether what [`Self::seed`] put on the account is still on it.
    fn keeps_what_is_theirs(&self, remote_id: &str) -> bool;
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) id: String,
    pub(crate) external_id: Option<String>,
    pub(crate) active: bool,
    pub(crate) display_name: Option<String>,
}

/// Names that break a careless filter, path or body.
const HOSTILE_NAMES: [&str; 9] = [
    r#"o"brien"#,
    r"back\slash",
    r#"both\"ways\\"#,
    "100%25 sure",
    "a+b&c=d#e?f/g",
    "Zoë Ünïcödé 王小明 👩‍🚀",
    r#"x" or userName pr or "y"#,
    "tab-free but  double  spaced",
    "'; DROP TABLE users; --",
];

/// One test for each function below, on a world of its own: `suite!(start)`, or `suite!(#[ignore] start)`.
macro_rules! suite {
    (@each $how:tt $start:path: $($name:ident),+ $(,)?) => {
        $($crate::conformance::suite!(@one $how $start: $name);)+
    };
    (@one [$(#[$how:meta])*] $start:path: $name:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
        $(#[$how])*
        async fn $name() {
            $crate::conformance::$name(&$start().await).await;
        }
    };
    ($(#[$how:meta])* $start:path) => {
        $crate::conformance::suite!(
            @each [$(#[$how])*] $start:
            a_look_up_for_nobody_finds_nothing,
            an_account_is_made_and_found_by_our_id,
            what_was_made_twice_is_a_conflict,
            an_account_of_theirs_is_found_by_name_in_any_case,
            our_id_counts_more_than_the_name,
            an_update_sends_what_changed_and_keeps_what_is_theirs,
            an_adopted_account_becomes_as_wanted_and_keeps_what_is_theirs,
            nothing_is_called_when_nothing_changed,
            an_account_is_disabled_and_enabled,
            an_account_is_renamed,
            a_removed_account_is_gone_and_then_missing,
            an_update_of_what_is_gone_is_missing,
            hostile_names_are_names_like_any_other,
        );
    };
}
pub(crate) use suite;

pub(crate) async fn a_look_up_for_nobody_finds_nothing(world: &impl World) {
    world.seed("somebody", None);
    assert_eq!(world.bench().find(OUR_ID, Some("nobody")).await, Ok(None));
    assert_eq!(world.bench().find(OUR_ID, None).await, Ok(None));
}

pub(crate) async fn an_account_is_made_and_found_by_our_id(world: &impl World) {
    let made = world.bench().create(&account("ada")).await.unwrap();
    assert_eq!(made.operation, Operation::Create);
    let shown = world.account("ada").unwrap();
    assert_eq!(
        shown,
        Shown {
            id: made.remote_id.clone(),
            external_id: Some(OUR_ID.to_owned()),
            active: true,
            display_name: Some("Ada Example".to_owned()),
        }
    );
    let found = world.bench().find(OUR_ID, Some("someone-else")).await.unwrap().unwrap();
    assert_eq!((found.by, found.remote.id), (MatchedBy::ExternalId, made.remote_id));
}

pub(crate) async fn what_was_made_twice_is_a_conflict(world: &impl World) {
    world.bench().create(&account("ada")).await.unwrap();
    let again = world.bench().create(&account("ada")).await.unwrap_err();
    assert!(matches!(again, Failure::Conflict { .. }), "{again:?}");
}

pub(crate) async fn an_account_of_theirs_is_found_by_name_in_any_case(world: &impl World) {
    let id = world.seed("Ada@Example.org", None);
    let found = world.bench().find(OUR_ID, Some("ada@example.ORG")).await.unwrap().unwrap();
    assert_eq!((found.by, found.remote.id.as_str()), (MatchedBy::UserName, id.as_str()));
    assert_eq!(found.remote.user_name.as_deref(), Some("Ada@Example.org"));
}

pub(crate) async fn our_id_counts_more_than_the_name(world: &impl World) {
    let ours = world.seed("ada.before", Some(OUR_ID));
    world.seed("ada", None);
    let found = world.bench().find(OUR_ID, Some("ada")).await.unwrap().unwrap();
    assert_eq!((found.by, found.remote.id), (MatchedBy::ExternalId, ours));
}

pub(crate) async fn an_update_sends_what_changed_and_keeps_what_is_theirs(world: &impl World) {
    let id = world.seed("ada", Some(OUR_ID));
    let mut want = account("ada");
    world.bench().update(&want, &id, None).await.unwrap();
    let sent = world.bench().render(&want);
    want.profile.display_name = Some("Countess Ada".to_owned());
    let applied = world.bench().update(&want, &id, Some(&sent)).await.unwrap();
    assert_eq!((applied.operation, applied.remote_id.as_str()), (Operation::Update, id.as_str()));
    assert_eq!(world.account("ada").unwrap().display_name.as_deref(), Some("Countess Ada"));
    assert!(world.keeps_what_is_theirs(&id));
}

pub(crate) async fn an_adopted_account_becomes_as_wanted_and_keeps_what_is_theirs(world: &impl World) {
    let id = world.seed("ada", None);
    world.bench().update(&account("ada"), &id, None).await.unwrap();
    let shown = world.account("ada").unwrap();
    assert_eq!((shown.external_id.as_deref(), shown.display_name.as_deref()), (Some(OUR_ID), Some("Ada Example")));
    assert!(world.keeps_what_is_theirs(&id));
}

pub(crate) async fn nothing_is_called_when_nothing_changed(world: &impl World) {
    let want = account("ada");
    let id = world.bench().create(&want).await.unwrap().remote_id;
    let calls = world.bench().exchanges().len();
    let sent = world.bench().render(&want);
    let applied = world.bench().update(&want, &id, Some(&sent)).await.unwrap();
    assert_eq!(applied.operation, Operation::Nothing);
    assert_eq!(world.bench().exchanges().len(), calls);
}

pub(crate) async fn an_account_is_disabled_and_enabled(world: &impl World) {
    let mut want = account("ada");
    let id = world.bench().create(&want).await.unwrap().remote_id;
    let enabled = world.bench().render(&want);
    want.active = false;
    let disabled = world.bench().update(&want, &id, Some(&enabled)).await.unwrap();
    assert_eq!(disabled.operation, Operation::Disable);
    assert!(!world.account("ada").unwrap().active);
    let sent = world.bench().render(&want);
    want.active = true;
    assert_eq!(world.bench().update(&want, &id, Some(&sent)).await.unwrap().operation, Operation::Update);
    assert!(world.account("ada").unwrap().active);
}

pub(crate) async fn an_account_is_renamed(world: &impl World) {
    let before = account("ada");
    let id = world.bench().create(&before).await.unwrap().remote_id;
    let sent = world.bench().render(&before);
    let want = Account { user_name: "ada.lovelace".to_owned(), ..before };
    world.bench().update(&want, &id, Some(&sent)).await.unwrap();
    assert_eq!(world.account("ada"), None);
    assert_eq!(world.account("ada.lovelace").unwrap().id, id);
}

pub(crate) async fn a_removed_account_is_gone_and_then_missing(world: &impl World) {
    let id = world.bench().create(&account("ada")).await.unwrap().remote_id;
    world.bench().remove(&id).await.unwrap();
    assert_eq!(world.account("ada"), None);
    assert_eq!(world.bench().find(OUR_ID, Some("ada")).await, Ok(None));
    let again = world.bench().remove(&id).await.unwrap_err();
    assert!(matches!(again, Failure::Missing { .. }), "{again:?}");
}

pub(crate) async fn an_update_of_what_is_gone_is_missing(world: &impl World) {
    let mut want = account("ada");
    let id = world.bench().create(&want).await.unwrap().remote_id;
    let sent = world.bench().render(&want);
    world.bench().remove(&id).await.unwrap();
    want.profile.title = Some("Countess".to_owned());
    let failure = world.bench().update(&want, &id, Some(&sent)).await.unwrap_err();
    assert!(matches!(failure, Failure::Missing { .. }), "{failure:?}");
}

pub(crate) async fn hostile_names_are_names_like_any_other(world: &impl World) {
    world.seed("bystander", None);
    for (number, name) in HOSTILE_NAMES.into_iter().enumerate() {
        let mut want = account("ada");
        want.external_id = format!("hostile {number} \"\\");
        want.user_name = name.to_owned();
        assert_eq!(world.bench().find(&want.external_id, Some(name)).await, Ok(None), "{name}");
        let id = world.bench().create(&want).await.unwrap().remote_id;
        assert_eq!(world.account(name).unwrap().id, id, "{name}");
        let by_name = world.bench().find(OUR_ID, Some(name)).await.unwrap().unwrap();
        let by_id = world.bench().find(&want.external_id, None).await.unwrap().unwrap();
        assert_eq!((by_name.remote.id, by_id.remote.id), (id.clone(), id.clone()), "{name}");
        world.bench().remove(&id).await.unwrap();
        assert_eq!(world.account(name), None, "{name}");
    }
    assert!(world.account("bystander").is_some());
}
