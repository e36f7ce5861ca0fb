//! Where a [`Flash`] waits between the answer to a form and the page that follows.
//!
//! Signed in, it waits with the session. Before sign-in there is none: it waits in a sealed cookie of the browser's.

use std::{fmt, sync::Arc};

use app::flash::Flash;
use axum::http::{HeaderMap, HeaderValue, header, request::Parts};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use directory::Directory;
use futures::future::BoxFuture;
use storage::{Vault, vault::Place};
use uuid::Uuid;

/// Names the session of a request; its middleware puts it among the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionKey(pub String);

/// Keeps flashes of sessions. What is kept under a path replaces what was there, and is taken once.
pub trait FlashStore: Send + Sync + fmt::Debug {
    fn keep(&self, session: SessionKey, path: String, flash: Flash) -> BoxFuture<'_, ()>;
    fn take(&self, session: SessionKey, path: String) -> BoxFuture<'_, Option<Flash>>;
}

/// Seals what a browser carries for us, so that nobody else reads or writes it.
pub trait Seal: Send + Sync + fmt::Debug {
    fn seal(&self, plain: &[u8]) -> String;
    /// `None` for what was not sealed here.
    fn open(&self, sealed: &str) -> Option<Vec<u8>>;
}

const COOKIE: &str = "flash";
/// Bytes of the cookie's value; browsers drop cookies above 4 kB.
const COOKIE_LIMIT: usize = 3 * 1024;
/// Seconds that the cookie waits for its page.
const COOKIE_AGE: u32 = 60;
/// A cookie of its own for what was typed by somebody whose session had ended: signing in may take several tries.
const RETURN_COOKIE: &str = "flash-return";
/// Seconds that they have for it.
const RETURN_AGE: u32 = 600;

/// Both places where a flash may wait.
#[derive(Clone, Debug)]
pub struct Flashes {
    pub store: Arc<dyn FlashStore>,
    pub seal: Arc<dyn Seal>,
    /// The public URL is https.
    pub secure: bool,
}

impl Flashes {
    /// Takes what waits for the page of this request; and a cookie to set with the answer, if one was used up.
    pub(super) async fn take(&self, request: &Parts) -> (Flash, Option<HeaderValue>) {
        let path = request.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        if let Some(session) = request.extensions.get::<SessionKey>()
            && let Some(flash) = self.store.take(session.clone(), path.clone()).await
        {
            return (flash, None);
        }
        for name in [COOKIE, RETURN_COOKIE] {
            if let Some((kept_for, flash)) = self.of_cookie(name, &request.headers)
                && kept_for == path
            {
                return (flash, Some(self.cookie(name, "", 0)));
            }
        }
        (Flash::default(), None)
    }

    /// Keeps a flash for the page at `path`; answers the cookie to set, if it has to travel.
    pub(super) async fn keep(&self, session: Option<&SessionKey>, path: &str, flash: Flash) -> Option<HeaderValue> {
        if flash.is_empty() {
            return None;
        }
        if let Some(session) = session {
            self.store.keep(session.clone(), path.to_owned(), flash).await;
            return None;
        }
        self.travelling(COOKIE, COOKIE_AGE, path, flash)
    }

    /// Keeps it until somebody has signed in and is back at `path`; answers the cookie to set.
    pub(super) fn keep_for_return(&self, path: &str, flash: Flash) -> Option<HeaderValue> {
        self.travelling(RETURN_COOKIE, RETURN_AGE, path, flash)
    }

    fn travelling(&self, name: &str, age: u32, path: &str, flash: Flash) -> Option<HeaderValue> {
        let sealed = self.sealed(path, &flash).or_else(|| self.sealed(path, &without_typed(flash)));
        sealed.map(|value| self.cookie(name, &value, age))
    }

    fn sealed(&self, path: &str, flash: &Flash) -> Option<String> {
        let sealed = self.seal.seal(&serde_json::to_vec(&(path, flash)).ok()?);
        (sealed.len() <= COOKIE_LIMIT).then_some(sealed)
    }

    fn of_cookie(&self, name: &str, headers: &HeaderMap) -> Option<(String, Flash)> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, sealed) = pairs.find(|(known, _)| *known == name)?;
        serde_json::from_slice(&self.seal.open(sealed)?).ok()
    }

    fn cookie(&self, name: &str, value: &str, age: u32) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
        HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static("flash=; Path=/; Max-Age=0"))
    }
}

impl FlashStore for Directory {
    fn keep(&self, session: SessionKey, path: String, flash: Flash) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let (Ok(session), Ok(body)) = (session.0.parse(), serde_json::to_string(&flash)) else { return };
            if let Err(error) = self.keep_flash(session, &path, body).await {
                tracing::warn!(error = %error, "What a form says next could not be kept.");
            }
        })
    }

    fn take(&self, session: SessionKey, path: String) -> BoxFuture<'_, Option<Flash>> {
        Box::pin(async move {
            let body = self.take_flash(session.0.parse().ok()?, &path).await;
            let body = body.inspect_err(|error| tracing::warn!(error = %error, "What a form said could not be read."));
            serde_json::from_str(&body.ok()??).ok()
        })
    }
}

impl Seal for Vault {
    fn seal(&self, plain: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(Vault::seal(self, TRAVELLING, plain))
    }

    fn open(&self, sealed: &str) -> Option<Vec<u8>> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        Vault::open(self, TRAVELLING, &sealed).ok().map(|plain| plain.to_vec())
    }
}

/// Nothing sealed for the database opens as a cookie, nor the other way round.
const TRAVELLING: Place<'static> = Place { table: "cookies", row: Uuid::nil(), field: COOKIE };

/// What was typed may be too long to travel; what was wrong with it is not.
fn without_typed(mut flash: Flash) -> Flash {
    if let Some(form) = &mut flash.form {
        form.typed.clear();
    }
    flash
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use axum::http::Request;
    use tokio::sync::Mutex;

    use super::*;

    #[derive(Debug, Default)]
    struct InMemory(Mutex<HashMap<(SessionKey, String), Flash>>);

    impl FlashStore for InMemory {
        fn keep(&self, session: SessionKey, path: String, flash: Flash) -> BoxFuture<'_, ()> {
            Box::pin(async move {
                self.0.lock().await.insert((session, path), flash);
            })
        }

        fn take(&self, session: SessionKey, path: String) -> BoxFuture<'_, Option<Flash>> {
            Box::pin(async move { self.0.lock().await.remove(&(session, path)) })
        }
    }

    /// Hides nothing; enough to see what travels.
    #[derive(Debug)]
    struct Hex;

    impl Seal for Hex {
        fn seal(&self, plain: &[u8]) -> String {
            plain
                .iter()
                .flat_map(|byte| [byte >> 4, byte & 15])
                .filter_map(|nibble| char::from_digit(nibble.into(), 16))
                .collect()
        }

        fn open(&self, sealed: &str) -> Option<Vec<u8>> {
            let digits: Vec<char> = sealed.chars().collect();
            digits.chunks(2).map(|pair| u8::from_str_radix(&String::from_iter(pair), 16).ok()).collect()
        }
    }

    fn flashes() -> Flashes {
        Flashes { store: Arc::new(InMemory::default()), seal: Arc::new(Hex), secure: false }
    }

    fn said(message: &str) -> Flash {
        Flash { message: Some(message.to_owned()), form: None }
    }

    fn page(path: &str, cookie: Option<&HeaderValue>) -> Parts {
        let mut request = Request::get(path);
        if let Some(cookie) = cookie {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            request = request.header(header::COOKIE, format!("a=b; {pair}"));
        }
        request.body(()).unwrap().into_parts().0
    }

    #[tokio::test]
    async fn a_session_reads_its_flash_once_and_nobody_else_does() {
        let flashes = flashes();
        let ours = SessionKey("ours".to_owned());
        assert_eq!(flashes.keep(Some(&ours), "/console?a=1", said("Saved.")).await, None);

        let mut theirs = page("/console?a=1", None);
        theirs.extensions.insert(SessionKey("theirs".to_owned()));
        assert!(flashes.take(&theirs).await.0.is_empty());

        let mut request = page("/console?a=1", None);
        request.extensions.insert(ours);
        assert_eq!(flashes.take(&request).await.0, said("Saved."));
        assert!(flashes.take(&request).await.0.is_empty());
    }

    #[tokio::test]
    async fn before_sign_in_it_travels_for_its_page_alone() {
        let flashes = flashes();
        let cookie = flashes.keep(None, "/sign-in", said("You are signed out.")).await.unwrap();
        assert!(cookie.to_str().unwrap().contains("HttpOnly; SameSite=Lax"));
        assert!(flashes.take(&page("/console", Some(&cookie))).await.0.is_empty());
        let (flash, forget) = flashes.take(&page("/sign-in", Some(&cookie))).await;
        assert_eq!(flash, said("You are signed out."));
        assert!(forget.unwrap().to_str().unwrap().contains("Max-Age=0"));
    }

    #[tokio::test]
    async fn what_somebody_typed_waits_for_their_return_through_a_failed_sign_in() {
        let flashes = flashes();
        let waiting = flashes.keep_for_return("/console/users", said("Look it over.")).unwrap();
        let failed = flashes.keep(None, "/sign-in", said("Not accepted.")).await.unwrap();
        assert_ne!(waiting.to_str().unwrap().split('=').next(), failed.to_str().unwrap().split('=').next());
        let (flash, forget) = flashes.take(&page("/console/users", Some(&waiting))).await;
        assert_eq!(flash, said("Look it over."));
        assert!(forget.unwrap().to_str().unwrap().starts_with("flash-return=;"));
    }

    #[tokio::test]
    async fn a_long_text_stays_behind_and_its_errors_travel() {
        use app::flash::{KeptForm, Refusal};
        use domain::validation::FieldErrors;

        let flashes = flashes();
        let form = KeptForm {
            id: "sign-in".to_owned(),
            typed: [("user_name".to_owned(), "x".repeat(COOKIE_LIMIT))].into(),
            refusal: Refusal::Invalid(FieldErrors::of("user_name", "Too long.")),
        };
        let flash = Flash { message: None, form: Some(form) };
        let cookie = flashes.keep(None, "/sign-in", flash).await.unwrap();
        assert!(cookie.len() < 4096);
        let (flash, _) = flashes.take(&page("/sign-in", Some(&cookie))).await;
        let form = flash.form.unwrap();
        assert!(form.typed.is_empty());
        assert_eq!(form.refusal, Refusal::Invalid(FieldErrors::of("user_name", "Too long.")));
    }
}
