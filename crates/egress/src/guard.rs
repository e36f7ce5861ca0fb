//! What a URL says about itself, before any name is looked up.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use ipnet::IpNet;
use url::{Host, Url};

use crate::{Policy, Range, address};

/// Why an address is not called. The text is for whoever typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressProblem {
    #[error("This is not a URL. Give it in full, such as https://acme.example/scim/v2.")]
    NotAUrl,
    #[error("The URL must begin with https:// or http://.")]
    Scheme,
    #[error("The URL must not hold a user name or a password. Give them in the fields made for them.")]
    Userinfo,
    #[error("The URL must not have a fragment (the part from # on).")]
    Fragment,
    #[error("This is Usher's own address. Give the address of the other system.")]
    OwnOrigin,
    #[error("{address} is {range}. Such addresses are called only if USHER_TARGET_ALLOW names their network.")]
    Literal { address: IpAddr, range: Range },
    #[error(
        "{host} leads to {address}, {range}. Such addresses are called only if USHER_TARGET_ALLOW names their network."
    )]
    Name { host: String, address: IpAddr, range: Range },
}

/// The policy, as far as it is about addresses.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    rules: Arc<Rules>,
}

#[derive(Debug)]
struct Rules {
    allow: Vec<IpNet>,
    allow_ports: Vec<SocketAddr>,
    own: Vec<Origin>,
    proxied: bool,
}

/// Scheme, host and port, normalised for comparison.
#[derive(Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl Origin {
    fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default();
        Self {
            scheme: url.scheme().to_owned(),
            host: host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase(),
            port: url.port_or_known_default(),
        }
    }
}

impl Guard {
    pub(crate) fn of(policy: &Policy) -> Self {
        let rules = Rules {
            allow: policy.allow.clone(),
            allow_ports: policy.allow_ports.clone(),
            own: policy.own_origins.iter().map(Origin::of).collect(),
            proxied: policy.proxy.is_some(),
        };
        Self { rules: Arc::new(rules) }
    }

    pub(crate) fn parse(&self, text: &str) -> Result<Url, AddressProblem> {
        let url = Url::parse(text).map_err(|_| AddressProblem::NotAUrl)?;
        self.check(&url).map(|()| url)
    }

    pub(crate) fn check(&self, url: &Url) -> Result<(), AddressProblem> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(AddressProblem::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressProblem::Userinfo);
        }
        if url.fragment().is_some() {
            return Err(AddressProblem::Fragment);
        }
        if self.rules.own.contains(&Origin::of(url)) {
            return Err(AddressProblem::OwnOrigin);
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(AddressProblem::NotAUrl),
        };
        match self.closed(address, url.port_or_known_default()) {
            Some(range) => Err(AddressProblem::Literal { address, range }),
            None => Ok(()),
        }
    }

    /// The range that closes this address at this port, if any.
    pub(crate) fn closed(&self, address: IpAddr, port: Option<u16>) -> Option<Range> {
        let range = address::range(address)?;
        let by_port = |port| self.rules.allow_ports.contains(&SocketAddr::new(address::effective(address), port));
        let open = address::opened(address, range, &self.rules.allow) || port.is_some_and(by_port);
        (!open).then_some(range)
    }

    /// A proxy resolves the targets' names; whatever name comes to us is then its own, which the operator chose.
    pub(crate) fn proxied(&self) -> bool {
        self.rules.proxied
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allow: &[&str]) -> Guard {
        Guard::of(&Policy {
            allow: allow.iter().map(|net| net.parse().unwrap()).collect(),
            allow_ports: vec!["127.0.0.1:7001".parse().unwrap()],
            own_origins: vec![Url::parse("https://Usher.Example").unwrap()],
            ..Policy::default()
        })
    }

    fn problem(text: &str) -> AddressProblem {
        guard(&[]).parse(text).unwrap_err()
    }

    #[test]
    fn a_plain_url_is_accepted_as_typed() {
        for text in ["https://acme.example/scim/v2", "http://acme.example:8080/", "https://1.1.1.1/x?y=z"] {
            assert_eq!(guard(&[]).parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_no_url_or_no_web_address_is_refused() {
        for text in ["", "acme.example/scim", "/scim/v2", "https://", "http:///x:y:z", "https://acme example/"] {
            assert_eq!(problem(text), AddressProblem::NotAUrl, "{text}");
        }
        for text in ["ftp://acme.example", "file:///etc/passwd", "javascript:alert(1)", "gopher://x/"] {
            assert_eq!(problem(text), AddressProblem::Scheme, "{text}");
        }
        for text in ["https://ada@acme.example/", "https://ada:secret@acme.example/", "https://:secret@acme.example/"] {
            assert_eq!(problem(text), AddressProblem::Userinfo, "{text}");
        }
        assert_eq!(problem("https://acme.example/#top"), AddressProblem::Fragment);
    }

    #[test]
    fn a_literal_address_is_refused_in_every_spelling() {
        let loopback = [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://127.0.0.1./",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[64:ff9b::127.0.0.1]/",
            "http://%31%32%37.0.0.1/",
        ];
        for text in loopback {
            let AddressProblem::Literal { range, .. } = problem(text) else { panic!("{text} is a literal") };
            assert_eq!(range, Range::Loopback, "{text}");
        }
        assert_eq!(
            problem("http://10.0.0.7/scim").to_string(),
            "10.0.0.7 is a private address. Such addresses are called only if USHER_TARGET_ALLOW names their network."
        );
    }

    #[test]
    fn the_allow_list_opens_a_literal() {
        assert!(guard(&["10.0.0.0/8"]).parse("http://10.0.0.7/scim").is_ok());
        assert!(guard(&["10.0.0.0/8"]).parse("http://192.168.0.7/scim").is_err());
        assert!(guard(&["0.0.0.0/0"]).parse("http://169.254.169.254/latest").is_err());
    }

    #[test]
    fn a_single_port_can_be_opened() {
        let guard = guard(&[]);
        assert!(guard.parse("http://127.0.0.1:7001/scim").is_ok());
        assert!(guard.parse("http://[::ffff:127.0.0.1]:7001/scim").is_ok());
        assert!(guard.parse("http://127.0.0.1:7002/scim").is_err());
        assert!(guard.parse("http://127.0.0.2:7001/scim").is_err());
    }

    #[test]
    fn our_own_origin_is_refused_however_it_is_written() {
        for text in ["https://usher.example/scim2", "https://USHER.example:443/", "https://usher.example./scim2"] {
            assert_eq!(problem(text), AddressProblem::OwnOrigin, "{text}");
        }
        for text in ["http://usher.example/", "https://usher.example:8443/", "https://hr.usher.example/"] {
            assert!(guard(&[]).parse(text).is_ok(), "{text}");
        }
    }
}
