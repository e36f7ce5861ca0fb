//! A link: which remote account a subject is at a connector.

use serde_json::Value;

use crate::{ConnectorId, LinkId, SubjectId, Timestamp};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// Usher made the account.
    Created,
    /// The account was there; Usher took it over.
    Adopted,
}

impl Provenance {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Adopted => "adopted",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Created, Self::Adopted].into_iter().find(|provenance| provenance.as_str() == text)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub id: LinkId,
    pub subject: SubjectId,
    pub connector_id: ConnectorId,
    pub remote_id: String,
    /// The account's name there, without regard to case.
    pub name_key: String,
    pub provenance: Provenance,
    /// The connector's generation that the account belongs to.
    pub generation: i64,
    /// What was sent last; an equal rendering is not sent again.
    pub sent: Option<Value>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
