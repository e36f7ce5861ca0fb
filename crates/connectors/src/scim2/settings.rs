//! The configuration of one target, read and checked.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use domain::config::{Property, Secrets};
use egress::Egress;
use http::{HeaderName, header};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::schema;
use crate::{Failure, Target};

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) authentication: Authentication,
    pub(super) users: Url,
    /// Whether passwords of users are passed on.
    pub(super) passwords: bool,
    pub(super) default_password: Option<SecretString>,
}

#[derive(Clone, Debug)]
pub(super) enum Authentication {
    None,
    /// The same header with each call: basic, bearer, API key.
    Header(HeaderName, SecretString),
    /// An access token, fetched when needed (RFC 6749 section 4.4).
    Token(ClientCredentials),
}

#[derive(Clone, Debug)]
pub(super) struct ClientCredentials {
    pub(super) token_endpoint: Url,
    pub(super) client_id: String,
    pub(super) client_secret: SecretString,
    pub(super) scopes: Option<String>,
}

impl PartialEq for ClientCredentials {
    fn eq(&self, other: &Self) -> bool {
        self.token_endpoint == other.token_endpoint
            && self.client_id == other.client_id
            && self.client_secret.expose_secret() == other.client_secret.expose_secret()
            && self.scopes == other.scopes
    }
}

/// Headers that frame or describe the message: a key in one of them would break it.
const NOT_FOR_KEYS: [HeaderName; 10] = [
    header::ACCEPT,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::EXPECT,
    header::HOST,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::USER_AGENT,
];

impl Settings {
    pub(super) fn read(target: &Target, egress: &Egress) -> Result<Self, Failure> {
        let read = Read { target, egress };
        Ok(Self {
            authentication: read.authentication()?,
            users: read.url(schema::USER_ENDPOINT)?,
            passwords: target.properties.is_on(schema::ENABLE_PASSWORDS),
            default_password: given(&target.secrets, schema::DEFAULT_PASSWORD).cloned(),
        })
    }
}

struct Read<'a> {
    target: &'a Target,
    egress: &'a Egress,
}

impl Read<'_> {
    fn authentication(&self) -> Result<Authentication, Failure> {
        let mode = self.target.properties.0.get(schema::MODE).map_or(schema::BASIC, Property::as_text);
        Ok(match mode {
            schema::NONE => Authentication::None,
            schema::BASIC => Authentication::Header(header::AUTHORIZATION, self.basic()?),
            schema::BEARER => {
                let token = self.secret(schema::ACCESS_TOKEN)?.expose_secret();
                Authentication::Header(header::AUTHORIZATION, format!("Bearer {token}").into())
            }
            schema::API_KEY => Authentication::Header(self.key_header()?, self.secret(schema::API_KEY_VALUE)?.clone()),
            schema::CLIENT_CREDENTIALS => Authentication::Token(ClientCredentials {
                token_endpoint: self.url(schema::TOKEN_ENDPOINT)?,
                client_id: self.text(schema::CLIENT_ID)?.to_owned(),
                client_secret: self.secret(schema::CLIENT_SECRET)?.clone(),
                scopes: self.target.properties.text(schema::SCOPES).map(str::to_owned),
            }),
            other => return Err(Failure::misconfigured(format!("The Authentication Mode “{other}” is not known."))),
        })
    }

    /// RFC 7617 section 2, in UTF-8.
    fn basic(&self) -> Result<SecretString, Failure> {
        let username = self.text(schema::USERNAME)?;
        if username.contains(':') {
            return Err(Failure::misconfigured(
                "The Username must not hold a colon: basic authentication ends it there.",
            ));
        }
        let pair = format!("{username}:{}", self.secret(schema::PASSWORD)?.expose_secret());
        Ok(format!("Basic {}", BASE64_STANDARD.encode(pair)).into())
    }

    fn key_header(&self) -> Result<HeaderName, Failure> {
        let name = self.text(schema::API_KEY_HEADER)?;
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
            Failure::misconfigured(format!(
                "“{name}” cannot be the name of an HTTP header: it has letters, digits and hyphens."
            ))
        })?;
        if NOT_FOR_KEYS.contains(&header) {
            return Err(Failure::misconfigured(format!(
                "The header {name} belongs to HTTP itself. Name the header in which the other system expects its key."
            )));
        }
        Ok(header)
    }

    fn url(&self, key: &str) -> Result<Url, Failure> {
        self.egress
            .check(self.text(key)?)
            .map_err(|problem| Failure::misconfigured(format!("{}: {problem}", label(key))))
    }

    fn text(&self, key: &str) -> Result<&str, Failure> {
        self.target
            .properties
            .text(key)
            .ok_or_else(|| Failure::misconfigured(format!("The {} is missing. Enter it.", label(key))))
    }

    fn secret(&self, key: &str) -> Result<&SecretString, Failure> {
        given(&self.target.secrets, key)
            .ok_or_else(|| Failure::misconfigured(format!("The {} is not set. Enter it again.", label(key))))
    }
}

fn given<'a>(secrets: &'a Secrets, key: &str) -> Option<&'a SecretString> {
    secrets.get(key).filter(|secret| !secret.expose_secret().is_empty())
}

fn label(key: &str) -> String {
    schema::schema().field(key).map_or_else(|| key.to_owned(), |field| field.label.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim2::fixture::{egress, target};

    fn read(properties: &[(&str, &str)], secrets: &[(&str, &str)]) -> Result<Settings, Failure> {
        let endpoint = [(schema::USER_ENDPOINT, "https://acme.example/Users")];
        let properties: Vec<_> = endpoint.iter().chain(properties).copied().collect();
        Settings::read(&target(&properties, secrets), &egress())
    }

    fn header_of(settings: Settings) -> (String, String) {
        match settings.authentication {
            Authentication::Header(name, value) => (name.to_string(), value.expose_secret().to_owned()),
            other => panic!("{other:?} is no header"),
        }
    }

    #[test]
    fn basic_is_utf_8_in_base64() {
        let settings = read(&[("username", "test")], &[("password", "123£")]).unwrap();
        // The example of RFC 7617 section 2.1.
        assert_eq!(header_of(settings), ("authorization".to_owned(), "Basic dGVzdDoxMjPCow==".to_owned()));
    }

    #[test]
    fn a_key_goes_out_in_the_header_that_was_named() {
        let settings =
            read(&[("authentication_mode", "api_key"), ("api_key_header", "X-Api-Key")], &[("api_key_value", "k")]);
        assert_eq!(header_of(settings.unwrap()), ("x-api-key".to_owned(), "k".to_owned()));
    }

    #[test]
    fn what_cannot_work_says_what_to_mend() {
        let text = |properties: &[(&str, &str)], secrets: &[(&str, &str)]| match read(properties, secrets) {
            Err(Failure::Misconfigured { text, status: None }) => text,
            other => panic!("{other:?}"),
        };
        let key =
            |header| text(&[("authentication_mode", "api_key"), ("api_key_header", header)], &[("api_key_value", "k")]);
        assert!(key("X Api").contains("“X Api” cannot be the name"));
        assert!(key("Content-Length").contains("belongs to HTTP itself"));
        assert_eq!(text(&[("username", "a")], &[]), "The Password is not set. Enter it again.");
        assert!(text(&[("username", "a:b")], &[("password", "p")]).contains("colon"));
        assert!(text(&[("authentication_mode", "magic")], &[]).contains("magic"));
        let private = [("authentication_mode", "none"), ("user_endpoint", "http://10.0.0.7/Users")];
        assert!(text(&private, &[]).starts_with("User Endpoint: 10.0.0.7 is a private address"));
    }
}
