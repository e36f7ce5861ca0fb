//! Every primitive in its states, for those who build pages. Development builds only. Hover and focus are tried with
//! pointer and keyboard; light, dark and narrow with the browser.

pub mod api;
pub mod states;

use std::sync::Arc;

use domain::DraftId;
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_params_map};

use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        card::Card,
        checkbox::Checkbox,
        combobox::{Combobox, Suggest, Suggestion},
        dialog::{Actions, Dialog},
        field::{Field, Kind, Secret},
        form::{Form, post},
        load::{Loaded, load},
        note::Tone,
        pill::Pill,
        select::{Choice, Choices, Select, When},
        tabs::Tabs,
        textarea::TextArea,
        toggle::Toggle,
        wizard::Steps,
    },
};
use states::States;

#[component]
pub fn KitPage() -> impl IntoView {
    let above = vec![("Home".to_owned(), Some(Page::Home.path()))];
    view! {
        <PageHead title="Kit" subtitle="Every primitive, in its states." above>
            <Pill tone=Tone::Ok text="Delivering"/>
        </PageHead>
        <Tabs label="Kit" tabs=vec![("Primitives", Page::Kit.path()), ("Dialog", Page::KitDialog.path())]/>
        <KitToggle/>
        <KitForm/>
        <KitCombobox/>
        <States/>
        <Outlet/>
    }
}

#[component]
fn KitToggle() -> impl IntoView {
    let state = load(|| Ok(api::State {}));
    let set = post::<api::Toggle>();
    view! {
        <Loaded data=state view=move |state| {
            view! {
                <Card title="SCIM 2.0" subtitle="A form of one button, saved at once.">
                    <Form action=set id="kit-toggle">
                        <input type="hidden" name="enabled" value=(!state.enabled).to_string()/>
                        <Toggle on=state.enabled label="SCIM 2.0"/>
                    </Form>
                    <p>"Note: " {state.note}</p>
                    <Submit look=Look::Danger disabled_because=Some("Disable the connector first.")>"Delete"</Submit>
                </Card>
            }
            .into_any()
        }/>
    }
}

fn check_name(name: &str) -> Option<String> {
    let length = name.trim().chars().count();
    (!(3..=120).contains(&length)).then(|| "Use 3 to 120 characters.".to_owned())
}

#[component]
fn KitForm() -> impl IntoView {
    let save = post::<api::Save>();
    let modes = vec![Choice::new("none", "None"), Choice::new("bearer", "Bearer token"), Choice::new("basic", "Basic")];
    view! {
        <Card title="Form" subtitle="Update sends it; a short name shows the errors.">
            <Form action=save id="kit-form">
                <Field name="name" label="Name" hint="3 to 120 characters." required=true check=check_name/>
                <TextArea name="note" label="Description" value="\nfirst line is empty </textarea><script>"/>
                <Field name="properties[user_endpoint]" label="User Endpoint" kind=Kind::Url/>
                <Choices>
                    <Select name="properties[mode]" label="Authentication Mode" choices=modes value="none"/>
                    <When options=vec![2]><Secret name="properties[access_token]" label="Access Token" stored=true/></When>
                    <When options=vec![3]>
                        <Field name="properties[username]" label="User Name"/>
                        <Secret name="properties[password]" label="Password"/>
                    </When>
                </Choices>
                <Checkbox name="blocking" label="Blocking" hint="Wait for the system's answer." ticked=true>
                    <Field name="wait" label="Wait at most" kind=Kind::Number value="10" unit="seconds"/>
                </Checkbox>
                <Checkbox name="fail" label="Fail on the server"/>
                <Actions>
                    <LinkButton to=Page::Kit.path() look=Look::Quiet>"Cancel"</LinkButton>
                    <Submit look=Look::Primary>"Update"</Submit>
                </Actions>
            </Form>
        </Card>
    }
}

#[component]
fn KitCombobox() -> impl IntoView {
    let (chosen, choose) = signal(String::new());
    let suggest: Suggest = Arc::new(|text| {
        let all = ["Ada Lovelace", "Alan Turing", "Grace Hopper", "Katherine Johnson"];
        let found = all.into_iter().filter(|name| name.to_lowercase().contains(&text.to_lowercase()));
        let found: Vec<Suggestion> = found
            .map(|name| Suggestion { title: name.to_owned(), text: "Person".to_owned(), value: name.to_owned() })
            .collect();
        Box::pin(std::future::ready(found))
    });
    view! {
        <Card title="Combobox" subtitle="Type a letter; arrows, Enter and Escape.">
            <Combobox
                id="kit-combobox"
                name="person"
                label="Person"
                placeholder="Name of a person"
                suggest
                choose=Arc::new(move |value| choose.set(value))
            />
            <p class="hint" aria-live="polite">"Chosen: " {chosen}</p>
        </Card>
    }
}

#[component]
pub fn KitDialog() -> impl IntoView {
    let start = post::<api::Start>();
    view! {
        <Dialog title="New draft" subtitle="The first step of a wizard." parent=Page::Kit.path()>
            <Steps steps=&["Name", "Summary"] current=0/>
            <Form action=start id="kit-start">
                <Field name="name" label="Name" autofocus=true/>
                <Actions>
                    <LinkButton to=Page::Kit.path() look=Look::Quiet>"Cancel"</LinkButton>
                    <Submit look=Look::Primary>"Next"</Submit>
                </Actions>
            </Form>
        </Dialog>
    }
}

#[component]
pub fn KitWizard() -> impl IntoView {
    let params = use_params_map();
    let draft = move || params.with(|params| params.get("draft")).unwrap_or_default();
    let name = load(move || Ok(api::Draft { id: draft() }));
    let finish = post::<api::Finish>();
    view! {
        <Dialog title="New draft" parent=Page::Kit.path()>
            <Steps steps=&["Name", "Summary"] current=1/>
            <Loaded data=name view=move |name: String| {
                view! {
                    <Form action=finish id="kit-finish">
                        <p>"Name: " {name}</p>
                        <input type="hidden" name="draft" value=draft()/>
                        <Actions>
                            <LinkButton to=Page::KitDialog.path() look=Look::Quiet>"Previous"</LinkButton>
                            <Submit look=Look::Primary>"Finish"</Submit>
                        </Actions>
                    </Form>
                }
                .into_any()
            }/>
        </Dialog>
    }
}

/// The path of the second step.
pub(crate) fn wizard(draft: DraftId) -> Page {
    Page::KitWizard(draft)
}
