//! Who comes up most often, in bounded memory.
//!
//! Way in: [`Top::add`], then [`Top::ranked`]. Misra and Gries (1982): with `cap` counters no name
//! is counted too high, and none too low by more than [`Top::missed`], which stays 0 until more
//! than `cap` different names come. Each addition takes constant time on average.

use std::collections::HashMap;

use serde::Serialize;

/// Counters of names.
#[derive(Clone, Debug)]
pub struct Top {
    counts: HashMap<String, u64>,
    cap: usize,
    missed: u64,
}

/// A name and how often it came at least.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ranked {
    /// The name.
    pub name: String,
    /// How often.
    pub count: u64,
}

impl Top {
    /// Counters for `cap` names at once.
    pub fn new(cap: usize) -> Top {
        Top { counts: HashMap::new(), cap, missed: 0 }
    }

    /// Counts `name` once more.
    pub fn add(&mut self, name: &str) {
        if let Some(count) = self.counts.get_mut(name) {
            *count += 1;
        } else if self.counts.len() < self.cap {
            self.counts.insert(name.to_owned(), 1);
        } else {
            self.missed += 1;
            self.counts.retain(|_, count| {
                *count -= 1;
                *count > 0
            });
        }
    }

    /// By how much a count may be too low.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// The `most` most frequent, then by name.
    pub fn ranked(&self, most: usize) -> Vec<Ranked> {
        let mut all: Vec<(&String, &u64)> = self.counts.iter().collect();
        all.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let ranked = all.into_iter().take(most);
        ranked.map(|(name, count)| Ranked { name: name.clone(), count: *count }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_names_survive_a_flood_of_others() {
        let mut top = Top::new(10);
        for n in 0..1_000 {
            top.add("often");
            top.add(&format!("once-{n}"));
        }
        let first = top.ranked(1).remove(0);
        assert_eq!(first.name, "often");
        assert!(first.count + top.missed() >= 1_000 && first.count <= 1_000, "{first:?}");
        assert!(top.counts.len() <= 10);
    }

    #[test]
    fn few_names_are_counted_exactly() {
        let mut top = Top::new(3);
        ["b", "a", "b", "c"].iter().for_each(|name| top.add(name));
        let counts: Vec<_> = top.ranked(9).into_iter().map(|r| (r.name, r.count)).collect();
        assert_eq!(counts, [("b".into(), 2), ("a".into(), 1), ("c".into(), 1)]);
        assert_eq!(top.missed(), 0);
    }
}
