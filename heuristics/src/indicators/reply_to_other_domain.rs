//! Reply-To leads to another organisation than From.
//!
//! A forged or borrowed From needs answers to go elsewhere. Innocent: mailing lists, which want
//! answers on the list (List-Post, or an old list's Sender) or hide the writer behind the list's
//! address; ticket systems under another domain. Dodged by answering from From's own account.
//! Display names do not count, subdomains are the same organisation. A Sender field alone excuses
//! no free mailbox: no list lives there.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::address::Mailbox;
use crate::message::domain::same_organisation;
use crate::message::{Message, mailing_list};

pub(super) static INDICATOR: Indicator = Indicator {
    id: "reply-to-other-domain",
    clause: None,
    group: Group::Sender,
    // Services that write for somebody do the same.
    points: 15,
    says: Words {
        ja: "返信先 {reply_to} は、差出人 {from} とは別の組織のアドレスです。",
        en: "Replies go to {reply_to}, which is not in the organisation of the sender {from}.",
    },
    means: Words {
        ja: "返信すると、差出人として表示されている組織とは別の相手に届きます。差出人を偽った\
             メールでは、返信を攻撃者が受け取るためにこの方法が使われます。配信サービスや問い合わせ\
             窓口のシステムが別のドメインを使っている場合にも当てはまります。返信する前に宛先を\
             確かめてください。",
        en: "An answer would go to somebody outside the organisation that is shown as the sender. \
             Forged mail does this so that the attacker receives the answers. Mailing services and \
             ticket systems under another domain look the same. Check the address before you \
             answer.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let from = mail.from();
    let sender = from.iter().find(|mailbox| !mailbox.host.is_empty())?;
    let reply_to = mail.mailboxes("reply-to");
    let stranger = |mailbox: &&Mailbox| {
        !mailbox.host.is_empty() && !from.iter().any(|f| same_side(&f.host, &mailbox.host, facts))
    };
    let mut strangers = reply_to.iter().filter(stranger).peekable();
    strangers.peek()?;
    let list = ListAddresses::read(mail);
    if from.iter().any(|f| list.post == f.address()) {
        // The list put its own address into From, and the writer's into Reply-To.
        return None;
    }
    let stranger = strangers.find(|mailbox| !list.holds(mailbox, facts))?;
    let (reply_to, from) = (stranger.address(), sender.address());
    let evidence = Evidence::new(format!("{from} → {reply_to}"));
    Some(evidence.with("reply_to", reply_to).with("from", from))
}

/// One organisation by the Public Suffix List, or both ours.
fn same_side(a: &str, b: &str, facts: &Facts<'_>) -> bool {
    same_organisation(a, b) || facts.is_own_domain(a) && facts.is_own_domain(b)
}

/// Addresses of the list that a mail came by.
struct ListAddresses {
    /// From List-Post; empty where there is none.
    post: String,
    /// Sender, where it is given.
    sender: Option<Mailbox>,
    /// Whether the mail says that it came by a list.
    by_list: bool,
}

impl ListAddresses {
    fn read(mail: &Message<'_>) -> ListAddresses {
        let list = mailing_list::read(mail);
        ListAddresses {
            by_list: list.is_some(),
            post: list.map(|list| list.post).unwrap_or_default(),
            sender: mail.mailboxes("sender").into_iter().next(),
        }
    }

    fn holds(&self, mailbox: &Mailbox, facts: &Facts<'_>) -> bool {
        if self.post == mailbox.address() {
            return true;
        }
        let Some(sender) = &self.sender else { return false };
        if self.by_list {
            return same_organisation(&sender.host, &mailbox.host);
        }
        list_local(&sender.local.to_lowercase()) == mailbox.local.to_lowercase()
            && sender.host == mailbox.host
            && !facts.settings.lists.free_mail_domains.contains(&mailbox.host)
    }
}

/// The list's name in the address that receives its bounces: `owner-dev`, `dev-bounces`.
fn list_local(local: &str) -> &str {
    let local = local.strip_prefix("owner-").unwrap_or(local);
    let suffixes = ["-owner", "-bounces", "-request", "-admin"];
    suffixes.iter().find_map(|suffix| local.strip_suffix(suffix)).unwrap_or(local)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, look_with, silent};

    #[test]
    fn fires_when_answers_leave_the_organisation() {
        let found = fires(&INDICATOR, "From: a@example.com\nReply-To: b@example.net\n\nx\n");
        assert_eq!(found, "a@example.com → b@example.net");
    }

    #[test]
    fn every_address_and_every_field_counts() {
        for header in [
            "From: a@example.com\nReply-To: a@example.com, b@example.net",
            "From: a@example.com\nReply-To: a@example.com\nReply-To: b@example.net",
            "From: a@example.com\nReply-To: \"a@example.com\" <b@example.net>",
            "From: a@example.com\nReply-To: b@example.com.example.net",
            "From: a@one.co.jp\nReply-To: b@two.co.jp",
            "From: a@example.com\nReply-To: Group: a@example.com, b@example.net;",
        ] {
            fires(&INDICATOR, format!("{header}\n\nx\n"));
        }
    }

    #[test]
    fn silent_inside_one_organisation() {
        for header in [
            "From: a@example.com",
            "From: a@example.com\nReply-To: a@example.com",
            "From: a@example.com\nReply-To: Support <SUPPORT@Help.Example.COM>",
            "From: a@news.example.co.jp\nReply-To: info@example.co.jp",
            "From: a@example.com\nReply-To: \"b@example.net\" <c@example.com>",
            "From: a@example.com, b@example.net\nReply-To: c@example.net",
            "From: a@example.com\nReply-To:",
            "Reply-To: a@example.com",
        ] {
            silent(&INDICATOR, format!("{header}\n\nx\n"));
        }
    }

    #[test]
    fn own_domains_are_one_organisation() {
        let mail = "From: a@own.example\nReply-To: b@own.example.org\n\nx\n";
        let both = |s: &mut sekisho_config::Settings| {
            s.filter.own_domains = vec!["own.example".into(), "own.example.org".into()];
        };
        assert_eq!(look_with(&INDICATOR, mail, both, |_| {}), None);
    }

    #[test]
    fn silent_for_the_lists_own_address() {
        for header in [
            "List-Post: <mailto:dev@lists.example.org>",
            "Mailing-List: list dev@lists.example.org; contact x@lists.example.org",
            "Sender: dev@lists.example.org",
            "Sender: owner-dev@lists.example.org",
            "Sender: dev-bounces@lists.example.org",
            "Sender: x@lists.example.org\nList-Id: <dev.lists.example.org>",
            "Sender: dev-bounces@lists.example.org\nList-Id: <dev.lists.example.org>",
        ] {
            let head = "From: a@example.com\nReply-To: Dev <dev@lists.example.org>";
            silent(&INDICATOR, format!("{head}\n{header}\n\nx\n"));
        }
    }

    #[test]
    fn silent_where_the_list_stands_in_from() {
        silent(
            &INDICATOR,
            "From: Taro via Dev <dev@lists.example.org>\nReply-To: taro@example.com\n\
             List-Post: <mailto:dev@lists.example.org>\n\nx\n",
        );
    }

    #[test]
    fn list_fields_excuse_no_other_address() {
        for header in [
            "List-Post: <mailto:dev@lists.example.org>",
            "List-Id: <dev.lists.example.org>",
            "Sender: other@example.net",
            "Sender: dev@lists.example.org\nList-Id: <dev.lists.example.org>",
        ] {
            let head = "From: a@example.com\nReply-To: b@example.net";
            fires(&INDICATOR, format!("{head}\n{header}\n\nx\n"));
        }
    }

    #[test]
    fn a_sender_field_excuses_no_free_mailbox() {
        let mail = "From: a@example.com\nSender: b@free.example\nReply-To: b@free.example\n\nx\n";
        let free = |s: &mut sekisho_config::Settings| {
            s.lists.free_mail_domains = ["free.example".to_owned()].into();
        };
        assert!(look_with(&INDICATOR, mail, free, |_| {}).is_some());
    }
}
