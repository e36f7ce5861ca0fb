//! Lists: what a query asks for and how its answer is written (RFC 7644 sections 3.4.2 and 3.4.3, RFC 9865).

use serde_json::{Map, Value, json};

use crate::{
    Filter, ScimError, cursor,
    cursor::Cursor,
    path::shown,
    projection::Projection,
    schema::{field, is_unassigned},
    sort::Sort,
    urn,
};

/// What a GET on a collection, or a `POST /.search`, asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    pub filter: Option<Filter>,
    pub page: Page,
    pub projection: Projection,
    pub sort: Option<Sort>,
    /// As it came, where the client turns pages by cursor; [`Query::cursor_of`] reads it.
    pub cursor: Option<String>,
}

/// A page by index (RFC 7644 section 3.4.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub start_index: u64,
    /// As asked for; `Some(0)` asks for the total alone. [`Page::limit`] bounds it.
    pub count: Option<u64>,
}

impl Default for Page {
    fn default() -> Self {
        Self { start_index: 1, count: None }
    }
}

impl Page {
    /// Results to return, `default` where the client does not say, never more than `max`.
    pub fn limit(self, default: u64, max: u64) -> u64 {
        self.count.unwrap_or(default).min(max)
    }

    /// Results to skip.
    pub fn offset(self) -> u64 {
        self.start_index.saturating_sub(1)
    }
}

impl Query {
    /// From a URL's query; parameters that SCIM does not know are ignored.
    ///
    /// # Errors
    /// `invalidFilter` and `invalidPath`, and `invalidValue` for numbers and orders that are none.
    pub fn from_parameters<'t>(parameters: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Self, ScimError> {
        let mut given = Given::default();
        for (name, value) in parameters {
            match name.to_ascii_lowercase().as_str() {
                "filter" => given.filter = Some(value),
                "startindex" => given.start_index = Some(whole_number("startIndex", value)?),
                "count" => given.count = Some(Count::Text(value)),
                "cursor" => given.cursor = Some(value),
                "sortby" => given.sort_by = Some(value),
                "sortorder" => given.sort_order = Some(value),
                "attributes" => given.attributes.extend(value.split(',')),
                "excludedattributes" => given.excluded.extend(value.split(',')),
                _ => {}
            }
        }
        given.query()
    }

    /// From the body of a `POST /.search`.
    ///
    /// # Errors
    /// As [`Self::from_parameters`], and `invalidSyntax` for what is no search request.
    pub fn from_search(body: &Value) -> Result<Self, ScimError> {
        let Value::Object(fields) = body else {
            return Err(ScimError::invalid_syntax("The body is not a JSON object."));
        };
        check_message(fields, urn::SEARCH_REQUEST)?;
        let asked = Given {
            filter: text(fields, "filter")?,
            start_index: number(fields, "startIndex")?,
            count: given(fields, "count").map(Count::Value),
            // Null says nothing; an empty text asks for the first page.
            cursor: field(fields, "cursor")
                .map(|_| text(fields, "cursor").map(Option::unwrap_or_default))
                .transpose()?,
            sort_by: text(fields, "sortBy")?,
            sort_order: text(fields, "sortOrder")?,
            attributes: texts(fields, "attributes")?,
            excluded: texts(fields, "excludedAttributes")?,
        };
        asked.query()
    }
}

impl Query {
    /// The page that is asked for by cursor in this list, such as `/Users`; `None` for one by index.
    ///
    /// # Errors
    /// `invalidCursor`
    pub fn cursor_of(&self, list: &str) -> Result<Option<Cursor>, ScimError> {
        self.cursor.as_deref().map(|text| Cursor::read(text, self.digest(list))).transpose()
    }

    /// What cursors of this query are bound to.
    pub fn digest(&self, list: &str) -> u64 {
        cursor::digest(list, self.filter.as_ref(), self.sort.as_ref())
    }
}

/// The parameters as they came.
#[derive(Default)]
struct Given<'t> {
    filter: Option<&'t str>,
    start_index: Option<i64>,
    count: Option<Count<'t>>,
    cursor: Option<&'t str>,
    sort_by: Option<&'t str>,
    sort_order: Option<&'t str>,
    attributes: Vec<&'t str>,
    excluded: Vec<&'t str>,
}

enum Count<'t> {
    Text(&'t str),
    Value(&'t Value),
}

impl Count<'_> {
    fn read(&self) -> Result<i64, ScimError> {
        match self {
            Self::Text(text) => whole_number("count", text),
            Self::Value(Value::String(text)) => whole_number("count", text),
            Self::Value(value) => value.as_i64().ok_or_else(|| wrong("count", "a whole number")),
        }
    }
}

impl Given<'_> {
    fn query(self) -> Result<Query, ScimError> {
        if self.cursor.is_some() && self.start_index.is_some() {
            return Err(ScimError::invalid_value("Use either \"cursor\" or \"startIndex\", not both."));
        }
        let count = match self.count.as_ref().map(Count::read).transpose() {
            Err(error) if self.cursor.is_some() => return Err(ScimError::invalid_count(error.detail)),
            count => count?,
        };
        let descending = match self.sort_order {
            None => false,
            Some(order) if order.eq_ignore_ascii_case("ascending") => false,
            Some(order) if order.eq_ignore_ascii_case("descending") => true,
            Some(_) => return Err(wrong("sortOrder", "\"ascending\" or \"descending\"")),
        };
        let sort = match self.sort_by {
            Some(by) => Some(Sort { by: by.parse()?, descending }),
            None => None,
        };
        // RFC 7644 table 6: a start below 1 means 1, a negative count means 0.
        let start_index = self.start_index.and_then(|start| u64::try_from(start).ok()).unwrap_or(1).max(1);
        let count = count.map(|count| u64::try_from(count).unwrap_or(0));
        Ok(Query {
            filter: self.filter.filter(|text| !text.trim().is_empty()).map(str::parse).transpose()?,
            page: Page { start_index, count },
            projection: Projection::new(self.attributes, self.excluded)?,
            sort,
            cursor: self.cursor.map(str::to_owned),
        })
    }
}

/// One page of results, as it is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct ListResponse {
    /// Results altogether, on all pages.
    pub total_results: u64,
    /// The first result's place among all, from 1.
    pub start_index: u64,
    pub resources: Vec<Value>,
}

impl ListResponse {
    /// A list that is always sent whole, such as `/Schemas`.
    pub fn whole(resources: Vec<Value>) -> Self {
        Self { total_results: resources.len() as u64, start_index: 1, resources }
    }

    pub fn into_value(self) -> Value {
        json!({
            "schemas": [urn::LIST_RESPONSE],
            "totalResults": self.total_results,
            "startIndex": self.start_index,
            "itemsPerPage": self.resources.len(),
            "Resources": self.resources,
        })
    }
}

/// One page of a list that is turned by cursor (RFC 9865 section 2).
#[derive(Clone, Debug, PartialEq)]
pub struct CursorResponse {
    /// Told with the first page alone: counting again for each would cost more than the page.
    pub total_results: Option<u64>,
    pub resources: Vec<Value>,
    pub next: Option<String>,
    pub previous: Option<String>,
}

impl CursorResponse {
    pub fn into_value(self) -> Value {
        let mut body = json!({
            "schemas": [urn::LIST_RESPONSE],
            "itemsPerPage": self.resources.len(),
            "Resources": self.resources,
        });
        if let Some(total) = self.total_results {
            body["totalResults"] = total.into();
        }
        if let Some(next) = self.next {
            body["nextCursor"] = next.into();
        }
        if let Some(previous) = self.previous {
            body["previousCursor"] = previous.into();
        }
        body
    }
}

/// A message names its schema, whatever else it may hold.
pub(crate) fn check_message(fields: &Map<String, Value>, urn: &str) -> Result<(), ScimError> {
    let listed = match field(fields, "schemas") {
        Some(Value::Array(listed)) => listed.as_slice(),
        _ => &[],
    };
    if listed.iter().filter_map(Value::as_str).any(|listed| listed.eq_ignore_ascii_case(urn)) {
        return Ok(());
    }
    Err(ScimError::invalid_syntax(format!("The attribute \"schemas\" must be a list with \"{urn}\".")))
}

fn given<'v>(fields: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    field(fields, name).filter(|value| !is_unassigned(value))
}

fn text<'v>(fields: &'v Map<String, Value>, name: &str) -> Result<Option<&'v str>, ScimError> {
    match given(fields, name) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or_else(|| wrong(name, "a string")),
    }
}

fn texts<'v>(fields: &'v Map<String, Value>, name: &str) -> Result<Vec<&'v str>, ScimError> {
    match given(fields, name) {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) => {
            values.iter().map(|value| value.as_str().ok_or_else(|| wrong(name, "a list of strings"))).collect()
        }
        Some(Value::String(text)) => Ok(text.split(',').collect()),
        Some(_) => Err(wrong(name, "a list of strings")),
    }
}

fn number(fields: &Map<String, Value>, name: &str) -> Result<Option<i64>, ScimError> {
    match given(fields, name) {
        None => Ok(None),
        Some(Value::String(text)) => whole_number(name, text).map(Some),
        Some(value) => value.as_i64().map(Some).ok_or_else(|| wrong(name, "a whole number")),
    }
}

fn whole_number(name: &str, text: &str) -> Result<i64, ScimError> {
    text.trim()
        .parse()
        .map_err(|_| ScimError::invalid_value(format!("\"{name}\" must be a whole number, not \"{}\".", shown(text))))
}

fn wrong(name: &str, wanted: &str) -> ScimError {
    ScimError::invalid_value(format!("\"{name}\" must be {wanted}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(parameters: &[(&str, &str)]) -> Result<Query, ScimError> {
        Query::from_parameters(parameters.iter().copied())
    }

    #[test]
    fn pages_are_counted_from_one_and_clamped() {
        let page = |start: &str, count: &str| query(&[("startIndex", start), ("count", count)]).unwrap().page;
        assert_eq!(page("0", "-5"), Page { start_index: 1, count: Some(0) });
        assert_eq!(page("-3", "10"), Page { start_index: 1, count: Some(10) });
        assert_eq!(page("11", "10").offset(), 10);
        assert_eq!(page("1", "5000").limit(100, 1000), 1000);
        assert_eq!(query(&[]).unwrap().page.limit(100, 1000), 100);
    }

    #[test]
    fn parameters_that_are_no_numbers_are_refused_by_name() {
        let error = query(&[("count", "many")]).unwrap_err();
        assert_eq!(error.detail, "\"count\" must be a whole number, not \"many\".");
        assert!(query(&[("startIndex", "1.5")]).unwrap_err().detail.contains("startIndex"));
        assert!(query(&[("sortBy", "userName"), ("sortOrder", "up")]).unwrap_err().detail.contains("sortOrder"));
        assert_eq!(query(&[("filter", "userName")]).unwrap_err().scim_type, Some(crate::ScimType::InvalidFilter));
    }

    #[test]
    fn a_search_request_says_the_same_as_a_query() {
        let search = Query::from_search(&json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "attributes": ["displayName", "userName"],
            "filter": "displayName sw \"smith\"",
            "sortBy": "userName",
            "sortOrder": "descending",
            "startIndex": 1,
            "count": 10,
        }));
        let parameters = query(&[
            ("attributes", "displayName,userName"),
            ("filter", "displayName sw \"smith\""),
            ("sortBy", "userName"),
            ("sortOrder", "descending"),
            ("startIndex", "1"),
            ("count", "10"),
            ("unknown", "x"),
        ]);
        assert_eq!(search.unwrap(), parameters.unwrap());
    }

    #[test]
    fn a_search_request_is_checked() {
        assert_eq!(Query::from_search(&json!([])).unwrap_err().scim_type, Some(crate::ScimType::InvalidSyntax));
        assert_eq!(Query::from_search(&json!({})).unwrap_err().scim_type, Some(crate::ScimType::InvalidSyntax));
        let body = json!({"schemas": [urn::SEARCH_REQUEST], "filter": 7});
        assert_eq!(Query::from_search(&body).unwrap_err().detail, "\"filter\" must be a string.");
    }

    #[test]
    fn a_page_by_cursor_is_asked_for_and_told() {
        let first = query(&[("cursor", ""), ("count", "2")]).unwrap();
        assert_eq!(first.cursor_of("/Users"), Ok(Some(Cursor::First)));
        assert_eq!(query(&[]).unwrap().cursor_of("/Users"), Ok(None));
        let place = cursor::Place { key: None, id: "1".to_owned() };
        let next = Cursor::After(place.clone()).write(first.digest("/Users"));
        let second = query(&[("cursor", &next)]).unwrap();
        assert_eq!(second.cursor_of("/Users"), Ok(Some(Cursor::After(place))));
        let kind = |error: ScimError| error.scim_type;
        assert_eq!(kind(second.cursor_of("/Groups").unwrap_err()), Some(crate::ScimType::InvalidCursor));
        let count = query(&[("cursor", ""), ("count", "many")]).unwrap_err();
        assert_eq!(kind(count), Some(crate::ScimType::InvalidCount));
        assert_eq!(
            kind(query(&[("cursor", ""), ("startIndex", "1")]).unwrap_err()),
            Some(crate::ScimType::InvalidValue)
        );
        let search = json!({"schemas": [urn::SEARCH_REQUEST], "cursor": "", "count": 2});
        assert_eq!(Query::from_search(&search).unwrap(), first);
        let page = CursorResponse { total_results: None, resources: vec![], next: Some(next.clone()), previous: None };
        assert_eq!(
            page.into_value(),
            json!({"schemas": [urn::LIST_RESPONSE], "itemsPerPage": 0, "Resources": [], "nextCursor": next})
        );
    }

    #[test]
    fn an_empty_list_still_has_its_resources() {
        assert_eq!(
            ListResponse { total_results: 0, start_index: 1, resources: Vec::new() }.into_value(),
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": [],
            })
        );
    }
}
