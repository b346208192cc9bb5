//! Gathers what the outside says about one mail, within a deadline.
//!
//! Way in: [`Gatherer`], made once per configuration, and [`Gatherer::gather`], asked once per mail.
//! A trusted Authentication-Results field answers first; what it leaves open is asked from DNS, if
//! the settings allow that. An answer that does not come in time is `Unknown`, what came in before
//! counts; nothing here fails, and nothing takes longer than `authentication.deadline`.

mod authenticate;
mod dns;
mod scanner;

use std::time::Duration;

use sekisho_config::Settings;
use sekisho_heuristics::facts::Client;
use sekisho_heuristics::message::auth_results::{self, Arrival, Reading, Trust};
use sekisho_heuristics::message::{Envelope, headers, headers::Field};

pub use dns::BadNameServer;
pub use scanner::{NoAnswer, Scanner};

/// One mail as it is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who handed it over.
    pub client: &'a Client,
    /// Its envelope.
    pub envelope: &'a Envelope,
    /// Header and body exactly as received, CRLF line ends: DKIM signs bytes.
    pub raw: &'a [u8],
    /// How it came before us, which says which Authentication-Results are our own servers';
    /// [`arrival`] tells for a milter, a stored mail is [`Arrival::Stored`].
    pub arrival: Arrival,
}

/// How a mail in a transaction came before us: from outside, or relayed by an own server whose
/// Received field it then bears.
pub fn arrival(client: &Client) -> Arrival {
    if client.own_network { Arrival::Stored } else { Arrival::InTransaction }
}

/// Asks the outside. Holds the resolver and its cache of answers; share it between connections.
pub struct Gatherer {
    /// `None` where DNS must not be asked, or cannot be.
    authenticator: Option<mail_auth::MessageAuthenticator>,
    authserv_ids: Vec<String>,
    own_domains: Vec<String>,
    deadline: Duration,
    header_fields: usize,
}

impl Gatherer {
    /// A gatherer for `settings`; `offline` never asks DNS. Where the system's resolver settings
    /// cannot be read, that is logged and DNS is not asked.
    ///
    /// # Errors
    /// A name server in the settings is no address.
    pub fn new(settings: &Settings, offline: bool) -> Result<Gatherer, BadNameServer> {
        let own = &settings.authentication;
        let authenticator = match own.check && !offline {
            true => dns::authenticator(&own.name_servers, own.deadline)?,
            false => None,
        };
        Ok(Gatherer {
            authenticator,
            authserv_ids: own.trusted_authserv_ids.clone(),
            own_domains: settings.filter.own_domains.clone(),
            deadline: own.deadline,
            header_fields: settings.filter.limits.headers,
        })
    }

    /// What SPF, DKIM and DMARC say about one mail, and which trusted-looking fields are forged.
    pub async fn gather(&self, asked: &Asked<'_>) -> Reading {
        let mut reading = self.trusted(asked);
        if let Some(dns) = &self.authenticator
            && !reading.authentication.is_complete()
        {
            let asked = authenticate::check(dns, asked, self.deadline).await;
            reading.authentication = reading.authentication.or(asked);
        }
        reading
    }

    /// What the trusted Authentication-Results fields say.
    fn trusted(&self, asked: &Asked<'_>) -> Reading {
        if self.authserv_ids.is_empty() {
            return Reading::default();
        }
        let (ranges, _) = headers::scan(asked.raw, 0, self.header_fields);
        let fields = ranges.into_iter().map(|range| Field {
            name: asked.raw.get(range.name).unwrap_or_default(),
            value: asked.raw.get(range.value).unwrap_or_default(),
        });
        let trust = Trust { authserv_ids: &self.authserv_ids, own_domains: &self.own_domains };
        auth_results::read(fields, asked.arrival, trust)
    }
}

#[cfg(test)]
mod tests;
