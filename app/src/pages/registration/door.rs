//! Between the use cases and the pages of self-registration: what is told to strangers, in plain words.

use directory::{
    Error,
    federation::not_made,
    registration::{self, Registered, Visitor},
    sign_in::SignedIn,
};
use domain::registration::{self as asking, Asked, SelfRegistration, Typed};
use domain::validation::FieldErrors;
use secrecy::{ExposeSecret, SecretString};

use super::view::{Form, Question, Verification};
use crate::{
    error::ConsoleError,
    outcome::Outcome,
    pages::{
        session::{door as session, landing},
        users::custom,
    },
    routes::Page,
    ssr::{self, DoorCookie},
};

pub(super) async fn form() -> Result<Option<Form>, ConsoleError> {
    let directory = ssr::directory()?;
    let Some(settings) = directory.self_registration().await? else { return Ok(None) };
    let schemas = directory.schemas_now().await?;
    let questions = settings.questions(&schemas.extensions).iter().map(question).collect();
    let SelfRegistration { given_name, family_name, phone_number, .. } = settings;
    let fields = [
        ("given_name", "First name", given_name),
        ("family_name", "Last name", family_name),
        ("phone_number", "Phone number", phone_number),
    ];
    let fields = fields.into_iter().filter(|(.., asked)| *asked != Asked::No);
    Ok(Some(Form {
        own_user_name: !settings.mail_is_user_name,
        fields: fields.map(|(name, label, asked)| (name.into(), label.into(), asked == Asked::Required)).collect(),
        questions,
        least_password: settings.least_password,
        domains: settings.domains,
        challenge: settings.proof_of_work.then(|| directory.challenge()),
        providers: session::providers().await?,
    }))
}

fn question(asked: &asking::Question) -> Question {
    let definition = &asked.attribute.definition;
    let hint = [definition.description.as_str(), custom::example(definition.kind)];
    Question {
        name: asked.field(),
        label: definition.shown().to_owned(),
        hint: hint.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "),
        choices: custom::choices(definition, None),
        required: asked.required,
    }
}

pub(super) async fn register(
    typed: Typed,
    password: String,
    proof: String,
    return_to: &str,
) -> Result<Outcome, ConsoleError> {
    let registered = ssr::directory()?.register(typed, SecretString::from(password), proof, visitor()).await;
    match registered {
        Ok(Registered::MailSent { browser, .. }) => {
            ssr::set_door_cookie(|cookie| cookie.set(DoorCookie::REGISTRATION, browser.expose_secret()));
            Ok(Outcome::go(&Page::RegisterSent))
        }
        Ok(Registered::In { signed_in }) => entered(signed_in.as_ref(), return_to).await,
        Err(Error::NotAccepted(rejections)) => Ok(Outcome::invalid("", not_made(&rejections, "Try again later."))),
        Err(error) => ssr::outcome(Err(error), |()| Outcome::go(&Page::Register))
            .map(|outcome| outcome.renamed("userName", "mail")),
    }
}

pub(super) async fn verification(token: &str) -> Result<Verification, ConsoleError> {
    let browser = ssr::door_cookie(DoorCookie::REGISTRATION);
    Ok(match ssr::directory()?.verification(token, browser.as_deref()).await? {
        registration::Verification::Open { mail, expires_at, needs_password } => {
            Verification::Open { mail, until: expires_at.into(), needs_password }
        }
        registration::Verification::Used => Verification::Used,
        registration::Verification::Late => Verification::Late,
        registration::Verification::Unknown => Verification::Unknown,
    })
}

pub(super) async fn verify(token: &str, password: String) -> Result<Outcome, ConsoleError> {
    let browser = ssr::door_cookie(DoorCookie::REGISTRATION);
    let password = SecretString::from(password);
    let verified = ssr::directory()?.verify(token, browser.as_deref(), &password, visitor()).await;
    match verified {
        Ok(signed_in) => {
            ssr::set_door_cookie(|cookie| cookie.clear(DoorCookie::REGISTRATION));
            entered(signed_in.as_ref(), "").await
        }
        Err(Error::NotAccepted(rejections)) => {
            let on = "Your registration stays, and this link goes on working: try again later.";
            Ok(Outcome::invalid("", not_made(&rejections, on)))
        }
        Err(Error::Taken(errors)) => Ok(Outcome::invalid("", taken_by_now(&errors))),
        Err(error) => ssr::outcome(Err(error), |()| Outcome::go(&Page::SignIn)),
    }
}

/// What they gave was free when they registered. What stands at none of the standard fields is an attribute's.
fn taken_by_now(errors: &FieldErrors) -> String {
    match errors.0.iter().find(|(field, _)| field.contains(':')) {
        Some((_, message)) => format!("{message} Register again, with another value."),
        None => "There is an account with this name by now. Sign in, or register with another.".to_owned(),
    }
}

/// In, or at the sign-in with the news that they may.
async fn entered(signed_in: Option<&SignedIn>, return_to: &str) -> Result<Outcome, ConsoleError> {
    let Some(signed_in) = signed_in else {
        return Ok(Outcome::done(&Page::SignIn, "Your account is ready. Sign in with your password."));
    };
    session::end_before().await?;
    session::hand_over(signed_in);
    let message = Some("Your account is ready.".to_owned());
    Ok(Outcome::Done { to: landing(return_to, signed_in.role), message })
}

fn visitor() -> Visitor {
    Visitor { address: ssr::caller().address, agent: session::agent() }
}
