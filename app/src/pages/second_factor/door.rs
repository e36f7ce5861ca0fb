//! Between the use cases of second factors and their pages.

use auth::{
    Who,
    grants::{OwnAccount, OwnFactors, SecondStep},
};
use directory::{
    Error,
    second_factors::{Added, SecondFactor, Shown},
};
use domain::{DraftId, SecondFactorId, second_factor::RECOVERY_CODES};
use secrecy::ExposeSecret;

use super::view::{App, Codes, Factor, Mine, Step};
use crate::{
    error::ConsoleError,
    outcome::{Outcome, address},
    pages::session::{door, landing},
    routes::Page,
    ssr,
};

const TOO_MANY_WRONG: &str = "That was wrong too often. Sign in again.";

pub(super) async fn step() -> Result<Step, ConsoleError> {
    let (directory, who) = ssr::authorise::<SecondStep>()?;
    let step = directory.second_step(&who).await?;
    Ok(if step.set_up {
        Step::SetUp { name: step.name, passkeys: directory.offers_passkeys().await? }
    } else {
        Step::Show { name: step.name, app: step.app, passkey: step.passkey }
    })
}

pub(super) async fn show_code(code: &str, return_to: &str) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<SecondStep>()?;
    if code.trim().is_empty() {
        return Ok(Outcome::invalid("code", "Enter the code."));
    }
    shown(directory.show_code(&who, code).await, return_to)
}

pub(super) async fn show_passkey(answer: &str, return_to: &str) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<SecondStep>()?;
    shown(directory.show_passkey(&who, answer).await, return_to)
}

fn shown(shown: Result<Shown, Error>, return_to: &str) -> Result<Outcome, ConsoleError> {
    ssr::outcome(shown, |shown| match shown {
        Shown::In(signed_in) => {
            door::hand_over(&signed_in);
            Outcome::Done { to: landing(return_to, signed_in.role), message: None }
        }
        Shown::Over => Outcome::done(&Page::SignIn, TOO_MANY_WRONG),
    })
}

pub(super) async fn mine() -> Result<Mine, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnAccount>()?;
    let mine = directory.my_second_factors(&who).await?;
    Ok(Mine {
        factors: mine.factors.into_iter().map(factor).collect(),
        codes: codes_left(mine.codes_left),
        required: mine.required,
        fresh: mine.fresh,
        passkeys: directory.offers_passkeys().await?,
    })
}

fn codes_left(left: i64) -> String {
    match left {
        0 => "You have no recovery code left.".to_owned(),
        1 => "One recovery code is left.".to_owned(),
        left => format!("{left} of {RECOVERY_CODES} recovery codes are left."),
    }
}

fn factor(factor: SecondFactor) -> Factor {
    let SecondFactor { id, name, kind, created_at, used_at, .. } = factor;
    Factor { id, name, kind: kind.label().to_owned(), added: created_at.into(), used: used_at.map(Into::into) }
}

pub(super) async fn begin_app(return_to: &str) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnFactors>()?;
    let to = address(&Page::AddApp.path(), &[("return_to", return_to)], ("", ""));
    ssr::outcome(directory.begin_app(&who).await, |()| Outcome::Done { to, message: None })
}

pub(super) async fn app() -> Result<Option<App>, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnFactors>()?;
    let app = directory.app_being_set_up(&who).await?;
    Ok(app.map(|app| App {
        uri: app.uri.expose_secret().to_owned(),
        image: app.image,
        key: app.key.expose_secret().to_owned(),
    }))
}

pub(super) async fn add_app(code: &str, name: &str, return_to: &str) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnFactors>()?;
    if code.trim().is_empty() {
        return Ok(Outcome::invalid("code", "Enter the code that the app shows."));
    }
    added(directory.finish_app(&who, code, name).await, return_to)
}

/// The script says why it is not asked.
pub(super) async fn ask_for_new_passkey() -> Result<String, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnFactors>()?;
    match directory.ask_for_new_passkey(&who).await {
        Err(Error::Conflict(why)) => Err(ConsoleError::Forbidden { why }),
        asked => Ok(asked?.to_string()),
    }
}

pub(super) async fn add_passkey(answer: &str, name: &str, return_to: &str) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnFactors>()?;
    added(directory.finish_passkey(&who, answer, name).await, return_to)
}

/// To the recovery codes of the first; whoever was half way is in.
fn added(added: Result<Added, Error>, return_to: &str) -> Result<Outcome, ConsoleError> {
    ssr::outcome(added, |Added { signed_in, codes }| {
        if let Some(signed_in) = &signed_in {
            door::hand_over(signed_in);
        }
        let to = match codes {
            Some(codes) => address(&Page::RecoveryCodes(codes).path(), &[("return_to", return_to)], ("", "")),
            None => Page::SecondFactors.path(),
        };
        Outcome::Done { to, message: Some("Your second factor is set up.".to_owned()) }
    })
}

pub(super) async fn codes(draft: DraftId, return_to: &str) -> Result<Option<Codes>, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnAccount>()?;
    let role = if let Who::User { role, .. } = who.caller().who { role } else { None };
    let on = if return_to.is_empty() { Page::SecondFactors.path() } else { landing(return_to, role) };
    match directory.take_draft::<Vec<String>>(&who, draft).await {
        Ok(codes) => Ok(Some(Codes { codes, on })),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn new_codes() -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnAccount>()?;
    let made = directory.renew_recovery_codes(&who).await;
    ssr::outcome(made, |draft| Outcome::go(&Page::RecoveryCodes(draft)))
}

pub(super) async fn remove(id: SecondFactorId) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<OwnAccount>()?;
    let removed = directory.remove_second_factor(&who, id).await;
    ssr::outcome(removed, |()| Outcome::done(&Page::SecondFactors, "The second factor was removed."))
}
