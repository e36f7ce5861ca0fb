//! Accounts and groups, as they were last written.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use domain::{Timestamp, validation::name_key};
use scim::{
    schema::{ResourceSchema, Schema},
    urn,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Resources of one kind, in the order in which they were made. Ids are never used again.
#[derive(Debug)]
pub(super) struct Shelf {
    schema: Arc<ResourceSchema>,
    /// Leads the ids, and tells the kinds apart in logs.
    prefix: char,
    /// Of the resource type's endpoint, for `meta.location`.
    location: String,
    resources: BTreeMap<u64, Resource>,
    /// Unique names, as they compare.
    names: HashMap<String, u64>,
    made: u64,
}

#[derive(Debug)]
struct Resource {
    /// As GET answers it, so that look-ups among thousands need not make it first.
    document: Value,
    password: Option<String>,
    created: Timestamp,
    changed: Timestamp,
    /// Look-ups that still miss it.
    stale: u32,
}

/// A shelf as a file remembers it. Passwords are not in it.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptShelf {
    made: u64,
    resources: Vec<KeptResource>,
}

#[derive(Serialize, Deserialize)]
struct KeptResource {
    number: u64,
    document: Map<String, Value>,
    created: Timestamp,
    changed: Timestamp,
}

/// What a client writes: the attributes in the schema's form, and the password, which is never read back.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub(super) attributes: Map<String, Value>,
    pub(super) password: Option<String>,
}

impl Written {
    pub(super) fn of(mut attributes: Map<String, Value>) -> Self {
        let password = attributes.remove("password").and_then(|value| value.as_str().map(str::to_owned));
        attributes.remove("schemas");
        Self { attributes, password }
    }

    pub(super) fn text(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute)?.as_str()
    }

    /// Ids of a group's members.
    pub(super) fn members(&self) -> impl Iterator<Item = &str> {
        members(self.attributes.get("members"))
    }
}

fn members(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(|member| member["value"].as_str())
}

/// An account as a test sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub id: String,
    pub user_name: String,
    pub external_id: Option<String>,
    /// As SCIM has it: true unless it says otherwise.
    pub active: bool,
    /// What was last set, in clear.
    pub password: Option<String>,
    /// The resource as GET answers it.
    pub document: Value,
    pub created: Timestamp,
    pub changed: Timestamp,
}

impl Account {
    /// Display name, else the parts of the name.
    pub fn name(&self) -> Option<String> {
        let name = &self.document["name"];
        let whole = self.document["displayName"].as_str().or_else(|| name["formatted"].as_str()).map(str::to_owned);
        let parts: Vec<&str> = ["givenName", "familyName"].iter().filter_map(|part| name[part].as_str()).collect();
        whole.or_else(|| (!parts.is_empty()).then(|| parts.join(" ")))
    }

    /// The primary address, else the first.
    pub fn email(&self) -> Option<&str> {
        let emails = self.document["emails"].as_array()?;
        emails.iter().find(|email| email["primary"] == true).or(emails.first())?["value"].as_str()
    }

    pub fn department(&self) -> Option<&str> {
        self.document[urn::ENTERPRISE_USER]["department"].as_str()
    }
}

/// A group as a test sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub id: String,
    pub display_name: String,
    pub external_id: Option<String>,
    /// Ids of accounts.
    pub members: Vec<String>,
    /// The resource as GET answers it.
    pub document: Value,
}

impl Shelf {
    pub(super) fn new(schema: &ResourceSchema, prefix: char, base: &str) -> Self {
        Self {
            schema: Arc::new(schema.clone()),
            prefix,
            location: format!("{base}{}", schema.endpoint),
            resources: BTreeMap::new(),
            names: HashMap::new(),
            made: 0,
        }
    }

    pub(super) fn schema(&self) -> Arc<ResourceSchema> {
        Arc::clone(&self.schema)
    }

    /// From now on, resources of this kind may have the attributes of one more schema.
    pub(super) fn extend(&mut self, schema: Schema) {
        self.schema = Arc::new(ResourceSchema::clone(&self.schema).extended([schema]));
    }

    fn number(&self, id: &str) -> Option<u64> {
        let number = id.strip_prefix(self.prefix)?.parse().ok()?;
        self.resources.get(&number).filter(|resource| resource.document["id"] == id).map(|_| number)
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.number(id).is_some()
    }

    /// Whether another resource than this one goes by the name.
    pub(super) fn name_taken(&self, name: &str, except: Option<&str>) -> bool {
        let holder = self.names.get(&name_key(name)).copied();
        holder.is_some() && holder != except.and_then(|id| self.number(id))
    }

    /// Returns the id. A name that others must not have too is given as `unique`.
    pub(super) fn add(&mut self, written: Written, unique: Option<&str>, stale: u32, now: Timestamp) -> String {
        self.made += 1;
        let number = 1000 + self.made;
        if let Some(name) = unique {
            self.names.insert(name_key(name), number);
        }
        let id = format!("{}{number}", self.prefix);
        let document = self.document_of(&id, written.attributes, now, now);
        self.resources
            .insert(number, Resource { document, password: written.password, created: now, changed: now, stale });
        id
    }

    /// A password that is not given stays.
    pub(super) fn replace(&mut self, id: &str, written: Written, unique: Option<&str>, now: Timestamp) {
        let Some((number, created)) = self.number(id).map(|number| (number, self.resources[&number].created)) else {
            return;
        };
        if let Some(name) = unique {
            self.names.retain(|_, holder| *holder != number);
            self.names.insert(name_key(name), number);
        }
        let document = self.document_of(id, written.attributes, created, now);
        self.resources.entry(number).and_modify(|resource| {
            resource.document = document;
            resource.changed = now;
            if written.password.is_some() {
                resource.password = written.password;
            }
        });
    }

    /// False if there is none of this id.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        let Some(number) = self.number(id) else { return false };
        self.names.retain(|_, holder| *holder != number);
        self.resources.remove(&number).is_some()
    }

    /// Nobody is a member of anything by an id that is gone.
    pub(super) fn forget_member(&mut self, id: &str) {
        for resource in self.resources.values_mut() {
            if let Some(Value::Array(members)) = resource.document.get_mut("members") {
                members.retain(|member| member["value"] != id);
            }
        }
    }

    /// As GET answers it.
    pub(super) fn document(&self, id: &str) -> Option<Value> {
        self.resources.get(&self.number(id)?).map(|resource| resource.document.clone())
    }

    /// Those that are wanted, as a list shows them. One that is still stale is missed, and less stale after that.
    pub(super) fn list(&mut self, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut found = Vec::new();
        for resource in self.resources.values_mut().filter(|resource| wanted(&resource.document)) {
            match resource.stale.checked_sub(1) {
                Some(less) => resource.stale = less,
                None => found.push(resource.document.clone()),
            }
        }
        found
    }

    fn document_of(&self, id: &str, attributes: Map<String, Value>, created: Timestamp, changed: Timestamp) -> Value {
        let extensions =
            self.schema.extensions.iter().map(|schema| &schema.id).filter(|id| attributes.contains_key(*id));
        let schemas: Value = std::iter::once(&self.schema.core.id).chain(extensions).cloned().collect();
        let mut document = attributes;
        document.insert("schemas".into(), schemas);
        document.insert("id".into(), id.into());
        let meta = json!({
            "resourceType": self.schema.name,
            "created": created,
            "lastModified": changed,
            "location": format!("{}/{id}", self.location),
        });
        document.insert("meta".into(), meta);
        Value::Object(document)
    }

    pub(super) fn kept(&self) -> KeptShelf {
        let resources = self.resources.iter().map(|(number, resource)| KeptResource {
            number: *number,
            document: resource.document.as_object().cloned().unwrap_or_default(),
            created: resource.created,
            changed: resource.changed,
        });
        KeptShelf { made: self.made, resources: resources.collect() }
    }

    /// What was kept, under the same ids. `unique` is the attribute that no two have alike.
    pub(super) fn restore(&mut self, kept: KeptShelf, unique: Option<&str>) {
        self.made = kept.made;
        for KeptResource { number, document, created, changed } in kept.resources {
            let document = self.document_of(&format!("{}{number}", self.prefix), document, created, changed);
            if let Some(name) = unique.and_then(|attribute| document[attribute].as_str()) {
                self.names.insert(name_key(name), number);
            }
            self.resources.insert(number, Resource { document, password: None, created, changed, stale: 0 });
        }
    }

    pub(super) fn len(&self) -> usize {
        self.resources.len()
    }

    pub(super) fn accounts(&self) -> Vec<Account> {
        self.resources.values().map(Resource::account).collect()
    }

    /// The most recently changed first.
    pub(super) fn latest_accounts(&self, count: usize) -> Vec<Account> {
        let mut resources: Vec<&Resource> = self.resources.values().rev().collect();
        resources.sort_by_key(|resource| Reverse(resource.changed));
        resources.into_iter().take(count).map(Resource::account).collect()
    }

    pub(super) fn groups(&self) -> Vec<Group> {
        self.resources.values().map(Resource::group).collect()
    }
}

impl Resource {
    fn text(&self, attribute: &str) -> Option<String> {
        self.document[attribute].as_str().map(str::to_owned)
    }

    fn account(&self) -> Account {
        Account {
            id: self.text("id").unwrap_or_default(),
            user_name: self.text("userName").unwrap_or_default(),
            external_id: self.text("externalId"),
            active: self.document["active"] != false,
            password: self.password.clone(),
            document: self.document.clone(),
            created: self.created,
            changed: self.changed,
        }
    }

    fn group(&self) -> Group {
        Group {
            id: self.text("id").unwrap_or_default(),
            display_name: self.text("displayName").unwrap_or_default(),
            external_id: self.text("externalId"),
            members: members(self.document.get("members")).map(str::to_owned).collect(),
            document: self.document.clone(),
        }
    }
}
