//! One group: the head and the tabs.

use domain::GroupId;
use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{api, view::Group};
use crate::{
    layout::head::PageHead,
    pages::connections::param,
    routes::Page,
    ui::{
        load::{Load, Loaded, load, named},
        tabs::Tabs,
    },
};

/// What the tabs share.
#[derive(Clone, Copy)]
pub(super) struct Shown(pub(super) Load<Group>);

#[component]
pub fn ShowGroup() -> impl IntoView {
    let id = param::<GroupId>("id");
    let group = load(move || {
        let id = named(id(), "This group")?;
        Ok(api::Show { id })
    });
    provide_context(Shown(group));
    view! {
        <Loaded data=group view=head/>
        // Outside what is loaded: what is typed in a tab stays when the head is drawn again.
        <Outlet/>
    }
}

fn head(group: Group) -> AnyView {
    let Group { id, name, members, .. } = group;
    let tabs = vec![("General", Page::Group(id).path()), ("Members", Page::GroupMembers(id).path())];
    let label = name.clone();
    view! {
        <PageHead title=name subtitle=members above=vec![("Groups".to_owned(), Some(Page::Groups.path()))]/>
        <Tabs label tabs/>
    }
    .into_any()
}
