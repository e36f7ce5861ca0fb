//! The values of a multi-valued attribute under change. `primary` stays single (RFC 7643 section 2.4): who becomes
//! primary takes it from the others.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::{
    ScimError,
    schema::{Attribute, field, is_unassigned},
};

/// What makes two values the same: `value` and `type`, folded as the schema compares them; the whole of an object
/// without `value`.
type Identity = (String, Option<String>);

pub(super) struct Values<'s> {
    attribute: &'s Attribute,
    values: Vec<Value>,
}

/// At most one of the values that come may be primary.
pub(super) fn check_primary(values: &[Value], label: &str) -> Result<(), ScimError> {
    if values.iter().filter(|value| is_primary(value)).count() > 1 {
        return Err(ScimError::invalid_value(format!("Only one value of \"{label}\" can be primary.")));
    }
    Ok(())
}

impl<'s> Values<'s> {
    pub(super) fn new(attribute: &'s Attribute, current: Option<Value>) -> Self {
        let values = match current {
            None => Vec::new(),
            Some(Value::Array(values)) => values,
            Some(single) => vec![single],
        };
        Self { attribute, values }
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(super) fn positions(&self, chosen: impl Fn(&Value) -> bool) -> Vec<usize> {
        let values = self.values.iter().enumerate();
        values.filter(|(_, value)| chosen(value)).map(|(position, _)| position).collect()
    }

    /// Returns where it is.
    pub(super) fn push(&mut self, value: Value) -> usize {
        self.values.push(value);
        self.values.len() - 1
    }

    /// Adds what is not there yet; a value of the same `value` and `type` takes the other sub-attributes over. One
    /// without `type` is taken for the first of that `value`, if that says all it says.
    pub(super) fn add(&mut self, fresh: Vec<Value>) {
        let mut places = HashMap::new();
        for (position, present) in self.values.iter().enumerate() {
            self.remember(&mut places, present, position);
        }
        for value in fresh {
            let Some(&position) = places.get(&self.identity(&value)) else {
                self.remember(&mut places, &value, self.values.len());
                let position = self.push(value);
                self.settle_primary(&[position]);
                continue;
            };
            if !self.covers(&self.values[position], &value) {
                let position = if self.same_type(&self.values[position], &value) {
                    merge(&mut self.values[position], value);
                    position
                } else {
                    self.push(value)
                };
                self.settle_primary(&[position]);
            }
        }
    }

    /// Removes the values that are named: by `value`, and by `type` if one is given.
    pub(super) fn remove(&mut self, named: &[Value]) {
        let named: HashSet<Identity> = named.iter().map(|value| self.identity(value)).collect();
        let mut values = std::mem::take(&mut self.values);
        values.retain(|present| {
            let (value, kind) = self.identity(present);
            !named.contains(&(value.clone(), kind)) && !named.contains(&(value, None))
        });
        self.values = values;
    }

    pub(super) fn replace(&mut self, chosen: &[usize], fresh: &Value) {
        for &position in chosen {
            self.values[position] = fresh.clone();
        }
        self.settle_primary(chosen);
    }

    /// `chosen` is in order.
    pub(super) fn discard(&mut self, chosen: &[usize]) {
        let mut positions = 0..;
        self.values.retain(|_| positions.next().is_some_and(|position| chosen.binary_search(&position).is_err()));
    }

    pub(super) fn change(
        &mut self,
        chosen: &[usize],
        change: impl Fn(Value) -> Result<Value, ScimError>,
    ) -> Result<(), ScimError> {
        for &position in chosen {
            self.values[position] = change(self.values[position].take())?;
        }
        self.settle_primary(chosen);
        Ok(())
    }

    pub(super) fn into_value(mut self) -> Option<Value> {
        self.values.retain(|value| !is_unassigned(value));
        (!self.values.is_empty()).then_some(Value::Array(self.values))
    }

    /// The first of the changed values that is primary takes it from all others.
    fn settle_primary(&mut self, changed: &[usize]) {
        let Some(&primary) = changed.iter().find(|&&position| is_primary(&self.values[position])) else { return };
        for (position, value) in self.values.iter_mut().enumerate() {
            if position != primary && is_primary(value) {
                value["primary"] = false.into();
            }
        }
    }

    /// Whether `present` already says all that `value` says.
    fn covers(&self, present: &Value, value: &Value) -> bool {
        match (present, value) {
            (Value::Object(present), Value::Object(fields)) => fields
                .iter()
                .all(|(name, wanted)| field(present, name).is_some_and(|present| self.equal(name, present, wanted))),
            _ => self.equal("value", present, value),
        }
    }

    fn same_type(&self, present: &Value, value: &Value) -> bool {
        self.identity(present).1 == self.identity(value).1
    }

    /// Where the value is to be found: by `value` and `type`, and by `value` alone for the first one.
    fn remember(&self, places: &mut HashMap<Identity, usize>, value: &Value, position: usize) {
        let (value, kind) = self.identity(value);
        places.entry((value.clone(), kind)).or_insert(position);
        places.entry((value, None)).or_insert(position);
    }

    /// Looked up by hash, since a client may send thousands of values.
    fn identity(&self, value: &Value) -> Identity {
        let Value::Object(fields) = value else { return (self.folded("value", value), None) };
        match field(fields, "value") {
            Some(inner) => (self.folded("value", inner), field(fields, "type").map(|kind| self.folded("type", kind))),
            None => (value.to_string(), None),
        }
    }

    fn folded(&self, name: &str, value: &Value) -> String {
        let definition = self.attribute.sub(name).unwrap_or(self.attribute);
        match value {
            Value::String(text) if definition.case_exact => text.clone(),
            Value::String(text) => text.to_lowercase(),
            other => other.to_string(),
        }
    }

    fn equal(&self, name: &str, left: &Value, right: &Value) -> bool {
        left == right || self.folded(name, left) == self.folded(name, right)
    }
}

fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}

fn merge(present: &mut Value, value: Value) {
    if let (Value::Object(present), Value::Object(fields)) = (present, value) {
        present.extend(fields);
    }
}
