//! Deliveries: filtered by system, user and state; what changed last comes first.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    READ_ONLY, api,
    news::News,
    stand,
    view::{ActivityList, Filter, HeldGroup, Item, System},
};
use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        empty::Empty,
        form::{Form, post},
        load::{Loaded, load},
        narrow::{By, Narrow, hidden, narrow},
        note::{Note, Tone},
        pager::Pager,
        table::{SelectRow, Selection, Table},
        time::Time,
    },
};

const SUBTITLE: &str = "What was sent to the systems, and what they said. What changed last comes first.";
const SELECTED: &str = "retry-selected";

#[component]
pub fn Activity() -> impl IntoView {
    let query = use_query_map();
    let asked = move || {
        let value = |name| query.with(|query| query.get(name)).unwrap_or_default();
        let filter = Filter { system: value("system"), who: value("who"), user: value("user"), state: value("state") };
        (filter, value("after"))
    };
    let selection = Selection::new(SELECTED, "ids[]");
    let list = load(move || {
        let (filter, after) = asked();
        Ok(api::List { filter, after })
    });
    view! {
        <Loaded data=list view=move |list| {
            let (filter, after) = asked();
            page(list, &filter, &after, selection)
        }/>
    }
}

fn page(list: ActivityList, filter: &Filter, after: &str, selection: Selection) -> AnyView {
    let ActivityList { items, next, newest, systems, user, held, may_act } = list;
    let rows = items.iter().filter(|item| item.retriable).map(|item| item.id.to_string()).collect();
    selection.show(rows);
    let news = newest.map(|since| view! { <News filter=filter.clone() since/> });
    let found = if items.is_empty() { nothing(filter) } else { table(items, filter, may_act, selection) };
    let first = (!after.is_empty()).then(|| filter.path(""));
    let next = next.map(|after| filter.path(&after));
    let notes = held.into_iter().map(|group| held_note(group, filter, may_act)).collect_view();
    view! {
        <PageHead title="Activity" subtitle=SUBTITLE>
            <LinkButton to=Page::Mails.path()>"Mails"</LinkButton>
        </PageHead>
        {narrowed(filter, systems)}
        {user.map(|user| only(user, filter))}
        {notes}
        <div class="activity-fresh">
            {news}
            <a class="only-plain" href=filter.path("")>"Refresh"</a>
        </div>
        {found}
        <Pager first next/>
    }
    .into_any()
}

fn narrowed(filter: &Filter, systems: Vec<System>) -> AnyView {
    let systems: Vec<(String, String)> =
        systems.into_iter().map(|system| (system.id.to_string(), system.name)).collect();
    let systems = By::choice(systems.iter().map(|(id, name)| (id.as_str(), name.as_str())));
    let states = By::choice([
        ("held", "Held: needs somebody"),
        ("waiting", "Waiting"),
        ("due", "Due"),
        ("running", "Running"),
        ("done", "Done"),
    ]);
    let Filter { system, who, user, state } = filter.clone();
    let mut fields = vec![
        Narrow { name: "who", label: "Who", value: who, by: By::Text("What the user name begins with") },
        Narrow { name: "system", label: "System", value: system, by: systems },
        Narrow { name: "state", label: "State", value: state, by: states },
    ];
    if !user.is_empty() {
        fields.push(Narrow { name: "user", label: "", value: user, by: By::Hidden });
    }
    narrow(&Page::Activity.path(), "Filter", fields, Vec::new(), !filter.is_empty())
}

fn only(user: String, filter: &Filter) -> AnyView {
    let all = Filter { user: String::new(), ..filter.clone() }.path("");
    view! { <p class="activity-only">"Only " <strong>{user}</strong> ". " <a href=all>"Show everybody"</a></p> }
        .into_any()
}

/// What is held for one kind of reason at one system, and its retry.
fn held_note(group: HeldGroup, filter: &Filter, may_act: bool) -> AnyView {
    let HeldGroup { connector, system, kind, text, count } = group;
    let label = if count == "1" { "Retry it".to_owned() } else { format!("Retry all {count}") };
    let id = format!("retry-held-{connector}-{kind}");
    let action = post::<api::RetryHeld>();
    let fields = hidden(&filter.pairs());
    view! {
        <Note tone=Tone::Held>
            <div class="held-group">
                <p><strong>{system}". "</strong>{text}</p>
                <Form action=action id>
                    <input type="hidden" name="connector" value=connector.to_string()/>
                    <input type="hidden" name="reason" value=kind/>
                    {fields}
                    <Submit disabled_because=(!may_act).then_some(READ_ONLY)>{label}</Submit>
                </Form>
            </div>
        </Note>
    }
    .into_any()
}

fn nothing(filter: &Filter) -> AnyView {
    if filter.is_empty() {
        return view! {
            <section class="card">
                <Empty
                    title="Nothing was sent yet"
                    text="Once somebody comes in and a provisioner is there, every delivery to a system is listed here."
                >
                    <LinkButton to=Page::Home.path()>"See what to do first"</LinkButton>
                </Empty>
            </section>
        }
        .into_any();
    }
    let (title, text) = match filter.state.as_str() {
        "held" => ("Nothing needs you", "No delivery is held here."),
        "due" | "running" | "waiting" => ("Nothing under way", "No delivery is in this state here at the moment."),
        _ => ("No results found", "No delivery matches. Try another name, system or state."),
    };
    view! {
        <section class="card">
            <Empty title text>
                <LinkButton to=Page::Activity.path()>"Show all"</LinkButton>
            </Empty>
        </section>
    }
    .into_any()
}

fn table(items: Vec<Item>, filter: &Filter, may_act: bool, selection: Selection) -> AnyView {
    let any_retriable = may_act && items.iter().any(|item| item.retriable);
    let chosen = any_retriable.then_some(selection);
    let rows: Vec<AnyView> = items.into_iter().map(|item| row(item, filter, chosen, may_act)).collect();
    let columns = vec!["Who", "System", "State", "Wanted", "Last change", ""];
    let selected = (any_retriable || !may_act).then(|| {
        let because = (!may_act).then_some(READ_ONLY);
        let action = post::<api::RetrySelected>();
        let fields = hidden(&filter.pairs());
        view! {
            <Form action=action id=SELECTED class="activity-selected">
                {fields}
                <Submit disabled_because=because>
                    {move || match selection.count() {
                        0 => "Retry selected".to_owned(),
                        count => format!("Retry selected ({count})"),
                    }}
                </Submit>
            </Form>
        }
    });
    view! {
        <section class="card"><Table caption="Deliveries" columns selection=chosen>{rows}</Table></section>
        {selected}
    }
    .into_any()
}

fn row(item: Item, filter: &Filter, selection: Option<Selection>, may_act: bool) -> AnyView {
    let Item { id, who, system, kind, stand: state, wanted, changed, retriable, waits } = item;
    let name = format!("{who} at {system}");
    let select = selection.map(|selection| {
        if retriable {
            view! { <SelectRow selection value=id.to_string() label=name.clone()/> }.into_any()
        } else {
            view! { <td></td> }.into_any()
        }
    });
    let retry = (waits && may_act).then(|| {
        let label = format!(" the delivery of {name}");
        let action = post::<api::Retry>();
        let fields = hidden(&filter.pairs());
        view! {
            <Form action=action id=format!("retry-{id}")>
                <input type="hidden" name="id" value=id.to_string()/>
                {fields}
                <Submit look=Look::Quiet>"Retry"<span class="visually-hidden">{label}</span></Submit>
            </Form>
        }
    });
    view! {
        <tr>
            {select}
            <th scope="row"><a href=Page::Delivery(id).path()>{who}</a></th>
            <td data-label="System">{system}<p class="hint">{kind}</p></td>
            <td class="activity-state" data-label="State">{stand(state)}</td>
            <td data-label="Wanted">{wanted}</td>
            <td class="activity-time" data-label="Last change"><Time at=changed/></td>
            <td>{retry}</td>
        </tr>
    }
    .into_any()
}
