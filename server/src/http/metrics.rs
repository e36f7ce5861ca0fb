//! Metrics in the text format of Prometheus.

use std::sync::OnceLock;

use auth::{Caller, Who, grants::MetricsRead};
use axum::{
    Extension, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::table::Table;
use crate::state::AppState;

/// Upper bounds of the histogram's buckets, in seconds.
const BUCKETS: [f64; 9] = [0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0];

/// The recorder of this process, installed at the first call.
pub fn recorder() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let builder = PrometheusBuilder::new();
            let builder = builder
                .set_buckets_for_metric(Matcher::Suffix("duration_seconds".to_owned()), &BUCKETS)
                .expect("there are buckets");
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("Another metrics recorder is installed: /metrics stays empty.");
            }
            handle
        })
        .clone()
}

pub(crate) fn routes() -> Table {
    Table::new().get("/metrics", guarded)
}

/// For the listener of `USHER_METRICS_LISTEN`, which asks for no token.
pub(crate) fn open_router(handle: PrometheusHandle) -> Router {
    Router::new().route("/metrics", axum::routing::get(move || std::future::ready(render(&handle))))
}

async fn guarded(State(state): State<AppState>, Extension(caller): Extension<Caller>) -> Response {
    match caller.authorise::<MetricsRead>() {
        Ok(_) if matches!(caller.who, Who::Token { .. }) => render(state.metrics()),
        Err(auth::Denied::Forbidden(_)) => {
            (StatusCode::FORBIDDEN, "This needs a token with the scope admin:read.\n").into_response()
        }
        _ => {
            let challenge = [(header::WWW_AUTHENTICATE, "Bearer realm=\"usher\"")];
            (StatusCode::UNAUTHORIZED, challenge, "Send an API token with the scope admin:read.\n").into_response()
        }
    }
}

fn render(handle: &PrometheusHandle) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response()
}
