//! From a name to the addresses that may be called: reqwest connects to what this returns and to nothing else, so
//! there is no second look-up in between that could answer differently.

use std::{io, net::IpAddr, net::SocketAddr, sync::Arc};

use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{AddressProblem, guard::Guard};

/// Addresses of one name that are tried in turn, at most: each gets its share of the time for connecting.
const MAX_ADDRESSES: usize = 8;

/// Where addresses come from; a seam for tests, which need no DNS.
pub trait Lookup: Send + Sync + 'static {
    fn lookup(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The operating system's resolver.
#[derive(Clone, Copy, Debug)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|socket| socket.ip()).collect())
        })
    }
}

/// Why a name leads nowhere. Found again in reqwest's chain of causes, see [`crate::Trouble`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unresolved {
    #[error("{0}")]
    NotFound(#[source] io::Error),
    #[error("the name has no address")]
    Empty,
    #[error(transparent)]
    Closed(AddressProblem),
}

pub(crate) struct GuardedResolver {
    guard: Guard,
    /// Set for a client that is used for this port only.
    port: Option<u16>,
    lookup: Arc<dyn Lookup>,
}

impl GuardedResolver {
    pub(crate) fn new(guard: Guard, port: Option<u16>, lookup: Arc<dyn Lookup>) -> Self {
        Self { guard, port, lookup }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, port, host) = (self.guard.clone(), self.port, name.as_str().to_owned());
        let lookup = self.lookup.lookup(&host);
        Box::pin(async move {
            let found = lookup.await.map_err(Unresolved::NotFound)?;
            let open = if guard.proxied() { found } else { open_only(&guard, port, &host, found)? };
            // Port 0 means the URL's.
            let sockets = open.into_iter().take(MAX_ADDRESSES).map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(sockets) as Addrs)
        })
    }
}

/// The addresses that may be called; an error that names a closed one when none is left.
fn open_only(guard: &Guard, port: Option<u16>, host: &str, found: Vec<IpAddr>) -> Result<Vec<IpAddr>, Unresolved> {
    let mut closed = None;
    let mut open = found;
    open.retain(|address| match guard.closed(*address, port) {
        Some(range) => {
            closed.get_or_insert((*address, range));
            false
        }
        None => true,
    });
    match closed {
        Some((address, range)) if open.is_empty() => {
            Err(Unresolved::Closed(AddressProblem::Name { host: host.to_owned(), address, range }))
        }
        None if open.is_empty() => Err(Unresolved::Empty),
        _ => Ok(open),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Policy, Range};

    fn open(allow: &[&str], found: &[&str]) -> Result<Vec<String>, Unresolved> {
        let policy = Policy {
            allow: allow.iter().map(|net| net.parse().unwrap()).collect(),
            allow_ports: vec!["127.0.0.1:7001".parse().unwrap()],
            ..Policy::default()
        };
        let found = found.iter().map(|address| address.parse().unwrap()).collect();
        open_only(&Guard::of(&policy), Some(7001), "acme.example", found)
            .map(|open| open.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn of_a_mixture_only_the_open_addresses_are_left_in_their_order() {
        let found = ["10.0.0.1", "1.1.1.1", "::1", "2606:4700::1111", "127.0.0.1", "127.0.0.2"];
        assert_eq!(open(&[], &found).unwrap(), ["1.1.1.1", "2606:4700::1111", "127.0.0.1"]);
        assert_eq!(open(&["10.0.0.0/8"], &found[..2]).unwrap(), ["10.0.0.1", "1.1.1.1"]);
    }

    #[test]
    fn a_name_with_closed_addresses_alone_says_which() {
        let Err(Unresolved::Closed(AddressProblem::Name { host, address, range })) = open(&[], &["10.0.0.1", "::1"])
        else {
            panic!("both are closed")
        };
        assert_eq!((host.as_str(), address.to_string().as_str(), range), ("acme.example", "10.0.0.1", Range::Private));
        assert!(matches!(open(&[], &[]), Err(Unresolved::Empty)));
    }
}
