//! Reads the body of a PATCH.

use serde_json::{Map, Value};

use super::{Op, Operation};
use crate::{
    ScimError,
    list::check_message,
    path::shown,
    schema::{field, is_unassigned},
    urn,
};

/// Operations in one PATCH.
pub const MAX_OPERATIONS: usize = 1_000;

/// Reads `{"schemas": [PatchOp], "Operations": […]}`. Names of members and operations are read in any case.
///
/// # Errors
/// `invalidSyntax` for another shape, `invalidPath` and `invalidFilter` for paths, `invalidValue` where a value is
/// missing, and status 413 beyond [`MAX_OPERATIONS`].
pub fn parse(body: &Value) -> Result<Vec<Operation>, ScimError> {
    let Value::Object(fields) = body else {
        return Err(ScimError::invalid_syntax("The body is not a JSON object."));
    };
    check_message(fields, urn::PATCH_OP)?;
    let Some(Value::Array(operations)) = field(fields, "Operations").filter(|value| !is_unassigned(value)) else {
        return Err(ScimError::invalid_syntax("\"Operations\" must be a list with at least one operation."));
    };
    if operations.len() > MAX_OPERATIONS {
        return Err(ScimError::new(413, format!("A PATCH has at most {MAX_OPERATIONS} operations.")));
    }
    operations.iter().map(operation).collect()
}

fn operation(operation: &Value) -> Result<Operation, ScimError> {
    let Value::Object(fields) = operation else {
        return Err(ScimError::invalid_syntax("Each operation must be an object."));
    };
    let op = op(fields)?;
    let path = match field(fields, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) if path.trim().is_empty() => None,
        Some(Value::String(path)) => Some(path.parse()?),
        Some(_) => return Err(ScimError::invalid_path("\"path\" must be a string.")),
    };
    let value = field(fields, "value").cloned();
    if value.is_none() && op != Op::Remove {
        return Err(ScimError::invalid_value("An \"add\" or \"replace\" needs a \"value\"."));
    }
    Ok(Operation { op, path, value })
}

fn op(fields: &Map<String, Value>) -> Result<Op, ScimError> {
    let name = field(fields, "op").and_then(Value::as_str).unwrap_or_default();
    match name.to_ascii_lowercase().as_str() {
        "add" => Ok(Op::Add),
        "replace" => Ok(Op::Replace),
        "remove" => Ok(Op::Remove),
        _ => Err(ScimError::invalid_syntax(format!(
            "\"op\" must be \"add\", \"replace\" or \"remove\", not \"{}\".",
            shown(name)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ScimType;

    fn body(operations: &Value) -> Value {
        json!({"schemas": [urn::PATCH_OP], "Operations": operations})
    }

    fn refused(operation: &Value) -> ScimError {
        parse(&body(&json!([operation]))).unwrap_err()
    }

    #[test]
    fn operations_are_read_in_any_case() {
        let read = parse(&json!({
            "SCHEMAS": ["urn:ietf:params:scim:api:messages:2.0:patchop"],
            "operations": [{"OP": "Replace", "Path": "active", "Value": "False"}, {"op": "REMOVE", "path": "title"}],
        }))
        .unwrap();
        assert_eq!(read[0].op, Op::Replace);
        assert_eq!(read[0].path.as_ref().unwrap().to_string(), "active");
        assert_eq!((read[1].op, &read[1].value), (Op::Remove, &None));
    }

    #[test]
    fn a_body_of_another_shape_is_refused() {
        for body in [
            json!([]),
            json!({}),
            json!({"schemas": [urn::USER], "Operations": [{"op": "remove", "path": "a"}]}),
            body(&json!([])),
            body(&json!({"op": "add"})),
            body(&json!(["add"])),
        ] {
            assert_eq!(parse(&body).unwrap_err().scim_type, Some(ScimType::InvalidSyntax), "{body}");
        }
    }

    #[test]
    fn a_bad_operation_is_refused() {
        let error = refused(&json!({"op": "move", "path": "a", "value": 1}));
        assert_eq!(error.detail, "\"op\" must be \"add\", \"replace\" or \"remove\", not \"move\".");
        assert_eq!(refused(&json!({"op": "add", "path": "title"})).scim_type, Some(ScimType::InvalidValue));
        assert_eq!(refused(&json!({"op": "remove", "path": "a b"})).scim_type, Some(ScimType::InvalidPath));
        assert_eq!(refused(&json!({"op": "remove", "path": 7})).scim_type, Some(ScimType::InvalidPath));
        assert_eq!(refused(&json!({"op": "remove", "path": "a[b]"})).scim_type, Some(ScimType::InvalidFilter));
    }

    #[test]
    fn the_number_of_operations_is_bounded() {
        let many = |count: usize| body(&json!(vec![json!({"op": "remove", "path": "title"}); count]));
        assert_eq!(parse(&many(MAX_OPERATIONS)).unwrap().len(), MAX_OPERATIONS);
        assert_eq!(parse(&many(MAX_OPERATIONS + 1)).unwrap_err().status, 413);
    }
}
