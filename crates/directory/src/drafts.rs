//! Drafts: what earlier steps of a wizard gathered, for an hour and their owner. Whatever lets somebody take a step
//! lets them keep its draft.

use std::time::Duration;

use auth::{Authorised, grants::Grant};
use domain::{DraftId, UserId};
use serde::{Serialize, de::DeserializeOwned};
use storage::drafts;

use crate::{Directory, Error, Result};

pub(crate) const KEPT_FOR: Duration = Duration::from_hours(1);

impl Directory {
    /// Saves a draft under a new id, or again under its own. [`Error::NotFound`] where it is somebody else's.
    pub async fn save_draft<T: Serialize>(
        &self,
        who: &Authorised<impl Grant>,
        id: Option<DraftId>,
        draft: &T,
    ) -> Result<DraftId> {
        let owner = owner(who)?;
        let id = id.unwrap_or_else(|| self.ids().make());
        let body = serde_json::to_vec(draft).map_err(|_| Error::NotFound("draft"))?;
        let (vault, until) = (self.db().vault().clone(), self.now().plus(KEPT_FOR));
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (vault, body) = (vault.clone(), body.clone());
                Box::pin(async move {
                    match drafts::put(conn, &vault, id, owner, &body, until).await {
                        // Somebody else's.
                        Err(storage::Error::RowCount { .. }) => Err(Error::NotFound("draft")),
                        saved => Ok(saved?),
                    }
                })
            })
            .await?;
        Ok(id)
    }

    /// Gone after an hour, and for everybody else: [`Error::NotFound`].
    pub async fn draft<T: DeserializeOwned>(&self, who: &Authorised<impl Grant>, id: DraftId) -> Result<T> {
        let mut conn = self.db().read().await?;
        let body = drafts::get(&mut conn, self.db().vault(), id, owner(who)?, self.now()).await?;
        let body = body.ok_or(Error::NotFound("draft"))?;
        serde_json::from_slice(&body).map_err(|_| Error::NotFound("draft"))
    }

    /// Reads a draft for the only time: what it holds is shown once.
    pub async fn take_draft<T: DeserializeOwned>(&self, who: &Authorised<impl Grant>, id: DraftId) -> Result<T> {
        let (owner, now, vault) = (owner(who)?, self.now(), self.db().vault().clone());
        let body = self
            .db()
            .write::<_, Error, _>(move |conn| {
                let vault = vault.clone();
                Box::pin(async move {
                    let body = drafts::get(conn, &vault, id, owner, now).await?.ok_or(Error::NotFound("draft"))?;
                    drafts::delete(conn, id, owner).await?;
                    Ok(body)
                })
            })
            .await?;
        serde_json::from_slice(&body).map_err(|_| Error::NotFound("draft"))
    }

    pub async fn discard_draft(&self, who: &Authorised<impl Grant>, id: DraftId) -> Result<()> {
        let owner = owner(who)?;
        self.db()
            .write::<_, Error, _>(move |conn| Box::pin(async move { Ok(drafts::delete(conn, id, owner).await?) }))
            .await
    }
}

pub(crate) fn owner(who: &Authorised<impl Grant>) -> Result<UserId> {
    who.caller().user_id().ok_or(Error::NotFound("draft"))
}
