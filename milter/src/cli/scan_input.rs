//! Where `sekisho scan` takes its mails from: files, folders, Maildirs, mboxes, standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::stored::crlf;

/// One mail to judge.
#[derive(Debug)]
pub(super) struct Mail {
    /// What the result names: the path, with `#N` behind it for the Nth mail of an mbox.
    pub(super) file: String,
    /// The bytes, every line end CRLF as on the wire.
    pub(super) raw: Vec<u8>,
}

/// A path that holds mails, found by [`find`].
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Standard input.
    Input,
    /// One mail, whatever it begins with.
    Mail(PathBuf),
    /// A file that was named: an mbox where it begins with `From `, else one mail.
    Named(PathBuf),
}

/// Opens folders: every `*.eml`, and every file in `cur` and `new` of a Maildir, sorted. Links to
/// folders are not followed, so that no circle can be walked. Paths that cannot be read are errors
/// beside the places.
pub(super) fn find(paths: &[PathBuf]) -> (Vec<Place>, Vec<(PathBuf, std::io::Error)>) {
    let (mut places, mut errors) = (Vec::new(), Vec::new());
    for path in paths {
        if path.as_os_str() == "-" {
            places.push(Place::Input);
        } else {
            match std::fs::metadata(path) {
                Ok(meta) if meta.is_dir() => walk(path, &mut places, &mut errors),
                Ok(_) if is_eml(path) => places.push(Place::Mail(path.clone())),
                Ok(_) => places.push(Place::Named(path.clone())),
                Err(e) => errors.push((path.clone(), e)),
            }
        }
    }
    (places, errors)
}

/// Reads the mails of one place.
pub(super) fn read(place: &Place) -> Result<Vec<Mail>, (String, std::io::Error)> {
    let (name, bytes, may_be_mbox) = match place {
        Place::Input => ("-".to_owned(), bounded(io::stdin().lock(), LARGEST), true),
        Place::Mail(path) => (path.display().to_string(), file(path), false),
        Place::Named(path) => (path.display().to_string(), file(path), true),
    };
    match bytes {
        Err(e) => Err((name, e)),
        Ok(bytes) if may_be_mbox && bytes.starts_with(b"From ") => Ok(mbox(&name, &bytes)),
        Ok(bytes) => Ok(vec![Mail { file: name, raw: crlf(without_separator(&bytes)) }]),
    }
}

fn file(path: &Path) -> io::Result<Vec<u8>> {
    bounded(File::open(path)?, LARGEST)
}

/// Reads to the end, which has to come within `largest` bytes: a device has none.
fn bounded(source: impl Read, largest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if source.take(largest + 1).read_to_end(&mut bytes)? as u64 > largest {
        let text = format!("more than {largest} bytes; split the mailbox");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    Ok(bytes)
}

/// Most bytes of one file: they stand in memory, and twice where it is an mbox.
const LARGEST: u64 = 2 << 30;

fn walk(dir: &Path, places: &mut Vec<Place>, errors: &mut Vec<(PathBuf, std::io::Error)>) {
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        let entries = match std::fs::read_dir(&dir).and_then(Iterator::collect::<Result<Vec<_>, _>>)
        {
            Ok(entries) => entries,
            Err(e) => {
                errors.push((dir, e));
                continue;
            }
        };
        let in_maildir = ["cur", "new"].iter().any(|d| dir.file_name().is_some_and(|n| n == *d));
        let mut folders = Vec::new();
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(_) if path.is_file() && (in_maildir || is_eml(&path)) => files.push(path),
                Ok(_) => {}
                Err(e) => errors.push((path, e)),
            }
        }
        files.sort();
        places.extend(files.into_iter().map(Place::Mail));
        folders.sort();
        open.extend(folders.into_iter().rev());
    }
}

fn is_eml(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("eml"))
}

/// An mbox separator line that was left on top of a single mail.
fn without_separator(bytes: &[u8]) -> &[u8] {
    if !bytes.starts_with(b"From ") {
        return bytes;
    }
    let end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
    bytes.get(end..).unwrap_or_default()
}

/// Splits an mbox at separator lines that follow a blank line (RFC 4155); takes one `>` off quoted
/// `From ` lines and the blank line before a separator off the mail above it.
fn mbox(name: &str, bytes: &[u8]) -> Vec<Mail> {
    let mut mails: Vec<Mail> = Vec::new();
    let mut after_blank = true;
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        if after_blank && (mails.is_empty() || is_separator(line)) {
            if let Some(above) = mails.last_mut() {
                let len = above.raw.len() - line_end_len(&above.raw);
                above.raw.truncate(len);
            }
            mails.push(Mail { file: format!("{name}#{}", mails.len() + 1), raw: Vec::new() });
        } else if let Some(mail) = mails.last_mut() {
            let quotes = line.iter().take_while(|&&b| b == b'>').count();
            let quoted = quotes > 0 && line.get(quotes..).is_some_and(|l| l.starts_with(b"From "));
            mail.raw.extend_from_slice(line.get(usize::from(quoted)..).unwrap_or_default());
        }
        after_blank = matches!(line, b"\n" | b"\r\n");
    }
    for mail in &mut mails {
        mail.raw = crlf(&mail.raw);
    }
    mails
}

/// `From SENDER DATE`: the date holds a time, which a sentence that begins with "From" does not.
fn is_separator(line: &[u8]) -> bool {
    line.starts_with(b"From ")
        && line
            .windows(3)
            .any(|w| matches!(w, [a, b':', b] if a.is_ascii_digit() && b.is_ascii_digit()))
}

fn line_end_len(bytes: &[u8]) -> usize {
    match bytes {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n'] => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_mbox_is_split_at_separators_after_blank_lines() {
        let text = b"From a Sat Jan  3 01:05:34 2026\nX: 1\n\nA\n\nFrom here on\n>From b\n\n\
                     From c Sat Jan  3 01:05:34 2026\nY: 2\n";
        let mails = mbox("m", text);
        let shown: Vec<_> =
            mails.iter().map(|m| (m.file.as_str(), String::from_utf8_lossy(&m.raw))).collect();
        let expected =
            [("m#1", "X: 1\r\n\r\nA\r\n\r\nFrom here on\r\nFrom b\r\n"), ("m#2", "Y: 2\r\n")];
        assert_eq!(shown, expected.map(|(f, r)| (f, r.into())));
    }

    #[test]
    fn a_source_without_an_end_is_an_error() {
        let error = bounded(io::repeat(0), 10).unwrap_err();
        assert_eq!(error.to_string(), "more than 10 bytes; split the mailbox");
        assert_eq!(bounded(&b"0123456789"[..], 10).unwrap(), b"0123456789");
    }

    #[test]
    fn line_ends_become_those_of_the_wire() {
        assert_eq!(crlf(b"a\nb\r\nc"), b"a\r\nb\r\nc");
        assert_eq!(crlf(b""), b"");
    }

    #[test]
    fn folders_give_eml_and_maildir_files_only() {
        let dir = tempfile::tempdir().unwrap();
        let at = |p: &str| dir.path().join(p);
        for d in ["cur", "new", "tmp", "sub"] {
            std::fs::create_dir(at(d)).unwrap();
        }
        for f in ["a.eml", "b.txt", "cur/1:2,S", "new/2", "tmp/3", "sub/c.EML"] {
            std::fs::write(at(f), "X: y\n\n").unwrap();
        }
        let (places, errors) = find(&[dir.path().to_owned(), at("absent")]);
        let expected = ["a.eml", "cur/1:2,S", "new/2", "sub/c.EML"].map(|f| Place::Mail(at(f)));
        assert_eq!(places, expected);
        assert_eq!(errors.len(), 1);
    }
}
