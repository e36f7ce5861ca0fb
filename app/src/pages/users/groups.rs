//! The tab Groups: what this user is in, put into more and taken out.

use domain::UserId;
use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{show::Shown, view::User};
use crate::{
    pages::{
        connections::param,
        groups::{
            api,
            listing::{Asked, Choice, Chooser, PAGE, REMOVE, Shown as List, Tab, asked, listing},
            view::{Listing, Which},
        },
    },
    routes::Page,
    ui::{
        form::{Post, post},
        load::Loaded,
        table::Selection,
    },
};

#[component]
pub fn UserGroups() -> impl IntoView {
    let id = param::<UserId>("id");
    let asked = asked(PAGE);
    let list = listing(Box::new(move || id().map(Which::GroupsOf)), PAGE);
    let (action, selection) = (post::<api::Leave>(), Selection::new(REMOVE, "ids[]"));
    view! {
        // Before the list: what pages load is told apart by number, counted as it is asked for, by server and browser
        // alike. What stands within something loaded is counted when that is there, sooner or later.
        <Outlet/>
        <Loaded data=list part=true view=move |list| {
            id().map(|id| tab(id, list, &asked(), selection, action)).into_any()
        }/>
    }
}

fn tab(id: UserId, list: Listing, asked: &Asked, selection: Selection, action: Post) -> AnyView {
    let shown = List {
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
    Tab { shown, id: id.to_string(), add, hint, action }.draw(list, asked, selection)
}

#[component]
pub fn AssignGroups() -> impl IntoView {
    let Shown(user) = expect_context();
    let id = param::<UserId>("id");
    let chooser = Chooser {
        title: "Assign Group",
        subtitle: "Search, tick groups, search on: what you ticked stays chosen.",
        placeholder: "Name of a group",
        columns: &["Name", "Members"],
        nothing: ("No groups yet", "Make a group first, under Groups."),
        caption: "Groups",
        verb: "Assign",
        action: post::<api::Assign>(),
        choice: Choice::new(Box::new(move || id().map(Which::GroupsFor))),
    };
    view! {
        <Loaded data=user part=true view=move |User { id, .. }| {
            chooser.draw(id.to_string(), Page::UserGroups(id).path(), Page::AssignGroups(id).path())
        }/>
    }
}
