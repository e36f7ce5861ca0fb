//! Making an account (RFC 7644 section 3.3).

use domain::{attempt::Operation, user::Account};
use http::{Method, header};
use scim::client;
use secrecy::{ExposeSecret, SecretString};

use super::{
    answer::Answer,
    extensions::{self, Takes},
    find,
    render::render,
    users,
    wire::Wire,
};
use crate::{Applied, Failure, Keys};

pub(super) async fn create(wire: &Wire<'_>, want: &Account) -> Result<Applied, Failure> {
    let mut body = render(want);
    if let Some(password) = password(wire, want) {
        body["password"] = password.expose_secret().into();
    }
    let asked = extensions::ask(wire, &body, None).await?;
    let mut left_out = extensions::which(&asked, Takes::No);
    let unsure = extensions::which(&asked, Takes::Perhaps);
    body = extensions::without(&body, &left_out);
    let mut answer = wire.send(Method::POST, wire.settings.users.clone(), Some(&body)).await?;
    for urns in extensions::in_turn(&unsure) {
        if !extensions::may_be_about_extensions(&answer) {
            break;
        }
        let body = extensions::without(&body, &urns);
        answer = wire.send(Method::POST, wire.settings.users.clone(), Some(&body)).await?;
        if answer.is_success() {
            extensions::refused(wire, &urns);
            left_out.extend(urns);
        }
    }
    let answer = taken(answer)?;
    let remote_id = match id_in(wire, answer) {
        Some(id) => id,
        None => look_again(wire, want).await?,
    };
    Ok(Applied { remote_id, operation: Operation::Create, left_out })
}

/// The user's own where passwords are passed on, else the one for new accounts.
fn password<'a>(wire: &'a Wire<'_>, want: &'a Account) -> Option<&'a SecretString> {
    want.password.as_ref().filter(|_| wire.settings.passwords).or(wire.settings.default_password.as_ref())
}

fn taken(answer: Answer) -> Result<Answer, Failure> {
    let status = answer.status.as_u16();
    let unique = answer.scim_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("uniqueness"));
    match status {
        409 => Err(Failure::Conflict { text: format!("has an account of this name already: {}", answer.words()) }),
        400 if unique => {
            Err(Failure::Conflict { text: format!("has an account of this name already: {}", answer.words()) })
        }
        404 | 405 | 410 | 501 => Err(Failure::Misconfigured {
            text: format!("takes no new users at this address: {}. Check the User Endpoint", answer.words()),
            status: Some(status),
        }),
        _ => answer.into_success(),
    }
}

/// From the body, else from the `Location`.
fn id_in(wire: &Wire<'_>, answer: Answer) -> Option<String> {
    let location = answer.headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
    let by_location = location.and_then(|location| users::id_in_location(&wire.settings.users, location));
    let by_body = answer.json.and_then(|document| client::Remote::read(document).ok()).map(|remote| remote.id);
    by_body.or(by_location)
}

/// For targets that say it was made but not what its id is.
async fn look_again(wire: &Wire<'_>, want: &Account) -> Result<String, Failure> {
    let keys = Keys { external_id: &want.external_id, user_name: Some(&want.user_name) };
    let found = find::find(wire, &keys).await?;
    found.map(|found| found.remote.id).ok_or_else(|| Failure::Faulty {
        text: "says that it made the account, but does not list it".to_owned(),
        status: None,
        retry_after: None,
    })
}
