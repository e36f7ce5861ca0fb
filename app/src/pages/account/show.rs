//! The page My Account: a person's own, outside the console.

use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    api,
    view::{Account, LinkedProvider, System},
};
use crate::{
    layout::bare::mark,
    pages::{
        session,
        settings::{api::MySessions, sessions},
    },
    routes::Page,
    ui::{
        button::{LinkButton, Submit},
        card::Card,
        form::{Form, post},
        load::{Loaded, load},
        note::{Note, Tone},
        pill::Pill,
        time::Time,
    },
};

#[component]
pub fn MyAccount() -> impl IntoView {
    let account = load(|| Ok(api::ShowAccount {}));
    let sessions = load(|| Ok(MySessions {}));
    let sign_out = post::<session::api::SignOut>();
    let (end, end_others) = (post::<api::EndSession>(), post::<api::EndOtherSessions>());
    view! {
        <Title text="My Account"/>
        <a class="skip" href="#content">"Skip to content"</a>
        <div class="personal">
            <header class="personal-head">
                {mark()}
                <Form action=sign_out id="sign-out">
                    <Submit>"Sign out"</Submit>
                </Form>
            </header>
            <main class="personal-content" id="content" tabindex="-1">
                <Loaded data=account view=page/>
                <section class="group">
                    <h2>"Where you are signed in"</h2>
                    <Loaded data=sessions part=true view=move |list| sessions::page(list, end, end_others)/>
                </section>
            </main>
        </div>
    }
}

fn page(account: Account) -> AnyView {
    let Account { name, facts, has_role, systems, providers, has_password, second_factor, .. } = account;
    let password = if has_password {
        "When you change it, you are signed out everywhere but here."
    } else {
        "You have none: you sign in by one of the above."
    };
    let change =
        has_password.then(|| view! { <LinkButton to=Page::ChangePassword.path()>"Change password"</LinkButton> });
    let facts = facts.into_iter().map(fact).collect_view();
    let edit = account.may_edit.then(|| view! { <LinkButton to=Page::EditProfile.path()>"Edit"</LinkButton> });
    let address = account
        .may_change_address
        .then(|| view! { <LinkButton to=Page::ChangeAddress.path()>"Change mail address"</LinkButton> });
    let wanted = account.wanted_address.map(|address| {
        view! {
            <Note tone=Tone::Wait>
                <strong>{address}</strong> " becomes your address once you follow the link in the mail that went there."
            </Note>
        }
    });
    let to_console = has_role.then(|| view! { <LinkButton to=Page::Home.path()>"To the console"</LinkButton> });
    view! {
        <header class="page-head">
            <div class="page-head-text">
                <h1>"My Account"</h1>
                <p class="subtitle">{name}</p>
            </div>
            <div class="page-head-actions">{to_console}</div>
        </header>
        <Card title="About you" subtitle="What you cannot change here, an administrator can.">
            <dl class="facts">{facts}</dl>
            {wanted}
            <p class="personal-actions">{edit}{address}</p>
        </Card>
        <Card title="Your accounts" subtitle="The systems that have an account for you, kept in step with this one.">
            {accounts(systems)}
        </Card>
        {(!providers.is_empty()).then(|| linked(providers))}
        <Card title="Password" subtitle=password>{change}</Card>
        <Card title="Second factor" subtitle=second_factor>
            <LinkButton to=Page::SecondFactors.path()>"Manage"</LinkButton>
        </Card>
    }
    .into_any()
}

fn linked(providers: Vec<LinkedProvider>) -> AnyView {
    let rows = providers
        .into_iter()
        .map(|LinkedProvider { id, name, label, seen }| {
            view! {
                <li>
                    <span class="personal-system">{name}</span>
                    <span class="hint">{label} ", last used " <Time at=seen/></span>
                    <Form action={post::<api::Unlink>()} id=format!("unlink-{id}")>
                        <input type="hidden" name="id" value=id.clone()/>
                        <Submit>"Unlink"</Submit>
                    </Form>
                </li>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <Card title="Linked accounts" subtitle="Where else you can sign in from.">
            <ul class="personal-systems" aria-label="Linked accounts">{rows}</ul>
        </Card>
    }
    .into_any()
}

fn fact((what, value): (String, String)) -> AnyView {
    view! { <div class="fact"><dt>{what}</dt><dd>{value}</dd></div> }.into_any()
}

fn accounts(systems: Vec<System>) -> AnyView {
    if systems.is_empty() {
        return view! { <p>"None yet. Once a system has an account for you, it stands here."</p> }.into_any();
    }
    let systems = systems
        .into_iter()
        .map(|System { name, state, tone }| {
            view! { <li><span class="personal-system">{name}</span> <Pill tone text=state/></li> }.into_any()
        })
        .collect_view();
    view! { <ul class="personal-systems" aria-label="Your accounts">{systems}</ul> }.into_any()
}
