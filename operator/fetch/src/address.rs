//! Which addresses no registry may have.
//!
//! Private ranges are allowed: registries live inside clusters. What is refused is where a Pod author
//! could aim the gate at something that trusts its callers by their place on the network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// Instance metadata outside the link-local range: AWS over IPv6, Alibaba, Oracle, Azure's wire server.
const METADATA: [IpAddr; 4] = [
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
];

/// An address that was refused, as it travels through the client's error chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address {0} is not allowed for a registry")]
pub(crate) struct Refused(pub(crate) IpAddr);

/// The rule for hosts that the operator's configuration does not exempt.
#[derive(Debug, Clone)]
pub(crate) struct AddressRule {
    /// The API server's, and what else the operator names.
    forbidden: Arc<[IpAddr]>,
}

impl AddressRule {
    pub(crate) fn new(forbidden: &[IpAddr]) -> Self {
        Self { forbidden: forbidden.iter().map(IpAddr::to_canonical).collect() }
    }

    pub(crate) fn check(&self, address: IpAddr) -> Result<(), Refused> {
        let address = embedded(address.to_canonical());
        let refused = match address {
            IpAddr::V4(v4) => {
                v4.is_loopback()
                    || v4.is_link_local()
                    || v4.is_multicast()
                    || v4.is_broadcast()
                    // "This network": Linux takes 0.0.0.0 for the host itself.
                    || v4.octets().first() == Some(&0)
            }
            IpAddr::V6(v6) => {
                v6.is_loopback() || v6.is_unspecified() || v6.is_multicast() || v6.is_unicast_link_local()
            }
        };
        if refused || METADATA.contains(&address) || self.forbidden.contains(&address) {
            return Err(Refused(address));
        }
        Ok(())
    }
}

/// The IPv4 address inside a NAT64 one (RFC 6052, 64:ff9b::/96), which the network would dial for us.
fn embedded(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => match v6.segments() {
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
                IpAddr::V4(Ipv4Addr::new(a, b, c, d))
            }
            _ => address,
        },
        IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::AddressRule;

    #[test]
    fn places_that_trust_their_neighbours_are_refused_and_private_ranges_are_not() {
        let rule = AddressRule::new(&["10.96.0.1".parse().expect("a constant address")]);
        for (address, allowed) in [
            ("127.0.0.1", false),
            ("127.9.9.9", false),
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("169.254.169.254", false),
            ("169.254.1.1", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("100.100.100.200", false),
            ("192.0.0.192", false),
            ("168.63.129.16", false),
            ("10.96.0.1", false),
            ("::", false),
            ("::1", false),
            ("fe80::1", false),
            ("ff02::1", false),
            ("fd00:ec2::254", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:10.96.0.1", false),
            ("64:ff9b::a9fe:a9fe", false),
            ("10.0.0.7", true),
            ("172.16.1.1", true),
            ("192.168.1.1", true),
            ("fd12::1", true),
            ("203.0.113.5", true),
            ("64:ff9b::cb00:7105", true),
        ] {
            let parsed = address.parse().expect("a constant address");
            assert_eq!(rule.check(parsed).is_ok(), allowed, "{address}");
        }
    }
}
