//! The registry of real names, compiled for look-up: who owns a host, which name a host or a text
//! claims.
//!
//! Way in: [`Registry::new`] once a configuration, then [`Registry::disguise`] for hosts of links
//! and senders and [`Registry::claim`] for what people read. Own and partner domains stand in it
//! without a record. Names are compared part by part (labels, and what hyphens separate), never by
//! bare substrings: `pineapple` claims nothing. A look-up costs some tens of hashes, however many
//! names there are; nothing here fails.

mod claim;
mod compile;
mod fold;
mod hash;
mod host;
mod slip;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use sekisho_config::{Settings, is_or_under};

use crate::message::domain::{registrable, same_organisation};
pub use host::{Disguise, How};

/// Real names and their domains.
#[derive(Debug, Default)]
pub struct Registry {
    names: Vec<Known>,
    /// Real domains.
    domains: HashSet<Box<str>, hash::Fnv>,
    /// Labels that are held under all countries' suffixes.
    country_labels: HashSet<Box<str>, hash::Fnv>,
    /// Real domains with every separator a dot, which is how a host that holds one is looked up.
    runs: HashMap<Box<str>, u32, hash::Fnv>,
    /// First parts of `runs`, and how many parts the longest of each has.
    run_heads: HashMap<Box<str>, usize, hash::Fnv>,
    tokens: Vec<Token>,
    /// Tokens by their skeleton.
    skeletons: HashMap<Box<str>, u32, hash::Fnv>,
    /// Tokens that may be joined to other words, by the first and the last letters of the skeleton.
    heads: HashMap<[u8; JOINT], Vec<u32>, hash::Fnv>,
    tails: HashMap<[u8; JOINT], Vec<u32>, hash::Fnv>,
    slips: slip::Slips,
    /// Tokens as their owners' domains write them, with hyphens.
    hyphened: slip::Slips,
    honest: HashSet<Box<str>, hash::Fnv>,
    /// Bait words by skeleton; the value says whether one makes a weak token count.
    bait: HashMap<Box<str>, bool, hash::Fnv>,
    /// The same words as they are written.
    everyday: HashSet<Box<str>, hash::Fnv>,
    tenants: HashSet<Box<str>, hash::Fnv>,
    /// Names as people read them, squashed.
    texts: HashMap<Box<str>, u32, hash::Fnv>,
    /// The same with look-alikes as one, those long enough.
    alikes: HashMap<Box<str>, u32, hash::Fnv>,
    /// Desk words, squashed.
    desk: HashSet<Box<str>, hash::Fnv>,
    /// The same with look-alikes as one, those long enough.
    desk_alikes: HashSet<Box<str>, hash::Fnv>,
    /// Characters of the longest of them.
    longest_text: usize,
    /// Suffixes that states keep for public bodies.
    suffixes: HashSet<Box<str>, hash::Fnv>,
}

/// A real name.
#[derive(Debug, PartialEq, Eq)]
pub struct Known {
    /// How it is shown: its first written form, or the domain for own and partner domains.
    pub name: String,
    /// Its domain as it is shown in evidence.
    pub domain: String,
    /// Whether it is ours, a partner's, or one of the list.
    pub whose: Whose,
    /// Squashed written forms.
    written: Vec<String>,
    domains: Vec<String>,
    country_labels: Vec<String>,
    suffixes: Vec<String>,
    /// A public body writes from any domain of the state and of municipalities.
    public: bool,
}

/// Whose name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The organisation's own domain.
    Own,
    /// An agreed partner's domain.
    Partner,
    /// A record of the list of real names.
    Listed,
}

/// What stands for a name in hosts.
#[derive(Debug)]
struct Token {
    written: Box<str>,
    skeleton: Box<str>,
    name: u32,
    reach: Reach,
}

/// Where a token counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Wherever it is a part of a host, joined or misspelt.
    Anywhere,
    /// As a whole part beside bait.
    BesideBait,
    /// Only when it is spelt otherwise: two organisations may well have one word in common.
    Misspelt,
}

impl Registry {
    /// The names of `settings`, own and partner domains among them.
    pub fn new(settings: &Settings) -> Registry {
        compile::compile(settings)
    }

    /// The shipped names alone.
    pub fn shipped() -> &'static Registry {
        static SHIPPED: LazyLock<Registry> = LazyLock::new(|| Registry::new(&Settings::default()));
        &SHIPPED
    }

    /// Whether `host` is a real domain of any name, or under one. Lower case, ASCII form.
    pub fn is_real(&self, host: &str) -> bool {
        registrable(host).is_some_and(|registrable| self.is_real_below(host, registrable))
    }

    /// The same by domains that are written out: that a name holds its label in every country
    /// (`example.*`) does not say that there is mail at each.
    pub(crate) fn is_written_out(&self, host: &str) -> bool {
        registrable(host).is_some_and(|registrable| self.is_written_out_below(host, registrable))
    }

    fn is_written_out_below(&self, host: &str, registrable: &str) -> bool {
        // A domain above the registrable one is a hosting service's: its customers are strangers.
        let above = host.len() - registrable.len();
        let mut within = parents(host).take_while(|(at, _)| *at <= above);
        within.any(|(_, domain)| self.domains.contains(domain))
    }

    fn is_real_below(&self, host: &str, registrable: &str) -> bool {
        self.is_written_out_below(host, registrable)
            || registrable.split_once('.').is_some_and(|(label, _)| {
                self.country_labels.contains(label) && country_label(registrable).is_some()
            })
    }

    /// Whether both hosts are real domains of one name. Lower case, ASCII form.
    pub fn is_of_one_owner(&self, a: &str, b: &str) -> bool {
        self.is_real(a)
            && self.is_real(b)
            && (same_organisation(a, b) || self.names.iter().any(|k| k.owns(a) && k.owns(b)))
    }

    /// Whether `host` is under a service that gives customers a subdomain by their own name.
    pub(crate) fn is_tenant(&self, host: &str) -> bool {
        parents(host).any(|(_, domain)| self.tenants.contains(domain))
    }

    /// Whether `host` is under a suffix that a state keeps for public bodies.
    fn is_of_a_state(&self, host: &str) -> bool {
        parents(host).any(|(_, domain)| self.suffixes.contains(domain))
    }

    /// Whether a label is another word that looks like a name with a slip.
    pub(crate) fn is_honest(&self, label: &str) -> bool {
        self.honest.contains(label)
    }

    fn name(&self, index: u32) -> Option<&Known> {
        self.names.get(usize::try_from(index).ok()?)
    }

    fn token(&self, index: u32) -> Option<&Token> {
        self.tokens.get(usize::try_from(index).ok()?)
    }
}

impl Known {
    /// Whether `host` is one of its domains or under one. Lower case, ASCII form.
    pub fn owns(&self, host: &str) -> bool {
        let Some(registrable) = registrable(host) else { return false };
        let of = |domain: &String| {
            is_or_under(host, domain) && !is_or_under_strictly(registrable, domain)
        };
        self.domains.iter().any(of)
            || country_label(registrable)
                .is_some_and(|l| self.country_labels.iter().any(|c| c == l))
            || self.suffixes.iter().any(|suffix| is_or_under(host, suffix))
            || self.public && (is_or_under(host, "go.jp") || is_or_under(host, "lg.jp"))
    }
}

/// `host` and the domains above it, with the byte where each begins.
fn parents(host: &str) -> impl Iterator<Item = (usize, &str)> {
    let dots = host.bytes().enumerate().filter(|(_, b)| *b == b'.').map(|(at, _)| at + 1);
    std::iter::once(0).chain(dots).filter_map(move |at| Some((at, host.get(at..)?)))
}

fn is_or_under_strictly(host: &str, domain: &str) -> bool {
    host.len() > domain.len() && is_or_under(host, domain)
}

/// The label right below a country's suffix.
fn country_label(registrable: &str) -> Option<&str> {
    let (label, suffix) = registrable.split_once('.')?;
    let top = suffix.rsplit('.').next()?;
    let public = psl::suffix(registrable.as_bytes())?;
    (top.len() == 2 && public.typ() == Some(psl::Type::Icann)).then_some(label)
}

/// Letters by which tokens within a longer part are looked up; no token is shorter.
const JOINT: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners() {
        let registry = Registry::shipped();
        for host in [
            "amazon.co.jp",
            "www.amazon.co.jp",
            "amazon.com.au",
            "google.co.th",
            "my.jcb.co.jp",
            "mail.rakuten-card.co.jp",
            "tr.mufg.jp",
        ] {
            assert!(registry.is_real(host), "{host}");
        }
        for host in [
            "amazon.top",
            "amazon.co.jp.example",
            "aamazon.co.jp",
            "login.s3.amazonaws.com",
            "a.github.io",
            "co.jp",
            "",
            "1.2.3.4",
        ] {
            assert!(!registry.is_real(host), "{host}");
        }
    }

    #[test]
    fn every_shipped_domain_is_registrable_and_claims_nothing() {
        let registry = Registry::shipped();
        let domains = registry.names.iter().flat_map(|k| k.domains.iter().map(move |d| (k, d)));
        let suffixes: Vec<_> = domains.clone().filter(|(_, d)| registrable(d).is_none()).collect();
        assert!(suffixes.is_empty(), "public suffixes are nobody's: {suffixes:?}");
        for (known, domain) in domains {
            assert!(known.owns(domain), "{domain}");
            assert_eq!(registry.disguise(domain), None, "{domain}");
            assert_eq!(registry.near_miss(&format!("www.{domain}")), None, "{domain}");
        }
    }

    #[test]
    fn public_bodies_write_from_the_states_domains() {
        let registry = Registry::shipped();
        let tax = registry.names.iter().find(|n| n.written.iter().any(|w| w == "国税庁")).unwrap();
        assert!(tax.owns("nta.go.jp") && tax.owns("city.example.lg.jp"));
        assert!(!tax.owns("nta.example.jp"));
        let brazil = registry.claim("Detran").unwrap();
        assert!(brazil.owns("detran.pr.gov.br") && !brazil.owns("detran-gov.br.example"));
        assert_eq!(registry.disguise("receitafederal.economia.gov.br"), None);
        assert!(registry.disguise("receitafederal.example").is_some());
    }
}
