//! The server function of the search.

use leptos::{prelude::*, server_fn::codec::GetUrl};

use super::view::Found;
use crate::error::ConsoleError;

/// `few`: what fits below the box, while somebody types.
#[server(prefix = "/console/-", endpoint = "search/find", input = GetUrl)]
pub async fn find(#[server(default)] q: String, #[server(default)] few: bool) -> Result<Found, ConsoleError> {
    use directory::search::{MOST, Reach};

    use super::places::{SUGGESTED, found};

    let reach = Reach::of(&crate::ssr::caller())?;
    let limit = if few { SUGGESTED } else { MOST };
    Ok(found(crate::ssr::directory()?.search(&reach, &q, limit).await?, &q, limit))
}
