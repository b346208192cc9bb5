//! A mail that came to us goes on to somebody outside, and no person sent it on.
//!
//! Forwarding programs leave traces: fields that say so (RFC 3834 `auto-forwarded`, X-Forwarded-To,
//! Sieve's redirect), a sender rewritten by SRS, a stranger's envelope sender, the Delivered-To of
//! one of our mailboxes, Resent- fields (RFC 5322, section 3.6.6; users may write them, so they
//! count only where nobody logged in). Innocent: forwards by hand, which begin a mail of their own;
//! mailing lists of ours; vacation replies; delivery reports. Fields that only name addresses
//! outside are traces of a forward *to* us and say nothing. What local(8) forwards passes no milter:
//! `sekisho audit-forwarding` finds those.

use sekisho_config::Ruling;

use crate::indicator::{Evidence, Words};
use crate::message::address;
use crate::message::domain::to_ascii;
use crate::outbound::leaving::Leaving;
use crate::outbound::rule::{Rule, Rulings};

pub(super) static RULE: Rule = Rule {
    id: "automatic-forward-outside",
    clause: Some("no-private-forwarding"),
    // A refusal would bounce to the stranger who wrote, and tell him where it was to go.
    rulings: Rulings::all(Ruling::Hold),
    converts: false,
    says: Words {
        ja: "受信したメールが社外へ自動転送されようとしています（{evidence}）。",
        en: "A received mail is being forwarded outside automatically ({evidence}).",
    },
    advice: Words {
        ja: "メールソフトやサーバーの自動転送の設定を解除してください。転送が必要な場合は管理者に相談して\
             ください。",
        en: "Switch the automatic forward off, in the mail client or on the server; where one is \
             needed, ask the administrator.",
    },
    means: Words {
        ja: "受信したメールを社外に自動転送しないという規程です。自動転送を示すヘッダー、転送時に書き\
             換えられた差出人（SRS）、社外の差出人のまま組織内から出ていくこと、組織内の受信箱に配達\
             された跡などから判断します。手作業での転送、不在時の自動応答、組織内のメーリングリスト、\
             配信エラーの通知は該当しません。",
        en: "Received mail must not be forwarded outside automatically. It is told by header fields that \
             say so, a sender rewritten by SRS, a stranger's envelope sender on mail that leaves us, or \
             the trace of a delivery to one of our mailboxes. Forwards by hand, vacation replies, \
             mailing lists of our own and delivery reports do not count.",
    },
    look,
};

fn look(leaving: &Leaving<'_>) -> Option<Evidence> {
    if leaving.external().is_empty() {
        return None;
    }
    let seen = forwarding_field(leaving).or_else(|| rewritten_sender(leaving)).or_else(|| {
        // What lists, programs that answer and reports do too.
        let excused = leaving.is_by_own_list() || is_report(leaving);
        if excused {
            return None;
        }
        declared(leaving)
            .or_else(|| foreign_envelope(leaving))
            .or_else(|| delivered_before(leaving))
            .or_else(|| resent(leaving))
            .or_else(|| automatic_subject(leaving))
    })?;
    Some(Evidence::new(seen))
}

/// A field that only a forwarding program of ours writes.
fn forwarding_field(leaving: &Leaving<'_>) -> Option<String> {
    leaving.mail.fields().take(MAX_FIELDS).find_map(|field| {
        let name = std::str::from_utf8(field.name).ok()?;
        let (_, end) = FORWARDING.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        let addresses = addresses(field.value);
        let own = |a: &String| leaving.facts.is_own_domain(host_of(a));
        let ours = match end {
            // A bare user is one of ours.
            End::From => addresses.first().is_none_or(own),
            End::To => addresses.last().is_some_and(|a| !own(a)),
            // Old mailbox first, new one last; an IP address there is a web proxy's.
            End::Both => {
                let sole = addresses.len() == 1;
                addresses.first().is_some_and(own) || sole
            }
        };
        ours.then(|| format!("{name}: {}", addresses.join(" ")).trim_end().to_owned())
    })
}

/// The sender rewritten scheme (SRS0, SRS1) of ours, for a mail that a stranger wrote.
fn rewritten_sender(leaving: &Leaving<'_>) -> Option<String> {
    let (mail_from, host) = envelope_sender(leaving)?;
    let scheme = mail_from.get(..5)?.to_ascii_uppercase();
    let is_srs =
        matches!(scheme.as_str(), "SRS0=" | "SRS0+" | "SRS0-" | "SRS1=" | "SRS1+" | "SRS1-");
    (is_srs && leaving.facts.is_own_domain(&host) && leaving.is_by_stranger())
        .then(|| format!("MAIL FROM {mail_from}"))
}

/// What the mail says of itself: RFC 3834, RFC 2156, Exchange.
fn declared(leaving: &Leaving<'_>) -> Option<String> {
    let auto = auto_submitted(leaving);
    if auto == "auto-forwarded" {
        return Some("Auto-Submitted: auto-forwarded".to_owned());
    }
    let field = leaving.mail.field("autoforwarded")?;
    let says = field.text().trim().eq_ignore_ascii_case("true");
    says.then(|| "Autoforwarded: true".to_owned())
}

/// A stranger's mail that keeps its envelope sender while it leaves us.
fn foreign_envelope(leaving: &Leaving<'_>) -> Option<String> {
    let (mail_from, host) = envelope_sender(leaving)?;
    (!leaving.facts.is_own_domain(&host)).then(|| format!("MAIL FROM {mail_from}"))
}

/// A stranger's mail that lay in a mailbox of ours.
fn delivered_before(leaving: &Leaving<'_>) -> Option<String> {
    if !leaving.is_by_stranger() || is_redirected_by_hand(leaving) {
        return None;
    }
    leaving.mail.fields().take(MAX_FIELDS).find_map(|field| {
        let name = DELIVERED.iter().find(|name| field.is(name))?;
        let addresses = addresses(field.value);
        let own = addresses.iter().find(|a| leaving.facts.is_own_domain(host_of(a)))?;
        Some(format!("{name}: {own}"))
    })
}

/// Sent on under its old header while nobody was logged in.
fn resent(leaving: &Leaving<'_>) -> Option<String> {
    if leaving.facts.client.authenticated_user.is_some() {
        return None;
    }
    let field = resent_fields(leaving).next()?;
    Some(String::from_utf8_lossy(field).into_owned())
}

/// A subject that a client's rule writes: `自動転送: …`, `[Auto-Forward] …`.
fn automatic_subject(leaving: &Leaving<'_>) -> Option<String> {
    if auto_submitted(leaving) == "auto-replied" {
        return None;
    }
    let subject = leaving.mail.subject();
    let start: String = subject.chars().take(MAX_SUBJECT).collect();
    let start = unicode_normalization::UnicodeNormalization::nfkc(start.as_str());
    let start: String = start.filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let rest = start.trim_start_matches(OPENING);
    let rest = AUTOMATIC.iter().find_map(|word| rest.strip_prefix(word))?;
    let ends = rest.starts_with([':', ']', ')', '】', '〕', '》', '>', '」']);
    ends.then(|| format!("Subject: {subject}"))
}

/// MAIL FROM and its domain in ASCII form; `None` for the null sender and where it is unknown.
fn envelope_sender<'l>(leaving: &'l Leaving<'_>) -> Option<(&'l str, String)> {
    let mail_from = leaving.mail.envelope().mail_from.as_deref()?;
    let (_, host) = mail_from.rsplit_once('@')?;
    Some((mail_from, to_ascii(host)?))
}

/// The keyword of Auto-Submitted (RFC 3834, section 5), lower case.
fn auto_submitted(leaving: &Leaving<'_>) -> String {
    let text = leaving.mail.field("auto-submitted").map(|field| field.text()).unwrap_or_default();
    let keyword = text.split([';', '(']).next().unwrap_or_default();
    keyword.trim().to_ascii_lowercase()
}

/// A delivery report, a reading confirmation (RFC 6522), or anything sent so that nobody answers.
fn is_report(leaving: &Leaving<'_>) -> bool {
    let top = leaving.mail.parts().first();
    top.is_some_and(|part| part.is("multipart", "report"))
        || leaving.mail.envelope().mail_from.as_deref() == Some("") && !leaving.is_by_stranger()
}

/// Redirected in a mail client by somebody who logged in.
fn is_redirected_by_hand(leaving: &Leaving<'_>) -> bool {
    leaving.facts.client.authenticated_user.is_some() && resent_fields(leaving).next().is_some()
}

fn resent_fields<'l>(leaving: &'l Leaving<'_>) -> impl Iterator<Item = &'l [u8]> {
    let names = leaving.mail.fields().take(MAX_FIELDS).map(|field| field.name);
    names.filter(|name| name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"resent-")))
}

/// Addresses in a field that separates them in any way; lower case.
fn addresses(value: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(value.get(..MAX_VALUE).unwrap_or(value)).to_lowercase();
    let words = text.split(|c: char| c.is_whitespace() || ",;<>()\"".contains(c));
    let found = words.filter(|word| word.contains('@')).take(MAX_ADDRESSES);
    found.filter_map(address_in).collect()
}

fn address_in(word: &str) -> Option<String> {
    let mailbox = address::mailboxes(word.as_bytes(), 1).pop()?;
    (!mailbox.host.is_empty()).then(|| mailbox.address())
}

fn host_of(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, host)| host)
}

/// What a forwarding field names.
enum End {
    /// The mailbox that forwards.
    From,
    /// Where it goes.
    To,
    /// The mailbox that forwards and where it goes.
    Both,
}

/// Fields of Gmail and others, Dovecot, Exchange.
const FORWARDING: [(&str, End); 5] = [
    ("X-Forwarded-For", End::Both),
    ("X-Forwarded-To", End::To),
    ("X-MS-Exchange-ForwardingLoop", End::From),
    ("X-MS-Exchange-Inbox-Rules-Loop", End::From),
    ("X-Sieve-Redirected-From", End::From),
];

/// Fields that a delivery writes.
const DELIVERED: [&str; 2] = ["Delivered-To", "X-Original-To"];

/// What subjects of automatic forwards begin with, folded and without blanks.
const AUTOMATIC: [&str; 7] = [
    "自動転送メール",
    "自動転送",
    "auto-forwarded",
    "auto-forward",
    "autoforward",
    "autofwd",
    "automaticforward",
];

/// Brackets they stand in.
const OPENING: [char; 7] = ['[', '(', '【', '〔', '《', '<', '「'];

/// Header fields looked at.
const MAX_FIELDS: usize = 500;

/// Bytes looked at of one field, and addresses in it.
const MAX_VALUE: usize = 1000;
const MAX_ADDRESSES: usize = 10;

/// Characters of the subject that are looked at.
const MAX_SUBJECT: usize = 40;

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Client, Facts};
    use crate::indicator::check::crlf;
    use crate::message::{Envelope, Message};
    use crate::outbound::leaving::Leaving;
    use crate::outbound::rule::check::{fires, look_with, silent};
    use proptest::prelude::*;
    use sekisho_config::Settings;

    const OURS: &str = "From: staff@own.example\n";
    const STRANGER: &str = "From: Customer <taro@customer.example>\n";

    /// What is seen with this envelope sender and login.
    fn seen(mail_from: &str, user: Option<&str>, to: &str, mail: &str) -> Option<String> {
        let mut settings = Settings::default();
        settings.filter.own_domains = vec!["own.example".into()];
        let envelope =
            Envelope { mail_from: Some(mail_from.into()), recipients: vec![to.to_owned()] };
        let raw = crlf(mail.as_bytes());
        let mail = Message::new(&raw, &envelope, &settings.filter.limits);
        let mut facts = Facts::unknown(&settings);
        facts.client = Client { authenticated_user: user.map(str::to_owned), ..Client::default() };
        let found = (RULE.look)(&Leaving::new(&mail, &facts));
        found.map(|e| e.shown().to_owned())
    }

    const OUT: &str = "taro@gmail.com";

    #[test]
    fn fires_where_the_mail_says_so() {
        for (field, shown) in [
            ("Auto-Submitted: auto-forwarded", "Auto-Submitted: auto-forwarded"),
            ("auto-submitted:\n Auto-Forwarded; owner=x (rule)", "Auto-Submitted: auto-forwarded"),
            ("Autoforwarded: TRUE", "Autoforwarded: true"),
            ("X-Forwarded-To: taro@gmail.com", "X-Forwarded-To: taro@gmail.com"),
            (
                "X-Forwarded-For: staff@own.example taro@gmail.com",
                "X-Forwarded-For: staff@own.example taro@gmail.com",
            ),
            ("X-Forwarded-For: staff@own.example", "X-Forwarded-For: staff@own.example"),
            ("x-forwarded-to: <Taro@GMAIL.com>", "x-forwarded-to: taro@gmail.com"),
            (
                "X-Sieve-Redirected-From: staff@own.example",
                "X-Sieve-Redirected-From: staff@own.example",
            ),
            ("X-Sieve-Redirected-From: staff", "X-Sieve-Redirected-From:"),
            (
                "X-MS-Exchange-Inbox-Rules-Loop: staff@own.example",
                "X-MS-Exchange-Inbox-Rules-Loop: staff@own.example",
            ),
        ] {
            assert_eq!(fires(&RULE, format!("{OURS}{field}\n\nx")), shown);
            assert_eq!(fires(&RULE, format!("{STRANGER}{field}\n\nx")), shown);
        }
    }

    #[test]
    fn silent_for_fields_of_a_forward_to_us_and_of_proxies() {
        for field in [
            "X-Forwarded-To: staff@own.example",
            "X-Forwarded-For: taro@customer.example staff@own.example",
            "X-Forwarded-For: 192.0.2.1, 198.51.100.2",
            "X-Forwarded-Message-Id: <a@customer.example>",
            "X-Forwarded-Encrypted: i=1; AbC",
            "X-Sieve-Redirected-From: taro@customer.example",
            "Auto-Submitted: no",
            "Auto-Submitted: auto-generated",
            "Autoforwarded: false",
        ] {
            silent(&RULE, format!("{OURS}{field}\n\nx"));
        }
    }

    #[test]
    fn fires_on_srs_of_ours_with_a_stranger_in_from() {
        let srs = "SRS0=HHH=TT=customer.example=taro@own.example";
        assert_eq!(
            seen(srs, None, OUT, &format!("{STRANGER}\nx")),
            Some(format!("MAIL FROM {srs}"))
        );
        let twice = "srs1+HHH=relay.example==HHH=TT=customer.example=taro@mail.own.example";
        assert!(seen(twice, None, OUT, &format!("{STRANGER}\nx")).is_some());
        assert_eq!(seen(srs, None, OUT, &format!("{OURS}\nx")), None);
        assert_eq!(seen("srs0x@own.example", None, OUT, &format!("{STRANGER}\nx")), None);
    }

    #[test]
    fn fires_on_a_strangers_envelope() {
        let stranger = "taro@customer.example";
        let shown = Some(format!("MAIL FROM {stranger}"));
        assert_eq!(seen(stranger, None, OUT, &format!("{STRANGER}\nx")), shown);
        assert_eq!(seen(stranger, None, "a@own.example", &format!("{STRANGER}\nx")), None);
        assert_eq!(seen("", None, OUT, &format!("{OURS}\nx")), None);
    }

    #[test]
    fn fires_on_a_delivery_to_ours_with_a_stranger_in_from() {
        for field in ["Delivered-To: staff@own.example", "X-Original-To: staff@mail.own.example"] {
            assert_eq!(fires(&RULE, format!("{field}\n{STRANGER}\nx")), field);
            silent(&RULE, format!("{field}\n{OURS}\nx"));
        }
        silent(&RULE, format!("Delivered-To: taro@customer.example\n{STRANGER}\nx"));
    }

    #[test]
    fn fires_on_resent_fields_unless_a_person_logged_in() {
        let mail = format!("Resent-From: staff@own.example\nResent-To: {OUT}\n{STRANGER}\nx");
        assert_eq!(seen("staff@own.example", None, OUT, &mail).as_deref(), Some("Resent-From"));
        assert_eq!(seen("staff@own.example", Some("staff"), OUT, &mail), None);
        let redirected = format!("Delivered-To: staff@own.example\n{mail}");
        assert_eq!(seen("staff@own.example", Some("staff"), OUT, &redirected), None);
    }

    #[test]
    fn fires_on_a_clients_automatic_subject() {
        for subject in [
            "自動転送: 見積書",
            "自動転送：見積書",
            "【自動転送】見積書",
            "［ 自動転送 ］ 見積書",
            "Auto-Forward: quotation",
            "[AutoFwd] quotation",
            "=?ISO-2022-JP?B?GyRCIVo8K0YwRT5BdyFbOCtAUTFdGyhC?=",
        ] {
            let mail = format!("{OURS}Subject: {subject}\n\nx");
            assert!(fires(&RULE, &mail).starts_with("Subject: "), "{subject}");
        }
    }

    #[test]
    fn silent_for_forwards_by_hand() {
        for subject in [
            "Fwd: 見積書",
            "FW: quotation",
            "転送: 見積書",
            "Re: 【自動転送】見積書",
            "自動転送の設定について",
            "Automatic forwarding is off",
            "",
        ] {
            let mail = format!(
                "{OURS}Subject: {subject}\nX-Forwarded-Message-Id: <a@b.example>\n\n\
                 -----Original Message-----\nFrom: taro@customer.example\n\
                 X-Forwarded-To: {OUT}\nDelivered-To: staff@own.example\n"
            );
            silent(&RULE, mail);
        }
        let attached = format!(
            "{OURS}Content-Type: message/rfc822\n\n\
             Auto-Submitted: auto-forwarded\nX-Forwarded-To: {OUT}\n{STRANGER}\nx"
        );
        silent(&RULE, attached);
    }

    #[test]
    fn silent_for_vacation_replies_lists_of_ours_and_reports() {
        let reply =
            format!("{OURS}Auto-Submitted: auto-replied (vacation)\nSubject: 自動転送: x\n\nx");
        assert_eq!(seen("", None, OUT, &reply), None);
        silent(&RULE, &reply);
        let list = format!(
            "{STRANGER}List-Id: <dev.lists.own.example>\nDelivered-To: dev@lists.own.example\n\
             Resent-From: dev@lists.own.example\nAuto-Submitted: auto-forwarded\n\nx"
        );
        assert_eq!(seen("dev-bounces@lists.own.example", None, OUT, &list), None);
        let report = "From: MAILER-DAEMON@own.example\nAuto-Submitted: auto-replied\n\
                      Delivered-To: staff@own.example\n\
                      Content-Type: multipart/report; boundary=b\n\n--b\n\nx\n--b--\n";
        assert_eq!(seen("", None, OUT, report), None);
        let receipt = "From: taro@customer.example\nResent-To: a@b.example\n\
                       Content-Type: multipart/report; boundary=b\n\n--b\n\nx\n--b--\n";
        assert_eq!(seen("", None, OUT, receipt), None);
    }

    #[test]
    fn a_list_of_ours_does_not_excuse_what_lists_do_not_do() {
        let mail = format!("{STRANGER}List-Id: <dev.own.example>\nX-Forwarded-To: {OUT}\n\nx");
        assert_eq!(fires(&RULE, mail), format!("X-Forwarded-To: {OUT}"));
    }

    #[test]
    fn silent_for_ordinary_mail_and_inside_the_house() {
        silent(&RULE, format!("{OURS}\nx"));
        silent(&RULE, "\n");
        let mail = format!("{OURS}Auto-Submitted: auto-forwarded\n\nx");
        assert_eq!(look_with(&RULE, &["a@own.example"], mail, |_| {}), None);
    }

    proptest! {
        #[test]
        fn any_header_is_read(
            name in "(X-Forwarded-For|Delivered-To|Subject|Auto-Submitted|Resent-To|MAIL)",
            value in "(@|<|>|own\\.example|[ \t(),;:]|\\PC){0,30}",
        ) {
            let _ = seen(&value, None, OUT, &format!("{STRANGER}{name}: {value}\n\nx"));
        }
    }
}
