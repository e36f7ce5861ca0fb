//! One line of input, with its label, hint and error; and the marks that all kinds of fields share.

use std::time::Duration;

use leptos::prelude::*;

use super::{
    form::{FormContext, SECRET},
    time::Moment,
};

/// What a field holds; decides the browser's keyboard and completion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Text,
    Url,
    /// A whole number.
    Number,
    Search,
    /// `2030-12-31`, however the browser shows it.
    Date,
    /// A file; its form has to be an upload.
    File,
}

impl Kind {
    fn as_type(self) -> &'static str {
        match self {
            // `type=url` and `type=number` refuse input in the browser's words; ours come from the server.
            Self::Text | Self::Url | Self::Number => "text",
            Self::Search => "search",
            Self::Date => "date",
            Self::File => "file",
        }
    }

    fn as_input_mode(self) -> Option<&'static str> {
        match self {
            Self::Text | Self::Date | Self::File => None,
            Self::Url => Some("url"),
            Self::Number => Some("numeric"),
            Self::Search => Some("search"),
        }
    }
}

/// What was wrong with a value, if anything; run when the field is left.
pub type Check = fn(&str) -> Option<String>;

/// How long after a field was left its check runs: a button that is being pressed must not move away meanwhile.
const CHECKED_AFTER: Duration = Duration::from_millis(300);

/// What ties a control to its label, hint and error.
#[derive(Clone, Debug)]
pub(crate) struct Marks {
    form: Option<FormContext>,
    pub(crate) id: String,
    name: String,
    hint: Option<String>,
}

impl Marks {
    pub(crate) fn new(name: &str, hint: String) -> Self {
        let hint = (!hint.is_empty()).then_some(hint);
        let form = FormContext::of_form();
        let id = form.map_or_else(|| format!("field-{name}"), |form| form.field_id(name));
        Self { form, id, name: name.to_owned(), hint }
    }

    /// What was typed before the form came back, or `value`.
    pub(crate) fn value_or(&self, value: String) -> String {
        self.form.and_then(|form| form.typed(&self.name)).unwrap_or(value)
    }

    pub(crate) fn came_back(&self) -> bool {
        self.form.is_some_and(FormContext::came_back)
    }

    pub(crate) fn was_sent(&self) -> bool {
        self.form.is_some_and(|form| form.typed(&self.name).is_some())
    }

    pub(crate) fn error(&self) -> impl Fn() -> Option<String> + Clone + Send + Sync + use<> {
        let (form, name) = (self.form, self.name.clone());
        move || form.and_then(|form| form.error(&name))
    }

    pub(crate) fn invalid(&self) -> impl Fn() -> Option<&'static str> + Send + Sync + use<> {
        let error = self.error();
        move || error().map(|_| "true")
    }

    pub(crate) fn described_by(&self) -> impl Fn() -> Option<String> + Send + Sync + use<> {
        let (id, hint, error) = (self.id.clone(), self.hint.is_some(), self.error());
        move || {
            let hint = hint.then(|| hint_id(&id));
            let error = error().map(|_| error_id(&id));
            let ids: Vec<String> = [error, hint].into_iter().flatten().collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    }

    /// While somebody types, an old error is gone; when they leave the field, the check runs.
    pub(crate) fn forget_error(&self) -> impl Fn() + use<> {
        let (form, name) = (self.form, self.name.clone());
        move || {
            if let Some(form) = form {
                form.set_error(&name, None);
            }
        }
    }

    fn check(&self, check: Option<Check>) -> impl Fn(String) + use<> {
        let (form, name) = (self.form, self.name.clone());
        move |value| {
            let (Some(form), Some(check)) = (form, check) else { return };
            // What it finds nothing wrong with may have been refused by the server meanwhile: that stays.
            let Some(error) = check(&value) else { return };
            let name = name.clone();
            set_timeout(move || form.set_error(&name, Some(error)), CHECKED_AFTER);
        }
    }

    /// Hint and error below the control.
    pub(crate) fn below(&self) -> AnyView {
        let hint = self.hint.clone().map(|hint| view! { <p class="hint" id=hint_id(&self.id)>{hint}</p> });
        let (id, error) = (error_id(&self.id), self.error());
        view! {
            {move || error().map(|error| view! { <p class="field-error" id=id.clone()>{error}</p> })}
            {hint}
        }
        .into_any()
    }
}

fn hint_id(id: &str) -> String {
    format!("{id}-hint")
}

fn error_id(id: &str) -> String {
    format!("{id}-error")
}

#[component]
pub fn Field(
    /// Its name in the form, and where its errors are looked up.
    #[prop(into)]
    name: String,
    #[prop(into)] label: String,
    /// What to enter, in a sentence.
    #[prop(optional, into)]
    hint: String,
    /// What it holds at first.
    #[prop(optional, into)]
    value: String,
    #[prop(optional)] kind: Kind,
    #[prop(optional)] required: bool,
    /// What browsers may fill in; `off` unless said.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Has the focus when the page or dialog opens.
    #[prop(optional)]
    autofocus: bool,
    #[prop(optional, into)] placeholder: Option<String>,
    /// The id of a `<datalist>` whose values are offered.
    #[prop(optional)]
    list: &'static str,
    /// A check that needs no server, run when the field is left.
    #[prop(optional)]
    check: Option<Check>,
    /// Stands behind the value: a unit.
    #[prop(optional, into)]
    unit: Option<String>,
    /// Why it cannot be changed; shown in place of the hint.
    #[prop(optional_no_strip)]
    disabled_because: Option<&'static str>,
) -> impl IntoView {
    let marks = Marks::new(&name, disabled_because.map_or(hint, str::to_owned));
    let value = marks.value_or(value);
    let forget = marks.forget_error();
    let run_check = marks.check(check);
    let (plain, set_plain) = signal(is_plain_http(&value));
    view! {
        <div class="field">
            <label for=marks.id.clone()>{label}</label>
            <div class="input-row">
                <input
                    id=marks.id.clone()
                    class="input"
                    type=kind.as_type()
                    inputmode=kind.as_input_mode()
                    name=name
                    value=value
                    required=required
                    disabled=disabled_because.is_some()
                    autocomplete=autocomplete
                    autofocus=autofocus
                    spellcheck=(kind != Kind::Text).then_some("false")
                    placeholder=placeholder
                    list=(!list.is_empty()).then_some(list)
                    aria-invalid=marks.invalid()
                    aria-describedby=marks.described_by()
                    // While typing, not when the field is left: the line would push the button away under the pointer.
                    on:input=move |event| {
                        forget();
                        set_plain.set(is_plain_http(&event_target_value(&event)));
                    }
                    on:change=move |event| run_check(event_target_value(&event))
                />
                {unit.map(|unit| view! { <span class="unit">{unit}</span> })}
            </div>
            {marks.below()}
            {move || (kind == Kind::Url && plain.get()).then(|| view! { <p class="field-warning">{PLAIN_HTTP}</p> })}
        </div>
    }
}

const PLAIN_HTTP: &str = "Plain http sends accounts and secrets in the clear. Use https where the system offers it.";

fn is_plain_http(url: &str) -> bool {
    url.trim().get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

/// A password or another secret: never filled in by the server, never kept when the form comes back.
#[component]
pub fn Secret(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    /// Whether one is stored already; an empty field then keeps it.
    #[prop(optional)]
    stored: bool,
    /// Since when one is stored.
    #[prop(optional_no_strip)]
    since: Option<Moment>,
    #[prop(optional)] required: bool,
    /// `current-password` at sign-in, else `off`.
    #[prop(default = "off")]
    autocomplete: &'static str,
) -> impl IntoView {
    let marks = Marks::new(&name, hint);
    let forget = marks.forget_error();
    let placeholder = stored.then(|| match since {
        Some(since) => format!("•••••••• set {} — type to replace", since.day()),
        None => "•••••••• set — type to replace".to_owned(),
    });
    view! {
        <div class="field">
            <label for=marks.id.clone()>{label}</label>
            <input type="hidden" name=format!("{SECRET}{name}") value=""/>
            <input
                id=marks.id.clone()
                class="input"
                type="password"
                name=name
                required=required && !stored
                autocomplete=autocomplete
                placeholder=placeholder
                aria-invalid=marks.invalid()
                aria-describedby=marks.described_by()
                on:input=move |_| forget()
            />
            {marks.below()}
        </div>
    }
}
