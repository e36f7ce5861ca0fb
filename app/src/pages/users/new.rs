//! The wizard that adds a user: basic details, password, summary; then what to hand over.

use domain::{DraftId, UserId};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api,
    password::choice,
    view::{By, Destination, Draft, HandOver as Handing, Handed},
};
use crate::{
    error::ConsoleError,
    pages::{connections::param, session::writing},
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        code::CodeBlock,
        dialog::{Actions, Dialog},
        field::Field,
        form::{Form, Post, post},
        load::{Loaded, load, named},
        note::{Note, Tone},
        tabs::Tabs,
        time::Time,
        wizard::Steps,
    },
};

pub(crate) const TITLE: &str = "Add User";
const STEPS: &[&str] = &["Basic details", "Password", "Summary"];

fn gone() -> ConsoleError {
    ConsoleError::NotFound { what: "This draft".to_owned() }
}

/// Step 1. With a draft in the query it goes on with that: how "Previous" leads back.
#[component]
pub fn BasicDetails() -> impl IntoView {
    let query = use_query_map();
    let id = move || query.with(|query| query.get("draft")).and_then(|id| id.parse::<DraftId>().ok());
    let draft = load(move || Ok(api::ReadDraft { draft: id() }));
    let begin = post::<api::Begin>();
    let body = view! { {ways()} <Loaded data=draft view=move |draft| details(id(), draft, begin)/> };
    wizard(0, body.into_any())
}

/// One user, or many.
pub(crate) fn ways() -> AnyView {
    let tabs = vec![("Single User", Page::NewUser.path()), ("Multiple Users", Page::NewImport.path())];
    view! { <Tabs label=TITLE tabs/> }.into_any()
}

fn details(id: Option<DraftId>, draft: Draft, begin: Post) -> AnyView {
    let Draft { user_name, email, given_name, family_name, .. } = draft;
    view! {
        <Form action=begin id="new-user">
            {id.map(|id| view! { <input type="hidden" name="draft" value=id.to_string()/> })}
            <Field
                name="user_name"
                label="Username"
                hint="Unique, whatever its case. Often the email address."
                value=user_name
                required=true
                autofocus=true
            />
            <Field name="email" label="Email" value=email/>
            <div class="pair">
                <Field name="given_name" label="First Name" value=given_name/>
                <Field name="family_name" label="Last Name" value=family_name/>
            </div>
            <Actions>
                {match id {
                    Some(_) => view! { <Submit look=Look::Quiet form=CANCEL>"Cancel"</Submit> }.into_any(),
                    None => {
                        view! { <LinkButton to=Page::Users.path() look=Look::Quiet>"Cancel"</LinkButton> }.into_any()
                    }
                }}
                {writing(|because| {
                    view! { <Submit look=Look::Primary disabled_because=because>"Next"</Submit> }.into_any()
                })}
            </Actions>
        </Form>
        {id.map(cancel)}
    }
    .into_any()
}

/// Step 2.
#[component]
pub fn ChoosePassword() -> impl IntoView {
    let choose = post::<api::ChoosePassword>();
    step(1, move |id, draft| {
        view! {
            <Form action=choose id="choose-password">
                <input type="hidden" name="draft" value=id.to_string()/>
                {choice(draft.by, draft.by == Some(By::Password))}
                <Actions>
                    <Submit look=Look::Quiet form=CANCEL>"Cancel"</Submit>
                    <LinkButton to=format!("{}?draft={id}", Page::NewUser.path()) look=Look::Secondary>
                        "Previous"
                    </LinkButton>
                    <Submit look=Look::Primary>"Next"</Submit>
                </Actions>
            </Form>
        }
        .into_any()
    })
}

/// Step 3.
#[component]
pub fn SummariseUser() -> impl IntoView {
    let finish = post::<api::Finish>();
    step(2, move |id, draft| {
        let waited: Vec<String> =
            draft.destinations.iter().filter(|one| one.blocking).map(|one| one.system.clone()).collect();
        view! {
            {summary(&draft)}
            {destinations(draft.destinations)}
            <Form action=finish id="finish">
                <input type="hidden" name="draft" value=id.to_string()/>
                {(!waited.is_empty()).then(|| asking(&waited))}
                <Actions>
                    <Submit look=Look::Quiet form=CANCEL>"Cancel"</Submit>
                    <LinkButton to=Page::ChoosePassword(id).path() look=Look::Secondary>"Previous"</LinkButton>
                    <Submit look=Look::Primary>"Finish"</Submit>
                </Actions>
            </Form>
        }
        .into_any()
    })
}

fn summary(draft: &Draft) -> AnyView {
    let by = match draft.by {
        Some(By::Password) => "Set by you; shown once more at the end",
        Some(By::Mail) => "Set by the user, by a link in a mail",
        _ => "Set by the user, by a one-time link",
    };
    let rows = [
        ("Username", draft.user_name.as_str()),
        ("Email", &draft.email),
        ("First Name", &draft.given_name),
        ("Last Name", &draft.family_name),
        ("Password", by),
    ];
    let rows = rows
        .into_iter()
        .filter(|(_, value)| !value.trim().is_empty())
        .map(|(name, value)| view! { <div class="summary-row"><dt>{name}</dt><dd>{value.to_owned()}</dd></div> })
        .collect_view();
    view! { <dl class="summary">{rows}</dl> }.into_any()
}

fn destinations(list: Vec<Destination>) -> AnyView {
    if list.is_empty() {
        return view! { <Note>"No system is provisioned yet: the user exists here alone."</Note> }.into_any();
    }
    let rows = list
        .into_iter()
        .map(|one| view! { <div class="summary-row"><dt>{one.system}</dt><dd>{one.what}</dd></div> })
        .collect_view();
    view! {
        <h3 class="destinations-head">"Gets an account at"</h3>
        <dl class="summary">{rows}</dl>
    }
    .into_any()
}

/// Shown while the answer is awaited.
fn asking(systems: &[String]) -> AnyView {
    let text = format!("Asking {}. The user is created once the answer is there.", systems.join(", "));
    view! { <p class="asking" role="status">{text}</p> }.into_any()
}

/// A later step: it shows the draft that the address names.
fn step(number: usize, view: impl Fn(DraftId, Draft) -> AnyView + Clone + Send + Sync + 'static) -> AnyView {
    let id = param::<DraftId>("draft");
    let draft = load(move || {
        let id = id().ok_or_else(gone)?;
        Ok(api::ReadDraft { draft: Some(id) })
    });
    let shown = move |draft| {
        let view = view.clone();
        id().map(move |id| view! { {view(id, draft)} {cancel(id)} }).into_any()
    };
    wizard(number, view! { <Loaded data=draft view=shown/> }.into_any())
}

const CANCEL: &str = "cancel";

/// Discards the draft; its button stands in the form before, so that Enter never presses it.
fn cancel(id: DraftId) -> AnyView {
    let cancel = post::<api::Cancel>();
    view! {
        <Form action=cancel id=CANCEL>
            <input type="hidden" name="draft" value=id.to_string()/>
        </Form>
    }
    .into_any()
}

fn wizard(step: usize, body: AnyView) -> AnyView {
    view! {
        <Dialog title=TITLE subtitle="Follow the steps to add a user." parent=Page::Users.path()>
            <Steps steps=STEPS current=step/>
            {body}
        </Dialog>
    }
    .into_any()
}

/// What to hand over: shown once.
#[component]
pub fn HandOver() -> impl IntoView {
    let id = param::<UserId>("id");
    let draft = param::<DraftId>("draft");
    let handed = load(move || Ok(api::ReadHandOver { draft: named(draft(), "This draft")? }));
    view! { <Loaded data=handed view=move |handed| id().map(|id| handed_over(id, handed)).into_any()/> }
}

fn handed_over(id: UserId, handed: Option<Handing>) -> AnyView {
    let parent = Page::User(id).path();
    let done = move || view! { <Actions><LinkButton to=Page::User(id).path() look=Look::Primary>"Done"</LinkButton></Actions> };
    let Some(Handing { user_name, secret, pending, sign_in }) = handed else {
        return view! {
            <Dialog title="Hand over" parent>
                <Note tone=Tone::Wait>
                    "What was to be handed over was shown once and is not kept. If nobody wrote it down, reset the "
                    "password: it is on the user's page."
                </Note>
                {done()}
            </Dialog>
        }
        .into_any();
    };
    let pending = (!pending.is_empty()).then(|| {
        let text = format!("{} has not followed yet; Usher goes on trying.", pending.join(", "));
        view! { <Note tone=Tone::Wait>{text}</Note> }
    });
    let (label, text, more) = match secret {
        Handed::Link { url, until } => {
            let more = view! {
                <p>"Give this link to " <strong>{user_name}</strong> ". It works once, until " <Time at=until/> "."</p>
            };
            ("The one-time link", url, more.into_any())
        }
        Handed::Password(password) => {
            let text = format!("User name: {user_name}\nPassword: {password}\nSign in: {sign_in}");
            let more = view! {
                <p>"Give this to " <strong>{user_name}</strong> " by a way that nobody else reads."</p>
            };
            ("What to hand over", text, more.into_any())
        }
    };
    view! {
        <Dialog title="Hand over" subtitle="Copy it now: it is shown this once." parent>
            {pending}
            {more}
            <div class="handed">
                <CodeBlock label text/>
            </div>
            {done()}
        </Dialog>
    }
    .into_any()
}
