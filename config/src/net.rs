//! Domains, networks, sockets and address patterns as administrators write them.
//!
//! Way in: [`domain`] and the `FromStr` of [`Network`], [`Listen`] and [`AddressPattern`]; the
//! command line reads its options by the same functions. Errors are sentences that say what is
//! allowed, without the name of the key: whoever knows the key adds it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use crate::{AddressPattern, Listen, Network};

/// A domain in the form it is compared in: lower case, ASCII (RFC 5891), no dot at the end.
///
/// Takes Unicode names. A single label is refused: as an own domain, `jp` would be all of Japan.
pub fn domain(written: &str) -> Result<String, String> {
    let bare = written.trim_start_matches(['*', '@', '.']);
    let ascii = to_ascii(bare).ok_or_else(|| {
        format!("{written:?} is not a domain; allowed are names such as \"example.jp\"")
    })?;
    if bare != written {
        return Err(format!("write \"{bare}\" alone"));
    }
    if !ascii.contains('.') {
        return Err(format!(
            "{written:?} is a single label; write a domain such as \"example.jp\""
        ));
    }
    if ascii.parse::<IpAddr>().is_ok() {
        return Err(format!("{written:?} is an address, not a domain"));
    }
    Ok(ascii)
}

/// A host with an optional path, as `open_redirect_hosts` holds them: `example.com/url`.
pub(crate) fn host_and_path(written: &str) -> Result<String, String> {
    if written.contains("://") {
        return Err(format!(
            "{written:?} is a URL; write host and path alone, \"example.com/url\""
        ));
    }
    let (host, path) = match written.find('/') {
        Some(slash) => written.split_at(slash),
        None => (written, ""),
    };
    if !path.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '?' | '#')) {
        return Err(format!("the path {path:?} must be ASCII, without blanks, \"?\" and \"#\""));
    }
    Ok(domain(host)? + path.trim_end_matches('/'))
}

/// A name server, `address` or `address:port`, as it is kept.
pub(crate) fn name_server(written: &str) -> Result<String, String> {
    let plain = written.parse::<IpAddr>().is_ok();
    if plain || written.parse::<SocketAddr>().is_ok_and(|server| server.port() != 0) {
        return Ok(written.to_owned());
    }
    Err(format!(
        "{written:?} is not a name server; allowed are an IP address, or one with a port: \
         \"192.0.2.53\", \"192.0.2.53:5353\", \"[2001:db8::53]:5353\""
    ))
}

impl FromStr for Network {
    type Err = String;

    /// `192.0.2.0/24`, `2001:db8::/32`, a single address; brackets as in Postfix's `mynetworks`.
    fn from_str(written: &str) -> Result<Network, String> {
        let wrong = || {
            format!(
                "{written:?} is not a network; allowed are \"192.0.2.0/24\", \"2001:db8::/32\" \
                 and single addresses"
            )
        };
        let (address, prefix) = match written.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (written, None),
        };
        let address =
            address.strip_prefix('[').and_then(|a| a.strip_suffix(']')).unwrap_or(address);
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            // A sign is no digit: "+8" would be read by `parse`.
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse::<u8>().ok().filter(|p| *p <= bits).ok_or_else(|| {
                    format!("{written:?}: the prefix must be between 0 and {bits}")
                })?
            }
            Some(_) => return Err(wrong()),
            None => bits,
        };
        if address.to_canonical() != address && prefix >= 96 {
            let mapped = Network { address: address.to_canonical(), prefix: prefix - 96 };
            return Err(format!("write the IPv4 network itself, \"{mapped}\""));
        }
        let network = Network { address: masked(address, prefix), prefix };
        if network.address != address {
            return Err(format!(
                "{written:?} has bits set behind its prefix; did you mean \"{network}\"?"
            ));
        }
        Ok(network)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl FromStr for Listen {
    type Err = String;

    /// `unix:PATH` or `inet:HOST:PORT`.
    fn from_str(written: &str) -> Result<Listen, String> {
        let wrong = |hint: &str| {
            format!(
                "{written:?} is not a socket; {hint}allowed are \"unix:/PATH\" and \
                 \"inet:HOST:PORT\", an IPv6 address in brackets"
            )
        };
        if let Some(path) = written.strip_prefix("unix:").or(written.strip_prefix("local:")) {
            if !path.starts_with('/') {
                return Err(wrong("the path must begin with \"/\"; "));
            }
            if path.len() > LONGEST_SOCKET_PATH || path.contains('\0') {
                return Err(format!("the path must be at most {LONGEST_SOCKET_PATH} bytes long"));
            }
            return Ok(Listen::Unix(PathBuf::from(path)));
        }
        let Some(inet) = written.strip_prefix("inet:") else { return Err(wrong("")) };
        if let Some((port, host)) = inet.split_once('@') {
            return Err(wrong(&format!("did you mean \"inet:{host}:{port}\"? ")));
        }
        let Some((host, port)) = inet.rsplit_once(':') else { return Err(wrong("")) };
        let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        let Some(port) = port.parse().ok().filter(|_| digits) else {
            return Err(wrong("the port must be a number up to 65535; "));
        };
        let host = match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
            Some(v6) if v6.parse::<std::net::Ipv6Addr>().is_ok() => v6.to_owned(),
            Some(_) => return Err(wrong("")),
            None if host.contains(':') => {
                return Err(wrong(&format!("did you mean \"inet:[{host}]:{port}\"? ")));
            }
            None => to_ascii(host).ok_or_else(|| wrong(""))?,
        };
        Ok(Listen::Inet { host, port })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Listen::Unix(path) => write!(f, "unix:{}", path.display()),
            Listen::Inet { host, port } if host.contains(':') => write!(f, "inet:[{host}]:{port}"),
            Listen::Inet { host, port } => write!(f, "inet:{host}:{port}"),
        }
    }
}

impl FromStr for AddressPattern {
    type Err = String;

    /// `user@example.jp` or `@example.jp`, the latter with its subdomains.
    fn from_str(written: &str) -> Result<AddressPattern, String> {
        let Some((local, host)) = written.rsplit_once('@') else {
            let hint = match domain(written) {
                Ok(_) => format!("; did you mean \"@{written}\"?"),
                Err(_) => String::new(),
            };
            return Err(format!("{written:?} has no \"@\"{hint}; {PATTERNS_ALLOWED}"));
        };
        if local == "*" {
            return Err(format!("write \"@{host}\" for everybody there"));
        }
        let host = domain(host)?;
        if local.is_empty() {
            return Ok(AddressPattern::Domain(host));
        }
        if local.chars().any(|c| c.is_whitespace() || c.is_control() || "@<>\"".contains(c)) {
            return Err(format!("{written:?} is not a mail address; {PATTERNS_ALLOWED}"));
        }
        Ok(AddressPattern::Address(format!("{}@{host}", local.to_lowercase())))
    }
}

fn to_ascii(host: &str) -> Option<String> {
    let host = host.strip_suffix('.').unwrap_or(host).as_bytes();
    Uts46::new()
        .to_ascii(host, AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .ok()
        .map(|ascii| ascii.into_owned())
}

fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V4((u32::from(v4) & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V6((u128::from(v6) & mask).into())
        }
    }
}

/// `sun_path` of Linux holds 108 bytes, the closing zero included.
const LONGEST_SOCKET_PATH: usize = 107;

const PATTERNS_ALLOWED: &str =
    "allowed are \"user@example.jp\" and \"@example.jp\" (a domain with its subdomains)";

#[cfg(test)]
mod tests {
    use super::*;

    fn check_domain(written: &str, expected: Result<&str, &str>) {
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(domain(written), expected, "{written:?}");
    }

    #[test]
    fn domains() {
        check_domain("Example.JP", Ok("example.jp"));
        check_domain("example.jp.", Ok("example.jp"));
        check_domain("日本語。jp", Ok("xn--wgv71a119e.jp"));
        check_domain("ｅｘａｍｐｌｅ．ｊｐ", Ok("example.jp"));
        check_domain("*.example.jp", Err("write \"example.jp\" alone"));
        check_domain("@example.jp", Err("write \"example.jp\" alone"));
        check_domain("jp", Err("\"jp\" is a single label; write a domain such as \"example.jp\""));
        check_domain("192.0.2.1", Err("\"192.0.2.1\" is an address, not a domain"));
        for wrong in
            ["", ".", "*", "a b.jp", "-a.jp", "a..jp", "user@example.jp", "xn--\u{fffd}.jp"]
        {
            assert!(domain(wrong).is_err_and(|m| m.contains("is not a domain")), "{wrong:?}");
        }
    }

    fn check_network(written: &str, expected: Result<&str, &str>) {
        let read = written.parse::<Network>().map(|n| n.to_string());
        assert_eq!(read, expected.map(str::to_owned).map_err(str::to_owned), "{written:?}");
    }

    #[test]
    fn networks() {
        check_network("192.0.2.0/24", Ok("192.0.2.0/24"));
        check_network("192.0.2.7", Ok("192.0.2.7/32"));
        check_network("0.0.0.0/0", Ok("0.0.0.0/0"));
        check_network("::/0", Ok("::/0"));
        check_network("::1", Ok("::1/128"));
        check_network("[2001:db8::]/32", Ok("2001:db8::/32"));
        check_network(
            "192.0.2.9/24",
            Err("\"192.0.2.9/24\" has bits set behind its prefix; did you mean \"192.0.2.0/24\"?"),
        );
        check_network(
            "2001:db8::1/64",
            Err(
                "\"2001:db8::1/64\" has bits set behind its prefix; did you mean \"2001:db8::/64\"?",
            ),
        );
        check_network(
            "::ffff:192.0.2.0/120",
            Err("write the IPv4 network itself, \"192.0.2.0/24\""),
        );
        check_network("10.0.0.0/33", Err("\"10.0.0.0/33\": the prefix must be between 0 and 32"));
        for wrong in ["", "/", "10.0.0.0/+8", "10.0/8", "10.0.0.0/", "example.jp", "[::1"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn sockets() {
        for written in [
            "unix:/run/sekisho/milter.sock",
            "inet:127.0.0.1:8899",
            "inet:[::1]:0",
            "inet:localhost:1",
        ] {
            assert_eq!(written.parse::<Listen>().map(|l| l.to_string()).as_deref(), Ok(written));
        }
        for (written, hint) in [
            ("unix:run/x", "the path must begin with \"/\""),
            ("inet:8899@localhost", "did you mean \"inet:localhost:8899\"?"),
            ("inet:::1:8899", "did you mean \"inet:[::1]:8899\"?"),
            ("inet:localhost:99999", "the port must be a number up to 65535"),
            ("inet:localhost:+1", "the port must be a number up to 65535"),
            ("inet:localhost", "allowed are"),
            ("inet::8899", "allowed are"),
            ("localhost:8899", "allowed are"),
        ] {
            let message = written.parse::<Listen>().expect_err(written);
            assert!(message.contains(hint), "{written:?}: {message}");
        }
        assert!(format!("unix:/{}", "x".repeat(107)).parse::<Listen>().is_err());
    }

    #[test]
    fn address_patterns() {
        let address = |a: &str| Ok(AddressPattern::Address(a.into()));
        assert_eq!("Taro@Example.JP".parse(), address("taro@example.jp"));
        assert_eq!("太郎@日本語.jp".parse(), address("太郎@xn--wgv71a119e.jp"));
        assert_eq!("@Example.jp".parse(), Ok(AddressPattern::Domain("example.jp".into())));
        for (written, hint) in [
            ("example.jp", "did you mean \"@example.jp\"?"),
            ("*@example.jp", "write \"@example.jp\""),
            ("a b@example.jp", "is not a mail address"),
            ("taro@", "is not a domain"),
            ("taro", "has no \"@\"; allowed"),
        ] {
            let message = written.parse::<AddressPattern>().expect_err(written);
            assert!(message.contains(hint), "{written:?}: {message}");
        }
    }

    #[test]
    fn name_servers() {
        for written in ["192.0.2.53", "2001:db8::53", "192.0.2.53:5353", "[2001:db8::53]:53"] {
            assert_eq!(name_server(written).as_deref(), Ok(written));
        }
        for wrong in ["dns.example.jp", "192.0.2.53:0", "192.0.2.53:x", ""] {
            assert!(name_server(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn hosts_with_a_path() {
        assert_eq!(host_and_path("Example.com/Url/").as_deref(), Ok("example.com/Url"));
        assert_eq!(host_and_path("example.com").as_deref(), Ok("example.com"));
        for wrong in ["https://example.com/", "example.com/a?b", "example.com/あ", "/url"] {
            assert!(host_and_path(wrong).is_err(), "{wrong:?}");
        }
    }
}
