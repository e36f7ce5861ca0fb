//! The one way to change something: a form that works with and without JavaScript.
//!
//! Hydrated, it calls its server function and follows the [`Outcome`]. Without JavaScript the browser posts it, the
//! server answers 303, and what was typed and what was wrong come back in the [`crate::flash::Flash`] of the page.

use std::collections::BTreeMap;

use domain::validation::FieldErrors;
use leptos::{context::Provider, ev, prelude::*, server_fn::ServerFn, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

use crate::{
    browser,
    error::ConsoleError,
    flash::{KeptFlash, Refusal},
    outcome::Outcome,
    routes::Page,
    ui::{
        contact::Contact,
        load::Refresh,
        note::{Note, Tone},
        problem::problem,
        table::{ACT, Selection},
        toast::Toasts,
        unsaved::Unsaved,
    },
};

/// The name of the hidden field that says which page the form stands on.
pub const PAGE: &str = "_page";
/// The name of the hidden field that carries the form's id.
pub const FORM: &str = "_form";
/// What the names of hidden fields begin with that mark another field as secret: its value is never kept.
pub const SECRET: &str = "_secret.";

/// What fields need to know of the form around them.
#[derive(Clone, Copy, Debug)]
pub struct FormContext {
    id: StoredValue<String>,
    typed: StoredValue<Option<BTreeMap<String, String>>>,
    errors: RwSignal<FieldErrors>,
    busy: Signal<bool>,
}

impl FormContext {
    /// The form that this view stands in.
    pub fn of_form() -> Option<Self> {
        use_context()
    }

    /// The document-wide id of a field of this form.
    pub fn field_id(self, name: &str) -> String {
        self.id.with_value(|form| field_id(form, name))
    }

    /// What was typed before the form came back; `None` when it did not, or held no such field.
    pub fn typed(self, name: &str) -> Option<String> {
        self.typed.with_value(|typed| typed.as_ref()?.get(name).cloned())
    }

    /// Whether the form came back: a checkbox that was not sent was not ticked.
    pub fn came_back(self) -> bool {
        self.typed.with_value(Option::is_some)
    }

    pub fn error(self, name: &str) -> Option<String> {
        self.errors.with(|errors| errors.get(name).map(str::to_owned))
    }

    /// Sets or clears one field's error while somebody types.
    pub fn set_error(self, name: &str, error: Option<String>) {
        let unchanged = self.errors.try_with_untracked(|errors| errors.get(name) == error.as_deref());
        // `None`: the form is gone.
        if unchanged != Some(false) {
            return;
        }
        self.errors.update(|errors| {
            errors.0.remove(name);
            if let Some(message) = error {
                errors.add(name, message);
            }
        });
    }

    /// What was wrong may not apply any more.
    pub fn clear_errors(self) {
        self.errors.set(FieldErrors::default());
    }

    /// Whether an answer is being waited for.
    pub fn busy(self) -> Signal<bool> {
        self.busy
    }
}

fn field_id(form: &str, name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{form}-{}", name.trim_end_matches('-'))
}

/// The address of a server function that answers an [`Outcome`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Post(&'static str);

/// Where the forms of `Function` are posted to.
pub fn post<Function>() -> Post
where
    Function: ServerFn<Output = Outcome, Error = ConsoleError>,
{
    Post(Function::PATH)
}

/// A form that changes something.
///
/// Leptos' `ActionForm` would do the same with typed arguments; it, and its action, would be compiled once per form.
#[component]
pub fn Form(
    /// From [`post`].
    action: Post,
    /// Unique on its page, and the same on every rendering of it.
    #[prop(into)]
    id: String,
    /// Further classes.
    #[prop(optional, into)]
    class: String,
    /// It sends files: the browser posts it by itself, with JavaScript too.
    #[prop(optional)]
    upload: bool,
    children: Children,
) -> impl IntoView {
    let state = FormState::new(&id);
    let take = state.take();
    let submit = move |event: ev::SubmitEvent| {
        if upload {
            state.sent();
            return;
        }
        event.prevent_default();
        if state.busy.get_untracked() {
            return;
        }
        let Some(body) = browser::form_body(&event) else { return };
        state.busy.set(true);
        state.sent();
        let take = take.clone();
        spawn_local(async move {
            let answer = browser::post(action.0, body).await;
            // The form may be gone by now; what it did is said all the same.
            state.busy.try_set(false);
            take(answer);
        });
    };
    let location = use_location();
    let page = move || format!("{}{}", location.pathname.get(), query(&location.search.get()));
    view! {
        <form method="post" action=action.0 enctype=upload.then_some("multipart/form-data") id=id.clone() class=format!("form {class}") novalidate=true on:submit=submit on:input=move |_| state.typed()>
            <input type="hidden" name=FORM value=id.clone()/>
            <input type="hidden" name=PAGE value=page/>
            <ErrorSummary form=id.clone() context=state.context failure=state.failure/>
            <Provider value=state.context>{children()}</Provider>
        </form>
    }
}

#[derive(Clone, Copy)]
struct FormState {
    context: FormContext,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<ConsoleError>>,
    /// Only within the console: elsewhere no program runs that could ask.
    unsaved: Option<Unsaved>,
}

impl FormState {
    /// As it came back, or empty.
    fn new(id: &str) -> Self {
        let kept = expect_context::<KeptFlash>().form(id);
        let (typed, errors, failure) = match kept {
            None => (None, FieldErrors::default(), None),
            Some(kept) => match kept.refusal {
                Refusal::Invalid(errors) => (Some(kept.typed), errors, None),
                Refusal::Failed(error) => (Some(kept.typed), FieldErrors::default(), Some(error)),
            },
        };
        let busy = RwSignal::new(false);
        let context = FormContext {
            id: StoredValue::new(id.to_owned()),
            typed: StoredValue::new(typed),
            errors: RwSignal::new(errors),
            busy: busy.into(),
        };
        Self { context, busy, failure: RwSignal::new(failure), unsaved: use_context() }
    }

    fn typed(self) {
        if let Some(unsaved) = self.unsaved {
            self.context.id.with_value(|form| unsaved.typed(form));
        }
    }

    fn sent(self) {
        if let Some(unsaved) = self.unsaved {
            self.context.id.with_value(|form| unsaved.sent(form));
        }
    }

    /// Does what an answer says.
    fn take(self) -> impl Fn(Result<Outcome, ConsoleError>) + Clone {
        let go = use_navigate();
        let here = use_location().pathname;
        let toasts = expect_context::<Toasts>();
        let refresh = expect_context::<Refresh>();
        let contact = expect_context::<Contact>();
        let acted_on = use_context::<Selection>().filter(|_| self.context.id.with_value(|id| id == ACT));
        move |answer| match answer {
            Ok(Outcome::Done { to, message }) => {
                let stays = to.split('?').next() == Some(here.get_untracked().as_str());
                if leaves_the_console(&to) {
                    if let Some(unsaved) = self.unsaved {
                        unsaved.forget();
                    }
                    browser::load(&to);
                    return;
                }
                self.refuse(FieldErrors::default(), None);
                if let Some(selection) = acted_on {
                    selection.clear();
                }
                if let Some(message) = message {
                    toasts.show(message);
                }
                refresh.for_page(&to);
                go(&to, NavigateOptions { replace: true, resolve: false, scroll: !stays, ..Default::default() });
            }
            Ok(Outcome::Invalid(errors)) => self.refuse(errors, None),
            Err(error) => {
                if error == ConsoleError::Offline {
                    contact.lost();
                }
                self.refuse(FieldErrors::default(), Some(error));
            }
        }
    }

    fn refuse(self, errors: FieldErrors, failure: Option<ConsoleError>) {
        let needs_attention = !errors.is_empty() || failure.is_some();
        self.context.errors.try_set(errors);
        self.failure.try_set(failure);
        if needs_attention && let Some((form, id)) = self.context.id.try_with_value(|id| (id.clone(), summary_id(id))) {
            if let Some(unsaved) = self.unsaved {
                unsaved.typed(&form);
            }
            // The summary is there once this round of effects has run.
            request_animation_frame(move || browser::focus(&id));
        }
    }
}

/// The query as an address has it.
pub(super) fn query(search: &str) -> String {
    let search = search.trim_start_matches('?');
    if search.is_empty() { String::new() } else { format!("?{search}") }
}

/// What the router does not know is loaded: signing out, so that nothing of the person before stays in memory.
fn leaves_the_console(to: &str) -> bool {
    !to.starts_with(&Page::Home.path())
}

fn summary_id(form: &str) -> String {
    format!("{form}-errors")
}

/// Says how many fields need another value and leads to each; or what went wrong with the whole.
#[component]
fn ErrorSummary(
    /// The form's id.
    form: String,
    context: FormContext,
    failure: RwSignal<Option<ConsoleError>>,
) -> impl IntoView {
    let id = summary_id(&form);
    view! {
        <div id=id class="form-errors" tabindex="-1" role="alert">
            {move || {
                if let Some(error) = failure.get() {
                    return view! { <Note tone=Tone::Held>{problem(&error)}</Note> }.into_any();
                }
                let errors = context.errors.get();
                if errors.is_empty() {
                    return ().into_any();
                }
                let whole = errors.get("").map(|message| view! { <p>{message.to_owned()}</p> });
                let fields: Vec<_> = errors.0.keys().filter(|name| !name.is_empty()).cloned().collect();
                let links = fields
                    .iter()
                    .map(|name| {
                        let message = errors.get(name).unwrap_or_default().to_owned();
                        // Not the router's way, which would leave the focus behind.
                        view! { <li><a href=format!("#{}", field_id(&form, name)) rel="external">{message}</a></li> }
                    })
                    .collect_view();
                let list = (!fields.is_empty()).then(|| {
                    view! {
                        <p>{needing(fields.len())}</p>
                        <ul>{links}</ul>
                    }
                });
                view! { <Note tone=Tone::Held>{whole}{list}</Note> }.into_any()
            }}
        </div>
    }
}

fn needing(fields: usize) -> String {
    match fields {
        1 => "One field needs another value:".to_owned(),
        fields => format!("{fields} fields need another value:"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_fields_hold_nothing_that_selectors_stumble_over() {
        assert_eq!(field_id("connector", "properties[user_endpoint]"), "connector-properties-user-endpoint");
        assert_eq!(field_id("new", "name"), "new-name");
    }

    #[test]
    fn what_is_no_page_of_the_console_is_loaded() {
        assert!(leaves_the_console("/sign-in") && leaves_the_console("/account"));
        assert!(!leaves_the_console("/console") && !leaves_the_console("/console/connections"));
    }
}
