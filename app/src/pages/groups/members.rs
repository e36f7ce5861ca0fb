//! The tab Members: who is in the group, searched, added and removed.

use domain::GroupId;
use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{
    api,
    listing::{Chooser, PAGE, REMOVE, Shown, Tab, asked, listing},
    view::List,
};
use crate::{
    pages::connections::param,
    routes::Page,
    ui::{form::post, load::Loaded, table::Selection},
};

#[component]
pub fn GroupMembers() -> impl IntoView {
    let id = param::<GroupId>("id");
    let asked = asked(PAGE);
    let list = listing(Box::new(move || id().map(List::Members)), PAGE);
    let selection = Selection::new(REMOVE, "ids[]");
    let action = post::<api::RemoveMembers>();
    view! {
        <Loaded data=list part=true view=move |list| {
            let Some(id) = id() else { return ().into_any() };
            let shown = Shown {
                base: Page::GroupMembers(id).path(),
                names: PAGE,
                caption: "Members",
                columns: &["Name", "User name", "State"],
                placeholder: "Name, user name or email",
                selection: None,
                remove: None,
                nothing: ("No members yet", "Add people, and they are listed here. Over SCIM, too, they come and go."),
            };
            let add = ("+ Add Members", Page::AddMembers(id).path());
            let hint = "Whoever is removed stays a user.";
            Tab { shown, id: id.to_string(), add, hint, action }.draw(list, &asked(), selection)
        }/>
        <Outlet/>
    }
}

#[component]
pub fn AddMembers() -> impl IntoView {
    let id = param::<GroupId>("id");
    let at = |page: fn(GroupId) -> Page| id().map(|id| page(id).path()).unwrap_or_default();
    let chooser = Chooser {
        title: "Add Members",
        subtitle: "Search, tick people, search on: whom you ticked stays chosen.",
        placeholder: "Name, user name or email",
        columns: &["Name", "State"],
        nothing: ("Nobody here", "Add users first."),
        caption: "People",
        verb: "Add",
        action: post::<api::AddMembers>(),
    };
    chooser.draw(
        Box::new(move || id().map(List::People)),
        id().map(|id| id.to_string()).unwrap_or_default(),
        at(Page::GroupMembers),
        at(Page::AddMembers),
    )
}
