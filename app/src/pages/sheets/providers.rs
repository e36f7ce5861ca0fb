//! The tabs of a connection that signs people in, and the tiles that make one.

use std::collections::BTreeMap;

use auth::grants::{ConnectionsRead, ConnectionsWrite};
use directory::{
    federation::{Started, Trying},
    identity_providers::SetProvider,
};
use domain::{
    ConnectionId, DraftId,
    config::{Condition, ConfigSchema, Control, Field, Properties, Report},
    connection::ConnectionInput,
    identity::{Attribute, AttributeSync, GroupSync, IdentityProvider, LinkAttribute, Protocol, TILES, Tile},
    permission::Permission,
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    describe::{choice, field, schema, sheet},
    view::{Fact, Sheet},
};
use crate::{
    error::ConsoleError,
    outcome::Outcome,
    pages::{connections::configuration::PROPERTIES, session::door::under_way_at},
    routes::Page,
    ssr::{self, DoorCookie},
};

/// The last part of the address of what "Sign in as a test" tries; there is no such page.
pub(super) const AS_A_TEST: &str = "as-a-test";

/// A tab of a connection that signs people in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Settings,
    Attributes,
    Groups,
    JustInTime,
}

impl Tab {
    pub(super) fn of(word: &str) -> Option<Self> {
        [Self::Settings, Self::Attributes, Self::Groups, Self::JustInTime].into_iter().find(|tab| tab.word() == word)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Attributes => "claims",
            Self::Groups => "groups",
            Self::JustInTime => "just-in-time-provisioning",
        }
    }

    fn page(self, id: ConnectionId) -> Page {
        match self {
            Self::Settings => Page::SignInSettings(id),
            Self::Attributes => Page::SignInAttributes(id),
            Self::Groups => Page::SignInGroups(id),
            Self::JustInTime => Page::JustInTime(id),
        }
    }

    fn described(self) -> ConfigSchema {
        match self {
            Self::Settings => schema("Settings", "How people are signed in by this connection.", settings_fields()),
            Self::Attributes => attributes(),
            Self::Groups => groups(),
            Self::JustInTime => just_in_time(),
        }
    }

    fn values(self, set: &IdentityProvider) -> Vec<(&'static str, String)> {
        match self {
            Self::Settings => settings_values(set),
            Self::Attributes => {
                let claims = |attribute| set.attributes.get(&attribute).cloned().unwrap_or_default();
                let mut values: Vec<_> = Attribute::ALL.map(|one| (one.as_str(), claims(one))).into();
                values.push(("sample", set.sample.clone()));
                values
            }
            Self::Groups => {
                let lines: Vec<String> = set.groups.iter().map(|(theirs, ours)| format!("{theirs} = {ours}")).collect();
                vec![
                    ("groups_claim", set.groups_claim.clone()),
                    ("groups", lines.join("\n")),
                    ("group_sync", if set.group_sync == GroupSync::Override { "override" } else { "merge" }.to_owned()),
                ]
            }
            Self::JustInTime => just_in_time_values(set),
        }
    }

    fn apply(self, typed: &Properties, set: &mut IdentityProvider) {
        let text = |key: &str| typed.text(key).unwrap_or_default().trim().to_owned();
        match self {
            Self::Settings => apply_settings(typed, set),
            Self::Attributes => {
                set.attributes = Attribute::ALL.into_iter().map(|one| (one, text(one.as_str()))).collect();
                set.sample = text("sample");
            }
            Self::Groups => {
                set.groups_claim = text("groups_claim");
                set.groups = pairs(&text("groups")).unwrap_or_default();
                set.group_sync = if text("group_sync") == "override" { GroupSync::Override } else { GroupSync::Merge };
            }
            Self::JustInTime => {
                set.jit = typed.is_on("jit");
                set.consent = text("scheme") == "consent";
                set.attribute_sync = match text("attribute_sync").as_str() {
                    "override" => AttributeSync::OverrideAll,
                    "none" => AttributeSync::None,
                    _ => AttributeSync::PreserveLocal,
                };
                set.link_verified_mail = typed.is_on("link_verified_mail");
                set.link_claim = text("link_claim");
                set.link_attribute = match text("link_attribute").as_str() {
                    "external_id" => LinkAttribute::ExternalId,
                    _ => LinkAttribute::UserName,
                };
                set.skip_without_account = typed.is_on("skip_without_account");
            }
        }
    }
}

fn only(mut field: Field, key: &str, values: &[&str]) -> Field {
    field.only_when =
        Some(Condition { key: key.to_owned(), values: values.iter().map(|one| (*one).to_owned()).collect() });
    field
}

fn settings_fields() -> Vec<Field> {
    let manual =
        |key: &str, label: &str, hint: &str| only(field(key, label, Control::Url, hint), "endpoints", &["manual"]);
    let mut issuer = field("issuer", "Issuer", Control::Url, "As the provider writes it, to the letter.");
    let mut client = field("client_id", "Client ID", Control::Text, "From the provider, where Usher is registered.");
    (issuer.required, client.required) = (true, true);
    let endpoints = choice(&[("discovery", "Discovered at the issuer"), ("manual", "Entered below")]);
    let by = choice(&[("basic", "In the header (client_secret_basic)"), ("post", "In the form (client_secret_post)")]);
    vec![
        issuer,
        client,
        field("client_secret", "Client secret", Control::Secret, ""),
        field("client_authentication", "Client authentication", by, ""),
        field("scopes", "Scopes", Control::Text, "Separated by spaces; openid is added where it is missing."),
        field("pkce", "PKCE", Control::Checkbox, "Ties the answer to the browser that asked. Leave it on."),
        field("endpoints", "Endpoints", endpoints, ""),
        manual("authorization_endpoint", "Authorization endpoint", ""),
        manual("token_endpoint", "Token endpoint", ""),
        manual("userinfo_endpoint", "User info endpoint", ""),
        manual("jwks_uri", "Key set (JWKS)", "OpenID Connect needs it."),
        manual("end_session_endpoint", "Sign-out endpoint", "Where people sign out there too."),
        manual("emails_endpoint", "Addresses endpoint", "OAuth2 alone: lists mail addresses, as GitHub's does."),
    ]
}

fn settings_values(set: &IdentityProvider) -> Vec<(&'static str, String)> {
    vec![
        ("issuer", set.issuer.clone()),
        ("client_id", set.client_id.clone()),
        ("client_authentication", if set.client_secret_post { "post" } else { "basic" }.to_owned()),
        ("scopes", set.scopes.clone()),
        ("pkce", set.pkce.to_string()),
        ("endpoints", if set.discovery { "discovery" } else { "manual" }.to_owned()),
        ("authorization_endpoint", set.authorization_endpoint.clone()),
        ("token_endpoint", set.token_endpoint.clone()),
        ("userinfo_endpoint", set.userinfo_endpoint.clone()),
        ("jwks_uri", set.jwks_uri.clone()),
        ("end_session_endpoint", set.end_session_endpoint.clone()),
        ("emails_endpoint", set.emails_endpoint.clone()),
    ]
}

fn apply_settings(typed: &Properties, set: &mut IdentityProvider) {
    let text = |key: &str| typed.text(key).unwrap_or_default().trim().to_owned();
    set.issuer = text("issuer");
    set.client_id = text("client_id");
    set.client_secret_post = text("client_authentication") == "post";
    set.scopes = text("scopes");
    set.pkce = typed.is_on("pkce");
    set.discovery = text("endpoints") != "manual";
    if !set.discovery {
        set.authorization_endpoint = text("authorization_endpoint");
        set.token_endpoint = text("token_endpoint");
        set.userinfo_endpoint = text("userinfo_endpoint");
        set.jwks_uri = text("jwks_uri");
        set.end_session_endpoint = text("end_session_endpoint");
        set.emails_endpoint = text("emails_endpoint");
    }
}

fn attributes() -> ConfigSchema {
    let mut fields: Vec<Field> = Attribute::ALL
        .into_iter()
        .map(|attribute| {
            let hint = match attribute {
                Attribute::UserName => "Set when somebody comes for the first time; it stays then.",
                Attribute::Mail => "An address that the provider has not verified replaces none here.",
                _ => "",
            };
            field(attribute.as_str(), attribute.label(), Control::Text, hint)
        })
        .collect();
    fields.push(field(
        "sample",
        "Try it with these claims",
        Control::Lines,
        "As JSON, such as a decoded ID token. What they make is shown below once this is updated.",
    ));
    let what = "Which claim fills which attribute. Several, separated by commas: the first that is there.";
    schema("Attributes", what, fields)
}

fn groups() -> ConfigSchema {
    let sync = choice(&[
        ("merge", "Merge: they stay in the groups that they are in"),
        ("override", "Override: of the groups below, those alone that the claim names"),
    ]);
    let fields = vec![
        field("groups_claim", "Claim of groups", Control::Text, "A list of names, or one name."),
        field(
            "groups",
            "Groups",
            Control::Lines,
            "One on each line: the provider's name = the name of a group here. Others mean nothing here.",
        ),
        field("group_sync", "Group synchronization", sync, "At each sign-in."),
    ];
    schema("Groups", "What the provider's groups are here.", fields)
}

fn just_in_time() -> ConfigSchema {
    let scheme = choice(&[("silent", "Provision silently"), ("consent", "Prompt for consent")]);
    let sync = choice(&[("preserve", "Preserve local"), ("override", "Override all"), ("none", "None")]);
    let with = choice(&[("user_name", "User name"), ("external_id", "External ID")]);
    let fields = vec![
        field(
            "jit",
            "Just-in-Time (JIT) User Provisioning",
            Control::Checkbox,
            "Whoever signs in for the first time gets an account here. Provisioners with JIT Outbound take it further.",
        ),
        field("scheme", "Provisioning scheme", scheme, ""),
        field(
            "attribute_sync",
            "Attribute synchronization method",
            sync,
            "At later sign-ins: fill what is empty here, follow the provider, or change nothing.",
        ),
        field(
            "link_verified_mail",
            "Link account if the verified mail address is the same",
            Control::Checkbox,
            "Only where the provider says that it has verified it, and never an account with a console role.",
        ),
        field("link_claim", "Link account if this claim", Control::Text, "Empty: no such rule."),
        field("link_attribute", "equals this attribute here", with, ""),
        field(
            "skip_without_account",
            "Skip user provisioning when no local account is found",
            Control::Checkbox,
            "Only who has an account, by a rule above, comes in.",
        ),
    ];
    schema("Just-in-Time Provisioning", "What becomes of whoever signs in by this connection.", fields)
}

fn just_in_time_values(set: &IdentityProvider) -> Vec<(&'static str, String)> {
    let sync = match set.attribute_sync {
        AttributeSync::OverrideAll => "override",
        AttributeSync::None => "none",
        AttributeSync::PreserveLocal => "preserve",
    };
    let with = match set.link_attribute {
        LinkAttribute::UserName => "user_name",
        LinkAttribute::ExternalId => "external_id",
    };
    vec![
        ("jit", set.jit.to_string()),
        ("scheme", if set.consent { "consent" } else { "silent" }.to_owned()),
        ("attribute_sync", sync.to_owned()),
        ("link_verified_mail", set.link_verified_mail.to_string()),
        ("link_claim", set.link_claim.clone()),
        ("link_attribute", with.to_owned()),
        ("skip_without_account", set.skip_without_account.to_string()),
    ]
}

/// `theirs = ours` on each line; the line that is none.
fn pairs(text: &str) -> Result<Vec<(String, String)>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let pair = line.rsplit_once('=').map(|(theirs, ours)| (theirs.trim(), ours.trim()));
            match pair {
                Some((theirs, ours)) if !theirs.is_empty() && !ours.is_empty() => {
                    Ok((theirs.to_owned(), ours.to_owned()))
                }
                _ => Err(line.to_owned()),
            }
        })
        .collect()
}

pub(super) async fn show(id: ConnectionId, tab: Tab) -> Result<Sheet, ConsoleError> {
    let (directory, who) = ssr::authorise::<ConnectionsRead>()?;
    let SetProvider { settings, secret_at, version } = directory.identity_provider(&who, id).await?;
    let mut sheet = sheet("", "", tab.described(), &tab.values(&settings));
    sheet.version = version;
    sheet.may_write = ssr::caller().may(Permission::ConnectionsWrite);
    match tab {
        Tab::Settings => {
            if let Some(at) = secret_at {
                sheet.configuration.secrets.insert("client_secret".to_owned(), Some(at.into()));
            }
            sheet.facts.push(Fact {
                label: "Callback URL".to_owned(),
                text: directory.callback(id)?.to_string(),
                hint: "Register it at the provider as the redirect URI.".to_owned(),
            });
            if settings.protocol == Protocol::OpenIdConnect {
                sheet.facts.push(Fact {
                    label: "Back-channel logout URL".to_owned(),
                    text: directory.link(&format!("/sign-in/back-channel/{id}")),
                    hint: "Register it too, where the provider offers it: whoever signs out there is signed out here."
                        .to_owned(),
                });
            }
            let at = Page::SignInSettings(id).path();
            let as_a_test = format!("{at}/{AS_A_TEST}");
            sheet.tests = vec![("Test sign-in".to_owned(), at), ("Sign in as a test".to_owned(), as_a_test)];
        }
        Tab::Attributes => sheet.preview = tried(&settings),
        Tab::Groups | Tab::JustInTime => {}
    }
    Ok(sheet)
}

/// What the example makes.
fn tried(settings: &IdentityProvider) -> Option<(String, String)> {
    let claims = settings.sample_claims()?;
    Some(match settings.newcomer(&claims) {
        Err(misfit) => ("Nobody comes of these claims".to_owned(), format!("{misfit}.")),
        Ok(input) => {
            let document = serde_json::to_string_pretty(&input.profile).unwrap_or_default();
            let groups = settings.groups_of(&claims).map(|(named, _)| named).unwrap_or_default();
            let groups = if groups.is_empty() { "none".to_owned() } else { groups.join(", ") };
            (format!("User name: {}", input.user_name), format!("{document}\n\nGroups: {groups}"))
        }
    })
}

pub(super) async fn save(
    id: ConnectionId,
    tab: Tab,
    version: i64,
    typed: &BTreeMap<String, String>,
) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<ConnectionsWrite>()?;
    let (properties, secret) = match read(&tab.described(), typed) {
        Ok(read) => read,
        Err(outcome) => return Ok(outcome),
    };
    if tab == Tab::Groups
        && let Err(line) = pairs(properties.text("groups").unwrap_or_default())
    {
        let text = format!("“{line}” is not understood. Write: the provider's name = the name of a group here.");
        return Ok(Outcome::invalid(&format!("{PROPERTIES}[groups]"), text));
    }
    let change = move |set: &mut IdentityProvider| tab.apply(&properties, set);
    let saved = directory.change_identity_provider(&who, id, change, secret, Some(version)).await;
    ssr::outcome_within(PROPERTIES, saved, |()| Outcome::done(&tab.page(id), "The connection was updated."))
}

fn read(
    schema: &ConfigSchema,
    typed: &BTreeMap<String, String>,
) -> Result<(Properties, Option<SecretString>), Outcome> {
    let stored = ["client_secret".to_owned()];
    let checked = schema.check(typed, &stored).map_err(|errors| Outcome::invalid_within(PROPERTIES, &errors))?;
    let secret = checked.secrets.get("client_secret").filter(|secret| !secret.expose_secret().is_empty()).cloned();
    Ok((checked.properties, secret))
}

/// "Test sign-in": what was found is kept for its page.
pub(super) async fn test(id: ConnectionId) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<ConnectionsWrite>()?;
    let report = directory.test_identity_provider(&who, id).await;
    let report = match report {
        Ok(report) => report,
        Err(error) => return ssr::outcome(Err(error), |()| Outcome::go(&Page::SignInSettings(id))),
    };
    let kept = directory.save_draft(&who, None, &report).await;
    ssr::outcome(kept, |draft| Outcome::go(&Page::SignInTested(id, draft)))
}

/// "Sign in as a test": to the provider, and back to the same page.
pub(super) async fn sign_in_as_test(id: ConnectionId) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<ConnectionsWrite>()?;
    let trying = directory.begin_test_at(&who, id).await;
    ssr::outcome(trying, |trying| match trying {
        Trying::Going(Started { page, browser }) => {
            ssr::set_door_cookie(|cookie| cookie.set(DoorCookie::SIGN_IN, browser.expose_secret()));
            Outcome::Done { to: under_way_at(&page), message: None }
        }
        Trying::Told(draft) => Outcome::go(&Page::SignInTested(id, draft)),
    })
}

pub(super) async fn show_tested(id: ConnectionId, draft: DraftId) -> Result<Sheet, ConsoleError> {
    let (directory, who) = ssr::authorise::<ConnectionsWrite>()?;
    let report: Report = directory.draft(&who, draft).await?;
    let mut sheet = show(id, Tab::Settings).await?;
    sheet.report = Some(report);
    Ok(sheet)
}

/// The sheet behind a tile.
pub(super) fn show_new(tile: Tile) -> Sheet {
    let set = IdentityProvider::of_template(tile.template);
    let name = if tile.template == domain::identity::STANDARD_BASED { "" } else { tile.name };
    let mut values = vec![("name", name.to_owned())];
    values.extend(settings_values(&set));
    let mut sheet = sheet(tile.name, tile.description, new_described(tile), &values);
    sheet.above = Some(vec![
        ("Connections".to_owned(), Page::Connections.path()),
        ("Create New Connection".to_owned(), Page::ConnectionTemplates.path()),
    ]);
    "Finish".clone_into(&mut sheet.save);
    sheet.may_write = ssr::caller().may(Permission::ConnectionsWrite);
    sheet
}

fn new_described(tile: Tile) -> ConfigSchema {
    let mut name = field("name", "Name", Control::Text, "3 to 120 characters. The sign-in page says: Continue with …");
    name.required = true;
    let mut fields = vec![name, field("description", "Description", Control::Text, "At most 300 characters.")];
    let github = tile.template == "github";
    let asked = |one: &Field| match tile.template {
        "github" => matches!(one.key.as_str(), "client_id" | "client_secret" | "scopes"),
        "google" => matches!(one.key.as_str(), "client_id" | "client_secret" | "scopes"),
        "microsoft" => matches!(one.key.as_str(), "issuer" | "client_id" | "client_secret" | "scopes"),
        _ => true,
    };
    fields.extend(settings_fields().into_iter().filter(asked));
    if let Some(scopes) = fields.iter_mut().find(|field| github && field.key == "scopes") {
        scopes.hint = Some("Separated by spaces.".to_owned());
    }
    let what = if github {
        "Register an OAuth App there first. The callback URL is shown once this is finished: enter it there then."
    } else {
        "Register Usher there first. The callback URL is shown once this is finished: enter it there then."
    };
    schema("General settings", what, fields)
}

pub(super) async fn create(tile: Tile, typed: &BTreeMap<String, String>) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<ConnectionsWrite>()?;
    let (properties, secret) = match read(&new_described(tile), typed) {
        Ok(read) => read,
        Err(outcome) => return Ok(outcome),
    };
    let mut settings = IdentityProvider::of_template(tile.template);
    // What a tile does not ask is as the tile has it.
    let mut all: Properties = Properties(
        settings_values(&settings)
            .into_iter()
            .map(|(key, value)| (key.to_owned(), domain::config::Property::Text(value)))
            .collect(),
    );
    all.0.extend(properties.0);
    apply_settings(&all, &mut settings);
    let text = |key: &str| all.text(key).unwrap_or_default().to_owned();
    let input = ConnectionInput { name: text("name"), description: text("description") };
    let made = directory.create_identity_provider(&who, input, tile.template, settings, secret, true).await;
    ssr::outcome_within(PROPERTIES, made, |connection| {
        Outcome::done(
            &Page::SignInSettings(connection.id),
            "The connection was made. Enter its callback URL at the provider.",
        )
    })
}

pub(super) fn tile(template: &str) -> Option<Tile> {
    TILES.into_iter().find(|tile| tile.template == template)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_pairs_a_line() {
        assert_eq!(pairs("eng = Engineering\n\n a=b = C ").unwrap()[1], ("a=b".to_owned(), "C".to_owned()));
        for wrong in ["eng", "= x", "x ="] {
            assert_eq!(pairs(wrong).unwrap_err(), wrong.trim());
        }
    }

    #[test]
    fn what_a_tab_shows_is_what_it_saves() {
        let mut set =
            IdentityProvider { client_id: "c".into(), sample: "{}".into(), ..IdentityProvider::of_template("github") };
        set.groups = vec![("eng".into(), "Engineering".into())];
        (set.jit, set.consent, set.link_verified_mail) = (false, true, true);
        for tab in [Tab::Settings, Tab::Attributes, Tab::Groups, Tab::JustInTime] {
            let values = tab.values(&set).into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            let (properties, _) =
                read(&tab.described(), &values).unwrap_or_else(|outcome| panic!("{tab:?}: {outcome:?}"));
            let mut again = IdentityProvider { attributes: set.attributes.clone(), ..set.clone() };
            tab.apply(&properties, &mut again);
            again.attributes.retain(|_, claims| !claims.is_empty());
            assert_eq!(again, set, "{tab:?}");
        }
    }
}
