//! Reads what a request brings: ids, parameters, bodies. What cannot be read is a problem that names the field.

use std::str::FromStr;

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, Path},
    http::{Method, Request, StatusCode, request::Parts},
};
use domain::validation::FieldErrors;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::problem::{Problem, Result};
use crate::http::body;

/// The `{id}` of the path.
pub(super) struct Id<I>(pub I);

impl<I: FromStr, S: Send + Sync> FromRequestParts<S> for Id<I> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let nobody = || Problem::new(StatusCode::NOT_FOUND, "There is nothing with this id.");
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| nobody())?;
        text.parse().map(Self).map_err(|_| nobody())
    }
}

/// The parameters of the query; unknown ones are refused.
pub(super) struct Parameters<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let pairs = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        // An empty parameter is one that was not given, as forms and templates send them.
        let given: serde_json::Map<String, Value> = pairs
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
            .collect();
        typed(Value::Object(given)).map(Self)
    }
}

/// A JSON body; for PATCH a JSON Merge Patch (RFC 7396). Unknown fields are refused where the type says so.
pub(super) struct Document<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Document<T> {
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self> {
        let value = read(request).await?;
        let value =
            value.ok_or_else(|| Problem::new(StatusCode::BAD_REQUEST, "The body is empty. Send a JSON object."))?;
        typed(value).map(Self)
    }
}

/// As [`Document`], for a body that may be left out.
pub(super) struct OptionalDocument<T>(pub Option<T>);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for OptionalDocument<T> {
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self> {
        read(request).await?.map(typed).transpose().map(Self)
    }
}

async fn read(request: Request<Body>) -> Result<Option<Value>> {
    const JSON: &str = "application/json";
    const MERGE_PATCH: &str = "application/merge-patch+json";
    Ok(if request.method() == Method::PATCH {
        body::read(request, &[MERGE_PATCH, JSON], MERGE_PATCH).await?
    } else {
        body::read(request, &[JSON], JSON).await?
    })
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T> {
    if !value.is_object() {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "The body must be a JSON object."));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        let field = quoted(&message, "unknown field `").or_else(|| quoted(&message, "missing field `"));
        let field = field.map_or(path, str::to_owned);
        FieldErrors::of(field.trim_start_matches('.'), in_words(&message)).into()
    })
}

/// The name that a message of serde's holds.
fn quoted<'m>(message: &'m str, opening: &str) -> Option<&'m str> {
    message.strip_prefix(opening)?.split('`').next()
}

fn in_words(message: &str) -> String {
    if let Some((_, expected)) = message.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, ")) {
        return format!("There is no such field; {}.", expected.replace('`', "\""));
    }
    if message.starts_with("missing field") {
        return "This is required.".to_owned();
    }
    let mut text = message.replace('`', "\"");
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    format!("{text}.")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    struct Example {
        name: String,
        #[serde(default)]
        limit: Option<i64>,
    }

    fn errors(value: Value) -> Value {
        let problem = typed::<Example>(value).unwrap_err();
        serde_json::to_value(problem).unwrap()["errors"].clone()
    }

    #[test]
    fn what_is_wrong_is_told_by_field() {
        assert_eq!(errors(json!({})), json!({"name": "This is required."}));
        assert_eq!(
            errors(json!({"name": "a", "nmae": 1})),
            json!({"nmae": "There is no such field; expected \"name\" or \"limit\"."})
        );
        let wrong = errors(json!({"name": "a", "limit": "many"}));
        assert!(wrong["limit"].as_str().unwrap().starts_with("Invalid type"), "{wrong}");
    }

    #[test]
    fn only_an_object_is_a_document() {
        assert!(typed::<Example>(json!([])).is_err());
        assert!(typed::<Example>(json!(null)).is_err());
    }
}
