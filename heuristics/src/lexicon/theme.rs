//! What the theme indicators share: the words, and the circumstances under which they count.
//!
//! Way in: [`find`]. The rows of the rule books' table speak of a stranger who makes one open a
//! link or an attachment; so mail of partners and of our own people is left out, and mail with
//! nothing to open is not even searched.

use crate::counter::quotes;
use crate::facts::{AuthResult, Facts};
use crate::history::is_known;
use crate::indicator::Evidence;
use crate::message::{Message, mailing_list};

/// Under which circumstances a theme counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// From anybody but our own people, with or without anything to open.
    Anybody,
    /// As [`Reach::Anybody`], but not from a partner.
    Stranger,
    /// As [`Reach::Stranger`], with a link or an attachment.
    Bait,
    /// As [`Reach::Bait`], and neither an answer nor the lower part of a newsletter.
    Letter,
    /// As [`Reach::Letter`], and not from anybody who is known to have exchanged mail with us.
    /// Unknown history counts as a stranger.
    FirstLetter,
    /// As [`Reach::Stranger`], and neither an answer nor a list's thread that quotes: for offers that
    /// a mere answer takes up.
    Unasked,
}

/// The words that make `theme`, as evidence with the value `words`.
pub(crate) fn find(
    mail: &Message<'_>,
    facts: &Facts<'_>,
    theme: &str,
    reach: Reach,
) -> Option<Evidence> {
    if is_ours(mail, facts) || reach != Reach::Anybody && is_partners(mail, facts) {
        return None;
    }
    let is_letter = matches!(reach, Reach::Letter | Reach::FirstLetter);
    if (is_letter || reach == Reach::Bait) && !has_bait(mail) {
        return None;
    }
    if reach == Reach::FirstLetter && is_acquainted(mail, facts) {
        return None;
    }
    if is_letter && is_answer(mail) || reach == Reach::Unasked && is_talk(mail) {
        return None;
    }
    let part = if is_letter && is_bulk(mail) { 50 } else { 100 };
    let words = mail.terms(facts.lexicon).find(mail, facts.lexicon, theme, part)?;
    Some(Evidence::new(&words).with("words", &words))
}

/// Whether there is something to open: a link that is followed, or a file.
fn has_bait(mail: &Message<'_>) -> bool {
    mail.links().iter().any(|link| link.origin.is_followed() && link.is_web())
        || mail.attachments().iter().any(|file| !file.incidental)
}

/// Whether it comes from our own people, as far as that is proven.
fn is_ours(mail: &Message<'_>, facts: &Facts<'_>) -> bool {
    mail.sole_from().is_some_and(|from| {
        facts.is_own_domain(from.domain())
            && (facts.client.own_network
                || facts.client.authenticated_user.is_some()
                || facts.is_authenticated_for(from.domain()))
    })
}

/// Whether it comes from an agreed partner. That authentication is unknown does not speak against
/// it; that it failed does.
fn is_partners(mail: &Message<'_>, facts: &Facts<'_>) -> bool {
    mail.sole_from().is_some_and(|from| facts.is_partner_domain(from.domain()))
        && !has_failed(facts)
}

/// Whether it comes from somebody who exchanged mail with us, unless From is forged.
fn is_acquainted(mail: &Message<'_>, facts: &Facts<'_>) -> bool {
    is_known(mail, facts) == Some(true) && !has_failed(facts)
}

/// Whether DMARC says that From is forged.
pub(crate) fn has_failed(facts: &Facts<'_>) -> bool {
    facts.authentication.dmarc.result == AuthResult::Fail
}

/// Whether it answers a mail, as far as its headers say.
pub(crate) fn is_answer(mail: &Message<'_>) -> bool {
    let subject = mail.subject().trim_start();
    let answers = ["re:", "re：", "ｒｅ", "aw:", "sv:", "返信"];
    // Lists put their name before it: `[list] Re: …`.
    let bare = subject.strip_prefix('[').and_then(|s| s.split_once(']')).map_or(subject, |s| s.1);
    let start: String = bare.trim_start().chars().take(3).flat_map(char::to_lowercase).collect();
    answers.iter().any(|answer| start.starts_with(answer))
        && (mail.field("in-reply-to").is_some() || mail.field("references").is_some())
}

/// Whether people talk with one another: an answer, or a thread of a list, that quotes. Anybody can
/// write such fields, but a quotation is either the reader's own or counts as the sender's words.
fn is_talk(mail: &Message<'_>) -> bool {
    let by_list = || mailing_list::read(mail).is_some_and(|list| !list.post.is_empty());
    (is_answer(mail) || by_list()) && quotes(mail)
}

/// Whether it says that it went to many.
fn is_bulk(mail: &Message<'_>) -> bool {
    mail.field("list-unsubscribe").is_some()
        || mail.field("precedence").is_some_and(|f| f.text().trim().eq_ignore_ascii_case("bulk"))
}

/// A stranger's letter with a link, for tests.
#[cfg(test)]
pub(crate) fn letter(subject: &str, text: &str) -> String {
    format!(
        "From: Taro <taro@stranger.example>\nSubject: {subject}\n\
         Content-Type: text/plain; charset=utf-8\n\n{text}\n\nhttps://stranger.example/a\n"
    )
}
