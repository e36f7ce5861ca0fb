//! Data of a page: fetched on the server for the first page, by the browser afterwards, and again after a change.
//!
//! What a page loads is kept without its type, so that everything about fetching is compiled once; the type is known
//! where it is asked for and where it is drawn.

use std::{any::Any, fmt, future::Future, marker::PhantomData, pin::Pin, sync::Arc};

use leptos::prelude::*;
use leptos_router::hooks::use_matched;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

use crate::{
    error::ConsoleError,
    ui::{contact::Contact, problem::ProblemPage, skeleton::Skeleton, tabs::is_within, unsaved::Unsaved},
    wire,
};

/// Tells the page that data may have changed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refresh(RwSignal<Change>);

#[derive(Clone, Debug, Default)]
struct Change {
    number: u32,
    /// The page that is shown after it, or below which all is fetched again.
    page: String,
    below: bool,
}

impl Change {
    /// A page that is being left fetches nothing again: what it showed may be gone.
    fn concerns(&self, own: &str) -> bool {
        if self.below { is_within(own, &self.page) } else { is_within(&self.page, own) }
    }
}

impl Refresh {
    /// Something was changed, and `page` is shown next: what stays of the present page is fetched again.
    pub fn for_page(self, page: &str) {
        self.tell(page, false);
    }

    /// What `page` and the pages below it show is fetched again.
    pub fn below(self, page: &str) {
        self.tell(page, true);
    }

    fn tell(self, page: &str, below: bool) {
        self.0.update(|change| {
            change.number = change.number.wrapping_add(1);
            change.below = below;
            // A page is the same however its list is narrowed.
            page.split('?').next().unwrap_or(page).clone_into(&mut change.page);
        });
    }
}

/// Data that is, or will be, there.
pub struct Load<Data> {
    kept: Resource<Kept>,
    data: PhantomData<fn() -> Data>,
}

impl<Data> Clone for Load<Data> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Data> Copy for Load<Data> {}

impl<Data> fmt::Debug for Load<Data> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Load").finish_non_exhaustive()
    }
}

/// What a server function answers to `key`, fetched anew when `key` changes or something was changed.
pub fn load<Key, Data, Fetching>(
    key: impl Fn() -> Key + Send + Sync + 'static,
    fetch: impl Fn(Key) -> Fetching + Send + Sync + 'static,
) -> Load<Data>
where
    Key: PartialEq + Clone + Send + Sync + 'static,
    Data: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    Fetching: Future<Output = Result<Data, ConsoleError>> + Send + 'static,
{
    let key = Memo::new(move |_| key());
    let fetch = move || -> Fetched {
        let fetching = fetch(key.get_untracked());
        Box::pin(async move { fetching.await.map(Kept::new) })
    };
    // Read, not only tracked: see below.
    Load { kept: loading(Box::new(move || key.with(|_| ())), Arc::new(fetch)), data: PhantomData }
}

type Fetched = Pin<Box<dyn Future<Output = Result<Kept, ConsoleError>> + Send>>;
type Fetch = Arc<dyn Fn() -> Fetched + Send + Sync>;

fn loading(track: Box<dyn Fn() + Send + Sync>, fetch: Fetch) -> Resource<Kept> {
    let change = relevant_change();
    let contact = expect_context::<Contact>();
    let unsaved = use_context::<Unsaved>();
    let times = Memo::new(move |times: Option<&u32>| {
        track();
        // Read, not only tracked: a memo that nobody has read is told of nothing.
        change.get();
        times.map_or(0, |times| times.wrapping_add(1))
    });
    Resource::new(
        move || times.get(),
        move |_| {
            let fetch = Arc::clone(&fetch);
            async move {
                loop {
                    match fetch().await {
                        // Only a browser is ever told so.
                        Err(ConsoleError::Offline) => contact.lost(),
                        Err(ConsoleError::SignedOut) if unsaved.is_some_and(Unsaved::any) => contact.signed_out(),
                        answer => return answer.unwrap_or_else(Kept::failed),
                    }
                    contact.back().await;
                }
            }
        },
    )
}

fn relevant_change() -> Memo<u32> {
    let Refresh(change) = expect_context();
    let own = use_matched().get_untracked();
    Memo::new(move |seen: Option<&u32>| {
        change.with(|change| match seen {
            Some(seen) if !change.concerns(&own) => *seen,
            _ => change.number,
        })
    })
}

/// Data without its type, or why there is none: as it was fetched, or as the text that the server put into the page.
#[derive(Clone)]
struct Kept {
    text: Option<Arc<str>>,
    value: Option<Result<Arc<dyn Any + Send + Sync>, ConsoleError>>,
}

/// Stands before the text of an error. No other text begins so: it is base64.
const FAILED: char = '!';

impl Kept {
    fn new<Data: Serialize + Send + Sync + 'static>(data: Data) -> Self {
        // Only the server writes it down.
        #[cfg(feature = "ssr")]
        let text = Some(wire::text(&data).into());
        #[cfg(not(feature = "ssr"))]
        let text = None;
        Self { text, value: Some(Ok(Arc::new(data))) }
    }

    fn failed(error: ConsoleError) -> Self {
        #[cfg(feature = "ssr")]
        let text = Some(format!("{FAILED}{}", wire::text(&error)).into());
        #[cfg(not(feature = "ssr"))]
        let text = None;
        Self { text, value: Some(Err(error)) }
    }

    fn data<Data: Clone + DeserializeOwned + 'static>(&self) -> Result<Data, ConsoleError> {
        if let Some(value) = &self.value {
            let data = value.as_ref().map_err(Clone::clone)?;
            return data.downcast_ref().cloned().ok_or(ConsoleError::Unexpected);
        }
        self.written().and_then(wire::read_text)
    }

    fn written(&self) -> Result<&str, ConsoleError> {
        let text = self.text.as_deref().unwrap_or_default();
        match text.strip_prefix(FAILED) {
            Some(error) => Err(wire::read_text(error).unwrap_or_else(|error| error)),
            None => Ok(text),
        }
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text.as_deref().unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { text: Some(String::deserialize(deserializer)?.into()), value: None })
    }
}

/// Shows loaded data; or, in its place, what went wrong, with the status to match.
#[component]
pub fn Loaded<Data, View>(
    /// From [`load`].
    data: Load<Data>,
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
    waiting(data.kept, Arc::new(move |kept| kept.data().map(&view)), part)
}

type Draw = Arc<dyn Fn(&Kept) -> Result<AnyView, ConsoleError> + Send + Sync>;

fn waiting(kept: Resource<Kept>, draw: Draw, part: bool) -> AnyView {
    view! {
        <Transition fallback=|| view! { <Skeleton/> }.into_any()>
            {move || {
                let draw = Arc::clone(&draw);
                Suspend::new(async move {
                    draw(&kept.await).unwrap_or_else(|error| trouble(error, part))
                })
            }}
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_after_a_change_is_fetched_again_and_what_is_left_is_not() {
        let saved = Change { number: 1, page: "/console/users".to_owned(), below: false };
        assert!(saved.concerns("/console") && saved.concerns("/console/users"));
        assert!(!saved.concerns("/console/users/1"));
        let looked = Change { number: 1, page: "/console/users/1".to_owned(), below: true };
        assert!(looked.concerns("/console/users/1") && looked.concerns("/console/users/1/provisioning"));
        assert!(!looked.concerns("/console") && !looked.concerns("/console/users"));
    }
}
