//! "Test connection": what provisioning needs, tried one by one, changing nothing.

use domain::config::Property;
use http::Method;
use serde_json::Value;

use super::{answer::Answer, find, schema, settings::Settings, tokens::Tokens, users, wire::Wire};
use crate::{Call, Check, Failure, Keys, Report};

/// An id that nobody has: no user's is nil.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
const NOBODY_NAME: &str = "usher-test-connection";

const ADDRESS: &str = "Address";
const SIGN_IN: &str = "Sign in";
const LOOK_UP: &str = "Look up users";
const DESCRIPTION: &str = "Service description";

pub(super) async fn test(call: &Call<'_>, tokens: &Tokens) -> Report {
    let mut checks = Checks::default();
    if let Err(failure) = run(call, tokens, &mut checks).await {
        checks.fail(failure);
    }
    Report { checks: checks.0 }
}

/// Stops at the first thing that is wrong: what comes after it would say the same again.
async fn run(call: &Call<'_>, tokens: &Tokens, checks: &mut Checks) -> Result<(), (&'static str, Failure)> {
    addresses(call).map_err(|failure| (ADDRESS, failure))?;
    let wire = Wire::open(call, tokens, None).map_err(|failure| (SIGN_IN, failure))?;
    if let Err(failure) = wire.sign_in().await {
        checks.pass(ADDRESS, may_be_called(&wire.settings));
        return Err((SIGN_IN, failure));
    }
    match find::find(&wire, &Keys { external_id: NOBODY, user_name: Some(NOBODY_NAME) }).await {
        Ok(_) => {
            checks.pass(ADDRESS, may_be_called(&wire.settings));
            checks.pass(SIGN_IN, signed_in(call));
            checks.pass(LOOK_UP, "Users can be looked up by their user name.");
        }
        Err(failure) => {
            let at_fault = at_fault(&failure);
            if at_fault != ADDRESS {
                checks.pass(ADDRESS, may_be_called(&wire.settings));
            }
            if at_fault == LOOK_UP && matches!(failure, Failure::Forbidden { .. } | Failure::Refused { .. }) {
                checks.pass(SIGN_IN, signed_in(call));
            }
            return Err((at_fault, failure));
        }
    }
    checks.pass(DESCRIPTION, description(&wire).await);
    Ok(())
}

#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn pass(&mut self, name: &str, text: impl Into<String>) {
        self.0.push(Check { name: name.to_owned(), ok: true, text: text.into() });
    }

    fn fail(&mut self, (name, failure): (&str, Failure)) {
        self.0.push(Check { name: name.to_owned(), ok: false, text: sentence(&failure) });
    }
}

/// Every address that is filled in, also those that the look-up does not use.
fn addresses(call: &Call<'_>) -> Result<(), Failure> {
    let schema = schema::schema();
    for (key, url) in schema.endpoints(&call.target.properties) {
        let label = schema.field(key).map_or(key, |field| field.label.as_str());
        call.egress.check(url).map_err(|problem| Failure::misconfigured(format!("{label}: {problem}")))?;
    }
    Ok(())
}

/// Which of the checks a failed look-up speaks about.
fn at_fault(failure: &Failure) -> &'static str {
    match failure {
        Failure::Unauthorised { .. } => SIGN_IN,
        Failure::Down { .. } | Failure::Misconfigured { status: None, .. } | Failure::Faulty { status: None, .. } => {
            ADDRESS
        }
        _ => LOOK_UP,
    }
}

fn may_be_called(settings: &Settings) -> String {
    format!("{} may be called.", settings.users)
}

fn signed_in(call: &Call<'_>) -> &'static str {
    match call.target.properties.0.get(schema::MODE).map_or(schema::BASIC, Property::as_text) {
        schema::NONE => "Nothing is sent to sign in, and the other system answers all the same.",
        schema::CLIENT_CREDENTIALS => "An access token was issued and accepted.",
        _ => "The credentials were accepted.",
    }
}

/// What the other system says of itself, which is good to know and never relied on.
async fn description(wire: &Wire<'_>) -> String {
    let Some(url) = users::service_description(&wire.settings.users) else {
        return "It has no place for one, which does no harm.".to_owned();
    };
    let answer = wire.send(Method::GET, url, None).await;
    let Ok(document) = answer.and_then(Answer::into_document) else {
        return "It offers none, which does no harm: what it can do is found out by trying.".to_owned();
    };
    let supported = |feature: &str| document[feature]["supported"] == Value::Bool(true);
    let updates = if supported("patch") { "PATCH" } else { "PUT" };
    let filters = if supported("filter") { "offers filters" } else { "does not offer filters" };
    format!("It says that it takes changes by {updates} and {filters}. What it really does is found out by trying.")
}

/// Says what is wrong and what to do. Where no answer came the text begins with the host, which keeps its spelling.
fn sentence(failure: &Failure) -> String {
    let what_to_do = match failure {
        Failure::Unauthorised { .. } => " Check the credentials.",
        Failure::Forbidden { .. } => " Give these credentials the right to read and change users there.",
        Failure::Down { .. } => " Check the address, and that the other system is running.",
        Failure::Throttled { .. } | Failure::Faulty { .. } => " Try again in a while.",
        Failure::Refused { .. } | Failure::Conflict { .. } | Failure::Missing { .. } => {
            " Check that the User Endpoint is the address of its SCIM users."
        }
        Failure::Misconfigured { .. } => "",
    };
    let text = failure.to_string();
    let text = if failure.status().is_some() { capitalised(&text) } else { text };
    let end = if text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{text}{end}{what_to_do}")
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
