use domain::user::{Enterprise, Name, Profile, UserInput, Valued};

/// A well-formed person as a client would send them: `person("ada")` is Ada Example of Research, an engineer, active,
/// reached at `ada@example.org`.
pub fn person(user_name: &str) -> UserInput {
    let given_name = capitalised(user_name);
    UserInput {
        user_name: user_name.to_owned(),
        external_id: None,
        active: true,
        profile: Profile {
            display_name: Some(format!("{given_name} Example")),
            name: Some(Name {
                given_name: Some(given_name),
                family_name: Some("Example".to_owned()),
                ..Name::default()
            }),
            title: Some("Engineer".to_owned()),
            emails: vec![Valued {
                value: format!("{user_name}@example.org"),
                kind: Some("work".to_owned()),
                primary: true,
                ..Valued::default()
            }],
            enterprise: Some(Enterprise { department: Some("Research".to_owned()), ..Enterprise::default() }),
            ..Profile::default()
        },
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_passes_the_one_validation() {
        let ada = person("ada").check().unwrap();
        assert_eq!(ada.profile.label().as_deref(), Some("Ada Example"));
        assert_eq!(ada.profile.primary_email(), Some("ada@example.org"));
    }
}
