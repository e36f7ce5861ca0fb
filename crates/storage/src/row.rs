//! Conversions that every table needs.

use domain::{SubjectId, Timestamp};
use sqlx::{Database, Decode, QueryBuilder, Sqlite, Type, error::BoxDynError, sqlite::SqliteQueryResult, types::Json};
use uuid::Uuid;

use crate::{Error, Result};

pub(crate) fn bad(table: &'static str, id: Uuid, what: impl Into<String>) -> Error {
    Error::BadRow { table, id: id.to_string(), what: what.into() }
}

pub(crate) fn parsed<T: std::str::FromStr>(table: &'static str, id: Uuid, text: &str) -> Result<T> {
    text.parse().map_err(|_| bad(table, id, format!("unknown word {text:?}")))
}

/// A JSON column. Decoding never fails, so that the error can name the row: see [`Document::read`].
#[derive(Debug)]
pub(crate) struct Document<T>(Result<T, String>);

impl<T> Document<T> {
    pub(crate) fn read(self, table: &'static str, id: Uuid) -> Result<T> {
        self.0.map_err(|what| bad(table, id, what))
    }
}

impl<'r, DB: Database, T> Decode<'r, DB> for Document<T>
where
    Json<T>: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(Json::<T>::decode(value).map(|json| json.0).map_err(|error| error.to_string())))
    }
}

impl<DB: Database, T> Type<DB> for Document<T>
where
    Json<T>: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        Json::<T>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        Json::<T>::compatible(ty)
    }
}

pub(crate) fn subject(table: &'static str, id: Uuid, kind: &str, subject: Uuid) -> Result<SubjectId> {
    match kind {
        "user" => Ok(SubjectId::User(subject.into())),
        "group" => Ok(SubjectId::Group(subject.into())),
        _ => Err(bad(table, id, format!("unknown subject {kind:?}"))),
    }
}

pub(crate) fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

/// Asserts that a statement changed exactly one row.
pub(crate) fn one(what: &'static str, result: &SqliteQueryResult) -> Result<()> {
    match result.rows_affected() {
        1 => Ok(()),
        rows => Err(Error::RowCount { what, rows }),
    }
}

/// Domain types out of rows; the first bad row is the error.
pub(crate) fn all<R, T>(rows: Vec<R>) -> Result<Vec<T>>
where
    T: TryFrom<R, Error = Error>,
{
    rows.into_iter().map(T::try_from).collect()
}

/// The ids that `IN (` opens, and the bracket that closes it.
pub(crate) fn push_ids(query: &mut QueryBuilder<Sqlite>, ids: impl IntoIterator<Item = Uuid>) {
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(id);
    }
    query.push(")");
}

/// As [`push_ids`], of names.
pub(crate) fn push_names<'a>(query: &mut QueryBuilder<Sqlite>, names: impl IntoIterator<Item = &'a String>) {
    let mut list = query.separated(", ");
    for name in names {
        list.push_bind(name.as_str());
    }
    query.push(")");
}
