//! The configuration, in the order in which the form shows it.

use domain::config::{Choice, Condition, ConfigSchema, Control, Field};

pub(super) const KIND: &str = "scim2";

pub(super) const MODE: &str = "authentication_mode";
pub(super) const USERNAME: &str = "username";
pub(super) const PASSWORD: &str = "password";
pub(super) const ACCESS_TOKEN: &str = "access_token";
pub(super) const API_KEY_HEADER: &str = "api_key_header";
pub(super) const API_KEY_VALUE: &str = "api_key_value";
pub(super) const CLIENT_ID: &str = "client_id";
pub(super) const CLIENT_SECRET: &str = "client_secret";
pub(super) const TOKEN_ENDPOINT: &str = "token_endpoint";
pub(super) const SCOPES: &str = "scopes";
pub(super) const USER_ENDPOINT: &str = "user_endpoint";
pub(super) const GROUP_ENDPOINT: &str = "group_endpoint";
pub(super) const ENABLE_PASSWORDS: &str = "enable_password_provisioning";
pub(super) const DEFAULT_PASSWORD: &str = "default_password";

pub(super) const NONE: &str = "none";
pub(super) const BASIC: &str = "basic";
pub(super) const BEARER: &str = "bearer";
pub(super) const API_KEY: &str = "api_key";
pub(super) const CLIENT_CREDENTIALS: &str = "client_credentials";

pub(super) fn schema() -> ConfigSchema {
    ConfigSchema {
        kind: KIND.to_owned(),
        name: "SCIM 2.0".to_owned(),
        description: "Keeps accounts in step in any system that speaks SCIM 2.0 (RFC 7643 and 7644).".to_owned(),
        fields: vec![
            mode(),
            Field { required: true, ..field(USERNAME, "Username", Control::Text) }.only_in(BASIC),
            Field { required: true, ..field(PASSWORD, "Password", Control::Secret) }.only_in(BASIC),
            Field { required: true, ..field(ACCESS_TOKEN, "Access Token", Control::Secret) }.only_in(BEARER),
            Field { required: true, ..field(API_KEY_HEADER, "API Key Header Name", Control::Text) }
                .hint("The name of the HTTP header that carries the key, such as X-Api-Key.")
                .only_in(API_KEY),
            Field { required: true, ..field(API_KEY_VALUE, "API Key Value", Control::Secret) }.only_in(API_KEY),
            Field { required: true, ..field(CLIENT_ID, "Client ID", Control::Text) }.only_in(CLIENT_CREDENTIALS),
            Field { required: true, ..field(CLIENT_SECRET, "Client Secret", Control::Secret) }
                .only_in(CLIENT_CREDENTIALS),
            Field { required: true, ..field(TOKEN_ENDPOINT, "Token Endpoint", Control::Url) }
                .hint("Where access tokens are issued.")
                .only_in(CLIENT_CREDENTIALS),
            field(SCOPES, "Scopes", Control::Text).hint("Separated by spaces.").only_in(CLIENT_CREDENTIALS),
            Field { required: true, ..field(USER_ENDPOINT, "User Endpoint", Control::Url) }
                .hint("The full address of the users, such as https://acme.example/scim/v2/Users."),
            field(GROUP_ENDPOINT, "Group Endpoint", Control::Url)
                .hint("The full address of the groups, such as https://acme.example/scim/v2/Groups."),
            field(ENABLE_PASSWORDS, "Enable Password Provisioning", Control::Checkbox)
                .hint("Passes a user's password on when it is set here."),
            field(DEFAULT_PASSWORD, "Default Password", Control::Secret)
                .hint("Given to new accounts that come without a password of their own. Used at creation only."),
        ],
    }
}

fn mode() -> Field {
    let choice = |value: &str, label: &str| Choice { value: value.to_owned(), label: label.to_owned() };
    let choices = vec![
        choice(NONE, "None"),
        choice(BASIC, "Basic"),
        choice(BEARER, "Bearer token"),
        choice(API_KEY, "API key"),
        choice(CLIENT_CREDENTIALS, "Client credentials"),
    ];
    Field {
        required: true,
        default: Some(BASIC.to_owned()),
        ..field(MODE, "Authentication Mode", Control::Choice { choices })
            .hint("How Usher signs in to the other system.")
    }
}

fn field(key: &str, label: &str, control: Control) -> Field {
    Field {
        key: key.to_owned(),
        label: label.to_owned(),
        hint: None,
        control,
        required: false,
        default: None,
        only_when: None,
    }
}

trait Shape {
    fn hint(self, text: &str) -> Self;
    fn only_in(self, mode: &str) -> Self;
}

impl Shape for Field {
    fn hint(self, text: &str) -> Self {
        Self { hint: Some(text.to_owned()), ..self }
    }

    fn only_in(self, mode: &str) -> Self {
        let condition = Condition { key: MODE.to_owned(), values: vec![mode.to_owned()] };
        Self { only_when: Some(condition), ..self }
    }
}

#[cfg(test)]
mod tests {
    use domain::config::{Property, Typed};

    use super::*;

    fn typed(pairs: &[(&str, &str)]) -> Typed {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_fields_stand_in_the_order_of_the_form() {
        let labels: Vec<String> = schema().fields.into_iter().map(|field| field.label).collect();
        assert_eq!(
            labels,
            [
                "Authentication Mode",
                "Username",
                "Password",
                "Access Token",
                "API Key Header Name",
                "API Key Value",
                "Client ID",
                "Client Secret",
                "Token Endpoint",
                "Scopes",
                "User Endpoint",
                "Group Endpoint",
                "Enable Password Provisioning",
                "Default Password",
            ]
        );
    }

    #[test]
    fn without_a_mode_it_is_basic() {
        let errors = schema().check(&typed(&[(USER_ENDPOINT, "https://acme.example/Users")]), &[]).unwrap_err();
        assert_eq!(errors.get(USERNAME), Some("Username is required."));
        assert_eq!(errors.get(PASSWORD), Some("Password is required."));
        assert_eq!(errors.get(ACCESS_TOKEN), None);
    }

    #[test]
    fn each_mode_asks_for_its_own_fields_only() {
        let required: [(&str, &[&str]); 5] = [
            (NONE, &[]),
            (BASIC, &[PASSWORD, USERNAME]),
            (BEARER, &[ACCESS_TOKEN]),
            (API_KEY, &[API_KEY_HEADER, API_KEY_VALUE]),
            (CLIENT_CREDENTIALS, &[CLIENT_ID, CLIENT_SECRET, TOKEN_ENDPOINT]),
        ];
        for (mode, fields) in required {
            let errors = schema().check(&typed(&[(MODE, mode)]), &[]).unwrap_err();
            let mut expected: Vec<&str> = fields.to_vec();
            expected.push(USER_ENDPOINT);
            expected.sort_unstable();
            assert_eq!(errors.0.keys().map(String::as_str).collect::<Vec<_>>(), expected, "{mode}");
        }
    }

    #[test]
    fn passwords_are_not_passed_on_unless_asked_for() {
        let form = typed(&[(MODE, NONE), (USER_ENDPOINT, "https://acme.example/Users")]);
        let checked = schema().check(&form, &[]).unwrap();
        assert_eq!(checked.properties.0.get(ENABLE_PASSWORDS), Some(&Property::Bool(false)));
    }
}
