//! `/account/profile`: what somebody may change of themselves.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos_meta::Title;

use super::{api, view::Profile};
use crate::{
    layout::bare::Bare,
    outcome::entry,
    pages::users::{
        attributes::MAP,
        view::{CustomField, CustomSection},
    },
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        field::Field,
        form::{Form, FormContext, post},
        load::{Loaded, load},
        select::{Choice, Select},
    },
};

const TITLE: &str = "Your profile";

#[component]
pub fn EditProfile() -> impl IntoView {
    let profile = load(|| Ok(api::ShowProfile {}));
    view! {
        <Title text=TITLE/>
        <Bare>
            <h1>{TITLE}</h1>
            <Loaded data=profile view=page/>
        </Bare>
    }
}

fn page(profile: Profile) -> AnyView {
    let Profile { version, fields, custom, values, kept, .. } = profile;
    let kept = kept
        .into_iter()
        .map(|(label, value, connection)| {
            let keeper = format!("Kept in step with {connection}.");
            view! { <div class="fact"><dt>{label}</dt><dd>{value} <span class="hint">{keeper}</span></dd></div> }
        })
        .collect_view();
    let kept = view! { <dl class="facts">{kept}</dl> };
    if fields.is_empty() && custom.is_empty() {
        return view! {
            <p class="subtitle">"Nothing of it is changed here. An administrator can change it."</p>
            {kept}
            <p class="bare-next"><LinkButton to=Page::Account.path()>"Back"</LinkButton></p>
        }
        .into_any();
    }
    view! {
        <p class="subtitle">"The systems that have an account for you get it too."</p>
        {kept}
        <Form action={post::<api::ChangeProfile>()} id="profile">
            {inputs(version, fields, custom, &values)}
            <Submit look=Look::Primary>"Save"</Submit>
        </Form>
        <p class="bare-aside"><a href=Page::Account.path()>"Cancel"</a></p>
    }
    .into_any()
}

fn inputs(
    version: i64,
    fields: Vec<(String, String)>,
    custom: Vec<CustomSection>,
    values: &BTreeMap<String, String>,
) -> AnyView {
    // What came back was typed over what was seen then, and so is saved over that alone.
    let seen = FormContext::of_form().and_then(|form| form.typed("version"));
    let value = |name: &str| values.get(name).cloned().unwrap_or_default();
    let draw = |(name, label): (String, String)| {
        let autocomplete = match name.as_str() {
            "given_name" => "given-name",
            "family_name" => "family-name",
            "phone_number" => "tel",
            _ => "off",
        };
        view! { <Field name=entry(MAP, &name) label value=value(&name) autocomplete/> }.into_any()
    };
    let (names, further): (Vec<_>, Vec<_>) =
        fields.into_iter().partition(|(name, _)| matches!(name.as_str(), "given_name" | "family_name"));
    let custom = custom.into_iter().flat_map(|section| section.fields).map(|field| {
        let CustomField { key, label, hint, choices, .. } = field;
        let (name, value) = (entry(MAP, &key), value(&key));
        if choices.is_empty() {
            view! { <Field name label hint value/> }.into_any()
        } else {
            let choices = choices.into_iter().map(|(value, label)| Choice { value, label }).collect();
            view! { <Select name label hint value choices prompt="–"/> }.into_any()
        }
    });
    view! {
        <input type="hidden" name="version" value=seen.unwrap_or_else(|| version.to_string())/>
        <div class="bare-names">{names.into_iter().map(draw).collect_view()}</div>
        {further.into_iter().map(draw).collect_view()}
        {custom.collect_view()}
    }
    .into_any()
}
