//! Groups: a table, with a search by the words of their names.

use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{
    listing::{Asked, PAGE, Shown, add, asked, listing},
    view::{Listing, Which},
};
use crate::{layout::head::PageHead, routes::Page, ui::load::Loaded};

const SUBTITLE: &str = "People who belong together. Identity providers bring groups over SCIM; others are made here.";

#[component]
pub fn Groups() -> impl IntoView {
    let asked = asked(PAGE);
    let list = listing(Box::new(|| Some(Which::Groups)), PAGE);
    view! {
        <Loaded data=list view=move |list| page(list, &asked())/>
        <Outlet/>
    }
}

fn page(list: Listing, asked: &Asked) -> AnyView {
    let Listing { items, next, may_write } = list;
    let new_group = || add("+ New Group", Page::NewGroup.path(), may_write);
    let is_empty = items.is_empty() && asked == &Asked::default();
    let shown = Shown {
        base: Page::Groups.path(),
        names: PAGE,
        caption: "Groups",
        columns: &["Name", "Members", "Created", "Changed"],
        placeholder: "Name",
        selection: None,
        remove: None,
        nothing: (
            "No groups yet",
            "Make a group here, or let an identity provider or HR system bring its own over SCIM 2.0.",
        ),
    };
    let head = if is_empty { ().into_any() } else { new_group() };
    view! {
        <PageHead title="Groups" subtitle=SUBTITLE>{head}</PageHead>
        {shown.draw(items, next, asked, new_group())}
    }
    .into_any()
}
