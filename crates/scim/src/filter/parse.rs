//! The grammar of RFC 7644 figure 1, by recursive descent. Operators and keywords are read in any case.

use serde_json::Number;

use super::{Filter, Literal, MAX_DEPTH, MAX_LENGTH, Operator};
use crate::{
    ScimError,
    path::{AttributePath, PatchPath, is_name, shown},
};

/// Ends a name, an operator or a number.
const BREAKS: &[char] = &['(', ')', '[', ']', '"'];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Filter,
    Brackets,
}

pub(crate) struct Parser<'t> {
    text: &'t str,
    /// Byte offset of what is read next.
    at: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    pub(crate) fn new(text: &'t str) -> Result<Self, ScimError> {
        if text.chars().count() > MAX_LENGTH {
            return Err(ScimError::invalid_filter(format!("A filter has at most {MAX_LENGTH} characters.")));
        }
        Ok(Self { text, at: 0, depth: 0 })
    }

    /// A whole filter.
    pub(crate) fn filter(mut self) -> Result<Filter, ScimError> {
        let filter = self.disjunction(Place::Filter)?;
        self.end()?;
        Ok(filter)
    }

    /// `attr[filter]` or `attr[filter].sub`.
    pub(crate) fn patch_path(mut self) -> Result<PatchPath, ScimError> {
        let mut attribute = self.path()?;
        if attribute.sub_attribute.is_some() {
            return Err(ScimError::invalid_path("A filter in brackets follows an attribute, not a sub-attribute."));
        }
        let filter = self.bracketed()?;
        if self.rest().starts_with('.') {
            self.at += 1;
            let name = self.word();
            if !is_name(name) {
                return Err(ScimError::invalid_path("The dot after the brackets needs a sub-attribute's name."));
            }
            attribute.sub_attribute = Some(name.to_owned());
        }
        self.end()?;
        Ok(PatchPath { attribute, filter: Some(filter) })
    }

    fn disjunction(&mut self, place: Place) -> Result<Filter, ScimError> {
        let first = self.conjunction(place)?;
        let mut filters = vec![first];
        while self.keyword("or") {
            filters.push(self.conjunction(place)?);
        }
        Ok(joined(filters, Filter::Or))
    }

    fn conjunction(&mut self, place: Place) -> Result<Filter, ScimError> {
        let first = self.term(place)?;
        let mut filters = vec![first];
        while self.keyword("and") {
            filters.push(self.term(place)?);
        }
        Ok(joined(filters, Filter::And))
    }

    fn term(&mut self, place: Place) -> Result<Filter, ScimError> {
        self.skip_space();
        if self.rest().starts_with('(') {
            return self.group(place);
        }
        if self.at_negation() {
            self.at += "not".len();
            self.skip_space();
            return self.group(place).map(|filter| Filter::Not(Box::new(filter)));
        }
        let path = self.path()?;
        if self.rest().starts_with('[') {
            if place == Place::Brackets {
                return Err(self.expected("an operator; brackets do not go within brackets"));
            }
            let filter = Box::new(self.bracketed()?);
            return Ok(Filter::ValuePath { path, filter });
        }
        self.comparison(path)
    }

    /// `not` is a keyword only before a parenthesis: an attribute may be called so.
    fn at_negation(&self) -> bool {
        let Some((word, after)) = self.rest().split_at_checked("not".len()) else { return false };
        word.eq_ignore_ascii_case("not") && after.trim_start().starts_with('(')
    }

    fn group(&mut self, place: Place) -> Result<Filter, ScimError> {
        self.nested('(', ')', place)
    }

    fn bracketed(&mut self) -> Result<Filter, ScimError> {
        self.nested('[', ']', Place::Brackets)
    }

    fn nested(&mut self, open: char, close: char, place: Place) -> Result<Filter, ScimError> {
        self.expect(open)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ScimError::invalid_filter(format!(
                "Position {}: a filter nests at most {MAX_DEPTH} levels.",
                self.position()
            )));
        }
        let filter = self.disjunction(place)?;
        self.expect(close)?;
        self.depth -= 1;
        Ok(filter)
    }

    fn comparison(&mut self, path: AttributePath) -> Result<Filter, ScimError> {
        self.skip_space();
        let start = self.at;
        let word = self.word();
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present { path });
        }
        let operator = Operator::ALL.into_iter().find(|operator| operator.as_str().eq_ignore_ascii_case(word));
        let Some(operator) = operator else {
            self.at = start;
            return Err(self.expected("an operator (eq, ne, co, sw, ew, pr, gt, ge, lt, le)"));
        };
        let value = self.literal()?;
        Ok(Filter::Compare { path, operator, value })
    }

    fn path(&mut self) -> Result<AttributePath, ScimError> {
        self.skip_space();
        let start = self.at;
        AttributePath::read(self.word()).ok_or_else(|| {
            self.at = start;
            self.expected("an attribute's name")
        })
    }

    fn literal(&mut self) -> Result<Literal, ScimError> {
        self.skip_space();
        let start = self.at;
        let literal = if self.rest().starts_with('"') { self.string() } else { plain_literal(self.word()) };
        literal.ok_or_else(|| {
            self.at = start;
            self.expected("a value: \"text\" in double quotes, a number, true, false or null")
        })
    }

    /// A JSON string, up to the quote that no backslash precedes.
    fn string(&mut self) -> Option<Literal> {
        let rest = self.rest();
        let mut escaped = false;
        let length = rest.char_indices().skip(1).find_map(|(index, c)| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes.then_some(index + 1)
        })?;
        self.at += length;
        serde_json::from_str(&rest[..length]).ok().map(Literal::String)
    }

    /// `and`, `or`: consumed if it comes next.
    fn keyword(&mut self, keyword: &str) -> bool {
        self.skip_space();
        let start = self.at;
        if self.word().eq_ignore_ascii_case(keyword) {
            return true;
        }
        self.at = start;
        false
    }

    fn expect(&mut self, wanted: char) -> Result<(), ScimError> {
        self.skip_space();
        if self.rest().starts_with(wanted) {
            self.at += wanted.len_utf8();
            return Ok(());
        }
        Err(self.expected(&format!("\"{wanted}\"")))
    }

    fn end(&mut self) -> Result<(), ScimError> {
        self.skip_space();
        if self.rest().is_empty() { Ok(()) } else { Err(self.expected("\"and\", \"or\" or the end")) }
    }

    fn word(&mut self) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|c: char| c.is_whitespace() || BREAKS.contains(&c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn position(&self) -> usize {
        self.text[..self.at].chars().count() + 1
    }

    fn expected(&self, wanted: &str) -> ScimError {
        let found = match self.rest().split_whitespace().next() {
            Some(found) => format!("not \"{}\"", shown(found)),
            None => "but it ends there".to_owned(),
        };
        ScimError::invalid_filter(format!("Position {}: expected {wanted}, {found}.", self.position()))
    }
}

fn joined(mut filters: Vec<Filter>, join: impl FnOnce(Vec<Filter>) -> Filter) -> Filter {
    match filters.pop() {
        Some(only) if filters.is_empty() => only,
        last => {
            filters.extend(last);
            join(filters)
        }
    }
}

fn plain_literal(word: &str) -> Option<Literal> {
    if let Some(truth) = crate::schema::boolean(word) {
        return Some(Literal::Bool(truth));
    }
    if word.eq_ignore_ascii_case("null") {
        return Some(Literal::Null);
    }
    number(word).map(Literal::Number)
}

/// A JSON number. The standard library reads the decimal ones, since it gives back exactly what was written.
fn number(word: &str) -> Option<Number> {
    serde_json::from_str::<Number>(word).ok()?;
    if let Ok(whole) = word.parse::<i64>() {
        return Some(whole.into());
    }
    if let Ok(whole) = word.parse::<u64>() {
        return Some(whole.into());
    }
    Number::from_f64(word.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Filter {
        text.parse().unwrap()
    }

    fn refused(text: &str) -> String {
        let error = text.parse::<Filter>().unwrap_err();
        assert_eq!(error.scim_type, Some(crate::ScimType::InvalidFilter));
        error.detail
    }

    #[test]
    fn and_binds_tighter_than_or() {
        assert_eq!(parsed("a pr or b pr and c pr"), parsed("a pr or (b pr and c pr)"));
        assert_eq!(parsed("a pr and b pr or c pr").to_string(), "a pr and b pr or c pr");
        assert_ne!(parsed("(a pr or b pr) and c pr"), parsed("a pr or b pr and c pr"));
    }

    #[test]
    fn operators_and_keywords_are_read_in_any_case() {
        assert_eq!(parsed("a EQ \"x\" AND NOT(b Pr) Or c eq TRUE"), parsed("a eq \"x\" and not (b pr) or c eq true"));
    }

    #[test]
    fn keywords_may_be_attributes() {
        assert_eq!(parsed("not eq 1 and and pr").to_string(), "not eq 1 and and pr");
    }

    #[test]
    fn literals_are_json() {
        for (text, value) in [
            (r#""a \"b\" ] ) é""#, Literal::String("a \"b\" ] ) é".to_owned())),
            ("-7", Literal::Number((-7).into())),
            ("18446744073709551615", Literal::Number(u64::MAX.into())),
            ("null", Literal::Null),
            ("false", Literal::Bool(false)),
        ] {
            let Filter::Compare { value: read, .. } = parsed(&format!("a eq {text}")) else { panic!("a comparison") };
            assert_eq!(read, value);
        }
        for text in ["'x'", "x", "01", "+1", "NaN", "1e999", "\"x", "\"\\x\"", ""] {
            refused(&format!("a eq {text}"));
        }
    }

    #[test]
    fn an_error_names_the_position_and_what_is_wanted() {
        assert_eq!(
            refused("userName == \"x\""),
            "Position 10: expected an operator (eq, ne, co, sw, ew, pr, gt, ge, lt, le), not \"==\"."
        );
        assert_eq!(refused("(a pr"), "Position 6: expected \")\", but it ends there.");
        assert_eq!(refused("é eq 1"), "Position 1: expected an attribute's name, not \"é\".");
        assert_eq!(refused("a pr b pr"), "Position 6: expected \"and\", \"or\" or the end, not \"b\".");
        assert_eq!(refused(""), "Position 1: expected an attribute's name, but it ends there.");
        assert!(refused("a[b[c pr]]").starts_with("Position 4: "));
    }

    #[test]
    fn length_and_depth_are_bounded() {
        let nested = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));
        parsed(&nested(MAX_DEPTH));
        assert!(refused(&nested(MAX_DEPTH + 1)).ends_with("a filter nests at most 16 levels."));
        let long = |length: usize| format!("a eq \"{}\"", "x".repeat(length - 7));
        parsed(&long(MAX_LENGTH));
        assert_eq!(refused(&long(MAX_LENGTH + 1)), "A filter has at most 2000 characters.");
    }
}
