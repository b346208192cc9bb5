//! Text as it flows: white space folded as browsers fold it, breaks between blocks.
//!
//! Separators are held back until text follows, so no text begins or ends with one.

/// Text being collected.
#[derive(Debug, Default)]
pub(super) struct Flow {
    text: Vec<u8>,
    /// Line feeds to write before what follows: 0, 1, or 2 for a paragraph.
    breaks: u8,
    tab: bool,
    space: bool,
}

impl Flow {
    pub(super) fn with_capacity(bytes: usize) -> Flow {
        Flow { text: Vec::with_capacity(bytes), ..Flow::default() }
    }

    /// Bytes written so far; separators held back do not count.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// A block begins or ends: what follows stands at least `lines` lines below.
    pub(super) fn break_lines(&mut self, lines: u8) {
        self.breaks = self.breaks.max(lines);
    }

    /// `<br>`: one more line, at most two.
    pub(super) fn break_line(&mut self) {
        self.breaks = (self.breaks + 1).min(2);
    }

    /// A table cell begins.
    pub(super) fn cell(&mut self) {
        self.tab = true;
    }

    pub(super) fn space(&mut self) {
        self.space = true;
    }

    /// Adds text with its white space folded. Gives where the first of it was written.
    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut first = None;
        let mut rest = bytes;
        loop {
            let blanks = rest.iter().take_while(|b| is_space(**b)).count();
            self.space |= blanks > 0;
            rest = rest.get(blanks..).unwrap_or_default();
            if rest.is_empty() {
                return first;
            }
            let (words, tail) = rest.split_at(folded_prefix(rest));
            self.separate();
            first = first.or(Some(self.text.len()));
            self.text.extend_from_slice(words);
            rest = tail;
        }
    }

    /// Adds preformatted text as it is.
    pub(super) fn push_verbatim(&mut self, bytes: &[u8]) -> Option<usize> {
        if bytes.is_empty() {
            return None;
        }
        self.separate();
        let first = self.text.len();
        self.text.extend_from_slice(bytes);
        Some(first)
    }

    pub(super) fn into_string(self) -> String {
        String::from_utf8(self.text)
            .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
    }

    fn separate(&mut self) {
        if !self.text.is_empty() {
            match self.breaks {
                0 if self.tab => self.text.push(b'\t'),
                0 if self.space => self.text.push(b' '),
                0 => {}
                1 => self.text.push(b'\n'),
                _ => self.text.extend_from_slice(b"\n\n"),
            }
        }
        (self.breaks, self.tab, self.space) = (0, false, false);
    }
}

/// White space that HTML folds; no-break and ideographic spaces are none of it.
pub(super) fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'\x0C')
}

/// Length of the prefix that is folded already: words with single blanks between them.
fn folded_prefix(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    loop {
        let Some(at) = rest.iter().position(|b| is_space(*b)) else { return bytes.len() };
        let single = rest.get(at) == Some(&b' ') && rest.get(at + 1).is_some_and(|b| !is_space(*b));
        if !single {
            return bytes.len() - rest.len() + at;
        }
        rest = rest.get(at + 1..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_folded_and_held_back() {
        let mut flow = Flow::default();
        flow.break_lines(2);
        assert_eq!(flow.push(b"  a  b c\r\n"), Some(0));
        assert_eq!(flow.push(b"\t"), None);
        assert_eq!(flow.push(b"d"), Some(6));
        flow.cell();
        flow.push(b"e");
        flow.cell();
        flow.break_line();
        flow.push(b" f ");
        flow.break_line();
        flow.break_line();
        flow.break_line();
        flow.push(b"g ");
        assert_eq!(flow.into_string(), "a b c d\te\nf\n\ng");
    }

    #[test]
    fn no_break_and_ideographic_spaces_stay() {
        let mut flow = Flow::default();
        flow.push("\u{3000}件名\u{A0} x".as_bytes());
        assert_eq!(flow.into_string(), "\u{3000}件名\u{A0} x");
    }
}
