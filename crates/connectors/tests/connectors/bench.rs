//! A connector with all that it needs, and with what it leaves behind.

use std::sync::{Mutex, MutexGuard};

use connectors::{Applied, Call, Connector, Exchange, Failure, Found, Have, Keys, Report, Target, scim2::Scim2};
use domain::{
    ConnectorId,
    config::{Properties, Property, Secrets},
    user::Account,
};
use egress::{Egress, Policy};
use serde_json::Value;
use testkit::HandClock;

pub(crate) struct Bench<C = Scim2> {
    pub(crate) connector: C,
    pub(crate) target: Target,
    pub(crate) clock: HandClock,
    egress: Egress,
    learned: Mutex<Value>,
    exchanges: Mutex<Vec<Exchange>>,
}

impl Bench {
    /// `scim2` without authentication, unless the properties say otherwise.
    pub(crate) fn scim2(users: &str, properties: &[(&str, &str)], secrets: &[(&str, &str)]) -> Self {
        let defaults = [("authentication_mode", "none"), ("user_endpoint", users)];
        let properties = defaults.iter().chain(properties);
        let properties = properties.map(|(key, value)| ((*key).to_owned(), Property::Text((*value).to_owned())));
        let secrets = secrets.iter().map(|(key, value)| ((*key).to_owned(), (*value).into()));
        let target = Target {
            connector_id: testkit::ids().make::<ConnectorId>(),
            version: 1,
            properties: Properties(properties.collect()),
            secrets: Secrets(secrets.collect()),
        };
        Self::new(Scim2::default(), target)
    }
}

impl<C: Connector> Bench<C> {
    pub(crate) fn new(connector: C, target: Target) -> Self {
        let allow = vec!["127.0.0.0/8".parse().unwrap()];
        Self {
            connector,
            target,
            clock: HandClock::new(),
            egress: Egress::new(Policy { allow, ..Policy::default() }).unwrap(),
            learned: Mutex::default(),
            exchanges: Mutex::default(),
        }
    }

    fn call(&self) -> Call<'_> {
        Call::new(&self.target, &self.egress, &self.clock, self.learned.lock().unwrap().clone())
    }

    fn keep(&self, call: Call<'_>) {
        let (exchanges, learned) = call.finish();
        self.exchanges.lock().unwrap().extend(exchanges);
        *self.learned.lock().unwrap() = learned;
    }

    pub(crate) async fn test(&self) -> Report {
        let call = self.call();
        let report = self.connector.test(&call).await;
        self.keep(call);
        report
    }

    pub(crate) async fn find(&self, external_id: &str, user_name: Option<&str>) -> Result<Option<Found>, Failure> {
        let call = self.call();
        let found = self.connector.find(&Keys { external_id, user_name }, &call).await;
        self.keep(call);
        found
    }

    pub(crate) async fn create(&self, want: &Account) -> Result<Applied, Failure> {
        let call = self.call();
        let applied = self.connector.apply(want, None, &call).await;
        self.keep(call);
        applied
    }

    pub(crate) async fn update(
        &self,
        want: &Account,
        remote_id: &str,
        sent: Option<&Value>,
    ) -> Result<Applied, Failure> {
        let call = self.call();
        let applied = self.connector.apply(want, Some(Have { remote_id, sent }), &call).await;
        self.keep(call);
        applied
    }

    pub(crate) async fn remove(&self, remote_id: &str) -> Result<(), Failure> {
        let call = self.call();
        let removed = self.connector.remove(Have { remote_id, sent: None }, &call).await;
        self.keep(call);
        removed
    }

    pub(crate) fn render(&self, account: &Account) -> Value {
        self.connector.render(account, &self.target)
    }

    pub(crate) fn learned(&self) -> Value {
        self.learned.lock().unwrap().clone()
    }

    pub(crate) fn exchanges(&self) -> MutexGuard<'_, Vec<Exchange>> {
        self.exchanges.lock().unwrap()
    }

    /// All that is on record, in one text.
    pub(crate) fn record(&self) -> String {
        let exchanges = self.exchanges();
        exchanges
            .iter()
            .flat_map(|exchange| [exchange.request.as_str(), &exchange.response])
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// The external id that [`account`] gives.
pub(crate) const OUR_ID: &str = "0195a1b2-0000-7000-8000-000000000001";

/// Ada Example by another name, without a password.
pub(crate) fn account(user_name: &str) -> Account {
    let input = testkit::person(user_name);
    Account {
        external_id: OUR_ID.to_owned(),
        user_name: user_name.to_owned(),
        active: true,
        profile: input.profile,
        password: None,
    }
}
