//! `outbound.toml`, read into the checked settings.

use std::time::Duration;

use crate::layers::Table;
use crate::scalar::{boolean, by, duration, integer, integer_or_off, line, parsed, until, word};
use crate::{Broadcast, Exempt, MailClass, Outbound, OwnRuling, Partner, Profile, Ruling, net};

/// Reads `outbound.toml`.
pub(crate) fn outbound(t: &mut Table<'_>) -> Option<Outbound> {
    let internal = t.read("internal", boolean)?;
    let notify_sender = t.read("notify_sender", boolean)?;
    let transport_mark = t.read("transport_mark", by(header_name))?;
    let partners_only = t.array("partners_only", word(CLASSES))?;
    let profile = t.table("policy", |t| {
        t.read(
            "profile",
            word(&[
                ("company", Profile::Company),
                ("foundation", Profile::Foundation),
                ("isms", Profile::Isms),
            ]),
        )
    })?;
    let rulings = t.table("rulings", |t| {
        t.entries(word(&[
            ("convert", Ruling::Convert),
            ("hold", Ruling::Hold),
            ("off", Ruling::Off),
            ("reject", Ruling::Reject),
            ("warn", Ruling::Warn),
        ]))
    });
    let rulings = rulings
        .into_iter()
        .map(|(id, (ruling, place))| (id, OwnRuling { ruling, place }))
        .collect();
    let broadcast = t.table("broadcast", |t| {
        Some(Broadcast {
            shown: t.read("shown", integer(1..=1000))?,
            organisations: t.read("organisations", integer_or_off(1..=1000))?,
        })
    })?;
    let persons = t.table("personal_data", |t| t.read("persons", integer(1..=100_000)))?;
    let longest = Duration::from_secs(366 * 24 * 3600);
    let password_window =
        t.table("password", |t| t.read("window", duration(Duration::ZERO..=longest)))?;
    let exempt = t.table("exempt", |t| {
        Some(Exempt {
            senders: t.array("senders", parsed)?,
            networks: t.array("networks", parsed)?,
        })
    })?;
    let partners = t.rows("partners", |t| {
        Some(Partner {
            domain: t.read("domain", by(net::domain))?,
            may_receive: t.array("may_receive", word(CLASSES))?,
            until: t.maybe("until", until),
            reason: t.maybe("reason", line(200)).unwrap_or_default(),
        })
    });
    Some(Outbound {
        profile,
        rulings,
        broadcast,
        persons,
        password_window,
        exempt,
        partners,
        partners_only,
        notify_sender,
        transport_mark,
        internal,
    })
}

const CLASSES: &[(&str, MailClass)] = &[
    ("confidential", MailClass::Confidential),
    ("personal-data", MailClass::PersonalData),
    ("top-secret", MailClass::TopSecret),
];

/// A header field name (RFC 5322, 3.6.8); empty means none.
fn header_name(written: &str) -> Result<String, String> {
    let fine = |b: u8| b.is_ascii_graphic() && b != b':';
    if written.len() > 70 || !written.bytes().all(fine) {
        return Err(format!(
            "{written:?} is not the name of a header; allowed is e.g. \"X-Require-TLS\""
        ));
    }
    Ok(written.to_owned())
}
