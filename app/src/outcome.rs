//! What a mutating server function answers.

use domain::validation::FieldErrors;
use serde::{Deserialize, Serialize};

use crate::routes::Page;

/// Bad input is an outcome, not an error: the form stays, with its messages beside the fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is done; go on there.
    Done {
        /// The path of a [`Page`].
        to: String,
        /// Shown once on the page that follows.
        message: Option<String>,
    },
    /// Nothing was changed; these fields need another value.
    Invalid(FieldErrors),
}

impl Outcome {
    pub fn go(to: &Page) -> Self {
        Self::Done { to: to.path(), message: None }
    }

    pub fn done(to: &Page, message: impl Into<String>) -> Self {
        Self::Done { to: to.path(), message: Some(message.into()) }
    }

    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(FieldErrors::of(field, message))
    }

    /// The errors of a map of inputs: `user_endpoint` becomes `properties[user_endpoint]`, as the form has it.
    /// Errors of the whole stay so, and an empty name of the map leaves all as they are.
    pub fn invalid_within(map: &str, errors: &FieldErrors) -> Self {
        let named = errors.0.iter().map(|(field, message)| (entry(map, field), message.clone()));
        Self::Invalid(FieldErrors(named.collect()))
    }

    /// Moves the error of one field to another.
    #[must_use]
    pub fn renamed(mut self, from: &str, to: &str) -> Self {
        if let Self::Invalid(errors) = &mut self
            && let Some(message) = errors.0.remove(from)
        {
            errors.add(to, message);
        }
        self
    }
}

/// The name of one entry of a map in a form: `properties[user_endpoint]`.
pub fn entry(map: &str, key: &str) -> String {
    if map.is_empty() || key.is_empty() { key.to_owned() } else { format!("{map}[{key}]") }
}

/// A path on this server, and nothing that a browser could take for another one.
pub fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(['\\', '#'])
        && path.bytes().all(|byte| byte.is_ascii_graphic())
}

/// An address with what it asks for, without what is empty; `last` is where a list goes on, or what else comes of it.
pub fn address(path: &str, pairs: &[(&str, &str)], last: (&str, &str)) -> String {
    let mut address = path.to_owned();
    for (name, value) in pairs.iter().chain([&last]).filter(|(_, value)| !value.trim().is_empty()) {
        address.push(if address.len() == path.len() { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        address.push_str(&encoded(value.trim()));
    }
    address
}

/// A value of a query; everything but letters and digits as `%XX`.
pub fn encoded(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'-' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_never_leads_elsewhere() {
        for local in ["/console", "/console/connections?search=a%20b"] {
            assert!(is_local(local), "{local}");
        }
        for foreign in ["", "console", "https://evil.example", "//evil.example", "/\\evil.example", "/a\r\nX:1", "/a b"]
        {
            assert!(!is_local(foreign), "{foreign}");
        }
    }

    #[test]
    fn an_address_holds_what_is_asked_for_alone() {
        let pairs = [("about", " ada&co "), ("from", " ")];
        assert_eq!(address("/logs", &pairs, ("after", "12~7")), "/logs?about=ada%26co&after=12%7E7");
        assert_eq!(address("/logs", &pairs[1..], ("after", "")), "/logs");
    }

    #[test]
    fn a_value_of_a_query_holds_nothing_special() {
        assert_eq!(encoded("a&b=c d~é"), "a%26b%3Dc%20d%7E%C3%A9");
    }

    #[test]
    fn errors_of_a_map_carry_the_names_of_its_inputs() {
        let mut errors = FieldErrors::of("user_endpoint", "Needed.");
        errors.add("", "Nothing was saved.");
        let Outcome::Invalid(named) = Outcome::invalid_within("properties", &errors) else { panic!("{errors:?}") };
        assert_eq!(named.get("properties[user_endpoint]"), Some("Needed."));
        assert_eq!(named.get(""), Some("Nothing was saved."));
    }
}
