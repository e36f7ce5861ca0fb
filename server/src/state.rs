//! What handlers need of the process.

use std::sync::Arc;

use app::pages::tour::stage::Stage;
use directory::Directory;
use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use url::Url;

/// Shared by every request. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    inner: Arc<Inner>,
}

struct Inner {
    directory: Directory,
    public_url: Url,
    trusted_proxies: Vec<IpNet>,
    metrics: PrometheusHandle,
    tour: Stage,
}

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppState").field("public_url", &self.inner.public_url.as_str()).finish_non_exhaustive()
    }
}

impl AppState {
    pub fn new(directory: Directory, public_url: Url, trusted_proxies: Vec<IpNet>, metrics: PrometheusHandle) -> Self {
        Self { inner: Arc::new(Inner { directory, public_url, trusted_proxies, metrics, tour: Stage::default() }) }
    }

    pub fn directory(&self) -> &Directory {
        &self.inner.directory
    }

    /// Scheme, host and port; links and cookies follow from it, never from `Host`.
    pub fn public_url(&self) -> &Url {
        &self.inner.public_url
    }

    pub fn is_https(&self) -> bool {
        self.inner.public_url.scheme() == "https"
    }

    /// An address of ours, such as `/scim2`, in full.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.inner.public_url.as_str().trim_end_matches('/'))
    }

    pub fn trusted_proxies(&self) -> &[IpNet] {
        &self.inner.trusted_proxies
    }

    pub fn metrics(&self) -> &PrometheusHandle {
        &self.inner.metrics
    }

    /// Empty outside a demo.
    pub fn tour(&self) -> &Stage {
        &self.inner.tour
    }
}
