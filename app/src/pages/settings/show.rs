//! The head and the tabs of Settings.

use leptos::prelude::*;
use leptos_router::components::Outlet;

use crate::{layout::head::PageHead, routes::Page, ui::tabs::Tabs};

#[component]
pub fn Settings() -> impl IntoView {
    let tabs = vec![
        ("API Tokens", Page::Settings.path()),
        ("Sessions", Page::MySessions.path()),
        ("Mail", Page::MailSettings.path()),
        ("Branding", Page::Branding.path()),
        ("Appearance", Page::Appearance.path()),
        ("About", Page::About.path()),
    ];
    view! {
        <PageHead title="Settings" subtitle="Programs and sessions, mail and looks, and what runs here."/>
        <Tabs label="Settings" tabs/>
        <Outlet/>
    }
}
