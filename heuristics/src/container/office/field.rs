//! Fields of word processors: instructions in the text, such as `DDEAUTO` or `LINK`.
//!
//! Way in: [`Fields`], fed by whoever reads a text in order: OOXML, Word 97–2003, RTF. An
//! instruction may be split over runs and put together by fields inside it; `QUOTE`, which turns
//! numbers into characters, is the one that hides words, and is worked out.

use super::super::observation::{Observation, excerpt};
use super::remote;

/// Fields that are open at a place of the text.
#[derive(Default)]
pub(super) struct Fields {
    open: Vec<Field>,
    /// Fields inside of more than [`DEEPEST`] others; not read.
    deeper: usize,
}

#[derive(Default)]
struct Field {
    instruction: String,
    is_in_result: bool,
}

impl Fields {
    /// A field begins.
    pub(super) fn begin(&mut self) {
        if self.open.len() < DEEPEST {
            self.open.push(Field::default());
        } else {
            self.deeper += 1;
        }
    }

    /// Its instruction ends, the text it shows begins.
    pub(super) fn separate(&mut self) {
        if self.deeper == 0
            && let Some(field) = self.open.last_mut()
        {
            field.is_in_result = true;
        }
    }

    /// A field ends; what it does, where that is of interest.
    pub(super) fn end(&mut self) -> Option<Observation> {
        if self.deeper > 0 {
            self.deeper -= 1;
            return None;
        }
        let field = self.open.pop()?;
        if let Some(quoted) = quoted(&field.instruction) {
            self.push(&quoted);
            return None;
        }
        observation(&field.instruction)
    }

    /// Text of an instruction.
    pub(super) fn push(&mut self, text: &str) {
        if self.deeper == 0
            && let Some(field) = self.open.last_mut()
            && !field.is_in_result
            && field.instruction.len() < LONGEST
        {
            let room = LONGEST - field.instruction.len();
            let cut = text.get(..text.floor_char_boundary(room)).unwrap_or_default();
            field.instruction.push_str(cut);
        }
    }

    /// Whether the text at this place is an instruction, not shown.
    pub(super) fn is_in_instruction(&self) -> bool {
        self.deeper > 0 || self.open.last().is_some_and(|f| !f.is_in_result)
    }

    /// What the fields do that nothing ended.
    pub(super) fn finish(&mut self) -> Vec<Observation> {
        self.deeper = 0;
        let mut found = Vec::new();
        while !self.open.is_empty() {
            found.extend(self.end());
        }
        found
    }
}

/// What an instruction does: DDE, an object or text fetched from elsewhere, a link.
pub(super) fn observation(instruction: &str) -> Option<Observation> {
    let words = words(instruction);
    let (name, arguments) = words.split_first()?;
    match name.to_ascii_uppercase().as_str() {
        "DDE" | "DDEAUTO" => Some(Observation::Dde(excerpt(instruction))),
        "LINK" | "INCLUDETEXT" => arguments.iter().find_map(|a| remote::observation(a)),
        "HYPERLINK" => {
            let target = arguments.first().filter(|a| a.contains(':'))?;
            Some(Observation::Link(excerpt(target)))
        }
        _ => None,
    }
}

/// What a `QUOTE` field stands for: its words, numbers among them as characters.
fn quoted(instruction: &str) -> Option<String> {
    let words = words(instruction);
    let (name, arguments) = words.split_first()?;
    if !name.eq_ignore_ascii_case("QUOTE") {
        return None;
    }
    let mut text = String::new();
    for argument in arguments {
        match argument.parse().ok().and_then(char::from_u32) {
            Some(c) => text.push(c),
            None => text.push_str(argument),
        }
    }
    Some(text)
}

/// The words of an instruction; quotes hold one together, a back-slash inside them escapes.
fn words(instruction: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut chars = instruction.chars().peekable();
    while words.len() < MOST_WORDS {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let Some(first) = chars.next() else { break };
        let mut word = String::new();
        if matches!(first, '"' | '\u{201C}') {
            while let Some(c) = chars.next().filter(|c| !matches!(c, '"' | '\u{201D}')) {
                word.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
            }
        } else {
            word.push(first);
            while let Some(c) = chars.next_if(|c| !c.is_whitespace() && *c != '"') {
                word.push(c);
            }
        }
        words.push(word);
    }
    words
}

/// Fields inside each other that are read.
const DEEPEST: usize = 32;

/// Longest instruction kept, in bytes.
const LONGEST: usize = 8 * 1024;

/// Words of an instruction that are looked at; one that spells a command by numbers needs many.
const MOST_WORDS: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn dde(command: &str) -> Option<Observation> {
        Some(Observation::Dde(command.into()))
    }

    #[test]
    fn instructions() {
        let check = |code: &str, expected| assert_eq!(observation(code), expected, "{code}");
        check(" DDEAUTO cmd \"/c calc\" ", dde("DDEAUTO cmd \"/c calc\""));
        check("dde excel a b", dde("dde excel a b"));
        let remote = |t: &str| Some(Observation::Remote(t.into()));
        check(
            "LINK Word.Document.8 \"http://files.example/a\" \\a",
            remote("http://files.example/a"),
        );
        check("INCLUDETEXT \"\\\\\\\\files.example\\\\a\"", remote("\\\\files.example\\a"));
        check("LINK Excel.Sheet.8 \"C:\\\\a.xlsx\" \\a", None);
        check("INCLUDEPICTURE \"http://files.example/a.png\"", None);
        let link = Observation::Link("https://www.example.com/".into());
        check("HYPERLINK \"https://www.example.com/\"", Some(link));
        check("HYPERLINK \\l \"chapter\"", None);
        check("PAGE", None);
        check("", None);
    }

    #[test]
    fn an_instruction_is_put_together() {
        let mut fields = Fields::default();
        fields.begin();
        fields.push(" DD");
        fields.push("EAUTO ");
        fields.begin();
        fields.push("QUOTE 99 109 100");
        assert_eq!(fields.end(), None);
        fields.push(" /c");
        assert!(fields.is_in_instruction());
        fields.separate();
        fields.push("shown");
        assert!(!fields.is_in_instruction());
        assert_eq!(fields.end(), dde("DDEAUTO cmd /c"));
        assert_eq!(fields.end(), None);
    }

    #[test]
    fn fields_without_an_end_count_too() {
        let mut fields = Fields::default();
        (0..100).for_each(|_| fields.begin());
        fields.deeper = 0;
        fields.push("DDE a b");
        assert_eq!(fields.finish(), [Observation::Dde("DDE a b".into())]);
    }
}
