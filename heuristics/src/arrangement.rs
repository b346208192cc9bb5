//! What the administrator arranged for whole kinds of inbound mail, whatever their points: drills are
//! delivered (003 article 22), files of unknown senders are held (004 【4】 エ③).
//!
//! Way in: [`arrangement`]. A drill must come authenticated or from an own network, since anybody can
//! write a drill's name; an unknown sender is one of whom the history says that nothing was ever
//! exchanged. What history does not know, as offline, is nobody's fault.

use sekisho_config::Settings;

use crate::facts::Facts;
use crate::history::is_known;
use crate::message::Message;

/// A kind of mail that is arranged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// A drill of the organisation's own: delivered without a banner.
    Drill,
    /// An unknown sender's files: held.
    UnknownWithFiles,
}

impl Arrangement {
    /// The word in records and logs.
    pub fn name(self) -> &'static str {
        match self {
            Arrangement::Drill => "drill",
            Arrangement::UnknownWithFiles => "unknown-with-files",
        }
    }
}

/// What is arranged for this mail.
pub fn arrangement(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Arrangement> {
    if is_drill(mail, facts) {
        return Some(Arrangement::Drill);
    }
    let holds = facts.settings.hold.unknown_with_files;
    (holds && is_unknown_with_files(mail, facts)).then_some(Arrangement::UnknownWithFiles)
}

/// Whether a listed sender of drills stands in From or MAIL FROM; whether it is genuine is another
/// question.
pub fn names_drill_sender(mail: &Message<'_>, settings: &Settings) -> bool {
    drill_domains(mail, settings).next().is_some()
}

fn is_drill(mail: &Message<'_>, facts: &Facts<'_>) -> bool {
    let genuine = |domain: String| facts.client.own_network || facts.is_authenticated_for(&domain);
    drill_domains(mail, facts.settings).any(genuine)
}

/// Domains of the senders that are listed.
fn drill_domains(mail: &Message<'_>, settings: &Settings) -> impl Iterator<Item = String> {
    let listed = &settings.notify.drill_senders;
    let from = || mail.sole_from().map(|from| from.address());
    let mail_from = || mail.envelope().mail_from.clone();
    // From need not be read where nobody is listed, as almost everywhere.
    let senders = (!listed.is_empty()).then(|| [from(), mail_from()]).into_iter().flatten();
    senders.flatten().filter_map(move |address| {
        let address = address.to_lowercase();
        let (_, domain) = address.rsplit_once('@')?;
        let domain = domain.to_owned();
        listed.iter().any(|pattern| pattern.matches(&address)).then_some(domain)
    })
}

fn is_unknown_with_files(mail: &Message<'_>, facts: &Facts<'_>) -> bool {
    let is_ours = |host: &str| facts.is_own_domain(host) || facts.has_agreement_with(host);
    is_known(mail, facts) == Some(false)
        && mail.sole_from().is_some_and(|from| !is_ours(from.domain()))
        && mail.attachments().iter().any(|file| file.parent.is_none() && !file.incidental)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{AuthResult, DomainResult};
    use crate::history::{Contact, Known};
    use crate::indicator::check::crlf;
    use crate::message::Envelope;

    const TEXT: &str = "From: Drill <it@training.example>\nSubject: x\n\ntext\n";
    const FILE: &str = "From: Drill <it@training.example>\nSubject: x\n\
        Content-Type: application/pdf; name=a.pdf\n\n-";

    fn of(
        mail: &str,
        mail_from: &str,
        set: impl FnOnce(&mut Settings, &mut Vec<&str>, &mut Option<bool>),
    ) -> Option<Arrangement> {
        let mut settings = Settings::default();
        let (mut passes, mut known) = (Vec::new(), None);
        set(&mut settings, &mut passes, &mut known);
        let envelope = Envelope { mail_from: Some(mail_from.into()), recipients: vec![] };
        let raw = crlf(mail.as_bytes());
        let mail = Message::new(&raw, &envelope, &settings.filter.limits);
        let mut facts = Facts::unknown(&settings);
        for domain in passes {
            match domain {
                "own network" => facts.client.own_network = true,
                domain => facts
                    .authentication
                    .dkim
                    .push(DomainResult { domain: domain.into(), result: AuthResult::Pass }),
            }
        }
        facts.history.sender = known.map(|is_known| Known {
            address: Contact { received: u64::from(is_known), ..Contact::default() },
            ..Known::default()
        });
        arrangement(&mail, &facts)
    }

    #[track_caller]
    fn check_drill(listed: &str, mail_from: &str, passes: &[&'static str], expected: bool) {
        let found = of(FILE, mail_from, |settings, pass, _| {
            settings.notify.drill_senders = vec![listed.parse().unwrap()];
            pass.extend(passes);
        });
        let case = format!("{listed} {mail_from} {passes:?}");
        assert_eq!(found, expected.then_some(Arrangement::Drill), "{case}");
    }

    #[test]
    fn a_drill_is_listed_and_genuine() {
        let bounces = "b@vendor.example";
        check_drill("it@training.example", bounces, &["training.example"], true);
        check_drill("@training.example", bounces, &["own network"], true);
        check_drill("@vendor.example", "B@Vendor.example", &["vendor.example"], true);
        check_drill("it@training.example", bounces, &[], false);
        check_drill("it@training.example", bounces, &["vendor.example"], false);
        check_drill("ot@training.example", bounces, &["training.example"], false);
        check_drill("@vendor.example", "", &["vendor.example"], false);
    }

    #[track_caller]
    fn check_unknown(
        mail: &str,
        known: Option<bool>,
        set: impl FnOnce(&mut Settings),
        expected: bool,
    ) {
        let found = of(mail, "a@training.example", |settings, _, known_here| {
            settings.hold.unknown_with_files = true;
            set(settings);
            *known_here = known;
        });
        assert_eq!(found, expected.then_some(Arrangement::UnknownWithFiles), "{known:?} {mail}");
    }

    #[test]
    fn files_of_unknown_senders() {
        check_unknown(FILE, Some(false), |_| {}, true);
        check_unknown(FILE, Some(true), |_| {}, false);
        check_unknown(FILE, None, |_| {}, false);
        check_unknown(TEXT, Some(false), |_| {}, false);
        check_unknown(FILE, Some(false), |s| s.hold.unknown_with_files = false, false);
        let ours = |s: &mut Settings| s.filter.own_domains = vec!["training.example".into()];
        check_unknown(FILE, Some(false), ours, false);
        let partner = |s: &mut Settings| s.filter.partner_domains = vec!["training.example".into()];
        check_unknown(FILE, Some(false), partner, false);
    }
}
