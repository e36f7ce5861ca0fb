//! The wizard's draft: what its steps gather until Finish; and what is handed over, once.

use auth::{
    Authorised,
    grants::{ProvisionersRead, UsersRead, UsersWrite},
};
use directory::{
    Directory, Error,
    users::{NewUser, Revision, check_password},
};
use domain::{
    ConnectorId, DraftId, UserId,
    user::{Origin, UserInput},
    validation::{FieldErrors, is_mail},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{
    story,
    view::{self, By, HandOver, Handed},
};
use crate::{error::ConsoleError, outcome::Outcome, pages::settings::installation::Installation, routes::Page, ssr};

/// Encrypted where it is kept; it has no `Debug`, as it holds a password.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Draft {
    user_name: String,
    email: String,
    given_name: String,
    family_name: String,
    by: Option<By>,
    password: String,
}

impl Draft {
    fn input(&self) -> UserInput {
        UserInput::basic(&self.user_name, &self.given_name, &self.family_name, &self.email)
    }
}

pub(super) async fn begin(id: Option<DraftId>, typed: view::Draft) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let before = match id {
        Some(id) => read(&directory, &who, id).await?,
        None => Draft::default(),
    };
    let view::Draft { user_name, email, given_name, family_name, .. } = typed;
    let draft = Draft { user_name: user_name.trim().to_owned(), email, given_name, family_name, ..before };
    let mut errors = draft.input().check().err().unwrap_or_default();
    if !draft.email.trim().is_empty() && !is_mail(draft.email.trim()) {
        errors.add("emails", "Enter an address such as ada@example.org.");
    }
    if errors.get("userName").is_none() && is_taken(&directory, &draft.user_name).await? {
        errors.add("userName", "This user name is taken.");
    }
    if !errors.is_empty() {
        return Ok(named(errors));
    }
    let saved = directory.save_draft(&who, id, &draft).await;
    ssr::outcome(saved, |id| Outcome::go(&Page::ChoosePassword(id)))
}

/// As the fields of step 1 are called.
fn named(errors: FieldErrors) -> Outcome {
    Outcome::Invalid(errors).renamed("userName", "user_name").renamed("emails", "email").renamed("name", "given_name")
}

async fn is_taken(directory: &Directory, user_name: &str) -> Result<bool, ConsoleError> {
    let (_, reader) = ssr::authorise::<UsersRead>()?;
    Ok(directory.user_by_name(&reader, user_name).await?.is_some())
}

/// Empty before there is one: that is shown to whoever reads, with a button that says why it cannot be used.
pub(super) async fn shown(id: Option<DraftId>) -> Result<view::Draft, ConsoleError> {
    let Some(id) = id else {
        ssr::authorise::<UsersRead>()?;
        return Ok(view::Draft::default());
    };
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let (_, reader) = ssr::authorise::<ProvisionersRead>()?;
    let draft = read(&directory, &who, id).await?;
    let destinations = directory.destinations(&reader).await?.into_iter().map(story::destination).collect();
    let Draft { user_name, email, given_name, family_name, by, password: _ } = draft;
    Ok(view::Draft { user_name, email, given_name, family_name, by, destinations })
}

pub(super) async fn choose_password(id: DraftId, by: &str, password: String) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let before = read(&directory, &who, id).await?;
    let next = match by {
        "link" => Ok(Draft { by: Some(By::Link), password: String::new(), ..before }),
        "mail" => match no_mail(&directory, &before.email) {
            Some(why) => return Ok(Outcome::invalid("by", why)),
            None => Ok(Draft { by: Some(By::Mail), password: String::new(), ..before }),
        },
        // The field never shows what was typed before: left empty, it keeps that.
        "password" if password.is_empty() && !before.password.is_empty() => {
            Ok(Draft { by: Some(By::Password), ..before })
        }
        "password" => check_password(&SecretString::from(password.clone())).map(|()| Draft {
            by: Some(By::Password),
            password,
            ..before
        }),
        _ => return Ok(Outcome::invalid("by", "Choose how they come to a password.")),
    };
    let draft = match next {
        Ok(draft) => draft,
        refused => return ssr::outcome(refused, |_| Outcome::go(&Page::SummariseUser(id))),
    };
    let saved = directory.save_draft(&who, Some(id), &draft).await;
    ssr::outcome(saved, |id| Outcome::go(&Page::SummariseUser(id)))
}

pub(super) async fn finish(id: DraftId) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let draft = read(&directory, &who, id).await?;
    let Some(by) = draft.by else { return Ok(Outcome::go(&Page::ChoosePassword(id))) };
    let password = (by == By::Password).then(|| SecretString::from(draft.password.clone()));
    let new = NewUser { input: draft.input(), password: password.clone(), origin: Origin::Console };
    let made = match directory.create_user(&who, new).await {
        Ok(made) => made,
        Err(error) => return ssr::outcome(Err(error), |()| Outcome::go(&Page::Users)).map(of_the_whole),
    };
    directory.discard_draft(&who, id).await?;
    if by == By::Mail {
        return mailed(&directory, &who, made.user.id).await;
    }
    hand(&directory, &who, made.user.id, &made.user.user_name, password, &made.pending).await
}

/// Why no link can be sent to this address.
fn no_mail(directory: &Directory, address: &str) -> Option<String> {
    if !directory.sends_mail() {
        return Some(directory::mails::NOT_SET_UP.to_owned());
    }
    address.trim().is_empty().then(|| "There is no mail address to send it to. Choose another way.".to_owned())
}

async fn mailed(directory: &Directory, who: &Authorised<UsersWrite>, user: UserId) -> Result<Outcome, ConsoleError> {
    let sent = directory.mail_password_link(who, user).await;
    ssr::outcome(sent, |address| Outcome::done(&Page::User(user), format!("A mail with a link goes to {address}.")))
}

/// The summary has no fields: what is wrong is said above it.
fn of_the_whole(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Invalid(errors) => {
            let messages: Vec<String> = errors.0.into_values().collect();
            Outcome::invalid("", messages.join(" "))
        }
        done @ Outcome::Done { .. } => done,
    }
}

pub(super) async fn reset_password(id: UserId, by: &str, password: String) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let (_, reader) = ssr::authorise::<UsersRead>()?;
    let user = directory.user(&reader, id).await?;
    if by == "mail" {
        let address = user.profile.primary_email().unwrap_or_default();
        return match no_mail(&directory, address) {
            Some(why) => Ok(Outcome::invalid("by", why)),
            None => mailed(&directory, &who, id).await,
        };
    }
    if by == "link" {
        return hand(&directory, &who, id, &user.user_name, None, &[]).await;
    }
    if by != "password" {
        return Ok(Outcome::invalid("by", "Choose how they come to a password."));
    }
    let password = SecretString::from(password);
    let own = password.clone();
    let set = directory
        .revise_user(
            &who,
            id,
            None,
            std::sync::Arc::new(move |user| Ok(Revision { input: UserInput::of(user), password: Some(own.clone()) })),
        )
        .await;
    match set.map_err(super::shown::failed) {
        // Whoever gives themselves another password is signed out by it.
        Ok(_) if ssr::caller().user_id() == Some(id) => Ok(Outcome::go(&Page::SignIn)),
        Ok(made) => hand(&directory, &who, id, &user.user_name, Some(password), &made.pending).await,
        Err(error) => ssr::outcome(Err(error), |()| Outcome::go(&Page::User(id))),
    }
}

/// Keeps what is to be handed over, and goes where it is shown.
async fn hand(
    directory: &Directory,
    who: &Authorised<UsersWrite>,
    user: UserId,
    user_name: &str,
    password: Option<SecretString>,
    pending: &[ConnectorId],
) -> Result<Outcome, ConsoleError> {
    let url = |page: &Page| Ok::<_, ConsoleError>(format!("{}{}", Installation::present()?.public_url, page.path()));
    let secret = if let Some(password) = password {
        Handed::Password(password.expose_secret().to_owned())
    } else {
        let link = match directory.create_password_link(who, user).await {
            Ok(link) => link,
            Err(error) => return ssr::outcome(Err(error), |()| Outcome::go(&Page::User(user))),
        };
        let url = format!("{}/{}", url(&Page::SetPassword)?, link.token.expose_secret());
        Handed::Link { url, until: link.expires_at.into() }
    };
    let pending = story::names_of(directory, pending).await?;
    let handed = HandOver { user_name: user_name.to_owned(), secret, pending, sign_in: url(&Page::SignIn)? };
    let kept = directory.save_draft(who, None, &handed).await;
    ssr::outcome(kept, |draft| Outcome::go(&Page::HandOver(user, draft)))
}

pub(super) async fn hand_over(id: DraftId) -> Result<Option<HandOver>, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    match directory.take_draft(&who, id).await {
        Err(Error::NotFound(_)) => Ok(None),
        taken => Ok(Some(taken?)),
    }
}

async fn read(directory: &Directory, who: &Authorised<UsersWrite>, id: DraftId) -> Result<Draft, ConsoleError> {
    Ok(directory.draft(who, id).await?)
}

#[cfg(test)]
mod tests {
    use domain::user::Profile;

    use super::*;

    #[test]
    fn what_was_left_empty_is_not_there() {
        let draft = Draft { user_name: "ada".to_owned(), family_name: " ".to_owned(), ..Draft::default() };
        assert_eq!(draft.input().profile, Profile::default());
    }
}
