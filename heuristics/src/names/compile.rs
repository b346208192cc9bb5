//! From settings to the registry's tables.

use sekisho_config::{Name, NameKind, Settings};

use super::{JOINT, Known, Reach, Registry, Token, Whose, fold};
use crate::message::domain::registrable;

pub(super) fn compile(settings: &Settings) -> Registry {
    let mut registry = Registry::default();
    let names = &settings.lists.names;
    for (words, counts) in [(&names.bait, true), (&names.plain, false)] {
        for word in words {
            registry.bait.insert(fold::skeleton(word).into(), counts);
            registry.everyday.insert(word.as_str().into());
        }
    }
    for (domains, whose) in [
        (&settings.filter.own_domains, Whose::Own),
        (&settings.filter.partner_domains, Whose::Partner),
    ] {
        for domain in domains {
            registry.add_domain(domain, whose);
        }
    }
    for name in &names.records {
        registry.add_record(name);
    }
    registry.tenants.extend(names.tenants.iter().map(|d| d.as_str().into()));
    for word in &names.desk {
        let word = fold::squash(word);
        registry.longest_text = registry.longest_text.max(word.len());
        if word.len() >= SHORTEST_ALIKE {
            registry.desk_alikes.insert(word.text.chars().map(fold::alike).collect());
        }
        registry.desk.insert(word.text.into());
    }
    registry
}

impl Registry {
    /// An own or a partner's domain: its first label stands for it.
    fn add_domain(&mut self, domain: &str, whose: Whose) {
        let index = self.add_name(Known {
            name: domain.to_owned(),
            domain: domain.to_owned(),
            whose,
            written: Vec::new(),
            domains: vec![domain.to_owned()],
            country_labels: Vec::new(),
            suffixes: Vec::new(),
            public: false,
        });
        let Some((label, _)) = registrable(domain).and_then(|d| d.split_once('.')) else { return };
        let label = label.replace('-', "");
        let everyday = self.everyday.contains(label.as_str());
        if label.len() < SHORTEST_LABEL || everyday || label.starts_with("xn") {
            return;
        }
        let reach = match whose {
            Whose::Own if label.len() >= SHORTEST_SLIP => Reach::Anywhere,
            Whose::Own => Reach::BesideBait,
            _ => Reach::Misspelt,
        };
        self.add_token(&label, index, reach);
    }

    fn add_record(&mut self, record: &Name) {
        let written: Vec<String> = record.names.iter().map(|n| fold::squash(n).text).collect();
        let first = record.domains.first().cloned();
        let country = record.country_labels.first().map(|label| format!("{label}.com"));
        let index = self.add_name(Known {
            name: record.names.first().cloned().unwrap_or_default(),
            domain: first.or(country).unwrap_or_default(),
            whose: Whose::Listed,
            written: written.clone(),
            domains: record.domains.clone(),
            country_labels: record.country_labels.clone(),
            suffixes: record.suffixes.clone(),
            public: record.kind == NameKind::Public,
        });
        for text in written {
            let letters = text.chars().count();
            self.longest_text = self.longest_text.max(letters);
            if letters >= SHORTEST_ALIKE {
                let alike: Box<str> = text.chars().map(fold::alike).collect();
                self.alikes.entry(alike).or_insert(index);
            }
            self.texts.entry(text.into()).or_insert(index);
        }
        for token in &record.tokens {
            self.add_token(token, index, Reach::Anywhere);
        }
        for token in &record.weak_tokens {
            self.add_token(token, index, Reach::BesideBait);
        }
        let labels = record.domains.iter().filter_map(|d| d.split('.').next());
        for label in labels.filter(|label| label.len() >= SHORTEST_HYPHENED && label.contains('-'))
        {
            if record.tokens.contains(&label.replace('-', "")) {
                let token = u32::try_from(self.tokens.len()).unwrap_or(u32::MAX);
                self.hyphened.add(label, token);
                let [written, skeleton] = [label.into(), fold::skeleton(label).into()];
                let reach = Reach::Misspelt;
                self.tokens.push(Token { written, skeleton, name: index, reach });
            }
        }
        self.suffixes.extend(record.suffixes.iter().map(|suffix| suffix.as_str().into()));
        self.honest.extend(record.honest.iter().map(|word| word.as_str().into()));
    }

    fn add_name(&mut self, known: Known) -> u32 {
        let index = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        for (place, domain) in known.domains.iter().enumerate() {
            self.domains.insert(domain.as_str().into());
            // Groups share domains: the one whose first it is, is meant.
            self.add_run(domain, index, place == 0 && known.whose == Whose::Listed);
        }
        for label in &known.country_labels {
            self.country_labels.insert(label.as_str().into());
        }
        self.names.push(known);
        index
    }

    fn add_run(&mut self, domain: &str, index: u32, first: bool) {
        let run = domain.replace(['-', '_'], ".");
        let head = run.split('.').next().unwrap_or_default();
        // `x.com` and the like turn up by chance.
        if head.len() < SHORTEST_RUN_HEAD {
            return;
        }
        let parts = run.split('.').count();
        let longest = self.run_heads.entry(head.into()).or_default();
        *longest = parts.max(*longest);
        match first {
            true => _ = self.runs.insert(run.into(), index),
            false => _ = self.runs.entry(run.into()).or_insert(index),
        }
    }

    fn add_token(&mut self, token: &str, name: u32, reach: Reach) {
        let index = u32::try_from(self.tokens.len()).unwrap_or(u32::MAX);
        let skeleton = fold::skeleton(token);
        if reach != Reach::BesideBait && may_slip(token, self) {
            self.slips.add(token, index);
        }
        if reach == Reach::Anywhere {
            let bytes = skeleton.as_bytes();
            if let Some(head) = bytes.first_chunk::<JOINT>() {
                self.heads.entry(*head).or_default().push(index);
            }
            if let Some(tail) = bytes.last_chunk::<JOINT>() {
                self.tails.entry(*tail).or_default().push(index);
            }
        }
        self.skeletons.entry(skeleton.as_str().into()).or_insert(index);
        self.tokens.push(Token { written: token.into(), skeleton: skeleton.into(), name, reach });
    }
}

/// Whether a slip in the token can be told from another word: it is long enough without the
/// everyday words it ends or begins with (`awabank` is not), and is no everyday word with a letter
/// before it (`icloud`).
fn may_slip(token: &str, registry: &Registry) -> bool {
    let everyday = |part: &str| registry.everyday.contains(part);
    let splits = (1..token.len()).filter_map(|at| token.split_at_checked(at));
    let own_letters = splits
        .flat_map(|(head, tail)| [everyday(tail).then_some(head), everyday(head).then_some(tail)])
        .flatten()
        .map(str::len)
        .min()
        .unwrap_or(token.len());
    token.len() >= SHORTEST_SLIP && own_letters >= SHORTEST_OWN_LETTERS
}

/// Shortest token in which a slip is looked for.
const SHORTEST_SLIP: usize = 6;

/// Shortest label with a hyphen in which a slip is looked for.
const SHORTEST_HYPHENED: usize = 7;

/// Letters such a token has beside everyday words.
const SHORTEST_OWN_LETTERS: usize = 5;

/// Shortest name that is also known when a letter of it is swapped for one that looks like it.
const SHORTEST_ALIKE: usize = 5;

/// Shortest label of an own or partner domain that stands for it.
const SHORTEST_LABEL: usize = 4;

const SHORTEST_RUN_HEAD: usize = 3;
