//! What the tests of this module share.

use domain::{
    ConnectorId,
    config::{Properties, Property, Secrets},
};
use egress::{Egress, Policy};

use crate::Target;

pub(super) fn target(properties: &[(&str, &str)], secrets: &[(&str, &str)]) -> Target {
    let properties = properties.iter().map(|(key, value)| ((*key).to_owned(), Property::Text((*value).to_owned())));
    let secrets = secrets.iter().map(|(key, value)| ((*key).to_owned(), (*value).into()));
    Target {
        connector_id: testkit::ids().make::<ConnectorId>(),
        version: 1,
        properties: Properties(properties.collect()),
        secrets: Secrets(secrets.collect()),
    }
}

pub(super) fn egress() -> Egress {
    Egress::new(Policy::default()).unwrap()
}
