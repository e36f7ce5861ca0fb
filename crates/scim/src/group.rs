//! Groups: reading a document into the domain, writing one, and a PATCH as what becomes of members (RFC 7643 section
//! 4.2).
//!
//! A PATCH is not applied to a document that holds all members, since there may be very many: it is read into changes
//! that cost as much as they name. People alone are members.

use domain::{
    UserId,
    group::{Group, GroupInput, Member},
};
use serde_json::{Map, Value, json};

use crate::{
    ScimError,
    filter::{Filter, Literal, Operator, matches_element},
    patch::{Op, Operation},
    path::{PatchPath, shown},
    schema::{self, Attribute, field, is_unassigned},
    urn,
    user::{check_schemas, etag},
};

/// Members with which a PATCH still answers the whole group (200); with more it answers 204, unless the client names
/// attributes.
pub const ANSWERED_WHOLE: i64 = 1_000;

/// What a POST or PUT asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupPayload {
    /// Not yet checked: [`GroupInput::check`] is next.
    pub input: GroupInput,
    pub members: Vec<UserId>,
}

/// Reads a group document; readOnly and unknown attributes are ignored.
///
/// # Errors
/// `invalidSyntax` for what is no object or names no schemas; `invalidValue` for other schemas, values of the wrong
/// type, a missing `displayName`, and members that are no users.
pub fn read(document: &Value) -> Result<GroupPayload, ScimError> {
    let schema = schema::served_group();
    check_schemas(document, schema)?;
    // Not normalised: a member without an id is a mistake, not nothing.
    let members = document.as_object().and_then(|fields| field(fields, "members")).unwrap_or(&Value::Null);
    let members = users(members)?;
    let mut fields = schema::normalise(document, schema)?;
    let mut text = |name: &str| match fields.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let display_name =
        text("displayName").ok_or_else(|| ScimError::invalid_value("The attribute \"displayName\" is required."))?;
    let input = GroupInput { display_name, external_id: text("externalId") };
    Ok(GroupPayload { input, members })
}

/// The resource without its members.
pub fn write(group: &Group, base_url: &str) -> Value {
    let mut document = json!({
        "schemas": [urn::GROUP],
        "id": group.id.to_string(),
        "displayName": group.display_name,
        "meta": {
            "resourceType": "Group",
            "created": group.created_at,
            "lastModified": group.updated_at,
            "location": format!("{}/Groups/{}", base_url.trim_end_matches('/'), group.id),
            "version": etag(group.version),
        },
    });
    if let Some(external_id) = &group.external_id {
        document["externalId"] = external_id.as_str().into();
    }
    document
}

/// One value of `members`.
pub fn member(member: &Member, base_url: &str) -> Value {
    json!({
        "value": member.id.to_string(),
        "$ref": format!("{}/Users/{}", base_url.trim_end_matches('/'), member.id),
        "display": member.label,
        "type": "User",
    })
}

/// What a PATCH asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupPatch {
    /// On everything but members, to be applied to [`write`]'s document.
    pub attributes: Vec<Operation>,
    /// In order.
    pub members: Vec<MemberOperation>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum MemberOperation {
    Add(Vec<UserId>),
    Remove(Vec<UserId>),
    /// Whoever a filter in brackets chooses that says more than which `value`: see [`chooses`].
    RemoveWhere(Filter),
    /// These and nobody else.
    Replace(Vec<UserId>),
    /// Changes nothing, but these must be members: else `noTarget`.
    Require(Vec<UserId>),
}

/// Reads the operations of a PATCH.
///
/// # Errors
/// As [`crate::patch::apply`], and `invalidValue` for members that are no users.
pub fn patch(operations: Vec<Operation>) -> Result<GroupPatch, ScimError> {
    let mut asked = GroupPatch { attributes: Vec::new(), members: Vec::new() };
    for operation in operations {
        match &operation.path {
            Some(path) if is_members(path) => {
                let step = on_members(operation.op, path, operation.value.as_ref())?;
                asked.members.extend(step);
            }
            None if operation.op != Op::Remove => {
                let (attributes, members) = apart(operation)?;
                asked.members.extend(members);
                asked.attributes.extend(attributes);
            }
            _ => asked.attributes.push(operation),
        }
    }
    Ok(asked)
}

/// Whether a filter in brackets chooses the member, as [`member`] wrote it.
pub fn chooses(filter: &Filter, member: &Value) -> bool {
    matches_element(filter, member, members_attribute())
}

/// Without a path, members stand beside the rest in one object.
fn apart(operation: Operation) -> Result<(Option<Operation>, Vec<MemberOperation>), ScimError> {
    let Some(Value::Object(fields)) = operation.value else { return Ok((Some(operation), Vec::new())) };
    let mut members = Vec::new();
    let mut rest = Map::new();
    for (key, value) in fields {
        match key.parse::<PatchPath>() {
            Ok(path) if is_members(&path) => members.extend(on_members(operation.op, &path, Some(&value))?),
            _ => drop(rest.insert(key, value)),
        }
    }
    let attributes = (!rest.is_empty()).then_some(Operation { value: Some(Value::Object(rest)), ..operation });
    Ok((attributes, members))
}

fn is_members(path: &PatchPath) -> bool {
    let schema = schema::served_group();
    let whole = crate::AttributePath { sub_attribute: None, ..path.attribute.clone() };
    schema.resolve(&whole).is_some_and(|resolved| resolved.attribute.name == "members")
}

fn on_members(op: Op, path: &PatchPath, value: Option<&Value>) -> Result<Option<MemberOperation>, ScimError> {
    if let Some(sub) = &path.attribute.sub_attribute {
        return match members_attribute().sub(sub) {
            Some(_) => Err(fixed(path)),
            None => Err(ScimError::invalid_path(format!("There is no attribute \"{}\".", shown(&path.to_string())))),
        };
    }
    if let Some(filter) = &path.filter {
        filter.check_values(members_attribute())?;
        return on_chosen(op, path, filter, value);
    }
    let value = value.unwrap_or(&Value::Null);
    Ok(match op {
        Op::Add => Some(MemberOperation::Add(users(value)?)),
        Op::Replace => Some(MemberOperation::Replace(users(value)?)),
        Op::Remove if value.is_null() => Some(MemberOperation::Replace(Vec::new())),
        // Whoever is no user is no member either.
        Op::Remove => Some(MemberOperation::Remove(elements(value).iter().filter_map(id_of).collect())),
    })
}

fn on_chosen(
    op: Op,
    path: &PatchPath,
    filter: &Filter,
    value: Option<&Value>,
) -> Result<Option<MemberOperation>, ScimError> {
    let named = named(filter);
    match op {
        Op::Remove => Ok(Some(match named {
            Some(ids) => MemberOperation::Remove(ids.iter().filter_map(|id| id.parse().ok()).collect()),
            None => MemberOperation::RemoveWhere(filter.clone()),
        })),
        Op::Add | Op::Replace => {
            let no_target = || ScimError::no_target(format!("\"{}\" matches no value.", shown(&path.to_string())));
            let ids = named.ok_or_else(no_target)?;
            // A member is who it is: it can be named again, not become another.
            if let Some(other) = value.and_then(Value::as_object).and_then(|fields| field(fields, "value"))
                && !ids.iter().any(|id| other.as_str() == Some(id))
            {
                return Err(fixed(path));
            }
            let ids: Vec<UserId> =
                ids.iter().map(|id| id.parse().map_err(|_| unknown(id))).collect::<Result<_, _>>()?;
            Ok(Some(if op == Op::Add { MemberOperation::Add(ids) } else { MemberOperation::Require(ids) }))
        }
    }
}

/// The ids that a filter names, if that is all it says: `value eq "a" or value eq "b"`.
fn named(filter: &Filter) -> Option<Vec<&str>> {
    match filter {
        Filter::Compare { path, operator: Operator::Equal, value: Literal::String(id) }
            if path.attribute.eq_ignore_ascii_case("value") =>
        {
            Some(vec![id])
        }
        Filter::Or(filters) => {
            let ids: Option<Vec<_>> = filters.iter().map(named).collect();
            ids.map(|ids| ids.concat())
        }
        _ => None,
    }
}

fn members_attribute() -> &'static Attribute {
    let members = schema::served_group().attribute("members");
    members.unwrap_or_else(|| unreachable!("the schema of groups has members"))
}

/// Members as a client writes them: objects with `value`, or plain ids; without repetition.
fn users(value: &Value) -> Result<Vec<UserId>, ScimError> {
    let mut ids = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for element in elements(value) {
        if is_unassigned(element) {
            continue;
        }
        let fields = element.as_object();
        if fields.and_then(|fields| field(fields, "type")).is_some_and(|kind| !is_user(kind)) {
            return Err(ScimError::invalid_value("Only users can be members of a group; a group in a group cannot."));
        }
        let given = fields.map_or(Some(element), |fields| field(fields, "value"));
        let Some(Value::String(text)) = given else {
            return Err(ScimError::invalid_value("Each value of \"members\" needs a \"value\": the id of a user."));
        };
        let id: UserId = text.parse().map_err(|_| unknown(text))?;
        if seen.insert(id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn is_user(kind: &Value) -> bool {
    kind.is_null() || kind.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("User"))
}

fn id_of(element: &Value) -> Option<UserId> {
    let given = element.as_object().map_or(Some(element), |fields| field(fields, "value"));
    given?.as_str()?.parse().ok()
}

fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(values) => values,
        single => std::slice::from_ref(single),
    }
}

fn unknown(id: &str) -> ScimError {
    ScimError::invalid_value(format!("There is no user with the id \"{}\".", shown(id)))
}

fn fixed(path: &PatchPath) -> ScimError {
    ScimError::mutability(format!("The attribute \"{}\" cannot be changed.", shown(&path.to_string())))
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;
    use crate::{ScimType, patch as operations};

    const ADA: &str = "01957f7e-0000-7000-8000-000000000001";
    const BEA: &str = "01957f7e-0000-7000-8000-000000000002";

    fn id(text: &str) -> UserId {
        text.parse().unwrap()
    }

    fn patched(list: &Value) -> Result<GroupPatch, ScimError> {
        patch(operations::parse(&json!({"schemas": [urn::PATCH_OP], "Operations": list})).unwrap())
    }

    fn members(list: &Value) -> Vec<MemberOperation> {
        let patch = patched(list).unwrap();
        assert!(patch.attributes.is_empty(), "{list}");
        patch.members
    }

    #[test]
    fn a_group_is_read_with_its_members() {
        let payload = read(&json!({
            "schemas": [urn::GROUP],
            "displayname": "Tour Guides",
            "externalId": "g-1",
            "Members": [{"value": ADA, "display": "whatever", "type": "User"}, BEA, {"Value": ADA}, null],
        }))
        .unwrap();
        assert_eq!(payload.input.display_name, "Tour Guides");
        assert_eq!(payload.input.external_id.as_deref(), Some("g-1"));
        assert_eq!(payload.members, [id(ADA), id(BEA)]);
        assert_eq!(read(&json!({"schemas": [urn::GROUP], "displayName": "a", "members": []})).unwrap().members, []);
        let theirs = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
        assert!(read(&json!({"schemas": [urn::GROUP, theirs], "displayName": "a"})).is_ok());
    }

    #[test]
    fn a_group_that_cannot_be_is_refused() {
        let with = |members: Value| json!({"schemas": [urn::GROUP], "displayName": "a", "members": members});
        for (document, part) in [
            (json!({"schemas": [urn::GROUP]}), "displayName"),
            (json!({"schemas": [urn::USER], "displayName": "a"}), urn::USER),
            (with(json!([{"value": "nobody"}])), "nobody"),
            (with(json!([{"display": "Ada"}])), "value"),
            (with(json!([{"value": ADA, "type": "Group"}])), "Only users"),
            (with(json!([{"value": 7}])), "value"),
        ] {
            let error = read(&document).unwrap_err();
            assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{document}");
            assert!(error.detail.contains(part), "{} names {part}", error.detail);
        }
    }

    #[test]
    fn a_group_is_written_as_the_rfc_shows_it() {
        let at = Timestamp::from_micros(1_773_324_305_000_000);
        let group = Group {
            id: "01957f7e-0000-7000-8000-00000000000a".parse().unwrap(),
            display_name: "Tour Guides".to_owned(),
            external_id: None,
            size: 1,
            version: 3,
            created_at: at,
            updated_at: at,
        };
        assert_eq!(
            write(&group, "https://id.example.org/scim2/"),
            json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                "id": "01957f7e-0000-7000-8000-00000000000a",
                "displayName": "Tour Guides",
                "meta": {
                    "resourceType": "Group",
                    "created": "2026-03-12T14:05:05Z",
                    "lastModified": "2026-03-12T14:05:05Z",
                    "location": "https://id.example.org/scim2/Groups/01957f7e-0000-7000-8000-00000000000a",
                    "version": "W/\"3\"",
                },
            })
        );
        let ada = Member { id: id(ADA), label: "Ada Lovelace".to_owned() };
        assert_eq!(
            member(&ada, "https://id.example.org/scim2"),
            json!({
                "value": ADA, "$ref": format!("https://id.example.org/scim2/Users/{ADA}"),
                "display": "Ada Lovelace", "type": "User",
            })
        );
    }

    #[test]
    fn members_are_added_removed_and_replaced_in_every_spelling() {
        let (ada, bea) = (vec![id(ADA)], vec![id(BEA)]);
        for (operation, step) in [
            (json!({"op": "Add", "path": "members", "value": [{"value": ADA}]}), MemberOperation::Add(ada.clone())),
            (json!({"op": "add", "path": "MEMBERS", "value": ADA}), MemberOperation::Add(ada.clone())),
            (json!({"op": "add", "value": {"members": {"value": ADA}}}), MemberOperation::Add(ada.clone())),
            (
                json!({"op": "add", "path": format!("{}:members", urn::GROUP), "value": [{"value": ADA}]}),
                MemberOperation::Add(ada.clone()),
            ),
            (
                json!({"op": "add", "path": format!("members[value eq \"{ADA}\"]"), "value": {"display": "Ada"}}),
                MemberOperation::Add(ada.clone()),
            ),
            (
                json!({"op": "replace", "path": format!("members[value eq \"{ADA}\"]"), "value": {"value": ADA}}),
                MemberOperation::Require(ada.clone()),
            ),
            (
                json!({"op": "replace", "path": "members", "value": [{"value": BEA}]}),
                MemberOperation::Replace(bea.clone()),
            ),
            (json!({"op": "replace", "value": {"members": []}}), MemberOperation::Replace(vec![])),
            (json!({"op": "remove", "path": "members"}), MemberOperation::Replace(vec![])),
            (
                json!({"op": "Remove", "path": "members", "value": [{"value": BEA, "$ref": null}, {"value": "x"}]}),
                MemberOperation::Remove(bea.clone()),
            ),
            (json!({"op": "remove", "path": "members", "value": []}), MemberOperation::Remove(vec![])),
            (
                json!({"op": "remove", "path": format!("members[value eq \"{ADA}\" or (Value eq \"{BEA}\")]")}),
                MemberOperation::Remove(vec![id(ADA), id(BEA)]),
            ),
            (
                json!({"op": "remove", "path": "members[display sw \"A\"]"}),
                MemberOperation::RemoveWhere("display sw \"A\"".parse().unwrap()),
            ),
        ] {
            assert_eq!(members(&json!([operation])), [step], "{operation}");
        }
    }

    #[test]
    fn the_rest_of_a_patch_is_kept_apart() {
        let patch = patched(&json!([
            {"op": "replace", "value": {"displayName": "Guides", "members": [{"value": ADA}], "id": "7"}},
            {"op": "remove", "path": "externalId"},
        ]))
        .unwrap();
        assert_eq!(patch.members, [MemberOperation::Replace(vec![id(ADA)])]);
        assert_eq!(patch.attributes[0].value, Some(json!({"displayName": "Guides", "id": "7"})));
        assert_eq!(patch.attributes.len(), 2);
    }

    #[test]
    fn what_cannot_be_done_to_members_is_refused_by_kind() {
        for (operation, kind) in [
            (json!({"op": "replace", "path": "members.value", "value": ADA}), ScimType::Mutability),
            (json!({"op": "remove", "path": format!("members[value eq \"{ADA}\"].display")}), ScimType::Mutability),
            (json!({"op": "add", "path": "members.size", "value": 1}), ScimType::InvalidPath),
            (
                json!({"op": "replace", "path": format!("members[value eq \"{ADA}\"]"), "value": {"value": BEA}}),
                ScimType::Mutability,
            ),
            (json!({"op": "replace", "path": "members[type eq \"User\"]", "value": {}}), ScimType::NoTarget),
            (json!({"op": "remove", "path": "members[size gt 3]"}), ScimType::InvalidFilter),
            (json!({"op": "add", "path": "members", "value": [{"value": "x"}]}), ScimType::InvalidValue),
            (
                json!({"op": "add", "path": "members", "value": [{"value": ADA, "type": "Group"}]}),
                ScimType::InvalidValue,
            ),
        ] {
            assert_eq!(patched(&json!([operation])).unwrap_err().scim_type, Some(kind), "{operation}");
        }
    }

    #[test]
    fn a_filter_chooses_members_as_they_are_shown() {
        let ada = member(&Member { id: id(ADA), label: "Ada Lovelace".to_owned() }, "https://id.example.org");
        let chosen = |filter: &str| chooses(&filter.parse().unwrap(), &ada);
        assert!(chosen("display sw \"ada\"") && chosen("type eq \"user\"") && chosen("value pr"));
        assert!(!chosen("display co \"bea\"") && !chosen("not (value pr)"));
    }
}
