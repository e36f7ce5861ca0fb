//! The second step of a sign-in, and the second factors that somebody has: plain pages, as those before the console.
//!
//! They work without JavaScript but for passkeys, which a browser shows to a script alone: `passkey.js` stands in the two
//! pages that ask for one.

pub mod add_app;
pub mod add_passkey;
pub mod api;
pub mod codes;
mod door;
pub mod list;
pub mod remove;
pub mod step;
pub mod view;

use leptos::{nonce::use_nonce, prelude::*};

use crate::ui::{
    button::{Look, Submit},
    field::Field,
    form::{Form, Post, post},
};

/// A form whose answer comes from a passkey; hidden until its script says that the browser knows passkeys.
///
/// The browser is asked by `options`, and its answer posted to `action`.
fn ask_passkey(action: Post, options: &'static str, makes: bool, label: &'static str, return_to: String) -> AnyView {
    let script = include_str!("passkey.js");
    let name = move || {
        view! { <Field name="name" label="Name" hint="So that you know it among others, such as “Work laptop”. You may leave it empty."/> }
    };
    view! {
        <div id="passkey-part" data-options=options data-makes=makes.then_some("") hidden=true>
            <Form action id="passkey">
                <input type="hidden" name="return_to" value=return_to/>
                <input type="hidden" name="_secret.answer" value=""/>
                <input type="hidden" name="answer" value=""/>
                {makes.then(name)}
                <Submit look=if makes { Look::Primary } else { Look::Secondary }>{label}</Submit>
            </Form>
        </div>
        // What the script says takes its place.
        <p class="hint" role="alert" id="passkey-told">"Passkeys need JavaScript, which this browser does not run."</p>
        <script type="module" nonce=use_nonce() inner_html=script></script>
    }
    .into_any()
}

/// A button that begins to set up an app.
fn begin_app(label: &'static str, return_to: String, look: Look) -> AnyView {
    view! {
        <Form action={post::<api::BeginApp>()} id="begin-app">
            <input type="hidden" name="return_to" value=return_to/>
            <Submit look>{label}</Submit>
        </Form>
    }
    .into_any()
}
