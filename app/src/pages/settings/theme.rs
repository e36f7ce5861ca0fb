//! Light, dark, or as the system has it: kept by the browser, drawn by the server.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the reader's system has it.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The value of `data-theme` on the root, which `style/tokens.css` obeys; none follows the system.
    pub fn attribute(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.as_str())
    }

    /// The content of the meta element `color-scheme`, by which the browser draws the empty page and its own controls.
    pub fn color_scheme(self) -> &'static str {
        self.attribute().unwrap_or("light dark")
    }
}

impl FromStr for Theme {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text).ok_or(())
    }
}

#[cfg(feature = "ssr")]
mod cookie {
    use http::{HeaderMap, HeaderValue, header};

    use super::Theme;

    /// No secret: it says nothing of the person.
    const NAME: &str = "usher-theme";
    const YEAR_IN_SECONDS: u32 = 365 * 24 * 60 * 60;

    impl Theme {
        /// What the browser keeps; a value that is none of ours is the system's.
        pub fn of_cookies(headers: &HeaderMap) -> Self {
            let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
            let mut pairs =
                cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
            pairs.find(|(name, _)| *name == NAME).and_then(|(_, value)| value.parse().ok()).unwrap_or_default()
        }

        /// The header that has the browser keep it for a year.
        pub fn cookie(self, https: bool) -> HeaderValue {
            let seconds = if self == Self::System { 0 } else { YEAR_IN_SECONDS };
            let secure = if https { "; Secure" } else { "" };
            let cookie = format!("{NAME}={}; Path=/; SameSite=Lax; Max-Age={seconds}{secure}", self.as_str());
            HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static(""))
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_browser_brings_back_what_it_was_given() {
            for theme in [Theme::Light, Theme::Dark] {
                let given = theme.cookie(false);
                let pair = given.to_str().unwrap().split(';').next().unwrap();
                let cookies = HeaderValue::from_str(&format!("usher=abc; {pair}; other=1")).unwrap();
                let headers = HeaderMap::from_iter([(header::COOKIE, cookies)]);
                assert_eq!(Theme::of_cookies(&headers), theme);
            }
            assert!(Theme::System.cookie(false).to_str().unwrap().contains("Max-Age=0"));
            assert!(Theme::Dark.cookie(true).to_str().unwrap().ends_with("; Secure"));
        }

        #[test]
        fn what_is_no_theme_is_the_systems() {
            for cookie in ["", "usher-theme=", "usher-theme=pink", "usher-theme=\"><script>", "xusher-theme=dark"] {
                let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookie))]);
                assert_eq!(Theme::of_cookies(&headers), Theme::System, "{cookie}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_choice_is_written_on_the_root() {
        assert_eq!(Theme::System.attribute(), None);
        assert_eq!(Theme::System.color_scheme(), "light dark");
        assert_eq!((Theme::Dark.attribute(), Theme::Dark.color_scheme()), (Some("dark"), "dark"));
    }
}
