//! Killed, absent, reloaded, terminated: no mail is lost, doubled or passed unjudged.

use std::time::{Duration, Instant};

use sekisho_tests::smtp::{self, Client, Session, stuffed};
use sekisho_tests::wait;

use crate::{BANNER, HOLD, Lab, TARO, honest, suspicious};

const HALF: &[u8] = b"From: Sato <sato.reception@gmail.com>\r\nTo: taro@own.example\r\n\
                      Subject: Half\r\n\r\nthe first half\r\n";

#[test]
fn killed_in_mid_message_the_client_tries_again_and_one_copy_arrives() {
    let Some(mut lab) = Lab::start(&[BANNER]) else { return };
    let mut session = Session::connect(lab.postfix.inbound).unwrap();
    session.introduce(&Client::outside()).unwrap();
    assert_eq!(session.begin(&suspicious(TARO)).unwrap().code, 354);
    session.write(HALF).unwrap();
    lab.sekisho.kill();
    session.write(b"the second half\r\n.\r\n").unwrap();
    let reply = session.reply().unwrap();
    assert!((400..500).contains(&reply.code), "try again later: {reply}");
    lab.postfix.settle();
    assert!(lab.postfix.mailbox(TARO).mails().is_empty());

    lab.sekisho.restart().unwrap();
    let got = lab.deliver(&suspicious(TARO));
    assert_eq!(got.sole_header("X-Sekisho-Decision"), "banner");
    assert_eq!(lab.postfix.queue(), []);
}

#[test]
fn whenever_it_is_killed_exactly_one_judged_copy_arrives() {
    let Some(mut lab) = Lab::start(&[BANNER]) else { return };
    let line = "This mail is long enough for the judgement to take a while.\r\n";
    let long = |to: &str| {
        let mut letter = suspicious(to);
        letter.content.extend(line.repeat(30_000).bytes());
        letter
    };
    let (whole, once) = {
        let start = Instant::now();
        (lab.deliver(&long("measure@own.example")), start.elapsed())
    };
    for eighths in 0..8 {
        let to = format!("killed-{eighths}@own.example");
        let letter = long(&to);
        let mut session = Session::connect(lab.postfix.inbound).unwrap();
        session.introduce(&Client::outside()).unwrap();
        assert_eq!(session.begin(&letter).unwrap().code, 354);
        session.write(&stuffed(&letter.content)).unwrap();
        session.write(b".\r\n").unwrap();
        let moment = Instant::now() + once.min(Duration::from_secs(2)) * eighths / 8;
        std::thread::sleep(moment.saturating_duration_since(Instant::now()));
        lab.sekisho.kill();
        let reply = session.reply().unwrap();
        lab.sekisho.restart().unwrap();
        if reply.code != 250 {
            assert!((400..500).contains(&reply.code), "at {eighths}/8: {reply}");
            let again = lab.receive(&letter);
            assert_eq!(again.code, 250, "at {eighths}/8: {again}");
        }
        let got = lab.postfix.sole_delivery(&to);
        assert_eq!(got.sole_header("X-Sekisho-Decision"), "banner", "at {eighths}/8");
        assert_eq!(got.body(), whole.body(), "at {eighths}/8 the body is whole and has one banner");
    }
}

#[test]
fn absent_when_a_client_connects_means_try_again_later() {
    let Some(mut lab) = Lab::start(&[BANNER]) else { return };
    lab.sekisho.kill();
    let mut session = Session::connect(lab.postfix.inbound).unwrap();
    session.introduce(&Client::outside()).unwrap();
    let reply = session.send(&honest(TARO)).unwrap();
    assert!((400..500).contains(&reply.code), "{reply}");
    lab.postfix.settle();
    assert!(lab.postfix.mailbox(TARO).mails().is_empty());

    lab.sekisho.restart().unwrap();
    assert_eq!(lab.deliver(&honest(TARO)).sole_header("X-Sekisho-Decision"), "accept");
}

#[test]
fn a_reload_holds_for_new_connections_and_not_for_old_ones() {
    let Some(lab) = Lab::start(&[BANNER]) else { return };
    let mut old = Session::connect(lab.postfix.inbound).unwrap();
    old.introduce(&Client::outside()).unwrap();
    assert_eq!(old.send(&suspicious("before@own.example")).unwrap().code, 250);

    lab.sekisho.configure(&[HOLD]).unwrap();
    lab.sekisho.reload();
    wait::until("a new connection with the new settings", || {
        let reply = lab.receive(&suspicious("new@own.example"));
        assert_eq!(reply.code, 250, "{reply}");
        (!lab.postfix.held().is_empty()).then_some(())
    })
    .unwrap();
    assert_eq!(old.send(&suspicious("after@own.example")).unwrap().code, 250);
    for to in ["before@own.example", "after@own.example"] {
        assert_eq!(lab.postfix.sole_delivery(to).sole_header("X-Sekisho-Decision"), "banner");
    }
}

#[test]
fn a_bad_file_leaves_the_old_settings_in_force_and_says_why() {
    let Some(lab) = Lab::start(&[BANNER]) else { return };
    lab.sekisho.configure(&[("thresholds.toml", "[thresholds]\nbaner = 1\n")]).unwrap();
    lab.sekisho.reload();
    lab.sekisho.logged("baner", 1);
    assert_eq!(lab.deliver(&suspicious(TARO)).sole_header("X-Sekisho-Decision"), "banner");
}

#[test]
fn terminated_it_finishes_the_mail_in_flight() {
    let Some(mut lab) = Lab::start(&[BANNER]) else { return };
    let mut session = Session::connect(lab.postfix.inbound).unwrap();
    session.introduce(&Client::outside()).unwrap();
    assert_eq!(session.begin(&suspicious(TARO)).unwrap().code, 354);
    session.write(HALF).unwrap();
    lab.sekisho.terminate();
    wait::until("the port to close", || {
        std::net::TcpStream::connect(("127.0.0.1", lab.sekisho.port())).is_err().then_some(())
    })
    .unwrap();
    session.write(b"the second half\r\n.\r\n").unwrap();
    let reply = session.reply().unwrap();
    assert_eq!(reply.code, 250, "{reply}\n{}", lab.sekisho.log());
    session.command("QUIT").unwrap();
    assert!(lab.sekisho.wait().unwrap().success(), "{}", lab.sekisho.log());
    let got = lab.postfix.sole_delivery(TARO);
    assert_eq!(got.sole_header("X-Sekisho-Decision"), "banner");
}

#[test]
fn a_client_that_goes_away_in_mid_message_leaves_nothing_behind() {
    let Some(lab) = Lab::start(&[BANNER]) else { return };
    let mut session = Session::connect(lab.postfix.inbound).unwrap();
    session.introduce(&Client::outside()).unwrap();
    assert_eq!(session.begin(&suspicious(TARO)).unwrap().code, 354);
    session.write(HALF).unwrap();
    drop(session);
    let reply = smtp::send(lab.postfix.inbound, &Client::outside(), &honest(TARO)).unwrap();
    assert_eq!(reply.code, 250, "{reply}");
    let got = lab.postfix.sole_delivery(TARO);
    assert_eq!(got.sole_header("X-Sekisho-Decision"), "accept");
}
