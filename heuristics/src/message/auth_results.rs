//! Authentication-Results (RFC 8601): what a mail server near us found out by SPF, DKIM and DMARC.
//!
//! Way in: [`read`] for the fields of one message, [`parse`] for one field. Only fields with a
//! trusted authserv-id count, and of those only the ones in a place where senders do not write
//! (see [`Arrival`]); per method the topmost one wins, because servers nearer to us write further
//! up. The same id in another place is a forgery, which [`Reading::forged`] lists for deletion.
//!
//! What no rule of places can tell: whoever writes no Received field of his own may put a forged
//! field at the very top. RFC 8601, section 5, therefore obliges the server that owns the id to
//! remove it from mail that comes in; trusting an id says that its server does so.
//!
//! Total and bounded: fields longer than [`MAX_BYTES`] are read to that length, at most
//! [`MAX_STATEMENTS`] results are kept, comments nest without recursion.

use sekisho_config::is_or_under;

use super::domain::{same_organisation, to_ascii};
use super::headers::Field;
use super::received;
use crate::facts::{AuthResult, Authentication, DomainResult};

/// Bytes read of one field.
pub const MAX_BYTES: usize = 16 << 10;

/// Results kept of one field.
pub const MAX_STATEMENTS: usize = 50;

/// One Authentication-Results field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthenticationResults {
    /// Who says so, lower case.
    pub authserv_id: String,
    /// What it found, in order; empty for `none`.
    pub statements: Vec<Statement>,
}

/// One result of one method (`resinfo`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// `spf`, `dkim`, `dmarc`, …; lower case, without version.
    pub method: String,
    /// `pass`, `fail`, …; lower case.
    pub result: String,
    /// Free text, where it is given.
    pub reason: Option<String>,
    /// `ptype.property` in lower case, and its value as written.
    pub properties: Vec<(String, String)>,
}

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
    /// Authentication-Results fields that bear a trusted id in a place where only the sender can
    /// have written it: their number among all Authentication-Results fields, from 1 (the index
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
            if place.is_ours(&results.authserv_id, arrival, trust) {
                add(&mut reading.authentication, &results);
            } else if arrival == Arrival::InTransaction {
                reading.forged.push(number);
            }
        }
    }
    reading
}

/// Reads one raw field value. `None` where there is no authserv-id, or a version that RFC 8601
/// does not define.
pub fn parse(raw: &[u8]) -> Option<AuthenticationResults> {
    let mut scanner = Scanner { rest: raw.get(..MAX_BYTES).unwrap_or(raw) };
    scanner.skip_cfws();
    let authserv_id = scanner.value();
    scanner.skip_cfws();
    if authserv_id.is_empty() || scanner.rest.first() == Some(&b'=') {
        return None;
    }
    let version = scanner.value();
    if !matches!(version.as_str(), "" | "1") {
        return None;
    }
    let mut statements = Vec::new();
    while scanner.next_statement() && statements.len() < MAX_STATEMENTS {
        statements.extend(scanner.statement());
    }
    Some(AuthenticationResults { authserv_id: authserv_id.to_ascii_lowercase(), statements })
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

impl Statement {
    /// The result as RFC 8601, section 2.7, names it; words it does not know are `Unknown`.
    pub fn auth_result(&self) -> AuthResult {
        match self.result.as_str() {
            "fail" | "hardfail" => AuthResult::Fail,
            "neutral" | "policy" => AuthResult::Neutral,
            "none" => AuthResult::None,
            "pass" => AuthResult::Pass,
            "permerror" => AuthResult::PermError,
            "softfail" => AuthResult::SoftFail,
            "temperror" | "tempfail" => AuthResult::TempError,
            _ => AuthResult::Unknown,
        }
    }

    /// Value of a property, by its lower-case `ptype.property`.
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Domain of an address or domain property; empty where there is none.
    fn domain_of(&self, name: &str) -> String {
        let value = self.property(name).unwrap_or_default().trim_matches(['<', '>']);
        let domain = value.rsplit_once('@').map_or(value, |(_, domain)| domain);
        to_ascii(domain).unwrap_or_default()
    }
}

/// Reads tokens from the front of a field value.
struct Scanner<'a> {
    rest: &'a [u8],
}

impl Scanner<'_> {
    /// White space and comments, which nest (RFC 5322, section 3.2.2).
    fn skip_cfws(&mut self) {
        let mut depth = 0_usize;
        while let Some((&b, tail)) = self.rest.split_first() {
            match b {
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                b'\\' if depth > 0 => {
                    self.rest = tail.get(1..).unwrap_or_default();
                    continue;
                }
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ if depth > 0 => {}
                _ => break,
            }
            self.rest = tail;
        }
    }

    /// A run of token characters and quoted strings, quotes and backslashes removed; empty where
    /// none begins here.
    fn value(&mut self) -> String {
        let mut bytes = Vec::new();
        let mut quoted = false;
        while let Some((&b, tail)) = self.rest.split_first() {
            match b {
                b'"' => quoted = !quoted,
                b'\\' if quoted => {
                    if let Some((&escaped, tail)) = tail.split_first() {
                        bytes.push(escaped);
                        self.rest = tail;
                        continue;
                    }
                }
                b'\r' | b'\n' if quoted => {}
                _ if quoted => bytes.push(b),
                b' ' | b'\t' | b'\r' | b'\n' | b'(' | b';' | b'=' => break,
                _ => bytes.push(b),
            }
            self.rest = tail;
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Moves behind the next `;` outside quotes and comments; `false` at the end.
    fn next_statement(&mut self) -> bool {
        loop {
            self.skip_cfws();
            match self.rest.split_first() {
                None => return false,
                Some((b';', tail)) => {
                    self.rest = tail;
                    return true;
                }
                Some((b'=', tail)) => self.rest = tail,
                Some(_) => drop(self.value()),
            }
        }
    }

    /// `name = value`, or a name alone.
    fn pair(&mut self) -> (String, Option<String>) {
        self.skip_cfws();
        let mut name = self.value().to_ascii_lowercase();
        self.skip_cfws();
        // `smtp . mailfrom`, `dkim / 1`: white space and comments may stand beside the joint.
        while name.ends_with(['.', '/']) || matches!(self.rest.first(), Some(b'.' | b'/')) {
            let next = self.value();
            if next.is_empty() {
                break;
            }
            name.push_str(&next.to_ascii_lowercase());
            self.skip_cfws();
        }
        let Some((b'=', tail)) = self.rest.split_first() else { return (name, None) };
        self.rest = tail;
        self.skip_cfws();
        // A property's value may hold `=` (`header.b=abc=`); a method's result does not.
        let mut value = self.value();
        while let Some((b'=', tail)) = self.rest.split_first() {
            self.rest = tail;
            value.push('=');
            value.push_str(&self.value());
        }
        (name, Some(value))
    }

    /// `method=result [reason=…] [ptype.property=value]…`; `None` for `none` and for nonsense.
    fn statement(&mut self) -> Option<Statement> {
        let (method, result) = self.pair();
        let result = result?.to_ascii_lowercase();
        let method = method.split('/').next().unwrap_or_default().trim().to_owned();
        let mut statement = Statement { method, result, ..Statement::default() };
        loop {
            self.skip_cfws();
            if matches!(self.rest.first(), None | Some(b';')) {
                let empty = statement.method.is_empty() || statement.result.is_empty();
                return (!empty).then_some(statement);
            }
            match self.pair() {
                (name, Some(value)) if name == "reason" => statement.reason = Some(value),
                (name, Some(value)) => statement.properties.push((name, value)),
                (_, None) => {}
            }
        }
    }
}

/// Received fields of own servers that may stand above a trusted field of a stored mail.
const MAX_OWN_HOPS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::crlf;
    use crate::message::headers;
    use proptest::prelude::*;

    /// `id: method=result{property=value, …}[reason]; …`
    #[track_caller]
    fn check(field: &str, expected: &str) {
        let shown = parse(field.as_bytes()).map_or("nothing".into(), |results| {
            let statements = results.statements.iter().map(|s| {
                let properties: Vec<_> =
                    s.properties.iter().map(|(name, value)| format!("{name}={value}")).collect();
                let reason = s.reason.as_ref().map_or(String::new(), |r| format!("[{r}]"));
                format!("{}={}{{{}}}{reason}", s.method, s.result, properties.join(", "))
            });
            format!("{}: {}", results.authserv_id, statements.collect::<Vec<_>>().join("; "))
        });
        assert_eq!(shown, expected, "{field}");
    }

    #[test]
    fn one_field() {
        check(
            " MX.own.example;\r\n\tdkim=pass (2048-bit key; secure) header.d=example.com\r\n\
             \theader.i=@example.com header.b=\"aB/c=\"; spf=softfail smtp.mailfrom=a@example.com",
            "mx.own.example: dkim=pass{header.d=example.com, header.i=@example.com, \
             header.b=aB/c=}; spf=softfail{smtp.mailfrom=a@example.com}",
        );
        check("own.example 1; none", "own.example: ");
        check("own.example; none; spf=pass", "own.example: spf=pass{}");
        check("own.example", "own.example: ");
    }

    #[test]
    fn comments_and_quotes_stand_anywhere() {
        check(
            "(a (b) \\) c) \"own.example\" (x) 1 (;) ; (y) SPF (z) /1 = (w) Pass \
             reason = \"not; (really) \\\"so\\\"\" smtp . x = 1 smtp.mailfrom = \"a b\"@example.com",
            "own.example: spf=pass{smtp.x=1, smtp.mailfrom=a b@example.com}\
             [not; (really) \"so\"]",
        );
        check("own.example; dkim=pass header.b=aB/c=", "own.example: dkim=pass{header.b=aB/c=}");
        check("own.example; dkim=pass header.b=aB==", "own.example: dkim=pass{header.b=aB==}");
    }

    #[test]
    fn nonsense_is_no_statement() {
        check("", "nothing");
        check("; spf=pass", "nothing");
        check("spf=pass smtp.mailfrom=example.com; dkim=pass", "nothing");
        check("own.example 2; spf=pass", "nothing");
        check("own.example; spf; =; ; dmarc=fail", "own.example: dmarc=fail{}");
        check("own.example; (spf=pass", "own.example: ");
        check("own.example; x=\"; spf=pass", "own.example: x=; spf=pass{}");
    }

    #[test]
    fn results_have_their_names() {
        let of = |result: &str| {
            let field = format!("own.example; spf={result}");
            parse(field.as_bytes()).unwrap().statements[0].auth_result()
        };
        assert_eq!(of("PASS"), AuthResult::Pass);
        assert_eq!(of("hardfail"), AuthResult::Fail);
        assert_eq!(of("softfail"), AuthResult::SoftFail);
        assert_eq!(of("temperror"), AuthResult::TempError);
        assert_eq!(of("bestguesspass"), AuthResult::Unknown);
    }

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
    fn nobody_is_trusted_unasked() {
        let field = Field {
            name: b"Authentication-Results",
            value: b"mx.own.example; dmarc=pass header.from=example.com",
        };
        let trust = Trust { authserv_ids: &[], own_domains: &["own.example".to_owned()] };
        let reading = read([field].into_iter(), Arrival::InTransaction, trust);
        assert_eq!(reading, Reading::default());
    }

    #[test]
    fn long_fields_are_cut() {
        let field = format!("own.example{}", "; spf=pass".repeat(100_000));
        assert_eq!(parse(field.as_bytes()).unwrap().statements.len(), MAX_STATEMENTS);
        assert_eq!(parse("(".repeat(100_000).as_bytes()), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            parse(&bytes);
        }

        #[test]
        fn any_likely_text_is_read(
            text in "own((spf|dkim|=|;|[.]|[(]|[)]|\"|\\\\|@|/1|あ|x) ?){0,40}"
        ) {
            parse(text.as_bytes());
        }

        #[test]
        fn what_is_written_is_read(
            result in "[a-z]{1,8}", local in "[ -~]{0,12}", reason in "[ -~]{0,12}",
        ) {
            let quote = |s: &str| format!("\"{}\"", s.replace('\\', "\\\\").replace('"', "\\\""));
            let field = format!(
                "own.example; spf={result} reason={} smtp.mailfrom={}@example.com; none",
                quote(&reason), quote(&local),
            );
            prop_assert_eq!(parse(field.as_bytes()).unwrap().statements, [Statement {
                method: "spf".into(),
                result,
                reason: Some(reason),
                properties: vec![("smtp.mailfrom".into(), format!("{local}@example.com"))],
            }]);
        }
    }
}
