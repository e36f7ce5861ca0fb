//! Attributes that an administrator defines, from the definition to the last value.

use std::time::Duration;

use directory::{
    Error,
    engine::Settled,
    provisioners::NewProvisioner,
    schemas::{BATCH, SchemaChange, Used},
    users::{NewUser, ReviseError},
};
use domain::{
    UserId,
    extension::{Definition, Extension, Kind, Mutability, NewExtension, label},
    permission::Scope,
    provisioner::{OnFailure, Rules},
    user::{Origin, User},
    validation::FieldErrors,
};
use serde_json::{Map, Value, json};

use crate::support::{House, may, revise, token_of};

const URN: &str = "urn:example:Staff";

fn of(name: &str, kind: Kind) -> Definition {
    Definition { name: name.to_owned(), kind, ..Definition::default() }
}

fn values(values: Value) -> Map<String, Value> {
    Map::from_iter([(URN.to_owned(), values)])
}

impl House {
    async fn staff(&self, definitions: Vec<Definition>) -> Extension {
        let new = NewExtension { urn: URN.to_owned(), name: "Staff".to_owned(), description: String::new() };
        self.directory.create_schema(&may(), new, definitions).await.unwrap()
    }

    async fn with_values(&self, user_name: &str, of: Value) -> directory::Result<User> {
        let mut input = testkit::person(user_name);
        input.profile.extensions = values(of);
        let new = NewUser { input, password: None, origin: Origin::Api };
        self.directory.create_user(&may(), new).await.map(|outcome| outcome.user)
    }

    async fn set(&self, user: UserId, to: Value) -> Result<User, ReviseError> {
        let edit = revise(move |input| input.profile.extensions = values(to.clone()), None);
        self.directory.revise_user(&may(), user, None, edit).await.map(|outcome| outcome.user)
    }

    async fn change(&self, schema: &Extension, change: SchemaChange) -> directory::Result<Extension> {
        self.directory.change_schema(&may(), schema.id, change, None).await
    }

    /// As the engine does; answers how many batches there were.
    async fn remove_values(&self) -> usize {
        let mut batches = 0;
        while self.directory.has_values_to_remove().await.unwrap() {
            let directory = self.directory.clone();
            let removal = self.directory.db().write::<_, Error, _>(move |conn| {
                let directory = directory.clone();
                Box::pin(async move { directory.remove_values(conn).await })
            });
            removal.await.unwrap();
            batches += 1;
        }
        batches
    }

    async fn read(&self, id: UserId) -> User {
        self.directory.user(&may(), id).await.unwrap()
    }
}

fn invalid<T: std::fmt::Debug>(answer: directory::Result<T>) -> FieldErrors {
    match answer {
        Err(Error::Invalid(errors)) => errors,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_defined_is_in_the_next_snapshot_and_in_the_audit_trail() {
    let house = House::new().await;
    let before = house.directory.schemas_now().await.unwrap();
    assert!(before.extensions.is_empty() && before.users.extension(URN).is_none());
    let staff = house.staff(vec![of("badge", Kind::String)]).await;
    let now = house.directory.schemas_now().await.unwrap();
    assert_eq!(now.users.extension(URN).unwrap().attributes[0].name, "badge");
    assert_eq!(house.directory.user_schemas(&may()).await.unwrap(), std::slice::from_ref(&staff));

    let described = SchemaChange::Describe { name: "Employees".to_owned(), description: "Ours.".to_owned() };
    let changed = house.change(&staff, described.clone()).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.version), ("Employees", 2));
    assert_eq!(changed.attributes, staff.attributes, "attributes keep their ids");
    assert_eq!(house.change(&staff, described.clone()).await.unwrap().version, 2, "nothing changed");
    let late = house.directory.change_schema(&may(), staff.id, described, Some(1)).await;
    assert!(matches!(late, Err(Error::Stale)));

    assert!(!house.directory.delete_schema(&may(), staff.id, None).await.unwrap(), "nobody had a value");
    assert!(house.directory.schemas_now().await.unwrap().extensions.is_empty());
    assert!(matches!(house.directory.user_schema(&may(), staff.id).await, Err(Error::NotFound("schema"))));
    let events = house.audit().await;
    let told: Vec<(&str, &Value)> = events.iter().map(|event| (event.action.as_str(), &event.details)).collect();
    let described = json!({"name": {"before": "Staff", "after": "Employees"}, "description": {"after": "Ours."}});
    let gone = json!({
        "name": {"before": "Employees"}, "description": {"before": "Ours."},
        "attributes.badge.kind": {"before": "string"},
    });
    let came = json!({"name": {"after": "Staff"}, "attributes.badge.kind": {"after": "string"}});
    assert_eq!(told, [("schema.delete", &gone), ("schema.update", &described), ("schema.create", &came)]);
}

#[tokio::test]
async fn attributes_are_added_altered_and_known_by_name() {
    let house = House::new().await;
    let staff = house.staff(vec![of("badge", Kind::String)]).await;
    let added = house.change(&staff, SchemaChange::Add(of("floor", Kind::Integer))).await.unwrap();
    assert_eq!(added.attributes.len(), 2);
    let errors = invalid(house.change(&staff, SchemaChange::Add(of("BADGE", Kind::String))).await);
    assert!(errors.get("name").is_some(), "{errors:?}");
    let badge = staff.attributes[0].id;
    let relabelled = Definition { label: "Badge number".to_owned(), ..of("other", Kind::String) };
    let altered = house.change(&staff, SchemaChange::Alter(badge, relabelled)).await.unwrap();
    assert_eq!(altered.attributes[0].definition.label, "Badge number");
    assert_eq!(altered.attributes[0].definition.name, "badge", "a name stays");
    let told = house.audit().await.remove(0).details;
    assert_eq!(told, json!({"attributes.badge.label": {"after": "Badge number"}}));
    let whole = SchemaChange::Whole {
        name: "Staff".to_owned(),
        description: String::new(),
        definitions: vec![of("Badge", Kind::String), of("desk", Kind::String)],
    };
    let whole = house.change(&staff, whole).await.unwrap();
    assert_eq!(whole.attributes[0].id, badge);
    assert_eq!(whole.attributes[0].definition.name, "badge");
    assert_eq!(whole.named("floor"), None);
    let nobody = house.change(&staff, SchemaChange::Remove(added.attributes[1].id)).await;
    assert!(matches!(nobody, Err(Error::NotFound("attribute"))));
}

#[tokio::test]
async fn a_urn_is_somebodys_once_and_schemas_are_bounded() {
    let house = House::new().await;
    house.staff(Vec::new()).await;
    let another = |urn: &str| NewExtension { urn: urn.to_owned(), name: "X".to_owned(), description: String::new() };
    let again = house.directory.create_schema(&may(), another(" URN:example:STAFF "), Vec::new()).await;
    assert!(matches!(&again, Err(Error::Taken(errors)) if errors.get("urn").is_some()), "{again:?}");
    let standard = another("urn:ietf:params:scim:schemas:core:2.0:Group");
    assert!(invalid(house.directory.create_schema(&may(), standard, Vec::new()).await).get("urn").is_some());
    for number in 1..domain::limits::SCHEMAS {
        let new = another(&format!("urn:example:S{number}"));
        house.directory.create_schema(&may(), new, Vec::new()).await.unwrap();
    }
    let one_more = house.directory.create_schema(&may(), another("urn:example:More"), Vec::new()).await;
    assert!(matches!(one_more, Err(Error::Conflict(_))));
}

#[tokio::test]
async fn values_are_kept_by_their_definitions() {
    let house = House::new().await;
    let payroll = Definition { mutability: Mutability::Immutable, ..of("payroll", Kind::String) };
    house.staff(vec![of("floor", Kind::Integer), payroll]).await;
    let ada = house.with_values("ada", json!({"floor": 3, "payroll": "7", "shoe": 41})).await.unwrap();
    assert_eq!(ada.profile.extensions, values(json!({"floor": 3, "payroll": "7"})), "what nobody defined is left out");
    let came = house.audit().await.remove(0).details;
    assert_eq!(
        (came.get(label(URN, "shoe")), &came[label(URN, "floor")]),
        (None, &json!({"after": 3})),
        "as it is kept"
    );
    let errors = invalid(house.with_values("bea", json!({"floor": "third"})).await);
    assert!(errors.get(&label(URN, "floor")).is_some(), "{errors:?}");
    let changed = house.set(ada.id, json!({"floor": 4})).await.unwrap();
    assert_eq!(changed.profile.extensions, values(json!({"floor": 4, "payroll": "7"})));
    let fixed = house.set(ada.id, json!({"payroll": "8"})).await;
    assert!(matches!(fixed, Err(ReviseError::Failed(Error::Immutable(_)))), "{fixed:?}");

    let last = house.audit().await.remove(0);
    assert_eq!(last.action, "user.update");
    let floor = label(URN, "floor");
    assert_eq!(last.details, json!({ floor: {"before": 3, "after": 4} }), "attribute by attribute");
}

#[tokio::test]
async fn what_is_called_like_a_secret_is_changed_too_and_told_without_its_value() {
    for urn in [URN, "urn:example:secret"] {
        let house = House::new().await;
        let new = NewExtension { urn: urn.to_owned(), name: "Staff".to_owned(), description: String::new() };
        let definitions = vec![of("token", Kind::String), of("badge", Kind::String)];
        house.directory.create_schema(&may(), new, definitions).await.unwrap();
        let ada = house.create("ada").await.id;
        let mut version = 1;
        for (of, told) in [
            (
                json!({"token": "first", "badge": "7"}),
                json!({label(urn, "token"): "changed", label(urn, "badge"): {"after": "7"}}),
            ),
            (json!({"token": "second", "badge": "7"}), json!({label(urn, "token"): "changed"})),
            (json!({"token": "second", "badge": "8"}), json!({label(urn, "badge"): {"before": "7", "after": "8"}})),
            (json!({"badge": "8"}), json!({label(urn, "token"): "changed"})),
        ] {
            let extensions = Map::from_iter([(urn.to_owned(), of)]);
            let wanted = extensions.clone();
            let edit = revise(move |input| input.profile.extensions = wanted.clone(), None);
            let changed = house.directory.revise_user(&may(), ada, None, edit).await.unwrap().user;
            version += 1;
            assert_eq!((changed.profile.extensions, changed.version), (extensions, version));
            assert_eq!(house.audit().await.remove(0).details, told);
        }
    }
}

#[tokio::test]
async fn a_unique_value_is_one_persons() {
    let house = House::new().await;
    house.staff(vec![Definition { unique: true, ..of("badge", Kind::String) }]).await;
    let ada = house.with_values("ada", json!({"badge": "B-1"})).await.unwrap();
    let taken = house.with_values("bea", json!({"badge": "b-1"})).await;
    let field = label(URN, "badge");
    assert!(matches!(&taken, Err(Error::Taken(errors)) if errors.get(&field).is_some()), "{taken:?}");
    let bea = house.with_values("bea", json!({"badge": "B-2"})).await.unwrap();
    let taken = house.set(bea.id, json!({"badge": "B-1"})).await;
    assert!(matches!(taken, Err(ReviseError::Failed(Error::Taken(_)))));
    assert_eq!(house.read(bea.id).await, bea, "nothing changed");
    house.directory.delete_user(&may(), ada.id, None).await.unwrap();
    house.set(bea.id, json!({"badge": "B-1"})).await.unwrap();
}

#[tokio::test]
async fn what_values_were_written_by_stays_while_there_are_any() {
    let house = House::new().await;
    let staff = house.staff(vec![of("floor", Kind::Integer)]).await;
    let floor = staff.attributes[0].id;
    let text = || SchemaChange::Alter(floor, of("floor", Kind::String));
    house.change(&staff, text()).await.unwrap();
    house.change(&staff, SchemaChange::Alter(floor, of("floor", Kind::Integer))).await.unwrap();
    let ada = house.with_values("ada", json!({"floor": 3})).await.unwrap();
    assert_eq!(house.directory.schema_use(&may(), &staff).await.unwrap()[&floor], Used::By(1));
    assert!(invalid(house.change(&staff, text()).await).get("kind").is_some());
    house.set(ada.id, json!({})).await.unwrap();
    house.change(&staff, text()).await.unwrap();
}

#[tokio::test]
async fn values_of_a_deleted_attribute_are_gone_at_once_and_removed_in_batches() {
    let house = House::new().await;
    let staff = house.staff(vec![of("floor", Kind::Integer), of("desk", Kind::String)]).await;
    let count = usize::try_from(BATCH).unwrap() + 2;
    let mut people = Vec::new();
    for number in 0..count {
        people.push(house.with_values(&format!("u{number}"), json!({"floor": 1, "desk": "a"})).await.unwrap().id);
    }
    let floor = staff.attributes[0].id;
    house.change(&staff, SchemaChange::Remove(floor)).await.unwrap();
    let now = house.directory.schemas_now().await.unwrap();
    let shown = scim::user::write_with(&house.read(people[0]).await, &[], "", &now.users);
    assert_eq!(shown[URN], json!({"desk": "a"}), "before the first batch");
    let again = invalid(house.change(&staff, SchemaChange::Add(of("Floor", Kind::String))).await);
    assert!(again.get("name").is_some(), "old values would come to new life");

    // Whoever is changed meanwhile loses theirs by it.
    house.set(people[5], json!({"floor": 2, "desk": "b"})).await.unwrap();
    assert_eq!(house.read(people[5]).await.profile.extensions, values(json!({"desk": "b"})));
    assert_eq!(house.remove_values().await, 2);
    for id in people {
        let user = house.read(id).await;
        assert_eq!(user.profile.extensions.get(URN).unwrap().get("floor"), None);
        assert_eq!(user.version, 2, "an entity tag of before is an old one");
    }
    let last = house.audit().await.remove(0);
    assert_eq!((last.action.as_str(), &last.details), ("attribute.clear", &json!({"users": count - 1})));
    house.change(&staff, SchemaChange::Add(of("floor", Kind::String))).await.unwrap();
}

impl House {
    /// Somebody about whom a Blocking target was not asked yet.
    async fn staged_with_values(&self, user_name: &str, of: Value) -> UserId {
        self.with_values(user_name, of).await.unwrap_err();
        let mut conn = self.directory.db().read().await.unwrap();
        storage::users::staged(&mut conn).await.unwrap().pop().unwrap()
    }

    /// As the engine does, once it is too late to ask.
    async fn settles(&self, user: UserId) -> Option<Settled> {
        let directory = self.directory.clone();
        let settling = self.directory.db().write::<_, Error, _>(move |conn| {
            let directory = directory.clone();
            Box::pin(async move { directory.settle(conn, user).await })
        });
        settling.await.unwrap()
    }
}

#[tokio::test]
async fn whoever_was_staged_when_an_attribute_went_loses_the_value_once_they_are_real() {
    for on_blocking_failure in [OnFailure::Keep, OnFailure::Refuse] {
        let house = House::new().await;
        let staff = house.staff(vec![of("floor", Kind::Integer), of("desk", Kind::String)]).await;
        let bea = house.with_values("bea", json!({"floor": 2, "desk": "b"})).await.unwrap().id;
        let connector = house.connector(&[("mode", "none"), ("endpoint", "https://acme.example/Users")]).await;
        let (connection_id, connector_id) = (connector.connection_id, connector.id);
        let rules = Rules { blocking: true, on_blocking_failure, ..Rules::default() };
        let late = Duration::from_millis(u64::try_from(rules.time_limit_ms).unwrap());
        let new = NewProvisioner { connection_id, connector_id, rules };
        house.directory.create_provisioner(&may(), new).await.unwrap();
        let ada = house.staged_with_values("ada", json!({"floor": 1})).await;
        for attribute in &staff.attributes {
            house.change(&staff, SchemaChange::Remove(attribute.id)).await.unwrap();
        }
        assert_eq!(house.remove_values().await, 2, "the value of the staged holds up neither, and is not tried again");
        assert_eq!(house.read(bea).await.profile.extensions, Map::new());
        let floor = || SchemaChange::Add(of("floor", Kind::String));
        assert!(invalid(house.change(&staff, floor()).await).get("name").is_some(), "the value is still there");
        house.clock.advance(late);
        let settled = house.settles(ada).await;
        assert_eq!(house.remove_values().await, 1, "{settled:?}");
        if let Some(Settled::Active { .. }) = settled {
            assert_eq!(house.read(ada).await.profile.extensions, Map::new());
        }
        house.change(&staff, floor()).await.unwrap();
    }
}

#[tokio::test]
async fn a_user_who_cannot_be_read_keeps_nobody_from_losing_a_value() {
    let house = House::new().await;
    let staff = house.staff(vec![of("floor", Kind::Integer)]).await;
    let ada = house.with_values("ada", json!({"floor": 1})).await.unwrap().id;
    let bea = house.with_values("bea", json!({"floor": 2})).await.unwrap().id;
    house.spoil("UPDATE users SET origin = 'nowhere' WHERE id = $1", ada.0).await;
    house.directory.delete_schema(&may(), staff.id, None).await.unwrap();
    assert_eq!(house.remove_values().await, 1);
    assert_eq!(house.read(bea).await.profile.extensions, Map::new());
}

#[tokio::test]
async fn a_schema_goes_with_all_its_values() {
    let house = House::new().await;
    let staff = house.staff(vec![of("floor", Kind::Integer), of("desk", Kind::String)]).await;
    let ada = house.with_values("ada", json!({"floor": 1, "desk": "a"})).await.unwrap();
    assert!(house.directory.delete_schema(&may(), staff.id, Some(staff.version)).await.unwrap());
    house.remove_values().await;
    assert_eq!(house.read(ada.id).await.profile.extensions, Map::new());
    house.staff(vec![of("floor", Kind::String)]).await;
}

#[tokio::test]
async fn only_administrators_define() {
    for scope in [Scope::Scim, Scope::ScimRead, Scope::AdminRead] {
        let caller = token_of::<auth::grants::UsersRead>(&[scope]).caller().clone();
        assert!(caller.authorise::<auth::grants::SchemasWrite>().is_err(), "{scope:?}");
    }
}
