//! Between the use cases and the pages of Settings.

use std::time::Duration;

use auth::grants::{MetricsRead, OwnSessions, TokensRead, TokensWrite};
use directory::{
    sessions,
    tokens::{ApiToken, DEFAULT_LIFETIME, NewToken},
};
use domain::{
    DraftId, SessionId, Timestamp, TokenId,
    permission::{Permission, Scope},
};
use http::header;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use super::{
    agent,
    installation::Installation,
    theme::Theme,
    view::{About, Created, Session, Token, TokenList, TokenState},
};
use crate::{error::ConsoleError, outcome::Outcome, routes::Page, ssr};

const DAY: Duration = Duration::from_hours(24);
/// Before its end a token is marked for this long.
const WARNED_BEFORE: Duration = Duration::from_hours(30 * 24);

pub(super) async fn tokens() -> Result<TokenList, ConsoleError> {
    let (directory, who) = ssr::authorise::<TokensRead>()?;
    let now = directory.ids().now();
    let may_write = may_write();
    let items = directory.tokens(&who).await?;
    Ok(TokenList {
        items: items.into_iter().map(|one| shown(one, now, may_write)).collect(),
        may_write,
        public_url: Installation::present()?.public_url,
    })
}

pub(super) async fn token(id: TokenId) -> Result<Token, ConsoleError> {
    let (directory, who) = ssr::authorise::<TokensRead>()?;
    Ok(shown(directory.token(&who, id).await?, directory.ids().now(), may_write()))
}

fn may_write() -> bool {
    ssr::caller().may(Permission::TokensWrite)
}

fn shown(token: ApiToken, now: Timestamp, may_write: bool) -> Token {
    Token {
        state: state(&token, now),
        id: token.id,
        name: token.name,
        scopes: token.scopes,
        created: token.created_at.into(),
        expires: token.expires_at.into(),
        last_used: token.last_used_at.map(Into::into),
        may_write,
    }
}

fn state(token: &ApiToken, now: Timestamp) -> TokenState {
    let left = token.expires_at.since(now);
    if let Some(at) = token.revoked_at {
        TokenState::Revoked(at.into())
    } else if left.is_zero() {
        TokenState::Expired
    } else if left < WARNED_BEFORE {
        TokenState::ExpiresIn(left.as_secs() / DAY.as_secs())
    } else {
        TokenState::Active
    }
}

/// What the page that shows a new token needs; sealed, and taken when it is read.
#[derive(Serialize, Deserialize)]
struct JustMade {
    name: String,
    clear: String,
    expires_at: Timestamp,
}

pub(super) async fn create_token(
    name: String,
    scopes: Vec<Scope>,
    expires: &str,
    expires_on: &str,
) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<TokensWrite>()?;
    let chosen = lifetime(expires, expires_on, directory.ids().now());
    // What else is wrong is said at the same time.
    let new = NewToken { name, scopes, lifetime: chosen.as_ref().map_or(Duration::ZERO, |lifetime| *lifetime) };
    let made = directory.create_token(&who, new).await;
    let (token, clear) = match made {
        Ok(made) => made,
        Err(error) => {
            let refused = ssr::outcome::<()>(Err(error), |()| Outcome::go(&Page::Settings))?;
            return Ok(at_the_date(refused, expires, chosen.err()));
        }
    };
    let made = JustMade { name: token.name, clear: clear.expose_secret().to_owned(), expires_at: token.expires_at };
    let draft = directory.save_draft(&who, None, &made).await?;
    Ok(Outcome::go(&Page::CreatedToken(draft)))
}

/// The error of a lifetime belongs to the field that it was typed into.
fn at_the_date(outcome: Outcome, expires: &str, wrong: Option<&'static str>) -> Outcome {
    if expires != DATE {
        return outcome;
    }
    match (outcome.renamed("expires", "expires_on"), wrong) {
        (Outcome::Invalid(mut errors), Some(wrong)) => {
            errors.0.insert("expires_on".to_owned(), wrong.to_owned());
            Outcome::Invalid(errors)
        }
        (outcome, _) => outcome,
    }
}

/// The choice that takes a date.
const DATE: &str = "date";

/// A day counts to its end.
fn lifetime(expires: &str, expires_on: &str, now: Timestamp) -> Result<Duration, &'static str> {
    if expires == DATE {
        let end = Timestamp::parse_rfc3339(&format!("{}T23:59:59Z", expires_on.trim()));
        let left = end.ok_or("Enter a day, such as 2030-12-31.")?.since(now);
        return if left.is_zero() { Err("This day is over. Choose a later one.") } else { Ok(left) };
    }
    Ok(expires.parse().ok().and_then(|days: u32| DAY.checked_mul(days)).unwrap_or(DEFAULT_LIFETIME))
}

pub(super) async fn created_token(draft: DraftId) -> Result<Option<Created>, ConsoleError> {
    let (directory, who) = ssr::authorise::<TokensWrite>()?;
    let JustMade { name, clear, expires_at } = match directory.take_draft(&who, draft).await {
        Err(directory::Error::NotFound(_)) => return Ok(None),
        made => made?,
    };
    let public_url = Installation::present()?.public_url;
    Ok(Some(Created { name, clear, expires: expires_at.into(), public_url }))
}

pub(super) async fn my_sessions() -> Result<Vec<Session>, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnSessions>()?;
    let sessions = directory.my_sessions(&who).await?;
    let present = who.caller().session();
    Ok(sessions.into_iter().map(|one| session(one, present)).collect())
}

/// `present` is the session that the page is looked at with.
pub(crate) fn session(session: sessions::Session, present: Option<SessionId>) -> Session {
    Session {
        id: session.id,
        browser: agent::in_words(&session.agent),
        address: session.address,
        signed_in: session.created_at.into(),
        seen: session.seen_at.into(),
        present: present == Some(session.id),
    }
}

pub(super) fn theme() -> Result<Theme, ConsoleError> {
    signed_in()?;
    Ok(ssr::parts().map(|parts| Theme::of_cookies(&parts.headers)).unwrap_or_default())
}

pub(super) fn choose_theme(theme: &str) -> Result<Outcome, ConsoleError> {
    signed_in()?;
    let Ok(theme) = theme.parse::<Theme>() else {
        return Ok(Outcome::invalid("theme", "Choose one of these."));
    };
    ssr::append_header(header::SET_COOKIE, theme.cookie(Installation::present()?.is_https()));
    Ok(Outcome::done(&Page::Appearance, "This browser keeps the appearance."))
}

/// Whoever that is: appearance is the browser's, not a role's.
fn signed_in() -> Result<(), ConsoleError> {
    ssr::caller().user_id().map(drop).ok_or(ConsoleError::SignedOut)
}

pub(super) async fn about() -> Result<About, ConsoleError> {
    let (directory, who) = ssr::authorise::<MetricsRead>()?;
    let database = directory.database(&who).await?;
    let installation = Installation::present()?;
    Ok(About {
        version: installation.version.to_owned(),
        commit: installation.commit.map(str::to_owned),
        started: installation.started_at.into(),
        up_for: in_words(directory.ids().now().since(installation.started_at)),
        folder: installation.folder,
        database_bytes: database.bytes,
        schema_version: database.schema_version,
        master_key: installation.master_key,
        public_url: installation.public_url,
        listens_at: installation.listens_at,
        metrics_at: installation.metrics_at,
    })
}

/// The largest unit, and the one below it.
fn in_words(duration: Duration) -> String {
    let minutes = duration.as_secs() / 60;
    let (days, hours, minutes) = (minutes / (24 * 60), minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) if minutes == 0 => "less than a minute".to_owned(),
        (0, 0) => count(minutes, "minute"),
        (0, hours) => format!("{}, {}", count(hours, "hour"), count(minutes, "minute")),
        (days, hours) => format!("{}, {}", count(days, "day"), count(hours, "hour")),
    }
}

fn count(number: u64, unit: &str) -> String {
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "2026-03-12T12:00:00Z";

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn a_day_counts_to_its_end() {
        let on = |day: &str| lifetime(DATE, day, at(NOON));
        assert_eq!(on("2026-03-12"), Ok(Duration::from_secs(12 * 3600 - 1)));
        assert_eq!(on(" 2026-03-14 "), Ok(Duration::from_secs(60 * 3600 - 1)));
        assert!(on("2026-03-11").unwrap_err().contains("over"));
        for wrong in ["", "tomorrow", "2026-02-30", "12.03.2026", "2026-03-12T00:00:00Z", "-1"] {
            assert!(on(wrong).unwrap_err().contains("Enter a day"), "{wrong}");
        }
    }

    #[test]
    fn without_a_choice_it_is_a_year() {
        let days = |choice: &str| lifetime(choice, "", at(NOON)).unwrap().as_secs() / DAY.as_secs();
        assert_eq!(days("30"), 30);
        for other in ["", "365", "many"] {
            assert_eq!(days(other), 365, "{other}");
        }
    }

    #[test]
    fn a_token_is_marked_before_and_after_its_end() {
        let now = at(NOON);
        let token = |left: i64| ApiToken {
            id: uuid::Uuid::nil().into(),
            name: "hr".to_owned(),
            scopes: vec![],
            created_at: now,
            expires_at: Timestamp::from_micros(now.as_micros() + left * 1_000_000),
            last_used_at: None,
            revoked_at: None,
        };
        let day = 24 * 60 * 60;
        assert_eq!(state(&token(30 * day), now), TokenState::Active);
        assert_eq!(state(&token(30 * day - 1), now), TokenState::ExpiresIn(29));
        assert_eq!(state(&token(1), now), TokenState::ExpiresIn(0));
        assert_eq!(state(&token(0), now), TokenState::Expired);
        let revoked = ApiToken { revoked_at: Some(now), ..token(day) };
        assert_eq!(state(&revoked, now), TokenState::Revoked(now.into()));
    }

    #[test]
    fn an_error_stands_at_the_field_it_was_typed_into() {
        let refused = || Outcome::invalid("expires", "At most 3650 days.");
        assert_eq!(at_the_date(refused(), "30", None), refused());
        let moved = Outcome::invalid("expires_on", "At most 3650 days.");
        assert_eq!(at_the_date(refused(), DATE, None), moved);
        let said = Outcome::invalid("expires_on", "This day is over.");
        assert_eq!(at_the_date(refused(), DATE, Some("This day is over.")), said);
    }

    #[test]
    fn durations_are_told_by_their_largest_units() {
        for (seconds, words) in [
            (59, "less than a minute"),
            (60, "1 minute"),
            (3_600, "1 hour, 0 minutes"),
            (90_000, "1 day, 1 hour"),
            (200_000, "2 days, 7 hours"),
        ] {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }
}
