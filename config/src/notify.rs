//! `notify.toml`, read into the checked settings.

use std::path::PathBuf;
use std::time::Duration;

use crate::layers::Table;
use crate::scalar::{by, duration, integer, integer_or_off, parsed, word};
use crate::{Listen, Notify, Submit, Told, net};

/// Reads `notify.toml`.
pub(crate) fn notify(t: &mut Table<'_>) -> Option<Notify> {
    Some(Notify {
        submit: t.read("submit", by(submit))?,
        from: t.read("from", by(address_or_none))?,
        per_hour: t.read("per_hour", integer(1..=10_000))?,
        staff: t.read("staff", by(address_or_none))?,
        report_address: t.read("report_address", by(address_or_none))?,
        drill_senders: t.array("drill_senders", parsed)?,
        admin: t.array("admin", by(address))?,
        admin_decisions: t.array("admin_decisions", word(DECISIONS))?,
        admin_score: t.read("admin_score", integer_or_off(1..=100))?,
        bundle: t.read("bundle", duration(Duration::ZERO..=Duration::from_secs(24 * 3600)))?,
    })
}

const DECISIONS: &[(&str, Told)] =
    &[("banner", Told::Banner), ("hold", Told::Hold), ("reject", Told::Reject)];

fn submit(written: &str) -> Result<Submit, String> {
    let wrong = || {
        format!(
            "{written:?} is no way to submit; allowed are \"smtp:HOST:PORT\", \"sendmail:/PATH\""
        )
    };
    if let Some(path) = written.strip_prefix("sendmail:") {
        return if path.starts_with('/') {
            Ok(Submit::Sendmail(PathBuf::from(path)))
        } else {
            Err(wrong())
        };
    }
    let smtp = written.strip_prefix("smtp:").ok_or_else(wrong)?;
    match format!("inet:{smtp}").parse() {
        Ok(Listen::Inet { host, port }) if port != 0 => Ok(Submit::Smtp { host, port }),
        _ => Err(wrong()),
    }
}

/// A mail address, in lower case behind the `@`.
pub(crate) fn address(written: &str) -> Result<String, String> {
    let wrong = || format!("{written:?} is no mail address; allowed is e.g. \"it@example.jp\"");
    let (local, domain) = written.rsplit_once('@').ok_or_else(wrong)?;
    let fine = |c: char| c.is_ascii_graphic() && !"<>()[],;:\\\" ".contains(c);
    if local.is_empty() || local.len() > 64 || !local.chars().all(fine) {
        return Err(wrong());
    }
    Ok(format!("{local}@{}", net::domain(domain)?))
}

fn address_or_none(written: &str) -> Result<String, String> {
    if written.is_empty() { Ok(String::new()) } else { address(written) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_defaults_in_full() {
        let expected = Notify {
            submit: Submit::Smtp { host: "127.0.0.1".into(), port: 25 },
            from: String::new(),
            per_hour: 60,
            admin: vec![],
            admin_decisions: vec![Told::Hold, Told::Reject],
            admin_score: None,
            bundle: Duration::from_secs(600),
            staff: String::new(),
            report_address: String::new(),
            drill_senders: vec![],
        };
        assert_eq!(crate::Settings::default().notify, expected);
    }

    #[test]
    fn notify_values() {
        let text = "submit = \"sendmail:/usr/sbin/sendmail\"\nadmin = [\"It@Example.JP\"]\n\
                    admin_score = 30\nadmin_decisions = [\"banner\"]\n";
        let notify = crate::from_texts(&[("notify.toml", text)]).unwrap().notify;
        assert_eq!(notify.submit, Submit::Sendmail("/usr/sbin/sendmail".into()));
        assert_eq!(notify.admin, ["It@example.jp"]);
        assert_eq!((notify.admin_score, notify.admin_decisions), (Some(30), vec![Told::Banner]));
        for (wrong, said) in [
            ("submit = \"smtp:mail\"", "is no way to submit"),
            ("submit = \"sendmail\"", "is no way to submit"),
            ("admin = [\"it\"]", "is no mail address"),
            ("from = \"a b@example.jp\"", "is no mail address"),
        ] {
            let problems = crate::from_texts(&[("notify.toml", wrong)]).unwrap_err();
            assert!(problems.iter().any(|p| p.message.contains(said)), "{wrong}: {problems:?}");
        }
    }
}
