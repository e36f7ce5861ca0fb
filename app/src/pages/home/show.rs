//! The first page after sign-in.

use leptos::prelude::*;

use super::{
    api,
    view::{self, Figure, Hour, Mood, Notice, Overview, Step, System},
};
use crate::{
    layout::head::PageHead,
    pages::tour,
    routes::Page,
    ui::{
        chart::{Bar, Bars, Series},
        load::{Loaded, load},
        note::{Note, Tone},
        pill::Pill,
        table::Table,
    },
};

impl Mood {
    fn tone(self) -> Tone {
        match self {
            Self::Ok => Tone::Ok,
            Self::Wait => Tone::Wait,
            Self::Held => Tone::Held,
            Self::Neutral => Tone::Neutral,
        }
    }
}

#[component]
pub fn Home() -> impl IntoView {
    let home = load(|| Ok(api::Show {}));
    view! { <Loaded data=home view=page/> }
}

fn page(home: view::Home) -> AnyView {
    match home {
        view::Home::Begin(steps) => begin(steps),
        view::Home::Overview(shown) => overview(shown),
    }
}

fn begin(steps: Vec<Step>) -> AnyView {
    let next = steps.iter().position(|step| !step.done);
    let steps: Vec<AnyView> =
        steps.into_iter().enumerate().map(|(place, one)| step(one, Some(place) == next)).collect();
    view! {
        <PageHead title="Home" subtitle="Keep the accounts of other systems in step with this directory."/>
        <section class="card path" aria-label="What to do first">
            <header class="card-head">
                <h2>"What to do first"</h2>
                <p class="hint">"Four steps from an empty Usher to the first account in another system."</p>
            </header>
            <ol class="path-steps">{steps}</ol>
        </section>
    }
    .into_any()
}

fn step(step: Step, next: bool) -> AnyView {
    let class = match (step.done, next) {
        (true, _) => "path-step path-done",
        (false, true) => "path-step path-next",
        (false, false) => "path-step",
    };
    let tick = step.done.then(|| {
        view! { <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M3.5 8.5l3 3 6-7"></path></svg> }
    });
    let done = step.done.then_some(" Done.");
    view! {
        <li class=class aria-current=next.then_some("step")>
            <span class="path-mark" aria-hidden="true">{tick}</span>
            <div>
                <h3><a href=step.to>{step.title}</a><span class="visually-hidden">{done}</span></h3>
                <p class="hint">{step.text}</p>
            </div>
        </li>
    }
    .into_any()
}

fn overview(shown: Overview) -> AnyView {
    let Overview { summary, notes, figures, hours, systems, more_systems } = shown;
    let notes: Vec<AnyView> = notes.into_iter().map(notice).collect();
    let figures: Vec<AnyView> = figures.into_iter().map(figure).collect();
    view! {
        <PageHead title="Home" subtitle=summary/>
        <div class="home">
            {tour::invitation()}
            {(!notes.is_empty()).then(|| view! { <section class="home-notes" aria-label="What needs somebody">{notes}</section> })}
            <dl class="figures">{figures}</dl>
            <section class="card">{chart(hours)}<p class="hint">"Times are in UTC."</p></section>
            {table(systems, more_systems)}
        </div>
    }
    .into_any()
}

fn notice(notice: Notice) -> AnyView {
    let Notice { mood, head, text, to, way } = notice;
    view! { <Note tone=mood.tone()><strong>{head}</strong>" "{text}" "<a href=to>{way}</a></Note> }.into_any()
}

fn figure(figure: Figure) -> AnyView {
    let Figure { label, value, hint, mood } = figure;
    let hint = match mood {
        Some(mood) => view! { <dd class="figure-hint"><Pill tone=mood.tone() text=hint/></dd> }.into_any(),
        None => view! { <dd class="figure-hint hint">{hint}</dd> }.into_any(),
    };
    view! {
        <div class="card figure">
            <dt>{label}</dt>
            <dd class="figure-value">{value}</dd>
            {hint}
        </div>
    }
    .into_any()
}

fn chart(hours: Vec<Hour>) -> AnyView {
    let series = [("delivered", Tone::Info), ("retried", Tone::Wait), ("held", Tone::Held)]
        .map(|(name, tone)| Series { name: name.to_owned(), tone })
        .to_vec();
    let bars = hours
        .into_iter()
        .map(|hour| Bar { label: hour.label, values: vec![hour.delivered, hour.retried, hour.held] })
        .collect();
    view! { <Bars caption="Deliveries, last 24 hours" series bars/> }.into_any()
}

fn table(systems: Vec<System>, more: usize) -> AnyView {
    let rows: Vec<AnyView> = systems.into_iter().map(row).collect();
    let more = (more > 0).then(|| {
        view! { <p class="home-more"><a href=Page::Connections.path()>{format!("{more} more under Connections")}</a></p> }
    });
    view! {
        <section class="card">
            <Table caption="Systems" columns=vec!["System", "State", "Accounts", "Last hour", "Pace"]>{rows}</Table>
        </section>
        {more}
    }
    .into_any()
}

fn row(system: System) -> AnyView {
    let System { connection, name, kind, mood, state, accounts, hour, pace } = system;
    view! {
        <tr>
            <th scope="row">
                <a href=Page::OutboundProvisioning(connection).path()>{name}</a>
                <span class="system-kind">{format!(" · {kind}")}</span>
            </th>
            <td data-label="State"><Pill tone=mood.tone() text=state/></td>
            <td data-label="Accounts">{accounts}</td>
            <td data-label="Last hour">{hour}</td>
            <td data-label="Pace">{pace}</td>
        </tr>
    }
    .into_any()
}
