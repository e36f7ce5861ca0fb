//! The states that nobody has to bring about: disabled, empty, waiting, wrong.

use domain::validation::FieldErrors;
use leptos::{context::Provider, prelude::*};

use super::api;
use crate::{
    error::ConsoleError,
    flash::{KeptFlash, KeptForm, Refusal},
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        card::Card,
        chart::{Bar, Bars, Series},
        checkbox::Checkbox,
        code::{Code, CodeBlock},
        empty::Empty,
        field::Field,
        form::{Form, post},
        note::{Note, Tone},
        pager::Pager,
        pill::Pill,
        problem::problem,
        radio::{Radio, Radios},
        select::{Choice, Select},
        skeleton::Skeleton,
        table::{SelectRow, Selection, Table},
        time::{Moment, Time},
        toast::Toasts,
        toggle::Toggle,
        wizard::Steps,
    },
};

#[component]
pub fn States() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    view! {
        {buttons()}
        {fields()}
        {wrong()}
        <Card title="Words and colours">
            <p>
                <Pill tone=Tone::Ok text="In step"/> " " <Pill tone=Tone::Wait text="Waiting"/> " "
                <Pill tone=Tone::Held text="Held"/> " " <Pill tone=Tone::Neutral text="Disabled"/>
            </p>
            <Note>"212 of 1,284 people are in scope."</Note>
            <Note tone=Tone::Wait>"Plain http sends secrets in the clear. Use https where the system offers it."</Note>
            <Note tone=Tone::Held><strong>"Sales needs you."</strong>" 3 accounts are held."</Note>
            <Note tone=Tone::Held>{problem(&ConsoleError::Internal { reference: "0199-aaaa".to_owned() })}</Note>
            <p><Time at=moment()/> " " <Code text="2819c223-7f76"/></p>
            <CodeBlock label="Request" text="POST /Users\n{\"userName\": \"ada\"}"/>
            <button type="button" class=Look::Secondary.class() on:click=move |_| toasts.show("Saved.".to_owned())>
                "Show a message"
            </button>
        </Card>
        <KitTable/>
        <Card>{chart(true)}</Card>
        <Card>{chart(false)}</Card>
        <Card title="Steps"><Steps steps=&["Type", "Configuration", "Summary"] current=1/></Card>
        <Card title="While data is on its way"><Skeleton/></Card>
        <Card>
            <Empty title="No outbound provisioning connectors" text="Add a connector to view it here.">
                <LinkButton to=Page::KitDialog.path() look=Look::Primary>"Open a dialog"</LinkButton>
            </Empty>
        </Card>
    }
}

fn buttons() -> AnyView {
    let looks =
        [("Primary", Look::Primary), ("Secondary", Look::Secondary), ("Quiet", Look::Quiet), ("Danger", Look::Danger)];
    let plain = looks.map(|(name, look)| view! { <button type="button" class=look.class()>{name}</button> });
    let busy = looks.map(|(name, look)| {
        view! { <button type="button" class=look.class() aria-busy="true">{name}" at work"</button> }
    });
    let off = looks.map(|(name, look)| {
        let to = format!("{}#{name}", Page::Kit.path());
        view! { <LinkButton to look disabled_because=Some("Your role reads only.")>{name}</LinkButton> }
    });
    view! {
        <Card title="Buttons">
            <p class="actions">{plain.collect_view()}</p>
            <p class="actions">{busy.collect_view()}</p>
            <p class="actions">{off.collect_view()}</p>
        </Card>
    }
    .into_any()
}

fn fields() -> AnyView {
    const WHY: Option<&str> = Some("Your role reads only.");
    let save = post::<api::Save>();
    let choices = vec![Choice::new("delete", "Delete"), Choice::new("leave", "Leave")];
    view! {
        <Card title="Fields that cannot be changed">
            <Form action=save id="kit-disabled">
                <div class="pair">
                    <Field name="name" label="Name" value="Acme Cloud" disabled_because=WHY/>
                    <Select name="policy" label="When deleted here" choices disabled_because=WHY/>
                </div>
                <Checkbox name="blocking" label="Blocking" disabled_because=WHY/>
                <Radios name="kind" legend="Kind">
                    <Radio name="kind" value="scim2" label="SCIM 2.0" hint="A service of RFC 7644." chosen=true/>
                    <Radio name="kind" value="other" label="Other" disabled_because=Some("Not connected yet.")/>
                </Radios>
                <Toggle on=true label="Acme Cloud" disabled_because=WHY/>
                <Submit look=Look::Primary disabled_because=WHY>"Update"</Submit>
            </Form>
        </Card>
    }
    .into_any()
}

/// A form as it comes back.
fn wrong() -> AnyView {
    let mut errors = FieldErrors::of("name", "A name has 3 to 120 characters.");
    errors.add("mode", "Choose one of these.");
    errors.add("blocking", "It needs a time limit.");
    let kept = KeptForm {
        id: "kit-wrong".to_owned(),
        typed: [("name".to_owned(), "ab".to_owned())].into(),
        refusal: Refusal::Invalid(errors),
    };
    let save = post::<api::Save>();
    let choices = vec![Choice::new("none", "None")];
    view! {
        <Provider value=KeptFlash::new(Some(kept))>
            <Card title="A form that came back">
                <Form action=save id="kit-wrong">
                    <Field name="name" label="Name" hint="3 to 120 characters."/>
                    <Select name="mode" label="Authentication Mode" choices prompt="Choose…"/>
                    <Checkbox name="blocking" label="Blocking"/>
                    <Submit look=Look::Primary>"Update"</Submit>
                </Form>
            </Card>
        </Provider>
    }
    .into_any()
}

#[component]
fn KitTable() -> impl IntoView {
    let selection = Selection::new("kit-retry", "ids[]");
    let systems = [
        ("1", "Acme Cloud", Tone::Ok, "In step"),
        ("2", "Sales", Tone::Held, "Held"),
        ("3", "Workspace", Tone::Wait, "Waiting"),
    ];
    selection.show(systems.iter().map(|(id, ..)| (*id).to_owned()).collect());
    let rows = systems
        .into_iter()
        .map(|(id, name, tone, state)| {
            view! {
                <tr>
                    <SelectRow selection value=id label=name/>
                    <th scope="row">{name}</th>
                    <td><Pill tone text=state/></td>
                    <td><a href=Page::Kit.path()>"Edit " <span class="visually-hidden">{name}</span></a></td>
                </tr>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <Card>
            <Table caption="Systems" columns=vec!["System", "State", ""] selection=Some(selection)>{rows}</Table>
            <p class="hint only-hydrated" aria-live="polite">{move || format!("{} chosen", selection.count())}</p>
            <Pager first=Some(Page::Kit.path()) next=Some(Page::Kit.path())/>
        </Card>
    }
}

fn chart(filled: bool) -> AnyView {
    let series = [("delivered", Tone::Info), ("retried", Tone::Wait), ("held", Tone::Held)];
    let series = series.map(|(name, tone)| Series { name: name.to_owned(), tone });
    let bars = (0..24).map(|hour: u32| {
        let values =
            if filled { vec![hour * hour % 37 * 9, hour % 7 * 3, u32::from(hour == 9) * 40] } else { vec![0; 3] };
        Bar { label: format!("{hour:02}:00"), values }
    });
    view! { <Bars caption="Deliveries, last 24 hours" series=series.into() bars=bars.collect()/> }.into_any()
}

fn moment() -> Moment {
    Moment { rfc3339: "2026-03-12T14:05:05Z".to_owned(), minute: "2026-03-12 14:05 UTC".to_owned() }
}
