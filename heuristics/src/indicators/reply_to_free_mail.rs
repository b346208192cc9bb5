//! From is an organisation's address, but answers go to a free mailbox.
//!
//! Whoever sends from a broken-in mailbox or forges a company's address cannot read what comes back to
//! it, so he asks for answers elsewhere. Innocent: members of a mailing list that puts its own address
//! into From; services that write for a member of theirs (Google's, for a Gmail user); small associations that send with a service and read in a free mailbox.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::domain::same_organisation;
use crate::message::{Message, mailing_list};

/// Answers leave the organisation for a free mailbox.
pub(super) static INDICATOR: Indicator = Indicator {
    id: "reply-to-free-mail",
    clause: None,
    group: Group::Sender,
    // An organisation that wants its answers at a free mailbox is rare; small ones do.
    points: 20,
    says: Words {
        ja: "差出人は {from} ですが、返信は誰でも取得できるフリーメール {reply_to} に届きます。",
        en: "It is from {from}, but answers go to the free mailbox {reply_to}.",
    },
    means: Words {
        ja: "組織のアドレスから届いたのに、返信先がGmailなどのフリーメールになっています。\
             なりすましや乗っ取りでは、返信を受け取るためにこのようにします。\
             個人や小さな団体が配信サービスを使うときに該当することがあります。",
        en: "The mail is from an organisation's address but asks for answers to a mailbox that anybody \
             can open. Forgers need this to read what comes back. Small associations that send with a \
             service do it innocently.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    let free = &facts.settings.lists.free_mail_domains;
    let from = mail.sole_from().filter(|from| !free.contains(&from.host))?;
    let to = mail.mailboxes("reply-to").into_iter().find(|to| free.contains(&to.host))?;
    let rewritten = mailing_list::read(mail).is_some_and(|list| list.post == from.address());
    let by_service = SERVICES.iter().any(|(service, mailboxes)| {
        same_organisation(&from.host, service) && to.host == *mailboxes
    });
    if rewritten || by_service || same_organisation(&from.host, &to.host) {
        return None;
    }
    let (from, to) = (from.address(), to.address());
    Some(Evidence::new(format!("{from} → {to}")).with("from", from).with("reply_to", to))
}

/// Services that write for their members, and the members' mailboxes.
const SERVICES: &[(&str, &str)] = &[("google.com", "gmail.com"), ("yahoo.co.jp", "yahoo.co.jp")];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::check::{fires, silent};

    #[test]
    fn fires_where_answers_go_to_a_free_mailbox() {
        let mail = "From: Sales <a@example.com>\nReply-To: \"a@example.com\" <b@gmail.com>\n\nx\n";
        assert_eq!(fires(&INDICATOR, mail), "a@example.com → b@gmail.com");
        fires(&INDICATOR, "From: a@example.com\nReply-To: a@example.com, b@yahoo.co.jp\n\nx\n");
    }

    #[test]
    fn silent_otherwise() {
        for header in [
            "From: a@example.com\nReply-To: b@example.net",
            "From: a@gmail.com\nReply-To: b@yahoo.co.jp",
            "From: a@gmail.com\nReply-To: a@gmail.com",
            "From: a@example.com\nReply-To: \"b@gmail.com\" <a@example.com>",
            "From: drive-shares-noreply@google.com\nReply-To: a@gmail.com",
            "From: a@example.com",
            "Reply-To: b@gmail.com",
            "From: \"A via Dev\" <dev@lists.example>\nList-Post: <mailto:dev@lists.example>\n\
             Reply-To: a@gmail.com",
        ] {
            silent(&INDICATOR, format!("{header}\n\nx\n"));
        }
    }
}
