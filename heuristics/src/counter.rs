//! Counter-evidence: what speaks for a mail and takes points off its score.
//!
//! Way in: [`weigh`], after the findings. There are few entries, and each says little: an answer in
//! a thread may come from a mailbox that was broken into, and whoever sends a mail writes its
//! header himself. So what a mail carries or disguises is never talked away: relief ends at the
//! points of those findings alone (see [`is_hard`] and [`crate::score::relieved`]). Entries have ids
//! of their own, which an administrator weighs or switches off in `weights.toml` like indicators.

use crate::facts::Facts;
use crate::history::teaching::answered;
use crate::inbound::Finding;
use crate::indicator::{Evidence, Group, Words};
use crate::message::{Message, mailing_list};
use crate::policy::Policy;
use sekisho_config::is_or_under;

/// One observation that speaks for a mail.
pub struct Counter {
    /// Stays for ever, in kebab-case, and is no indicator's.
    pub id: &'static str,
    /// Shipped points that it takes off, 0–100; administrators override by id.
    pub points: u16,
    /// What was seen, one sentence; `{evidence}` is filled.
    pub says: Words,
    /// What it means, and how far it can be believed.
    pub means: Words,
    /// Looks at one message; `None` is silence.
    pub look: fn(&Message<'_>, &Facts<'_>) -> Option<Evidence>,
}

/// One counter that applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relief {
    /// Counter id.
    pub id: &'static str,
    /// Effective points that it takes off.
    pub points: u16,
    /// What was seen, one line, safe to show.
    pub evidence: String,
    /// The sentence in Japanese.
    pub ja: String,
    /// The sentence in English.
    pub en: String,
}

/// Every counter, by id.
pub static ALL: &[&Counter] =
    &[&ANSWER_TO_OURS, &AUTHENTICATED_PARTNER, &AUTHENTICATED_PUBLIC_BODY, &LIST_THREAD];

/// What speaks for a message, by id.
pub fn weigh(mail: &Message<'_>, facts: &Facts<'_>, policy: &Policy) -> Vec<Relief> {
    let relief = |&(counter, points): &(&'static Counter, u16)| {
        let evidence = (counter.look)(mail, facts)?;
        Some(Relief {
            id: counter.id,
            points,
            evidence: evidence.shown().to_owned(),
            ja: evidence.fill(counter.says.ja),
            en: evidence.fill(counter.says.en),
        })
    };
    policy.counters().iter().filter_map(relief).collect()
}

/// Whether no thread, list or authentication explains a finding away: files, and disguises of
/// sender or link.
pub fn is_hard(finding: &Finding) -> bool {
    finding.group == Group::Attachment || DISGUISES.binary_search(&finding.id).is_ok()
}

static ANSWER_TO_OURS: Counter = Counter {
    id: "answer-to-ours",
    points: 15,
    says: Words {
        ja: "こちらから送ったメール（{evidence}）への返信で、引用を含んでいます。",
        en: "It answers a mail of ours ({evidence}) and quotes.",
    },
    means: Words {
        ja: "自組織のメールの識別番号（Message-ID）を参照し、引用文を伴う返信です。送信の記録がある場合は、\
             実際に送ったメールへの返信に限ります。ただし、乗っ取られた取引先の受信箱から返信を装って送られることもあるため、添付ファイルや偽装の点数は下がりません。",
        en: "It refers to a Message-ID of an own domain and quotes text; where history knows what was \
             sent, to one that really was. A mailbox that was broken into can do the same, so files \
             and disguises keep their points.",
    },
    look: answer_to_ours,
};

static AUTHENTICATED_PARTNER: Counter = Counter {
    id: "authenticated-partner",
    points: 20,
    says: Words {
        ja: "登録された取引先 {evidence} からのメールであることが認証されています。",
        en: "It is authenticated as mail of the agreed partner {evidence}.",
    },
    means: Words {
        ja: "設定に取引先として登録されたドメインからのメールで、SPF・DKIM・DMARCのいずれかにより差出人のドメインが確認されました。",
        en: "From is in a domain that the settings name as a partner's, and SPF, DKIM or DMARC \
             confirms it.",
    },
    look: authenticated_partner,
};

static AUTHENTICATED_PUBLIC_BODY: Counter = Counter {
    id: "authenticated-public-body",
    points: 15,
    says: Words {
        ja: "公的機関のドメイン {evidence} からのメールであることが認証されています。",
        en: "It is authenticated as mail of the public body {evidence}.",
    },
    means: Words {
        ja: "政府機関（go.jp）または地方公共団体（lg.jp）だけが登録できるドメインからのメールであることが、SPF・DKIM・DMARCのいずれかで確認されました。",
        en: "From is in go.jp or lg.jp, where only government bodies of Japan can register, and SPF, \
             DKIM or DMARC confirms it.",
    },
    look: authenticated_public_body,
};

static LIST_THREAD: Counter = Counter {
    id: "list-thread",
    points: 10,
    says: Words {
        ja: "メーリングリスト（{evidence}）で続いている話題への返信で、引用を含んでいます。",
        en: "It answers within a thread of the mailing list {evidence} and quotes.",
    },
    means: Words {
        ja: "メーリングリスト上のやり取りへの返信です。リスト経由の転送により差出人の認証などが崩れることがあるため、その分を差し引きます。\
             リストの表示は誰でも書けるため、差し引きはわずかです。",
        en: "It is an answer on a mailing list, whose forwarding breaks authentication and rewrites \
             senders innocently. Anybody can write such headers, so it takes off little.",
    },
    look: list_thread,
};

fn answer_to_ours(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let from_own = mail.from().iter().any(|m| facts.is_own_domain(m.domain()));
    if from_own {
        return None;
    }
    // Anybody can write an id of ours; whether we sent it history knows better, and it knows ids that
    // a provider's server gave.
    let id = match facts.history.answers_ours {
        Some(false) => return None,
        Some(true) => answered(mail).next()?,
        None => answered(mail).find(|id| facts.is_own_id(id))?,
    };
    quotes(mail).then(|| Evidence::new(id))
}

fn authenticated_partner(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let from = mail.sole_from()?.domain();
    (facts.is_partner_domain(from) && facts.is_authenticated_for(from)).then(|| Evidence::new(from))
}

fn authenticated_public_body(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let from = mail.sole_from()?.domain();
    let is_public = is_or_under(from, "go.jp") || is_or_under(from, "lg.jp");
    (is_public && facts.is_authenticated_for(from)).then(|| Evidence::new(from))
}

fn list_thread(mail: &Message<'_>, _: &Facts<'_>) -> Option<Evidence> {
    let list = mailing_list::read(mail)?;
    answered(mail).next()?;
    let name = if list.id.is_empty() { &list.post } else { &list.id };
    quotes(mail).then(|| Evidence::new(name))
}

/// Whether the sender's own words stand beside a quotation.
pub(crate) fn quotes(mail: &Message<'_>) -> bool {
    mail.texts().iter().filter(|text| text.message == 0).any(|text| {
        text.quoted_from < text.content.len()
            || text.content.starts_with('>')
            || memchr::memmem::find(text.content.as_bytes(), b"\n>").is_some()
    })
}

/// Ids of indicators outside [`Group::Attachment`] that see a disguise; sorted.
const DISGUISES: &[&str] = &[
    "authentication-failed",
    "display-name-other-address",
    "display-name-other-organisation",
    "html-form",
    "link-text-differs",
    "lookalike-sender-domain",
    "lookalike-url",
    "malware-found",
    "mixed-script-words",
    "own-domain-from-outside",
    "qr-code-link",
    "userinfo-link",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{AuthResult, DomainResult};
    use crate::indicator::check::crlf;
    use crate::message::Envelope;
    use sekisho_config::Settings;

    /// Ids of what speaks for `mail` where `authenticated` passed DMARC.
    fn weighed(mail: &str, authenticated: &str) -> Vec<&'static str> {
        let mut settings = Settings::default();
        settings.filter.own_domains = vec!["own.example".into()];
        settings.filter.partner_domains = vec!["partner.example".into()];
        let (raw, envelope) = (crlf(mail.as_bytes()), Envelope::default());
        let mail = Message::new(&raw, &envelope, &settings.filter.limits);
        let mut facts = Facts::unknown(&settings);
        if !authenticated.is_empty() {
            facts.authentication.dmarc =
                DomainResult { domain: authenticated.into(), result: AuthResult::Pass };
        }
        let (policy, _) = Policy::new(settings.clone());
        weigh(&mail, &facts, &policy).iter().map(|r| r.id).collect()
    }

    const QUOTING: &str = "\n\nThank you.\n\n> May we meet?\n> Yours\n";

    #[test]
    fn an_answer_to_ours() {
        let ours = "From: a@example.com\nIn-Reply-To: <1@mail.own.example>";
        assert_eq!(weighed(&format!("{ours}{QUOTING}"), ""), ["answer-to-ours"]);
        let later = "From: a@example.com\nReferences: <1@own.example>\n <2@example.com>";
        assert_eq!(weighed(&format!("{later}{QUOTING}"), ""), ["answer-to-ours"]);
        for not in [
            format!("{ours}\n\nno quotation\n"),
            format!("From: a@own.example\nIn-Reply-To: <1@own.example>{QUOTING}"),
            format!("From: a@example.com\nIn-Reply-To: <1@own.example.example.com>{QUOTING}"),
            format!("From: a@example.com\nIn-Reply-To: your mail of Monday{QUOTING}"),
            format!("From: a@example.com{QUOTING}"),
        ] {
            assert!(weighed(&not, "").is_empty(), "{not}");
        }
    }

    #[test]
    fn history_knows_better_what_is_ours() {
        let seen = |id: &str, answers_ours| {
            let settings = Settings {
                filter: sekisho_config::Filter {
                    own_domains: vec!["own.example".into()],
                    ..Settings::default().filter
                },
                ..Settings::default()
            };
            let raw = crlf(format!("From: a@example.com\nIn-Reply-To: <{id}>{QUOTING}").as_bytes());
            let envelope = Envelope::default();
            let mail = Message::new(&raw, &envelope, &settings.filter.limits);
            let mut facts = Facts::unknown(&settings);
            facts.history.answers_ours = answers_ours;
            answer_to_ours(&mail, &facts).is_some()
        };
        assert!(seen("1@own.example", None));
        assert!(!seen("1@own.example", Some(false)));
        assert!(seen("1@mail.provider.example", Some(true)));
        assert!(!seen("1@mail.provider.example", None));
    }

    #[test]
    fn partners_and_public_bodies_when_authenticated() {
        let of = |from: &str, authenticated: &str| {
            weighed(&format!("From: a@{from}\n\nx\n"), authenticated)
        };
        assert_eq!(of("m.partner.example", "partner.example"), ["authenticated-partner"]);
        assert_eq!(of("example.go.jp", "example.go.jp"), ["authenticated-public-body"]);
        assert_eq!(of("city.example.lg.jp", "city.example.lg.jp"), ["authenticated-public-body"]);
        assert!(of("partner.example", "").is_empty());
        assert!(of("partner.example", "example.com").is_empty());
        assert!(of("example.go.jp", "example.com").is_empty());
        assert!(of("example-go.jp", "example-go.jp").is_empty());
        assert!(of("example.com", "example.com").is_empty());
    }

    #[test]
    fn an_answer_on_a_list() {
        let list = "From: a@example.com\nList-Id: <dev.lists.example.org>";
        let answer = format!("{list}\nIn-Reply-To: <1@example.com>{QUOTING}");
        assert_eq!(weighed(&answer, ""), ["list-thread"]);
        assert!(weighed(&format!("{list}{QUOTING}"), "").is_empty());
        assert!(weighed(&format!("{list}\nIn-Reply-To: <1@a.example>\n\nx\n"), "").is_empty());
    }

    #[test]
    fn files_and_disguises_are_hard() {
        assert!(DISGUISES.is_sorted());
        let finding = |id, group| Finding {
            id,
            clause: None,
            group,
            points: 10,
            evidence: String::new(),
            ja: String::new(),
            en: String::new(),
        };
        assert!(is_hard(&finding("double-extension", Group::Attachment)));
        assert!(is_hard(&finding("userinfo-link", Group::Link)));
        assert!(!is_hard(&finding("free-mail-sender", Group::Sender)));
    }

    #[test]
    fn ids_are_no_indicators() {
        assert!(ALL.is_sorted_by(|a, b| a.id < b.id));
        let indicators = crate::indicators::ALL;
        assert!(ALL.iter().all(|c| indicators.iter().all(|i| i.id != c.id)));
    }
}
