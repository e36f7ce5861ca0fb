//! What pages know of the person signed in.

use serde::{Deserialize, Serialize};

use crate::ui::time::Moment;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// As shown: the display name, or the user name.
    pub name: String,
    /// In words.
    pub role: String,
    /// They are an administrator.
    pub may_write: bool,
}

/// What the sign-in page offers beside a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// People may register themselves.
    pub registration: bool,
    /// A new password can be asked for by mail.
    pub forgot: bool,
    pub providers: Vec<Provider>,
}

/// A connection that signs people in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    pub id: domain::ConnectionId,
    pub name: String,
}

/// What a sign-in by another system asks, waits for or explains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnderWay {
    /// To the provider's own page.
    Going {
        title: String,
        url: String,
    },
    Consent {
        connection: String,
        told: Vec<(String, String)>,
    },
    Waiting {
        connection: String,
    },
    Ready {
        return_to: String,
    },
    Refused {
        provider: Provider,
        text: String,
        return_to: String,
    },
    Unknown,
}

/// What a one-time link opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordLink {
    Open {
        name: String,
        user_name: String,
        until: Moment,
    },
    /// A password has been set; what to do now.
    Used(String),
    /// Why it opens nothing, and what to do.
    Closed(String),
}
