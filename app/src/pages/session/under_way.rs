//! `/sign-in/under-way/…`: a sign-in by another system asks, waits or explains. To open it changes nothing.

use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;

use super::{api, sign_in::way, view::UnderWay};
use crate::{
    layout::bare::Bare,
    outcome::address,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        form::{Form, post},
        load::{Loaded, load},
        note::{Note, Tone},
    },
};

#[component]
pub fn SignInUnderWay() -> impl IntoView {
    let params = use_params_map();
    let token = move || params.with(|params| params.get("token")).unwrap_or_default();
    let under_way = load(move || Ok(api::ReadUnderWay { token: token() }));
    view! {
        <Title text="Sign in"/>
        <Bare>
            <Loaded data=under_way view=move |under_way| page(under_way, token())/>
        </Bare>
    }
}

fn page(under_way: UnderWay, token: String) -> AnyView {
    match under_way {
        UnderWay::Going { title, url } => view! {
            <Meta http_equiv="refresh" content=format!("0;url={url}")/>
            <h1>{title}</h1>
            <p class="subtitle">"If nothing happens, go on by yourself."</p>
            <p class="bare-next"><a class="button button-primary" href=url rel="external">"Go on"</a></p>
        }
        .into_any(),
        UnderWay::Consent { connection, told } => {
            let rows = told
                .into_iter()
                .map(|(name, value)| view! { <div class="summary-row"><dt>{name}</dt><dd>{value}</dd></div> })
                .collect_view();
            view! {
                <h1>"Create your account?"</h1>
                <p class="subtitle">{format!("{connection} told us who you are. Your account here is made of this:")}</p>
                <dl class="summary">{rows}</dl>
                <Form action={post::<api::Consent>()} id="consent">
                    <input type="hidden" name="_secret.token" value=""/>
                    <input type="hidden" name="token" value=token/>
                    <Submit look=Look::Primary>"Create my account"</Submit>
                </Form>
                <p class="bare-aside"><a href=Page::SignIn.path()>"Cancel"</a></p>
            }
            .into_any()
        }
        UnderWay::Waiting { connection } => view! {
            <Meta http_equiv="refresh" content="1"/>
            <h1>"One moment"</h1>
            <p class="subtitle" role="status">
                {format!("{connection} knows you. Your accounts in the connected systems are being made.")}
            </p>
            <progress class="bare-progress" aria-label="Making your accounts"></progress>
        }
        .into_any(),
        // A moment before the session begins, too.
        UnderWay::Ready { return_to } => view! {
            <Meta http_equiv="refresh" content="2"/>
            <h1>"Your account is ready"</h1>
            <p class="subtitle">"Sign in once more, and you are in."</p>
            <p class="bare-next">
                <LinkButton to=sign_in(&return_to) look=Look::Primary>"To the sign-in"</LinkButton>
            </p>
        }
        .into_any(),
        UnderWay::Refused { provider, text, return_to } => view! {
            <h1>"You are not signed in"</h1>
            <Note tone=Tone::Held>{text}</Note>
            <div class="bare-providers bare-next">
                {way(provider.id, "Try again".to_owned(), &return_to)}
                <LinkButton to=sign_in(&return_to)>"Sign in another way"</LinkButton>
            </div>
        }
        .into_any(),
        UnderWay::Unknown => view! {
            <h1>"This sign-in is over"</h1>
            <Note tone=Tone::Wait>"It was finished, or it took more than ten minutes. Start again."</Note>
            <p class="bare-next"><LinkButton to=Page::SignIn.path()>"To the sign-in"</LinkButton></p>
        }
        .into_any(),
    }
}

fn sign_in(return_to: &str) -> String {
    address(&Page::SignIn.path(), &[("return_to", return_to)], ("", ""))
}
