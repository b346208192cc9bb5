//! Which objects a file holds, and where: by walking over it, never by its own table.
//!
//! Way in: [`Pdf::new`] lists whatever stands between `obj` and `endobj`, [`Pdf::stored`] reads one
//! of them, [`Pdf::resolve`] follows a reference. Cross-reference tables are not read: they lie in
//! broken files and in hostile ones, and viewers repair them by walking as this does. Of an object
//! written twice the last counts; the ones before are looked at too, where it matters.
//!
//! Invariants: listing is linear; reading an object or unpacking a stream is paid for each time, so
//! references that lead into themselves cost what the budget allows. Nothing here recurses.

use std::cell::Cell;
use std::ops::Range;

use super::crypt::Key;
use super::filter::{self, Unpacked};
use super::object::{Dict, Lexer, Object, is_blank};
use crate::container::Visit;
use crate::message::Problem;

/// A file's objects.
pub(super) struct Pdf<'a> {
    content: &'a [u8],
    /// Object streams, unpacked.
    packed: Vec<Vec<u8>>,
    places: Vec<Place>,
    /// Numbers and indices of `places`, sorted.
    numbers: Vec<(u32, usize)>,
    /// Where `endstream` stands.
    ends: Vec<usize>,
    /// The budget has been met; nothing more is read.
    spent: Cell<bool>,
    /// Decrypts the file, where it is encrypted and could be opened.
    pub(super) key: Option<Key>,
}

/// Where an object stands.
struct Place {
    number: u32,
    generation: u16,
    at: usize,
    /// The object stream it is in; `None` for the file itself.
    packed: Option<usize>,
}

/// One object, read.
pub(super) struct Stored {
    pub(super) number: u32,
    generation: u16,
    pub(super) object: Object,
    /// Where the data of a stream lie in the file, packed and encrypted.
    data: Option<Range<usize>>,
}

impl<'a> Pdf<'a> {
    /// Lists the objects.
    pub(super) fn new(content: &'a [u8], visit: &mut Visit<'_>) -> Pdf<'a> {
        let mut places = Vec::new();
        for at in memchr::memmem::find_iter(content, b"obj") {
            let Some((number, generation)) = heading(content, at) else { continue };
            if places.len() >= MOST_OBJECTS {
                note_cut(visit);
                break;
            }
            places.push(Place { number, generation, at: at + b"obj".len(), packed: None });
        }
        let ends = memchr::memmem::find_iter(content, b"endstream").collect();
        let mut pdf = Pdf {
            content,
            packed: Vec::new(),
            places,
            numbers: Vec::new(),
            ends,
            spent: Cell::new(false),
            key: None,
        };
        pdf.sort();
        pdf
    }

    /// How many objects there are; each is read by an index below.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Adds the objects of an object stream (7.5.7).
    pub(super) fn expand(&mut self, stream: &Stored, visit: &mut Visit<'_>) {
        let Some(dict) = stream.object.dict() else { return };
        let first = dict.count("First").unwrap_or(0);
        let Some(unpacked) = self.unpacked(stream, visit) else { return };
        let data = unpacked.data;
        let mut lexer = Lexer::new(&data, 0);
        let source = self.packed.len();
        // Pairs of number and offset; how many there are said to be plays no part.
        while lexer.at() < first {
            let (Some(number), Some(offset)) = (lexer.object(), lexer.object()) else { break };
            let number = number.count().and_then(|n| u32::try_from(n).ok());
            let (Some(number), Some(offset)) = (number, offset.count()) else { break };
            if self.places.len() >= MOST_OBJECTS {
                note_cut(visit);
                break;
            }
            let at = first.saturating_add(offset);
            self.places.push(Place { number, generation: 0, at, packed: Some(source) });
        }
        self.packed.push(data);
    }

    /// Makes objects that were added be found by number.
    pub(super) fn sort(&mut self) {
        self.numbers = self.places.iter().enumerate().map(|(i, p)| (p.number, i)).collect();
        self.numbers.sort_unstable();
    }

    /// Reads the object of an index; `None` where there is none, or no more may be read.
    pub(super) fn stored(&self, index: usize, visit: &mut Visit<'_>) -> Option<Stored> {
        let place = self.places.get(index).filter(|_| !self.spent.get())?;
        let source = match place.packed {
            Some(stream) => self.packed.get(stream)?.as_slice(),
            None => self.content,
        };
        let mut lexer = Lexer::new(source, place.at);
        let mut object = lexer.object()?;
        // What an object takes is known when it has been read, so the first that is too much for
        // the budget is the last.
        if !visit.budget().take_work(lexer.at().saturating_sub(place.at)) {
            self.spent.set(true);
            return None;
        }
        let (number, generation) = (place.number, place.generation);
        let mut data = None;
        if place.packed.is_none() {
            data = object.dict().and_then(|dict| self.data(&mut lexer, dict));
            if let Some(key) = &self.key {
                key.decrypt_texts((number, generation), &mut object);
            }
        }
        Some(Stored { number, generation, object, data })
    }

    /// The objects of a number, the one that counts first.
    pub(super) fn numbered(&self, number: u32) -> impl Iterator<Item = usize> {
        let start = self.numbers.partition_point(|&(n, _)| n < number);
        let end = self.numbers.partition_point(|&(n, _)| n <= number);
        let all = self.numbers.get(start..end).unwrap_or_default();
        all.iter().rev().take(MOST_VERSIONS).map(|&(_, index)| index)
    }

    /// What a value is, references followed.
    pub(super) fn resolve(&self, value: &Object, visit: &mut Visit<'_>) -> Option<Stored> {
        let mut object = value.clone();
        for _ in 0..MOST_STEPS {
            let Some(number) = object.reference() else {
                return Some(Stored { number: 0, generation: 0, object, data: None });
            };
            let index = self.numbered(number).next()?;
            let stored = self.stored(index, visit)?;
            if stored.object.reference().is_none() {
                return Some(stored);
            }
            object = stored.object;
        }
        None
    }

    /// The value of a key as an object, references followed.
    pub(super) fn value(&self, dict: &Dict, key: &str, visit: &mut Visit<'_>) -> Option<Object> {
        self.resolve(dict.value(key)?, visit).map(|s| s.object)
    }

    /// The data of a stream without the filters known here; `None` where it has none, or no more
    /// may be unpacked.
    pub(super) fn unpacked(&self, stored: &Stored, visit: &mut Visit<'_>) -> Option<Unpacked> {
        let dict = stored.object.dict()?;
        let data = self.content.get(stored.data.clone()?)?;
        let left = visit.budget().bytes();
        if !visit.budget().take_work(data.len()) {
            return None;
        }
        let decrypted = self
            .key
            .as_ref()
            .and_then(|key| key.decrypt_stream((stored.number, stored.generation), dict, data));
        // Filters are seldom written as references, but may be.
        let unpacked =
            filter::unpack(&self.filters(dict, visit), decrypted.as_deref().unwrap_or(data), left);
        if unpacked.is_cut {
            let limit = visit.budget().bytes_limit();
            visit.budget().note(Problem::Inflated(limit));
        }
        visit.budget().take_bytes(unpacked.data.len()).then_some(unpacked)
    }

    /// What a stream's dictionary says of filters, references followed.
    fn filters(&self, dict: &Dict, visit: &mut Visit<'_>) -> Dict {
        let keys = ["Filter", "F", "DecodeParms", "DP"].into_iter();
        keys.filter_map(|key| Some((key, self.value(dict, key, visit)?))).collect()
    }

    /// Where the data of a stream lie, if the lexer stands before one.
    fn data(&self, lexer: &mut Lexer<'_>, dict: &Dict) -> Option<Range<usize>> {
        let blanks = lexer.rest().iter().take_while(|&&b| is_blank(b)).count();
        let rest = lexer.rest().get(blanks..)?.strip_prefix(b"stream")?;
        let line_end = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        };
        let start = lexer.at() + blanks + b"stream".len() + line_end;
        let next = self.ends.partition_point(|&end| end < start);
        let end = self.ends.get(next).copied().unwrap_or(self.content.len());
        // The length counts where the end stands there, since data may hold the word.
        let said =
            dict.count("Length").and_then(|length| start.checked_add(length)).filter(|&end| {
                let after = self.content.get(end..).unwrap_or_default();
                let blanks = after.iter().take(4).take_while(|&&b| is_blank(b)).count();
                after.get(blanks..).is_some_and(|after| after.starts_with(b"endstream"))
            });
        Some(start..said.unwrap_or(end))
    }

    /// Dictionaries after the word `trailer`, the last first.
    pub(super) fn trailers(&self) -> Vec<Dict> {
        let places = memchr::memmem::rfind_iter(self.content, b"trailer").take(MOST_TRAILERS);
        let read = |at: usize| match Lexer::new(self.content, at + b"trailer".len()).object() {
            Some(Object::Dict(dict)) => Some(dict),
            _ => None,
        };
        places.filter_map(read).collect()
    }
}

impl Stored {
    /// Whether it is a stream.
    pub(super) fn is_stream(&self) -> bool {
        self.data.is_some()
    }

    /// Size of the stream, packed.
    pub(super) fn size(&self) -> usize {
        self.data.as_ref().map_or(0, |d| d.len())
    }

    /// Where the stream begins; tells two apart.
    pub(super) fn start(&self) -> usize {
        self.data.as_ref().map_or(0, |d| d.start)
    }
}

/// Objects listed of one file. Large drawings have tens of thousands.
const MOST_OBJECTS: usize = 200_000;

/// Objects of the same number that are looked at.
const MOST_VERSIONS: usize = 4;

/// References that lead to references.
const MOST_STEPS: usize = 8;

/// Trailers looked at: one for each time the file was saved.
const MOST_TRAILERS: usize = 16;

/// Bytes before `obj` that are searched for its numbers.
const HEADING: usize = 32;

/// Number and generation before `obj`.
fn heading(content: &[u8], at: usize) -> Option<(u32, u16)> {
    let before = content.get(at.saturating_sub(HEADING)..at)?;
    let (before, generation) = last_number(before)?;
    if before.last().is_none_or(|&b| !is_blank(b)) {
        return None;
    }
    let (_, number) = last_number(before)?;
    Some((number, u16::try_from(generation).unwrap_or(0)))
}

/// The number that bytes end with, blanks after it passed over, and what stands before it.
fn last_number(bytes: &[u8]) -> Option<(&[u8], u32)> {
    let blanks = bytes.iter().rev().take_while(|&&b| is_blank(b)).count();
    let bytes = bytes.get(..bytes.len() - blanks)?;
    let digits = bytes.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let (before, digits) = bytes.split_at_checked(bytes.len() - digits)?;
    Some((before, std::str::from_utf8(digits).ok()?.parse().ok()?))
}

fn note_cut(visit: &mut Visit<'_>) {
    let kind = visit.kind().name();
    visit.budget().note(Problem::Reader(kind));
}
