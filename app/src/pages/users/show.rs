//! One user: the head and the tabs.

use domain::UserId;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Outlet;

use super::{api, standing, view::User};
use crate::{
    error::ConsoleError,
    pages::connections::param,
    routes::Page,
    ui::{
        breadcrumbs::Breadcrumbs,
        card::initial,
        load::{Load, Loaded, load},
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
    let user = load(id, |id| async move {
        match id {
            Some(id) => api::show(id).await,
            None => Err(ConsoleError::NotFound { what: "This user".to_owned() }),
        }
    });
    provide_context(Shown(user));
    view! {
        <Loaded data=user view=head/>
        // Outside what is loaded: what is typed in a tab stays when the head is drawn again.
        <Outlet/>
    }
}

fn head(user: User) -> AnyView {
    let User { id, label, user_name, mail, state, origin, created, role, is_me, .. } = user;
    let tabs = vec![
        ("Profile", Page::User(id).path()),
        ("Groups", Page::UserGroups(id).path()),
        ("Sessions", Page::UserSessions(id).path()),
        ("Provisioning", Page::UserProvisioning(id).path()),
        ("History", Page::UserHistory(id).path()),
    ];
    let trail = vec![("Users".to_owned(), Some(Page::Users.path())), (label.clone(), None)];
    let role = role.map(|role| view! { <Pill tone=Tone::Info text=role/> });
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
            <div class="page-head-actions">{me} {role} {standing(state)}</div>
        </header>
        <Tabs label tabs/>
    }
    .into_any()
}
