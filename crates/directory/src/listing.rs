//! People and groups as SCIM lists them: by any filter, in any order, page by page.

use auth::{Authorised, grants::UsersRead};
use domain::{group::Group, user::User};
use storage::{
    figures,
    filters::{self, Found, Listing, Place, Window},
    groups, users,
};

use crate::{Directory, Result};

/// One page, and what a cursor to its neighbours begins with.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub first: Option<Place>,
    pub last: Option<Place>,
    /// There are more, in the direction in which the page was turned.
    pub more: bool,
}

impl<T> Page<T> {
    fn of<I>(found: Found<I>, items: Vec<T>) -> Self {
        let Found { mut ids, more } = found;
        let last = ids.pop().map(|(_, place)| place);
        let first = ids.into_iter().next().map(|(_, place)| place).or_else(|| last.clone());
        Self { items, first, last, more }
    }
}

impl Directory {
    /// `listing` is checked already.
    pub async fn find_users(
        &self,
        _who: &Authorised<UsersRead>,
        listing: &Listing<'_>,
        window: &Window,
        limit: i64,
    ) -> Result<Page<User>> {
        let mut conn = self.db().read().await?;
        let found = filters::users(&mut conn, listing, window, limit).await?;
        let ids: Vec<_> = found.ids.iter().map(|(id, _)| *id).collect();
        let items = users::by_ids(&mut conn, &ids).await?;
        Ok(Page::of(found, items))
    }

    pub async fn count_users(&self, _who: &Authorised<UsersRead>, listing: &Listing<'_>) -> Result<i64> {
        let mut conn = self.db().read().await?;
        Ok(match listing.filter {
            None => figures::people(&mut conn).await?,
            Some(_) => filters::count_users(&mut conn, listing).await?,
        })
    }

    /// `listing` is checked already.
    pub async fn find_groups(
        &self,
        _who: &Authorised<UsersRead>,
        listing: &Listing<'_>,
        window: &Window,
        limit: i64,
    ) -> Result<Page<Group>> {
        let mut conn = self.db().read().await?;
        let found = filters::groups(&mut conn, listing, window, limit).await?;
        let ids: Vec<_> = found.ids.iter().map(|(id, _)| *id).collect();
        let items = groups::by_ids(&mut conn, &ids).await?;
        Ok(Page::of(found, items))
    }

    pub async fn count_groups(&self, _who: &Authorised<UsersRead>, listing: &Listing<'_>) -> Result<i64> {
        let mut conn = self.db().read().await?;
        Ok(match listing.filter {
            None => groups::count(&mut conn).await?,
            Some(_) => filters::count_groups(&mut conn, listing).await?,
        })
    }
}
