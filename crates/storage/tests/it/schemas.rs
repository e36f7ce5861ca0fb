//! Extension schemas, and who has a value of which attribute.

use domain::{
    AttributeId, SchemaId, Timestamp, UserId,
    extension::{Attribute, Definition, Entry, Extension, Kind},
};
use storage::{
    Constraint, Error, attribute_values,
    removed_attributes::{self, RemovedAttribute},
    schemas, users,
};

use crate::support::Store;

impl Store {
    pub(crate) fn schema(&self, urn: &str) -> Extension {
        let badge = Definition { name: "badge".to_owned(), unique: true, ..Definition::default() };
        let floor = Definition { name: "floor".to_owned(), kind: Kind::Integer, ..Definition::default() };
        let attributes = [badge, floor].map(|definition| Attribute { id: self.id(), definition });
        Extension {
            id: self.id(),
            urn: urn.to_owned(),
            name: "Staff".to_owned(),
            description: "People who work here.".to_owned(),
            attributes: attributes.into(),
            version: 1,
            created_at: self.now(),
            updated_at: self.now(),
        }
    }
}

fn entry(attribute: AttributeId, unique: Option<&str>) -> Entry {
    Entry { attribute, unique: unique.map(str::to_owned) }
}

#[tokio::test]
async fn a_schema_is_kept_changed_and_deleted() {
    let mut store = Store::new().await;
    let staff = store.schema("urn:example:Staff");
    let other = store.schema("urn:example:Guest");
    schemas::insert(&mut store.conn, &staff).await.unwrap();
    schemas::insert(&mut store.conn, &other).await.unwrap();
    assert_eq!(schemas::get(&mut store.conn, staff.id).await.unwrap().as_ref(), Some(&staff));
    assert_eq!(schemas::all(&mut store.conn).await.unwrap(), [staff.clone(), other.clone()]);

    let changed = Extension {
        name: "Employees".to_owned(),
        description: String::new(),
        attributes: staff.attributes[1..].to_vec(),
        version: 2,
        updated_at: store.in_an_hour(),
        ..staff.clone()
    };
    schemas::update(&mut store.conn, &changed).await.unwrap();
    assert_eq!(schemas::get(&mut store.conn, staff.id).await.unwrap(), Some(changed));
    schemas::delete(&mut store.conn, staff.id).await.unwrap();
    assert_eq!(schemas::all(&mut store.conn).await.unwrap(), [other]);
    assert!(matches!(schemas::delete(&mut store.conn, staff.id).await, Err(Error::RowCount { .. })));
    assert!(matches!(schemas::update(&mut store.conn, &staff).await, Err(Error::RowCount { .. })));
}

#[tokio::test]
async fn a_urn_is_there_once_whatever_its_case() {
    let mut store = Store::new().await;
    let staff = store.schema("urn:example:Staff");
    schemas::insert(&mut store.conn, &staff).await.unwrap();
    let again = store.schema("URN:EXAMPLE:staff");
    let taken = schemas::insert(&mut store.conn, &again).await;
    assert!(matches!(taken, Err(Error::Conflict(Constraint::SchemaUrn))), "{taken:?}");
}

#[tokio::test]
async fn a_bad_schema_is_named() {
    let mut store = Store::new().await;
    let staff = store.schema("urn:example:Staff");
    schemas::insert(&mut store.conn, &staff).await.unwrap();
    store.spoil("UPDATE schemas SET attributes = '{'").await;
    let bad = schemas::all(&mut store.conn).await.unwrap_err().to_string();
    assert!(bad.contains("schemas") && bad.contains(&staff.id.to_string()), "{bad}");
}

async fn count(store: &mut Store, attribute: AttributeId) -> i64 {
    attribute_values::count(&mut store.conn, attribute, 10).await.unwrap()
}

#[tokio::test]
async fn it_is_known_who_has_a_value() {
    let mut store = Store::new().await;
    let (badge, floor) = (store.id::<AttributeId>(), store.id::<AttributeId>());
    let (ada, bea) = (store.add_user("ada").await.id, store.add_user("bea").await.id);
    let keep = async |store: &mut Store, user: UserId, entries: &[Entry]| {
        attribute_values::keep(&mut store.conn, user, entries).await.unwrap()
    };
    assert_eq!(keep(&mut store, ada, &[entry(badge, Some("b-1")), entry(floor, None)]).await, None);
    assert_eq!(keep(&mut store, bea, &[entry(floor, None)]).await, None);
    assert_eq!((count(&mut store, badge).await, count(&mut store, floor).await), (1, 2));
    assert_eq!(attribute_values::count(&mut store.conn, floor, 1).await.unwrap(), 1, "no further than asked");
    let counts = attribute_values::counts(&mut store.conn, &[floor, badge], 10).await.unwrap();
    assert_eq!(counts, [(floor, 2), (badge, 1)]);
    assert_eq!(attribute_values::counts(&mut store.conn, &[], 10).await.unwrap(), []);
    assert_eq!(attribute_values::users(&mut store.conn, floor, 10).await.unwrap(), [ada, bea]);
    assert_eq!(attribute_values::users(&mut store.conn, floor, 1).await.unwrap(), [ada]);

    assert_eq!(keep(&mut store, ada, &[entry(badge, Some("b-2"))]).await, None, "changed, and one gone");
    assert_eq!(attribute_values::holder(&mut store.conn, badge, "b-2").await.unwrap(), Some(ada));
    assert_eq!(attribute_values::holder(&mut store.conn, badge, "b-1").await.unwrap(), None);
    assert_eq!(count(&mut store, floor).await, 1);
    attribute_values::delete(&mut store.conn, floor, bea).await.unwrap();
    assert_eq!(count(&mut store, floor).await, 0);
    users::delete(&mut store.conn, ada).await.unwrap();
    assert_eq!(count(&mut store, badge).await, 0, "gone with the user");
}

#[tokio::test]
async fn a_unique_value_is_one_users() {
    let mut store = Store::new().await;
    let (badge, other) = (store.id::<AttributeId>(), store.id::<AttributeId>());
    let (ada, bea) = (store.add_user("ada").await.id, store.add_staged("bea").await.id);
    let conn = &mut store.conn;
    assert_eq!(attribute_values::keep(conn, ada, &[entry(badge, Some("1"))]).await.unwrap(), None);
    assert_eq!(attribute_values::keep(conn, ada, &[entry(badge, Some("1"))]).await.unwrap(), None, "it is theirs");
    let both = [entry(other, Some("1")), entry(badge, Some("1"))];
    assert_eq!(attribute_values::keep(conn, bea, &both).await.unwrap(), Some(badge));
    assert_eq!(attribute_values::count(conn, other, 10).await.unwrap(), 0, "nothing was written");
    assert_eq!(attribute_values::keep(conn, bea, &[entry(other, Some("1"))]).await.unwrap(), None);
    assert_eq!(attribute_values::holder(conn, other, "1").await.unwrap(), Some(bea), "staged as they are");
    assert_eq!(attribute_values::users(conn, other, 10).await.unwrap(), [], "they lose it once they are real");
    users::activate(conn, bea, Timestamp::from_micros(0)).await.unwrap();
    assert_eq!(attribute_values::users(conn, other, 10).await.unwrap(), [bea]);
}

#[tokio::test]
async fn a_removal_goes_on_until_it_is_done() {
    let mut store = Store::new().await;
    let removed = |store: &Store| RemovedAttribute {
        id: store.id(),
        urn: "urn:example:Staff".to_owned(),
        name: "badge".to_owned(),
        users: 0,
        created_at: store.now(),
    };
    let (first, second) = (removed(&store), removed(&store));
    let conn = &mut store.conn;
    for one in [&first, &second] {
        removed_attributes::insert(conn, one).await.unwrap();
    }
    let first = RemovedAttribute { users: 100, ..first };
    removed_attributes::update(conn, &first).await.unwrap();
    assert_eq!(removed_attributes::all(conn).await.unwrap(), [first.clone(), second.clone()]);
    removed_attributes::delete(conn, first.id).await.unwrap();
    assert_eq!(removed_attributes::all(conn).await.unwrap(), [second]);
    assert!(matches!(removed_attributes::update(conn, &first).await, Err(Error::RowCount { .. })));
    assert!(matches!(removed_attributes::delete(conn, first.id).await, Err(Error::RowCount { .. })));
    assert_eq!(schemas::get(conn, SchemaId(uuid::Uuid::nil())).await.unwrap(), None);
}
