//! `/account/second-factors/app`: sets up an authenticator app by its first code.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{api, begin_app, view::App};
use crate::{
    layout::bare::Bare,
    routes::Page,
    ui::{
        button::{Look, Submit},
        field::Field,
        form::{Form, post},
        load::{Loaded, load},
    },
};

#[component]
pub fn AddApp() -> impl IntoView {
    let query = use_query_map();
    let return_to = query.with_untracked(|query| query.get("return_to")).unwrap_or_default();
    let app = load(|| Ok(api::ReadApp {}));
    view! {
        <Title text="Authenticator app"/>
        <Bare>
            <Loaded data=app view=move |app| page(app, return_to.clone())/>
        </Bare>
    }
}

fn page(app: Option<App>, return_to: String) -> AnyView {
    let Some(App { uri, image, key }) = app else {
        return view! {
            <h1>"Set up an authenticator app"</h1>
            <p class="subtitle">"It makes a new code every 30 seconds, also without a network."</p>
            {begin_app("Begin", return_to, Look::Primary)}
        }
        .into_any();
    };
    view! {
        <h1>"Set up an authenticator app"</h1>
        <p class="subtitle">"Scan this with the app, then type the code that it shows."</p>
        <div class="bare-qr" role="img" aria-label="QR code that sets up the app" inner_html=image></div>
        <p class="hint">
            "No camera? " <a href=uri rel="external">"Open it in an app on this device"</a>
            ", or type this key: " <code class="bare-key">{key}</code>
        </p>
        <Form action={post::<api::AddApp>()} id="app">
            <input type="hidden" name="return_to" value=return_to/>
            <input type="hidden" name="_secret.code" value=""/>
            <Field name="code" label="Code" hint="Six digits." autocomplete="one-time-code" required=true autofocus=true/>
            <Field name="name" label="Name" hint="So that you know it among others, such as “Phone”. You may leave it empty."/>
            <Submit look=Look::Primary>"Set up"</Submit>
        </Form>
        <p class="bare-aside"><a href=Page::SecondFactors.path()>"Cancel"</a></p>
    }
    .into_any()
}
