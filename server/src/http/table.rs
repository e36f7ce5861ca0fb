//! A router that remembers its endpoints, so that nobody has to list them twice.

use axum::{
    Router,
    handler::Handler,
    http::Method,
    routing::{MethodFilter, on},
};

/// A method and the path that it is for, with `{parameters}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    pub method: &'static str,
    pub path: String,
}

#[derive(Debug)]
pub struct Table<S = crate::state::AppState> {
    router: Router<S>,
    endpoints: Vec<Endpoint>,
}

impl<S: Clone + Send + Sync + 'static> Table<S> {
    pub fn new() -> Self {
        Self { router: Router::new(), endpoints: Vec::new() }
    }

    #[must_use]
    pub fn get<H: Handler<T, S>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.on(&Method::GET, "GET", path, handler)
    }

    #[must_use]
    pub fn post<H: Handler<T, S>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.on(&Method::POST, "POST", path, handler)
    }

    #[must_use]
    pub fn put<H: Handler<T, S>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.on(&Method::PUT, "PUT", path, handler)
    }

    #[must_use]
    pub fn patch<H: Handler<T, S>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.on(&Method::PATCH, "PATCH", path, handler)
    }

    #[must_use]
    pub fn delete<H: Handler<T, S>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.on(&Method::DELETE, "DELETE", path, handler)
    }

    fn on<H: Handler<T, S>, T: 'static>(mut self, method: &Method, name: &'static str, path: &str, handler: H) -> Self {
        let filter = MethodFilter::try_from(method.clone()).expect("the five methods above are known to the router");
        self.endpoints.push(Endpoint { method: name, path: path.to_owned() });
        self.router = self.router.route(path, on(filter, handler));
        self
    }

    /// The router, to be completed with fallbacks, and what it answers.
    pub fn into_parts(self) -> (Router<S>, Vec<Endpoint>) {
        (self.router, self.endpoints)
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Table<S> {
    fn default() -> Self {
        Self::new()
    }
}
