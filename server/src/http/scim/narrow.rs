//! Filters as far as lists can be narrowed by them now: equalities joined by `and`.

use domain::validation::name_key;
use scim::{
    AttributePath, Filter, ScimError,
    filter::{Literal, Operator},
    schema,
};
use storage::users::Matching;

/// Users on a page, unless the client says otherwise.
pub(super) const DEFAULT_RESULTS: u64 = 100;
/// Users on a page at most.
pub(super) const MAX_RESULTS: u64 = 200;

/// Which users a filter leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Narrowed {
    To(Matching),
    /// The filter contradicts itself.
    ToNobody,
}

/// # Errors
/// `invalidFilter` for unknown attributes, and for what is not supported, saying what is.
pub(super) fn narrow(filter: Option<&Filter>) -> Result<Narrowed, ScimError> {
    let mut matching = Matching::default();
    let Some(filter) = filter else { return Ok(Narrowed::To(matching)) };
    filter.check(schema::user())?;
    let mut possible = true;
    add(filter, &mut matching, &mut possible)?;
    Ok(if possible { Narrowed::To(matching) } else { Narrowed::ToNobody })
}

fn add(filter: &Filter, matching: &mut Matching, possible: &mut bool) -> Result<(), ScimError> {
    match filter {
        Filter::And(parts) => parts.iter().try_for_each(|part| add(part, matching, possible)),
        Filter::Compare { path, operator: Operator::Equal, value } => {
            let name = canonical(path).ok_or_else(unsupported)?;
            equal(&name, value, matching, possible)
        }
        Filter::ValuePath { path, filter } => match &**filter {
            Filter::Compare { path: inner, operator: Operator::Equal, value } => {
                let whole = AttributePath { sub_attribute: Some(inner.attribute.clone()), ..path.clone() };
                let name = canonical(&whole).ok_or_else(unsupported)?;
                equal(&name, value, matching, possible)
            }
            _ => Err(unsupported()),
        },
        _ => Err(unsupported()),
    }
}

/// The attribute as the core schema spells it; none for those of extensions.
fn canonical(path: &AttributePath) -> Option<String> {
    let resolved = schema::user().resolve(path).filter(|resolved| resolved.extension.is_none())?;
    let name = &resolved.attribute.name;
    Some(match resolved.sub_attribute {
        Some(sub) => format!("{name}.{}", sub.name),
        None => name.clone(),
    })
}

fn equal(name: &str, value: &Literal, matching: &mut Matching, possible: &mut bool) -> Result<(), ScimError> {
    match (name, value) {
        ("userName", Literal::String(text)) => {
            set(&mut matching.user_name, name_key(text), possible);
        }
        ("externalId", Literal::String(text)) => {
            set(&mut matching.external_id, text.clone(), possible);
        }
        ("emails" | "emails.value", Literal::String(text)) => {
            let key = name_key(text);
            // A user may have both: that takes more than one equality to find.
            if matching.email.as_ref().is_some_and(|email| *email != key) {
                return Err(unsupported());
            }
            matching.email = Some(key);
        }
        ("id", Literal::String(text)) => match text.parse() {
            Ok(id) => set(&mut matching.id, id, possible),
            Err(_) => *possible = false,
        },
        ("active", Literal::Bool(active)) => set(&mut matching.active, *active, possible),
        ("active", Literal::String(text)) => match text.to_ascii_lowercase().as_str() {
            "true" => set(&mut matching.active, true, possible),
            "false" => set(&mut matching.active, false, possible),
            _ => return Err(unsupported()),
        },
        _ => return Err(unsupported()),
    }
    Ok(())
}

fn set<T: PartialEq>(slot: &mut Option<T>, value: T, possible: &mut bool) {
    *possible &= slot.as_ref().is_none_or(|before| *before == value);
    *slot = Some(value);
}

fn unsupported() -> ScimError {
    ScimError::invalid_filter(
        "Users can be filtered by userName, externalId, emails.value, id and active, each with eq, joined by and.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Narrowed, ScimError> {
        narrow(Some(&text.parse().unwrap()))
    }

    fn matching(text: &str) -> Matching {
        match of(text).unwrap() {
            Narrowed::To(matching) => matching,
            Narrowed::ToNobody => panic!("{text} leaves nobody"),
        }
    }

    #[test]
    fn the_look_ups_of_clients_are_understood() {
        assert_eq!(matching("userName eq \"Ada\"").user_name.as_deref(), Some("ada"));
        assert_eq!(
            matching("urn:ietf:params:scim:schemas:core:2.0:User:USERNAME eq \"a\"").user_name.as_deref(),
            Some("a")
        );
        assert_eq!(matching("externalId eq \"X1\"").external_id.as_deref(), Some("X1"));
        for text in ["emails.value eq \"A@b.c\"", "emails eq \"A@b.c\"", "emails[value eq \"A@b.c\"]"] {
            assert_eq!(matching(text).email.as_deref(), Some("a@b.c"), "{text}");
        }
        let both = matching("userName eq \"ada\" and (active eq true and externalId eq \"7\")");
        assert_eq!((both.active, both.external_id.as_deref()), (Some(true), Some("7")));
    }

    #[test]
    fn a_contradiction_leaves_nobody() {
        assert_eq!(of("userName eq \"ada\" and userName eq \"grace\"").unwrap(), Narrowed::ToNobody);
        assert_eq!(of("active eq true and active eq false").unwrap(), Narrowed::ToNobody);
        assert_eq!(of("id eq \"7\"").unwrap(), Narrowed::ToNobody);
        assert_eq!(matching("userName eq \"ada\" and userName eq \"ADA\"").user_name.as_deref(), Some("ada"));
    }

    #[test]
    fn what_is_not_supported_is_said_with_what_is() {
        for text in [
            "userName sw \"a\"",
            "userName eq \"a\" or userName eq \"b\"",
            "not (active eq true)",
            "title eq \"Engineer\"",
            "emails.type eq \"work\"",
            "emails[type eq \"work\" and value eq \"a@b.c\"]",
            "emails eq \"a@b.c\" and emails eq \"d@e.f\"",
            "userName pr",
            "externalId eq null",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"x\"",
        ] {
            let error = of(text).unwrap_err();
            assert_eq!(error.scim_type, Some(scim::ScimType::InvalidFilter), "{text}");
            assert!(error.detail.contains("joined by and"), "{text}: {}", error.detail);
        }
        assert!(of("shoeSize eq 41").unwrap_err().detail.contains("shoeSize"));
    }
}
