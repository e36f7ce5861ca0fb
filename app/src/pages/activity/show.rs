//! One delivery with its attempts.

use domain::{AttemptId, DeliveryId};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    READ_ONLY, api,
    news::Follow,
    stand,
    view::{Account, Attempt, Delivery, Filter, HeldFor, Went, Word},
};
use crate::{
    layout::head::PageHead,
    pages::connections::param,
    routes::Page,
    ui::{
        button::{Look, Submit},
        code::{Code, CodeBlock},
        empty::Empty,
        form::{Form, post},
        load::{Loaded, load, named},
        narrow::hidden,
        note::Tone,
        pager::Pager,
        pill::Pill,
        time::Time,
    },
};

#[component]
pub fn ShowDelivery() -> impl IntoView {
    let id = param::<DeliveryId>("id");
    let query = use_query_map();
    let before = move || query.with(|query| query.get("before")).and_then(|id| id.parse::<AttemptId>().ok());
    let delivery = load(move || Ok(api::Show { id: named(id(), "This delivery")?, before: before() }));
    view! { <Loaded data=delivery view=move |delivery| page(delivery, before().is_none())/> }
}

fn page(delivery: Delivery, is_first: bool) -> AnyView {
    let id = delivery.id;
    let above = vec![("Activity".to_owned(), Some(Page::Activity.path()))];
    let title = format!("{} at {}", delivery.who, delivery.system);
    let follow = (is_first && delivery.stand.word != Word::Done).then(|| {
        let filter =
            Filter { user: delivery.subject.clone(), system: delivery.connector.to_string(), ..Filter::default() };
        view! { <Follow filter since=delivery.newest.clone()/> }
    });
    let gone = delivery.gone.then(|| view! { <p class="hint">"This user was deleted."</p> });
    let next = delivery.next.map(|before| format!("{}?before={before}", Page::Delivery(id).path()));
    let first = (!is_first).then(|| Page::Delivery(id).path());
    let attempts = attempts(delivery.attempts.clone(), delivery.sees_bodies);
    let retry = retry(&delivery);
    view! {
        <PageHead title above>{retry}</PageHead>
        {follow}
        {gone}
        {facts(delivery)}
        <section class="card" aria-label="Attempts">
            <header class="card-head">
                <h2>"Attempts"</h2>
                <p class="hint">"The latest first."</p>
            </header>
            {attempts}
        </section>
        <Pager first next/>
    }
    .into_any()
}

fn retry(delivery: &Delivery) -> AnyView {
    let because = if delivery.may_act { None } else { Some(READ_ONLY) };
    if !delivery.not_retriable.is_empty() {
        return view! { <p class="hint">{delivery.not_retriable.clone()}</p> }.into_any();
    }
    let action = post::<api::Retry>();
    let id = delivery.id.to_string();
    view! {
        <Form action=action id="retry">
            <input type="hidden" name="id" value=id/>
            <Submit look=Look::Primary disabled_because=because>"Retry now"</Submit>
        </Form>
    }
    .into_any()
}

fn facts(delivery: Delivery) -> AnyView {
    let alike = alike(&delivery);
    let refresh = (delivery.stand.word != Word::Done).then(|| {
        view! { <a class="only-plain" href=Page::Delivery(delivery.id).path()>"Refresh"</a> }
    });
    let who = match delivery.user {
        Some(user) => view! { <a href=Page::User(user).path()>{delivery.who}</a> }.into_any(),
        None => delivery.who.into_any(),
    };
    let system = match delivery.connection {
        Some(connection) => {
            view! { <a href=Page::OutboundProvisioning(connection).path()>{delivery.system}</a> }.into_any()
        }
        None => delivery.system.into_any(),
    };
    let kind = (!delivery.kind.is_empty()).then(|| format!(" · {}", delivery.kind));
    let advice = (!delivery.advice.is_empty()).then(|| view! { <p>{delivery.advice}</p> });
    let account = match delivery.account {
        None => view! { "None linked." }.into_any(),
        Some(Account { remote_id, provenance, since }) => {
            view! { <Code text=remote_id/> {format!(", {provenance}, linked ")} <Time at=since/> }.into_any()
        }
    };
    view! {
        <section class="card">
            <dl class="summary delivery-facts">
                <div class="summary-row">
                    <dt>"State"</dt>
                    <dd class="delivery-state">{stand(delivery.stand)}{advice}{alike}{refresh}</dd>
                </div>
                <div class="summary-row"><dt>"Who"</dt><dd>{who}</dd></div>
                <div class="summary-row"><dt>"System"</dt><dd>{system}{kind}</dd></div>
                <div class="summary-row"><dt>"Wanted there"</dt><dd>{delivery.wanted}</dd></div>
                <div class="summary-row"><dt>"Progress"</dt><dd>{delivery.progress}</dd></div>
                <div class="summary-row"><dt>"Account there"</dt><dd>{account}</dd></div>
                <div class="summary-row"><dt>"Set going by"</dt><dd>{delivery.trigger}</dd></div>
                <div class="summary-row">
                    <dt>"Last change"</dt>
                    <dd><Time at=delivery.changed/>", first wanted " <Time at=delivery.created/></dd>
                </div>
            </dl>
        </section>
    }
    .into_any()
}

/// The others that are held for the very same reason.
fn alike(delivery: &Delivery) -> Option<AnyView> {
    let HeldFor { kind, text, others } = delivery.held.clone()?;
    if others == 0 || delivery.connection.is_none() {
        return None;
    }
    let label = format!("Retry all {} held at {} for this reason", others + 1, delivery.system);
    let filter = Filter { system: delivery.connector.to_string(), state: "held".to_owned(), ..Filter::default() };
    let because = (!delivery.may_act).then_some(READ_ONLY);
    let action = post::<api::RetryHeld>();
    let connector = delivery.connector.to_string();
    let fields = hidden(&filter.pairs());
    let form = view! {
        <Form action=action id="retry-alike">
            <input type="hidden" name="connector" value=connector/>
            <input type="hidden" name="reason" value=kind/>
            <input type="hidden" name="text" value=text/>
            {fields}
            <Submit disabled_because=because>{label}</Submit>
        </Form>
    };
    Some(form.into_any())
}

fn attempts(attempts: Vec<Attempt>, sees_bodies: bool) -> AnyView {
    if attempts.is_empty() {
        return view! { <Empty title="Not tried yet" text="Every attempt is recorded here, with what was sent and what came back."/> }
            .into_any();
    }
    let rows: Vec<AnyView> = attempts.into_iter().map(|one| attempt(one, sees_bodies)).collect();
    view! { <ol class="attempts">{rows}</ol> }.into_any()
}

fn attempt(attempt: Attempt, sees_bodies: bool) -> AnyView {
    let tone = match attempt.went {
        Went::Well => Tone::Ok,
        Went::Again => Tone::Wait,
        Went::Badly => Tone::Held,
        Went::Nowhere => Tone::Neutral,
    };
    let status = attempt.status.map(|status| format!(" · status {status}"));
    let text = (!attempt.text.is_empty()).then(|| view! { <p>{attempt.text}</p> });
    let bodies = match (sees_bodies, attempt.request, attempt.response) {
        (false, ..) => {
            view! { <p class="hint">"Requests and responses are for administrators and operators."</p> }.into_any()
        }
        (true, None, None) => {
            view! { <p class="hint">"No request and response: there was none, or it is not kept any more."</p> }
                .into_any()
        }
        (true, request, response) => view! {
            <details class="attempt-bodies">
                <summary>"Request and response"</summary>
                {request.map(|text| view! { <h3>"Sent"</h3> <CodeBlock label="Request" text/> })}
                {response.map(|text| view! { <h3>"Came back"</h3> <CodeBlock label="Response" text/> })}
                <p class="hint">"Secrets and passwords are removed before this is kept."</p>
            </details>
        }
        .into_any(),
    };
    view! {
        <li class="attempt">
            <div class="attempt-head">
                <strong>{attempt.operation}</strong>
                <Pill tone text=attempt.outcome/>
                <span class="hint">
                    <Time at=attempt.at/>
                    {status}
                    {format!(" · took {} · set going by {}", attempt.took, attempt.trigger)}
                </span>
            </div>
            {text}
            {bodies}
        </li>
    }
    .into_any()
}
