//! The words of a refusal, as SMTP wants them: a code on every line, no line able to break out.
//!
//! Way in: [`SmtpText::new`]. On the wire it is the payload of a `y` packet: lines `ddd-d.d.d text`
//! separated by CRLF, the last one `ddd d.d.d text` without CRLF, `%` doubled. Postfix since 2026
//! takes anything else for a broken filter, so decoding here is as strict.

use super::c_string;

/// An SMTP reply of one or more lines, always 4xx or 5xx.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpText {
    code: u16,
    detail: (u16, u16),
    lines: Vec<String>,
}

impl SmtpText {
    /// A reply `code` with the enhanced status code `class.subject.detail`, its class being that of
    /// `code` (RFC 2034). `None` unless `code` is 400–599 and `detail` has at most three digits each
    /// (RFC 3463).
    ///
    /// Line breaks in `text` begin new lines; other control characters become spaces; lines too
    /// long for SMTP are cut between characters, lines beyond 32 are left out.
    pub fn new(code: u16, detail: (u16, u16), text: &str) -> Option<SmtpText> {
        if !(400..=599).contains(&code) || detail.0 > 999 || detail.1 > 999 {
            return None;
        }
        let lines = text.lines().take(LINES_MAX).map(clean_line).collect::<Vec<_>>();
        let lines = if lines.is_empty() { vec![String::new()] } else { lines };
        Some(SmtpText { code, detail, lines })
    }

    /// Code, 400–599.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The lines without codes.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        let (subject, detail) = self.detail;
        let enhanced = format!("{}.{subject}.{detail}", self.code / 100);
        for (at, line) in self.lines.iter().enumerate() {
            let last = at + 1 == self.lines.len();
            let separator = if last { ' ' } else { '-' };
            // Sendmail takes the text for a format string; Postfix undoes the doubling.
            let line = line.replace('%', "%%");
            out.extend_from_slice(format!("{}{separator}{enhanced} {line}", self.code).as_bytes());
            if !last {
                out.extend_from_slice(b"\r\n");
            }
        }
        out.push(0);
    }

    pub(super) fn decode(payload: &[u8]) -> Result<SmtpText, &'static str> {
        let (text, rest) = c_string(payload).ok_or("text without NUL")?;
        if !rest.is_empty() {
            return Err("NUL inside the text");
        }
        let text = std::str::from_utf8(text).map_err(|_| "text not in UTF-8")?;
        let mut parsed: Option<SmtpText> = None;
        let mut lines = text.split("\r\n").peekable();
        while let Some(line) = lines.next() {
            let last = lines.peek().is_none();
            let (code, line) = line.split_at_checked(3).ok_or("line without a code")?;
            let line = line.strip_prefix(if last { ' ' } else { '-' });
            let line = line.ok_or("wrong character after the code")?;
            let (enhanced, line) = line.split_once(' ').ok_or("no text after the codes")?;
            if !code.bytes().all(|digit| digit.is_ascii_digit()) || line.contains(['\r', '\n']) {
                return Err("stray CR or LF, or a code that is no number");
            }
            let code = code.parse::<u16>().map_err(|_| "code is no number")?;
            let mut parts = enhanced.splitn(3, '.').map(str::parse::<u16>);
            let (Some(Ok(class)), Some(Ok(subject)), Some(Ok(detail))) =
                (parts.next(), parts.next(), parts.next())
            else {
                return Err("no enhanced code");
            };
            if class != code / 100 || !(4..=5).contains(&class) {
                return Err("code and enhanced code do not go together");
            }
            if line.replace("%%", "").contains('%') {
                return Err("a single %");
            }
            let reply = parsed.get_or_insert_with(|| SmtpText {
                code,
                detail: (subject, detail),
                lines: Vec::new(),
            });
            if reply.code != code || reply.detail != (subject, detail) {
                return Err("lines with different codes");
            }
            reply.lines.push(line.replace("%%", "%"));
        }
        parsed.ok_or("empty text")
    }
}

impl std::fmt::Display for SmtpText {
    /// One line, for logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (subject, detail) = self.detail;
        let lines = self.lines.join(" / ");
        write!(f, "{} {}.{subject}.{detail} {lines}", self.code, self.code / 100)
    }
}

fn clean_line(line: &str) -> String {
    let mut clean = String::new();
    for c in line.chars() {
        let c = if c.is_control() { ' ' } else { c };
        if clean.len() + c.len_utf8() > LINE_MAX {
            break;
        }
        clean.push(c);
    }
    clean
}

/// Lines of one reply; libmilter's limit (`MAXREPLIES`).
const LINES_MAX: usize = 32;

/// Bytes of text in one line: 512 of RFC 5321 4.5.3.1.5 less codes and CRLF.
const LINE_MAX: usize = 490;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check_text(text: SmtpText, wire: &[u8]) {
        let mut out = Vec::new();
        text.put(&mut out);
        assert_eq!(out.escape_ascii().to_string(), wire.escape_ascii().to_string());
        assert_eq!(SmtpText::decode(&out), Ok(text));
    }

    fn check_malformed(wire: &[u8], what: &'static str) {
        assert_eq!(SmtpText::decode(wire), Err(what));
    }

    #[test]
    fn a_text_has_codes_on_every_line_and_no_line_end_after_the_last() {
        check_text(SmtpText::new(550, (7, 1), "refused").unwrap(), b"550 5.7.1 refused\0");
        check_text(
            SmtpText::new(451, (7, 1), "one\ntwo").unwrap(),
            b"451-4.7.1 one\r\n451 4.7.1 two\0",
        );
        check_text(SmtpText::new(550, (7, 1), "").unwrap(), b"550 5.7.1 \0");
    }

    #[test]
    fn percent_is_doubled() {
        check_text(SmtpText::new(550, (7, 1), "50% %s").unwrap(), b"550 5.7.1 50%% %%s\0");
    }

    #[test]
    fn no_text_can_break_out_of_its_line() {
        let text = SmtpText::new(550, (7, 1), "a\r\nb\rc\0d\u{1b}[1m").unwrap();
        assert_eq!(text.lines(), ["a", "b c d [1m"]);
        let long = SmtpText::new(550, (7, 1), &"\u{95a2}".repeat(1000)).unwrap();
        assert_eq!(long.lines(), ["\u{95a2}".repeat(163)]);
        assert_eq!(SmtpText::new(550, (7, 1), &"a\n".repeat(50)).unwrap().lines().len(), 32);
        assert_eq!(SmtpText::new(250, (0, 0), "fine"), None);
    }

    #[test]
    fn texts_that_postfix_refuses_are_refused() {
        check_malformed(b"550 5.7.1 no", "text without NUL");
        check_malformed(b"550 5.7.1 n\0o\0", "NUL inside the text");
        check_malformed(b"250 2.0.0 ok\0", "code and enhanced code do not go together");
        check_malformed(b"550 4.7.1 no\0", "code and enhanced code do not go together");
        check_malformed(b"550 5.7.1 a\r\n550 5.7.1 b\0", "wrong character after the code");
        check_malformed(b"550-5.7.1 a\0", "wrong character after the code");
        check_malformed(b"550 5.7.1 a\r\n\0", "wrong character after the code");
        check_malformed(b"550-5.7.1 a\r\n450 4.7.1 b\0", "lines with different codes");
        check_malformed(b"550 5.7.1 50%\0", "a single %");
        check_malformed(b"+50 5.7.1 a\0", "stray CR or LF, or a code that is no number");
    }

    proptest! {
        #[test]
        fn any_text_is_well_formed(code in 400..600_u16, text in any::<String>()) {
            let text = SmtpText::new(code, (7, 1), &text).unwrap();
            let mut out = Vec::new();
            text.put(&mut out);
            prop_assert_eq!(SmtpText::decode(&out), Ok(text));
        }
    }
}
