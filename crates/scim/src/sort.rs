//! `sortBy` and `sortOrder` (RFC 7644 section 3.4.2.3).
//!
//! Strings sort without regard to case unless the schema says `caseExact`; of several values the primary one counts,
//! else the first; resources without a value come last in ascending order and first in descending. Resources that are
//! alike in this keep the order of their ids, ascending or descending with the rest.

use std::cmp::Ordering;

use domain::Timestamp;
use serde_json::Value;

use crate::{
    ScimError,
    filter::found,
    path::AttributePath,
    schema::{Attribute, Resolved, ResourceSchema, Type, field, is_unassigned},
};

/// Characters of a text that its place in the order depends on; a cursor holds them.
pub const KEY_LENGTH: usize = 256;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    pub by: AttributePath,
    pub descending: bool,
}

/// What one resource is sorted by.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub enum Key {
    Bool(bool),
    Number(f64),
    /// Folded where case does not count.
    Text(String),
}

impl Sort {
    /// What the list is sorted by.
    ///
    /// # Errors
    /// `invalidPath` for an attribute that is not there, that is never returned, or that has no order: a complex one
    /// without `value`, and several values of which none can be primary.
    pub fn check<'s>(&self, schema: &'s ResourceSchema) -> Result<Resolved<'s>, ScimError> {
        use crate::schema::Returned::Never;
        let resolved = schema.resolve(&self.by).filter(|resolved| {
            let attribute = resolved.compared();
            let one = !resolved.attribute.multi_valued || resolved.attribute.sub("primary").is_some();
            one && attribute.kind != Type::Complex
                && resolved.attribute.returned != Never
                && attribute.returned != Never
        });
        resolved.ok_or_else(|| ScimError::invalid_path(format!("Lists cannot be sorted by \"{}\".", self.by)))
    }

    /// In memory: the order that storage has to follow, but for ids.
    pub fn compare(&self, left: &Value, right: &Value, schema: &ResourceSchema) -> Ordering {
        let order = match (self.key(left, schema), self.key(right, schema)) {
            (Some(left), Some(right)) => left.partial_cmp(&right).unwrap_or(Ordering::Equal),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        if self.descending { order.reverse() } else { order }
    }

    pub fn key(&self, resource: &Value, schema: &ResourceSchema) -> Option<Key> {
        let resolved = schema.resolve(&self.by)?;
        let chosen = if resolved.attribute.multi_valued && resolved.attribute.kind == Type::Complex {
            let elements = elements(resource, resolved);
            let primary = elements.iter().find(|element| element["primary"] == true).or(elements.first()).copied()?;
            field(primary.as_object()?, &resolved.compared().name)
        } else {
            found(resource, &self.by, schema)?.0.first().copied()
        };
        key(chosen?, resolved.compared())
    }
}

fn elements<'v>(resource: &'v Value, resolved: Resolved<'_>) -> Vec<&'v Value> {
    let holder = match resolved.extension {
        Some(extension) => resource.as_object().and_then(|fields| field(fields, &extension.id)),
        None => Some(resource),
    };
    let value = holder.and_then(Value::as_object).and_then(|fields| field(fields, &resolved.attribute.name));
    value.and_then(Value::as_array).into_iter().flatten().collect()
}

fn key(value: &Value, attribute: &Attribute) -> Option<Key> {
    if is_unassigned(value) {
        return None;
    }
    match attribute.kind {
        Type::Boolean => value.as_bool().map(Key::Bool),
        Type::Integer | Type::Decimal => value.as_f64().map(Key::Number),
        #[expect(clippy::cast_precision_loss, reason = "microseconds of this era fit")]
        Type::DateTime => Timestamp::parse_rfc3339(value.as_str()?).map(|at| Key::Number(at.as_micros() as f64)),
        _ => {
            let text = value.as_str()?;
            let text = if attribute.case_exact { text.to_owned() } else { text.to_lowercase() };
            Some(Key::Text(text.chars().take(KEY_LENGTH).collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{ScimType, schema};

    fn sort(by: &str, descending: bool) -> Sort {
        Sort { by: by.parse().unwrap(), descending }
    }

    fn sorted(by: &str, descending: bool) -> Vec<String> {
        let mut people = [
            json!({"id": "1", "userName": "bea", "title": "Zoologist", "active": true, "emails": [
                {"value": "z@example.org"}, {"value": "B@example.org", "primary": true}]}),
            json!({"id": "2", "userName": "Ada", "name": {"familyName": "lovelace"}, "active": false,
                "emails": [{"value": "c@example.org"}, {"value": "a@example.org"}],
                "meta": {"created": "2026-03-12T14:05:05Z"}}),
            json!({"id": "3", "userName": "cy", "title": "analyst", "name": {"familyName": "Jensen"},
                "emails": [{"value": "a@example.org"}], "meta": {"created": "2026-03-12T14:05:05+01:00"}}),
        ];
        let sort = sort(by, descending);
        people.sort_by(|left, right| sort.compare(left, right, schema::user()));
        people.iter().map(|person| person["userName"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn strings_sort_without_regard_to_case_and_times_as_instants() {
        assert_eq!(sorted("userName", false), ["Ada", "bea", "cy"]);
        assert_eq!(sorted("USERNAME", true), ["cy", "bea", "Ada"]);
        assert_eq!(sorted("meta.created", false), ["cy", "Ada", "bea"]);
    }

    #[test]
    fn whoever_has_no_value_is_last_ascending_and_first_descending() {
        assert_eq!(sorted("title", false), ["cy", "bea", "Ada"]);
        assert_eq!(sorted("title", true), ["Ada", "bea", "cy"]);
        assert_eq!(sorted("name.familyName", false), ["cy", "Ada", "bea"]);
        assert_eq!(sorted("active", false), ["Ada", "bea", "cy"]);
    }

    #[test]
    fn of_several_values_the_primary_or_the_first_counts() {
        assert_eq!(sorted("emails", false), ["cy", "bea", "Ada"]);
        assert_eq!(sorted("emails.value", false), ["cy", "bea", "Ada"]);
    }

    #[test]
    fn what_has_no_order_is_refused() {
        for by in ["name", "shoeSize", "password", "addresses", "groups.display", "schemas"] {
            assert_eq!(
                sort(by, false).check(schema::user()).unwrap_err().scim_type,
                Some(ScimType::InvalidPath),
                "{by}"
            );
        }
        for by in ["userName", "emails", "addresses.country", "meta.created", "id"] {
            sort(by, false).check(schema::user()).unwrap();
        }
    }
}
