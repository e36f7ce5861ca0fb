//! The tab Profile: every attribute, and the danger zone.

use std::collections::BTreeMap;

use domain::limits;
use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{
    READ_ONLY, api,
    attributes::{ADDRESS, ADDRESSES, BASIC, CONTACT, MAP, MORE, Many, NAME, PREFERENCES, Single, WORK},
    disable::protected,
    lock::lock,
    show::Shown,
    view::{CustomField, CustomSection, Standing, User},
};
use crate::{
    browser,
    outcome::entry,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        card::Card,
        dialog::Actions,
        field::Field,
        form::{Form, FormContext, Post, post},
        load::Loaded,
        note::{Note, Tone},
        select::{Choice, Select},
        setting::setting,
        textarea::TextArea,
        time::{Moment, Time},
    },
};

const FORM: &str = "user";

#[component]
pub fn UserProfile() -> impl IntoView {
    let Shown(user) = expect_context();
    let (update, enable) = (post::<api::Update>(), post::<api::Enable>());
    let seen = StoredValue::new(None);
    view! {
        <Loaded data=user part=true view=move |user: User| {
            show_what_is_stored(seen, user.values.clone());
            page(user, update, enable)
        }/>
        <Outlet/>
    }
}

/// A field keeps what was typed, whatever it is filled with: once something was saved, it shows that.
fn show_what_is_stored(seen: StoredValue<Option<Values>>, values: Values) {
    Effect::new(move |_| {
        let before = seen.try_update_value(|seen| seen.replace(values.clone())).flatten();
        if before.is_some_and(|before| before != values) {
            browser::reset(FORM);
        }
    });
}

fn page(user: User, update: Post, enable: Post) -> AnyView {
    let read_only = (!user.may_write).then_some(READ_ONLY);
    let zone = danger_zone(&user, enable);
    let User { id, version, values, certificates, custom, state, locked, link_until, .. } = user;
    view! {
        {notes(state, locked, link_until)}
        <Card>
            <Form action=update id=FORM>
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="version" value=version.to_string()/>
                {attributes(&values, certificates)}
                {custom.into_iter().map(|section| section_of(section, &values)).collect_view()}
                <Actions>
                    <Submit look=Look::Primary disabled_because=read_only>"Update"</Submit>
                </Actions>
            </Form>
        </Card>
        {zone}
    }
    .into_any()
}

fn attributes(values: &Values, certificates: usize) -> AnyView {
    let certificates = (certificates > 0).then(|| {
        let text = match certificates {
            1 => "1 certificate is kept. It is changed over SCIM.".to_owned(),
            number => format!("{number} certificates are kept. They are changed over SCIM."),
        };
        view! { <p class="hint">{text}</p> }
    });
    view! {
        {singles(BASIC, values)}
        {lists(CONTACT, values)}
        {folded("Work", singles(WORK, values), is_filled(WORK, values))}
        {folded("More of the name", singles(NAME, values), is_filled(NAME, values))}
        {folded("Addresses", addresses(values), has_list(ADDRESSES, values))}
        {folded("Preferences and ids", singles(PREFERENCES, values), false)}
        {folded(
            "Other lists",
            view! { {lists(MORE, values)} {certificates} }.into_any(),
            MORE.iter().any(|(key, ..)| has_list(key, values)),
        )}
    }
    .into_any()
}

fn notes(state: Standing, locked: bool, link_until: Option<Moment>) -> AnyView {
    let state = match state {
        Standing::Active => None,
        Standing::Disabled if locked => {
            Some("Disabled and locked: this user cannot sign in, and is inactive in the connected systems.")
        }
        Standing::Disabled => Some("Disabled: this user cannot sign in, and is inactive in the connected systems."),
        Standing::Locked => Some("Locked: this user cannot sign in here. Their accounts elsewhere are as they were."),
    };
    let state = state.map(|text| view! { <Note tone=Tone::Wait>{text}</Note> });
    let link = link_until.map(|until| {
        view! { <Note>"A one-time link to set a password is open until " <Time at=until/> "."</Note> }
    });
    if state.is_none() && link.is_none() {
        return ().into_any();
    }
    view! { <div class="person-notes">{state} {link}</div> }.into_any()
}

type Values = BTreeMap<String, String>;

fn value_of(values: &Values, key: &str) -> String {
    values.get(key).cloned().unwrap_or_default()
}

fn is_filled(singles: &[Single], values: &Values) -> bool {
    singles.iter().any(|(key, ..)| values.contains_key(*key))
}

fn has_list(list: &str, values: &Values) -> bool {
    count(list, values) > 0
}

/// How many values a list has.
fn count(list: &str, values: &Values) -> usize {
    (0..limits::VALUES)
        .take_while(|index| values.keys().any(|key| key.starts_with(&format!("{list}.{index}."))))
        .count()
}

fn singles(list: &[Single], values: &Values) -> AnyView {
    let fields = list
        .iter()
        .map(|(key, label, hint)| {
            let required = *key == "userName";
            view! { <Field name=entry(MAP, key) label=*label hint=*hint value=value_of(values, key) required/> }
        })
        .collect_view();
    view! { <div class="pair">{fields}</div> }.into_any()
}

/// The attributes of a schema that an administrator defined.
fn section_of(section: CustomSection, values: &Values) -> AnyView {
    const FIXED: &str = "This was set once and cannot be changed.";
    let fields = section
        .fields
        .into_iter()
        .map(|field| {
            let CustomField { key, label, hint, choices, lines, fixed } = field;
            let (name, value) = (entry(MAP, &key), value_of(values, &key));
            let disabled_because = fixed.then_some(FIXED);
            if !choices.is_empty() {
                let choices = choices.into_iter().map(|(value, label)| Choice { value, label }).collect();
                view! { <Select name label hint value choices prompt="–" disabled_because/> }.into_any()
            } else if lines && !fixed {
                view! { <TextArea name label hint value/> }.into_any()
            } else {
                view! { <Field name label hint value disabled_because/> }.into_any()
            }
        })
        .collect_view();
    view! {
        <details class="fold" open=true>
            <summary>{section.title}</summary>
            <div class="fold-body"><div class="pair">{fields}</div></div>
        </details>
    }
    .into_any()
}

/// What is seldom needed; open where it holds something.
fn folded(title: &'static str, body: AnyView, open: bool) -> AnyView {
    view! {
        <details class="fold" open=open>
            <summary>{title}</summary>
            <div class="fold-body">{body}</div>
        </details>
    }
    .into_any()
}

fn lists(lists: &[Many], values: &Values) -> AnyView {
    lists.iter().map(|list| many(list, values)).collect_view().into_any()
}

/// The values of a list, and a free line below.
fn many((list, title, label): &Many, values: &Values) -> AnyView {
    let there = count(list, values);
    let primary = value_of(values, &format!("{list}.primary"));
    let rows = (0..=there)
        .map(|index| {
            let key = |part: &str| format!("{list}.{index}.{part}");
            let name = if index == there { format!("Another: {}", lower(label)) } else { numbered(label, index, there) };
            view! {
                <div class="value-row">
                    <Field name=entry(MAP, &key("value")) label=name value=value_of(values, &key("value"))/>
                    <Field name=entry(MAP, &key("type")) label="Kind" value=value_of(values, &key("type")) placeholder="work"/>
                    <Primary list=(*list).to_owned() index chosen=primary == index.to_string()/>
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset class="values">
            <legend>{*title}</legend>
            {rows}
        </fieldset>
    }
    .into_any()
}

fn lower(label: &str) -> String {
    label.to_lowercase()
}

fn numbered(label: &str, index: usize, of: usize) -> String {
    if of == 1 { label.to_owned() } else { format!("{label} {}", index + 1) }
}

/// Which value of a list comes first.
#[component]
fn Primary(list: String, index: usize, chosen: bool) -> impl IntoView {
    let name = entry(MAP, &format!("{list}.primary"));
    let kept = FormContext::of_form().and_then(|form| form.typed(&name));
    let checked = kept.map_or(chosen, |kept| kept == index.to_string());
    view! {
        <label class="value-primary">
            <input type="radio" name=name value=index.to_string() checked=checked/>
            "Primary"
        </label>
    }
}

fn addresses(values: &Values) -> AnyView {
    let there = count(ADDRESSES, values);
    let blocks = (0..=there)
        .map(|index| {
            let title = if index == there { "Another address".to_owned() } else { numbered("Address", index, there) };
            let fields = ADDRESS
                .iter()
                .map(|(part, label, hint)| {
                    let key = format!("{ADDRESSES}.{index}.{part}");
                    view! { <Field name=entry(MAP, &key) label=*label hint=*hint value=value_of(values, &key)/> }
                })
                .collect_view();
            let chosen = value_of(values, "addresses.primary") == index.to_string();
            view! {
                <fieldset class="values">
                    <legend>{title}</legend>
                    <div class="pair">{fields}</div>
                    <Primary list=ADDRESSES.to_owned() index chosen/>
                </fieldset>
            }
        })
        .collect_view();
    blocks.into_any()
}

fn danger_zone(user: &User, enable: Post) -> AnyView {
    let id = user.id;
    let protected = protected(user);
    let read_only = (!user.may_write).then_some(READ_ONLY);
    let (to, delete) = (Page::ResetPassword(id).path(), Page::DeleteUser(id).path());
    let reset = view! { <LinkButton to disabled_because=read_only>"Reset password…"</LinkButton> };
    let is_disabled = user.state == Standing::Disabled;
    let switch = if is_disabled {
        view! {
            <Form action=enable id="enable-user">
                <input type="hidden" name="id" value=id.to_string()/>
                <Submit disabled_because=protected>"Enable"</Submit>
            </Form>
        }
        .into_any()
    } else {
        let to = Page::DisableUser(id).path();
        view! { <LinkButton to look=Look::Danger disabled_because=protected>"Disable…"</LinkButton> }.into_any()
    };
    let delete = view! { <LinkButton to=delete look=Look::Danger disabled_because=protected>"Delete…"</LinkButton> };
    let (switch_title, switch_text) = if is_disabled {
        ("Enable user", "They can sign in again, and their accounts elsewhere become active again.")
    } else {
        ("Disable user", "They cannot sign in, and their accounts elsewhere become inactive. Nothing is lost.")
    };
    let (lock_title, lock_text, lock) = lock(user);
    view! {
        <Card title="Danger Zone">
            {setting("Reset password", "By a one-time link, or one that you set. Their sessions end.", reset.into_any())}
            {setting(switch_title, switch_text, switch)}
            {setting(lock_title, lock_text, lock)}
            {setting(
                "Delete user",
                "They are gone here at once. You are shown first what happens in each system.",
                delete.into_any(),
            )}
        </Card>
    }
    .into_any()
}
