//! What the outside told us about one message, as plain data.
//!
//! The shell gathers these within a deadline; an answer that did not come in time is the value
//! `Unknown`, never an error. Unknown neither accuses nor excuses.

use std::net::IpAddr;

use sekisho_config::{Settings, is_or_under};

use crate::history::History;
use crate::lexicon::Lexicon;
use crate::message::Message;
use crate::message::domain::same_organisation;
use crate::names::Registry;
use crate::policy::Policy;

/// Everything an indicator may know besides the message itself.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// When the message came in, seconds since 1970-01-01T00:00:00Z.
    pub now: i64,
    /// Who handed it to us.
    pub client: Client,
    /// What SPF, DKIM and DMARC say.
    pub authentication: Authentication,
    /// What the virus scanner says.
    pub scan: Scan,
    /// Who wrote to whom before.
    pub history: History,
    /// The settings in force, own and partner domains and lists among them.
    pub settings: &'a Settings,
    /// Real names, compiled from the same settings.
    pub names: &'a Registry,
    /// The words and rules of the settings' themes.
    pub lexicon: &'a Lexicon,
}

/// The SMTP client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Its address; `None` for local submission or when unknown.
    pub ip: Option<IpAddr>,
    /// Its name as Postfix verified it; `None` when unknown.
    pub name: Option<String>,
    /// What it said in HELO or EHLO.
    pub helo: Option<String>,
    /// Whether the address lies in an own network.
    pub own_network: bool,
    /// SASL user (`{auth_authen}`); `None` when not authenticated.
    pub authenticated_user: Option<String>,
}

/// What the virus scanner says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scan {
    /// Nothing known to it is in the mail.
    Clean,
    /// It found something; its name for it.
    Found(String),
    /// Not asked, or no answer within the deadline.
    #[default]
    Unknown,
}

/// Result of one check (RFC 8601, section 2.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthResult {
    /// The check failed: the domain says this is not its mail.
    Fail,
    /// The domain makes no statement.
    Neutral,
    /// The domain publishes nothing, or nothing was signed.
    None,
    /// Passed.
    Pass,
    /// What the domain publishes cannot be read.
    PermError,
    /// The domain says this is probably not its mail (SPF `~all`).
    SoftFail,
    /// An answer did not come; try again later.
    TempError,
    /// Not asked, or no answer within the deadline.
    #[default]
    Unknown,
}

/// A result and the domain it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainResult {
    /// Domain that was checked, lower case (MAIL FROM or HELO for SPF, `d=` for DKIM, From for
    /// DMARC); empty when unknown.
    pub domain: String,
    /// What came out.
    pub result: AuthResult,
}

/// What SPF, DKIM and DMARC say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authentication {
    /// SPF (RFC 7208) of the MAIL FROM domain.
    pub spf: DomainResult,
    /// DKIM (RFC 6376), one per signature. Empty is unknown; that there is no signature is one
    /// [`AuthResult::None`] without a domain.
    pub dkim: Vec<DomainResult>,
    /// DMARC (RFC 7489) of the From domain.
    pub dmarc: DomainResult,
}

/// Which way a mail goes, seen from the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From outside to us.
    Inbound,
    /// From us to ourselves alone.
    Internal,
    /// From us to somebody outside.
    Outbound,
}

impl Direction {
    /// The word used in logs, on the command line and in `--format jsonl`.
    pub fn name(self) -> &'static str {
        match self {
            Direction::Inbound => "inbound",
            Direction::Internal => "internal",
            Direction::Outbound => "outbound",
        }
    }
}

impl Authentication {
    /// Takes over from `other` what is unknown here.
    #[must_use]
    pub fn or(mut self, other: Authentication) -> Authentication {
        if self.spf.result == AuthResult::Unknown {
            self.spf = other.spf;
        }
        if self.dkim.is_empty() {
            self.dkim = other.dkim;
        }
        if self.dmarc.result == AuthResult::Unknown {
            self.dmarc = other.dmarc;
        }
        self
    }

    /// Whether SPF, DKIM and DMARC all have an answer.
    pub fn is_complete(&self) -> bool {
        self.spf.result != AuthResult::Unknown
            && !self.dkim.is_empty()
            && self.dmarc.result != AuthResult::Unknown
    }
}

impl<'a> Facts<'a> {
    /// Facts that know nothing beyond the policy, as with `--offline`.
    pub fn under(policy: &'a Policy) -> Facts<'a> {
        Facts::with(policy.settings(), policy.names(), policy.lexicon())
    }

    /// The same from settings alone, with the shipped names and lexicon in place of the settings' own.
    pub fn unknown(settings: &'a Settings) -> Facts<'a> {
        Facts::with(settings, Registry::shipped(), Lexicon::shipped())
    }

    fn with(settings: &'a Settings, names: &'a Registry, lexicon: &'a Lexicon) -> Facts<'a> {
        Facts {
            now: 0,
            client: Client::default(),
            authentication: Authentication::default(),
            scan: Scan::default(),
            history: History::default(),
            settings,
            names,
            lexicon,
        }
    }

    /// Whether `host` is in an organisation that has to do with sending the mail: that of From, of
    /// MAIL FROM, of a signature that holds, an own or a partner's.
    pub fn stands_behind(&self, mail: &Message<'_>, host: &str) -> bool {
        let mail_from = mail.envelope().mail_from.as_deref().unwrap_or_default();
        let bounces = mail_from.rsplit_once('@').map(|(_, host)| host);
        let from = mail.from().iter().map(|from| from.domain());
        let dkim = self.authentication.dkim.iter().filter(|r| r.result == AuthResult::Pass);
        from.chain(bounces)
            .chain(dkim.map(|r| r.domain.as_str()))
            .any(|theirs| same_organisation(theirs, host))
            || self.is_own_domain(host)
            || self.is_partner_domain(host)
    }

    /// Whether `domain` is one of the organisation's or under one. Lower case, ASCII form.
    pub fn is_own_domain(&self, domain: &str) -> bool {
        self.settings.filter.own_domains.iter().any(|d| is_or_under(domain, d))
    }

    /// Whether `domain` is an agreed partner's or under one. Lower case, ASCII form.
    pub fn is_partner_domain(&self, domain: &str) -> bool {
        self.settings.filter.partner_domains.iter().any(|d| is_or_under(domain, d))
    }

    /// Whether `domain` is a partner's: named as one, or with an agreement that holds. Lower case,
    /// ASCII form.
    pub fn has_agreement_with(&self, domain: &str) -> bool {
        let holds = |until: Option<i64>| until.is_none_or(|until| self.now <= until);
        let mut agreements = self.settings.outbound.partners.iter();
        self.is_partner_domain(domain)
            || agreements.any(|p| is_or_under(domain, &p.domain) && holds(p.until))
    }

    /// Whether a Message-ID says that it was made in an own domain; anybody can write one.
    pub fn is_own_id(&self, id: &str) -> bool {
        let host = id.rsplit_once('@').map(|(_, host)| host.to_lowercase());
        host.is_some_and(|host| self.is_own_domain(&host))
    }

    /// Whether mail that says it is from `domain` is authenticated for that domain: by DMARC, by
    /// an aligned DKIM signature, or by SPF of an aligned MAIL FROM domain (relaxed alignment,
    /// RFC 7489 section 3.1).
    pub fn is_authenticated_for(&self, domain: &str) -> bool {
        let aligned =
            |r: &DomainResult| r.result == AuthResult::Pass && same_organisation(&r.domain, domain);
        let a = &self.authentication;
        aligned(&a.dmarc) || aligned(&a.spf) || a.dkim.iter().any(aligned)
    }
}
