//! The frame of the pages before the console, and of one's own: one card in the middle, in the organization's looks.
//!
//! These pages load no program: whoever signs in or registers does not wait for one to arrive.

use leptos::prelude::*;

use super::mark::Mark;

/// How the organization looks; the server provides it for these pages.
#[derive(Clone, Debug)]
pub struct Brand {
    pub organization: String,
    pub has_logo: bool,
    /// Rises with every change, so that nothing old is shown.
    pub version: i64,
}

impl Brand {
    pub const STYLE: &'static str = "/branding/style.css";
    pub const LOGO: &'static str = "/branding/logo.svg";

    pub fn style(&self) -> String {
        format!("{}?v={}", Self::STYLE, self.version)
    }

    fn logo(&self) -> String {
        format!("{}?v={}", Self::LOGO, self.version)
    }
}

/// What the organization is called.
pub(crate) fn organization() -> String {
    use_context::<Brand>().map_or_else(|| "Usher".to_owned(), |brand| brand.organization)
}

/// The organization's logo, or Usher's sign with its name.
pub(crate) fn mark() -> AnyView {
    match use_context::<Brand>() {
        Some(brand) if brand.has_logo => view! {
            <span class="mark">
                <img class="mark-logo" src=brand.logo() alt=""/>
                {brand.organization}
            </span>
        }
        .into_any(),
        Some(brand) => view! { <Mark name=brand.organization/> }.into_any(),
        None => view! { <Mark/> }.into_any(),
    }
}

#[component]
pub fn Bare(
    /// A line below the card.
    #[prop(optional, into)]
    foot: ViewFn,
    children: Children,
) -> impl IntoView {
    view! {
        <main class="bare" id="content">
            {mark()}
            <div class="card bare-card">{children()}</div>
            {foot.run()}
        </main>
    }
}
