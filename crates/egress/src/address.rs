//! Which addresses are not the public internet.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Why an address is closed unless the allow-list opens it. Displays as "a … address".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Range {
    /// `0.0.0.0/8` and `::`: this machine, by another name.
    Unspecified,
    Loopback,
    /// RFC 1918, and unique local IPv6 (RFC 4193).
    Private,
    /// RFC 3927 and `fe80::/10`; where clouds keep their metadata services.
    LinkLocal,
    /// Shared between a carrier and its customers (RFC 6598).
    CarrierNat,
    Multicast,
    Broadcast,
    Documentation,
    /// Carries an IPv4 address in a way that is no longer used: compatible, 6to4, Teredo, local NAT64.
    Transition,
    /// Set aside by IANA for something that is not a public server.
    Reserved,
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "an unspecified address",
            Self::Loopback => "a loopback address",
            Self::Private => "a private address",
            Self::LinkLocal => "a link-local address",
            Self::CarrierNat => "a carrier-grade NAT address",
            Self::Multicast => "a multicast address",
            Self::Broadcast => "a broadcast address",
            Self::Documentation => "a documentation address",
            Self::Transition => "a transition address",
            Self::Reserved => "a reserved address",
        })
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// IANA IPv4 Special-Purpose Address Registry (RFC 6890), and multicast. The first that holds the address names it.
const RANGES_V4: [(Ipv4Net, Range); 16] = [
    (v4(0, 0, 0, 0, 8), Range::Unspecified),
    (v4(10, 0, 0, 0, 8), Range::Private),
    (v4(100, 64, 0, 0, 10), Range::CarrierNat),
    (v4(127, 0, 0, 0, 8), Range::Loopback),
    (v4(169, 254, 0, 0, 16), Range::LinkLocal),
    (v4(172, 16, 0, 0, 12), Range::Private),
    (v4(192, 0, 0, 0, 24), Range::Reserved),
    (v4(192, 0, 2, 0, 24), Range::Documentation),
    (v4(192, 88, 99, 0, 24), Range::Transition),
    (v4(192, 168, 0, 0, 16), Range::Private),
    (v4(198, 18, 0, 0, 15), Range::Reserved),
    (v4(198, 51, 100, 0, 24), Range::Documentation),
    (v4(203, 0, 113, 0, 24), Range::Documentation),
    (v4(224, 0, 0, 0, 4), Range::Multicast),
    (v4(255, 255, 255, 255, 32), Range::Broadcast),
    (v4(240, 0, 0, 0, 4), Range::Reserved),
];

/// IANA IPv6 Special-Purpose Address Registry. What no row holds is closed too unless it is global unicast.
const RANGES_V6: [(Ipv6Net, Range); 14] = [
    (Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 128), Range::Unspecified),
    (Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128), Range::Loopback),
    (v6(0, 0, 0, 96), Range::Transition),
    (v6(0x64, 0xff9b, 1, 48), Range::Transition),
    (v6(0x100, 0, 0, 64), Range::Reserved),
    (v6(0x2001, 0, 0, 32), Range::Transition),
    (v6(0x2001, 0, 0, 23), Range::Reserved),
    (v6(0x2001, 0xdb8, 0, 32), Range::Documentation),
    (v6(0x2002, 0, 0, 16), Range::Transition),
    (v6(0x3fff, 0, 0, 20), Range::Documentation),
    (v6(0xfc00, 0, 0, 7), Range::Private),
    (v6(0xfe80, 0, 0, 10), Range::LinkLocal),
    (v6(0xfec0, 0, 0, 10), Range::Private),
    (v6(0xff00, 0, 0, 8), Range::Multicast),
];

const GLOBAL_UNICAST: Ipv6Net = v6(0x2000, 0, 0, 3);
const LINK_LOCAL_V4: IpNet = IpNet::V4(v4(169, 254, 0, 0, 16));
const LINK_LOCAL_V6: IpNet = IpNet::V6(v6(0xfe80, 0, 0, 10));
/// DNS64 makes these for IPv4 servers (RFC 6052), so they count as the address inside.
const NAT64: Ipv6Net = v6(0x64, 0xff9b, 0, 96);

/// The range that closes this address; none for the public internet.
pub(crate) fn range(address: IpAddr) -> Option<Range> {
    match effective(address) {
        IpAddr::V4(address) => RANGES_V4.iter().find(|(net, _)| net.contains(&address)).map(|(_, range)| *range),
        IpAddr::V6(address) => match RANGES_V6.iter().find(|(net, _)| net.contains(&address)) {
            Some((_, range)) => Some(*range),
            None if GLOBAL_UNICAST.contains(&address) => None,
            None => Some(Range::Reserved),
        },
    }
}

/// Does the allow-list open an address of this range?
pub(crate) fn opened(address: IpAddr, range: Range, allow: &[IpNet]) -> bool {
    let (outer, inner) = (address, effective(address));
    allow
        .iter()
        .filter(|net| range != Range::LinkLocal || LINK_LOCAL_V4.contains(*net) || LINK_LOCAL_V6.contains(*net))
        .any(|net| net.contains(&outer) || net.contains(&inner))
}

/// The IPv4 address that a connection to this one ends at, where IPv6 only wraps it.
pub(crate) fn effective(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if NAT64.contains(&v6) => {
            let [.., a, b, c, d] = v6.octets();
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        _ => address.to_canonical(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range_of(address: &str) -> Option<Range> {
        range(address.parse().unwrap())
    }

    fn nets(nets: &[&str]) -> Vec<IpNet> {
        nets.iter().map(|net| net.parse().unwrap()).collect()
    }

    #[test]
    fn each_closed_range_is_closed_to_its_edges() {
        for (edges, expected) in [
            (&["0.0.0.0", "0.255.255.255", "::"][..], Range::Unspecified),
            (&["127.0.0.0", "127.0.0.1", "127.255.255.255", "::1"], Range::Loopback),
            (&["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255"], Range::Private),
            (&["192.168.0.0", "192.168.255.255", "fc00::", "fdff:ffff::1", "fec0::1"], Range::Private),
            (&["169.254.0.0", "169.254.169.254", "169.254.255.255", "fe80::1", "febf::1"], Range::LinkLocal),
            (&["100.64.0.0", "100.127.255.255"], Range::CarrierNat),
            (&["224.0.0.0", "239.255.255.255", "ff00::", "ff02::1"], Range::Multicast),
            (&["255.255.255.255"], Range::Broadcast),
            (&["192.0.2.1", "198.51.100.255", "203.0.113.0", "2001:db8::1", "3fff::1"], Range::Documentation),
            (&["::8.8.8.8", "2002:808:808::1", "2001::1", "64:ff9b:1::1", "192.88.99.1"], Range::Transition),
            (&["192.0.0.8", "198.18.0.0", "198.19.255.255", "240.0.0.0", "255.255.255.254"], Range::Reserved),
            (&["100::1", "2001:2::1", "5f00::1", "4000::1"], Range::Reserved),
        ] {
            for address in edges {
                assert_eq!(range_of(address), Some(expected), "{address}");
            }
        }
    }

    #[test]
    fn the_public_internet_is_open_right_beside_them() {
        for address in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00::1",
            "2001:4860::8888",
        ] {
            assert_eq!(range_of(address), None, "{address}");
        }
    }

    #[test]
    fn an_ipv4_address_inside_an_ipv6_one_counts_as_itself() {
        assert_eq!(range_of("::ffff:127.0.0.1"), Some(Range::Loopback));
        assert_eq!(range_of("::ffff:169.254.169.254"), Some(Range::LinkLocal));
        assert_eq!(range_of("64:ff9b::10.0.0.1"), Some(Range::Private));
        assert_eq!(range_of("64:ff9b::a9fe:a9fe"), Some(Range::LinkLocal));
        assert_eq!(range_of("::ffff:8.8.8.8"), None);
        assert_eq!(range_of("64:ff9b::8.8.8.8"), None);
    }

    #[test]
    fn the_allow_list_opens_what_it_names_and_nothing_else() {
        let allow = nets(&["10.1.0.0/16", "fd00::/8"]);
        let opened = |address: &str| opened(address.parse().unwrap(), range_of(address).unwrap(), &allow);
        assert!(opened("10.1.2.3"));
        assert!(opened("::ffff:10.1.2.3"));
        assert!(opened("64:ff9b::10.1.2.3"));
        assert!(opened("fd00::1"));
        assert!(!opened("10.2.0.1"));
        assert!(!opened("127.0.0.1"));
        assert!(!opened("fc00::1"));
    }

    #[test]
    fn link_local_is_opened_only_by_a_network_within_it() {
        let opened = |address: &str, net: &str| opened(address.parse().unwrap(), Range::LinkLocal, &nets(&[net]));
        assert!(!opened("169.254.169.254", "0.0.0.0/0"));
        assert!(!opened("169.254.169.254", "169.0.0.0/8"));
        assert!(!opened("fe80::1", "::/0"));
        assert!(!opened("::ffff:169.254.169.254", "::/0"));
        assert!(opened("169.254.169.254", "169.254.0.0/16"));
        assert!(opened("169.254.169.254", "169.254.169.254/32"));
        assert!(opened("fe80::1", "fe80::/64"));
    }
}
