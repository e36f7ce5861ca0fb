//! Why a user has, or has not, an account in one system.

use domain::{DeliveryId, UserId};
use leptos::prelude::*;

use super::{api, provisioning::LOOK, view::Explanation};
use crate::{
    pages::connections::param,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        code::CodeBlock,
        form::{Form, Post, post},
        live::Live,
        load::{Loaded, load, named},
        table::Table,
        time::Time,
    },
};

#[component]
pub fn ExplainDelivery() -> impl IntoView {
    let (id, delivery) = (param::<UserId>("id"), param::<DeliveryId>("delivery"));
    let ids = move || Some((id()?, delivery()?));
    let shown = load(move || {
        let (id, delivery) = named(ids(), "This delivery")?;
        Ok(api::Explain { id, delivery })
    });
    let retry = post::<api::Retry>();
    view! { <Loaded data=shown view=move |shown| ids().map(|ids| card(ids, shown, retry)).into_any()/> }
}

fn card((id, delivery): (UserId, DeliveryId), shown: Explanation, retry: Post) -> AnyView {
    let Explanation { title, answers, request, response, may_retry, moving } = shown;
    let label = title.clone();
    let rows = answers
        .into_iter()
        .map(|answer| {
            let at = answer.at.map(|at| view! { ", " <Time at/> "." });
            let code = answer.code.map(|code| view! { <code class="answer-code">{code}</code> });
            view! {
                <tr>
                    <th scope="row">{answer.question}</th>
                    <td>{answer.text} {at} {code}</td>
                </tr>
            }
        })
        .collect_view();
    let exchanges = [("Request", request), ("Response", response)]
        .into_iter()
        .filter_map(|(label, text)| Some(view! { <CodeBlock label text=text?/> }))
        .collect_view();
    let exchanges = (!exchanges.is_empty()).then(|| {
        view! {
            <details class="fold">
                <summary>"What was sent and answered, word by word"</summary>
                <div class="fold-body">{exchanges}</div>
            </details>
        }
    });
    let again = may_retry.then(|| {
        view! {
            <Form action=retry id="retry-explained">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="delivery" value=delivery.to_string()/>
                <Submit>"Retry now"</Submit>
            </Form>
        }
    });
    view! {
        <section class="card explain" aria-label=label>
            <header class="section-head">
                <h2>{title}</h2>
                <div class="row-actions">
                    <LinkButton to=Page::Delivery(delivery).path() look=Look::Quiet>"All attempts"</LinkButton>
                    {again}
                    <LinkButton to=Page::UserProvisioning(id).path() look=Look::Quiet>"Close"</LinkButton>
                </div>
            </header>
            <Table caption="Explanation" columns=vec!["Step", "Answer"]>{rows}</Table>
            {exchanges}
        </section>
        {moving.then(|| view! { <Live seconds=LOOK/> })}
    }
    .into_any()
}
