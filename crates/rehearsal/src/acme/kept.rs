//! What Acme Cloud remembers between two starts.

use std::net::SocketAddr;

use domain::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Access, Cloud, Outage, Shared, store::KeptShelf, switches::Switch};

#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) address: SocketAddr,
    pub(super) page_address: SocketAddr,
    pub(super) token: Option<String>,
    switches: Vec<Switch>,
    users: KeptShelf,
    groups: KeptShelf,
}

impl Kept {
    pub(super) fn of(shared: &Shared) -> Self {
        let cloud = shared.cloud();
        let token = match &shared.access {
            Access::Bearer(token) => Some(token.clone()),
            _ => None,
        };
        Self {
            address: shared.address,
            page_address: shared.page_address,
            token,
            switches: Switch::ALL.into_iter().filter(|switch| switch.is_on(&cloud)).collect(),
            users: cloud.service.users.kept(),
            groups: cloud.service.groups.kept(),
        }
    }

    pub(super) fn restore(self, cloud: &mut Cloud, unlicensed: &[String], now: Timestamp) {
        cloud.service.users.restore(self.users, Some("userName"));
        cloud.service.groups.restore(self.groups, None);
        for switch in &self.switches {
            switch.set(&mut cloud.faults, unlicensed, true);
        }
        if self.switches.contains(&Switch::SwitchedOff) {
            cloud.stopped = true;
            cloud.outages.push(Outage { from: now, until: None });
        }
    }
}
