//! The tab Members: who is in the group, searched, added and removed.

use domain::GroupId;
use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{
    api,
    listing::{Asked, Choice, Chooser, PAGE, REMOVE, Shown as List, Tab, asked, listing},
    show::Shown,
    view::{Group, Listing, Which},
};
use crate::{
    pages::connections::param,
    routes::Page,
    ui::{
        form::{Post, post},
        load::Loaded,
        table::Selection,
    },
};

#[component]
pub fn GroupMembers() -> impl IntoView {
    let id = param::<GroupId>("id");
    let asked = asked(PAGE);
    let list = listing(Box::new(move || id().map(Which::Members)), PAGE);
    let (action, selection) = (post::<api::RemoveMembers>(), Selection::new(REMOVE, "ids[]"));
    view! {
        // Before the list: what pages load is told apart by number, counted as it is asked for, by server and browser
        // alike. What stands within something loaded is counted when that is there, sooner or later.
        <Outlet/>
        <Loaded data=list part=true view=move |list| {
            id().map(|id| tab(id, list, &asked(), selection, action)).into_any()
        }/>
    }
}

fn tab(id: GroupId, list: Listing, asked: &Asked, selection: Selection, action: Post) -> AnyView {
    let shown = List {
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
    Tab { shown, id: id.to_string(), add, hint: "Whoever is removed stays a user.", action }
        .draw(list, asked, selection)
}

#[component]
pub fn AddMembers() -> impl IntoView {
    let Shown(group) = expect_context();
    let id = param::<GroupId>("id");
    let chooser = Chooser {
        title: "Add Members",
        subtitle: "Search, tick people, search on: whom you ticked stays chosen.",
        placeholder: "Name, user name or email",
        columns: &["Name", "State"],
        nothing: ("Nobody here", "Add users first."),
        caption: "People",
        verb: "Add",
        action: post::<api::AddMembers>(),
        choice: Choice::new(Box::new(move || id().map(Which::People))),
    };
    view! {
        <Loaded data=group part=true view=move |Group { id, .. }| {
            chooser.draw(id.to_string(), Page::GroupMembers(id).path(), Page::AddMembers(id).path())
        }/>
    }
}
