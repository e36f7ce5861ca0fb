//! Who can sign in, and what is told of them.

use serde::{Deserialize, Serialize};

/// Characters of anything that is told of somebody.
const MAX_TEXT: usize = 200;
const MAX_GROUPS: usize = 50;

/// Somebody who can sign in. What is empty is not told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Persona {
    /// Stays the same whatever else changes.
    pub sub: String,
    pub user_name: String,
    pub given_name: String,
    pub family_name: String,
    pub display_name: String,
    pub email: String,
    pub email_verified: bool,
    pub title: String,
    pub department: String,
    pub groups: Vec<String>,
}

/// What the form of a persona sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Claims {
    user_name: String,
    given_name: String,
    family_name: String,
    display_name: String,
    email: String,
    email_verified: Option<String>,
    title: String,
    department: String,
    /// Between commas.
    groups: String,
}

impl Claims {
    /// What was typed, whether it can be so or not.
    pub(super) fn of(self, sub: &str) -> Persona {
        let trimmed = |text: String| text.trim().to_owned();
        let groups = self.groups.split(',').map(str::trim).filter(|group| !group.is_empty());
        Persona {
            sub: sub.to_owned(),
            groups: groups.map(str::to_owned).collect(),
            user_name: trimmed(self.user_name),
            given_name: trimmed(self.given_name),
            family_name: trimmed(self.family_name),
            display_name: trimmed(self.display_name),
            email: trimmed(self.email),
            email_verified: self.email_verified.is_some(),
            title: trimmed(self.title),
            department: trimmed(self.department),
        }
    }
}

impl Persona {
    /// What keeps it from being so.
    pub(super) fn problem(&self, others: &[Self]) -> Option<&'static str> {
        let texts = [
            &self.user_name,
            &self.given_name,
            &self.family_name,
            &self.display_name,
            &self.email,
            &self.title,
            &self.department,
        ];
        let mut texts = texts.into_iter().chain(&self.groups);
        if self.user_name.is_empty() {
            return Some("Somebody without a user name cannot sign in.");
        }
        if texts.any(|text| text.chars().count() > MAX_TEXT) || self.groups.len() > MAX_GROUPS {
            return Some("A text has at most 200 characters, and there are at most 50 groups.");
        }
        let taken = others.iter().any(|other| other.sub != self.sub && other.user_name == self.user_name);
        taken.then_some("Somebody else has this user name.")
    }
}

/// Those who are there from the start.
pub(super) fn standard(domain: &str) -> Vec<Persona> {
    [
        ("freya", "Freya", "Lindqvist", "Engineer", "Engineering", &["Engineering", "On Call"] as &[&str]),
        ("omar", "Omar", "Benhaddou", "Account Manager", "Sales", &["Sales"]),
        ("keiko", "Keiko", "Yamamoto", "Designer", "Product", &[]),
        ("lucia", "Lucía", "Fernández", "Controller", "Finance", &[]),
        ("dmitri", "Dmitri", "Volkov", "Contractor", "Operations", &[]),
    ]
    .into_iter()
    .enumerate()
    .map(|(number, (user_name, given_name, family_name, title, department, groups))| Persona {
        sub: format!("{}", 48_201 + number * 17),
        user_name: user_name.to_owned(),
        given_name: given_name.to_owned(),
        family_name: family_name.to_owned(),
        display_name: format!("{given_name} {family_name}"),
        email: format!("{user_name}@{domain}"),
        email_verified: user_name != "dmitri",
        title: title.to_owned(),
        department: department.to_owned(),
        groups: groups.iter().map(|&group| group.to_owned()).collect(),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_are_there_may_be_so() {
        let personas = standard("globex.example");
        assert!(personas.iter().all(|persona| persona.problem(&personas).is_none()));
        assert_eq!(personas.iter().filter(|persona| !persona.email_verified).count(), 1);
    }

    #[test]
    fn a_user_name_is_one_person_s() {
        let personas = standard("globex.example");
        let twin = Persona { user_name: "freya".to_owned(), ..personas[1].clone() };
        assert!(twin.problem(&personas).is_some());
        assert!(Persona { user_name: String::new(), ..twin.clone() }.problem(&personas).is_some());
        assert!(Persona { user_name: "n".to_owned(), title: "x".repeat(201), ..twin }.problem(&personas).is_some());
    }
}
