//! What to do first, and orders to retry that cannot be carried out.

use directory::{Error, figures::FirstSteps, provisioners::NewProvisioner};
use domain::{DeliveryId, delivery::ReasonKind, limits, provisioner::Rules};
use uuid::Uuid;

use crate::support::{House, may, typed};

#[tokio::test]
async fn the_first_steps_are_ticked_one_by_one() {
    let house = House::new().await;
    let steps = async || house.directory.first_steps(&may()).await.unwrap();
    assert_eq!(steps().await, Some(FirstSteps::default()));
    house.administrator("root").await;
    assert_eq!(steps().await, Some(FirstSteps::default()), "whoever runs it is nobody to provision");

    let connection = house.connection().await;
    let connected = FirstSteps { connection: Some(connection.id), ..FirstSteps::default() };
    assert_eq!(steps().await, Some(connected), "a connection without a connector receives nothing");
    let pairs = typed(&[("mode", "none"), ("endpoint", "https://acme.example/Users")]);
    let off = house.directory.create_connector(&may(), connection.id, "scim2", &pairs, false).await.unwrap();
    let connected = FirstSteps { connected: true, ..connected };
    assert_eq!(steps().await, Some(connected));
    let on = directory::connectors::ConnectorChange { enabled: Some(true), ..Default::default() };
    house.directory.change_connector(&may(), off.id, on).await.unwrap();
    let connected = FirstSteps { switched_on: true, ..connected };
    assert_eq!(steps().await, Some(connected));
    let new = NewProvisioner { connection_id: connection.id, connector_id: off.id, rules: Rules::default() };
    house.directory.create_provisioner(&may(), new).await.unwrap();
    assert_eq!(steps().await, Some(FirstSteps { provisioned: true, ..connected }));
    house.create("ada").await;
    assert_eq!(steps().await, None);
    let shown = house.directory.overview(&may()).await.unwrap();
    assert_eq!((shown.people, shown.waiting, shown.systems.len()), (2, 1, 1));
    assert_eq!(shown.systems[0].connection, "Acme");
}

#[tokio::test]
async fn an_order_to_retry_is_bounded_and_says_so() {
    let house = House::new().await;
    let nobody = DeliveryId(Uuid::nil());
    let none = house.directory.retry_many(&may(), Vec::new()).await;
    assert!(matches!(none, Err(Error::Invalid(_))), "{none:?}");
    let many = house.directory.retry_many(&may(), vec![nobody; limits::SELECTED + 1]).await;
    assert!(matches!(&many, Err(Error::Invalid(errors)) if errors.sentence().contains("100")), "{many:?}");
    let skipped = house.directory.retry_many(&may(), vec![nobody; limits::SELECTED]).await.unwrap();
    assert_eq!((skipped.due, skipped.skipped), (0, limits::SELECTED));
    let connector = domain::ConnectorId(Uuid::nil());
    let gone = house.directory.retry_kind(&may(), connector, ReasonKind::Refused, None).await;
    assert!(matches!(gone, Err(Error::Conflict(_))), "{gone:?}");
}
