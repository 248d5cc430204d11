//! Name → addresses, checked here and dialled as checked: there is no second look-up for a name to
//! change its mind in.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::{AddressRule, Refused};

pub(crate) struct CheckedResolver {
    pub(crate) rule: AddressRule,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rule = self.rule.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(allowed(&rule, found)?)
        })
    }
}

/// A name with one forbidden address is refused whole: a registry has no business there, and which
/// address is dialled first is not ours to choose.
fn allowed(rule: &AddressRule, found: Vec<SocketAddr>) -> Result<Addrs, Refused> {
    for address in &found {
        rule.check(address.ip())?;
    }
    Ok(Box::new(found.into_iter()))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::allowed;
    use crate::address::{AddressRule, Refused};

    #[test]
    fn a_name_with_one_forbidden_address_is_refused_whole() {
        let rule = AddressRule::new(&[]);
        let good: SocketAddr = "203.0.113.5:0".parse().expect("a constant address");
        let bad: SocketAddr = "169.254.169.254:0".parse().expect("a constant address");
        assert_eq!(allowed(&rule, vec![good]).map(Iterator::collect), Ok(vec![good]));
        assert_eq!(allowed(&rule, vec![good, bad]).map(Iterator::count), Err(Refused(bad.ip())));
    }
}
