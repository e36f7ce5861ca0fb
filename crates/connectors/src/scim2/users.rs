//! The addresses of one user endpoint.

use url::{Url, form_urlencoded};

use crate::Failure;

/// `{endpoint}?filter=…`, keeping a query that the endpoint has of its own.
pub(super) fn filtered(endpoint: &Url, filter: &str) -> Url {
    with_query(endpoint, &[("filter", filter)])
}

/// A page of a list that does not fit into one answer (RFC 7644 section 3.4.2.4).
pub(super) fn page(endpoint: &Url, filter: Option<&str>, start_index: usize, count: usize) -> Url {
    let (start_index, count) = (start_index.to_string(), count.to_string());
    let mut pairs = vec![("startIndex", start_index.as_str()), ("count", count.as_str())];
    if let Some(filter) = filter {
        pairs.insert(0, ("filter", filter));
    }
    with_query(endpoint, &pairs)
}

/// Encoded so that servers of both schools read it alike: a blank is `%20`, a plus sign `%2B`.
fn with_query(endpoint: &Url, pairs: &[(&str, &str)]) -> Url {
    let encoded = pairs.iter().map(|(name, value)| {
        let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        format!("{name}={}", value.replace('+', "%20"))
    });
    let own = endpoint.query().filter(|query| !query.is_empty()).map(str::to_owned);
    let query = own.into_iter().chain(encoded).collect::<Vec<_>>().join("&");
    let mut url = endpoint.clone();
    url.set_query(Some(&query));
    url
}

/// `{endpoint}/{id}`. The id is one segment of the path, whatever it holds.
pub(super) fn user(endpoint: &Url, id: &str) -> Result<Url, Failure> {
    // These vanish from a path (WHATWG URL): the call would reach the whole collection.
    if matches!(id, "" | "." | "..") {
        return Err(Failure::misconfigured(format!("“{id}” cannot be the id of an account.")));
    }
    let mut url = endpoint.clone();
    url.path_segments_mut()
        .map_err(|()| Failure::misconfigured("The User Endpoint cannot have addresses below it."))?
        .pop_if_empty()
        .push(id);
    Ok(url)
}

/// `ServiceProviderConfig` beside the users (RFC 7644 section 4).
pub(super) fn service_description(endpoint: &Url) -> Option<Url> {
    let mut url = endpoint.clone();
    url.path_segments_mut().ok()?.pop_if_empty().pop().push("ServiceProviderConfig");
    Some(url)
}

/// `Schemas` beside the users (RFC 7644 section 4).
pub(super) fn schemas(endpoint: &Url) -> Option<Url> {
    let mut url = endpoint.clone();
    url.path_segments_mut().ok()?.pop_if_empty().pop().push("Schemas");
    Some(url)
}

/// The id that a `Location` ends with, if it lies where accounts do. It is never called: it may lead anywhere.
pub(super) fn id_in_location(endpoint: &Url, location: &str) -> Option<String> {
    let location = endpoint.join(location).ok()?;
    let segments = |url: &Url| -> Vec<String> {
        url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let (home, path) = (segments(endpoint), segments(&location));
    let [.., parent, id] = path.as_slice() else { return None };
    (Some(parent) == home.last()).then(|| decoded(id)).flatten()
}

/// Undoes percent-encoding; a stray `%` stands for itself. None if the result is not UTF-8.
fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, ..] => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &rest[3..] } else { tail };
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn endpoint(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_filter_is_encoded_and_the_endpoints_own_query_kept() {
        let url = filtered(&endpoint("https://acme.example/Users?v=2"), r#"userName eq "a+b&c d%""#);
        assert_eq!(url.as_str(), "https://acme.example/Users?v=2&filter=userName%20eq%20%22a%2Bb%26c%20d%25%22");
    }

    #[test]
    fn an_id_is_one_segment_whatever_it_holds() {
        for base in ["https://acme.example/scim/Users?v=2", "https://acme.example/scim/Users/?v=2"] {
            let url = user(&endpoint(base), "a/b?c#d%20ü \\..").unwrap();
            assert_eq!(url.as_str(), "https://acme.example/scim/Users/a%2Fb%3Fc%23d%2520%C3%BC%20%5C..?v=2");
        }
    }

    #[test]
    fn an_id_that_would_vanish_from_the_path_is_refused() {
        for id in ["", ".", ".."] {
            assert_eq!(user(&endpoint("https://acme.example/Users"), id).unwrap_err().kind(), "misconfigured");
        }
    }

    #[test]
    fn the_service_description_lies_beside_the_users() {
        let url = service_description(&endpoint("https://acme.example/scim/v2/Users/")).unwrap();
        assert_eq!(url.as_str(), "https://acme.example/scim/v2/ServiceProviderConfig");
    }

    #[test]
    fn a_location_gives_an_id_only_below_the_users() {
        let home = endpoint("https://acme.example/scim/v2/Users");
        let id = |location| id_in_location(&home, location);
        assert_eq!(id("https://acme.example/scim/v2/Users/42").as_deref(), Some("42"));
        assert_eq!(id("http://inside.example/Users/a%2Fb+c?x=y").as_deref(), Some("a/b+c"));
        assert_eq!(id("/scim/v2/Users/42/").as_deref(), Some("42"));
        assert_eq!(id("Users/42").as_deref(), Some("42"));
        assert_eq!(id("https://acme.example/scim/v2/Users"), None);
        assert_eq!(id("/scim/v2/Users/a&b=100%").as_deref(), Some("a&b=100%"));
        assert_eq!(id("/scim/v2/Users/%ff"), None, "no UTF-8");
        assert_eq!(id("https://acme.example/jobs/42"), None);
        assert_eq!(id(""), None);
    }

    proptest! {
        #[test]
        fn an_id_comes_back_from_its_own_address(id in "\\PC{1,40}") {
            prop_assume!(id != "." && id != "..");
            let home = endpoint("https://acme.example/scim/v2/Users");
            let url = user(&home, &id).unwrap();
            prop_assert_eq!(url.path_segments().unwrap().count(), 4);
            prop_assert_eq!(id_in_location(&home, url.as_str()), Some(id));
        }

        #[test]
        fn a_filter_comes_back_from_its_query(filter in "\\PC{0,60}") {
            let url = filtered(&endpoint("https://acme.example/Users"), &filter);
            prop_assert_eq!(url.query_pairs().next().unwrap().1, filter);
        }
    }
}
