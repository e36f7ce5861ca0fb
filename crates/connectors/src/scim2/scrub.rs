//! Keeps secrets out of what is recorded and shown.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use serde_json::Value;

pub(super) const REDACTED: &str = "[redacted]";

/// Attributes whose value is never kept, whoever sent it, compared without case, hyphens and underscores.
const SECRET_NAMES: [&str; 11] = [
    "accesstoken",
    "apikey",
    "authorization",
    "clientsecret",
    "credential",
    "credentials",
    "password",
    "refreshtoken",
    "secret",
    "token",
    "xapikey",
];

/// Knows the secrets of one call, also as they look inside JSON, URLs and basic credentials.
#[derive(Default)]
pub(super) struct Scrubber {
    needles: Vec<Zeroizing<String>>,
}

impl Scrubber {
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let mut scrubber = Self::default();
        secrets.into_iter().for_each(|secret| scrubber.add(secret.expose_secret()));
        scrubber
    }

    pub(super) fn add(&mut self, secret: &str) {
        let json = Value::from(secret).to_string();
        let url: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let forms = [
            secret.to_owned(),
            json[1..json.len() - 1].to_owned(),
            url.replace('+', "%20"),
            url,
            BASE64_STANDARD.encode(secret),
        ];
        for form in forms {
            if !form.is_empty() && !self.needles.iter().any(|needle| **needle == form) {
                self.needles.push(Zeroizing::new(form));
            }
        }
        // The longest first: one secret may be the beginning of another.
        self.needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
    }

    /// One pass, so that what was put in is not searched again.
    pub(super) fn text(&self, text: &str) -> String {
        let mut clean = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some(needle) = self.needles.iter().find(|needle| rest.starts_with(needle.as_str())) {
                clean.push_str(REDACTED);
                rest = &rest[needle.len()..];
            } else {
                clean.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        clean
    }

    /// A body as it may be kept: JSON without the attributes that hold secrets, and no known secret in any case.
    pub(super) fn body(&self, body: &[u8]) -> String {
        match serde_json::from_slice::<Value>(body) {
            Ok(document) => self.text(&without_secrets(document).to_string()),
            Err(_) => self.text(&String::from_utf8_lossy(body)),
        }
    }
}

fn without_secrets(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let names_password = fields.get("path").and_then(Value::as_str).is_some_and(is_secret);
            fields
                .into_iter()
                .map(|(name, value)| {
                    // In a PATCH the name stands in `path` and the secret in `value`.
                    let secret = is_secret(&name) || (names_password && name == "value");
                    let value = if secret && !value.is_null() { REDACTED.into() } else { without_secrets(value) };
                    (name, value)
                })
                .collect()
        }
        Value::Array(values) => values.into_iter().map(without_secrets).collect(),
        value => value,
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.rsplit([':', '.']).next().unwrap_or(name);
    let plain: String = name.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect();
    SECRET_NAMES.contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scrubber(secrets: &[&str]) -> Scrubber {
        let secrets: Vec<SecretString> = secrets.iter().map(|secret| SecretString::from(*secret)).collect();
        Scrubber::new(&secrets)
    }

    #[test]
    fn passwords_are_blanked_by_their_names() {
        let body = json!({
            "userName": "ada",
            "password": "correct horse",
            "Operations": [
                {"op": "replace", "path": "password", "value": "correct horse"},
                {"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:password", "value": "x"},
                {"op": "replace", "path": "title", "value": "Engineer"},
                {"op": "replace", "value": {"Password": "correct horse"}},
            ],
        });
        let kept = scrubber(&[]).body(body.to_string().as_bytes());
        assert!(!kept.contains("horse"), "{kept}");
        assert_eq!(kept.matches(REDACTED).count(), 4);
        assert!(kept.contains("Engineer"));
    }

    #[test]
    fn a_known_secret_is_blanked_wherever_it_is_echoed() {
        let scrub = scrubber(&[r#"pa"ss wörd"#, "t0k"]);
        let echoed = json!({"detail": r#"bad password pa"ss wörd, token t0k"#}).to_string();
        assert_eq!(scrub.body(echoed.as_bytes()), r#"{"detail":"bad password [redacted], token [redacted]"}"#);
        assert_eq!(scrub.text("?p=pa%22ss%20w%C3%B6rd&q=pa%22ss+w%C3%B6rd"), "?p=[redacted]&q=[redacted]");
        assert_eq!(scrub.text(&BASE64_STANDARD.encode(r#"pa"ss wörd"#)), REDACTED);
    }

    #[test]
    fn a_secret_that_begins_another_does_not_leave_its_rest() {
        assert_eq!(scrubber(&["abc", "abcdef"]).text("abcdef abc"), "[redacted] [redacted]");
    }

    #[test]
    fn a_secret_that_is_part_of_the_replacement_does_no_harm() {
        assert_eq!(scrubber(&["red"]).text("red rose"), "[redacted] rose");
    }

    #[test]
    fn what_is_not_json_is_scrubbed_too() {
        assert_eq!(scrubber(&["tok"]).body(b"<p>tok</p>\xff"), "<p>[redacted]</p>\u{fffd}");
    }
}
