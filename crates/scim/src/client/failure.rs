//! What a server says went wrong, whatever it says it in.

use serde_json::{Map, Value};

use crate::schema::field;

/// Characters kept of what a server says.
pub const MAX_DETAIL: usize = 300;
/// Bytes of a body that are looked at.
const MAX_READ: usize = 16 * 1024;

/// An error's text and keyword, out of SCIM, problem+json, other JSON, plain text or HTML. The text may repeat what we
/// sent: whoever keeps it redacts it first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// At most [`MAX_DETAIL`] characters on one line; empty if the server said nothing.
    pub detail: String,
    /// `uniqueness`, `invalidFilter` and so on, where the server says so.
    pub scim_type: Option<String>,
}

impl Failure {
    pub fn read(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(&body[..body.len().min(MAX_READ)]);
        let text = text.trim_start_matches('\u{feff}').trim();
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(fields)) => Self {
                detail: excerpt(&sentence(&fields).unwrap_or_else(|| text.to_owned())),
                scim_type: string(&fields, "scimType").map(|keyword| excerpt(&keyword)),
            },
            Ok(Value::String(text)) => Self { detail: excerpt(&text), scim_type: None },
            _ => Self { detail: excerpt(text), scim_type: None },
        }
    }

    pub fn is_uniqueness(&self) -> bool {
        self.scim_type.as_deref().is_some_and(|keyword| keyword.eq_ignore_ascii_case("uniqueness"))
    }
}

/// The first of the fields that servers put their words into.
fn sentence(fields: &Map<String, Value>) -> Option<String> {
    let direct = ["detail", "error_description", "message", "errorMessage", "title", "description"];
    direct.into_iter().find_map(|name| string(fields, name)).or_else(|| {
        ["error", "errors"].into_iter().find_map(|name| match field(fields, name)? {
            Value::String(text) => Some(text.clone()),
            Value::Object(inner) => sentence(inner),
            Value::Array(errors) => errors.iter().find_map(|error| match error {
                Value::String(text) => Some(text.clone()),
                Value::Object(inner) => sentence(inner),
                _ => None,
            }),
            _ => None,
        })
    })
}

fn string(fields: &Map<String, Value>, name: &str) -> Option<String> {
    let text = field(fields, name)?.as_str()?;
    (!text.trim().is_empty()).then(|| text.to_owned())
}

/// One line of plain text, of at most [`MAX_DETAIL`] characters.
pub(super) fn excerpt(text: &str) -> String {
    let plain = if text.trim_start().starts_with('<') { without_markup(text) } else { text.to_owned() };
    let plain: String = plain.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX_DETAIL {
        return line;
    }
    let mut cut: String = line.chars().take(MAX_DETAIL - 1).collect();
    cut.push('…');
    cut
}

fn without_markup(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        text.push(' ');
        rest = after_tag(&rest[start..]);
    }
    text.push_str(rest);
    // The ampersand last, so that "&amp;lt;" stays "&lt;".
    [("&nbsp;", " "), ("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .into_iter()
        .fold(text, |text, (entity, plain)| text.replace(entity, plain))
}

/// What follows a tag, or a comment, script or style with all that is in it. `html` starts with `<`.
fn after_tag(html: &str) -> &str {
    let until = |end: &str| find_ignoring_case(html, end).map_or("", |at| &html[at + end.len()..]);
    if html.starts_with("<!--") {
        return until("-->");
    }
    for (open, close) in [("<script", "</script>"), ("<style", "</style>")] {
        if html.get(..open.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(open)) {
            return until(close);
        }
    }
    until(">")
}

fn find_ignoring_case(text: &str, ascii: &str) -> Option<usize> {
    text.as_bytes().windows(ascii.len()).position(|window| window.eq_ignore_ascii_case(ascii.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn detail(body: &str) -> String {
        Failure::read(body.as_bytes()).detail
    }

    #[test]
    fn a_scim_error_gives_its_detail_and_keyword() {
        let failure = Failure::read(
            br#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"Taken.","scimType":"uniqueness","status":"409"}"#,
        );
        assert_eq!(failure.detail, "Taken.");
        assert!(failure.is_uniqueness());
    }

    #[test]
    fn other_json_gives_its_sentence() {
        assert_eq!(detail(r#"{"title":"Forbidden","detail":"No seat left."}"#), "No seat left.");
        assert_eq!(detail(r#"{"title":"Forbidden","detail":" "}"#), "Forbidden");
        assert_eq!(detail(r#"{"error":"invalid_client","error_description":"Unknown client."}"#), "Unknown client.");
        assert_eq!(detail(r#"{"error":{"code":7,"message":"Quota."}}"#), "Quota.");
        assert_eq!(detail(r#"{"Errors":[{"code":"400","description":"Bad name."}]}"#), "Bad name.");
        assert_eq!(detail(r#"{"code":7}"#), r#"{"code":7}"#);
        assert_eq!(detail(r#""No.""#), "No.");
    }

    #[test]
    fn a_page_gives_its_words() {
        let page = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title><STYLE>b{}</STYLE>\
                    <script>if (a < b) alert(1)</script></head><body><!-- <b>x</b> --><h1>Oh &amp; no</h1>\n</body></html>";
        assert_eq!(detail(page), "502 Bad Gateway Oh & no");
        assert_eq!(detail("<script>never closed"), "");
    }

    #[test]
    fn a_text_is_put_on_one_line_and_cut() {
        assert_eq!(detail("Service\r\n\tUnavailable\u{0}"), "Service Unavailable");
        assert_eq!(detail(""), "");
        let long = detail(&"é".repeat(1000));
        assert_eq!(long.chars().count(), MAX_DETAIL);
        assert!(long.ends_with('…'));
    }

    proptest! {
        #[test]
        fn any_body_gives_a_bounded_line(body in proptest::collection::vec(any::<u8>(), 0..400), html in "(<[a-z!/-]{0,8}>?|.){0,60}") {
            for failure in [Failure::read(&body), Failure::read(html.as_bytes())] {
                prop_assert!(failure.detail.chars().count() <= MAX_DETAIL);
                prop_assert!(!failure.detail.contains(char::is_control));
            }
        }
    }
}
