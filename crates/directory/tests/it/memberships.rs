//! Groups as the console lists and changes them.

use directory::{
    Error,
    groups::NewGroup,
    memberships::{Joined, Part},
    people::PeopleQuery,
};
use domain::{
    GroupId, UserId,
    group::{Group, GroupInput},
    limits,
};
use serde_json::json;
use uuid::Uuid;

use crate::support::{House, may};

const NOBODY: UserId = UserId(Uuid::nil());
const NOWHERE: GroupId = GroupId(Uuid::nil());

impl House {
    async fn group_of(&self, name: &str, members: &[UserId]) -> Group {
        let input = GroupInput { display_name: name.to_owned(), external_id: None };
        self.directory.create_group(&may(), NewGroup { input, members: members.to_vec() }).await.unwrap()
    }

    async fn size(&self, group: GroupId) -> i64 {
        self.directory.group(&may(), group).await.unwrap().size
    }
}

fn part(search: &str, after: &str, limit: i64) -> Part {
    Part { search: search.to_owned(), after: after.to_owned(), limit }
}

#[tokio::test]
async fn groups_are_listed_page_by_page_with_and_without_a_search() {
    let house = House::new().await;
    for number in 0..5 {
        house.group_of(&format!("Guides {number}"), &[]).await;
    }
    house.group_of("Admins", &[]).await;
    for (search, count) in [("", 6), ("guides", 5), ("GUI 3", 1), ("nobody", 0)] {
        let (mut names, mut after) = (Vec::new(), String::new());
        loop {
            let page = house.directory.groups(&may(), &part(search, &after, 2)).await.unwrap();
            assert!(page.items.len() <= 2);
            names.extend(page.items.into_iter().map(|group| group.display_name));
            let Some(next) = page.next else { break };
            after = next;
        }
        assert_eq!(names.len(), count, "{search}: {names:?}");
        assert!(names.is_sorted());
    }
    let page = house.directory.groups(&may(), &part("", "no cursor of ours", 2)).await.unwrap();
    assert_eq!(page.items[0].display_name, "Admins", "whatever is no cursor begins at the start");
}

#[tokio::test]
async fn people_are_added_once_and_what_became_of_each_is_told() {
    let house = House::new().await;
    let (ada, bea) = (house.create("ada").await.id, house.create("bea").await.id);
    let group = house.group_of("Guides", &[ada]).await.id;
    let joined = house.directory.add_people(&may(), group, vec![bea, ada, NOBODY, bea]).await.unwrap();
    assert_eq!(joined, Joined { added: 1, already: 1, gone: 1 });
    let event = &house.audit().await[0];
    assert_eq!((event.action.as_str(), event.subject_label.as_str()), ("group.update", "Guides"));
    assert_eq!(event.details, json!({ "membersAdded": { "count": 1, "ids": [bea] } }));

    let events = house.audit().await.len();
    let again = house.directory.add_people(&may(), group, vec![bea]).await.unwrap();
    assert_eq!(again, Joined { already: 1, ..Joined::default() });
    assert_eq!(house.audit().await.len(), events, "nothing changed, and nothing is recorded");
    assert_eq!(house.size(group).await, 2);
}

#[tokio::test]
async fn people_are_removed_and_whoever_had_left_is_not_counted() {
    let house = House::new().await;
    let (ada, bea, cy) = (house.create("ada").await.id, house.create("bea").await.id, house.create("cy").await.id);
    let group = house.group_of("Guides", &[ada, bea]).await.id;
    assert_eq!(house.directory.remove_people(&may(), group, vec![ada, cy]).await.unwrap(), 1);
    let details = &house.audit().await[0].details;
    assert_eq!(details, &json!({ "membersRemoved": { "count": 1, "ids": [ada] } }));
    assert_eq!(house.directory.remove_people(&may(), group, vec![ada]).await.unwrap(), 0);
    assert_eq!(house.size(group).await, 1);
    assert!(house.directory.user(&may(), ada).await.is_ok(), "whoever leaves stays a user");
}

#[tokio::test]
async fn somebody_is_put_into_groups_and_taken_out_and_each_group_tells_it() {
    let house = House::new().await;
    let ada = house.create("ada").await.id;
    let guides = house.group_of("Guides", &[ada]).await.id;
    let (admins, night) = (house.group_of("Admins", &[]).await.id, house.group_of("Night Shift", &[]).await.id);
    let joined = house.directory.join_groups(&may(), ada, vec![guides, admins, night, NOWHERE]).await.unwrap();
    assert_eq!(joined, Joined { added: 2, already: 1, gone: 1 });
    let labels: Vec<String> = house.audit().await.into_iter().take(2).map(|event| event.subject_label).collect();
    assert!(labels.contains(&"Admins".to_owned()) && labels.contains(&"Night Shift".to_owned()), "{labels:?}");

    let page = house.directory.groups_of(&may(), ada, &part("", "", 2)).await.unwrap();
    let names: Vec<&str> = page.items.iter().map(|group| group.display_name.as_str()).collect();
    assert_eq!(names, ["Admins", "Guides"]);
    let rest = house.directory.groups_of(&may(), ada, &part("", &page.next.unwrap(), 2)).await.unwrap();
    assert_eq!((rest.items.len(), rest.next), (1, None));
    let found = house.directory.groups_of(&may(), ada, &part("shi", "", 2)).await.unwrap();
    assert_eq!(found.items[0].id, night);

    assert_eq!(house.directory.leave_groups(&may(), ada, vec![night, guides, NOWHERE]).await.unwrap(), 2);
    let left = house.directory.groups_among(&may(), ada, &[guides, admins, night]).await.unwrap();
    assert_eq!(left, [admins].into());
}

#[tokio::test]
async fn what_is_gone_is_not_found_and_a_selection_is_bounded() {
    let house = House::new().await;
    let ada = house.create("ada").await.id;
    let directory = &house.directory;
    let gone = directory.add_people(&may(), NOWHERE, vec![ada]).await;
    assert!(matches!(gone, Err(Error::NotFound("group"))), "{gone:?}");
    let gone = directory.remove_people(&may(), NOWHERE, vec![ada]).await;
    assert!(matches!(gone, Err(Error::NotFound("group"))), "{gone:?}");
    let gone = directory.join_groups(&may(), NOBODY, vec![NOWHERE]).await;
    assert!(matches!(gone, Err(Error::NotFound("user"))), "{gone:?}");
    let gone = directory.groups_of(&may(), NOBODY, &part("", "", 1)).await;
    assert!(matches!(gone, Err(Error::NotFound("user"))), "{gone:?}");
    let gone = directory.people_in(&may(), NOWHERE, &part("", "", 1)).await;
    assert!(matches!(gone, Err(Error::NotFound("group"))), "{gone:?}");

    let group = house.group_of("Guides", &[]).await.id;
    for (count, words) in [(0, "Choose people first"), (limits::SELECTED + 1, "at most 100 people at once")] {
        let people = (0..count).map(|number| UserId(Uuid::from_u128(number as u128))).collect();
        let refused = directory.add_people(&may(), group, people).await.unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}");
    }
}

#[tokio::test]
async fn the_second_of_two_who_rename_a_group_is_told_and_members_do_not_make_a_form_stale() {
    let house = House::new().await;
    let ada = house.create("ada").await.id;
    let group = house.group_of("Guides", &[]).await.id;
    let rename = async |seen: &str, name: &str| {
        house.directory.rename_group(&may(), group, seen.to_owned(), name.to_owned()).await
    };
    house.directory.add_people(&may(), group, vec![ada]).await.unwrap();
    assert_eq!(rename("Guides", " Tour Guides ").await.unwrap().display_name, "Tour Guides");
    let details = &house.audit().await[0].details;
    assert_eq!(details, &json!({ "displayName": { "before": "Guides", "after": "Tour Guides" } }));
    assert!(matches!(rename("Guides", "Pilots").await, Err(Error::Stale)));
    house.group_of("Admins", &[]).await;
    assert!(matches!(rename("Tour Guides", "ADMINS").await, Err(Error::Taken(_))));
    assert!(matches!(rename("Tour Guides", " ").await, Err(Error::Invalid(_))));
    assert_eq!(rename("Tour Guides", "TOUR guides").await.unwrap().display_name, "TOUR guides", "case is its own");
}

#[tokio::test]
async fn the_people_of_a_group_are_listed_and_searched_among_many() {
    let house = House::new().await;
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(house.create(&format!("user{number}")).await.id);
    }
    let group = house.group_of("Guides", &ids[..5]).await.id;
    let (mut names, mut after) = (Vec::new(), String::new());
    loop {
        let page = house.directory.people_in(&may(), group, &part("", &after, 2)).await.unwrap();
        names.extend(page.items.into_iter().map(|user| user.user_name));
        let Some(next) = page.next else { break };
        after = next;
    }
    assert_eq!(names, ["user0", "user1", "user2", "user3", "user4"]);
    let page = house.directory.people_in(&may(), group, &part("user6", "", 2)).await.unwrap();
    assert_eq!((page.items.len(), page.next), (0, None), "there is a user6, who is no member");
    let everybody = PeopleQuery { search: Some("user6".to_owned()), limit: 2, ..PeopleQuery::default() };
    assert_eq!(house.directory.people(&may(), everybody).await.unwrap().items.len(), 1);
}
