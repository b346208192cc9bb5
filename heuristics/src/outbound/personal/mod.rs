//! Personal data in a text: My Numbers, card numbers, and persons with what leads to them.
//!
//! Way in: [`Found::read`], for one text after the other. What is found counts once however often it
//! stands in a mail (plain and HTML say the same). Numbers are kept only to be told apart and are
//! shown by their last four digits. Each text is passed over a bounded number of times.

mod labels;
mod number;
mod person;
mod row;
mod words;

use std::collections::HashSet;

use super::plain::plain;
use number::Numbers;

/// What was found so far.
#[derive(Default)]
pub(crate) struct Found {
    numbers: Numbers,
    /// Persons by name and what stands beside it.
    persons: HashSet<String>,
    /// How many of them have a name that is one beyond doubt.
    sure_names: usize,
}

impl Found {
    /// Reads one text. Table cells are set apart by tabs, commas or bars, rows by line feeds.
    pub(crate) fn read(&mut self, text: &str) {
        let text = plain(text);
        self.numbers.read(&text);
        person::read(&text, &mut |person| {
            let is_sure = person.is_sure;
            if self.persons.len() < MOST_PERSONS && self.persons.insert(person.key) && is_sure {
                self.sure_names += 1;
            }
        });
    }

    /// My Numbers, the last four digits readable.
    pub(crate) fn my_numbers(&self) -> Vec<String> {
        self.numbers.my_numbers.iter().map(|digits| masked(digits)).collect()
    }

    /// Card numbers, the last four digits readable.
    pub(crate) fn cards(&self) -> Vec<String> {
        self.numbers.cards().map(|digits| masked(digits)).collect()
    }

    /// How much was found so far: more where a text added something.
    pub(crate) fn count(&self) -> usize {
        self.numbers.count() + self.persons.len()
    }

    /// How many persons are named beside an address, telephone, mail or birthday. None where hardly
    /// a name is known as one: then they may be shops, sites or products.
    pub(crate) fn persons(&self) -> usize {
        let is_of_people = self.sure_names.saturating_mul(SURE_SHARE) >= self.persons.len();
        if is_of_people { self.persons.len() } else { 0 }
    }
}

/// `text` for a record: what may be a My Number or a card number shows its last four digits alone,
/// whatever it is called.
pub fn without_numbers(text: &str) -> std::borrow::Cow<'_, str> {
    number::without(text)
}

/// All but the last four characters as stars.
pub(crate) fn masked(digits: &str) -> String {
    let hidden = digits.chars().count().saturating_sub(4);
    digits.chars().enumerate().map(|(at, c)| if at < hidden { '*' } else { c }).collect()
}

/// Persons told apart in one mail; more are a list in any case.
const MOST_PERSONS: usize = 100_000;

/// One name in so many must be one beyond doubt.
const SURE_SHARE: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_read(text in "(マイナンバー|氏名|電話|[\t,|\n -]|[0-9]{1,6}|4111 1111|山田|太郎|\"|.){0,120}") {
            let mut found = Found::default();
            found.read(&text);
            prop_assert!(found.my_numbers().iter().all(|n| n.starts_with("********")));
            prop_assert!(found.persons() <= text.lines().count());
        }
    }

    #[test]
    fn numbers_are_masked() {
        assert_eq!(masked("123456789018"), "********9018");
        assert_eq!(masked("12"), "12");
    }
}
