//! `attributes` and `excludedAttributes`: which part of a resource is returned (RFC 7644 section 3.9, and `returned`
//! in RFC 7643 section 2.2).

use serde_json::{Map, Value};

use crate::{
    ScimError,
    path::AttributePath,
    schema::{Attribute, ResourceSchema, Returned, Schema, key_of},
};

/// Names in `attributes` or `excludedAttributes`.
pub const MAX_NAMES: usize = 200;

/// Which attributes a client asked for. Names that no schema defines are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Projection {
    /// What is returned by default.
    #[default]
    Default,
    /// These, and what is always returned.
    Only(Vec<AttributePath>),
    /// The default without these.
    Without(Vec<AttributePath>),
}

/// What the client says of one attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    None,
    Whole,
    /// Sub-attributes of it.
    Part,
}

impl Projection {
    /// From names that are already apart (`POST /.search`).
    ///
    /// # Errors
    /// `invalidValue` when both lists are given or one is too long, `invalidPath` for what cannot be a name.
    pub fn new<'t>(
        attributes: impl IntoIterator<Item = &'t str>,
        excluded: impl IntoIterator<Item = &'t str>,
    ) -> Result<Self, ScimError> {
        let only = names(attributes)?;
        let without = names(excluded)?;
        match (only.is_empty(), without.is_empty()) {
            (true, true) => Ok(Self::Default),
            (false, true) => Ok(Self::Only(only)),
            (true, false) => Ok(Self::Without(without)),
            (false, false) => {
                Err(ScimError::invalid_value("Use either \"attributes\" or \"excludedAttributes\", not both."))
            }
        }
    }

    /// From the query's comma-separated lists.
    pub fn parse(attributes: Option<&str>, excluded: Option<&str>) -> Result<Self, ScimError> {
        Self::new(attributes.unwrap_or_default().split(','), excluded.unwrap_or_default().split(','))
    }

    /// Whether the client named the attribute, or a part of it, in `attributes`.
    pub fn asks_for(&self, attribute: &str) -> bool {
        let Self::Only(paths) = self else { return false };
        paths.iter().any(|path| path.attribute.eq_ignore_ascii_case(attribute))
    }

    /// Whether any of a core attribute will be returned, for storage to leave unread what will not.
    pub fn wants(&self, attribute: &str, schema: &ResourceSchema) -> bool {
        schema.attribute(attribute).is_some_and(|attribute| self.keeps(attribute, None, schema))
    }

    /// The part of the resource that is returned.
    #[must_use]
    pub fn apply(&self, resource: Value, schema: &ResourceSchema) -> Value {
        let Value::Object(mut fields) = resource else { return resource };
        let mut kept = Map::new();
        for attribute in schema.attributes() {
            self.move_over(&mut fields, &mut kept, attribute, None, schema);
        }
        for extension in &schema.extensions {
            let Some(Value::Object(mut fields)) = key_of(&fields, &extension.id).and_then(|key| fields.remove(&key))
            else {
                continue;
            };
            let mut inner = Map::new();
            for attribute in &extension.attributes {
                self.move_over(&mut fields, &mut inner, attribute, Some(extension), schema);
            }
            if !inner.is_empty() {
                kept.insert(extension.id.clone(), Value::Object(inner));
            }
        }
        Value::Object(kept)
    }

    fn move_over(
        &self,
        from: &mut Map<String, Value>,
        to: &mut Map<String, Value>,
        attribute: &Attribute,
        extension: Option<&Schema>,
        schema: &ResourceSchema,
    ) {
        let Some(value) = key_of(from, &attribute.name).and_then(|key| from.remove(&key)) else { return };
        if !self.keeps(attribute, extension, schema) {
            return;
        }
        let wish = self.wish(attribute, extension, schema);
        let some_are_kept_back =
            attribute.sub_attributes.iter().any(|sub| matches!(sub.returned, Returned::Request | Returned::Never));
        let value = if wish == Wish::Part || some_are_kept_back {
            self.part(value, attribute, extension, schema)
        } else {
            value
        };
        to.insert(attribute.name.clone(), value);
    }

    fn keeps(&self, attribute: &Attribute, extension: Option<&Schema>, schema: &ResourceSchema) -> bool {
        let wish = self.wish(attribute, extension, schema);
        match (attribute.returned, self) {
            (Returned::Always, _) | (Returned::Default, Self::Default) => true,
            (Returned::Never, _) | (Returned::Request, Self::Default | Self::Without(_)) => false,
            (Returned::Default, Self::Without(_)) => wish != Wish::Whole,
            (Returned::Default | Returned::Request, Self::Only(_)) => wish != Wish::None,
        }
    }

    /// The named sub-attributes, or all but the excluded ones and those that are told on request alone.
    fn part(&self, value: Value, attribute: &Attribute, extension: Option<&Schema>, schema: &ResourceSchema) -> Value {
        match value {
            Value::Array(values) => {
                values.into_iter().map(|value| self.part(value, attribute, extension, schema)).collect()
            }
            Value::Object(mut fields) => {
                fields.retain(|name, _| self.keeps_part(name, attribute, extension, schema));
                Value::Object(fields)
            }
            simple => simple,
        }
    }

    fn keeps_part(
        &self,
        name: &str,
        attribute: &Attribute,
        extension: Option<&Schema>,
        schema: &ResourceSchema,
    ) -> bool {
        let returned = attribute.sub(name).map(|sub| sub.returned).unwrap_or_default();
        let named = self.paths().iter().any(|path| {
            names_attribute(path, attribute, extension, schema)
                && path.sub_attribute.as_deref().is_some_and(|sub| sub.eq_ignore_ascii_case(name))
        });
        match (returned, self) {
            (Returned::Always, _) | (Returned::Default, Self::Default) => true,
            (Returned::Never, _) | (Returned::Request, Self::Default | Self::Without(_)) => false,
            (Returned::Default, Self::Only(_)) => named || self.wish(attribute, extension, schema) == Wish::Whole,
            (Returned::Request, Self::Only(_)) => named,
            (Returned::Default, Self::Without(_)) => !named,
        }
    }

    fn wish(&self, attribute: &Attribute, extension: Option<&Schema>, schema: &ResourceSchema) -> Wish {
        let mut wish = Wish::None;
        for path in self.paths() {
            let whole_extension = match (extension, schema.resolve_extension(path)) {
                (Some(extension), Some(named)) => extension.id == named.id,
                _ => false,
            };
            if whole_extension {
                return Wish::Whole;
            }
            if names_attribute(path, attribute, extension, schema) {
                if path.sub_attribute.is_none() {
                    return Wish::Whole;
                }
                wish = Wish::Part;
            }
        }
        wish
    }

    fn paths(&self) -> &[AttributePath] {
        match self {
            Self::Default => &[],
            Self::Only(paths) | Self::Without(paths) => paths,
        }
    }
}

fn names_attribute(
    path: &AttributePath,
    attribute: &Attribute,
    extension: Option<&Schema>,
    schema: &ResourceSchema,
) -> bool {
    let Some(resolved) = schema.resolve(path) else { return false };
    std::ptr::eq(resolved.attribute, attribute)
        && resolved.extension.map(|found| &found.id) == extension.map(|wanted| &wanted.id)
}

fn names<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Vec<AttributePath>, ScimError> {
    let paths: Vec<AttributePath> = texts
        .into_iter()
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .take(MAX_NAMES + 1)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    if paths.len() > MAX_NAMES {
        return Err(ScimError::invalid_value(format!("At most {MAX_NAMES} attributes can be named.")));
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{schema, urn};

    fn ada() -> Value {
        json!({
            "schemas": [urn::USER, urn::ENTERPRISE_USER],
            "id": "2819c223",
            "userName": "ada",
            "password": "never",
            "name": {"givenName": "Ada", "familyName": "Lovelace"},
            "emails": [{"value": "ada@example.org", "type": "work"}, {"value": "c@example.org"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                "department": "Analysis", "manager": {"value": "1", "displayName": "Charles"},
            },
            "meta": {"resourceType": "User", "location": "https://example.org/Users/2819c223"},
        })
    }

    fn only(attributes: &str) -> Value {
        Projection::parse(Some(attributes), None).unwrap().apply(ada(), schema::user())
    }

    fn without(attributes: &str) -> Value {
        Projection::parse(None, Some(attributes)).unwrap().apply(ada(), schema::user())
    }

    #[test]
    fn a_part_that_is_told_on_request_is_told_by_name_alone() {
        let group =
            serde_json::json!({"displayName": "A", "members": [{"value": "1", "display": "Ada", "type": "User"}]});
        let members = |attributes: Option<&str>| {
            Projection::parse(attributes, None).unwrap().apply(group.clone(), crate::schema::served_group())["members"]
                [0]
            .clone()
        };
        let without = serde_json::json!({"value": "1", "type": "User"});
        assert_eq!((members(None), members(Some("members"))), (without.clone(), without));
        assert_eq!(members(Some("members.display")), serde_json::json!({"display": "Ada"}));
        assert_eq!(members(Some("members,members.display")), group["members"][0]);
    }

    #[test]
    fn a_password_is_never_returned() {
        let mut expected = ada();
        expected.as_object_mut().unwrap().remove("password");
        assert_eq!(Projection::Default.apply(ada(), schema::user()), expected);
        assert_eq!(only("password").get("password"), None);
    }

    #[test]
    fn only_what_was_asked_for_and_what_is_always_returned() {
        assert_eq!(
            only("USERNAME, emails.type,name.familyName,shoeSize"),
            json!({
                "schemas": [urn::USER, urn::ENTERPRISE_USER],
                "id": "2819c223",
                "userName": "ada",
                "name": {"familyName": "Lovelace"},
                "emails": [{"type": "work"}, {}],
            })
        );
    }

    #[test]
    fn id_cannot_be_excluded_and_parts_can() {
        let kept = without("id,meta,emails.type,name");
        assert_eq!(kept["id"], "2819c223");
        assert_eq!(kept["emails"], json!([{"value": "ada@example.org"}, {"value": "c@example.org"}]));
        assert!(kept.get("meta").is_none() && kept.get("name").is_none());
    }

    #[test]
    fn extensions_are_named_whole_or_by_attribute() {
        let urn = urn::ENTERPRISE_USER;
        assert_eq!(only(urn)[urn], ada()[urn]);
        assert_eq!(only(&format!("{urn}:department"))[urn], json!({"department": "Analysis"}));
        assert_eq!(only(&format!("{urn}:manager.value"))[urn], json!({"manager": {"value": "1"}}));
        assert_eq!(without(urn).get(urn), None);
        assert_eq!(only("department").get(urn), None);
    }

    #[test]
    fn one_of_the_two_lists_is_allowed_and_bounded() {
        assert!(Projection::parse(Some("userName"), Some("name")).is_err());
        assert!(Projection::parse(Some("user name"), None).is_err());
        assert!(Projection::parse(Some(&"a,".repeat(MAX_NAMES)), None).is_ok());
        assert!(Projection::parse(Some(&"a,".repeat(MAX_NAMES + 1)), None).is_err());
    }

    #[test]
    fn storage_learns_what_it_need_not_read() {
        let members = |projection: Projection| projection.wants("members", schema::group());
        assert!(members(Projection::Default));
        assert!(!members(Projection::parse(None, Some("members")).unwrap()));
        assert!(!members(Projection::parse(Some("displayName"), None).unwrap()));
        assert!(members(Projection::parse(Some("members.value"), None).unwrap()));
    }
}
