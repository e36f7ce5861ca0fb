//! Bulk (RFC 7644 section 3.7): many operations in one request.
//!
//! Operations may refer to what others of the same request make, by `bulkId:` and the id that the client gave it, also
//! to what comes later: [`Bulk::order`] says in which order they can be done. Operations that refer to one another in a
//! circle cannot be: they fail with 409, which section 3.7.1 allows.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value, json};

use crate::{
    ScimError,
    list::check_message,
    path::shown,
    schema::{field, is_unassigned},
    urn,
};

/// Operations in one request.
pub const MAX_OPERATIONS: usize = 1_000;
/// Bytes of a request's body.
pub const MAX_PAYLOAD: usize = 1024 * 1024;

const REFERENCE: &str = "bulkId:";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub const ALL: [Self; 4] = [Self::Post, Self::Put, Self::Patch, Self::Delete];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// One operation as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    pub method: Method,
    /// The client's own name for what a POST makes.
    pub bulk_id: Option<String>,
    /// As in `If-Match`.
    pub version: Option<String>,
    /// `/Users`
    pub endpoint: String,
    /// What follows the endpoint in the path.
    pub id: Option<String>,
    /// Null where there is none.
    pub data: Value,
}

/// An operation, or what is wrong with it: one bad operation does not spoil the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// As the client wrote it, to be repeated in the answer.
    pub method: String,
    pub bulk_id: Option<String>,
    pub operation: Result<Operation, ScimError>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Bulk {
    /// Stop after so many errors.
    pub fail_on_errors: Option<u64>,
    pub items: Vec<Item>,
}

impl Bulk {
    /// # Errors
    /// `invalidSyntax` for another shape, `invalidValue` for a `bulkId` that is given twice, and status 413 beyond
    /// [`MAX_OPERATIONS`].
    pub fn parse(body: &Value) -> Result<Self, ScimError> {
        let Value::Object(fields) = body else {
            return Err(ScimError::invalid_syntax("The body is not a JSON object."));
        };
        check_message(fields, urn::BULK_REQUEST)?;
        let Some(Value::Array(operations)) = field(fields, "Operations").filter(|value| !is_unassigned(value)) else {
            return Err(ScimError::invalid_syntax("\"Operations\" must be a list with at least one operation."));
        };
        if operations.len() > MAX_OPERATIONS {
            return Err(ScimError::new(413, format!("A bulk request has at most {MAX_OPERATIONS} operations.")));
        }
        let fail_on_errors = match field(fields, "failOnErrors") {
            None | Some(Value::Null) => None,
            Some(count) => Some(
                count
                    .as_u64()
                    .filter(|count| *count > 0)
                    .ok_or_else(|| ScimError::invalid_value("\"failOnErrors\" must be a whole number from 1."))?,
            ),
        };
        let items: Vec<Item> = operations.iter().map(item).collect();
        let mut seen = HashSet::new();
        for bulk_id in items.iter().filter_map(|item| item.bulk_id.as_deref()) {
            if !seen.insert(bulk_id) {
                let detail = format!("The bulkId \"{}\" is given to two operations.", shown(bulk_id));
                return Err(ScimError::invalid_value(detail));
            }
        }
        Ok(Self { fail_on_errors, items })
    }

    /// The operations' places in an order in which each comes after those that it refers to, otherwise as they came;
    /// with what is wrong with those that cannot be done at all.
    pub fn order(&self) -> Vec<(usize, Option<ScimError>)> {
        let makers: HashMap<&str, usize> = self.makers().collect();
        let mut errors: HashMap<usize, ScimError> = HashMap::new();
        let mut waits_for: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); self.items.len()];
        let mut waited_for_by: Vec<Vec<usize>> = vec![Vec::new(); self.items.len()];
        for (place, item) in self.items.iter().enumerate() {
            let operation = match &item.operation {
                Ok(operation) => operation,
                Err(error) => {
                    errors.insert(place, error.clone());
                    continue;
                }
            };
            for name in operation.references() {
                if let Some(&maker) = makers.get(name.as_str()) {
                    if waits_for[place].insert(maker) {
                        waited_for_by[maker].push(place);
                    }
                } else {
                    let detail = format!("No POST of this request has the bulkId \"{}\".", shown(&name));
                    errors.entry(place).or_insert_with(|| ScimError::invalid_value(detail));
                }
            }
        }
        let mut ready: BTreeSet<usize> = (0..self.items.len()).filter(|place| waits_for[*place].is_empty()).collect();
        let mut order = Vec::with_capacity(self.items.len());
        while let Some(place) = ready.pop_first() {
            for &waiting in &waited_for_by[place] {
                waits_for[waiting].remove(&place);
                if waits_for[waiting].is_empty() {
                    ready.insert(waiting);
                }
            }
            order.push(place);
        }
        let done: HashSet<usize> = order.iter().copied().collect();
        let circle = (0..self.items.len()).filter(|place| !done.contains(place));
        for place in circle {
            order.push(place);
            errors.entry(place).or_insert_with(|| {
                ScimError::new(
                    409,
                    "This operation needs itself to be done first, by way of the bulkIds that it refers to. Make the \
                     resources without the references, then add those by PATCH.",
                )
            });
        }
        order.into_iter().map(|place| (place, errors.remove(&place))).collect()
    }

    fn makers(&self) -> impl Iterator<Item = (&str, usize)> {
        self.items.iter().enumerate().filter_map(|(place, item)| {
            let operation = item.operation.as_ref().ok().filter(|operation| operation.method == Method::Post)?;
            Some((operation.bulk_id.as_deref()?, place))
        })
    }
}

fn item(value: &Value) -> Item {
    let fields = value.as_object();
    let text = |name: &str| fields.and_then(|fields| field(fields, name)).and_then(Value::as_str);
    Item {
        method: shown(text("method").unwrap_or_default()),
        bulk_id: text("bulkId").filter(|id| !id.is_empty()).map(str::to_owned),
        operation: match fields {
            Some(fields) => operation(fields),
            None => Err(ScimError::invalid_syntax("Each operation must be an object.")),
        },
    }
}

fn operation(fields: &Map<String, Value>) -> Result<Operation, ScimError> {
    let name = text(fields, "method")?.unwrap_or_default();
    let method = Method::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(name));
    let method = method.ok_or_else(|| {
        ScimError::invalid_syntax(format!("\"method\" must be POST, PUT, PATCH or DELETE, not \"{}\".", shown(name)))
    })?;
    let path = text(fields, "path")?.unwrap_or_default();
    let (endpoint, id) = split(path).ok_or_else(|| {
        ScimError::invalid_path(format!("\"path\" must be like \"/Users\" or \"/Users/id\", not \"{}\".", shown(path)))
    })?;
    let bulk_id = text(fields, "bulkId")?.filter(|id| !id.is_empty()).map(str::to_owned);
    match (method, &id) {
        (Method::Post, Some(_)) => {
            return Err(ScimError::invalid_path("The path of a POST names an endpoint, such as \"/Users\"."));
        }
        (Method::Post, None) if bulk_id.is_none() => {
            return Err(ScimError::invalid_syntax("A POST needs a \"bulkId\"."));
        }
        (Method::Put | Method::Patch | Method::Delete, None) => {
            return Err(ScimError::invalid_path(format!(
                "The path of a {} names a resource, such as \"/Users/id\".",
                method.as_str()
            )));
        }
        _ => {}
    }
    let mut data = field(fields, "data").cloned().unwrap_or(Value::Null);
    if method == Method::Patch {
        data = patch_body(data);
    }
    if method != Method::Delete && !data.is_object() {
        return Err(ScimError::invalid_syntax(format!("A {} needs \"data\", an object.", method.as_str())));
    }
    let version = text(fields, "version")?.map(str::to_owned);
    Ok(Operation { method, bulk_id, version, endpoint, id, data })
}

/// Section 3.7.3 shows the data of a PATCH without schemas, and as a bare list.
fn patch_body(data: Value) -> Value {
    match data {
        Value::Array(operations) => json!({"schemas": [urn::PATCH_OP], "Operations": operations}),
        Value::Object(mut fields) => {
            if field(&fields, "schemas").is_none() {
                fields.insert("schemas".to_owned(), json!([urn::PATCH_OP]));
            }
            Value::Object(fields)
        }
        other => other,
    }
}

fn text<'v>(fields: &'v Map<String, Value>, name: &str) -> Result<Option<&'v str>, ScimError> {
    match field(fields, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ScimError::invalid_syntax(format!("\"{name}\" must be a string."))),
    }
}

/// `/Users/2819c223` into `/Users` and `2819c223`.
fn split(path: &str) -> Option<(String, Option<String>)> {
    let mut parts = path.strip_prefix('/')?.split('/');
    let endpoint = parts.next().filter(|name| !name.is_empty())?;
    let id = parts.next();
    if parts.next().is_some() || id.is_some_and(str::is_empty) {
        return None;
    }
    Some((format!("/{endpoint}"), id.map(str::to_owned)))
}

impl Operation {
    /// The `bulkId`s that the operation refers to.
    pub fn references(&self) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(text) = &self.id {
            found.extend(names_in(text).map(str::to_owned));
        }
        walk(&self.data, &mut |text| found.extend(names_in(text).map(str::to_owned)));
        found
    }

    /// The operation with the ids of what was made in the place of references.
    ///
    /// # Errors
    /// 409 where what is referred to could not be made.
    pub fn resolved(&self, made: &HashMap<String, String>) -> Result<Self, ScimError> {
        for name in self.references() {
            if !made.contains_key(&name) {
                let detail = format!("The operation with the bulkId \"{}\" was not successful.", shown(&name));
                return Err(ScimError::new(409, detail));
            }
        }
        let mut resolved = self.clone();
        resolved.id = self.id.as_ref().map(|id| replaced(id, made));
        replace_in(&mut resolved.data, made);
        Ok(resolved)
    }
}

/// The references in a text: all of it (`bulkId:a`), the end of an address (`…/Users/bulkId:a`), or quoted in the path
/// of a PATCH (`members[value eq "bulkId:a"]`).
fn names_in(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices(REFERENCE).map(|(at, _)| at);
    starts.filter(|&at| at == 0 || matches!(text.as_bytes()[at - 1], b'/' | b'"')).filter_map(|at| {
        let name = &text[at + REFERENCE.len()..];
        let name = &name[..name.find(['"', '/']).unwrap_or(name.len())];
        (!name.is_empty()).then_some(name)
    })
}

fn replaced(text: &str, made: &HashMap<String, String>) -> String {
    // The longest first, so that no name that begins like another is taken for it.
    let mut names: Vec<&str> = names_in(text).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let mut text = text.to_owned();
    for name in names {
        if let Some(id) = made.get(name) {
            text = text.replace(&format!("{REFERENCE}{name}"), id);
        }
    }
    text
}

/// Calls with every text that may refer: values, and keys of a PATCH's object never.
fn walk(value: &Value, seen: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => seen(text),
        Value::Array(values) => values.iter().for_each(|value| walk(value, seen)),
        Value::Object(fields) => fields.values().for_each(|value| walk(value, seen)),
        _ => {}
    }
}

fn replace_in(value: &mut Value, made: &HashMap<String, String>) {
    match value {
        Value::String(text) => *text = replaced(text, made),
        Value::Array(values) => values.iter_mut().for_each(|value| replace_in(value, made)),
        Value::Object(fields) => fields.values_mut().for_each(|value| replace_in(value, made)),
        _ => {}
    }
}

/// How one operation went.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    pub method: String,
    pub bulk_id: Option<String>,
    /// None where nothing was made.
    pub location: Option<String>,
    pub version: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// The error's body.
    pub response: Option<Value>,
}

/// The body of the answer.
pub fn response(operations: impl IntoIterator<Item = Done>) -> Value {
    let operations: Vec<Value> = operations.into_iter().map(Done::into_value).collect();
    json!({"schemas": [urn::BULK_RESPONSE], "Operations": operations})
}

impl Done {
    fn into_value(self) -> Value {
        let mut body = json!({"method": self.method, "status": self.status.to_string()});
        let texts = [("bulkId", self.bulk_id), ("location", self.location), ("version", self.version)];
        for (name, text) in texts {
            if let Some(text) = text {
                body[name] = text.into();
            }
        }
        if let Some(response) = self.response {
            body["response"] = response;
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ScimType;

    fn bulk(operations: &Value) -> Bulk {
        Bulk::parse(&json!({"schemas": [urn::BULK_REQUEST], "Operations": operations})).unwrap()
    }

    fn post(bulk_id: &str, refers_to: &[&str]) -> Value {
        let members: Vec<Value> = refers_to.iter().map(|id| json!({"value": format!("bulkId:{id}")})).collect();
        json!({"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": {"members": members}})
    }

    fn order(operations: &Value) -> Vec<usize> {
        let order = bulk(operations).order();
        assert!(order.iter().all(|(_, error)| error.is_none()), "{order:?}");
        order.into_iter().map(|(place, _)| place).collect()
    }

    fn refused(operation: &Value) -> ScimError {
        bulk(&json!([operation])).items.remove(0).operation.unwrap_err()
    }

    #[test]
    fn operations_keep_their_order_but_for_references() {
        assert_eq!(order(&json!([post("a", &[]), post("b", &[]), post("c", &["a"])])), [0, 1, 2]);
        assert_eq!(order(&json!([post("a", &["c"]), post("b", &[]), post("c", &[])])), [1, 2, 0]);
        assert_eq!(
            order(&json!([post("a", &["b"]), post("b", &["c"]), post("c", &[]), post("d", &["c", "c"])])),
            [2, 1, 0, 3]
        );
    }

    #[test]
    fn a_circle_fails_alone_and_says_why() {
        let order =
            bulk(&json!([post("a", &["b"]), post("b", &["a"]), post("c", &[]), post("d", &["a"]), post("e", &["e"])]))
                .order();
        assert_eq!(order[0], (2, None));
        let failed: Vec<usize> = order[1..].iter().map(|(place, _)| *place).collect();
        assert_eq!(failed, [0, 1, 3, 4]);
        for (place, error) in &order[1..] {
            assert_eq!(error.as_ref().map(|error| error.status), Some(409), "{place}");
        }
    }

    #[test]
    fn a_reference_to_nothing_is_told() {
        let order = bulk(&json!([post("a", &["x"])])).order();
        assert!(order[0].1.as_ref().unwrap().detail.contains("\"x\""), "{order:?}");
    }

    #[test]
    fn references_are_replaced_wherever_they_may_stand() {
        let operation = json!({
            "method": "patch", "path": "/Groups/bulkId:g", "version": "W/\"1\"",
            "data": {"Operations": [
                {"op": "remove", "path": "members[value eq \"bulkId:u\" or value eq \"bulkId:uu\"]"},
                {"op": "add", "path": "members", "value": [{"value": "bulkId:u", "$ref": "https://x/Users/bulkId:u"}]},
                {"op": "add", "path": "displayName", "value": "about bulkId:u"},
            ]},
        });
        let operation = bulk(&json!([operation])).items.remove(0).operation.unwrap();
        assert_eq!(operation.references(), ["g", "u", "uu", "u", "u"]);
        let made =
            HashMap::from([("g", "1"), ("u", "2"), ("uu", "3")].map(|(name, id)| (name.to_owned(), id.to_owned())));
        let resolved = operation.resolved(&made).unwrap();
        assert_eq!((resolved.method, resolved.id.as_deref()), (Method::Patch, Some("1")));
        let operations = &resolved.data["Operations"];
        assert_eq!(operations[0]["path"], "members[value eq \"2\" or value eq \"3\"]");
        assert_eq!(operations[1]["value"][0], json!({"value": "2", "$ref": "https://x/Users/2"}));
        assert_eq!(operations[2]["value"], "about bulkId:u", "only what stands for an id");
        assert_eq!(operation.resolved(&HashMap::new()).unwrap_err().status, 409);
    }

    #[test]
    fn a_bad_operation_is_told_and_spoils_no_other() {
        for (operation, kind) in [
            (json!("POST"), ScimType::InvalidSyntax),
            (json!({"path": "/Users", "bulkId": "a", "data": {}}), ScimType::InvalidSyntax),
            (json!({"method": "GET", "path": "/Users"}), ScimType::InvalidSyntax),
            (json!({"method": "POST", "path": "/Users", "data": {}}), ScimType::InvalidSyntax),
            (json!({"method": "POST", "path": "/Users", "bulkId": 7, "data": {}}), ScimType::InvalidSyntax),
            (json!({"method": "POST", "path": "/Users", "bulkId": "a"}), ScimType::InvalidSyntax),
            (json!({"method": "POST", "path": "/Users/1", "bulkId": "a", "data": {}}), ScimType::InvalidPath),
            (json!({"method": "DELETE", "path": "/Users"}), ScimType::InvalidPath),
            (json!({"method": "PUT", "path": "Users/1", "data": {}}), ScimType::InvalidPath),
            (json!({"method": "PUT", "path": "/Users/1/2", "data": {}}), ScimType::InvalidPath),
            (json!({"method": "PUT", "path": "//1", "data": {}}), ScimType::InvalidPath),
            (json!({"method": "DELETE", "path": "/Users/"}), ScimType::InvalidPath),
        ] {
            assert_eq!(refused(&operation).scim_type, Some(kind), "{operation}");
        }
        let bulk = bulk(&json!([{"method": "GET"}, {"method": "delete", "path": "/Users/1"}]));
        assert_eq!(bulk.order().iter().map(|(_, error)| error.is_some()).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn a_request_of_another_shape_is_refused() {
        let parse = |body: &Value| Bulk::parse(body).unwrap_err();
        for body in [
            json!([]),
            json!({"Operations": [post("a", &[])]}),
            json!({"schemas": [urn::BULK_REQUEST]}),
            json!({"schemas": [urn::BULK_REQUEST], "Operations": []}),
            json!({"schemas": [urn::BULK_REQUEST], "Operations": {"method": "POST"}}),
        ] {
            assert_eq!(parse(&body).scim_type, Some(ScimType::InvalidSyntax), "{body}");
        }
        for count in [json!(0), json!(-1), json!("1"), json!(1.5)] {
            let body = json!({"schemas": [urn::BULK_REQUEST], "failOnErrors": count, "Operations": [post("a", &[])]});
            assert_eq!(parse(&body).scim_type, Some(ScimType::InvalidValue), "{count}");
        }
        let twice = json!({"schemas": [urn::BULK_REQUEST], "Operations": [post("a", &[]), post("a", &[])]});
        assert!(parse(&twice).detail.contains("\"a\""));
        let many = |count: usize| {
            let one = json!({"method": "DELETE", "path": "/Users/1"});
            json!({"schemas": [urn::BULK_REQUEST], "failOnErrors": 1, "Operations": vec![one; count]})
        };
        assert_eq!(Bulk::parse(&many(MAX_OPERATIONS)).unwrap().items.len(), MAX_OPERATIONS);
        assert_eq!(parse(&many(MAX_OPERATIONS + 1)).status, 413);
    }

    #[test]
    fn the_answer_repeats_what_was_asked() {
        let done = Done {
            method: "POST".to_owned(),
            bulk_id: Some("qwerty".to_owned()),
            location: Some("https://example.com/v2/Users/92b7".to_owned()),
            version: Some("W/\"1\"".to_owned()),
            status: 201,
            response: None,
        };
        let failed = Done {
            location: None,
            version: None,
            status: 409,
            response: Some(json!({"status": "409"})),
            ..done.clone()
        };
        assert_eq!(
            response([done, failed]),
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
                "Operations": [
                    {"method": "POST", "bulkId": "qwerty", "location": "https://example.com/v2/Users/92b7",
                     "version": "W/\"1\"", "status": "201"},
                    {"method": "POST", "bulkId": "qwerty", "status": "409", "response": {"status": "409"}},
                ],
            })
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let text = proptest::sample::select(
            &[
                "POST",
                "put",
                "DELETE",
                "/Users",
                "/Users/1",
                "/Users/bulkId:a",
                "bulkId:a",
                "bulkId:b",
                "bulkId:",
                "a",
                "b",
                "",
            ][..],
        );
        let leaf = prop_oneof![3 => text.prop_map(Value::from), 1 => any::<i8>().prop_map(Value::from), 1 => Just(Value::Null)];
        leaf.prop_recursive(3, 20, 4, |inner| {
            let key =
                proptest::sample::select(&["method", "path", "bulkId", "data", "members", "value", "version"][..]);
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                proptest::collection::vec((key.prop_map(str::to_owned), inner), 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_request_is_refused_or_ordered_whole(operations in proptest::collection::vec(any_json(), 0..8)) {
            let body = json!({"schemas": [urn::BULK_REQUEST], "Operations": operations});
            if let Ok(bulk) = Bulk::parse(&body) {
                let mut places: Vec<usize> = bulk.order().into_iter().map(|(place, _)| place).collect();
                places.sort_unstable();
                prop_assert_eq!(places, (0..bulk.items.len()).collect::<Vec<_>>());
            }
        }

        #[test]
        fn whoever_is_referred_to_comes_first(links in proptest::collection::vec((0usize..6, 0usize..6), 0..12)) {
            let operations: Vec<Value> = (0..6)
                .map(|one| {
                    let to: Vec<String> = links.iter().filter(|(from, _)| *from == one).map(|(_, to)| to.to_string()).collect();
                    post(&one.to_string(), &to.iter().map(String::as_str).collect::<Vec<_>>())
                })
                .collect();
            let order = bulk(&json!(operations)).order();
            let done: Vec<usize> = order.iter().filter(|(_, error)| error.is_none()).map(|(place, _)| *place).collect();
            for (from, to) in links {
                if let Some(place) = done.iter().position(|one| *one == from) {
                    prop_assert!(done[..place].contains(&to), "{from} before {to}");
                }
            }
        }
    }
}
