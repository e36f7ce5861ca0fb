//! `/account/address`: another mail address, by a link that is sent there; and the page at that link.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{
    api,
    view::{AddressLink, Profile},
};
use crate::{
    layout::bare::Bare,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        field::{Field, Secret},
        form::{Form, post},
        load::{Loaded, load},
        note::{Note, Tone},
        time::Time,
    },
};

#[component]
pub fn ChangeAddress() -> impl IntoView {
    let profile = load(|| Ok(api::ShowProfile {}));
    view! {
        <Title text="Change mail address"/>
        <Bare>
            <h1>"Change mail address"</h1>
            <Loaded data=profile view=page/>
        </Bare>
    }
}

fn page(profile: Profile) -> AnyView {
    let Profile { address, may_change_address, address_kept, has_password, .. } = profile;
    if !may_change_address {
        let why = match address_kept {
            Some(connection) => format!("It is kept in step with {connection}: change it there."),
            None => "It is not changed here. Ask an administrator.".to_owned(),
        };
        return view! {
            <p class="subtitle">{why}</p>
            <p class="bare-next"><LinkButton to=Page::Account.path()>"Back"</LinkButton></p>
        }
        .into_any();
    }
    let present = match address {
        Some(address) => view! { "Now it is " <strong>{address}</strong> ". " }.into_any(),
        None => ().into_any(),
    };
    let password = has_password.then(|| {
        view! { <Secret name="present" label="Present password" autocomplete="current-password" required=true/> }
    });
    view! {
        <p class="subtitle">
            {present}
            "We send a link to the new one, which shows that it is yours. Until you follow it nothing changes."
        </p>
        <Form action={post::<api::AskAddress>()} id="address">
            <Field name="mail" label="New mail address" autocomplete="email" required=true/>
            {password}
            <Submit look=Look::Primary>"Send the link"</Submit>
        </Form>
        <p class="bare-aside"><a href=Page::Account.path()>"Cancel"</a></p>
    }
    .into_any()
}

/// The page at the link of a mail. Its button posts; to open it changes nothing.
#[component]
pub fn ConfirmAddress() -> impl IntoView {
    let params = use_params_map();
    let token = move || params.with(|params| params.get("token")).unwrap_or_default();
    let link = load(move || Ok(api::ShowAddressLink { token: token() }));
    view! {
        <Title text="Confirm your address"/>
        <Bare>
            <Loaded data=link view=move |link| opened(link, token())/>
        </Bare>
    }
}

fn opened(link: AddressLink, token: String) -> AnyView {
    let back = || view! { <LinkButton to=Page::Account.path()>"To your account"</LinkButton> };
    match link {
        AddressLink::Open { address, until } => view! {
            <h1>"Confirm your address"</h1>
            <p class="subtitle">
                <strong>{address}</strong> " is yours? Then it becomes the address of your account. This link works until "
                <Time at=until/> "."
            </p>
            <Form action={post::<api::ConfirmAddress>()} id="confirm-address">
                <input type="hidden" name="_secret.token" value=""/>
                <input type="hidden" name="token" value=token/>
                <Submit look=Look::Primary>"Confirm"</Submit>
            </Form>
            <p class="bare-aside"><a href=Page::Account.path()>"Cancel"</a></p>
        }
        .into_any(),
        AddressLink::Used => view! {
            <h1>"Your address is confirmed"</h1>
            <p class="subtitle">"This link was used already: the address is yours."</p>
            <p class="bare-next">{back()}</p>
        }
        .into_any(),
        AddressLink::Closed(why, again) => view! {
            <h1>"This link does not work"</h1>
            <Note tone=Tone::Wait>{why}</Note>
            <p class="bare-next">
                {if again {
                    view! { <LinkButton to=Page::ChangeAddress.path()>"Ask for another link"</LinkButton> }.into_any()
                } else {
                    back().into_any()
                }}
            </p>
        }
        .into_any(),
    }
}
