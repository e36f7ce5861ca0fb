//! Data of a page: fetched on the server for the first page, by the browser afterwards, and again after a change.
//!
//! What a page loads is kept without its type, so that everything about fetching is compiled once; the type is known
//! where it is asked for and where it is drawn.

#[cfg(feature = "ssr")]
use std::any::Any;
use std::{fmt, future::Future, marker::PhantomData, pin::Pin, sync::Arc};

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_matched;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

use crate::{
    error::ConsoleError,
    read::{self, Read},
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

/// What a server function answers: asked on the server for the first page, by the browser afterwards; and again when what
/// is asked changes, or something was changed.
pub fn load<Call>(ask: impl Fn() -> Result<Call, ConsoleError> + Send + Sync + 'static) -> Load<Call::Output>
where
    Call: ServerFn<Protocol = Read, Error = ConsoleError> + Serialize + Send + 'static,
    Call::Output: Serialize + Send + Sync + 'static,
{
    load_whenever(|| (), ask)
}

/// The same, and also asked again whenever what `moment` reads changes.
pub fn load_whenever<Call>(
    moment: impl Fn() + Send + Sync + 'static,
    ask: impl Fn() -> Result<Call, ConsoleError> + Send + Sync + 'static,
) -> Load<Call::Output>
where
    Call: ServerFn<Protocol = Read, Error = ConsoleError> + Serialize + Send + 'static,
    Call::Output: Serialize + Send + Sync + 'static,
{
    let ask = Arc::new(ask);
    let address = {
        let ask = Arc::clone(&ask);
        move || ask().and_then(|call| read::address(&call))
    };
    #[cfg(feature = "ssr")]
    let fetch: Fetch = Arc::new(move |_| {
        let call = untrack(|| ask());
        Box::pin(async move { call?.run_body().await.map(Kept::new) })
    });
    #[cfg(not(feature = "ssr"))]
    let fetch: Fetch = Arc::new(|address| {
        Box::pin(async move { crate::browser::get(address?).await.map(|bytes| Kept::Travelled(bytes.into())) })
    });
    Load { kept: loading(Box::new(moment), Box::new(address), fetch), data: PhantomData }
}

/// What an address names, or that there is no such thing.
pub fn named<Id>(id: Option<Id>, what: &str) -> Result<Id, ConsoleError> {
    id.ok_or_else(|| ConsoleError::NotFound { what: what.to_owned() })
}

type Address = Result<String, ConsoleError>;
type Fetched = Pin<Box<dyn Future<Output = Result<Kept, ConsoleError>> + Send>>;
type Fetch = Arc<dyn Fn(Address) -> Fetched + Send + Sync>;

fn loading(
    moment: Box<dyn Fn() + Send + Sync>,
    address: Box<dyn Fn() -> Address + Send + Sync>,
    fetch: Fetch,
) -> Resource<Kept> {
    let address = Memo::new(move |_| address());
    let change = relevant_change();
    let contact = expect_context::<Contact>();
    let unsaved = use_context::<Unsaved>();
    let times = Memo::new(move |times: Option<&u32>| {
        moment();
        // Read, not only tracked: a memo that nobody has read is told of nothing.
        address.with(|_| ());
        change.get();
        times.map_or(0, |times| times.wrapping_add(1))
    });
    Resource::new(
        move || times.get(),
        move |_| {
            let (address, fetch) = (address.get_untracked(), Arc::clone(&fetch));
            async move {
                loop {
                    match fetch(address.clone()).await {
                        // Only a browser is ever told so.
                        Err(ConsoleError::Offline) => contact.lost(),
                        Err(ConsoleError::SignedOut) if unsaved.is_some_and(Unsaved::any) => contact.signed_out(),
                        answer => return answer.unwrap_or_else(Kept::Failed),
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

/// Data without its type, or why there is none.
#[derive(Clone)]
enum Kept {
    /// On the server, with the text that tells it to the page.
    #[cfg(feature = "ssr")]
    Data(Arc<dyn Any + Send + Sync>, Arc<str>),
    /// In the browser, as it came there.
    Travelled(Arc<[u8]>),
    Failed(ConsoleError),
}

/// Stands before the text of an error. No other text begins so: it is base64.
const FAILED: char = '!';

impl Kept {
    #[cfg(feature = "ssr")]
    fn new<Data: Serialize + Send + Sync + 'static>(data: Data) -> Self {
        let text = wire::text(&data).into();
        Self::Data(Arc::new(data), text)
    }

    fn data<Data: Clone + DeserializeOwned + 'static>(&self) -> Result<Data, ConsoleError> {
        match self {
            #[cfg(feature = "ssr")]
            Self::Data(data, _) => data.downcast_ref().cloned().ok_or(ConsoleError::Unexpected),
            Self::Travelled(bytes) => wire::read(bytes),
            Self::Failed(error) => Err(error.clone()),
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
        match self {
            #[cfg(feature = "ssr")]
            Self::Data(_, text) => serializer.serialize_str(text),
            #[cfg(feature = "ssr")]
            Self::Failed(error) => serializer.collect_str(&format_args!("{FAILED}{}", wire::text(error))),
            // Only the server writes anything into a page.
            _ => serializer.serialize_str(""),
        }
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match text.strip_prefix(FAILED) {
            Some(error) => Self::Failed(wire::read_text(error).unwrap_or_else(|error| error)),
            None => Self::Travelled(wire::bytes_of(&text).into()),
        })
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
        ConsoleError::SignedOut if part => ().into_any(),
        // Out of sight where the page around it says so: that may have looked while it was still there.
        ConsoleError::NotFound { .. } if part => view! {
            <p class="gone-part">"This is not there any more. Go back to the list, or reload the page."</p>
        }
        .into_any(),
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
