//! What an administrator sets for the whole organization: read and written whole, by its version.

use auth::{
    Authorised,
    grants::{SettingsRead, SettingsWrite},
};
use domain::validation::FieldErrors;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use storage::{Conn, settings};

use crate::{
    Directory, Error, Result,
    change::{About, Context, as_seen},
    details::{Told, between},
};

/// One of the settings.
pub trait Setting: Clone + Default + Serialize + DeserializeOwned + Send + Sync + Unpin + 'static {
    /// Its row.
    const NAME: &'static str;
    /// As the audit trail calls it.
    const LABEL: &'static str;

    fn check(self) -> Result<Self, FieldErrors>;
}

/// A setting as it stands; version 0 until it was set for the first time.
#[derive(Clone, Debug)]
pub struct Kept<T> {
    pub value: T,
    pub version: i64,
}

struct Whole<'a, T>(&'a T);

impl<T: Serialize> Told for Whole<'_, T> {
    fn told(&self) -> Map<String, Value> {
        match serde_json::to_value(self.0) {
            Ok(Value::Object(told)) => told,
            _ => Map::new(),
        }
    }
}

impl Directory {
    pub async fn setting<T: Setting>(&self, _who: &Authorised<SettingsRead>) -> Result<Kept<T>> {
        self.setting_now().await
    }

    /// Whoever asks: what is set is no secret to those who run into it.
    pub(crate) async fn setting_now<T: Setting>(&self) -> Result<Kept<T>> {
        let mut conn = self.db().read().await?;
        read(&mut conn).await
    }

    /// Sets it; `expected` is the version that the caller saw, where it says so.
    pub async fn change_setting<T: Setting>(
        &self,
        who: &Authorised<SettingsWrite>,
        value: T,
        expected: Option<i64>,
    ) -> Result<()> {
        let value = value.check()?;
        let context = self.context(who);
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (context, value) = (context.clone(), value.clone());
                Box::pin(async move { write(conn, &context, value, expected).await })
            })
            .await
    }
}

pub(crate) async fn read<T: Setting>(conn: &mut Conn) -> Result<Kept<T>> {
    let kept = settings::get(conn, T::NAME).await?;
    let (value, version) = kept.unwrap_or_default();
    Ok(Kept { value, version })
}

async fn write<T: Setting>(conn: &mut Conn, context: &Context, value: T, expected: Option<i64>) -> Result<()> {
    let before: Kept<T> = read(conn).await?;
    as_seen(expected, before.version)?;
    settings::put(conn, T::NAME, &value, before.version + 1, context.now).await?;
    let about = About { kind: "setting", id: None, label: T::LABEL };
    context.record(conn, "setting.update", about, between(&Whole(&before.value), &Whole(&value))).await
}
