//! A broadcast shows its recipients to one another.
//!
//! To many outsiders at once the clause asks for To = the sender's own address and everybody else
//! in Bcc. What counts is what the recipients can see: To and Cc, groups included. Several
//! organisations beside each other, customers for example, can have a bound of their own.

use std::collections::HashSet;

use sekisho_config::Ruling;

use crate::indicator::{Evidence, Words};
use crate::message::domain::registrable;
use crate::outbound::leaving::Leaving;
use crate::outbound::rule::{Rule, Rulings};

pub(super) static RULE: Rule = Rule {
    id: "broadcast-recipients-exposed",
    clause: Some("broadcast-by-bcc"),
    rulings: Rulings::all(Ruling::Reject),
    converts: true,
    says: Words {
        ja: "宛先（To・Cc）に社外のアドレスが{count}件あり、受信者どうしに見えてしまいます。",
        en: "To and Cc show {count} external addresses to all recipients.",
    },
    advice: Words {
        ja: "Toを自分のアドレスにして、相手のアドレスはすべてBccに入れて送り直してください。",
        en: "Put your own address into To and everybody else into Bcc, and send it again.",
    },
    means: Words {
        ja: "多数の社外の相手に同じメールを送るときは、ToとCcに相手のアドレスを並べないという規程です。\
             ToとCcに見える社外アドレスの数、または異なる組織の数が上限を超えると該当します。Bccと組織内の\
             アドレスは数えません。",
        en: "A mail to many outsiders must not show them to one another. It is broken where To and Cc \
             together show more external addresses, or more different organisations, than the \
             settings allow; Bcc and internal addresses do not count.",
    },
    look,
};

fn look(leaving: &Leaving<'_>) -> Option<Evidence> {
    let bounds = leaving.facts.settings.outbound.broadcast;
    let shown = leaving.shown();
    let organisations: HashSet<&str> =
        shown.iter().map(|r| registrable(&r.domain).unwrap_or(&r.domain)).collect();
    let is_broadcast = shown.len() > bounds.shown
        || bounds.organisations.is_some_and(|most| organisations.len() > most);
    if !is_broadcast {
        return None;
    }
    let count = shown.len().to_string();
    let line = format!("{count} external addresses of {} organisations", organisations.len());
    Some(Evidence::new(line).with("count", count))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::outbound::rule::check::{fires, look_with, silent};

    fn to(count: usize) -> String {
        (0..count).map(|n| format!("a{n}@c{n}.example")).collect::<Vec<_>>().join(",\n ")
    }

    #[test]
    fn fires_for_more_than_the_bound() {
        let said = "6 external addresses of 6 organisations";
        assert_eq!(fires(&RULE, format!("To: {}\n\nx", to(6))), said);
        assert_eq!(fires(&RULE, format!("To: customers: {};\n\nx", to(6))), said);
        let both = format!("To: {}\nCc: b@d.example, c@own.example\n\nx", to(5));
        assert_eq!(fires(&RULE, both), said);
    }

    #[test]
    fn fires_for_several_organisations_where_they_are_bounded() {
        let mail = "To: a@one.example, b@sub.one.example, c@two.example\n\nx";
        let bounded =
            |s: &mut sekisho_config::Settings| s.outbound.broadcast.organisations = Some(1);
        let seen = look_with(&RULE, &["a@one.example"], mail, bounded).unwrap();
        assert_eq!(seen.shown(), "3 external addresses of 2 organisations");
    }

    #[test]
    fn silent_for_few_for_bcc_and_for_own_people() {
        silent(&RULE, format!("To: {}\n\nx", to(5)));
        silent(&RULE, format!("To: staff@own.example\nBcc: {}\n\nx", to(9)));
        let own: Vec<_> = (0..9).map(|n| format!("a{n}@own.example")).collect();
        silent(&RULE, format!("To: {}\n\nx", own.join(", ")));
        silent(&RULE, format!("To: {}, a0@C0.example\n\nx", to(5)));
    }
}
