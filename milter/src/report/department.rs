//! Which department a mail belongs to.
//!
//! Way in: [`Departments::of`]. A department is named by the settings, where they do, else by the
//! domain of our side's address, its subdomain with it. A mail to several departments counts for
//! the first of them, so that the sum of the parts is the whole.

use sekisho_config::{AddressPattern, Settings, is_or_under};

use crate::record::Record;

/// The map from addresses to departments.
#[derive(Clone, Debug, Default)]
pub struct Departments {
    named: Vec<(AddressPattern, String)>,
    own: Vec<String>,
}

impl Departments {
    /// Departments by domain alone.
    pub fn by_domain(settings: &Settings) -> Departments {
        Departments { named: Vec::new(), own: settings.filter.own_domains.clone() }
    }

    /// Names what `pattern` matches. An address goes before a domain, a longer domain before a
    /// shorter one.
    #[must_use]
    pub fn naming(mut self, pattern: AddressPattern, name: impl Into<String>) -> Departments {
        self.named.push((pattern, name.into()));
        self.named.sort_by_key(|(pattern, _)| match pattern {
            AddressPattern::Address(_) => (0, 0),
            AddressPattern::Domain(domain) => (1, usize::MAX - domain.len()),
        });
        self
    }

    /// The department of `record`; [`NONE`] where no address of ours is in it.
    pub fn of<'a>(&'a self, record: &'a Record) -> &'a str {
        if record.direction == "inbound" {
            let own = record.recipients.iter().find_map(|to| self.named(to).or(self.own(to)));
            return own
                .or_else(|| record.recipients.first().and_then(|to| domain(to)))
                .unwrap_or(NONE);
        }
        let senders = [record.mail_from.as_str(), record.from.as_str(), record.user.as_str()];
        senders.into_iter().find_map(|from| self.named(from).or(self.own(from))).unwrap_or(NONE)
    }

    fn named(&self, address: &str) -> Option<&str> {
        if self.named.is_empty() {
            return None;
        }
        let address = address.to_lowercase();
        self.named.iter().find(|(p, _)| p.matches(&address)).map(|(_, name)| name.as_str())
    }

    fn own<'a>(&self, address: &'a str) -> Option<&'a str> {
        let domain = domain(address)?;
        let lower = domain.to_ascii_lowercase();
        self.own.iter().any(|own| is_or_under(&lower, own)).then_some(domain)
    }
}

fn domain(address: &str) -> Option<&str> {
    address.rsplit_once('@').map(|(_, domain)| domain).filter(|domain| !domain.is_empty())
}

/// What stands for no department.
pub const NONE: &str = "-";

#[cfg(test)]
mod tests {
    use super::*;

    fn departments() -> Departments {
        let mut settings = Settings::default();
        settings.filter.own_domains = vec!["own.example".into()];
        Departments::by_domain(&settings)
            .naming("@own.example".parse().unwrap(), "本社")
            .naming("@sales.own.example".parse().unwrap(), "営業部")
            .naming("boss@sales.own.example".parse().unwrap(), "役員室")
    }

    #[track_caller]
    fn check(departments: &Departments, direction: &str, from: &str, to: &[&str], expected: &str) {
        let record = Record {
            direction: direction.into(),
            mail_from: from.into(),
            recipients: to.iter().map(|&to| to.into()).collect(),
            ..Record::default()
        };
        assert_eq!(departments.of(&record), expected);
    }

    #[test]
    fn the_settings_name_departments_the_closest_first() {
        let d = departments();
        check(&d, "outbound", "Boss@sales.own.example", &["x@a.example"], "役員室");
        check(&d, "outbound", "a@sales.own.example", &["x@a.example"], "営業部");
        check(&d, "inbound", "x@a.example", &["y@b.example", "a@own.example"], "本社");
        check(&d, "outbound", "", &["x@a.example"], NONE);
    }

    #[test]
    fn without_names_the_domain_stands_for_the_department() {
        let mut settings = Settings::default();
        settings.filter.own_domains = vec!["own.example".into()];
        let d = Departments::by_domain(&settings);
        check(&d, "inbound", "x@a.example", &["a@sales.own.example"], "sales.own.example");
        check(&d, "outbound", "a@own.example", &["x@a.example"], "own.example");
        check(&d, "inbound", "", &[], NONE);
    }
}
