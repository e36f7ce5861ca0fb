//! What is done to users who were selected in the list: asked first, and told where it was not done.

use domain::DraftId;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    READ_ONLY, api, consequences,
    filter::Filter,
    view::{Refused, Selected},
};
use crate::{
    error::ConsoleError,
    pages::connections::param,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        field::Field,
        form::{Form, Post, post},
        load::{Loaded, load},
        narrow::hidden,
        table::{ACT, Selection, Table},
    },
};

/// The form that the ticked rows are sent with.
pub(super) const SELECTED: &str = "selected";

/// As the server calls each act, and the word on its button.
const ACTS: [(&str, &str); 6] = [
    ("enable", "Enable…"),
    ("disable", "Disable…"),
    ("lock", "Lock…"),
    ("unlock", "Unlock…"),
    ("join", "Add to group…"),
    ("delete", "Delete…"),
];

/// Below the table: what can be done to those who are ticked.
pub(super) fn bar(filter: &Filter, after: &str, selection: Selection, may_write: bool) -> AnyView {
    if !may_write {
        let because = Some(READ_ONLY);
        return view! {
            <div class="selected-bar">
                <Submit form=SELECTED disabled_because=because>"Act on selected"</Submit>
            </div>
        }
        .into_any();
    }
    let action = post::<api::Select>();
    let (hidden, after) = (hidden(&filter.pairs()), after.to_owned());
    view! {
        <Form action=action id=SELECTED class="selected-form">
            {hidden}
            <input type="hidden" name="after" value=after/>
            <div class="selected-bar" role="group" aria-label="With the selected">
                <span class="selected-count">
                    {move || match selection.count() {
                        0 => "With the selected:".to_owned(),
                        1 => "With 1 selected:".to_owned(),
                        count => format!("With {count} selected:"),
                    }}
                </span>
                {acts()}
            </div>
        </Form>
    }
    .into_any()
}

/// Made within the form, which tells a button that it is busy.
fn acts() -> AnyView {
    ACTS.map(|(act, label)| {
        let look = if act == "delete" { Look::Danger } else { Look::Secondary };
        view! { <Submit look name="act" value=act>{label}</Submit> }.into_any()
    })
    .collect_view()
    .into_any()
}

/// How the list behind is narrowed, and its page.
fn behind() -> (Filter, String) {
    let query = use_query_map();
    let value = |name| query.with_untracked(|query| query.get(name)).unwrap_or_default();
    (Filter::read(value), value("after"))
}

#[component]
pub fn ActOnSelected() -> impl IntoView {
    let (filter, after) = behind();
    let draft = param::<DraftId>("draft");
    let selected = load(move || {
        let draft = draft().ok_or_else(gone)?;
        Ok(api::ReadSelected { draft })
    });
    let act = post::<api::Act>();
    view! {
        <Loaded data=selected view=move |selected| {
            let draft = draft().map(|draft| draft.to_string()).unwrap_or_default();
            dialog(selected, draft, &filter, &after, act)
        }/>
    }
}

fn gone() -> ConsoleError {
    ConsoleError::NotFound { what: "This selection".to_owned() }
}

fn dialog(selected: Selected, draft: String, filter: &Filter, after: &str, act: Post) -> AnyView {
    let Selected { title, who, text, what, button, danger, groups } = selected;
    let parent = filter.path(after);
    let what = what.map(consequences);
    let hidden = hidden(&filter.pairs());
    view! {
        <Dialog title parent=parent.clone()>
            <p><strong>{who}</strong></p>
            <p>{text}</p>
            {what}
            <Form action=act id=ACT>
                <input type="hidden" name="draft" value=draft/>
                {hidden}
                {groups.map(join)}
                <Actions>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    <Submit look=if danger { Look::Danger } else { Look::Primary }>{button}</Submit>
                </Actions>
            </Form>
        </Dialog>
    }
    .into_any()
}

/// Asks for the group; made within the form, which tells it what is wrong.
fn join(names: Vec<String>) -> AnyView {
    let options = names.into_iter().map(|name| view! { <option value=name></option> }).collect_view();
    view! {
        <Field name="group" label="Group" hint="The name of a group that is there." required=true list="join-groups"/>
        <datalist id="join-groups">{options}</datalist>
    }
    .into_any()
}

/// To whom it was not done, and why.
#[component]
pub fn NotDone() -> impl IntoView {
    let (filter, _) = behind();
    let draft = param::<DraftId>("draft");
    let refused = load(move || {
        let draft = draft().ok_or_else(gone)?;
        Ok(api::ReadRefused { draft })
    });
    view! { <Loaded data=refused view=move |refused| result(refused, filter.path(""))/> }
}

fn result(refused: Refused, parent: String) -> AnyView {
    let Refused { title, text, rows } = refused;
    let rows = rows
        .into_iter()
        .map(|(id, label, why)| {
            // Who is no longer there has neither a name nor a page.
            let who = if label.is_empty() {
                id.to_string().into_any()
            } else {
                view! { <a href=Page::User(id).path()>{label}</a> }.into_any()
            };
            view! {
                <tr>
                    <th scope="row">{who}</th>
                    <td data-label="Why">{why}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Dialog title parent=parent.clone()>
            <p>{text}</p>
            <Table caption="To whom it was not done" columns=vec!["Name", "Why"]>{rows}</Table>
            <Actions>
                <LinkButton to=parent look=Look::Primary>"Close"</LinkButton>
            </Actions>
        </Dialog>
    }
    .into_any()
}
