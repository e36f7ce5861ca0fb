//! The frame of the signed-in console: side panel, account menu, and the page.

use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location};

use super::{mark::Mark, navigation::Navigation};
use crate::{
    browser,
    pages::session::{api, view::Me},
    routes::Page,
    ui::{
        button::Submit,
        card::initial,
        form::{Form, post},
        load::{Loaded, load},
    },
};

const DRAWER: &str = "menu";

#[component]
pub fn Frame() -> impl IntoView {
    close_drawer_on_navigation();
    view! {
        <a class="skip" href="#content">"Skip to content"</a>
        <div class="frame">
            <header class="topbar">
                // Without JavaScript the box alone opens and closes the drawer of narrow windows.
                <input type="checkbox" id=DRAWER class="drawer-box" aria-label="Show the menu"/>
                <label class="drawer-button" for=DRAWER aria-hidden="true">"Menu"</label>
                <Account/>
            </header>
            <aside class="side" aria-label="Usher">
                <a class="mark-link" href=Page::Home.path()>
                    <Mark/>
                </a>
                <Navigation/>
            </aside>
            <label class="drawer-shade" for=DRAWER aria-hidden="true"></label>
            <main class="content" id="content" tabindex="-1">
                <Outlet/>
            </main>
        </div>
    }
}

fn close_drawer_on_navigation() {
    let location = use_location();
    Effect::new(move |_| {
        location.pathname.track();
        browser::uncheck(DRAWER);
    });
}

/// Who is signed in, and the way out.
#[component]
fn Account() -> impl IntoView {
    let me = load(|| (), |()| api::who_am_i());
    view! { <Loaded data=me part=true view=|me| view! { <AccountMenu me/> }.into_any()/> }
}

#[component]
fn AccountMenu(me: Me) -> impl IntoView {
    let sign_out = post::<api::SignOut>();
    view! {
        <details class="account">
            <summary aria-label=format!("Account of {}", me.name)>
                <span class="avatar" aria-hidden="true">{initial(&me.name)}</span>
            </summary>
            <div class="account-menu">
                <p class="account-name">{me.name}</p>
                <p class="hint">{me.role}</p>
                <Form action=sign_out id="sign-out">
                    <Submit>"Sign out"</Submit>
                </Form>
            </div>
        </details>
    }
}
