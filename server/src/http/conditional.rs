//! `If-Match` and `If-None-Match` (RFC 9110 section 13.1, RFC 7644 section 3.14).

use axum::http::{HeaderMap, HeaderName, header};
use scim::user::version_of;

/// The versions that a header names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tags {
    /// No such header.
    None,
    /// `*`
    Any,
    /// Tags that are none of ours are left out: they match nothing.
    Versions(Vec<i64>),
}

impl Tags {
    pub(crate) fn if_match(headers: &HeaderMap) -> Self {
        Self::read(headers, &header::IF_MATCH)
    }

    pub(crate) fn if_none_match(headers: &HeaderMap) -> Self {
        Self::read(headers, &header::IF_NONE_MATCH)
    }

    fn read(headers: &HeaderMap, name: &HeaderName) -> Self {
        if !headers.contains_key(name) {
            return Self::None;
        }
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let tags: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
        if tags.contains(&"*") {
            return Self::Any;
        }
        Self::Versions(tags.into_iter().filter_map(version_of).collect())
    }

    /// Whether this version is named.
    pub(crate) fn name(&self, version: i64) -> bool {
        match self {
            Self::None => false,
            Self::Any => true,
            Self::Versions(versions) => versions.contains(&version),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn tags(value: &'static str) -> Tags {
        Tags::if_match(&HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static(value))]))
    }

    #[test]
    fn tags_are_read_weak_strong_and_in_lists() {
        assert_eq!(tags("W/\"3\""), Tags::Versions(vec![3]));
        assert_eq!(tags("\"3\", W/\"4\""), Tags::Versions(vec![3, 4]));
        assert_eq!(tags("*"), Tags::Any);
        assert_eq!(Tags::if_match(&HeaderMap::new()), Tags::None);
    }

    #[test]
    fn a_foreign_tag_matches_nothing() {
        assert!(!tags("\"abc\"").name(3));
        assert!(tags("\"abc\", \"3\"").name(3));
    }
}
