//! Connections, connectors, their runs, provisioners and sweeps.

use domain::{
    ConnectorId,
    connection::{Connection, Connector, Life, Pause, PauseKind},
    provisioner::{OnFailure, Provisioner, Removal, Rules},
    sweep::{Sweep, Task},
};
use storage::{Constraint, Error, connections, connectors, provisioners, runs, runs::Run, sweeps};

use crate::support::{Store, assert_bad_row, assert_no_row};

#[tokio::test]
async fn a_connection_comes_back_as_it_went_in() {
    let mut store = Store::new().await;
    let acme = store.add_connection("Acme").await;
    assert_eq!(connections::get(&mut store.conn, acme.id).await.unwrap(), Some(acme.clone()));
    assert_eq!(connections::count(&mut store.conn).await.unwrap(), 1);
    let changed = Connection {
        name: "Acme Cloud".to_owned(),
        description: String::new(),
        enabled: false,
        life: Life::Removing,
        version: 2,
        updated_at: store.in_an_hour(),
        ..acme
    };
    connections::update(&mut store.conn, &changed).await.unwrap();
    assert_eq!(connections::get(&mut store.conn, changed.id).await.unwrap(), Some(changed.clone()));
    connections::delete(&mut store.conn, changed.id).await.unwrap();
    assert_eq!(connections::get(&mut store.conn, changed.id).await.unwrap(), None);
    assert_no_row(connections::update(&mut store.conn, &changed).await);
    assert_no_row(connections::delete(&mut store.conn, changed.id).await);
}

#[tokio::test]
async fn a_name_is_taken_whatever_its_case_until_its_connection_is_on_its_way_out() {
    let mut store = Store::new().await;
    let acme = store.add_connection("Acme").await;
    let second = store.connection("ACME");
    let refused = connections::insert(&mut store.conn, &second).await;
    assert!(matches!(refused, Err(Error::Conflict(Constraint::ConnectionName))), "{refused:?}");
    connections::update(&mut store.conn, &Connection { life: Life::Removing, ..acme }).await.unwrap();
    connections::insert(&mut store.conn, &second).await.unwrap();
}

#[tokio::test]
async fn connections_are_paged_by_name_and_searched() {
    let mut store = Store::new().await;
    for name in ["beta", "Alpha", "100% Gamma", "al_pha", "Épée"] {
        store.add_connection(name).await;
    }
    let (mut names, mut after): (Vec<String>, Option<Connection>) = (Vec::new(), None);
    loop {
        let cursor = after.as_ref().map(|last| (last.name.as_str(), last.id));
        let page = connections::page(&mut store.conn, None, cursor, 2).await.unwrap();
        names.extend(page.iter().map(|connection| connection.name.clone()));
        match page.into_iter().last() {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    assert_eq!(names, ["100% Gamma", "al_pha", "Alpha", "beta", "Épée"]);
    for (search, found) in [("ALP", 1), ("l_p", 1), ("0%", 1), ("%", 1), ("ÉPÉE", 1), ("\\", 0), ("a", 4)] {
        let page = connections::page(&mut store.conn, Some(search), None, 10).await.unwrap();
        assert_eq!(page.len(), found, "{search}");
    }
}

#[tokio::test]
async fn a_connection_with_connectors_is_not_deleted() {
    let mut store = Store::new().await;
    let connector = store.add_connector("Acme").await;
    assert!(matches!(connections::delete(&mut store.conn, connector.connection_id).await, Err(Error::Database(_))));
    connectors::delete(&mut store.conn, connector.id).await.unwrap();
    connections::delete(&mut store.conn, connector.connection_id).await.unwrap();
}

#[tokio::test]
async fn bad_connections_and_connectors_are_named() {
    let mut store = Store::new().await;
    let connector = store.add_connector("Acme").await;
    store.spoil("UPDATE connections SET life = 'eternal'").await;
    let id = connector.connection_id;
    assert_bad_row(connections::get(&mut store.conn, id).await, "connections", id);
    assert_bad_row(connections::page(&mut store.conn, None, None, 10).await, "connections", id);
    for spoilt in
        ["UPDATE connectors SET life = 'eternal'", "UPDATE connectors SET life = 'active', properties = '{\"a\": []}'"]
    {
        store.spoil(spoilt).await;
        assert_bad_row(connectors::get(&mut store.conn, connector.id).await, "connectors", connector.id);
        assert_bad_row(connectors::of_connection(&mut store.conn, id).await, "connectors", connector.id);
        assert_bad_row(connectors::all(&mut store.conn).await, "connectors", connector.id);
    }
}

#[tokio::test]
async fn a_connector_comes_back_as_it_went_in_and_tells_which_secrets_are_set() {
    let mut store = Store::new().await;
    let mut acme = store.add_connector("Acme").await;
    let other = store.add_connector("Other").await;
    let (vault, now) = (store.vault.clone(), store.now());
    for field in ["password", "access_token"] {
        connectors::set_secret(&mut store.conn, &vault, acme.id, field, &"hush".into(), now).await.unwrap();
        acme.secrets.insert(field.to_owned(), now);
    }
    assert_eq!(connectors::get(&mut store.conn, acme.id).await.unwrap(), Some(acme.clone()));
    assert_eq!(connectors::of_connection(&mut store.conn, acme.connection_id).await.unwrap(), [acme.clone()]);
    assert_eq!(connectors::all(&mut store.conn).await.unwrap(), [acme.clone(), other]);

    connectors::delete_secret(&mut store.conn, acme.id, "password").await.unwrap();
    acme.secrets.remove("password");
    let changed = Connector {
        enabled: false,
        life: Life::Removing,
        properties: domain::config::Properties::default(),
        generation: 2,
        version: 2,
        updated_at: store.in_an_hour(),
        ..acme
    };
    connectors::update(&mut store.conn, &changed).await.unwrap();
    assert_eq!(connectors::get(&mut store.conn, changed.id).await.unwrap(), Some(changed.clone()));
    connectors::delete(&mut store.conn, changed.id).await.unwrap();
    assert_eq!(store.count("SELECT COUNT(*) FROM connector_secrets").await, 0);
    assert_eq!(connectors::get(&mut store.conn, changed.id).await.unwrap(), None);
    assert_no_row(connectors::update(&mut store.conn, &changed).await);
    assert_no_row(connectors::delete(&mut store.conn, changed.id).await);
}

#[tokio::test]
async fn a_connection_has_one_connector_of_a_kind_not_counting_those_on_their_way_out() {
    let mut store = Store::new().await;
    let first = store.add_connector("Acme").await;
    let second = store.connector(first.connection_id);
    let refused = connectors::insert(&mut store.conn, &second).await;
    assert!(matches!(refused, Err(Error::Conflict(Constraint::ConnectorKind))), "{refused:?}");
    connectors::update(&mut store.conn, &Connector { life: Life::Removing, ..first }).await.unwrap();
    connectors::insert(&mut store.conn, &second).await.unwrap();
}

#[tokio::test]
async fn a_run_comes_back_as_it_went_in() {
    let mut store = Store::new().await;
    let acme = store.add_connector("Acme").await;
    assert_eq!(runs::get(&mut store.conn, acme.id).await.unwrap(), Run::default());
    for kind in PauseKind::ALL {
        let run = Run {
            pause: Some(Pause { kind, text: "No answer.".to_owned(), since: store.now() }),
            probe_at: Some(store.in_an_hour()),
            probes: 3,
            faults_in_row: 4,
            refusals_in_row: 5,
            last_refusal: Some("no licence".to_owned()),
            learned: serde_json::json!({"patch": true, "page": 100}),
        };
        runs::put(&mut store.conn, acme.id, &run).await.unwrap();
        assert_eq!(runs::get(&mut store.conn, acme.id).await.unwrap(), run);
        assert_eq!(runs::list(&mut store.conn).await.unwrap(), [(acme.id, run)]);
    }
    runs::put(&mut store.conn, acme.id, &Run::default()).await.unwrap();
    assert_eq!(runs::list(&mut store.conn).await.unwrap(), [(acme.id, Run::default())]);
}

#[tokio::test]
async fn bad_runs_are_named() {
    let mut store = Store::new().await;
    let acme = store.add_connector("Acme").await;
    runs::put(&mut store.conn, acme.id, &Run::default()).await.unwrap();
    for spoilt in
        ["UPDATE connector_runs SET pause_kind = 'nap'", "UPDATE connector_runs SET pause_kind = NULL, learned = '{'"]
    {
        store.spoil(spoilt).await;
        assert_bad_row(runs::get(&mut store.conn, acme.id).await, "connector_runs", acme.id);
        assert_bad_row(runs::list(&mut store.conn).await, "connector_runs", acme.id);
    }
}

#[tokio::test]
async fn a_provisioner_comes_back_as_it_went_in() {
    let mut store = Store::new().await;
    let acme = store.add_connector("Acme").await;
    let provisioner = store.provisioner(&acme);
    provisioners::insert(&mut store.conn, &provisioner).await.unwrap();
    let changed = Provisioner {
        rules: Rules {
            blocking: true,
            on_blocking_failure: OnFailure::Keep,
            time_limit_ms: 500,
            jit_outbound: true,
            on_delete: Removal::Disable,
            on_leave: Removal::Leave,
        },
        life: Life::Removing,
        version: 2,
        updated_at: store.in_an_hour(),
        ..provisioner
    };
    let conn = &mut store.conn;
    provisioners::update(conn, &changed).await.unwrap();
    assert_eq!(provisioners::get(conn, changed.id).await.unwrap(), Some(changed.clone()));
    assert_eq!(provisioners::of_connector(conn, acme.id).await.unwrap(), Some(changed.clone()));
    assert_eq!(provisioners::all(conn).await.unwrap(), std::slice::from_ref(&changed));
    provisioners::delete(conn, changed.id).await.unwrap();
    assert_eq!(provisioners::of_connector(conn, acme.id).await.unwrap(), None);
    assert_no_row(provisioners::update(conn, &changed).await);
    assert_no_row(provisioners::delete(conn, changed.id).await);
}

#[tokio::test]
async fn a_connector_has_one_provisioner() {
    let mut store = Store::new().await;
    let acme = store.add_connector("Acme").await;
    for expected in [true, false] {
        let provisioner = store.provisioner(&acme);
        let inserted = provisioners::insert(&mut store.conn, &provisioner).await;
        match inserted {
            Ok(()) => assert!(expected),
            Err(error) => {
                assert!(!expected && matches!(error, Error::Conflict(Constraint::ProvisionerConnector)), "{error:?}");
            }
        }
    }
}

#[tokio::test]
async fn bad_provisioners_are_named() {
    let mut store = Store::new().await;
    let acme = store.add_connector("Acme").await;
    let provisioner = store.provisioner(&acme);
    provisioners::insert(&mut store.conn, &provisioner).await.unwrap();
    for spoilt in [
        "UPDATE provisioners SET on_delete = 'burn'",
        "UPDATE provisioners SET on_delete = 'delete', on_leave = 'burn'",
        "UPDATE provisioners SET on_leave = 'delete', on_blocking_failure = 'panic'",
        "UPDATE provisioners SET on_blocking_failure = 'keep', life = 'eternal'",
    ] {
        store.spoil(spoilt).await;
        assert_bad_row(provisioners::get(&mut store.conn, provisioner.id).await, "provisioners", provisioner.id);
        assert_bad_row(provisioners::all(&mut store.conn).await, "provisioners", provisioner.id);
    }
}

fn sweep(store: &Store, connector_id: ConnectorId) -> Sweep {
    Sweep {
        id: store.id(),
        task: Task::ReleaseAccounts { connector_id, policy: Removal::Disable },
        cursor: None,
        total: 500,
        planned: 0,
        finished: false,
        created_at: store.now(),
    }
}

#[tokio::test]
async fn a_sweep_goes_on_from_its_cursor_until_it_is_finished() {
    let mut store = Store::new().await;
    let (acme, other) = (store.id(), store.id());
    let (first, second) = (sweep(&store, acme), sweep(&store, other));
    sweeps::insert(&mut store.conn, &first).await.unwrap();
    sweeps::insert(&mut store.conn, &second).await.unwrap();
    let further = Sweep { cursor: Some(store.id()), planned: 200, ..first };
    let conn = &mut store.conn;
    sweeps::update(conn, &further).await.unwrap();
    assert_eq!(sweeps::open(conn).await.unwrap(), [further.clone(), second.clone()]);
    assert_eq!(sweeps::open_at(conn, acme).await.unwrap(), 1);
    sweeps::update(conn, &Sweep { finished: true, ..further }).await.unwrap();
    assert_eq!(sweeps::open(conn).await.unwrap(), [second]);
    assert_eq!(sweeps::open_at(conn, acme).await.unwrap(), 0);

    let stranger = sweep(&store, acme);
    assert_no_row(sweeps::update(&mut store.conn, &stranger).await);
}

#[tokio::test]
async fn bad_sweeps_are_named() {
    let mut store = Store::new().await;
    let sweep = sweep(&store, store.id());
    sweeps::insert(&mut store.conn, &sweep).await.unwrap();
    store.spoil("UPDATE sweeps SET task = '{\"task\": \"nap\"}'").await;
    assert_bad_row(sweeps::open(&mut store.conn).await, "sweeps", sweep.id);
}
