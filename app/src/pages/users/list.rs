//! Users: a table, with a search by name, user name and mail.

use leptos::prelude::*;
use leptos_router::{
    components::{Form, Outlet},
    hooks::use_query_map,
};

use super::{
    READ_ONLY, api, standing,
    view::{Accounts, UserList, UserRow},
};
use crate::{
    layout::head::PageHead,
    outcome::encoded,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Unavailable},
        card::initial,
        empty::Empty,
        load::{Loaded, load},
        note::Tone,
        pager::Pager,
        pill::Pill,
        table::Table,
        time::Time,
    },
};

const SUBTITLE: &str = "Everybody in this directory. Who belongs gets an account in the connected systems.";

/// What the list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Asked {
    search: String,
    state: String,
    after: String,
}

impl Asked {
    fn is_narrowed(&self) -> bool {
        !self.search.trim().is_empty() || !self.state.is_empty()
    }

    /// The page of the list that begins after a cursor; the first without.
    fn page(&self, after: &str) -> String {
        let pairs = [("search", self.search.as_str()), ("state", &self.state), ("after", after)];
        let query: Vec<String> = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let path = Page::Users.path();
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }
}

#[component]
pub fn Users() -> impl IntoView {
    let query = use_query_map();
    let asked = move || {
        let value = |name| query.with(|query| query.get(name)).unwrap_or_default();
        Asked { search: value("search"), state: value("state"), after: value("after") }
    };
    let list = load(asked, |asked| api::list(asked.search, asked.state, asked.after));
    view! {
        <Loaded data=list view=move |list| page(list, &asked())/>
        <Outlet/>
    }
}

fn page(list: UserList, asked: &Asked) -> AnyView {
    let UserList { items, next, may_write } = list;
    let add = if may_write {
        view! { <LinkButton to=Page::NewUser.path() look=Look::Primary>"+ Add User"</LinkButton> }.into_any()
    } else {
        view! { <Unavailable look=Look::Primary because=READ_ONLY>"+ Add User"</Unavailable> }.into_any()
    };
    let found = if items.is_empty() { nobody(asked, next.is_some()) } else { table(items) };
    let first = (!asked.after.is_empty()).then(|| asked.page(""));
    let next = next.map(|after| asked.page(&after));
    view! {
        <PageHead title="Users" subtitle=SUBTITLE>{add}</PageHead>
        {narrow(asked)}
        {found}
        <Pager first next/>
    }
    .into_any()
}

fn narrow(asked: &Asked) -> AnyView {
    let choices = [("", "All"), ("active", "Active"), ("disabled", "Disabled")].map(|(value, label)| {
        let selected = asked.state == value;
        // The property too: what somebody chose before holds in the browser, whatever the attribute says.
        view! { <option value=value selected=selected prop:selected=selected>{label}</option> }
    });
    let search = asked.search.clone();
    let clear =
        asked.is_narrowed().then(|| view! { <LinkButton to=Page::Users.path() look=Look::Quiet>"Clear"</LinkButton> });
    view! {
        <search class="narrow">
            <Form method="GET" action=Page::Users.path()>
                <div class="narrow-search">
                    <label for="search">"Search"</label>
                    <input
                        id="search"
                        class="input"
                        type="search"
                        name="search"
                        maxlength="200"
                        placeholder="Name, user name or email"
                        value=search.clone()
                        prop:value=search
                    />
                </div>
                <div>
                    <label for="state">"State"</label>
                    <select id="state" class="input" name="state">{choices.collect_view()}</select>
                </div>
                <button type="submit" class="button button-secondary">"Search"</button>
                {clear}
            </Form>
        </search>
    }
    .into_any()
}

fn nobody(asked: &Asked, more: bool) -> AnyView {
    if more {
        return view! {
            <section class="card">
                <Empty
                    title="Nobody yet among those looked at"
                    text="Many begin like this, and none of those looked at so far fits. Go on to the next page, or search for a longer word."
                />
            </section>
        }
        .into_any();
    }
    let (title, text) = if asked.is_narrowed() {
        (
            "No results found",
            "Nobody has words that begin like this. Search for the beginning of a name, a user name or an address.",
        )
    } else {
        ("Nobody here", "Everybody on this page was deleted.")
    };
    view! {
        <section class="card">
            <Empty title text>
                <LinkButton to=Page::Users.path()>"Show everybody"</LinkButton>
            </Empty>
        </section>
    }
    .into_any()
}

fn table(items: Vec<UserRow>) -> AnyView {
    let alone = items.len() == 1;
    let rows = items.into_iter().map(row).collect_view();
    let hint = alone.then(|| {
        view! { <p class="hint people-hint">"People come in when they are added here, over SCIM, or by an import."</p> }
    });
    view! {
        <section class="card people">
            <Table caption="Users" columns=vec!["Name", "User name", "State", "Came by", "Accounts", "Created"]>
                {rows}
            </Table>
        </section>
        {hint}
    }
    .into_any()
}

fn row(user: UserRow) -> AnyView {
    let UserRow { id, label, user_name, mail, state, origin, accounts: there, created } = user;
    view! {
        <tr>
            <th scope="row">
                <span class="person">
                    <span class="avatar" aria-hidden="true">{initial(&label)}</span>
                    <span>
                        <a href=Page::User(id).path()>{label}</a>
                        {mail.map(|mail| view! { <span class="hint person-mail">{mail}</span> })}
                    </span>
                </span>
            </th>
            <td>{user_name}</td>
            <td>{standing(state)}</td>
            <td>{origin}</td>
            <td>{accounts(there)}</td>
            <td><Time at=created/></td>
        </tr>
    }
    .into_any()
}

fn accounts(accounts: Option<Accounts>) -> AnyView {
    let Some(Accounts { all, in_step, held }) = accounts else {
        return view! { <span class="hint">"none"</span> }.into_any();
    };
    let held = (held > 0).then(|| view! { " " <Pill tone=Tone::Held text=format!("{held} held")/> });
    view! { {format!("{in_step} of {all} in step")} {held} }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_list_holds_what_was_asked() {
        let asked = Asked { search: "a&b".to_owned(), state: "active".to_owned(), after: "x".to_owned() };
        assert_eq!(asked.page("Y-_"), "/console/users?search=a%26b&state=active&after=Y-%5F");
        assert_eq!(Asked::default().page(""), "/console/users");
    }
}
