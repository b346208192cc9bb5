//! Sentences for those who read nothing but ASCII: SMTP answers without SMTPUTF8.
//!
//! Way in: [`in_ascii`]. Labels are written as they are spoken, so that the sender still learns which
//! one it was; what else is not ASCII, names of files for example, is left out and three dots say so.

/// `text` in printable ASCII.
pub fn in_ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((word, spoken)) = SPOKEN.iter().find(|(word, _)| rest.starts_with(word)) {
            out.push_str(spoken);
            rest = rest.get(word.len()..).unwrap_or_default();
            continue;
        }
        match c {
            ' '..='~' => out.push(c),
            '›' => out.push('>'),
            _ if c.is_ascii() => out.push(' '),
            _ if out.ends_with(OMITTED) => {}
            _ => out.push_str(OMITTED),
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    out
}

/// What labels sound like; a word before those it contains.
const SPOKEN: [(&str, &str); 7] = [
    ("社外秘", "SHAGAIHI"),
    ("部外秘", "BUGAIHI"),
    ("極秘", "GOKUHI"),
    ("厳秘", "GENPI"),
    ("最高機密", "SAIKO-KIMITSU"),
    ("機密", "KIMITSU"),
    ("マル秘", "MARUHI"),
];

const OMITTED: &str = "...";

#[cfg(test)]
mod tests {
    use super::in_ascii;

    #[test]
    fn labels_are_spoken_and_the_rest_is_left_out() {
        let cases = [
            ("The label 社外秘 stands in the body", "The label SHAGAIHI stands in the body"),
            ("予算_社外秘.xlsx", "..._SHAGAIHI.xlsx"),
            ("a.zip › 見積書.pdf", "a.zip > ....pdf"),
            ("最高機密", "SAIKO-KIMITSU"),
            ("a\r\nb\u{7F}é", "a  b ..."),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(in_ascii(text), expected);
        }
    }
}
