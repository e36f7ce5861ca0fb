//! What was done, as it was recorded.

use auth::{Authorised, grants::AuditRead};
use storage::audit;

use crate::{Directory, Result};

pub use storage::audit::Entry as Event;

impl Directory {
    /// Newest first, before an event's number.
    pub async fn events(&self, _who: &Authorised<AuditRead>, before: Option<i64>, limit: i64) -> Result<Vec<Event>> {
        let mut conn = self.db().read().await?;
        Ok(audit::page(&mut conn, before, limit).await?)
    }
}
