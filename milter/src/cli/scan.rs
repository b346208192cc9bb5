//! `sekisho scan`: the same judgement as the milter's, without a mail server.

use std::collections::VecDeque;
use std::process::ExitCode;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sekisho_heuristics::facts::{Client, Direction};
use sekisho_heuristics::message::auth_results::Arrival;
use tokio::task::JoinHandle;

use super::scan_input::{self, Mail, Place};
use super::scan_output::{Printer, Row};
use super::{Failure, Format, Outcome, ScanArgs, Way, complain, config_dir, policy, settings};
use crate::filter::{Filter, Judgement, Submission};
use crate::stored;

/// Mails whose facts are waited for at the same time; results keep the input order.
const AT_ONCE: usize = 64;

/// Judges every mail of the given paths.
pub(super) fn scan(args: &ScanArgs) -> Outcome {
    let mut settings = settings(config_dir(args.config.config.as_deref()).as_deref())?;
    for domain in &args.own_domain {
        let domain = sekisho_config::domain(domain).map_err(Failure::Usage)?;
        settings.filter.own_domains.push(domain);
    }
    settings.filter.own_networks.extend(&args.own_network);
    let ids = args.trust_authserv.iter().map(|id| id.to_lowercase());
    settings.authentication.trusted_authserv_ids.extend(ids);
    let language = settings.actions.language;
    let filter = Filter::new(policy(settings)?, args.offline).map_err(Failure::NameServer)?;
    let filter = Arc::new(filter);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::Io("worker threads".into(), e))?;
    let (places, errors) = scan_input::find(&args.paths);
    let mut printer = Printer::new(args.format, language);
    let unreadable = !errors.is_empty();
    for (path, error) in errors {
        complain(&format!("{}: {error}", path.display()));
    }
    let result = runtime.block_on(judge_all(args, filter, places, &mut printer));
    let all_read = result.and_then(|all_read| printer.finish().map(|()| all_read));
    let all_read = all_read.map_err(|e| Failure::Io("standard output".into(), e))?;
    Ok(ExitCode::from(u8::from(unreadable || !all_read)))
}

/// Judges the mails of all places, a window of them at a time. Returns whether all could be read.
async fn judge_all(
    args: &ScanArgs,
    filter: Arc<Filter>,
    places: Vec<Place>,
    printer: &mut Printer,
) -> std::io::Result<bool> {
    let progress = progress(args.format, places.len());
    let mut window: VecDeque<JoinHandle<Row>> = VecDeque::new();
    let mut all_read = true;
    for place in places {
        match scan_input::read(&place) {
            Err((name, error)) => {
                progress.suspend(|| complain(&format!("{name}: {error}")));
                all_read = false;
            }
            Ok(mails) => {
                for mail in mails {
                    if window.len() >= AT_ONCE
                        && let Some(first) = window.pop_front()
                    {
                        print(first, printer, &progress).await?;
                    }
                    window.push_back(start(args, filter.clone(), mail));
                }
            }
        }
        progress.inc(1);
    }
    for waiting in window {
        print(waiting, printer, &progress).await?;
    }
    progress.finish_and_clear();
    Ok(all_read)
}

async fn print(
    row: JoinHandle<Row>,
    printer: &mut Printer,
    progress: &ProgressBar,
) -> std::io::Result<()> {
    let row = row.await.map_err(std::io::Error::other)?;
    progress.suspend(|| printer.print(row))
}

fn start(args: &ScanArgs, filter: Arc<Filter>, mail: Mail) -> JoinHandle<Row> {
    let given = Given {
        direction: match args.direction {
            Way::Auto => None,
            Way::Inbound => Some(Direction::Inbound),
            Way::Internal => Some(Direction::Internal),
            Way::Outbound => Some(Direction::Outbound),
        },
        mail_from: args.mail_from.clone(),
        rcpt: args.rcpt.clone(),
        client_ip: args.client_ip,
        auth_user: args.auth_user.clone(),
    };
    tokio::spawn(async move {
        let judgement = given.judge(&filter, &mail).await;
        Row { file: mail.file, judgement }
    })
}

/// What the command line says of every mail.
struct Given {
    direction: Option<Direction>,
    mail_from: Option<String>,
    rcpt: Vec<String>,
    client_ip: Option<std::net::IpAddr>,
    auth_user: Option<String>,
}

impl Given {
    /// Fills what is not given from the mail's own header fields, and judges.
    async fn judge(self, filter: &Filter, mail: &Mail) -> Result<Judgement, String> {
        let settings = filter.settings();
        let (mut envelope, mut client) = stored::read(&mail.raw, settings);
        if self.mail_from.is_some() {
            envelope.mail_from = self.mail_from;
        }
        if !self.rcpt.is_empty() {
            envelope.recipients = self.rcpt;
        }
        if let Some(ip) = self.client_ip {
            let own_network = settings.filter.own_networks.iter().any(|n| n.contains(ip));
            client = Client { ip: Some(ip), own_network, ..Client::default() };
        }
        if self.auth_user.is_some() {
            client.authenticated_user = self.auth_user;
        }
        let submission = Submission {
            raw: &mail.raw,
            envelope,
            client,
            arrival: Arrival::Stored,
            direction: self.direction,
        };
        filter.judge(&submission).await
    }
}

/// A bar on standard error for tables on a terminal; nothing otherwise.
fn progress(format: Format, len: usize) -> ProgressBar {
    let bar = ProgressBar::new(len as u64);
    if format == Format::Jsonl || len < 2 {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    match ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
