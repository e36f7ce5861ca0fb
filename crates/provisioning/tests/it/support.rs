//! A house of its own for each test: a database, the use cases, the engine and Acme Cloud.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use auth::{Authorised, Caller, grants::UsersWrite};
use connectors::Registry;
use directory::{
    Directory,
    connectors::ConnectorChange,
    deliveries::{Query, Shown},
    people::PeopleQuery,
    provisioners::NewProvisioner,
    users::{NewUser, Outcome, Revision},
};
use domain::{
    ConnectionId, ConnectorId, DeliveryId, Ids, UserId,
    attempt::Attempt,
    config::Typed,
    connection::{CUSTOM_CONNECTOR, ConnectionInput, Pause},
    delivery::{ReasonKind, State},
    provisioner::{Provisioner, Rules},
    user::{Origin, User, UserInput},
};
use egress::{Egress, Policy};
use provisioning::{Deps, Engine, Running};
use rehearsal::AcmeCloud;
use storage::{Db, MasterKey, Vault};
use testkit::{HandClock, SeededDice};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::gates::{Gated, Gates, Point};

pub(crate) const TOKEN: &str = "acme-token";
/// Rounds of the engine before a caller counts as forgotten.
const MOST_STEPS: usize = 5_000;
/// How long a test waits for what shall come to be so.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct House {
    pub acme: AcmeCloud,
    pub clock: HandClock,
    pub directory: Directory,
    pub engine: Engine,
    pub gates: Gates,
    folder: Arc<tempfile::TempDir>,
    boots: u64,
}

/// One connector at an Acme Cloud, switched on.
#[derive(Clone)]
pub(crate) struct Target {
    pub connection: ConnectionId,
    pub connector: ConnectorId,
    pub provisioner: Provisioner,
}

/// The proof that everything may be done.
pub(crate) fn may<P: auth::grants::Grant>() -> Authorised<P> {
    Caller::system().authorise().expect("the system may")
}

/// Goes on once something is so; what never comes to be so breaks the test off.
pub(crate) async fn until(is_so: impl AsyncFn() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it comes to be so");
}

pub(crate) async fn acme() -> AcmeCloud {
    AcmeCloud::builder().token(TOKEN).start().await.expect("Acme Cloud starts")
}

pub(crate) fn blocking() -> Rules {
    Rules { blocking: true, ..Rules::default() }
}

pub(crate) fn typed(pairs: &[(&str, &str)]) -> Typed {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

impl House {
    /// With one connector and its provisioner, unlike [`House::empty`].
    pub(crate) async fn with(rules: Rules) -> (Self, Target) {
        let house = Self::empty().await;
        let target = house.target(&house.acme, "Acme Cloud", rules, &[]).await;
        (house, target)
    }

    pub(crate) async fn empty() -> Self {
        Self::boot(acme().await, HandClock::new(), Arc::new(tempfile::tempdir().expect("a folder")), 1).await
    }

    async fn boot(acme: AcmeCloud, clock: HandClock, folder: Arc<tempfile::TempDir>, boots: u64) -> Self {
        let (directory, gates, deps) = open(&clock, &folder, boots).await;
        let engine = Engine::new(deps);
        engine.recover().await.expect("the engine recovers");
        Self { acme, clock, directory, engine, gates, folder, boots }
    }

    /// Killed, and started again on the same folder: whatever was in flight must have been aborted before.
    pub(crate) async fn restart(self) -> Self {
        let Self { acme, clock, directory, engine, folder, boots, gates: _ } = self;
        drop((engine, directory));
        Self::boot(acme, clock, folder, boots + 1).await
    }

    /// Stopped, and started again with a loop of its own, as the server has it.
    pub(crate) async fn started(self) -> (Self, Running) {
        let Self { acme, clock, directory, engine, folder, boots, gates: _ } = self;
        drop((engine, directory));
        let (directory, gates, deps) = open(&clock, &folder, boots + 1).await;
        let (engine, running) = Engine::start(deps).await.expect("the engine starts");
        (Self { acme, clock, directory, engine, gates, folder, boots: boots + 1 }, running)
    }

    /// A second start on the same folder while the first one has not noticed yet.
    pub(crate) async fn beside(&self) -> Self {
        Self::boot(self.acme.clone(), self.clock.clone(), self.folder.clone(), self.boots + 1).await
    }

    // ---- settings ------------------------------------------------------------------------------------------------

    pub(crate) async fn target(&self, acme: &AcmeCloud, name: &str, rules: Rules, more: &[(&str, &str)]) -> Target {
        let connection = ConnectionInput { name: name.to_owned(), description: String::new() };
        let connection =
            self.directory.create_connection(&may(), connection, CUSTOM_CONNECTOR, true).await.expect("a connection");
        let endpoint = acme.users_endpoint();
        let mut typed =
            typed(&[("authentication_mode", "bearer"), ("access_token", TOKEN), ("user_endpoint", &endpoint)]);
        typed.extend(self::typed(more));
        let connector =
            self.directory.create_connector(&may(), connection.id, "scim2", &typed, true).await.expect("a connector");
        let new = NewProvisioner { connection_id: connection.id, connector_id: connector.id, rules };
        let provisioner = self.directory.create_provisioner(&may(), new).await.expect("a provisioner");
        Target { connection: connection.id, connector: connector.id, provisioner }
    }

    pub(crate) async fn switch(&self, target: &Target, on: bool) {
        let change = ConnectorChange { enabled: Some(on), ..ConnectorChange::default() };
        self.directory.change_connector(&may(), target.connector, change).await.expect("a switch");
    }

    pub(crate) async fn pause(&self, target: &Target) -> Option<Pause> {
        self.directory.connector(&may(), target.connector).await.expect("a connector").pause
    }

    // ---- people --------------------------------------------------------------------------------------------------

    pub(crate) async fn create(&self, user_name: &str, origin: Origin) -> User {
        create(&self.directory, user_name, origin, None).await.expect("a user").user
    }

    pub(crate) async fn edit(&self, id: UserId, edit: impl Fn(&mut UserInput) + Send + Sync + 'static) -> Outcome {
        self.change(id, edit, None).await
    }

    pub(crate) async fn change(
        &self,
        id: UserId,
        edit: impl Fn(&mut UserInput) + Send + Sync + 'static,
        password: Option<&str>,
    ) -> Outcome {
        let password = password.map(secrecy::SecretString::from);
        let revise = Arc::new(move |user: &User| {
            let mut input = UserInput::of(user);
            edit(&mut input);
            Ok(Revision { input, password: password.clone() })
        });
        self.directory.revise_user(&may(), id, None, revise).await.expect("an edit")
    }

    pub(crate) async fn title(&self, id: UserId, title: &'static str) {
        self.edit(id, move |input| input.profile.title = Some(title.to_owned())).await;
    }

    pub(crate) async fn rename(&self, id: UserId, user_name: &'static str) {
        self.edit(id, move |input| user_name.clone_into(&mut input.user_name)).await;
    }

    pub(crate) async fn delete(&self, id: UserId) -> Vec<ConnectorId> {
        self.directory.delete_user(&may(), id, None).await.expect("a deletion")
    }

    /// Everybody that readers see.
    pub(crate) async fn people(&self) -> Vec<String> {
        let all = PeopleQuery { limit: i64::MAX, ..PeopleQuery::default() };
        let page = self.directory.people(&may(), all).await.expect("users");
        page.items.into_iter().map(|user| user.user_name).collect()
    }

    /// Creates a user beside the test, which goes on stepping the engine.
    pub(crate) fn arrives(&self, user_name: &str, origin: Origin) -> Arrival {
        let (directory, user_name) = (self.directory.clone(), user_name.to_owned());
        Arrival(tokio::spawn(async move { create(&directory, &user_name, origin, None).await }))
    }

    /// Steps the engine until the caller has its answer.
    pub(crate) async fn answer(&self, arrival: Arrival) -> directory::Result<Outcome> {
        self.step(arrival.0).await
    }

    pub(crate) async fn onboard(&self, user_name: &str) -> directory::Result<Outcome> {
        self.answer(self.arrives(user_name, Origin::Api)).await
    }

    pub(crate) async fn step<T>(&self, call: JoinHandle<T>) -> T {
        for _ in 0..MOST_STEPS {
            if call.is_finished() {
                return call.await.expect("a call that does not panic");
            }
            self.idle().await;
            tokio::task::yield_now().await;
        }
        panic!("nobody answers");
    }

    // ---- engine --------------------------------------------------------------------------------------------------

    pub(crate) async fn idle(&self) {
        self.engine.run_until_idle().await;
    }

    /// A run of the engine that the test can go on beside, or abort.
    pub(crate) fn run(&self) -> JoinHandle<()> {
        let engine = self.engine.clone();
        tokio::spawn(async move { engine.run_until_idle().await })
    }

    pub(crate) async fn later(&self, by: Duration) {
        self.clock.advance(by);
        self.idle().await;
    }

    pub(crate) async fn deliveries(&self, user: UserId) -> Vec<Shown> {
        let query = Query { user: Some(user), limit: 50, ..Query::default() };
        self.directory.deliveries(&may(), query).await.expect("deliveries")
    }

    pub(crate) async fn delivery(&self, user: UserId) -> Shown {
        let [delivery] = <[Shown; 1]>::try_from(self.deliveries(user).await).expect("one delivery");
        delivery
    }

    pub(crate) async fn is_done(&self, user: UserId) -> bool {
        self.deliveries(user).await.iter().all(|shown| shown.state == State::Done)
    }

    /// `(state, reason's kind, reason's text)` of a user's one delivery.
    pub(crate) async fn state(&self, user: UserId) -> (&'static str, Option<ReasonKind>, String) {
        let shown = self.delivery(user).await;
        let reason = shown.state.reason();
        (shown.state.as_str(), reason.map(|one| one.kind), reason.map_or_else(String::new, |one| one.text.clone()))
    }

    pub(crate) async fn held_as(&self, user: UserId) -> Option<ReasonKind> {
        match self.delivery(user).await.state {
            State::Held { reason } => Some(reason.kind),
            _ => None,
        }
    }

    /// Everything that was ever delivered or tried for connectors, newest first.
    pub(crate) async fn all_deliveries(&self) -> Vec<Shown> {
        let query = Query { limit: 1000, ..Query::default() };
        self.directory.deliveries(&may(), query).await.expect("deliveries")
    }

    pub(crate) async fn retry(&self, user: UserId) {
        let id = self.delivery(user).await.delivery.id;
        self.directory.retry(&may(), id).await.expect("a retry");
    }

    pub(crate) async fn attempts(&self, delivery: DeliveryId) -> Vec<Attempt> {
        self.directory.attempts(&may(), delivery, None, 100).await.expect("attempts")
    }

    // ---- Acme Cloud ----------------------------------------------------------------------------------------------

    /// Methods of the requests that change something, since the log was last forgotten.
    pub(crate) fn changes(&self) -> Vec<String> {
        let all = self.acme.requests().into_iter();
        all.filter(|request| !request.method.is_safe()).map(|request| request.method.to_string()).collect()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.acme.accounts().into_iter().map(|account| account.user_name).collect()
    }

    /// Runs the engine until it stands before a gate, which was closed for it. Abort the run to kill the engine there.
    pub(crate) async fn run_to(&self, point: Point) -> JoinHandle<()> {
        self.gates.close(point);
        let run = self.run();
        self.gates.reached(point).await;
        run
    }

    /// Keeps the database's writer busy until told otherwise: what is to be written queues up.
    pub(crate) async fn hold_writer(&self) -> oneshot::Sender<()> {
        let (started, has_started) = oneshot::channel();
        let (release, released) = oneshot::channel();
        let once = Arc::new(Mutex::new(Some((started, released))));
        let db = self.directory.db().clone();
        tokio::spawn(async move {
            let held = db.write::<_, storage::Error, _>(move |_| {
                let once = Arc::clone(&once);
                Box::pin(async move {
                    let taken = once.lock().expect("no panic before").take();
                    if let Some((started, released)) = taken {
                        let _ = started.send(());
                        let _ = released.await;
                    }
                    Ok(())
                })
            });
            held.await
        });
        has_started.await.expect("the writer takes it up");
        release
    }

    /// Gives others the time of some look-ups, where nothing tells how far they have come.
    pub(crate) async fn read_a_while(&self) {
        for _ in 0..50 {
            self.people().await;
        }
    }

    pub(crate) async fn db(&self) -> storage::Reader {
        self.directory.db().read().await.expect("a reader")
    }
}

async fn open(clock: &HandClock, folder: &tempfile::TempDir, boots: u64) -> (Directory, Gates, Deps) {
    let ids = Ids::new(Arc::new(clock.clone()), Arc::new(SeededDice::new(boots)));
    let vault = Vault::new(&MasterKey::new([7; 32]), ids.clone());
    let (db, _closed) = Db::open(folder.path(), vault).await.expect("the database opens");
    let directory = Directory::new(db, ids);
    let allow = vec!["127.0.0.0/8".parse().expect("a network")];
    let egress = Egress::new(Policy { allow, total_timeout: Duration::from_secs(5), ..Policy::default() });
    let gates = Gates::new();
    let scim2 = Gated { gates: gates.clone(), inner: connectors::scim2::Scim2::default() };
    let deps = Deps {
        directory: directory.clone(),
        egress: egress.expect("the client starts"),
        mailer: None,
        registry: Registry::new([Arc::new(scim2) as Arc<dyn connectors::Connector>]),
    };
    (directory, gates, deps)
}

/// A caller who waits for an onboarding.
pub(crate) struct Arrival(JoinHandle<directory::Result<Outcome>>);

impl Arrival {
    pub(crate) fn is_answered(&self) -> bool {
        self.0.is_finished()
    }

    pub(crate) fn hangs_up(self) {
        self.0.abort();
    }
}

pub(crate) async fn create(
    directory: &Directory,
    user_name: &str,
    origin: Origin,
    password: Option<&str>,
) -> directory::Result<Outcome> {
    let new = NewUser { input: testkit::person(user_name), password: password.map(Into::into), origin };
    directory.create_user(&may::<UsersWrite>(), new).await
}

/// Aborts a run and waits until nothing of it goes on.
pub(crate) async fn kill(run: JoinHandle<()>) {
    run.abort();
    let _ = run.await;
}
