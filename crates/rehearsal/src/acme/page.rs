//! The page for people: who has an account, what was asked last, and switches to misbehave with.
//!
//! It works without JavaScript; with it, `page.js` shows changes at once.

use std::{
    fmt::{self, Write},
    sync::Arc,
    time::Duration,
};

use axum::{
    Form, Router,
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::Timestamp;
use serde::Deserialize;

use super::{ALWAYS, Account, Cloud, Faults, Logged, Shared};

/// Accounts shown, the latest first.
const ROWS: usize = 500;
/// Requests shown.
const REQUESTS: usize = 8;
/// How long the script's question stays open when nothing changes.
const PATIENCE: Duration = Duration::from_secs(25);

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

type SharedState = State<Arc<Shared>>;

pub(super) fn routes(shared: Arc<Shared>) -> Router<Arc<Shared>> {
    let asset = |kind: &'static str, content: &'static str| {
        get(move || async move { ([(header::CONTENT_TYPE, kind)], content) })
    };
    Router::new()
        .route("/", get(page))
        .route("/changes", get(changes))
        .route("/switches", post(switch))
        .route("/acme.css", asset("text/css; charset=utf-8", include_str!("page.css")))
        .route("/acme.js", asset("text/javascript; charset=utf-8", include_str!("page.js")))
        .route_layer(middleware::from_fn_with_state(shared, guard))
}

/// Another site that a browser is on must neither read the page (by rebinding its name to 127.0.0.1) nor press its
/// buttons.
async fn guard(State(shared): SharedState, request: Request, next: Next) -> Response {
    let allowed =
        is_ours(&shared, request.headers()) && (request.method().is_safe() || is_from_here(request.headers()));
    let mut response = if allowed {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "Open this page at its own address.").into_response()
    };
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn is_ours(shared: &Shared, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let port = shared.address.port();
    host.is_some_and(|host| {
        host == shared.address.to_string() || host == format!("localhost:{port}") || host == format!("127.0.0.1:{port}")
    })
}

/// A form of this very page: its `Origin` is the `Host` that was found to be ours.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let same_site = text(header::HeaderName::from_static("sec-fetch-site")).is_none_or(|site| site == "same-origin");
    let origin = text(header::ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
    same_site && origin.is_some() && origin == text(header::HOST)
}

#[derive(Deserialize)]
struct After {
    after: u64,
}

/// Answers once there is something newer than the number that the script knows, or nothing happened for a while.
async fn changes(State(shared): SharedState, Query(After { after }): Query<After>) -> StatusCode {
    let mut changes = shared.changes.subscribe();
    let newer = changes.wait_for(|number| *number != after || shared.cloud().stopped);
    match tokio::time::timeout(PATIENCE, newer).await {
        Ok(Ok(_)) => StatusCode::OK,
        _ => StatusCode::NO_CONTENT,
    }
}

async fn page(State(shared): SharedState) -> Html<String> {
    let version = *shared.changes.borrow();
    let view = View::of(&shared.cloud(), version, shared.url());
    Html(view.to_string())
}

/// What people can switch, and what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Switch {
    Slow,
    Failing,
    Throttling,
    LosingAnswers,
    SwitchedOff,
}

const SLOW_BY: Duration = Duration::from_secs(3);
const RETRY_AFTER: Duration = Duration::from_secs(5);

impl Switch {
    const ALL: [Self; 5] = [Self::Slow, Self::Failing, Self::Throttling, Self::LosingAnswers, Self::SwitchedOff];

    fn id(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::Failing => "failing",
            Self::Throttling => "throttling",
            Self::LosingAnswers => "losing-answers",
            Self::SwitchedOff => "switched-off",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Slow => "Slow",
            Self::Failing => "Failing",
            Self::Throttling => "Throttling",
            Self::LosingAnswers => "Losing answers",
            Self::SwitchedOff => "Switched off",
        }
    }

    fn effect(self) -> &'static str {
        match self {
            Self::Slow => "Makes each change at once and answers 3 s later.",
            Self::Failing => "Answers 500 to everything and changes nothing.",
            Self::Throttling => "Answers 429 and asks to wait 5 s.",
            Self::LosingAnswers => "Makes each change, then hangs up without an answer.",
            Self::SwitchedOff => "Answers 503 to everything, as during maintenance.",
        }
    }

    fn is_on(self, faults: &Faults) -> bool {
        match self {
            Self::Slow => faults.slow.is_some(),
            Self::Failing => faults.failing.is_some_and(|(left, _)| left > 0),
            Self::Throttling => faults.throttling.is_some_and(|(left, _)| left > 0),
            Self::LosingAnswers => faults.losing > 0,
            Self::SwitchedOff => faults.switched_off,
        }
    }

    fn set(self, faults: &mut Faults, on: bool) {
        match self {
            Self::Slow => faults.slow = on.then_some(SLOW_BY),
            Self::Failing => faults.failing = on.then_some((ALWAYS, StatusCode::INTERNAL_SERVER_ERROR)),
            Self::Throttling => faults.throttling = on.then_some((ALWAYS, RETRY_AFTER)),
            Self::LosingAnswers => faults.losing = if on { ALWAYS } else { 0 },
            Self::SwitchedOff => faults.switched_off = on,
        }
    }
}

#[derive(Deserialize)]
struct Switching {
    switch: Switch,
    on: bool,
}

async fn switch(State(shared): SharedState, Form(Switching { switch, on }): Form<Switching>) -> Redirect {
    shared.change(|cloud| switch.set(&mut cloud.faults, on));
    Redirect::to("/")
}

/// Everything that the page shows.
struct View {
    version: u64,
    url: String,
    faults: Faults,
    accounts: Vec<Account>,
    account_count: usize,
    group_count: usize,
    requests: Vec<Logged>,
}

impl View {
    fn of(cloud: &Cloud, version: u64, url: String) -> Self {
        Self {
            version,
            url,
            faults: cloud.faults.clone(),
            accounts: cloud.service.users.latest_accounts(ROWS),
            account_count: cloud.service.users.len(),
            group_count: cloud.service.groups.len(),
            requests: cloud.log.latest(REQUESTS),
        }
    }

    fn switches(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<ul class=\"switches\">")?;
        for switch in Switch::ALL {
            let (id, label, effect) = (switch.id(), switch.label(), switch.effect());
            let on = switch.is_on(&self.faults);
            let (state, word, action) = if on { ("on", "On", "Turn off") } else { ("off", "Off", "Turn on") };
            write!(
                f,
                "<li><form method=\"post\" action=\"/switches\">\
                 <input type=\"hidden\" name=\"switch\" value=\"{id}\"><input type=\"hidden\" name=\"on\" value=\"{}\">\
                 <h3>{label} <span class=\"pill {state}\">{word}</span></h3><p>{effect}</p>\
                 <button id=\"{id}\" aria-label=\"{action}: {label}\">{action}</button></form></li>",
                !on
            )?;
        }
        f.write_str("</ul>")
    }

    fn account_table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.accounts.is_empty() {
            return f.write_str(
                "<p class=\"empty\"><strong>No accounts yet</strong>They appear here as soon as somebody provisions \
                 them.</p>",
            );
        }
        f.write_str(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Accounts\"><table><thead><tr><th scope=\"col\">User name<th scope=\"col\">Name\
             <th scope=\"col\">Mail<th scope=\"col\">Department<th scope=\"col\">State<th scope=\"col\">External id\
             <th scope=\"col\">Changed</tr></thead><tbody>",
        )?;
        self.accounts.iter().try_for_each(|account| row(f, account))?;
        f.write_str("</tbody></table></div>")?;
        match self.account_count - self.accounts.len() {
            0 => Ok(()),
            more => write!(f, "<p class=\"hint\">And {more} more that changed earlier.</p>"),
        }
    }

    fn request_list(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.requests.is_empty() {
            return f.write_str("<p class=\"hint\">Nothing was asked yet.</p>");
        }
        f.write_str("<ol class=\"requests\">")?;
        for request in &self.requests {
            let status = request.status.map_or_else(|| "in progress".to_owned(), |status| status.as_u16().to_string());
            write!(
                f,
                "<li><span class=\"at\">{}</span> <code>{} {}</code> <span class=\"status\">{status}</span></li>",
                clock_time(request.at),
                Escaped(request.method.as_str()),
                Escaped(&request.path),
            )?;
        }
        f.write_str("</ol>")
    }
}

fn row(f: &mut fmt::Formatter<'_>, account: &Account) -> fmt::Result {
    let (state, word) = if account.active { ("active", "Active") } else { ("disabled", "Disabled") };
    let cells = [
        Some(account.user_name.clone()),
        account.name(),
        account.email().map(str::to_owned),
        account.department().map(str::to_owned),
    ];
    f.write_str("<tr>")?;
    for cell in &cells {
        write!(f, "<td>{}</td>", Escaped(cell.as_deref().unwrap_or("–")))?;
    }
    write!(
        f,
        "<td><span class=\"pill {state}\">{word}</span></td><td><code>{}</code></td><td class=\"at\">{}</td></tr>",
        Escaped(account.external_id.as_deref().unwrap_or("–")),
        clock_time(account.changed),
    )
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Acme Cloud</title>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/acme.css\">\
             <script src=\"/acme.js\" type=\"module\"></script>\
             <noscript><meta http-equiv=\"refresh\" content=\"2\"></noscript></head>\
             <body><header><h1>Acme Cloud</h1><p>An external system to try things on. It listens at <code>{url}/scim/v2</code>, \
             and forgets everything when it stops.</p></header>\
             <main data-version=\"{version}\">\
             <section aria-labelledby=\"accounts\"><h2 id=\"accounts\">Accounts <span class=\"count\">{accounts}</span></h2>",
            url = Escaped(&self.url),
            version = self.version,
            accounts = counted(self.account_count, "account", self.group_count),
        )?;
        self.account_table(f)?;
        f.write_str("</section><section aria-labelledby=\"switches\"><h2 id=\"switches\">Misbehave</h2>")?;
        self.switches(f)?;
        f.write_str("</section><section aria-labelledby=\"requests\"><h2 id=\"requests\">Last requests</h2>")?;
        self.request_list(f)?;
        f.write_str("</section></main></body></html>")
    }
}

fn counted(accounts: usize, noun: &str, groups: usize) -> String {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let accounts = format!("{accounts} {noun}{}", plural(accounts));
    if groups == 0 { accounts } else { format!("{accounts}, {groups} group{}", plural(groups)) }
}

/// `14:05:05 UTC`, of an RFC 3339 time.
fn clock_time(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(11..19).map_or_else(|| text.clone(), |time| format!("{time} UTC"))
}

/// Text between tags or in a quoted attribute.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            c => f.write_char(c),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_stays_text() {
        assert_eq!(
            Escaped("<img src=x onerror='alert(1)'>&\"").to_string(),
            "&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;&quot;"
        );
    }

    #[test]
    fn every_switch_turns_on_and_off_by_itself() {
        for switch in Switch::ALL {
            let mut faults = Faults::default();
            switch.set(&mut faults, true);
            let on: Vec<Switch> = Switch::ALL.into_iter().filter(|other| other.is_on(&faults)).collect();
            assert_eq!(on, [switch]);
            switch.set(&mut faults, false);
            assert!(!switch.is_on(&faults), "{switch:?}");
            let named: Switch = serde_json::from_value(switch.id().into()).unwrap();
            assert_eq!(named, switch);
        }
    }

    #[test]
    fn counts_and_times_read_well() {
        assert_eq!(counted(1, "account", 0), "1 account");
        assert_eq!(counted(0, "account", 2), "0 accounts, 2 groups");
        assert_eq!(clock_time(Timestamp::from_micros(1_773_324_305_123_456)), "14:05:05 UTC");
    }
}
