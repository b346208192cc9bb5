//! Which mail goes by sekisho with each of the shipped snippets, and which is left alone.

use sekisho_tests::postfix::{Inbound, Postfix, Submission, available_or_skip, free_port};
use sekisho_tests::sekisho::{At, Sekisho};
use sekisho_tests::smtp::{self, Client, Letter};

use crate::{BANNER, CONTACT, CONTACT_SET, TARO, honest, suspicious};

const CUSTOMER: &str = "customer@outside.example";

/// What a member of staff writes to a customer, with a file, so that it would give points inbound.
fn outbound() -> Letter {
    let content = "From: Hanako <hanako@own.example>\r\nTo: customer@outside.example\r\n\
                   Subject: Plan\r\nX-Sekisho-Score: 5\r\nMIME-Version: 1.0\r\n\
                   Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\
                   Content-Type: text/plain\r\n\r\nPlease find the plan.\r\n--b\r\n\
                   Content-Type: application/octet-stream; name=\"plan.pdf.exe\"\r\n\
                   Content-Disposition: attachment; filename=\"plan.pdf.exe\"\r\n\r\nMZ\r\n--b--\r\n";
    Letter::new("hanako@own.example", CUSTOMER, content)
}

/// The content after the headers, as delivered: LF line ends.
fn body(letter: &Letter) -> Vec<u8> {
    let text = String::from_utf8(letter.content.clone()).unwrap().replace("\r\n", "\n");
    text.split_once("\n\n").unwrap().1.as_bytes().to_vec()
}

#[test]
fn staffs_own_mail_passes_untouched_where_submission_is_asked() {
    if !available_or_skip() {
        return;
    }
    let sekisho = Sekisho::start(&[BANNER, CONTACT_SET]).unwrap();
    let port = sekisho.port();
    let postfix = Postfix::start(Inbound::Main(port), Submission::Asked(port)).unwrap();
    let staff = Client::logged_in("hanako");
    let reply = smtp::send(postfix.submission, &staff, &outbound()).unwrap();
    assert_eq!(reply.code, 250, "{reply}");
    let got = postfix.sole_delivery(CUSTOMER);
    assert_eq!(got.body(), body(&outbound()));
    assert_eq!(got.header("X-Sekisho-Decision"), Vec::<String>::new());
    sekisho.logged("outbound", 1);

    smtp::send(postfix.inbound, &Client::outside(), &suspicious(TARO)).unwrap();
    let got = postfix.sole_delivery(TARO);
    assert_eq!(got.sole_header("X-Sekisho-Decision"), "banner");
}

#[test]
fn submission_apart_is_not_asked_even_where_main_cf_names_us() {
    if !available_or_skip() {
        return;
    }
    let mut sekisho = Sekisho::start(&[BANNER]).unwrap();
    let postfix = Postfix::start(Inbound::Main(sekisho.port()), Submission::Apart).unwrap();
    let reply = smtp::send(postfix.inbound, &Client::outside(), &suspicious(TARO)).unwrap();
    assert_eq!(reply.code, 250, "{reply}");
    assert_eq!(postfix.sole_delivery(TARO).sole_header("X-Sekisho-Decision"), "banner");

    sekisho.kill();
    let staff = Client::logged_in("hanako");
    let reply = smtp::send(postfix.submission, &staff, &outbound()).unwrap();
    assert_eq!(reply.code, 250, "staff can send while sekisho is down: {reply}");
    assert_eq!(postfix.sole_delivery(CUSTOMER).body(), body(&outbound()));
}

#[test]
fn one_service_alone_can_be_judged() {
    if !available_or_skip() {
        return;
    }
    let sekisho = Sekisho::start(&[BANNER]).unwrap();
    let postfix = Postfix::start(Inbound::Service(sekisho.port()), Submission::Apart).unwrap();
    let reply = smtp::send(postfix.inbound, &Client::outside(), &suspicious(TARO)).unwrap();
    assert_eq!(reply.code, 250, "{reply}");
    assert_eq!(postfix.sole_delivery(TARO).sole_header("X-Sekisho-Decision"), "banner");
}

#[test]
fn a_login_on_the_inbound_port_makes_mail_outbound() {
    if !available_or_skip() {
        return;
    }
    let sekisho = Sekisho::start(&[BANNER]).unwrap();
    let postfix = Postfix::start(Inbound::Main(sekisho.port()), Submission::Absent).unwrap();
    let reply = smtp::send(postfix.inbound, &Client::logged_in("hanako"), &outbound()).unwrap();
    assert_eq!(reply.code, 250, "{reply}");
    assert_eq!(postfix.sole_delivery(CUSTOMER).body(), body(&outbound()));
}

#[test]
fn our_own_host_with_an_own_sender_is_outbound_and_with_another_sender_is_not() {
    if !available_or_skip() {
        return;
    }
    let sekisho = Sekisho::start(&[BANNER]).unwrap();
    let postfix = Postfix::start(Inbound::Main(sekisho.port()), Submission::Absent).unwrap();
    let here = Client::default();
    assert_eq!(smtp::send(postfix.inbound, &here, &outbound()).unwrap().code, 250);
    assert_eq!(postfix.sole_delivery(CUSTOMER).header("X-Sekisho-Score"), Vec::<String>::new());
    assert_eq!(smtp::send(postfix.inbound, &here, &suspicious(TARO)).unwrap().code, 250);
    assert_eq!(postfix.sole_delivery(TARO).sole_header("X-Sekisho-Decision"), "banner");
}

#[test]
fn a_unix_socket_with_postfix_as_group_serves_a_chrooted_service() {
    if !available_or_skip() {
        return;
    }
    let postfix = Postfix::start(Inbound::MainUnix, Submission::Absent).unwrap();
    let socket = ("filter.toml", "socket_mode = 0o660\nsocket_group = \"postfix\"\n");
    let files = [BANNER, CONTACT_SET, socket];
    let mut sekisho = Sekisho::start_at(At::Socket(postfix.socket()), &files).unwrap();
    let reply = smtp::send(postfix.inbound, &Client::outside(), &suspicious(TARO)).unwrap();
    assert_eq!(reply.code, 250, "{reply}\n{}\n{}", postfix.log(), sekisho.log());
    assert!(postfix.sole_delivery(TARO).texts().concat().contains(CONTACT));

    // The socket file that a killed process leaves behind does not keep the next one from starting.
    sekisho.kill();
    sekisho.restart().unwrap();
    let to = "again@own.example";
    let reply = smtp::send(postfix.inbound, &Client::outside(), &honest(to)).unwrap();
    assert_eq!(reply.code, 250, "{reply}");
    assert_eq!(postfix.sole_delivery(to).sole_header("X-Sekisho-Decision"), "accept");
}

#[test]
fn without_a_milter_the_test_server_delivers_mail_as_it_is() {
    if !available_or_skip() {
        return;
    }
    let postfix = Postfix::start(Inbound::Unasked, Submission::Absent).unwrap();
    assert_ne!(postfix.inbound, free_port());
    let reply = smtp::send(postfix.inbound, &Client::outside(), &suspicious(TARO)).unwrap();
    assert_eq!(reply.code, 250, "{reply}");
    let got = postfix.sole_delivery(TARO);
    assert_eq!(got.header("X-Sekisho-Score"), Vec::<String>::new());
    assert_eq!(got.body(), body(&suspicious(TARO)));
}
