//! The tab Sessions: where this user is signed in, and ending that.

use domain::UserId;
use leptos::prelude::*;

use super::{
    READ_ONLY, api,
    show::Shown,
    view::{Entry, Session},
};
use crate::{
    pages::connections::param,
    ui::{
        button::{Look, Submit},
        card::Card,
        empty::Empty,
        form::{Form, Post, post},
        load::{Loaded, load, named},
        note::Tone,
        pill::Pill,
        table::Table,
        time::Time,
    },
};

#[component]
pub fn UserSessions() -> impl IntoView {
    let id = param::<UserId>("id");
    let Shown(user) = expect_context();
    let sessions = load(move || {
        let id = named(id(), "This user")?;
        Ok(api::Sessions { id })
    });
    let (end, end_all) = (post::<api::EndSession>(), post::<api::EndSessions>());
    view! {
        <Loaded data=user part=true view=move |user| {
            let may_write = user.may_write;
            view! {
                <Loaded data=sessions part=true view=move |entry| page(user.id, entry, may_write, end, end_all)/>
            }
            .into_any()
        }/>
    }
}

fn page(id: UserId, entry: Entry, may_write: bool, end: Post, end_all: Post) -> AnyView {
    let Entry { sessions, second_factors } = entry;
    let because = (!may_write).then_some(READ_ONLY);
    let reset = (!second_factors.is_empty()).then(|| {
        view! {
            <Card title="Second factor" subtitle=second_factors>
                <Form action={post::<api::ResetSecondFactors>()} id="reset-second-factors" class="row-action">
                    <input type="hidden" name="id" value=id.to_string()/>
                    <Submit look=Look::Danger disabled_because=because>"Reset"</Submit>
                </Form>
            </Card>
        }
    });
    if sessions.is_empty() {
        return view! {
            <section class="card">
                <Empty title="No sessions" text="This user is signed in nowhere at the moment."/>
            </section>
            {reset}
        }
        .into_any();
    }
    let rows = sessions.into_iter().map(|session| row(id, session, may_write, end)).collect_view();
    view! {
        <div class="section-head">
            <p class="hint section-hint">
                "A session ends after 12 hours without use, and after 7 days in any case."
            </p>
            <Form action=end_all id="end-all">
                <input type="hidden" name="id" value=id.to_string()/>
                <Submit look=Look::Danger disabled_because=because>"End all"</Submit>
            </Form>
        </div>
        <section class="card">
            <Table caption="Sessions" columns=vec!["Browser", "Address", "Signed in", "Last seen", ""]>{rows}</Table>
        </section>
        {reset}
    }
    .into_any()
}

fn row(user: UserId, session: Session, may_write: bool, end: Post) -> AnyView {
    let Session { id, browser, address, signed_in, seen, present } = session;
    let named = format!(" the session of {browser} at {address}");
    let action = if present {
        view! { <Pill tone=Tone::Ok text="This session"/> }.into_any()
    } else if may_write {
        view! {
            <Form action=end id=format!("end-{id}")>
                <input type="hidden" name="id" value=user.to_string()/>
                <input type="hidden" name="session" value=id.to_string()/>
                <Submit look=Look::Quiet>
                    "End" <span class="visually-hidden">{named}</span>
                </Submit>
            </Form>
        }
        .into_any()
    } else {
        ().into_any()
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
