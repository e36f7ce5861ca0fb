//! Parts of one thing, each with an address of its own.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// One tab: its word and the path of its page.
pub type Tab = (&'static str, String);

#[component]
pub fn Tabs(
    /// What they are parts of.
    #[prop(into)]
    label: String,
    tabs: Vec<Tab>,
) -> impl IntoView {
    let location = use_location();
    let paths: Vec<String> = tabs.iter().map(|(_, path)| path.clone()).collect();
    let current = Memo::new(move |_| longest_prefix(&paths, &location.pathname.get()));
    let links = tabs
        .into_iter()
        .map(|(word, path)| {
            let own = path.clone();
            let now = move || (current.get().as_deref() == Some(own.as_str())).then_some("page");
            view! { <li><a class="tab" href=path aria-current=now>{word}</a></li> }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label=label><ul>{links}</ul></nav> }
}

/// The path that a page belongs to: its own, or the nearest above it.
pub(crate) fn longest_prefix(paths: &[String], at: &str) -> Option<String> {
    paths.iter().filter(|path| is_within(at, path)).max_by_key(|path| path.len()).cloned()
}

/// Whether `path` is `parent` or below it.
pub(crate) fn is_within(path: &str, parent: &str) -> bool {
    path.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || parent.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_belongs_to_the_nearest_path_above_it() {
        let paths = ["/console".to_owned(), "/console/connections".to_owned()];
        assert_eq!(longest_prefix(&paths, "/console/connections/1/delete").as_deref(), Some("/console/connections"));
        assert_eq!(longest_prefix(&paths, "/console").as_deref(), Some("/console"));
        assert_eq!(longest_prefix(&paths, "/console/connectionsx").as_deref(), Some("/console"));
        assert_eq!(longest_prefix(&paths, "/sign-in"), None);
    }
}
