//! Signing in by another system: what is known of a provider, and what its claims make of a user here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    config::looks_like_url,
    limits,
    user::{Enterprise, Name, Profile, UserInput, Valued},
    validation::{FieldErrors, has_control, is_mail},
};

/// A connection of this template signs people in by OpenID Connect.
pub const STANDARD_BASED: &str = "standard-based-idp";
/// Groups of a provider that can be given a meaning here.
pub const GROUPS: usize = 100;

/// A tile of New Connection that signs people in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// The connection's template, and the tile's address.
    pub template: &'static str,
    pub name: &'static str,
    pub description: &'static str,
}

pub const TILES: [Tile; 4] = [
    Tile {
        template: STANDARD_BASED,
        name: "Standard-Based IdP",
        description: "Sign people in by any provider of OpenID Connect.",
    },
    Tile { template: "google", name: "Google", description: "Sign people in with their Google accounts." },
    Tile {
        template: "microsoft",
        name: "Microsoft",
        description: "Sign people in with the accounts of a Microsoft Entra tenant.",
    },
    Tile { template: "github", name: "GitHub", description: "Sign people in with their GitHub accounts." },
];

/// Whether connections of a template sign people in.
pub fn signs_in(template: &str) -> bool {
    TILES.iter().any(|tile| tile.template == template)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    OpenIdConnect,
    OAuth2,
}

/// What later sign-ins do to the attributes of whoever came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeSync {
    /// What the claims say holds; what they do not say is cleared.
    OverrideAll,
    None,
    /// Only what is empty here is filled.
    PreserveLocal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupSync {
    /// Of the groups that have a meaning here, those that the provider names and no others.
    Override,
    /// Those that the provider names, beside whatever they are in.
    Merge,
}

/// Settings of a connection that signs people in. Empty texts are not set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct IdentityProvider {
    pub protocol: Protocol,
    pub issuer: String,
    /// Read from the issuer's discovery document; else the endpoints below.
    pub discovery: bool,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub userinfo_endpoint: String,
    pub jwks_uri: String,
    pub end_session_endpoint: String,
    pub emails_endpoint: String,
    pub client_id: String,
    pub client_secret_post: bool,
    pub scopes: String,
    pub pkce: bool,
    /// An attribute here, and the claims that may hold it: the first that is there.
    pub attributes: BTreeMap<Attribute, String>,
    /// Claims to try the attributes with, as JSON.
    pub sample: String,
    pub groups_claim: String,
    /// The provider's groups and what they are here.
    pub groups: Vec<(String, String)>,
    pub group_sync: GroupSync,
    pub jit: bool,
    pub attribute_sync: AttributeSync,
    /// An account here with the same address is theirs, where the provider has verified it.
    pub link_verified_mail: bool,
    /// An account here whose attribute equals this claim is theirs.
    pub link_claim: String,
    pub link_attribute: LinkAttribute,
    /// Nobody is created: only who has an account comes in.
    pub skip_without_account: bool,
    pub consent: bool,
}

/// What an account is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkAttribute {
    UserName,
    ExternalId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    UserName,
    Mail,
    GivenName,
    FamilyName,
    DisplayName,
    Title,
    Department,
    PhoneNumber,
    PreferredLanguage,
}

impl Attribute {
    pub const ALL: [Self; 9] = [
        Self::UserName,
        Self::Mail,
        Self::GivenName,
        Self::FamilyName,
        Self::DisplayName,
        Self::Title,
        Self::Department,
        Self::PhoneNumber,
        Self::PreferredLanguage,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserName => "user_name",
            Self::Mail => "mail",
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::DisplayName => "display_name",
            Self::Title => "title",
            Self::Department => "department",
            Self::PhoneNumber => "phone_number",
            Self::PreferredLanguage => "preferred_language",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::UserName => "User name",
            Self::Mail => "Mail address",
            Self::GivenName => "First name",
            Self::FamilyName => "Last name",
            Self::DisplayName => "Display name",
            Self::Title => "Title",
            Self::Department => "Department",
            Self::PhoneNumber => "Phone number",
            Self::PreferredLanguage => "Preferred language",
        }
    }
}

impl Default for IdentityProvider {
    fn default() -> Self {
        let attributes = [
            (Attribute::UserName, "preferred_username, email"),
            (Attribute::Mail, "email"),
            (Attribute::GivenName, "given_name"),
            (Attribute::FamilyName, "family_name"),
            (Attribute::DisplayName, "name"),
            (Attribute::PhoneNumber, "phone_number"),
            (Attribute::PreferredLanguage, "locale"),
        ];
        Self {
            protocol: Protocol::OpenIdConnect,
            issuer: String::new(),
            discovery: true,
            authorization_endpoint: String::new(),
            token_endpoint: String::new(),
            userinfo_endpoint: String::new(),
            jwks_uri: String::new(),
            end_session_endpoint: String::new(),
            emails_endpoint: String::new(),
            client_id: String::new(),
            client_secret_post: false,
            scopes: "openid profile email".to_owned(),
            pkce: true,
            attributes: attributes.into_iter().map(|(attribute, claim)| (attribute, claim.to_owned())).collect(),
            sample: String::new(),
            groups_claim: "groups".to_owned(),
            groups: Vec::new(),
            group_sync: GroupSync::Merge,
            jit: true,
            attribute_sync: AttributeSync::PreserveLocal,
            link_verified_mail: false,
            link_claim: String::new(),
            link_attribute: LinkAttribute::UserName,
            skip_without_account: false,
            consent: false,
        }
    }
}

impl IdentityProvider {
    /// As a tile fills it in.
    pub fn of_template(template: &str) -> Self {
        let standard = Self::default();
        match template {
            "google" => Self {
                issuer: "https://accounts.google.com".to_owned(),
                attributes: with(standard.attributes, Attribute::UserName, "email"),
                ..Self::default()
            },
            "microsoft" => Self { issuer: "https://login.microsoftonline.com/TENANT/v2.0".to_owned(), ..standard },
            "github" => Self {
                protocol: Protocol::OAuth2,
                issuer: "https://github.com".to_owned(),
                discovery: false,
                authorization_endpoint: "https://github.com/login/oauth/authorize".to_owned(),
                token_endpoint: "https://github.com/login/oauth/access_token".to_owned(),
                userinfo_endpoint: "https://api.github.com/user".to_owned(),
                emails_endpoint: "https://api.github.com/user/emails".to_owned(),
                scopes: "read:user user:email".to_owned(),
                attributes: with(standard.attributes, Attribute::UserName, "login"),
                ..Self::default()
            },
            _ => standard,
        }
    }

    /// Everything but what needs the outside: whether an address may be called.
    pub fn check(mut self) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        for (field, text) in self.texts() {
            *text = text.trim().to_owned();
            if text.chars().count() > limits::PROPERTY {
                errors.add(field, format!("At most {} characters.", limits::PROPERTY));
            } else if has_control(text) || text.contains('\n') {
                errors.add(field, "No control characters.");
            }
        }
        let required = [("client_id", self.client_id.is_empty()), ("issuer", self.issuer.is_empty())];
        for (field, missing) in required {
            if missing && (field != "issuer" || self.protocol == Protocol::OpenIdConnect) {
                errors.add(field, "This is required.");
            }
        }
        for (field, address) in [("issuer", self.issuer.as_str())].into_iter().chain(self.endpoints()) {
            if !address.is_empty() && !looks_like_url(address) {
                errors.add(field, "Enter a full address that begins with https:// or http://.");
            }
        }
        if self.issuer.contains("TENANT") {
            errors.add("issuer", "Put the tenant's id in the place of TENANT.");
        }
        if !self.discovery {
            let mut needed = vec![
                ("authorization_endpoint", &self.authorization_endpoint),
                ("token_endpoint", &self.token_endpoint),
            ];
            match self.protocol {
                Protocol::OpenIdConnect => needed.push(("jwks_uri", &self.jwks_uri)),
                Protocol::OAuth2 => needed.push(("userinfo_endpoint", &self.userinfo_endpoint)),
            }
            for (field, address) in needed {
                if address.is_empty() {
                    errors.add(field, "This is required where nothing is discovered.");
                }
            }
        }
        if self.attributes.get(&Attribute::UserName).is_none_or(|claims| claims.trim().is_empty()) {
            errors.add("user_name", "Without a claim for the user name nobody can come in.");
        }
        if let Some(why) = self.groups_misfit() {
            errors.add("groups", why);
        }
        if self.sample.chars().count() > limits::LINES {
            errors.add("sample", format!("At most {} characters.", limits::LINES));
        }
        if !self.sample.is_empty() && self.sample_claims().is_none() {
            errors.add("sample", "This is no JSON object, such as {\"email\": \"ada@example.org\"}.");
        }
        self.scopes = self.scopes.split_whitespace().collect::<Vec<_>>().join(" ");
        errors.into_result().map(|()| self)
    }

    /// Everything that is one line, with its field.
    fn texts(&mut self) -> impl Iterator<Item = (&'static str, &mut String)> {
        let set = [
            ("issuer", &mut self.issuer),
            ("authorization_endpoint", &mut self.authorization_endpoint),
            ("token_endpoint", &mut self.token_endpoint),
            ("userinfo_endpoint", &mut self.userinfo_endpoint),
            ("jwks_uri", &mut self.jwks_uri),
            ("end_session_endpoint", &mut self.end_session_endpoint),
            ("emails_endpoint", &mut self.emails_endpoint),
            ("client_id", &mut self.client_id),
            ("scopes", &mut self.scopes),
            ("groups_claim", &mut self.groups_claim),
            ("link_claim", &mut self.link_claim),
        ];
        set.into_iter().chain(self.attributes.iter_mut().map(|(attribute, claims)| (attribute.as_str(), claims)))
    }

    /// What is wrong with the groups: each has to fit into a line of the console's form.
    fn groups_misfit(&self) -> Option<String> {
        if self.groups.len() > GROUPS {
            return Some(format!("At most {GROUPS} groups."));
        }
        let letters = |(theirs, ours): &(String, String)| theirs.chars().count() + ours.chars().count();
        if self.groups.iter().map(letters).sum::<usize>() > limits::LINES {
            return Some(format!("At most {} characters in all.", limits::LINES));
        }
        let fits = |name: &str| !name.is_empty() && name.trim() == name && !name.contains(char::is_control);
        let wrong = self.groups.iter().find(|(theirs, ours)| !fits(theirs) || !fits(ours) || ours.contains('='));
        wrong.map(|(theirs, ours)| {
            format!("“{theirs}” as “{ours}” cannot be: both need a name of one line, and that of a group here no “=”.")
        })
    }

    /// The addresses that are called, with their fields.
    pub fn endpoints(&self) -> Vec<(&'static str, &str)> {
        let mut all = if self.discovery {
            vec![("issuer", self.issuer.as_str())]
        } else {
            vec![
                ("authorization_endpoint", self.authorization_endpoint.as_str()),
                ("token_endpoint", &self.token_endpoint),
                ("userinfo_endpoint", &self.userinfo_endpoint),
                ("jwks_uri", &self.jwks_uri),
                ("end_session_endpoint", &self.end_session_endpoint),
                ("emails_endpoint", &self.emails_endpoint),
            ]
        };
        all.retain(|(_, address)| !address.is_empty());
        all
    }

    /// What follows the provider at each sign-in, whatever is changed here.
    pub fn overridden(&self) -> impl Iterator<Item = Attribute> {
        let follows = self.attribute_sync == AttributeSync::OverrideAll;
        let set = self.attributes.iter().filter(move |(_, claim)| follows && !claim.trim().is_empty());
        set.map(|(attribute, _)| *attribute).filter(|attribute| *attribute != Attribute::UserName)
    }

    pub fn sample_claims(&self) -> Option<Map<String, Value>> {
        serde_json::from_str(&self.sample).ok()
    }

    /// The claim that fills an attribute, and what it says. One that is there and no text is an error that names it.
    pub fn said_by(&self, attribute: Attribute, claims: &Map<String, Value>) -> Result<Option<(&str, String)>, Misfit> {
        let names = self.attributes.get(&attribute).map(String::as_str).unwrap_or_default();
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match claims.get(name) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) if text.trim().is_empty() => {}
                Some(Value::String(text)) => return Ok(Some((name, text.trim().to_owned()))),
                Some(_) => return Err(Misfit::NoText(name.to_owned())),
            }
        }
        Ok(None)
    }

    fn said(&self, attribute: Attribute, claims: &Map<String, Value>) -> Result<Option<String>, Misfit> {
        Ok(self.said_by(attribute, claims)?.map(|(_, text)| text))
    }

    /// The address that the claims tell, verified or not.
    pub fn mail_of(&self, claims: &Map<String, Value>) -> Option<String> {
        self.said(Attribute::Mail, claims).ok().flatten()
    }

    /// Somebody new, as the claims describe them.
    pub fn newcomer(&self, claims: &Map<String, Value>) -> Result<UserInput, Misfit> {
        let user_name = self.said(Attribute::UserName, claims)?.ok_or_else(|| {
            Misfit::NoUserName(self.attributes.get(&Attribute::UserName).cloned().unwrap_or_default())
        })?;
        let mut input = UserInput { user_name, external_id: None, active: true, profile: Profile::default() };
        self.apply(claims, AttributeSync::OverrideAll, &mut input.profile)?;
        input.check().map_err(Misfit::Refused)
    }

    /// Brings a profile in line with the claims.
    pub fn apply(&self, claims: &Map<String, Value>, sync: AttributeSync, profile: &mut Profile) -> Result<(), Misfit> {
        if sync == AttributeSync::None {
            return Ok(());
        }
        for attribute in self.attributes.iter().filter(|(_, claim)| !claim.trim().is_empty()).map(|(one, _)| *one) {
            let said = self.said(attribute, claims)?;
            match attribute {
                Attribute::UserName => {}
                Attribute::Mail => mail(profile, said, claims, sync)?,
                Attribute::PhoneNumber => phone(profile, said, sync),
                Attribute::GivenName => put(&mut name(profile).given_name, said, sync),
                Attribute::FamilyName => put(&mut name(profile).family_name, said, sync),
                Attribute::DisplayName => put(&mut profile.display_name, said, sync),
                Attribute::Title => put(&mut profile.title, said, sync),
                Attribute::Department => put(&mut enterprise(profile).department, said, sync),
                Attribute::PreferredLanguage => put(&mut profile.preferred_language, said, sync),
            }
        }
        if profile.name == Some(Name::default()) {
            profile.name = None;
        }
        if profile.enterprise == Some(Enterprise::default()) {
            profile.enterprise = None;
        }
        Ok(())
    }

    /// The groups here that the claims name, and all that have a meaning; none where they say nothing of groups.
    pub fn groups_of(&self, claims: &Map<String, Value>) -> Option<(Vec<String>, Vec<String>)> {
        let named: Vec<&str> = match claims.get(&self.groups_claim)? {
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
            Value::String(one) => vec![one],
            _ => return None,
        };
        let here = |names: &dyn Fn(&str) -> bool| {
            let mut groups: Vec<String> =
                self.groups.iter().filter(|(theirs, _)| names(theirs)).map(|(_, ours)| ours.clone()).collect();
            groups.sort();
            groups.dedup();
            groups
        };
        Some((here(&|theirs| named.contains(&theirs)), here(&|_| true)))
    }
}

/// The address that the provider says it has verified.
pub fn verified_mail(claims: &Map<String, Value>) -> Option<&str> {
    let verified = matches!(claims.get("email_verified"), Some(Value::Bool(true)))
        || claims.get("email_verified").and_then(Value::as_str) == Some("true");
    claims.get("email").and_then(Value::as_str).filter(|_| verified).map(str::trim).filter(|mail| is_mail(mail))
}

/// What the claims say that can be no user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    #[error("the claim “{0}” is no text")]
    NoText(String),
    #[error("none of the claims “{0}” is there, so there is no user name")]
    NoUserName(String),
    #[error("“{0}” is no mail address")]
    NoMail(String),
    #[error("{}", .0.sentence())]
    Refused(FieldErrors),
}

fn with(mut attributes: BTreeMap<Attribute, String>, attribute: Attribute, claim: &str) -> BTreeMap<Attribute, String> {
    attributes.insert(attribute, claim.to_owned());
    attributes
}

fn name(profile: &mut Profile) -> &mut Name {
    profile.name.get_or_insert_default()
}

fn enterprise(profile: &mut Profile) -> &mut Enterprise {
    profile.enterprise.get_or_insert_default()
}

fn put(here: &mut Option<String>, said: Option<String>, sync: AttributeSync) {
    if sync == AttributeSync::OverrideAll || here.is_none() {
        *here = said.filter(|text| text.chars().count() <= limits::ATTRIBUTE);
    }
}

/// The provider says that nobody has shown this address to be theirs.
pub fn denies_mail(mail: &str, claims: &Map<String, Value>) -> bool {
    let verified = claims.get("email_verified");
    let no = verified == Some(&Value::Bool(false)) || verified.and_then(Value::as_str) == Some("false");
    no && claims.get("email").and_then(Value::as_str).map(str::trim) == Some(mail)
}

/// An address that the provider says is not verified is not taken over, not even by somebody new: whoever really has it
/// would be taken for them. One that is missing is kept.
fn mail(
    profile: &mut Profile,
    said: Option<String>,
    claims: &Map<String, Value>,
    sync: AttributeSync,
) -> Result<(), Misfit> {
    let Some(mail) = said else { return Ok(()) };
    if !is_mail(&mail) {
        return Err(Misfit::NoMail(mail));
    }
    let kept = sync == AttributeSync::PreserveLocal && !profile.emails.is_empty();
    if kept || denies_mail(&mail, claims) {
        return Ok(());
    }
    if profile.primary_email() != Some(&mail) {
        profile.emails.retain(|one| !one.primary && one.value != mail);
        profile
            .emails
            .insert(0, Valued { value: mail, kind: Some("work".to_owned()), primary: true, ..Valued::default() });
    }
    Ok(())
}

fn phone(profile: &mut Profile, said: Option<String>, sync: AttributeSync) {
    let Some(phone) = said else { return };
    if profile.phone_numbers.is_empty() {
        profile.phone_numbers = vec![Valued { value: phone, kind: Some("work".to_owned()), ..Valued::default() }];
    } else if sync == AttributeSync::OverrideAll {
        profile.phone_numbers[0].value = phone;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "json! is written where it is used")]
    fn claims(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn ada() -> Map<String, Value> {
        claims(json!({
            "sub": "1", "preferred_username": "ada", "email": "ada@example.org", "email_verified": true,
            "given_name": "Ada", "family_name": "Lovelace", "name": "Ada L.", "groups": ["eng", "unknown"],
        }))
    }

    #[test]
    fn claims_make_a_newcomer() {
        let input = IdentityProvider::default().newcomer(&ada()).unwrap();
        assert_eq!(input.user_name, "ada");
        assert_eq!(input.profile.primary_email(), Some("ada@example.org"));
        assert_eq!(input.profile.display_name.as_deref(), Some("Ada L."));
        let by_mail = claims(json!({"sub": "1", "email": "ada@example.org"}));
        assert_eq!(IdentityProvider::default().newcomer(&by_mail).unwrap().user_name, "ada@example.org");
    }

    #[test]
    fn claims_that_are_missing_or_of_the_wrong_type_are_named() {
        let provider = IdentityProvider::default();
        let refused = |value| provider.newcomer(&claims(value)).unwrap_err().to_string();
        assert!(refused(json!({"sub": "1"})).contains("preferred_username, email"));
        assert!(refused(json!({"preferred_username": ["ada"]})).contains("“preferred_username” is no text"));
        assert!(refused(json!({"preferred_username": "ada", "email": 7})).contains("“email” is no text"));
        assert!(refused(json!({"preferred_username": "ada", "given_name": {"a": 1}})).contains("given_name"));
        assert!(refused(json!({"preferred_username": "ada", "email": "nonsense"})).contains("no mail address"));
        assert!(refused(json!({"preferred_username": "x".repeat(300)})).contains("256"));
    }

    #[test]
    fn later_claims_override_or_fill_or_leave() {
        let provider = IdentityProvider::default();
        let before = provider.newcomer(&ada()).unwrap().profile;
        let later = claims(json!({"name": "Ada King", "email": "king@example.org", "locale": "en"}));
        let synced = |sync| {
            let mut profile = before.clone();
            provider.apply(&later, sync, &mut profile).unwrap();
            profile
        };
        let all = synced(AttributeSync::OverrideAll);
        assert_eq!(all.display_name.as_deref(), Some("Ada King"));
        assert_eq!(all.primary_email(), Some("king@example.org"));
        assert_eq!(all.name, None, "what is not said any more is cleared");
        let filled = synced(AttributeSync::PreserveLocal);
        assert_eq!(filled.display_name.as_deref(), Some("Ada L."));
        assert_eq!(filled.preferred_language.as_deref(), Some("en"));
        assert_eq!(synced(AttributeSync::None), before);
    }

    #[test]
    fn an_address_is_verified_only_where_the_provider_says_so() {
        let with = |verified: Value| claims(json!({"email": "a@b.org", "email_verified": verified}));
        assert_eq!(verified_mail(&with(json!(true))), Some("a@b.org"));
        assert_eq!(verified_mail(&with(json!("true"))), Some("a@b.org"));
        for other in [json!(false), json!("yes"), json!(1), Value::Null, json!(["true"])] {
            assert_eq!(verified_mail(&with(other.clone())), None, "{other}");
        }
        assert_eq!(verified_mail(&claims(json!({"email": "a@b.org"}))), None);
    }

    #[test]
    fn an_address_that_is_said_to_be_unverified_is_not_taken_over() {
        let provider = IdentityProvider::default();
        for no in [json!(false), json!("false")] {
            let said = claims(json!({"preferred_username": "eve", "email": "ada@example.org", "email_verified": no}));
            assert!(provider.newcomer(&said).unwrap().profile.emails.is_empty());
            assert_eq!(provider.mail_of(&said).as_deref(), Some("ada@example.org"));
            let mut profile = provider.newcomer(&ada()).unwrap().profile;
            let later = claims(json!({"email": "king@example.org", "email_verified": no}));
            provider.apply(&later, AttributeSync::OverrideAll, &mut profile).unwrap();
            assert_eq!(profile.primary_email(), Some("ada@example.org"));
        }
    }

    #[test]
    fn groups_have_a_meaning_or_none() {
        let groups = vec![("eng".to_owned(), "Engineering".to_owned()), ("ops".to_owned(), "Operations".to_owned())];
        let provider = IdentityProvider { groups, ..IdentityProvider::default() };
        let (named, all) = provider.groups_of(&ada()).unwrap();
        assert_eq!((named, all.len()), (vec!["Engineering".to_owned()], 2));
        for nothing in [json!({"groups": 7}), json!({})] {
            assert_eq!(provider.groups_of(&claims(nothing)), None);
        }
        assert!(provider.groups_of(&claims(json!({"groups": []}))).unwrap().0.is_empty());
    }

    #[test]
    fn texts_are_trimmed_and_bounded() {
        let set = |change: &dyn Fn(&mut IdentityProvider)| {
            let mut provider = IdentityProvider {
                issuer: " https://id.example.org ".to_owned(),
                client_id: "usher".to_owned(),
                ..IdentityProvider::default()
            };
            change(&mut provider);
            provider.check()
        };
        assert_eq!(set(&|_| {}).unwrap().issuer, "https://id.example.org");
        let wrong = |field: &str, change: &dyn Fn(&mut IdentityProvider)| {
            let errors = set(change).unwrap_err();
            errors.get(field).unwrap_or_else(|| panic!("{field}: {errors:?}")).to_owned()
        };
        let pair = |theirs: &str, ours: &str| vec![(theirs.to_owned(), ours.to_owned())];
        assert!(wrong("client_id", &|set| set.client_id = "x".repeat(2_049)).contains("2048"));
        assert!(wrong("link_claim", &|set| set.link_claim = "a\nb".to_owned()).contains("control"));
        assert!(wrong("issuer", &|set| set.issuer = "id.example.org".to_owned()).contains("https://"));
        assert!(
            wrong("user_name", &|set| _ = set.attributes.insert(Attribute::UserName, " ".to_owned())).contains("claim")
        );
        for (theirs, ours) in [("", "Engineering"), ("eng", ""), ("eng", "a=b"), ("e\nng", "Engineering")] {
            assert!(wrong("groups", &|set| set.groups = pair(theirs, ours)).contains("cannot be"));
        }
        assert_eq!(set(&|set| set.groups = pair("a=b", "C")).unwrap().groups, pair("a=b", "C"));
    }

    #[test]
    fn every_tile_is_complete_but_for_what_the_provider_gives() {
        for tile in TILES {
            let provider =
                IdentityProvider { client_id: "x".to_owned(), ..IdentityProvider::of_template(tile.template) };
            let checked = provider.check();
            match tile.template {
                STANDARD_BASED => assert!(checked.unwrap_err().get("issuer").is_some()),
                "microsoft" => assert!(checked.unwrap_err().get("issuer").unwrap().contains("TENANT")),
                _ => assert!(checked.is_ok(), "{}", tile.template),
            }
        }
    }
}
