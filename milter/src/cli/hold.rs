//! `sekisho hold`: what is held, and deciding about it.

use std::io::{IsTerminal, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, Subcommand};
use comfy_table::{ContentArrangement, Table, presets};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sekisho_config::Settings;
use sekisho_heuristics::indicator::safe_to_show;
use serde_json::json;

use super::{Failure, Format, Outcome, config_dir, settings};
use crate::holdd::client::Client;
use crate::holdd::protocol::QueueId;
use crate::holds::decide::{Decided, Decision, Desk, NotDecided, decide, find};
use crate::holds::latest_arrival;
use crate::record::{Deed, Event};
use crate::recording::host;
use crate::store::{Hold, State, Store, StoreError, Wanted, Write};

/// What to do with held mails.
#[derive(Subcommand)]
pub(super) enum HoldCommand {
    /// List held mails, those that wait the longest first
    List {
        /// How to print them
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
        /// Those that ended too
        #[arg(long)]
        all: bool,
        /// Only those of this host
        #[arg(long, value_name = "HOST")]
        host: Option<String>,
        #[command(flatten)]
        at: Place,
    },
    /// Show one held mail
    Show {
        /// Id of the hold, as list shows it
        id: String,
        /// How to print it
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
        /// The mail itself too, its first megabyte; only on the host where it lies
        #[arg(long)]
        mail: bool,
        #[command(flatten)]
        at: Place,
    },
    /// Let a mail go
    Release(One),
    /// Delete a mail
    Discard(One),
    /// Let a mail go that needs permission
    Approve(Approval),
    /// Delete a mail that needs permission
    Deny(Approval),
}

#[derive(Args)]
pub(super) struct One {
    /// Id of the hold, as list shows it
    id: String,
    #[command(flatten)]
    at: Place,
}

#[derive(Args)]
pub(super) struct Approval {
    #[command(flatten)]
    one: One,
    /// Address of who decides; must be an approver or deputy for the sender
    #[arg(long, value_name = "ADDRESS")]
    by: String,
}

#[derive(Args)]
pub(super) struct Place {
    /// Folder of the configuration [default: /etc/sekisho if it exists, else built-in defaults]
    #[arg(long, value_name = "DIR")]
    config: Option<PathBuf>,
}

/// Does what is asked.
pub(super) fn hold(command: &HoldCommand) -> Outcome {
    let place = match command {
        HoldCommand::List { at, .. } | HoldCommand::Show { at, .. } => at,
        HoldCommand::Release(one) | HoldCommand::Discard(one) => &one.at,
        HoldCommand::Approve(approval) | HoldCommand::Deny(approval) => &approval.one.at,
    };
    let settings = settings(config_dir(place.config.as_deref()).as_deref())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::Io("event loop".into(), e))?;
    runtime.block_on(async {
        let store = super::memory::open_store(&settings).await?;
        answer(command, &store, &settings).await
    })
}

async fn answer<S: Store>(command: &HoldCommand, store: &S, settings: &Settings) -> Outcome {
    match command {
        HoldCommand::List { format, all, host, .. } => {
            let states = if *all { vec![] } else { OPEN.to_vec() };
            let host = host.clone().unwrap_or_default();
            let wanted = Wanted { host, states, ..Wanted::default() };
            let holds = store.holds(&wanted).await.map_err(store_failed)?;
            print(&listed(*format, &holds))
        }
        HoldCommand::Show { id, format, mail, .. } => {
            let hold = find(store, id).await.map_err(store_failed)?;
            let hold = hold.ok_or_else(|| Failure::Usage(NotDecided::Unknown.to_string()))?;
            let mut text = shown(*format, &hold).into_bytes();
            if *mail {
                text.extend(mail_of(&hold, settings).await?);
            }
            print(&text)
        }
        HoldCommand::Release(one) => {
            settle(store, settings, &one.id, Decision::Release, &operator()).await
        }
        HoldCommand::Discard(one) => {
            settle(store, settings, &one.id, Decision::Discard, &operator()).await
        }
        HoldCommand::Approve(Approval { one, by }) => {
            settle(store, settings, &one.id, Decision::Approve, by).await
        }
        HoldCommand::Deny(Approval { one, by }) => {
            settle(store, settings, &one.id, Decision::Deny, by).await
        }
    }
}

async fn settle<S: Store>(
    store: &S,
    settings: &Settings,
    id: &str,
    decision: Decision,
    who: &str,
) -> Outcome {
    let queue = Client::new(&settings.hold.holdd);
    let host = host().to_owned();
    let desk = Desk { store, queue: &queue, host: &host, settings: &settings.hold };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let at_ms = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    let decided = decide(&desk, id, decision, who, at_ms).await.map_err(|e| match e {
        NotDecided::Store(e) => store_failed(e),
        other => Failure::Usage(other.to_string()),
    })?;
    let event = event(decision, id, who, &host, at_ms);
    // The decision stands; that it cannot be written down must be said.
    let written = store.write(&[Write::Event(event)]).await;
    print(told(&decided).as_bytes())?;
    written.map_err(store_failed)?;
    Ok(ExitCode::SUCCESS)
}

/// What was decided, for the audit log.
fn event(decision: Decision, id: &str, who: &str, host: &str, at_ms: i64) -> Event {
    Event {
        at_ms,
        time: moment(at_ms),
        host: host.to_owned(),
        who: who.to_owned(),
        what: match decision {
            Decision::Approve => Deed::Approved,
            Decision::Deny => Deed::Denied,
            Decision::Discard => Deed::Discarded,
            Decision::Release => Deed::Released,
        },
        subject: id.to_owned(),
        // An approval given on the command line is also the deed of whoever sat there.
        note: match decision {
            Decision::Approve | Decision::Deny => format!("by sekisho hold, user {}", operator()),
            Decision::Discard | Decision::Release => "by sekisho hold".to_owned(),
        },
    }
}

fn told(decided: &Decided) -> String {
    match decided {
        Decided::Done(hold) => format!("{}: {}\n", hold.id, hold.state),
        Decided::Gone(hold) => {
            format!("{}: not on hold any more; it left by hand before\n", hold.id)
        }
        Decided::Later(hold, None) => {
            format!("{}: {}; {} will do it within moments\n", hold.id, hold.state, hold.host)
        }
        Decided::Later(hold, Some(why)) => {
            format!("{}: {}, to be done as soon as it can be: {why}\n", hold.id, hold.state)
        }
    }
}

async fn mail_of(hold: &Hold, settings: &Settings) -> Result<Vec<u8>, Failure> {
    if hold.host != host() {
        return Err(Failure::Usage(format!("the mail lies on {}; ask there", hold.host)));
    }
    let id = QueueId::parse(&hold.queue_id);
    let id = id.ok_or_else(|| Failure::Usage(format!("{} is no queue id", hold.queue_id)))?;
    let asked = Client::new(&settings.hold.holdd).show(&id, latest_arrival(hold)).await;
    let failed = |e| Failure::Io("the mail".into(), std::io::Error::other(e));
    match asked.map_err(failed)? {
        None => Err(Failure::Usage("the mail is not on hold any more".into())),
        Some(content) => {
            let mut bytes = content.bytes;
            if !content.whole {
                bytes.extend_from_slice(b"\n[cut here]\n");
            }
            // Controls of a terminal, whoever wrote them, do nothing.
            bytes.retain(|b| !b.is_ascii_control() || matches!(b, b'\n' | b'\t'));
            Ok(bytes)
        }
    }
}

fn listed(format: Format, holds: &[Hold]) -> Vec<u8> {
    match format {
        Format::Jsonl => holds.iter().map(|h| format!("{}\n", object(h))).collect::<String>(),
        Format::Table if holds.is_empty() => "no mail is held\n".to_owned(),
        Format::Table => {
            let header = ["id", "since", "why", "from", "to", "subject", "state", "goes or ends"];
            let mut table = table();
            table.set_header(header);
            for hold in holds {
                table.add_row([
                    safe_to_show(&hold.id),
                    moment(hold.held_ms),
                    hold.reason.to_string(),
                    safe_to_show(&hold.sender),
                    recipients(hold),
                    safe_to_show(&hold.subject),
                    hold.state.to_string(),
                    moment(hold.goes_ms.unwrap_or(hold.expires_ms)),
                ]);
            }
            format!("{table}\n{} mails\n", holds.len())
        }
    }
    .into_bytes()
}

fn shown(format: Format, hold: &Hold) -> String {
    if format == Format::Jsonl {
        return format!("{}\n", object(hold));
    }
    let all = |many: &[String]| match many {
        [] => "–".to_owned(),
        many => many.iter().map(|one| safe_to_show(one)).collect::<Vec<_>>().join("\n"),
    };
    let mut table = table();
    let goes = hold.goes_ms.map_or_else(|| "when somebody decides".to_owned(), moment);
    for (name, value) in [
        ("id", safe_to_show(&hold.id)),
        ("state", hold.state.to_string()),
        ("why", hold.reason.to_string()),
        ("direction", safe_to_show(&hold.direction)),
        ("from", safe_to_show(&hold.sender)),
        ("to", all(&hold.recipients)),
        ("subject", safe_to_show(&hold.subject)),
        ("found", all(&hold.findings)),
        ("may approve", all(&hold.approvers)),
        ("decided by", safe_to_show(&hold.decided_by)),
        ("since", moment(hold.held_ms)),
        ("goes", goes),
        ("given up", moment(hold.expires_ms)),
        ("host", safe_to_show(&hold.host)),
        ("queue id", safe_to_show(&hold.queue_id)),
    ] {
        table.add_row([name.to_owned(), value]);
    }
    format!("{table}\n")
}

fn object(hold: &Hold) -> serde_json::Value {
    json!({
        "id": hold.id,
        "queue_id": hold.queue_id,
        "host": hold.host,
        "reason": hold.reason,
        "direction": hold.direction,
        "from": safe_to_show(&hold.sender),
        "to": hold.recipients.iter().map(|one| safe_to_show(one)).collect::<Vec<_>>(),
        "subject": safe_to_show(&hold.subject),
        "findings": hold.findings,
        "approvers": hold.approvers,
        "since": moment(hold.held_ms),
        "goes": hold.goes_ms.map(moment),
        "given_up": moment(hold.expires_ms),
        "state": hold.state,
        "decided_by": hold.decided_by,
    })
}

/// The first recipients, one a line.
fn recipients(hold: &Hold) -> String {
    let mut lines: Vec<String> =
        hold.recipients.iter().take(SHOWN_RECIPIENTS).map(|one| safe_to_show(one)).collect();
    let more = hold.recipients.len().saturating_sub(SHOWN_RECIPIENTS);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.join("\n")
}

fn table() -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if !std::io::stdout().is_terminal() {
        table.force_no_tty();
    }
    table
}

/// A time of this host, to the second.
fn moment(at_ms: i64) -> String {
    let at = Timestamp::from_second(at_ms.div_euclid(1000)).unwrap_or_default();
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Who sits there: the name of the user that runs the command.
fn operator() -> String {
    let Some(uid) = super::own_uid() else { return "unknown".to_owned() };
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let uid = uid.to_string();
    let line = accounts.lines().find(|line| line.split(':').nth(2) == Some(uid.as_str()));
    let name = line.and_then(|line| line.split(':').next());
    name.map_or_else(|| format!("uid {uid}"), str::to_owned)
}

fn store_failed(error: StoreError) -> Failure {
    Failure::Io("holds".into(), std::io::Error::other(error))
}

fn print(text: &[u8]) -> Outcome {
    let mut out = std::io::stdout().lock();
    out.write_all(text)
        .and_then(|()| out.flush())
        .map_err(|e| Failure::Io("standard output".into(), e))?;
    Ok(ExitCode::SUCCESS)
}

/// States in which a mail still lies in a hold queue.
const OPEN: [State; 4] = [State::Held, State::Kept, State::Discarding, State::Releasing];

/// Recipients shown in a list.
const SHOWN_RECIPIENTS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Reason;

    fn held() -> Hold {
        Hold {
            id: "h1".into(),
            queue_id: "026D799607B".into(),
            host: "mx.own.example".into(),
            reason: Reason::Approval,
            direction: "outbound".into(),
            sender: "taro@own.example".into(),
            recipients: (1..=5).map(|n| format!("r{n}@outside.example")).collect(),
            subject: "\u{202E}fdp.exe".into(),
            findings: vec!["a-finding".to_owned()],
            approvers: vec!["boss@own.example".into()],
            held_ms: 1_795_292_933_000,
            expires_ms: 1_796_156_933_000,
            ..Hold::default()
        }
    }

    #[test]
    fn lists_are_for_people_or_programs() {
        let text = |format, holds: &[Hold]| String::from_utf8(listed(format, holds)).unwrap();
        assert_eq!(text(Format::Jsonl, &[]), "");
        assert_eq!(text(Format::Table, &[]), "no mail is held\n");
        let table = text(Format::Table, &[held()]);
        for part in ["h1", "approval", "taro@own.example", "and 2 more", "\\u{202E}", "1 mails"] {
            assert!(table.contains(part), "{part:?} is not in\n{table}");
        }
        let line = text(Format::Jsonl, &[held()]);
        let object: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(object["reason"], "approval");
        assert_eq!(object["state"], "held");
        assert_eq!(object["goes"], serde_json::Value::Null);
        assert_eq!(object["to"].as_array().unwrap().len(), 5);
    }

    #[test]
    fn one_hold_is_shown_in_full() {
        let text = shown(Format::Table, &held());
        for part in ["boss@own.example", "r5@outside.example", "when somebody decides"] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }

    #[test]
    fn what_was_decided_is_told() {
        let hold = Hold { state: State::Releasing, ..held() };
        assert_eq!(
            told(&Decided::Later(hold, None)),
            "h1: releasing; mx.own.example will do it within moments\n"
        );
        let hold = Hold { state: State::Released, ..held() };
        assert_eq!(told(&Decided::Done(hold)), "h1: released\n");
    }

    #[test]
    fn an_approval_names_who_approved_and_who_typed() {
        let event = event(Decision::Approve, "h1", "boss@own.example", "mx", 0);
        assert_eq!((event.what, event.who.as_str()), (Deed::Approved, "boss@own.example"));
        assert!(event.note.starts_with("by sekisho hold, user "), "{}", event.note);
    }
}
