//! API tokens: list, create, revoke.

use domain::{DraftId, TokenId, permission::Scope};
use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{
    api,
    view::{Created, Token, TokenList, TokenState},
};
use crate::{
    pages::{
        connections::param,
        session::{READ_ONLY, writing},
    },
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        checkbox::Checkbox,
        code::{Code, CodeBlock},
        dialog::{Actions, Dialog},
        empty::Empty,
        field::{Field, Kind, Marks},
        form::{Form, Post, post},
        load::{Loaded, load, named},
        note::{Note, Tone},
        pill::Pill,
        select::{Choice, Choices, Select, When},
        table::Table,
        time::Time,
    },
};

#[component]
pub fn Tokens() -> impl IntoView {
    let tokens = load(|| Ok(api::ListTokens {}));
    view! {
        <Loaded data=tokens view=page/>
        <Outlet/>
    }
}

fn page(list: TokenList) -> AnyView {
    let TokenList { items, may_write, public_url } = list;
    if items.is_empty() {
        return view! {
            <section class="card">
                <Empty
                    title="No API tokens"
                    text="A program needs a token to create and read users over SCIM 2.0, or to use the management API."
                >
                    {new_token(may_write)}
                </Empty>
                <div class="token-example">
                    <p class="hint">"With a token in TOKEN, this lists users:"</p>
                    <CodeBlock label="Example of a request" text=example(&public_url, "$TOKEN")/>
                </div>
            </section>
        }
        .into_any();
    }
    let rows = items.into_iter().map(row).collect_view();
    view! {
        <div class="section-head">
            <p class="hint section-hint">
                "Programs send one as " <Code text="Authorization: Bearer …"/> " to " <Code text="/scim2"/> " and "
                <Code text="/api/v1"/> ". What ended stays listed for 90 days."
            </p>
            {new_token(may_write)}
        </div>
        <section class="card">
            <Table
                caption="API tokens"
                columns=vec!["Name", "What it may do", "Created", "Expires", "Last used", "State", ""]
            >
                {rows}
            </Table>
        </section>
    }
    .into_any()
}

fn new_token(may_write: bool) -> AnyView {
    let (to, read_only) = (Page::NewToken.path(), (!may_write).then_some(READ_ONLY));
    view! { <LinkButton to look=Look::Primary disabled_because=read_only>"+ New Token"</LinkButton> }.into_any()
}

fn example(public_url: &str, token: &str) -> String {
    format!("curl --header \"Authorization: Bearer {token}\" \\\n  {public_url}/scim2/Users")
}

fn row(token: Token) -> AnyView {
    let Token { id, name, scopes, created, expires, last_used, state, may_write } = token;
    let scopes = scopes
        .into_iter()
        .map(|scope| view! { <li><Code text=scope.as_str()/> " " <span class="hint">{words(scope).0}</span></li> })
        .collect_view();
    let last_used = match last_used {
        Some(at) => view! { <Time at/> }.into_any(),
        None => "never".into_any(),
    };
    let label = format!("Revoke the token {name}");
    let revoke = (state.is_good() && may_write)
        .then(|| view! { <a href=Page::RevokeToken(id).path() aria-label=label>"Revoke…"</a> });
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td data-label="May do"><ul class="scopes">{scopes}</ul></td>
            <td data-label="Created">{created.day().to_owned()}</td>
            <td data-label="Expires">{expires.day().to_owned()}</td>
            <td data-label="Last used">{last_used}</td>
            <td data-label="State">{standing(&state)}</td>
            <td>{revoke}</td>
        </tr>
    }
    .into_any()
}

fn standing(state: &TokenState) -> AnyView {
    let (tone, text) = match state {
        TokenState::Active => (Tone::Ok, "Active".to_owned()),
        TokenState::ExpiresIn(0) => (Tone::Wait, "Expires within a day".to_owned()),
        TokenState::ExpiresIn(1) => (Tone::Wait, "Expires in 1 day".to_owned()),
        TokenState::ExpiresIn(days) => (Tone::Wait, format!("Expires in {days} days")),
        TokenState::Expired => (Tone::Held, "Expired".to_owned()),
        TokenState::Revoked(at) => (Tone::Neutral, format!("Revoked {}", at.day())),
    };
    view! { <Pill tone text/> }.into_any()
}

/// What a scope is, and what it allows.
fn words(scope: Scope) -> (&'static str, &'static str) {
    match scope {
        Scope::ScimRead => ("Read users", "Reads and searches users at /scim2."),
        Scope::Scim => (
            "Read and change users",
            "Creates, changes and deletes users at /scim2, except those who hold a console role.",
        ),
        Scope::AdminRead => {
            ("Read everything", "Reads users, connections, provisioners, deliveries and measurements; for monitoring.")
        }
        Scope::Admin => ("Everything", "All that /scim2 and /api/v1 offer, connections and their secrets included."),
    }
}

#[component]
pub fn NewToken() -> impl IntoView {
    let create = post::<api::CreateToken>();
    let parent = Page::Settings.path();
    view! {
        <Dialog title="New Token" subtitle="For one program. It is shown once, when it is made." parent=parent.clone()>
            <Form action=create id="new-token">
                <Field
                    name="name"
                    label="Name"
                    hint="The program that will use it, such as “HR import”."
                    required=true
                    autofocus=true
                />
                <Scopes/>
                <Expiry/>
                <Actions>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    {writing(|because| {
                        view! { <Submit look=Look::Primary disabled_because=because>"Create"</Submit> }.into_any()
                    })}
                </Actions>
            </Form>
        </Dialog>
    }
}

#[component]
fn Scopes() -> impl IntoView {
    let marks = Marks::new("scope", String::new());
    let forget = marks.forget_error();
    let boxes = [Scope::ScimRead, Scope::Scim, Scope::AdminRead, Scope::Admin].map(|scope| {
        let (title, hint) = words(scope);
        // As the arguments of `api::create_token` are called.
        let name = scope.as_str().replace(':', "_");
        view! { <Checkbox name label=format!("{title} ({})", scope.as_str()) hint/> }
    });
    view! {
        <fieldset
            class="scope-choice"
            id=marks.id.clone()
            aria-describedby=marks.described_by()
            on:change=move |_| forget()
        >
            <legend>"What it may do"</legend>
            {boxes.collect_view()}
            {marks.below()}
        </fieldset>
    }
}

#[component]
fn Expiry() -> impl IntoView {
    let choices = vec![
        Choice::new("30", "In 30 days"),
        Choice::new("90", "In 90 days"),
        Choice::new("365", "In 365 days"),
        Choice::new("date", "On a date"),
    ];
    view! {
        <Choices>
            <Select name="expires" label="Expires" value="365" choices/>
            <When options=vec![4]>
                <Field
                    name="expires_on"
                    label="Last day"
                    hint="It is good until the end of this day, in UTC."
                    kind=Kind::Date
                />
            </When>
        </Choices>
    }
}

#[component]
pub fn CreatedToken() -> impl IntoView {
    let draft = param::<DraftId>("draft");
    let created = load(move || Ok(api::CreatedToken { draft: named(draft(), "This token")? }));
    view! { <Loaded data=created view=created_dialog/> }
}

fn created_dialog(created: Option<Created>) -> AnyView {
    let parent = Page::Settings.path();
    let Some(Created { name, clear, expires, public_url }) = created else {
        return view! {
            <Dialog title="New Token" parent=parent.clone()>
                <Note tone=Tone::Wait>
                    "This token cannot be shown again: Usher keeps nothing that it could be read from. If nobody wrote "
                    "it down, revoke it and make a new one."
                </Note>
                <Actions>
                    <LinkButton to=parent look=Look::Primary>"To the tokens"</LinkButton>
                </Actions>
            </Dialog>
        }
        .into_any();
    };
    let request = example(&public_url, &clear);
    view! {
        <Dialog title="Token created" subtitle=format!("{name}, good until {}", expires.minute) parent=parent.clone()>
            <Note tone=Tone::Wait>"Copy it now. It is shown this once, and not when the page is loaded again."</Note>
            <div class="token-shown">
                <CodeBlock label="The token" text=clear/>
                <p class="hint">"To try it:"</p>
                <CodeBlock label="Example of a request" text=request/>
            </div>
            <Actions>
                <LinkButton to=parent look=Look::Primary>"Done"</LinkButton>
            </Actions>
        </Dialog>
    }
    .into_any()
}

#[component]
pub fn RevokeToken() -> impl IntoView {
    let asked = param::<TokenId>("id");
    let token = load(move || {
        let id = named(asked(), "This token")?;
        Ok(api::ReadToken { id })
    });
    let revoke = post::<api::RevokeToken>();
    view! { <Loaded data=token view=move |token| revoke_dialog(token, revoke)/> }
}

fn revoke_dialog(token: Token, revoke: Post) -> AnyView {
    let Token { id, name, last_used, state, may_write, .. } = token;
    let parent = Page::Settings.path();
    let used = match last_used {
        Some(at) => view! { "It was last used " <Time at/> "." }.into_any(),
        None => "It was never used.".into_any(),
    };
    let because = match state {
        TokenState::Revoked(_) => Some("It is revoked already."),
        TokenState::Expired => Some("It has expired: nobody can use it."),
        _ if !may_write => Some(READ_ONLY),
        _ => None,
    };
    view! {
        <Dialog title="Revoke Token" subtitle="This cannot be undone." parent=parent.clone()>
            <Form action=revoke id="revoke-token">
                <input type="hidden" name="id" value=id.to_string()/>
                <p>
                    "Whatever uses " <strong>{name}</strong> " is refused from its next request on. " {used}
                </p>
                <Actions>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    <Submit look=Look::Danger disabled_because=because>"Revoke"</Submit>
                </Actions>
            </Form>
        </Dialog>
    }
    .into_any()
}
