//! Applications that may send people here, and the form that makes one known.

use serde::{Deserialize, Serialize};
use url::Url;

/// Applications that the form makes known.
pub(super) const MAX_CLIENTS: usize = 50;
/// Bytes of an address.
const MAX_ADDRESS: usize = 1000;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Client {
    pub(super) secret: String,
    pub(super) redirect_uris: Vec<String>,
    pub(super) post_logout_uris: Vec<String>,
    /// Where it is told that somebody has signed out.
    pub(super) back_channel: Option<String>,
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Addresses {
    pub(super) redirect_uri: String,
    pub(super) post_logout_uri: String,
    pub(super) back_channel: String,
}

impl Addresses {
    /// An application with these, or what keeps it from being one.
    pub(super) fn client(&self, secret: String) -> Result<Client, &'static str> {
        let given = |text: &str| {
            let text = text.trim();
            match text.is_empty() {
                true => Ok(None),
                false if is_address(text) => Ok(Some(text.to_owned())),
                false => Err("An address begins with http:// or https:// and has no fragment."),
            }
        };
        let redirect_uri = given(&self.redirect_uri)?.ok_or("Without a redirect URI nobody can go back.")?;
        Ok(Client {
            secret,
            redirect_uris: vec![redirect_uri],
            post_logout_uris: given(&self.post_logout_uri)?.into_iter().collect(),
            back_channel: given(&self.back_channel)?,
        })
    }
}

fn is_address(text: &str) -> bool {
    let url = Url::parse(text).ok().filter(|_| text.len() <= MAX_ADDRESS);
    url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.fragment().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_is_reached_by_http() {
        let client = |redirect_uri: &str, back_channel: &str| {
            let text = |text: &str| text.to_owned();
            let post_logout_uri = String::new();
            Addresses { redirect_uri: text(redirect_uri), post_logout_uri, back_channel: text(back_channel) }
                .client(String::new())
        };
        let good = client(" http://a.example/back?x=1 ", "").unwrap();
        assert_eq!(good.redirect_uris, ["http://a.example/back?x=1"]);
        assert!(good.post_logout_uris.is_empty() && good.back_channel.is_none());
        for (redirect_uri, back_channel) in [
            ("", ""),
            ("/back", ""),
            ("javascript:alert(1)", ""),
            ("http://a.example/#x", ""),
            ("http://a.example", "x"),
        ] {
            assert!(client(redirect_uri, back_channel).is_err(), "{redirect_uri} {back_channel}");
        }
    }
}
