//! `sekisho warn`: the warning to all staff, as a draft until an administrator says so.

use clap::Args;
use sekisho_config::Settings;

use super::memory::{operator, record, remember, with_store};
use super::{ConfigArgs, Failure, Outcome, print};
use crate::notice::warning::warning;
use crate::notice::{Notice, Outbox};
use crate::record::{Deed, Record};
use crate::store::Store;

#[derive(Args)]
pub(super) struct WarnArgs {
    /// Id of the mail's record
    id: String,
    /// Send it; without, it is only shown
    #[arg(long)]
    send: bool,
    /// To this address [default: staff in notify.toml]
    #[arg(long, value_name = "ADDR")]
    to: Option<String>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Writes the warning, and sends it where that is asked for.
pub(super) fn warn(args: &WarnArgs) -> Outcome {
    with_store(args.config.config.as_deref(), async |store, settings| {
        let record = record(store, &args.id).await?;
        let notice = written(&record, args.to.as_deref(), settings)?;
        if !args.send {
            return print(&draft(&notice));
        }
        let to = notice.to.join(", ");
        if to.is_empty() {
            let what = "nobody to send it to: set staff in notify.toml, or name --to";
            return Err(Failure::Usage(what.into()));
        }
        let sent = Outbox::send_now(settings, &notice).await;
        sent.map_err(|why| {
            Failure::Io("the warning was not sent".into(), std::io::Error::other(why))
        })?;
        print(&format!("warning about {} sent to {to}\n", record.id))?;
        told(store, &record, &to).await
    })
}

async fn told<S: Store>(store: &S, record: &Record, to: &str) -> Outcome {
    remember(store, Deed::Warned, &operator(), &record.id, format!("to {to}")).await?;
    Ok(std::process::ExitCode::SUCCESS)
}

fn written(record: &Record, to: Option<&str>, settings: &Settings) -> Result<Notice, Failure> {
    if record.direction != "inbound" {
        let what =
            format!("{} is {} mail; warnings are about inbound mail", record.id, record.direction);
        return Err(Failure::Usage(what));
    }
    let to = to.unwrap_or(&settings.notify.staff);
    Ok(warning(record, Vec::from_iter((!to.is_empty()).then(|| to.to_owned())), settings))
}

fn draft(notice: &Notice) -> String {
    let to = match notice.to.join(", ") {
        to if to.is_empty() => "(staff is not set in notify.toml; name --to)".to_owned(),
        to => to,
    };
    format!("To: {to}\nSubject: {}\n\n{}", notice.subject, notice.text())
}

#[cfg(test)]
mod tests {
    use super::super::memory::fake::Shelf;
    use super::*;

    fn inbound() -> Record {
        Record {
            id: "Q1".into(),
            direction: "inbound".into(),
            subject: "至急".into(),
            ..Record::default()
        }
    }

    #[test]
    fn a_draft_says_to_whom_it_would_go() {
        let mut settings = Settings::default();
        let shown = |to, settings: &Settings| draft(&written(&inbound(), to, settings).unwrap());
        assert!(shown(None, &settings).starts_with("To: (staff is not set"));
        settings.notify.staff = "all@own.example".into();
        let text = shown(None, &settings);
        assert!(
            text.starts_with("To: all@own.example\nSubject: 【注意喚起】") && text.contains("至急"),
            "{text}"
        );
        assert!(shown(Some("a@own.example"), &settings).starts_with("To: a@own.example\n"));
    }

    #[test]
    fn only_inbound_mail_is_warned_of() {
        let record = Record { direction: "outbound".into(), ..inbound() };
        assert!(matches!(written(&record, None, &Settings::default()), Err(Failure::Usage(_))));
    }

    #[tokio::test]
    async fn what_was_sent_is_remembered() {
        let shelf = Shelf::default();
        told(&shelf, &inbound(), "all@own.example").await.unwrap();
        let events = shelf.events.lock().unwrap();
        let event = events.first().unwrap();
        assert_eq!(
            (event.what, event.subject.as_str(), event.note.as_str()),
            (Deed::Warned, "Q1", "to all@own.example")
        );
    }
}
