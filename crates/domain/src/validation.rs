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

/// How many edits one text is from another: a letter too many, too few, or another.
pub fn edits(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if a == b { corner } else { 1 + corner.min(above).min(row[j]) };
            corner = above;
        }
    }
    row[other.len()]
}

/// Those of these names that were probably meant by one that nobody has, the nearest first: one letter in three may be
/// another, and the end may be missing.
pub fn nearest(name: &str, candidates: Vec<String>, most: usize) -> Vec<String> {
    let wanted = name_key(name);
    let length = wanted.chars().count();
    let mut near: Vec<(usize, String)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let key = name_key(&candidate);
            // One begins as the other: as near as the nearest that does not.
            if length > 2 && key.chars().count() > 2 && (key.starts_with(&wanted) || wanted.starts_with(&key)) {
                return Some((1, candidate));
            }
            let allowed = (length / 3).max(2).min(length.saturating_sub(1));
            let differs = key.chars().count().abs_diff(length) > allowed;
            Some(edits(&wanted, &key)).filter(|edits| !differs && *edits <= allowed).map(|edits| (edits, candidate))
        })
        .collect();
    near.sort();
    near.dedup();
    near.into_iter().map(|(_, name)| name).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_is_answered_with_those_that_were_meant() {
        let there = || ["Engineering", "Engineering Berlin", "Sales", "Support", "It"].map(str::to_owned).to_vec();
        let near = |name: &str| nearest(name, there(), 3);
        assert_eq!(near("Enginering"), ["Engineering"]);
        assert_eq!(near("engineering b"), ["Engineering", "Engineering Berlin"]);
        assert_eq!(near(" slaes"), ["Sales"]);
        assert_eq!(near("Nowhere"), [""; 0]);
        assert_eq!(near(""), [""; 0]);
        assert_eq!(near("hr"), [""; 0], "of two letters none is another");
        assert_eq!(edits("kitten", "sitting"), 3);
    }

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
