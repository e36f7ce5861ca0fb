//! Where a provider is reached: as its discovery document says, or as an administrator typed it.

use serde::Deserialize;
use url::Url;

use super::{
    Oidc,
    problem::{Part, Problem, shown},
    provider::{Protocol, Provider},
};

/// What we need of OpenID Connect Discovery 1.0 section 3, RFC 8414 and RFC 9207. Nothing else may spoil it.
#[derive(Debug, Deserialize)]
pub(super) struct Document {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: Option<Url>,
    pub(super) token_endpoint: Option<Url>,
    pub(super) userinfo_endpoint: Option<Url>,
    pub(super) jwks_uri: Option<Url>,
    pub(super) end_session_endpoint: Option<Url>,
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
    pub(super) token_endpoint_auth_methods_supported: Option<Vec<String>>,
    pub(super) code_challenge_methods_supported: Option<Vec<String>>,
    pub(super) id_token_signing_alg_values_supported: Option<Vec<String>>,
}

/// A provider, ready to be asked.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Empty only for OAuth2.
    pub(super) issuer: String,
    pub(super) authorization: Url,
    pub(super) token: Url,
    pub(super) userinfo: Option<Url>,
    pub(super) jwks: Option<Url>,
    pub(super) end_session: Option<Url>,
    pub(super) emails: Option<Url>,
    /// Whether every callback names its issuer.
    pub(super) names_itself: bool,
}

impl Oidc {
    pub(super) async fn place(&self, provider: &Provider) -> Result<Place, Problem> {
        if provider.endpoints.is_some() {
            return typed(provider);
        }
        let issuer = issuer(provider)?;
        let url = document_url(issuer)?;
        let document = self.inner.documents.get(&url, self.document(&url, issuer)).await?;
        // Another connection may have the same document under another issuer's name.
        same_issuer(&document, issuer)?;
        discovered(&document)
    }

    /// Fetched anew.
    pub(super) async fn document(&self, url: &Url, issuer: &str) -> Result<Document, Problem> {
        let document = self.inner.calls.get(Part::Discovery, url, None).await?;
        same_issuer(&document, issuer)?;
        Ok(document)
    }
}

/// As it was typed by hand.
pub(super) fn typed(provider: &Provider) -> Result<Place, Problem> {
    let Some(endpoints) = provider.endpoints.clone() else {
        return Err(Problem::Settings("the endpoints are missing".to_owned()));
    };
    let issuer = match provider.protocol {
        Protocol::OpenIdConnect => issuer(provider)?.to_owned(),
        Protocol::OAuth2 => provider.issuer.clone().unwrap_or_else(|| origin(&endpoints.authorization)),
    };
    let place = Place {
        issuer,
        authorization: endpoints.authorization,
        token: endpoints.token,
        userinfo: endpoints.userinfo,
        jwks: endpoints.jwks,
        end_session: endpoints.end_session,
        emails: endpoints.emails,
        names_itself: false,
    };
    place.checked(false)
}

pub(super) fn discovered(document: &Document) -> Result<Place, Problem> {
    let (Some(authorization), Some(token)) = (&document.authorization_endpoint, &document.token_endpoint) else {
        let why = "it names no authorization endpoint or no token endpoint".to_owned();
        return Err(Problem::Unreadable { part: Part::Discovery, why });
    };
    let place = Place {
        issuer: document.issuer.clone(),
        authorization: authorization.clone(),
        token: token.clone(),
        userinfo: document.userinfo_endpoint.clone(),
        jwks: document.jwks_uri.clone(),
        end_session: document.end_session_endpoint.clone(),
        emails: None,
        names_itself: document.authorization_response_iss_parameter_supported,
    };
    place.checked(document.issuer.starts_with("https://"))
}

impl Place {
    /// Browsers are sent to some of these: an address of another scheme could do anything there. And whoever is
    /// reached by https sends nobody's secrets elsewhere in the clear.
    fn checked(self, securely: bool) -> Result<Self, Problem> {
        let optional = [&self.userinfo, &self.jwks, &self.end_session, &self.emails];
        let all = [&self.authorization, &self.token].into_iter().chain(optional.into_iter().flatten());
        let mut wrong = all.filter(|url| url.scheme() != "https" && (securely || url.scheme() != "http"));
        if let Some(url) = wrong.next() {
            return Err(Problem::Settings(format!("{} is no endpoint that can be used", shown(url.as_str()))));
        }
        drop(wrong);
        Ok(self)
    }
}

/// The issuer's name with the path of OpenID Connect Discovery 1.0 section 4.
pub(super) fn document_url(issuer: &str) -> Result<Url, Problem> {
    let wrong = |why| Problem::Settings(format!("the issuer “{}” {why}", shown(issuer)));
    let url = Url::parse(issuer).map_err(|_| wrong("is no full address"))?;
    if !matches!(url.scheme(), "https" | "http") || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("begins with https:// or http:// and has neither “?” nor “#”"));
    }
    let whole = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    Url::parse(&whole).map_err(|_| wrong("is no full address"))
}

pub(super) fn issuer(provider: &Provider) -> Result<&str, Problem> {
    let issuer = provider.issuer.as_deref().filter(|issuer| !issuer.is_empty());
    issuer.ok_or_else(|| Problem::Settings("the issuer is missing".to_owned()))
}

/// A document may follow the host that it was asked under; then it is whoever answers there who names the issuer.
fn same_issuer(document: &Document, issuer: &str) -> Result<(), Problem> {
    if document.issuer == issuer {
        return Ok(());
    }
    Err(Problem::Discovered { expected: issuer.to_owned(), found: shown(&document.issuer) })
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_lies_below_the_issuers_path() {
        let url = |issuer| document_url(issuer).map(String::from);
        let path = "/.well-known/openid-configuration";
        assert_eq!(url("https://id.example").unwrap(), format!("https://id.example{path}"));
        assert_eq!(url("https://id.example/realms/a/").unwrap(), format!("https://id.example/realms/a{path}"));
        for wrong in ["id.example", "ftp://id.example", "https://id.example/?a=b", "https://id.example/#a"] {
            assert!(matches!(url(wrong), Err(Problem::Settings(_))), "{wrong}");
        }
    }

    #[test]
    fn an_endpoint_is_no_script_and_no_step_down_from_https() {
        let document = |issuer: &str, authorization: &str| {
            let json = serde_json::json!({
                "issuer": issuer,
                "authorization_endpoint": authorization,
                "token_endpoint": "https://id.example/token",
            });
            discovered(&serde_json::from_value(json).unwrap())
        };
        assert!(document("https://id.example", "https://id.example/auth").is_ok());
        assert!(document("http://id.example", "http://id.example/auth").is_ok());
        assert!(document("https://id.example", "http://id.example/auth").is_err());
        assert!(document("http://id.example", "javascript:alert(1)").is_err());
    }
}
