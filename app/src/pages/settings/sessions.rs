//! Where somebody is signed in, and the way to end that.

use leptos::prelude::*;

use super::{api, view::Session};
use crate::ui::{
    button::{Look, Submit},
    form::{Form, Post, post},
    load::{Loaded, load},
    note::Tone,
    pill::Pill,
    table::Table,
    time::Time,
};

#[component]
pub fn MySessions() -> impl IntoView {
    let sessions = load(|| Ok(api::MySessions {}));
    let (end, end_others) = (post::<api::EndSession>(), post::<api::EndOtherSessions>());
    view! { <Loaded data=sessions view=move |sessions| page(sessions, end, end_others)/> }
}

/// Where somebody is signed in, with what ends one of the sessions, and all but the present one.
pub(crate) fn page(sessions: Vec<Session>, end: Post, end_others: Post) -> AnyView {
    let alone = sessions.iter().all(|session| session.present).then_some("You are signed in nowhere else.");
    let rows = sessions.into_iter().map(|session| row(session, end)).collect_view();
    view! {
        <div class="section-head">
            <p class="hint section-hint">
                "Everywhere you are signed in. A session ends after 12 hours without use, and after 7 days in any case."
            </p>
            <Form action=end_others id="end-others">
                <Submit look=Look::Danger disabled_because=alone>"End all others"</Submit>
            </Form>
        </div>
        <section class="card">
            <Table caption="Your sessions" columns=vec!["Browser", "Address", "Signed in", "Last seen", ""]>{rows}</Table>
        </section>
    }
    .into_any()
}

fn row(session: Session, end: Post) -> AnyView {
    let Session { id, browser, address, signed_in, seen, present } = session;
    let label = format!(" the session of {browser} at {address}");
    let action = if present {
        view! { <Pill tone=Tone::Ok text="This session"/> }.into_any()
    } else {
        view! {
            <Form action=end id=format!("end-{id}") class="row-action">
                <input type="hidden" name="id" value=id.to_string()/>
                <Submit>
                    "End"
                    <span class="visually-hidden">{label}</span>
                </Submit>
            </Form>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row">{browser}</th>
            <td data-label="Address">{address}</td>
            <td data-label="Signed in"><Time at=signed_in/></td>
            <td data-label="Last seen"><Time at=seen/></td>
            <td>{action}</td>
        </tr>
    }
    .into_any()
}

/// How many sessions came to their end.
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "the server says it"))]
pub(crate) fn were_ended(count: u64) -> String {
    match count {
        0 => "You were signed in nowhere else.".to_owned(),
        1 => "1 session was ended.".to_owned(),
        count => format!("{count} sessions were ended."),
    }
}
