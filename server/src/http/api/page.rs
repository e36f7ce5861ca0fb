//! Lists in pages: `?limit=&cursor=`, answered by `{"items": […], "next": cursor or null}`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::limits;
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use super::problem::{Problem, Result};

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct List<T> {
    pub items: Vec<T>,
    /// Where the next page begins: the `cursor` to ask for it with. Null on the last page.
    pub next: Option<String>,
}

/// How much of a list is asked for, and from where.
#[derive(Clone, Debug)]
pub(super) struct Window<C> {
    pub limit: usize,
    pub after: Option<C>,
}

impl<C: Serialize + DeserializeOwned> Window<C> {
    /// From the parameters as they came.
    pub(super) fn of(limit: Option<&str>, cursor: Option<&str>) -> Result<Self> {
        let most = limits::PAGE;
        let limit = match limit.map(str::parse::<u32>) {
            None => limits::DEFAULT_PAGE,
            Some(Ok(limit)) if (1..=most).contains(&limit) => limit,
            Some(_) => return Err(Problem::field("limit", format!("A page has 1 to {most} items."))),
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let unknown = || Problem::field("cursor", "This is not a cursor of this list. Begin again without one.");
        let after = cursor.map(|text| open(text).ok_or_else(unknown)).transpose()?;
        Ok(Self { limit, after })
    }

    /// One more than fits on the page tells whether another page follows.
    pub(super) fn ask_for(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// What was found for [`Self::ask_for`], as a page.
    pub(super) fn page<T>(&self, mut found: Vec<T>, cursor_of: impl Fn(&T) -> C) -> (Vec<T>, Option<String>) {
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        let next = found.last().filter(|_| more).map(|last| seal(&cursor_of(last)));
        (found, next)
    }
}

/// Opaque, so that nobody builds one.
fn seal<C: Serialize>(cursor: &C) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(cursor).unwrap_or_default())
}

fn open<C: DeserializeOwned>(text: &str) -> Option<C> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_to_the_next_page_and_the_last_page_has_none() {
        let window = Window::<u32>::of(Some("2"), None).unwrap();
        assert_eq!(window.ask_for(), 3);
        let (items, next) = window.page(vec![1, 2, 3], |item| *item);
        assert_eq!(items, [1, 2]);
        let window = Window::<u32>::of(Some("2"), next.as_deref()).unwrap();
        assert_eq!(window.after, Some(2));
        assert_eq!(window.page(vec![3], |item| *item), (vec![3], None));
    }

    #[test]
    fn limits_and_cursors_are_checked() {
        for limit in ["0", "201", "-1", "ten"] {
            assert!(Window::<u32>::of(Some(limit), None).is_err(), "{limit}");
        }
        for cursor in ["!", "abc", &seal(&"text")] {
            assert!(Window::<u32>::of(None, Some(cursor)).is_err(), "{cursor}");
        }
        assert_eq!(Window::<u32>::of(None, None).unwrap().limit, 50);
    }
}
