//! The core User schema (RFC 7643 sections 4.1 and 8.7.1).

use super::{
    Schema,
    attribute::{
        Attribute,
        Mutability::{ReadOnly, WriteOnly},
        Returned::Never,
    },
};
use crate::urn;

pub(super) fn schema() -> Schema {
    let mut attributes = singular();
    attributes.extend(plural());
    Schema { id: urn::USER.to_owned(), name: "User".to_owned(), description: "User Account".to_owned(), attributes }
}

fn singular() -> Vec<Attribute> {
    vec![
        Attribute::string("userName", "Unique name of the user, typically used to sign in.").required().unique(),
        name(),
        Attribute::string("displayName", "The name to show to people."),
        Attribute::string("nickName", "The casual way to address the user."),
        Attribute::reference("profileUrl", &["external"], "The address of the user's own page."),
        Attribute::string("title", "The user's title, such as \"Vice President\"."),
        Attribute::string("userType", "The relation between organization and user, such as \"Contractor\"."),
        Attribute::string("preferredLanguage", "Preferred written or spoken languages, as in Accept-Language."),
        Attribute::string("locale", "Default location for formats of currency, dates and numbers."),
        Attribute::string("timezone", "The user's time zone, such as \"America/Los_Angeles\"."),
        Attribute::boolean("active", "Whether the user may use their account."),
        Attribute::string("password", "The user's clear-text password, to set it.")
            .case_exact()
            .mutability(WriteOnly)
            .returned(Never),
    ]
}

fn plural() -> Vec<Attribute> {
    let text = |description: &str| Attribute::string("value", description);
    vec![
        valued("emails", "Mail addresses.", text("A mail address."), &["work", "home", "other"]),
        valued(
            "phoneNumbers",
            "Telephone numbers.",
            text("A telephone number."),
            &["work", "home", "mobile", "fax", "pager", "other"],
        ),
        valued(
            "ims",
            "Instant messaging addresses.",
            text("An instant messaging address."),
            &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"],
        ),
        valued(
            "photos",
            "Addresses of photos of the user.",
            Attribute::reference("value", &["external"], "The address of a photo."),
            &["photo", "thumbnail"],
        ),
        addresses(),
        groups(),
        valued("entitlements", "Entitlements that the user has.", text("An entitlement."), &[]),
        valued("roles", "Roles that the user has.", text("A role."), &[]),
        valued(
            "x509Certificates",
            "Certificates issued to the user.",
            Attribute::binary("value", "An X.509 certificate, DER and base64."),
            &[],
        ),
    ]
}

fn name() -> Attribute {
    Attribute::complex(
        "name",
        "The parts of the user's real name.",
        vec![
            Attribute::string("formatted", "The full name, formatted for display."),
            Attribute::string("familyName", "The family name, or last name."),
            Attribute::string("givenName", "The given name, or first name."),
            Attribute::string("middleName", "The middle names."),
            Attribute::string("honorificPrefix", "Honorific prefixes, such as \"Ms.\"."),
            Attribute::string("honorificSuffix", "Honorific suffixes, such as \"III\"."),
        ],
    )
}

/// A multi-valued attribute with the default sub-attributes (RFC 7643 section 2.4).
fn valued(name: &str, description: &str, value: Attribute, types: &[&str]) -> Attribute {
    let fields = vec![value, Attribute::string("display", "A name to show for this value."), kind(types), primary()];
    Attribute::complex(name, description, fields).multi_valued()
}

fn kind(types: &[&str]) -> Attribute {
    Attribute::string("type", "What the value is for.").suggesting(types)
}

fn primary() -> Attribute {
    Attribute::boolean("primary", "Whether this is the preferred value. True for one value at most.")
}

fn addresses() -> Attribute {
    let fields = vec![
        Attribute::string("formatted", "The full address, formatted for display."),
        Attribute::string("streetAddress", "Street, house number, and what belongs to them."),
        Attribute::string("locality", "The city."),
        Attribute::string("region", "The state or region."),
        Attribute::string("postalCode", "The postal code."),
        Attribute::string("country", "The country."),
        kind(&["work", "home", "other"]),
        primary(),
    ];
    Attribute::complex("addresses", "Physical mailing addresses.", fields).multi_valued()
}

fn groups() -> Attribute {
    let fields = vec![
        Attribute::string("value", "The group's id.").case_exact(),
        Attribute::reference("$ref", &["User", "Group"], "The group's address."),
        Attribute::string("display", "The group's name."),
        Attribute::string("type", "Whether the membership is direct.").suggesting(&["direct", "indirect"]),
    ];
    let fields = fields.into_iter().map(|field| field.mutability(ReadOnly)).collect();
    Attribute::complex("groups", "Groups to which the user belongs.", fields).multi_valued().mutability(ReadOnly)
}
