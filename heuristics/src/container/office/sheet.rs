//! Sheets of OOXML workbooks: a row a line, cells set apart by tabs.
//!
//! Way in: [`SharedStrings::read`], then [`read`] for each sheet. A string that thousands of cells
//! name is copied as often, so text ends where no more bytes may be unpacked.

use std::ops::Range;

use super::super::Visit;
use super::super::observation::Place;
use super::Lines;
use super::xml::{Event, Events};

/// The strings that cells name by number (`sst`).
#[derive(Default)]
pub(super) struct SharedStrings {
    text: String,
    ranges: Vec<Range<usize>>,
}

impl SharedStrings {
    /// Reads the part.
    pub(super) fn read(text: &str, visit: &mut Visit<'_>) -> SharedStrings {
        let mut strings = SharedStrings::default();
        if !visit.wants_text() {
            return strings;
        }
        let (mut start, mut inside, mut in_reading) = (0, false, false);
        for event in Events::new(text) {
            match event {
                Event::Start(tag) => match tag.name {
                    "si" => start = strings.text.len(),
                    "t" => inside = true,
                    // Furigana.
                    "rPh" => in_reading = true,
                    _ => {}
                },
                Event::End("si") => strings.ranges.push(start..strings.text.len()),
                Event::End("t") => inside = false,
                Event::End("rPh") => in_reading = false,
                Event::Text(text) if inside && !in_reading => strings.text.push_str(&text),
                _ => {}
            }
        }
        strings
    }

    /// Adds the next string.
    pub(super) fn push(&mut self, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.ranges.push(start..self.text.len());
    }

    /// The string of this number; empty where there is none.
    pub(super) fn at(&self, number: usize) -> &str {
        let range = self.ranges.get(number);
        range.and_then(|r| self.text.get(r.clone())).unwrap_or_default()
    }
}

/// Tells the cells of a sheet, and its header and footer.
pub(super) fn read(text: &str, shared: &SharedStrings, visit: &mut Visit<'_>) {
    if !visit.wants_text() {
        return;
    }
    let mut lines = Lines::new(visit);
    let mut furniture = Vec::new();
    let (mut inside, mut is_shared, mut in_reading) = ("", false, false);
    for event in Events::new(text) {
        match event {
            Event::Start(tag) => match tag.name {
                "c" => is_shared = tag.attribute("t").as_deref() == Some("s"),
                "v" | "t" => inside = tag.name,
                "rPh" => in_reading = true,
                name if place_of(name).is_some() => inside = name,
                _ => {}
            },
            Event::End("c") => lines.push("\t"),
            Event::End("row") => lines.push("\n"),
            Event::End("rPh") => in_reading = false,
            Event::End(name) if name == inside => inside = "",
            Event::Text(text) => match inside {
                "v" if is_shared => {
                    let number = text.trim().parse().unwrap_or(usize::MAX);
                    lines.push(shared.at(number));
                }
                "v" | "t" if !in_reading => lines.push(&text),
                name => {
                    if let Some(place) = place_of(name).filter(|_| furniture.len() < 6) {
                        furniture.push((place, plain(&text)));
                    }
                }
            },
            Event::End(_) => {}
        }
    }
    lines.tell(Place::Cell, visit);
    furniture.into_iter().for_each(|(place, text)| visit.text(place, text));
}

/// A header or footer without its codes for side, font, size and page (ECMA-376 part 1, 18.3.1.39).
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let mut chars = after.chars();
        match chars.next() {
            Some('&') => out.push('&'),
            // A font's name, up to the closing quote.
            Some('"') => chars = chars.as_str().split_once('"').map_or("", |(_, t)| t).chars(),
            Some(c) if c.is_ascii_digit() => {
                chars = chars.as_str().trim_start_matches(|c: char| c.is_ascii_digit()).chars();
            }
            Some('L' | 'C' | 'R') if !out.is_empty() => out.push('\t'),
            _ => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out
}

fn place_of(element: &str) -> Option<Place> {
    Some(match element {
        "oddHeader" | "evenHeader" | "firstHeader" => Place::Header,
        "oddFooter" | "evenFooter" | "firstFooter" => Place::Footer,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn codes_of_headers_are_left_out() {
        assert_eq!(plain("&L&\"MS Gothic,Bold\"&12社外秘&C&P/&N&RA && B"), "社外秘\t/\tA & B");
        assert_eq!(plain("&"), "");
        assert_eq!(plain("&\"open"), "");
    }
}
