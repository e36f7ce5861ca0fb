//! Which of a provider's people is whom here.

use domain::{ConnectionId, ProviderLinkId, Timestamp, UserId};
use storage::{
    Conn, connections,
    provider_links::{self, ProviderLink},
};

use crate::{Result, change::Context};

/// Somebody's first sign-in at a connection: the link that goes with them.
#[derive(Clone, Debug)]
pub(crate) struct Newcomer {
    pub(super) connection: ConnectionId,
    pub(super) subject: String,
    pub(super) label: String,
}

impl Newcomer {
    pub(crate) async fn link(&self, conn: &mut Conn, context: &Context, user: UserId) -> Result<()> {
        let link = ProviderLink {
            id: context.ids.make(),
            connection_id: self.connection,
            subject: self.subject.clone(),
            user_id: user,
            label: self.label.clone(),
            created_at: context.now,
            seen_at: context.now,
        };
        Ok(provider_links::insert(conn, &link).await?)
    }
}

/// A connection that somebody signs in by.
#[derive(Clone, Debug)]
pub struct LinkedProvider {
    pub id: ProviderLinkId,
    pub connection: String,
    /// How they are known there.
    pub label: String,
    pub since: Timestamp,
    pub seen_at: Timestamp,
}

pub(crate) async fn linked(conn: &mut Conn, user: UserId) -> Result<Vec<LinkedProvider>> {
    let mut linked = Vec::new();
    for link in provider_links::of_user(conn, user).await? {
        let connection = connections::get(conn, link.connection_id).await?;
        linked.push(LinkedProvider {
            id: link.id,
            connection: connection.map_or_else(String::new, |connection| connection.name),
            label: link.label,
            since: link.created_at,
            seen_at: link.seen_at,
        });
    }
    Ok(linked)
}
