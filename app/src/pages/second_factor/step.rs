//! `/sign-in/second-factor`: the first step was right, here is the second.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{api, ask_passkey, begin_app, view::Step};
use crate::{
    layout::bare::{Bare, organization},
    outcome::address,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        field::Field,
        form::{Form, post},
        load::{Loaded, load},
    },
};

#[component]
pub fn SecondStep() -> impl IntoView {
    let query = use_query_map();
    let return_to = query.with_untracked(|query| query.get("return_to")).unwrap_or_default();
    let step = load(|| Ok(api::ReadStep {}));
    view! {
        <Title text="Second factor"/>
        <Bare>
            <Loaded data=step view=move |step| page(step, return_to.clone())/>
        </Bare>
    }
}

fn page(step: Step, return_to: String) -> AnyView {
    match step {
        Step::Show { name, app, passkey } => show(&name, app, passkey, return_to),
        Step::SetUp { name, passkeys } => set_up(&name, passkeys, return_to),
    }
}

fn show(name: &str, app: bool, passkey: bool, return_to: String) -> AnyView {
    let hint = if app {
        "The six digits that your authenticator app shows, or one of your recovery codes."
    } else {
        "One of the recovery codes that you kept."
    };
    let by_passkey = passkey.then(|| {
        let ask = ask_passkey(
            post::<api::ShowPasskey>(),
            <api::AskForPasskey as server_fn::ServerFn>::PATH,
            false,
            "Use a passkey",
            return_to.clone(),
        );
        view! { <p class="bare-or">"or"</p> {ask} }
    });
    view! {
        <h1>"Show that it is you"</h1>
        <p class="subtitle">{format!("Signing in as {name}: one step is taken, this is the other.")}</p>
        <Form action={post::<api::ShowCode>()} id="code">
            <input type="hidden" name="return_to" value=return_to/>
            <input type="hidden" name="_secret.code" value=""/>
            <Field name="code" label="Code" hint autocomplete="one-time-code" required=true autofocus=true/>
            <Submit look=Look::Primary>"Go on"</Submit>
        </Form>
        {by_passkey}
        <p class="bare-aside">
            "You have none of them any more? An administrator can reset them. "
            <a href=Page::SignIn.path()>"Sign in as somebody else"</a>
        </p>
    }
    .into_any()
}

fn set_up(name: &str, passkeys: bool, return_to: String) -> AnyView {
    let passkey = passkeys.then(|| {
        let to = address(&Page::AddPasskey.path(), &[("return_to", &return_to)], ("", ""));
        view! { <div class="bare-next"><LinkButton to>"Use a passkey"</LinkButton></div> }
    });
    view! {
        <h1>"Set up a second factor"</h1>
        <p class="subtitle">
            {format!("{} asks you for one, {name}: a password alone can be guessed or stolen.", organization())}
        </p>
        {begin_app("Use an authenticator app", return_to, Look::Primary)}
        {passkey}
        <p class="bare-aside"><a href=Page::SignIn.path()>"Sign in as somebody else"</a></p>
    }
    .into_any()
}
