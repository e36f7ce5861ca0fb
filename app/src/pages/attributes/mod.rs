//! User Attributes & Stores → Attributes: the schemas of users, those of the standards and those of an administrator.

use leptos::prelude::*;

use crate::pages::session::READ_ONLY;
use crate::ui::{
    checkbox::Checkbox,
    field::Field,
    select::{Choice, Select},
    textarea::TextArea,
};

pub mod api;
pub mod attribute;
pub mod delete;
pub mod list;
pub mod new;
pub mod show;
#[cfg(feature = "ssr")]
mod shown;
pub mod view;

use view::Attribute;

const IN_USE: &str = "Fixed while somebody has a value.";

/// What a type is called here.
const KINDS: [(&str, &str); 6] = [
    ("string", "Text"),
    ("boolean", "Yes or no"),
    ("integer", "Whole number"),
    ("decimal", "Decimal number"),
    ("dateTime", "Date and time"),
    ("reference", "Reference"),
];

fn choices(of: &[(&str, &str)]) -> Vec<Choice> {
    of.iter().map(|(value, label)| Choice::new(*value, *label)).collect()
}

/// The fields of New Attribute and of editing one, but for the name.
fn fields(attribute: &Attribute) -> AnyView {
    let fixed = attribute.in_use.then_some(IN_USE);
    let is = |rule: &str| attribute.ticked.iter().any(|one| one == rule);
    let returned = [("default", "By default"), ("always", "Always"), ("request", "Only when asked for by name")];
    // What is shown as fixed is not sent by the browser.
    let sent = |name: &'static str| {
        (attribute.in_use && is(name)).then(|| view! { <input type="hidden" name=name value="true"/> })
    };
    let kind = attribute.in_use.then(|| view! { <input type="hidden" name="kind" value=attribute.kind.clone()/> });
    let case_fixed = fixed.filter(|_| is("unique"));
    view! {
        <Field
            name="label"
            label="Label"
            hint="What the console calls it; the name where this is empty."
            value=attribute.label.clone()
        />
        <div class="pair">
            {kind}
            <Select
                name="kind"
                label="Type"
                value=attribute.kind.clone()
                choices=choices(&KINDS)
                disabled_because=fixed
            />
            <Select
                name="returned"
                label="Returned over SCIM"
                value=attribute.returned.clone()
                choices=choices(&returned)
            />
        </div>
        <TextArea
            name="canonical_values"
            label="Values to choose from"
            hint="One a line, for texts. Where there are none, any value will do."
            value=attribute.canonical_values.clone()
        />
        {sent("multi_valued")}
        <Checkbox
            name="multi_valued"
            label="Several values"
            hint="Somebody can have more than one."
            ticked=is("multi_valued")
            disabled_because=fixed
        />
        <Checkbox
            name="required"
            label="Required"
            hint="Of whoever has another value of this schema."
            ticked=is("required")
        />
        {sent("unique")}
        <Checkbox
            name="unique"
            label="Unique"
            hint="No two people have the same value. Whoever looks somebody up by it finds them at once."
            ticked=is("unique")
            disabled_because=fixed
        />
        {case_fixed.and_then(|_| sent("case_exact"))}
        <Checkbox
            name="case_exact"
            label="Case counts"
            hint="Texts that differ by case alone are different values."
            ticked=is("case_exact")
            disabled_because=case_fixed
        />
        <Checkbox
            name="immutable"
            label="Set once"
            hint="A value that is there cannot be changed or removed."
            ticked=is("immutable")
        />
        <TextArea
            name="description"
            label="Description"
            hint="What it is for; at most 300 characters. SCIM clients are told it too."
            value=attribute.description.clone()
            rows=2
        />
    }
    .into_any()
}
