//! Values of custom attributes inside a transaction: judged by the definitions that hold there and then, and known to
//! the index of who has which. Where a user has none, before and after, nothing is read.

use domain::{
    AttributeId, UserId,
    extension::{self, Fault, Settled, label},
    validation::FieldErrors,
};
use serde_json::{Map, Value};
use storage::{Conn, attribute_values, schemas};

use crate::{Error, Result};

/// What becomes of a user's values; none where they stay as they are.
pub(crate) async fn settle(
    conn: &mut Conn,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Result<Option<Settled>> {
    if before == after {
        return Ok(None);
    }
    let schemas = schemas::all(conn).await?;
    Ok(Some(extension::settle(&schemas, before, after)?))
}

/// Keeps the index in step. The user's row is written already.
pub(crate) async fn keep(conn: &mut Conn, user: UserId, settled: Option<&Settled>) -> Result<()> {
    let Some(settled) = settled else { return Ok(()) };
    match attribute_values::keep(conn, user, &settled.entries).await? {
        None => Ok(()),
        Some(attribute) => Err(taken(conn, attribute).await?),
    }
}

/// Whether nobody has one of these values of which nobody else may have the same.
pub(crate) async fn are_free(conn: &mut Conn, values: &Map<String, Value>) -> Result<()> {
    let entries = settle(conn, &Map::new(), values).await?.map(|settled| settled.entries).unwrap_or_default();
    for entry in entries {
        if let Some(key) = &entry.unique
            && attribute_values::holder(conn, entry.attribute, key).await?.is_some()
        {
            return Err(taken(conn, entry.attribute).await?);
        }
    }
    Ok(())
}

async fn taken(conn: &mut Conn, taken: AttributeId) -> Result<Error> {
    let schemas = schemas::all(conn).await?;
    let names = schemas.iter().find_map(|schema| {
        let attribute = schema.attribute(taken)?;
        Some((label(&schema.urn, &attribute.definition.name), attribute.definition.shown().to_owned()))
    });
    let (field, shown) = names.unwrap_or_default();
    Ok(Error::Taken(FieldErrors::of(&field, format!("Somebody else has this already: {shown}."))))
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Invalid(errors) => Self::Invalid(errors),
            Fault::Immutable(errors) => Self::Immutable(errors),
        }
    }
}
