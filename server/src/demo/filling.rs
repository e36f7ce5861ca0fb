//! Fills the demo with people, while whoever started it already looks: most of them reach every system, then
//! Northwind HR goes down, and what happens after that waits for it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use auth::Caller;
use directory::{
    Directory, Error, Result,
    groups::NewGroup,
    users::{NewUser, ReviseError, Revision},
};
use domain::{
    group::GroupInput,
    user::{Origin, User, UserInput},
};
use tokio::task::JoinSet;

use super::{
    people::{self, FOUNDERS, ON_LEAVE, PROMOTED, Person},
    systems::Systems,
};

/// People made at once.
const AT_ONCE: usize = 12;
/// However slow the machine, Northwind HR goes down after this.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn fill(directory: &Directory, systems: &Systems) -> Result<()> {
    let (founders, newcomers) = people::everybody().split_at(FOUNDERS);
    come_in(directory, founders).await?;
    let northwind = &systems.northwind;
    let arrived = northwind.until(|system| system.accounts().len() >= FOUNDERS);
    if tokio::time::timeout(PATIENCE, arrived).await.is_err() {
        tracing::warn!("Northwind HR goes down before everybody has arrived there.");
    }
    northwind.stop().await;
    come_in(directory, newcomers).await?;
    into_groups(directory).await?;
    for name in ON_LEAVE {
        change(directory, name, |input| input.active = false).await?;
    }
    let (name, title) = PROMOTED;
    change(directory, name, move |input| input.profile.title = Some(title.to_owned())).await
}

/// Whoever is there already, from a start that was cut short, stays as they are.
async fn come_in(directory: &Directory, people: &'static [Person]) -> Result<()> {
    for some in people.chunks(AT_ONCE) {
        let mut tasks = JoinSet::new();
        for person in some {
            let directory = directory.clone();
            tasks.spawn(async move {
                let new = NewUser { input: person.input(), password: None, origin: Origin::Import };
                match directory.create_user(&Caller::system().authorise()?, new).await {
                    Ok(_) | Err(Error::Taken(_)) => Ok(()),
                    Err(error) => Err(error),
                }
            });
        }
        for made in tasks.join_all().await {
            made?;
        }
    }
    Ok(())
}

/// A group for each department, and one that is none. Those that are there already, from a start that was cut short,
/// stay as they are.
async fn into_groups(directory: &Directory) -> Result<()> {
    let (reader, writer) = (Caller::system().authorise()?, Caller::system().authorise()?);
    let mut ids = HashMap::new();
    for person in people::everybody() {
        if let Some(user) = directory.user_by_name(&reader, person.user_name).await? {
            ids.insert(person.user_name, user.id);
        }
    }
    for (name, members) in people::groups() {
        let members = members.into_iter().filter_map(|user_name| ids.get(user_name).copied()).collect();
        let input = GroupInput { display_name: name.to_owned(), external_id: None };
        match directory.create_group(&writer, NewGroup { input, members }).await {
            Ok(_) | Err(Error::Taken(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn change(
    directory: &Directory,
    user_name: &str,
    change: impl Fn(&mut UserInput) + Send + Sync + 'static,
) -> Result<()> {
    let caller = Caller::system();
    let Some(user) = directory.user_by_name(&caller.authorise()?, user_name).await? else { return Ok(()) };
    let revise = Arc::new(move |user: &User| {
        let mut input = UserInput::of(user);
        change(&mut input);
        Ok(Revision { input, password: None })
    });
    match directory.revise_user(&caller.authorise()?, user.id, None, revise).await {
        Err(ReviseError::Failed(error)) => Err(error),
        _ => Ok(()),
    }
}
