//! Attributes that an administrator defined, on their way to accounts and away from them.

use directory::schemas::SchemaChange;
use domain::{
    UserId,
    extension::{Definition, Extension, NewExtension},
    provisioner::Rules,
    user::Origin,
};
use scim::schema::Schema;
use serde_json::{Value, json};

use crate::support::{House, may};

const STAFF: &str = "urn:example:Staff";

impl House {
    async fn staff(&self) -> Extension {
        let new = NewExtension { urn: STAFF.to_owned(), name: "Staff".to_owned(), description: String::new() };
        let badge = Definition { name: "badge".to_owned(), ..Definition::default() };
        self.directory.create_schema(&may(), new, vec![badge]).await.unwrap()
    }

    async fn badge(&self, user: UserId, badge: &'static str) {
        self.edit(user, move |input| {
            input.profile.extensions.insert(STAFF.to_owned(), json!({ "badge": badge }));
        })
        .await;
    }

    fn badge_there(&self, user_name: &str) -> Value {
        self.acme.account(user_name).unwrap().document[STAFF]["badge"].clone()
    }
}

#[tokio::test]
async fn a_value_reaches_the_account_and_leaves_it_with_its_attribute() {
    let (house, _) = House::with(Rules::default()).await;
    let staff = house.staff().await;
    house.acme.extend(Schema::from(&staff));
    let ada = house.create("ada", Origin::Api).await;
    house.idle().await;
    house.badge(ada.id, "B-1").await;
    house.idle().await;
    assert_eq!(house.badge_there("ada"), "B-1");
    assert!(house.is_done(ada.id).await);

    house.directory.change_schema(&may(), staff.id, SchemaChange::Remove(staff.attributes[0].id), None).await.unwrap();
    house.idle().await;
    assert_eq!(house.badge_there("ada"), Value::Null);
    assert!(house.is_done(ada.id).await);
    assert!(!house.directory.has_values_to_remove().await.unwrap());
}

#[tokio::test]
async fn a_system_that_does_not_know_the_schema_gets_the_rest_and_the_value_once_it_does() {
    let (house, _) = House::with(Rules::default()).await;
    let staff = house.staff().await;
    let ada = house.create("ada", Origin::Api).await;
    house.badge(ada.id, "B-1").await;
    house.title(ada.id, "Countess").await;
    house.idle().await;
    assert!(house.is_done(ada.id).await, "it keeps nobody from their account");
    assert_eq!(house.acme.account("ada").unwrap().document["title"], "Countess");
    assert_eq!(house.badge_there("ada"), Value::Null);

    house.acme.extend(Schema::from(&staff));
    house.clock.advance(std::time::Duration::from_hours(25));
    house.title(ada.id, "Analyst").await;
    house.idle().await;
    assert_eq!(house.badge_there("ada"), "B-1");
}

#[tokio::test]
async fn a_removal_begins_nobody_and_goes_on_after_a_restart() {
    let house = House::empty().await;
    let staff = house.staff().await;
    let ada = house.create("ada", Origin::Api).await;
    house.badge(ada.id, "B-1").await;
    // Whoever was there before a provisioner is not begun by it.
    house.target(&house.acme, "Acme Cloud", Rules::default(), &[]).await;
    assert!(house.directory.delete_schema(&may(), staff.id, None).await.unwrap());
    let house = house.restart().await;
    house.idle().await;
    assert!(!house.directory.has_values_to_remove().await.unwrap());
    let user = house.directory.user(&may(), ada.id).await.unwrap();
    assert!(user.profile.extensions.is_empty());
    assert!(house.deliveries(ada.id).await.is_empty());
    assert!(house.names().is_empty());
}

#[tokio::test]
async fn a_value_for_nobody_there_makes_no_call() {
    let (house, _) = House::with(Rules::default()).await;
    house.staff().await;
    let ada = house.create("ada", Origin::Api).await;
    house.idle().await;
    house.badge(ada.id, "B-1").await;
    house.idle().await;
    let before = house.changes().len();
    house.badge(ada.id, "B-2").await;
    house.idle().await;
    assert_eq!(house.changes().len(), before);
    assert!(house.is_done(ada.id).await);
}
