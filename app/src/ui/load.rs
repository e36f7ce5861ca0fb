//! Data of a page: fetched on the server for the first page, by the browser afterwards, and again after a change.

use std::{future::Future, pin::Pin, sync::Arc};

use leptos::prelude::*;
use leptos_router::hooks::use_matched;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::ConsoleError,
    ui::{problem::ProblemPage, tabs::is_within},
};

/// Tells the page that data may have changed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refresh(RwSignal<Change>);

#[derive(Clone, Debug, Default)]
struct Change {
    number: u32,
    /// The page that is shown after it.
    page: String,
}

impl Refresh {
    /// Something was changed, and `page` is shown next: what stays of the present page is fetched again.
    pub fn for_page(self, page: &str) {
        self.0.update(|change| {
            change.number = change.number.wrapping_add(1);
            page.clone_into(&mut change.page);
        });
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
    let change = relevant_change();
    Resource::new(move || (key(), change.get()), move |(key, _)| fetch(key))
}

/// A page that is being left fetches nothing again: what it showed may be gone.
fn relevant_change() -> Memo<u32> {
    let Refresh(change) = expect_context();
    let own = use_matched().get_untracked();
    Memo::new(move |seen: Option<&u32>| {
        change.with(|change| match seen {
            Some(seen) if !is_within(&change.page, &own) => *seen,
            _ => change.number,
        })
    })
}

/// Shows loaded data; or, in its place, what went wrong, with the status to match.
#[component]
pub fn Loaded<Data, View>(
    /// From [`load`].
    data: Resource<Result<Data, ConsoleError>>,
    /// Draws it.
    view: View,
    /// A page around this one shows the same thing, and says already that it is not there.
    #[prop(optional)]
    part: bool,
) -> impl IntoView
where
    Data: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    View: Fn(Data) -> AnyView + Send + Sync + 'static,
{
    let view = Arc::new(view);
    waiting(Box::new(move || {
        let view = Arc::clone(&view);
        Box::pin(async move {
            match data.await {
                Ok(data) => view(data),
                Err(error) => trouble(error, part),
            }
        })
    }))
}

type Drawn = Pin<Box<dyn Future<Output = AnyView> + Send>>;

/// What does not depend on the data; compiled once for all pages.
fn waiting(draw: Box<dyn Fn() -> Drawn + Send + Sync>) -> AnyView {
    view! {
        <Transition fallback=|| view! { <p class="loading" role="status">"Loading…"</p> }>
            {move || Suspend::new(draw())}
        </Transition>
    }
    .into_any()
}

fn trouble(error: ConsoleError, part: bool) -> AnyView {
    match error {
        ConsoleError::NotFound { .. } | ConsoleError::SignedOut if part => ().into_any(),
        error => view! { <ProblemPage error/> }.into_any(),
    }
}
