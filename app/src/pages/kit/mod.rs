//! Every primitive in its states, for those who build pages. Development builds only.

pub mod api;

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
        code::{Code, CodeBlock},
        dialog::{Actions, Dialog},
        empty::Empty,
        field::{Field, Kind, Secret},
        form::{Form, post},
        load::{Loaded, load},
        note::{Note, Tone},
        pill::Pill,
        select::{Choice, Choices, Select, When},
        table::Table,
        tabs::Tabs,
        textarea::TextArea,
        time::{Moment, Time},
        toggle::Toggle,
        wizard::Steps,
    },
};

#[component]
pub fn KitPage() -> impl IntoView {
    view! {
        <PageHead title="Kit" subtitle="Every primitive, in its states." above=vec![("Home".to_owned(), Some(Page::Home.path()))]>
            <Pill tone=Tone::Ok text="Delivering"/>
        </PageHead>
        <Tabs label="Kit" tabs=vec![("Primitives", Page::Kit.path()), ("Dialog", Page::KitDialog.path())]/>
        <KitToggle/>
        <KitForm/>
        <Card title="States">
            <p>
                <Pill tone=Tone::Ok text="In step"/> " " <Pill tone=Tone::Wait text="Waiting"/> " "
                <Pill tone=Tone::Held text="Held"/> " " <Pill tone=Tone::Neutral text="Disabled"/>
            </p>
            <Note>"212 of 1,284 people are in scope."</Note>
            <Note tone=Tone::Wait>"Plain http sends secrets in the clear. Use https where the system offers it."</Note>
            <Note tone=Tone::Held><strong>"Sales needs you."</strong>" 3 accounts are held."</Note>
            <p><Time at=moment()/> " " <Code text="2819c223-7f76"/></p>
            <CodeBlock label="Request" text="POST /Users\n{\"userName\": \"ada\"}"/>
            <Table caption="Systems" columns=vec!["System", "State", ""]>
                <tr>
                    <th scope="row">"Acme Cloud"</th>
                    <td><Pill tone=Tone::Ok text="In step"/></td>
                    <td><a href=Page::Kit.path()>"Edit"</a></td>
                </tr>
            </Table>
        </Card>
        <Card>
            <Empty title="No outbound provisioning connectors" text="Add a connector to view it here.">
                <LinkButton to=Page::KitDialog.path() look=Look::Primary>"Open a dialog"</LinkButton>
            </Empty>
        </Card>
        <Outlet/>
    }
}

#[component]
fn KitToggle() -> impl IntoView {
    let state = load(|| (), |()| api::state());
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
            }.into_any()
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
        <Card title="Form">
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
    let name = load(draft, api::draft);
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
                }.into_any()
            }/>
        </Dialog>
    }
}

/// The path of the second step.
pub(crate) fn wizard(draft: DraftId) -> Page {
    Page::KitWizard(draft)
}

fn moment() -> Moment {
    Moment { rfc3339: "2026-03-12T14:05:05Z".to_owned(), minute: "2026-03-12 14:05 UTC".to_owned() }
}
