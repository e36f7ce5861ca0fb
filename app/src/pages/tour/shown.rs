//! Between what is recorded and the steps of the tour.

use std::collections::HashSet;

use auth::grants::{AuditRead, ConnectionsRead, DeliveriesRead, ProvisionersRead};
use directory::{
    Directory,
    audit::Event,
    connectors::ConnectorStatus,
    deliveries::{Query, Shown},
};
use domain::{
    Timestamp, UserId,
    delivery::{State, Wanted},
    permission::Permission,
    provisioner::Provisioner,
    user::Origin,
};
use leptos::prelude::use_context;
use secrecy::ExposeSecret as _;

use super::{
    stage::{Facts, Outage, Stage, create_line},
    view::{Fact, Link, Step, TourView},
};
use crate::{error::ConsoleError, routes::Page, ssr, ui::note::Tone};

/// What happened last; what a demo is filled with is less.
const EVENTS: i64 = 1_000;
/// Who comes in over SCIM, one after the other.
const NEXT: [(&str, &str, &str); 6] = [
    ("joan", "Joan", "Clarke"),
    ("hedy", "Hedy", "Lamarr"),
    ("emmy", "Emmy", "Noether"),
    ("maryam", "Maryam", "Mirzakhani"),
    ("radia", "Radia", "Perlman"),
    ("frances", "Frances", "Allen"),
];

pub(super) async fn tour() -> Result<TourView, ConsoleError> {
    // Before anything is told, even that this is no demo.
    ssr::authorise::<AuditRead>()?;
    let stage = use_context::<Stage>().unwrap_or_default();
    let facts = stage.facts().ok_or_else(|| ConsoleError::NotFound { what: "This page".to_owned() })?;
    let played = Played::read(facts).await?;
    Ok(TourView {
        subtitle: "What Usher does, in eight steps, with a system that you can switch off.".to_owned(),
        problem: played.target.is_none().then(|| {
            "The connection to Acme Cloud is not there any more. Start the demo again to take the tour.".to_owned()
        }),
        steps: vec![
            played.look(),
            played.by_hand(),
            played.over_scim(),
            played.registered(),
            played.signed_in(),
            played.switched_off(),
            played.blocking(),
            played.deleted(),
        ],
    })
}

/// What was done so far.
struct Played<'f> {
    facts: &'f Facts,
    /// Newest first.
    events: Vec<Event>,
    /// Acme Cloud's connector.
    target: Option<ConnectorStatus>,
    provisioner: Option<Provisioner>,
    by_hand: Option<Person>,
    over_scim: Option<Person>,
    registered: Option<Person>,
    signed_in: Option<Person>,
    refused: Option<String>,
    deleted: Option<Person>,
}

/// Somebody who came in, and what is known of them at Acme Cloud.
struct Person {
    id: UserId,
    user_name: String,
    delivery: Option<Shown>,
    /// Is no longer here.
    gone: bool,
}

impl<'f> Played<'f> {
    async fn read(facts: &'f Facts) -> Result<Self, ConsoleError> {
        let (directory, who) = ssr::authorise::<AuditRead>()?;
        let events = directory.events(&who, None, EVENTS).await?;
        let target = target(&directory, facts).await?;
        let provisioner = match &target {
            Some(target) => provisioner(&directory, target).await?,
            None => None,
        };
        let created = |origin: Origin| {
            events.iter().find(|event| event.action == "user.create" && event.details["origin"] == origin.as_str())
        };
        let read = async |event: Option<&Event>| match event {
            Some(event) => Person::read(&directory, event, &events, target.as_ref()).await,
            None => Ok(None),
        };
        let refused = events.iter().find(|event| event.action == "user.refuse");
        let deleted = events.iter().find(|event| event.action == "user.delete");
        Ok(Self {
            by_hand: read(created(Origin::Console)).await?,
            over_scim: read(created(Origin::Api)).await?,
            registered: read(created(Origin::Registration)).await?,
            signed_in: read(created(Origin::Jit)).await?,
            deleted: read(deleted).await?,
            refused: refused.map(|event| event.subject_label.clone()),
            facts,
            provisioner,
            target,
            events,
        })
    }

    fn look(&self) -> Step {
        let linked = self.target.as_ref().map(|target| Fact {
            tone: Tone::Neutral,
            text: match target.accounts {
                1 => "1 account is linked there.".to_owned(),
                count => format!("{count} accounts are linked there."),
            },
        });
        Step {
            title: "See who has an account at Acme Cloud".to_owned(),
            text: "Acme Cloud is an external system, acted by this demo. Its page shows its accounts and what was \
                   asked of it. Leave it open beside this one."
                .to_owned(),
            done: self.facts.system.was_opened(),
            facts: linked.into_iter().collect(),
            links: vec![self.page()],
            code: None,
        }
    }

    fn by_hand(&self) -> Step {
        let tab = self.by_hand.as_ref().filter(|person| !person.gone).map(Person::provisioning);
        Step {
            title: "Add somebody in the console".to_owned(),
            text: "Add a user by hand. A moment later the account is at Acme Cloud, and the user's Provisioning tab \
                   tells how it came there."
                .to_owned(),
            done: self.by_hand.is_some(),
            facts: self.by_hand.iter().map(Person::fact).collect(),
            links: [Some(link("Add User", Page::NewUser)), tab, Some(self.page())].into_iter().flatten().collect(),
            code: None,
        }
    }

    fn over_scim(&self) -> Step {
        let tab = self.over_scim.as_ref().filter(|person| !person.gone).map(Person::provisioning);
        let (text, code) = if ssr::caller().may(Permission::TokensWrite) {
            (
                "A program does the same over SCIM 2.0, as an HR system would. Run this line in a terminal:",
                Some(self.line()),
            )
        } else {
            (
                "A program does the same over SCIM 2.0, as an HR system would. An administrator finds the line for it here.",
                None,
            )
        };
        Step {
            title: "Send somebody over SCIM".to_owned(),
            text: text.to_owned(),
            done: self.over_scim.is_some(),
            facts: self.over_scim.iter().map(Person::fact).collect(),
            links: tab.into_iter().chain([self.page()]).collect(),
            code,
        }
    }

    fn registered(&self) -> Step {
        let tab = self.registered.as_ref().filter(|person| !person.gone).map(Person::provisioning);
        Step {
            title: "Let somebody register themselves".to_owned(),
            text: "Open the page to register in a private window, or you are signed out here, and sign up with any \
                   address. The mail is in the inbox: follow its link, and the account is at Acme Cloud."
                .to_owned(),
            done: self.registered.is_some(),
            facts: self.registered.iter().map(Person::fact).collect(),
            links: [away("Register", &self.facts.register_url), away("Inbox", &self.facts.inbox)]
                .into_iter()
                .chain(tab)
                .chain([self.page()])
                .collect(),
            code: None,
        }
    }

    fn signed_in(&self) -> Step {
        let tab = self.signed_in.as_ref().filter(|person| !person.gone).map(Person::provisioning);
        Step {
            title: "Let somebody sign in from elsewhere".to_owned(),
            text: "Globex ID is an OpenID provider with people of its own. In a private window press “Continue with \
                   Globex ID” and be one of them: their first sign-in makes their account here and, by JIT Outbound, \
                   at Acme Cloud. Change somebody on its page, sign in again, and Acme Cloud follows."
                .to_owned(),
            done: self.signed_in.is_some(),
            facts: self.signed_in.iter().map(Person::fact).collect(),
            links: [away("Sign in", &self.facts.sign_in_url), away("Globex ID's page", &self.facts.provider)]
                .into_iter()
                .chain(tab)
                .chain([self.page()])
                .collect(),
            code: None,
        }
    }

    fn switched_off(&self) -> Step {
        let waiting = self.target.as_ref().map_or(0, |target| target.open);
        let is_off = self.facts.system.is_off();
        let met = self.facts.system.outages().iter().any(|outage| self.came_in_during(outage));
        let mut facts = Vec::new();
        if is_off {
            facts.push(Self::off());
        }
        if waiting > 0 {
            let count = if waiting == 1 { "1 account waits".to_owned() } else { format!("{waiting} accounts wait") };
            let pause = self.target.as_ref().and_then(|target| target.pause.as_ref());
            let text = pause.map_or_else(|| format!("{count}."), |pause| format!("{count}: {}", pause.text));
            facts.push(Fact { tone: Tone::Wait, text });
        } else if met && !is_off {
            facts.push(Fact { tone: Tone::Ok, text: "Everything that waited has arrived.".to_owned() });
        }
        let connection = self.target.as_ref().map(|target| {
            link("Acme Cloud in the console", Page::OutboundProvisioning(target.connector.connection_id))
        });
        Step {
            title: "Switch Acme Cloud off, and lose nothing".to_owned(),
            text: "On Acme Cloud's page turn “Switched off” on, then add somebody. The user is there at once; the \
                   account waits, and Home and Activity say why. Turn the switch off again: what waits arrives by \
                   itself within half a minute, and at once after “Test connection”."
                .to_owned(),
            done: met && !is_off && waiting == 0,
            facts,
            links: [
                Some(self.page()),
                Some(link("Add User", Page::NewUser)),
                Some(link("Home", Page::Home)),
                Some(link("Activity", Page::Activity)),
                connection,
            ]
            .into_iter()
            .flatten()
            .collect(),
            code: None,
        }
    }

    fn blocking(&self) -> Step {
        let blocks = self.provisioner.as_ref().is_some_and(|provisioner| provisioner.rules.blocking);
        let mut facts = Vec::new();
        if let Some(name) = &self.refused {
            let text = format!("{name} was refused, is not here, and has no account at Acme Cloud.");
            facts.push(Fact { tone: Tone::Ok, text });
        }
        if blocks {
            facts.push(Fact { tone: Tone::Info, text: "Blocking is on at present.".to_owned() });
            facts.extend(self.facts.system.is_off().then(Self::off));
        }
        let edit = self
            .provisioner
            .as_ref()
            .map(|provisioner| link("Edit its provisioner", Page::Provisioner(provisioner.id)));
        Step {
            title: "Let Acme Cloud decide: Blocking".to_owned(),
            text: "Tick Blocking in the provisioner of Acme Cloud, switch Acme Cloud off, and add somebody: now the \
                   user is refused, with the reason, because Acme Cloud must have the account first. Afterwards switch \
                   Acme Cloud on again, and take Blocking back."
                .to_owned(),
            done: self.refused.is_some(),
            facts,
            links: edit.into_iter().chain([self.page(), link("Add User", Page::NewUser)]).collect(),
            code: None,
        }
    }

    fn deleted(&self) -> Step {
        let fact = self.deleted.as_ref().map(Person::fact);
        let here = [&self.by_hand, &self.over_scim].into_iter().flatten().find(|person| !person.gone);
        let who = here.map(|person| link(&format!("Delete {}", person.user_name), Page::DeleteUser(person.id)));
        Step {
            title: "Delete somebody".to_owned(),
            text: "Delete a user. The console says first what will happen where; then the accounts are gone \
                   everywhere, also where a system could not be reached at that moment."
                .to_owned(),
            done: self.deleted.is_some(),
            facts: fact.into_iter().collect(),
            links: who.into_iter().chain([link("Users", Page::Users), self.page()]).collect(),
            code: None,
        }
    }

    fn page(&self) -> Link {
        Link { text: "Acme Cloud's page".to_owned(), to: self.facts.system.page(), away: true }
    }

    fn off() -> Fact {
        Fact { tone: Tone::Held, text: "Acme Cloud is switched off at present.".to_owned() }
    }

    fn came_in_during(&self, outage: &Outage) -> bool {
        let until = outage.until.unwrap_or(Timestamp::NEVER);
        self.events.iter().any(|event| event.action == "user.create" && event.at >= outage.from && event.at <= until)
    }

    /// For somebody who did not come in yet.
    fn line(&self) -> String {
        let known: HashSet<&str> = self.events.iter().map(|event| event.subject_label.as_str()).collect();
        let (user_name, given_name, family_name) =
            NEXT.into_iter().find(|(user_name, ..)| !known.contains(user_name)).unwrap_or(NEXT[0]);
        let token = self.facts.token.expose_secret();
        create_line(&self.facts.users_url, token, user_name, given_name, family_name)
    }
}

fn away(text: &str, to: &str) -> Link {
    Link { text: text.to_owned(), to: to.to_owned(), away: true }
}

fn link(text: &str, to: Page) -> Link {
    Link { text: text.to_owned(), to: to.path(), away: false }
}

/// However it is called by now.
async fn target(directory: &Directory, facts: &Facts) -> Result<Option<ConnectorStatus>, ConsoleError> {
    let (_, who) = ssr::authorise::<ConnectionsRead>()?;
    let endpoint = facts.system.users_endpoint();
    let connectors = directory.connectors(&who).await?;
    let found = connectors.into_iter().find(|connector| connector.properties.text("user_endpoint") == Some(&endpoint));
    match found {
        Some(connector) => Ok(Some(directory.connector(&who, connector.id).await?)),
        None => Ok(None),
    }
}

async fn provisioner(directory: &Directory, target: &ConnectorStatus) -> Result<Option<Provisioner>, ConsoleError> {
    let (_, who) = ssr::authorise::<ProvisionersRead>()?;
    let all = directory.provisioners(&who).await?;
    Ok(all.into_iter().find(|provisioner| provisioner.connector_id == target.connector.id))
}

impl Person {
    async fn read(
        directory: &Directory,
        event: &Event,
        events: &[Event],
        target: Option<&ConnectorStatus>,
    ) -> Result<Option<Self>, ConsoleError> {
        let Some(id) = event.subject_id.map(UserId) else { return Ok(None) };
        let (_, who) = ssr::authorise::<DeliveriesRead>()?;
        let query =
            Query { user: Some(id), connector: target.map(|target| target.connector.id), limit: 1, ..Query::default() };
        let delivery = match target {
            Some(_) => directory.deliveries(&who, query).await?.pop(),
            None => None,
        };
        let gone = events.iter().any(|event| event.action == "user.delete" && event.subject_id == Some(id.0));
        Ok(Some(Self { id, user_name: event.subject_label.clone(), delivery, gone }))
    }

    /// Where they stand at Acme Cloud.
    fn fact(&self) -> Fact {
        let name = &self.user_name;
        let wanted = self.delivery.as_ref().map(|shown| shown.delivery.wanted);
        let state = self.delivery.as_ref().map(|shown| &shown.state);
        let (tone, text) = match (wanted, state, self.gone) {
            (Some(Wanted::Absent), Some(State::Done), true) => {
                (Tone::Ok, format!("{name} was deleted, and has no account at Acme Cloud any more."))
            }
            (Some(Wanted::Absent), _, true) => {
                (Tone::Wait, format!("{name} was deleted here. The account at Acme Cloud goes next."))
            }
            (_, _, true) => (Tone::Ok, format!("{name} was deleted.")),
            (Some(Wanted::Present | Wanted::Disabled), Some(State::Done), false) => {
                (Tone::Ok, format!("{name} came in, and has an account at Acme Cloud."))
            }
            (_, Some(State::Held { reason }), false) => {
                (Tone::Held, format!("{name} came in. Acme Cloud's account is held: {}", reason.text))
            }
            _ => (Tone::Wait, format!("{name} came in. The account at Acme Cloud is on its way.")),
        };
        Fact { tone, text }
    }

    fn provisioning(&self) -> Link {
        link(&format!("{}: Provisioning", self.user_name), Page::UserProvisioning(self.id))
    }
}
