//! Cursors (RFC 9865): where the next page begins, as text that a client sends back as it is.
//!
//! A cursor holds the place of a resource in the order, not a number of results to skip: a page costs the same however
//! far in it lies, and what is created or deleted meanwhile neither doubles nor hides others. It is bound to its query
//! by a digest, which finds mistakes, not attacks: a made-up cursor leads to a page that its maker may read anyhow. It
//! does not expire.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{Filter, ScimError, sort::Sort};

/// Characters of a cursor that are looked at.
const MAX_LENGTH: usize = 4 * 1024;

/// A resource's place in the order of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// What it is sorted by: see [`Sort`]. `None` where it has no value, or the list is in the order of ids.
    #[serde(rename = "k")]
    pub key: Option<String>,
    #[serde(rename = "i")]
    pub id: String,
}

/// Which page of a list is asked for, or is told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cursor {
    #[serde(rename = "f")]
    First,
    #[serde(rename = "a")]
    After(Place),
    #[serde(rename = "b")]
    Before(Place),
}

#[derive(Serialize, Deserialize)]
struct Written {
    c: Cursor,
    /// Digest of the query.
    q: u64,
}

impl Cursor {
    /// An empty text asks for the first page.
    ///
    /// # Errors
    /// `invalidCursor` for what no [`Self::write`] made, or made for another query.
    pub fn read(text: &str, query: u64) -> Result<Self, ScimError> {
        if text.is_empty() {
            return Ok(Self::First);
        }
        let bytes =
            Some(text).filter(|text| text.len() <= MAX_LENGTH).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        let written = bytes.and_then(|bytes| serde_json::from_slice::<Written>(&bytes).ok());
        written.filter(|written| written.q == query).map(|written| written.c).ok_or_else(ScimError::invalid_cursor)
    }

    /// Unreserved characters of a URL alone (RFC 9865 section 2).
    pub fn write(self, query: u64) -> String {
        let written = serde_json::to_vec(&Written { c: self, q: query }).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(written)
    }
}

/// What a cursor is bound to: the list, its filter and its order.
pub fn digest(list: &str, filter: Option<&Filter>, sort: Option<&Sort>) -> u64 {
    let filter = filter.map(ToString::to_string).unwrap_or_default();
    let sort = sort.map(|sort| format!("{} {}", sort.by, sort.descending)).unwrap_or_default();
    // FNV-1a: the same in every process and version, unlike the standard library's hasher.
    let bytes = [list, &filter, &sort].into_iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ScimType;

    fn place(key: &str) -> Place {
        Place { key: Some(key.to_owned()), id: "0199aaaa-0000-7000-8000-000000000000".to_owned() }
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        for cursor in [Cursor::After(place("ärger \"1\"")), Cursor::Before(Place { key: None, ..place("") })] {
            let text = cursor.clone().write(7);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
            assert_eq!(Cursor::read(&text, 7), Ok(cursor));
        }
        assert_eq!(Cursor::read("", 7), Ok(Cursor::First));
    }

    #[test]
    fn a_cursor_of_another_query_is_refused() {
        let filter: Filter = "userName sw \"a\"".parse().unwrap();
        let sort = Sort { by: "userName".parse().unwrap(), descending: false };
        let descending = Sort { descending: true, ..sort.clone() };
        let queries = [
            digest("/Users", None, None),
            digest("/Groups", None, None),
            digest("/Users", Some(&filter), None),
            digest("/Users", None, Some(&sort)),
            digest("/Users", None, Some(&descending)),
        ];
        for (index, made_for) in queries.iter().enumerate() {
            let text = Cursor::After(place("a")).write(*made_for);
            for (other, used_with) in queries.iter().enumerate() {
                let read = Cursor::read(&text, *used_with);
                assert_eq!(read.is_ok(), index == other, "{index} {other}");
            }
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let long = Cursor::After(place(&"x".repeat(MAX_LENGTH))).write(1);
        for text in ["x", "====", "eyJ9", "\u{0}", &long] {
            assert_eq!(Cursor::read(text, 1).unwrap_err().scim_type, Some(ScimType::InvalidCursor), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,80}") {
            let _ = Cursor::read(&text, 0);
        }

        #[test]
        fn any_place_comes_back(key in proptest::option::of(".{0,40}"), id in ".{0,40}", query: u64) {
            let cursor = Cursor::Before(Place { key, id });
            prop_assert_eq!(Cursor::read(&cursor.clone().write(query), query), Ok(cursor));
        }
    }
}
