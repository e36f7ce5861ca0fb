//! Calls every query of the crate once, with every shape of those that are put together from parts.

use domain::{
    AttemptId, ConnectorId, DeliveryId, SessionId, Timestamp, UserId,
    delivery::{Delivery, Reason, ReasonKind, State},
    figures::{Counts, Measure},
    onboarding::Verdict,
    permission::Role,
    provisioner::Removal,
    second_factor::Kind,
    sweep::{Sweep, Task},
    user::Origin,
};
use storage::{
    Conn, Result, address_changes, api_tokens, attempts, attribute_values, audit, audit_search, awaited, connections,
    connectors, deliveries, drafts, erasures, figures, filters, flashes, group_terms, groups, identity_providers,
    imports, links, mails, memberships, password_links, passwords,
    people_lists::{self, Access, By, Narrowing, Order, Place, Standing},
    provider_links, provisioners, registrations, removed_attributes, runs, schemas, second_factors, sessions, settings,
    sign_ins, sweeps, tombstones, user_terms, users,
};

use crate::{
    imports::line,
    support::{Store, boot},
};

pub(crate) async fn everywhere(store: &mut Store) -> Result<()> {
    people(store).await?;
    in_groups(store).await?;
    by_lists(store).await?;
    organization(store).await?;
    providers(store).await?;
    filtered(store).await?;
    custom_attributes(store).await?;
    configured(store).await?;
    engine(store).await?;
    sign_in(store).await
}

async fn second_steps(conn: &mut Conn, vault: &storage::Vault, session: SessionId, user: UserId) -> Result<()> {
    let now = Timestamp::from_micros(1);
    let factor = second_factors::SecondFactor {
        id: domain::SecondFactorId(uuid::Uuid::from_u128(1)),
        user_id: user,
        kind: Kind::Passkey,
        name: "Laptop".to_owned(),
        credential: Some(vec![1]),
        last_step: 0,
        created_at: now,
        used_at: None,
    };
    second_factors::insert(conn, vault, &factor, b"key").await?;
    second_factors::of_user(conn, user).await?;
    second_factors::secrets_of(conn, vault, user, Kind::Passkey).await?;
    second_factors::has_any(conn, user).await?;
    second_factors::used(conn, vault, factor.id, (0, Some(b"key")), now).await?;
    second_factors::set_codes(conn, user, &[[1; 32]]).await?;
    second_factors::use_code(conn, user, &[1; 32]).await?;
    second_factors::codes_left(conn, user).await?;
    second_factors::delete_one_of(conn, user, factor.id).await?;
    second_factors::delete_of(conn, user).await?;
    let purpose = second_factors::Purpose::AskForPasskey;
    second_factors::keep_step(conn, vault, session, (purpose, b"state"), now).await?;
    second_factors::step(conn, vault, session, purpose, now).await?;
    second_factors::delete_step(conn, session, purpose).await?;
    second_factors::delete_expired_steps(conn, now).await?;
    Ok(())
}

async fn people(store: &mut Store) -> Result<()> {
    let (ada, grace) = (store.user("ada"), store.add_staged("grace").await);
    let (vault, now) = (store.vault.clone(), store.now());
    let conn = &mut store.conn;
    users::insert(conn, &ada).await?;
    users::update(conn, &ada).await?;
    users::get(conn, ada.id).await?;
    users::get_any(conn, ada.id).await?;
    users::by_name(conn, "ada").await?;
    users::by_external_id(conn, "7").await?;
    users::by_mail(conn, "ada@example.org", 2).await?;
    users::taken(conn, &["ada".to_owned(), "grace".to_owned()]).await?;
    users::staged(conn).await?;
    users::activate(conn, grace.id, now).await?;
    users::count(conn).await?;
    users::count_with_role(conn, Role::Administrator).await?;
    users::another_may_sign_in(conn, Role::Administrator, ada.id).await?;
    users::with_role(conn, Role::Auditor, 10).await?;
    for narrowing in narrowings() {
        for text in ["a", "ada exam"] {
            let search = user_terms::Search::read(text).expect("a word");
            let found = user_terms::find(conn, &search, &narrowing, None, 1).await?;
            user_terms::find(conn, &search, &narrowing, found.entries.last().cloned(), 1).await?;
        }
        for by in [By::UserName, By::Created, By::Changed] {
            for descending in [false, true] {
                let place = Place { name: "ada".to_owned(), at: 1, id: ada.id };
                for after in [None, Some(place)] {
                    people_lists::page(conn, &narrowing, Order { by, descending }, after, 1).await?;
                }
            }
        }
    }
    people_lists::accounts_at(conn, &[ada.id, grace.id]).await?;
    users::by_ids(conn, &[ada.id, grace.id]).await?;
    users::accounts(conn, &[ada.id, grace.id]).await?;
    let link = password_links::PasswordLink {
        user_id: ada.id,
        giver: password_links::Giver::Administrator,
        created_at: now,
        expires_at: now,
        used_at: None,
    };
    password_links::put(conn, &link, b"hash").await?;
    password_links::by_token(conn, b"hash").await?;
    password_links::of_user(conn, ada.id, password_links::Giver::Themselves).await?;
    password_links::void(conn, ada.id, now).await?;
    password_links::delete_expired(conn, now).await?;
    let change = address_changes::AddressChange {
        user_id: ada.id,
        address: "countess@example.org".to_owned(),
        created_at: now,
        expires_at: now,
        used_at: None,
    };
    address_changes::put(conn, &change).await?;
    address_changes::of_user(conn, ada.id).await?;
    address_changes::set_token(conn, ada.id, b"token", now).await?;
    address_changes::by_token(conn, b"token").await?;
    address_changes::used(conn, ada.id, now).await?;
    address_changes::delete_expired(conn, now).await?;
    passwords::set(conn, ada.id, "hash", now).await?;
    passwords::get(conn, ada.id).await?;
    passwords::seal(conn, &vault, ada.id, &"clear".into(), now).await?;
    passwords::unseal(conn, &vault, ada.id, now).await?;
    passwords::erase_when_settled(conn, ada.id).await?;
    passwords::erase_expired(conn, now).await?;
    tombstones::insert(conn, &tombstones::Tombstone::of(&ada, false, now)).await?;
    tombstones::get(conn, ada.id).await?;
    tombstones::remove_when_settled(conn, ada.id).await?;
    users::delete(conn, ada.id).await
}

/// By each thing alone, and by some together.
fn narrowings() -> Vec<Narrowing> {
    let group = domain::GroupId(uuid::Uuid::from_u128(7));
    let mut all = vec![Narrowing::default()];
    all.extend([Access::Active, Access::Disabled, Access::Locked].map(|one| Narrowing { access: Some(one), ..all[0] }));
    all.extend(
        [Standing::Held, Standing::OnItsWay, Standing::InStep, Standing::None]
            .map(|one| Narrowing { accounts: Some(one), ..all[0] }),
    );
    all.push(Narrowing { origin: Some(Origin::Api), ..all[0] });
    all.push(Narrowing { role: Some(Role::Auditor), ..all[0] });
    all.push(Narrowing { group: Some(group), ..all[0] });
    all.push(Narrowing { access: Some(Access::Disabled), origin: Some(Origin::Api), ..all[0] });
    all.push(Narrowing { access: Some(Access::Active), accounts: Some(Standing::Held), group: Some(group), ..all[0] });
    all
}

async fn in_groups(store: &mut Store) -> Result<()> {
    let (ada, now) = (store.add_user("ada").await, store.now());
    let group = domain::group::Group {
        id: store.id(),
        display_name: "Guides".to_owned(),
        external_id: None,
        size: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let conn = &mut store.conn;
    groups::insert(conn, &group).await?;
    groups::update(conn, &group).await?;
    groups::get(conn, group.id).await?;
    groups::by_name(conn, "guides").await?;
    groups::by_ids(conn, &[group.id]).await?;
    groups::known(conn, &["guides".to_owned(), "analysts".to_owned()]).await?;
    groups::count(conn).await?;
    groups::list(conn, "", 10).await?;
    groups::known_among(conn, &[ada.id]).await?;
    groups::stranger_among(conn, &[ada.id]).await?;
    groups::add(conn, group.id, &[ada.id]).await?;
    groups::members(conn, group.id, None, 10).await?;
    groups::member_ids(conn, group.id).await?;
    groups::members_among(conn, group.id, &[ada.id]).await?;
    groups::of_users(conn, &[ada.id]).await?;
    let search = user_terms::Search::read("gui exam").expect("words");
    let entry = memberships::Entry { user_name_key: "a".to_owned(), user_id: ada.id };
    for search in [None, Some(&search)] {
        for after in [None, Some(&entry)] {
            memberships::members(conn, group.id, search, after, 10).await?;
        }
        memberships::groups(conn, ada.id, search, "", 10).await?;
    }
    memberships::groups_among(conn, ada.id, &[group.id]).await?;
    let found = group_terms::find(conn, &search, None, 10).await?;
    group_terms::find(conn, &search, found.entries.last().cloned(), 10).await?;
    user_terms::find_members(conn, &search, group.id, None, 10).await?;
    groups::touch_those_of(conn, ada.id, now).await?;
    groups::remove(conn, group.id, &[ada.id]).await?;
    groups::delete(conn, group.id).await?;
    users::delete(conn, ada.id).await
}

/// What is set for the organization, and what comes of it: mails and registrations.
async fn organization(store: &mut Store) -> Result<()> {
    let (ada, vault, now) = (store.add_user("ada").await, store.vault.clone(), store.now());
    let mail = domain::mail::Mail {
        id: store.id(),
        kind: domain::mail::Kind::Invitation,
        recipient: "ada@example.org".to_owned(),
        name: "Ada".to_owned(),
        about: Some(ada.id.0),
        state: domain::mail::State::Due,
        text: String::new(),
        words: String::new(),
        tries: 0,
        due_at: now,
        created_at: now,
        updated_at: now,
    };
    let registration = registrations::Registration {
        id: store.id(),
        browser_hash: b"browser".to_vec(),
        user_id: None,
        verified: false,
        created_at: now,
        expires_at: now,
    };
    let conn = &mut store.conn;
    settings::put(conn, "branding", &"red", 1, now).await?;
    let _: Option<(String, i64)> = settings::get(conn, "branding").await?;
    mails::insert(conn, &mail).await?;
    mails::get(conn, mail.id).await?;
    for state in [None, Some(&domain::mail::State::Due)] {
        mails::page(conn, state, None, 10).await?;
        mails::page(conn, state, Some(mail.id), 10).await?;
    }
    mails::due(conn, now, 10).await?;
    mails::next_due(conn).await?;
    mails::update(conn, &mail).await?;
    mails::delete_done(conn, now).await?;
    registrations::insert(conn, &vault, &registration, "ada@example.org", b"{}").await?;
    registrations::get(conn, registration.id).await?;
    registrations::set_token(conn, registration.id, b"token").await?;
    registrations::by_token(conn, b"token").await?;
    registrations::body(conn, &vault, registration.id).await?;
    registrations::begin(conn, registration.id, ada.id).await?;
    registrations::of_user(conn, ada.id).await?;
    registrations::unverified(conn, now, 10).await?;
    registrations::reopen(conn, ada.id).await?;
    registrations::verified(conn, registration.id).await?;
    registrations::delete_of(conn, ada.id).await?;
    registrations::delete_expired(conn, now, now).await?;
    users::delete(conn, ada.id).await
}

/// Signing in by another system.
async fn providers(store: &mut Store) -> Result<()> {
    let (ada, vault, now) = (store.add_user("ada").await, store.vault.clone(), store.now());
    let connection_id = store.add_connection("Globex").await.id;
    let kept = identity_providers::Kept {
        connection_id,
        settings: domain::identity::IdentityProvider::default(),
        secret_at: None,
        version: 1,
    };
    let link = provider_links::ProviderLink {
        id: store.id(),
        connection_id,
        subject: "1".to_owned(),
        user_id: ada.id,
        label: "ada".to_owned(),
        created_at: now,
        seen_at: now,
    };
    let (session, sign_in) = (store.session(ada.id), store.id::<domain::SignInId>());
    let conn = &mut store.conn;
    identity_providers::put(conn, &vault, &kept, Some(&"secret".into()), now).await?;
    identity_providers::get(conn, connection_id).await?;
    identity_providers::enabled(conn).await?;
    identity_providers::secret(conn, &vault, connection_id).await?;
    provider_links::insert(conn, &link).await?;
    provider_links::by_subject(conn, connection_id, "1").await?;
    provider_links::of_user(conn, ada.id).await?;
    provider_links::seen(conn, link.id, "Ada", now).await?;
    provider_links::delete_one_of(conn, ada.id, link.id).await?;
    sign_ins::insert(conn, &vault, (sign_in, b"token"), connection_id, b"{}", now).await?;
    sign_ins::find(conn, &vault, b"token", now).await?;
    sign_ins::update(conn, &vault, sign_in, b"{}").await?;
    sign_ins::delete(conn, sign_in).await?;
    sign_ins::take_logout_token(conn, connection_id, "jti", now).await?;
    sign_ins::delete_expired(conn, now).await?;
    let source = sessions::Source { connection_id, provider_session: Some("s".to_owned()), id_token: None };
    sessions::insert(conn, &session, b"session").await?;
    sessions::set_source(conn, &vault, session.id, &source).await?;
    sessions::source(conn, &vault, session.id).await?;
    sessions::users_from(conn, connection_id, "s").await?;
    sessions::delete_from(conn, ada.id, connection_id, Some("s")).await?;
    users::delete(conn, ada.id).await
}

async fn by_lists(store: &mut Store) -> Result<()> {
    let import = store.import(imports::Counts::default());
    let lines: Vec<imports::Line> = (1..4).map(|number| line(number, imports::RowState::Good)).collect();
    let (ada, grace, vault, now) = (store.id(), store.id(), store.vault.clone(), store.now());
    let conn = &mut store.conn;
    imports::insert(conn, &vault, &import, &lines).await?;
    imports::get(conn, import.id, now).await?;
    imports::page(conn, None, now, 10).await?;
    imports::count_open(conn, now).await?;
    imports::start(conn, import.id, &import.actor, true, now).await?;
    imports::running(conn).await?;
    for state in [None, Some(imports::RowState::Good)] {
        imports::lines(conn, &vault, import.id, state, 0, 10).await?;
        imports::each_line(conn, &vault, import.id, state, 0, 10).await?;
    }
    imports::claim(conn, import.id, 1, ada).await?;
    imports::of_user(conn, &vault, ada).await?;
    imports::actor_of(conn, ada).await?;
    imports::created(conn, &vault, import.id, 1, None).await?;
    imports::failed(conn, &vault, import.id, 2, "no").await?;
    imports::claim(conn, import.id, 3, grace).await?;
    imports::refused(conn, &vault, import.id, 3, "no").await?;
    imports::end(conn, import.id, imports::Stage::Done, now, now).await?;
    imports::delete_expired(conn, now.minus(std::time::Duration::from_secs(1))).await?;
    imports::delete(conn, import.id).await
}

fn of<'a>(
    schema: &'a scim::schema::ResourceSchema,
    filter: Option<&'a scim::Filter>,
    sort: Option<&'a scim::sort::Sort>,
) -> filters::Listing<'a> {
    filters::Listing { schema, filter, sort, base_url: "" }
}

/// What SCIM looks up by an index. Other filters walk, within their bound.
async fn filtered(store: &mut Store) -> Result<()> {
    let id = "0199aaaa-0000-7000-8000-000000000000";
    let conn = &mut store.conn;
    let (user, group) = (scim::schema::user(), scim::schema::served_group());
    let place = scim::cursor::Place { key: Some("ada".to_owned()), id: id.to_owned() };
    let by_id = scim::cursor::Place { key: None, ..place.clone() };
    let sorted = |by: &str| scim::sort::Sort { by: by.parse().expect("a path"), descending: false };
    let (user_name, display_name) = (sorted("userName"), sorted("displayName"));
    for place in [by_id.clone(), place] {
        let sort = place.key.is_some().then_some(&user_name);
        let window = filters::Window::Cursor(scim::cursor::Cursor::After(place.clone()));
        filters::users(conn, &of(user, None, sort), &window, 10).await?;
        let sort = place.key.is_some().then_some(&display_name);
        filters::groups(conn, &of(group, None, sort), &window, 10).await?;
    }
    let first = filters::Window::Offset(0);
    for filter in [
        "userName eq \"ada\"".to_owned(),
        "externalId eq \"hr-ada\"".to_owned(),
        "emails eq \"ada@example.org\"".to_owned(),
        "emails[type eq \"work\" and value eq \"ada@example.org\"]".to_owned(),
        format!("id eq \"{id}\""),
        format!("groups.value eq \"{id}\""),
    ] {
        let filter = filter.parse().expect("a filter");
        filters::users(conn, &of(user, Some(&filter), None), &first, 10).await?;
        filters::count_users(conn, &of(user, Some(&filter), None)).await?;
    }
    for filter in ["displayName eq \"a\"".to_owned(), format!("members.value eq \"{id}\"")] {
        let filter = filter.parse().expect("a filter");
        filters::groups(conn, &of(group, Some(&filter), None), &first, 10).await?;
        filters::count_groups(conn, &of(group, Some(&filter), None)).await?;
    }
    Ok(())
}

async fn custom_attributes(store: &mut Store) -> Result<()> {
    let (staff, ada, now) = (store.schema("urn:example:Staff"), store.add_user("ada").await, store.now());
    let (badge, floor) = (staff.attributes[0].id, staff.attributes[1].id);
    let conn = &mut store.conn;
    schemas::insert(conn, &staff).await?;
    schemas::update(conn, &staff).await?;
    schemas::get(conn, staff.id).await?;
    schemas::all(conn).await?;
    let entry = domain::extension::Entry { attribute: badge, unique: Some("b-1".to_owned()) };
    attribute_values::keep(conn, ada.id, &[entry]).await?;
    attribute_values::holder(conn, badge, "b-1").await?;
    attribute_values::count(conn, badge, 10).await?;
    attribute_values::counts(conn, &[badge, floor], 10).await?;
    attribute_values::users(conn, badge, 10).await?;
    let users = scim::schema::user_with(std::slice::from_ref(&staff));
    let filter = "urn:example:Staff:badge eq \"B-1\"".parse().expect("a filter");
    let listing = of(&users, Some(&filter), None);
    filters::users(conn, &listing, &filters::Window::Offset(0), 10).await?;
    filters::count_users(conn, &listing).await?;
    attribute_values::keep(conn, ada.id, &[]).await?;
    attribute_values::delete(conn, badge, ada.id).await?;
    let (urn, name) = (staff.urn.clone(), "badge".to_owned());
    let removed = removed_attributes::RemovedAttribute { id: badge, urn, name, users: 0, created_at: now };
    removed_attributes::insert(conn, &removed).await?;
    removed_attributes::update(conn, &removed).await?;
    removed_attributes::all(conn).await?;
    removed_attributes::delete(conn, badge).await?;
    schemas::delete(conn, staff.id).await?;
    users::delete(conn, ada.id).await
}

async fn configured(store: &mut Store) -> Result<()> {
    let connection = store.connection("Acme");
    let connector = store.connector(connection.id);
    let provisioner = store.provisioner(&connector);
    let sweep = Sweep {
        id: store.id(),
        task: Task::ReleaseAccounts { connector_id: connector.id, policy: Removal::Leave },
        cursor: None,
        total: 1,
        planned: 0,
        finished: false,
        created_at: store.now(),
    };
    let (vault, now) = (store.vault.clone(), store.now());
    let conn = &mut store.conn;
    connections::insert(conn, &connection).await?;
    connections::update(conn, &connection).await?;
    connections::get(conn, connection.id).await?;
    connections::count(conn).await?;
    connections::page(conn, Some("a"), Some(("Acme", connection.id)), 10).await?;
    connectors::insert(conn, &connector).await?;
    connectors::update(conn, &connector).await?;
    connectors::set_secret(conn, &vault, connector.id, "password", &"clear".into(), now).await?;
    connectors::get(conn, connector.id).await?;
    connectors::of_connection(conn, connection.id).await?;
    connectors::all(conn).await?;
    connectors::secrets(conn, &vault, connector.id).await?;
    connectors::delete_secret(conn, connector.id, "password").await?;
    runs::put(conn, connector.id, &runs::Run::default()).await?;
    runs::get(conn, connector.id).await?;
    runs::list(conn).await?;
    provisioners::insert(conn, &provisioner).await?;
    provisioners::update(conn, &provisioner).await?;
    provisioners::get(conn, provisioner.id).await?;
    provisioners::of_connector(conn, connector.id).await?;
    provisioners::all(conn).await?;
    provisioners::delete(conn, provisioner.id).await?;
    sweeps::insert(conn, &sweep).await?;
    sweeps::update(conn, &sweep).await?;
    sweeps::open(conn).await?;
    sweeps::open_at(conn, connector.id).await?;
    connectors::delete(conn, connector.id).await?;
    connections::delete(conn, connection.id).await
}

async fn engine(store: &mut Store) -> Result<()> {
    let user = store.add_staged("joan").await;
    let connector = store.id();
    let delivery = store.delivery(user.id, connector);
    let (attempt, link) = (store.attempt(&delivery), store.link(user.id, connector, "joan"));
    let target = store.awaited(user.id, connector);
    let now = store.now();
    let conn = &mut store.conn;
    deliveries::insert(conn, &delivery).await?;
    deliveries::update(conn, &delivery).await?;
    deliveries::get(conn, delivery.id).await?;
    deliveries::of_subject(conn, delivery.subject).await?;
    deliveries::of_subject_at(conn, delivery.subject, connector).await?;
    deliveries::to_do(conn, connector, now, 8).await?;
    deliveries::next_due(conn, connector, now).await?;
    deliveries::holder_of_name(conn, connector, "joan", delivery.subject).await?;
    deliveries::wake_waiting(conn, delivery.id, now).await?;
    deliveries::waiting_for(conn, delivery.id).await?;
    deliveries::release(conn, connector, true, now).await?;
    deliveries::recover(conn, boot(1), now, now).await?;
    deliveries::open_at(conn, connector).await?;
    deliveries::batch(conn, connector, Some(delivery.id.0), 10).await?;
    for before in [None, Some(delivery.id)] {
        for state in [None, Some(State::Due), Some(State::Done), Some(waiting())] {
            for matching in narrowed(state.as_ref().map(State::as_str), user.id, connector) {
                deliveries::page(conn, &matching, before, 10).await?;
                let changed = before.map(|id| (now, id));
                deliveries::last_changed(conn, &matching, changed, 10).await?;
                deliveries::count_changed(conn, &matching, (now, delivery.id), 10).await?;
            }
        }
    }
    figures(conn, connector, &delivery, now).await?;
    attempts::insert(conn, &attempt).await?;
    attempts::erase_bodies(conn, now, 10).await?;
    attempts::erase_bodies_of(conn, user.id, 10).await?;
    erasures::put(conn, user.id, now).await?;
    erasures::next_due(conn, now).await?;
    erasures::delete(conn, user.id).await?;
    attempts::forget_earlier_successes(conn, delivery.id, attempt.id).await?;
    for before in [None, Some(AttemptId(attempt.id.0))] {
        attempts::page(conn, delivery.id, before, 10).await?;
    }
    attempts::last_of(conn, delivery.subject).await?;
    links::put(conn, &link).await?;
    links::of_subject(conn, link.subject).await?;
    links::get(conn, link.subject, connector).await?;
    links::by_remote(conn, connector, 1, "user", "remote-joan").await?;
    links::count_at(conn, connector).await?;
    links::batch(conn, connector, Some(link.id.0), 10).await?;
    links::remote_ids(conn, &[link.subject, link.subject]).await?;
    links::delete(conn, link.id).await?;
    links::delete_through(conn, connector, link.id).await?;
    awaited::insert(conn, &target).await?;
    awaited::of_user(conn, user.id).await?;
    awaited::at_connector(conn, connector).await?;
    awaited::set_verdict(conn, user.id, connector, &Verdict::Accepted).await?;
    awaited::late(conn, now).await?;
    awaited::next_deadline(conn).await?;
    awaited::expire_all(conn, now).await?;
    awaited::clear(conn, user.id).await
}

async fn figures(conn: &mut Conn, connector: ConnectorId, delivery: &Delivery, now: Timestamp) -> Result<()> {
    let refused = Reason::new(ReasonKind::Refused, "no");
    let held = Delivery { state: State::Held { reason: refused.clone() }, ..delivery.clone() };
    deliveries::update(conn, &held).await?;
    deliveries::held_groups(conn, None, 8, 10).await?;
    deliveries::held_groups(conn, Some(connector), 8, 10).await?;
    deliveries::count_held(conn, 10).await?;
    deliveries::count_held_for(conn, connector, &refused, 10).await?;
    for text in [None, Some("no")] {
        for after in [None, Some(&held)] {
            deliveries::held_batch(conn, connector, ReasonKind::Refused, text, after, 10).await?;
        }
    }
    deliveries::open(conn, 10).await?;
    deliveries::any(conn).await?;
    deliveries::standing(conn, connector, 10).await?;
    deliveries::update(conn, delivery).await?;
    figures::add(conn, connector, Counts { delivered: 1, ..Counts::default() }, now).await?;
    figures::measure(conn, Measure::Arrival, std::time::Duration::from_secs(1), now).await?;
    figures::by_slot(conn, now).await?;
    figures::by_connector(conn, now).await?;
    figures::histogram(conn, Measure::Arrival, now).await?;
    figures::people(conn).await?;
    figures::accounts(conn).await?;
    figures::delete_before(conn, now).await
}

fn waiting() -> State {
    let reason = domain::delivery::Reason::new(domain::delivery::ReasonKind::Retry, "");
    State::Waiting { until: domain::Timestamp::NEVER, reason }
}

fn narrowed(state: Option<&str>, user: UserId, connector: domain::ConnectorId) -> Vec<deliveries::Matching> {
    let mut all = Vec::new();
    for user in [None, Some(user)] {
        for connector in [None, Some(connector)] {
            for closed in [vec![], vec![domain::ConnectorId(DeliveryId(uuid::Uuid::nil()).0); 2]] {
                for name in [None, Some("jo".to_owned())] {
                    let (state, closed) = (state.map(str::to_owned), closed.clone());
                    all.push(deliveries::Matching { state, user, name, connector, closed });
                }
            }
        }
    }
    all
}

fn matching_events(subject: uuid::Uuid, now: domain::Timestamp) -> Vec<audit_search::Matching> {
    let mut all = Vec::new();
    for from in [None, Some(now)] {
        for until in [None, Some(now)] {
            let any = audit_search::Matching { from, until, ..audit_search::Matching::default() };
            all.push(audit_search::Matching { subject_id: Some(subject), ..any.clone() });
            all.push(audit_search::Matching { action: Some("user.create".to_owned()), ..any.clone() });
            // Labels are empty in this tour: everything begins so.
            all.push(audit_search::Matching { actor: Some(String::new()), ..any.clone() });
            all.push(audit_search::Matching { subject: Some(String::new()), ..any.clone() });
            all.push(any);
        }
    }
    all
}

async fn sign_in(store: &mut Store) -> Result<()> {
    let ada = store.add_user("ada").await;
    let (session, token, draft) = (store.session(ada.id), store.token("ci"), store.id());
    let event = audit::Event {
        at: store.now(),
        actor: audit::Actor { kind: audit::ActorKind::Cli, id: None, label: String::new(), address: String::new() },
        action: "user.create",
        subject_kind: "user",
        subject_id: None,
        subject_label: String::new(),
        details: serde_json::Value::Null,
    };
    let (vault, now) = (store.vault.clone(), store.now());
    let conn = &mut store.conn;
    sessions::insert(conn, &session, b"hash").await?;
    sessions::by_token(conn, b"hash").await?;
    sessions::touch(conn, session.id, now).await?;
    sessions::of_user(conn, ada.id, now, now, 10).await?;
    sessions::get(conn, session.id).await?;
    sessions::tried(conn, session.id).await?;
    second_steps(conn, &vault, session.id, ada.id).await?;
    sessions::complete(conn, session.id, b"hash", now, now).await?;
    flashes::put(conn, session.id, "/", "Saved", now).await?;
    flashes::get(conn, session.id, "/", now).await?;
    flashes::delete(conn, session.id, "/").await?;
    flashes::delete_expired(conn, now).await?;
    sessions::delete_one_of(conn, ada.id, session.id).await?;
    sessions::delete_of(conn, ada.id, None).await?;
    sessions::delete_expired(conn, now, now).await?;
    api_tokens::insert(conn, &token, b"hash").await?;
    api_tokens::by_hash(conn, b"hash").await?;
    api_tokens::get(conn, token.id).await?;
    api_tokens::list(conn, now, 10).await?;
    api_tokens::count(conn).await?;
    api_tokens::touch(conn, token.id, now).await?;
    api_tokens::revoke(conn, token.id, now).await?;
    api_tokens::delete_ended(conn, now).await?;
    drafts::put(conn, &vault, draft, ada.id, b"body", now).await?;
    drafts::get(conn, &vault, draft, ada.id, now).await?;
    drafts::delete(conn, draft, ada.id).await?;
    drafts::delete_expired(conn, now).await?;
    audit::append(conn, &vault, &event).await?;
    let other = audit::Actor { label: "root".to_owned(), ..event.actor.clone() };
    audit::append(conn, &vault, &audit::Event { actor: other, subject_label: "ada".to_owned(), ..event.clone() })
        .await?;
    audit::page(conn, Some(2), 10).await?;
    audit::get(conn, 1).await?;
    audit::oldest(conn).await?;
    audit::mark(conn).await?;
    for matching in matching_events(ada.id.0, now) {
        for before in [None, Some((now, 1))] {
            audit_search::find(conn, &matching, before, 10).await?;
        }
    }
    audit::verify(conn, &vault, None).await?.expect("the trail is whole");
    audit::trim(conn, &vault, (&event.actor, now), domain::Timestamp::NEVER, 10).await?.expect("the trail is whole");
    Ok(())
}
