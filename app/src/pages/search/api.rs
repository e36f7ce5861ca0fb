//! The server function of the search.

use leptos::prelude::*;

use super::view::Found;
use crate::{error::ConsoleError, read::Read};

/// `few`: what fits below the box, while somebody types.
#[server(prefix = "/console/-", endpoint = "search/find", protocol = Read)]
pub async fn find(#[server(default)] q: String, #[server(default)] few: bool) -> Result<Found, ConsoleError> {
    use directory::search::{MOST, Reach};

    use super::places::{SUGGESTED, found};

    let reach = Reach::of(&crate::ssr::caller())?;
    let limit = if few { SUGGESTED } else { MOST };
    Ok(found(crate::ssr::directory()?.search(&reach, &q, limit).await?, &q, limit))
}
