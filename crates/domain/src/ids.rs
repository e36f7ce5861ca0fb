//! A newtype for every id, so that one kind can never be passed for another.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::{Clock, Dice, Timestamp};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

ids! {
    AttemptId,
    /// A custom attribute; its values are found by it.
    AttributeId,
    /// One start of the process; a lease names the boot that holds it.
    BootId,
    ConnectionId,
    ConnectorId,
    DeliveryId,
    /// What earlier steps of a wizard gathered.
    DraftId,
    GroupId,
    ImportId,
    LinkId,
    /// Who somebody is at a sign-in provider.
    ProviderLinkId,
    SignInId,
    MailId,
    ProvisionerId,
    /// Somebody who registered, from then until they are verified.
    RegistrationId,
    /// An extension schema that an administrator defined.
    SchemaId,
    SecondFactorId,
    SessionId,
    SweepId,
    TokenId,
    /// Also the user's SCIM `id`, and the `externalId` that targets are given.
    UserId,
}

/// Makes ids of UUID version 7 from the injected clock and dice.
#[derive(Clone, Debug)]
pub struct Ids {
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
}

impl Ids {
    pub fn new(clock: Arc<dyn Clock>, dice: Arc<dyn Dice>) -> Self {
        Self { clock, dice }
    }

    pub fn make<I: From<Uuid>>(&self) -> I {
        let mut random = [0; 10];
        self.dice.fill(&mut random);
        let millis = u64::try_from(self.clock.now().as_micros() / 1000).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid().into()
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub fn dice(&self) -> &Arc<dyn Dice> {
        &self.dice
    }
}

/// Whose account a delivery, link or attempt is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "lowercase")]
pub enum SubjectId {
    User(UserId),
    Group(GroupId),
}

impl SubjectId {
    pub fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Group(_) => "group",
        }
    }

    pub fn uuid(self) -> Uuid {
        match self {
            Self::User(id) => id.0,
            Self::Group(id) => id.0,
        }
    }

    pub fn user(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::Group(_) => None,
        }
    }
}

impl From<UserId> for SubjectId {
    fn from(id: UserId) -> Self {
        Self::User(id)
    }
}
