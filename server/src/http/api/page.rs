//! Lists in pages: `?limit=&cursor=`, answered by `{"items": […], "next": cursor or null}`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::limits;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use super::problem::{Problem, Result};

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct List<T> {
    pub items: Vec<T>,
    /// Where the next page begins: the `cursor` to ask for it with. Null on the last page.
    pub next: Option<String>,
}

/// The parameters of a list that nothing narrows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageParameters {
    pub limit: Option<String>,
    pub cursor: Option<String>,
}

impl PageParameters {
    pub(super) fn window<C: Serialize + DeserializeOwned>(&self) -> Result<Window<C>> {
        Window::of(self.limit.as_deref(), self.cursor.as_deref())
    }
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

    /// A cursor, where it is not that of the last item.
    pub(super) fn seal(cursor: &C) -> String {
        seal(cursor)
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

impl<C: Serialize + DeserializeOwned + Copy + Ord> Window<C> {
    /// A page of a list that is small enough to be read whole, in the order of its cursors.
    pub(super) fn page_of_all<T>(&self, mut all: Vec<T>, cursor_of: impl Fn(&T) -> C) -> (Vec<T>, Option<String>) {
        all.sort_unstable_by_key(&cursor_of);
        all.retain(|one| self.after.is_none_or(|after| cursor_of(one) > after));
        self.page(all, cursor_of)
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
    fn a_list_that_is_read_whole_is_paged_in_the_order_of_its_cursors() {
        let first = Window::<u32>::of(Some("2"), None).unwrap();
        let (items, next) = first.page_of_all(vec![3, 1, 2], |item| *item);
        assert_eq!(items, [1, 2]);
        let second = Window::<u32>::of(Some("2"), next.as_deref()).unwrap();
        assert_eq!(second.page_of_all(vec![3, 1, 2], |item| *item), (vec![3], None));
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
