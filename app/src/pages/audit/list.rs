//! The list of events, narrowed by who, what, about whom or what, and when; and the events about one user, in a tab of
//! their page.

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    EXPORT, api,
    view::{Events, Filter, Item},
};
use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::{
        empty::Empty,
        load::{Loaded, load},
        narrow::{By, Narrow, narrow},
        note::{Note, Tone},
        pager::Pager,
        table::Table,
        time::Time,
    },
};

const SUBTITLE: &str = "Who did what to whom or what, when and from where. The newest first.";
const NAME: &str = "What the name begins with";

#[component]
pub fn Logs() -> impl IntoView {
    events(false)
}

/// The tab History of a user's page.
#[component]
pub fn UserHistory() -> impl IntoView {
    events(true)
}

/// One for both, so that it is downloaded once.
fn events(of_user: bool) -> AnyView {
    let (query, params) = (use_query_map(), use_params_map());
    let asked = move || {
        let value = |name| query.with(|query| query.get(name)).unwrap_or_default();
        let filter = if of_user {
            let user = params.with(|params| params.get("id")).unwrap_or_default();
            Filter { user, ..Filter::default() }
        } else {
            Filter {
                who: value("who"),
                what: value("what"),
                about: value("about"),
                from: value("from"),
                to: value("to"),
                user: String::new(),
            }
        };
        (filter, value("after"))
    };
    let list = load(move || {
        let (filter, after) = asked();
        Ok(api::List { filter, after })
    });
    view! {
        <Loaded data=list part=of_user view=move |list| {
            let (filter, after) = asked();
            page(list, filter, &after)
        }/>
    }
    .into_any()
}

fn page(list: Events, filter: Filter, after: &str) -> AnyView {
    let Events { items, next, note, actions } = list;
    let path = match filter.user.parse() {
        Ok(user) => Page::UserHistory(user).path(),
        Err(_) => Page::Logs.path(),
    };
    let of_user = !filter.user.is_empty();
    let found = if items.is_empty() { nothing(&filter, next.is_some()) } else { table(items, of_user) };
    let first = (!after.is_empty()).then(|| filter.address(&path, ("after", "")));
    let next = next.map(|after| filter.address(&path, ("after", &after)));
    let note = (!note.is_empty()).then(|| view! { <Note tone=Tone::Wait><p>{note}</p></Note> });
    let head = (!of_user).then(|| {
        let exports: Vec<AnyView> = [("csv", "Export CSV"), ("jsonl", "Export JSON lines")]
            .into_iter()
            .map(|(format, word)| {
                // What is there is no page: the browser follows by itself.
                let to = filter.address(EXPORT, ("format", format));
                view! { <a class="button button-secondary" href=to rel="external" download="">{word}</a> }.into_any()
            })
            .collect();
        let clear = !filter.is_empty();
        let Filter { who, what, about, from, to, .. } = filter;
        let actions = By::choice(actions.iter().map(|action| (action.name.as_str(), action.text.as_str())));
        let fields = vec![
            Narrow { name: "who", label: "Who", value: who, by: By::Text(NAME) },
            Narrow { name: "about", label: "About", value: about, by: By::Text(NAME) },
            Narrow { name: "what", label: "What", value: what, by: actions },
            Narrow { name: "from", label: "From", value: from, by: By::Day },
            Narrow { name: "to", label: "To", value: to, by: By::Day },
        ];
        let narrow = narrow(&path, "Filter", fields, Vec::new(), clear);
        view! { <PageHead title="Audit Logs" subtitle=SUBTITLE>{exports}</PageHead> {narrow} }
    });
    view! { {head} {note} {found} <Pager first next/> }.into_any()
}

fn nothing(filter: &Filter, more: bool) -> AnyView {
    let (title, text) = if more {
        ("Nothing found so far", "None of the events that were looked at matches. The next page looks further back.")
    } else if filter.is_empty() {
        ("Nothing is recorded here", "Every change is listed here, and every sign-in, for as long as events are kept.")
    } else {
        ("No results found", "No event matches. Try another name or time: days are those of UTC.")
    };
    view! { <section class="card"><Empty title text/></section> }.into_any()
}

fn table(items: Vec<Item>, of_user: bool) -> AnyView {
    let mut columns = vec!["What", "About", "Who", "From", "When"];
    if of_user {
        columns.remove(1);
    }
    let rows: Vec<AnyView> = items.into_iter().map(|item| row(item, of_user)).collect();
    view! { <section class="card"><Table caption="Events" columns>{rows}</Table></section> }.into_any()
}

fn row(item: Item, of_user: bool) -> AnyView {
    let Item { number, what, about, who, address, at } = item;
    let about = (!of_user).then(|| view! { <td data-label="About">{about}</td> });
    view! {
        <tr>
            <th scope="row"><a href=Page::Event(number).path()>{what}</a></th>
            {about}
            <td data-label="Who">{who}</td>
            <td data-label="From">{address}</td>
            <td class="activity-time" data-label="When"><Time at/></td>
        </tr>
    }
    .into_any()
}
