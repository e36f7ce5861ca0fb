//! "Test sign-in": what can be said of a provider without anybody signing in.

use domain::config::{Check, Report};
use openidconnect::core::CoreJsonWebKeySet;
use secrecy::SecretString;
use url::Url;

use super::{
    Oidc,
    discovery::{self, Document, Place},
    problem::{Part, Problem},
    provider::{ClientAuthentication, Protocol, Provider},
    token::ALGORITHMS,
};

/// No provider ever issued it, so all that is left for it to judge is who we are.
const NO_CODE: &str = "usher-test-no-such-code";

impl Oidc {
    /// Asks anew, whatever was kept.
    pub async fn check(&self, provider: &Provider, redirect_uri: &Url) -> Report {
        let mut checks = Vec::new();
        if let Some(place) = self.checked_place(provider, &mut checks).await {
            if provider.protocol == Protocol::OpenIdConnect {
                checks.push(self.check_keys(&place).await);
            }
            checks.push(check_userinfo(provider, &place));
            checks.push(self.check_client(provider, &place, redirect_uri).await);
        }
        Report { checks }
    }

    async fn checked_place(&self, provider: &Provider, checks: &mut Vec<Check>) -> Option<Place> {
        if provider.endpoints.is_some() {
            let place = discovery::typed(provider);
            checks.push(outcome("Endpoints", &place, |_| "The addresses can be used.".to_owned()));
            return place.ok();
        }
        let document = self.fresh_document(provider).await;
        let (discovered, issuer) = match &document {
            Err(problem @ Problem::Discovered { .. }) => (Ok(()), Some(Err(problem.clone()))),
            Err(problem) => (Err(problem.clone()), None),
            Ok(_) => (Ok(()), Some(Ok(()))),
        };
        checks.push(outcome("Discovery", &discovered, |()| "The discovery document was read.".to_owned()));
        if let Some(issuer) = issuer {
            checks.push(outcome("Issuer", &issuer, |()| "The document is this issuer's.".to_owned()));
        }
        let document = document.ok()?;
        let place = discovery::discovered(&document);
        let found = |place: &Place| format!("People sign in at {}.", place.authorization);
        checks.push(outcome("Endpoints", &place, found));
        checks.extend(check_offer(provider, &document));
        place.ok()
    }

    async fn fresh_document(&self, provider: &Provider) -> Result<Document, Problem> {
        let issuer = discovery::issuer(provider)?;
        self.document(&discovery::document_url(issuer)?, issuer).await
    }

    async fn check_keys(&self, place: &Place) -> Check {
        let Some(url) = &place.jwks else {
            return check("Keys", false, "The address of the key set is missing, without which nobody can sign in.");
        };
        let keys: Result<CoreJsonWebKeySet, Problem> = self.inner.calls.get(Part::Keys, url, None).await;
        match keys {
            Ok(keys) if keys.keys().is_empty() => check("Keys", false, "The key set has no key that can be read."),
            keys => outcome("Keys", &keys, |keys| match keys.keys().len() {
                1 => "One key was read.".to_owned(),
                several => format!("{several} keys were read."),
            }),
        }
    }

    /// Shows the token endpoint a code that cannot be good: a provider that knows us blames the code, else us.
    async fn check_client(&self, provider: &Provider, place: &Place, redirect_uri: &Url) -> Check {
        let name = "Client id and secret";
        let code = SecretString::from(NO_CODE);
        let verifier = provider.pkce.then(|| self.random());
        match self.exchange(provider, place, redirect_uri, &code, verifier.as_ref()).await {
            Err(Problem::Code(_)) => check(name, true, "The provider knows this client."),
            Err(Problem::Refused { code, .. }) if !BLAMES_THE_CLIENT.contains(&code.as_str()) => {
                check(name, true, &format!("The provider did not object to this client (it answered “{code}”)."))
            }
            Err(problem) => check(name, false, &problem.to_string()),
            Ok(_) => check(name, false, "The provider issued a token for a code that it never gave: do not trust it."),
        }
    }
}

/// Codes of RFC 6749 section 5.2, and GitHub's.
const BLAMES_THE_CLIENT: [&str; 4] =
    ["invalid_client", "unauthorized_client", "incorrect_client_credentials", "redirect_uri_mismatch"];

/// What the document says that the provider can do; what it does not mention it may be able to do.
fn check_offer(provider: &Provider, document: &Document) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut offer = |name: &str, offered: &Option<Vec<String>>, wanted: &[&str]| {
        let Some(offered) = offered else { return };
        let common = wanted.iter().find(|wanted| offered.iter().any(|offered| offered == *wanted));
        let text = match common {
            Some(common) => format!("The provider offers {common}."),
            None => format!("The provider offers {}, and {} is needed.", offered.join(", "), wanted.join(" or ")),
        };
        checks.push(Check { name: name.to_owned(), ok: common.is_some(), text });
    };
    let algorithms = ALGORITHMS.map(|(name, _)| name);
    offer("Signatures", &document.id_token_signing_alg_values_supported, &algorithms);
    if provider.pkce {
        offer("PKCE", &document.code_challenge_methods_supported, &["S256"]);
    }
    let method = match (&provider.client_secret, provider.client_authentication) {
        (None, _) => "none",
        (Some(_), ClientAuthentication::Basic) => "client_secret_basic",
        (Some(_), ClientAuthentication::Post) => "client_secret_post",
    };
    offer("Client authentication", &document.token_endpoint_auth_methods_supported, &[method]);
    checks
}

fn check_userinfo(provider: &Provider, place: &Place) -> Check {
    let (ok, text) = match (&place.userinfo, provider.protocol) {
        (Some(_), _) => (true, "Attributes are read from the ID token and the user info endpoint."),
        (None, Protocol::OpenIdConnect) => {
            (true, "There is no such endpoint: attributes come from the ID token alone.")
        }
        (None, Protocol::OAuth2) => (false, "The address is missing, without which nobody can be told apart."),
    };
    let text = match provider.protocol {
        Protocol::OAuth2 if ok => "Attributes are read from the user info endpoint.",
        _ => text,
    };
    check("User info", ok, text)
}

fn outcome<T>(name: &str, outcome: &Result<T, Problem>, good: impl FnOnce(&T) -> String) -> Check {
    match outcome {
        Ok(found) => check(name, true, &good(found)),
        Err(problem) => check(name, false, &problem.to_string()),
    }
}

fn check(name: &str, ok: bool, text: &str) -> Check {
    Check { name: name.to_owned(), ok, text: text.to_owned() }
}
