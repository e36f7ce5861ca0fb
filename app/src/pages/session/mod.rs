//! Signing in and out, and who one is.

use leptos::prelude::*;

use crate::ui::load::{Load, Loaded, load};

pub mod api;
#[cfg(feature = "ssr")]
pub mod door;
#[cfg(feature = "ssr")]
pub mod forgot;
pub(crate) mod new_password;
#[cfg(feature = "ssr")]
pub mod set_password;
#[cfg(feature = "ssr")]
pub mod sign_in;
#[cfg(feature = "ssr")]
pub mod under_way;
pub mod view;

/// Why a control cannot be used.
pub(crate) const READ_ONLY: &str = "Your role reads only. Ask an administrator.";

/// Who is signed in, for all that stands in the frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignedIn(Load<view::Me>);

impl SignedIn {
    /// Asks, and tells every view below.
    pub(crate) fn provide() -> Self {
        let signed_in = Self(load(|| Ok(api::WhoAmI {})));
        provide_context(signed_in);
        signed_in
    }

    /// Draws what shows who it is.
    pub(crate) fn show(self, draw: fn(view::Me) -> AnyView) -> AnyView {
        view! { <Loaded data=self.0 part=true view=draw/> }.into_any()
    }
}

/// Draws what only administrators may use, where nothing else that the page loads says whether it may be: told why it
/// cannot be used, or nothing.
pub(crate) fn writing(draw: impl Fn(Option<&'static str>) -> AnyView + Send + Sync + 'static) -> AnyView {
    written(Box::new(draw))
}

type Draw = Box<dyn Fn(Option<&'static str>) -> AnyView + Send + Sync>;

/// Compiled once.
fn written(draw: Draw) -> AnyView {
    let SignedIn(me) = expect_context();
    view! { <Loaded data=me part=true view=move |me: view::Me| draw((!me.may_write).then_some(READ_ONLY))/> }.into_any()
}

/// Where to go after signing in: back to where one was, if that is on this server; else to the console, or for whoever
/// has no role there to their own account.
#[cfg(feature = "ssr")]
pub fn landing(return_to: &str, role: Option<domain::permission::Role>) -> String {
    use crate::{outcome::is_local, routes::Page};

    let home = Page::Home.path();
    let asked = if is_local(return_to) { return_to } else { &home };
    if role.is_none() && asked == home { Page::Account.path() } else { asked.to_owned() }
}
