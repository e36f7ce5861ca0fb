//! Settings whose form is drawn from a description, as a connector's is: one page for all of them.
//!
//! To add one: a file here that describes it, reads it and writes it, and a line in [`place`]. Its address is the
//! sheet's name.

use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location};

pub mod api;
#[cfg(feature = "ssr")]
mod branding;
#[cfg(feature = "ssr")]
mod describe;
#[cfg(feature = "ssr")]
mod mail;
#[cfg(feature = "ssr")]
mod multi_factor;
#[cfg(feature = "ssr")]
mod own_profile;
#[cfg(feature = "ssr")]
mod place;
#[cfg(feature = "ssr")]
mod providers;
#[cfg(feature = "ssr")]
mod registration;
pub mod view;

use view::{Card as Leading, Fact, Sheet};

use crate::{
    layout::head::PageHead,
    pages::{
        connections::{configuration::fields, report::checks},
        session::READ_ONLY,
    },
    ui::{
        button::{Look, Submit},
        card::{Card, CardGrid, CardLink},
        code::CodeBlock,
        dialog::Actions,
        form::{Form, post},
        load::{Loaded, load},
        note::{Note, Tone},
    },
};

/// The sheet at this address.
#[component]
pub fn ShowSheet() -> impl IntoView {
    let here = use_location().pathname;
    let sheet = load(move || Ok(api::Show { at: here.get() }));
    view! {
        <Loaded data=sheet view=move |sheet| page(sheet, here.get_untracked())/>
        <Outlet/>
    }
}

fn page(sheet: Sheet, at: String) -> AnyView {
    let Sheet {
        title,
        subtitle,
        above,
        notes,
        facts,
        cards,
        configuration,
        version,
        save,
        may_write,
        tests,
        report,
        preview,
    } = sheet;
    let head = above.map(|above| {
        let above = above.into_iter().map(|(label, path)| (label, Some(path))).collect();
        view! { <PageHead title=title.clone() subtitle above/> }
    });
    let notes = notes.into_iter().map(|note| view! { <Note tone=Tone::Wait>{note}</Note> }).collect_view();
    let facts = facts
        .into_iter()
        .map(|Fact { label, text, hint }| {
            view! { <div class="field"><span class="label">{label.clone()}</span><CodeBlock label text/><p class="hint">{hint}</p></div> }
        })
        .collect_view();
    let cards = (!cards.is_empty()).then(|| {
        let cards =
            cards.into_iter().map(|Leading { title, text, to }| view! { <CardLink to title text/> }).collect_view();
        view! { <CardGrid label=title.clone()>{cards}</CardGrid> }
    });
    let because = (!may_write).then_some(READ_ONLY);
    let tests = tests
        .into_iter()
        .map(|(label, at)| {
            view! {
                <Form action={post::<api::Test>()} id=at.clone() class="aside">
                    <input type="hidden" name="at" value=at/>
                    <Submit disabled_because=because>{label}</Submit>
                </Form>
            }
            .into_any()
        })
        .collect_view();
    let report = report.as_ref().map(checks);
    let form = (!configuration.schema.fields.is_empty()).then(|| {
        view! {
            <Card title=configuration.schema.name.clone() subtitle=configuration.schema.description.clone()>
                {report}
                {facts}
                <Form action={post::<api::Save>()} id="sheet">
                    <input type="hidden" name="at" value=at/>
                    <input type="hidden" name="version" value=version.to_string()/>
                    {anew(version, fields(&configuration))}
                    <Actions>
                        <Submit look=Look::Primary disabled_because=because>{save}</Submit>
                    </Actions>
                </Form>
                {tests}
            </Card>
        }
    });
    let preview = preview.map(|(subject, text)| {
        view! {
            <Card title="Preview" subtitle="What an example makes, as it was last saved.">
                <p class="mail-subject"><strong>{subject}</strong></p>
                <pre class="mail-text" tabindex="0" role="region" aria-label="Preview">{text}</pre>
            </Card>
        }
    });
    view! { {head} {notes} {cards} {form} {preview} }.into_any()
}

/// A field that is drawn again keeps what was typed: those of another version are drawn anew, being of another type.
fn anew(version: i64, fields: AnyView) -> AnyView {
    if version % 2 == 0 { fields } else { (fields,).into_any() }
}
