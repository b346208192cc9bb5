//! Which real name a host claims without being that name's.
//!
//! A host is read in parts: its labels below the public suffix, and what hyphens and underscores
//! separate within them. A part claims a name where it is a token of it, looks like one (`amaz0n`),
//! is one with digits or everyday words joined (`rakutenlogin`), or is one slip away; several parts
//! claim a name where they are its real domain (`my.jcb.co.jp.example`, `rakuten-co-jp`) or its
//! token written with hyphens. Under suffixes that register only organisations that exist (`co.jp`,
//! `go.jp`), the registered label itself is no claim. Honest: real hosts, customers' names at
//! services that give each customer a subdomain.

use std::borrow::Cow;

use super::{JOINT, Known, Reach, Registry, Token, Whose, fold, slip};
use crate::message::domain::registrable;

/// A host that claims a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disguise<'r> {
    /// The name it claims.
    pub known: &'r Known,
    /// In which way.
    pub how: How,
}

/// How a host claims a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// A real domain is part of the host: `rakuten.co.jp.example`, `rakuten-co-jp.example`.
    DomainInside,
    /// The name is part of the host, alone or joined to other words.
    NameInside,
    /// Characters that look alike: `arnazon`, `paypa1`, other scripts.
    LookAlike,
    /// One letter replaced, left out, put in, or two swapped.
    Slip,
}

/// A host that may claim a name.
struct Suspect<'h> {
    /// The labels below the public suffix, other scripts read as they look.
    body: Cow<'h, str>,
    /// Whether the suffix registers only organisations that exist, one name each.
    verified: bool,
}

/// A part of a host and where it stands.
struct Part<'h> {
    text: &'h str,
    skeleton: String,
    start: usize,
    label: usize,
}

impl Registry {
    /// The real name that `host` (lower case, ASCII form) claims without being its owner's; `None`
    /// for real hosts, addresses, customers' subdomains, and hosts that claim nothing.
    pub fn disguise(&self, host: &str) -> Option<Disguise<'_>> {
        let suspect = self.suspect(host)?;
        if !suspect.verified {
            return self.disguise_in(&suspect, &suspect.body);
        }
        let below = suspect.body.rsplit_once('.').map_or("", |(below, _)| below);
        self.disguise_in(&suspect, below).or_else(|| {
            // Ours or a partner's is worth a look even there.
            let found = self.disguise_in(&suspect, &suspect.body)?;
            let near = found.known.whose != Whose::Listed && found.how != How::NameInside;
            near.then_some(found)
        })
    }

    /// The same for the domain of a sender, where only near misses count: a spelling that passes
    /// for another's, or another's domain inside.
    pub fn near_miss(&self, host: &str) -> Option<Disguise<'_>> {
        let suspect = self.suspect(host)?;
        self.disguise_in(&suspect, &suspect.body).filter(|found| found.how != How::NameInside)
    }

    /// `None` for hosts that are what they say.
    fn suspect<'h>(&self, host: &'h str) -> Option<Suspect<'h>> {
        let registrable = registrable(host)?;
        if self.is_real_below(host, registrable) || self.is_tenant(host) || self.is_of_a_state(host)
        {
            return None;
        }
        let (_, suffix) = registrable.split_once('.')?;
        let body = host.get(..host.len().checked_sub(suffix.len() + 1)?)?;
        let body = match body.contains("xn--") {
            true => body.split('.').map(as_it_looks).collect::<Vec<_>>().join(".").into(),
            false => Cow::Borrowed(body),
        };
        Some(Suspect { body, verified: VERIFIED.contains(&suffix) })
    }

    /// What the parts of `body`, all or some labels of the suspect's, claim.
    fn disguise_in(&self, suspect: &Suspect<'_>, body: &str) -> Option<Disguise<'_>> {
        let scripts = matches!(suspect.body, Cow::Owned(_));
        let parts = parts(body);
        let found = |index: u32, how| {
            let how = if scripts && how == How::NameInside { How::LookAlike } else { how };
            Some(Disguise { known: self.name(index)?, how })
        };
        if let Some(name) = self.domain_inside(body, &parts) {
            return found(name, How::DomainInside);
        }
        let ending = (1..parts.len()).find(|&at| ends_as_in_japan(&parts, at));
        let mut slip = None;
        for (at, part) in parts.iter().enumerate() {
            let claims = [
                self.hyphenated(body, &parts, at),
                self.part(part),
                self.weak_part(&parts, at),
                (ending == Some(at + 1)).then(|| self.garbled(part.text)).flatten(),
            ];
            for (name, how) in claims.into_iter().flatten() {
                if how != How::Slip {
                    return found(name, how);
                }
                slip = slip.or(Some(name));
            }
        }
        slip.and_then(|name| found(name, How::Slip))
    }

    /// Parts in a row that are a real domain.
    fn domain_inside(&self, body: &str, parts: &[Part<'_>]) -> Option<u32> {
        for (at, part) in parts.iter().enumerate() {
            let Some(&longest) = self.run_heads.get(part.text) else { continue };
            let run = body.get(part.start..)?.replace(['-', '_'], ".");
            let ends = parts.iter().skip(at + 1).take(longest - 1);
            let mut ends =
                ends.filter_map(|end| (end.start + end.text.len()).checked_sub(part.start));
            let name = ends.find_map(|end| self.runs.get(run.get(..end)?));
            if let Some(name) = name {
                return Some(*name);
            }
        }
        None
    }

    /// One part: a token, a look-alike of one, one joined to words, or a slip.
    fn part(&self, part: &Part<'_>) -> Option<(u32, How)> {
        let text = part.text;
        if text.len() < JOINT || self.honest.contains(text) {
            return None;
        }
        let read = |text: &str, skeleton: &str| {
            self.whole(text, skeleton).or_else(|| self.joined(text, skeleton))
        };
        if let Some(found) = read(text, &part.skeleton) {
            return Some(found);
        }
        if !text.bytes().any(|b| b.is_ascii_digit()) {
            return self.slipped(text);
        }
        let bare: String = text.chars().filter(|c| !c.is_ascii_digit()).collect();
        if bare.len() < JOINT || self.honest.contains(bare.as_str()) {
            return None;
        }
        read(&bare, &fold::skeleton(&bare)).or_else(|| self.slipped(&bare))
    }

    fn whole(&self, text: &str, skeleton: &str) -> Option<(u32, How)> {
        let token = self.token(*self.skeletons.get(skeleton)?)?;
        let exact = *token.written == *text;
        match token.reach {
            Reach::Anywhere if exact => Some((token.name, How::NameInside)),
            Reach::BesideBait => None,
            _ if exact || token.written.len() < SHORTEST_LOOK_ALIKE => None,
            _ => Some((token.name, How::LookAlike)),
        }
    }

    /// A token at either end, and everyday words for the rest; after a long token, letters that mean
    /// nothing too (`rakutenlx`).
    fn joined(&self, text: &str, skeleton: &str) -> Option<(u32, How)> {
        let bytes = skeleton.as_bytes();
        let head = bytes.first_chunk::<JOINT>().and_then(|joint| self.heads.get(joint));
        let tail = bytes.last_chunk::<JOINT>().and_then(|joint| self.tails.get(joint));
        let heads = head.into_iter().flatten().filter_map(|&index| {
            let token = self.token(index)?;
            let rest = skeleton.strip_prefix(&*token.skeleton).filter(|rest| !rest.is_empty())?;
            let padding = token.written.len() >= SHORTEST_PADDED && rest.len() <= MAX_PADDING;
            (rest == "s" || padding || self.is_everyday(rest, MAX_JOINED)).then_some(token)
        });
        let tails = tail.into_iter().flatten().filter_map(|&index| {
            let token = self.token(index)?;
            let rest = skeleton.strip_suffix(&*token.skeleton).filter(|rest| !rest.is_empty())?;
            self.is_everyday(rest, MAX_JOINED).then_some(token)
        });
        let token = heads.chain(tails).max_by_key(|token| token.written.len())?;
        if text.contains(&*token.written) {
            return Some((token.name, How::NameInside));
        }
        (token.written.len() >= SHORTEST_LOOK_ALIKE).then_some((token.name, How::LookAlike))
    }

    /// Whether a skeleton is made of at most `most` everyday words and digits.
    fn is_everyday(&self, skeleton: &str, most: usize) -> bool {
        if skeleton.is_empty() {
            return true;
        }
        if most == 0 {
            return false;
        }
        if self.bait.contains_key(skeleton) || skeleton.bytes().all(|b| b.is_ascii_digit()) {
            return true;
        }
        most > 1
            && (2..skeleton.len())
                .filter_map(|at| skeleton.split_at_checked(at))
                .any(|(a, b)| self.bait.contains_key(a) && self.is_everyday(b, most - 1))
    }

    /// A token with a slip, alone or joined to an everyday word.
    fn slipped(&self, text: &str) -> Option<(u32, How)> {
        self.slip(text).or_else(|| {
            let splits = (SHORTEST_SLIPPED..text.len().saturating_sub(1)).rev();
            let mut splits = splits.flat_map(|at| [at, text.len() - at]);
            splits.find_map(|at| {
                let (head, tail) = text.split_at_checked(at)?;
                let everyday = |part: &str| self.everyday.contains(part);
                let core = match (everyday(tail), everyday(head)) {
                    (true, _) => head,
                    (_, true) => tail,
                    _ => return None,
                };
                self.slip(core)
            })
        })
    }

    fn slip(&self, text: &str) -> Option<(u32, How)> {
        if text.len() < SHORTEST_SLIPPED
            || self.honest.contains(text)
            || !text.bytes().all(|b| b.is_ascii_alphanumeric())
            || self.everyday.contains(text)
        {
            return None;
        }
        let written = |index| self.token(index).map_or("", |token| &*token.written);
        let token = self.token(self.slips.near(text, written)?)?;
        // Nobody has told short labels of ours and partners' from other companies' names (`yamada`,
        // `yamaha`): there only slips count that bring no other letter in.
        let told_apart = token.written.len() >= SHORTEST_UNTOLD
            || self.name(token.name).is_some_and(|known| known.whose == Whose::Listed);
        (told_apart || slip::has_no_other_letter(text.as_bytes(), token.written.as_bytes()))
            .then_some((token.name, How::Slip))
    }

    /// A long token with two slips, right before an imitated ending, where it cannot be chance:
    /// `saiasoncard.co.jp.example`.
    fn garbled(&self, text: &str) -> Option<(u32, How)> {
        let near = |token: &&Token| {
            token.reach == Reach::Anywhere
                && token.written.len().min(text.len()) >= SHORTEST_GARBLED
                && token.written.len().abs_diff(text.len()) <= 2
                && slip::is_two_slips(text.as_bytes(), token.written.as_bytes())
        };
        self.tokens.iter().find(near).map(|token| (token.name, How::Slip))
    }

    /// A weak token as a whole part, beside a bait word or before an imitated ending.
    fn weak_part(&self, parts: &[Part<'_>], at: usize) -> Option<(u32, How)> {
        let part = parts.get(at)?;
        let token = self.token(*self.skeletons.get(part.skeleton.as_str())?)?;
        if token.reach != Reach::BesideBait || *token.written != *part.text {
            return None;
        }
        let bait = |part: Option<&Part<'_>>| {
            part.is_some_and(|p| {
                let bare = fold::skeleton(p.text.trim_matches(|c: char| c.is_ascii_digit()));
                let is_bait = |word: &str| self.bait.get(word) == Some(&true);
                is_bait(&bare)
                    || (2..bare.len())
                        .filter_map(|at| bare.split_at_checked(at))
                        .any(|(a, b)| self.bait.contains_key(a) && is_bait(b))
            })
        };
        let before = at.checked_sub(1).and_then(|before| parts.get(before));
        let counts = bait(before) || bait(parts.get(at + 1)) || ends_as_in_japan(parts, at + 1);
        counts.then_some((token.name, How::NameInside))
    }

    /// Two or three parts of one label that are a token together (`eki-net`, `bank-of-america`), or
    /// look like one whose owner writes it with a hyphen (`ekl-net`, `eki-nat`).
    fn hyphenated(&self, body: &str, parts: &[Part<'_>], at: usize) -> Option<(u32, How)> {
        let first = parts.get(at)?;
        let others = parts.iter().skip(at + 1).take(2).take_while(|p| p.label == first.label);
        others.into_iter().find_map(|last| {
            let run = body.get(first.start..last.start + last.text.len())?;
            let joined = run.replace(['-', '_'], "");
            if let Some(&index) = self.skeletons.get(fold::skeleton(&joined).as_str()) {
                let token = self.token(index).filter(|t| t.reach == Reach::Anywhere)?;
                let exact = *token.written == *joined;
                return Some((token.name, if exact { How::NameInside } else { How::LookAlike }));
            }
            let written = |index| self.token(index).map_or("", |token| &*token.written);
            let token = self.token(self.hyphened.near(run, written)?)?;
            Some((token.name, How::Slip))
        })
    }
}

/// Labels, and what hyphens and underscores separate in them.
fn parts(body: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::with_capacity(8);
    let (mut start, mut label) = (0, 0);
    for text in body.split(['.', '-', '_']).take(MAX_PARTS) {
        if !text.is_empty() {
            parts.push(Part { text, skeleton: fold::skeleton(text), start, label });
        }
        start += text.len();
        label += usize::from(body.as_bytes().get(start) == Some(&b'.'));
        start += 1;
    }
    parts
}

/// `co.jp`, `or-jp` and the like inside a host: only hosts that imitate another have that.
fn ends_as_in_japan(parts: &[Part<'_>], at: usize) -> bool {
    let text = |at| parts.get(at).map_or("", |part: &Part<'_>| part.text);
    matches!(text(at), "co" | "or" | "ne" | "go") && text(at + 1).starts_with("jp")
        || matches!(text(at), "cojp" | "nejp" | "orjp" | "gojp")
}

/// A label of another script as Latin letters where it looks like them.
fn as_it_looks(label: &str) -> String {
    if !label.starts_with("xn--") {
        return label.to_owned();
    }
    let (unicode, outcome) = idna::domain_to_unicode(label);
    let latin = outcome.ok().and_then(|()| fold::latin(&unicode));
    latin.unwrap_or_else(|| label.to_owned())
}

/// Suffixes that register only organisations that exist.
const VERIFIED: [&str; 12] = [
    "ac.jp", "ad.jp", "co.jp", "ed.jp", "edu", "go.jp", "gov", "gr.jp", "lg.jp", "mil", "ne.jp",
    "or.jp",
];

/// Parts of a host that are looked at; a host of 253 letters can have 126.
const MAX_PARTS: usize = 32;

/// Everyday words that may be joined to a token.
const MAX_JOINED: usize = 2;

/// Shortest token after which letters without meaning count for nothing, and how many of them.
const SHORTEST_PADDED: usize = 6;
const MAX_PADDING: usize = 3;

/// Shortest token in which two slips are looked for.
const SHORTEST_GARBLED: usize = 6;

/// Shortest own or partner's label in which any slip counts.
const SHORTEST_UNTOLD: usize = 8;

/// Shortest token that is compared by its looks.
const SHORTEST_LOOK_ALIKE: usize = 5;

/// Shortest part that may be a token with a letter left out.
const SHORTEST_SLIPPED: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(host: &str, expected: Option<(How, &str)>) {
        let found = Registry::shipped().disguise(host);
        assert_eq!(found.map(|d| (d.how, d.known.domain.as_str())), expected, "{host}");
    }

    #[test]
    fn each_way_of_claiming() {
        check("my.jcb.co.jp.example", Some((How::DomainInside, "jcb.co.jp")));
        check("www-rakuten-co-jp.example", Some((How::DomainInside, "rakuten.co.jp")));
        check("mail.rakutenlogin.example", Some((How::NameInside, "rakuten.co.jp")));
        check("rakuten24lx.example", Some((How::NameInside, "rakuten.co.jp")));
        check("bank-of-america.example", Some((How::NameInside, "bankofamerica.com")));
        check("rnicros0ft.example", Some((How::LookAlike, "microsoft.com")));
        check("rakutan.example", Some((How::Slip, "rakuten.co.jp")));
        check("rakutanlogin.example", Some((How::Slip, "rakuten.co.jp")));
        check("amzone.co.jp.example", Some((How::Slip, "amazon.co.jp")));
    }

    #[test]
    fn weak_tokens_need_bait() {
        check("jcb.example", None);
        check("jcb.www.example", None);
        check("jcb-login.example", Some((How::NameInside, "jcb.co.jp")));
        check("signin.jcb.example", Some((How::NameInside, "jcb.co.jp")));
        check("jcb-co-jp2.example", Some((How::NameInside, "jcb.co.jp")));
    }

    #[test]
    fn other_names_are_no_slips() {
        for host in ["nagoya.example", "finance.example", "icloud9.test", "amazonia.example"] {
            check(host, (host == "icloud9.test").then_some((How::NameInside, "apple.com")));
        }
        check("ncbank.example", Some((How::NameInside, "ncbank.co.jp")));
        check("nxbank.example", None);
        check("xcloud.example", None);
    }

    #[test]
    fn short_own_labels_are_told_from_other_names() {
        let mut settings = sekisho_config::Settings::default();
        settings.filter.partner_domains = vec!["yamada.example".into()];
        let registry = Registry::new(&settings);
        for host in ["yamdaa.example", "yamda.example", "yamadda.example", "yarnada.example"] {
            assert!(registry.disguise(host).is_some(), "{host}");
        }
        for host in ["yamaha.example", "yamadai.example", "yamada.test", "www.yamada.example"] {
            assert_eq!(registry.disguise(host), None, "{host}");
        }
    }

    #[test]
    fn registered_labels_of_verified_suffixes_claim_nothing() {
        check("docomo-kanto.co.jp", None);
        check("docomo.kanto.co.jp", Some((How::NameInside, "docomo.ne.jp")));
    }

    #[test]
    fn awkward_hosts_are_survived() {
        for host in ["", ".", "-", "a..b", "-.-.jp", "xn--.example", "xn--a.example", "_.co.jp"] {
            check(host, None);
        }
        check(&format!("{}example", "co.jp.".repeat(40)), None);
        check(&format!("{}example", "rakutenx-".repeat(20)), None);
    }

    proptest! {
        #[test]
        fn any_host_is_read(
            host in "([.-]|co[.]jp|amaz0n|rakuten|eki-net|login|xn--|[a-z0-9]|\\PC){0,20}",
        ) {
            let registry = Registry::shipped();
            let _ = (registry.disguise(&host), registry.near_miss(&host), registry.is_real(&host));
        }
    }
}
