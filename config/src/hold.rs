//! `hold.toml`, read into the checked settings.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use crate::layers::Table;
use crate::scalar::{boolean, by, duration, integer, parsed, word};
use crate::{
    AddressPattern, Approvers, Department, Digest, DigestEvery, Holding, QuarantineRelease,
};

/// Reads `hold.toml`.
pub(crate) fn hold(t: &mut Table<'_>) -> Option<Holding> {
    let notify_sender = t.read("notify_sender", boolean)?;
    let quarantine_release = t.read("quarantine_release", word(RELEASERS))?;
    let unknown_with_files =
        t.read("unknown_with_files", word(&[("hold", true), ("off", false)]))?;
    let holdd = t.read("holdd", by(socket_path))?;
    let interval =
        t.read("interval", duration(Duration::from_secs(1)..=Duration::from_secs(600)))?;
    let digest = t.table("digest", |t| {
        Some(Digest {
            every: t.read("every", word(DIGESTS))?,
            hour: t.read("hour", integer(0..=23))?,
        })
    })?;
    let delay = t.table("delay", |t| {
        let enabled = t.read("enabled", boolean)?;
        let minutes: u64 = t.read("minutes", integer(0..=1440))?;
        Some(enabled.then(|| Duration::from_secs(minutes * 60)))
    })?;
    let approval = t.table("approval", |t| {
        Some(Approvers {
            approvers: t.array("approvers", by(address))?,
            deputies: t.array("deputies", by(address))?,
            allow_self: t.read("allow_self", boolean)?,
        })
    })?;
    let (expires, warns) = t.table("expiry", |t| {
        let days: u64 = t.read("days", integer(1..=365))?;
        let warn_days: u64 = t.read("warn_days", integer(0..=365))?;
        if warn_days >= days && t.is_own("warn_days") {
            t.complain("warn_days", format!("{warn_days} is not below days ({days})"));
        }
        // A shipped warning gives way to a written, shorter time.
        Some((DAY * to_u32(days), DAY * to_u32(warn_days.min(days - 1))))
    })?;
    let mut seen = BTreeSet::new();
    let departments = t.rows("departments", |t| {
        let senders: Vec<AddressPattern> = t.array("senders", parsed).unwrap_or_default();
        let approvers = t.array("approvers", by(address)).unwrap_or_default();
        let deputies = t.array("deputies", by(address)).unwrap_or_default();
        let allow_self = t.maybe("allow_self", boolean).unwrap_or_default();
        for (key, given) in [("senders", !senders.is_empty()), ("approvers", !approvers.is_empty())]
        {
            if !given && (!t.is_written(key) || t.is_own(key)) {
                t.complain(key, "must name at least one");
            }
        }
        for sender in &senders {
            if !seen.insert(sender.clone()) {
                t.complain("senders", "somebody belongs to two departments");
            }
        }
        Some(Department { senders, approvers: Approvers { approvers, deputies, allow_self } })
    });
    Some(Holding {
        holdd,
        interval,
        delay,
        approval,
        departments,
        quarantine_release,
        digest,
        unknown_with_files,
        notify_sender,
        expires,
        warns,
    })
}

/// The bounds above let every value through.
fn to_u32(days: u64) -> u32 {
    u32::try_from(days).unwrap_or(u32::MAX)
}

/// Path of a unix socket, which the kernel bounds (unix(7)).
fn socket_path(written: &str) -> Result<PathBuf, String> {
    if written.starts_with('/') && !written.contains('\0') && written.len() <= 107 {
        return Ok(PathBuf::from(written));
    }
    Err(format!("{written:?} is not the path of a socket; allowed is e.g. \"/run/x/socket\""))
}

/// One address, lower case.
fn address(written: &str) -> Result<String, String> {
    match written.parse() {
        Ok(AddressPattern::Address(address)) => Ok(address),
        Ok(AddressPattern::Domain(_)) => {
            Err(format!("{written:?} is a whole domain; allowed are single addresses"))
        }
        Err(why) => Err(why),
    }
}

const DIGESTS: &[(&str, DigestEvery)] =
    &[("day", DigestEvery::Day), ("off", DigestEvery::Off), ("once", DigestEvery::Once)];

const RELEASERS: &[(&str, QuarantineRelease)] =
    &[("admin", QuarantineRelease::Admin), ("recipient", QuarantineRelease::Recipient)];

const DAY: Duration = Duration::from_secs(86_400);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Problem, Settings, from_texts};

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let problems = from_texts(&[("hold.toml", text)]).err().unwrap_or_default();
        let shown: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn shipped_defaults() {
        let expected = Holding {
            holdd: "/run/sekisho-holdd/socket".into(),
            interval: Duration::from_secs(5),
            delay: None,
            approval: Approvers::default(),
            departments: vec![],
            expires: DAY * 10,
            notify_sender: true,
            quarantine_release: QuarantineRelease::Admin,
            digest: Digest { every: DigestEvery::Off, hour: 8 },
            unknown_with_files: false,
            warns: DAY * 2,
        };
        assert_eq!(Settings::default().hold, expected);
    }

    #[test]
    fn departments_are_read() {
        let text = "[delay]\nenabled = true\nminutes = 7\n[[departments]]\n\
                    senders = ['@Sales.example.jp']\napprovers = ['Boss@example.jp']\n\
                    [expiry]\ndays = 1\n";
        let hold = from_texts(&[("hold.toml", text)]).unwrap().hold;
        assert_eq!(hold.delay, Some(Duration::from_secs(420)));
        assert_eq!((hold.expires, hold.warns), (DAY, Duration::ZERO));
        let department = Department {
            senders: vec![AddressPattern::Domain("sales.example.jp".into())],
            approvers: Approvers {
                approvers: vec!["boss@example.jp".into()],
                ..Approvers::default()
            },
        };
        assert_eq!(hold.departments, [department]);
    }

    #[test]
    fn what_happens_to_suspicious_mail() {
        let text = "quarantine_release = 'recipient'\nunknown_with_files = 'hold'\n\
                    [digest]\nevery = 'day'\nhour = 0\n";
        let hold = from_texts(&[("hold.toml", text)]).unwrap().hold;
        assert_eq!(hold.quarantine_release, QuarantineRelease::Recipient);
        assert_eq!(hold.digest, Digest { every: DigestEvery::Day, hour: 0 });
        assert!(hold.unknown_with_files);
        check(
            "[digest]\nhour = 24\n",
            &["hold.toml:2: digest.hour: must be an integer from 0 to 23"],
        );
    }

    #[test]
    fn mistakes_are_told() {
        check(
            "[delay]\nminutes = 1441\n",
            &["hold.toml:2: delay.minutes: must be an integer from 0 to 1440"],
        );
        check(
            "[expiry]\ndays = 3\nwarn_days = 3\n",
            &["hold.toml:3: expiry.warn_days: 3 is not below days (3)"],
        );
        check(
            "[approval]\napprovers = ['@example.jp']\n",
            &["hold.toml:2: approval.approvers: \"@example.jp\" is a whole domain; allowed are \
               single addresses"],
        );
        check(
            "[[departments]]\nsenders = ['a@b.example']\n",
            &["hold.toml:1: departments.approvers: must name at least one"],
        );
        check(
            "[[departments]]\nsenders = ['a@b.example']\napprovers = ['c@b.example']\n\
             [[departments]]\nsenders = ['a@b.example']\napprovers = ['d@b.example']\n",
            &["hold.toml:5: departments.senders: somebody belongs to two departments"],
        );
        check(
            "holdd = 'run/x'\n",
            &["hold.toml:1: holdd: \"run/x\" is not the path of a socket; allowed is e.g. \
               \"/run/x/socket\""],
        );
    }
}
