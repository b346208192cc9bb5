//! Who may approve a mail that needs permission (clause approval), pure.
//!
//! Way in: [`approvers`] when the mail is held, [`may_approve`] when somebody answers. What the
//! settings say at that moment counts, not what they said when the mail was held: who left the
//! office approves nothing any more.

use std::fmt;

use sekisho_config::{AddressPattern, Approvers, Holding};

/// Why somebody may not approve a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// He is no approver of the sender's department.
    NotNamed,
    /// He sent it himself.
    OwnMail,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::NotNamed => {
                "is neither approver nor deputy for this sender; see departments in hold.toml"
            }
            Refusal::OwnMail => "may not approve own mail; see allow_self in hold.toml",
        })
    }
}

/// Who may approve mail of this sender: approvers, then deputies, the sender himself only where he
/// may. Empty where nobody is named.
pub fn approvers(sender: &str, settings: &Holding) -> Vec<String> {
    let sender = sender.to_lowercase();
    let named = department(&sender, settings);
    let mut all: Vec<String> = Vec::new();
    for one in named.approvers.iter().chain(&named.deputies) {
        let own = person(one) == person(&sender);
        if (named.allow_self || !own) && !all.contains(one) {
            all.push(one.clone());
        }
    }
    all
}

/// Whether `who` may approve mail of this sender.
pub fn may_approve(who: &str, sender: &str, settings: &Holding) -> Result<(), Refusal> {
    let (who, sender) = (who.to_lowercase(), sender.to_lowercase());
    let named = department(&sender, settings);
    if !named.approvers.iter().chain(&named.deputies).any(|one| *one == who) {
        return Err(Refusal::NotNamed);
    }
    if person(&who) == person(&sender) && !named.allow_self {
        return Err(Refusal::OwnMail);
    }
    Ok(())
}

/// Who approves for a sender: the department that names him most exactly, else the general ones.
fn department<'s>(sender: &str, settings: &'s Holding) -> &'s Approvers {
    let exactness = |pattern: &AddressPattern| match pattern {
        AddressPattern::Address(_) => usize::MAX,
        AddressPattern::Domain(domain) => domain.len(),
    };
    let fits = settings.departments.iter().filter_map(|department| {
        let patterns = department.senders.iter().filter(|pattern| pattern.matches(sender));
        patterns.map(exactness).max().map(|exactness| (exactness, &department.approvers))
    });
    fits.max_by_key(|(exactness, _)| *exactness).map_or(&settings.approval, |(_, named)| named)
}

/// An address without what stands behind `+`: taro+x@ is taro@.
fn person(address: &str) -> (&str, &str) {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    (local.split_once('+').map_or(local, |(person, _)| person), domain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_config::from_texts;

    fn settings() -> Holding {
        let text = "
            [approval]
            approvers = ['head@own.example']
            [[departments]]
            senders = ['@own.example']
            approvers = ['office@own.example']
            [[departments]]
            senders = ['@sales.own.example', 'taro@own.example']
            approvers = ['boss@own.example', 'taro@own.example']
            deputies = ['deputy@own.example', 'boss@own.example']
            [[departments]]
            senders = ['director@own.example']
            approvers = ['director@own.example']
            allow_self = true
        ";
        from_texts(&[("hold.toml", text)]).unwrap().hold
    }

    #[track_caller]
    fn check(sender: &str, expected: &[&str]) {
        let settings = settings();
        let all = approvers(sender, &settings);
        assert_eq!(all, expected, "{sender}");
        for who in &all {
            assert_eq!(may_approve(who, sender, &settings), Ok(()), "{who} of {sender}");
        }
    }

    #[test]
    fn the_most_exact_department_counts() {
        check("hana@own.example", &["office@own.example"]);
        check("hana@east.own.example", &["office@own.example"]);
        check(
            "Hana@Sales.own.example",
            &["boss@own.example", "taro@own.example", "deputy@own.example"],
        );
        check("hana@other.example", &["head@own.example"]);
        check("", &["head@own.example"]);
    }

    #[test]
    fn nobody_approves_his_own_mail_unless_allowed() {
        check("taro@own.example", &["boss@own.example", "deputy@own.example"]);
        let settings = settings();
        let may = |who, sender| may_approve(who, sender, &settings);
        assert_eq!(may("taro@own.example", "taro@own.example"), Err(Refusal::OwnMail));
        assert_eq!(may("TARO@own.example", "Taro@own.example"), Err(Refusal::OwnMail));
        check("director@own.example", &["director@own.example"]);
        assert_eq!(may("head@own.example", "head+list@own.example"), Err(Refusal::NotNamed));
    }

    #[test]
    fn a_tag_behind_the_name_makes_no_other_person() {
        let mut settings = settings();
        settings.departments.clear();
        assert_eq!(approvers("head+list@own.example", &settings), Vec::<String>::new());
        let may = may_approve("head@own.example", "head+list@own.example", &settings);
        assert_eq!(may, Err(Refusal::OwnMail));
    }

    #[test]
    fn others_are_told_that_they_are_not_named() {
        let may = may_approve("boss@own.example", "hana@own.example", &settings());
        assert_eq!(may, Err(Refusal::NotNamed));
    }
}
