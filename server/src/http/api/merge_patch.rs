//! JSON Merge Patch (RFC 7396): what is left out stays, what is null is taken away.

use serde::{Deserialize, Deserializer};

/// A field of a merge patch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Patch<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A field that is left out never comes here: it takes the default.
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

impl<T> Patch<T> {
    /// The new value, where there is one: what is taken away becomes `default`.
    pub(super) fn or_default(self, default: T) -> Option<T> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(default),
            Self::Set(value) => Some(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Change {
        name: Patch<String>,
    }

    #[test]
    fn a_field_is_kept_cleared_or_set() {
        let read = |json: &str| serde_json::from_str::<Change>(json).unwrap().name;
        assert_eq!(read("{}"), Patch::Keep);
        assert_eq!(read("{\"name\": null}"), Patch::Clear);
        assert_eq!(read("{\"name\": \"a\"}"), Patch::Set("a".to_owned()));
        assert_eq!(read("{\"name\": null}").or_default(String::new()), Some(String::new()));
    }
}
