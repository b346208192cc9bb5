//! Parameters of Content-Type and Content-Disposition (RFC 2045, 2183, 2231), every form at once.
//!
//! Way in: [`parse`]. Read as lenient clients read them, because each client shows the name that
//! *it* finds: RFC 2231 pieces, RFC 2047 words, raw bytes of any Japanese charset, quotes left out
//! or left open, semicolons left out, a name given twice. Every name comes out, in order; where a
//! value can be read in two ways (`%2E`, text after the closing quote), both do. Total and linear.

mod reader;

use std::borrow::Cow;

use super::charset;
use super::header_text::{self, hex};
use reader::Reader;

/// One name that the message gives a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    /// The name as a person would see it: decoded, in Unicode, nothing else changed.
    pub text: String,
    /// Where it stood.
    pub form: NameForm,
}

/// Where a file name stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameForm {
    /// Entry of an archive.
    ArchiveEntry,
    /// `filename` or `filename*` of Content-Disposition.
    Disposition,
    /// `name` or `name*` of Content-Type.
    Type,
    /// The `begin` line of a uuencoded file.
    Uuencode,
}

/// A header value with parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameterized {
    /// What stands before the first `;`, white space and comments removed, lower case.
    pub value: String,
    /// Parameters in order; names lower case without `*` and numbers, values decoded. A `name` or
    /// `filename` that has a second reading stands twice, as written first.
    pub params: Vec<(String, String)>,
}

impl Parameterized {
    /// First value of a parameter. `name` is lower case.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All values of a parameter that is given more than once or in more than one form.
    pub fn all<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p str> {
        self.params.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Reads a raw header value (folded, any bytes).
pub fn parse(raw: &[u8]) -> Parameterized {
    let line = header_text::unfold(raw);
    let mut reader = Reader::new(&line);
    let value = reader.value();
    let mut pieces = Vec::new();
    while pieces.len() < MOST_PIECES && reader.piece(&mut pieces) {}
    Parameterized { value, params: assemble(&pieces) }
}

/// The bytes of a parameter that is compared and not read, such as a boundary. `name` is lower case.
pub(super) fn as_written(raw: &[u8], name: &str) -> Option<Vec<u8>> {
    let line = header_text::unfold(raw);
    let mut reader = Reader::new(&line);
    reader.value();
    let mut pieces = Vec::new();
    while pieces.len() < MOST_PIECES && reader.piece(&mut pieces) {}
    let plain = |p: &&Piece<'_>| p.name == name && p.section.is_none() && !p.is_extended;
    pieces.iter().find(plain).map(|p| p.bytes.to_vec())
}

/// Most parameters and pieces of parameters that are read from one field.
const MOST_PIECES: usize = 256;

/// One `name=value` as it stands in the field.
struct Piece<'a> {
    /// Lower case, without what begins at the `*`.
    name: String,
    /// Number of a continuation (RFC 2231, 3).
    section: Option<u32>,
    /// Whether the value is percent-encoded (RFC 2231, 4).
    is_extended: bool,
    bytes: Cow<'a, [u8]>,
}

impl Piece<'_> {
    fn is_file_name(&self) -> bool {
        is_file_name(&self.name)
    }
}

fn is_file_name(name: &str) -> bool {
    matches!(name, "filename" | "name")
}

/// Name, number and whether percent-encoded: `filename*0*`.
fn read_name(name: &[u8]) -> (String, Option<u32>, bool) {
    let name = name.trim_ascii();
    // After something that is no parameter the last word is the name.
    let name = name.rsplit(|b| b.is_ascii_whitespace()).next().unwrap_or_default();
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let Some((base, suffix)) = name.split_once('*') else { return (name, None, false) };
    let (number, is_extended) = match suffix.strip_suffix('*') {
        Some(number) => (number, true),
        None => (suffix, suffix.is_empty()),
    };
    (base.to_owned(), number.parse().ok(), is_extended)
}

/// Joins the pieces and decodes the values.
fn assemble(pieces: &[Piece<'_>]) -> Vec<(String, String)> {
    let mut params = Vec::with_capacity(pieces.len());
    let mut joined: Vec<&str> = Vec::new();
    for piece in pieces {
        if piece.section.is_none() {
            push(&mut params, piece, decode(&[piece]));
        } else if !joined.contains(&piece.name.as_str()) {
            joined.push(&piece.name);
            let mut run: Vec<&Piece<'_>> =
                pieces.iter().filter(|p| p.section.is_some() && p.name == piece.name).collect();
            run.sort_by_key(|p| p.section);
            let all = run.len();
            run.dedup_by_key(|p| p.section);
            push(&mut params, piece, decode(&run));
            if run.len() < all {
                // A number that is given twice: which one a client takes is open.
                run = pieces
                    .iter()
                    .rev()
                    .filter(|p| p.section.is_some() && p.name == piece.name)
                    .collect();
                run.sort_by_key(|p| p.section);
                run.dedup_by_key(|p| p.section);
                push(&mut params, piece, decode(&run));
            }
        }
    }
    params
}

/// Adds a value, and its percent-decoded form where it is a file name that has one: some clients
/// show `a%2Eexe` as it stands, others save `a.exe`.
fn push(params: &mut Vec<(String, String)>, piece: &Piece<'_>, text: String) {
    let second = if piece.is_file_name() && text.contains('%') {
        let bytes = percent_decode(text.as_bytes());
        let second = charset::decode(&bytes, None, None).text.into_owned();
        Some(second).filter(|second| *second != text)
    } else {
        None
    };
    params.push((piece.name.clone(), text));
    params.extend(second.map(|second| (piece.name.clone(), second)));
}

/// The text of one value, given in one or more pieces.
fn decode(run: &[&Piece<'_>]) -> String {
    if let [only] = run
        && !only.is_extended
    {
        return plain(only, &only.bytes);
    }
    let mut bytes = Vec::new();
    let mut label = None;
    for (i, piece) in run.iter().enumerate() {
        let mut value: &[u8] = &piece.bytes;
        if i == 0
            && piece.is_extended
            && let Some((charset, text)) = split_charset(value)
        {
            label = Some(charset);
            value = text;
        }
        if piece.is_extended {
            bytes.extend_from_slice(&percent_decode(value));
        } else {
            bytes.extend_from_slice(value);
        }
    }
    match label {
        Some(label) => {
            let label = String::from_utf8_lossy(label);
            charset::decode(&bytes, Some(&label), None).text.into_owned()
        }
        None => run.first().map_or_else(String::new, |first| plain(first, &bytes)),
    }
}

/// A value without RFC 2231's charset: words, or raw text of any charset.
fn plain(piece: &Piece<'_>, bytes: &[u8]) -> String {
    // A boundary is compared byte for byte and may look like a word.
    if piece.name == "boundary" {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    header_text::decode_untrimmed(bytes).into_owned()
}

/// Splits `charset'language'text`.
fn split_charset(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut parts = value.splitn(3, |b| *b == b'\'');
    let (charset, _language) = (parts.next()?, parts.next()?);
    Some((charset, parts.next()?))
}

fn percent_decode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        rest = match rest {
            [b'%', high, low, tail @ ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    tail
                }
                _ => {
                    out.push(b'%');
                    rest.get(1..).unwrap_or_default()
                }
            },
            [b, tail @ ..] => {
                out.push(*b);
                tail
            }
            [] => return out,
        };
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{EUC_JP, ISO_2022_JP, SHIFT_JIS};
    use proptest::prelude::*;

    use super::*;

    /// The value and the parameters, `name=value` each.
    fn read(raw: impl AsRef<[u8]>) -> (String, Vec<String>) {
        let read = parse(raw.as_ref());
        (read.value, read.params.into_iter().map(|(n, v)| format!("{n}={v}")).collect())
    }

    /// Checks the parameters after `attachment;`.
    fn check(params: impl AsRef<[u8]>, expected: &[&str]) {
        let raw = [b" attachment; ", params.as_ref()].concat();
        assert_eq!(read(&raw), ("attachment".into(), expected.iter().map(|&e| e.into()).collect()));
    }

    #[test]
    fn values() {
        for (raw, expected) in [
            (" Text/Plain; charset=utf-8", "text/plain"),
            ("text / plain (a (nested) comment) ; charset=utf-8", "text/plain"),
            ("text/plain charset=utf-8", "text/plain"),
            ("text/plain,charset=utf-8", "text/plain"),
            ("\"attachment\"", "attachment"),
            ("filename=a.pdf", ""),
            ("base64", "base64"),
            ("", ""),
            (";;;", ""),
        ] {
            assert_eq!(parse(raw.as_bytes()).value, expected, "{raw}");
        }
    }

    #[test]
    fn plain_parameters() {
        check("filename=\"a.pdf\"; Size=10;x", &["filename=a.pdf", "size=10"]);
        check("filename = a.pdf ;\r\n\tsize=10 (octets)", &["filename=a.pdf", "size=10"]);
        check("filename=\"a\\\"b;c.pdf\"", &["filename=a\"b;c.pdf"]);
        let raw = "text/plain; charset='utf-8' (comment); boundary=\"=_?a?=\"";
        assert_eq!(read(raw).1, ["charset='utf-8'", "boundary==_?a?="]);
    }

    #[test]
    fn continuations() {
        check("filename*0=a; filename*1=b.pdf", &["filename=ab.pdf"]);
        check("filename*1=b.pdf; filename*0=a", &["filename=ab.pdf"]);
        check(
            "filename*0*=utf-8''%E4%BC; filename*1*=%9A; filename*2=\".p%41\"",
            &["filename=会.p%41", "filename=会.pA"],
        );
        check("filename*0=a; filename*0=b; filename*1=.exe", &["filename=a.exe", "filename=b.exe"]);
    }

    #[test]
    fn extended_values() {
        check("filename*=UTF-8'ja'%E4%BC%9A.pdf", &["filename=会.pdf"]);
        check("filename*=iso-2022-jp''%1B$B2q%1B(B.pdf", &["filename=会.pdf"]);
        check("filename*=\"cp932''%89%EF.pdf\"", &["filename=会.pdf"]);
        check("filename*=%E4%BC%9A.pdf", &["filename=会.pdf"]);
        check("filename*=''%89%EF%8Bc.pdf", &["filename=会議.pdf"]);
    }

    #[test]
    fn every_name_comes_out_in_order() {
        check(
            "filename=a.pdf; filename*=utf-8''b.exe; filename=\"c.txt\"",
            &["filename=a.pdf", "filename=b.exe", "filename=c.txt"],
        );
    }

    #[test]
    fn words_of_rfc_2047() {
        check("filename=\"=?utf-8?B?5Lya6A==?=\r\n =?utf-8?B?rbAucGRm?=\"", &["filename=会議.pdf"]);
        check("filename==?utf-8?Q?=E4=BC=9A;1.pdf?=; size=1", &["filename=会;1.pdf", "size=1"]);
        check("filename*0=\"=?utf-8?B?5Ly\"; filename*1=\"a?=\"", &["filename=会"]);
    }

    #[test]
    fn a_word_never_reaches_over_a_quote() {
        check("filename=\"=?utf-8?q?a.exe\"; x=\"?=\"", &["filename==?utf-8?q?a.exe", "x=?="]);
    }

    #[test]
    fn raw_names_in_any_japanese_charset() {
        for encoding in [SHIFT_JIS, EUC_JP, ISO_2022_JP] {
            let raw = format!("filename=\"{}\"; size=1", "表;予定ソ.pdf");
            check(encoding.encode(&raw).0, &["filename=表;予定ソ.pdf", "size=1"]);
            check(encoding.encode("filename=予算 表").0, &["filename=予算 表"]);
            check(encoding.encode("filename=\"一覧表\"; size=1").0, &["filename=一覧表", "size=1"]);
        }
        check("filename=\"会議.pdf\"", &["filename=会議.pdf"]);
    }

    #[test]
    fn syntax_inside_raw_iso_2022_jp_is_text() {
        let raw = b"filename=\"\x1B$B$\"$;$\\\x1B(B.pdf\"; size=1";
        check(raw, &["filename=あせぼ.pdf", "size=1"]);
    }

    #[test]
    fn iso_2022_jp_that_never_ends_hides_nothing() {
        check(b"x=\x1B$B$\"; filename=a.exe", &["x=あ", "filename=a.exe"]);
    }

    #[test]
    fn percent_codes_in_plain_names_are_read_both_ways() {
        check("filename=\"a%2Eexe\"", &["filename=a%2Eexe", "filename=a.exe"]);
        check("filename=\"%E4%BC%9A.pdf\"", &["filename=%E4%BC%9A.pdf", "filename=会.pdf"]);
        check("filename=100%.pdf; x=%2E", &["filename=100%.pdf", "x=%2E"]);
    }

    #[test]
    fn quotes_left_out() {
        check("filename=見積 書 (1).pdf; size=1", &["filename=見積 書 (1).pdf", "size=1"]);
        check("filename=a b.pdf size=1", &["filename=a b.pdf", "size=1"]);
    }

    #[test]
    fn quotes_left_open() {
        check("filename=\"a.pdf; size=1", &["filename=a.pdf", "filename=a.pdf; size=1", "size=1"]);
        check("filename=\"a.pdf", &["filename=a.pdf"]);
    }

    #[test]
    fn text_after_the_closing_quote() {
        check("filename=\"a.pdf\".exe", &["filename=a.pdf", "filename=a.pdf.exe"]);
        check("filename=\"a.pdf\" size=1", &["filename=a.pdf", "size=1"]);
        check("filename=\"a.pdf\" (b.exe); size=1", &["filename=a.pdf", "size=1"]);
    }

    #[test]
    fn paths_stay() {
        check("filename=\"C:\\a\\b.exe\"", &["filename=C:\\a\\b.exe"]);
        check("filename=C:\\a\\b.exe", &["filename=C:\\a\\b.exe"]);
    }

    #[test]
    fn hostile_lengths_stay_bounded() {
        assert_eq!(parse("a=b;".repeat(100_000).as_bytes()).params.len(), MOST_PIECES);
        for piece in ["(", "a*0=\"", "\"", "x=(", "=?a?q?x", " name", "a*1*=%"] {
            parse(piece.repeat(100_000).as_bytes());
        }
    }

    const PIECES: &[&[u8]] = &[
        b"filename",
        b"name",
        b"*",
        b"0",
        b"=",
        b"\"",
        b"\\",
        b";",
        b" ",
        b"(",
        b")",
        b"%41",
        b"''",
        b"=?utf-8?B?5Lya6?=",
        b"\x1B$B",
        b"$;",
        b"\x1B(B",
        b"\x95\x5C",
        b"\r\n\t",
        b"utf-8",
    ];

    proptest! {
        #[test]
        fn never_panics(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
            parse(&raw);
        }

        #[test]
        fn pieces_never_panic(
            parts in proptest::collection::vec(proptest::sample::select(PIECES), 0..40),
        ) {
            parse(&parts.concat());
        }
    }
}
