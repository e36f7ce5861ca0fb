//! Connections to external systems, and the outbound connectors inside them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    ConnectionId, ConnectorId, Timestamp,
    config::Properties,
    limits,
    provisioner::Provisioner,
    validation::{FieldErrors, has_control},
};

/// Whether a thing is in use, or on its way out: gone from pickers, calling only to remove accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Life {
    #[default]
    Active,
    Removing,
}

impl Life {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Removing => "removing",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "active" => Some(Self::Active),
            "removing" => Some(Self::Removing),
            _ => None,
        }
    }
}

/// The template of a connection that signs nobody in.
pub const CUSTOM_CONNECTOR: &str = "custom-connector";

#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    pub id: ConnectionId,
    pub name: String,
    pub description: String,
    pub template: String,
    pub enabled: bool,
    pub life: Life,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionInput {
    pub name: String,
    pub description: String,
}

impl ConnectionInput {
    pub fn check(self) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = self.name.trim().to_owned();
        let description = self.description.trim().replace("\r\n", "\n");
        if name.is_empty() {
            errors.add("name", "Enter a name.");
        } else if !limits::CONNECTION_NAME.contains(&name.chars().count()) {
            errors.add("name", "A name has 3 to 120 characters.");
        } else if name.chars().any(char::is_control) {
            errors.add("name", "A name has no control characters.");
        }
        if description.chars().count() > limits::CONNECTION_DESCRIPTION {
            errors.add("description", "A description has at most 300 characters.");
        } else if has_control(&description) {
            errors.add("description", "A description has no control characters.");
        }
        errors.into_result().map(|()| Self { name, description })
    }
}

/// One configured target inside a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Connector {
    pub id: ConnectorId,
    pub connection_id: ConnectionId,
    pub kind: String,
    pub enabled: bool,
    pub life: Life,
    pub properties: Properties,
    /// Which secrets are set, and since when; their values never leave the server.
    pub secrets: BTreeMap<String, Timestamp>,
    /// Which system it points at; rises when it is pointed at another one.
    pub generation: i64,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Why a connector calls nobody at present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub kind: PauseKind,
    /// What happened and what to do, for an administrator.
    pub text: String,
    pub since: Timestamp,
}

impl Pause {
    /// `why`: what happened, with or without its full stop.
    pub fn new(kind: PauseKind, why: &str, since: Timestamp) -> Self {
        let why = without_full_stop(why);
        let end = if why.ends_with(['!', '?', '…']) { "" } else { "." };
        Self { kind, text: format!("{why}{end} {}", kind.advice()).trim_end().to_owned(), since }
    }

    /// What happened, without what to do: for somebody whom the advice is not meant for.
    pub fn why(&self) -> &str {
        without_full_stop(self.text.strip_suffix(self.kind.advice()).unwrap_or(&self.text))
    }
}

fn without_full_stop(text: &str) -> &str {
    text.trim_end_matches(['.', ' '])
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseKind {
    /// By hand.
    Manual,
    /// Unreachable; probed until it answers.
    Down,
    Credentials,
    Configuration,
    /// The same refusal for many subjects in a row.
    Refusals,
}

impl PauseKind {
    pub const ALL: [Self; 5] = [Self::Manual, Self::Down, Self::Credentials, Self::Configuration, Self::Refusals];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Down => "down",
            Self::Credentials => "credentials",
            Self::Configuration => "configuration",
            Self::Refusals => "refusals",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What ends the pause, for an administrator.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Manual => "",
            Self::Down => "Usher asks again by itself, and delivers once it answers.",
            Self::Credentials => "Enter valid ones on the connection's page.",
            Self::Configuration => "Mend it on the connection's page.",
            Self::Refusals => "Mend the cause, then test the connection.",
        }
    }
}

/// Whether deliveries of a connector may go out: a gate, not scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gate {
    Open,
    SwitchedOff,
    Paused(Pause),
}

impl Gate {
    /// Removing the connector or its provisioner overrides the switch, not a pause.
    pub fn of(
        connection: &Connection,
        connector: &Connector,
        provisioner: Option<&Provisioner>,
        pause: Option<&Pause>,
    ) -> Self {
        let removing = connector.life == Life::Removing
            || provisioner.is_some_and(|provisioner| provisioner.life == Life::Removing);
        let on = removing || (connection.enabled && connector.enabled);
        match (on, pause) {
            (false, _) => Self::SwitchedOff,
            (true, Some(pause)) => Self::Paused(pause.clone()),
            (true, None) => Self::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(name: &str, description: &str) -> Result<ConnectionInput, FieldErrors> {
        ConnectionInput { name: name.to_owned(), description: description.to_owned() }.check()
    }

    #[test]
    fn a_pause_says_what_happened_and_what_to_do_and_each_for_itself() {
        let since = Timestamp::from_micros(0);
        for kind in PauseKind::ALL {
            for why in ["Acme said no", "Acme said no.", "Acme said no. "] {
                let pause = Pause::new(kind, why, since);
                assert_eq!(pause.text, format!("Acme said no. {}", kind.advice()).trim_end());
                assert_eq!(pause.why(), "Acme said no");
            }
            assert_eq!(Pause::new(kind, "Really?", since).why(), "Really?");
        }
        let down = Pause::new(PauseKind::Down, "Acme said no!", since).text;
        assert_eq!(down, "Acme said no! Usher asks again by itself, and delivers once it answers.");
        let other = Pause { kind: PauseKind::Down, text: "Out of reach.".to_owned(), since };
        assert_eq!(other.why(), "Out of reach");
    }

    #[test]
    fn a_name_has_three_to_a_hundred_and_twenty_characters() {
        assert!(input("ab", "").is_err());
        assert!(input("   ", "").is_err());
        assert_eq!(input(" Acme ", "").unwrap().name, "Acme");
        assert!(input(&"é".repeat(120), "").is_ok());
        assert!(input(&"a".repeat(121), "").is_err());
    }

    #[test]
    fn a_description_is_optional_and_bounded() {
        assert!(input("Acme", &"d".repeat(300)).is_ok());
        assert!(input("Acme", &"d".repeat(301)).unwrap_err().get("description").is_some());
    }
}
