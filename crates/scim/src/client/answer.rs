//! Resources and lists out of an answer's body.

use serde_json::{Map, Value};
use thiserror::Error;

use super::failure::excerpt;
use crate::schema::{boolean, field, key_of};

/// Why an answer that claims success cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AnswerError {
    #[error("The answer is not JSON: {0}")]
    NotJson(String),
    #[error("The answer holds no resource with an id: {0}")]
    NoResource(String),
    #[error("The answer is no list of resources: {0}")]
    NoList(String),
}

/// A resource as a server describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Remote {
    pub id: String,
    pub external_id: Option<String>,
    pub user_name: Option<String>,
    pub active: Option<bool>,
    /// All of it, as it came.
    pub document: Value,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoteList {
    /// Those that have an id.
    pub resources: Vec<Remote>,
    /// What the server says there is altogether. Not to be trusted for paging: read on until a page is empty.
    pub total: Option<u64>,
}

/// The body as JSON; `None` if it is empty, as after a 204 and some a 200.
pub fn document(body: &[u8]) -> Result<Option<Value>, AnswerError> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(text).map(Some).map_err(|_| AnswerError::NotJson(excerpt(text)))
}

impl Remote {
    /// Reads one resource. A list of one is accepted.
    pub fn read(document: Value) -> Result<Self, AnswerError> {
        let document = match Self::of(document) {
            Ok(remote) => return Ok(remote),
            Err(document) => document,
        };
        let shown = excerpt(&document.to_string());
        let mut listed = RemoteList::read(document).map(|list| list.resources).unwrap_or_default();
        match (listed.pop(), listed.is_empty()) {
            (Some(only), true) => Ok(only),
            _ => Err(AnswerError::NoResource(shown)),
        }
    }

    /// Gives the document back if it is no resource.
    fn of(document: Value) -> Result<Self, Value> {
        let read = |fields: &Map<String, Value>| {
            let id = text(fields, "id").filter(|id| !id.is_empty())?;
            Some((id, text(fields, "externalId"), text(fields, "userName"), truth(fields, "active")))
        };
        match document.as_object().and_then(read) {
            Some((id, external_id, user_name, active)) => Ok(Self { id, external_id, user_name, active, document }),
            None => Err(document),
        }
    }
}

impl RemoteList {
    /// Reads a list. `Resources` may be absent or null where a total says that it is a list; a bare array and a single
    /// resource are accepted too.
    pub fn read(mut document: Value) -> Result<Self, AnswerError> {
        if let Value::Array(values) = document {
            return Ok(Self::of(values, None));
        }
        let Value::Object(fields) = &mut document else { return Err(no_list(&document)) };
        let total = field(fields, "totalResults").and_then(number);
        match key_of(fields, "Resources").and_then(|key| fields.remove(&key)) {
            Some(Value::Array(values)) => Ok(Self::of(values, total)),
            Some(single @ Value::Object(_)) => Ok(Self::of(vec![single], total)),
            Some(Value::Null) => Ok(Self::of(Vec::new(), total)),
            _ if total.is_some() => Ok(Self::of(Vec::new(), total)),
            _ => match Remote::of(document) {
                Ok(single) => Ok(Self { resources: vec![single], total: Some(1) }),
                Err(document) => Err(no_list(&document)),
            },
        }
    }

    fn of(values: Vec<Value>, total: Option<u64>) -> Self {
        Self { resources: values.into_iter().filter_map(|value| Remote::of(value).ok()).collect(), total }
    }
}

fn no_list(document: &Value) -> AnswerError {
    AnswerError::NoList(excerpt(&document.to_string()))
}

fn text(fields: &Map<String, Value>, name: &str) -> Option<String> {
    match field(fields, name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn truth(fields: &Map<String, Value>, name: &str) -> Option<bool> {
    match field(fields, name)? {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => boolean(text),
        _ => None,
    }
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn list(document: Value) -> RemoteList {
        RemoteList::read(document).unwrap()
    }

    fn ids(list: &RemoteList) -> Vec<&str> {
        list.resources.iter().map(|remote| remote.id.as_str()).collect()
    }

    #[test]
    fn a_resource_is_read_out_of_little() {
        let remote = Remote::read(json!({"ID": 7, "username": "ada", "active": "True", "externalId": 12})).unwrap();
        assert_eq!((remote.id.as_str(), remote.active), ("7", Some(true)));
        assert_eq!((remote.user_name.as_deref(), remote.external_id.as_deref()), (Some("ada"), Some("12")));
    }

    #[test]
    fn lists_are_read_in_every_shape() {
        let found = list(json!({"totalResults": "2", "Resources": [{"id": "a"}, {"id": "b"}]}));
        assert_eq!((ids(&found), found.total), (vec!["a", "b"], Some(2)));
        assert_eq!(ids(&list(json!({"resources": [{"id": "a"}, {"noId": true}]}))), ["a"]);
        assert_eq!(ids(&list(json!([{"id": "a"}]))), ["a"]);
        assert_eq!(ids(&list(json!({"id": "a", "userName": "ada"}))), ["a"]);
        for empty in [json!({"totalResults": 0}), json!({"Resources": null}), json!({"Resources": []}), json!([])] {
            assert!(ids(&list(empty)).is_empty());
        }
    }

    #[test]
    fn what_is_no_list_is_not_taken_for_an_empty_one() {
        for document in [json!({"message": "ok"}), json!({}), json!("ok"), json!(null)] {
            assert!(matches!(RemoteList::read(document), Err(AnswerError::NoList(_))));
        }
    }

    #[test]
    fn one_resource_may_come_as_a_list_but_not_several() {
        assert_eq!(Remote::read(json!({"Resources": [{"id": "a"}]})).unwrap().id, "a");
        let several = Remote::read(json!({"Resources": [{"id": "a"}, {"id": "b"}]}));
        assert!(matches!(several, Err(AnswerError::NoResource(_))));
        assert!(matches!(Remote::read(json!({"id": ""})), Err(AnswerError::NoResource(_))));
    }

    #[test]
    fn a_body_may_be_empty_marked_or_no_json() {
        assert_eq!(document(b" \n"), Ok(None));
        assert_eq!(document("\u{feff}{\"id\":1}".as_bytes()), Ok(Some(json!({"id": 1}))));
        let page = document(b"<html><title>Sign in</title></html>").unwrap_err();
        assert_eq!(page.to_string(), "The answer is not JSON: Sign in");
        assert!(document(b"\xff\xfe").is_err());
    }
}
