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
    pub fn invalid_within(map: &str, errors: &FieldErrors) -> Self {
        let named = errors.0.iter().map(|(field, message)| {
            let name = if field.is_empty() { String::new() } else { entry(map, field) };
            (name, message.clone())
        });
        Self::Invalid(FieldErrors(named.collect()))
    }
}

/// The name of one entry of a map in a form: `properties[user_endpoint]`.
pub fn entry(map: &str, key: &str) -> String {
    format!("{map}[{key}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_a_map_carry_the_names_of_its_inputs() {
        let mut errors = FieldErrors::of("user_endpoint", "Needed.");
        errors.add("", "Nothing was saved.");
        let Outcome::Invalid(named) = Outcome::invalid_within("properties", &errors) else { panic!("{errors:?}") };
        assert_eq!(named.get("properties[user_endpoint]"), Some("Needed."));
        assert_eq!(named.get(""), Some("Nothing was saved."));
    }
}
