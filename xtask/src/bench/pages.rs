//! How long the server takes for a page, with many people in the directory.

use anyhow::{Result, ensure};
use std::time::{Duration, Instant};

use super::{http::Client, server::Server};

/// Requests for each page; some more come before, unmeasured.
const REQUESTS: usize = 200;
const WARM_UP: usize = 20;
const AIM: Duration = Duration::from_millis(5);

const PAGES: &[(&str, &str)] = &[
    ("Home", "/console"),
    ("Users", USERS),
    ("Users, searched", "/console/users?search=turing"),
    ("Activity", "/console/activity"),
    ("Connections", "/console/connections"),
    ("Provisioners", "/console/outbound-provisioning-settings"),
    ("API tokens", "/console/settings"),
    ("Sessions", "/console/settings/sessions"),
];
pub(super) const USERS: &str = "/console/users";

pub(super) fn measure(server: &Server, cookie: &str) -> Result<()> {
    for (name, path) in PAGES {
        print(name, &times(server, cookie, path)?);
    }
    let first = Client::connect(server.port)?.get(USERS, &[("Cookie", cookie)])?.text();
    match next_page(&first) {
        Some(path) => print("Users, page 2", &times(server, cookie, &path)?),
        None => println!("the list of users has no second page"),
    }
    Ok(())
}

/// The times of the requests, sorted.
fn times(server: &Server, cookie: &str, path: &str) -> Result<Vec<Duration>> {
    let mut client = Client::connect(server.port)?;
    let mut times = Vec::with_capacity(REQUESTS);
    for number in 0..WARM_UP + REQUESTS {
        let began = Instant::now();
        let answer = client.get(path, &[("Cookie", cookie)])?;
        let took = began.elapsed();
        ensure!(answer.status == 200, "{path} was answered with {}", answer.status);
        if number >= WARM_UP {
            times.push(took);
        }
    }
    times.sort();
    Ok(times)
}

/// Where the list of this page goes on.
pub(super) fn next_page(page: &str) -> Option<String> {
    let (before, _) = page.split_once("Next page")?;
    let (_, link) = before.rsplit_once("href=\"")?;
    link.split('"').next().map(|link| link.replace("&amp;", "&"))
}

fn print(name: &str, times: &[Duration]) {
    let at = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1000.0;
    println!("page {name:<18}{:>15.2} ms   95 % within {:.2} ms; aim {} ms", at(50), at(95), AIM.as_millis());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_other_links() {
        let page =
            r#"<a href="/x?after=0">Columns</a><a class="a" href="/x?a=1&amp;after=2"><!>Next page</a><a href="/y">"#;
        assert_eq!(next_page(page).as_deref(), Some("/x?a=1&after=2"));
        assert_eq!(next_page(r#"<a href="/x?after=0">First page</a>"#), None);
    }
}
