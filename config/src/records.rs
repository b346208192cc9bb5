//! `records.toml`, read into the checked settings.

use std::net::SocketAddr;
use std::time::Duration;

use toml::de::DeValue;

use crate::layers::Table;
use crate::scalar::{boolean, by, duration, integer, word};
use crate::sections::{absolute_path, group_name};
use crate::{AddressPattern, Anchors, Records, SubjectKept};

/// Reads `records.toml`.
pub(crate) fn records(t: &mut Table<'_>) -> Option<Records> {
    Some(Records {
        directory: t.read("directory", by(absolute_path))?,
        group: t.read("group", by(group_name))?,
        keep_days: t.read("keep_days", days)?,
        compress: t.read("compress", boolean)?,
        metrics: t.read("metrics", by(socket_address))?,
        subject: t.read(
            "subject",
            word(&[
                ("full", SubjectKept::Full),
                ("hashed", SubjectKept::Hashed),
                ("masked", SubjectKept::Masked),
            ]),
        )?,
        anchors: t.table("anchors", |t| {
            Some(Anchors {
                every: t.read(
                    "every",
                    duration(Duration::from_secs(60)..=Duration::from_secs(86_400)),
                )?,
                syslog: t.read("syslog", boolean)?,
                file: t.read("file", by(absolute_path))?,
                mail: t.read("mail", by(address))?,
            })
        })?,
    })
}

/// An address with a port; empty means none.
fn socket_address(written: &str) -> Result<Option<SocketAddr>, String> {
    if written.is_empty() {
        return Ok(None);
    }
    written.parse().map(Some).map_err(|_| {
        format!("{written:?} is no address with a port; allowed is e.g. \"127.0.0.1:9898\"")
    })
}

/// Days, or `"profile"` for those that the rule book asks.
fn days(value: &DeValue<'_>) -> Result<Option<u16>, String> {
    match value.as_str() {
        Some("profile") => Ok(None),
        Some(other) => Err(format!(
            "{other:?} is not known; allowed are an integer from 1 to 36500 and \"profile\""
        )),
        None => {
            integer(1..=36_500)(value).map(Some).map_err(|message| message + "; or \"profile\"")
        }
    }
}

/// One address; empty means none.
fn address(written: &str) -> Result<Option<String>, String> {
    if written.is_empty() {
        return Ok(None);
    }
    match written.parse() {
        Ok(AddressPattern::Address(address)) => Ok(Some(address)),
        _ => Err(format!("{written:?} is not an address; allowed is e.g. \"auditor@example.jp\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Profile, Settings, from_texts};

    #[test]
    fn shipped_defaults_in_full() {
        let hourly = Duration::from_secs(3600);
        let expected = Records {
            metrics: "127.0.0.1:9898".parse().ok(),
            directory: None,
            group: None,
            keep_days: None,
            compress: true,
            subject: SubjectKept::Full,
            anchors: Anchors { every: hourly, syslog: true, file: None, mail: None },
        };
        assert_eq!(Settings::default().records, expected);
    }

    #[test]
    fn days_are_the_profiles_unless_written() {
        let kept =
            |text, profile| from_texts(&[("records.toml", text)]).unwrap().records.days(profile);
        assert_eq!(kept("", Profile::Company), 1096);
        assert_eq!(kept("", Profile::Foundation), 1096);
        assert_eq!(kept("", Profile::Isms), 93);
        assert_eq!(kept("keep_days = 400", Profile::Isms), 400);
    }

    #[test]
    fn mistakes_name_what_is_allowed() {
        let text = "keep_days = 0\nsubject = 'none'\n[anchors]\nmail = '@example.jp'\n";
        let problems = from_texts(&[("records.toml", text)]).unwrap_err();
        let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "records.toml:1: keep_days: must be an integer from 1 to 36500; or \"profile\"",
                "records.toml:2: subject: \"none\" is not known; allowed are \"full\", \"hashed\", \
                 \"masked\"",
                "records.toml:4: anchors.mail: \"@example.jp\" is not an address; allowed is e.g. \
                 \"auditor@example.jp\"",
            ]
        );
    }
}
