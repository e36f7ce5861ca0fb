//! The list is given: pasted, or as a file.

use leptos::prelude::*;

use super::api;
use crate::{
    pages::{
        session::writing,
        users::new::{TITLE, ways},
    },
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        code::CodeBlock,
        dialog::{Actions, Dialog},
        field::{Field, Kind},
        form::{Form, post},
        textarea::TextArea,
    },
};

const EXAMPLE: &str = "username,givenname,familyname,email,groups\nada,Ada,Lovelace,ada@example.org,Analysts|Guides";

#[component]
pub fn NewImport() -> impl IntoView {
    let read = post::<api::ReadList>();
    view! {
        <Dialog title=TITLE subtitle="Add everybody on a list. Before anything is made you see what will be." parent=Page::Users.path()>
            {ways()}
            <p class="hint">"The first line names the columns, in any order; only username has to be there. Groups are separated by |."</p>
            <CodeBlock label="Example of a list" text=EXAMPLE/>
            <Form action=read id="import" upload=true>
                <TextArea name="text" label="List" hint="Paste it, also straight from a spreadsheet. Up to 64 kB." rows=6/>
                <Field name="file" label="Or a CSV file" kind=Kind::File hint="UTF-8, separated by commas or semicolons. Up to 5 MB and 10,000 people."/>
                <Actions>
                    <LinkButton to=Page::Users.path() look=Look::Quiet>"Cancel"</LinkButton>
                    {writing(|because| {
                        view! {
                            <LinkButton to=Page::Imports.path() look=Look::Quiet disabled_because=because>
                                "Recent imports"
                            </LinkButton>
                            <Submit look=Look::Primary disabled_because=because>"Next"</Submit>
                        }
                        .into_any()
                    })}
                </Actions>
            </Form>
        </Dialog>
    }
}
