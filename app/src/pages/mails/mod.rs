//! Activity → Mails: what was sent to people, what waits, and why.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

pub mod api;
#[cfg(feature = "ssr")]
mod shown;
pub mod view;

use view::{Mail, MailList};

use super::activity::READ_ONLY;
use crate::{
    layout::head::PageHead,
    outcome::address,
    routes::Page,
    ui::{
        button::Submit,
        empty::Empty,
        form::{Form, post},
        load::{Loaded, load},
        narrow::{By, Narrow, narrow},
        note::{Note, Tone},
        pager::Pager,
        pill::Pill,
        table::Table,
        time::Time,
    },
};

#[component]
pub fn Mails() -> impl IntoView {
    let query = use_query_map();
    let asked = move |name| query.with(|query| query.get(name)).unwrap_or_default();
    let list = load(move || Ok(api::List { state: asked("state"), after: asked("after") }));
    view! { <Loaded data=list view=move |list| page(list, asked("state"), &asked("after"))/> }
}

fn page(list: MailList, state: String, after: &str) -> AnyView {
    let MailList { items, next, note, may_act } = list;
    let because = (!may_act).then_some(READ_ONLY);
    let at = |after: &str| address(&Page::Mails.path(), &[("state", &state)], ("after", after));
    let first = (!after.is_empty()).then(|| at(""));
    let next = next.map(|next| at(&next));
    let states = By::choice([("due", "To be sent"), ("sent", "Sent"), ("failed", "Failed"), ("dropped", "Dropped")]);
    let fields = vec![Narrow { name: "state", label: "State", value: state.clone(), by: states }];
    let found = if items.is_empty() {
        view! { <Empty title="No mails" text="Invitations, verifications and links for a new password are listed here."/> }
            .into_any()
    } else {
        let rows = items.into_iter().map(|mail| row(mail, because)).collect_view();
        view! {
            <Table caption="Mails" columns=vec!["To", "Mail", "State", "Put in line", ""]>{rows}</Table>
        }
        .into_any()
    };
    view! {
        <PageHead
            title="Mails"
            subtitle="What was sent to people. A mail that cannot be sent is tried again for a day."
            above=vec![("Activity".to_owned(), Some(Page::Activity.path()))]
        />
        {note.map(|note| view! { <Note tone=Tone::Wait>{note}</Note> })}
        {narrow(&Page::Mails.path(), "Filter", fields, Vec::new(), !state.is_empty())}
        {found}
        <Pager first next/>
    }
    .into_any()
}

fn row(mail: Mail, because: Option<&'static str>) -> AnyView {
    let Mail { id, recipient, kind, state, text, at, retriable } = mail;
    let (tone, word) = match state.as_str() {
        "sent" => (Tone::Ok, "Sent"),
        "failed" => (Tone::Held, "Failed"),
        "dropped" => (Tone::Neutral, "Dropped"),
        _ => (Tone::Wait, "To be sent"),
    };
    let retry = retriable.then(|| {
        view! {
            <Form action={post::<api::Retry>()} id=format!("retry-{id}")>
                <input type="hidden" name="id" value=id.clone()/>
                <Submit disabled_because=because>"Send now"</Submit>
            </Form>
        }
    });
    view! {
        <tr>
            <td data-label="To">{recipient}</td>
            <td data-label="Mail">{kind}</td>
            <td data-label="State">
                <Pill tone text=word/>
                {(!text.is_empty()).then(|| view! { <p class="hint">{text}</p> })}
            </td>
            <td data-label="Put in line"><Time at=at/></td>
            <td>{retry}</td>
        </tr>
    }
    .into_any()
}
