//! `/account/second-factors/…/remove`: asks before one is removed.

use domain::SecondFactorId;
use leptos::prelude::*;
use leptos_meta::Title;

use super::{api, view::Mine};
use crate::{
    layout::bare::Bare,
    pages::connections::param,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        form::{Form, post},
        load::{Loaded, load},
    },
};

#[component]
pub fn RemoveSecondFactor() -> impl IntoView {
    let id = param::<SecondFactorId>("id");
    let mine = load(|| Ok(api::ReadMine {}));
    view! {
        <Title text="Remove a second factor"/>
        <Bare>
            <Loaded data=mine view=move |mine| page(mine, id())/>
        </Bare>
    }
}

fn page(mine: Mine, id: Option<SecondFactorId>) -> AnyView {
    let last = mine.factors.len() == 1;
    let Some(factor) = mine.factors.into_iter().find(|factor| Some(factor.id) == id) else {
        return view! {
            <h1>"It is gone"</h1>
            <p class="subtitle">"You have no such second factor any more."</p>
            <p class="bare-next"><LinkButton to=Page::SecondFactors.path()>"To your second factors"</LinkButton></p>
        }
        .into_any();
    };
    let then = if last {
        "Then the first step of a sign-in is enough, and your recovery codes are good for nothing."
    } else {
        "Your other second factors go on working."
    };
    view! {
        <h1>{format!("Remove “{}”?", factor.name)}</h1>
        <p class="subtitle">{then}</p>
        <Form action={post::<api::Remove>()} id="remove">
            <input type="hidden" name="id" value=factor.id.to_string()/>
            <Submit look=Look::Danger>"Remove"</Submit>
        </Form>
        <p class="bare-aside"><a href=Page::SecondFactors.path()>"Cancel"</a></p>
    }
    .into_any()
}
