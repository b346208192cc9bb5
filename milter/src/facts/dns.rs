//! The resolver: where DNS is asked, how long, and how much is remembered.
//!
//! hickory's own cache holds whole answers, negative ones too, as long as their TTL allows, and is
//! bounded; mail-auth's second cache of parsed records is left off, so that there is one place
//! where an answer can be stale.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::config::{NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::system_conf::read_system_conf;
use mail_auth::MessageAuthenticator;

/// A name server in the settings that is neither `address` nor `address:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadNameServer {
    /// As written.
    pub written: String,
}

impl fmt::Display for BadNameServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "name server {:?} is no address; allowed are 192.0.2.1, 192.0.2.1:53, 2001:db8::1 and \
             [2001:db8::1]:53",
            self.written
        )
    }
}

impl std::error::Error for BadNameServer {}

/// What SPF, DKIM and DMARC are checked with. `None` where the system tells no name server: that is
/// logged, and every answer is unknown.
pub(super) fn authenticator(
    name_servers: &[String],
    deadline: Duration,
) -> Result<Option<MessageAuthenticator>, BadNameServer> {
    let mut servers = Vec::with_capacity(name_servers.len());
    for written in name_servers {
        servers.push(name_server(written)?);
    }
    let built = if servers.is_empty() {
        read_system_conf()
    } else {
        Ok((ResolverConfig::from_parts(None, Vec::new(), servers), ResolverOpts::default()))
    }
    .and_then(|(config, mut options)| {
        bound(&mut options, deadline);
        MessageAuthenticator::new(config, options)
    });
    Ok(built
        .inspect_err(
            |error| tracing::warn!(%error, "no resolver: SPF, DKIM and DMARC stay unknown"),
        )
        .ok())
}

fn name_server(written: &str) -> Result<NameServerConfig, BadNameServer> {
    let (ip, port) = match (written.parse::<SocketAddr>(), written.parse::<IpAddr>()) {
        (Ok(address), _) => (address.ip(), address.port()),
        (_, Ok(ip)) => (ip, DNS_PORT),
        _ => return Err(BadNameServer { written: written.to_owned() }),
    };
    let mut server = NameServerConfig::udp_and_tcp(ip);
    for connection in &mut server.connections {
        connection.port = port;
    }
    Ok(server)
}

fn bound(options: &mut ResolverOpts, deadline: Duration) {
    // Two tries fit into the deadline, with room for the lookups that depend on them.
    options.timeout = (deadline / 3).min(MOST_PER_TRY);
    options.attempts = 1;
    options.cache_size = CACHED_ANSWERS;
    options.positive_max_ttl = Some(LONGEST_TTL);
    options.negative_max_ttl = Some(LONGEST_TTL);
}

const DNS_PORT: u16 = 53;

/// A name server that has not answered by then is asked again.
const MOST_PER_TRY: Duration = Duration::from_secs(2);

/// Answers remembered: about 1 kB each.
const CACHED_ANSWERS: u64 = 8192;

/// An answer is asked for anew after this long, whatever its TTL says.
const LONGEST_TTL: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_are_addresses_with_or_without_port() {
        let read = |written: &str| {
            let server = name_server(written).ok()?;
            Some((server.ip.to_string(), server.connections[0].port, server.connections[1].port))
        };
        assert_eq!(read("192.0.2.1"), Some(("192.0.2.1".into(), 53, 53)));
        assert_eq!(read("192.0.2.1:5353"), Some(("192.0.2.1".into(), 5353, 5353)));
        assert_eq!(read("2001:db8::1"), Some(("2001:db8::1".into(), 53, 53)));
        assert_eq!(read("[2001:db8::1]:5353"), Some(("2001:db8::1".into(), 5353, 5353)));
        assert_eq!(read("dns.example.com"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn a_bad_name_server_is_told() {
        let error = authenticator(&["ns.example".into()], Duration::from_secs(1)).err().unwrap();
        assert!(error.to_string().starts_with("name server \"ns.example\" is no address"));
    }
}
