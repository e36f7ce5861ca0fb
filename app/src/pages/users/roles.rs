//! The tab Roles: which console role this user holds, and changing that.

use domain::permission::Role;
use leptos::prelude::*;

use super::{show::Shown, view::User};
use crate::{
    pages::roles::{about, api, fixed, label},
    ui::{
        button::{Look, Submit},
        card::Card,
        dialog::Actions,
        form::{Form, Post, post},
        load::Loaded,
        note::{Note, Tone},
        radio::{Radio, Radios},
    },
};

#[component]
pub fn UserRoles() -> impl IntoView {
    let Shown(user) = expect_context();
    let set = post::<api::Set>();
    view! { <Loaded data=user part=true view=move |user| page(user, set)/> }
}

fn page(user: User, set: Post) -> AnyView {
    let User { id, role, last_administrator, is_me, may_give_roles, .. } = user;
    let because = fixed(may_give_roles, last_administrator);
    let me = is_me.then(|| view! { <Note tone=Tone::Wait>"This is you: another role signs you out."</Note> });
    view! {
        <Card title="Console role" subtitle="Another role ends their sessions. Accounts in other systems stay as they are.">
            <Form action=set id="user-role">
                <input type="hidden" name="id" value=id.to_string()/>
                <Radios name="role" legend="May do in this console"><Choices role because/></Radios>
                {me}
                <Actions>
                    <Submit look=Look::Primary disabled_because=because>"Update"</Submit>
                </Actions>
            </Form>
        </Card>
    }
    .into_any()
}

/// Made within the form, which knows what was chosen before it came back.
#[component]
fn Choices(role: Option<Role>, because: Option<&'static str>) -> impl IntoView {
    let disabled = because.is_some();
    let choice = |value: &'static str, label: &'static str, hint: &'static str, chosen: bool| {
        let disabled_because = disabled.then_some(hint);
        view! { <Radio name="role" value label hint chosen disabled_because/> }
    };
    let none = choice("none", "No role", "Sees nothing here but their own sessions.", role.is_none());
    let roles = Role::ALL.map(|one| choice(one.as_str(), label(one), about(one), role == Some(one)));
    view! { {none} {roles.collect_view()} }
}
