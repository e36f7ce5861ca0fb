//! Who works where the demo plays.

use std::collections::BTreeMap;

use domain::user::{Enterprise, Name, Profile, UserInput, Valued};

/// One person. A name may be of one word: the family name is empty then.
pub(super) struct Person {
    pub(super) user_name: &'static str,
    given_name: &'static str,
    family_name: &'static str,
    title: &'static str,
    department: &'static str,
    /// Where people are called by their family name first.
    family_first: bool,
}

/// Who has a say in what comes next, from all departments.
const STEERING: (&str, [&str; 4]) = ("Steering Committee", ["grace", "margaret", "priya.raghunathan", "sanna.makinen"]);

/// Those that are there from the start; whoever comes after is on the way in.
pub(super) const FOUNDERS: usize = 40;

const PEOPLE: [Person; 48] = [
    person("ada", "Ada", "Lovelace", "Analyst", "Research"),
    person("alan", "Alan", "Turing", "Mathematician", "Research"),
    person("annie", "Annie", "Easley", "Engineer", "Propulsion"),
    person("barbara", "Barbara", "Liskov", "Architect", "Engineering"),
    person("edsger", "Edsger", "Dijkstra", "Engineer", "Engineering"),
    person("grace", "Grace", "Hopper", "Director", "Engineering"),
    person("katherine", "Katherine", "Johnson", "Analyst", "Navigation"),
    person("margaret", "Margaret", "Hamilton", "Director", "Navigation"),
    person("amara.okafor", "Amara", "Okafor", "Account Manager", "Sales"),
    person("aroha.ngata", "Aroha", "Ngata", "Field Engineer", "Operations"),
    person("asgeir.thorsson", "Ásgeir", "Þórsson", "Geologist", "Research"),
    person("ayse.yildiz", "Ayşe", "Yıldız", "Controller", "Finance"),
    person("bjork.magnusdottir", "Björk", "Magnúsdóttir", "Recruiter", "People"),
    person("chinedu.eze", "Chinedu", "Eze", "Support Engineer", "Support"),
    person("chloe.lefevre", "Chloé", "Lefèvre", "Designer", "Product"),
    person("dewi", "Dewi", "", "Account Manager", "Sales"),
    person("eilidh.macleod", "Eilidh", "MacLeod", "Counsel", "Legal"),
    person("fatima.elamrani", "Fatima Zahra", "El Amrani", "Product Manager", "Product"),
    person("gabriel.garcia", "Gabriel", "García Márquez", "Editor", "Marketing"),
    person("hana.novakova", "Hana", "Nováková", "Engineer", "Engineering"),
    family_first("haruka.sato", "佐藤", "遥", "Engineer", "Engineering"),
    person("ines.ferreira", "Inês", "Ferreira da Silva", "Analyst", "Finance"),
    person("ioana.popescu", "Ioana", "Popescu", "Test Engineer", "Engineering"),
    person("jose.nunez", "José Luis", "Núñez Peña", "Buyer", "Operations"),
    person("kalinda", "Kalinda", "", "Writer", "Marketing"),
    person("kwame.mensah", "Kwame", "Mensah", "Account Manager", "Sales"),
    person("leila.haddad", "ليلى", "حداد", "Translator", "Marketing"),
    family_first("linh.nguyen", "Nguyễn", "Thị Linh", "Support Engineer", "Support"),
    person("lukasz.zolc", "Łukasz", "Żółć", "Engineer", "Engineering"),
    person("maeve.osullivan", "Maeve", "O’Sullivan", "Account Manager", "Sales"),
    person("malia.kealoha", "Mālia", "Kealoha", "Navigator", "Navigation"),
    person("marten.vandenberg", "Marten", "van den Berg", "Controller", "Finance"),
    person("matej.cerny", "Matěj", "Černý", "Technician", "Propulsion"),
    person("mihir.rao", "Mihir", "Rao", "Engineer", "Propulsion"),
    person("nils.oestergaard", "Nils", "Østergaard", "Planner", "Operations"),
    person("noa.benami", "Noa", "Ben-Ami", "Counsel", "Legal"),
    person("oleksandra.kovalenko", "Олександра", "Коваленко", "Engineer", "Engineering"),
    person("priya.raghunathan", "Priya", "Raghunathan", "Director", "People"),
    person("rosa.quispe", "Rosa", "Quispe Mamani", "Technician", "Operations"),
    person("sanna.makinen", "Sanna", "Mäkinen", "Designer", "Product"),
    person("sukarya", "Sukarya", "", "Apprentice", "Support"),
    person("tadhg.murphy", "Tadhg", "Ó Murchú", "Account Manager", "Sales"),
    person("thandiwe.dlamini", "Thandiwe", "Dlamini", "Product Manager", "Product"),
    person("tomas.kirsch", "Tomás", "Kirsch", "Engineer", "Engineering"),
    family_first("wei.zhang", "张", "伟", "Engineer", "Propulsion"),
    person("xochitl.ramirez", "Xóchitl", "Ramírez", "Apprentice", "Research"),
    person("yusuf.demir", "Yusuf", "Demir", "Support Engineer", "Support"),
    person("zoe.papadopoulou", "Ζωή", "Παπαδοπούλου", "Analyst", "Research"),
];

/// Those for whom Sales has no licence left.
pub(super) const UNLICENSED: [&str; 3] = ["dewi", "kwame.mensah", "maeve.osullivan"];
/// Those who have left for a while: disabled here and, where it can be reached, everywhere.
pub(super) const ON_LEAVE: [&str; 2] = ["noa.benami", "marten.vandenberg"];
/// Somebody with a new task, and which.
pub(super) const PROMOTED: (&str, &str) = ("sanna.makinen", "Director");

const fn person(
    user_name: &'static str,
    given_name: &'static str,
    family_name: &'static str,
    title: &'static str,
    department: &'static str,
) -> Person {
    Person { user_name, given_name, family_name, title, department, family_first: false }
}

const fn family_first(
    user_name: &'static str,
    family_name: &'static str,
    given_name: &'static str,
    title: &'static str,
    department: &'static str,
) -> Person {
    Person { user_name, given_name, family_name, title, department, family_first: true }
}

/// In the order in which they come in.
pub(super) fn everybody() -> &'static [Person] {
    &PEOPLE
}

/// Names of groups, and the user names of who is in them.
pub(super) fn groups() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for person in everybody() {
        groups.entry(person.department).or_default().push(person.user_name);
    }
    let (name, members) = STEERING;
    groups.insert(name, members.to_vec());
    groups
}

impl Person {
    pub(super) fn input(&self) -> UserInput {
        let family_name = (!self.family_name.is_empty()).then(|| self.family_name.to_owned());
        let mut parts: Vec<&str> = [Some(self.given_name), family_name.as_deref()].into_iter().flatten().collect();
        if self.family_first {
            parts.reverse();
        }
        UserInput {
            user_name: self.user_name.to_owned(),
            external_id: None,
            active: true,
            profile: Profile {
                display_name: Some(parts.join(" ")),
                name: Some(Name { given_name: Some(self.given_name.to_owned()), family_name, ..Name::default() }),
                title: Some(self.title.to_owned()),
                emails: vec![Valued {
                    value: format!("{}@example.org", self.user_name),
                    kind: Some("work".to_owned()),
                    primary: true,
                    ..Valued::default()
                }],
                enterprise: Some(Enterprise { department: Some(self.department.to_owned()), ..Enterprise::default() }),
                ..Profile::default()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn everybody_is_somebody_of_their_own_and_can_come_in() {
        let names: HashSet<&str> = PEOPLE.iter().map(|person| person.user_name).collect();
        assert_eq!(names.len(), PEOPLE.len());
        for person in everybody() {
            person.input().check().unwrap();
        }
    }

    #[test]
    fn everybody_is_in_a_group_and_every_group_has_people_of_the_demo() {
        let names: HashSet<&str> = PEOPLE.iter().map(|person| person.user_name).collect();
        let grouped: HashSet<&str> = groups().into_values().flatten().collect();
        assert_eq!(grouped, names);
        assert!(groups().len() > 10);
    }

    #[test]
    fn whoever_has_a_part_is_among_the_founders() {
        let founders: HashSet<&str> = PEOPLE[..FOUNDERS].iter().map(|person| person.user_name).collect();
        for name in UNLICENSED.iter().chain(&ON_LEAVE).chain([&PROMOTED.0]) {
            assert!(founders.contains(name), "{name}");
        }
    }
}
