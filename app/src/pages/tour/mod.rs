//! The tour of the demo: its steps, and which were taken. Outside a demo there is no such page.
//!
//! What the steps say and how they stand is put together on the server (`shown`), from what the directory recorded and
//! what the demo tells of its external system ([`stage`]); the view only draws it.

pub mod api;
#[cfg(feature = "ssr")]
mod shown;
#[cfg(feature = "ssr")]
pub mod stage;
pub mod view;

use leptos::prelude::*;

use self::view::{Fact, Link, Step, TourView};
use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::{
        code::CodeBlock,
        live::Live,
        load::{Loaded, load},
        note::{Note, Tone},
        pill::Pill,
    },
};

/// Whether there is a tour to take.
#[derive(Clone, Copy, Debug)]
struct Offered(bool);

/// Lets every page know whether this is a demo; the server tells the browser within the page.
pub fn provide_offer() {
    #[cfg(feature = "ssr")]
    let offered = || use_context::<stage::Stage>().is_some_and(|stage| stage.facts().is_some());
    #[cfg(not(feature = "ssr"))]
    let offered = || false;
    provide_context(Offered(SharedValue::new(offered).into_inner()));
}

pub fn is_offered() -> bool {
    use_context::<Offered>().is_some_and(|offered| offered.0)
}

/// The way to the tour, for Home.
pub fn invitation() -> Option<AnyView> {
    is_offered().then(|| {
        view! {
            <Note>
                <strong>"This is a demo. "</strong>
                "Everybody and every system here is made up, and nothing leaves this machine. "
                <a href=Page::Tour.path()>"Take the tour"</a>
            </Note>
        }
        .into_any()
    })
}

#[component]
pub fn Tour() -> impl IntoView {
    let tour = load(|| Ok(api::Show {}));
    view! {
        <Loaded data=tour view=page/>
        <Live seconds=2/>
    }
}

fn page(tour: TourView) -> AnyView {
    let TourView { subtitle, problem, steps } = tour;
    let (done, all) = (steps.iter().filter(|step| step.done).count(), steps.len());
    let next = steps.iter().position(|step| !step.done);
    let progress = match done {
        done if done == all => "All steps are done.".to_owned(),
        done => format!("{done} of {all} steps are done."),
    };
    let problem = problem.map(|problem| view! { <Note tone=Tone::Held>{problem}</Note> });
    let steps =
        steps.into_iter().enumerate().map(|(index, step)| draw(index + 1, step, next == Some(index))).collect_view();
    view! {
        <PageHead title="Tour" subtitle/>
        {problem}
        <p class="hint tour-progress">
            {progress} " "
            <a class="only-plain" href=Page::Tour.path()>"Look again"</a>
        </p>
        <ol class="tour">{steps}</ol>
    }
    .into_any()
}

fn draw(number: usize, step: Step, next: bool) -> AnyView {
    let Step { title, text, done, facts, links, code } = step;
    let heading = format!("tour-step-{number}");
    let labelled = heading.clone();
    let state = if done {
        view! { <Pill tone=Tone::Ok text="Done"/> }.into_any()
    } else if next {
        view! { <Pill tone=Tone::Info text="Next"/> }.into_any()
    } else {
        ().into_any()
    };
    view! {
        <li
            class="card tour-step"
            class:tour-done=done
            aria-labelledby=labelled
            aria-current=next.then_some("step")
        >
            <span class="tour-number" aria-hidden="true">{if done { "✓".to_owned() } else { number.to_string() }}</span>
            <div class="tour-body">
                <h2 id=heading>{title} " " {state}</h2>
                <p>{text}</p>
                {code.map(|code| view! { <CodeBlock label="Line for a terminal" text=code/> })}
                {(!facts.is_empty()).then(|| view! { <ul class="tour-facts">{listed(facts)}</ul> })}
                <p class="tour-links">{leading(links)}</p>
            </div>
        </li>
    }
    .into_any()
}

fn listed(facts: Vec<Fact>) -> AnyView {
    facts.into_iter().map(|Fact { tone, text }| view! { <li class=tone.class()>{text}</li> }).collect_view().into_any()
}

fn leading(links: Vec<Link>) -> AnyView {
    links
        .into_iter()
        .map(|Link { text, to, away }| {
            let hint = away.then(|| view! { <span class="visually-hidden">" (opens in a new tab)"</span> });
            view! { <a href=to target=away.then_some("_blank") rel=away.then_some("noopener")>{text} {hint}</a> " " }
        })
        .collect_view()
        .into_any()
}
