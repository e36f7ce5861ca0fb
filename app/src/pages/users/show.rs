//! One user: the head and the tabs.

use domain::UserId;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Outlet;

use super::{
    api, standing,
    view::{Standing, User},
};
use crate::{
    pages::{connections::param, roles::label as role_label},
    routes::Page,
    ui::{
        breadcrumbs::Breadcrumbs,
        card::initial,
        load::{Load, Loaded, load, named},
        note::Tone,
        pill::Pill,
        tabs::Tabs,
        time::Time,
    },
};

/// What the tabs share.
#[derive(Clone, Copy)]
pub(super) struct Shown(pub(super) Load<User>);

#[component]
pub fn ShowUser() -> impl IntoView {
    let id = param::<UserId>("id");
    let user = load(move || {
        let id = named(id(), "This user")?;
        Ok(api::Show { id })
    });
    provide_context(Shown(user));
    view! {
        <Loaded data=user view=head/>
        // Outside what is loaded: what is typed in a tab stays when the head is drawn again.
        <Outlet/>
    }
}

fn head(user: User) -> AnyView {
    let User { id, label, user_name, mail, state, locked, origin, created, role, is_me, .. } = user;
    let tabs = vec![
        ("Profile", Page::User(id).path()),
        ("Groups", Page::UserGroups(id).path()),
        ("Roles", Page::UserRoles(id).path()),
        ("Active Sessions", Page::UserSessions(id).path()),
        ("Provisioning", Page::UserProvisioning(id).path()),
        ("History", Page::UserHistory(id).path()),
    ];
    let trail = vec![("Users".to_owned(), Some(Page::Users.path())), (label.clone(), None)];
    let role = role.map(|role| view! { <Pill tone=Tone::Info text=role_label(role)/> });
    // A lock is told beside what else keeps them out.
    let locked = (locked && state != Standing::Locked).then(|| standing(Standing::Locked));
    let me = is_me.then(|| view! { <Pill tone=Tone::Info text="You"/> });
    view! {
        <Title text=label.clone()/>
        <Breadcrumbs trail/>
        <header class="page-head person-head">
            <span class="avatar" aria-hidden="true">{initial(&label)}</span>
            <div class="page-head-text">
                <h1>{label.clone()}</h1>
                <p class="subtitle">
                    {mail.unwrap_or(user_name)} " · came in by " {origin} ", " <Time at=created/>
                </p>
            </div>
            <div class="page-head-actions">{me} {role} {standing(state)} {locked}</div>
        </header>
        <Tabs label tabs/>
    }
    .into_any()
}
