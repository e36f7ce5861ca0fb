//! A connector's form, drawn from its schema.

use std::collections::BTreeMap;

use domain::config::{Control, Field as Described};
use leptos::prelude::*;

use super::view::Configuration;
use crate::{
    outcome::entry,
    ui::{
        checkbox::Checkbox,
        field::{Field, Kind, Secret},
        select::{Choice, Choices, Select, When},
        textarea::TextArea,
        time::Moment,
    },
};

/// The map that the fields are entries of.
pub(crate) const PROPERTIES: &str = "properties";

/// The fields of a schema with their values; what depends on a choice stands behind it and shows with it.
pub(crate) fn fields(configuration: &Configuration) -> AnyView {
    let fields = &configuration.schema.fields;
    let drawn = fields
        .iter()
        .filter(|field| field.only_when.is_none())
        .map(|field| {
            let dependents: Vec<&Described> = fields.iter().filter(|other| depends_on(other, field)).collect();
            match &field.control {
                Control::Choice { choices } if !dependents.is_empty() => {
                    let values: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
                    let inner = dependents
                        .into_iter()
                        .map(|dependent| {
                            let options = positions(dependent, &values);
                            let drawn = draw(dependent, configuration);
                            view! { <When options>{drawn}</When> }
                        })
                        .collect_view();
                    let drawn = draw(field, configuration);
                    view! { <Choices>{drawn}{inner}</Choices> }.into_any()
                }
                _ => draw(field, configuration),
            }
        })
        .collect_view();
    view! { <div class="pair">{drawn}</div> }.into_any()
}

fn depends_on(field: &Described, choice: &Described) -> bool {
    field.only_when.as_ref().is_some_and(|condition| condition.key == choice.key)
}

/// Which options of the choice, counted from 1, a dependent field shows with.
fn positions(field: &Described, values: &[&str]) -> Vec<usize> {
    let wanted = field.only_when.iter().flat_map(|condition| &condition.values);
    wanted.filter_map(|value| values.iter().position(|known| known == value)).map(|position| position + 1).collect()
}

fn draw(field: &Described, configuration: &Configuration) -> AnyView {
    let name = entry(PROPERTIES, &field.key);
    let label = field.label.clone();
    let hint = field.hint.clone().unwrap_or_default();
    let value = configuration.values.get(&field.key).or(field.default.as_ref()).cloned().unwrap_or_default();
    let required = field.required;
    match &field.control {
        Control::Text => view! { <Field name label hint value required/> }.into_any(),
        Control::Lines => view! { <TextArea name label hint value rows=6/> }.into_any(),
        Control::Url => view! { <Field name label hint value required kind=Kind::Url/> }.into_any(),
        Control::Secret => {
            let stored = configuration.secrets.get(&field.key);
            let since = stored.cloned().flatten();
            view! { <Secret name label hint required stored=stored.is_some() since/> }.into_any()
        }
        Control::Checkbox => view! { <Checkbox name label hint ticked=value == "true"/> }.into_any(),
        Control::Choice { choices } => {
            let choices =
                choices.iter().map(|choice| Choice::new(choice.value.as_str(), choice.label.as_str())).collect();
            view! { <Select name label hint value required choices/> }.into_any()
        }
    }
}

/// What will be saved, in words; of a secret only whether it is set.
pub(super) fn summary(configuration: &Configuration) -> AnyView {
    let rows = rows(configuration)
        .into_iter()
        .map(|(label, value)| view! { <div class="summary-row"><dt>{label}</dt><dd>{value}</dd></div> })
        .collect_view();
    view! { <dl class="summary">{rows}</dl> }.into_any()
}

fn rows(configuration: &Configuration) -> Vec<(String, String)> {
    let Configuration { schema, values, secrets } = configuration;
    let mut rows = vec![("Connector type".to_owned(), schema.name.clone())];
    for field in &schema.fields {
        let applies = field.only_when.as_ref().is_none_or(|condition| {
            let default = schema.field(&condition.key).and_then(|choice| choice.default.as_ref());
            values.get(&condition.key).or(default).is_some_and(|chosen| condition.values.contains(chosen))
        });
        if applies {
            rows.push((field.label.clone(), in_words(field, values, secrets)));
        }
    }
    rows
}

fn in_words(
    field: &Described,
    values: &BTreeMap<String, String>,
    secrets: &BTreeMap<String, Option<Moment>>,
) -> String {
    let value = values.get(&field.key).or(field.default.as_ref()).map(String::as_str).unwrap_or_default();
    match &field.control {
        Control::Secret if secrets.contains_key(&field.key) => "set".to_owned(),
        Control::Checkbox if value == "true" => "yes".to_owned(),
        Control::Checkbox => "no".to_owned(),
        Control::Choice { choices } => {
            let chosen = choices.iter().find(|choice| choice.value == value);
            chosen.map_or_else(|| value.to_owned(), |choice| choice.label.clone())
        }
        _ if value.is_empty() => "not set".to_owned(),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::config::{self, Condition, ConfigSchema};

    use super::*;

    fn field(key: &str, control: Control, when: Option<&str>) -> Described {
        Described {
            key: key.to_owned(),
            label: key.to_owned(),
            hint: None,
            control,
            required: false,
            default: None,
            only_when: when.map(|value| Condition { key: "mode".to_owned(), values: vec![value.to_owned()] }),
        }
    }

    fn configuration() -> Configuration {
        let choice = |value: &str| config::Choice { value: value.to_owned(), label: value.to_uppercase() };
        let mode = Described {
            default: Some("none".to_owned()),
            ..field("mode", Control::Choice { choices: vec![choice("none"), choice("bearer")] }, None)
        };
        Configuration {
            schema: ConfigSchema {
                kind: "test".to_owned(),
                name: "Test".to_owned(),
                description: String::new(),
                fields: vec![
                    mode,
                    field("token", Control::Secret, Some("bearer")),
                    field("endpoint", Control::Url, None),
                    field("passwords", Control::Checkbox, None),
                ],
            },
            values: BTreeMap::from([("endpoint".to_owned(), "https://a.example".to_owned())]),
            secrets: BTreeMap::new(),
        }
    }

    #[test]
    fn the_summary_leaves_out_what_the_choice_does_not_use() {
        let labels = |configuration: &Configuration| -> Vec<String> {
            rows(configuration).into_iter().map(|(label, value)| format!("{label}: {value}")).collect()
        };
        let mut configuration = configuration();
        let before = ["Connector type: Test", "mode: NONE", "endpoint: https://a.example", "passwords: no"];
        assert_eq!(labels(&configuration), before);
        configuration.values.insert("mode".to_owned(), "bearer".to_owned());
        configuration.secrets.insert("token".to_owned(), None);
        assert!(labels(&configuration).contains(&"token: set".to_owned()));
    }

    #[test]
    fn a_dependent_field_knows_the_places_of_its_choices() {
        let schema = configuration().schema;
        assert_eq!(positions(&schema.fields[1], &["none", "bearer"]), [2]);
    }
}
