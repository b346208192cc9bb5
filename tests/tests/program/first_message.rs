//! One mail from the first packet to the last: a stranger's program that calls itself a document.

use sekisho_tests::fake_postfix::{FakePostfix, Mail};
use sekisho_tests::sekisho::Sekisho;

const MAIL: &str = "\
From: =?UTF-8?B?5bGx55Sw?= <yamada@gmail.com>
To: staff@own.example
Subject: =?UTF-8?B?6KuL5rGC5pu4?=
X-Sekisho-Score: 0
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=UTF-8

お世話になっております。請求書をお送りします。
--b
Content-Type: application/octet-stream; name=\"invoice.pdf.exe\"
Content-Disposition: attachment; filename=\"invoice.pdf.exe\"

not really
--b--
";

#[test]
fn a_program_that_calls_itself_a_document_arrives_with_a_banner_that_says_so() {
    // `hold` is off so that the points that are certain still deliver.
    let sekisho = Sekisho::start(&[("thresholds.toml", "[thresholds]\nhold = \"off\"\n")]).unwrap();
    let address = format!("inet:127.0.0.1:{}", sekisho.port()).parse().unwrap();
    let mut postfix = FakePostfix::connect(&address).unwrap();
    postfix.greet(&Default::default()).unwrap();

    let mail = Mail::new(MAIL);
    let outcome = postfix.send(&mail).unwrap();
    assert!(outcome.is_taken() && !outcome.is_held());
    let delivered = String::from_utf8(outcome.delivered(&mail, true)).unwrap();

    // The sender's own idea of a score is gone; ours stands in the header.
    assert_eq!(delivered.matches("X-Sekisho-Score:").count(), 1);
    for header in [
        "\r\nX-Sekisho-Score: 100\r\n",
        "\r\nX-Sekisho-Decision: banner\r\n",
        "executable-attachment=60, double-extension=45,\r\n attachment-present=5, \
         free-mail-sender=5\r\n",
    ] {
        assert!(delivered.contains(header), "{header:?} is not in\n{delivered}");
    }
    // The banner stands before the text and says why; the text and the file are as they were.
    let banner = delivered.find("invoice.pdf.exe").unwrap();
    let letter = delivered.find("お世話になっております。請求書をお送りします。\r\n").unwrap();
    assert!(banner < letter);
    assert!(delivered.ends_with(
        "Content-Disposition: attachment; filename=\"invoice.pdf.exe\"\r\n\r\nnot really\r\n--b--\r\n"
    ));
    sekisho.logged("4XYZ12ABCDz9: inbound banner score=100, rows=4", 1);
    postfix.quit().unwrap();
}
