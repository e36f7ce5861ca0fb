//! Light, dark, or as the system has it.

use leptos::prelude::*;

use super::{api, theme::Theme};
use crate::{
    browser,
    ui::{
        button::{Look, Submit},
        form::{Form, Post, post},
        load::{Loaded, load},
        radio::{Radio, Radios},
    },
};

const FORM: &str = "appearance";

#[component]
pub fn Appearance() -> impl IntoView {
    let theme = load(|| Ok(api::ReadTheme {}));
    let choose = post::<api::ChooseTheme>();
    view! { <Loaded data=theme view=move |theme| form(theme, choose)/> }
}

fn form(chosen: Theme, choose: Post) -> AnyView {
    // Chosen is shown and kept at once; the button is for pages that are not alive.
    let at_once = move |event| {
        if let Ok(theme) = event_target_value(&event).parse::<Theme>() {
            browser::show_theme(theme.attribute(), theme.color_scheme());
            browser::submit(FORM);
        }
    };
    view! {
        <section class="card appearance" on:change=at_once>
            <Form action=choose id=FORM>
                <Radios name="theme" legend="Colours"><Themes chosen/></Radios>
                <p class="hint">"Kept in this browser for a year, for you alone."</p>
                <div class="actions only-plain">
                    <Submit look=Look::Primary>"Save"</Submit>
                </div>
            </Form>
        </section>
    }
    .into_any()
}

/// Made within the form, which knows what was chosen before it came back.
#[component]
fn Themes(chosen: Theme) -> impl IntoView {
    let radios = Theme::ALL.map(|theme| {
        let (label, hint) = words(theme);
        view! { <Radio name="theme" value=theme.as_str() label hint chosen=theme == chosen/> }
    });
    radios.collect_view()
}

fn words(theme: Theme) -> (&'static str, &'static str) {
    match theme {
        Theme::System => ("System", "Light or dark, as your system has it."),
        Theme::Light => ("Light", "Warm paper, whatever your system has."),
        Theme::Dark => ("Dark", "For evenings, whatever your system has."),
    }
}
