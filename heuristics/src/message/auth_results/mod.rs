//! Authentication-Results (RFC 8601): what a mail server near us found out by SPF, DKIM and DMARC.
//!
//! Way in: [`read`] for the fields of one message, [`parse`] for one field. Only fields with a
//! trusted authserv-id count, and of those only the ones in a place where our own servers write
//! (see [`Arrival`]); per method the topmost one wins, because servers nearer to us write further
//! up. The same id in another place is a forgery, which [`Reading::forged`] lists for deletion.
//!
//! What no rule of places can tell: whoever writes no Received field of his own may put a forged
//! field at the very top. RFC 8601, section 5, therefore obliges the server that owns the id to
//! remove it from mail that comes in; trusting an id says that its server does so. Not every one
//! does unasked (opendkim removes only fields with a DKIM result). Where in doubt, Postfix's
//! `header_checks` remove them before any filter sees the mail, and let pass what filters add:
//! `/^Authentication-Results:.*\bmx\.own\.example\b/ IGNORE`. An id in quotes or behind a comment,
//! which is how one slips past such a pattern, is read but never believed.
//!
//! Total and bounded: fields longer than [`MAX_BYTES`] are read to that length, at most
//! [`MAX_STATEMENTS`] results are kept, comments nest without recursion.

mod field;

use sekisho_config::is_or_under;

use super::domain::same_organisation;
use super::headers::Field;
use super::received;
use crate::facts::{AuthResult, Authentication, DomainResult};
pub use field::{AuthenticationResults, MAX_BYTES, MAX_STATEMENTS, Statement, parse};

/// How a message came before us, which says where our own servers write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// A milter sees it in the transaction with a client from outside. Postfix hides its own
    /// Received field from milters, so what earlier filters of this transaction wrote stands above
    /// the first Received field and everything from there on came with the mail.
    InTransaction,
    /// Own servers have put Received fields on it: a stored mail, or one that an own server relays
    /// to us. Some write their results above their Received field (Postfix with opendkim), some
    /// below (Gmail). The block of trusted fields begins at the topmost one, if each Received field
    /// above it was written (`by`) in the organisation of its authserv-id or in an own domain, and
    /// ends at the next Received field below.
    Stored,
}

/// Whose word counts.
#[derive(Clone, Copy, Debug)]
pub struct Trust<'a> {
    /// Authserv-ids that are believed, any case.
    pub authserv_ids: &'a [String],
    /// Own domains, lower case: their servers' Received fields are ours ([`Arrival::Stored`]).
    pub own_domains: &'a [String],
}

/// What the trusted fields of one message say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// What they say; what they do not speak of is unknown.
    pub authentication: Authentication,
    /// Authentication-Results fields that bear a trusted id in a place or a form that only the
    /// sender can have written: their number among all Authentication-Results fields, from 1 (the index
    /// that a milter's change-header action takes). Only for [`Arrival::InTransaction`]; in other
    /// mail an own server further away may have written them.
    pub forged: Vec<usize>,
}

/// Reads the trusted Authentication-Results among the header fields of one message.
pub fn read<'m>(
    fields: impl Iterator<Item = Field<'m>>,
    arrival: Arrival,
    trust: Trust<'_>,
) -> Reading {
    let mut reading = Reading::default();
    if trust.authserv_ids.is_empty() {
        return reading;
    }
    let mut number = 0;
    let mut place = Place::default();
    for field in fields {
        if field.is("received") {
            place.pass_received(field, arrival);
        } else if field.is("authentication-results") {
            number += 1;
            let Some(results) = parse(field.value) else { continue };
            if !trust.authserv_ids.iter().any(|id| id.eq_ignore_ascii_case(&results.authserv_id)) {
                continue;
            }
            let plain = is_plain(field.value, &results.authserv_id);
            if plain && place.is_ours(&results.authserv_id, arrival, trust) {
                add(&mut reading.authentication, &results);
            } else if arrival == Arrival::InTransaction {
                reading.forged.push(number);
            }
        }
    }
    reading
}

/// Whether the value begins with `id` as every verifier writes it: no comment, no quotes.
fn is_plain(value: &[u8], id: &str) -> bool {
    let value = value.trim_ascii_start();
    value.get(..id.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(id.as_bytes()))
}

/// Where in the header we are, seen from the Received fields.
#[derive(Default)]
struct Place {
    /// A Received field lies above.
    below_received: bool,
    /// A trusted block has begun.
    begun: bool,
    /// The trusted block has ended.
    ended: bool,
    /// `by` hosts of the Received fields above, lower case.
    by: Vec<Option<String>>,
}

impl Place {
    fn pass_received(&mut self, field: Field<'_>, arrival: Arrival) {
        self.below_received = true;
        self.ended |= self.begun;
        if arrival == Arrival::Stored && !self.ended && self.by.len() < MAX_OWN_HOPS {
            self.by.push(received::read(field.value).by);
        } else {
            self.ended = true;
        }
    }

    fn is_ours(&mut self, id: &str, arrival: Arrival, trust: Trust<'_>) -> bool {
        let ours = match arrival {
            Arrival::InTransaction => !self.below_received,
            Arrival::Stored => {
                let own_host = |by: &str| {
                    same_organisation(by, id)
                        || trust.own_domains.iter().any(|own| is_or_under(by, own))
                };
                !self.ended && self.by.iter().all(|by| by.as_deref().is_some_and(own_host))
            }
        };
        self.begun |= ours;
        ours
    }
}

fn add(authentication: &mut Authentication, results: &AuthenticationResults) {
    let of = |method: &'static str| results.statements.iter().filter(move |s| s.method == method);
    if authentication.spf.result == AuthResult::Unknown
        && let Some(spf) = of("spf").next()
    {
        // `smtp.mail` is what older software writes.
        let named = ["smtp.mailfrom", "smtp.mail", "smtp.helo"].map(|name| spf.domain_of(name));
        let domain = named.into_iter().find(|domain| !domain.is_empty()).unwrap_or_default();
        authentication.spf = DomainResult { domain, result: spf.auth_result() };
    }
    if authentication.dkim.is_empty() {
        authentication.dkim.extend(of("dkim").map(|dkim| {
            let signer = dkim.domain_of("header.d");
            let domain = if signer.is_empty() { dkim.domain_of("header.i") } else { signer };
            DomainResult { domain, result: dkim.auth_result() }
        }));
    }
    if authentication.dmarc.result == AuthResult::Unknown
        && let Some(dmarc) = of("dmarc").next()
    {
        let domain = dmarc.domain_of("header.from");
        authentication.dmarc = DomainResult { domain, result: dmarc.auth_result() };
    }
}

/// Received fields of own servers that may stand above a trusted field of a stored mail.
const MAX_OWN_HOPS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::crlf;
    use crate::message::headers;

    fn reading(header: &str, arrival: Arrival) -> Reading {
        let raw = crlf(header.as_bytes());
        let (ranges, _) = headers::scan(&raw, 0, 100);
        let fields = ranges
            .iter()
            .map(|f| Field { name: &raw[f.name.clone()], value: &raw[f.value.clone()] });
        let authserv_ids = ["mx.own.example".to_owned()];
        let own_domains = ["own.example".to_owned()];
        read(fields, arrival, Trust { authserv_ids: &authserv_ids, own_domains: &own_domains })
    }

    /// SPF, DKIM and DMARC as `result domain`, and what is forged.
    #[track_caller]
    fn check_reading(arrival: Arrival, header: &str, expected: &str, forged: &[usize]) {
        let reading = reading(header, arrival);
        let a = reading.authentication;
        let shown = [&a.spf].into_iter().chain(&a.dkim).chain([&a.dmarc]);
        let shown: Vec<_> = shown.map(|r| format!("{:?} {}", r.result, r.domain)).collect();
        assert_eq!(shown.join(", "), expected, "{header}");
        assert_eq!(reading.forged, forged, "{header}");
    }

    #[test]
    fn in_a_transaction_only_what_stands_above_received_counts() {
        check_reading(
            Arrival::InTransaction,
            "Authentication-Results: mx.own.example; spf=pass smtp.mailfrom=a@Example.COM\n\
             Authentication-Results: MX.OWN.EXAMPLE; dkim=fail header.i=@example.com;\n \
             dkim=pass header.d=list.example\n\
             Authentication-Results: mx.example.com; dmarc=pass header.from=evil.example\n\
             Received: from a by b\n\
             Authentication-Results: mx.own.example; dmarc=pass header.from=evil.example\n\n",
            "Pass example.com, Fail example.com, Pass list.example, Unknown ",
            &[4],
        );
    }

    #[test]
    fn the_topmost_field_wins_for_each_method() {
        check_reading(
            Arrival::InTransaction,
            "Authentication-Results: mx.own.example; dmarc=fail header.from=example.com\n\
             Authentication-Results: mx.own.example; dmarc=pass header.from=example.com; \
             dkim=none\n\n",
            "Unknown , None , Fail example.com",
            &[],
        );
    }

    #[test]
    fn the_null_sender_is_judged_by_helo() {
        check_reading(
            Arrival::InTransaction,
            "Authentication-Results: mx.own.example; spf=pass smtp.mailfrom=<> \
             smtp.helo=mail.example.com\n\n",
            "Pass mail.example.com, Unknown ",
            &[],
        );
    }

    #[test]
    fn stored_with_results_above_received() {
        check_reading(
            Arrival::Stored,
            "Return-Path: <a@example.com>\n\
             Received: from mx by imap.own.example with LMTP\n\
             Authentication-Results: mx.own.example; dkim=pass header.d=example.com\n\
             Received: from evil.example by mx.own.example (Postfix)\n\
             Authentication-Results: mx.own.example; dmarc=pass header.from=example.com\n\n",
            "Unknown , Pass example.com, Unknown ",
            &[],
        );
    }

    #[test]
    fn stored_with_results_below_received() {
        check_reading(
            Arrival::Stored,
            "Received: by imap.own.example with SMTP\n\
             X-Received: by imap.own.example\n\
             Received: from evil.example by mx.own.example\n\
             Received-SPF: pass\n\
             Authentication-Results: mx.own.example; spf=pass smtp.mailfrom=a@example.com\n\
             Authentication-Results: mx.own.example; dmarc=none header.from=example.com\n\
             Received: from a by evil.example\n\
             Authentication-Results: mx.own.example; dkim=pass header.d=example.com\n\n",
            "Pass example.com, None example.com",
            &[],
        );
    }

    #[test]
    fn stored_below_a_strangers_received_nothing_counts() {
        check_reading(
            Arrival::Stored,
            "Received: from evil.example by mx.own.example\n\
             Received: from a by mail.evil.example\n\
             Authentication-Results: mx.own.example; dmarc=pass header.from=example.com\n\n",
            "Unknown , Unknown ",
            &[],
        );
        check_reading(
            Arrival::Stored,
            "Received: (qmail 1 invoked from network)\n\
             Authentication-Results: mx.own.example; dmarc=pass header.from=example.com\n\n",
            "Unknown , Unknown ",
            &[],
        );
    }

    #[test]
    fn an_id_in_disguise_is_not_believed() {
        check_reading(
            Arrival::InTransaction,
            "Authentication-Results: (x) mx.own.example; dmarc=pass header.from=example.com\n\
             Authentication-Results: \"mx.own.example\"; dmarc=pass header.from=example.com\n\
             Authentication-Results:\n\tMX.own.example 1; spf=pass smtp.mailfrom=example.com\n\n",
            "Pass example.com, Unknown ",
            &[1, 2],
        );
    }

    #[test]
    fn nobody_is_trusted_unasked() {
        let field = Field {
            name: b"Authentication-Results",
            value: b"mx.own.example; dmarc=pass header.from=example.com",
        };
        let trust = Trust { authserv_ids: &[], own_domains: &["own.example".to_owned()] };
        let reading = read([field].into_iter(), Arrival::InTransaction, trust);
        assert_eq!(reading, Reading::default());
    }
}
