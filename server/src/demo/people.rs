//! Who works where the demo plays.

use domain::user::{Enterprise, Name, Profile, UserInput, Valued};

struct Person {
    user_name: &'static str,
    given_name: &'static str,
    family_name: &'static str,
    title: &'static str,
    department: &'static str,
}

const PEOPLE: [Person; 8] = [
    person("ada", "Ada", "Lovelace", "Analyst", "Research"),
    person("alan", "Alan", "Turing", "Mathematician", "Research"),
    person("annie", "Annie", "Easley", "Engineer", "Propulsion"),
    person("barbara", "Barbara", "Liskov", "Architect", "Engineering"),
    person("edsger", "Edsger", "Dijkstra", "Engineer", "Engineering"),
    person("grace", "Grace", "Hopper", "Director", "Engineering"),
    person("katherine", "Katherine", "Johnson", "Analyst", "Navigation"),
    person("margaret", "Margaret", "Hamilton", "Director", "Navigation"),
];

const fn person(
    user_name: &'static str,
    given_name: &'static str,
    family_name: &'static str,
    title: &'static str,
    department: &'static str,
) -> Person {
    Person { user_name, given_name, family_name, title, department }
}

pub(super) fn everybody() -> impl Iterator<Item = UserInput> {
    PEOPLE.iter().map(|person| UserInput {
        user_name: person.user_name.to_owned(),
        external_id: None,
        active: true,
        profile: Profile {
            display_name: Some(format!("{} {}", person.given_name, person.family_name)),
            name: Some(Name {
                given_name: Some(person.given_name.to_owned()),
                family_name: Some(person.family_name.to_owned()),
                ..Name::default()
            }),
            title: Some(person.title.to_owned()),
            emails: vec![Valued {
                value: format!("{}@example.org", person.user_name),
                kind: Some("work".to_owned()),
                primary: true,
                ..Valued::default()
            }],
            enterprise: Some(Enterprise { department: Some(person.department.to_owned()), ..Enterprise::default() }),
            ..Profile::default()
        },
    })
}
