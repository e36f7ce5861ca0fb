//! Who did what to whom or what, when and from where.

use leptos::prelude::*;

use crate::{
    routes::Page,
    ui::{table::Table, time::Time},
};

pub mod api;
#[cfg(feature = "ssr")]
pub mod asked;
pub mod list;
pub mod show;
#[cfg(feature = "ssr")]
mod shown;
pub mod view;
#[cfg(feature = "ssr")]
mod words;

use view::Item;

/// Where the console's server sends events as a file.
pub const EXPORT: &str = "/console/logs/export";

/// Events as rows; on a user's own page without that user's name.
pub(crate) fn table(items: Vec<Item>, with_subject: bool) -> AnyView {
    let mut columns = vec!["What", "About", "Who", "From", "When"];
    if !with_subject {
        columns.remove(1);
    }
    let rows: Vec<AnyView> = items.into_iter().map(|item| row(item, with_subject)).collect();
    view! { <section class="card stacked"><Table caption="Events" columns>{rows}</Table></section> }.into_any()
}

fn row(item: Item, with_subject: bool) -> AnyView {
    let Item { number, what, about, who, address, at } = item;
    let about = with_subject.then(|| view! { <td data-label="About">{about}</td> });
    view! {
        <tr>
            <th scope="row"><a href=Page::Event(number).path()>{what}</a></th>
            {about}
            <td data-label="Who">{who}</td>
            <td data-label="From">{address}</td>
            <td class="activity-time" data-label="When"><Time at/></td>
        </tr>
    }
    .into_any()
}
