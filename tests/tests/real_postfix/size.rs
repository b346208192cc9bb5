//! Many recipients, large mails, many mails at once.

use sekisho_tests::letters::base64;
use sekisho_tests::smtp::{Client, Letter, Session};

use crate::{BANNER, CONTACT, CONTACT_SET, Lab, STRANGER, TARO, honest, suspicious};

#[test]
fn five_hundred_recipients_get_one_judgement_and_a_copy_each() {
    let Some(lab) = Lab::start(&[BANNER, CONTACT_SET]) else { return };
    let mut letter = suspicious("member-0@own.example");
    letter.to = (0..500).map(|n| format!("member-{n}@own.example")).collect();
    assert_eq!(lab.receive(&letter).code, 250);
    lab.postfix.settle();
    for to in ["member-0@own.example", "member-250@own.example", "member-499@own.example"] {
        assert!(lab.postfix.sole_delivery(to).texts().concat().contains(CONTACT));
    }
    assert_eq!(lab.postfix.all_delivered().len(), 500);
}

#[test]
fn twenty_megabytes_pass_with_a_banner_and_the_file_unchanged() {
    let Some(lab) = Lab::start(&[BANNER, CONTACT_SET]) else { return };
    let file: Vec<u8> =
        (0..15_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut content = format!(
        "From: {STRANGER}\r\nTo: {TARO}\r\nSubject: Drawing\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\
         Content-Type: text/plain\r\n\r\nPlease find the drawing.\r\n--b\r\n\
         Content-Type: image/x-raw; name=\"drawing.raw\"\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"drawing.raw\"\r\n\r\n"
    );
    content.push_str(&base64(&file));
    content.push_str("\r\n--b--\r\n");
    assert!(content.len() > 20_000_000);
    let got = lab.deliver(&Letter::new(STRANGER, TARO, &content));
    assert!(got.texts().concat().contains(CONTACT), "{got:?}");
    assert!(got.attachments() == [("drawing.raw".to_owned(), file)], "{got:?}");
}

#[test]
fn many_clients_at_once_each_get_their_answer() {
    let Some(lab) = Lab::start(&[BANNER]) else { return };
    std::thread::scope(|scope| {
        for client in 0..8 {
            let port = lab.postfix.inbound;
            scope.spawn(move || {
                let mut session = Session::connect(port).unwrap();
                session.introduce(&Client::outside()).unwrap();
                for mail in 0..5 {
                    let letter = if mail % 2 == 0 { suspicious } else { honest };
                    let reply = session.send(&letter(&format!("c{client}-{mail}@own.example")));
                    assert_eq!(reply.unwrap().code, 250);
                }
            });
        }
    });
    lab.postfix.settle();
    for client in 0..8 {
        for mail in 0..5 {
            let got = lab.postfix.sole_delivery(&format!("c{client}-{mail}@own.example"));
            let expected = if mail % 2 == 0 { "banner" } else { "accept" };
            assert_eq!(got.sole_header("X-Sekisho-Decision"), expected);
        }
    }
}
