//! When there is more to do than room or readers for it: what goes beyond is put off or left out,
//! the rest goes on.

use sekisho_config::Listen;
use sekisho_milter::wire::{Offer, Protocol, Reply, SmtpText};
use sekisho_tests::fake_postfix::{FakePostfix, Mail, POSTFIX};
use sekisho_tests::sekisho::Sekisho;

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
