//! PDF's objects (ISO 32000-1, 7.3), read from any bytes.
//!
//! Way in: [`Lexer::object`] for one object, [`Lexer::next`] for the operands and operators of a
//! content stream. Nesting is kept on a stack of our own, at most [`DEEPEST`] levels of it and
//! [`MOST_VALUES`] values an object; what is wrong is passed over.

use crate::container::data_uri::hex;
use crate::message::charset;

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Object {
    Null,
    Bool(bool),
    Number(f64),
    /// Without the slash, escapes resolved.
    Name(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    /// The number of the object that is meant.
    Reference(u32),
    /// A word that is no object: an operator.
    Word(Vec<u8>),
}

/// A dictionary, in the order it is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Dict(Vec<(Vec<u8>, Object)>);

/// Levels of arrays and dictionaries told apart; deeper ones are not opened.
const DEEPEST: usize = 64;

/// Values read of one object.
const MOST_VALUES: usize = 100_000;

impl Dict {
    /// The value of a key; the last where it is given twice, as readers do.
    pub(super) fn value(&self, key: &str) -> Option<&Object> {
        self.0.iter().rev().find(|(k, _)| k == key.as_bytes()).map(|(_, value)| value)
    }

    /// The value as a name.
    pub(super) fn name(&self, key: &str) -> &[u8] {
        self.value(key).and_then(Object::name).unwrap_or_default()
    }

    /// The value as a number that is not negative.
    pub(super) fn count(&self, key: &str) -> Option<usize> {
        self.value(key).and_then(Object::count)
    }

    /// Keys and values.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&[u8], &Object)> {
        self.0.iter().map(|(key, value)| (key.as_slice(), value))
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Object> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    fn of(values: Vec<Object>) -> Dict {
        let mut entries = Vec::with_capacity(values.len() / 2);
        let mut values = values.into_iter();
        while let Some(key) = values.next() {
            if let Object::Name(key) = key {
                let Some(value) = values.next() else { break };
                entries.push((key, value));
            }
        }
        Dict(entries)
    }
}

impl<'k> FromIterator<(&'k str, Object)> for Dict {
    fn from_iter<I: IntoIterator<Item = (&'k str, Object)>>(entries: I) -> Dict {
        Dict(entries.into_iter().map(|(key, value)| (key.as_bytes().to_vec(), value)).collect())
    }
}

impl Object {
    pub(super) fn name(&self) -> Option<&[u8]> {
        if let Object::Name(name) = self { Some(name) } else { None }
    }

    pub(super) fn bytes(&self) -> Option<&[u8]> {
        if let Object::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn dict(&self) -> Option<&Dict> {
        if let Object::Dict(dict) = self { Some(dict) } else { None }
    }

    pub(super) fn number(&self) -> Option<f64> {
        if let Object::Number(number) = self { Some(*number) } else { None }
    }

    /// A number that is not negative.
    pub(super) fn count(&self) -> Option<usize> {
        self.number().filter(|n| (0.0..4e9).contains(n)).map(|n| n as usize)
    }

    pub(super) fn reference(&self) -> Option<u32> {
        if let Object::Reference(number) = self { Some(*number) } else { None }
    }

    /// The values of an array; any other object is an array of itself.
    pub(super) fn values(&self) -> &[Object] {
        match self {
            Object::Array(values) => values,
            other => std::slice::from_ref(other),
        }
    }
}

/// A text string for people (7.9.2.2): UTF-16 or UTF-8 with a mark, else what it looks like, since
/// Japanese makers write Shift_JIS without saying so.
pub(super) fn readable(text: &[u8]) -> String {
    charset::decode(text, None, None).text.into_owned()
}

/// Reads objects one after the other.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

enum Token {
    Value(Object),
    Open(Bracket),
    Close(Bracket),
    Word(Vec<u8>),
}

#[derive(Clone, Copy, PartialEq)]
enum Bracket {
    Array,
    Dict,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Lexer<'a> {
        Lexer { bytes, at }
    }

    /// Where it stands.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Moves to a place.
    pub(super) fn seek(&mut self, at: usize) {
        self.at = at.min(self.bytes.len());
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next object; a word where none follows. Brackets left open end where the file's own
    /// words do (`endobj`, `stream`).
    pub(super) fn object(&mut self) -> Option<Object> {
        let mut open: Vec<(Bracket, Vec<Object>)> = Vec::new();
        let mut values = 0;
        loop {
            let before = self.at;
            let value = match self.token() {
                Some(Token::Open(bracket)) => {
                    if open.len() < DEEPEST {
                        open.push((bracket, Vec::new()));
                    }
                    continue;
                }
                Some(Token::Close(bracket)) => {
                    // A bracket of the wrong kind closes nothing; one that nothing opened neither.
                    match open.pop_if(|(opened, _)| *opened == bracket) {
                        Some((_, values)) => closed(bracket, values),
                        None => continue,
                    }
                }
                Some(Token::Word(word)) => match open.last_mut() {
                    None => return Some(Object::Word(word)),
                    Some(_) if matches!(word.as_slice(), b"endobj" | b"stream" | b"obj") => {
                        self.at = before;
                        return unwound(open);
                    }
                    Some((_, values)) => {
                        if word == b"R" {
                            refer(values);
                        }
                        continue;
                    }
                },
                Some(Token::Value(value)) => value,
                None => return unwound(open),
            };
            values += 1;
            match open.last_mut() {
                None => return Some(value),
                Some(_) if values > MOST_VALUES => return unwound(open),
                Some((_, values)) => values.push(value),
            }
        }
    }

    fn token(&mut self) -> Option<Token> {
        self.skip_blanks();
        let rest = self.rest();
        Some(match *rest.first()? {
            b'/' => {
                self.at += 1;
                Token::Value(Object::Name(unescaped(self.regular())))
            }
            b'(' => Token::Value(Object::Text(self.literal())),
            b'<' if rest.get(1) == Some(&b'<') => self.bracket(2, Token::Open(Bracket::Dict)),
            b'<' => Token::Value(Object::Text(self.hexadecimal())),
            b'>' if rest.get(1) == Some(&b'>') => self.bracket(2, Token::Close(Bracket::Dict)),
            b'[' => self.bracket(1, Token::Open(Bracket::Array)),
            b']' => self.bracket(1, Token::Close(Bracket::Array)),
            b'{' | b'}' | b')' | b'>' => {
                self.at += 1;
                Token::Word(Vec::new())
            }
            _ => word(self.regular()),
        })
    }

    fn bracket(&mut self, length: usize, token: Token) -> Token {
        self.at += length;
        token
    }

    fn skip_blanks(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'%' => {
                    let end = memchr::memchr2(b'\r', b'\n', self.rest());
                    self.at = end.map_or(self.bytes.len(), |end| self.at + end);
                }
                byte if is_blank(byte) => self.at += 1,
                _ => return,
            }
        }
    }

    /// Characters up to a blank or delimiter.
    fn regular(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let ends = |&b: &u8| is_blank(b) || b"()<>[]{}/%".contains(&b);
        let word = rest.get(..rest.iter().position(ends).unwrap_or(rest.len())).unwrap_or_default();
        self.at += word.len();
        word
    }

    /// `(…)`, brackets in it balanced.
    fn literal(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        let mut depth = 0usize;
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'(' => {
                    depth += 1;
                    if depth == 1 {
                        continue;
                    }
                }
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                b'\\' => {
                    text.extend(self.escape());
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
        text
    }

    /// What a backslash stands before.
    fn escape(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(match byte {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 12,
            b'\r' => {
                self.at += usize::from(self.bytes.get(self.at) == Some(&b'\n'));
                return None;
            }
            b'\n' => return None,
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(&digit @ b'0'..=b'7') = self.bytes.get(self.at) else { break };
                    value = value << 3 | u32::from(digit - b'0');
                    self.at += 1;
                }
                value as u8
            }
            other => other,
        })
    }

    /// `<…>`.
    fn hexadecimal(&mut self) -> Vec<u8> {
        self.at += 1;
        let rest = self.rest();
        let end = memchr::memchr(b'>', rest).unwrap_or(rest.len());
        self.at = (self.at + end + 1).min(self.bytes.len());
        unhexed(rest.get(..end).unwrap_or_default())
    }
}

/// Hexadecimal digits as bytes; whatever else is passed over, a last digit alone is a high one.
pub(super) fn unhexed(text: &[u8]) -> Vec<u8> {
    let mut digits = text.iter().filter_map(|&b| hex(b));
    let mut out = Vec::with_capacity(text.len() / 2);
    while let Some(high) = digits.next() {
        out.push(high << 4 | digits.next().unwrap_or(0));
    }
    out
}

/// `#4a` in names (7.3.5).
fn unescaped(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((&byte, tail)) = rest.split_first() {
        let digits = tail.first_chunk::<2>().filter(|_| byte == b'#');
        let value = digits.and_then(|&[high, low]| Some(hex(high)? << 4 | hex(low)?));
        out.push(value.unwrap_or(byte));
        rest = if value.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    out
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

fn word(word: &[u8]) -> Token {
    let is_number = word.first().is_some_and(|b| b.is_ascii_digit() || b"+-.".contains(b));
    match word {
        b"null" => Token::Value(Object::Null),
        b"true" | b"false" => Token::Value(Object::Bool(word == b"true")),
        _ if is_number => Token::Value(Object::Number(number(word))),
        _ => Token::Word(word.to_vec()),
    }
}

/// A number; readers take `--5` and `1.2.3` too.
fn number(word: &[u8]) -> f64 {
    let text = std::str::from_utf8(word).unwrap_or_default();
    text.parse().ok().filter(|n: &f64| n.is_finite()).unwrap_or(0.0)
}

/// `5 0 R`: the two numbers before become a reference.
fn refer(values: &mut Vec<Object>) {
    if let [.., number, Object::Number(_)] = values.as_slice()
        && let Some(number) = number.count().and_then(|n| u32::try_from(n).ok())
    {
        values.truncate(values.len() - 2);
        values.push(Object::Reference(number));
    }
}

fn closed(bracket: Bracket, values: Vec<Object>) -> Object {
    match bracket {
        Bracket::Array => Object::Array(values),
        Bracket::Dict => Object::Dict(Dict::of(values)),
    }
}

/// Closes all that is open.
fn unwound(mut open: Vec<(Bracket, Vec<Object>)>) -> Option<Object> {
    let (bracket, values) = open.pop()?;
    let mut inner = closed(bracket, values);
    while let Some((bracket, mut values)) = open.pop() {
        values.push(inner);
        inner = closed(bracket, values);
    }
    Some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let object = Lexer::new(text.as_bytes(), 0).object();
        assert_eq!(object.map(|o| shown(&o)).unwrap_or_default(), expected, "{text}");
    }

    fn shown(object: &Object) -> String {
        let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
        match object {
            Object::Null => "-".into(),
            Object::Bool(b) => b.to_string(),
            Object::Number(n) => n.to_string(),
            Object::Name(n) => format!("/{}", text(n)),
            Object::Text(t) => format!("({})", text(t)),
            Object::Array(a) => format!("[{}]", a.iter().map(shown).collect::<Vec<_>>().join(" ")),
            Object::Dict(d) => {
                let entry = |(k, v): (&[u8], &Object)| format!("{}={}", text(k), shown(v));
                format!("<{}>", d.entries().map(entry).collect::<Vec<_>>().join(" "))
            }
            Object::Reference(n) => format!("@{n}"),
            Object::Word(w) => format!("!{}", text(w)),
        }
    }

    #[test]
    fn objects() {
        check("<</A 1/B[2 0 R -.5(x)]/C<</D true>>>>", "<A=1 B=[@2 -0.5 (x)] C=<D=true>>");
        check("/J#61va#53cript", "/JavaScript");
        check("/a#", "/a#");
        check("(a\\(b(c)\\051\\n\\\r\nd)", "(a(b(c))\\nd)");
        check("<4A 4b4>", "(JK@)");
        check("% comment\n[1%2\n3]", "[1 3]");
        check("BT", "!BT");
        check("", "");
    }

    #[test]
    fn what_is_broken_is_read_as_far_as_it_goes() {
        check("<</A[1 2/B 3", "<A=[1 2 /B 3]>");
        check("<</A 1 endobj", "<A=1>");
        check("<</A 1 ] >>", "<A=1>");
        check("<< 5 /A 1>>", "<A=1>");
        check("(open", "(open)");
        check("<41", "(A)");
        check("[1 R (a) 0 R]", "[1 (a) 0]");
        check(")", "!");
    }

    #[test]
    fn depth_and_number_of_values_end() {
        let deep = "[".repeat(1_000_000);
        assert!(Lexer::new(deep.as_bytes(), 0).object().is_some());
        let deep = "<</A".repeat(300_000);
        assert!(Lexer::new(deep.as_bytes(), 0).object().is_some());
        let wide = format!("[{}]", "1 ".repeat(300_000));
        let values = Lexer::new(wide.as_bytes(), 0).object().unwrap();
        assert_eq!(values.values().len(), MOST_VALUES);
    }

    proptest! {
        #[test]
        fn no_input_stops_us(text in "[<>\\[\\]()/%#\\\\0-9A-FR .a\n]{0,60}") {
            let mut lexer = Lexer::new(text.as_bytes(), 0);
            while lexer.object().is_some() {}
            prop_assert!(lexer.rest().is_empty());
        }
    }
}
