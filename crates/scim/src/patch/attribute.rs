//! One operation on one attribute.

use serde_json::{Map, Value};

use super::{
    Op,
    values::{self, Values},
};
use crate::{
    ScimError,
    filter::{Filter, matches_element},
    path::PatchPath,
    schema::{Attribute, Mutability, Resolved, is_unassigned, key_of, normalise_element, normalise_value},
};

pub(super) struct Target<'a> {
    pub(super) op: Op,
    pub(super) path: &'a PatchPath,
    pub(super) resolved: Resolved<'a>,
    pub(super) value: Option<&'a Value>,
}

impl Target<'_> {
    /// The attribute's new value; `None` leaves it unassigned.
    pub(super) fn apply(&self, current: Option<Value>) -> Result<Option<Value>, ScimError> {
        let attribute = self.resolved.attribute;
        if attribute.mutability == Mutability::ReadOnly {
            return self.unchanged(current);
        }
        let was_assigned = current.as_ref().is_some_and(|value| !is_unassigned(value));
        let before = if attribute.mutability == Mutability::Immutable { current.clone() } else { None };
        let after = self.applied(current)?.filter(|value| !is_unassigned(value));
        if attribute.required && was_assigned && after.is_none() {
            return Err(ScimError::mutability(format!("The attribute \"{}\" is required.", self.label())));
        }
        if before.is_some() && before != after {
            return Err(self.read_only());
        }
        Ok(after)
    }

    fn applied(&self, current: Option<Value>) -> Result<Option<Value>, ScimError> {
        let attribute = self.resolved.attribute;
        match (&self.path.filter, self.resolved.sub_attribute) {
            (Some(filter), _) if attribute.multi_valued => self.chosen(current, filter),
            (Some(_), _) => {
                Err(ScimError::invalid_path(format!("\"{}\" has one value, which no filter chooses.", self.label())))
            }
            (None, Some(sub)) if attribute.multi_valued => self.each(current, sub),
            (None, Some(sub)) => {
                let mut fields = object(current);
                self.set(&mut fields, sub, self.sub_value(sub)?)?;
                Ok(Some(Value::Object(fields)))
            }
            (None, None) if attribute.multi_valued => self.list(current),
            (None, None) => self.single(current),
        }
    }

    /// The whole of a single value. A complex one is merged (RFC 7644 sections 3.5.2.1 and 3.5.2.3).
    fn single(&self, current: Option<Value>) -> Result<Option<Value>, ScimError> {
        let attribute = self.resolved.attribute;
        let Some(value) = self.value.filter(|_| self.op != Op::Remove) else { return Ok(None) };
        if is_unassigned(value) {
            // An object without sub-attributes says nothing; null and an empty list clear.
            return Ok(current.filter(|_| self.op == Op::Add || value.is_object()));
        }
        let fresh = normalise_value(attribute, value, &self.label())?;
        if attribute.sub_attributes.is_empty() {
            return Ok(fresh);
        }
        let mut fields = object(current);
        for sub in &attribute.sub_attributes {
            let cleared = self.op == Op::Replace
                && value
                    .as_object()
                    .is_some_and(|given| key_of(given, &sub.name).is_some_and(|key| given[&key].is_null()));
            match fresh.as_ref().and_then(|fresh| fresh.get(&sub.name)) {
                Some(fresh) => self.set(&mut fields, sub, Some(fresh.clone()))?,
                None if cleared => self.set(&mut fields, sub, None)?,
                None => {}
            }
        }
        Ok(Some(Value::Object(fields)))
    }

    /// The whole of a list, or the values that a `remove` names.
    fn list(&self, current: Option<Value>) -> Result<Option<Value>, ScimError> {
        let attribute = self.resolved.attribute;
        let value = match (self.op, self.value) {
            (Op::Remove, None | Some(Value::Null)) => return Ok(None),
            (_, value) => value.unwrap_or(&Value::Null),
        };
        let given = match normalise_value(attribute, value, &self.label())? {
            Some(Value::Array(given)) => given,
            _ => Vec::new(),
        };
        let mut list = Values::new(attribute, current);
        match self.op {
            Op::Remove => list.remove(&given),
            Op::Add => {
                values::check_primary(&given, &self.label())?;
                list.add(given);
            }
            Op::Replace => {
                values::check_primary(&given, &self.label())?;
                list = Values::new(attribute, Some(Value::Array(given)));
            }
        }
        Ok(list.into_value())
    }

    /// A sub-attribute of every value; the first value is made if there is none.
    fn each(&self, current: Option<Value>, sub: &Attribute) -> Result<Option<Value>, ScimError> {
        let attribute = self.resolved.attribute;
        let mut list = Values::new(attribute, current);
        let value = self.sub_value(sub)?;
        if list.is_empty() && value.is_some() {
            list.push(Value::Object(Map::new()));
        }
        let all: Vec<usize> = (0..list.len()).collect();
        self.set_in(&mut list, &all, sub, value.as_ref())?;
        Ok(list.into_value())
    }

    /// The values that the filter chooses, or a sub-attribute of them.
    fn chosen(&self, current: Option<Value>, filter: &Filter) -> Result<Option<Value>, ScimError> {
        let attribute = self.resolved.attribute;
        filter.check_values(attribute)?;
        let mut list = Values::new(attribute, current);
        let mut chosen = list.positions(|element| matches_element(filter, element, attribute));
        if chosen.is_empty() {
            match self.op {
                Op::Remove => return Ok(list.into_value()),
                Op::Add => chosen.push(list.push(self.made_by(filter)?)),
                Op::Replace => return Err(self.no_target()),
            }
        }
        if let Some(sub) = self.resolved.sub_attribute {
            let value = self.sub_value(sub)?;
            self.set_in(&mut list, &chosen, sub, value.as_ref())?;
            return Ok(list.into_value());
        }
        let fresh = match self.value.filter(|_| self.op != Op::Remove) {
            Some(value) => normalise_element(attribute, value, &self.label())?,
            None => None,
        };
        match (self.op, fresh) {
            (Op::Add, Some(Value::Object(fresh))) => {
                for (name, value) in &fresh {
                    if let Some(sub) = attribute.sub(name) {
                        self.set_in(&mut list, &chosen, sub, Some(value))?;
                    }
                }
            }
            // RFC 7644 section 3.5.2.3: the matching values are replaced as a whole. A plain string is their `value`.
            (_, Some(fresh)) => match (self.value, attribute.value_attribute()) {
                (Some(Value::String(_)), Some(sub)) => self.set_in(&mut list, &chosen, sub, fresh.get(&sub.name))?,
                _ => list.replace(&chosen, &fresh),
            },
            (Op::Add, None) => {}
            (_, None) => list.discard(&chosen),
        }
        Ok(list.into_value())
    }

    fn set_in(
        &self,
        list: &mut Values<'_>,
        chosen: &[usize],
        sub: &Attribute,
        value: Option<&Value>,
    ) -> Result<(), ScimError> {
        list.change(chosen, |element| {
            let mut fields = object(Some(element));
            self.set(&mut fields, sub, value.cloned())?;
            Ok(Value::Object(fields))
        })
    }

    fn sub_value(&self, sub: &Attribute) -> Result<Option<Value>, ScimError> {
        match self.value.filter(|_| self.op != Op::Remove) {
            Some(value) => normalise_value(sub, value, &self.label()),
            None => Ok(None),
        }
    }

    /// Sets or clears a sub-attribute, where its mutability allows that.
    fn set(&self, fields: &mut Map<String, Value>, sub: &Attribute, value: Option<Value>) -> Result<(), ScimError> {
        let present = key_of(fields, &sub.name).and_then(|key| fields.remove(&key));
        let fixed = match sub.mutability {
            Mutability::ReadOnly => true,
            Mutability::Immutable => present.is_some(),
            Mutability::ReadWrite | Mutability::WriteOnly => false,
        };
        if fixed && present != value {
            return Err(self.read_only());
        }
        if let Some(value) = value {
            fields.insert(sub.name.clone(), value);
        }
        Ok(())
    }

    /// A value that the filter would match, if it says no more than what sub-attributes equal.
    fn made_by(&self, filter: &Filter) -> Result<Value, ScimError> {
        let attribute = self.resolved.attribute;
        let equalities = filter.equalities().filter(|_| !attribute.sub_attributes.is_empty());
        let equalities = equalities.ok_or_else(|| self.no_target())?;
        let fields = equalities.into_iter().map(|(path, literal)| (path.attribute.clone(), literal.clone().into()));
        let made = normalise_element(attribute, &Value::Object(fields.collect()), &self.label())?;
        made.ok_or_else(|| self.no_target())
    }

    /// A readOnly attribute may be repeated as it is.
    fn unchanged(&self, current: Option<Value>) -> Result<Option<Value>, ScimError> {
        let present = match (&current, self.resolved.sub_attribute) {
            (Some(current), Some(sub)) => current.get(&sub.name),
            (current, _) => current.as_ref(),
        };
        let wanted = self.value.filter(|_| self.op != Op::Remove);
        let assigned = |value: Option<&Value>| value.filter(|value| !is_unassigned(value)).cloned();
        if self.path.filter.is_none() && assigned(present) == assigned(wanted) {
            return Ok(current);
        }
        Err(self.read_only())
    }

    fn read_only(&self) -> ScimError {
        ScimError::mutability(format!("The attribute \"{}\" cannot be changed.", self.label()))
    }

    fn no_target(&self) -> ScimError {
        ScimError::no_target(format!("\"{}\" matches no value.", self.label()))
    }

    fn label(&self) -> String {
        self.path.to_string()
    }
}

fn object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}
