//! People by the thousand, for `usher test-data`: the same seed makes the same people.

use domain::{
    Ids,
    group::Group,
    user::{Enterprise, Name, Origin, Profile, User, Valued},
};

const GIVEN_NAMES: &str = "\
    Ada Aisha Alan Amara Ana Annie Arjun Barbara Chen Clara Dennis Edith Edsger Elena Emil Fatima Frances Grace \
    Hana Hedy Ines Ivan Jean Joan Kofi Lars Leila Linus Margaret Mateo Mei Nadia Noor Olga Radia Rosa Samuel Sofia \
    Tomas Yuki";
const FAMILY_NAMES: &str = "\
    Allen Andersson Bauer Bianchi Clarke Cohen Costa Dubois Easley Eriksen Fischer Garcia Hamilton Hansen Hopper \
    Ibrahim Ivanova Johnson Kaya Khan Kowalski Lamarr Larsen Lovelace Mensah Moreau Nakamura Novak Okafor Perlman \
    Petrov Rossi Santos Sato Silva Singh Tanaka Turing Weber Zhang";
const DEPARTMENTS: &str = "Design Engineering Finance Legal Operations People Research Sales";
const TITLES: &str = "Analyst Assistant Director Engineer Manager Specialist";
/// Of so many people one is disabled.
const DISABLED: u64 = 25;

/// Deals the same cards for the same seed (`SplitMix64`); nothing it makes is a secret.
#[derive(Clone, Debug)]
struct Cards(u64);

impl Cards {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// One of these words.
    fn one_of(&mut self, words: &'static str) -> &'static str {
        let count = words.split(' ').count() as u64;
        let chosen = usize::try_from(self.below(count)).unwrap_or_default();
        words.split(' ').nth(chosen).unwrap_or_default()
    }
}

/// So many people, no two of whom share a user name, a mail address or an external id.
pub(crate) fn people(ids: &Ids, seed: u64, count: u32) -> impl Iterator<Item = User> {
    let mut cards = Cards(seed);
    let now = ids.now();
    (1..=count).map(move |number| {
        let (given, family) = (cards.one_of(GIVEN_NAMES), cards.one_of(FAMILY_NAMES));
        let user_name = format!("{}.{}.{number}", given.to_lowercase(), family.to_lowercase());
        User {
            id: ids.make(),
            external_id: Some(format!("test-{number}")),
            active: cards.below(DISABLED) != 0,
            locked: false,
            origin: Origin::Import,
            excluded: false,
            staged: false,
            role: None,
            profile: profile(&mut cards, number, given, family, &user_name),
            version: 1,
            created_at: now,
            updated_at: now,
            user_name,
        }
    })
}

/// The group of this number, empty.
pub(crate) fn group(ids: &Ids, number: u32, size: u32) -> Group {
    let now = ids.now();
    Group {
        id: ids.make(),
        display_name: format!("Group {number} of {size}"),
        external_id: Some(format!("test-group-{number}")),
        size: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn profile(cards: &mut Cards, number: u32, given: &str, family: &str, user_name: &str) -> Profile {
    Profile {
        name: Some(Name {
            given_name: Some(given.to_owned()),
            family_name: Some(family.to_owned()),
            ..Name::default()
        }),
        display_name: Some(format!("{given} {family}")),
        title: Some(cards.one_of(TITLES).to_owned()),
        emails: vec![Valued {
            value: format!("{user_name}@example.org"),
            kind: Some("work".to_owned()),
            primary: true,
            ..Valued::default()
        }],
        enterprise: Some(Enterprise {
            employee_number: Some(number.to_string()),
            department: Some(cards.one_of(DEPARTMENTS).to_owned()),
            ..Enterprise::default()
        }),
        ..Profile::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use domain::user::UserInput;

    use super::*;
    use crate::system;

    fn made(seed: u64) -> Vec<User> {
        people(&system::ids(), seed, 500).collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_people() {
        let names = |seed| made(seed).into_iter().map(|user| (user.user_name, user.profile)).collect::<Vec<_>>();
        assert_eq!(names(7), names(7));
        assert_ne!(names(7), names(8));
    }

    #[test]
    fn nobody_shares_a_name_and_all_would_be_taken_over_scim() {
        let users = made(1);
        let distinct: HashSet<&str> = users.iter().map(|user| user.user_name.as_str()).collect();
        assert_eq!(distinct.len(), users.len());
        for user in &users {
            assert_eq!(UserInput::of(user).check(), Ok(UserInput::of(user)));
        }
        assert!(users.iter().any(|user| !user.active) && users.iter().any(|user| user.active));
    }
}
