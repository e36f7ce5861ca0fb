//! What a page says once after a form was posted without JavaScript, kept with the session.

use std::time::Duration;

use domain::SessionId;
use storage::flashes;

use crate::{Directory, Error, Result};

const KEPT_FOR: Duration = Duration::from_mins(10);

impl Directory {
    pub async fn keep_flash(&self, session: SessionId, path: &str, body: String) -> Result<()> {
        let (path, until) = (path.to_owned(), self.now().plus(KEPT_FOR));
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (path, body) = (path.clone(), body.clone());
                Box::pin(async move { Ok(flashes::put(conn, session, &path, &body, until).await?) })
            })
            .await
    }

    /// Reads once; costs a write only where there is something.
    pub async fn take_flash(&self, session: SessionId, path: &str) -> Result<Option<String>> {
        let body = {
            let mut conn = self.db().read().await?;
            flashes::get(&mut conn, session, path, self.now()).await?
        };
        if body.is_some() {
            let path = path.to_owned();
            self.db()
                .write::<_, Error, _>(move |conn| {
                    let path = path.clone();
                    Box::pin(async move { Ok(flashes::delete(conn, session, &path).await?) })
                })
                .await?;
        }
        Ok(body)
    }
}
