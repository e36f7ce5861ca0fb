//! The three roles: what each may do, and who holds it.

use domain::permission::Role;
use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{
    ADMINISTRATORS_ALONE, about, api, label, points,
    view::{Holder, RoleList, Shown},
};
use crate::{
    layout::head::PageHead,
    pages::users::standing,
    routes::Page,
    ui::{
        button::{LinkButton, Look},
        load::{Loaded, load},
        note::Tone,
        pill::Pill,
        table::Table,
    },
};

const SUBTITLE: &str = "What people may do in this console. Whoever holds no role signs in to nothing but their own \
                        sessions.";

#[component]
pub fn Roles() -> impl IntoView {
    let list = load(|| Ok(api::List {}));
    view! {
        <Loaded data=list view=page/>
        <Outlet/>
    }
}

fn page(list: RoleList) -> AnyView {
    let RoleList { roles, may_write } = list;
    let cards = roles.into_iter().map(|shown| card(shown, may_write)).collect_view();
    view! {
        <PageHead title="Roles" subtitle=SUBTITLE/>
        {cards}
    }
    .into_any()
}

fn card(shown: Shown, may_write: bool) -> AnyView {
    let Shown { role, holders, more } = shown;
    let name = label(role);
    let because = (!may_write).then_some(ADMINISTRATORS_ALONE);
    let add = view! {
        <LinkButton to=Page::AddRole(role).path() disabled_because=because>
            "Add"<span class="visually-hidden">" a user to the role "{name}</span>
        </LinkButton>
    };
    let found = if holders.is_empty() {
        view! { <p class="hint role-nobody">"Nobody holds this role."</p> }.into_any()
    } else {
        let rows = holders.into_iter().map(|holder| row(role, holder, may_write)).collect_view();
        let caption = format!("Who holds the role {name}");
        view! { <Table caption columns=vec!["Name", "User name", "State", ""]>{rows}</Table> }.into_any()
    };
    let more = more.then(|| view! { <p class="hint role-nobody">"More hold it: the first 100 are listed."</p> });
    view! {
        <section class="card role">
            <header class="card-head role-head">
                <div>
                    <h2>{name}</h2>
                    <p class="hint">{about(role)}</p>
                </div>
                {add}
            </header>
            {points(role)}
            {found}
            {more}
        </section>
    }
    .into_any()
}

fn row(role: Role, holder: Holder, may_write: bool) -> AnyView {
    let Holder { id, label: person, user_name, state, is_me } = holder;
    let remove = may_write.then(|| {
        let whom = format!(" {person} from the role {}", label(role));
        view! {
            <LinkButton to=Page::RemoveRole(id).path() look=Look::Quiet>
                "Remove"<span class="visually-hidden">{whom}</span>
            </LinkButton>
        }
    });
    let me = is_me.then(|| view! { " " <Pill tone=Tone::Info text="You"/> });
    view! {
        <tr>
            <th scope="row"><a href=Page::UserRoles(id).path()>{person}</a>{me}</th>
            <td data-label="User name">{user_name}</td>
            <td data-label="State">{standing(state)}</td>
            <td>{remove}</td>
        </tr>
    }
    .into_any()
}
