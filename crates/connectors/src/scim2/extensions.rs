//! Extension schemas that an administrator here defined, and whether a target takes them.
//!
//! The enterprise extension is a standard, and always sent. Of others a target may know nothing, and that must not keep
//! it from the rest of an account. So before one is sent, `/Schemas` is asked, and what is not listed there is left out.
//! Where nothing can be read there it is sent; if the target refuses and takes the account without it, it is left out
//! from then on. Of several each is left out alone at first, so that none goes with another that the target knows not.
//! What was found out holds for a day, or until the connector's configuration changes.
//!
//! What was left out does not count as sent, so it goes out with the account's first change after the target has come
//! to know the schema.

use std::{collections::BTreeMap, time::Duration};

use domain::Timestamp;
use http::Method;
use scim::urn;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{answer::Answer, learned::Learned, users, wire::Wire};
use crate::Failure;

/// For how long what was found out holds.
const REMEMBERED: Duration = Duration::from_hours(24);

/// Whether a target takes an extension. A stored payload: add, never rename.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Takes {
    /// It lists the schema: what it says against a value is about the value.
    Yes,
    No,
    /// It does not say.
    Perhaps,
}

/// What was found out, and when. A stored payload: add, never rename.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) takes: Takes,
    /// Microseconds.
    pub(super) at: i64,
}

pub(super) type Known = BTreeMap<String, Found>;

/// The extensions of a document that not every target knows.
fn custom(document: &Value) -> impl Iterator<Item = &String> {
    let keys = document.as_object().into_iter().flat_map(|fields| fields.keys());
    keys.filter(|key| key.starts_with("urn:") && *key != urn::ENTERPRISE_USER)
}

/// What the target makes of the extensions in which a document differs from what was sent before.
pub(super) async fn ask(
    wire: &Wire<'_>,
    want: &Value,
    sent: Option<&Value>,
) -> Result<BTreeMap<String, Takes>, Failure> {
    let sent = sent.unwrap_or(&Value::Null);
    let mut changed: Vec<&String> =
        custom(want).chain(custom(sent)).filter(|urn| want.get(urn) != sent.get(urn)).collect();
    changed.sort_unstable();
    changed.dedup();
    if changed.is_empty() {
        return Ok(BTreeMap::new());
    }
    let now = wire.call.clock.now();
    let known = Learned::of(wire.call).extensions;
    let fresh = |urn: &String| {
        let found = known.get(urn)?;
        (now.since(Timestamp::from_micros(found.at)) < REMEMBERED).then_some(found.takes)
    };
    let (known, unknown): (Vec<&String>, Vec<&String>) = changed.into_iter().partition(|urn| fresh(urn).is_some());
    let mut asked: BTreeMap<String, Takes> =
        known.into_iter().filter_map(|urn| Some((urn.clone(), fresh(urn)?))).collect();
    if !unknown.is_empty() {
        let listed = listed(wire).await?;
        let takes = |urn: &String| match &listed {
            Some(listed) if listed.iter().any(|one| one.eq_ignore_ascii_case(urn)) => Takes::Yes,
            Some(_) => Takes::No,
            None => Takes::Perhaps,
        };
        let found = unknown.into_iter().map(|urn| (urn.clone(), takes(urn))).collect();
        remember(wire, &found);
        asked.extend(found);
    }
    Ok(asked)
}

fn remember(wire: &Wire<'_>, found: &BTreeMap<String, Takes>) {
    let at = wire.call.clock.now().as_micros();
    Learned::update(wire.call, |learned| {
        learned.extensions.extend(found.iter().map(|(urn, takes)| (urn.clone(), Found { takes: *takes, at })));
    });
}

/// Remembers that the target took an account without these only.
pub(super) fn refused(wire: &Wire<'_>, urns: &[String]) {
    remember(wire, &urns.iter().map(|urn| (urn.clone(), Takes::No)).collect());
}

/// What to leave out in turn after a refusal: each alone, then all.
pub(super) fn in_turn(unsure: &[String]) -> impl Iterator<Item = Vec<String>> {
    let all = (unsure.len() > 1).then(|| unsure.to_vec());
    unsure.iter().map(|urn| vec![urn.clone()]).chain(all)
}

pub(super) fn which(asked: &BTreeMap<String, Takes>, takes: Takes) -> Vec<String> {
    asked.iter().filter(|(_, one)| **one == takes).map(|(urn, _)| urn.clone()).collect()
}

/// A document without some of its extensions.
pub(super) fn without(document: &Value, urns: &[String]) -> Value {
    let mut document = document.clone();
    if let Some(fields) = document.as_object_mut().filter(|_| !urns.is_empty()) {
        fields.retain(|key, _| !urns.contains(key));
        if let Some(schemas) = fields.get_mut("schemas").and_then(Value::as_array_mut) {
            schemas.retain(|schema| !urns.iter().any(|urn| schema == urn));
        }
    }
    document
}

/// Whether a refusal may be about an extension that the target does not know.
pub(super) fn may_be_about_extensions(answer: &Answer) -> bool {
    let kind = answer.scim_type.as_deref().unwrap_or_default();
    answer.status.as_u16() == 400 && !kind.eq_ignore_ascii_case("uniqueness")
}

/// The ids of the schemas that a target publishes (RFC 7644 section 4); none where that cannot be read, or where it
/// shows a part of them only.
async fn listed(wire: &Wire<'_>) -> Result<Option<Vec<String>>, Failure> {
    let Some(url) = users::schemas(&wire.settings.users) else { return Ok(None) };
    let answer = wire.send(Method::GET, url, None).await?;
    if !answer.is_success() {
        return Ok(None);
    }
    let Some(document) = &answer.json else { return Ok(None) };
    let field = |name: &str| {
        let fields = document.as_object()?;
        fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let list = field("Resources").or(Some(document)).and_then(Value::as_array);
    let ids: Option<Vec<String>> =
        list.map(|schemas| schemas.iter().filter_map(|schema| schema["id"].as_str().map(str::to_owned)).collect());
    let total = field("totalResults").and_then(Value::as_u64).unwrap_or_default();
    Ok(ids.filter(|ids| !ids.is_empty() && ids.len() as u64 >= total))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_standard_extension_is_not_custom() {
        let document =
            json!({"schemas": [], "urn:x:A": {"a": 1}, "userName": "ada", urn::ENTERPRISE_USER: {"department": "x"}});
        assert_eq!(custom(&document).collect::<Vec<_>>(), ["urn:x:A"]);
    }

    #[test]
    fn an_extension_is_left_out_with_its_name() {
        let document = json!({"schemas": [urn::USER, "urn:x:A"], "urn:x:A": {"a": 1}, "userName": "ada"});
        let bare = without(&document, &["urn:x:A".to_owned()]);
        assert_eq!(bare, json!({"schemas": [urn::USER], "userName": "ada"}));
        assert_eq!(without(&document, &[]), document);
    }

    #[test]
    fn each_is_left_out_alone_before_all_are() {
        let turns = |urns: &[&str]| {
            let urns: Vec<String> = urns.iter().map(|urn| (*urn).to_owned()).collect();
            in_turn(&urns).collect::<Vec<_>>()
        };
        assert_eq!(turns(&[]), Vec::<Vec<String>>::new());
        assert_eq!(turns(&["a"]), [["a"]]);
        assert_eq!(turns(&["a", "b"]), [vec!["a"], vec!["b"], vec!["a", "b"]]);
    }

    #[test]
    fn it_is_stored_by_these_names() {
        let found = Found { takes: Takes::Perhaps, at: 7 };
        assert_eq!(json!(found), json!({"takes": "perhaps", "at": 7}));
    }
}
