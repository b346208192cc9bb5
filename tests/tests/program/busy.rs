//! When there is more to do than room or readers for it: what goes beyond is put off or left out,
//! the rest goes on.

use std::io::{PipeReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, channel};

use sekisho_config::Listen;
use sekisho_milter::wire::{Offer, Protocol, Reply, SmtpText};
use sekisho_tests::fake_postfix::{FakePostfix, Mail, POSTFIX};
use sekisho_tests::sekisho::{At, Sekisho};
use sekisho_tests::wait;

/// Answers are awaited for each event: what was sent has been read.
const CHATTY: Offer = Offer { protocol: Protocol(0), ..POSTFIX };

fn address(sekisho: &Sekisho) -> Listen {
    format!("inet:127.0.0.1:{}", sekisho.port()).parse().unwrap()
}

/// A mail of about 900 kB.
fn big(queue_id: &str) -> Mail {
    let mail = format!("From: a@example.com\nSubject: x\n\n{}", "0123456\n".repeat(100_000));
    Mail { queue_id: queue_id.into(), ..Mail::new(mail) }
}

#[test]
fn a_mail_for_which_there_is_no_room_is_put_off_and_the_others_go_on() {
    let limits = "[limits]\nbody_bytes = \"1MiB\"\nbytes_in_flight = \"3MiB\"\n\
                  [on_failure]\nlimits = \"accept\"\n";
    let sekisho = Sekisho::start(&[("filter.toml", limits)]).unwrap();
    let mut held: Vec<FakePostfix> = (0..3)
        .map(|n| {
            let mut postfix = FakePostfix::connect_as(&address(&sekisho), CHATTY).unwrap();
            assert_eq!(postfix.envelope(&big(&format!("HELD{n}"))).unwrap(), None);
            assert_eq!(postfix.content(&big(&format!("HELD{n}"))).unwrap(), None);
            postfix
        })
        .collect();
    let mut late = FakePostfix::connect(&address(&sekisho)).unwrap();
    let busy = "The mail filter is busy. Please try again later.";
    let busy = Reply::Text(SmtpText::new(451, (3, 2), busy).unwrap());
    assert_eq!(late.send(&big("LATE")).unwrap().reply, busy);
    sekisho.logged("LATE: put off, busy: over the limit on bytes in flight", 1);
    assert!(late.send(&Mail::new("From: a@example.com\n\nsmall\n")).unwrap().is_taken());
    for (n, postfix) in held.iter_mut().enumerate() {
        assert!(postfix.end_of_message(&big(&format!("HELD{n}"))).unwrap().is_taken());
    }
    // It comes again.
    assert!(late.send(&big("AGAIN")).unwrap().is_taken());
    assert_eq!(sekisho.log().matches("put off").count(), 1);
}

/// One on a unix socket in `folder`, whose log is a pipe that is full and that nobody reads.
fn start_unread(folder: &std::path::Path) -> (Sekisho, Listen, PipeReader) {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let stderr = writer.try_clone().unwrap();
    // More than any pipe takes: what does not fit waits, and keeps the pipe full.
    std::thread::spawn(move || writer.write_all(&vec![b'\n'; 1 << 21]));
    let path = folder.join("milter.sock");
    let at = At::Socket(path.clone());
    (Sekisho::start_logging_to(at, &[], stderr).unwrap(), Listen::Unix(path), reader)
}

/// Pieces of what is read from now on.
fn read(mut reader: PipeReader) -> Receiver<String> {
    let (pieces, received) = channel();
    std::thread::spawn(move || {
        let mut piece = vec![0; 1 << 16];
        while let Ok(length @ 1..) = reader.read(&mut piece) {
            let _ = pieces.send(String::from_utf8_lossy(&piece[..length]).into_owned());
        }
    });
    received
}

#[test]
fn a_log_that_nobody_reads_keeps_no_mail_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let (mut sekisho, address, reader) = start_unread(folder.path());
    let mut postfix = FakePostfix::connect(&address).unwrap();
    for n in 0..20 {
        let mail = Mail { queue_id: format!("MAIL{n}"), ..Mail::new("From: a@example.com\n\nx\n") };
        assert!(postfix.send(&mail).unwrap().is_taken());
    }
    // Read again: nothing is missing, and the last line is there at the end.
    let pieces = read(reader);
    sekisho.terminate();
    assert!(sekisho.wait().unwrap().success());
    let log: String = pieces.iter().collect();
    for line in ["listening on", "MAIL0: inbound", "MAIL19: inbound", "stopped"] {
        assert_eq!(log.matches(line).count(), 1, "{line} in {log}");
    }
}

#[test]
fn a_log_that_nobody_reads_does_not_keep_it_from_ending() {
    let folder = tempfile::tempdir().unwrap();
    let (mut sekisho, _, _reader) = start_unread(folder.path());
    sekisho.terminate();
    assert!(sekisho.wait().unwrap().success());
}

#[test]
fn lines_that_found_no_room_are_counted_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let (_sekisho, address, reader) = start_unread(folder.path());
    let Listen::Unix(path) = address else { panic!() };
    let connections = 12_000;
    for _ in 0..connections {
        // Each is a line.
        UnixStream::connect(&path).unwrap().write_all(b"\0").unwrap();
    }
    let (pieces, mut log) = (read(reader), String::new());
    let whole = wait::until("every line to be written or counted", || {
        log.extend(pieces.try_iter());
        let told = log.match_indices(" lines of this log were left out");
        let left_out = told.map(|(at, _)| -> usize {
            log[..at].rsplit(' ').next().unwrap_or_default().parse().unwrap()
        });
        let left_out: usize = left_out.sum();
        let written = log.matches("it ended inside a packet").count();
        (written + left_out == connections).then_some(left_out)
    });
    assert!(whole.unwrap() > 0);
}
