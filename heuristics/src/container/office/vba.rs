//! VBA projects (MS-OVBA): whether one holds code, and which procedure runs by itself.
//!
//! Way in: [`is_project`] for a compound file, [`read`] to tell what it does. A module's stream holds
//! compiled code and, behind it, the compressed source, which begins with the word `Attribute`; it
//! is found by that. Projects without any code are what Excel writes as soon as anybody has looked at
//! its editor, and say nothing; a project is silent only where every module could be read and holds
//! attributes alone, in a stream too small for compiled code without source.

use memchr::memmem;

use super::super::magic::le16;
use super::super::observation::Observation;
use super::super::{Visit, compound};

/// Whether the compound file `content` holds a VBA project. A name alone is enough: other readers
/// may open what ours does not.
pub(super) fn is_project(content: &[u8]) -> bool {
    memmem::find(content, &PROJECT_NAME).is_some()
}

/// Tells of the macros of the projects in the compound file `content`, once for all.
pub(super) fn read(content: &[u8], visit: &mut Visit<'_>) {
    let Some(mut file) = compound::open(content) else {
        if is_project(content) {
            visit.observe(Observation::Macro("_VBA_PROJECT".into()));
        }
        return;
    };
    let is_marker = |e: &&cfb::Entry| e.is_stream() && e.name().eq_ignore_ascii_case(PROJECT);
    let entries: Vec<cfb::Entry> = file.walk().take(super::MOST_STREAMS).collect();
    let mut found = Found::default();
    for marker in entries.iter().filter(is_marker).take(MOST_PROJECTS) {
        let Some(folder) = marker.path().parent() else { continue };
        let modules = entries.iter().filter(|e| {
            e.is_stream() && e.path().parent() == Some(folder) && !is_bookkeeping(e.name())
        });
        for module in modules.take(MOST_MODULES) {
            let path = module.path().to_string_lossy().into_owned();
            let stream = compound::stream(&mut file, content, &path, visit);
            found.module(module.name(), &stream.unwrap_or_default(), visit);
        }
    }
    if let Some(name) = found.auto_run.or(found.code) {
        visit.observe(Observation::Macro(name));
    }
}

#[derive(Default)]
struct Found {
    /// First procedure that runs by itself.
    auto_run: Option<String>,
    /// First module that holds code, or what cannot be told from it.
    code: Option<String>,
}

impl Found {
    fn module(&mut self, name: &str, stream: &[u8], visit: &mut Visit<'_>) {
        let mut has_code = stream.len() > SMALL;
        let mut is_read = false;
        for at in memmem::find_iter(stream, SOURCE_MARK).take(MOST_SOURCES) {
            let Some(packed) = at.checked_sub(3).and_then(|start| stream.get(start..)) else {
                continue;
            };
            if !visit.budget().take_work(packed.len()) {
                return;
            }
            let source = decompress(packed, visit.budget().bytes());
            visit.budget().take_bytes(source.len());
            let source = String::from_utf8_lossy(&source);
            is_read |= !source.is_empty();
            has_code |= has_statements(&source);
            if self.auto_run.is_none() {
                self.auto_run = auto_run(&source);
            }
        }
        if self.code.is_none() && (has_code || !is_read) {
            self.code = Some(super::super::observation::excerpt(name));
        }
    }
}

/// Whether a module's source holds more than attributes, options and comments.
fn has_statements(source: &str) -> bool {
    let mut lines = source.lines().map(str::trim).filter(|l| !l.is_empty());
    lines.any(|line| {
        let is_silent = line.starts_with('\'')
            || ["attribute ", "option ", "rem "].iter().any(|word| {
                line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            });
        !is_silent
    })
}

/// The first procedure of `source` that an office program calls by its name.
fn auto_run(source: &str) -> Option<String> {
    let mut words = source.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let mut previous = "";
    words.find_map(|word| {
        let is_declared = ["sub", "function"].iter().any(|k| previous.eq_ignore_ascii_case(k));
        // A lone underscore carries a line on.
        if !matches!(word, "" | "_") {
            previous = word;
        }
        let runs = || AUTO_RUN.iter().any(|name| word.eq_ignore_ascii_case(name));
        (is_declared && runs()).then(|| word.to_owned())
    })
}

/// Decompresses a container (MS-OVBA, 2.4.1) up to `limit` bytes; damage ends it.
pub(super) fn decompress(packed: &[u8], limit: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let Some((1, mut rest)) = packed.split_first() else { return out };
    while let Some(header) = le16(rest, 0) {
        // Size of the chunk, a mark of three bits, whether it is compressed.
        let (size, mark) = (usize::from(header & 0x0FFF) + 1, header >> 12 & 7);
        if mark != 3 || out.len() >= limit {
            break;
        }
        let data = rest.get(2..).unwrap_or_default();
        let (chunk, tail) = data.split_at_checked(size).unwrap_or((data, &[]));
        rest = tail;
        if header & 0x8000 == 0 {
            out.extend_from_slice(chunk);
        } else {
            decompress_chunk(chunk, &mut out);
        }
    }
    out.truncate(limit);
    out
}

fn decompress_chunk(mut chunk: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    while let Some((flags, rest)) = chunk.split_first() {
        chunk = rest;
        for bit in 0..8 {
            if chunk.is_empty() || out.len() - start >= CHUNK {
                break;
            }
            if flags >> bit & 1 == 0 {
                let Some((byte, rest)) = chunk.split_first() else { return };
                out.push(*byte);
                chunk = rest;
                continue;
            }
            let (Some(token), Some(rest)) = (le16(chunk, 0), chunk.get(2..)) else { return };
            chunk = rest;
            let done = out.len() - start;
            // As many bits of the token are the offset as the bytes so far need, at least 4.
            let bits = (usize::BITS - done.saturating_sub(1).leading_zeros()).clamp(4, 12);
            let length = usize::from(token & (0xFFFF >> bits)) + 3;
            let offset = usize::from(token >> (16 - bits)) + 1;
            if offset > done {
                return;
            }
            let from = out.len() - offset;
            for at in (from..).take(length.min(CHUNK - done)) {
                let Some(&byte) = out.get(at) else { return };
                out.push(byte);
            }
        }
    }
}

/// Streams of a project that are no modules: its directory, compiled code, and what it keeps of
/// earlier runs.
fn is_bookkeeping(name: &str) -> bool {
    name.eq_ignore_ascii_case("dir")
        || name.eq_ignore_ascii_case(PROJECT)
        || name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("__SRP_"))
}

const PROJECT: &str = "_VBA_PROJECT";

/// The same as names are written in a compound file's directory.
const PROJECT_NAME: [u8; 24] = *b"_\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T\0";

/// How the compressed source begins: the first flags and eight characters of `Attribute`.
const SOURCE_MARK: &[u8] = b"\0Attribut";

/// A module without code takes no more; compiled code does.
const SMALL: usize = 2048;

/// Decompressed size of a chunk.
const CHUNK: usize = 4096;

/// Limits of what one document is looked at for.
const MOST_PROJECTS: usize = 16;
const MOST_MODULES: usize = 256;
const MOST_SOURCES: usize = 4;

/// Procedures that Word, Excel and PowerPoint call when a document is opened, shown or closed.
const AUTO_RUN: &[&str] = &[
    "AutoClose",
    "AutoExec",
    "AutoExit",
    "AutoNew",
    "AutoOpen",
    "Auto_Activate",
    "Auto_Close",
    "Auto_Deactivate",
    "Auto_Open",
    "Document_Close",
    "Document_ContentControlOnEnter",
    "Document_New",
    "Document_Open",
    "OnSlideShowPageChange",
    "Workbook_Activate",
    "Workbook_BeforeClose",
    "Workbook_Deactivate",
    "Workbook_Open",
    "Workbook_WindowActivate",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_specification() {
        // MS-OVBA 3.2.2 and 3.2.3.
        let normal =
            b"\x01\x2F\xB0\0\x23\x61\x61\x61\x62\x63\x64\x65\x82\x66\0\x70\x61\x67\x68\x69\
            \x6A\x01\x38\x08\x61\x6B\x6C\0\x30\x6D\x6E\x6F\x70\x06\x71\x02\x70\x04\x10\x72\x73\x74\
            \x75\x76\x10\x77\x78\x79\x7A\0\x3C";
        let expected = b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa";
        assert_eq!(decompress(normal, 1000), expected);
        assert_eq!(decompress(b"\x01\x03\xB0\x02\x61\x45\0", 1000), [b'a'; 73]);
    }

    #[test]
    fn damage_ends_it() {
        assert_eq!(decompress(b"\x01\x03\xB0\x02\x61\x45\0", 10), [b'a'; 10]);
        assert_eq!(decompress(b"\x01\x03\xB0\x01\x45\0", 10), b"");
        assert_eq!(decompress(b"\x01\x03\x30", 10), b"");
        assert_eq!(decompress(b"\x02", 10), b"");
        assert_eq!(decompress(b"", 10), b"");
    }

    #[test]
    fn what_runs_by_itself() {
        let check = |source: &str, expected: Option<&str>| {
            assert_eq!(auto_run(source).as_deref(), expected, "{source}");
        };
        check("Private Sub Workbook_Open()", Some("Workbook_Open"));
        check("sub _\r\n autoopen", Some("autoopen"));
        check("Sub Tidy()\r\nCall AutoOpen", None);
        check("' AutoOpen", None);
        check("", None);
    }
}
