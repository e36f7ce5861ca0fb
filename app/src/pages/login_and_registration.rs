//! Login & Registration: the settings of how people come in, as groups of cards.

use leptos::prelude::*;

use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::card::{CardGrid, CardLink},
};

#[component]
pub fn LoginAndRegistration() -> impl IntoView {
    view! {
        <PageHead title="Login & Registration" subtitle="How people come in, and what follows from it."/>
        <section class="group">
            <h2>"User Onboarding"</h2>
            <CardGrid label="User Onboarding">
                <CardLink
                    to=Page::SelfRegistration.path()
                    title="Self Registration"
                    text="Whether people sign themselves up, and what they are asked."
                />
            </CardGrid>
        </section>
        <section class="group">
            <h2>"Login Security"</h2>
            <CardGrid label="Login Security">
                <CardLink
                    to=Page::MultiFactor.path()
                    title="Multi-Factor Authentication"
                    text="Who has to show more than a password."
                />
            </CardGrid>
        </section>
        <section class="group">
            <h2>"Account Management"</h2>
            <CardGrid label="Account Management">
                <CardLink
                    to=Page::OwnProfile.path()
                    title="My Account"
                    text="What people change of themselves."
                />
            </CardGrid>
        </section>
        <section class="group">
            <h2>"Provisioning Settings"</h2>
            <CardGrid label="Provisioning Settings">
                <CardLink
                    to=Page::Provisioners.path()
                    title="Outbound Provisioning Configuration"
                    text="Which systems get an account for everybody who comes in."
                />
            </CardGrid>
        </section>
    }
}
