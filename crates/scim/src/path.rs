//! Attribute names as filters, PATCH and `attributes=` write them (RFC 7644 sections 3.4.2.2, 3.5.2 and 3.10).

use std::{fmt, str::FromStr};

use crate::{
    ScimError,
    filter::{Filter, parse::Parser},
};

/// `userName`, `name.familyName`, `urn:…:User:department`, `urn:…:User:manager.displayName`, as it was spelled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AttributePath {
    pub schema: Option<String>,
    pub attribute: String,
    pub sub_attribute: Option<String>,
}

impl AttributePath {
    /// Reads a path without filter. The last colon ends the URN; only what follows is looked at for a dot, since
    /// URNs hold dots (`2.0`).
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (schema, name) = match text.rsplit_once(':') {
            Some((schema, name)) => (Some(schema), name),
            None => (None, text),
        };
        let (attribute, sub_attribute) = match name.split_once('.') {
            Some((attribute, sub_attribute)) => (attribute, Some(sub_attribute)),
            None => (name, None),
        };
        let sound =
            is_name(attribute) && sub_attribute.is_none_or(is_name) && schema.is_none_or(|schema| !schema.is_empty());
        sound.then(|| Self {
            schema: schema.map(str::to_owned),
            attribute: attribute.to_owned(),
            sub_attribute: sub_attribute.map(str::to_owned),
        })
    }
}

/// RFC 7643 section 2.1, and the `$` of `$ref`.
pub(crate) fn is_name(text: &str) -> bool {
    let mut bytes = text.strip_prefix('$').unwrap_or(text).bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// # Errors
/// `invalidPath`
impl FromStr for AttributePath {
    type Err = ScimError;

    fn from_str(text: &str) -> Result<Self, ScimError> {
        let text = text.trim();
        let plain = !text.contains(|c: char| c.is_whitespace() || "()[]\"".contains(c));
        Self::read(text)
            .filter(|_| plain)
            .ok_or_else(|| ScimError::invalid_path(format!("\"{}\" is not an attribute's name.", shown(text))))
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.attribute)?;
        match &self.sub_attribute {
            Some(sub_attribute) => write!(f, ".{sub_attribute}"),
            None => Ok(()),
        }
    }
}

/// The target of a PATCH operation: `emails[type eq "work"].value` has the path `emails.value` and the filter.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchPath {
    pub attribute: AttributePath,
    /// Chooses values of a multi-valued attribute.
    pub filter: Option<Filter>,
}

/// # Errors
/// `invalidPath` with the position, `invalidFilter` where the filter in brackets is wrong.
impl FromStr for PatchPath {
    type Err = ScimError;

    fn from_str(text: &str) -> Result<Self, ScimError> {
        if text.contains('[') {
            return Parser::new(text)?.patch_path();
        }
        Ok(Self { attribute: text.parse()?, filter: None })
    }
}

impl fmt::Display for PatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(filter) = &self.filter else {
            return self.attribute.fmt(f);
        };
        let parent = AttributePath { sub_attribute: None, ..self.attribute.clone() };
        write!(f, "{parent}[{filter}]")?;
        match &self.attribute.sub_attribute {
            Some(sub_attribute) => write!(f, ".{sub_attribute}"),
            None => Ok(()),
        }
    }
}

/// As much of a text from outside as an error repeats.
pub(crate) fn shown(text: &str) -> String {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ScimType;

    fn path(text: &str) -> PatchPath {
        text.parse().unwrap()
    }

    #[test]
    fn the_paths_of_the_rfc_are_read() {
        assert_eq!(path("members").attribute.attribute, "members");
        let name = path("name.familyName").attribute;
        assert_eq!((name.attribute.as_str(), name.sub_attribute.as_deref()), ("name", Some("familyName")));
        let work = path("addresses[type eq \"work\"]");
        assert!(work.filter.is_some() && work.attribute.sub_attribute.is_none());
        let street = path("addresses[type eq \"work\"].streetAddress");
        assert_eq!(street.attribute.to_string(), "addresses.streetAddress");
        let member = path("members[value eq \"2819c223-7f76-453a-919d-413861904646\"].displayName");
        assert_eq!(member.attribute.sub_attribute.as_deref(), Some("displayName"));
    }

    #[test]
    fn a_urn_may_hold_dots_and_lead_a_filtered_path() {
        let department = path("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department").attribute;
        assert_eq!(department.schema.as_deref(), Some(crate::urn::ENTERPRISE_USER));
        assert_eq!((department.attribute.as_str(), department.sub_attribute), ("department", None));
        let mail = path("urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq \"work\"].value");
        assert_eq!(mail.attribute.schema.as_deref(), Some(crate::urn::USER));
        assert_eq!(mail.attribute.sub_attribute.as_deref(), Some("value"));
    }

    #[test]
    fn a_path_is_written_as_it_was_read() {
        for text in [
            "userName",
            "manager.$ref",
            "members[value eq \"a\\\"b\"]",
            "emails[type eq \"work\" and primary eq true].value",
            "urn:example:2.0:User:badges[level gt 3]",
        ] {
            assert_eq!(path(text).to_string(), text);
        }
    }

    #[test]
    fn a_bad_path_is_refused() {
        for text in [
            "",
            " ",
            ".",
            "name.",
            "name..x",
            "a b",
            "1a",
            "emails[",
            "emails[]",
            "emails[type eq \"w\"]x",
            "emails[type eq \"w\"].",
            "emails.value[type eq \"w\"]",
            ":a",
            "ä",
        ] {
            let error = text.parse::<PatchPath>().unwrap_err();
            assert!(
                matches!(error.scim_type, Some(ScimType::InvalidPath | ScimType::InvalidFilter)),
                "{text}: {error}"
            );
        }
    }
}
