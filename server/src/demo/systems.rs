//! The external systems of the demo, each on loopback ports of its own.

use std::{io, path::Path};

use app::pages::tour::stage::{Outage, System};
use domain::Dice;
use rehearsal::{AcmeCloud, Inbox, Provider};
use secrecy::ExposeSecret as _;

use super::people::UNLICENSED;

/// In the order in which they are made.
#[derive(Debug)]
pub(super) struct Systems {
    /// Well and in step: the one that the tour plays with.
    pub(super) acme: AcmeCloud,
    /// Down.
    pub(super) northwind: AcmeCloud,
    /// Refuses some.
    pub(super) sales: AcmeCloud,
    /// Where people sign in from.
    pub(super) globex: Provider,
    /// Where every mail goes.
    pub(super) inbox: Inbox,
}

impl Systems {
    /// What they remember of an earlier start lies in the folder, where one is kept.
    pub(super) async fn start(folder: Option<&Path>, dice: &dyn Dice) -> io::Result<Self> {
        let builder = |name: &str, file: &str| {
            let token = super::secret(dice);
            let builder = AcmeCloud::builder().name(name).token(token.expose_secret());
            match folder {
                Some(folder) => builder.kept_in(folder.join(file)),
                None => builder,
            }
        };
        Ok(Self {
            acme: builder("Acme Cloud", "acme-cloud.json").start().await?,
            northwind: builder("Northwind HR", "northwind-hr.json").start().await?,
            sales: builder("Sales", "sales.json").unlicensed(UNLICENSED).start().await?,
            globex: match folder {
                Some(folder) => Provider::builder().kept_in(folder.join("globex-id.json")).start().await?,
                None => Provider::builder().start().await?,
            },
            inbox: Inbox::builder().start().await?,
        })
    }

    pub(super) fn all(&self) -> [(&AcmeCloud, &'static str); 3] {
        [
            (&self.acme, "The system that the tour plays with. Its page has switches to make it misbehave."),
            (&self.northwind, "Switched off: what is meant for it waits."),
            (&self.sales, "Has no licence left for some, and refuses them."),
        ]
    }

    /// Writes down what they shall remember.
    pub(super) async fn keep(&self) {
        for (system, _) in self.all() {
            system.keep().await;
        }
        self.globex.keep().await;
    }
}

/// Acme Cloud as the tour sees it.
pub(super) struct OnStage(pub(super) AcmeCloud);

impl System for OnStage {
    fn page(&self) -> String {
        self.0.page_url()
    }

    fn users_endpoint(&self) -> String {
        self.0.users_endpoint()
    }

    fn was_opened(&self) -> bool {
        self.0.was_opened()
    }

    fn is_off(&self) -> bool {
        self.0.is_off()
    }

    fn outages(&self) -> Vec<Outage> {
        self.0.outages().iter().map(|outage| Outage { from: outage.from, until: outage.until }).collect()
    }
}
