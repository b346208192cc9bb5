//! Charsets, structures and encodings: the banner is seen, the text is still there.

use encoding_rs::Encoding;
use sekisho_config::{HtmlToText, Language, Settings};
use sekisho_heuristics::decision::Decision;

use super::{EN, JA, assessment, carried_out, finding, resolved, seen, settings};
use crate::act::transfer;

/// Text of the mails: ends with a character whose last byte is ASCII in Shift_JIS (0x5C).
const TEXT: &str = "お世話になっております。\r\n資料をお送りします。表\r\n";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Cte {
    Base64,
    Eight,
    Missing,
    Quoted,
    Seven,
}

/// A part with header and encoded body, ending with a line end.
fn part(media_type: &str, charset: &str, cte: Cte, text: &str) -> Vec<u8> {
    let content = match Encoding::for_label(charset.as_bytes()) {
        Some(e) if charset.starts_with("utf-16") => {
            let units = text.encode_utf16().flat_map(|u| match e.name() {
                "UTF-16BE" => u.to_be_bytes(),
                _ => u.to_le_bytes(),
            });
            units.collect()
        }
        Some(e) => e.encode(text).0.into_owned(),
        None => text.as_bytes().to_vec(),
    };
    let label = match charset {
        "" => String::new(),
        label => format!("; charset={label}"),
    };
    let name = match cte {
        Cte::Base64 => "base64",
        Cte::Eight => "8bit",
        Cte::Missing => "",
        Cte::Quoted => "quoted-printable",
        Cte::Seven => "7bit",
    };
    let mut out = format!("Content-Type: {media_type}{label}\r\n").into_bytes();
    if !name.is_empty() {
        out.extend(format!("Content-Transfer-Encoding: {name}\r\n").bytes());
    }
    out.extend(b"\r\n");
    match cte {
        Cte::Base64 => {
            out.extend(transfer::base64(&content, b"\r\n"));
            out.extend(b"\r\n");
        }
        Cte::Quoted => out.extend(transfer::quoted_printable(&content, b"\r\n")),
        _ => out.extend(content),
    }
    out
}

fn multipart(sub: &str, boundary: &str, parts: &[Vec<u8>]) -> Vec<u8> {
    let mut out = format!("Content-Type: multipart/{sub}; boundary=\"{boundary}\"\r\n\r\n");
    out.push_str("This is a preamble.\r\n");
    let mut out = out.into_bytes();
    for part in parts {
        out.extend(format!("--{boundary}\r\n").bytes());
        out.extend(part);
        out.extend(b"\r\n");
    }
    out.extend(format!("--{boundary}--\r\nThis is an epilogue.\r\n").bytes());
    out
}

fn pdf() -> Vec<u8> {
    b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\
      Content-Disposition: attachment; filename=a.pdf\r\n\r\nJVBERi0xLjQK\r\n"
        .to_vec()
}

fn mail(of: &[u8]) -> Vec<u8> {
    let head = b"From: a@b.example\r\nSubject: hello\r\nMIME-Version: 1.0\r\n";
    [head.as_slice(), of].concat()
}

fn after(raw: &[u8], change: impl FnOnce(&mut Settings)) -> Vec<u8> {
    let found = assessment(Decision::Banner);
    carried_out(raw, &found, &settings(change)).1
}

/// The texts of the text parts after the plan, HTML resolved.
#[track_caller]
fn texts(raw: &[u8]) -> Vec<String> {
    let after = after(raw, |_| {});
    let seen = seen(&after).into_iter().filter(|s| s.media_type.starts_with("text/"));
    seen.map(|s| resolved(&s.text)).collect()
}

/// The banner stands in front of `text`, once.
#[track_caller]
fn has_banner(shown: &str, text: &str, what: &str) {
    // Lines of the banner are wrapped.
    let joined = shown.replace("\r\n", "\n").replace("\n  ", "");
    for sentence in [JA, EN] {
        assert_eq!(joined.matches(sentence).count(), 1, "{what}: {sentence} in\n{shown}");
    }
    let below = joined.split_once(EN).map_or("", |(_, below)| below);
    let text = text.replace("\r\n", "\n");
    assert!(below.contains(&text), "{what}: no text in\n{shown}");
}

#[test]
fn text_in_every_charset_and_encoding() {
    let charsets = ["iso-2022-jp", "shift_jis", "euc-jp", "utf-8", "gb18030", "utf-16le"];
    for charset in charsets {
        for cte in [Cte::Base64, Cte::Eight, Cte::Missing, Cte::Quoted, Cte::Seven] {
            // UTF-16 needs an encoding; UTF-8 and ASCII are tried below.
            if charset == "utf-16le" && !matches!(cte, Cte::Base64) {
                continue;
            }
            let raw = mail(&part("text/plain", charset, cte, TEXT));
            let what = format!("{charset} {cte:?}");
            let texts = texts(&raw);
            assert_eq!(texts.len(), 1, "{what}");
            has_banner(&texts[0], TEXT, &what);
            assert!(texts[0].ends_with(TEXT), "{what}");
        }
    }
}

#[test]
fn text_keeps_its_bytes_where_the_charset_holds_the_banner() {
    for charset in ["iso-2022-jp", "shift_jis", "euc-jp", "utf-8"] {
        for cte in [Cte::Base64, Cte::Eight, Cte::Quoted] {
            let raw = mail(&part("text/plain", charset, cte, TEXT));
            let after = after(&raw, |_| {});
            let body = &raw[super::body_start(&raw)..];
            assert!(after.ends_with(body), "{charset} {cte:?}");
            let after = String::from_utf8_lossy(&after).into_owned();
            assert!(after.contains(&format!("text/plain; charset={charset}\r\n")));
        }
    }
}

#[test]
fn html_in_every_charset_and_encoding() {
    let html = "<html><head><title>\u{4EF6}</title></head>\r\n<body bgcolor=\"#fff\"><p>表示です。</p></body></html>\r\n";
    for charset in
        ["iso-2022-jp", "shift_jis", "euc-jp", "utf-8", "us-ascii", "big5", "utf-16be", "utf-16le"]
    {
        for cte in [Cte::Base64, Cte::Eight, Cte::Quoted, Cte::Missing] {
            if charset.starts_with("utf-16") && cte != Cte::Base64 {
                continue;
            }
            let raw = mail(&part("text/html", charset, cte, html));
            let what = format!("{charset} {cte:?}");
            let texts = texts(&raw);
            assert_eq!(texts.len(), 1, "{what}");
            let (before, behind) = texts[0].split_once("<div role=").expect("a banner");
            let body = "<body bgcolor=\"#fff\">";
            assert!(before.trim_end().ends_with(body), "{what}: {before}");
            let text = if charset == "us-ascii" { "</p></body>" } else { "<p>表示です。</p>" };
            has_banner(behind, text, &what);
        }
    }
}

#[test]
fn lines_stay_short_and_7bit_stays_7bit() {
    let mut found = assessment(Decision::Banner);
    let long = "\u{9AD9}".repeat(160);
    found.findings =
        vec![finding("double-extension", 45, &long), finding("x", 1, &"y".repeat(160))];
    for (media_type, text) in [("text/plain", TEXT), ("text/html", "<p>a</p>\r\n")] {
        for (charset, cte) in [
            ("iso-2022-jp", Cte::Seven),
            ("us-ascii", Cte::Missing),
            ("utf-8", Cte::Eight),
            ("utf-8", Cte::Quoted),
            ("utf-8", Cte::Base64),
        ] {
            let raw = mail(&part(media_type, charset, cte, text));
            let (_, after) = carried_out(&raw, &found, &settings(|_| {}));
            let lines = after.split(|&b| b == b'\n');
            assert!(lines.clone().all(|line| line.len() <= 999), "{media_type} {charset} {cte:?}");
            assert!(after.is_ascii() || cte == Cte::Eight, "{media_type} {charset} {cte:?}");
            let shown = resolved(&seen(&after)[0].text).replace("\r\n", "\n").replace("\n  ", "");
            assert!(shown.contains(&long), "{media_type} {charset} {cte:?}");
        }
    }
}

#[test]
fn ascii_text_takes_an_english_banner_as_bytes() {
    for header in
        ["", "Content-Type: text/plain\r\n", "Content-Type: text/plain; charset=us-ascii\r\n"]
    {
        let raw = mail(format!("{header}\r\nhello\r\n").as_bytes());
        let after = after(&raw, |s| s.actions.language = Language::English);
        let after = String::from_utf8(after).unwrap();
        assert!(after.contains(EN) && after.ends_with("--\r\n\r\nhello\r\n"), "{after}");
        assert!(after.contains(&format!("MIME-Version: 1.0\r\n{header}X-Sekisho-Score")));
    }
}

#[test]
fn ascii_text_is_declared_utf_8_for_a_japanese_banner() {
    let raw = mail(b"\r\nhello\r\n");
    let after = String::from_utf8(after(&raw, |_| {})).unwrap();
    assert!(after.contains("\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    assert!(after.contains("\r\nContent-Transfer-Encoding: base64\r\n"));
    has_banner(&texts(&raw)[0], "hello\r\n", "no charset");
}

#[test]
fn other_parameters_of_a_recoded_part_stay() {
    let part = b"Content-Type: text/plain;\r\n\tformat=flowed; charset=us-ascii; delsp=yes\r\n\r\na \r\nb\r\n";
    let whole = after(&mail(part), |_| {});
    let expected = "Content-Type: text/plain;\r\n\tformat=flowed; charset=utf-8; delsp=yes\r\n";
    assert!(String::from_utf8(whole).unwrap().contains(expected));
    let nested = after(&mail(&multipart("mixed", "b", &[part.to_vec(), pdf()])), |_| {});
    assert!(String::from_utf8(nested).unwrap().contains(expected));
}

#[test]
fn both_alternatives_wherever_they_are() {
    let text = part("text/plain", "iso-2022-jp", Cte::Seven, TEXT);
    let html = part("text/html", "utf-8", Cte::Quoted, "<p>表です。</p>\r\n");
    let image = b"Content-Type: image/png\r\nContent-ID: <x>\r\n\r\nPNG\r\n".to_vec();
    let alternative = multipart("alternative", "alt", &[text.clone(), html.clone()]);
    let related = multipart("related", "rel", &[html.clone(), image.clone()]);
    let structures = [
        alternative.clone(),
        multipart("mixed", "mix", &[alternative.clone(), pdf()]),
        multipart("related", "rel", &[alternative.clone(), image]),
        multipart("alternative", "alt", &[text.clone(), related.clone()]),
        multipart(
            "mixed",
            "mix",
            &[multipart("alternative", "alt", &[text.clone(), related]), pdf()],
        ),
        multipart("alternative", "alt", &[text, multipart("mixed", "mix", &[html, pdf()])]),
    ];
    for structure in structures {
        let raw = mail(&structure);
        let texts = texts(&raw);
        has_banner(&texts[0], TEXT, "text");
        has_banner(&texts[1], "<p>表です。</p>", "html");
        only_texts_differ(&raw, &after(&raw, |_| {}));
    }
}

/// Same tree, and every part that is no text has the same bytes.
#[track_caller]
fn only_texts_differ(before: &[u8], after: &[u8]) {
    let (before, after) = (seen(before), seen(after));
    let shape = |s: &[super::Seen]| -> Vec<(usize, String)> {
        s.iter().map(|s| (s.depth, s.media_type.clone())).collect()
    };
    assert_eq!(shape(&before), shape(&after));
    for (b, a) in before.iter().zip(&after) {
        if !b.media_type.starts_with("text/") && !b.media_type.starts_with("multipart/") {
            assert_eq!(b, a);
        }
    }
}

#[test]
fn text_only_html_only_and_empty_in_mixed() {
    for first in [
        part("text/plain", "shift_jis", Cte::Eight, TEXT),
        part("text/plain", "utf-8", Cte::Base64, ""),
        b"\r\n".to_vec(),
        b"\r\nno header\r\n".to_vec(),
    ] {
        let raw = mail(&multipart("mixed", "b", &[first, pdf()]));
        let texts = texts(&raw);
        has_banner(&texts[0], "", "first");
        only_texts_differ(&raw, &after(&raw, |_| {}));
    }
}

#[test]
fn an_empty_mail_gets_a_body() {
    for raw in [mail(b"\r\n"), mail(b""), b"Subject: a\n\n".to_vec()] {
        has_banner(&texts(&raw)[0], "", "empty");
    }
}

#[test]
fn a_mail_of_attachments_gets_a_text_part() {
    let raw = mail(&multipart("mixed", "b", &[pdf(), pdf()]));
    let whole = after(&raw, |_| {});
    let parts = seen(&whole);
    let types: Vec<_> = parts.iter().map(|p| p.media_type.as_str()).collect();
    assert_eq!(types, ["multipart/mixed", "text/plain", "application/pdf", "application/pdf"]);
    has_banner(&parts[1].text, "", "new part");
    assert_eq!(parts[2..], seen(&raw)[1..]);
}

#[test]
fn a_mail_that_is_one_file_is_wrapped() {
    for file in [pdf(), b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n".to_vec()] {
        let raw = mail(&file);
        let whole = after(&raw, |_| {});
        let parts = seen(&whole);
        assert_eq!(parts[0].media_type, "multipart/mixed");
        has_banner(&parts[1].text, "", "new part");
        assert_eq!(parts[2].media_type, seen(&raw)[0].media_type);
        let whole = String::from_utf8(whole).unwrap();
        assert!(whole.contains(std::str::from_utf8(&file).unwrap()), "{whole}");
        let head = whole.split("\r\n\r\n").next().unwrap();
        assert_eq!(head.matches("Content-").count(), 1, "{head}");
        let again = seen(&after(whole.as_bytes(), |_| {}));
        assert_eq!(again.len(), parts.len());
    }
}

#[test]
fn not_twice() {
    let html = part("text/html", "utf-8", Cte::Quoted, "<body><p>表</p>\r\n");
    for raw in [
        mail(&part("text/plain", "iso-2022-jp", Cte::Seven, TEXT)),
        mail(&part("text/plain", "utf-8", Cte::Base64, TEXT)),
        mail(&part("text/plain", "us-ascii", Cte::Seven, "a\r\n")),
        mail(&part("text/html", "shift_jis", Cte::Base64, "<body>表")),
        mail(&multipart(
            "alternative",
            "b",
            &[part("text/plain", "utf-8", Cte::Quoted, TEXT), html],
        )),
    ] {
        let once = after(&raw, |_| {});
        assert_eq!(once, after(&once, |_| {}), "{}", String::from_utf8_lossy(&once));
    }
}

#[test]
fn what_must_not_be_touched_gets_the_tag() {
    let text = part("text/plain", "utf-8", Cte::Quoted, TEXT);
    let signature = b"Content-Type: application/pgp-signature\r\n\r\nx\r\n".to_vec();
    let untouched = [
        multipart("signed", "b", &[text.clone(), signature.clone()]),
        multipart("mixed", "c", &[multipart("signed", "b", &[text.clone(), signature]), pdf()]),
        multipart("encrypted", "b", &[pdf(), pdf()]),
        multipart("report; report-type=delivery-status", "b", &[text.clone(), pdf()]),
        b"Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nMII\r\n".to_vec(),
        b"Content-Type: application/octet-stream; name=smime.p7m\r\n\r\nMII\r\n".to_vec(),
        b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n".to_vec(),
        b"Content-Type: message/partial\r\n\r\nx\r\n".to_vec(),
        b"\r\n-----BEGIN PGP MESSAGE-----\r\nx\r\n".to_vec(),
        b"Content-Type: text/plain; charset=utf-7\r\n\r\n+MEI-\r\n".to_vec(),
        b"Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n<p>x\r\n".to_vec(),
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nx\r\n".to_vec(),
        b"Content-Type: multipart/mixed\r\n\r\nno boundary\r\n".to_vec(),
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\nx--b\r\n\r\nno line\r\n--b--\r\n"
            .to_vec(),
    ];
    for structure in untouched {
        let raw = mail(&structure);
        let (plan, whole) = carried_out(&raw, &assessment(Decision::Banner), &settings(|_| {}));
        assert_eq!(plan.body, None, "{}", String::from_utf8_lossy(&structure));
        let head = "Subject: =?UTF-8?B?W+azqOaEj10=?= hello\r\n";
        assert!(String::from_utf8_lossy(&whole).contains(head));
        assert!(plan.notes.iter().any(|n| n.starts_with("no banner")), "{:?}", plan.notes);
    }
}

#[test]
fn an_invitation_gets_the_banner_in_its_texts_and_the_tag() {
    let calendar = part("text/calendar; method=REQUEST", "utf-8", Cte::Base64, "BEGIN:VCALENDAR");
    let text = part("text/plain", "utf-8", Cte::Quoted, TEXT);
    let raw = mail(&multipart("alternative", "b", &[text, calendar.clone()]));
    has_banner(&texts(&raw)[0], TEXT, "text");
    let whole = after(&raw, |_| {});
    assert!(memchr::memmem::find(&whole, &calendar).is_some());
    assert!(memchr::memmem::find(&whole, b"Subject: =?UTF-8?B?W+azqOaEj10=?= hello").is_some());
}

#[test]
fn evidence_cannot_become_markup() {
    let hostile = "</td><script>alert(1)</script>&lt;\" onclick='x' <!-- ]]> \\ ~";
    let mut found = assessment(Decision::Banner);
    found.findings = vec![finding("double-extension", 45, hostile)];
    let raw = mail(&part("text/html", "utf-8", Cte::Eight, "<body>a"));
    let (_, whole) = carried_out(&raw, &found, &settings(|_| {}));
    let whole = String::from_utf8(whole).unwrap();
    assert!(!whole.contains("script>") && !whole.contains("onclick="), "{whole}");
    assert!(resolved(&whole).contains(hostile));
}

#[test]
fn a_wrong_label_is_put_right() {
    let sjis = encoding_rs::SHIFT_JIS.encode(TEXT).0.into_owned();
    for label in ["iso-2022-jp", "us-ascii", ""] {
        let raw = mail(&[&part("text/plain", label, Cte::Eight, "")[..], &sjis].concat());
        let whole = after(&raw, |_| {});
        assert!(String::from_utf8_lossy(&whole).contains("charset=utf-8"), "{label}");
        has_banner(&texts(&raw)[0], TEXT, label);
    }
}

#[test]
fn lines_keep_their_ends() {
    let raw =
        mail(&multipart("mixed", "b", &[part("text/plain", "utf-8", Cte::Base64, TEXT), pdf()]));
    let raw = crate::act::mime_edit::lf_only(&raw);
    let whole = after(&raw, |_| {});
    assert_eq!(memchr::memchr(b'\r', &whole), None);
    has_banner(&texts(&raw)[0], TEXT, "LF");
}

#[test]
fn html_becomes_text() {
    let html = part(
        "text/html",
        "shift_jis",
        Cte::Eight,
        "<p>表示</p><a href=\"https://a.example/\">こちら</a>",
    );
    let set = |s: &mut Settings| s.actions.html_to_text = HtmlToText::OnSuspicion;
    for raw in [
        mail(&html),
        mail(&multipart(
            "alternative",
            "b",
            &[part("text/plain", "utf-8", Cte::Quoted, TEXT), html],
        )),
    ] {
        let whole = after(&raw, set);
        let shown = seen(&whole);
        let text = shown.last().unwrap();
        assert_eq!(text.media_type, "text/plain");
        has_banner(&text.text, "", "text");
        assert!(!text.text.contains("<p>"));
    }
}

#[test]
fn a_multipart_that_never_ends_still_gets_the_banner() {
    let head = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n";
    for (part, text) in
        [("\r\nnever ends", "never ends"), ("Content-Type: text/html\r\n\r\n<p>a", "<p>a")]
    {
        let raw = mail(format!("{head}{part}\r\n").as_bytes());
        has_banner(&texts(&raw)[0], text, part);
    }
}

#[test]
fn names_of_multiparts_that_nobody_knows_are_mixed() {
    let html = part("text/html", "utf-8", Cte::Eight, "<p>表</p>\r\n");
    for sub in ["form-data", "x-unknown", "parallel"] {
        let raw = mail(&multipart(sub, "b", &[html.clone(), pdf()]));
        has_banner(&texts(&raw)[0], "<p>表</p>", sub);
    }
}
