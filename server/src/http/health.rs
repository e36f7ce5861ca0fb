//! Is it alive, is it ready: for whoever starts and watches the process.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::table::Table;
use crate::state::AppState;

pub(crate) fn routes() -> Table {
    Table::new().get("/healthz", alive).get("/readyz", ready)
}

/// The process answers.
async fn alive() -> &'static str {
    "alive\n"
}

/// The process can do its work: the database answers.
async fn ready(State(state): State<AppState>) -> Response {
    match state.directory().db().read().await {
        Ok(_) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(error = %error, "The database does not answer.");
            (StatusCode::SERVICE_UNAVAILABLE, "The database does not answer.\n").into_response()
        }
    }
}
