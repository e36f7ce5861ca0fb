//! PATCH (RFC 7644 section 3.5.2): reading the operations, and applying them to a document.
//!
//! Understood beyond the RFC, since large identity providers send it: operation names in any case, booleans as
//! strings, `remove` with a list of values, dotted and filtered keys in the object of an operation without path, there
//! also the core schema's URN for an object of its attributes, an `add` whose filter matches nothing (the value is
//! made; so is that of a filtered key), a plain string or a list of one where an object with `value` belongs, and
//! readOnly attributes that repeat what is there.

mod attribute;
mod parse;
mod values;

use serde_json::{Map, Value};

pub use parse::{MAX_OPERATIONS, parse};

use crate::{
    AttributePath, Filter, ScimError,
    path::{PatchPath, shown},
    schema::{Resolved, ResourceSchema, Schema, key_of},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    Add,
    Replace,
    Remove,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    pub op: Op,
    /// `None`: `value` is an object of attributes.
    pub path: Option<PatchPath>,
    pub value: Option<Value>,
}

/// Applies the operations in order, all or none, and tells whether the resource is another than before. Attributes are
/// written as the schema spells them, and `schemas` follows the extensions that are there.
///
/// # Errors
/// `mutability` for readOnly and required attributes, `noTarget` where a `replace` chooses nothing or a `remove` has no
/// path, `invalidPath` for attributes that no schema defines, `invalidFilter`, `invalidValue`. The resource is then
/// unchanged.
pub fn apply(resource: &mut Value, operations: &[Operation], schema: &ResourceSchema) -> Result<bool, ScimError> {
    let Value::Object(fields) = resource else {
        return Err(ScimError::invalid_syntax("The resource is not a JSON object."));
    };
    let mut patched = fields.clone();
    for operation in operations {
        apply_one(&mut patched, operation, schema)?;
    }
    let changed = patched != *fields;
    if changed {
        list_extensions(&mut patched, schema);
        *fields = patched;
    }
    Ok(changed)
}

fn apply_one(fields: &mut Map<String, Value>, operation: &Operation, schema: &ResourceSchema) -> Result<(), ScimError> {
    let value = operation.value.as_ref();
    match (&operation.path, operation.op) {
        (Some(path), op) => apply_at(fields, op, path, value, schema),
        (None, Op::Remove) => Err(ScimError::no_target("A \"remove\" needs a path.")),
        (None, op) => {
            let Some(Value::Object(members)) = value else {
                return Err(ScimError::invalid_value("Without a path, the value must be an object of attributes."));
            };
            members.iter().try_for_each(|(key, value)| apply_member(fields, op, key, value, schema))
        }
    }
}

/// One attribute of an operation without path. As in a POST, names that no schema defines are ignored.
fn apply_member(
    fields: &mut Map<String, Value>,
    op: Op,
    key: &str,
    value: &Value,
    schema: &ResourceSchema,
) -> Result<(), ScimError> {
    if key.eq_ignore_ascii_case("schemas") {
        return Ok(());
    }
    if let Some(extension) = schema.extension(key) {
        return apply_extension(fields, op, extension, Some(value), schema);
    }
    if schema.core.is(key) {
        let Value::Object(members) = value else {
            return Err(ScimError::invalid_value(format!("The value of \"{}\" must be an object.", schema.core.id)));
        };
        // By their full names, so that nothing but attributes of the core is meant.
        let core = &schema.core.id;
        return members
            .iter()
            .try_for_each(|(name, value)| apply_member(fields, op, &format!("{core}:{name}"), value, schema));
    }
    match key.parse::<PatchPath>() {
        Ok(path) if schema.resolve(&path.attribute).is_some() => {
            // Whoever writes filters into keys sets what the attribute shall be, there or not.
            let op = if op == Op::Replace && chooses_nothing(fields, &path, schema) { Op::Add } else { op };
            apply_at(fields, op, &path, Some(value), schema)
        }
        _ => Ok(()),
    }
}

fn chooses_nothing(fields: &Map<String, Value>, path: &PatchPath, schema: &ResourceSchema) -> bool {
    let Some(filter) = path.filter.clone() else { return false };
    let list = AttributePath { sub_attribute: None, ..path.attribute.clone() };
    let chosen = Filter::ValuePath { path: list, filter: Box::new(filter) };
    !chosen.matches(&Value::Object(fields.clone()), schema)
}

fn apply_at(
    fields: &mut Map<String, Value>,
    op: Op,
    path: &PatchPath,
    value: Option<&Value>,
    schema: &ResourceSchema,
) -> Result<(), ScimError> {
    if path.filter.is_none()
        && let Some(extension) = schema.resolve_extension(&path.attribute)
    {
        return apply_extension(fields, op, extension, value, schema);
    }
    let Some(resolved) = schema.resolve(&path.attribute) else {
        let name = path.attribute.to_string();
        return Err(ScimError::invalid_path(format!("There is no attribute \"{}\".", shown(&name))));
    };
    if resolved.extension.is_none() && resolved.attribute.name == "schemas" {
        return check_schemas(value, schema);
    }
    let target = attribute::Target { op, path, resolved, value };
    let holder = holder(fields, resolved);
    let key = key_of(holder, &resolved.attribute.name);
    let current = key.and_then(|key| holder.remove(&key));
    if let Some(value) = target.apply(current)? {
        holder.insert(resolved.attribute.name.clone(), value);
    }
    if let Some(extension) = resolved.extension {
        drop_if_empty(fields, extension);
    }
    Ok(())
}

/// An operation on an extension as a whole: on each attribute that the value holds, or on all of them.
fn apply_extension(
    fields: &mut Map<String, Value>,
    op: Op,
    extension: &Schema,
    value: Option<&Value>,
    schema: &ResourceSchema,
) -> Result<(), ScimError> {
    match (op, value) {
        (Op::Add, Some(Value::Null)) => Ok(()),
        (Op::Remove, _) | (Op::Replace, Some(Value::Null)) => {
            for attribute in &extension.attributes {
                let path = format!("{}:{}", extension.id, attribute.name).parse()?;
                apply_at(fields, Op::Remove, &path, None, schema)?;
            }
            Ok(())
        }
        (_, Some(Value::Object(members))) => members
            .iter()
            .try_for_each(|(name, value)| apply_member(fields, op, &format!("{}:{name}", extension.id), value, schema)),
        _ => Err(ScimError::invalid_value(format!("The value of \"{}\" must be an object.", extension.id))),
    }
}

/// `schemas` follows the resource; naming schemas that it may have is no mistake.
fn check_schemas(value: Option<&Value>, schema: &ResourceSchema) -> Result<(), ScimError> {
    let named = match value {
        Some(Value::Array(named)) => named.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    if named.iter().all(|urn| urn.as_str().is_some_and(|urn| schema.knows(urn))) {
        return Ok(());
    }
    Err(ScimError::invalid_value(format!("\"schemas\" can only name schemas of a {}.", schema.name)))
}

/// The object that holds the attribute: the resource, or one of its extensions, made if it is not there.
fn holder<'f>(fields: &'f mut Map<String, Value>, resolved: Resolved<'_>) -> &'f mut Map<String, Value> {
    let Some(extension) = resolved.extension else { return fields };
    let inner = key_of(fields, &extension.id).and_then(|key| fields.remove(&key));
    let inner = inner.filter(Value::is_object).unwrap_or_else(|| Value::Object(Map::new()));
    fields.insert(extension.id.clone(), inner);
    match fields.get_mut(&extension.id) {
        Some(Value::Object(inner)) => inner,
        _ => unreachable!("an object was just put there"),
    }
}

fn drop_if_empty(fields: &mut Map<String, Value>, extension: &Schema) {
    if fields.get(&extension.id).and_then(Value::as_object).is_some_and(Map::is_empty) {
        fields.remove(&extension.id);
    }
}

fn list_extensions(fields: &mut Map<String, Value>, schema: &ResourceSchema) {
    let present: Vec<&str> = schema
        .extensions
        .iter()
        .filter(|extension| key_of(fields, &extension.id).is_some())
        .map(|extension| extension.id.as_str())
        .collect();
    let Some(Value::Array(listed)) = key_of(fields, "schemas").and_then(|key| fields.get_mut(&key)) else { return };
    let named = |urn: &Value, extension: &str| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(extension));
    listed.retain(|urn| {
        let extension = urn.as_str().and_then(|urn| schema.extension(urn));
        extension.is_none_or(|extension| present.contains(&extension.id.as_str()))
    });
    for extension in present {
        if !listed.iter().any(|urn| named(urn, extension)) {
            listed.push(extension.into());
        }
    }
}

#[cfg(test)]
mod tests;
