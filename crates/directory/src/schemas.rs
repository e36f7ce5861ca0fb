//! Extension schemas of users: defined, changed and deleted by an administrator.
//!
//! Whoever reads or writes users asks for [`Directory::schemas_now`], a snapshot that is replaced after each change. What
//! is written is judged once more inside the transaction, by the definitions that hold there: see
//! [`crate::attributes`].
//!
//! An attribute that is deleted is gone from every answer at once. Its values leave the profiles in batches, which the
//! engine asks for: each a transaction of its own, so that nobody waits for a million of them. The removal is a row, so
//! that a restart goes on with it; until it is done the name is not free, or old values would come to new life.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use auth::{
    Authorised,
    grants::{SchemasRead, SchemasWrite},
};
use domain::{
    AttributeId, SchemaId, UserId,
    delivery::{Priority, Trigger},
    extension::{Attribute, Definition, Extension, NewExtension, check_all},
    limits,
    planning::{self, Plan},
    validation::FieldErrors,
};
use scim::schema::{self, ResourceSchema};
use serde_json::Value;
use storage::{
    Conn, attribute_values,
    audit::Actor,
    deliveries,
    removed_attributes::{self, RemovedAttribute},
    schemas, users,
};

use crate::{
    Directory, Error, Result,
    change::{About, Context, as_seen},
    details::{Details, between, came, went},
    topology::Topology,
};

/// How far users are counted who have a value.
pub const COUNTED: i64 = 10_000;

/// Users who lose a value in one transaction.
pub const BATCH: i64 = 100;

/// The schemas of users at one moment.
#[derive(Clone, Debug)]
pub struct Schemas {
    pub extensions: Vec<Extension>,
    /// The standard ones and these, as SCIM reads and writes users by them.
    pub users: ResourceSchema,
}

impl Schemas {
    fn of(extensions: Vec<Extension>) -> Self {
        Self { users: schema::user_with(&extensions), extensions }
    }
}

/// The snapshot, and the right to take another: whoever holds it reads after the change that it follows.
#[derive(Default)]
pub(crate) struct Snapshot {
    present: RwLock<Option<Arc<Schemas>>>,
    turn: tokio::sync::Mutex<()>,
}

impl Snapshot {
    fn present(&self) -> Option<Arc<Schemas>> {
        self.present.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, fresh: Option<Arc<Schemas>>) {
        *self.present.write().unwrap_or_else(PoisonError::into_inner) = fresh;
    }
}

/// What a schema shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaChange {
    Describe {
        name: String,
        description: String,
    },
    Add(Definition),
    /// Its name stays.
    Alter(AttributeId, Definition),
    Remove(AttributeId),
    /// Everything but the URN. Attributes are known by name: those that are left out are deleted.
    Whole {
        name: String,
        description: String,
        definitions: Vec<Definition>,
    },
}

/// How many users have a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    By(i64),
    ByMoreThan(i64),
}

impl Directory {
    /// The schemas of users as they are now. No secret: every SCIM client is told them.
    pub async fn schemas_now(&self) -> Result<Arc<Schemas>> {
        match self.inner.schemas.present() {
            Some(present) => Ok(present),
            None => self.read_schemas().await,
        }
    }

    async fn read_schemas(&self) -> Result<Arc<Schemas>> {
        let _turn = self.inner.schemas.turn.lock().await;
        let mut conn = self.db().read().await?;
        let fresh = Arc::new(Schemas::of(schemas::all(&mut conn).await?));
        self.inner.schemas.put(Some(Arc::clone(&fresh)));
        Ok(fresh)
    }

    /// In the order in which they were defined.
    pub async fn user_schemas(&self, _who: &Authorised<SchemasRead>) -> Result<Vec<Extension>> {
        let mut conn = self.db().read().await?;
        Ok(schemas::all(&mut conn).await?)
    }

    pub async fn user_schema(&self, _who: &Authorised<SchemasRead>, id: SchemaId) -> Result<Extension> {
        let mut conn = self.db().read().await?;
        get(&mut conn, id).await
    }

    /// How many users have a value of each of the schema's attributes.
    pub async fn schema_use(
        &self,
        _who: &Authorised<SchemasRead>,
        schema: &Extension,
    ) -> Result<HashMap<AttributeId, Used>> {
        let ids: Vec<AttributeId> = schema.attributes.iter().map(|attribute| attribute.id).collect();
        let mut conn = self.db().read().await?;
        let counts = attribute_values::counts(&mut conn, &ids, COUNTED + 1).await?;
        let used = |count| if count > COUNTED { Used::ByMoreThan(COUNTED) } else { Used::By(count) };
        Ok(counts.into_iter().map(|(id, count)| (id, used(count))).collect())
    }

    pub async fn create_schema(
        &self,
        who: &Authorised<SchemasWrite>,
        new: NewExtension,
        definitions: Vec<Definition>,
    ) -> Result<Extension> {
        let context = self.context(who);
        let definitions = check_all(definitions)?;
        self.change_schemas(move |conn| {
            let (context, new, definitions) = (context.clone(), new.clone(), definitions.clone());
            Box::pin(async move { insert(conn, &context, new, definitions).await })
        })
        .await
    }

    /// `expected` is the version that the caller saw.
    pub async fn change_schema(
        &self,
        who: &Authorised<SchemasWrite>,
        id: SchemaId,
        change: SchemaChange,
        expected: Option<i64>,
    ) -> Result<Extension> {
        let context = self.context(who);
        self.change_schemas(move |conn| {
            let (context, change) = (context.clone(), change.clone());
            Box::pin(async move { alter(conn, &context, id, change, expected).await })
        })
        .await
    }

    /// Whether values are left that are being removed.
    pub async fn delete_schema(
        &self,
        who: &Authorised<SchemasWrite>,
        id: SchemaId,
        expected: Option<i64>,
    ) -> Result<bool> {
        let context = self.context(who);
        self.change_schemas(move |conn| {
            let context = context.clone();
            Box::pin(async move { remove(conn, &context, id, expected).await })
        })
        .await
    }

    /// Commits a change and takes another snapshot, whatever becomes of the caller meanwhile.
    async fn change_schemas<T, F>(&self, change: F) -> Result<T>
    where
        F: for<'c> Fn(&'c mut Conn) -> std::pin::Pin<Box<dyn Future<Output = Result<T>> + Send + 'c>> + Send + 'static,
        T: Send + 'static,
    {
        let directory = self.clone();
        let changed = tokio::spawn(async move {
            let result = directory.commit(change).await;
            if let Err(error) = directory.read_schemas().await {
                // What was committed stays so: whoever asks next reads anew.
                tracing::error!(error = %error, "The schemas could not be read again after a change.");
                directory.inner.schemas.put(None);
            }
            result
        });
        changed.await.unwrap_or_else(|_| Err(storage::Error::Closed.into()))
    }

    /// Whether there is anything to do about values of deleted attributes.
    pub async fn has_values_to_remove(&self) -> Result<bool> {
        let mut conn = self.db().read().await?;
        Ok(next_removal(&mut conn).await?.is_some())
    }

    /// Removes the values of a deleted attribute from the next users, inside a transaction of the engine's; whether
    /// there may be more to remove. Accounts elsewhere follow, where there are any.
    pub async fn remove_values(&self, conn: &mut Conn) -> Result<bool> {
        let Some((mut removed, next)) = next_removal(conn).await? else { return Ok(false) };
        let context = self.context_as(Actor::usher());
        let topology = Topology::load(conn).await?;
        for user in &next {
            remove_value(conn, &context, &topology, &removed, *user).await?;
        }
        removed.users += i64::try_from(next.len()).unwrap_or_default();
        if attribute_values::count(conn, removed.id, 1).await? > 0 {
            removed_attributes::update(conn, &removed).await?;
            return Ok(true);
        }
        removed_attributes::delete(conn, removed.id).await?;
        let label = domain::extension::label(&removed.urn, &removed.name);
        let about = About { kind: "attribute", id: Some(removed.id.0), label: &label };
        context.record(conn, "attribute.clear", about, Details::default().with("users", removed.users)).await?;
        Ok(true)
    }
}

/// A deleted attribute with the users who lose their value next, or nobody where that is all. Whoever is staged keeps
/// theirs until they are real or gone; the engine, which settles them, looks again then.
async fn next_removal(conn: &mut Conn) -> Result<Option<(RemovedAttribute, Vec<UserId>)>> {
    for removed in removed_attributes::all(conn).await? {
        let users = attribute_values::users(conn, removed.id, BATCH).await?;
        if !users.is_empty() || attribute_values::count(conn, removed.id, 1).await? == 0 {
            return Ok(Some((removed, users)));
        }
    }
    Ok(None)
}

async fn get(conn: &mut Conn, id: SchemaId) -> Result<Extension> {
    schemas::get(conn, id).await?.ok_or(Error::NotFound("schema"))
}

async fn record(
    conn: &mut Conn,
    context: &Context,
    action: &'static str,
    of: &Extension,
    details: Details,
) -> Result<()> {
    let about = About { kind: "schema", id: Some(of.id.0), label: &of.urn };
    context.record(conn, action, about, details).await
}

async fn insert(
    conn: &mut Conn,
    context: &Context,
    new: NewExtension,
    definitions: Vec<Definition>,
) -> Result<Extension> {
    let others = schemas::all(conn).await?;
    if others.len() >= limits::SCHEMAS {
        return Err(Error::Conflict(format!("There can be at most {} schemas.", limits::SCHEMAS)));
    }
    let is_taken = others.iter().any(|other| other.urn.eq_ignore_ascii_case(new.urn.trim()));
    // What is somebody's already is a conflict, not a mistake.
    let new =
        new.check(&others).map_err(|errors| if is_taken { Error::Taken(errors) } else { Error::Invalid(errors) })?;
    let schema = Extension {
        id: context.ids.make(),
        urn: new.urn,
        name: new.name,
        description: new.description,
        attributes: Vec::new(),
        version: 1,
        created_at: context.now,
        updated_at: context.now,
    };
    let attributes = merged(conn, context, &schema, definitions).await?;
    let schema = Extension { attributes, ..schema };
    schemas::insert(conn, &schema).await?;
    record(conn, context, "schema.create", &schema, came(&schema)).await?;
    Ok(schema)
}

async fn alter(
    conn: &mut Conn,
    context: &Context,
    id: SchemaId,
    change: SchemaChange,
    expected: Option<i64>,
) -> Result<Extension> {
    let before = get(conn, id).await?;
    as_seen(expected, before.version)?;
    let Wanted { name, description, definitions, focus } = wanted(&before, change)?;
    let named = NewExtension { urn: before.urn.clone(), name, description }.check(&[])?;
    let attributes = async {
        let definitions = check_all(definitions)?;
        merged(conn, context, &before, definitions).await
    };
    let attributes = attributes.await.map_err(|error| focused(error, focus))?;
    let after = Extension { name: named.name, description: named.description, attributes, ..before.clone() };
    if after == before {
        return Ok(before);
    }
    for gone in before.attributes.iter().filter(|old| after.attribute(old.id).is_none()) {
        discard(conn, context, &before.urn, gone).await?;
    }
    let after = Extension { version: before.version + 1, updated_at: context.now, ..after };
    schemas::update(conn, &after).await?;
    record(conn, context, "schema.update", &after, between(&before, &after)).await?;
    Ok(after)
}

struct Wanted {
    name: String,
    description: String,
    definitions: Vec<Definition>,
    /// Which of the definitions the caller sees a form of.
    focus: Option<usize>,
}

fn wanted(before: &Extension, change: SchemaChange) -> Result<Wanted> {
    let mut definitions: Vec<Definition> = before.attributes.iter().map(|one| one.definition.clone()).collect();
    let place = |id| {
        let place = before.attributes.iter().position(|attribute| attribute.id == id);
        place.ok_or(Error::NotFound("attribute"))
    };
    let (mut name, mut description) = (before.name.clone(), before.description.clone());
    let mut focus = None;
    match change {
        SchemaChange::Describe { name: other, description: text } => (name, description) = (other, text),
        SchemaChange::Add(definition) => {
            focus = Some(definitions.len());
            definitions.push(definition);
        }
        SchemaChange::Alter(id, definition) => {
            let place = place(id)?;
            focus = Some(place);
            let name = std::mem::take(&mut definitions[place].name);
            definitions[place] = Definition { name, ..definition };
        }
        SchemaChange::Remove(id) => {
            definitions.remove(place(id)?);
        }
        SchemaChange::Whole { name: other, description: text, definitions: all } => {
            (name, description, definitions) = (other, text, all);
        }
    }
    Ok(Wanted { name, description, definitions, focus })
}

/// Where the form is of one attribute, its errors are named by its fields; those of others are the whole's.
fn focused(error: Error, focus: Option<usize>) -> Error {
    let Some(focus) = focus else { return error };
    let renamed = |errors: FieldErrors| {
        let opening = format!("attributes.{focus}.");
        let named = errors
            .0
            .into_iter()
            .map(|(field, message)| (field.strip_prefix(&opening).map(str::to_owned).unwrap_or_default(), message));
        FieldErrors(named.collect())
    };
    match error {
        Error::Invalid(errors) => Error::Invalid(renamed(errors)),
        Error::Taken(errors) => Error::Taken(renamed(errors)),
        other => other,
    }
}

/// The definitions with the ids of those that are there by the same name.
async fn merged(
    conn: &mut Conn,
    context: &Context,
    before: &Extension,
    definitions: Vec<Definition>,
) -> Result<Vec<Attribute>> {
    let leaving = removed_attributes::all(conn).await?;
    let mut errors = FieldErrors::default();
    let mut attributes = Vec::with_capacity(definitions.len());
    for (index, definition) in definitions.into_iter().enumerate() {
        let Some(old) = before.named(&definition.name) else {
            let is_leaving = leaving.iter().any(|gone| {
                gone.urn.eq_ignore_ascii_case(&before.urn) && gone.name.eq_ignore_ascii_case(&definition.name)
            });
            if is_leaving {
                errors.add(
                    &format!("attributes.{index}.name"),
                    "The values of the attribute of this name that was deleted are still being removed. Try again in \
                     a moment.",
                );
            }
            attributes.push(Attribute { id: context.ids.make(), definition });
            continue;
        };
        let definition = Definition { name: old.definition.name.clone(), ..definition };
        let conflicts = old.definition.conflicts_with_values(&definition);
        if !conflicts.is_empty() && attribute_values::count(conn, old.id, 1).await? > 0 {
            for (field, message) in conflicts.0 {
                errors.add(&format!("attributes.{index}.{field}"), message);
            }
        }
        attributes.push(Attribute { id: old.id, definition });
    }
    errors.into_result()?;
    Ok(attributes)
}

async fn remove(conn: &mut Conn, context: &Context, id: SchemaId, expected: Option<i64>) -> Result<bool> {
    let schema = get(conn, id).await?;
    as_seen(expected, schema.version)?;
    let mut left = false;
    for attribute in &schema.attributes {
        left |= discard(conn, context, &schema.urn, attribute).await?;
    }
    schemas::delete(conn, id).await?;
    record(conn, context, "schema.delete", &schema, went(&schema)).await?;
    Ok(left)
}

/// Lets go of an attribute; whether values are left to be removed.
async fn discard(conn: &mut Conn, context: &Context, urn: &str, attribute: &Attribute) -> Result<bool> {
    if attribute_values::count(conn, attribute.id, 1).await? == 0 {
        return Ok(false);
    }
    let removed = RemovedAttribute {
        id: attribute.id,
        urn: urn.to_owned(),
        name: attribute.definition.name.clone(),
        users: 0,
        created_at: context.now,
    };
    removed_attributes::insert(conn, &removed).await?;
    Ok(true)
}

/// One user loses one value. Whoever has no account anywhere gets none by it.
async fn remove_value(
    conn: &mut Conn,
    context: &Context,
    topology: &Topology,
    removed: &RemovedAttribute,
    id: UserId,
) -> Result<()> {
    attribute_values::delete(conn, removed.id, id).await?;
    let mut user = match users::get(conn, id).await {
        Ok(Some(user)) => user,
        Ok(None) => return Ok(()),
        Err(error @ storage::Error::BadRow { .. }) => {
            // Nobody reads the value there either; the others lose theirs.
            tracing::error!(user.id = %id, error = %error, "A user has to keep the value of a deleted attribute.");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let extensions = &mut user.profile.extensions;
    let Some(values) = extensions.get_mut(&removed.urn).and_then(Value::as_object_mut) else { return Ok(()) };
    if values.remove(&removed.name).is_none() {
        return Ok(());
    }
    if values.is_empty() {
        extensions.remove(&removed.urn);
    }
    user.version += 1;
    user.updated_at = context.now;
    users::update(conn, &user).await?;
    let existing = deliveries::of_subject(conn, id.into()).await?;
    let plans = planning::plan(&user, planning::Change::Edited, &topology.provisioners, &existing);
    let begun = |plan: &Plan| existing.iter().any(|delivery| delivery.connector_id == plan.connector_id);
    let plans: Vec<Plan> = plans
        .into_iter()
        .filter(begun)
        .map(|plan| Plan { trigger: Trigger::Sweep, priority: Priority::Sweep, ..plan })
        .collect();
    context.want(conn, id.into(), &user.user_name, &plans).await
}
