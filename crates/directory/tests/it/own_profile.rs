//! Somebody changes their own profile, and their mail address by a link.

use std::time::Duration;

use auth::{Authorised, Caller, Who, grants::OwnAccount};
use directory::{
    Error,
    own_profile::{ADDRESS_LINK, AddressLink},
    second_factors::FRESH,
    sign_in::{Credentials, LONGEST},
    users::NewUser,
};
use domain::{
    AttributeId, Clock as _, UserId,
    connection::ConnectionInput,
    extension::{Definition, NewExtension, label},
    identity::{Attribute, AttributeSync, IdentityProvider},
    mail::Kind,
    own_profile::{Field, OwnProfile, Typed},
    permission::Role,
    registration::SelfRegistration,
    user::{Origin, User},
};
use secrecy::ExposeSecret;
use serde_json::json;
use storage::{
    provider_links::{self, ProviderLink},
    sessions::{self, Session},
};

use crate::support::{House, PASSWORD, may, revise};

const URN: &str = "urn:example:Staff";
const NEW: &str = "countess@example.org";

impl House {
    async fn proof(&self, user_name: &str) -> Authorised<OwnAccount> {
        let address = "192.0.2.1".to_owned();
        let (user_name, agent) = (user_name.to_owned(), "Firefox".to_owned());
        let credentials = Credentials { user_name, password: PASSWORD.into(), address, agent };
        let signed_in = self.directory.sign_in(credentials).await.unwrap();
        let token = signed_in.token.expose_secret();
        self.directory.caller_of_session(token, "192.0.2.1").await.unwrap().authorise().unwrap()
    }

    async fn now(&self, id: UserId) -> User {
        self.directory.user(&may(), id).await.unwrap()
    }

    async fn allow(&self, change: impl FnOnce(&mut OwnProfile)) {
        let mut settings = OwnProfile::default();
        change(&mut settings);
        self.directory.change_setting(&may(), settings, None).await.unwrap();
    }

    /// The mails of this kind that are due: to whom, and the token of the link in each.
    async fn mails(&self, kind: Kind) -> Vec<(String, String)> {
        let mut mails = Vec::new();
        for mail in self.directory.due_mails(50).await.unwrap().0.into_iter().filter(|mail| mail.kind == kind) {
            if let Some(outgoing) = self.directory.write_mail(&mail).await.unwrap() {
                let link = outgoing.letter.text.lines().find(|line| line.starts_with('/')).unwrap().to_owned();
                mails.push((outgoing.recipient, link.rsplit('/').next().unwrap().to_owned()));
            }
        }
        mails
    }

    /// Asks for the new address; the token of the link that goes there.
    async fn ask(&self, who: &Authorised<OwnAccount>) -> String {
        self.directory.ask_for_address(who, NEW, PASSWORD.into()).await.unwrap();
        self.mails(Kind::AddressChange).await.pop().expect("a mail").1
    }

    /// Signs in from now on by a connection that overrides these attributes.
    async fn follow(&self, user: UserId, attributes: &[Attribute], sync: AttributeSync) {
        let settings = IdentityProvider {
            issuer: "https://globex.example".to_owned(),
            client_id: "usher".to_owned(),
            attributes: [Attribute::UserName].iter().chain(attributes).map(|one| (*one, "claim".to_owned())).collect(),
            attribute_sync: sync,
            ..IdentityProvider::default()
        };
        let input = ConnectionInput { name: "Globex".to_owned(), description: String::new() };
        let template = domain::identity::STANDARD_BASED;
        let secret = Some("secret".into());
        let made =
            self.directory.create_identity_provider(&may(), input, template, settings, secret, true).await.unwrap();
        let now = self.clock.now();
        let link = ProviderLink {
            id: self.directory.ids().make(),
            connection_id: made.id,
            subject: user.to_string(),
            user_id: user,
            label: "ada".to_owned(),
            created_at: now,
            seen_at: now,
        };
        let linked = self.directory.db().write::<_, storage::Error, _>(move |conn| {
            let link = link.clone();
            Box::pin(async move { provider_links::insert(conn, &link).await })
        });
        linked.await.unwrap();
    }
}

fn typed(fields: &[(Field, &str)]) -> Typed {
    let fields = fields.iter().map(|(field, text)| (*field, (*text).to_owned())).collect();
    Typed { fields, ..Typed::default() }
}

fn with(attribute: AttributeId, text: &str) -> Typed {
    Typed { attributes: [(attribute, text.to_owned())].into(), ..Typed::default() }
}

#[tokio::test]
async fn a_change_of_ones_own_is_one_like_any_other() {
    let house = House::new().await;
    let connector = house.connector(&[("mode", "none"), ("endpoint", "https://acme.example/Users")]).await;
    house.provision(&connector).await;
    let ada = house.create("ada").await;
    let who = house.proof("ada").await;
    let before = house.deliveries_of(ada.id).await[0].version;
    let change = typed(&[(Field::GivenName, "Augusta"), (Field::PhoneNumber, "+44 1"), (Field::DisplayName, "")]);
    house.directory.change_my_profile(&who, ada.version, change).await.unwrap();
    let now = house.now(ada.id).await;
    assert_eq!(Field::GivenName.value(&now.profile), Some("Augusta"));
    assert_eq!((Field::PhoneNumber.value(&now.profile), now.profile.display_name.as_deref()), (Some("+44 1"), None));
    assert_eq!(now.profile.title, ada.profile.title, "the rest stays");
    assert_eq!(house.deliveries_of(ada.id).await[0].version, before + 1);
    let event = house.audit().await.into_iter().rfind(|event| event.action == "user.update").unwrap();
    assert_eq!((event.actor_id, event.subject_id), (Some(ada.id.0), Some(ada.id.0)), "they did it themselves");
}

#[tokio::test]
async fn what_is_not_allowed_changes_nothing() {
    let house = House::new().await;
    let ada = house.create("ada").await;
    let who = house.proof("ada").await;
    house.allow(|settings| settings.family_name = false).await;
    let both = typed(&[(Field::GivenName, "Augusta"), (Field::FamilyName, "King")]);
    let refused = house.directory.change_my_profile(&who, ada.version, both).await.unwrap_err();
    assert!(matches!(&refused, Error::Invalid(errors) if errors.get("").is_some()), "{refused:?}");
    assert_eq!(house.now(ada.id).await, ada);
    house.directory.change_my_profile(&who, ada.version, typed(&[(Field::GivenName, "Augusta")])).await.unwrap();
}

#[tokio::test]
async fn a_change_over_a_newer_one_is_refused() {
    let house = House::new().await;
    let ada = house.create("ada").await;
    let who = house.proof("ada").await;
    let edit = revise(|input| input.profile.title = Some("Countess".to_owned()), None);
    let newer = house.directory.revise_user(&may(), ada.id, None, edit).await.unwrap().user;
    let change = typed(&[(Field::GivenName, "Augusta")]);
    let refused = house.directory.change_my_profile(&who, ada.version, change).await.unwrap_err();
    assert!(matches!(refused, Error::Stale), "{refused:?}");
    assert_eq!(house.now(ada.id).await, newer);
}

#[tokio::test]
async fn attributes_of_an_administrators_are_ones_own_where_that_is_said() {
    let house = House::new().await;
    let of = |name: &str| Definition { name: name.to_owned(), ..Definition::default() };
    let definitions = vec![Definition { unique: true, ..of("badge") }, Definition { multi_valued: true, ..of("tags") }];
    let new = NewExtension { urn: URN.to_owned(), name: "Staff".to_owned(), description: String::new() };
    let schema = house.directory.create_schema(&may(), new, definitions).await.unwrap();
    let (badge, tags) = (schema.attributes[0].id, schema.attributes[1].id);
    let (ada, grace) = (house.create("ada").await, house.create("grace").await);
    let who = house.proof("ada").await;
    let change = async |version: i64, typed: Typed| house.directory.change_my_profile(&who, version, typed).await;
    assert!(change(ada.version, with(badge, "B-1")).await.is_err(), "not unless it is said");
    assert!(house.directory.my_profile(&who).await.unwrap().schemas.is_empty());

    house.allow(|settings| settings.attributes = [badge, tags].map(|id| (id, String::new())).into()).await;
    let mine = house.directory.my_profile(&who).await.unwrap();
    assert_eq!(mine.schemas[0].attributes.iter().map(|one| one.id).collect::<Vec<_>>(), [badge], "one value alone");
    assert!(change(ada.version, with(tags, "a")).await.is_err());
    change(ada.version, with(badge, "B-1")).await.unwrap();
    assert_eq!(house.now(ada.id).await.profile.extensions[URN], json!({"badge": "B-1"}));

    let hers = house.proof("grace").await;
    let taken = house.directory.change_my_profile(&hers, grace.version, with(badge, "b-1")).await.unwrap_err();
    assert!(matches!(&taken, Error::Taken(errors) if errors.get(&label(URN, "badge")).is_some()), "{taken:?}");
    assert_eq!(house.now(grace.id).await, grace);
}

#[tokio::test]
async fn what_a_connection_overrides_is_not_changed_here() {
    let house = House::new().await;
    let ada = house.create("ada").await;
    house.follow(ada.id, &[Attribute::FamilyName, Attribute::Mail], AttributeSync::OverrideAll).await;
    let who = house.proof("ada").await;
    let mine = house.directory.my_profile(&who).await.unwrap();
    assert_eq!(mine.kept.get(&Attribute::FamilyName).map(String::as_str), Some("Globex"));
    assert_eq!((mine.kept.len(), mine.may_change_address), (2, false));
    let change =
        async |field, text| house.directory.change_my_profile(&who, ada.version, typed(&[(field, text)])).await;
    assert!(change(Field::FamilyName, "King").await.is_err());
    assert!(matches!(house.directory.ask_for_address(&who, NEW, PASSWORD.into()).await, Err(Error::Conflict(_))));
    assert_eq!(house.now(ada.id).await, ada);
    change(Field::GivenName, "Augusta").await.unwrap();
}

#[tokio::test]
async fn what_a_connection_only_fills_is_ones_own() {
    let house = House::new().await;
    let ada = house.create("ada").await;
    house.follow(ada.id, &[Attribute::FamilyName, Attribute::Mail], AttributeSync::PreserveLocal).await;
    let mine = house.directory.my_profile(&house.proof("ada").await).await.unwrap();
    assert!(mine.kept.is_empty() && mine.may_change_address);
}

#[tokio::test]
async fn the_address_of_an_administrator_follows_no_connection() {
    let house = House::new().await;
    let ada = house.create("ada").await;
    house.follow(ada.id, &[Attribute::Mail], AttributeSync::OverrideAll).await;
    house.directory.set_role(&may(), ada.id, Some(Role::Administrator)).await.unwrap();
    let who = house.proof("ada").await;
    assert!(house.directory.my_profile(&who).await.unwrap().may_change_address);
    let token = house.ask(&who).await;
    house.directory.confirm_address(&who, &token).await.unwrap();
    assert_eq!(house.now(ada.id).await.profile.primary_email(), Some(NEW));
}

#[tokio::test]
async fn an_address_is_theirs_once_the_link_is_followed() {
    let house = House::new().await;
    let ada = house.create("ada").await;
    let who = house.proof("ada").await;
    let token = house.ask(&who).await;
    assert_eq!(house.now(ada.id).await, ada, "nothing changes before");
    assert_eq!(house.directory.my_profile(&who).await.unwrap().wanted_address.as_deref(), Some(NEW));
    let until = house.clock.now().plus(ADDRESS_LINK);
    let open = AddressLink::Open { address: NEW.to_owned(), until };
    assert_eq!(house.directory.address_link(&who, &token).await.unwrap(), open);
    house.directory.confirm_address(&who, &token).await.unwrap();
    let now = house.now(ada.id).await;
    assert_eq!((now.profile.primary_email(), now.user_name.as_str()), (Some(NEW), "ada"));
    let told = house.mails(Kind::AddressChanged).await;
    assert_eq!(told, [("ada@example.org".to_owned(), "account".to_owned())], "the one before is told");
    assert_eq!(house.directory.my_profile(&who).await.unwrap().wanted_address, None);

    assert_eq!(house.directory.address_link(&who, &token).await.unwrap(), AddressLink::Used);
    let twice = house.directory.confirm_address(&who, &token).await.unwrap_err();
    assert!(twice.to_string().contains("used already"), "{twice}");
    let events = house.audit().await;
    let asked = events.iter().find(|event| event.action == "user.ask_address").unwrap();
    assert_eq!((asked.actor_id, &asked.details["address"]), (Some(ada.id.0), &json!(NEW)));
}

#[tokio::test]
async fn a_link_that_is_late_replaced_or_anothers_opens_nothing() {
    let house = House::new().await;
    let ada = house.create("ada").await;
    house.create("grace").await;
    let who = house.proof("ada").await;
    let (first, second) = (house.ask(&who).await, house.ask(&who).await);
    let opened = async |who: &Authorised<OwnAccount>, token: &str| {
        let link = house.directory.address_link(who, token).await.unwrap();
        let refused = house.directory.confirm_address(who, token).await.unwrap_err();
        assert!(matches!(refused, Error::Conflict(_)), "{refused:?}");
        link
    };
    assert_eq!(opened(&who, &first).await, AddressLink::Unknown, "a newer one has replaced it");
    assert_eq!(opened(&who, "nothing").await, AddressLink::Unknown);
    assert_eq!(opened(&house.proof("grace").await, &second).await, AddressLink::Anothers);
    house.clock.advance(ADDRESS_LINK + Duration::from_secs(1));
    let who = house.proof("ada").await;
    assert_eq!(opened(&who, &second).await, AddressLink::Late);
    assert_eq!(house.now(ada.id).await, ada);
}

#[tokio::test]
async fn an_address_of_somebody_elses_gets_the_same_answer_and_another_mail() {
    let house = House::new().await;
    house.create("grace").await;
    let ada = house.create("ada").await;
    let who = house.proof("ada").await;
    for taken in ["Grace@example.org", "grace"] {
        let asked = house.directory.ask_for_address(&who, taken, PASSWORD.into()).await;
        assert_eq!(asked.is_ok(), taken.contains('@'), "{taken}: {asked:?}");
    }
    let mine = house.directory.my_profile(&who).await.unwrap();
    assert_eq!(mine.wanted_address.as_deref(), Some("Grace@example.org"), "as with any other");
    assert!(house.mails(Kind::AddressChange).await.is_empty());
    assert_eq!(house.mails(Kind::Registered).await[0].0, "Grace@example.org");

    // Free when it was asked for, and taken by now.
    let token = house.ask(&who).await;
    house.directory.create_user(&may(), newcomer(NEW, Origin::Api)).await.unwrap();
    let refused = house.directory.confirm_address(&who, &token).await.unwrap_err();
    assert!(refused.to_string().contains("Somebody else has this address"), "{refused}");
    assert_eq!(house.now(ada.id).await, ada);
}

fn newcomer(user_name: &str, origin: Origin) -> NewUser {
    let mut input = testkit::person(user_name);
    user_name.clone_into(&mut input.profile.emails[0].value);
    NewUser { input, password: Some(PASSWORD.into()), origin }
}

#[tokio::test]
async fn whoever_has_no_password_asks_for_another_address_soon_after_they_signed_in() {
    let house = House::new().await;
    let ada = house.directory.create_user(&may(), NewUser { password: None, ..newcomer("ada", Origin::Api) }).await;
    let ada = ada.unwrap().user;
    let now = house.clock.now();
    let session = Session {
        id: house.directory.ids().make(),
        user_id: ada.id,
        created_at: now,
        seen_at: now,
        expires_at: now.plus(LONGEST),
        address: "192.0.2.1".to_owned(),
        agent: "Firefox".to_owned(),
        half: false,
    };
    let who = Who::User { id: ada.id, label: ada.label(), role: None, session: session.id };
    let who = Caller { who, address: session.address.clone() }.authorise().unwrap();
    let begun = house.directory.db().write::<_, storage::Error, _>(move |conn| {
        let session = session.clone();
        Box::pin(async move { sessions::insert(conn, &session, b"hash").await })
    });
    begun.await.unwrap();
    house.directory.ask_for_address(&who, NEW, "".into()).await.unwrap();
    assert_eq!(house.mails(Kind::AddressChange).await.len(), 1);
    house.clock.advance(FRESH);
    let refused = house.directory.ask_for_address(&who, "late@example.org", "".into()).await;
    assert!(matches!(&refused, Err(Error::Conflict(why)) if why.contains("Sign in again")), "{refused:?}");
}

#[tokio::test]
async fn another_address_takes_the_present_password_and_is_asked_for_so_often() {
    let house = House::new().await;
    house.create("ada").await;
    let who = house.proof("ada").await;
    let ask = async |mail: &str, present: &str| house.directory.ask_for_address(&who, mail, present.into()).await;
    let field = |error: Error| match error {
        Error::Invalid(errors) => errors.0.into_keys().next().unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(field(ask(NEW, "not it").await.unwrap_err()), "present");
    for wrong in ["", "nonsense", "ADA@example.org"] {
        assert_eq!(field(ask(wrong, PASSWORD).await.unwrap_err()), "mail", "{wrong}");
    }
    assert!(house.mails(Kind::AddressChange).await.is_empty());
    for n in 0..5 {
        ask(&format!("ada{n}@example.org"), PASSWORD).await.unwrap();
    }
    assert!(matches!(ask(NEW, PASSWORD).await, Err(Error::TooMany(_))));
}

#[tokio::test]
async fn where_it_is_switched_off_no_address_changes() {
    let house = House::new().await;
    let ada = house.create("ada").await;
    let who = house.proof("ada").await;
    let token = house.ask(&who).await;
    house.allow(|settings| settings.mail = false).await;
    assert!(!house.directory.my_profile(&who).await.unwrap().may_change_address);
    assert!(matches!(house.directory.confirm_address(&who, &token).await, Err(Error::Conflict(_))));
    assert!(matches!(house.directory.ask_for_address(&who, NEW, PASSWORD.into()).await, Err(Error::Conflict(_))));
    assert_eq!(house.now(ada.id).await, ada);
}

#[tokio::test]
async fn whoever_registered_with_their_address_is_called_by_the_new_one() {
    for (origin, mail_is_user_name, follows) in
        [(Origin::Registration, true, true), (Origin::Registration, false, false), (Origin::Api, true, false)]
    {
        let house = House::new().await;
        let settings = SelfRegistration { mail_is_user_name, ..SelfRegistration::default() };
        house.directory.change_setting(&may(), settings, None).await.unwrap();
        let ada = house.directory.create_user(&may(), newcomer("ada@example.org", origin)).await.unwrap().user;
        let who = house.proof("ada@example.org").await;
        let token = house.ask(&who).await;
        house.directory.confirm_address(&who, &token).await.unwrap();
        let now = house.now(ada.id).await;
        assert_eq!(now.profile.primary_email(), Some(NEW));
        assert_eq!(now.user_name == NEW, follows, "{origin:?} {mail_is_user_name}");
    }
}

#[tokio::test]
async fn a_name_that_is_a_message_is_not_mailed_to_a_stranger() {
    let house = House::new().await;
    let ada = house.create("ada").await;
    let edit = revise(|input| input.profile.display_name = Some("Win at https://evil.example".to_owned()), None);
    house.directory.revise_user(&may(), ada.id, None, edit).await.unwrap();
    house.directory.ask_for_address(&house.proof("ada").await, NEW, PASSWORD.into()).await.unwrap();
    let due = house.directory.due_mails(10).await.unwrap().0;
    let mail = house.directory.write_mail(&due[0]).await.unwrap().unwrap();
    assert!(mail.letter.text.starts_with(&format!("Hello {NEW},")), "{}", mail.letter.text);
    assert!(!mail.letter.text.contains("evil") && !mail.letter.html.contains("evil"));
}
