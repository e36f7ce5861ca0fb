//! Brings a document from outside into the schema's form: names spelled as defined, types checked.
//!
//! Accepted beyond the RFC, because clients send it: booleans as strings, one value where a list belongs, a list of one
//! where one object belongs, and a plain string where an object with `value` belongs.

use domain::Timestamp;
use serde_json::{Map, Value};

use super::{Attribute, Mutability, ResourceSchema, Type, is_unassigned};
use crate::ScimError;

/// The document with attribute names as the schema spells them. Left out are the unassigned, the readOnly and those
/// that no schema defines (RFC 7644 section 3.3).
///
/// # Errors
/// `invalidSyntax` if the document is no object, `invalidValue` naming the attribute whose value has the wrong type.
pub fn normalise(document: &Value, schema: &ResourceSchema) -> Result<Map<String, Value>, ScimError> {
    let Value::Object(fields) = document else {
        return Err(ScimError::invalid_syntax("The body is not a JSON object."));
    };
    let mut normal = Map::new();
    for (key, value) in fields {
        if let Some(attribute) = schema.attribute(key) {
            insert(&mut normal, attribute, &attribute.name, value)?;
        } else if let Some(extension) = schema.extension(key) {
            let fields = object_fields(&extension.attributes, value, &extension.id, ':')?;
            if !fields.is_empty() {
                normal.insert(extension.id.clone(), Value::Object(fields));
            }
        }
    }
    Ok(normal)
}

/// One attribute's value in the schema's form; `None` if it is unassigned. `label` names it in errors.
pub(crate) fn normalise_value(attribute: &Attribute, value: &Value, label: &str) -> Result<Option<Value>, ScimError> {
    if is_unassigned(value) {
        return Ok(None);
    }
    if !attribute.multi_valued {
        return match value {
            Value::Array(values) if attribute.kind == Type::Complex && values.len() == 1 => {
                normalise_element(attribute, &values[0], label)
            }
            single => normalise_element(attribute, single, label),
        };
    }
    let elements = match value {
        Value::Array(elements) => elements.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut normal = Vec::with_capacity(elements.len());
    for element in elements {
        normal.extend(normalise_element(attribute, element, label)?);
    }
    Ok((!normal.is_empty()).then_some(Value::Array(normal)))
}

/// One value of a multi-valued attribute, or the value of a single one.
pub(crate) fn normalise_element(attribute: &Attribute, value: &Value, label: &str) -> Result<Option<Value>, ScimError> {
    if is_unassigned(value) {
        return Ok(None);
    }
    if attribute.kind != Type::Complex {
        return normalise_simple(attribute.kind, value, label).map(Some);
    }
    if let (Value::String(_), Some(inner)) = (value, attribute.value_attribute()) {
        let text = normalise_simple(inner.kind, value, label)?;
        return Ok(Some(Value::Object(Map::from_iter([(inner.name.clone(), text)]))));
    }
    let fields = object_fields(&attribute.sub_attributes, value, label, '.')?;
    Ok((!fields.is_empty()).then_some(Value::Object(fields)))
}

fn object_fields(
    attributes: &[Attribute],
    value: &Value,
    label: &str,
    separator: char,
) -> Result<Map<String, Value>, ScimError> {
    let mut normal = Map::new();
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (key, value) in fields {
                if let Some(attribute) = super::attribute::find(attributes, key) {
                    insert(&mut normal, attribute, &format!("{label}{separator}{}", attribute.name), value)?;
                }
            }
        }
        _ => return Err(wrong_type(label, "an object")),
    }
    Ok(normal)
}

fn insert(into: &mut Map<String, Value>, attribute: &Attribute, label: &str, value: &Value) -> Result<(), ScimError> {
    if attribute.mutability == Mutability::ReadOnly {
        return Ok(());
    }
    if let Some(value) = normalise_value(attribute, value, label)? {
        into.insert(attribute.name.clone(), value);
    }
    Ok(())
}

fn normalise_simple(kind: Type, value: &Value, label: &str) -> Result<Value, ScimError> {
    let accepted = match (kind, value) {
        (Type::Boolean, Value::String(text)) => boolean(text).map(Value::Bool),
        // In UTC and without needless digits, so that texts sort as the instants do.
        (Type::DateTime, Value::String(text)) => Timestamp::parse_rfc3339(text).map(|at| at.to_string().into()),
        (Type::Integer, Value::Number(number)) => (number.is_i64() || number.is_u64()).then(|| value.clone()),
        (Type::String | Type::Reference | Type::Binary, Value::String(_))
        | (Type::Boolean, Value::Bool(_))
        | (Type::Decimal, Value::Number(_)) => Some(value.clone()),
        _ => None,
    };
    accepted.ok_or_else(|| wrong_type(label, kind_in_words(kind)))
}

/// `"True"` and `"False"`, as some clients send them.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

fn kind_in_words(kind: Type) -> &'static str {
    match kind {
        Type::String | Type::Reference => "a string",
        Type::Boolean => "true or false",
        Type::Decimal => "a number",
        Type::Integer => "a whole number",
        Type::DateTime => "a date and time such as \"2026-03-12T14:05:00Z\"",
        Type::Binary => "a string in base64",
        Type::Complex => "an object",
    }
}

fn wrong_type(label: &str, wanted: &str) -> ScimError {
    ScimError::invalid_value(format!("The attribute \"{label}\" must be {wanted}."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema;

    fn user(document: &Value) -> Result<Value, ScimError> {
        normalise(document, schema::user()).map(Value::Object)
    }

    #[test]
    fn names_take_the_spelling_of_the_schema() {
        let normal = user(&json!({
            "USERNAME": "ada",
            "Name": {"GivenName": "Ada"},
            "Emails": [{"Value": "ada@example.org", "TYPE": "work"}],
            "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user": {"Department": "Analysis"},
        }));
        assert_eq!(
            normal.unwrap(),
            json!({
                "userName": "ada",
                "name": {"givenName": "Ada"},
                "emails": [{"value": "ada@example.org", "type": "work"}],
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Analysis"},
            })
        );
    }

    #[test]
    fn what_clients_send_instead_is_understood() {
        let normal = user(&json!({
            "active": "False",
            "emails": {"value": "a@example.org", "primary": "True"},
            "phoneNumbers": ["+1"],
            "name": [{"givenName": "Ada"}],
        }));
        assert_eq!(
            normal.unwrap(),
            json!({
                "active": false,
                "emails": [{"value": "a@example.org", "primary": true}],
                "phoneNumbers": [{"value": "+1"}],
                "name": {"givenName": "Ada"},
            })
        );
    }

    #[test]
    fn the_unassigned_the_unknown_and_the_read_only_are_left_out() {
        let normal = user(&json!({
            "title": null, "emails": [], "name": {}, "roles": [null], "shoeSize": 41, "id": 7, "groups": "all",
        }));
        assert_eq!(normal.unwrap(), json!({}));
    }

    #[test]
    fn a_wrong_type_is_refused_by_name() {
        for (document, name) in [
            (json!({"userName": 7}), "userName"),
            (json!({"active": "perhaps"}), "active"),
            (json!({"name": "Ada"}), "name"),
            (json!({"name": {"givenName": ["Ada"]}}), "name.givenName"),
            (json!({"name": [{"givenName": "Ada"}, {"givenName": "Augusta"}]}), "name"),
            (json!({"emails": [{"value": false}]}), "emails.value"),
            (
                json!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": 3}}),
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            ),
        ] {
            let error = user(&document).unwrap_err();
            assert_eq!(error.scim_type, Some(crate::ScimType::InvalidValue), "{document}");
            assert!(error.detail.contains(&format!("\"{name}\"")), "{} names {name}", error.detail);
        }
        assert_eq!(user(&json!([])).unwrap_err().scim_type, Some(crate::ScimType::InvalidSyntax));
    }
}
