//! Which columns the list of users has: chosen by whoever looks, kept by their browser, drawn by the server.

use leptos::prelude::*;

use super::{api, filter::Filter};
use crate::ui::{
    button::Submit,
    form::{Form, post},
    narrow::hidden,
};

/// A column's name in the cookie, and its head. The name of the person is always there.
pub(super) const COLUMNS: [(&str, &str); 11] = [
    ("user-name", "User name"),
    ("state", "State"),
    ("origin", "Came by"),
    ("accounts", "Accounts"),
    ("role", "Console role"),
    ("title", "Title"),
    ("department", "Department"),
    ("employee-number", "Employee number"),
    ("external-id", "External id"),
    ("created", "Created"),
    ("changed", "Changed"),
];

/// Which of [`COLUMNS`] are shown where nothing was chosen.
#[cfg(feature = "ssr")]
const USUAL: [usize; 5] = [0, 1, 2, 3, 9];

/// The form that chooses them, folded away.
pub(super) fn chooser(chosen: &[usize], filter: &Filter) -> AnyView {
    let boxes = COLUMNS
        .into_iter()
        .enumerate()
        .map(|(index, (name, label))| {
            let checked = chosen.contains(&index);
            view! {
                <label class="column">
                    <input type="checkbox" name="columns[]" value=name checked=checked prop:checked=checked/>
                    {label}
                </label>
            }
            .into_any()
        })
        .collect_view();
    let action = post::<api::ChooseColumns>();
    let hidden = hidden(&filter.pairs());
    view! {
        <details class="columns">
            <summary>"Columns"</summary>
            <Form action=action id="columns">
                {hidden}
                <fieldset class="column-choice">
                    <legend class="visually-hidden">"Columns that are shown"</legend>
                    {boxes}
                </fieldset>
                <p class="hint">"Kept in this browser for a year, for you alone."</p>
                <Submit>"Show"</Submit>
            </Form>
        </details>
    }
    .into_any()
}

#[cfg(feature = "ssr")]
mod cookie {
    use http::{HeaderMap, HeaderValue, header};

    use super::{COLUMNS, USUAL};

    /// No secret: it says nothing of anybody.
    const NAME: &str = "usher-columns";
    const YEAR_IN_SECONDS: u32 = 365 * 24 * 60 * 60;
    /// Chosen, and none.
    const NONE: &str = "none";

    /// What the browser keeps, in the order of the table; the usual ones where it keeps nothing of ours.
    pub(crate) fn of_cookies(headers: &HeaderMap) -> Vec<usize> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
        match pairs.find(|(name, _)| *name == NAME) {
            Some((_, NONE)) => Vec::new(),
            Some((_, kept)) => Some(known(kept.split('.'))).filter(|known| !known.is_empty()).unwrap_or(USUAL.to_vec()),
            None => USUAL.to_vec(),
        }
    }

    fn known<'a>(names: impl Iterator<Item = &'a str>) -> Vec<usize> {
        let wanted: Vec<&str> = names.collect();
        (0..COLUMNS.len()).filter(|index| wanted.contains(&COLUMNS[*index].0)).collect()
    }

    /// The header that has the browser keep a choice for a year; what is no column is left out.
    pub(crate) fn cookie(chosen: &[String], https: bool) -> HeaderValue {
        let names: Vec<&str> =
            known(chosen.iter().map(String::as_str)).into_iter().map(|index| COLUMNS[index].0).collect();
        let value = if names.is_empty() { NONE.to_owned() } else { names.join(".") };
        let secure = if https { "; Secure" } else { "" };
        let cookie = format!("{NAME}={value}; Path=/console; SameSite=Lax; Max-Age={YEAR_IN_SECONDS}{secure}");
        HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static(""))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn brought_back(cookie: &str) -> Vec<usize> {
            of_cookies(&HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(cookie).unwrap())]))
        }

        #[test]
        fn a_browser_brings_back_what_was_chosen() {
            for chosen in [vec!["changed", "state"], vec![], vec!["role", "no such column"]] {
                let chosen: Vec<String> = chosen.into_iter().map(str::to_owned).collect();
                let given = cookie(&chosen, true);
                assert!(given.to_str().unwrap().ends_with("; Secure"));
                let pair = given.to_str().unwrap().split(';').next().unwrap();
                let names: Vec<&str> =
                    brought_back(&format!("usher=abc; {pair}")).into_iter().map(|index| COLUMNS[index].0).collect();
                let mut expected: Vec<&str> =
                    chosen.iter().map(String::as_str).filter(|name| !name.contains(' ')).collect();
                expected.sort_by_key(|name| COLUMNS.iter().position(|(known, _)| known == name));
                assert_eq!(names, expected);
            }
        }

        #[test]
        fn what_is_no_choice_is_the_usual_one() {
            for cookie in
                ["", "usher-columns=", "usher-columns=..", "usher-columns=\"><script>", "xusher-columns=state"]
            {
                assert_eq!(brought_back(cookie), USUAL, "{cookie}");
            }
        }
    }
}

#[cfg(feature = "ssr")]
pub(super) use cookie::{cookie, of_cookies};
