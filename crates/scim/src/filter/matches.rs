//! Evaluates a filter on a resource in memory.
//!
//! The rules that SQL has to follow too: an attribute without a value equals `null` and differs from everything else
//! (`ne`); of a multi-valued attribute one matching value is enough; a complex attribute stands for its `value`;
//! strings compare without regard to case unless the schema says `caseExact`; times compare as instants. An attribute
//! that no schema defines has no value.

use std::cmp::Ordering;

use domain::Timestamp;
use serde_json::Value;

use super::{Filter, Literal, Operator, sub_attribute};
use crate::{
    path::AttributePath,
    schema::{self, Attribute, ResourceSchema, Type, boolean, field, is_unassigned},
};

impl Filter {
    /// Whether the resource matches.
    pub fn matches(&self, resource: &Value, schema: &ResourceSchema) -> bool {
        match self {
            Self::And(filters) => filters.iter().all(|filter| filter.matches(resource, schema)),
            Self::Or(filters) => filters.iter().any(|filter| filter.matches(resource, schema)),
            Self::Not(filter) => !filter.matches(resource, schema),
            Self::Present { path } => found(resource, path, schema).is_some_and(|(values, _)| present(&values)),
            Self::Compare { path, operator, value } => match found(resource, path, schema) {
                Some((values, attribute)) => compare_any(&values, attribute, *operator, value),
                // RFC 7644 section 3.4.2.1: as if there is no value.
                None => {
                    matches!((operator, value), (Operator::Equal, Literal::Null))
                        || (*operator == Operator::NotEqual && *value != Literal::Null)
                }
            },
            Self::ValuePath { path, filter } => match schema.resolve(path) {
                Some(resolved) => elements(resource, &resolved)
                    .into_iter()
                    .any(|element| matches_element(filter, element, resolved.attribute)),
                None => false,
            },
        }
    }
}

/// Whether one value of a multi-valued attribute matches a filter in brackets.
pub fn matches_element(filter: &Filter, element: &Value, parent: &Attribute) -> bool {
    let values = |path: &AttributePath| {
        let attribute = sub_attribute(parent, path)?;
        let value = match element {
            Value::Object(fields) => field(fields, &attribute.name),
            plain if parent.kind != Type::Complex => Some(plain),
            _ => None,
        };
        Some((value.map(flattened).unwrap_or_default(), attribute))
    };
    match filter {
        Filter::And(filters) => filters.iter().all(|filter| matches_element(filter, element, parent)),
        Filter::Or(filters) => filters.iter().any(|filter| matches_element(filter, element, parent)),
        Filter::Not(filter) => !matches_element(filter, element, parent),
        Filter::Present { path } => values(path).is_some_and(|(values, _)| present(&values)),
        Filter::Compare { path, operator, value } => {
            values(path).is_some_and(|(values, attribute)| compare_any(&values, attribute, *operator, value))
        }
        Filter::ValuePath { .. } => false,
    }
}

/// The values that a path reaches, and the definition by which they compare.
pub(crate) fn found<'v, 's>(
    resource: &'v Value,
    path: &AttributePath,
    schema: &'s ResourceSchema,
) -> Option<(Vec<&'v Value>, &'s Attribute)> {
    let resolved = schema.resolve(path)?;
    let elements = elements(resource, &resolved);
    let compared = resolved.compared();
    if std::ptr::eq(compared, resolved.attribute) {
        return Some((elements, compared));
    }
    // A plain value in the place of an object counts as its `value`.
    let is_value = compared.name == "value";
    let values = elements.into_iter().flat_map(|element| match element {
        Value::Object(fields) => field(fields, &compared.name).map(flattened).unwrap_or_default(),
        plain if is_value => vec![plain],
        _ => Vec::new(),
    });
    Some((values.collect(), compared))
}

/// The attribute's values: none, one, or those of its list.
fn elements<'v>(resource: &'v Value, resolved: &schema::Resolved<'_>) -> Vec<&'v Value> {
    let holder = match resolved.extension {
        Some(extension) => resource.as_object().and_then(|fields| field(fields, &extension.id)),
        None => Some(resource),
    };
    let value = holder.and_then(Value::as_object).and_then(|fields| field(fields, &resolved.attribute.name));
    value.map(flattened).unwrap_or_default()
}

fn flattened(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        single => vec![single],
    }
}

fn present(values: &[&Value]) -> bool {
    values.iter().any(|value| match value {
        Value::String(text) => !text.is_empty(),
        other => !is_unassigned(other),
    })
}

fn compare_any(values: &[&Value], attribute: &Attribute, operator: Operator, literal: &Literal) -> bool {
    let assigned = values.iter().any(|value| !is_unassigned(value));
    match (operator, literal) {
        (Operator::Equal, Literal::Null) => !assigned,
        (Operator::NotEqual, Literal::Null) => assigned,
        (Operator::NotEqual, _) if !assigned => true,
        _ => values.iter().any(|value| compare(value, attribute, operator, literal)),
    }
}

fn compare(value: &Value, attribute: &Attribute, operator: Operator, literal: &Literal) -> bool {
    match operator {
        Operator::Equal => order(value, attribute, literal) == Some(Ordering::Equal),
        Operator::NotEqual => order(value, attribute, literal) != Some(Ordering::Equal),
        Operator::GreaterThan => order(value, attribute, literal) == Some(Ordering::Greater),
        Operator::LessThan => order(value, attribute, literal) == Some(Ordering::Less),
        Operator::GreaterOrEqual => order(value, attribute, literal).is_some_and(Ordering::is_ge),
        Operator::LessOrEqual => order(value, attribute, literal).is_some_and(Ordering::is_le),
        Operator::Contains => texts(value, attribute, literal).is_some_and(|(text, part)| text.contains(&part)),
        Operator::StartsWith => texts(value, attribute, literal).is_some_and(|(text, part)| text.starts_with(&part)),
        Operator::EndsWith => texts(value, attribute, literal).is_some_and(|(text, part)| text.ends_with(&part)),
    }
}

/// `None` where the two cannot be compared.
fn order(value: &Value, attribute: &Attribute, literal: &Literal) -> Option<Ordering> {
    match attribute.kind {
        Type::Boolean => {
            let value = value.as_bool().or_else(|| value.as_str().and_then(boolean))?;
            Some(value.cmp(&as_bool(literal)?))
        }
        Type::Integer | Type::Decimal => {
            let Literal::Number(number) = literal else { return None };
            match (value.as_i64(), number.as_i64()) {
                (Some(value), Some(number)) => Some(value.cmp(&number)),
                _ => value.as_f64()?.partial_cmp(&number.as_f64()?),
            }
        }
        Type::DateTime => Some(Timestamp::parse_rfc3339(value.as_str()?)?.cmp(&as_time(literal)?)),
        _ => texts(value, attribute, literal).map(|(value, literal)| value.cmp(&literal)),
    }
}

fn texts(value: &Value, attribute: &Attribute, literal: &Literal) -> Option<(String, String)> {
    let (Value::String(value), Literal::String(literal)) = (value, literal) else { return None };
    let folded = |text: &String| if attribute.case_exact { text.clone() } else { text.to_lowercase() };
    Some((folded(value), folded(literal)))
}

pub(super) fn as_bool(literal: &Literal) -> Option<bool> {
    match literal {
        Literal::Bool(truth) => Some(*truth),
        Literal::String(text) => boolean(text),
        _ => None,
    }
}

pub(super) fn as_time(literal: &Literal) -> Option<Timestamp> {
    match literal {
        Literal::String(text) => Timestamp::parse_rfc3339(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema;

    fn ada() -> Value {
        json!({
            "id": "2819c223-7F76",
            "userName": "Ada",
            "active": true,
            "name": {"familyName": "Lovelace"},
            "title": "",
            "emails": [
                {"value": "ada@example.org", "type": "work", "primary": true},
                {"value": "countess@example.com", "type": "home"},
            ],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                "department": "Analysis", "manager": {"value": "26118915"},
            },
            "meta": {"created": "2026-03-12T14:05:05.123456Z"},
        })
    }

    fn matches(filter: &str) -> bool {
        filter.parse::<Filter>().unwrap().matches(&ada(), schema::user())
    }

    #[test]
    fn case_counts_only_where_the_schema_says_so() {
        assert!(matches("userName eq \"ADA\""));
        assert!(matches("name.familyname sw \"love\""));
        assert!(matches("id eq \"2819c223-7F76\""));
        assert!(!matches("id eq \"2819c223-7f76\""));
    }

    #[test]
    fn an_attribute_without_a_value_equals_null_and_differs_from_the_rest() {
        assert!(matches("nickName eq null") && !matches("nickName ne null"));
        assert!(matches("nickName ne \"x\"") && !matches("nickName eq \"x\""));
        assert!(!matches("nickName pr") && !matches("title pr") && !matches("nickName gt \"a\""));
        assert!(matches("emails ne null") && matches("emails pr"));
    }

    #[test]
    fn one_value_of_many_is_enough() {
        assert!(matches("emails eq \"countess@example.com\""));
        assert!(matches("emails.value ew \".ORG\""));
        assert!(matches("emails.type eq \"work\" and emails.value co \"countess\""));
        assert!(!matches("emails[type eq \"work\" and value co \"countess\"]"));
        assert!(matches("emails[not (type eq \"work\") and value co \"countess\"]"));
        assert!(matches("emails[primary eq true]") && matches("emails[primary eq \"True\"]"));
    }

    #[test]
    fn extensions_are_reached_by_urn() {
        let urn = crate::urn::ENTERPRISE_USER;
        assert!(matches(&format!("{urn}:department eq \"analysis\"")));
        assert!(matches(&format!("{urn}:manager eq \"26118915\"")));
        assert!(matches(&format!("{urn}:manager.value eq \"26118915\"")));
        assert!(!matches("department eq \"analysis\""));
    }

    #[test]
    fn times_compare_as_instants() {
        assert!(matches("meta.created eq \"2026-03-12T15:05:05.123456+01:00\""));
        assert!(matches("meta.created gt \"2026-03-12T14:05:05Z\""));
        assert!(matches("meta.created le \"2026-03-12T14:05:06Z\""));
        assert!(!matches("meta.created lt \"2026-03-12T14:05:05Z\""));
    }

    #[test]
    fn what_no_schema_defines_has_no_value() {
        assert!(!matches("shoeSize pr") && !matches("shoeSize eq 41") && !matches("shoeSize ne null"));
        assert!(matches("shoeSize ne 41") && matches("shoeSize eq null"));
        assert!(matches("not (shoeSize pr)"));
    }
}
