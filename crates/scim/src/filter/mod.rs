//! Filters (RFC 7644 section 3.4.2.2): a small tree that storage turns into SQL and [`Filter::matches`] evaluates.
//!
//! The text comes from outside and is bounded before it is read; [`Filter::check`] then tells a client about
//! attributes that do not exist. Writing a filter puts quotes and escapes where they belong: clients build theirs with
//! [`eq`] and [`and`], never by joining strings.

mod matches;
pub(crate) mod parse;

use std::{fmt, str::FromStr};

use serde_json::{Number, Value};

pub(crate) use matches::found;
pub use matches::matches_element;

use crate::{
    ScimError,
    path::AttributePath,
    schema::{Attribute, ResourceSchema, Type},
};

/// Characters in a filter, also in one within a PATCH path.
pub const MAX_LENGTH: usize = 2_000;
/// Parentheses, `not` and brackets within one another.
pub const MAX_DEPTH: usize = 16;

/// A filter as a tree. Groups that the text wrote with parentheses stay nested.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Two or more.
    And(Vec<Filter>),
    /// Two or more.
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Compare {
        path: AttributePath,
        operator: Operator,
        value: Literal,
    },
    Present {
        path: AttributePath,
    },
    /// `emails[type eq "work"]`: some value of `path` matches `filter`, whose paths are sub-attributes.
    ValuePath {
        path: AttributePath,
        filter: Box<Filter>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
    GreaterThan,
    GreaterOrEqual,
    LessThan,
    LessOrEqual,
}

impl Operator {
    pub const ALL: [Self; 9] = [
        Self::Equal,
        Self::NotEqual,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::GreaterThan,
        Self::GreaterOrEqual,
        Self::LessThan,
        Self::LessOrEqual,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::GreaterThan => "gt",
            Self::GreaterOrEqual => "ge",
            Self::LessThan => "lt",
            Self::LessOrEqual => "le",
        }
    }
}

/// What an attribute is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
}

impl From<Literal> for Value {
    fn from(literal: Literal) -> Self {
        match literal {
            Literal::Null => Self::Null,
            Literal::Bool(truth) => Self::Bool(truth),
            Literal::Number(number) => Self::Number(number),
            Literal::String(text) => Self::String(text),
        }
    }
}

/// `attribute eq "value"`, quoted and escaped: `eq("userName", "o\"neil")`.
pub fn eq(attribute: &str, value: &str) -> String {
    format!("{attribute} eq {}", Literal::String(value.to_owned()))
}

/// Joins texts made by [`eq`] with `and`.
pub fn and<S: AsRef<str>>(filters: impl IntoIterator<Item = S>) -> String {
    filters.into_iter().map(|filter| filter.as_ref().to_owned()).collect::<Vec<_>>().join(" and ")
}

/// # Errors
/// `invalidFilter` with the position (in characters, from 1) and what was expected there.
impl FromStr for Filter {
    type Err = ScimError;

    fn from_str(text: &str) -> Result<Self, ScimError> {
        parse::Parser::new(text)?.filter()
    }
}

impl Filter {
    /// Whether the resource type has these attributes and they can be compared so.
    ///
    /// # Errors
    /// `invalidFilter` naming the attribute.
    pub fn check(&self, schema: &ResourceSchema) -> Result<(), ScimError> {
        match self {
            Self::And(filters) | Self::Or(filters) => filters.iter().try_for_each(|filter| filter.check(schema)),
            Self::Not(filter) => filter.check(schema),
            Self::Present { path } => schema.resolve(path).map(|_| ()).ok_or_else(|| unknown(path)),
            Self::Compare { path, operator, value } => {
                let resolved = schema.resolve(path).ok_or_else(|| unknown(path))?;
                check_comparison(resolved.compared(), path, *operator, value)
            }
            Self::ValuePath { path, filter } => {
                let resolved = schema.resolve(path).filter(|found| found.sub_attribute.is_none());
                let resolved = resolved.ok_or_else(|| unknown(path))?;
                filter.check_values(resolved.attribute)
            }
        }
    }

    /// As [`Self::check`] where resources of several types are looked for: each attribute needs one that has it, and is
    /// without a value in the others (RFC 7644 section 3.4.2.1).
    ///
    /// # Errors
    /// `invalidFilter` naming the attribute.
    pub fn check_any(&self, schemas: &[&ResourceSchema]) -> Result<(), ScimError> {
        match self {
            Self::And(filters) | Self::Or(filters) => filters.iter().try_for_each(|filter| filter.check_any(schemas)),
            Self::Not(filter) => filter.check_any(schemas),
            leaf => {
                let mut outcome = Ok(());
                for schema in schemas {
                    outcome = leaf.check(schema);
                    if outcome.is_ok() {
                        break;
                    }
                }
                outcome
            }
        }
    }

    /// As [`Self::check`], for a filter within brackets: its paths are sub-attributes of `parent`, or its values.
    pub(crate) fn check_values(&self, parent: &Attribute) -> Result<(), ScimError> {
        match self {
            Self::And(filters) | Self::Or(filters) => filters.iter().try_for_each(|filter| filter.check_values(parent)),
            Self::Not(filter) => filter.check_values(parent),
            Self::Present { path } => sub_attribute(parent, path).map(|_| ()).ok_or_else(|| unknown(path)),
            Self::Compare { path, operator, value } => {
                let attribute = sub_attribute(parent, path).ok_or_else(|| unknown(path))?;
                check_comparison(attribute, path, *operator, value)
            }
            Self::ValuePath { path, .. } => Err(unknown(path)),
        }
    }

    /// What `attribute eq value` says of the value in a conjunction: what a PATCH `add` whose filter matches nothing
    /// makes. `None` where the filter says more than that.
    pub(crate) fn equalities(&self) -> Option<Vec<(&AttributePath, &Literal)>> {
        match self {
            Self::Compare { path, operator: Operator::Equal, value } => Some(vec![(path, value)]),
            Self::And(filters) => {
                let parts: Option<Vec<_>> = filters.iter().map(Self::equalities).collect();
                parts.map(|parts| parts.concat())
            }
            _ => None,
        }
    }
}

/// The attribute that a path within brackets names: a sub-attribute, or `value` for the values of a plain list.
pub fn sub_attribute<'s>(parent: &'s Attribute, path: &AttributePath) -> Option<&'s Attribute> {
    if path.schema.is_some() || path.sub_attribute.is_some() {
        return None;
    }
    let plain = parent.kind != Type::Complex && path.attribute.eq_ignore_ascii_case("value");
    parent.sub(&path.attribute).or_else(|| plain.then_some(parent))
}

fn unknown(path: &AttributePath) -> ScimError {
    ScimError::invalid_filter(format!("There is no attribute \"{path}\" to filter by."))
}

/// RFC 7644 table 3: booleans and binaries have no order, and an object cannot be compared.
fn check_comparison(
    attribute: &Attribute,
    path: &AttributePath,
    operator: Operator,
    value: &Literal,
) -> Result<(), ScimError> {
    let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
    if *value == Literal::Null && equality {
        return Ok(());
    }
    let partial = matches!(operator, Operator::Contains | Operator::StartsWith | Operator::EndsWith);
    let compares = match attribute.kind {
        Type::Complex => false,
        Type::Boolean | Type::Binary => equality,
        Type::Integer | Type::Decimal => !partial,
        Type::String | Type::Reference | Type::DateTime => true,
    };
    let fits = match attribute.kind {
        Type::Boolean => matches::as_bool(value).is_some(),
        Type::Integer | Type::Decimal => matches!(value, Literal::Number(_)),
        Type::DateTime if !partial => matches::as_time(value).is_some(),
        _ => matches!(value, Literal::String(_)),
    };
    if compares && fits {
        return Ok(());
    }
    Err(ScimError::invalid_filter(format!("\"{path}\" cannot be compared by \"{} {value}\".", operator.as_str())))
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::from(self.clone()).fmt(f)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(filters) => {
                write_joined(f, filters, " and ", |inner| matches!(inner, Self::And(_) | Self::Or(_)))
            }
            Self::Or(filters) => write_joined(f, filters, " or ", |inner| matches!(inner, Self::Or(_))),
            Self::Not(filter) => write!(f, "not ({filter})"),
            Self::Compare { path, operator, value } => write!(f, "{path} {operator} {value}"),
            Self::Present { path } => write!(f, "{path} pr"),
            Self::ValuePath { path, filter } => write!(f, "{path}[{filter}]"),
        }
    }
}

fn write_joined(
    f: &mut fmt::Formatter<'_>,
    filters: &[Filter],
    joint: &str,
    grouped: impl Fn(&Filter) -> bool,
) -> fmt::Result {
    for (index, filter) in filters.iter().enumerate() {
        if index > 0 {
            f.write_str(joint)?;
        }
        if grouped(filter) {
            write!(f, "({filter})")?;
        } else {
            write!(f, "{filter}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::schema;

    fn refused(text: &str) -> String {
        let filter: Filter = text.parse().unwrap();
        filter.check(schema::user()).unwrap_err().detail
    }

    #[test]
    fn a_clients_filter_is_quoted_and_escaped() {
        let text = eq("userName", "o\"n\\eil\n");
        assert_eq!(text, r#"userName eq "o\"n\\eil\n""#);
        let Filter::Compare { value, .. } = text.parse().unwrap() else { panic!("a comparison") };
        assert_eq!(value, Literal::String("o\"n\\eil\n".to_owned()));
        assert_eq!(and([eq("a", "1"), eq("b", "2")]), r#"a eq "1" and b eq "2""#);
    }

    #[test]
    fn what_cannot_be_compared_is_refused_by_name() {
        assert_eq!(refused("shoeSize eq 41"), "There is no attribute \"shoeSize\" to filter by.");
        assert!(refused("emails[size gt 3]").contains("\"size\""));
        assert!(refused("name eq \"Ada\"").contains("\"name\""));
        assert!(refused("active gt true").contains("\"active\""));
        assert!(refused("userName eq 3").contains("\"userName\""));
        assert!(refused("meta.created gt \"yesterday\"").contains("\"meta.created\""));
        let sound: Filter = "active eq \"True\" and emails eq \"a@example.org\" and title eq null".parse().unwrap();
        sound.check(schema::user()).unwrap();
    }

    #[test]
    fn several_types_share_a_filter() {
        let both = [schema::user(), schema::served_group()];
        let sound: Filter = "userName pr or not (members pr) and displayName sw \"a\"".parse().unwrap();
        sound.check_any(&both).unwrap();
        assert!(sound.check(schema::user()).is_err());
        let unknown: Filter = "userName pr or shoeSize pr".parse().unwrap();
        assert!(unknown.check_any(&both).unwrap_err().detail.contains("shoeSize"));
    }

    fn attribute_path() -> impl Strategy<Value = AttributePath> {
        (
            proptest::option::of(Just("urn:example:2.0:User".to_owned())),
            "[a-zA-Z][a-zA-Z0-9_-]{0,8}",
            proptest::option::of("[$]?[a-zA-Z][a-zA-Z0-9_-]{0,8}"),
        )
            .prop_map(|(schema, attribute, sub_attribute)| AttributePath { schema, attribute, sub_attribute })
    }

    fn literal() -> impl Strategy<Value = Literal> {
        prop_oneof![
            Just(Literal::Null),
            any::<bool>().prop_map(Literal::Bool),
            any::<i64>().prop_map(|number| Literal::Number(number.into())),
            any::<f64>().prop_filter_map("finite", |number| Number::from_f64(number).map(Literal::Number)),
            ".{0,12}".prop_map(Literal::String),
        ]
    }

    fn attribute_filter() -> impl Strategy<Value = Filter> {
        prop_oneof![
            attribute_path().prop_map(|path| Filter::Present { path }),
            (attribute_path(), proptest::sample::select(&Operator::ALL[..]), literal())
                .prop_map(|(path, operator, value)| Filter::Compare { path, operator, value }),
        ]
    }

    fn grouped(leaf: impl Strategy<Value = Filter> + 'static) -> impl Strategy<Value = Filter> {
        leaf.prop_recursive(4, 12, 3, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
                proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::Or),
                inner.prop_map(|filter| Filter::Not(Box::new(filter))),
            ]
        })
    }

    fn filter() -> impl Strategy<Value = Filter> {
        let value_path = (attribute_path(), grouped(attribute_filter()))
            .prop_map(|(path, filter)| Filter::ValuePath { path, filter: Box::new(filter) });
        grouped(prop_oneof![3 => attribute_filter(), 1 => value_path])
    }

    proptest! {
        #[test]
        fn a_filter_is_read_as_it_was_written(filter in filter()) {
            let text = filter.to_string();
            prop_assume!(text.chars().count() <= MAX_LENGTH);
            prop_assert_eq!(text.parse::<Filter>().unwrap(), filter);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let _ = text.parse::<Filter>();
            let _ = text.parse::<crate::PatchPath>();
        }

        #[test]
        fn any_heap_of_tokens_is_read_or_refused(
            tokens in proptest::collection::vec(
                proptest::sample::select(
                    &["a", "a.b", "urn:x:y", "eq", "pr", "and", "or", "not", "(", ")", "[", "]", "\"x\"", "1", "-", "]."][..],
                ),
                0..30,
            )
        ) {
            if let Ok(filter) = tokens.join(" ").parse::<Filter>() {
                prop_assert_eq!(filter.to_string().parse::<Filter>().unwrap(), filter);
            }
        }
    }
}
