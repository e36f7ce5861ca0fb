//! Who comes in has an account; who is deleted has none.

use std::sync::Arc;

use auth::Caller;
use directory::users::Revision;
use domain::{
    delivery::State,
    provisioner::Rules,
    user::{Origin, UserInput},
};

use crate::support::House;

#[tokio::test]
async fn a_user_appears_follows_an_edit_and_is_gone_when_deleted() {
    let house = House::new().await;
    house.provisioned_by(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.unwrap().user;
    house.engine.run_until_idle().await;
    let account = house.acme.account("ada").expect("an account");
    assert_eq!(account.external_id.as_deref(), Some(ada.id.to_string().as_str()));
    assert_eq!(house.deliveries(ada.id).await[0].state, State::Done);

    let revise = Arc::new(|user: &domain::user::User| {
        let mut input = UserInput::of(user);
        input.profile.title = Some("Countess".to_owned());
        Ok(Revision { input, password: None })
    });
    let may = Caller::system();
    house.directory.revise_user(&may.authorise().unwrap(), ada.id, None, revise).await.unwrap();
    house.engine.run_until_idle().await;
    assert_eq!(house.acme.account("ada").unwrap().document["title"], "Countess");

    house.directory.delete_user(&may.authorise().unwrap(), ada.id, None).await.unwrap();
    house.engine.run_until_idle().await;
    assert!(house.acme.account("ada").is_none());
    assert_eq!(house.deliveries(ada.id).await[0].state, State::Done);
}
