//! Actions, attributes and values of events in words.

use serde_json::Value;

use crate::pages::{
    connections::thousands,
    roles,
    users::{
        self,
        attributes::{BASIC, CONTACT, MORE, NAME, PREFERENCES, WORK},
    },
};

/// What can be done, as the filter lists it.
pub(super) const ACTIONS: &[(&str, &str)] = &[
    ("user.create", "User created"),
    ("user.update", "User changed"),
    ("user.delete", "User deleted"),
    ("user.refuse", "User refused by a system"),
    ("user.lock", "User locked"),
    ("user.unlock", "User unlocked"),
    ("user.change_role", "User's console role changed"),
    ("user.password_link", "Password link made"),
    ("user.reset_password", "Password reset"),
    ("user.password_mail", "Password link mailed"),
    ("user.forgot_password", "Password forgotten"),
    ("user.ask_address", "Another mail address asked for"),
    ("user.link", "Linked to a sign-in"),
    ("user.unlink", "Unlinked from a sign-in"),
    ("user.verify", "Address verified"),
    ("user.add_second_factor", "Second factor set up"),
    ("user.remove_second_factor", "Second factor removed"),
    ("user.reset_second_factors", "Second factors reset"),
    ("user.recovery_codes", "Recovery codes made"),
    ("registration.begin", "Registered"),
    ("user.provision", "User provisioned"),
    ("administrator.create", "Administrator created"),
    ("session.ask", "Asked for a second factor"),
    ("session.start", "Signed in"),
    ("session.refuse", "Sign-in refused"),
    ("session.end", "Session ended"),
    ("group.create", "Group created"),
    ("group.update", "Group changed"),
    ("group.delete", "Group deleted"),
    ("import.start", "Import started"),
    ("import.finish", "Import finished"),
    ("import.cancel", "Import cancelled"),
    ("schema.create", "Schema created"),
    ("schema.update", "Schema changed"),
    ("schema.delete", "Schema deleted"),
    ("attribute.clear", "Attribute cleared"),
    ("connection.create", "Connection created"),
    ("connection.update", "Connection changed"),
    ("connection.enable", "Connection enabled"),
    ("connection.disable", "Connection disabled"),
    ("connection.delete", "Connection deleted"),
    ("connection.sign_in", "Sign-in by a connection changed"),
    ("connection.test", "Sign-in by a connection tested"),
    ("connector.create", "Connector created"),
    ("connector.update", "Connector changed"),
    ("connector.enable", "Connector enabled"),
    ("connector.disable", "Connector disabled"),
    ("connector.resume", "Connector's pause ended"),
    ("connector.delete", "Connector deleted"),
    ("provisioner.create", "Provisioner created"),
    ("provisioner.update", "Provisioner changed"),
    ("provisioner.delete", "Provisioner deleted"),
    ("delivery.retry", "Delivery retried"),
    ("delivery.retry_held", "Held deliveries retried"),
    ("mail.retry", "Mail sent again"),
    ("setting.update", "Setting changed"),
    ("token.create", "Token created"),
    ("token.revoke", "Token revoked"),
    ("audit.trim", "Old events trimmed"),
];

/// Names of attributes and facts beyond a user's.
const NAMES: &[(&str, &str)] = &[
    ("accounts", "Accounts there"),
    ("accounts_let_go", "Accounts let go"),
    ("active", "Active"),
    ("activeRemoved", "“active” removed over SCIM"),
    ("addresses", "Addresses"),
    ("after", "After"),
    ("api_key_header", "API key header"),
    ("attributes", "Attributes"),
    ("authentication_mode", "Authentication mode"),
    ("before", "Before"),
    ("blocking", "Blocking"),
    ("client_id", "Client id"),
    ("count", "How many"),
    ("createGroups", "Groups are created"),
    ("created", "Users created"),
    ("description", "Description"),
    ("enable_password_provisioning", "Password provisioning"),
    ("enabled", "Enabled"),
    ("ended", "Sessions ended"),
    ("events", "Events trimmed"),
    ("expires", "Expires"),
    ("expires_at", "Expires"),
    ("failed", "Not created"),
    ("first", "The first of"),
    ("generation", "Which system it points at"),
    ("group_endpoint", "Group endpoint"),
    ("jit_outbound", "JIT Outbound"),
    ("kind", "Kind"),
    ("last", "The last of"),
    ("lines", "Lines"),
    ("locked", "Locked"),
    ("members", "Members"),
    ("membersAdded", "Members added"),
    ("membersRemoved", "Members removed"),
    ("name", "Name"),
    ("on_blocking_failure", "When blocked"),
    ("on_delete", "When deleted here"),
    ("on_leave", "When out of scope"),
    ("origin", "Came by"),
    ("password", "Password"),
    ("pause", "Pause"),
    ("reason", "Reason"),
    ("rejections", "What the systems said"),
    ("role", "Console role"),
    ("scopes", "Scopes"),
    ("second_factor", "Second factor"),
    ("secrets_forgotten", "Secrets forgotten"),
    ("secrets_set", "Secrets set"),
    ("systems", "Systems"),
    ("text", "What they said"),
    ("through", "The last event trimmed"),
    ("time_limit_ms", "Time limit (ms)"),
    ("token_endpoint", "Token endpoint"),
    ("user_endpoint", "User endpoint"),
    ("username", "User name"),
    ("users", "Users"),
    ("x509Certificates", "Certificates"),
];

/// What an event is about that has no name.
pub(super) const NAMELESS: &str = "—";

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:";

pub(super) fn action(action: &str) -> String {
    ACTIONS
        .iter()
        .find(|(known, _)| *known == action)
        .map_or_else(|| action.to_owned(), |(_, words)| (*words).to_owned())
}

/// What an attribute or fact is called; its own name where there is no better one.
pub(super) fn name(name: &str) -> String {
    let key = name.strip_prefix(ENTERPRISE).map_or_else(|| name.to_owned(), |rest| format!("enterprise.{rest}"));
    let of_user = [BASIC, NAME, WORK, PREFERENCES, CONTACT, MORE].into_iter().flatten();
    let found = of_user.map(|(known, words, _)| (*known, *words)).chain(NAMES.iter().copied());
    let found = found.filter(|(known, _)| *known == key).map(|(_, words)| words).next();
    found.map_or_else(|| name.to_owned(), str::to_owned)
}

/// Why somebody was not let in.
pub(super) fn refusal(reason: &str) -> Option<&'static str> {
    match reason {
        "password" => Some("The password was not right."),
        "disabled" => Some("The account is disabled or locked."),
        "second_factor" => Some("The second factor was wrong too often."),
        "unknown" => Some("Nobody has the user name that was typed."),
        _ => None,
    }
}

/// Whoever acted, where the name alone does not say it.
pub(super) fn actor(kind: &str, label: &str) -> String {
    match kind {
        "nobody" => "Nobody signed in".to_owned(),
        "cli" => "Command line".to_owned(),
        _ => label.to_owned(),
    }
}

/// What whoever acted is.
pub(super) fn actor_kind(kind: &str) -> &'static str {
    match kind {
        "user" => "a user",
        "token" => "an API token",
        "cli" => "a command on this machine",
        "system" => "by itself",
        _ => "",
    }
}

/// The value of an attribute or fact as somebody reads it.
pub(super) fn value_of(name: &str, value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    let words = match name {
        "role" => text.parse().ok().map(roles::label),
        "origin" => text.parse().ok().map(users::origin),
        _ => None,
    };
    words.map_or_else(|| self::value(value), str::to_owned)
}

/// A value as somebody reads it; empty for nothing.
fn value(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.as_i64().map_or_else(|| number.to_string(), thousands),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(self::value).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            let notes: Vec<&str> =
                [text("type"), text("display"), (fields.get("primary") == Some(&true.into())).then_some("primary")]
                    .into_iter()
                    .flatten()
                    .collect();
            match (text("value"), notes.is_empty()) {
                (Some(value), true) => value.to_owned(),
                (Some(value), false) => format!("{value} ({})", notes.join(", ")),
                (None, _) => {
                    let parts =
                        fields.iter().map(|(name, part)| format!("{}: {}", self::name(name), self::value(part)));
                    parts.collect::<Vec<_>>().join(", ")
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use serde_json::json;

    use super::{action as words_of, *};

    #[test]
    fn values_are_read_by_people() {
        for (given, read) in [
            (json!(null), ""),
            (json!(true), "yes"),
            (json!(10_000), "10,000"),
            (json!(["scim", "admin"]), "scim; admin"),
            (json!([{"value": "ada@example.org", "type": "work", "primary": true}]), "ada@example.org (work, primary)"),
            (json!([{"value": "1"}, {"value": "2"}]), "1; 2"),
            (json!({"connection": "Acme", "reason": "no licence"}), "connection: Acme, Reason: no licence"),
        ] {
            assert_eq!(value(&given), read);
        }
    }

    /// Every literal of the form `kind.verb` in the crate that records, where `kind` is one that events are about.
    fn recorded() -> Vec<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/directory/src");
        let (mut folders, mut sources) = (vec![PathBuf::from(folder)], String::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    sources.push_str(&fs::read_to_string(path).unwrap());
                }
            }
        }
        let told = ACTIONS.iter().filter_map(|(action, _)| action.split('.').next());
        let about = sources.split("kind: \"").skip(1).filter_map(|rest| rest.split('"').next());
        let kinds: Vec<&str> = told.chain(about).collect();
        let is_action = |text: &&str| {
            text.split_once('.').is_some_and(|(kind, verb)| {
                kinds.contains(&kind) && verb.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            })
        };
        let literals = sources.lines().flat_map(|line| line.split('"').skip(1).step_by(2));
        literals.filter(is_action).map(str::to_owned).collect()
    }

    #[test]
    fn every_action_that_is_recorded_has_its_words() {
        let recorded = recorded();
        for known in ["user.lock", "import.cancel", "connector.enable"] {
            assert!(recorded.iter().any(|action| action == known), "{known} is no longer found");
        }
        let nameless: Vec<String> = recorded.into_iter().filter(|action| *action == words_of(action)).collect();
        assert!(nameless.is_empty(), "no words for {nameless:?}");
    }

    #[test]
    fn what_is_known_by_a_code_is_told_in_words() {
        assert_eq!(value_of("role", &json!("operator")), "Provisioning operator");
        assert_eq!(value_of("origin", &json!("jit")), "another provider's sign-in");
        assert_eq!(value_of("origin", &json!("elsewhere")), "elsewhere");
        assert_eq!(value_of("title", &json!("operator")), "operator");
    }

    #[test]
    fn names_are_those_of_the_forms() {
        assert_eq!(name("name.givenName"), "First name");
        assert_eq!(name("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"), "Department");
        assert_eq!(name("emails"), "Email addresses");
        assert_eq!(name("urn:example:badge"), "urn:example:badge");
        assert_eq!(action("user.create"), "User created");
        assert_eq!(action("badge.print"), "badge.print");
    }
}
