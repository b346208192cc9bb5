//! Which paths through aliases, maps, `.forward` files and scripts leave the organisation.
//!
//! Way in: [`leaving`]. Each beginning is followed breadth first; what was visited is not visited
//! again, so that circles end, and no beginning is followed further than [`MAX_STEPS`].

use std::collections::{HashMap, HashSet, VecDeque};

use sekisho_config::is_or_under;

use super::target::Target;

/// One place that sends mail on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hop {
    /// Whose mail: a local name, an address, a file.
    pub(super) from: String,
    /// Where it leads.
    pub(super) to: Target,
    /// File and line it is written in.
    pub(super) place: String,
}

/// A path that leaves, or that ends where nobody can see further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    /// Where it begins.
    pub(super) from: String,
    /// What it passes.
    pub(super) via: Vec<String>,
    /// Where it ends: an address outside, or a command.
    pub(super) to: String,
    /// Whether it leaves; else it cannot be followed.
    pub(super) leaves: bool,
    /// File and line of its last hop.
    pub(super) place: String,
}

/// Every such path, in the order in which its beginning is written.
pub(super) fn leaving(hops: &[Hop], own_domains: &[String]) -> Vec<Path> {
    let mut by_from: HashMap<&str, Vec<&Hop>> = HashMap::new();
    for hop in hops {
        by_from.entry(&hop.from).or_default().push(hop);
    }
    let mut begun = HashSet::new();
    let starts = hops.iter().map(|hop| hop.from.as_str());
    // Nobody sends to an include file.
    let starts = starts.filter(|from| !from.starts_with(INCLUDE) && begun.insert(*from));
    starts.flat_map(|start| from(start, &by_from, own_domains)).collect()
}

fn from(start: &str, by_from: &HashMap<&str, Vec<&Hop>>, own: &[String]) -> Vec<Path> {
    let mut found = Vec::new();
    // One end is told once, by the shortest way.
    let mut told = HashSet::new();
    let mut visited = HashSet::from([start.to_owned()]);
    let mut queue = VecDeque::from([(start.to_owned(), Vec::new())]);
    for _ in 0..MAX_STEPS {
        let Some((at, via)) = queue.pop_front() else { break };
        for hop in hops_of(&at, by_from, own) {
            let (to, ends) = match &hop.to {
                Target::File(_) => continue,
                Target::Command(command) => (format!("|{command}"), Some(false)),
                Target::Include(path) => (format!("{INCLUDE}{path}"), None),
                Target::Address(address) if address.contains(['$']) => {
                    // Filled in at delivery; a fixed domain outside is enough to know.
                    let outside = is_outside(address, own) && !domain_of(address).contains('$');
                    (address.clone(), Some(outside))
                }
                Target::Address(address) => {
                    (address.clone(), is_outside(address, own).then_some(true))
                }
            };
            match ends {
                Some(_) if !told.insert((to.clone(), hop.place.as_str())) => {}
                Some(leaves) => found.push(Path {
                    from: start.to_owned(),
                    via: via.clone(),
                    to,
                    leaves,
                    place: hop.place.clone(),
                }),
                None if visited.insert(to.clone()) && via.len() < MAX_DEPTH => {
                    let mut via = via.clone();
                    via.push(to.clone());
                    queue.push_back((to, via));
                }
                None => {}
            }
        }
    }
    found
}

/// What is looked up for a name or an address: itself, the local part of an address of ours, and the
/// whole domain.
fn hops_of<'h>(at: &str, by_from: &HashMap<&str, Vec<&'h Hop>>, own: &[String]) -> Vec<&'h Hop> {
    let exact = by_from.get(at);
    let ours = at.rsplit_once('@').filter(|_| !is_outside(at, own));
    let local = ours.and_then(|(local, _)| by_from.get(local));
    let extended = ours.and_then(|(local, _)| by_from.get(local.split_once('+')?.0));
    let domain = ours.and_then(|(_, domain)| by_from.get(format!("@{domain}").as_str()));
    let first = exact.or(local).or(extended).or(domain);
    first.into_iter().flatten().copied().collect()
}

/// Whether an address is in no domain of ours. Names without a domain, and with one of a single
/// label (`localhost`), are local.
fn is_outside(address: &str, own: &[String]) -> bool {
    let domain = domain_of(address);
    let ascii = sekisho_config::domain(domain).unwrap_or_else(|_| domain.to_owned());
    domain.contains('.') && !own.iter().any(|own| is_or_under(&ascii, own))
}

fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// What include files are called in hops.
pub(super) const INCLUDE: &str = ":include:";

/// Places visited from one beginning.
const MAX_STEPS: usize = 1000;

/// Places in a row.
const MAX_DEPTH: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::audit_forwarding::target;

    fn paths(table: &[(&str, &str)]) -> Vec<String> {
        let hops: Vec<Hop> = table
            .iter()
            .flat_map(|(from, list)| {
                target::read(list).into_iter().map(|to| Hop {
                    from: (*from).to_owned(),
                    to,
                    place: "f:1".into(),
                })
            })
            .collect();
        let shown = |p: Path| {
            let steps = [vec![p.from], p.via, vec![p.to]].concat().join(" > ");
            if p.leaves { steps } else { format!("{steps} ?") }
        };
        leaving(&hops, &["own.example".to_owned()]).into_iter().map(shown).collect()
    }

    #[test]
    fn paths_are_followed_to_their_end() {
        let table = [
            ("info@own.example", "taro@own.example, sales"),
            ("taro", "taro@gmail.com, taro@sub.own.example"),
            ("sales", ":include:/l, /var/mail/sales, root@localhost"),
            (":include:/l", "x@example.com, |archive"),
        ];
        let expected = [
            "info@own.example > taro@own.example > taro@gmail.com",
            "info@own.example > sales > :include:/l > x@example.com",
            "info@own.example > sales > :include:/l > |archive ?",
            "taro > taro@gmail.com",
            "sales > :include:/l > x@example.com",
            "sales > :include:/l > |archive ?",
        ];
        assert_eq!(paths(&table), expected);
    }

    #[test]
    fn whole_domains_and_names_filled_in() {
        assert_eq!(
            paths(&[("@own.example", "all@example.com"), ("a", "b@own.example")]),
            ["@own.example > all@example.com", "a > b@own.example > all@example.com"]
        );
        assert_eq!(paths(&[("/x/", "$1@example.com")]), ["/x/ > $1@example.com"]);
        assert_eq!(paths(&[("s", "${to}")]), ["s > ${to} ?"]);
    }

    #[test]
    fn circles_end() {
        let table = [("a", "b"), ("b", "a, c@own.example"), ("c", "a, x@example.com")];
        assert_eq!(paths(&table).len(), 3);
        let chain: Vec<(String, String)> =
            (0..3000).map(|n| (format!("n{n}"), format!("n{}", n + 1))).collect();
        let chain: Vec<_> = chain.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(paths(&chain), Vec::<String>::new());
    }
}
