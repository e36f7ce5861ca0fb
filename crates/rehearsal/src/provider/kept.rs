//! What the provider remembers between two starts: who can sign in to what, but nobody's session.

use std::{collections::BTreeMap, net::SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Client, Persona, Shared};

#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) address: SocketAddr,
    pub(super) personas: Vec<Persona>,
    pub(super) clients: BTreeMap<String, Client>,
}

impl Kept {
    pub(super) fn of(shared: &Shared) -> Self {
        let world = shared.world();
        Self { address: shared.address, personas: world.personas.clone(), clients: world.clients.clone() }
    }
}
