//! What becomes of whoever the provider says it is: they are let in, waited for, asked, or told why not.

use std::time::Duration;

use auth::{Token, oidc::Problem};
use domain::{
    SignInId, UserId,
    connection::Connection,
    identity::Misfit,
    onboarding::Rejection,
    user::{Origin, User, UserInput},
};
use secrecy::ExposeSecret;
use storage::{
    audit::{Actor, ActorKind},
    provider_links, sign_ins, users,
};

use super::{
    Arrived, Coming, Newcomer, Stage,
    following::follow,
    matching::{TAKEN, Verdict, judge, link_by_rule},
    nobody,
    stages::written,
};
use crate::{
    Directory, Error, Result,
    change::About,
    details::Details,
    registration::Visitor,
    sign_in::SignedIn,
    users::{Arrival, arriving},
};

/// How long a browser is kept waiting before it is shown that it waits.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// How often a sign-in looks whether another one has made the account.
const LOOKS_EVERY: Duration = Duration::from_millis(150);
/// And how often at most: longer than any provisioner may be waited for.
const LOOKS: usize = 600;

impl Directory {
    pub(super) async fn come(&self, coming: Coming, agreed: bool) -> Result<Arrived> {
        let verdict = {
            let mut conn = self.db().read().await?;
            judge(&mut conn, &coming.connection, &coming.settings, &coming.seen).await?
        };
        match verdict {
            Verdict::Refuse(text) => self.explain(&coming, text).await,
            Verdict::Misfit(misfit) => self.misfits(&coming, &misfit).await,
            Verdict::Enter { user, first } => self.enter(coming, user, first).await,
            Verdict::Join(user) => self.join(coming, user).await,
            Verdict::Create { ask: true, .. } if !agreed => {
                let stage = Stage::Consent {
                    seen: coming.seen.clone(),
                    browser: coming.browser.clone(),
                    return_to: coming.return_to.clone(),
                };
                Ok(Arrived::Page { token: self.page(coming.connection.id, stage).await?, session: None })
            }
            Verdict::Create { input, .. } => self.create(coming, input).await,
        }
    }

    /// Somebody who has an account: it is brought in line with what the provider says, and waits for nobody.
    async fn enter(&self, coming: Coming, user: User, first: bool) -> Result<Arrived> {
        let token = Token::make("", &**self.ids().dice());
        match self.in_step(&coming, user, first, token).await? {
            Some(signed_in) => Ok(Arrived::In { signed_in, return_to: coming.return_to }),
            None => self.explain(&coming, "Your account here was changed meanwhile. Start again.".to_owned()).await,
        }
    }

    async fn in_step(&self, coming: &Coming, user: User, first: bool, token: Token) -> Result<Option<SignedIn>> {
        let Visitor { address, agent } = coming.visitor.clone();
        let actor = Actor { kind: ActorKind::User, id: Some(user.id.0), label: user.label(), address: address.clone() };
        let (context, id) = (self.context_as(actor), user.id);
        let (settings, seen, connection) = (coming.settings.clone(), coming.seen.clone(), coming.connection.clone());
        let user = self
            .commit::<_, Error, _>(move |conn| {
                let (context, settings) = (context.clone(), settings.clone());
                let (seen, connection) = (seen.clone(), connection.clone());
                Box::pin(async move {
                    let user = users::get(conn, id).await?.ok_or(Error::NotFound("user"))?;
                    if first {
                        link_by_rule(conn, &context, &connection, &seen, &user).await?;
                    }
                    follow(conn, &context, &settings, &connection, &seen, user).await
                })
            })
            .await?;
        self.begin_session_with(token, user, coming.seen.by(&coming.connection), address, &agent).await
    }

    /// Somebody new. Where systems have to be asked first, a page says so after a moment.
    async fn create(&self, coming: Coming, input: UserInput) -> Result<Arrived> {
        let context = self.context_as(nobody(&coming.visitor.address));
        let user = arriving(&context, input, Origin::Jit);
        let newcomer = Newcomer {
            connection: coming.connection.id,
            subject: coming.seen.subject.clone(),
            label: coming.seen.label(),
        };
        let (id, arrival) = (user.id, Arrival::by_provider(user, newcomer));
        let directory = self.clone();
        let making = async move {
            let outcome = directory.admit(context, arrival).await?;
            Ok(outcome.user)
        };
        self.wait_and_enter(coming, id, making).await
    }

    /// Waits for an account that another sign-in is making.
    async fn join(&self, coming: Coming, user: UserId) -> Result<Arrived> {
        let directory = self.clone();
        self.wait_and_enter(coming, user, async move { directory.once_there(user).await }).await
    }

    async fn once_there(&self, user: UserId) -> Result<User> {
        for _ in 0..LOOKS {
            let found = {
                let mut conn = self.db().read().await?;
                users::get_any(&mut conn, user).await?
            };
            match found {
                Some(user) if user.staged => tokio::time::sleep(LOOKS_EVERY).await,
                Some(user) => return Ok(user),
                None => break,
            }
        }
        Err(Error::NotAccepted(Vec::new()))
    }

    /// Lets `making` go on whatever the browser does, and shows a page where it takes longer than a moment. The session
    /// begins with the account.
    async fn wait_and_enter(
        &self,
        coming: Coming,
        id: UserId,
        making: impl Future<Output = Result<User>> + Send + 'static,
    ) -> Result<Arrived> {
        let token = Token::make("", &**self.ids().dice());
        let (directory, clear) = (self.clone(), token.clear.clone());
        let (connection, return_to) = (coming.connection.id, coming.return_to.clone());
        let mut entering = tokio::spawn(async move { directory.make_and_enter(coming, making, token).await });
        if let Ok(done) = tokio::time::timeout(PATIENCE, &mut entering).await {
            done.unwrap_or(Err(Error::NoEngine))
        } else {
            let waited_to = return_to.clone();
            let stage = Stage::Waiting { user: id, return_to };
            let page = Token::make("", &**self.ids().dice());
            let row = self.keep_stage(connection, page.hash.to_vec(), stage).await?;
            let directory = self.clone();
            tokio::spawn(async move {
                let done = entering.await.unwrap_or(Err(Error::NoEngine));
                directory.settle_page(row, done, waited_to).await;
            });
            Ok(Arrived::Page { token: page.clear, session: Some(clear) })
        }
    }

    async fn make_and_enter(
        &self,
        coming: Coming,
        making: impl Future<Output = Result<User>> + Send,
        token: Token,
    ) -> Result<Arrived> {
        let made = match making.await {
            Err(Error::Taken(_)) => match self.quicker(&coming).await? {
                Some(user) => self.once_there(user).await,
                None => return self.explain(&coming, TAKEN.to_owned()).await,
            },
            made => made,
        };
        let user = match made {
            Ok(user) => user,
            Err(Error::NotAccepted(rejections)) => {
                let text = not_made(&rejections, "Nothing was kept: try again later.");
                return self.explain(&coming, text).await;
            }
            Err(Error::Invalid(errors)) => return self.misfits(&coming, &Misfit::Refused(errors)).await,
            Err(error) => return Err(error),
        };
        match self.in_step(&coming, user, false, token).await? {
            Some(signed_in) => Ok(Arrived::In { signed_in, return_to: coming.return_to }),
            None => self.explain(&coming, "Your account here was changed meanwhile. Start again.".to_owned()).await,
        }
    }

    /// A name was taken: by the same person's other sign-in, which is joined, or by somebody else.
    async fn quicker(&self, coming: &Coming) -> Result<Option<UserId>> {
        let mut conn = self.db().read().await?;
        let link = provider_links::by_subject(&mut conn, coming.connection.id, &coming.seen.subject).await?;
        Ok(link.map(|link| link.user_id))
    }

    /// The page that waited tells how it ended. A session that began is found by the browser, which holds its token.
    async fn settle_page(&self, row: SignInId, done: Result<Arrived>, return_to: String) {
        let text = match done {
            Ok(Arrived::In { .. }) => return,
            Ok(Arrived::Page { token, .. }) => match self.find_stage(token.expose_secret()).await {
                Ok(Some((_, Stage::Refused { text, .. }))) => text,
                _ => return,
            },
            Err(error) => {
                tracing::error!(error = %error, "A sign-in by another system could not be finished.");
                "Something went wrong here. Try again.".to_owned()
            }
        };
        let stage = Stage::Refused { text, return_to };
        let (vault, body) = (self.db().vault().clone(), written(&stage));
        let told = self
            .db()
            .write::<_, Error, _>(move |conn| {
                let (vault, body) = (vault.clone(), body.clone());
                Box::pin(async move { Ok(sign_ins::update(conn, &vault, row, &body).await?) })
            })
            .await;
        if let Err(error) = told {
            tracing::error!(error = %error, "What became of a sign-in could not be kept.");
        }
    }

    async fn misfits(&self, coming: &Coming, misfit: &Misfit) -> Result<Arrived> {
        let name = &coming.connection.name;
        tracing::warn!(connection = %name, "Somebody could not come in by what their provider says of them: {misfit}.");
        let text = format!("What {name} says of you makes no account here: {misfit}. Tell an administrator.");
        self.explain(coming, text).await
    }

    async fn explain(&self, coming: &Coming, text: String) -> Result<Arrived> {
        self.record_refusal(&coming.connection, &coming.visitor.address, &text).await;
        let stage = Stage::Refused { text, return_to: coming.return_to.clone() };
        Ok(Arrived::Page { token: self.page(coming.connection.id, stage).await?, session: None })
    }

    pub(super) async fn refused_by(
        &self,
        connection: &Connection,
        problem: &Problem,
        return_to: String,
        visitor: &Visitor,
    ) -> Result<Arrived> {
        tracing::warn!(connection = %connection.name, client.address = %visitor.address, "A sign-in was refused: {problem}");
        self.record_refusal(connection, &visitor.address, &problem.to_string()).await;
        let stage = Stage::Refused { text: problem.for_visitors().to_owned(), return_to };
        Ok(Arrived::Page { token: self.page(connection.id, stage).await?, session: None })
    }

    /// So many an hour, as with passwords.
    async fn record_refusal(&self, connection: &Connection, address: &str, why: &str) {
        if !self.inner.sign_in_limits.records_failure(&connection.id.to_string()) {
            return;
        }
        let (context, connection, why) = (self.context_as(nobody(address)), connection.clone(), why.to_owned());
        let recorded = self.db().write::<_, Error, _>(move |conn| {
            let (context, connection, why) = (context.clone(), connection.clone(), why.clone());
            Box::pin(async move {
                let about = About { kind: "connection", id: Some(connection.id.0), label: &connection.name };
                context.record(conn, "session.refuse", about, Details::default().with("reason", why)).await
            })
        });
        if let Err(error) = recorded.await {
            tracing::error!(error = %error, "A refused sign-in could not be recorded.");
        }
    }
}

/// Why nobody came of it, for a stranger: which system, and nothing of what it said.
pub fn not_made(rejections: &[Rejection], what_now: &str) -> String {
    let why: Vec<String> = rejections
        .iter()
        .map(|one| {
            if one.said_no {
                format!("{} does not accept the account; an administrator has to see to it.", one.connection)
            } else {
                format!("{} does not answer at the moment.", one.connection)
            }
        })
        .collect();
    format!("Your account could not be made. {} {what_now}", why.join(" ")).replace("  ", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_is_told_which_system_and_not_what_it_said() {
        let said = |said_no| {
            let reason = "http://10.0.0.7/Users: connection refused".to_owned();
            not_made(&[Rejection { connection: "Acme Cloud".to_owned(), reason, said_no }], "Try again later.")
        };
        assert_eq!(
            said(false),
            "Your account could not be made. Acme Cloud does not answer at the moment. Try again later."
        );
        assert!(said(true).contains("does not accept the account") && !said(true).contains("10.0.0.7"));
    }
}
