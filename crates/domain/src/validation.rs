//! What is wrong with an input, by field, in words for whoever typed it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Errors of one form or document. Keys are the fields' names; `""` is the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldErrors(pub BTreeMap<String, String>);

impl FieldErrors {
    pub fn of(field: &str, message: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, message);
        errors
    }

    /// The first error of a field stays.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.entry(field.to_owned()).or_insert_with(|| message.into());
    }

    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    /// All of them in one sentence, for protocols that carry a single text.
    pub fn sentence(&self) -> String {
        let parts: Vec<String> = self
            .0
            .iter()
            .map(|(field, message)| if field.is_empty() { message.clone() } else { format!("{field}: {message}") })
            .collect();
        parts.join(" ")
    }
}

/// Names compare without regard to case (RFC 7643 section 4.1.1: `userName` is not case-exact).
pub fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Whether a text can be a mail address: something on both sides of one `@`. Whether it receives mail only a mail tells.
pub fn is_mail(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(char::is_whitespace)
    })
}

pub fn has_control(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_something_on_both_sides() {
        for address in ["ada@example.org", "a@b", "o'neill+x@example.org"] {
            assert!(is_mail(address), "{address}");
        }
        for other in ["ada", "@example.org", "ada@", "a@b@c", "a da@example.org"] {
            assert!(!is_mail(other), "{other}");
        }
    }
}
