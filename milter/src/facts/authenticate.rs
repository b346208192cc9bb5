//! SPF, DKIM and DMARC by DNS, concurrently as far as they do not rest on each other.
//!
//! mail-auth does the work; its types end here. Every signature is looked up on its own, so that
//! one slow key does not hide the others. DMARC is said only as far as what it rests on is known:
//! that it fails needs the answer of all that could vouch for From, that it passes needs one.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use mail_auth::common::headers::Header;
use mail_auth::dkim::DkimError;
use mail_auth::dmarc::Dmarc;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcResult, Error, MessageAuthenticator,
    SpfOutput, SpfResult, Txt,
};
use sekisho_heuristics::facts::{AuthResult, Authentication, DomainResult};
use sekisho_heuristics::message::domain::{same_organisation, to_ascii};
use tokio::time::{Duration, Instant, timeout_at};

use super::Asked;

/// Signatures that are checked; further ones are left aside.
pub(super) const MAX_SIGNATURES: usize = 10;

/// What DNS says about one mail within `time`.
pub(super) async fn check(
    dns: &MessageAuthenticator,
    asked: &Asked<'_>,
    time: Duration,
) -> Authentication {
    let begin = Instant::now();
    let end = begin + time;
    // The last quarter is left for DMARC, which rests on the others.
    let deadline = begin + time * 3 / 4;
    let spf = timeout_at(deadline, spf(dns, asked));
    let Some(message) = read(asked.raw) else {
        let spf = spf.await.ok().flatten();
        return Authentication { spf: spf_result(asked, spf.as_ref()), ..Default::default() };
    };
    let signed = one_signature_each(&message);
    let dkim = join_all(signed.iter().map(|m| timeout_at(deadline, dns.verify_dkim(m))));
    // Its answer comes from the cache when DMARC is verified.
    let policy = timeout_at(deadline, ask_policy(dns, &message));
    let (spf, dkim, _) = tokio::join!(spf, dkim, policy);
    let spf = spf.ok().flatten();

    let mut results = unreadable_signatures(&message);
    let mut outputs = Vec::new();
    for (signed, verified) in signed.iter().zip(dkim) {
        let domain = signed.dkim_headers.first().map(|h| h.header.d.as_str()).unwrap_or_default();
        let verified = verified.ok().and_then(|outputs| outputs.into_iter().next());
        let result = verified.as_ref().map_or(AuthResult::Unknown, |v| dkim_result(v.result()));
        results.push(DomainResult { domain: host(domain), result });
        outputs.extend(verified);
    }
    if results.is_empty() {
        results.push(DomainResult { domain: String::new(), result: AuthResult::None });
    }
    let verified = timeout_at(end, dmarc(dns, asked, &message, spf.as_ref(), &outputs));
    let mut dmarc = verified.await.unwrap_or_default();
    let spf = spf_result(asked, spf.as_ref());
    // Where an own server handed the mail over, MAIL FROM may not be the one that it came with.
    let may_vouch =
        |r: &DomainResult| r.domain.is_empty() || same_organisation(&r.domain, &dmarc.domain);
    let is_open = is_unanswered(&spf) && (asked.client.own_network || may_vouch(&spf))
        || results.iter().any(|r| is_unanswered(r) && may_vouch(r));
    if dmarc.result != AuthResult::Pass && is_open {
        dmarc.result = AuthResult::Unknown;
    }
    Authentication { spf, dkim: results, dmarc }
}

fn is_unanswered(result: &DomainResult) -> bool {
    matches!(result.result, AuthResult::Unknown | AuthResult::TempError)
}

/// Reads the header and hashes the body; `None` for a message without header.
fn read(raw: &[u8]) -> Option<AuthenticatedMessage<'_>> {
    let mut message = AuthenticatedMessage::parse(raw)?;
    message.dkim_headers.truncate(MAX_SIGNATURES);
    message.errors.truncate(MAX_SIGNATURES);
    Some(message)
}

fn one_signature_each<'x>(message: &AuthenticatedMessage<'x>) -> Vec<AuthenticatedMessage<'x>> {
    let with = |signature: &Header<'x, _>| AuthenticatedMessage {
        dkim_headers: vec![signature.clone()],
        errors: Vec::new(),
        ..message.clone()
    };
    message.dkim_headers.iter().map(with).collect()
}

fn unreadable_signatures(message: &AuthenticatedMessage<'_>) -> Vec<DomainResult> {
    let unreadable = message.errors.iter().filter(|e| matches!(e.header, Error::Dkim(_)));
    unreadable
        .map(|_| DomainResult { domain: String::new(), result: AuthResult::PermError })
        .collect()
}

/// SPF of MAIL FROM, of HELO for the null sender. `None` where there is nothing to ask: the
/// envelope or the client is unknown, or the client is an own server, which the sender's domain
/// cannot know of.
async fn spf(dns: &MessageAuthenticator, asked: &Asked<'_>) -> Option<SpfOutput> {
    let ip = asked.client.ip.filter(|_| !asked.client.own_network)?;
    let helo = asked.client.helo.as_deref().unwrap_or_default();
    let mail_from = asked.envelope.mail_from.as_deref()?;
    let parameters = match mail_from {
        "" if helo.is_empty() => return None,
        "" => SpfParameters::verify_ehlo(ip, helo, RECEIVING_HOST),
        _ => SpfParameters::verify_mail_from(ip, helo, RECEIVING_HOST, mail_from),
    };
    Some(dns.verify_spf(parameters).await)
}

async fn ask_policy(dns: &MessageAuthenticator, message: &AuthenticatedMessage<'_>) {
    if let Some((_, domain)) = message.from.first().and_then(|from| from.rsplit_once('@'))
        && let Some(domain) = to_ascii(domain)
    {
        let cache = None::<&mail_auth::common::cache::NoCache<Box<str>, Txt>>;
        drop(dns.txt_lookup::<Dmarc>(format!("_dmarc.{domain}."), cache).await);
    }
}

async fn dmarc<'x>(
    dns: &MessageAuthenticator,
    asked: &'x Asked<'_>,
    message: &'x AuthenticatedMessage<'x>,
    spf: Option<&SpfOutput>,
    dkim_output: &'x [DkimOutput<'x>],
) -> DomainResult {
    let spf_domain = spf_domain(asked);
    let unknown = SpfOutput::new(spf_domain.clone());
    let output = dns
        .verify_dmarc(DmarcParameters {
            message,
            dkim_output,
            dkim2_output: None,
            rfc5321_mail_from_domain: &spf_domain,
            spf_output: spf.unwrap_or(&unknown),
        })
        .await;
    DomainResult { domain: host(output.domain()), result: dmarc_result(&output.result()) }
}

fn spf_result(asked: &Asked<'_>, output: Option<&SpfOutput>) -> DomainResult {
    let result = match output.map(SpfOutput::result) {
        Some(SpfResult::Fail) => AuthResult::Fail,
        Some(SpfResult::Neutral) => AuthResult::Neutral,
        Some(SpfResult::None) => AuthResult::None,
        Some(SpfResult::Pass) => AuthResult::Pass,
        Some(SpfResult::PermError) => AuthResult::PermError,
        Some(SpfResult::SoftFail) => AuthResult::SoftFail,
        Some(SpfResult::TempError) => AuthResult::TempError,
        None => AuthResult::Unknown,
    };
    DomainResult { domain: spf_domain(asked), result }
}

/// The domain that SPF is about: MAIL FROM's, HELO for the null sender.
fn spf_domain(asked: &Asked<'_>) -> String {
    match asked.envelope.mail_from.as_deref() {
        Some("") => host(asked.client.helo.as_deref().unwrap_or_default()),
        Some(address) => host(address.rsplit_once('@').map_or("", |(_, domain)| domain)),
        None => String::new(),
    }
}

fn dkim_result(result: &DkimResult) -> AuthResult {
    match result {
        DkimResult::Pass => AuthResult::Pass,
        // mail-auth calls a changed body neutral; to RFC 8601, section 2.7.1, it is a failure.
        DkimResult::Neutral(Error::Dkim(DkimError::FailedBodyHashMatch)) => AuthResult::Fail,
        DkimResult::Neutral(_) => AuthResult::Neutral,
        DkimResult::Fail(_) => AuthResult::Fail,
        DkimResult::PermError(_) => AuthResult::PermError,
        DkimResult::TempError(_) => AuthResult::TempError,
        DkimResult::None => AuthResult::None,
    }
}

fn dmarc_result(result: &DmarcResult) -> AuthResult {
    match result {
        DmarcResult::Pass => AuthResult::Pass,
        DmarcResult::Fail(_) => AuthResult::Fail,
        DmarcResult::TempError(_) => AuthResult::TempError,
        DmarcResult::PermError(_) => AuthResult::PermError,
        DmarcResult::None => AuthResult::None,
    }
}

fn host(domain: &str) -> String {
    to_ascii(domain).unwrap_or_default()
}

/// Awaits all at once; the results keep their order.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<Pin<Box<F>>> = futures.map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = pending.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut ready = true;
        for (future, output) in pending.iter_mut().zip(&mut outputs).filter(|(_, o)| o.is_none()) {
            match future.as_mut().poll(context) {
                Poll::Ready(value) => *output = Some(value),
                Poll::Pending => ready = false,
            }
        }
        if ready { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

/// What SPF's macro `%{r}` stands for: RFC 7208, section 7.3, wants this word where no name is told.
const RECEIVING_HOST: &str = "unknown";
