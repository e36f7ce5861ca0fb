//! Gives a role to somebody who is searched for.

use domain::permission::Role;
use leptos::prelude::*;
use leptos_router::{components::Form as SearchForm, hooks::use_query_map};

use super::{
    about, api, fixed, label,
    view::{Candidate, Candidates},
};
use crate::{
    pages::{connections::param, not_found::NoSuchPage},
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        form::{Form, Post, post},
        load::{Loaded, load},
    },
};

#[component]
pub fn AddRole() -> impl IntoView {
    let query = use_query_map();
    let search = move || query.with(|query| query.get("search")).unwrap_or_default();
    let role = param::<Role>("role");
    let found = load(move || Ok(api::Find { search: search() }));
    let give = post::<api::Give>();
    let Some(role) = untrack(role) else { return view! { <NoSuchPage/> }.into_any() };
    let typed = untrack(search);
    view! {
        <Dialog title=format!("Add to {}", label(role)) subtitle=about(role) parent=Page::Roles.path()>
            <search class="search">
                <SearchForm method="GET" action=Page::AddRole(role).path()>
                    <label class="visually-hidden" for="candidate">"User"</label>
                    <input
                        id="candidate"
                        class="input"
                        type="search"
                        name="search"
                        maxlength="200"
                        placeholder="Name, user name or email"
                        value=typed
                    />
                    <button type="submit" class="button button-secondary">"Find"</button>
                </SearchForm>
            </search>
            <Loaded data=found view=move |found| candidates(found, role, give, !search().trim().is_empty())/>
            <Actions>
                <LinkButton to=Page::Roles.path() look=Look::Quiet>"Cancel"</LinkButton>
            </Actions>
        </Dialog>
    }
    .into_any()
}

fn candidates(found: Candidates, role: Role, give: Post, searched: bool) -> AnyView {
    let Candidates { people, may_write } = found;
    if people.is_empty() {
        let text = if searched {
            "Nobody has words that begin like this."
        } else {
            "Search for the person. They are added under Users first."
        };
        return view! { <p class="hint">{text}</p> }.into_any();
    }
    let rows = people.into_iter().map(|person| row(person, role, give, may_write)).collect_view();
    view! {
        <ul class="candidates" aria-label="Found">{rows}</ul>
        <p class="hint">"Whoever is given another role is signed out, and may do what it allows once they are back."</p>
    }
    .into_any()
}

fn row(person: Candidate, role: Role, give: Post, may_write: bool) -> AnyView {
    let Candidate { id, label: name, user_name, role: held, last_administrator } = person;
    let whom = format!(" to {name}");
    let holds = held.map(|held| view! { <span class="hint">" · "{label(held)}</span> });
    let action = if held == Some(role) {
        view! { <span class="hint">"Holds it"</span> }.into_any()
    } else {
        let because = fixed(may_write, last_administrator);
        view! {
            <Form action=give id=format!("give-{id}")>
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="role" value=role.as_str()/>
                <Submit disabled_because=because>
                    "Give the role"<span class="visually-hidden">{whom}</span>
                </Submit>
            </Form>
        }
        .into_any()
    };
    view! {
        <li class="candidate">
            <div>
                <strong>{name}</strong>
                <p class="hint">{user_name}{holds}</p>
            </div>
            {action}
        </li>
    }
    .into_any()
}
