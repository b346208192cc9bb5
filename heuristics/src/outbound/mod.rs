//! Mail that leaves: message → rules → ruling.
//!
//! Way in: [`judge`]. Each rule answers one clause of the rule books and has a file in [`rules`];
//! the profile in force says what is done where it speaks, the administrator may say otherwise.
//! There are no points: a rule is broken or it is not. Rules read a [`Leaving`], the mail with the
//! questions that several of them ask answered once, and never one another.

pub mod ascii;
mod handover;
pub mod label;
pub mod leaving;
pub mod matter;
mod misspelling;
mod personal;
mod plain;
pub mod rule;
pub mod rules;

pub use personal::without_numbers;
use sekisho_config::Ruling;

use crate::decision::Decision;
use crate::facts::Facts;
use crate::message::Message;
use crate::policy::Policy;
use leaving::Leaving;
use rule::Rule;

/// What the rules say of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// What is to be done: the hardest of what the breaches call for; `None` lets it go.
    pub ruling: Option<Ruling>,
    /// Which rules it breaks, the hardest ruling first.
    pub breaches: Vec<Breach>,
    /// Whether it bears a label of confidential matter, so that it must travel encrypted.
    pub is_confidential: bool,
    /// Whether the settings except it from every rule.
    pub is_exempt: bool,
    /// What could not be read, in English.
    pub problems: Vec<String>,
}

/// One rule that speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Rule id.
    pub id: &'static str,
    /// Clause of the rule books.
    pub clause: Option<&'static str>,
    /// What is done for it.
    pub ruling: Ruling,
    /// What was seen, one line, safe to show, personal numbers masked.
    pub evidence: String,
    /// What is wrong, in Japanese.
    pub ja: String,
    /// What is wrong, in English.
    pub en: String,
    /// What the sender can do, in Japanese.
    pub advice_ja: String,
    /// What the sender can do, in English.
    pub advice_en: String,
}

/// Holds one message that leaves against the rules. Its files must have been read with their texts
/// ([`Message::with_file_texts`]).
pub fn judge(mail: &Message<'_>, facts: &Facts<'_>, policy: &Policy) -> Ruled {
    let leaving = Leaving::new(mail, facts);
    let mut breaches: Vec<Breach> = Vec::new();
    let is_exempt = leaving.is_exempt();
    if !is_exempt {
        let active = policy.rules().iter();
        breaches.extend(active.filter_map(|&(rule, ruling)| Breach::of(rule, ruling, &leaving)));
    }
    breaches.sort_by(|a, b| b.ruling.cmp(&a.ruling).then(a.id.cmp(b.id)));
    Ruled {
        ruling: hardest(breaches.iter().map(|b| b.ruling)),
        is_confidential: leaving.is_confidential(),
        is_exempt,
        breaches,
        problems: mail.problems(),
    }
}

/// What is done with a mail that calls for all of these; `None` where nothing does.
pub fn hardest(rulings: impl IntoIterator<Item = Ruling>) -> Option<Ruling> {
    rulings.into_iter().filter(|&ruling| ruling != Ruling::Off).max()
}

/// The decision that a ruling comes to.
pub fn decision(ruling: Option<Ruling>) -> Decision {
    match ruling {
        Some(Ruling::Warn) => Decision::Tag,
        Some(Ruling::Convert) => Decision::Convert,
        Some(Ruling::Hold) => Decision::Hold,
        Some(Ruling::Reject) => Decision::Reject,
        Some(Ruling::Off) | None => Decision::Accept,
    }
}

impl Breach {
    fn of(rule: &'static Rule, ruling: Ruling, leaving: &Leaving<'_>) -> Option<Breach> {
        let evidence = (rule.look)(leaving)?;
        Some(Breach {
            id: rule.id,
            clause: rule.clause,
            ruling,
            evidence: evidence.shown().to_owned(),
            ja: evidence.fill(rule.says.ja),
            en: evidence.fill(rule.says.en),
            advice_ja: evidence.fill(rule.advice.ja),
            advice_en: evidence.fill(rule.advice.en),
        })
    }
}
