//! Login & Registration: the settings of how people come in, as groups of cards.

use leptos::prelude::*;

use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::card::{CardGrid, CardLink},
};

type Card = (Page, &'static str, &'static str);

const GROUPS: &[(&str, &[Card])] = &[
    (
        "User Onboarding",
        &[(Page::SelfRegistration, "Self Registration", "Whether people sign themselves up, and what they are asked.")],
    ),
    ("Login Security", &[(Page::MultiFactor, "Multi-Factor Authentication", "Who has to show more than a password.")]),
    ("Account Management", &[(Page::OwnProfile, "My Account", "What people change of themselves.")]),
    (
        "Provisioning Settings",
        &[(
            Page::Provisioners,
            "Outbound Provisioning Configuration",
            "Which systems get an account for everybody who comes in.",
        )],
    ),
];

#[component]
pub fn LoginAndRegistration() -> impl IntoView {
    view! {
        <PageHead title="Login & Registration" subtitle="How people come in, and what follows from it."/>
        {GROUPS.iter().map(group).collect_view()}
    }
}

fn group((name, cards): &(&'static str, &[Card])) -> AnyView {
    let cards =
        cards.iter().map(|(to, title, text)| view! { <CardLink to=to.path() title=*title text=*text/> }).collect_view();
    view! {
        <section class="group">
            <h2>{*name}</h2>
            <CardGrid label=*name>{cards}</CardGrid>
        </section>
    }
    .into_any()
}
