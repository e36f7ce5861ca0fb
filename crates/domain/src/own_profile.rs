//! What people may change of themselves on My Account, and what a change makes of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    AttributeId,
    extension::{Definition, Extension, Mutability},
    identity::Attribute,
    limits,
    user::{Profile, User, UserInput, Valued},
    validation::{FieldErrors, has_control, is_mail, name_key},
};

/// Which attributes follow a provider at each sign-in, with the name of the connection: a change here would not last.
pub type Kept = BTreeMap<Attribute, String>;

const NOT_YOURS: &str = "Not all of this may be changed here any more. Load the page again; an administrator can change the \
                         rest.";

/// What an administrator lets people change themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct OwnProfile {
    pub given_name: bool,
    pub family_name: bool,
    pub display_name: bool,
    pub phone_number: bool,
    /// By a link that is sent to the new address.
    pub mail: bool,
    /// Attributes that an administrator defined, and what each was called when it was allowed, for the audit trail.
    pub attributes: BTreeMap<AttributeId, String>,
}

impl Default for OwnProfile {
    fn default() -> Self {
        Self {
            given_name: true,
            family_name: true,
            display_name: true,
            phone_number: true,
            mail: true,
            attributes: BTreeMap::new(),
        }
    }
}

/// An attribute of everybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    GivenName,
    FamilyName,
    DisplayName,
    PhoneNumber,
}

impl Field {
    pub const ALL: [Self; 4] = [Self::GivenName, Self::FamilyName, Self::DisplayName, Self::PhoneNumber];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::DisplayName => "display_name",
            Self::PhoneNumber => "phone_number",
        }
    }

    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::GivenName => "First name",
            Self::FamilyName => "Last name",
            Self::DisplayName => "Display name",
            Self::PhoneNumber => "Phone number",
        }
    }

    /// What a provider calls it.
    pub fn attribute(self) -> Attribute {
        match self {
            Self::GivenName => Attribute::GivenName,
            Self::FamilyName => Attribute::FamilyName,
            Self::DisplayName => Attribute::DisplayName,
            Self::PhoneNumber => Attribute::PhoneNumber,
        }
    }

    pub fn value(self, profile: &Profile) -> Option<&str> {
        match self {
            Self::GivenName => profile.name.as_ref()?.given_name.as_deref(),
            Self::FamilyName => profile.name.as_ref()?.family_name.as_deref(),
            Self::DisplayName => profile.display_name.as_deref(),
            Self::PhoneNumber => Some(&profile.phone_numbers.get(first(&profile.phone_numbers))?.value),
        }
    }

    fn set(self, profile: &mut Profile, value: Option<String>) {
        match self {
            Self::GivenName => profile.name.get_or_insert_default().given_name = value,
            Self::FamilyName => profile.name.get_or_insert_default().family_name = value,
            Self::DisplayName => profile.display_name = value,
            Self::PhoneNumber => put_first(&mut profile.phone_numbers, value),
        }
        if profile.name.as_ref().is_some_and(|name| *name == crate::user::Name::default()) {
            profile.name = None;
        }
    }
}

/// Where the value of a list is that comes first.
fn first(list: &[Valued]) -> usize {
    list.iter().position(|one| one.primary).unwrap_or_default()
}

/// The value of a list that comes first becomes another one, or goes; the others stay.
fn put_first(list: &mut Vec<Valued>, value: Option<String>) {
    let place = first(list);
    match (value, list.get_mut(place)) {
        (Some(value), Some(one)) => *one = Valued { value, display: None, ..one.clone() },
        (Some(value), None) => list.push(Valued { value, kind: Some("work".to_owned()), ..Valued::default() }),
        (None, Some(_)) => {
            list.remove(place);
        }
        (None, None) => {}
    }
}

/// What somebody typed of themselves.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    pub fields: BTreeMap<Field, String>,
    pub attributes: BTreeMap<AttributeId, String>,
}

/// Whether people can be let change values of this attribute: one value, that can be changed at all.
pub fn is_simple(definition: &Definition) -> bool {
    !definition.multi_valued && definition.mutability == Mutability::ReadWrite
}

impl OwnProfile {
    /// Whether they may change it, where no provider does.
    pub fn allows(&self, field: Field) -> bool {
        match field {
            Field::GivenName => self.given_name,
            Field::FamilyName => self.family_name,
            Field::DisplayName => self.display_name,
            Field::PhoneNumber => self.phone_number,
        }
    }

    /// The schemas with those attributes alone that people may change.
    pub fn of_schemas(&self, schemas: &[Extension]) -> Vec<Extension> {
        let mut allowed = schemas.to_vec();
        for schema in &mut allowed {
            schema.attributes.retain(|one| self.attributes.contains_key(&one.id) && is_simple(&one.definition));
        }
        allowed.retain(|schema| !schema.attributes.is_empty());
        allowed
    }

    /// Somebody as they want to be. What they may not change refuses all of it.
    ///
    /// # Errors
    /// By [`Field::as_str`]; without a name where something may not be changed.
    pub fn change(
        &self,
        user: &User,
        schemas: &[Extension],
        kept: &Kept,
        typed: &Typed,
    ) -> Result<UserInput, FieldErrors> {
        let schemas = self.of_schemas(schemas);
        let is_known = |id: &AttributeId| schemas.iter().any(|schema| schema.attribute(*id).is_some());
        let may_change = |field: &Field| self.allows(*field) && !kept.contains_key(&field.attribute());
        if !typed.fields.keys().all(may_change) || !typed.attributes.keys().all(is_known) {
            return Err(FieldErrors::of("", NOT_YOURS));
        }
        let mut input = UserInput::of(user);
        let mut errors = FieldErrors::default();
        for (field, text) in &typed.fields {
            let before = field.value(&user.profile).unwrap_or_default();
            if is_unchanged(before, text) {
                continue;
            }
            let text = text.trim();
            if text.chars().count() > limits::ATTRIBUTE || has_control(text) || text.contains('\n') {
                errors.add(field.as_str(), format!("At most {} characters, without line breaks.", limits::ATTRIBUTE));
            }
            field.set(&mut input.profile, Some(text.to_owned()).filter(|text| !text.is_empty()));
        }
        for schema in &schemas {
            put_values(&mut input.profile.extensions, schema, &typed.attributes);
        }
        errors.into_result().map(|()| input)
    }
}

/// A field of one line loses line breaks: what comes back without them was not changed.
fn is_unchanged(before: &str, typed: &str) -> bool {
    before.chars().filter(|c| !matches!(c, '\r' | '\n')).eq(typed.chars())
}

fn put_values(extensions: &mut Map<String, Value>, schema: &Extension, typed: &BTreeMap<AttributeId, String>) {
    let mut values = match extensions.remove(&schema.urn) {
        Some(Value::Object(values)) => values,
        _ => Map::new(),
    };
    for attribute in &schema.attributes {
        let Some(text) = typed.get(&attribute.id) else { continue };
        let definition = &attribute.definition;
        let before = match values.get(&definition.name) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        if is_unchanged(&before, text) {
            continue;
        }
        if text.trim().is_empty() {
            values.remove(&definition.name);
        } else {
            values.insert(definition.name.clone(), definition.typed(text));
        }
    }
    if !values.is_empty() {
        extensions.insert(schema.urn.clone(), Value::Object(values));
    }
}

/// A mail address that somebody wants to have.
pub fn new_address(typed: &str, present: Option<&str>) -> Result<String, FieldErrors> {
    let mail = typed.trim();
    let wrong = if mail.is_empty() {
        "Enter your new mail address."
    } else if !is_mail(mail) || mail.chars().count() > limits::USER_NAME || has_control(mail) {
        "This is no mail address. It looks like ada@example.org."
    } else if present.is_some_and(|present| name_key(present) == name_key(mail)) {
        "This is your mail address already."
    } else {
        return Ok(mail.to_owned());
    };
    Err(FieldErrors::of("mail", wrong))
}

/// Gives a profile another mail address in place of the one that comes first.
pub fn put_address(profile: &mut Profile, address: &str) {
    put_first(&mut profile.emails, Some(address.to_owned()));
    let place = first(&profile.emails);
    let mut index = 0;
    profile.emails.retain(|one| {
        let is_first = index == place;
        index += 1;
        is_first || name_key(&one.value) != name_key(address)
    });
    if !profile.emails.iter().any(|one| one.primary)
        && let Some(first) = profile.emails.first_mut()
    {
        first.primary = true;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::{
        SchemaId, Timestamp, UserId,
        extension::{Attribute as Custom, Kind},
        user::Origin,
    };

    const URN: &str = "urn:example:Staff";

    fn ada() -> User {
        User {
            id: UserId(Uuid::nil()),
            user_name: "ada".to_owned(),
            external_id: None,
            active: true,
            locked: false,
            origin: Origin::Api,
            excluded: false,
            staged: false,
            role: None,
            profile: serde_json::from_value(json!({
                "displayName": "Countess",
                "name": {"givenName": "Ada", "familyName": "Lovelace", "middleName": "King"},
                "phoneNumbers": [{"value": "1", "type": "home"}, {"value": "2", "type": "work", "primary": true}],
                "emails": [{"value": "ada@example.org", "type": "work"}, {"value": "ada@home.example"}],
                "extensions": {URN: {"badge": "B-1", "floor": 3, "tags": ["a"]}},
            }))
            .unwrap(),
            version: 1,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        }
    }

    fn schemas() -> Vec<Extension> {
        let of = |name: &str, kind| Definition { name: name.to_owned(), kind, ..Definition::default() };
        let definitions = [
            of("badge", Kind::String),
            of("floor", Kind::Integer),
            Definition { multi_valued: true, ..of("tags", Kind::String) },
            Definition { mutability: Mutability::Immutable, ..of("payroll", Kind::String) },
        ];
        vec![Extension {
            id: SchemaId(Uuid::nil()),
            urn: URN.to_owned(),
            name: "Staff".to_owned(),
            description: String::new(),
            attributes: (0u128..).zip(definitions).map(|(n, definition)| Custom { id: id(n), definition }).collect(),
            version: 1,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        }]
    }

    fn id(number: u128) -> AttributeId {
        AttributeId(Uuid::from_u128(number))
    }

    fn all() -> OwnProfile {
        OwnProfile { attributes: (0..4).map(|n| (id(n), n.to_string())).collect(), ..OwnProfile::default() }
    }

    fn typed(fields: &[(Field, &str)], attributes: &[(u128, &str)]) -> Typed {
        Typed {
            fields: fields.iter().map(|(field, text)| (*field, (*text).to_owned())).collect(),
            attributes: attributes.iter().map(|(n, text)| (id(*n), (*text).to_owned())).collect(),
        }
    }

    fn changed(fields: &[(Field, &str)], attributes: &[(u128, &str)]) -> Profile {
        all().change(&ada(), &schemas(), &Kept::new(), &typed(fields, attributes)).unwrap().profile
    }

    #[test]
    fn what_is_typed_as_it_was_changes_nothing() {
        let fields: Vec<_> = Field::ALL
            .into_iter()
            .map(|field| (field, field.value(&ada().profile).unwrap_or_default().to_owned()))
            .collect();
        let fields: Vec<_> = fields.iter().map(|(field, text)| (*field, text.as_str())).collect();
        assert_eq!(changed(&fields, &[(0, "B-1"), (1, "3")]), ada().profile);
        assert_eq!(changed(&[], &[]), ada().profile);
    }

    #[test]
    fn every_field_is_set_and_emptied_and_the_rest_stays() {
        for field in Field::ALL {
            let set = changed(&[(field, " x ")], &[]);
            assert_eq!(field.value(&set), Some("x"), "{field:?}");
            assert_eq!(set.name.as_ref().unwrap().middle_name.as_deref(), Some("King"));
            assert_ne!(field.value(&changed(&[(field, " ")], &[])), field.value(&ada().profile), "{field:?}");
        }
        let phones = changed(&[(Field::PhoneNumber, "3")], &[]).phone_numbers;
        assert_eq!((phones[0].value.as_str(), phones[1].value.as_str(), phones[1].primary), ("1", "3", true));
        assert_eq!(changed(&[(Field::PhoneNumber, "")], &[]).phone_numbers.len(), 1);
        let values = &changed(&[], &[(0, ""), (1, "4")]).extensions[URN];
        assert_eq!(*values, json!({"floor": 4, "tags": ["a"]}));
    }

    #[test]
    fn what_is_not_allowed_refuses_all_of_it() {
        let refused = |settings: &OwnProfile, kept: &Kept, typed: &Typed| {
            settings.change(&ada(), &schemas(), kept, typed).unwrap_err().get("").is_some()
        };
        let nothing = Kept::new();
        let two = typed(&[(Field::GivenName, "Augusta"), (Field::FamilyName, "King")], &[]);
        assert!(refused(&OwnProfile { family_name: false, ..all() }, &nothing, &two));
        assert!(refused(&all(), &Kept::from([(Attribute::FamilyName, "Globex".to_owned())]), &two));
        assert!(refused(&OwnProfile::default(), &nothing, &typed(&[], &[(0, "B-2")])), "none unless it is said");
        for many_or_fixed in [2, 3, 9] {
            assert!(refused(&all(), &nothing, &typed(&[], &[(many_or_fixed, "x")])), "{many_or_fixed}");
        }
    }

    #[test]
    fn what_is_too_long_is_told_at_its_field() {
        let long = "x".repeat(limits::ATTRIBUTE + 1);
        let wrong = typed(&[(Field::GivenName, &long), (Field::PhoneNumber, "1\u{7}")], &[]);
        let errors = all().change(&ada(), &schemas(), &Kept::new(), &wrong).unwrap_err();
        assert_eq!(errors.0.keys().collect::<Vec<_>>(), ["given_name", "phone_number"]);
    }

    #[test]
    fn another_address_takes_the_place_of_the_first() {
        let mut profile = ada().profile;
        put_address(&mut profile, "countess@example.org");
        let values =
            |profile: &Profile| -> Vec<String> { profile.emails.iter().map(|one| one.value.clone()).collect() };
        assert_eq!(values(&profile), ["countess@example.org", "ada@home.example"]);
        assert_eq!(profile.primary_email(), Some("countess@example.org"));
        assert_eq!(profile.emails[0].kind.as_deref(), Some("work"));
        put_address(&mut profile, "ADA@home.example");
        assert_eq!(values(&profile), ["ADA@home.example"], "nobody has an address twice");
        let mut nobody = Profile::default();
        put_address(&mut nobody, "a@b.org");
        assert_eq!(nobody.primary_email(), Some("a@b.org"));
    }

    #[test]
    fn an_address_is_one_and_another_one() {
        assert_eq!(new_address(" a@b.org ", None).unwrap(), "a@b.org");
        for wrong in ["", "ada", "a b@c.org", "a@b\u{7}.org", "Ada@example.org"] {
            assert!(new_address(wrong, Some("ada@example.org")).unwrap_err().get("mail").is_some(), "{wrong}");
        }
    }
}
