//! Server functions of activity.

use domain::{AttemptId, ConnectorId, DeliveryId};
use leptos::prelude::*;

use super::view::{ActivityList, Delivery, Filter};
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

#[server(prefix = "/console/-", endpoint = "activity/list", protocol = Read)]
pub async fn list(
    #[server(default)] filter: Filter,
    #[server(default)] after: String,
) -> Result<ActivityList, ConsoleError> {
    super::shown::list(&filter, &after).await
}

/// How many deliveries changed since the list was drawn.
#[server(prefix = "/console/-", endpoint = "activity/news", protocol = Read)]
pub async fn news(#[server(default)] filter: Filter, #[server(default)] since: String) -> Result<i64, ConsoleError> {
    super::shown::news(&filter, &since).await
}

/// How many deliveries are held: the badge of the navigation.
#[server(prefix = "/console/-", endpoint = "activity/held", protocol = Read)]
pub async fn held() -> Result<i64, ConsoleError> {
    super::shown::held().await
}

#[server(prefix = "/console/-", endpoint = "activity/show", protocol = Read)]
pub async fn show(id: DeliveryId, #[server(default)] before: Option<AttemptId>) -> Result<Delivery, ConsoleError> {
    super::shown::delivery(id, before).await
}

/// From the list where there is a filter, else from the delivery's own page.
#[server(prefix = "/console/-", endpoint = "activity/retry")]
pub async fn retry(id: DeliveryId, #[server(default)] filter: Option<Filter>) -> Result<Outcome, ConsoleError> {
    super::shown::retry(id, filter).await
}

#[server(prefix = "/console/-", endpoint = "activity/retry-selected")]
pub async fn retry_selected(
    #[server(default)] ids: Vec<DeliveryId>,
    #[server(default)] filter: Filter,
) -> Result<Outcome, ConsoleError> {
    super::shown::retry_selected(ids, &filter).await
}

/// Everything that is held at a system for a kind of reason, or for one very reason.
#[server(prefix = "/console/-", endpoint = "activity/retry-held")]
pub async fn retry_held(
    connector: ConnectorId,
    #[server(default)] reason: String,
    #[server(default)] text: Option<String>,
    #[server(default)] filter: Filter,
) -> Result<Outcome, ConsoleError> {
    super::shown::retry_held(connector, &reason, text, &filter).await
}
