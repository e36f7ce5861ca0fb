//! Data of a page: fetched on the server for the first page, by the browser afterwards, and again after a change.

use std::{future::Future, sync::Arc};

use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use crate::{error::ConsoleError, ui::problem::ProblemPage};

/// Tells everything on the page that data may have changed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refresh(RwSignal<u32>);

impl Refresh {
    pub fn all(self) {
        self.0.update(|version| *version = version.wrapping_add(1));
    }
}

/// What a server function answers to `key`, fetched anew when `key` changes or something was changed.
pub fn load<Key, Data, Fetching>(
    key: impl Fn() -> Key + Send + Sync + 'static,
    fetch: impl Fn(Key) -> Fetching + Send + Sync + 'static,
) -> Resource<Result<Data, ConsoleError>>
where
    Key: PartialEq + Clone + Send + Sync + 'static,
    Data: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    Fetching: Future<Output = Result<Data, ConsoleError>> + Send + 'static,
{
    let refresh = expect_context::<Refresh>();
    Resource::new(move || (key(), refresh.0.get()), move |(key, _)| fetch(key))
}

/// Shows loaded data; or, in its place, what went wrong, with the status to match.
#[component]
pub fn Loaded<Data, View>(
    /// From [`load`].
    data: Resource<Result<Data, ConsoleError>>,
    /// Draws it.
    view: View,
) -> impl IntoView
where
    Data: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    View: Fn(Data) -> AnyView + Send + Sync + 'static,
{
    let view = Arc::new(view);
    view! {
        <Transition fallback=|| view! { <p class="loading" role="status">"Loading…"</p> }>
            {move || {
                let view = Arc::clone(&view);
                Suspend::new(async move {
                    match data.await {
                        Ok(data) => view(data),
                        Err(error) => view! { <ProblemPage error/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
}
