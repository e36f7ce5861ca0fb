//! `/account/second-factors`: what somebody shows beside their password.

use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    api, begin_app,
    view::{Factor, Mine},
};
use crate::{
    layout::bare::{Bare, organization},
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        form::{Form, post},
        load::{Loaded, load},
        note::{Note, Tone},
        problem::sign_in_and_return,
        time::Time,
    },
};

#[component]
pub fn SecondFactors() -> impl IntoView {
    let mine = load(|| Ok(api::ReadMine {}));
    view! {
        <Title text="Second factor"/>
        <Bare>
            <Loaded data=mine view=page/>
        </Bare>
    }
}

fn page(mine: Mine) -> AnyView {
    let Mine { factors, codes, required, fresh, passkeys } = mine;
    let any = !factors.is_empty();
    let told = match (any, required) {
        (true, _) => "One of them is asked for after the first step of a sign-in.".to_owned(),
        (false, true) => format!("{} asks you for one at your next sign-in. Set it up now.", organization()),
        (false, false) => "With one, a password that was guessed or stolen lets nobody in.".to_owned(),
    };
    let stale = (!fresh).then(|| {
        let to = sign_in_and_return(&Page::SecondFactors.path());
        view! {
            <Note tone=Tone::Wait>
                "You signed in a while ago. To change anything here sign in again: so nobody does who finds your browser open."
            </Note>
            <p class="bare-next"><LinkButton to look=Look::Primary>"Sign in again"</LinkButton></p>
        }
    });
    let rows = factors.into_iter().map(|factor| row(factor, fresh)).collect_view();
    let list = any.then(|| view! { <ul class="personal-systems" aria-label="Your second factors">{rows}</ul> });
    let look = if any { Look::Secondary } else { Look::Primary };
    let add = fresh.then(|| {
        let passkey = passkeys.then(|| {
            view! { <div class="bare-next"><LinkButton to=Page::AddPasskey.path()>"Add a passkey"</LinkButton></div> }
        });
        view! { {begin_app("Add an authenticator app", String::new(), look)} {passkey} }
    });
    let codes = any.then(|| {
        let renew = fresh.then(|| {
            view! {
                <Form action={post::<api::NewCodes>()} id="new-codes">
                    <Submit>"Make new recovery codes"</Submit>
                </Form>
            }
        });
        view! { <h2 class="bare-part">"Recovery codes"</h2> <p class="hint">{codes}</p> {renew} }
    });
    view! {
        <h1>"Second factor"</h1>
        <p class="subtitle">{told}</p>
        {stale}
        {list}
        {add}
        {codes}
        <p class="bare-aside"><a href=Page::Account.path()>"To My Account"</a></p>
    }
    .into_any()
}

fn row(factor: Factor, fresh: bool) -> AnyView {
    let Factor { id, name, kind, added, used } = factor;
    let kind = (kind != name).then(|| format!("{kind}. "));
    let used = used.map(|used| view! { ", last used " <Time at=used/> });
    let remove = fresh.then(|| {
        view! {
            <a class="button button-quiet" href=Page::RemoveSecondFactor(id).path()>
                "Remove" <span class="visually-hidden">{format!(" {name}")}</span>
            </a>
        }
    });
    view! {
        <li>
            <span class="personal-system">{name.clone()}</span>
            {remove}
            <span class="hint">{kind} "Added " <Time at=added/> {used}</span>
        </li>
    }
    .into_any()
}
