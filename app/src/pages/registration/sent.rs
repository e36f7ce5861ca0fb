//! What follows a registration, or the wish for a new password: a mail, for whoever it concerns.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{layout::bare::Bare, routes::Page, ui::button::LinkButton};

#[component]
pub fn RegisterSent() -> impl IntoView {
    sent("We have sent you a mail. Follow its link to finish your registration.")
}

#[component]
pub fn ForgotPasswordSent() -> impl IntoView {
    sent(
        "If there is an account like that and it has a mail address, a mail with a link is on its way. The link works for an hour.",
    )
}

fn sent(text: &'static str) -> impl IntoView {
    view! {
        <Title text="Check your mail"/>
        <Bare>
            <h1>"Check your mail"</h1>
            <p class="subtitle">{text}</p>
            <p class="hint">"Nothing there? Look among unwanted mail, wait a minute, then try again."</p>
            <p class="bare-next"><LinkButton to=Page::SignIn.path()>"To the sign-in"</LinkButton></p>
        </Bare>
    }
}
