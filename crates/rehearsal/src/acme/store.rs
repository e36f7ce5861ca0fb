//! Accounts and groups, as they were last written.

use std::collections::{BTreeMap, HashMap};

use domain::{Timestamp, validation::name_key};
use scim::{schema::ResourceSchema, urn};
use serde_json::{Map, Value, json};

/// Resources of one kind, in the order in which they were made. Ids are never used again.
#[derive(Debug)]
pub(super) struct Shelf {
    schema: &'static ResourceSchema,
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
    id: String,
    written: Written,
    created: Timestamp,
    changed: Timestamp,
    /// Look-ups that still miss it.
    stale: u32,
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

    pub(super) fn members(&self) -> impl Iterator<Item = &str> {
        let members = self.attributes.get("members").and_then(Value::as_array).into_iter().flatten();
        members.filter_map(|member| member["value"].as_str())
    }
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
    pub(super) fn new(schema: &'static ResourceSchema, prefix: char, base: &str) -> Self {
        Self {
            schema,
            prefix,
            location: format!("{base}{}", schema.endpoint),
            resources: BTreeMap::new(),
            names: HashMap::new(),
            made: 0,
        }
    }

    pub(super) fn schema(&self) -> &'static ResourceSchema {
        self.schema
    }

    fn number(&self, id: &str) -> Option<u64> {
        let number = id.strip_prefix(self.prefix)?.parse().ok()?;
        self.resources.get(&number).filter(|resource| resource.id == id).map(|_| number)
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
        let id = format!("{}{}", self.prefix, 1000 + self.made);
        if let Some(name) = unique {
            self.names.insert(name_key(name), 1000 + self.made);
        }
        let resource = Resource { id: id.clone(), written, created: now, changed: now, stale };
        self.resources.insert(1000 + self.made, resource);
        id
    }

    /// A password that is not given stays.
    pub(super) fn replace(&mut self, id: &str, written: Written, unique: Option<&str>, now: Timestamp) {
        let Some(number) = self.number(id) else { return };
        if let Some(name) = unique {
            self.names.retain(|_, holder| *holder != number);
            self.names.insert(name_key(name), number);
        }
        if let Some(resource) = self.resources.get_mut(&number) {
            let password = written.password.or_else(|| resource.written.password.take());
            resource.written = Written { password, ..written };
            resource.changed = now;
        }
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
            if let Some(Value::Array(members)) = resource.written.attributes.get_mut("members") {
                members.retain(|member| member["value"] != id);
            }
        }
    }

    /// As GET answers it.
    pub(super) fn document(&self, id: &str) -> Option<Value> {
        self.resources.get(&self.number(id)?).map(|resource| self.render(resource))
    }

    /// Those that are wanted, as a list shows them. One that is still stale is missed, and less stale after that.
    pub(super) fn list(&mut self, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut missed = Vec::new();
        let mut found = Vec::new();
        for (number, resource) in &self.resources {
            let document = self.render(resource);
            if !wanted(&document) {
                continue;
            }
            if resource.stale == 0 { found.push(document) } else { missed.push(*number) }
        }
        for number in missed {
            self.resources.entry(number).and_modify(|resource| resource.stale -= 1);
        }
        found
    }

    fn render(&self, resource: &Resource) -> Value {
        let attributes = &resource.written.attributes;
        let extensions =
            self.schema.extensions.iter().map(|schema| &schema.id).filter(|id| attributes.contains_key(*id));
        let mut document = attributes.clone();
        document.insert("schemas".into(), std::iter::once(&self.schema.core.id).chain(extensions).cloned().collect());
        document.insert("id".into(), resource.id.clone().into());
        let meta = json!({
            "resourceType": self.schema.name,
            "created": resource.created,
            "lastModified": resource.changed,
            "location": format!("{}/{}", self.location, resource.id),
        });
        document.insert("meta".into(), meta);
        Value::Object(document)
    }

    pub(super) fn len(&self) -> usize {
        self.resources.len()
    }

    pub(super) fn accounts(&self) -> Vec<Account> {
        self.resources.values().map(|resource| self.account(resource)).collect()
    }

    /// The most recently changed first.
    pub(super) fn latest_accounts(&self, count: usize) -> Vec<Account> {
        let mut resources: Vec<&Resource> = self.resources.values().collect();
        resources.sort_by_key(|resource| std::cmp::Reverse(resource.changed));
        resources.into_iter().take(count).map(|resource| self.account(resource)).collect()
    }

    fn account(&self, resource: &Resource) -> Account {
        let written = &resource.written;
        Account {
            id: resource.id.clone(),
            user_name: written.text("userName").unwrap_or_default().to_owned(),
            external_id: written.text("externalId").map(str::to_owned),
            active: written.attributes.get("active") != Some(&Value::Bool(false)),
            password: written.password.clone(),
            document: self.render(resource),
            created: resource.created,
            changed: resource.changed,
        }
    }

    pub(super) fn groups(&self) -> Vec<Group> {
        let group = |resource: &Resource| Group {
            id: resource.id.clone(),
            display_name: resource.written.text("displayName").unwrap_or_default().to_owned(),
            external_id: resource.written.text("externalId").map(str::to_owned),
            members: resource.written.members().map(str::to_owned).collect(),
            document: self.render(resource),
        };
        self.resources.values().map(group).collect()
    }
}
