//! The frame of the signed-in console: side panel, search, account menu, and the page.
//!
//! All of it works without JavaScript: the drawer of narrow windows is a checkbox, the search a form, the menu a
//! `<details>`. A page that is alive adds suggestions, shortcuts, and the guard of what was typed.

use leptos::{ev, prelude::*};
use leptos_router::{components::Outlet, hooks::use_location};

use super::{finder::Finder, keys::Keys, mark::Mark, navigation::Navigation};
use crate::{
    browser,
    pages::session::{SignedIn, api, view::Me},
    routes::Page,
    ui::{
        button::Submit,
        card::initial,
        form::{Form, post},
        unsaved::{Unsaved, UnsavedGuard},
    },
};

const DRAWER: &str = "menu";
const SIDE: &str = "side";
const ACCOUNT: &str = "account";
/// What lies behind the drawer while it is open.
const BEHIND: &str = ".topbar, .content";

#[component]
pub fn Frame() -> impl IntoView {
    let unsaved = Unsaved::new();
    provide_context(unsaved);
    let signed_in = SignedIn::provide();
    close_menus();
    let guard = move |event: ev::MouseEvent| {
        if let Some(to) = browser::way_of(&event)
            && unsaved.asks(&to)
        {
            event.prevent_default();
        }
    };
    view! {
        // The browser's own way to a part of the page takes the focus along; the router's does not.
        <a class="skip" href="#content" rel="external">"Skip to content"</a>
        <div class="frame" on:click=guard>
            <header class="topbar">
                // Without JavaScript the box alone opens and closes the drawer of narrow windows.
                <input type="checkbox" id=DRAWER class="drawer-box" aria-label="Show the menu" on:change=drawer_changed/>
                <label class="drawer-button" for=DRAWER aria-hidden="true">"Menu"</label>
                <Finder/>
                {signed_in.show(|me| view! { <AccountMenu me/> }.into_any())}
            </header>
            <aside class="side" id=SIDE aria-label="Usher" tabindex="-1">
                <a class="mark-link" href=Page::Home.path()>
                    <Mark/>
                </a>
                <Navigation/>
                <label class="drawer-close" for=DRAWER aria-hidden="true">"Close"</label>
            </aside>
            <label class="drawer-shade" for=DRAWER aria-hidden="true"></label>
            <main class="content" id="content" tabindex="-1">
                <Outlet/>
            </main>
        </div>
        <UnsavedGuard/>
        <Keys/>
    }
}

/// The open drawer takes the focus, and nothing behind it can be reached.
fn drawer_changed(event: ev::Event) {
    let open = event_target_checked(&event);
    browser::set_inert(BEHIND, open);
    browser::focus(if open { SIDE } else { DRAWER });
}

fn close_drawer() {
    browser::uncheck(DRAWER);
    browser::set_inert(BEHIND, false);
}

/// After going somewhere, with Escape, and the account menu also when something else is pressed.
fn close_menus() {
    let location = use_location();
    Effect::new(move |_| {
        location.pathname.track();
        close_drawer();
        browser::fold(ACCOUNT);
    });
    Effect::new(move |_| {
        let key = window_event_listener(ev::keydown, |event| {
            if event.key() == "Escape" && !event.default_prevented() {
                if browser::is_checked(DRAWER) {
                    close_drawer();
                    browser::focus(DRAWER);
                }
                if browser::is_inside(&event, ACCOUNT) {
                    browser::fold(ACCOUNT);
                    browser::focus(&summary());
                }
            }
        });
        let press = window_event_listener(ev::click, |event| {
            if !browser::is_inside(&event, ACCOUNT) {
                browser::fold(ACCOUNT);
            }
        });
        on_cleanup(move || {
            key.remove();
            press.remove();
        });
    });
}

fn summary() -> String {
    format!("{ACCOUNT}-summary")
}

/// Who is signed in, and the way out.
#[component]
fn AccountMenu(me: Me) -> impl IntoView {
    let sign_out = post::<api::SignOut>();
    view! {
        <details class="account" id=ACCOUNT>
            <summary id=summary() aria-label=format!("Account of {}", me.name)>
                <span class="avatar" aria-hidden="true">{initial(&me.name)}</span>
            </summary>
            <div class="account-menu">
                <div class="account-who">
                    <p class="account-name">{me.name}</p>
                    <p class="hint">{me.role}</p>
                </div>
                <a class="account-link" href=Page::Account.path() rel="external">"My Account"</a>
                <a class="account-link" href=Page::MySessions.path()>"Your sessions"</a>
                <a class="account-link" href=Page::Appearance.path()>"Appearance"</a>
                <a class="account-link" href=Page::Shortcuts.path()>"Keyboard shortcuts"</a>
                <Form action=sign_out id="sign-out">
                    <Submit>"Sign out"</Submit>
                </Form>
            </div>
        </details>
    }
}
