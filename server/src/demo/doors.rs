//! The two other ways in: people register themselves, or come from Globex ID. Their mails are in the inbox.

use auth::Caller;
use directory::{Directory, Error, Result};
use domain::{
    connection::ConnectionInput,
    identity::{AttributeSync, IdentityProvider, STANDARD_BASED},
    registration::SelfRegistration,
};
use rehearsal::Provider;
use secrecy::{ExposeSecret as _, SecretString};

use super::systems::Systems;

const CLIENT: &str = "usher";
/// What Globex ID calls a department, and the group here.
const GROUPS: [(&str, &str); 2] = [("Engineering", "Engineering"), ("Sales", "Sales")];

/// What is there already, from an earlier start, stays as it is.
pub(super) async fn open(directory: &Directory, systems: &Systems) -> Result<()> {
    let globex = &systems.globex;
    if !globex.has_client(CLIENT) {
        connect(directory, globex).await?;
    }
    let who = Caller::system();
    let kept = directory.setting::<SelfRegistration>(&who.authorise()?).await?;
    if kept.version > 0 {
        return Ok(());
    }
    let settings = SelfRegistration { enabled: true, ..kept.value };
    directory.change_setting(&who.authorise()?, settings, Some(0)).await
}

async fn connect(directory: &Directory, globex: &Provider) -> Result<()> {
    let secret = super::secret(&**directory.ids().dice());
    let settings = IdentityProvider {
        issuer: globex.issuer(),
        client_id: CLIENT.to_owned(),
        scopes: "openid profile email groups".to_owned(),
        attribute_sync: AttributeSync::OverrideAll,
        groups: GROUPS.map(|(theirs, ours)| (theirs.to_owned(), ours.to_owned())).into(),
        ..IdentityProvider::of_template(STANDARD_BASED)
    };
    let input = ConnectionInput {
        name: globex.name().to_owned(),
        description: "Signs people in. Its page has its people, who can be given other names and groups.".to_owned(),
    };
    let who = Caller::system().authorise()?;
    let stored = SecretString::from(secret.expose_secret());
    let made = directory.create_identity_provider(&who, input, STANDARD_BASED, settings, Some(stored), true).await;
    let id = match made {
        Ok(connection) => connection.id,
        // Of an earlier start, whose provider is not the same any more.
        Err(Error::Taken(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let (callback, after) = (directory.callback(id)?, directory.link("/sign-in"));
    globex.register_client(CLIENT, secret.expose_secret(), [callback.as_str()], [after.as_str()]);
    globex.register_back_channel(CLIENT, &directory.link(&format!("/sign-in/back-channel/{id}")));
    Ok(())
}
