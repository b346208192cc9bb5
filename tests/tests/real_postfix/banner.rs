//! The banner in every charset and structure, with everything else as it was.

use sekisho_tests::letters::{FILE, Form, LOGO, Letter as Written, Structure, base64};
use sekisho_tests::maildir::Delivered;
use sekisho_tests::smtp::Letter;

use crate::{BANNER, CONTACT, CONTACT_SET, Lab, STRANGER, TARO, honest, suspicious};

const JAPANESE: Written<'_> = Written {
    from: STRANGER,
    to: TARO,
    subject: "来週の打ち合わせについて",
    lines: &[
        "いつもお世話になっております。",
        "",
        "来週の打ち合わせの件でご連絡しました。",
        "佐藤",
    ],
};

const ENGLISH: Written<'_> = Written {
    from: STRANGER,
    to: TARO,
    subject: "Next week",
    lines: &["Dear Mr Tanaka,", "", ".we meet on Tuesday = 10 o'clock.", "Sato"],
};

#[test]
fn every_charset_and_structure_shows_the_banner_and_keeps_the_rest() {
    let Some(lab) = Lab::start(&[BANNER, CONTACT_SET]) else { return };
    let mut forms = Form::JAPANESE.map(|form| (form, JAPANESE)).to_vec();
    forms.push((Form::ASCII, ENGLISH));
    for (form, letter) in forms {
        for structure in Structure::ALL {
            let to = format!("{structure:?}-{}-{}@own.example", form.charset, form.encoding);
            let sent = letter.write(form, structure);
            let got = lab.deliver(&Letter::new(STRANGER, &to.to_lowercase(), &sent));
            check(&letter, structure, &sent, &got);
        }
    }
}

/// Holds a delivered mail against what was sent.
#[track_caller]
fn check(letter: &Written<'_>, structure: Structure, sent: &[u8], got: &Delivered) {
    assert_eq!(got.sole_header("X-Sekisho-Decision"), "banner", "{got:?}");
    assert_eq!(got.subject(), letter.subject, "{got:?}");
    let kept = Delivered { raw: sent.to_vec() };
    for name in ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version"] {
        assert_eq!(got.sole_header(name), kept.sole_header(name), "{got:?}");
    }
    if structure.has_text() {
        let text = got.texts().concat();
        assert!(text.contains(CONTACT), "no banner in {text}\n{got:?}");
        assert_eq!(text.matches(CONTACT).count(), 1, "banner more than once: {text}");
        let original = letter.text().replace("\r\n", "\n");
        assert!(text.contains(original.trim_end()), "text changed: {text}\n{got:?}");
    }
    if structure.has_html() {
        let html = got.htmls().concat();
        assert_eq!(html.matches(CONTACT).count(), 1, "banner not once in {html}\n{got:?}");
        let original = letter.html().replace("\r\n", "\n");
        let (_, content) = original.split_once("<body class=\"a\">").unwrap();
        let (content, _) = content.split_once("</body>").unwrap();
        assert!(html.contains(content.trim()), "html changed: {html}\n{got:?}");
        assert!(html.contains("<body class=\"a\">"), "{html}");
    }
    let mut untouched = vec![];
    if structure.has_file() {
        assert!(got.attachments().contains(&("plan.pdf".into(), FILE.to_vec())), "{got:?}");
        untouched.push(base64(FILE));
    }
    if matches!(structure, Structure::Nested | Structure::Related) {
        untouched.push(base64(LOGO));
    }
    let raw = String::from_utf8_lossy(&got.raw);
    for part in untouched {
        assert!(raw.contains(&part.replace("\r\n", "\n")), "part changed: {got:?}");
    }
}

#[test]
fn a_mail_without_a_body_gets_a_banner_too() {
    let Some(lab) = Lab::start(&[BANNER, CONTACT_SET]) else { return };
    let mail = format!("From: {STRANGER}\r\nTo: {TARO}\r\nSubject: Hello\r\n\r\n");
    let got = lab.deliver(&Letter::new(STRANGER, TARO, mail));
    assert_eq!(got.sole_header("X-Sekisho-Decision"), "banner");
    assert!(got.texts().concat().contains(CONTACT), "{got:?}");
}

#[test]
fn a_mail_without_anything_to_say_about_stays_as_it_is() {
    let Some(lab) = Lab::start(&[BANNER, CONTACT_SET]) else { return };
    let got = lab.deliver(&honest(TARO));
    assert_eq!(got.sole_header("X-Sekisho-Decision"), "accept");
    assert_eq!(got.sole_header("X-Sekisho-Score"), "0");
    assert_eq!(got.header("X-Sekisho-Indicators"), Vec::<String>::new(), "empty is left out");
    assert_eq!(got.body(), b"Shall we meet next week?\n");
}

#[test]
fn the_headers_tell_score_decision_and_indicators() {
    let Some(lab) = Lab::start(&[BANNER]) else { return };
    let got = lab.deliver(&suspicious(TARO));
    let score: u16 = got.sole_header("X-Sekisho-Score").parse().expect("an integer");
    assert!(score > 0);
    assert_eq!(got.sole_header("X-Sekisho-Decision"), "banner");
    assert_eq!(got.sole_header("X-Sekisho-Indicators"), format!("free-mail-sender={score}"));
}

#[test]
fn signed_mail_is_told_by_header_and_subject_alone() {
    let tag = ("actions.toml", "banner_contact = \"1234\"\nsubject_tag = \"[!]\"\n");
    let Some(lab) = Lab::start(&[BANNER, tag]) else { return };
    let body = "--b\r\nContent-Type: text/plain\r\n\r\nsigned text\r\n--b\r\n\
                Content-Type: application/pgp-signature; name=\"signature.asc\"\r\n\r\n\
                -----BEGIN PGP SIGNATURE-----\r\n\r\niQ==\r\n-----END PGP SIGNATURE-----\r\n--b--\r\n";
    let mail = format!(
        "From: {STRANGER}\r\nTo: {TARO}\r\nSubject: Report\r\nMIME-Version: 1.0\r\nContent-Type: \
         multipart/signed; protocol=\"application/pgp-signature\"; boundary=\"b\"\r\n\r\n{body}"
    );
    let got = lab.deliver(&Letter::new(STRANGER, TARO, mail));
    assert_eq!(got.sole_header("X-Sekisho-Decision"), "banner");
    assert_eq!(got.subject(), "[!] Report");
    assert_eq!(got.body(), body.replace("\r\n", "\n").as_bytes());
}
