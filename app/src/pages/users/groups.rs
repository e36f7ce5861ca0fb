//! The tab Groups: what this user is in, put into more and taken out.

use domain::UserId;
use leptos::prelude::*;
use leptos_router::components::Outlet;

use crate::{
    pages::{
        connections::param,
        groups::{
            api,
            listing::{Chooser, PAGE, REMOVE, Shown, Tab, asked, listing},
            view::List,
        },
    },
    routes::Page,
    ui::{form::post, load::Loaded, table::Selection},
};

#[component]
pub fn UserGroups() -> impl IntoView {
    let id = param::<UserId>("id");
    let asked = asked(PAGE);
    let list = listing(Box::new(move || id().map(List::GroupsOf)), PAGE);
    let selection = Selection::new(REMOVE, "ids[]");
    let action = post::<api::Leave>();
    view! {
        <Loaded data=list part=true view=move |list| {
            let Some(id) = id() else { return ().into_any() };
            let shown = Shown {
                base: Page::UserGroups(id).path(),
                names: PAGE,
                caption: "Groups",
                columns: &["Name", "Members"],
                placeholder: "Name of a group",
                selection: None,
                remove: None,
                nothing: ("In no group", "Assign groups here, or add this user on a group's own page."),
            };
            let add = ("+ Assign Group", Page::AssignGroups(id).path());
            let hint = "Being in a group changes nothing in other systems by itself.";
            Tab { shown, id: id.to_string(), add, hint, action }.draw(list, &asked(), selection)
        }/>
        <Outlet/>
    }
}

#[component]
pub fn AssignGroups() -> impl IntoView {
    let id = param::<UserId>("id");
    let at = |page: fn(UserId) -> Page| id().map(|id| page(id).path()).unwrap_or_default();
    let chooser = Chooser {
        title: "Assign Group",
        subtitle: "Search, tick groups, search on: what you ticked stays chosen.",
        placeholder: "Name of a group",
        columns: &["Name", "Members"],
        nothing: ("No groups yet", "Make a group first, under Groups."),
        caption: "Groups",
        verb: "Assign",
        action: post::<api::Assign>(),
    };
    chooser.draw(
        Box::new(move || id().map(List::GroupsFor)),
        id().map(|id| id.to_string()).unwrap_or_default(),
        at(Page::UserGroups),
        at(Page::AssignGroups),
    )
}
