//! Two layers of TOML, the administrator's over the shipped one, read key by key.
//!
//! Way in: [`File::parse`], then [`Table`]. A [`Table`] looks for each key in the administrator's
//! layer and falls back to the shipped one, so that a value is always there and reading goes on
//! after a mistake: every mistake is reported at once. Invariant: a key is known because somebody
//! asked for it; what nobody asked for is reported by [`Table::finish`]. Nothing here fails; what
//! is wrong goes into [`Problems`].

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::{Place, Problem, suggestion};

/// A parsed file and what is needed to tell lines.
pub(crate) struct File<'t> {
    name: &'t str,
    newlines: Vec<usize>,
    /// Lines that are not TOML: reported once, and what was guessed from them is not.
    broken: BTreeSet<usize>,
    entries: Spanned<DeTable<'t>>,
}

/// What is wrong so far; shared by all tables of one reading.
#[derive(Default)]
pub(crate) struct Problems(RefCell<Vec<Problem>>);

/// What is wrong within one value, and where in the file's text.
pub(crate) struct Mistake {
    offset: usize,
    message: String,
}

/// One table of a file, in two layers.
pub(crate) struct Table<'t> {
    problems: &'t Problems,
    path: String,
    own: Option<Layer<'t>>,
    shipped: Option<Layer<'t>>,
    known: Vec<&'static str>,
    /// Keys whose value is the administrator's.
    taken: Vec<&'static str>,
}

#[derive(Clone, Copy)]
struct Layer<'t> {
    file: &'t File<'t>,
    entries: &'t DeTable<'t>,
    offset: usize,
}

impl<'t> File<'t> {
    /// Parses `text`. Syntax errors go to `problems`, the first of each line; what could be read
    /// nevertheless is kept.
    pub(crate) fn parse(name: &'t str, text: &'t str, problems: &Problems) -> File<'t> {
        let newlines = text.match_indices('\n').map(|(at, _)| at).collect();
        let (entries, errors) = DeTable::parse_recoverable(text);
        let mut file = File { name, newlines, broken: BTreeSet::new(), entries };
        for error in errors {
            let place = file.place(error.span().map_or(text.len(), |span| span.start));
            if file.broken.insert(place.line) {
                problems.add(place, "", format!("not TOML: {}", error.message()));
            }
        }
        file
    }

    fn place(&self, offset: usize) -> Place {
        let line = self.newlines.partition_point(|&newline| newline < offset) + 1;
        Place { file: self.name.to_owned(), line }
    }

    fn layer(&'t self) -> Layer<'t> {
        Layer { file: self, entries: self.entries.get_ref(), offset: 0 }
    }
}

impl Problems {
    pub(crate) fn add(&self, place: Place, key: &str, message: impl Display) {
        let problem = Problem { place, key: key.to_owned(), message: message.to_string() };
        self.0.borrow_mut().push(problem);
    }

    /// All of them, in the order of files and lines.
    pub(crate) fn into_sorted(self) -> Vec<Problem> {
        let mut problems = self.0.into_inner();
        problems.sort_by(|a, b| (&a.place.file, a.place.line).cmp(&(&b.place.file, b.place.line)));
        problems
    }
}

impl Mistake {
    pub(crate) fn new<T>(value: &Spanned<T>, message: impl Display) -> Mistake {
        Mistake { offset: value.span().start, message: message.to_string() }
    }
}

impl<'t> Table<'t> {
    /// The top of a file: `own` over `shipped`.
    pub(crate) fn top(
        problems: &'t Problems,
        own: Option<&'t File<'t>>,
        shipped: Option<&'t File<'t>>,
    ) -> Table<'t> {
        let [own, shipped] = [own, shipped].map(|file| file.map(File::layer));
        Table { problems, path: String::new(), own, shipped, known: vec![], taken: vec![] }
    }

    /// The value of `key`; missing in both layers is a mistake.
    pub(crate) fn read<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<T> {
        if !self.has(key) {
            let layer = self.own.or(self.shipped)?;
            self.known.push(key);
            self.report(layer, layer.offset, key, "is missing");
            return None;
        }
        self.maybe(key, parse)
    }

    /// The value of `key`, if it is there.
    pub(crate) fn maybe<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<T> {
        self.read_spanned(key, |value| {
            parse(value.get_ref()).map_err(|message| vec![Mistake::new(value, message)])
        })
    }

    /// An array whose elements `parse` reads one by one; nothing may stand in it twice.
    pub(crate) fn array<T: Clone + Ord>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        self.read_spanned(key, |value| elements(value, &parse))
    }

    /// The value of `key` with its place in the text, for values that hold several mistakes.
    pub(crate) fn read_spanned<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&Spanned<DeValue<'_>>) -> Result<T, Vec<Mistake>>,
    ) -> Option<T> {
        self.known.push(key);
        for (layer, own) in [(self.own, true), (self.shipped, false)] {
            let Some(layer) = layer else { continue };
            let Some(value) = layer.entries.get(key) else { continue };
            match parse(value) {
                Ok(read) => {
                    self.taken.extend(own.then_some(key));
                    return Some(read);
                }
                Err(mistakes) => {
                    for mistake in mistakes {
                        self.report(layer, mistake.offset, key, mistake.message);
                    }
                }
            }
        }
        None
    }

    /// The table at `key`, both layers of it, read by `read`.
    pub(crate) fn table<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Table<'t>) -> T,
    ) -> T {
        self.known.push(key);
        let below = |layer: Layer<'t>| {
            let value = layer.entries.get(key)?;
            match value.get_ref() {
                DeValue::Table(entries) => {
                    Some(Layer { file: layer.file, entries, offset: value.span().start })
                }
                other => {
                    let message = format!("must be a table, [{key}], not {}", kind(other));
                    self.report(layer, value.span().start, key, message);
                    None
                }
            }
        };
        let (own, shipped) = (self.own.and_then(below), self.shipped.and_then(below));
        let path = self.dotted(key);
        let mut table =
            Table { problems: self.problems, path, own, shipped, known: vec![], taken: vec![] };
        let value = read(&mut table);
        table.finish();
        value
    }

    /// The tables of an array `[[key]]`, each read by `read`. The shipped layer has none.
    pub(crate) fn rows<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Table<'t>) -> Option<T>,
    ) -> Vec<T> {
        self.known.push(key);
        let Some(layer) = self.own else { return vec![] };
        let Some(value) = layer.entries.get(key) else { return vec![] };
        let DeValue::Array(rows) = value.get_ref() else {
            let message = format!("must be a list of tables, each headed [[{key}]]");
            self.report(layer, value.span().start, key, message);
            return vec![];
        };
        let mut values = Vec::new();
        for row in rows.iter() {
            let offset = row.span().start;
            let DeValue::Table(entries) = row.get_ref() else {
                let message = format!("must be a table, not {}", kind(row.get_ref()));
                self.report(layer, offset, key, message);
                continue;
            };
            let own = Some(Layer { file: layer.file, entries, offset });
            let path = self.dotted(key);
            let mut table = Table {
                problems: self.problems,
                path,
                own,
                shipped: None,
                known: vec![],
                taken: vec![],
            };
            let value = read(&mut table);
            table.finish();
            values.extend(value);
        }
        values
    }

    /// Every entry of this table whatever its key, the administrator's before the shipped ones.
    pub(crate) fn entries<T>(
        &mut self,
        parse: impl Fn(&DeValue<'_>) -> Result<T, String>,
    ) -> BTreeMap<String, (T, Place)> {
        let mut read = BTreeMap::new();
        for layer in [self.own.take(), self.shipped.take()].into_iter().flatten() {
            for (key, value) in layer.entries.iter() {
                let place = layer.file.place(key.span().start);
                match parse(value.get_ref()) {
                    Ok(value) => {
                        read.entry(key.get_ref().to_string()).or_insert((value, place));
                    }
                    Err(message) => self.report(layer, key.span().start, key.get_ref(), message),
                }
            }
        }
        read
    }

    /// Whether the value that was read for `key` is the administrator's.
    pub(crate) fn is_own(&self, key: &str) -> bool {
        self.taken.contains(&key)
    }

    /// Whether the administrator wrote `key`, right or wrong.
    pub(crate) fn is_written(&self, key: &str) -> bool {
        self.own.is_some_and(|layer| layer.entries.get(key).is_some())
    }

    /// Where `key` was written; the table's own place where it was not.
    pub(crate) fn place(&self, key: &str) -> Place {
        let Some(layer) = self.own.or(self.shipped) else { return Place::default() };
        let offset = layer.entries.get(key).map_or(layer.offset, |value| value.span().start);
        layer.file.place(offset)
    }

    /// Reports something about the value of `key`.
    pub(crate) fn complain(&self, key: &str, message: impl Display) {
        self.problems.add(self.place(key), &self.dotted(key), message);
    }

    /// Reports the keys that nobody asked for.
    pub(crate) fn finish(self) {
        for layer in [self.own, self.shipped].into_iter().flatten() {
            for (key, value) in layer.entries.iter() {
                let written: &str = key.get_ref();
                if self.known.contains(&written) {
                    continue;
                }
                let what = if value.get_ref().is_table() { "table" } else { "key" };
                let hint = match suggestion(written, self.known.iter().copied()) {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("known here: {}", self.known.join(", ")),
                };
                self.report(layer, key.span().start, written, format!("unknown {what}; {hint}"));
            }
        }
    }

    fn has(&self, key: &str) -> bool {
        [self.own, self.shipped].into_iter().flatten().any(|l| l.entries.get(key).is_some())
    }

    fn dotted(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn report(&self, layer: Layer<'_>, offset: usize, key: &str, message: impl Display) {
        let place = layer.file.place(offset);
        if !layer.file.broken.contains(&place.line) {
            self.problems.add(place, &self.dotted(key), message);
        }
    }
}

/// The elements of an array, read one by one; all that is wrong with them at once.
pub(crate) fn elements<T: Clone + Ord>(
    value: &Spanned<DeValue<'_>>,
    parse: impl Fn(&DeValue<'_>) -> Result<T, String>,
) -> Result<Vec<T>, Vec<Mistake>> {
    let DeValue::Array(array) = value.get_ref() else {
        let message = format!("must be an array, [...], not {}", kind(value.get_ref()));
        return Err(vec![Mistake::new(value, message)]);
    };
    let mut seen = BTreeSet::new();
    let mut read = Vec::new();
    let mut mistakes = Vec::new();
    for element in array.iter() {
        match parse(element.get_ref()) {
            Ok(one) if seen.insert(one.clone()) => read.push(one),
            Ok(_) => mistakes.push(Mistake::new(element, "stands here twice")),
            Err(message) => mistakes.push(Mistake::new(element, message)),
        }
    }
    if mistakes.is_empty() { Ok(read) } else { Err(mistakes) }
}

/// What a value is, in words.
pub(crate) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
