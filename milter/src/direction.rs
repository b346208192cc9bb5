//! Which way a mail goes: inbound, outbound or internal.
//!
//! Way in: [`direction`], pure. A mail is *ours* when its client logged in, or when its client is in
//! an own network and the sender is own or somebody outside receives it. Ours to own recipients
//! alone is internal, ours to anybody else is outbound, everything else is inbound.
//!
//! Being in an own network is not enough: a second MX, fetchmail on loopback or a forwarding host
//! hand us strangers' mail from there, and that must be judged. What goes out from there leaves the
//! organisation, whatever stands in MAIL FROM: a forward, or somebody who writes another sender so
//! that no rule looks. Without `own_domains` nobody is an
//! own sender, and only logging in makes a mail ours. Local submission (sendmail, pickup) needs no
//! rule of its own: Postfix shows it to milters as a client on 127.0.0.1, which the shipped
//! `own_networks` hold.

use sekisho_config::{Filter, is_or_under};
use sekisho_heuristics::facts::{Client, Direction};
use sekisho_heuristics::message::Envelope;
use sekisho_heuristics::message::address::Mailbox;
use sekisho_heuristics::message::domain::to_ascii;

/// Which way a mail goes. `from` holds the mailboxes of its From fields.
pub fn direction(
    client: &Client,
    envelope: &Envelope,
    from: &[Mailbox],
    filter: &Filter,
) -> Direction {
    let recipients = &envelope.recipients;
    let leaves =
        || !filter.own_domains.is_empty() && recipients.iter().any(|r| !is_own_address(r, filter));
    let ours = client.authenticated_user.is_some()
        || client.own_network && (has_own_sender(envelope, from, filter) || leaves());
    if !ours {
        return Direction::Inbound;
    }
    if !recipients.is_empty() && recipients.iter().all(|r| is_own_address(r, filter)) {
        Direction::Internal
    } else {
        Direction::Outbound
    }
}

/// MAIL FROM is own. The null sender (a report, a vacation reply) is nobody's, so there From
/// decides; with a stranger's MAIL FROM it does not, since a second MX in an own network hands on
/// mail that only writes our name into From.
fn has_own_sender(envelope: &Envelope, from: &[Mailbox], filter: &Filter) -> bool {
    let mail_from = envelope.mail_from.as_deref().filter(|address| !address.is_empty());
    match mail_from {
        Some(address) => is_own_address(address, filter),
        None => from.iter().any(|mailbox| is_own_host(&mailbox.host, filter)),
    }
}

/// An address without a domain (`root`) is one of this host's, hence own where anything is.
fn is_own_address(address: &str, filter: &Filter) -> bool {
    match address.rsplit_once('@') {
        Some((_, domain)) => to_ascii(domain).is_some_and(|host| is_own_host(&host, filter)),
        None => !filter.own_domains.is_empty(),
    }
}

fn is_own_host(host: &str, filter: &Filter) -> bool {
    filter.own_domains.iter().any(|own| is_or_under(host, own))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{Inbound, Internal, Outbound};
    use sekisho_config::Settings;

    const LOGIN: (bool, bool) = (false, true);
    const OWN_NETWORK: (bool, bool) = (true, false);
    const OUTSIDE: (bool, bool) = (false, false);

    fn of(
        (own_network, login): (bool, bool),
        mail_from: Option<&str>,
        from_host: &str,
        recipients: &[&str],
        own_domains: &[&str],
    ) -> Direction {
        let client = Client {
            own_network,
            authenticated_user: login.then(|| "taro".to_owned()),
            ..Client::default()
        };
        let envelope = Envelope {
            mail_from: mail_from.map(str::to_owned),
            recipients: recipients.iter().map(|&r| r.to_owned()).collect(),
        };
        let from = [Mailbox { name: String::new(), local: "a".into(), host: from_host.into() }];
        let mut filter = Settings::default().filter;
        filter.own_domains = own_domains.iter().map(|&d| d.to_owned()).collect();
        direction(&client, &envelope, &from, &filter)
    }

    #[test]
    fn client_sender_and_recipients_decide() {
        let own = "a@own.example";
        let out = "b@example.com";
        let cases = [
            // Logged in: ours, whatever the sender.
            (LOGIN, Some(own), "own.example", vec![out], Outbound),
            (LOGIN, Some(out), "example.com", vec![out], Outbound),
            (LOGIN, Some(own), "own.example", vec![own, "c@sub.own.example"], Internal),
            (LOGIN, Some(own), "own.example", vec![own, out], Outbound),
            // From an own network: ours where the sender is.
            (OWN_NETWORK, Some(own), "own.example", vec![out], Outbound),
            (OWN_NETWORK, Some("A@Sub.OWN.example"), "example.com", vec![out], Outbound),
            (OWN_NETWORK, Some(own), "own.example", vec![own], Internal),
            // Handed on by a second MX: our name in From is anybody's to write.
            (OWN_NETWORK, Some(out), "own.example", vec![own], Inbound),
            // Relayed or fetched from there: a stranger's.
            (OWN_NETWORK, Some(out), "example.com", vec![own], Inbound),
            (OWN_NETWORK, Some("a@notown.example"), "own.example.com", vec![own], Inbound),
            // It leaves, whatever it says of its sender.
            (OWN_NETWORK, Some(out), "own.example", vec![out], Outbound),
            (OWN_NETWORK, Some(out), "example.com", vec![own, out], Outbound),
            (OWN_NETWORK, Some(""), "example.com", vec![out], Outbound),
            // The null sender: From decides.
            (OWN_NETWORK, Some(""), "own.example", vec![out], Outbound),
            (OWN_NETWORK, Some(""), "example.com", vec![own], Inbound),
            (OWN_NETWORK, None, "own.example", vec![own], Internal),
            // Addresses of the host itself.
            (OWN_NETWORK, Some("root"), "", vec!["postmaster"], Internal),
            // Nobody told who receives it.
            (LOGIN, Some(own), "own.example", vec![], Outbound),
            // From outside: inbound, whoever it says it is.
            (OUTSIDE, Some(own), "own.example", vec![own], Inbound),
            (OUTSIDE, Some(own), "own.example", vec![out], Inbound),
            (OUTSIDE, Some("root"), "", vec!["root"], Inbound),
        ];
        for (client, mail_from, from_host, recipients, expected) in cases {
            let found = of(client, mail_from, from_host, &recipients, &["own.example"]);
            let case = format!("{client:?} {mail_from:?} {from_host} {recipients:?}");
            assert_eq!(found, expected, "{case}");
        }
    }

    #[test]
    fn without_own_domains_only_a_login_makes_a_mail_ours() {
        let to = ["a@own.example"];
        assert_eq!(of(OWN_NETWORK, Some("a@own.example"), "own.example", &to, &[]), Inbound);
        assert_eq!(of(OWN_NETWORK, Some("root"), "", &["root"], &[]), Inbound);
        assert_eq!(of(OWN_NETWORK, Some("a@own.example"), "", &["b@example.com"], &[]), Inbound);
        assert_eq!(of(LOGIN, Some("a@own.example"), "own.example", &to, &[]), Outbound);
    }
}
